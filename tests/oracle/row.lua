-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- row.lua: one line for each number that comes from elsewhere.
--
--     row("C1", "the loss at (0.6, -0.2)", "12.366904", function() return L(0.6, -0.2) end)
--
-- An expected text stands for all numbers that round to it; a number, a boolean or nil for itself.
-- Lists are compared element by element.

local check = require "check"
local core = require "descent.core"

-- Half a unit of the last digit of a decimal text, and a little for what rounds to just half.
local function tolerance_of(text)
    local mantissa, exponent = text:match("^([^eE]+)[eE]([-+]?%d+)$")
    local decimals = #((mantissa or text):match("%.(%d*)$") or "")
    return 0.50001*10.0^((math.tointeger(tonumber(exponent)) or 0) - decimals)
end

local function compare(got, expected, place)
    if type(expected) == "table" then
        check.equal(#got, #expected, place .. ": how many")
        for i, item in ipairs(expected) do compare(got[i], item, ("%s[%d]"):format(place, i)) end
    elseif type(expected) == "string" and tonumber(expected) and type(got) == "number" then
        check.close(got, tonumber(expected), tolerance_of(expected))
    else
        check.equal(got, expected, place)
    end
end

return function(id, what, expected, compute)
    check.test(id .. ": " .. what, function()
        local got = table.pack(compute())
        if core.type(got[1]) == "array" then got[1] = got[1]:table() end
        compare(got.n > 1 and got or got[1], expected, "value")
    end)
end
