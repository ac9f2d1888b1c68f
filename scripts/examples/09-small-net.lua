-- SPDX-License-Identifier: GPL-3.0-or-later
-- Trains a small neural network on a sine, and watches data that it does not see.

seed(5)
local x = linspace(-3, 3, 60)
local d = data.new{x = x, y = sin(1.5*x) + 0.1*random.normal(0, 1, 60), name = "sine"}
local train, test = d:split(0.7, {seed = 2})

local net = model.mlp{1, 16, 1, activation = "tanh"}
local L = loss.mean_squares(net, train)
local r = fit(L, optim.adam{alpha = 0.02}, {start = net:init{seed = 1}, batch = 14, seed = 1,
    epochs = 1000, validation = test})
print(r)
print(("training loss %.4f, validation loss %.4f"):format(r.loss, r.validation))
plot.validation{r, log = true}
plot.fit{r}
