-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "normalized", seed = 1,
title = "Normalized gradients: only the sign is left",
covers = { "P12", "F2", "X4" },
task = [[
Divide every component of the gradient by its own size:

    v = g²
    φ ← φ − α·g/(√v + ε)

Return the new phi. ε keeps the division from 0/0 where a component of g
is 0.
]],
starter = [[
function step(phi, g, alpha, epsilon)
    local new_phi = {}
    for i = 1, #phi do
        new_phi[i] = phi[i]
    end
    return new_phi
end
]],
solution = [[
function step(phi, g, alpha, epsilon)
    local new_phi = {}
    for i = 1, #phi do
        local v = g[i]^2
        new_phi[i] = phi[i] - alpha*g[i]/(v^0.5 + epsilon)
    end
    return new_phi
end
]],

updates { id = "updates", title = "updates with a small ε", points = 4, steps = 4,
fn = "step", optimizer = "normalized", pure = true,
arguments = { "phi", "g", "alpha", "epsilon" }, returns = { "phi" },
given = function(r) return { alpha = r:num(0.02, 0.2), epsilon = 1e-12 } end },

calls { id = "epsilon", title = "where ε counts", points = 4, fn = "step", pure = true,
returns = { "phi" },
given = function(r)
    local n = r:int(1, 3)
    local g = r:vec(n)
    g[r:int(1, n)] = 0
    return r:vec(n), g, r:num(0.1, 1), r:num(0.1, 1)
end },

mistakes = {
    { id = "uphill", title = "step uphill", swap = { "phi[i] - alpha", "phi[i] + alpha" },
      say = "That goes uphill: the step is subtracted." },
    { id = "no-root", title = "root missing", swap = { "v^0.5", "v" },
      say = "The root is missing: g/g² grows without bound where g is small. √v is the size \z
             of g." },
    { id = "plain", title = "not divided at all", swap = { "/(v^0.5 + epsilon)", "" },
      say = "The gradient is not divided: that is plain descent." },
    { id = "no-epsilon", title = "ε missing", swap = { "(v^0.5 + epsilon)", "v^0.5" },
      say = "ε is missing: where a component of g is 0, the step is 0/0." },
    { id = "epsilon-outside", title = "ε beside the quotient",
      swap = { "g[i]/(v^0.5 + epsilon)", "(g[i]/v^0.5 + epsilon)" },
      say = "ε is added to the quotient and pushes phi itself. It belongs to the denominator." },
    { id = "epsilon-inside", title = "ε under the root", credit = 0.5,
      swap = { "v^0.5 + epsilon", "(v + epsilon)^0.5" },
      say = "ε stands under the root. That exists too, but here it is added to the root: √v + ε." },
    { id = "epsilon-lost", title = "brackets missing round √v + ε",
      swap = { "alpha*g[i]/(v^0.5 + epsilon)", "alpha*g[i]/v^0.5 + epsilon" },
      say = "Without brackets, ε is added to phi. Write /(... + epsilon)." },
    { id = "whole-norm", title = "divided by the length of the whole gradient",
      swap = { "local v = g[i]^2", "local v = 0\n        for k = 1, #g do v = v + g[k]^2 end" },
      say = "You divide by the length of the whole gradient. Here each component is divided by \z
             its own size, so that only its sign is left." },
    { id = "no-alpha", title = "α missing", swap = { "alpha*g[i]", "g[i]" },
      say = "The step lacks its factor α." },
},
hints = {
    "√(g²) is the absolute value of g: what is left of g/√(g²) is its sign.",
    "Each component has its own v, v = g[i]^2.",
    "new_phi[i] = phi[i] - alpha*g[i]/(sqrt(v) + epsilon)",
},
after = [[
For g = (3, −2, 5) the step is −α(1, −1, 1): every parameter moves by α,
however steep it is, and so it ends bouncing to and fro.
]] }
