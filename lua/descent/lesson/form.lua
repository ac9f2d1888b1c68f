-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- form.lua: what lesson and exercise files have in common: a file that only builds tables, fields
-- with their kinds, and the hash of an entry's content.

local generator = require "descent.lesson.generator"

local form = {}

function form.is_texts(value)
    if type(value) ~= "table" then return false end
    for key, text in pairs(value) do
        if math.type(key) ~= "integer" or type(text) ~= "string" then return false end
    end
    return true
end

-- {value, tolerance}; the value is a number, or a list of numbers that must all be given.
function form.is_answer(value)
    if type(value) ~= "table" or math.type(value[2]) == nil or not (value[2] >= 0) then
        return false
    end
    if math.type(value[1]) then return value[1] == value[1] end
    if type(value[1]) ~= "table" or #value[1] == 0 then return false end
    for _, number in ipairs(value[1]) do
        if not math.type(number) or number ~= number then return false end
    end
    return true
end

local TESTS = {
    text = function(value) return type(value) == "string", "a string" end,
    code = function(value) return type(value) == "string", "a string of code" end,
    texts = function(value) return form.is_texts(value), "a list of strings" end,
    answer = function(value) return form.is_answer(value), "{value, tolerance}" end,
    table = function(value) return type(value) == "table", "a table" end,
    number = function(value) return math.type(value) ~= nil, "a number" end,
    boolean = function(value) return type(value) == "boolean", "true or false" end,
    value = function(value) return type(value) ~= "function", "a plain value" end,
    ["function"] = function(value) return type(value) == "function", "a function" end,
}

-- Problems of one table against its fields, as sentences.
function form.problems(given, fields, common)
    local problems = {}
    local function field(name) return fields[name] or common[name] end
    local names = {}
    for name in pairs(fields) do names[name] = true end
    for name in pairs(common) do names[name] = true end
    for name in pairs(names) do
        local kind, required = field(name):match("^(%w+)(%*?)$")
        local value = given[name]
        local word = name == 1 and "the text" or ("`%s`"):format(name)
        if value == nil then
            if required == "*" then problems[#problems + 1] = word .. " is missing" end
        else
            local fine, expected = TESTS[kind](value)
            if not fine then problems[#problems + 1] = ("%s must be %s"):format(word, expected) end
        end
    end
    for name in pairs(given) do
        if not names[name] and name ~= "kind" and name ~= "line" then
            problems[#problems + 1] = ("`%s` is not known here"):format(tostring(name))
        end
    end
    table.sort(problems)
    return problems
end

-- The source lines of a function in the file, for the content hash.
local function function_text(value, lines)
    local info = debug.getinfo(value, "S")
    -- `text` and its like are functions too, of another file.
    return table.concat(lines, "\n", math.max(info.linedefined, 1),
        math.min(info.lastlinedefined, #lines))
end

-- The same content gives the same text, whatever the order of its keys.
local function content(value, lines, parts)
    local kind = type(value)
    if kind == "function" then
        parts[#parts + 1] = function_text(value, lines)
    elseif kind == "table" then
        local keys = {}
        for key in pairs(value) do
            if key ~= "line" then keys[#keys + 1] = key end
        end
        table.sort(keys, function(a, b)
            if type(a) ~= type(b) then return type(a) == "number" end
            return a < b
        end)
        parts[#parts + 1] = "{"
        for _, key in ipairs(keys) do
            parts[#parts + 1] = tostring(key) .. "="
            content(value[key], lines, parts)
        end
        parts[#parts + 1] = "}"
    else
        parts[#parts + 1] = math.type(value) == "float" and ("%.17g"):format(value)
            or tostring(value)
    end
end

function form.hash(step, lines)
    local parts = {}
    content(step, lines, parts)
    return generator.hash_text(table.concat(parts, "\1")):sub(1, 12)
end

function form.lines(text)
    local lines = {}
    for line in (text .. "\n"):gmatch("(.-)\n") do lines[#lines + 1] = line end
    return lines
end

local INSTRUCTIONS = 1000000

-- Runs a chunk for at most INSTRUCTIONS steps of the interpreter.
function form.run(chunk)
    local thread = coroutine.create(chunk)
    debug.sethook(thread, function()
        error("such a file only builds tables; this one does not come to an end", 0)
    end, "", INSTRUCTIONS)
    return coroutine.resume(thread)
end

return form
