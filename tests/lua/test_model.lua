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
    check.raises(trace(function(x, a) return math.sin(x)*a end), "write sin(x)")
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

check.test("H7: model.shallow has the ten parameters of the courses", function()
    local m = model.shallow
    check.equal(m.components, { "phi0", "phi1", "phi2", "phi3", "theta10", "theta11", "theta20",
                                "theta21", "theta30", "theta31" })
    local typed = model(function(x, phi0, phi1, phi2, phi3, theta10, theta11, theta20, theta21,
                                 theta30, theta31)
        return phi0 + phi1*relu(theta10 + theta11*x) + phi2*relu(theta20 + theta21*x)
            + phi3*relu(theta30 + theta31*x)
    end)
    local phi = m:init{ seed = 3 }
    local built, own = loss.least_squares(m, d), loss.least_squares(typed, d)
    check.close(built(phi), own(phi), 1e-13)
    check.close(built:gradient(phi):table(), own:gradient(phi):table(), 1e-12)
    local formulas = built:formulas()
    check.equal(formulas.partials[2].text, "2·Σᵢ (f − yᵢ)·relu(θ₁₀ + θ₁₁·xᵢ)")
    check.contains(formulas.partials[6].text, "[θ₁₀ + θ₁₁·xᵢ > 0]")
    local tanh2 = model.shallow{ hidden = 2, activation = "tanh", inputs = 2 }
    check.equal(tanh2.size, 9)
    check.close(tanh2({ 0.5, -1 }, { 1, 2, 3, 0.1, 0.2, 0.3, -0.4, 0.5, 0.6 }),
                1 + 2*tanh(0.1 + 0.1 - 0.3) + 3*tanh(-0.4 + 0.25 - 0.6), 1e-14)
    check.equal(model.shallow{ hidden = 12, inputs = 10 }.components[14], "theta1_0")
end)

check.test("H8: networks of layers, W before b", function()
    local m = model.mlp{ 2, 3, 1, activation = "sigmoid" }
    local names = {}
    for i, parameter in ipairs(m.parameters) do names[i] = parameter.name end
    check.equal(names, { "W1", "b1", "W2", "b2" })
    check.equal(m.arguments, { widths = { 2, 3, 1 }, activation = "sigmoid", dropout = 0.0 })
    check.equal(model.mlp{ widths = { 2, 3, 1 } }.size, m.size)
    check.equal(model.mlp{ 784, 128, 10 }.size, 784*128 + 128 + 1280 + 10)
    local phi = m:init{ seed = 1 }
    local p = m:named(phi)
    check.equal(p.W1.rows, 3)
    check.equal(p.b1:table(), { 0.0, 0.0, 0.0 })
    local hidden = sigmoid(matmul(p.W1, array{ 1, 2 }) + p.b1)
    check.close(m({ 1, 2 }, phi), dot(p.W2:row(1), hidden) + p.b2, 1e-14)
    check.raises(function() model.mlp{ 2 } end, "the width of each layer")
    check.raises(function() model.mlp(2, 3, 1) end, "in braces")
    check.raises(function() model.mlp{ 2, 3.5, 1 } end, "width 2")
    check.raises(function() model.mlp{ 2, 3, 1, dropout = 1 } end, "dropout must be at least 0")
    check.raises(function() model.mlp{ 2, 3, 1, activation = "rely" } end, 'did you mean "relu"')
end)

check.test("H8: He's start keeps the size of the signal, a small one loses it", function()
    local widths = { 50 }
    for _ = 1, 8 do widths[#widths + 1] = 50 end
    local m = model.mlp(widths)
    seed(0)
    local x = array{ random.normal(50):table() }
    local function size(phi) return m(x, phi):norm()/x:norm() end
    local he, small = 0, 0
    for s = 1, 10 do
        local phi = m:init{ seed = s }
        he = he + size(phi)/10
        small = small + size(0.3*phi)/10
    end
    check.ok(he > 0.3 and he < 3, he)
    check.ok(small < 1e-3, small)
end)

check.test("H8: a small network learns what no line can, the exclusive or", function()
    local xor = data.new{ x = { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } }, y = { 0, 1, 1, 0 } }
    local m = model.mlp{ 2, 8, 1, activation = "tanh" }
    local L = loss.binary_cross_entropy(m, xor)
    local r = fit(L, optim.adam{ alpha = 0.05 }, { start = m:init{ seed = 1 }, steps = 500 })
    check.equal(accuracy(r), 1.0)
    check.ok(r.loss < 0.1)
    local linear = loss.binary_cross_entropy(model.logistic(2), xor)
    local s = fit(linear, optim.gd{ alpha = 0.5 }, { start = { 0.1, 0.2, 0.3 }, steps = 2000 })
    check.close(s.loss, 4*math.log(2), 1e-6) -- says 1/2 everywhere
end)

check.test("model.softmax and model.gaussian", function()
    local m = model.softmax(2, 3)
    local phi = m:init{ seed = 1 }
    local p = m({ { 1, 2 }, { 3, -1 } }, phi)
    check.equal(p.shape, { 2, 3 })
    check.close(p:sum(2):table(), { 1, 1 }, 1e-15)
    check.raises(function() model.softmax(2) end, "needs k")
    check.raises(function() model.softmax(2, 1) end, "at least 2")

    local g = model.gaussian(model.line)
    check.equal(g.components, { "phi0", "phi1", "log_sigma" })
    check.equal(g({ 1, 2 }, { 0, 3, 0.5 })[2]:table(), { 6.0, 0.5 })
    check.equal(model.gaussian{ model.line, model.line }.components[3], "sigma_phi0")
    -- Models of one's own have their widths when they meet data.
    local own = model(function(x, a, b) return a + b*x end)
    local both = model.gaussian(own, own)
    check.equal(both.components, { "a", "b", "sigma_a", "sigma_b" })
    local L, M = loss.gaussian(both, d), loss.gaussian(model.gaussian(model.line, model.line), d)
    check.equal(L(0.3, 0.7, -1, 0.2), M(0.3, 0.7, -1, 0.2))
    check.close(both({ 2 }, { 1, 2, 3, 4 })[1]:table(), { 5, 11 }, 0)
    check.raises(function() model.gaussian(3) end, "m must be a model")
    check.raises(function() model.gaussian(g) end, "σ of its own")
    check.raises(function() loss.least_squares(g, d) end, "loss.gaussian")
end)

check.test("H3: model.nearest", function()
    local m = model.nearest(2, d)
    check.close(m({ 0.1, 1.2 }):table(), { 0.76, 1.42 }, 1e-15)
    check.close(m(0.1), 0.76, 1e-15)
    check.close(m(0.1, {}), 0.76, 1e-15)
    check.equal(m.size, 0)
    seed(0)
    local function pairs_of(n)
        local x, y = {}, {}
        for i = 1, 2*n do
            x[i] = random.normal() + (i > n and 1 or -1)
            y[i] = i > n and 1 or 0
        end
        return data.new{ x = x, y = y }
    end
    local training, test = pairs_of(50), pairs_of(1000)
    check.equal(accuracy(model.nearest(1, training), training), 1.0)
    check.close(1 - accuracy(model.nearest(1, training), test), 0.2375, 1e-12)
    check.close(1 - accuracy(model.nearest(5, training), test), 0.18, 1e-12)
    check.close(1 - accuracy(model.nearest{ 15, training }, test), 0.153, 1e-12)
    local name = os.tmpname()
    local file = io.open(name, "w")
    file:write("x,y\n1,b\n-1,c\n2,a\n-2,c\n3,a\n")
    file:close()
    local words = data.read(name)
    os.remove(name)
    check.equal(model.nearest(3, words)({ 0 }), array{ 1 }) -- a, b, c have one each
    check.raises(function() model.nearest(13, d) end, "among the 12 examples")
    check.raises(function() model.nearest(3) end, "needs d")
    check.raises(function() model.nearest(3, 4) end, "data set")
    check.raises(function() m:init() end, "no parameters")
    check.raises(function() loss.least_squares(m, d) end, "only predicts")
end)

check.test("H1: several inputs and outputs, an intercept for each", function()
    local m = model.linear(3, 2)
    local phi = { W = { { 1, 2, 3 }, { 4, 5, 6 } }, b = { 0.5, -0.5 } }
    check.close(m({ { 1, 1, 1 }, { 0, 1, 2 } }, phi)[2]:table(), { 8.5, 16.5 }, 0)
    check.equal(m.components[4], "W[2,1]")
end)

check.test("models show what they were made with", function()
    check.contains(tostring(model.shallow), 'activation = "relu", hidden = 3')
    check.contains(tostring(model.mlp{ 2, 3, 1 }), "model.mlp{2, 3, 1, ")
    check.contains(tostring(model.nearest(3, d)), "model.nearest{k = 3}  no parameters")
end)

check.test("data of another width are refused with what fits them", function()
    local wide = data.new{ x = { { 1, 2, 3 }, { 4, 5, 6 } }, y = { 1, 2 } }
    local function words(m) return select(2, pcall(loss.least_squares, m, wide)) end
    local three = {
        ["model.linear(3) takes as many"] = model.line,
        ["model.linear(3, 2) takes as many"] = model.linear(2, 2),
        ["model.softmax(3, 4) takes as many"] = model.softmax(2, 4),
        ["model.shallow{hidden = 5, inputs = 3} takes as many"] = model.shallow{ hidden = 5 },
        ["its first width is to be 3: model.mlp{3, ...}"] = model.mlp{ 2, 3, 1 },
        ["choose one of them, as x = d.x:col(1) in data.new"] = model.polynomial(2),
    }
    for text, m in next, three do check.contains(words(m), "the data have 3; " .. text) end
    check.contains(words(model.gabor), "d.x:col(1)")
    check.equal(#data.new{ x = wide.x:col(1), y = wide.y }, 2) -- so the advice is good
    check.contains(select(2, pcall(loss.gaussian, model.gaussian(model.line), wide)),
        "model.linear(3) takes as many")
end)

check.test("fit's refusals name fit", function()
    local L = loss.least_squares(model.line, data.line12)
    check.raises(function() fit(L) end, "fit: the second argument must be an optimizer")
    check.raises(function() fit(3, optim.newton{}) end, "fit: the first argument must be a loss")
    check.raises(function() fit(3, optim.newton{}, { starts = 2 }) end, "fit: the first argument")
end)
