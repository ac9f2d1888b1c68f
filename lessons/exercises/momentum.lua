-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "momentum", seed = 1,
title = "Momentum: one update",
covers = { "P12", "E1" },
task = [[
Write one update of momentum:

    m ← β·m + (1 − β)·g
    φ ← φ − α·m

phi, m and g (the gradient) have the same length. Return the new phi and the
new m, and leave those you were given as they are.
]],
starter = [[
function step(phi, m, g, alpha, beta)
    local new_phi, new_m = {}, {}
    for i = 1, #phi do
        new_m[i] = m[i]
        new_phi[i] = phi[i]
    end
    return new_phi, new_m
end
]],
solution = [[
function step(phi, m, g, alpha, beta)
    local new_phi, new_m = {}, {}
    for i = 1, #phi do
        new_m[i] = beta*m[i] + (1 - beta)*g[i]
        new_phi[i] = phi[i] - alpha*new_m[i]
    end
    return new_phi, new_m
end
]],

updates { id = "first", title = "from m = 0", points = 2, steps = 1,
fn = "step", optimizer = "momentum", pure = true,
arguments = { "phi", "m", "g", "alpha", "beta" }, returns = { "phi", "m" },
given = function(r) return { alpha = r:num(0.02, 0.2), beta = r:num(0.1, 0.9) } end },

updates { id = "later", title = "the updates after it", points = 6, steps = 5,
fn = "step", optimizer = "momentum", pure = true,
arguments = { "phi", "m", "g", "alpha", "beta" }, returns = { "phi", "m" },
given = function(r) return { alpha = r:num(0.02, 0.2), beta = r:num(0.1, 0.9) } end },

mistakes = {
    { id = "no-weight", title = "weight 1 − β missing", swap = { "(1 - beta)*g[i]", "g[i]" },
      say = "m is too large: the new gradient has the weight 1 − β." },
    { id = "swapped", title = "weights exchanged",
      swap = { "beta*m[i] + (1 - beta)*g[i]", "(1 - beta)*m[i] + beta*g[i]" },
      say = "The two weights are exchanged: β belongs to the old m." },
    { id = "forgets", title = "old m left out",
      swap = { "beta*m[i] + (1 - beta)*g[i]", "(1 - beta)*g[i]" },
      say = "The old m is forgotten: β·m comes to (1 − β)·g." },
    { id = "no-beta", title = "old m without β", swap = { "beta*m[i]", "m[i]" },
      say = "The old m is kept whole: β says how much of it stays." },
    { id = "old-m", title = "step along the old m", swap = { "alpha*new_m[i]", "alpha*m[i]" },
      say = "phi moved along the old m. First make the new m, then step along that." },
    { id = "plain", title = "step along the gradient", swap = { "alpha*new_m[i]", "alpha*g[i]" },
      say = "phi moved along the gradient: m is computed and not used." },
    { id = "uphill", title = "step uphill", swap = { "phi[i] - alpha", "phi[i] + alpha" },
      say = "That goes uphill: the step is subtracted." },
    { id = "no-alpha", title = "α missing in the step", swap = { "alpha*new_m[i]", "new_m[i]" },
      say = "The step lacks its factor α." },
    { id = "alpha-in-m", title = "α inside m as well",
      swap = { "(1 - beta)*g[i]", "(1 - beta)*alpha*g[i]" },
      say = "α stands in m already: m averages the gradients themselves, α comes in the step." },
},
hints = {
    "Two lines in the loop: first the new m, then the new phi, which uses it.",
    "m is an average: the weights of the old m and of the new gradient add up to 1.",
    "new_m[i] = beta*m[i] + (1 - beta)*g[i]",
    "new_phi[i] = phi[i] - alpha*new_m[i]",
},
after = [[
Written out, m holds all earlier gradients, with the weights (1 − β)·βⁱ.
With β = 0 it is plain descent.
]] }
