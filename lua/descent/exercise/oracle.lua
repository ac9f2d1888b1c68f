-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- oracle.lua: the exercise's own code, run in this process: solutions and known mistakes, which the
-- author wrote. The same answers as a runner gives (exercise/runner.lua), without its precautions.

local environment = require "descent.lesson.environment"
local generator = require "descent.lesson.generator"
local value = require "descent.exercise.value"

local oracle = {}

local INSTRUCTIONS = 20000000

-- A value without arrays: authors may use them.
local function plain(item)
    if type(item) == "userdata" then return item:table() end
    if type(item) ~= "table" then return item end
    local result = {}
    for key, inner in next, item do result[key] = plain(inner) end
    return result
end

-- A function argument that keeps a record of what it was asked.
local function recorded(fn, list)
    return function(...)
        local arguments = table.pack(...)
        for i = 1, arguments.n do arguments[i] = plain(arguments[i]) end
        local entry = { arguments = arguments }
        list[#list + 1] = entry
        local values = table.pack(fn(...))
        entry.values = { n = values.n }
        for i = 1, values.n do entry.values[i] = plain(values[i]) end
        return table.unpack(values, 1, values.n)
    end
end

local UNIT = 100 -- instructions that are counted as one

-- What the call gave, as pcall does, and how many instructions it took.
local function limited(fn, arguments, most)
    local thread, count = coroutine.create(fn), 0
    debug.sethook(thread, function()
        count = count + UNIT
        if count > most then error("does not come to an end", 0) end
    end, "", UNIT)
    local results = table.pack(coroutine.resume(thread, table.unpack(arguments, 1, arguments.n)))
    return results, count
end

local methods = {}
methods.__index = methods

-- The code of an exercise, ready to be called; nil and the reason. Where `instructions` is given, a
-- call that takes more is an error.
function oracle.new(source, name, instructions)
    local variables = environment.new()
    local chunk, reason = load(source, "=" .. (name or "solution"), "t", variables)
    if not chunk then return nil, reason end
    instructions = instructions or INSTRUCTIONS
    local results = limited(chunk, { n = 0 }, instructions)
    if not results[1] then return nil, tostring(results[2]) end
    return setmetatable({ variables = variables, most = instructions, count = 0 }, methods)
end

function methods:get(name) return environment.get(self.variables, name) end

-- The names of a function's parameters.
function methods:parameters(name)
    local fn, names = self:get(name), {}
    for i = 1, debug.getinfo(fn, "u").nparams do names[i] = debug.getlocal(fn, i) end
    return names
end

function methods:call(name, given)
    local fn = self:get(name)
    if type(fn) ~= "function" then
        return { verdict = "error", message = name .. " is not defined", missing = true }
    end
    local arguments, asked = { n = given.n }, {}
    for i = 1, given.n do
        local item = given[i]
        if generator.sources[item] then
            asked[i] = {}
            arguments[i] = recorded(item, asked[i])
        else
            arguments[i] = value.copy(item)
        end
    end
    local results, count = limited(fn, arguments, self.most)
    self.count = self.count + count
    if not results[1] then return { verdict = "error", message = tostring(results[2]) } end
    local values = { n = results.n - 1 }
    for i = 1, values.n do values[i] = plain(results[i + 1]) end
    for i in next, asked do arguments[i] = given[i] end
    return { verdict = "done", values = values, arguments = arguments, asked = asked }
end

-- The same as a runner, for code that can be trusted (lint).
local runner = {}
runner.__index = runner

function oracle.runner(source, name, instructions)
    local made, reason = oracle.new(source, name, instructions)
    if not made then return nil, reason end
    return setmetatable({ oracle = made }, runner)
end

function runner:begin() end
function runner:close() end

function runner:run(calls)
    local results = {}
    for i, call in ipairs(calls) do
        if call.get then
            local item = self.oracle:get(call.get)
            results[i] = item ~= nil and { verdict = "done", values = { n = 1, plain(item) } }
                or { verdict = "error", missing = true, message = call.get .. " is not defined" }
        else
            results[i] = self.oracle:call(call.fn, call.arguments)
        end
    end
    return results
end

return oracle
