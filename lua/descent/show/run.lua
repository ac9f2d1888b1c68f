-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A run: where it stands.

local equation = require "descent.equation"
local show = require "descent.show"
local terminal = require "descent.terminal"

local SHOWN = 6 -- parameters

local function plural(count, word)
    return ("%d %s%s"):format(count, word, count == 1 and "" or "s")
end

local function place(run)
    local text = ("t = %d"):format(run.t)
    if run.updates_per_epoch > 1 and run.t > 0 then
        text = text .. (", epoch %d"):format(run.epoch_number)
    end
    return text
end

local function parameters(run, unicode)
    local phi, names, parts = run.phi, run.objective.components, {}
    for j = 1, math.min(#phi, SHOWN) do
        parts[j] = ("%s = %s"):format(equation.component(names[j], unicode), show.short(phi[j]))
    end
    if #phi > SHOWN then parts[#parts + 1] = ("... %d more"):format(#phi - SHOWN) end
    return table.concat(parts, ", ")
end

local function of_what(run)
    local objective = run.objective
    if objective.data then
        return (" on loss.%s, %s"):format(objective.name, objective.data.name)
    end
    return " on " .. plural(objective.size, "parameter")
end

return function(run, options)
    local unicode = terminal.unicode()
    local width = math.max(options and options.width or 80, 40)
    local fine, loss = pcall(function() return run.loss end)
    local lines = {
        ("run of %s%s"):format(run.optimizer.title, of_what(run)),
        ("%s: L = %s at %s"):format(place(run), fine and show.short(loss) or "?",
            parameters(run, unicode)),
    }
    if run.reason then
        lines[#lines + 1] = "stopped: " .. run.reason
    elseif run.t == 0 then
        lines[#lines + 1] = "at its start; r:step() makes an update, r:converge() goes on"
    end
    local broken = {}
    for _, line in ipairs(lines) do
        for i, part in ipairs(terminal.wrap(line, width - 4)) do
            broken[#broken + 1] = (i > 1 and "    " or "") .. part
        end
    end
    return table.concat(broken, "\n")
end
