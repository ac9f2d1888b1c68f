-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- progress.lua: what a student has done, one small text file a lesson in the data folder. A record
-- belongs to a step's id and to the hash of its content: a step that was edited is asked again, one
-- that was only moved is not, and two lessons of one id, from two folders, do not disturb each
-- other. A line that cannot be read counts as not done.
--
--     descent progress 1
--     first-loss 1f3a90c2d4e5 right 12.37

local store = require "descent.lesson.store"

local progress = {}

local HEADER = "descent progress 1"
local STATES = { seen = true, right = true, skipped = true, hit = true, miss = true }

local function escape(text)
    return (text:gsub("[\\%c]", function(character)
        if character == "\\" then return "\\\\" end
        if character == "\n" then return "\\n" end
        return ("\\x%02x"):format(character:byte())
    end))
end

local function unescape(text)
    return (text:gsub("\\(.)(%x?%x?)", function(kind, digits)
        if kind == "x" and #digits == 2 then return string.char(tonumber(digits, 16)) end
        return (kind == "n" and "\n" or kind) .. digits
    end))
end
progress.escape, progress.unescape = escape, unescape

local function path_of(lesson)
    local folder = store.folder()
    return folder and ("%s/%s/%s"):format(folder, lesson.kept_in or "lessons", lesson.id)
end

local function key_of(id, hash) return id .. " " .. hash end

-- Records by key: {id =, hash =, state =, answer =}.
local function read(path)
    local records = {}
    local text = path and store.read(path)
    if not text or text:sub(1, #HEADER) ~= HEADER then return records end
    for line in text:gmatch("[^\n]+") do
        local id, hash, state, answer = line:match("^([%l%d%-]+) (%x+) (%l+) ?(.*)$")
        if id and STATES[state] then
            records[key_of(id, hash)] =
                { id = id, hash = hash, state = state, answer = unescape(answer) }
        end
    end
    return records
end

local function write(path, lesson, records)
    local lines = { HEADER }
    local function add(record)
        lines[#lines + 1] = ("%s %s %s %s"):format(record.id, record.hash, record.state,
            escape(record.answer or ""))
    end
    local known = {}
    for _, step in ipairs(lesson.steps) do
        local key = key_of(step.id, step.hash)
        known[key] = true
        if records[key] then add(records[key]) end
    end
    -- Steps of another edition of the lesson keep their lines.
    local others = {}
    for key in pairs(records) do
        if not known[key] then others[#others + 1] = key end
    end
    table.sort(others)
    for _, key in ipairs(others) do add(records[key]) end
    return store.write(path, table.concat(lines, "\n") .. "\n")
end

local methods = {}
methods.__index = methods

-- The progress of a lesson; `volatile` keeps it in memory only.
function progress.open(lesson, volatile)
    local path = not volatile and path_of(lesson) or nil
    return setmetatable({ lesson = lesson, path = path, records = read(path) }, methods)
end

-- The record of a step whose content is what it was; nil for one that is to be done.
function methods:record(step)
    return self.records[key_of(step.id, step.hash)]
end

-- Keeps a step's state at once. What another session of the same student wrote meanwhile stays.
-- Returns true, or nil and the reason.
function methods:set(step, state, answer)
    self.records[key_of(step.id, step.hash)] =
        { id = step.id, hash = step.hash, state = state, answer = answer }
    if not self.path then return true end
    for key, other in pairs(read(self.path)) do
        if not self.records[key] then self.records[key] = other end
    end
    return write(self.path, self.lesson, self.records)
end

-- Starts over.
function methods:clear()
    for _, step in ipairs(self.lesson.steps) do
        self.records[key_of(step.id, step.hash)] = nil
    end
    if not self.path then return true end
    return write(self.path, self.lesson, self.records)
end

-- Counts: steps done and in all; questions, of them answered and skipped; predictions and hits.
function methods:counts()
    local counts = { done = 0, steps = #self.lesson.steps, questions = 0, right = 0, skipped = 0,
        predictions = 0, hits = 0 }
    for _, step in ipairs(self.lesson.steps) do
        local record = self:record(step)
        local state = record and record.state
        if record then counts.done = counts.done + 1 end
        if state == "skipped" then counts.skipped = counts.skipped + 1 end
        if step.kind == "predict" then
            local hit, miss = state == "hit", state == "miss"
            if hit or miss then counts.predictions = counts.predictions + 1 end
            if hit then counts.hits = counts.hits + 1 end
        elseif step.kind ~= "text" and step.kind ~= "demo" and step.kind ~= "figure" then
            counts.questions = counts.questions + 1
            if state == "right" then counts.right = counts.right + 1 end
        end
    end
    return counts
end

-- The first step that is to be done; nil where none is left.
function methods:first_open()
    for index, step in ipairs(self.lesson.steps) do
        if not self:record(step) then return index end
    end
end

return progress
