-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- descent exercise [NAME [--hint [N] | --solution | --task]]

local USAGE = [[
usage: descent exercise                    list them, with what you have solved
       descent exercise NAME > NAME.lua    the file to begin with
       descent exercise NAME --task        the task alone
       descent exercise NAME --hint [N]    the next hint; with N, the first N
       descent exercise NAME --solution    one way to write it

NAME is an exercise's name or the beginning of it, its number in the curriculum
(P3), or the path of a file that holds one. descent check NAME.lua judges your
file. Exit codes: 0 all went well, 2 a wrong command line or no such exercise.
]]

local OPTIONS = { "--hint", "--solution", "--task", "--help" }

local function complain(format, ...)
    io.stderr:write("descent exercise: ", format:format(...), "\n")
    return 2
end

local function write(text)
    if not require("descent.terminal").unicode() then
        text = require("descent.lesson.paper").ascii(text)
    end
    io.stdout:write(text)
end

local function parse(arguments)
    local options, i = {}, 1
    while i <= #arguments do
        local word = arguments[i]
        if word == "-h" then word = "--help" end
        if word:sub(1, 1) == "-" and word ~= "-" then
            local known = false
            for _, option in ipairs(OPTIONS) do known = known or option == word end
            if not known then
                local nearest = require("descent.doc").nearest(word, OPTIONS)
                return nil, ("%s is no option%s; descent exercise --help lists them"):format(word,
                    nearest and (" (did you mean %s?)"):format(nearest) or "")
            end
            options[word] = true
            if word == "--hint" and math.tointeger(tonumber(arguments[i + 1])) then
                i = i + 1
                options.count = math.tointeger(tonumber(arguments[i]))
            end
        elseif options.name then
            return nil, ("one exercise at a time: %s, %s"):format(options.name, word)
        else
            options.name = word
        end
        i = i + 1
    end
    return options
end

-- The next hint that has not been shown: how many were is kept with the progress.
local function hint(exercise, count)
    if #exercise.hints == 0 then
        write("There is no hint.\n")
        return 0
    end
    local session = require "descent.exercise.session"
    local paper = require "descent.lesson.paper"
    local records = session.progress(exercise)
    local kept = { id = "hints", hash = "0" }
    local before = records:record(kept)
    local seen = before and math.tointeger(tonumber(before.answer)) or 0
    local shown = math.min(#exercise.hints, seen + 1)
    local first, last = shown, shown
    if count then
        first, last = 1, math.max(1, math.min(count, #exercise.hints))
    else
        records:set(kept, "seen", tostring(shown))
    end
    for i = first, last do
        write(paper.text(("Hint %d of %d: %s"):format(i, #exercise.hints, exercise.hints[i])))
    end
    return 0
end

return function(arguments)
    local options, reason = parse(arguments)
    if not options then return complain("%s", reason) end
    if options["--help"] then
        io.write(USAGE)
        return 0
    end
    if not options.name then
        write(require("descent.exercise").list() .. "\ndescent exercise momentum > momentum.lua "
            .. "gives the file to begin with.\n")
        return 0
    end
    local exercise
    exercise, reason = require("descent.exercise").find(options.name)
    if not exercise then return complain("%s", reason) end
    if options["--hint"] then return hint(exercise, options.count) end
    if options["--solution"] then
        if not exercise.solution then return complain("its solution is not here, only its task") end
        write(exercise.solution)
        return 0
    end
    if options["--task"] then
        write(("%s (%g points)\n\n"):format(exercise.title, exercise.points)
            .. require("descent.exercise.session").task(exercise,
                (require("descent.terminal").size()) - 1))
        return 0
    end
    write(require("descent.exercise.file").starter(exercise))
    return 0
end
