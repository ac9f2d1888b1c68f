-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The small expressions in which rules state their terms ("beta*m_before + (1 - beta)*g"): read
-- into a tree, and written with symbols or with numbers put in.
--
-- A tree is {kind, ...}: {"number", text}, {"name", name}, {"negative", a}, {"call", name, a, ...},
-- and {"+"|"-"|"*"|"/"|"^", a, b}.

local terminal = require "descent.terminal"

local equation = {}

-- --- reading -----------------------------------------------------------------------------------

local binding = { ["+"] = 1, ["-"] = 1, ["*"] = 2, ["/"] = 2, ["^"] = 4 }
local NEGATIVE = 3 -- unary minus binds between product and power, as in Lua

local function tokens_of(text)
    local list, position = {}, 1
    while true do
        position = text:find("%S", position)
        if not position then return list end
        local token = text:match("^[%a_][%w_]*", position) or text:match("^%d+%.?%d*", position)
            or text:match("^[-+*/^(),]", position)
        if not token then
            error(("cannot read %q in the equation %q"):format(text:sub(position), text), 0)
        end
        list[#list + 1] = token
        position = position + #token
    end
end

-- The tree of an expression.
function equation.parse(text)
    local tokens, at = tokens_of(text), 1
    local expression

    local function expect(token)
        if tokens[at] ~= token then
            error(("%q is expected in the equation %q"):format(token, text), 0)
        end
        at = at + 1
    end

    local function atom()
        local token = tokens[at]
        at = at + 1
        if token == "(" then
            local inner = expression(0)
            expect(")")
            return inner
        elseif token == "-" then
            return { "negative", expression(NEGATIVE) }
        elseif token and token:find("^%d") then
            return { "number", token }
        elseif token and token:find("^[%a_]") then
            if tokens[at] ~= "(" then return { "name", token } end
            local call = { "call", token }
            repeat
                at = at + 1
                call[#call + 1] = expression(0)
            until tokens[at] ~= ","
            expect(")")
            return call
        end
        error(("the equation %q ends too early"):format(text), 0)
    end

    -- An expression of operators that bind tighter than `least`; only ^ binds to the right.
    function expression(least)
        local left = atom()
        while true do
            local operator = tokens[at]
            local strength = operator and binding[operator]
            if not strength or strength <= least then return left end
            at = at + 1
            local right = expression(operator == "^" and strength - 1 or strength)
            left = { operator, left, right }
        end
    end

    local tree = expression(0)
    if tokens[at] then error(("%q is too much in the equation %q"):format(tokens[at], text), 0) end
    return tree
end

-- --- writing -----------------------------------------------------------------------------------

local superscripts = {
    ["0"] = "⁰", ["1"] = "¹", ["2"] = "²", ["3"] = "³", ["4"] = "⁴", ["5"] = "⁵", ["6"] = "⁶",
    ["7"] = "⁷", ["8"] = "⁸", ["9"] = "⁹", t = "ᵗ",
}
local subscripts = {
    ["0"] = "₀", ["1"] = "₁", ["2"] = "₂", ["3"] = "₃", ["4"] = "₄", ["5"] = "₅", ["6"] = "₆",
    ["7"] = "₇", ["8"] = "₈", ["9"] = "₉",
}

local function superscript(text)
    if text ~= "t" and not text:find("^%d+$") then return nil end
    return (text:gsub(".", superscripts))
end

local function power(base, exponent, unicode)
    local raised = unicode and superscript(exponent)
    if raised then return base .. raised end
    return base .. "^" .. (exponent:find("^[%w_.]+$") and exponent or "(" .. exponent .. ")")
end

-- A tree as text. leaf(name) gives the text of a name, a number or a symbol; a text that begins
-- with a minus sign gets parentheses wherever it is not the beginning.
function equation.format(tree, leaf, unicode)
    local minus, times = unicode and "−" or "-", unicode and "·" or "*"

    local function is_negative(text)
        return text:sub(1, 1) == "-" or text:sub(1, #minus) == minus
    end

    -- first: nothing stands to the left within these parentheses; around: how tightly it is held.
    local function write(node, around, first)
        local kind = node[1]
        if kind == "number" or kind == "name" then
            local text = kind == "number" and node[2] or leaf(node[2])
            if is_negative(text) and not (first and around < binding["^"]) then
                return "(" .. text .. ")"
            end
            return text
        elseif kind == "call" then
            local inner = write(node[3], 0, true)
            if node[2] == "sqrt" and unicode then
                local simple = (node[3][1] == "name" or node[3][1] == "number")
                    and not is_negative(inner)
                return simple and "√" .. inner or "√(" .. inner .. ")"
            end
            for i = 4, #node do inner = inner .. ", " .. write(node[i], 0, true) end
            return node[2] .. "(" .. inner .. ")"
        elseif kind == "negative" then
            local text = minus .. write(node[2], NEGATIVE, false)
            return first and around < NEGATIVE and text or "(" .. text .. ")"
        end
        local strength = binding[kind]
        local text
        if kind == "^" then
            text = power(write(node[2], strength, false), write(node[3], 0, true), unicode)
        else
            local held = strength < around
            local left = write(node[2], strength, first or held)
            -- a − (b + c) and a/(b·c) need their parentheses, a + b·c does not.
            local right = write(node[3], strength + ((kind == "+") and 0 or 1), false)
            local sign = kind == "*" and times or kind == "/" and "/"
                or kind == "-" and " " .. minus .. " " or " + "
            text = left .. sign .. right
        end
        return strength < around and "(" .. text .. ")" or text
    end

    return write(tree, 0, true)
end

-- A number as it stands in an equation: seven digits.
function equation.number(value, unicode)
    if value ~= value then return "nan" end
    if math.type(value) == "integer" then
        return (tostring(value):gsub("^-", unicode and "−" or "-"))
    end
    local text = value == 0 and "0" or ("%.7g"):format(value)
    return unicode and text:gsub("^-", "−") or text
end

-- A parameter as it is read: phi0 is φ₀ where the terminal can show it.
function equation.component(name, unicode)
    local digits = unicode and name:match("^phi(%d+)$")
    if digits then return "φ" .. digits:gsub(".", subscripts) end
    return unicode and name == "phi" and "φ" or name
end

local plain = {
    { "φ′", "ahead" }, { "m̃", "m_corrected" }, { "ṽ", "v_corrected" }, { "φ", "phi" },
    { "α", "alpha" }, { "β", "beta" }, { "γ", "gamma" }, { "ε", "epsilon" }, { "π", "pi" },
    { "∂", "d" }, { "√", "sqrt" }, { "⌊", "floor(" }, { "⌋", ")" }, { "←", "<-" }, { "·", "*" },
    { "−", "-" }, { "²", "^2" }, { "≤", "<=" }, { "Σ", "sum" }, { "v̂", "v_max" },
    { "Δ", "step" }, { "λ", "lambda" }, { "⁻¹", "^-1" }, { "ᵀ", "'" }, { "ρ", "rho" },
    { "′", "'" }, { "‖", "|" },
}

-- A text for a terminal: in plain letters where it shows no others.
function equation.text(text)
    if terminal.unicode() then return text end
    for _, pair in ipairs(plain) do text = text:gsub(pair[1], pair[2]) end
    return text
end

-- --- the terms of a rule -----------------------------------------------------------------------

-- Symbols of the terms and arguments of an optimizer: symbols[name]; m_before reads as m.
local function symbols_of(optimizer, unicode)
    local symbols = {}
    local function add(list)
        for _, entry in ipairs(list) do
            local symbol = unicode and entry.symbol or entry.name
            symbols[entry.name], symbols[entry.name .. "_before"] = symbol, symbol
        end
    end
    add(optimizer.arguments)
    add(optimizer.terms)
    return symbols
end

-- The terms of an optimizer in order: {name, symbol, sign, right, summary, tree}. `right` is the
-- right side with symbols, or nil where the loss gives the term; sign is "←" where the term
-- replaces its value of the update before.
function equation.terms(optimizer)
    local unicode = terminal.unicode()
    local symbols = symbols_of(optimizer, unicode)
    local list = {}
    for i, term in ipairs(optimizer.terms) do
        local tree = term.equation and equation.parse(term.equation)
        list[i] = {
            name = term.name,
            symbol = symbols[term.name],
            sign = not term.state and "=" or unicode and "←" or "<-",
            number = term.number,
            right = tree and equation.format(tree, function(name) return symbols[name] or name end,
                unicode),
            summary = equation.text(term.summary
                .. (term.name == "g" and optimizer.clip
                    and ", shortened where it is longer than clip" or "")),
            tree = tree,
            asked = term.name == "g", -- of the loss
        }
    end
    return list
end

-- One setting as it is typed or, with symbols, as it is read: "alpha = 0.1", "α = 0.1".
function equation.setting(argument, symbols)
    local name = symbols and argument.symbol or argument.name
    local value = argument.value
    local text
    if math.type(value) == "float" then
        text = ("%.14g"):format(value)
    elseif type(value) == "string" then
        text = ("%q"):format(value)
    elseif type(value) == "userdata" then
        text = value.name == "function" and "schedule(f)"
            or equation.call("schedule." .. value.name, value.arguments)
    else
        text = tostring(value)
    end
    return name .. " = " .. text
end

-- "schedule.step{alpha = 0.1, every = 3}"
function equation.call(name, arguments)
    local parts = {}
    for i, argument in ipairs(arguments) do parts[i] = equation.setting(argument) end
    return ("%s{%s}"):format(name, table.concat(parts, ", "))
end

return equation
