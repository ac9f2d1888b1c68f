-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- value.lua: what functions were given and gave back, as plain data: numbers, strings, booleans,
-- lists, records. Nothing here calls into the values: they may come from a submission.

local generator = require "descent.lesson.generator"

local value = {}

-- A difference of at most this, absolute and relative to the expected number, is none.
value.TOLERANCE = 1e-6
local ABSOLUTE = 1e-9

function value.is_list(item) return type(item) == "table" and (#item > 0 or next(item) == nil) end

-- Lists copied; anything else as it is.
function value.copy(item)
    if type(item) ~= "table" then return item end
    local result = {}
    for key, inner in next, item do result[key] = value.copy(inner) end
    return result
end

-- A foreign value: {["?"] = "function"}.
function value.foreign(item)
    return type(item) == "table" and type(rawget(item, "?")) == "string" and item["?"] or nil
end

local LONGEST, LONGEST_TEXT = 12, 60

-- Control characters of a submission never reach the terminal.
local function quoted(text)
    if #text > LONGEST_TEXT then text = text:sub(1, LONGEST_TEXT) .. "..." end
    text = text:gsub("[\128-\255]+", function(bytes) return utf8.len(bytes) and bytes or "?" end)
    return (("%q"):format(text):gsub("\\\n", "\\n"))
end

function value.is_name(text) return type(text) == "string" and text:find("^[%a_][%w_]*$") ~= nil end

-- A value as one would type it. With `vectors`, lists of numbers as arrays.
function value.typed(item, vectors)
    local kind = math.type(item)
    if kind == "integer" then return tostring(item) end
    if kind == "float" then
        if item ~= item then return "nan" end
        if item == 0 then return "0" end
        if item == math.huge then return "inf" elseif item == -math.huge then return "-inf" end
        local text, exact = ("%.6g"):format(item), ("%.10g"):format(item)
        -- What is to be typed again must not lose digits that are there.
        if #exact <= 8 then text = exact end
        return (text:gsub("e([+-])0+(%d)", "e%1%2"):gsub("e%+", "e"))
    end
    if type(item) == "string" then return quoted(item) end
    if type(item) == "function" then return generator.sources[item] or "a function" end
    if type(item) ~= "table" then return tostring(item) end
    if value.foreign(item) then return "a " .. item["?"] end
    local parts = {}
    if value.is_list(item) then
        for i = 1, math.min(#item, LONGEST) do parts[i] = value.typed(item[i]) end
        if #item > LONGEST then parts[LONGEST] = ("... (%d in all)"):format(#item) end
    else
        local names = {}
        for name in next, item do names[#names + 1] = tostring(name) end
        table.sort(names)
        for i, name in ipairs(names) do
            if i > LONGEST then
                parts[i] = "..."
                break
            end
            local inner = item[name]
            if inner == nil then inner = item[math.tointeger(tonumber(name))] end
            parts[i] = (value.is_name(name) and name or "[" .. quoted(name) .. "]") .. " = "
                .. value.typed(inner)
        end
    end
    return (vectors and value.is_list(item) and "array" or "") .. "{" .. table.concat(parts, ", ")
        .. "}"
end

function value.typed_all(list, vectors)
    if list.n == 0 then return "nothing" end
    local parts = {}
    for i = 1, list.n do parts[i] = value.typed(list[i], vectors) end
    return table.concat(parts, ", ")
end

-- "nil", "a list", "a string", ... for a sentence.
function value.kind(item)
    if item == nil then return "nil" end
    if math.type(item) then return item ~= item and "not a number (NaN)" or "a number" end
    if value.foreign(item) then return "a " .. item["?"] end
    if type(item) == "boolean" then return tostring(item) end
    return type(item) == "table" and (value.is_list(item) and "a list" or "a table with names")
        or "a " .. type(item)
end

function value.near(got, expected, tolerance)
    if not math.type(got) then return false end
    if got == expected then return true end
    if not (math.abs(expected) < math.huge) then return false end
    return math.abs(got - expected) <= ABSOLUTE + tolerance * math.abs(expected)
end

-- nil where `got` equals `expected`; else the first difference: {path = {i, j}, got =, expected =,
-- what = "number", "kind", "length" or "word"}.
function value.difference(got, expected, tolerance, path)
    path = path or {}
    if math.type(expected) then
        if value.near(got, expected, tolerance) then return nil end
        return { path = path, got = got, expected = expected,
                 what = math.type(got) and got == got and "number" or "kind" }
    elseif value.is_list(expected) then
        if not value.is_list(got) then
            return { path = path, got = got, expected = expected, what = "kind" }
        elseif #got ~= #expected then
            return { path = path, got = got, expected = expected, what = "length" }
        end
        for i = 1, #expected do
            local inner = { table.unpack(path) }
            inner[#inner + 1] = i
            local found = value.difference(got[i], expected[i], tolerance, inner)
            if found then return found end
        end
        return nil
    end
    if got == expected then return nil end
    return { path = path, got = got, expected = expected, what = "word" }
end

-- True where two outcomes are the same, even in what is no number.
function value.same(a, b, tolerance)
    if math.type(a) and math.type(b) then
        return a ~= a and b ~= b or value.near(a, b, tolerance)
    end
    if type(a) ~= "table" or type(b) ~= "table" then return a == b end
    for key, inner in next, a do
        if not value.same(inner, b[key], tolerance) then return false end
    end
    for key in next, b do
        if a[key] == nil then return false end
    end
    return true
end

-- Every number of a value with its path as text: visit(number, "1,2").
function value.numbers(item, visit, place)
    if math.type(item) then
        visit(item, place or "")
    elseif value.is_list(item) then
        for i = 1, #item do value.numbers(item[i], visit, (place and place .. "," or "") .. i) end
    end
end

-- Finite numbers only.
function value.is_finite(item)
    local fine = true
    local function look(inner)
        if type(inner) == "table" then
            for _, deeper in next, inner do look(deeper) end
        elseif math.type(inner) == "float" and not (math.abs(inner) < math.huge) then
            fine = false
        end
    end
    look(item)
    return fine
end

local function is_numbers(list)
    for i = 1, #list do
        if not math.type(list[i]) then return false end
    end
    return #list > 0
end

-- The results in the form that is asked for: `expected.n` values, of which `required` must be
-- there, called `names`. Accepted besides: all of them in one list or in one table by name, the
-- components of one list one by one, one number as a list of one. Returns {n = ...}, or nil and a
-- sentence.
function value.arranged(got, expected, required, names)
    local only = got[1]
    if got.n == 1 and type(only) == "table" and not value.foreign(only) then
        if required > 1 and value.is_list(only) and not is_numbers(only)
            and #only >= required and #only <= expected.n then
            return { n = #only, table.unpack(only) }
        elseif names and not value.is_list(only) then
            local result = { n = 0 }
            for i, name in ipairs(names) do
                result[i] = only[name]
                if only[name] ~= nil then result.n = i end
            end
            if result.n >= required then return result end
        elseif expected.n > 1 and is_numbers(only) and #only == expected.n
            and math.type(expected[1]) then
            return { n = #only, table.unpack(only) }
        end
    end
    if expected.n == 1 and value.is_list(expected[1]) and is_numbers(expected[1])
        and got.n == #expected[1] and math.type(only) then
        local list = {}
        for i = 1, got.n do list[i] = got[i] end
        return { n = 1, list }
    end
    if got.n < required or got.n > expected.n then
        local wanted = required == expected.n and tostring(required)
            or ("%d to %d"):format(required, expected.n)
        return nil, ("returns %s; it should return %s"):format(got.n == 0 and "nothing"
            or got.n == 1 and "one value" or got.n .. " values",
            names and table.concat(names, ", ", 1, required)
            or wanted .. (wanted == "1" and " value" or " values"))
    end
    local result = { n = got.n }
    for i = 1, got.n do
        local mine, right = got[i], expected[i]
        if math.type(right) and value.is_list(mine) and #mine == 1 then mine = mine[1] end
        if value.is_list(right) and #right == 1 and math.type(right[1]) and math.type(mine) then
            mine = { mine }
        end
        result[i] = mine
    end
    return result
end

return value
