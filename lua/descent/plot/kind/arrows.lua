-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.arrows: gradients on contours, across them at right angles where both axes have one scale.

local core = require "descent.core"
local description = require "descent.plot.description"
local doc = require "descent.doc"
local surface = require "descent.plot.kind.surface"

local record = {
    name = "plot.arrows",
    signature = "plot.arrows{L, r1, ..., phi0 = {a, b}, phi1 = {c, d}, arrows = 9, "
        .. "downhill = false}",
    summary = "The gradient of a loss as arrows on its contours: each points uphill, across the "
        .. "contour line at its middle, and is the longer the steeper it is there (with the square "
        .. "root of the slope). Both axes have the same scale where that fits, for only then "
        .. "right angles are seen as such. What plot.surface takes it takes too.",
    arguments = {
        { name = "arrows", type = "integer", default = 9, range = "[2, 40]",
          summary = "arrows along each parameter" },
        { name = "downhill", type = "boolean", default = false,
          summary = "point the other way, as a step of gradient descent goes" },
        { name = "bands", type = "integer", default = 20, range = "[2, 100]",
          summary = "steps of colour, with a contour line between" },
        { name = "n", type = "integer", default_text = "200, less for large data",
          range = "[2, 1000]", summary = "points of the surface along each parameter" },
        { name = "log", type = "boolean", default_text = "where most of the surface is low",
          summary = "bands that grow by a factor" },
        { name = "plane", type = "choice", choices = "pca", default_text = "two parameters",
          summary = "the plane that holds most of the runs' paths" },
        { name = "phi", type = "value", default_text = "r.phi",
          summary = "where the other parameters are held" },
        { name = "title", type = "string", summary = "written above" },
    },
    returns = "nothing",
    errors = "more than two ranges, a name that is no parameter of the loss",
    example = [[
bowl = loss(function(phi0, phi1) return phi0^2 + 3*phi1^2 end)
plot.output("none")
plot.arrows{bowl, phi0 = {-1, 1}, phi1 = {-1, 1}}
print(plot.describe():match("80 arrows[^\n]*"))
print(plot.describe():match("the gradient there[^\n]*"))]],
    result = [[
80 arrows.
the gradient there is (−1.778, −5.333).]],
}

local SAME_SCALE = 4 -- spans that differ by a larger factor are not drawn to one scale
local LONGEST = 0.92 -- of the distance between arrows
local SHORTEST = 0.3 -- of the longest

local function copy_of(options)
    local copy = {}
    for key, value in pairs(options) do copy[key] = value end
    return copy
end

-- Ranges that were not given grow until both have the same span.
local function level_ranges(about)
    local ranges, given, axes = about.ranges, about.given, about.axes
    local spans = {}
    for k = 1, 2 do spans[k] = ranges[k][2] - ranges[k][1] end
    local most = math.max(spans[1], spans[2])
    local result = {}
    for k = 1, 2 do
        local low, high = ranges[k][1], ranges[k][2]
        if not given[axes[k]] and most < SAME_SCALE * SAME_SCALE * spans[k] then
            local more = (most - spans[k]) / 2
            low, high = low - more, high + more
        end
        result[k] = { low, high }
    end
    return result
end

-- The two components of the gradient at a place; of a function without parameters as a central
-- difference.
local function gradient_at(about)
    local target, axes = about.target, about.axes
    if target.loss then
        local phi = target.size > 2 and about.phi or core.zeros(target.size)
        return function(x, y)
            local at = core.array(phi)
            at[axes[1]], at[axes[2]] = x, y
            local g = target.loss:gradient(at)
            return g[axes[1]], g[axes[2]]
        end
    end
    local spans = {}
    for k = 1, 2 do spans[k] = 1e-5 * (about.ranges[k][2] - about.ranges[k][1]) end
    return function(x, y)
        local h, k = spans[1], spans[2]
        return (target.value { x + h, y } - target.value { x - h, y }) / (2 * h),
            (target.value { x, y + k } - target.value { x, y - k }) / (2 * k)
    end
end

local function describe(options)
    local plain, first = copy_of(options), copy_of(options)
    first.n = 2
    local about = surface.describe(first, record).panels[1].about
    local checked = doc.options(record,
        { arrows = options.arrows, downhill = options.downhill }, 0)
    local ranges = level_ranges(about)
    for k = 1, 2 do plain[about.target.components[about.axes[k]]] = ranges[k] end
    local given = surface.describe(plain, record)
    local panel = given.panels[1]
    about = panel.about

    local spans = { ranges[1][2] - ranges[1][1], ranges[2][2] - ranges[2][1] }
    local ratio = spans[1] / spans[2]
    panel.equal = ratio <= SAME_SCALE and ratio >= 1 / SAME_SCALE
    -- As many along the longer side as were asked for, and equally far apart along the other.
    local count = { checked.arrows, checked.arrows }
    if panel.equal then
        local short = ratio > 1 and 2 or 1
        count[short] = math.max(2, math.floor(checked.arrows * spans[short] / spans[3 - short]
            + 0.5))
    end
    local gradient = gradient_at(about)
    local list, steepest = {}, nil
    for i = 1, count[1] do
        for j = 1, count[2] do
            local x = ranges[1][1] + spans[1] * (i - 0.5) / count[1]
            local y = ranges[2][1] + spans[2] * (j - 0.5) / count[2]
            local gx, gy = gradient(x, y)
            -- As they are seen: in units of what is shown, where the scales differ.
            local ux, uy = gx, gy
            if not panel.equal then ux, uy = gx / spans[1], gy / spans[2] end
            local size = math.sqrt(ux * ux + uy * uy)
            if description.finite(size) and size > 0 then
                local one = { x = x, y = y, gx = gx, gy = gy, ux = ux / size, uy = uy / size,
                              size = size }
                list[#list + 1] = one
                if not steepest or size > steepest.size then steepest = one end
            end
        end
    end
    local xs, ys, xe, ye = {}, {}, {}, {}
    local sign = checked.downhill and -1 or 1
    local cell = math.min(spans[1] / count[1], spans[2] / count[2])
    for k, one in ipairs(list) do
        local share = SHORTEST + (1 - SHORTEST) * math.sqrt(one.size / steepest.size)
        local half_x = sign * one.ux * share * LONGEST / 2
        local half_y = sign * one.uy * share * LONGEST / 2
        if panel.equal then
            half_x, half_y = half_x * cell, half_y * cell
        else
            half_x, half_y = half_x * spans[1] / count[1], half_y * spans[2] / count[2]
        end
        xs[k], ys[k] = one.x - half_x, one.y - half_y
        xe[k], ye[k] = one.x + half_x, one.y + half_y
    end
    table.insert(panel.layers, 1, {
        kind = "arrows", x = xs, y = ys, x2 = xe, y2 = ye, colour = 4,
        label = checked.downhill and "−gradient (downhill)" or "gradient (uphill)",
    })
    local words = {}
    if steepest then
        words[1] = ("Steepest in the middle of the arrow at %s: the gradient there is %s.")
            :format(description.pair(steepest.x, steepest.y),
                description.pair(steepest.gx, steepest.gy))
    end
    if not panel.equal then
        words[#words + 1] = "The axes differ in scale: the arrows do not look at right angles to "
            .. "the contour lines."
    end
    panel.words = #words > 0 and table.concat(words, " ") or nil
    if not options.title and #about.runs == 0 then
        panel.title = ("Gradient of %s"):format(about.target.label)
    end
    return given
end

return { record = record, describe = describe }
