-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- wire.lua: plain data as bytes, between the grader and the isolated process. The reader trusts
-- nothing: whatever the bytes are, it returns plain data within its limits, or nil.
--
-- A value is one letter and what belongs to it:
--     n nil   t true   f false   i integer, 8 bytes   d double, 8 bytes   s length, bytes
--     l count, values   a list          r count, (key, value) pairs   any other table

local pack, unpack, byte, sub = string.pack, string.unpack, string.byte, string.sub
local kind, concat, type, next = math.type, table.concat, type, next

local wire = {}

local DEPTH = 24

-- Raised by write for what is no plain data.
local function write(value, parts, depth)
    local is = type(value)
    if value == nil then
        parts[#parts + 1] = "n"
    elseif is == "boolean" then
        parts[#parts + 1] = value and "t" or "f"
    elseif is == "number" then
        parts[#parts + 1] = kind(value) == "integer" and pack("<c1i8", "i", value)
            or pack("<c1d", "d", value)
    elseif is == "string" then
        parts[#parts + 1] = pack("<c1s4", "s", value)
    elseif is == "table" and depth < DEPTH then
        -- The length alone does not tell: {n = 3, [2] = x, [3] = y} has a length of 3, too.
        local count, last, list = 0, 0, true
        for key in next, value do
            count = count + 1
            list = list and kind(key) == "integer" and key >= 1
            if list and key > last then last = key end
        end
        if list and last == count then
            parts[#parts + 1] = pack("<c1I4", "l", count)
            for i = 1, count do write(value[i], parts, depth + 1) end
        else
            parts[#parts + 1] = pack("<c1I4", "r", count)
            for key, item in next, value do
                write(key, parts, depth + 1)
                write(item, parts, depth + 1)
            end
        end
    else
        error("no plain data: " .. is, 0)
    end
end

function wire.write(value)
    local parts = {}
    write(value, parts, 0)
    return concat(parts)
end

-- The value, or nil and what is wrong. Options: items (how many values in all), text (longest
-- string).
function wire.read(bytes, options)
    local most, longest = options.items, options.text
    local at, items = 1, 0
    local function read(depth)
        local letter = byte(bytes, at)
        items = items + 1
        if items > most then error("too many values", 0) end
        if depth > DEPTH then error("too deep", 0) end
        at = at + 1
        if letter == 110 then return nil end
        if letter == 116 then return true end
        if letter == 102 then return false end
        if letter == 105 or letter == 100 then
            if at + 7 > #bytes then error("cut off", 0) end
            local value = unpack(letter == 105 and "<i8" or "<d", bytes, at)
            at = at + 8
            return value
        end
        if letter ~= 115 and letter ~= 108 and letter ~= 114 then error("no letter", 0) end
        if at + 3 > #bytes then error("cut off", 0) end
        local count = unpack("<I4", bytes, at)
        at = at + 4
        if letter == 115 then
            if count > longest or at + count - 1 > #bytes then error("too long", 0) end
            at = at + count
            return sub(bytes, at - count, at - 1)
        end
        -- Each value takes a byte at least.
        if count > #bytes - at + 1 then error("cut off", 0) end
        local result = {}
        for i = 1, count do
            local key = i
            if letter == 114 then
                key = read(depth + 1)
                if type(key) ~= "string" and kind(key) ~= "integer" then error("no key", 0) end
            end
            result[key] = read(depth + 1)
        end
        return result
    end
    local fine, value = pcall(read, 0)
    if not fine then return nil, value end
    if at ~= #bytes + 1 then return nil, "more than one value" end
    return value
end

return wire
