-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The legend of a panel: what its entries are, and how they go into lines.

local styles = require "descent.plot.text.style"
local terminal = require "descent.terminal"

local legends = {}

-- A list of entries, each a list of {text, ink, ground}.
function legends.entries(panel, style)
    local entries, glyphs = {}, style.glyphs
    local has_path, moved
    for _, layer in ipairs(panel.layers) do
        local as_path = layer.kind == "path"
            or (layer.kind == "arrows" or layer.kind == "points") and panel.image
        local ink = layer.colour and styles.line_colour(style, layer, as_path)
        local sample
        if layer.kind == "path" then
            has_path = true
            moved = moved or layer.count > 1
            sample = not style.unicode and styles.ascii_paths[layer.colour]:rep(2)
                or panel.paths > 1
                    and glyphs.rule .. glyphs.path_markers[layer.marker] .. glyphs.rule
                or glyphs.rule:rep(2)
        elseif layer.kind == "line" then
            sample = not style.unicode
                and (layer.thin and ".." or styles.ascii_lines[layer.colour]:rep(2))
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
            sample = styles.bar_glyph(style, layer)
        elseif layer.kind == "band" then
            sample = glyphs.band:rep(2)
        end
        if layer.label and layer.label ~= "" and sample then
            entries[#entries + 1] = {
                { sample, ink, as_path and styles.dark_ground(style) or nil },
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
function legends.rows(entries, columns, first_columns, style)
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

return legends
