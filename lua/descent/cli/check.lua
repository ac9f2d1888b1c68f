-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- descent check: judges answers to exercises, and runs saved sessions and reports each result that
-- differs. Such a script is run with a call in place of every `--> ` comment, and what it prints is
-- kept instead of shown.

local comparison = require "descent.prompt.comparison"
local failure = require "descent.failure"
local show = require "descent.show"
local strict = require "descent.strict"
local tokens = require "descent.prompt.tokens"

local USAGE = [[
usage: descent check [--watch] FILE
       descent check [--tolerance NUMBER] FILE...

A file that begins with "-- exercise: NAME" (descent exercise NAME > FILE makes
one) is judged as an answer to that exercise; with --watch again whenever it is
saved, until Ctrl-C. Exit codes: 0 all is right, 1 it is not, 2 there is no
such exercise.

Any other file is a saved session. Runs each script that :save has written and
compares what it prints with the results in it, the comments that begin with
"--> ". Numbers may differ by the tolerance (relative, 1e-9), integers and
words not at all. Exit codes: 0 all results are the same, 1 one differs or the
script stops with an error, 2 a wrong command line.
]]

local CALL = "__result_of_check"

local function complain(format, ...)
    io.stderr:write("descent check: ", format:format(...), "\n")
    return 2
end

local function indented(text) return (text:gsub("\n", "\n             ")) end

local function tell_difference(path, script, result, now)
    print(("%s:%d: %s"):format(path, result.line, comparison.code_of(script, result)))
    print("    saved    " .. indented(result.text))
    print("    now      " .. (now and indented(now) or "(nothing was printed)"))
end

-- Calls run with everything that is printed going to keep(text, whole): whole lines, by print.
local function capturing(keep, run)
    local true_print, true_write = print, io.write
    local stdout = io.stdout
    local methods = getmetatable(stdout).__index
    local method = methods.write
    local function write_method(file, ...)
        if file ~= stdout then return method(file, ...) end
        for i = 1, select("#", ...) do keep(tostring((select(i, ...)))) end
        return file
    end
    local function captured_print(...)
        local parts = table.pack(...)
        for i = 1, parts.n do parts[i] = tostring(parts[i]) end
        keep(table.concat(parts, "\t") .. "\n", true)
    end
    local function captured_write(...)
        if io.output() ~= stdout then return true_write(...) end
        return write_method(stdout, ...)
    end
    strict.replace("print", captured_print)
    io.write, methods.write = captured_write, write_method
    local ok, object = xpcall(run, failure.handler)
    strict.replace("print", true_print)
    io.write, methods.write = true_write, method
    return ok, object
end

local function was_interrupted()
    local found, console = pcall(require, "descent.console")
    return found and console.interrupted()
end

-- The exit code for one script.
local function check(path, tolerance, several)
    local script, reason = require("descent.lesson.store").read(path)
    if not script then return complain("cannot read %s", reason) end
    local answers = require "descent.exercise.file"
    local exercise = answers.exercise_name(script)
    if exercise then
        if several then print(path) end
        return answers.check_text(script, path, exercise)
    end
    local words = tokens.scan(script)
    if #words > 2 and words[1].text == "return" and words[2].text == "exercise" then
        return complain("%s is an exercise, not an answer to it; descent lint %s judges it", path,
            path)
    end
    script = script:gsub("^#[^\n]*", "--")

    local name = "@" .. path
    local results = comparison.results(script)
    local chunk, message = load(script, name, "t")
    if chunk then
        chunk, message = load(comparison.instrumented(script, results, CALL), name, "t")
        if not chunk then
            message = message:match("^(.-:%d+:)") .. " a result cannot stand inside a statement"
        end
    end
    if not chunk then
        io.stderr:write(message, "\n")
        return 1
    end

    local printed, last_print = {}, nil
    local reached, different = 0, 0
    local differences = {}
    local function compare(number)
        local result = results[number]
        -- What io.write left on the line does not belong to what print writes behind it.
        local now = comparison.last_lines(last_print or "", result.lines)
            or comparison.last_lines(table.concat(printed), result.lines)
        printed, last_print = {}, nil
        if not result.seen then
            result.seen = true
            reached = reached + 1
        end
        if not now or not comparison.agrees(result.text, now, tolerance) then
            different = different + 1
            differences[#differences + 1] = {result, now}
        end
    end
    strict.own(name)
    rawset(_G, CALL, compare)
    local function keep(text, whole)
        printed[#printed + 1] = text
        last_print = whole and text or nil
    end
    local ok, object = capturing(keep, function() show.as_file(chunk) end)
    rawset(_G, CALL, nil)
    for _, one in ipairs(differences) do tell_difference(path, script, one[1], one[2]) end
    if not ok then
        io.stdout:flush()
        local interrupted = was_interrupted()
        io.stderr:write(failure.text(object, interrupted), "\n")
        if interrupted then return 130 end
    end
    local missing = #results - reached
    local summary = ("%s: %d %s"):format(path, #results, #results == 1 and "result" or "results")
    if different > 0 then summary = summary .. (", %d differ%s"):format(different,
        different == 1 and "s" or "") end
    if missing > 0 then summary = summary .. (", %d not reached"):format(missing) end
    if different == 0 and missing == 0 and #results > 0 then
        summary = summary .. (#results == 1 and ", the same as saved" or ", all the same as saved")
    end
    print(summary)
    return ok and different == 0 and missing == 0 and 0 or 1
end

-- Judges an answer whenever it is saved.
local function watch(files)
    if #files ~= 1 then return complain("--watch needs one file") end
    local answers = require "descent.exercise.file"
    local text, reason = require("descent.lesson.store").read(files[1])
    if not text then return complain("cannot read %s", reason) end
    local exercise = answers.exercise_name(text)
    if not exercise then
        return complain("--watch needs an answer to an exercise; %s does not begin with "
            .. "\"-- exercise: NAME\"", files[1])
    end
    return answers.watch(files[1], exercise)
end

local function parse(arguments)
    local files, tolerance, at = {}, comparison.TOLERANCE, 1
    while at <= #arguments do
        local argument = arguments[at]
        if argument == "--help" or argument == "-h" then return nil, nil end
        if argument == "--tolerance" then
            at = at + 1
            tolerance = tonumber(arguments[at])
            if not tolerance or not (tolerance >= 0) then
                return nil, "--tolerance needs a number of at least 0, such as 1e-6"
            end
        elseif argument == "--watch" then
            files.watch = true
        elseif argument:sub(1, 1) == "-" then
            return nil, argument .. " is no option; descent check --help lists them"
        else
            files[#files + 1] = argument
        end
        at = at + 1
    end
    if #files == 0 then
        return nil, "it needs the name of a file that :save has written, or of an answer to an "
            .. "exercise"
    end
    return files, tolerance
end

return function(arguments)
    local files, other = parse(arguments)
    if not files then
        if other then return complain("%s", other) end
        io.write(USAGE)
        return 0
    end
    require("descent.plot.output").choose("none")
    if files.watch then return watch(files) end
    local worst = 0
    for _, path in ipairs(files) do worst = math.max(worst, check(path, other, #files > 1)) end
    return worst
end
