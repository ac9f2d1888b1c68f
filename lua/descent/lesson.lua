-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Lessons at the prompt: lesson "line" starts or resumes one, the empty line goes on. The engine is
-- in lesson/: load (the file form), session (the steps), judge and trial (answers), progress, and
-- for authors auto, lint, coverage, markdown.

local doc = require "descent.doc"

local lesson = {}

-- The module of the prompt, if one runs; a script has none.
local function running_prompt() return package.loaded["descent.prompt"] end

local function terminal() return require "descent.terminal" end

local function spell(text)
    return terminal().unicode() and text or require("descent.lesson.paper").ascii(text)
end

local function write(text) io.stdout:write(spell(text)) end

local function columns() return (terminal().size()) - 1 end

-- What a session draws on: the prompt itself.
local function prompt_stage(prompt)
    local stage = require "descent.lesson.stage"
    return {
        write = write, spell = spell, columns = columns, draws = stage.draws,
        rows = function() return (select(2, terminal().size())) end,
        is_builtin = stage.is_builtin, seed = stage.seed,
        paint = function(text, role) return terminal().paint(text, role) end,
        new_environment = require("descent.lesson.environment").new,
        offer = function(text) prompt.offer(text) end,
        enter = function(variables) prompt.environment = variables end,
        demo = function(entry, _, rows)
            write(stage.typed(entry))
            io.stdout:flush()
            return stage.within(rows, prompt.run, entry).ok
        end,
    }
end

local current -- the session that runs

-- The session that runs, or nil.
function lesson.session() return current end

-- Ends the lesson: the student's own variables come back. False where none runs, else what ran.
function lesson.leave()
    if not current then return false end
    local prompt = running_prompt()
    prompt.environment = current.outside
    prompt.lesson = nil
    local left = current
    current = nil
    return left
end

-- A session takes the prompt, in place of the one that runs. `hooks` are what the prompt calls.
local function take(session, hooks)
    lesson.leave()
    local prompt = running_prompt()
    session.outside = prompt.environment
    current = session
    prompt.lesson = hooks
end
lesson.take = take

local function status(records)
    local counts = records:counts()
    if counts.done == 0 then return "" end
    if counts.done >= counts.steps then return "done" end
    return ("%d of %d"):format(counts.done, counts.steps)
end

-- What to type next: the first lesson that was begun, else the first that was not.
local function proposal(lessons, states)
    local begun, fresh
    for i, one in ipairs(lessons) do
        if states[i]:find("^%d") then
            begun = begun or one
        elseif states[i] == "" then
            fresh = fresh or one
        end
    end
    local one = begun or fresh or lessons[1]
    return ('lesson "%s" %s.'):format(one.folder and one.source or one.id,
        begun and "goes on where you stopped"
            or fresh and "starts one; it goes on where you stop" or "shows it once more")
end

-- The given lessons, or all, with what is done of each, as text.
function lesson.list(lessons)
    local progress = require "descent.lesson.progress"
    lessons = lessons or require("descent.lesson.load").all()
    local lines, folder, widest, states, longest = {}, nil, 8, {}, 0
    for i, one in ipairs(lessons) do
        states[i] = one.problems and "cannot be read" or status(progress.open(one))
        widest, longest = math.max(widest, #one.id), math.max(longest, #states[i])
    end
    local form = ("%%3s  %%-%ds  %s%%s"):format(widest, longest > 0 and ("%%-%ds  "):format(longest)
        or "%s")
    for i, one in ipairs(lessons) do
        if one.folder and one.folder ~= folder then
            folder = one.folder
            lines[#lines + 1] = ("%s%s:"):format(#lines > 0 and "\n" or "", folder)
        end
        local number = math.tointeger(tonumber(one.name:match("^%d+"))) or ""
        lines[#lines + 1] = terminal().clip(form:format(number, one.id, states[i], one.title),
            columns())
    end
    if #lessons == 0 then return "There are no lessons here.\n" end
    return table.concat(lines, "\n") .. "\n\n"
        .. require("descent.lesson.paper").text(proposal(lessons, states), columns())
end

-- The first lesson after the given one that has steps left; where there is none, the first before.
local function next_lesson(finished)
    local loader = require "descent.lesson.load"
    local progress = require "descent.lesson.progress"
    local before, passed
    for _, one in ipairs(loader.all()) do
        if one.id == finished.id then
            passed = true
        elseif not one.problems and (passed or not before) and progress.open(one):first_open() then
            if passed then return one end
            before = one
        end
    end
    return before
end

-- The exercises on a lesson's topics that are still to be solved, as text; "" where there are none.
local function exercises_on(topics)
    local covered, names = {}, {}
    for _, id in ipairs(topics) do covered[id] = true end
    local session = require "descent.exercise.session"
    for _, one in ipairs(require("descent.exercise.load").all()) do
        for _, id in ipairs(one.covers) do
            if covered[id] and session.points(one, session.progress(one)) < one.points then
                names[#names + 1] = ('exercise "%s"'):format(one.name)
                break
            end
        end
    end
    if #names == 0 then return "" end
    return ("What you have seen here you can try in %s. "):format(table.concat(names, ", ")
        :gsub(", ([^,]*)$", " or %1"))
end

local function finish(session)
    local other = next_lesson(session.lesson)
    session:say(exercises_on(session.lesson.covers)
        .. (other and ('lesson "%s" is next: %s. '):format(other.id, other.title) or "")
        .. ":leave gives you your own variables back.")
end

local GREETING = "Enter goes on. :hint, :back, :skip, :again and :play (a copy to try things in) "
    .. "are there when you want them; :leave ends. Everything else works as always."

-- Starts or resumes a lesson at the prompt.
function lesson.start(name)
    local prompt = running_prompt()
    if not prompt then
        doc.fail("a lesson runs at the prompt; without one: descent lesson %s --auto",
            tostring(name))
    end
    local found, reason = require("descent.lesson.load").named(name)
    if not found then doc.fail("%s", reason) end
    lesson.leave()
    local records = require("descent.lesson.progress").open(found)
    local session = require("descent.lesson.session").new(found, records, prompt_stage(prompt))
    session.on_finish = finish
    take(session, {
        next = function() session:next() end,
        intercept = function(text) return session:intercept(text) end,
        judge = function(entry) session:entry(entry) end,
    })
    session:say(found.title .. (found.minutes
        and (" (%d steps, about %d minutes)"):format(#found.steps, found.minutes) or ""), "heading")
    session:say(GREETING)
    session:start()
end

local function call(_, name)
    if name == nil then
        write(lesson.list())
    elseif type(name) == "string" or math.type(name) == "integer" then
        lesson.start(name)
    else
        doc.fail("lesson: a name such as \"line\" is expected, or nothing for the list")
    end
end

-- What the prompt's commands and a user's own scripts call.
for name, record in pairs{
    list = { signature = "lesson.list()", summary = "The lessons with your progress, as text.",
             returns = "a string" },
    start = { signature = 'lesson.start("NAME")',
              summary = "Starts a lesson, or goes on where you stopped.", returns = "nothing" },
    leave = { signature = "lesson.leave()",
              summary = "Ends the lesson that runs; it can be resumed.", returns = "nothing" },
    session = { signature = "lesson.session()", summary = "The lesson or exercise that runs.",
                returns = "a table, or nil" },
    take = { signature = "lesson.take(session, hooks)",
             summary = "Gives the prompt to a session of one's own, in place of the lesson that "
                 .. "runs.", returns = "nothing" },
} do
    record.name = "lesson." .. name
    record.example, record.result = "print(type(lesson." .. name .. "))", "function"
    doc.define(record, lesson[name])
end

return doc.define({
    name = "lesson",
    signature = 'lesson "NAME"',
    summary = "Starts a lesson at the prompt, or goes on where you stopped; without a name, lists "
        .. "them.",
    arguments = {
        { name = "name", type = "text", default_text = "none: the list",
          summary = "id, number or file of the lesson" },
    },
    returns = "nothing",
    errors = "an unknown name; a call outside the prompt",
    example = 'print((lesson.list():match("line")))',
    result = "line",
}, setmetatable(lesson, { __call = call, __tostring = function() return lesson.list() end }))
