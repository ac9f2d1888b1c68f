-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.run: runs at a glance, in two panels.

local core = require "descent.core"
local description = require "descent.plot.description"
local doc = require "descent.doc"
local fit = require "descent.plot.kind.fit"
local loss = require "descent.plot.kind.loss"
local surface = require "descent.plot.kind.surface"
local values = require "descent.plot.values"

local record = {
    name = "plot.run",
    signature = "plot.run{r, ..., title =}",
    summary = "Runs at a glance: the model over the data beside the surface with the path where "
        .. "there are two parameters, else beside the loss. This is what plot(r) draws.",
    arguments = {
        { name = "title", type = "string", default_text = "the rule, t and L[φ]",
          summary = "written above" },
    },
    returns = "nothing",
    example = [[
L = loss.least_squares(model.line, data.line12)
r = descend(L, optim.gd{alpha = 0.01}, {start = {1.6, -0.5}}):step(100)
plot.output("none")
plot.run(r)
print(plot.describe():match("[^\n]*"))]],
    result = "gradient descent, t = 100, L[φ] = 0.2008.",
}

local function describe(options)
    local checked = doc.options(record, options, values.MANY)
    local runs = values.sort("run", checked, { run = true }).run
    if #runs == 0 then doc.fail("plot.run: a run is missing: %s", record.signature) end
    local parts = {}
    local first = runs[1]
    local same_size, predicts = true, true
    for _, run in ipairs(runs) do
        same_size = same_size and run.objective.size == first.objective.size
        predicts = predicts and run.model ~= nil and run.data ~= nil
    end
    local plain = table.move(runs, 1, #runs, 1, {})
    if predicts and not first.data.classes then
        parts[1] = fit.describe(plain)
        parts[1].panels[1].title = "data and model"
    end
    if same_size and first.objective.size == 2 then
        parts[#parts + 1] = surface.describe(plain)
        parts[#parts].panels[1].title = "loss L[φ]"
    end
    -- A run without data or many parameters has its loss curve; several runs are compared by it.
    if #parts < 2 then
        parts[#parts + 1] = loss.describe(plain)
        parts[#parts].panels[1].title = "loss over all data"
        if not predicts then parts[#parts].panels[1].title = "loss" end
    end
    local title = checked.title or #runs == 1 and values.run_title(first) or "Runs"
    return description.join(parts, title)
end

return {
    record = record,
    describe = describe,
    order = 50,
    accepts = function(given)
        for _, value in ipairs(given) do
            if core.type(value) ~= "run" then return false end
        end
        return #given > 0
    end,
}
