-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.bracket: a line search by bracketing, round by round.

local core = require "descent.core"
local description = require "descent.plot.description"
local doc = require "descent.doc"
local label = require "descent.plot.label"
local values = require "descent.plot.values"

local MOST_PANELS = 4
local SAMPLES = 300

local record = {
    name = "plot.bracket",
    signature = "plot.bracket{f, from = 0, to = 1, rounds = 10, threshold = 1e-4} or "
        .. "plot.bracket{r, t =}",
    summary = "The rounds of a line search: the four points a, b, c, d on the curve, what the "
        .. "round decides, and (shaded) what is left. Of a run with optim.line_search: the search "
        .. "of update t along the gradient.",
    arguments = {
        { name = "round", type = "integer", default_text = "the first four", range = "[1, 1e6]",
          summary = "the one round that is shown" },
        { name = "t", type = "integer", default_text = "the last update", range = "[1, 1e15]",
          summary = "which update of a run" },
        { name = "from", type = "number", default = 0, summary = "the first point, a" },
        { name = "to", type = "number", default = 1, summary = "the last point, d" },
        { name = "rounds", type = "integer", default = 10, range = "[1, 1e6]",
          summary = "rounds at most" },
        { name = "threshold", type = "number", default = 1e-4, range = "[0, inf)",
          summary = "the search ends when c − b is at most this" },
        { name = "points", type = "array", shape = "2", default_text = "{0.33, 0.66}",
          summary = "where the first b and c lie" },
        { name = "title", type = "string", default_text = "where the search ends",
          summary = "written above" },
    },
    returns = "nothing",
    errors = "a run that searches no line by bracketing, or that stands at t = 0",
    example = [[
f = function(phi)
    return 1 - 0.5*exp(-(phi - 0.65)^2/0.1) - 0.45*exp(-(phi - 0.35)^2/0.02)
end
plot.output("none")
plot.bracket{f}
print(plot.describe():match("[^\n]*"))
print(plot.describe():match("Round 1:[^\n]*"))]],
    result = [[
Line search: 10 rounds end at φ = 0.3832, f(φ) = 0.3288.
Round 1: a = 0, b = 0.33, c = 0.66, d = 1; b below c: drop d.]],
}

local function argument(optimizer, name)
    for _, one in ipairs(optimizer.arguments) do
        if one.name == name then return one.value end
    end
end

-- Of an update of a run: its loss along the gradient, the name of the step, and the search's
-- options.
local function along_gradient(run, t)
    local optimizer = run.optimizer
    if optimizer.name ~= "line_search" or argument(optimizer, "method") ~= "bracket" then
        doc.fail("plot.bracket: %s searches no line by bracketing; "
            .. "optim.line_search{method = \"bracket\"} does", optimizer.title or optimizer.name)
    end
    if run.t == 0 then
        doc.fail("plot.bracket: the run stands at t = 0; it has searched no line")
    end
    t = t or run.t
    if t > run.t then
        doc.fail("plot.bracket: the run stands at t = %d; it has made no update %d", run.t, t)
    end
    local update = run:record(t)
    local L = update.batch and run.objective:batch(update.batch) or run.objective
    local phi, g = core.array(update.phi_before), core.array(update.gradient)
    return function(step) return L(phi - step * g) end, "α", ("L[φ − α·g] of update %d"):format(t),
        {
            from = 0, to = argument(optimizer, "max"), rounds = argument(optimizer, "rounds"),
            threshold = argument(optimizer, "threshold"),
        }
end

local function round_panel(f, name, y_name, rounds, k, whole)
    local round = rounds[k]
    local a, b, c, d = round.a, round.b, round.c, round.d
    local following = rounds[k + 1]
    local from, to = whole[1], whole[2]
    if d - a < 0.25 * (to - from) then
        from, to = a - 0.3 * (d - a), d + 0.3 * (d - a)
    end
    local xs, ys, low, high = {}, {}, math.huge, -math.huge
    local function see(y)
        if description.finite(y) then low, high = math.min(low, y), math.max(high, y) end
    end
    for i = 0, SAMPLES do
        xs[i + 1] = from + (to - from) * i / SAMPLES
        ys[i + 1] = f(xs[i + 1])
        see(ys[i + 1])
    end
    local places, heights = { a, b, c, d }, round.values
    if core.type(heights) == "array" then heights = heights:table() end
    for _, y in ipairs(heights) do see(y) end
    if not (low < high) then low, high = low - 1, high + 1 end
    local span = high - low
    low, high = low - 0.08 * span, high + 0.16 * span
    local bottoms, above = {}, {}
    for i = 1, 4 do bottoms[i], above[i] = low, heights[i] + 0.075 * (high - low) end
    local layers = {
        { kind = "line", x = xs, y = ys, colour = 1, name = y_name },
        { kind = "segments", x = places, y = bottoms, x2 = places, y2 = heights, colour = 2,
          dash = true, name = "drops" },
        { kind = "points", x = places, y = heights, colour = 2, name = "a, b, c, d" },
        { kind = "text", x = places, y = above, texts = { "a", "b", "c", "d" } },
    }
    if following then
        table.insert(layers, 1, {
            kind = "band", x = { following.a, following.d }, y = { low, low },
            y2 = { high, high }, colour = 1, name = "what is left",
        })
    end
    local rule = tostring(round.rule)
    return {
        title = ("round %d: %s"):format(k, rule),
        x = { label = name, range = { from, to } }, y = { label = y_name, range = { low, high } },
        layers = layers,
        words = ("Round %d: a = %s, b = %s, c = %s, d = %s; %s."):format(k, label.number(a),
            label.number(b), label.number(c), label.number(d), rule),
    }
end

local function describe(options)
    local checked = doc.options(record, options, 1)
    local given = checked[1]
    local f, name, y_name, how
    if core.type(given) == "run" then
        f, name, y_name, how = along_gradient(given, checked.t)
    elseif core.type(given) == "loss" or values.is_callable(given) then
        f, y_name, name = values.function_of("bracket", given)
        how = { from = checked.from, to = checked.to, rounds = checked.rounds,
                threshold = checked.threshold, points = checked.points }
    else
        doc.fail("plot.bracket: a function or a run is missing: %s", record.signature)
    end
    local place, value, rounds = core.line_search(f, how)
    local wanted = {}
    if checked.round then
        if checked.round > #rounds then
            doc.fail("plot.bracket: the search has %d rounds, not %d", #rounds, checked.round)
        end
        wanted[1] = checked.round
    else
        for k = 1, math.min(MOST_PANELS, #rounds) do wanted[k] = k end
    end
    local whole, panels = { rounds[1].a, rounds[1].d }, {}
    for i, k in ipairs(wanted) do
        panels[i] = round_panel(f, name, y_name, rounds, k, whole)
    end
    local title = checked.title or ("Line search: %d rounds end at %s = %s, %s = %s"):format(
        #rounds, name, label.number(place), y_name, label.number(value))
    return { title = title, panels = panels }
end

return { record = record, describe = describe }
