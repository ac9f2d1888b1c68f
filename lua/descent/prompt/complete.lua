-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What may stand at the cursor. Nothing of the user's is run: tables are read raw, metatables only
-- where their __index is a table; objects and namespaces of descent's own are asked for their
-- documented names.

local strict = require "descent.strict"
local tokens = require "descent.prompt.tokens"

local complete = {}

local DEEPEST = 20 -- __index after __index
local LISTED = 150 -- names at most

local function core() return require "descent.core" end
local function doc() return require "descent.doc" end
local function variables() return require("descent.prompt").environment end

-- --- values without running code -----------------------------------------------------------------

-- The type descent gave a userdata ("run"), or nil.
local function own_type(value)
    local meta = debug.getmetatable(value)
    if type(meta) ~= "table" then return nil end
    for name, known in next, core().types do
        if known == meta then return name, meta end
    end
    return nil
end

local function is_namespace(value)
    return type(value) == "table" and debug.getmetatable(value) ~= nil and doc().of(value) ~= nil
end

local function field(value, name)
    for _ = 1, DEEPEST do
        if type(value) ~= "table" then return nil end
        local found = rawget(value, name)
        if found ~= nil then return found end
        if is_namespace(value) then return value[name] end
        local meta = debug.getmetatable(value)
        value = type(meta) == "table" and rawget(meta, "__index") or nil
    end
    return nil
end

local function global(name)
    local environment = variables()
    local found = rawget(environment, name)
    if found ~= nil then return found end
    return strict.value(name)
end

-- Fields that hold another object; others may have to be worked out, by the user's own rule.
local holds_object = {}
for name in ("data model objective optimizer trace names"):gmatch("%a+") do
    holds_object[name] = true
end

local function object_field(value, name)
    local type_name, meta = own_type(value)
    if not type_name then return nil end
    local method = meta.methods and rawget(meta.methods, name)
    if method ~= nil or not holds_object[name] then return method end
    local fine, found = pcall(function() return value[name] end)
    return fine and found or nil
end

-- The value of a path {"r", ".", "trace"}: nil where a step is no plain name.
local function value_of(path)
    local value
    for i, name in ipairs(path) do
        if i == 1 then
            value = global(name)
        elseif type(value) == "userdata" then
            value = object_field(value, name)
        elseif type(value) == "string" then
            value = rawget(string, name)
        else
            value = field(value, name)
        end
        if value == nil then return nil end
    end
    return value
end

-- --- the text before the cursor ------------------------------------------------------------------

-- The path of names that ends at token `last`: {"a", "b"}, and the index of its first token. A
-- string literal in front counts as a value.
local function path_before(list, last)
    local path, at = {}, last
    while true do
        local token = list[at]
        if not token or token.kind ~= "name" then return nil end
        table.insert(path, 1, token.text)
        local separator = list[at - 1]
        if not separator or not separator.text:find("^[.:]$") then return path, at end
        at = at - 2
    end
end

-- The innermost bracket that is open at the end of the list: its index and text; nil at the top.
local function enclosing(list, last)
    local depth = 0
    for i = last, 1, -1 do
        local text = list[i].text
        local kind = list[i].kind
        if kind == "symbol" then
            if text == ")" or text == "}" or text == "]" then
                depth = depth + 1
            elseif text == "(" or text == "{" or text == "[" then
                if depth == 0 then return i, text end
                depth = depth - 1
            end
        elseif kind == "keyword" and depth == 0 and (text == "function" or text == "do" or
            text == "then") then
            return nil
        end
    end
    return nil
end

-- The record of the call around the cursor: of `adam` in `optim.adam{|`, of `descend` in
-- `descend(L, opt, {|`. `keys`: names of options may stand here.
local function call_record(list, last)
    local at, bracket = enclosing(list, last)
    local keys = false
    if bracket == "{" then
        local before = list[last]
        keys = before.text == "{" or before.text == "," or before.text == ";"
        local path = at > 1 and path_before(list, at - 1)
        if not path then -- a table among the arguments of a call
            at, bracket = enclosing(list, at - 1)
            if bracket ~= "(" then return nil end
        end
    elseif bracket ~= "(" then
        return nil
    end
    local path, first = path_before(list, at - 1)
    if not path then return nil end
    local separator = list[at - 2]
    if #path > 1 and separator and separator.text == ":" and first < at - 1 then
        local name = table.remove(path)
        local type_name = own_type(value_of(path))
        local record = type_name and doc().named(type_name .. ":" .. name)
        return record, keys, at
    end
    local value = value_of(path)
    if value == nil then return nil end
    return doc().of(value), keys, at
end

function complete.in_string(line, point)
    local list = tokens.scan(line:sub(1, point), true)
    local last = list[#list]
    return last ~= nil and last.kind == "string" and last.open == true and not last.long
end

-- --- candidates ----------------------------------------------------------------------------------

local function add_table_names(set, value, wanted)
    for _ = 1, DEEPEST do
        if type(value) ~= "table" then return end
        for name in next, value do
            if type(name) == "string" and name:find("^[%a_][%w_]*$") and
                (name:sub(1, 1) ~= "_" or wanted:sub(1, 1) == "_") then
                set[name] = true
            end
        end
        if is_namespace(value) then
            local prefix = doc().of(value).name .. "."
            for _, record in ipairs(doc().all()) do
                local rest = record.name:sub(1, #prefix) == prefix and record.name:sub(#prefix + 1)
                if rest and rest:find("^[%a_][%w_]*$") then set[rest] = true end
            end
            return
        end
        local meta = debug.getmetatable(value)
        value = type(meta) == "table" and rawget(meta, "__index") or nil
    end
end

local function add_members(set, value, methods_only, wanted)
    if type(value) == "string" then
        add_table_names(set, string, wanted)
    elseif type(value) == "userdata" then
        local _, meta = own_type(value)
        if not meta then
            meta = debug.getmetatable(value)
            if type(meta) == "table" then add_table_names(set, rawget(meta, "__index"), wanted) end
            return
        end
        for name in next, meta.methods or {} do
            if type(name) == "string" and name:find("^%a") then set[name] = true end
        end
        if not methods_only then
            for _, name in ipairs(meta.fields or {}) do set[name] = true end
        end
    elseif type(value) == "table" then
        add_table_names(set, value, wanted)
    end
end

local function add_globals(set, list, wanted)
    add_table_names(set, variables(), wanted)
    for name in pairs(strict.names()) do
        if name:sub(1, 1) ~= "_" or wanted:sub(1, 1) == "_" then set[name] = true end
    end
    for word in next, tokens.keywords do set[word] = true end
    for i = 1, #list do -- names of the text itself: parameters, locals
        if list[i].kind == "name" then set[list[i].text] = true end
    end
end

local function matching(set, word)
    local names = {}
    for name in next, set do
        if name:sub(1, #word) == word then names[#names + 1] = name end
    end
    table.sort(names)
    return names
end

local function lesson_names(set, folder)
    for _, path in ipairs(core().resources()) do
        local name = path:match("^" .. folder .. "/%d*%-?([%w_-]+)%.lua$")
        if name then set[name] = true end
    end
end

-- Inside a string: names for help and lesson, the choices of an option, else files.
local function string_completions(list, word)
    local before = list[#list - 1]
    local set = {}
    local at = #list - 1
    if before and before.text == "(" then at = at - 1 end
    local called = list[at] and list[at].kind == "name" and list[at].text
    if called == "help" then
        for _, record in ipairs(doc().all()) do set[record.name] = true end
        return matching(set, word)
    elseif called == "lesson" then
        lesson_names(set, "lessons")
        return matching(set, word)
    elseif called == "exercise" then
        lesson_names(set, "lessons/exercises")
        return matching(set, word)
    end
    if before and before.text == "=" and list[#list - 2] and list[#list - 2].kind == "name" then
        local record = call_record(list, #list - 3)
        for _, argument in ipairs(record and record.arguments or {}) do
            local choices = argument.choices
            if argument.name == list[#list - 2].text and choices then
                if type(choices) == "string" then
                    for choice in choices:gmatch("[^|]+") do set[choice] = true end
                else
                    for _, choice in ipairs(choices) do set[choice] = true end
                end
                return matching(set, word)
            end
        end
    end
    return {files = true}
end

local function command_completions(line, word)
    local set = {}
    if line:find("^%s*:%a*$") then
        for _, command in ipairs(require("descent.prompt").commands()) do
            set[command.name] = true
        end
    elseif line:find("^%s*:lesson") then
        lesson_names(set, "lessons")
    elseif line:find("^%s*:%a+%s+[^%s]*$") then
        local name = line:match("^%s*:(%a+)")
        if name == "load" or name == "save" or name == "sh" then return {files = true} end
        add_globals(set, {}, word)
    end
    return matching(set, word)
end

-- Too many names make a list that nobody reads: what they have in common, or the first of them.
local function cut(names, word)
    if #names <= LISTED then return names end
    local low, high = names[1], names[#names] -- sorted: the others lie between them
    local same = 0
    while same < #low and low:byte(same + 1) == high:byte(same + 1) do same = same + 1 end
    if same > #word then return {low:sub(1, same)} end
    local list = table.move(names, 1, LISTED, 1, {})
    local dots = require("descent.terminal").unicode() and "…" or "~" -- both sort last
    list[#list + 1] = ("%s %d more"):format(dots, #names - LISTED)
    return list
end

local function candidates(line, first, last)
    local word = line:sub(first, last)
    local before = line:sub(1, first - 1)
    if before:find("^%s*:") then return command_completions(line:sub(1, last), word) end
    local set = {}
    local special = before:match("^%s*%?+%s*(.*)$")
    if special then before = special end

    local list = tokens.scan(before, true)
    local previous = list[#list]
    if previous and previous.kind == "comment" and
        (previous.open or (not previous.long and before:sub(-1) ~= "\n")) then
        return {}
    end
    if previous and previous.kind == "string" and previous.open and not previous.long then
        return string_completions(list, word)
    end
    list = tokens.scan(before)
    previous = list[#list]
    if previous and (previous.text == "." or previous.text == ":") then
        local owner = list[#list - 1]
        if not owner then return {} end
        local value
        if owner.kind == "string" then
            value = owner.text
        else
            local path = path_before(list, #list - 1)
            value = path and value_of(path)
        end
        add_members(set, value, previous.text == ":", word)
        return matching(set, word)
    end
    if previous and previous.text == ".." or previous and previous.text == "..." then return {} end

    local options = {}
    if previous then
        local record, keys = call_record(list, #list)
        if record and keys then
            for _, argument in ipairs(record.arguments or {}) do
                options[argument.name .. " = "] = true
            end
        end
    end
    local found = matching(options, word)
    if #found > 0 then return found end
    if word == "" and before:find("%S") and not (previous and
        (previous.kind == "symbol" or previous.kind == "keyword")) then
        return {}
    end
    add_globals(set, list, word)
    set[word] = nil
    if rawget(variables(), word) ~= nil or tokens.keywords[word] then set[word] = true end
    return matching(set, word)
end

-- The texts that can stand for line[first..last], sorted; {files = true} where a file is meant.
function complete.completions(line, first, last)
    return cut(candidates(line, first, last), line:sub(first, last))
end

-- The signature, and the arguments with their defaults, of the call around the cursor.
function complete.signature(line, point)
    local list = tokens.scan(line:sub(1, point))
    local record
    local last = #list
    while last > 0 and not record do
        local at = enclosing(list, last)
        if not at then break end
        record = call_record(list, at)
        last = at - 1
    end
    if not record and #list > 0 then
        local path = path_before(list, #list)
        local value = path and value_of(path)
        record = value ~= nil and doc().of(value) or nil
    end
    if not record then return nil end
    local lines = {record.signature}
    for _, argument in ipairs(record.arguments or {}) do
        local text = "  " .. argument.name
        if argument.default_text then
            text = text .. " = " .. argument.default_text
        elseif argument.default ~= nil then
            text = text .. " = " .. tostring(argument.default)
        end
        lines[#lines + 1] = text .. (argument.summary and ("   " .. argument.summary) or "")
    end
    local columns, rows = require("descent.terminal").size()
    local terminal = require "descent.terminal"
    local limit = math.max(3, rows - 4)
    if #lines > limit then
        lines[limit] = "  ..."
        for i = #lines, limit + 1, -1 do lines[i] = nil end
    end
    for i, text in ipairs(lines) do
        lines[i] = terminal.clip(text, columns - 1, terminal.unicode())
    end
    return table.concat(lines, "\n")
end

return complete
