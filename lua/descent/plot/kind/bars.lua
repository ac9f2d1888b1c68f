-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.bars: one bar for each number.

local core = require "descent.core"
local doc = require "descent.doc"
local label = require "descent.plot.label"
local values = require "descent.plot.values"

local record = {
    name = "plot.bars",
    signature = "plot.bars{values, labels = {...}, names = {...}}",
    summary = "A bar for each number of a list or an array; of several lists, or an array with "
        .. "several columns, those with the same place stand side by side.",
    arguments = {
        { name = "labels", type = "value", default_text = "1, 2, 3, ...",
          summary = "what is written below each bar" },
        { name = "names", type = "value", summary = "a name for each list, for the legend" },
        { name = "x_label", type = "string", default_text = "none", summary = "below" },
        { name = "y_label", type = "string", default_text = "none", summary = "at the side" },
        { name = "title", type = "string", summary = "written above" },
    },
    returns = "nothing",
    example = [[
plot.output("none")
plot.bars{{3, 1, 2}, labels = {"red", "green", "blue"}}
print(plot.describe())]],
    result = [[
across from 0.5 to 3.5, up from 0 to 3.15.
3 bars, highest 3 at 1 (red).]],
}

-- A list of lists of numbers from what stands without a name.
local function read(given)
    local lists = {}
    if #given > 0 and type(given[1]) == "number" then given = { given } end
    for _, one in ipairs(given) do
        if core.type(one) == "array" then
            for _, column in ipairs(values.columns(one)) do lists[#lists + 1] = column end
        elseif type(one) == "table" and type(one[1]) == "table" then
            for k, column in ipairs(one) do
                lists[#lists + 1] = values.list(("plot.bars: list %d"):format(k), column)
            end
        else
            lists[#lists + 1] = values.list("plot.bars", one)
        end
    end
    return lists
end

local function texts_of(what, given, count)
    if given == nil then return nil end
    if type(given) == "string" then given = { given } end
    if type(given) ~= "table" then doc.fail("plot.bars: %s is a list of texts", what) end
    if #given ~= count then
        doc.fail("plot.bars: %d %s for %d", #given, what, count)
    end
    local list = {}
    for i, one in ipairs(given) do
        list[i] = type(one) == "number" and label.number(one) or label.clean(tostring(one))
    end
    return list
end

local function describe(options)
    local checked = doc.options(record, options, values.MANY)
    local plain = table.move(checked, 1, #checked, 1, {})
    local lists = read(plain)
    if #lists == 0 then doc.fail("plot.bars: numbers are missing: %s", record.signature) end
    local count = #lists[1]
    for k, list in ipairs(lists) do
        if #list ~= count then
            doc.fail("plot.bars: list 1 has %d numbers and list %d has %d", count, k, #list)
        end
    end
    local labels = texts_of("labels", checked.labels, count)
    local names = texts_of("names", checked.names, #lists)
    local ticks
    if labels then
        ticks = {}
        for i, text in ipairs(labels) do ticks[i] = { at = i, text = text } end
    end
    local layers, width = {}, 0.8 / #lists
    for k, list in ipairs(lists) do
        local x = {}
        for i = 1, count do x[i] = i + (k - (#lists + 1) / 2) * width end
        layers[k] = {
            kind = "bars", x = x, y = list, width = width * (#lists > 1 and 0.95 or 1), colour = k,
            label = names and names[k] or #lists > 1 and ("list %d"):format(k) or nil,
            places = labels,
        }
    end
    return { panels = { {
        title = checked.title, layers = layers,
        x = { label = checked.x_label or "", integer = true, ticks = ticks,
              range = { 0.5, count + 0.5 } },
        y = { label = checked.y_label or "", zero = true },
    } } }
end

return { record = record, describe = describe }
