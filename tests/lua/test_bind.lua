-- SPDX-License-Identifier: GPL-3.0-or-later
-- What every binding shares: the words of a refused argument, the line it is blamed on, types, and
-- the files that are part of the program.

local check = require "check"
local core = require "descent.core"
local doc = require "descent.doc"
local descent = require "descent"

local array, zeros, solve = descent.array, descent.zeros, descent.solve

-- The message alone; the place must be a line of this file.
local function refused(run)
    local fine, message = pcall(run)
    check.ok(not fine, "an error was expected")
    check.matches(message, "test_bind%.lua:%d+: ")
    return (message:gsub("^.-test_bind%.lua:%d+: ", ""))
end

local rule = doc.define({
    name = "test.rule", signature = "test.rule{alpha, beta, n, form, centred, label, start, loss}",
    summary = "for these tests",
    arguments = {
        { name = "alpha", symbol = "α", type = "rate", range = "> 0", required = true },
        { name = "beta", type = "number", range = "[0, 1)", default = 0.9 },
        { name = "n", type = "integer", range = ">= 1", default = 10 },
        { name = "form", type = "choice", choices = "average|velocity|sum", default = "average" },
        { name = "bias_correction", type = "choice", choices = "true|false|m|v", default = true },
        { name = "centred", type = "boolean", default = false },
        { name = "label", type = "string" },
        { name = "start", type = "array" },
        { name = "loss", type = "loss or function" },
        { name = "extra", type = "whatever helps" },
    },
}, function() end)
local record = doc.named "test.rule"
check.equal(doc.of(rule), record)

local function options(given, positional)
    return function() return doc.options(record, given, positional) end
end

check.test("an unknown option is refused with the nearest name and all names", function()
    local all = "alpha, beta, n, form, bias_correction, centred, label, start, loss, extra"
    check.equal(refused(options { lr = 1 }),
        'test.rule has no option "lr"; did you mean alpha? It takes ' .. all .. ".")
    check.equal(refused(options { alhpa = 1 }),
        'test.rule has no option "alhpa"; did you mean alpha? It takes ' .. all .. ".")
    check.equal(refused(options { ["α"] = 1 }),
        'test.rule has no option "α"; did you mean alpha? It takes ' .. all .. ".")
    check.equal(refused(options { zzzzzz = 1 }), 'test.rule has no option "zzzzzz". It takes '
        .. all .. ".")
end)

check.test("of several unknown options the first by name is refused", function()
    for _ = 1, 20 do
        check.matches(refused(options { qqqqqq = 1, kkkkkk = 2, zzzzzz = 3 }), '"kkkkkk"')
    end
end)

check.test("a function without options says so", function()
    doc.define({ name = "test.none", signature = "test.none()", summary = "no options" }, options)
    check.equal(refused(function() doc.options(doc.named "test.none", { a = 1 }) end),
        'test.none has no option "a"; it takes none')
    check.equal(doc.options(doc.named "test.none", {}), {})
end)

check.test("a missing option is asked for", function()
    check.equal(refused(options {}), "test.rule needs alpha: write " .. record.signature)
    check.equal(refused(options(nil)), "test.rule needs alpha: write " .. record.signature)
end)

check.test("options go by name", function()
    check.equal(refused(options { 0.1 }),
        "test.rule: values are given by name: " .. record.signature)
    check.equal(refused(options({ 1, 2, alpha = 1 }, 1)), "test.rule: at most 1 value without a "
        .. "name can be given; all else is written name = value: " .. record.signature)
    check.equal(refused(options(0.1)), "test.rule: options are given by name in braces, not as a "
        .. "number: " .. record.signature)
    check.equal(refused(options { [true] = 1 }),
        "test.rule: an option's name must be a word, not true")
    check.equal(doc.options(record, { 7, 8, alpha = 1 }, 2)[2], 8)
end)

check.test("numbers are checked: type, range, NaN", function()
    local function with(name, value)
        return refused(options { alpha = name == "alpha" and value or 1, [name] = value })
    end
    check.equal(with("alpha", 0), "test.rule: alpha must be greater than 0, not 0")
    check.equal(with("alpha", -0.1), "test.rule: alpha must be greater than 0, not -0.1")
    check.equal(with("alpha", 0 / 0), "test.rule: alpha must be a finite number, not nan")
    check.equal(with("alpha", math.huge), "test.rule: alpha must be a finite number, not inf")
    check.equal(with("alpha", "0.1"), "test.rule: alpha must be a number, a schedule or a "
        .. "function, not a string; write 0.1 without the quotes")
    check.equal(with("beta", "0x10"), "test.rule: beta must be a number, not a string; write 0x10 "
        .. "without the quotes")
    check.equal(with("beta", "much"), "test.rule: beta must be a number, not a string")
    check.equal(with("beta", true), "test.rule: beta must be a number, not true")
    check.equal(with("beta", 1), "test.rule: beta must be at least 0 and less than 1, not 1")
    check.equal(with("beta", array { 1 }), "test.rule: beta must be a number, not an array")
    check.equal(with("n", 2.5), "test.rule: n must be an integer, not 2.5")
    check.equal(with("n", 0), "test.rule: n must be at least 1, not 0")
    check.equal(with("n", {}), "test.rule: n must be an integer, not a table")
end)

check.test("choices and booleans are checked", function()
    local function with(name, value) return refused(options { alpha = 1, [name] = value }) end
    check.equal(with("form", "avrage"), 'test.rule: form must be "average", "velocity" or "sum", '
        .. 'not "avrage"; did you mean "average"?')
    check.equal(with("form", "qqqqqqqq"),
        'test.rule: form must be "average", "velocity" or "sum", not "qqqqqqqq"')
    check.equal(with("form", 1),
        'test.rule: form must be "average", "velocity" or "sum", not a number')
    check.equal(with("bias_correction", "both"), 'test.rule: bias_correction must be true, false, '
        .. '"m" or "v", not "both"')
    check.equal(with("centred", 1), "test.rule: centred must be true or false, not a number")
    for _, value in ipairs { true, false, "m", "v" } do
        local given = { alpha = 1, bias_correction = value }
        check.equal(doc.options(record, given).bias_correction, value)
    end
end)

check.test("other types are checked as far as they are known", function()
    local function with(name, value) return refused(options { alpha = 1, [name] = value }) end
    check.equal(with("label", 5), "test.rule: label must be a string, not a number")
    check.equal(with("start", 5),
        "test.rule: start must be an array or a table of numbers, not a number")
    check.equal(with("loss", 5), "test.rule: loss must be a loss or function, not a number")
    local f = function() end
    local callable = setmetatable({}, { __call = f })
    check.equal(doc.options(record, { alpha = f }).alpha, f)
    check.equal(doc.options(record, { alpha = 1, loss = f }).loss, f)
    check.equal(doc.options(record, { alpha = 1, loss = callable }).loss, callable)
    check.equal(doc.options(record, { alpha = 1, extra = 5 }).extra, 5)
end)

check.test("defaults are filled in, in a copy; integer-valued floats are integers", function()
    local given = { alpha = 0.5, n = 1e6 }
    local result = doc.options(record, given)
    check.equal(result, { alpha = 0.5, beta = 0.9, n = 1000000, form = "average",
        bias_correction = true, centred = false })
    check.equal(math.type(result.n), "integer")
    check.equal(given, { alpha = 0.5, n = 1e6 })
end)

check.test("single numbers", function()
    check.equal(refused(function() zeros("3") end),
        "rows must be an integer, not a string; write 3 without the quotes")
    check.equal(refused(function() zeros(2.5) end), "rows must be an integer, not 2.5")
    check.equal(#zeros(3.0), 3)
    check.equal(refused(function() zeros() end), "rows must be an integer, not nothing")
end)

check.test("lists of numbers", function()
    check.equal(refused(function() array { 1, "2" } end),
        "array[2] must be a number, not a string; write 2 without the quotes")
    check.equal(refused(function() array { { 1, 2 }, { 3 } } end),
        "array: row 2 has 1 number, row 1 has 2")
    check.equal(refused(function() array { { 1, 2 }, { 3, {} } } end),
        "array[2][2] must be a number, not a table")
    check.equal(refused(function() array { { 1, 2 }, 3 } end),
        "array[2] must be a row of numbers, not a number")
    check.equal(refused(function() array { phi0 = 1 } end),
        'array must be a list of numbers; it has the name "phi0"')
    check.equal(refused(function() array { 1, 2, phi0 = 1 } end),
        'array must be a list of numbers; it has the name "phi0"')
    check.equal(refused(function() array { [0] = 1, 2 } end),
        "array must be a list of numbers counted from 1, without holes")
    check.equal(refused(function() array { array { { 1 } } } end),
        "array[1] must be a row of numbers, not a matrix")
    check.equal(refused(function() solve(1, array { 1 }) end),
        "A must be an array or a table of numbers, not a number")
    check.close(array { array { 1, 2 }, array { 3, 4 } }:table(), { { 1, 2 }, { 3, 4 } })
end)

check.test("objects say what they have, and that methods take a colon", function()
    local a = array { 1, 2 }
    check.equal(refused(function() return a.rowz end),
        'an array has no "rowz"; did you mean rows?')
    check.equal(refused(function() return a.qqqqqq end),
        'an array has no "qqqqqq"; help "array" lists what it has')
    check.equal(refused(function() return a.sum(1) end),
        "sum is called with a colon, on an array: write object:sum(...)")
    check.equal(core.type(a), "array")
    check.equal(core.type(1), "number")
    check.ok(core.types.array.methods.sum)
    check.ok(core.types.array.fields[1])
end)

check.test("the blamed line is the user's, not the library's", function()
    local inner = load("local run = ... ; run() ; return 1", "@descent/inner.lua")
    local user = load("local inner, run = ...\n\ninner(run)", "@mine.lua")
    local fine, message = pcall(user, inner, function()
        return core.check_options(record, { lr = 1 })
    end)
    check.ok(not fine)
    check.matches(message, "test_bind%.lua:%d+: test%.rule has no option")
    local from_library = load([[
        local core, record = ...
        return function() core.check_options(record, { lr = 1 }) end]], "@descent/library.lua")
    fine, message = pcall(user, inner, from_library(core, record))
    check.ok(not fine)
    check.matches(message, "^mine%.lua:3: test%.rule has no option")
end)

check.test("the core's records are made of what checks the arguments", function()
    for _, entry in ipairs(core.documents) do
        check.equal(entry.record.name, entry.name)
        check.ok(rawequal(entry.record, entry.record))
        check.ok(doc.of(entry.value) or doc.named(entry.name), entry.name) -- pi is a number
    end
    local sum = doc.named "array:sum"
    check.equal(sum.arguments[1].name, "axis")
    check.equal(sum.arguments[1].range, "[1, 2]")
end)

-- --- other processes -----------------------------------------------------------------------------

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local program = os.getenv("DESCENT_PROGRAM") or quote(arg[-1] or "build/descent")

local function output(command)
    local pipe = assert(io.popen(command))
    local text = pipe:read("a")
    pipe:close()
    return text
end

-- Needs the C part as a module of its own: in our program it cannot be opened twice.
local module = os.getenv("DESCENT_MODULE")
if module then
    check.test("opening the core again gives the same table", function()
        check.equal(output(([[LD_PRELOAD=$DESCENT_PRELOAD LUA_PATH='lua/?.lua;lua/?/init.lua' \
            LUA_CPATH=%s/?.so $(command -v lua5.4 || command -v lua54 || command -v lua) -e '
            local core = require "descent.core"
            package.loaded["descent.core"] = nil
            print(rawequal(core, require "descent.core"), core.version)' 2>&1]])
            :format(quote(module))), "true\t" .. core.version .. "\n")
    end)
end

-- --- files ---------------------------------------------------------------------------------------

local function write(path, text)
    local file = assert(io.open(path, "w"))
    file:write(text)
    file:close()
end

check.test("modules are embedded, sorted, and no file is in both lists", function()
    local modules, is_module = core.modules, {}
    for i, name in ipairs(modules) do
        is_module[name] = true
        if i > 1 then check.ok(modules[i - 1] < name, name) end
    end
    for _, name in ipairs { "descent", "descent.doc", "descent.help", "descent.show" } do
        check.ok(is_module[name], name)
    end
    for _, name in ipairs(core.resources()) do
        check.ok(not is_module[name], name)
        check.ok(core.resource(name), name)
    end
    check.matches(core.resource("lua/descent/doc.lua"), "^%-%- SPDX")
    check.equal(core.resource("lua/descent/absent.lua"), nil)
    check.equal(core.resource("../Makefile"), nil)
end)

check.test("chunks of the library are named after their path", function()
    check.equal(debug.getinfo(doc.define, "S").source, "@descent/doc.lua")
    check.equal(select(2, pcall(require, "descent.absent")):match("no embedded file '[^']*'"),
        "no embedded file 'lua/descent/absent.lua'")
end)

check.test("DESCENT_PATH adds files and takes the place of embedded ones", function()
    local folder = output("mktemp -d"):gsub("\n", "")
    assert(os.execute(("mkdir -p %s/lua/descent/plot/kind %s/lessons"):format(folder, folder)))
    write(folder .. "/lua/descent/mine.lua", "return { place = debug.getinfo(1, 'S').source }")
    write(folder .. "/lua/descent/plot/kind/mine.lua", "return 5")
    write(folder .. "/lua/descent/broken.lua", "return (")
    write(folder .. "/lua/descent/page.lua", "return 'another page'")
    write(folder .. "/lessons/99-mine.lua", "return 'my lesson'")
    write(folder .. "/test.lua", [[
        local core = require "descent.core"
        local seen = {}
        for i, name in ipairs(core.modules) do
            seen[name] = true
            assert(i == 1 or core.modules[i - 1] < name)
        end
        print(seen["descent.mine"], seen["descent.plot.kind.mine"], seen["descent.doc"])
        print(require "descent.mine".place, require "descent.plot.kind.mine",
            (require "descent.page"))
        print(core.resource "lessons/99-mine.lua")
        for _, name in ipairs(core.resources()) do
            if name:find "mine" then print(name) end
        end
        print(select(2, pcall(require, "descent.broken")))
    ]])
    local text = output(("DESCENT_PATH=%s %s %s/test.lua 2>&1 </dev/null"):format(folder, program,
        folder))
    os.execute("rm -r " .. folder)
    check.equal(text, [[
true	true	true
@descent/mine.lua	5	another page
return 'my lesson'
lessons/99-mine.lua
error loading module 'descent.broken':
	descent/broken.lua:1: unexpected symbol near <eof>
]])
end)

check.test("what has been made stays as it is, and says how to get another", function()
    local d, opt = data.line12, optim.gd{ alpha = 0.01 }
    local L = loss.least_squares(model.line, d)
    local r = descend(L, opt, { start = { 1, 1 } })
    check.raises(function() d.x = { 1 } end, "a data set cannot be assigned to; d:with")
    check.raises(function() opt.alpha = 1 end, "an optimizer cannot be assigned to; opt{alpha")
    check.raises(function() L.data = d end, "a loss cannot be assigned to; L:with")
    check.raises(function() r.phi = { 0, 0 } end, "a run cannot be assigned to; r:step()")
    check.raises(function() model.line.formula = "x" end, "a model cannot be assigned to")
    check.equal(d.x[1], 0.03)
    check.equal(r.phi, array{ 1, 1 })
end)
