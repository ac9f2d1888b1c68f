-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The backend that draws with characters: braille dots for lines, half blocks for surfaces, own
-- axes. It needs no other program; without colours everything is told apart by its marker.

local description = require "descent.plot.description"
local label = require "descent.plot.label"
local screen = require "descent.plot.screen"
local terminal = require "descent.terminal"
local theme = require "descent.plot.theme"
local ticks = require "descent.plot.ticks"

local text = {}

local finite = description.finite
local floor, max, min = math.floor, math.max, math.min

text.least_columns, text.least_rows = 30, 8
local PANEL_COLUMNS = 36 -- a narrower panel does not stand beside another
local GAP = 2            -- between panels
local TRUE_COLOUR = 1 << 24

local unicode_glyphs = {
    markers = { "●", "■", "▲", "◆", "▼", "★" },
    path_markers = { "◆", "■", "▲", "▼", "★", "◉" }, -- none like the disc at the end
    rule = "━", dash = "╍", thin = "┈", start = "□", finish = "●",
    ramp = { " ", "░", "▒", "▓", "█" }, vertical = "│", tick = "┤", corner = "└", horizontal = "─",
    tick_below = "┬", bar = "█", fills = { "█", "▒", "░", "▓" }, band = "░", segment = "│",
    heads = { "→", "↗", "↑", "↖", "←", "↙", "↓", "↘" },
}
local ascii_glyphs = {
    markers = { "o", "#", "^", "%", "v", "x" }, rule = "-", dash = "-", thin = ".",
    start = "S", finish = "E",
    ramp = { " ", ".", ":", "-", "=", "+", "*", "#", "%", "@" }, vertical = "|", tick = "+",
    corner = "+", horizontal = "-", tick_below = "+", bar = "#", fills = { "#", ":", "=", "%" },
    band = ":", segment = "|",
    heads = { ">", "/", "^", "\\", "<", "/", "v", "\\" },
}
-- Without braille a line is drawn with a character of its own; letters stand out on a surface.
local ascii_lines = { "*", "+", "x", "=", "~", "%" }
local ascii_paths = { "a", "b", "c", "d", "e", "f" }

-- Grey steps of a plain 16-colour terminal, dark to light: foreground, background, shade.
local grey16 = {}
for _, step in ipairs { { "90", "40" }, { "37", "100" }, { "97", "47" } } do
    for _, shade in ipairs { " ", "░", "▒", "▓" } do
        grey16[#grey16 + 1] = { shade, step[1], step[2] }
    end
end
grey16[#grey16 + 1] = { " ", "97", "107" }

-- --- colours -----------------------------------------------------------------------------------

local function foreground(style, colour)
    if not colour or style.colours == 0 then return nil end
    if style.colours >= TRUE_COLOUR then
        return ("38;2;%d;%d;%d"):format(theme.split(colour))
    elseif style.colours >= 256 then
        return "38;5;" .. theme.cube256(colour)
    end
    local index = theme.plain16(colour, style.ground)
    return tostring(index < 8 and 30 + index or 82 + index)
end

-- What frames a plot: quieter than what it shows.
local function quiet(style)
    if style.colours >= 256 then return style.ground == "light" and "38;5;244" or "38;5;246" end
end

-- The background for a share of the palette; darkened where a path crosses.
local function image_ground(style, share, dark)
    if style.colours >= TRUE_COLOUR then
        local colour = theme.shade(style.palette, share)
        if dark then colour = theme.mix(colour, 0, 0.5) end
        return ("2;%d;%d;%d"):format(theme.split(colour))
    end
    return "5;" .. theme.grey256(dark and share * 0.45 or share)
end

-- --- the drawing area --------------------------------------------------------------------------

-- A canvas of cells with dots inside: 2×4 with braille, 1×1 without.
local function new_canvas(columns, rows, style)
    return {
        columns = columns, rows = rows, style = style,
        across = style.unicode and 2 or 1, up = style.unicode and 4 or 1,
        dots = {}, inks = {}, glyphs = {}, glyph_inks = {}, edges = {}, shares = {},
        fills = {}, fill_inks = {}, fill_grounds = {}, -- of bands, behind everything
    }
end

-- From a value to a place in cells (not rounded), 0 at the left or the top.
local function scaler(axis, cells, downwards)
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

local function put_dot(canvas, x, y, ink, glyph, edge)
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
local function draw_line(canvas, x1, y1, x2, y2, how, drawn)
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
            put_dot(canvas, x, y, how.ink, how.glyph, how.edge)
        end
        drawn = drawn + 1
        if x == x_end and y == y_end then return drawn end
        local twice = 2 * off
        if twice >= dy then off, x = off + dy, x + sx end
        if twice <= dx then off, y = off + dx, y + sy end
    end
end

local function put_glyph(canvas, x, y, glyph, ink, edge)
    if not x or not y or x < 0 or y < 0 or x > canvas.columns or y > canvas.rows then return end
    local at = min(canvas.rows - 1, floor(y)) * canvas.columns + min(canvas.columns - 1, floor(x))
    canvas.glyphs[at], canvas.glyph_inks[at] = glyph, ink
    canvas.edges[at] = canvas.edges[at] or edge
end

-- --- layers ------------------------------------------------------------------------------------

local function line_colour(style, layer, path)
    local look = theme[style.ground]
    local colour = path and theme.paths[layer.colour] or look.lines[layer.colour]
    if layer.thin and style.colours >= 256 then colour = theme.mix(colour, look.ground, 0.45) end
    return foreground(style, colour)
end

-- The places of the points that can be drawn; false where there is none.
local function places(layer, to_x, to_y, x_name, y_name)
    local xs, ys = {}, {}
    local layer_x, layer_y = layer[x_name or "x"], layer[y_name or "y"]
    for i = 1, layer.count do
        local x, y = layer_x[i], layer_y[i]
        local px, py = nil, nil
        if finite(x) and finite(y) then px, py = to_x(x), to_y(y) end
        if px and py then xs[i], ys[i] = px, py else xs[i], ys[i] = false, false end
    end
    return xs, ys
end

local function draw_polyline(canvas, xs, ys, how)
    local drawn = 0
    for i = 1, #xs do
        if xs[i] then
            local next_x = xs[i + 1]
            if next_x then
                drawn = draw_line(canvas, xs[i], ys[i], next_x, ys[i + 1], how, drawn)
            elseif not xs[i - 1] then
                drawn = draw_line(canvas, xs[i], ys[i], xs[i], ys[i], how, drawn)
            end
        end
    end
end

local strokes, marks = {}, {} -- by kind: the first pass, and what lies on top of it

function strokes.line(canvas, layer, to_x, to_y, style)
    local xs, ys = places(layer, to_x, to_y)
    draw_polyline(canvas, xs, ys, {
        ink = line_colour(style, layer), glyph = layer.thin and "." or ascii_lines[layer.colour],
        dash = layer.dash and 3 or layer.thin and style.colours < 256 and 1,
    })
end

function strokes.path(canvas, layer, to_x, to_y, style)
    local xs, ys = places(layer, to_x, to_y)
    draw_polyline(canvas, xs, ys, {
        ink = line_colour(style, layer, true), glyph = ascii_paths[layer.colour], edge = true,
    })
end

function strokes.segments(canvas, layer, to_x, to_y, style, panel)
    local x1, y1 = places(layer, to_x, to_y)
    local x2, y2 = places(layer, to_x, to_y, "x2", "y2")
    local on_image = panel.image ~= nil
    local how = { ink = line_colour(style, layer, on_image), glyph = style.glyphs.segment,
        dash = layer.dash and 3, edge = on_image or nil }
    for i = 1, layer.count do
        if x1[i] and x2[i] then draw_line(canvas, x1[i], y1[i], x2[i], y2[i], how, 0) end
    end
end

strokes.arrows = strokes.segments

function marks.arrows(canvas, layer, to_x, to_y, style, panel)
    local x1, y1 = places(layer, to_x, to_y)
    local x2, y2 = places(layer, to_x, to_y, "x2", "y2")
    local on_image = panel.image ~= nil
    local ink = line_colour(style, layer, on_image)
    for i = 1, layer.count do
        if x1[i] and x2[i] and (x1[i] ~= x2[i] or y1[i] ~= y2[i]) then
            -- A cell is twice as high as wide.
            local angle = math.atan(2 * (y1[i] - y2[i]), x2[i] - x1[i])
            local head = style.glyphs.heads[floor(angle / (math.pi / 4) + 0.5) % 8 + 1]
            put_glyph(canvas, x2[i], y2[i], head, ink, on_image or nil)
        end
    end
end

local eighths = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }

-- The columns of a bar about x: all bars are equally wide with a gap between where there is room,
-- else they touch.
local function bar_columns(canvas, layer, to_x, x)
    local half, place = (layer.width or 0) / 2, to_x(x)
    local left, right = to_x(x - half), to_x(x + half)
    if layer.touching or canvas.least_gap < 2 then
        if not layer.touching then
            left, right = place - canvas.least_gap / 2, place + canvas.least_gap / 2
        end
        left, right = floor(left + 0.5), floor(right + 0.5) - 1
    else
        local wide = max(1, min(floor(right - left + 0.5), floor(canvas.least_gap) - 1))
        left = floor(place - wide / 2 + 0.5)
        right = left + wide - 1
    end
    if right < left then left, right = floor(place), floor(place) end
    return max(0, left), min(canvas.columns - 1, right)
end

-- The least distance of two bars in cells, over all layers.
local function least_gap(panel, to_x)
    local all = {}
    for _, layer in ipairs(panel.layers) do
        if layer.kind == "bars" then
            for i = 1, layer.count do
                if finite(layer.x[i]) then all[#all + 1] = to_x(layer.x[i]) end
            end
        end
    end
    table.sort(all)
    local gap = math.huge
    for i = 2, #all do
        if all[i] > all[i - 1] then gap = min(gap, all[i] - all[i - 1]) end
    end
    return gap
end

-- Without colours several bars at a place are told apart by what fills them.
local function bar_glyph(style, layer)
    if style.colours > 0 then return style.glyphs.bar end
    return style.glyphs.fills[(layer.colour - 1) % #style.glyphs.fills + 1]
end

function strokes.bars(canvas, layer, to_x, to_y, style, panel)
    canvas.least_gap = canvas.least_gap or least_gap(panel, to_x)
    local ink, glyph = line_colour(style, layer), bar_glyph(style, layer)
    local in_parts = style.unicode and glyph == style.glyphs.bar
    for i = 1, layer.count do
        local x, y = layer.x[i], layer.y[i]
        local top, bottom = finite(x) and finite(y) and to_y(y), to_y(layer.base or 0)
        bottom = bottom or canvas.rows
        if top then
            local left, right = bar_columns(canvas, layer, to_x, x)
            local upper, lower = min(top, bottom), max(top, bottom)
            for row = max(0, floor(upper)), min(canvas.rows - 1, math.ceil(lower) - 1) do
                local filled = floor((row + 1 - upper) * 8 + 0.5)
                local shown = glyph
                if filled < 8 then
                    if in_parts then
                        shown = eighths[filled]
                    elseif filled < 4 then
                        shown = nil
                    end
                end
                for column = left, right do
                    if shown then put_glyph(canvas, column, row, shown, ink) end
                end
            end
        end
    end
end

-- What tints the cells of a band, where there are colours enough.
local function tint(style, layer)
    if style.colours < 256 then return nil end
    local look = theme[style.ground]
    local colour = theme.mix(look.lines[layer.colour], look.ground, 0.75)
    return (foreground(style, colour):gsub("^38", "48"))
end

function strokes.band(canvas, layer, to_x, to_y, style)
    local ink, ground = line_colour(style, layer), tint(style, layer)
    local x1, y1 = places(layer, to_x, to_y)
    local _, y2 = places(layer, to_x, to_y, "x", "y2")
    for i = 1, layer.count - 1 do
        if x1[i] and x1[i + 1] and y2[i] and y2[i + 1] then
            local from, to = x1[i], x1[i + 1]
            for column = max(0, floor(from)), min(canvas.columns - 1, floor(to)) do
                local share = to > from and max(0, min(1, (column + 0.5 - from) / (to - from))) or 0
                local a = y1[i] + (y1[i + 1] - y1[i]) * share
                local b = y2[i] + (y2[i + 1] - y2[i]) * share
                for row = max(0, floor(min(a, b))), min(canvas.rows - 1, floor(max(a, b))) do
                    local at = row * canvas.columns + column
                    canvas.fills[at] = ground and " " or style.glyphs.band
                    canvas.fill_inks[at] = ink
                    canvas.fill_grounds[at] = ground
                end
            end
        end
    end
end

function marks.points(canvas, layer, to_x, to_y, style, panel)
    local xs, ys = places(layer, to_x, to_y)
    local on_image = panel.image ~= nil
    local glyph, ink = style.glyphs.markers[layer.marker], line_colour(style, layer, on_image)
    for i = 1, layer.count do put_glyph(canvas, xs[i], ys[i], glyph, ink, on_image or nil) end
end

function marks.text(canvas, layer, to_x, to_y, style)
    local xs, ys = places(layer, to_x, to_y)
    local ink = layer.colour and line_colour(style, layer)
    for i = 1, layer.count do
        local words = style.plain(label.clean(layer.texts[i]))
        if xs[i] then
            local column = floor(xs[i]) - terminal.width(words) // 2
            for piece, width in terminal.pieces(words) do
                if width == 1 then put_glyph(canvas, column, ys[i], piece, ink) end
                column = column + width
            end
        end
    end
end

-- About `wanted` markers along a line, equally far apart on the screen; `shift` (0 to 1) moves
-- those of different lines against each other.
local function spread_markers(canvas, xs, ys, glyph, ink, wanted, shift, edge)
    local total, before_x, before_y = 0, nil, nil
    local lengths = {}
    for i = 1, #xs do
        if xs[i] then
            if before_x then
                total = total + math.sqrt((xs[i] - before_x) ^ 2 + 4 * (ys[i] - before_y) ^ 2)
            end
            lengths[i], before_x, before_y = total, xs[i], ys[i]
        end
    end
    if total == 0 then return end
    local next_one = 1
    for i = 1, #xs do
        if lengths[i] then
            local goal = (next_one - 1 + shift) / wanted * total
            if lengths[i] >= goal then
                put_glyph(canvas, xs[i], ys[i], glyph, ink, edge)
                next_one = floor(lengths[i] / total * wanted - shift) + 2
            end
        end
    end
end

function marks.line(canvas, layer, to_x, to_y, style, panel)
    if panel.lines < 2 or not layer.order or not style.unicode then return end
    local xs, ys = places(layer, to_x, to_y)
    spread_markers(canvas, xs, ys, style.glyphs.markers[layer.marker], line_colour(style, layer), 6,
        (layer.order - 0.5) / panel.lines)
end

function marks.path(canvas, layer, to_x, to_y, style, panel)
    local xs, ys = places(layer, to_x, to_y)
    if panel.paths > 1 and style.unicode then
        spread_markers(canvas, xs, ys, style.glyphs.path_markers[layer.marker],
            line_colour(style, layer, true), 5, layer.order / panel.paths, true)
    end
end

-- Start and end lie on top of all paths; the starts last, for they are often shared.
local function draw_ends(canvas, panel, to_x, to_y, style)
    for pass = 1, 2 do
        for _, layer in ipairs(panel.layers) do
            if layer.kind == "path" then
                local xs, ys = places(layer, to_x, to_y)
                local first, last
                for i = 1, layer.count do
                    if xs[i] then first, last = first or i, i end
                end
                if pass == 1 and last and last ~= first then
                    put_glyph(canvas, xs[last], ys[last], style.glyphs.finish,
                        line_colour(style, layer, true), true)
                elseif pass == 2 and first then
                    put_glyph(canvas, xs[first], ys[first], style.glyphs.start,
                        foreground(style, style.ground == "light" and not panel.image and 0x24292F
                            or 0xFFFFFF), true)
                end
            end
        end
    end
end

-- --- surfaces ----------------------------------------------------------------------------------

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
local function sample_image(canvas, panel)
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
local function image_cell(style, shares)
    local upper, lower = shares[1] or shares[2], shares[2] or shares[1]
    if not upper then return " " end
    if style.colours >= 256 then
        local above, below = image_ground(style, upper), image_ground(style, lower)
        if above == below then return " ", nil, "48;" .. below end
        return style.unicode and "▀" or " ", "38;" .. above, "48;" .. below
    end
    local mean = (upper + lower) / 2
    if style.colours >= 16 and style.unicode then
        local step = grey16[floor(mean * (#grey16 - 1) + 0.5) + 1]
        return step[1], step[2], step[3]
    end
    local ramp = style.glyphs.ramp
    return ramp[min(#ramp, floor(mean * #ramp) + 1)]
end

-- --- from the canvas to the screen -------------------------------------------------------------

local function show_canvas(canvas, target, top, left)
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
                ground = "48;" .. image_ground(style, mean, canvas.edges[at])
            elseif shares and (glyph or dots) and style.colours >= 16 then
                ground = "40"
            end
            if glyph then
                target:set(top + row, left + column, glyph, canvas.glyph_inks[at], ground)
            elseif dots then
                local character = style.unicode and utf8.char(0x2800 + dots) or dots
                target:set(top + row, left + column, character, canvas.inks[at], ground)
            elseif shares then
                target:set(top + row, left + column, image_cell(style, shares))
            elseif canvas.fills[at] then
                target:set(top + row, left + column, canvas.fills[at], canvas.fill_inks[at],
                    canvas.fill_grounds[at])
            elseif first_dot and column > first_dot and column < last_dot then
                target:set(top + row, left + column, "\u{2800}")
            end
        end
    end
end

-- --- legend ------------------------------------------------------------------------------------

-- Behind the samples of paths: some of their colours would not show on a light ground.
local function dark_ground(style)
    if style.ground ~= "light" or style.colours == 0 then return nil end
    return style.colours >= TRUE_COLOUR and "48;2;42;20;16" or style.colours >= 256 and "48;5;232"
        or "40"
end

-- A list of entries, each a list of {text, ink, ground}.
local function legend_entries(panel, style)
    local entries, glyphs = {}, style.glyphs
    local has_path, moved
    for _, layer in ipairs(panel.layers) do
        local as_path = layer.kind == "path"
            or (layer.kind == "arrows" or layer.kind == "points") and panel.image
        local ink = layer.colour and line_colour(style, layer, as_path)
        local sample
        if layer.kind == "path" then
            has_path = true
            moved = moved or layer.count > 1
            sample = not style.unicode and ascii_paths[layer.colour]:rep(2)
                or panel.paths > 1
                    and glyphs.rule .. glyphs.path_markers[layer.marker] .. glyphs.rule
                or glyphs.rule:rep(2)
        elseif layer.kind == "line" then
            sample = not style.unicode and (layer.thin and ".." or ascii_lines[layer.colour]:rep(2))
                or layer.thin and glyphs.thin:rep(2) or layer.dash and glyphs.dash:rep(2)
                or panel.lines > 1 and glyphs.rule .. glyphs.markers[layer.marker] .. glyphs.rule
                or glyphs.rule:rep(2)
        elseif layer.kind == "points" then
            sample = glyphs.markers[layer.marker]
        elseif layer.kind == "segments" then
            sample = glyphs.segment
        elseif layer.kind == "arrows" then
            sample = glyphs.heads[1]
        elseif layer.kind == "bars" then
            sample = bar_glyph(style, layer)
        elseif layer.kind == "band" then
            sample = glyphs.band:rep(2)
        end
        if layer.label and layer.label ~= "" and sample then
            entries[#entries + 1] = {
                { sample, ink, as_path and dark_ground(style) or nil },
                { " " .. style.plain(layer.label) },
            }
        end
    end
    if has_path then
        entries[#entries + 1] = {
            { glyphs.start }, { moved and " start  " .. glyphs.finish .. " end" or " start" },
        }
    end
    return entries
end

local function entry_width(entry)
    local width = 0
    for _, part in ipairs(entry) do width = width + terminal.width(part[1]) end
    return width
end

-- Rows of entries that fit a width; a long label is cut.
local function legend_rows(entries, columns, first_columns, style)
    local rows, used = {}, 0
    for _, entry in ipairs(entries) do
        local over = entry_width(entry) - columns
        if over > 0 then
            entry[2][1] = terminal.clip(entry[2][1],
                terminal.width(entry[2][1]) - over, style.unicode)
        end
        local width = entry_width(entry)
        local room = #rows == 1 and first_columns or columns
        if #rows > 0 and used + 3 + width <= room then
            table.insert(rows[#rows], entry)
            used = used + 3 + width
        else
            rows[#rows + 1] = { entry }
            used = width
        end
        rows[#rows].width = used
    end
    return rows
end

-- --- panels ------------------------------------------------------------------------------------

-- Ticks below an axis: as many as stand apart. Returns them with `column` (of the tick) and `from`.
local function ticks_across(axis, columns, room_left, room_right, style)
    local to_x = scaler(axis, columns)
    for most = max(2, columns // 6), 1, -1 do
        local list, clear, before = ticks.of(axis, most), true, -math.huge
        for _, tick in ipairs(list) do
            tick.shown = style.plain(tick.text)
            local width = terminal.width(tick.shown)
            tick.column = min(columns - 1, floor(to_x(tick.at)))
            tick.from = max(-room_left, min(tick.column - width // 2, columns + room_right - width))
            if tick.from < before + 2 then clear = false end
            before = tick.from + width
        end
        if clear then return list end
    end
    return {}
end

local function ticks_up(axis, rows, style)
    local to_y = scaler(axis, rows, true)
    for most = max(2, (rows + 1) // 3), 1, -1 do
        local list, taken, clear = ticks.of(axis, most), {}, true
        for _, tick in ipairs(list) do
            tick.shown = style.plain(tick.text)
            tick.row = max(0, min(rows - 1, floor(to_y(tick.at))))
            if taken[tick.row] then clear = false end
            taken[tick.row] = true
        end
        if clear then return list end
    end
    return {}
end

-- The colour key of a surface: a list of {text, ink, ground}, and its width.
local function colour_key(panel, style, room)
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
        local character, ink, ground = image_cell(style, { share, share })
        parts[#parts + 1] = { character, ink, ground, cell = true }
    end
    parts[#parts + 1] = { " " .. high }
    return parts, width(cells)
end

local function count_layers(panel)
    panel.lines, panel.paths = 0, 0
    for _, layer in ipairs(panel.layers) do
        if layer.kind == "line" and not layer.dash and not layer.thin then
            panel.lines = panel.lines + 1
            layer.order = panel.lines
        elseif layer.kind == "path" then
            panel.paths = panel.paths + 1
            layer.order = panel.paths
        end
    end
end

-- With equal scales a unit is as long across as up; a cell is half as wide as high.
local function equal_size(panel, columns, rows)
    local wide = panel.x.range[2] - panel.x.range[1]
    local high = panel.y.range[2] - panel.y.range[1]
    local fitting = floor(2 * rows * wide / high + 0.5)
    if fitting <= columns then return max(8, fitting), rows end
    return columns, max(4, floor(columns * high / wide / 2 + 0.5))
end

local function title_lines(title)
    local lines = {}
    if title and title ~= "" then
        for line in (title .. "\n"):gmatch("(.-)\n") do lines[#lines + 1] = line end
    end
    return lines
end

local function draw_panel(target, panel, top, left, columns, rows, style)
    count_layers(panel)
    local plain, glyphs = style.plain, style.glyphs
    local y_label = plain(panel.y.label)
    local y_width = terminal.width(y_label)

    -- The heights: title, legend, area, axis, tick labels, name of the axis.
    local titles = title_lines(panel.title)
    if panel.note then titles[#titles + 1] = panel.note end
    local entries = legend_entries(panel, style)
    local beside = y_width > 0 and y_width + 3 or 0
    local legend = legend_rows(entries, columns, columns - beside, style)
    if #legend > 0 and beside > 0 and legend[1].width > columns - beside then
        table.insert(legend, 1, { width = 0 })
    elseif #legend == 0 and y_width > 0 then
        legend[1] = { width = 0 }
    end
    local below = (panel.x.label ~= "" or panel.image) and 1 or 0
    local area_rows = rows - #titles - #legend - 2 - below
    while area_rows < 4 and #legend > 1 do
        legend[#legend] = nil
        area_rows = area_rows + 1
    end
    if area_rows < 2 then return false end

    local up = ticks_up(panel.y, area_rows, style)
    local margin = 0
    for _, tick in ipairs(up) do margin = max(margin, terminal.width(tick.shown)) end
    margin = margin + 2
    local area_columns = columns - margin - 1 -- the last column holds half of the last tick label
    if area_columns < 8 then return false end
    if panel.equal then
        area_columns, area_rows = equal_size(panel, area_columns, area_rows)
        up = ticks_up(panel.y, area_rows, style)
    end
    local x0 = left + margin
    local row = top

    for _, line in ipairs(titles) do
        local title = terminal.clip(plain(line), columns, style.unicode)
        local width = terminal.width(title)
        local centre = margin + (area_columns - width) // 2
        target:write(row, left + max(0, min(centre, columns - width)), title)
        row = row + 1
    end
    for i, entry_row in ipairs(legend) do
        local used = i == 1 and beside or 0
        if i == 1 and y_width > 0 then
            target:write(row, left + max(0, margin - 1 - y_width), terminal.clip(y_label, columns,
                style.unicode))
            used = max(used, margin - 1 + 3)
            if used + entry_row.width > columns then used = beside end
        end
        local column = max(used, margin + (area_columns - entry_row.width) // 2)
        column = left + max(0, min(column, columns - entry_row.width))
        for k, entry in ipairs(entry_row) do
            if k > 1 then column = column + 3 end
            for _, part in ipairs(entry) do 
                column = target:write(row, column, part[1], part[2], part[3])
            end
        end
        row = row + 1
    end

    -- The area.
    local canvas = new_canvas(area_columns, area_rows, style)
    local to_x, to_y = scaler(panel.x, area_columns), scaler(panel.y, area_rows, true)
    if panel.image then sample_image(canvas, panel) end
    for _, passes in ipairs { strokes, marks } do
        for _, layer in ipairs(panel.layers) do
            local draw = passes[layer.kind]
            if draw then draw(canvas, layer, to_x, to_y, style, panel) end
        end
    end
    draw_ends(canvas, panel, to_x, to_y, style)
    show_canvas(canvas, target, row, x0)

    -- The axes.
    local frame = quiet(style)
    for i = 0, area_rows - 1 do target:write(row + i, x0 - 1, glyphs.vertical, frame) end
    for _, tick in ipairs(up) do
        target:write(row + tick.row, x0 - 1, glyphs.tick, frame)
        target:write(row + tick.row, x0 - 2 - terminal.width(tick.shown) + 1, tick.shown)
    end
    row = row + area_rows
    target:write(row, x0 - 1, glyphs.corner .. glyphs.horizontal:rep(area_columns), frame)
    local across = ticks_across(panel.x, area_columns, margin, columns - margin - area_columns,
        style)
    for _, tick in ipairs(across) do
        target:write(row, x0 + tick.column, glyphs.tick_below, frame)
        target:write(row + 1, x0 + tick.from, tick.shown)
    end
    if below > 0 then
        local name = terminal.clip(plain(panel.x.label), area_columns, style.unicode)
        local width = terminal.width(name)
        local column = margin + (area_columns - width) // 2
        if panel.image and panel.image.key ~= false then
            local key, key_width = colour_key(panel, style, columns - margin - width - 3)
            if key then
                local from = columns - key_width
                if column + width + 2 > from then column = max(margin, from - 2 - width) end
                local place = left + from
                for _, part in ipairs(key) do
                    if part.cell then
                        target:set(row + 2, place, part[1], part[2], part[3])
                        place = place + 1
                    else
                        place = target:write(row + 2, place, part[1])
                    end
                end
            end
        end
        target:write(row + 2, left + column, name)
    end
    return true
end

-- --- the whole ---------------------------------------------------------------------------------

local function too_small(full, options)
    local words = table.concat(description.words(full), " ")
    local style = options.unicode and function(s) return s end or label.ascii
    local lines = { style(("A plot needs %d × %d cells; here are %d × %d."):format(
        text.least_columns, text.least_rows, options.columns, options.rows)) }
    for _, line in ipairs(terminal.wrap(style(words), max(1, options.columns))) do
        lines[#lines + 1] = line
    end
    return lines
end

-- A completed description as a screen of cells, or nil where there is no room for it.
-- options: columns, rows (of the whole plot), colours (0, 16, 256, 2^24), unicode, ground ("dark"
-- or "light"), palette (of the theme), blank (braille blanks inside a line of dots).
function text.screen(full, options)
    local columns, rows = options.columns, options.rows
    if columns < text.least_columns or rows < text.least_rows then return nil end
    local style = {
        unicode = options.unicode, colours = options.colours, ground = options.ground or "dark",
        glyphs = options.unicode and unicode_glyphs or ascii_glyphs,
        blank = options.blank and options.unicode,
        palette = theme.palettes[options.palette or "udl"],
        plain = options.unicode and function(s) return s end or label.ascii,
    }
    local count = #full.panels
    local per_row = max(1, min(count, 3, (columns + GAP) // (PANEL_COLUMNS + GAP)))
    if count == 4 and per_row == 3 then per_row = 2 end
    local panel_rows = math.ceil(count / per_row)
    local titles = title_lines(full.title)
    local title_rows = #titles
    local height = (rows - title_rows) // panel_rows
    -- Panels that cannot stand beside each other go below each other, however long that gets.
    if panel_rows > 1 and height < 12 then height = max(12, min(rows, 18)) end
    local width = (columns - GAP * (per_row - 1)) // per_row

    local target = screen.new(columns, title_rows + height * panel_rows)
    for i, line in ipairs(titles) do
        local shown = terminal.clip(style.plain(line), columns, style.unicode)
        target:write(i - 1, (columns - terminal.width(shown)) // 2, shown)
    end
    for i, panel in ipairs(full.panels) do
        local row, column = (i - 1) // per_row, (i - 1) % per_row
        if not draw_panel(target, panel, title_rows + row * height, column * (width + GAP), width,
            height, style) then
            return nil
        end
    end
    return target
end

-- Draws a completed description: a list of lines, none wider than options.columns.
function text.draw(full, options)
    local target = text.screen(full, options)
    if not target then return too_small(full, options) end
    local lines = target:lines()
    while #lines > 0 and lines[#lines] == "" do lines[#lines] = nil end
    return lines
end

return text
