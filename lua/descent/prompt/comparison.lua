-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A saved session against what it gives now: the results that stand in it as `--> ` comments, each
-- compared with the last lines that were printed before it.

local tokens = require "descent.prompt.tokens"

local comparison = {}

comparison.TOLERANCE = 1e-9 -- relative, of every number that is no integer
local NEAR_ZERO = 1e-3      -- of the tolerance: the absolute difference that is always allowed

-- --- texts ---------------------------------------------------------------------------------------

-- The number at a position as text, or nil.
local function number_at(text, at)
    local digits = text:match("^%d+%.?%d*", at) or text:match("^%.%d+", at)
    if not digits then return nil end
    return digits .. (text:match("^[eE][+-]?%d+", at + #digits) or "")
end

-- The words and numbers of a text, in order: a list of {text =, number = or nil}. Blanks only
-- separate: columns may move when a number gets longer.
local function pieces_of(text)
    local list, at = {}, 1
    while true do
        at = text:find("%S", at)
        if not at then return list end
        local sign = text:match("^[+-]", at) or ""
        local digits = number_at(text, at + #sign)
        local piece
        if digits then
            piece = {text = sign .. digits, number = tonumber(sign .. digits)}
        else
            piece = {text = text:match("^[%a_\x80-\xFF]+", at) or text:sub(at, at)}
        end
        list[#list + 1] = piece
        at = at + #piece.text
    end
end

local function same_piece(a, b, tolerance)
    if a.text == b.text then return true end
    if not a.number or not b.number then return false end
    if a.text:find("^[+-]?%d+$") and b.text:find("^[+-]?%d+$") then return a.number == b.number end
    local largest = math.max(math.abs(a.number), math.abs(b.number))
    return math.abs(a.number - b.number) <= tolerance * math.max(largest, NEAR_ZERO)
end

-- True where two texts say the same, their numbers within the tolerance.
function comparison.agrees(saved, now, tolerance)
    local a, b = pieces_of(saved), pieces_of(now)
    if #a ~= #b then return false end
    for i = 1, #a do
        if not same_piece(a[i], b[i], tolerance) then return false end
    end
    return true
end

-- --- the script ----------------------------------------------------------------------------------

-- The results in a script: {line =, text =, lines =, first =, last = bytes}.
function comparison.results(script)
    local list, previous = {}, nil
    for _, token in ipairs(tokens.scan(script, true)) do
        local text = token.kind == "comment" and not token.long and token.text:match("^%-%-> ?(.*)")
        local result = list[#list]
        if not text then
            previous = nil
        elseif previous == token.line - 1 then
            result.text, result.lines = result.text .. "\n" .. text, result.lines + 1
            result.last, previous = token.last, token.line
        else
            list[#list + 1] = {
                line = token.line, text = text, lines = 1, first = token.first, last = token.last,
            }
            previous = token.line
        end
    end
    return list
end

-- The script with a call of `name` at every result; all lines keep their numbers.
function comparison.instrumented(script, results, name)
    local parts, at = {}, 1
    for i, result in ipairs(results) do
        parts[#parts + 1] = script:sub(at, result.first - 1)
        parts[#parts + 1] = (";%s(%d)"):format(name, i) .. ("\n"):rep(result.lines - 1)
        at = result.last + 1
    end
    parts[#parts + 1] = script:sub(at)
    return table.concat(parts)
end

-- The last `count` lines of a text that was printed, or nil when it has fewer.
function comparison.last_lines(printed, count)
    local lines = {}
    local whole = printed:gsub("\n$", "") .. "\n"
    for line in whole:gmatch("([^\n]*)\n") do lines[#lines + 1] = line end
    if printed == "" or #lines < count then return nil end
    return table.concat(lines, "\n", #lines - count + 1)
end

-- The line of code that a result belongs to.
function comparison.code_of(script, result)
    local before = script:sub(1, result.first - 1):gsub("%s+$", "")
    return before:match("([^\n]*)$")
end

return comparison
