-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The methods of a loss that are written in Lua; src/bind/loss_*.c hold their records and have made
-- φ an array.

local core = require "descent.core"
local doc = require "descent.doc"
local formula = require "descent.formula"
local terminal = require "descent.terminal"

local methods = {}

local numeric_record = {
    name = "L:numeric_gradient", signature = "L:numeric_gradient(phi, {h =, method =})",
    arguments = {
        { name = "h", type = "number", default = 1e-5, range = "(0, 1]" },
        { name = "method", type = "choice", choices = "central|forward|backward",
          default = "central" },
    },
}

-- here: L at phi, for the one-sided quotients.
local function difference(L, phi, i, h, method, here)
    local function at(step)
        local moved = phi:copy()
        moved[i] = moved[i] + step
        return L(moved)
    end
    if method == "forward" then return (at(h) - here)/h end
    if method == "backward" then return (here - at(-h))/h end
    return (at(h) - at(-h))/(2*h)
end

function methods.numeric_gradient(L, phi, options)
    local settings = doc.options(numeric_record, options or {})
    local result = core.zeros(L.size)
    local here = settings.method ~= "central" and L(phi) or nil
    for i = 1, L.size do result[i] = difference(L, phi, i, settings.h, settings.method, here) end
    return result
end

-- A difference quotient is no more exact than this, so smaller errors are noise.
local NOISE = 1e-8

function methods.check(L, phi)
    local analytic = L:gradient(phi)
    local worst, rows = 0, { { "parameter", "analytic", "numeric", "relative error" } }
    for i, name in ipairs(L.components) do
        -- The step grows with the parameter: rounding and truncation are balanced near ε^(1/3).
        local h = 6e-6*math.max(1, math.abs(phi[i]))
        local numeric = difference(L, phi, i, h, "central")
        local scale = math.max(math.abs(analytic[i]), math.abs(numeric), 1e-3)
        local relative = math.abs(analytic[i] - numeric)/scale
        if relative ~= relative or relative > worst then worst = relative end
        if i <= 20 then
            rows[#rows + 1] = { name, ("%.7g"):format(analytic[i]), ("%.7g"):format(numeric),
                                relative < NOISE and "< 1e-08" or ("%.1e"):format(relative) }
        end
    end
    local widths = {}
    for _, row in ipairs(rows) do
        for k, text in ipairs(row) do widths[k] = math.max(widths[k] or 0, #text) end
    end
    for _, row in ipairs(rows) do
        local cells = { row[1] .. (" "):rep(widths[1] - #row[1]) }
        for k = 2, #row do cells[k] = (" "):rep(widths[k] - #row[k]) .. row[k] end
        print(table.concat(cells, "  "))
    end
    if L.size > 20 then print(("... and %d more"):format(L.size - 20)) end
    return worst
end

local FORMULAS = 60 -- shown at most

local formulas_meta = { __name = "formulas" }

function formulas_meta:__tostring()
    if self.notation == "lua" then return self.text end
    local heads = { unicode = "∂L/∂%s = ", ascii = "dL/d%s = ",
                    latex = "\\frac{\\partial L}{\\partial %s} = " }
    local lines, head = {}, heads[self.notation]
    for i, entry in ipairs(self.partials) do
        if i > FORMULAS then
            lines[i] = ("... and %d more"):format(#self.partials - FORMULAS)
            break
        end
        lines[i] = head:format(entry.symbol) .. entry.text
    end
    return formula.lines(lines, self.definitions)
end

-- The formulas of L's derivatives in a notation.
function methods.derivative(L, notation)
    notation = notation or (terminal.unicode() and "unicode" or "ascii")
    local found = L:formulas(notation)
    if notation == "lua" then
        return setmetatable({ notation = notation, text = found.gradient }, formulas_meta)
    end
    local result = { partials = found.partials, definitions = found.definitions,
                     notation = notation }
    for _, entry in ipairs(found.partials) do result[entry.name] = entry.text end
    return setmetatable(result, formulas_meta)
end

local solution_meta = { __name = "solution" }

function solution_meta:__tostring()
    local show = require "descent.show"
    local lines, errors = {}, self.standard_errors
    local function row(name, value, error)
        lines[#lines + 1] = ("%-12s %14s%s"):format(name, value, error and ("  %14s"):format(error)
                                                    or "")
    end
    row("parameter", "value", errors and "standard error")
    for i, name in ipairs(self.names) do
        if i > 20 then
            lines[#lines + 1] = ("... and %d more"):format(#self.names - 20)
            break
        end
        row(name, show.short(self.phi[i]), errors and show.short(errors[i]))
    end
    lines[#lines + 1] = "loss " .. show.short(self.loss)
    if errors then
        local unicode = terminal.unicode()
        local sigma2 = unicode and "σ²" or "sigma^2"
        lines[#lines + 1] = ("S = %s of %d numbers; %s = S/%d = %s, S/%d = %s"):format(
            show.short(self.squares), self.count, sigma2, self.freedom, show.short(self.sigma2),
            self.count, show.short(self.sigma2_ml))
    end
    return table.concat(lines, "\n")
end

-- Gives the details of L:solve() a text.
function methods.solution(details, L)
    details.names = L.components
    setmetatable(details, solution_meta)
end

return methods
