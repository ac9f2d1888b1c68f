-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "logistic", seed = 1,
title = "Logistic regression: loss, gradient, Hessian",
covers = { "P4", "H5" },
task = [[
The probability of class 1 is s = 1/(1 + exp(−u)) with u = φ₀ + φ₁·x; y is 0
or 1. The loss is the binary cross-entropy, a sum:

    L = Σ −yᵢ·log sᵢ − (1 − yᵢ)·log(1 − sᵢ)

Write the loss, its gradient (two numbers) and its Hessian (2 × 2). In Lua,
phi[1] is φ₀ and phi[2] is φ₁.

The last check is far out, where |u| is near 1000 and s is 0 or 1 in
doubles: there log(1 + exp(u)) must be written in another way.
]],
starter = [[
function logistic_loss(phi, x, y)
    return 0
end

function logistic_gradient(phi, x, y)
    return {0, 0}
end

function logistic_hessian(phi, x)
    return {{0, 0}, {0, 0}}
end
]],
solution = [[
function logistic_loss(phi, x, y)
    local sum = 0
    for i = 1, #x do
        local u = phi[1] + phi[2]*x[i]
        local log_1_exp = math.max(0, u) + log(1 + exp(-abs(u)))
        sum = sum + log_1_exp - y[i]*u
    end
    return sum
end

function logistic_gradient(phi, x, y)
    local g0, g1 = 0, 0
    for i = 1, #x do
        local p = 1/(1 + exp(-phi[1] - phi[2]*x[i]))
        g0 = g0 + (p - y[i])
        g1 = g1 + x[i]*(p - y[i])
    end
    return {g0, g1}
end

function logistic_hessian(phi, x)
    local a, b, d = 0, 0, 0
    for i = 1, #x do
        local s = 1/(1 + exp(-phi[1] - phi[2]*x[i]))
        local weight = s*(1 - s)
        a = a + weight
        b = b + weight*x[i]
        d = d + weight*x[i]^2
    end
    return {{a, b}, {b, d}}
end
]],

calls { id = "loss", title = "logistic_loss", points = 2, fn = "logistic_loss", pure = true,
returns = { "L" },
given = function(r)
    local n, y = r:int(1, 5), {}
    for i = 1, n do y[i] = r:pick { 0, 1 } end
    return r:vec(2), r:vec(n), y
end },

calls { id = "gradient", title = "logistic_gradient", points = 3, fn = "logistic_gradient",
pure = true, returns = { "gradient" },
given = function(r)
    local n, y = r:int(1, 5), {}
    for i = 1, n do y[i] = r:pick { 0, 1 } end
    return r:vec(2), r:vec(n), y
end },

calls { id = "hessian", title = "logistic_hessian", points = 3, fn = "logistic_hessian",
pure = true, returns = { "H" },
given = function(r) return r:vec(2), r:vec(r:int(1, 5)) end },

calls { id = "far", title = "logistic_loss far out", points = 2, fn = "logistic_loss", pure = true,
returns = { "L" }, trials = 12,
given = function(r)
    return { r:int(-5, 5), r:pick { 100, -100, 200 } }, { r:num(4, 6), r:num(-6, -4) },
        { r:pick { 0, 1 }, r:pick { 0, 1 } }
end },

mistakes = {
    { id = "overflow", title = "exp(u) overflows", swap = {
      "math.max(0, u) + log(1 + exp(-abs(u)))", "log(1 + exp(u))" },
      say = "exp(u) overflows for large u. log(1 + exp(u)) is max(0, u) + log(1 + exp(−|u|)), \z
             which never does." },
    { id = "logs", title = "log of a probability that is 0", swap = {
      "log_1_exp - y[i]*u",
      "(y[i] == 1 and -log(1/(1 + exp(-u))) or -log(1 - 1/(1 + exp(-u))))" },
      say = "Far out a probability rounds to 0, and its log is −inf. Simplify before you \z
             compute: the loss of one example is log(1 + exp(u)) − y·u, and log(1 + exp(u)) is \z
             max(0, u) + log(1 + exp(−|u|))." },
    { id = "logs-nan", title = "0·log 0", swap = { "log_1_exp - y[i]*u",
      "-y[i]*log(1/(1 + exp(-u))) - (1 - y[i])*log(1 - 1/(1 + exp(-u)))" },
      say = "Far out, log(0) is −inf, and 0 times it is no number (nan). Simplify before you \z
             compute: the loss of one example is log(1 + exp(u)) − y·u, and log(1 + exp(u)) is \z
             max(0, u) + log(1 + exp(−|u|))." },
    { id = "loss-sign", title = "log likelihood without the minus",
      swap = { "return sum\n", "return -sum\n" },
      say = "The minus is missing: that is the log likelihood, which is to be large." },
    { id = "loss-mean", title = "mean in place of the sum", credit = 0.5,
      swap = { "return sum\n", "return sum/#x\n" },
      say = "That is the mean. The loss is the sum." },
    { id = "one-class", title = "only the examples with y = 1",
      swap = { "sum + log_1_exp - y[i]*u", "sum + y[i]*(log_1_exp - u)" },
      say = "Only the examples of class 1 count there. The others give −log(1 − s)." },
    { id = "sign", title = "y − s in place of s − y",
      swap = { "(p - y[i])", "(y[i] - p)" },
      say = "The sign is turned round: s − y, so that the gradient points uphill." },
    { id = "squares", title = "gradient of least squares",
      swap = { "(p - y[i])", "2*(p - y[i])*p*(1 - p)" },
      say = "That is the gradient of Σ (s − y)². With the cross-entropy the factor s·(1 − s) \z
             cancels: s − y is all that is left." },
    { id = "slope-kept", title = "factor s·(1 − s) not cancelled",
      swap = { "(p - y[i])", "(p - y[i])*p*(1 - p)" },
      say = "The factor s·(1 − s) cancels against the derivative of the logarithms: s − y is all \z
             that is left." },
    { id = "no-x", title = "x missing in the second component",
      swap = { "x[i]*(p - y[i])", "(p - y[i])" },
      say = "The second component has the factor x: φ₁ acts through φ₁·x." },
    { id = "mean", title = "gradient of the mean", credit = 0.5,
      swap = { "return {g0, g1}", "return {g0/#x, g1/#x}" },
      say = "That is the gradient of the mean. The loss is the sum." },
    { id = "no-weight", title = "Hessian without s·(1 − s)",
      swap = { "local weight = s*(1 - s)", "local weight = 1" },
      say = "The weight s·(1 − s) is missing: it is the derivative of s." },
    { id = "weight-s", title = "weight s in place of s·(1 − s)",
      swap = { "local weight = s*(1 - s)", "local weight = s" },
      say = "The derivative of s is s·(1 − s), not s." },
    { id = "x-once", title = "x in place of x² in the last entry",
      swap = { "weight*x[i]^2", "weight*x[i]" },
      say = "The last entry has x²: φ₁ brings an x each time." },
    { id = "no-mixed", title = "mixed derivatives left out",
      swap = { "return {{a, b}, {b, d}}", "return {{a, 0}, {0, d}}" },
      say = "The mixed derivatives are not 0: Σ s·(1 − s)·x." },
},
hints = {
    "Simplify one example first: with −log s = log(1 + exp(−u)) its loss is log(1 + exp(u)) − y·u.",
    "The derivative of log(1 + exp(u)) is s. So dL/du = s − y, and then du/dφ₀ = 1, du/dφ₁ = x.",
    "Once more: ds/du = s·(1 − s). H = Σ s·(1 − s)·{{1, x}, {x, x²}}.",
    "max(0, u) + log(1 + exp(−|u|)) is log(1 + exp(u)) without overflow.",
},
after = [[
H is a sum of {{1, x}, {x, x²}} with positive weights, hence the loss is
convex. Least squares on the sigmoid is not.
]] }
