-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Errors as the user reads them: the message, and the frames of the user's own code.
--
--     ok, object = xpcall(f, failure.handler)     object is then a failure: message, and frames,
--                                                 innermost first; one may be {skipped = n}
--     failure.text(object)                        for a script
-- The handler only collects: it may run where the stack is full.

local failure = {} -- also the metatable of failures

local library = "@descent/"
local INNER, OUTER, LOOKED = 8, 4, 60   -- frames kept at each end, and levels looked at

local getinfo = debug.getinfo

local function collect(frames, first, last)
    for level = first, last do
        local info = getinfo(level + 1, "Slnf")
        if not info then return false end
        local before = frames[#frames]
        if before and before.func == info.func and before.line == info.currentline then
            before.times = before.times + 1 -- a function that calls itself
        elseif info.what ~= "C" and info.source:sub(1, #library) ~= library then
            frames[#frames + 1] = {
                source = info.source, place = info.short_src, line = info.currentline,
                func = info.func, name = info.name, main = info.what == "main", times = 1,
            }
        end
    end
    return true
end

-- The number of levels, in a number of steps that grows with its logarithm.
local function depth()
    local low, high = 1, 1
    while getinfo(high, "l") do low, high = high, high * 2 end
    while low < high do
        local middle = (low + high) // 2
        if getinfo(middle, "l") then low = middle + 1 else high = middle end
    end
    return low - 2
end

function failure.handler(message)
    if debug.getmetatable(message) == failure then return message end
    local frames, unseen = {}, 0
    if collect(frames, 2, LOOKED) then
        local levels = depth()
        local first = math.max(LOOKED + 1, levels - LOOKED)
        unseen = first - LOOKED - 1
        collect(frames, first, levels + 2)
    end
    local spare = #frames - INNER - OUTER
    if spare > 0 then
        frames[INNER + 1] = {skipped = spare + unseen}
        table.move(frames, INNER + spare + 1, #frames, INNER + 2)
        for i = #frames, INNER + OUTER + 2, -1 do frames[i] = nil end
    end
    return setmetatable({message = message, frames = frames}, failure)
end

-- A failure made of any error object.
function failure.of(object)
    if debug.getmetatable(object) == failure then return object end
    return setmetatable({message = object, frames = {}}, failure)
end

function failure.is_interrupt(message)
    return message == "interrupted" or message == "interrupted!"
end

local function memory_sentence()
    local found, console = pcall(require, "descent.console")
    local limit = ""
    if found then
        if console.refused() then
            return "the memory that this program may have is used up: the machine has no more, or "
                .. "ulimit -v"
        end
        local megabytes = console.limit // 2^20
        limit = (": the limit is %d MB; DESCENT_MEMORY=%dM allows more"):format(megabytes,
            2 * megabytes)
    end
    return "Lua's memory is used up" .. limit
end

-- The message as text, whatever the error object is.
function failure.message(object)
    local message = failure.of(object).message
    if type(message) == "string" then
        if failure.is_interrupt(message) then return "interrupted" end
        if message == "not enough memory" then return memory_sentence() end
        return (message:gsub("stack overflow.*", "stack overflow: too many calls inside calls"))
    end
    local fine, text = pcall(function()
        local meta = debug.getmetatable(message)
        if type(meta) == "table" and rawget(meta, "__tostring") then return tostring(message) end
        return "error with " .. require("descent.show").value(message)
    end)
    return fine and text or ("error with a %s that cannot be shown"):format(type(message))
end

-- What the frame is called, or nil for a chunk itself.
function failure.frame_name(frame)
    if frame.main then return nil end
    local name = frame.name ~= "?" and frame.name or nil
    if not name then -- a tail call: its caller is gone from the stack
        for key, value in next, _G do
            if value == frame.func and type(key) == "string" then name = key end
        end
    end
    name = name or "a function"
    return frame.times > 1 and name .. ", again and again" or name
end

-- "place:line: message", then the frames where they say more than that.
function failure.text(object, interrupted)
    local text = interrupted and "interrupted" or failure.message(object)
    local frames = failure.of(object).frames
    local lines = {text}
    local first = frames[1]
    local known = first and (first.place .. ":" .. first.line .. ":")
    if #frames == 1 and known and text:sub(1, #known) == known then return text end
    for _, frame in ipairs(frames) do
        if frame.skipped then
            lines[#lines + 1] = ("  ... %d further calls"):format(frame.skipped)
        else
            local name = failure.frame_name(frame)
            lines[#lines + 1] = ("  in %s%s:%d"):format(name and name .. ", " or "", frame.place,
                frame.line)
        end
    end
    return table.concat(lines, "\n")
end

return failure
