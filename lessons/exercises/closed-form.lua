-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "closed-form", seed = 1,
title = "The best line without descent",
covers = { "C7", "X5" },
task = [[
best_line returns the φ₀ and φ₁ for which Σ (φ₀ + φ₁·xᵢ − yᵢ)² is smallest.
With all sums over the n examples they solve

    n·φ₀  + Σx·φ₁  = Σy
    Σx·φ₀ + Σx²·φ₁ = Σx·y

mean_gradient is the gradient of the MEAN of the squares, a list of two.
]],
starter = [[
function best_line(x, y)
    return 0, 0
end

function mean_gradient(phi, x, y)
    return {0, 0}
end
]],
solution = [[
function best_line(x, y)
    local n, sx, sy, sxx, sxy = #x, 0, 0, 0, 0
    for i = 1, n do
        sx = sx + x[i]
        sy = sy + y[i]
        sxx = sxx + x[i]^2
        sxy = sxy + x[i]*y[i]
    end
    local determinant = n*sxx - sx^2
    return (sxx*sy - sx*sxy)/determinant, (n*sxy - sx*sy)/determinant
end

function mean_gradient(phi, x, y)
    local g0, g1 = 0, 0
    for i = 1, #x do
        local residual = phi[1] + phi[2]*x[i] - y[i]
        g0 = g0 + 2*residual
        g1 = g1 + 2*residual*x[i]
    end
    return {g0/#x, g1/#x}
end
]],
calls { id = "line", title = "best_line", points = 4, fn = "best_line", pure = true,
returns = { "φ₀", "φ₁" }, shrink = false, tolerance = 1e-6,
given = function(r)
    local x, y = { r:num(-2, -1), r:num(1, 2), r:num(2.5, 3) }, r:vec(3)
    for i = 4, r:int(3, 6) do x[i], y[i] = r:num(), r:num() end
    return x, y
end },
calls { id = "gradient", title = "mean_gradient", points = 3, fn = "mean_gradient", pure = true,
returns = { "gradient" },
given = function(r) local n = r:int(2, 6) return r:vec(2), r:vec(n), r:vec(n) end },
mistakes = {
    { id = "through-zero", title = "line through the origin",
      swap = { "return (sxx*sy - sx*sxy)/determinant, (n*sxy - sx*sy)/determinant",
               "return 0, sxy/sxx" },
      say = "That is the best line through the origin: the column of ones, and with it φ₀, is \z
             missing." },
    { id = "exchanged", title = "φ₀ and φ₁ exchanged",
      swap = { "return (sxx*sy - sx*sxy)/determinant, (n*sxy - sx*sy)/determinant",
               "return (n*sxy - sx*sy)/determinant, (sxx*sy - sx*sxy)/determinant" },
      say = "The two are exchanged: first φ₀, then φ₁." },
    { id = "determinant", title = "sign in the determinant",
      swap = { "n*sxx - sx^2", "n*sxx + sx^2" },
      say = "The determinant is n·Σx² − (Σx)²." },
    { id = "inverse", title = "divided by the sum of squares only",
      swap = { "(n*sxy - sx*sy)/determinant", "sxy/sxx" },
      say = "φ₁ = Σxy/Σx² holds only where Σx = 0: centre x first, or take the whole formula." },
    { id = "no-n", title = "gradient of the sum", credit = 0.5,
      swap = { "return {g0/#x, g1/#x}", "return {g0, g1}" },
      say = "That is the gradient of the sum, as in a slip that circulates: the mean has 1/n \z
             before everything. Its step bound is n times as large." },
    { id = "half", title = "gradient of half the mean", credit = 0.5,
      swap = { "return {g0/#x, g1/#x}", "return {g0/(2*#x), g1/(2*#x)}" },
      say = "That is the gradient of half the mean: the 2 of the square has been lost." },
    { id = "no-x", title = "x missing in the second component",
      swap = { "g1 + 2*residual*x[i]", "g1 + 2*residual" },
      say = "The second component has the factor x." },
    { id = "sign", title = "residual turned round",
      swap = { "phi[1] + phi[2]*x[i] - y[i]", "y[i] - phi[1] - phi[2]*x[i]" },
      say = "The residual is turned round: f − y." },
},
hints = {
    "Four sums in one loop: Σx, Σy, Σx², Σx·y.",
    "Two equations with two unknowns: multiply crosswise. The denominator is n·Σx² − (Σx)².",
    "φ₁ = (n·Σxy − Σx·Σy)/(n·Σx² − (Σx)²), φ₀ = (Σx²·Σy − Σx·Σxy)/(n·Σx² − (Σx)²)",
},
after = [[
L:solve() does it for any number of inputs; where all x are equal the
denominator is 0, and there is no single best line.
]] }
