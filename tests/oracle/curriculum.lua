-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The numbers of the curriculum, rows A to H, which were computed independently (NumPy, SciPy) from
-- the definitions. Each line begins with the id of its row.

local row = require "row"
local descent = require "descent"

local array, data, descend, fit, loss, model, optim, penalty = descent.array, descent.data,
    descent.descend, descent.fit, descent.loss, descent.model, descent.optim, descent.penalty

local line, gabor30 = data.line12, data.gabor30
local L = loss.least_squares(model.line, line)
local G = loss.least_squares(model.gabor, gabor30)
local G8 = loss.least_squares(model.gabor{ envelope = 8 }, gabor30)
local START = { 1.6, -0.5 }
local least = L(L:solve())

local function descended(objective, optimizer, start, steps, options)
    local all = { start = start }
    for key, value in pairs(options or {}) do all[key] = value end
    return descend(objective, optimizer, all):step(steps)
end

-- How many updates until the loss is less than this.
local function updates_to(objective, optimizer, start, below)
    local r = descend(objective, optimizer, { start = start })
    while r.loss >= below do r:step() end
    return r.t
end

-- === A. What fitting is ========================================================================

local function condition(objective)
    local values = eigenvalues(objective:hessian{ 0, 0 })
    return values[2]/values[1], 2/(values[1] + values[2])
end
local mean = line.x:mean()
local centred = loss.least_squares(model.line,
    data.new{ x = line.x - mean, y = line.y })

row("A1", "condition number of line12", "12.53", function() return (condition(L)) end)
row("A1", "condition number, x centred", "2.88", function() return (condition(centred)) end)
row("A1", "updates of gd at its best rate", 49, function()
    local _, alpha = condition(L)
    return updates_to(L, optim.gd{ alpha = alpha }, START, least + 1e-6)
end)
row("A1", "updates of gd at its best rate, x centred", 11, function()
    local _, alpha = condition(centred)
    return updates_to(centred, optim.gd{ alpha = alpha }, START, least + 1e-6)
end)
row("A3", "0.5^1075 is 0 in doubles", 0.0, function() return 0.5^1075 end)
row("A3", "its logarithm", "-745.1", function() return 1075*math.log(0.5) end)
row("A3", "variance at the optimum of line12, S/n", "0.016655530", function()
    return select(2, L:solve()).sigma2_ml
end)
row("A3", "S/(n - 2)", "0.019987", function() return select(2, L:solve()).sigma2 end)
row("A3", "log likelihood", "7.542816", function()
    return select(2, L:solve()).log_likelihood
end)
row("A3", "sigma, fitted with phi", "0.129056", function()
    local N = loss.gaussian{ sigma = "fit" }(model.line, line)
    return math.exp(fit(N, optim.newton{ damping = "auto" }, { start = { 0.8, 0.5, -1 } }).phi[3])
end)
row("A3", "minus the log likelihood there", "-7.542816", function()
    local N = loss.gaussian{ sigma = "fit" }(model.line, line)
    return fit(N, optim.newton{ damping = "auto" }, { start = { 0.8, 0.5, -1 } }).loss
end)
local half_mean = 0.5*loss.mean_squares(model.line, line)
row("A4", "the sum is 24 times the half-mean", "24.000000000", function()
    return L(0.6, -0.2)/half_mean(0.6, -0.2)
end)
row("A4", "gd's bound for the half-mean", "0.9594", function()
    return 2/eigenvalues(half_mean:hessian{ 0, 0 })[2]
end)
row("A4", "Adam's path is the same on both", "0.00000", function()
    local adam = optim.adam{ alpha = 0.01 }
    return (descended(L, adam, START, 50).phi - descended(half_mean, adam, START, 50).phi):norm()
end)
row("A4", "updates of Adam at 1e-4 to L < 0.2134", 12420, function()
    return updates_to(L, optim.adam{ alpha = 1e-4 }, START, 0.2134)
end)

-- === B. Derivatives ============================================================================

-- The power of ten at which the error of a difference quotient of sin at 1 is least.
local function best_step(quotient)
    local best, error_there = 0, math.huge
    for power = -15, -1 do
        local error_here = math.abs(quotient(10.0^power) - math.cos(1))
        if error_here < error_there then best, error_there = power, error_here end
    end
    return best
end

row("B1", "best h of the forward difference", -8, function()
    return best_step(function(h) return (math.sin(1 + h) - math.sin(1))/h end)
end)
row("B1", "best h of the central difference, near 1e-5", true, function()
    local best = best_step(function(h) return (math.sin(1 + h) - math.sin(1 - h))/(2*h) end)
    return best == -5 or best == -6
end)
row("B1", "the derivative of ReLU and |x| at 0, by convention", { 0.0, 0.0 }, function()
    return descent.derivative(function(x) return relu(x) end)(0),
        descent.derivative(function(x) return abs(x) end)(0)
end)
local parabola = descent.derivative(function(x) return x^2 - 4*x + 5 end)
row("B2", "the slope", "2·x − 4", function() return tostring(parabola) end)
row("B2", "the slope at 0 and 2", { -4.0, 0.0 }, function() return parabola(0), parabola(2) end)
row("B5", "shapes of Jacobian and Hessian", { 12, 2, 2, 2 }, function()
    local J, H = L:jacobian(START), L:hessian(START)
    return J.rows, J.cols, H.rows, H.cols
end)

-- === C. Gradient descent on a straight line ====================================================

row("C1", "L(0.6, -0.2)", "12.366904", function() return L(0.6, -0.2) end)
row("C1", "its gradient", { "-21.904", "-26.84044" }, function() return L:gradient(0.6, -0.2) end)
row("C2", "the derivatives of example 7", { "-1.832", "-1.97856" }, function()
    return L:jacobian{ 0.6, -0.2 }:row(7)
end)
row("C2", "2(phi0 + phi1*x - y) and 2x(phi0 + phi1*x - y), summed", "0.0000000000", function()
    local r = 0.6 - 0.2*line.x - line.y
    return (array{ 2*r:sum(), 2*dot(line.x, r) } - L:gradient(0.6, -0.2)):norm()
end)
row("C3", "L at the start", "5.020125", function() return L(START) end)
row("C3", "L after 100 steps at 0.01", "0.200773847", function()
    return descended(L, optim.gd{ alpha = 0.01 }, START, 100).loss
end)
row("C3", "the optimum", { "0.825950", "0.522226" }, function() return (L:solve()) end)
row("C3", "L there", "0.199866357", function() return least end)
row("C4", "the Hessian", { { 24.0, "22.82" }, { "22.82", "30.0242" } }, function()
    return L:hessian(START):table()
end)
row("C4", "its eigenvalues", { "3.99417", "50.03003" }, function()
    return eigenvalues(L:hessian(START))
end)
row("C4", "the bound of alpha", "0.0399760", function()
    return 2/eigenvalues(L:hessian(START))[2]
end)
row("C4", "the best alpha", "0.03702", function() return select(2, condition(L)) end)
row("C4", "L after 100 at 0.001", "1.6147", function()
    return descended(L, optim.gd{ alpha = 0.001 }, START, 100).loss
end)
row("C4", "0.041 first falls: L at update 4, then passes its start at 11",
    { "3.444", true, true, "36511" }, function()
    local losses = descended(L, optim.gd{ alpha = 0.041 }, START, 100).trace.loss
    return losses[5], losses[11] < losses[1], losses[12] > losses[1], losses[101]
end)
local function two_dips(phi)
    return 1 - 0.5*math.exp(-(phi - 0.65)^2/0.1) - 0.45*math.exp(-(phi - 0.35)^2/0.02)
end
local search = { from = 0, to = 1, rounds = 10, threshold = 0, points = { 0.33, 0.66 } }
row("C5", "ten rounds of bracketing end at, with loss", { "0.383231", "0.328758" }, function()
    local place, value = descent.line_search(two_dips, search)
    return place, value
end)
row("C5", "the true minimum and its loss", { "0.3803215", "0.328604" }, function()
    local place, value = descent.line_search(two_dips,
        { from = 0.3, to = 0.45, rounds = 200, threshold = 1e-12, points = { 0.33, 0.66 } })
    return place, value
end)
row("C5", "on f(phi) = phi each round halves: d after ten", 1/1024, function()
    local longer = { from = 0, to = 1, rounds = 11, threshold = 0, points = { 0.33, 0.66 } }
    local _, _, rounds = descent.line_search(function(phi) return phi end, longer)
    return rounds[11].d
end)
local zigzag = descended(L,
    optim.line_search{ max = 0.1, threshold = 1e-5, rounds = 15 }, START, 10)
row("C6", "L after 1 and 10 steps", { "2.835363", "0.213405" }, function()
    return zigzag.trace.loss[2], zigzag.trace.loss[11]
end)
row("C6", "evaluations of the loss", 600, function() return zigzag.evaluations.losses end)
row("C6", "the angle between directions, least and greatest", { "89.99", "90.33" }, function()
    local least_angle, greatest = 180, 0
    local phi = zigzag.trace.phi
    for t = 1, 9 do
        local a, b = phi:row(t + 1) - phi:row(t), phi:row(t + 2) - phi:row(t + 1)
        local angle = math.deg(math.acos(dot(a, b)/(a:norm()*b:norm())))
        least_angle, greatest = math.min(least_angle, angle), math.max(greatest, angle)
    end
    return least_angle, greatest
end)
row("C6", "the steps alternate", { "0.0229", "0.0967" }, function()
    local alpha = zigzag.trace.alpha
    local a, b = alpha[8], alpha[9]
    return math.min(a, b), math.max(a, b)
end)
row("C6", "gd at 0.037 gets there in", 19, function()
    return updates_to(L, optim.gd{ alpha = 0.037 }, START, 0.213405)
end)
row("C7", "one Newton step from anywhere lands on the closed form", "0.0000000000", function()
    return (descended(L, optim.newton{}, { -7, 31 }, 1).phi - L:solve()):norm()
end)
row("C8", "trace 2I + 2*sum x^2 and determinant 4I*sum x^2 - 4(sum x)^2", { true, true }, function()
    local H, x = L:hessian(START), line.x
    return close(trace(H), 24 + 2*dot(x, x), 1e-12),
        close(determinant(H), 48*dot(x, x) - 4*x:sum()^2, 1e-10)
end)

-- === D. The Gabor model and stochastic gradient descent ========================================

local function ends_at(objective, alpha, start, steps)
    return descended(objective, optim.gd{ alpha = alpha }, start, steps)
end

row("D1", "L(0.6, -0.2)", "16.418825", function() return G(0.6, -0.2) end)
row("D1", "the best for 32", { "0.645696", "0.0038", "16.0263" }, function()
    local r = fit(G, optim.newton{}, { start = { 0, 16 } })
    return r.loss, r.phi[1], r.phi[2]
end)
row("D1", "the best for 8", { "1.262308", "0.1087", "14.4162" }, function()
    local r = fit(G8, optim.newton{}, { start = { 0.1, 14.4 } })
    return r.loss, r.phi[1], r.phi[2]
end)
row("D2", "from (-1.5, 8.5) at 0.05 after 200 and 1000", { "0.697701", "0.645696" }, function()
    return ends_at(G, 0.05, { -1.5, 8.5 }, 200).loss, ends_at(G, 0.05, { -1.5, 8.5 }, 1000).loss
end)
row("D2", "from (3.5, 6.5)", { "6.1713", "8.0881", "9.961269" }, function()
    local r = ends_at(G, 0.05, { 3.5, 6.5 }, 4000)
    return r.phi[1], r.phi[2], r.loss
end)
local SADDLE = fit(G, optim.newton{}, { start = { -2.85, 9.04 } }).phi
row("D2", "the saddle", { "-2.852506", "9.038015" }, function() return SADDLE end)
row("D2", "L there and the eigenvalues", { "14.292847", "-4.8184", "0.8081" }, function()
    local values = eigenvalues(G:hessian(SADDLE))
    return G(SADDLE), values[1], values[2]
end)
row("D2", "the plateau, sum of y^2", "5.431253", function() return dot(gabor30.y, gabor30.y) end)
local function indices_of(order, count, seed)
    local r, list = descend(G, optim.gd{ alpha = 0 },
        { start = { 0, 1 }, batch = 5, order = order, seed = seed }), {}
    for _ = 1, count do
        for _, index in ipairs(r:step().batch_indices) do list[#list + 1] = index - 1 end
    end
    return list
end
local SEED_42 = { 27, 15, 23, 17, 8, 9, 28, 24, 12, 0, 4, 16, 5, 13, 11, 22, 1, 2, 25, 3, 21, 26,
    18, 29, 20, 7, 10, 14, 19, 6 }
row("D3", "an epoch of batches for seed 42", SEED_42, function()
    return indices_of("epoch", 6, 42)
end)
row("D3", "\"fixed\" repeats it in every epoch", SEED_42, function()
    return table.move(indices_of("fixed", 12, 42), 31, 60, 1, {})
end)
row("D3", "\"draw\" begins with the same five", { 27, 15, 23, 17, 8 }, function()
    return indices_of("draw", 1, 42)
end)
local function batch_gradient(first)
    local batch = {}
    for i = first, first + 4 do batch[#batch + 1] = SEED_42[i] + 1 end
    return G:batch(batch):gradient{ -1.5, 8.5 }
end
row("D4", "the full gradient at (-1.5, 8.5)", { "-2.162316", "0.334054" }, function()
    return G:gradient{ -1.5, 8.5 }
end)
row("D4", "the six batches sum to it", "0.0000000000", function()
    local sum = array{ 0, 0 }
    for first = 1, 26, 5 do sum = sum + batch_gradient(first) end
    return (sum - G:gradient{ -1.5, 8.5 }):norm()
end)
row("D4", "single ones are (-2.758, -0.236) and (2.188, 0.297)", { true, true }, function()
    local function found(a, b)
        for first = 1, 26, 5 do
            if close(batch_gradient(first), { a, b }, 6e-4) then return true end
        end
        return false
    end
    return found(-2.758, -0.236), found(2.188, 0.297)
end)
row("D4", "sd of the scaled derivative by phi0, for B = 1, 5, 10, 15, 30",
    { "17.9", "7.6", "4.8", "3.4", "0.0" }, function()
    -- Sampling without replacement: the exact variance of a mean of B of the 30.
    local g = G:jacobian{ -1.5, 8.5 }:col(1)
    local spread = g - g:mean()
    local s2 = dot(spread, spread)/29
    local list = {}
    for i, B in ipairs{ 1, 5, 10, 15, 30 } do
        list[i] = 30*math.sqrt(s2/B*(1 - B/30))
    end
    return list
end)
row("D4", "the full batch from (-0.2, 5.0) stays", { "-0.1665", "4.8809", "10.182265" }, function()
    local r = ends_at(G, 0.05, { -0.2, 5.0 }, 1100)
    return r.phi[1], r.phi[2], r.loss
end)
row("D4", "of seeds 0..99 batches of 5 at 0.3, then all at 0.05, reach 0.645696", 89, function()
    local count = 0
    for seed = 0, 99 do
        local noisy = descended(G, optim.gd{ alpha = 0.3 }, { -0.2, 5.0 }, 600,
            { batch = 5, seed = seed })
        local r = ends_at(G, 0.05, noisy.phi, 500)
        if math.abs(r.loss - 0.645696) < 1e-4 then count = count + 1 end
    end
    return count
end)
row("D4", "with 0.15 none", 0, function()
    local count = 0
    for seed = 0, 99 do
        local noisy = descended(G, optim.gd{ alpha = 0.15 }, { -0.2, 5.0 }, 600,
            { batch = 5, seed = seed })
        if math.abs(ends_at(G, 0.05, noisy.phi, 500).loss - 0.645696) < 1e-4 then
            count = count + 1
        end
    end
    return count
end)
row("D5", "2/lambda_max at the local minimum", "0.14452", function()
    local r = fit(G, optim.newton{}, { start = { -0.1665, 4.8809 } })
    return 2/eigenvalues(G:hessian(r.phi))[2]
end)
row("D5", "0.22 leaves, and 0.05 afterwards gives", "0.645696", function()
    local r = ends_at(G, 0.22, { -0.2, 5.0 }, 400)
    return ends_at(G, 0.05, r.phi, 1500).loss
end)
row("D5", "0.05 settles, 0.15 bounces inside", { "10.182265", true }, function()
    local inside = ends_at(G, 0.15, { -0.2, 5.0 }, 400)
    return ends_at(G, 0.05, { -0.2, 5.0 }, 1100).loss,
        inside.loss > 10.1823 and math.abs(inside.phi[2] - 4.88) < 1
end)
row("D6", "1,000 iterations, 100 examples, batch 20: epochs", 200, function()
    local hundred = loss.least_squares(model.line, data.line{ n = 100, seed = 1 })
    return descended(hundred, optim.gd{ alpha = 0 }, { 0, 0 }, 1000, { batch = 20 }).epoch_number
end)

-- === E. Momentum ===============================================================================

row("E1", "the weights of the gradients at 0.6", { "0.4", "0.24", "0.144" }, function()
    return 0.4, 0.4*0.6, 0.4*0.6^2
end)
row("E1", "they sum to 1 - beta^t (m for a constant gradient 1)", 1 - 0.6^5, function()
    local one = loss(function(phi0) return phi0 end)
    return descended(one, optim.momentum{ alpha = 0, beta = 0.6 }, { 0 }, 5).trace.m(6, 1)
end)
local FIXED = { batch = 5, order = "fixed", seed = 42 }
local function e4(objective, optimizer)
    return descended(objective, optimizer, { -1.5, 8.5 }, 80, FIXED).loss
end
row("E3", "the libraries' momentum with lr = alpha(1 - beta) = 0.24", "0.8987", function()
    return e4(G, optim.momentum{ alpha = 0.24, beta = 0.6, form = "sum" })
end)
row("E3", "the velocity form with epsilon = 0.24", "0.8987", function()
    return e4(G, optim.momentum{ alpha = 0.24, beta = 0.6, form = "velocity" })
end)
row("E4", "plain, momentum, Nesterov, \"decayed\"", { "1.3092", "0.8987", "0.8049", "0.8882" },
    function()
    return e4(G, optim.gd{ alpha = 0.6 }), e4(G, optim.momentum{ alpha = 0.6, beta = 0.6 }),
        e4(G, optim.nesterov{ alpha = 0.6, beta = 0.6 }),
        e4(G, optim.nesterov{ alpha = 0.6, beta = 0.6, lookahead = "decayed" })
end)
row("E4", "the same for c = 8", { "1.4908", "1.5057", "1.4396" }, function()
    return e4(G8, optim.gd{ alpha = 0.6 }), e4(G8, optim.momentum{ alpha = 0.6, beta = 0.6 }),
        e4(G8, optim.nesterov{ alpha = 0.6, beta = 0.6 })
end)
row("E4", "over seeds 0..199 best: momentum, Nesterov, plain", { 119, 67, 14 }, function()
    local wins = { 0, 0, 0 }
    local rules = { optim.momentum{ alpha = 0.6, beta = 0.6 },
        optim.nesterov{ alpha = 0.6, beta = 0.6 }, optim.gd{ alpha = 0.6 } }
    for seed = 0, 199 do
        local best, best_loss = 0, math.huge
        for i, rule in ipairs(rules) do
            local r = descended(G, rule, { -1.5, 8.5 }, 80,
                { batch = 5, order = "fixed", seed = seed })
            if r.loss < best_loss then best, best_loss = i, r.loss end
        end
        wins[best] = wins[best] + 1
    end
    return wins
end)
row("E5", "the largest step when gradients agree, in units of epsilon*|g|, for 0.5, 0.9, 0.99",
    { "2.0", "10.0", "100.0" }, function()
    local slope, list = loss(function(phi0) return phi0 end), {}
    for i, beta in ipairs{ 0.5, 0.9, 0.99 } do
        local r = descended(slope, optim.momentum{ alpha = 1, beta = beta, form = "velocity" },
            { 0 }, 3000)
        list[i] = r.trace.phi(3000, 1) - r.trace.phi(3001, 1)
    end
    return list
end)
local function ball(beta, start)
    return descended(G, optim.momentum{ alpha = 0.02, beta = beta, form = "velocity" }, start, 4000)
end
row("E5", "from (3.5, 6.5): 0.5 stays, 0.9 gets to", { "9.9613", "11.6012", "3.0005", "5.3814" },
    function()
    local near, far = ball(0.5, { 3.5, 6.5 }), ball(0.9, { 3.5, 6.5 })
    return near.loss, far.phi[1], far.phi[2], far.loss
end)
row("E5", "0.99 ends on the plateau", "5.43", function() return ball(0.99, { 3.5, 6.5 }).loss end)
row("E5", "from (-0.2, 5) none escapes", { "10.1823", "10.1823", "10.1823" }, function()
    return ball(0.5, { -0.2, 5 }).loss, ball(0.9, { -0.2, 5 }).loss, ball(0.99, { -0.2, 5 }).loss
end)

-- === F. Adaptive methods =======================================================================

local F = loss(function(phi0, phi1) return 1 - exp(-2*phi1^2)*exp(-(phi0 - 0.7)^2/8) end)
local F_START = { -0.7, -0.9 }
local function f_ends(optimizer, steps) return descended(F, optimizer, F_START, steps).phi end

row("F1", "0.08 crawls in phi0: after 200", "0.6684", function()
    return f_ends(optim.gd{ alpha = 0.08 }, 200)[1]
end)
row("F1", "1.0 bounces in phi1: after 40", { "0.696131", "0.194839" }, function()
    return f_ends(optim.gd{ alpha = 1.0 }, 40)
end)
row("F2", "only the sign is left", { "1.0000000", "-1.0000000", "1.0000000" }, function()
    local plane = loss(function(a, b, c) return 3*a - 2*b + 5*c end)
    return -descended(plane, optim.normalized{ alpha = 1 }, { 0, 0, 0 }, 1).phi
end)
row("F2", "ends bouncing between (0.74, 0.06) and (0.66, -0.02)", { true, true }, function()
    local phi = descended(F, optim.normalized{ alpha = 0.08 }, F_START, 200).trace.phi
    local a, b = phi:row(200), phi:row(201)
    if a[1] < b[1] then a, b = b, a end
    return close(a, { 0.74, 0.06 }, 1e-6), close(b, { 0.66, -0.02 }, 1e-6)
end)
row("F3", "AdaGrad's step for a constant gradient at t = 1, 10, 100, 1000",
    { "1.000", "0.316", "0.100", "0.032" }, function()
    local slope = loss(function(phi0) return phi0 end)
    local phi = descended(slope, optim.adagrad{ alpha = 1 }, { 0 }, 1000).trace.phi
    local list = {}
    for i, t in ipairs{ 1, 10, 100, 1000 } do list[i] = phi(t, 1) - phi(t + 1, 1) end
    return list
end)
row("F3", "AdaGrad at 0.1 after 60", { "0.580968", "-0.001865" }, function()
    return f_ends(optim.adagrad{ alpha = 0.1 }, 60)
end)
row("F3", "RMSProp at 0.01, decay 0.9", { "0.055685", "-0.189698" }, function()
    return f_ends(optim.rmsprop{ alpha = 0.01, gamma = 0.9 }, 60)
end)
row("F3", "Adadelta, decay 0.95, epsilon 1e-6", { "-0.260159", "-0.494427" }, function()
    return f_ends(optim.adadelta{ alpha = 1, gamma = 0.95, epsilon = 1e-6 }, 60)
end)
row("F4", "Adam at 0.05, 0.9, 0.99, epsilon 1e-20", { "0.667073", "0.029500" }, function()
    return f_ends(optim.adam{ alpha = 0.05, beta = 0.9, gamma = 0.99, epsilon = 1e-20 }, 60)
end)
local function first_steps(settings, steps)
    local slope = loss(function(phi0) return phi0 end)
    settings.alpha, settings.epsilon = 1, 0
    local phi = descended(slope, optim.adam(settings), { 0 }, steps).trace.phi
    local list = {}
    for t = 1, steps do list[t] = phi(t, 1) - phi(t + 1, 1) end
    return list
end
row("F5", "the first step without correction, gamma 0.999", { "3.16" }, function()
    return first_steps({ bias_correction = false }, 1)
end)
row("F5", "exactly alpha with 0.9 and 0.99, then 1.35 ... 2.1", { "1.0000", "1.35", "2.1" },
    function()
    local steps = first_steps({ bias_correction = false, gamma = 0.99 }, 12)
    local largest = 0
    for _, step in ipairs(steps) do largest = math.max(largest, step) end
    return steps[1], steps[2], largest
end)
row("F5", "only m uncorrected", { "0.1" }, function()
    return first_steps({ bias_correction = "v" }, 1)
end)
row("F7", "alphas at which gd, then Adam, get below 1e-3 in 200",
    { -1.0, -0.5, -2.0, -1.5, -1.0, -0.5, 0.0 }, function()
    local list = {}
    for _, rule in ipairs{ optim.gd, optim.adam } do
        for k = -6, 2 do
            local r = descended(F, rule{ alpha = 10.0^(k/2) }, F_START, 200)
            if r.loss < 1e-3 then list[#list + 1] = k/2 end
        end
    end
    return list
end)

-- === G. Second order ===========================================================================

row("G1", "undamped Newton from (0, 14)", "0.645696", function()
    return fit(G, optim.newton{}, { start = { 0, 14 } }).loss
end)
row("G1", "from (-2.7, 9) to the saddle", { "-2.852506", "9.038015" }, function()
    return fit(G, optim.newton{}, { start = { -2.7, 9 } }).phi
end)
row("G1", "from (3.5, 6.5) to the maximum", { "1.636710", "4.356499", "22.022638" }, function()
    local r = fit(G, optim.newton{}, { start = { 3.5, 6.5 } })
    return r.phi[1], r.phi[2], r.loss
end)
row("G2", "L-BFGS on batches is refused with its reason", true, function()
    local fine, reason = pcall(descend, G, optim.lbfgs{}, { start = { 0, 1 }, batch = 5 })
    return not fine and reason:find("belong to different functions", 1, true) ~= nil
end)

-- === H. Models beyond the line =================================================================

row("H2", "least squares of degree 1, 2, 3, 9, 11",
    { "0.1999", "0.0909", "0.0905", "0.0288", "0.0000" }, function()
    local list = {}
    for i, degree in ipairs{ 1, 2, 3, 9, 11 } do
        local P = loss.least_squares(model.polynomial(degree), line)
        list[i] = P(P:solve())
    end
    return list
end)
row("H2", "leave-one-out of degree 1, 2, 3, 9", { "0.3076", "0.1449", "0.2411", "2974" }, function()
    local list = {}
    for i, degree in ipairs{ 1, 2, 3, 9 } do
        local sum = 0
        for k = 1, 12 do
            local others = {}
            for j = 1, 12 do if j ~= k then others[#others + 1] = j end end
            local P = loss.least_squares(model.polynomial(degree), line:take(others))
            sum = sum + P:with(line:take{ k })(P:solve())
        end
        list[i] = sum
    end
    return list
end)
row("H3", "test errors of 1-NN, 5-NN, 15-NN", { "0.2375", "0.18", "0.153" }, function()
    descent.seed(0)
    local normal = descent.random.normal
    local function draw(count)
        local x, y = {}, {}
        for class, centre in ipairs{ -1, 1 } do
            local noise = normal(count)
            for i = 1, count do x[#x + 1], y[#y + 1] = centre + noise[i], class end
        end
        return data.new{ x = x, y = y, classes = { "left", "right" } }
    end
    local train, test = draw(50), draw(1000)
    local list = {}
    for i, k in ipairs{ 1, 5, 15 } do
        list[i] = 1 - descent.accuracy(model.nearest(k, train), test)
    end
    return list
end)
row("H4", "ridge, lambda = 1", { "0.732752", "0.556023" }, function()
    return ((L + 1*penalty.l2):solve())
end)
-- The curriculum prints 0.421081; NumPy has 0.42108007.
row("H4", "ridge with phi0 free", { "0.922123", "0.421080" }, function()
    return ((L + 1*penalty.l2{ except = { "phi0" } }):solve())
end)
local normals = data.two_normals{ n = 20, seed = 1 }
local B = loss.binary_cross_entropy(model.logistic, normals)
row("H5", "L(0, 0) = 20 log 2", "13.862944", function() return B(0, 0) end)
row("H5", "its gradient", { "0.000000", "-9.637763" }, function() return B:gradient(0, 0) end)
row("H5", "the optimum and L there", { "0.114571", "1.503862", "8.391694" }, function()
    local r = fit(B, optim.newton{}, { start = { 0, 0 } })
    return r.phi[1], r.phi[2], r.loss
end)
row("H5", "least squares on the sigmoid is not convex: an eigenvalue at (4, -1)", "-0.1807",
    function()
    local S = loss.least_squares(model.logistic, normals)
    return eigenvalues(S:hessian{ 4, -1 })[1]
end)
row("H5", "separable: phi1 after 10, 10^2, 10^3, 10^4 at alpha 1",
    { "3.68", "5.41", "7.61", "9.91" }, function()
    local apart = loss.binary_cross_entropy(model.logistic,
        data.new{ x = { -2, -1, 1, 2 }, y = { 0, 0, 1, 1 } })
    local r, list = descend(apart, optim.gd{ alpha = 1 }, { start = { 0, 0 } }), {}
    for i, t in ipairs{ 10, 100, 1000, 10000 } do list[i] = r:to(t).phi[2] end
    return list
end)
local function class_losses(kind)
    local list = {}
    for y = 1, 3 do
        -- Scores that are parameters: W = 0, b the scores.
        local one = kind(model.linear(1, 3), data.new{ x = { 0 }, y = { y } })
        list[y] = one{ 0, 0, 0, 3.2, 5.1, -1.7 }
    end
    return list
end
row("H6", "softmax at scores (3.2, 5.1, -1.7)", { "2.0404", "0.1404", "6.9404" }, function()
    return class_losses(loss.cross_entropy)
end)
row("H6", "hinge", { "2.9", "0.0", "13.7" }, function() return class_losses(loss.hinge) end)
row("H6", "max <= log sum exp <= max + log K", true, function()
    local value = logsumexp{ 3.2, 5.1, -1.7 }
    return value >= 5.1 and value <= 5.1 + math.log(3)
end)
row("H7", "the shallow network has ten parameters", 10, function() return model.shallow.size end)
