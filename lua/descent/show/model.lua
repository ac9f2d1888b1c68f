-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A model: its formula and its parameters.

local core = require "descent.core"
local formula = require "descent.formula"
local terminal = require "descent.terminal"

local function shape_text(parameter)
    if parameter.rows == 1 and parameter.cols == 1 then return "" end
    local times = terminal.unicode() and "×" or "x"
    return parameter.cols == 1 and ("(%d)"):format(parameter.rows)
        or ("(%d%s%d)"):format(parameter.rows, times, parameter.cols)
end

-- {hidden = 3, activation = "relu"}: what it was made with.
local function settings(model)
    local words, list = {}, {}
    for name, value in pairs(model.arguments) do
        if type(value) == "table" then
            for i, width in ipairs(value) do words[i] = tostring(width) end
        else
            list[#list + 1] = name .. " = " .. (type(value) == "string" and ("%q"):format(value)
                or ("%.7g"):format(value))
        end
    end
    table.sort(list)
    table.move(list, 1, #list, #words + 1, words)
    return #words > 0 and "{" .. table.concat(words, ", ") .. "}" or ""
end

return function(model, options)
    local ascii = not terminal.unicode()
    local lines, names = {}, {}
    local found, text = pcall(model.formula, model, ascii and "ascii" or "unicode")
    if found then
        lines[1] = formula.lines({ (ascii and "f = " or "f[x, φ] = ") .. text.text },
            text.definitions, options and options.width)
    end
    for i, parameter in ipairs(model.parameters) do
        if i > 12 then
            names[#names + 1] = "..."
            break
        end
        names[#names + 1] = core.symbol_text(parameter.name, ascii) .. shape_text(parameter)
    end
    if model.size == 0 then return model.name .. settings(model) .. "  no parameters" end
    local words = ("%s%s  %d parameter%s: %s"):format(
        model.name, settings(model), model.size, model.size == 1 and "" or "s",
        table.concat(names, ", "))
    local columns = options and options.width or 80
    for i, line in ipairs(terminal.wrap(words, columns - 4)) do
        lines[#lines + 1] = (i > 1 and "    " or "") .. line
    end
    return table.concat(lines, "\n")
end
