-- SPDX-License-Identifier: GPL-3.0-or-later
-- Dropout: which units are left out follows from seed, update, example and unit alone.

local check = require "check"
local descent = require "descent"

local close, data, descend, loss, model, optim = descent.close, descent.data, descent.descend,
    descent.loss, descent.model, descent.optim

-- One unit of weight 1 in a hidden layer, and x = y = 1: an update's gradient by W2 is
-- 2·(r·W2 − 1)·r with r = 0 or 1/(1 − p), which shows r of each update.
local function masks_of(p, seed, updates, example_count)
    local x = {}
    for i = 1, example_count do x[i] = 1 end
    local L = loss.least_squares(model.mlp{ 1, 1, 1, dropout = p }, data.new{ x = x, y = x })
    local r = descend(L, optim.gd{ alpha = 0 }, { start = { 1, 0, 1, 0 }, seed = seed })
    r:step(updates)
    return r, L
end

check.test("a unit is left out with probability p, the others count 1/(1 − p)", function()
    for _, p in ipairs{ 0.2, 0.5, 0.75 } do
        local r = masks_of(p, 1, 4000, 1)
        local kept, left = 1/(1 - p), 0
        local g = r.trace.gradient
        for t = 1, 4000 do
            local slope = g(t + 1, 3)
            if slope == 0 then
                left = left + 1
            else
                check.close(slope, 2*(kept - 1)*kept, 1e-12)
            end
        end
        -- 5 standard deviations of a binomial count
        check.close(left/4000, p, 5*math.sqrt(p*(1 - p)/4000))
    end
end)

check.test("predicting and r.loss leave nothing out; the update's own loss does", function()
    local r, L = masks_of(0.5, 3, 20, 8)
    check.equal(r.loss, 0.0)
    check.equal(L(r.phi), 0.0)
    check.equal(r(1), 1.0)
    check.ok(r.batch_loss > 0)
    local phi = { 0.5, 0.1, 0.7, 0.2 }
    check.ok(close(L:numeric_gradient(phi), L:gradient(phi), 1e-6))
end)

local d = data.spirals{ n = 60, seed = 1 }
local L = loss.cross_entropy(model.mlp{ 2, 8, 8, 2, dropout = 0.3 }, d)

check.test("formulas number the masks by their layers", function()
    local L = loss.least_squares(model.mlp{1, 3, 2, 1, dropout = 0.2}, data.line12)
    local text = L:formulas("unicode")
    check.contains(text.value, "W₃·(r₂ᵢ⊙")
    check.contains(tostring(L:derivative()), "r₁ᵢ⊙relu(W₁·xᵢ + b₁)")
    check.contains(L:formulas("latex").value, "r_{i,2}")
    local one = loss.least_squares(model.mlp{1, 3, 1, dropout = 0.2}, data.line12)
    check.contains(tostring(one), "(rᵢ⊙")
end)

check.test("the same seed leaves out the same units, another one others", function()
    local function run(seed) return descend(L, optim.adam{ alpha = 0.01 },
        { start = L.model:init{ seed = 1 }, seed = seed, batch = 7 }):step(30) end
    check.equal(run(1).phi, run(1).phi)
    check.different(run(1).phi, run(2).phi)
    local all = descend(L, optim.gd{ alpha = 0.01 }, { start = L.model:init{ seed = 1 }, seed = 4 })
    all:step(2)
    check.different(all.trace.gradient:row(2), all.trace.gradient:row(3))
end)

check.test("back, to, fork, save and load give the same bits", function()
    for _, batch in ipairs{ false, 7 } do
        local r = descend(L, optim.adam{ alpha = 0.01 }, { seed = 3, batch = batch or nil })
        r:step(90)
        local phi = r.phi
        check.equal(r:back(37):step(37).phi, phi)
        check.equal(r:to(5):to(90).phi, phi)
        check.equal(r:fork{ at = 20, alpha = 0.01 }:step(70).phi, phi)
        local path = os.tmpname()
        r:save(path)
        local loaded = descent.run.load(path)
        os.remove(path)
        check.equal(loaded:step(50).phi, r:step(50).phi)
    end
end)

check.test("an update with dropout is the plain one with those units taken away", function()
    -- With p = 0.5 and one example: find the masks of update 1 from the gradient by W2, then
    -- compute the gradient by hand.
    local one = data.new{ x = { { 0.3, -0.8 } }, y = { 1.5 } }
    local m = model.mlp{ 2, 4, 1, activation = "tanh", dropout = 0.5 }
    local N = loss.least_squares(m, one)
    local start = m:init{ seed = 2 }
    local p = m:named(start)
    local r = descend(N, optim.gd{ alpha = 0.1 }, { start = start, seed = 9 }):step(1)
    local g = m:named(r.trace.gradient:row(2))
    local h = tanh(matmul(p.W1, { 0.3, -0.8 }) + p.b1)
    local residual, mask = g.b2/2, {}
    for k = 1, 4 do mask[k] = close(g.W2(1, k), 0, 1e-15) and 0 or 2 end
    local f = p.b2
    for k = 1, 4 do f = f + p.W2(1, k)*mask[k]*h[k] end
    check.close(f - 1.5, residual, 1e-12)
    for k = 1, 4 do
        check.close(g.W2(1, k), 2*residual*mask[k]*h[k], 1e-12)
        check.close(g.b1[k], 2*residual*p.W2(1, k)*mask[k]*(1 - h[k]^2), 1e-12)
    end
end)

check.test("rules that compare updates refuse it", function()
    for _, rule in ipairs{ optim.bfgs{}, optim.lbfgs{} } do
        check.raises(function() descend(L, rule) end, "dropout leaves out other units")
    end
    check.raises(function() model.mlp{ 1, 2, 1, dropout = -0.1 } end, "at least 0")
end)
