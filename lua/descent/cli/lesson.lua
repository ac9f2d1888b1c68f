-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- descent lesson [NAME] [--auto] [--lint] [--coverage] [--html|--markdown FILE [--teacher]]

local USAGE = [[
usage: descent lesson                    list the lessons
       descent lesson NAME               start one, or go on with it
       descent lesson [NAME] --auto      run it with its own answers
       descent lesson [NAME] --lint      look for what is wrong with the file
       descent lesson [NAME] --coverage  the curriculum, and its lessons
       descent lesson NAME --html FILE [--teacher]
                                         a handout, with its figures
       descent lesson NAME --markdown FILE [--teacher]
                                         the same as text

NAME is a lesson's id, its number, or the path of a file or of a folder of
them. Without NAME: all lessons. The folders in DESCENT_LESSONS, separated by
colons, count as well. FILE - is standard output. Exit codes: 0 all went well,
1 something differs or is wrong, 2 a wrong command line, or a lesson that does
not load.
]]

local OPTIONS = { ["--auto"] = true, ["--lint"] = true, ["--coverage"] = true, ["--html"] = true,
    ["--markdown"] = true, ["--teacher"] = true, ["--help"] = true, ["-h"] = true }

local function complain(format, ...)
    io.stderr:write("descent lesson: ", format:format(...), "\n")
    return 2
end

local function parse(arguments)
    local options, i = {}, 1
    while i <= #arguments do
        local word = arguments[i]
        if word:sub(1, 1) == "-" and word ~= "-" then
            if not OPTIONS[word] then
                local names = {}
                for name in pairs(OPTIONS) do names[#names + 1] = name end
                table.sort(names)
                local nearest = require("descent.doc").nearest(word, names)
                return nil, ("%s is no option%s; descent lesson --help lists them"):format(word,
                    nearest and (" (did you mean %s?)"):format(nearest) or "")
            end
            options[word] = true
            if word == "--markdown" or word == "--html" then
                i = i + 1
                if options.file then return nil, "one handout at a time" end
                options.file, options.form = arguments[i], word:sub(3)
                if not options.file then return nil, word .. " needs a file after it" end
            end
        elseif options.name then
            return nil, ("one lesson at a time: %s, %s"):format(options.name, word)
        else
            options.name = word
        end
        i = i + 1
    end
    return options
end

local function selection(name)
    local loader = require "descent.lesson.load"
    if not name then return loader.all() end
    if name:find("[/.]") and not name:find("%.lua$") then
        local lessons = loader.all_in(name)
        if lessons then return lessons, nil, true end
    end
    local lesson, reason = loader.named(name)
    if not lesson then return nil, reason end
    return { lesson }
end

-- Returns the counts of checks.
local function auto(lessons)
    local runner = require "descent.lesson.auto"
    local passed, failed = 0, 0
    for _, lesson in ipairs(lessons) do
        local bad = 0
        local checks = lesson.problems and {} or runner.run(lesson)
        for _, problem in ipairs(lesson.problems or {}) do
            bad = bad + 1
            print("FAILED " .. problem)
        end
        for _, check in ipairs(checks) do
            if check.ok then
                passed = passed + 1
            else
                bad = bad + 1
                print(("FAILED %s:%d: %s%s"):format(lesson.source, check.line or 1, check.name,
                    check.reason and ": " .. check.reason or ""))
            end
        end
        failed = failed + bad
        print(("%s: %d steps, %d checks, %d failed"):format(lesson.source, #lesson.steps, #checks,
            bad))
    end
    return passed, failed
end

local function lint(lessons)
    local linter = require "descent.lesson.lint"
    local known = {}
    for _, lesson in ipairs(require("descent.lesson.load").all()) do known[lesson.id] = true end
    local passed, failed = 0, 0
    for _, lesson in ipairs(lessons) do
        local problems = lesson.problems or linter.lesson(lesson, known)
        for _, problem in ipairs(problems) do print(problem) end
        print(("%s: %d problem%s"):format(lesson.source, #problems, #problems == 1 and "" or "s"))
        if #problems == 0 then passed = passed + 1 else failed = failed + #problems end
    end
    return passed, failed
end

local function handout(lesson, options)
    local form = require("descent.lesson." .. options.form)
    local text = form.render(lesson, options["--teacher"])
    if options.file == "-" then
        io.write(text)
        return 0
    end
    local fine, reason = require("descent.lesson.store").write(options.file, text)
    if not fine then return complain("cannot write %s: %s", options.file, tostring(reason)) end
    return 0
end

return function(arguments)
    local options, reason = parse(arguments)
    if not options then return complain("%s", reason) end
    if options["--help"] or options["-h"] then
        io.write(USAGE)
        return 0
    end
    if options["--coverage"] then
        local lessons
        lessons, reason = selection(options.name)
        if not lessons then return complain("%s", reason) end
        io.write((require("descent.lesson.coverage").report(lessons,
            require("descent.exercise.load").all())))
        return 0
    end
    if options["--auto"] or options["--lint"] or options.file then
        local lessons, is_folder
        lessons, reason, is_folder = selection(options.name)
        if not lessons then return complain("%s", reason) end
        if options.file then
            if not options.name or is_folder then
                return complain("--%s needs the name of one lesson", options.form)
            end
            return handout(lessons[1], options)
        end
        local passed, failed = 0, 0
        local function count(p, f) passed, failed = passed + p, failed + f end
        if options["--auto"] then count(auto(lessons)) end
        if options["--lint"] then count(lint(lessons)) end
        print(("%d passed, %d failed"):format(passed, failed))
        return failed == 0 and 0 or 1
    end
    local listed, is_folder
    listed, reason, is_folder = selection(options.name)
    if not listed then return complain("%s", reason) end
    if not options.name or is_folder then
        io.write(require("descent.lesson").list(listed))
        return 0
    end
    local terminal = require "descent.terminal"
    if not terminal.is_terminal("input") then
        return complain("a lesson needs a terminal; --auto runs it without one")
    end
    require "descent.prompt"
    require("descent.lesson").start(options.name)
    return "prompt"
end
