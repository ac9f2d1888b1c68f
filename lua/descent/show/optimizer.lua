-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- An optimizer: its rule as equations under its settings, and the settings, defaults marked.

local equation = require "descent.equation"
local terminal = require "descent.terminal"

return function(optimizer, options)
    local width = math.max(options and options.width or 80, 40)
    local equations = {}
    for _, term in ipairs(equation.terms(optimizer)) do
        if term.right then
            equations[#equations + 1] = ("%s %s %s"):format(term.symbol, term.sign, term.right)
        end
    end
    local settings = {}
    for _, argument in ipairs(optimizer.arguments) do
        if argument.value ~= nil then
            settings[#settings + 1] = equation.setting(argument)
                .. (argument.given and "" or " (default)")
        end
    end
    -- What a term's equation cannot say, such as a solution of linear equations, the rule's does.
    local whole = #equations > 0
    for _, term in ipairs(equation.terms(optimizer)) do
        whole = whole and (term.right or term.asked or term.number) and true or false
    end
    if not whole then equations = { equation.text(optimizer.equation) } end
    -- Each equation and each setting stays whole where a line has room for it.
    local lines = { ("optim.%s  %s"):format(optimizer.name, optimizer.title) }
    local function add(parts, gap)
        local line = ""
        for i, part in ipairs(parts) do
            local longer = line == "" and part or line .. gap .. part
            if terminal.width(part) > width - 4 then
                -- It has no room on any line: it is broken.
                if line ~= "" then lines[#lines + 1] = "    " .. line end
                local pieces = terminal.wrap(part, width - 8)
                for k = 1, #pieces - 1 do
                    lines[#lines + 1] = (k == 1 and "    " or "        ") .. pieces[k]
                end
                longer = "    " .. pieces[#pieces]
            elseif line ~= "" and terminal.width(longer) > width - 4 then
                lines[#lines + 1] = "    " .. line
                longer = part
            end
            line = longer
            if i == #parts then lines[#lines + 1] = "    " .. line end
        end
    end
    add(equations, "   ")
    add(settings, ", ")
    return table.concat(lines, "\n")
end
