-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The plane through the end of a run that holds most of its path: the two principal directions of
-- φ_t − φ_end.
--
-- (H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein: Visualizing the loss landscape of neural nets.
-- NeurIPS 2018, section 7.)

local core = require "descent.core"
local doc = require "descent.doc"

local plane = {}

local MOST_ROWS = 200 -- of each run
local ROUNDS = 60     -- of orthogonal iteration

-- The places of a run less the origin; of many some.
local function differences(run, origin, rows)
    local phi = run.trace.phi
    local count = phi.rows
    local step = math.max(1, count / MOST_ROWS)
    local at = 1
    while at <= count do
        rows[#rows + 1] = (phi:row(math.floor(at)) - origin):table()
        at = at + step
    end
end

local function unit(vector)
    local size = vector:norm()
    return size > 0 and vector / size or nil
end

-- A direction that is at right angles to u: the axis along which u goes least.
local function across(u)
    local least = 1
    for i = 2, #u do
        if math.abs(u[i]) < math.abs(u[least]) then least = i end
    end
    local axis = core.zeros(#u)
    axis[least] = 1
    return unit(axis - core.dot(axis, u) * u)
end

-- The two leading right singular vectors of the rows.
local function directions(matrix)
    local transposed = matrix:t()
    local function apply(vector) return core.matmul(transposed, core.matmul(matrix, vector)) end
    local u, v
    local longest = 0
    for i = 1, matrix.rows do
        local row = matrix:row(i)
        if row:norm() > longest then longest, u = row:norm(), row end
    end
    if not u then doc.fail("plot.surface: the run has not moved: there is no plane through it") end
    u = unit(u)
    for _ = 1, ROUNDS do u = unit(apply(u)) or u end
    for i = 1, matrix.rows do
        local row = matrix:row(i)
        local rest = row - core.dot(row, u) * u
        if rest:norm() > 1e-9 * longest and (not v or rest:norm() > v:norm()) then v = rest end
    end
    if not v then return u, across(u) end
    v = unit(v)
    for _ = 1, ROUNDS do
        local next_v = apply(v)
        v = unit(next_v - core.dot(next_v, u) * u) or v
    end
    return u, v
end

-- Signs as the path goes: it comes from the right and from above to the end.
local function turned(vector, row)
    return core.dot(vector, row) < 0 and -1 * vector or vector
end

-- {origin =, u =, v =, share = of the sum of squares that lies in the plane} of runs of one size.
function plane.of(runs)
    local origin, rows = runs[#runs].phi, {}
    for _, run in ipairs(runs) do differences(run, origin, rows) end
    local matrix = core.array(rows)
    local u, v = directions(matrix)
    u, v = turned(u, matrix:row(1)), turned(v, matrix:row(1))
    local inside, all = 0, 0
    for i = 1, matrix.rows do
        local row = matrix:row(i)
        inside = inside + core.dot(row, u) ^ 2 + core.dot(row, v) ^ 2
        all = all + core.dot(row, row)
    end
    return { origin = origin, u = u, v = v, share = all > 0 and math.min(1, inside / all) or 1 }
end

-- The coordinates of the places of a run in a plane: two lists.
function plane.path(found, run)
    local phi = run.trace.phi
    local xs, ys = {}, {}
    local moved_u = core.matmul(phi, found.u) - core.dot(found.origin, found.u)
    local moved_v = core.matmul(phi, found.v) - core.dot(found.origin, found.v)
    for i = 1, phi.rows do xs[i], ys[i] = moved_u[i], moved_v[i] end
    return xs, ys
end

return plane
