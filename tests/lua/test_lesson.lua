-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The lesson engine on a small lesson of arithmetic: the form of the file, judging, the steps as a
-- student takes them, progress, and the tools for authors.

local check = require "check"
local auto = require "descent.lesson.auto"
local coverage = require "descent.lesson.coverage"
local curriculum = require "descent.lesson.curriculum"
local environment = require "descent.lesson.environment"
local generator = require "descent.lesson.generator"
local html = require "descent.lesson.html"
local judge = require "descent.lesson.judge"
local lint = require "descent.lesson.lint"
local loader = require "descent.lesson.load"
local markdown = require "descent.lesson.markdown"
local mutant = require "descent.lesson.mutant"
local paper = require "descent.lesson.paper"
local progress = require "descent.lesson.progress"
local session = require "descent.lesson.session"
local stage = require "descent.lesson.stage"
local store = require "descent.lesson.store"
local trial = require "descent.lesson.trial"

local SMALL = [=[
return lesson { format = 1, id = "small", title = "Small", covers = { "C1" }, minutes = 10,
text { id = "hello", "Good day." },
demo { id = "set", say = "Two is put into a.", [[
a = 2
a + 1]], expect = { ["a"] = { 2, 1e-9 } }, see = "It is there." },
number { id = "double", ask = "What is twice a?", answer = { 4, 1e-6 }, from = "2*a",
  wrong = { { 2, "That is a itself." } }, hints = { "Add a to a.", "2 + 2" } },
number { id = "pair", ask = "The corner?", answer = { { 1, -2 }, 0.01 },
  hints = { "Two numbers." } },
choice { id = "even", ask = "Which is even?", yes = { "four", "Two twos." },
  no = { { "five", "One is left over." }, { "nine", "One is left over, too." } } },
predict { id = "grow", ask = "And a*a*a?", answer = { 8, 0.5 }, wrong = { { 6, "That is 3*a." } },
  run = "c = a^3\nc", expect = { ["c"] = { 8, 1e-9 } }, see = "Eight." },
code { id = "scale", fn = "scale", pure = true, ask = "Multiply each by k.",
  starter = "function scale(v, k)\n    return v\nend",
  solution = [[
function scale(v, k)
    local w = {}
    for i = 1, #v do w[i] = k*v[i] end
    return w
end]],
  given = function(r) return r:vec(r:int(1, 4)), r:num() end,
  mistakes = { { id = "add", swap = { "k*v[i]", "k + v[i]" }, say = "You added k." } },
  hints = { "Use a loop." } },
try { id = "big", ask = "Make a larger than 100.", goal = function(e) return e.a > 100 end,
  near = { { by = "a = 50", when = function(e) return e.a > 10 end, say = "Larger still." } },
  solution = "a = 101", hints = { "a = ..." } },
demo { id = "after", "a" },
}]=]

local function small(change)
    local text = SMALL
    for i = 1, #(change or {}), 2 do
        local first, last = text:find(change[i], 1, true)
        assert(first, change[i])
        text = text:sub(1, first - 1) .. change[i + 1] .. text:sub(last + 1)
    end
    return loader.text(text, "small.lua")
end

local function problems_of(...)
    local lesson, problems = small { ... }
    check.equal(lesson, nil)
    return table.concat(problems, "\n")
end

-- A student at a quiet stage.
local function student(lesson, records)
    local quiet = stage.quiet(80)
    local self = { stage = quiet,
        session = session.new(lesson, records or progress.open(lesson, true), quiet) }
    self.session:start()
    function self.enter() self.session:next() return quiet.take() end
    function self.type(text)
        if not self.session:intercept(text) then
            self.session:entry(environment.run(text, quiet.variables))
        end
        return quiet.take()
    end
    function self.to(id)
        self.session:show(lesson.by_id[id].index, true)
        return quiet.take()
    end
    return self
end

-- --- the file ----------------------------------------------------------------------------------

check.test("a lesson file is read into steps with kind, line and hash", function()
    local lesson = small()
    check.equal(#lesson.steps, 9)
    check.equal(lesson.steps[3].kind, "number")
    check.equal(lesson.steps[2].line, 3)
    check.equal(lesson.by_id.even.index, 5)
    check.matches(lesson.steps[1].hash, "^%x+$")
end)

check.test("a lesson file sees nothing but the constructors", function()
    for _, name in ipairs { "print", "os", "io", "require", "string", "load", "_G" } do
        local _, problems = loader.text(name .. ".x()\nreturn lesson{}", "bad.lua")
        check.contains(problems[1], "bad.lua:1:")
        check.contains(problems[1], name)
    end
end)

check.test("a lesson file that does not end, or is binary, is refused", function()
    local _, problems = loader.text("while true do end", "bad.lua")
    check.contains(problems[1], "does not come to an end")
    _, problems = loader.text(string.dump(function() end), "bad.lua")
    check.contains(problems[1], "binary")
    _, problems = loader.text("return lesson", "bad.lua")
    check.contains(problems[1], "return lesson{...}")
    _, problems = loader.text("return lesson{", "bad.lua")
    check.contains(problems[1], "bad.lua:1:")
end)

check.test("what is missing, misspelt or of the wrong kind is named with its line", function()
    check.contains(problems_of('id = "hello", "Good day."', '"Good day."'),
        "small.lua:2: text : `id` is missing")
    check.contains(problems_of('ask = "What is twice a?"', 'aks = "What is twice a?"'),
        "`aks` is not known here")
    check.contains(problems_of("answer = { 4, 1e-6 }", "answer = 4"),
        "`answer` must be {value, tolerance}")
    check.contains(problems_of("answer = { 4, 1e-6 }", "answer = { 0/0, 1 }"),
        "`answer` must be {value, tolerance}")
    check.contains(problems_of('id = "even"', 'id = "pair"'), 'the id "pair" is used twice')
    check.contains(problems_of('id = "even"', 'id = "Even"'), "small letters")
    check.contains(problems_of("format = 1", "format = 2"), "format 2 is not known")
    check.contains(problems_of('{ "five", "One is left over." }', '{ "five" }'), "`no` must hold")
    check.contains(problems_of('swap = { "k*v[i]", "k + v[i]" }', "swap = {}"),
        "`mistakes` must hold")
    check.contains(problems_of("hints = { \"Use a loop.\" }", "hints = { 3 }"), "list of strings")
end)

check.test("the hash of a step follows its content, not its place or layout", function()
    local lesson = small()
    local moved = small { 'text { id = "hello", "Good day." },', "\n\n" }
    check.equal(moved.by_id.double.hash, lesson.by_id.double.hash)
    local edited = small { "What is twice a?", "What is two a?" }
    check.different(edited.by_id.double.hash, lesson.by_id.double.hash)
    check.equal(edited.by_id.pair.hash, lesson.by_id.pair.hash)
    local goal = small { "e.a > 100 end", "e.a > 200 end" }
    check.different(goal.by_id.big.hash, lesson.by_id.big.hash)
end)

check.test("the program's own lessons load", function()
    local lessons = loader.all()
    check.ok(#lessons >= 1)
    for _, lesson in ipairs(lessons) do
        check.equal(lesson.problems, nil)
        check.equal(loader.named(lesson.id).id, lesson.id)
        check.equal(loader.named(lesson.name).id, lesson.id)
    end
    check.equal(loader.named("1").id, lessons[1].id)
    local none, reason = loader.named("lien")
    check.equal(none, nil)
    check.contains(reason, '(did you mean "line"?)')
    none, reason = loader.named("/nowhere/x.lua")
    check.equal(none, nil)
    check.contains(reason, "/nowhere/x.lua")
end)

-- What a lesson of the course has: each of these once at least.
check.test("every lesson of the course predicts, draws, asks for code, and sums up", function()
    for _, lesson in ipairs(loader.all()) do
        local count, waiting = {}, 0
        for _, step in ipairs(lesson.steps) do
            local code = step.run or step[1] or ""
            local draws = (step.alt or code:find("graph%(")) and "plot" or step.kind
            count[step.kind] = (count[step.kind] or 0) + 1
            count[draws] = (count[draws] or 0) + 1
            waiting = loader.questions[step.kind] and 0 or waiting + 1
            check.ok(waiting <= 4, lesson.source .. ": no question for long, at " .. step.id)
        end
        for _, kind in ipairs { "predict", "plot", "code" } do
            check.ok(count[kind], lesson.source .. ": no " .. kind)
        end
        local last = lesson.steps[#lesson.steps]
        check.equal({ last.kind, last.id }, { "text", "summary" })
        if lesson.id ~= "tour" then check.contains(last[1], "To try next") end
        check.equal(lesson.name:match("^%d%d%-(.*)$"), lesson.id)
    end
end)

-- --- random numbers, text ----------------------------------------------------------------------

check.test("FNV-1a and SplitMix64 give their published values", function()
    check.equal(generator.hash_text(""), "cbf29ce484222325")
    check.equal(generator.hash_text("a"), "af63dc4c8601ec8c")
    check.equal(generator.hash_text("foobar"), "85944171f73967e8")
    local r = generator.new(0, "")
    r.state = 1234567
    check.equal(r:bits(), 6457827717110365317)
    check.equal(r:bits(), 3203168211198807973)
end)

check.test("drawn numbers stay in their ranges and are the same for the same seed", function()
    local r, again = generator.new(7, "x"), generator.new(7, "x")
    local seen = {}
    for _ = 1, 500 do
        local i, number = r:int(2, 5), r:num(-1, 1)
        check.ok(i >= 2 and i <= 5 and number >= -1 and number <= 1)
        check.close(number * 100, math.floor(number * 100 + 0.5), 1e-9)
        check.equal(again:int(2, 5), i)
        check.equal(again:num(-1, 1), number)
        seen[i] = true
    end
    check.equal(seen, { [2] = true, [3] = true, [4] = true, [5] = true })
    local order = r:order(6)
    table.sort(order)
    check.equal(order, { 1, 2, 3, 4, 5, 6 })
end)

check.test("text is filled to the width; what is set in by four stays", function()
    check.equal(paper.lines("one two three four five six seven", 20),
        { "one two three four", "five six seven" })
    check.equal(paper.lines("one\ntwo\n\n    a = b\n    c\nthree", 40),
        { "one two", "", "    a = b", "    c", "three" })
    check.equal(paper.lines("φ₀ φ₁", 76), { "φ₀ φ₁" })
    check.equal(paper.lines("    first line      and a second one", 24),
        { "    first line", "        and a second one" })
    check.equal(paper.lines("    αβγδεζηθικλμνξοπρστυφχψω", 20), { "    αβγδεζηθικλμνξοπρστυφχψω" })
    check.equal(paper.ascii("φ₀ − α·λ ≤ ∂L"), "phi0 - alpha*lambda <= dL")
    for _, line in ipairs(paper.lines(("word "):rep(60), 200)) do check.ok(#line <= 76) end
end)

-- --- entries -----------------------------------------------------------------------------------

check.test("a chunk is cut into the entries one would type", function()
    check.equal(environment.entries("a = 1\n\nfor i = 1, 2 do\n  a = a + i\nend\na"),
        { "a = 1", "for i = 1, 2 do\n  a = a + i\nend", "a" })
    check.equal(environment.entries("-- first\na = f{\n 1,\n}\n"), { "-- first\na = f{\n 1,\n}" })
    check.equal(environment.entries("a = = 1\nb"), { "a = = 1", "b" })
end)

check.test("what is undefined is an error; variables outside are not seen", function()
    local variables = environment.new()
    variables.height = 3
    local result = environment.run("heigth", variables)
    check.equal(result.ok, false)
    check.contains(result.error, "undefined: heigth (did you mean height?)")
    rawset(_G, "outside", 1)
    check.equal(environment.run("outside", variables).ok, false)
    rawset(_G, "outside", nil)
    check.equal(environment.run("math.max(1, height)", variables).values[1], 3)
end)

check.test("output is caught from print, io.write and io.stdout:write, and let go again", function()
    local text, value = environment.catch(function()
        print("a", 1)
        io.write("b")
        io.stdout:write("c\n")
        return 5
    end)
    check.equal(text, "a\t1\nbc\n")
    check.equal(value, 5)
    check.raises(function() environment.catch(function() error("lost") end) end, "lost")
    check.equal((environment.catch(function() print("again") end)), "again\n")
end)

check.test("a replay leaves out what only shows", function()
    local variables = environment.new()
    local text = environment.catch(function()
        check.ok(environment.replay("a = 1\nprint(a)\nplot(a)\nexplain(a)\na = a + 1", variables))
    end)
    check.equal(text, "")
    check.equal(variables.a, 2)
end)

-- --- judging -----------------------------------------------------------------------------------

check.test("a number is judged by value, in any form; NaN never passes", function()
    local lesson = small()
    local step = lesson.by_id.double
    local function verdict(...) return judge.number(step, { n = select("#", ...), ... }) end
    check.equal(verdict(4).right, true)
    check.equal(verdict(4.0000005).right, true)
    check.equal(verdict(2), { right = false, say = "That is a itself.", list = { 2 } })
    check.equal(verdict(0 / 0).right, false)
    check.equal(verdict(math.huge).right, false)
    check.equal(verdict(4, 4).right, false)
    check.equal(verdict("4").right, false)
    check.equal(verdict("four"), nil)
    check.equal(verdict(nil), nil)
    check.equal(verdict(true), nil)
    check.equal(verdict {}, nil)
    local forgery = { __sub = function() return 0 end, __le = function() return true end }
    check.equal(verdict(setmetatable({}, forgery)), nil)
    local forged = setmetatable({}, { __len = function() return 1 end,
        __index = function() return 4 end })
    check.equal(verdict(forged).right, true, "a list of one number is that number")
end)

check.test("several numbers may be a list, an array, or values side by side", function()
    local step = small().by_id.pair
    check.equal(judge.number(step, { n = 2, 1, -2 }).right, true)
    check.equal(judge.number(step, { n = 1, { 1, -2.005 } }).right, true)
    check.equal(judge.number(step, { n = 1, require("descent").array { 1, -2 } }).right, true)
    check.equal(judge.number(step, { n = 1, { -2, 1 } }).right, false)
    check.contains(judge.number(step, { n = 1, 1 }).say, "2 numbers")
    check.equal(judge.number(step, { n = 1, { 1, 0 / 0 } }).right, false)
end)

check.test("a right number is right in the form in which people write it", function()
    local text = SMALL:gsub("answer = { 4, 1e%-6 }, from = \"2%*a\"", "answer = { 1.9044, 1e-6 }")
    local lesson = assert(loader.text(text, "small.lua"))
    local s = student(lesson)
    local function says(entry)
        s.to("double")
        return s.type(entry)
    end
    for _, entry in ipairs { "1.9044", " 1.9044 ", "1.904", "1.90", "x = 1.9044",
        "{1.9044}", "return 1.9044", "1.9044 -- mine", "array{1.9044}" } do
        check.contains(entry .. ": " .. says(entry), ": Right.")
    end
    for entry, reason in pairs { ["1.9"] = "give three digits", ["2"] = "That is a itself.",
        ["1,9044"] = "after a point: 1.9044", ["'1.9044'"] = "Leave the quotes away",
        ["1.91"] = "Not yet.", ["1.89"] = "Not yet.", ["-1.90"] = "Not yet.",
        ["1, 2"] = "One number",
        ["0.000"] = "Not yet.", ["0/0"] = "NaN" } do
        local said = says(entry)
        check.contains(said, reason)
        check.equal(said:find("Right.", 1, true), nil)
    end
    check.equal(says("x = 3"), "", "an assignment on the way is no answer")
    lesson.by_id.double.wrong = { { 12.34567, "Times 6." } }
    check.contains(says("12.3"), "Times 6.")
    check.equal(says("12"):find("Times 6.", 1, true), nil)
end)

check.test("a choice may be typed in its own words; a letter too far says so", function()
    local lesson = small()
    local s = student(lesson)
    s.to("even")
    check.contains(s.type("Five."), "One is left over.")
    check.contains(s.type("z"), "The choices are a to c.")
    check.contains(s.type("9"), "The choices are a to c.")
    s.stage.variables.z = 1
    check.equal(s.type("z"), "", "a variable is looked at")
    check.contains(s.type(" four "), "Right. Two twos.")
    check.equal(judge.chosen("2", { { "one" }, { "4" }, { "2" } }), 3)
end)

check.test("a function with another name, or a lesson's function lost, is pointed out", function()
    local s = student(small())
    s.to("scale")
    check.contains(s.type("function scael(v, k) return v end"), "the lesson waits for scale")
    local lesson = assert(loader.text(SMALL:gsub("a = 2\na %+ 1", "a = 2; f = math.max\na + 1"),
        "small.lua"))
    s = student(lesson)
    s.to("big")
    check.contains(s.type("f = 3"), ":again puts it back")
    check.equal(s.type("f = 4"), "", "once")
    s.session:again()
    check.equal(s.stage.variables.f, math.max)
end)

check.test("a choice is named by letter or number; any other text is none", function()
    check.equal(judge.chosen("b", 3), 2)
    check.equal(judge.chosen(" B) ", 3), 2)
    check.equal(judge.chosen("3", 3), 3)
    check.equal(judge.chosen('"a"', 3), 1)
    check.equal(judge.chosen("d", 3), nil)
    check.equal(judge.chosen("0", 3), nil)
    check.equal(judge.chosen("a + b", 3), nil)
    check.equal(judge.chosen("", 3), nil)
end)

check.test("choices stand in an order that the seed decides", function()
    local lesson = small()
    local first = judge.choices(lesson, lesson.by_id.even)
    check.equal(judge.choices(lesson, lesson.by_id.even), first)
    local orders = {}
    for seed = 1, 40 do
        lesson.seed = seed
        local names = {}
        for i, choice in ipairs(judge.choices(lesson, lesson.by_id.even)) do
            names[i] = choice[1]
        end
        orders[table.concat(names, " ")] = true
    end
    local count = 0
    for _ in pairs(orders) do count = count + 1 end
    check.equal(count, 6)
end)

-- --- code --------------------------------------------------------------------------------------

local function judged(source, lesson)
    lesson = lesson or small()
    local step = lesson.by_id.scale
    local bench = assert(trial.prepare(step, lesson.seed, environment.new))
    local fn = assert(trial.define(source, step.fn, environment.new))
    return trial.judge(bench, fn, true)
end

check.test("a right function passes in any form", function()
    check.equal(judged("function scale(v, k) local w = {} for i, x in ipairs(v) do w[i] = x*k end "
        .. "return w end").right, true)
    check.equal(judged("scale = function(list, factor) return array(list)*factor end").right, true)
end)

check.test("a wrong function gets the known mistake, or the first difference", function()
    local verdict = judged("function scale(v, k) local w = {} for i = 1, #v do w[i] = v[i] + k end "
        .. "return w end")
    check.equal(verdict.mistake, "add")
    check.equal(verdict.say, "You added k.")
    local head = "function scale(v, k) local w = {} for i = 1, #v do "
    verdict = judged(head .. "w[i] = -k*v[i] end return w end")
    check.equal(verdict.mistake, nil)
    check.contains(verdict.say, "scale({")
    check.contains(verdict.say, "it should be")
    check.contains(judged("function scale(v, k) return 1 end").say, "not a list")
    check.contains(judged("function scale(v, k) return {1} end").say, "length")
    check.contains(judged("function scale() end").say, "0 values")
    check.contains(judged("function scale() error('lost') end").say, "lost")
    check.contains(judged(head .. "w[i] = 0/0 end return w end").say, "nan")
    check.contains(judged("function scale() while true do end end").say, "does not come to an end")
end)

check.test("an argument that was changed is noticed, by value and not by trust", function()
    local verdict = judged("function scale(v, k) for i = 1, #v do v[i] = k*v[i] end return v end")
    check.equal(verdict.right, false)
    check.contains(verdict.say, "changes v, which was given to it")
end)

check.test("all results that differ are named, not only the first", function()
    local text = SMALL:gsub("return w\n", "return w, k, 2*k\n")
    local lesson = assert(loader.text(text, "small.lua"))
    local head = "function scale(v, k) local w = {} for i = 1, #v do w[i] = "
    check.contains(judged(head .. "0.5 end return w, k, 3*k + 1 end", lesson).say,
        "(result 3 is wrong, too)")
    check.equal(judged(head .. "0.5 end return w, k, 2*k end", lesson).say:find("too"), nil)
end)

check.test("forged results do not pass", function()
    check.equal(judged([[function scale(v, k)
        return setmetatable({}, {__len = function() return #v end, __index = function()
            return setmetatable({}, {__sub = function() return 0 end,
                __eq = function() return true end})
        end}) end]]).right, false)
end)

check.test("an input may be a function, shown as one would type it", function()
    local text = SMALL:gsub("k%*v%[i%]", "k(v[i])"):gsub("k %+ v%[i%]", "k(0) + v[i]")
        :gsub("r:num%(%) end", "r:fn('function(x) return x^2 - 3 end') end", 1)
    local lesson = assert(loader.text(text, "small.lua"))
    local head = "function scale(v, k) local w = {} for i = 1, #v do w[i] = "
    check.equal(judged(head .. "k(v[i]) end return w end", lesson).right, true)
    check.equal(judged(head .. "k(0) + v[i] end return w end", lesson).mistake, "add")
    check.contains(judged(head .. "k(v[i]) + 1 end return w end", lesson).say,
        "function(x) return x^2 - 3 end)")
    check.equal(pcall(generator.new(1, "x").fn, nil, "function( end"), false)
    -- The text of a lesson cannot reach further by it than by itself.
    check.equal(generator.new(1, "x"):fn("function() return io end")(), nil)
end)

check.test("a constant ratio suggests what was forgotten", function()
    local text = SMALL:gsub("code { id = \"scale\".-hints = { \"Use a loop.\" } },", [==[
code { id = "scale", fn = "scale", ask = "Sum of squares.",
  starter = "function scale(v) return 0 end",
  solution = "function scale(v) local s = 0 for i = 1, #v do s = s + 2*v[i]^2 end return s end",
  given = function(r) return r:vec(r:int(2, 6)) end, hints = { "Loop." } },]==])
    local lesson = assert(loader.text(text, "small.lua"))
    local function says(body)
        return judged("function scale(v) local s, n = 0, #v for i = 1, n do s = s + v[i]^2 end "
            .. "return " .. body .. " end", lesson).say
    end
    check.contains(says("s"), "a factor 2 is missing")
    check.contains(says("-2*s"), "sign is turned round")
    check.contains(says("4*s"), "2 times too large")
    check.contains(says("2*s/n"), "the mean over the examples")
    check.contains(says("s/n"), "half the mean")
    check.contains(says("2*s*n"), "number of examples")
    check.equal(says("2*s + 1"):find("factor", 1, true), nil)
end)

check.test("mutants are small changes, each different and each of them Lua", function()
    local list = mutant.all("local s = 'a + b' -- 2*x\nreturn 2*x[1] - y/3 < -z")
    local changes = {}
    for _, one in ipairs(list) do
        check.ok(load(one.text))
        changes[one.change] = true
        check.contains(one.text, "'a + b' -- 2*x")
    end
    for _, change in ipairs { "line 2: `*` becomes `/`", "line 2: `2*` is lost",
        "line 2: `*x[1]` is lost", "line 2: `-` becomes `+`", "line 2: `/` becomes `*`",
        "line 2: `<` becomes `<=`", "line 2: a minus sign is lost",
        "line 2: `3` becomes `3 + 1`" } do
        check.ok(changes[change], change)
    end
end)

-- --- the steps ---------------------------------------------------------------------------------

check.test("the empty line goes on, and waits where a question is pending", function()
    local s = student(small())
    check.contains(s.stage.take(), "Good day.")
    local text = s.enter()
    check.contains(text, "> a = 2\n> a + 1\n3\n")
    check.contains(text, "It is there.")
    check.contains(s.enter(), "What is twice a?")
    check.contains(s.enter(), "waits for a number")
    check.equal(s.session.position, 3)
    check.contains(s.type("a"), "That is a itself.")
    check.contains(s.type("7"), ":hint helps")
    check.equal(s.type("x = 5"), "")
    check.equal(s.type("{1, 2, 3}"), "", "a list is looked at")
    check.equal(s.type("math.pi"), "(Not the answer yet.)\n", "so is a field")
    check.equal(s.type("'text'"), "")
    check.contains(s.type("a + a"), "Right.")
    check.contains(s.enter(), "The corner?")
end)

check.test("a screen without Greek is filled with the words that stand for it", function()
    local lesson = small { "What is twice a?", ("α "):rep(40) }
    local quiet = stage.quiet(60)
    quiet.spell = paper.ascii
    local one = session.new(lesson, progress.open(lesson, true), quiet)
    one:show(3)
    for line in quiet.take():gmatch("[^\n]+") do check.ok(#line <= 60, line) end
end)

check.test("hints come one by one, and say when they are over", function()
    local s = student(small())
    s.session:hint()
    check.contains(s.stage.take(), "No question")
    s.to("double")
    s.session:hint()
    check.contains(s.stage.take(), "Hint 1 of 2: Add a to a.")
    s.session:hint()
    check.contains(s.stage.take(), "Hint 2 of 2")
    s.session:hint()
    check.contains(s.stage.take(), "last hint")
    check.contains(s.type("9"), ":skip shows")
end)

check.test("a letter answers a choice even where it is a variable or undefined", function()
    local lesson = small()
    local s = student(lesson)
    s.to("even")
    for i, choice in ipairs(judge.choices(lesson, lesson.by_id.even)) do
        if not choice.right then
            check.contains(s.type(string.char(96 + i)), choice[2])
            check.ok(s.session.pending)
        end
    end
    check.contains(s.type("d"), "The choices are a to c.")
    for i, choice in ipairs(judge.choices(lesson, lesson.by_id.even)) do
        if choice.right then check.contains(s.type(tostring(i)), "Right. Two twos.") end
    end
    check.ok(not s.session.pending)
    check.equal(s.session:intercept("a"), false, "no question is pending any more")
end)

check.test("a prediction is kept before the run and counted after it", function()
    local lesson = small()
    local s = student(lesson)
    s.to("grow")
    local text = s.type("3*a")
    check.matches(text, "Noted.*> c = a%^3\n> c\n8%.0\n.*not so%..*That is 3%*a%..*Eight%.")
    check.equal(s.session.progress:record(lesson.by_id.grow).state, "miss")
    s.to("grow")
    check.contains(s.type("8"), "right.")
    check.equal(s.session.progress:record(lesson.by_id.grow).state, "hit")
end)

check.test(":skip shows the answer and is remembered; :back goes back; :again asks anew", function()
    local lesson = small()
    local s = student(lesson)
    s.to("double")
    s.session:skip()
    check.contains(s.stage.take(), "The answer is 4.")
    check.equal(s.session.progress:record(lesson.by_id.double).state, "skipped")
    s.enter()
    check.equal(s.session.position, 4)
    s.session:back()
    check.contains(s.stage.take(), "Skipped")
    check.equal(s.session.pending, false)
    s.session:again()
    check.equal(s.session.pending, true)
    check.contains(s.type("4"), "Right.")
    s.session:back("1")
    check.equal(s.session.position, 1)
    s.session:back()
    check.contains(s.stage.take(), "first step")
    s.session:skip("even")
    check.equal(s.session.position, 5)
    s.session:skip("99")
    check.contains(s.stage.take(), "no step 99")
    check.equal(s.session.position, 5)
end)

check.test("the lesson's variables are put back; the student's own stay", function()
    local s = student(small())
    s.to("double")
    s.type("a = 50")
    s.type("mine = 7")
    check.contains(s.type("array = 1"), "array was a built-in")
    s.to("double")
    check.equal(s.stage.variables.a, 2)
    check.equal(s.stage.variables.mine, 7)
    check.equal(rawget(s.stage.variables, "array"), nil)
    check.equal(s.stage.variables.my_array, 1)
end)

check.test("the lesson is repeated only after an entry that may have changed something", function()
    local s = student(small())
    local count = 0
    s.stage.seed = function() count = count + 1 end
    s.enter()
    s.enter()
    s.type("2*(a) + 0")
    s.enter()
    check.equal(count, 0)
    s.type("1, -2")
    s.type("b = a")
    s.enter()
    check.equal(count, 1)
    s.type("math.max(1, 2)")
    s.to("even")
    check.equal(count, 2)
    s.to("even")
    check.equal(count, 2)
end)

check.test(":play is a copy that is dropped", function()
    local s = student(small())
    s.to("double")
    local variables = s.stage.variables
    s.session:play()
    check.different(s.stage.variables, nil)
    check.ok(s.stage.variables ~= variables)
    check.equal(s.stage.variables.a, 2)
    check.contains(s.stage.take(), "You are in a copy")
    s.type("a = 1000")
    check.equal(s.type("4"), "", "nothing is judged")
    check.contains(s.enter(), "playing")
    s.session:play("fresh")
    check.equal(s.stage.variables.a, 2)
    s.session:back()
    check.contains(s.stage.take(), "Back in the lesson.")
    check.equal(s.stage.variables, variables)
    check.equal(variables.a, 2)
    check.ok(s.session.pending)
end)

check.test("free play is judged by what is there, not by how it was typed", function()
    local s = student(small())
    s.to("big")
    check.equal(s.type("a"), "")
    check.contains(s.type("a = 50"), "Larger still.")
    check.equal(s.type("a"), "", "to look is no attempt")
    check.contains(s.type("for i = 1, 99 do a = a + i end"), "Right.")
end)

check.test("after :skip the lesson's own function is there", function()
    local s = student(small())
    s.to("scale")
    s.type("function scale(v, k) return v end")
    s.session:skip()
    check.contains(s.stage.take(), "One way:")
    check.equal(s.stage.variables.scale({ 3 }, 2), { 6 })
end)

check.test("where plots go nowhere, words say what they show", function()
    local lesson = small { "a + 1]]", 'plot{1, 2}]], alt = "Two points that rise."' }
    local s = student(lesson)
    s.stage.draws = function() return false end
    check.contains(s.enter(), "Two points that rise.")
    s = student(lesson)
    check.equal(s.enter():find("Two points that rise.", 1, true), nil)
end)

check.test("an accepted function belongs to the lesson from then on", function()
    local lesson = small()
    local s = student(lesson)
    s.to("scale")
    local source = "function scale(v, k) local w = {} for i = 1, #v do w[i] = v[i]*k end "
        .. "return w end"
    check.contains(s.type("function scale(v, k) return v end"), "Not yet.")
    local text = s.type(source)
    check.contains(text, "Right.")
    check.contains(text, "One way to write it")
    s.type("scale = nil")
    s.to("big")
    check.equal(type(rawget(s.stage.variables, "scale")), "function")
    local resumed = student(lesson, s.session.progress)
    resumed.to("big")
    check.equal(type(rawget(resumed.stage.variables, "scale")), "function")
end)

check.test("a student who gets everything right comes to the end with the right counts", function()
    local lesson = small()
    local s = student(lesson)
    local answers = { double = "4", pair = "{1, -2}", even = "four", grow = "8",
        scale = lesson.by_id.scale.solution, big = "a = 101" }
    for _ = 1, 30 do
        local step = lesson.steps[s.session.position]
        if s.session.pending then
            if step.id == "even" then
                for i, choice in ipairs(judge.choices(lesson, step)) do
                    if choice.right then s.type(tostring(i)) end
                end
            else
                s.type(answers[step.id])
            end
            check.ok(not s.session.pending, step.id)
        end
        if s.session.over then break end
        s.enter()
    end
    check.ok(s.session.over)
    local counts = s.session.progress:counts()
    check.equal({ counts.questions, counts.right, counts.skipped, counts.predictions, counts.hits },
        { 5, 5, 0, 1, 1 })
    check.contains(s.enter(), "over")
end)

-- --- progress ----------------------------------------------------------------------------------

local folder = assert(io.popen("mktemp -d")):read("l")
local real_folder = store.folder

local function with_folder(run)
    store.folder = function() return folder .. "/data" end
    local fine, problem = pcall(run)
    store.folder = real_folder
    os.execute("rm -rf '" .. folder .. "/data'")
    if not fine then error(problem, 0) end
end

check.test("progress is kept and resumed where it stood", function()
    with_folder(function()
        local s = student(small(), progress.open(small()))
        s.enter()
        s.enter()
        s.type("2*a")
        local lesson = small()
        local again = student(lesson, progress.open(lesson))
        check.equal(again.session.position, 4)
        check.equal(again.stage.variables.a, 2)
        again.session:back()
        check.contains(again.stage.take(), "You answered 2*a.")
    end)
end)

check.test("two lessons of one id keep their progress beside each other", function()
    with_folder(function()
        local mine, other = small(), small { "What is twice a?", "What is two a?" }
        progress.open(mine):set(mine.by_id.double, "right", "4")
        progress.open(other):set(other.by_id.double, "skipped")
        check.equal(progress.open(mine):record(mine.by_id.double).answer, "4")
        check.equal(progress.open(other):record(other.by_id.double).state, "skipped")
        progress.open(other):clear()
        check.equal(progress.open(other):record(other.by_id.double), nil)
        check.equal(progress.open(mine):record(mine.by_id.double).state, "right")
    end)
end)

check.test("lessons of a folder are read in order; a file that is none has its reason", function()
    local place = folder .. "/my lessons"
    assert(store.write(place .. "/02-late.lua", SMALL))
    assert(store.write(place .. "/01-early.lua", (SMALL:gsub('id = "small"', 'id = "early"'))))
    assert(store.write(place .. "/03-broken.lua", "return 3"))
    assert(store.write(place .. "/notes.txt", "none"))
    local lessons = loader.all_in(place)
    check.equal({ lessons[1].id, lessons[2].id, lessons[3].id, #lessons },
        { "early", "small", "03-broken", 3 })
    check.contains(lessons[3].problems[1], "03-broken.lua:1:")
    with_folder(function()
        local list = require("descent.lesson").list
        check.contains(list(lessons), "my lessons:\n  1  early")
        check.contains(list(lessons), '01-early.lua" starts one')
        progress.open(lessons[2]):set(lessons[2].steps[1], "seen")
        check.contains(list(lessons), '02-late.lua" goes on')
        check.matches(list(lessons), "small +1 of 9")
    end)
    check.equal(loader.all_in(place .. "/nowhere"), nil)
    check.equal(loader.all_in(place .. "/notes.txt"), nil)
    local found, reason = loader.named(place .. "/")
    check.equal(found, nil)
    check.contains(reason, "is a folder")
    os.execute("rm -r '" .. place .. "'")
end)

check.test("an edited step is asked again, a moved one is not", function()
    with_folder(function()
        local lesson = small()
        local records = progress.open(lesson)
        for _, step in ipairs(lesson.steps) do records:set(step, "right", "x") end
        check.equal(progress.open(small()):first_open(), nil)
        local moved = small { 'text { id = "hello", "Good day." },', "\n" }
        check.equal(progress.open(moved):first_open(), nil)
        local edited = small { "What is twice a?", "What is two a?" }
        check.equal(progress.open(edited):first_open(), 3)
        local s = student(edited, progress.open(edited))
        check.equal(s.session.position, 3)
        s.type("4")
        s.enter()
        check.equal(progress.open(edited):first_open(), nil)
    end)
end)

check.test("after an edited step the student is where they were", function()
    local edited = small { "What is twice a?", "What is two a?" }
    local records = progress.open(edited, true)
    for index, step in ipairs(edited.steps) do
        if index ~= 3 and index < 8 then records:set(step, "right", "x") end
    end
    local s = student(edited, records)
    check.equal(s.session.position, 3)
    s.type("4")
    s.enter()
    check.equal(s.session.position, 8)
end)

check.test("answers of any bytes survive; a damaged file is as good as possible", function()
    for _, text in ipairs { "a\nb", "\\n", "tab\there", "\\x41", "é\0z", "", "end\\" } do
        check.equal(progress.unescape(progress.escape(text)), text)
        check.equal(progress.escape(text):find("[\n%c]"), nil)
    end
    with_folder(function()
        local lesson = small()
        local records = progress.open(lesson)
        records:set(lesson.by_id.hello, "seen")
        records:set(lesson.by_id.double, "right", "2 + 2\n-- so")
        local path = folder .. "/data/lessons/small"
        local text = store.read(path)
        check.contains(text, "descent progress 1\n")
        assert(store.write(path, text:sub(1, #text - 4) .. "\nnonsense\n\0\n"))
        check.equal(progress.open(lesson):record(lesson.by_id.hello).state, "seen")
        assert(store.write(path, "something else"))
        check.equal(progress.open(lesson).records, {})
    end)
end)

check.test("two sessions of one student lose nothing", function()
    with_folder(function()
        local lesson = small()
        local one, other = progress.open(lesson), progress.open(lesson)
        one:set(lesson.by_id.hello, "seen")
        other:set(lesson.by_id.set, "seen")
        local all = progress.open(lesson)
        check.ok(all:record(lesson.by_id.hello) and all:record(lesson.by_id.set))
        check.equal(store.read(folder .. "/data/lessons/small.new"), nil)
    end)
end)

check.test("a lesson goes on where its progress cannot be kept, and says so once", function()
    assert(store.write(folder .. "/file", "x"))
    store.folder = function() return folder .. "/file" end
    local fine, problem = pcall(function()
        local s = student(small(), progress.open(small()))
        check.contains(s.stage.take(), "cannot be kept")
        local text = s.enter()
        check.equal(text:find("cannot be kept", 1, true), nil)
        check.contains(text, "It is there.")
    end)
    store.folder = real_folder
    if not fine then error(problem, 0) end
end)
os.execute("rm -rf '" .. folder .. "'")

check.test("a plot leaves room on a small screen for what is said about it", function()
    local function height(rows, change)
        local lesson = assert(small { "a + 1]]", "a + 1\nplot(data.line12)]], alt = 'points'"
            .. (change or "") })
        local quiet = stage.quiet(80)
        quiet.rows = function() return rows end
        local one = session.new(lesson, progress.open(lesson, true), quiet)
        one:start()
        quiet.take()
        one:next()
        local text = quiet.take()
        local _, lines = text:gsub("\n", "")
        local _, all = text:match("plot%(data.line12%)\n(.-)\n\n"):gsub("\n", "")
        return all + 1, lines
    end
    local plot, lines = height(24)
    check.equal({ plot, lines }, { 13, 23 })
    check.equal((height(10)), 12)          -- less would be no picture
    check.equal((height(40, ", rows = 14")), 14)
    local low, high = height(30), height(34)
    check.equal(high - low, 4)
end)

-- --- authors -----------------------------------------------------------------------------------

local function failures(lesson)
    local list = {}
    for _, one in ipairs(auto.run(lesson)) do
        if not one.ok then list[#list + 1] = one.name .. ": " .. tostring(one.reason) end
    end
    return list
end

local function has(list, part)
    for _, text in ipairs(list) do
        if text:find(part, 1, true) then return end
    end
    check.fail("%s", ("no line with %q among:\n%s"):format(part, table.concat(list, "\n")))
end

check.test("--auto passes a sound lesson and finds each fault", function()
    check.equal(failures(small()), {})
    has(failures(small { 'from = "2*a"', 'from = "3*a"' }), "3*a: expected 4 within 1e-06, got 6")
    has(failures(small { '["a"] = { 2, 1e-9 }', '["a"] = { 3, 1e-9 }' }), "expected 3")
    has(failures(small { '["a"] = { 2, 1e-9 }', '["b"] = { 3, 1e-9 }' }), "undefined: b")
    has(failures(small { '{ 2, "That is a itself." }', '{ 4, "That is a itself." }' }),
        "refuses 4")
    has(failures(small { 'solution = "a = 101"', 'solution = "a = 99"' }), "accepts its solution")
    has(failures(small { "e.a > 100", "e.a > 1" }), "the goal is reached before")
    has(failures(small { "a = 2\n", "a = 2\ndata = 3\n" }), "leaves data alone")
    has(failures(small { 'by = "a = 50"', 'by = "a = 5"' }), "near miss 1")
    has(failures(small { "a + 1]]", "a + nothing]]" }), "stops with an error")
    has(failures(small { "k + v[i]", "v[i]*k" }), "names the mistake add")
end)

local function problems(...)
    return lint.lesson(assert(small { ... }), { small = true })
end

check.test("--lint passes a sound lesson and finds each fault", function()
    check.equal(problems(), {})
    has(problems('covers = { "C1" }', 'covers = { "Z9" }'), "small.lua:1: small: `covers` names Z9")
    has(problems("minutes = 10", "minutes = 60"), "`minutes` says 60; by its words and questions")
    has(problems('"Good day."', '"' .. ("word "):rep(4000) .. '"'), "make two of it")
    has(problems('covers = { "C1" }', 'covers = { "C1" }, needs = { "gone" }'), "gone")
    has(problems('hints = { "Add a to a.", "2 + 2" }', "hints = {}"), "no hints")
    has(problems('hints = { "Add a to a.", "2 + 2" }', 'hints = { "" }'), "empty hint")
    has(problems("{ 2, \"That is a itself.\" }", "{ 4, \"No.\" }"), "within the tolerance")
    has(problems('{ "nine", "One is left over, too." }', '{ "five", "Again." }'),
        "stands there twice")
    has(problems("    return v\\nend", "    retrun v\\nend"), "the starter")
    -- Words are filled, formulas are not.
    local long = ("long "):rep(20):sub(1, -2)
    check.equal(problems('"Good day."', '"' .. long .. '\\nGood day."'), {})
    has(problems('"Good day."', '"    ' .. long .. '\\nGood day."'), "more than 76")
    has(problems('"Good day."', '"Good ☃ day."'), "ASCII")
    has(problems("\na + 1]]", "\nplot(a)]]"), "`alt`")
    has(problems("k*v[i] end", "k*v[i] end -- k + v[i]",
        '"k*v[i]", "k + v[i]"', '"k + v[i]", "k*v[i]"'), "the mistake add passes")
    has(problems("k + v[i]", "2*k*v[i]/2"), "passes")
    has(problems('swap = { "k*v[i]"', 'swap = { "k*u[i]"'), "does not occur")
    has(problems("return r:vec(r:int(1, 4)), r:num()", "return {1, 1}, 1"),
        "a changed solution passes")
    has(problems("starter = \"function scale(v, k)\\n    return v\\nend\"",
        "starter = \"function scale(v, k) return array(v)*k end\""), "starter passes")
    for _, line in ipairs(problems('hints = { "Use a loop." }', "hints = {}", "k + v[i]",
                                   "k*v[i]*1",
        'say = "You added k."', 'say = "You added k. \t"')) do
        check.matches(line, "^small%.lua:1?%d: scale: ")
    end
end)

check.test("the curriculum has its topics, and coverage counts what is taught", function()
    check.equal(#curriculum.topics, 81)
    check.equal(curriculum.title("C4"), "The step size")
    check.equal(curriculum.title("C9"), nil)
    local text, taught, all = coverage.report {
        { id = "one", name = "01-one", covers = { "C1", "X2", "P1" } } }
    check.equal({ taught, all }, { 2, 69 })
    check.matches(text, "C1 +The loss of a line and its gradient +01%-one")
    check.matches(text, "C2 +The gradient as a sum over examples +%-")
end)

check.test("the handout has the run of each demo; answers are the teacher's", function()
    local text = markdown.render(small())
    check.contains(text, "# Small")
    check.contains(text, "> a = 2\n> a + 1\n3\n")
    check.contains(text, "**1.** What is twice a?")
    check.equal(text:find("That is a itself", 1, true), nil)
    check.equal(text:find("w[i] = k*v[i]", 1, true), nil)
    local teacher = markdown.render(small(), true)
    check.contains(teacher, "Answer: 4")
    check.contains(teacher, "That is a itself.")
    check.contains(teacher, "w[i] = k*v[i]")
    check.contains(teacher, "right: Two twos.")
end)

-- Every tag that is opened is closed, in order; nothing is fetched.
local function well_formed(text)
    local open = {}
    for slash, name in text:gmatch("<(/?)(%l%w*)[^>]*>") do
        if slash == "" then
            if name ~= "meta" and name ~= "img" then open[#open + 1] = name end
        else
            check.equal(table.remove(open), name)
        end
    end
    check.equal(#open, 0)
    check.equal(text:find("https?://"), nil)
    check.equal(text:find("<script", 1, true), nil)
end

check.test("the page has the run of each demo; answers are the teacher's", function()
    local lesson = assert(small { '"Good day."', "'if 1 < 2 & \"so\":\\n\\n    a < b\\n\\nend'" })
    local text = html.render(lesson)
    well_formed(text)
    check.contains(text, "<title>Small</title>")
    check.contains(text, "<p>if 1 &lt; 2 &amp; &quot;so&quot;:</p>\n"
        .. '<pre class="formula">a &lt; b</pre>\n<p>end</p>')
    check.contains(text, '<b>&gt; a = 2</b>\n<b>&gt; a + 1</b>\n<span class="out">3</span>')
    check.contains(text, "<summary>Hint 2</summary><p>2 + 2</p>")
    check.equal(text:find("That is a itself", 1, true), nil)
    check.equal(text:find("w[i] = k*v[i]", 1, true), nil)
    local teacher = html.render(lesson, true)
    well_formed(teacher)
    check.contains(teacher, '<p class="right">Answer: 4</p>')
    check.contains(teacher, '<li class="wrong">2 <span class="why">That is a itself.</span></li>')
    check.contains(teacher, "w[i] = k*v[i]")
    check.contains(teacher, '<li class="right">four <span class="why">Two twos.</span></li>')
end)

check.test("the page shows figures as pictures inside it, or as text without gnuplot", function()
    local gnuplot = require "descent.plot.gnuplot"
    local lesson = assert(small { "\na + 1]]", "\nplot(data.line12)]], alt = 'Twelve points.'" })
    local output = require "descent.plot.output"
    local kind = output.kind()
    if gnuplot.installed() then
        local text = html.render(lesson)
        well_formed(text)
        check.contains(text, '<img alt="Twelve points." src="data:image/svg+xml;base64,PD94bWwg')
        check.contains(text, "<figcaption>Twelve points.</figcaption>")
    end
    local installed = gnuplot.installed
    gnuplot.installed = function() return false end
    local text = html.render(lesson)
    gnuplot.installed = installed
    well_formed(text)
    check.contains(text, '<pre class="plot">')
    check.contains(text, "●")
    check.equal(output.kind(), kind)
end)

check.test("a step's own word as a value is a mistake like others", function()
    local made, problems = loader.text([[
        return lesson { format = 1, id = "mine", title = "A lesson", covers = { "B2" },
        number { id = "a", ask = "?", answer = { 2, 1e-6 }, wrong = { { 6, lesson } } } }]],
        "f.lua")
    check.ok(made or #problems > 0)
end)

-- How many rows of an 80 × 24 terminal a text takes.
local function rows_of(text)
    local terminal = require "descent.terminal"
    local count = 0
    for line in (text:gsub("^\n", ""):gsub("\n$", "") .. "\n"):gmatch("(.-)\n") do
        count = count + math.max(1, math.ceil(terminal.width(line) / 80))
    end
    return count
end

check.test("what a demo shows is seen whole on 24 rows", function()
    local too_long = { ["graph [20/24]"] = true } -- the table of a network's 30 nodes
    local quiet, shown = stage.quiet, 0
    for _, lesson in ipairs(loader.all()) do
        stage.quiet = function(columns)
            local self, parts, heading = quiet(columns), {}, ""
            local write, take = self.write, self.take
            local function close()
                local kind = heading:match("^%[%d+/%d+%] ?(.*)$")
                local name = lesson.id .. " " .. heading
                if (kind == "" or kind == "Figure") and not too_long[name] then
                    shown = shown + 1
                    local rows = rows_of(table.concat(parts))
                    check.ok(rows <= 24, ("%s takes %d rows"):format(name, rows))
                end
                parts, heading = {}, ""
            end
            function self.write(text)
                local found = text:match("%[%d+/%d+%][^\n]*")
                if found then
                    close()
                    heading = found
                end
                parts[#parts + 1] = text
                write(text)
            end
            function self.take()
                close()
                return take()
            end
            return self
        end
        local fine, problem = pcall(auto.run, lesson)
        stage.quiet = quiet
        if not fine then error(problem, 0) end
    end
    check.ok(shown > 100, shown)
end)
