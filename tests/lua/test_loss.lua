-- SPDX-License-Identifier: GPL-3.0-or-later
local check = require "check"

local d = data.line12
local L = loss.least_squares(model.line, d)

check.test("C1: value, gradient, Hessian at (0.6, -0.2)", function()
    check.close(L(0.6, -0.2), 12.366904, 1e-12)
    check.close(L{ 0.6, -0.2 }, 12.366904, 1e-12)
    check.close(L(array{ 0.6, -0.2 }), 12.366904, 1e-12)
    check.close(L{ phi1 = -0.2, phi0 = 0.6 }, 12.366904, 1e-12)
    check.close(L:gradient{ 0.6, -0.2 }:table(), { -21.904, -26.84044 }, 1e-12)
    check.close(L:hessian{ 0, 0 }[1]:table(), { 24, 22.82 }, 1e-12)
    check.close(eigenvalues(L:hessian{ 0, 0 }):table(), { 3.99417, 50.03003 }, 5e-6) -- C4
end)

check.test("a model written in Lua equals the built-in one", function()
    local w = model(function(x, phi0, phi1)
        local u = phi0 + 0.06*phi1*x
        return sin(u)*exp(-u^2/32)
    end)
    local own, built = loss.least_squares(w, data.gabor30),
        loss.least_squares(model.gabor, data.gabor30)
    check.close(own(0.6, -0.2), 16.418825, 5e-7) -- D1
    for _, phi in ipairs{ { -1.5, 8.5 }, { 3.5, 6.5 }, { 0, 14 } } do
        check.close(own(phi), built(phi), 1e-12)
        check.close(own:gradient(phi):table(), built:gradient(phi):table(), 1e-12)
        check.close(own:hessian(phi)[2]:table(), built:hessian(phi)[2]:table(), 1e-11)
    end
    -- D2: the saddle and its eigenvalues
    check.close(eigenvalues(built:hessian{ -2.852506, 9.038015 }):table(), { -4.8184, 0.8081 },
                5e-5)
end)

check.test("P3: the Gabor gradient by its closed form", function()
    local G = loss.least_squares(model.gabor, data.gabor30)
    local phi0, phi1 = -1.5, 8.5
    local g0, g1 = 0, 0
    for i = 1, 30 do
        local x = data.gabor30.x[i]
        local u = phi0 + 0.06*phi1*x
        local f = math.sin(u)*math.exp(-u^2/32)
        local slope = (math.cos(u) - 2*u/32*math.sin(u))*math.exp(-u^2/32)
        g0 = g0 + 2*(f - data.gabor30.y[i])*slope
        g1 = g1 + 2*(f - data.gabor30.y[i])*slope*0.06*x
    end
    check.close(G:gradient{ phi0, phi1 }:table(), { g0, g1 }, 1e-12)
end)

check.test("derivatives read as one writes them", function()
    local lines = tostring(L:derivative("ascii"))
    check.equal(lines, "dL/dphi0 = 2*sum_i (phi0 + phi1*x_i - y_i)\n"
        .. "dL/dphi1 = 2*sum_i x_i*(phi0 + phi1*x_i - y_i)")
    local G = loss.least_squares(model.gabor, data.gabor30):formulas()
    check.equal(G.partials[1].text, "2·Σᵢ v")
    check.equal(G.partials[2].text, "0.12·Σᵢ xᵢ·v")
    local R = loss(function(phi0, phi1) return (1 - phi0)^2 + 100*(phi1 - phi0^2)^2 end)
    check.equal(R:formulas().partials[2].text, "200·(φ₁ − φ₀²)")
    local typed = loss.per_example(function(p, y) return -(y*log(p) + (1 - y)*log(1 - p)) end)
    local two = data.new{ x = { -2, -1, 1, 2 }, y = { 0, 0, 1, 1 } }
    local logistic = model(function(x, a, b) return 1/(1 + exp(-a - b*x)) end)
    check.equal(typed(logistic, two):formulas().partials[2].text,
                "Σᵢ xᵢ·(sigmoid(a + b·xᵢ) − yᵢ)")
end)

check.test("Rosenbrock: value, gradient and Hessian by hand", function()
    local R = loss(function(phi0, phi1) return (1 - phi0)^2 + 100*(phi1 - phi0^2)^2 end)
    check.close(R(-1.2, 1), 24.2, 1e-12)
    check.close(R:gradient{ -1.2, 1 }:table(), { -215.6, -88 }, 1e-11)
    check.close(R:hessian{ -1.2, 1 }[1]:table(), { 1330, 480 }, 1e-10)
    check.equal(R.data, nil)
    check.raises(function() R:each{ 1, 1 } end, "data")
    check.raises(function() R:batch{ 1 } end, "no data")
end)

check.test("losses with parameters in a table", function()
    local q = loss{ parameters = { p = 10 }, value = function(q)
        local sum = 0
        for i = 1, 9 do sum = sum + (1 - q.p[i])^2 + 100*(q.p[i + 1] - q.p[i]^2)^2 end
        return sum
    end }
    check.equal(q.size, 10)
    check.equal(q(ones(10)), 0.0)
    check.close(q:gradient(zeros(10)):table()[1], -2, 0)
end)

check.test("a vector inside a loss: its methods, max and min of it, ipairs over it", function()
    local function value(f)
        return loss{ parameters = { p = 3 }, value = function(q) return f(q.p) end }
    end
    local phi = { 3, -4, 12 }
    for _, case in ipairs{
        { function(p) return p:norm() end, 13, { 3/13, -4/13, 12/13 } },
        { function(p) return p:prod() end, -144, { -48, 36, -12 } },
        { function(p) return p:max() end, 12, { 0, 0, 1 } },
        { function(p) return p:min() end, -4, { 0, 1, 0 } },
        { function(p) return max(p) - min(p) end, 16, { 0, -1, 1 } },
        { function(p) local s = 0 for i, v in ipairs(p) do s = s + i*v end return s end, 31,
          { 1, 2, 3 } },
    } do
        check.close(value(case[1])(phi), case[2], 1e-12)
        check.close(value(case[1]):gradient(phi):table(), case[3], 1e-12)
    end
    check.raises(function() value(function(p) return p[4] end)(phi) end, "from 1 to 3, not 4")
end)

check.test("numeric gradients: exact on a quadratic, cheap and rough forward", function()
    check.close(L:numeric_gradient({ 0.6, -0.2 }):table(), { -21.904, -26.84044 }, 1e-6)
    local forward = L:numeric_gradient({ 0.6, -0.2 }, { h = 1e-3, method = "forward" })
    check.close(forward:table(), { -21.904 + 1e-3*12, -26.84044 + 1e-3*30.0242/2 }, 1e-8)
    check.raises(function() L:numeric_gradient({ 0.6, -0.2 }, { step = 1 }) end, "no option")
    check.raises(function() L:numeric_gradient({ 0.6, -0.2 }, { h = 0 }) end, "greater than 0")
    check.raises(function() L:stationary{ phi0 = { 0, 1 }, phi1 = { 0, 1 }, n = 0 } end,
                 "n must be at least 1")
end)

check.test("batches, other data, the surface", function()
    check.close(L:batch{ 1, 2, 3 }(0.6, -0.2), 0.357044, 1e-12)
    check.close(L:with(d:take{ 12 })(0.6, -0.2), (0.6 - 0.2*1.9 - 1.6)^2, 1e-12)
    check.raises(function() L:batch{ 13 } end, "13")
    local S = L:surface{ phi0 = { 0.6, 1 }, phi1 = { -0.2, 1 }, n = 3 }
    check.close(S(1, 1), 12.366904, 1e-12)
    check.close(S(3, 2), L(1, 0.4), 1e-12)
    check.raises(function() L:surface{ phi0 = { 1, 0 }, phi1 = { 0, 1 } } end, "range")
    check.raises(function() L:surface{ phi0 = { 0, 1 } } end, "two parameters")
    check.raises(function() L:surface{ phi0 = { 0, 1 }, phi3 = { 0, 1 } } end,
                 'no parameter "phi3"; did you mean phi')
    check.raises(function() L:surface{ phi0 = { 0, 1 }, phi1 = { 0, 1 }, m = 3 } end, "no option")
end)

check.test("losses refuse what does not fit", function()
    check.raises(function() L(1) end, "phi needs 2 numbers")
    check.raises(function() L() end, "phi is missing")
    check.raises(function() L:gradient() end, "phi is missing")
    check.raises(function() loss.least_squares(d, model.line) end, "model first")
    check.raises(function() loss.least_squares(function() end, d) end, "model(f)")
    check.raises(function() return loss.least_square end, "did you mean loss.least_squares")
    check.raises(function() loss.binary_cross_entropy(model.logistic, d) end, "0 or 1")
    check.raises(function() loss(function(a) if a > 0 then return a end return 0 end) end,
                 "the loss branches")
    check.raises(function() loss(function(a) return array{ 1, 2 }*a end) end, "one number")
    check.raises(function() return L.gradiant end, "gradient")
end)

check.test("options: in a call of their own, third, or all in braces", function()
    local forms = {
        loss.huber{ delta = 0.25 }(model.line, d), loss.huber(model.line, d, { delta = 0.25 }),
        loss.huber{ model.line, d, delta = 0.25 },
    }
    for _, H in ipairs(forms) do
        local sum = 0
        for i = 1, #d do
            local r = math.abs(0.9 + 0.2*d.x[i] - d.y[i])
            sum = sum + (r <= 0.25 and r^2/2 or 0.25*(r - 0.125))
        end
        check.close(H(0.9, 0.2), sum, 1e-14)
        check.equal(H.title, "loss.huber{delta = 0.25}")
    end
    check.equal(loss.least_squares{ model.line, d }(0.6, -0.2), L(0.6, -0.2))
    check.raises(function() loss.huber{ dleta = 1 } end, "did you mean delta")
    check.raises(function() loss.huber{ delta = 0 } end, "greater than 0")
    check.raises(function() loss.least_squares{ sigma = 1 } end, "takes none")
    check.raises(function() loss.huber{ model.line } end, "data must be a data set")
end)

check.test("A2: one outlier moves least squares, hardly the absolute loss", function()
    local y = d.y
    y[12] = y[12] + 5
    local spoilt = data.new{ x = d.x, y = y }
    local function move(kind)
        local function slope(set)
            local r = fit(kind(model.line, set), optim.adam{ alpha = schedule.step{
                alpha = 0.05, factor = 0.5, every = 400 } }, { start = { 1, 0.3 }, steps = 4000 })
            return r.phi[2]
        end
        return math.abs(slope(spoilt) - slope(d))
    end
    local square, huber, absolute = move(loss.least_squares),
        move(loss.huber{ delta = 0.1 }), move(loss.absolute)
    check.ok(square > 1, square)
    check.ok(huber < 0.2*square, huber)
    check.ok(absolute < 0.2*square, absolute)
end)

check.test("A3: likelihoods, their logarithm, and the spread", function()
    -- 0.5^1075 is 0 in doubles; its log is not.
    check.equal(0.5^1075, 0.0)
    check.close(1075*math.log(0.5), -745.1, 0.05)
    local phi, details = L:solve()
    check.close(details.sigma2_ml, 0.016655530, 5e-10)
    check.close(details.sigma_ml, 0.129056, 5e-7)
    check.close(details.log_likelihood, 7.542816, 5e-7)
    check.close(details.sigma2, 0.019987, 5e-7)
    local G = loss.gaussian{ sigma = "fit" }(model.line, d)
    check.equal(G.components, { "phi0", "phi1", "log_sigma" })
    local best = { phi[1], phi[2], math.log(details.sigma_ml) }
    check.close(G(best), -7.542816, 5e-7)
    check.close(G:gradient(best):table(), { 0, 0, 0 }, 1e-11)
    local r = fit(G, optim.adam{ alpha = 0.02 }, { start = { 0, 0, 0 }, steps = 5000 })
    check.close(r.phi:table(), best, 1e-4)
    check.equal(r({ 1 }):table()[1][2], r.phi[3]) -- the model of the fit puts out log σ
    -- With a constant sigma: least squares.
    local C = loss.gaussian{ sigma = 0.4 }(model.line, d)
    check.close(C:gradient{ 0.6, -0.2 }:table(), { -21.904/0.32, -26.84044/0.32 }, 1e-11)
    check.close(loss.gaussian(model.line, d)(0.6, -0.2), 12.366904/2 + 6*math.log(2*pi), 1e-11)
    check.raises(function() loss.gaussian{ sigma = 0 } end, "above 0")
    check.raises(function() loss.gaussian{ sigma = "fir" } end, '"fit", not "fir"')
    check.raises(function() loss.gaussian{ sigma = 1 }(model.gaussian(model.line), d) end,
                 "its own σ")
end)

check.test("X18: with a spread that varies, least squares is not the likeliest", function()
    local noisy = data.new{ x = { 0, 1, 2, 3, 4, 5, 6, 7 },
                            y = { 0.02, 0.98, 2.1, 2.8, 4.6, 3.9, 8.1, 4.4 } }
    local plain = loss.least_squares(model.line, noisy):solve()
    local H = loss.gaussian(model.gaussian(model.line, model.line), noisy)
    local r = fit(H, optim.adam{ alpha = 0.01 }, { start = { 0, 1, 0, 0 }, steps = 5000 })
    check.ok(math.abs(r.phi[2] - 1) < math.abs(plain[2] - 1))
    check.ok(r.phi[4] > 0) -- the spread grows with x
end)

check.test("A4: half the mean of the squares is a 24th of their sum", function()
    local half = 0.5*loss.mean_squares(model.line, d)
    check.close(24*half(0.6, -0.2), 12.366904, 1e-12)
    check.close(2/eigenvalues(L:hessian{ 0, 0 })[2], 0.03998, 5e-6)
    check.close(2/eigenvalues(half:hessian{ 0, 0 })[2], 0.9594, 5e-5)
    for _, objective in ipairs{ half, L } do
        local r = descend(objective, optim.adam{ alpha = 1e-4 }, { start = { 1.6, -0.5 } })
        check.ok(L(r:step(12419).phi) >= 0.2134)
        check.ok(L(r:step().phi) < 0.2134)
    end
end)

check.test("X5: the sum's gradient with the mean's step diverges", function()
    local mean = loss.mean_squares(model.line, d)
    check.close(2/eigenvalues(mean:hessian{ 0, 0 })[2], 0.4797, 5e-5)
    local phi = array{ 1.6, -0.5 }
    for _, expected in ipairs{ 2.34, 35.8, 573 } do
        phi = phi - 0.1*L:gradient(phi)
        check.close(mean(phi)/expected, 1, 2e-3)
    end
end)

check.test("B5: the Jacobian has a row an example, the Hessian is square", function()
    local J = L:jacobian{ 0.6, -0.2 }
    check.equal(J.shape, { 12, 2 })
    check.close(J:sum(1):table(), { -21.904, -26.84044 }, 1e-12)
    for i = 1, 12 do
        local r = 0.6 - 0.2*d.x[i] - d.y[i]
        check.close(J[i]:table(), { 2*r, 2*d.x[i]*r }, 1e-14)
    end
    local m = model.mlp{ 1, 3, 1, activation = "tanh" }
    local N = loss.least_squares(m, d)
    local phi = m:init{ seed = 2 }
    check.close(N:jacobian(phi):sum(1):table(), N:gradient(phi):table(), 1e-12)
    check.equal(N:hessian(phi).shape, { 10, 10 })
    check.raises(function() loss(function(a) return a^2 end):jacobian{ 1 } end, "no data")
end)

check.test("H5: logistic regression", function()
    seed(1)
    local x, y = {}, {}
    for i = 1, 20 do
        x[i] = random.normal() + (i > 10 and 1 or -1)
        y[i] = i > 10 and 1 or 0
    end
    local set = data.new{ x = x, y = y }
    local B = loss.binary_cross_entropy(model.logistic, set)
    check.close(B(0, 0), 13.862944, 5e-7)
    check.close(B:gradient{ 0, 0 }:table(), { 0, -9.637763 }, 5e-7)
    local r = fit(B, optim.gd{ alpha = 0.1 }, { start = { 0, 0 } })
    check.close(r.phi:table(), { 0.114571, 1.503862 }, 1e-6)
    check.close(r.loss, 8.391694, 5e-7)
    -- Convex; least squares on the sigmoid is not.
    check.ok(eigenvalues(B:hessian{ 4, -1 })[1] > 0)
    local S = loss.least_squares(model.logistic, set)
    check.close(eigenvalues(S:hessian{ 4, -1 })[1], -0.1807, 5e-5)
    -- Separable: no minimum.
    local apart = data.new{ x = { -2, -1, 1, 2 }, y = { 0, 0, 1, 1 } }
    local s = descend(loss.binary_cross_entropy(model.logistic, apart), optim.gd{ alpha = 1 },
                      { start = { 0, 0 } })
    for steps, slope in pairs{ [10] = 3.68, [100] = 5.41, [1000] = 7.61, [10000] = 9.91 } do
        check.close(s:to(steps).phi[2], slope, 5e-3)
    end
end)

check.test("H6, X7: many classes", function()
    local scores = { W = { 3.2, 5.1, -1.7 }, b = { 0, 0, 0 } }
    for y, expected in ipairs{ { 2.0404, 2.9 }, { 0.1404, 0 }, { 6.9404, 13.7 } } do
        local one = data.new{ x = { 1 }, y = { y } }
        check.close(loss.cross_entropy(model.linear(1, 3), one)(scores), expected[1], 5e-5)
        check.close(loss.cross_entropy(model.softmax(1, 3), one)(scores), expected[1], 5e-5)
        check.close(loss.hinge(model.linear(1, 3), one)(scores), expected[2], 1e-12)
        -- A softmax typed out is seen as one; probabilities are not taken for scores.
        local typed = model{ parameters = { s = 3 }, predict = function(x, p)
            return exp(p.s*x)/exp(p.s*x):sum()
        end }
        local T = loss.cross_entropy(typed, one)
        check.close(T{ 3.2, 5.1, -1.7 }, expected[1], 5e-5)
        check.close(T{ 900, 0, -900 }, ({ 0, 900, 1800 })[y], 1e-9)
        -- Without its −log the softmax loss would lie between 0 and 1; with s_y for s_j the hinge
        -- would say 2 for all.
        check.ok(math.exp(-expected[1]) < 1)
    end
    check.close(logsumexp{ 3.2, 5.1, -1.7 } - 5.1, 0.1404, 5e-5)
    local name = os.tmpname()
    local file = io.open(name, "w")
    file:write("x,y\n0,low\n1,mid\n2,top\n")
    file:close()
    local words = data.read(name)
    os.remove(name)
    check.close(loss.cross_entropy(model.softmax(1, 3), words)(zeros(6)), 3*math.log(3), 1e-12)
    check.raises(function() loss.cross_entropy(model.softmax(1, 2), words) end, "3 classes")
    check.raises(function() loss.cross_entropy(model.line, words) end, "one output for each class")
    check.raises(function() loss.binary_cross_entropy(model.logistic, words) end, "two classes")
    check.raises(function() loss.cross_entropy(model.softmax(1, 2), d) end, "a class from 1 to 2")
end)
