-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Several runs side by side: compare{r1, r2}, race{L, opt, opt, ...}, difference(r1, r2), and
-- cross_validate{model =, data =}.

local core = require "descent.core"
local doc = require "descent.doc"
local show = require "descent.show"
local terminal = require "descent.terminal"

local WIDTH = 80 -- of tables that print themselves

local compare = {}

-- Ctrl-C at the prompt ends what makes several runs, and what there is of them is its value; in a
-- script it goes on to end the script.
local function keep_at_the_prompt()
    local console = package.loaded["descent.prompt"] and package.loaded["descent.console"]
    if console and not console.ended() then console.interrupted() end
end

-- As run:converge(goals) for each, several at once; true where Ctrl-C ended it. What no thread can
-- take, as it holds a Lua function, is done here, one by one.
function compare.converge_all(runs, goals)
    local done, stopped = core.converge_all(runs, goals)
    for i, run in ipairs(runs) do
        if not done[i] and not stopped then
            run:converge(goals)
            stopped = run.reason == "interrupted"
        end
    end
    if stopped then keep_at_the_prompt() end
    return stopped
end

-- The values without a name, and the options by name.
local function parts_of(given, record)
    if type(given) ~= "table" then
        doc.fail("%s takes its arguments in braces: %s", record.name, record.signature)
    end
    local list, options = {}, {}
    for i, value in ipairs(given) do list[i] = value end
    for key, value in next, given do
        if not (math.type(key) == "integer" and key >= 1 and key <= #list) then
            options[key] = value
        end
    end
    core.check_options(record, options)
    return list, options
end

local function pad(text, width, left)
    local gap = (" "):rep(width - terminal.width(text))
    return left and text .. gap or gap .. text
end

-- Rows of texts, the first the headings; the first and last columns stand left.
local function table_text(rows)
    local widths, lines = {}, {}
    for _, row in ipairs(rows) do
        for i, cell in ipairs(row) do
            widths[i] = math.max(widths[i] or 0, terminal.width(cell))
        end
    end
    for _, row in ipairs(rows) do
        local cells = {}
        for i, cell in ipairs(row) do cells[i] = pad(cell, widths[i], i == 1 or i == #row) end
        lines[#lines + 1] = (table.concat(cells, "  "):gsub("%s+$", ""))
    end
    return table.concat(lines, "\n")
end

local function time_text(seconds)
    if seconds < 1e-3 then return ("%.0f us"):format(seconds*1e6) end
    if seconds < 1 then return ("%.1f ms"):format(seconds*1e3) end
    return ("%.2f s"):format(seconds)
end

-- --- compare -----------------------------------------------------------------------------------

local comparison = { __name = "comparison" }
comparison.__index = comparison

-- Why the runs stopped: those with the same reason together.
local function reasons_text(rows)
    local order, names, lines = {}, {}, {}
    for _, row in ipairs(rows) do
        local reason = row.reason or "no goal was set"
        if not names[reason] then
            names[reason] = {}
            order[#order + 1] = reason
        end
        table.insert(names[reason], row.name)
    end
    for i, reason in ipairs(order) do
        local wrapped = terminal.wrap(("%s: %s"):format(table.concat(names[reason], ", "), reason),
            WIDTH - 4)
        lines[i] = "    " .. table.concat(wrapped, "\n    ")
    end
    return table.concat(lines, "\n")
end

function comparison:__tostring()
    local rows = { { "", "updates", "losses", "gradients", "time", "loss", "" } }
    local same = #self.rows > 1 and self.rows[1].reason
    for _, row in ipairs(self.rows) do same = same and row.reason == same and same end
    for i, row in ipairs(self.rows) do
        rows[i + 1] = {
            row.name, tostring(row.updates), tostring(row.losses), tostring(row.gradients),
            time_text(row.seconds), show.short(row.loss),
            i == self.best and #self.rows > 1 and "(lowest)" or "",
        }
    end
    return table_text(rows) .. "\n"
        .. (same and "all stopped: " .. same or reasons_text(self.rows))
end

-- Names that tell the runs apart: the rule, with the settings that differ between equal ones.
local function names_of(runs)
    local names, counts = {}, {}
    for i, run in ipairs(runs) do
        names[i] = run.optimizer.title
        counts[names[i]] = (counts[names[i]] or 0) + 1
    end
    local used = {}
    for i, run in ipairs(runs) do
        local same = counts[names[i]] > 1
        if same then
            local settings = {}
            for _, argument in ipairs(run.optimizer.arguments) do
                if argument.given then
                    settings[#settings + 1] = require "descent.equation".setting(argument)
                end
            end
            names[i] = names[i] .. ", " .. table.concat(settings, ", ")
        end
        used[names[i]] = (used[names[i]] or 0) + 1
        if used[names[i]] > 1 then names[i] = ("%s (%d)"):format(names[i], used[names[i]]) end
    end
    return names
end

local function comparison_of(runs)
    local rows, names, best = {}, names_of(runs), nil
    for i, run in ipairs(runs) do
        local count = run.evaluations
        rows[i] = {
            name = names[i], updates = run.t, losses = count.losses, gradients = count.gradients,
            hessians = count.hessians, seconds = run.seconds, loss = run.loss,
            reason = run.reason,
        }
        if rows[i].loss == rows[i].loss and (not best or rows[i].loss < rows[best].loss) then
            best = i
        end
    end
    return setmetatable({ runs = runs, rows = rows, best = best }, comparison)
end

-- The curves beside the table, where somebody looks.
local function draw(runs)
    local plot = package.loaded["descent.prompt"] and terminal.is_terminal("output")
        and require "descent.plot"
    if plot then pcall(plot.loss, { table.unpack(runs) }) end
end

local compare_record = {
    name = "compare", signature = "compare{r1, r2, ...}",
    summary = "Runs side by side: updates, evaluations of the loss and its gradient, time, the "
        .. "loss where they stand and why they stopped; at the prompt with a plot of their losses.",
    arguments = {},
    returns = "a table that prints itself: .rows, .runs and .best, the place of the lowest loss",
    errors = "anything but runs",
    example = [[
L = loss.least_squares(model.line, data.line12)
a = fit(L, optim.gd{alpha = 0.037}, {start = {1.6, -0.5}, steps = 19})
b = fit(L, optim.newton{}, {start = {1.6, -0.5}, steps = 1})
c = compare{a, b}
print(c.rows[1].updates, c.rows[2].updates, c.best)]],
    result = "19\t1\t2",
}

compare.compare = doc.define(compare_record, function(given, ...)
    if core.type(given) == "run" then given = { given, ... } end
    local runs = parts_of(given, compare_record)
    if #runs == 0 then doc.fail("compare needs runs: compare{r1, r2}") end
    for i, run in ipairs(runs) do
        if core.type(run) ~= "run" then
            doc.fail("compare: argument %d must be a run, not a %s", i, core.type(run))
        end
    end
    draw(runs)
    return comparison_of(runs)
end)

-- --- race --------------------------------------------------------------------------------------

local descend_record, converge_record = doc.documented("descend"), doc.documented("run:converge")
local is_goal, both = {}, {}
for _, argument in ipairs(descend_record.arguments) do both[#both + 1] = argument end
for _, argument in ipairs(converge_record.arguments) do
    is_goal[argument.name] = true
    both[#both + 1] = argument
end

-- Options of descend, and goals of converge.
local function sorted_options(options)
    local setup, goals = {}, {}
    for name, value in next, options do (is_goal[name] and goals or setup)[name] = value end
    return setup, goals
end
compare.sorted_options = sorted_options
compare.run_arguments = both

local race_record = {
    name = "race", signature = "race{L, opt1, opt2, ..., start, batch, seed, steps, ...}",
    summary = "Several optimizers from the same start on the same batches, all the way to the same "
        .. "goal.",
    arguments = both,
    returns = "their comparison, as compare gives it: .rows, .runs, .best",
    errors = "no loss first, anything but optimizers after it, an unknown option",
    example = [[
L = loss(function(phi0, phi1)
    return 1 - exp(-2*phi1^2)*exp(-(phi0 - 0.7)^2/8)
end)
c = race{L, optim.gd{alpha = 0.1}, optim.adam{alpha = 0.1}, start = {-0.7, -0.9}, steps = 60}
print(c.rows[c.best].name)]],
    result = "Adam",
}

compare.race = doc.define(race_record, function(given)
    local list, options = parts_of(given, race_record)
    local loss = table.remove(list, 1)
    if core.type(loss) ~= "loss" then
        doc.fail("race: a loss comes first: %s", race_record.signature)
    elseif #list == 0 then
        doc.fail("race needs optimizers after the loss: %s", race_record.signature)
    end
    local setup, goals = sorted_options(options)
    -- One seed for all, so that start and batches are the same.
    if not setup.seed and (setup.batch or not setup.start) then
        setup.seed = core.random.integer(1, 2^31 - 1)
    end
    if not setup.start and loss.model then setup.start = loss.model:init{ seed = setup.seed } end
    local runs = {}
    for i, optimizer in ipairs(list) do
        if core.type(optimizer) ~= "optimizer" then
            doc.fail("race: what comes after the loss must be optimizers, not a %s",
                core.type(optimizer))
        end
        runs[i] = core.descend(loss, optimizer, setup)
    end
    for _, run in ipairs(runs) do
        if run:converge(goals).reason == "interrupted" then
            keep_at_the_prompt()
            break
        end
    end
    draw(runs)
    return comparison_of(runs)
end)

-- --- difference --------------------------------------------------------------------------------

local difference = { __name = "difference" }

function difference:__tostring()
    if not self.t then return "no difference in " .. self.updates .. " updates" end
    if self.term == "batch" then
        return ("update %d: the batches differ: %s and %s"):format(self.t,
            table.concat(self.first or { "all" }, " "), table.concat(self.second or { "all" }, " "))
    end
    local where = self.t == 0 and "the start" or ("update %d"):format(self.t)
    return ("%s: %s%s is %s in the first and %s in the second run"):format(where, self.term,
        self.component and " of " .. self.component or "", show.short(self.first),
        show.short(self.second))
end

-- The first component that differs by more than the tolerance, relative to its size.
local function apart(a, b, tolerance)
    for j = 1, math.max(#a, #b) do
        local x, y = a[j], b[j]
        local same = x == y or (x ~= x and y ~= y) or
            math.abs(x - y) <= tolerance*math.max(math.abs(x), math.abs(y), 1e-300)
        if not same then return j end
    end
end

local function same_list(a, b)
    if (a == nil) ~= (b == nil) or #(a or {}) ~= #(b or {}) then return false end
    for i in ipairs(a or {}) do
        if a[i] ~= b[i] then return false end
    end
    return true
end

-- What differs first within update t, or nil.
local function compare_update(r1, r2, t, tolerance)
    local u1, u2 = r1:record(t), r2:record(t)
    if not same_list(u1.batch, u2.batch) then
        return { t = t, term = "batch", first = u1.batch, second = u2.batch }
    end
    local names = r1.objective.components
    for _, term in ipairs(u1.optimizer.terms) do
        local other = u2.terms[term.name]
        local j = other and apart(u1.terms[term.name], other, tolerance)
        if j then
            return { t = t, term = term.name, component = names[j],
                     first = u1.terms[term.name][j], second = other[j] }
        end
    end
    local j = apart(u1.phi, u2.phi, tolerance)
    return j and { t = t, term = "phi", component = names[j], first = u1.phi[j],
                   second = u2.phi[j] }
end

local difference_record = {
    name = "difference", signature = "difference(r1, r2, {tolerance})",
    summary = "Where two runs part: the first update, and the first term in it, that differ.",
    arguments = {
        { name = "tolerance", type = "number", default = 0, range = ">= 0",
          summary = "relative size of a difference that does not count" },
    },
    returns = "a table that prints itself: t, term, component, first, second (t is nil where "
        .. "nothing differs)",
    errors = "anything but two runs of as many parameters",
    example = [[
L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)
a = descend(L, optim.momentum{alpha = 0.1, beta = 0.5}, {start = {1, 1}}):step(5)
b = descend(L, optim.momentum{alpha = 0.1, beta = 0.6}, {start = {1, 1}}):step(5)
print(difference(a, b))]],
    result = "update 1: m of phi0 is 1 in the first and 0.8 in the second run",
}

compare.difference = doc.define(difference_record, function(r1, r2, options)
    if core.type(r1) ~= "run" or core.type(r2) ~= "run" then
        doc.fail("difference takes two runs: difference(r1, r2)")
    elseif #r1.phi ~= #r2.phi then
        doc.fail("difference: the runs have %d and %d parameters", #r1.phi, #r2.phi)
    end
    local tolerance = doc.options(difference_record, options).tolerance
    local last = math.min(r1.t, r2.t)
    local function result(found)
        found = found or {}
        found.updates = last
        return setmetatable(found, difference)
    end
    local phi1, phi2, t1, t2 = r1.trace.phi, r2.trace.phi, r1.trace.t, r2.trace.t
    local j = apart(phi1:row(1), phi2:row(1), tolerance)
    if j then
        return result{ t = 0, term = "phi", component = r1.objective.components[j],
                       first = phi1(1, j), second = phi2(1, j) }
    end
    -- Rows that both have and that agree need not be looked into.
    local agreed, row2, until_t = 0, 1, last
    for row1 = 1, #t1 do
        while row2 < #t2 and t2[row2] < t1[row1] do row2 = row2 + 1 end
        if t1[row1] > last then break end
        if t2[row2] == t1[row1] then
            if apart(phi1:row(row1), phi2:row(row2), tolerance) then
                until_t = math.tointeger(t1[row1])
                break
            end
            agreed = math.tointeger(t1[row1])
        end
    end
    for t = agreed + 1, until_t do
        local found = compare_update(r1, r2, t, tolerance)
        if found then return result(found) end
    end
    return result()
end)

-- --- cross_validate ----------------------------------------------------------------------------

local validation = { __name = "validation" }
validation.__index = validation

function validation:__tostring()
    local rows = { { "fold", "train", "test", "" } }
    for i, fold in ipairs(self.folds) do
        if i <= 10 then
            rows[#rows + 1] = { tostring(i), show.short(fold.train), show.short(fold.test),
                                ("%d examples"):format(fold.examples) }
        end
    end
    if #self.folds > 10 then rows[#rows + 1] = { "...", "", "", "" } end
    if self.stopped then rows[#rows + 1] = { "interrupted", "", "", "" } end
    rows[#rows + 1] = { self.stopped and "these" or "all", "", show.short(self.total),
                        "held out, summed" }
    rows[#rows + 1] = { "", "", show.short(self.mean), "per example" }
    return table_text(rows)
end

local validate_arguments = {
    { name = "model", type = "model", required = true, summary = "what is fitted" },
    { name = "data", type = "data set", required = true, summary = "what it is fitted to" },
    { name = "k", type = "integer", default = 5, range = ">= 2",
      summary = "how many folds; as many as there are examples: leave one out" },
    { name = "loss", type = "function", default_text = "loss.least_squares",
      summary = "which loss, as a function of (model, data)" },
    { name = "optimizer", type = "optimizer", default_text = "closed form, else optim.lbfgs{}",
      summary = "how each fit is made" },
}
for _, argument in ipairs(both) do
    if argument.name ~= "loss" then validate_arguments[#validate_arguments + 1] = argument end
end

local validate_record = {
    name = "cross_validate",
    signature = "cross_validate{model, data, k, loss, optimizer, seed, start, steps, ...}",
    summary = "How well a model predicts data that it has not seen: every fold is held out once, "
        .. "and the model fitted to the others.",
    arguments = validate_arguments,
    returns = "a table that prints itself: total (the held-out losses, summed over the examples), "
        .. "mean (per example), folds (a list of {train, test, phi, examples}); after Ctrl-C at "
        .. "the prompt of the folds that were finished, with stopped = true",
    errors = "more folds than examples",
    source = "Stone 1974, Journal of the Royal Statistical Society B 36, pages 111-147",
    example = [[
for degree = 1, 3 do
    v = cross_validate{model = model.polynomial(degree), data = data.line12, k = 12}
    print(degree, ("%.4f"):format(v.total))
end]],
    result = "1\t0.3076\n2\t0.1449\n3\t0.2411",
}

local function fit_fold(loss, options, setup, goals)
    if not options.optimizer then
        local fine, phi = pcall(loss.solve, loss)
        if fine then return phi end
    end
    local run = core.descend(loss, options.optimizer or core.optim.lbfgs{}, setup):converge(goals)
    return run.reason ~= "interrupted" and run.phi or nil
end

compare.cross_validate = doc.define(validate_record, function(given)
    local list, options = parts_of(given, validate_record)
    if #list > 0 then doc.fail("cross_validate takes its arguments by name: %s",
        validate_record.signature) end
    local k, kind, data = options.k or 5, options.loss or core.loss.least_squares, options.data
    if k > #data then doc.fail("cross_validate: %d folds of %d examples", k, #data) end
    local setup, goals = sorted_options(options)
    for _, name in ipairs { "model", "data", "k", "loss", "optimizer" } do setup[name] = nil end
    goals.loss = nil
    local result, tested = { folds = {}, total = 0 }, 0
    for i, fold in ipairs(data:folds(k, { seed = options.seed or 0 })) do
        local loss = kind(options.model, fold.train)
        local phi = fit_fold(loss, options, setup, goals)
        if not phi then
            result.stopped = true
            break
        end
        local test, n = loss:with(fold.test), #fold.test
        local each = test:each(phi):sum()
        result.folds[i] = { train = loss(phi), test = test(phi), phi = phi, examples = n }
        result.total, tested = result.total + each, tested + n
    end
    if result.stopped then
        if tested == 0 then error("interrupted", 0) end
        keep_at_the_prompt()
    end
    result.mean = result.total/tested
    return setmetatable(result, validation)
end)

return compare
