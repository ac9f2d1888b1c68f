-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What a layer of a description becomes: the parts of one plot command.

local description = require "descent.plot.description"
local theme = require "descent.plot.theme"
local words = require "descent.plot.gnuplot.words"

local layers = {}
local drawers = {}
layers.drawers = drawers

local finite = description.finite
local POINT_TYPES = { 7, 5, 9, 13, 11, 3 } -- disc, square, triangle, diamond, ...
local MOST_POINTS = 4000                   -- of one line in a script

-- Points are of a size of their own in each terminal.
function layers.size(look, points) return ("ps %.3g"):format(points * look.point) end

-- Each drawer adds the parts of one plot command for a layer.
local function line_style(layer, look, width)
    local colour = look.lines[layer.colour]
    if layer.thin then width, colour = 1, theme.mix(colour, look.ground, 0.45) end
    return ("lw %g lc rgb %s%s"):format(width, words.colour(colour), layer.dash and " dt 2" or "")
end

function layers.legend(layer)
    if not layer.label or layer.label == "" then return "notitle" end
    return "title " .. words.text(layer.label)
end

function drawers.line(out, layer, panel, look)
    local x, y = description.thin(layer.x, layer.y, MOST_POINTS)
    local block = out:columns(x, y)
    local how = line_style(layer, look, layer.dash and 2 or panel.lines == 1 and 3 or 2.5)
    if #x == 1 then
        return { ("%s using 1:2 with points pt 7 %s lc rgb %s %s"):format(block,
            layers.size(look, 1.1), words.colour(look.lines[layer.colour]), layers.legend(layer)) }
    elseif panel.lines > 1 and not layer.dash and not layer.thin then
        return { ("%s using 1:2 with linespoints %s pt %d %s pi -%d %s"):format(block, how,
            POINT_TYPES[layer.marker], layers.size(look, 1.1), math.max(1, #x // 8),
            layers.legend(layer)) }
    end
    return { ("%s using 1:2 with lines %s %s"):format(block, how, layers.legend(layer)) }
end

-- Of many points, those that would fall onto each other once only.
local function distinct(layer, panel)
    if layer.count <= MOST_POINTS then return layer.x, layer.y end
    local xs, ys, seen = {}, {}, {}
    local left, low = panel.x.range[1], panel.y.range[1]
    local across = 2000 / (panel.x.range[2] - left)
    local up = 2000 / (panel.y.range[2] - low)
    for i = 1, layer.count do
        local x, y = layer.x[i], layer.y[i]
        if finite(x) and finite(y) then
            local key = math.floor((x - left) * across) * 1e6 + math.floor((y - low) * up)
            if not seen[key] then
                seen[key] = true
                xs[#xs + 1], ys[#ys + 1] = x, y
            end
        end
    end
    return xs, ys
end

function drawers.points(out, layer, panel, look)
    local block = out:columns(distinct(layer, panel))
    local points = layer.count > 500 and 0.5 or layer.count > 100 and 0.8 or 1.1
    local format = "%s using 1:2 with points pt %d %s lc rgb %s %s"
    if panel.image then -- with a dark edge, as a path has
        return {
            format:format(block, POINT_TYPES[layer.marker], layers.size(look, points * 1.5),
                "'#000000'", "notitle"),
            format:format(block, POINT_TYPES[layer.marker], layers.size(look, points),
                words.colour(theme.paths[layer.colour]), layers.legend(layer)),
        }
    end
    return { format:format(block, POINT_TYPES[layer.marker], layers.size(look, points),
        words.colour(look.lines[layer.colour]), layers.legend(layer)) }
end

-- On a surface no colour stands out everywhere: a black line lies below. The ends follow later, on
-- top of all paths.
function drawers.path(out, layer, panel, look)
    local x, y = description.thin(layer.x, layer.y, MOST_POINTS)
    local block = out:columns(x, y)
    local colour = words.colour(theme.paths[layer.colour])
    local first, last
    for i = 1, #x do
        if finite(x[i]) and finite(y[i]) then first, last = first or i, i end
    end
    if first then
        table.insert(panel.ends, { x[first], y[first], x[last], y[last], colour, first ~= last })
    end
    local commands = {
        ("%s using 1:2 with lines lw 4 lc rgb '#000000' notitle"):format(block),
        ("%s using 1:2 with linespoints lw 2 pt %d %s pi %d lc rgb %s %s"):format(block,
            POINT_TYPES[layer.marker], layers.size(look, 0.8), math.max(1, #x // 20), colour,
            layers.legend(layer)),
    }
    return commands
end

function drawers.segments(out, layer, _, look)
    local dx, dy = {}, {}
    for i = 1, layer.count do
        dx[i], dy[i] = layer.x2[i] - layer.x[i], layer.y2[i] - layer.y[i]
    end
    -- Drawn as vectors, listed as a line: the legend would show an arrow.
    return {
        ("%s using 1:2:3:4 with vectors nohead lw 1.5 lc rgb %s%s notitle"):format(
            out:columns(layer.x, layer.y, dx, dy), words.colour(look.lines[layer.colour]),
            layer.dash and " dt 2" or ""),
        layer.label and ("NaN with lines lw 1.5 lc rgb %s %s"):format(
            words.colour(look.lines[layer.colour]), layers.legend(layer)) or nil,
    }
end

-- On a surface an arrow is white on black, as a path is.
function drawers.arrows(out, layer, panel, look)
    local dx, dy = {}, {}
    for i = 1, layer.count do
        dx[i], dy[i] = layer.x2[i] - layer.x[i], layer.y2[i] - layer.y[i]
    end
    local head = layer.count == 1 and "size graph 0.02,25 filled" or "size graph 0.012,25 filled"
    local block = out:columns(layer.x, layer.y, dx, dy)
    local colour = words.colour(panel.image and theme.paths[layer.colour]
        or look.lines[layer.colour])
    local format = "%s using 1:2:3:4 with vectors %s lw %g lc rgb %s notitle"
    local commands = {}
    if panel.image then commands[1] = format:format(block, head, 4, "'#000000'") end
    commands[#commands + 1] = format:format(block, head, layer.count == 1 and 2.5 or 1.5, colour)
    if layer.label then
        commands[#commands + 1] = ("NaN with lines lw 2.5 lc rgb %s %s"):format(colour,
            layers.legend(layer))
    end
    return commands
end

function drawers.bars(out, layer, _, look)
    local left, right, base = {}, {}, {}
    local half = (layer.width or 0.8) / 2
    for i = 1, layer.count do
        left[i], right[i], base[i] = layer.x[i] - half, layer.x[i] + half, layer.base or 0
    end
    -- Bars that touch are told apart by an edge in the colour of the ground.
    local edge = layer.touching and "border lc rgb " .. words.colour(look.ground) or "noborder"
    return { ("%s using 1:2:3:4:5:2 with boxxyerror fs solid 0.8 %s lc rgb %s %s"):format(
        out:columns(layer.x, layer.y, left, right, base), edge,
        words.colour(look.lines[layer.colour]), layers.legend(layer)) }
end

function drawers.band(out, layer, _, look)
    return { ("%s using 1:2:3 with filledcurves fs transparent solid 0.25 noborder lc rgb %s %s")
        :format(out:columns(layer.x, layer.y, layer.y2), words.colour(look.lines[layer.colour]),
        layers.legend(layer)) }
end

-- Labels are set one by one: a text in a datablock could end it.
function drawers.text(out, layer, panel, look)
    for i = 1, layer.count do
        if finite(layer.x[i]) and finite(layer.y[i]) then
            panel.labels = panel.labels + 1
            out:add("set label %d %s at %s,%s center front tc rgb %s", panel.labels,
                words.text(layer.texts[i]), words.number(layer.x[i]), words.number(layer.y[i]),
                words.colour(layer.colour and look.lines[layer.colour] or look.text))
        end
    end
    return {}
end

-- The ends of all paths, above them; the starts last, for they are often shared.
function layers.add_ends(out, panel, commands, look)
    for _, pass in ipairs { "end", "start" } do
        for _, e in ipairs(panel.ends) do
            local is_end = pass == "end"
            if not is_end or e[6] then
                local x, y = e[is_end and 3 or 1], e[is_end and 4 or 2]
                local block = out:columns({ x }, { y })
                local point, colour = is_end and 7 or 5, is_end and e[5] or "'#ffffff'"
                commands[#commands + 1] =
                    ("%s using 1:2 with points pt %d %s lc rgb '#000000' notitle")
                    :format(block, point, layers.size(look, 2.3))
                commands[#commands + 1] = ("%s using 1:2 with points pt %d %s lc rgb %s notitle")
                    :format(block, point, layers.size(look, 1.7), colour)
            end
        end
    end
    if #panel.ends > 0 then
        local white = layers.size(look, 1.7) .. " lc rgb '#ffffff' title"
        commands[#commands + 1] = ("NaN with points pt 5 %s 'start'"):format(white)
        commands[#commands + 1] = ("NaN with points pt 7 %s 'end'"):format(white)
    end
end

return layers
