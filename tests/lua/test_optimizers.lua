-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Optimizers from Lua: the curriculum's numbers, the test functions of the literature, regressions
-- with certified answers, rules and rates of one's own, clipping, held and bounded parameters.

local check = require "check"
local functions = require "functions"
local descent = require "descent"

local data, descend, fit, loss = descent.data, descent.descend, descent.fit, descent.loss
local model, optim, schedule = descent.model, descent.optim, descent.schedule
local exp = descent.exp

local line = loss.least_squares(model.line, data.line12)
local gabor = loss.least_squares(model.gabor, data.gabor30)
local valley = loss(function(phi0, phi1)
    return 1 - exp(-2*phi1^2)*exp(-(phi0 - 0.7)^2/8)
end)

local function near(phi, expected, tolerance)
    for j, value in ipairs(expected) do check.close(phi[j], value, tolerance) end
end

-- --- the curriculum ----------------------------------------------------------------------------

check.test("C5: the bracket of the lecture's function", function()
    local function f(x)
        return 1 - 0.5*math.exp(-(x - 0.65)^2/0.1) - 0.45*math.exp(-(x - 0.35)^2/0.02)
    end
    local place, value, rounds = descent.line_search(f)
    check.close(place, 0.383231, 5e-7)
    check.close(value, 0.328758, 5e-7)
    check.equal(#rounds, 10)
    for i, round in ipairs(rounds) do
        check.ok(round.rule ~= "a is lowest: halve")
        check.ok(round.a < round.b and round.b < round.c and round.c < round.d)
        -- The bracket shrinks to two thirds and keeps the lowest of its four points.
        local after = rounds[i + 1]
        if after and i > 1 then check.close(after.d - after.a, (round.d - round.a)*2/3, 1e-12) end
    end
    check.close(f(0.3803215), 0.328604, 5e-7)
    -- On a rising function every round halves.
    local _, _, halved = descent.line_search(function(x) return x end)
    check.equal(halved[10].d/2, 1/1024)
    check.equal(halved[10].rule, "a is lowest: halve")
end)

check.test("line_search treats nan and inf as too far, and refuses what is none of its "
    .. "business", function()
    local function wall(x) return x > 0.3 and 0/0 or (x - 0.2)^2 end
    local place = descent.line_search(wall, { rounds = 60, threshold = 1e-9 })
    check.close(place, 0.2, 1e-8)
    place = descent.line_search(function(x) return x > 0.01 and math.huge or (x - 0.005)^2 end,
        { rounds = 60, threshold = 1e-9 })
    check.close(place, 0.005, 1e-8)
    place = descent.line_search(function(x) return (x - 3)^2 end,
        { from = -10, to = 10, rounds = 100, threshold = 1e-9, points = { 0.4, 0.6 } })
    check.close(place, 3, 1e-7)
    check.raises(function() descent.line_search(3) end, "must be a function, not a number")
    check.raises(function() descent.line_search(function() end) end, "give a number, not nothing")
    check.raises(function() descent.line_search(math.sin, { from = 1, to = 0 }) end, "above from")
    check.raises(function() descent.line_search(math.sin, { points = { 0.6, 0.3 } }) end, "rise")
    check.raises(function() descent.line_search(math.sin, { round = 3 }) end, "rounds")
    check.raises(function() descent.line_search(function() error("mine") end) end, "mine")
end)

check.test("C6: line search zigzags on the line", function()
    local r = descend(line, optim.line_search{max = 0.1, threshold = 1e-5, rounds = 15},
        { start = { 1.6, -0.5 } })
    check.close(r:step().loss, 2.835363, 5e-7)
    check.equal(r.evaluations.losses, 60)
    check.close(r:step(9).loss, 0.213405, 5e-7)
    check.equal(r.evaluations.losses, 600)
    check.equal(r.evaluations.gradients, 10)
    local phi, alpha = r.trace.phi, r.trace.alpha
    for i = 2, 10 do
        local one, two = phi:row(i) - phi:row(i - 1), phi:row(i + 1) - phi:row(i)
        local angle = math.deg(math.acos(descent.dot(one, two)/(one:norm()*two:norm())))
        check.ok(angle > 89.98 and angle < 90.34, tostring(angle))
    end
    check.close(alpha[8], 0.0229, 5e-5)
    check.close(alpha[9], 0.0967, 5e-5)
    local plain = descend(line, optim.gd{alpha = 0.037}, { start = { 1.6, -0.5 } })
    check.ok(plain:step(18).loss > 0.213405)
    check.ok(plain:step().loss <= 0.213405)
end)

check.test("C7: one Newton step solves the line from anywhere", function()
    for _, start in ipairs { { 1.6, -0.5 }, { -100, 3 }, { 0, 0 } } do
        local r = descend(line, optim.newton{}, { start = start }):step()
        near(r.phi, { 0.825950, 0.522226 }, 5e-7)
        check.close(r.loss, 0.199866357, 1e-9)
    end
    -- All x equal: XᵀX is singular, and the reason says so.
    local flat = loss.least_squares(model.line, data.new{ x = { 1, 1, 1 }, y = { 1, 2, 4 } })
    local r = descend(flat, optim.newton{}, { start = { 0, 0 } }):step()
    check.equal(r.t, 0)
    check.equal(r.reason, "the rule finds no way on")
    check.contains(r.message, "singular")
    check.close(descend(flat, optim.newton{damping = 1e-6}, { start = { 0, 0 } }):step(3).loss,
        14/3,
        1e-6)
end)

check.test("F2 and F3: where 60 updates lead", function()
    local function after(optimizer, steps)
        return descend(valley, optimizer, { start = { -0.7, -0.9 } }):step(steps or 60).phi
    end
    near(after(optim.adagrad{alpha = 0.1}), { 0.580968, -0.001865 }, 5e-7)
    near(after(optim.rmsprop{alpha = 0.01, gamma = 0.9}), { 0.055685, -0.189698 }, 5e-7)
    near(after(optim.adadelta{gamma = 0.95, epsilon = 1e-6, alpha = 1}), { -0.260159, -0.494427 },
        5e-7)
    near(after(optim.normalized{alpha = 0.08}, 60), { 0.74, 0.06 }, 1e-4)
    near(after(optim.normalized{alpha = 0.08}, 61), { 0.66, -0.02 }, 1e-4)
    -- Under a constant gradient AdaGrad's steps are 1/√t of α.
    local slope = loss(function(phi0) return 3*phi0 end)
    local r = descend(slope, optim.adagrad{alpha = 1, epsilon = 0}, { start = { 0 } }):step(1000)
    local phi = r.trace.phi
    for t, size in pairs { [1] = 1, [10] = 0.316, [100] = 0.1, [1000] = 0.032 } do
        check.close(phi(t, 1) - phi(t + 1, 1), size, 5e-4)
    end
    local signs = loss(function(a, b, c) return 3*a - 2*b + 5*c end)
    check.equal(descend(signs, optim.normalized{alpha = 1, epsilon = 0}, { start = { 0, 0, 0 } })
        :step().phi:table(), { -1.0, 1.0, -1.0 })
end)

check.test("G1: Newton's method goes to whatever is stationary", function()
    local function ends(start) return descend(gabor, optim.newton{}, { start = start }):step(30) end
    near(ends{ 0, 14 }.phi, { 0.0038, 16.0263 }, 5e-5)
    near(ends{ -2.7, 9 }.phi, { -2.852506, 9.038015 }, 5e-7)
    local top = ends{ 3.5, 6.5 }
    near(top.phi, { 1.636710, 4.356499 }, 5e-7)
    check.close(top.loss, 22.022638, 5e-7)
    -- The Hessian's eigenvalues are a term.
    local values = ends{ -2.7, 9 }.trace.eigenvalues:row(31)
    near(values, { -4.8184, 0.8081 }, 5e-5)
    -- Damped it goes down instead; without a goal the reason tells a saddle from a minimum.
    check.equal(fit(gabor, optim.newton{}, { start = { -2.7, 9 } }).reason,
        "the gradient is small, but at a saddle or a maximum")
    local damped = fit(gabor, optim.newton{damping = "auto"}, { start = { 3.5, 6.5 } })
    check.equal(damped.reason, "the gradient is small enough")
    check.ok(damped.loss < 10)
end)

check.test("damped Newton does not leap from a singular Hessian", function()
    -- McCormick's function: the Hessian at (0, 0) has the eigenvalues 0 and 4, and the loss falls
    -- without end along (-1, -1).
    local problem = functions.mccormick
    local mccormick = loss(problem.call)
    for _, start in ipairs { { 0, 0 }, { 0.1, 0.1 }, { 0.3, 0.2 } } do
        local r = fit(mccormick, optim.newton{damping = "auto"}, { start = start })
        check.close(r.phi:table(), problem.at, 1e-6)
        check.close(r.loss, problem.least, 1e-12)
        check.ok(r.t < 20)
        -- The loss falls by half of what the quadratic model promises, or more.
        local g, H, step = mccormick:gradient(start), mccormick:hessian(start),
            r.trace.phi:row(2) - array(start)
        local promised = -dot(g, step) - dot(step, matmul(H, step))/2
        check.ok(mccormick(start) - r.trace.loss[2] >= promised/2 and promised > 0.5)
    end
    -- Singular everywhere: one of the two parameters is superfluous.
    local ridge = loss(function(a, b) return (a + b - 3)^2 end)
    local r = fit(ridge, optim.newton{damping = "auto"}, { start = { 1, 5 } })
    check.close(r.phi[1] + r.phi[2], 3, 1e-6)
    check.close(r.phi[2] - r.phi[1], 4, 1e-6)
    -- Where the Hessian is definite, however badly scaled, the step stays Newton's own.
    local narrow = loss(function(a, b) return 5e9*(a - 1)^2 + 0.5*(b - 1e3)^2 end)
    local step = descend(narrow, optim.newton{damping = "auto"}, { start = { 0, 0 } }):step()
    check.close(step.phi:table(), { 1, 1e3 }, 1e-9)
end)

check.test("G2: quasi-Newton methods refuse batches, with the reason", function()
    for _, optimizer in ipairs { optim.lbfgs{}, optim.bfgs{} } do
        local r = fit(gabor, optimizer, { start = { -1.5, 8.5 } })
        check.close(r.loss, 0.645696, 5e-7)
        check.equal(r.reason, "the gradient is small enough")
        check.raises(function() descend(gabor, optimizer, { start = { 0, 1 }, batch = 5 }) end,
            "different batches belong to different functions")
        check.raises(function() descend(gabor, optimizer, { start = { 0, 1 },
            order = { { 1 } } }) end,
            "needs all data")
        local half = descend(gabor, optim.gd{alpha = 0.1}, { start = { 0, 1 }, batch = 5 })
        check.raises(function() half:fork{ optimizer } end, "needs all data")
    end
    check.raises(function() optim.lbfgs{memory = 0} end, "at least 1")
end)

-- --- the literature ----------------------------------------------------------------------------

-- How near to the least value each comes in 10,000 updates; 1e-6 where nothing is said. Ackley has
-- a cusp at its minimum: rules with a step of their own bounce about it, searches find it.
local rules = {
    { optim.gd{alpha = 0.001}, beale = 1e-4, rosenbrock = 1e-4, ackley = 0.01 },
    { optim.line_search{}, ackley = 1e-3 },
    { optim.line_search{method = "backtrack"} },
    { optim.line_search{method = "wolfe"} },
    { optim.momentum{alpha = 0.001}, beale = 1e-4, rosenbrock = 1e-4, ackley = 0.01 },
    { optim.nesterov{alpha = 0.001}, beale = 1e-4, rosenbrock = 1e-4, ackley = 0.01 },
    { optim.normalized{alpha = 0.01}, beale = 0.02, booth = 0.01, rastrigin = 0.01, ackley = 0.01,
      styblinski_tang = 1e-3, rosenbrock = 5 },
    { optim.adagrad{alpha = 0.5}, ackley = 0.02 },
    { optim.adadelta{epsilon = 1e-6}, beale = 0.1, himmelblau = 0.3, booth = 0.1, ackley = 0.1,
      rosenbrock = 1 },
    { optim.rmsprop{alpha = 0.01}, beale = 0.01, rosenbrock = 0.05, booth = 1e-3, himmelblau = 0.01,
      ackley = 0.05 },
    { optim.rmsprop{alpha = 0.001, centred = true}, beale = 0.01, rosenbrock = 0.1, booth = 1e-3,
      himmelblau = 0.01, ackley = 0.05, styblinski_tang = 1e-3 },
    { optim.adam{alpha = 0.05}, ackley = 0.05 },
    { optim.adam{alpha = 0.05, amsgrad = true}, ackley = 0.05 },
    { optim.newton{damping = "auto"} },
    { optim.bfgs{} },
    { optim.lbfgs{} },
}

check.test("every optimizer on the literature's test functions", function()
    for _, name in ipairs { "rosenbrock", "beale", "himmelblau", "booth", "rastrigin", "ackley",
                            "goldstein_price", "styblinski_tang" } do
        local problem = functions[name]
        local L = loss(problem.call)
        check.close(L(problem.at), problem.least, 1e-4, name)
        for _, rule in ipairs(rules) do
            local optimizer = rule[1]
            local what = ("%s on %s"):format(tostring(optimizer), name)
            local r = descend(L, optimizer, { start = problem.start })
            r:converge{ gradient = 1e-6, steps = 10000, quiet = true }
            check.ok(r.loss - problem.least <= (rule[name] or 1e-5), what .. ": " .. r.loss)
            if r.reason == "the gradient is small enough" then
                near(r.phi, problem.at, 1e-4)
            else
                check.ok(r.reason == "the number of updates was reached"
                    or r.reason == "the rule finds no way on", what .. ": " .. tostring(r.reason))
            end
        end
    end
end)

check.test("undamped, Newton's method is exact or goes astray, as its theory says", function()
    local function ends(name)
        local problem = functions[name]
        return fit(loss(problem.call), optim.newton{}, { start = problem.start })
    end
    check.equal(ends "booth".t, 1)
    check.equal(ends "rosenbrock".t, 6)
    near(ends "rosenbrock".phi, { 1, 1 }, 1e-8)
    near(ends "beale".phi, { 0, 1 }, 1e-6) -- a saddle, 14.203125 high
    check.close(ends "beale".loss, 14.203125, 1e-9)
    check.contains(ends "beale".reason, "saddle")
    near(ends "himmelblau".phi, { -0.270845, -0.923039 }, 1e-6) -- the maximum between the minima
    check.contains(ends "himmelblau".reason, "maximum")
end)

-- --- certified regressions (NIST, Statistical Reference Datasets) ------------------------------

local certified = {
    { name = "Misra1a", predict = function(x, b1, b2) return b1*(1 - exp(-b2*x)) end,
      starts = { { 500, 0.0001 }, { 250, 0.0005 } },
      best = { 2.3894212918E+02, 5.5015643181E-04 }, squares = 1.2455138894E-01,
      x = { 77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1,
            689.1, 760.0 },
      y = { 10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40,
            75.47, 81.78 } },
    { name = "MGH09", predict = function(x, b1, b2, b3, b4)
          return b1*(x^2 + x*b2)/(x^2 + x*b3 + b4)
      end,
      starts = { { 25, 39, 41.5, 39 }, { 0.25, 0.39, 0.415, 0.39 } },
      best = { 1.9280693458E-01, 1.9128232873E-01, 1.2305650693E-01, 1.3606233068E-01 },
      squares = 3.0750560385E-04,
      x = { 4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625 },
      y = { 0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235,
            0.0246 } },
    { name = "MGH10", predict = function(x, b1, b2, b3) return b1*exp(b2/(x + b3)) end,
      starts = { { 2, 400000, 25000 }, { 0.02, 4000, 250 } },
      best = { 5.6096364710E-03, 6.1813463463E+03, 3.4522363462E+02 }, squares = 8.7945855171E+01,
      x = { 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100, 105, 110, 115, 120, 125 },
      y = { 34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427,
            3820, 3307, 2872 } },
    { name = "BoxBOD", predict = function(x, b1, b2) return b1*(1 - exp(-b2*x)) end,
      starts = { { 1, 1 }, { 100, 0.75 } },
      best = { 2.1380940889E+02, 5.4723748542E-01 }, squares = 1.1680088766E+03,
      x = { 1, 2, 3, 5, 7, 10 }, y = { 109, 149, 149, 191, 213, 224 } },
    { name = "Rat42", predict = function(x, b1, b2, b3) return b1/(1 + exp(b2 - b3*x)) end,
      starts = { { 100, 1, 0.1 }, { 75, 2.5, 0.07 } },
      best = { 7.2462237576E+01, 2.6180768402E+00, 6.7359200066E-02 }, squares = 8.0565229338E+00,
      x = { 9, 14, 21, 28, 42, 57, 63, 70, 79 },
      y = { 8.93, 10.8, 18.59, 22.33, 39.35, 56.11, 61.73, 64.62, 67.08 } },
}

check.test("certified regressions: found, or said not to be", function()
    local found = 0
    for _, set in ipairs(certified) do
        local L = loss.least_squares(model(set.predict), data.new{ x = set.x, y = set.y })
        check.close(L(set.best)/set.squares, 1, 1e-10, set.name)
        for _, start in ipairs(set.starts) do
            for _, optimizer in ipairs { optim.lbfgs{}, optim.bfgs{},
                optim.newton{damping = "auto"},
                optim.newton{}, optim.line_search{}, optim.gd{alpha = 1e-7},
                    optim.adam{alpha = 0.05} } do
                local r = descend(L, optimizer, { start = start }):converge{ quiet = true }
                if r.reason == "the gradient is small enough" then
                    found = found + 1
                    for j, best in ipairs(set.best) do
                        check.close(r.phi[j]/best, 1, 1e-5, set.name .. ", " .. optimizer.title)
                    end
                end
            end
        end
    end
    check.ok(found >= 22, tostring(found))
end)

-- --- rules of one's own ------------------------------------------------------------------------

local function own_momentum(options)
    return optim{ name = "mine", alpha = options.alpha, beta = 0.6, state = { "m", count = 0 },
        update = function(phi, g, s, h)
            s.count = s.count + 1
            s.m = h.beta*s.m + (1 - h.beta)*g
            return phi - h.alpha*s.m
        end }
end

check.test("a rule of one's own is the built-in one, bit for bit", function()
    for _, batch in ipairs { false, 5 } do
        local options = { start = { -1.5, 8.5 }, batch = batch or nil, seed = 1 }
        local mine = descend(gabor, own_momentum{ alpha = 0.05 }, options):step(40)
        local theirs = descend(gabor, optim.momentum{alpha = 0.05, beta = 0.6}, options):step(40)
        check.equal(mine.trace.phi, theirs.trace.phi)
        check.equal(mine.trace.m:slice(2, 41), theirs.trace.m:slice(2, 41))
        check.equal(mine.trace.count[41], 40.0)
        check.equal(mine.trace.count.shape, { 41 })
        check.equal(mine:back(17):step(17).phi, theirs.phi)
        local fork = mine:fork{ at = 20, alpha = 0.01 }:step(20)
        check.equal(fork.phi, theirs:fork{ at = 20, alpha = 0.01 }:step(20).phi)
    end
    local opt = own_momentum{ alpha = 0.05 }
    check.equal(opt.name, "mine")
    check.equal(opt{ alpha = 0.5 }.alpha, 0.5)
    check.equal(opt.beta, 0.6)
end)

check.test("a rule of one's own may ask the loss of its batch", function()
    local seen = {}
    local newton = optim{ name = "secant", update = function(phi, g, s, h, t, L)
        seen[#seen + 1] = L(phi)
        local again = L:gradient(phi)
        for j = 1, #phi do check.equal(again[j], g[j]) end
        check.equal(L(phi:table()), L(phi))
        return phi - 0.01*g
    end }
    local r = descend(line, newton, { start = { 1.6, -0.5 }, batch = 4, seed = 2 }):step(5)
    for t = 1, 5 do check.equal(seen[t], r.trace.batch_loss[t + 1]) end
    local kept
    local thief = optim{ update = function(phi, g, s, h, t, L) kept = L return phi end }
    descend(line, thief, { start = { 1, 1 } }):step()
    check.raises(function() kept{ 1, 1 } end, "cannot be kept")
end)

check.test("a rule's mistakes are told, and leave the last whole update", function()
    local function try(update, ...)
        local r = descend(line, optim{ name = "wrong", state = { "m", n = 1 }, update = update },
            { start = { 1, 1 } })
        check.raises(function() r:step() end, ...)
        check.equal(r.t, 0)
        check.equal(r.phi:table(), { 1.0, 1.0 })
    end
    try(function() error("my own words") end, "my own words")
    try(function() end, "gave nothing")
    try(function() return { 1 } end, "result of update")
    try(function() return "x" end, "result of update")
    try(function(phi, g, s) s.m = { 1, 2, 3 } return phi end, "s.m")
    try(function(phi, g, s) s.n = "x" return phi end, "must stay a number")
    try(function(phi, g, s) s.k = 1 return phi end, "s.k of the rule", "would be lost")
    local marker = {}
    local r = descend(line, optim{ update = function() error(marker) end }, { start = { 1, 1 } })
    local fine, problem = pcall(r.step, r)
    check.ok(not fine and rawequal(problem, marker))
    check.raises(function() optim{ alpha = 1 } end, "update must be a function")
    check.raises(function() optim{ update = print, alpha = "x" } end, "alpha")
    check.raises(function() optim{ update = print, state = { "phi" } } end, "is taken")
    check.raises(function() optim{ update = print, state = { "a", a = 1 } } end, "twice")
    check.raises(function() optim{ update = print, state = { a = "b" } } end, "begin with a number")
    check.raises(function() optim(3) end, "braces")
    -- From a coroutine the function runs there.
    local co = coroutine.wrap(function()
        return descend(line, own_momentum{ alpha = 0.01 }, { start = { 1, 1 } }):step(3).t
    end)
    check.equal(co(), 3)
end)

check.test("alpha as a function is asked once for each update, and kept", function()
    local asked = {}
    local function rate(t, epoch, value)
        asked[#asked + 1] = { t, epoch, value }
        return 0.05*math.min(1, value/5)/(1 + #asked/50)
    end
    local r = descend(gabor, optim.gd{alpha = rate}, { start = { -1.5, 8.5 }, batch = 5, seed = 3 })
    r:step(40)
    check.equal(#asked, 40)
    for t = 1, 40 do
        check.equal(asked[t][1], t)
        check.equal(asked[t][2], (t - 1)//6 + 1)
        check.equal(asked[t][3], r.trace.batch_loss[t + 1])
    end
    check.equal(r.evaluations.gradients, 40)
    local phi, gradient = r.phi, r.trace.gradient
    check.equal(r:back(33):step(33).phi, phi)
    check.equal(#asked, 40)
    check.equal(r.trace.gradient:slice(2, 41), gradient:slice(2, 41))
    check.equal(#asked, 40)
    check.equal(r:fork{ at = 25 }.phi, r.trace.phi:row(26))
    check.equal(#asked, 40)
    -- A function is a schedule, and a schedule a function.
    local own = schedule(function(t) return 0.1/t end)
    check.equal(own(4), 0.025)
    local made = schedule.inverse_time{alpha = 0.1, decay = 1}
    local one = descend(gabor, optim.gd{alpha = own}, { start = { -1.5, 8.5 } }):step(20)
    local two = descend(gabor, optim.gd{alpha = made}, { start = { -1.5, 8.5 } }):step(20)
    for t = 1, 21 do near(one.trace.phi:row(t), two.trace.phi:row(t):table(), 1e-12) end
    -- Nesterov's gradient lies elsewhere: it is told the loss at φ.
    local told
    local n = descend(gabor, optim.nesterov{alpha = function(_, _,
        value) told = value return 0.01 end},
        { start = { -1.5, 8.5 } }):step(3)
    check.equal(told, gabor(n.trace.phi:row(3)))
    for _, bad in ipairs { function() end, function() return -1 end, function() return 0/0 end,
        function() return "x" end } do
        local wrong = descend(gabor, optim.gd{alpha = bad}, { start = { 0, 1 } })
        check.raises(function() wrong:step() end, "alpha", "update 1")
        check.equal(wrong.t, 0)
    end
    check.raises(function() schedule(3) end, "a function of (t, epoch, loss)")
end)

-- --- clipping, held and bounded parameters -----------------------------------------------------

check.test("clip bounds the gradient's norm", function()
    local r = descend(gabor, optim.gd{alpha = 0.1, clip = 0.5}, { start = { -1.5, 8.5 } }):step(5)
    for t = 2, 6 do check.ok(r.trace.gradient:row(t):norm() <= 0.5 + 1e-12) end
    local free = descend(gabor, optim.gd{alpha = 0.1, clip = 1e9}, { start = { -1.5,
        8.5 } }):step(5)
    check.equal(free.phi, descend(gabor, optim.gd{alpha = 0.1}, { start = { -1.5,
        8.5 } }):step(5).phi)
    check.raises(function() optim.adam{clip = 0} end, "clip")
    for _, make in ipairs { optim.bfgs, optim.lbfgs } do
        local short = descend(gabor, make{clip = 0.1}, { start = { -1.5, 8.5 } }):step()
        check.close(short.loss < 12 and 1 or 0, 1)
    end
end)

check.test("held parameters stay, bounded ones stay inside", function()
    local all = { optim.gd{alpha = 0.02}, optim.momentum{alpha = 0.02}, optim.adam{alpha = 0.1},
        optim.adam{alpha = 0.1, weight_decay = 0.1}, optim.rmsprop{alpha = 0.05},
        optim.newton{damping = "auto"}, optim.bfgs{}, optim.lbfgs{},
        optim.line_search{method = "wolfe"}, own_momentum{ alpha = 0.02 } }
    for _, optimizer in ipairs(all) do
        local held = descend(gabor, optimizer, { start = { -1.5, 8.5 },
            hold = { "phi0" } }):step(30)
        local phi = held.trace.phi
        for i = 1, #held.trace do check.equal(phi(i, 1), -1.5) end
        check.ok(held.loss < gabor(-1.5, 8.5), tostring(optimizer))
        check.equal(held.hold, { "phi0" })
        local bounded = descend(gabor, optimizer, { start = { -1.5, 8.5 },
            bounds = { phi1 = { 0, 10 } } })
        bounded:converge{ steps = 3000, gradient = 1e-7 }
        check.ok(bounded.trace.phi:max() <= 10, tostring(optimizer))
        if not (optimizer.name == "adam" and optimizer.weight_decay > 0) then
            near(bounded.phi, { 0.154120, 10 }, 2e-2)
        end
    end
    check.equal(fit(gabor, optim.lbfgs{}, { start = { -1.5, 8.5 }, bounds = { phi1 = { 0, 10 } } })
        .reason, "the gradient is small enough")
    check.raises(function() descend(gabor, optim.adam{}, { start = { 0, 1 }, hold = "phi7" }) end,
        "phi7", "phi0, phi1")
    check.raises(function()
        descend(gabor, optim.adam{}, { start = { 0, 1 }, hold = { "phi0", "phi1" } })
    end, "nothing left to fit")
    check.raises(function()
        descend(gabor, optim.adam{}, { start = { 0, 11 }, bounds = { phi1 = { 0, 10 } } })
    end, "outside its bounds")
    check.raises(function()
        descend(gabor, optim.adam{}, { start = { 0, 1 }, bounds = { phi1 = { 3, 2 } } })
    end, "cannot be at least 3")
    check.raises(function()
        descend(gabor, optim.adam{}, { start = { 0, 1 }, bounds = { phi1 = 3 } })
    end, "two numbers")
end)

check.test("adam with weight decay draws towards 0, amsgrad never forgets", function()
    -- With no gradient at all only the decay is left: φ ← (1 − α·λ)·φ.
    local nothing = loss(function(a, b) return 0*a + 0*b end)
    local r = descend(nothing, optim.adam{alpha = 0.1, weight_decay = 0.5}, { start = { 1, -2 } })
    near(r:step(10).phi, { 0.95^10, -2*0.95^10 }, 1e-12)
    local s = descend(valley, optim.adam{alpha = 0.05, amsgrad = true}, { start = { -0.7, -0.9 } })
    local most = s:step(200).trace.v_max
    for i = 2, 201 do check.ok(most(i, 1) >= most(math.max(i - 1, 1), 1)) end
    check.raises(function() return descend(valley, optim.adam{}, { start = { 0, 0 } }):step().trace
        .v_max end, "v_max")
end)

check.test("validation data are looked at, not fitted", function()
    local train, test = data.gabor30:split(0.8, { seed = 1 })
    local L = loss.least_squares(model.gabor, train)
    local r = descend(L, optim.gd{alpha = 0.05}, { start = { -1.5, 8.5 },
        validation = test }):step(30)
    local plain = descend(L, optim.gd{alpha = 0.05}, { start = { -1.5, 8.5 } }):step(30)
    check.equal(r.phi, plain.phi)
    check.equal(#r.trace.validation, 31)
    check.equal(r.trace.validation[31], L:with(test)(r.phi))
    check.equal(r.validation, r.trace.validation[31])
    check.equal(plain.validation, nil)
    check.raises(function() return plain.trace.validation end, "validation")
    check.equal(r:fork{ at = 3 }.validation, r.trace.validation[4])
end)

check.test("several starts: the best of them", function()
    local s = descent.sweep{ gabor, optim.lbfgs{}, starts = 12 }
    local r = fit(gabor, optim.lbfgs{}, { starts = 12 })
    check.equal(r.loss, s.best.loss)
    check.raises(function() fit(valley, optim.lbfgs{}, { starts = 3 }) end, "has no model")
    check.raises(function() fit(gabor, optim.lbfgs{}, { starts = 3, start = { 1, 2 } }) end,
        "either")
end)

check.test("a run cannot be moved from within its own update", function()
    for _, move in ipairs {
        function(r) r:step() end, function(r) r:back() end, function(r) r:converge{ steps = 3 } end,
        function(r) return r:record(1) end, function(r) return r.trace.gradient end,
    } do
        local r
        local rule = optim{ update = function(phi, g, s, h, t)
            if t == 3 then move(r) end
            return phi - 0.01*g
        end }
        r = descend(line, rule, { start = { 1.6, -0.5 } }):step(2)
        check.raises(function() r:step() end, "in the middle of an update")
        check.equal(r.t, 2)
        check.equal(r:back().t, 1)
    end
    -- Where it stands may be asked, and other runs may be moved.
    local seen, other = {}, descend(line, optim.gd{alpha = 0.01}, { start = { 1, 1 } })
    local r
    r = descend(line, optim{ update = function(phi, g)
        seen[#seen + 1] = r.loss
        other:step()
        return phi - 0.01*g
    end }, { start = { 1.6, -0.5 } })
    r:step(3)
    check.equal(other.t, 3)
    for i = 1, 3 do check.equal(seen[i], r.trace.loss[i]) end
end)

-- --- stochastic gradients ----------------------------------------------------------------------

check.test("D4: batches of five find the global minimum from 89 of 100 seeds, at a large "
    .. "rate", function()
    local function count(alpha, seeds)
        local found = 0
        for seed = 0, seeds - 1 do
            local r = descend(gabor, optim.gd{alpha = alpha}, { start = { -0.2, 5 }, batch = 5,
                seed = seed }):step(600)
            local full = descend(gabor, optim.gd{alpha = 0.05}, { start = r.phi }):step(500)
            if math.abs(full.loss - 0.645696) < 1e-4 then found = found + 1 end
        end
        return found
    end
    check.equal(count(0.3, 100), 89)
    check.equal(count(0.15, 100), 0)
    local stays = descend(gabor, optim.gd{alpha = 0.05}, { start = { -0.2, 5 } }):step(2000)
    near(stays.phi, { -0.1665, 4.8809 }, 5e-5)
    check.close(stays.loss, 10.182265, 5e-7)
end)

check.test("D5: a large rate leaves a minimum, a small one settles afterwards", function()
    local values = descent.eigenvalues(gabor:hessian{ -0.1665, 4.8809 })
    check.close(2/values:max(), 0.14452, 1e-4)
    local r = descend(gabor, optim.gd{alpha = 0.22}, { start = { -0.2, 5 } }):step(300)
    check.close(r:fork{ alpha = 0.05 }:step(2000).loss, 0.645696, 5e-7)
    check.ok(descend(gabor, optim.gd{alpha = 0.15}, { start = { -0.2, 5 } }):step(500).phi[2] < 8)
end)

check.test("E5: momentum and local minima", function()
    local function ends(mu)
        return descend(gabor, optim.momentum{alpha = 0.02, beta = mu, form = "velocity"},
            { start = { 3.5, 6.5 } }):step(4000)
    end
    for _, mu in ipairs { 0, 0.3, 0.5 } do check.close(ends(mu).loss, 9.9613, 5e-5) end
    near(ends(0.9).phi, { 11.6012, 3.0005 }, 1e-3)
    check.close(ends(0.9).loss, 5.3814, 5e-5)
    check.close(ends(0.99).loss, 5.431253, 1e-2)
end)

check.test("X1, X2: the wrong Adams in circulation, written as rules of one's own", function()
    local slope = loss(function(a, b, c) return 3*a - 2*b + 5*c end)
    local constant = optim{ name = "no exponent", alpha = 1, beta = 0.9, gamma = 0.999,
        state = { "m", "v" }, update = function(phi, g, s, h)
            s.m = h.beta*s.m + (1 - h.beta)*g
            s.v = h.gamma*s.v + (1 - h.gamma)*g^2
            return phi - h.alpha*(s.m/(1 - h.beta))/descent.sqrt(s.v/(1 - h.gamma))
        end }
    local phi = descend(slope, constant, { start = { 0, 0, 0 } }):step(20000).trace.phi
    local function step(t) return phi(t, 1) - phi(t + 1, 1) end
    check.close(step(1), 1, 1e-9)
    check.close(step(12), 2.08, 5e-3)
    check.close(step(20000), 0.316, 5e-4)
    local extra = optim{ name = "extra g", alpha = 0.1, update = function(phi_, g, s, h)
        return phi_ - h.alpha*g/descent.sqrt(g^2)*g
    end }
    local one = descend(slope, extra, { start = { 0, 0, 0 } }):step().phi
    near(one, { -0.3, -0.2, -0.5 }, 1e-12) -- the second component goes uphill
end)
