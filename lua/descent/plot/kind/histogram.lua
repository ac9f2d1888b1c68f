-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.histogram: how often numbers fall into which range.

local core = require "descent.core"
local description = require "descent.plot.description"
local doc = require "descent.doc"
local label = require "descent.plot.label"
local values = require "descent.plot.values"

local record = {
    name = "plot.histogram",
    signature = "plot.histogram{values, bins =, density = false}",
    summary = "How many of the numbers (all elements of an array) fall into each of equally wide "
        .. "bins.",
    arguments = {
        { name = "bins", type = "integer", default_text = "by the rule of Freedman and Diaconis",
          range = "[1, 1000]", summary = "how many bins there are" },
        { name = "density", type = "boolean", default = false,
          summary = "shares divided by the width, so that the bars have an area of 1" },
        { name = "x_label", type = "string", default_text = "\"value\"", summary = "below" },
        { name = "title", type = "string", default_text = "how many, mean and spread",
          summary = "written above" },
    },
    returns = "nothing",
    errors = "no number that is finite",
    example = [[
plot.output("none")
plot.histogram{{1, 2, 2, 3, 3, 3, 4, 4, 5}, bins = 4}
print(plot.describe())]],
    result = [[
9 values, mean 3, standard deviation 1.155: across value from 1 to 5, up count from 0 to 3.15.
4 bars, highest 3 at 3.5.]],
}

local MOST_BINS = 60

-- Bins as wide as twice the range of the middle half, divided by the cube root of the count.
local function count_of(sorted)
    local n = #sorted
    local function quantile(share)
        local place = 1 + share * (n - 1)
        local k = math.min(math.floor(place), n - 1)
        if n == 1 then return sorted[1] end
        return sorted[k] + (sorted[k + 1] - sorted[k]) * (place - k)
    end
    local span = sorted[n] - sorted[1]
    local width = 2 * (quantile(0.75) - quantile(0.25)) / n ^ (1 / 3)
    local bins = width > 0 and math.min(MOST_BINS, math.ceil(span / width))
        or math.ceil(math.log(n, 2)) + 1
    return math.max(1, math.min(MOST_BINS, bins))
end

local function describe(options)
    local checked = doc.options(record, options, 1)
    local given = checked[1]
    if type(given) == "number" then given = { given } end
    if given == nil then doc.fail("plot.histogram: numbers are missing: %s", record.signature) end
    local fine, array = pcall(core.array, given)
    if not fine then
        doc.fail("plot.histogram: a list of numbers or an array is needed, not a %s",
            core.type(given))
    end
    local list, left_out, sum = {}, 0, 0
    for _, column in ipairs(values.columns(array)) do
        for _, value in ipairs(column) do
            if description.finite(value) then
                list[#list + 1], sum = value, sum + value
            else
                left_out = left_out + 1
            end
        end
    end
    if #list == 0 then
        doc.fail("plot.histogram: nothing to draw: every value is NaN or infinite")
    end
    table.sort(list)
    local mean, squares = sum / #list, 0
    for _, value in ipairs(list) do squares = squares + (value - mean) ^ 2 end
    local bins = checked.bins or count_of(list)
    local low, high = list[1], list[#list]
    if low == high then
        local half = low == 0 and 0.5 or math.abs(low) * 0.05
        low, high = low - half, high + half
    end
    local width = (high - low) / bins
    local x, y = {}, {}
    for k = 1, bins do x[k], y[k] = low + (k - 0.5) * width, 0 end
    for _, value in ipairs(list) do
        local k = math.min(bins, math.floor((value - low) / width) + 1)
        y[k] = y[k] + 1
    end
    if checked.density then
        for k = 1, bins do y[k] = y[k] / (#list * width) end
    end
    return { panels = { {
        title = checked.title or ("%s values, mean %s, standard deviation %s"):format(
            label.integer(#list), label.number(mean),
            label.number(math.sqrt(squares / #list))),
        x = { label = checked.x_label or "value", range = { low, high } },
        y = { label = checked.density and "density" or "count", zero = true,
              integer = not checked.density },
        layers = { { kind = "bars", x = x, y = y, width = width, colour = 1, touching = true } },
        words = left_out > 0 and ("%s left out: NaN or infinite."):format(left_out == 1
            and "1 value is" or label.integer(left_out) .. " values are") or nil,
    } } }
end

return { record = record, describe = describe }
