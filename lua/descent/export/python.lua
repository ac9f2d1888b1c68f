-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Python text: numbers, arrays, lines that are not too long.

local python = {}

local WIDTH = 92

-- A float that Python reads as the same bits.
function python.number(value)
    if value ~= value then return 'float("nan")' end
    if value == math.huge then return 'float("inf")' end
    if value == -math.huge then return '-float("inf")' end
    if value == math.floor(value) and math.abs(value) < 1e15 then
        return (("%.1f"):format(value):gsub(",", ".")) -- whatever the locale
    end
    for digits = 1, 17 do
        local text = ("%." .. digits .. "g"):format(value):gsub(",", ".")
        if tonumber(text) == value then
            return text:find("[.e]") and text or text .. ".0"
        end
    end
end

-- A setting: whole numbers without ".0".
function python.setting(value)
    local text = python.number(value)
    return (text:gsub("%.0$", ""))
end

-- Words one after the other, filled to the width: "head[a, b,\n     c]tail".
function python.filled(head, words, tail, indent)
    local lines, line = {}, head
    local margin = indent or (" "):rep(math.min(#head, 24))
    for i, word in ipairs(words) do
        local piece = word .. (i < #words and "," or "")
        local blank = (i == 1 or line == margin) and "" or " "
        if #line + #blank + #piece + (i == #words and #tail or 0) > WIDTH and line ~= margin
            and i > 1 then
            lines[#lines + 1], line, blank = line, margin, ""
        end
        line = line .. blank .. piece
    end
    lines[#lines + 1] = line .. tail
    return table.concat(lines, "\n")
end

-- Where an expression may be broken inside brackets: {position after which, depth of brackets}:
-- after ", " and before " + ", " - ", " @ ".
local function breaks_of(text)
    local list, depth = {}, 0
    for at = 1, #text do
        local char = text:sub(at, at)
        if char == "(" then depth = depth + 1 elseif char == "[" then depth = depth + 9 end
        if char == ")" then depth = depth - 1 elseif char == "]" then depth = depth - 9 end
        if char == " " and text:sub(at - 1, at - 1) == "," then
            list[#list + 1] = { at = at, depth = depth + 0.5 }
        elseif char == " " and text:find("^ [-+@] ", at) then
            list[#list + 1] = { at = at, depth = depth }
        end
    end
    return list
end

-- "indent head text", broken where it is too long, inside brackets that are added: as far out as
-- possible, and not before a line is half full.
function python.assignment(indent, head, text)
    if #indent + #head + #text <= WIDTH then return indent .. head .. text end
    local lines, line, from = {}, indent .. head .. "(", 1
    local margin = indent .. "    "
    local breaks = breaks_of(text)
    while #line + #text - from + 2 > WIDTH do
        local room, best = WIDTH - #line + from, nil
        for _, place in ipairs(breaks) do
            if place.at > from and place.at <= room and (not best or place.depth <= best.depth
                or best.at - from < (room - from)/2) then
                best = place
            end
        end
        if not best then break end
        lines[#lines + 1] = (line .. text:sub(from, best.at)):gsub("%s+$", "")
        line, from = margin, best.at + 1
    end
    if #lines == 0 then return indent .. head .. text end
    lines[#lines + 1] = line .. text:sub(from) .. ")"
    return table.concat(lines, "\n")
end

-- np.array of a list of numbers, or of rows of them; `tail` are further arguments.
function python.array(name, maker, rows, tail)
    local words = {}
    if type(rows[1]) ~= "table" then
        for i, value in ipairs(rows) do words[i] = python.number(value) end
        return python.filled(name .. " = " .. maker .. "([", words, "]" .. (tail or "") .. ")",
            "    ")
    end
    for i, row in ipairs(rows) do
        local inner = {}
        for j, value in ipairs(row) do inner[j] = python.number(value) end
        words[i] = python.filled("[", inner, "]", "     ")
    end
    return python.filled(name .. " = " .. maker .. "([", words, "]" .. (tail or "") .. ")", "    ")
end

function python.integers(values)
    local words = {}
    for i, value in ipairs(values) do words[i] = ("%d"):format(value) end
    return words
end

-- Whole numbers in brackets: "[0, 3, 4]".
function python.list(values) return "[" .. table.concat(python.integers(values), ", ") .. "]" end

-- An array as the bytes of a .npy file (format 1.0): a column has one dimension.
function python.npy(values)
    local shape = values.cols > 1 and ("(%d, %d)"):format(values.rows, values.cols)
        or ("(%d,)"):format(values.rows)
    local head = ("{'descr': '<f8', 'fortran_order': False, 'shape': %s, }"):format(shape)
    head = head .. (" "):rep(-(#head + 11) % 64) .. "\n"
    local parts = { "\x93NUMPY\1\0" .. string.pack("<s2", head) }
    for i = 1, values.rows do
        if values.cols == 1 then
            parts[#parts + 1] = string.pack("<d", values[i])
        else
            for j = 1, values.cols do parts[#parts + 1] = string.pack("<d", values(i, j)) end
        end
    end
    return table.concat(parts)
end

-- Text as a string of Python.
function python.text(text)
    return '"' .. text:gsub('[\\"]', "\\%0"):gsub("\n", "\\n") .. '"'
end

return python
