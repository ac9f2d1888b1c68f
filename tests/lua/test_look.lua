-- SPDX-License-Identifier: GPL-3.0-or-later
local check = require "check"

local line = loss.least_squares(model.line, data.line12)
local gabor = loss.least_squares(model.gabor, data.gabor30)

-- --- the quadratic model ------------------------------------------------------------------------

check.test("G1: on least squares the quadratic model is the loss", function()
    local q = line:taylor{ 0.6, -0.2 }
    check.equal(q.kind, "minimum")
    check.close(q.minimum:table(), { 0.825950, 0.522226 }, 1e-6) -- C3
    check.close(q(q.minimum), 0.199866357, 1e-9)
    check.close(q.eigenvalues:table(), { 3.99417, 50.03003 }, 5e-6) -- C4
    for _, phi in ipairs{ { 0, 0 }, { 1.6, -0.5 }, { -3, 7 } } do
        check.close(q(phi), line(phi), 1e-10)
        check.close(q:gradient(phi):table(), line:gradient(phi):table(), 1e-9)
        check.close(q:hessian(phi)[2]:table(), line:hessian(phi)[2]:table(), 1e-10)
    end
    check.equal(require("descent.core").type(q.loss), "loss")
    check.equal(q.components, { "phi0", "phi1" })
    check.close(q:surface{ phi0 = { 0, 1 }, phi1 = { 0, 1 }, n = 2 }(2, 2), line(1, 1), 1e-10)
    check.close(q(0.6, -0.2), 12.366904, 1e-12)
    check.close(q{ phi1 = -0.2, phi0 = 0.6 }, 12.366904, 1e-12)
end)

check.test("G1: where Newton's steps go on Gabor", function()
    local phi = array{ -2.7, 9 }
    for _ = 1, 20 do phi = gabor:taylor(phi).point end
    check.close(phi:table(), { -2.852506, 9.038015 }, 1e-6)
    local saddle = gabor:taylor(phi)
    check.equal(saddle.kind, "saddle")
    check.equal(saddle.minimum, nil)
    phi = array{ 3.5, 6.5 }
    for _ = 1, 20 do phi = gabor:taylor(phi).point end
    check.close(phi:table(), { 1.636710, 4.356499 }, 1e-6)
    check.equal(gabor:taylor(phi).kind, "maximum")
    check.contains(tostring(saddle), "a saddle at (-2.852506, 9.038015), q = 14.29285")
end)

check.test("the quadratic model of many parameters, and of none", function()
    local n = 100
    local Q = loss{ parameters = { p = n }, value = function(q)
        local sum = 0
        for i = 1, n do sum = sum + i*(q.p[i] - 1)^2 end
        return sum
    end }
    local q = Q:taylor(zeros(n))
    check.close(q.minimum:table(), ones(n):table(), 1e-12)
    check.equal(q.loss, nil)
    check.close(q(0.5*ones(n)), 0.25*n*(n + 1)/2, 1e-9)
    local flat = loss(function(a, b) return (a + b)^2 end):taylor{ 1, 2 }
    check.equal(flat.kind, "flat")
    check.equal(flat.point, nil)
    check.contains(tostring(flat), "flat in some direction")
    local net = loss.least_squares(model.mlp{ 1, 2, 1, activation = "tanh" }, data.line12)
    local phi = {}
    for i = 1, net.size do phi[i] = math.sin(i) end
    local t = net:taylor(phi)
    check.close(t.loss:gradient(phi):table(), net:gradient(phi):table(), 1e-10)
    check.close(t(phi), net(phi), 1e-12)
end)

-- --- stationary points --------------------------------------------------------------------------

check.test("D2: all 40 stationary points of Gabor within [-10, 10] × [2.5, 22.5]", function()
    local list = gabor:stationary{ phi0 = { -10, 10 }, phi1 = { 2.5, 22.5 } }
    local counts = { minimum = 0, saddle = 0, maximum = 0, flat = 0 }
    for _, point in ipairs(list) do
        counts[point.kind] = counts[point.kind] + 1
        check.ok(gabor:gradient(point.phi):norm() < 1e-9)
        check.close(gabor(point.phi), point.loss, 1e-13)
    end
    -- Counted with NumPy by Newton's method from 30,000 random starts.
    check.equal(counts, { minimum = 8, saddle = 20, maximum = 12, flat = 0 })
    local function has(kind, phi0, phi1, value, eigenvalues)
        for _, point in ipairs(list) do
            if point.kind == kind and math.abs(point.phi[1] - phi0) < 1e-3
                and math.abs(point.phi[2] - phi1) < 1e-3 then
                check.close(point.phi:table(), { phi0, phi1 }, 5e-5)
                check.close(point.loss, value, 1e-6)
                if eigenvalues then check.close(point.eigenvalues:table(), eigenvalues, 5e-5) end
                return
            end
        end
        check.fail("no %s at %g %g", kind, phi0, phi1)
    end
    has("saddle", -2.852506, 9.038015, 14.292847, { -4.8184, 0.8081 })
    has("minimum", 0.0038, 16.0263, 0.645696)
    has("minimum", 6.1713, 8.0881, 9.961269)
    has("minimum", -0.1665, 4.8809, 10.182265) -- D4
    has("maximum", 1.636710, 4.356499, 22.022638) -- G1
    check.equal(list[1].kind, "minimum")
    check.close(list[1].loss, 0.645696, 1e-6)
    check.contains(tostring(list), "saddle    14.29285    -2.852506  9.038015")
end)

check.test("P6 and C8: one parameter, convex losses, none at all", function()
    local a = loss(function(q) return q^4/4 - q^2/2 + 0.1*q end):stationary{ q = { -2, 2 } }
    check.equal({ a[1].kind, a[2].kind, a[3].kind, #a }, { "minimum", "minimum", "maximum", 3 })
    check.close({ a[1].phi[1], a[2].phi[1], a[3].phi[1] }, { -1.0467, 0.9456, 0.1010 }, 5e-5)
    check.close({ a[1].loss, a[2].loss }, { -0.3524, -0.1526 }, 5e-5)
    local b = loss(function(q) return (q - 1)^2 end):stationary{ q = { -5, 5 } }
    check.equal({ #b, b[1].kind }, { 1, "minimum" })
    check.close(b[1].phi[1], 1, 1e-14)
    local c = line:stationary{ phi0 = { -2, 2 }, phi1 = { -2, 2 } }
    check.equal(#c, 1)
    check.close(c[1].loss, 0.199866357, 1e-9)
    local none = loss(function(q) return exp(q) end):stationary{ q = { -3, 3 } }
    check.equal(#none, 0)
    check.contains(tostring(none), "no stationary point found")
    local cubic = loss(function(q) return q^3 end):stationary{ q = { -1, 1 } }
    for _, point in ipairs(cubic) do
        check.equal(point.kind, "flat")
        check.ok(math.abs(point.phi[1]) < 1e-4)
    end
end)

check.test("parameters without a range start at phi; many parameters", function()
    local S = loss(function(a, b, c) return (a^2 - 1)^2 + (b - a)^2 + c^2 end)
    local list = S:stationary{ a = { -2, 2 }, phi = { 0, 0.5, 0.5 } }
    check.equal(#list, 3)
    check.close(list[3].phi:table(), { 0, 0, 0 }, 1e-9)
    check.equal(list[3].kind, "saddle")
    local five = loss(function(a, b, c, d, e) return a^2 + b^2 + c^2 + d^2 + (e^2 - 1)^2 end)
    local range = { -2, 2 }
    check.equal(#five:stationary{ a = range, b = range, c = range, d = range, e = range }, 3)
end)

check.test("ranges that do not fit are refused in words", function()
    check.raises(function() gabor:stationary{ phi0 = { -1, 1 } } end, "phi1 has neither a range")
    check.raises(function() gabor:stationary{ phi = { 0, 0 } } end, "at least one range")
    check.raises(function() gabor:stationary{ phi0 = { 1, -1 }, phi1 = { 0, 1 } } end,
        "from below to")
    check.raises(function() gabor:stationary{ phi0 = 3, phi1 = { 0, 1 } } end, "range {from, to}")
    check.raises(function() gabor:stationary{ phi0 = { 0, 1 }, phi2 = { 0, 1 } } end, "phi")
    check.raises(function() gabor:stationary() end, "table of ranges")
    check.raises(function() gabor:stationary{ phi0 = { 0, 1 }, phi = { 1 } } end, "2 numbers")
    check.raises(function() line:taylor{ 1 } end, "2 numbers")
end)

-- --- formulas of losses -------------------------------------------------------------------------

check.test("parameters used whole and in parts have one line each", function()
    local Q = loss{ parameters = { p = 3, c = 1 }, value = function(q)
        return dot(q.p, q.p) + q.p[1]*q.c
    end }
    check.equal(tostring(Q:derivative()), "∂L/∂c = p[1]\n∂L/∂p[1] = 2·p[1] + c\n"
        .. "∂L/∂p[2] = 2·p[2]\n∂L/∂p[3] = 2·p[3]")
    local text = Q:formulas("lua").gradient
    local c, p = load("return " .. text)()(5, array{ 1, 2, 3 })
    check.equal(c, 1.0)
    check.equal(p:table(), { 7.0, 4.0, 6.0 })
    local unused = loss(function(a, b) return a^2 end):derivative("ascii")
    check.equal(tostring(unused), "dL/da = 2*a\ndL/db = 0")
end)

check.test("L:derivative by name and in four notations", function()
    local found = gabor:derivative("ascii")
    check.equal(found.phi0, "2*sum_i v")
    check.equal(found.phi1, "0.12*sum_i x_i*v")
    check.equal(found.definitions[1].text, "phi0 + 0.06*phi1*x_i")
    check.contains(gabor:derivative("latex"),
        "\\frac{\\partial L}{\\partial \\phi_{0}} = 2 \\sum_i v")
    check.contains(gabor:derivative("lua"), "local u = phi0 + 0.06*phi1*x[i]")
    check.raises(function() gabor:derivative("tex") end, "latex")
end)

check.test("long formulas are broken at their terms", function()
    local formula = require "descent.formula"
    local lines = formula.wrap("L = " .. ("a·x² + "):rep(30) .. "b", 60)
    check.ok(#lines > 3)
    for i, text in ipairs(lines) do
        check.ok(utf8.len(text) <= 60, text)
        if i > 1 then check.equal(text:sub(1, 6), "    + ") end
    end
    check.equal(formula.wrap("f = (a + b)", 60), { "f = (a + b)" })
    check.equal(formula.wrap("f = " .. ("x"):rep(80), 60), { "f = " .. ("x"):rep(80) })
    local inside = formula.wrap("f = g·(aaaaaaaaaa + bbbbbbbbbb) + (cccccccccc + dddddddddd)", 50)
    check.equal(inside, { "f = g·(aaaaaaaaaa + bbbbbbbbbb)", "    + (cccccccccc + dddddddddd)" })
end)

check.test("L:jacobian holds against the graph of each example", function()
    local M = loss.cross_entropy(model.softmax(2, 3),
        data.new{ x = { { 0.2, 1 }, { -1, 0.3 }, { 0.6, -0.4 } }, y = { 1, 3, 2 } })
    local phi = {}
    for i = 1, M.size do phi[i] = math.sin(i) end
    local J = M:jacobian(phi)
    for i = 1, 3 do
        local g = M:graph(phi, { example = i })
        local offset = 0
        for _, name in ipairs{ "W", "b" } do
            local part = g.nodes[name].gradient
            local flat = #part.shape > 1 and part:reshape(6) or part
            for k = 1, #flat do check.close(J(i, offset + k), flat[k], 1e-13) end
            offset = offset + #flat
        end
    end
end)
