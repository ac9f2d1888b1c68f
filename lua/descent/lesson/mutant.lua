-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- mutant.lua: small changes of a solution. A check that passes one of them has a blind spot.

local mutant = {}

-- Tokens of Lua with their places: {kind = "name"|"number"|"operator", text =, first =, last =}.
-- Strings and comments are left out.
local function tokens(source)
    local list, at = {}, 1
    local function add(kind, first, last)
        list[#list + 1] = { kind = kind, text = source:sub(first, last),
            first = first, last = last }
    end
    while at <= #source do
        local _, blank = source:find("^%s+", at)
        local _, comment = source:find("^%-%-%[(=*)%[.-%]%1%]", at)
        if not comment then _, comment = source:find("^%-%-[^\n]*", at) end
        local _, long = source:find("^%[(=*)%[.-%]%1%]", at)
        local _, name = source:find("^[%a_][%w_]*", at)
        local _, hexadecimal = source:find("^0[xX]%x+", at)
        local _, number = source:find("^%d*%.?%d+[eE][%+%-]?%d+", at)
        if not number then _, number = source:find("^%d+%.?%d*", at) end
        if not number then _, number = source:find("^%.%d+", at) end
        number = hexadecimal or number
        local quote = source:match("^[\"']", at)
        if blank then
            at = blank + 1
        elseif comment then
            at = comment + 1
        elseif long then
            at = long + 1
        elseif quote then
            local last = at + 1
            while last <= #source and source:sub(last, last) ~= quote do
                last = last + (source:sub(last, last) == "\\" and 2 or 1)
            end
            at = last + 1
        elseif name then
            add("name", at, name)
            at = name + 1
        elseif number then
            add("number", at, number)
            at = number + 1
        else
            local operator = source:match("^%.%.%.", at) or source:match("^[<>=~]=", at)
                or source:match("^//", at) or source:match("^%.%.", at) or source:sub(at, at)
            add("operator", at, at + #operator - 1)
            at = at + #operator
        end
    end
    return list
end

local SWAPS = {
    ["+"] = { "-" }, ["-"] = { "+" }, ["*"] = { "/" }, ["/"] = { "*" },
    ["<"] = { "<=", ">" }, [">"] = { ">=", "<" }, ["<="] = { "<" }, [">="] = { ">" },
    ["=="] = { "~=" }, ["~="] = { "==" }, ["and"] = { "or" }, ["or"] = { "and" },
}

local function ends_value(token)
    return token and (token.kind ~= "operator" or token.text == ")" or token.text == "]")
        and token.text ~= "return" and token.text ~= "and" and token.text ~= "or"
        and token.text ~= "not"
end

-- A list of {text = changed source, change = "line 4: + becomes -"}.
function mutant.all(source)
    local list, seen = {}, { [source] = true }
    local tokens_list = tokens(source)
    local function add(first, last, replacement, words)
        local text = source:sub(1, first - 1) .. replacement .. source:sub(last + 1)
        if seen[text] or not load(text, "=mutant", "t") then return end
        seen[text] = true
        local _, line = source:sub(1, first):gsub("\n", "")
        list[#list + 1] = { text = text, change = ("line %d: %s"):format(line + 1, words) }
    end
    for i, token in ipairs(tokens_list) do
        local before, after = tokens_list[i - 1], tokens_list[i + 1]
        for _, other in ipairs(SWAPS[token.text] or {}) do
            if token.text ~= "-" or ends_value(before) then
                add(token.first, token.last, other,
                    ("`%s` becomes `%s`"):format(token.text, other))
            end
        end
        if token.text == "-" and not ends_value(before) then
            add(token.first, token.last, " ", "a minus sign is lost")
        end
        if token.kind == "number" then
            add(token.first, token.last, token.text .. " + 1",
                ("`%s` becomes `%s + 1`"):format(token.text, token.text))
        end
        -- A factor is lost: `2*`, `*x[i]`, `*x`.
        if token.text == "*" and before and ends_value(before) and before.kind ~= "operator" then
            add(before.first, token.last, "", ("`%s*` is lost"):format(before.text))
        end
        if token.text == "*" and after and after.kind ~= "operator" then
            local last = after.last
            local open, close = tokens_list[i + 2], tokens_list[i + 4]
            if open and open.text == "[" and close and close.text == "]" then last = close.last end
            add(token.first, last, "", ("`*%s` is lost"):format(source:sub(after.first, last)))
        end
        -- A term is lost: `g0 +` in `g0 = g0 + ...`.
        if token.text == "+" and before and before.kind ~= "operator" then
            add(before.first, token.last, "", ("`%s +` is lost"):format(before.text))
        end
    end
    return list
end

return mutant
