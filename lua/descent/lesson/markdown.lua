-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- markdown.lua: a lesson as a handout. Demos and figures are run, so that their output is what the
-- program gives. The teacher's edition has answers, reasons, solutions and known mistakes.

local judge = require "descent.lesson.judge"
local paper = require "descent.lesson.paper"
local session = require "descent.lesson.session"
local progress = require "descent.lesson.progress"
local stage = require "descent.lesson.stage"

local markdown = {}

-- A fence longer than any run of backticks inside.
local function fenced(text, language)
    local fence = "```"
    while text:find(fence, 1, true) do fence = fence .. "`" end
    return fence .. (language or "") .. "\n" .. text:gsub("%s+$", "") .. "\n" .. fence .. "\n"
end

-- Prose; formulas and tables (lines set in by four) are code blocks in Markdown as they stand.
local function prose(text)
    local parts = {}
    for line in (text:gsub("%s+$", "") .. "\n"):gmatch("(.-)\n") do
        if not line:find("^    ") then line = line:gsub("([*_<])", "\\%1") end
        parts[#parts + 1] = line
    end
    return table.concat(parts, "\n") .. "\n"
end

local function number(value)
    if type(value) ~= "table" then return ("%.10g"):format(value) end
    local parts = {}
    for i, one in ipairs(value) do parts[i] = ("%.10g"):format(one) end
    return table.concat(parts, ", ")
end

local function render(lesson, teacher)
    local parts = {}
    local function add(text) parts[#parts + 1] = text end
    local quiet = stage.quiet(80)
    local guide = session.new(lesson, progress.open(lesson, true), quiet)
    quiet.enter(guide.variables)
    quiet.seed(lesson.seed)

    local function live(step, code)
        guide:prepare(step.index)
        quiet.take()
        guide:run_demo(code)
        guide.built = step.index
        add(fenced(quiet.take()))
        if step.alt then add("*" .. step.alt:gsub("%s+", " ") .. "*\n") end
    end

    add("# " .. lesson.title .. "\n")
    if lesson.summary then add(prose(lesson.summary)) end
    if #lesson.covers > 0 then
        add(("Topics %s%s.\n"):format(table.concat(lesson.covers, ", "),
            lesson.minutes and ("; about %d minutes"):format(lesson.minutes) or ""))
    end
    local question = 0
    for _, step in ipairs(lesson.steps) do
        if step.say then add(prose(step.say)) end
        if step.kind == "text" then
            add(prose(step[1]))
        elseif step.kind == "demo" or step.kind == "figure" then
            live(step, step[1])
        else
            question = question + 1
            add(("**%d.** "):format(question) .. prose(step.ask))
            if step.yes then
                for i, choice in ipairs(judge.choices(lesson, step)) do
                    add(("%s) %s%s"):format(paper.letter(i), choice[1], teacher
                        and (" (%s: %s)"):format(choice.right and "right" or "wrong", choice[2])
                        or "") .. "\n")
                end
            elseif step.kind == "code" then
                add(fenced(teacher and step.solution or step.starter, "lua"))
                for _, mistake in ipairs(teacher and step.mistakes or {}) do
                    add(("- %s: %s"):format(mistake.id, mistake.say) .. "\n")
                end
            elseif teacher and step.answer then
                add("Answer: " .. number(step.answer[1]) .. "\n")
                for _, wrong in ipairs(step.wrong or {}) do
                    add(("- %s: %s"):format(number(wrong[1]), wrong[2]) .. "\n")
                end
            elseif step.kind == "try" and teacher then
                add(fenced(step.solution, "lua"))
            elseif not teacher then
                add("Answer: \\_\\_\\_\\_\\_\\_\\_\\_\n")
            end
            if step.run then live(step, step.run) end
        end
        local hidden = not teacher and step.ask and not step.run
        if step.see and not hidden then add(prose(step.see)) end
    end
    return table.concat(parts, "\n")
end

function markdown.render(lesson, teacher)
    return stage.with_plots("text", render, lesson, teacher)
end

return markdown
