-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "sgd", seed = 1,
title = "Stochastic gradient descent: one epoch on batches",
covers = { "P12", "D3", "X13", "X15" },
task = [[
The model is a line, f = φ₀ + φ₁·x, the loss the sum of squares. In Lua,
phi[1] is φ₀ and phi[2] is φ₁.

batch_gradient gives the gradient of the loss of some examples: those whose
numbers are in the list indices. It is a sum over them.

epoch walks once through the data. order lists all examples; the first batch
is its first `batch` numbers, the next batch the next ones, and the last one
may be smaller. After each batch phi makes one step. Return the list of the
new phi, one for each update.
]],
starter = [[
function batch_gradient(phi, x, y, indices)
    local g0, g1 = 0, 0
    return {g0, g1}
end

function epoch(phi, x, y, alpha, batch, order)
    local path = {}
    return path
end
]],
solution = [[
function batch_gradient(phi, x, y, indices)
    local g0, g1 = 0, 0
    for k = 1, #indices do
        local i = indices[k]
        local residual = phi[1] + phi[2]*x[i] - y[i]
        g0 = g0 + 2*residual
        g1 = g1 + 2*residual*x[i]
    end
    return {g0, g1}
end

function epoch(phi, x, y, alpha, batch, order)
    local path = {}
    for first = 1, #order, batch do
        local indices = {}
        for k = first, math.min(first + batch - 1, #order) do
            indices[#indices + 1] = order[k]
        end
        local g = batch_gradient(phi, x, y, indices)
        phi = {phi[1] - alpha*g[1], phi[2] - alpha*g[2]}
        path[#path + 1] = phi
    end
    return path
end
]],

calls { id = "gradient", title = "batch_gradient: the gradient of a batch", points = 4,
fn = "batch_gradient", pure = true, returns = { "gradient" },
given = function(r)
    local n = r:int(2, 7)
    local order, indices = r:order(n), {}
    for i = 1, r:int(1, n) do indices[i] = order[i] end
    return r:vec(2), r:vec(n), r:vec(n), indices
end },

calls { id = "epoch", title = "epoch: one step for each batch", points = 6, fn = "epoch",
pure = true, returns = { "path" },
given = function(r)
    local n = r:int(3, 9)
    return r:vec(2), r:vec(n), r:vec(n), r:num(0.01, 0.05), r:int(2, 4), r:order(n)
end },

mistakes = {
    { id = "no-two", title = "factor 2 missing", swap = { "2*residual", "residual" },
      say = "The factor 2 of the derivative of a square is missing." },
    { id = "mean", title = "mean in place of the sum",
      swap = { "return {g0, g1}", "return {g0/#indices, g1/#indices}" }, credit = 0.5,
      say = "You took the mean over the batch; the sum is asked for. With a mean the same α means \z
             another step." },
    { id = "no-x", title = "x missing in the second component",
      swap = { "2*residual*x[i]", "2*residual" },
      say = "The derivative with respect to φ₁ has the factor x[i]." },
    { id = "sign", title = "residual turned round",
      swap = { "phi[1] + phi[2]*x[i] - y[i]", "y[i] - phi[1] - phi[2]*x[i]" },
      say = "The residual is turned round: y − f in place of f − y gives a gradient that points \z
             downhill." },
    { id = "last-only", title = "only the last example", swap = { "g0 = g0 + 2", "g0 = 2",
      "g1 = g1 + 2", "g1 = 2" },
      say = "Only the last example of the batch is left: add each one to the sum." },
    { id = "positions", title = "positions in place of the numbers in indices",
      swap = { "local i = indices[k]", "local i = k" },
      say = "You take the examples 1, 2, 3, ...: the numbers that stand in indices are meant." },
    { id = "all", title = "all examples in every batch",
      swap = { "k = 1, #indices do", "k = 1, #x do", "local i = indices[k]", "local i = k" },
      say = "You sum over all examples. That is the full gradient, not the one of the batch." },
    { id = "frozen", title = "always the first batch",
      swap = { "order[k]", "order[k - first + 1]" },
      say = "Every update uses the first batch: the next one begins batch numbers further on." },
    { id = "unshuffled", title = "order not used", swap = { "= order[k]", "= k" },
      say = "The order is not used: the examples come as they stand in the data." },
    { id = "dropped", title = "last, smaller batch left out",
      swap = { "first = 1, #order, batch do", "first = 1, #order - batch + 1, batch do" },
      say = "The last batch is left out where it is smaller. Its examples belong to the epoch." },
    { id = "overlap", title = "batches overlap by one",
      swap = { "first + batch - 1", "first + batch" },
      say = "A batch takes one example too many: first to first + batch − 1 are batch numbers." },
    { id = "start", title = "every gradient at the start",
      swap = { "local path = {}\n    for first", "local path, start = {}, phi\n    for first",
               "local g = batch_gradient(phi", "local g = batch_gradient(start" },
      say = "The gradients are all taken at the phi of the beginning. Each is taken where phi is \z
             by then." },
    { id = "uphill", title = "step uphill",
      swap = { "phi[1] - alpha*g[1], phi[2] - alpha", "phi[1] + alpha*g[1], phi[2] + alpha" },
      say = "That goes uphill: the step is subtracted." },
    { id = "no-alpha", title = "α missing", swap = { "alpha*g", "g" },
      say = "The step lacks its factor α." },
},
hints = {
    "batch_gradient: a loop over the list indices, with local i = indices[k] in it.",
    "One example gives 2*(phi[1] + phi[2]*x[i] - y[i]), and the same times x[i].",
    "epoch: for first = 1, #order, batch do ... end walks over the beginnings of the batches.",
    "The batch: order[first] to order[math.min(first + batch - 1, #order)].",
    "phi = {phi[1] - alpha*g[1], phi[2] - alpha*g[2]}, then path[#path + 1] = phi",
},
after = [[
The sum of the gradients of all batches, taken at one phi, is the full
gradient: on the average a batch points the right way.
]] }
