-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.terms: what an optimizer keeps, against the updates.

local core = require "descent.core"
local doc = require "descent.doc"
local label = require "descent.plot.label"
local values = require "descent.plot.values"

local MOST_PARAMETERS = 3 -- that are shown where none are named
local MOST_LINES = 6

local record = {
    name = "plot.terms",
    signature = "plot.terms{r, \"m\", \"v\", ..., parameters = {\"phi0\"}, log = false}",
    summary = "Terms of the rule against the update t, one panel each: every column of r.trace, "
        .. "and \"step\", the length of the step from φ at t − 1 to φ at t. A term and its "
        .. "corrected form share a panel. Without names: all terms of the rule, and the step.",
    arguments = {
        { name = "parameters", type = "value", default_text = "the first three",
          summary = "names of the parameters whose values are shown" },
        { name = "log", type = "boolean", default = false, summary = "a logarithmic axis upwards" },
        { name = "title", type = "string", default_text = "the rule, t and L[φ]",
          summary = "written above" },
    },
    returns = "nothing",
    errors = "a name that is no column of the trace, a run without an update",
    example = [[
L = loss.least_squares(model.line, data.line12)
r = descend(L, optim.adam{alpha = 0.05}, {start = {1.6, -0.5}}):step(60)
plot.output("none")
plot.terms{r, "m", "m_corrected", parameters = {"phi0"}}
print(plot.describe():match("\n(m φ₀[^\n]*\n[^\n]*)"))]],
    result = [[
m φ₀: from (1, −0.475) to (60, −0.08564), lowest −0.6684 at 2, highest 2.762 at 15.
m̃ φ₀: from (1, −4.75) to (60, −0.0858), highest 3.578 at 13.]],
}

local function names_of(run)
    local list, seen = {}, {}
    local function add(name)
        if not seen[name] then list[#list + 1], seen[name] = name, true end
    end
    for _, term in ipairs(run.optimizer.terms) do add(term.name) end
    for _, name in ipairs { "phi", "loss", "batch_loss", "alpha", "gradient" } do add(name) end
    add "step"
    return list, seen
end

-- How a term is written: ṽ for v_corrected.
local function symbols_of(run)
    local symbols = {
        phi = "φ", loss = "L[φ]", batch_loss = "L of the batch", alpha = "α", gradient = "gradient",
        step = "length of the step",
    }
    for _, term in ipairs(run.optimizer.terms) do
        symbols[term.name] = term.symbol or label.symbol(term.name)
    end
    return symbols
end

-- The columns of one term, each {x =, y =}; what only updates have begins at t = 1.
local function columns_of(run, name)
    local times = run.trace.t:table()
    local columns, first = {}, 2
    if name == "step" then
        local phi, lengths = run.trace.phi, {}
        for i = 1, phi.rows do
            lengths[i] = i == 1 and 0
                or (core.array(phi:row(i)) - core.array(phi:row(i - 1))):norm()
        end
        columns[1] = lengths
    else
        columns = values.columns(run.trace[name])
        if name == "phi" or name == "loss" then first = 1 end
    end
    local list = {}
    for k, ys in ipairs(columns) do
        list[k] = {
            x = table.move(times, first, #times, 1, {}), y = table.move(ys, first, #ys, 1, {}),
        }
    end
    return list
end

-- Positions of the parameters to be shown.
local function chosen(run, given)
    local components, list = run.objective.components, {}
    if given == nil then
        for i = 1, math.min(MOST_PARAMETERS, #components) do list[i] = i end
        return list, #components > MOST_PARAMETERS
            and ("The first %d of %s parameters are shown."):format(MOST_PARAMETERS,
                label.integer(#components)) or nil
    end
    if type(given) == "string" then given = { given } end
    if type(given) ~= "table" or #given == 0 or #given > MOST_LINES then
        doc.fail("plot.terms: parameters is a list of one to %d names, such as {\"%s\"}",
            MOST_LINES, components[1])
    end
    for k, name in ipairs(given) do
        for i, component in ipairs(components) do
            if component == name then list[k] = i end
        end
        if not list[k] then
            local near = type(name) == "string" and doc.nearest(name, components)
            doc.fail("plot.terms: there is no parameter %s%s", label.clean(tostring(name)),
                near and (" (did you mean %s?)"):format(near) or "")
        end
    end
    return list
end

local function read(options)
    local run, names, plain = nil, {}, {}
    for key, value in pairs(options) do
        if math.type(key) ~= "integer" then plain[key] = value end
    end
    for _, value in ipairs(options) do
        if core.type(value) == "run" and not run then
            run = value
        elseif type(value) == "string" then
            names[#names + 1] = value
        else
            doc.fail("plot.terms: one run and names of terms, not a %s: %s", core.type(value),
                record.signature)
        end
    end
    if not run then doc.fail("plot.terms: a run is missing: %s", record.signature) end
    if run.t == 0 then
        doc.fail("plot.terms: the run stands at t = 0; after an update, r:step(), it has terms")
    end
    local all, known = names_of(run)
    for _, name in ipairs(names) do
        if not known[name] then
            local near = doc.nearest(name, all)
            doc.fail("plot.terms: this run has no term %s%s; it has %s", label.clean(name),
                near and (" (did you mean %s?)"):format(near) or "", table.concat(all, ", "))
        end
    end
    if #names == 0 then
        for _, term in ipairs(run.optimizer.terms) do
            if term.name ~= "phi" then names[#names + 1] = term.name end
        end
        names[#names + 1] = "step"
    end
    return run, names, doc.options(record, plain, 0)
end

-- Groups of names that share a panel: a term and its corrected form.
local function groups_of(names)
    local groups, place = {}, {}
    for _, name in ipairs(names) do
        local base = name:gsub("_corrected$", "")
        local at = place[base]
        if at and base ~= name then
            table.insert(groups[at], name)
        elseif not place[name] then
            groups[#groups + 1] = { name }
            place[name] = #groups
        end
    end
    return groups
end

local function describe(options)
    local run, names, checked = read(options)
    local indices, words = chosen(run, checked.parameters)
    local symbols, components = symbols_of(run), run.objective.components
    local panels = {}
    for g, group in ipairs(groups_of(names)) do
        local layers, shown, least = {}, {}, math.huge
        for k, name in ipairs(group) do
            local columns = columns_of(run, name)
            local single = #columns == 1 and #components > 1 or #columns ~= #components
            shown[k] = symbols[name]
            local list = single and { 1 } or indices
            for i, index in ipairs(list) do
                local text = symbols[name]
                if not single then
                    local parameter = label.symbol(components[index])
                    text = #group > 1 and text .. " " .. parameter or parameter
                end
                local x, y = columns[index].x, columns[index].y
                for _, value in ipairs(y) do least = math.min(least, value) end
                local places = values.shape_places(y)
                layers[#layers + 1] = {
                    kind = "line", x = values.pick(x, places), y = values.pick(y, places),
                    colour = #group > 1 and #layers + 1 or i,
                    label = (#list > 1 or #group > 1) and text or nil, name = text,
                }
            end
        end
        panels[g] = {
            title = table.concat(shown, " and "), x = { label = "update t", integer = true },
            y = { label = "", log = checked.log, zero = not checked.log and least >= 0 },
            layers = layers, words = g == 1 and words or nil,
        }
    end
    local title = checked.title or values.run_title(run)
    if #panels == 1 then
        panels[1].y.label = panels[1].title
        panels[1].title, title = title, nil
    end
    return { title = title, panels = panels }
end

return { record = record, describe = describe }
