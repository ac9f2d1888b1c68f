-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- runner.lua: calls of functions that somebody wrote, with plain data, and what came of each as
-- plain data. The judge knows nothing else of a submission. At the prompt the calls are made in
-- this process (runner.here), in grading in an isolated one (grade/child.lua), by the same code.
--
--     a runner      runner:begin(id)              a check begins, with a time of its own
--                   runner:run(calls) -> results  as many, in the same order
--                   runner:close()
--
--     a call        {fn = "step", arguments = table.pack(...)}
--                   {get = "answer"}              the value of a variable
--                   Arguments are numbers, booleans, strings, nil, lists and tables of these, and
--                   functions made by lesson/generator.lua. With lists = "array", lists of numbers
--                   are handed over as arrays.
--
--     a result      verdict     "done", "error", "time", "memory", "output", "forbidden", "crash"
--                               or "unreached" after a call that ended the process
--         done:     values      {n = ..}; what is no plain data is {["?"] = "function"} or the like
--                   arguments   {n = ..}: what they are after the call; functions are nil
--                   asked       {[argument] = {{arguments =, values =}, ...}}: calls of functions
--                   printed     the beginning of what was printed, or nil
--                   globals     names of variables that came into being, or nil
--         else:     message, line     where known
--                   missing     true: there is no such function or variable
--                   defined     then, the names of the functions that are there
--                   stage       "load": the code as a whole cannot be run

local core = require "descent.core"

local next, type, pcall, rawget, tostring, select = next, type, pcall, rawget, tostring, select
local kind, pack, unpack, sort = math.type, table.pack, table.unpack, table.sort
local sub, match, find, format = string.sub, string.match, string.find, string.format

local runner = {}

runner.SECONDS = 5
local DEPTH, ITEMS, TEXT, NAME = 8, 100000, 2000, 60
local PRINTED, ASKED, DEFINED, NAMES = 200, 1000, 20, 20

-- What a function argument is sent as.
runner.SOURCE = "source of a function"

-- --- plain data --------------------------------------------------------------------------------

local array_table = core.array { 0 }.table -- the method, before anyone can change anything

local function foreign(what) return { ["?"] = what } end

-- Copies without asking a metamethod anything. `state.items` counts.
local function plain(value, state, depth)
    local is = type(value)
    state.items = state.items + 1
    if is == "number" or is == "boolean" or is == "nil" then return value end
    if is == "string" then return #value <= TEXT and value or sub(value, 1, TEXT) end
    if is == "userdata" then
        if core.type(value) ~= "array" then return foreign(core.type(value)) end
        is, value = "table", array_table(value)
    end
    if is ~= "table" then return foreign(is) end
    if depth >= DEPTH then return foreign "table that is too deep" end
    local result = {}
    for key, item in next, value do
        if state.items >= ITEMS then return foreign "table that is too large" end
        local of = kind(key) or type(key)
        if of == "integer" or of == "string" and #key <= NAME then
            result[key] = plain(item, state, depth + 1)
        end
    end
    return result
end

local function plain_list(list, first, last)
    local state, result = { items = 0 }, { n = last - first + 1 }
    for i = first, last do result[i - first + 1] = plain(list[i], state, 0) end
    return result
end

-- Lists of numbers, and lists of equally long ones, as arrays.
local function as_array(value)
    if type(value) ~= "table" or #value == 0 then return value end
    local inner = type(value[1]) == "table" and #value[1] or nil
    for _, item in next, value do
        if inner then
            if type(item) ~= "table" or #item ~= inner or inner == 0 then return value end
            for _, number in next, item do
                if not kind(number) then return value end
            end
        elseif not kind(item) then
            return value
        end
    end
    return core.array(value)
end

local function copy(value)
    if type(value) ~= "table" then return value end
    local result = {}
    for key, item in next, value do result[key] = copy(item) end
    return result
end

-- --- errors ------------------------------------------------------------------------------------

-- "name:7: what happened" as a result.
local function problem(object)
    if type(object) ~= "string" then
        return { verdict = "error", message = "an error that is no text but a " .. type(object) }
    end
    object = sub(object, 1, TEXT)
    local line, message = match(object, "^[^:\n]*:(%d+): (.*)$")
    message = message or object
    local result = { verdict = "error", message = message, line = kind(tonumber(line)) and
        tonumber(line) or nil }
    if find(message, "not enough memory", 1, true) then
        return { verdict = "memory", line = result.line }
    elseif sub(message, 1, 11) == "forbidden: " then
        result.verdict, result.message = "forbidden", sub(message, 12)
    elseif sub(message, 1, 8) == "output: " then
        result.verdict, result.message = "output", sub(message, 9)
    elseif sub(message, 1, 6) == "time: " then
        result.verdict, result.message = "time", sub(message, 7)
    end
    return result
end

-- --- calls -------------------------------------------------------------------------------------

-- A function argument: the one that `given` says, with a record of what it is asked.
local function recorded(given, lists, place, list)
    local fn = type(given) == "function" and given
        or load("return " .. given[runner.SOURCE], "=given", "t", {})()
    return function(...)
        local entry = { arguments = plain_list({ ... }, 1, select("#", ...)) }
        if #list < ASKED then list[#list + 1] = entry end
        local results = pack(pcall(fn, ...))
        if not results[1] then
            error(format("argument %d, a function, cannot be called like this: %s", place,
                (tostring(results[2]):gsub("^given:%d+: ", ""))), 2)
        end
        entry.values = plain_list(results, 2, results.n)
        if lists == "array" then
            for i = 2, results.n do results[i] = as_array(results[i]) end
        end
        return unpack(results, 2, results.n)
    end
end

local function is_function(given)
    return type(given) == "function" or type(given) == "table" and given[runner.SOURCE] ~= nil
end

local function missing(variables, what)
    local defined = {}
    for name, value in next, variables do
        if type(name) == "string" and type(value) == "function" and #name <= NAME then
            defined[#defined + 1] = name
        end
    end
    sort(defined)
    return { verdict = "error", missing = true, message = what .. " is not defined",
        defined = pack(unpack(defined, 1, math.min(#defined, DEFINED))) }
end

-- The result of one call of what `variables` holds. `own` (optional) says which names were there
-- before the submission: they are not listed as defined by it.
function runner.perform(variables, call, own)
    local function without_own()
        local list = {}
        for name, value in next, variables do
            if not (own and own[name] == value) then list[name] = value end
        end
        return list
    end
    if call.get then
        local value = rawget(variables, call.get)
        if value == nil then return missing(without_own(), call.get) end
        return { verdict = "done", values = plain_list({ value }, 1, 1), arguments = { n = 0 } }
    end
    local fn = rawget(variables, call.fn)
    if fn == nil then return missing(without_own(), call.fn) end
    if type(fn) ~= "function" then
        return { verdict = "error", message = call.fn .. " is no function but a " .. type(fn) }
    end

    local given, asked = { n = call.arguments.n }, nil
    for i = 1, given.n do
        local argument = call.arguments[i]
        if is_function(argument) then
            asked = asked or {}
            asked[i] = {}
            given[i] = recorded(argument, call.lists, i, asked[i])
        else
            given[i] = copy(argument)
            if call.lists == "array" then given[i] = as_array(given[i]) end
        end
    end
    local before = {}
    for name in next, variables do before[name] = true end
    local results = pack(pcall(fn, unpack(given, 1, given.n)))
    if not results[1] then return problem(results[2]) end

    local result = { verdict = "done", values = plain_list(results, 2, results.n), asked = asked }
    for i in next, asked or {} do given[i] = nil end
    result.arguments = plain_list(given, 1, given.n)
    local globals = {}
    for name in next, variables do
        if not before[name] and type(name) == "string" and #name <= NAME then
            globals[#globals + 1] = name
        end
    end
    sort(globals)
    for i = NAMES + 1, #globals do globals[i] = nil end
    result.globals = #globals > 0 and globals or nil
    return result
end

-- Runs the code as a whole: true, or nil and a result that says why not.
function runner.load(source, name, variables)
    local chunk, reason = load(source, "=" .. name, "t", variables)
    local fine = chunk ~= nil
    if chunk then fine, reason = pcall(chunk) end
    if fine then return true end
    local result = problem(reason)
    result.stage = "load"
    return nil, result
end

-- --- in this process ---------------------------------------------------------------------------

local here = {}
here.__index = here

function here:begin() self.until_seconds = nil end
function here:close() end

local STEP = 10000 -- instructions between two looks at the clock

-- As fn(...) with an end: after `deadline` every instruction is an error, so that no pcall goes on.
local function limited(deadline, fn, ...)
    local thread = coroutine.create(fn)
    local function look()
        if os.clock() > deadline then
            debug.sethook(thread, function() error("time: it does not come to an end", 0) end,
                "", 1)
            error("time: it does not come to an end", 0)
        end
    end
    debug.sethook(thread, look, "", STEP)
    return select(2, coroutine.resume(thread, ...))
end

function here:run(calls)
    local results, gone = {}, nil
    for i, call in ipairs(calls) do
        self.until_seconds = self.until_seconds or os.clock() + self.seconds
        if gone then
            results[i] = { verdict = "unreached" }
        else
            local printed, result = require("descent.lesson.environment").catch(limited,
                self.until_seconds, runner.perform, self.variables, call, self.own)
            if type(result) ~= "table" then result = problem(result) end
            if result.message == "interrupted" or result.message == "interrupted!" then
                error(result.message, 0)
            end
            result.printed = #printed > 0 and sub(printed, 1, PRINTED) or nil
            results[i] = result
            gone = result.verdict == "time"
        end
    end
    return results
end

-- A runner of what `variables` holds, in this process: for the prompt, where the code is the
-- student's own. Options: seconds (5) of the processor for each check; own (see runner.perform).
function runner.here(variables, options)
    return setmetatable({ variables = variables,
        seconds = options and options.seconds or runner.SECONDS,
        own = options and options.own }, here)
end

return runner
