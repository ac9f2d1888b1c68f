-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- fit(L, opt, {...}): descend, then converge; at a terminal with a bar that shows how far it is.

local core = require "descent.core"
local doc = require "descent.doc"
local terminal = require "descent.terminal"

local BAR = 20 -- cells

local function clock()
    local found, console = pcall(require, "descent.console")
    return found and console.clock or os.clock
end

-- Draws over one line of the error stream, and wipes it at the end.
local function bar_of(goals)
    local now = clock()
    local started, drawn = now(), 0
    local unicode = terminal.unicode()
    local full, empty = unicode and "█" or "#", unicode and "░" or "."

    local function share(run)
        local shares = { 0 }
        if run.goal then shares[#shares + 1] = run.t / run.goal end
        if goals.seconds then shares[#shares + 1] = (now() - started) / goals.seconds end
        return #shares > 1 and math.min(1, math.max(table.unpack(shares))) or nil
    end

    return function(run, finished)
        local text = ""
        if not finished then
            local done = share(run)
            if done then
                local cells = math.floor(done * BAR)
                text = full:rep(cells) .. empty:rep(BAR - cells) .. " "
            end
            text = text .. ("update %d%s, loss %.6g"):format(run.t,
                run.goal and (" of %d"):format(run.goal) or "", run.batch_loss or 0 / 0)
            text = terminal.clip(text, terminal.size() - 1, unicode)
        end
        local width = terminal.width(text)
        io.stderr:write("\r", text, (" "):rep(drawn - width), finished and "\r" or "")
        io.stderr:flush()
        drawn = width
    end
end

local descend_record = doc.documented("descend")
local converge_record = doc.documented("run:converge")

local is_goal, arguments = {}, {}
for _, argument in ipairs(descend_record.arguments) do arguments[#arguments + 1] = argument end
for _, argument in ipairs(converge_record.arguments) do
    is_goal[argument.name] = true
    arguments[#arguments + 1] = argument
end

arguments[#arguments + 1] = {
    name = "starts", type = "integer", range = ">= 1", default_text = "one",
    summary = "fits from this many starts of the model's init, with seeds from seed (or 0) "
        .. "upwards; the run with the lowest loss is the result",
}

local record = {
    name = "fit",
    signature = "fit(L, opt, {start, batch, order, seed, starts, steps, epochs, gradient, ...})",
    summary = "A run that has gone all the way to its goal: descend, then r:converge. Without a "
        .. "goal until the gradient is at most 1e-6 and the Hessian says that it is a minimum, at "
        .. "most 10,000 updates.",
    arguments = arguments,
    returns = "a run; r.reason says why it stopped, r:resume() goes on after Ctrl-C, which at the "
        .. "prompt asks how",
    example = [[
L = loss.least_squares(model.line, data.line12)
r = fit(L, optim.gd{alpha = 0.01}, {start = {1.6, -0.5}, steps = 100})
print(("%.9f"):format(r.loss), r.reason)]],
    result = "0.200773847\tthe number of updates was reached",
}

-- Its refusals name the function that was called.
local function descend(loss, optimizer, setup)
    local fine, run = pcall(core.descend, loss, optimizer, setup)
    if fine then return run end
    error(type(run) == "string" and run:gsub("descend([:(])", "fit%1") or run, 0)
end

-- The best of several fits; Ctrl-C ends them all.
local function fit_from_many(loss, optimizer, setup, goals, starts)
    if setup.start then doc.fail("fit: give either start or starts") end
    if core.type(loss) ~= "loss" then descend(loss, optimizer, setup) end -- which refuses it
    if not loss.model then
        doc.fail("fit: starts come from the model's init, and this loss has no model; sweep{...} "
            .. "takes a list of starts")
    end
    local first, runs, best = setup.seed or 0, {}, nil
    goals.quiet = true
    for i = 1, starts do
        setup.start = loss.model:init{ seed = first + i - 1 }
        runs[i] = descend(loss, optimizer, setup)
    end
    require("descent.compare").converge_all(runs, goals)
    for _, run in ipairs(runs) do
        local lower = not best or run.loss < best.loss or best.loss ~= best.loss
        if lower and (not best or run.reason ~= "the run diverges") then best = run end
    end
    return best
end

local function fit(loss, optimizer, options)
    core.check_options(record, options)
    local setup, goals = {}, {}
    for name, value in next, options or {} do
        (is_goal[name] and goals or setup)[name] = value
    end
    if setup.starts then
        local starts = setup.starts
        setup.starts = nil
        return fit_from_many(loss, optimizer, setup, goals, starts)
    end
    local run = descend(loss, optimizer, setup)
    local shows_bar = terminal.is_terminal("error") and os.getenv("TERM") ~= "dumb"
    if not goals.progress and shows_bar then goals.progress = bar_of(goals) end
    if package.loaded["descent.prompt"] then -- where Ctrl-C asks how to go on
        return require("descent.prompt.fit_menu").converge(run, goals)
    end
    return run:converge(goals)
end

return doc.define(record, fit)
