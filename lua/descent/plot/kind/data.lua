-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.data: the examples of data sets.

local core = require "descent.core"
local doc = require "descent.doc"
local label = require "descent.plot.label"
local values = require "descent.plot.values"

local MOST_PANELS = 4 -- inputs that are shown, one panel each

local record = {
    name = "plot.data",
    signature = "plot.data{d, ..., title =}",
    summary = "The examples of one or more data sets: y against x, one panel for each input "
        .. "column, and classes of two inputs in the plane.",
    arguments = {
        { name = "x", type = "value", summary = "instead of a data set: the inputs" },
        { name = "y", type = "value", summary = "instead of a data set: the outputs" },
        { name = "title", type = "string", default_text = "the name of the data",
          summary = "written above" },
    },
    returns = "nothing",
    example = [[
plot.output("none")
plot.data{x = {1, 2, 3}, y = {2, 4, 5}}
print(plot.describe())]],
    result = [[
data, 3 examples: across x from 0.94 to 3.06, up y from 1.85 to 5.15.
data: 3 points, across from 1 to 3, up from 2 to 5.]],
}

local function column(array, j)
    if #array.shape == 1 then return array:table() end
    return array:col(j):table()
end

-- The points of each class of two inputs.
local function classes(data, layers, first)
    local x1, x2, y = column(data.x, 1), column(data.x, 2), column(data.y, 1)
    local names, order = {}, {}
    for i = 1, #y do
        local list = names[y[i]]
        if not list then
            list = { x = {}, y = {} }
            names[y[i]] = list
            order[#order + 1] = y[i]
        end
        table.insert(list.x, x1[i])
        table.insert(list.y, x2[i])
    end
    table.sort(order)
    for k, value in ipairs(order) do
        local name = data.classes and data.classes[math.tointeger(value) or value] or value
        layers[#layers + 1] = {
            kind = "points", x = names[value].x, y = names[value].y, colour = first + k,
            label = type(name) == "number" and ("y = " .. label.number(name)) or tostring(name),
        }
    end
end

-- Two inputs and an output with names, or with a few whole numbers that occur again and again.
local function is_classes(data)
    if values.input_count(data) ~= 2 or #data.y.shape ~= 1 then return false end
    if data.classes then return true end
    local seen, count = {}, 0
    for _, y in ipairs(data.y:table()) do
        if y % 1 ~= 0 then return false end
        if not seen[y] then seen[y], count = true, count + 1 end
    end
    return count <= 10 and #data >= 3 * count
end

local function describe(options)
    if options.x or options.y then
        options = { core.data.new { x = options.x, y = options.y }, title = options.title }
    end
    local checked = doc.options(record, options, values.MANY)
    local sets = values.sort("data", checked, { dataset = true }).dataset
    if #sets == 0 then doc.fail("plot.data: a data set is missing: %s", record.signature) end
    local first = sets[1]
    local inputs = values.input_count(first)
    for _, data in ipairs(sets) do
        if values.input_count(data) ~= inputs then
            doc.fail("plot.data: the data sets have %d and %d input columns", inputs,
                values.input_count(data))
        end
    end
    local function name_of(data) return data.name ~= "" and data.name or "data" end
    local title = options.title or #sets == 1
        and ("%s, %s examples"):format(name_of(first), label.integer(#first)) or "Data"
    local panels = {}
    if is_classes(first) then
        local layers = {}
        for _, data in ipairs(sets) do classes(data, layers, #layers) end
        panels[1] = {
            x = { label = values.name_of(first, "x", 1) },
            y = { label = values.name_of(first, "x", 2) },
            layers = layers,
        }
    else
        for j = 1, math.min(inputs, MOST_PANELS) do
            local layers = {}
            for k, data in ipairs(sets) do
                layers[k] = {
                    kind = "points", x = column(data.x, j), y = column(data.y, 1), colour = k,
                    label = #sets > 1 and name_of(data) or nil, name = "data",
                }
            end
            panels[j] = {
                x = { label = values.name_of(first, "x", j) },
                y = { label = values.name_of(first, "y", 1) }, layers = layers,
            }
        end
        if inputs > MOST_PANELS then
            panels[MOST_PANELS].words = ("The first %d of %d input columns are shown.")
                :format(MOST_PANELS, inputs)
        end
    end
    if #panels == 1 then
        panels[1].title, title = title, nil
    end
    return { title = title, panels = panels }
end

return {
    record = record,
    describe = describe,
    classes = classes,
    accepts = function(given)
        for _, value in ipairs(given) do
            if core.type(value) ~= "dataset" then return false end
        end
        return #given > 0
    end,
}
