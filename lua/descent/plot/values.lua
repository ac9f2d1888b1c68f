-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What the kinds of plot share: reading what they were given, labels of runs, samples of models.

local core = require "descent.core"
local doc = require "descent.doc"
local label = require "descent.plot.label"

local values = { MANY = 1000000 } -- as many without a name as are given

function values.type(value) return core.type(value) end

function values.is_callable(value)
    if type(value) == "function" then return true end
    local meta = type(value) == "table" and getmetatable(value)
    return meta and meta.__call ~= nil
end

-- What stands without a name, by type: {run = {...}, dataset = {...}, ...}; anything that is not
-- allowed is refused.
function values.sort(kind, options, allowed)
    local found = {}
    for name in pairs(allowed) do found[name] = {} end
    for i = 1, #options do
        local value = options[i]
        local name = core.type(value)
        if not allowed[name] and allowed["function"] and values.is_callable(value) then
            name = "function"
        end
        if not allowed[name] then
            local list = {}
            for word in pairs(allowed) do
                list[#list + 1] = (word == "dataset" and "data set") or word
            end
            table.sort(list)
            doc.fail("plot.%s: value %d is a %s; it takes a %s", kind, i, name,
                table.concat(list, ", "))
        end
        table.insert(found[name], value)
    end
    return found
end

-- A flat list of numbers from an array or a table of numbers.
function values.list(what, value)
    local fine, array = pcall(core.array, value)
    if not fine then doc.fail("%s: %s", what, (tostring(array):gsub("^[^:]*:%d+: ", ""))) end
    if #array.shape > 1 and array.cols > 1 then
        doc.fail("%s: one column is needed, not %d", what, array.cols)
    end
    local list = {}
    for i = 1, array.rows do list[i] = #array.shape > 1 and array[i][1] or array[i] end
    return list
end

-- The columns of an array, each a list.
function values.columns(array)
    if #array.shape == 1 then return { array:table() } end
    local columns = {}
    for j = 1, array.cols do columns[j] = array:col(j):table() end
    return columns
end

-- {low, high} given by the user.
function values.range(what, range)
    if range == nil then return nil end
    local fine, array = pcall(core.array, range)
    if not fine or #array ~= 2 or not (array[1] < array[2]) then
        doc.fail("%s: a range is two numbers, the smaller first, such as {-1, 1}", what)
    end
    return { array[1], array[2] }
end

-- --- functions ---------------------------------------------------------------------------------

-- A function of one number as such, its name and that of its argument; a loss of one parameter too.
function values.function_of(kind, value)
    if core.type(value) == "loss" then
        if value.size ~= 1 then
            doc.fail("plot.%s: this loss has %d parameters; a curve needs one", kind, value.size)
        end
        return function(x) return value(x) end, "L[φ]", label.symbol(value.components[1])
    end
    local name = type(value) == "function" and debug.getlocal(value, 1) or "x"
    name = label.symbol(name)
    return function(x)
        local result = value(x)
        if core.type(result) == "array" and #result == 1 then
            result = #result.shape == 1 and result[1] or result[1][1]
        end
        if type(result) ~= "number" then
            doc.fail("plot.%s: the function gives a %s at %s, not a number", kind,
                core.type(result), label.number(x))
        end
        return result
    end, ("f(%s)"):format(name), name
end

-- Are all values positive, and do they span more than a factor (100)?
function values.wants_log(lists, factor)
    local low, high = math.huge, 0
    for _, list in ipairs(lists) do
        for _, y in ipairs(list) do
            if y <= 0 then return false end
            if y < math.huge then low, high = math.min(low, y), math.max(high, y) end
        end
    end
    return high > (factor or 100) * low
end

-- --- runs --------------------------------------------------------------------------------------

-- "batch 5", or nil for a run on all the data.
local function batch_words(run)
    if run.t == 0 then return nil end
    local record = run:record(1)
    return record.batch and ("batch %d"):format(record.count)
end

local function argument_text(argument)
    local value = argument.value
    if type(value) == "number" then value = label.number(value) else value = tostring(value) end
    return ("%s = %s"):format(argument.symbol or argument.name, value)
end

-- " from (1.6, −0.5)", or nothing where there are too many parameters to be read.
local function start_words(run)
    if run.objective.size > 3 then return "" end
    local parts = {}
    for j, value in ipairs(run.trace.phi:row(1)) do parts[j] = label.number(value, 3) end
    return (" from (%s)"):format(table.concat(parts, ", "))
end

-- A name for each run: the rule, and, where rules are alike, what differs.
function values.run_labels(runs)
    local names, seen = {}, {}
    for i, run in ipairs(runs) do
        local optimizer = run.optimizer
        names[i] = optimizer.title or optimizer.name
        local words = batch_words(run)
        if words then names[i] = ("%s (%s)"):format(names[i], words) end
        seen[names[i]] = seen[names[i]] or {}
        table.insert(seen[names[i]], i)
    end
    for name, list in pairs(seen) do
        if #list > 1 then
            local first = runs[list[1]].optimizer.arguments
            local parts = {}
            for k = 1, #first do
                local differs = false
                for _, i in ipairs(list) do
                    local argument = runs[i].optimizer.arguments[k]
                    differs = differs or not argument or argument.value ~= first[k].value
                end
                for _, i in ipairs(list) do
                    local argument = differs and runs[i].optimizer.arguments[k]
                    parts[i] = parts[i] or {}
                    if argument then table.insert(parts[i], argument_text(argument)) end
                end
            end
            local same = {}
            for _, i in ipairs(list) do
                local more = table.concat(parts[i] or {}, ", ")
                if more ~= "" then names[i] = name .. ", " .. more end
                same[names[i]] = (same[names[i]] or 0) + 1
            end
            local count, starts, different = {}, {}, {}
            for _, i in ipairs(list) do
                starts[i] = start_words(runs[i])
                different[starts[i]] = true
            end
            local by_start = true -- no two of them begin at the same place
            for _, i in ipairs(list) do
                by_start = by_start and starts[i] ~= "" and different[starts[i]]
                different[starts[i]] = false
            end
            for _, i in ipairs(list) do
                if same[names[i]] > 1 then
                    count[names[i]] = (count[names[i]] or 0) + 1
                    names[i] = by_start and names[i] .. starts[i]
                        or ("%s, run %d"):format(names[i], count[names[i]])
                end
            end
        end
    end
    return names
end

-- "gradient descent, t = 100, L[φ] = 0.2008"
function values.run_title(run)
    return ("%s, t = %s, L[φ] = %s"):format(run.optimizer.title or run.optimizer.name,
        label.integer(run.t), label.number(run.loss))
end

-- --- data and models ---------------------------------------------------------------------------

-- The inputs of a data set: d.x is one-dimensional for one column.
function values.input_count(data)
    local shape = data.x.shape
    return #shape == 1 and 1 or shape[2]
end

function values.name_of(data, side, index)
    local names = data.names and data.names[side]
    return names and names[index or 1] or side
end

-- More points than these of a run's long past do not show.
local MOST = 4000

-- The places of a list of n that are drawn: all, or evenly some with the first and the last.
function values.kept_places(n)
    local places = {}
    if n <= MOST then
        for i = 1, n do places[i] = i end
        return places
    end
    for k = 0, MOST - 1 do places[k + 1] = 1 + (k*(n - 1) + (MOST - 1) // 2)//(MOST - 1) end
    return places
end

function values.pick(list, places)
    local picked = {}
    for k, i in ipairs(places) do picked[k] = list[i] end
    return picked
end

-- The places of a curve's values that keep its shape: of every stretch the lowest and the highest,
-- the first and the last.
function values.shape_places(list)
    local n = #list
    if n <= MOST then return values.kept_places(n) end
    local places, stretches = { 1 }, MOST // 2 - 1
    for k = 0, stretches - 1 do
        local from, to = 2 + k*(n - 2)//stretches, 1 + (k + 1)*(n - 2)//stretches
        local low, high = from, from
        for i = from + 1, to do
            local value = list[i]
            if not (value >= list[low]) then low = i end
            if not (value <= list[high]) then high = i end
        end
        places[#places + 1] = math.min(low, high)
        if low ~= high then places[#places + 1] = math.max(low, high) end
    end
    places[#places + 1] = n
    return places
end

local SAMPLES = 400

-- Where a curve is sampled: from low to high with a little more at both ends.
function values.grid(low, high, more)
    local list, span = {}, high - low
    if span == 0 then span = math.max(1, math.abs(low)) end
    local from, to = low - span * (more or 0), high + span * (more or 0)
    for i = 0, SAMPLES do list[i + 1] = from + (to - from) * i / SAMPLES end
    return list
end

-- f(x): what a model predicts at phi, one list a column of the output, in the units of the data
-- that are drawn: a run on standardized data is drawn over raw data as r(x) predicts.
function values.predictor(model, phi, run, data)
    local own = run and run.data
    local converts = own and data and own.standardized and not data.standardized
    if converts and phi ~= run.phi then
        doc.fail("phi belongs to the standardized data of this run: draw it over them, or over "
            .. "other data without phi")
    end
    return function(x)
        x = core.array(x)
        if converts then return values.columns(run(x)) end
        return values.columns(phi ~= nil and model(x, phi) or model(x))
    end
end

return values
