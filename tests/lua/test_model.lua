-- SPDX-License-Identifier: GPL-3.0-or-later
local check = require "check"

local d = data.line12

check.test("built-in models predict", function()
    check.close(model.line({ 0, 2 }, { 1, 3 }):table(), { 1, 7 }, 0)
    check.equal(model.line(2, { 1, 3 }), 7.0)
    check.equal(model.linear(2)({ 3, 4 }, { 10, 100, 5 }), 435.0)
    check.close(model.linear(2, 2)({ { 1, 2 }, { 3, 4 } }, { 1, 0, 0, 1, 0, 10 })[2]:table(),
                { 3, 14 }, 0)
    check.close(model.polynomial(3)({ 2 }, { 1, 1, 1, 1 }):table(), { 15 }, 0)
    check.close(model.logistic({ 0 }, { 0, 1 })[1], 0.5, 0)
    local u = 0.3 + 0.06*2*1.5
    check.close(model.gabor(1.5, { 0.3, 2 }), math.sin(u)*math.exp(-u^2/32), 1e-15)
    check.close(model.gabor{ envelope = 8 }(1.5, { 0.3, 2 }), math.sin(u)*math.exp(-u^2/8), 1e-15)
end)

check.test("parameters have names, in the order of φ", function()
    local net = model{ parameters = { W = { 8, 1 }, b = 8, v = 8, c = 1 },
        predict = function(x, p) return dot(p.v, tanh(matmul(p.W, x) + p.b)) + p.c end }
    check.equal(net.size, 25)
    check.equal(net.components[3], "W[3,1]")
    check.equal(net.components[9], "b[1]")
    check.equal(net.components[17], "c")
    check.equal(net.components[18], "v[1]")
    local listed = model{ parameters = { { "v", 2 }, { "a", 1 } },
        predict = function(x, p) return p.a + dot(p.v, x) end }
    check.equal(table.concat(listed.components, " "), "v[1] v[2] a")
    check.close(listed({ { 3, 4 } }, { v = { 10, 1 }, a = 0.5 }):table(), { 34.5 }, 0)
end)

check.test("a traced network equals the same by hand", function()
    local net = model{ parameters = { W = { 3, 2 }, b = 3, v = 3 },
        predict = function(x, p) return dot(p.v, relu(matmul(p.W, x) + p.b)) end }
    local two = data.new{ x = { { 1, -2 }, { 0.5, 3 }, { -1, 1 } }, y = { 1, 2, 3 } }
    local L = loss.least_squares(net, two)
    local phi = net:init{ seed = 3, scheme = "normal" }
    local p = net:named(phi)
    local sum = 0
    for i = 1, 3 do
        local f = 0
        for k = 1, 3 do
            local h = p.W[k][1]*two.x[i][1] + p.W[k][2]*two.x[i][2] + p.b[k]
            f = f + p.v[k]*math.max(h, 0)
        end
        sum = sum + (f - two.y[i])^2
    end
    check.close(L(phi), sum, 1e-12)
end)

check.test("init is NumPy's normal for a seed, and its schemes differ", function()
    local phi = model.line:init{ seed = 1 }
    check.close(phi:table(), { 1.6243453636632417, -0.6117564136500754 }, 1e-15)
    check.close(model.linear(3):init{ scheme = "zeros" }:table(), { 0, 0, 0, 0 }, 0)
    check.raises(function() model.line:init{ sheme = "he" } end, "scheme")
end)

-- What a function does that a graph cannot do is one sentence with the user's line.
local function trace(f) return function() return loss.least_squares(model(f), d) end end

check.test("branches on the input are refused", function()
    check.raises(trace(function(x, a) if x > 0 then return a*x else return a end end),
                 "test_model.lua:63: the model branches on its input or a parameter", "where")
    check.raises(trace(function(x, a) return x > 0 and a or a*x end), "branches on its input")
    check.raises(trace(function(x, a) return where(x > 0 and x < 1, a, a*x) end), "branches")
    check.raises(trace(function(x, a) if x == 0.03 then return a*x end return a end),
                 "test_model.lua:67: with x = 0.03 the model's function itself gives")
    check.raises(trace(function(x, a) while x < 10 do x = x + 1 end return a end),
                 "condition of a loop depends on the input")
    check.raises(trace(function(x, a) return x == a and 1 or 2 end), "compares nothing")
end)

check.test("other things a trace cannot follow are refused", function()
    check.raises(trace(function(x, a) return math.sin(x)*a end), "math.sin does not know symbols")
    check.raises(trace(function(x, a) return a*x*math.random() end), "same formula twice")
    check.raises(trace(function(x, a) local _ = a*x end), "returns nothing")
    check.raises(trace(function(x, a) return a*x % 2 end), "floor")
    check.raises(trace(function(x, a) return "f" .. x .. a end), "no text")
    check.raises(trace(function(x, a) return { x, a } + { 1, 2, 3 } end), "attempt to perform")
    check.raises(function() model(function(x) return x end) end, "needs parameters")
    check.raises(function() model(print) end, "named arguments")
    check.raises(function() model{ predict = print } end, "parameters is missing")
    check.raises(function() model(3) end, "model takes a function")
end)

check.test("comparisons inside where become masks", function()
    local m = model(function(x, a, b)
        return where(x > 0.5, a*x, b) + where(not (x < 1), a, 0) + where(x <= 1, 10, 20)
    end)
    local function plain(x, a, b)
        return (x > 0.5 and a*x or b) + (x >= 1 and a or 0) + (x <= 1 and 10 or 20)
    end
    local L = loss.least_squares(m, d)
    local sum = 0
    for i = 1, #d do sum = sum + (plain(d.x[i], 3, 7) - d.y[i])^2 end
    check.close(L(3, 7), sum, 1e-12)
    check.close(m({ 0.5, 1, 2 }, { 3, 7 }):table(), { plain(0.5, 3, 7), plain(1, 3, 7),
                                                      plain(2, 3, 7) }, 0)
end)

check.test("a symbol kept outside its function is refused", function()
    local kept
    loss.least_squares(model(function(x, a) kept = kept or a; return a*x end), d)
    check.raises(function() return kept + 1 end, "only lives while its function is traced")
end)

check.test("models refuse what does not fit", function()
    check.raises(function() model.polynomial(-1) end, "degree")
    check.raises(function() model.gabor{ envelop = 8 } end, "envelope")
    check.raises(function() model.gabor{ envelope = 0 } end, "greater than 0")
    check.raises(function() model.line({ 1 }, { 1 }) end, "phi needs 2 numbers")
    check.raises(function() model.line({ 1 }, { phi0 = 1, ph1 = 2 }) end, "did you mean phi1")
    check.raises(function() model.line({ 1 }, { phi0 = 1 }) end, "phi lacks phi1")
    check.raises(function() return model.lin end, "did you mean model.line")
    check.raises(function() loss.least_squares(model.linear(2), d) end, "2 input columns")
end)
