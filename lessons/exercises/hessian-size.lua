-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "hessian-size", seed = 1,
title = "The Hessian of a model with a million parameters",
covers = { "P11", "B5", "G1" },
task = [[
A network has a million parameters.
]],
starter = [[
in_gradient = nil -- numbers in the gradient
entries = nil     -- entries of the Hessian
distinct = nil    -- different ones among them: it is symmetric
terabytes = nil   -- memory for all entries, 8 bytes each, 10^12 bytes a terabyte
reason = nil      -- a letter
]],
solution = [[
in_gradient = 1e6
entries = 1e12
distinct = 1e6*(1e6 + 1)/2
terabytes = 8
reason = "its memory grows with the square of the number of parameters, its inversion with the cube"
]],
answer { id = "gradient", title = "the gradient", points = 1, name = "in_gradient",
ask = "How many numbers has the gradient?", answer = { 1e6, 0.5 },
wrong = { { 1, "The gradient is a vector: one derivative for each parameter." },
          { 1e12, "That is the Hessian. The gradient has one derivative for each parameter." } } },
answer { id = "entries", title = "entries of the Hessian", points = 1, name = "entries",
ask = "How many entries has the Hessian?", answer = { 1e12, 0.5 },
wrong = { { 1e6, "One for each pair of parameters, not for each parameter." },
          { 2e6, "One for each pair of parameters: a million times a million, not a million \z
                  more." },
          { 500000500000, "Those are the different ones. The matrix has a million rows of a \z
                           million." } } },
answer { id = "distinct", title = "different entries", points = 1, name = "distinct",
ask = "How many of them can differ?", answer = { 500000500000, 0.5 },
wrong = { { 5e11, "The diagonal is counted half there: n·(n + 1)/2, with n more halves." },
          { 499999500000, "The diagonal is left out: n·(n + 1)/2." },
          { 1e12, "It is symmetric: ∂²L/∂φᵢ∂φₖ and ∂²L/∂φₖ∂φᵢ are equal." } } },
answer { id = "memory", title = "memory", points = 1, name = "terabytes",
ask = "How many terabytes do all entries take?", answer = { 8, 0.01 },
wrong = { { 1, "That is one byte for each entry; a double has 8." },
          { 4, "That is only the half of it, or with 4 bytes each. All entries, 8 bytes each." },
          { 8000, "A terabyte is 1e12 bytes, not 1e9." },
          { 8e12, "That is the number of bytes; a terabyte is 1e12 of them." } } },
answer { id = "why", title = "why Newton's method is not used there", points = 2, name = "reason",
ask = "Why is Newton's method not used for such networks?",
yes = { "its memory grows with the square of the number of parameters, its inversion with the cube",
        "8 terabytes to hold, and some 1e18 operations to solve with, for one step." },
no = {
    { "the Hessian cannot be computed for networks",
      "It can, by differentiating twice; there is only far too much of it." },
    { "it needs a learning rate that nobody knows",
      "Newton's step has no learning rate: that is one of its merits." },
    { "it is exact only for least squares on a line",
      "It reaches the minimum in one step there; elsewhere it takes a few, and few are \z
       enough." } } },
hints = {
    "The Hessian has a row and a column for each parameter.",
    "Symmetric: the diagonal, n entries, and half of the n² − n others.",
    "1e12 entries of 8 bytes.",
},
after = [[
L-BFGS keeps 2·m·n numbers instead, with m = 10 or so: 160 megabytes.
]] }
