-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A graph in characters: each node three lines behind a bracket (what it is, its value, its
-- gradient), lines of dots between them. Where that has no room, a row for each node.

local canvases = require "descent.plot.text.canvas"
local graph = require "descent.graph"
local styles = require "descent.plot.text.style"
local terminal = require "descent.terminal"

local ROWS = 4       -- from a node to the next below it: three lines and a gap
local GAP = 5        -- columns between nodes, at least
local WIDEST_GAP = 12

local brackets = {
    unicode = { "╭", "│", "╰", "→" }, ascii = { "/", "|", "\\", ">" },
}

-- Column and width of each column of nodes, or nil where they do not fit.
local function measure(layout, columns, style)
    local widths, total = {}, 0
    for k, column in ipairs(layout.columns) do
        widths[k] = 0
        for _, slot in ipairs(column) do
            local node = slot.node
            for _, text in ipairs(node and { node.text, node.value, node.gradient } or {}) do
                widths[k] = math.max(widths[k], 2 + terminal.width(style.plain(text)))
            end
        end
        total = total + widths[k]
    end
    local count = #layout.columns
    local gap = count > 1 and math.min(WIDEST_GAP, (columns - total) // (count - 1)) or GAP
    if gap < GAP then return nil end
    local lefts, at = {}, (columns - total - gap * (count - 1)) // 2
    for k = 1, count do
        lefts[k] = at
        at = at + widths[k] + gap
    end
    return lefts, widths
end

local function colours(style)
    return styles.foreground(style, styles.diagram(style).value),
        styles.foreground(style, styles.diagram(style).gradient)
end

local function draw_boxes(target, top, left, diagram, columns, rows, style)
    local layout = diagram.layout
    local needed = math.floor(layout.height * ROWS + 0.5) + 3
    if needed > rows then return false end
    local lefts, widths = measure(layout, columns, style)
    if not lefts then return false end
    local first = (rows - needed) // 2
    local function middle(slot) return first + math.floor(slot.y * ROWS + 0.5) + 1 end
    local canvas = canvases.new(columns, rows, style)
    local signs = style.unicode and brackets.unicode or brackets.ascii
    local quiet = styles.quiet(style)
    local how = { ink = quiet, glyph = "." }
    for _, edge in ipairs(layout.edges) do
        local x, y
        for k, slot in ipairs(edge) do
            local next_x, next_y = lefts[slot.column], middle(slot) + 0.5
            if k > 1 then
                if k == #edge then next_x = next_x - 1 end
                canvases.draw_line(canvas, x, y, next_x, next_y, how, 0)
            end
            x, y = lefts[slot.column] + widths[slot.column], next_y
            if slot.node then
                -- From the end of the node's own middle line.
                x = lefts[slot.column] + 2 + terminal.width(style.plain(slot.node.value))
                    + 0.5
            else
                canvases.draw_line(canvas, next_x, next_y, x, y, how, 0)
            end
        end
        local last = edge[#edge]
        canvases.put_glyph(canvas, lefts[last.column] - 1, middle(last), signs[4], quiet)
    end
    canvases.show(canvas, target, top, left)
    local value_ink, gradient_ink = colours(style)
    for _, column in ipairs(layout.columns) do
        for _, slot in ipairs(column) do
            if slot.node then
                local row, at = top + middle(slot), left + lefts[slot.column]
                for k, part in ipairs { { slot.node.text }, { slot.node.value, value_ink },
                                        { slot.node.gradient, gradient_ink } } do
                    target:write(row + k - 2, at, signs[k], quiet)
                    target:write(row + k - 2, at + 1, " " .. style.plain(part[1]), part[2])
                end
            end
        end
    end
    return true
end

-- What the lines of a node are.
local function write_legend(target, row, left, diagram, columns, style)
    local value_ink, gradient_ink = colours(style)
    local parts = { { "in each node: what it is, " }, { "its value", value_ink }, { ", " },
                    { style.plain(diagram.gradient), gradient_ink } }
    local width = 0
    for _, part in ipairs(parts) do width = width + terminal.width(part[1]) end
    local at = left + math.max(0, (columns - width) // 2)
    for _, part in ipairs(parts) do at = target:write(row, at, part[1], part[2]) end
end

-- Draws into the rows from `top` on; false where not even a table has room.
return function(target, top, left, diagram, columns, rows, style)
    if rows < 3 then return false end
    if draw_boxes(target, top + 2, left, diagram, columns, rows - 2, style) then
        write_legend(target, top, left, diagram, columns, style)
        return true
    end
    local lines = graph.lines(diagram.graph, columns, style.unicode)
    local shown = math.min(#lines, rows)
    for i = 1, shown do
        local line = lines[i]
        if i == shown and #lines > rows then
            line = ("... %d more; plot.save draws them all"):format(#lines - shown + 1)
        end
        target:write(top + i - 1, left, terminal.clip(line, columns, style.unicode))
    end
    return true
end
