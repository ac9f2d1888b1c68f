-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.step: one update of a run on the surface, taken apart: where the gradient is taken, what of
-- the step is momentum and what is gradient.

local core = require "descent.core"
local doc = require "descent.doc"
local label = require "descent.plot.label"
local surface = require "descent.plot.kind.surface"

local record = {
    name = "plot.step",
    signature = "plot.step{r, t =, phi0 = {a, b}, phi1 = {c, d}}",
    summary = "One update of a run of two parameters on its surface. Of momentum and Nesterov's "
        .. "rule both are drawn, from the same place and the same m: the momentum's part of the "
        .. "step, the gradient here and the gradient at the place looked ahead to, and where each "
        .. "rule goes. Of another rule the gradient's direction and the step.",
    arguments = {
        { name = "t", type = "integer", range = ">= 1", default_text = "the last",
          summary = "the update" },
        { name = "bands", type = "integer", default = 20, range = "[2, 100]",
          summary = "steps of colour of the surface" },
        { name = "n", type = "integer", default_text = "200", range = "[2, 1000]",
          summary = "points of the surface along each parameter" },
        { name = "log", type = "boolean", default_text = "where most of the surface is low",
          summary = "bands that grow by a factor" },
        { name = "title", type = "string", default_text = "the rule and t",
          summary = "written above" },
    },
    returns = "nothing",
    errors = "a run at t = 0, a run of more or fewer than two parameters",
    equation = "m ← β·m + (1 − β)·g; momentum takes g at φ, Nesterov at φ − α·m (or φ − α·β·m)",
    example = [[
bowl = loss(function(phi0, phi1) return phi0^2 + 3*phi1^2 end)
r = descend(bowl, optim.nesterov{alpha = 0.1, beta = 0.5}, {start = {1, 1}}):step(3)
plot.output("none")
plot.step{r}
print(plot.describe():match("Nesterov's step[^\n]*"))
print(r.phi)]],
    result = [[
Nesterov's step: from (0.77, 0.43) to (0.641, 0.247).
0.641  0.247]],
}

local own = {}
for _, argument in ipairs(record.arguments) do own[argument.name] = true end

local function argument(optimizer, name)
    for _, one in ipairs(optimizer.arguments) do
        if one.name == name then return one.value end
    end
end

-- The loss whose gradient the update used: on its batch.
local function loss_of(run, found)
    if not found.batch then return run.objective end
    return run.objective:batch(found.batch)
end

local function arrow(from, to, colour, name)
    return { kind = "arrows", x = { from[1] }, y = { from[2] }, x2 = { to[1] }, y2 = { to[2] },
             colour = colour, label = name }
end

-- Both rules from the same φ and m: how far m carries, and what each gradient adds.
local function momentum_arrows(run, found, alpha)
    local optimizer = run.optimizer
    local beta = argument(optimizer, "beta")
    local form = argument(optimizer, "form") or "average"
    local phi, m = found.phi_before, run.trace.m:row(found.t) -- after update t − 1
    local carried = form == "velocity" and beta * m or -alpha * beta * m
    local share = form == "average" and alpha * (1 - beta) or alpha
    local decayed = argument(optimizer, "lookahead") == "decayed"
    local ahead = phi + (decayed and carried or form == "velocity" and m or -alpha * m)
    local L = loss_of(run, found)
    local here, there = L:gradient(phi), L:gradient(ahead)
    local corner = phi + carried
    local momentum, nesterov = corner - share * here, corner - share * there
    return {
        arrow(phi, corner, 4, "momentum's part, " .. (form == "velocity" and "β·v" or "−α·β·m")),
        arrow(phi, phi - share * here, 6, "gradient here"),
        arrow(phi, momentum, 1, "momentum's step"),
        arrow(ahead, ahead - share * there, 5, "gradient ahead"),
        arrow(phi, nesterov, 2, "Nesterov's step"),
        { kind = "points", x = { ahead[1] }, y = { ahead[2] }, colour = 5, marker = 4,
          label = decayed and "ahead: φ − α·β·m" or "ahead: φ − α·m" },
    }, { phi, corner, momentum, nesterov, ahead, phi - share * here, ahead - share * there }
end

local function plain_arrows(run, found)
    local phi, after = found.phi_before, found.phi
    local g = loss_of(run, found):gradient(phi)
    local size = g:norm()
    local layers, places = { arrow(phi, after, 2, "the step") }, { phi, after }
    if size > 0 and size < math.huge then
        local tip = phi - ((after - phi):norm() / size) * g
        table.insert(layers, 1, arrow(phi, tip, 1, "−gradient, as long as the step"))
        places[3] = tip
    end
    return layers, places
end

-- What all arrows reach, and as much again around them.
local function ranges_of(places)
    local ranges, widest = {}, 0
    for k = 1, 2 do
        local low, high = math.huge, -math.huge
        for _, place in ipairs(places) do
            low, high = math.min(low, place[k]), math.max(high, place[k])
        end
        ranges[k] = { low, high }
        widest = math.max(widest, high - low)
    end
    for k = 1, 2 do
        local low, high = ranges[k][1], ranges[k][2]
        local half = math.max((high - low) * 0.75, widest * 0.35, 1e-12)
        ranges[k] = { (low + high) / 2 - half, (low + high) / 2 + half }
    end
    return ranges
end

local function describe(options)
    local run = options[1]
    if core.type(run) ~= "run" or #options > 1 then
        doc.fail("plot.step: one run is needed: %s", record.signature)
    end
    if run.objective.size ~= 2 then
        doc.fail("plot.step: the run has %d parameters; a step is drawn over two",
            run.objective.size)
    end
    if run.t == 0 then doc.fail("plot.step: the run stands at t = 0; r:step() makes an update") end
    local t = doc.options(record, { t = options.t }, 0).t or run.t
    if t > run.t then doc.fail("plot.step: the run stands at t = %d", run.t) end
    local found = run:record(t)
    local alpha = run.trace.alpha[t + 1]
    local optimizer = run.optimizer
    local two = optimizer.name == "momentum" or optimizer.name == "nesterov"
    local layers, places
    if two then
        layers, places = momentum_arrows(run, found, alpha)
    else
        layers, places = plain_arrows(run, found)
    end
    local ranges, given = ranges_of(places), { run.objective, title = options.title,
        bands = options.bands, n = options.n, log = options.log }
    for key, value in pairs(options) do
        if type(key) == "string" and not own[key] then given[key] = value end
    end
    for k, name in ipairs(run.objective.components) do given[name] = given[name] or ranges[k] end
    local panel = surface.describe(given, record).panels[1]
    local trace, xs, ys = run.trace.phi, {}, {}
    for i = 1, t do xs[i], ys[i] = trace(i, 1), trace(i, 2) end
    table.insert(layers, 1, { kind = "path", x = xs, y = ys, colour = 3, label = "path so far" })
    panel.layers = layers
    panel.title = options.title or ("%s, update %s"):format(optimizer.title or optimizer.name,
        label.integer(t))
    if two then
        panel.words = "Both rules begin at the same place with the same m; they differ by where "
            .. "the gradient is taken."
    end
    return { panels = { panel } }
end

return { record = record, describe = describe }
