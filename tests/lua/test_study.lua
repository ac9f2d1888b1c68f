-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What looks at several runs, or at one from outside: compare, race, difference, cross_validate,
-- sweep, why, guess; and runs in files.

local check = require "check"
local descent = require "descent"
local why = require "descent.why"

local data, descend, fit, loss = descent.data, descent.descend, descent.fit, descent.loss
local model, optim, schedule = descent.model, descent.optim, descent.schedule
local exp = descent.exp

local line = loss.least_squares(model.line, data.line12)
local gabor = loss.least_squares(model.gabor, data.gabor30)
local valley = loss(function(phi0, phi1)
    return 1 - exp(-2*phi1^2)*exp(-(phi0 - 0.7)^2/8)
end)

-- --- several runs ------------------------------------------------------------------------------

check.test("compare counts what each run took", function()
    local a = fit(line, optim.gd{alpha = 0.037}, { start = { 1.6, -0.5 }, steps = 19 })
    local b = fit(line, optim.newton{}, { start = { 1.6, -0.5 }, steps = 1 })
    local c = fit(line, optim.line_search{}, { start = { 1.6, -0.5 }, steps = 2 })
    local found = descent.compare{ a, b, c }
    check.equal(found.best, 2)
    check.equal(found.rows[1].updates, 19)
    check.equal(found.rows[1].gradients, 19)
    check.equal(found.rows[3].losses, 120)
    check.equal(found.rows[2].loss, b.loss)
    check.ok(found.rows[1].seconds >= 0)
    local text = tostring(found)
    check.contains(text, "gradient descent", "Newton's method", "lowest")
    check.raises(function() descent.compare{ a, 3 } end, "must be a run, not a number")
    check.raises(function() descent.compare{} end, "needs runs")
    check.raises(function() descent.compare{ a, steps = 3 } end, "steps")
end)

check.test("E4: a race is run on the same batches", function()
    -- RandomState(42)'s permutation, from 1, in batches of five.
    local order, batches = { 27, 15, 23, 17, 8, 9, 28, 24, 12, 0, 4, 16, 5, 13, 11, 22, 1, 2, 25, 3,
        21, 26, 18, 29, 20, 7, 10, 14, 19, 6 }, {}
    for i, example in ipairs(order) do
        local k = (i - 1)//5 + 1
        batches[k] = batches[k] or {}
        table.insert(batches[k], example + 1)
    end
    local rules = { optim.gd{alpha = 0.6}, optim.momentum{alpha = 0.6, beta = 0.6},
        optim.nesterov{alpha = 0.6, beta = 0.6},
        optim.nesterov{alpha = 0.6, beta = 0.6, lookahead = "decayed"} }
    local given = { gabor, start = { -1.5, 8.5 }, order = batches, steps = 80 }
    local seeded = { gabor, start = { -1.5, 8.5 }, batch = 5, order = "fixed", seed = 42,
        steps = 80 }
    for i, rule in ipairs(rules) do given[i + 1], seeded[i + 1] = rule, rule end
    local one, two = descent.race(given), descent.race(seeded)
    for i, expected in ipairs { 1.3092, 0.8987, 0.8049, 0.8882 } do
        check.close(one.rows[i].loss, expected, 5e-5)
        check.equal(one.runs[i].phi, two.runs[i].phi)
    end
    check.equal(one.best, 3)
    -- Without a seed or a start all get the same ones.
    local free = descent.race{ gabor, optim.gd{alpha = 0.1}, optim.gd{alpha = 0.1}, batch = 5,
        steps = 12 }
    check.equal(free.runs[1].phi, free.runs[2].phi)
    check.raises(function() descent.race{ optim.gd{alpha = 1} } end, "a loss comes first")
    check.raises(function() descent.race{ gabor } end, "needs optimizers")
    check.raises(function() descent.race{ gabor, optim.adam{}, step = 3 } end, "steps")
end)

check.test("difference names the first update and term", function()
    local function run(optimizer, options, steps)
        options.start = options.start or { -1.5, 8.5 }
        return descend(gabor, optimizer, options):step(steps or 10)
    end
    local adam = run(optim.adam{alpha = 0.1}, {})
    local same = descent.difference(adam, run(optim.adam{alpha = 0.1}, {}))
    check.equal(same.t, nil)
    check.contains(tostring(same), "no difference in 10 updates")
    local biased = descent.difference(adam, run(optim.adam{alpha = 0.1, bias_correction = "v"}, {}))
    check.equal({ biased.t, biased.term, biased.component }, { 1, "m_corrected", "phi0" })
    local later = descent.difference(adam, run(optim.adam{alpha = 0.1}, {}, 6):fork{ alpha = 0.2 }
        :step(4))
    check.equal({ later.t, later.term }, { 7, "phi" })
    local other = descent.difference(run(optim.gd{alpha = 0.1}, { batch = 5, seed = 1 }),
        run(optim.gd{alpha = 0.1}, { batch = 5, seed = 2 }))
    check.equal({ other.t, other.term }, { 1, "batch" })
    check.equal(descent.difference(adam, run(optim.adam{alpha = 0.1}, { start = { 0, 1 } })).t, 0)
    local near = run(optim.adam{alpha = 0.1*(1 + 1e-12)}, {})
    check.equal(descent.difference(adam, near).t, 1)
    check.equal(descent.difference(adam, near, { tolerance = 1e-9 }).t, nil)
    check.raises(function() descent.difference(adam) end, "two runs")
    check.raises(function() descent.difference(adam, run(optim.gd{alpha = 0.1}, {}),
        { tolerence = 1 }) end, "tolerance")
end)

check.test("H2: leave-one-out errors of polynomials", function()
    for degree, expected in pairs { 0.3076, 0.1449, 0.2411, [9] = 2974 } do
        local v = descent.cross_validate{ model = model.polynomial(degree), data = data.line12,
            k = 12 }
        check.close(v.total, expected, degree == 9 and 0.5 or 5e-5)
        check.close(v.mean, v.total/12, 1e-12)
        check.equal(#v.folds, 12)
    end
    local v = descent.cross_validate{ model = model.gabor, data = data.gabor30, k = 3, seed = 1,
        start = { 0, 16 }, optimizer = optim.gd{alpha = 0.05}, steps = 200 }
    check.ok(v.total > 0.6 and v.total < 2, tostring(v))
    check.contains(tostring(v), "held out, summed")
    check.raises(function()
        descent.cross_validate{ model = model.line, data = data.line12, k = 13 }
    end, "13 folds of 12")
    check.raises(function() descent.cross_validate{ data = data.line12 } end, "model")
end)

check.test("F7: a sweep of rates", function()
    local alphas = {}
    for i = 1, 9 do alphas[i] = 10^(-3 + (i - 1)/2) end
    local function good(rule)
        local s = descent.sweep{ valley, rule, alpha = alphas, start = { -0.7, -0.9 }, steps = 200 }
        local list = {}
        for i, point in ipairs(s.points) do
            check.equal(point.settings.alpha, alphas[i])
            if s.loss[i] < 1e-3 then list[#list + 1] = i end
        end
        return list
    end
    check.equal(good(optim.gd), { 5, 6 })
    check.equal(good(optim.adam), { 3, 4, 5, 6, 7 })
end)

check.test("a sweep over nothing is refused", function()
    for _, name in ipairs{ "alpha", "start", "seed" } do
        local options = { loss.least_squares(model.line, data.line12), optim.gd, alpha = 0.1,
                          [name] = {} }
        check.raises(function() sweep(options) end, name .. " is an empty list")
    end
end)

check.test("sweeps over two settings, starts and seeds", function()
    local s = descent.sweep{ line, optim.momentum, alpha = { 0.01, 0.03 }, beta = { 0, 0.5, 0.9 },
        start = { 1.6, -0.5 }, steps = 20 }
    check.equal({ s.loss.rows, s.loss.cols, #s.runs }, { 2, 3, 6 })
    for i, alpha in ipairs { 0.01, 0.03 } do
        for j, beta in ipairs { 0, 0.5, 0.9 } do
            local r = descend(line, optim.momentum{alpha = alpha, beta = beta},
                { start = { 1.6, -0.5 } }):step(20)
            check.equal(s.loss(i, j), r.loss)
            check.ok(s.best.loss <= r.loss)
        end
    end
    local d = descent.sweep{ gabor, optim.gd{alpha = 0.05}, steps = 1000,
        start = { { -1.5, 8.5 }, { 3.5, 6.5 }, { 0, 14 }, { -0.2, 5 } } }
    check.equal(d.ends[1].count, 2)
    check.close(d.ends[1].loss, 0.645696, 5e-7)
    check.equal(#d.ends, 3)
    local many = descent.sweep{ gabor, optim.gd, alpha = 0.3, start = { -0.2, 5 }, batch = 5,
        seed = { 0, 1, 2, 3 }, steps = 60 }
    check.equal(#many.loss, 4)
    check.equal(many.loss[3], descend(gabor, optim.gd{alpha = 0.3}, { start = { -0.2, 5 },
        batch = 5,
        seed = 2 }):step(60).loss)
    check.equal(#descent.sweep{ gabor, optim.lbfgs{}, starts = 7 }.runs, 7)
    -- What diverges counts as infinite and says nothing.
    local wild, errors = nil, nil
    check.output(function()
        wild = descent.sweep{ line, optim.gd, alpha = { 0.01, 10 }, start = { 1, 1 }, steps = 500 }
    end)
    check.equal(wild.loss[2], math.huge)
    check.equal(wild.best.settings.alpha, 0.01)
    check.equal(wild.best.alpha, 0.01)
    check.equal(tostring(wild.points[2]):match("^alpha = 10: loss inf, %d+ updates, diverges$")
        ~= nil, true)
    check.equal(errors, nil)
    check.raises(function() descent.sweep{ line, optim.gd, betta = { 1 } } end, "betta")
    check.raises(function() descent.sweep{ optim.gd } end, "a loss comes first")
    check.raises(function() descent.sweep{ line, 3 } end, "an optimizer")
    check.contains(tostring(s), "6 runs of momentum", "(lowest)")
end)

-- --- why ---------------------------------------------------------------------------------------

local function verdict(L, optimizer, options, steps)
    local r = descend(L, optimizer, options)
    if steps then r:converge{ steps = steps, quiet = true } else r:converge{ quiet = true } end
    local found = why.diagnose(r)
    return found.verdict, table.concat(found.evidence, "\n"), found
end

check.test("why names the cause with its evidence", function()
    local start = { start = { 1.6, -0.5 } }
    local kind, evidence = verdict(line, optim.gd{alpha = 0.041}, start, 100)
    check.equal(kind, "diverges")
    check.contains(evidence, "3.444039 at update 4", "36510.97",
        "alpha = 0.041 is above 2/λmax = 0.03997599", "λmax = 50.03003")
    kind, evidence = verdict(line, optim.gd{alpha = 0.041}, start, 100000)
    check.equal(kind, "diverges")
    check.contains(evidence, "above 2/λmax")
    kind, evidence = verdict(line, optim.gd{alpha = 0.001}, start, 100)
    check.equal(kind, "crawls")
    check.contains(evidence, "2.5 % of 2/λmax", "3.994169, 50.03003")
    check.equal(verdict(line, optim.gd{alpha = 0.0399}, start, 100), "oscillates")
    check.equal(verdict(valley, optim.gd{alpha = 1}, { start = { -0.7, -0.9 } }, 40), "oscillates")
    check.equal(verdict(line, optim.gd{alpha = 0.03}, start), "converged")
    kind, evidence = verdict(gabor, optim.newton{}, { start = { -2.7, 9 } }, 10)
    check.equal(kind, "saddle")
    check.contains(evidence, "-4.818351, 0.808143")
    check.equal(verdict(gabor, optim.newton{}, { start = { 3.5, 6.5 } }, 10), "maximum")
    check.equal(verdict(gabor, optim.gd{alpha = 0.05}, { start = { 200, 0.1 } }, 10), "plateau")
    check.equal(verdict(gabor, optim.gd{alpha = 0.6}, { start = { 0, 14 }, batch = 5, seed = 1 },
        600),
        "noise")
    local log = loss(function(a) return descent.log(a) end)
    kind, evidence = verdict(log, optim.gd{alpha = 1}, { start = { -1 } }, 3)
    check.equal(kind, "nan")
    check.contains(evidence, "nan")
    check.equal(verdict(line, optim.gd{alpha = 0.01}, start, 3), "falls")
    local _, _, found = verdict(line, optim.gd{alpha = 0.0405}, start, 2)
    check.contains(found.sentence, "falls so far, but the steps are too long")
    check.contains(found.advice, "alpha below 0.03997599")
    check.contains(check.output(descent.why, descend(line, optim.adam{}, start)), "No update")
    check.raises(function() descent.why(3) end, "takes a run")
end)

check.test("why does not say that a loss falls which has just risen", function()
    local kind, evidence, found = verdict(line, optim.momentum{alpha = 0.3, beta = 0.9},
        { start = { 1.6, -0.5 } }, 6)
    check.equal(kind, "falls")
    check.contains(found.sentence, "though the last update raised it")
    check.contains(evidence, "raised the loss from 0.5425287 to 1.618981")
    -- Along the steep axis the loss grows at once, and not yet to twice what it was.
    local lowest = line:solve()
    kind, evidence, found = verdict(line, optim.gd{alpha = 0.041},
        { start = { lowest[1] + 0.8, lowest[2] + 0.6 } }, 1)
    check.equal(kind, "rises")
    check.equal(found.sentence, "the loss is higher than before the update")
    check.contains(evidence, "raised the loss from 24.23782 to 26.7295")
    check.equal(found.advice, "try alpha below 0.03997599")
end)

check.test("why's bounds on alpha are where runs begin to diverge", function()
    local largest = 50.0300308
    local quadratic = loss(function(a, b) return largest/2*a^2 + 2*b^2 end)
    for _, make in ipairs {
        function(alpha) return optim.gd{alpha = alpha} end,
        function(alpha) return optim.momentum{alpha = alpha, beta = 0.6} end,
        function(alpha) return optim.momentum{alpha = alpha, beta = 0.6, form = "sum"} end,
        function(alpha) return optim.nesterov{alpha = alpha, beta = 0.6} end,
        function(alpha) return optim.nesterov{alpha = alpha, beta = 0.6, lookahead = "decayed"} end,
        function(alpha) return optim.nesterov{alpha = alpha, beta = 0.5, form = "velocity"} end,
    } do
        local _, evidence = verdict(quadratic, make(5), { start = { 1, 1 } }, 30)
        local bound = tonumber(evidence:match("is above .- = ([%d.e-]+),"))
        check.ok(bound, evidence)
        local above = descend(quadratic, make(bound*1.01), { start = { 1, 1 } }):step(3000)
        local below = descend(quadratic, make(bound*0.99), { start = { 1, 1 } }):step(3000)
        check.ok(above.loss > 1e3, tostring(make(1)))
        check.ok(below.loss < 1e-3, tostring(make(1)))
    end
end)

check.test("why knows the curvature of large models too", function()
    local net = loss.least_squares(model.shallow{hidden = 30}, data.gabor30)
    local kind, evidence = verdict(net, optim.gd{alpha = 0.01}, { seed = 1 }, 100)
    check.equal(kind, "diverges")
    check.contains(evidence, "above 2/λmax")
    -- The greatest eigenvalue by power iteration is that of the Hessian.
    local start = net.model:init{ seed = 1 }
    local values = descent.eigenvalues(net:hessian(start)):table()
    table.sort(values)
    local found = tonumber(evidence:match("λmax = ([%d.e+-]+), the"))
    check.close(found/values[#values], 1, 1e-3)
end)

-- --- guess -------------------------------------------------------------------------------------

check.test("a guess is scored by the next step", function()
    local r = descend(line, optim.gd{alpha = 0.01}, { start = { 1.6, -0.5 } })
    local text = check.output(descent.guess, r, { phi = { 1.6475, -0.369723 } })
    check.equal(text, "")
    check.contains(check.output(r.step, r), "update 1: 100 %")
    check.equal(check.output(r.step, r), "")
    descent.guess(r, { phi = { phi1 = 5 } })
    check.contains(check.output(r.step, r, 3), "update 3: 0 %", "guessed 5", "off by")
    check.equal(r.t, 5)
    descent.guess(r, { phi = r.phi })
    r:back(1)
    check.equal(check.output(r.step, r, 2), "") -- going back takes the guess along
    check.raises(function() descent.guess(r, {}) end, "phi")
    check.raises(function() descent.guess(r, { phi = { 1 } }) end, "2 numbers")
    check.raises(function() descent.guess(r, { phi = { psi = 1 } }) end, "psi")
    check.raises(function() descent.guess(3) end, "a run first")
end)

-- --- evaluations -------------------------------------------------------------------------------

check.test("a goal asks for no gradient that the rule has met", function()
    local chain = loss{ parameters = { p = 100 }, value = function(q)
        local sum = 0
        for i = 1, 99 do sum = sum + 100*(q.p[i + 1] - q.p[i]^2)^2 + (1 - q.p[i])^2 end
        return sum
    end }
    local start = {}
    for i = 1, 100 do start[i] = i % 2 == 1 and -1.2 or 1 end
    local goal = { gradient = 1e-9, steps = 5000 }
    local r = descend(chain, optim.lbfgs{}, { start = start }):converge(goal)
    check.equal(r.reason, "the gradient is small enough")
    check.close(r.phi[50], 1, 1e-8)
    -- liblbfgs needs 638, SciPy's L-BFGS-B 635.
    check.ok(r.evaluations.gradients < 700, tostring(r.evaluations.gradients))
    -- Looking at goals changes no bit, nor does another rule that takes over.
    local plain = descend(chain, optim.lbfgs{}, { start = start }):step(50)
    check.equal(r:to(50).phi, plain.phi)
    local f = plain:fork{ optim.gd{alpha = 1e-4}, at = 20 }
    local g = descend(chain, optim.gd{alpha = 1e-4}, { start = f.phi })
    check.equal(f:converge{ steps = 5 }.phi, g:step(5).phi)
end)

-- --- files -------------------------------------------------------------------------------------

local function with_file(use)
    local path = os.tmpname()
    local fine, problem = pcall(use, path)
    os.remove(path)
    if not fine then error(problem, 0) end
end

check.test("a run saved, loaded and continued is the uninterrupted one", function()
    with_file(function(path)
        local nets = loss.least_squares(model.shallow{hidden = 3}, data.gabor30)
        local cases = {
            { gabor, optim.adam{alpha = 0.1}, { start = { -1.5, 8.5 } } },
            { gabor, optim.adam{alpha = 0.1}, { start = { -1.5, 8.5 }, batch = 5, seed = 3 } },
            { gabor, optim.gd{alpha = schedule.cosine{alpha = 0.1, steps = 50}},
              { start = { -1.5, 8.5 }, batch = 7, order = "draw", seed = 1 } },
            { gabor, optim.momentum{alpha = 0.05, form = "sum"},
              { start = { -1.5, 8.5 }, order = { { 1, 2 }, { 30 } }, hold = "phi0" } },
            { gabor, optim.bfgs{}, { start = { -1.5, 8.5 }, bounds = { phi1 = { 0, 10 } } } },
            { gabor, optim.lbfgs{memory = 3}, { start = { -1.5, 8.5 } } },
            { gabor, optim.newton{damping = "auto"}, { start = { -1.5, 8.5 } } },
            { loss.huber{delta = 0.5}(model.polynomial(3), data.line12),
                optim.rmsprop{alpha = 0.01},
              { seed = 1 } },
            { nets, optim.adam{}, { seed = 1, batch = 4 } },
            { loss.mean_squares(model.gabor{envelope = 8}, data.gabor30:take{ 1, 5, 9, 2 }),
              optim.gd{alpha = 0.1}, { start = { 0, 10 } } },
        }
        for _, case in ipairs(cases) do
            local plain = descend(case[1], case[2], case[3]):step(4)
            check.equal(plain:save(path), plain)
            local loaded = descent.run.load(path)
            check.equal(loaded.t, plain.t)
            check.equal(loaded:step(9).phi, plain:step(9).phi, tostring(case[2]))
            loaded:save(path)
            loaded = descent.run.load(path)
            check.equal(loaded:step(30).phi, plain:step(30).phi, tostring(case[2]))
            check.equal(loaded.trace.phi, plain.trace.phi)
            check.equal(loaded.trace.batch_loss[3], plain.trace.batch_loss[3])
            check.equal(loaded.batch_indices, plain.batch_indices)
            check.equal(loaded.evaluations.gradients, plain.evaluations.gradients)
            check.equal(loaded:to(2).phi, plain:to(2).phi)
            check.equal(loaded.hold, plain.hold)
        end
    end)
end)

check.test("goals and forks are saved too; functions are given again", function()
    with_file(function(path)
        local r = fit(gabor, optim.gd{alpha = 0.05}, { start = { -1.5, 8.5 }, steps = 50 }):back(30)
        local loaded = r:save(path) and descent.run.load(path)
        check.equal(loaded:resume().t, 50)
        check.equal(loaded.reason, "the number of updates was reached")
        local fork = r:fork{ optim.adam{alpha = 0.1}, at = 10 }:step(5)
        fork:save(path)
        check.equal(descent.run.load(path):step(3).phi, fork:step(3).phi)

        local function rate(t) return 0.1/t end
        local own = descend(gabor, optim.gd{alpha = rate}, { start = { -1.5, 8.5 } }):step(10)
        own:save(path)
        check.raises(function() descent.run.load(path) end, "Lua function", "optimizer")
        loaded = descent.run.load(path, { optimizer = optim.gd{alpha = rate} })
        check.equal(loaded:step(5).phi, own:step(5).phi)

        local mine = optim{ name = "mine", alpha = 0.1, state = { "m" },
            update = function(phi, g, s, h) s.m = 0.5*s.m + g return phi - h.alpha*s.m end }
        own = descend(gabor, mine, { start = { -1.5, 8.5 } }):step(10)
        own:save(path)
        check.raises(function() descent.run.load(path) end, "optim.mine")
        check.raises(function() descent.run.load(path, { optimizer = optim.adam() }) end,
                     "was made by optim.mine, not by optim.adam")
        check.equal(descent.run.load(path, { optimizer = mine }):step(5).phi, own:step(5).phi)

        own = descend(valley, optim.adam{}, { start = { 0, 1 } }):step(3)
        own:save(path)
        check.raises(function() descent.run.load(path) end, "give it again", "loss = L")
        check.equal(descent.run.load(path, { loss = valley }).phi, own.phi)
        check.raises(function() descent.run.load(path, { loss = gabor }) end, "not the one")
        check.raises(function() descent.run.load(path, { los = gabor }) end, "loss")
    end)
end)

check.test("a file that is no run, or is damaged, is refused", function()
    with_file(function(path)
        descend(gabor, optim.adam{}, { start = { -1.5, 8.5 }, batch = 5 }):step(3):save(path)
        local file = io.open(path, "rb")
        local text = file:read("a")
        file:close()
        local function try(changed, ...)
            file = io.open(path, "wb")
            file:write(changed)
            file:close()
            check.raises(function() descent.run.load(path) end, ...)
        end
        for _, at in ipairs { 20, 100, #text//2, #text - 4 } do
            try(text:sub(1, at - 1) .. string.char(text:byte(at) ~ 1) .. text:sub(at + 1),
                "damaged")
        end
        for _, length in ipairs { 14, 30, #text//2, #text - 1 } do
            try(text:sub(1, length), "damaged")
        end
        try("", "no saved run")
        try("x = 1\n", "no saved run")
    end)
    check.raises(function() descent.run.load("/no/such/file") end, "/no/such/file")
    check.raises(function()
        descend(gabor, optim.adam{}, { start = { 0, 1 } }):save("/no/such/folder/file")
    end, "/no/such/folder")
    check.raises(function() descend(gabor, optim.adam{}, { start = { 0, 1 } }):save() end, "a file")
end)
