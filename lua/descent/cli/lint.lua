-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- descent lint [FILE...]: what is wrong with lesson and exercise files.

local USAGE = [[
usage: descent lint [FILE...]
       descent lint --lessons | --exercises

Looks for what is wrong with lesson and exercise files; without FILE, with
those of the program. Of an exercise: its solution passes and its starter does
not, every known mistake and every wrong answer gets its own sentence, and
changed solutions are noticed; what is not noticed is listed as a blind spot.
Exit codes: 0 nothing is wrong, 1 something is, 2 a wrong command line.
]]

local function complain(format, ...)
    io.stderr:write("descent lint: ", format:format(...), "\n")
    return 2
end

local function plural(count, word)
    return ("%d %s%s"):format(count, word, count == 1 and "" or "s")
end

local function lint_exercise(exercise)
    local problems, count, noticed = exercise.problems, 0, 0
    if not problems then
        problems, count, noticed = require("descent.exercise.lint").exercise(exercise)
    end
    for _, problem in ipairs(problems) do print(problem) end
    print(("%s: %s%s"):format(exercise.source, plural(#problems, "problem"), count > 0
        and (", %d of %d changed solutions noticed"):format(noticed, count) or ""))
    return #problems
end

local function lint_lesson(lesson, known)
    local problems = lesson.problems or require("descent.lesson.lint").lesson(lesson, known)
    for _, problem in ipairs(problems) do print(problem) end
    print(("%s: %s"):format(lesson.source, plural(#problems, "problem")))
    return #problems
end

local function known_lessons()
    local lessons, known = require("descent.lesson.load").all(), {}
    for _, lesson in ipairs(lessons) do known[lesson.id] = true end
    return lessons, known
end

-- The number of problems of one file; nil and the reason where it cannot be read.
local function lint_file(path)
    local text, reason = require("descent.lesson.store").read(path)
    if not text then return nil, reason end
    if ("\n" .. text):find("\n%s*return%s+lesson%f[%W]") then
        local lesson, problems = require("descent.lesson.load").text(text, path)
        local _, known = known_lessons()
        return lint_lesson(lesson or { problems = problems, source = path }, known)
    end
    local exercise, problems = require("descent.exercise.load").file(path)
    return lint_exercise(exercise or { problems = problems, source = path })
end

return function(arguments)
    local files, kinds = {}, {}
    for _, word in ipairs(arguments) do
        if word == "--help" or word == "-h" then
            io.write(USAGE)
            return 0
        elseif word == "--lessons" or word == "--exercises" then
            kinds[word:sub(3)] = true
        elseif word:sub(1, 1) == "-" then
            return complain("%s is no option; descent lint --help says what there is", word)
        else
            files[#files + 1] = word
        end
    end
    require("descent.plot.output").choose("none")
    local clean, wrong = 0, 0
    local function count(problems)
        if problems == 0 then clean = clean + 1 else wrong = wrong + 1 end
    end
    for _, path in ipairs(files) do
        local problems, reason = lint_file(path)
        if not problems then return complain("cannot read %s", reason) end
        count(problems)
    end
    local all = #files == 0 and not next(kinds)
    if all or kinds.lessons then
        local lessons, known = known_lessons()
        for _, lesson in ipairs(lessons) do count(lint_lesson(lesson, known)) end
    end
    if all or kinds.exercises then
        for _, exercise in ipairs(require("descent.exercise.load").all()) do
            count(lint_exercise(exercise))
        end
    end
    if #files ~= 1 then print(("%d passed, %d failed"):format(clean, wrong)) end
    return wrong == 0 and 0 or 1
end
