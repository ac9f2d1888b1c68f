-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- NIST's nonlinear regressions from both of their starts, by every rule that could be tried: what
-- is called a minimum is the certified one, to as many digits as its Hessian lets be seen. What is
-- not found is said to be a saddle, flat, stalled or unfinished.

local check = require "check"
local descent = require "descent"

local data, descend, fit, loss, model, optim = descent.data, descent.descend, descent.fit,
    descent.loss, descent.model, descent.optim

local sets = require "strd"
local FOUND = "the gradient is small enough"
local HONEST = {
    ["the gradient is small, but at a saddle or a maximum"] = true,
    ["the gradient is small, but the loss is flat in some direction"] = true,
    ["the number of updates was reached"] = true, ["the rule finds no way on"] = true,
    ["the run diverges"] = true,
}

local function loss_of(set)
    return loss.least_squares(model(set.predict), data.new{ x = set.x, y = set.y })
end

check.test("the data are NIST's: the squares at the certified parameters", function()
    for _, set in ipairs(sets) do
        -- The parameters are rounded to 11 digits: so is the sum, the more where it is
        -- ill-conditioned.
        check.close(loss_of(set)(set.best)/set.squares, 1, set.name == "Lanczos3" and 1e-8 or 1e-9,
            set.name)
    end
end)

local rules = {
    optim.newton{ damping = "auto" }, optim.newton{}, optim.bfgs{}, optim.lbfgs{},
    optim.line_search{ method = "wolfe" }, optim.line_search{}, optim.adam{ alpha = 0.05 },
    optim.gd{ alpha = 1e-7 },
}

-- How many of both starts each rule must find; more is better, fewer is a step back.
local least_found = { 28, 10, 20, 24, 0, 0, 0, 0 }

for i, rule in ipairs(rules) do
    local slow = i > 4
    check.test(("certified regressions by %s"):format((tostring(rule):gsub("%s+", " "))), function()
        local found = 0
        for _, set in ipairs(sets) do
            local L = loss_of(set)
            for k, start in ipairs(set.starts) do
                local r = descend(L, rule, { start = start })
                r:converge{ quiet = true, steps = slow and 2000 or nil,
                    gradient = slow and 1e-6 or nil }
                local what = ("%s, start %d: %s"):format(set.name, k, r.reason)
                if r.reason == FOUND and not slow then
                    found = found + 1
                    -- 1e-12 of L is left to fall: a parameter is then within that of its standard
                    -- deviation's scale. Lanczos3 has a condition number of 10^9; its b1 is
                    -- certified as 0.087 with a standard deviation of 0.017.
                    for j, best in ipairs(set.best) do
                        check.close(r.phi[j]/best, 1, set.name == "Lanczos3" and 1e-3 or 1e-5, what)
                    end
                    check.close(r.loss/set.squares, 1, 1e-7, what)
                elseif r.reason ~= FOUND then
                    check.ok(HONEST[r.reason], what)
                end
            end
        end
        check.ok(found >= least_found[i], ("%d found, not %d"):format(found, least_found[i]))
    end)
end

check.test("a plateau or saddle is told apart from a minimum with a goal of one's own", function()
    local eckerle
    for _, set in ipairs(sets) do if set.name == "Eckerle4" then eckerle = set end end
    local r = fit(loss_of(eckerle), optim.lbfgs{}, { start = eckerle.starts[1], gradient = 1e-6 })
    check.equal(r.reason, "the gradient is small, but at a saddle or a maximum")
    local ditch = loss(function(a, b) return (a - 1)^2 + 0*b end)
    check.equal(fit(ditch, optim.gd{ alpha = 0.1 }, { start = { 0, 0 }, gradient = 1e-6 }).reason,
        "the gradient is small, but the loss is flat in some direction")
    local bowl = loss(function(a, b) return (a - 1)^2 + b^2 end)
    local down = fit(bowl, optim.gd{ alpha = 0.1 }, { start = { 0, 1 }, gradient = 1e-3 })
    check.equal(down.reason, FOUND)
end)
