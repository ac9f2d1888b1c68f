-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What a typed text is as code: an expression, statements, or several such entries one after the
-- other; or what is wrong with it, and where.

local tokens = require "descent.prompt.tokens"

local source = {}

local KEPT = 5000   -- entries whose text is kept, for the frames of errors
local texts = {}    -- chunk name -> text
local count = 0

-- A chunk name for a new entry.
function source.name(text)
    count = count + 1
    local name = "=entry " .. count
    texts[name] = text
    texts["=entry " .. count - KEPT] = nil
    return name
end

-- The text behind a chunk name, or nil.
function source.text(name) return texts[name] end

local function parse(code) return load(code, "=?", "t", {}) end

-- Habits of other languages: what stands at the place of the error, and what Lua has for it.
local habits = {
    {"^!=", "not equal is written ~="}, {"^!", "not is written not"},
    {"^&&", "and is written and"}, {"^||", "or is written or"},
    {"^%+%+", "write x = x + 1"}, {"^%-%-", "write x = x - 1"},
    {"^[%+%-%*/%%%^]=", "write x = x + ..., and so with the other operators"},
}

-- The compiler's words without the place, with a hint where a habit shows.
local function words_of(message, text, token)
    local words = message:match("^.-:%d+: (.*)$") or message
    if not token then return words end
    if token.kind == "bad" then
        return ("the character %s cannot stand here; names are made of a-z, A-Z, 0-9 and _")
            :format(token.text)
    end
    -- The error may be seen at the second character of two.
    for first = token.first, math.max(1, token.first - 1), -1 do
        local here = text:sub(first)
        for _, habit in ipairs(habits) do
            if here:find(habit[1]) then return words .. "; " .. habit[2] end
        end
    end
    return words
end

-- One entry: {text =, code =, expression =}; or nil and the problem {message =, first = byte,
-- early =}. Of the two ways to read the text, the error is that of the one that came further.
local function entry(text)
    local chunk, expression_error = parse("return " .. text)
    if chunk then return {text = text, code = "return " .. text, expression = true} end
    local released = tokens.release(text)
    local statement_error
    chunk, statement_error = parse(released)
    if chunk then return {text = text, code = released, expression = false} end
    if tokens.stops_early(statement_error) or tokens.stops_early(expression_error) then
        return nil, {message = words_of(statement_error, text), early = true}
    end
    local message, token = statement_error, tokens.culprit(released, "")
    local other = tokens.culprit(text, "return ")
    if other and (not token or other.first > token.first) then
        message, token = expression_error, other
    end
    return nil, {message = words_of(message, text, token), first = token and token.first}
end

-- Every entry of the text takes as few lines as it can.
local function split(text)
    local starts = {1} -- of lines
    for after in text:gmatch("\n()") do starts[#starts + 1] = after end
    starts[#starts + 1] = #text + 2
    local parts, line = {}, 1
    while line < #starts do
        local part, problem
        local last = line
        repeat
            part, problem = entry(text:sub(starts[line], starts[last + 1] - 2))
            last = last + 1
        until part or not problem.early or last == #starts
        if not part then
            problem.first = problem.first and problem.first + starts[line] - 1
            return nil, problem, #parts
        end
        part.code = ("\n"):rep(line - 1) .. part.code -- the line numbers of the whole text
        if part.text:find("%S") then parts[#parts + 1] = part end
        line = last
    end
    return parts
end

-- Where a text has labels or variables that are closed at its end, it is not to be parted.
local function holds_on(text)
    return text:find("::", 1, true) or text:find("%f[%a]goto%f[%A]") or text:find("<%s*close%s*>")
end

-- Several statements whose last one is a call are two entries: its value is shown. What begins with
-- a parenthesis may be the rest of the line above it.
local function with_last_value(whole)
    local text = whole.text
    local starts = {} -- of lines
    for after in text:gmatch("\n()") do starts[#starts + 1] = after end
    for i = #starts, 1, -1 do
        local first = starts[i]
        local before, last = text:sub(1, first - 2), text:sub(first)
        local begins = tokens.scan(last)[1]
        if begins and begins.kind == "name" and parse("return " .. last) then
            local released = tokens.release(before)
            if not holds_on(before) and parse(released) then
                return {
                    {text = before, code = released, expression = false},
                    {text = last, code = ("\n"):rep(i) .. "return " .. last, expression = true},
                }
            end
        end
    end
    return {whole}
end

-- The entries in a text, mostly one: {text =, code =, expression =}; or nil and the problem.
function source.parts(text)
    local whole, problem = entry(text)
    if whole then return whole.expression and {whole} or with_last_value(whole) end
    if not text:find("\n", 1, true) then return nil, problem end
    -- `x = 1`, newline, `x`: no chunk, but two entries.
    local parts, inner, before = split(text)
    if parts then return parts end
    return nil, before > 0 and inner or problem
end

-- True when the text only lacks its rest.
function source.incomplete(text)
    local parts, problem = source.parts(text)
    return not parts and problem.early == true
end

return source
