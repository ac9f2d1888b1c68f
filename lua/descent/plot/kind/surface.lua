-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.surface: the loss over two of its parameters, with the paths of runs.

local core = require "descent.core"
local description = require "descent.plot.description"
local doc = require "descent.doc"
local label = require "descent.plot.label"
local plane = require "descent.plot.plane"
local values = require "descent.plot.values"

local record = {
    name = "plot.surface",
    signature = "plot.surface{L, r1, r2, ..., phi0 = {a, b}, phi1 = {c, d}, plane =, bands =, "
        .. "n =, log =, phi =}",
    summary = "The loss over two parameters, dark where it is low, with contour lines and the "
        .. "paths of runs. Without ranges it shows what the paths cross, or the "
        .. "surroundings of a minimum. Of more than two parameters two are named by their ranges, "
        .. "or plane = \"pca\" takes the plane that holds most of the runs' paths.",
    arguments = {
        { name = "bands", type = "integer", default = 20, range = "[2, 100]",
          summary = "steps of colour, with a contour line between" },
        { name = "plane", type = "choice", choices = "pca", default_text = "two parameters",
          summary = "the plane through the end of the (last) run along the two principal "
              .. "directions of the paths" },
        { name = "n", type = "integer", default_text = "200, less for large data and in a plane",
          range = "[2, 1000]", summary = "points along each parameter" },
        { name = "log", type = "boolean", default_text = "where most of the surface is low",
          summary = "bands that grow by a factor" },
        { name = "phi", type = "value", default_text = "r.phi",
          summary = "where the other parameters are held" },
        { name = "title", type = "string", summary = "written above" },
    },
    returns = "nothing",
    errors = "more than two ranges, a name that is no parameter of the loss",
    example = [[
L = loss.least_squares(model.line, data.line12)
r = descend(L, optim.gd{alpha = 0.01}, {start = {1.6, -0.5}}):step(100)
plot.output("none")
plot.surface{L, r, phi0 = {0, 2}, phi1 = {-1, 1}}
print(plot.describe():match("\n(gradient[^\n]*)"))]],
    result = "gradient descent: from (1.6, −0.5) to (0.842, 0.5082) in 100 steps.",
}

-- --- what is shown -----------------------------------------------------------------------------

-- A function of two numbers with what a surface needs of a loss.
local function function_as_loss(f)
    local components = {}
    for i = 1, 2 do
        components[i] = type(f) == "function" and debug.getlocal(f, i) or ("x" .. i)
    end
    return {
        components = components, size = 2, label = ("f(%s, %s)"):format(
            label.symbol(components[1]), label.symbol(components[2])), examples = 0,
        value = function(phi) return f(phi[1], phi[2]) end,
        grid = function(ranges, n)
            local rows = {}
            local a, b = ranges[1], ranges[2]
            for i = 1, n do
                local row = {}
                local x = a[1] + (a[2] - a[1]) * (i - 1) / (n - 1)
                for j = 1, n do
                    local value = f(x, b[1] + (b[2] - b[1]) * (j - 1) / (n - 1))
                    if type(value) ~= "number" then
                        doc.fail("plot.surface: the function gives a %s, not a number",
                            core.type(value))
                    end
                    row[j] = value
                end
                rows[i] = row
            end
            return rows
        end,
    }
end

local function loss_as_target(L)
    return {
        components = L.components, size = L.size, label = "L[φ]", loss = L,
        examples = L.examples or 0,
        value = function(phi) return L(phi) end,
        grid = function(ranges, n, axes, phi)
            local options = { n = n }
            for k = 1, 2 do options[L.components[axes[k]]] = ranges[k] end
            if L.size > 2 then options.phi = phi end
            return L:surface(options)
        end,
    }
end

-- The loss on a plane, as a function of the two coordinates in it.
local function plane_as_target(loss, runs, kind)
    if #runs == 0 then
        doc.fail("%s: plane = \"pca\" needs a run: its path spans the plane", kind.name)
    end
    local found = plane.of(runs)
    local function value(at)
        return loss(found.origin + at[1] * found.u + at[2] * found.v)
    end
    return {
        components = { "along", "across" }, size = 2, label = "L[φ]", plane = found,
        names = { "1st principal direction", "2nd principal direction" },
        examples = (loss.examples or 1) * loss.size, value = value,
        grid = function(ranges, n)
            local rows = {}
            for i = 1, n do
                local a = ranges[1][1] + (ranges[1][2] - ranges[1][1]) * (i - 1) / (n - 1)
                local line = found.origin + a * found.u
                rows[i] = {}
                for j = 1, n do
                    local b = ranges[2][1] + (ranges[2][2] - ranges[2][1]) * (j - 1) / (n - 1)
                    rows[i][j] = loss(line + b * found.v)
                end
            end
            return rows
        end,
    }
end

local function refuse_name(kind, name, target)
    local names = {}
    for _, component in ipairs(target.components) do names[#names + 1] = component end
    for _, argument in ipairs(kind.arguments) do names[#names + 1] = argument.name end
    local near = type(name) == "string" and doc.nearest(name, names)
    doc.fail("%s: there is no parameter or option %s%s; the parameters are %s",
        kind.name, label.clean(name), near and (" (did you mean %s?)"):format(near) or "",
        table.concat(target.components, ", ", 1, math.min(8, #target.components)))
end

-- The two axes (positions among the components) and the ranges that were given.
local function read_axes(kind, own, options, target)
    local position, given = {}, {}
    for i, name in ipairs(target.components) do position[name] = i end
    for key, value in pairs(options) do
        if type(key) == "string" and not own[key] then
            if not position[key] then refuse_name(kind, key, target) end
            given[position[key]] = values.range(kind.name .. ": " .. key, value)
        end
    end
    local axes = {}
    for i = 1, target.size do
        if given[i] then axes[#axes + 1] = i end
    end
    if #axes > 2 then
        doc.fail("%s: a surface has two parameters; ranges for %d are given", kind.name, #axes)
    end
    if target.size < 2 then
        doc.fail("%s: this loss has one parameter; plot.curve draws it", kind.name)
    end
    if target.size == 2 then
        axes = { 1, 2 }
    elseif #axes < 2 then
        doc.fail("%s: this loss has %d parameters; give the ranges of two, such as "
            .. "[\"%s\"] = {-1, 1}, or with a run plane = \"pca\"", kind.name, target.size,
            target.components[1])
    end
    return axes, given
end

-- --- ranges ------------------------------------------------------------------------------------

-- The rows of a path, without those a diverging run has far above its start.
local function path_of(run, axes, target)
    local loss, xs, ys = run.trace.loss:table(), nil, nil
    if target.plane then
        xs, ys = plane.path(target.plane, run)
    else
        local phi = run.trace.phi
        xs, ys = phi:col(axes[1]):table(), phi:col(axes[2]):table()
    end
    local bound = description.finite(loss[1]) and loss[1] + 4 * math.abs(loss[1]) + 1 or math.huge
    local near, places = {}, values.kept_places(#xs)
    for k, i in ipairs(places) do near[k] = description.finite(loss[i]) and loss[i] <= bound end
    return values.pick(xs, places), values.pick(ys, places), near, #xs - 1
end

local function around(low, high, least)
    local middle, half = (low + high) / 2, (high - low) / 2
    half = math.max(half * 1.5, least)
    return { middle - half, middle + half }
end

-- Where a minimum is, from a few hundred updates of Adam; without a random number.
local function find_minimum(target)
    if not target.loss then return { 0, 0 } end
    local L, start = target.loss, {}
    for i = 1, L.size do start[i] = 0.1 end
    local run = core.descend(L, core.optim.adam { alpha = 0.1 }, { start = start })
    run:converge { steps = 500, gradient = 1e-3 }
    return run.phi
end

local function fill_ranges(target, axes, given, paths)
    local ranges = { given[axes[1]], given[axes[2]] }
    if ranges[1] and ranges[2] then return ranges end
    local low, high = {}, {}
    for _, path in ipairs(paths) do
        for i = 1, #path.x do
            if path.near[i] then
                for k, value in ipairs { path.x[i], path.y[i] } do
                    low[k] = math.min(low[k] or value, value)
                    high[k] = math.max(high[k] or value, value)
                end
            end
        end
    end
    if low[1] then
        -- Neither axis much narrower than what the path crosses along the other.
        local widest = math.max(high[1] - low[1], high[2] - low[2])
        for k = 1, 2 do
            local size = math.max(math.abs(low[k]), math.abs(high[k]))
            local least = widest > 0 and widest / 8 or math.max(0.5, size / 2)
            ranges[k] = ranges[k] or around(low[k], high[k], least)
        end
    else
        local minimum = find_minimum(target)
        for k = 1, 2 do
            local at = minimum[axes[k]]
            if not description.finite(at) then at = 0 end
            ranges[k] = ranges[k] or around(at, at, math.max(2, math.abs(at)))
        end
    end
    return ranges
end

-- --- the plot ----------------------------------------------------------------------------------

local function read(kind, options)
    local found = values.sort(kind.name:match("[^.]+$"), options,
        { loss = true, run = true, ["function"] = true })
    if #found.loss + #found["function"] > 1 then
        doc.fail("%s: one loss at a time", kind.name)
    end
    local target
    if found.loss[1] then
        target = loss_as_target(found.loss[1])
    elseif found["function"][1] then
        target = function_as_loss(found["function"][1])
    elseif found.run[1] then
        target = loss_as_target(found.run[1].objective)
    else
        doc.fail("%s: a loss or a run is missing: %s", kind.name, kind.signature)
    end
    for _, run in ipairs(found.run) do
        if run.objective.size ~= target.size then
            doc.fail("%s: a run over %d parameters has no path on a loss of %d", kind.name,
                run.objective.size, target.size)
        end
    end
    return target, found.run
end

-- `kind` is the record of a kind that shows a surface too, and takes what this one takes.
local function describe(options, kind)
    kind = kind or record
    local own = {}
    for _, argument in ipairs(kind.arguments) do own[argument.name] = true end
    local target, runs = read(kind, options)
    if options.plane ~= nil then
        if options.plane ~= "pca" then
            doc.fail("%s: plane can be \"pca\", the plane that holds most of the path", kind.name)
        end
        if target.loss then target = plane_as_target(target.loss, runs, kind) end
    end
    local axes, given = read_axes(kind, own, options, target)
    local plain = {}
    for key, value in pairs(options) do
        if math.type(key) == "integer" or own[key] then plain[key] = value end
    end
    local checked = doc.options(kind, plain, values.MANY)
    local paths, layers = {}, {}
    local labels = values.run_labels(runs)
    for i, run in ipairs(runs) do
        local xs, ys, near, steps = path_of(run, axes, target)
        paths[i] = { x = xs, y = ys, near = near }
        layers[i] = { kind = "path", x = xs, y = ys, label = labels[i], steps = steps }
    end
    local phi = checked.phi
    if phi == nil and runs[1] then phi = runs[#runs].phi end
    if target.size > 2 and phi == nil then
        doc.fail("%s: phi is missing: it says where the other %d parameters are held", kind.name,
            target.size - 2)
    end
    local ranges = fill_ranges(target, axes, given, paths)
    local n = checked.n or target.examples > 20000 and 50 or target.examples > 2000 and 100 or 200
    if target.plane and not checked.n then
        n = target.examples > 2e5 and 31 or target.examples > 2e4 and 61 or 101
    end
    local names = target.names or {}
    for k = 1, 2 do names[k] = names[k] or label.symbol(target.components[axes[k]]) end
    local title = checked.title
    if not title then
        title = #runs == 1 and values.run_title(runs[1])
            or target.plane and "L[φ] in the principal plane of the paths"
            or ("%s over %s and %s"):format(target.label, names[1], names[2])
    end
    local words
    if target.plane then
        words = ("The plane holds %s %% of the sum of squares of φ_t − φ_end; the loss is shown at "
            .. "the points of the plane, and a path beside it passes where it comes nearest.")
            :format(label.number(100 * target.plane.share, 3))
    end
    return { panels = { {
        title = title, x = { label = names[1] }, y = { label = names[2] }, layers = layers,
        words = words,
        about = { target = target, axes = axes, given = given, ranges = ranges, phi = phi,
                  runs = runs },
        image = {
            values = target.grid(ranges, n, axes, phi), x0 = ranges[1][1], x1 = ranges[1][2],
            y0 = ranges[2][1], y1 = ranges[2][2], label = target.label, bands = checked.bands,
            log = checked.log,
        },
    } } }
end

return {
    record = record,
    describe = describe,
    order = 70,
    -- A loss of two parameters, perhaps with runs on it; a function of two numbers.
    accepts = function(given)
        local targets = 0
        for _, value in ipairs(given) do
            local kind = core.type(value)
            if kind == "loss" and value.size == 2 or kind == "function"
                and debug.getinfo(value, "u").nparams == 2 then
                targets = targets + 1
            elseif kind ~= "run" or value.objective.size ~= 2 then
                return false
            end
        end
        return targets == 1
    end,
}
