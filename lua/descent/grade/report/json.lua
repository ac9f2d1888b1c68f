-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- report/json.lua: JSON Lines: one line a submission. The same rows give the same bytes.

local json = require "descent.grade.json"

local report = {}

local ORDER = { "submission", "file", "exercise", "id", "title", "verdict", "points", "maximum",
    "passed", "say", "line", "mistake", "mistake_title", "checks", "notes" }

function report.text(rows)
    local lines = {}
    for i, row in ipairs(rows) do lines[i] = json.write(row, ORDER) .. "\n" end
    return table.concat(lines)
end

-- The rows of such a text, or nil and a sentence. Lines of several files may stand in it.
function report.read(text, path)
    local rows, number = {}, 0
    for line in (text .. "\n"):gmatch("(.-)\n") do
        number = number + 1
        if line:find("%S") then
            local row, reason = json.read(line)
            local right = type(row) == "table" and type(row.submission) == "string"
                and type(row.exercise) == "string" and math.type(row.points)
                and math.type(row.maximum) and type(row.checks) == "table"
            for _, check in ipairs(right and row.checks or {}) do
                right = right and type(check) == "table" and type(check.id) == "string"
                    and type(check.verdict) == "string" and type(check.title) == "string"
            end
            if not right then
                return nil, ("%s:%d: this is no line of a report of descent grade%s"):format(path,
                    number, reason and " (" .. reason .. ")" or "")
            end
            row.file, row.notes = row.file or row.submission, row.notes or {}
            rows[#rows + 1] = row
        end
    end
    return rows
end

return report
