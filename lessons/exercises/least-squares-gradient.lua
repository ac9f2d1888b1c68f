-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "least-squares-gradient", seed = 1,
title = "Loss and gradient of a line",
covers = { "P1", "C1", "C2", "X3", "X13" },
task = [[
The model is a line, f = φ₀ + φ₁·x, and the loss is the sum of the squared
differences:

    L[φ] = Σ (φ₀ + φ₁·xᵢ − yᵢ)²

Write the loss and its gradient, ∂L/∂φ₀ and ∂L/∂φ₁. In Lua, phi[1] is φ₀ and
phi[2] is φ₁; x and y are lists of the same length.
]],
starter = [[
function line_loss(phi, x, y)
    return 0
end

function line_gradient(phi, x, y)
    local g0, g1 = 0, 0
    return {g0, g1}
end
]],
solution = [[
function line_loss(phi, x, y)
    local sum = 0
    for i = 1, #x do
        local residual = phi[1] + phi[2]*x[i] - y[i]
        sum = sum + residual^2
    end
    return sum
end

function line_gradient(phi, x, y)
    local g0, g1 = 0, 0
    for i = 1, #x do
        local r = phi[1] + phi[2]*x[i] - y[i]
        g0 = g0 + 2*r
        g1 = g1 + 2*x[i]*r
    end
    return {g0, g1}
end
]],

calls { id = "loss", title = "the loss", points = 2, fn = "line_loss", pure = true,
returns = { "L" },
given = function(r) local n = r:int(1, 6) return r:vec(2), r:vec(n), r:vec(n) end },

calls { id = "gradient", title = "the gradient", points = 4, fn = "line_gradient", pure = true,
returns = { "gradient" },
given = function(r) local n = r:int(1, 6) return r:vec(2), r:vec(n), r:vec(n) end },

mistakes = {
    { id = "loss-mean", title = "mean of the squares in place of the sum", credit = 0.5,
      swap = { "return sum", "return sum/#x" },
      say = "That is the mean of the squares. The loss here is their sum." },
    { id = "loss-half", title = "half the squares", credit = 0.5,
      swap = { "residual^2", "0.5*residual^2" },
      say = "That is half the sum. The loss here has no factor 1/2." },
    { id = "loss-absolute", title = "differences not squared",
      swap = { "residual^2", "(residual > 0 and residual or -residual)" },
      say = "The differences are to be squared; you took their size." },
    { id = "square-of-sum", title = "square of the sum",
      swap = { "sum + residual^2", "sum + residual", "return sum", "return sum^2" },
      say = "You square the sum. Each difference is squared, then they are added." },
    { id = "no-two", title = "factor 2 missing", swap = { "2*r", "r", "2*x[i]*r", "x[i]*r" },
      say = "The factor 2 is missing: the derivative of r² is 2·r times that of r." },
    { id = "no-x", title = "x missing in the second component", swap = { "2*x[i]*r", "2*r" },
      say = "The second component lacks its factor x[i]: φ₁ acts on f through x." },
    { id = "x-in-both", title = "x in the first component too",
      swap = { "g0 + 2*r", "g0 + 2*x[i]*r" },
      say = "The first component has no factor x[i]: φ₀ shifts f by itself." },
    { id = "mean", title = "gradient of the mean", credit = 0.5,
      swap = { "return {g0, g1}", "return {g0/#x, g1/#x}" },
      say = "That is the gradient of the mean. The loss is the sum." },
    { id = "half-mean", title = "gradient of half the mean", credit = 0.5,
      swap = { "return {g0, g1}", "return {g0/(2*#x), g1/(2*#x)}" },
      say = "That is the gradient of half the mean. The loss is the sum, without a factor." },
    { id = "sign", title = "residual turned round",
      swap = { "local r = phi[1] + phi[2]*x[i] - y[i]", "local r = y[i] - phi[1] - phi[2]*x[i]" },
      say = "The sign is turned round: with r = y − f its derivative is −1 and −x, and the minus \z
             comes back." },
    { id = "last-only", title = "only the last example", swap = { "g0 = g0 + 2", "g0 = 2",
      "g1 = g1 + 2", "g1 = 2" },
      say = "Only the last example is left: add every example to the sum." },
    { id = "no-sum", title = "only the first example",
      swap = { "0, 0\n    for i = 1, #x do", "0, 0\n    for i = 1, 1 do" },
      say = "Only the first example counts there. The gradient of a sum is the sum of the \z
             gradients." },
    { id = "square-read-literally", title = "∂L² read as derivative of the square of L",
      swap = { "return {g0, g1}", "local L = line_loss(phi, x, y)\n    return {2*L*g0, 2*L*g1}" },
      say = "That is the derivative of L², 2·L times too large. The gradient of L itself is \z
             asked for." },
    { id = "exchanged", title = "the two components exchanged",
      swap = { "return {g0, g1}", "return {g1, g0}" },
      say = "The two components are exchanged: first φ₀, then φ₁." },
},
hints = {
    "One example first: with r = φ₀ + φ₁·x − y its loss is r². What is dr/dφ₀, what dr/dφ₁?",
    "dr/dφ₀ = 1 and dr/dφ₁ = x, so one example gives 2·r and 2·x·r.",
    "Sum them in a loop: g0 = g0 + 2*r, g1 = g1 + 2*x[i]*r.",
},
after = [[
line_gradient({0.6, -0.2}, data.line12.x, data.line12.y) should give -21.904
and -26.84044, as L:gradient{0.6, -0.2} does for loss.least_squares.
]] }
