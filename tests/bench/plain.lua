-- SPDX-License-Identifier: GPL-3.0-or-later
-- A peer (peer.h) in plain Lua, for lua5.4 and LuaJIT: what a careful student writes by hand.

local sin, cos, exp, sqrt = math.sin, math.cos, math.exp, math.sqrt
local cases = {}

local gabor_x, gabor_y, line_x, line_y = {}, {}, {}, {}
for i = 0, 29 do
    local x = -15 + 30*i/29
    local u = 0.5 + 0.06*16*x
    gabor_x[i + 1], gabor_y[i + 1] = x, sin(u)*exp(-u*u/32) + 0.1*sin(37*i)
end
for i = 0, 11 do
    local x = 2*i/11
    line_x[i + 1], line_y[i + 1] = x, 0.6 + 0.7*x + 0.1*sin(37*i)
end

local function gabor(phi0, phi1)
    local g0, g1 = 0, 0
    for i = 1, 30 do
        local x = gabor_x[i]
        local u = phi0 + 0.06*phi1*x
        local s, c, e = sin(u), cos(u), exp(-u*u/32)
        local slope = 2*(s*e - gabor_y[i])*e*(c - s*u/16)
        g0, g1 = g0 + slope, g1 + 0.06*slope*x
    end
    return g0, g1
end

local function line(phi0, phi1)
    local g0, g1 = 0, 0
    for i = 1, 12 do
        local x = line_x[i]
        local residual = 2*(phi0 + phi1*x - line_y[i])
        g0, g1 = g0 + residual, g1 + residual*x
    end
    return g0, g1
end

local function updates(name, gradient)
    local function gd(count)
        local phi0, phi1 = 1, 10
        for _ = 1, count do
            local g0, g1 = gradient(phi0, phi1)
            phi0, phi1 = phi0 - 0.001*g0, phi1 - 0.001*g1
        end
        return {phi0, phi1}
    end
    local function adam(count)
        local phi0, phi1, m0, m1, v0, v1 = 1, 10, 0, 0, 0, 0
        for t = 1, count do
            local g0, g1 = gradient(phi0, phi1)
            m0, m1 = 0.9*m0 + (1 - 0.9)*g0, 0.9*m1 + (1 - 0.9)*g1
            v0, v1 = 0.999*v0 + (1 - 0.999)*g0*g0, 0.999*v1 + (1 - 0.999)*g1*g1
            local b, c = 1 - 0.9^t, 1 - 0.999^t
            phi0 = phi0 - 0.01*(m0/b)/(sqrt(v0/c) + 1e-8)
            phi1 = phi1 - 0.01*(m1/b)/(sqrt(v1/c) + 1e-8)
        end
        return {phi0, phi1}
    end
    cases[name .. "_gd"] = {run = gd, value = function() return gd(1000) end}
    cases[name .. "_adam"] = {run = adam, value = function() return adam(1000) end}
end
updates("gabor", gabor)
updates("linear", line)

-- Batches of 5 from a fresh permutation each epoch. math.random is not NumPy's generator, so there
-- is nothing to compare.
local order = {}
for i = 1, 30 do order[i] = i end
cases.gabor_sgd = {
    run = function(count)
        local phi0, phi1, at = 1, 10, 30
        for _ = 1, count do
            if at == 30 then
                for i = 30, 2, -1 do
                    local j = math.random(i)
                    order[i], order[j] = order[j], order[i]
                end
                at = 0
            end
            local g0, g1 = 0, 0
            for k = at + 1, at + 5 do
                local x = gabor_x[order[k]]
                local u = phi0 + 0.06*phi1*x
                local s, c, e = sin(u), cos(u), exp(-u*u/32)
                local slope = 2*(s*e - gabor_y[order[k]])*e*(c - s*u/16)
                g0, g1 = g0 + slope, g1 + 0.06*slope*x
            end
            at = at + 5
            phi0, phi1 = phi0 - 0.001*g0, phi1 - 0.001*g1
        end
    end,
    value = function() return {} end,
}

local function surface()
    local rows = {}
    for i = 1, 200 do
        local row, phi0 = {}, -10 + 20*(i - 1)/199
        for j = 1, 200 do
            local phi1, total = 20*(j - 1)/199, 0
            for k = 1, 30 do
                local u = phi0 + 0.06*phi1*gabor_x[k]
                local residual = sin(u)*exp(-u*u/32) - gabor_y[k]
                total = total + residual*residual
            end
            row[j] = total
        end
        rows[i] = row
    end
    return rows
end
cases.surface = {
    run = function(count) for _ = 1, count do surface() end end,
    value = function()
        local s = surface()
        return {s[1][1], s[58][34], s[200][200]}
    end,
}

for request in io.lines() do
    local verb, name, count = request:match("^(%S+) (%S+) ?(%d*)$")
    local case = cases[name]
    if not case then
        print("missing not among its cases")
    elseif verb == "run" then
        case.run(tonumber(count))
        print("ok")
    else
        local words = {"ok"}
        for i, value in ipairs(case.value()) do words[i + 1] = ("%.17g"):format(value) end
        print(table.concat(words, " "))
    end
    io.stdout:flush()
end
