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

-- Decimals and significant digits of a number that was typed as such; nil for any other text.
local function digits(text)
    local whole, decimals = (text or ""):match("^%s*[+-]?(%d*)%.?(%d*)%s*$")
    if not whole or whole .. decimals == "" then return nil end
    return #decimals, #(whole .. decimals):gsub("^0+", "")
end

local ENOUGH = 3 -- significant digits of a rounded answer

-- A typed number that is the expected one, rounded: right where it has digits enough.
local function rounded(text, value, expected)
    local decimals, significant = digits(text)
    if not decimals or significant == 0
        or not (math.abs(value - expected) <= 0.5000001 * 10.0 ^ -decimals) then
        return nil
    end
    if significant >= ENOUGH then return { right = true } end
    return { right = false, say = "Right as far as it goes: give three digits." }
end

-- `text` is the entry as typed, where it is known.
function judge.number(step, values, text)
    if values.n == 1 and type(values[1]) == "string" and tonumber(values[1]) then
        return { right = false, say = "Leave the quotes away: in them it is a text, no number." }
    end
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
        local whole, decimals = (text or ""):match("^%s*([+-]?%d+),(%d+)%s*$")
        if wanted == 1 and whole then
            return { right = false, list = list,
                say = ("Decimals stand after a point: %s.%s"):format(whole, decimals) }
        end
        -- Another array was looked at, not given as an answer.
        if #list > 1 and values.n == 1 then return nil end
        return { right = false, list = list, say = wanted == 1 and "One number is asked for."
            or ("%d numbers are asked for, as in: %s"):format(wanted,
                wanted == 2 and "1.5, 2" or "1, 2, 3") }
    end
    if wanted > 1 or #list > 1 then return { right = false, list = list } end
    local expected = type(step.answer[1]) == "table" and step.answer[1][1] or step.answer[1]
    local verdict = rounded(text, list[1], expected)
    if verdict then return verdict end
    for _, wrong in ipairs(step.wrong or {}) do
        local same = math.type(wrong[1]) and rounded(text, list[1], wrong[1])
        if same and same.right then return { right = false, say = wrong[2], list = list } end
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

local function plain(text)
    return (text:lower():gsub("^[%s\"']+", ""):gsub("[%s\"'.]+$", ""):gsub("%s+", " "))
end

-- The choice that a typed text names: by its own words, or by its letter or number: "b", "2", "b)".
-- nil for any other text. `choices` is their list, or their number.
function judge.chosen(text, choices)
    local count = choices
    if type(choices) == "table" then
        count = #choices
        for i, choice in ipairs(choices) do
            if plain(choice[1]) == plain(text) then return i end
        end
    end
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
