-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- r:save(file) and run.load(file): the run's own bytes, and before them what its loss is made of,
-- where that is no Lua function: the names of loss and model with their settings, and the data.
--
-- A file is a first line, the recipe and the run each behind its length, and their checksum.

local core = require "descent.core"
local doc = require "descent.doc"

local dataset = core.types.dataset

local FIRST_LINE = "descent run 2\n"

-- --- what a loss is made of --------------------------------------------------------------------

-- A value of numbers, strings, booleans and tables as text, and back.
local function pack(value)
    local kind = math.type(value) or type(value)
    if kind == "integer" then return "i" .. string.pack("<i8", value) end
    if kind == "float" then return "f" .. string.pack("<d", value) end
    if kind == "string" then return "s" .. string.pack("<s8", value) end
    if kind == "boolean" then return value and "t" or "n" end
    local parts = {}
    for key, item in next, value do parts[#parts + 1] = pack(key) .. pack(item) end
    return "{" .. string.pack("<I8", #parts) .. table.concat(parts)
end

local function unpack_value(text, at)
    local kind = text:sub(at, at)
    at = at + 1
    if kind == "i" then return string.unpack("<i8", text, at) end
    if kind == "f" then return string.unpack("<d", text, at) end
    if kind == "s" then return string.unpack("<s8", text, at) end
    if kind == "t" or kind == "n" then return kind == "t", at end
    if kind ~= "{" then error("damaged", 0) end
    local count, result, key = nil, {}, nil
    count, at = string.unpack("<I8", text, at)
    for _ = 1, count do
        key, at = unpack_value(text, at)
        if key ~= key or type(key) == "table" then error("damaged", 0) end
        result[key], at = unpack_value(text, at)
    end
    return result, at
end

local function pack_array(values)
    local list = values.cols > 1 and {} or values:table()
    if values.cols > 1 then
        for i = 1, values.rows do
            for _, value in ipairs(values[i]) do list[#list + 1] = value end
        end
    end
    local parts = {}
    for i = 1, #list, 128 do
        local last = math.min(#list, i + 127)
        parts[#parts + 1] = string.pack("<" .. ("d"):rep(last - i + 1), table.unpack(list, i, last))
    end
    return { rows = values.rows, cols = values.cols, numbers = table.concat(parts) }
end

local function unpack_array(packed)
    local list, at = {}, 1
    for i = 1, packed.rows*packed.cols do
        list[i], at = string.unpack("<d", packed.numbers, at)
    end
    if packed.cols == 1 then return list end
    local rows = {}
    for i = 1, packed.rows do
        rows[i] = table.move(list, (i - 1)*packed.cols + 1, i*packed.cols, 1, {})
    end
    return rows
end

-- nil for one of the user's own.
local function model_recipe(model)
    local name = model.name:match("^model%.(.*)$")
    if not name then return nil end
    local recipe = { name = name, arguments = model.arguments, parts = {} }
    for i, part in ipairs(model.parts or {}) do
        recipe.parts[i] = model_recipe(part)
        if not recipe.parts[i] then return nil end
    end
    return recipe
end

-- Without the data; nil where a function is in it.
local function loss_recipe(loss)
    if loss.terms then
        local recipe = { terms = {}, penalties = loss.penalty and loss.penalty.terms or {} }
        for i, term in ipairs(loss.terms) do
            local inner = loss_recipe(term.loss)
            if not inner then return nil end
            recipe.terms[i] = { coefficient = term.coefficient, loss = inner }
        end
        return recipe
    end
    local model = loss.model and loss.arguments and model_recipe(loss.model)
    return model and { name = loss.name, arguments = loss.arguments, model = model }
end

local function recipe_of(loss)
    local recipe, data = loss_recipe(loss), loss.data
    if not (recipe and data) then return nil end
    local scales = {}
    for name, values in next, dataset.scales(data) do scales[name] = pack_array(values) end
    return { loss = recipe, data = {
        name = data.name, x = pack_array(data.x), y = pack_array(data.y), names = data.names,
        classes = data.classes, weights = data.weights and pack_array(data.weights),
        scales = scales,
    } }
end

local function made_model(recipe)
    local found = rawget(core.model, recipe.name) or core.model[recipe.name]
    local arguments, parts = recipe.arguments, {}
    for i, part in ipairs(recipe.parts) do parts[i] = made_model(part) end
    if #parts > 0 then return found(table.unpack(parts)) end
    if next(arguments) == nil then return found end
    return found(arguments)
end

local function made_loss(recipe, data)
    if not recipe.terms then
        return core.loss[recipe.name](recipe.arguments)(made_model(recipe.model), data)
    end
    local sum
    for _, term in ipairs(recipe.terms) do
        local inner = made_loss(term.loss, data)
        if term.coefficient ~= 1 then inner = term.coefficient*inner end
        sum = sum and sum + inner or inner
    end
    local penalty
    for _, term in ipairs(recipe.penalties) do
        local made = core.penalty[term.name](term.arguments)
        if term.coefficient ~= 1 then made = term.coefficient*made end
        penalty = penalty and penalty + made or made
    end
    return penalty and sum + penalty or sum
end

local function data_of(recipe)
    local packed = recipe.data
    local x, y = unpack_array(packed.x), unpack_array(packed.y)
    local fine, known = pcall(function() return core.data[packed.name] end)
    local plain = not packed.weights and next(packed.scales) == nil
    if plain and fine and core.type(known) == "dataset" and core.close(known.x, x, 0)
        and core.close(known.y, y, 0) then
        return known
    end
    local made = core.data.new{
        x = x, y = y, name = packed.name, names = packed.names, classes = packed.classes,
        weights = packed.weights and unpack_array(packed.weights),
    }
    local scales = {}
    for name, values in next, packed.scales do scales[name] = unpack_array(values) end
    return next(scales) and dataset.with_scales(made, scales) or made
end

local function loss_of(text)
    local fine, loss = pcall(function()
        local recipe = unpack_value(text, 1)
        return made_loss(recipe.loss, data_of(recipe))
    end)
    return fine and loss or nil
end

-- --- files -------------------------------------------------------------------------------------

local saved = {}

function saved.save(run, path)
    local fine, recipe = pcall(recipe_of, run.objective)
    local body = string.pack("<s8s8", fine and recipe and pack(recipe) or "", core.run_bytes(run))
    core.host.write(path, FIRST_LINE .. body .. string.pack("<i8", core.checksum(body)))
    return run
end

local function read(path)
    local text = core.host.read(path)
    if text:sub(1, #FIRST_LINE) ~= FIRST_LINE then
        doc.fail("%s: it is no saved run; r:save(file) writes one", path)
    end
    local body = text:sub(#FIRST_LINE + 1, -9)
    if #text < #FIRST_LINE + 24 or string.unpack("<i8", text, -8) ~= core.checksum(body) then
        doc.fail("%s: the saved run is damaged", path)
    end
    local fine, recipe, bytes = pcall(string.unpack, "<s8s8", body)
    if not fine then doc.fail("%s: the saved run is damaged", path) end
    return recipe, bytes
end

function saved.load(path, options)
    options = options or {}
    local recipe, bytes = read(path)
    local loss = options.loss or recipe ~= "" and loss_of(recipe)
    if not loss then
        doc.fail("run.load: the loss of %s holds a Lua function, or something else that is not in "
            .. "the file; give it again: run.load(%q, {loss = L})", path, path)
    end
    local validation = options.validation
    if core.type(validation) == "dataset" then validation = loss:with(validation) end
    return core.run_restore(loss, bytes, options.optimizer, validation)
end

return saved
