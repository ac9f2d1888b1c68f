-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "hessian", seed = 1,
title = "The Hessian of a line's loss, and what it says",
covers = { "P2", "C8", "X10" },
task = [[
The second derivatives of L = Σ (φ₀ + φ₁·xᵢ − yᵢ)² do not depend on φ or y.

line_hessian(x)      the Hessian {{∂²L/∂φ₀², ∂²L/∂φ₀∂φ₁}, {.., ∂²L/∂φ₁²}}
two_eigenvalues(H)   of a symmetric 2 × 2 matrix, the smaller one first
is_bowl(H)           true where H is positive semidefinite, so that the loss
                     is convex; false where it is not

For a 2 × 2 matrix with trace T and determinant D the eigenvalues are
T/2 − √(T²/4 − D) and T/2 + √(T²/4 − D).
]],
starter = [[
function line_hessian(x)
    return {{0, 0}, {0, 0}}
end

function two_eigenvalues(H)
    return 0, 0
end

function is_bowl(H)
    return nil
end
]],
solution = [[
function line_hessian(x)
    local sum, squares = 0, 0
    for i = 1, #x do
        sum = sum + x[i]
        squares = squares + x[i]^2
    end
    return {{2*#x, 2*sum}, {2*sum, 2*squares}}
end

function two_eigenvalues(H)
    local T = H[1][1] + H[2][2]
    local D = H[1][1]*H[2][2] - H[1][2]*H[2][1]
    local inside = T^2/4 - D
    local root = math.max(0, inside)^0.5
    return T/2 - root, T/2 + root
end

function is_bowl(H)
    local T = H[1][1] + H[2][2]
    local D = H[1][1]*H[2][2] - H[1][2]*H[2][1]
    return T >= 0 and D >= 0
end
]],

calls { id = "hessian", title = "line_hessian", points = 3, fn = "line_hessian", pure = true,
returns = { "H" }, given = function(r) return r:vec(r:int(1, 6)) end },

calls { id = "eigenvalues", title = "two_eigenvalues", points = 3, fn = "two_eigenvalues",
pure = true, returns = { "the smaller", "the larger" },
given = function(r)
    local b = r:num()
    return { { r:num(), b }, { b, r:num() } }
end },

calls { id = "bowl", title = "is_bowl", points = 4, fn = "is_bowl", returns = { "is_bowl" },
trials = 60, shrink = false,
given = function(r)
    local kind = r:pick { "any", "flat", "top", "bowl", "saddle", "down", "zero" }
    local a, b = r:int(-3, 3), r:int(-3, 3)
    if kind == "flat" then return { { a*a, a*b }, { a*b, b*b } } end
    if kind == "top" then return { { -a*a - 1, b }, { b, -b*b - 1 } } end
    if kind == "bowl" then return { { a*a + 0.5, a*b }, { a*b, b*b + 0.5 } } end
    if kind == "saddle" then return { { a*a, a*b + 1 }, { a*b + 1, b*b } } end
    if kind == "down" then return { { a*a + 2, b }, { b, -1 } } end
    if kind == "zero" then return { { 0, 0 }, { 0, r:pick { 0, 1, -1 } } } end
    return { { a, b }, { b, r:int(-3, 3) } }
end },

mistakes = {
    { id = "no-two", title = "factor 2 missing",
      swap = { "{{2*#x, 2*sum}, {2*sum, 2*squares}}", "{{#x, sum}, {sum, squares}}" },
      say = "The factor 2 of the square is missing." },
    { id = "one", title = "2 in place of 2·I", swap = { "{{2*#x,", "{{2," },
      say = "The first entry is a sum too: 2 for every example, 2·I in all." },
    { id = "square-of-sum", title = "square of Σx in place of Σx²",
      swap = { "2*squares}}", "2*sum^2}}" },
      say = "The last entry is the sum of the squares, 2·Σx², not the square of the sum." },
    { id = "mean", title = "Hessian of the mean", credit = 0.5,
      swap = { "{{2*#x, 2*sum}, {2*sum, 2*squares}}",
               "{{2, 2*sum/#x}, {2*sum/#x, 2*squares/#x}}" },
      say = "That is the Hessian of the mean loss. The loss is the sum." },
    { id = "diagonal", title = "mixed derivatives left out",
      swap = { "2*sum}, {2*sum,", "0}, {0," },
      say = "The mixed derivatives are not 0: ∂²L/∂φ₀∂φ₁ = 2·Σx." },
    { id = "larger-first", title = "the larger eigenvalue first",
      swap = { "return T/2 - root, T/2 + root", "return T/2 + root, T/2 - root" },
      say = "The smaller eigenvalue comes first." },
    { id = "no-half", title = "T in place of T/2", swap = { "return T/2 - root, T/2 + root",
      "return T - root, T + root" },
      say = "The middle of the two eigenvalues is T/2, half the trace." },
    { id = "no-quarter", title = "T² in place of T²/4", swap = { "T^2/4", "T^2" },
      say = "Under the root stands T²/4, the square of T/2." },
    { id = "determinant-sign", title = "sign in the determinant",
      swap = { "local D = H[1][1]*H[2][2] - H[1][2]*H[2][1]\n    local inside",
               "local D = H[1][1]*H[2][2] + H[1][2]*H[2][1]\n    local inside" },
      say = "The determinant is ad − bc." },
    { id = "determinant-only", title = "only the determinant looked at",
      swap = { "T >= 0 and D >= 0", "D >= 0" },
      say = "The determinant alone is not enough: for {{-1, 0}, {0, -1}} it is 1, and yet \z
             that is a top. The trace must not be negative either." },
    { id = "trace-only", title = "only the trace looked at",
      swap = { "T >= 0 and D >= 0", "T >= 0" },
      say = "The trace alone is not enough: for {{3, 0}, {0, -1}} it is 2, and yet one direction \z
             bends down. The determinant must not be negative either." },
    { id = "strict", title = "flat directions refused",
      swap = { "T >= 0 and D >= 0", "T > 0 and D > 0" },
      say = "An eigenvalue of 0 is allowed: with a flat direction the loss is convex still \z
             (semidefinite)." },
    { id = "diagonal-only", title = "only the diagonal looked at",
      swap = { "T >= 0 and D >= 0", "H[1][1] >= 0 and H[2][2] >= 0" },
      say = "The diagonal alone is not enough: {{1, 2}, {2, 1}} bends down along (1, −1)." },
},
hints = {
    "The gradient is Σ 2·r and Σ 2·x·r with r = φ₀ + φ₁·x − y. Take each derivative once more.",
    "H = {{2·I, 2·Σx}, {2·Σx, 2·Σx²}} for I examples.",
    "T = H[1][1] + H[2][2], D = H[1][1]*H[2][2] - H[1][2]*H[2][1], math.sqrt for the root.",
    "Both eigenvalues are ≥ 0 exactly where T ≥ 0 and D ≥ 0.",
},
after = [[
For line12 the Hessian is {{24, 22.82}, {22.82, 30.0242}}, with eigenvalues
3.99417 and 50.03003: a valley, and α must stay below 2/50.03.
]] }
