-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- coverage.lua: which topics of the curriculum have a lesson or an exercise.

local curriculum = require "descent.lesson.curriculum"

local coverage = {}

-- Parts whose topics are exercises, not lessons.
local EXERCISES = { P = true }

-- The table as text, the number of topics taught and of all that lessons should teach.
function coverage.report(lessons, exercises)
    local by_topic, problems = {}, {}
    local function note(one, name, into)
        for _, id in ipairs(one.covers) do
            into[id] = into[id] or {}
            table.insert(into[id], name)
        end
    end
    for _, lesson in ipairs(lessons) do note(lesson, lesson.name or lesson.id, by_topic) end
    for _, exercise in ipairs(exercises or {}) do note(exercise, exercise.name, problems) end
    local lines, taught, all = {}, 0, 0
    local part
    for _, topic in ipairs(curriculum.topics) do
        if topic.part ~= part then
            part = topic.part
            lines[#lines + 1] = ("%s%s. %s"):format(#lines > 0 and "\n" or "", part,
                curriculum.title(part))
        end
        local names = EXERCISES[part] and problems[topic.id] or by_topic[topic.id]
        if not EXERCISES[part] then
            all = all + 1
            if names then taught = taught + 1 end
        end
        lines[#lines + 1] = ("  %-4s %-58s %s"):format(topic.id, topic.title,
            names and table.concat(names, ", ") or "-")
    end
    lines[#lines + 1] = ""
    lines[#lines + 1] = ("%d of %d topics have a lesson; the rows of P name exercises."):format(
        taught, all)
    return table.concat(lines, "\n") .. "\n", taught, all
end

return coverage
