-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- attempt.lua: the calls of a check made with a submission, and how its results differ from what
-- they should be. `made` is a bench (exercise/bench.lua).

local value = require "descent.exercise.value"

local attempt = {}

-- A call as it would be typed.
function attempt.call_text(fn, arguments, vectors)
    return ("%s(%s)"):format(fn, arguments.n == 0 and ""
        or value.typed_all(arguments, vectors))
end

-- In which order terms are looked at: as the update computes them.
local ORDER = { g = 1, m = 2, v = 3, m_corrected = 4, v_corrected = 5 }

function attempt.places(made)
    local places = {}
    for place = 1, made.expected[1].n do places[place] = place end
    local function rank(place) return ORDER[made.returns and made.returns[place]] or 9 end
    table.sort(places, function(a, b)
        if rank(a) ~= rank(b) then return rank(a) < rank(b) end
        return a < b
    end)
    return places
end

function attempt.name_of(made, place)
    if made.returns and made.returns[place] then return made.returns[place] end
    return made.expected[1].n == 1 and "the result" or ("result %d"):format(place)
end

-- The first difference of one call's results, in the order of `places`; nil where there is none.
function attempt.difference(made, got, expected, places)
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
    local text = attempt.name_of(made, found.place)
    for _, i in ipairs(found.path) do text = ("%s[%d]"):format(text:gsub("^the ", ""), i) end
    return text
end

-- That difference in words; `ratio` of what came to what should, or nil.
function attempt.difference_words(made, found, ratio)
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
        words = words .. (attempt.name_of(made, found.place) == "phi"
            and " (the step is %.4g times the right one)" or " (%.4g times that)"):format(ratio)
    end
    return words
end

-- Sends the calls with lists as arrays or as tables. With them what was made of the results:
-- {results =, mine = arranged results or false, problems = {index = sentence}, first = index of the
-- first wrong call, found = its difference, errors = count, changed = {index = argument}}.
local function with_lists(made, runner, lists)
    local calls = {}
    for i, call in ipairs(made.calls) do
        calls[i] = { fn = made.check.fn, arguments = call.arguments, lists = lists }
    end
    local tried = { lists = lists, results = runner:run(calls), mine = {}, problems = {},
                    changed = {}, errors = 0, wrong = 0 }
    local places = attempt.places(made)
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
                found = attempt.difference(made, got, made.expected[i], places)
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
function attempt.run(made, runner)
    local tried = with_lists(made, runner, "array")
    if tried.wrong == 0 then return tried end
    local first = tried.results[tried.first]
    if first.verdict ~= "done" and first.verdict ~= "error" or first.missing then return tried end
    local other = with_lists(made, runner, nil)
    if other.wrong < tried.wrong then return other end
    -- What arrays say of a wrong index is clearer than the nil that a table gives.
    local index = first.message and first.message:find("is outside", 1, true)
    return other.errors < tried.errors and not index and other or tried
end

return attempt
