-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- answer.lua: answers that a submission leaves in variables, judged.

local environment = require "descent.lesson.environment"
local failure = require "descent.exercise.failure"
local lesson_judge = require "descent.lesson.judge"
local value = require "descent.exercise.value"

local answer = {}

local function answered(check, runner, verdict)
    local result = runner:run { { get = check.name } }[1] or { verdict = "crash" }
    if result.verdict == "done" and result.values[1] ~= nil then return result.values[1], true end
    verdict.verdict = "fail"
    if result.verdict == "done" or result.missing then
        verdict.say = ("%s has no value yet."):format(check.name)
    elseif result.verdict == "error" then
        verdict.verdict, verdict.line = "error", result.line
        verdict.say = failure.of_error(result, check.name)
    else
        verdict.verdict, verdict.say = result.verdict, failure.of_end(result)
    end
end

local function wrong_answer(check, verdict, i, words, shown)
    verdict.mistake = ("%s-%d"):format(check.id, i)
    verdict.mistake_title = ("%s = %s"):format(check.name, shown)
    verdict.say = words
end

-- Words that are compared: without regard to case and blanks.
local function folded(item)
    if type(item) == "string" then
        return (item:lower():gsub("[%s_%-]+", " "):match("^ ?(.-) ?$"))
    end
    if type(item) ~= "table" then return item end
    local result = {}
    for key, inner in next, item do result[key] = folded(inner) end
    return result
end

-- The choices of an answer in the order in which they are shown.
function answer.choices(exercise, check)
    return lesson_judge.choices({ seed = exercise.seed }, check)
end

local function of_choice(exercise, check, given, verdict)
    local choices = answer.choices(exercise, check)
    local index = (type(given) == "string" or math.type(given) == "integer")
        and lesson_judge.chosen(tostring(given), #choices)
    for i, choice in ipairs(choices) do
        if folded(choice[1]) == folded(given) then index = i end
    end
    if not index then
        verdict.say = ('%s is %s; one of the letters a to %s is asked for, as in: %s = "a"'):format(
            check.name, value.typed(given), string.char(96 + #choices), check.name)
        return
    end
    local choice = choices[index]
    if choice.right then
        verdict.verdict, verdict.points, verdict.say = "pass", check.points, choice[2]
        return
    end
    for i, no in ipairs(check.no) do
        if no[1] == choice[1] then wrong_answer(check, verdict, i, no[2], value.typed(given)) end
    end
end

-- The verdict on a number, a word, a list or a choice.
function answer.judge(exercise, check, runner, verdict)
    local given, there = answered(check, runner, verdict)
    if not there then return end
    verdict.verdict = "fail"
    verdict.got = value.typed(given)
    if check.yes then return of_choice(exercise, check, given, verdict) end
    if check.answer then
        local found = lesson_judge.number(check, { n = 1, given })
        if not found then
            verdict.say = ("%s is %s; %s is asked for."):format(check.name, value.typed(given),
                type(check.answer[1]) == "table" and "a list of numbers" or "a number")
        elseif found.right then
            verdict.verdict, verdict.points = "pass", check.points
        else
            verdict.say = found.say or ("%s = %s is not it."):format(check.name,
                value.typed(given))
            for i, wrong in ipairs(check.wrong or {}) do
                if found.say == wrong[2] then
                    wrong_answer(check, verdict, i, wrong[2], value.typed(given))
                end
            end
        end
        return
    end
    if value.same(folded(given), folded(check.is), 0) then
        verdict.verdict, verdict.points = "pass", check.points
        return
    end
    for i, wrong in ipairs(check.wrong or {}) do
        if value.same(folded(given), folded(wrong[1]), 0) then
            return wrong_answer(check, verdict, i, wrong[2], value.typed(given))
        end
    end
    verdict.say = ("%s = %s is not it."):format(check.name, value.typed(given))
    local found = value.is_list(check.is) and value.difference(folded(given), folded(check.is), 0)
    if found and found.what == "length" then
        verdict.say = verdict.say .. (" It should have %d elements."):format(#check.is)
    elseif found and #found.path > 0 then
        verdict.say = verdict.say .. (" Its element %d is wrong."):format(found.path[1])
    end
end

-- The verdict on a number that makes something come true: a setting with which a run converges.
function answer.judge_outcome(check, runner, verdict)
    local given, there = answered(check, runner, verdict)
    if not there then return end
    verdict.verdict, verdict.got = "fail", value.typed(given)
    if not math.type(given) or not value.is_finite(given) then
        verdict.say = ("%s is %s; a number is asked for."):format(check.name,
            value.typed(given))
        return
    end
    local variables = environment.new()
    rawset(variables, check.name, given)
    for i, need in ipairs(check.needs) do
        -- Conditions that need no run come first: `run` is left to the first that needs it.
        local holds, problem = environment.value(need[1], variables)
        if problem then
            local fine, reason = environment.replay(check.run, variables)
            if not fine then
                verdict.verdict, verdict.say, verdict.broken = "error", reason, true
                return
            end
            holds, problem = environment.value(need[1], variables)
            if problem then
                verdict.verdict, verdict.say, verdict.broken = "error", problem, true
                return
            end
        end
        if not holds then return wrong_answer(check, verdict, i, need[2], value.typed(given)) end
    end
    verdict.verdict, verdict.points = "pass", check.points
end

return answer
