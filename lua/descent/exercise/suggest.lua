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

-- The factors to be recognized: {value for a call's arguments by name (nil where it makes no sense
-- there), what it suggests, kind}. Of the kinds, "weight" concerns the averages m and v,
-- "correction" what is made of them, "kept" both; n is the length of one of the lists. The first
-- that fits is told.
local function rest(base, t) return 1 - base^t end
local FACTORS = {
    { function() return -1 end, "The sign is turned round." },
    { function() return 2 end, "It is 2 times too large." },
    { function() return 1/2 end, "It is half of what it should be: a factor 2 is missing." },
    { function() return -2 end, "The sign is turned round, and it is 2 times too large." },
    { function() return -1/2 end, "The sign is turned round, and a factor 2 is missing." },
    { function(c) return c.n and 1/c.n end,
      "It is too small by the number of elements, as if a mean stood for a sum." },
    { function(c) return c.n end,
      "It is too large by the number of elements, as if a sum stood for a mean." },
    { function(c) return c.n and 1/(2*c.n) end,
      "It is half a mean: the sum is asked for, with its factor 2." },
    { function(c) return c.alpha and c.alpha ~= 0 and 1/c.alpha end,
      "The factor alpha is missing." },
    { function(c) return c.alpha ~= 0 and c.alpha end, "The factor alpha stands there twice." },
    { function(c) return c.t and c.beta and c.gamma
          and rest(c.beta, c.t)/math.sqrt(rest(c.gamma, c.t)) end,
      "Neither m nor v is corrected: divide by 1 - beta^t and by 1 - gamma^t.", "correction" },
    { function(c) return c.t and c.beta and rest(c.beta, c.t) end,
      "m is not corrected: divide it by 1 - beta^t.", "correction" },
    { function(c) return c.t and c.gamma and 1/math.sqrt(rest(c.gamma, c.t)) end,
      "v is not corrected: divide it by 1 - gamma^t.", "correction" },
    { function(c) return c.t and c.gamma and rest(c.gamma, c.t) end,
      "v is not corrected: divide it by 1 - gamma^t.", "correction" },
    { function(c) return c.t and c.beta and c.gamma and rest(c.beta, c.t)
          /(1 - c.beta)*math.sqrt((1 - c.gamma)/rest(c.gamma, c.t)) end,
      "The corrections lack their exponent: 1 - beta^t and 1 - gamma^t, not 1 - beta.",
      "correction" },
    { function(c) return c.t and c.beta and rest(c.beta, c.t)/(1 - c.beta) end,
      "The correction of m lacks its exponent: 1 - beta^t, not 1 - beta.", "correction" },
    { function(c) return c.t and c.gamma and math.sqrt((1 - c.gamma)/rest(c.gamma, c.t)) end,
      "The correction of v lacks its exponent: 1 - gamma^t, not 1 - gamma.", "correction" },
    { function(c) return c.t and c.gamma and rest(c.gamma, c.t)/(1 - c.gamma) end,
      "The correction of v lacks its exponent: 1 - gamma^t, not 1 - gamma.", "correction" },
    { function(c) return c.beta and 1/(1 - c.beta) end, "The weight (1 - beta) is missing.",
      "weight" },
    { function(c) return c.gamma and 1/(1 - c.gamma) end, "The weight (1 - gamma) is missing.",
      "weight" },
    { function(c) return c.beta and 1 - c.beta end,
      "It is 1 - beta times what it should be: that weight is one too many.", "weight" },
    { function(c) return c.gamma and 1 - c.gamma end,
      "It is 1 - gamma times what it should be: that weight is one too many.", "weight" },
    { function(c) return c.t and c.beta and 1/rest(c.beta, c.t) end,
      "It is divided by 1 - beta^t: the correction is for the step only, m itself goes on.",
      "kept" },
    { function(c) return c.t and c.gamma and 1/rest(c.gamma, c.t) end,
      "It is divided by 1 - gamma^t: the correction is for the step only, v itself goes on.",
      "kept" },
}

-- Which kinds can be the reason for a term. Whoever has m right has its weights right.
local AVERAGES = { m = true, v = true }
local function may_be(made, place, kind)
    if not kind then return true end
    local name = made.returns and made.returns[place]
    if kind == "correction" then return not AVERAGES[name] end
    if AVERAGES[name] then return true end
    if kind == "kept" then return false end
    for _, other in ipairs(made.returns or {}) do
        if AVERAGES[other] then return false end
    end
    return true
end

-- The numbers of a call by the names of its parameters, with the length of the list called `list`
-- as n.
local function context(made, index, list)
    local arguments = made.calls[index].arguments
    local result = {}
    for i = 1, arguments.n do
        local item, name = arguments[i], made.parameters[i]
        if math.type(item) and name then
            result[name] = item
        elseif name == list and value.is_list(item) and #item > 0 then
            result.n = #item
        end
    end
    return result
end

-- The names of the parameters that are lists; one that is none, where there are none.
local function lists(made)
    local names = {}
    for i, name in ipairs(made.parameters) do
        if value.is_list(made.calls[1].arguments[i]) then names[#names + 1] = name end
    end
    if #names == 0 then names[1] = "" end
    return names
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

-- What the ratios suggest; nil where they say nothing.
local function by_ratio(made, list, place)
    local ratios, later = {}, false
    for _, pair in ipairs(list) do
        local ratio = ratio_of(pair)
        if ratio then
            ratios[#ratios + 1] = { ratio = ratio, index = pair.index }
            local t = context(made, pair.index).t
            later = later or not t or t > 1
        end
    end
    if #ratios < LEAST then return nil end
    local function fits(factor, name)
        local seen = 0
        for _, one in ipairs(ratios) do
            local expected = factor[1](context(made, one.index, name))
            if not expected or not (math.abs(expected) < math.huge)
                or not same_ratio(one.ratio, expected) then
                return false
            end
            if math.abs(expected - 1) > NEAR then seen = seen + 1 end
        end
        return seen >= LEAST
    end
    for _, name in ipairs(lists(made)) do
        for _, factor in ipairs(FACTORS) do
            -- At t = 1 alone a weight and a correction look the same.
            if may_be(made, place, factor[3]) and (later or not factor[3])
                and fits(factor, name) then
                return factor[2]
            end
        end
    end
    local first = ratios[1].ratio
    for _, one in ipairs(ratios) do
        if not same_ratio(one.ratio, first) then return nil end
    end
    if math.abs(first) < NEAR then return "It is always 0." end
    if math.abs(first - 1) < NEAR then return nil end
    return ("It is always %.4g times what it should be."):format(first)
end

-- --- what an average is made of ---------------------------------------------------------------

-- The coefficients that are recognized in m ← x·m + y·g, with their names; "" is the factor 1.
local COEFFICIENTS = {
    { function() return 0 end, false },
    { function() return 1 end, "" },
    { function(c) return c.beta end, "β·" },
    { function(c) return c.beta and 1 - c.beta end, "(1 − β)·" },
    { function(c) return c.gamma end, "γ·" },
    { function(c) return c.gamma and 1 - c.gamma end, "(1 − γ)·" },
    { function(c) return c.alpha end, "α·" },
    { function(c) return c.alpha and c.beta and c.alpha*(1 - c.beta) end, "α·(1 − β)·" },
    { function(c) return c.beta and -(1 - c.beta) end, "−(1 − β)·" },
    { function(c) return c.beta and c.beta^2 end, "β²·" },
    { function() return -1 end, "−" },
    { function() return 2 end, "2·" },
    { function() return 1/2 end, "½·" },
}

-- What a list is, as x·a + y·b with lists a and b of the same length: x and y, or nil.
local function resolve(list, a, b)
    local aa, ab, bb, al, bl = 0, 0, 0, 0, 0
    for i = 1, #list do
        aa, ab, bb = aa + a[i]^2, ab + a[i]*b[i], bb + b[i]^2
        al, bl = al + a[i]*list[i], bl + b[i]*list[i]
    end
    local determinant = aa*bb - ab^2
    if not (determinant > 1e-6*aa*bb) then return nil end
    local x, y = (al*bb - bl*ab)/determinant, (bl*aa - al*ab)/determinant
    for i = 1, #list do
        if math.abs(x*a[i] + y*b[i] - list[i]) > 1e-7*(1 + math.abs(list[i])) then return nil end
    end
    return x, y
end

-- Which coefficient all numbers are: an entry of COEFFICIENTS, or nil.
local function coefficient(made, numbers)
    for _, one in ipairs(COEFFICIENTS) do
        local fits = true
        for index, number in next, numbers do
            local expected = one[1](context(made, index))
            if not expected or math.abs(number - expected) > 1e-6 then
                fits = false
                break
            end
        end
        if fits then return one end
    end
end

-- A result as a formula, "β·m + g"; nil where it is none of this kind on every call.
local function formula(made, results, place, name, other, power)
    local xs, ys, count = {}, {}, 0
    for index in ipairs(made.calls) do
        local list = results[index] and results[index][place]
        local a, b = argument(made, index, name), argument(made, index, other)
        if not value.is_list(list) or #list ~= #a then return nil end
        local powers = {}
        for i = 1, #b do powers[i] = b[i]^power end
        local distinct = 0
        for i = 1, #a do
            if not math.type(list[i]) or not value.is_finite(list[i]) then return nil end
            if a[i] ~= 0 or b[i] ~= 0 then distinct = distinct + 1 end
        end
        if #a >= 2 and distinct >= 2 then
            local x, y = resolve(list, a, powers)
            if x then
                xs[index], ys[index], count = x, y, count + 1
            elseif resolve(made.expected[index][place], a, powers) then
                return nil
            end
        end
    end
    if count < LEAST then return nil end
    local x, y = coefficient(made, xs), coefficient(made, ys)
    if not x or not y then return nil end
    local parts = {}
    if x[2] then parts[1] = x[2] .. name end
    if y[2] then parts[#parts + 1] = y[2] .. other .. (power == 2 and "²" or "") end
    return #parts == 0 and "0" or table.concat(parts, " + ")
end

-- Yours against the right one: m is β·m + g, and so on.
local function by_formula(made, mine, place)
    local name = made.returns and made.returns[place]
    if not AVERAGES[name] or not argument(made, 1, name) or not argument(made, 1, "g") then
        return nil
    end
    for _, right in ipairs { 1, 2 } do
        local should = formula(made, made.expected, place, name, "g", right)
        for _, power in ipairs { 1, 2 } do
            local is = should and formula(made, mine, place, name, "g", power)
            if is and is ~= should then
                return ("Your %s is %s; it should be %s."):format(name, is, should)
            end
        end
    end
end

-- --- results that stand elsewhere -------------------------------------------------------------

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
                    if #b > 2 then compared = compared + 1 end -- two may be equal for any reason
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
                return ("It gives what belongs to %s %s 1: it %s."):format(name,
                    by == 1 and "+" or "-", by == 1 and "runs one step ahead"
                    or "lags one step behind")
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
    return ("Only %s[%s] is wrong; the rest of it is right."):format(name_of(made, place),
        (only:gsub(",", "][")))
end

-- What the results suggest: a sentence or nil. `mine` are the results of every call (false where
-- there are none), `place` is the number of the first result that is wrong, `what` how it is wrong.
function suggest.sentence(made, mine, place, what)
    if what ~= "number" then return exchanged_results(made, mine) end
    local list = pairs_of(made, mine, place)
    return exchanged_results(made, mine) or unchanged(made, mine, place)
        or by_formula(made, mine, place) or by_ratio(made, list, place)
        or off_by_one(made, mine) or exchanged_arguments(made, mine)
        or constant(made, mine) or shifted(made, mine, place) or places(made, mine, place, list)
end

local function identical(a, b)
    if type(a) ~= "table" or type(b) ~= "table" then return a == b end
    for key, inner in next, a do
        if not identical(inner, b[key]) then return false end
    end
    for key in next, b do
        if a[key] == nil then return false end
    end
    return true
end

local PROBES = 4 -- other values of an argument that must make no difference

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
    -- From a state of zeros much is without effect.
    if made.check.kind == "updates" and made.check.steps == 1 then return calls end
    for k, name in ipairs(made.parameters) do
        local found = 0
        for index, call in ipairs(made.calls) do
            local other = found < PROBES and mine[index] and value.is_finite(mine[index])
                and other_argument(made, index, k)
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
            asked[test.name] = (asked[test.name] or 0) + 1
            if not results[i] or not identical(results[i], mine[test.index]) then
                looks[test.name] = true
            end
        end
        local unused = {}
        for _, name in ipairs(made.parameters) do
            if asked[name] == PROBES and not looks[name] then unused[#unused + 1] = name end
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
