-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The characters and colours of the text backend.

local theme = require "descent.plot.theme"

local styles = {}

local TRUE_COLOUR = 1 << 24

styles.unicode = {
    markers = { "●", "■", "▲", "◆", "▼", "★" },
    path_markers = { "◆", "■", "▲", "▼", "★", "◉" }, -- none like the disc at the end
    rule = "━", dash = "╍", thin = "┈", start = "□", finish = "●",
    ramp = { " ", "░", "▒", "▓", "█" }, vertical = "│", tick = "┤", corner = "└", horizontal = "─",
    tick_below = "┬", bar = "█", fills = { "█", "▒", "░", "▓" }, band = "░", segment = "│",
    heads = { "→", "↗", "↑", "↖", "←", "↙", "↓", "↘" },
}
styles.ascii = {
    markers = { "o", "#", "^", "%", "v", "x" }, rule = "-", dash = "-", thin = ".",
    start = "S", finish = "E",
    ramp = { " ", ".", ":", "-", "=", "+", "*", "#", "%", "@" }, vertical = "|", tick = "+",
    corner = "+", horizontal = "-", tick_below = "+", bar = "#", fills = { "#", ":", "=", "%" },
    band = ":", segment = "|",
    heads = { ">", "/", "^", "\\", "<", "/", "v", "\\" },
}
-- Without braille a line is drawn with a character of its own; letters stand out on a surface.
styles.ascii_lines = { "*", "+", "x", "=", "~", "%" }
styles.ascii_paths = { "a", "b", "c", "d", "e", "f" }

-- Grey steps of a plain 16-colour terminal, dark to light: foreground, background, shade.
styles.grey16 = {}
for _, step in ipairs { { "90", "40" }, { "37", "100" }, { "97", "47" } } do
    for _, shade in ipairs { " ", "░", "▒", "▓" } do
        styles.grey16[#styles.grey16 + 1] = { shade, step[1], step[2] }
    end
end
styles.grey16[#styles.grey16 + 1] = { " ", "97", "107" }

-- --- colours -----------------------------------------------------------------------------------

function styles.foreground(style, colour)
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
function styles.quiet(style)
    if style.colours >= 256 then return style.ground == "light" and "38;5;244" or "38;5;246" end
end

-- The background for a share of the palette; darkened where a path crosses.
function styles.image_ground(style, share, dark)
    if style.colours >= TRUE_COLOUR then
        local colour = theme.shade(style.palette, share)
        if dark then colour = theme.mix(colour, 0, 0.5) end
        return ("2;%d;%d;%d"):format(theme.split(colour))
    end
    return "5;" .. theme.grey256(dark and share * 0.45 or share)
end

function styles.line_colour(style, layer, path)
    local look = theme[style.ground]
    local colour = path and theme.paths[layer.colour] or look.lines[layer.colour]
    if layer.thin and style.colours >= 256 then colour = theme.mix(colour, look.ground, 0.45) end
    return styles.foreground(style, colour)
end

-- Without colours several bars at a place are told apart by what fills them.
function styles.bar_glyph(style, layer)
    if style.colours > 0 then return style.glyphs.bar end
    return style.glyphs.fills[(layer.colour - 1) % #style.glyphs.fills + 1]
end

-- The colours of what stands in the nodes of a diagram.
function styles.diagram(style)
    local lines = theme[style.ground].lines
    return { value = lines[3], gradient = lines[2] }
end

-- Behind the samples of paths: some of their colours would not show on a light ground.
function styles.dark_ground(style)
    if style.ground ~= "light" or style.colours == 0 then return nil end
    return style.colours >= TRUE_COLOUR and "48;2;42;20;16" or style.colours >= 256 and "48;5;232"
        or "40"
end

return styles
