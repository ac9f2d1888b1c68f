-- SPDX-License-Identifier: GPL-3.0-or-later
local check = require "check"

-- --- single facts -------------------------------------------------------------------------------

check.test("B2: x² − 4x + 5 has slope 2x − 4", function()
    local f = function(x) return x^2 - 4*x + 5 end
    local d = derivative(f)
    check.equal(tostring(d), "2·x − 4")
    check.equal(d(0), -4.0)
    check.equal(d(2), 0.0)
    check.equal(f(2), 1.0)
    check.equal(d{ 0, 1, 2 }:table(), { -4.0, -2.0, 0.0 })
    check.equal(d(array{ { 0, 2 }, { 3, 4 } })(2, 2), 4.0)
    check.equal(tostring(derivative(d)), "2")
    check.equal(derivative(d)(17), 2.0)
    check.equal(derivative(derivative(d))(1), 0.0)
    check.equal(d:formula("ascii"), "2*x - 4")
    check.equal(d:formula("latex"), "2 x - 4")
    check.equal(d:formula("lua"), "function(x) return 2*x - 4 end")
end)

check.test("B1: the quotient's error falls with h, then rises; the derivative has none", function()
    local exact = derivative(sin)(1)
    check.equal(exact, math.cos(1))
    local function forward(h) return math.abs((math.sin(1 + h) - math.sin(1))/h - exact) end
    local function central(h) return math.abs((math.sin(1 + h) - math.sin(1 - h))/(2*h) - exact) end
    check.ok(forward(1e-8) < forward(1e-4) and forward(1e-8) < forward(1e-13), "forward, near 1e-8")
    check.ok(central(1e-5) < central(1e-2) and central(1e-5) < central(1e-10), "central, near 1e-5")
    check.close(forward(1e-4), 1e-4*math.sin(1)/2, 1e-7)
end)

check.test("B1: |x| and ReLU at 0 by convention", function()
    check.equal(derivative(abs)(0), 0.0)
    check.equal(derivative(relu)(0), 0.0)
    check.equal(derivative(abs)(-2), -1.0)
    check.equal(derivative(relu)(3), 1.0)
    check.equal(tostring(derivative(function(x) return relu(2*x - 1) end)), "2·[2·x − 1 > 0]")
    check.equal(tostring(derivative(function(x) return max(x, 3*x) end)), "3·[x ≤ 3·x] + [x > 3·x]")
end)

check.test("formulas as one writes them", function()
    local function is(f, text) check.equal(tostring(derivative(f)), text) end
    is(function(x) return x^3 + 2*x end, "3·x² + 2")
    is(function(x) return 1/(1 + x^2) end, "−2·x/(1 + x²)²")
    is(function(x) return sin(x)*cos(x) end, "cos(x)² − sin(x)²")
    is(function(x) return exp(-x^2/32) end, "−x·exp(−x²/32)/16")
    is(function(x) return sqrt(2*x) end, "1/√(2·x)")
    is(function(x) return 1/x end, "−1/x²")
    is(function(x) return x^-3 end, "−3/x⁴")
    is(function(x) return x^x end, "x^x·log(x) + x·x^(x − 1)")
    is(function(x) return 0.1*x^2 - 0.06*x + exp(x/3) end, "0.2·x − 0.06 + exp(x/3)/3")
    is(function(x) return tanh(x) end, "1 − tanh(x)²")
    is(function(x) return log(1 + exp(x)) end, "sigmoid(x)")
    is(function(x) return where(x > 0, log(x), 0) end, "[x > 0]/x")
    is(function(x) return where(0 > x, 2*x, x^2) end, "2·[x < 0] + 2·[x ≥ 0]·x")
    is(function(x) return x + x + 2*x + x^2*x end, "4 + 3·x²")
    is(function(x) return 7 end, "0")
    is(function(t) return exp(-t)*cos(2*pi*t) end, "−exp(−t)·(cos(2·π·t) + 2·π·sin(2·π·t))")
    is(function(x) return 2^x + sqrt(2)*x/2 end, "log(2)·2^x + √2/2")
    is(function(x) return x^2/pi + pi*x/4 end, "2·x/π + π/4")
    is(function(x) return x^2*exp(x)*sin(x) end, "exp(x)·(sin(x)·(2·x + x²) + x²·cos(x))")
    is(function(x)
        local sum = 0
        for i = 1, 4 do sum = sum + x^i/i end
        return sum
    end, "x³ + x² + x + 1")
    is(function(x) return where(both(greater(x, 0), less(x, 1)), x^2, 0) end,
        "2·[x > 0 ∧ x < 1]·x")
end)

check.test("P6: (q−1)², q⁴/4 − q²/2 + 0.1q and their stationary points", function()
    local d = derivative(function(q) return q^4/4 - q^2/2 + 0.1*q end)
    check.equal(tostring(d), "q³ − q + 0.1")
    for _, place in ipairs{ -1.0467, 0.1010, 0.9456 } do check.ok(math.abs(d(place)) < 2e-4) end
    local second = derivative(d)
    check.ok(second(-1.0467) > 0 and second(0.1010) < 0 and second(0.9456) > 0)
    check.equal(derivative(function(q) return q^3 end)(0), 0.0)
end)

check.test("B5: shapes of gradient, Jacobian and Hessian", function()
    local f = function(x, y) return x^2*y + y^3 end
    local g, H = gradient(f), hessian(f)
    check.equal(g(3, 2):table(), { 12.0, 21.0 })
    check.equal(g{ 3, 2 }:table(), { 12.0, 21.0 })
    check.equal(g(array{ 3, 2 }):table(), { 12.0, 21.0 })
    check.equal(g{ y = 2, x = 3 }:table(), { 12.0, 21.0 })
    check.equal(H(3, 2):table(), { { 4.0, 6.0 }, { 6.0, 12.0 } })
    check.equal(tostring(g), "∂f/∂x = 2·x·y\n∂f/∂y = x² + 3·y²")
    check.equal(tostring(H), "∂²f/∂x² = 2·y\n∂²f/∂x∂y = 2·x\n∂²f/∂y² = 6·y")
    check.equal(jacobian(g)(3, 2):table(), H(3, 2):table())
    check.equal(tostring(derivative(f, "y")), "x² + 3·y²")
    check.equal(derivative(derivative(f, "x"), "y")(3, 2), 6.0)
    local J = jacobian(function(r, t) return r*cos(t), r*sin(t), r end)
    check.equal(J(2, 0).shape, { 3, 2 })
    check.equal(J(2, 0):table(), { { 1.0, 0.0 }, { 0.0, 2.0 }, { 1.0, 0.0 } })
    check.equal(g:formula("latex"), "\\frac{\\partial f}{\\partial x} = 2 x y\n"
        .. "\\frac{\\partial f}{\\partial y} = x^{2} + 3 y^{2}")
    local rosenbrock = hessian(function(x, y) return (1 - x)^2 + 100*(y - x^2)^2 end)
    check.equal(tostring(rosenbrock), "∂²f/∂x² = 2 + 1200·x² − 400·y\n∂²f/∂x∂y = −400·x\n"
        .. "∂²f/∂y² = 200")
    check.equal(H:formula("ascii"), "d2f/dx2 = 2*y\nd2f/dx dy = 2*x\nd2f/dy2 = 6*y")
end)

check.test("B4: numeric against analytic, in exactness and in evaluations", function()
    local L = loss.least_squares(model.polynomial(4), data.line12)
    local phi = { 0.1, -0.2, 0.3, -0.4, 0.5 }
    local exact = L:gradient(phi)
    local function spent(options)
        local before = L.evaluations
        local numeric = L:numeric_gradient(phi, options)
        local after = L.evaluations
        return after.losses - before.losses, (numeric - exact):norm()/exact:norm(),
            after.gradients - before.gradients
    end
    local central, central_error, gradients = spent{ h = 1e-5 }
    check.equal({ central, gradients }, { 10, 0 }) -- 2P
    check.ok(central_error < 1e-9)
    local forward, forward_error = spent{ h = 1e-5, method = "forward" }
    check.equal(forward, 6) -- P + 1
    check.ok(forward_error > 100*central_error)
    local before = L.evaluations
    L:gradient(phi)
    check.equal(L.evaluations.gradients - before.gradients, 1)
end)

check.test("vectors as arguments", function()
    local norm2 = function(v) return dot(v, v) + v[1] end
    check.equal(gradient(norm2){ 1, 2, 3 }:table(), { 3.0, 4.0, 6.0 })
    check.equal(hessian(norm2){ 1, 2, 3 }:table(), { { 2.0, 0.0, 0.0 }, { 0.0, 2.0, 0.0 },
                                                     { 0.0, 0.0, 2.0 } })
    check.equal(jacobian(function(v) return v^2 end){ 1, 2 }:table(),
        { { 2.0, 0.0 }, { 0.0, 4.0 } })
    local f = function(v, c) return c*v:sum() end
    check.equal(gradient(f)({ 1, 2 }, 5):table(), { 5.0, 5.0, 3.0 })
    local soft = jacobian(function(v) return softmax(v) end)
    local s, rows = softmax(array{ 0.2, -1, 0.5 }), soft{ 0.2, -1, 0.5 }
    for i = 1, 3 do
        for j = 1, 3 do
            check.close(rows(i, j), s[i]*((i == j and 1 or 0) - s[j]), 1e-15)
        end
    end
end)

check.test("a derivative inside another traced function", function()
    local f = function(x) return x^3 - 2*x end
    local d, d2 = derivative(f), derivative(derivative(f))
    local newton = derivative(function(x) return x - d(x)/d2(x) end)
    check.close(newton(1.5), 1 - 1 + d(1.5)*6/d2(1.5)^2, 1e-14)
    local m = model(function(x, a) return d(a*x) end)
    check.equal(m({ 1, 2 }, { 1 }):table(), { 1.0, 10.0 })
    local g = gradient(function(x, y) return x*y^2 end)
    local L = loss(function(a, b) local v = g(a, b) return v[1]^2 + v[2]^2 end)
    check.equal(L(2, 3), 81.0 + 144.0)
end)

-- --- errors -------------------------------------------------------------------------------------

check.test("what cannot be differentiated is said in words", function()
    check.raises(function() derivative(function(x) if x > 0 then return x end return -x end) end,
        "the function branches", "where(x > 0, a, b)", "test_derivative.lua")
    check.raises(function() derivative(function(x) if x == 3 then return 7 end return x^2 end) end,
        "x = 3", "branches in a way that cannot be seen")
    check.raises(function() derivative(function(x) return x^2 + random.uniform() end) end, "twice")
    check.raises(function() derivative(function(x) return math.sin(x) end) end, "math.sin",
        "write sin(x)")
    check.raises(function() derivative(function(x) local y = x^2 end) end, "returns nothing")
    check.raises(function() derivative(function(...) return ... end) end, "named arguments")
    check.raises(function() derivative(function() return 1 end) end, "at least one number")
    check.raises(function() derivative(3) end, "takes a function", "not a number")
    check.raises(function() derivative() end, "nothing")
    check.raises(function() derivative(loss.least_squares(model.line, data.line12)) end,
        "L:derivative()")
    check.raises(function() derivative(function(x, y) return x*y end) end, "2 arguments", "\"x\"",
        "gradient(f)")
    check.raises(function() derivative(function(xx, y) return xx*y end, "x") end, "did you mean xx")
    check.raises(function() gradient(function(x, y) return x, y end) end, "one number", "jacobian")
    local g = gradient(function(x, y) return x*y end)
    check.raises(function() g(1) end, "2 arguments", "(x, y)")
    check.raises(function() g{ x = 1, z = 2 } end, "y is missing")
    check.raises(function() g{ x = 1, y = 1, z = 2 } end, "no argument")
    check.raises(function() g(1, "2") end, "y must be a number")
    check.raises(function() g(1, nil) end, "y must be a number or a vector, not nothing")
    check.raises(function() return g.value end, "formula")
    check.raises(function() g:formula("html") end, "notation", "latex")
    check.raises(function() jacobian(g)(array{ { 1, 2 }, { 3, 4 } }, 1) end, "not a matrix")
end)

-- --- random expressions -------------------------------------------------------------------------

local wraps = {
    "sin(%s)", "cos(%s)", "tanh(%s)", "exp(tanh(%s))", "sigmoid(%s)", "softplus(%s)", "atan(%s)",
    "sqrt(1 + (%s)^2)", "log(1 + (%s)^2)", "relu(%s)", "abs(%s)", "(%s)^2", "(%s)^3", "-(%s)",
    "2*(%s)", "(%s)/3", "log1p((%s)^2)", "sinh(tanh(%s))", "1/(2 + (%s)^2)",
}
local pairs_of = {
    "(%s) + (%s)", "(%s) - (%s)", "(%s)*(%s)", "(%s)/(1.5 + (%s)^2)", "max(%s, %s)", "min(%s, %s)",
    "(1 + (%s)^2)^tanh(%s)", "where((%s) > 0, %s, 0.5)", "(%s)*(%s) + 1",
}

-- A text over the names; `numbers` (integers below a limit) come from the generator given.
local function grow(names, depth, draw)
    if depth == 0 then
        local leaves = { "0.06", "2", "1/32", "-3", "0.7" }
        if draw(5) == 1 then return leaves[draw(#leaves)] end
        return names[draw(#names)]
    end
    if draw(3) == 1 then return wraps[draw(#wraps)]:format(grow(names, depth - 1, draw)) end
    local one, other = grow(names, depth - 1, draw), grow(names, depth - 1, draw)
    return pairs_of[draw(#pairs_of)]:format(one, other)
end

local function generator(seed)
    local state = seed*2654435761 % 4294967296
    return function(limit)
        state = (1103515245*state + 12345) % 2147483648
        return state//65536 % limit + 1
    end
end

local function close_to(a, b, tolerance, scale)
    return a == b or (a ~= a and b ~= b)
        or math.abs(a - b) <= tolerance*math.max(1, math.abs(b), scale or 0)
end

local function balanced(text)
    local depth = 0
    for bracket in text:gmatch("[{}]") do
        depth = depth + (bracket == "{" and 1 or -1)
        if depth < 0 then return false end
    end
    local _, left = text:gsub("\\left", "")
    local _, right = text:gsub("\\right", "")
    return depth == 0 and left == right
end

check.test("random functions: the Lua form read back, and central differences", function()
    local read, near = 0, 0
    for seed = 1, 400 do
        local draw = generator(seed)
        local body = grow({ "x", "y", "z" }, 2 + seed % 4, draw)
        local f = load("return function(x, y, z) return x*0 + " .. body .. " end")()
        local g = gradient(f)
        check.ok(balanced(g:formula("latex")), body)
        local fine, text = pcall(g.formula, g, "lua")
        if not fine then check.contains(text, "more than 400 terms") end
        local back = fine and load("return " .. text, "form", "t")()
        for _ = 1, 3 do
            local point = {}
            for i = 1, 3 do point[i] = (draw(4001) - 2001)/1000 end
            local exact = g(point)
            local x, y, z = table.unpack(point)
            if back then
                local values = { back(x, y, z) }
                for i = 1, 3 do
                    read = read + 1
                    if not close_to(values[i], exact[i], 1e-12, exact:norm()) then
                        check.fail("%s at %g %g %g: the form gives %.17g, not %.17g\n%s", body, x,
                            y, z, values[i], exact[i], text)
                    end
                end
            end
            local h = 1e-5
            local slope = (f(x + h, y, z) - f(x - h, y, z))/(2*h)
            near = near + (close_to(slope, exact[1], 1e-5, exact:norm()) and 1 or 0)
        end
    end
    check.ok(read > 3000, "forms read: " .. read)
    -- Between the two points of the others lies a kink.
    check.ok(near > 1140, "slopes that agree: " .. near)
end)

check.test("random losses: the Lua form of value and gradient read back", function()
    local d = data.new{ x = { { 0.3, -1 }, { 1.2, 0.4 }, { -0.7, 2 }, { 0.1, 0.6 } },
                        y = { 1, -0.5, 0.25, 2 } }
    local rows, count = d.x, 0
    for seed = 1, 120 do
        local draw = generator(seed + 1000)
        local body = grow({ "a", "b", "x[1]", "x[2]", "u" }, 2 + seed % 3, draw)
        local m = model(load("return function(x, a, b) local u = a + b*x[1]; return u + " .. body
            .. " end")())
        local kind = ({ loss.least_squares, loss.mean_squares,
                        loss.per_example(function(f, y) return log(1 + (f - y)^2) end) })[draw(3)]
        local L = kind(m, d)
        local phi = { (draw(2001) - 1001)/500, (draw(2001) - 1001)/500 }
        local fine, found = pcall(L.formulas, L, "lua")
        if fine then
            local value = load("return " .. found.value)()(phi[1], phi[2], rows, d.y)
            local g1, g2 = load("return " .. found.gradient)()(phi[1], phi[2], rows, d.y)
            local exact = L:gradient(phi)
            if not (close_to(value, L(phi), 1e-12) and close_to(g1, exact[1], 1e-12, exact:norm())
                and close_to(g2, exact[2], 1e-12, exact:norm())) then
                check.fail("%s: %.17g %.17g %.17g, not %.17g %.17g %.17g\n%s", body, value, g1, g2,
                    L(phi), exact[1], exact[2], found.gradient)
            end
            count = count + 1
        else
            check.contains(found, "more than 400 terms")
        end
    end
    check.ok(count > 100, "losses read: " .. count)
end)

-- Blocks of φ as the arguments of a form.
local function blocks_of(m, phi)
    local named, list = m:named(phi), {}
    for i, parameter in ipairs(m.parameters) do list[i] = named[parameter.name or parameter[1]] end
    return list
end

local function same_numbers(got, expected, offset)
    if type(got) == "number" then
        check.close(got, expected[offset + 1], 1e-12)
        return offset + 1
    end
    local rows = #got.shape > 1 and got.cols or 1
    local flat = rows > 1 and got:reshape(got.rows*got.cols) or got:reshape(got.rows)
    for i = 1, #flat do check.close(flat[i], expected[offset + i], 1e-12) end
    return offset + #flat
end

check.test("networks: the Lua form with vectors and matrices read back", function()
    local d = data.new{ x = { { 0.3, -1 }, { 1.2, 0.4 }, { -0.7, 2 } }, y = { 1, 2, 3 } }
    local one = data.new{ x = { 0.2, -1, 0.6 }, y = { 0.5, 1, -1 } }
    local nets = {
        { one, loss.least_squares, model{ parameters = { W = { 4, 1 }, b = 4, v = 4, c = 1 },
            predict = function(x, p) return dot(p.v, tanh(matmul(p.W, x) + p.b)) + p.c end } },
        { d, loss.least_squares, model{ parameters = { A = { 5, 2 }, b = 5, C = { 1, 5 } },
            predict = function(x, p) return matmul(p.C, relu(matmul(p.A, x) + p.b)) end } },
        { one, loss.least_squares, model{ parameters = { w = 3 }, predict = function(x, p)
            local h = softmax(p.w*x)
            return h[1] + 2*h[2] + logsumexp(p.w) + (h^2):sum()
        end } },
    }
    for _, net in ipairs(nets) do
        local L = net[2](net[3], net[1])
        local phi = {}
        for i = 1, L.size do phi[i] = math.sin(3*i) end
        local arguments = blocks_of(L.model, phi)
        arguments[#arguments + 1], arguments[#arguments + 2] = net[1].x, net[1].y
        local form = L:derivative("lua")
        local results = table.pack(load("return " .. tostring(form))()(table.unpack(arguments)))
        local exact, offset = L:gradient(phi), 0
        for i = 1, results.n do offset = same_numbers(results[i], exact, offset) end
        check.equal(offset, L.size)
        local value = load("return " .. L:formulas("lua").value)()
        check.close(value(table.unpack(arguments)), L(phi), 1e-12)
    end
end)

check.test("built-in models, losses and penalties: the Lua form read back", function()
    local one = data.new{ x = { 0.2, -1, 0.6, 1.4 }, y = { 0.5, 1, -1, 0 } }
    local two = data.new{ x = { { 0.2, 1 }, { -1, 0.3 }, { 0.6, -0.4 } }, y = { 1, 0.5, -2 } }
    local binary = data.new{ x = { -1, 0.4, 2 }, y = { 0, 1, 1 } }
    local classes = data.new{ x = { { 0.2, 1 }, { -1, 0.3 }, { 0.6, -0.4 } }, y = { 1, 3, 2 } }
    local losses = {
        loss.least_squares(model.line, one), loss.mean_squares(model.linear(2), two),
        loss.absolute(model.polynomial(3), one), loss.huber(model.gabor, one),
        loss.binary_cross_entropy(model.logistic(1), binary),
        loss.cross_entropy(model.softmax(2, 3), classes),
        loss.hinge(model.softmax(2, 3), classes),
        loss.least_squares(model.shallow{ hidden = 3 }, one),
        loss.least_squares(model.mlp{ 2, 4, 1, activation = "tanh" }, two),
        loss.cross_entropy(model.mlp{ 2, 4, 3 }, classes),
        loss.gaussian(model.gaussian(model.line), one),
        0.5*loss.least_squares(model.line, one) + 0.1*penalty.l2 + 0.2*penalty.l1,
    }
    for _, L in ipairs(losses) do
        local phi = {}
        for i = 1, L.size do phi[i] = math.sin(3*i) end
        local arguments = blocks_of(L.model, phi)
        arguments[#arguments + 1], arguments[#arguments + 2] = L.data.x, L.data.y
        local fine, form = pcall(L.formulas, L, "lua")
        check.ok(fine, L.title .. ": " .. tostring(form))
        local value = load("return " .. form.value)()
        check.close(value(table.unpack(arguments)), L(phi), 1e-12, L.title)
        local results = table.pack(load("return " .. form.gradient)()(table.unpack(arguments)))
        local exact, offset = L:gradient(phi), 0
        for i = 1, results.n do offset = same_numbers(results[i], exact, offset) end
        check.equal(offset, L.size, L.title)
        check.ok(balanced(tostring(L:derivative("latex"))))
    end
end)

check.test("a function that sums over the examples twice", function()
    local d = data.new{ x = { 0.5, 1, 2 }, y = { 1, 2, 2.5 } }
    local m = model(function(x, a) return a*x end)
    local L = loss.least_squares(m, d)
    check.equal(tostring(L:derivative("lua")), "function(a, x, y)\n    local sum1 = 0\n"
        .. "    for i = 1, #x do\n        sum1 = sum1 + x[i]*(a*x[i] - y[i])\n    end\n"
        .. "    return 2*sum1\nend")
end)
