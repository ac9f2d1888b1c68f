-- SPDX-License-Identifier: GPL-3.0-or-later
-- Lets several optimizers race on one loss from one start, and draws where each of them went.

local L = loss(function(phi0, phi1) return (1 - phi0)^2 + 100*(phi1 - phi0^2)^2 end) -- Rosenbrock

local c = race{L,
    optim.gd{alpha = 0.001},
    optim.momentum{alpha = 0.002, form = "sum"},
    optim.adam{alpha = 0.05},
    optim.lbfgs(),
    start = {-1.2, 1}, steps = 500}
print(c)
plot.surface{L, c.runs[1], c.runs[2], c.runs[3], c.runs[4], phi0 = {-1.6, 1.4},
    phi1 = {-0.5, 1.8}, log = true}
