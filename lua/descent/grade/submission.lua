-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- submission.lua: a file that somebody handed in: what it is called, and its text. It may be
-- anything: a link, a pipe, a folder, a film.

local child = require "descent.grade.child"
local core = require "descent.core"

local submission = {}

local LARGEST = 1024 * 1024

-- Names that say nothing of who handed the file in.
local COMMON = { submission = true, solution = true, answer = true, main = true }

-- "subs/anna.lua" is anna's; "anna/momentum.lua" too, where momentum is the exercise. Inputs are
-- made for this name, whatever other files there are, so that files can be graded apart.
function submission.name(path, exercise_id)
    local name = path:match("([^/]*)/*$"):gsub("%.lua$", "")
    local folder = path:match("([^/]+)/+[^/]*$")
    if (name == exercise_id or COMMON[name]) and folder and not folder:find("^%.%.?$") then
        name = folder
    end
    return name
end

-- A name or path as it is shown: one line.
function submission.shown(text) return child.clean(text, 200) end

-- Whether the text is that of the starter, but for comments and blanks.
function submission.is_starter(text, exercise)
    local function bare(code) return (code:gsub("%-%-[^\n]*", ""):gsub("%s+", "")) end
    return exercise.starter ~= nil and bare(text) == bare(exercise.starter)
end

-- The text of the file, or nil and a result for every call.
function submission.read(path)
    local text, reason = core.host.read_regular(path, LARGEST)
    if not text then
        local about = reason:gsub("^.*: (cannot read: .*)$", "%1")
        return nil, { verdict = about:find("symbolic link", 1, true) and "forbidden" or "error",
            message = "the file " .. about:gsub("^cannot read", "cannot be read") }
    end
    -- As lua reads files: without a byte order mark, and a first line that begins with #.
    return (text:gsub("^\xef\xbb\xbf", ""):gsub("^#[^\n]*", ""))
end

return submission
