-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A gnuplot that is kept and given scripts. It is spoken to through core.host.process, so that a
-- dead or hanging one is noticed and started anew.

local core = require "descent.core"
local label = require "descent.plot.label"
local words = require "descent.plot.gnuplot.words"

local host = core.host

local process = {}
process.__index = process

process.missing = "gnuplot is not installed"
process.advice = "sudo apt install gnuplot-nox   (windows: gnuplot-qt)"

-- Nothing is started before the first script.
function process.new() return setmetatable({ counter = 0 }, process) end

function process:stop()
    if self.child then self.child:stop() end
    self.child = nil
end

-- The number of the process, or nil while there is none.
function process:id()
    return self.child and self.child:alive() and self.child.pid or nil
end

-- The one that runs stays when this program ends: its windows are closed by hand.
function process:outlive()
    if self.child then self.child:outlive() end
end

-- After a script everything is as before it, unless `keep` is given: then blocks and settings stay,
-- and a window can be turned with the mouse.
local cleaning = { "unset output", "set terminal unknown", "reset session" }

-- Loads a script; what it wrote to its output, or nil, the error and its number (0: gnuplot itself
-- failed, and is gone; -1: it could not be started). The script may be a function that makes it,
-- and is told whether a new gnuplot was started, which has kept nothing.
function process:run(script, seconds, keep)
    if self.child and not self.child:alive() then self.child = nil end
    local fresh = self.child == nil
    if fresh then
        local reason
        self.child, reason = host.process({ "gnuplot", "-d" }, { "GNUTERM=unknown", "PAGER=cat" })
        if not self.child then return nil, reason, -1 end
    end
    local child = self.child
    self.counter = self.counter + 1
    local n = self.counter
    if type(script) == "function" then script = script(fresh) end
    local path = host.temporary(script)
    local commands = {
        "reset errors", "set print '-'", ("print \"\\036BEGIN%d\""):format(n), "set print",
        ("load %s"):format(words.quote(path)), "set print",
        ("print \"\\036STATUS%d \",GPVAL_ERRNO,\" \",GPVAL_ERRMSG"):format(n), "unset table",
        "unset multiplot",
    }
    if not keep then table.move(cleaning, 1, #cleaning, #commands + 1, commands) end
    for _, line in ipairs { "set print", ("print \"\\036SYNC%d\""):format(n), "set print '-'",
                            ("print \"\\036SYNC%d\""):format(n), "set print", "" } do
        commands[#commands + 1] = line
    end
    local fine, output, errors = pcall(child.ask, child, table.concat(commands, "\n"),
        ("\30SYNC%d\n"):format(n), seconds)
    os.remove(path)
    if not fine then error(output, 0) end
    if not output then
        if not child:alive() then self.child = nil end
        return nil, errors, 0
    end
    local _, begin = output:find(("\30BEGIN%d\n"):format(n), 1, true)
    local number, message = errors:match(("\30STATUS%d%%s+(%%-?%%d+)%%s+([^\30]*)"):format(n))
    if not begin or not number then
        self:stop()
        return nil, "its answer could not be understood", 0
    end
    if tonumber(number) ~= 0 then return nil, (message:gsub("%s+$", "")), tonumber(number) end
    return output:sub(begin + 1)
end

-- gnuplot's words to ours.
local translations = {
    { "all points [xyz] value undefined",
      "nothing to draw: every value is NaN, infinite, or not above 0 on a logarithmic axis" },
    { "[xyz] range is invalid", "nothing to draw: there are no data points" },
    { "unknown or ambiguous terminal", "this gnuplot cannot write that kind of file" },
    { "[Cc]an't find or cannot? open", "a temporary file could not be read" },
}

local function translated(message)
    for _, pair in ipairs(translations) do
        if message:find(pair[1]) then return pair[2] end
    end
    local text = message:match("line %d+: (.*)") or message
    return "gnuplot says: " .. label.clean(text)
end

-- The output of a script, or nil and a sentence. A gnuplot that died is started anew once.
function process:draw(script, seconds, keep)
    local output, message, errno
    for attempt = 1, 2 do
        output, message, errno = self:run(script, seconds, keep)
        if output or errno ~= 0 then break end
        if attempt == 2 then
            return nil, ("gnuplot stopped twice while drawing (%s)"):format(message)
        end
    end
    if output then return output end
    if errno == -1 then
        if message:find("is not installed", 1, true) then
            return nil, process.missing .. ": " .. process.advice
        end
        return nil, message
    end
    return nil, translated(message)
end

-- The names of the terminals of this gnuplot, as a set; empty where there is none.
function process:terminals()
    if not self.known then
        local output = self:run("set print '-'\nprint GPVAL_TERMINALS\nset print\n", 5)
        if not output then return {} end
        self.known = {}
        for name in output:gmatch("%S+") do self.known[name] = true end
    end
    return self.known
end

-- Does the search path have it? (A file that can be read is taken as a program.)
function process.installed()
    for folder in (os.getenv("PATH") or "/usr/local/bin:/usr/bin:/bin"):gmatch("[^:]+") do
        local file = io.open(folder .. "/gnuplot", "rb")
        if file then
            file:close()
            return true
        end
    end
    return false
end

return process
