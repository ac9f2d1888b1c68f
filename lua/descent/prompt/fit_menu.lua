-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Ctrl-C while fit runs at the prompt: the run stands at a whole update, and one chooses how it
-- goes on.

local core = require "descent.core"
local failure = require "descent.failure"
local terminal = require "descent.terminal"

local fit_menu = {}

local MENU = "[c]ontinue [s]tep [a]lpha [p]lot [b]ack [q]uit "
local HELP = [[
  c        goes on to the goal
  s, s 10  takes one update, or ten
  a 0.05   goes on with another learning rate, from here
  p        draws the run
  b, b 10  undoes one update, or ten
  q        stops here; the run is the result of fit]]

local function console()
    return package.preload["descent.console"] and require "descent.console"
end

local function say(text)
    io.stdout:flush()
    io.stderr:write(text)
    io.stderr:flush()
end

-- Calls f(...); true when Ctrl-C has stopped it. In a loss written in Lua it comes as an error.
local function stopped(f, ...)
    local ok, object = xpcall(f, failure.handler, ...)
    local interrupted = console() and console().interrupted() or false
    if not ok and not interrupted then error(object, 0) end
    return interrupted
end

-- A signal ends the session: nobody is there to be asked.
local function leave_if_ended(run)
    if console() and console().ended() then
        require("descent.prompt").under_way = run
        error("interrupted", 0)
    end
end

local function state(run)
    local loss = run.batch_loss
    return ("update %d%s"):format(run.t, loss and (", loss %.6g"):format(loss) or "")
end

-- What is being asked about: the run; where another one has been forked off that has no goal yet,
-- the last update of the goal.
local Question = {}
Question.__index = Question

function Question:go_on()
    if not self.forked then
        return stopped(self.run.resume, self.run, {progress = self.goals.progress})
    end
    local goals = {}
    for name, value in next, self.goals do goals[name] = value end
    if self.last then
        goals.steps, goals.epochs = self.last - self.run.t, nil
        if goals.steps <= 0 then return false end
    end
    self.forked = false
    return stopped(self.run.converge, self.run, goals)
end

-- How many updates lead to where the run of the fit stands; those undone do not count.
function Question:updates_so_far() return self.first + self.run.t - self.first_t end

-- For :save, how to come to the same run again without the menu; nil where nothing but waiting was
-- chosen.
function Question:way(last)
    if #self.forks == 0 then
        return last == "quit" and {first = self:updates_so_far(), forks = {}} or nil
    end
    self.forks.last = self.run.t
    return {first = self.first, forks = self.forks}
end

-- The run stands as the script of :save leaves it, whatever choice came last: interrupted where it
-- has a goal, else as after r:to(t).
function Question:stand()
    local run = self.run
    if #self.forks > 0 then
        if run.reason and run.t > 0 then run:back(1):step(1) end
    elseif run.reason ~= "interrupted" then
        core.host.stop_after(0)
        run:step()
    end
end

local actions = {}

function actions.c(question) return question:go_on() and "menu" or "done" end

function actions.s(question, count)
    stopped(question.run.step, question.run, math.tointeger(count) or 1)
    return "menu"
end

function actions.b(question, count)
    question.run:back(math.min(math.tointeger(count) or 1, question.run.t))
    return "menu"
end

function actions.a(question, alpha)
    if not alpha then
        say("alpha is a number, as in a 0.05\n")
        return "menu"
    end
    question.last = question.last or question.run.goal
    local fork = question.run:fork {alpha = alpha}
    local forks = question.forks
    if #forks == 0 then question.first = question:updates_so_far() end
    forks[#forks + 1] = {at = fork.t, alpha = alpha}
    question.run, question.forked = fork, true
    say(("from update %d on alpha is %.14g\n"):format(question.run.t, alpha))
    return "menu"
end

function actions.p(question)
    stopped(function() require("descent").plot(question.run) end)
    return "menu"
end

function actions.q(question)
    say(("the run stands at update %d; r:%s goes on\n"):format(question.run.t,
        question.forked and "converge{...}" or "resume()"))
    question:stand()
    return "quit"
end

-- One choice: "menu" to ask again, "done" where the goal is reached, or "quit".
local function choose(question)
    leave_if_ended(question.run)
    local line
    stopped(function() -- Ctrl-C here is q
        say(state(question.run) .. ": " .. MENU)
        line = io.read("l")
    end)
    leave_if_ended(question.run)
    if not line then
        say("\n")
        return actions.q(question)
    end
    local letter, rest = line:lower():match("^%s*(%a)%a*%s*(.-)%s*$")
    local action = letter and actions[letter]
    local number = tonumber(rest)
    if not action or rest ~= "" and not number then
        say(HELP .. "\n")
        return "menu"
    end
    local ok, result = xpcall(action, failure.handler, question, number)
    if ok then return result end
    say(failure.message(result):gsub("^entry %d+:%d+: ", "") .. "\n")
    return "menu"
end

-- run:converge(goals) for fit at the prompt; returns the run, or one forked off it.
function fit_menu.converge(run, goals)
    if not stopped(run.converge, run, goals) then return run end
    leave_if_ended(run)
    if not terminal.is_terminal("input") or not terminal.is_terminal("error") then
        say(("interrupted at update %d; r:resume() goes on\n"):format(run.t))
        return run
    end
    say("\n")
    local question = setmetatable({
        run = run, goals = goals, forks = {}, first = core.host.updates(), first_t = run.t,
    }, Question)
    local last
    repeat last = choose(question) until last ~= "menu"
    require("descent.prompt").menu = question:way(last)
    return question.run
end

return fit_menu
