-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- trial.lua: a function judged by what it does. The solution is the oracle: both get the same
-- inputs, and results are compared by type, length and value. Known mistakes are the solution with
-- a change; whoever equals one of them on every input has made it.

local generator = require "descent.lesson.generator"

local trial = {}

local TRIALS, SMALL = 24, 6
local TOLERANCE = 1e-6
local INSTRUCTIONS = 20000000

-- Lists of lists and arrays, copied; anything else as it is.
local function copy(value)
    if type(value) == "table" then
        local result = {}
        for key, item in pairs(value) do result[key] = copy(item) end
        return setmetatable(result, getmetatable(value))
    elseif type(value) == "userdata" then
        local fine, other = pcall(function() return value:copy() end)
        return fine and other or value
    end
    return value
end

local function copies(arguments)
    local result = { n = arguments.n }
    for i = 1, arguments.n do result[i] = copy(arguments[i]) end
    return result
end

local function is_list(value)
    if type(value) == "table" then return true end
    if type(value) ~= "userdata" then return false end
    return pcall(function() return #value end)
end

-- Length of a list or array; nil where it has none (a forged __len may do anything).
local function length(value)
    local fine, n = pcall(function() return #value end)
    return fine and math.type(n) == "integer" and n or nil
end

local function item(value, i)
    local fine, result = pcall(function() return value[i] end)
    return fine and result or nil
end

-- A value as one would type it.
function trial.typed(value)
    if math.type(value) == "integer" then return tostring(value) end
    if math.type(value) == "float" then
        return (("%.7g"):format(value):gsub("^%-nan$", "nan"))
    end
    if type(value) == "string" then return ("%q"):format(value) end
    if type(value) == "function" then return generator.sources[value] or "a function" end
    if is_list(value) then
        local parts = {}
        for i = 1, math.min(length(value) or 0, 20) do parts[i] = trial.typed(item(value, i)) end
        return "{" .. table.concat(parts, ", ") .. "}"
    end
    return tostring(value)
end

local function typed_all(values)
    local parts = {}
    for i = 1, values.n do parts[i] = trial.typed(values[i]) end
    return values.n == 0 and "nothing" or table.concat(parts, ", ")
end

-- nil where `got` equals `expected`, else a sentence about the first difference. Where only a
-- number is off, also its place and both values.
local function difference(got, expected, tolerance, place)
    if math.type(expected) then
        if not math.type(got) then
            return ("%s is %s, not a number"):format(place,
                got == nil and "nil" or "a " .. type(got))
        end
        if not (math.abs(got - expected) <= tolerance * math.max(1, math.abs(expected))) then
            return ("%s is %s; it should be %s"):format(place, trial.typed(got),
                trial.typed(expected)), place, got, expected
        end
    elseif is_list(expected) then
        if not is_list(got) then
            return ("%s is %s, not a list"):format(place, got == nil and "nil" or "a " .. type(got))
        end
        local n = length(expected)
        if length(got) ~= n then
            return ("%s has length %s; it should have %d"):format(place, tostring(length(got)), n)
        end
        for i = 1, n do
            local words, where, a, b = difference(item(got, i), item(expected, i), tolerance,
                ("%s[%d]"):format(place:gsub("^the ", ""), i))
            if words then return words, where, a, b end
        end
    elseif got ~= expected then
        return ("%s is %s; it should be %s"):format(place, trial.typed(got), trial.typed(expected))
    end
end

local function place_name(step, i, count)
    if step.returns and step.returns[i] then return step.returns[i] end
    return count == 1 and "the result" or "result " .. i
end

-- Names of the results that differ, from the given one on.
local function wrong_places(step, got, expected, tolerance, from)
    local names = {}
    for i = from, expected.n do
        local name = place_name(step, i, expected.n)
        if difference(got[i], expected[i], tolerance, name) then names[#names + 1] = name end
    end
    return names
end

local function compare(step, got, expected, tolerance)
    if got.n ~= expected.n then
        return ("it returns %d value%s; it should return %d"):format(got.n,
            got.n == 1 and "" or "s", expected.n)
    end
    for i = 1, expected.n do
        local words, place, a, b = difference(got[i], expected[i], tolerance,
            place_name(step, i, expected.n))
        if words then
            local others = wrong_places(step, got, expected, tolerance, i + 1)
            if #others > 0 then
                words = ("%s (%s %s wrong, too)"):format(words, table.concat(others, " and "),
                    #others == 1 and "is" or "are")
            end
            return words, place, a, b
        end
    end
end

-- An error without the name of the entry it arose in; the line in it stays.
local function problem_text(object)
    return (tostring(object):gsub("^entry %d+:(%d+): ", "line %1: "))
end

local function guarded(fn, arguments)
    local results = table.pack(pcall(fn, table.unpack(arguments, 1, arguments.n)))
    if not results[1] then return nil, problem_text(results[2]) end
    return { n = results.n - 1, table.unpack(results, 2, results.n) }
end

-- As guarded, for code nobody watches: an endless loop is an error.
local function limited(fn, arguments)
    local thread = coroutine.create(fn)
    debug.sethook(thread, function() error("does not come to an end", 0) end, "", INSTRUCTIONS)
    local results = table.pack(coroutine.resume(thread, table.unpack(arguments, 1, arguments.n)))
    if not results[1] then return nil, tostring(results[2]) end
    return { n = results.n - 1, table.unpack(results, 2, results.n) }
end

-- The function `name` that `source` defines in fresh variables; nil and the reason.
function trial.define(source, name, new_environment)
    local variables = new_environment()
    local chunk, reason = load(source, "=" .. name, "t", variables)
    if not chunk then return nil, reason end
    local fine, problem = pcall(chunk)
    if not fine then return nil, tostring(problem) end
    local fn = rawget(variables, name)
    if type(fn) ~= "function" then return nil, ("it does not define %s"):format(name) end
    return fn
end

-- Replaces every plain occurrence; the count tells whether there was one.
function trial.replace(text, from, to)
    local parts, at, count = {}, 1, 0
    while true do
        local first, last = text:find(from, at, true)
        if not first then break end
        parts[#parts + 1] = text:sub(at, first - 1) .. to
        at, count = last + 1, count + 1
    end
    return table.concat(parts) .. text:sub(at), count
end

-- The solution (or `source`) with a known mistake; nil and a sentence where it does not fit. `step`
-- may be an exercise.
function trial.mistaken(step, mistake, source)
    if mistake.code then return mistake.code end
    source = source or step.solution
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

-- What a code step is judged with: inputs, the oracle's results, the results of each mistake.
-- nil and a sentence where the lesson itself is at fault.
function trial.prepare(step, seed, new_environment)
    local oracle, reason = trial.define(step.solution, step.fn, new_environment)
    if not oracle then return nil, "the solution: " .. reason end
    local bench = { step = step, tolerance = step.tolerance or TOLERANCE,
        inputs = {}, expected = {}, mistakes = {} }
    for i = 1, step.trials or TRIALS do
        local random = generator.new(seed, step.id .. " " .. i, i <= SMALL)
        local fine, arguments = pcall(function() return table.pack(step.given(random)) end)
        if not fine then return nil, "given: " .. tostring(arguments) end
        bench.inputs[i] = arguments
        local results, problem = limited(oracle, copies(arguments))
        if not results then return nil, "the solution: " .. problem end
        if compare(step, results, results, bench.tolerance) then
            return nil, "the solution gives a number that is no number for " .. typed_all(arguments)
        end
        bench.expected[i] = results
    end
    for _, mistake in ipairs(step.mistakes or {}) do
        local source, problem = trial.mistaken(step, mistake)
        local fn
        if source then fn, problem = trial.define(source, step.fn, new_environment) end
        if not fn then return nil, problem end
        local results = {}
        for i, arguments in ipairs(bench.inputs) do
            results[i] = limited(fn, copies(arguments)) or false
        end
        bench.mistakes[#bench.mistakes + 1] = { mistake = mistake, results = results }
    end
    return bench
end

local function call_text(step, arguments)
    return ("%s(%s)"):format(step.fn, arguments.n == 0 and "" or typed_all(arguments))
end

local FACTORS = {
    { -1, "The sign is turned round." },
    { 2, "It is 2 times too large." },
    { 1 / 2, "It is half of what it should be: a factor 2 is missing." },
    { -2, "The sign is turned round, and it is 2 times too large." },
    { -1 / 2, "The sign is turned round, and a factor 2 is missing." },
}

-- Length of the longest list among the arguments: the number of examples.
local function examples(arguments)
    local n = 0
    for i = 1, arguments.n do
        if is_list(arguments[i]) then n = math.max(n, length(arguments[i]) or 0) end
    end
    return n
end

-- What a ratio that is the same on every input suggests.
local function fingerprint(bench, place, results)
    local values = {}
    for i, expected in ipairs(bench.expected) do
        for k = 1, expected.n do
            if place_name(bench.step, k, expected.n) == place and math.type(expected[k])
                and math.abs(expected[k]) > 1e-3 and results[i] and math.type(results[i][k]) then
                values[#values + 1] = { ratio = results[i][k] / expected[k],
                    n = examples(bench.inputs[i]) }
            end
        end
    end
    local function all(test)
        for _, value in ipairs(values) do
            if not test(value) then return false end
        end
        return #values >= 3
    end
    for _, factor in ipairs(FACTORS) do
        if all(function(value) return math.abs(value.ratio - factor[1]) < 1e-6 end) then
            return factor[2]
        end
    end
    local sizes = {}
    for _, value in ipairs(values) do sizes[value.n] = true end
    if not next(sizes, next(sizes)) then return end
    if all(function(value) return math.abs(value.ratio * value.n - 1) < 1e-6 end) then
        return "It is the mean over the examples; the sum is asked for."
    elseif all(function(value) return math.abs(value.ratio - value.n) < 1e-6 end) then
        return "It is too large by the number of examples."
    elseif all(function(value) return math.abs(value.ratio * value.n - 0.5) < 1e-6 end) then
        return "It is half the mean over the examples; the sum is asked for, with its factor 2."
    end
end

-- Judges a function. Returns {right = true}, or {right = false, say = sentence, mistake = id or
-- nil, example = a call to try, or nil}. With `alone`, endless loops are errors too.
function trial.judge(bench, fn, alone)
    local step = bench.step
    local call = alone and limited or guarded
    local results, first = {}, nil
    for i, arguments in ipairs(bench.inputs) do
        local given = copies(arguments)
        local got, reason = call(fn, given)
        results[i] = got or false
        local words, place
        if not got then
            words = ("%s stops with: %s"):format(call_text(step, arguments), reason)
            return { right = false, say = words, example = call_text(step, arguments) }
        end
        words, place = compare(step, got, bench.expected[i], bench.tolerance)
        if not words and step.pure then
            for k = 1, arguments.n do
                if difference(given[k], arguments[k], 0, "") then
                    return { right = false, example = call_text(step, arguments),
                        say = ("%s changes %s, which was given to it; make a new list."):format(
                            step.fn, debug.getlocal(fn, k) or "its argument " .. k) }
                end
            end
        end
        if words and not first then first = { words = words, place = place, index = i } end
    end
    if not first then return { right = true } end

    for _, known in ipairs(bench.mistakes) do
        local equal = true
        for i, got in ipairs(results) do
            if not known.results[i] or compare(step, got, known.results[i], bench.tolerance) then
                equal = false
                break
            end
        end
        if equal then
            return { right = false, say = known.mistake.say, mistake = known.mistake.id,
                example = call_text(step, bench.inputs[first.index]) }
        end
    end
    local say = ("For %s, %s."):format(call_text(step, bench.inputs[first.index]), first.words)
    local suggestion = first.place and fingerprint(bench, first.place, results)
    if suggestion then say = say .. " " .. suggestion end
    return { right = false, say = say, example = call_text(step, bench.inputs[first.index]) }
end

-- True where the two sources do the same on every input.
function trial.same(bench, source, new_environment)
    local fn = trial.define(source, bench.step.fn, new_environment)
    return fn ~= nil and trial.judge(bench, fn, true).right
end

return trial
