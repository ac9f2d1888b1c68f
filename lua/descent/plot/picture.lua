-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Plots as pictures: inside the terminal where it can show them, or in a window of their own.

local core = require "descent.core"
local gnuplot = require "descent.plot.gnuplot"
local terminal = require "descent.terminal"

local host = core.host
local picture = {}

local MOST_BYTES = 112000  -- of a PNG: 150 kB when sent as base64
local CHUNK = 4096         -- of base64 in one sequence
local USUAL_CELL = { 8, 17 } -- in pixels, where a terminal does not say
local WINDOW_SECONDS = 6   -- that a window may take to open

local function variable(name)
    local value = os.getenv(name)
    if value ~= "" then return value end
end

-- --- what this terminal can show ---------------------------------------------------------------

local function is_iterm()
    return variable("TERM_PROGRAM") == "iTerm.app" or variable("LC_TERMINAL") == "iTerm2"
end

local opened -- the name of the display that has answered

-- Is there a display? One that is named but dead would hang whoever opens a window on it.
local function has_display()
    local x11, wayland = variable("DISPLAY"), variable("WAYLAND_DISPLAY")
    local name = (x11 or "") .. " " .. (wayland or "")
    if opened ~= name then
        if not (x11 and host.display("x11", x11, 0.3)
            or wayland and host.display("wayland", wayland, 0.3)) then
            return false
        end
        opened = name
    end
    return true
end

-- The kind of picture that suits this terminal, or nil: characters.
function picture.suitable()
    if not terminal.is_terminal("output") or not terminal.is_terminal("input")
        or not terminal.unicode() or variable("NO_COLOR") or terminal.multiplexed()
        or not gnuplot.installed() then
        return nil
    end
    local about = terminal.probe()
    if about.kitty then return "kitty" end
    if is_iterm() then return "iterm" end
    if about.sixel then return "sixel" end
    if not variable("SSH_CONNECTION") and has_display() and gnuplot.window_kind() then
        return "window"
    end
end

-- --- sizes -------------------------------------------------------------------------------------

-- The size of a picture in pixels, and of its letters, for a window of this terminal: as large as
-- usual where there is room, larger where cells are (a screen of high resolution). A few rows are
-- left for the prompt.
function picture.geometry(full, rows_at_most, rows_kept)
    local columns, rows, wide, high = host.size(1)
    local cell = terminal.probe().cell
        or wide > 0 and high > 0 and { wide / columns, high / rows } or USUAL_CELL
    local usual = gnuplot.usual_size(full)
    local room_wide = (columns - 1) * cell[1]
    local room_high = math.max(4, math.min(rows - rows_kept, rows_at_most or rows)) * cell[2]
    local scale = math.max(0.75, math.min(4, cell[2] / USUAL_CELL[2]))
    local share = math.min(scale, room_wide / usual[1], room_high / usual[2])
    local size = {
        math.floor(math.min(room_wide, usual[1] * share * 1.25, usual[1] * scale)),
        math.floor(usual[2] * share),
    }
    return size, math.floor(120 * scale * math.max(0.5, (share / scale) ^ 0.6) + 0.5) / 10,
        math.ceil(size[2] / cell[2])
end

-- --- inside the terminal -----------------------------------------------------------------------

local send = {}

-- In pieces, as kitty's protocol asks for; q = 2: it does not answer. With `id` it takes the place
-- of the one before, and the cursor stays.
function send.kitty(bytes, _, id)
    local text, parts = host.base64(bytes), {}
    local first = id and ("a=T,f=100,q=2,i=%d,p=1,C=1"):format(id) or "a=T,f=100,q=2"
    for at = 1, #text, CHUNK do
        parts[#parts + 1] = ("\27_G%s%sm=%d;%s\27\\"):format(at == 1 and first or "",
            at == 1 and "," or "", at + CHUNK <= #text and 1 or 0, text:sub(at, at + CHUNK - 1))
    end
    return table.concat(parts)
end

function send.iterm(bytes, size, id)
    return ("\27]1337;File=inline=1;size=%d;width=%dpx;height=%dpx%s:%s\7"):format(#bytes, size[1],
        size[2], id and ";doNotMoveCursor=1" or "", host.base64(bytes))
end

function send.sixel(bytes) return bytes end

-- What sends a picture of this kind to the terminal.
function picture.encode(kind, bytes, size, id) return send[kind](bytes, size, id) end

-- The format in which gnuplot draws it.
function picture.format(kind) return kind == "sixel" and "sixel" or "png" end

local function copy_of(how)
    local copy = {}
    for key, value in pairs(how) do copy[key] = value end
    return copy
end

local function inline(kind, full, how, rows_at_most)
    local options = copy_of(how)
    local font
    options.size, font = picture.geometry(full, rows_at_most, 2)
    options.font = options.font or font
    local bytes, reason
    -- Contour lines are most of the bytes of a surface: over a slow line fewer of them.
    for _, apart in ipairs { 20, 40, 80 } do
        options.contours_apart = apart
        bytes, reason = gnuplot.picture(full, picture.format(kind), options)
        if not bytes then return nil, reason end
        if #bytes <= MOST_BYTES or kind == "sixel" then break end
    end
    io.write(picture.encode(kind, bytes, options.size), "\n")
    io.flush()
    return true
end

-- --- in a window -------------------------------------------------------------------------------

local window

-- The window of this session, or nil and a sentence.
function picture.window()
    if not has_display() then
        return nil, variable("DISPLAY") and "the display does not answer"
            or "there is no display for a window"
    end
    local kind = gnuplot.window_kind()
    if not kind then
        return nil, gnuplot.installed() and "this gnuplot opens no windows: sudo apt install "
            .. "gnuplot-qt" or gnuplot.missing .. ": " .. gnuplot.advice
    end
    window = window or gnuplot.canvas(kind)
    return window
end

local function in_window(full, how)
    local canvas, reason = picture.window()
    if not canvas then return nil, reason end
    local options = copy_of(how)
    -- At the prompt a window ends with the session; what a script has drawn is still to be seen.
    options.persist = package.loaded["descent.prompt"] == nil
    local drawn
    drawn, reason = canvas:draw(full, options, WINDOW_SECONDS)
    if not drawn then
        canvas:close()
        opened = nil
        return nil, reason
    end
    return true
end

-- Shows a completed plot; true, or nil and a sentence: why it cannot be shown so.
function picture.show(kind, full, how, rows_at_most)
    if kind == "window" then return in_window(full, how) end
    if not terminal.is_terminal("output") then return nil, "the output is no terminal" end
    return inline(kind, full, how, rows_at_most)
end

return picture
