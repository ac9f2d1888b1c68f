-- SPDX-License-Identifier: GPL-3.0-or-later
-- Sweeps the learning rate, finds where it begins to diverge, and says why.

local L = loss.least_squares(model.line, data.line12)
local start = {1.6, -0.5}

local s = sweep{L, optim.gd, alpha = {0.0003, 0.001, 0.003, 0.01, 0.03, 0.039, 0.0405},
    start = start, steps = 100}
print(s)
print("best:", s.best.settings.alpha)

-- Theory: gradient descent on a quadratic converges below 2/λ, λ the largest eigenvalue of H.
local eigen = eigenvalues(L:hessian(start))
print("converges below 2/λ =", 2/eigen[#eigen])
why(s.runs[#s.runs])
