-- SPDX-License-Identifier: GPL-3.0-or-later
-- Generated: every optimizer with batches, schedules, dropout, bounds, held parameters, clipping
-- and rules in Lua. A run that was stepped back and on, forked, saved, loaded and continued, or
-- computed with other numbers of threads, is the plain one, bit for bit.

local check = require "check"
local descent = require "descent"

local data, descend, loss, model, optim, schedule = descent.data, descent.descend, descent.loss,
    descent.model, descent.optim, descent.schedule

local rules = {
    { "gd", function(alpha) return optim.gd{ alpha = alpha } end },
    { "clipped", function(alpha) return optim.gd{ alpha = alpha, clip = 0.5 } end },
    { "momentum", function(alpha) return optim.momentum{ alpha = alpha, beta = 0.7 } end },
    { "velocity", function(alpha)
        return optim.momentum{ alpha = alpha, beta = 0.7, form = "velocity" }
    end },
    { "sum", function(alpha) return optim.momentum{ alpha = alpha, beta = 0.7, form = "sum" } end },
    { "nesterov", function(alpha) return optim.nesterov{ alpha = alpha, beta = 0.7 } end },
    { "decayed", function(alpha)
        return optim.nesterov{ alpha = alpha, beta = 0.7, lookahead = "decayed", form = "sum" }
    end },
    { "normalized", function(alpha) return optim.normalized{ alpha = alpha } end },
    { "adagrad", function(alpha) return optim.adagrad{ alpha = alpha } end },
    { "adadelta", function(alpha) return optim.adadelta{ alpha = alpha } end },
    { "rmsprop", function(alpha) return optim.rmsprop{ alpha = alpha } end },
    { "centred", function(alpha) return optim.rmsprop{ alpha = alpha, centred = true } end },
    { "adam", function(alpha) return optim.adam{ alpha = alpha } end },
    { "amsgrad", function(alpha)
        return optim.adam{ alpha = alpha, amsgrad = true, weight_decay = 0.01 }
    end },
    { "uncorrected", function(alpha)
        return optim.adam{ alpha = alpha, bias_correction = "v", epsilon_inside = true }
    end },
    { "lua", lua = true, function(alpha)
        return optim{ name = "mine", alpha = alpha, beta = 0.8, state = { "m", count = 0 },
            update = function(phi, g, s, h, t, L)
                s.m = h.beta*s.m + (1 - h.beta)*g
                s.count = s.count + 1
                if L(phi) < 0 then return phi end
                return phi - h.alpha*s.m/(1 + 0.01*s.count)
            end }
    end },
    { "line_search", rate = false, function()
        return optim.line_search{ max = 0.1, rounds = 6 }
    end },
    { "backtrack", rate = false, function() return optim.line_search{ method = "backtrack" } end },
    { "wolfe", rate = false, function() return optim.line_search{ method = "wolfe" } end },
    { "newton", rate = false, function() return optim.newton{ damping = "auto" } end },
    { "bfgs", rate = false, whole = true, function() return optim.bfgs{} end },
    { "lbfgs", rate = false, whole = true, function() return optim.lbfgs{ memory = 3 } end },
}

local rates = {
    { "fixed", function() return 0.01 end },
    { "cosine", function() return schedule.cosine{ alpha = 0.02, steps = 30, final = 0.001 } end },
    { "per epoch", function()
        return schedule.step{ alpha = 0.02, factor = 0.5, every = 2, per = "epoch" }
    end },
    { "function", lua = true, function()
        return function(t, epoch, value) return 0.02*math.min(1, value/5)/(1 + 0.1*epoch) end
    end },
}

local d = data.new{ x = data.gabor30.x, y = data.gabor30.y,
    weights = data.gabor30.x:map(function(v) return 0.5 + math.abs(math.sin(v)) end) }
local problems = {
    { "gabor", loss.least_squares(model.gabor, data.gabor30) },
    { "network with dropout", masks = true, loss.least_squares(
        model.mlp{ 1, 5, 4, 1, activation = "tanh", dropout = 0.3 }, data.gabor30) },
    { "weighted, penalized", loss.mean_squares(model.shallow{ activation = "tanh" }, d)
        + 0.01*descent.penalty.l2 },
}
local orders = {
    { "all", {} }, { "epoch", { batch = 7 } }, { "draw", { batch = 7, order = "draw" } },
    { "fixed", { batch = 7, order = "fixed" } },
    { "given", { order = { { 1, 5, 9 }, { 2, 2, 30 }, { 17 } } } },
}

-- The case's own generator: 53 bits from a small linear congruence, so that all cases are spread
-- out.
local state = 1
local function pick(count)
    state = (state*6364136223846793005 + 1442695040888963407) & 0x7fffffffffffffff
    return (state >> 33) % count + 1
end

local function options_of(problem, order, limited)
    local L = problem[2]
    local options = { start = L.model:init{ seed = 3, scheme = "xavier" }, seed = 11 }
    for key, value in pairs(order[2]) do options[key] = value end
    if limited then
        local names = L.model.parameters
        options.hold = { names[1].name }
        options.bounds = { [names[#names].name] = { -5, 0.4 } }
        local start = options.start
        for j = 1, #start do start[j] = math.max(-4, math.min(0.3, start[j])) end
    end
    return options
end

local function same(a, b, what)
    check.equal(a.t, b.t, what)
    for j = 1, #a.phi do
        if a.phi[j] ~= b.phi[j] then
            check.fail("%s: parameter %d is %.17g and %.17g", what, j, a.phi[j], b.phi[j])
        end
    end
end

local STEPS, FILE = 24, os.tmpname()
local cases = 0

for _, rule in ipairs(rules) do
    check.test("bit for bit: " .. rule[1], function()
        for _, problem in ipairs(problems) do
            for _, order in ipairs(orders) do
                local rate = rule.rate == false and rates[1] or rates[pick(#rates)]
                local limited = pick(3) == 1
                local refused = rule.whole and (order[1] ~= "all" or problem.masks)
                if not refused then
                    local what = table.concat({ rule[1], problem[1], order[1], rate[1],
                        limited and "limited" or "free" }, ", ")
                    local L, optimizer = problem[2], rule[2](rate[2]())
                    local function new()
                        return descend(L, optimizer, options_of(problem, order, limited))
                    end
                    local plain = new():step(STEPS)
                    local t = plain.t -- a search may find no way on
                    same(new():step(9):step(STEPS - 9), plain, what .. ", in two parts")
                    local back = new():step(STEPS)
                    local n = pick(t)
                    same(back:back(n):step(n), plain, what .. ", back and on")
                    same(back:to(0):to(t), plain, what .. ", from the start")
                    local at = pick(t) - 1
                    local fork = plain:fork{ at = at }
                    same(fork:step(t - at), plain, what .. ", forked")
                    local half = new():step(11):save(FILE)
                    local loaded = descent.run.load(FILE, { loss = L,
                        optimizer = (rule.lua or rate.lua) and optimizer or nil })
                    same(loaded:step(STEPS - half.t), plain, what .. ", loaded")
                    same(loaded:back(n):step(n), plain, what .. ", loaded, back and on")
                    local ours, theirs = loaded.trace.batch_loss, plain.trace.batch_loss
                    check.equal(ours:slice(2, t + 1), theirs:slice(2, t + 1), what)
                    cases = cases + 1
                end
            end
        end
    end)
end
os.remove(FILE)

check.test("cases were made", function() check.ok(cases > 250, tostring(cases)) end)

-- Enough examples that several threads take part, and a sweep, which gives them whole runs.
local THREADS = [[
local function show(r)
    local text = {}
    for j = 1, #r.phi do text[j] = ("%a"):format(r.phi[j]) end
    print(r.t, table.concat(text, " "))
end
local d = data.gabor{ n = 60000, seed = 2 }
local L = loss.least_squares(model.gabor, d)
for _, rule in ipairs{ optim.gd{ alpha = 1e-5 }, optim.adam{ alpha = 0.1 }, optim.lbfgs{},
    optim.newton{ damping = "auto" }, optim.line_search{ method = "backtrack" } } do
    show(descend(L, rule, { start = { 0.5, 14 } }):step(4))
end
local N = loss.least_squares(model.mlp{ 1, 16, 16, 1, dropout = 0.4 }, d)
show(descend(N, optim.adam{ alpha = 0.01 }, { seed = 1 }):step(3))
show(descend(N, optim.adam{ alpha = 0.01 }, { seed = 1, batch = 20000 }):step(5))
local G = loss.least_squares(model.gabor, data.gabor30)
local s = sweep{ G, optim.momentum, alpha = { 0.01, 0.05, 0.2 }, beta = { 0.5, 0.9 }, starts = 4,
    batch = 5, seed = 7, steps = 150 }
for _, r in ipairs(s.runs) do show(r) end
show(fit(G, optim.lbfgs{}, { starts = 8 }))
]]

check.test("any number of threads gives the same bits", function()
    local program = os.getenv("DESCENT_PROGRAM") or arg[-1] or "build/descent"
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write(THREADS)
    file:close()
    local first
    for _, threads in ipairs{ 1, 2, 3, 7 } do
        local pipe = assert(io.popen(("DESCENT_THREADS=%d '%s' %s 2>&1"):format(threads, program,
            path)))
        local text = pipe:read("a")
        check.ok(pipe:close(), text)
        first = first or text
        check.ok(#first > 2000, first)
        check.equal(text == first, true, threads .. " threads")
    end
    os.remove(path)
end)
