-- SPDX-License-Identifier: GPL-3.0-or-later
local check = require "check"

local d = data.line12
local L = loss.least_squares(model.line, d)

check.test("C7: the closed form is (XᵀX)⁻¹Xᵀy; one Newton step lands on it", function()
    local phi, details = L:solve()
    check.close(phi:table(), { 0.825950, 0.522226 }, 5e-7)
    check.close(details.loss, 0.199866357, 5e-10)
    local X = array{ ones(12):table(), d.x:table() }:t()
    check.close(phi:table(), solve(matmul(X:t(), X), matmul(X:t(), d.y)):table(), 1e-12)
    for _, from in ipairs{ { 1.6, -0.5 }, { -30, 40 } } do
        local step = solve(L:hessian(from), L:gradient(from))
        check.close((array(from) - step):table(), phi:table(), 1e-11)
    end
    -- The standard errors from the covariance's definition.
    local C = inverse(matmul(X:t(), X))*(details.squares/10)
    check.close(details.standard_errors:table(), { math.sqrt(C(1, 1)), math.sqrt(C(2, 2)) }, 1e-14)
    check.close(details.covariance[1]:table(), C[1]:table(), 1e-15)
    check.equal(details.freedom, 10)
    check.equal(details.phi, phi)
    check.close(L(L:solve()), 0.199866357, 5e-10)
end)

check.test("C7, X9: what is singular has no single solution, and a ridge makes it one", function()
    local equal = data.new{ x = { 2, 2, 2 }, y = { 1, 2, 4 } }
    local S = loss.least_squares(model.line, equal)
    check.raises(function() S:solve() end, "not unique", "XᵀX is singular")
    local phi = (S + 1e-3*penalty.l2):solve()
    check.close(phi[1] + 2*phi[2], 7/3, 1e-3)
    check.raises(function() L:with(d:take{ 1 }):solve() end, "not unique")
end)

check.test("H2: polynomials fit better and better, and predict worse", function()
    local losses = { [1] = 0.1999, [2] = 0.0909, [3] = 0.0905, [9] = 0.0288, [11] = 0 }
    for degree, expected in pairs(losses) do
        local phi, details = loss.least_squares(model.polynomial(degree), d):solve()
        check.close(details.loss, expected, 5e-5)
        check.equal(#phi, degree + 1)
    end
    local left_out = { [1] = 0.3076, [2] = 0.1449, [3] = 0.2411, [9] = 2974 }
    for degree, expected in pairs(left_out) do
        local P, sum = loss.least_squares(model.polynomial(degree), d), 0
        for out = 1, 12 do
            local rest = {}
            for i = 1, 12 do if i ~= out then rest[#rest + 1] = i end end
            sum = sum + P:batch{ out }(P:batch(rest):solve())
        end
        check.close(sum/expected, 1, 5e-4)
    end
end)

check.test("any model of one's own that is linear in φ", function()
    local own = model(function(x, a, b, c) return a + b*sin(x) + c*exp(-x) + 3 end)
    local S = loss.least_squares(own, d)
    local phi = S:solve()
    check.close(S:gradient(phi):table(), { 0, 0, 0 }, 1e-10)
    local typed = loss.per_example(function(f, y) return (f - y)^2 end)(model.line, d)
    local found, details = typed:solve()
    check.close(found:table(), (L:solve()):table(), 1e-12)
    check.equal(details.standard_errors, nil)
    check.close(((L/3 + L/6):solve()):table(), found:table(), 1e-12)
    check.close((loss(function(a, b) return (a - 1)^2 + (b - a)^2 end):solve()):table(), { 1, 1 },
                1e-14)
end)

check.test("L:solve refuses what has no closed form, and says why", function()
    check.raises(function() loss.least_squares(model.gabor, data.gabor30):solve() end,
                 "second derivatives")
    check.raises(function() loss.absolute(model.line, d):solve() end, "through abs")
    check.raises(function() (L + penalty.l1):solve() end, "through abs")
    check.raises(function() (L + penalty.max_norm(1)):solve() end, "constraint")
    check.raises(function() (-L):solve() end, "no minimum")
end)

check.test("the details print as a table", function()
    local text = tostring((select(2, L:solve())))
    check.contains(text, "standard error")
    check.contains(text, "0.07749826")
    check.contains(text, "S/12")
    check.contains(tostring((select(2, (L + penalty.l2):solve()))), "loss 1.095453")
end)
