-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- paper.lua: lesson text on a screen. Paragraphs are filled to the width; lines that are set in by
-- four spaces or more stay as they are (formulas, code, tables) where the screen is wide enough.

local paper = {}

paper.MAXIMUM = 76

-- Cells of UTF-8 text; lesson text holds no wide characters, and of combining ones the tilde only.
function paper.width(text)
    local _, combining = text:gsub("\u{303}", "")
    return (utf8.len(text) or #text) - combining
end

local function fill(words, columns, lines)
    local line, width = nil, 0
    for _, word in ipairs(words) do
        local cells = paper.width(word)
        if line and width + 1 + cells <= columns then
            line, width = line .. " " .. word, width + 1 + cells
        else
            if line then lines[#lines + 1] = line end
            line, width = word, cells
        end
    end
    if line then lines[#lines + 1] = line end
end

local function is_fixed(line) return line:find("^    ") ~= nil end

local FURTHER = 4 -- how much the rest of a broken line is set in

-- A fixed line too wide for the screen is broken between words, first where columns are.
local function break_fixed(line, columns, lines)
    while paper.width(line) > columns do
        local wide, narrow
        for at, blanks in line:gmatch("()(%s+)%f[%S]") do
            local before = line:sub(1, at - 1)
            if before:find("%S") and paper.width(before) <= columns then
                narrow = at
                if #blanks > 2 then wide = at end
            end
        end
        local at = wide or narrow
        if not at then break end
        lines[#lines + 1] = line:sub(1, at - 1)
        line = line:match("^%s*") .. (" "):rep(lines.broken and 0 or FURTHER)
            .. line:sub(at):match("^%s*(.*)$")
        lines.broken = true
    end
    lines.broken = nil
    lines[#lines + 1] = line
end

-- The lines of `text` within `columns` cells (at most 76).
function paper.lines(text, columns)
    columns = math.max(20, math.min(columns or paper.MAXIMUM, paper.MAXIMUM))
    local lines, words = {}, {}
    local function close()
        fill(words, columns, lines)
        words = {}
    end
    for line in (text:gsub("%s+$", "") .. "\n"):gmatch("(.-)\n") do
        if is_fixed(line) or not line:find("%S") then
            close()
            if line:find("%S") then
                break_fixed(line, columns, lines)
            else
                lines[#lines + 1] = ""
            end
        else
            for word in line:gmatch("%S+") do words[#words + 1] = word end
        end
    end
    close()
    return lines
end

function paper.text(text, columns) return table.concat(paper.lines(text, columns), "\n") .. "\n" end

-- "a  first choice", filled, with following lines set in.
function paper.item(mark, text, columns)
    local lines = paper.lines(text, math.min(columns or paper.MAXIMUM, paper.MAXIMUM) - 5)
    for i, line in ipairs(lines) do
        lines[i] = (i == 1 and "  " .. mark .. "  " or "     ") .. line
    end
    return table.concat(lines, "\n") .. "\n"
end

function paper.letter(i) return string.char(96 + i) end

local ASCII = {
    ["φ"] = "phi", ["α"] = "alpha", ["β"] = "beta", ["γ"] = "gamma", ["ε"] = "epsilon",
    ["λ"] = "lambda", ["σ"] = "sigma", ["θ"] = "theta", ["∂"] = "d", ["∇"] = "grad ",
    ["Σ"] = "sum ", ["√"] = "sqrt", ["·"] = "*", ["×"] = "x", ["−"] = "-", ["–"] = "-",
    ["²"] = "^2", ["³"] = "^3", ["ᵢ"] = "_i", ["ⁱ"] = "^i", ["≤"] = "<=", ["≥"] = ">=",
    ["≠"] = "!=",
    ["≈"] = "~", ["←"] = "<-", ["→"] = "->", ["…"] = "...", ["°"] = " degrees", ["½"] = "1/2",
    ["ᵀ"] = "^T", ["⁻"] = "^-", ["¹"] = "^1", ["ᵗ"] = "^t", ["⁰"] = "^0", ["⁴"] = "^4",
    ["ⁿ"] = "^n",
    ["μ"] = "mu", ["π"] = "pi", ["Δ"] = "delta ", ["∞"] = "infinity", ["‖"] = "|", ["ₜ"] = "_t",
    ["⊙"] = ".*", ["ₙ"] = "_n", ["ₖ"] = "_k", ["\u{303}"] = "~", ["ṽ"] = "v~",
    ["δ"] = "delta", ["τ"] = "tau",
}
for digit = 0, 9 do ASCII[utf8.char(0x2080 + digit)] = tostring(digit) end

-- For terminals without Unicode.
function paper.ascii(text)
    return (text:gsub(utf8.charpattern, function(character)
        if #character > 1 then return ASCII[character] or "?" end
    end))
end

return paper
