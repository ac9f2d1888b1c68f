-- SPDX-License-Identifier: GPL-3.0-or-later
local check = require "check"

local d = data.line12

-- A data set whose y are words.
local function worded(text)
    local name = os.tmpname()
    local file = io.open(name, "w")
    file:write("x,y\n", text)
    file:close()
    local set = data.read(name)
    os.remove(name)
    return set
end

check.test("r2 of a line, of the mean, and of something worse", function()
    local L = loss.least_squares(model.line, d)
    local phi = L:solve()
    local spread = 0
    for i = 1, 12 do spread = spread + (d.y[i] - d.y:mean())^2 end
    check.close(r2(model.line, d, phi), 1 - L(phi)/spread, 1e-14)
    local r = descend(L, optim.gd{ alpha = 0.01 }, { start = { d.y:mean(), 0 } })
    check.close(r2(r), 0, 1e-14)
    check.close(r2(r, d:take{ 1, 2 }), 1 - L:batch{ 1, 2 }(r.phi)/(2*0.09^2), 1e-11)
    check.ok(r2(model.line, d, { 5, 5 }) < 0)
    local two = data.new{ x = { 0, 1, 2 }, y = { { 0, 5 }, { 1, 4 }, { 2, 1 } } }
    check.close(r2(model.linear(1, 2), two, { 1, 0, 0, 3 }):table(), { 1, 1 - 9/(26/3) }, 1e-14)
    check.raises(function() r2(model.line, data.new{ x = { 1, 2 }, y = { 3, 3 } }, { 1, 1 }) end,
                 "does not vary")
    check.equal(r2(model.gaussian(model.line), d, { phi[1], phi[2], 0 }), r2(model.line, d, phi))
end)

check.test("accuracy of probabilities, of scores, of classes by name", function()
    local set = data.new{ x = { -2, -1, 1, 2 }, y = { 0, 1, 1, 1 } }
    check.equal(accuracy(model.logistic, set, { 0, 1 }), 0.75)
    -- A line's output is a score for the cross-entropy: above 0, not above 1/2.
    local B = loss.binary_cross_entropy(model.line, set)
    local r = descend(B, optim.gd{ alpha = 0.1 }, { start = { 0.1, 0.1 } })
    check.equal(accuracy(r), 0.75)
    check.equal(accuracy(model.line, set, { 0.5, 0.25 }), 0.75) -- a line through 0 and 1
    local words = worded("-2,no\n-1,yes\n1,yes\n2,yes\n")
    check.equal(accuracy(model.logistic, words, { 0, 1 }), 0.75)
    check.equal(confusion(model.logistic, words, { 0, 1 }), array{ { 1, 0 }, { 1, 2 } })
    check.equal(confusion(r), array{ { 1, 0 }, { 1, 2 } })
    local three = worded("-2,a\n0,b\n2,c\n3,a\n")
    local m = model.softmax(1, 3)
    local phi = { W = { -1, 0, 1 }, b = { 0, 0.5, 0 } }
    check.equal(accuracy(m, three, phi), 0.75)
    check.equal(confusion(m, three, phi), array{ { 1, 0, 1 }, { 0, 1, 0 }, { 0, 0, 1 } })
    check.equal(accuracy(model.linear(1, 3), three, phi), 0.75)
    local one = data.new{ x = { { 1, 2 } }, y = { 1 } }
    check.equal(accuracy(model.logistic(2), one, { 0, 1, 1 }), 1.0)
end)

check.test("scores refuse what they cannot count", function()
    check.raises(function() accuracy(model.line, d, { 0, 1 }) end, "for numbers there is r2")
    check.raises(function() accuracy(model.line, d) end, "needs its parameters")
    check.raises(function() accuracy(3, d) end, "takes a run and data")
    check.raises(function() accuracy(model.line, 3, { 0, 1 }) end, "data set")
    check.raises(function() r2(model.softmax(1, 3), d, zeros(6)) end, "3 outputs")
    local L = loss(function(a) return a^2 end)
    check.raises(function() r2(descend(L, optim.gd{ alpha = 1 }, { start = { 1 } })) end, "a model")
end)
