-- SPDX-License-Identifier: GPL-3.0-or-later
-- Writes an update rule of one's own in Lua, and sets it beside a built-in one.

-- Sign descent with momentum ("Lion", Chen et al. 2023): only the sign of the mean gradient counts.
local lion = optim{name = "lion", alpha = 0.02, beta = 0.9, gamma = 0.99, state = {"m"},
    update = function(phi, g, s, h)
        local direction = sign(h.beta*s.m + (1 - h.beta)*g)
        s.m = h.gamma*s.m + (1 - h.gamma)*g
        return phi - h.alpha*direction
    end}

local L = loss.least_squares(model.gabor, data.gabor30)
local start = {-1.5, 8.5}
local a = descend(L, lion, {start = start, batch = 6, seed = 1}):step(300)
local b = descend(L, optim.adam{alpha = 0.05}, {start = start, batch = 6, seed = 1}):step(300)
print(compare{a, b})
print("\nthe last update of the first run:")
explain(a)
