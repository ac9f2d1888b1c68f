-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The commands that concern the session: :help :quit :time :who :restore :save :load :sh.

local core = require "descent.core"
local prompt = require "descent.prompt"
local strict = require "descent.strict"
local terminal = require "descent.terminal"

-- "name", 'name' or name.
local function unquoted(text)
    return text:match('^"(.*)"$') or text:match("^'(.*)'$") or text
end

local keys = {
    {"Enter", "runs the entry; where it is not complete, begins a new line"},
    {"Alt-Enter", "begins a new line in any case"},
    {"Up, Down", "move inside the entry, then through the history (what begins like this)"},
    {"Ctrl-R", "searches the history"},
    {"Tab", "completes names, options, files"},
    {"F1", "shows the arguments of the call around the cursor"},
    {"Ctrl-C", "clears the entry; stops code that runs; during a fit asks how to go on"},
    {"Ctrl-D", "on an empty line leaves"},
}

local signs = {
    {"x", "shows a value; x; does not show it"},
    {"_  __  out[n]", "the last result, the one before, the n-th"},
    {"?x  ??x  ?\"word\"", "help on x, its source, search in all help"},
}

local function rows(list)
    local widest = 0
    for _, row in ipairs(list) do widest = math.max(widest, #row[1]) end
    local columns = terminal.size()
    for _, row in ipairs(list) do
        local text = ("  %s%s  %s"):format(row[1], (" "):rep(widest - #row[1]), row[2])
        prompt.write(terminal.clip(text, columns, terminal.unicode()))
    end
end

prompt.command {
    name = "help", usage = ":help [COMMAND | NAME]",
    summary = "lists the commands and keys, or shows help on one",
    run = function(rest)
        local wanted = rest:match("^:?(%S*)")
        if wanted == "" then
            prompt.write(terminal.paint("Commands", "heading"))
            local list = {}
            for _, command in ipairs(prompt.commands()) do
                list[#list + 1] = {command.usage or ":" .. command.name, command.summary or ""}
            end
            rows(list)
            prompt.write(terminal.paint("Signs", "heading"))
            rows(signs)
            prompt.write(terminal.paint("Keys", "heading"))
            rows(keys)
            return
        end
        for _, command in ipairs(prompt.commands()) do
            if command.name == wanted then
                prompt.write(command.usage or ":" .. command.name)
                prompt.write("  " .. (command.summary or ""))
                return
            end
        end
        require("descent.help").show(rest)
    end,
}

prompt.command {
    name = "quit", usage = ":quit", summary = "leaves (so does Ctrl-D)",
    run = function() prompt.leave() end,
}

prompt.command {
    name = "time", usage = ":time CODE", summary = "runs the code and shows how long it took",
    run = function(rest)
        if rest == "" then error(":time needs code after it, as in :time r:step(100)", 0) end
        prompt.run(rest, true)
    end,
}

-- What a variable is, in a few words.
local function size_of(value)
    local kind = type(value)
    if kind == "userdata" then
        local name = core.type(value)
        if name == "array" then
            return ("array %s, %d bytes"):format(table.concat(value.shape, " × "),
                8 * value.rows * value.cols)
        end
        local found, count = pcall(function() return #value end)
        if name == "dataset" then name = "data set" end
        return name .. (found and math.type(count) and (", %d examples"):format(count) or "")
    elseif kind == "table" then
        local count = 0
        for _ in next, value do
            count = count + 1
            if count > 100000 then return "table, more than 100000 entries" end
        end
        return ("table, %d %s"):format(count, count == 1 and "entry" or "entries")
    elseif kind == "string" then
        return ("string, %d bytes"):format(#value)
    elseif kind == "function" then
        local info = debug.getinfo(value, "S")
        return info.what == "C" and "function" or ("function, %s:%d"):format(info.short_src,
            info.linedefined)
    end
    return kind .. " " .. tostring(value)
end

local kept_by_prompt = {_ = true, __ = true, out = true, arg = true}

prompt.command {
    name = "who", usage = ":who", summary = "lists the names you have given, and their sizes",
    run = function()
        local variables = prompt.environment
        local list = {}
        for _, name in ipairs(strict.users(variables)) do
            if not kept_by_prompt[name] then
                list[#list + 1] = {name, size_of(rawget(variables, name))}
            end
        end
        if #list == 0 then
            prompt.write("No names yet; x = 1 makes one.")
        else
            rows(list)
        end
    end,
}

prompt.command {
    name = "restore", usage = ":restore NAME", summary = "gives a built-in name its meaning back",
    run = function(rest)
        if rest == "" then error(":restore needs a name, as in :restore loss", 0) end
        local variables = prompt.environment
        if not strict.restore(rest) then
            error(("%s is no name of Lua or descent"):format(rest), 0)
        end
        if variables ~= _G then rawset(variables, rest, nil) end
        prompt.note(":restore " .. rest, ('require("descent.strict").restore(%q)'):format(rest))
    end,
}

-- The session as a script; the runs that :recover brought are written beside it, and looked for
-- there.
local function script_with_runs(path)
    local base, name = path:gsub("%.lua$", ""), path:match("([^/]*)%.lua$")
    local text, entries, files = require("descent.prompt.transcript").script(prompt.log,
        function(k)
            return ('(debug.getinfo(1, "S").source:match("^@(.*/)") or "") .. %q')
                :format(("%s-%d.run"):format(name, k))
        end)
    for k, bytes in ipairs(files) do core.host.write(("%s-%d.run"):format(base, k), bytes) end
    return text, entries
end

prompt.command {
    name = "save", usage = ":save FILE.lua | FILE.html",
    summary = "writes the session as a script, or as a page with its results and plots",
    run = function(rest)
        local path = unquoted(rest)
        if path == "" then error(':save needs a file name, as in :save "session.lua"', 0) end
        local extension = path:match("%.(%a+)$")
        local text, entries
        if extension == "html" or extension == "htm" then
            local title = path:match("([^/]*)%.%a+$")
            text, entries = require("descent.prompt.web").page(prompt.log, title)
        elseif extension and extension ~= "lua" then
            error((":save writes scripts and pages; give %s the ending .lua or .html"):format(path),
                0)
        else
            if not extension then path = path .. ".lua" end
            text, entries = script_with_runs(path)
        end
        core.host.write(path, text)
        prompt.write(("%s: %d %s"):format(path, entries, entries == 1 and "entry" or "entries"))
    end,
}

prompt.command {
    name = "load", usage = ":load FILE.lua", summary = "runs a script; the names it makes stay",
    run = function(rest)
        local path = unquoted(rest)
        if path == "" then error(':load needs a file name, as in :load "session.lua"', 0) end
        prompt.load(path)
    end,
}

prompt.command {
    name = "recover", usage = ":recover", summary = "takes up the last session that was cut off",
    run = function()
        local time = require("descent.prompt.recovery").take_up(prompt)
        prompt.write(("the session of %s goes on"):format(time))
    end,
}

prompt.command {
    name = "sh", usage = ":sh COMMAND", summary = "runs a command of the system's shell",
    run = function(rest)
        if rest == "" then error(":sh needs a command, as in :sh ls", 0) end
        io.stdout:flush()
        local fine, kind, code = os.execute(rest)
        if not fine then
            prompt.complain(kind == "signal" and ("ended by signal %d"):format(code)
                or ("exit status %d"):format(code))
        end
    end,
}
