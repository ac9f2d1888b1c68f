-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Exercises: exercise "momentum" shows one at the prompt, check() judges what has been typed. The
-- parts are in exercise/: load (the file form), bench (calls and what should come back), judge (the
-- verdict, from plain data only), suggest and shrink (why, and the smallest example), report.

local doc = require "descent.doc"

local exercise = {}

local function running_prompt() return package.loaded["descent.prompt"] end
local function terminal() return require "descent.terminal" end
local function columns() return (terminal().size()) - 1 end

local function write(text)
    if not terminal().unicode() then text = require("descent.lesson.paper").ascii(text) end
    io.stdout:write(text)
end

-- The exercise called `name` (one of the program's, or a file's path); nil and a sentence.
function exercise.find(name, folder)
    return require("descent.exercise.load").named(name, folder)
end

-- The report on what a runner runs; see exercise/judge.lua.
function exercise.judge(found, runner, options)
    return require("descent.exercise.judge").run(found, runner, options)
end

-- All exercises with what is done of each, as text.
function exercise.list()
    local loader, session = require "descent.exercise.load", require "descent.exercise.session"
    local lines = {}
    for i, one in ipairs(loader.all()) do
        local state = ""
        if one.problems then
            state = "cannot be read"
        else
            local points = session.points(one, session.progress(one))
            if points == one.points then
                state = "done"
            elseif points > 0 then
                state = ("%g of %g"):format(points, one.points)
            end
        end
        lines[i] = terminal().clip(("  %-24s %-9s  %s"):format(one.name, state, one.title),
            columns(), terminal().unicode())
    end
    if #lines == 0 then return "There are no exercises in this build.\n" end
    return table.concat(lines, "\n") .. "\n"
end

-- The variables that the student has not made.
local function not_typed(variables)
    local others = {}
    for name, item in next, variables do others[name] = item end
    for _, name in ipairs(require("descent.strict").users(variables)) do others[name] = nil end
    return others
end

local function start(name)
    local prompt = running_prompt()
    if not prompt then
        doc.fail("an exercise runs at the prompt; in a file: descent exercise %s > %s.lua", name,
            name)
    end
    local found, reason = exercise.find(name)
    if not found then doc.fail("%s", reason) end
    local session = require "descent.exercise.session"
    local stage = {
        write = write, columns = columns,
        paint = function(text, role) return terminal().paint(text, role) end,
        offer = function(text) prompt.offer(text) end,
    }
    local current = session.new(found, session.progress(found), stage, function()
        return require("descent.exercise.runner").here(prompt.environment,
            { seconds = 1, own = not_typed(prompt.environment) })
    end)
    require("descent.lesson").take(current, { next = function() current:next() end,
        judge = function() end })
    current:show()
end

local function call(_, name)
    if name == nil then
        write(exercise.list() .. '\nexercise "momentum" shows one; check() judges your answer.\n')
    elseif type(name) == "string" then
        start(name)
    else
        doc.fail("exercise: a name such as \"momentum\" is expected, or nothing for the list")
    end
end

local function check()
    local current = require("descent.lesson").session()
    if not current or not current.is_exercise then
        doc.fail("check() judges the exercise that is shown; exercise \"momentum\" shows one, "
            .. "exercise() lists them")
    end
    current:check()
end

exercise.exercise = doc.define({
    name = "exercise",
    signature = 'exercise "NAME"',
    summary = "Shows an exercise at the prompt: what you then type is judged by check(). Without "
        .. "a name, lists them.",
    arguments = {
        { name = "name", type = "text", default_text = "none: the list",
          summary = "name or file of the exercise" },
    },
    returns = "nothing",
    errors = "an unknown name; a call outside the prompt",
    example = 'print((tostring(exercise):match("momentum")))',
    result = "momentum",
}, setmetatable({}, { __call = call, __tostring = exercise.list }))

exercise.check = doc.define({
    name = "check",
    signature = "check()",
    summary = "Judges what you have typed for the exercise that is shown: right or wrong for each "
        .. "part, the first value that differs, what it suggests, and the smallest call that "
        .. "shows it.",
    returns = "nothing",
    errors = "no exercise is shown",
    example = "print(select('#', pcall(check)))",
    result = "2",
}, check)

return exercise
