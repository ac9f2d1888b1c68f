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
        return ("%.1f"):format(value)
    end
    for digits = 1, 17 do
        local text = ("%." .. digits .. "g"):format(value):gsub(",", ".") -- whatever the locale
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

-- Places where an expression may be broken inside brackets: after ", " and before " + ", " - ",
-- " @ ". Returns the pieces.
local function pieces(text)
    local list, from, depth = {}, 1, 0
    local at = 1
    while at <= #text do
        local two = text:sub(at, at + 1)
        local char = text:sub(at, at)
        if char == "(" or char == "[" then depth = depth + 1 end
        if char == ")" or char == "]" then depth = depth - 1 end
        if two == ", " then
            list[#list + 1] = { text = text:sub(from, at + 1), depth = depth }
            at, from = at + 1, at + 2
        elseif char == " " and text:find("^ [-+@] ", at) then
            list[#list + 1] = { text = text:sub(from, at), depth = depth }
            from = at + 1
        end
        at = at + 1
    end
    list[#list + 1] = { text = text:sub(from), depth = depth }
    return list
end

-- "indent head text", broken inside brackets that are added where it is too long.
function python.assignment(indent, head, text)
    if #indent + #head + #text <= WIDTH then return indent .. head .. text end
    local list = pieces(text)
    if #list == 1 then return indent .. head .. text end
    local lines, line = {}, indent .. head .. "("
    local margin = indent .. "    "
    for i, piece in ipairs(list) do
        local room = WIDTH - (i == #list and 1 or 0)
        if #line + #(piece.text:gsub("%s+$", "")) > room and line:find("%S") then
            lines[#lines + 1], line = (line:gsub("%s+$", "")), margin
        end
        line = line .. piece.text
    end
    lines[#lines + 1] = line .. ")"
    return table.concat(lines, "\n")
end

-- np.array of a list of numbers, or of rows of them.
function python.array(name, maker, rows, tail)
    local words = {}
    if type(rows[1]) ~= "table" then
        for i, value in ipairs(rows) do words[i] = python.number(value) end
        return python.filled(name .. " = " .. maker .. "([", words, "])" .. (tail or ""), "    ")
    end
    for i, row in ipairs(rows) do
        local inner = {}
        for j, value in ipairs(row) do inner[j] = python.number(value) end
        words[i] = python.filled("[", inner, "]", "     ")
    end
    return python.filled(name .. " = " .. maker .. "([", words, "])" .. (tail or ""), "    ")
end

-- Whole numbers in brackets: "[0, 3, 4]".
function python.list(values)
    local words = {}
    for i, value in ipairs(values) do words[i] = ("%d"):format(value) end
    return "[" .. table.concat(words, ", ") .. "]"
end

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
