-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Labels are plain Unicode text in a description; subscripts and powers are the Unicode characters.
-- A backend sets them in its own way, everything else in a label is literal.

local core = require "descent.core"

local label = {}

local greek = {
    alpha = "α", beta = "β", gamma = "γ", delta = "δ", epsilon = "ε", zeta = "ζ", eta = "η",
    theta = "θ", kappa = "κ", lambda = "λ", mu = "μ", nu = "ν", xi = "ξ", pi = "π", rho = "ρ",
    sigma = "σ", tau = "τ", phi = "φ", chi = "χ", psi = "ψ", omega = "ω",
}

label.subscripts = {
    ["₀"] = "0", ["₁"] = "1", ["₂"] = "2", ["₃"] = "3", ["₄"] = "4", ["₅"] = "5", ["₆"] = "6",
    ["₇"] = "7", ["₈"] = "8", ["₉"] = "9",
}
label.superscripts = {
    ["⁰"] = "0", ["¹"] = "1", ["²"] = "2", ["³"] = "3", ["⁴"] = "4", ["⁵"] = "5", ["⁶"] = "6",
    ["⁷"] = "7", ["⁸"] = "8", ["⁹"] = "9", ["⁻"] = "−",
}

local raised = {}
for character, plain in pairs(label.superscripts) do raised[plain] = character end
raised["-"] = raised["−"]

-- "phi0" -> "φ₀", "W[3,1]" as it is.
function label.symbol(name) return core.symbol_text(name, false) end

local plain_names = {
    ["−"] = "-", ["·"] = "*", ["×"] = "x", ["…"] = "...", ["–"] = "-", ["—"] = "-", ["≤"] = "<=",
    ["≥"] = ">=", ["≠"] = "!=", ["∂"] = "d", ["√"] = "sqrt", ["∞"] = "inf", ["±"] = "+-",
    ["←"] = "<-", ["→"] = "->", ["‘"] = "'", ["’"] = "'", ["“"] = '"', ["”"] = '"', ["ℓ"] = "l",
    ["ϕ"] = "phi", ["Σ"] = "Sum", ["ä"] = "ae", ["ö"] = "oe", ["ü"] = "ue", ["ß"] = "ss",
    ["\u{303}"] = "~", ["\u{302}"] = "^", ["\u{304}"] = "",
}
for name, character in pairs(greek) do plain_names[character] = name end
for character, plain in pairs(label.subscripts) do plain_names[character] = plain end

-- The text in ASCII alone: φ₀ -> phi0, 3·10⁻³ -> 3e-3.
function label.ascii(text)
    if not text:find("[\128-\255]") then return text end
    local parts, power = {}, false
    for character in text:gmatch("[%z\1-\127\194-\244][\128-\191]*") do
        local raised_one = label.superscripts[character]
        if raised_one then
            parts[#parts + 1] = (power and "" or "^") .. (raised_one == "−" and "-" or raised_one)
        elseif #character == 1 then
            parts[#parts + 1] = character
        else
            parts[#parts + 1] = plain_names[character] or "?"
        end
        power = raised_one ~= nil
    end
    return (table.concat(parts):gsub("%*10%^(%-?%d+)", "e%1"):gsub("%f[%d]10%^(%-?%d+)", "1e%1"))
end

-- Valid UTF-8 without control characters: what is wrong becomes U+FFFD, a tab a space.
function label.clean(text, keep_lines)
    text = tostring(text):gsub("\r\n?", "\n"):gsub("\t", " ")
    if not keep_lines then text = text:gsub("\n", " ") end
    text = text:gsub("[%z\1-\9\11-\31\127]", "\u{FFFD}")
    if utf8.len(text) then return text end
    local parts, position = {}, 1
    while position <= #text do
        local character = text:match("^" .. utf8.charpattern, position)
        if character and utf8.len(character) then
            parts[#parts + 1] = character
            position = position + #character
        else
            parts[#parts + 1] = "\u{FFFD}"
            position = position + 1
        end
    end
    return table.concat(parts)
end

-- A number for a title or a sentence: at most `digits` significant ones (4), a true minus sign, and
-- powers of ten as such.
function label.number(value, digits)
    if value ~= value then return "NaN" end
    if value == math.huge then return "∞" end
    if value == -math.huge then return "−∞" end
    digits = digits or 4
    local size = math.abs(value)
    local text = (size >= 10.0 ^ digits and size < 1e7 and "%.0f" or "%." .. digits .. "g")
        :format(value + 0.0)
    if text == "-0" then text = "0" end
    local mantissa, power = text:match("^(.-)e(.*)$")
    if mantissa then
        local exponent = tostring(math.tointeger(tonumber(power))):gsub("[-%d]", raised)
        if mantissa == "1" or mantissa == "-1" then
            text = mantissa:gsub("1", "10") .. exponent
        else
            text = mantissa .. "·10" .. exponent
        end
    end
    return (text:gsub("^%-", "−"))
end

-- 10^k as tick labels have it: 0.001, 100, 10⁻⁷; with `short` always as a power.
function label.power(exponent, short)
    if exponent == 0 or not short and exponent >= -4 and exponent <= 5 then
        return ("%.10g"):format(10.0 ^ exponent)
    end
    return "10" .. tostring(exponent):gsub("[-%d]", raised)
end

function label.integer(value)
    local text = tostring(math.tointeger(value) or value)
    local head, tail = text:match("^(%-?%d+)(.*)$")
    if not head or #head < 5 then return text end
    local grouped = head:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^(%-?),", "%1")
    return grouped .. tail
end

return label
