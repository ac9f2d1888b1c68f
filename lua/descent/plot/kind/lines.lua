-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.lines: numbers against numbers.

local core = require "descent.core"
local doc = require "descent.doc"
local label = require "descent.plot.label"
local values = require "descent.plot.values"

local MOST_LINES = 6 -- an array with more columns is shown as a surface

local record = {
    name = "plot.lines",
    signature = "plot.lines{x =, y =, log = \"xy\", labels = {...}}",
    summary = "Lines through numbers: y is a list, a list of lists, or an array with a line for "
        .. "each column; without x they are numbered from 1.",
    arguments = {
        { name = "x", type = "value", default_text = "1, 2, 3, ...",
          summary = "the places across" },
        { name = "y", type = "value", summary = "the values; may also stand without a name" },
        { name = "log", type = "choice", choices = "x|y|xy", default_text = "no",
          summary = "the logarithmic axes" },
        { name = "labels", type = "value", summary = "a name for each line" },
        { name = "points", type = "boolean", default = false, summary = "points instead of lines" },
        { name = "x_label", type = "string", default_text = "\"x\"", summary = "below" },
        { name = "y_label", type = "string", default_text = "\"y\"", summary = "at the side" },
        { name = "title", type = "string", summary = "written above" },
    },
    returns = "nothing",
    example = [[
plot.output("none")
plot.lines{x = {1, 10, 100}, y = {1, 100, 10000}, log = "xy"}
print(plot.describe())]],
    result = [[
across x from 1 to 100 (logarithmic), up y from 0.631 to 15849 (logarithmic).
line: from (1, 1) to (100, 10000).]],
}

-- A list of columns from whatever was given.
local function columns_of(given)
    local list = {}
    for _, one in ipairs(given) do
        if core.type(one) == "array" then
            for _, column in ipairs(values.columns(one)) do list[#list + 1] = column end
        elseif type(one) == "table" and type(one[1]) ~= "number" then
            for k, column in ipairs(one) do
                list[#list + 1] = values.list(("plot.lines: y[%d]"):format(k), column)
            end
        else
            list[#list + 1] = values.list("plot.lines: y", one)
        end
    end
    return list
end

local function describe(options)
    local checked = doc.options(record, options, values.MANY)
    local given = {}
    if checked.y ~= nil then given[1] = checked.y end
    for i = 1, #checked do given[#given + 1] = checked[i] end
    if #given == 0 then doc.fail("plot.lines: y is missing: %s", record.signature) end
    local columns = columns_of(given)
    local xs = checked.x ~= nil and values.list("plot.lines: x", checked.x)
    local labels = checked.labels or {}
    if type(labels) == "string" then labels = { labels } end
    if type(labels) ~= "table" then doc.fail("plot.lines: labels is a list of names") end
    local layers = {}
    for k, ys in ipairs(columns) do
        if xs and #xs ~= #ys then
            doc.fail("plot.lines: x has %d values and y %d", #xs, #ys)
        end
        local at = xs
        if not at then
            at = {}
            for i = 1, #ys do at[i] = i end
        end
        layers[k] = {
            kind = checked.points and "points" or "line", x = at, y = ys, colour = k,
            label = labels[k] and label.clean(labels[k])
                or #columns > 1 and ("line %d"):format(k) or nil,
        }
    end
    local log = checked.log or ""
    return { panels = { {
        title = checked.title, layers = layers,
        x = { label = checked.x_label or xs and "x" or "i", log = log:find("x") ~= nil,
              integer = not xs },
        y = { label = checked.y_label or "y", log = log:find("y") ~= nil },
    } } }
end

-- A matrix with many columns: S(i, j) across and up.
local function is_wide(value)
    return core.type(value) == "array" and #value.shape == 2 and value.cols > MOST_LINES
        and value.rows > 1
end

return {
    record = record,
    order = 120,
    describe = function(options)
        if #options == 1 and is_wide(options[1]) then
            local array = options[1]
            return { panels = { {
                x = { label = "row i", integer = true }, y = { label = "column j", integer = true },
                image = { values = array, x0 = 1, x1 = array.rows, y0 = 1, y1 = array.cols,
                          label = "value" },
            } } }
        end
        return describe(options)
    end,
    accepts = function(given)
        for _, value in ipairs(given) do
            local kind = core.type(value)
            if kind ~= "array" and not (kind == "table" and (type(value[1]) == "number"
                or type(value[1]) == "table")) then
                return false
            end
        end
        return #given > 0
    end,
}
