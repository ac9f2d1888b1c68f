-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A plot as plain data, before any backend: what a kind returns, checked and completed.
--
--     { title =, panels = { panel, ... } }
--     panel  { title =, x = axis, y = axis, layers = { layer, ... }, image =, equal = boolean,
--              words = "one more sentence", note = "a line more, in text",
--              view = the two angles of a surface in 3D, whose paths have a list z }
--     or     { title =, diagram =, words = }: boxes and lines instead of axes (plot/layout.lua)
--     axis   { label =, range = {low, high}, log =, zero = include 0, integer = whole ticks only,
--              ticks = {{at =, text =}, ...} }
--     image  { values = values[i][j], i across and j up, x0 =, x1 =, y0 =, y1 = (of the outermost
--              points), label =, log =, bands =, contours = boolean, levels = the contours' values,
--              nearest = each value fills its place, key = false: none is shown }
--     layer  { kind =, x = list, y = list, label =, colour = 1..6, marker = 1..6, dash = boolean,
--              thin = boolean }
--
-- kind is points, line, path (on an image: a dark edge, a square at its start, a disc at its end),
-- segments and arrows (from x, y to x2, y2), bars (up to y from base), band (from y to y2), or text
-- (texts at x, y). What has no label is not in the legend; its name is used in words.

local core = require "descent.core"
local doc = require "descent.doc"
local label = require "descent.plot.label"

local description = {}

local kinds = {
    points = true, line = true, path = true, segments = true, arrows = true, bars = true,
    band = true, text = true,
}
local second = { segments = true, arrows = true, band = true }

-- Beyond this a difference of two would not be finite; a plot takes it as infinite.
local HUGE = 1e150
local MOST = 0.999 * HUGE -- an axis ends within

local function finite(value)
    return value == value and value > -HUGE and value < HUGE
end
description.finite = finite

-- A plain list of numbers from a table or an array.
local function list_of(values, what)
    if values == nil then return nil end
    if core.type(values) == "array" then values = values:table() end
    if type(values) ~= "table" then error(what .. " is a list of numbers", 0) end
    return values
end

-- Grows {low, high} by the finite values; on a logarithmic axis only by those above 0.
local function stretch(range, values, log)
    local low, high = range[1], range[2]
    for i = 1, #values do
        local value = values[i]
        if finite(value) and not (log and value <= 0) then
            if not low or value < low then low = value end
            if not high or value > high then high = value end
        end
    end
    range[1], range[2] = low, high
end

-- The range of one axis over everything in the panel; `pad` is a share of the span.
local function range_of(panel, name, pad)
    local axis, range = panel[name], {}
    for _, layer in ipairs(panel.layers) do
        stretch(range, layer[name], axis.log)
        if layer[name .. "2"] then stretch(range, layer[name .. "2"], axis.log) end
        if layer.kind == "bars" and name == "y" and not axis.log then
            stretch(range, { layer.base or 0 })
        end
        if layer.kind == "bars" and name == "x" and layer.width then
            local half = layer.width / 2
            if range[1] then range[1], range[2] = range[1] - half, range[2] + half end
        end
    end
    local low, high = range[1], range[2]
    if not low then
        doc.fail("plot: nothing to draw: %s", axis.log
            and "every value is NaN, infinite, or not above 0 on a logarithmic axis"
            or "every value is NaN or infinite")
    end
    if axis.log then
        local from, to = math.log(low), math.log(high)
        if to - from < 1e-9 then from, to = from - 0.7, to + 0.7 end
        local more = (to - from) * pad
        return { math.exp(from - more), math.min(math.exp(to + more), MOST) }
    end
    if axis.zero then low, high = math.min(low, 0), math.max(high, 0) end
    if high - low <= 1e-12 * math.max(math.abs(low), math.abs(high)) then
        local half = low == 0 and 1 or math.abs(low) * 0.1
        return { low - half, high + half }
    end
    local more = (high - low) * pad
    return {
        axis.zero and low == 0 and 0 or math.max(low - more, -MOST),
        axis.zero and high == 0 and 0 or math.min(high + more, MOST),
    }
end

local function complete_image(image)
    if core.type(image.values) == "array" then image.values = image.values:table() end
    local values = image.values
    local low, high, positive, count, missing
    count, missing = 0, 0
    for i = 1, #values do
        local column = values[i]
        for j = 1, #column do
            local value = column[j]
            if finite(value) then
                if not low or value < low then low, image.lowest = value, { i, j } end
                if not high or value > high then high, image.highest = value, { i, j } end
                if value > 0 and (not positive or value < positive) then positive = value end
                count = count + 1
            else
                missing = missing + 1
            end
        end
    end
    if not low then doc.fail("plot: nothing to draw: every value is NaN or infinite") end
    image.across, image.up = #values, #values[1]
    image.low, image.high, image.missing = low, high, missing
    image.bands = image.bands or 20
    if image.log == nil then
        -- Most of the surface in the lowest twentieth: equal bands would show one plain.
        local small = 0
        if low >= 0 and high > 0 then
            local bound = low + (high - low) / 20
            for i = 1, #values do
                for j = 1, #values[i] do
                    if values[i][j] <= bound then small = small + 1 end
                end
            end
        end
        image.log = small > 0.4 * count and positive ~= nil and high / positive > 100
    elseif image.log and not (positive and high > positive) then
        doc.fail("plot: logarithmic bands need values above 0")
    end
    if image.log then
        -- A single value at or near 0 must not take all bands.
        image.low = math.max(positive, high * 1e-6)
    elseif high - low <= 1e-12 * math.max(math.abs(low), math.abs(high)) then
        local half = low == 0 and 1 or math.abs(low) * 0.1
        image.low, image.high = low - half, high + half
    end
    if image.contours == nil then image.contours = true end
end

-- The share (0 to 1) at which a value of an image stands between its low and high.
function description.share(image, value)
    if not (value == value) then return nil end
    if image.log then
        if value <= image.low then return 0 end
        return math.min(1, math.log(value / image.low) / math.log(image.high / image.low))
    end
    return math.max(0, math.min(1, (value - image.low) / (image.high - image.low)))
end

-- The values at which one band ends and the next begins.
function description.levels(image)
    if image.levels then
        local inside = {}
        for _, level in ipairs(image.levels) do
            if level > image.low and level < image.high then inside[#inside + 1] = level end
        end
        return inside
    end
    local list = {}
    for k = 1, image.bands - 1 do
        local share = k / image.bands
        list[k] = image.log and image.low * (image.high / image.low) ^ share
            or image.low + (image.high - image.low) * share
    end
    return list
end

local function complete_axis(axis)
    axis = axis or {}
    local copy = {}
    for key, value in pairs(axis) do copy[key] = value end
    copy.label = label.clean(copy.label or "")
    if copy.range then
        local low, high = copy.range[1], copy.range[2]
        copy.range = { low + 0.0, high + 0.0 }
        copy.fixed = true
    end
    return copy
end

local function complete_layer(layer)
    if not kinds[layer.kind] then error("no such layer: " .. tostring(layer.kind), 0) end
    local copy = {}
    for key, value in pairs(layer) do copy[key] = value end
    copy.x, copy.y = list_of(layer.x, "x"), list_of(layer.y, "y")
    copy.x2, copy.y2 = list_of(layer.x2, "x2"), list_of(layer.y2, "y2")
    if second[layer.kind] and layer.kind ~= "band" then copy.x2 = copy.x2 or copy.x end
    local count = math.min(#copy.x, #copy.y)
    if count == 0 then copy.empty = true end
    copy.count = count
    if copy.label then copy.label = label.clean(copy.label) end
    return copy
end

local function complete_panel(panel)
    if panel.diagram then
        local nothing = { label = "", range = { 0, 1 } }
        return { title = panel.title and label.clean(panel.title, true), words = panel.words,
                 diagram = panel.diagram, layers = {}, x = nothing, y = nothing }
    end
    local copy = {
        title = panel.title and label.clean(panel.title, true), words = panel.words,
        equal = panel.equal, view = panel.view, note = panel.note, x = complete_axis(panel.x),
        y = complete_axis(panel.y), layers = {},
    }
    local has_points
    local colour, path = 0, 0
    for _, layer in ipairs(panel.layers or {}) do
        local full = complete_layer(layer)
        if not full.empty then
            if full.kind == "path" then
                path = path + 1
                full.colour = full.colour or path
                full.marker = full.marker or path
            elseif not full.colour and full.kind ~= "text" then
                colour = colour + 1
                full.colour = colour
            end
            if full.colour then full.colour = (full.colour - 1) % 6 + 1 end
            if full.kind == "line" or full.kind == "points" or full.kind == "path" then
                full.marker = ((full.marker or full.colour) - 1) % 6 + 1
            end
            if full.kind ~= "line" and full.kind ~= "band" then has_points = true end
            copy.layers[#copy.layers + 1] = full
        end
    end
    if panel.image then
        local image = {}
        for key, value in pairs(panel.image) do image[key] = value end
        image.label = label.clean(image.label or "")
        if not image.low then complete_image(image) end
        copy.image = image
        copy.x.range = copy.x.range or { image.x0, image.x1 }
        copy.y.range = copy.y.range or { image.y0, image.y1 }
    elseif #copy.layers == 0 then
        doc.fail("plot: nothing to draw: there is no data")
    end
    copy.x.range = copy.x.range or range_of(copy, "x", has_points and 0.03 or 0)
    copy.y.range = copy.y.range or range_of(copy, "y", 0.05)
    return copy
end

-- A completed copy; the description itself stays as it was.
function description.complete(given)
    local copy = { title = given.title and label.clean(given.title, true), panels = {} }
    for i, panel in ipairs(given.panels) do copy.panels[i] = complete_panel(panel) end
    return copy
end

-- --- in words ----------------------------------------------------------------------------------

local number = label.number

local function pair(x, y) return ("(%s, %s)"):format(number(x), number(y)) end
description.pair = pair

-- First and last of the points that can be drawn, the extremes of y, and how many cannot.
local function summary(layer)
    local s = { left_out = 0, count = 0 }
    for i = 1, layer.count do
        local x, y = layer.x[i], layer.y[i]
        if finite(x) and finite(y) then
            s.count = s.count + 1
            s.first = s.first or i
            s.last = i
            if not s.low or y < layer.y[s.low] then s.low = i end
            if not s.high or y > layer.y[s.high] then s.high = i end
            if not s.left or x < layer.x[s.left] then s.left = i end
            if not s.right or x > layer.x[s.right] then s.right = i end
        else
            s.left_out = s.left_out + 1
        end
    end
    return s
end

local function count_words(count, one, many)
    return ("%s %s"):format(label.integer(count), count == 1 and one or many or one .. "s")
end

local describers = {}

function describers.points(layer, s)
    return ("%s, %s from %s to %s, %s from %s to %s"):format(count_words(s.count, "point"),
        "across", number(layer.x[s.left]), number(layer.x[s.right]),
        "up", number(layer.y[s.low]), number(layer.y[s.high]))
end

function describers.line(layer, s)
    local x, y = layer.x, layer.y
    local text = ("from %s to %s"):format(pair(x[s.first], y[s.first]), pair(x[s.last], y[s.last]))
    local function inner(i)
        return y[i] ~= y[s.first] and y[i] ~= y[s.last]
    end
    for _, word in ipairs { "lowest", "highest" } do
        local i = word == "lowest" and s.low or s.high
        if inner(i) then
            text = text .. (", %s %s at %s"):format(word, number(y[i]), number(x[i]))
        end
    end
    return text
end

function describers.path(layer, s)
    return ("from %s to %s in %s"):format(pair(layer.x[s.first], layer.y[s.first]),
        pair(layer.x[s.last], layer.y[s.last]),
        count_words(s.left_out == 0 and layer.steps or s.count - 1, "step"))
end

function describers.segments(layer, s)
    return count_words(s.count, "line")
end

function describers.arrows(layer, s)
    return s.count == 1 and ("from %s to %s"):format(pair(layer.x[1], layer.y[1]),
        pair(layer.x2[1], layer.y2[1])) or count_words(s.count, "arrow")
end

function describers.bars(layer, s)
    local text = ("%s, highest %s at %s"):format(count_words(s.count, "bar"),
        number(layer.y[s.high]), layer.places and s.high or number(layer.x[s.high]))
    return layer.places and ("%s (%s)"):format(text, layer.places[s.high]) or text
end

function describers.band(layer, s)
    return ("over %s to %s"):format(number(layer.x[s.left]), number(layer.x[s.right]))
end

local names = {
    points = "points", line = "line", path = "path", segments = "lines", arrows = "arrows",
    bars = "bars", band = "band",
}

local counted = { points = true, bars = true, segments = true }

local function axis_words(axis, direction)
    return ("%s%s from %s to %s%s"):format(direction, axis.label ~= "" and " " .. axis.label or "",
        number(axis.range[1]), number(axis.range[2]), axis.log and " (logarithmic)" or "")
end

local function image_words(panel)
    local image = panel.image
    local function place(at)
        if panel.y.downwards then
            local row = panel.y.downwards and image.up + 1 - at[2] or at[2]
            return ("column %d, row %d"):format(at[1], row)
        end
        local function value(from, to, index, count)
            if count == 1 then return number(from) end
            return number(from + (to - from) * (index - 1) / (count - 1), 3)
        end
        return ("%s = %s, %s = %s"):format(panel.x.label ~= "" and panel.x.label or "x",
            value(image.x0, image.x1, at[1], image.across),
            panel.y.label ~= "" and panel.y.label or "y",
            value(image.y0, image.y1, at[2], image.up))
    end
    local low = image.values[image.lowest[1]][image.lowest[2]]
    local high = image.values[image.highest[1]][image.highest[2]]
    return ("%s: lowest %s at %s; highest %s at %s"):format(
        image.label ~= "" and image.label or "the surface", number(low), place(image.lowest),
        number(high), place(image.highest))
end

local MOST_NODES = 40 -- that are told one by one

local function diagram_words(panel, add)
    local nodes = panel.diagram.nodes
    if panel.title then add(panel.title) end
    for i = 1, math.min(#nodes, MOST_NODES) do
        local node = nodes[i]
        add(("%s: value %s, gradient %s"):format(node.text, node.value, node.gradient))
    end
    if #nodes > MOST_NODES then add(("%d nodes more"):format(#nodes - MOST_NODES)) end
end

-- The sentences of a completed description, a list of lines.
function description.words(full)
    local lines = {}
    local function add(text) lines[#lines + 1] = text:gsub("\n", " ") .. "." end
    if full.title then add(full.title) end
    for _, panel in ipairs(full.panels) do
        local head = panel.title and panel.title .. ": " or ""
        if panel.diagram then
            diagram_words(panel, add)
        else
            add(head .. axis_words(panel.x, "across") .. ", " .. axis_words(panel.y, "up"))
        end
        if panel.image and panel.image.key ~= false then add(image_words(panel)) end
        for _, layer in ipairs(panel.layers) do
            local describe = describers[layer.kind]
            local s = describe and summary(layer)
            if s and s.count > 0 then
                local text = describe(layer, s)
                if layer.label or layer.name then
                    text = (layer.label or layer.name) .. ": " .. text
                elseif not counted[layer.kind] then
                    text = names[layer.kind] .. ": " .. text
                end
                if s.left_out > 0 then
                    text = text .. ("; %s left out: NaN or infinite"):format(
                        count_words(s.left_out, "value"))
                end
                add(text)
            elseif s then
                add((layer.label or layer.name or names[layer.kind])
                    .. ": nothing to draw, every value is NaN or infinite")
            end
        end
        if panel.words then lines[#lines + 1] = panel.words end
    end
    return lines
end

-- A text that shows itself without quotes at the prompt and has the methods of a string.
local text_meta = {
    __tostring = function(self) return self[1] end,
    __len = function(self) return #self[1] end,
    __concat = function(a, b) return tostring(a) .. tostring(b) end,
    __eq = function(a, b) return a[1] == b[1] end,
    __name = "text",
    __index = function(_, name)
        local method = string[name]
        return method and function(self, ...) return method(tostring(self), ...) end
    end,
}
function description.text(text) return setmetatable({ text }, text_meta) end

-- --- joining -----------------------------------------------------------------------------------

-- One description with the panels of several side by side.
function description.join(list, title)
    local joined = { title = title, panels = {} }
    for _, one in ipairs(list) do
        for _, panel in ipairs(one.panels) do
            if one.title and not panel.title then
                local copy = {}
                for key, value in pairs(panel) do copy[key] = value end
                copy.title = one.title
                panel = copy
            end
            joined.panels[#joined.panels + 1] = panel
        end
    end
    return joined
end

-- Points of a line cut to about `most`: of each share the lowest and the highest stay.
function description.thin(x, y, most)
    local count = math.min(#x, #y)
    if count <= most then return x, y end
    local xs, ys = { x[1] }, { y[1] }
    local shares = math.max(1, (most - 2) // 2)
    for k = 0, shares - 1 do
        local from, to = 2 + k * (count - 2) // shares, 1 + (k + 1) * (count - 2) // shares
        local low, high
        for i = from, to do
            if finite(y[i]) then
                if not low or y[i] < y[low] then low = i end
                if not high or y[i] > y[high] then high = i end
            end
        end
        if low then
            local a, b = math.min(low, high), math.max(low, high)
            xs[#xs + 1], ys[#ys + 1] = x[a], y[a]
            if b ~= a then xs[#xs + 1], ys[#ys + 1] = x[b], y[b] end
        end
    end
    xs[#xs + 1], ys[#ys + 1] = x[count], y[count]
    return xs, ys
end

return description
