-- SPDX-License-Identifier: GPL-3.0-or-later
-- Examples with weights, words as classes and inputs, spirals, and predictions in the data's own
-- units after standardizing.

local check = require "check"
local descent = require "descent"

local array, close, data, fit, loss, model = descent.array, descent.close, descent.data,
    descent.fit, descent.loss, descent.model
local optim, penalty, r2 = descent.optim, descent.penalty, descent.r2
local line = data.line12

local function weighted(weights)
    return data.new{ x = line.x, y = line.y, weights = weights }
end

-- A weight of k is the example k times.
local repeated, counts = {}, {}
for i = 1, 12 do
    counts[i] = (i*7) % 4
    for _ = 1, counts[i] do repeated[#repeated + 1] = i end
end
local by_weight, by_number = weighted(counts), line:take(repeated)

check.test("a weight of k counts as k examples, in every loss", function()
    local kinds = { loss.least_squares, loss.mean_squares, loss.absolute, loss.huber, loss.gaussian,
        loss.gaussian{ sigma = "fit" },
        loss.per_example(function(f, y) return abs(f - y)^1.5 end) }
    for i, kind in ipairs(kinds) do
        local a, b = kind(model.line, by_weight), kind(model.line, by_number)
        local phi = i == 6 and { 0.6, -0.2, 0.3 } or { 0.6, -0.2 }
        check.close(a(phi), b(phi), 1e-12)
        check.ok(close(a:gradient(phi), b:gradient(phi), 1e-12))
        check.ok(close(a:hessian(phi), b:hessian(phi), 1e-11))
        check.ok(close(a:numeric_gradient(phi), a:gradient(phi), 1e-6))
        local sum = a + 0.1*penalty.l2
        check.close(sum(phi), (b + 0.1*penalty.l2)(phi), 1e-12)
    end
    local classes = { 1, 2, 1, 2, 1, 2, 1, 1, 2, 2, 1, 2 }
    local function labelled(x, weights, y)
        return loss.cross_entropy(model.softmax(1, 2),
            data.new{ x = x, y = y, weights = weights })
    end
    local many, y = {}, {}
    for i, place in ipairs(repeated) do many[i], y[i] = line.x[place], classes[place] end
    local phi = { 0.3, -0.2, 0.1, 0.4 }
    check.close(labelled(line.x, counts, classes)(phi), labelled(many, nil, y)(phi), 1e-12)
end)

check.test("batches, each, jacobian and other data know the weights", function()
    local L = loss.least_squares(model.line, by_weight)
    local plain = loss.least_squares(model.line, line)
    local each, without = L:each{ 0.6, -0.2 }, plain:each{ 0.6, -0.2 }
    for i = 1, 12 do check.close(each[i], counts[i]*without[i], 1e-14) end
    check.close(L:batch{ 3, 5 }(0.6, -0.2), each[3] + each[5], 1e-14)
    local rows = L:jacobian{ 0.6, -0.2 }
    check.ok(close(rows:sum(1), L:gradient{ 0.6, -0.2 }, 1e-12))
    check.close(L:with(line)(0.6, -0.2), 12.366904, 1e-6)
    check.close(plain:with(by_weight)(0.6, -0.2), L(0.6, -0.2), 1e-12)
    local mean = loss.mean_squares(model.line, by_weight)
    check.close(mean:batch{ 3, 5 }(0.6, -0.2), (each[3] + each[5])/(counts[3] + counts[5]), 1e-14)
    check.equal(tostring(L):match("^[^\n]*"), "L[φ] = Σᵢ wᵢ·(φ₀ + φ₁·xᵢ − yᵢ)²")
end)

check.test("weighted least squares: the closed form and the fit agree", function()
    local a = loss.least_squares(model.line, by_weight)
    local b = loss.least_squares(model.line, by_number)
    check.ok(close(a:solve(), b:solve(), 1e-12))
    check.ok(close(fit(a, optim.bfgs{}, { start = { 0, 0 } }).phi, a:solve(), 1e-8))
    check.ok(close((a + penalty.l2):solve(), (b + penalty.l2):solve(), 1e-12))
    check.ok(close(loss.mean_squares(model.line, by_weight):solve(), a:solve(), 1e-12))
end)

check.test("weights stay with their examples", function()
    local d = weighted{ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }
    check.equal(d:take{ 12, 3 }.weights, array{ 12, 3 })
    check.equal(d:head(2).weights, array{ 1, 2 })
    check.equal(d:filter(function(x) return x > 1.6 end).weights, array{ 11, 12 })
    check.equal(d:with{ z = 1 }.weights, d.weights)
    check.equal(d:standardize().weights, d.weights)
    check.equal(d:standardize():apply(d:take{ 4 }).weights, array{ 4 })
    local first, second = d:split(0.5, { seed = 1 })
    check.close(first.weights:sum() + second.weights:sum(), 78, 0)
    for _, fold in ipairs(d:folds(3, { seed = 1 })) do
        for i = 1, #fold.test do
            check.equal(line.x[math.tointeger(fold.test.weights[i])], fold.test.x[i])
        end
    end
    check.equal(line.weights, nil)
    for _, bad in ipairs{ { -1 }, { 0 / 0 }, { 1 / 0 } } do
        local list = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, bad[1] }
        check.raises(function() weighted(list) end, "row 12")
    end
    check.raises(function() weighted{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } end, "no example counts")
    check.raises(function() weighted{ 1, 2 } end, "12 numbers")
end)

check.test("a run on weighted data is saved and loaded with them", function()
    local path = os.tmpname()
    local r = descent.descend(loss.least_squares(model.line, by_weight), optim.adam{ alpha = 0.1 },
        { start = { 0, 0 }, batch = 5, seed = 1 }):step(7):save(path)
    local loaded = descent.run.load(path)
    os.remove(path)
    check.equal(loaded.data.weights, by_weight.weights)
    check.equal(loaded:step(20).phi, r:step(20).phi)
end)

check.test("words in y are classes, words in x columns", function()
    local d = data.new{ x = { { 60, "Rome" }, { 80, "Bonn" }, { 70, "Rome" } },
        y = { "no", "yes", "maybe" }, names = { "size", "town", "buy" } }
    check.equal(d.classes, { "maybe", "no", "yes" })
    check.equal(d.y, array{ 2, 3, 1 })
    check.equal(d.names, { x = { "size", "town=Bonn", "town=Rome" }, y = { "buy" } })
    check.equal(d.x, array{ { 60, 0, 1 }, { 80, 1, 0 }, { 70, 0, 1 } })
    check.equal(data.new{ x = { "u", "v", "u" } }.names.x, { "x=u", "x=v" })
    local numbered = data.new{ x = { 1, 2, 3, 4 }, y = { 10, 9, -1, 9 }, classes = true }
    check.equal(numbered.classes, { "-1", "9", "10" })
    check.equal(numbered.y, array{ 3, 2, 1, 2 })
    check.equal(data.new{ x = { 1, 2 }, y = { 2, 1 }, classes = { "cat", "dog" } }.classes,
        { "cat", "dog" })
    check.raises(function() data.new{ x = { 1, 2 }, y = { 3, 1 }, classes = { "cat", "dog" } } end,
        "an integer from 1 to 2")
    check.raises(function() data.new{ x = { 1, 2 }, y = { "a", 1 } } end, "y[2] must be a string")
    check.raises(function() data.new{ x = { 1, 2 }, y = { 1, "a" } } end, "y[2] must be a number")
    check.raises(function() data.new{ x = { { 1, "a" }, { "b", "a" } } } end, "x[2][1]")
end)

check.test("spirals", function()
    local d = data.spirals{ n = 7, classes = 3, noise = 0, turns = 0.5 }
    check.equal(d.y, array{ 1, 1, 1, 2, 2, 3, 3 })
    for i = 1, 7 do
        local radius = ({ 0, 0.5, 1, 0, 1, 0, 1 })[i]
        local angle = 2*math.pi*((d.y[i] - 1)/3 + 0.5*radius)
        check.close(d.x(i, 1), radius*math.sin(angle), 1e-15)
        check.close(d.x(i, 2), radius*math.cos(angle), 1e-15)
    end
    check.equal(data.spirals{ n = 20, seed = 3 }.x, data.spirals{ n = 20, seed = 3 }.x)
    check.raises(function() data.spirals{ n = 2, classes = 3 } end, "too few for 3 classes")
    local two = data.spirals{ n = 20, seed = 3 }
    local L = loss.binary_cross_entropy(model.mlp{ 2, 8, 1, activation = "tanh" }, two)
    local phi = L.model:init{ seed = 1 }
    check.ok(close(L:numeric_gradient(phi), L:gradient(phi), 1e-6))
end)

check.test("r(x) predicts in the data's own units", function()
    local plain = fit(loss.least_squares(model.line, line), optim.newton{}, { start = { 0, 0 } })
    for _, with_y in ipairs{ false, true } do
        local s = line:standardize{ y = with_y }
        local r = fit(loss.least_squares(model.line, s), optim.newton{}, { start = { 0, 0 } })
        check.ok(close(r{ 0, 1, 2.5 }, plain{ 0, 1, 2.5 }, 1e-12))
        check.close(r(1), plain(1), 1e-12)
        check.close(r2(r), r2(plain), 1e-12)
        check.close(r2(r, line), r2(plain), 1e-12)
        local path = os.tmpname()
        r:save(path)
        check.equal(descent.run.load(path)(1), r(1))
        os.remove(path)
    end
    local d = data.new{ x = { { 1, 20 }, { 3, 50 }, { 4, 40 }, { 0, 10 } },
        y = { { 1, 5 }, { 2, 1 }, { 3, 2 }, { 0, 7 } } }
    local a = fit(loss.least_squares(model.linear(2, 2), d:standardize{ y = true }), optim.newton{})
    local b = fit(loss.least_squares(model.linear(2, 2), d), optim.newton{})
    check.ok(close(a{ 2, 30 }, b{ 2, 30 }, 1e-9))
    check.ok(close(a{ { 2, 30 }, { 1, 1 } }, b{ { 2, 30 }, { 1, 1 } }, 1e-9))
    local s = fit(loss.gaussian{ sigma = "fit" }(model.line, line:standardize{ y = true }),
        optim.newton{ damping = "auto" }, { start = { 0, 0, 0 } })
    check.close(math.exp(s(1)[2]), 0.129056, 1e-6) -- curriculum A3
end)
