-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- judge.lua: a submission judged by what it does. It sees only a runner (exercise/runner.lua):
-- calls with plain data go out, plain data comes back; values are never shared with the submission.

local answer = require "descent.exercise.answer"
local attempt = require "descent.exercise.attempt"
local bench = require "descent.exercise.bench"
local failure = require "descent.exercise.failure"
local generator = require "descent.lesson.generator"
local mistake = require "descent.exercise.mistake"
local value = require "descent.exercise.value"
local wrong = require "descent.exercise.wrong"

local judge = {}

-- --- a function ----------------------------------------------------------------------------------

local CHANGED_CREDIT = 0.5

-- Work is counted, not timed: a check may say how often, compared with the solution, a function
-- that is given may be called (`asks = {f = 1}`). A sentence, or nil.
local function too_many_calls(made, tried)
    for name, factor in next, made.check.asks or {} do
        for k, parameter in ipairs(made.parameters) do
            local mine, right = 0, 0
            for index, result in ipairs(tried.results) do
                mine = mine + #(result.asked and result.asked[k] or {})
                right = right + #(made.asked[index] and made.asked[index][k] or {})
            end
            if parameter == name and mine > factor*right then
                return ("The result is right, but %s is called %d times where %d are enough.")
                    :format(name, mine, right)
            end
        end
    end
end

-- Benches by check and seed: a watched file, and a class with one seed, need theirs again.
local benches = setmetatable({}, { __mode = "k" })
local KEPT = 8

local function bench_of(exercise, check, seed)
    local kept = benches[check] or { count = 0 }
    if not kept[seed] or kept[seed].exercise ~= exercise then
        local made, reason = bench.new(exercise, check, seed)
        if not made then return nil, reason end
        if kept.count >= KEPT then kept = { count = 0 } end
        kept[seed], kept.count = made, kept.count + 1
        benches[check] = kept
    end
    return kept[seed]
end

-- The verdict on a function, and what it comes from: {made =, tried =, known = mistakes}. Where
-- results are wrong (known is there), what to say is decided when all checks have been looked at.
local function judge_function(exercise, check, seed, runner, verdict, notes)
    local made, reason = bench_of(exercise, check, seed)
    if not made then
        verdict.verdict, verdict.say, verdict.broken = "error", reason, true
        return
    end
    local tried = attempt.run(made, runner)
    for _, result in ipairs(tried.results) do
        for _, name in ipairs(result.globals or {}) do
            if value.is_name(name) then notes[name] = true end
        end
    end
    if tried.wrong == 0 then
        local index, k = next(tried.changed)
        if index then
            for i = 1, #made.calls do
                if tried.changed[i] then
                    index, k = i, tried.changed[i]
                    break
                end
            end
            verdict.verdict, verdict.mistake = "fail", "changed-in-place"
            verdict.mistake_title = "an argument is changed in place"
            verdict.points = math.floor(check.points*CHANGED_CREDIT)
            verdict.say = ("The numbers are right, but %s changes its argument %s in place: "
                .. "whoever calls it loses the old one. Fill a new list and return that."):format(
                check.fn, made.parameters[k])
            verdict.call = attempt.call_text(check.fn, made.calls[index].arguments)
            return
        end
        local words = too_many_calls(made, tried)
        if words then
            verdict.verdict, verdict.say = "fail", words
            verdict.mistake, verdict.mistake_title = "too-many-calls", "more calls than needed"
            return
        end
        verdict.verdict, verdict.points = "pass", check.points
        return { made = made, tried = tried }
    end
    local result = tried.results[tried.first]
    local kind = result.verdict
    if kind == "done" then
        verdict.verdict = "fail"
        return { made = made, tried = tried, known = mistake.known(made, tried.mine) }
    end
    verdict.verdict, verdict.line = kind, result.line
    if kind ~= "error" then
        verdict.say = failure.of_end(result)
        if result.stage ~= "load" then
            verdict.call = attempt.call_text(check.fn, made.calls[tried.first].arguments)
        end
        return
    end
    verdict.say = failure.of_error(result, check.fn, made.parameters)
    if result.missing then
        verdict.verdict = "fail"
    elseif result.stage == "load" then
        return nil -- no call shows it
    elseif tried.errors < #made.calls or made.oracle then
        verdict.call = attempt.call_text(check.fn, wrong.smallest(made, runner, tried),
            tried.lists ~= nil)
        if tried.errors < #made.calls then
            verdict.say = verdict.say .. (" It does so in %d of %d calls."):format(tried.errors,
                #made.calls)
        end
    end
end

-- --- a submission --------------------------------------------------------------------------------

local function seed_of(seed, exercise)
    if seed == nil then return exercise.seed end
    return math.tointeger(seed) or generator.hash(tostring(seed)) >> 1
end

-- Judges what `runner` runs. Options: seed (of the inputs: an integer or a text), only (the id of
-- the one check that is wanted), brief (which mistakes, without words). The report: {points,
-- maximum, passed, checks, notes}; no times, so that the same answers give the same report.
function judge.run(exercise, runner, options)
    local seed = seed_of(options and options.seed, exercise)
    local report = { exercise = exercise.id, title = exercise.title, points = 0,
                     maximum = exercise.points, passed = true, checks = {}, notes = {} }
    local globals, looked = {}, {}
    for i, check in ipairs(exercise.checks) do
        local verdict = { id = check.id, title = check.title, maximum = check.points, points = 0 }
        report.checks[i] = verdict
        if options and options.only and options.only ~= check.id then
            verdict.verdict, verdict.points = "unreached", 0
            goto next
        end
        runner:begin(check.id)
        if check.kind == "answer" then
            answer.judge(exercise, check, runner, verdict)
        elseif check.kind == "outcome" then
            answer.judge_outcome(check, runner, verdict)
        else
            looked[i] = judge_function(exercise, check, seed, runner, verdict, globals)
        end
        ::next::
    end
    for i, verdict in ipairs(report.checks) do
        local one = looked[i]
        if one and one.known then
            runner:begin(verdict.id)
            wrong.explain(one.made, runner, one.tried, verdict, mistake.choose(one.known, looked))
        end
        report.points = report.points + verdict.points
        report.passed = report.passed and verdict.verdict == "pass"
    end
    -- What one check suggests holds for another one of the same function and term.
    for i, verdict in ipairs(report.checks) do
        for k, other in ipairs(report.checks) do
            if verdict.verdict == "fail" and not verdict.mistake and not verdict.suggestion
                and verdict.term and other.suggestion and verdict.term == other.term
                and exercise.checks[i].fn == exercise.checks[k].fn then
                verdict.suggestion = other.suggestion
                verdict.say = verdict.say .. " " .. other.suggestion
            end
        end
    end
    local names = {}
    for name in next, globals do names[#names + 1] = name end
    table.sort(names)
    for i, name in ipairs(names) do
        report.notes[i] = ("%s is a global variable: it keeps its value from one call to the next. "
            .. "Write `local %s` where it first gets one."):format(name, name)
    end
    return report
end

return judge
