-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- bench.lua: what a check of a function is made of: calls, and what should come back. For `calls`
-- the solution says it; for `updates` the built-in optimizer does, fed with the same gradients:
-- each call of the learner's function starts from the built-in's own state, so that errors do not
-- add up from one update to the next.
--
--     bench.calls[i] = { arguments = {n = ..}, run = 1, update = 2 or nil }
--     bench.expected[i] = { n = .. }, bench.asked[i] = points at which gradients were asked
--     bench.parameters, bench.returns: names; bench.required: how many results must be there

local generator = require "descent.lesson.generator"
local oracle = require "descent.exercise.oracle"
local value = require "descent.exercise.value"

local bench = {}

local TRIALS, SMALL = 24, 6
local RUNS, STEPS = 8, 5

local function stop(format, ...) error({ sentence = format:format(...) }, 0) end

-- --- calls ---------------------------------------------------------------------------------------

local function fill_calls(made, check, seed)
    for i = 1, check.trials or TRIALS do
        local random = generator.new(seed, check.id .. " " .. i, i <= SMALL)
        local fine, arguments = pcall(function() return table.pack(check.given(random)) end)
        if not fine then stop("given: %s", arguments) end
        local result = made.oracle:call(check.fn, arguments)
        if result.verdict ~= "done" then stop("the solution: %s", result.message) end
        if not value.is_finite(result.values) then
            stop("the solution gives a number that is not finite for %s(%s)", check.fn,
                value.typed_all(arguments))
        end
        made.calls[i] = { arguments = arguments, run = i }
        made.expected[i], made.asked[i] = result.values, result.asked
    end
end

-- --- updates -------------------------------------------------------------------------------------

-- The loss of a bowl (lesson/generator.lua) as one that the built-in optimizers take.
local function loss_of(bowl, n)
    return require("descent").loss {
        parameters = { p = n },
        value = function(q)
            local sum, total = 0, 0
            for i = 1, n do
                sum = sum + bowl.a[i]*(q.p[i] - bowl.c[i])^2
                total = total + q.p[i]
            end
            return sum + bowl.b*total^2
        end,
    }
end

local function column(trace, name, row, n)
    local rows = trace[name]:table()
    local result = rows[row]
    if type(result) ~= "table" then result = { result } end
    for i = 1, n do
        if result[i] ~= result[i] then stop("the trace has no %s at row %d", name, row) end
    end
    return result
end

local function fill_updates(made, check, seed)
    local core = require "descent"
    for k = 1, check.runs or RUNS do
        local random = generator.new(seed, check.id .. " " .. k, k <= 3)
        local fine, options = pcall(function() return check.given(random) end)
        if not fine then stop("given: %s", options) end
        local n = options.n or random:int(1, 3)
        options.n = nil
        local gradient, _, bowl = random:bowl(n)
        local start = random:vec(n)
        local run = core.descend(loss_of(bowl, n), core.optim[check.optimizer](options),
            { start = start, seed = 0 })
        local steps = check.steps or STEPS
        run:step(steps)
        local trace = run.trace
        for t = 1, steps do
            local arguments = { n = #check.arguments }
            for i, name in ipairs(check.arguments) do
                if name == "t" then
                    arguments[i] = t
                elseif name == "g" then
                    arguments[i] = column(trace, "gradient", t + 1, n)
                elseif name == "gradient" then
                    arguments[i] = gradient
                elseif options[name] ~= nil then
                    arguments[i] = options[name]
                else
                    arguments[i] = column(trace, name, t, n)
                end
            end
            local expected = { n = #check.returns }
            for i, name in ipairs(check.returns) do
                expected[i] = column(trace, name, t + 1, n)
            end
            local index = #made.calls + 1
            made.calls[index] = { arguments = arguments, run = k, update = t }
            made.expected[index] = expected
            local result = made.oracle and made.oracle:call(check.fn, arguments)
            made.asked[index] = result and result.asked
        end
    end
end

-- --- both ----------------------------------------------------------------------------------------

-- The bench of one check for one seed; nil and a sentence where the exercise itself is at fault.
function bench.new(exercise, check, seed)
    local made = { exercise = exercise, check = check, calls = {}, expected = {}, asked = {},
                   tolerance = check.tolerance or value.TOLERANCE, returns = check.returns }
    if exercise.solution then
        local reason
        made.oracle, reason = oracle.new(exercise.solution)
        if not made.oracle then return nil, "the solution: " .. reason end
        if type(made.oracle:get(check.fn)) ~= "function" then
            return nil, ("the solution does not define %s"):format(check.fn)
        end
    elseif check.kind == "calls" then
        return nil, "the key of this exercise is not here: it can be judged only where "
            .. exercise.source:match("[^/]*$"):gsub("%.lua$", ".key.lua") .. " lies beside it"
    end
    local fill = check.kind == "updates" and fill_updates or fill_calls
    local fine, problem = pcall(fill, made, check, seed)
    if not fine then
        return nil, type(problem) == "table" and problem.sentence or tostring(problem)
    end
    made.parameters = check.arguments or made.oracle:parameters(check.fn)
    made.required = made.expected[1].n - (check.optional or 0)
    return made
end

-- What the solution gives for other arguments; nil where it gives no finite numbers.
function bench.expect(made, arguments)
    if not made.oracle then return nil end
    local result = made.oracle:call(made.check.fn, arguments)
    if result.verdict ~= "done" or not value.is_finite(result.values) then return nil end
    return result.values, result.asked
end

return bench
