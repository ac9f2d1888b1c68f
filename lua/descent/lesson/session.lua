-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- session.lua: one student in one lesson: which step, what is pending, what an entry means. It
-- draws and evaluates through a `stage`, so that the prompt, the tests and a replay share it:
--
--     stage.write(text)              puts text on the screen
--     stage.columns()                its width
--     stage.paint(text, role)        colour, where there is any
--     stage.rows()                   its height
--     stage.demo(entry, variables, rows)
--                                    shows an entry as typed, runs it live with plots of at most
--                                    `rows` lines; false when it failed
--     stage.draws()                  plots are shown
--     stage.new_environment()        fresh variables with the language behind them
--     stage.enter(variables)         what is typed from now on runs in them
--     stage.is_builtin(name)         a name of the language
--     stage.seed(n)                  sets the global generator
--     stage.offer(text)              optional: a draft that the student may recall and change
--     stage.spell(text)              optional: the text in the letters that the screen has

local environment = require "descent.lesson.environment"
local judge = require "descent.lesson.judge"
local paper = require "descent.lesson.paper"
local trial = require "descent.lesson.trial"

local methods = {}
methods.__index = methods

local session = {}

function session.new(lesson, progress, stage)
    return setmetatable({
        lesson = lesson, progress = progress, stage = stage,
        variables = stage.new_environment(),
        position = 0,     -- the step on the screen; 0 before the first
        built = 0,        -- the steps whose code has been run in the variables
        touched = false,  -- an entry of the student's has run since then
        pending = false,  -- the step on the screen waits for an answer
        hinted = {},      -- hints given, by step id
        noted = {},       -- variables that hide a name of the language
        accepted = {},    -- source of accepted functions, by step id
    }, methods)
end

-- --- output ------------------------------------------------------------------------------------

function methods:write(text) self.stage.write(text) end

-- Before it is filled: "alpha" is wider than "α".
function methods:spell(text)
    return self.stage.spell and self.stage.spell(text) or text
end

function methods:say(text, role)
    local filled = paper.text(self:spell(text), self.stage.columns())
    if role then filled = self.stage.paint(filled:sub(1, -2), role) .. "\n" end
    self:write(filled)
end

local HEADINGS = {
    number = "Question", choice = "Question", predict = "Predict, then run",
    code = "Write a function", try = "Your turn", figure = "Figure",
}

function methods:heading(step)
    local words = ("[%d/%d]"):format(step.index, #self.lesson.steps)
    if HEADINGS[step.kind] then words = words .. " " .. HEADINGS[step.kind] end
    self:write("\n" .. self.stage.paint(words, "dim") .. "\n")
end

-- --- the lesson's state ------------------------------------------------------------------------

local function code_of(step)
    if step.kind == "demo" or step.kind == "figure" then return step[1] end
    if step.kind == "predict" then return step.run end
end

-- A step that leaves something behind in the variables.
local function has_code(step) return step.kind == "code" or code_of(step) ~= nil end

-- Runs the code of one step without showing it.
function methods:replay_step(step, variables)
    local code = code_of(step)
    if code then return environment.replay(code, variables) end
    if step.kind ~= "code" then return true end
    local source = self.accepted[step.id]
    if source and environment.replay(source, variables)
        and type(environment.get(variables, step.fn)) == "function" then
        return true
    end
    return environment.replay(step.solution, variables)
end

-- Puts the lesson's own variables back to what they are before step `upto`: everything the lesson
-- did so far is done again, from the lesson's seed. The student's other variables stay; one that
-- hides a name of the language makes way as my_NAME, since the lesson needs that name.
function methods:rebuild(upto, variables)
    local hidden = {}
    for name in pairs(variables) do
        if type(name) == "string" and self.stage.is_builtin(name) then
            hidden[#hidden + 1] = name
        end
    end
    for _, name in ipairs(hidden) do
        rawset(variables, "my_" .. name, rawget(variables, name))
        rawset(variables, name, nil)
        self:say(("(%s is the built-in again for the lesson; yours is my_%s now.)"):format(name,
            name))
    end
    self.stage.seed(self.lesson.seed)
    for index = 1, upto - 1 do
        local fine, reason = self:replay_step(self.lesson.steps[index], variables)
        if not fine then
            self:say(("(Step %d could not be repeated: %s)"):format(index, reason), "error")
            return false
        end
    end
    return true
end

-- Tells once that a variable hides a name of the language.
function methods:note_hidden()
    local noted = {}
    for name in pairs(self.variables) do
        if type(name) == "string" and self.stage.is_builtin(name) then
            noted[name] = true
            if not self.noted[name] then
                self:say(("(%s was a built-in; %s = nil brings it back.)"):format(name, name),
                    "dim")
            end
        end
    end
    self.noted = noted
end

-- The variables stand where step `index` expects them.
function methods:prepare(index)
    while self.built < index - 1 and not has_code(self.lesson.steps[self.built + 1]) do
        self.built = self.built + 1
    end
    if self.touched or self.built ~= index - 1 then
        self.touched = not self:rebuild(index, self.variables)
        self.built = index - 1
    end
end

local LEAST_ROWS = 12

-- How high a plot of the step may be, so that what is said before and after it stays on the screen
-- with it.
function methods:room(step, code, ...)
    local used = 6 -- blank lines, the heading, a result, the prompt
    for _, text in ipairs { step.say or "", step.see or "", ... } do
        if text ~= "" then used = used + #paper.lines(text, self.stage.columns()) end
    end
    local _, breaks = code:gsub("%s+$", ""):gsub("\n", "")
    local rows = math.max(LEAST_ROWS, self.stage.rows() - used - breaks - 1)
    return math.min(rows, step.rows or rows)
end

-- Shows and runs a chunk entry by entry; where plots go nowhere, `alt` says what they show. False
-- when an entry failed.
function methods:run_demo(code, alt, rows)
    for _, entry in ipairs(environment.entries(code)) do
        if not self.stage.demo(entry, self.variables, rows) then return false end
    end
    if alt and not self.stage.draws() then self:say("(" .. alt .. ")") end
    return true
end

-- --- steps -------------------------------------------------------------------------------------

function methods:choices(step)
    if step.yes then return judge.choices(self.lesson, step) end
end

function methods:keep(step, state, answer)
    local fine, reason = self.progress:set(step, state, answer)
    if not fine and not self.warned then
        self.warned = true
        self:say("(Your progress cannot be kept: " .. tostring(reason) .. ")", "error")
    end
end

function methods:ask(step)
    self:say(step.ask)
    local choices = self:choices(step)
    if choices then
        self:write("\n")
        for i, choice in ipairs(choices) do
            self:write(paper.item(paper.letter(i), self:spell(choice[1]), self.stage.columns()))
        end
    end
    if step.kind == "code" then
        self:write("\n")
        for line in (step.starter:gsub("%s+$", "") .. "\n"):gmatch("(.-)\n") do
            self:write("    " .. line .. "\n")
        end
        if self.stage.offer then
            self.stage.offer(step.starter)
            self:write("\n")
            self:say("(The Up key brings this to the line, to be filled in.)")
        end
    end
end

-- The lesson's functions and losses, by name: what free play calls, and had better not replace.
function methods:functions()
    local made = {}
    for name, value in pairs(self.variables) do
        local metatable = type(value) == "userdata" and getmetatable(value)
        if type(value) == "function" or metatable and metatable.__name == "descent.loss" then
            made[name] = value
        end
    end
    return made
end

-- Puts step `index` on the screen. With `again`, a question that was answered is asked anew.
function methods:show(index, again)
    local step = self.lesson.steps[index]
    self.position, self.over = index, false
    self.pending = false
    self:prepare(index)
    self:heading(step)
    if step.say then self:say(step.say) end
    if step.kind == "text" then
        self:say(step[1])
    elseif step.kind == "demo" or step.kind == "figure" then
        if step.say then self:write("\n") end
        if not self:run_demo(step[1], step.alt, self:room(step, step[1])) then
            self.touched = true
            self:say(":again repeats this step.")
            return
        end
        self.built = index
        if step.see then
            self:write("\n")
            self:say(step.see)
        end
    else
        self:ask(step)
        self.made = step.kind == "try" and self:functions() or nil
        local record = self.progress:record(step)
        if record and not again then
            self:write("\n")
            self:say(self:recalled(step, record))
        else
            self.pending = true
        end
        return
    end
    if not self.progress:record(step) then self:keep(step, "seen") end
end

-- What was answered before.
function methods:recalled(step, record)
    local words
    if record.state == "skipped" then
        words = "(Skipped."
    elseif step.kind == "code" or step.kind == "try" or record.answer == "" then
        words = "(Done."
    else
        local answer = record.answer
        local choices = self:choices(step)
        for i, choice in ipairs(choices or {}) do
            if choice[1] == answer then answer = paper.letter(i) end
        end
        words = ("(You answered %s."):format(answer)
    end
    return words .. " Enter goes on; :again asks once more.)"
end

-- The answer itself, for :skip.
function methods:solution(step)
    if step.yes then
        for i, choice in ipairs(self:choices(step)) do
            if choice.right then
                return ("The answer is %s: %s"):format(paper.letter(i), choice[2])
            end
        end
    elseif step.answer then
        local value = step.answer[1]
        if type(value) == "table" then
            local parts = {}
            for i, number in ipairs(value) do parts[i] = ("%.10g"):format(number) end
            value = table.concat(parts, ", ")
        else
            value = ("%.10g"):format(value)
        end
        return ("The answer is %s."):format(value)
    end
end

local function indent(text) return "    " .. text:gsub("%s+$", ""):gsub("\n", "\n    ") .. "\n" end

-- The run that a prediction was about.
function methods:reveal(step)
    self:prepare(step.index)
    self:write("\n")
    local longest = ""
    for _, choice in ipairs(self:choices(step) or {}) do
        if not choice.right and #choice[2] > #longest then longest = choice[2] end
    end
    local rows = self:room(step, step.run, longest, step.yes and step.yes[2] or "")
    if not self:run_demo(step.run, step.alt, rows) then self.touched = true return end
    self.built = step.index
end

function methods:after(step)
    if step.see then
        self:write("\n")
        self:say(step.see)
    end
end

function methods:accept(step, verdict, text)
    self.pending = false
    if step.kind == "predict" then
        local choices = self:choices(step)
        local answer = choices and choices[verdict.index][1] or text
        self:keep(step, verdict.right and "hit" or "miss", answer)
        self:write("Noted. Now the run:\n")
        self:reveal(step)
        self:write("\n")
        local said = choices and paper.letter(verdict.index) or text
        self:say(("You said %s: %s"):format(said, verdict.right and "right." or "not so."),
            verdict.right and "good" or "bad")
        if verdict.say then self:say(verdict.say) end
        if not verdict.right and choices then self:say(self:solution(step)) end
        self:after(step)
        return
    end
    local choices = self:choices(step)
    self:keep(step, "right", choices and choices[verdict.index][1] or text)
    self:say("Right." .. (verdict.say and " " .. verdict.say or ""), "good")
    if step.kind == "code" then
        self.accepted[step.id] = text
        self:show_solution(step, text)
    end
    self:after(step)
end

local function plain(code) return code:gsub("%s+", " ") end

-- A right function is compared with the lesson's own, as it may be written in another way.
function methods:show_solution(step, text)
    if plain(text) == plain(step.solution) then return end
    self:write("\nOne way to write it:\n\n" .. indent(step.solution))
end

function methods:refuse(step, verdict, text)
    local left = #(step.hints or {}) - (self.hinted[step.id] or 0)
    local help = left > 0 and ":hint helps." or ":skip shows the answer."
    if verdict.say then
        self:say("Not yet. " .. verdict.say, "bad")
        if step.kind == "code" then self:say("(" .. help .. ")") end
    elseif text:find("[%a_][%w_]*%s*[%.:%[%({]") then
        self:say("(Not the answer yet.)", "dim") -- something was looked up
    else
        self:say("Not yet. " .. help, "bad")
    end
end

function methods:settle(step, verdict, text)
    if not verdict then return end
    if verdict.right or step.kind == "predict" then
        self:accept(step, verdict, text)
    else
        self:refuse(step, verdict, text)
    end
end

-- What a code step is judged with; made once.
function methods:bench(step)
    self.benches = self.benches or {}
    if not self.benches[step.id] then
        local bench, reason = trial.prepare(step, self.lesson.seed, self.stage.new_environment)
        if not bench then
            self:say("(This step is broken: " .. reason .. ")", "error")
            return
        end
        self.benches[step.id] = bench
    end
    return self.benches[step.id]
end

-- --- what the prompt calls -----------------------------------------------------------------------

function methods:waiting() return self.pending and not self.playing end

-- Called with the raw text before it is evaluated. True when the text was an answer: the letter of
-- a choice is no variable.
function methods:intercept(text)
    if not self:waiting() then return false end
    local step = self.lesson.steps[self.position]
    local choices = self:choices(step)
    local index = choices and judge.chosen(text, choices)
    if not index then
        local letter = choices and (text:match("^%s*(%a)%s*$") or text:match("^%s*(%d+)%s*$"))
        if not letter or self.stage.is_builtin(letter) or rawget(self.variables, letter) ~= nil then
            return false
        end
        self:say(("The choices are a to %s."):format(paper.letter(#choices)))
        return true
    end
    self:settle(step, judge.choice(choices, index), text:match("^%s*(.-)%s*$"))
    return true
end

-- An expression without a call, an index or a table: it changes nothing.
local function is_harmless(entry)
    return entry.expression and not entry.text:find("[%w_%)%]]%s*[%({\"']")
        and not entry.text:find("[:%[]")
end

-- Called with every entry after it was evaluated and printed.
function methods:entry(entry)
    if self.playing then return end
    self.touched = self.touched or not is_harmless(entry)
    self:note_hidden()
    if not entry.ok or not self.pending then return end
    local step = self.lesson.steps[self.position]
    local text = entry.text:match("^%s*(.-)%s*$")
    if step.kind == "number" or (step.kind == "predict" and step.answer) then
        if entry.expression ~= false or entry.values.n > 0 then
            self:settle(step, judge.number(step, entry.values, text), text)
        elseif step.kind == "number" then
            -- `x = 2*a` is an answer when it is right, else perhaps the way to one.
            local name = text:match("^([%a_][%w_]*)%s*=%f[^=]")
            local verdict = name and judge.number(step, { n = 1, rawget(self.variables, name) })
            if verdict and verdict.right then self:settle(step, verdict, text) end
        end
    elseif step.yes then
        if entry.values.n == 1 and type(entry.values[1]) == "string" then
            self:intercept(entry.values[1])
        end
    elseif step.kind == "try" then
        local verdict = judge.try(step, self.variables)
        -- To look at a value is no attempt.
        if verdict and (verdict.right or not entry.expression) then
            self:settle(step, verdict, text)
        else
            self:note_overwritten()
        end
    elseif step.kind == "code" then
        local fn = environment.get(self.variables, step.fn)
        if type(fn) == "function" and fn ~= self.judged then
            self.judged = fn
            local bench = self:bench(step)
            if bench then self:settle(step, trial.judge(bench, fn), text) end
        elseif fn == nil then
            local name = text:match("^function%s+([%a_][%w_]*)")
                or text:match("^([%a_][%w_]*)%s*=%s*function")
            if name then
                self:say(("(You defined %s; the lesson waits for %s.)"):format(name, step.fn),
                    "dim")
            end
        end
    end
end

-- Free play that writes over what the lesson made cannot come to its goal; tells once.
function methods:note_overwritten()
    for name, value in pairs(self.made or {}) do
        if rawget(self.variables, name) ~= value then
            self.made[name] = nil
            self:say(("(%s was the lesson's; :again puts it back.)"):format(name), "dim")
        end
    end
end

local WAITING = {
    number = "The question waits for a number, or for anything that gives it.",
    choice = "The question waits for a letter.",
    predict = "Your guess first; a wrong one costs nothing.",
    code = "Type the function; it is judged when it is defined.",
    try = "Try it; the lesson sees when you are there.",
}

function methods:remind(step)
    local words = WAITING[step.kind]
    if step.kind == "number" and type(step.answer[1]) == "table" then
        words = ("The question waits for %d numbers."):format(#step.answer[1])
    elseif step.kind == "predict" and step.yes then
        words = words .. " A letter is enough."
    end
    self:say(words .. " (" .. (step.hints and #step.hints > 0 and ":hint helps, " or "")
        .. ":skip goes past it.)")
end

-- The empty line.
function methods:next()
    if self.playing then
        self:say("You are playing in a copy; :back returns to the lesson.")
    elseif self.pending then
        self:remind(self.lesson.steps[self.position])
    elseif self.over then
        self:say("The lesson is over. :leave gives you your own variables back; until then the "
            .. "lesson's are here to play with.")
    else
        self:forward()
    end
end

function methods:forward()
    local index = self.position + 1
    -- A step that was edited since has been answered again: on to where the student was.
    if self.filling and self.progress:record(self.lesson.steps[self.position]) then
        self.filling = false
        index = self.progress:first_open() or index
    end
    if index > #self.lesson.steps then
        self:finish()
    else
        self:show(index)
    end
end

function methods:finish()
    self.over = true
    local counts = self.progress:counts()
    self:write("\n")
    local words = ("End of the lesson: %d of %d questions answered"):format(counts.right,
        counts.questions)
    if counts.skipped > 0 then words = words .. (", %d skipped"):format(counts.skipped) end
    if counts.predictions > 0 then
        words = words .. (", %d of %d predictions right"):format(counts.hits, counts.predictions)
    end
    self:say(words .. ".", "heading")
    if self.on_finish then self.on_finish(self) end
end

-- Starts at the first step that is to be done.
function methods:start()
    for _, step in ipairs(self.lesson.steps) do
        local record = self.progress:record(step)
        if record and step.kind == "code" and record.state == "right" then
            self.accepted[step.id] = record.answer
        end
    end
    self.stage.enter(self.variables)
    self.stage.seed(self.lesson.seed)
    local first = self.progress:first_open()
    if not first then
        self.over, self.position = true, #self.lesson.steps
        self:prepare(#self.lesson.steps + 1)
        self:say("You have been through this lesson. :again lesson starts it over, :back 5 shows "
            .. "step 5; the lesson's variables are here.")
    else
        for index = first + 1, #self.lesson.steps do
            if self.progress:record(self.lesson.steps[index]) then self.filling = true end
        end
        if first > 1 then
            self:say(("You are at step %d of %d."):format(first, #self.lesson.steps))
        end
        self:show(first)
    end
end

-- --- commands ------------------------------------------------------------------------------------

local function step_number(self, rest)
    local number = math.tointeger(tonumber(rest))
    if number and number >= 1 and number <= #self.lesson.steps then return number end
    local step = self.lesson.by_id[rest]
    return step and step.index
end

function methods:refuse_number(rest)
    self:say(("There is no step %s; this lesson has steps 1 to %d."):format(rest,
        #self.lesson.steps))
end

function methods:back(rest)
    if self.playing then return self:stop_playing() end
    self.filling = false
    if rest and rest ~= "" then
        local number = step_number(self, rest)
        if not number then return self:refuse_number(rest) end
        return self:show(number)
    end
    if self.over then return self:show(self.position) end
    if self.position <= 1 then return self:say("This is the first step.") end
    self:show(self.position - 1)
end

function methods:skip(rest)
    if self.playing then return self:next() end
    if rest and rest ~= "" then
        local number = step_number(self, rest)
        if not number then return self:refuse_number(rest) end
        self.filling = false
        return self:show(number)
    end
    local step = self.lesson.steps[self.position]
    if not self.pending then
        if self.over then return self:next() end
        return self:forward()
    end
    self.pending = false
    self:keep(step, "skipped")
    local answer = self:solution(step)
    if step.kind == "predict" then self:reveal(step) self:write("\n") end
    if answer then self:say(answer) end
    if step.kind == "code" or step.kind == "try" then
        self:write("One way:\n\n" .. indent(step.solution))
    end
    if step.kind == "code" then
        self.accepted[step.id] = nil
        environment.replay(step.solution, self.variables)
    end
    self:after(step)
end

function methods:hint()
    local step = self.lesson.steps[self.position]
    if not self:waiting() then return self:say("No question is waiting.") end
    local hints = step.hints or {}
    local given = self.hinted[step.id] or 0
    if given >= #hints then
        return self:say(#hints == 0 and "There is no hint here; :skip shows the answer."
            or "That was the last hint; :skip shows the answer.")
    end
    self.hinted[step.id] = given + 1
    self:say(("Hint %d of %d: %s"):format(given + 1, #hints, hints[given + 1]))
end

function methods:again(rest)
    if self.playing then return self:next() end
    if rest == "lesson" then
        local fine, reason = self.progress:clear()
        if not fine then self:say("(Your progress cannot be kept: " .. tostring(reason) .. ")") end
        self.accepted, self.hinted, self.judged, self.filling = {}, {}, nil, false
        for name in pairs(self.variables) do rawset(self.variables, name, nil) end
        self.built, self.touched, self.over = 0, false, false
        self.stage.seed(self.lesson.seed)
        return self:show(1)
    elseif rest and rest ~= "" then
        return self:say(":again shows this step once more, :again lesson starts the lesson over.")
    end
    self:show(math.max(self.position, 1), true)
end

-- A copy of the lesson's state to try things in: the lesson done again, not copied, so that runs
-- and data in it are independent too.
function methods:play(rest)
    if self.playing and rest ~= "fresh" then return self:stop_playing() end
    local copy = self.stage.new_environment()
    for name, value in pairs(self.variables) do
        if not self.stage.is_builtin(name) then rawset(copy, name, value) end
    end
    self.playing = true
    self:rebuild(self.built + 1, copy)
    self.stage.enter(copy)
    self:say("You are in a copy of the lesson's state: nothing you do here counts. :back returns, "
        .. ":play fresh gives a new copy.")
end

function methods:stop_playing()
    self.playing = false
    self.touched = true
    self.stage.enter(self.variables)
    self:say("Back in the lesson.")
    if self.pending then self:show(self.position, true) end
end

return session
