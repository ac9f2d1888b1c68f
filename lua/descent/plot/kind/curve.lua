-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.curve: functions of one number, with the tangent at a place.

local core = require "descent.core"
local description = require "descent.plot.description"
local doc = require "descent.doc"
local label = require "descent.plot.label"
local values = require "descent.plot.values"

local record = {
    name = "plot.curve",
    signature = "plot.curve{f, ..., from = -5, to = 5, at =}",
    summary = "Functions of one number, or a loss of one parameter; at draws the tangent there and "
        .. "which way is downhill.",
    arguments = {
        { name = "from", type = "number", default = -5, summary = "the left end" },
        { name = "to", type = "number", default = 5, summary = "the right end" },
        { name = "at", type = "number", default_text = "no tangent",
          summary = "where the tangent is" },
        { name = "title", type = "string", summary = "written above" },
    },
    returns = "nothing",
    errors = "a function that does not give numbers",
    example = [[
plot.output("none")
plot.curve{function(x) return x^2 - 4*x + 5 end, from = -1, to = 5, at = 0}
print(plot.describe():match("slope[^:]*"))]],
    result = "slope at x = 0 is −4",
}

local SAMPLES = 400

-- A central difference, improved once by Richardson's rule.
local function slope(f, x)
    local h = 1e-3 * math.max(1, math.abs(x))
    local function difference(step) return (f(x + step) - f(x - step)) / (2 * step) end
    return (4 * difference(h / 2) - difference(h)) / 3
end

local function sample(f, from, to)
    local xs, ys = {}, {}
    for i = 0, SAMPLES do
        xs[i + 1] = from + (to - from) * i / SAMPLES
        ys[i + 1] = f(xs[i + 1])
    end
    return xs, ys
end

-- The curve decides what is seen: a steep tangent may leave the picture.
local function keep_range(layers, panel)
    local low, high = math.huge, -math.huge
    for _, layer in ipairs(layers) do
        for _, y in ipairs(layer.y) do
            if description.finite(y) then low, high = math.min(low, y), math.max(high, y) end
        end
    end
    if low < high then
        local more = 0.08 * (high - low)
        panel.y.range = { low - more, high + more }
    end
end

-- The tangent over a sixth of the width at each side, and a step downhill.
local function tangent(f, at, from, to, name, layers, panel)
    local value, rise = f(at), slope(f, at)
    if not description.finite(value) or not description.finite(rise) then
        doc.fail("plot.curve: the function has no slope at %s", label.number(at))
    end
    local half = (to - from) / 6
    layers[#layers + 1] = {
        kind = "line", x = { at - half, at + half }, dash = true, colour = 2, label = "tangent",
        y = { value - half * rise, value + half * rise },
    }
    -- Where it is so flat that it would not be seen there is no way downhill.
    local flat = math.abs(rise) < 1e-7 * math.max(1, math.abs(value))
    if not flat then
        local step = (rise > 0 and -1 or 1) * (to - from) / 8
        layers[#layers + 1] = {
            kind = "arrows", x = { at }, y = { value }, x2 = { at + step }, y2 = { value },
            colour = 3, label = "downhill",
        }
    end
    layers[#layers + 1] = {
        kind = "points", x = { at }, y = { value }, colour = 2, marker = 1,
        label = ("%s = %s"):format(name, label.number(at)),
    }
    local words = ("slope at %s = %s is %s"):format(name, label.number(at),
        flat and "0" or label.number(rise, 3))
    panel.title = panel.title or words .. (flat and ": flat"
        or ": downhill is to the " .. (rise > 0 and "left" or "right"))
end

local function describe(options)
    local checked = doc.options(record, options, values.MANY)
    local found = values.sort("curve", checked, { ["function"] = true, loss = true })
    local all = {}
    for _, value in ipairs(checked) do all[#all + 1] = value end
    if #found["function"] + #found.loss == 0 then
        doc.fail("plot.curve: a function is missing: %s", record.signature)
    end
    local from, to, at = checked.from, checked.to, checked.at
    if at then
        if options.from == nil then from = math.min(from, at - 1) end
        if options.to == nil then to = math.max(to, at + 1) end
    end
    if not (from < to) then
        doc.fail("plot.curve: from (%s) must be less than to (%s)", label.number(from),
            label.number(to))
    end
    local layers, x_name, y_name, first = {}, nil, nil, nil
    for i, value in ipairs(all) do
        local f, name, argument = values.function_of("curve", value)
        first, x_name, y_name = first or f, x_name or argument, y_name or name
        local xs, ys = sample(f, from, to)
        layers[i] = {
            kind = "line", x = xs, y = ys, colour = i > 1 and i + 2 or 1, name = name,
            label = #all > 1 and ("%s, curve %d"):format(name, i) or at and name or nil,
        }
    end
    local panel = {
        title = checked.title, x = { label = x_name, range = { from, to } }, y = { label = y_name },
        layers = layers,
    }
    if at then
        keep_range(layers, panel)
        tangent(first, at, from, to, x_name, layers, panel)
    end
    panel.title = panel.title or #all == 1 and y_name or "Curves"
    return { panels = { panel } }
end

return {
    record = record,
    describe = describe,
    accepts = function(given)
        for _, value in ipairs(given) do
            if core.type(value) == "loss" then
                if value.size ~= 1 then return false end
            elseif not values.is_callable(value) then
                return false
            elseif type(value) == "function" and debug.getinfo(value, "u").nparams > 1 then
                return false
            end
        end
        return #given > 0
    end,
}
