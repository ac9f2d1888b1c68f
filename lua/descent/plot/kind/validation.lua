-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.validation: the loss on the data of a fit against that on data it does not see.

local doc = require "descent.doc"
local description = require "descent.plot.description"
local label = require "descent.plot.label"
local values = require "descent.plot.values"

local record = {
    name = "plot.validation",
    signature = "plot.validation{r, ..., log =}",
    summary = "The training loss of a run beside its validation loss, with the update at which the "
        .. "validation loss is lowest: after it the model fits noise. Sets of different sizes are "
        .. "compared by a mean, such as loss.mean_squares.",
    arguments = {
        { name = "log", type = "boolean", default_text = "where the values span a power of ten",
          summary = "a logarithmic axis" },
        { name = "title", type = "string", default_text = "the rule, t and L[φ]",
          summary = "written above" },
    },
    returns = "nothing",
    errors = "a run without validation data",
    example = [[
train, test = data.line{n = 40, seed = 1}:split(0.5, {seed = 1})
L = loss.mean_squares(model.line, train)
r = descend(L, optim.gd{alpha = 0.1}, {start = {1.6, -0.5}, validation = test}):step(20)
plot.output("none")
plot.validation(r)
print(plot.describe():match("\n(validation)[^\n]*"))]],
    result = "validation",
}

local function describe(options)
    local checked = doc.options(record, options, values.MANY)
    local runs = values.sort("validation", checked, { run = true }).run
    if #runs == 0 then doc.fail("plot.validation: a run is missing: %s", record.signature) end
    local labels, layers, lists, words = values.run_labels(runs), {}, {}, {}
    local longest = 0
    for i, run in ipairs(runs) do
        local fine, column = pcall(function() return run.trace.validation end)
        if not fine or column == nil then
            doc.fail("plot.validation: this run has no validation data; give them to it: "
                .. "descend(L, opt, {validation = d})")
        end
        local validation = values.columns(column)[1]
        local times = run.trace.t:table()
        longest = math.max(longest, run.t)
        local before = #runs > 1 and labels[i] .. ", " or ""
        local lines = { { "training", run.trace.loss:table() }, { "validation", validation } }
        local best
        for t, value in ipairs(validation) do
            if description.finite(value) and (not best or value < validation[best]) then
                best = t
            end
        end
        for k, line in ipairs(lines) do
            layers[#layers + 1] = {
                kind = "line", x = times, y = line[2], colour = 2 * i - 2 + k,
                label = before .. line[1],
            }
            lists[#lists + 1] = line[2]
        end
        if best then
            layers[#layers + 1] = {
                kind = "points", x = { times[best] }, y = { validation[best] },
                colour = #runs == 1 and 3 or 2 * i,
                marker = 4, label = before .. ("lowest, at t = %s"):format(
                    label.integer(times[best])),
            }
            words[#words + 1] = ("The validation loss is lowest at t = %s: %s."):format(
                label.integer(times[best]), label.number(validation[best]))
        end
    end
    local log = checked.log
    if log == nil then log = values.wants_log(lists, 10) end
    return { panels = { {
        title = checked.title or #runs == 1 and values.run_title(runs[1]) or "Validation",
        x = { label = "update t", integer = true, range = { 0, math.max(1, longest) } },
        y = { label = "L[φ]", log = log, zero = not log }, layers = layers,
        words = table.concat(words, " "),
    } } }
end

return { record = record, describe = describe }
