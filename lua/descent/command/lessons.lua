-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The commands of a lesson.

local prompt = require "descent.prompt"

local function lesson() return require "descent.lesson" end

local function define(name, usage, summary, method)
    prompt.command {
        name = name, usage = usage, summary = summary,
        run = function(rest)
            local session = lesson().session()
            if not session then
                prompt.complain("no lesson or exercise is running; :lessons and exercise() list "
                    .. "them")
                return
            end
            session[method](session, rest)
        end,
    }
end

define("next", ":next", "the next step of the lesson (as the empty line)", "next")
define("back", ":back [STEP]", "the step before, or an earlier one; out of :play", "back")
define("skip", ":skip [STEP]", "past this question, with its answer; or on to a step", "skip")
define("hint", ":hint", "a hint for the question, one after the other", "hint")
define("again", ":again [lesson]", "this step, or the whole lesson, once more", "again")
define("play", ":play [fresh]", "a copy of the lesson's state to try things in", "play")

prompt.command {
    name = "lessons", usage = ":lessons [NAME]", summary = "lists the lessons, or starts one",
    run = function(rest)
        if rest and rest ~= "" then lesson()(rest) else lesson()() end
    end,
}

prompt.command {
    name = "leave", usage = ":leave", summary = "ends the lesson or exercise",
    run = function()
        local left = lesson().leave()
        if left then
            prompt.write(("You have left the %s%s."):format(
                left.is_exercise and "exercise" or "lesson",
                left.warned and "" or "; your progress is kept")) -- else it was said that it is not
        else
            prompt.complain("no lesson or exercise is running; :lessons and exercise() list them")
        end
    end,
}
