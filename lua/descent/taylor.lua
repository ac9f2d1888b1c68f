-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- L:taylor(phi): the quadratic model of a loss at a point, itself a loss.

local core = require "descent.core"
local show = require "descent.show"
local terminal = require "descent.terminal"

local taylor = {}

-- Above this the model is only a table of numbers: as a formula it has P² terms.
local LOSS_LIMIT = 64

-- The kind of a stationary point from the Hessian's eigenvalues.
function taylor.kind(eigenvalues)
    local low, high = eigenvalues[1], eigenvalues[#eigenvalues]
    local zero = 1e-9*math.max(math.abs(low), math.abs(high))
    for i = 1, #eigenvalues do
        if not (math.abs(eigenvalues[i]) > zero) then return "flat" end
    end
    return low > 0 and "minimum" or high < 0 and "maximum" or "saddle"
end

-- {{"W", 8, 1}, {"b", 8}, {"phi0"}} from the names of the components.
local function blocks_of(components)
    local blocks = {}
    for _, name in ipairs(components) do
        local block, index = name:match("^([^%[]+)(.*)$")
        local last = blocks[#blocks]
        if not last or last[1] ~= block or index == "" then
            last = { block }
            blocks[#blocks + 1] = last
        end
        local row, column = index:match("^%[(%d+),?(%d*)%]$")
        last[2] = tonumber(row)
        last[3] = tonumber(column)
    end
    return blocks
end

-- The components of the parameters in the table p, in the order of φ.
local function components_of(p, blocks)
    local list = {}
    for _, block in ipairs(blocks) do
        local name, rows, columns = block[1], block[2], block[3]
        for i = 1, rows or 1 do
            for j = 1, columns or 1 do
                local value = p[name]
                if columns then value = value(i, j) elseif rows then value = value[i] end
                list[#list + 1] = value
            end
        end
    end
    return list
end

local function make_loss(L, q)
    local blocks = blocks_of(L.components)
    return core.loss {
        parameters = blocks,
        value = function(p)
            local at, sum = components_of(p, blocks), q.value
            local d = {}
            for i = 1, #at do
                d[i] = at[i] - q.phi[i]
                sum = sum + q.g[i]*d[i]
            end
            for i = 1, #at do
                sum = sum + 0.5*q.H(i, i)*d[i]^2
                for j = i + 1, #at do
                    if q.H(i, j) ~= 0 then sum = sum + q.H(i, j)*d[i]*d[j] end
                end
            end
            return sum
        end,
    }
end

-- --- the object ---------------------------------------------------------------------------------

local meta = { __name = "taylor" }
local originals = setmetatable({}, { __mode = "k" })

function meta.__index(q, name)
    if name == "loss" then
        if #rawget(q, "phi") <= LOSS_LIMIT then
            local made = make_loss(originals[q], q)
            rawset(q, "loss", made)
            return made
        end
        return nil
    end
    local known = { gradient = true, hessian = true, surface = true, derivative = true,
                    formulas = true, numeric_gradient = true, check = true, graph = true,
                    taylor = true, stationary = true, components = true, size = true }
    if not known[name] or not q.loss then return nil end
    local method = q.loss[name]
    if type(method) ~= "function" then return method end
    return function(self, ...)
        if self == q then self = q.loss end
        return method(self, ...)
    end
end

function meta:__call(...)
    if self.loss then return self.loss(...) end
    local phi = core.array(...)
    local d = phi - self.phi
    return self.value + core.dot(self.g, d) + 0.5*core.dot(d, core.matmul(self.H, d))
end

local function point_text(array)
    local parts = {}
    for i = 1, math.min(#array, 6) do parts[i] = show.short(array[i]) end
    if #array > 6 then parts[#parts + 1] = "..." end
    return "(" .. table.concat(parts, ", ") .. ")"
end

local kinds = { minimum = "a minimum", maximum = "a maximum", saddle = "a saddle" }

function meta:__tostring()
    local unicode = terminal.unicode()
    local lines = {
        (unicode and "q(φ) = %s + gᵀ·d + ½·dᵀ·H·d with d = φ − %s"
            or "q(phi) = %s + g'*d + d'*H*d/2 with d = phi - %s"):format(show.short(self.value),
            point_text(self.phi)),
        "g = " .. point_text(self.g),
    }
    if #self.phi <= 6 then
        local rows = tostring(self.H):gsub("\n", "\n    ")
        lines[#lines + 1] = "H = " .. rows
    end
    lines[#lines + 1] = "eigenvalues of H: " .. point_text(self.eigenvalues):sub(2, -2)
    lines[#lines + 1] = self.point
        and ("%s at %s, q = %s"):format(kinds[self.kind], point_text(self.point),
            show.short(self(self.point)))
        or "flat in some direction: no single stationary point"
    return table.concat(lines, "\n")
end

-- L:taylor(phi) with phi made an array.
function taylor.taylor(L, phi)
    local H = L:hessian(phi)
    local q = { phi = phi:copy(), value = L(phi), g = L:gradient(phi), H = H,
                eigenvalues = core.eigenvalues(H) }
    q.kind = taylor.kind(q.eigenvalues)
    if q.kind ~= "flat" then
        q.point = phi - core.solve(H, q.g)
        if q.kind == "minimum" then q.minimum = q.point:copy() end
    end
    originals[q] = L
    return setmetatable(q, meta)
end

return taylor
