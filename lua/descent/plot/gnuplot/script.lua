-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A completed description as the commands that draw it: the places of its panels, their axes,
-- surfaces and legends.

local description = require "descent.plot.description"
local add_landscape = require "descent.plot.gnuplot.landscape"
local diagram = require "descent.plot.gnuplot.diagram"
local layers = require "descent.plot.gnuplot.layers"
local terminal = require "descent.terminal"
local theme = require "descent.plot.theme"
local ticks = require "descent.plot.ticks"
local words = require "descent.plot.gnuplot.words"
local writer = require "descent.plot.gnuplot.writer"

local script = {}

local finite = description.finite

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
                if layer.kind == "bars" and y2 then
                    local half = (layer.width or 0.8) / 2
                    local left = share(panel.x, layer.x[i] - half) or 0
                    local right = share(panel.x, layer.x[i] + half) or 1
                    along(left, y, left, y2)
                    along(right, y, right, y2)
                    along(left, y, right, y)
                end
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

local function add_theme(out, look)
    local text, grid = words.colour(look.text), words.colour(look.grid)
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
        stops[i] = ("%d %s"):format(i - 1, words.colour(colour))
    end
    out:add("set palette defined (%s)", table.concat(stops, ", "))
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
    out:add("set %slabel %s", name, axis.label ~= "" and words.text(axis.label) or "''")
    out:add("%s logscale %s", axis.log and "set" or "unset", name)
    out:add("set %srange [%s:%s]", name, words.number(axis.range[1], 15),
        words.number(axis.range[2], 15))
    local list = words.ticks(axis, most)
    out:add(list == "()" and "unset %stics" or "set %stics %s", name, list)
    if axis.log then
        out:add("set m%stics 10", name)
    else
        out:add("unset m%stics", name)
    end
end

-- Contour lines between the bands; every second or third where they would stand too near.
local function contour_levels(image, box, apart)
    local levels, list = description.levels(image), {}
    local step = image.levels and 1 or math.max(1, math.ceil(#levels * apart / box.inner_high))
    for i = step, #levels, step do list[#list + 1] = levels[i] end
    return list
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
    if panel.diagram then
        out:add("set title %s", panel.title and panel.title ~= "" and words.text(panel.title)
            or "''")
        return diagram.draw(out, panel, look, box, options)
    end
    out:add("set tics %s", panel.image and not panel.view and "front" or "back")
    out:add("set title %s", panel.title and panel.title ~= "" and words.text(panel.title) or "''")
    add_axis(out, "x", panel.x, ticks_across(panel.x, box.inner_wide, options.unit))
    add_axis(out, "y", panel.y, ticks_up(box.inner_high, options.unit))

    local commands = {}
    local image = panel.image
    if panel.view then return add_landscape(out, panel, look, box) end
    if image then
        local block = out:image(image)
        local low, high = words.number(image.low, 15), words.number(image.high, 15)
        out:add("set palette maxcolors %d", image.bands)
        out:add("set cbrange [%s:%s]", low, high)
        out:add("%s logscale cb", image.log and "set" or "unset")
        out:add("set cblabel %s offset 1,0", image.label ~= "" and words.text(image.label) or "''")
        out:add(image.key == false and "unset colorbox" or "set colorbox noborder")
        out:add("set cbtics %s", words.ticks({ range = { image.low, image.high }, log = image.log },
            ticks_up(box.inner_high, options.unit)))
        local levels = image.contours
            and contour_levels(image, box, options.contours_apart or 20) or {}
        local contours = #levels > 0 and out:contours(image, levels, panel)
        out:add("set border 15; unset grid")
        commands[1] = ("%s %s with image notitle"):format(block, writer.matrix)
        if contours then
            commands[2] = ("%s using 1:2 with lines %s notitle"):format(contours,
                image.levels and "lw 2.5 lc rgb '#000000'" or "lw 0.8 lc rgb '#a0000000'")
        end
    else
        out:add("set border 3; set grid x y%s%s back lc rgb %s lw 1 lt 1 dt 1",
            panel.x.log and " mx" or "", panel.y.log and " my" or "", words.colour(look.grid))
    end
    for _, layer in ipairs(panel.layers) do
        for _, command in ipairs(layers.drawers[layer.kind](out, layer, panel, look)) do
            commands[#commands + 1] = command
        end
    end
    layers.add_ends(out, panel, commands, look)

    if box.entries == 0 then
        out:add("unset key")
    elseif box.corner then
        out:add("set key inside %s vertical Left reverse nobox opaque fc rgb %s tc rgb %s samplen "
            .. "2 spacing 1.15 maxrows 10", box.corner, words.colour(look.ground),
            words.colour(look.text))
    else
        -- White samples would not show on a white key.
        out:add("set key at screen %.4f,%.4f center bottom vertical Left reverse nobox opaque fc "
            .. "rgb %s tc rgb %s samplen 2 spacing 1.1 width 1 height 0.4 maxrows %d",
            (box.left + box.right) / 2, box.bottom + 8 / options.size[2],
            image and "'#2a1410'" or words.colour(look.ground),
            image and "'#f4e6da'" or words.colour(look.text), box.key_rows)
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
    if panel.diagram then
        box.entries, box.before, box.behind, box.below = 0, unit, unit, unit
        box.above = (panel.title and 1.9 + 1.1 * line_count(panel.title) or 1) * unit
        box.inner_wide = box.wide - 2 * unit
        return box
    end
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
function script.write(out, full, options)
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
            words.text(title), words.colour(look.text), (options.font_size + 2) * look.font) or "")
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
        if i > 1 and full.panels[i - 1].view then out:add("unset contour; unset pm3d") end
        add_panel(out, panel, look, box, options)
    end
    if count > 1 or title then out:add("unset multiplot") end
end

function script.text(full, options)
    local out = writer.new()
    out:next_frame()
    script.write(out, full, options)
    return out:text()
end

return script
