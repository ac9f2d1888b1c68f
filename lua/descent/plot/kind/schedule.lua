-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.schedule: learning rates against the updates.

local core = require "descent.core"
local doc = require "descent.doc"
local label = require "descent.plot.label"
local values = require "descent.plot.values"

local record = {
    name = "plot.schedule",
    signature = "plot.schedule{s, ..., r, ..., steps = 100, per_epoch = 1, log = false}",
    summary = "The learning rate of each update: what schedules (or functions of t and epoch) "
        .. "give, and what runs have used. An optimizer shows its alpha.",
    arguments = {
        { name = "steps", type = "integer", default_text = "100, or the longest run",
          range = "[1, 1e6]", summary = "updates that are shown" },
        { name = "per_epoch", type = "integer", default = 1, range = "[1, 1e6]",
          summary = "updates in an epoch, for schedules that count epochs" },
        { name = "log", type = "boolean", default = false,
          summary = "a logarithmic axis upwards" },
        { name = "title", type = "string", summary = "written above" },
    },
    returns = "nothing",
    errors = "a function that does not give numbers",
    example = [[
plot.output("none")
plot.schedule{schedule.cosine{alpha = 0.1, steps = 100}, schedule.constant(0.05)}
print(plot.describe())]],
    result = [[
Learning rate: across update t from 1 to 100, up α from 0 to 0.105.
schedule.cosine{alpha = 0.1, steps = 100, final = 0}: from (1, 0.1) to (100, 2.467·10⁻⁵).
schedule.constant{alpha = 0.05}: from (1, 0.05) to (100, 0.05).]],
}

-- schedule.step{alpha = 0.1, factor = 0.5, every = 10}; that it counts updates goes without saying.
local function name_of(schedule)
    local parts = {}
    for _, argument in ipairs(schedule.arguments) do
        local value = argument.value
        if not (argument.name == "per" and value == "update") then
            parts[#parts + 1] = ("%s = %s"):format(argument.name,
                type(value) == "number" and label.number(value)
                or type(value) == "string" and '"' .. value .. '"' or tostring(value))
        end
    end
    return ("schedule.%s{%s}"):format(schedule.name, table.concat(parts, ", "))
end

local function rate_of(rate, t, epoch)
    local alpha = rate(t, epoch)
    if type(alpha) ~= "number" then
        doc.fail("plot.schedule: the function gives a %s at t = %d, not a number",
            core.type(alpha), t)
    end
    return alpha
end

local function sampled(rate, steps, per_epoch)
    local x, y = {}, {}
    for t = 1, steps do
        x[t], y[t] = t, rate_of(rate, t, (t - 1) // per_epoch + 1)
    end
    return x, y
end

local function describe(options)
    local checked = doc.options(record, options, values.MANY)
    values.sort("schedule", checked, {
        schedule = true, run = true, optimizer = true, ["function"] = true,
    })
    if #checked == 0 then
        doc.fail("plot.schedule: a schedule or a run is missing: %s", record.signature)
    end
    local runs, steps = {}, checked.steps
    for _, value in ipairs(checked) do
        if core.type(value) == "run" then runs[#runs + 1] = value end
    end
    local names = values.run_labels(runs)
    if not steps then
        steps = #runs == #checked and 1 or 100
        for _, run in ipairs(runs) do steps = math.max(steps, run.t) end
    end
    local layers, seen_runs, own = {}, 0, 0
    for i, value in ipairs(checked) do
        local kind, x, y, name = core.type(value), nil, nil, nil
        if kind == "run" then
            seen_runs = seen_runs + 1
            if value.t == 0 then
                doc.fail("plot.schedule: a run that stands at t = 0 has used no learning rate")
            end
            local all = value.trace.alpha:table()
            x, y, name = {}, {}, names[seen_runs]
            for t = 1, math.min(steps, value.t) do x[t], y[t] = t, all[t + 1] end
        else
            local rate = value
            if kind == "optimizer" then rate = value.alpha end
            if type(rate) == "number" then
                local alpha = rate
                name = ("%s, α = %s"):format(value.title or value.name, label.number(alpha))
                rate = function() return alpha end
            elseif core.type(rate) == "schedule" then
                name = name_of(rate)
            elseif values.is_callable(rate) then
                own = own + 1
                name = own == 1 and "α(t)" or ("α(t), function %d"):format(own)
            else
                doc.fail("plot.schedule: this optimizer has no alpha")
            end
            x, y = sampled(rate, steps, checked.per_epoch)
        end
        layers[i] = {
            kind = "line", x = x, y = y, colour = i, label = #checked > 1 and name or nil,
            name = name,
        }
    end
    return { panels = { {
        title = checked.title or #checked == 1 and layers[1].name or "Learning rate",
        x = { label = "update t", integer = true, range = { 1, math.max(2, steps) } },
        y = { label = "α", log = checked.log, zero = not checked.log }, layers = layers,
    } } }
end

return {
    record = record,
    describe = describe,
    accepts = function(given)
        for _, value in ipairs(given) do
            if core.type(value) ~= "schedule" then return false end
        end
        return #given > 0
    end,
}
