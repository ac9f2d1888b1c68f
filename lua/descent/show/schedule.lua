-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A schedule: how it is made, its formula, and the rates it gives.

local equation = require "descent.equation"
local show = require "descent.show"

local shown = { 1, 2, 5, 10, 100, 1000 }

return function(schedule)
    local lines = {
        equation.call("schedule." .. schedule.name, schedule.arguments),
        "    " .. equation.text(schedule.equation),
    }
    local counted, rates = "update", {}
    for _, argument in ipairs(schedule.arguments) do
        if argument.name == "per" then counted = argument.value end
    end
    for i, k in ipairs(shown) do rates[i] = show.short(schedule(k)) end
    lines[#lines + 1] = ("    at %s %s: %s"):format(counted, table.concat(shown, ", "),
        table.concat(rates, ", "))
    return table.concat(lines, "\n")
end
