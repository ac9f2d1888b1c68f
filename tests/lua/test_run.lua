-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Optimizers, schedules and runs as they are typed. The numbers are the curriculum's, or NumPy's
-- for the same seed.

local check = require "check"
local descent = require "descent"
local core = require "descent.core"

local array, data, descend, fit, loss = descent.array, descent.data, descent.descend, descent.fit,
    descent.loss
local model, optim, schedule, seed = descent.model, descent.optim, descent.schedule, descent.seed

local line = loss.least_squares(model.line, data.line12)
local gabor = loss.least_squares(model.gabor, data.gabor30)
local bowl = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)

local function on_line(alpha)
    return descend(line, optim.gd{alpha = alpha}, {start = {1.6, -0.5}})
end

local function on_gabor(optimizer, options)
    options = options or {}
    options.start = options.start or {-1.5, 8.5}
    return descend(gabor, optimizer, options)
end

-- Python's: RandomState(42).permutation(30) + 1
local order42 = { 28, 16, 24, 18, 9, 10, 29, 25, 13, 1, 5, 17, 6, 14, 12, 23, 2, 3, 26, 4, 22, 27,
    19, 30, 21, 8, 11, 15, 20, 7 }

local function batch42(i) return table.move(order42, 5*i - 4, 5*i, 1, {}) end

-- --- the session -------------------------------------------------------------------------------

check.test("the session of the line", function()
    local r = on_line(0.01)
    check.equal(r.t, 0)
    check.equal(r.epoch_number, 0)
    check.close(r.loss, 5.020125, 1e-9)
    check.equal(r:step(), r)
    check.close(r.phi, {1.6475, -0.369723}, 1e-12)
    check.equal(r:step(99).t, 100)
    check.close(r.loss, 0.200773847, 1e-9)
    check.equal(#r.trace, 101)
    local at_50 = r.trace.phi[51]:table()
    r:back(50)
    check.equal(r.t, 50)
    check.equal(r.phi:table(), at_50)
    check.equal(#r.trace, 51)
    check.close(r({1, 2}), {at_50[1] + at_50[2], at_50[1] + 2*at_50[2]}, 1e-12)
    check.equal(r.objective, line)
    check.equal(r.model, line.model)
    check.equal(#r.data, 12)
    check.equal(r.optimizer.alpha, 0.01)
    check.equal(r.reason, nil)
    check.equal(r.evaluations, {losses = 0, gradients = 100, hessians = 0})
end)

check.test("the session of the wave", function()
    local wave = model(function(x, phi0, phi1)
        local u = phi0 + 0.06*phi1*x
        return descent.sin(u)*descent.exp(-u^2/32)
    end)
    local G = loss.least_squares(wave, data.gabor30)
    local a = fit(G, optim.adam{alpha = 0.2},
        {start = {-1.5, 6.5}, batch = 5, seed = 1, steps = 200})
    check.equal(a.t, 200)
    check.equal(a.epoch_number, 34)
    check.equal(a.reason, "the number of updates was reached")
    check.close(a.phi, {0.03074589, 15.9628472}, 1e-8)
    check.close(a.loss, 0.6499166815448219, 1e-10)
end)

check.test("C4: rates that crawl and that diverge", function()
    check.close(on_line(0.001):step(100).loss, 1.6147, 1e-4)
    local r = on_line(0.041):step(4)
    check.close(r.loss, 3.444, 1e-3)
    check.ok(r:step(6).loss < 5.020125)
    check.ok(r:step().loss > 5.020125)
    check.close(r:step(89).loss, 36511, 1e-4)
end)

check.test("E4: four rules on the same batches", function()
    local cases = {
        { optim.gd{alpha = 0.6}, 1.3092 },
        { optim.momentum{alpha = 0.6, beta = 0.6}, 0.8987 },
        { optim.nesterov{alpha = 0.6, beta = 0.6}, 0.8049 },
        { optim.nesterov{alpha = 0.6, beta = 0.6, lookahead = "decayed"}, 0.8882 },
        { optim.momentum{alpha = 0.24, beta = 0.6, form = "velocity"}, 0.8987 },
        { optim.momentum{alpha = 0.24, beta = 0.6, form = "sum"}, 0.8987 },
    }
    for _, case in ipairs(cases) do
        local r = on_gabor(case[1], {batch = 5, order = "fixed", seed = 42}):step(80)
        check.close(r.loss, case[2], 1e-4, tostring(case[1]))
    end
end)

check.test("F4: Adam in the valley", function()
    local valley = loss(function(phi0, phi1)
        return 1 - descent.exp(-2*phi1^2)*descent.exp(-(phi0 - 0.7)^2/8)
    end)
    local r = descend(valley, optim.adam{alpha = 0.05, gamma = 0.99, epsilon = 1e-20},
        {start = {-0.7, -0.9}}):step(60)
    check.close(r.phi, {0.667073, 0.029500}, 1e-6)
end)

-- --- optimizers --------------------------------------------------------------------------------

check.test("an optimizer says what it is", function()
    local opt = optim.adam{alpha = 0.05, bias_correction = "m"}
    check.equal(opt.name, "adam")
    check.equal(opt.title, "Adam")
    check.equal(opt.alpha, 0.05)
    check.equal(opt.beta, 0.9)
    check.equal(opt.bias_correction, "m")
    check.equal(optim.adam{}.bias_correction, true)
    check.equal(optim.adam{bias_correction = false}.bias_correction, false)
    check.equal(opt.epsilon_inside, false)
    check.equal(opt.arguments[1], {name = "alpha", symbol = "α", value = 0.05, given = true})
    check.equal(opt.arguments[2], {name = "beta", symbol = "β", value = 0.9, given = false})
    check.equal(opt.terms[5].equation, "v")
    check.equal(opt.terms[4].equation, "m/(1 - beta^t)")
    check.equal(opt.terms[1].equation, nil)
end)

check.test("a copy with a change leaves the first alone", function()
    local opt = optim.momentum{alpha = 0.1, form = "sum"}
    local other = opt{alpha = 0.2}
    check.equal(opt.alpha, 0.1)
    check.equal(other.alpha, 0.2)
    check.equal(other.form, "sum")
    check.equal(other.arguments[2].given, false)
    check.ok(opt == descend(bowl, opt, {start = {1, 1}}).optimizer)
    check.ok(opt ~= other)
end)

check.test("settings are checked", function()
    check.raises(function() optim.gd{lr = 0.1} end, 'optim.gd has no option "lr"', "alpha")
    check.raises(function() optim.gd{} end, "needs alpha")
    check.raises(function() optim.gd{alpha = -0.1} end, "alpha must be at least 0, not -0.1")
    check.raises(function() optim.gd{alpha = 0/0} end, "alpha must be a finite number")
    check.raises(function() optim.gd{alpha = "0.1"} end, "not a string")
    check.raises(function() optim.gd(0.1) end, "in braces")
    check.raises(function() optim.momentum{alpha = 1, beta = 1} end, "less than 1")
    check.raises(function() optim.momentum{alpha = 1, form = "avrage"} end, "average")
    check.raises(function() optim.nesterov{alpha = 1, lookahead = 1} end, "full", "decayed")
    check.raises(function() optim.adam{epsilon = -1} end, "epsilon")
    check.raises(function() optim.gd{alpha = {}} end, "a number, a schedule or a function")
    check.raises(function() optim.gd{alpha = 1}{lr = 2} end, "alpha")
    check.raises(function() return optim.gd{alpha = 1}(2) end, "opt{alpha = 0.2}")
    check.raises(function() return optim.adma end, "adam")
    check.raises(function() return optim.gd{alpha = 1}.lr end, "alpha")
    -- The line is the user's.
    check.raises(function() optim.gd{lr = 0.1} end, "test_run.lua:")
end)

check.test("schedules give the rates of their formulas", function()
    local s = schedule.step{alpha = 0.8, factor = 0.5, every = 10}
    check.equal({ s.name, s.alpha, s.every, s.per }, { "step", 0.8, 10, "update" })
    check.equal({ s(1), s(10), s(11) }, { 0.8, 0.8, 0.4 })
    check.equal(schedule.constant(0.3)(9), 0.3)
    check.equal(schedule.constant{alpha = 0.3}(9), 0.3)
    check.close(schedule.cosine{alpha = 1, steps = 4}(2), (1 + math.cos(math.pi/4))/2)
    check.close(schedule.warmup{alpha = 1, steps = 4}(1), 0.25)
    check.equal(schedule.exponential{alpha = 1, factor = 0.5, per = "epoch"}(100, 3), 0.25)
    check.raises(function() schedule.step{alpha = 0.1, evry = 3} end, "every")
    check.raises(function() schedule.step{alpha = 0.1} end, "every")
    check.raises(function() schedule.step{alpha = 0.1, every = 1.5} end, "integer")
    check.raises(function() s(0) end, "t must be")
    check.raises(function() return schedule.cosin end, "cosine")
end)

check.test("a scheduled rate is used and recorded", function()
    local r = on_gabor(optim.gd{alpha = schedule.exponential{alpha = 0.04, factor = 0.5,
        per = "epoch"}}, {batch = 5, seed = 1}):step(13)
    local alpha, phi, gradient = r.trace.alpha, r.trace.phi, r.trace.gradient
    for t = 1, 13 do
        local expected = 0.04*0.5^((t - 1)//6)
        check.equal(alpha[t + 1], expected)
        for j = 1, 2 do
            check.close(phi(t + 1, j), phi(t, j) - expected*gradient(t + 1, j), 1e-15)
        end
    end
    check.ok(alpha[1] ~= alpha[1], "the start has no rate")
end)

-- --- batches -----------------------------------------------------------------------------------

check.test("D3: batches are NumPy's, counted from 1", function()
    local r = on_gabor(optim.gd{alpha = 0.05}, {batch = 5, seed = 42})
    check.equal(r.batch_indices, nil)
    check.equal(r.updates_per_epoch, 6)
    for i = 1, 6 do
        r:step()
        check.equal(r.batch_indices, batch42(i))
        check.equal(r.epoch_number, 1)
    end
    r:step()
    check.equal(r.epoch_number, 2)
    check.different(r.batch_indices, batch42(1))
    check.equal(r:epoch().t, 12)
    check.equal(r:epoch(2).t, 24)
    check.equal(r:to(3).batch_indices, batch42(3))
    check.equal(on_line(0.01):step().batch_indices, nil)
end)

check.test("a fixed order is the same in every epoch", function()
    local r = on_gabor(optim.gd{alpha = 0.05}, {batch = 5, seed = 42, order = "fixed"}):step(10)
    check.equal(r.batch_indices, batch42(4))
end)

check.test("drawn batches are the first of a fresh permutation", function()
    -- RandomState(3).permutation(30)[:5] at each of 50 updates
    local r = on_gabor(optim.gd{alpha = 0.15}, {start = {-1.5, 6.5}, batch = 5, seed = 3,
        order = "draw"}):step(50)
    check.close(r.phi, {-1.04540611, 7.18407304}, 1e-8)
end)

check.test("given batches are replayed", function()
    local batches = { {1, 5}, array{2, 3, 4}, {30} }
    local r = on_gabor(optim.gd{alpha = 0.05}, {order = batches})
    check.equal(r:step(2).batch_indices, {2, 3, 4})
    check.equal(r:step(2).batch_indices, {1, 5})
    check.equal(r.epoch_number, 2)
end)

check.test("without a seed the global generator is used, and moves on", function()
    seed(42)
    local first = on_gabor(optim.gd{alpha = 0.05}, {batch = 5}):step()
    check.equal(first.batch_indices, batch42(1))
    local second = on_gabor(optim.gd{alpha = 0.05}, {batch = 5}):step()
    check.different(second.batch_indices, batch42(1))
    seed(42)
    local again = on_gabor(optim.gd{alpha = 0.05}, {batch = 5}):step()
    check.equal(again.batch_indices, batch42(1))
end)

check.test("a batch's gradient is the loss's own on the batch", function()
    local r = on_gabor(optim.gd{alpha = 0.05}, {batch = 7, seed = 5}):step(9)
    local trace = r.trace
    for t = 1, 9 do
        local indices = r:record(t).batch
        check.equal(#indices, t == 5 and 2 or 7)
        local part, before = gabor:with(data.gabor30:take(indices)), trace.phi[t]
        check.close(trace.gradient[t + 1], part:gradient(before), 1e-12)
        check.close(trace.batch_loss[t + 1], part(before), 1e-12)
        check.close(trace.loss[t + 1], gabor(trace.phi[t + 1]), 1e-12)
    end
end)

-- --- time both ways ----------------------------------------------------------------------------

local optimizers = {
    optim.gd{alpha = 0.1}, optim.momentum{alpha = 0.1}, optim.nesterov{alpha = 0.1},
    optim.adam{alpha = 0.1},
}

check.test("back and on again gives the same bits", function()
    for _, optimizer in ipairs(optimizers) do
        for _, options in ipairs { {}, {batch = 7, seed = 1},
            {batch = 7, seed = 1, order = "draw"} } do
            local plain = on_gabor(optimizer, options):step(70)
            local r = on_gabor(optimizer, options):step(50)
            r:back():back(20):step(3):to(7):to(0):to(64)
            local f = r:fork{at = 30}
            r:step(6)
            f:step(40)
            check.ok(r.phi == plain.phi and f.phi == plain.phi, tostring(optimizer))
            check.ok(r.trace.phi == plain.trace.phi)
            check.equal(r.batch_indices, plain.batch_indices)
        end
    end
end)

check.test("a small history costs rows, not exactness", function()
    local adam = optim.adam{alpha = 0.1}
    local plain = on_gabor(adam, {batch = 5, seed = 1}):step(2000)
    local small = on_gabor(adam, {batch = 5, seed = 1, history = 0.02}):step(2000)
    local t, phi, m = small.trace.t, small.trace.phi, small.trace.m
    check.ok(#t < 500 and #t > 100, #t)
    check.equal(t[1], 0.0)
    check.equal(t[#t], 2000.0)
    local all, all_m = plain.trace.phi, plain.trace.m
    for i = 1, #t do
        local row = math.tointeger(t[i]) + 1
        check.equal(phi[i]:table(), all[row]:table())
        check.equal(m[i]:table(), all_m[row]:table())
    end
    check.ok(small:to(1234).phi == all[1235])
end)

check.test("a fork goes on with another rate or another rule", function()
    local r = on_line(0.01):step(50)
    local f = r:fork{at = 20, alpha = 0.03}
    check.equal(f.t, 20)
    check.equal(f.optimizer.alpha, 0.03)
    check.equal(r.optimizer.alpha, 0.01)
    check.equal(f.trace.phi[21]:table(), r.trace.phi[21]:table())
    local expected = f.phi - 0.03*line:gradient(f.phi)
    check.close(f:step().phi, expected, 1e-14)
    check.equal(f.trace.alpha:slice(20, 22):table(), {0.01, 0.01, 0.03})
    local g = r:fork{optim.adam{alpha = 0.2}}:step(3)
    check.equal(g.t, 53)
    check.equal(g.optimizer.name, "adam")
    check.equal(g:record(52).age, 2)
    local fresh = descend(line, optim.adam{alpha = 0.2}, {start = r.phi}):step(3)
    check.ok(g.phi == fresh.phi)
    local v = g.trace.v
    check.ok(v(51, 1) ~= v(51, 1) and v(52, 1) == v(52, 1), "v begins with Adam")
    check.raises(function() r:fork{at = 51} end, "at must be an integer from 0 to 50")
    check.raises(function() r:fork{lr = 1} end, "alpha")
    check.raises(function() r:fork{7} end, "optimizer")
    check.raises(function() r:fork{alpha = -1} end, "alpha must be at least 0")
end)

-- --- goals -------------------------------------------------------------------------------------

check.test("converge says why it stopped", function()
    local r = on_line(0.037)
    check.equal(r:converge(), r)
    check.equal(r.reason, "the gradient is small enough")
    check.close(r.phi, {0.825950, 0.522226}, 1e-6)
    check.ok(math.max(math.abs(r.gradient[1]), math.abs(r.gradient[2])) <= 1e-6)
    check.equal(on_line(0.01):converge{loss = 0.3}.reason, "the loss is small enough")
    check.equal(on_line(0.01):converge{change = 1e-6}.reason, "the loss hardly changes")
    check.equal(on_line(0.01):converge{steps = 5}.t, 5)
    check.equal(on_line(0.01):converge{epochs = 5}.reason, "the number of epochs was reached")
    check.equal(on_line(0.01):converge{seconds = 0.01, gradient = 0}.reason, "the time is up")
    check.equal(fit(bowl, optim.gd{alpha = 1e-9}, {start = {1, 1}}).t, 10000)
    local b = on_gabor(optim.adam{alpha = 0.2}, {batch = 5, seed = 1}):converge{loss = 0.7}
    check.equal(b.t % 6, 0)
    check.ok(b.loss <= 0.7)
end)

check.test("A1: updates that the best rate needs", function()
    local best = line(array{0.825950106, 0.522226273})
    local r = descend(line, optim.gd{alpha = 2/(3.99417 + 50.03003)}, {start = {1.6, -0.5}})
    check.equal(r:converge{loss = best + 1e-6}.t, 49)
end)

check.test("resume goes on to the goal that was set", function()
    local r = on_line(0.01)
    check.raises(function() r:resume() end, "no goal was set")
    r:converge{steps = 30}
    check.equal(r:back(12).t, 18)
    check.equal(r:resume().t, 30)
    check.equal(r.goal, 30)
end)

check.test("progress is told, may stop, and may fail", function()
    local calls, ended = 0, false
    local r = on_line(1e-6)
    r:converge{seconds = 5, gradient = 0, progress = function(run, finished)
        check.equal(run, r)
        calls = calls + 1
        ended = finished
        return calls == 2
    end}
    check.equal(calls, 3)
    check.equal(ended, true)
    check.equal(r.reason, "interrupted")
    check.raises(function()
        r:converge{seconds = 5, gradient = 0, progress = function() error("of my own") end}
    end, "of my own")
    check.ok(r.t > 0)
end)

-- --- the trace ---------------------------------------------------------------------------------

check.test("terms are the rule's recurrences", function()
    local r = on_gabor(optim.adam{alpha = 0.1}, {batch = 5, seed = 1}):step(20)
    local trace = r.trace
    local g, m, v, mc, vc, phi = trace.g, trace.m, trace.v, trace.m_corrected, trace.v_corrected,
        trace.phi
    check.equal(m.shape, {21, 2})
    check.ok(trace.gradient:slice(2, 21) == g:slice(2, 21))
    for t = 1, 20 do
        for j = 1, 2 do
            local i = t + 1
            check.close(m(i, j), 0.9*m(t, j) + 0.1*g(i, j), 1e-14)
            check.close(v(i, j), 0.999*v(t, j) + 0.001*g(i, j)^2, 1e-14)
            check.close(mc(i, j), m(i, j)/(1 - 0.9^t), 1e-13)
            check.close(vc(i, j), v(i, j)/(1 - 0.999^t), 1e-13)
            check.close(phi(i, j), phi(t, j) - 0.1*mc(i, j)/(vc(i, j)^0.5 + 1e-8), 1e-14)
        end
    end
    check.equal(trace.names, {"t", "phi", "loss", "batch_loss", "alpha", "gradient", "g", "m", "v",
        "m_corrected", "v_corrected"})
    check.raises(function() return trace.mm end, "did you mean m")
    check.raises(function() return on_line(0.1).trace.m end)
end)

check.test("columns are copies, and follow the run", function()
    local r = on_line(0.01):step(3)
    local phi, trace = r.phi, r.trace
    phi[1] = 77
    check.different(r.phi[1], 77.0)
    local column = trace.loss
    column[1] = 77
    check.close(trace.loss[1], 5.020125, 1e-9)
    check.equal(#trace.loss, 4)
    r:step()
    check.equal(#trace.loss, 5)
    r:back(3)
    check.equal(#trace.loss, 2)
    r:step(3)
    check.equal(#trace.loss, 5)
end)

check.test("a record has all of an update", function()
    local r = on_gabor(optim.momentum{alpha = 0.1, beta = 0.5}, {batch = 5, seed = 42}):step(9)
    local u = r:record(2)
    check.equal({ u.t, u.age, u.epoch, u.count }, { 2, 2, 1, 5 })
    check.equal(u.batch, batch42(2))
    check.equal(u.arguments, {alpha = 0.1, beta = 0.5, form = "average"})
    check.ok(u.optimizer == r.optimizer)
    check.ok(u.phi_before == r.trace.phi[2] and u.phi == r.trace.phi[3] and u.terms.phi == u.phi)
    check.ok(u.before.m == r.trace.m[2] and u.terms.m == r.trace.m[3])
    check.equal(u.loss, r.trace.batch_loss[3])
    check.equal(r:record().t, 9)
    check.raises(function() r:record(10) end, "t must be an integer from 1 to 9")
    check.raises(function() r:record(0) end, "t must be")
    check.raises(function() r:to(0):record() end, "r:step()")
end)

-- --- what is refused ---------------------------------------------------------------------------

check.test("starts: by position, by name, by the model", function()
    local opt = optim.gd{alpha = 0.01}
    local function start(value) return descend(line, opt, {start = value}).phi:table() end
    check.equal(start{1.6, -0.5}, {1.6, -0.5})
    check.equal(start{phi1 = -0.5, phi0 = 1.6}, {1.6, -0.5})
    check.equal(start(array{1.6, -0.5}), {1.6, -0.5})
    check.ok(descend(line, opt, {seed = 3}).phi == model.line:init{seed = 3})
    check.raises(function() start{1, 2, 3} end, "start", "2 numbers", "not 3")
    check.raises(function() start{phi0 = 1, phi2 = 1} end, "phi2")
    check.raises(function() start{phi0 = 1} end, "phi1")
    check.raises(function() start{1, 0/0} end, "start", "phi1 is nan")
    check.raises(function() start(7) end, "start")
    check.raises(function() descend(bowl, opt) end, "start is missing", "phi0, phi1")
end)

check.test("what cannot be is one clear sentence", function()
    local opt = optim.gd{alpha = 0.01}
    local function options(value)
        return function() descend(line, opt, value) end
    end
    check.raises(function() descend(3) end, "must be a loss, not a number")
    check.raises(function() descend(opt, line) end, "must be a loss, not an optimizer")
    check.raises(function() descend(line) end, "must be an optimizer, not nothing")
    check.raises(options{strat = {1, 2}}, "start")
    check.raises(options{start = {1, 2}, batch = 13}, "batch", "12")
    check.raises(options{start = {1, 2}, batch = 0}, "batch must be at least 1")
    check.raises(options{start = {1, 2}, batch = 2.5}, "batch must be an integer")
    check.raises(options{start = {1, 2}, batch = 3, order = "drow"}, "draw")
    check.raises(options{start = {1, 2}, order = "draw"}, "batch = 5")
    check.raises(options{start = {1, 2}, batch = 2, order = {{1}}}, "leave batch out")
    check.raises(options{start = {1, 2}, order = {{1, 2}, {3, 13}}}, "batch 2", "13")
    check.raises(options{start = {1, 2}, order = {{1, 0}}}, "example 2 of batch 1", "not 0")
    check.raises(options{start = {1, 2}, order = {{1}, {}}}, "batch 2 is empty")
    check.raises(options{start = {1, 2}, order = {1, 2}}, "batch 1 must be a list")
    check.raises(options{start = {1, 2}, order = {}}, "at least one batch")
    check.raises(options{start = {1, 2}, seed = -1}, "seed")
    check.raises(function() descend(bowl, opt, {start = {1, 1}, batch = 2}) end, "no data")
    check.raises(function() descend(bowl, opt, {start = {1, 1}})(3) end, "no model")
    check.raises(function() fit(line, opt, {stpes = 3}) end, 'fit has no option "stpes"', "steps")
    check.raises(function() fit(line, opt, {lr = 3}) end, 'fit has no option "lr"',
                 "alpha belongs to the optimizer")
    check.raises(function() descend(line, opt, {weight_decay = 3}) end,
                 "weight_decay belongs to the optimizer")
    check.raises(function() descend(line, opt, {foo = 3}) end, 'no option "foo". It takes')
    local r = on_line(0.01):step(3)
    local phi = r.phi
    check.raises(function() r:step(-1) end, "n must be")
    check.raises(function() r:step(1.5) end, "n must be")
    check.raises(function() r:step("2") end, "n must be")
    check.raises(function() r:back(4) end, "4 updates cannot be undone; the run stands at 3")
    check.raises(function() r:converge{los = 1} end, "loss")
    check.raises(function() r:converge{steps = 0} end, "steps")
    check.raises(function() r.step(3) end, "colon")
    check.raises(function() return r.fi end, "phi")
    check.ok(r.t == 3 and r.phi == phi, "the run stays as it was")
    check.equal(r:step(0).t, 3)
    check.equal(r:step(2.0).t, 5)
end)

check.test("divergence is a reason and a line on stderr, not an error", function()
    local program = os.getenv("DESCENT_PROGRAM") or "'" .. arg[-1]:gsub("'", "'\\''") .. "'"
    local chunk = os.tmpname()
    local file = assert(io.open(chunk, "w"))
    file:write([[
        local L = loss.least_squares(model.line, data.line12)
        local r = descend(L, optim.gd{alpha = 1}, {start = {1.6, -0.5}}):step(1000)
        print(r.reason, r.t < 1000, r.phi[1] - r.phi[1] == 0)
        r:back(10)
        print(r.reason, r.message)]])
    file:close()
    local function run(redirection)
        local pipe = assert(io.popen(("%s %s %s"):format(program, chunk, redirection)))
        local text = pipe:read("a")
        return text, pipe:close()
    end
    local text, fine = run("2>/dev/null")
    check.ok(fine)
    check.equal(text, "the run diverges\ttrue\ttrue\nnil\tnil\n")
    text = run("2>&1 >/dev/null")
    os.remove(chunk)
    check.matches(text, "^update %d+ diverges: its loss is inf %([%d.e+]+ at the update before%); "
        .. "the run stands at t = %d+; try a smaller alpha, as r:fork{at = 0, alpha = 0.1}\n$")
end)

check.test("runs that nobody holds are collected", function()
    local held = core.types.array.held
    collectgarbage()
    local before, most = held(), 0
    for _ = 1, 300 do
        on_gabor(optim.adam{alpha = 0.1}, {batch = 5, seed = 1}):step(1000)
        most = math.max(most, held())
    end
    check.ok(most - before < 60e6, most - before)
    collectgarbage()
    collectgarbage()
    check.ok(held() - before < 1e6, held() - before)
end)

check.test("optimizers, schedules and runs print themselves", function()
    check.contains(tostring(optim.adam{}), "alpha = 0.001 (default)")
    check.contains(tostring(optim.gd{alpha = schedule.step{alpha = 0.1, every = 3}}),
        "schedule.step{alpha = 0.1, factor = 0.5, every = 3")
    check.contains(tostring(schedule.step{alpha = 0.1, every = 3}), "0.1, 0.1, 0.05")
    local r = on_line(0.01)
    check.contains(tostring(r), "at its start")
    check.contains(tostring(r:step(100)), "t = 100: L = 0.2007738")
    check.contains(tostring(r:converge{steps = 1}), "stopped: the number of updates was reached")
    check.contains(tostring(r.trace), "102 rows, t = 0 to 101")
    local wide = loss{parameters = {p = 10}, value = function(q) return descent.dot(q.p, q.p) end}
    local text = tostring(descend(wide, optim.gd{alpha = 0.1}, {start = descent.ones(10)}))
    check.contains(text, "... 4 more")
    for row in text:gmatch("[^\n]+") do check.ok(#row <= 80, row) end
end)

check.test("other forms of the call are refused with the one that is meant", function()
    local rule = optim.gd{alpha = 0.1}
    check.raises(function() descend{line, rule, start = {1, 1}} end,
        "descend: it takes a loss, an optimizer, and only then braces: descend(L, opt, {start")
    check.raises(function() fit{line, rule, steps = 5} end, "fit: it takes a loss, an optimizer",
        "fit(L, opt, {start")
    check.raises(function() descend(line, rule, {start = {1, 1}, steps = 5}) end,
        'there is no "steps" here: fit(L, opt, {steps = ...})')
end)
