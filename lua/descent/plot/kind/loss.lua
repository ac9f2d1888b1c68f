-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.loss: the loss of runs against the number of updates.

local core = require "descent.core"
local doc = require "descent.doc"
local values = require "descent.plot.values"

local record = {
    name = "plot.loss",
    signature = "plot.loss{r1, r2, ..., name = r3, log =, batch = false}",
    summary = "The loss over all data at each time of one or more runs; a run given by name has "
        .. "that name in the legend.",
    arguments = {
        { name = "log", type = "boolean", default_text = "where the values span two powers of ten",
          summary = "a logarithmic axis" },
        { name = "batch", type = "boolean", default = false,
          summary = "show what each update saw too: the loss over its batch" },
        { name = "title", type = "string", default_text = "\"Loss\"", summary = "written above" },
    },
    returns = "nothing",
    example = [[
L = loss.least_squares(model.line, data.line12)
r = descend(L, optim.gd{alpha = 0.01}, {start = {1.6, -0.5}}):step(100)
plot.output("none")
plot.loss(r)
print(plot.describe():match("\n(gradient[^\n]*)"))]],
    result = "gradient descent: from (0, 5.02) to (100, 0.2008).",
}

local own = {}
for _, argument in ipairs(record.arguments) do own[argument.name] = true end

-- Runs in braces, and runs by name, sorted by it.
local function read(options)
    local plain, named = {}, {}
    for key, value in pairs(options) do
        if type(key) == "string" and not own[key] and core.type(value) == "run" then
            named[#named + 1] = key
        else
            plain[key] = value
        end
    end
    local checked = doc.options(record, plain, values.MANY)
    local runs = values.sort("loss", checked, { run = true }).run
    local labels = values.run_labels(runs)
    table.sort(named)
    for _, name in ipairs(named) do
        runs[#runs + 1] = options[name]
        labels[#labels + 1] = name
    end
    if #runs == 0 then doc.fail("plot.loss: a run is missing: %s", record.signature) end
    return checked, runs, labels
end

local function describe(options)
    local checked, runs, labels = read(options)
    local layers = {}
    for i, run in ipairs(runs) do
        local times = run.trace.t:table()
        if checked.batch and #times > 1 then
            local all, at, batch = run.trace.batch_loss:table(), {}, {}
            for k = 2, #times do at[k - 1], batch[k - 1] = times[k], all[k] end -- none at t = 0
            local places = values.shape_places(batch)
            at, batch = values.pick(at, places), values.pick(batch, places)
            layers[#layers + 1] = {
                kind = "line", x = at, y = batch, colour = i, thin = true,
                label = #runs == 1 and "of each batch" or labels[i] .. ", each batch",
            }
        end
        local over_all = run.trace.loss:table()
        local places = values.shape_places(over_all)
        layers[#layers + 1] = {
            kind = "line", x = values.pick(times, places), y = values.pick(over_all, places),
            colour = i, name = labels[i],
            label = #runs > 1 and labels[i] or checked.batch and "over all data" or nil,
        }
    end
    local log = checked.log
    if log == nil then
        local lists = {}
        for i, layer in ipairs(layers) do lists[i] = layer.y end
        log = values.wants_log(lists)
    end
    return { panels = { {
        title = checked.title or #runs == 1 and values.run_title(runs[1]) or "Loss",
        x = { label = "update t", integer = true },
        y = { label = "L[φ]", log = log, zero = not log },
        layers = layers,
    } } }
end

return { record = record, describe = describe, order = 80 }
