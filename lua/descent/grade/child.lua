-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- child.lua: the grader's side of the isolated process. A runner makes calls of a submission's
-- functions there and brings back what they gave: plain data and nothing else. A process that
-- computes too long, sends too much or dies gives a verdict; the next calls start a fresh one.

local core = require "descent.core"
local generator = require "descent.lesson.generator"
local wire = require "descent.grade.wire"

local SOURCE = require("descent.exercise.runner").SOURCE

local child = {}

child.SECONDS = 5
child.MEMORY = 256 * 1024 * 1024
child.OUTPUT = 1024 * 1024

-- What one answer may be: values, bytes of one text, bytes of all answers to one question.
local ITEMS, TEXT, ANSWERS = 200000, 4000, 32 * 1024 * 1024
-- What is shown of a message, and how many results and recorded calls are looked at.
local MESSAGE, RESULTS, ASKED = 300, 32, 1000
local NEEDS_LIBRARY = { "matmul", "dot", "solve", "inverse", "eigenvalues", "determinant" }

-- true, or nil and the sentence why nothing can be isolated here.
function child.supported()
    if not package.preload["descent.console"] then
        return nil, "isolating a process needs the program descent, not the module"
    end
    return core.host.isolation()
end

-- --- what comes back ---------------------------------------------------------------------------

local VERDICTS = { error = true, time = true, memory = true, output = true, forbidden = true,
    crash = true }

-- A text of the submission's, fit to be shown: one line of printable UTF-8, not too long.
function child.clean(text, most)
    if type(text) ~= "string" then return nil end
    text = text:sub(1, 4 * (most or MESSAGE)):gsub("[%c\127]+", " ")
    local parts, count = {}, 0
    local at = 1
    while at <= #text and count < (most or MESSAGE) do
        local last = utf8.len(text, at, at) and utf8.offset(text, 2, at) or nil
        -- C1 control characters and the ones that turn the direction of writing stay out.
        local code = last and utf8.codepoint(text, at) or 0xfffd
        local shown = not (code >= 0x80 and code < 0xa0 or code >= 0x202a and code <= 0x202e
            or code >= 0x2066 and code <= 0x2069)
        parts[#parts + 1] = last and shown and text:sub(at, last - 1) or "\u{fffd}"
        count, at = count + 1, last or at + 1
    end
    return table.concat(parts)
end

local function integer(value, low, high)
    return math.type(value) == "integer" and value >= low and value <= high and value or nil
end

-- A list with a field n, or nil.
local function packed(value)
    if type(value) ~= "table" then return nil end
    local n = integer(value.n, 0, RESULTS)
    if not n then return nil end
    local list = { n = n }
    for i = 1, n do list[i] = value[i] end
    return list
end

local function texts(value, most)
    if type(value) ~= "table" then return nil end
    local list = {}
    for i = 1, most do list[#list + 1] = child.clean(value[i], 60) end
    return list
end

-- The calls of one function argument.
local function asked_list(sent)
    local list = {}
    for i = 1, ASKED do
        local one = type(sent) == "table" and sent[i]
        local arguments = type(one) == "table" and packed(one.arguments)
        if not arguments then break end
        list[i] = { arguments = arguments, values = packed(one.values) or { n = 0 } }
    end
    return list
end

-- The result of one call, made anew from what was sent; nil where it is none.
local function result_of(bytes, call)
    local sent = wire.read(bytes, { items = ITEMS, text = TEXT })
    if type(sent) ~= "table" then return nil end
    local result = { verdict = sent.verdict, printed = child.clean(sent.printed, 200) }
    if VERDICTS[sent.verdict] then
        result.message = child.clean(sent.message)
        result.line = integer(sent.line, 1, 10000000)
        result.missing = sent.missing == true or nil
        result.defined = texts(sent.defined, 20)
        result.stage = sent.stage == "load" and "load" or nil
        return result
    end
    result.values, result.arguments = packed(sent.values), packed(sent.arguments)
    if sent.verdict ~= "done" or not result.values or not result.arguments then return nil end
    result.asked = {}
    for i = 1, call.fn and call.arguments.n or 0 do
        if type(call.arguments[i]) == "function" then
            result.asked[i] = asked_list(type(sent.asked) == "table" and sent.asked[i])
        end
    end
    result.globals = texts(sent.globals, 20)
    return result
end

-- A call as it is sent: functions as their source.
local function sendable(call)
    if not call.fn then return { get = call.get } end
    local arguments = { n = call.arguments.n }
    for i = 1, arguments.n do
        local argument = call.arguments[i]
        if type(argument) == "function" then
            argument = { [SOURCE] = generator.sources[argument]
                or error("a function argument must come from the generator", 0) }
        end
        arguments[i] = argument
    end
    return { fn = call.fn, arguments = arguments, lists = call.lists }
end

-- --- the runner --------------------------------------------------------------------------------

local runner = {}
runner.__index = runner

local function verdict_of(ended, number)
    if ended == "time" or ended == "output" then return { verdict = ended } end
    if ended == "forbidden" then
        return { verdict = "forbidden", message = "it called into the system" }
    end
    return { verdict = "crash", message = ended == "signal"
        and ("its process was ended by signal %d"):format(number) or "its process ended" }
end

-- Waits for something to come from the process, or for its end.
local function wait(self)
    if self.pause and coroutine.running() == self.coroutine then
        self.pause(self.process)
    else
        core.host.wait({ self.process }, 60)
    end
end

local function next_frame(self)
    while true do
        local frame = self.process:frame()
        if frame then return frame end
        local ended, number = self.process:ended()
        if ended then return nil, ended, number end
        wait(self)
    end
end

-- A fresh process that is locked and waits; nil and a sentence.
local function start(self)
    local environment = { "OPENBLAS_NUM_THREADS=1", "LC_ALL=C" }
    for _, name in ipairs { "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DESCENT_PATH",
        "DESCENT_ISA" } do
        local value = os.getenv(name)
        if value then environment[#environment + 1] = name .. "=" .. value end
    end
    local needs = "plain"
    for _, name in ipairs(NEEDS_LIBRARY) do
        if self.source:find(name, 1, true) then needs = "linear" end
    end
    local program = io.open("/proc/self/exe", "rb")
    if program then program:close() end
    local process, reason = core.host.child({ program and "/proc/self/exe" or arg[-1] or "descent",
        "--isolated", tostring(core.host.pid()), tostring(self.memory),
        tostring(2 * self.seconds + 5), self.unsafe and "limits" or "filter", needs }, environment)
    if not process then return nil, reason end
    self.process, self.submitted = process, false
    local frame, ended, number = next_frame(self)
    local ready = frame and wire.read(frame, { items = 10, text = TEXT })
    if type(ready) == "table" and ready.ready == true then return true end
    process:stop()
    self.process = nil
    return nil, type(ready) == "table" and child.clean(ready.reason)
        or ("the isolated process cannot start: %s %s"):format(ended, number)
end

local function all(calls, result)
    local results = { result }
    for i = 2, #calls do results[i] = { verdict = "unreached" } end
    return results
end

local function seconds(self) return math.max(0, self.process:seconds()) end

local function spend(self, time)
    self.spent, self.check_spent = self.spent + time, self.check_spent + time
end

-- A check begins: its time is counted from here.
function runner:begin() self.check_spent = 0 end

-- See exercise/runner.lua. The process goes on from one list to the next as long as it lives.
function runner:run(calls)
    if #calls == 0 then return {} end
    if self.refused then return all(calls, self.refused) end
    local left = math.min(self.seconds - self.check_spent, 2 * self.seconds - self.spent)
    if left <= 0 then return all(calls, { verdict = "time" }) end
    if not self.process then
        local fine, reason = start(self)
        if not fine then error(reason, 0) end
    end
    local question = { calls = {} }
    for i, call in ipairs(calls) do question.calls[i] = sendable(call) end
    if not self.submitted then
        question.submission = { source = self.source, name = self.name, seed = self.seed,
            output = child.OUTPUT }
    end
    local before = seconds(self)
    local asked, reason = self.process:ask(wire.write(question), left, ANSWERS)
    self.submitted = true
    local results = {}
    while asked and #results < #calls do
        local frame, ended, number = next_frame(self)
        local result
        if frame then
            result = result_of(frame, calls[#results + 1])
            if not result then
                self.process:stop()
                result, ended = { verdict = "crash", message = "its process sent no answer" }, true
            end
        else
            result = verdict_of(ended, number)
        end
        results[#results + 1] = result
        if ended then
            -- The clock of a process that is gone cannot be read.
            spend(self, ended == "time" and left or 0)
            self.process = nil
            for i = #results + 1, #calls do results[i] = { verdict = "unreached" } end
            return results
        end
    end
    if not asked then error(reason, 0) end
    spend(self, seconds(self) - before)
    return results
end

function runner:close()
    if self.process then self.process:stop() end
    self.process = nil
end
runner.__close, runner.__gc = runner.close, runner.close

-- Runs calls of what `source` defines. Options:
--     seconds   of the processor for each check; twice as much for all together (5)
--     memory    bytes (256 MB)
--     unsafe    true: with limits only, where the system cannot isolate a process
--     seed      for math.random
--     pause     called with a process to wait for, in the coroutine that made the runner
--     refused   a result for every call: there is no source
-- nil and a sentence where nothing can be isolated.
function child.runner(source, name, options)
    options = options or {}
    if not options.unsafe then
        local fine, reason = child.supported()
        if not fine then return nil, reason end
    end
    local self = setmetatable({ source = source, name = name, spent = 0, check_spent = 0,
        seconds = options.seconds or child.SECONDS, memory = options.memory or child.MEMORY,
        unsafe = options.unsafe, seed = options.seed or 1, pause = options.pause,
        coroutine = coroutine.running(), refused = options.refused }, runner)
    if source:sub(1, 1) == "\27" then
        self.refused = { verdict = "forbidden",
            message = "it is compiled Lua; hand in the text it was made from" }
    end
    return self
end

return child
