-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The drawing area of a panel: cells with dots inside, glyphs on them, fills and a surface behind.

local styles = require "descent.plot.text.style"
local surface = require "descent.plot.text.surface"
local canvases = {}

local floor, max, min = math.floor, math.max, math.min

-- A canvas of cells with dots inside: 2×4 with braille, 1×1 without.
function canvases.new(columns, rows, style)
    return {
        columns = columns, rows = rows, style = style,
        across = style.unicode and 2 or 1, up = style.unicode and 4 or 1,
        dots = {}, inks = {}, glyphs = {}, glyph_inks = {}, edges = {}, shares = {},
        fills = {}, fill_inks = {}, fill_grounds = {}, -- of bands, behind everything
    }
end

-- From a value to a place in cells (not rounded), 0 at the left or the top.
function canvases.scaler(axis, cells, downwards)
    local low, high = axis.range[1], axis.range[2]
    if axis.log then low, high = math.log(low), math.log(high) end
    local logarithmic, span = axis.log, high - low
    return function(value)
        if logarithmic then
            if value <= 0 then return nil end
            value = math.log(value)
        end
        local place = (value - low) / span
        return (downwards and 1 - place or place) * cells
    end
end

local braille = { [0] = { [0] = 0x01, 0x02, 0x04, 0x40 }, { [0] = 0x08, 0x10, 0x20, 0x80 } }

function canvases.put_dot(canvas, x, y, ink, glyph, edge)
    local column, row = x // canvas.across, y // canvas.up
    if column < 0 or column >= canvas.columns or row < 0 or row >= canvas.rows then return end
    local at = row * canvas.columns + column
    canvas.inks[at] = ink
    canvas.edges[at] = canvas.edges[at] or edge
    if canvas.style.unicode then
        canvas.dots[at] = (canvas.dots[at] or 0) | braille[x - column * 2][y - row * 4]
    else
        canvas.dots[at] = glyph
    end
end

-- The part of a line inside the canvas, in cells (Liang and Barsky), or nil.
local function clip(canvas, x1, y1, x2, y2)
    local from, to = 0, 1
    local dx, dy = x2 - x1, y2 - y1
    local function side(step, room)
        if step == 0 then return room >= 0 end
        local share = room / step
        if step < 0 then
            if share > to then return false end
            from = max(from, share)
        else
            if share < from then return false end
            to = min(to, share)
        end
        return true
    end
    if side(-dx, x1) and side(dx, canvas.columns - x1) and side(-dy, y1)
        and side(dy, canvas.rows - y1) then
        return x1 + from * dx, y1 + from * dy, x1 + to * dx, y1 + to * dy
    end
end

-- A straight line in cells; returns the number of dots drawn before, for dashes.
function canvases.draw_line(canvas, x1, y1, x2, y2, how, drawn)
    x1, y1, x2, y2 = clip(canvas, x1, y1, x2, y2)
    if not x1 then return drawn end
    local wide, high = canvas.columns * canvas.across, canvas.rows * canvas.up
    local x = min(wide - 1, floor(x1 * canvas.across))
    local y = min(high - 1, floor(y1 * canvas.up))
    local x_end = min(wide - 1, floor(x2 * canvas.across))
    local y_end = min(high - 1, floor(y2 * canvas.up))
    local dx, dy = math.abs(x_end - x), -math.abs(y_end - y)
    local sx, sy = x < x_end and 1 or -1, y < y_end and 1 or -1
    local off = dx + dy
    local dash = how.dash and (canvas.style.unicode and how.dash or 1)
    while true do
        if not dash or drawn // dash % 2 == 0 then
            canvases.put_dot(canvas, x, y, how.ink, how.glyph, how.edge)
        end
        drawn = drawn + 1
        if x == x_end and y == y_end then return drawn end
        local twice = 2 * off
        if twice >= dy then off, x = off + dy, x + sx end
        if twice <= dx then off, y = off + dx, y + sy end
    end
end

function canvases.put_glyph(canvas, x, y, glyph, ink, edge)
    if not x or not y or x < 0 or y < 0 or x > canvas.columns or y > canvas.rows then return end
    local at = min(canvas.rows - 1, floor(y)) * canvas.columns + min(canvas.columns - 1, floor(x))
    canvas.glyphs[at], canvas.glyph_inks[at] = glyph, ink
    canvas.edges[at] = canvas.edges[at] or edge
end

function canvases.show(canvas, target, top, left)
    local style = canvas.style
    for row = 0, canvas.rows - 1 do
        local first_dot, last_dot
        if style.blank then
            for column = 0, canvas.columns - 1 do
                if canvas.dots[row * canvas.columns + column] then
                    first_dot, last_dot = first_dot or column, column
                end
            end
        end
        for column = 0, canvas.columns - 1 do
            local at = row * canvas.columns + column
            local shares, glyph, dots = canvas.shares[at], canvas.glyphs[at], canvas.dots[at]
            local ground = canvas.fill_grounds[at]
            if shares and (glyph or dots) and style.colours >= 256 and (shares[1] or shares[2]) then
                local mean = ((shares[1] or shares[2]) + (shares[2] or shares[1])) / 2
                ground = "48;" .. styles.image_ground(style, mean, canvas.edges[at])
            elseif shares and (glyph or dots) and style.colours >= 16 then
                ground = "40"
            end
            if glyph then
                target:set(top + row, left + column, glyph, canvas.glyph_inks[at], ground)
            elseif dots then
                local character = style.unicode and utf8.char(0x2800 + dots) or dots
                target:set(top + row, left + column, character, canvas.inks[at], ground)
            elseif shares then
                target:set(top + row, left + column, surface.cell(style, shares))
            elseif canvas.fills[at] then
                target:set(top + row, left + column, canvas.fills[at], canvas.fill_inks[at],
                    canvas.fill_grounds[at])
            elseif first_dot and column > first_dot and column < last_dot then
                target:set(top + row, left + column, "\u{2800}")
            end
        end
    end
end

return canvases
