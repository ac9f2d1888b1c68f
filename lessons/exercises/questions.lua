-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "questions", seed = 1,
title = "Four short questions",
covers = { "Q1", "Q2", "Q3", "Q4" },
task = [[
Answer each by a letter, as in gradient_is = "a". Every wrong one has its
reason.
]],
starter = [[
gradient_is = nil
large_rate = nil
sgd_advantage = nil
ball_has = nil
]],
solution = [[
gradient_is = "the direction in which the loss rises fastest"
large_rate = "the loss may rise instead of fall, or bounce without settling"
sgd_advantage = "a step is cheaper, and its noise may lead out of a narrow minimum"
ball_has = "a velocity: what was gathered from all earlier gradients"
]],
answer { id = "gradient", title = "what the gradient is", points = 1, name = "gradient_is",
ask = "What does the gradient of the loss say, at some φ?",
yes = { "the direction in which the loss rises fastest",
        "And how steeply; hence the minus in every update." },
no = {
    { "where the minimum lies",
      "It knows the slope at φ only. Where the minimum is, nobody says." },
    { "the value of the loss",
      "It is made of the derivatives: two losses that differ by a constant have the same." },
    { "the direction in which the loss falls fastest",
      "That is the negative gradient." } } },
answer { id = "rate", title = "too large a rate", points = 1, name = "large_rate",
ask = "What happens when the learning rate is too large?",
yes = { "the loss may rise instead of fall, or bounce without settling",
        "Each step lands beyond the bottom; where it lands higher, it grows." },
no = {
    { "descent needs many more updates, but comes to the minimum",
      "That is too small a rate." },
    { "the gradient becomes wrong",
      "The gradient is right at each φ. It is used for a longer way than it is good for." },
    { "nothing: only the number of updates changes",
      "Beyond 2/λ, λ the largest curvature, it no longer settles at all." } } },
answer { id = "sgd", title = "an advantage of SGD", points = 1, name = "sgd_advantage",
ask = "What is an advantage of stochastic gradient descent?",
yes = { "a step is cheaper, and its noise may lead out of a narrow minimum",
        "A batch costs its share of the data; and it disagrees with the next one." },
no = {
    { "the loss falls at every update",
      "The loss of the batch may; the loss over all data goes up and down." },
    { "it uses the exact gradient",
      "It uses that of a few examples: right on the average, not each time." },
    { "it needs no learning rate",
      "It needs one, and a falling one if it is to settle." } } },
answer { id = "ball", title = "the rolling ball", points = 1, name = "ball_has",
ask = "Momentum is compared with a ball that rolls downhill. What has the ball that plain descent \z
       lacks?",
yes = { "a velocity: what was gathered from all earlier gradients",
        "So it goes on where gradients agree, and is not turned by each one." },
no = {
    { "a sight of the valley ahead",
      "It feels the ground where it is, like descent. (Nesterov's looks one step ahead.)" },
    { "a step that is always downhill",
      "On the contrary: its velocity may carry it uphill for a while." },
    { "a smaller learning rate",
      "The rate is a choice in both; the ball has something besides." } } },
hints = {
    "The gradient: think of its sign. The update has a minus.",
    "The rate: try descend(L, optim.gd{alpha = 0.041}, {start = {1.6, -0.5}}) on line12.",
    "SGD: each step sees a part of the data only.",
    "The ball: what remains when the slope is 0 for a moment?",
} }
