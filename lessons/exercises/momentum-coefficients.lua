-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "momentum-coefficients", seed = 1,
title = "What momentum remembers: the weights of all gradients",
covers = { "P10", "E1", "X14" },
task = [[
m ← β·m + (1 − β)·g, written out over t updates, is a sum over all gradients
so far and the m of the beginning:

    m_t = w₁·g_t + w₂·g_{t−1} + ... + w_t·g₁ + w₀·m₀

weights(beta, t) returns the list {w₁, ..., w_t}, the newest gradient first.
start_weight(beta, t) returns w₀.
total(beta, t) returns the sum w₁ + ... + w_t, without a loop if you can.
]],
starter = [[
function weights(beta, t)
    local list = {}
    for i = 1, t do
        list[i] = 0
    end
    return list
end

function start_weight(beta, t)
    return 0
end

function total(beta, t)
    return 0
end
]],
solution = [[
function weights(beta, t)
    local list = {}
    for i = 1, t do
        list[i] = (1 - beta)*beta^(i - 1)
    end
    return list
end

function start_weight(beta, t)
    return beta^t
end

function total(beta, t)
    return 1 - beta^t
end
]],
calls { id = "weights", title = "weights", points = 3, fn = "weights", returns = { "weights" },
given = function(r) return r:num(0.1, 0.9), r:int(1, 6) end },
calls { id = "start", title = "start_weight", points = 1, fn = "start_weight", returns = { "w₀" },
given = function(r) return r:num(0.1, 0.9), r:int(1, 6) end },
calls { id = "total", title = "total", points = 2, fn = "total", returns = { "the sum" },
given = function(r) return r:num(0.1, 0.9), r:int(1, 6) end },

mistakes = {
    { id = "no-weight", title = "1 − β missing",
      swap = { "(1 - beta)*beta^(i - 1)", "beta^(i - 1)" },
      say = "The factor 1 − β is missing: the newest gradient has the weight 1 − β, not 1." },
    { id = "late", title = "exponents one too large", swap = { "beta^(i - 1)", "beta^i" },
      say = "The exponents are one too large: the newest gradient, number 1, has been \z
             multiplied by β no time yet." },
    { id = "oldest-first", title = "oldest first", swap = { "beta^(i - 1)", "beta^(t - i)" },
      say = "The order is turned round: the newest gradient comes first." },
    { id = "two-only", title = "only this and the previous gradient",
      swap = { "list[i] = (1 - beta)*beta^(i - 1)",
               "list[i] = i == 1 and 1 - beta or i == 2 and beta or 0" },
      say = "That has this and the previous gradient only. The old m holds all earlier ones: each \z
             keeps a weight, β times smaller with every update." },
    { id = "swapped", title = "β and 1 − β exchanged",
      swap = { "(1 - beta)*beta^(i - 1)", "beta*(1 - beta)^(i - 1)" },
      say = "β and 1 − β are exchanged." },
    { id = "equal", title = "all weights equal", swap = { "(1 - beta)*beta^(i - 1)", "1/t" },
      say = "The plain mean gives all the same weight. Here the older ones count less and less." },
    { id = "start-one-less", title = "exponent t − 1 for m₀", swap = { "return beta^t\n",
      "return beta^(t - 1)\n" },
      say = "m₀ is multiplied by β in each of the t updates: βᵗ." },
    { id = "start-weighted", title = "1 − β at m₀", swap = { "return beta^t\n",
      "return (1 - beta)*beta^t\n" },
      say = "m₀ gets no factor 1 − β: it is the old m, multiplied by β each time." },
    { id = "total-one", title = "sum taken as 1", swap = { "1 - beta^t", "1" },
      say = "The sum comes to 1 only for t without end: the rest, βᵗ, is with m₀." },
    { id = "total-beta", title = "βᵗ in place of 1 − βᵗ", swap = { "1 - beta^t", "beta^t" },
      say = "βᵗ is what is left at m₀; the gradients have the rest, 1 − βᵗ." },
},
hints = {
    "Write out m for t = 1, 2, 3, with β and 1 − β left as they are.",
    "m₂ = (1 − β)·g₂ + β·(1 − β)·g₁ + β²·m₀.",
    "w_i = (1 − β)·β^(i − 1); m₀ has βᵗ.",
    "All weights together with that of m₀ are 1.",
},
after = [[
At β = 0.6 the weights are 0.4, 0.24, 0.144, ...; plot.weights draws them.
]] }
