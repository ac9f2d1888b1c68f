-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- run.lua [NAME...]: tests the documentation: every public name and every method has a record with
-- a summary and a signature, and every example (or those of the named records) runs by itself in a
-- fresh process and prints exactly its result.

local folder = arg[0]:match("^(.*)/[^/]*$") or "."
package.path = folder .. "/../lua/?.lua;" .. package.path

local check = require "check"
local descent = require "descent"
local core = require "descent.core"
local doc = require "descent.doc"

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function read_all(command)
    local pipe = assert(io.popen(command))
    local text = pipe:read("a")
    local _, how, code = pipe:close()
    return text, how, code
end

local function filled(text) return type(text) == "string" and text:find("%S") ~= nil end

-- Trailing spaces and the last line ends do not count.
local function plain(text)
    return (text:gsub("[ \t\r]+\n", "\n"):gsub("%s+$", ""))
end

local program = (os.getenv("DESCENT_PROGRAM") or quote(arg[-1] or "build/descent"))
    :gsub("^'([^/'])", "'" .. read_all("pwd"):gsub("\n$", ""):gsub("%%", "%%%%") .. "/%1")
local workplace = read_all("mktemp -d"):gsub("\n$", "")

-- Runs a chunk in an empty folder, far from the user's files and terminal.
local function run_example(text)
    read_all(("rm -rf %s && mkdir -p %s/home"):format(quote(workplace), quote(workplace)))
    local file = assert(io.open(workplace .. "/example.lua", "w"))
    file:write(text, "\n")
    file:close()
    return read_all(("cd %s && HOME=$PWD/home XDG_CONFIG_HOME= XDG_STATE_HOME= XDG_DATA_HOME= "
        .. "NO_COLOR=1 LC_ALL=C.UTF-8 DESCENT_PLOT=text %s example.lua 2>&1 </dev/null")
        :format(quote(workplace), program))
end

local function test_record(record)
    local name = tostring(record.name)
    check.test(name .. " is described", function()
        check.ok(filled(record.name), "name")
        check.ok(filled(record.signature), "signature")
        check.ok(filled(record.summary), "summary")
        for i, argument in ipairs(record.arguments or {}) do
            check.ok(filled(argument.name), ("the name of argument %d"):format(i))
            check.ok(filled(argument.summary), "the summary of " .. argument.name)
        end
    end)
    if not record.example and not record.result then return end
    check.test(name .. " does as its example says", function()
        check.ok(filled(record.example), "a result needs an example")
        local text, how, code = run_example(record.example)
        if code ~= 0 then check.fail("the example ended by %s %s:\n%s", how, code, text) end
        local got, expected = plain(text), plain(record.result or "")
        if got ~= expected then
            check.fail("the example\n%s\nprinted\n%s\nbut its result says\n%s", record.example, got,
                expected)
        end
    end)
end

-- Every name a user can reach has a record: functions, objects, and the fields of namespaces.
local function documented(name, value)
    return doc.of(value) or doc.named(name)
end

local function test_names(prefix, names, depth)
    local keys = {}
    for key in pairs(names) do
        if type(key) == "string" and not key:find("^_") then keys[#keys + 1] = key end
    end
    table.sort(keys)
    for _, key in ipairs(keys) do
        local name, value = prefix .. key, names[key]
        check.test(name .. " has a record", function()
            local record = documented(name, value)
            if not record then check.fail("%s is public and has no record", name) end
            check.ok(filled(record.summary), "summary")
        end)
        if type(value) == "table" and depth > 0 then test_names(name .. ".", value, depth - 1) end
    end
end

-- The functions behind a metatable's __index, as a table or as the first upvalues of a function.
local function methods_of(metatable)
    if type(metatable.__index) == "table" then return metatable.__index end
    local found = {}
    for i = 1, 8 do
        local name, value = debug.getupvalue(metatable.__index or print, i)
        if not name then break end
        if type(value) == "table" then
            for key, method in pairs(value) do
                if type(method) == "function" then found[key] = method end
            end
        end
    end
    return found
end

if #arg > 0 then
    for _, name in ipairs(arg) do
        local record = doc.named(name)
        if record then test_record(record) else
            check.count(name, false, "there is no record with this name")
        end
    end
else
    local records = doc.all()
    check.test("there are records", function() check.ok(#records > 0) end)
    for _, record in ipairs(records) do test_record(record) end
    test_names("", descent, 1)
    for type_name, metatable in pairs(core.types) do
        for key, method in pairs(methods_of(metatable)) do
            if type(key) == "string" and not key:find("^_") then
                local name = type_name .. ":" .. key
                check.test(name .. " has a record", function()
                    local record = documented(name, method)
                    if not record then check.fail("%s is public and has no record", name) end
                end)
            end
        end
    end
end

read_all("rm -rf " .. quote(workplace))
print(("%d passed, %d failed"):format(check.passed, check.failed))
os.exit(check.failed == 0 and 0 or 1, true)
