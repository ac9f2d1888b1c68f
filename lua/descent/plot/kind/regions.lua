-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.regions: what a classifier of two inputs says everywhere, with the examples on it.

local core = require "descent.core"
local data_kind = require "descent.plot.kind.data"
local doc = require "descent.doc"
local label = require "descent.plot.label"
local values = require "descent.plot.values"

local MORE = 0.06 -- of the data's span on each side

local record = {
    name = "plot.regions",
    signature = "plot.regions{r, data, n = 120} or plot.regions{m, data, phi =}",
    summary = "Which class a model gives to each place in the plane of two inputs, and the "
        .. "examples with their true classes. With one output: the output itself, and the line "
        .. "where it passes the threshold.",
    arguments = {
        { name = "phi", type = "value", default_text = "r.phi", summary = "parameters of a model" },
        { name = "n", type = "integer", default = 120, range = "[10, 500]",
          summary = "places along each input" },
        { name = "threshold", type = "number", default_text = "0.5 for probabilities, else 0",
          summary = "above it one output means the second class" },
        { name = "title", type = "string", default_text = "the rule, t and L[φ]",
          summary = "written above" },
    },
    returns = "nothing",
    errors = "data that have not two inputs, a model without phi",
    example = [[
d = data.new{x = {{0, 0}, {1, 0}, {0, 1}, {1, 1}}, y = {0, 0, 1, 1}}
plot.output("none")
plot.regions{model.logistic(2), d, phi = {-2, 0, 4}}
print(plot.describe():match("model[^:]*"))
print(plot.describe():match("It is right[^\n]*"))]],
    result = [[
model.logistic
It is right about 4 of 4 examples.]],
}

local function read(options)
    local checked = doc.options(record, options, 2)
    local found = values.sort("regions", checked, { run = true, model = true, dataset = true })
    local run, model = found.run[1], found.model[1]
    local data = found.dataset[1] or run and run.data
    local phi = checked.phi
    if run then
        model = run.model
        if phi == nil then phi = run.phi end
    end
    if not model then
        doc.fail("plot.regions: a run or a model is missing: %s", record.signature)
    end
    if phi == nil and #model.parameters > 0 then
        doc.fail("plot.regions: phi is missing: plot.regions{m, d, phi = {...}}")
    end
    if not data then doc.fail("plot.regions: the data are missing: %s", record.signature) end
    if values.input_count(data) ~= 2 then
        doc.fail("plot.regions: regions are drawn over two inputs; these data have %d",
            values.input_count(data))
    end
    return checked, run, model, data, phi or {}
end

local function range_of(list)
    local low, high = math.huge, -math.huge
    for _, value in ipairs(list) do low, high = math.min(low, value), math.max(high, value) end
    local more = high > low and MORE * (high - low) or math.max(1, math.abs(low)) * 0.1
    return { low - more, high + more }
end

-- For each row of several outputs the number of the largest.
local function winners(columns)
    local list = {}
    for i = 1, #columns[1] do
        local best = 1
        for k = 2, #columns do
            if columns[k][i] > columns[best][i] then best = k end
        end
        list[i] = best
    end
    return list
end

local function extremes(list)
    local low, high = math.huge, -math.huge
    for _, value in ipairs(list) do low, high = math.min(low, value), math.max(high, value) end
    return low, high
end

local function describe(options)
    local checked, run, model, data, phi = read(options)
    local inputs = values.columns(data.x)
    local ranges, n = { range_of(inputs[1]), range_of(inputs[2]) }, checked.n
    local places = core.zeros(n * n, 2)
    local function place(k, i)
        return ranges[k][1] + (ranges[k][2] - ranges[k][1]) * (i - 1) / (n - 1)
    end
    for i = 1, n do
        for j = 1, n do
            local row = (i - 1) * n + j
            places[row][1], places[row][2] = place(1, i), place(2, j)
        end
    end
    local predict = values.predictor(model, phi, run, data)
    local outputs = predict(places)
    local said = predict(data.x)
    local truth = values.columns(data.y)[1]
    local right, image, threshold = 0, nil, nil
    if #outputs == 1 then
        local low, high = extremes(outputs[1])
        threshold = checked.threshold or (low >= 0 and high <= 1 and 0.5 or 0)
        local _, second = extremes(truth)
        for i, value in ipairs(said[1]) do
            if (value > threshold) == (truth[i] == second) then right = right + 1 end
        end
        image = { label = "f[x, φ]", levels = { threshold },
                  bands = 20 }
    else
        outputs = { winners(outputs) }
        local best = winners(said)
        for i, class in ipairs(best) do
            if class == truth[i] then right = right + 1 end
        end
        local _, most = extremes(outputs[1])
        image = { label = "class", nearest = true, contours = false, bands = math.max(2, most),
                  key = false }
    end
    image.x0, image.x1, image.y0, image.y1 =
        ranges[1][1], ranges[1][2], ranges[2][1], ranges[2][2]
    image.log = false
    image.values = {}
    for i = 1, n do
        image.values[i] = table.move(outputs[1], (i - 1) * n + 1, i * n, 1, {})
    end
    local layers = {}
    data_kind.classes(data, layers, 0)
    return { panels = { {
        title = checked.title or run and values.run_title(run) or model.name,
        x = { label = values.name_of(data, "x", 1), range = ranges[1] },
        y = { label = values.name_of(data, "x", 2), range = ranges[2] },
        layers = layers, image = image,
        words = ("It is right about %s of %s examples."):format(label.integer(right),
            label.integer(#truth)),
    } } }
end

return { record = record, describe = describe }
