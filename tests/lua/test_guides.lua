-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The guides under man/: every block of code in them prints what is written behind -->, and every
-- file, name and lesson that they mention exists.

local check = require "check"
local curriculum = require "descent.lesson.curriculum"
local loader = require "descent.lesson.load"

local root = debug.getinfo(1, "S").source:match("^@(.*)tests/lua/[^/]*$")

local function read(path)
    local file = io.open(root .. path, "rb")
    if not file then return nil end
    local text = file:read("a")
    file:close()
    return text
end

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local program = os.getenv("DESCENT_PROGRAM") or quote(arg[-1] or "build/descent")

-- What a block prints as a script, and what is written behind -->.
local function run_block(block)
    local code, expected = {}, {}
    for line in block:gmatch("([^\n]*)\n") do
        local result = line:match("^%-%-> ?(.*)$")
        if result then expected[#expected + 1] = result else code[#code + 1] = line end
    end
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write(table.concat(code, "\n"), "\n")
    file:close()
    local pipe = assert(io.popen(("%s %s 2>&1 </dev/null"):format(program, quote(path))))
    local printed = pipe:read("a"):gsub("\n+$", "")
    pipe:close()
    os.remove(path)
    return printed, table.concat(expected, "\n")
end

local lessons = {}
for _, lesson in ipairs(loader.all()) do lessons[lesson.id] = lesson end

check.test("every erratum is listed once, and its lines print what is said", function()
    local text = assert(read "man/errata.md")
    local listed = {}
    for id in text:gmatch("\n### (X%d+)%.") do
        check.equal(listed[id], nil)
        listed[id] = true
    end
    for _, topic in ipairs(curriculum.topics) do
        if topic.part == "X" then check.ok(listed[topic.id], topic.id .. " is not listed") end
    end
    local count = 0
    for block in text:gmatch("```lua\n(.-)```") do
        count = count + 1
        local printed, expected = run_block(block)
        check.ok(expected:find("%S"), "a block without results:\n" .. block)
        check.equal(printed, expected)
    end
    check.equal(count, 18)
end)

check.test("each erratum names a lesson that covers it", function()
    local text = assert(read "man/errata.md") .. "\n### "
    local at = 1
    while true do
        local _, last, id = text:find("\n### (X%d+)%.", at)
        if not id then break end
        local section = text:sub(last, text:find("\n### ", last, true))
        local named = 0
        for name in section:gmatch("`([%l%d%-]+)`") do
            local lesson = lessons[name]
            if lesson then
                for _, topic in ipairs(lesson.covers) do
                    if topic == id then named = named + 1 end
                end
            end
        end
        check.ok(named > 0, id .. ": no lesson that covers it is named")
        at = last
    end
end)

-- A name as a word of the file, so that a renamed function is noticed.
local function has_name(text, name)
    local short = name:match("[%w_]+$")
    return text:find("%f[%w_]" .. short .. "%f[^%w_]") ~= nil
end

-- The cells of each row of the tables in a text.
local function rows_of(text)
    local rows = {}
    for row in text:gmatch("\n(|[^\n]*|)") do
        local cells = {}
        for cell in row:gsub("\\|", "¦"):gmatch("|([^|]*)") do cells[#cells + 1] = cell end
        rows[#rows + 1] = cells
    end
    return rows
end

-- "`file`: `name`, `name`; `file`: ...": all of them exist. Returns how many files.
local function check_places(places)
    local files = 0
    for part in (places .. ";"):gmatch("(.-);") do
        local path = part:match("`([%w_/%.]+/[%w_%.]+)`")
        check.ok(path, "no file in: " .. places)
        local content = check.ok(read(path), "there is no file " .. path)
        files = files + 1
        for name in (part:match("`:(.*)$") or ""):gmatch("`([%w_%.]+)`") do
            check.ok(has_name(content, name), path .. " has no " .. name)
        end
    end
    return files
end

check.test("the guide to the maths names files, functions and lessons that exist", function()
    local files, rows = 0, 0
    for _, cells in ipairs(rows_of(assert(read "man/maths.md"))) do
        local places, taught = cells[2], cells[3]
        if places and places:find("`") then
            rows = rows + 1
            files = files + check_places(places)
            for name in taught:gmatch("`([%l%d%-]+)`") do
                check.ok(lessons[name], "there is no lesson " .. name)
            end
        end
    end
    check.ok(rows > 50 and files > rows)
end)

check.test("what CONTRIBUTING names is there", function()
    local text = assert(read "CONTRIBUTING.md")
    local path, add = text:match("## The path of one value(.-)\n## .*## Where to add what(.*)$")
    local rows = 0
    for _, cells in ipairs(rows_of(path)) do
        if cells[3]:find("`") then
            check_places(cells[3])
            rows = rows + 1
        end
    end
    check.ok(rows >= 9)
    for name in path:match("\n\n([^|]*)$"):gmatch("%(`([^`]+/[^`]+)`") do
        check.ok(read(name), "there is no file " .. name)
    end
    -- Files with a name to fill in stand for their folder; those in brackets are in it.
    for _, cells in ipairs(rows_of(add)) do
        local folder = (cells[2] or ""):match("`([%l/]+/)[%w%-_]+%.%l+`")
        for name in (cells[2] or ""):gmatch("`([^`]*)`") do
            if name:find("^[%w_%-]+%.%l+$") then
                check.ok(read(folder .. name), "there is no file " .. folder .. name)
            elseif name:find("^[%l_/]+/[%l_]+%.%l+$") then
                check.ok(read(name), "there is no file " .. name)
            end
        end
    end
end)
