-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- explain(r): the last update as equations with the numbers put in; explain(opt): the rule. All
-- comes from the rule's own record, and the numbers from making the update again.

local core = require "descent.core"
local doc = require "descent.doc"
local equation = require "descent.equation"
local page = require "descent.page"
local show = require "descent.show"
local terminal = require "descent.terminal"

local SHOWN = 6   -- parameters
local WIDTH = 80  -- columns

local function add_wrapped(lines, text, indent)
    for i, line in ipairs(terminal.wrap(text, WIDTH - #indent)) do
        lines[#lines + 1] = (i > 1 and indent or "") .. line
    end
end

local function pad(text, width) return text .. (" "):rep(width - terminal.width(text)) end

-- --- a run -------------------------------------------------------------------------------------

-- The settings that are used, as they were in this update.
local function settings(update, unicode)
    local parts = {}
    for _, argument in ipairs(update.optimizer.arguments) do
        local value = update.arguments[argument.name]
        if type(value) == "number" then
            local text = ("%s = %s"):format(unicode and argument.symbol or argument.name,
                equation.number(value, unicode))
            if type(argument.value) == "userdata" then
                text = text .. (argument.value.name == "function" and " (from a function)"
                    or (" (schedule.%s)"):format(argument.value.name))
            end
            parts[#parts + 1] = text
        end
    end
    return table.concat(parts, ", ")
end

local function heading(run, update, unicode)
    local lines = {}
    local where = run.updates_per_epoch > 1 and (" (epoch %d)"):format(update.epoch) or ""
    local used = settings(update, unicode)
    add_wrapped(lines, ("update %d%s, %s%s"):format(update.t, where, update.optimizer.title,
        used == "" and "" or ": " .. used), "    ")
    local first = equation.terms(update.optimizer)[1]
    local loss = ("loss %s: %s"):format(first.right and "at " .. first.symbol
        .. ", where the gradient was taken" or "before the update",
        equation.number(update.loss, unicode))
    if update.batch then
        add_wrapped(lines, ("batch: %s %s"):format(#update.batch == 1 and "example" or "examples",
            table.concat(update.batch, " ", 1, math.min(#update.batch, 40))
            .. (#update.batch > 40 and (" ... (%d)"):format(#update.batch) or "")), "    ")
        loss = loss .. " (over the batch)"
    elseif run.objective.examples > 0 then
        lines[#lines + 1] = ("batch: all %d examples"):format(run.objective.examples)
    end
    lines[#lines + 1] = loss
    if update.age ~= update.t then
        lines[#lines + 1] = ("t = %d in the equations: the rule began after update %d"):format(
            update.age, update.t - update.age)
    end
    return lines
end

-- The number that a name stands for in component j.
local function value_of(update, name, j)
    if name == "t" then return update.age end
    if name == "phi_before" then return update.phi_before[j] end
    local before = name:match("^(.*)_before$")
    if before then return update.before[before][j] end
    local term = update.terms[name]
    if term then return term[j] end
    return update.arguments[name]
end

-- "φ₀:  0.9·0 + (1 − 0.9)·(−21.904) = −2.1904", on two lines where one is too short.
local function add_component(lines, label, text, result)
    local one = ("    %s  %s = %s"):format(label, text, result)
    if terminal.width(one) <= WIDTH then
        lines[#lines + 1] = one
        return
    end
    local indent = (" "):rep(terminal.width(label) + 6)
    add_wrapped(lines, ("    %s  %s"):format(label, text), indent)
    lines[#lines + 1] = indent .. "= " .. result
end

local function add_term(lines, term, update, labels, unicode)
    if term.right then
        add_wrapped(lines, ("%s %s %s"):format(term.symbol, term.sign, term.right), "    ")
    elseif term.asked then
        add_wrapped(lines, ("%s = %s: %s"):format(term.symbol, unicode and "∂L/∂φ" or "dL/dphi",
            term.summary), "    ")
    elseif term.number then
        add_wrapped(lines, ("%s = %s: %s"):format(term.symbol,
            equation.number(update.terms[term.name][1], unicode), term.summary), "    ")
        return
    else
        add_wrapped(lines, ("%s: %s"):format(term.symbol, term.summary), "    ")
    end
    for j, label in ipairs(labels) do
        if term.name == "eigenvalues" then label = ("%d:"):format(j) end -- of no parameter
        local result = equation.number(update.terms[term.name][j], unicode)
        if term.tree then
            add_component(lines, label, equation.format(term.tree, function(name)
                return equation.number(value_of(update, name, j), unicode)
            end, unicode), result)
        else
            lines[#lines + 1] = ("    %s  %s"):format(label, result)
        end
    end
end

-- Where bounds or held parameters changed what the rule had computed.
local function add_limits(lines, run, update, labels, unicode)
    local headed = false
    for j, label in ipairs(labels) do
        if update.terms.phi[j] ~= update.phi[j] then
            if not headed then
                lines[#lines + 1] = ""
                lines[#lines + 1] = (#run.hold > 0 and "held, or " or "")
                    .. "brought back to its bounds:"
                headed = true
            end
            lines[#lines + 1] = ("    %s  %s"):format(label,
                equation.number(update.phi[j], unicode))
        end
    end
end

local function explain_run(run, t)
    local unicode = terminal.unicode()
    if run.t == 0 then
        local names = {}
        for j, name in ipairs(run.objective.components) do
            if j <= SHOWN then
                names[j] = ("%s = %s"):format(equation.component(name, unicode),
                    equation.number(run.phi[j], unicode))
            end
        end
        return {
            ("the run stands at its start, %s; no update has been made yet"):format(
                table.concat(names, ", ")),
            "type r:step() for the first one, then explain(r); explain(r.optimizer) shows the rule",
        }
    end
    local update = run:record(t or run.t)
    local lines = heading(run, update, unicode)
    local components, labels, width = run.objective.components, {}, 0
    for j = 1, math.min(#components, SHOWN) do
        labels[j] = equation.component(components[j], unicode) .. ":"
        width = math.max(width, terminal.width(labels[j]))
    end
    for j, label in ipairs(labels) do labels[j] = pad(label, width) end
    for _, term in ipairs(equation.terms(update.optimizer)) do
        lines[#lines + 1] = ""
        add_term(lines, term, update, labels, unicode)
    end
    add_limits(lines, run, update, labels, unicode)
    if #components > SHOWN then
        lines[#lines + 1] = ""
        lines[#lines + 1] = ("and so for %d more parameters; r:record(%d).terms has them all")
            :format(#components - SHOWN, update.t)
    end
    return lines
end

-- --- a rule ------------------------------------------------------------------------------------

local function explain_optimizer(optimizer)
    local lines, rows = {}, {}
    local record = doc.of(optimizer)
    add_wrapped(lines, record and record.summary or optimizer.title, "    ")
    for i, term in ipairs(equation.terms(optimizer)) do
        local right = term.right or term.asked and (terminal.unicode() and "∂L/∂φ" or "dL/dphi")
        rows[i] = {
            right and ("%s %s %s"):format(term.symbol, term.sign, right) or term.symbol,
            term.summary,
        }
    end
    -- An equation too long for a line is broken, with its summary below.
    local block = {}
    for _, row in ipairs(rows) do
        if terminal.width(row[1]) <= WIDTH - 4 then
            block[#block + 1] = row
        else
            page.add_table(lines, block, 4)
            block = {}
            for i, line in ipairs(terminal.wrap(row[1], WIDTH - 8)) do
                lines[#lines + 1] = (i == 1 and "    " or "        ") .. line
            end
            lines[#lines + 1] = "            " .. row[2]
        end
    end
    page.add_table(lines, block, 4)
    lines[#lines + 1] = ""
    for _, argument in ipairs(optimizer.arguments) do
        local summary = ""
        for _, described in ipairs(record and record.arguments or {}) do
            if described.name == argument.name then summary = described.summary end
        end
        if argument.value ~= nil then
            add_wrapped(lines, ("%s%s%s"):format(equation.setting(argument, terminal.unicode()),
                argument.given and "" or " (default)",
                summary == "" and "" or ": " .. equation.text(summary)), "    ")
        end
    end
    if optimizer.source then
        lines[#lines + 1] = ""
        add_wrapped(lines, "Source: " .. optimizer.source, "    ")
    end
    return lines
end

-- --- the rest ----------------------------------------------------------------------------------

local function explain_loss(loss)
    local form = not terminal.unicode() and "ascii" or nil
    return { show.value(loss), "", tostring(loss:derivative(form)) }
end

local explainers = {
    run = explain_run, optimizer = explain_optimizer, loss = explain_loss,
}

local function explain(value, t)
    local kind = core.type(value)
    local explainer = explainers[kind]
    if t ~= nil and (kind ~= "run" or math.type(t) == nil) then
        doc.fail("explain takes one thing, and for a run the update: explain(r, 3)")
    end
    local lines = explainer and explainer(value, t)
    if lines then return print(table.concat(lines, "\n")) end
    if value == nil then
        doc.fail("explain needs something to explain: explain(r), explain(opt), explain(L)")
    end
    if kind == "userdata" or core.types[kind] then
        lines = { show.value(value) }
        local record = doc.of(value)
        if record then page.add_text(lines, record.summary, 0) end
        return print(table.concat(lines, "\n"))
    end
    require "descent.help"(value)
end

return doc.define({
    name = "explain", signature = "explain(x)",
    summary = "Prints the last update of a run as equations with the numbers put in, a rule with "
        .. "its terms, or a loss with its derivatives.",
    arguments = {
        { name = "x", type = "value", required = true,
          summary = "a run, an optimizer, a loss, ..." },
        { name = "t", type = "integer", default_text = "r.t", range = ">= 1",
          summary = "of a run, which update: explain(r, 3)" },
    },
    example = [[
L = loss.least_squares(model.line, data.line12)
r = descend(L, optim.gd{alpha = 0.01}, {start = {1.6, -0.5}})
explain(r:step())]],
    result = [[
update 1, gradient descent: α = 0.01
batch: all 12 examples
loss before the update: 5.020125

g = ∂L/∂φ: gradient of the loss
    φ₀:  −4.75
    φ₁:  −13.0277

φ ← φ − α·g
    φ₀:  1.6 − 0.01·(−4.75) = 1.6475
    φ₁:  −0.5 − 0.01·(−13.0277) = −0.369723]],
}, explain)
