-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- report/junit.lua: JUnit's XML, as continuous integration reads it: a suite a submission, a case a
-- check.

local json = require "descent.grade.json"

local report = {}

local NAMED = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["\n"] = "&#10;",
    ["\t"] = "&#9;", ["\r"] = "&#13;" }

-- XML 1.0 has no other control characters, not even as references.
local function escaped(text)
    text = json.utf8(tostring(text)):gsub("[%z\1-\8\11\12\14-\31\127]", "\u{fffd}")
    text = text:gsub("\u{fffe}", "\u{fffd}"):gsub("\u{ffff}", "\u{fffd}")
    return (text:gsub('[&<>"\n\t\r]', NAMED))
end

local function counts(row)
    local failures, errors = 0, 0
    for _, check in ipairs(row.checks) do
        if check.verdict == "fail" then
            failures = failures + 1
        elseif check.verdict ~= "pass" then
            errors = errors + 1
        end
    end
    return failures, errors
end

local function case(lines, row, check)
    local head = ('    <testcase classname="%s" name="%s"'):format(
        escaped(row.exercise .. "." .. row.submission), escaped(check.title))
    if check.verdict == "pass" then
        lines[#lines + 1] = head .. "/>"
        return
    end
    local what = check.verdict == "fail" and "failure" or "error"
    local details = {}
    if check.call then details[#details + 1] = "call:  " .. check.call end
    if check.got then details[#details + 1] = "gives: " .. tostring(check.got) end
    if check.expected then details[#details + 1] = "right: " .. tostring(check.expected) end
    lines[#lines + 1] = head .. ">"
    lines[#lines + 1] = ('      <%s type="%s" message="%s">%s</%s>'):format(what,
        escaped(check.mistake or check.verdict), escaped(check.say or check.verdict),
        escaped(table.concat(details, "\n")), what)
    lines[#lines + 1] = "    </testcase>"
end

function report.text(rows)
    local tests, failures, errors = 0, 0, 0
    for _, row in ipairs(rows) do
        local f, e = counts(row)
        tests, failures, errors = tests + #row.checks, failures + f, errors + e
    end
    local lines = { '<?xml version="1.0" encoding="UTF-8"?>',
        ('<testsuites name="%s" tests="%d" failures="%d" errors="%d">'):format(
            escaped(rows[1] and rows[1].exercise or ""), tests, failures, errors) }
    for _, row in ipairs(rows) do
        local f, e = counts(row)
        local time = row.seconds and (' time="%.3f"'):format(row.seconds) or ""
        lines[#lines + 1] = ('  <testsuite name="%s" tests="%d" failures="%d" errors="%d"%s>')
            :format(escaped(row.submission), #row.checks, f, e, time)
        for _, check in ipairs(row.checks) do case(lines, row, check) end
        lines[#lines + 1] = "  </testsuite>"
    end
    lines[#lines + 1] = "</testsuites>"
    return table.concat(lines, "\n") .. "\n"
end

return report
