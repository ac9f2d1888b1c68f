-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Lua's words with their places: what the prompt must know of a text before it can run.

local tokens = {}

local keywords = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
    return then true until while]]):gmatch("%a+") do
    keywords[word] = true
end
tokens.keywords = keywords

local symbols = {}
for symbol in ("... .. == ~= <= >= // :: << >>"):gmatch("%S+") do symbols[symbol] = true end

-- The last byte of a short string that begins at `first`, and whether it was closed.
local function short_string(text, first)
    local quote = text:sub(first, first)
    local at = first + 1
    while true do
        local found = text:find("[\\\n\r" .. quote .. "]", at)
        if not found then return #text, false end
        local byte = text:sub(found, found)
        if byte == quote then return found, true end
        if byte ~= "\\" then return found - 1, false end
        local _, blank = text:find("^\\z%s*", found)
        at = (blank or found + 1) + 1
    end
end

local function long_bracket(text, first)
    local _, stop, level = text:find("^%[(=*)%[", first)
    if not stop then return nil end
    local _, last = text:find("]" .. level .. "]", stop + 1, true)
    return last or #text, last ~= nil
end

local function number(text, first)
    local exponent = text:find("^0[xX]", first) and "^[pP][+-]?" or "^[eE][+-]?"
    local at = first
    while true do
        local _, stop = text:find(exponent, at)
        if not stop then _, stop = text:find("^[%w_.]", at) end
        if not stop then return at - 1 end
        at = stop + 1
    end
end

-- A list of {kind, text, first, last, line}; kind: name, keyword, number, string, symbol, comment,
-- bad. `open` marks a string or comment that is not closed, `long` one in long brackets.
function tokens.scan(text, with_comments)
    local list = {}
    local at, line = 1, 1
    local size = #text
    if text:sub(1, 1) == "#" then at = (text:find("\n", 1, true) or size + 1) end
    while true do
        local blank_first = at
        at = text:find("[^ \t\r\n\f\v]", at) or size + 1
        for _ in text:sub(blank_first, at - 1):gmatch("\n") do line = line + 1 end
        if at > size then return list end
        local token = {first = at, line = line}
        local byte = text:sub(at, at)
        local closed
        if byte:find("[%a_]") then
            local _, last = text:find("^[%w_]*", at)
            token.last = last
            token.kind = keywords[text:sub(at, last)] and "keyword" or "name"
        elseif text:find("^%.?%d", at) then
            token.kind, token.last = "number", number(text, at)
        elseif byte == '"' or byte == "'" then
            token.kind = "string"
            token.last, closed = short_string(text, at)
            token.open = not closed
        elseif text:find("^%-%-", at) then
            token.kind = "comment"
            token.last, closed = long_bracket(text, at + 2)
            if token.last then
                token.long, token.open = true, not closed
            else
                token.last = (text:find("\n", at, true) or size + 1) - 1
            end
        elseif text:find("^%[=*%[", at) then
            token.kind, token.long = "string", true
            token.last, closed = long_bracket(text, at)
            token.open = not closed
        else
            token.kind = byte:find("[%p]") and "symbol" or "bad"
            token.last = at
            for length = 3, 2, -1 do
                if symbols[text:sub(at, at + length - 1)] then
                    token.last = at + length - 1
                    break
                end
            end
            if token.kind == "bad" then -- a whole character
                local _, last = text:find("^[\xC2-\xF4][\x80-\xBF]*", at)
                token.last = last or at
            end
        end
        token.text = text:sub(token.first, token.last)
        if token.kind ~= "comment" or with_comments then list[#list + 1] = token end
        for _ in token.text:gmatch("\n") do line = line + 1 end
        at = token.last + 1
    end
end

local opens = {["do"] = true, ["function"] = true, ["if"] = true, ["repeat"] = true}
local closes = {["end"] = true, ["until"] = true}

-- The names of a local statement that begins at token `i`: the position after them, the last name,
-- the attributes as {first, last} of bytes; nil when it is something else or one is to be closed.
local function local_names(list, i)
    local attributes, last = {}, nil
    local at = i + 1
    while true do
        local name = list[at]
        if not name or name.kind ~= "name" then return nil end
        last = name
        at = at + 1
        if list[at] and list[at].text == "<" then
            local attribute, stop = list[at + 1], list[at + 2]
            if not attribute or not stop or stop.text ~= ">" or attribute.text == "close" then
                return nil
            end
            attributes[#attributes + 1] = {list[at].first, stop.last}
            last = stop
            at = at + 3
        end
        if not list[at] or list[at].text ~= "," then return at, last, attributes end
        at = at + 1
    end
end

-- The text with `local` taken away where it stands outside of all blocks, so that what an entry
-- declares lives on. Every other byte keeps its place.
function tokens.release(text)
    if not text:find("local", 1, true) then return text end
    local list = tokens.scan(text)
    local edits = {}
    local depth = 0
    local function blank(first, last)
        edits[#edits + 1] = {first, last, (" "):rep(last - first + 1)}
    end
    for i, token in ipairs(list) do
        if token.kind == "keyword" then
            if opens[token.text] then
                depth = depth + 1
            elseif closes[token.text] then
                depth = depth - 1
            elseif token.text == "local" and depth == 0 then
                local following = list[i + 1]
                if following and following.text == "function" then
                    blank(token.first, token.last)
                else
                    local after, last, attributes = local_names(list, i)
                    if after then
                        blank(token.first, token.last)
                        for _, place in ipairs(attributes) do blank(place[1], place[2]) end
                        if not list[after] or list[after].text ~= "=" then
                            edits[#edits + 1] = {last.last + 1, last.last, " = nil"}
                        end
                    end
                end
            end
        end
    end
    if #edits == 0 then return text end
    local parts, at = {}, 1
    for _, edit in ipairs(edits) do
        parts[#parts + 1] = text:sub(at, edit[1] - 1)
        parts[#parts + 1] = edit[3]
        at = edit[2] + 1
    end
    parts[#parts + 1] = text:sub(at)
    return table.concat(parts)
end

-- True where a `return` stands outside of all functions, so that it ends the text itself.
function tokens.returns(text)
    if not text:find("return", 1, true) then return false end
    local blocks, functions = {}, 0
    for _, token in ipairs(tokens.scan(text)) do
        if token.kind == "keyword" then
            if opens[token.text] then
                blocks[#blocks + 1] = token.text
                if token.text == "function" then functions = functions + 1 end
            elseif closes[token.text] then
                if table.remove(blocks) == "function" then functions = functions - 1 end
            elseif token.text == "return" and functions == 0 then
                return true
            end
        end
    end
    return false
end

-- True when the compiler's message means that more lines may mend the text.
function tokens.stops_early(message)
    return message:find("<eof>'?$") ~= nil and not message:find("outside a loop", 1, true)
        and not message:find("unfinished string", 1, true)
end

-- The token that made the compiler refuse `prefix .. text`, by looking for the shortest beginning
-- that no continuation could mend; nil when the text only stops too early.
function tokens.culprit(text, prefix)
    local list = tokens.scan(text)
    local function refused(count)
        local last = count > 0 and list[count].last or 0
        local chunk, message = load(prefix .. text:sub(1, last), "=?", "t", {})
        return not chunk and not tokens.stops_early(message)
    end
    local low, high = 1, #list
    if high == 0 or not refused(high) then return nil end
    while low < high do
        local middle = (low + high) // 2
        if refused(middle) then high = middle else low = middle + 1 end
    end
    return list[low]
end

return tokens
