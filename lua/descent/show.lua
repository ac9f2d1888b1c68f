-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Any Lua value as the text that the prompt prints. Objects are shown by the functions of
-- lua/descent/show/<type>.lua, loaded at first use.

local core = require "descent.core"

local show = {}

local function terminal() return require "descent.terminal" end
local function doc() return require "descent.doc" end

local handlers = {}
local default_rows = 20

-- function(value, options) -> text for all objects of a type ("run").
function show.define(type_name, handler)
    handlers[type_name] = handler
end

local function handler_of(type_name)
    local handler = handlers[type_name]
    if handler == nil then
        handler = false
        local wanted = "descent.show." .. type_name
        for _, name in ipairs(core.modules) do
            if name == wanted then handler = require(wanted) end
        end
        handlers[type_name] = handler
    end
    return handler
end

-- A number alone: 14 digits, as Lua prints it.
function show.number(value)
    if value ~= value then return "nan" end
    return tostring(value)
end

-- A number among others: 7 digits.
function show.short(value)
    if value ~= value then return "nan" end
    if value == 0 then return "0" end
    return ("%.7g"):format(value)
end

local escapes = { ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r", ["\\"] = "\\\\", ['"'] = '\\"' }

local function escaped(character)
    return escapes[character] or ("\\%d"):format(character:byte())
end

-- A string as it is typed; what is not valid UTF-8 is escaped too.
local function quoted(text)
    local cut = #text > 2000 and #text
    if cut then text = text:sub(1, 2000) end
    local result = text:gsub('[%c"\\]', escaped)
    if not utf8.len(result) then result = result:gsub("[\128-\255]", escaped) end
    result = '"' .. result .. '"'
    return cut and ("%s... (%d bytes)"):format(result, cut) or result
end

local function function_text(value)
    local record = doc().of(value)
    if record then return "function: " .. record.signature end
    local info = debug.getinfo(value, "S")
    if info.what == "C" or info.source:sub(1, 9) == "@descent/" then
        return "function: built in"
    end
    return ("function: %s:%d"):format(info.short_src, info.linedefined)
end

-- Order of keys: numbers, then strings by byte, then the rest as it comes.
local function before(a, b)
    local a_type, b_type = type(a), type(b)
    if a_type == "number" and b_type == "number" then return a < b end
    if a_type == "string" and b_type == "string" then return a < b end
    local order = { number = 1, string = 2 }
    return (order[a_type] or 3) < (order[b_type] or 3)
end

local MOST_KEYS = 100000 -- looked at, so that a table of any size is shown at once

-- The first `limit` keys beyond 1..length in order, how many there are, and whether these are only
-- those that were looked at.
local function named_keys(value, length, limit)
    local keys, count, last, last_type = {}, 0, nil, nil
    local next_index = 1
    for key in next, value do
        if key == next_index then -- the usual place of a list's elements
            next_index = next_index + 1
        elseif not (math.type(key) == "integer" and key >= 1 and key <= length) then
            count = count + 1
            if count > MOST_KEYS then return keys, count - 1, true end
            local wanted = #keys < limit
            if not wanted and limit > 0 then
                local plain = last_type == "string" or last_type == "number"
                if plain and type(key) == last_type then
                    wanted = key < last
                else
                    wanted = before(key, last)
                end
            end
            if wanted then
                local low, high = 1, #keys + 1
                while low < high do
                    local middle = (low + high) // 2
                    if before(key, keys[middle]) then high = middle else low = middle + 1 end
                end
                table.insert(keys, low, key)
                if #keys > limit then keys[#keys] = nil end
                last = keys[#keys]
                last_type = type(last)
            end
        end
    end
    return keys, count, false
end

local reserved = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
    return then true until while]]):gmatch("%a+") do reserved[word] = true end

local item_text

local function key_text(key, state)
    if type(key) == "string" and key:find("^[%a_][%w_]*$") and not reserved[key] then return key end
    return "[" .. item_text(key, state) .. "]"
end

-- The items of a table as texts, the number left out, and whether there are more than that.
local function items_of(value, state)
    local length, limit = #value, state.items
    local items = {}
    for i = 1, math.min(length, limit) do items[i] = item_text(rawget(value, i), state) end
    local keys, count, beyond = named_keys(value, length, math.max(0, limit - #items))
    for _, key in ipairs(keys) do
        items[#items + 1] = key_text(key, state) .. " = " .. item_text(rawget(value, key), state)
    end
    return items, length + count - #items, beyond
end

local function table_text(value, state)
    if state.inside[value] then return "{...}" end
    if state.depth >= 4 then return next(value) == nil and "{}" or "{...}" end
    state.inside[value] = true
    state.depth = state.depth + 1
    local items, hidden, beyond = items_of(value, state)
    state.depth = state.depth - 1
    state.inside[value] = nil
    local more = beyond and "... more than %d more" or "... %d more"
    local note = hidden > 0 and more:format(hidden)
    local one = "{" .. table.concat(items, ", ") .. (note and ", " .. note or "") .. "}"
    local room = state.width - 4 * state.depth
    local width = terminal().width
    if not one:find("\n", 1, true) and width(one) <= room then return one end

    -- Short items fill the lines, long ones have one each.
    local short = true
    for _, item in ipairs(items) do
        short = short and #item <= 24 and not item:find("\n", 1, true)
    end
    local lines, counts = {}, {}
    for _, item in ipairs(items) do
        local text, last = item:gsub("\n", "\n    ") .. ",", #lines
        if short and last > 0 and width(lines[last]) + 1 + width(text) <= room - 4 then
            lines[last], counts[last] = lines[last] .. " " .. text, counts[last] + 1
        else
            lines[last + 1], counts[last + 1] = text, 1
        end
    end
    if state.depth == 0 then
        for i = #lines, state.rows + 1, -1 do hidden, lines[i] = hidden + counts[i], nil end
    end
    if hidden > 0 then lines[#lines + 1] = more:format(hidden) end
    return "{\n    " .. table.concat(lines, "\n    ") .. "\n}"
end

-- A namespace or another documented table: what it is and what it has.
local function namespace_text(value, record, state)
    local names = {}
    for key in pairs(value) do if type(key) == "string" then names[#names + 1] = key end end
    table.sort(names)
    local about = terminal().wrap(record.name .. ": " .. record.summary, state.width)
    local lines = terminal().wrap(table.concat(names, "  "), state.width - 4)
    return table.concat(about, "\n")
        .. (#names > 0 and "\n    " .. table.concat(lines, "\n    ") or "")
end

local function object_text(value, options)
    local type_name = core.type(value)
    local handler = handler_of(type_name)
    if handler then return handler(value, options) end
    return ("%s: %s"):format(type_name, (("%p"):format(value)))
end

-- A value inside a table: objects that take several lines are only named.
function item_text(value, state)
    local kind = type(value)
    if kind == "table" then
        local meta = getmetatable(value)
        if doc().of(value) then
            return "<" .. doc().of(value).name .. ">"
        end
        if type(meta) == "table" and meta.__tostring then
            local text = tostring(value)
            return text:find("\n", 1, true) and ("<%s>"):format(meta.__name or "table") or text
        end
        return table_text(value, state)
    elseif kind == "userdata" then
        local type_name = core.type(value)
        local text = object_text(value, { width = 60, rows = 4, colour = false })
        if #text <= 60 and not text:find("\n", 1, true) then return text end
        if type_name == "array" then
            return ("<array %s>"):format(table.concat(value.shape, "×"))
        end
        return "<" .. type_name .. ">"
    end
    return show.value(value)
end

-- Runs f with values shown as into a file, 80 columns wide and with all signs, wherever the output
-- goes.
function show.as_file(f, ...)
    local before = terminal().into_file
    terminal().into_file = true
    local results = table.pack(xpcall(f, require("descent.failure").handler, ...))
    terminal().into_file = before
    if not results[1] then error(results[2], 0) end
    return table.unpack(results, 2, results.n)
end

local function defaults(options)
    local given = options or {}
    local at_terminal = not terminal().into_file and terminal().is_terminal("output")
    local complete = {}
    for key, value in next, given do complete[key] = value end
    complete.width = given.width or (at_terminal and terminal().size() or 80)
    complete.rows = given.rows or default_rows
    if given.colour == nil then complete.colour = false end
    return complete
end

-- The text of a namespace, for its tostring.
function show.namespace(value)
    return namespace_text(value, doc().of(value), defaults())
end

-- The text of a value. options: width (columns), rows (lines at most, where a value could take
-- more), colour (false: none).
function show.value(value, options)
    local kind = type(value)
    if kind == "number" then return show.number(value) end
    if kind == "string" then return quoted(value) end
    if kind == "nil" or kind == "boolean" then return tostring(value) end
    if kind == "function" then return function_text(value) end
    if kind == "userdata" then
        if getmetatable(value) and core.types[core.type(value)] then
            return object_text(value, defaults(options))
        end
        return tostring(value)
    end
    if kind ~= "table" then return tostring(value) end
    local meta = getmetatable(value)
    if type(meta) == "table" and meta.__tostring then return tostring(value) end
    options = defaults(options)
    local record = doc().of(value)
    local state = {
        width = options.width, rows = options.rows, items = 16 * options.rows,
        depth = 0, inside = {},
    }
    if record then return namespace_text(value, record, state) end
    return table_text(value, state)
end

return show
