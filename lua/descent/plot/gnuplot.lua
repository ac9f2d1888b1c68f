-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The backend that speaks gnuplot: a description becomes a script, a script becomes a picture, a
-- film, or what a window shows. gnuplot's language is known in plot/gnuplot/ only.

local diagram = require "descent.plot.gnuplot.diagram"
local label = require "descent.plot.label"
local process = require "descent.plot.gnuplot.process"
local script = require "descent.plot.gnuplot.script"
local theme = require "descent.plot.theme"
local words = require "descent.plot.gnuplot.words"
local writer = require "descent.plot.gnuplot.writer"

local gnuplot = {
    seconds = tonumber(os.getenv("DESCENT_PLOT_SECONDS")) or 10, -- that a picture may take
    missing = process.missing,
    advice = process.advice,
    installed = process.installed,
}

-- A theme with what the kind of picture asks for: sizes of points, and room for wider text.
local scales = {
    png = { point = 1, more_left = 0, more_below = 0, font = 1, key_line = 1.25 },
    svg = { point = 0.55, more_left = 1, more_below = 1, font = 4 / 3, key_line = 1.65 },
    gif = { point = 1, more_left = 0, more_below = 0, font = 1, key_line = 1.25 },
    pdf = { point = 0.75, more_left = 0, more_below = 0, font = 4 / 3, key_line = 1.25 },
}
scales.sixel, scales.wxt, scales.qt = scales.gif, scales.png, scales.png

local function look_for(kind, name)
    local look = {}
    for key, value in pairs(theme[name]) do look[key] = value end
    for key, value in pairs(scales[kind]) do look[key] = value end
    return look
end

-- The size in pixels that suits a plot.
function gnuplot.usual_size(full)
    local count = #full.panels
    if full.panels[1].diagram then return diagram.size(full.panels[1].diagram, 16) end
    if count > 1 then return { 1200, 560 * math.ceil(count / 2) } end
    return { 900, 600 }
end

local function complete_options(full, kind, options)
    local complete = {}
    for key, value in pairs(options or {}) do complete[key] = value end
    local usual = gnuplot.usual_size(full)
    complete.size = complete.size or usual
    complete.look = look_for(kind, complete.theme or "light")
    complete.palette = complete.palette or "udl"
    local font = complete.font
    complete.font_size = type(font) == "number" and font
        or type(font) == "string" and tonumber(font:match(",%s*([%d.]+)$"))
    if not complete.font_size then
        -- In a small picture the words are smaller too, but less so than the picture.
        local share = math.min(complete.size[1] / usual[1], complete.size[2] / usual[2])
        complete.font_size = math.floor(120 * math.max(0.5, math.min(1, share ^ 0.6)) + 0.5) / 10
    end
    complete.unit = complete.font_size * 1.4 -- the height of a line in pixels
    complete.look.point = complete.look.point * math.max(0.5, math.min(2, complete.font_size / 12))
    complete.font_name = type(font) == "string" and font:match("^[^,]+") or "DejaVu Sans"
    return complete
end

-- --- terminals ---------------------------------------------------------------------------------

local function font_text(options)
    return words.quote(("%s,%.3g"):format(label.clean(options.font_name),
        options.font_size * options.look.font))
end

local function sized(name, options, rest)
    return ("set terminal %s size %d,%d font %s enhanced background %s%s"):format(name,
        options.size[1], options.size[2], font_text(options), words.colour(options.look.ground),
        rest or "")
end

local terminals = {}

function terminals.png(options) return sized("pngcairo", options, " rounded") end

function terminals.svg(options) return sized("svg", options, " rounded name 'plot'") end

-- 100 pixels to an inch.
function terminals.pdf(options)
    return ("set terminal pdfcairo size %gin,%gin font %s enhanced rounded background %s"):format(
        options.size[1] / 100, options.size[2] / 100, font_text(options),
        words.colour(options.look.ground))
end

-- Its letters are wider than those of a PNG.
function terminals.gif(options)
    return sized(("gif animate delay %d loop 0"):format(options.delay), options)
end

-- With a palette of 256 colours a blue path comes out grey.
function terminals.sixel(options) return sized("sixelgd truecolor", options) end

-- A window does not take the focus from the prompt.
function terminals.wxt(options)
    return sized("wxt 1", options, " noraise title 'descent'" .. (options.persist and " persist"
        or ""))
end

-- This one has no ground of its own: a rectangle is laid below.
function terminals.qt(options)
    return ("set terminal qt 1 size %d,%d font %s enhanced noraise title 'descent'%s"):format(
        options.size[1], options.size[2], font_text(options), options.persist and " persist" or "")
end

-- The settings that a `reset` takes away.
local function ground_of(kind, options)
    if kind ~= "qt" then return nil end
    return "set object 99 rectangle from screen 0,0 to screen 1,1 behind fillstyle solid 1 noborder"
        .. " fillcolor rgb " .. words.colour(options.look.ground)
end

local needed = { png = "pngcairo", svg = "svg", pdf = "pdfcairo", sixel = "sixelgd" }

-- A script that stands alone: for reading, changing, and drawing again without descent.
function gnuplot.script(full, options)
    options = complete_options(full, "png", options)
    return table.concat {
        "# A plot of descent. To see it:   gnuplot -persist FILE\n",
        "# To draw it into a file, first:  set output 'plot.png'; ", terminals.png(options), "\n",
        "reset\n", script.text(full, options),
    }
end

-- --- pictures ----------------------------------------------------------------------------------

local child = process.new() -- draws everything but films that run and windows

function gnuplot.stop() child:stop() end
function gnuplot.process_id() return child:id() end
function gnuplot.run(text, seconds) return child:run(text, seconds) end

-- How a whole picture begins and ends.
local marks = {
    png = { "\137PNG\r\n\26\n", "IEND\xAEB`\x82" }, svg = { "<?xml", "</svg>" },
    pdf = { "%PDF", "%%EOF" }, gif = { "GIF", ";" }, sixel = { "\27P", "\27\\" },
}

-- The bytes, or nil and what is wrong with them.
local function whole(kind, bytes)
    if #bytes == 0 then
        return nil, ("this gnuplot has no terminal %s; install gnuplot-nox or gnuplot-qt"):format(
            needed[kind] or kind)
    end
    local from = bytes:find(marks[kind][1], 1, true)
    if from and kind == "sixel" then bytes = bytes:sub(from) end -- gnuplot 6 moves the cursor first
    if not from or from > 16 or not bytes:sub(-64):find(marks[kind][2], 1, true) then
        return nil, "gnuplot's picture is not complete"
    end
    return bytes
end

-- The date of a PDF is the only thing that differs between two runs; newer cairo packs it away,
-- and it stays.
local function undated(bytes)
    return (bytes:gsub("(/CreationDate %(D:)%d+", function(head)
        return head .. "20000101000000"
    end, 1))
end

-- The bytes of a picture of a kind ("png", "svg", "pdf", "sixel"), or nil and a sentence.
function gnuplot.picture(full, kind, options)
    options = complete_options(full, kind, options)
    local output, message = child:draw(table.concat {
        "reset session\n", terminals[kind](options), "\n", script.text(full, options),
        "unset output\n",
    }, gnuplot.seconds)
    if not output then return nil, message end
    local bytes, reason = whole(kind, output)
    return bytes and kind == "pdf" and undated(bytes) or bytes, reason
end

-- The bytes of a GIF of completed descriptions, one after the other, or nil and a sentence.
-- options.delay: hundredths of a second that each is seen.
function gnuplot.film(frames, options)
    options = complete_options(frames[1], "gif", options)
    local out = writer.new()
    out:add(terminals.gif(options))
    for _, full in ipairs(frames) do script.write(out, full, options) end
    out:add("unset output")
    local output, message = child:draw(out:text(), gnuplot.seconds + 0.5 * #frames)
    if not output then return nil, message end
    return whole("gif", output)
end

-- --- canvases ----------------------------------------------------------------------------------

-- One picture after the other, of a run that moves: a process of its own, in which surfaces and
-- contours stay from frame to frame. Kinds: those of pictures, and of windows ("wxt", "qt").
local canvas = {}
canvas.__index = canvas

function gnuplot.canvas(kind)
    return setmetatable({ kind = kind, process = process.new() }, canvas)
end

-- The bytes of the frame ("" for a window), or nil and a sentence.
function canvas:draw(full, options, seconds)
    local kind = self.kind
    options = complete_options(full, kind, options)
    local line, ground = terminals[kind](options), ground_of(kind, options)
    if self.drawing then self.out = nil end -- Ctrl-C: what has been kept is not known
    self.drawing = true
    local output, message = self.process:draw(function(fresh)
        if fresh or not self.out then
            self.out, self.line = writer.new(), nil
        else
            self.out:next_frame()
        end
        local out = self.out
        if self.line ~= line then out:add(line) end -- a window keeps the size it was given by hand
        self.line = line
        out:add("reset")
        if ground then out:add(ground) end
        script.write(out, full, options)
        return out:text()
    end, seconds or gnuplot.seconds, true)
    self.drawing = false
    if not output then
        self.out = nil -- what it has kept is not known
        return nil, message
    end
    if options.persist then self.process:outlive() end
    if not marks[kind] then return "" end
    return whole(kind, output)
end

function canvas:process_id() return self.process:id() end

function canvas:close()
    self.process:stop()
    self.out, self.line = nil, nil
end

-- The kind of window this gnuplot can open, the better one first, or nil.
function gnuplot.window_kind()
    local known = child:terminals()
    return known.wxt and "wxt" or known.qt and "qt" or nil
end

return gnuplot
