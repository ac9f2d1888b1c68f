-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot as it is called: what is drawn for which value, numbers in the plots, refusals.

local check = require "check"
local core = require "descent.core"
local output = require "descent.plot.output"
local plot = require "descent.plot"

local loss, data, model, optim, descend = core.loss, core.data, core.model, core.optim, core.descend

local L = loss.least_squares(model.line, data.line12)
local function run(alpha, steps)
    return descend(L, optim.gd { alpha = alpha or 0.01 }, { start = { 1.6, -0.5 } })
        :step(steps or 100)
end
local gabor = loss.least_squares(model.gabor, data.gabor30)

-- The completed panels of what a call draws.
local function panels(draw)
    plot.output("none")
    draw()
    return output.last().panels, output.last()
end

local function layer(panel, kind, number)
    local count = 0
    for _, one in ipairs(panel.layers) do
        if one.kind == kind then
            count = count + 1
            if count == (number or 1) then return one end
        end
    end
end

check.test("before the first plot there is nothing to save or tell", function()
    check.raises(function() plot.describe() end, "nothing has been plotted yet")
    check.raises(function() plot.script() end, "nothing has been plotted yet")
    check.raises(function() plot.save("a.png") end, "nothing has been plotted yet")
end)

check.test("a data set: its examples", function()
    local p = panels(function() plot(data.line12) end)
    local points = layer(p[1], "points")
    check.equal(points.x, data.line12.x:table())
    check.equal(points.y, data.line12.y:table())
    check.equal({ p[1].x.label, p[1].y.label }, { "x", "y" })
    p = panels(function() plot(data.line12, data.gabor30) end)
    check.equal(#p[1].layers, 2)
    p = panels(function() plot.data { x = { 1, 2, 3 }, y = { 4, 5, 6 } } end)
    check.equal(layer(p[1], "points").y, { 4, 5, 6 })
    local two = data.new { x = { { 1, 2 }, { 3, 4 }, { 5, 7 } }, y = { 1.5, 2, 3 } }
    p = panels(function() plot(two) end)
    check.equal(#p, 2)
    check.equal(layer(p[2], "points").x, { 2, 4, 7 })
end)

check.test("classes of two inputs stand in the plane", function()
    local d = data.new { x = { { 1, 2 }, { 3, 4 }, { 5, 7 }, { 2, 2 }, { 2, 3 }, { 1, 1 } },
                         y = { 0, 1, 1, 0, 1, 0 } }
    local p = panels(function() plot(d) end)
    check.equal(#p, 1)
    check.equal(layer(p[1], "points", 1).x, { 1, 2, 1 })
    check.equal(layer(p[1], "points", 2).y, { 4, 7, 3 })
    check.equal(layer(p[1], "points", 2).label, "y = 1")
end)

check.test("a run on one input and two parameters: the fit beside the surface", function()
    local r = run()
    local p, full = panels(function() plot(r) end)
    check.equal(#p, 2)
    check.equal(full.title, "gradient descent, t = 100, L[φ] = 0.2008") -- curriculum C3
    local line = layer(p[1], "line")
    local phi = r.phi
    for _, i in ipairs { 1, 100, 401 } do
        check.close(line.y[i], phi[1] + phi[2] * line.x[i], 1e-12)
    end
    local path = layer(p[2], "path")
    check.equal({ path.x[1], path.y[1] }, { 1.6, -0.5 })
    check.equal({ path.x[101], path.y[101] }, { phi[1], phi[2] })
    check.equal({ p[2].x.label, p[2].y.label }, { "φ₀", "φ₁" })
    for i = 1, 101 do
        check.ok(path.x[i] > p[2].x.range[1] and path.x[i] < p[2].x.range[2], "the path is inside")
        check.ok(path.y[i] > p[2].y.range[1] and path.y[i] < p[2].y.range[2], "the path is inside")
    end
end)

check.test("a run with more parameters: the fit beside the loss", function()
    local cubic = loss.least_squares(model.polynomial(3), data.gabor30)
    local r = descend(cubic, optim.adam { alpha = 0.001 }, { start = { 0, 0, 0, 0 } }):step(5)
    local p = panels(function() plot(r) end)
    check.equal(#p, 2)
    check.ok(layer(p[1], "points"), "data")
    local curve = layer(p[2], "line")
    check.equal(curve.x, { 0, 1, 2, 3, 4, 5 })
    check.close(curve.y, r.trace.loss:table(), 0)
end)

check.test("a run of a loss without data: surface or curve, and the loss", function()
    local valley = loss(function(phi0, phi1) return (1 - phi0)^2 + 100*(phi1 - phi0^2)^2 end)
    local r = descend(valley, optim.adam { alpha = 0.05 }, { start = { -1, 2 } }):step(20)
    local p = panels(function() plot(r) end)
    check.ok(p[1].image and layer(p[2], "line"), "surface and loss")
    local single = loss(function(phi) return (phi - 1)^2 end)
    p = panels(function() plot(descend(single, optim.gd { alpha = 0.1 }, { start = { 3 } })) end)
    check.equal(#p, 1)
end)

check.test("the surface has the values of the loss at the places it says", function()
    local p = panels(function()
        plot.surface { gabor, phi0 = { -10, 10 }, phi1 = { 2.5, 22.5 }, n = 41 }
    end)
    local image = p[1].image
    check.equal({ image.x0, image.x1, image.y0, image.y1 }, { -10, 10, 2.5, 22.5 })
    for _, at in ipairs { { 1, 1 }, { 41, 1 }, { 1, 41 }, { 17, 30 } } do
        local i, j = at[1], at[2]
        check.close(image.values[i][j], gabor(-10 + (i - 1) / 2, 2.5 + (j - 1) / 2), 1e-12)
    end
    check.equal(image.bands, 20)
    local words = tostring(plot.describe())
    check.contains(words, "across φ₀ from −10 to 10, up φ₁ from 2.5 to 22.5")
    -- The ranges may be given in any order: across stands the earlier parameter.
    p = panels(function()
        plot.surface { gabor, phi1 = { 2.5, 22.5 }, phi0 = { -10, 10 }, bands = 7, n = 10 }
    end)
    check.equal(p[1].x.label, "φ₀")
    check.equal(p[1].image.bands, 7)
end)

check.test("without ranges the surface shows the minimum of a loss", function()
    local p = panels(function() plot(L) end)
    -- The closed form of the least-squares line: curriculum C3.
    check.ok(p[1].x.range[1] < 0.82595 and p[1].x.range[2] > 0.82595, "φ₀ is inside")
    check.ok(p[1].y.range[1] < 0.522226 and p[1].y.range[2] > 0.522226, "φ₁ is inside")
    local at = p[1].image.lowest
    local image = p[1].image
    check.close(image.x0 + (image.x1 - image.x0) * (at[1] - 1) / (image.across - 1), 0.82595, 0.05)
end)

check.test("a function of two numbers is a surface, of one a curve", function()
    local p = panels(function() plot(function(a, phi2) return a * phi2 end) end)
    check.equal({ p[1].x.label, p[1].y.label }, { "a", "φ₂" })
    check.close(p[1].image.values[1][200], -4, 1e-12)
    p = panels(function() plot(math.sin) end)
    local line = layer(p[1], "line")
    check.close(line.y[1], math.sin(-5), 1e-15)
    check.equal(#line.x, 401)
end)

check.test("a tangent has the slope of the derivative and points downhill", function()
    local p = panels(function()
        plot.curve { function(x) return x^2 - 4*x + 5 end, from = -1, to = 5, at = 0.5 }
    end)
    local tangent = layer(p[1], "line", 2)
    local slope = (tangent.y[2] - tangent.y[1]) / (tangent.x[2] - tangent.x[1])
    check.close(slope, 2 * 0.5 - 4, 1e-8) -- curriculum B2: the slope is 2x − 4
    local arrow = layer(p[1], "arrows")
    check.ok(arrow.x2[1] > arrow.x[1], "downhill is to the right")
    check.equal(p[1].title, "slope at x = 0.5 is −3: downhill is to the right")
    p = panels(function()
        plot.curve { function(x) return x^2 - 4*x + 5 end, from = -1, to = 5, at = 2 }
    end)
    check.equal(p[1].title, "slope at x = 2 is 0: flat")
    check.equal(layer(p[1], "arrows"), nil)
    -- A loss of one parameter is such a curve too.
    p = panels(function() plot(loss(function(phi) return (phi - 1)^2 end)) end)
    check.equal({ p[1].x.label, p[1].y.label }, { "φ", "L[φ]" })
end)

check.test("loss curves: a log axis where it is needed, labels that tell runs apart", function()
    local slow, fast = run(0.001), run(0.01)
    local p = panels(function() plot.loss { slow, fast } end)
    check.equal(p[1].y.log, false)
    check.equal({ layer(p[1], "line", 1).label, layer(p[1], "line", 2).label },
        { "gradient descent, α = 0.001", "gradient descent, α = 0.01" })
    check.close(layer(p[1], "line", 1).y[101], 1.6147, 1e-4) -- curriculum C4
    check.equal(p[1].y.range[1], 0)
    p = panels(function() plot.loss { run(0.041), log = true } end)
    check.ok(p[1].y.log, "as asked for")
    check.close(layer(p[1], "line").y[101], 36511, 1) -- curriculum C4
    p = panels(function() plot.loss { run(0.041) } end)
    check.ok(p[1].y.log, "by itself, over so many powers of ten")
    p = panels(function() plot.loss { slow = slow, fast = fast } end)
    check.equal({ layer(p[1], "line", 1).label, layer(p[1], "line", 2).label }, { "fast", "slow" })
    p = panels(function() plot.loss { slow, slow } end)
    check.equal(layer(p[1], "line", 2).label, "gradient descent, run 2")
    local elsewhere = descend(L, optim.gd { alpha = 0.001 }, { start = { 0.4, 1.2 } })
    p = panels(function() plot.loss { slow, elsewhere } end)
    check.equal(layer(p[1], "line", 2).label, "gradient descent from (0.4, 1.2)")
end)

check.test("batches: the loss of each beside that over all data", function()
    local r = descend(gabor, optim.gd { alpha = 0.05 },
        { start = { -1.5, 8.5 }, batch = 5, seed = 1 }):step(12)
    local p = panels(function() plot.loss { r, batch = true } end)
    local each, all = layer(p[1], "line", 1), layer(p[1], "line", 2)
    check.ok(each.thin, "thin")
    check.equal(#each.y, 12)
    check.equal(#all.y, 13)
    check.equal({ each.x[1], all.x[1] }, { 1, 0 })
    check.equal(each.y[12], r.trace.batch_loss:table()[13])
    p = panels(function() plot.loss { r, run() } end)
    check.equal(layer(p[1], "line", 1).label, "gradient descent (batch 5)")
end)

check.test("fits: several runs, models at given parameters, residuals", function()
    local slow, fast = run(0.001), run(0.01)
    local p = panels(function() plot(data.line12, slow, fast) end)
    check.equal(#p, 1)
    check.ok(layer(p[1], "line", 2) and layer(p[1], "points"), "two models and the data")
    p = panels(function() plot.fit { fast, residuals = true } end)
    local residuals = layer(p[1], "segments")
    local phi = fast.phi
    for i = 1, 12 do
        check.close(residuals.y2[i], phi[1] + phi[2] * residuals.x[i], 1e-12)
        check.equal(residuals.y[i], data.line12.y[i])
    end
    p = panels(function() plot.fit { model.line, phi = { 1, 2 }, data = data.line12 } end)
    check.equal(p[1].title, "model.line, φ₀ = 1, φ₁ = 2")
    local astray = run(0.2, 50)
    p = panels(function() plot.fit(astray) end)
    check.ok(p[1].y.range[2] < 10, "a model gone astray does not press the data flat")
    local wide = data.new { x = { { 1, 2 }, { 3, 4 }, { 5, 7 }, { 2, 2 } }, y = { 1, 2.5, 3, 4 } }
    local M = loss.least_squares(model.linear(2), wide)
    local r = descend(M, optim.gd { alpha = 0.001 }, { start = { 0.1, 0.2, 0.3 } })
    p = panels(function() plot.fit(r) end)
    check.close(layer(p[1], "points").y, { 0.8, 1.4, 2.2, 0.9 }, 1e-12) -- 0.1 x₁ + 0.2 x₂ + 0.3
end)

check.test("arrays and lists", function()
    local p = panels(function() plot(core.array { 1, 4, 9 }) end)
    check.equal(layer(p[1], "line").y, { 1, 4, 9 })
    check.equal(layer(p[1], "line").x, { 1, 2, 3 })
    p = panels(function() plot { 1, 2, 3 } end)
    check.equal(layer(p[1], "line").y, { 1, 2, 3 })
    p = panels(function() plot(core.array { { 1, 4 }, { 2, 5 }, { 3, 6 } }) end)
    check.equal(layer(p[1], "line", 2).y, { 4, 5, 6 })
    p = panels(function() plot(core.zeros(10, 10) + 1) end)
    check.equal(p[1].image.values[3][4], 1)
    p = panels(function()
        plot.lines { x = { 1, 10 }, y = { { 1, 2 }, { 3, 4 } }, log = "x", labels = { "a", "b" } }
    end)
    check.equal({ p[1].x.log, p[1].y.log }, { true, false })
    check.equal(layer(p[1], "line", 2).label, "b")
end)

check.test("misspelt options, wrong values, what cannot be drawn: one sentence", function()
    local r = run(0.01, 5)
    check.raises(function() plot.fit { r, residual = true } end, "residuals")
    check.raises(function() plot.surfac(r) end, "did you mean plot.surface?")
    check.raises(function() return plot.zzzzzz end, "help(plot) lists what it has")
    check.raises(function() plot.loss { r, logg = true } end, "log")
    check.raises(function() plot.surface { L, phi2 = { 0, 1 } } end, "phi2", "phi0")
    check.raises(function() plot.surface { L, phi0 = { 2, 1 } } end, "phi0", "smaller first")
    check.raises(function() plot.surface { L, phi0 = { 0, 1 }, phi1 = 3 } end, "phi1", "{-1, 1}")
    check.raises(function() plot.surface { L, bands = 1 } end, "bands", "2")
    check.raises(function() plot.surface {} end, "a loss or a run is missing")
    check.raises(function() plot.fit { model.line } end, "phi is missing")
    check.raises(function() plot.fit { data.line12 } end, "a run or a model is missing")
    check.raises(function() plot.curve { math.sin, from = 3, to = 1 } end, "from", "less than")
    check.raises(function() plot.curve { function() return "a" end } end, "a string")
    check.raises(function() plot.curve { function() return 0 / 0 end } end, "nothing to draw")
    check.raises(function() plot.lines { x = { 1 }, y = { 1, 2 } } end, "x has 1", "y 2")
    check.raises(function() plot.data { r } end, "data set")
    check.raises(function() plot("x") end, "it cannot draw a string")
    check.raises(function() plot() end, "it cannot draw nothing")
    check.raises(function() plot(nil) end, "nil")
    check.raises(function() plot(optim.gd { alpha = 1 }) end, "an optimizer")
    check.raises(function() plot(model.line) end, "phi")
    check.raises(function() plot(loss.least_squares(model.polynomial(3), data.gabor30)) end,
        "4 parameters", "plot.surface")
    check.raises(function() plot.output("txt") end, "text")
    check.raises(function() plot.theme { palette = "jet" } end, "palette", "udl")
    -- The line of the user, not one of ours.
    local line = debug.getinfo(1, "l").currentline + 1
    local message = check.raises(function() plot("x") end, "cannot draw")
    check.matches(message, ":" .. line .. ": ")
    -- An error inside a user's function stays his own.
    check.raises(function() plot.curve { function() error("mine") end } end, "mine")
end)

check.test("a refused plot leaves the last one as it was", function()
    panels(function() plot(data.line12) end)
    local before = tostring(plot.describe())
    check.raises(function() plot.curve { function() return 0 / 0 end } end, "nothing to draw")
    check.equal(tostring(plot.describe()), before)
end)

check.test("text goes to the output without escape codes, none prints nothing", function()
    plot.output("text")
    local shown = check.output(function() plot(data.line12) end)
    check.contains(shown, "line12, 12 examples")
    check.ok(not shown:find("\27"), "no escape codes: the output is no terminal")
    check.equal(select(2, shown:gsub("\n", "")), 23)
    local results
    check.output(function() results = select("#", plot(data.line12)) end)
    check.equal(results, 0)
    plot.output("none")
    check.equal(check.output(function() plot(data.line12) end), "")
    plot.output("auto")
    check.contains(check.output(function() plot(data.line12) end), "line12")
end)

check.test("the words can be used as a text", function()
    panels(function() plot(data.line12) end)
    local words = plot.describe()
    check.contains(words, "12 examples")
    check.ok(words:find("12 points"), "methods of a string")
    check.equal(#words, #tostring(words))
    check.contains("so: " .. words, "so: line12")
    check.matches(plot.script(), "^# A plot of descent")
end)

check.test("a surface of 200 × 200 is computed and drawn in text", function()
    plot.output("text")
    local text = check.output(function()
        plot.surface { gabor, phi0 = { -10, 10 }, phi1 = { 2.5, 22.5 }, n = 200 }
    end)
    check.contains(text, "φ₀")
end)

local function shell(command)
    local pipe = assert(io.popen(command))
    local text = pipe:read("a")
    pipe:close()
    return text
end

-- Only our own program can be started anew.
if (arg[-1] or ""):find("descent") then
    local program = "'" .. arg[-1] .. "'"
    local path_to_files = os.getenv("DESCENT_PATH")
    local keep = path_to_files and "DESCENT_PATH='" .. path_to_files .. "' " or ""

    check.test("with an empty environment a plot is ASCII and needs nothing", function()
        local text = shell("/usr/bin/env -i " .. keep .. program
            .. " -e 'plot.surface{loss.least_squares(model.gabor, data.gabor30), "
            .. "phi0 = {-10, 10}, phi1 = {2.5, 22.5}}' 2>&1")
        check.contains(text, "L[phi] over phi0 and phi1")
        check.ok(not text:find("[\128-\255\27]"), "ASCII, no escape codes")
    end)

    check.test("without gnuplot the same picture comes, and one line says how to get it", function()
        local code = " -e 'plot(data.line12) plot(data.line12)'"
        local with = shell(program .. code .. " 2>/dev/null")
        local without = shell("PATH=/nowhere " .. program .. code .. " 2>/dev/null")
        check.equal(without, with)
        local told = shell("PATH=/nowhere " .. program .. code .. " 2>&1 >/dev/null")
        check.equal(told, "plot: gnuplot is not installed; showing text plots. For pictures: "
            .. "sudo apt install gnuplot-nox   (windows: gnuplot-qt)\n")
        check.contains(shell("PATH=/nowhere " .. program
            .. " -e 'plot.output(\"none\") plot(data.line12) plot.save(\"/tmp/x.png\")' 2>&1"),
            "gnuplot is not installed: sudo apt install gnuplot-nox")
    end)

    check.test("DESCENT_PLOT chooses the output at start", function()
        local code = program .. " -e 'plot(data.line12)' 2>&1"
        check.equal(shell("DESCENT_PLOT=none " .. code), "")
        check.contains(shell("DESCENT_PLOT=text " .. code), "12 examples")
        check.contains(shell("DESCENT_PLOT=paper " .. code), 'DESCENT_PLOT is "paper"')
    end)
end
