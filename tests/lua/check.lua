-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- check.lua: what the Lua tests are written with.
--
--     local check = require "check"
--     check.test("a line through two points", function()
--         check.equal(#data.line12, 12)
--         check.close(L(0.6, -0.2), 12.366904, 1e-6)
--         check.raises(function() optim.gd{lr = 1} end, "alpha")
--     end)

if package.loaded.check then return package.loaded.check end
local check = { passed = 0, failed = 0, skipped = 0 }
package.loaded.check = check

local own_source = debug.getinfo(1, "S").source

-- "file:line: " of the innermost frame that is outside this file and outside the library.
local function position(level)
    for depth = level, math.huge do
        local info = debug.getinfo(depth, "Sl")
        if not info then return "" end
        if info.source ~= own_source and info.currentline > 0
            and not info.source:find("^@descent/") then
            return ("%s:%d: "):format(info.short_src, info.currentline)
        end
    end
end

-- Failed checks are tables, so that a test cannot mistake one for an error of the library.
local failure = { __tostring = function(self) return self.text end }

function check.fail(format, ...)
    local text = select("#", ...) > 0 and format:format(...) or format
    error(setmetatable({ text = position(3) .. text }, failure), 0)
end

local function shown(value, depth)
    if type(value) == "string" then return ("%q"):format(value):gsub("\\\n", "\\n") end
    if math.type(value) == "float" then return ("%.17g"):format(value) end
    if type(value) ~= "table" or getmetatable(value) or (depth or 0) > 3 then
        return tostring(value)
    end
    local parts, count = {}, #value
    for i = 1, count do parts[i] = shown(value[i], (depth or 0) + 1) end
    for key, item in pairs(value) do
        if not (math.type(key) == "integer" and key >= 1 and key <= count) then
            parts[#parts + 1] = ("[%s] = %s"):format(shown(key), shown(item, (depth or 0) + 1))
        end
    end
    return "{" .. table.concat(parts, ", ") .. "}"
end
check.shown = shown

local function note(message) return message and message .. ": " or "" end

local function same(a, b)
    if a == b then return true end
    if type(a) ~= "table" or type(b) ~= "table" then return false end
    for key, value in pairs(a) do
        if not same(value, b[key]) then return false end
    end
    for key in pairs(b) do
        if a[key] == nil then return false end
    end
    return true
end

-- A test that this machine cannot run: said aloud, and neither passed nor failed. Inside a test
-- check.lacks ends it so.
function check.skip(name, reason)
    check.skipped = check.skipped + 1
    print(("skipped: %s (%s)"):format(name, reason))
end

local lack = {}

function check.lacks(reason) error(setmetatable({ reason = reason }, lack), 0) end

-- Equal values; tables by their contents.
function check.equal(got, expected, message)
    if not same(got, expected) then
        check.fail("%sexpected %s, got %s", note(message), shown(expected), shown(got))
    end
end

function check.different(got, unexpected, message)
    if same(got, unexpected) then
        check.fail("%s", ("%sdid not expect %s"):format(note(message), shown(unexpected)))
    end
end

function check.ok(value, message)
    if not value then
        check.fail("%s", ("%sexpected a true value, got %s"):format(note(message), shown(value)))
    end
    return value
end

local function off(got, expected, tolerance)
    if type(expected) == "number" then
        if type(got) ~= "number" then return true end
        if got == expected or (got ~= got and expected ~= expected) then return false end
        if math.abs(expected) == math.huge then return true end
        return not (math.abs(got - expected) <= tolerance * math.max(1, math.abs(expected)))
    end
    if type(got) ~= "table" and type(got) ~= "userdata" or #got ~= #expected then return true end
    for i = 1, #expected do
        if off(got[i], expected[i], tolerance) then return true end
    end
    return false
end

-- Numbers, and lists or arrays of them, within tolerance (1e-9) of max(1, |expected|).
function check.close(got, expected, tolerance, message)
    tolerance = tolerance or 1e-9
    if off(got, expected, tolerance) then
        check.fail("%s", ("%sexpected %s within %g, got %s"):format(note(message), shown(expected),
            tolerance, shown(got)))
    end
end

function check.contains(text, part, message)
    if not tostring(text):find(part, 1, true) then
        check.fail("%s", ("%sexpected a text with %s, got %s"):format(note(message), shown(part),
            shown(text)))
    end
end

function check.matches(text, pattern, message)
    if not tostring(text):find(pattern) then
        check.fail("%s", ("%sexpected a text like %s, got %s"):format(note(message), shown(pattern),
            shown(text)))
    end
end

-- run must raise an error that holds every given text; returns the message.
function check.raises(run, ...)
    local fine, reason = pcall(run)
    if fine then
        check.fail("expected an error%s, got none", ... and " with " .. shown(...) or "")
    end
    if getmetatable(reason) == failure then error(reason, 0) end
    for _, part in ipairs { ... } do
        if not tostring(reason):find(part, 1, true) then
            check.fail("expected an error with %s, got %s", shown(part), shown(reason))
        end
    end
    return tostring(reason)
end

-- What run prints through print and io.write; its error passes on.
function check.output(run, ...)
    local parts = {}
    local print_before, write_before = print, io.write
    rawset(_G, "print", function(...)
        for i = 1, select("#", ...) do
            parts[#parts + 1] = (i > 1 and "\t" or "") .. tostring((select(i, ...)))
        end
        parts[#parts + 1] = "\n"
    end)
    io.write = function(...)
        for i = 1, select("#", ...) do parts[#parts + 1] = tostring((select(i, ...))) end
        return io.stdout
    end
    local results = table.pack(xpcall(run, debug.traceback, ...))
    rawset(_G, "print", print_before)
    io.write = write_before
    if not results[1] then error(results[2], 0) end
    return table.concat(parts), table.unpack(results, 2, results.n)
end

-- An error of the library gets the line of the test that led to it.
local function explain(reason)
    if getmetatable(reason) == failure then return reason.text end
    if getmetatable(reason) == lack then return reason end
    local text, place = tostring(reason), position(3)
    if place == "" or text:sub(1, #place) == place then return text end
    return place .. text .. "\n" .. debug.traceback(nil, 2)
end

-- Counts one test; the reason of a failure is printed below its name.
function check.count(name, fine, reason)
    if fine then
        check.passed = check.passed + 1
    elseif getmetatable(reason) == lack then
        check.skip(name, reason.reason)
    else
        check.failed = check.failed + 1
        io.stdout:write("FAILED ", name, "\n    ", (tostring(reason):gsub("\n", "\n    ")), "\n")
    end
    return fine
end

-- Runs one test and counts it.
function check.test(name, run)
    return check.count(name, xpcall(run, explain))
end

return check
