-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Annotations for the Lua language server: descent.lua, what require "descent" gives, and
-- global.lua, the same names as globals, for scripts that the program runs.
--
-- What a signature says decides the form of a call: name(a, b), name{options}, name(a, {options}).

local core = require "descent.core"
local descent = require "descent"
local doc = require "descent.doc"
local records = require "records"

-- --- types ---------------------------------------------------------------------------------------

-- Words of the records -> types of the annotations.
local words = {
    ["data set"] = "descent.dataset", model = "descent.model", loss = "descent.loss",
    optimizer = "descent.optimizer", run = "descent.run", schedule = "descent.schedule",
    penalty = "descent.penalty", symbol = "descent.symbol", array = "descent.array",
    number = "number", integer = "integer", string = "string", text = "string", table = "table",
    list = "table", ["function"] = "function", boolean = "boolean", ["false"] = "false",
    name = "string", names = "string[]", trace = "descent.history", value = "any",
    ["list of names"] = "string[]", ["list of widths"] = "integer[]",
    ["list of them"] = "(string|integer)[]",
}

local function union(types)
    local seen, list = {}, {}
    for _, one in ipairs(types) do
        if not seen[one] then seen[one], list[#list + 1] = true, one end
    end
    return table.concat(list, "|")
end

-- "string or table", "name, number or list of them", "number or \"fit\""
local function type_of_words(text)
    local types = {}
    for word in (text:gsub(",? or ", ",") .. ","):gmatch("%s*(.-)%s*,") do
        if word:find('^"') then
            types[#types + 1] = word
        else
            types[#types + 1] = words[word:gsub("^an? ", "")] or "any"
        end
    end
    return union(types)
end

local function argument_type(argument)
    local kind = argument.type
    if kind == "rate" then return "number|descent.schedule|function" end
    if kind == "array" then return "descent.numbers" end
    if kind == "choice" then
        local types = {}
        for word in (argument.choices or argument.range):gmatch("[^|]+") do
            types[#types + 1] = (word == "true" or word == "false") and word
                or ('"%s"'):format(word)
        end
        return union(types)
    end
    local base = type_of_words(kind)
    if argument.choices then
        for word in argument.choices:gmatch("[^|]+") do base = base .. ('|"%s"'):format(word) end
    end
    return base
end

-- What arguments are called where a record says nothing more of them.
local usual = {
    L = "descent.loss", L1 = "descent.loss", opt = "descent.optimizer", r = "descent.run",
    r1 = "descent.run", r2 = "descent.run", d = "descent.dataset", data = "descent.dataset",
    m = "descent.model", model = "descent.model", f = "function", file = "string",
    path = "string", phi = "descent.numbers",
}

-- The first words of what comes back.
local returns = {
    { "^nothing", nil }, { "^true or false", "boolean" },
    { "^a number, or an array", "number|descent.array" },
    { "^a number or an array", "number|descent.array" },
    { "^a number for a number", "any" }, { "^a number, an array, or a symbol", "any" },
    { "^1 or 0, or an array", "any" }, { "^a number; an array", "number|descent.array" },
    { "^an array; a number", "number|descent.array" },
    { "^an array", "descent.array" }, { "^two data sets", "descent.dataset, descent.dataset" },
    { "^a data set", "descent.dataset" }, { "^a loss", "descent.loss" },
    { "^an optimizer", "descent.optimizer" }, { "^the run", "descent.run" },
    { "^a new run", "descent.run" }, { "^a run", "descent.run" },
    { "^a schedule", "descent.schedule" }, { "^a model", "descent.model" },
    { "^a penalty", "descent.penalty" }, { "^an integer, or", "integer|descent.array" },
    { "^an integer", "integer" }, { "^a number", "number" }, { "^the largest", "number" },
    { "^a string", "string" }, { "^a text", "string" }, { "^a list", "table" },
    { "^a function", "function" }, { "^a table", "table" }, { "^a graph", "table" },
    { "^φ, and a table", "descent.array, table" }, { "^the place", "number, number, table" },
    { "^a symbol", "descent.symbol" },
}

local function return_type(record)
    if not record.returns then return nil end
    for _, rule in ipairs(returns) do
        if record.returns:find(rule[1]) then return rule[2] end
    end
    return "any"
end

-- Fields of objects.
local fields = {
    x = "descent.array", y = "descent.array", phi = "descent.array", gradient = "descent.array",
    rows = "integer", cols = "integer", shape = "integer[]", size = "integer", t = "integer",
    epoch_number = "integer", updates_per_epoch = "integer", examples = "integer",
    inputs = "integer", outputs = "integer", parameters = "table[]", components = "string[]",
    loss = "number", batch_loss = "number", seconds = "number", validation = "number",
    name = "string", title = "string", equation = "string", source = "string",
    message = "string", reason = "string", trace = "descent.history",
    objective = "descent.loss", optimizer = "descent.optimizer", model = "descent.model",
    data = "descent.dataset", batch_indices = "integer[]", classes = "string[]",
}
local in_history = { t = "descent.array" } -- there all are columns

-- --- text ----------------------------------------------------------------------------------------

local function one_line(text) return (text:gsub("%s+", " ")) end

local function describe(record, out)
    for line in records.lines_of(record.summary) do out[#out + 1] = "---" .. line end
    if record.equation then out[#out + 1] = "---\n---    " .. one_line(record.equation) end
    if record.example then
        out[#out + 1] = "---\n---```lua"
        for line in records.lines_of(record.example) do out[#out + 1] = "---" .. line end
        for line in records.lines_of(record.result or "") do
            if record.result then out[#out + 1] = "-----> " .. line end
        end
        out[#out + 1] = "---```"
    end
end

local function argument_note(argument)
    local text = records.argument_text(argument)
    local summary = argument.summary or ""
    return one_line(summary .. (text ~= "" and " (" .. text .. ")" or ""))
end

-- --- signatures ----------------------------------------------------------------------------------

local keywords = { ["function"] = "f", ["end"] = "last" }

-- The text between the brackets that open at `from`.
local function inside(text, from) return text:match("%b" .. (text:sub(from, from) == "(" and "()"
    or "{}"), from):sub(2, -2) end

-- Parts between commas outside brackets.
local function split(text)
    local parts, depth, part = {}, 0, ""
    for char in text:gmatch(".") do
        depth = depth + (char:find("[({]") and 1 or char:find("[)}]") and -1 or 0)
        if char == "," and depth == 0 then
            parts[#parts + 1], part = part, ""
        else
            part = part .. char
        end
    end
    parts[#parts + 1] = part
    for i, one in ipairs(parts) do parts[i] = one:match("^%s*(.-)%s*$") end
    return parts
end

-- {form = "table"} or {form = "list", {name =, optional =, options =}, ...}; nil: no call.
local function call_of(record)
    local last = record.name:match("[%w_]+$")
    local from = record.signature:find("%f[%w_]" .. last .. "%s*[({\"]")
    if not from then return nil end
    local open = record.signature:find("[({\"]", from + #last)
    local kind = record.signature:sub(open, open)
    if kind == "{" then return { form = "table" } end
    if kind == '"' then
        return { form = "list", { name = record.arguments[1].name, optional = false } }
    end
    local call, optional = { form = "list" }, false
    for i, part in ipairs(split(inside(record.signature, open))) do
        if part:find("^%[") then optional = true end
        local name = part:gsub("[%[%]]", ""):match("^[%a_][%w_]*")
        if part:find("^%[?%s*{") then
            call[#call + 1] = { name = "options", optional = true, options = true }
        elseif part == "..." or part == "" then
            if part ~= "" then call[#call + 1] = { name = "..." } end
        elseif part:find("^function") then
            call[#call + 1] = { name = "f", optional = optional }
        elseif name and not part:find('^"') then
            call[#call + 1] = { name = keywords[name] or name, optional = optional }
        else
            local argument = record.arguments[i]
            call[#call + 1] = { name = argument and argument.name or "value", optional = optional }
        end
        if part:find("%[$") then optional = true end
    end
    return call
end

local function argument_named(record, name)
    for _, argument in ipairs(record.arguments) do
        if argument.name == name then return argument end
    end
end

local function option_class(record)
    return "descent." .. record.name:gsub(":", ".") .. ".options"
end

-- The class of what stands in braces.
local function write_options(record, call, out)
    local taken, list = {}, {}
    for _, parameter in ipairs(call) do taken[parameter.name] = true end
    for _, argument in ipairs(record.arguments) do
        if not taken[argument.name] then list[#list + 1] = argument end
    end
    out[#out + 1] = "---@class " .. option_class(record)
    for _, argument in ipairs(list) do
        local name = argument.name
        if name:find("^[%a_][%w_]*$") then
            out[#out + 1] = ("---@field %s%s %s %s"):format(name, argument.required and "" or "?",
                argument_type(argument), argument_note(argument))
        end
    end
    out[#out + 1] = "---@field [integer] any"
    out[#out + 1] = "---@field [string] any"
    out[#out + 1] = ""
end

-- A function with everything that is known of it.
local function write_function(record, target, out)
    local call = call_of(record) or { form = "list", { name = "..." } }
    local parameters = call
    if call.form == "table" then
        parameters = { { name = "options", options = true, optional = false } }
    end
    for _, parameter in ipairs(parameters) do
        if parameter.options then write_options(record, parameters, out) end
    end
    describe(record, out)
    local names = {}
    for _, parameter in ipairs(parameters) do
        local argument = argument_named(record, parameter.name)
        local kind, note = usual[parameter.name] or "any", ""
        if parameter.options then
            kind = option_class(record)
        elseif argument then
            kind, note = argument_type(argument), " " .. argument_note(argument)
        end
        if parameter.name == "..." then
            out[#out + 1] = "---@param ... any"
        else
            local optional = parameter.optional
                or (argument and not argument.required and not parameter.options)
            out[#out + 1] = ("---@param %s%s %s%s"):format(parameter.name, optional and "?" or "",
                kind, note)
        end
        names[#names + 1] = parameter.name
    end
    local result = return_type(record)
    if result then out[#out + 1] = "---@return " .. result .. " # " .. one_line(record.returns) end
    out[#out + 1] = ("function %s(%s) end\n"):format(target, table.concat(names, ", "))
end

-- --- classes -------------------------------------------------------------------------------------

-- Operators and calls of the objects.
local operators = {
    array = { "operator add(any): descent.array", "operator sub(any): descent.array",
        "operator mul(any): descent.array", "operator div(any): descent.array",
        "operator pow(any): descent.array", "operator unm: descent.array",
        "operator len: integer", "overload fun(...: any): number", "field [integer] any" },
    dataset = { "operator len: integer" },
    model = { "overload fun(...: any): descent.array" },
    loss = { "overload fun(...: any): number", "operator add(any): descent.loss",
        "operator mul(number): descent.loss", "operator unm: descent.loss",
        "operator sub(any): descent.loss", "operator div(number): descent.loss" },
    penalty = { "operator add(any): descent.penalty", "operator mul(number): descent.penalty" },
    optimizer = { "operator call(table): descent.optimizer" },
    schedule = { "overload fun(...: any): number" },
    run = { "operator call(any): descent.array" },
    symbol = { "operator add(any): descent.symbol", "operator sub(any): descent.symbol",
        "operator mul(any): descent.symbol", "operator div(any): descent.symbol",
        "operator pow(any): descent.symbol", "operator unm: descent.symbol",
        "field [integer] descent.symbol", "field rows integer", "field cols integer",
        "field shape integer[]" },
    history = { "field [string] descent.array" },
}

local function sorted(list)
    table.sort(list)
    return list
end

local function write_object(kind, out)
    local meta = core.types[kind]
    local record = doc.documented(kind)
    if record then describe(record, out) end
    out[#out + 1] = "---@class descent." .. kind
    local names = {}
    for _, name in ipairs(meta.fields or {}) do names[#names + 1] = name end
    for _, name in ipairs(sorted(names)) do
        local known = kind == "history" and (in_history[name] or "descent.array") or fields[name]
        out[#out + 1] = ("---@field %s %s"):format(name, known or "any")
    end
    for _, operator in ipairs(operators[kind] or {}) do out[#out + 1] = "---@" .. operator end
    out[#out + 1] = ("local %s = {}\n"):format(kind)
    for _, one in ipairs(records.all) do
        if one.name:match("^([%w_]+):") == kind then write_function(one, one.name, out) end
    end
end

-- What calling a namespace makes.
local makes = {
    model = "descent.model", loss = "descent.loss", optim = "descent.optimizer",
    schedule = "descent.schedule",
}

local function write_namespace(name, members, out)
    local record = doc.documented(name)
    if record then describe(record, out) end
    out[#out + 1] = "---@class descent.names." .. name
    if makes[name] then
        out[#out + 1] = "---@operator call(any): " .. makes[name]
    elseif record and call_of(record) then
        out[#out + 1] = "---@operator call(any): any"
    end
    local functions = {}
    for _, member in ipairs(members) do
        local value = doc.value(member)
        local kind = core.type(value)
        if kind == "function" or not core.types[kind] then
            functions[#functions + 1] = member
        else
            out[#out + 1] = ("---@field %s descent.%s %s"):format(member.name:match("[%w_]+$"),
                kind, one_line(member.summary))
        end
    end
    out[#out + 1] = ("local %s_names = {}\n"):format(name)
    for _, member in ipairs(functions) do
        write_function(member, (member.name:gsub("^[%w_]+", name .. "_names")), out)
    end
end

-- --- the files -----------------------------------------------------------------------------------

local function module_file()
    local out = { "---@meta descent", "-- Made from the documentation records of descent "
        .. core.version .. ".", "",
        "---Numbers: an array, a list, a list of lists, or a table by the names of parameters.",
        "---@alias descent.numbers descent.array|number|number[]|number[][]|table<string, any>",
        "" }
    for _, kind in ipairs { "array", "dataset", "model", "penalty", "loss", "schedule", "optimizer",
        "run", "history", "symbol" } do
        write_object(kind, out)
    end
    local members = {}
    for _, record in ipairs(records.all) do
        local head = record.name:match("^([%w_]+)%.")
        if head and descent[head] ~= nil then
            members[head] = members[head] or {}
            table.insert(members[head], record)
        end
    end
    local heads = {}
    for head in pairs(members) do
        if not doc.documented(head) or core.type(descent[head]) ~= "function" then
            heads[#heads + 1] = head
        end
    end
    for _, head in ipairs(sorted(heads)) do write_namespace(head, members[head], out) end
    out[#out + 1] = "---@class descent"
    for _, head in ipairs(heads) do
        out[#out + 1] = ("---@field %s descent.names.%s"):format(head, head)
    end
    if descent.pi then out[#out + 1] = "---@field pi number" end
    out[#out + 1] = "local descent = {}\n"
    for _, name in ipairs(descent.names()) do
        local record = doc.documented(name)
        if record and not members[name] and name ~= "pi" then
            write_function(record, "descent." .. name, out)
        end
    end
    out[#out + 1] = "return descent"
    return out
end

local function global_file()
    local out = { "---@meta", "-- Made from the documentation records of descent " .. core.version
        .. ": the names that a script has when the program runs it.", "",
        'local descent = require "descent"', "" }
    for _, name in ipairs(descent.names()) do
        if doc.documented(name) then out[#out + 1] = ("%s = descent.%s"):format(name, name) end
    end
    return out
end

return function()
    return { ["descent.lua"] = module_file(), ["global.lua"] = global_file() }
end
