-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The kinds of plots beyond the first ones: what they draw is compared with closed forms.

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
local bowl = loss(function(phi0, phi1) return phi0^2 + 3*phi1^2 end)

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

-- --- data in other units ------------------------------------------------------------------------

check.test("a run on standardized data is drawn over raw data in their units", function()
    local xs, ys = core.linspace(100, 200, 11), 3*core.linspace(100, 200, 11) + 5
    local raw = data.new { x = xs, y = ys }
    for _, y in ipairs { false, true } do
        local s = raw:standardize { y = y }
        local fitted = descend(loss.least_squares(model.line, s), optim.newton {}):step(1)
        local drawn = layer(panels(function() plot.fit { fitted, data = raw } end)[1], "line")
        for i, x in ipairs(drawn.x) do check.close(drawn.y[i], 3*x + 5, 1e-9) end
        check.equal(layer(panels(function() plot(raw, fitted) end)[1], "line").y, drawn.y)
        local own = layer(panels(function() plot.fit { fitted } end)[1], "line")
        check.ok(own.x[1] > -3 and own.x[1] < -1)
        check.raises(function() plot.fit { fitted, data = raw, phi = { 1, 2 } } end,
            "phi belongs to the standardized data")
    end
    local plane = data.new { x = { { 100, 1 }, { 200, 2 }, { 150, 4 } }, y = { 0, 1, 1 } }
    local s = plane:standardize()
    local classes = descend(loss.binary_cross_entropy(model.logistic(2), s), optim.gd{alpha = 1},
        { start = { 0, 0, 0 } }):step(100)
    panels(function() plot.regions { classes, plane } end)
    check.contains(plot.describe(), "It is right about 3 of 3 examples.")
end)

-- --- arrows ------------------------------------------------------------------------------------

check.test("the differences of a function of the language itself", function()
    local own = panels(function() plot.differences { core.sin, at = 1 } end)
    local written = panels(function()
        plot.differences { function(x) return core.sin(x) end, at = 1 }
    end)
    check.equal(#own[1].layers, #written[1].layers)
    for k, one in ipairs(own[1].layers) do
        check.equal(one.y and one.y[3], written[1].layers[k].y and written[1].layers[k].y[3])
    end
end)

check.test("arrows: along the gradient, to one scale, uphill or downhill", function()
    local p = panels(function() plot.arrows { bowl, phi0 = { -1, 1 }, phi1 = { -1, 1 } } end)
    check.ok(p[1].equal, "one scale")
    local arrows = layer(p[1], "arrows")
    check.equal(arrows.count, 80) -- the gradient at (0, 0) is 0
    local steepest = 0
    for i = 1, arrows.count do
        local x, y = (arrows.x[i] + arrows.x2[i]) / 2, (arrows.y[i] + arrows.y2[i]) / 2
        local dx, dy = arrows.x2[i] - arrows.x[i], arrows.y2[i] - arrows.y[i]
        local gx, gy = 2*x, 6*y
        check.close(dx * gy - dy * gx, 0, 1e-12) -- parallel
        check.ok(dx * gx + dy * gy > 0, "uphill")
        local length, slope = math.sqrt(dx*dx + dy*dy), math.sqrt(gx*gx + gy*gy)
        if slope > steepest then steepest = slope end
        check.ok(length < 2 / 9, "none reaches the next")
    end
    check.close(steepest, math.sqrt(16/9*16/9 + 48/9*48/9), 1e-12)
    check.contains(plot.describe(), "the gradient there is (−1.778, −5.333)")
    p = panels(function()
        plot.arrows { bowl, phi0 = { -1, 1 }, phi1 = { -1, 1 }, downhill = true }
    end)
    local first = layer(p[1], "arrows")
    check.ok(first.x2[1] > first.x[1] and first.y2[1] > first.y[1], "to the middle")
    check.equal(first.label, "−gradient (downhill)")
end)

check.test("arrows: of a run, of a function, with parameters held, on unequal axes", function()
    local p = panels(function() plot.arrows(run()) end)
    check.ok(layer(p[1], "path") and p[1].equal, "with the path, to one scale")
    p = panels(function()
        plot.arrows { function(a, b) return a * b end, a = { -1, 1 }, b = { -1, 1 }, arrows = 4 }
    end)
    local arrows = layer(p[1], "arrows")
    for i = 1, 16 do -- the gradient of a·b is (b, a)
        local a, b = (arrows.x[i] + arrows.x2[i]) / 2, (arrows.y[i] + arrows.y2[i]) / 2
        check.close((arrows.x2[i] - arrows.x[i]) * a - (arrows.y2[i] - arrows.y[i]) * b, 0, 1e-8)
    end
    local three = loss(function(u, v, w) return u^2 * w + v * w end)
    p = panels(function()
        plot.arrows { three, u = { 0, 1 }, v = { 0, 1 }, phi = { 0, 0, 2 }, arrows = 2 }
    end)
    arrows = layer(p[1], "arrows")
    local slope = (arrows.y2[1] - arrows.y[1]) / (arrows.x2[1] - arrows.x[1])
    check.close(slope, 2 / (2 * 0.25 * 2), 1e-9) -- (2uw, w) at u = 0.25, w = 2
    p = panels(function() plot.arrows { bowl, phi0 = { -1, 1 }, phi1 = { -100, 100 } } end)
    check.ok(not p[1].equal, "no room for one scale")
    check.contains(plot.describe(), "do not look at right angles")
    check.raises(function() plot.arrows { bowl, arrows = 1 } end, "arrows", "2")
    check.raises(function() plot.arrows {} end, "plot.arrows", "is missing")
    check.raises(function() plot.arrows { bowl, arows = 3 } end, "arrows")
end)

-- --- terms -------------------------------------------------------------------------------------

local function adam(steps)
    return descend(L, optim.adam { alpha = 0.05, gamma = 0.99 }, { start = { 1.6, -0.5 } })
        :step(steps)
end

check.test("terms: the columns of the trace from the first update on", function()
    local r = adam(12)
    local p = panels(function() plot.terms { r, "m", "v" } end)
    check.equal({ #p, p[1].title, p[2].title }, { 2, "m", "v" })
    local line = layer(p[1], "line", 2)
    check.equal({ line.x[1], line.x[12], line.label }, { 1, 12, "φ₁" })
    for t = 1, 12 do check.equal(line.y[t], r.trace.m[t + 1][2]) end
    check.equal(p[2].y.range[1], 0) -- a square is not below 0
    p = panels(function() plot.terms { r, "m", "m_corrected", parameters = "phi1" } end)
    check.equal(#p, 1)
    check.equal({ layer(p[1], "line", 1).label, layer(p[1], "line", 2).label },
        { "m φ₁", "m̃ φ₁" })
    -- m̃ = m/(1 − β^t)
    for t = 1, 12 do
        check.close(layer(p[1], "line", 2).y[t] * (1 - 0.9^t), layer(p[1], "line", 1).y[t], 1e-12)
    end
    p = panels(function() plot.terms(r) end) -- g, m with m̃, v with ṽ, the step
    check.equal({ p[1].title, p[2].title, p[3].title, p[4].title },
        { "g", "m and m̃", "v and ṽ", "length of the step" })
    local step, phi = layer(p[4], "line"), r.trace.phi
    for t = 1, 12 do
        local dx, dy = phi[t + 1][1] - phi[t][1], phi[t + 1][2] - phi[t][2]
        check.close(step.y[t], math.sqrt(dx*dx + dy*dy), 1e-14)
    end
    p = panels(function() plot.terms { r, "loss", "alpha" } end)
    check.close(layer(p[1], "line").y, r.trace.loss:table(), 0)
    check.equal(layer(p[2], "line").y[1], 0.05)
end)

check.test("terms: what is not there is named", function()
    p = panels(function() plot.terms { adam(5000), "m", "step" } end) -- long: what is drawn of it
    for _, panel in ipairs(p) do
        local layer = panel.layers[1]
        check.ok(#layer.x <= 4000 and #layer.x == #layer.y)
        check.equal({ layer.x[1], layer.x[#layer.x] }, { 1, 5000 })
    end
    check.raises(function() plot.terms { adam(2), "w" } end, "no term w", "m_corrected")
    check.raises(function() plot.terms { adam(2), "m_corected" } end, "did you mean m_corrected")
    check.raises(function() plot.terms { adam(0) } end, "t = 0")
    check.raises(function() plot.terms { L } end, "a loss")
    check.raises(function() plot.terms { adam(2), parameters = { "phi2" } } end, "phi2")
    check.raises(function() plot.terms {} end, "a run is missing")
    local cubic = loss.least_squares(model.polynomial(4), data.gabor30)
    local r = descend(cubic, optim.adam {}, { start = { 0, 0, 0, 0, 0 } }):step(2)
    panels(function() plot.terms { r, "m" } end)
    check.contains(plot.describe(), "The first 3 of 5 parameters are shown.")
end)

-- --- schedules ---------------------------------------------------------------------------------

check.test("schedules: what the formulas give, and what runs have used", function()
    local schedule = core.schedule
    local p = panels(function()
        plot.schedule { schedule.exponential { alpha = 0.4, factor = 0.5 }, steps = 5 }
    end)
    check.close(layer(p[1], "line").y, { 0.4, 0.2, 0.1, 0.05, 0.025 }, 1e-15)
    check.equal(p[1].title, "schedule.exponential{alpha = 0.4, factor = 0.5}")
    p = panels(function()
        plot.schedule { schedule.step { alpha = 1, factor = 0.1, every = 2, per = "epoch" },
            steps = 9, per_epoch = 3 }
    end)
    check.close(layer(p[1], "line").y, { 1, 1, 1, 1, 1, 1, 0.1, 0.1, 0.1 }, 1e-15)
    local s = schedule.cosine { alpha = 0.02, steps = 10 }
    local r = descend(L, optim.gd { alpha = s }, { start = { 1.6, -0.5 } }):step(10)
    p = panels(function() plot.schedule { s, r, steps = 10 } end)
    for t = 1, 10 do -- the cosine's formula
        check.close(layer(p[1], "line", 1).y[t], 0.01 * (1 + math.cos(math.pi*(t - 1)/10)), 1e-15)
    end
    check.equal(layer(p[1], "line", 2).y, layer(p[1], "line", 1).y)
    p = panels(function() plot.schedule { function(t) return 1/t end, steps = 4 } end)
    check.close(layer(p[1], "line").y, { 1, 1/2, 1/3, 1/4 }, 1e-15)
    p = panels(function() plot(s) end)
    check.equal(#layer(p[1], "line").y, 100)
    p = panels(function() plot.schedule(optim.gd { alpha = 0.3 }) end)
    check.equal(layer(p[1], "line").y[7], 0.3)
    check.raises(function() plot.schedule { function() return "a" end } end, "a string")
    check.raises(function() plot.schedule { run(0.1, 0) } end, "t = 0")
    check.raises(function() plot.schedule { L } end, "a loss")
end)

-- --- weights -----------------------------------------------------------------------------------

-- With a gradient of 1 everywhere the mean after t updates is the sum of the first t weights.
check.test("weights: they are those by which the optimizer itself adds up", function()
    local slope = loss(function(phi) return phi end)
    for _, opt in ipairs {
        optim.momentum { alpha = 0.1, beta = 0.6 },
        optim.momentum { alpha = 0.1, beta = 0.7, form = "velocity" },
        optim.momentum { alpha = 0.1, beta = 0.8, form = "sum" },
        optim.nesterov { alpha = 0.1, beta = 0.9 },
    } do
        local r = descend(slope, opt, { start = { 0 } }):step(8)
        local bars = layer(panels(function() plot.weights { opt, steps = 8 } end)[1], "bars")
        local sum = 0
        for k = 1, 8 do
            sum = sum + bars.y[k]
            check.equal(bars.x[k], k - 1)
            check.close(r.trace.m:col(1)[k + 1], sum, 1e-14)
        end
    end
    local p = panels(function() plot.weights { optim.adam { alpha = 0.1 }, steps = 12 } end)
    check.equal(#p, 2)
    for i, decay in ipairs { 0.9, 0.999 } do
        local y, sum = layer(p[i], "bars").y, 0
        for k = 1, 12 do sum = sum + y[k] end
        check.close(sum, 1, 1e-14)
        check.close(y[5] / y[4], decay, 1e-14)
    end
    check.raises(function() plot.weights { optim.gd { alpha = 1 } } end, "gradient descent",
        "keeps no mean")
    check.raises(function() plot.weights { L } end, "an optimizer is missing")
end)

-- --- differences -------------------------------------------------------------------------------

check.test("differences: errors as of the formulas, best near 1e-8 and 1e-5 (B1)", function()
    local p = panels(function()
        plot.differences { function(x) return core.sin(x) end, at = 1 }
    end)
    local forward, central = layer(p[1], "line", 1), layer(p[1], "line", 2)
    local function best(line)
        local at = 1
        for i = 1, line.count do
            if line.y[i] < line.y[at] then at = i end
        end
        return line.x[at]
    end
    check.ok(best(forward) > 1e-9 and best(forward) < 1e-7, "forward")
    check.ok(best(central) > 1e-7 and best(central) < 1e-4, "central")
    for i = 1, forward.count do
        local h = forward.x[i]
        if h > 1e-3 then -- Taylor: h/2·sin 1, h²/6·cos 1
            check.close(forward.y[i] / (h / 2 * math.sin(1)), 1, 0.25 * h + 0.1 * h * h)
            check.close(central.y[i] / (h * h / 6 * math.cos(1)), 1, 0.06 * h * h + 1e-6)
        end
    end
    check.ok(p[1].x.log and p[1].y.log, "log-log")
    p = panels(function() plot.differences { math.exp, at = 0, derivative = math.exp } end)
    check.ok(layer(p[1], "line", 2).count > 100, "with a given derivative")
    p = panels(function() plot.differences { loss(function(phi) return phi^3 end), at = 2 } end)
    check.close(layer(p[1], "line", 2).y[121], 1, 1e-9) -- ((2 + 1)³ − 1³)/2 − 12
    check.raises(function() plot.differences { math.exp, at = 0 } end, "derivative = math.cos")
    check.raises(function() plot.differences { math.exp } end, "at")
    check.raises(function() plot.differences { 3, at = 1 } end, "a function is missing")
end)

-- --- bars and histograms -----------------------------------------------------------------------

check.test("bars: one a number, several lists side by side", function()
    local p = panels(function() plot.bars { { 3, 1, 2 }, labels = { "a", "b", "c" } } end)
    local bars = layer(p[1], "bars")
    check.equal({ bars.x, bars.y }, { { 1, 2, 3 }, { 3, 1, 2 } })
    check.equal(p[1].x.ticks[2].text, "b")
    p = panels(function() plot.bars { 5, 6 } end)
    check.equal(layer(p[1], "bars").y, { 5, 6 })
    p = panels(function() plot.bars { 5, 6, labels = { "a", "b" } } end)
    check.equal({ layer(p[1], "bars").y, p[1].x.ticks[1].text }, { { 5, 6 }, "a" })
    p = panels(function()
        plot.bars { core.array { { 1, 2 }, { 3, 4 } }, names = { "train", "test" } }
    end)
    local one, two = layer(p[1], "bars", 1), layer(p[1], "bars", 2)
    check.equal({ one.y, two.y, two.label }, { { 1, 3 }, { 2, 4 }, "test" })
    check.ok(one.x[1] + one.width / 2 < two.x[1] - two.width / 2 + 1e-12, "none covers another")
    check.raises(function() plot.bars { { 1, 2 }, labels = { "a" } } end, "1 labels for 2")
    check.raises(function() plot.bars { { 1, 2 }, { 1 } } end, "list 1 has 2", "list 2 has 1")
    check.raises(function() plot.bars {} end, "numbers are missing")
end)

check.test("histograms count every value once, the largest too", function()
    local list = {}
    for i = 1, 100 do list[i] = i end
    local p = panels(function() plot.histogram { list, bins = 10 } end)
    check.equal(layer(p[1], "bars").y, { 10, 10, 10, 10, 10, 10, 10, 10, 10, 10 })
    check.equal(p[1].title, "100 values, mean 50.5, standard deviation 28.87") -- √((100² − 1)/12)
    p = panels(function() plot.histogram { core.array(list), density = true } end)
    local bars, area = layer(p[1], "bars"), 0
    for k = 1, bars.count do area = area + bars.y[k] * bars.width end
    check.close(area, 1, 1e-12)
    check.equal(bars.count, 5) -- numpy.histogram_bin_edges(range(1, 101), "fd")
    p = panels(function() plot.histogram { { 2, 2, 0/0 } } end)
    local sum = 0
    for _, y in ipairs(layer(p[1], "bars").y) do sum = sum + y end
    check.equal(sum, 2)
    check.contains(plot.describe(), "1 value is left out")
    check.raises(function() plot.histogram { { 0/0 } } end, "nothing to draw")
    check.raises(function() plot.histogram { "a" } end, "a string")
end)

-- --- pictures, landscapes, regions -------------------------------------------------------------

check.test("a matrix as a picture: row 1 at the top, or tiles of a shape", function()
    local p = panels(function() plot.image { core.array { { 1, 2, 3 }, { 4, 5, 6 } } } end)
    local image = p[1].image
    check.equal({ image.across, image.up }, { 3, 2 })
    check.equal({ image.values[1][2], image.values[3][1] }, { 1, 6 }) -- across, and from below
    check.ok(p[1].equal and p[1].y.ticks[1].text == "1" and p[1].y.ticks[1].at == 2, "row 1")
    -- Three columns of four numbers: three tiles of 2 × 2 in a square, a free line between.
    p = panels(function()
        plot.image { core.array { { 1, 5, 9 }, { 2, 6, 10 }, { 3, 7, 11 }, { 4, 8, 12 } },
            shape = { 2, 2 } }
    end)
    image = p[1].image
    check.equal({ image.across, image.up }, { 5, 5 })
    local function at(row, column) return image.values[column][6 - row] end
    check.equal({ at(1, 1), at(1, 2), at(2, 1), at(2, 2) }, { 1, 2, 3, 4 })
    check.equal({ at(1, 4), at(2, 5), at(4, 1), at(5, 2) }, { 5, 8, 9, 12 })
    check.ok(at(1, 3) ~= at(1, 3) and at(4, 4) ~= at(4, 4), "nothing between and after them")
    p = panels(function() plot.image { { 1, 2, 3, 4, 5, 6 }, shape = { 2, 3 } } end)
    check.equal(p[1].image.values[3][1], 6)
    check.raises(function() plot.image { core.zeros(5, 2), shape = { 2, 3 } } end, "6 numbers",
        "5 × 2")
    check.raises(function() plot.image { "a" } end, "an array is needed")
    check.raises(function() plot.image {} end, "an array is missing")
end)

check.test("a landscape has the surface's values, and its paths the losses", function()
    local r = run(0.01, 20)
    local p = panels(function() plot.surface3d { r, phi0 = { 0, 2 }, phi1 = { -1, 1 } } end)
    check.equal(p[1].image.across, 61)
    check.close(p[1].image.values[61][1], L(2, -1), 1e-12)
    check.close(layer(p[1], "path").z, r.trace.loss:table(), 0)
    local script = tostring(plot.script())
    check.contains(script, "splot")
    check.contains(script, "set view 42,22")
    check.raises(function() plot.surface3d { bowl, view = { 200, 0 } } end, "view", "180")
    check.raises(function() plot.surface3d { bowl, vieww = { 20, 0 } } end, "view")
end)

check.test("regions: the class of each place, and how many examples are right", function()
    local d = data.new { x = { { 0, 0 }, { 1, 0 }, { 0, 1 }, { 1, 1 } }, y = { 0, 0, 1, 1 } }
    local function sigmoid(z) return 1 / (1 + math.exp(-z)) end
    local m = model.logistic(2)
    local phi = { 0.5, 4, -2 }
    local p = panels(function() plot.regions { m, d, phi = phi, n = 20 } end)
    local image = p[1].image
    local value = m({ image.x1, image.y0 }, phi)
    value = type(value) == "number" and value or value[1]
    check.close(image.values[20][1], value, 1e-12)
    check.equal(image.levels, { 0.5 })
    check.ok(value > 0 and value < 1 and sigmoid(0) == 0.5, "a probability")
    check.equal({ layer(p[1], "points", 1).label, layer(p[1], "points", 2).label },
        { "y = 0", "y = 1" })
    local three = data.new { x = { { 0, 0 }, { 1, 0 }, { 0, 1 } }, y = { 1, 2, 3 } }
    local r = descend(loss.cross_entropy(model.softmax(2, 3), three), optim.adam { alpha = 0.1 },
        { seed = 1 }):step(300)
    p = panels(function() plot.regions { r, n = 30 } end)
    check.contains(plot.describe(), "It is right about 3 of 3 examples.")
    image = p[1].image
    -- The corners are nearest to one example each.
    check.equal({ image.values[1][1], image.values[30][1], image.values[1][30] }, { 1, 2, 3 })
    check.raises(function() plot.regions { m, d } end, "phi is missing")
    check.raises(function() plot.regions { run() } end, "two inputs", "1")
    check.raises(function() plot.regions { bowl } end, "a loss")
end)

-- --- line searches, validation -----------------------------------------------------------------

-- Curriculum C5: ten rounds end at 0.383231 (loss 0.328758).
check.test("brackets: the rounds of the line search, and what is left of each", function()
    local function f(phi)
        return 1 - 0.5*math.exp(-(phi - 0.65)^2/0.1) - 0.45*math.exp(-(phi - 0.35)^2/0.02)
    end
    local p, full = panels(function() plot.bracket { f } end)
    check.equal(#p, 4)
    check.equal(full.title, "Line search: 10 rounds end at φ = 0.3832, f(φ) = 0.3288")
    local points = layer(p[1], "points")
    check.close(points.x, { 0, 0.33, 0.66, 1 }, 1e-15)
    for i = 1, 4 do check.close(points.y[i], f(points.x[i]), 1e-15) end
    check.equal(layer(p[1], "band").x, { 0, 0.66 }) -- b below c: d is dropped
    check.close(layer(p[2], "points").x, { 0, 0.22, 0.44, 0.66 }, 1e-15)
    check.close(layer(p[2], "band").x, { 0.22, 0.66 }, 1e-15) -- c below b: a is dropped
    p = panels(function() plot.bracket { f, round = 8 } end)
    local eighth = layer(p[1], "points").x
    check.ok(p[1].x.range[1] < eighth[1] and p[1].x.range[2] - p[1].x.range[1] < 0.2, "seen close")
    check.raises(function() plot.bracket { f, round = 11 } end, "10 rounds, not 11")
    check.raises(function() plot.bracket { bowl } end, "2 parameters")
    check.raises(function() plot.bracket {} end, "a function or a run is missing")
end)

-- Curriculum C6: points 0, 0.033, 0.066, 0.1; the first step reaches 2.835363.
check.test("brackets of a run: its loss along the gradient", function()
    local r = descend(L, optim.line_search { max = 0.1, threshold = 1e-5, rounds = 15 },
        { start = { 1.6, -0.5 } }):step(2)
    local p, full = panels(function() plot.bracket { r, t = 1 } end)
    local points = layer(p[1], "points")
    check.close(points.x, { 0, 0.033, 0.066, 0.1 }, 1e-12)
    check.close(points.y[1], L(1.6, -0.5), 1e-12)
    local g = L:gradient { 1.6, -0.5 }
    check.close(points.y[4], L(1.6 - 0.1 * g[1], -0.5 - 0.1 * g[2]), 1e-9)
    check.contains(full.title, "α = " .. ("%.4g"):format(r.trace.alpha[2]))
    check.contains(full.title, "2.835")
    check.raises(function() plot.bracket { run() } end, "gradient descent", "searches no line")
    check.raises(function() plot.bracket { r, t = 3 } end, "t = 2", "no update 3")
    check.raises(function() plot.bracket { r:back(2) } end, "t = 0")
end)

check.test("validation: both losses, and where the second is lowest", function()
    local train = data.line12:take { 1, 2, 3, 4, 5, 6, 7, 8 }
    local test = data.line12:take { 9, 10, 11, 12 }
    local M = loss.mean_squares(model.line, train)
    local r = descend(M, optim.gd { alpha = 0.2 }, { start = { 1.6, -0.5 }, validation = test })
        :step(60)
    local p = panels(function() plot.validation(r) end)
    local seen, unseen = layer(p[1], "line", 1), layer(p[1], "line", 2)
    local other = M:with(test)
    local best = 0
    for t = 0, 60 do
        local phi = r.trace.phi:row(t + 1)
        check.close(seen.y[t + 1], M(phi), 1e-12)
        check.close(unseen.y[t + 1], other(phi), 1e-12)
        if unseen.y[t + 1] < unseen.y[best + 1] then best = t end
    end
    check.equal(layer(p[1], "points").x, { best })
    check.contains(plot.describe(), ("The validation loss is lowest at t = %d"):format(best))
    check.raises(function() plot.validation(run()) end, "no validation data", "validation = d")
    check.raises(function() plot.validation {} end, "a run is missing")
end)

-- --- hyperparameters ---------------------------------------------------------------------------

local function sweep(options)
    options[1], options[2] = L, options[2] or optim.gd
    options.start, options.steps = { 1.6, -0.5 }, 100
    return require("descent.sweep")(options)
end

check.test("hyper: over one setting the final losses (C4); what diverges at the edge", function()
    local s = sweep { alpha = { 0.05, 0.001, 0.037, 0.041, 0.01 } }
    local p, full = panels(function() plot(s) end)
    check.equal(full.title, "gradient descent, 5 values of α")
    check.equal(p[1].x.label, "α")
    check.ok(p[1].x.log, "the values span more than a factor of ten")
    local points, best, lost = layer(p[1], "points"), layer(p[1], "points", 2),
        layer(p[1], "points", 3)
    local expected = { 1.6147, 0.200773847, 0.199866357 }
    for i, alpha in ipairs { 0.001, 0.01, 0.037 } do -- in the order of the axis
        check.equal(points.x[i], alpha)
        check.close(points.y[i], expected[i], 1e-4)
    end
    check.equal(best.x[1], 0.037)
    check.equal(lost.label, "diverges")
    check.close(lost.x[1], 0.041, 0)
    check.close(lost.x[2], 0.05, 0)
    check.equal(lost.y[1], p[1].y.range[2])
    -- The curves: too low, the best, too high.
    local names = {}
    for i, one in ipairs(p[2].layers) do names[i] = one.label end
    check.equal(table.concat(names, "; "), "α = 0.001; α = 0.037; α = 0.041")
    check.contains(plot.describe(), "Lowest loss 0.1999 at α = 0.037; 2 of 5 runs diverge.")
end)

check.test("hyper: over two settings a map, each cell its run, and of three two", function()
    local s = sweep { [2] = optim.momentum, alpha = { 0.001, 0.01, 0.1, 2 }, beta = { 0.5, 0.9 } }
    local p = panels(function() plot.hyper { s } end)
    check.equal(#p, 1)
    local image = p[1].image
    check.equal(image.across, 4)
    check.equal(image.up, 2)
    for i = 1, 3 do
        for j = 1, 2 do check.close(image.values[i][j], s.loss(i, j), 0) end
    end
    check.ok(image.values[4][1] ~= image.values[4][1], "α = 2 diverges")
    check.equal(p[1].x.ticks[2].text, "0.01")
    check.equal(p[1].y.ticks[1].text, "0.5")
    check.contains(plot.describe(), "2 of 8 runs diverge")
    p = panels(function() plot.hyper { s, x = "beta" } end)
    check.equal(p[1].x.label, "β")
    check.contains(tostring(plot.describe()), "momentum, 2 values of β, α = ")
    s = sweep { alpha = { 0.001, 0.01 }, seed = { 1, 2, 3 }, batch = 5 }
    p = panels(function() plot.hyper { s } end)
    check.equal(p[1].y.ticks[3].text, "3")
    s = sweep { [2] = optim.momentum, alpha = { 0.01, 0.02 }, beta = { 0.5, 0.9 },
                seed = { 1, 2 }, batch = 5 }
    p = panels(function() plot.hyper { s, y = "seed" } end)
    check.equal(p[1].y.label, "seed")
    check.contains(p[1].title, ", β = ")
end)

check.test("hyper: what is no sweep, and settings that were not swept", function()
    local s = sweep { alpha = { 0.001, 0.01 } }
    check.raises(function() plot.hyper {} end, "a sweep is needed, not nothing")
    check.raises(function() plot.hyper { run() } end, "a sweep is needed, not a run")
    check.raises(function() plot.hyper { s, x = "alhpa" } end, "alhpa was not swept",
        "did you mean alpha")
    check.raises(function() plot.hyper { s, x = "alpha", y = "alpha" } end, "the same setting")
    check.raises(function() plot.hyper { sweep { alpha = { 5, 6 } } } end, "every run diverges")
end)

-- --- graphs ------------------------------------------------------------------------------------

check.test("graph: every node with its value and gradient, arguments to the left (I1)", function()
    local function f(x, y, z) local d = x*y; return d + z end
    local p = panels(function() plot.graph(f, { x = 2, y = -5, z = 3 }) end)
    local diagram = p[1].diagram
    local expected = { x = { "2", "−5" }, y = { "−5", "2" }, z = { "3", "1" }, d = { "−10", "1" },
                       f = { "−7", "1" } }
    check.equal(#diagram.nodes, 5)
    for _, node in ipairs(diagram.nodes) do
        check.equal(node.value, expected[node.name][1])
        check.equal(node.gradient, expected[node.name][2])
    end
    check.equal(#diagram.layout.edges, 4)
    for _, edge in ipairs(diagram.layout.edges) do
        for k = 2, #edge do check.equal(edge[k].column, edge[k - 1].column + 1) end
    end
    check.contains(plot.describe(), "d = x·y: value −10, gradient 1.")
    local text = require("descent.plot.text").draw(output.last(),
        { columns = 80, rows = 24, colours = 0, unicode = true })
    local drawn = table.concat(text, "\n")
    for _, words in ipairs { "╭ d = x·y", "│ −10", "→│ −7", "∂f/∂node" } do
        check.contains(drawn, words)
    end
    -- Where boxes have no room there is a row for each node.
    text = require("descent.plot.text").draw(output.last(),
        { columns = 40, rows = 10, colours = 0, unicode = false })
    check.contains(table.concat(text, "\n"), "d     x*y")
end)

check.test("graph: of a loss, a run, a graph; nodes stand apart, no line is lost", function()
    local G = loss.least_squares(model.gabor, data.gabor30)
    local draws = {
        function() plot.graph(L, { 0.6, -0.2 }) end,
        function() plot.graph(L, { phi0 = 0.6, phi1 = -0.2 }, { example = 1 }) end,
        function() plot.graph { L, phi = { 0.6, -0.2 }, example = 1 } end,
        function() plot.graph(run()) end,
        function() plot(L:graph({ 0.6, -0.2 })) end,
        function() plot.graph(G, { -1.5, 8.5 }, { example = 3 }) end,
    }
    for k, draw in ipairs(draws) do
        local diagram = panels(draw)[1].diagram
        local arguments = 0
        for _, node in ipairs(diagram.nodes) do
            local seen = {}
            for _, name in ipairs(node.arguments) do
                if diagram.graph.nodes[name] and not seen[name] then arguments = arguments + 1 end
                seen[name] = true
            end
        end
        check.equal(#diagram.layout.edges, arguments, "plot " .. k)
        for _, column in ipairs(diagram.layout.columns) do
            for i = 2, #column do
                local least = column[i].node and column[i - 1].node and 1 or 0.6
                check.ok(column[i].y - column[i - 1].y > least - 1e-9, "they overlap")
            end
        end
    end
    check.raises(function() plot.graph(L) end, "phi is missing")
    check.raises(function() plot.graph {} end, "not nothing")
    check.raises(function() plot.graph(data.line12) end, "not a dataset")
end)

-- --- planes ------------------------------------------------------------------------------------

check.test("surface: the principal plane holds the two largest eigenvalues", function()
    local d = data.polynomial { n = 20, noise = 0.1, seed = 1 }
    local M = loss.mean_squares(model.polynomial(4), d)
    local r = descend(M, optim.adam { alpha = 0.05 }, { start = core.zeros(M.size) }):step(60)
    local p = panels(function() plot.surface { r, plane = "pca" } end)
    local path = layer(p[1], "path")
    check.equal(path.count, 61)
    check.close(path.x[61], 0, 1e-12)
    check.close(path.y[61], 0, 1e-12)
    -- The share of the two largest eigenvalues of Σ (φ_t − φ_end)(φ_t − φ_end)ᵀ.
    local rows = {}
    for t = 1, 61 do rows[t] = (r.trace.phi:row(t) - r.phi):table() end
    local matrix = core.array(rows)
    local values = core.eigenvalues(core.matmul(matrix:t(), matrix)):table()
    table.sort(values, function(a, b) return a > b end)
    local sum, inside = 0, 0
    for _, value in ipairs(values) do sum = sum + value end
    for t = 1, 61 do inside = inside + path.x[t]^2 + path.y[t]^2 end
    check.close(inside / sum, (values[1] + values[2]) / sum, 1e-9)
    -- The surface at its grid points is the loss there: at the end of the path, too.
    local image = p[1].image
    check.ok(image.x0 < 0 and image.x1 > 0 and image.low <= r.loss + 1e-12)
    check.contains(plot.describe(), "of the sum of squares of φ_t − φ_end")
    p = panels(function() plot.surface3d { r, plane = "pca" } end)
    check.close(layer(p[1], "path").z[61], r.loss, 1e-12)
    p = panels(function() plot.arrows { r, plane = "pca", n = 9 } end)
    check.ok(layer(p[1], "arrows").count > 10)
    check.raises(function() plot.surface { M, plane = "pca" } end, "needs a run")
    check.raises(function() plot.surface { r, plane = "random" } end, "pca")
    check.raises(function()
        plot.surface { descend(M, optim.gd { alpha = 0.1 }, { start = core.zeros(M.size) }),
                       plane = "pca" }
    end, "has not moved")
    check.raises(function() plot(M) end, "plane = \"pca\"")
end)

check.test("surface: two parameters in their own plane keep distances and losses", function()
    local r = run(0.01, 50)
    local p = panels(function() plot.surface { r, plane = "pca", n = 5 } end)
    local path = layer(p[1], "path")
    for t = 1, 51, 10 do
        local moved = (r.trace.phi:row(t) - r.phi):norm()
        check.close(math.sqrt(path.x[t]^2 + path.y[t]^2), moved, 1e-12)
    end
    check.contains(plot.describe(), "holds 100 %")
end)

-- --- one step ----------------------------------------------------------------------------------

check.test("step: both rules from the same place, with both gradients (E2)", function()
    -- By hand: g = (2φ₀, 6φ₁), α = 0.1, β = 0.5; φ₂ = (0.77, 0.43), m₂ = (1.3, 2.7).
    local rule = optim.nesterov { alpha = 0.1, beta = 0.5 }
    local r = descend(bowl, rule, { start = { 1, 1 } }):step(3)
    local p = panels(function() plot.step { r } end)
    local function ends(number)
        local a = layer(p[1], "arrows", number)
        return { a.x[1], a.y[1], a.x2[1], a.y2[1] }
    end
    local expected = {
        { 0.77, 0.43, 0.705, 0.295 },  -- φ to φ − αβm
        { 0.77, 0.43, 0.693, 0.301 },  -- α(1 − β)·(1.54, 2.58)
        { 0.77, 0.43, 0.628, 0.166 },  -- momentum
        { 0.64, 0.16, 0.576, 0.112 },  -- at φ − αm: α(1 − β)·(1.28, 0.96)
        { 0.77, 0.43, 0.641, 0.247 },  -- Nesterov
    }
    for k, four in ipairs(expected) do
        local found = ends(k)
        for i = 1, 4 do check.close(found[i], four[i], 1e-12) end
    end
    check.close(r.phi[1], 0.641, 1e-12)
    check.close(r.phi[2], 0.247, 1e-12)
    -- What is drawn is what the rules do, in every form.
    for _, form in ipairs { "average", "velocity", "sum" } do
        for _, name in ipairs { "momentum", "nesterov" } do
            local one = descend(bowl, optim[name] { alpha = 0.05, beta = 0.6, form = form },
                { start = { 1, 1 } }):step(4)
            p = panels(function() plot.step { one, t = 3 } end)
            local step = ends(name == "momentum" and 3 or 5)
            check.close(step[1], one.trace.phi(3, 1), 1e-12)
            check.close(step[3], one.trace.phi(4, 1), 1e-12)
            check.close(step[4], one.trace.phi(4, 2), 1e-12)
        end
    end
    local a = descend(bowl, optim.adam { alpha = 0.1 }, { start = { 1, 1 } }):step(2)
    p = panels(function() plot.step { a } end)
    check.close(ends(2)[3], a.phi[1], 1e-12)
    check.raises(function() plot.step { a, t = 9 } end, "stands at t = 2")
    check.raises(function() plot.step {} end, "one run is needed")
    check.raises(function() plot.step { descend(bowl, optim.adam {}, { start = { 1, 1 } }) } end,
        "t = 0")
end)

check.test("image: a parameter of a run as it stands", function()
    local M = loss.mean_squares(model.mlp { 1, 4, 1 }, data.line12)
    local r = descend(M, optim.adam {}, { seed = 1 }):step(1)
    local p = panels(function() plot.image { r } end)
    check.contains(p[1].title, "W₁, 4 × 1")
    local W = r.model:named(r.phi).W1
    for i = 1, 4 do check.close(p[1].image.values[1][5 - i], W(i, 1), 0) end
    p = panels(function() plot.image { r, parameter = "W2", shape = { 2, 2 } } end)
    check.contains(p[1].title, "2 × 2")
    check.raises(function() plot.image { r, parameter = "w2" } end, "did you mean W2")
    check.raises(function() plot.image { core.eye(2), parameter = "W" } end, "one of a run")
end)

-- --- all of them -------------------------------------------------------------------------------

check.test("every kind fits small and large screens, in ASCII too, and tells itself", function()
    local text = require "descent.plot.text"
    local terminal = require "descent.terminal"
    local r = adam(20)
    local searched = descend(L, optim.line_search { max = 0.1 }, { start = { 1.6, -0.5 } }):step(1)
    local two = data.new { x = { { 0, 0 }, { 1, 1 }, { 2, 0 } }, y = { 0, 1, 1 } }
    for name, draw in pairs {
        arrows = function() plot.arrows(r) end, terms = function() plot.terms(r) end,
        schedule = function() plot.schedule(r) end,
        weights = function() plot.weights(r.optimizer) end,
        differences = function()
            plot.differences { function(x) return core.sin(x) end, at = 1 }
        end,
        bars = function()
            plot.bars { { 1, 2, 3 }, labels = { "a long name", "another long name", "b" } }
        end,
        many_bars = function() plot.bars(core.linspace(1, 2, 150)) end,
        histogram = function() plot.histogram { core.linspace(0, 1, 100) } end,
        image = function() plot.image { core.eye(9) } end,
        row = function() plot.image { { 1, 2, 3 } } end,
        surface3d = function() plot.surface3d(r) end,
        bracket = function() plot.bracket(searched) end,
        hyper = function() plot.hyper { sweep { alpha = { 0.001, 0.01, 0.1 } } } end,
        hyper2 = function()
            plot.hyper { sweep { [2] = optim.momentum, alpha = { 0.001, 0.01, 0.1 },
                                 beta = { 0.5, 0.9 } } }
        end,
        graph = function() plot.graph(r) end,
        step = function() plot.step { r } end,
        plane = function() plot.surface { r, plane = "pca", n = 20 } end,
        regions = function() plot.regions { model.logistic(2), two, phi = { 0, 1, 2 } } end,
    } do
        local _, full = panels(draw)
        check.ok(#tostring(plot.describe()) > 40, name)
        for _, size in ipairs { { 40, 12 }, { 80, 24 }, { 120, 40 }, { 300, 80 } } do
            for _, colours in ipairs { 0, 16, 256, 1 << 24 } do
                for _, unicode in ipairs { true, false } do
                    local lines = text.draw(full, { columns = size[1], rows = size[2],
                        colours = colours, unicode = unicode })
                    for _, line in ipairs(lines) do
                        check.ok(terminal.width(line) <= size[1], name .. ": " .. line)
                        check.ok(unicode or not line:find("[\128-\255]"), name .. ": " .. line)
                    end
                    check.ok(not table.concat(lines, "\n"):find("A plot needs"), name)
                end
            end
        end
    end
end)

check.test("live without a terminal: the steps are made, the plot is drawn once", function()
    plot.output("text")
    local r = descend(L, optim.gd { alpha = 0.01 }, { start = { 1.6, -0.5 } })
    local shown = check.output(function() plot.live(r, { steps = 30 }) end)
    check.equal(r.t, 30)
    check.contains(shown, "gradient descent, t = 30, L[φ] = 0.4729")
    check.ok(not shown:find("\27"), "no escape codes")
    check.raises(function() plot.live(L) end, "a run is needed, not a loss")
    check.raises(function() plot.live() end, "a run is needed, not nothing")
    check.raises(function() plot.live(r, { fps = 100 }) end, "fps", "60")
    check.raises(function() plot.live(r, { step = 3 }) end, "steps")
end)

-- --- long runs ---------------------------------------------------------------------------------

check.test("of a long past as many points are drawn as show", function()
    local slow = loss(function(a, b) return (a - 1)^2 + 3*b^2 end)
    local long = descend(slow, optim.gd { alpha = function(t) return t == 30000 and 1 or 1e-5 end },
        { start = { 0, 1 } }):step(50000)
    local panel = panels(function() plot.loss { long } end)[1]
    local curve, trace = layer(panel, "line"), long.trace.loss
    check.ok(#curve.x <= 4000 and #curve.x > 2000)
    check.equal({ curve.x[1], curve.y[1] }, { 0, trace[1] })
    check.equal({ curve.x[#curve.x], curve.y[#curve.y] }, { 50000, trace[50001] })
    local highest = 0
    for i, x in ipairs(curve.x) do
        check.equal(curve.y[i], trace[x + 1])
        highest = math.max(highest, curve.y[i] - curve.y[math.max(1, i - 1)])
    end
    check.ok(highest > 0.1)
    check.close(highest, trace[30001] - trace[30000], 1e-3) -- the one long step is not lost
    local path = layer(panels(function() plot.surface { slow, long } end)[1], "path")
    check.ok(#path.x <= 4000)
    check.equal({ path.x[1], path.y[1] }, { 0, 1 })
    check.equal({ path.x[#path.x], path.y[#path.y] }, { long.phi[1], long.phi[2] })
    check.contains(plot.describe(), "in 50,000 steps")
end)
