-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What the terminal can show, and how wide a text is on it. Nothing is written without being asked
-- for; without a terminal there are no escape codes.

local core = require "descent.core"
local host = core.host

local terminal = {}

local descriptors = { input = 0, output = 1, error = 2 }
local TRUE_COLOUR = 16777216

local function variable(name)
    local value = os.getenv(name)
    if value ~= "" then return value end
end

function terminal.is_terminal(stream)
    return host.is_terminal(descriptors[stream] or error("input, output or error", 2))
end

-- Columns and rows; 80 and 24 where the output is no terminal.
function terminal.size()
    if not terminal.is_terminal("output") then return 80, 24 end
    local columns, rows = host.size(1)
    return columns, rows
end

-- True while what is written goes into a file, which is the same wherever it is made.
terminal.into_file = false

function terminal.unicode()
    if terminal.into_file then return true end
    local locale = variable("LC_ALL") or variable("LC_CTYPE") or variable("LANG") or ""
    if not locale:lower():find("utf%-?8") then return false end
    return not (terminal.is_terminal("output") and variable("TERM") == "dumb")
end

local true_colour_names = { "kitty", "alacritty", "foot", "wezterm", "ghostty", "direct" }

local function colours_of(stream)
    if variable("NO_COLOR") or not terminal.is_terminal(stream) then return 0 end
    local name = variable("TERM")
    if not name or name == "dumb" then return 0 end
    local depth = variable("COLORTERM")
    if depth == "truecolor" or depth == "24bit" then return TRUE_COLOUR end
    for _, part in ipairs(true_colour_names) do
        if name:find(part, 1, true) then return TRUE_COLOUR end
    end
    if name:find("256color", 1, true) then return 256 end
    if name:find("^vt%d") or name:find("mono", 1, true) then return 0 end
    return 16
end

-- The number of colours that may be used on the output: 0, 16, 256 or 16777216.
function terminal.colours() return colours_of("output") end

-- --- asking ------------------------------------------------------------------------------------

-- Kitty's graphics, which no one else answers; the ground's colour; the size of a cell; a colour
-- set and read back, for 24 bits. What answers none of these answers the request for device
-- attributes that the host adds.
local graphics_question = "\27_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\27\\"
local question = "\27]11;?\27\\\27[16t\27[48;2;1;2;3m\27P$qm\27\\\27[m"
local known

-- Inside of these the terminal outside is out of reach.
function terminal.multiplexed()
    local name = variable("TERM") or ""
    return variable("TMUX") ~= nil or variable("STY") ~= nil or name:find("^tmux") ~= nil
        or name:find("^screen") ~= nil
end

local function read_answer(about, answer)
    local red, green, blue = answer:match("\27%]11;rgba?:(%x+)/(%x+)/(%x+)")
    if red then
        local function part(digits) return tonumber(digits, 16) / (16 ^ #digits - 1) end
        local light = 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue)
        about.ground = light > 0.5 and "light" or "dark"
    end
    if about.colours > 0 and answer:find("48[:;]2[:;]*1[:;]2[:;]3") then
        about.colours = TRUE_COLOUR
    end
    about.kitty = answer:find("\27_Gi=31;OK", 1, true) ~= nil
    local attributes = answer:match("\27%[%?([%d;]*)c")
    about.sixel = attributes ~= nil and (";" .. attributes .. ";"):find(";4;", 2, true) ~= nil
    local high, wide = answer:match("\27%[6;(%d+);(%d+)t")
    wide, high = tonumber(wide), tonumber(high)
    if high and wide > 0 and high > 0 and wide < 1000 and high < 1000 then
        about.cell = { wide, high }
    end
end

-- What the terminal says about itself, asked once: {ground = "dark"|"light"|nil, colours = number,
-- kitty = its graphics, sixel =, cell = {wide, high} in pixels or nil}.
function terminal.probe()
    if known then return known end
    local about = { colours = terminal.colours() }
    local name, asked = variable("TERM") or "dumb", true
    if name ~= "dumb" and name ~= "linux" then
        -- tmux would take the graphics question as a title, Apple's terminal would print it.
        local silent = terminal.multiplexed() or variable("TERM_PROGRAM") == "Apple_Terminal"
        local answer = host.ask_terminal((silent and "" or graphics_question) .. question,
            variable("SSH_CONNECTION") and 1 or 0.2)
        asked = answer ~= nil
        if answer then read_answer(about, answer) end
    end
    if not about.ground then
        local ground = tonumber((variable("COLORFGBG") or ""):match("(%d+)$"))
        if ground then about.ground = (ground == 7 or ground == 15) and "light" or "dark" end
    end
    -- With keys waiting it was not asked: the next plot tries again.
    if asked then known = about end
    return about
end

-- --- text --------------------------------------------------------------------------------------

-- First and last of ranges, sorted: characters that take no cell, and those that take two.
local combining = {
    0x0300, 0x036F, 0x0483, 0x0489, 0x0591, 0x05BD, 0x0610, 0x061A, 0x064B, 0x065F, 0x1AB0, 0x1AFF,
    0x1DC0, 0x1DFF, 0x200B, 0x200F, 0x202A, 0x202E, 0x2060, 0x2064, 0x20D0, 0x20FF, 0xFE00, 0xFE0F,
    0xFE20, 0xFE2F, 0xFEFF, 0xFEFF, 0xE0100, 0xE01EF,
}
local wide = {
    0x1100, 0x115F, 0x231A, 0x231B, 0x2329, 0x232A, 0x23E9, 0x23EC, 0x23F0, 0x23F0, 0x23F3, 0x23F3,
    0x25FD, 0x25FE, 0x2614, 0x2615, 0x2648, 0x2653, 0x267F, 0x267F, 0x2693, 0x2693, 0x26A1, 0x26A1,
    0x26AA, 0x26AB, 0x26BD, 0x26BE, 0x26C4, 0x26C5, 0x26CE, 0x26CE, 0x26D4, 0x26D4, 0x26EA, 0x26EA,
    0x26F2, 0x26F3, 0x26F5, 0x26F5, 0x26FA, 0x26FA, 0x26FD, 0x26FD, 0x2705, 0x2705, 0x270A, 0x270B,
    0x2728, 0x2728, 0x274C, 0x274C, 0x274E, 0x274E, 0x2753, 0x2755, 0x2757, 0x2757, 0x2795, 0x2797,
    0x27B0, 0x27B0, 0x27BF, 0x27BF, 0x2B1B, 0x2B1C, 0x2B50, 0x2B50, 0x2B55, 0x2B55, 0x2E80, 0x303E,
    0x3041, 0x33FF, 0x3400, 0x4DBF, 0x4E00, 0x9FFF, 0xA000, 0xA4CF, 0xA960, 0xA97C, 0xAC00, 0xD7A3,
    0xF900, 0xFAFF, 0xFE30, 0xFE6F, 0xFF00, 0xFF60, 0xFFE0, 0xFFE6, 0x16FE0, 0x18AFF,
    0x1B000, 0x1B2FF,
    0x1F004, 0x1F004, 0x1F0CF, 0x1F0CF, 0x1F18E, 0x1F18E, 0x1F191, 0x1F19A, 0x1F200, 0x1F320,
    0x1F32D, 0x1F335, 0x1F337, 0x1F37C, 0x1F37E, 0x1F393, 0x1F3A0, 0x1F3CA, 0x1F3CF, 0x1F3D3,
    0x1F3E0, 0x1F3F0, 0x1F3F4, 0x1F3F4, 0x1F3F8, 0x1F43E, 0x1F440, 0x1F440, 0x1F442, 0x1F4FC,
    0x1F4FF, 0x1F53D, 0x1F54B, 0x1F54E, 0x1F550, 0x1F567, 0x1F57A, 0x1F57A, 0x1F595, 0x1F596,
    0x1F5A4, 0x1F5A4, 0x1F5FB, 0x1F64F, 0x1F680, 0x1F6C5, 0x1F6CC, 0x1F6CC, 0x1F6D0, 0x1F6D2,
    0x1F6D5, 0x1F6D7, 0x1F6DC, 0x1F6DF, 0x1F6EB, 0x1F6EC, 0x1F6F4, 0x1F6FC, 0x1F7E0, 0x1F7EB,
    0x1F90C, 0x1F93A, 0x1F93C, 0x1F945, 0x1F947, 0x1F9FF, 0x1FA70, 0x1FAFF, 0x20000, 0x3FFFD,
}

local function within(ranges, code)
    local low, high = 1, #ranges // 2
    while low <= high do
        local middle = (low + high) // 2
        if code < ranges[2 * middle - 1] then
            high = middle - 1
        elseif code > ranges[2 * middle] then
            low = middle + 1
        else
            return true
        end
    end
    return false
end

local function cells(code)
    if code < 0x20 or code >= 0x7F and code < 0xA0 then return 0 end
    if code < 0x300 then return 1 end
    if within(combining, code) then return 0 end
    return within(wide, code) and 2 or 1
end

-- The escape sequence that begins at a position, or nil: CSI, OSC up to its end, or two characters.
local function escape_at(text, position)
    if text:byte(position) ~= 27 then return nil end
    return text:match("^\27%[[0-?]*[ -/]*[@-~]", position)
        or text:match("^\27%][^\7\27]*\7", position)
        or text:match("^\27%][^\7\27]*\27\\", position)
        or text:match("^\27.", position) or "\27"
end

local character = "^" .. utf8.charpattern

-- Goes through a text: each piece (a character or an escape sequence) and its cells. A byte that
-- is no UTF-8 is one cell.
function terminal.pieces(text)
    local position = 1
    return function()
        if position > #text then return nil end
        local piece = escape_at(text, position)
        if piece then
            position = position + #piece
            return piece, 0
        end
        piece = text:match(character, position)
        local fine, code = pcall(utf8.codepoint, piece or "")
        if not fine or not code then
            position = position + 1
            return text:sub(position - 1, position - 1), 1
        end
        position = position + #piece
        return piece, cells(code)
    end
end

-- The display cells of a text.
function terminal.width(text)
    if not text:find("[^ -~]") then return #text end
    local width = 0
    for _, size in terminal.pieces(text) do width = width + size end
    return width
end

-- The text cut to at most `columns` cells, the last of them then an ellipsis.
function terminal.clip(text, columns, unicode)
    if terminal.width(text) <= columns then return text end
    local mark = unicode and "…" or "..."
    local room = columns - terminal.width(mark)
    if room < 0 then mark, room = "", columns end
    local parts, used = {}, 0
    for piece, size in terminal.pieces(text) do
        if used + size > room then break end
        parts[#parts + 1], used = piece, used + size
    end
    return table.concat(parts) .. mark
end

-- --- colour ------------------------------------------------------------------------------------

local roles = {
    error = "1;31", heading = "1", dim = "2", value = "36", accent = "35", good = "32", bad = "31",
}

-- The text in the colour of its role, where colours are allowed (errors: on the error stream).
function terminal.paint(text, role)
    local code = roles[role] or error("no such role: " .. tostring(role), 2)
    if text == "" or colours_of(role == "error" and "error" or "output") == 0 then return text end
    return "\27[" .. code .. "m" .. text .. "\27[0m"
end

-- --- lines -------------------------------------------------------------------------------------

-- A word cut into parts of at most `columns` cells.
local function cut(word, columns)
    local parts, current, used = {}, {}, 0
    for piece, size in terminal.pieces(word) do
        if used + size > columns and used > 0 then
            parts[#parts + 1] = table.concat(current)
            current, used = {}, 0
        end
        current[#current + 1], used = piece, used + size
    end
    parts[#parts + 1] = table.concat(current)
    return parts
end

local function wrap_line(line, columns, lines)
    if terminal.width(line) <= columns then
        lines[#lines + 1] = line
        return
    end
    local indent = line:match("^ *")
    if #indent > columns // 2 then indent = "" end
    local room = math.max(1, columns - #indent)
    local current, used
    local function flush()
        if current then lines[#lines + 1] = indent .. current end
        current, used = nil, 0
    end
    flush()
    for gap, word in line:gmatch("( *)([^ ]+)") do
        for i, part in ipairs(cut(word, room)) do
            local size = terminal.width(part)
            if current and i == 1 and used + #gap + size <= room then
                current, used = current .. gap .. part, used + #gap + size
            else
                flush()
                current, used = part, size
            end
        end
    end
    flush()
end

-- A list of lines of at most `columns` cells, broken at spaces; indentation is kept.
function terminal.wrap(text, columns)
    local lines = {}
    columns = math.max(1, columns)
    for line in (text .. "\n"):gmatch("(.-)\r?\n") do wrap_line(line, columns, lines) end
    return lines
end

return terminal
