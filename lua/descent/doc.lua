-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The records behind help, completion and argument checks: those of the core, and those that Lua
-- files define. A record belongs to a value (a function, an object, a namespace).

local core = require "descent.core"

local doc = {}

local records = {}                                 -- name -> record
local by_value = setmetatable({}, { __mode = "k" }) -- value -> name
local value_of = setmetatable({}, { __mode = "v" }) -- name -> value
local entries = {}                                 -- name -> entry of core.documents
local merged = 0                                   -- entries of core.documents seen so far

local known = {
    name = true, signature = true, summary = true, arguments = true, returns = true, errors = true,
    equation = true, source = true, elsewhere = true, example = true, result = true,
}
local known_argument = {
    name = true, symbol = true, type = true, default = true, default_text = true, range = true,
    choices = true, shape = true, unit = true, required = true, minimum = true, maximum = true,
    above = true, below = true, summary = true,
}

local function is_table(value) return type(value) == "table" end

-- What can have a record of its own: numbers are equal to others.
local function is_object(value)
    local kind = type(value)
    return kind == "table" or kind == "function" or kind == "userdata"
end

-- The records of the core are made when they are read: here only names and values are noted.
local function merge()
    local documents = core.documents
    while merged < #documents do
        merged = merged + 1
        local entry = documents[merged]
        entries[entry.name] = entry
        if is_object(entry.value) and not by_value[entry.value] then
            by_value[entry.value] = entry.name
        end
        value_of[entry.name] = entry.value
    end
end

-- Where a user's mistake is reported: the innermost frame outside the library, as "file:line: ".
function doc.place()
    for level = 2, math.huge do
        local info = debug.getinfo(level, "Sl")
        if not info then return "" end
        if info.currentline > 0 and info.source:sub(1, 9) ~= "@descent/" then
            return ("%s:%d: "):format(info.short_src, info.currentline)
        end
    end
end

function doc.fail(format, ...)
    local text = select("#", ...) > 0 and format:format(...) or format
    error(doc.place() .. text, 0)
end

local function refuse_record(record, format, ...)
    error(("the record of %s: %s"):format(tostring(record.name), format:format(...)), 3)
end

-- Registers a record and returns the value it belongs to.
function doc.define(record, value)
    if not is_table(record) or type(record.name) ~= "string" then
        error("a record is a table with a name", 2)
    end
    for key in next, record do
        if not known[key] then refuse_record(record, "it has no field %q", tostring(key)) end
    end
    if type(record.summary) ~= "string" then refuse_record(record, "the summary is missing") end
    if value == nil then refuse_record(record, "the value is missing") end
    record.signature = record.signature or record.name
    record.arguments = record.arguments or {}
    for _, argument in ipairs(record.arguments) do
        for key in next, argument do
            if not known_argument[key] then
                refuse_record(record, "an argument has no field %q", tostring(key))
            end
        end
    end
    core.check_options(record) -- without options: refuses a record that cannot be read
    records[record.name] = record
    if is_object(value) then by_value[value] = record.name end
    value_of[record.name] = value
    return value
end

local function record_named(name)
    merge()
    if records[name] then return records[name] end
    local entry = entries[name]
    return entry and entry.record
end

-- The record with exactly this name among those that are there without loading anything, or nil.
function doc.documented(name) return record_named(name) end

-- The record of a value, or nil. An object that has no record of its own (a run, an optimizer with
-- its settings) has the record of what made it, or of its kind; the second result is then true.
function doc.of(value)
    if not is_object(value) then return nil end
    merge()
    if by_value[value] then return record_named(by_value[value]), false end
    if type(value) == "userdata" then
        local type_name = core.type(value)
        local maker = ({ optimizer = "optim.", model = "model.", loss = "loss." })[type_name]
        if maker then
            local fine, name = pcall(function() return value.name end)
            if fine and type(name) == "string" then
                local record = record_named(name) or record_named(maker .. name)
                if record then return record, true end
            end
        end
        local record = record_named(type_name)
        if record then return record, true end
    end
    return nil
end

-- Loads every Lua file that has public names, so that all records are there.
local function load_all()
    local descent = require "descent"
    for _, name in ipairs(descent.names()) do
        local value = descent[name]
        -- A namespace may load its members late; its __pairs lists them.
        local meta = is_table(value) and getmetatable(value)
        if meta and meta.__pairs then for _ in pairs(value) do end end
    end
    merge()
end

local function all_names()
    load_all()
    local names, seen = {}, {}
    for name in next, records do names[#names + 1], seen[name] = name, true end
    for name in next, entries do
        if not seen[name] then names[#names + 1] = name end
    end
    table.sort(names)
    return names
end

-- All records, sorted by name.
function doc.all()
    local list = {}
    for i, name in ipairs(all_names()) do list[i] = record_named(name) end
    return list
end

local function last_part(name) return name:match("[^.:]+$") or name end

-- The record with a name ("optim.adam"), or with a last part ("adam"): then the second result is
-- the list of all records that have it.
function doc.named(name)
    local record = record_named(name)
    if record then return record, { record } end
    local matches = {}
    for _, full in ipairs(all_names()) do
        if full == name then return record_named(full), { record_named(full) } end
        if last_part(full) == name then matches[#matches + 1] = record_named(full) end
    end
    return matches[1], matches
end

-- The value that a record belongs to, or nil.
function doc.value(record)
    return record and value_of[record.name]
end

-- Where a word stands in a record: 1 in its name, 2 in its signature or an argument's name, 3 in
-- its summary, 4 elsewhere; nil where it does not.
local function rank(record, word)
    local function has(text) return text and text:lower():find(word, 1, true) end
    if has(record.name) then return 1 end
    if has(record.signature) then return 2 end
    for _, argument in ipairs(record.arguments) do
        if has(argument.name) or has(argument.symbol) then return 2 end
    end
    if has(record.summary) then return 3 end
    for _, argument in ipairs(record.arguments) do
        if has(argument.summary) then return 4 end
    end
    for _, key in ipairs { "returns", "errors", "equation", "source", "elsewhere", "example" } do
        if has(record[key]) then return 4 end
    end
end

-- The records in which a word stands, those that have it in the name first.
function doc.search(word)
    word = word:lower()
    local groups = { {}, {}, {}, {} }
    for _, record in ipairs(doc.all()) do
        local place = rank(record, word)
        if place then table.insert(groups[place], record) end
    end
    local list = {}
    for _, group in ipairs(groups) do table.move(group, 1, #group, #list + 1, list) end
    return list
end

-- The name nearest to what was given, or nil.
function doc.nearest(given, names) return core.nearest(given, names) end

-- Checks a table of named options against a record, as the core does for its own functions, and
-- returns a copy with the defaults filled in. `positional` values without a name are allowed.
function doc.options(record, options, positional)
    core.check_options(record, options, positional or 0)
    local copy = {}
    if options then for key, value in next, options do copy[key] = value end end
    for _, argument in ipairs(record.arguments or {}) do
        local name = argument.name
        if copy[name] == nil then
            copy[name] = argument.default
        elseif argument.type == "integer" then
            copy[name] = math.tointeger(copy[name])
        end
    end
    return copy
end

return doc
