-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- lint.lua: what is wrong with an exercise file, as sentences with file and line. A solution must
-- pass and a blank fail, a known mistake must be told by its own sentence, and a solution that is
-- changed at random (lesson/mutant.lua) must be noticed: where it is not, the checks are blind.

local answer = require "descent.exercise.answer"
local bench = require "descent.exercise.bench"
local curriculum = require "descent.lesson.curriculum"
local environment = require "descent.lesson.environment"
local judge = require "descent.exercise.judge"
local lesson_lint = require "descent.lesson.lint"
local mutant = require "descent.lesson.mutant"
local oracle = require "descent.exercise.oracle"
local paper = require "descent.lesson.paper"
local trial = require "descent.lesson.trial"
local value = require "descent.exercise.value"

local lint = {}

local SOURCE_COLUMNS = 100
local SEEDS = { false, 2, 3, 4, 5 }   -- false: the exercise's own
local MOST_INSTRUCTIONS = 5000000     -- of the solution, for all checks: some tenths of a second
local MUTANT_INSTRUCTIONS = 200000    -- of one call of a changed solution

local function is_function(check) return check.kind == "calls" or check.kind == "updates" end

-- The report on a source; nil and the reason where it does not load.
local function judged(exercise, source, seed, only)
    local runner, reason = oracle.runner(source, exercise.id)
    if not runner then return nil, reason end
    return judge.run(exercise, runner, { seed = seed or nil, brief = true, only = only }), runner
end

local function assignment(check, item)
    return ("\n%s = %s\n"):format(check.name, value.typed(item))
end

local function verdict_of(report, check) return report.checks[check.index] end

local function check_solution(exercise, head)
    for _, seed in ipairs(SEEDS) do
        local report, runner = judged(exercise, exercise.solution, seed)
        if not report then return head("the solution: %s", runner) end
        for _, verdict in ipairs(report.checks) do
            if verdict.verdict ~= "pass" then
                head("the solution does not pass %q%s: %s", verdict.id,
                    seed and (" with seed %d"):format(seed) or "", verdict.say or verdict.verdict)
                return false
            end
        end
        if runner.oracle.count > MOST_INSTRUCTIONS then
            head("the solution takes %d instructions, more than %d: fewer or smaller calls",
                runner.oracle.count, MOST_INSTRUCTIONS)
            return false
        end
    end
    return true
end

local function check_blank(exercise, head)
    local report, reason = judged(exercise, exercise.starter)
    if not report then return head("the starter: %s", reason) end
    for _, verdict in ipairs(report.checks) do
        if verdict.verdict == "pass" then head("the starter passes %q as it is", verdict.id) end
    end
    report = judged(exercise, "")
    for _, verdict in ipairs(report.checks) do
        if verdict.verdict == "pass" then head("an empty file passes %q", verdict.id) end
    end
end

local function check_mistakes(exercise, head)
    local said = {}
    for _, mistake in ipairs(exercise.mistakes) do
        for _, words in ipairs { mistake.say, mistake.title } do
            if said[words] then
                head("the mistakes %s and %s say the same", said[words], mistake.id)
            end
            said[words] = mistake.id
        end
        local source, reason = trial.mistaken(exercise, mistake)
        if not source then
            head("%s", reason)
        else
            for _, seed in ipairs(SEEDS) do
                local report, problem = judged(exercise, source, seed)
                local at = seed and (" with seed %d"):format(seed) or ""
                if not report then
                    head("the mistake %s: %s", mistake.id, problem)
                    break
                elseif report.passed then
                    head("the mistake %s passes%s", mistake.id, at)
                    break
                end
                local taken
                for _, verdict in ipairs(report.checks) do
                    if verdict.verdict ~= "pass" and verdict.mistake ~= mistake.id then
                        taken = verdict
                        break
                    end
                end
                if taken then
                    head("the mistake %s is taken for %s by %q%s", mistake.id,
                        taken.mistake or "an unknown one", taken.id, at)
                    break
                end
            end
        end
    end
end

-- Every wrong answer that the author foresaw gets its own sentence.
local function check_answers(exercise, check, add)
    local function expect(item, words)
        local report, reason = judged(exercise, exercise.solution .. assignment(check, item), nil,
            check.id)
        if not report then return add("%s", reason) end
        local verdict = verdict_of(report, check)
        if verdict.verdict == "pass" then
            add("the wrong answer %s passes", value.typed(item))
        elseif verdict.say ~= words then
            add("the wrong answer %s gets the sentence of another: %s", value.typed(item),
                verdict.say or verdict.verdict)
        end
    end
    if check.yes then
        for i, choice in ipairs(answer.choices(exercise, check)) do
            if not choice.right then expect(paper.letter(i), choice[2]) end
        end
        for _, no in ipairs(check.no) do
            if not no[2]:find("%S") then add("the choice %q has no reason", no[1]) end
        end
    elseif check.kind == "outcome" then
        if not check.wrong or #check.wrong ~= #check.needs then
            add("`wrong` must hold one value for each of the %d conditions, which fails there",
                #check.needs)
        else
            for i, item in ipairs(check.wrong) do expect(item, check.needs[i][2]) end
        end
    else
        for _, wrong in ipairs(check.wrong or {}) do expect(wrong[1], wrong[2]) end
        if check.answer and check.answer[2] == 0 then
            add("the tolerance is 0; say how near is right")
        end
    end
end

-- True where a changed solution gives the same on every call of every check.
local function passes(benches, source)
    local other = oracle.new(source, "mutant", MUTANT_INSTRUCTIONS)
    if not other then return false end
    for _, made in ipairs(benches) do
        for index, call in ipairs(made.calls) do
            local result = other:call(made.check.fn, call.arguments)
            local expected = made.expected[index]
            local values = result.verdict == "done" and value.arranged(result.values, expected,
                made.required, made.returns)
            if not values then return false end
            for place = 1, values.n do
                if value.difference(values[place], expected[place], made.tolerance) then
                    return false
                end
            end
            if made.check.pure and not value.same(result.arguments, call.arguments, 0) then
                return false
            end
        end
    end
    return true
end

local function check_mutants(exercise, head)
    local benches = {}
    for _, check in ipairs(exercise.checks) do
        if is_function(check) then
            local made, reason = bench.new(exercise, check, exercise.seed)
            if not made then return head("%s", reason) end
            benches[#benches + 1] = made
        end
    end
    if #benches == 0 then return end
    local same, met, count, noticed = {}, {}, 0, 0
    for _, change in ipairs(exercise.same or {}) do same[change] = true end
    for _, one in ipairs(mutant.all(exercise.solution)) do
        count = count + 1
        if passes(benches, one.text) then
            if not same[one.change] then
                head("blind spot: a changed solution passes too (%s); widen `given`, or list it in "
                    .. "`same` where it makes no difference", one.change)
            end
        else
            noticed = noticed + 1
            if same[one.change] then
                head("`same` lists a change that is noticed (%s)", one.change)
            end
        end
        met[one.change] = true
    end
    for _, change in ipairs(exercise.same or {}) do
        if not met[change] then head("`same` lists a change that does not occur (%s)", change) end
    end
    return count, noticed
end

-- Problems of a loaded exercise. With them: how many changed solutions there were and how many of
-- them the checks noticed.
function lint.exercise(exercise)
    local problems = {}
    local function adder(line, id)
        return function(format, ...)
            problems[#problems + 1] = ("%s:%d: %s: %s"):format(exercise.source, line, id,
                format:format(...))
        end
    end
    local head = adder(1, exercise.id)
    for _, id in ipairs(exercise.covers) do
        if not curriculum.title(id) then head("`covers` names %s, which is no topic", id) end
    end
    if #exercise.hints == 0 then head("it has no hints") end
    for _, hint in ipairs(exercise.hints) do
        if not hint:find("%S") then head("it has an empty hint") end
    end
    if exercise.points <= 0 then head("it gives no points") end
    lesson_lint.text({ exercise.title, exercise.task, exercise.hints, exercise.after }, head)
    for _, mistake in ipairs(exercise.mistakes) do lesson_lint.text(mistake.say, head) end
    local own = exercise.source:find("^lessons/exercises/") -- of the program
    for number, line in ipairs(exercise.lines) do
        if own and paper.width(line) > SOURCE_COLUMNS then
            problems[#problems + 1] = ("%s:%d: the line has %d characters, more than %d"):format(
                exercise.source, number, paper.width(line), SOURCE_COLUMNS)
        end
    end
    for _, check in ipairs(exercise.checks) do
        local name = check.fn or check.name
        if environment.builtin(name) ~= nil then
            adder(check.line, check.id)("%s is a name of the language: ask for another one", name)
        end
        lesson_lint.text({ check.title, check.ask, check.yes, check.no, check.needs },
            adder(check.line, check.id))
    end
    if not exercise.solution then
        head("there is no solution, and no key file beside it")
        return problems, 0, 0
    end
    if not check_solution(exercise, head) then return problems, 0, 0 end
    check_blank(exercise, head)
    check_mistakes(exercise, head)
    for _, check in ipairs(exercise.checks) do
        if not is_function(check) then
            check_answers(exercise, check, adder(check.line, check.id))
        end
    end
    local count, noticed = check_mutants(exercise, head)
    return problems, count or 0, noticed or 0
end

return lint
