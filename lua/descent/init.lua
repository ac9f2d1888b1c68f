-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The module `descent`: the names of language.md. What the core has is here from the start; what is
-- written in Lua is loaded when its name is first read.

if _VERSION ~= "Lua 5.4" then
    local jit = rawget(_G, "jit")
    error("descent is a module for Lua 5.4, and this is " .. (jit and jit.version or _VERSION), 0)
end

local core = require "descent.core"

-- Of the core, but not of the language.
local internal = {
    checksum = true, run_bytes = true, run_restore = true, converge_all = true,
    check_options = true, documents = true, expression = true, host = true, model_ending = true,
    modules = true, nearest = true, resource = true, resources = true, symbol_text = true,
    type = true, types = true, version = true, python_formulas = true, run_recipe = true,
}

-- name = module: the module's value, or, where that is a plain table, its field of that name.
local lazy = {
    accuracy = "descent.score",
    check = "descent.exercise",
    confusion = "descent.score",
    derivative = "descent.derivative",
    compare = "descent.compare",
    cross_validate = "descent.compare",
    difference = "descent.compare",
    exercise = "descent.exercise",
    explain = "descent.explain",
    export = "descent.export",
    fit = "descent.fit",
    gradient = "descent.derivative",
    graph = "descent.derivative",
    guess = "descent.guess",
    help = "descent.help",
    hessian = "descent.derivative",
    jacobian = "descent.derivative",
    lesson = "descent.lesson",
    plot = "descent.plot",
    r2 = "descent.score",
    race = "descent.compare",
    sweep = "descent.sweep",
    why = "descent.why",
}

local descent = { _VERSION = "descent " .. core.version }

for name, value in next, core do
    if not internal[name] then descent[name] = value end
end

-- Names whose module is not part of this build are absent.
for name, module in next, lazy do
    local found = false
    for _, known in ipairs(core.modules) do found = found or known == module end
    if not found or rawget(descent, name) ~= nil then lazy[name] = nil end
end

local function load(_, name)
    local module = lazy[name]
    if not module then return nil end
    local value = require(module)
    local meta = type(value) == "table" and getmetatable(value)
    if type(value) == "table" and not (meta and meta.__call) and rawget(value, name) ~= nil then
        value = value[name]
    end
    rawset(descent, name, value)
    return value
end

-- The public names, sorted, without loading anything.
local function names()
    local list = {}
    for name in next, lazy do list[#list + 1] = name end
    for name in next, descent do
        if not lazy[name] and name ~= "_VERSION" then list[#list + 1] = name end
    end
    table.sort(list)
    return list
end

return setmetatable(descent, {
    __index = function(self, name)
        if name == "names" then return names end
        return load(self, name)
    end,
    __pairs = function(self)
        local list, i = names(), 0
        return function()
            i = i + 1
            if list[i] then return list[i], self[list[i]] end
        end
    end,
})
