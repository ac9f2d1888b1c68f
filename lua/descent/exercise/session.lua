-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- session.lua: one student at one exercise: the task, hints, a verdict, the solution afterwards. It
-- draws through a stage (lesson/session.lua says what a stage has), as lessons do.

local answer = require "descent.exercise.answer"
local judge = require "descent.exercise.judge"
local paper = require "descent.lesson.paper"
local progress = require "descent.lesson.progress"
local report_text = require "descent.exercise.report"

local session = {}

local methods = {}
methods.__index = methods

-- What has been done of an exercise; see lesson/progress.lua.
function session.progress(exercise, volatile)
    return progress.open({ id = exercise.id, steps = exercise.checks, kept_in = "exercises" },
        volatile)
end

-- The points of the checks that were right once.
function session.points(exercise, records)
    local points = 0
    for _, check in ipairs(exercise.checks) do
        local record = records:record(check)
        if record and record.state == "right" then points = points + check.points end
    end
    return points
end

-- Keeps what a report says. True, or nil and the reason.
function session.keep(exercise, records, report)
    for i, verdict in ipairs(report.checks) do
        if verdict.verdict == "pass" then
            local fine, reason = records:set(exercise.checks[i], "right", "")
            if not fine then return nil, reason end
        end
    end
    return true
end

-- The task with its questions, as text.
function session.task(exercise, columns)
    local parts = { paper.text(exercise.task, columns) }
    for _, check in ipairs(exercise.checks) do
        if check.ask then
            parts[#parts + 1] = "\n" .. paper.text(("%s: %s"):format(check.name,
                check.ask:match("^%s*(.*)$")), columns)
            if check.yes then
                for i, choice in ipairs(answer.choices(exercise, check)) do
                    parts[#parts + 1] = paper.item(paper.letter(i), choice[1], columns)
                end
            end
        end
    end
    return table.concat(parts)
end

-- `runner()` makes a runner of what the student has defined.
function session.new(exercise, records, stage, runner)
    return setmetatable({ exercise = exercise, records = records, stage = stage,
        runner = runner, hinted = 0, is_exercise = true }, methods)
end

function methods:write(text) self.stage.write(text) end

function methods:say(text, role)
    local filled = paper.text(text, self.stage.columns())
    if role then filled = self.stage.paint(filled:sub(1, -2), role) .. "\n" end
    self:write(filled)
end

local function indented(text)
    return "    " .. text:gsub("%s+$", ""):gsub("\n", "\n    ") .. "\n"
end

function methods:show()
    local exercise = self.exercise
    self:say(("%s (%g points)"):format(exercise.title, exercise.points), "heading")
    self:write("\n" .. session.task(exercise, self.stage.columns()) .. "\n")
    self:write(indented(exercise.starter) .. "\n")
    if self.stage.offer then self.stage.offer((exercise.starter:gsub("%s+$", ""))) end
    self:say((self.stage.offer and "The Up key brings this to the line, to be changed. " or "")
        .. "check() judges what you have. :hint helps, :skip shows a solution, :leave ends.")
    if session.points(exercise, self.records) == exercise.points then
        self:say("(You have solved this one before.)", "dim")
    end
end

function session.has_functions(exercise)
    for _, check in ipairs(exercise.checks) do
        if check.fn then return true end
    end
    return false
end

-- `after` success the letters of right answers need no repeating.
function methods:show_solution(after)
    if after and not session.has_functions(self.exercise) then
        if not self.exercise.after then return end
    elseif self.exercise.solution then
        self:write("\nOne way to write it:\n\n" .. indented(self.exercise.solution))
    else
        self:say("Its solution is with your teacher.")
    end
    if self.exercise.after then self:write("\n" .. paper.text(self.exercise.after,
        self.stage.columns())) end
end

function methods:check()
    local runner = self.runner()
    local report = judge.run(self.exercise, runner)
    runner:close()
    self:write(report_text.text(self.exercise, report, { columns = self.stage.columns() + 1,
        paint = self.stage.paint }))
    local fine, reason = session.keep(self.exercise, self.records, report)
    if not fine and not self.warned then
        self.warned = true
        self:say("(Your progress cannot be kept: " .. tostring(reason) .. ")", "error")
    end
    if report.passed then
        self.done = true
        self:show_solution(true)
    elseif self.hinted < #self.exercise.hints then
        self:say(":hint helps.", "dim")
    end
    return report
end

function methods:hint()
    local hints = self.exercise.hints
    if self.hinted >= #hints then
        return self:say(#hints == 0 and "There is no hint here; :skip shows a solution."
            or "That was the last hint; :skip shows a solution.")
    end
    self.hinted = self.hinted + 1
    self:say(("Hint %d of %d: %s"):format(self.hinted, #hints, hints[self.hinted]))
end

function methods:skip() self:show_solution() end

function methods:again()
    self.hinted = 0
    self:show()
end

function methods:next()
    self:say(self.done and "Solved. :leave ends the exercise; exercise() lists the others."
        or "check() judges what you have typed; :again shows the task once more, :hint helps.")
end

function methods:back() self:say("An exercise has no steps; :leave ends it.") end
function methods:play() self:say("Try what you like: only check() judges.") end

return session
