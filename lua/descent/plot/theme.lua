-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Colours. The lines are Okabe and Ito's, told apart by colour-blind eyes too; each also has a
-- marker. Every palette grows from dark to light.

local theme = {}

theme.dark = {
    name = "dark", ground = 0x101418, text = 0xD8DEE4, grid = 0x2C343C, edge = 0x6A747E,
    lines = { 0x56B4E9, 0xE69F00, 0x2BC497, 0xD98CBF, 0xF0E442, 0xF07A3C },
}
theme.light = {
    name = "light", ground = 0xFFFFFF, text = 0x24292F, grid = 0xDDE2E7, edge = 0x8A929A,
    lines = { 0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9 },
}
-- On a surface, always with a black edge.
theme.paths = { 0x56B4E9, 0xF0E442, 0x2BC497, 0xFFFFFF, 0xD98CBF, 0xF07A3C }

theme.palettes = {
    udl = { 0x2A0902, 0x51211C, 0x7B3E32, 0xA6604E, 0xC9836B, 0xE3A488, 0xF6C7A8, 0xFFF4D5 },
    cividis = { 0x00224E, 0x1D3B6D, 0x434E6C, 0x61656F, 0x7D7C78, 0x9B9476, 0xBCAF6F, 0xFEE838 },
    viridis = { 0x440154, 0x46327E, 0x365C8D, 0x277F8E, 0x1FA187, 0x4AC16D, 0xA0DA39, 0xFDE725 },
    gray = { 0x0E0E0E, 0x2E2E2E, 0x4E4E4E, 0x6F6F6F, 0x929292, 0xB5B5B5, 0xD9D9D9, 0xFDFDFD },
}

function theme.split(colour)
    return colour >> 16 & 255, colour >> 8 & 255, colour & 255
end

-- Between two colours: share 0 is the first.
function theme.mix(a, b, share)
    local function part(shift)
        local x, y = a >> shift & 255, b >> shift & 255
        return math.floor(x + (y - x) * share + 0.5) << shift
    end
    return part(16) | part(8) | part(0)
end

-- The colour of a palette at 0 to 1.
function theme.shade(palette, at)
    local place = math.max(0, math.min(1, at)) * (#palette - 1)
    local low = math.min(math.floor(place), #palette - 2)
    return theme.mix(palette[low + 1], palette[low + 2], place - low)
end

-- Of the 256 colours: the grey of this lightness (0 to 1), and the nearest of the 6×6×6 cube.
function theme.grey256(lightness)
    return 232 + math.floor(math.max(0, math.min(1, lightness)) * 23 + 0.5)
end

local steps = { 0, 95, 135, 175, 215, 255 }
local function nearest_step(value)
    local best, distance = 1, 999
    for i, step in ipairs(steps) do
        if math.abs(step - value) < distance then best, distance = i, math.abs(step - value) end
    end
    return best - 1
end
function theme.cube256(colour)
    local r, g, b = theme.split(colour)
    return 16 + 36 * nearest_step(r) + 6 * nearest_step(g) + nearest_step(b)
end

-- Of the 16 colours of a plain terminal, by hue: the bright half on a dark ground.
local plain = {
    [0x56B4E9] = 6, [0xE69F00] = 3, [0x2BC497] = 2, [0xD98CBF] = 5, [0xF0E442] = 3, [0xF07A3C] = 1,
    [0x0072B2] = 4, [0xD55E00] = 1, [0x009E73] = 2, [0xCC79A7] = 5, [0xFFFFFF] = 7,
}
function theme.plain16(colour, ground)
    local index = plain[colour] or 7
    return ground == "light" and index or index + 8
end

return theme
