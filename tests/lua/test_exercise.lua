-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Exercises: the form of the file, the verdicts, what is said of wrong answers, the smallest
-- example, the tools for authors. Submissions run in this process.

local check = require "check"
local answers = require "descent.exercise.file"
local bench = require "descent.exercise.bench"
local environment = require "descent.lesson.environment"
local generator = require "descent.lesson.generator"
local judge = require "descent.exercise.judge"
local lint = require "descent.exercise.lint"
local loader = require "descent.exercise.load"
local oracle = require "descent.exercise.oracle"
local report_text = require "descent.exercise.report"
local shrink = require "descent.exercise.shrink"
local trial = require "descent.lesson.trial"
local value = require "descent.exercise.value"

local function named(name) return assert(loader.named(name)) end

-- The report on a source, run as at the prompt.
local function judged(exercise, source, options)
    local runner = require "descent.exercise.runner"
    local variables = environment.new()
    assert(load(source, "=answer", "t", variables))()
    return judge.run(exercise, runner.here(variables, { seconds = 0.5 }), options)
end

local function verdict(report, id)
    for _, one in ipairs(report.checks) do
        if one.id == id then return one end
    end
end

local MOMENTUM = [[
function step(phi, m, g, alpha, beta)
    local p, q = {}, {}
    for i = 1, #phi do
        q[i] = NEW_M
        p[i] = NEW_PHI
    end
    RETURN
end]]

local function momentum(changes)
    local source = MOMENTUM
    local words = { NEW_M = "beta*m[i] + (1 - beta)*g[i]", NEW_PHI = "phi[i] - alpha*q[i]",
                    RETURN = "return p, q" }
    for word, text in pairs(words) do
        source = source:gsub(word, ((changes[word] or text):gsub("%%", "%%%%")))
    end
    return source
end

local function said(changes)
    return verdict(judged(named "momentum", momentum(changes)), "later")
end

check.test("right answers in many forms pass", function()
    local exercise = named "momentum"
    for _, source in ipairs {
        exercise.solution,
        momentum { RETURN = "return {p, q}" },
        momentum { RETURN = "return {phi = p, m = q}" },
        momentum { RETURN = "return array(p), array(q)" },
        [[function step(phi, m, g, alpha, beta)
              local q = beta*m + (1 - beta)*g
              return phi - alpha*q, q
          end]],
        [[function step(phi, m, g, alpha, beta)
              if type(phi) ~= "table" then error("a table, please") end
              local p, q = {}, {}
              for i, x in next, phi do q[i] = beta*m[i] + (1 - beta)*g[i] p[i] = x - alpha*q[i] end
              return p, q
          end]],
    } do
        local report = judged(exercise, source)
        check.ok(report.passed, source)
        check.equal(report.points, exercise.points)
    end
end)

check.test("the first update and term that differ are named, and what it looks like", function()
    local one = said { NEW_M = "beta*m[i] + g[i]" }
    check.equal(one.verdict, "fail")
    check.equal(one.mistake, "no-weight")
    check.equal(one.update, 1)
    check.equal(one.term, "m")
    check.equal(one.call, "step({0}, {0}, {1}, 0.1, 0.9)")
    check.equal(one.got, "{-0.1}, {1}")
    check.equal(one.expected, "{-0.01}, {0.1}")

    one = said { NEW_M = "(1 - beta)*g[i]" }
    check.equal(one.mistake, "forgets")
    check.equal(one.update, 2)
    check.equal(one.call, "step({0}, {1}, {0}, 0.1, 0.9)")
end)

check.test("two known mistakes at once are both told", function()
    local one = said { NEW_M = "beta*m[i] + g[i]", NEW_PHI = "phi[i] + alpha*q[i]" }
    check.equal(one.mistake, "no-weight+uphill")
    check.matches(one.say, "Two things at once")
end)

check.test("what nobody foresaw is told from ratios, places and arguments", function()
    for expected, changes in pairs {
        ["3 times"] = { NEW_PHI = "phi[i] - 3*alpha*q[i]" },
        ["wrong order: return phi, m"] = { RETURN = "return q, p" },
        ["m comes back as it went in"] = { NEW_M = "m[i]" },
        ["whatever beta is: that argument is not used"] = { NEW_M = "0.9*m[i] + 0.1*g[i]" },
        ["It is half"] = { NEW_M = "(beta*m[i] + (1 - beta)*g[i])/2" },
        ["sign is turned round"] = { NEW_M = "-beta*m[i] - (1 - beta)*g[i]" },
        ["number of elements"] = { NEW_M = "(beta*m[i] + (1 - beta)*g[i])/#m" },
        ["one too many"] = { NEW_M = "(1 - beta)*(beta*m[i] + (1 - beta)*g[i])" },
        ["not a number %(NaN%)"] = { NEW_M = "0/0" },
    } do
        local one = said(changes)
        check.matches(one.say, expected)
        check.equal(one.mistake, nil, expected)
    end
    local exchanged = MOMENTUM:gsub("alpha, beta", "beta, alpha")
        :gsub("NEW_M", "beta*m[i] + (1 - beta)*g[i]"):gsub("NEW_PHI", "phi[i] - alpha*q[i]")
        :gsub("RETURN", "return p, q")
    check.matches(verdict(judged(named "momentum", exchanged), "later").say,
        "alpha and beta are used in each other's place")
end)

-- Known mistakes as if nobody had foreseen them: what is said comes from the numbers alone.
check.test("without authoring, formulas, ratios and places say what is wrong", function()
    local expected = {
        ["momentum forgets"] = "Your m is (1 − β)·g; it should be β·m + (1 − β)·g.",
        ["momentum no-beta"] = "Your m is m + (1 − β)·g; it should be β·m + (1 − β)·g.",
        ["momentum uphill"] = "The sign is turned round.",
        ["momentum no-alpha"] = "The factor alpha is missing.",
        ["adam v-no-weight"] = "Your v is γ·v + g²; it should be γ·v + (1 − γ)·g².",
        ["adam v-not-squared"] = "Your v is γ·v + (1 − γ)·g; it should be γ·v + (1 − γ)·g².",
        ["adam m-uncorrected"] = "m is not corrected: divide it by 1 - beta^t.",
        ["adam no-exponent-m"] =
            "The correction of m lacks its exponent: 1 - beta^t, not 1 - beta.",
        ["adam no-exponent-v"] =
            "The correction of v lacks its exponent: 1 - gamma^t, not 1 - gamma.",
        ["adam kept-corrected"] =
            "It is divided by 1 - beta^t: the correction is for the step only, m itself goes on.",
        ["adam t-late"] = "It gives what belongs to t + 1: it runs one step ahead.",
        ["schedule early"] = "It gives what belongs to t + 1: it runs one step ahead.",
        ["least-squares-gradient mean"] =
            "It is too small by the number of elements, as if a mean stood for a sum.",
        ["least-squares-gradient half-mean"] =
            "It is half a mean: the sum is asked for, with its factor 2.",
        ["least-squares-gradient no-two"] =
            "It is half of what it should be: a factor 2 is missing.",
        ["least-squares-gradient no-x"] = "Only gradient[2] is wrong; the rest of it is right.",
        ["nesterov decayed"] =
            "The function gradient is asked at {-0.09}; it should be asked at {-0.1}.",
        ["sgd unshuffled"] = "epoch gives the same whatever order is: that argument is not used.",
        ["hessian larger-first"] =
            "The results stand in the wrong order: return the smaller, the larger.",
        ["momentum old-m"] = "phi comes back as it went in.",
    }
    for what, sentence in pairs(expected) do
        local name, id = what:match("(%S+) (%S+)")
        local exercise = named(name)
        local mistakes, source = exercise.mistakes, nil
        exercise.mistakes = {}
        for _, mistake in ipairs(mistakes) do
            if mistake.id == id then source = trial.mistaken(exercise, mistake) end
        end
        local report, found = judge.run(exercise, assert(oracle.runner(source))), {}
        for _, one in ipairs(report.checks) do
            if one.suggestion then found[#found + 1] = one.suggestion end
        end
        check.contains(table.concat(found, "\n"), sentence, what)
    end
end)

check.test("what does not depend on the arguments alone is told", function()
    local exercise = named "adam"
    local body = exercise.solution:gsub("%^t", "^count"):gsub("local new_phi",
        "count = count + 1\n    local new_phi", 1)
    local one = verdict(judged(exercise, "count = 0\n" .. body), "later")
    check.matches(one.say, "Called once more with the same arguments, step gives something else")
    body = "local alpha, beta, gamma, epsilon = 0.001, 0.9, 0.999, 1e-8\n"
        .. exercise.solution:gsub(", alpha, beta, gamma, epsilon", "", 1)
    one = verdict(judged(exercise, body), "epsilon")
    check.matches(one.say, "whatever alpha, beta, gamma and epsilon are")
end)

check.test("an argument changed in place costs a part of the points", function()
    local one = said { RETURN = "for i = 1, #phi do phi[i], m[i] = p[i], q[i] end return phi, m" }
    check.equal(one.verdict, "fail")
    check.equal(one.mistake, "changed-in-place")
    check.equal(one.points, 3)
    check.matches(one.say, "changes its argument phi in place")
end)

check.test("answers that do not come to results say why", function()
    local exercise = named "momentum"
    local function of(source) return verdict(judged(exercise, source), "later") end
    local one = of "function step() while true do end end"
    check.equal(one.verdict, "time")
    one = of "function step() while true do pcall(function() while true do end end) end end"
    check.equal(one.verdict, "time")
    one = of "function step(phi, m)\n  return phi[0], m\nend"
    check.equal(one.verdict, "error")
    check.equal(one.line, 2)
    check.matches(one.say, "Lists count from 1")
    one = of "function step(phi) print(phi[1]) end"
    check.matches(one.say, "It prints its result: give it back with `return`")
    one = of "function step(phi) end"
    check.matches(one.say, "returns nothing; it should return phi, m")
    one = of "function Step(phi, m) return phi, m end"
    check.matches(one.say, "There is no function step; is it the one you called Step%?")
    one = of "step = 3"
    check.matches(one.say, "no function but a number")
    one = of "function step() return 'phi', {} end"
    check.matches(one.say, "m has 0 elements")
    one = of("function step() "
        .. "return setmetatable({}, {__eq = function() return true end}), print end")
    check.matches(one.say, "m is a function")
end)

check.test("a variable that should be local is noted", function()
    local report = judged(named "momentum", (momentum {}:gsub("local p, q", "p, q")))
    check.ok(report.passed)
    check.matches(report.notes[1], "p is a global variable")
end)

check.test("the same answer and seed give the same report, another seed other inputs", function()
    local exercise = named "adam"
    local source = exercise.solution:gsub("beta%^t", "beta")
    local function text(seed)
        return report_text.text(exercise, judged(exercise, source, { seed = seed }))
    end
    check.equal(text "ada", text "ada")
    check.matches(text "ada", "exponent")
    local function inputs(seed)
        local parts = {}
        for i, call in ipairs(assert(bench.new(exercise, exercise.checks[2], seed)).calls) do
            parts[i] = value.typed_all(call.arguments)
        end
        return table.concat(parts, "\n")
    end
    check.equal(inputs(1), inputs(1))
    check.different(inputs(1), inputs(2))
    for _, call in ipairs(bench.new(exercise, exercise.checks[2], 1).calls) do
        check.ok(call.update >= 1 and call.update <= 6)
    end
end)

-- What update t is fed with is the built-in's own state, whatever the learner did before.
check.test("updates are fed with the state of the built-in optimizer", function()
    local exercise = named "adam"
    local made = assert(bench.new(exercise, exercise.by_id.later, 7))
    local function argument(call, name)
        for i, parameter in ipairs(made.parameters) do
            if parameter == name then return call.arguments[i] end
        end
    end
    for index, call in ipairs(made.calls) do
        if call.update == 1 then
            for _, item in ipairs(argument(call, "m")) do check.equal(item, 0.0) end
        else
            check.equal(argument(call, "phi"), made.expected[index - 1][1])
            check.equal(argument(call, "v"), made.expected[index - 1][3])
        end
    end
end)

-- F5 and X1 of the curriculum: a constant gradient, beta 0.9, gamma 0.999.
check.test("the solution of adam does what is published of it", function()
    local exercise = named "adam"
    local solution = assert(oracle.new(exercise.solution))
    local function walk(source, steps)
        local made = assert(oracle.new(source))
        local phi, m, v, lengths = { 0 }, { 0 }, { 0 }, {}
        for t = 1, steps do
            local before = phi[1]
            local values = made:call("step", table.pack(phi, m, v, { 1 }, t, 1, 0.9, 0.999,
                1e-300)).values
            phi, m, v = values[1], values[2], values[3]
            lengths[t] = before - phi[1]
        end
        return lengths
    end
    for _, length in ipairs(walk(exercise.solution, 12)) do check.close(length, 1, 1e-9) end
    local by_id = {}
    for _, mistake in ipairs(exercise.mistakes) do by_id[mistake.id] = mistake end
    local wrong = walk(trial.mistaken(exercise, by_id["no-exponent"]), 12)
    check.close(wrong[1], 1, 1e-9)
    check.close(wrong[12], 2.08, 0.005)
    check.close(walk(trial.mistaken(exercise, by_id.neither), 1)[1], 3.16, 0.005)
    check.ok(solution)
end)

-- The solutions of exercises whose oracle is themselves, against the program's own.
check.test("sgd's solution does what descend does", function()
    local solution = assert(oracle.new(named("sgd").solution))
    local d = data.line12
    local L = loss.least_squares(model.line, d)
    local order = { 3, 12, 7, 1, 9, 5, 11, 2, 8, 4, 10, 6 }
    local path = solution:call("epoch", table.pack({ 1.6, -0.5 }, d.x:table(), d.y:table(), 0.02, 5,
        order)).values[1]
    local batches = { { 3, 12, 7, 1, 9 }, { 5, 11, 2, 8, 4 }, { 10, 6 } }
    local r = descend(L, optim.gd { alpha = 0.02 }, { start = { 1.6, -0.5 }, order = batches })
    check.equal(#path, 3)
    for t = 1, 3 do
        r:step()
        for i = 1, 2 do check.close(path[t][i], r.phi[i], 1e-12) end
    end
end)

check.test("line-search's solution does what line_search does", function()
    local solution = assert(oracle.new(named("line-search").solution))
    local function f(x)
        return 1 - 0.5*math.exp(-(x - 0.65)^2/0.1) - 0.45*math.exp(-(x - 0.35)^2/0.02)
    end
    local place = solution:call("search", table.pack(f, 0, 0.33, 0.66, 1, 10)).values[1]
    check.close(place, 0.383231, 1e-6) -- C5 of the curriculum
    local function rising(x) return x end
    local d = select(4, table.unpack(solution:call("narrow",
        table.pack(rising, 0, 0.33, 0.66, 1)).values))
    check.equal(d, 0.5)
end)

-- C1, H5 and P3 of the curriculum; C4's eigenvalues.
check.test("the solutions give the curriculum's numbers", function()
    local d = data.line12
    local x, y = d.x:table(), d.y:table()
    local line = assert(oracle.new(named("least-squares-gradient").solution))
    check.close(line:call("line_loss", table.pack({ 0.6, -0.2 }, x, y)).values[1], 12.366904, 1e-6)
    local g = line:call("line_gradient", table.pack({ 0.6, -0.2 }, x, y)).values[1]
    check.close(g[1], -21.904, 1e-6)
    check.close(g[2], -26.84044, 1e-6)

    local second = assert(oracle.new(named("hessian").solution))
    local H = second:call("line_hessian", table.pack(x)).values[1]
    local values = second:call("two_eigenvalues", table.pack(H)).values
    check.close(values[1], 3.99417, 1e-5)
    check.close(values[2], 50.03003, 1e-5)

    local gabor = assert(oracle.new(named("gabor-gradient").solution))
    local data30 = data.gabor30
    local L = loss.least_squares(model.gabor, data30)
    local mine = gabor:call("gabor_gradient", table.pack({ 0.6, -0.2 }, data30.x:table(),
        data30.y:table(), 32)).values[1]
    local right = L:gradient { 0.6, -0.2 }
    check.close(mine[1], right[1], 1e-9)
    check.close(mine[2], right[2], 1e-9)

    local net = assert(oracle.new(named("ten-derivatives").solution))
    local phi, theta, h = { 0.4, -1, 2, 0.5 }, { { 0.3, 1 }, { -0.2, 0.7 }, { 1, -2 } }, 1e-6
    local _, d_theta = table.unpack(net:call("network_derivatives",
        table.pack(phi, theta, 0.9)).values)
    for k = 1, 3 do
        for j = 1, 2 do
            local a, b = value.copy(theta), value.copy(theta)
            a[k][j], b[k][j] = a[k][j] - h, b[k][j] + h
            local slope = (net:call("network", table.pack(phi, b, 0.9)).values[1]
                - net:call("network", table.pack(phi, a, 0.9)).values[1])/(2*h)
            check.close(d_theta[k][j], slope, 1e-6)
        end
    end

    -- H6, A3 and C3
    local classes = assert(oracle.new(named("classes").solution))
    for class, losses in ipairs { { 2.0404, 2.9 }, { 0.1404, 0 }, { 6.9404, 13.7 } } do
        local scores = { 3.2, 5.1, -1.7 }
        check.close(classes:call("softmax_loss", table.pack(scores, class)).values[1], losses[1],
            5e-5)
        check.close(classes:call("hinge_loss", table.pack(scores, class)).values[1], losses[2],
            1e-9)
    end
    local best = assert(oracle.new(named("closed-form").solution))
    local line_phi = best:call("best_line", table.pack(x, y)).values
    check.close(line_phi[1], 0.825950, 1e-6)
    check.close(line_phi[2], 0.522226, 1e-6)
    local residuals = {}
    for i = 1, #x do residuals[i] = y[i] - line_phi[1] - line_phi[2]*x[i] end
    local likelihood = assert(oracle.new(named("likelihood").solution))
    local sigma = likelihood:call("best_sigma", table.pack(residuals)).values[1]
    check.close(sigma, 0.129056, 1e-6)
    check.close(likelihood:call("log_likelihood", table.pack(residuals, sigma)).values[1], 7.542816,
        1e-6)
    check.close(likelihood:call("slope", table.pack(residuals, sigma)).values[1], 0, 1e-6)

    local logistic = assert(oracle.new(named("logistic").solution))
    classes = { 1, 0, 1, 1 }
    check.close(logistic:call("logistic_loss", table.pack({ 0, 0 }, { 1, 2, 3, 4 },
        classes)).values[1], 4*math.log(2), 1e-12)
end)

check.test("a counterexample shrinks to one element and small numbers", function()
    local arguments = { n = 3, { 0.37, -1.2, 0.88 }, { 1.5, 0.5, -2 }, 0.73 }
    local smallest = shrink.run(arguments, { "a", "b", "alpha" }, function(candidates)
        local still = {}
        for i, one in ipairs(candidates) do
            local largest = 0
            for _, x in ipairs(one[1]) do largest = math.max(largest, math.abs(x)) end
            still[i] = largest > 0.8
        end
        return still
    end)
    check.equal(value.typed_all(smallest), "{1}, {0}, 0.1")
end)

check.test("every solution passes in the process that grades, and no starter does", function()
    local child = require "descent.grade.child"
    if not package.preload["descent.console"] then check.lacks("not the program's own Lua") end
    if (os.getenv("LD_PRELOAD") or ""):find("vgpreload") then
        check.lacks("under valgrind a program cannot start itself")
    end
    local unsafe = not child.supported()
    for _, file in ipairs(loader.files()) do
        local exercise = named(file.name)
        local function report_on(source)
            local runner = assert(child.runner(source, "answer", { unsafe = unsafe }))
            local report = judge.run(exercise, runner, { seed = "a student" })
            runner:close()
            return report
        end
        check.ok(report_on(exercise.solution).passed, file.name)
        check.equal(report_on(exercise.starter).points, 0, file.name)
    end
end)

check.test("a file says which exercise it answers", function()
    check.equal(answers.exercise_name("-- exercise: momentum\n"), "momentum")
    check.equal(answers.exercise_name("\u{FEFF}-- exercise:  momentum \r\nx = 1"), "momentum")
    check.equal(answers.exercise_name("#!/usr/bin/env descent\n-- mine\n-- exercise: adam\n"),
        "adam")
    check.equal(answers.exercise_name("x = 1\n-- exercise: momentum\n"), nil)
    check.equal(answers.exercise_name("--> 3\n"), nil)
    for _, exercise in ipairs(loader.all()) do
        check.equal(answers.exercise_name(answers.starter(exercise)), exercise.name)
        assert(load(answers.starter(exercise), "=starter", "t", {}))
    end
end)

check.test("an exercise is found by its name, the beginning of it, or its number", function()
    check.equal(named("Least_Squares").id, "least-squares-gradient")
    check.equal(named("gabor").id, "gabor-gradient")
    check.equal(named("P9").id, "epochs")
    local found, reason = loader.named "momentun"
    check.equal(found, nil)
    check.contains(reason, 'did you mean "momentum"?')
    check.contains(select(2, loader.named "P12"), "gradient-descent")
    check.contains(select(2, loader.named "./nowhere.lua"), "nowhere.lua")
    check.equal(#loader.all(), #loader.files())
    for _, topic in ipairs { "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11" } do
        check.ok(loader.named(topic), topic)
    end
end)

local SMALL = [=[
return exercise { format = 1, id = "twice", title = "Twice", covers = { "C1" },
task = "Write twice(x).", starter = "function twice(x)\n    return 0\nend\n",
solution = "function twice(x)\n    return 2*x\nend\n",
calls { id = "twice", title = "twice", points = 1, fn = "twice",
  given = function(r) return r:num() end },
mistakes = { { id = "once", title = "once", swap = { "2*x", "x" }, say = "That is x itself." } },
hints = { "2*x" } }]=]

local function changed(...)
    local text = SMALL
    local changes = { ... }
    for i = 1, #changes, 2 do
        local first, last = text:find(changes[i], 1, true)
        assert(first, changes[i])
        text = text:sub(1, first - 1) .. changes[i + 1] .. text:sub(last + 1)
    end
    return text
end

local function problems(...)
    local exercise, list = loader.text(changed(...), "twice.lua")
    if exercise then list = lint.exercise(exercise) end
    return table.concat(list, "\n")
end

check.test("lint finds what is wrong with an exercise", function()
    check.equal(problems(), "")
    for expected, change in pairs {
        ["the starter passes"] = { "return 0", "return x + x" },
        ["the mistake once passes"] = { '"2*x", "x"', '"2*x", "x*2"' },
        ["does not occur in the solution"] = { '"2*x", "x"', '"3*x", "x"' },
        ["it has no hints"] = { '"2*x" } }', "} }" },
        ["the solution gives a number that is not finite"] = { "return 2*x", "return 2*x/0" },
        ["blind spot"] = { "return r:num()", "return 2*r:int(1, 1)" },
        ["is no topic"] = { '"C1"', '"C99"' },
        ["`points` is missing"] = { "points = 1, ", "" },
        ["`task` is missing"] = { 'task = "Write twice(x).", ', "" },
        ["the solution does not define"] = { 'fn = "twice"', 'fn = "thrice"' },
        ['the id "twice" is used twice'] = { "mistakes =", 'calls { id = "twice", title = "again", '
            .. 'points = 1, fn = "twice", given = function(r) return r:num() end },\nmistakes =' },
        ["`colour` is not known"] = { "format = 1,", "format = 1, colour = 3," },
        ["taken for an unknown one"] = { '"2*x", "x"', '"2*x", "x + pcall"' },
    } do
        check.ok(problems(table.unpack(change)):find(expected, 1, true),
            expected .. " in: " .. problems(table.unpack(change)))
    end
end)

check.test("a file that does more than build tables is refused", function()
    for _, text in ipairs { "os.exit(1)", "while true do end", "return 3", "return exercise",
                            "(" } do
        local exercise, list = loader.text(text, "bad.lua")
        check.equal(exercise, nil)
        check.ok(#list == 1 and list[1]:find("bad.lua", 1, true) ~= nil)
    end
end)

check.test("the key may stand in a file of its own", function()
    local without = changed('solution = "function twice(x)\\n    return 2*x\\nend\\n",\n', "",
        'mistakes = { { id = "once", title = "once", swap = { "2*x", "x" }, '
        .. 'say = "That is x itself." } },\n', "")
    local key = [[return key { solution = "function twice(x) return 2*x end",
        mistakes = { { id = "once", title = "once", swap = { "2*x", "x" }, say = "Itself." } } }]]
    local exercise = assert(loader.text(without, "twice.lua", key))
    local report = judged(exercise, "function twice(x) return x end")
    check.equal(report.checks[1].mistake, "once")
    exercise = assert(loader.text(without, "twice.lua"))
    report = judged(exercise, "function twice(x) return 2*x end")
    check.equal(report.checks[1].verdict, "error")
    check.matches(report.checks[1].say, "the key of this exercise is not here")
    local _, list = loader.text(SMALL, "twice.lua", key)
    check.matches(list[1], "stand in the key file")
end)

check.test("bowls have the gradient that their loss has", function()
    for seed = 1, 5 do
        local gradient, loss = generator.new(seed, "bowl"):bowl(3)
        local point, h = { 0.3, -0.7, 1.1 }, 1e-5
        local slopes = gradient(point)
        for i = 1, 3 do
            local a, b = { table.unpack(point) }, { table.unpack(point) }
            a[i], b[i] = a[i] - h, b[i] + h
            check.close(slopes[i], (loss(b) - loss(a))/(2*h), 1e-6)
        end
    end
end)
