-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "nesterov", seed = 1,
title = "Nesterov's momentum: look ahead first",
covers = { "P12", "E2", "X11" },
task = [[
Write one update of Nesterov's momentum, as the lectures print it:

    g = ∂L/∂φ at the point φ − α·m     (the whole of the last step ahead)
    m ← β·m + (1 − β)·g
    φ ← φ − α·m

gradient is a function: gradient(p) is the gradient at the point p, a list.
Return the new phi and the new m; leave those you were given as they are.
]],
starter = [[
function step(phi, m, gradient, alpha, beta)
    local new_phi, new_m = {}, {}
    local g = gradient(phi)
    for i = 1, #phi do
        new_m[i] = m[i]
        new_phi[i] = phi[i]
    end
    return new_phi, new_m
end
]],
solution = [[
function step(phi, m, gradient, alpha, beta)
    local ahead = {}
    for i = 1, #phi do
        ahead[i] = phi[i] - alpha*m[i]
    end
    local g = gradient(ahead)
    local new_phi, new_m = {}, {}
    for i = 1, #phi do
        new_m[i] = beta*m[i] + (1 - beta)*g[i]
        new_phi[i] = phi[i] - alpha*new_m[i]
    end
    return new_phi, new_m
end
]],

updates { id = "first", title = "from m = 0, where nothing lies ahead", points = 2, steps = 1,
fn = "step", optimizer = "nesterov", pure = true,
arguments = { "phi", "m", "gradient", "alpha", "beta" }, returns = { "phi", "m" },
given = function(r) return { alpha = r:num(0.05, 0.2), beta = r:num(0.2, 0.9) } end },

updates { id = "later", title = "the updates after it", points = 6, steps = 5,
fn = "step", optimizer = "nesterov", pure = true,
arguments = { "phi", "m", "gradient", "alpha", "beta" }, returns = { "phi", "m" },
given = function(r) return { alpha = r:num(0.05, 0.2), beta = r:num(0.2, 0.9) } end },

mistakes = {
    { id = "at-phi", title = "gradient at φ: plain momentum",
      swap = { "gradient(ahead)", "gradient(phi)" },
      say = "The gradient is taken at phi itself: that is plain momentum. Ask for it at φ − α·m." },
    { id = "decayed", title = "look-ahead with β", credit = 0.5,
      swap = { "phi[i] - alpha*m[i]", "phi[i] - alpha*beta*m[i]" },
      say = "You look ahead by α·β·m. That form exists (lookahead = \"decayed\"), but here the \z
             whole last step is asked for: φ − α·m." },
    { id = "behind", title = "look-ahead with the wrong sign",
      swap = { "phi[i] - alpha*m[i]", "phi[i] + alpha*m[i]" },
      say = "You look behind: phi + α·m is where it would come from. The step ahead is −α·m." },
    { id = "no-alpha-ahead", title = "look-ahead without α",
      swap = { "phi[i] - alpha*m[i]", "phi[i] - m[i]" },
      say = "The look-ahead lacks its α: the last step is α·m." },
    { id = "from-ahead", title = "step from the point ahead",
      swap = { "phi[i] - alpha*new_m", "ahead[i] - alpha*new_m" },
      say = "The step starts from the point ahead. Only the gradient is taken there; \z
             phi itself moves from where it is." },
    { id = "no-weight", title = "weight 1 − β missing", swap = { "(1 - beta)*g[i]", "g[i]" },
      say = "m is too large: the new gradient has the weight 1 − β." },
    { id = "swapped", title = "weights exchanged",
      swap = { "beta*m[i] + (1 - beta)*g[i]", "(1 - beta)*m[i] + beta*g[i]" },
      say = "The two weights are exchanged: β belongs to the old m." },
    { id = "uphill", title = "step uphill",
      swap = { "phi[i] - alpha*new_m", "phi[i] + alpha*new_m" },
      say = "That goes uphill: the step is subtracted." },
},
hints = {
    "Three things in order: the point ahead, the gradient there, then the update of momentum.",
    "The point ahead needs a loop of its own: every component of it is asked for at once.",
    "ahead[i] = phi[i] - alpha*m[i], and after the loop g = gradient(ahead)",
    "new_m[i] = beta*m[i] + (1 - beta)*g[i], new_phi[i] = phi[i] - alpha*new_m[i]",
},
after = [[
Looking ahead tells in time that the ground rises again. Some print it with
α·β·m: the step that the momentum alone would really make.
]] }
