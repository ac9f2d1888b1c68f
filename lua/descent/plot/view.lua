-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Where a plot that moves is seen: one view for characters, one for pictures inside the terminal,
-- one for a window. Each has
--
--     draw(full, status)    shows a completed plot, and a line of words below it
--     close()               leaves the cursor in the line below
--
-- and reads the words' signs from `unicode`.

local doc = require "descent.doc"
local gnuplot = require "descent.plot.gnuplot"
local output = require "descent.plot.output"
local picture = require "descent.plot.picture"
local terminal = require "descent.terminal"
local text = require "descent.plot.text"

local view = {}

local SIDE_BY_SIDE, BELOW = 74, 24 -- columns and rows that two panels need
local IMAGE = 7                    -- the number of the picture that is replaced
local FIRST_SECONDS, FRAME_SECONDS = 8, 2 -- that a frame may take

-- What is written between these is shown at once where the terminal knows how: no half of a frame
-- is seen.
local BEGIN, END = "\27[?2026h", "\27[?2026l"

local function write(...)
    io.write(BEGIN, ...)
    io.write(END)
    io.flush()
end

local function status_text(self, status, columns)
    return terminal.clip(status, columns - 1, self.unicode)
end

-- --- characters --------------------------------------------------------------------------------

local characters = {}
characters.__index = characters

-- Sends what changed; the first time, and after a change of the window's size, everything.
function characters:draw(full, status)
    local style = output.style()
    style.rows = style.rows - 1
    -- Where two panels stand neither beside nor below each other, the second: the way of the run.
    if #full.panels > 1 and style.columns < SIDE_BY_SIDE and style.rows < BELOW then
        full = { title = full.title, panels = { full.panels[#full.panels] } }
    end
    local target = text.screen(full, style)
    if not target then
        doc.fail("plot.live: it needs a terminal of at least %d × %d", text.least_columns,
            text.least_rows + 2)
    end
    target.rows = style.rows + 1
    target:write(style.rows, 0, status_text(self, status, style.columns))
    local before, parts = self.shown
    if before and before.columns == target.columns and before.rows == target.rows then
        parts = target:difference(before)
        if parts == "" then return end
    else
        local lines = target:lines()
        parts = (before and "\27[2J\27[H" or "") .. table.concat(lines, "\n") .. "\n"
    end
    self.shown = target
    write(parts)
end

function characters:close() end

-- --- pictures inside the terminal --------------------------------------------------------------

local inline = {}
inline.__index = inline

-- The first time, and after a change of the window's size, room is made: the cursor stands at the
-- upper left of the picture between frames.
function inline:make_room(full)
    local columns, rows = terminal.size()
    if self.columns == columns and self.window_rows == rows then return end
    local prefix = self.columns and "\27[2J\27[H" or ""
    self.columns, self.window_rows = columns, rows
    self.size, self.font, self.rows = picture.geometry(full, nil, 3)
    io.write(prefix, ("\n"):rep(self.rows + 1), ("\27[%dA"):format(self.rows + 1))
end

function inline:draw(full, status)
    self:make_room(full)
    local how = output.look()
    how.size, how.font = self.size, how.font or self.font
    local bytes, reason = self.canvas:draw(full, how, self.seconds)
    self.seconds = FRAME_SECONDS
    if not bytes then
        self.failures = self.failures + 1
        if self.failures > 2 then doc.fail("plot.live: %s", reason) end
        return -- the next frame tries with a new gnuplot
    end
    self.failures = 0
    write("\0277", picture.encode(self.kind, bytes, self.size, IMAGE), "\0278",
        ("\27[%dB\r"):format(self.rows), status_text(self, status, self.columns), "\27[K\r",
        ("\27[%dA"):format(self.rows))
end

function inline:close()
    self.canvas:close()
    if self.rows then io.write(("\27[%dB\r\n"):format(self.rows)) end
end

-- --- a window ----------------------------------------------------------------------------------

local window = {}
window.__index = window

function window:draw(full, status)
    local drawn, reason = self.canvas:draw(full, output.look(), self.seconds)
    self.seconds = FRAME_SECONDS
    if drawn then
        self.failures = 0
    else
        self.failures = self.failures + 1
        if self.failures > 2 then doc.fail("plot.live: %s", reason) end
    end
    local columns = terminal.size()
    write("\r", status_text(self, status, columns), "\27[K")
end

-- The window stays open.
function window:close() io.write("\r\n") end

-- --- which -------------------------------------------------------------------------------------

-- The view in force.
function view.new()
    local self = { unicode = terminal.unicode(), failures = 0, seconds = FIRST_SECONDS }
    local kind = output.picture_kind()
    if kind == "window" then
        local canvas, reason = picture.window()
        if canvas then
            self.canvas = canvas
            return setmetatable(self, window)
        end
        output.tell_once(reason .. "; showing text plots")
    elseif kind and gnuplot.installed() then
        self.kind, self.canvas = kind, gnuplot.canvas(picture.format(kind))
        return setmetatable(self, inline)
    end
    return setmetatable(self, characters)
end

return view
