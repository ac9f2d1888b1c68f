-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- How well a run, or a model with its parameters, predicts data: accuracy, confusion, r2.

local core = require "descent.core"
local doc = require "descent.doc"

local score = {}

local function kind(value)
    return core.type and core.type(value) or type(value)
end

-- What predicts: {model =, phi =, loss = its loss or nil}, and the data.
local function subject(name, what, data, phi)
    local type_name = kind(what)
    if type_name == "run" then
        local loss = what.objective
        data = data or loss.data
        if not loss.model then
            doc.fail("%s needs a run of a model on data; this one's loss has none", name)
        end
        what = { model = loss.model, phi = what.phi, loss = loss }
    elseif type_name == "model" then
        if not phi and what.size > 0 then
            doc.fail("%s of a model needs its parameters: %s(m, d, phi)", name, name)
        end
        what = { model = what, phi = phi }
    else
        doc.fail("%s takes a run and data, %s(r, d), or a model, its data and parameters, "
            .. "not a %s", name, name, type_name)
    end
    local own = what.loss and what.loss.data
    if own and kind(data) == "dataset" and own.standardized and not data.standardized then
        data = own:apply(data)
    end
    if kind(data) ~= "dataset" then
        doc.fail("%s: the second argument must be a data set, not a %s", name, kind(data))
    elseif data.outputs == 0 then
        doc.fail("%s: the data set %s has no y to compare with", name, data.name)
    end
    return what, data
end

local function predict(what, data)
    local x = data.x
    -- One example of several columns is a row, not as many examples.
    if data.inputs > 1 and #data == 1 then x = core.array{ x:row(1):table() } end
    return what.phi and what.model(x, what.phi) or what.model(x)
end

-- Above which a single output says "the second class".
local function threshold(what, data)
    if core.model_ending(what.model, data.inputs) == "sigmoid" then return 0.5 end
    if what.loss and what.loss.name == "binary_cross_entropy" then return 0 end
    return data.classes and 1.5 or 0.5
end

local function largest(row)
    local best = 1
    for k = 2, #row do
        if row[k] > row[best] then best = k end
    end
    return best
end

-- The class of each example, as it is and as predicted, from 1; and how many classes there are.
local function classes(name, what, data)
    local y, f = data.y, predict(what, data)
    if data.outputs > 1 then
        doc.fail("%s needs one column y, the class, and %s has %d", name, data.name, data.outputs)
    end
    local first = 1
    local count = data.classes and #data.classes or 2
    local several = f.cols > 1
    if several then
        count = math.max(f.cols, data.classes and count or 0)
    elseif not data.classes then
        first = 0 -- y is 0 or 1
    end
    local actual, predicted = {}, {}
    local level = not several and threshold(what, data)
    local by_vote = what.model.name == "model.nearest" and data.classes
    for i = 1, #data do
        local class = y[i] - first + 1
        if class ~= math.floor(class) or class < 1 or class > count then
            doc.fail("%s needs y to be a class%s; y of example %d is %g%s", name,
                several and (" from 1 to %d"):format(count) or ", 0 or 1", i, y[i],
                several and "" or "; for numbers there is r2")
        end
        actual[i] = math.tointeger(class)
        if several then
            predicted[i] = largest(f[i])
        elseif by_vote then
            predicted[i] = math.tointeger(f[i])
        else
            predicted[i] = f[i] > level and 2 or 1
        end
    end
    return actual, predicted, count
end

local arguments = {
    { name = "r", type = "value", required = true,
      summary = "a run, or a model: then phi comes third (a model without parameters has none)" },
    { name = "data", type = "data set", default_text = "the run's own",
      summary = "what is predicted" },
    { name = "phi", type = "array", shape = "P", default_text = "the run's",
      summary = "the parameters of a model" },
}

score.accuracy = doc.define({
    name = "accuracy",
    signature = "accuracy(r, data)",
    summary = "The share of the examples whose class is predicted. Of several outputs the "
        .. "largest decides; a single one says the second class above 1/2 for a probability, "
        .. "above 0 for a score.",
    arguments = arguments,
    returns = "a number from 0 to 1",
    errors = "y that is no class",
    equation = "(1/I)·Σᵢ [predicted class = yᵢ]",
    example = [[
d = data.new{x = {-2, -1, 1, 2}, y = {0, 0, 1, 1}}
L = loss.binary_cross_entropy(model.logistic, d)
r = fit(L, optim.gd{alpha = 1}, {start = {0, 0}, steps = 10})
print(accuracy(r, d))]],
    result = "1.0",
}, function(r, data, phi)
    local what, set = subject("accuracy", r, data, phi)
    local actual, predicted = classes("accuracy", what, set)
    local right = 0
    for i, class in ipairs(actual) do
        if predicted[i] == class then right = right + 1 end
    end
    return right/#actual
end)

score.confusion = doc.define({
    name = "confusion",
    signature = "confusion(r, data)",
    summary = "How many examples of each class were predicted as each: row i, column j counts "
        .. "those of class i that were taken for class j.",
    arguments = arguments,
    returns = "an array k×k; with y of 0 and 1, row 1 is 0 and row 2 is 1",
    errors = "y that is no class",
    example = [[
d = data.new{x = {-2, -1, 1, 2}, y = {0, 1, 1, 1}}
print(confusion(model.logistic, d, {0, 1}))]],
    result = "1  0\n1  2",
}, function(r, data, phi)
    local what, set = subject("confusion", r, data, phi)
    local actual, predicted, count = classes("confusion", what, set)
    local table_of = core.zeros(count, count)
    for i, class in ipairs(actual) do
        table_of[class][predicted[i]] = table_of[class][predicted[i]] + 1
    end
    return table_of
end)

score.r2 = doc.define({
    name = "r2",
    signature = "r2(r, data)",
    summary = "The coefficient of determination: the share of y's variation about its mean that "
        .. "the predictions explain. 1 is perfect, 0 no better than the mean; worse is negative.",
    arguments = arguments,
    returns = "a number, or an array of one for each output",
    errors = "y that does not vary",
    equation = "R² = 1 − Σᵢ (f[xᵢ, φ] − yᵢ)²/Σᵢ (yᵢ − mean y)²",
    example = [[
phi = loss.least_squares(model.line, data.line12):solve()
print(string.format("%.6f", r2(model.line, data.line12, phi)))]],
    result = "0.850313",
}, function(r, data, phi)
    local what, set = subject("r2", r, data, phi)
    local y, f = set.y, predict(what, set)
    local outputs, columns = set.outputs, f.cols
    if what.model.name == "model.gaussian" then columns = outputs end -- the rest is log σ
    if columns ~= outputs then
        doc.fail("r2: the model has %d outputs and %s has %d column%s y", columns, set.name,
            outputs, outputs == 1 and "" or "s")
    end
    local function at(array, i, k)
        local row = array[i]
        return type(row) == "number" and row or row[k]
    end
    local results = core.zeros(outputs)
    for k = 1, outputs do
        local mean, rest, total = 0, 0, 0
        for i = 1, #set do mean = mean + at(y, i, k)/#set end
        for i = 1, #set do
            rest = rest + (at(f, i, k) - at(y, i, k))^2
            total = total + (at(y, i, k) - mean)^2
        end
        if total == 0 then
            doc.fail("r2: y of %s does not vary, so there is nothing to explain", set.name)
        end
        results[k] = 1 - rest/total
    end
    return outputs == 1 and results[1] or results
end)

return score
