-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What crosses the pipe of the isolated process, and the forms of the reports. The process itself
-- is tested by tests/core/test_sandbox.c and tests/grade.

local check = require "check"
local child = require "descent.grade.child"
local class = require "descent.grade.class"
local difference = require "descent.grade.difference"
local generator = require "descent.lesson.generator"
local json = require "descent.grade.json"
local runner = require "descent.exercise.runner"
local submission = require "descent.grade.submission"
local wire = require "descent.grade.wire"

local LIMITS = { items = 10000, text = 1000 }

local function random_value(random, depth)
    local pick = random:int(1, depth > 3 and 6 or 8)
    if pick == 1 then return random:bool() end
    if pick == 2 then return random:int(-1000000, 1000000) end
    if pick == 3 then return random:num(-5, 5) end
    if pick == 4 then return math.tointeger(2 ^ 53) * random:int(1, 500) end
    if pick == 5 then return 1 / random:int(1, 9) end
    if pick == 6 then return ("x\0\n\xff"):rep(random:int(0, 5)) end
    local result = {}
    for i = 1, random:int(0, 5) do
        local key = pick == 7 and i or random:bool() and "name" .. i or random:int(-5, 100)
        result[key] = random_value(random, depth + 1)
    end
    return result
end

check.test("plain data cross the pipe unchanged", function()
    local random = generator.new(1, "wire")
    for _ = 1, 300 do
        local value = random_value(random, 0)
        check.equal(wire.read(wire.write { value = value }, LIMITS), { value = value })
    end
    local back = wire.read(wire.write { 0 / 0, 1 / 0, -1 / 0, -0.0, math.mininteger }, LIMITS)
    check.ok(back[1] ~= back[1])
    check.equal({ back[2], back[3], 1 / back[4], back[5] },
        { math.huge, -math.huge, -math.huge, math.mininteger })
    for n = 1, 8 do
        for hole = 1, n do
            local list = { n = n }
            for i = 1, n do list[i] = i ~= hole and i or nil end
            check.equal(wire.read(wire.write(list), LIMITS), list)
        end
    end
    check.raises(function() wire.write { print } end, "no plain data")
end)

check.test("whatever bytes come, they are read without harm", function()
    local random = generator.new(2, "fuzz")
    local read, refused = 0, 0
    for _ = 1, 3000 do
        local bytes = wire.write { random_value(random, 0), "text", { n = 2, 1.5, "y" } }
        local at = random:int(1, #bytes)
        local pick = random:int(1, 4)
        if pick == 1 then
            bytes = bytes:sub(1, at - 1)
        elseif pick == 2 then
            bytes = bytes:sub(1, at - 1) .. string.char(random:int(0, 255)) .. bytes:sub(at + 1)
        elseif pick == 3 then
            bytes = bytes:sub(1, at) .. string.pack("<I4", random:int(0, 2 ^ 32 - 1))
                .. bytes:sub(at + 5)
        else
            bytes = bytes .. bytes:sub(1, at)
        end
        local value, reason = wire.read(bytes, LIMITS)
        if reason then refused = refused + 1 else read = read + 1 end
        local function plain(item, depth)
            check.ok(depth < 30)
            local is = type(item)
            check.ok(is == "table" or is == "number" or is == "string" or is == "boolean"
                or is == "nil", is)
            if is ~= "table" then return end
            check.equal(getmetatable(item), nil)
            for _, inner in next, item do plain(inner, depth + 1) end
        end
        plain(value, 0)
    end
    check.ok(read > 100 and refused > 1000, ("%d read, %d refused"):format(read, refused))
end)

check.test("an answer cannot be larger than it may", function()
    local function refuses(bytes, words)
        local value, reason = wire.read(bytes, LIMITS)
        check.equal(value, nil)
        check.ok(reason:find(words), reason)
    end
    refuses("l\xff\xff\xff\xff", "cut off")
    refuses("s\xff\xff\xff\xff", "too long")
    refuses("l" .. string.pack("<I4", 20000) .. ("n"):rep(20000), "too many")
    refuses(("l\1\0\0\0"):rep(1000) .. "n", "too deep")
    refuses("", "no letter")
    refuses("x", "no letter")
    refuses("nn", "more than one")
    refuses("r\1\0\0\0tn", "no key")
    refuses("r\1\0\0\0d" .. string.pack("<d", 1.5) .. "n", "no key")
end)

check.test("messages are one line that a terminal and a page can show", function()
    check.equal(child.clean("a\27[31mb\nc\0d\127"), "a [31mb c d ")
    check.equal(child.clean("\xff\xfeä\u{202e}\u{85}"), "\u{fffd}\u{fffd}ä\u{fffd}\u{fffd}")
    check.equal(child.clean(("ä"):rep(1000), 5), "äääää")
    check.equal(child.clean(nil), nil)
    check.equal(child.clean(5), nil)
end)

check.test("calls in this process", function()
    local variables = setmetatable({}, { __index = _G })
    load([[function square(x) return x^2, {x, x} end
        function endless() while true do pcall(function() while true do end end) end end
        function change(list) list[1] = 5 end
        function ask(f) return f({3}) + f({4}) end
        function forgotten() leaked = 1 return 1 end
        function talk() print("hello") end
        function wrong() local x = nil; return x.y end
        value = 12]], "=typed", "t", variables)()
    local here = runner.here(variables, { seconds = 0.05 })
    here:begin "first"
    local function call(fn, ...)
        return here:run { { fn = fn, arguments = table.pack(...) } }[1]
    end
    check.equal(call("square", 3).values, { n = 2, 9.0, { 3, 3 } })
    check.equal(call("change", { 1, 2 }).arguments, { n = 1, { 5, 2 } })
    check.equal(call("forgotten").globals, { "leaked" })
    check.equal(call("talk").printed, "hello\n")
    local asked = call("ask", generator.new(1, "x"):fn "function(p) return 2*p[1] end")
    check.equal(asked.values, { n = 1, 14 })
    check.equal(asked.asked[1][2], { arguments = { n = 1, { 4 } }, values = { n = 1, 8 } })
    local wrong = call "wrong"
    check.equal({ wrong.verdict, wrong.line }, { "error", 7 })
    check.equal(call("nothing").missing, true)
    check.equal(here:run { { get = "value" } }[1].values, { n = 1, 12 })
    check.equal(here:run { { fn = "square", arguments = { n = 1, { 1, 2 } }, lists = "array" } }[1]
        .values[1], { 1.0, 4.0 })
    here:begin "second"
    local results = here:run { { fn = "endless", arguments = { n = 0 } },
        { fn = "square", arguments = { n = 1, 2 } } }
    check.equal({ results[1].verdict, results[2].verdict }, { "time", "unreached" })
end)

check.test("JSON is read as it was written", function()
    local random = generator.new(3, "json")
    for _ = 1, 200 do
        local value = { random_value(random, 0) }
        local text = json.write(value)
        check.equal(text:find "[%c]", nil)
        local back, reason = json.read(text)
        check.equal(reason, nil)
        check.equal(json.write(back), text)
    end
    check.equal(json.write({ b = 1, a = 2, z = { 1, 2.5, "x" } }, { "z" }),
        '{"z":[1,2.5,"x"],"a":2,"b":1}')
    check.equal(json.write { 0 / 0, 1 / 0, -1 / 0 }, '["NaN","Infinity","-Infinity"]')
    check.equal(json.write "\xffä\"\\\n\1", '"\u{fffd}ä\\"\\\\\\n\\u0001"')
    check.equal(json.read '{"a" : [1, -2.5e3, true, false, "\\u00e4\\ud83d\\ude00\\/"] }',
        { a = { 1, -2500.0, true, false, "ä😀/" } })
    for _, text in ipairs { "", "{", "[1,", "[1 2]", '{"a"}', '{"a":}', "tru", '"x', '"\\q"', "1 2",
        "{a:1}", ("["):rep(1000), "\1", '"\\u12"' } do
        local value, reason = json.read(text)
        check.ok(value == nil and reason, text)
    end
end)

check.test("a submission is called by its file, or by its folder", function()
    check.equal(submission.name("subs/anna.lua", "momentum"), "anna")
    check.equal(submission.name("subs/anna/momentum.lua", "momentum"), "anna")
    check.equal(submission.name("subs/anna/submission.lua", "momentum"), "anna")
    check.equal(submission.name("subs/anna/other.lua", "momentum"), "other")
    check.equal(submission.name("momentum.lua", "momentum"), "momentum")
    check.equal(submission.name("./momentum.lua", "momentum"), "momentum")
    check.equal(submission.name("../momentum.lua", "momentum"), "momentum")
    check.equal(submission.name("a b/c\nd.lua", "momentum"), "c\nd")
end)

local function row(name, points, verdict, title)
    return { submission = name, file = name .. ".lua", exercise = "e", points = points,
        maximum = 4, passed = verdict == "pass", notes = {},
        checks = { { id = "c", title = "C", points = points, maximum = 4, verdict = verdict,
            mistake_title = title, say = verdict ~= "pass" and "Wrong, \"so\" <it> is & more.\nYes."
                or nil } } }
end

check.test("what a class has in common", function()
    local all = class.of { row("a", 4, "pass"), row("b", 0, "fail", "weight missing"),
        row("c", 0, "fail", "weight missing"), row("d", 0, "time"), row("e", 2, "fail") }
    check.equal({ all.count, all.passed, all.mean }, { 5, 1, 1.2 })
    check.equal(all.groups[1].say, "weight missing")
    check.equal(all.groups[1].names, { "b", "c" })
    check.equal(all.groups[2].say, "does not come to an end in time")
    check.equal(all.groups[3].say, "C: another wrong answer")
end)

check.test("whose marks change", function()
    local lines = difference.lines(
        { row("a", 0, "fail"), row("b", 4, "pass"), row("c", 1, "fail") },
        { row("a", 4, "pass"), row("b", 4, "pass"), row("d", 4, "pass") })
    check.equal(lines, { "a: 0 of 4 -> 4 of 4 (c fail -> pass)", "d: new, 4 of 4",
        "c: not graded this time, was 1 of 4", "1 unchanged, 3 changed" })
end)

check.test("a spreadsheet takes no text for a formula", function()
    local text = require("descent.grade.report.csv").text { row('=cmd|"x"', 4, "pass"),
        row(" @a\r\nb", 4, "pass"), row("-2+3", 4, "pass"), row("plain", 0, "fail") }
    check.ok(text:find([["'=cmd|""x""","'=cmd|""x"".lua",4,4,"yes"]], 1, true), text)
    check.ok(text:find("\"' @a\r\nb\"", 1, true), text)
    check.ok(text:find([["'-2+3"]], 1, true), text)
    check.ok(text:find([["plain","plain.lua",0,4,"no",0,"fail","Wrong, ""so"" <it>]], 1, true),
        text)
end)

check.test("XML, TAP and pages hold any text", function()
    local rows = { row("<a&b>\n# \"c\"\1\xff", 0, "fail") }
    local xml = require("descent.grade.report.junit").text(rows)
    check.ok(xml:find('name="&lt;a&amp;b&gt;&#10;# &quot;c&quot;\u{fffd}\u{fffd}"', 1, true), xml)
    local tap = require("descent.grade.report.tap").text(rows)
    check.ok(tap:find("\nnot ok 1 - <a&b> \\# \"c\" \u{fffd}: C\n", 1, true), tap)
    local pages = require("descent.grade.report.html").pages(rows, "E <b>")
    check.ok(pages["index.html"] and pages["001-a-b-c-.html"])
    for name, text in next, pages do
        check.ok(utf8.len(text) and not text:find "<a&b>" and not text:find "<b>", name)
    end
end)

check.test("reports are read with care", function()
    local report = require "descent.grade.report.json"
    local rows = { row("a", 4, "pass"), row("b", 0, "fail") }
    check.equal(report.text(report.read(report.text(rows), "x")), report.text(rows))
    for _, text in ipairs { "{}", "[]", "5", "nonsense", '{"submission":"a"}',
        '{"submission":"a","exercise":"e","points":1,"maximum":1,"checks":[5]}' } do
        local read, reason = report.read(text, "f.json")
        check.ok(read == nil and reason:find("f.json:1:", 1, true), text)
    end
end)

check.test("a file that is no file is told apart before it is opened", function()
    local text, refused = submission.read "/dev/zero"
    check.ok(text == nil and refused.verdict == "error")
    text, refused = submission.read "/"
    check.ok(text == nil and refused.message:find "folder")
    text, refused = submission.read "/none.lua"
    check.ok(text == nil and refused.message:find "no such file")
end)
