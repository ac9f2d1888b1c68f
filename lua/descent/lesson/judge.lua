-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- judge.lua: answers to numbers, choices, predictions and free play. An answer is judged by its
-- value, in whatever form it was typed. A verdict is nil (this entry is no answer) or
-- {right =, say = the reason or nil, answer = what to keep}.

local generator = require "descent.lesson.generator"

local judge = {}

-- `not (|d| <= tolerance)`: NaN is never near anything.
function judge.near(value, expected, tolerance)
    return math.type(value) ~= nil and math.type(expected) ~= nil
        and math.abs(value - expected) <= tolerance
end

local function item(value, i)
    local fine, result = pcall(function() return value[i] end)
    return fine and result or nil
end

-- What an entry's values say as numbers: one number, or a list of them; nil where they say none.
-- A table or an array is a list; so are several values.
function judge.numbers(values)
    if values.n == 0 then return nil end
    local list = {}
    if values.n == 1 and not math.type(values[1]) then
        local kind = type(values[1])
        if kind ~= "table" and kind ~= "userdata" then return nil end
        local fine, n = pcall(function() return #values[1] end)
        if not fine or math.type(n) ~= "integer" or n < 1 or n > 64 then return nil end
        for i = 1, n do list[i] = item(values[1], i) end
        for i = 1, n do
            if not math.type(list[i]) then return nil end
        end
        return list
    end
    for i = 1, values.n do
        if not math.type(values[i]) then return nil end
        list[i] = values[i]
    end
    return list
end

local function matches(list, expected, tolerance)
    if type(expected) ~= "table" then expected = { expected } end
    if #list ~= #expected then return false end
    for i, number in ipairs(expected) do
        if not judge.near(list[i], number, tolerance) then return false end
    end
    return true
end
judge.matches = matches

-- A value computed by the program against {expected, tolerance} of the file.
function judge.agrees(value, answer)
    local list = judge.numbers { n = 1, value }
    return list ~= nil and matches(list, answer[1], answer[2])
end

function judge.number(step, values)
    local list = judge.numbers(values)
    if not list then return nil end
    local wanted = type(step.answer[1]) == "table" and #step.answer[1] or 1
    for _, number in ipairs(list) do
        if number ~= number then
            return { right = false, say = "That is not a number (NaN)." }
        end
    end
    if matches(list, step.answer[1], step.answer[2]) then return { right = true, list = list } end
    for _, wrong in ipairs(step.wrong or {}) do
        if matches(list, wrong[1], wrong[3] or step.answer[2]) then
            return { right = false, say = wrong[2], list = list }
        end
    end
    if #list ~= wanted then
        -- Another array was looked at, not given as an answer.
        if #list > 1 and values.n == 1 then return nil end
        return { right = false, list = list, say = wanted == 1 and "One number is asked for."
            or ("%d numbers are asked for, as in: %s"):format(wanted,
                wanted == 2 and "1.5, 2" or "1, 2, 3") }
    end
    return { right = false, list = list }
end

-- The choices in the order in which they are shown: list of {text, why, right}.
function judge.choices(lesson, step)
    local all = { { step.yes[1], step.yes[2], right = true } }
    for _, no in ipairs(step.no) do all[#all + 1] = { no[1], no[2], right = false } end
    local shown = {}
    for i, k in ipairs(generator.new(lesson.seed, step.id .. " order"):order(#all)) do
        shown[i] = all[k]
    end
    return shown
end

-- The choice that a typed text names, by its letter or number: "b", "2", "b)"; nil for any other.
function judge.chosen(text, count)
    local word = text:match("^%s*[%(\"']?(%w+)[%)%.\"']*%s*$")
    if not word then return nil end
    local index = math.tointeger(tonumber(word))
    if not index and #word == 1 then index = word:lower():byte() - 96 end
    if index and index >= 1 and index <= count then return index end
end

function judge.choice(choices, index)
    local choice = choices[index]
    return { right = choice.right, say = choice[2], index = index }
end

-- Free play: the goal, then the near misses.
function judge.try(step, environment)
    local function holds(test)
        local fine, value = pcall(test, environment)
        return fine and value and true or false
    end
    if holds(step.goal) then return { right = true } end
    for _, near in ipairs(step.near or {}) do
        if holds(near.when) then return { right = false, say = near.say } end
    end
    return nil
end

return judge
