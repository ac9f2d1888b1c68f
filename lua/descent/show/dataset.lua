-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- How a data set prints: its size, its first examples with columns aligned at the decimal point,
-- and below them the smallest and largest number of each column; classes by name, with counts.

local core = require "descent.core"
local terminal = require "descent.terminal"

local dataset = core.types.dataset
local number_text = core.types.array.number_text

local GAP = "  "
local LEFT_OUT = "..."
local FEW = 8         -- examples that are shown whole;
local FIRST = 6       -- of more, the first ones
local NAME_CELLS = 16 -- of a long column's or class's name

-- A name in one line of at most `cells` cells.
local function name_text(name, cells)
    name = name:gsub("[%c]", " ")
    if not utf8.len(name) then name = name:gsub("[\128-\255]", "?") end
    if terminal.width(name) <= cells then return name end
    local kept = ""
    for _, code in utf8.codes(name) do
        local longer = kept .. utf8.char(code)
        if terminal.width(longer) > cells - #LEFT_OUT then break end
        kept = longer
    end
    return kept .. LEFT_OUT
end

local function left(text, cells) return text .. (" "):rep(cells - terminal.width(text)) end
local function right(text, cells) return (" "):rep(cells - terminal.width(text)) .. text end

local function halves(text)
    local point = text:find("[.e]") or #text + 1
    return text:sub(1, point - 1), text:sub(point)
end

-- Cells of one column, padded to one width: numbers aligned at the point, words to the left.
local function align(title, texts, words)
    local before, after, cells = 0, 0, {}
    for i, text in ipairs(texts) do
        if words then
            before = math.max(before, terminal.width(text))
            cells[i] = text
        else
            local whole, rest = halves(text)
            before, after = math.max(before, #whole), math.max(after, #rest)
        end
    end
    if not words then
        for i, text in ipairs(texts) do
            local whole, rest = halves(text)
            cells[i] = right(whole, text == "" and 0 or before) .. left(rest, after)
        end
    end
    local wide = math.max(before + after, terminal.width(title))
    for i, cell in ipairs(cells) do
        cells[i] = words and left(cell, wide) or right(left(cell, before + after), wide)
    end
    table.insert(cells, 1, words and left(title, wide) or right(title, wide))
    return { cells = cells, width = wide }
end

local function plural(count, noun)
    return ("%d %s%s"):format(count, noun, count == 1 and "" or "s")
end

local function heading(value)
    local text = plural(#value, "example")
    local classes = value.classes
    if value.inputs > 1 or value.outputs ~= 1 or classes then
        text = text .. ", " .. plural(value.inputs, "input")
    end
    if classes then
        text = text .. ", " .. (#classes == 1 and "1 class" or #classes .. " classes")
    elseif value.inputs > 1 or value.outputs ~= 1 then
        local outputs = value.outputs == 0 and "no output" or plural(value.outputs, "output")
        text = text .. ", " .. outputs
    end
    return value.weights and text .. ", weighted" or text
end

-- The columns in the order of the file: x, then y. Each is made only when it is known to be near
-- the margins, as a data set may have many.
local function column_maker(value, shown)
    local first = value:head(shown)
    local x, y, inputs = first.x, first.y, value.inputs
    local names, classes, ranges = value.names, value.classes, dataset.ranges(value)
    local all = shown == #value
    return function(k)
        local is_y = k > inputs
        local numbers, j = is_y and y or x, is_y and k - inputs or k
        local title = name_text(is_y and names.y[j] or names.x[j], NAME_CELLS)
        local flat = (is_y and value.outputs or inputs) == 1
        local words = is_y and classes ~= nil
        local texts = {}
        for i = 1, shown do
            local number = flat and numbers[i] or numbers(i, j)
            texts[i] = words and name_text(classes[math.tointeger(number)], NAME_CELLS)
                or number_text(number)
        end
        if not all then texts[#texts + 1] = "" end
        for side = 1, 2 do texts[#texts + 1] = words and "" or number_text(ranges[k][side]) end
        return align(title, texts, words)
    end
end

-- As many columns as fit: the last ones (y), the first ones, and a column of dots between them.
local function fit(value, maker, width)
    local count = value.inputs + value.outputs
    local head, tail, used = {}, {}, 0
    local function add(list, place, k)
        local column = maker(k)
        local dots = #head + #tail + 1 < count and #GAP + #LEFT_OUT or 0
        if used + #GAP + column.width + dots > width and #head + #tail > 0 then return false end
        used = used + #GAP + column.width
        table.insert(list, place, column)
        return true
    end
    for k = count, value.inputs + 1, -1 do
        if #tail >= 4 or not add(tail, 1, k) then break end
    end
    for k = 1, count - #tail do
        if not add(head, #head + 1, k) then break end
    end
    return head, tail, count - #head - #tail
end

local function row_labels(value, shown)
    local texts = { "" }
    for i = 1, shown do texts[#texts + 1] = tostring(i) end
    if shown < #value then texts[#texts + 1] = LEFT_OUT end
    texts[#texts + 1], texts[#texts + 2] = "min", "max"
    local wide = 0
    for _, text in ipairs(texts) do wide = math.max(wide, #text) end
    for i, text in ipairs(texts) do texts[i] = right(text, wide) end
    return texts, wide
end

local function class_lines(value, width)
    local parts, counts = {}, dataset.counts(value)
    for k, name in ipairs(value.classes) do
        parts[k] = ("%s %d"):format(name_text(name, 2 * NAME_CELLS), counts[k])
        if k == 40 and #counts > 40 then
            parts[k + 1] = ("... %d more"):format(#counts - 40)
            break
        end
    end
    local title = name_text(value.names.y[1], NAME_CELLS) .. ": "
    return terminal.wrap(title .. table.concat(parts, ", "), width)
end

return function(value, options)
    local width = math.max(options and options.width or 80, 20)
    local rows = options and options.rows or 20
    local colour = options and options.colour
    local function paint(text, role) return colour and terminal.paint(text, role) or text end
    local name = name_text(value.name, 2 * NAME_CELLS)
    local title = heading(value)
    if rows < 8 then return name .. ": " .. title end

    local shown = #value <= math.min(FEW, rows - 5) and #value or math.min(FIRST, rows - 6, #value)
    local labels, label_width = row_labels(value, shown)
    local head, tail, hidden = fit(value, column_maker(value, shown), width - label_width)
    if hidden > 0 then
        title = title .. (" (%s not shown)"):format(plural(hidden, "column"))
    end
    local lines = terminal.wrap(name .. ": " .. title, width)
    lines[1] = paint(lines[1], "heading")
    for i, label in ipairs(labels) do
        local parts = { label }
        for _, column in ipairs(head) do parts[#parts + 1] = column.cells[i] end
        if hidden > 0 then parts[#parts + 1] = LEFT_OUT end
        for _, column in ipairs(tail) do parts[#parts + 1] = column.cells[i] end
        local line = table.concat(parts, GAP):gsub(" +$", "")
        lines[#lines + 1] = (i == 1 or i > shown + 1) and paint(line, "dim") or line
    end
    if value.classes then
        for _, line in ipairs(class_lines(value, width)) do lines[#lines + 1] = line end
    end
    return table.concat(lines, "\n")
end
