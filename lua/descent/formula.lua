-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Formulas as lines of text: definitions under them, and long ones broken where one would break
-- them by hand.

local terminal = require "descent.terminal"

local formula = {}

local openers = { ["("] = true, ["["] = true, ["{"] = true }
local closers = { [")"] = true, ["]"] = true, ["}"] = true }
local signs = { ["+"] = true, ["−"] = true, ["-"] = true }

-- Where a line may be broken: {position after which, how bad, the cells up to there}. Before a sign
-- between terms is good, after a comma or a product's sign bad, inside brackets worse with each.
local function breaks_of(text)
    local list, depth, cells, position, before = {}, 0, 0, 0, ""
    for piece, size in terminal.pieces(text) do
        if signs[piece] and before == " " then
            list[#list + 1] = { position = position, badness = 10*depth, cells = cells }
        end
        if closers[piece] then depth = depth - 1 end
        position, cells = position + #piece, cells + size
        if openers[piece] then depth = depth + 1 end
        if piece == "·" or piece == "⊙" or piece == "*" or (piece == " " and before == ",") then
            list[#list + 1] = { position = position, badness = 10*depth + 5, cells = cells }
        end
        before = piece
    end
    return list
end

-- The break that leaves the fewest brackets open among those in the line's second half.
local function best_break(text, columns)
    local best
    for _, place in ipairs(breaks_of(text)) do
        if place.cells <= columns and place.cells > columns//3
            and (not best or place.badness <= best.badness) then
            best = place
        end
    end
    return best and best.position
end

-- A formula "name = ..." as lines of at most `columns` cells; what follows the first is set in
-- under its right side.
function formula.wrap(text, columns)
    local lines, indent = {}, 0
    local equals = text:find(" = ", 1, true)
    if equals then indent = math.min(terminal.width(text:sub(1, equals + 2)), columns//3) end
    while terminal.width(text) > columns do
        local position = best_break(text, columns)
        if not position then break end
        lines[#lines + 1] = (text:sub(1, position):gsub(" +$", ""))
        text = (" "):rep(indent) .. text:sub(position + 1):gsub("^ +", "")
    end
    lines[#lines + 1] = text
    return lines
end

-- Formulas ("name = ...") with the definitions {{name =, text =}, ...} below them, as one text.
function formula.lines(formulas, definitions, columns)
    columns = columns or (terminal.is_terminal("output") and terminal.size() or 80)
    local lines = {}
    local function add(text)
        for _, line in ipairs(formula.wrap(text, columns)) do lines[#lines + 1] = line end
    end
    for _, text in ipairs(formulas) do add(text) end
    for i, entry in ipairs(definitions) do
        add(("%s %s = %s"):format(i == 1 and "with" or " and", entry.name, entry.text))
    end
    return table.concat(lines, "\n")
end

return formula
