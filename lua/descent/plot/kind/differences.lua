-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.differences: how far difference quotients are from the derivative, against their width.

local core = require "descent.core"
local doc = require "descent.doc"
local label = require "descent.plot.label"
local values = require "descent.plot.values"

local PER_DECADE = 8

local record = {
    name = "plot.differences",
    signature = "plot.differences{f, at = 1, from = 1e-15, to = 1, derivative =}",
    summary = "The error of the forward difference (f(x + h) − f(x))/h and of the central one "
        .. "(f(x + h) − f(x − h))/2h against h: it falls with h, and rises again where rounding "
        .. "takes over. The true derivative is that of f as formulas give it.",
    arguments = {
        { name = "at", type = "number", required = true, summary = "the place x" },
        { name = "from", type = "number", default = 1e-15, range = "(0, inf)",
          summary = "the smallest h" },
        { name = "to", type = "number", default = 1, range = "(0, inf)",
          summary = "the largest h" },
        { name = "derivative", type = "value", default_text = "from the formula of f",
          summary = "the true derivative, a number or a function: where f cannot be read as a "
              .. "formula" },
        { name = "title", type = "string", summary = "written above" },
    },
    returns = "nothing",
    errors = "a function whose derivative is not known and not given",
    example = [[
plot.output("none")
plot.differences{function(x) return sin(x) end, at = 1}
print(plot.describe():match("Error[^:]*"))
print(plot.describe():match("forward[^\n]*(to %(1[^)]*%))"))
print(plot.describe():match("central[^\n]*(to %(1[^)]*%))"))]],
    result = [[
Error of the derivative of f(x) at x = 1
to (1, 0.4725)
to (1, 0.08565)]],
}

local function true_derivative(f, given, at)
    if type(given) == "number" then return given end
    if given ~= nil then
        if not values.is_callable(given) then
            doc.fail("plot.differences: derivative is a number or a function, not a %s",
                core.type(given))
        end
        return given(at)
    end
    if core.type(f) == "loss" then return f:gradient { at }[1] end
    -- Within a function of its own, since sin itself tells no names of arguments.
    local fine, result = pcall(function()
        return core.loss(function(x) return f(x) end):gradient { at }[1]
    end)
    if not fine or type(result) ~= "number" then
        doc.fail("plot.differences: the derivative of this function is not known; write f with "
            .. "sin, exp, ... as a model is, or give it: derivative = math.cos")
    end
    return result
end

local function describe(options)
    local checked = doc.options(record, options, 1)
    local given, at = checked[1], checked.at
    if core.type(given) ~= "loss" and not values.is_callable(given) then
        doc.fail("plot.differences: a function is missing: %s", record.signature)
    end
    if not (checked.from < checked.to) then
        doc.fail("plot.differences: from (%s) must be less than to (%s)",
            label.number(checked.from), label.number(checked.to))
    end
    local f, name, argument = values.function_of("differences", given)
    local slope = true_derivative(given, checked.derivative, at)
    local first, last = math.log(checked.from, 10), math.log(checked.to, 10)
    local steps = math.max(1, math.ceil((last - first) * PER_DECADE - 1e-9))
    local here = f(at)
    local hs, forward, central, best = {}, {}, {}, {}
    for i = 0, steps do
        local h = i == steps and checked.to or 10.0 ^ (first + (last - first) * i / steps)
        local after, before = f(at + h), f(at - h)
        hs[i + 1] = h
        forward[i + 1] = math.abs((after - here) / h - slope)
        central[i + 1] = math.abs((after - before) / (2 * h) - slope)
        for k, errors in ipairs { forward, central } do
            if errors[i + 1] == errors[i + 1]
                and (not best[k] or errors[i + 1] < best[k].error) then
                best[k] = { h = h, error = errors[i + 1] }
            end
        end
    end
    local function words(one)
        return ("%s (error %s)"):format(label.number(one.h), label.number(one.error))
    end
    return { panels = { {
        title = checked.title or ("Error of the derivative of %s at %s = %s"):format(name, argument,
            label.number(at)),
        x = { label = "h", log = true, range = { checked.from, checked.to } },
        y = { label = "error", log = true },
        layers = {
            { kind = "line", x = hs, y = forward, colour = 2, label = "forward difference" },
            { kind = "line", x = hs, y = central, colour = 1, label = "central difference" },
        },
        words = best[1] and ("The best forward h is %s, the best central one %s.")
            :format(words(best[1]), words(best[2])) or nil,
    } } }
end

return { record = record, describe = describe }
