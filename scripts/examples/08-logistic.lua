-- SPDX-License-Identifier: GPL-3.0-or-later
-- Separates two classes by logistic regression, and draws the regions of its decisions.

-- Two clouds of points around (−1, 0) and (1, 1).
seed(3)
local x, y = zeros(60, 2), zeros(60)
for i = 1, 60 do
    y[i] = i > 30 and 1 or 0
    x[i][1] = random.normal(2*y[i] - 1, 0.8)
    x[i][2] = random.normal(y[i], 0.8)
end
local d = data.new{x = x, y = y, name = "clouds"}
local train, test = d:split(0.7, {seed = 1})

local L = loss.binary_cross_entropy(model.logistic(2), train) + 0.1*penalty.l2{except = {"phi0"}}
local r = fit(L, optim.newton{damping = "auto"}, {start = zeros(3)})
print(r)
print(("accuracy on the training data %.3f, on the test data %.3f"):format(
    accuracy(r, train), accuracy(r, test)))
print("confusion on the test data (rows: true class):")
print(confusion(r, test))
plot.regions{r, train}
