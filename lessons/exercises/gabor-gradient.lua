-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "gabor-gradient", seed = 1,
title = "The derivatives of the Gabor model",
covers = { "P3", "D1", "X12", "X13" },
task = [[
The Gabor model for one input x, with the envelope c (32 or 8):

    u = φ₀ + 0.06·φ₁·x
    f = sin(u)·exp(−u²/c)

Write f and its two derivatives ∂f/∂φ₀ and ∂f/∂φ₁. In Lua, phi[1] is φ₀ and
phi[2] is φ₁; x and c are numbers.

Then the gradient of the loss Σ (f[xᵢ] − yᵢ)², for lists x and y.
]],
starter = [[
function gabor(phi, x, c)
    return 0
end

function gabor_derivatives(phi, x, c)
    return 0, 0
end

function gabor_gradient(phi, x, y, c)
    return {0, 0}
end
]],
solution = [[
function gabor(phi, x, c)
    local u = phi[1] + 0.06*phi[2]*x
    return sin(u)*exp(-u^2/c)
end

function gabor_derivatives(phi, x, c)
    local v = phi[1] + 0.06*phi[2]*x
    local slope = (cos(v) - 2*v/c*sin(v))*exp(-v^2/c)
    return slope, 0.06*x*slope
end

function gabor_gradient(phi, x, y, c)
    local g = {0, 0}
    for i = 1, #x do
        local d0, d1 = gabor_derivatives(phi, x[i], c)
        local residual = gabor(phi, x[i], c) - y[i]
        g[1] = g[1] + 2*residual*d0
        g[2] = g[2] + 2*residual*d1
    end
    return g
end
]],

calls { id = "model", title = "gabor: the model", points = 1, fn = "gabor", returns = { "f" },
given = function(r) return { r:num(), r:num(2, 20) }, r:num(-15, 15), r:pick { 32, 8 } end },

calls { id = "derivatives", title = "gabor_derivatives", points = 4, fn = "gabor_derivatives",
returns = { "∂f/∂φ₀", "∂f/∂φ₁" },
given = function(r) return { r:num(), r:num(2, 20) }, r:num(-5, 5), r:pick { 32, 8 } end },

calls { id = "gradient", title = "gabor_gradient: of the loss", points = 3, fn = "gabor_gradient",
pure = true, returns = { "gradient" },
given = function(r)
    local n = r:int(1, 5)
    return { r:num(), r:num(2, 20) }, r:vec(n, -5, 5), r:vec(n, -1, 1), r:pick { 32, 8 }
end },

mistakes = {
    { id = "no-006", title = "0.06 missing in the model", swap = { "0.06*phi[2]*x\n    return",
      "phi[2]*x\n    return" },
      say = "u lacks its factor 0.06." },
    { id = "cosine", title = "cos in place of sin", swap = { "return sin(u)", "return cos(u)" },
      say = "The model has a sine; you took the cosine." },
    { id = "envelope-32", title = "envelope always 32", swap = { "-u^2/c", "-u^2/32" },
      say = "The envelope is always 32 there; it is the argument c." },
    { id = "envelope-rises", title = "sign of the exponent", swap = { "exp(-u^2/c)", "exp(u^2/c)" },
      say = "The exponent lacks its minus: the envelope is to fall off on both sides." },
    { id = "envelope-inside", title = "factor 2 missing in the derivative of the envelope",
      swap = { "2*v/c*sin(v)", "v/c*sin(v)" },
      say = "The derivative of −u²/c is −2·u/c; the 2 is missing." },
    { id = "only-sine", title = "envelope not differentiated",
      swap = { "(cos(v) - 2*v/c*sin(v))", "cos(v)" },
      say = "Only the sine is differentiated. It is a product: the envelope's derivative comes \z
             to it." },
    { id = "plus", title = "sign between the two terms",
      swap = { "cos(v) - 2*v/c", "cos(v) + 2*v/c" },
      say = "The two terms are subtracted: the exponent is −u²/c, its derivative −2·u/c." },
    { id = "derivative-32", title = "envelope 32 in the derivatives",
      swap = { "2*v/c*sin(v))*exp(-v^2/c)", "2*v/32*sin(v))*exp(-v^2/32)" },
      say = "The derivatives have the envelope 32 built in; it is the argument c." },
    { id = "circulating", title = "only one term times x, 0.06 dropped",
      swap = { "return slope, 0.06*x*slope",
               "return slope, x*cos(v)*exp(-v^2/c) - 2*v/c*sin(v)*exp(-v^2/c)" },
      say = "That answer circulates: only the first term is multiplied by x, and the 0.06 is \z
             dropped. ∂f/∂φ₁ is 0.06·x times the whole of ∂f/∂φ₀." },
    { id = "one-term", title = "only one term times 0.06·x",
      swap = { "return slope, 0.06*x*slope",
               "return slope, (0.06*x*cos(v) - 2*v/c*sin(v))*exp(-v^2/c)" },
      say = "Both terms have the factor 0.06·x: it is du/dφ₁, by which all of df/du is \z
             multiplied." },
    { id = "no-006-slope", title = "0.06 missing in ∂f/∂φ₁", swap = { "0.06*x*slope", "x*slope" },
      say = "∂f/∂φ₁ lacks the factor 0.06: du/dφ₁ = 0.06·x." },
    { id = "no-x", title = "x missing in ∂f/∂φ₁", swap = { "0.06*x*slope", "0.06*slope" },
      say = "∂f/∂φ₁ lacks the factor x: du/dφ₁ = 0.06·x." },
    { id = "with-phi", title = "φ₁ in the factor of ∂f/∂φ₁",
      swap = { "0.06*x*slope", "0.06*phi[2]*slope" },
      say = "du/dφ₁ is 0.06·x. With 0.06·φ₁ it is the derivative with respect to x." },
    { id = "no-two", title = "factor 2 missing in the gradient",
      swap = { "2*residual", "residual" },
      say = "The factor 2 of the square is missing in the gradient of the loss." },
    { id = "no-residual", title = "residual missing", swap = { "2*residual*", "2*" },
      say = "The residual is missing: the derivative of (f − y)² is 2·(f − y) times that of f." },
    { id = "sign", title = "residual turned round",
      swap = { "gabor(phi, x[i], c) - y[i]", "y[i] - gabor(phi, x[i], c)" },
      say = "The residual is turned round: f − y, so that the gradient points uphill." },
    { id = "mean", title = "gradient of the mean", credit = 0.5,
      swap = { "return g\n", "return {g[1]/#x, g[2]/#x}\n" },
      say = "That is the gradient of the mean. The loss is the sum." },
},
hints = {
    "Differentiate with respect to u first; φ₀ and φ₁ come in through u only.",
    "A product: sin'(u) = cos(u), and the exponential gives −2·u/c times itself.",
    "df/du = (cos(u) − 2·u/c·sin(u))·exp(−u²/c); du/dφ₀ = 1, du/dφ₁ = 0.06·x.",
    "Loss: each example gives 2·(f − y) times the two derivatives.",
},
after = [[
derivative(function(u) return sin(u)*exp(-u^2/32) end) prints the same
formula.
]] }
