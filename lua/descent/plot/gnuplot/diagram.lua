-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A graph as a picture: a box for each node, arrows between them. The axes count pixels.

local terminal = require "descent.terminal"
local words = require "descent.plot.gnuplot.words"

local diagram = {}

-- In heights of a letter.
local LETTER = 0.62 -- the width of one
local LINE, PAD = 1.5, 0.9
local ROW = 7.2     -- from a node to the next below it
local GAP = 4.5     -- between columns

-- The widths of the columns, and the size of the whole, for letters of 1 pixel.
local function measure(layout)
    local widths, total = {}, 0
    for k, column in ipairs(layout.columns) do
        local most = 0
        for _, slot in ipairs(column) do
            local node = slot.node
            for _, text in ipairs(node and { node.text, node.value, node.gradient } or {}) do
                most = math.max(most, terminal.width(text))
            end
        end
        widths[k] = most > 0 and most * LETTER + 2 * PAD or 0
        total = total + widths[k]
    end
    return widths, total + GAP * (#layout.columns - 1), layout.height * ROW + 3 * LINE + 2 * PAD
end

-- The size in pixels that suits it with letters of `font` pixels.
function diagram.size(given, font)
    local _, wide, high = measure(given.layout)
    return { math.ceil(math.max(640, (wide + 4) * font)),
             math.ceil(math.max(240, (high + 9) * font)) }
end

local function place(number) return ("%.1f"):format(number) end

function diagram.draw(out, panel, look, box, options)
    local layout = panel.diagram.layout
    local widths, wide, high = measure(layout)
    local pixels = options.font_size * 4 / 3 -- the height of a letter
    local scale = math.min(1, box.inner_wide / (wide * pixels), (box.inner_high - 2 * pixels)
        / (high * pixels))
    local letter = pixels * scale
    local font = (" font ',%.3g'"):format(options.font_size * look.font * scale)
    local function colour(k) return words.colour(look.lines[k]) end
    local text = words.colour(look.text)

    local lefts, at = {}, (box.inner_wide - wide * letter) / 2
    for k, width in ipairs(widths) do
        lefts[k] = at
        at = at + (width + GAP) * letter
    end
    local half = (1.5 * LINE + PAD) * letter
    local top = (box.inner_high - 2 * pixels + high * letter) / 2 - half
    local function middle(slot) return top - slot.y * ROW * letter end

    out:add("set xrange [0:%s]; set yrange [0:%s]", place(box.inner_wide), place(box.inner_high))
    out:add("unset xtics; unset ytics; unset border; unset grid; unset key; unset xlabel")
    out:add("unset ylabel; unset logscale x; unset logscale y")
    local count = 100
    local function write(string, x, y, how)
        count = count + 1
        out:add("set label %d %s at %s,%s %s front%s", count, words.text(string), place(x),
            place(y), how, font)
    end
    local parts = { { "in each node: what it is,", text }, { "its value,", colour(3) },
                    { panel.diagram.gradient, colour(2) } }
    local cells = 0
    for _, part in ipairs(parts) do cells = cells + terminal.width(part[1]) + 1 end
    local x = box.inner_wide / 2 - cells * LETTER * letter / 2
    for _, part in ipairs(parts) do
        write(part[1], x, box.inner_high - 0.4 * pixels, "left tc rgb " .. part[2])
        x = x + (terminal.width(part[1]) + 1) * 0.8 * LETTER * letter
    end
    for _, column in ipairs(layout.columns) do
        for _, slot in ipairs(column) do
            local node, centre = slot.node, middle(slot)
            if node then
                local left = lefts[slot.column]
                count = count + 1
                out:add("set object %d rectangle from %s,%s to %s,%s fillstyle solid 1 border rgb "
                    .. "%s fillcolor rgb %s", count, place(left), place(centre - half),
                    place(left + widths[slot.column] * letter), place(centre + half),
                    words.colour(#node.arguments == 0 and look.edge or look.text),
                    words.colour(look.grid))
                for k, part in ipairs { { node.text, text }, { node.value, colour(3) },
                                        { node.gradient, colour(2) } } do
                    write(part[1], left + PAD * letter, centre + (2 - k) * LINE * letter,
                        "left tc rgb " .. part[2])
                end
            end
        end
    end
    -- An arrow ends in the last piece; where a line passes a column it goes straight.
    local xs, ys, dx, dy, line_x, line_y = {}, {}, {}, {}, {}, {}
    for _, edge in ipairs(layout.edges) do
        local x1, y1 = lefts[edge[1].column] + widths[edge[1].column] * letter, middle(edge[1])
        for k = 2, #edge do
            local slot = edge[k]
            local x2, y2 = lefts[slot.column], middle(slot)
            if k == #edge then
                local n = #xs + 1
                xs[n], ys[n], dx[n], dy[n] = x1, y1, x2 - x1, y2 - y1
            else
                local behind = x2 + widths[slot.column] * letter
                local n = #line_x
                line_x[n + 1], line_x[n + 2], line_x[n + 3] = x1, x2, behind
                line_y[n + 1], line_y[n + 2], line_y[n + 3] = y1, y2, y2
                line_x[n + 4], line_y[n + 4] = 0 / 0, 0 / 0 -- ends the line
                x1, y1 = behind, y2
            end
        end
    end
    local edge = words.colour(look.edge)
    local commands = {}
    if #line_x > 0 then
        commands[1] = ("%s using 1:2 with lines lw 1.5 lc rgb %s notitle"):format(
            out:columns(line_x, line_y), edge)
    end
    if #xs > 0 then
        commands[#commands + 1] = ("%s using 1:2:3:4 with vectors size %s,20 filled lw 1.5 lc rgb "
            .. "%s notitle"):format(out:columns(xs, ys, dx, dy), place(0.8 * letter), edge)
    end
    if #commands == 0 then commands[1] = "NaN notitle" end
    out:add("plot %s", table.concat(commands, ", \\\n     "))
end

return diagram
