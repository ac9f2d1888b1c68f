-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The documentation records in groups, and words that every form of the reference needs.

local doc = require "descent.doc"
local page = require "descent.page"

local records = {}

-- Groups in the order of the language; a record belongs to the first that knows its name's first
-- part, all others are functions.
records.groups = {
    { title = "Data", heads = { data = true, dataset = true } },
    { title = "Models", heads = { model = true } },
    { title = "Losses", heads = { loss = true, penalty = true } },
    { title = "Optimizers", heads = { optim = true, optimizer = true } },
    { title = "Schedules", heads = { schedule = true } },
    { title = "Runs", heads = {
        run = true, history = true, descend = true, fit = true, explain = true, why = true,
        export = true, guess = true,
    } },
    { title = "Several runs", heads = {
        compare = true, cross_validate = true, difference = true, race = true, sweep = true,
        accuracy = true, confusion = true, r2 = true,
    } },
    { title = "Plots", heads = { plot = true } },
    { title = "Lessons and help", heads = {
        lesson = true, help = true, exercise = true, check = true,
    } },
    { title = "Derivatives", heads = {
        derivative = true, gradient = true, jacobian = true, hessian = true, graph = true,
        line_search = true,
    } },
    { title = "Random numbers", heads = { random = true, seed = true } },
    { title = "Arrays", heads = { array = true } },
    { title = "Inside models", heads = { symbol = true } },
    { title = "Functions", heads = {} },
}

local function group_of(record)
    local head = record.name:match("^[%w_]+")
    for _, group in ipairs(records.groups) do
        if group.heads[head] then return group end
    end
    return records.groups[#records.groups]
end

records.all = doc.all()
for _, group in ipairs(records.groups) do group.records = {} end
for _, record in ipairs(records.all) do table.insert(group_of(record).records, record) end

function records.lines_of(text) return (text:gsub("%s+$", "") .. "\n"):gmatch("(.-)\n") end

-- "number > 0, default 0.9"
function records.argument_text(argument)
    local parts = {}
    if argument.type ~= "value" then parts[1] = page.argument_type(argument) end
    parts[#parts + 1] = page.argument_default(argument)
    return table.concat(parts, ", ")
end

function records.argument_name(argument)
    local symbol = argument.symbol
    return argument.name .. (symbol and symbol ~= argument.name and " " .. symbol or "")
end

-- What a record has beside its arguments and example, in order.
records.fields = { "returns", "errors", "equation", "source", "elsewhere" }

return records
