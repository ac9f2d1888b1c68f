-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- why(r): why a run stopped, diverges, crawls or oscillates, with the evidence. The verdict comes
-- from the past (how loss and steps went), the evidence from the curvature where the run stands.

local core = require "descent.core"
local doc = require "descent.doc"
local equation = require "descent.equation"
local show = require "descent.show"
local terminal = require "descent.terminal"

local module = {}

local SMALL = 60         -- parameters up to which all eigenvalues are found
local LOOK_BACK = 20     -- updates that are looked at
local ITERATIONS = 30    -- of the power iteration
local WIDTH = 72 -- columns, so that an example in help fits into 80

local number = show.short

-- --- curvature ---------------------------------------------------------------------------------

-- The loss that an update sees: of its batch, or all.
local function seen_loss(run)
    local batch = run.t > 0 and run.batch_indices
    if not batch then return run.objective end
    local fine, loss = pcall(function() return run.objective:batch(batch) end)
    return fine and loss or run.objective
end

-- The greatest eigenvalue in size, by power iteration on differences of gradients.
local function power_iteration(loss, phi)
    local n = #phi
    local direction = core.array(n > 0 and (function()
        local list = {}
        for j = 1, n do list[j] = 1 + (j*7919 % 13)/13 end
        return list
    end)())
    local value = 0
    local h = 1e-5*(1 + phi:norm())
    for _ = 1, ITERATIONS do
        direction = direction/direction:norm()
        local change = (loss:gradient(phi + h*direction) - loss:gradient(phi - h*direction))/(2*h)
        value = core.dot(direction, change)
        if not (change:norm() > 0) then break end
        direction = change
    end
    return value
end

-- {largest, smallest (of small models), all}; nil where it cannot be found.
local function curvature(loss, phi)
    local fine, result = pcall(function()
        if #phi > SMALL then
            return { largest = power_iteration(loss, phi) }
        end
        local values = core.eigenvalues(loss:hessian(phi))
        local list = values:table()
        table.sort(list)
        return { largest = list[#list], smallest = list[1], all = list }
    end)
    if fine and result.largest == result.largest then return result end
end

-- The greatest rate at which the rule settles under the curvature lambda, and how it reads.
-- From e' = trace·e − product·e_before with trace = 1 + β − κ·(1 + a), product = β − κ·a, which is
-- stable up to κ = 2·(1 + β)/(1 + 2·a); κ is what a unit of gradient moves φ at once, times λ.
local function bound(optimizer, lambda)
    if not (lambda > 0) then return nil end
    if optimizer.name == "gd" then return 2/lambda, "2/λmax" end
    if optimizer.name ~= "momentum" and optimizer.name ~= "nesterov" then return nil end
    local beta, ahead = optimizer.beta, 0
    if optimizer.name == "nesterov" then
        ahead = optimizer.lookahead == "full" and 1 or beta
    end
    local limit = 2*(1 + beta)/(1 + 2*ahead)/lambda
    local text = ahead == 0 and "2·(1 + β)/λmax" or "2·(1 + β)/((1 + 2·" .. (ahead == 1 and "1"
        or "β") .. ")·λmax)"
    if optimizer.form == "average" then
        return limit/(1 - beta), text:gsub("/λmax$", "/((1 − β)·λmax)")
    end
    return limit, text
end

-- --- the past ----------------------------------------------------------------------------------

-- The last updates' rows: {t, phi, loss, alpha}, oldest first.
local function recent(run)
    local trace = run.trace
    local t, phi, alpha, loss = trace.t, trace.phi, trace.alpha, trace.loss
    local rows = {}
    for i = math.max(1, #t - LOOK_BACK), #t do
        rows[#rows + 1] = { t = t[i], phi = phi:row(i), alpha = alpha[i], loss = loss[i] }
    end
    local lowest = 1
    for i = 1, #t do
        if loss[i] < loss[lowest] then lowest = i end
    end
    return rows, { loss = loss[lowest], t = math.tointeger(t[lowest]), phi = phi:row(lowest),
                   first = loss[1] }
end

-- The parameter whose steps change their sign most often: its place and the share of changes.
local function flips(rows)
    local worst, share = nil, 0
    local size = rows[1] and #rows[1].phi or 0
    for j = 1, size do
        local changes, steps, before = 0, 0, 0
        for i = 2, #rows do
            local step = rows[i].phi[j] - rows[i - 1].phi[j]
            if step ~= 0 and before ~= 0 then
                steps = steps + 1
                if step*before < 0 then changes = changes + 1 end
            end
            if step ~= 0 then before = step end
        end
        if steps >= 4 and changes/steps > share then worst, share = j, changes/steps end
    end
    return worst, share
end

-- --- the diagnosis -----------------------------------------------------------------------------

local function eigenvalues_text(found)
    local parts = {}
    for i, value in ipairs(found.all) do
        if i <= 3 or i > #found.all - 3 then parts[#parts + 1] = number(value) end
        if i == 4 and #found.all > 6 then parts[#parts + 1] = "..." end
    end
    return table.concat(parts, ", ")
end

local function add_rate(evidence, run, alpha, found, where)
    if not found then return nil end
    local limit, formula = bound(run.optimizer, found.largest)
    if not (limit and alpha and alpha == alpha) then return nil end
    evidence[#evidence + 1] = ("alpha = %s is %s %s = %s, with λmax = %s, the greatest eigenvalue "
        .. "of the Hessian %s"):format(number(alpha), alpha > limit and "above"
        or ("%.3g %% of"):format(100*alpha/limit), formula, number(limit),
        number(found.largest), where)
    return limit
end

-- What kind of stationary point it is.
local function kind_of(found)
    if not (found and found.all) then return nil end
    local size = math.max(math.abs(found.largest), math.abs(found.smallest))
    local flat = 1e-8*size
    if size == 0 or found.largest <= flat and found.smallest >= -flat then return "flat" end
    if found.smallest > flat then return "minimum" end
    if found.smallest >= -flat then return "valley" end
    if found.largest < flat then return "maximum" end
    return "saddle"
end

local kinds = {
    minimum = "all eigenvalues of the Hessian are positive: a minimum (%s)",
    valley = "an eigenvalue of the Hessian is 0: the minimum is not unique (%s)",
    maximum = "all eigenvalues of the Hessian are negative: a maximum (%s)",
    saddle = "the Hessian has eigenvalues of both signs: a saddle (%s)",
    flat = "the Hessian is 0: the loss is flat here (%s)",
}

local function largest(values)
    local most = 0
    for _, value in ipairs(values) do
        local size = math.abs(value)
        if size > most or size ~= size then most = size end
    end
    return most
end

local function diverging(run, rows, low, evidence)
    local found = curvature(seen_loss(run), low.phi)
    local limit = add_rate(evidence, run, rows[#rows].alpha, found,
        ("at update %d, where the loss was lowest"):format(low.t))
    if limit and rows[#rows].alpha > limit then
        return "diverges", "the steps are too long: each lands higher than the one before",
            ("try alpha below %s"):format(number(limit))
    end
    local alpha = rows[#rows].alpha
    return "diverges", "the loss grew out of all bounds",
        alpha == alpha and ("try a smaller alpha, as %s, or clip = 1"):format(number(alpha/10))
        or "start elsewhere, or try clip = 1"
end

-- verdict, sentence, advice; evidence is added.
local function judge(run, evidence)
    local reason = run.reason
    if reason == "the run diverges" and run.t == 0 then
        evidence[#evidence + 1] = run.message
        return "nan", "the loss or its gradient is no finite number at the start", "start elsewhere"
    end
    if run.t == 0 then
        return "start", "no update has been made yet", "r:step() makes one"
    end
    local rows, low = recent(run)
    local last = rows[#rows]
    if reason == "the run diverges" then
        evidence[#evidence + 1] = run.message
        return diverging(run, rows, low, evidence)
    end
    if last.loss > 2*low.loss and last.loss > low.first and last.loss > rows[1].loss then
        evidence[#evidence + 1] = ("the loss was %s at the start, %s at update %d, and is %s now")
            :format(number(low.first), number(low.loss), low.t, number(last.loss))
        return diverging(run, rows, low, evidence)
    end

    local gradient = run.gradient
    local free, held = {}, {}
    for _, name in ipairs(run.hold) do held[name] = true end
    for j, name in ipairs(run.objective.components) do
        if not held[name] then free[#free + 1] = gradient[j] end
    end
    local steep = largest(free)
    local found = curvature(run.objective, run.phi)
    local kind = kind_of(found)
    evidence[#evidence + 1] = ("loss %s, largest component of the gradient %s"):format(
        number(last.loss), number(steep))
    local start_gradient = largest(run.objective:gradient(run.trace.phi:row(1)))
    local small = steep <= 1e-5*math.max(1, math.abs(last.loss)) or steep <= 1e-6*start_gradient
    if kind and (small or kind == "saddle" and steep <= 1e-2*start_gradient) then
        evidence[#evidence + 1] = kinds[kind]:format(eigenvalues_text(found))
    end
    if reason == "the rule finds no way on" then
        evidence[#evidence + 1] = run.message
        return small and "converged" or "stalled", small
            and "the loss cannot be lowered further: its digits are used up"
            or "the rule found no step that lowers the loss",
            small and "it is done"
            or "start elsewhere, or go on with another rule: r:fork{optim.adam{}}"
    end
    if kind == "saddle" and steep <= 1e-2*start_gradient then
        return "saddle", "it stands at or near a saddle",
            "a start a little beside it, or batches, lead away from it"
    end
    if small then
        if kind == "maximum" then
            return "maximum", "it stands at a maximum", "start elsewhere"
        end
        local far = #run.objective.components <= SMALL and kind ~= "minimum" and kind ~= "valley"
        return far and "plateau" or "converged",
            far and "the loss is so flat here that nothing moves"
            or "the gradient is as good as 0: it has arrived",
            far and "start elsewhere, or take a rule that scales its steps, as optim.adam{}"
            or "it is done"
    end
    local worst, share = flips(rows)
    local batches = run.updates_per_epoch > 1
    if batches and math.abs(rows[1].loss - last.loss) <= 0.1*math.abs(last.loss) then
        local batch = run.trace.gradient:row(#run.trace)
        evidence[#evidence + 1] = ("the last batch's gradient is %s in size, that of all data %s")
            :format(number(batch:norm()), number(gradient:norm()))
        return "noise", "it does not settle: each batch pulls another way",
            "let alpha fall, as alpha = schedule.exponential{alpha = ..., factor = 0.99}"
    end
    if worst and share >= 0.7 and not batches then
        evidence[#evidence + 1] = ("%s turns round in %.0f %% of the last %d updates"):format(
            equation.component(run.objective.components[worst], terminal.unicode()), 100*share,
            #rows - 1)
        local limit = add_rate(evidence, run, last.alpha, found, "here")
        return "oscillates", "it jumps to and fro across the valley",
            limit and ("try alpha near %s"):format(number(limit/2))
            or "try a smaller alpha, or let it fall"
    end
    local drop = #rows > 1 and (rows[1].loss - last.loss)/(#rows - 1) or 0
    local before = rows[#rows - 1]
    local raised = before and last.loss > before.loss
    if raised then
        evidence[#evidence + 1] = ("the last update raised the loss from %s to %s"):format(
            number(before.loss), number(last.loss))
    end
    if raised and drop <= 0 then
        local limit = add_rate(evidence, run, last.alpha, found, "here")
        return "rises", "the loss is higher than " .. (#rows == 2 and "before the update"
            or ("%d updates ago"):format(#rows - 1)),
            limit and last.alpha > limit and ("try alpha below %s"):format(number(limit))
            or run.optimizer.beta and "momentum may carry it up for a while: r:step(20) shows it"
            or "r:step(20) shows whether it goes on so; else try a smaller alpha"
    end
    local limit
    if found and found.all and found.smallest > 0 then
        local fine, step = pcall(core.solve, run.objective:hessian(run.phi), gradient)
        local left = fine and core.dot(gradient, step)/2 or 0
        if drop > 0 and left > 0 then
            local updates = math.ceil(left/drop)
            evidence[#evidence + 1] = ("an update lowers the loss by %s; by the quadratic model %s "
                .. "is left: at this pace %s"):format(number(drop), number(left), updates > 1
                and ("some %s updates"):format(number(updates)) or "one update")
        end
        evidence[#evidence + 1] = #found.all == 1
            and ("the second derivative is %s"):format(number(found.largest))
            or ("the valley is %s times as steep one way as the other: eigenvalues %s"):format(
                number(found.largest/found.smallest), eigenvalues_text(found))
        limit = add_rate(evidence, run, last.alpha, found, "here")
        if left > 100*drop then
            return "crawls", "its steps are short for the way that is left",
                limit and last.alpha < limit/4 and ("try alpha near %s"):format(number(limit/2))
                or "try momentum, optim.adam, or optim.lbfgs{}"
        end
    else
        limit = add_rate(evidence, run, last.alpha, found, "here")
        if drop <= 1e-5*math.abs(last.loss) then
            return "crawls", "the loss hardly falls", "try a larger alpha, momentum, or optim.adam"
        end
    end
    if limit and last.alpha > limit then
        return "falls", "the loss falls so far, but the steps are too long for the curvature here",
            ("try alpha below %s"):format(number(limit))
    end
    local though = raised and ", though the last update raised it" or ""
    return "falls", (reason and "it was stopped while the loss still falls"
        or "nothing is wrong: the loss falls") .. though, "r:converge{} goes on"
end

-- {verdict, sentence, advice, evidence = list, reason}
function module.diagnose(run)
    local evidence = {}
    local verdict, sentence, advice = judge(run, evidence)
    return { verdict = verdict, sentence = sentence, advice = advice, evidence = evidence,
             reason = run.reason }
end

-- What begins with code stays as it is.
local function sentence_of(text)
    return text:find("^r:") and text or text:sub(1, 1):upper() .. text:sub(2)
end

module.why = doc.define({
    name = "why", signature = "why(r)",
    summary = "Says why a run stopped, diverges, crawls or oscillates, with the evidence: how the "
        .. "loss went, and the curvature where it stands (all eigenvalues of the Hessian up to 60 "
        .. "parameters, else the greatest by power iteration).",
    arguments = { { name = "r", type = "run", required = true, summary = "the run" } },
    returns = "nothing; it prints",
    errors = "anything but a run",
    example = [[
L = loss.least_squares(model.line, data.line12)
why(descend(L, optim.gd{alpha = 0.041}, {start = {1.6, -0.5}}):step(100))]],
    result = [[
It diverges: the steps are too long: each lands higher than the one
before.
- the loss was 5.020125 at the start, 3.444039 at update 4, and is
  36510.97 now
- alpha = 0.041 is above 2/λmax = 0.03997599, with λmax = 50.03003, the
  greatest eigenvalue of the Hessian at update 4, where the loss was
  lowest
Try alpha below 0.03997599.]],
}, function(run)
    if core.type(run) ~= "run" then doc.fail("why takes a run: why(r)") end
    local found = module.diagnose(run)
    local heads = {
        diverges = "It diverges: ", oscillates = "It oscillates: ", crawls = "It crawls: ",
        saddle = "A saddle: ", maximum = "A maximum: ", plateau = "A plateau: ",
        nan = "No number: ",
        converged = "It has converged: ", noise = "Noise: ", stalled = "It is stuck: ",
    }
    local lines = {}
    local function add(text, first, rest)
        for i, line in ipairs(terminal.wrap(equation.text(text), WIDTH - #rest)) do
            lines[#lines + 1] = (i == 1 and first or rest) .. line
        end
    end
    local head = heads[found.verdict]
    add((head and head .. found.sentence or sentence_of(found.sentence)) .. ".", "", "")
    if found.reason and found.reason ~= "the run diverges" then
        add("it stopped because " .. found.reason, "- ", "  ")
    end
    for _, text in ipairs(found.evidence) do add(text, "- ", "  ") end
    add(sentence_of(found.advice) .. ".", "", "")
    print(table.concat(lines, "\n"))
end)

return module
