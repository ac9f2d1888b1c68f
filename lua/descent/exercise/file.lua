-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- file.lua: exercises in an editor: the file to begin with, and the verdict on a file, once or
-- whenever it is saved.

local judge = require "descent.exercise.judge"
local load_exercise = require "descent.exercise.load"
local paper = require "descent.lesson.paper"
local report_text = require "descent.exercise.report"
local session = require "descent.exercise.session"
local store = require "descent.lesson.store"

local file = {}

local COLUMNS = 72
local SECONDS = 2 -- of the processor for a check

local function comment(text, lines)
    for line in (text:gsub("%s+$", "") .. "\n"):gmatch("(.-)\n") do
        lines[#lines + 1] = line == "" and "--" or "-- " .. line
    end
end

-- The file that a learner begins with.
function file.starter(exercise, name)
    name = name or exercise.name or exercise.id
    -- Beside an exercise of one's own, its name is taken.
    local own = name:find("/", 1, true) or name:find("%.lua$")
    local lines = { "-- exercise: " .. name }
    comment(("%s (%g points)"):format(exercise.title, exercise.points), lines)
    lines[#lines + 1] = "--"
    comment(session.task(exercise, COLUMNS), lines)
    lines[#lines + 1] = "--"
    comment(("Judge it:  descent check %s.lua    (--watch: whenever it is saved)"):format(
        own and "my-" .. exercise.id or exercise.id), lines)
    comment(("A hint:    descent exercise %s --hint"):format(name), lines)
    lines[#lines + 1] = ""
    lines[#lines + 1] = exercise.starter:gsub("%s+$", "") .. "\n"
    return table.concat(lines, "\n")
end

-- The name of the exercise that a file answers, or nil: its first comment lines say so.
function file.exercise_name(text)
    text = text:gsub("^\u{FEFF}", ""):gsub("^#[^\n]*\n", "")
    for line in text:gmatch("([^\n]*)\n?") do
        local name = line:match("^%s*%-%-+%s*[Ee]xercise:%s*(.-)%s*$")
        if name and name ~= "" then return name end
        if not line:find("^%s*%-%-") and line:find("%S") then return nil end
    end
end

local function folder_of(path) return path:match("^(.*)/[^/]*$") or "." end

-- The process in which submissions are graded, so that a learner sees what the teacher will see;
-- nil where this program has none.
local function isolated(text)
    local found, child = pcall(require, "descent.grade.child")
    return found and child.runner(text, "answer", { seconds = SECONDS,
        unsafe = not child.supported() }) or nil
end

-- A runner of the file's code.
local function runner_of(text)
    text = text:gsub("^\u{FEFF}", ""):gsub("^#[^\n]*", "")
    local apart = isolated(text)
    if apart then return apart end
    local runner = require "descent.exercise.runner"
    local variables = require("descent.lesson.environment").new()
    local made = runner.here(variables, { seconds = SECONDS })
    local fine, problem = runner.load(text, "answer", variables)
    if not fine then
        function made:run(calls)
            local results = {}
            for i in ipairs(calls) do results[i] = problem end
            return results
        end
    end
    return made
end

local function terminal() return require "descent.terminal" end

local function write(text)
    if not terminal().unicode() then text = paper.ascii(text) end
    io.stdout:write(text)
end

local function show(exercise, report)
    write(report_text.text(exercise, report, { columns = (terminal().size()),
        paint = function(text, role) return terminal().paint(text, role) end }))
    if report.passed then
        if exercise.after then
            write("\n" .. paper.text(exercise.after, (terminal().size()) - 1))
        end
        if exercise.solution and session.has_functions(exercise) then
            write(("\nOne way to write it: descent exercise %s --solution\n"):format(exercise.name))
        end
    end
end

-- Judges a text; prints the report. The exit code: 0 passed, 1 not, 2 the exercise is not to be
-- had.
local function check_text(text, path, name)
    local exercise, reason = load_exercise.named(name, folder_of(path))
    if not exercise then
        io.stderr:write(("descent check: %s: %s\n"):format(path, reason))
        return 2
    end
    local runner = runner_of(text)
    local report = judge.run(exercise, runner)
    runner:close()
    show(exercise, report)
    session.keep(exercise, session.progress(exercise), report)
    for _, verdict in ipairs(report.checks) do
        if verdict.broken then return 2 end
    end
    return report.passed and 0 or 1
end
file.check_text = check_text

local PAUSE = "0.3" -- seconds between two looks at the file

local function rest() return os.execute("sleep " .. PAUSE) end

-- Judges the file, and again whenever its text has changed, until Ctrl-C.
function file.watch(path, name)
    local last
    while true do
        local text = store.read(path)
        -- An editor may be writing it just now: an empty or missing file is waited for.
        if text and text ~= last and text:find("%S") then
            if last then write("\n") end
            last = text
            write(terminal().paint(("%s  %s"):format(os.date("%H:%M:%S"), path), "dim") .. "\n")
            check_text(text, path, file.exercise_name(text) or name)
            write(terminal().paint("(watching; Ctrl-C ends)", "dim") .. "\n")
            io.stdout:flush()
        end
        if not rest() then return 0 end
    end
end

return file
