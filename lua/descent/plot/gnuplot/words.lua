-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Words, colours and numbers as gnuplot reads them.

local description = require "descent.plot.description"
local label = require "descent.plot.label"
local ticks = require "descent.plot.ticks"

local words = {}

local finite = description.finite

local octal_bytes = "[%c\"\\`@$%%]"
function words.quote(text)
    return '"' .. text:gsub(octal_bytes, function(byte)
        if byte == "\n" then return "\\n" end
        return ("\\%03o"):format(byte:byte())
    end) .. '"'
end

local character_pattern = "[%z\1-\127\194-\244][\128-\191]*"

-- Unicode subscripts and powers as gnuplot's enhanced mode sets them; everything else that has a
-- meaning there is escaped. The second result says whether there were any.
function words.enhance(text)
    local parts, mode, found = {}, nil, false
    for character in text:gmatch(character_pattern) do
        local low, high = label.subscripts[character], label.superscripts[character]
        local wanted = low and "_" or high and "^" or nil
        if wanted ~= mode then
            if mode then parts[#parts + 1] = "}" end
            if wanted then parts[#parts + 1] = wanted .. "{" end
            mode = wanted
        end
        if low or high then
            parts[#parts + 1], found = low or high, true
        elseif character == " " and parts[#parts] == "}" then
            parts[#parts + 1] = "\u{A0}" -- SVG viewers drop a blank at the beginning of a piece
        elseif character:find("[%^_@&~{}\\]") then
            parts[#parts + 1] = "\\" .. character
        else
            parts[#parts + 1] = character
        end
    end
    if mode then parts[#parts + 1] = "}" end
    return table.concat(parts), found
end

-- A label as an expression, and the mode in which it is read: enhanced only where it has to be.
function words.text(text)
    text = label.clean(text, true)
    local enhanced, found = words.enhance(text)
    return found and words.quote(enhanced) .. " enhanced" or words.quote(text) .. " noenhanced"
end

function words.colour(colour) return ("'#%06x'"):format(colour) end

function words.number(value, digits)
    if not finite(value) then return "NaN" end
    return ("%." .. (digits or 10) .. "g"):format(value)
end

function words.ticks(axis, most)
    local parts = {}
    for _, tick in ipairs(ticks.of(axis, most)) do
        local text = words.enhance(label.clean(tick.text)) -- a list of ticks has one mode
        text = words.quote(text)
        parts[#parts + 1] = ("%s %s"):format(text, words.number(tick.at, 15))
    end
    return "(" .. table.concat(parts, ", ") .. ")"
end

return words
