-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "classes", seed = 1,
title = "Losses for several classes: softmax and hinge",
covers = { "H6", "X7" },
task = [[
scores is a list with one score for each class, y the number of the right
class, 1 to #scores. For one example:

    softmax_loss = −log(exp(s_y)/Σ exp(s_k)) = log Σ exp(s_k) − s_y
    hinge_loss   = Σ max(0, s_j − s_y + 1)     over all classes j but y

The last check has scores near 1000, where exp overflows. Subtract the
largest score first: log Σ exp(s_k) = M + log Σ exp(s_k − M).
]],
starter = [[
function softmax_loss(scores, y)
    return 0
end

function hinge_loss(scores, y)
    return 0
end
]],
solution = [[
function softmax_loss(scores, y)
    local M = scores[1]
    for k = 1, #scores do
        M = math.max(M, scores[k])
    end
    local sum = 0
    for k = 1, #scores do
        sum = sum + exp(scores[k] - M)
    end
    return M + log(sum) - scores[y]
end

function hinge_loss(scores, y)
    local loss = 0
    for j = 1, #scores do
        if j ~= y then
            loss = loss + math.max(0, scores[j] - scores[y] + 1)
        end
    end
    return loss
end
]],
calls { id = "softmax", title = "softmax_loss", points = 3, fn = "softmax_loss",
returns = { "the loss" }, shrink = false,
given = function(r) local n = r:int(2, 5) return r:vec(n, -4, 6), r:pick { 1, 2 } end },
calls { id = "hinge", title = "hinge_loss", points = 3, fn = "hinge_loss",
returns = { "the loss" }, shrink = false, trials = 40,
given = function(r) local n = r:int(2, 5) return r:vec(n), r:pick { 1, 2 } end },
calls { id = "far", title = "softmax_loss with large scores", points = 2, fn = "softmax_loss",
returns = { "the loss" }, shrink = false, trials = 12,
given = function(r)
    return { r:num(990, 1010), r:num(990, 1010), r:pick { -1000, 900 } }, r:pick { 1, 2 }
end },
mistakes = {
    { id = "overflow", title = "exp of large scores overflows",
      swap = { "exp(scores[k] - M)", "exp(scores[k])", "M + log(sum)", "log(sum)" },
      say = "exp(1000) overflows. Subtract the largest score M from each, and add M to the \z
             logarithm." },
    { id = "no-log", title = "probability without −log",
      swap = { "return M + log(sum) - scores[y]", "return exp(scores[y] - M)/sum" },
      say = "That is the probability of the right class. The loss is minus its logarithm." },
    { id = "log-sign", title = "log without the minus",
      swap = { "M + log(sum) - scores[y]", "scores[y] - M - log(sum)" },
      say = "The minus is missing: that is the log likelihood, which is to be large." },
    { id = "m-lost", title = "M not added again", swap = { "M + log(sum)", "log(sum)" },
      say = "M was subtracted in the exponents and has to be added to the logarithm." },
    { id = "hinge-all", title = "right class counted too",
      swap = { "if j ~= y then", "if true then" },
      say = "The right class is counted too, and adds 1 each time: the sum leaves it out." },
    { id = "hinge-turned", title = "difference turned round",
      swap = { "scores[j] - scores[y] + 1", "scores[y] - scores[j] + 1" },
      say = "The difference is turned round: a class costs where its score comes near that of the \z
             right one, s_j − s_y + 1." },
    { id = "no-margin", title = "margin 1 missing",
      swap = { "scores[j] - scores[y] + 1", "scores[j] - scores[y]" },
      say = "The margin is missing: the right score must be ahead by 1 to cost nothing." },
    { id = "no-max", title = "max(0, ..) missing",
      swap = { "math.max(0, scores[j] - scores[y] + 1)", "(scores[j] - scores[y] + 1)" },
      say = "max(0, ..) is missing: a class that is far behind costs nothing, and earns nothing." },
    { id = "own-score", title = "s_j compared with itself",
      swap = { "scores[j] - scores[y] + 1", "scores[y] - scores[y] + 1" },
      say = "That compares the right score with itself, as in a slip that circulates: the other \z
             class's score s_j must be there." },
},
same = { "line 2: `1` becomes `1 + 1`", "line 3: `1` becomes `1 + 1`" },
hints = {
    "softmax: two loops, one for the largest score M, one for the sum of exp(s − M).",
    "return M + log(sum) - scores[y]",
    "hinge: a loop over j with if j ~= y then ... end around the term.",
},
after = [[
For the scores 3.2, 5.1, −1.7 the softmax loss is 2.0404, 0.1404, 6.9404 for
y = 1, 2, 3; the hinge loss is 2.9, 0, 13.7.
]] }
