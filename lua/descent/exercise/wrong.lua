-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- wrong.lua: what is said of a function that gives wrong results: the smallest call that shows it,
-- what came and what should come, and why.

local attempt = require "descent.exercise.attempt"
local bench = require "descent.exercise.bench"
local mistake = require "descent.exercise.mistake"
local shrink = require "descent.exercise.shrink"
local suggest = require "descent.exercise.suggest"
local value = require "descent.exercise.value"

local wrong = {}

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
    verdict.call = attempt.call_text(fn, arguments, vectors)
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
    return attempt.difference(made, got, expected, attempt.places(made)), result.asked, right
end

-- The ratio of what came to what should; of phi, of its step. nil where it says nothing.
local function ratio_at(made, arguments, found)
    if found.what ~= "number" then return nil end
    local base = 0
    if attempt.name_of(made, found.place) == "phi" then
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
function wrong.smallest(made, runner, tried, other)
    local start = made.calls[tried.first].arguments
    if not made.oracle or made.check.shrink == false then return start end
    local places = attempt.places(made)
    local result = tried.results[tried.first]
    local zero = only_zeros(made.expected[tried.first])
    local function stays_wrong(candidates)
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
                local found = values and attempt.difference(made, values, one.expected, places)
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
    return shrink.run(start, made.parameters, stays_wrong)
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
            return sentence(("the function %s is asked at %s; it should be asked at %s"):format(
                name, value.typed_all(a), value.typed_all(b)))
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
function wrong.explain(made, runner, tried, verdict, known, brief)
    local index, found = tried.first, tried.found
    local update = made.calls[index].update
    verdict.update = update
    local result = tried.results[index]

    local explained
    local mistakes, other = known and known.mistakes, known and known.code
    if mistakes then
        local titles, words = {}, {}
        local credit = 1
        for i, one in ipairs(mistakes) do
            titles[i], words[i] = one.title, one.say
            credit = credit*(one.credit or 0)
        end
        verdict.mistake = mistake.id(known)
        verdict.mistake_title = table.concat(titles, "; ")
        explained = (#words > 1 and "Two things at once. " or "") .. table.concat(words, " ")
        verdict.points = math.floor(made.check.points*credit + 1e-9)
    end

    if brief then return end
    explained = explained or changes_by_itself(made, runner, tried)
    local arguments = wrong.smallest(made, runner, tried, other)
    local shown, asked, right = show_example(made, verdict, tried, arguments, runner)
    local words
    if found then
        if not shown or shown.place ~= found.place then
            shown, arguments = found, made.calls[index].arguments
        end
        verdict.term, verdict.index = attempt.name_of(made, shown.place), shown.path[1]
        verdict.ratio = ratio_at(made, arguments, shown)
        words = attempt.difference_words(made, shown, verdict.ratio)
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

return wrong
