-- SPDX-License-Identifier: GPL-3.0-or-later
-- The reference and the man pages: complete, the same each time, and true.

local annotation = require "annotation"
local check = require "check"
local doc = require "descent.doc"
local page = require "descent.page"
local prompt = require "descent.prompt"

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local program = os.getenv("DESCENT_PROGRAM") or quote(arg[-1] or "build/descent")

local function output(command)
    local pipe = assert(io.popen(command))
    local text = pipe:read("a")
    return text, pipe:close()
end

local function read(path)
    local file = assert(io.open(path))
    local text = file:read("a")
    file:close()
    return text
end

local folder = output("mktemp -d"):gsub("\n", "")

check.test("the reference has every record, and is the same each time", function()
    local first
    for _ = 1, 2 do
        local text, fine = output(("%s scripts/reference.lua %s 2>&1"):format(program, folder))
        check.ok(fine, text)
        check.equal(text, "")
        local markdown, manual = read(folder .. "/reference.md"), read(folder .. "/descent.7")
        local html = read(folder .. "/reference.html")
        for _, record in ipairs(doc.all()) do
            check.contains(markdown, "\n    " .. record.signature .. "\n")
            for _, form in ipairs { '<article id="%s">', '<a href="#%s">' } do
                check.ok(html:find(form:format(record.name), 1, true), record.name)
            end
        end
        manual = manual .. html .. read(folder .. "/annotations/descent.lua")
            .. read(folder .. "/annotations/global.lua")
        check.ok(not manual:find("@REFERENCE@", 1, true) and not manual:find("@VERSION@", 1, true))
        check.ok(not (markdown .. manual):find("20%d%d%-%d%d%-%d%d"), "a date")
        first = first or markdown .. manual
        check.ok(markdown .. manual == first, "another text the second time")
    end
end)

check.test("groff sets both pages without a warning", function()
    if output("command -v groff") == "" then check.lacks("groff is not installed") end
    for _, path in ipairs { "man/descent.1", folder .. "/descent.7" } do
        local text = output(("groff -K utf8 -t -man -T utf8 -ww %s 2>&1 >%s/out")
            :format(path, folder))
        check.equal(text, "", path)
        check.contains(read(folder .. "/out"), "descent")
    end
end)

check.test("descent(7) fits 80 columns", function()
    if output("command -v groff") == "" then check.lacks("groff is not installed") end
    local text = output(("groff -K utf8 -t -man -T utf8 -P-c -rLL=80n %s/descent.7 2>&1")
        :format(folder))
    text = text:gsub(utf8.charpattern .. "\b", "") -- what is struck twice is bold
    for line in text:gmatch("[^\n]+") do
        check.ok((utf8.len(line) or #line) <= 80, line)
    end
end)

check.test("every page of HTML is closed, and links lead somewhere", function()
    local html = read(folder .. "/reference.html"):gsub("<script>.-</script>", "")
    local open = {}
    local alone = { meta = true, input = true, ["!DOCTYPE"] = true }
    for slash, name in html:gsub("<style>.-</style>", ""):gmatch("<(/?)([%a!][%w]*)[^>]*>") do
        if slash == "/" then
            check.equal(table.remove(open), name)
        elseif not alone[name] then
            open[#open + 1] = name
        end
    end
    check.equal(#open, 0)
    for target in html:gmatch('href="#([^"]+)"') do
        check.ok(html:find(('id="%s"'):format(target), 1, true), target)
    end
end)

check.test("annotations cover the language, and say of each argument what it is", function()
    local text = read(folder .. "/annotations/descent.lua")
    local global = read(folder .. "/annotations/global.lua")
    check.ok(load(text), "descent.lua is no Lua")
    check.ok(load(global), "global.lua is no Lua")
    local problems, functions = annotation.read(text)
    check.equal(table.concat(problems, "\n"), "")
    check.ok(functions > 200)
    check.equal(#annotation.read(global), 0)
    local descent = require "descent"
    for _, name in ipairs(descent.names()) do
        check.ok(global:find(("\n%s = descent.%s\n"):format(name, name), 1, true), name)
        check.ok(text:find("\nfunction descent%." .. name .. "%(")
            or text:find("\n%-%-%-@field " .. name .. " "), name .. " has no annotation")
    end
    for _, record in ipairs(doc.all()) do
        local method = record.name:match("^[%w_]+:[%w_]+$")
        if method then check.ok(text:find("\nfunction " .. method .. "(", 1, true), method) end
    end
end)

check.test("the grammar of annotations refuses what is none", function()
    for _, line in ipairs { "@param x number[]|nil the number", "@return integer # how many",
        '@field kind? "a"|"b" which',
        "@overload fun(x: number, ...: any): number, table<string, any>",
        "@field [integer] any", "@operator call(any): number", "@class a.b: table",
        "@field f fun(x: number?): (number|string)[]" } do
        check.equal(table.concat(annotation.read("---" .. line .. "\n"), "\n"), "", line)
    end
    for _, line in ipairs { "@param x", "@param x number[", "@return", "@return integer how many",
        "@field kind a|", "@operator call(...): number", "@operator plus(any): number",
        "@retrun any",
        "@overload number", "@return table<string", "@return nothing", "@field f fun(x" } do
        check.ok(#annotation.read("---" .. line .. "\n") > 0, line)
    end
    check.equal(annotation.read("---@param y number\nfunction f(x) end\n"),
        { "2: f has (x), described are (y)" })
end)

-- The typed text of a page: without fonts and escapes.
local function typed(path)
    return (read(path):gsub("\\f[BIRP]", ""):gsub("\\%(dq", '"'):gsub("\\%(aq", "'")
        :gsub("\\%-", "-"):gsub('"', ""):gsub("%s+", " "))
end

check.test("descent(1) has every option, command and variable", function()
    local text = typed("man/descent.1")
    local usage = output(program .. " --help")
    for option in usage:gmatch("\n  (%-%-?%w*)") do check.contains(text, " " .. option .. " ") end
    for _, command in ipairs(prompt.commands()) do
        check.contains(text, " :" .. command.name .. " ", command.name)
    end
    for name in usage:match("Variables:(.*)Exit codes"):gmatch("[%u_]+[%u]") do
        check.contains(text, name)
    end
    for name in text:gmatch(" :(%l+)") do
        local known = false
        for _, command in ipairs(prompt.commands()) do known = known or command.name == name end
        check.ok(known, ":" .. name .. " is in the page, but is no command")
    end
    check.contains(text, "descent @VERSION@")
end)

check.test("descent(7) has every step of a lesson, and every field", function()
    local text = typed("man/descent.7.in"):match("%.SH WRITING LESSONS(.*)%.SH WRITING EXERCISES")
    local function has(name) check.ok(text:find("%f[%w]" .. name .. "%f[^%w]"), name) end
    for kind, fields in pairs(require("descent.lesson.load").kinds) do
        has(kind)
        for name in pairs(fields) do if name ~= 1 then has(name) end end
    end
end)

check.test("an argument reads as it is checked", function()
    local function text(argument) return page.argument_type(argument) end
    check.equal(text { type = "number", range = "> 0" }, "number > 0")
    check.equal(text { type = "number", range = "[0, 1)" }, "number in [0, 1)")
    check.equal(text { type = "choice", choices = "a|b" }, "a | b")
    check.equal(text { type = "integer", range = "[1, 1e+15]" }, "integer ≥ 1")
    check.equal(text { type = "integer", range = "[1, 9.007199254741e+15]" }, "integer ≥ 1")
    check.equal(text { type = "integer", range = "[2, 100000000]" }, "integer in [2, 10⁸]")
    check.equal(text { type = "integer", range = "[1, 1000]" }, "integer in [1, 1000]")
    check.equal(text { type = "integer", range = "[1, 1e6]" }, "integer in [1, 10⁶]")
    check.equal(text { type = "number", range = "(0, inf)" }, "number > 0")
    check.equal(text { type = "number", range = "[0, inf)" }, "number ≥ 0")
    check.equal(text { type = "array", shape = "I×d" }, "array I×d")
    check.equal(text { type = "boolean" }, "true or false")
    check.equal(page.argument_default { default = 0.001 }, "default 0.001")
    check.equal(page.argument_default { default = 1, default_text = "drawn" }, "default drawn")
    check.equal(page.argument_default { required = true }, "required")
    check.equal(page.argument_default {}, nil)
end)

os.execute("rm -r " .. quote(folder))
