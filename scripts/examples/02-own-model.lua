-- SPDX-License-Identifier: GPL-3.0-or-later
-- Fits a model of one's own, a Lua function; its derivatives are found, not written.

-- An exponential that decays to a level, with known parameters 2, 0.7, 0.5 and a little noise.
seed(1)
local times = linspace(0, 6, 40)
local heights = 2*exp(-0.7*times) + 0.5 + 0.03*random.normal(0, 1, 40)
local d = data.new{x = times, y = heights, name = "decay"}

local decay = model(function(x, height, rate, level) return height*exp(-rate*x) + level end)
local L = loss.least_squares(decay, d)
print(L)
print(L:derivative())
print("worst error of the gradient against finite differences:", L:check{1, 1, 0})

local r = fit(L, optim.lbfgs(), {start = {height = 1, rate = 1, level = 0},
    bounds = {rate = {0, 10}}})
print(r)
plot.fit{r, residuals = true}
