-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- guess(r, {phi = ...}): where will the next update lead? r:step() then says how near it was.

local core = require "descent.core"
local doc = require "descent.doc"
local equation = require "descent.equation"
local show = require "descent.show"
local terminal = require "descent.terminal"

local module = {}

local SHOWN = 6

local record = {
    name = "guess", signature = "guess(r, {phi = ...})",
    summary = "Notes where you think that the next update leads; r:step() then shows how near it "
        .. "was. 100 % is exact, 0 % as far off as no step at all.",
    arguments = {
        { name = "phi", type = "value", required = true,
          summary = "the parameters after the update: a list, or a table of some of them by name" },
    },
    returns = "nothing; the guess is scored when the run goes on",
    errors = "another number of parameters, a name that no parameter has",
    example = [[
L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)
r = descend(L, optim.gd{alpha = 0.25}, {start = {4, 1}})
guess(r, {phi = {2, 0.5}})
r:step()]],
    result = [[
your guess for update 1: 77.6 %
    φ₀: guessed 2, it is 2
    φ₁: guessed 0.5, it is 0, off by 0.5]],
}

-- {[place] = number} of what was guessed.
local function read(run, phi)
    local names, places, guessed = run.objective.components, {}, {}
    for j, name in ipairs(names) do places[name] = j end
    if type(phi) == "number" and #names == 1 then phi = { phi } end
    if type(phi) ~= "table" and core.type(phi) ~= "array" then
        doc.fail("guess: phi must be a list of %d numbers, or a table by name", #names)
    end
    if core.type(phi) == "array" then phi = phi:table() end
    local count = 0
    for key, value in next, phi do
        local j = math.type(key) == "integer" and key <= #names and key or places[key]
        if not j then
            doc.fail("guess: no parameter is called %q; they are %s", tostring(key),
                table.concat(names, ", ", 1, math.min(#names, 8)))
        elseif type(value) ~= "number" then
            doc.fail("guess: %s must be a number", names[j])
        end
        guessed[j], count = value, count + 1
    end
    if count == 0 then doc.fail("guess: phi is empty") end
    if #phi > 0 and #phi ~= #names then
        doc.fail("guess: phi needs %d numbers, not %d", #names, #phi)
    end
    return guessed
end

module.guess = doc.define(record, function(run, options)
    if core.type(run) ~= "run" then doc.fail("guess takes a run first: %s", record.signature) end
    core.check_options(record, options)
    debug.setuservalue(run, { t = run.t + 1, phi = read(run, options.phi) }, 2)
end)

-- Called when the run has moved.
function module.score(run)
    local guess = debug.getuservalue(run, 2)
    if run.t < guess.t then
        if run.t < guess.t - 1 then debug.setuservalue(run, nil, 2) end
        return
    end
    debug.setuservalue(run, nil, 2)
    local update = run:record(guess.t)
    local names, unicode = run.objective.components, terminal.unicode()
    local missed, moved, lines = 0, 0, {}
    for j = 1, #names do
        local value, right = guess.phi[j], update.phi[j]
        if value then
            missed = missed + (value - right)^2
            moved = moved + (right - update.phi_before[j])^2
            if #lines < SHOWN then
                local off = math.abs(value - right)
                local exact = off <= 1e-6*math.max(1, math.abs(right))
                lines[#lines + 1] = ("    %s: guessed %s, it is %s%s"):format(
                    equation.component(names[j], unicode), show.short(value), show.short(right),
                    exact and "" or ", off by " .. show.short(off))
            end
        end
    end
    local share = moved > 0 and math.sqrt(missed/moved) or missed > 0 and 1 or 0
    table.insert(lines, 1, ("your guess for update %d: %.3g %%"):format(guess.t,
        100*math.max(0, 1 - share)))
    print(table.concat(lines, "\n"))
end

return module
