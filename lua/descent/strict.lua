-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Global names. What descent has is global without being loaded: a name is fetched when it is first
-- used and then kept, so that a loop pays nothing. An undefined name is an error in the user's own
-- code (the prompt, the main script, -e, a pipe), and nil in anything that code requires, as
-- libraries rely on it.

local strict = {}

local own = {}        -- sources whose undefined names are errors
local assigned = {}   -- names that were given a value once, even nil
local original = {}   -- what the names of Lua and descent stood for
local noted = {}      -- names whose loss has been told

-- Fields of the module that are no names of the language.
local internal = {names = true, _VERSION = true}

local function fetch(name)
    if internal[name] then return nil end
    return require("descent")[name]
end

-- Every name that an entry may use, as a set.
function strict.names()
    local names = {}
    for name in next, _G do
        if type(name) == "string" then names[name] = true end
    end
    for _, name in ipairs(require("descent").names()) do names[name] = true end
    return names
end

function strict.own(source) own[source] = true end

-- The value behind a global name, or nil: no error, nothing of the user's is run.
function strict.value(name)
    local value = rawget(_G, name)
    if value == nil and not assigned[name] then value = fetch(name) end
    return value
end

local function message(name)
    local text = "undefined: " .. tostring(name)
    local prompt = package.loaded["descent.prompt"] -- in scripts there are no commands
    for _, command in ipairs(prompt and prompt.commands() or {}) do
        if command.name == name then return ("%s (the command is :%s)"):format(text, name) end
    end
    local names = {}
    for known in pairs(strict.names()) do names[#names + 1] = known end
    table.sort(names)
    local nearest = require("descent.doc").nearest(tostring(name), names)
    if nearest then text = text .. " (did you mean " .. nearest .. "?)" end
    return text
end

local function read(_, name)
    if assigned[name] then return nil end
    local value = type(name) == "string" and fetch(name) or nil
    if value ~= nil then
        original[name] = value
        rawset(_G, name, value)
        return value
    end
    local caller = debug.getinfo(2, "S")
    if caller and own[caller.source] then error(message(name), 2) end
    return nil
end

local function write(globals, name, value)
    assigned[name] = true
    if type(name) == "string" and original[name] == nil then original[name] = fetch(name) end
    rawset(globals, name, value)
end

function strict.install()
    for name, value in next, _G do original[name] = value end
    setmetatable(_G, {__index = read, __newindex = write})
end

-- The names of Lua and descent that have got another value since the last call.
function strict.overwritten()
    local names = {}
    for name, value in next, original do
        if rawget(_G, name) == value then
            noted[name] = nil
        elseif not noted[name] then
            noted[name] = true
            names[#names + 1] = name
        end
    end
    table.sort(names)
    return names
end

-- Gives a name back what it stood for; false when it is no name of Lua or descent.
function strict.restore(name)
    local value = original[name]
    if value == nil then value = fetch(name) end
    if value == nil then return false end
    original[name] = value
    rawset(_G, name, value)
    noted[name] = nil
    return true
end

-- Puts the program's own version in place of a built-in name.
function strict.replace(name, value)
    original[name] = value
    rawset(_G, name, value)
end

-- The names that the user has given a value in a table of variables, sorted.
function strict.users(variables)
    local names = {}
    for name, value in next, variables do
        if type(name) == "string" and (variables ~= _G or original[name] ~= value) then
            names[#names + 1] = name
        end
    end
    table.sort(names)
    return names
end

return strict
