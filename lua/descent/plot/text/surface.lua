-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A surface in characters: half blocks, or shades where there are no colours; and its key.

local description = require "descent.plot.description"
local label = require "descent.plot.label"
local styles = require "descent.plot.text.style"
local terminal = require "descent.terminal"

local surface = {}

local floor, max, min = math.floor, math.max, math.min

-- The values at a place between the grid points, both from 0 to 1; bilinear.
local function sampler(image)
    local values, across, up = image.values, image.across, image.up
    if image.nearest then
        return function(x, y)
            return values[floor(x * (across - 1) + 0.5) + 1][floor(y * (up - 1) + 0.5) + 1]
        end
    end
    return function(x, y)
        local u, v = x * (across - 1), y * (up - 1)
        local i, j = min(floor(u), max(0, across - 2)), min(floor(v), max(0, up - 2))
        u, v = u - i, v - j
        local left, right = values[i + 1], values[min(i + 2, across)]
        local next_j = min(j + 2, up)
        local low = left[j + 1] * (1 - u) + right[j + 1] * u
        local high = left[next_j] * (1 - u) + right[next_j] * u
        return low * (1 - v) + high * v
    end
end

-- Two shares to a cell, upper and lower half; nil where there is no value.
function surface.sample(canvas, panel)
    local image = panel.image
    local at = sampler(image)
    local x0, x1, y0, y1 = image.x0, image.x1, image.y0, image.y1
    local xr, yr = panel.x.range, panel.y.range
    local bands = image.bands
    -- Of the same picture at the same size, drawn again and again.
    local key = ("%dx%d %.17g %.17g %.17g %.17g"):format(canvas.columns, canvas.rows, xr[1], xr[2],
        yr[1], yr[2])
    if image.drawn and image.drawn.key == key then
        canvas.shares = image.drawn.shares
        return
    end
    if image.drawn then image.drawn.key, image.drawn.shares = key, canvas.shares end
    -- Each value of a picture fills the half way to its neighbours.
    local over_x = image.nearest and 0.5 / max(1, image.across - 1) or 1e-9
    local over_y = image.nearest and 0.5 / max(1, image.up - 1) or 1e-9
    local function share(x, y)
        x, y = x1 > x0 and (x - x0) / (x1 - x0) or 0, y1 > y0 and (y - y0) / (y1 - y0) or 0
        if x < -over_x or x > 1 + over_x or y < -over_y or y > 1 + over_y then return nil end
        local place = description.share(image, at(max(0, min(1, x)), max(0, min(1, y))))
        -- In bands, as the other backend has them: their borders are the contour lines.
        return place and min(bands - 1, floor(place * bands)) / max(1, bands - 1)
    end
    for row = 0, canvas.rows - 1 do
        local upper = yr[2] - (yr[2] - yr[1]) * (row + 0.25) / canvas.rows
        local lower = yr[2] - (yr[2] - yr[1]) * (row + 0.75) / canvas.rows
        for column = 0, canvas.columns - 1 do
            local x = xr[1] + (xr[2] - xr[1]) * (column + 0.5) / canvas.columns
            canvas.shares[row * canvas.columns + column] = { share(x, upper), share(x, lower) }
        end
    end
end

-- One cell of a surface without anything on it: character, foreground, background.
function surface.cell(style, shares)
    local upper, lower = shares[1] or shares[2], shares[2] or shares[1]
    if not upper then return " " end
    if style.colours >= 256 then
        local above, below = styles.image_ground(style, upper), styles.image_ground(style, lower)
        if above == below then return " ", nil, "48;" .. below end
        return style.unicode and "▀" or " ", "38;" .. above, "48;" .. below
    end
    local mean = (upper + lower) / 2
    if style.colours >= 16 and style.unicode then
        local step = styles.grey16[floor(mean * (#styles.grey16 - 1) + 0.5) + 1]
        return step[1], step[2], step[3]
    end
    local ramp = style.glyphs.ramp
    return ramp[min(#ramp, floor(mean * #ramp) + 1)]
end

-- The colour key of a surface: a list of {text, ink, ground}, and its width.
function surface.key(panel, style, room)
    local image = panel.image
    local low = style.plain(label.number(image.low, 3))
    local high = style.plain(label.number(image.high, 3))
    local name = style.plain(image.label .. (image.log and " (log)" or ""))
    local function width(cells)
        return terminal.width(name) + 1 + terminal.width(low) + cells + 2 + terminal.width(high)
    end
    local cells = min(20, room - width(0))
    if cells < 5 then
        name = ""
        cells = min(20, room - width(0))
        if cells < 5 then return nil, 0 end
    end
    local parts = { { name .. " " .. low .. " " } }
    for k = 0, cells - 1 do
        local share = cells == 1 and 0 or k / (cells - 1)
        share = min(image.bands - 1, floor(share * image.bands)) / max(1, image.bands - 1)
        local character, ink, ground = surface.cell(style, { share, share })
        parts[#parts + 1] = { character, ink, ground, cell = true }
    end
    parts[#parts + 1] = { " " .. high }
    return parts, width(cells)
end

return surface
