-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- judge.lua: a submission judged by what it does. It sees only a runner (exercise/runner.lua): calls
-- with plain data go out, plain data comes back; values are never shared with the submission.

local bench = require "descent.exercise.bench"
local environment = require "descent.lesson.environment"
local generator = require "descent.lesson.generator"
local lesson_judge = require "descent.lesson.judge"
local oracle = require "descent.exercise.oracle"
local shrink = require "descent.exercise.shrink"
local suggest = require "descent.exercise.suggest"
local value = require "descent.exercise.value"

local trial = require "descent.lesson.trial"

local judge = {}

-- --- known mistakes -------------------------------------------------------------------------------

-- The solution (or `source`) with a known mistake; nil and a sentence where it does not fit.
function judge.mistaken(exercise, mistake, source)
    if mistake.code then return mistake.code end
    source = source or exercise.solution
    for i = 1, #mistake.swap, 2 do
        local count
        source, count = trial.replace(source, mistake.swap[i], mistake.swap[i + 1])
        if count == 0 then
            return nil, ("mistake %s: %q does not occur in the solution"):format(mistake.id,
                mistake.swap[i])
        end
    end
    return source
end

-- Whether the learner's results are those of other code; with it, whether these are wrong ones.
local function equals(made, mine, other)
    local differs = false
    for index, call in ipairs(made.calls) do
        local got, expected = mine[index], made.expected[index]
        local result = other:call(made.check.fn, call.arguments)
        if result.verdict ~= "done" then
            if got then return false end
        else
            local values = got and value.arranged(result.values, expected, made.required,
                made.returns)
            if not values then return false end
            for place = 1, math.min(got.n, values.n) do
                if not value.same(got[place], values[place], made.tolerance) then return false end
                differs = differs
                    or not value.same(values[place], expected[place], made.tolerance)
            end
        end
    end
    return true, differs
end

-- The known mistakes whose results are the learner's on every call: list of {mistakes = {one, or two
-- made at once}, code = what makes them}.
local function known_mistakes(made, mine)
    local exercise, checked, list = made.exercise, {}, {}
    if not exercise.solution then return list end
    local function look(source, ...)
        if not source or checked[source] then return end
        checked[source] = true
        local other = oracle.new(source)
        local equal, wrong = false, false
        if other then equal, wrong = equals(made, mine, other) end
        if equal and wrong then
            list[#list + 1] = { mistakes = { ... }, code = other }
        end
    end
    for _, mistake in ipairs(exercise.mistakes) do
        look(judge.mistaken(exercise, mistake), mistake)
    end
    if #list > 0 then return list end
    for i, first in ipairs(exercise.mistakes) do
        for j = i + 1, #exercise.mistakes do
            local second = exercise.mistakes[j]
            if first.swap and second.swap then
                local source = judge.mistaken(exercise, first)
                source = source and judge.mistaken(exercise, second, source)
                look(source, first, second)
            end
        end
    end
    return list
end

local function mistake_id(one)
    local ids = {}
    for i, mistake in ipairs(one.mistakes) do ids[i] = mistake.id end
    return table.concat(ids, "+")
end

-- Of the mistakes that explain a check, the one that agrees with most of the others too: with what is
-- right there as well as with what is wrong. `looked` are all checks of functions.
local function choose(candidates, looked)
    local best, most
    for _, one in ipairs(candidates) do
        local score = 0
        if #candidates > 1 then
            for _, other in next, looked do
                if equals(other.made, other.tried.mine, one.code) then score = score + 1 end
            end
        end
        if not best or score > most then best, most = one, score end
    end
    return best
end

-- --- one check of a function ---------------------------------------------------------------------

local function call_text(fn, arguments, vectors)
    return ("%s(%s)"):format(fn, arguments.n == 0 and ""
        or value.typed_all(arguments, vectors))
end

-- In which order terms are looked at: as the update computes them.
local ORDER = { g = 1, m = 2, v = 3, m_corrected = 4, v_corrected = 5 }

local function places_in_order(made)
    local places = {}
    for place = 1, made.expected[1].n do places[place] = place end
    local function rank(place) return ORDER[made.returns and made.returns[place]] or 9 end
    table.sort(places, function(a, b)
        if rank(a) ~= rank(b) then return rank(a) < rank(b) end
        return a < b
    end)
    return places
end

local function name_of(made, place)
    if made.returns and made.returns[place] then return made.returns[place] end
    return made.expected[1].n == 1 and "the result" or ("result %d"):format(place)
end

-- The first difference of one call's results, in the order of `places`; nil where there is none.
local function difference_of(made, got, expected, places)
    for _, place in ipairs(places) do
        if place <= got.n then
            local found = value.difference(got[place], expected[place], made.tolerance)
            if found then
                found.place = place
                return found
            end
        end
    end
end

local function place_text(made, found)
    local text = name_of(made, found.place)
    for _, i in ipairs(found.path) do text = ("%s[%d]"):format(text, i) end
    return text
end

local function difference_words(made, found, ratio)
    local where = place_text(made, found)
    if found.what == "length" then
        return ("%s has %d element%s; it should have %d"):format(where, #found.got,
            #found.got == 1 and "" or "s", #found.expected)
    elseif found.what == "kind" then
        local nan = found.got ~= found.got
        return ("%s is %s; it should be %s%s"):format(where, value.kind(found.got),
            nan and value.typed(found.expected) or value.kind(found.expected), nan
            and ". 0/0, and the root or logarithm of a negative number, give that" or "")
    end
    local words = ("%s is %s; it should be %s"):format(where, value.typed(found.got),
        value.typed(found.expected))
    if ratio and math.abs(ratio) < 1e4 and math.abs(ratio) > 1e-4 and ratio ~= 1 then
        words = words .. (name_of(made, found.place) == "phi"
            and " (the step is %.4g times the right one)" or " (%.4g times that)"):format(ratio)
    end
    return words
end

-- Sends the calls with lists as arrays or as tables. With them what was made of the results:
-- {results =, mine = arranged results or false, problems = {index = sentence}, first = index of the
-- first wrong call, found = its difference, errors = count, changed = {index = argument}}.
local function attempt(made, runner, lists)
    local calls = {}
    for i, call in ipairs(made.calls) do
        calls[i] = { fn = made.check.fn, arguments = call.arguments, lists = lists }
    end
    local tried = { lists = lists, results = runner:run(calls), mine = {}, problems = {},
                    changed = {}, errors = 0, wrong = 0 }
    local places = places_in_order(made)
    local best
    for i, call in ipairs(made.calls) do
        local result = tried.results[i] or { verdict = "crash" }
        tried.mine[i] = false
        local found
        if result.verdict == "done" then
            local got, words = value.arranged(result.values, made.expected[i], made.required,
                made.returns)
            if got then
                tried.mine[i] = got
                found = difference_of(made, got, made.expected[i], places)
            else
                tried.problems[i] = words
            end
            for k = 1, call.arguments.n do
                if made.check.pure and type(call.arguments[k]) == "table" and result.arguments
                    and not value.same(result.arguments[k], call.arguments[k], 0) then
                    tried.changed[i] = k
                    break
                end
            end
        else
            tried.errors = tried.errors + 1
        end
        if result.verdict ~= "done" or tried.problems[i] or found then
            tried.wrong = tried.wrong + 1
            local update = call.update or 0
            if not best or update < best then best, tried.first, tried.found = update, i, found end
        end
    end
    return tried
end

-- Arrays first, so that alpha*g works as everywhere in the language; tables where that fails.
local function attempt_both(made, runner)
    local tried = attempt(made, runner, "array")
    if tried.wrong == 0 then return tried end
    local first = tried.results[tried.first]
    if first.verdict ~= "done" and first.verdict ~= "error" or first.missing then return tried end
    local other = attempt(made, runner, nil)
    if other.wrong < tried.wrong then return other end
    -- What arrays say of a wrong index is clearer than the nil that a table gives.
    local index = first.message and first.message:find("is outside", 1, true)
    return other.errors < tried.errors and not index and other or tried
end

-- What errors that everybody meets are about.
local REASONS = {
    { "index (0) is outside", "Lists count from 1." },
    { "index %-?%d+ is outside 1%.%.(%d+)", "The list has %s elements: does a loop go too far?" },
    { "on a nil value %(field '%?'%)",
      "An element is not there: lists count from 1 to #list, and a new list is empty at first." },
    { "attempt to call a nil value %(global '([%w_]+)'%)",
      "There is no function %s: is it spelt like that?" },
    { "on a nil value %(global '([%w_]+)'%)",
      "%s has no value: is it spelt like that, and does it get one before?" },
    { "on a nil value %(local '([%w_]+)'%)", "%s has no value there." },
    { "attempt to index a number value %(local '([%w_]+)'%)",
      "%s is a number, not a list." },
    { "attempt to perform arithmetic on a function value %(%w+ '([%w_]+)'%)",
      "%s is a function: call it, as in %s(...)." },
    { "bad argument #%d+ to '(%w+)' %(number expected, got descent%.array",
      "math.%s takes numbers only; %s, without math., takes arrays too." },
    { "attempt to compare nil with number", "What is compared has no value there." },
}

local function error_words(result, fn, parameters)
    local at = result.line and (" at line %d"):format(result.line) or ""
    if result.missing then
        local defined = {}
        for _, name in ipairs(result.defined or {}) do
            if value.is_name(name) and environment.builtin(name) == nil then defined[#defined + 1] = name end
        end
        local near = require("descent.doc").nearest(fn, defined)
        return ("There is no function %s%s"):format(fn, near
            and ("; is it the one you called %s?"):format(near) or #defined > 0
            and (" (there is %s)."):format(table.concat(defined, ", ", 1, math.min(#defined, 3)))
            or ".")
    end
    local message = tostring(result.message or "an error")
    local place = message:match("^argument (%d+), a function, cannot be called like this")
    local name = place and parameters and parameters[tonumber(place)]
    if name then
        return ("It stops%s: %s is called with something that it cannot use%s."):format(at, name,
            name == "gradient" and "; it takes a list, such as phi" or "")
    end
    local words = ("It stops%s: %s."):format(at, (message:gsub("%.$", "")))
    if result.stage == "load" then words = words:gsub("^It", "The file", 1) end
    for _, reason in ipairs(REASONS) do
        local name = message:match(reason[1])
        if name then return words .. " " .. reason[2]:gsub("%%s", name) end
    end
    return words
end

local VERDICTS = {
    time = "It does not come to an end in the time it has.",
    memory = "It uses more memory than it may.",
    output = "It prints or returns more than it may.",
    forbidden = "It does something that an answer may not do",
    crash = "It ends the program that runs it",
}

local function verdict_words(result)
    local words = VERDICTS[result.verdict] or "It fails"
    if result.verdict == "forbidden" then
        words = result.message or words
    elseif result.verdict == "crash" and result.message then
        words = words .. ": " .. result.message
    end
    local line = result.line and (" (line %d)"):format(result.line) or ""
    return (words:gsub("[%.%s]*$", line .. "."))
end

-- A call to try at the prompt, with what comes and what should come. Returns the difference there,
-- and where functions were asked and should be; nil where there is no example.
local function show_example(made, verdict, tried, arguments, runner)
    local fn = made.check.fn
    local expected, right = bench.expect(made, arguments)
    if not expected then return nil end
    local results = runner:run {
        { fn = fn, arguments = arguments },
        { fn = fn, arguments = arguments, lists = tried.lists },
    }
    local plain, given = results[1], results[2]
    local vectors = not (plain.verdict == "done" and (given.verdict ~= "done"
        or value.same(plain.values, given.values, 0)))
    verdict.call = call_text(fn, arguments, vectors)
    local result = vectors and given or plain
    if result.verdict == "done" then
        verdict.got = value.typed_all(result.values)
    else
        verdict.got = result.verdict == "error" and "an error: " .. tostring(result.message)
            or result.verdict
    end
    local count = made.required
    if result.verdict == "done" and result.values.n <= expected.n then
        count = math.max(count, result.values.n)
    end
    verdict.expected = value.typed_all { n = count, table.unpack(expected, 1, count) }
    local got = result.verdict == "done" and value.arranged(result.values, expected, made.required,
        made.returns)
    if not got then return nil end
    return difference_of(made, got, expected, places_in_order(made)), result.asked, right
end

-- The ratio of what came to what should; of phi, of its step. nil where it says nothing.
local function ratio_at(made, arguments, found)
    if found.what ~= "number" then return nil end
    local base = 0
    if name_of(made, found.place) == "phi" then
        for i, name in ipairs(made.parameters) do
            if name == "phi" then base = arguments[i] end
        end
        for _, i in ipairs(found.path) do base = type(base) == "table" and base[i] or base end
        if not math.type(base) then base = 0 end
    end
    local ratio = (found.got - base)/(found.expected - base)
    return ratio == ratio and math.abs(ratio) < math.huge and ratio or nil
end

local function only_zeros(item)
    if type(item) ~= "table" then return item == 0 end
    for key, inner in next, item do
        if key ~= "n" and not only_zeros(inner) then return false end
    end
    return true
end

-- The arguments of the first wrong call, made simpler while the function stays wrong in the same
-- way. `other` is the code of the known mistake, or nil.
local function smallest(made, runner, tried, other)
    local start = made.calls[tried.first].arguments
    if not made.oracle or made.check.shrink == false then return start end
    local places = places_in_order(made)
    local result = tried.results[tried.first]
    local zero = only_zeros(made.expected[tried.first])
    local function wrong(candidates)
        local calls, kept, still = {}, {}, {}
        for i, arguments in ipairs(candidates) do
            still[i] = false
            local expected = bench.expect(made, arguments)
            -- 0 is right for many reasons: it says less.
            if expected and (zero or not only_zeros(expected)) then
                calls[#calls + 1] = { fn = made.check.fn, arguments = arguments,
                                      lists = tried.lists }
                kept[#kept + 1] = { i = i, expected = expected, arguments = arguments }
            end
        end
        if #calls == 0 then return still end
        for k, got in ipairs(runner:run(calls)) do
            local one = kept[k]
            if got.verdict ~= result.verdict then
                still[one.i] = false
            elseif got.verdict ~= "done" then
                still[one.i] = got.verdict == "error" and got.line == result.line
            else
                local values = value.arranged(got.values, one.expected, made.required,
                    made.returns)
                local found = values and difference_of(made, values, one.expected, places)
                if not values then
                    still[one.i] = tried.problems[tried.first] ~= nil
                elseif found and tried.found then
                    still[one.i] = found.place == tried.found.place
                    if still[one.i] and other then
                        local same = other:call(made.check.fn, one.arguments)
                        local theirs = same.verdict == "done" and value.arranged(same.values,
                            one.expected, made.required, made.returns)
                        still[one.i] = theirs and value.same(
                            { table.unpack(values, 1, made.required) },
                            { table.unpack(theirs, 1, made.required) }, made.tolerance) or false
                    end
                end
            end
        end
        return still
    end
    return shrink.run(start, made.parameters, wrong)
end

-- Names of results stay as they are spelt.
local function sentence(words)
    return words:gsub("^the ", "The "):gsub("^at ", "At "):gsub("^result ", "Result ") .. "."
end

-- Where a function that is given was asked in the call that is shown, against where it should be: a
-- sentence or nil. `asked` and `right` are what bench.expect and a runner keep of it.
local function asked_elsewhere(made, asked, right)
    for k, list in next, right or {} do
        local mine, name = asked and asked[k] or {}, made.parameters[k] or "the function"
        if #mine == 0 and #list > 0 then return ("%s is not called."):format(name) end
        local a, b = mine[1] and mine[1].arguments, list[1] and list[1].arguments
        if a and b and not value.same(a, b, made.tolerance) then
            return sentence(("the function %s is asked at %s; it should be asked at %s"):format(name,
                value.typed_all(a), value.typed_all(b)))
        end
    end
end

-- A function that gives another result when it is called in the same way once more: a sentence, or
-- nil.
local function changes_by_itself(made, runner, tried)
    local call = made.calls[tried.first]
    local calls = {}
    for i = 1, 3 do
        calls[i] = { fn = made.check.fn, arguments = call.arguments, lists = tried.lists }
    end
    local results = runner:run(calls)
    for i = 1, 3 do
        if not results[i] or results[i].verdict ~= "done" then return nil end
        if not value.same(results[i].values, results[1].values, 0) then
            return ("Called once more with the same arguments, %s gives something else: it keeps "
                .. "something in a variable outside, or draws random numbers."):format(
                made.check.fn)
        end
    end
end

-- What is said of a function that gives wrong results, and the fields that name them. `known` is
-- the mistake that was recognized, or nil; `brief`: nothing but that is wanted.
local function explain_wrong(made, runner, tried, verdict, known, brief)
    local index, found = tried.first, tried.found
    local update = made.calls[index].update
    verdict.update = update
    local result = tried.results[index]

    local explained
    local mistakes, other = known and known.mistakes, known and known.code
    if mistakes then
        local titles, words = {}, {}
        local credit = 1
        for i, mistake in ipairs(mistakes) do
            titles[i], words[i] = mistake.title, mistake.say
            credit = credit*(mistake.credit or 0)
        end
        verdict.mistake = mistake_id(known)
        verdict.mistake_title = table.concat(titles, "; ")
        explained = (#words > 1 and "Two things at once. " or "") .. table.concat(words, " ")
        verdict.points = math.floor(made.check.points*credit + 1e-9)
    end

    if brief then return end
    explained = explained or changes_by_itself(made, runner, tried)
    local arguments = smallest(made, runner, tried, other)
    local shown, asked, right = show_example(made, verdict, tried, arguments, runner)
    local words
    if found then
        if not shown or shown.place ~= found.place then
            shown, arguments = found, made.calls[index].arguments
        end
        verdict.term, verdict.index = name_of(made, shown.place), shown.path[1]
        verdict.ratio = ratio_at(made, arguments, shown)
        words = difference_words(made, shown, verdict.ratio)
        if update then words = ("at update %d, "):format(update) .. words end
        words = sentence(words)
        if not explained and found.what == "number" then
            explained = asked_elsewhere(made, asked, right)
            if explained then verdict.term = "g" end
        end
        explained = explained or suggest.sentence(made, tried.mine, found.place, found.what)
    else
        words = made.check.fn .. " " .. tried.problems[index] .. "."
        if result.values and result.values.n == 0 then
            local printed = result.printed and result.printed:find("%S")
            words = words .. (printed and " It prints its result: give it back with `return`."
                or " Is `return` missing?")
        end
    end
    if not explained and found and found.what == "number" then
        local probes, settle = suggest.probes(made, tried.mine)
        if #probes > 0 then
            local calls, mine = {}, {}
            for i, one in ipairs(probes) do
                calls[i] = { fn = made.check.fn, arguments = one, lists = tried.lists }
            end
            for i, got in ipairs(runner:run(calls)) do
                mine[i] = got.verdict == "done" and value.arranged(got.values, made.expected[1],
                    made.required, made.returns) or false
            end
            explained = settle(mine)
        end
    end
    local k = tried.changed[index]
    if k and not mistakes then
        words = words .. (" It also changes its argument %s in place; make a new list."):format(
            made.parameters[k])
    end
    if not mistakes then verdict.suggestion = explained end
    verdict.say = words .. (explained and " " .. explained or "")
end

local CHANGED_CREDIT = 0.5

-- Work is counted, not timed: a check may say how often, compared with the solution, a function that
-- is given may be called (`asks = {f = 1}`). A sentence, or nil.
local function too_many_calls(made, tried)
    for name, factor in next, made.check.asks or {} do
        for k, parameter in ipairs(made.parameters) do
            local mine, right = 0, 0
            for index, result in ipairs(tried.results) do
                mine = mine + #(result.asked and result.asked[k] or {})
                right = right + #(made.asked[index] and made.asked[index][k] or {})
            end
            if parameter == name and mine > factor*right then
                return ("The result is right, but %s is called %d times where %d are enough."):format(
                    name, mine, right)
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
    local tried = attempt_both(made, runner)
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
            verdict.say = ("The numbers are right, but %s changes its argument %s in place: whoever "
                .. "calls it loses the old one. Fill a new list and return that."):format(check.fn,
                made.parameters[k])
            verdict.call = call_text(check.fn, made.calls[index].arguments)
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
        return { made = made, tried = tried, known = known_mistakes(made, tried.mine) }
    end
    verdict.verdict, verdict.line = kind, result.line
    if kind ~= "error" then
        verdict.say = verdict_words(result)
        if result.stage ~= "load" then
            verdict.call = call_text(check.fn, made.calls[tried.first].arguments)
        end
        return
    end
    verdict.say = error_words(result, check.fn, made.parameters)
    if result.missing then
        verdict.verdict = "fail"
    elseif result.stage == "load" then
        return nil -- no call shows it
    elseif tried.errors < #made.calls or made.oracle then
        verdict.call = call_text(check.fn, smallest(made, runner, tried), tried.lists ~= nil)
        if tried.errors < #made.calls then
            verdict.say = verdict.say .. (" It does so in %d of %d calls."):format(tried.errors,
                #made.calls)
        end
    end
end

-- --- answers in variables ------------------------------------------------------------------------

local function answered(check, runner, verdict)
    local result = runner:run { { get = check.name } }[1] or { verdict = "crash" }
    if result.verdict == "done" and result.values[1] ~= nil then return result.values[1], true end
    verdict.verdict = "fail"
    if result.verdict == "done" or result.missing then
        verdict.say = ("%s has no value yet."):format(check.name)
    elseif result.verdict == "error" then
        verdict.verdict, verdict.line = "error", result.line
        verdict.say = error_words(result, check.name)
    else
        verdict.verdict, verdict.say = result.verdict, verdict_words(result)
    end
end

local function wrong_answer(check, verdict, i, words, shown)
    verdict.mistake = ("%s-%d"):format(check.id, i)
    verdict.mistake_title = ("%s = %s"):format(check.name, shown)
    verdict.say = words
end

-- Words that are compared: without regard to case and blanks.
local function folded(item)
    if type(item) == "string" then return (item:lower():gsub("[%s_%-]+", " "):match("^ ?(.-) ?$")) end
    if type(item) ~= "table" then return item end
    local result = {}
    for key, inner in next, item do result[key] = folded(inner) end
    return result
end

-- The choices of an answer in the order in which they are shown.
function judge.choices(exercise, check)
    return lesson_judge.choices({ seed = exercise.seed }, check)
end

local function judge_choice(exercise, check, given, verdict)
    local choices = judge.choices(exercise, check)
    local index = (type(given) == "string" or math.type(given) == "integer")
        and lesson_judge.chosen(tostring(given), #choices)
    for i, choice in ipairs(choices) do
        if folded(choice[1]) == folded(given) then index = i end
    end
    if not index then
        verdict.say = ("%s is %s; one of the letters a to %s is asked for, as in: %s = \"a\""):format(
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

local function judge_answer(exercise, check, runner, verdict)
    local given, there = answered(check, runner, verdict)
    if not there then return end
    verdict.verdict = "fail"
    verdict.got = value.typed(given)
    if check.yes then return judge_choice(exercise, check, given, verdict) end
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

local function judge_outcome(check, runner, verdict)
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

-- --- a submission --------------------------------------------------------------------------------

local function seed_of(seed, exercise)
    if seed == nil then return exercise.seed end
    return math.tointeger(seed) or generator.hash(tostring(seed)) >> 1
end

-- Judges what `runner` runs. Options: seed (of the inputs: an integer or a text), only (the id of the
-- one check that is wanted), brief (which mistakes, without words). The report: {points, maximum, passed, checks, notes}; no times, so that
-- the same answers give the same report.
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
            judge_answer(exercise, check, runner, verdict)
        elseif check.kind == "outcome" then
            judge_outcome(check, runner, verdict)
        else
            looked[i] = judge_function(exercise, check, seed, runner, verdict, globals)
        end
        ::next::
    end
    for i, verdict in ipairs(report.checks) do
        local one = looked[i]
        if one and one.known then
            runner:begin(verdict.id)
            explain_wrong(one.made, runner, one.tried, verdict, choose(one.known, looked))
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

judge.call_text, judge.oracle = call_text, oracle
return judge
