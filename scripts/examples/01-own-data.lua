-- SPDX-License-Identifier: GPL-3.0-or-later
-- Fits a linear model to a CSV file of one's own, and says how good it is on rows it has not seen.

local folder = arg[0]:match("^(.*)/[^/]*$") or "."

local houses = data.read(folder .. "/houses.csv", {x = {"size", "beds", "age"}, y = "price"})
print(houses)

-- Columns of so different sizes are brought to mean 0 and deviation 1, as the training rows say.
local train, test = houses:split(0.75, {seed = 1})
local scaled = train:standardize{y = false}

local L = loss.least_squares(model.linear(3), scaled)
local r = fit(L, optim.lbfgs(), {start = zeros(4)})
print(r)
print(("R² on the training rows %.3f, on the test rows %.3f"):format(r2(r, train), r2(r, test)))

-- The same by linear algebra, with standard errors.
local phi, details = L:solve()
print("closed form:    ", phi)
print("standard errors:", details.standard_errors)

-- A new house, in the units of the file: the run knows how its data were scaled.
print(("100 m², 4 beds, 20 years old: %.1f thousand"):format(r{100, 4, 20}))
