-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- How each kind of layer is drawn with characters.

local canvases = require "descent.plot.text.canvas"
local description = require "descent.plot.description"
local label = require "descent.plot.label"
local styles = require "descent.plot.text.style"
local terminal = require "descent.terminal"
local theme = require "descent.plot.theme"

local layers = { strokes = {}, marks = {} } -- by kind: the first pass, and what lies on top of it

local strokes, marks = layers.strokes, layers.marks
local finite = description.finite

local floor, max, min = math.floor, math.max, math.min

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
                drawn = canvases.draw_line(canvas, xs[i], ys[i], next_x, ys[i + 1], how, drawn)
            elseif not xs[i - 1] then
                drawn = canvases.draw_line(canvas, xs[i], ys[i], xs[i], ys[i], how, drawn)
            end
        end
    end
end

function strokes.line(canvas, layer, to_x, to_y, style)
    local xs, ys = places(layer, to_x, to_y)
    draw_polyline(canvas, xs, ys, {
        ink = styles.line_colour(style, layer),
        glyph = layer.thin and "." or styles.ascii_lines[layer.colour],
        dash = layer.dash and 3 or layer.thin and style.colours < 256 and 1,
    })
end

function strokes.path(canvas, layer, to_x, to_y, style)
    local xs, ys = places(layer, to_x, to_y)
    draw_polyline(canvas, xs, ys, {
        ink = styles.line_colour(style, layer, true), edge = true,
        glyph = styles.ascii_paths[layer.colour],
    })
end

function strokes.segments(canvas, layer, to_x, to_y, style, panel)
    local x1, y1 = places(layer, to_x, to_y)
    local x2, y2 = places(layer, to_x, to_y, "x2", "y2")
    local on_image = panel.image ~= nil
    local how = { ink = styles.line_colour(style, layer, on_image), glyph = style.glyphs.segment,
        dash = layer.dash and 3, edge = on_image or nil }
    for i = 1, layer.count do
        if x1[i] and x2[i] then canvases.draw_line(canvas, x1[i], y1[i], x2[i], y2[i], how, 0) end
    end
end

strokes.arrows = strokes.segments

function marks.arrows(canvas, layer, to_x, to_y, style, panel)
    local x1, y1 = places(layer, to_x, to_y)
    local x2, y2 = places(layer, to_x, to_y, "x2", "y2")
    local on_image = panel.image ~= nil
    local ink = styles.line_colour(style, layer, on_image)
    for i = 1, layer.count do
        if x1[i] and x2[i] and (x1[i] ~= x2[i] or y1[i] ~= y2[i]) then
            -- A cell is twice as high as wide.
            local angle = math.atan(2 * (y1[i] - y2[i]), x2[i] - x1[i])
            local head = style.glyphs.heads[floor(angle / (math.pi / 4) + 0.5) % 8 + 1]
            canvases.put_glyph(canvas, x2[i], y2[i], head, ink, on_image or nil)
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

function strokes.bars(canvas, layer, to_x, to_y, style, panel)
    canvas.least_gap = canvas.least_gap or least_gap(panel, to_x)
    local ink, glyph = styles.line_colour(style, layer), styles.bar_glyph(style, layer)
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
                    if shown then canvases.put_glyph(canvas, column, row, shown, ink) end
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
    return (styles.foreground(style, colour):gsub("^38", "48"))
end

function strokes.band(canvas, layer, to_x, to_y, style)
    local ink, ground = styles.line_colour(style, layer), tint(style, layer)
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
    local glyph = style.glyphs.markers[layer.marker]
    local ink = styles.line_colour(style, layer, on_image)
    for i = 1, layer.count do
        canvases.put_glyph(canvas, xs[i], ys[i], glyph, ink, on_image or nil)
    end
end

function marks.text(canvas, layer, to_x, to_y, style)
    local xs, ys = places(layer, to_x, to_y)
    local ink = layer.colour and styles.line_colour(style, layer)
    for i = 1, layer.count do
        local words = style.plain(label.clean(layer.texts[i]))
        if xs[i] then
            local column = floor(xs[i]) - terminal.width(words) // 2
            for piece, width in terminal.pieces(words) do
                if width == 1 then canvases.put_glyph(canvas, column, ys[i], piece, ink) end
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
                canvases.put_glyph(canvas, xs[i], ys[i], glyph, ink, edge)
                next_one = floor(lengths[i] / total * wanted - shift) + 2
            end
        end
    end
end

function marks.line(canvas, layer, to_x, to_y, style, panel)
    if panel.lines < 2 or not layer.order or not style.unicode then return end
    local xs, ys = places(layer, to_x, to_y)
    spread_markers(canvas, xs, ys, style.glyphs.markers[layer.marker],
        styles.line_colour(style, layer), 6, (layer.order - 0.5) / panel.lines)
end

function marks.path(canvas, layer, to_x, to_y, style, panel)
    local xs, ys = places(layer, to_x, to_y)
    if panel.paths > 1 and style.unicode then
        spread_markers(canvas, xs, ys, style.glyphs.path_markers[layer.marker],
            styles.line_colour(style, layer, true), 5, layer.order / panel.paths, true)
    end
end

-- Start and end lie on top of all paths; the starts last, for they are often shared.
function layers.draw_ends(canvas, panel, to_x, to_y, style)
    for pass = 1, 2 do
        for _, layer in ipairs(panel.layers) do
            if layer.kind == "path" then
                local xs, ys = places(layer, to_x, to_y)
                local first, last
                for i = 1, layer.count do
                    if xs[i] then first, last = first or i, i end
                end
                if pass == 1 and last and last ~= first then
                    canvases.put_glyph(canvas, xs[last], ys[last], style.glyphs.finish,
                        styles.line_colour(style, layer, true), true)
                elseif pass == 2 and first then
                    canvases.put_glyph(canvas, xs[first], ys[first], style.glyphs.start,
                        styles.foreground(style, style.ground == "light" and not panel.image
                            and 0x24292F or 0xFFFFFF), true)
                end
            end
        end
    end
end

return layers
