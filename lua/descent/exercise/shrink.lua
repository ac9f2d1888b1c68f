-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- shrink.lua: the smallest counterexample. Arguments on which a function is wrong are made simpler,
-- as long as it stays wrong: lists of one element, numbers 0 and 1, the usual hyperparameters.

local shrink = {}

local ROUNDS, WIDTH = 12, 40

-- Hyperparameters are shown as one meets them.
local USUAL = { alpha = 0.1, beta = 0.9, gamma = 0.99, epsilon = 1e-8 }

local function copy(item)
    if type(item) ~= "table" then return item end
    local result = {}
    for key, inner in next, item do result[key] = copy(inner) end
    return result
end

local function is_list(item) return type(item) == "table" end

-- The lengths that several lists of the arguments share: dropping an element drops it in all.
local function lengths(arguments)
    local seen, list = {}, {}
    for i = 1, arguments.n do
        local item = arguments[i]
        if is_list(item) and #item > 1 and not seen[#item] then
            seen[#item] = true
            list[#list + 1] = #item
        end
    end
    return list
end

-- All lists of length n cut to the elements first .. last.
local function cut(arguments, n, first, last)
    local result = copy(arguments)
    for i = 1, result.n do
        local item = result[i]
        if is_list(item) and #item == n then
            result[i] = table.move(item, first, last, 1, {})
        elseif is_list(item) then
            for row, inner in ipairs(item) do
                if is_list(inner) and #inner == n then
                    item[row] = table.move(inner, first, last, 1, {})
                end
            end
        end
    end
    return result
end

local function cuts(arguments)
    local list = {}
    for _, n in ipairs(lengths(arguments)) do
        for i = 1, n do list[#list + 1] = cut(arguments, n, i, i) end
        if n > 2 then
            list[#list + 1] = cut(arguments, n, 1, n // 2)
            list[#list + 1] = cut(arguments, n, 2, n)
            list[#list + 1] = cut(arguments, n, 1, n - 1)
        end
    end
    return list
end

local function simpler_numbers(number, name)
    if name and USUAL[name] then return { USUAL[name] } end
    if math.type(number) == "integer" then
        local list = {}
        for candidate = 0, math.min(number - 1, 3) do list[#list + 1] = candidate end
        return list
    end
    return { 0, 1, 2, 0.5, math.floor(number + 0.5) }
end

local function is_simple(number, name)
    if name and USUAL[name] then return number == USUAL[name] end
    return number == 0
end

-- Every number of the arguments as {path, name}, those of lists first.
local function numbers(arguments, names)
    local list = {}
    local function walk(item, path, name)
        if math.type(item) then
            if not is_simple(item, name) then
                list[#list + 1] = { path = path, name = name, value = item }
            end
        elseif is_list(item) then
            for i = 1, #item do
                local inner = { table.unpack(path) }
                inner[#inner + 1] = i
                walk(item[i], inner)
            end
        end
    end
    for i = 1, arguments.n do walk(arguments[i], { i }, names[i]) end
    return list
end

local function with(arguments, path, number)
    local result = copy(arguments)
    local item = result
    for i = 1, #path - 1 do item = item[path[i]] end
    item[path[#path]] = number
    return result
end

-- How simple a number is: 0, 1, other whole ones, the rest.
local function rank(number, name)
    if is_simple(number, name) then return 0 end
    if number == 1 then return 1 end
    if math.type(number) == "integer" then return 1 + math.abs(number) end
    if number == math.floor(number) then return 3 + math.min(math.abs(number), 9)/10 end
    return number*2 == math.floor(number*2) and 4 or 5
end

-- Candidates with one number changed, each simpler than before.
local function changes(arguments, names)
    local list = {}
    for _, one in ipairs(numbers(arguments, names)) do
        for _, number in ipairs(simpler_numbers(one.value, one.name)) do
            if rank(number, one.name) < rank(one.value, one.name) then
                list[#list + 1] = { path = one.path, number = number,
                                    arguments = with(arguments, one.path, number) }
            end
        end
    end
    return list
end

-- The simplest arguments found. `wrong(list of arguments)` says for each whether the function is
-- still wrong there in the same way; it is called at most ROUNDS times with WIDTH candidates.
function shrink.run(arguments, names, wrong)
    local left = ROUNDS
    local function try(candidates)
        left = left - 1
        if #candidates == 0 then return {} end
        return wrong(candidates)
    end
    for _ = 1, 3 do
        local candidates = cuts(arguments)
        for i = #candidates, WIDTH + 1, -1 do candidates[i] = nil end
        local found
        for i, still in ipairs(try(candidates)) do
            if still then
                found = candidates[i]
                break
            end
        end
        if not found then break end
        arguments = found
    end
    while left > 1 do
        local candidates = changes(arguments, names)
        for i = #candidates, WIDTH + 1, -1 do candidates[i] = nil end
        local list = {}
        for i, candidate in ipairs(candidates) do list[i] = candidate.arguments end
        local good, first = nil, nil
        local used = {}
        for i, still in ipairs(try(list)) do
            local key = table.concat(candidates[i].path, ",")
            if still then
                first = first or candidates[i].arguments
                -- What is simpler for one number is tried for all of them at once.
                if not used[key] then
                    good = with(good or arguments, candidates[i].path, candidates[i].number)
                    used[key] = true
                end
            end
        end
        if not good then break end
        local together = try { good }
        arguments = together[1] and good or first
    end
    return arguments
end

return shrink
