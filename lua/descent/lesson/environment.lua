-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- environment.lua: running a lesson's code apart from the prompt: entries one by one, in a table
-- of its own, with the output caught. The tests, the handout and the replay of a lesson use it.

local environment = {}

-- What Lua itself offers. Named one by one: the global table may hold variables of the student's.
local STANDARD = {}
for name in ([[assert collectgarbage coroutine debug dofile error getmetatable io ipairs load
    loadfile math next os package pairs pcall print rawequal rawget rawlen rawset require select
    setmetatable string table tonumber tostring type utf8 warn xpcall _G _VERSION]])
    :gmatch("%S+") do
    STANDARD[name] = true
end

-- The value of a name of the language, or nil.
function environment.builtin(name)
    local value = require("descent")[name]
    if value == nil and STANDARD[name] then value = rawget(_G, name) end
    return value
end

local function undefined(variables, name)
    local text = "undefined: " .. tostring(name)
    local names = {}
    for known in pairs(STANDARD) do names[#names + 1] = known end
    for known in next, variables do
        if type(known) == "string" then names[#names + 1] = known end
    end
    local descent = require "descent"
    for _, known in ipairs(descent.names and descent.names() or {}) do names[#names + 1] = known end
    table.sort(names)
    local nearest = require("descent.doc").nearest(tostring(name), names)
    return nearest and ("%s (did you mean %s?)"):format(text, nearest) or text
end

-- Undefined names are errors here too: a lesson that reads a name too early must not go on with
-- nil.
local metatable = {
    __index = function(variables, name)
        local value = environment.builtin(name)
        if value == nil then error(undefined(variables, name), 2) end
        return value
    end,
}

-- A fresh table of variables behind which the language lies; variables outside are not seen.
function environment.new() return setmetatable({}, metatable) end

-- The variable itself; nil where it was not set (never the built-in of that name, never an error).
function environment.get(variables, name) return rawget(variables, name) end

local function is_blank(text) return not text:gsub("%-%-[^\n]*", ""):find("%S") end

-- True where Lua's parser wants more.
local function incomplete(entry)
    if load("return " .. entry, "=", "t") then return false end
    local chunk, reason = load(entry, "=", "t")
    return not chunk and reason:find("<eof>", 1, true) ~= nil
end

-- A chunk as it would be typed: a list of entries, each a line or as many lines as make it whole.
-- Comment lines stand with the entry below them.
function environment.entries(text)
    local entries, lines = {}, {}
    local function close()
        if #lines > 0 then entries[#entries + 1] = table.concat(lines, "\n") end
        lines = {}
    end
    for line in (text:gsub("%s+$", "") .. "\n"):gmatch("(.-)\n") do
        if #lines > 0 or line:find("%S") then lines[#lines + 1] = line end
        local entry = table.concat(lines, "\n")
        if not is_blank(entry) and not incomplete(entry) then close() end
    end
    close()
    return entries
end

-- Runs one entry. Returns {text, ok, values = {n, ...}, error, expression, silent}.
function environment.run(text, variables, name)
    name = "=" .. (name or "lesson")
    local expression = true
    local chunk, reason = load("return " .. text, name, "t", variables)
    if not chunk then
        expression = false
        chunk, reason = load(text, name, "t", variables)
    end
    local result = { text = text, expression = expression, environment = variables,
        silent = text:gsub("%s*%-%-[^\n]*$", ""):find(";%s*$") ~= nil }
    if not chunk then
        result.ok, result.error, result.values = false, reason, { n = 0 }
        return result
    end
    local values = table.pack(pcall(chunk))
    result.ok = values[1]
    if result.ok then
        result.values = { n = values.n - 1, table.unpack(values, 2, values.n) }
    else
        result.error, result.values = values[2], { n = 0 }
    end
    return result
end

-- What a value looks like at the prompt.
function environment.shown(value, columns)
    return require("descent.show").value(value, { width = columns or 76, colour = 0 })
end

-- The values of an entry as the prompt would print them; "" where it prints nothing.
function environment.printed(result, columns)
    if not result.ok or not result.expression or result.silent then return "" end
    local parts = {}
    for i = 1, result.values.n do
        local value = result.values[i]
        if value ~= nil or result.values.n > 1 then
            parts[#parts + 1] = environment.shown(value, columns)
        end
    end
    if #parts == 0 then return "" end
    return table.concat(parts, "\n") .. "\n"
end

-- Calls run(...) and returns what it printed (by print, io.write, io.stdout:write), then what it
-- returned.
function environment.catch(run, ...)
    local parts = {}
    local files = getmetatable(io.stdout).__index
    local print_before, write_before, method_before = rawget(_G, "print"), io.write, files.write
    local function keep(...)
        for i = 1, select("#", ...) do parts[#parts + 1] = tostring((select(i, ...))) end
        return io.stdout
    end
    rawset(_G, "print", function(...)
        for i = 1, select("#", ...) do
            if i > 1 then keep("\t") end
            keep((select(i, ...)))
        end
        keep("\n")
    end)
    io.write = keep
    files.write = function(file, ...)
        if file == io.stdout then return keep(...) end
        return method_before(file, ...)
    end
    local results = table.pack(pcall(run, ...))
    rawset(_G, "print", print_before)
    io.write, files.write = write_before, method_before
    if not results[1] then error(results[2], 0) end
    return table.concat(parts), table.unpack(results, 2, results.n)
end

-- Entries that only show something; a replay leaves them out.
local SHOWS = { print = true, plot = true, explain = true, why = true, help = true }

function environment.only_shows(entry)
    local name = entry:gsub("%-%-[^\n]*", ""):match("^%s*([%a_][%w_]*)")
    return SHOWS[name] == true and not entry:find("^%s*[%a_][%w_]*%s*=[^=]")
end

-- Runs a whole chunk without showing anything. Returns true, or nil and the first error.
function environment.replay(text, variables)
    for _, entry in ipairs(environment.entries(text)) do
        if not environment.only_shows(entry) then
            local _, result = environment.catch(environment.run, entry, variables)
            if not result.ok then return nil, tostring(result.error) end
        end
    end
    return true
end

-- The value of an expression; nil and the error where it has none.
function environment.value(expression, variables)
    local result = environment.run(expression, variables)
    if not result.ok then return nil, tostring(result.error) end
    if result.values.n > 1 then return { table.unpack(result.values, 1, result.values.n) } end
    return result.values[1]
end

return environment
