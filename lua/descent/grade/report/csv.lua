-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- report/csv.lua: one row a submission, for a spreadsheet (RFC 4180). Texts are quoted; one that a
-- spreadsheet would take for a formula gets an apostrophe before it.

local class = require "descent.grade.class"
local json = require "descent.grade.json"

local report = {}

local function field(value)
    if value == nil then return "" end
    if math.type(value) == "integer" then return ("%d"):format(value) end
    if math.type(value) then return ("%.15g"):format(value) end
    local text = json.utf8(tostring(value)):gsub("[%z\1-\8\11\12\14-\31\127]", " ")
    if text:find("^%s*[=+%-@\t\r]") then text = "'" .. text end
    return '"' .. text:gsub('"', '""') .. '"'
end

function report.text(rows)
    local head = { "submission", "file", "points", "maximum", "passed" }
    local timed = false
    for _, check in ipairs(rows[1] and rows[1].checks or {}) do
        head[#head + 1] = check.id
        head[#head + 1] = check.id .. " verdict"
    end
    for _, row in ipairs(rows) do timed = timed or row.seconds ~= nil end
    head[#head + 1] = "say"
    if timed then head[#head + 1] = "seconds" end
    local lines = {}
    for i, name in ipairs(head) do head[i] = field(name) end
    lines[1] = table.concat(head, ",")
    for _, row in ipairs(rows) do
        local fields = { field(row.submission), field(row.file), field(row.points),
            field(row.maximum), field(row.passed and "yes" or "no") }
        for _, check in ipairs(row.checks) do
            fields[#fields + 1] = field(check.points)
            fields[#fields + 1] = field(check.verdict)
        end
        local failure = class.first_failure(row)
        fields[#fields + 1] = field(failure and failure.say or "")
        if timed then fields[#fields + 1] = field(row.seconds) end
        lines[#lines + 1] = table.concat(fields, ",")
    end
    return table.concat(lines, "\r\n") .. "\r\n"
end

return report
