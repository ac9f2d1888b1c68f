-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- One entry at the prompt: compiled, run, printed. The editing of the line is src/repl; what is
-- needed only now and then (completion, commands, help) lives in files of its own.

local failure = require "descent.failure"
local strict = require "descent.strict"
local tokens = require "descent.prompt.tokens"

local prompt = {
    environment = _G,
    lesson = nil,       -- {next =, judge =, intercept =} while one runs
    log = {},           -- what was entered: what was entered, for :save (prompt/session.lua)
}

local KEPT_RESULTS, KEPT_ENTRIES = 200, 5000
local MOST_ROWS = 20    -- of a value, so that what was typed stays on the screen
local SLOW = 0.1        -- seconds from which on the time is shown

-- Absent where another Lua than our own program runs this.
local console = package.preload["descent.console"] and require "descent.console"
local clock = console and console.clock or os.clock

local commands = {}     -- name -> {name =, summary =, usage =, run =}
local sources = {}      -- chunk name -> the text of the entry
local results = {}      -- what out[n] shows
local count = 0         -- of entries
local leaving = false

-- --- output ---------------------------------------------------------------------------------------

local function paint(text, role)
    local fine, painted = pcall(function() return require("descent.terminal").paint(text, role) end)
    return fine and painted or text
end

function prompt.size()
    local fine, columns, rows = pcall(function() return require("descent.terminal").size() end)
    if fine then return columns, rows end
    return 80, 24
end

-- Where the result goes; errors and notes go to prompt.complain.
function prompt.write(text) io.stdout:write(text, "\n") end

function prompt.complain(text)
    io.stdout:flush()
    io.stderr:write(text, "\n")
end

local function wrapped(text)
    local columns = prompt.size()
    local fine, lines = pcall(function() return require("descent.terminal").wrap(text, columns) end)
    return fine and table.concat(lines, "\n") or text
end

local function note(text) prompt.complain(paint(wrapped("note: " .. text), "dim")) end

-- The value as the prompt prints it.
function prompt.show(value)
    local columns, rows = prompt.size()
    local fine, text = pcall(function()
        return require("descent.show").value(value, {
            width = columns, rows = math.max(4, math.min(MOST_ROWS, rows - 6)),
        })
    end)
    if fine then return text end
    if failure.is_interrupt(text) then error(text, 0) end
    return ("%s (it cannot be shown: %s)"):format(type(value), failure.message(text))
end

-- --- compiling ------------------------------------------------------------------------------------

-- The compiler's words without the place, and with a hint where a habit of another language shows.
local function compiler_message(message, text, token)
    local words = message:match("^.-:%d+: (.*)$") or message
    if not token then return words end
    local here = text:sub(token.first)
    if token.kind == "bad" then
        return ("the character %s cannot stand here; names are made of a-z, A-Z, 0-9 and _")
            :format(token.text)
    end
    local operator = here:match("^([%+%-%*/%%%^])=") or
        (here:sub(1, 1) == "=" and text:sub(1, token.first - 1):match("([%+%-%*/%%%^])$"))
    if here:find("^!=") then
        words = words .. "; not equal is written ~="
    elseif here:find("^!") then
        words = words .. "; not is written not"
    elseif here:find("^&&") or text:sub(token.first - 1):find("^&&") then
        words = words .. "; and is written and"
    elseif here:find("^||") or text:sub(token.first - 1):find("^||") then
        words = words .. "; or is written or"
    elseif operator then
        words = words .. ("; write x = x %s ..."):format(operator)
    elseif here:find("^++") or text:sub(token.first - 1):find("^++") then
        words = words .. "; write x = x + 1"
    end
    return words
end

-- The chunk and "expression" or "statement"; or nil and {message =, token =, early =}. Of the two ways
-- to read the text the error is that of the one that came further.
local function compile(text, name, environment)
    local chunk, expression_error = load("return " .. text, name, "t", environment)
    if chunk then return chunk, "expression" end
    local released = tokens.release(text)
    local statement_error
    chunk, statement_error = load(released, name, "t", environment)
    if chunk then return chunk, "statement" end
    if tokens.stops_early(statement_error) or tokens.stops_early(expression_error) then
        return nil, {message = compiler_message(statement_error, text), early = true}
    end
    local message, token = statement_error, tokens.culprit(released, "")
    local other = tokens.culprit(text, "return ")
    if other and (not token or other.first > token.first) then
        message, token = expression_error, other
    end
    return nil, {message = compiler_message(message, text, token), token = token}
end

-- Several complete entries in one text (a pasted session): a list of {text =, lines = before it}; or
-- nil, the error, and the number of lines before the part that has it.
local function split(text, name, environment)
    local lines = {}
    for line in (text .. "\n"):gmatch("(.-)\n") do lines[#lines + 1] = line end
    local parts, first = {}, 1
    local problem
    while first <= #lines do
        local stop
        for last = first, #lines do
            local piece = table.concat(lines, "\n", first, last)
            if load("return " .. piece, name, "t", environment) or load(piece, name, "t", environment) then
                stop = last
                if piece:find("%S") then parts[#parts + 1] = {text = piece, lines = first - 1} end
                break
            end
            local _
            _, problem = compile(piece, name, environment)
            if not problem.early then break end
        end
        if not stop then return nil, problem, first - 1 end
        first = stop + 1
    end
    return parts
end

local function is_special(text)
    return text:find("^%s*%?") or text:find("^%s*:%a") or not text:find("%S")
end

-- True when the text only lacks its rest.
function prompt.incomplete(text)
    if is_special(text) then return false end
    local environment = {}
    local chunk, problem = compile(text, "=?", environment)
    if chunk then return false end
    if not text:find("\n") then return problem.early == true end
    -- `x = 1`, newline, `x`: as one chunk it lacks something, as two entries it does not.
    local parts, last = split(text, "=?", environment)
    return not parts and last.early == true
end

-- --- errors ---------------------------------------------------------------------------------------

-- The text behind a chunk name such as "=entry 3", or nil.
function prompt.source(name) return sources[name] end

local function source_line(name, line)
    local text = sources[name]
    if not text then return nil end
    for found in (text .. "\n"):gmatch("(.-)\n") do
        line = line - 1
        if line == 0 then return found end
    end
    return nil
end

local file_lines = function(path, line)
    local file = io.open(path, "r")
    if not file then return nil end
    local found
    for text in file:lines() do
        line = line - 1
        if line == 0 then
            found = text
            break
        end
    end
    file:close()
    return found
end

-- The line, cut to the width around the column, and a caret below it.
local function with_caret(line, column)
    local columns = prompt.size()
    local before, after = line:sub(1, column - 1), line:sub(column)
    local function cells(text) return utf8.len(text) or #text end
    if cells(line) + 4 > columns then
        if cells(before) > columns // 2 then
            local start = utf8.offset(before, -(columns // 2)) or 1
            before = "..." .. before:sub(start)
        end
        local room = columns - 8 - cells(before)
        if cells(after) > room then after = after:sub(1, (utf8.offset(after, room) or room) - 1) .. "..." end
    end
    local blank = before:gsub("[^\t]", "\0"):gsub("%z+", function(run)
        return (" "):rep(#run)
    end)
    local found, terminal = pcall(require, "descent.terminal")
    if found then
        blank = before:gsub("[^\t]+", function(run) return (" "):rep(terminal.width(run)) end)
    elseif utf8.len(before) then
        blank = before:gsub("[^\t]+", function(run) return (" "):rep(utf8.len(run)) end)
    end
    return "  " .. before .. after .. "\n  " .. blank .. "^"
end

local function complain_syntax(problem, text)
    local token = problem.token
    local lines = {}
    local several = text:find("\n") ~= nil
    local line = token and token.line + (problem.lines or 0)
    local head = several and line and ("error in line %d: "):format(line) or "error: "
    lines[1] = paint(wrapped(head .. problem.message), "error")
    if token then
        local at = 1
        for _ = 2, line do at = text:find("\n", at, true) + 1 end
        local stop = (text:find("\n", at, true) or #text + 1) - 1
        local offset = problem.offset or 0
        lines[2] = with_caret(text:sub(at, stop), token.first + offset - at + 1)
    end
    prompt.complain(table.concat(lines, "\n"))
end

-- "in f (entry 3:2):  the line"; nil for the line that was just typed.
local function frame_text(frame, current, text)
    if frame.skipped then return ("  ... %d further calls"):format(frame.skipped) end
    local here = frame.source == current
    if here and frame.main and not text:find("\n") then return nil end
    local name = failure.frame_name(frame)
    local place = frame.place .. ":" .. frame.line
    local line
    if frame.source:sub(1, 1) == "=" then
        line = source_line(frame.source, frame.line)
        if here then place = "line " .. frame.line end
    elseif frame.source:sub(1, 1) == "@" then
        line = file_lines(frame.source:sub(2), frame.line)
    end
    local result = name and ("  in %s (%s)"):format(name, place) or ("  in " .. place)
    if line then
        local columns = prompt.size()
        result = result .. ":  " .. line:match("^%s*(.-)%s*$")
        if utf8.len(result) and utf8.len(result) > columns then
            result = result:sub(1, utf8.offset(result, columns - 3) - 1) .. "..."
        end
    end
    return result
end

-- Prints a failure of a running entry.
function prompt.complain_failure(object, current, text, interrupted)
    object = failure.of(object)
    local message = failure.message(object)
    interrupted = interrupted or failure.is_interrupt(object.message)
    -- The place of an entry is told by the frames, where its line can be shown.
    local shown = message:match("^entry %d+:%d+: (.*)$")
    local head = interrupted and "interrupted" or "error: " .. (shown or message)
    local lines = {paint(wrapped(head), interrupted and "accent" or "error")}
    for i, frame in ipairs(object.frames) do
        if interrupted and i > 1 then break end
        local line = frame_text(frame, current, text or "")
        if line then lines[#lines + 1] = paint(line, "dim") end
    end
    prompt.complain(table.concat(lines, "\n"))
end

-- --- running --------------------------------------------------------------------------------------

local function is_silenced(text)
    local list = tokens.scan(text)
    return #list > 0 and list[#list].text == ";"
end

-- Runs one part. Returns {text =, ok =, expression =, values = {n = ..., ...}, error =, seconds =,
-- environment =, silent =}; nothing is printed. After a syntax error there is `syntax`, too.
function prompt.evaluate(text, lines)
    count = count + 1
    local name = "=entry " .. count
    sources[name] = ("\n"):rep(lines or 0) .. text
    sources["=entry " .. count - KEPT_ENTRIES] = nil
    strict.own(name)
    local environment = prompt.environment
    local outcome = {
        text = text, ok = false, values = {n = 0}, environment = environment, name = name, seconds = 0,
        silent = is_silenced(text),
    }
    local chunk, kind = compile(text, name, environment)
    if not chunk then
        outcome.syntax = kind
        outcome.error = kind.message
        return outcome
    end
    if lines and lines > 0 then -- the same again with the line numbers of the whole text
        local before = ("\n"):rep(lines)
        chunk = load(kind == "expression" and before .. "return " .. text or
            before .. tokens.release(text), name, "t", environment)
    end
    outcome.kind = kind
    outcome.expression = kind == "expression"
    local started = clock()
    local values = table.pack(xpcall(chunk, failure.handler))
    outcome.seconds = clock() - started
    outcome.interrupted = console and console.interrupted() or false
    outcome.ok = values[1]
    if outcome.interrupted then prompt.complain("") end -- the terminal has shown ^C
    if values[1] then
        table.move(values, 2, values.n + 1, 1, outcome.values)
        outcome.values.n = values.n - 1
    else
        outcome.error = values[2]
    end
    return outcome
end

-- _ and __ are the last two results, out[n] is the n-th.
local function keep(values)
    local value = values[1]
    if value == nil then return end
    local environment = prompt.environment
    results[#results + 1] = value
    if #results > KEPT_RESULTS then results[#results - KEPT_RESULTS] = false end
    rawset(environment, "__", rawget(environment, "_"))
    rawset(environment, "_", value)
    if rawget(environment, "out") == nil then rawset(environment, "out", results) end
end

-- What print shows of the values, for :save, where the entry becomes a print.
local function plain_text(values)
    local parts = {}
    for i = 1, values.n do
        local fine, text = pcall(function()
            if type(values[i]) == "table" then return require("descent.show").value(values[i]) end
            return tostring(values[i])
        end)
        parts[i] = fine and text or "?"
    end
    return table.concat(parts, "\t")
end

-- io.write("...") gives its file back only so that calls can be chained.
local function is_stream(values)
    return values.n == 1 and (values[1] == io.stdout or values[1] == io.stderr)
end

local function print_values(values)
    local parts, several = {}, false
    for i = 1, values.n do
        parts[i] = prompt.show(values[i])
        several = several or parts[i]:find("\n")
    end
    prompt.write(table.concat(parts, several and "\n" or "\t"))
end

local function duration(seconds)
    if seconds < 10 then return ("%.2f s"):format(seconds) end
    if seconds < 120 then return ("%.0f s"):format(seconds) end
    return ("%d min %d s"):format(seconds // 60, seconds % 60)
end

local function report(outcome, text, lines, timed)
    if outcome.syntax then
        local problem = outcome.syntax
        if lines and lines > 0 then
            problem.lines = lines
            problem.offset = text:find(outcome.text, 1, true) - 1
        end
        complain_syntax(problem, text)
    elseif not outcome.ok then
        prompt.complain_failure(outcome.error, outcome.name, text, outcome.interrupted)
    else
        if is_stream(outcome.values) then outcome.values = {n = 0} end
        keep(outcome.values)
        if outcome.values.n > 0 and not outcome.silent then print_values(outcome.values) end
    end
    for _, name in ipairs(strict.overwritten()) do
        note(("%s has got a new meaning; :restore %s gives the old one back"):format(name, name))
    end
    if timed or outcome.seconds > SLOW and not outcome.interrupted then
        prompt.complain(paint("(" .. duration(outcome.seconds) .. ")", "dim"))
    end
end

local function remember(outcome)
    local log = prompt.log
    local values = outcome.values
    local has_value = outcome.ok and values.n > 0
    if #log >= KEPT_ENTRIES then table.remove(log, 1) end
    log[#log + 1] = {
        text = outcome.text, ok = outcome.ok, expression = outcome.expression,
        silent = outcome.silent, results = values.n, absent = has_value and values[1] == nil,
        is_table = has_value and values.n == 1 and type(values[1]) == "table",
        plain = has_value and not outcome.silent and plain_text(values) or nil,
    }
end

-- Runs and prints a text of code; the outcome of its last part.
function prompt.run(text, timed)
    local environment = prompt.environment
    local chunk, problem = compile(text, "=?", environment)
    local parts = {{text = text, lines = 0}}
    if not chunk and text:find("\n") then
        local several, inner, lines = split(text, "=?", environment)
        if several then
            parts = several
        elseif lines > 0 then
            problem = inner
            problem.lines = lines
            problem.offset = #text:match(("[^\n]*\n"):rep(lines))
        end
    end
    local outcome
    if not chunk and parts[1].text == text then
        outcome = prompt.evaluate(text)
        outcome.syntax = problem
        report(outcome, text)
        remember(outcome)
        return outcome
    end
    for _, part in ipairs(parts) do
        outcome = prompt.evaluate(part.text, part.lines)
        report(outcome, text, part.lines, timed)
        remember(outcome)
        if not outcome.ok then break end
    end
    return outcome
end

-- Calls library code on behalf of an entry: its errors are printed like the entry's own.
local function guard(f, ...)
    local fine, object = xpcall(f, failure.handler, ...)
    if console and console.interrupted() and not fine then
        prompt.complain(paint("interrupted", "accent"))
    elseif not fine then
        prompt.complain_failure(object, nil, "")
    end
    return fine
end

-- --- commands -------------------------------------------------------------------------------------

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
    local names = require("descent.core").modules or {}
    for _, name in ipairs(names) do
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
    local command = commands[name]
    if not command then
        local names = {}
        for _, known in ipairs(prompt.commands()) do names[#names + 1] = known.name end
        local fine, nearest = pcall(function() return require("descent.doc").nearest(name, names) end)
        prompt.complain(paint(("error: there is no command :%s%s; :help lists them"):format(name,
            fine and nearest and (" (did you mean :" .. nearest .. "?)") or ""), "error"))
        return
    end
    guard(command.run, rest)
end

function prompt.leave() leaving = true end

-- A text that Up shows first at the next prompt, to be changed and entered.
function prompt.offer(text)
    if console then console.offer(text) end
end

local function help(text)
    local module = require "descent.help"
    local source = text:match("^%?%?%s*(.-)%s*$")
    local word = text:match('^%?%s*"(.-)"?%s*$')
    if source then
        module.source(source)
    elseif word then
        module.search(word)
    else
        module.show((text:match("^%?%s*(.-)%s*$")))
    end
end

-- --- the interface of src/repl --------------------------------------------------------------------

function prompt.text() return "> " end

-- A lesson may take a text that is no code: the letter of a choice.
local function intercepted(text)
    local taken = false
    guard(function() taken = prompt.lesson.intercept(text) end)
    return taken
end

local leave_words = {exit = true, quit = true, ["exit()"] = true, ["quit()"] = true}

-- Evaluates and prints one complete entry; false when the session is to end.
function prompt.entry(text)
    local trimmed = text:match("^%s*(.-)%s*$")
    local name, rest = trimmed:match("^:(%a[%w_]*)%s*(.*)$")
    if trimmed == "" then
        if prompt.lesson then guard(prompt.lesson.next) end
    elseif trimmed:sub(1, 1) == "?" then
        guard(help, trimmed)
    elseif name then
        prompt.run_command(name, rest)
    elseif leave_words[trimmed] and strict.value(trimmed:match("%a+")) == nil then
        leaving = true
    elseif not (prompt.lesson and prompt.lesson.intercept and intercepted(text)) then
        local lesson = prompt.lesson
        local outcome = prompt.run(text)
        if lesson and lesson == prompt.lesson then -- not the entry that began or ended it
            outcome.text = text
            guard(lesson.judge, outcome)
        end
    end
    return not leaving
end

function prompt.greet()
    local version = require("descent.core").version or ""
    prompt.write(([[
descent %s, a laboratory for fitting models
lesson "line"  begins a first lesson, help() is help, Ctrl-D leaves; or try
  d = data.line12
  plot(d)]]):format(version))
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
    local chunk, message = load(tokens.release(text), name, "t", prompt.environment)
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
