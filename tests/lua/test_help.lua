-- SPDX-License-Identifier: GPL-3.0-or-later
-- What help prints.

local check = require "check"
local descent = require "descent"
local doc = require "descent.doc"
local help = descent.help
local terminal = require "descent.terminal"

local function text_of(...)
    return (check.output(help, ...))
end

local function fits(text, columns)
    for line in text:gmatch("[^\n]+") do check.ok(terminal.width(line) <= columns, line) end
end

check.test("help() fits on a screen and names everything", function()
    local text = text_of()
    fits(text, 80)
    local _, lines = text:gsub("\n", "\n")
    check.ok(lines <= 23, lines .. " lines")
    for _, name in ipairs(descent.names()) do
        check.matches(text, "%f[%w_]" .. name .. "%f[^%w_]", name)
    end
    check.equal(check.output(help.show, ""), text)
    check.equal(check.output(help.show, "  "), text)
end)

check.test("code is broken where brackets nest least", function()
    local page = require "descent.page"
    check.equal(page.break_code("f(a, b)", 7), { "f(a, b)" })
    check.equal(page.break_code('r = f{x = {1, 2}, y = {3, 4}, z = "5, 6 7"}', 36),
        { "r = f{x = {1, 2}, y = {3, 4},", '    z = "5, 6 7"}' })
    check.equal(page.break_code("  f(a) or g(b), h(c)", 14), { "  f(a) or", "  g(b), h(c)" })
    check.equal(page.break_code('print("one long string")', 10), { 'print("one long string")' })
    for _, record in ipairs(doc.all()) do
        local code = {}
        for line in ((record.example or "") .. "\n"):gmatch("(.-)\n") do
            table.move(page.break_code(line, 60), 1, 99, #code + 1, code)
        end
        check.ok(load(table.concat(code, "\n")), record.name)
    end
end)

local wobble = doc.define({
    name = "test.wobble", signature = "test.wobble{alpha, n, form, on, start, loss}",
    summary = "Wobbles to and fro until nothing moves any more, which can take a while on a long "
        .. "list.",
    arguments = {
        { name = "alpha", symbol = "α", type = "rate", range = "> 0", required = true,
            summary = "learning rate" },
        { name = "n", type = "integer", range = "[1, 9]", default = 3, unit = "updates" },
        { name = "form", type = "choice", choices = "slow|fast", default = "slow" },
        { name = "on", type = "boolean", default = true },
        { name = "start", type = "array", shape = "P", default_text = "drawn" },
        { name = "loss", type = "loss or function", summary = "what to wobble on" },
        { name = "any", type = "value", summary = "whatever" },
    },
    returns = "a wobble", errors = "what does not wobble", equation = "w ← −w",
    source = "Wobble and Wobble (1931), p. 7",
    example = 'print("to")\nprint("fro")', result = "to\nfro",
}, function() end)

check.test("a record's page has all that is in the record", function()
    check.equal(text_of "test.wobble", [[
test.wobble{alpha, n, form, on, start, loss}
    Wobbles to and fro until nothing moves any more, which can take a while on a
    long list.
Arguments
    alpha α  number or schedule > 0, required: learning rate
    n        integer in [1, 9], updates, default 3
    form     slow | fast, default slow
    on       true or false, default true
    start    array P, default drawn
    loss     loss or function: what to wobble on
    any      whatever
Returns
    a wobble
Errors
    what does not wobble
Equation
    w ← −w
Source
    Wobble and Wobble (1931), p. 7
Example
    print("to")
    print("fro")
    --> to
    --> fro
]])
    check.equal(text_of "wobble", text_of "test.wobble")
    check.equal(check.output(help.show, " wobble() "), text_of "test.wobble")
    check.equal(text_of(wobble), text_of "test.wobble")
end)

check.test("every record has a page that fits", function()
    for _, record in ipairs(doc.all()) do
        local text = text_of(record.name)
        for line in text:gsub("\t", "    "):gmatch("[^\n]+") do
            -- A quoted text that is longer stays whole.
            check.ok(terminal.width(line) <= 80 or line:find("[\"'].*[\"']"),
                record.name .. ": " .. line)
        end
        check.contains(text:gsub("%s+", " "), record.signature:gsub("%s+", " "))
    end
end)

check.test("a name that several things have lists them", function()
    doc.define({
        name = "other.wobble", signature = "other.wobble()", summary = "Wobbles otherwise.",
    }, function() end)
    check.equal(text_of "wobble", [[
wobble is the name of several things:
    other.wobble  Wobbles otherwise.
    test.wobble   Wobbles to and fro until nothing moves any more, which can
                  take a while on a long list.
]])
end)

check.test("objects show themselves and what they have", function()
    local text = text_of(descent.array { 1, 2 })
    check.matches(text, "^1  2\n\narray{")
    check.contains(text, "\nFields\n    cols  rows  shape\n")
    check.contains(text, "\n    array:sum ")
    rawset(_G, "thing", descent.array { 1, 2 })
    check.equal(text_of "thing", text)
    check.equal(text_of "thing:sum", text_of "array:sum")
    check.equal(text_of "thing.sum", text_of "array:sum")
    check.contains(text_of "nothing:sum", "array:sum")
    rawset(_G, "thing", nil)
end)

check.test("every kind of object has a page", function()
    for kind, metatable in pairs(require "descent.core".types) do
        local text = text_of(kind)
        check.ok(not text:find("there is no help", 1, true), kind)
        for method in pairs(metatable.methods) do
            check.ok(doc.documented(kind .. ":" .. method), kind .. ":" .. method)
        end
    end
end)

check.test("a name that is not known gets a suggestion", function()
    check.equal(text_of "linspac", "there is no help for linspac; did you mean linspace?\n")
    check.equal(text_of "qqqqqqq", 'there is no help for qqqqqqq; ?"qqqqqqq" searches all texts, '
        .. "help() shows where to begin\n")
    check.equal(text_of ":qqqqq", "there is no command :qqqqq; :help lists them\n")
    check.equal(text_of "", text_of())
end)

check.test("Lua's own names lead to its manual", function()
    local manual = "https://www.lua.org/manual/5.4/manual.html"
    check.equal(text_of "string.format", "string.format is Lua's own: " .. manual
        .. "#pdf-string.format\n")
    check.equal(text_of(string.format), text_of "string.format")
    check.equal(text_of "while", "while is a word of Lua itself: " .. manual .. "#3.3\n")
    check.equal(text_of(pairs), "pairs is Lua's own: " .. manual .. "#pdf-pairs\n")
    check.contains(text_of "table", "table is a library of Lua's own: " .. manual)
end)

check.test("other values say what they are", function()
    check.equal(text_of(3), "3\n    a number\n")
    check.equal(text_of(nil), 'nil is no value; help "name" takes a name\n')
    check.equal(text_of { 1, 2 }, "{1, 2}\n    a table\n")
    local own = load("local function f(x)\n    return x\nend\nreturn f", "@nowhere.lua")()
    check.equal(text_of(own), "your function, defined at nowhere.lua:1\n")
    own = load("return function(x)\n    return x\nend")()
    check.equal(text_of(own), 'your function, defined at [string "return function(x)..."]:1\n'
        .. "    return function(x)\n        return x\n    end\n")
end)

check.test("a search lists entries", function()
    local text = check.output(help.search, "1931")
    check.equal(text, [[
test.wobble  Wobbles to and fro until nothing moves any more, which can take a
             while on a long list.
]])
    check.equal(check.output(help.search, "qqqqqq"), 'no entry has "qqqqqq"\n')
    check.raises(function() help.search(5) end, "test_help.lua", "takes a word")
    check.raises(function() help.search "" end, "takes a word")
end)

check.test("sources", function()
    local text = check.output(help.source, "help.search")
    check.matches(text, "^%-%- descent/help%.lua:%d+\nfunction help%.search%(word%)\n.*\nend\n$")
    check.equal(check.output(help.source, help.search), text)
    check.matches(check.output(help.source, "help"), "^%-%- descent/help%.lua")
    check.matches(check.output(help.source, function() return 12345 end),
        "^%-%- .*test_help%.lua:%d+\n.*return 12345 end")
    text = check.output(help.source, "zeros")
    check.matches(text, "^zeros%b()\n    built in, written in C")
    check.matches(check.output(help.source, "linspac"), "did you mean linspace")
end)

check.test("built-in values are where their source is said to be", function()
    local seen = {}
    for _, record in ipairs(doc.all()) do
        local text = check.output(help.source, record.name)
        local folder = text:match("^[^\n]*\n    built in, written in C: (src/%S*)\n")
        if folder and not seen[folder] then
            seen[folder] = true
            check.ok(os.execute("test -e " .. folder), folder)
        end
    end
    check.ok(seen["src/array/"] and seen["src/optimizer/adam.c"] and seen["src/loss/l1.c"])
end)

check.test("a namespace prints what the prompt shows", function()
    for _, name in ipairs { "data", "help", "loss", "model", "optim", "penalty", "plot", "random",
                            "run", "schedule" } do
        local value = descent[name]
        local text = tostring(value)
        check.equal(text, require("descent.show").value(value))
        check.matches(text, "^" .. name .. ": %a")
        check.equal(require("descent.show").value({ value }):match("<[%a.]+>"), "<" .. name .. ">")
    end
    check.contains(tostring(descent.optim), "adam", "newton")
end)

check.test("what why says in its example stands in its help line by line", function()
    local text = text_of("why")
    for line in doc.named("why").result:gmatch("[^\n]+") do
        check.contains(text, "    --> " .. line .. "\n")
    end
end)

check.test("a namespace prints within 80 columns what it is and what it has", function()
    for _, name in ipairs {"data", "model", "loss", "optim", "schedule", "penalty", "random"} do
        local text = tostring(descent[name])
        fits(text, 80)
        check.contains(text:gsub("%s+", " "), doc.named(name).summary:gsub("%s+", " "))
        for key in pairs(descent[name]) do check.contains(text, key) end
    end
end)
