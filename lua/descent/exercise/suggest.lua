-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- suggest.lua: what a wrong result suggests where the author foresaw nothing: from the ratio of
-- what came to what should have come, from results that are exchanged or shifted, from what the
-- solution gives when its arguments are exchanged. A suggestion must fit every call.

local bench = require "descent.exercise.bench"
local value = require "descent.exercise.value"

local suggest = {}

local NEAR = 1e-5      -- relative, of two ratios that count as one
local VISIBLE = 1e-4   -- smaller numbers say nothing about a ratio
local LEAST = 3        -- ratios that make a pattern

-- The factors to be recognized: each with its value for a call's arguments by name (nil where it
-- makes no sense there) and what it suggests. The first that fits is told.
local function power(base, exponent) return 1 - base^exponent end
local FACTORS = {
    { function() return -1 end, "The sign is turned round." },
    { function() return 2 end, "It is 2 times too large." },
    { function() return 1/2 end, "It is half of what it should be: a factor 2 is missing." },
    { function() return -2 end, "The sign is turned round, and it is 2 times too large." },
    { function() return -1/2 end, "The sign is turned round, and a factor 2 is missing." },
    { function(c) return c.n > 0 and 1/c.n end,
      "It is too small by the number of elements, as if a mean stood for a sum." },
    { function(c) return c.n > 0 and c.n end,
      "It is too large by the number of elements, as if a sum stood for a mean." },
    { function(c) return c.n > 0 and 1/(2*c.n) end,
      "It is half a mean: the sum is asked for, with its factor 2." },
    { function(c) return c.alpha and c.alpha ~= 0 and 1/c.alpha end, "The factor alpha is missing." },
    { function(c) return c.alpha ~= 0 and c.alpha end, "The factor alpha stands there twice." },
    { function(c) return c.beta and 1/(1 - c.beta) end, "The weight (1 - beta) is missing." },
    { function(c) return c.gamma and 1/(1 - c.gamma) end, "The weight (1 - gamma) is missing." },
    { function(c) return c.beta and 1 - c.beta end,
      "It is 1 - beta times what it should be: that weight is one too many." },
    { function(c) return c.gamma and 1 - c.gamma end,
      "It is 1 - gamma times what it should be: that weight is one too many." },
    { function(c) return c.t and c.beta and c.gamma
          and power(c.beta, c.t)/math.sqrt(power(c.gamma, c.t)) end,
      "Neither m nor v is corrected: divide by 1 - beta^t and by 1 - gamma^t." },
    { function(c) return c.t and c.beta and power(c.beta, c.t) end,
      "m is not corrected: divide it by 1 - beta^t." },
    { function(c) return c.t and c.gamma and 1/math.sqrt(power(c.gamma, c.t)) end,
      "v is not corrected: divide it by 1 - gamma^t." },
    { function(c) return c.t and c.gamma and power(c.gamma, c.t) end,
      "v is not corrected: divide it by 1 - gamma^t." },
    { function(c) return c.t and c.beta and c.gamma and power(c.beta, c.t)
          /(1 - c.beta)*math.sqrt((1 - c.gamma)/power(c.gamma, c.t)) end,
      "The corrections lack their exponent: 1 - beta^t and 1 - gamma^t, not 1 - beta." },
    { function(c) return c.t and c.beta and power(c.beta, c.t)/(1 - c.beta) end,
      "The correction of m lacks its exponent: 1 - beta^t, not 1 - beta." },
    { function(c) return c.t and c.gamma and math.sqrt((1 - c.gamma)/power(c.gamma, c.t)) end,
      "The correction of v lacks its exponent: 1 - gamma^t, not 1 - gamma." },
    { function(c) return c.t and c.gamma and power(c.gamma, c.t)/(1 - c.gamma) end,
      "The correction of v lacks its exponent: 1 - gamma^t, not 1 - gamma." },
}

-- The numbers of a call by the names of its parameters, and n: the length of its longest list.
local function context(made, index)
    local arguments = made.calls[index].arguments
    local result = { n = 0 }
    for i = 1, arguments.n do
        local item, name = arguments[i], made.parameters[i]
        if math.type(item) and name then
            result[name] = item
        elseif value.is_list(item) then
            result.n = math.max(result.n, #item)
        end
    end
    return result
end

local function argument(made, index, name)
    for i, parameter in ipairs(made.parameters) do
        if parameter == name then return made.calls[index].arguments[i] end
    end
end

-- Pairs of numbers that stand for each other in result number `place` of every call: list of
-- {got, expected, index, path}. Of phi it is the step that counts, not where it leads.
local function pairs_of(made, mine, place)
    local list = {}
    for index, results in ipairs(mine) do
        local expected = made.expected[index][place]
        local got = results and results[place]
        if got ~= nil and expected ~= nil then
            local right, before = {}, {}
            value.numbers(expected, function(number, path) right[path] = number end)
            if made.returns and made.returns[place] == "phi" then
                local phi = argument(made, index, "phi")
                if phi then value.numbers(phi, function(number, path) before[path] = number end) end
            end
            value.numbers(got, function(number, path)
                if right[path] then
                    local base = before[path] or 0
                    list[#list + 1] = { got = number - base, expected = right[path] - base,
                                        index = index, path = path }
                end
            end)
        end
    end
    return list
end

-- The ratio of one pair; nil where it says nothing.
local function ratio_of(pair)
    if math.abs(pair.expected) < VISIBLE or pair.got ~= pair.got then return nil end
    return pair.got/pair.expected
end

local function same_ratio(a, b) return math.abs(a - b) <= NEAR*math.max(math.abs(b), 1e-3) end

-- What the ratios suggest; nil where they say nothing. With it the ratio where it is one number.
local function by_ratio(made, list)
    local ratios = {}
    for _, pair in ipairs(list) do
        local ratio = ratio_of(pair)
        if ratio then
            ratios[#ratios + 1] = { ratio = ratio, context = context(made, pair.index) }
        end
    end
    if #ratios < LEAST then return nil end
    for _, factor in ipairs(FACTORS) do
        local fits, seen = true, 0
        for _, one in ipairs(ratios) do
            local expected = factor[1](one.context)
            if not expected or not (math.abs(expected) < math.huge)
                or not same_ratio(one.ratio, expected) then
                fits = false
                break
            end
            if math.abs(expected - 1) > NEAR then seen = seen + 1 end
        end
        if fits and seen >= LEAST then return factor[2] end
    end
    local first = ratios[1].ratio
    for _, one in ipairs(ratios) do
        if not same_ratio(one.ratio, first) then return nil end
    end
    if math.abs(first) < NEAR then return "It is always 0." end
    if math.abs(first - 1) < NEAR then return nil end
    return ("It is always %.4g times what it should be."):format(first)
end

-- --- results that stand elsewhere -----------------------------------------------------------------

local function name_of(made, place)
    return made.returns and made.returns[place] or ("result %d"):format(place)
end

local function all(made, mine, test)
    for index in ipairs(made.calls) do
        if not mine[index] or not test(mine[index], made.expected[index], index) then
            return false
        end
    end
    return true
end

-- Two results stand in each other's place.
local function exchanged_results(made, mine)
    local n = made.required
    for a = 1, n - 1 do
        for b = a + 1, n do
            if all(made, mine, function(got, expected)
                for place = 1, n do
                    local from = place == a and b or place == b and a or place
                    if not value.same(got[place], expected[from], made.tolerance) then
                        return false
                    end
                end
                return true
            end) then
                local names = {}
                for place = 1, n do names[place] = name_of(made, place) end
                return "The results stand in the wrong order: return "
                    .. table.concat(names, ", ") .. "."
            end
        end
    end
end

-- A result that is the argument of its name.
local function unchanged(made, mine, place)
    local name = made.returns and made.returns[place]
    if not name or not argument(made, 1, name) then return end
    if all(made, mine, function(got, _, index)
        return value.same(got[place], argument(made, index, name), 0)
    end) then
        return ("%s comes back as it went in."):format(name)
    end
end

-- A list whose elements come one too early or too late.
local function shifted(made, mine, place)
    for _, by in ipairs { 1, -1 } do
        local compared = 0
        if all(made, mine, function(got, expected)
            local a, b = got[place], expected[place]
            if not value.is_list(a) or not value.is_list(b) or #a ~= #b then return false end
            for i = 1, #b do
                if b[i + by] ~= nil then
                    if not value.same(a[i], b[i + by], made.tolerance) then return false end
                    compared = compared + 1
                end
            end
            return true
        end) and compared >= LEAST then
            return by == 1 and "Each element is the one that should come next: it runs one ahead."
                or "Each element is the one that should have come before: it lags by one."
        end
    end
end

-- The solution with changed arguments gives what the learner gives.
local function transformed(made, mine, change)
    local differs = false
    if not made.oracle then return false end
    for index, call in ipairs(made.calls) do
        local arguments = value.copy(call.arguments)
        if not change(arguments) then return false end
        local expected = bench.expect(made, arguments)
        if not expected or not mine[index] then return false end
        for place = 1, math.min(mine[index].n, expected.n) do
            if not value.same(mine[index][place], expected[place], made.tolerance) then
                return false
            end
        end
        differs = differs or not value.same(expected, made.expected[index], made.tolerance)
    end
    return differs
end

local function exchanged_arguments(made, mine)
    local names = made.parameters
    for a = 1, #names - 1 do
        for b = a + 1, #names do
            if transformed(made, mine, function(arguments)
                if type(arguments[a]) ~= type(arguments[b])
                    or type(arguments[a]) == "function" then return false end
                arguments[a], arguments[b] = arguments[b], arguments[a]
                return true
            end) then
                return ("%s and %s are used in each other's place."):format(names[a], names[b])
            end
        end
    end
end

local function off_by_one(made, mine)
    for k, name in ipairs(made.parameters) do
        for _, by in ipairs { 1, -1 } do
            if math.type(made.calls[1].arguments[k]) == "integer" and transformed(made, mine,
                function(arguments)
                    arguments[k] = arguments[k] + by
                    return true
                end) then
                return ("It is right for %s %s 1: one step too %s."):format(name,
                    by == 1 and "+" or "-", by == 1 and "early" or "late")
            end
        end
    end
end

-- The same whatever it is given.
local function constant(made, mine)
    if #made.calls < LEAST then return end
    local differ = false
    for index in ipairs(made.calls) do
        if not mine[index] or not value.same(mine[index], mine[1], 0) then return end
        differ = differ or not value.same(made.expected[index], made.expected[1], made.tolerance)
    end
    if differ then
        return ("%s gives the same whatever it is given: does it use other variables than its "
            .. "arguments?"):format(made.check.fn)
    end
end

-- Where the wrong elements are, when the others are right everywhere.
local function places(made, mine, place, list)
    local wrong, right = {}, {}
    for _, pair in ipairs(list) do
        if pair.path ~= "" then
            local near = value.near(pair.got, pair.expected, made.tolerance)
            local into = near and right or wrong
            into[pair.path] = (into[pair.path] or 0) + 1
        end
    end
    local only
    for path in next, wrong do
        if only or right[path] and right[path] > wrong[path] then return end
        only = path
    end
    local others = 0
    for path in next, right do
        if path ~= only then others = others + 1 end
    end
    if not only or others == 0 then return end
    return ("Only %s[%s] is wrong; the rest of it is right."):format(name_of(made, place), only)
end

-- What the results suggest: a sentence or nil. `mine` are the results of every call (false where
-- there are none), `place` is the number of the first result that is wrong, `what` how it is wrong.
function suggest.sentence(made, mine, place, what)
    if what ~= "number" then return exchanged_results(made, mine) end
    local list = pairs_of(made, mine, place)
    return exchanged_results(made, mine) or unchanged(made, mine, place)
        or by_ratio(made, list) or off_by_one(made, mine) or exchanged_arguments(made, mine)
        or constant(made, mine) or shifted(made, mine, place) or places(made, mine, place, list)
end

-- Another argument in place of number `k`, as different as the check allows; nil where there is
-- none.
local function other_argument(made, index, k)
    local before = made.calls[index].arguments[k]
    for _, call in ipairs(made.calls) do
        local item = call.arguments[k]
        if type(item) == type(before) and type(item) ~= "function"
            and not value.same(item, before, 1e-2)
            and (type(item) ~= "table" or #item == #before) then
            return item
        end
    end
end

-- The names of arguments that the function never looks at: the calls that tell, and their test.
-- calls, settle = suggest.probes(made): settle(results of the calls) gives a sentence or nil.
function suggest.probes(made, mine)
    local calls, tests = {}, {}
    for k, name in ipairs(made.parameters) do
        local found = 0
        for index, call in ipairs(made.calls) do
            local other = found < 2 and mine[index] and other_argument(made, index, k)
            if other then
                local arguments = value.copy(call.arguments)
                arguments[k] = other
                local expected = bench.expect(made, arguments)
                if expected and not value.same(expected, made.expected[index], 1e-3) then
                    found = found + 1
                    calls[#calls + 1] = arguments
                    tests[#tests + 1] = { name = name, index = index }
                end
            end
        end
    end
    return calls, function(results)
        local looks, asked = {}, {}
        for i, test in ipairs(tests) do
            asked[test.name] = true
            if not results[i] or not value.same(results[i], mine[test.index], 0) then
                looks[test.name] = true
            end
        end
        local unused = {}
        for _, name in ipairs(made.parameters) do
            if asked[name] and not looks[name] then unused[#unused + 1] = name end
        end
        if #unused == 0 or #unused == #made.parameters then return nil end
        local names = table.concat(unused, ", "):gsub(", ([^,]*)$", " and %1")
        if #unused == 1 then
            return ("%s gives the same whatever %s is: that argument is not used."):format(
                made.check.fn, names)
        end
        return ("%s gives the same whatever %s are: these arguments are not used."):format(
            made.check.fn, names)
    end
end

return suggest
