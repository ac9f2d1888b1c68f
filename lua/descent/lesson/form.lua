-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- form.lua: what lesson and exercise files have in common: a file that only builds tables. It runs
-- in an environment that holds the constructors of its entries and nothing else, for a limited
-- number of instructions, and is never loaded from binary code. Its fields are of given kinds, and
-- each entry has a hash of its content.

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

-- {"choice", "why"}
function form.is_pair(value)
    return type(value) == "table" and type(value[1]) == "string" and type(value[2]) == "string"
end

-- An entry of `wrong`: {value, "why"} or {value, "why", tolerance}.
function form.is_wrong_answer(value)
    return type(value) == "table" and type(value[2]) == "string"
        and form.is_answer { value[1], value[3] or 0 }
end

-- A known mistake: {id =, say =, swap = {"from", "to"} or code =}.
function form.is_mistake(value)
    if type(value) ~= "table" or type(value.id) ~= "string" or type(value.say) ~= "string" then
        return false
    end
    local swap = value.swap
    return type(value.code) == "string"
        or form.is_texts(swap or nil) and #swap > 0 and #swap % 2 == 0
end

-- nil, or what is wrong with an id.
function form.id_problem(id)
    if type(id) == "string" and not id:find("^[%l%d][%l%d%-]*$") then
        return ("the id %q must be of small letters, digits and hyphens"):format(id)
    end
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

-- Problems of one table against its fields, as sentences. A kind is a name of TESTS; a star behind
-- it marks what must be there, and [1] is the entry without a name.
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

local function hash(entry, lines)
    local parts = {}
    content(entry, lines, parts)
    return generator.hash_text(table.concat(parts, "\1")):sub(1, 12)
end

function form.lines(text)
    local lines = {}
    for line in (text .. "\n"):gmatch("(.-)\n") do lines[#lines + 1] = line end
    return lines
end

local INSTRUCTIONS = 1000000

-- Runs a chunk for at most INSTRUCTIONS steps of the interpreter.
local function run(chunk)
    local thread = coroutine.create(chunk)
    debug.sethook(thread, function()
        error("such a file only builds tables; this one does not come to an end", 0)
    end, "", INSTRUCTIONS)
    return coroutine.resume(thread)
end

-- Runs a file's text with constructors of these kinds and of `head`, with which it must end. Its
-- fields and its list of entries, each with .kind and .line; nil and the reason.
function form.build(text, name, head, kinds)
    local environment = {}
    for kind in pairs(kinds) do
        environment[kind] = function(fields)
            if type(fields) ~= "table" then
                error(kind .. " must be followed by a table: " .. kind .. "{...}", 2)
            end
            fields.kind, fields.line = kind, debug.getinfo(2, "l").currentline
            return fields
        end
    end
    environment[head] = function(fields)
        if type(fields) ~= "table" then error(head .. " must be followed by a table", 2) end
        fields.kind = head
        return fields
    end
    local chunk, reason = load(text, "@" .. name, "t", environment)
    if not chunk then return nil, reason end
    local fine, result = run(chunk)
    if not fine then
        result = tostring(result)
        return nil, result:find(name, 1, true) and result or name .. ":1: " .. result
    end
    if type(result) ~= "table" or result.kind ~= head then
        return nil, ("%s:1: the file must end in `return %s{...}`"):format(name, head)
    end
    local fields, entries = {}, {}
    for key, value in pairs(result) do
        if math.type(key) ~= "integer" and key ~= "kind" then fields[key] = value end
    end
    for i, value in ipairs(result) do entries[i] = value end
    return fields, entries
end

-- A list of problems, each "file:line: sentence", and what adds one to it.
function form.problem_list(name)
    local problems = {}
    return problems, function(line, format, ...)
        problems[#problems + 1] = ("%s:%d: %s"):format(name, line, format:format(...))
    end
end

-- Checks the fields of a whole file against those it may have.
function form.check_head(fields, known, add)
    for _, problem in ipairs(form.problems(fields, known, {})) do add(1, "%s", problem) end
    if fields.format ~= 1 and math.type(fields.format) then
        add(1, "format %s is not known; this program reads format 1", tostring(fields.format))
    end
    local problem = form.id_problem(fields.id)
    if problem then add(1, "%s", problem) end
end

-- Checks the entries of a file and gives each its .index and .hash. `spec`: {kinds = fields by
-- kind, common = fields of all, inside = function(entry) -> what else is wrong, refusal = what is
-- said of something else, with %d}. The entries that are some, and those with an id by it.
function form.check_entries(entries, spec, lines, add)
    local list, by_id = {}, {}
    for place, entry in ipairs(entries) do
        if type(entry) ~= "table" or not spec.kinds[entry.kind] then
            add(1, spec.refusal, place)
            goto next
        end
        do
            local id = type(entry.id) == "string" and entry.id
            local title = ("%s %s: "):format(entry.kind, id or "")
            for _, problems in ipairs { form.problems(entry, spec.kinds[entry.kind], spec.common),
                                        spec.inside(entry) } do
                for _, problem in ipairs(problems) do add(entry.line, "%s%s", title, problem) end
            end
            if id and by_id[id] then
                add(entry.line, "the id %q is used twice", id)
            elseif form.id_problem(id) then
                add(entry.line, "%s", form.id_problem(id))
            end
            if id then by_id[id] = entry end
            entry.hash = hash(entry, lines)
            list[#list + 1] = entry
            entry.index = #list
        end
        ::next::
    end
    return list, by_id
end

return form
