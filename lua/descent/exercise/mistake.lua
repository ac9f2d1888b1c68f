-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- mistake.lua: which known mistake of an exercise gives the learner's results.

local oracle = require "descent.exercise.oracle"
local trial = require "descent.lesson.trial"
local value = require "descent.exercise.value"

local mistake = {}

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

-- The known mistakes whose results are the learner's on every call: list of {mistakes = {one, or
-- two made at once}, code = what makes them}.
function mistake.known(made, mine)
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
    for _, one in ipairs(exercise.mistakes) do
        look(trial.mistaken(exercise, one), one)
    end
    if #list > 0 then return list end
    for i, first in ipairs(exercise.mistakes) do
        for j = i + 1, #exercise.mistakes do
            local second = exercise.mistakes[j]
            if first.swap and second.swap then
                local source = trial.mistaken(exercise, first)
                source = source and trial.mistaken(exercise, second, source)
                look(source, first, second)
            end
        end
    end
    return list
end

-- What the mistakes made at once are called: "sign+factor".
function mistake.id(known)
    local ids = {}
    for i, one in ipairs(known.mistakes) do ids[i] = one.id end
    return table.concat(ids, "+")
end

-- Of the mistakes that explain a check, the one that agrees with most of the others too: with what
-- is right there as well as with what is wrong. `looked` are all checks of functions.
function mistake.choose(candidates, looked)
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

return mistake
