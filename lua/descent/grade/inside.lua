-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- inside.lua: the isolated process's side of grading. It gets a submission and calls to make, and
-- sends back what came of each. There is nothing here that would be worth reading or changing: no
-- test, no solution, no verdict. What keeps a submission in is host/sandbox.c; the environment
-- below only turns what is not there into a sentence.

local core, receive, send, enter = ...

-- The grader's own modules, from the program; a submission never sees this function.
local loaded = { ["descent.core"] = core }
function require(name)
    if loaded[name] == nil then
        local path = name:gsub("%.", "/")
        local source = core.resource("lua/" .. path .. ".lua")
        if not source then error("module '" .. name .. "' not found", 2) end
        loaded[name] = assert(load(source, "@" .. path .. ".lua", "t"))(name) or true
    end
    return loaded[name]
end

local wire = require "descent.grade.wire"
local environment = require "descent.grade.environment"
local runner = require "descent.exercise.runner"

local read, write = wire.read, wire.write
local QUESTION = { items = math.huge, text = math.huge }

local fine, reason = enter()
send(write { ready = fine, reason = reason })
if not fine then return end

-- What is left to do is the same for every question: {submission = ..., calls = ...}. Only the
-- first has a submission. Its chunk runs at the first call, whose answer says what became of it.
local variables, own, output, submission, problem

local function load_submission()
    math.randomseed(submission.seed)
    variables, output = environment.new(submission.output)
    own = {}
    for name, value in next, variables do own[name] = value end
    local fine, what = runner.load(submission.source, submission.name, variables)
    if not fine then problem = what end
end

local function answer(call)
    if not variables then load_submission() end
    output:clear()
    local result = problem or runner.perform(variables, call, own)
    if output.exceeded then return { verdict = "output" } end
    result.printed = output:text()
    return result
end

local function answer_bytes(call)
    local fine, bytes = pcall(function() return write(answer(call)) end)
    if fine then return bytes end
    local text = type(bytes) == "string" and bytes or "an error without words"
    return write { message = text,
        verdict = text:find("not enough memory", 1, true) and "memory" or "error" }
end

while true do
    local question = receive()
    if not question then return end
    question = read(question, QUESTION)
    submission = question.submission or submission
    for _, call in ipairs(question.calls) do send(answer_bytes(call)) end
end
