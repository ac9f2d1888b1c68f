-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- L:stationary{...}: where the gradient of a loss vanishes. Newton's method on the gradient from
-- many starts, with steps shortened until the gradient's length falls; what it finds is kept once.

local core = require "descent.core"
local doc = require "descent.doc"
local show = require "descent.show"
local taylor = require "descent.taylor"

local stationary = {}

local STARTS = 400 -- in all, about
local ITERATIONS = 80
local SAME = 1e-5  -- of the ranges: two ends that are as near are one point
local FOUND = 200  -- more than these are no single points

local record = {
    name = "L:stationary", signature = "L:stationary{phi0 = {a, b}, n =, phi =}",
    arguments = {
        { name = "n", type = "integer", range = "[1, 10000]" },
        { name = "phi", type = "array" },
    },
}

-- --- options ------------------------------------------------------------------------------------

local function read_range(name, value)
    local fine, range = pcall(core.array, value)
    if not fine or #range.shape > 1 or #range ~= 2 or not (range[1] < range[2]) then
        doc.fail("%s must be a range {from, to} with from below to", name)
    end
    return { range[1], range[2] }
end

-- Ranges by number of the parameter, the others' start, and the starts along each range.
local function read_options(L, options)
    if type(options) ~= "table" then
        doc.fail("L:stationary takes a table of ranges: %s = {-1, 1}", L.components[1])
    end
    local ranges, rest, count = {}, {}, 0
    local numbers = {}
    for i, name in ipairs(L.components) do numbers[name] = i end
    for key, value in pairs(options) do
        if numbers[key] then
            ranges[numbers[key]], count = read_range(key, value), count + 1
        else
            rest[key] = value
        end
    end
    local settings = doc.options(record, rest)
    local phi
    if settings.phi ~= nil then
        phi = core.array(settings.phi)
        if #phi ~= L.size then doc.fail("phi needs %d numbers, not %d", L.size, #phi) end
    end
    for i, name in ipairs(L.components) do
        if not ranges[i] and not phi then
            doc.fail("%s has neither a range nor a start: give %s = {from, to}, or phi", name, name)
        end
    end
    if count == 0 then doc.fail("give at least one range: %s = {-1, 1}", L.components[1]) end
    local n = settings.n or math.max(2, math.floor(STARTS^(1/count) + 0.5))
    return ranges, phi, n, count
end

-- --- starts -------------------------------------------------------------------------------------

-- Up to 3 parameters: the middles of the cells of a grid. More: a sequence of points that fill the
-- box evenly (multiples of powers of the generalised golden ratio).
local function each_start(L, ranges, phi, n, count, visit)
    local axes = {}
    for i = 1, L.size do if ranges[i] then axes[#axes + 1] = i end end
    local total = count <= 3 and n^count or math.max(STARTS, n)
    local ratio = 2
    for _ = 1, 60 do ratio = (1 + ratio)^(1/(count + 1)) end
    for k = 0, total - 1 do
        local start = phi and phi:copy() or core.zeros(L.size)
        local left = k
        for a, i in ipairs(axes) do
            local part
            if count <= 3 then
                part, left = (left % n + 0.5)/n, left//n
            else
                part = (0.5 + (k + 1)*ratio^-a) % 1
            end
            start[i] = ranges[i][1] + part*(ranges[i][2] - ranges[i][1])
        end
        visit(start)
    end
end

-- --- Newton's method ----------------------------------------------------------------------------

local function norm(g) return g:norm() end

-- H⁻¹·g, or where H is singular the step of Levenberg and Marquardt.
local function newton_step(H, g)
    local fine, step = pcall(core.solve, H, g)
    if fine then return step end
    local squared = core.matmul(H, H)
    local damping = 1e-6*core.trace(squared) + 1e-300
    fine, step = pcall(core.solve, squared + damping*core.eye(#g), core.matmul(H, g))
    return fine and step or nil
end

-- The stationary point that Newton's method reaches from x, or nil; and whether it came there
-- slowly, step by step a fraction nearer, as it does where the Hessian is singular (q³ at 0).
local function search(L, x, reach)
    local g = L:gradient(x)
    local size, before, slow = norm(g), nil, false
    for _ = 1, ITERATIONS do
        if not (size < math.huge) then return nil end
        if size == 0 then return x end
        local step = newton_step(L:hessian(x), g)
        if not step then return nil end
        local length = norm(step)
        if not (length < math.huge) then return nil end
        slow = before ~= nil and length > 0.1*before
        if length <= 1e-13*(1 + norm(x)) then return x, slow end
        before = length
        local t, shortest = math.min(1, reach/length), 1e-6
        local moved, slope, new_size
        while true do
            moved = x - t*step
            slope = L:gradient(moved)
            new_size = norm(slope)
            if new_size <= (1 - 1e-4*t)*size then break end
            t = t/2
            -- At a root rounding keeps the gradient from falling further.
            if t < shortest then return length <= 1e-7*(1 + norm(x)) and x or nil, slow end
        end
        x, g, size = moved, slope, new_size
    end
    return nil
end

-- Zeros that rounding, or a slow approach, has left as 1e-63.
local function without_noise(L, x, slow)
    local clean, small = x:copy(), (slow and 1e-6 or 1e-13)*(1 + norm(x))
    for i = 1, #x do
        if math.abs(x[i]) < small then clean[i] = 0 end
    end
    return norm(L:gradient(clean)) <= norm(L:gradient(x)) + 1e-13 and clean or x
end

-- --- the list -----------------------------------------------------------------------------------

local meta = { __name = "stationary" }

local function inside(x, ranges)
    for i, range in pairs(ranges) do
        local slack = 1e-9*(range[2] - range[1])
        if x[i] < range[1] - slack or x[i] > range[2] + slack then return false end
    end
    return true
end

local function known(list, x, ranges)
    for _, point in ipairs(list) do
        local near = true
        for i = 1, #x do
            local scale = ranges[i] and ranges[i][2] - ranges[i][1] or 1 + math.abs(x[i])
            near = near and math.abs(point.phi[i] - x[i]) <= SAME*scale
        end
        if near then return true end
    end
    return false
end

local order = { minimum = 1, saddle = 2, maximum = 3, flat = 4 }

function stationary.stationary(L, options)
    local ranges, phi, n, count = read_options(L, options)
    local reach = 0
    for _, range in pairs(ranges) do reach = reach + (range[2] - range[1])^2 end
    reach = math.sqrt(reach)/4
    local list = setmetatable({}, meta)
    local starts = 0
    each_start(L, ranges, phi, n, count, function(start)
        starts = starts + 1
        if #list >= FOUND then return end
        local x, slow = search(L, start, reach)
        x = x and without_noise(L, x, slow)
        if not x or not inside(x, ranges) or known(list, x, ranges) then return end
        local eigenvalues = core.eigenvalues(L:hessian(x))
        local kind = slow and "flat" or taylor.kind(eigenvalues)
        list[#list + 1] = { phi = x, loss = L(x), kind = kind, eigenvalues = eigenvalues }
    end)
    table.sort(list, function(a, b)
        if order[a.kind] ~= order[b.kind] then return order[a.kind] < order[b.kind] end
        return a.loss < b.loss
    end)
    list.names, list.starts = L.components, starts
    return list
end

local ROWS, COLUMNS, FLAT_ROWS = 60, 4, 5

function meta:__tostring()
    if #self == 0 then
        return ("no stationary point found in these ranges from %d starts"):format(self.starts)
    end
    local rows = { { "kind", "loss" } }
    local shown = math.min(#self.names, COLUMNS)
    for i = 1, shown do rows[1][i + 2] = self.names[i] end
    rows[1][#rows[1] + 1] = #self.names > shown and "..." or nil
    rows[1][#rows[1] + 1] = "eigenvalues"
    local flat, hidden = 0, 0
    for _, point in ipairs(self) do
        if point.kind == "flat" then flat = flat + 1 end
        local row = { point.kind, show.short(point.loss) }
        for i = 1, shown do row[#row + 1] = show.short(point.phi[i]) end
        if #self.names > shown then row[#row + 1] = "..." end
        local values = {}
        for i = 1, math.min(#point.eigenvalues, COLUMNS) do
            values[i] = ("%.5g"):format(point.eigenvalues[i])
        end
        if #point.eigenvalues > COLUMNS then values[#values + 1] = "..." end
        row[#row + 1] = table.concat(values, "  ")
        if #rows > ROWS or flat > FLAT_ROWS then hidden = hidden + 1 else rows[#rows + 1] = row end
    end
    local widths = {}
    for _, row in ipairs(rows) do
        for i, text in ipairs(row) do widths[i] = math.max(widths[i] or 0, #text) end
    end
    local lines = {}
    for k, row in ipairs(rows) do
        local cells = { row[1] .. (" "):rep(widths[1] - #row[1]) }
        for i = 2, #row do cells[i] = (" "):rep(widths[i] - #row[i]) .. row[i] end
        lines[k] = table.concat(cells, "  ")
    end
    if hidden > 0 then
        lines[#lines + 1] = ("... and %d more%s"):format(hidden,
            flat > FLAT_ROWS and ": the flat ones may be a line of such places" or "")
    end
    return table.concat(lines, "\n")
end

return stationary
