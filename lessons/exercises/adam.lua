-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "adam", seed = 1,
title = "Adam: one update",
covers = { "P12", "F4", "F5", "X1", "X2", "X4" },
task = [[
Write one update of Adam. t is the number of the update: 1 for the first.

    m ← β·m + (1 − β)·g
    v ← γ·v + (1 − γ)·g²
    m̃ = m/(1 − βᵗ)
    ṽ = v/(1 − γᵗ)
    φ ← φ − α·m̃/(√ṽ + ε)

Return the new phi, m and v; leave those you were given as they are. You may
return m̃ and ṽ behind them: then a difference in one of them is named.
]],
starter = [[
function step(phi, m, v, g, t, alpha, beta, gamma, epsilon)
    local new_phi, new_m, new_v = {}, {}, {}
    for i = 1, #phi do
        new_m[i] = m[i]
        new_v[i] = v[i]
        new_phi[i] = phi[i]
    end
    return new_phi, new_m, new_v
end
]],
solution = [[
function step(phi, m, v, g, t, alpha, beta, gamma, epsilon)
    local new_phi, new_m, new_v = {}, {}, {}
    local m_corrected, v_corrected = {}, {}
    for i = 1, #phi do
        new_m[i] = beta*m[i] + (1 - beta)*g[i]
        new_v[i] = gamma*v[i] + (1 - gamma)*g[i]^2
        m_corrected[i] = new_m[i]/(1 - beta^t)
        v_corrected[i] = new_v[i]/(1 - gamma^t)
        new_phi[i] = phi[i] - alpha*m_corrected[i]/(v_corrected[i]^0.5 + epsilon)
    end
    return new_phi, new_m, new_v, m_corrected, v_corrected
end
]],

updates { id = "first", title = "the first update", points = 2, steps = 1,
fn = "step", optimizer = "adam", pure = true,
arguments = { "phi", "m", "v", "g", "t", "alpha", "beta", "gamma", "epsilon" },
returns = { "phi", "m", "v", "m_corrected", "v_corrected" }, optional = 2,
given = function(r)
    return { alpha = r:num(0.02, 0.2), beta = r:num(0.2, 0.9), gamma = r:num(0.91, 0.99),
             epsilon = 1e-12 }
end },

updates { id = "later", title = "the updates after it", points = 6, steps = 6,
fn = "step", optimizer = "adam", pure = true,
arguments = { "phi", "m", "v", "g", "t", "alpha", "beta", "gamma", "epsilon" },
returns = { "phi", "m", "v", "m_corrected", "v_corrected" }, optional = 2,
given = function(r)
    return { alpha = r:num(0.02, 0.2), beta = r:num(0.2, 0.9), gamma = r:num(0.91, 0.99),
             epsilon = 1e-12 }
end },

updates { id = "epsilon", title = "with an ε that counts", points = 2, steps = 3,
fn = "step", optimizer = "adam", pure = true,
arguments = { "phi", "m", "v", "g", "t", "alpha", "beta", "gamma", "epsilon" },
returns = { "phi", "m", "v", "m_corrected", "v_corrected" }, optional = 2,
given = function(r)
    return { alpha = r:num(0.02, 0.2), beta = r:num(0.2, 0.9), gamma = r:num(0.91, 0.99),
             epsilon = r:num(0.1, 1) }
end },

mistakes = {
    { id = "neither", title = "no correction at all",
      swap = { "new_m[i]/(1 - beta^t)", "new_m[i]", "new_v[i]/(1 - gamma^t)", "new_v[i]" },
      say = "m and v are not corrected. Both begin at 0 and are too small at first: divide \z
             them by 1 − βᵗ and 1 − γᵗ." },
    { id = "m-uncorrected", title = "m not corrected",
      swap = { "new_m[i]/(1 - beta^t)", "new_m[i]" },
      say = "v is corrected, m is not: divide it by 1 − βᵗ. The first step is too short." },
    { id = "v-uncorrected", title = "v not corrected",
      swap = { "new_v[i]/(1 - gamma^t)", "new_v[i]" },
      say = "m is corrected, v is not: divide it by 1 − γᵗ. The first steps are far too long." },
    { id = "no-exponent", title = "corrections without the exponent t",
      swap = { "beta^t", "beta", "gamma^t", "gamma" },
      say = "The corrections lack the exponent t: 1 − βᵗ goes to 1, 1 − β does not. At t = 1 \z
             the two are the same, so the first update does not show it." },
    { id = "no-exponent-m", title = "correction of m without the exponent t",
      swap = { "beta^t", "beta" },
      say = "The correction of m lacks its exponent: 1 − βᵗ." },
    { id = "no-exponent-v", title = "correction of v without the exponent t",
      swap = { "gamma^t", "gamma" },
      say = "The correction of v lacks its exponent: 1 − γᵗ." },
    { id = "t-late", title = "exponent t + 1", swap = { "beta^t", "beta^(t + 1)",
      "gamma^t", "gamma^(t + 1)" },
      say = "The exponent is one too large: t is 1 already in the first update." },
    { id = "t-early", title = "exponent t − 1", swap = { "beta^t", "beta^(t - 1)",
      "gamma^t", "gamma^(t - 1)" },
      say = "The exponent is one too small: in the first update 1 − β⁰ = 0, and 0/0 is no number. \z
             t is 1 there already." },
    { id = "extra-g", title = "step times g",
      swap = { "alpha*m_corrected[i]/", "alpha*g[i]*m_corrected[i]/" },
      say = "The step is multiplied by g once more. m̃ holds the gradient already, and where g \z
             has changed its sign that goes uphill." },
    { id = "gradient-step", title = "g in place of m̃ in the step",
      swap = { "alpha*m_corrected[i]/", "alpha*g[i]/" },
      say = "The step goes along g. It goes along the corrected average m̃." },
    { id = "no-root", title = "root missing", swap = { "v_corrected[i]^0.5", "v_corrected[i]" },
      say = "The root is missing: ṽ is a mean of squares, √ṽ is the size of a gradient." },
    { id = "epsilon-inside", title = "ε under the root", credit = 0.5,
      swap = { "v_corrected[i]^0.5 + epsilon", "(v_corrected[i] + epsilon)^0.5" },
      say = "ε stands under the root. That form exists (epsilon_inside = true), but here it is \z
             added to the root: √ṽ + ε." },
    { id = "epsilon-outside", title = "ε beside the quotient",
      swap = { "alpha*m_corrected[i]/(v_corrected[i]^0.5 + epsilon)",
               "alpha*(m_corrected[i]/v_corrected[i]^0.5 + epsilon)" },
      say = "ε is added to the quotient and pushes phi itself. It belongs to the denominator." },
    { id = "epsilon-lost", title = "brackets missing round √ṽ + ε",
      swap = { "/(v_corrected[i]^0.5 + epsilon)", "/v_corrected[i]^0.5 + epsilon" },
      say = "Without brackets, ε is added to phi. Write /(... + epsilon)." },
    { id = "no-epsilon", title = "ε missing",
      swap = { "(v_corrected[i]^0.5 + epsilon)", "v_corrected[i]^0.5" },
      say = "ε is missing in the denominator." },
    { id = "epsilon-early", title = "ε added before the correction", credit = 0.5,
      swap = { "(v_corrected[i]^0.5 + epsilon)",
               "((new_v[i]^0.5 + epsilon)/(1 - gamma^t)^0.5)" },
      say = "ε is added before the correction, as some libraries do: at first it then acts \z
             much more strongly. Here it is added to √ṽ." },
    { id = "v-not-squared", title = "g not squared in v", swap = { "g[i]^2", "g[i]" },
      say = "v averages g, not g²." },
    { id = "v-of-m", title = "v made of m",
      swap = { "(1 - gamma)*g[i]^2", "(1 - gamma)*new_m[i]^2" },
      say = "v averages the squares of m. It averages the squares of the gradients." },
    { id = "m-no-weight", title = "weight 1 − β missing", swap = { "(1 - beta)*g[i]", "g[i]" },
      say = "m is too large: the new gradient has the weight 1 − β." },
    { id = "v-no-weight", title = "weight 1 − γ missing", swap = { "(1 - gamma)*g[i]^2", "g[i]^2" },
      say = "v is too large: the new square has the weight 1 − γ." },
    { id = "beta-for-v", title = "β in place of γ", swap = { "gamma*v[i] + (1 - gamma)",
      "beta*v[i] + (1 - beta)" },
      say = "v decays with β. It has a decay of its own, γ." },
    { id = "kept-corrected", title = "m̃ and ṽ kept as m and v",
      swap = { "return new_phi, new_m, new_v,", "return new_phi, m_corrected, v_corrected," },
      say = "You give back m̃ and ṽ as m and v. The corrected values serve this step only; \z
             m and v themselves go on." },
    { id = "uphill", title = "step uphill", swap = { "phi[i] - alpha", "phi[i] + alpha" },
      say = "That goes uphill: the step is subtracted." },
    { id = "no-alpha", title = "α missing", swap = { "alpha*m_corrected", "m_corrected" },
      say = "The step lacks its factor α." },
},
hints = {
    "Five lines in the loop, in the order of the formulas; each uses the ones before it.",
    "m̃ and ṽ are used for this step only. What is given back as m and v is not corrected.",
    "new_m[i]/(1 - beta^t): the exponent makes the correction fade as t grows.",
    "new_phi[i] = phi[i] - alpha*m_corrected/(sqrt(v_corrected) + epsilon)",
},
after = [[
A final loss would not have shown a missing correction: some wrong Adams end
lower than the right one. The terms show it at the second update.
]] }
