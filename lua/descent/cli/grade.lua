-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- descent grade NAME FILE...: judges files that were handed in, each in an isolated process.

local USAGE = [[
usage: descent grade NAME FILE... [OPTION...]
       descent grade NAME --from FILE [OPTION...]

Judges submissions of the exercise NAME (its id, or the path of its file) and
says of each what is right, what is wrong and why. Every submission runs in a
process that can do nothing but compute.

  -j N             so many at a time (the number of processors)
  --seconds N      what a check may take of the processor (5); a submission
                   twice as much
  --memory SIZE    what a submission may use, as 512M (256M)
  --json FILE      a line of JSON for each submission
  --csv FILE       a row for each, for a spreadsheet
  --junit FILE     JUnit's XML, for continuous integration
  --tap            the Test Anything Protocol instead of the table
  --html FOLDER    a page for each, and one for the class
  --no-times       leave out how long each took: the same files, the same bytes
  --diff FILE      whose marks have changed since that report of --json
  --from FILE      read a report of --json instead of grading (several may be
                   put together in one)
  --unsafe         without isolation, where the system has none: only for code
                   you trust

FILE - is standard output, in place of the table. A submission is called by its
file's name; by its folder's where the file is called like the exercise.

Exit codes: 0 all pass, 1 some fail, 2 the exercise or the command line is
wrong, 130 Ctrl-C.
]]

-- What follows the option: a word for messages, or false where nothing does.
local OPTIONS = { ["-j"] = "a number", ["--seconds"] = "a number", ["--memory"] = "a size",
    ["--json"] = "a file", ["--csv"] = "a file", ["--junit"] = "a file", ["--tap"] = false,
    ["--html"] = "a folder", ["--no-times"] = false, ["--diff"] = "a file", ["--from"] = "a file",
    ["--unsafe"] = false, ["--help"] = false, ["-h"] = false }
local REPORTS = { "json", "csv", "junit" }

local function complain(format, ...)
    io.stderr:write("descent grade: ", format:format(...), "\n")
    return 2
end

local UNITS = { [""] = 1, k = 2 ^ 10, m = 2 ^ 20, g = 2 ^ 30 }

-- "256M" -> bytes, or nil
local function size_of(text)
    local number, unit = text:lower():match("^([%d.]+)([kmg]?)b?$")
    local value = number and tonumber(number)
    value = value and value * UNITS[unit]
    return value and value >= 2 ^ 22 and value <= 2 ^ 40 and math.floor(value) or nil
end

-- The meaning of the words; nil and a sentence.
local function parse(arguments)
    local options, words, only_files = {}, {}, false
    local i = 1
    while i <= #arguments do
        local word = arguments[i]
        local name, value = word:match("^(%-%-[%w-]+)=(.*)$")
        if not name then name, value = word:match("^(%-j)(%d+)$") end
        name = name or word
        if only_files or word:sub(1, 1) ~= "-" or word == "-" then
            words[#words + 1] = word
        elseif word == "--" then
            only_files = true
        elseif OPTIONS[name] == nil then
            local names = {}
            for known in pairs(OPTIONS) do names[#names + 1] = known end
            table.sort(names)
            local nearest = require("descent.doc").nearest(name, names)
            return nil, ("%s is no option%s; descent grade --help lists them"):format(name,
                nearest and (" (did you mean %s?)"):format(nearest) or "")
        elseif OPTIONS[name] then
            if not value then
                i = i + 1
                value = arguments[i]
            end
            if not value or value == "" then
                return nil, ("%s needs %s after it"):format(name, OPTIONS[name])
            end
            options[name:gsub("^%-+", "")] = value
        elseif value then
            return nil, ("%s takes nothing after it"):format(name)
        else
            options[name:gsub("^%-+", "")] = true
        end
        i = i + 1
    end
    if options.help or options.h then return { help = true } end
    options.name = table.remove(words, 1)
    options.files = words
    if not options.name then return nil, "which exercise? descent grade NAME FILE..." end
    if #words == 0 and not options.from then
        return nil, ("no files; descent grade %s FILE..."):format(options.name)
    end
    if #words > 0 and options.from then return nil, "--from takes the place of the files" end
    local function whole(key, low, high, what)
        local number = options[key] and tonumber(options[key])
        if options[key] and not (number and number >= low and number <= high) then
            return ("%s takes %s, not %s"):format(key == "j" and "-j" or "--" .. key, what,
                options[key])
        end
        options[key] = number
    end
    local problem = whole("j", 1, 60, "a number from 1 to 60")
        or whole("seconds", 0.05, 3600, "a number of seconds from 0.05 to 3600")
    if problem then return nil, problem end
    if options.j then options.j = math.floor(options.j) end
    if options.memory then
        local bytes = size_of(options.memory)
        if not bytes then
            return nil, ("--memory takes a size from 4M on, as 256M, not %s"):format(options.memory)
        end
        options.memory = bytes
    end
    return options
end

-- A row of the report, for one file.
local function graded(exercise, path, options, pause)
    local child = require "descent.grade.child"
    local submission = require "descent.grade.submission"
    local name = submission.name(path, exercise.id)
    local source, refused = submission.read(path)
    local runner, reason = child.runner(source or "", "submission", { seconds = options.seconds,
        memory = options.memory, unsafe = options.unsafe, pause = pause, refused = refused })
    if not runner then error(reason, 0) end
    local closing <close> = runner
    local report = require("descent.exercise").judge(exercise, runner, { seed = name })
    for _, check in ipairs(report.checks) do
        if check.broken then error(("the exercise is at fault: %s"):format(check.say), 0) end
    end
    if source and not report.passed and submission.is_starter(source, exercise) then
        for _, check in ipairs(report.checks) do
            if check.verdict ~= "pass" then
                check.mistake, check.mistake_title = "starter", "the starter, unchanged"
            end
        end
        table.insert(report.notes, 1, "The file is the starter as it was handed out.")
    end
    local row = { submission = name, file = path, exercise = exercise.id }
    for key, value in next, report do row[key] = value end
    if not options["no-times"] then
        row.seconds = math.floor(closing.spent * 1000 + 0.5) / 1000
    end
    return row
end

-- The rows, and whether Ctrl-C ended it.
local function grade(exercise, options)
    local host = require("descent.core").host
    local count = #options.files
    local shown = host.is_terminal(2) and os.getenv("TERM") ~= "dumb" and count > 1
    local function progress(done)
        if shown then io.stderr:write(("\rgraded %d of %d"):format(done, count)) end
    end
    local fine, rows, stopped = pcall(require("descent.grade.batch").run, options.files,
        options.j or host.processors(),
        function(path, pause) return graded(exercise, path, options, pause) end, progress)
    if shown then io.stderr:write("\r\27[K") end
    if not fine then error(rows, 0) end
    local list = {}
    for i = 1, count do list[#list + 1] = rows[i] end
    return list, stopped
end

local function written(path, text)
    if path == "-" then
        io.stdout:write(text)
        return true
    end
    local fine, reason = pcall(require("descent.core").host.write, path, text)
    return fine, reason
end

-- Writes every report that is asked for. 0, or the exit code of a failure.
local function write_reports(rows, exercise, options)
    local code = 0
    for _, form in ipairs(REPORTS) do
        if options[form] then
            local text = require("descent.grade.report." .. form).text(rows)
            local fine, reason = written(options[form], text)
            if not fine then code = complain("%s", reason) end
        end
    end
    if options.html then
        local host = require("descent.core").host
        local pages = require("descent.grade.report.html").pages(rows, exercise.title)
        local fine, reason = pcall(host.make_folder, options.html)
        for name, text in next, pages do
            if fine then fine, reason = pcall(host.write, options.html .. "/" .. name, text) end
        end
        if not fine then code = complain("%s", reason) end
    end
    return code
end

local function to_standard_output(options)
    for _, form in ipairs(REPORTS) do
        if options[form] == "-" then return true end
    end
    return false
end

local function show(rows, exercise, options)
    local terminal = require "descent.terminal"
    if to_standard_output(options) then return end
    if options.tap then
        io.stdout:write(require("descent.grade.report.tap").text(rows))
        return
    end
    local columns = terminal.is_terminal("output") and terminal.size() or nil
    local text
    if #rows == 1 and not options.from then
        text = require("descent.exercise.report").text(exercise, rows[1],
            { columns = columns or 80, paint = terminal.paint })
    else
        text = require("descent.grade.report.text").text(rows,
            { columns = columns, paint = terminal.paint })
    end
    if not terminal.unicode() then text = require("descent.lesson.paper").ascii(text) end
    io.stdout:write(text)
end

local function read_report(path)
    local text, reason = require("descent.lesson.store").read(path)
    if not text then return nil, reason end
    return require("descent.grade.report.json").read(text, path)
end

-- Paths that name nothing at all are a mistake of the command line, found before any grading.
local function all_there(files)
    local submission = require "descent.grade.submission"
    for _, path in ipairs(files) do
        local _, refused = submission.read(path)
        if refused and refused.message:find("there is no such file", 1, true) then
            return nil, ("%s: there is no such file"):format(submission.shown(path))
        end
    end
    return true
end

return function(arguments)
    local options, problem = parse(arguments)
    if not options then return complain("%s", problem) end
    if options.help then
        io.stdout:write(USAGE)
        return 0
    end
    local exercise, reason = require("descent.exercise").find(options.name)
    if not exercise then return complain("%s", reason) end

    local before
    if options.diff then
        before, reason = read_report(options.diff)
        if not before then return complain("%s", reason) end
    end
    local rows, stopped
    if options.from then
        rows, reason = read_report(options.from)
        if not rows then return complain("%s", reason) end
        for _, row in ipairs(rows) do
            if row.exercise ~= exercise.id then
                return complain("%s is a report on %s, not on %s", options.from, row.exercise,
                    exercise.id)
            end
        end
    else
        local fine
        fine, reason = require("descent.grade.child").supported()
        if not fine and not options.unsafe then
            return complain("%s; --unsafe grades without isolation, code that you trust", reason)
        end
        fine, reason = all_there(options.files)
        if not fine then return complain("%s", reason) end
        local right
        right, rows, stopped = pcall(grade, exercise, options)
        if not right then return complain("%s", tostring(rows)) end
    end

    local code = write_reports(rows, exercise, options)
    show(rows, exercise, options)
    if before then
        for _, line in ipairs(require("descent.grade.difference").lines(before, rows)) do
            io.stdout:write(line, "\n")
        end
    end
    io.stdout:flush()
    if stopped then
        io.stderr:write(("descent grade: interrupted; %d of %d are graded\n"):format(#rows,
            #options.files))
        return 130
    end
    if code ~= 0 then return code end
    for _, row in ipairs(rows) do
        if not row.passed then return 1 end
    end
    return 0
end
