-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- html.lua: a lesson as one page that needs nothing else. Demos are run, so that their output is
-- what the program gives; figures are pictures where gnuplot is installed, else text. The teacher's
-- edition has answers, reasons, solutions and known mistakes; the student's has the hints and, for
-- a prediction, the run, folded.

local core = require "descent.core"
local environment = require "descent.lesson.environment"
local judge = require "descent.lesson.judge"
local session = require "descent.lesson.session"
local progress = require "descent.lesson.progress"
local stage = require "descent.lesson.stage"

local html = {}

local FIGURE = { 760, 470 } -- pixels
local TEXT_ROWS = 22

local STYLE = [[
:root { color-scheme: light dark; --ink: #1d2430; --ground: #fdfdfb; --soft: #5d6675;
  --line: #d9dce3; --box: #f3f4f6; --ask: #1f5f8b; --right: #1c6b3c; --wrong: #9a3412; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7ec; --ground: #15181d;
  --soft: #9aa3b2; --line: #333a45; --box: #1e232b; --ask: #7cc0ee; --right: #7fd6a2;
  --wrong: #f2a779; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 46rem; padding: 2rem 1rem 4rem; color: var(--ink);
  background: var(--ground); font: 1.05rem/1.55 Georgia, "DejaVu Serif", serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; }
.about { color: var(--soft); margin: 0 0 2rem; }
pre { font: .86rem/1.4 "DejaVu Sans Mono", Menlo, Consolas, monospace; overflow-x: auto;
  margin: .9rem 0; }
pre.formula { padding: 0 0 0 1.6rem; font-size: .95rem; }
pre.code { background: var(--box); border: 1px solid var(--line); border-radius: 6px;
  padding: .6rem .8rem; }
pre.code b { font-weight: 600; }
pre.code .out { color: var(--soft); }
pre.plot { line-height: 1.15; }
figure { margin: 1rem 0; }
figure img { display: block; width: 100%; height: auto; background: #fff; border-radius: 6px;
  border: 1px solid var(--line); }
figcaption { color: var(--soft); font-size: .9rem; margin-top: .4rem; }
section { border-left: 4px solid var(--ask); padding: .1rem 0 .1rem 1rem; margin: 1.4rem 0; }
section > h2 { font-size: 1rem; color: var(--ask); margin: .3rem 0; }
ol.choices { list-style: lower-alpha; padding-left: 1.6rem; }
ol.choices li { margin: .25rem 0; }
.right { color: var(--right); } .wrong { color: var(--wrong); }
.why { color: var(--soft); font-size: .95rem; }
.blank { display: inline-block; width: 9rem; border-bottom: 1px solid var(--ink); }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--ask); }
@media print { body { max-width: none; } section, figure, pre { break-inside: avoid; }
  pre { white-space: pre-wrap; } }
]]

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }
local function escape(text) return (text:gsub('[&<>"]', ESCAPES)) end

-- Prose: paragraphs, and blocks (lines set in by four) as they stand.
local function prose(text)
    local parts, words, block = {}, {}, {}
    local function close()
        if #words > 0 then parts[#parts + 1] = "<p>" .. table.concat(words, "\n") .. "</p>\n" end
        while block[#block] == "" do block[#block] = nil end
        if #block > 0 then
            parts[#parts + 1] = '<pre class="formula">' .. table.concat(block, "\n") .. "</pre>\n"
        end
        words, block = {}, {}
    end
    for line in (text:gsub("%s+$", "") .. "\n"):gmatch("(.-)\n") do
        if line:find("^    ") then
            if #words > 0 then close() end
            block[#block + 1] = escape(line:sub(5))
        elseif not line:find("%S") then
            if #block > 0 then block[#block + 1] = "" else close() end
        else
            if #block > 0 then close() end
            words[#words + 1] = escape(line)
        end
    end
    close()
    return table.concat(parts)
end

local function number(value)
    if type(value) ~= "table" then return ("%.10g"):format(value) end
    local parts = {}
    for i, one in ipairs(value) do parts[i] = ("%.10g"):format(one) end
    return table.concat(parts, ", ")
end

local function last_plot()
    local fine, plot = pcall(require("descent.plot.output").last)
    return fine and plot or nil
end

-- A plot as an image with its words, or as text.
local function figure(full, alt)
    local gnuplot = require "descent.plot.gnuplot"
    local bytes = gnuplot.installed() and gnuplot.picture(full, "svg",
        { size = FIGURE, theme = "light", palette = "udl" })
    local body
    if bytes then
        body = ('<img alt="%s" src="data:image/svg+xml;base64,%s">'):format(
            escape((alt or "a plot"):gsub("%s+", " ")), core.host.base64(bytes))
    else
        local lines = require("descent.plot.text").draw(full,
            { columns = 80, rows = TEXT_ROWS, colours = 0, unicode = true })
        body = '<pre class="plot">' .. escape(table.concat(lines, "\n")) .. "</pre>"
    end
    return "<figure>" .. body .. (alt and "<figcaption>" .. escape((alt:gsub("%s+", " ")))
        .. "</figcaption>" or "") .. "</figure>\n"
end

-- Code as typed with what it prints, and its figures.
local function runner(guide, quiet, add)
    return function(step, code)
        guide:prepare(step.index)
        local parts, figures = {}, {}
        for _, entry in ipairs(environment.entries(code)) do
            local before = last_plot()
            quiet.take()
            quiet.demo(entry, guide.variables)
            local typed = stage.typed(entry)
            local shown = quiet.take():sub(#typed + 1):gsub("%s+$", "")
            parts[#parts + 1] = "<b>" .. escape(typed:gsub("%s+$", "")) .. "</b>"
            if shown ~= "" then
                parts[#parts + 1] = '<span class="out">' .. escape(shown) .. "</span>"
            end
            local after = last_plot()
            if after ~= before then figures[#figures + 1] = figure(after, step.alt) end
        end
        guide.built = step.index
        add('<pre class="code">' .. table.concat(parts, "\n") .. "</pre>\n")
        add(table.concat(figures))
    end
end

local function item(text, class, why)
    return ("<li%s>%s%s</li>\n"):format(class and (' class="%s"'):format(class) or "",
        escape(text), why and (' <span class="why">%s</span>'):format(escape(why)) or "")
end

local function answers(lesson, step, teacher, add)
    if step.yes then
        add('<ol class="choices">\n')
        for _, choice in ipairs(judge.choices(lesson, step)) do
            add(item(choice[1], teacher and (choice.right and "right" or "wrong"),
                teacher and choice[2]))
        end
        add("</ol>\n")
    elseif step.kind == "code" then
        add('<pre class="code">' .. escape((teacher and step.solution or step.starter)
            :gsub("%s+$", "")) .. "</pre>\n")
    elseif not teacher then
        if step.answer then add('<p>Answer: <span class="blank">&nbsp;</span></p>\n') end
    elseif step.answer then
        add('<p class="right">Answer: ' .. number(step.answer[1]) .. "</p>\n")
    elseif step.kind == "try" then
        add('<pre class="code">' .. escape((step.solution:gsub("%s+$", ""))) .. "</pre>\n")
    end
    if teacher then
        local list = {}
        for _, wrong in ipairs(step.wrong or {}) do
            list[#list + 1] = item(number(wrong[1]), "wrong", wrong[2])
        end
        for _, mistake in ipairs(step.mistakes or {}) do
            list[#list + 1] = item(mistake.id, "wrong", mistake.say)
        end
        if #list > 0 then add("<ul>\n" .. table.concat(list) .. "</ul>\n") end
    end
    for i, hint in ipairs(step.hints or {}) do
        add(("<details><summary>Hint %d</summary>%s</details>\n"):format(i, prose(hint)))
    end
end

local QUESTIONS = {
    number = "Question", choice = "Question", predict = "Predict, then run",
    code = "Write a function", try = "Your turn",
}

local function render(lesson, teacher)
    local parts = {}
    local function add(text) parts[#parts + 1] = text end
    local quiet = stage.quiet(80)
    local guide = session.new(lesson, progress.open(lesson, true), quiet)
    quiet.enter(guide.variables)
    quiet.seed(lesson.seed)
    local live = runner(guide, quiet, add)

    add('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        .. '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>'
        .. escape(lesson.title) .. "</title>\n<style>\n" .. STYLE .. "</style></head>\n<body>\n")
    add("<h1>" .. escape(lesson.title) .. "</h1>\n")
    local about = {}
    if lesson.summary then about[1] = lesson.summary end
    if lesson.minutes then about[#about + 1] = ("About %d minutes."):format(lesson.minutes) end
    about[#about + 1] = ('At the prompt of descent: lesson "%s".'):format(lesson.id)
    if teacher then about[#about + 1] = "Teacher's edition." end
    add('<p class="about">' .. escape(table.concat(about, " ")) .. "</p>\n")

    local question = 0
    for _, step in ipairs(lesson.steps) do
        if step.say then add(prose(step.say)) end
        if step.kind == "text" then
            add(prose(step[1]))
        elseif step.kind == "demo" or step.kind == "figure" then
            live(step, step[1])
            if step.see then add(prose(step.see)) end
        else
            question = question + 1
            add(('<section><h2>%d. %s</h2>\n'):format(question, QUESTIONS[step.kind]))
            add(prose(step.ask))
            answers(lesson, step, teacher, add)
            local folded = not teacher and (step.run or step.see)
            if folded then
                add(("<details><summary>%s</summary>\n"):format(step.run and "The run"
                    or "Afterwards"))
            end
            if step.run then live(step, step.run) end
            if step.see then add(prose(step.see)) end
            if folded then add("</details>\n") end
            add("</section>\n")
        end
    end
    add("</body></html>\n")
    return table.concat(parts)
end

-- The page as one string.
function html.render(lesson, teacher)
    return stage.with_plots("none", render, lesson, teacher)
end

return html
