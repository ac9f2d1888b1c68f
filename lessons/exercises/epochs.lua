-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "epochs", seed = 1,
title = "How many epochs?",
covers = { "P9", "D6" },
task = [[
A run of 1,000 iterations (updates) on 100 examples, with batches of 20.
]],
starter = [[
updates = nil    -- updates in one epoch
epochs = nil     -- epochs in all
seen = nil       -- how often each example has been used
]],
solution = [[
updates = 100/20
epochs = 1000/5
seen = 200
]],
answer { id = "updates", title = "updates in an epoch", points = 1, name = "updates",
ask = "How many updates make one epoch?", answer = { 5, 1e-6 },
wrong = { { 20, "20 is the number of examples in a batch. How many batches are in the data?" },
          { 50, "1000/20 mixes the iterations with the batch. An epoch is one pass through the \z
                 data." },
          { 100, "100 updates would be one for each example; here each update takes 20." },
          { 10, "1000/100 leaves the batch out: each update takes 20 examples." } } },
answer { id = "epochs", title = "epochs in all", points = 2, name = "epochs",
ask = "How many epochs are the 1,000 iterations?", answer = { 200, 1e-6 },
wrong = { { 5, "That answer circulates. 5 is the number of updates in one epoch; the number of \z
                epochs is 1000/5." },
          { 50, "1000/20: that divides by the examples of a batch, not by the updates of an \z
                 epoch." },
          { 10, "1000/100: that would be with one example at a time. Each update takes 20." },
          { 1000, "An iteration is an update on one batch, not a pass through the data." },
          { 20000, "1000·20 examples have been used in all. Divide by the 100 there are." } } },
answer { id = "seen", title = "uses of each example", points = 1, name = "seen",
ask = "How often has each example been used?", answer = { 200, 1e-6 },
wrong = { { 20000, "That is how many have been used in all, 1000·20. There are 100." },
          { 1000, "Each update uses only 20 of the 100 examples." },
          { 5, "5 is the number of updates in one epoch." } } },
hints = {
    "An epoch is one pass through the data: every example once.",
    "100 examples in batches of 20 are 5 updates.",
    "1000 updates, 5 in each epoch.",
},
after = [[
r:epoch() makes as many updates as one epoch has, and r.epoch_number counts.
]] }
