-- SPDX-License-Identifier: GPL-3.0-or-later
-- The registry of records: defining, finding, searching.

local check = require "check"
local core = require "descent.core"
local descent = require "descent"
local doc = require "descent.doc"
local show = require "descent.show"

check.test("a record is refused where it cannot be read", function()
    local function define(changes)
        local record = { name = "test.x", signature = "test.x{a}", summary = "s" }
        for key, value in pairs(changes) do record[key] = value end
        return function() doc.define(record, function() end) end
    end
    check.raises(function() doc.define({ summary = "s" }, 1) end, "a record is a table with a name")
    check.raises(function() doc.define({ name = "test.x" }, 1) end,
        "test.x: the summary is missing")
    check.raises(function() doc.define({ name = "test.x", summary = "s" }) end,
        "the value is missing")
    check.raises(define { sumary = "x" }, 'the record of test.x: it has no field "sumary"')
    check.raises(define { arguments = { { name = "a", type = "number", help = "" } } },
        'the record of test.x: an argument has no field "help"')
    check.raises(define { arguments = { { name = "a" } } }, "has no name or no type")
    check.raises(define { arguments = { { name = "a", type = "choice" } } }, "a is a choice, but")
    for _, range in ipairs {
        "positive", "0 < a", "[0; 1]", "[0, 1", "> ", "> 0 now", "[1, 2] ", "(x, 1)",
    } do
        check.raises(define { arguments = { { name = "a", type = "number", range = range } } },
            ('the range "%s" of a is none of'):format(range))
    end
    check.equal(doc.documented("test.x"), nil)
end)

check.test("ranges mean what they say", function()
    local function allowed(range, value)
        local record = { name = "test.range", signature = "test.range{a}", summary = "s",
            arguments = { { name = "a", type = "number", range = range } } }
        return (pcall(doc.options, record, { a = value }))
    end
    local cases = {
        { "> 0", 1e-300, 0 }, { ">= 0", 0, -1e-300 }, { "≥ 0", 0, -1 }, { "< 1", 0.999, 1 },
        { "<= 1", 1, 1.001 }, { "≤ 1", 1, 2 }, { "[0, 1)", 0, 1 }, { "(0, 1]", 1, 0 },
        { "(-inf, 3]", -1e308, 3.1 }, { "[-2, inf)", 1e308, -2.1 }, { "(0,1)", 0.5, 1 },
        { "[5, 5]", 5, 5.1 }, { "[-3, -1]", -2, 0 },
    }
    for _, case in ipairs(cases) do
        check.ok(allowed(case[1], case[2]), case[1] .. " with " .. case[2])
        check.ok(not allowed(case[1], case[3]), case[1] .. " with " .. case[3])
    end
end)

local value = doc.define({
    name = "test.finder", signature = "test.finder{wobble}", summary = "Finds quixotic things.",
    arguments = {
        { name = "wobble", symbol = "ω", type = "number", default = 1, summary = "zigzag" },
    },
    equation = "ω = Ω²", source = "Nobody (1900)",
}, function() end)

check.test("records are found by value and by name", function()
    local record = doc.of(value)
    check.equal(record.name, "test.finder")
    check.ok(rawequal(doc.named("test.finder"), record))
    check.ok(rawequal(doc.named("finder"), record))
    check.ok(rawequal(doc.documented("test.finder"), record))
    check.equal(doc.documented("finder"), nil)
    check.equal(doc.value(record), value)
    check.equal(doc.named("no such thing"), nil)
    check.equal(doc.of(function() end), nil)
    for _, other in ipairs { 1, "x", true } do check.equal(doc.of(other), nil) end
    check.equal(doc.of(nil), nil)
end)

check.test("a last part that several records share gives all of them", function()
    doc.define({ name = "other.finder", summary = "s" }, function() end)
    local first, all = doc.named("finder")
    check.equal(first.name, "other.finder")
    check.equal(#all, 2)
    check.equal(all[2].name, "test.finder")
end)

check.test("records of the core are found by value, by name and by an object", function()
    check.equal(doc.of(descent.array).name, "array")
    check.equal(doc.of(core.types.array.methods.sum).name, "array:sum")
    local record, made = doc.of(descent.array { 1 })
    check.equal(record.name, "array")
    check.equal(made, true)
end)

check.test("all records are sorted, each once", function()
    local all = doc.all()
    check.ok(#all >= #core.documents)
    for i = 2, #all do check.ok(all[i - 1].name < all[i].name, all[i].name) end
end)

check.test("a search looks everywhere, names first", function()
    local function names(word)
        local list = {}
        for i, record in ipairs(doc.search(word)) do list[i] = record.name end
        return list
    end
    check.equal(names("QUIXOTIC"), { "test.finder" })
    check.equal(names("zigzag"), { "test.finder" })
    check.equal(names("Nobody"), { "test.finder" })
    check.equal(names("ω"), { "test.finder" })
    check.equal(names("(1900)"), { "test.finder" })
    check.equal(names("%w"), {})
    doc.define({ name = "test.aside", summary = "Not a finder itself." }, function() end)
    check.equal(names("finder"), { "other.finder", "test.finder", "test.aside" })
end)

check.test("nearest names", function()
    check.equal(doc.nearest("lr", { "alpha", "beta" }), "alpha")
    check.equal(doc.nearest("bata", { "alpha", "beta" }), "beta")
    check.equal(doc.nearest("qqqqqq", { "alpha", "beta" }), nil)
    check.equal(doc.nearest("x", {}), nil)
end)

check.test("the library blames the user's line", function()
    local library = load("local doc = ... ; return function() doc.fail('%d is %s', 5, 'odd') end",
        "@descent/other.lua")(doc)
    local user = load("local f = ...\n\n\nf()", "@mine.lua")
    check.equal(select(2, pcall(user, library)), "mine.lua:4: 5 is odd")
    check.equal(select(2, pcall(user, function() doc.fail("100%") end)):match(": (.*)$"), "100%")
end)

-- --- the public table --------------------------------------------------------------------------

check.test("names are sorted, without internal ones, and pairs gives all", function()
    local names, set = descent.names(), {}
    for i, name in ipairs(names) do
        set[name] = true
        if i > 1 then check.ok(names[i - 1] < name, name) end
    end
    check.ok(set.array and set.help)
    for _, name in ipairs {
        "names", "documents", "types", "host", "modules", "version", "_VERSION",
    } do
        check.ok(not set[name], name)
    end
    local count = 0
    for name, item in pairs(descent) do
        count = count + 1
        check.equal(name, names[count])
        check.ok(item ~= nil, name)
    end
    check.equal(count, #names)
    check.equal(descent.no_such_name, nil)
    check.equal(descent._VERSION, "descent " .. core.version)
end)

-- --- values as text ----------------------------------------------------------------------------

check.test("numbers and strings", function()
    local cases = {
        { 3, "3" }, { 3.0, "3.0" }, { 1 / 3, "0.33333333333333" }, { -0.1, "-0.1" },
        { 1e100, "1e+100" },
        { 0 / 0, "nan" }, { -(0 / 0), "nan" }, { math.huge, "inf" }, { -math.huge, "-inf" },
        { math.mininteger, "-9223372036854775808" }, { true, "true" },
        { "a", '"a"' }, { 'q"\\\n\t\0', '"q\\"\\\\\\n\\t\\0"' }, { "φ₁ = ½", '"φ₁ = ½"' },
        { "\xff", '"\\255"' },
    }
    for _, case in ipairs(cases) do check.equal(show.value(case[1]), case[2]) end
    check.equal(show.value(nil), "nil")
    check.equal(show.value(("x"):rep(5000)), '"' .. ("x"):rep(2000) .. '"... (5000 bytes)')
    check.equal(show.short(1 / 3), "0.3333333")
end)

check.test("tables", function()
    check.equal(show.value {}, "{}")
    check.equal(show.value { 1, 2.5, "x", { true } }, '{1, 2.5, "x", {true}}')
    check.equal(show.value { 1, b = 2, a = 1, ["end"] = 3, [2.5] = 4, ["a b"] = 5 },
        '{1, [2.5] = 4, a = 1, ["a b"] = 5, b = 2, ["end"] = 3}')
    local own = {}
    own.own = own
    check.equal(show.value(own), "{own = {...}}")
    local twice = {}
    check.equal(show.value { twice, twice }, "{{}, {}}")
    check.equal(show.value { { { { { 1 } } } } }, "{{{{{...}}}}}")
    check.equal(show.value { descent.array { 1, 2 } }, "{1  2}")
    check.equal(show.value { descent.zeros(50, 3) }, "{<array 50×3>}")
    check.equal(show.value(setmetatable({}, { __tostring = function() return "mine" end })), "mine")
end)

check.test("long tables are cut to the screen", function()
    local list = {}
    for i = 1, 5000 do list[i] = i end
    local text = show.value(list, { width = 60, rows = 5 })
    local lines, shown = 0, 0
    for line in text:gmatch("[^\n]+") do
        lines = lines + 1
        check.ok(#line <= 60, line)
        if line:find("^    %d") then for _ in line:gmatch("%d+") do shown = shown + 1 end end
    end
    check.equal(lines, 8)
    check.equal(tonumber(text:match("%.%.%. (%d+) more")), 5000 - shown)
    local started = os.clock()
    local named = {}
    for i = 1, 1e5 do named["key" .. i] = i end
    started = os.clock()
    text = show.value(named)
    check.ok(os.clock() - started < 2, "a table of 1e5 keys takes too long")
    check.matches(text,
        "^{\n    key1 = 1, key10 = 10, key100 = 100, key1000 = 1000, key10000 = 10000,\n")
    check.ok(select(2, text:gsub("\n", "\n")) <= 22)
end)

check.test("functions say where they are from", function()
    check.equal(show.value(descent.zeros), "function: " .. doc.of(descent.zeros).signature)
    check.matches(show.value(function() end), "^function: .*test_doc%.lua:%d+$")
    check.equal(show.value(print), "function: built in")
end)

check.test("objects of every type have a text", function()
    check.equal(tostring(descent.array { 1, 2 }), "1  2")
    for name in pairs(core.types) do
        check.equal(type(core.types[name].__tostring), "function", name)
    end
end)
