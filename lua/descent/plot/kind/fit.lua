-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.fit: models over the data, as they stand in runs or at given parameters.

local core = require "descent.core"
local doc = require "descent.doc"
local description = require "descent.plot.description"
local label = require "descent.plot.label"
local values = require "descent.plot.values"

local record = {
    name = "plot.fit",
    signature = "plot.fit{r, ..., residuals = false} or plot.fit{m, phi =, data =}",
    summary = "The model over the data. With several input columns: predictions against the data. "
        .. "Over raw data, a run on standardized ones is drawn in the units of the raw data.",
    arguments = {
        { name = "phi", type = "value", default_text = "r.phi", summary = "parameters of a model" },
        { name = "data", type = "value", default_text = "the run's data",
          summary = "the examples" },
        { name = "residuals", type = "boolean", default = false,
          summary = "draw a line from each example to the model" },
        { name = "title", type = "string", default_text = "the rule, t and L[φ]",
          summary = "written above" },
    },
    returns = "nothing",
    errors = "a run without a model, a model without phi",
    example = [[
plot.output("none")
plot.fit{model.line, phi = {0.5, 1}, data = data.line12}
print(plot.describe():match("model f[^\n]*"))]],
    result = "model f[x, φ]: from (−0.0261, 0.4739) to (1.956, 2.456).",
}

local MORE = 0.03 -- of the data's width on both sides

-- What is to be drawn: a list of {model, phi, label, run}, and the data.
local function read(options)
    local found = values.sort("fit", options, { run = true, model = true, dataset = true })
    local data = options.data or found.dataset[1]
    if data ~= nil and core.type(data) ~= "dataset" then
        doc.fail("plot.fit: data is a data set, not a %s", core.type(data))
    end
    if #found.run + #found.model == 0 then
        doc.fail("plot.fit: a run or a model is missing: %s", record.signature)
    end
    local list, names = {}, values.run_labels(found.run)
    for i, run in ipairs(found.run) do
        if not run.model then
            doc.fail("plot.fit: the loss of this run has no model; plot.loss and plot.surface "
                .. "draw it")
        end
        data = data or run.data
        local phi = run.phi
        if options.phi ~= nil then phi = options.phi end
        list[#list + 1] = { model = run.model, phi = phi, run = run, label = names[i] }
    end
    for _, model in ipairs(found.model) do
        if options.phi == nil then
            doc.fail("plot.fit: phi is missing: plot.fit{m, phi = {...}, data = d}")
        end
        list[#list + 1] = { model = model, phi = options.phi, label = model.name }
    end
    for _, one in ipairs(list) do
        one.predict = values.predictor(one.model, one.phi, one.run, data)
    end
    if #list == 1 then list[1].label = "model f[x, φ]" end
    return list, data
end

local function title_of(list, options)
    if options.title then return options.title end
    local one = list[1]
    if #list > 1 then return "Models over the data" end
    if one.run then return values.run_title(one.run) end
    local named, parts = one.model:named(one.phi), {}
    for _, parameter in ipairs(one.model.parameters) do
        local value = named[parameter.name]
        if type(value) == "number" then
            table.insert(parts, ("%s = %s"):format(label.symbol(parameter.name),
                label.number(value)))
        end
    end
    if #parts == 0 or #parts > 4 then return one.model.name end
    return ("%s, %s"):format(one.model.name, table.concat(parts, ", "))
end

-- Where a class is a probability, the examples stand at 0 and 1.
local function outputs(data)
    return values.columns(data.y)[1]
end

local function extremes(list, low, high)
    for _, value in ipairs(list) do
        if description.finite(value) then
            low, high = math.min(low, value), math.max(high, value)
        end
    end
    return low, high
end

-- What the curves and the data reach, but not more than a few times the data's height: a model that
-- has gone astray must not press the data flat.
local function common_range(ys, lines)
    local low, high = extremes(ys, math.huge, -math.huge)
    if not (low < high) then return nil end
    local most = 4 * (high - low)
    local least_low, most_high = low - most, high + most
    for _, line in ipairs(lines) do low, high = extremes(line.y, low, high) end
    low, high = math.max(low, least_low), math.min(high, most_high)
    return { low - 0.05 * (high - low), high + 0.05 * (high - low) }
end

local function curves(list, data, options)
    local layers, xs = {}, nil
    local low, high = 0, 1
    if data then
        xs = values.columns(data.x)[1]
        low, high = math.huge, -math.huge
        for _, x in ipairs(xs) do low, high = math.min(low, x), math.max(high, x) end
    end
    local grid = values.grid(low, high, MORE)
    local lines = {}
    for i, one in ipairs(list) do
        local columns = one.predict(grid)
        for k, ys in ipairs(columns) do
            lines[#lines + 1] = {
                kind = "line", x = grid, y = ys, colour = #columns == 1 and i + 1 or k + 1,
                label = #columns == 1 and one.label or ("%s, output %d"):format(one.label, k),
            }
        end
    end
    if options.residuals and data then
        local predicted = list[1].predict(xs)[1]
        layers[1] = {
            kind = "segments", x = xs, y = outputs(data), x2 = xs, y2 = predicted, colour = 4,
            label = "residuals",
        }
    end
    table.move(lines, 1, #lines, #layers + 1, layers)
    if data then
        layers[#layers + 1] = {
            kind = "points", x = xs, y = outputs(data), colour = 1, label = "data",
        }
    end
    return {
        x = {
            label = data and values.name_of(data, "x", 1) or "x", range = { grid[1], grid[#grid] },
        },
        y = {
            label = data and values.name_of(data, "y", 1) or "y",
            range = data and common_range(outputs(data), lines) or nil,
        },
        layers = layers,
    }
end

-- Several inputs: each example at (y, f[x, φ]); on the diagonal the model is right.
local function agreement(list, data)
    local ys, layers = outputs(data), {}
    local low, high = math.huge, -math.huge
    for _, y in ipairs(ys) do low, high = math.min(low, y), math.max(high, y) end
    layers[1] = {
        kind = "line", x = { low, high }, y = { low, high }, dash = true, colour = 2,
        label = "f[x, φ] = y",
    }
    for i, one in ipairs(list) do
        layers[#layers + 1] = {
            kind = "points", x = ys, y = one.predict(data.x)[1],
            colour = i == 1 and 1 or i + 1, label = #list == 1 and "examples" or one.label,
        }
    end
    return {
        x = { label = values.name_of(data, "y", 1) },
        y = { label = "f[x, φ]" }, layers = layers,
    }
end

local function describe(options)
    local checked = doc.options(record, options, values.MANY)
    local list, data = read(checked)
    local panel
    if data and values.input_count(data) > 1 then
        panel = agreement(list, data)
    else
        panel = curves(list, data, checked)
    end
    panel.title = title_of(list, checked)
    return { panels = { panel } }
end

return {
    record = record,
    describe = describe,
    order = 60,
    -- Data together with what predicts it.
    accepts = function(given)
        local predictors, sets = 0, 0
        for _, value in ipairs(given) do
            local kind = core.type(value)
            if kind == "run" or kind == "model" then
                predictors = predictors + 1
            elseif kind == "dataset" then
                sets = sets + 1
            else
                return false
            end
        end
        return sets == 1 and predictors > 0
    end,
}
