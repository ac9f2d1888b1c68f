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

-- --- arrows ------------------------------------------------------------------------------------

check.test("arrows: along the gradient, to one scale, uphill or downhill", function()
    local p = panels(function() plot.arrows { bowl, phi0 = { -1, 1 }, phi1 = { -1, 1 } } end)
    check.ok(p[1].equal, "one scale")
    local arrows = layer(p[1], "arrows")
    check.equal(arrows.count, 80) -- the gradient at (0, 0) is 0
    local longest, steepest = 0, 0
    for i = 1, arrows.count do
        local x, y = (arrows.x[i] + arrows.x2[i]) / 2, (arrows.y[i] + arrows.y2[i]) / 2
        local dx, dy = arrows.x2[i] - arrows.x[i], arrows.y2[i] - arrows.y[i]
        local gx, gy = 2*x, 6*y
        check.close(dx * gy - dy * gx, 0, 1e-12) -- parallel
        check.ok(dx * gx + dy * gy > 0, "uphill")
        local length, slope = math.sqrt(dx*dx + dy*dy), math.sqrt(gx*gx + gy*gy)
        if slope > steepest then steepest, longest = slope, length end
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

check.test("arrows: of a run, of a function, with other parameters held, on unequal axes", function()
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
