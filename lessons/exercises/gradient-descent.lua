-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "gradient-descent", seed = 1,
title = "Gradient descent: a step, then many",
covers = { "P12", "C3" },
task = [[
step makes one update, φ ← φ − α·g, for a gradient g that it is given.

walk makes many. gradient is a function: gradient(phi) is the gradient at
phi. Return the list of all phi on the way: the start first, then one for
each update, so steps + 1 in all. Change nothing that you are given.
]],
starter = [[
function step(phi, g, alpha)
    local new_phi = {}
    for i = 1, #phi do
        new_phi[i] = phi[i]
    end
    return new_phi
end

function walk(gradient, phi, alpha, steps)
    local path = {}
    return path
end
]],
solution = [[
function step(phi, g, alpha)
    local new_phi = {}
    for i = 1, #phi do
        new_phi[i] = phi[i] - alpha*g[i]
    end
    return new_phi
end

function walk(gradient, phi, alpha, steps)
    local path = {phi}
    for t = 1, steps do
        phi = step(phi, gradient(phi), alpha)
        path[t + 1] = phi
    end
    return path
end
]],

updates { id = "step", title = "step: one update", points = 4, steps = 3,
fn = "step", optimizer = "gd", pure = true,
arguments = { "phi", "g", "alpha" }, returns = { "phi" },
given = function(r) return { alpha = r:num(0.02, 0.2) } end },

calls { id = "walk", title = "walk: many updates", points = 4, fn = "walk", pure = true,
returns = { "path" },
given = function(r)
    local n = r:int(1, 3)
    return r:bowl(n), r:vec(n), r:num(0.02, 0.15), r:int(2, 5)
end },

mistakes = {
    { id = "uphill", title = "step uphill", swap = { "phi[i] - alpha", "phi[i] + alpha" },
      say = "That goes uphill: the gradient points up, and the step is subtracted." },
    { id = "no-alpha", title = "α missing", swap = { "alpha*g[i]", "g[i]" },
      say = "The step lacks its factor α." },
    { id = "only-step", title = "only the step, not φ", swap = { "phi[i] - alpha", "-alpha" },
      say = "That is the step alone: it starts from phi[i]." },
    { id = "sign-only", title = "only the sign of the gradient",
      swap = { "alpha*g[i]", "alpha*(g[i] > 0 and 1 or g[i] < 0 and -1 or 0)" },
      say = "Only the sign of g counts there. The step is in proportion to g itself." },
    { id = "same-gradient", title = "gradient asked once only",
      swap = { "    for t = 1", "    local g = gradient(phi)\n    for t = 1",
               "step(phi, gradient(phi), alpha)", "step(phi, g, alpha)" },
      say = "The gradient is taken once, at the start. It is another one at every new phi." },
    { id = "no-start", title = "start not in the list",
      swap = { "path = {phi}", "path = {}", "path[t + 1]", "path[t]" },
      say = "The start is missing: the list begins with the phi that was given." },
    { id = "one-less", title = "one update too few",
      swap = { "t = 1, steps do", "t = 1, steps - 1 do" },
      say = "It makes one update too few: steps updates are steps + 1 points with the start." },
    { id = "one-more", title = "one update too many",
      swap = { "t = 1, steps do", "t = 1, steps + 1 do" },
      say = "It makes one update too many: steps updates are steps + 1 points with the start." },
},
hints = {
    "In step, each component goes its own way: new_phi[i] depends on phi[i] and g[i].",
    "new_phi[i] = phi[i] - alpha*g[i]",
    "In walk, begin with path = {phi}, then let a loop make phi = step(phi, gradient(phi), alpha).",
    "path[t + 1] = phi keeps the point after update t.",
},
after = [[
descend(L, optim.gd{alpha = 0.1}) does the same, and its trace is your path.
]] }
