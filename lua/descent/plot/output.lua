-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Where a plot goes: to the terminal as a picture or as text, into a window, a file, or nowhere.

local core = require "descent.core"
local description = require "descent.plot.description"
local doc = require "descent.doc"
local label = require "descent.plot.label"
local terminal = require "descent.terminal"
local theme = require "descent.plot.theme"

local output = {}

local host = core.host
local function text_backend() return require "descent.plot.text" end
local function gnuplot_backend() return require "descent.plot.gnuplot" end
local function picture_backend() return require "descent.plot.picture" end

output.kinds = { "auto", "text", "kitty", "iterm", "sixel", "window", "none" }

local chosen                               -- by plot.output
local settings = { ground = "auto", palette = "udl", font = nil }
local last                                 -- the last plot, completed
local told = {}                            -- sentences that are said once

local function known(list, name)
    for _, one in ipairs(list) do
        if one == name then return true end
    end
    return false
end

local function palette_names()
    local names = {}
    for name in pairs(theme.palettes) do names[#names + 1] = name end
    table.sort(names)
    return names
end

-- --- the last plot -----------------------------------------------------------------------------

function output.last()
    return last or doc.fail("plot: nothing has been plotted yet; plot(x) draws something first")
end

-- A sentence on the error stream, once in a session.
function output.tell_once(sentence)
    if told[sentence] then return end
    told[sentence] = true
    io.stdout:flush()
    io.stderr:write("plot: ", sentence, "\n")
end

local most_rows -- of a plot on the screen, where within() bounds them

-- Runs with plots of at most `rows` lines on the screen; nil takes the bound away.
function output.within(rows, run, ...)
    local before = most_rows
    most_rows = rows
    local results = table.pack(pcall(run, ...))
    most_rows = before
    if not results[1] then error(results[2], 0) end
    return table.unpack(results, 2, results.n)
end

-- How this terminal shows a plot: the options of the text backend.
function output.style()
    local columns, rows = terminal.size()
    local tty = terminal.is_terminal("output")
    local about = tty and terminal.probe() or { colours = 0 }
    return {
        columns = columns, rows = math.max(1, math.min(rows - 1, most_rows or rows)),
        colours = about.colours,
        unicode = terminal.unicode(), palette = settings.palette, blank = tty,
        ground = settings.ground ~= "auto" and settings.ground or about.ground or "dark",
    }
end

-- The lines of a completed plot as this terminal shows them.
function output.lines(full) return text_backend().draw(full, output.style()) end

-- The output in force: what was chosen, else the variable, else "auto".
function output.kind()
    if chosen then return chosen end
    local wanted = os.getenv("DESCENT_PLOT")
    if wanted == nil or wanted == "" then return "auto" end
    if not known(output.kinds, wanted) then
        doc.fail("plot: the variable DESCENT_PLOT is \"%s\"; it can be %s", label.clean(wanted),
            table.concat(output.kinds, ", "))
    end
    return wanted
end

-- Draws a description where plots go now, and remembers it.
function output.show(given)
    output.kind() -- a wrong one is told first
    output.show_completed(description.complete(given))
end

function output.show_completed(full)
    local kind = output.kind()
    last = full
    if kind == "none" then return end
    local shown, reason = false, nil
    local wanted = output.picture_kind()
    if wanted then
        shown, reason = picture_backend().show(wanted, full, output.look(), most_rows)
    end
    if shown then return end
    io.write(table.concat(output.lines(full), "\n"), "\n")
    if reason then
        output.tell_once(reason .. "; showing text plots")
    elseif kind == "auto" and not gnuplot_backend().installed() then
        output.tell_once(gnuplot_backend().missing .. "; showing text plots. For pictures: "
            .. gnuplot_backend().advice)
    end
end

-- "kitty", "iterm", "sixel" or "window"; nil where plots are text or shown nowhere.
function output.picture_kind()
    local kind = output.kind()
    if kind == "auto" then return picture_backend().suitable() end
    if kind ~= "text" and kind ~= "none" then return kind end
end

-- How pictures on the screen look: theme, palette, font.
function output.look()
    local ground = settings.ground
    if ground == "auto" then
        ground = terminal.is_terminal("output") and terminal.probe().ground or "dark"
    end
    return { theme = ground, palette = settings.palette, font = settings.font }
end

-- The last plot is this one from now on.
function output.remember(full) last = full end

-- --- choices -----------------------------------------------------------------------------------

function output.choose(kind)
    if not known(output.kinds, kind) then
        local near = type(kind) == "string" and doc.nearest(kind, output.kinds)
        doc.fail("plot.output: %s; plots can go to %s",
            near and ("did you mean \"%s\""):format(near)
            or type(kind) == "string" and ("there is no output \"%s\""):format(label.clean(kind))
            or "a name is needed", '"' .. table.concat(output.kinds, '", "') .. '"')
    end
    chosen = kind
end

function output.set_theme(options)
    for name, value in pairs(options) do settings[name] = value end
end

function output.palettes() return palette_names() end

-- --- files -------------------------------------------------------------------------------------

local pictures = { png = true, svg = true, pdf = true }

local function check_size(size, low, high, what, verb)
    verb = verb or "plot.save"
    if size == nil then return nil end
    local fine, array = pcall(core.array, size)
    if not fine or #array ~= 2 then
        doc.fail("%s: size is two numbers, {width, height} in %s", verb, what)
    end
    for i = 1, 2 do
        if not (array[i] >= low and array[i] <= high) or array[i] % 1 ~= 0 then
            doc.fail("%s: size is in %s, whole numbers from %d to %d, not %s", verb, what, low,
                high, label.number(array[i]))
        end
    end
    return { math.tointeger(array[1]), math.tointeger(array[2]) }
end

local function text_file(full, options)
    local size = check_size(options.size, 8, 1000, "characters") or { 80, 24 }
    local lines = text_backend().draw(full, {
        columns = size[1], rows = size[2], colours = 0, unicode = true,
    })
    return table.concat(lines, "\n") .. "\n"
end

-- Writes the last plot; the end of the name says what it becomes.
function output.save(path, options)
    local full = output.last()
    if type(path) ~= "string" or path == "" then
        doc.fail("plot.save: a file name is needed, such as \"fit.png\"")
    end
    local kind = (path:match("%.(%w+)$") or ""):lower()
    if not pictures[kind] and kind ~= "gp" and kind ~= "txt" then
        doc.fail("plot.save: \"%s\" must end in .png, .svg, .pdf, .gp or .txt", label.clean(path))
    end
    local bytes
    if kind == "txt" then
        bytes = text_file(full, options)
    else
        local how = {
            size = check_size(options.size, 120, 10000, "pixels"), palette = settings.palette,
            theme = options.theme or (settings.ground ~= "auto" and settings.ground) or "light",
            font = options.font or settings.font,
        }
        if kind == "gp" then
            bytes = gnuplot_backend().script(full, how)
        else
            local reason
            bytes, reason = gnuplot_backend().picture(full, kind, how)
            if not bytes then doc.fail("plot.save: %s: %s", label.clean(path), reason) end
        end
    end
    host.write(path, bytes)
end

-- Writes completed plots as a film.
function output.film(path, frames, options)
    local bytes, reason = gnuplot_backend().film(frames, {
        size = check_size(options.size, 120, 4000, "pixels", "plot.record")
            or { #frames[1].panels > 1 and 1000 or 700, 480 },
        palette = settings.palette, font = options.font or settings.font,
        theme = options.theme or (settings.ground ~= "auto" and settings.ground) or "light",
        delay = math.max(2, math.floor(100 / options.fps + 0.5)),
    })
    if not bytes then doc.fail("plot.record: %s: %s", label.clean(path), reason) end
    host.write(path, bytes)
    last = frames[#frames]
end

-- The last plot as a gnuplot script that stands alone.
function output.script()
    return gnuplot_backend().script(output.last(), {
        palette = settings.palette, font = settings.font,
        theme = settings.ground ~= "auto" and settings.ground or "light",
    })
end

-- The last plot in words, one sentence a line.
function output.words() return description.words(output.last()) end

return output
