-- SPDX-License-Identifier: GPL-3.0-or-later
local check = require "check"
local terminal = require "descent.terminal"

local L = loss.least_squares(model.line, data.line12)

local function each_line_fits(text)
    for line in (tostring(text) .. "\n"):gmatch("(.-)\n") do
        check.ok(terminal.width(line) <= 80, line)
    end
end

-- What a reader of a graph may rely on: names are unique, arguments stand before what uses them.
local function is_sound(g)
    local seen = {}
    for i, node in ipairs(g.nodes) do
        check.equal(seen[node.name], nil, "twice: " .. node.name)
        check.ok(rawequal(g.nodes[node.name], node), node.name)
        for _, name in ipairs(node.arguments) do check.ok(seen[name], name .. " comes later") end
        check.equal(node.kind == "operation", #node.arguments > 0, node.name)
        seen[node.name] = i
    end
    each_line_fits(g)
end

check.test("I1: f = x·y + z at (2, −5, 3)", function()
    local g = graph(function(x, y, z) local d = x*y; return d + z end, { x = 2, y = -5, z = 3 })
    local n = g.nodes
    check.equal({ n.f.value, n.d.value, n.x.value, n.y.value, n.z.value },
        { -7.0, -10.0, 2.0, -5.0, 3.0 })
    check.equal({ n.f.gradient, n.d.gradient, n.x.gradient, n.y.gradient, n.z.gradient },
        { 1.0, 1.0, -5.0, 2.0, 1.0 })
    check.equal(n.d.operation, "x·y")
    check.equal(n.d.arguments, { "x", "y" })
    check.equal(n.f.operation, "d + z")
    check.equal(n.x.kind, "input")
    for i, name in ipairs{ "x", "y", "z", "d", "f" } do check.equal(n[i].name, name) end
    check.equal(tostring(g), [[
f = x·y + z
node  operation  value  ∂f/∂node
x     input          2        -5  ─╮
y     input         -5         2  ─┤
z     input          3         1  ─│─╮
d     x·y          -10         1  ←┴─┤
f     d + z         -7         1  ←──╯
5 nodes, 6 with those of the gradient]])
    is_sound(g)
end)

check.test("the graph of a derivative", function()
    local g = graph(derivative(function(x) return x^2 - 4*x + 5 end), { x = 3 })
    check.equal(g.nodes.f.value, 2.0)
    check.equal(g.nodes.x.gradient, 2.0)
    check.equal(g.nodes.f.operation, "v₁ − 4")
end)

check.test("nodes without a name are v1, v2, ...; values may come in order", function()
    local g = graph(function(x, y, z) return x*y + z end, { 2, -5, 3 })
    check.equal(g.nodes.v1.operation, "x·y")
    check.equal(g.nodes.v1.symbol, "v₁")
    check.equal(g.nodes.v1.plain, "x*y")
    local taken = graph(function(v1, y) return sin(v1*y) end, { v1 = 1, y = 2 })
    check.equal(taken.nodes.v2.operation, "v₁·y")
    check.equal(taken.nodes.v1.value, 1.0)
end)

check.test("each node's gradient is what its users send back", function()
    local g = graph(function(a, b)
        local u = a*b + sin(a)
        local w = u^2
        return w*exp(u) + b/a
    end, { a = 0.7, b = -1.3 })
    local a, b = 0.7, -1.3
    local u = a*b + math.sin(a)
    local w = u^2
    check.close(g.nodes.u.value, u, 1e-15)
    check.close(g.nodes.w.gradient, math.exp(u), 1e-14)
    local slope_u = 2*u*math.exp(u) + w*math.exp(u)
    check.close(g.nodes.u.gradient, slope_u, 1e-14)
    check.close(g.nodes.a.gradient, slope_u*(b + math.cos(a)) - b/a^2, 1e-14)
    check.close(g.nodes.b.gradient, slope_u*a + 1/a, 1e-14)
    is_sound(g)
end)

check.test("I2: least squares of one example, node by node", function()
    local g = L:graph({ 0.6, -0.2 }, { example = 3 })
    local x, y = 0.34, 1.05
    local r = 0.6 - 0.2*x - y
    check.close(g.nodes.L.value, r^2, 1e-15)
    check.close(g.nodes.phi0.gradient, 2*r, 1e-15)
    check.close(g.nodes.phi1.gradient, 2*r*x, 1e-15)
    check.close(g.nodes.x.gradient, 2*r*-0.2, 1e-15)
    check.close(g.nodes.y.gradient, -2*r, 1e-15)
    check.close(g.nodes.v3.value, r, 1e-15)
    check.equal(g.nodes.L.operation, "v₃²")
    check.contains(tostring(g), "example 3 of 12")
    is_sound(g)
end)

check.test("C1: the graph of the sum, and its examples added up", function()
    local g = L:graph{ 0.6, -0.2 }
    check.close(g.nodes.L.value, 12.366904, 1e-12)
    check.close(g.nodes.phi0.gradient, -21.904, 1e-12)
    check.close(g.nodes.phi1.gradient, -26.84044, 1e-12)
    check.equal(g.nodes.x.value:table(), data.line12.x:table())
    check.close(g.nodes.v4.value:table(), L:each{ 0.6, -0.2 }:table(), 1e-14)
    check.equal(g.nodes.v4.gradient:table(), ones(12):table())
    local J, sum = L:jacobian{ 0.6, -0.2 }, { 0, 0 }
    for i = 1, 12 do
        local one = L:graph({ 0.6, -0.2 }, { example = i })
        check.close(one.nodes.phi0.gradient, J(i, 1), 1e-13)
        check.close(one.nodes.phi1.gradient, J(i, 2), 1e-13)
        check.close(one.nodes.v3.gradient, g.nodes.v3.gradient[i], 1e-14)
        sum[1], sum[2] = sum[1] + J(i, 1), sum[2] + J(i, 2)
    end
    check.close(sum, { -21.904, -26.84044 }, 1e-12)
    check.contains(tostring(g), "0.03 … 1.9")
    is_sound(g)
end)

check.test("I2: ridge is a second branch", function()
    local R = L + 0.5*penalty.l2
    local g = R:graph({ 0.6, -0.2 }, { example = 1 })
    local plain = L:graph({ 0.6, -0.2 }, { example = 1 })
    check.close(g.nodes.phi0.gradient, plain.nodes.phi0.gradient + 0.6, 1e-14)
    check.close(g.nodes.L.value, plain.nodes.L.value + 0.5*(0.36 + 0.04), 1e-14)
    local whole = R:graph{ 0.6, -0.2 }
    check.close(whole.nodes.L.value, R(0.6, -0.2), 1e-12)
    check.close(whole.nodes.phi1.gradient, R:gradient{ 0.6, -0.2 }[2], 1e-12)
    is_sound(g)
    is_sound(whole)
end)

check.test("H7's network and every built-in loss: the gradient at the parameters", function()
    local shallow = loss.least_squares(model.shallow{ hidden = 3 }, data.line12)
    local phi = {}
    for i = 1, 10 do phi[i] = math.cos(2*i) end
    local g = shallow:graph(phi)
    local exact = shallow:gradient(phi)
    for i, name in ipairs(shallow.components) do
        check.close(g.nodes[name].gradient, exact[i], 1e-11, name)
    end
    is_sound(g)
    is_sound(shallow:graph(phi, { example = 5 }))
end)

check.test("I2: how large graphs get", function()
    local function size_of(m, d)
        local M = loss.least_squares(m, d)
        local phi = {}
        for i = 1, M.size do phi[i] = 0.1*i % 1 end
        local g = M:graph(phi)
        is_sound(g)
        return g.size, g.gradient_size
    end
    local line, line_gradient = size_of(model.line, data.line12)
    check.equal({ line, line_gradient }, { 10, 15 })
    -- A network of vectors has few nodes, however wide it is.
    local narrow = size_of(model.mlp{ 1, 4, 1 }, data.line12)
    check.equal(size_of(model.mlp{ 1, 64, 1 }, data.line12), narrow)
    check.ok(size_of(model.mlp{ 1, 4, 4, 1 }, data.line12) > narrow)
end)

check.test("vectors and matrices: values and gradients are arrays of their shape", function()
    local m = model{ parameters = { W = { 3, 2 }, v = 3 }, predict = function(x, p)
        local h = tanh(matmul(p.W, x))
        return dot(p.v, h)
    end }
    local d = data.new{ x = { { 1, 2 }, { 0.5, -1 } }, y = { 1, 2 } }
    local M = loss.least_squares(m, d)
    local phi = { 0.1, -0.2, 0.3, 0.4, -0.5, 0.6, 1, 2, 3 }
    local g, exact = M:graph(phi), M:gradient(phi)
    check.equal(g.nodes.W.value.shape, { 3, 2 })
    check.close(g.nodes.W.gradient:reshape(6):table(), exact:slice(1, 6):table(), 1e-13)
    check.close(g.nodes.v.gradient:table(), exact:slice(7, 9):table(), 1e-13)
    check.equal(g.nodes.h.value.shape, { 2, 3 })
    local one = M:graph(phi, { example = 2 })
    check.equal(one.nodes.h.value.shape, { 3 })
    check.close(one.nodes.h.value:table(), g.nodes.h.value[2]:table(), 1e-15)
    local f = graph(function(u) return dot(u, u) end, { u = { 1, 2, 3 } })
    check.equal(f.nodes.u.gradient:table(), { 2.0, 4.0, 6.0 })
    is_sound(g)
    is_sound(one)
    is_sound(f)
end)

check.test("as it is run: forms that cannot overflow", function()
    local two = data.new{ x = { -2, -1, 1, 2 }, y = { 0, 0, 1, 1 } }
    local typed = loss.per_example(function(p, y) return -(y*log(p) + (1 - y)*log(1 - p)) end)
    local m = model(function(x, a, b) local p = 1/(1 + exp(-a - b*x)); return p end)
    local M = typed(m, two)
    local written, run = M:graph{ 0, 500 }, M:graph({ 0, 500 }, { form = "run" })
    check.ok(written.nodes.p, "p is there as it was written")
    check.ok(written.nodes.L.value ~= written.nodes.L.value, "0·log 0")
    check.equal(run.nodes.L.value, M(0, 500))
end)

check.test("many nodes: the first and the last are shown", function()
    local g = graph(function(x)
        for _ = 1, 500 do x = sin(x) + 0.5 end
        return x
    end, { x = 1 })
    check.equal(#g.nodes, 1001)
    local text = tostring(g)
    check.contains(text, "941 more")
    check.ok(select(2, text:gsub("\n", "\n")) < 70)
    is_sound(g)
end)

check.test("a plain terminal gets plain signs", function()
    local program = os.getenv("DESCENT_PROGRAM") or "'" .. arg[-1] .. "'"
    local pipe = io.popen("LC_ALL=C " .. program
        .. [[ -e 'print(graph(function(x, y, z) local d = x*y; return d + z end, {2, -5, 3}))']])
    local text = pipe:read("a")
    pipe:close()
    check.equal(text, [[
f = x*y + z
node  operation  value  df/dnode
x     input          2        -5  -.
y     input         -5         2  -+
z     input          3         1  -|-.
d     x*y          -10         1  <+-+
f     d + z         -7         1  <--'
5 nodes, 6 with those of the gradient
]])
end)

check.test("what cannot be drawn is said in words", function()
    local f = function(x, y) return x*y end
    check.raises(function() graph(f) end, "needs the values", "graph(f, {x = 2})")
    check.raises(function() graph(f, { x = 1 }) end, "y is missing")
    check.raises(function() graph(f, { x = 1, y = 2, z = 3 }) end, "no argument z")
    check.raises(function() graph(f, { x = 1, y = "2" }) end, "y must be a number")
    check.raises(function() graph(L, { 1, 2 }) end, "L:graph(phi)")
    check.raises(function() graph(3, { 1 }) end, "takes a function")
    check.raises(function() graph(function(x) return 5 end, { 1 }) end, "does not depend")
    check.raises(function() graph(function(x) return x, x end, { 1 }) end, "one number")
    check.raises(function() graph(function(x) if x > 0 then return x end return 1 end, { 1 }) end,
        "branches")
    check.raises(function() L:graph({ 1, 2 }, { example = 13 }) end, "there are 12 examples")
    check.raises(function() L:graph({ 1, 2 }, { exmple = 1 }) end, "example")
    check.raises(function() L:graph{ 1 } end, "2 numbers")
    local R = loss(function(a) return a^2 end)
    check.raises(function() R:graph({ 1 }, { example = 1 }) end, "no data")
    check.equal(R:graph(3).nodes.a.gradient, 6.0)
end)
