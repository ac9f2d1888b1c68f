-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A loss: its formula, and what it is made of.

local formula = require "descent.formula"
local terminal = require "descent.terminal"

return function(loss, options)
    local ascii = not terminal.unicode()
    local found = loss:formulas(ascii and "ascii" or "unicode")
    local words = { loss.title }
    if loss.data then
        words[#words + 1] = ("%s, %d examples"):format(loss.data.name, loss.examples)
    end
    words[#words + 1] = ("%d parameter%s"):format(loss.size, loss.size == 1 and "" or "s")
    local head = (ascii and "L = " or "L[φ] = ") .. found.value
    return formula.lines({ head }, found.value_definitions, options and options.width) .. "\n"
        .. table.concat(words, "  ")
end
