-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The backend that draws with characters: braille dots for lines, half blocks for surfaces, own
-- axes. It needs no other program; without colours everything is told apart by its marker.

local canvases = require "descent.plot.text.canvas"
local description = require "descent.plot.description"
local draw_diagram = require "descent.plot.text.diagram"
local label = require "descent.plot.label"
local layers = require "descent.plot.text.layers"
local legends = require "descent.plot.text.legend"
local screen = require "descent.plot.screen"
local styles = require "descent.plot.text.style"
local surface = require "descent.plot.text.surface"
local terminal = require "descent.terminal"
local ticks = require "descent.plot.ticks"
local theme = require "descent.plot.theme"

local text = {}

local floor, max, min = math.floor, math.max, math.min

text.least_columns, text.least_rows = 30, 8
local PANEL_COLUMNS = 36 -- a narrower panel does not stand beside another
local LEAST_HEIGHT = 10 -- rows of a panel below another
local GAP = 2            -- between panels

-- Ticks below an axis: as many as stand apart. Returns them with `column` (of the tick) and `from`.
local function ticks_across(axis, columns, room_left, room_right, style)
    local to_x = canvases.scaler(axis, columns)
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
    local to_y = canvases.scaler(axis, rows, true)
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
    if panel.diagram then
        local row = top
        for _, line in ipairs(title_lines(panel.title)) do
            local title = terminal.clip(style.plain(line), columns, style.unicode)
            target:write(row, left + (columns - terminal.width(title)) // 2, title)
            row = row + 1
        end
        return draw_diagram(target, row, left, panel.diagram, columns, top + rows - row, style)
    end
    count_layers(panel)
    local plain, glyphs = style.plain, style.glyphs
    local y_label = plain(panel.y.label)
    local y_width = terminal.width(y_label)

    -- The heights: title, legend, area, axis, tick labels, name of the axis.
    local titles = title_lines(panel.title)
    if panel.note then titles[#titles + 1] = panel.note end
    local entries = legends.entries(panel, style)
    local beside = y_width > 0 and y_width + 3 or 0
    local legend = legends.rows(entries, columns, columns - beside, style)
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
    local canvas = canvases.new(area_columns, area_rows, style)
    local to_x = canvases.scaler(panel.x, area_columns)
    local to_y = canvases.scaler(panel.y, area_rows, true)
    if panel.image then surface.sample(canvas, panel) end
    for _, passes in ipairs { layers.strokes, layers.marks } do
        for _, layer in ipairs(panel.layers) do
            local draw = passes[layer.kind]
            if draw then draw(canvas, layer, to_x, to_y, style, panel) end
        end
    end
    layers.draw_ends(canvas, panel, to_x, to_y, style)
    canvases.show(canvas, target, row, x0)

    -- The axes.
    local frame = styles.quiet(style)
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
            local key, key_width = surface.key(panel, style, columns - margin - width - 3)
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
        glyphs = options.unicode and styles.unicode or styles.ascii,
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
    -- Panels that cannot stand beside each other go below each other: two of them still fit into 24
    -- rows, more take as long as they need.
    if panel_rows > 1 and height < LEAST_HEIGHT then height = max(LEAST_HEIGHT, min(rows, 18)) end
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
