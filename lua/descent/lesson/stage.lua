-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- stage.lua: what a session draws on where nobody watches: text is kept, code runs with its output
-- caught. See session.lua for the functions a stage has.

local environment = require "descent.lesson.environment"

local stage = {}

function stage.is_builtin(name) return environment.builtin(name) ~= nil end

function stage.seed(n) require("descent").seed(n) end

-- An entry as it looks at the prompt.
function stage.typed(entry) return "> " .. entry:gsub("\n", "\n>> ") .. "\n" end

-- False where plots go nowhere.
function stage.draws()
    local fine, kind = pcall(function() return require("descent.plot.output").kind() end)
    return not fine or kind ~= "none"
end

-- Runs with plots of at most `rows` lines; nil: as high as the terminal.
function stage.within(rows, run, ...)
    return require("descent.plot.output").within(rows, run, ...)
end

-- Runs with plots of one kind ("text", "none"), whatever the user has chosen.
function stage.with_plots(wanted, run, ...)
    local output = require "descent.plot.output"
    local kind = output.kind()
    output.choose(wanted)
    local results = table.pack(pcall(run, ...))
    output.choose(kind)
    if not results[1] then error(results[2], 0) end
    return table.unpack(results, 2, results.n)
end

-- A stage whose text is taken by stage:take(); stage.errors counts demos that failed.
function stage.quiet(columns)
    local parts = {}
    local self = { errors = 0, is_builtin = stage.is_builtin, seed = stage.seed,
        new_environment = environment.new, draws = function() return true end }
    function self.write(text) parts[#parts + 1] = text end
    function self.columns() return columns or 80 end
    function self.rows() return 24 end
    function self.paint(text) return text end
    function self.enter(variables) self.variables = variables end
    function self.demo(entry, variables, rows)
        self.write(stage.typed(entry))
        local output, result = stage.within(rows, environment.catch, environment.run, entry,
            variables)
        self.write(output)
        if result.ok then
            self.write(environment.printed(result, self.columns()))
        else
            self.errors = self.errors + 1
            self.write(tostring(result.error) .. "\n")
        end
        self.output = output
        return result.ok
    end
    function self.take()
        local text = table.concat(parts)
        parts = {}
        return text
    end
    return self
end

return stage
