-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A loss: its formula, and what it is made of.

local terminal = require "descent.terminal"

return function(loss)
    local ascii = not terminal.unicode()
    local formulas = loss:formulas(ascii and "ascii" or "unicode")
    local lines = { ascii and "L = " .. formulas.value or "L[φ] = " .. formulas.value }
    for i, entry in ipairs(formulas.value_definitions) do
        lines[#lines + 1] = ("%s %s = %s"):format(i == 1 and "with" or " and", entry.name,
                                                  entry.text)
    end
    local words = { loss.title }
    if loss.data then
        words[#words + 1] = ("%s, %d examples"):format(loss.data.name, loss.examples)
    end
    words[#words + 1] = ("%d parameter%s"):format(loss.size, loss.size == 1 and "" or "s")
    lines[#lines + 1] = table.concat(words, "  ")
    return table.concat(lines, "\n")
end
