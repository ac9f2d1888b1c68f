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

check.test("numeric gradients: exact on a quadratic, cheap and rough forward", function()
    check.close(L:numeric_gradient({ 0.6, -0.2 }):table(), { -21.904, -26.84044 }, 1e-6)
    local forward = L:numeric_gradient({ 0.6, -0.2 }, { h = 1e-3, method = "forward" })
    check.close(forward:table(), { -21.904 + 1e-3*12, -26.84044 + 1e-3*30.0242/2 }, 1e-8)
    check.raises(function() L:numeric_gradient({ 0.6, -0.2 }, { step = 1 }) end, "no option")
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
end)

check.test("losses refuse what does not fit", function()
    check.raises(function() L(1) end, "phi needs 2 numbers")
    check.raises(function() loss.least_squares(d, model.line) end, "model first")
    check.raises(function() loss.least_squares(function() end, d) end, "model(f)")
    check.raises(function() return loss.least_square end, "did you mean loss.least_squares")
    check.raises(function() loss.binary_cross_entropy(model.logistic, d) end, "0 or 1")
    check.raises(function() loss(function(a) if a > 0 then return a end return 0 end) end,
                 "the loss branches")
    check.raises(function() loss(function(a) return array{ 1, 2 }*a end) end, "one number")
    check.raises(function() return L.gradiant end, "gradient")
end)
