-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The backend that speaks gnuplot: a description becomes a script, a script becomes a picture. The
-- only file that knows gnuplot's language. One gnuplot is kept; it is spoken to through
-- core.host.process, so that a dead or hanging one is noticed and started anew.

local core = require "descent.core"
local description = require "descent.plot.description"
local label = require "descent.plot.label"
local theme = require "descent.plot.theme"
local terminal = require "descent.terminal"
local ticks = require "descent.plot.ticks"

local host = core.host
local gnuplot = {}

local finite = description.finite
local POINT_TYPES = { 7, 5, 9, 13, 11, 3 } -- disc, square, triangle, diamond, ...
local MOST_POINTS = 4000                   -- of one line in a script
local MOST_CONTOURED = 200                 -- points each way for contours: 400 take a second

-- --- text --------------------------------------------------------------------------------------

local octal_bytes = "[%c\"\\`@$%%]"
local function quote(text)
    return '"' .. text:gsub(octal_bytes, function(byte)
        if byte == "\n" then return "\\n" end
        return ("\\%03o"):format(byte:byte())
    end) .. '"'
end

local character_pattern = "[%z\1-\127\194-\244][\128-\191]*"

-- Unicode subscripts and powers as gnuplot's enhanced mode sets them; everything else that has a
-- meaning there is escaped. The second result says whether there were any.
local function enhance(text)
    local parts, mode, found = {}, nil, false
    for character in text:gmatch(character_pattern) do
        local low, high = label.subscripts[character], label.superscripts[character]
        local wanted = low and "_" or high and "^" or nil
        if wanted ~= mode then
            if mode then parts[#parts + 1] = "}" end
            if wanted then parts[#parts + 1] = wanted .. "{" end
            mode = wanted
        end
        if low or high then
            parts[#parts + 1], found = low or high, true
        elseif character == " " and parts[#parts] == "}" then
            parts[#parts + 1] = "\u{A0}" -- SVG viewers drop a blank at the beginning of a piece
        elseif character:find("[%^_@&~{}\\]") then
            parts[#parts + 1] = "\\" .. character
        else
            parts[#parts + 1] = character
        end
    end
    if mode then parts[#parts + 1] = "}" end
    return table.concat(parts), found
end

-- A label as an expression, and the mode in which it is read: enhanced only where it has to be.
local function set_text(text)
    text = label.clean(text, true)
    local enhanced, found = enhance(text)
    return found and quote(enhanced) .. " enhanced" or quote(text) .. " noenhanced"
end

local function colour_text(colour) return ("'#%06x'"):format(colour) end

local function number(value, digits)
    if not finite(value) then return "NaN" end
    return ("%." .. (digits or 10) .. "g"):format(value)
end

-- --- a script ----------------------------------------------------------------------------------

local writer = {}
writer.__index = writer

local function new_writer()
    return setmetatable({ parts = {}, blocks = 0, images = {}, contours = {} }, writer)
end

function writer:add(format, ...)
    self.parts[#self.parts + 1] = select("#", ...) > 0 and format:format(...) or format
end

-- A datablock of rows; only numbers stand in it, for a row that began with its end marker would end
-- it. Returns its name.
function writer:block(rows)
    self.blocks = self.blocks + 1
    local name = "$data" .. self.blocks
    self:add("%s << EOD", name)
    self.parts[#self.parts + 1] = table.concat(rows, "\n")
    self:add("EOD")
    return name
end

function writer:columns(...)
    local lists = { ... }
    local rows = {}
    for i = 1, #lists[1] do
        local row = {}
        for k, list in ipairs(lists) do row[k] = number(list[i]) end
        rows[i] = table.concat(row, " ")
    end
    return self:block(rows)
end

-- The digits in which neighbouring values still differ.
local function image_digits(image)
    local largest = math.max(math.abs(image.low), math.abs(image.high))
    local span = image.high - image.low
    return math.min(15, 5 + math.max(0, math.ceil(math.log(largest / span, 10))))
end

-- The block of a surface, once for all frames that show the same.
function writer:image(image)
    if self.images[image.values] then return self.images[image.values] end
    local name = self:image_block(image)
    self.images[image.values] = name
    return name
end

function writer:image_block(image)
    local digits, rows = image_digits(image), {}
    local format = "%." .. digits .. "g"
    local values, across = image.values, image.across
    for j = 1, image.up do
        local row = {}
        for i = 1, across do
            local value = values[i][j]
            row[i] = finite(value) and format:format(value) or "NaN"
        end
        rows[j] = table.concat(row, " ")
    end
    return self:block(rows)
end

-- Every n-th row and column, so that contours do not take long.
local function thinned(image)
    local step = math.ceil(math.max(image.across, image.up) / MOST_CONTOURED)
    if step <= 1 then return "" end
    return (" every %d:%d"):format(step, step)
end

local function using(image)
    local dx = image.across > 1 and (image.x1 - image.x0) / (image.across - 1) or 0
    local dy = image.up > 1 and (image.y1 - image.y0) / (image.up - 1) or 0
    return ("(%s+$1*%s):(%s+$2*%s):3"):format(number(image.x0, 15), number(dx, 15),
        number(image.y0, 15), number(dy, 15))
end

local function tick_list(axis, most)
    local parts = {}
    for _, tick in ipairs(ticks.of(axis, most)) do
        local text = quote((enhance(label.clean(tick.text)))) -- a list of ticks has one mode
        parts[#parts + 1] = ("%s %s"):format(text, number(tick.at, 15))
    end
    return "(" .. table.concat(parts, ", ") .. ")"
end

-- Calls visit(x, y) with places all along what is drawn, both from 0 to 1 inside the drawing.
local function trace_layers(panel, visit)
    local function share(axis, value)
        if not finite(value) then return nil end
        local low, high = axis.range[1], axis.range[2]
        if not axis.log then return (value - low) / (high - low) end
        return value > 0 and math.log(value / low) / math.log(high / low) or nil
    end
    local function along(x1, y1, x2, y2)
        local steps = math.min(200, math.ceil(25 * math.max(math.abs(x2 - x1), math.abs(y2 - y1))))
        for k = 0, steps do
            local part = steps == 0 and 0 or k / steps
            visit(x1 + (x2 - x1) * part, y1 + (y2 - y1) * part)
        end
    end
    for _, layer in ipairs(panel.layers) do
        local before_x, before_y
        for i = 1, layer.count do
            local x, y = share(panel.x, layer.x[i]), share(panel.y, layer.y[i])
            if x and y then
                local x2 = layer.x2 and share(panel.x, layer.x2[i]) or x
                local y2 = layer.y2 and share(panel.y, layer.y2[i])
                    or layer.kind == "bars" and (share(panel.y, layer.base or 0) or 0)
                visit(x, y)
                if y2 then along(x, y, x2, y2) end
                if before_x and layer.kind == "line" then along(before_x, before_y, x, y) end
                before_x, before_y = x, y
            else
                before_x = nil
            end
        end
    end
end

-- The corner in which a legend of this size (shares of the drawing) hides nothing, or nil.
local function free_corner(panel, wide, high)
    if wide > 0.7 or high > 0.6 then return nil end
    local taken = {}
    trace_layers(panel, function(x, y)
        local left, right, low, top = x < wide, x > 1 - wide, y < high, y > 1 - high
        if top and right then taken["top right"] = true end
        if top and left then taken["top left"] = true end
        if low and right then taken["bottom right"] = true end
        if low and left then taken["bottom left"] = true end
    end)
    for _, name in ipairs { "top right", "top left", "bottom right", "bottom left" } do
        if not taken[name] then return name end
    end
end

local drawers = {}
local add_landscape

-- Points are of a size of their own in each terminal.
local function size(look, points) return ("ps %.3g"):format(points * look.point) end

-- Each drawer adds the parts of one plot command for a layer.
local function line_style(layer, look, width)
    local colour = look.lines[layer.colour]
    if layer.thin then width, colour = 1, theme.mix(colour, look.ground, 0.45) end
    return ("lw %g lc rgb %s%s"):format(width, colour_text(colour), layer.dash and " dt 2" or "")
end

local function legend(layer)
    if not layer.label or layer.label == "" then return "notitle" end
    return "title " .. set_text(layer.label)
end

function drawers.line(out, layer, panel, look)
    local x, y = description.thin(layer.x, layer.y, MOST_POINTS)
    local block = out:columns(x, y)
    local how = line_style(layer, look, layer.dash and 2 or panel.lines == 1 and 3 or 2.5)
    if #x == 1 then
        return { ("%s using 1:2 with points pt 7 %s lc rgb %s %s"):format(block, size(look, 1.1),
            colour_text(look.lines[layer.colour]), legend(layer)) }
    elseif panel.lines > 1 and not layer.dash and not layer.thin then
        return { ("%s using 1:2 with linespoints %s pt %d %s pi -%d %s"):format(block, how,
            POINT_TYPES[layer.marker], size(look, 1.1), math.max(1, #x // 8), legend(layer)) }
    end
    return { ("%s using 1:2 with lines %s %s"):format(block, how, legend(layer)) }
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
            format:format(block, POINT_TYPES[layer.marker], size(look, points * 1.5), "'#000000'",
                "notitle"),
            format:format(block, POINT_TYPES[layer.marker], size(look, points),
                colour_text(theme.paths[layer.colour]), legend(layer)),
        }
    end
    return { format:format(block, POINT_TYPES[layer.marker], size(look, points),
        colour_text(look.lines[layer.colour]), legend(layer)) }
end

-- On a surface no colour stands out everywhere: a black line lies below. The ends follow later, on
-- top of all paths.
function drawers.path(out, layer, panel, look)
    local x, y = description.thin(layer.x, layer.y, MOST_POINTS)
    local block = out:columns(x, y)
    local colour = colour_text(theme.paths[layer.colour])
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
            POINT_TYPES[layer.marker], size(look, 0.8), math.max(1, #x // 20), colour,
            legend(layer)),
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
            out:columns(layer.x, layer.y, dx, dy), colour_text(look.lines[layer.colour]),
            layer.dash and " dt 2" or ""),
        layer.label and ("NaN with lines lw 1.5 lc rgb %s %s"):format(
            colour_text(look.lines[layer.colour]), legend(layer)) or nil,
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
    local colour = colour_text(panel.image and theme.paths[layer.colour]
        or look.lines[layer.colour])
    local format = "%s using 1:2:3:4 with vectors %s lw %g lc rgb %s notitle"
    local commands = {}
    if panel.image then commands[1] = format:format(block, head, 4, "'#000000'") end
    commands[#commands + 1] = format:format(block, head, layer.count == 1 and 2.5 or 1.5, colour)
    if layer.label then
        commands[#commands + 1] = ("NaN with lines lw 2.5 lc rgb %s %s"):format(colour,
            legend(layer))
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
    local edge = layer.touching and "border lc rgb " .. colour_text(look.ground) or "noborder"
    return { ("%s using 1:2:3:4:5:2 with boxxyerror fs solid 0.8 %s lc rgb %s %s"):format(
        out:columns(layer.x, layer.y, left, right, base), edge,
        colour_text(look.lines[layer.colour]), legend(layer)) }
end

function drawers.band(out, layer, _, look)
    return { ("%s using 1:2:3 with filledcurves fs transparent solid 0.25 noborder lc rgb %s %s")
        :format(out:columns(layer.x, layer.y, layer.y2), colour_text(look.lines[layer.colour]),
        legend(layer)) }
end

-- Labels are set one by one: a text in a datablock could end it.
function drawers.text(out, layer, panel, look)
    for i = 1, layer.count do
        if finite(layer.x[i]) and finite(layer.y[i]) then
            panel.labels = panel.labels + 1
            out:add("set label %d %s at %s,%s center front tc rgb %s", panel.labels,
                set_text(layer.texts[i]), number(layer.x[i]), number(layer.y[i]),
                colour_text(layer.colour and look.lines[layer.colour] or look.text))
        end
    end
    return {}
end

-- A theme with what the kind of file asks for: sizes of points, and room for wider text.
local scales = {
    png = { point = 1, more_left = 0, more_below = 0, font = 1, key_line = 1.25 },
    svg = { point = 0.55, more_left = 1, more_below = 1, font = 4 / 3, key_line = 1.65 },
    gif = { point = 1, more_left = 0, more_below = 0, font = 1, key_line = 1.25 },
    pdf = { point = 0.75, more_left = 0, more_below = 0, font = 4 / 3, key_line = 1.25 },
}

local function look_for(kind, name)
    local look = {}
    for key, value in pairs(theme[name]) do look[key] = value end
    for key, value in pairs(scales[kind]) do look[key] = value end
    return look
end

local function add_theme(out, look)
    local text, grid = colour_text(look.text), colour_text(look.grid)
    out:add("set border 3 lw 1 lc rgb %s", text)
    out:add("set tics nomirror out scale 0.6 tc rgb %s", text)
    out:add("set grid back lc rgb %s lw 1 lt 1 dt 1", grid)
    for _, name in ipairs { "title", "xlabel", "ylabel", "cblabel" } do
        out:add("set %s tc rgb %s", name, text)
    end
    out:add("set colorbox noborder")
end

local function add_palette(out, name)
    local stops = {}
    for i, colour in ipairs(theme.palettes[name]) do
        stops[i] = ("%d %s"):format(i - 1, colour_text(colour))
    end
    out:add("set palette defined (%s)", table.concat(stops, ", "))
end

-- The ends of all paths, above them; the starts last, for they are often shared.
local function add_ends(out, panel, commands, look)
    for _, pass in ipairs { "end", "start" } do
        for _, e in ipairs(panel.ends) do
            local is_end = pass == "end"
            if not is_end or e[6] then
                local x, y = e[is_end and 3 or 1], e[is_end and 4 or 2]
                local block = out:columns({ x }, { y })
                local point, colour = is_end and 7 or 5, is_end and e[5] or "'#ffffff'"
                commands[#commands + 1] =
                    ("%s using 1:2 with points pt %d %s lc rgb '#000000' notitle")
                    :format(block, point, size(look, 2.3))
                commands[#commands + 1] = ("%s using 1:2 with points pt %d %s lc rgb %s notitle")
                    :format(block, point, size(look, 1.7), colour)
            end
        end
    end
    if #panel.ends > 0 then
        local white = size(look, 1.7) .. " lc rgb '#ffffff' title"
        commands[#commands + 1] = ("NaN with points pt 5 %s 'start'"):format(white)
        commands[#commands + 1] = ("NaN with points pt 7 %s 'end'"):format(white)
    end
end

-- How many ticks stand clear of each other along a length in pixels.
local function ticks_across(axis, pixels, unit)
    for most = 8, 2, -1 do
        local needed = 0
        for _, tick in ipairs(ticks.of(axis, most)) do
            needed = needed + (terminal.width(tick.text) * 0.56 + 1) * unit
        end
        if needed <= pixels then return most end
    end
    return 1
end

local function ticks_up(pixels, unit)
    return math.max(1, math.min(6, math.floor(pixels / (2.4 * unit))))
end

local function add_axis(out, name, axis, most)
    out:add("set %slabel %s", name, axis.label ~= "" and set_text(axis.label) or "''")
    out:add("%s logscale %s", axis.log and "set" or "unset", name)
    out:add("set %srange [%s:%s]", name, number(axis.range[1], 15), number(axis.range[2], 15))
    local list = tick_list(axis, most)
    out:add(list == "()" and "unset %stics" or "set %stics %s", name, list)
    if axis.log then
        out:add("set m%stics 10", name)
    else
        out:add("unset m%stics", name)
    end
end

-- A surface in 3D: the mesh, contour lines below it, the paths a little above. With depth order the
-- paths would be hidden entirely: the surface is drawn from the back to the front.
function add_landscape(out, panel, look, box)
    local image = panel.image
    local low, high = image.low, image.high
    local block = out:image(image)
    out:add("unset lmargin; unset rmargin; unset tmargin; unset bmargin")
    out:add("set view %s,%s,1,1.12", number(panel.view[1]), number(panel.view[2]))
    out:add("set xyplane relative 0.35; set border 895 lc rgb %s", colour_text(look.edge))
    out:add("set grid x y lc rgb %s; unset colorbox", colour_text(look.grid))
    out:add("set pm3d scansautomatic border lc rgb '#a0000000' lw 0.3")
    out:add("set zlabel %s rotate parallel tc rgb %s",
        image.label ~= "" and set_text(image.label) or "''", colour_text(look.text))
    out:add("%s logscale z; %s logscale cb", image.log and "set" or "unset",
        image.log and "set" or "unset")
    out:add("set zrange [%s:%s]; set cbrange [%s:%s]", number(low, 15), number(high, 15),
        number(low, 15), number(high, 15))
    out:add("set ztics %s", tick_list({ range = { low, high }, log = image.log }, 5))
    out:add("set xlabel offset 0,-0.5; set ylabel offset 1,0; set palette maxcolors 0")
    local levels = {}
    for k = 1, 12 do
        local share = k / 13
        levels[k] = number(image.log and low * (high / low) ^ share or low + (high - low) * share,
            15)
    end
    out:add("set contour base; set cntrlabel onecolor; set cntrparam levels discrete %s",
        table.concat(levels, ","))
    local commands = {
        ("%s matrix using %s with lines lw 0.8 lc rgb %s nosurface notitle"):format(block,
            using(image), colour_text(look.edge)),
        ("%s matrix using %s with pm3d nocontour notitle"):format(block, using(image)),
    }
    local ends, named = {}, false
    for _, layer in ipairs(panel.layers) do
        if layer.kind == "path" and layer.z then
            local z, first, last = {}, nil, nil
            for i = 1, layer.count do
                local value = layer.z[i]
                local inside = finite(value) and finite(layer.x[i]) and finite(layer.y[i])
                    and layer.x[i] >= panel.x.range[1] and layer.x[i] <= panel.x.range[2]
                    and layer.y[i] >= panel.y.range[1] and layer.y[i] <= panel.y.range[2]
                if inside then
                    z[i] = image.log and math.min(high, math.max(low, value) * (high / low) ^ 0.012)
                        or math.min(high, value + 0.012 * (high - low))
                    first, last = first or i, i
                else
                    z[i] = 0 / 0
                end
            end
            local colour = colour_text(theme.paths[layer.colour])
            local path = out:columns(layer.x, layer.y, z)
            local format = "%s using 1:2:3 with lines lw %g lc rgb %s nocontour %s"
            commands[#commands + 1] = format:format(path, 5, "'#000000'", "notitle")
            commands[#commands + 1] = format:format(path, 2.8, colour, legend(layer))
            named = true
            if first then
                local function mark(i, point, fill)
                    local at = out:columns({ layer.x[i] }, { layer.y[i] }, { z[i] })
                    for k, width in ipairs { 1.9, 1.4 } do
                        table.insert(ends, ("%s using 1:2:3 with points pt %d %s lc rgb %s "
                            .. "nocontour notitle"):format(at, point, size(look, width),
                            k == 1 and "'#000000'" or fill))
                    end
                end
                if last ~= first then mark(last, 7, colour) end
                mark(first, 5, "'#ffffff'")
            end
        end
    end
    table.move(ends, 1, #ends, #commands + 1, commands)
    if named then
        out:add("set key at screen %.4f,%.4f left top vertical Left reverse nobox noopaque tc rgb "
            .. "%s samplen 2 spacing 1.15", box.left + 0.03, box.top - 0.05,
            colour_text(look.text))
    else
        out:add("unset key")
    end
    out:add("splot %s", table.concat(commands, ", \\\n      "))
    out:add("unset contour; unset pm3d")
end

-- One panel; `box` is its place in the picture: left, right, bottom, top from 0 to 1, and its size
-- in pixels.
local function add_panel(out, panel, look, box, options)
    panel.lines, panel.ends, panel.labels = 0, {}, 0
    for _, layer in ipairs(panel.layers) do
        if layer.kind == "line" and not layer.dash and not layer.thin then
            panel.lines = panel.lines + 1
        end
    end
    out:add("unset label")
    out:add("set title %s", panel.title and panel.title ~= "" and set_text(panel.title) or "''")
    add_axis(out, "x", panel.x, ticks_across(panel.x, box.inner_wide, options.unit))
    add_axis(out, "y", panel.y, ticks_up(box.inner_high, options.unit))

    local commands = {}
    local image = panel.image
    if panel.view then return add_landscape(out, panel, look, box) end
    if image then
        local block = out:image(image)
        local low, high = number(image.low, 15), number(image.high, 15)
        out:add("set palette maxcolors %d", image.bands)
        out:add("set cbrange [%s:%s]", low, high)
        out:add("%s logscale cb", image.log and "set" or "unset")
        out:add("set cblabel %s offset 1,0", image.label ~= "" and set_text(image.label) or "''")
        out:add(image.key == false and "unset colorbox" or "set colorbox noborder")
        out:add("set cbtics %s", tick_list({ range = { image.low, image.high }, log = image.log },
            ticks_up(box.inner_high, options.unit)))
        if image.contours and #description.levels(image) > 0 then
            local levels = {}
            for i, level in ipairs(description.levels(image)) do levels[i] = number(level, 15) end
            if not out.contours[block] then
                out.contours[block] = ("$contours%d"):format(out.blocks)
                out:add("set contour base; unset surface")
                out:add("set cntrparam levels discrete %s", table.concat(levels, ","))
                -- A table has what the axes show; the surface may reach further.
                out:add("set table %s", out.contours[block])
                out:add("splot %s matrix%s using %s with lines", block, thinned(image),
                    using(image))
                out:add("unset table; unset contour; set surface")
            end
        end
        out:add("set border 15; set tics front; unset grid")
        commands[1] = ("%s matrix using %s with image notitle"):format(block, using(image))
        if image.contours and #description.levels(image) > 0 then
            commands[2] = ("%s using 1:2 with lines %s notitle"):format(out.contours[block],
                image.levels and "lw 2.5 lc rgb '#000000'" or "lw 0.8 lc rgb '#a0000000'")
        end
    else
        out:add("set border 3; set tics back; set grid x y%s%s back lc rgb %s lw 1 lt 1 dt 1",
            panel.x.log and " mx" or "", panel.y.log and " my" or "", colour_text(look.grid))
    end
    for _, layer in ipairs(panel.layers) do
        for _, command in ipairs(drawers[layer.kind](out, layer, panel, look)) do
            commands[#commands + 1] = command
        end
    end
    add_ends(out, panel, commands, look)

    if box.entries == 0 then
        out:add("unset key")
    elseif box.corner then
        out:add("set key inside %s vertical Left reverse nobox opaque fc rgb %s tc rgb %s samplen "
            .. "2 spacing 1.15 maxrows 10", box.corner, colour_text(look.ground),
            colour_text(look.text))
    else
        -- White samples would not show on a white key.
        out:add("set key at screen %.4f,%.4f center bottom vertical Left reverse nobox opaque fc "
            .. "rgb %s tc rgb %s samplen 2 spacing 1.1 width 1 height 0.4 maxrows %d",
            (box.left + box.right) / 2, box.bottom + 8 / options.size[2],
            image and "'#2a1410'" or colour_text(look.ground),
            image and "'#f4e6da'" or colour_text(look.text), box.key_rows)
    end
    if #commands == 0 then commands[1] = "NaN notitle" end
    out:add("plot %s", table.concat(commands, ", \\\n     "))
end

local function line_count(text)
    return select(2, text:gsub("\n", "\n")) + 1
end

-- What a panel needs around its drawing, in pixels; the ticks decide the left side, a legend that
-- does not fit inside the lower one.
local function measure(panel, box, unit, look)
    local longest, has_path = 5, false
    box.entries = 0
    for _, layer in ipairs(panel.layers) do
        if layer.label and layer.label ~= "" then
            box.entries = box.entries + 1
            longest = math.max(longest, terminal.width(layer.label))
        end
        has_path = has_path or layer.kind == "path"
    end
    if has_path then box.entries = box.entries + 2 end
    local entry = (longest * 0.53 + 4) * unit
    box.key_rows = math.ceil(box.entries / math.max(1, math.floor(0.95 * box.wide / entry)))
    local tick_cells = 0
    for _, tick in ipairs(ticks.of(panel.y, ticks_up(box.high * 0.7, unit))) do
        tick_cells = math.max(tick_cells, terminal.width(tick.text))
    end
    box.before = (tick_cells * 0.56 + (panel.y.label ~= "" and 2.9 or 1.4) + look.more_left) * unit
    box.behind = (panel.image and panel.image.key ~= false and 8.6 or 1.8) * unit
    box.below = (panel.x.label ~= "" and 3.9 + look.more_below or 2.4) * unit
    local titled = panel.title and panel.title ~= ""
    box.above = (titled and 1.9 + 1.1 * line_count(panel.title) or 1.4) * unit
    if box.entries > 0 then
        if not panel.image then
            box.corner = free_corner(panel, (entry + unit) / (box.wide - box.before - box.behind),
                (box.entries * look.key_line + 0.8) * unit / (box.high - box.below - box.above))
        end
        if not box.corner then
            box.below = box.below + (box.key_rows * look.key_line + 1.1) * unit
        end
    end
    -- In a picture that is too small for its words, the drawing keeps a third.
    local across = math.min(1, 0.66 * box.wide / (box.before + box.behind))
    local up = math.min(1, 0.66 * box.high / (box.below + box.above))
    box.before, box.behind = box.before * across, box.behind * across
    box.below, box.above = box.below * up, box.above * up
    box.inner_wide = box.wide - box.before - box.behind
    return box
end

-- What an equal panel leaves free on the left and on the right, above and below, so that a unit is
-- as long across as up.
local function equal_margins(panel, box)
    local wide = panel.x.range[2] - panel.x.range[1]
    local high = panel.y.range[2] - panel.y.range[1]
    local fitting = box.inner_high * wide / high
    local aside = math.max(0, box.inner_wide - fitting) / 2
    local over = math.max(0, box.inner_high - box.inner_wide * high / wide) / 2
    box.inner_wide, box.inner_high = box.inner_wide - 2 * aside, box.inner_high - 2 * over
    return aside, over
end

-- The commands that draw a completed description. options: size = {width, height} in pixels, look
-- (a theme), palette, font_size, unit (the height of a line in pixels).
local function write_body(out, full, options)
    local look = options.look
    local count = #full.panels
    local per_row = math.min(count, 2)
    local rows = math.ceil(count / per_row)
    local unit = options.unit
    local wide, high = options.size[1], options.size[2]
    local title = full.title and full.title ~= "" and full.title
    local top = title and 1 - (1.1 + 1.3 * line_count(title)) * unit / high or 1

    out:add("set encoding utf8; set clip one; set clip two")
    add_theme(out, look)
    add_palette(out, options.palette)
    if count > 1 or title then
        out:add("set multiplot%s", title and (" title %s tc rgb %s font ',%.3g'"):format(
            set_text(title), colour_text(look.text), (options.font_size + 2) * look.font) or "")
    end
    local boxes = {}
    for i, panel in ipairs(full.panels) do
        local row, column = (i - 1) // per_row, (i - 1) % per_row
        boxes[i] = measure(panel, {
            left = column / per_row, right = (column + 1) / per_row, row = row,
            bottom = top * (1 - (row + 1) / rows), top = top * (1 - row / rows),
            wide = wide / per_row, high = high * top / rows,
        }, unit, look)
    end
    for i, panel in ipairs(full.panels) do
        local box, bottom = boxes[i], 0
        -- Panels beside each other stand on one line.
        for _, other in ipairs(boxes) do
            if other.row == box.row then bottom = math.max(bottom, other.below) end
        end
        box.inner_high = box.high - bottom - box.above
        local aside, over = 0, 0
        if panel.equal then aside, over = equal_margins(panel, box) end
        out:add("set lmargin at screen %.4f; set rmargin at screen %.4f",
            box.left + (box.before + aside) / wide, box.right - (box.behind + aside) / wide)
        out:add("set bmargin at screen %.4f; set tmargin at screen %.4f",
            box.bottom + (bottom + over) / high, box.top - (box.above + over) / high)
        add_panel(out, panel, look, box, options)
    end
    if count > 1 or title then out:add("unset multiplot") end
end

local function body(full, options)
    local out = new_writer()
    write_body(out, full, options)
    return table.concat(out.parts, "\n") .. "\n"
end

-- --- terminals ---------------------------------------------------------------------------------

local function complete_options(full, kind, options)
    local complete = {}
    for key, value in pairs(options or {}) do complete[key] = value end
    local count = #full.panels
    local usual = count > 1 and { 1200, 560 * math.ceil(count / 2) } or { 900, 600 }
    complete.size = complete.size or usual
    complete.look = look_for(kind, complete.theme or "light")
    complete.palette = complete.palette or "udl"
    local font = complete.font
    complete.font_size = type(font) == "number" and font
        or type(font) == "string" and tonumber(font:match(",%s*([%d.]+)$"))
    if not complete.font_size then
        -- In a small picture the words are smaller too, but less so than the picture.
        local share = math.min(complete.size[1] / usual[1], complete.size[2] / usual[2])
        complete.font_size = math.floor(120 * math.max(0.5, math.min(1, share ^ 0.6)) + 0.5) / 10
    end
    complete.unit = complete.font_size * 1.4 -- the height of a line in pixels
    complete.look.point = complete.look.point * math.max(0.5, math.min(2, complete.font_size / 12))
    complete.font_name = type(font) == "string" and font:match("^[^,]+") or "DejaVu Sans"
    return complete
end

local function font_text(options)
    return quote(("%s,%.3g"):format(label.clean(options.font_name),
        options.font_size * options.look.font))
end

local terminals = {}

function terminals.png(options)
    return ("set terminal pngcairo size %d,%d font %s enhanced rounded background %s"):format(
        options.size[1], options.size[2], font_text(options), colour_text(options.look.ground))
end

function terminals.svg(options)
    return ("set terminal svg size %d,%d font %s enhanced rounded background %s name 'plot'")
        :format(options.size[1], options.size[2], font_text(options),
            colour_text(options.look.ground))
end

-- 100 pixels to an inch.
function terminals.pdf(options)
    return ("set terminal pdfcairo size %gin,%gin font %s enhanced rounded background %s"):format(
        options.size[1] / 100, options.size[2] / 100, font_text(options),
        colour_text(options.look.ground))
end

-- Its letters are wider than those of a PNG.
function terminals.gif(options)
    return ("set terminal gif animate delay %d loop 0 size %d,%d font %s enhanced background %s")
        :format(options.delay, options.size[1], options.size[2], font_text(options),
            colour_text(options.look.ground))
end

local needed = { png = "pngcairo", svg = "svg", pdf = "pdfcairo" }

-- A script that stands alone: for reading, changing, and drawing again without descent.
function gnuplot.script(full, options)
    options = complete_options(full, "png", options)
    return table.concat {
        "# A plot of descent. To see it:   gnuplot -persist FILE\n",
        "# To draw it into a file, first:  set output 'plot.png'; ", terminals.png(options), "\n",
        "reset\n", body(full, options),
    }
end

-- --- the process -------------------------------------------------------------------------------

local child
local counter = 0

local function start()
    local reason
    child, reason = host.process({ "gnuplot", "-d" }, { "GNUTERM=unknown", "PAGER=cat" })
    return child, reason
end

function gnuplot.stop()
    if child then child:stop() end
    child = nil
end

-- The number of the process, or nil while there is none.
function gnuplot.process_id()
    return child and child:alive() and child.pid or nil
end

-- Loads a script; what it wrote to its output, or nil, the error and its number (0: gnuplot itself
-- failed, and is gone).
function gnuplot.run(script, seconds)
    if child and not child:alive() then child = nil end
    if not child then
        local reason
        child, reason = start()
        if not child then return nil, reason, -1 end
    end
    counter = counter + 1
    local token = ("\30SYNC%d"):format(counter)
    local path = host.temporary(script)
    local commands = table.concat({
        "reset errors", "set print '-'", ("print \"\\036BEGIN%d\""):format(counter), "set print",
        ("load %s"):format(quote(path)),
        "set print",
        ("print \"\\036STATUS%d \",GPVAL_ERRNO,\" \",GPVAL_ERRMSG"):format(counter),
        "unset multiplot", "unset output", "set terminal unknown", "reset session", "set print",
        ("print \"\\036SYNC%d\""):format(counter), "set print '-'",
        ("print \"\\036SYNC%d\""):format(counter), "set print", "",
    }, "\n")
    local fine, output, errors = pcall(child.ask, child, commands, token .. "\n", seconds)
    os.remove(path)
    if not fine then error(output, 0) end
    if not output then
        if not child:alive() then child = nil end
        return nil, errors, 0
    end
    local _, begin = output:find(("\30BEGIN%d\n"):format(counter), 1, true)
    local number_text, message = errors:match(("\30STATUS%d%%s+(%%-?%%d+)%%s+([^\30]*)")
        :format(counter))
    if not begin or not number_text then
        gnuplot.stop()
        return nil, "its answer could not be understood", 0
    end
    local errno = tonumber(number_text)
    if errno ~= 0 then return nil, (message:gsub("%s+$", "")), errno end
    return output:sub(begin + 1)
end

-- Does the search path have it? (A file that can be read is taken as a program.)
function gnuplot.installed()
    for folder in (os.getenv("PATH") or "/usr/local/bin:/usr/bin:/bin"):gmatch("[^:]+") do
        local file = io.open(folder .. "/gnuplot", "rb")
        if file then
            file:close()
            return true
        end
    end
    return false
end

gnuplot.seconds = 10 -- that a picture may take
gnuplot.missing = "gnuplot is not installed"
gnuplot.advice = "sudo apt install gnuplot-nox   (windows: gnuplot-qt)"

-- gnuplot's words to ours.
local translations = {
    { "all points [xyz] value undefined",
      "nothing to draw: every value is NaN, infinite, or not above 0 on a logarithmic axis" },
    { "[xyz] range is invalid", "nothing to draw: there are no data points" },
    { "unknown or ambiguous terminal", "this gnuplot cannot write that kind of file" },
    { "[Cc]an't find or cannot? open", "a temporary file could not be read" },
}

local function translated(message)
    for _, pair in ipairs(translations) do
        if message:find(pair[1]) then return pair[2] end
    end
    local text = message:match("line %d+: (.*)") or message
    return "gnuplot says: " .. label.clean(text)
end

local ends = { png = "IEND\xAEB`\x82", svg = "</svg>", pdf = "%%EOF" }

-- The date of a PDF is the only thing that differs between two runs.
local function undated(bytes)
    return (bytes:gsub("(/CreationDate %(D:)%d+", function(head)
        return head .. "20000101000000"
    end, 1))
end

-- The output of a script, or nil and a sentence; a gnuplot that died is started anew once.
local function run_whole(script, seconds)
    local output, message, errno
    for attempt = 1, 2 do
        output, message, errno = gnuplot.run(script, seconds)
        if output or errno ~= 0 then break end
        if attempt == 2 then
            return nil, ("gnuplot stopped twice while drawing (%s)"):format(message)
        end
    end
    if output then return output end
    if errno == -1 then
        if message:find("is not installed", 1, true) then
            return nil, gnuplot.missing .. ": " .. gnuplot.advice
        end
        return nil, message
    end
    return nil, translated(message)
end

-- The bytes of a GIF of completed descriptions, one after the other, or nil and a sentence.
-- options.delays: hundredths of a second that each is seen.
function gnuplot.film(frames, options)
    options = complete_options(frames[1], "gif", options)
    local out = new_writer()
    out:add("reset session")
    out:add(terminals.gif(options))
    for _, full in ipairs(frames) do write_body(out, full, options) end
    out:add("unset output")
    local output, message = run_whole(table.concat(out.parts, "\n") .. "\n",
        gnuplot.seconds + 0.5 * #frames)
    if not output then return nil, message end
    if output:sub(1, 3) ~= "GIF" or output:sub(-1) ~= ";" then
        return nil, #output == 0 and "this gnuplot has no terminal gif" or "the film is not whole"
    end
    return output
end

-- The bytes of a picture of a kind ("png", "svg", "pdf"), or nil and a sentence.
function gnuplot.picture(full, kind, options)
    options = complete_options(full, kind, options)
    local script = table.concat {
        "reset session\n", terminals[kind](options), "\n", body(full, options), "unset output\n",
    }
    local output, message = run_whole(script, gnuplot.seconds)
    if not output then return nil, message end
    local tail = output:sub(-64)
    if not tail:find(ends[kind], 1, true) then
        if #output == 0 then
            return nil, ("this gnuplot has no terminal %s; install gnuplot-nox or gnuplot-qt")
                :format(needed[kind])
        end
        return nil, "gnuplot's picture is not complete"
    end
    return kind == "pdf" and undated(output) or output
end

return gnuplot
