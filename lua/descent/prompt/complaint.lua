-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Errors at the prompt as text: the message, then the line with a caret, or the user's own frames.

local failure = require "descent.failure"
local source = require "descent.prompt.source"
local terminal = require "descent.terminal"

local complaint = {}

local function line_of(text, number)
    for line in (text .. "\n"):gmatch("(.-)\n") do
        number = number - 1
        if number == 0 then return line end
    end
    return nil
end

local function line_of_file(path, number)
    local file = io.open(path, "r")
    if not file then return nil end
    local found
    for line in file:lines() do
        number = number - 1
        if number == 0 then
            found = line
            break
        end
    end
    file:close()
    return found
end

-- A text in the colour of its role, folded to the terminal's width.
function complaint.words(text, role)
    local lines = terminal.wrap(text, (terminal.size()))
    return terminal.paint(table.concat(lines, "\n"), role)
end

-- The last cells of a text.
local function ending(text, cells)
    local pieces, widths, total = {}, {}, 0
    for piece, width in terminal.pieces(text) do
        pieces[#pieces + 1], widths[#widths + 1] = piece, width
        total = total + width
    end
    local first = 1
    while total > cells do
        total = total - widths[first]
        first = first + 1
    end
    return table.concat(pieces, "", first)
end

-- The line, cut to the width around the byte, and a caret below that.
local function with_caret(line, byte)
    local columns = terminal.size()
    local before, after = line:sub(1, byte - 1), line:sub(byte)
    if terminal.width(line) > columns - 3 then
        before = before:gsub("\t", " ")
        if terminal.width(before) > columns // 2 then
            before = "..." .. ending(before, columns // 2 - 3)
        end
        after = terminal.clip(after, columns - 3 - terminal.width(before), terminal.unicode())
    end
    local blank = before:gsub("[^\t]+", function(run) return (" "):rep(terminal.width(run)) end)
    return "  " .. before .. after .. "\n  " .. blank .. "^"
end

-- A problem of source.parts.
function complaint.syntax(problem, text)
    local first = problem.first
    if not first then return complaint.words("error: " .. problem.message, "error") end
    local before = text:sub(1, first - 1)
    local _, number = before:gsub("\n", "")
    local start = #before - #before:match("[^\n]*$") + 1
    local head = text:find("\n", 1, true) and ("error in line %d: "):format(number + 1) or "error: "
    local line = text:sub(start):match("^[^\n]*")
    return complaint.words(head .. problem.message, "error") .. "\n"
        .. with_caret(line, first - start + 1)
end

-- "in f (entry 3:2):  the line"; nil for the line that was just typed.
local function frame_text(frame, name, text)
    if frame.skipped then return ("  ... %d further calls"):format(frame.skipped) end
    local current = frame.source == name
    if current and frame.main and not text:find("\n", 1, true) then return nil end
    local place = current and "line " .. frame.line or frame.place .. ":" .. frame.line
    local called = failure.frame_name(frame)
    local words = called and ("  in %s (%s)"):format(called, place) or "  in " .. place
    local kind, rest = frame.source:match("^(.)(.*)$")
    local line
    if kind == "=" then
        line = line_of(source.text(frame.source) or "", frame.line)
    elseif kind == "@" then
        line = line_of_file(rest, frame.line)
    end
    if line then words = words .. ":  " .. line:match("^%s*(.-)%s*$") end
    return terminal.clip(words, (terminal.size()), terminal.unicode())
end

-- A failure of code that ran; name: the chunk of the entry, text: what was typed.
function complaint.failure(object, name, text, interrupted)
    object = failure.of(object)
    interrupted = interrupted or failure.is_interrupt(object.message)
    local message = failure.message(object)
    -- Where in an entry it was is told by the frames, which can show the line.
    local head = interrupted and "interrupted"
        or "error: " .. (message:match("^entry %d+:%d+: (.*)$") or message)
    local lines = {complaint.words(head, interrupted and "accent" or "error")}
    for i, frame in ipairs(object.frames) do
        if interrupted and i > 1 then break end
        local line = frame_text(frame, name, text)
        if line then lines[#lines + 1] = terminal.paint(line, "dim") end
    end
    return table.concat(lines, "\n")
end

return complaint
