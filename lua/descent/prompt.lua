-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- One entry at the prompt: read, run, printed. The editing of the line is src/repl; what is needed
-- only now and then (completion, commands, errors as text) is loaded then.

local core = require "descent.core"
local failure = require "descent.failure"
local record = require "descent.prompt.record"
local source = require "descent.prompt.source"
local strict = require "descent.strict"

local prompt = {
    environment = _G,
    lesson = nil, -- {next =, judge =, intercept =} while one runs
    log = {},     -- what was entered, for :save (prompt/transcript.lua, prompt/web.lua)
    menu = nil,   -- what the menu of Ctrl-C made of the last fit (prompt/fit_menu.lua)
    under_way = nil, -- the run of a fit that a signal has ended (prompt/recovery.lua)
}

local KEPT_RESULTS, KEPT_ENTRIES, KEPT_PLOTS = 200, 5000, 100
local MOST_ROWS = 20 -- of a value, so that what was typed stays on the screen
local LARGE = 2000   -- entries of a table
local SLOW = 0.1     -- seconds from which on the time is shown

-- Absent where another Lua than our own program runs this.
local console = package.preload["descent.console"] and require "descent.console"
local clock = console and console.clock or os.clock

local commands = {} -- name -> {name =, summary =, usage =, run =}
local results = {}  -- what out[n] shows
local leaving = false

local function terminal() return require "descent.terminal" end
local function complaint() return require "descent.prompt.complaint" end

-- --- output --------------------------------------------------------------------------------------

-- Where results go; errors and notes go to prompt.complain.
function prompt.write(text)
    record.add("output", text .. "\n")
    io.stdout:write(text, "\n")
end

function prompt.complain(text)
    record.add("error", text .. "\n")
    io.stdout:flush()
    io.stderr:write(text, "\n")
end

local function complain_failure(object, name, text, interrupted)
    prompt.complain(complaint().failure(object, name, text, interrupted))
end

-- The value as the prompt prints it.
function prompt.show(value)
    local columns, rows = terminal().size()
    local options = {width = columns, rows = math.max(4, math.min(MOST_ROWS, rows - 6))}
    local fine, text = pcall(function() return require("descent.show").value(value, options) end)
    if fine then return text end
    if failure.is_interrupt(text) then error(text, 0) end
    return ("%s (it cannot be shown: %s)"):format(type(value), failure.message(text))
end

local function print_values(values)
    local parts, several = {}, false
    for i = 1, values.n do
        parts[i] = prompt.show(values[i])
        several = several or parts[i]:find("\n", 1, true) ~= nil
    end
    prompt.write(table.concat(parts, several and "\n" or "\t"))
end

local uncounted = 0 -- seconds of an entry that were spent reading

-- Calls f, whose time is the reader's and not the entry's.
function prompt.reading(f)
    local started = clock()
    f()
    uncounted = uncounted + clock() - started
end

local function duration(seconds)
    if seconds < 10 then return ("(%.2f s)"):format(seconds) end
    if seconds < 120 then return ("(%.0f s)"):format(seconds) end
    return ("(%d min %d s)"):format(seconds // 60, math.floor(seconds % 60))
end

-- --- running -------------------------------------------------------------------------------------

local function is_silenced(text)
    if not text:find(";", 1, true) then return false end
    local list = require("descent.prompt.tokens").scan(text)
    return #list > 0 and list[#list].text == ";"
end

-- io.write("...") gives its file back only so that calls can be chained.
local function is_stream(values)
    return values.n == 1 and (values[1] == io.stdout or values[1] == io.stderr)
end

local function new_outcome(text)
    return {
        text = text, ok = false, values = {n = 0}, environment = prompt.environment, seconds = 0,
    }
end

-- Runs one part of a text.
local function evaluate(part, name)
    local outcome = new_outcome(part.text)
    outcome.expression, outcome.silent = part.expression, is_silenced(part.text)
    local chunk, message = load(part.code, name, "t", prompt.environment)
    if not chunk then
        outcome.error = message
        return outcome
    end
    uncounted = 0
    prompt.menu = nil
    local updates = core.host.updates()
    local started = clock()
    local values = table.pack(xpcall(chunk, failure.handler))
    outcome.seconds = clock() - started - uncounted
    outcome.interrupted = console ~= nil and console.interrupted()
    if outcome.interrupted then prompt.complain("") end -- the terminal has shown ^C
    -- What a signal has cut off is not to be run again by whoever takes the session up.
    outcome.cut_off = console ~= nil and console.ended()
    outcome.ok = values[1] and not outcome.cut_off
    if prompt.menu then
        outcome.stop_after, outcome.forks = prompt.menu.first - updates, prompt.menu.forks
    elseif outcome.interrupted and outcome.ok then
        outcome.stop_after = core.host.updates() - updates
    end
    if values[1] then
        outcome.values = table.move(values, 2, values.n, 1, {n = values.n - 1})
        if is_stream(outcome.values) then outcome.values = {n = 0} end
    else
        outcome.error = values[2]
    end
    return outcome
end

-- _ and __ are the last two results, out[n] is the n-th.
local function keep(value)
    if value == nil then return end
    local environment = prompt.environment
    results[#results + 1] = value
    if #results > KEPT_RESULTS then results[#results - KEPT_RESULTS] = false end
    rawset(environment, "__", rawget(environment, "_"))
    rawset(environment, "_", value)
    if rawget(environment, "out") == nil then rawset(environment, "out", results) end
end

local function is_large(value)
    if type(value) ~= "table" then return false end
    local key
    for _ = 1, LARGE do
        key = next(value, key)
        if key == nil then return false end
    end
    return true
end

-- What print shows of the values, for :save, where the entry becomes a print. Not of large tables:
-- that would double the time an entry takes.
local function plain_text(values)
    local parts = {}
    for i = 1, values.n do
        if is_large(values[i]) then return nil end
    end
    for i = 1, values.n do
        local show = require "descent.show"
        local text_of = type(values[i]) == "table" and show.value or tostring
        local fine, text = pcall(show.as_file, text_of, values[i])
        parts[i] = fine and text or "?"
    end
    return table.concat(parts, "\t")
end

local plots = {} -- the entries whose plot is kept

local function log(entry)
    local entries = prompt.log
    if #entries >= KEPT_ENTRIES then table.remove(entries, 1) end
    entries[#entries + 1] = entry
end

-- For :save, a command that changes what later entries mean, and the code that does the same;
-- runs: {{path =, bytes =}...} of the files it loads.
function prompt.note(text, script, runs)
    log {text = text, script = script, runs = runs, ok = true, results = 0}
end

local function remember(outcome)
    local values = outcome.values
    local shown, plot = record.taken()
    record.begin()
    local has_value = values.n > 0
    local entry = {
        text = outcome.text, ok = outcome.ok, cut_off = outcome.cut_off,
        stop_after = outcome.stop_after, forks = outcome.forks,
        expression = outcome.expression, silent = outcome.silent, results = values.n,
        absent = has_value and values[1] == nil,
        is_table = values.n == 1 and type(values[1]) == "table",
        plain = has_value and not outcome.silent and plain_text(values) or nil,
        shown = shown, plot = plot,
    }
    log(entry)
    if plot then
        plots[#plots + 1] = entry
        if #plots > KEPT_PLOTS then table.remove(plots, 1).plot = nil end
    end
end

local function report(outcome, name, text, timed)
    if outcome.cut_off then return end
    if not outcome.ok then
        complain_failure(outcome.error, name, text, outcome.interrupted)
    else
        keep(outcome.values[1])
        if outcome.values.n > 0 and not outcome.silent then print_values(outcome.values) end
    end
    for _, overwritten in ipairs(strict.overwritten()) do
        local words = "note: %s has got a new meaning; :restore %s gives the old one back"
        prompt.complain(complaint().words(words:format(overwritten, overwritten), "dim"))
    end
    if timed or outcome.seconds > SLOW and not outcome.interrupted then
        prompt.complain(terminal().paint(duration(outcome.seconds), "dim"))
    end
end

-- Runs and prints a text of code. Returns the outcome of its last part: {text =, ok =,
-- expression =, values = {n = ..., ...}, error =, seconds =, environment =, silent =}.
function prompt.run(text, timed)
    local parts, problem = source.parts(text)
    local name = source.name(text)
    record.install()
    record.begin()
    strict.own(name)
    if not parts then
        prompt.complain(complaint().syntax(problem, text))
        local outcome = new_outcome(text)
        outcome.error = problem.message
        remember(outcome)
        return outcome
    end
    local outcome
    for _, part in ipairs(parts) do
        outcome = evaluate(part, name)
        report(outcome, name, text, timed)
        remember(outcome)
        if not outcome.ok then break end
    end
    return outcome
end

-- The text behind a chunk name such as "=entry 3", or nil.
prompt.source = source.text

-- Calls library code on behalf of an entry: its errors are printed like the entry's own.
local function guard(f, ...)
    local fine, object = xpcall(f, failure.handler, ...)
    local interrupted = console ~= nil and console.interrupted()
    if not fine then
        if interrupted then prompt.complain("") end
        complain_failure(object, nil, "", interrupted)
    end
    return fine
end

-- --- commands ------------------------------------------------------------------------------------

-- prompt.command{name =, summary =, usage =, run = function(rest) end}; with the name of a command
-- that exists it takes its place.
function prompt.command(command)
    assert(type(command.name) == "string" and type(command.run) == "function",
        "a command has a name and a function run")
    commands[command.name] = command
end

local loaded = false
local function load_commands()
    if loaded then return end
    loaded = true
    for _, name in ipairs(core.modules) do
        if name:find("^descent%.command%.") then guard(require, name) end
    end
end

-- All commands, sorted by name.
function prompt.commands()
    load_commands()
    local list = {}
    for _, command in pairs(commands) do list[#list + 1] = command end
    table.sort(list, function(a, b) return a.name < b.name end)
    return list
end

function prompt.run_command(name, rest)
    load_commands()
    if commands[name] then
        guard(commands[name].run, rest)
        return
    end
    local names = {}
    for i, command in ipairs(prompt.commands()) do names[i] = command.name end
    local nearest = require("descent.doc").nearest(name, names)
    prompt.complain(complaint().words(("error: there is no command :%s%s; :help lists them"):format(
        name, nearest and (" (did you mean :%s?)"):format(nearest) or ""), "error"))
end

function prompt.leave() leaving = true end

-- A text that Up shows first at the next prompt, to be changed and entered.
function prompt.offer(text)
    if console then console.offer(text) end
end

-- ?x, ??x, ?"word"
local function help(text)
    local module = require "descent.help"
    local wanted = text:match("^%?%?%s*(.-)%s*$")
    local word = text:match('^%?%s*"(.-)"?%s*$')
    if wanted then
        module.source(wanted)
    elseif word then
        module.search(word)
    else
        module.show((text:match("^%?%s*(.-)%s*$")))
    end
end

-- --- the interface of src/repl -------------------------------------------------------------------

function prompt.text() return "> " end

-- True when the text only lacks its rest.
function prompt.incomplete(text)
    local special = text:find("^%s*%?") or text:find("^%s*:%a") or not text:find("%S")
    return not special and source.incomplete(text)
end

-- A lesson may take a text that is no code: the letter of a choice.
local function intercepted(lesson, text)
    local taken = false
    if lesson and lesson.intercept then guard(function() taken = lesson.intercept(text) end) end
    return taken
end

-- `lesson adam`, `lesson 7`: no Lua, and what one types first.
local function named(text)
    local verb, name = text:match("^(%l+)%s+([%w][%w_-]*)$")
    return (verb == "lesson" or verb == "exercise") and ("%s %q"):format(verb, name) or text
end

local leave_words = {exit = true, quit = true, ["exit()"] = true, ["quit()"] = true}

-- Evaluates and prints one complete entry; false when the session is to end.
function prompt.entry(text)
    local lesson = prompt.lesson
    local trimmed = text:match("^%s*(.-)%s*$")
    local name, rest = trimmed:match("^:(%a[%w_]*)%s*(.*)$")
    if trimmed == "" then
        if lesson then guard(lesson.next) end
    elseif trimmed:sub(1, 1) == "?" then
        guard(help, trimmed)
    elseif name then
        prompt.run_command(name, rest)
    elseif leave_words[trimmed] and strict.value(trimmed:match("%a+")) == nil then
        leaving = true
    elseif not intercepted(lesson, text) then
        local outcome = prompt.run(named(text))
        if lesson and lesson == prompt.lesson then -- not for the entry that began or ended it
            outcome.text = text
            if outcome.ok and outcome.interrupted then -- as the entry ended: it is not judged
                complain_failure("interrupted", nil, "", true)
            else
                guard(lesson.judge, outcome)
            end
        end
    end
    return not leaving
end

function prompt.greet()
    local columns = terminal().size()
    local function say(text)
        for _, line in ipairs(terminal().wrap(text, columns)) do prompt.write(line) end
    end
    say(("descent %s, a laboratory for fitting models"):format(core.version))
    local notice = require("descent.prompt.recovery").notice()
    if notice then say(notice) end
    say('lesson "line"  begins a first lesson, help() is help, Ctrl-D leaves; or try')
    prompt.write("  d = data.line12\n  plot(d)")
    return true
end

-- SIGTERM or SIGHUP ends the session: what can be kept of it is, and a terminal that is still there
-- hears of what cannot.
function prompt.ended()
    local fine, problem = pcall(require("descent.prompt.recovery").keep, prompt)
    if not fine then
        prompt.complain("\nthe session could not be kept: " .. failure.message(problem))
    end
    return true
end

-- Runs a file as if it had been typed: what it declares stays.
function prompt.load(path)
    local file, reason = io.open(path, "r")
    if not file then error("cannot read " .. reason, 0) end
    local text = file:read("a")
    file:close()
    if text:sub(1, 1) == "#" then text = "--" .. text end
    local name = "@" .. path
    strict.own(name)
    local released = require("descent.prompt.tokens").release(text)
    local chunk, message = load(released, name, "t", prompt.environment)
    if not chunk then error(message, 0) end
    chunk()
end

function prompt.startup()
    local folder = os.getenv("XDG_CONFIG_HOME")
    local home = os.getenv("HOME")
    if not folder or folder:sub(1, 1) ~= "/" then folder = home and home .. "/.config" end
    local path = folder and folder .. "/descent/init.lua"
    local file = path and io.open(path, "r")
    if file then
        file:close()
        guard(prompt.load, path)
    end
    return true
end

-- A text that begins with our own prompt is a session: the prompts and what was printed go.
function prompt.pasted(text)
    if not text:find("^%s*> ") then return nil end
    local entries, current = {}, nil
    for line in (text .. "\n"):gmatch("(.-)\n") do
        local typed = line:match("^%s*> ?(.*)$")
        if typed and not (current and prompt.incomplete(current)) then
            if current then entries[#entries + 1] = current end
            current = typed
        elseif current and prompt.incomplete(current) then
            current = current .. "\n" .. (line:match("^%s*>> ?(.*)$") or line)
        end
    end
    if current then entries[#entries + 1] = current end
    return (table.concat(entries, "\n"):gsub("%s+$", ""))
end

function prompt.completions(line, first, last)
    return require("descent.prompt.complete").completions(line, first, last)
end

function prompt.in_string(line, _, point)
    return require("descent.prompt.complete").in_string(line, point)
end

function prompt.call_signature(line, _, point)
    return require("descent.prompt.complete").signature(line, point)
end

return prompt
