-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The text backend and the description layer: geometry, widths, colours, words.

local check = require "check"
local description = require "descent.plot.description"
local label = require "descent.plot.label"
local terminal = require "descent.terminal"
local text = require "descent.plot.text"
local theme = require "descent.plot.theme"
local ticks = require "descent.plot.ticks"

local TRUE_COLOUR = 1 << 24

local function draw(given, columns, rows, options)
    options = options or {}
    return text.draw(description.complete(given), {
        columns = columns, rows = rows, colours = options.colours or 0,
        unicode = options.unicode ~= false, ground = options.ground, blank = options.blank,
    })
end

local function one(panel) return { panels = { panel } } end

-- The cells of a line, one character each, counted from 1 (all used characters are one cell wide).
local function cells(line)
    local list = {}
    for piece, width in terminal.pieces(line) do
        if width > 0 then list[#list + 1] = piece end
    end
    return list
end

-- Where the drawing is: left column, number of columns, first and last line.
local function area(lines)
    for row, line in ipairs(lines) do
        local list = cells(line)
        for column, character in ipairs(list) do
            if character == "└" then
                local first = row
                while first > 1 do
                    local above = cells(lines[first - 1])[column]
                    if above ~= "│" and above ~= "┤" then break end
                    first = first - 1
                end
                return { left = column + 1, columns = #list - column, first = first, last = row - 1,
                         rows = row - first }
            end
        end
    end
    check.fail("there is no axis in\n%s", table.concat(lines, "\n"))
end

local function is_dots(character)
    local code = character and #character == 3 and utf8.codepoint(character)
    return code and code > 0x2800 and code <= 0x28FF
end

-- --- descriptions to try -----------------------------------------------------------------------

local function range(n, f)
    local list = {}
    for i = 1, n do list[i] = f and f(i) or i end
    return list
end

local function bowl(n, low, high)
    local values = {}
    for i = 1, n do
        values[i] = {}
        for j = 1, n do
            local x = low + (high - low) * (i - 1) / (n - 1)
            local y = low + (high - low) * (j - 1) / (n - 1)
            values[i][j] = x^2 + 3 * y^2
        end
    end
    return { values = values, x0 = low, x1 = high, y0 = low, y1 = high, label = "L[φ]" }
end

local long = "a label that is much longer than a narrow panel is wide, and goes on"
local samples = {
    data = one { title = "Data", x = { label = "x" }, y = { label = "y" }, layers = {
        { kind = "points", x = range(30), y = range(30, math.sin), label = "data" } } },
    losses = one { title = "Loss by optimizer", x = { label = "update t" },
        y = { label = "L[φ]", log = true }, layers = {
        { kind = "line", x = range(100), y = range(100, function(i) return 12 * 0.95^i end),
          label = "gradient descent" },
        { kind = "line", x = range(100), y = range(100, function(i) return 12 * 0.97^i end),
          label = "momentum 0.9" },
        { kind = "line", x = range(100), y = range(100, function(i) return 12 / i end),
          label = "Adam", thin = true },
        { kind = "line", x = range(100), y = range(100, function(i) return 5 + math.sin(i) end),
          label = long, dash = true } } },
    surface = one { title = "Loss surface, φ₀ and φ₁", x = { label = "φ₀" }, y = { label = "φ₁" },
        image = bowl(50, -10, 10), layers = {
        { kind = "path", x = { -8, -4, 0 }, y = { 8, 2, 0 }, label = "gradient descent" },
        { kind = "path", x = { -8, 6, 0.5 }, y = { 8, 6, 0.5 }, label = "Adam" },
        { kind = "path", x = { -8, -8, 50 }, y = { 8, -8, 50 }, label = "out of the picture" } } },
    all = one { title = long .. "\nand a second line", x = { label = long }, y = { label = long },
        layers = {
        { kind = "bars", x = range(10), y = range(10, math.sqrt), width = 0.9, label = "bars" },
        { kind = "band", x = range(10), y = range(10), y2 = range(10, function(i) return i + 1 end),
          label = "band" },
        { kind = "segments", x = range(5), y = range(5), x2 = range(5), y2 = { 2, 2, 2, 2, 2 },
          label = "segments" },
        { kind = "arrows", x = { 1, 2 }, y = { 1, 2 }, x2 = { 5, 2 }, y2 = { 1, 8 },
          label = "arrows" },
        { kind = "text", x = { 3, 100 }, y = { 5, 5 }, texts = { "日本 label", "far away" } },
        { kind = "points", x = { 1e5, 1 }, y = { 1e-7, 2 }, label = "日本語のラベル" } } },
    equal = one { equal = true, x = {}, y = {}, layers = {
        { kind = "line", x = range(50, math.cos), y = range(50, math.sin) } } },
}
samples.two = description.join { samples.data, samples.surface }
samples.two.title = "Two panels: " .. long
samples.four = description.join { samples.data, samples.surface, samples.losses, samples.data }

local sizes = { { 40, 12 }, { 41, 13 }, { 71, 20 }, { 80, 24 }, { 120, 40 }, { 300, 80 }, { 30, 8 },
                { 57, 30 } }

check.test("no line is wider than the terminal, whatever the size and the colours", function()
    for name, sample in pairs(samples) do
        for _, size in ipairs(sizes) do
            for _, colours in ipairs { 0, 16, 256, TRUE_COLOUR } do
                for _, unicode in ipairs { true, false } do
                    local lines = draw(sample, size[1], size[2],
                        { colours = colours, unicode = unicode, blank = colours > 0 })
                    local whole = table.concat(lines, "\n")
                    local where = ("%s at %dx%d, %d colours"):format(name, size[1], size[2],
                        colours)
                    for _, line in ipairs(lines) do
                        check.ok(terminal.width(line) <= size[1], where .. ": " .. line)
                        check.ok((line:match(".*(\27%[[%d;]*m)") or "\27[0m") == "\27[0m", where
                            .. ": colours go on at the end of a line")
                    end
                    if colours == 0 then
                        check.ok(not whole:find("\27"), where .. ": escape codes")
                    end
                    if not unicode then
                        check.ok(not whole:find("[\128-\255]"), where .. ": not ASCII: " .. whole)
                    end
                    check.ok(not whole:find("%%d") and not whole:find("nil"), where)
                end
            end
        end
    end
end)

check.test("a plot is as high as it may be", function()
    for _, name in ipairs { "data", "losses", "surface" } do
        for _, size in ipairs(sizes) do
            check.ok(#draw(samples[name], size[1], size[2]) <= size[2], name)
        end
    end
    check.equal(#draw(samples.data, 80, 24), 24)
    check.equal(#draw(samples.two, 80, 24), 24)
end)

check.test("points stand in the cells of their values", function()
    -- 10 × 10 units, the point (2.5, 7.5) three quarters up.
    local lines = draw(one { x = { range = { 0, 10 } }, y = { range = { 0, 10 } },
        layers = { { kind = "points", x = { 2.5, 0, 10 }, y = { 7.5, 0, 10 }, label = "p" } } },
        60, 20)
    local a = area(lines)
    local function at(x, y)
        local column = a.left + math.min(a.columns - 1, math.floor(x / 10 * a.columns))
        local row = a.first + math.min(a.rows - 1, math.floor((1 - y / 10) * a.rows))
        return cells(lines[row])[column]
    end
    check.equal(at(2.5, 7.5), "●")
    check.equal(at(0, 0), "●")
    check.equal(at(10, 10), "●")
    local count = 0
    for row = a.first, a.last do
        for _, character in ipairs(cells(lines[row])) do
            if character == "●" then count = count + 1 end
        end
    end
    check.equal(count, 3)
end)

check.test("a line passes through every row and column between its ends", function()
    local lines = draw(one { x = { range = { 0, 1 } }, y = { range = { 0, 1 } },
        layers = { { kind = "line", x = { 0, 1 }, y = { 0, 1 } } } }, 50, 20)
    local a = area(lines)
    local columns = {}
    for row = a.first, a.last do
        local list, found = cells(lines[row]), 0
        for column = a.left, a.left + a.columns - 1 do
            if is_dots(list[column]) then found, columns[column] = found + 1, true end
        end
        check.ok(found > 0, "an empty row")
    end
    for column = a.left, a.left + a.columns - 1 do check.ok(columns[column], "an empty column") end
    check.ok(is_dots(cells(lines[a.last])[a.left]), "the lower left corner")
    check.ok(is_dots(cells(lines[a.first])[a.left + a.columns - 1]), "the upper right corner")
end)

check.test("lines are cut at the border, and missing values interrupt them", function()
    local nan = 0 / 0
    local lines = draw(one { x = { range = { 0, 3 } }, y = { range = { 0, 1 } }, layers = {
        { kind = "line", x = { -5, 1, 2, 8 }, y = { 0.5, 0.5, nan, 0.5 } } } }, 50, 12)
    local a = area(lines)
    local middle = a.first + math.floor(a.rows / 2)
    local list = cells(lines[middle])
    check.ok(is_dots(list[a.left]), "it comes in from the left")
    check.ok(is_dots(list[a.left + a.columns // 4]), "and goes on to 1")
    check.ok(not is_dots(list[a.left + a.columns // 2]), "but there is nothing between 1 and 3")
end)

check.test("the axes carry their names and ends", function()
    local lines = draw(samples.surface, 80, 24)
    local a = area(lines)
    check.contains(lines[1], "Loss surface, φ₀ and φ₁")
    check.contains(lines[2], "φ₁")
    local below = lines[a.last + 2]
    check.contains(below, "−10")
    check.ok(below:find("[^−]10$"), below)
    check.contains(lines[a.last + 3], "φ₀")
    check.contains(lines[a.last + 3], "L[φ]")
    check.contains(lines[a.last + 3], "400") -- the highest value, at the corners
    -- A tick stands above the middle of its label.
    local _, tick = lines[a.last + 1]:find("^" .. (" "):rep(a.left - 2) .. "└")
    check.ok(tick, "the corner stands under the axis")
    local labels = {}
    for row = a.first, a.last do
        labels[#labels + 1] = lines[row]:match("^%s*([−%d.]+)┤")
    end
    check.equal(labels, { "10", "5", "0", "−5", "−10" })
end)

check.test("a path begins with a square, ends with a disc, and both are in the legend", function()
    local lines = draw(one { x = { label = "φ₀" }, y = { label = "φ₁" }, image = bowl(30, -1, 1),
        layers = { { kind = "path", x = { -0.75, 0.5, 0.25 }, y = { 0.75, 0.5, -0.5 },
                     label = "Adam" } } }, 60, 22)
    local legend = lines[1]
    check.contains(legend, "━━ Adam")
    check.contains(legend, "□ start")
    check.contains(legend, "● end")
    local a = area(lines)
    local function place(x, y)
        return a.first + math.floor((1 - y) / 2 * a.rows),
            a.left + math.floor((x + 1) / 2 * a.columns)
    end
    local row, column = place(-0.75, 0.75)
    check.equal(cells(lines[row])[column], "□")
    row, column = place(0.25, -0.5)
    check.equal(cells(lines[row])[column], "●")
    row, column = place(0.5, 0.5)
    check.ok(is_dots(cells(lines[row])[column]), "the path turns at (0.5, 0.5)")
end)

check.test("each of several lines has its own marker, in the drawing and in the legend", function()
    local lines = draw(samples.losses, 80, 24)
    local whole = table.concat(lines, "\n")
    check.contains(whole, "━●━ gradient descent")
    check.contains(whole, "━■━ momentum 0.9")
    for _, marker in ipairs { "●", "■" } do
        local count = select(2, whole:gsub(marker, marker))
        check.ok(count >= 4, marker .. " stands on its line")
    end
    -- A single line needs none.
    local single = draw(one { layers = {
        { kind = "line", x = range(9), y = range(9), label = "a" } } }, 60, 20)
    check.ok(not table.concat(single):find("●"), "a single line has no markers")
end)

check.test("a surface grows lighter from its lowest to its highest value", function()
    local values = {}
    for i = 1, 40 do values[i] = { i, i } end
    local panel = { image = { values = values, x0 = 0, x1 = 1, y0 = 0, y1 = 1 } }
    local lines = draw(one(panel), 60, 16)
    local a = area(lines)
    local ramp, before = { [" "] = 0, ["░"] = 1, ["▒"] = 2, ["▓"] = 3, ["█"] = 4 }, 0
    local seen = {}
    local list = cells(lines[a.first])
    for column = a.left, a.left + a.columns - 1 do
        local shade = ramp[list[column] or " "]
        check.ok(shade and shade >= before, "darker again at column " .. column)
        before = shade
        seen[shade] = true
    end
    check.ok(seen[0] and seen[1] and seen[2] and seen[3] and seen[4], "all shades are used")

    local coloured = draw(one(panel), 60, 16, { colours = TRUE_COLOUR })
    local function light(r, g, b) return 0.2126 * r + 0.7152 * g + 0.0722 * b end
    local last, count = -1, 0
    for r, g, b in coloured[a.first]:gmatch("48;2;(%d+);(%d+);(%d+)") do
        local now = light(r, g, b)
        check.ok(now > last, "the background grows lighter")
        last, count = now, count + 1
    end
    check.equal(count, 20) -- as many colours as bands
    local r, g, b = coloured[a.first]:match("48;2;(%d+);(%d+);(%d+)")
    check.equal({ tonumber(r), tonumber(g), tonumber(b) }, { 0x2A, 0x09, 0x02 })
end)

check.test("colours come in the number the terminal has", function()
    local function codes(colours)
        return table.concat(draw(samples.surface, 80, 24, { colours = colours }), "\n")
    end
    check.contains(codes(TRUE_COLOUR), "\27[38;2;")
    check.ok(not codes(256):find("38;2;", 1, true), "no 24-bit colours among 256")
    check.contains(codes(256), "48;5;23") -- greys 232..255
    check.ok(not codes(16):find("8;5;", 1, true), "no 256 colours among 16")
    check.ok(codes(16):find("\27%[[39][0-7]"), "the 16 colours")
end)

check.test("two panels stand beside each other where the width allows it", function()
    local wide, narrow = draw(samples.two, 80, 24), draw(samples.two, 60, 24)
    local function axes(lines)
        local most, rows = 0, 0
        for _, line in ipairs(lines) do
            local count = select(2, line:gsub("└", "└"))
            most, rows = math.max(most, count), rows + (count > 0 and 1 or 0)
        end
        return most, rows
    end
    check.equal({ axes(wide) }, { 2, 1 })
    check.equal({ axes(narrow) }, { 1, 2 })
end)

check.test("where there is no room, a sentence says so and the words follow", function()
    for _, size in ipairs { { 29, 24 }, { 80, 7 }, { 12, 3 } } do
        local lines = draw(samples.surface, size[1], size[2])
        local whole = table.concat(lines, " ")
        check.contains(lines[1], "A plot needs 30 × 8 cells")
        check.ok(not whole:find("└"), "no axes")
        check.contains(whole:gsub("%s+", " "), "gradient descent: from (−8, 8)")
        for i = 2, #lines do check.ok(terminal.width(lines[i]) <= size[1], lines[i]) end
    end
end)

check.test("what cannot be drawn is one sentence", function()
    local nan, huge = 0 / 0, math.huge
    local function complete(layer, y)
        return function()
            layer.kind = layer.kind or "points"
            description.complete(one { y = y, layers = { layer } })
        end
    end
    check.raises(complete { x = { 1, 2 }, y = { nan, nan } },
        "plot: nothing to draw: every value is NaN or infinite")
    check.raises(complete { x = { 1, 2 }, y = { huge, -huge } }, "every value is NaN or infinite")
    check.raises(complete({ x = { 1, 2 }, y = { 0, -1 } }, { log = true }), "not above 0")
    check.raises(complete { x = {}, y = {} }, "there is no data")
    check.raises(function()
        description.complete(one { image = {
            values = { { nan, nan }, { nan, nan } }, x0 = 0, x1 = 1, y0 = 0, y1 = 1 } })
    end, "every value is NaN or infinite")
end)

check.test("values that are missing, equal or enormous are drawn as far as they go", function()
    local nan = 0 / 0
    for _, y in ipairs { { 1, nan, 3 }, { 5, 5, 5 }, { 0, 0, 0 }, { 1e300, -1e300, 1 },
                         { 1e-300, 2e-300, 3e-300 }, { 1e15, 1e15 + 1, 1e15 + 2 },
                         { -1e9, 0, 1e9 } } do
        for _, log in ipairs { false, true } do
            local fine, lines = pcall(draw, one { x = {}, y = { log = log }, layers = {
                { kind = "line", x = { 1, 2, 3 }, y = y } } }, 60, 16)
            if fine then
                area(lines)
            else
                check.contains(lines, "nothing to draw")
                check.ok(log, "only a logarithmic axis may refuse")
            end
        end
    end
    local flat = {}
    for i = 1, 5 do flat[i] = { 7, 7, 7 } end
    area(draw(one { image = { values = flat, x0 = 0, x1 = 1, y0 = 0, y1 = 1 } }, 60, 16))
    local words = description.words(description.complete(one { layers = {
        { kind = "line", x = { 1, 2, 3 }, y = { 1, nan, 3 }, label = "a" } } }))
    check.contains(table.concat(words), "1 value left out: NaN or infinite")
end)

check.test("the words name ranges, extremes, and both ends of a path", function()
    local words = table.concat(description.words(description.complete(samples.surface)), "\n")
    check.contains(words, "across φ₀ from −10 to 10, up φ₁ from −10 to 10.")
    check.contains(words, "highest 400 at φ₀ = −10, φ₁ = −10")
    check.contains(words, "gradient descent: from (−8, 8) to (0, 0) in 2 steps.")
    words = table.concat(description.words(description.complete(samples.data)), "\n")
    check.contains(words, "data: 30 points, across from 1 to 30, up from −1 to 0.9906.")
end)

check.test("equal scales: a circle is as wide as high", function()
    local lines = draw(samples.equal, 80, 24)
    local a = area(lines)
    check.close(a.columns / (2 * a.rows), 1.0, 0.12)
end)

check.test("surfaces that are low almost everywhere get bands that grow by a factor", function()
    local values = {}
    for i = 1, 60 do
        values[i] = {}
        for j = 1, 60 do
            local x, y = -2 + 4 * (i - 1) / 59, -1 + 4 * (j - 1) / 59
            values[i][j] = (1 - x)^2 + 100 * (y - x^2)^2
        end
    end
    local valley = { values = values, x0 = -2, x1 = 2, y0 = -1, y1 = 3 }
    local image = description.complete(one { image = valley }).panels[1].image
    check.ok(image.log, "Rosenbrock's valley")
    local levels = description.levels(image)
    check.equal(#levels, 19)
    for i = 2, #levels do
        check.close(levels[i] / levels[i - 1], (image.high / image.low)^(1 / 20), 1e-9)
    end
    image = description.complete(samples.surface).panels[1].image
    check.ok(not image.log, "a bowl")
    check.close(description.levels(image)[1] - image.low, (image.high - image.low) / 20, 1e-12)
    valley.log = false
    check.ok(not description.complete(one { image = valley }).panels[1].image.log, "as asked for")
end)

-- --- ticks and labels --------------------------------------------------------------------------

check.test("linear ticks are multiples of 1, 2 or 5 times a power of ten", function()
    for _, case in ipairs { { -15, 15 }, { 0, 1 }, { 0.13, 0.97 }, { -3.2e-5, 7e-6 },
                            { 1e6, 1.00002e6 }, { -1e12, 5e12 }, { 2.5, 22.5 },
                            { 99.97, 100.01 } } do
        for most = 2, 12 do
            local low, high = case[1], case[2]
            local list = ticks.linear(low, high, most)
            check.ok(#list <= most, "too many")
            if most > 3 then check.ok(#list >= 2, ("%g to %g, %d"):format(low, high, most)) end
            local seen = {}
            for i, tick in ipairs(list) do
                local slack = 1e-9 * (high - low)
                check.ok(tick.at >= low - slack and tick.at <= high + slack, "outside")
                check.ok(not seen[tick.text], "twice " .. tick.text)
                seen[tick.text] = true
                if i > 1 then
                    local step = tick.at - list[i - 1].at
                    local leading = step / 10^math.floor(math.log(step, 10) + 1e-6)
                    local off = math.min(math.abs(leading - 1), math.abs(leading - 2),
                        math.abs(leading - 5), math.abs(leading - 10))
                    check.ok(off < 1e-3, "a step of " .. step)
                end
            end
        end
    end
end)

check.test("tick labels read as their values", function()
    local function texts(list)
        local words = {}
        for i, tick in ipairs(list) do words[i] = tick.text end
        return words
    end
    check.equal(texts(ticks.linear(-1.25, 1.25, 6)), { "−1", "−0.5", "0", "0.5", "1" })
    check.equal(texts(ticks.linear(0, 3.2e7, 5)), { "0", "10⁷", "2·10⁷", "3·10⁷" })
    check.equal(texts(ticks.logarithmic(0.55, 13, 8)), { "1", "2", "5", "10" })
    check.equal(texts(ticks.logarithmic(1e-12, 1, 6)), { "10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "1" })
    check.equal(texts(ticks.logarithmic(3, 4, 5)), { "3", "3.5", "4" })
end)

check.test("labels can be written in ASCII, and are always valid", function()
    check.equal(label.ascii("φ₀ = −3·10⁻³, x², L[φ]"), "phi0 = -3e-3, x^2, L[phi]")
    check.equal(label.ascii("10⁻⁷"), "1e-7")
    check.equal(label.ascii("日"), "?")
    check.equal(label.clean("a\xFFb\0c\td\ne"), "a\u{FFFD}b\u{FFFD}c d e")
    check.equal(label.number(-0.000012345), "−1.234·10⁻⁵")
    check.equal(label.number(36511.26), "36511")
    check.equal(label.number(-0.0), "0")
    check.equal(label.number(math.huge), "∞")
    check.equal(label.integer(12345678), "12,345,678")
    check.equal(label.integer(1234), "1234")
end)

check.test("palettes grow lighter all the way, also without hue", function()
    for name, palette in pairs(theme.palettes) do
        local last = -1
        for k = 0, 40 do
            local r, g, b = theme.split(theme.shade(palette, k / 40))
            local light = 0.2126 * (r / 255)^2.2 + 0.7152 * (g / 255)^2.2 + 0.0722 * (b / 255)^2.2
            check.ok(light >= last, name .. " darkens")
            last = light
        end
    end
end)

-- --- redrawing ---------------------------------------------------------------------------------

-- What a terminal shows that gets moves, colours and characters, with the cursor below the screen.
local function apply(shown, sent)
    local row, column, ink = shown.rows, 0, "39;49"
    local at = 1
    while at <= #sent do
        local numbers, final, next_at = sent:match("^\27%[([%d;]*)(%a)()", at)
        if numbers then
            local count = tonumber(numbers) or 1
            if final == "A" then row = row - count
            elseif final == "B" then row = row + count
            elseif final == "C" then column = column + count
            else check.equal(final, "m") ink = numbers == "0" and "39;49" or numbers end
            at = next_at
        elseif sent:sub(at, at) == "\r" then
            column, at = 0, at + 1
        else
            local character = sent:match("^" .. utf8.charpattern, at)
            check.ok(row >= 0 and row < shown.rows and column < shown.columns, "inside")
            shown[row * shown.columns + column] = character .. " " .. ink
            column, at = column + 1, at + #character
        end
    end
    check.equal({ row, column, ink }, { shown.rows, 0, "39;49" })
end

check.test("a redraw sends the cells that changed, and gives the new picture", function()
    local options = { columns = 60, rows = 18, colours = TRUE_COLOUR, unicode = true }
    local function screen_of(steps)
        return text.screen(description.complete(one { title = steps .. " steps",
            x = { label = "φ₀" }, y = { label = "φ₁" }, image = bowl(20, -10, 10), layers = {
            { kind = "path", x = { -8, -4, steps }, y = { 8, 2, steps / 2 }, label = "path" } } }),
            options)
    end
    local before, after = screen_of(1), screen_of(3)
    local shown = { rows = before.rows, columns = before.columns }
    local function wanted(target, at)
        return (target.characters[at] or " ") .. " " .. (target.inks[at] or "39") .. ";"
            .. (target.grounds[at] or "49")
    end
    for at = 0, shown.rows * shown.columns - 1 do shown[at] = wanted(before, at) end
    local sent = after:difference(before)
    apply(shown, sent)
    for at = 0, shown.rows * shown.columns - 1 do check.equal(shown[at], wanted(after, at)) end
    check.ok(#sent > 0 and #sent < #table.concat(after:lines()) / 8, #sent .. " bytes")
    check.equal(after:difference(after), "")
end)
