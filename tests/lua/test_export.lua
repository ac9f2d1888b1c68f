-- SPDX-License-Identifier: GPL-3.0-or-later
-- Exported programs, run by the real NumPy and PyTorch, print the losses of the run to 1e-9: a
-- selection of models × losses × rules × orders of batches, or with DESCENT_EXPORT=all all of them.

local check = require "check"

local folder = arg[0]:match("^(.*)/[^/]*$") or "."
local python = os.getenv("DESCENT_PYTHON") or "/usr/bin/python3"

local function output(command)
    local pipe = assert(io.popen(command))
    local text = pipe:read("a")
    return text, pipe:close()
end

local place = output("mktemp -d"):gsub("\n", "")

-- --- models and losses -------------------------------------------------------------------------

local line, gabor = data.line12, data.gabor30
local places = { { 0, 1 }, { 1, 0.2 }, { 2, 1.5 }, { 1, 2 }, { -1, 0.5 }, { 0.3, -1 },
                 { 1.5, 1.2 } }
local table_file = assert(io.open(place .. "/classes.csv", "w"))
table_file:write("a,b,kind\n0,1,red\n1,0.2,blue\n2,1.5,blue\n1,2,blue\n-1,0.5,red\n",
    "0.3,-1,red\n1.5,1.2,red\n")
table_file:close()
local classes = data.read(place .. "/classes.csv", { x = { "a", "b" }, y = "kind" })
local labels = data.new { x = places, y = { 0, 1, 1, 0, 0, 0, 1 } }
local three = data.new { x = { { 0, 1 }, { 1, 0 }, { 2, 1 }, { 1, 2 }, { -1, 0.5 }, { 0.3, -1 } },
    y = { 1, 2, 3, 1, 2, 3 } }
local plane = data.new { x = { { 1, 2 }, { 0, 1 }, { 3, -1 }, { 2, 2 }, { -1, 0 }, { 0.5, 0.25 } },
    y = { 1, 2, 0.5, 3, -1, 0.3 } }
local pairs_y = data.new { x = plane.x, y = { { 1, 0 }, { 2, 1 }, { 0, 1 }, { 3, 0 }, { 1, 1 },
    { 0, 0 } } }

local wave = model(function(x, phi0, phi1)
    local u = phi0 + 0.06*phi1*x
    return sin(u)*exp(-u^2/32)
end)
local kinks = model(function(x, a, b, lambda)
    return where(x > 0.8, max(a*x, b), min(b*x, lambda)) + abs(x - a) + softplus(lambda*x)/pi
end)
local net = model { parameters = { W = { 8, 1 }, b = 8, v = 8, c = 1 },
    predict = function(x, p) return dot(p.v, tanh(matmul(p.W, x) + p.b)) + p.c end }
local attention = model { parameters = { Q = { 3, 2 }, K = { 3, 2 }, v = 3 },
    predict = function(x, p)
        local scores = matmul(p.Q, x)*matmul(p.K, x)
        return dot(softmax(scores), p.v) + logsumexp(scores) + p.v[2]*p.Q[1][2] + x[1]*p.K[3][1]
    end }

local two_outputs = model { parameters = { W = { 2, 2 }, b = 2 },
    predict = function(x, p) return sigmoid(matmul(p.W, x) + p.b) + relu(matmul(p.W, x)) end }
local parts = model { parameters = { a = 2, b = 2, w = 2, s = 1 },
    predict = function(x, p)
        local h = p.a*x + p.b*p.s
        return h[1]*p.w[1] + (h[2]*p.w[2])^2 - log1p(x[1]^2)/(1 + exp(-p.s)) + sqrt(1 + p.s^2)
    end }

local regression = { "least_squares", "mean_squares", "absolute", "huber" }
local problems = {}

-- Where the loss is linear but for kinks, rounding decides which way a search of it goes.
local function add(name, build)
    problems[#problems + 1] = { name = name, build = build,
        kinked = name:find("absolute") or name:find("hinge") }
end

local function add_all(name, m, d, kinds)
    for _, kind in ipairs(kinds) do
        add(name .. " " .. kind, function() return loss[kind](m, d) end)
    end
end

add_all("line", model.line, line, regression)
add_all("linear", model.linear(2), plane, regression)
add_all("linear two", model.linear(2, 2), pairs_y, { "least_squares", "mean_squares" })
add_all("polynomial", model.polynomial(3), line, regression)
add_all("gabor", model.gabor, gabor, regression)
add_all("shallow", model.shallow, line, regression)
for _, activation in ipairs { "tanh", "sigmoid" } do
    add("shallow " .. activation, function()
        return loss.least_squares(model.shallow { hidden = 2, activation = activation }, line)
    end)
end
add_all("mlp", model.mlp { 2, 4, 3, 1, activation = "tanh" }, plane, regression)
add_all("mlp relu", model.mlp { 1, 5, 1 }, line, { "least_squares" })
add_all("logistic", model.logistic(2), labels, { "binary_cross_entropy", "mean_squares" })
add_all("logistic classes", model.logistic(2), classes, { "binary_cross_entropy" })
add_all("mlp score", model.mlp { 2, 4, 1 }, labels, { "binary_cross_entropy" })
add_all("softmax", model.softmax(2, 3), three, { "cross_entropy", "hinge" })
add_all("mlp classes", model.mlp { 2, 4, 3 }, three, { "cross_entropy", "hinge" })
add("gaussian fit", function() return loss.gaussian(model.line, line, { sigma = "fit" }) end)
add("gaussian fixed", function() return loss.gaussian(model.line, line, { sigma = 0.1 }) end)
add("gaussian model", function()
    return loss.gaussian(model.gaussian(model.line, model.line), line)
end)
add_all("wave", wave, gabor, regression)
add_all("kinks", kinks, line, { "least_squares" })
add_all("net", net, line, { "least_squares", "huber" })
add_all("attention", attention, plane, { "least_squares" })
add_all("transposed", model { parameters = { { "A", 2, 2 }, { "B", 1, 2 } },
    predict = function(x, p)
        local S = tanh(p.A + p.A:t())
        return dot(x, matmul(S, x)) + dot(p.A:col(2), p.B:t()) + p.A:sum(1):max() + S:row(2)[1]
    end }, plane, { "least_squares", "huber" })
add_all("two outputs", two_outputs, pairs_y, { "least_squares" })
add_all("parts", parts, plane, { "least_squares" })
local weighted = data.new { x = plane.x, y = plane.y, weights = { 2, 1, 0.5, 3, 1, 0.25 } }
add_all("weighted", model.linear(2), weighted, regression)
add_all("weighted mlp", model.mlp { 2, 3, 1, activation = "tanh" }, weighted, { "mean_squares" })
add_all("weighted softmax", model.softmax(2, 3), data.new { x = three.x, y = three.y,
    weights = { 1, 2, 3, 1, 1, 2 } }, { "cross_entropy" })
add("weighted with a parameter of that name", function()
    return loss.mean_squares(model(function(x, weight, w) return weight*x + w end),
        data.new { x = line.x, y = line.y, weights = line.x + 1 }) + 0.1*penalty.l2
end)
add("own loss", function()
    local kind = loss.per_example(function(f, y) return log(1 + (f - y)^2) end)
    return kind(model.line, line)
end)
add("l2 and l1", function()
    return loss.mean_squares(model.mlp { 2, 4, 1, activation = "tanh" }, plane)
        + 0.1*penalty.l2 { only = { "W1", "W2" } } + 0.01*penalty.l1
end)
add("l2 of components", function()
    return loss.mean_squares(model.mlp { 2, 4, 1, activation = "tanh" }, plane)
        + 0.1*penalty.l2 { only = { "W1[2,1]", "b1" } }
        + 0.01*penalty.l1 { except = { "W1[3,2]", "W2[1,1]", "b1[4]" } }
end)
add("l2 of line", function() return loss.least_squares(model.line, line) + 0.5*penalty.l2 end)
add("max_norm", function()
    return loss.mean_squares(model.mlp { 2, 4, 1, activation = "tanh" }, plane)
        + penalty.max_norm(0.8)
end)
add("max_norm of components", function()
    return loss.mean_squares(model.mlp { 2, 4, 1, activation = "tanh" }, plane)
        + penalty.max_norm { c = 0.6, except = { "W1[2,1]", "W2[1,2]" } }
end)
add("sum of losses", function()
    return 0.5*loss.least_squares(model.line, line) + 2*loss.mean_squares(model.line, line)
end)
add("function", function()
    return loss(function(x, y) return (1 - x)^2 + 10*(y - x^2)^2 end)
end)
add("vector function", function()
    return loss { parameters = { p = 3, A = { 2, 3 } }, value = function(q)
        local u = matmul(q.A, q.p)
        return dot(u, u) + (u*u):sum() + exp(q.p[2]) + 0.1*(q.A*q.A):sum()
    end }
end)

-- --- rules and orders --------------------------------------------------------------------------

local rules = {
    { "gd", function() return optim.gd { alpha = 0.003 } end },
    { "gd clipped", function() return optim.gd { alpha = 0.05, clip = 0.5 } end },
    { "momentum", function() return optim.momentum { alpha = 0.004 } end },
    { "momentum velocity", function()
        return optim.momentum { alpha = 0.002, form = "velocity" }
    end },
    { "momentum sum", function() return optim.momentum { alpha = 0.002, form = "sum" } end },
    { "nesterov", function() return optim.nesterov { alpha = 0.004 } end },
    { "nesterov decayed sum", function()
        return optim.nesterov { alpha = 0.002, form = "sum", lookahead = "decayed" }
    end },
    { "nesterov velocity", function()
        return optim.nesterov { alpha = 0.002, form = "velocity" }
    end },
    { "normalized", function() return optim.normalized { alpha = 0.02 } end },
    { "adagrad", function() return optim.adagrad { alpha = 0.1 } end },
    { "adadelta", function() return optim.adadelta { alpha = 1, epsilon = 1e-6 } end },
    { "rmsprop", function() return optim.rmsprop { alpha = 0.01 } end },
    { "rmsprop centred", function() return optim.rmsprop { alpha = 0.01, centred = true } end },
    { "adam", function() return optim.adam { alpha = 0.05 } end },
    { "adam clipped", function() return optim.adam { alpha = 0.05, clip = 0.1 } end },
    { "adam uncorrected", function()
        return optim.adam { alpha = 0.05, bias_correction = false }
    end },
    { "adam m", function() return optim.adam { alpha = 0.05, bias_correction = "m" } end },
    { "adam inside", function() return optim.adam { alpha = 0.05, epsilon_inside = true } end },
    { "amsgrad", function() return optim.adam { alpha = 0.05, amsgrad = true } end },
    { "adamw", function() return optim.adam { alpha = 0.05, weight_decay = 0.1 } end },
    { "adam epsilon 0", function() return optim.adam { alpha = 0.05, epsilon = 0 } end },
    { "step", function()
        return optim.gd { alpha = schedule.step { alpha = 0.004, factor = 0.5, every = 2 } }
    end },
    { "cosine", function()
        return optim.adam { alpha = schedule.cosine { alpha = 0.1, steps = 5 } }
    end },
    { "warmup per epoch", function()
        return optim.momentum {
            alpha = schedule.warmup { alpha = 0.004, steps = 3, per = "epoch" },
        }
    end },
    { "exponential", function()
        return optim.adagrad { alpha = schedule.exponential { alpha = 0.1, factor = 0.9 } }
    end },
    { "inverse time", function()
        return optim.rmsprop { alpha = schedule.inverse_time { alpha = 0.02, decay = 0.5 } }
    end },
    { "function", function() return optim.adam { alpha = function(t) return 0.1/t end } end },
    { "bracket", function() return optim.line_search {} end },
    { "backtrack", function() return optim.line_search { method = "backtrack" } end },
    { "wolfe", function() return optim.line_search { method = "wolfe" } end, whole = true },
    -- With less damping the Hessians of networks, which are all but singular, blow up rounding.
    { "newton", function() return optim.newton { damping = 20 } end },
    { "newton auto", function() return optim.newton { damping = "auto" } end, whole = true },
    { "bfgs", function() return optim.bfgs() end, whole = true },
    { "lbfgs", function() return optim.lbfgs { memory = 3 } end, whole = true },
}

local orders = {
    { "all", {} },
    { "epoch", { batch = 4, seed = 1 } },
    { "draw", { batch = 3, order = "draw", seed = 2 } },
    { "fixed", { batch = 4, order = "fixed", seed = 3 } },
    { "given", { order = { { 1, 2 }, { 3, 4, 5 }, { 6 } } } },
    { "unseeded", { batch = 4 } },
}

-- --- writing -----------------------------------------------------------------------------------

local STEPS = 7
local count = 0

local function write_case(name, r, target)
    count = count + 1
    local path = ("%s/%05d_%s.py"):format(place, count, target)
    export(r, path, { to = target })
    local file = assert(io.open(path:gsub("py$", "txt"), "w"))
    file:write(name, "\n")
    for _, value in ipairs(r.trace.loss) do file:write(("%.17g\n"):format(value)) end
    file:close()
end

-- A start without ties: kinks have more than one derivative.
local function start_of(L)
    local start = {}
    for j = 1, L.size do start[j] = 0.4*math.sin(1.7*j) + 0.3 end
    return start
end

-- Both targets; a rule that no longer finds a step ends the run.
local function case(name, L, opt, options, prepare)
    local all = { start = start_of(L) }
    for key, value in pairs(options) do all[key] = value end
    local r = descend(L, opt, all)
    if prepare then r = prepare(r) else r:step(STEPS) end
    write_case(name, r, "numpy")
    write_case(name, r, "torch")
end

local full = os.getenv("DESCENT_EXPORT") == "all"

check.test("programs are written", function()
    seed(5)
    random.normal(3)
    local number = 0
    for p, problem in ipairs(problems) do
        local L = problem.build()
        for k, rule in ipairs(rules) do
            for o, order in ipairs(orders) do
                number = number + 1
                local possible = (order[1] == "all" or L.data and not rule.whole)
                    and not (problem.kinked and rule.whole)
                    -- Newton's method goes off to losses of 1e11 there.
                    and not (problem.name == "parts least_squares" and rule[1] == "newton")
                -- Every pair of problem and rule, and of rule and order, comes in some 60 updates.
                local chosen = full or (p + k) % 6 == o % 6 and (p*7 + k*3) % 8 == 0
                if possible and chosen then
                    case(("%s, %s, %s"):format(problem.name, rule[1], order[1]), L, rule[2](),
                        order[2])
                end
            end
        end
    end
    local L = loss.least_squares(model.line, line)
    local W = loss.mean_squares(model.mlp { 2, 4, 1, activation = "tanh" }, plane)
    for _, rule in ipairs(rules) do
        case("held, " .. rule[1], L, rule[2](), { hold = { "phi0" } })
        case("held W1, " .. rule[1], W, rule[2](), { hold = { "W1", "b2" } })
    end
    case("bounds", L, optim.adam { alpha = 0.3 }, { bounds = { phi0 = { 0, 1 } }, batch = 5,
        seed = 4 })
    case("bounds", L, optim.momentum { alpha = 0.01 }, { bounds = { phi1 = { 0, 0.9 } } })
    for _, change in ipairs { { alpha = 0.5 }, { beta = 0.5 }, { optim.gd { alpha = 0.01 } },
        { optim.lbfgs() } } do
        case("fork", L, optim.adam { alpha = 0.1 }, {}, function(r)
            change.at = 4
            return r:step(8):fork(change):step(5)
        end)
    end
    case("fork of batches", L, optim.momentum { alpha = 0.01, form = "sum" }, { batch = 5,
        seed = 9 }, function(r) return r:step(6):fork { at = 3, alpha = 0.001 }:step(6) end)
    case("to where it converges", L, optim.bfgs(), {}, function(r) return r:converge() end)
    case("a long one", loss.least_squares(wave, gabor), optim.adam { alpha = 0.2 },
        { start = { -1.5, 6.5 }, batch = 5, seed = 1 }, function(r) return r:step(200) end)
    -- More numbers than stand in a program.
    local many = data.line { n = 3000, noise = 0.1, seed = 2 }
    case("large", loss.mean_squares(model.line, many), optim.gd { alpha = 0.1 },
        { batch = 100, seed = 1 })
    local x, y = zeros(1500, 3), zeros(1500, 2)
    for i = 1, 1500 do
        for j = 1, 3 do x[i][j] = sin(i*j) end
        for j = 1, 2 do y[i][j] = cos(i/j) end
    end
    local wide = data.new { x = x, y = y }
    local big = model.mlp { 3, 1200, 2, activation = "tanh" } -- and a start too long to stand there
    case("large start", loss.mean_squares(big, wide), optim.adam(), { batch = 500, seed = 1 })
    case("large weighted", loss.mean_squares(model.line, data.new { x = many.x, y = many.y,
        weights = many.x^2 + 1 }), optim.gd { alpha = 0.1 }, { batch = 100, seed = 1 })
    case("large wide", loss.mean_squares(model.linear(3, 2), wide), optim.gd { alpha = 0.1 }, {})
end)

-- --- running -----------------------------------------------------------------------------------

for _, target in ipairs { "numpy", "torch" } do
    local there = output(("%s -c 'import numpy, %s; print(1)' 2>&1"):format(python, target))
    if there ~= "1\n" then
        check.skip("programs for " .. target,
            ("%s has no %s; DESCENT_PYTHON names another"):format(python, target))
    else
        check.test("programs for " .. target .. " print the losses of the run", function()
            local text, fine = output(("%s %s/export.py %s %s 2>&1"):format(python, folder, place,
                target))
            check.ok(fine, text)
            check.contains(text, "0 differ")
            if full then print(target .. ": " .. text) end
        end)
    end
end

check.test("every built-in rule and schedule can be written", function()
    local rule = require "descent.export.rule"
    local L = loss.least_squares(model.line, line)
    for name in pairs(optim) do
        check.ok(rule[name], "lua/descent/export/rule.lua has no function for optim." .. name)
    end
    local settings = { constant = {}, step = { factor = 0.5, every = 2 }, cosine = { steps = 5 },
        exponential = { factor = 0.5 }, inverse_time = { decay = 0.5 }, warmup = { steps = 5 } }
    for name in pairs(schedule) do
        check.ok(settings[name], "this test knows no schedule." .. name)
        settings[name].alpha = 0.1
        local s = schedule[name](name == "constant" and 0.1 or settings[name])
        local r = descend(L, optim.gd { alpha = s }, { start = { 0, 0 } })
        export(r, place .. "/schedule.py")
        local text = assert(io.open(place .. "/schedule.py")):read("a")
        check.ok(not text:find("rate_list"), name .. " is written as a list")
    end
end)

check.test("what cannot be written is refused in one sentence", function()
    local L = loss.least_squares(model.line, line)
    local file = place .. "/refused.py"
    local own = optim { name = "mine", alpha = 0.1,
        update = function(phi, g, _, h) return phi - h.alpha*g end }
    check.raises(function() export(descend(L, own, { start = { 0, 0 } }), file) end,
        "the rule mine is a Lua function")
    check.raises(function()
        export(descend(L, optim.bfgs(), { start = { 0, 0 }, bounds = { phi0 = { 0, 1 } } }), file)
    end, "with bounds")
    check.raises(function() export(L, file) end, "takes a run first")
    check.raises(function() export(descend(L, optim.gd { alpha = 1 }, { start = { 0, 0 } })) end,
        "name of a file")
    check.raises(function()
        export(descend(L, optim.gd { alpha = 1 }, { start = { 0, 0 } }), file, { to = "jax" })
    end, "torch")
    check.ok(not io.open(file), "a file for a run that was refused")
end)

if not os.getenv("KEEP") then os.execute("rm -r '" .. place .. "'") else print(place) end
