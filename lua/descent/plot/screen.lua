-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A rectangle of character cells, each with a foreground and a background, and the lines of text
-- that show it. Colours are the parameters of an SGR sequence ("38;5;12"), or nil.

local terminal = require "descent.terminal"

local screen = {}
screen.__index = screen

function screen.new(columns, rows)
    return setmetatable({
        columns = columns, rows = rows, characters = {}, inks = {}, grounds = {},
    }, screen)
end

-- Rows and columns count from 0. A cell outside is left out.
function screen:set(row, column, character, ink, ground)
    if row < 0 or row >= self.rows or column < 0 or column >= self.columns then return end
    local at = row * self.columns + column
    self.characters[at], self.inks[at], self.grounds[at] = character, ink, ground
end

-- Writes a text and returns the column behind it.
function screen:write(row, column, text, ink, ground)
    local at
    for piece, width in terminal.pieces(text) do
        if width == 0 then -- a combining mark joins the character before it
            local before = at and self.characters[at]
            if before then self.characters[at] = before .. piece end
        elseif column + width <= self.columns and column >= 0 then
            self:set(row, column, piece, ink, ground)
            at = row * self.columns + column
            if width == 2 then self:set(row, column + 1, "", ink, ground) end
            column = column + width
        else
            column = column + width
        end
    end
    return column
end

-- The lines, with escape sequences only where colours change and none at the end of a plain line.
function screen:lines()
    local lines = {}
    for row = 0, self.rows - 1 do
        local first = row * self.columns
        local last = -1
        for column = self.columns - 1, 0, -1 do
            local at = first + column
            local character = self.characters[at]
            if self.grounds[at] or character and character ~= " " then
                last = column
                break
            end
        end
        local parts, ink, ground = {}, nil, nil
        for column = 0, last do
            local at = first + column
            local character = self.characters[at] or " "
            local new_ink, new_ground = self.inks[at], self.grounds[at]
            if character == " " then new_ink = ink end -- a blank has no foreground
            if new_ink ~= ink or new_ground ~= ground then
                if not new_ink and not new_ground then
                    parts[#parts + 1] = "\27[0m"
                else
                    local codes = {}
                    if new_ink ~= ink then codes[1] = new_ink or "39" end
                    if new_ground ~= ground then codes[#codes + 1] = new_ground or "49" end
                    parts[#parts + 1] = "\27[" .. table.concat(codes, ";") .. "m"
                end
                ink, ground = new_ink, new_ground
            end
            parts[#parts + 1] = character
        end
        if ink or ground then parts[#parts + 1] = "\27[0m" end
        lines[row + 1] = table.concat(parts)
    end
    return lines
end

-- What turns `before` on the terminal into this screen: changed cells only, with the cursor in the
-- line below the last row before and after.
function screen:difference(before)
    local parts, row_now, column_now, ink, ground = {}, self.rows, 0, nil, nil
    local function go(row, column)
        if row < row_now then parts[#parts + 1] = ("\27[%dA"):format(row_now - row) end
        if row > row_now then parts[#parts + 1] = ("\27[%dB"):format(row - row_now) end
        if row ~= row_now or column ~= column_now then
            parts[#parts + 1] = "\r"
            if column > 0 then parts[#parts + 1] = ("\27[%dC"):format(column) end
        end
        row_now, column_now = row, column
    end
    for row = 0, self.rows - 1 do
        for column = 0, self.columns - 1 do
            local at = row * self.columns + column
            local character = self.characters[at] or " "
            if character ~= (before.characters[at] or " ") or self.inks[at] ~= before.inks[at]
                or self.grounds[at] ~= before.grounds[at] then
                go(row, column)
                local new_ink, new_ground = self.inks[at], self.grounds[at]
                if new_ink ~= ink or new_ground ~= ground then
                    parts[#parts + 1] = ("\27[%s;%sm"):format(new_ink or "39", new_ground or "49")
                    ink, ground = new_ink, new_ground
                end
                parts[#parts + 1] = character
                column_now = column + 1
            end
        end
    end
    if #parts == 0 then return "" end
    if ink or ground then parts[#parts + 1] = "\27[0m" end
    go(self.rows, 0)
    return table.concat(parts)
end

return screen
