-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- json.lua: plain data as JSON in one line, and back. The same data give the same bytes: names come
-- in a given order, then by byte. Numbers that JSON lacks are written as the texts "NaN",
-- "Infinity", "-Infinity"; bytes that are no UTF-8 become U+FFFD.

local json = {}

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n",
    ["\r"] = "\\r", ["\t"] = "\\t" }

-- Valid UTF-8, whatever the bytes are.
function json.utf8(text)
    if utf8.len(text) then return text end
    local parts, at = {}, 1
    while at <= #text do
        local _, wrong = utf8.len(text, at)
        if not wrong then
            parts[#parts + 1] = text:sub(at)
            break
        end
        parts[#parts + 1] = text:sub(at, wrong - 1) .. "\u{fffd}"
        at = wrong + 1
    end
    return table.concat(parts)
end

local function string_text(text)
    return '"' .. json.utf8(text):gsub('[%c"\\\127]', function(byte)
        return ESCAPES[byte] or ("\\u%04x"):format(byte:byte())
    end) .. '"'
end

local function number_text(value)
    if value ~= value then return '"NaN"' end
    if value == math.huge then return '"Infinity"' end
    if value == -math.huge then return '"-Infinity"' end
    if math.type(value) == "integer" then return ("%d"):format(value) end
    local text = ("%.15g"):format(value)
    return tonumber(text) == value and text or ("%.17g"):format(value)
end

-- A list is a table with the keys 1 .. n, and the empty table.
local function is_list(value)
    local count, largest = 0, 0
    for key in next, value do
        if math.type(key) ~= "integer" or key < 1 then return false end
        count, largest = count + 1, math.max(largest, key)
    end
    return count == largest
end

-- `order`: names that come first, in this order.
function json.write(value, order)
    local rank = {}
    for i, name in ipairs(order or {}) do rank[name] = i end
    local function write(item)
        if item == nil then return "null" end
        if type(item) == "boolean" then return tostring(item) end
        if type(item) == "number" then return number_text(item) end
        if type(item) ~= "table" then return string_text(tostring(item)) end
        local parts = {}
        if is_list(item) then
            for i, inner in ipairs(item) do parts[i] = write(inner) end
            return "[" .. table.concat(parts, ",") .. "]"
        end
        local names = {}
        for name in next, item do names[#names + 1] = name end
        table.sort(names, function(a, b)
            local first, second = rank[a] or math.huge, rank[b] or math.huge
            if first ~= second then return first < second end
            return tostring(a) < tostring(b)
        end)
        for i, name in ipairs(names) do
            parts[i] = string_text(tostring(name)) .. ":" .. write(item[name])
        end
        return "{" .. table.concat(parts, ",") .. "}"
    end
    return write(value)
end

-- --- reading -----------------------------------------------------------------------------------

local DEPTH = 100
local UNESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

-- The value (null is nil), or nil and what is wrong with the text.
function json.read(text)
    local at = 1
    local function fail(words) error({ ("%s at byte %d"):format(words, at) }, 0) end
    local function skip() at = text:find("[^ \t\r\n]", at) or #text + 1 end

    local function read_string()
        local parts = {}
        at = at + 1
        while true do
            local plain, stop = text:match('^([^"\\%c]*)()', at)
            parts[#parts + 1], at = plain, stop
            local byte = text:sub(at, at)
            if byte == '"' then
                at = at + 1
                return table.concat(parts)
            elseif byte ~= "\\" then
                fail "a string does not end"
            end
            local letter = text:sub(at + 1, at + 1)
            if letter == "u" then
                local code = tonumber(text:match("^%x%x%x%x", at + 2) or fail "a wrong \\u", 16)
                at = at + 6
                local low = code >= 0xd800 and code < 0xdc00
                    and text:match("^\\u([dD][c-fC-F]%x%x)", at)
                if low then
                    code = 0x10000 + ((code & 0x3ff) << 10) + (tonumber(low, 16) & 0x3ff)
                    at = at + 6
                elseif code >= 0xd800 and code < 0xe000 then
                    code = 0xfffd
                end
                parts[#parts + 1] = utf8.char(code)
            else
                parts[#parts + 1] = UNESCAPES[letter] or letter:match('["\\/]')
                    or fail "an unknown escape"
                at = at + 2
            end
        end
    end

    local read
    local function read_items(close, one)
        local result = {}
        at = at + 1
        skip()
        if text:sub(at, at) == close then
            at = at + 1
            return result
        end
        while true do
            one(result)
            skip()
            local byte = text:sub(at, at)
            at = at + 1
            if byte == close then return result end
            if byte ~= "," then
                at = at - 1
                fail("expected , or " .. close)
            end
            skip()
        end
    end

    function read(depth)
        if depth > DEPTH then fail "too deep" end
        skip()
        local byte = text:sub(at, at)
        if byte == '"' then return read_string() end
        if byte == "{" then
            return read_items("}", function(result)
                if text:sub(at, at) ~= '"' then fail "expected a name" end
                local name = read_string()
                skip()
                if text:sub(at, at) ~= ":" then fail "expected :" end
                at = at + 1
                result[name] = read(depth + 1)
            end)
        elseif byte == "[" then
            local count = 0
            return read_items("]", function(result)
                count = count + 1
                result[count] = read(depth + 1)
            end)
        end
        for word, value in next, { ["true"] = true, ["false"] = false } do
            if text:sub(at, at + #word - 1) == word then
                at = at + #word
                return value
            end
        end
        if text:sub(at, at + 3) == "null" then
            at = at + 4
            return nil
        end
        local number = text:match("^-?%d+%.?%d*[eE]?[+-]?%d*", at)
        local value = number and tonumber(number)
        if not value then fail "expected a value" end
        at = at + #number
        return value
    end

    local fine, value = pcall(function()
        local result = read(0)
        skip()
        if at <= #text then fail "expected the end" end
        return result
    end)
    if fine then return value end
    if type(value) ~= "table" then error(value, 0) end
    return nil, value[1]
end

return json
