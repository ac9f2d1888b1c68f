-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.hyper: how the final loss of a sweep depends on one or two of its settings.

local core = require "descent.core"
local description = require "descent.plot.description"
local doc = require "descent.doc"
local label = require "descent.plot.label"
local values = require "descent.plot.values"

local record = {
    name = "plot.hyper",
    signature = "plot.hyper{sweep, x =, y =, log =, title =}",
    summary = "A sweep over hyperparameters. Over one: the final loss against it, beside the loss "
        .. "curves of a few runs (too low, lowest, high, too high). Over two: a heat map. Of more, "
        .. "two are shown and the others held where the loss is lowest. Runs that diverge, or end "
        .. "at more than ten times the loss they began with, are marked.",
    arguments = {
        { name = "x", type = "string", default_text = "the first setting",
          summary = "the setting across" },
        { name = "y", type = "string", default_text = "the second setting, where there is one",
          summary = "the setting upwards" },
        { name = "log", type = "boolean", default_text = "where the values span two powers of ten",
          summary = "losses on a logarithmic scale" },
        { name = "title", type = "string", default_text = "the rule", summary = "written above" },
    },
    returns = "nothing",
    errors = "what is no sweep, a setting that was not swept",
    example = [[
L = loss.least_squares(model.line, data.line12)
s = sweep{L, optim.gd, alpha = {0.001, 0.01, 0.037, 0.05}, start = {1.6, -0.5}, steps = 100}
plot.output("none")
plot.hyper{s}
print(plot.describe():match("Lowest[^\n]*"))]],
    result = "Lowest loss 0.1999 at α = 0.037; 1 of 4 runs diverges.",
}

local function is_sweep(value)
    local meta = type(value) == "table" and getmetatable(value)
    return meta and meta.__name == "sweep" and value.points ~= nil
end

-- --- the axes ----------------------------------------------------------------------------------

local function value_text(value)
    if type(value) == "number" then return label.number(value, 3) end
    if core.type(value) == "schedule" then return value.name end
    if type(value) == "table" or core.type(value) == "array" then
        local parts = {}
        for i, one in ipairs(value) do parts[i] = i <= 3 and label.number(one, 3) or nil end
        return "(" .. table.concat(parts, ", ") .. (#value > 3 and ", …" or "") .. ")"
    end
    return tostring(value)
end

-- An axis stands at its values where these are numbers that measure something, else at 1, 2, ...
local function is_measure(axis)
    if axis.name == "seed" then return false end
    for _, value in ipairs(axis.values) do
        if type(value) ~= "number" then return false end
    end
    return #axis.values > 1
end

local function wants_log(list)
    for _, value in ipairs(list) do
        if value <= 0 then return false end
    end
    return math.max(table.unpack(list)) >= 10 * math.min(table.unpack(list))
end

-- The axis of a plot, with a tick at each value.
local function numbered(axis)
    local ticks = {}
    for i, value in ipairs(axis.values) do ticks[i] = { at = i, text = value_text(value) } end
    return { label = label.symbol(axis.name), range = { 0.5, #axis.values + 0.5 }, ticks = ticks }
end

local function find_axis(sweep, name)
    local names = {}
    for i, axis in ipairs(sweep.axes) do
        if axis.name == name then return axis end
        names[i] = axis.name
    end
    local near = doc.nearest(name, names)
    doc.fail("plot.hyper: %s was not swept%s; the sweep is over %s", label.clean(name),
        near and (" (did you mean %s?)"):format(near) or "", table.concat(names, ", "))
end

-- --- the points --------------------------------------------------------------------------------

-- Those that have the best one's settings on all axes that are not shown.
local function shown_points(sweep, shown)
    local list = {}
    for _, point in ipairs(sweep.points) do
        local fits = true
        for _, axis in ipairs(sweep.axes) do
            local held = not shown[axis.name]
            fits = fits and (not held
                or point.settings[axis.name] == sweep.best.settings[axis.name])
        end
        if fits then list[#list + 1] = point end
    end
    return list
end

-- The loss at the start; one evaluation, and not the whole trace.
local function start_loss(run) return run.objective(run.trace.phi:row(1)) end

-- Notes for each point, by itself as the key, whether it is lost; returns how many are.
local function mark_lost(points)
    local count = 0
    for _, point in ipairs(points) do
        local first = start_loss(point.run)
        points[point] = not description.finite(point.loss) or first > 0 and point.loss > 10 * first
        if points[point] then count = count + 1 end
    end
    return count
end

local function position(axis, value)
    for i, one in ipairs(axis.values) do
        if one == value then return i end
    end
end

local function best_words(sweep, axes, points, lost)
    local parts = {}
    for i, axis in ipairs(axes) do
        parts[i] = ("%s = %s"):format(label.symbol(axis.name),
            value_text(sweep.best.settings[axis.name]))
    end
    local text = ("Lowest loss %s at %s"):format(label.number(sweep.best.loss),
        table.concat(parts, ", "))
    if lost == 0 then return text .. "." end
    return ("%s; %d of %d runs %s."):format(text, lost, #points, lost == 1 and "diverges"
        or "diverge")
end

-- --- over one setting --------------------------------------------------------------------------

-- A few runs that show what the setting does: the lowest value, the best, one between the best and
-- the first that diverges, and that one.
local function examples(points, best)
    local at = 1
    for i, point in ipairs(points) do
        if point == best then at = i end
    end
    local first_lost
    for i = at + 1, #points do
        if points[points[i]] and not first_lost then first_lost = i end
    end
    local last_good = first_lost and first_lost - 1 or #points
    local wanted, list = {}, {}
    wanted[1], wanted[at], wanted[last_good] = true, true, true
    if first_lost then wanted[first_lost] = true end
    for i, point in ipairs(points) do
        if wanted[i] then list[#list + 1] = point end
    end
    return list
end

-- One that diverges is shown up to a few times its start.
local function loss_curve(run)
    local times, losses = run.trace.t:table(), run.trace.loss:table()
    local most = 10 * math.abs(losses[1]) + 1
    local xs, ys = {}, {}
    for i = 1, #losses do
        if not (losses[i] <= most) then break end
        xs[i], ys[i] = times[i], losses[i]
    end
    return xs, ys
end

local function over_one(sweep, axis, points, checked)
    local measured = is_measure(axis)
    local x = measured and { label = label.symbol(axis.name), log = wants_log(axis.values) }
        or numbered(axis)
    local function place(point)
        local value = point.settings[axis.name]
        return measured and value or position(axis, value)
    end
    table.sort(points, function(a, b) return place(a) < place(b) end)
    local lost = mark_lost(points)
    local xs, ys, lost_x, low, high = {}, {}, {}, math.huge, -math.huge
    for i, point in ipairs(points) do
        xs[i], ys[i] = place(point), 0 / 0
        if points[point] then
            lost_x[#lost_x + 1] = xs[i]
        else
            ys[i] = point.loss
            low, high = math.min(low, point.loss), math.max(high, point.loss)
        end
    end
    if low > high then doc.fail("plot.hyper: nothing to draw: every run diverges") end
    local log = checked.log
    if log == nil then
        local seen = {}
        for _, y in ipairs(ys) do
            if y == y then seen[#seen + 1] = y end
        end
        log = values.wants_log { seen }
    end
    -- Runs that diverge stand at the upper edge.
    local top, bottom
    if log then
        local factor = math.max(high / low, 1.5) ^ 0.12
        bottom, top = low / factor, high * factor ^ (#lost_x > 0 and 1.6 or 1)
    else
        local span = high > low and high - low or math.max(1e-300, math.abs(high))
        bottom, top = low - 0.08 * span, high + (#lost_x > 0 and 0.14 or 0.08) * span
        if low >= 0 and bottom < 0 then bottom = 0 end
    end
    local lost_y = {}
    for i = 1, #lost_x do lost_y[i] = top end
    local best_x, best_y = place(sweep.best), sweep.best.loss
    local symbol = label.symbol(axis.name)
    local first = {
        title = "final loss", x = x, y = { label = "L[φ]", log = log, range = { bottom, top } },
        words = best_words(sweep, { axis }, points, lost),
        layers = {
            { kind = "line", x = xs, y = ys, colour = 1, thin = true, name = "final loss" },
            { kind = "points", x = xs, y = ys, colour = 1, label = "final loss" },
            { kind = "points", x = { best_x }, y = { best_y }, colour = 2, marker = 4,
              label = ("lowest: %s at %s = %s"):format(label.number(best_y), symbol,
                  value_text(sweep.best.settings[axis.name])) },
        },
    }
    if #lost_x > 0 then
        table.insert(first.layers, { kind = "points", x = lost_x, y = lost_y, colour = 6,
                                     marker = 3, label = "diverges" })
    end
    local layers, lists = {}, {}
    for i, point in ipairs(examples(points, sweep.best)) do
        local times, losses = loss_curve(point.run)
        lists[i] = losses
        layers[i] = { kind = "line", x = times, y = losses, colour = i,
                      label = ("%s = %s"):format(symbol, value_text(point.settings[axis.name])) }
    end
    local second_log = checked.log
    if second_log == nil then second_log = values.wants_log(lists) end
    return { first, {
        title = "loss of some of the runs", x = { label = "update t", integer = true },
        y = { label = "L[φ]", log = second_log, zero = not second_log }, layers = layers,
    } }
end

-- --- over two settings -------------------------------------------------------------------------

local function over_two(sweep, first, second, points, checked)
    local lost = mark_lost(points)
    local matrix = {}
    for i = 1, #first.values do
        matrix[i] = {}
        for j = 1, #second.values do matrix[i][j] = 0 / 0 end
    end
    local lost_x, lost_y, seen = {}, {}, {}
    for _, point in ipairs(points) do
        local i = position(first, point.settings[first.name])
        local j = position(second, point.settings[second.name])
        if points[point] then
            lost_x[#lost_x + 1], lost_y[#lost_y + 1] = i, j
        else
            matrix[i][j] = point.loss
            seen[#seen + 1] = point.loss
        end
    end
    if #seen == 0 then doc.fail("plot.hyper: nothing to draw: every run diverges") end
    local log = checked.log
    if log == nil then
        local positive = {}
        for _, value in ipairs(seen) do
            if value > 0 then positive[#positive + 1] = value end
        end
        log = #positive > 1 and values.wants_log { positive }
    end
    local layers = { {
        kind = "points", x = { position(first, sweep.best.settings[first.name]) },
        y = { position(second, sweep.best.settings[second.name]) }, colour = 1, marker = 4,
        label = "lowest: " .. label.number(sweep.best.loss),
    } }
    if #lost_x > 0 then
        layers[2] = { kind = "points", x = lost_x, y = lost_y, colour = 6, marker = 3,
                      label = "diverges" }
    end
    return { {
        x = numbered(first), y = numbered(second), layers = layers,
        words = best_words(sweep, { first, second }, points, lost),
        image = { values = matrix, x0 = 1, x1 = #first.values, y0 = 1, y1 = #second.values,
                  nearest = true, contours = false, bands = 64, log = log, label = "final L[φ]" },
    } }
end

-- --- the plot ----------------------------------------------------------------------------------

local function held_words(sweep, shown)
    local parts = {}
    for _, axis in ipairs(sweep.axes) do
        if not shown[axis.name] then
            parts[#parts + 1] = ("%s = %s"):format(label.symbol(axis.name),
                value_text(sweep.best.settings[axis.name]))
        end
    end
    return #parts > 0 and ", " .. table.concat(parts, ", ") or ""
end

local function describe(options)
    local checked = doc.options(record, options, 1)
    local sweep = checked[1]
    if not is_sweep(sweep) then
        doc.fail("plot.hyper: a sweep is needed, not %s: plot.hyper{sweep{L, optim.gd, alpha = "
            .. "{0.01, 0.1}, steps = 100}}", sweep == nil and "nothing" or "a " .. core.type(sweep))
    end
    if #sweep.axes == 0 then doc.fail("plot.hyper: the sweep has no list of values: one run") end
    local first = checked.x and find_axis(sweep, checked.x)
    local second = checked.y and find_axis(sweep, checked.y)
    if first and first == second then doc.fail("plot.hyper: x and y are the same setting") end
    local asked = first ~= nil and second == nil -- one setting alone
    for _, axis in ipairs(sweep.axes) do
        if not first and axis ~= second then
            first = axis
        elseif not second and axis ~= first and not asked then
            second = axis
        end
    end
    local shown = { [first.name] = true }
    if second then shown[second.name] = true end
    local points = shown_points(sweep, shown)
    local panels
    if second then
        panels = over_two(sweep, first, second, points, checked)
    else
        panels = over_one(sweep, first, points, checked)
    end
    local title = checked.title or ("%s, %s%s"):format(sweep.title or "sweep", second
        and ("final loss over %s and %s"):format(label.symbol(first.name),
            label.symbol(second.name))
        or ("%d values of %s"):format(#points, label.symbol(first.name)),
        held_words(sweep, shown))
    if #panels == 1 then
        panels[1].title, title = title, nil
    end
    return { title = title, panels = panels }
end

return {
    record = record,
    describe = describe,
    order = 40,
    accepts = function(given) return #given == 1 and is_sweep(given[1]) end,
}
