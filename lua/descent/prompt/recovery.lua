-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A session that SIGTERM or SIGHUP ends is kept beside the history, as :save would write it, with
-- the runs that were under way. The next session says so, and :recover takes it up.

local core = require "descent.core"
local failure = require "descent.failure"
local strict = require "descent.strict"

local recovery = {}

local PLACES = 9 -- sessions that are kept at once: a terminal closes with all its windows

local function folder()
    local state, home = os.getenv("XDG_STATE_HOME"), os.getenv("HOME")
    if state and state:sub(1, 1) == "/" then return state .. "/descent" end
    return home and home ~= "" and home .. "/.local/state/descent" or nil
end

local function path_of(place, ending)
    local parent = folder()
    return parent and ("%s/session-%d.%s"):format(parent, place, ending)
end

local function first_line(path)
    local file = path and io.open(path, "r")
    if not file then return nil end
    local line = file:read("l")
    file:close()
    return line or ""
end

-- {place =, path =, time = as text} of the places that are taken, the newest first; the time is ""
-- where the session is still being written, or never was.
local function taken()
    local list = {}
    for place = 1, PLACES do
        local path = path_of(place, "lua")
        local line = first_line(path)
        if line then
            list[#list + 1] = {place = place, path = path, time = line:match("[%d-]+ [%d:]+") or ""}
        end
    end
    table.sort(list, function(a, b) return a.time > b.time end)
    return list
end

-- The newest session that is kept, or nil.
local function newest_kept()
    local newest = taken()[1]
    return newest and newest.time ~= "" and newest or nil
end

-- A place for this session alone, whoever looks for one at the same moment; where all are taken,
-- that of the oldest.
local function take_place()
    for place = 1, PLACES do
        if core.host.claim(path_of(place, "lua")) then return place end
    end
    return taken()[PLACES].place
end

-- The runs that were stopped midway, by the names they have or were about to get.
local function runs_under_way(prompt)
    local list, seen = {}, {}
    local variables = prompt.environment
    for _, name in ipairs(strict.users(variables)) do
        local value = rawget(variables, name)
        local is_name = name:find("^[%a_][%w_]*$") and name ~= "_" and name ~= "__"
        if is_name and core.type(value) == "run" and value.reason == "interrupted" then
            list[#list + 1] = {name = name, run = value}
            seen[value] = true
        end
    end
    local run = prompt.under_way
    if run and not seen[run] then
        local last = prompt.log[#prompt.log]
        local text = last and last.cut_off and last.text or ""
        local name = require("descent.prompt.transcript").assigned(text)
        list[#list + 1] = {name = name or "unfinished", run = run}
    end
    return list
end

-- The line that takes up a run, which has been written to a file, or says why it does not.
local function run_line(name, run, path)
    local fine, problem = pcall(function()
        run:save(path)
        require("descent").run.load(path)
    end)
    if fine then
        return ("%s = run.load(%q) -- it stands at update %d"):format(name, path, run.t)
    end
    os.remove(path)
    return ("-- %s stood at update %d; it could not be kept: %s"):format(name, run.t,
        failure.message(problem):gsub("\n", " "))
end

-- Keeps the session; true when there was something to keep.
function recovery.keep(prompt)
    local worth = false
    for _, entry in ipairs(prompt.log) do worth = worth or entry.ok or entry.cut_off end
    if not worth or not folder() then return false end
    core.host.make_folder(folder())
    local place = take_place()
    local function kept_run(k) return path_of(place, "kept-" .. k .. ".run") end
    local text, _, files = require("descent.prompt.transcript").script(prompt.log,
        function(k) return ("%q"):format(kept_run(k)) end)
    for k, bytes in ipairs(files) do core.host.write(kept_run(k), bytes) end
    local lines = {
        ("-- The session that a signal ended at %s."):format(os.date("%Y-%m-%d %H:%M:%S")),
        (text:gsub("^[^\n]*\n", "", 1):gsub("\n$", "")),
    }
    for i, item in ipairs(runs_under_way(prompt)) do
        lines[#lines + 1] = run_line(item.name, item.run, path_of(place, i .. ".run"))
    end
    lines[#lines + 1] = ""
    core.host.write(path_of(place, "lua"), table.concat(lines, "\n"))
    return true
end

-- A line for the greeting, or nil.
function recovery.notice()
    local newest = newest_kept()
    return newest and ("The session of %s was cut off; :recover takes it up."):format(newest.time)
end

-- {{path =, bytes =}...} of the files of runs that the script of a session loads.
local function runs_of(script)
    local list = {}
    for path in script:gmatch('%f[%w]run%.load%("([^"\n]*%.run)"%)') do
        local file = path:sub(1, #folder()) == folder() and io.open(path, "rb")
        if file then
            list[#list + 1] = {path = path, bytes = file:read("a")}
            file:close()
        end
    end
    return list
end

-- Runs what is kept of the newest one as if it had been typed; then it is kept no longer.
function recovery.take_up(prompt)
    local newest = newest_kept()
    if not newest then error("there is no session that was cut off", 0) end
    prompt.load(newest.path)
    local file <close> = assert(io.open(newest.path, "r"))
    local script = file:read("a"):gsub("\n$", "")
    local runs = runs_of(script)
    prompt.note(":recover", script, runs)
    os.remove(newest.path)
    for _, kept_run in ipairs(runs) do os.remove(kept_run.path) end
    return newest.time
end

return recovery
