-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- report/tap.lua: the Test Anything Protocol, version 13: a line a check, with what is wrong as
-- YAML below it.

local json = require "descent.grade.json"

local report = {}

-- A # would begin a directive, and a line break the next test.
local function described(text)
    return (json.utf8(tostring(text)):gsub("[%c\127]+", " "):gsub("\\", "\\\\"):gsub("#", "\\#"))
end

local function yaml(lines, name, value)
    if value == nil then return end
    -- A JSON string is a YAML string.
    lines[#lines + 1] = ("  %s: %s"):format(name, json.write(value))
end

function report.text(rows)
    local lines, number = {}, 0
    for _, row in ipairs(rows) do
        for _, check in ipairs(row.checks) do
            number = number + 1
            local right = check.verdict == "pass"
            lines[#lines + 1] = ("%s %d - %s: %s"):format(right and "ok" or "not ok", number,
                described(row.submission), described(check.title))
            if not right then
                lines[#lines + 1] = "  ---"
                yaml(lines, "message", check.say)
                yaml(lines, "severity", check.verdict)
                yaml(lines, "mistake", check.mistake)
                yaml(lines, "line", check.line)
                yaml(lines, "call", check.call)
                yaml(lines, "got", check.got)
                yaml(lines, "expected", check.expected)
                lines[#lines + 1] = "  ..."
            end
        end
    end
    return ("TAP version 13\n1..%d\n"):format(number) .. table.concat(lines, "\n")
        .. (number > 0 and "\n" or "")
end

return report
