-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- report.lua: a report of exercise/judge.lua as text for a terminal.

local paper = require "descent.lesson.paper"

local report = {}

local function plain(text) return text end

local function points_text(points) return ("%g"):format(points) end

-- "call    step({0}, ...)", set in, continued below where it is too wide.
local function row(lines, name, text, columns)
    local width = math.max(20, columns - 13)
    local first = true
    while #text > 0 do
        local piece = text
        if paper.width(text) > width then
            local cut = utf8.offset(text, width + 1) - 1
            local blank = text:sub(1, cut):find(" [^ ]*$")
            piece = text:sub(1, blank and blank > 1 and blank or cut)
        end
        lines[#lines + 1] = ("    %-8s %s"):format(first and name or "", (piece:gsub(" $", "")))
        text, first = text:sub(#piece + 1), false
    end
end

local WORDS = { pass = "right", fail = "WRONG", error = "ERROR", time = "TIME", memory = "MEMORY",
    output = "OUTPUT", forbidden = "FORBIDDEN", crash = "CRASH" }

-- options: columns (80), paint(text, role), choices(check) = the letters' texts.
function report.text(exercise, given, options)
    options = options or {}
    local columns, paint = math.min(options.columns or 80, 80), options.paint or plain
    local lines = {}
    local head = ("%s: %s"):format(exercise.id, exercise.title)
    local sum = ("%s of %s points"):format(points_text(given.points), points_text(given.maximum))
    lines[1] = paint(head, "heading") .. (" "):rep(math.max(2,
        columns - paper.width(head) - #sum - 1)) .. paint(sum, given.passed and "good" or "bad")
    local said = {}
    for _, check in ipairs(given.checks) do
        local word = WORDS[check.verdict] or check.verdict
        local points = ("%s/%s"):format(points_text(check.points), points_text(check.maximum))
        lines[#lines + 1] = ("  %s %s%s%s"):format(
            paint(("%-9s"):format(word), check.verdict == "pass" and "good" or "bad"),
            check.title, (" "):rep(math.max(2, columns - 13 - paper.width(check.title) - #points)),
            points)
        local key = check.mistake or check.suggestion or check.say
        if check.verdict ~= "pass" and key and said[key] then
            lines[#lines + 1] = ("    as in \"%s\""):format(said[key])
        else
            if key then said[key] = check.title end
            if check.say then
                for _, line in ipairs(paper.lines(check.say, columns - 4)) do
                    lines[#lines + 1] = "    " .. line
                end
            end
            if check.call then
                row(lines, "call", check.call, columns)
                if check.got then row(lines, "gives", check.got, columns) end
                if check.expected then row(lines, "right", check.expected, columns) end
            end
        end
    end
    for _, note in ipairs(given.notes) do
        for i, line in ipairs(paper.lines("Note: " .. note, columns - 2)) do
            lines[#lines + 1] = (i == 1 and "  " or "    ") .. line
        end
    end
    return table.concat(lines, "\n") .. "\n"
end

return report
