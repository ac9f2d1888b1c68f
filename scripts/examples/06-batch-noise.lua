-- SPDX-License-Identifier: GPL-3.0-or-later
-- Shows what batches do: noise that falls with their size, and a floor that a schedule lowers.

local L = loss.mean_squares(model.line, data.line{n = 200, noise = 0.3, seed = 1})
local phi = {1.6, -0.5}

-- The gradient of a batch scatters about that of all examples by about 1/√size; by less once the
-- batch is a good part of all, as no example is drawn twice.
seed(2)
for _, size in ipairs{1, 4, 16, 64} do
    local squares = 0
    for _ = 1, 400 do
        local g = L:batch(random.permutation(200):slice(1, size)):gradient(phi)
        squares = squares + (g - L:gradient(phi)):norm()^2/400
    end
    print(("batches of %2d: the gradient is off by %.3f (√size times that: %.2f)"):format(size,
        squares^0.5, (size*squares)^0.5))
end

local best = L(L:solve())
local constant = descend(L, optim.gd{alpha = 0.1}, {start = phi, batch = 5, seed = 3}):epoch(20)
local falling = descend(L, optim.gd{alpha = schedule.inverse_time{alpha = 0.1, decay = 0.02}},
    {start = phi, batch = 5, seed = 3}):epoch(20)
print(("above the lowest loss: constant rate %.2e, falling rate %.2e"):format(
    constant.loss - best, falling.loss - best))
plot.loss{constant = constant, falling = falling, log = true}
