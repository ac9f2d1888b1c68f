-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "escape", seed = 1,
title = "Can full-batch descent leave a local minimum?",
covers = { "P8", "D5" },
task = [[
The Gabor model (envelope 32) on gabor30, all examples at every update, a
fixed rate α, the start (−0.2, 5). A local minimum lies close by, at
(−0.1665, 4.8809), with L = 10.18; the global one has L = 0.6457. The
largest eigenvalue of the Hessian at the local minimum is 13.839.

Is there an α with which descent leaves the local minimum? Answer by a
letter, give the bound of α beyond which it can no longer settle there, and
an α that works: 60 updates with it, then 1000 with α = 0.05, must end in
the global minimum.
]],
starter = [[
can = nil        -- a letter
bound = nil      -- a number
alpha = nil      -- a number
]],
solution = [[
can = "yes: with a large α the steps become longer there instead of shorter"
bound = 2/13.839
alpha = 0.22
]],
answer { id = "can", title = "whether it can", points = 2, name = "can",
ask = "Can descent with a fixed α and all examples leave a local minimum?",
yes = { "yes: with a large α the steps become longer there instead of shorter",
        "Beyond 2/λ a minimum no longer holds it: each step overshoots by more than the last." },
no = {
    { "no: at a minimum the gradient is 0",
      "Exactly at it nothing moves. But it stands beside it, and with a large α each step lands \z
       further away." },
    { "no: the loss falls at every update",
      "It falls at every update only where α is small enough." },
    { "yes: sooner or later it always does",
      "With α = 0.05 it settles there and stays for ever." } } },
answer { id = "bound", title = "the bound", points = 2, name = "bound",
ask = "Beyond which α can it not settle in that minimum?", answer = { 0.14452, 0.0005 },
wrong = { { 0.07226, "1/λ lands in one step at the bottom of the steepest direction; it diverges \z
                      beyond twice that." },
          { 13.839, "That is the eigenvalue λ itself. The larger it is, the smaller α must be." },
          { 0.28904, "Twice too large: a step multiplies the distance by 1 − α·λ, whose size \z
                      must be below 1." } } },
outcome { id = "alpha", title = "an α that leaves", points = 4, name = "alpha",
ask = "An α that leaves it, so that 1000 updates with 0.05 then end in the global minimum:",
run = [[
L = loss.least_squares(model.gabor, data.gabor30)
first = descend(L, optim.gd{alpha = alpha}, {start = {-0.2, 5}})
first:step(60)
then_small = descend(L, optim.gd{alpha = 0.05}, {start = first.phi})
then_small:step(1000)]],
needs = {
    { "alpha > 0", "A learning rate is positive." },
    { "alpha > 2/13.839", "That is below the bound 2/λ: it settles in the local minimum." },
    { "alpha < 1", "So large a step throws it far over the whole plane: stay below 1." },
    { "math.abs(then_small.phi[2] - 4.8809) > 0.01",
      "It bounces inside the local valley, and the small α then settles there. A little more." },
    { "then_small.loss < 0.65",
      "It leaves, but ends elsewhere than in the global minimum. Try one nearer to the bound." },
},
wrong = { -0.1, 0.1, 3, 0.15, 0.9 } },
hints = {
    "Near a minimum a step multiplies the distance along an eigenvector by 1 − α·λ.",
    "It settles while |1 − α·λ| < 1, hence while α < 2/λ.",
    "Just beyond the bound it still bounces inside the valley; go up in steps of 0.02.",
},
after = [[
Noise is not needed to leave a minimum: too large a step is enough. What it
leaves are the narrow ones, where λ is large.
]] }
