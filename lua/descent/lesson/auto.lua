-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- auto.lua: a lesson run to its end by a student who tries every wrong answer of the file first:
-- each must be refused with its own reason, the right ones accepted, expected numbers equal.

local environment = require "descent.lesson.environment"
local judge = require "descent.lesson.judge"
local progress = require "descent.lesson.progress"
local session = require "descent.lesson.session"
local stage = require "descent.lesson.stage"
local trial = require "descent.lesson.trial"

local auto = {}

local function sorted_keys(value)
    local keys = {}
    for key in pairs(value or {}) do keys[#keys + 1] = key end
    table.sort(keys)
    return keys
end

local function typed(value)
    if type(value) ~= "table" then return ("%.15g"):format(value) end
    local parts = {}
    for i, number in ipairs(value) do parts[i] = ("%.15g"):format(number) end
    return table.concat(parts, ", ")
end

local checkers = {}

local function run(lesson)
    local checks = {}
    local step
    local function check(name, ok, format, ...)
        checks[#checks + 1] = { ok = ok and true or false, line = step and step.line,
            name = ("%s#%s: %s"):format(lesson.id, step and step.id or "", name),
            reason = not ok and format and format:format(...) or nil }
        return ok
    end

    local quiet = stage.quiet(80)
    local records = progress.open(lesson, true)
    local student = session.new(lesson, records, quiet)
    local actor = { lesson = lesson, student = student, stage = quiet, check = check }

    -- Types one entry and hands it on as the prompt does.
    function actor.type(text)
        if student:intercept(text) then return quiet.take() end
        local _, entry = environment.catch(environment.run, text, quiet.variables)
        if not entry.ok then
            check("types " .. text, false, "%s", tostring(entry.error))
        end
        student:entry(entry)
        return quiet.take()
    end
    function actor.expect(expectations)
        for _, expression in ipairs(sorted_keys(expectations)) do
            local wanted = expectations[expression]
            local value, reason = environment.value(expression, student.variables)
            check(expression, value ~= nil and judge.agrees(value, wanted),
                "expected %s within %g, got %s", typed(wanted[1]), wanted[2],
                reason or trial.typed(value))
        end
    end
    function actor.alike(text, words)
        local function squeeze(other) return (other:gsub("%s+", " ")) end
        return squeeze(text):find(squeeze(words:gsub("%s+$", "")), 1, true) ~= nil
    end

    quiet.seed(lesson.seed)
    student:start()
    local errors = 0 -- of the demos so far
    for index = 1, #lesson.steps do
        step = lesson.steps[index]
        if student.position ~= index then
            check("comes after step " .. index - 1, false, "the lesson stands at step %d",
                student.position)
            break
        end
        local text = quiet.take()
        check("is shown", text:find("%S"), "nothing appears")
        checkers[step.kind](actor, step, text)
        check("runs", quiet.errors == errors, "its code stops with an error")
        errors = quiet.errors
        if student.pending then
            check("ends", false, "its own answer is not accepted")
            student:skip()
        end
        quiet.take()
        student:next()
    end
    step = nil
    check("comes to its end", student.over)
    for name in pairs(student.variables) do
        check("leaves " .. tostring(name) .. " alone", not stage.is_builtin(name),
            "the lesson gives a name of the language another meaning")
    end
    check("is kept", records:first_open() == nil)

    -- Resumed after the last step: everything is done again from the answers that were kept.
    local again = session.new(lesson, records, stage.quiet(80))
    again:start()
    check("can be resumed", not again.stage.take():find("could not be repeated", 1, true))
    return checks
end

function checkers.text() end

function checkers.demo(actor, step) actor.expect(step.expect) end

function checkers.figure(actor, step)
    actor.check("draws", actor.stage.output and actor.stage.output:find("%S"), "no plot appears")
end

-- Each wrong answer is refused with its reason; NaN without one.
local function refuse_numbers(actor, step)
    for _, wrong in ipairs(step.wrong or {}) do
        local text = actor.type(typed(wrong[1]))
        actor.check("refuses " .. typed(wrong[1]), actor.student.pending and
            actor.alike(text, wrong[2]), "its reason is not given")
    end
    actor.type("0/0")
    actor.check("refuses NaN", actor.student.pending)
    actor.type("nil")
    actor.check("takes nil for no answer", actor.student.pending)
end

function checkers.number(actor, step)
    if step.from then actor.expect { [step.from] = step.answer } end
    refuse_numbers(actor, step)
    actor.type(typed(step.answer[1]))
    actor.check("accepts " .. typed(step.answer[1]), not actor.student.pending)
end

function checkers.choice(actor, step)
    local choices = actor.student:choices(step)
    local right
    for i, choice in ipairs(choices) do
        if choice.right then
            right = i
        else
            local text = actor.type(string.char(96 + i))
            actor.check("refuses " .. choice[1], actor.student.pending
                and actor.alike(text, choice[2]), "its reason is not given")
        end
    end
    actor.type(tostring(right))
    actor.check("accepts " .. step.yes[1], not actor.student.pending)
end

function checkers.predict(actor, step)
    if step.yes then
        for i, choice in ipairs(actor.student:choices(step)) do
            if choice.right then actor.type(string.char(96 + i)) end
        end
    else
        for _, wrong in ipairs(step.wrong or {}) do
            local verdict = judge.number(step, { n = 1, wrong[1] })
            actor.check("counts " .. typed(wrong[1]) .. " as wrong", not verdict.right
                and verdict.say == wrong[2])
        end
        actor.type(typed(step.answer[1]))
    end
    local record = actor.student.progress:record(step)
    actor.check("counts its own answer as right", record and record.state == "hit")
    if step.from then actor.expect { [step.from] = step.answer } end
    actor.expect(step.expect)
end

function checkers.code(actor, step)
    actor.type(step.starter)
    actor.check("refuses the starter", actor.student.pending)
    for _, mistake in ipairs(step.mistakes or {}) do
        local source, reason = trial.mistaken(step, mistake)
        if actor.check("has the mistake " .. mistake.id, source, "%s", reason) then
            local text = actor.type(source)
            actor.check("names the mistake " .. mistake.id, actor.student.pending
                and actor.alike(text, mistake.say), "its sentence is not given")
        end
    end
    actor.type(step.solution)
    actor.check("accepts the solution", not actor.student.pending)
end

function checkers.try(actor, step)
    local student = actor.student
    actor.check("waits", not (judge.try(step, student.variables) or {}).right,
        "the goal is reached before anything was typed")
    for i, near in ipairs(step.near or {}) do
        local variables = actor.stage.new_environment()
        student:rebuild(step.index, variables)
        local fine, reason = environment.replay(near.by, variables)
        local verdict = fine and judge.try(step, variables)
        actor.check("refuses near miss " .. i, verdict and not verdict.right
            and verdict.say == near.say, "%s", reason or "its sentence is not given")
    end
    student.touched = true
    student:show(step.index, true)
    for _, entry in ipairs(environment.entries(step.solution)) do actor.type(entry) end
    actor.check("accepts its solution", not student.pending)
end

-- Returns a list of checks: {name =, ok =, reason =}.
function auto.run(lesson) return stage.with_plots("text", run, lesson) end

return auto
