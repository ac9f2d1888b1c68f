-- SPDX-License-Identifier: GPL-3.0-or-later
-- Chooses the degree of a polynomial by cross validation.

local d = data.polynomial{n = 24, coefficients = {1, -2, 0, 3}, noise = 0.25, from = -1, to = 1,
    seed = 4}
local degrees, training, validation = {}, {}, {}
for degree = 1, 9 do
    local v = cross_validate{model = model.polynomial(degree), data = d, k = 6, seed = 1}
    degrees[degree], validation[degree] = degree, v.mean
    local L = loss.mean_squares(model.polynomial(degree), d)
    training[degree] = L(L:solve())
    print(("degree %d: training %.4f, validation %.4f"):format(degree, training[degree], v.mean))
end
local best = 1
for degree = 2, 9 do if validation[degree] < validation[best] then best = degree end end
print("lowest validation loss: degree", best)
plot.lines{x = degrees, y = {training, validation}, labels = {"training", "validation"},
    log = "y", points = true, x_label = "degree", y_label = "mean squares"}
