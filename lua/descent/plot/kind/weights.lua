-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.weights: how much of each earlier gradient is in an optimizer's means.

local core = require "descent.core"
local doc = require "descent.doc"
local label = require "descent.plot.label"

local record = {
    name = "plot.weights",
    signature = "plot.weights{opt, steps = 20}",
    summary = "The weight of each earlier gradient in the momentum m after some updates, the "
        .. "latest gradient first; for rules that keep a mean square v, the weights of the squares "
        .. "too. Corrected means (m̃, ṽ) are shown corrected: their weights sum to 1.",
    arguments = {
        { name = "steps", type = "integer", default = 20, range = "[1, 1000]",
          summary = "updates that have been done: one bar each" },
        { name = "title", type = "string", default_text = "the rule",
          summary = "written above" },
    },
    returns = "nothing",
    errors = "a rule without a mean, such as optim.gd",
    equation = "m = (1 − β)·Σ β^k·g_(t − k), k = 0, 1, ...",
    example = [[
plot.output("none")
plot.weights{optim.momentum{alpha = 0.1, beta = 0.6}, steps = 5}
print(plot.describe())]],
    result = [[
momentum, β = 0.6: across updates ago from −0.5 to 4.5, up weight in m from 0 to 0.42.
5 bars, highest 0.4 at 0.
The weights sum to 0.9222; the latest 2 gradients have more than half of that.]],
}

-- What m is made of, by its form: the weight of the gradient of k updates ago.
local forms = {
    average = function(beta) return function(k) return (1 - beta) * beta ^ k end end,
    velocity = function(beta, alpha) return function(k) return -alpha * beta ^ k end end,
    sum = function(beta) return function(k) return beta ^ k end end,
}

local function argument(optimizer, name)
    for _, one in ipairs(optimizer.arguments) do
        if one.name == name then return one.value end
    end
end

-- The means of a rule, each {symbol, of what, weight(k), name and value of its decay}.
local function means_of(optimizer, steps)
    local has = {}
    for _, term in ipairs(optimizer.terms) do has[term.name] = term end
    local beta, gamma = argument(optimizer, "beta"), argument(optimizer, "gamma")
    local list = {}
    local function mean(name, decay, weight, of, symbol)
        local corrected = has[name .. "_corrected"]
        local share = corrected and 1 - decay ^ steps or 1
        list[#list + 1] = {
            symbol = corrected and corrected.symbol or has[name].symbol, of = of,
            decay = symbol .. " = " .. label.number(decay),
            weight = function(k) return weight(k) / share end,
        }
    end
    if has.m and type(beta) == "number" then
        local form = argument(optimizer, "form") or "average"
        local alpha = argument(optimizer, "alpha")
        if form == "velocity" and type(alpha) ~= "number" then
            doc.fail("plot.weights: with a changing alpha the weights in the velocity change too; "
                .. "give one number as alpha")
        end
        mean("m", beta, forms[form](beta, alpha), "gradient", "β")
    end
    if has.v and type(gamma) == "number" then
        mean("v", gamma, forms.average(gamma), "squared gradient", "γ")
    end
    return list
end

-- How many of the latest weights have more than half of the sum.
local function half_of(weights, sum)
    local part = 0
    for k, weight in ipairs(weights) do
        part = part + weight
        if math.abs(part) > math.abs(sum) / 2 then return k end
    end
    return #weights
end

local function describe(options)
    local checked = doc.options(record, options, 1)
    local optimizer = checked[1]
    if core.type(optimizer) == "run" then optimizer = optimizer.optimizer end
    if core.type(optimizer) ~= "optimizer" then
        doc.fail("plot.weights: an optimizer is missing: %s", record.signature)
    end
    local means = means_of(optimizer, checked.steps)
    local name = optimizer.title or optimizer.name
    if #means == 0 then
        doc.fail("plot.weights: %s keeps no mean of earlier gradients with fixed weights; "
            .. "optim.momentum and optim.adam do", name)
    end
    local panels = {}
    for i, mean in ipairs(means) do
        local x, y, sum = {}, {}, 0
        for k = 0, checked.steps - 1 do
            x[k + 1], y[k + 1] = k, mean.weight(k)
            sum = sum + y[k + 1]
        end
        local latest = half_of(y, sum)
        panels[i] = {
            title = ("%s, %s"):format(name, mean.decay),
            x = { label = "updates ago", integer = true, range = { -0.5, checked.steps - 0.5 } },
            y = { label = (mean.of == "gradient" and "weight in " or "weight of g² in ")
                    .. mean.symbol, zero = true },
            layers = { { kind = "bars", x = x, y = y, width = 0.8, colour = i } },
            words = ("The weights sum to %s; the latest %s more than half of that."):format(
                label.number(sum), latest == 1 and mean.of .. " has"
                or ("%d %ss have"):format(latest, mean.of)),
        }
    end
    if checked.title and #panels == 1 then panels[1].title = checked.title end
    return { title = #panels > 1 and checked.title or nil, panels = panels }
end

return { record = record, describe = describe }
