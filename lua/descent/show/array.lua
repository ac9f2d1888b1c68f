-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- How an array prints: columns aligned at the decimal point, two spaces between them; of a large
-- one the first and last rows and columns, and a line with its shape and range.
-- Only what is shown is turned into text, so the size of the array hardly matters.

local core = require "descent.core"

local array = core.types.array
local number_text = array.number_text

local GAP = "  "
local LEFT_OUT = "..."
local NARROWEST = 36 -- "-1.234568e-300  ...  -1.234568e-300" fits
local CUT_LINES = 7 -- of a list that is too long to be shown whole

-- Text before the decimal point, and from it on.
local function halves(text)
    local point = text:find("[.e]") or #text + 1
    if text:find("[in]") then point = #text + 1 end
    return text:sub(1, point - 1), text:sub(point)
end

-- A column of texts: padded so that the points stand below each other. Returns its width too.
local function align(texts)
    local before, after = 0, 0
    for _, text in ipairs(texts) do
        local left, right = halves(text)
        before, after = math.max(before, #left), math.max(after, #right)
    end
    local cells = {}
    for i, text in ipairs(texts) do
        local left, right = halves(text)
        cells[i] = (" "):rep(before - #left) .. text .. (" "):rep(after - #right)
    end
    return cells, before + after
end

local function shape_text(value)
    local shape = value.shape
    return #shape == 1 and ("%d numbers"):format(shape[1]) or ("%d×%d"):format(shape[1], shape[2])
end

local function summary(value)
    local smallest, largest, nans = array.extremes(value)
    local text = shape_text(value)
    if smallest then
        text = text .. GAP .. "min " .. number_text(smallest) .. GAP .. "max "
            .. number_text(largest)
    end
    if nans > 0 then text = text .. GAP .. nans .. " nan" end
    return text
end

-- The first and last of 1..count, `most` at most, as a list; 0 stands for what is left out.
local function ends(count, most)
    local list = {}
    if count <= most then
        for i = 1, count do list[i] = i end
        return list
    end
    local tail = math.max(1, (most - 1) // 2)
    local head = math.max(1, most - 1 - tail)
    for i = 1, head do list[#list + 1] = i end
    list[#list + 1] = 0
    for i = count - tail + 1, count do list[#list + 1] = i end
    return list
end

local function joined(lines)
    return (table.concat(lines, "\n"):gsub(" +\n", "\n"):gsub(" +$", ""))
end

-- One dimension: a line if it fits, else a grid that reads line by line.
local function show_list(value, width, most_rows)
    local count = #value
    local shown = ends(count, 2 * most_rows * (width // 3 + 1) + 1)
    local texts, length, widest = {}, -#GAP, 0
    for k, i in ipairs(shown) do
        texts[k] = i == 0 and LEFT_OUT or number_text(value[i])
        length = length + #texts[k] + #GAP
        widest = math.max(widest, #texts[k])
    end
    local whole = shown[#shown] == #shown
    if whole and length <= width then return table.concat(texts, GAP) end

    local _, cell = align(texts)
    cell = math.max(cell, widest)
    local columns = math.max(1, (width + #GAP) // (cell + #GAP))
    local lines_needed = (count + columns - 1) // columns
    local picked = ends(lines_needed, lines_needed > most_rows and CUT_LINES or most_rows)
    local used = {}
    for _, line in ipairs(picked) do
        local last = line == 0 and -math.huge or math.min(line * columns, count)
        for i = (line - 1) * columns + 1, last do used[#used + 1] = number_text(value[i]) end
    end
    local cells = align(used)
    local lines, at = {}, 0
    for k, line in ipairs(picked) do
        if line == 0 then
            lines[k] = LEFT_OUT
        else
            local size = math.min(columns, count - (line - 1) * columns)
            lines[k] = table.concat(cells, GAP, at + 1, at + size)
            at = at + size
        end
    end
    if #picked < lines_needed then lines[#lines + 1] = summary(value) end
    return joined(lines)
end

-- The columns that fit: indices as of ends(), and their cells.
local function fit_columns(value, rows, width)
    local made = {}
    local function column(j)
        if not made[j] then
            local texts = {}
            for k, i in ipairs(rows) do texts[k] = i == 0 and "" or number_text(value(i, j)) end
            local cells, cell_width = align(texts)
            made[j] = { cells = cells, width = cell_width }
        end
        return made[j]
    end
    local most = math.min(value.cols, (width + #GAP) // 3 + 1) -- no column is narrower than 1
    while true do
        local list, total = ends(value.cols, most), -#GAP
        for _, j in ipairs(list) do
            total = total + #GAP + (j == 0 and #LEFT_OUT or column(j).width)
            if total > width then break end
        end
        if total <= width or most <= 1 then return list, made end
        most = most - 1
    end
end

local function show_matrix(value, width, most_rows)
    local rows = ends(value.rows, most_rows)
    local columns, made = fit_columns(value, rows, width)
    local lines = {}
    for k, i in ipairs(rows) do
        local parts = {}
        for p, j in ipairs(columns) do
            parts[p] = j == 0 and LEFT_OUT or made[j].cells[k]
        end
        lines[k] = i == 0 and LEFT_OUT or table.concat(parts, GAP)
    end
    if #rows < value.rows or #columns < value.cols then lines[#lines + 1] = summary(value) end
    return joined(lines)
end

return function(value, options)
    local width = math.max(options and options.width or 80, NARROWEST)
    local rows = math.max(options and options.rows or 12, 3)
    local shape = value.shape
    if shape[1] == 0 or shape[2] == 0 then
        return #shape == 1 and "(empty)" or ("(empty, %s)"):format(shape_text(value))
    end
    if #shape == 1 then return show_list(value, width, rows) end
    return show_matrix(value, width, rows)
end
