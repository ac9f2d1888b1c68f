-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- sweep{L, optim.gd, alpha = {...}, steps = ...}: a run for every combination of settings, starts
-- and seeds, on as many cores as there are. Each run depends on its place in the grid alone.

local compare = require "descent.compare"
local core = require "descent.core"
local doc = require "descent.doc"
local show = require "descent.show"
local terminal = require "descent.terminal"

local SAME = 1e-3 -- parameters that are this near, relative to their size, are the same end
local SHOWN = 12  -- rows

local sweep = { __name = "sweep" }
sweep.__index = sweep

local function value_text(value)
    if type(value) == "number" then return show.short(value) end
    if core.type(value) == "schedule" then return "schedule." .. value.name end
    if type(value) == "table" or core.type(value) == "array" then
        local parts = {}
        for i, number in ipairs(value) do parts[i] = show.short(number) end
        return "{" .. table.concat(parts, ", ", 1, math.min(#parts, 4)) .. (#parts > 4 and ", ..."
            or "") .. "}"
    end
    return tostring(value)
end

local function settings_text(point, axes)
    local parts = {}
    for i, axis in ipairs(axes) do
        parts[i] = axis.name .. " = " .. value_text(point.settings[axis.name])
    end
    return #parts > 0 and table.concat(parts, ", ") or "as given"
end

local function point_text(point, axes)
    if not point.finished then
        return ("%s: %s"):format(settings_text(point, axes), point.run.t == 0 and "not begun"
            or ("interrupted at update %d, loss %s"):format(point.run.t,
                show.short(point.run.loss)))
    end
    return ("%s: loss %s, %d updates%s"):format(settings_text(point, axes),
        show.short(point.loss), point.run.t,
        point.run.reason == "the run diverges" and ", diverges" or "")
end

function sweep:__tostring()
    local lines = { ("%d run%s of %s%s"):format(#self.runs, #self.runs == 1 and "" or "s",
        self.title,
        self.stopped and (", interrupted: %d finished"):format(self.finished) or "") }
    for i, point in ipairs(self.points) do
        if i > SHOWN then
            lines[#lines + 1] = ("    ... %d more"):format(#self.points - SHOWN)
            break
        end
        lines[#lines + 1] = "    " .. point_text(point, self.axes)
            .. (point == self.best and " (lowest)" or "")
    end
    if #self.ends < #self.runs and #self.ends > 0 then
        lines[#lines + 1] = "they end at"
        for i, place in ipairs(self.ends) do
            if i > SHOWN then break end
            lines[#lines + 1] = ("    loss %s, phi = %s: %d"):format(show.short(place.loss),
                value_text(place.phi), place.count)
        end
    end
    for i, line in ipairs(lines) do lines[i] = terminal.clip and terminal.clip(line, 100,
        terminal.unicode()) or line end
    return table.concat(lines, "\n")
end

-- A list of several values for one setting.
local function is_list(value)
    return type(value) == "table" and #value > 0 and getmetatable(value) == nil
        or core.type(value) == "array"
end

local function values_of(value)
    local list = {}
    for i, item in ipairs(value) do list[i] = item end
    return list
end

local function is_start_list(value)
    local first = type(value) == "table" and value[1]
    return type(first) == "table" or core.type(first) == "array"
end

-- The constructor, or the optimizer to be copied with changes; and its record.
local function maker_of(given)
    if core.type(given) == "optimizer" then
        return function(settings) return given(settings) end, given.arguments
    end
    local record = type(given) == "function" and doc.of(given)
    if not record or not record.name:find("^optim%.") then
        doc.fail("sweep: after the loss comes an optimizer, or its name as optim.gd")
    end
    return given, record.arguments
end

local function refuse_empty(options, name)
    local value = options[name]
    if type(value) == "table" and next(value) == nil and getmetatable(value) == nil then
        doc.fail("sweep: %s is an empty list; give the values to be tried: %s = {..., ...}", name,
            name)
    end
end

-- The grid's axes in order: the rule's settings as its record has them, then start, then seed.
local function axes_of(options, arguments, loss)
    local axes, fixed, used = {}, {}, {}
    for _, argument in ipairs(arguments) do
        local value = options[argument.name]
        used[argument.name] = true
        refuse_empty(options, argument.name)
        if value ~= nil and is_list(value) then
            axes[#axes + 1] = { name = argument.name, values = values_of(value), rule = true }
        elseif value ~= nil then
            fixed[argument.name] = value
        end
    end
    refuse_empty(options, "start")
    refuse_empty(options, "seed")
    if options.starts then
        if not loss.model then
            doc.fail("sweep: starts = n draws starts from the model, and this loss has none; give "
                .. "a list: start = {{...}, {...}}")
        end
        local list, first = {}, math.type(options.seed) == "integer" and options.seed or 0
        for i = 1, options.starts do list[i] = loss.model:init{ seed = first + i - 1 } end
        axes[#axes + 1] = { name = "start", values = list }
    elseif is_start_list(options.start) then
        axes[#axes + 1] = { name = "start", values = values_of(options.start) }
    end
    if type(options.seed) == "table" then
        axes[#axes + 1] = { name = "seed", values = values_of(options.seed) }
    end
    return axes, fixed, used
end

local arguments = {
    { name = "starts", type = "integer", range = ">= 1", default_text = "none",
      summary = "this many starts from the model's init, with seeds from seed (or 0) upwards" },
}
for _, argument in ipairs(compare.run_arguments) do
    local copy = {}
    for key, value in next, argument do copy[key] = value end
    if argument.name == "start" or argument.name == "seed" then
        copy.type, copy.range, copy.minimum, copy.maximum = "value", nil, nil, nil
        copy.summary = copy.summary .. "; or a list of such"
    end
    arguments[#arguments + 1] = copy
end

local record = {
    name = "sweep",
    signature = "sweep{L, optim.gd, alpha = {...}, ..., steps, starts, start, seed, batch, ...}",
    summary = "A run for every combination of the settings that are given as lists; also over "
        .. "starts and seeds, with counts of where they end. Several run at once, on as many cores "
        .. "as there are (the variable DESCENT_THREADS says how many); the result is the same for "
        .. "any number of them. Ctrl-C stops all; at the prompt what is finished is kept.",
    arguments = arguments,
    returns = "a table that prints itself: loss (an array along the first axis, or rows by columns "
        .. "of two; else a list), best (the point of the lowest loss: {settings, loss, run}, and "
        .. "each setting by its name), "
        .. "runs, points (all of them in order), axes ({name, values}), ends ({phi, loss, count}), "
        .. "finished (how many). After Ctrl-C at the prompt stopped is true, the losses of runs "
        .. "that are not finished are NaN, and their points' run can go on",
    errors = "no loss first, a setting that the rule does not have",
    example = [[
L = loss.least_squares(model.line, data.line12)
s = sweep{L, optim.gd, alpha = {0.001, 0.01, 0.037}, start = {1.6, -0.5}, steps = 100}
print(s.best.alpha, ("%.6f"):format(s.best.loss), #s.runs)]],
    result = "0.037\t0.199866\t3",
}

local function split(given)
    if type(given) ~= "table" then
        doc.fail("sweep takes its arguments in braces: %s", record.signature)
    end
    local loss, optimizer = given[1], given[2]
    if core.type(loss) ~= "loss" then
        doc.fail("sweep: a loss comes first: %s", record.signature)
    end
    local options = {}
    for key, value in next, given do
        if key ~= 1 and key ~= 2 then options[key] = value end
    end
    return loss, optimizer, options
end

-- Every combination, the last axis fastest.
local function combinations(axes)
    local list = { {} }
    for _, axis in ipairs(axes) do
        local longer = {}
        for _, settings in ipairs(list) do
            for _, value in ipairs(axis.values) do
                local copy = {}
                for key, item in next, settings do copy[key] = item end
                copy[axis.name] = value
                longer[#longer + 1] = copy
            end
        end
        list = longer
    end
    return list
end

local function losses_of(points, axes)
    local list = {}
    for i, point in ipairs(points) do list[i] = point.loss end
    if #axes == 1 then return core.array(list) end
    if #axes ~= 2 then return list end
    local rows, width = {}, #axes[2].values
    for i = 1, #axes[1].values do
        rows[i] = table.move(list, (i - 1)*width + 1, i*width, 1, {})
    end
    return core.array(rows)
end

-- Where the runs end, each place once; the most frequent first.
local function ends_of(points)
    local ends = {}
    for _, point in ipairs(points) do
        local phi, found = point.run.phi, nil
        for _, place in ipairs(point.finished and ends or {}) do
            local near = math.abs(place.loss - point.loss)
                <= SAME*math.max(1, math.abs(place.loss))
            for j = 1, near and #phi or 0 do
                near = near and math.abs(phi[j] - place.phi[j])
                    <= SAME*math.max(1, math.abs(place.phi[j]))
            end
            if near then found = place break end
        end
        if found then
            found.count = found.count + 1
        elseif point.finished and point.loss < math.huge then
            ends[#ends + 1] = { phi = phi, loss = point.loss, count = 1, order = #ends }
        end
    end
    table.sort(ends, function(a, b)
        if a.count ~= b.count then return a.count > b.count end
        return a.order < b.order
    end)
    for _, place in ipairs(ends) do place.order = nil end
    return ends
end

return doc.define(record, function(given)
    local loss, optimizer, options = split(given)
    local make, rule_arguments = maker_of(optimizer)
    local axes, fixed, used = axes_of(options, rule_arguments, loss)
    local rest = {}
    for key, value in next, options do
        if not used[key] then rest[key] = value end
    end
    local known = { name = record.name, signature = record.signature, arguments = {} }
    for i, argument in ipairs(record.arguments) do known.arguments[i] = argument end
    for _, argument in ipairs(rule_arguments) do
        table.insert(known.arguments, { name = argument.name, type = "value" })
    end
    core.check_options(known, rest)
    local setup, goals = compare.sorted_options(rest)
    setup.starts = nil
    goals.quiet = true
    local points, runs, best = {}, {}, nil
    for i, settings in ipairs(combinations(axes)) do
        local own, here = {}, {}
        for key, value in next, fixed do own[key] = value end
        for key, value in next, setup do here[key] = value end
        for _, axis in ipairs(axes) do
            (axis.rule and own or here)[axis.name] = settings[axis.name]
        end
        points[i] = setmetatable({ settings = settings },
            { __index = settings, __tostring = function(p) return point_text(p, axes) end })
        runs[i] = core.descend(loss, make(own), here)
    end
    local stopped = compare.converge_all(runs, goals)
    local finished = 0
    for i, point in ipairs(points) do
        local run = runs[i]
        local value = run.loss
        if run.reason == "the run diverges" or value ~= value then value = math.huge end
        point.run = run
        point.finished = run.reason ~= nil and run.reason ~= "interrupted"
        point.loss = point.finished and value or 0/0
        if point.finished then
            finished = finished + 1
            if not best or value < best.loss then best = point end
        end
    end
    return setmetatable({ stopped = stopped, finished = finished,
        loss = losses_of(points, axes), best = best, runs = runs, points = points, axes = axes,
        ends = ends_of(points), title = runs[1].optimizer.title,
    }, sweep)
end)
