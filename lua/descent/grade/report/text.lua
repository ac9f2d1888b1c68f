-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- report/text.lua: a class at a terminal: a line a submission, then what they have in common.

local class = require "descent.grade.class"
local submission = require "descent.grade.submission"
local terminal = require "descent.terminal"

local report = {}

local NAME, GROUPS = 24, 12

local function number(value) return ("%.3g"):format(value) end

local function points_text(row) return number(row.points) .. "/" .. number(row.maximum) end

-- "1 submission", "2 submissions"
function report.counted(count, noun)
    return ("%d %s%s"):format(count, noun, count == 1 and "" or "s")
end

local function padded(text, width) return text .. (" "):rep(width - terminal.width(text)) end

-- How the class did, as lines. Exercises of one check only count submissions.
function report.summary(rows)
    local all = class.of(rows)
    local lines = { ("%d of %s; %s of %s points on average"):format(all.passed,
        report.counted(all.count, "submission") .. (all.count == 1 and " passes" or " pass"),
        number(all.mean), number(all.maximum)) }
    for i, group in ipairs(all.groups) do
        if i > GROUPS then
            lines[#lines + 1] = ("and %s"):format(report.counted(#all.groups - GROUPS,
                "other reason"))
            break
        end
        lines[#lines + 1] = ("%d of %d: %s"):format(#group.names, all.count, group.say)
    end
    return lines
end

-- options: columns (nil: lines are not cut), paint(text, role)
function report.text(rows, options)
    local paint = options.paint or function(text) return text end
    local names, points = 4, 0
    for _, row in ipairs(rows) do
        names = math.max(names, terminal.width(submission.shown(row.submission)))
        points = math.max(points, #points_text(row))
    end
    names = math.min(names, NAME)
    local lines = {}
    for _, row in ipairs(rows) do
        local failure = class.first_failure(row)
        local name = padded(terminal.clip(submission.shown(row.submission), names, true), names)
        local head = ("%s  %s"):format(name, (" "):rep(points - #points_text(row))
            .. points_text(row))
        local verdict = failure and failure.verdict or "pass"
        local say = failure and (failure.mistake_title or failure.say) or ""
        if failure and failure.verdict == "fail" and not failure.mistake_title
            and #row.checks > 1 then
            say = failure.title .. ": " .. say
        end
        say = say:gsub("%s+", " ")
        if options.columns then
            say = terminal.clip(say, math.max(10, options.columns - terminal.width(head) - 13),
                true)
        end
        lines[#lines + 1] = ("%s  %s %s"):format(head,
            paint(("%-9s"):format(verdict), failure and "bad" or "good"), say):gsub("%s+$", "")
    end
    lines[#lines + 1] = ""
    for _, line in ipairs(report.summary(rows)) do lines[#lines + 1] = line end
    return table.concat(lines, "\n") .. "\n"
end

return report
