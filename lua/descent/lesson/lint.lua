-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- lint.lua: what is wrong with a lesson file, as sentences with file and line.

local curriculum = require "descent.lesson.curriculum"
local environment = require "descent.lesson.environment"
local judge = require "descent.lesson.judge"
local mutant = require "descent.lesson.mutant"
local paper = require "descent.lesson.paper"
local trial = require "descent.lesson.trial"

local lint = {}

local COLUMNS, SOURCE_COLUMNS = 76, 100
local NEED_HINTS = { number = true, code = true, try = true }
local ALT_LENGTH = 30

local CODE = { starter = true, solution = true, run = true, code = true }

-- Every text of a value, and whether it is code: step.wrong[1][2], step.solution, ...
local function each_text(value, visit, code)
    if type(value) == "string" then
        visit(value, code)
    elseif type(value) == "table" then
        local shown = value.kind == "demo" or value.kind == "figure"
        for key, item in pairs(value) do
            each_text(item, visit, CODE[key] or shown and key == 1)
        end
    end
end

function lint.text(value, add)
    each_text(value, function(text, code)
        local block = text:find("\n", 1, true)
        for line in (text .. "\n"):gmatch("(.-)\n") do
            -- Words are filled to the screen; what is set in, and code, stays as it is.
            if block and (code or line:find("^    ")) and paper.width(line) > COLUMNS then
                add("a line has %d characters, more than %d: %s", paper.width(line), COLUMNS, line)
            end
            if line:find("\t") then add("a tab in: %s", line) end
            if block and line:find("%s$") then add("a blank at the end of: %s", line) end
        end
        local unknown = paper.ascii(text):find("?", 1, true)
            and paper.ascii(text:gsub("%?", "")):find("?", 1, true)
        if unknown then add("a character without an ASCII form in: %s", text) end
        if not utf8.len(text) then add("text that is not UTF-8") end
    end)
end

local function draws(code)
    for _, entry in ipairs(environment.entries(code)) do
        if entry:find("^%s*plot%f[^%w_]") then return true end
    end
    return false
end

local function check_answers(step, add)
    for _, wrong in ipairs(step.wrong or {}) do
        local list = type(wrong[1]) == "table" and wrong[1] or { wrong[1] }
        if judge.matches(list, step.answer[1], step.answer[2]) then
            add("a wrong answer lies within the tolerance of the right one")
        end
        local verdict = judge.number(step, { n = 1, wrong[1] })
        if verdict and not verdict.right and verdict.say ~= wrong[2] then
            add("two wrong answers lie within each other's tolerance")
        end
    end
    if step.answer and step.answer[2] == 0 then add("the tolerance is 0; say how near is right") end
end

local function check_choices(step, add)
    local seen = { [step.yes[1]] = true }
    for _, no in ipairs(step.no) do
        if seen[no[1]] then add("the choice %q stands there twice", no[1]) end
        seen[no[1]] = true
        if not no[2]:find("%S") then add("the choice %q has no reason", no[1]) end
    end
    if not step.yes[2]:find("%S") then add("the choice %q has no reason", step.yes[1]) end
end

local function check_code(lesson, step, add)
    local bench, reason = trial.prepare(step, lesson.seed, environment.new)
    if not bench then return add("%s", reason) end
    local solution = trial.define(step.solution, step.fn, environment.new)
    local verdict = trial.judge(bench, solution, true)
    if not verdict.right then add("the solution does not pass: %s", verdict.say) end

    local starter, problem = trial.define(step.starter, step.fn, environment.new)
    if not starter then
        add("the starter: %s", problem)
    elseif trial.judge(bench, starter, true).right then
        add("the starter passes as it is")
    end

    local sentences = {}
    for _, mistake in ipairs(step.mistakes or {}) do
        if sentences[mistake.say] then
            add("the mistakes %s and %s have the same sentence", sentences[mistake.say], mistake.id)
        end
        sentences[mistake.say] = mistake.id
        local fn = trial.define(trial.mistaken(step, mistake), step.fn, environment.new)
        verdict = trial.judge(bench, fn, true)
        if verdict.right then
            add("the mistake %s passes", mistake.id)
        elseif verdict.mistake ~= mistake.id then
            add("the mistake %s is taken for %s", mistake.id, verdict.mistake or "an unknown one")
        end
    end

    local same, met = {}, {}
    for _, change in ipairs(step.same or {}) do same[change] = true end
    for _, one in ipairs(mutant.all(step.solution)) do
        if trial.same(bench, one.text, environment.new) then
            if not same[one.change] then
                add("a changed solution passes too (%s); widen `given`, or list it in `same`",
                    one.change)
            end
        elseif same[one.change] then
            add("`same` lists a change that is noticed (%s)", one.change)
        end
        met[one.change] = true
    end
    for _, change in ipairs(step.same or {}) do
        if not met[change] then add("`same` lists a change that does not occur (%s)", change) end
    end
end

-- Minutes that a step takes beside the reading, guessed from watching: to think, to type, to look.
local STEP_MINUTES = { text = 0.1, demo = 0.25, figure = 0.4, number = 0.7, choice = 0.4,
    predict = 0.5, try = 2, code = 3.5 }
local WORDS_A_MINUTE = 180
local LONGEST = 25

local function words(text)
    return select(2, (text or ""):gsub("%S+", ""))
end

-- About how many minutes the lesson takes somebody who answers most questions at once.
function lint.minutes(lesson)
    local minutes, read = 0, 0
    for _, step in ipairs(lesson.steps) do
        minutes = minutes + STEP_MINUTES[step.kind]
        read = read + words(step.say) + words(step.see) + words(step.ask)
            + (step.kind == "text" and words(step[1]) or 0)
        for _, choice in ipairs(step.yes and { step.yes, table.unpack(step.no) } or {}) do
            read = read + words(choice[1])
        end
        read = read + (step.yes and words(step.yes[2]) or 0)
    end
    return math.max(1, math.floor(minutes + read / WORDS_A_MINUTE + 0.5))
end

local function check_minutes(lesson, add)
    local minutes = lint.minutes(lesson)
    if minutes > LONGEST then
        add("it takes about %d minutes, more than %d: make two of it", minutes, LONGEST)
    elseif lesson.minutes and not (minutes >= 0.6 * lesson.minutes - 3
        and minutes <= 1.5 * lesson.minutes + 3) then
        add("`minutes` says %g; by its words and questions it takes about %d", lesson.minutes,
            minutes)
    end
end

-- Problems of a loaded lesson; `known` holds the ids of all lessons.
function lint.lesson(lesson, known)
    local problems = {}
    local function adder(step)
        return function(format, ...)
            problems[#problems + 1] = ("%s:%d: %s: %s"):format(lesson.source, step.line,
                step.id, format:format(...))
        end
    end
    local head = adder { line = 1, id = lesson.id }

    if #lesson.covers == 0 and lesson.own then
        head("`covers` names no topic of the curriculum")
    end
    for _, id in ipairs(lesson.covers) do
        if not curriculum.title(id) then head("`covers` names %s, which is no topic", id) end
    end
    for _, id in ipairs(lesson.needs) do
        if known and not known[id] then head("`needs` names %s, which is no lesson", id) end
        if id == lesson.id then head("the lesson needs itself") end
    end
    lint.text({ lesson.title, lesson.summary }, head)
    check_minutes(lesson, head)
    for number, line in ipairs(lesson.lines) do
        if lesson.own and paper.width(line) > SOURCE_COLUMNS then
            problems[#problems + 1] = ("%s:%d: the line has %d characters, more than %d"):format(
                lesson.source, number, paper.width(line), SOURCE_COLUMNS)
        end
    end

    for _, step in ipairs(lesson.steps) do
        local add = adder(step)
        lint.text(step, add)
        if NEED_HINTS[step.kind] and #(step.hints or {}) == 0 then add("it has no hints") end
        for _, hint in ipairs(step.hints or {}) do
            if not hint:find("%S") then add("it has an empty hint") end
        end
        local code = step.run or ((step.kind == "demo" or step.kind == "figure") and step[1])
        if code and (step.kind == "figure" or draws(code))
            and #(step.alt or "") < ALT_LENGTH then
            add("a plot needs words for those who do not see it (`alt`)")
        end
        if step.kind == "figure" and not draws(code) then add("it calls no plot") end
        if step.answer then check_answers(step, add) end
        if step.yes and step.no then check_choices(step, add) end
        if step.kind == "code" then check_code(lesson, step, add) end
    end
    return problems
end

return lint
