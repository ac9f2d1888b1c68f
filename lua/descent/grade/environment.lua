-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- environment.lua: the names that a submission sees while it is graded. What is left out is left
-- out of the whole Lua state of the isolated process (files, processes, debugging) or refused with
-- a sentence here.

local core = require "descent.core"

local environment = {}

local KEPT = 200 -- bytes of what a call prints

-- Of the core, but not of the language.
local INTERNAL = { check_options = true, documents = true, nearest = true, resource = true,
    resources = true, symbol_text = true, type = true, types = true }
local FORBIDDEN = { "collectgarbage", "debug", "dofile", "io", "loadfile", "os", "package",
    "require" }
local HERE = { "_VERSION", "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall",
    "rawequal", "rawget", "rawlen", "rawset", "select", "tonumber", "tostring", "type", "xpcall" }
local LIBRARIES = { "coroutine", "math", "string", "table", "utf8" }

-- The message is found again by execute.lua, which makes a verdict of it.
local function forbid(what, level) error("forbidden: " .. what, (level or 1) + 1) end

local function refused(name)
    return function() forbid(name .. " is not there while a submission is graded", 2) end
end

local output = {}
output.__index = output

function output:clear() self.parts, self.kept = {}, 0 end

-- The beginning of what was printed since clear(), or nil.
function output:text()
    return self.kept > 0 and table.concat(self.parts):sub(1, KEPT) or nil
end

function output:add(line)
    self.size = self.size + #line
    if self.size > self.most then
        self.exceeded = true
        error("output: more than " .. self.most .. " bytes were printed", 3)
    end
    if self.kept < KEPT then
        self.parts[#self.parts + 1] = line:sub(1, KEPT)
        self.kept = self.kept + #line
    end
end

-- As an array prints itself at the prompt, without its alignment.
local array = getmetatable(core.array { 0 })
local function number(value) return array.number_text(value, 7) end

local function array_text(values)
    local lines = {}
    for i, row in ipairs(values) do
        if type(row) ~= "table" then row = { row } end
        local parts = {}
        for j, value in ipairs(row) do parts[j] = number(value) end
        lines[i] = table.concat(parts, "  ")
    end
    return table.concat(lines, values[1] and type(values[1]) == "table" and "\n" or "  ")
end

-- Returns the table of variables, and what was printed: an object with the methods above, whose
-- field `exceeded` becomes true when more than `most` bytes have been printed.
function environment.new(most)
    local variables = {}
    local printed = setmetatable({ size = 0, most = most }, output)
    printed:clear()
    for name, value in next, core do
        if not INTERNAL[name] then variables[name] = value end
    end
    local to_table = core.array { 0 }.table
    array.__tostring = function(values) return array_text(to_table(values)) end
    array.__metatable = false
    for _, name in ipairs(HERE) do variables[name] = _G[name] end
    for _, library in ipairs(LIBRARIES) do
        local copy = {}
        for name, value in next, _G[library] do copy[name] = value end
        variables[library] = copy
    end
    variables._G = variables

    -- ("x"):rep(3) and string.rep are the same functions; the metatable itself stays out of reach.
    local text = getmetatable("")
    text.__index, text.__metatable = variables.string, false
    variables.string.dump = refused "string.dump"

    function variables.load(chunk, name, mode, ...)
        if mode ~= nil and mode ~= "t" and mode ~= "bt" then
            forbid("load of compiled chunks is not there while a submission is graded", 2)
        end
        if select("#", ...) > 0 then return load(chunk, name, "t", (...)) end
        return load(chunk, name, "t", variables)
    end

    function variables.setmetatable(object, meta)
        if type(meta) == "table" and rawget(meta, "__gc") ~= nil then
            forbid("__gc is not there while a submission is graded", 2)
        end
        local fine, result = pcall(setmetatable, object, meta)
        if not fine then error(result, 2) end -- with the submission's line, not this one
        return result
    end

    function variables.print(...)
        local parts = table.pack(...)
        for i = 1, parts.n do parts[i] = tostring(parts[i]) end
        printed:add(table.concat(parts, "\t", 1, parts.n) .. "\n")
    end

    local refuse = {}
    for _, name in ipairs(FORBIDDEN) do
        variables[name] = nil
        refuse[name] = true
    end
    return setmetatable(variables, {
        __index = function(_, name)
            if refuse[name] then
                forbid(name .. " is not there while a submission is graded", 2)
            end
        end,
        __metatable = false,
    }), printed
end

return environment
