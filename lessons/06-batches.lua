-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "batches", seed = 1, minutes = 15,
title = "Some of the data at a time: stochastic gradient descent",
covers = { "D3", "D4", "D6", "P9", "Q3", "X13", "X15" }, needs = { "line", "valleys" },
summary = "Batches and epochs, what a batch's gradient has to do with the whole one, and what it \z
          costs and saves.",

text { id = "start", [[
So far each update looked at all examples. With 30 that is nothing. With a
million, one update costs a million small gradients, and moves one step.

So look at a few examples, take a step, look at a few others. That is
stochastic gradient descent. What does it do to the walk?
]] },

demo { id = "first", say = [[
The Gabor wave and its 30 points again. batch = 5 says: five at a time.
]], [[
G = loss.least_squares(model.gabor, data.gabor30)
r = descend(G, optim.gd{alpha = 0.3},
    {start = {-1.5, 8.5}, batch = 5, seed = 42})
r:step()
r.batch_indices]],
expect = { ["r.batch_indices[1]"] = { 28, 0.1 } },
see = [[
These five examples, numbered from 1, made the first update. (NumPy's
RandomState(42).permutation(30) deals the same, numbered from 0.)
]] },

demo { id = "table", say = [[
And the next ones: update, epoch, examples.
]], [[
for i = 1, 7 do
    print(r.t, r.epoch_number, table.concat(r.batch_indices, " "))
    r:step()
end]],
expect = { ["r.t"] = { 8, 0.1 }, ["r.epoch_number"] = { 2, 0.1 } },
see = [[
An epoch is one pass through all the data. Look at update 7.
]] },

number { id = "per-epoch", ask = [[
30 examples, 5 at a time. How many updates make an epoch?
]],
answer = { 6, 0.01 }, from = "r.updates_per_epoch",
wrong = { { 5, "That is how many examples one update sees." },
          { 30, "That is the number of examples. Each update sees 5 of them." },
          { 150, "Divide: 30 examples, 5 with each update." } },
hints = { "In the table above, where does the 2 begin?", "30/5" } },

choice { id = "twice", ask = [[
Does an example turn up twice within one epoch?
]],
yes = { "no", "The 30 are shuffled once and dealt out: sampling without replacement." },
no = { { "yes, by chance", "Look at updates 1 to 6: each number stands there once." },
       { "yes, the hard ones", "The order has nothing to do with the loss. It is drawn." } } },

number { id = "epochs", ask = [[
A problem from an exam: 100 examples, batches of 20, training for 1,000
iterations (updates). How many epochs is that?
]],
answer = { 200, 0.01 }, from = "1000/(100/20)",
wrong = { { 5, "That is the number of updates in one epoch. (This answer is in circulation.)" },
          { 10, "That would be with one example at a time." },
          { 50, "An epoch is over when all 100 were seen, after 100/20 updates." },
          { 20000, "That is how many examples are looked at. Divide by 100." } },
hints = { "How many updates make one epoch?", "1000 updates, 5 to an epoch." } },

demo { id = "orders", say = [[
There are three ways to deal: epoch, fixed, draw. Here are 8 updates of each.
]], [[
runs = {}
for k, order in ipairs{"epoch", "fixed", "draw"} do
    runs[k] = descend(G, optim.gd{alpha = 0.3}, {start = {-1.5, 8.5},
        batch = 5, seed = 42, order = order})
end
for t = 1, 8 do
    local row = {t}
    for k, r in ipairs(runs) do
        row[k + 1] = table.concat(r:step().batch_indices, " ")
    end
    print(table.concat(row, "\t"))
end]],
},

choice { id = "which-order", ask = [[
Which of the three does NOT show every example once in the first 6 updates?
]],
yes = { "draw", "It shuffles anew for each update and takes the first 5: 1 is in updates 2 and 3. \z
                 Many notebooks do this." },
no = { { "epoch", "It shuffles once an epoch, and deals all cards." },
       { "fixed", "It deals all cards, always in the same order: update 7 repeats update 1." } } },

text { id = "gradient", [[
Now the gradient. Each batch has a loss of its own, the sum over its five
examples, and its own gradient. What has it to do with the whole one?
]] },

demo { id = "six", say = [[
At (-1.5, 8.5), the gradient of each of the six batches of the first epoch:
]], [[
r = descend(G, optim.gd{alpha = 0},
    {start = {-1.5, 8.5}, batch = 5, seed = 42})
r:step(6)
r.trace.gradient:slice(2, 7)]],
expect = { ["r.trace.gradient[5]"] = { { -2.758165, -0.2359019 }, 1e-5 },
           ["r.trace.gradient[7]"] = { { 2.188168, 0.2965494 }, 1e-5 } },
see = [[
(With α = 0 it stays in place.) The fourth says: φ₀ up. The sixth says: φ₀
down. They do not agree at all.
]] },

predict { id = "sum", ask = [[
The whole gradient there is (-2.162316, 0.334054). Add up the six. What do
you get?
]],
yes = { "exactly the whole gradient", "The loss is a sum over examples. The batches only put \z
                                       brackets into the sum." },
no = { { "something near it", "Not near: equal, up to rounding. Each example is in it once." },
       { "six times as much", "That would be so for means. These are sums." },
       { "about 0, as they contradict each other", "They do, but not fully: what is left over is \z
                                                    the slope of the whole." } },
run = [[
r.trace.gradient:slice(2, 7):sum(1)
G:gradient{-1.5, 8.5}]],
expect = { ["r.trace.gradient:slice(2, 7):sum(1)"] = { { -2.162316, 0.334054 }, 1e-6 } },
see = [[
So a batch's gradient is right on average. One alone is a noisy opinion.
]] },

code { id = "batch-gradient", points = 4, fn = "batch_gradient", pure = true,
returns = { "the number for phi0", "the number for phi1" },
ask = [[
Write it for the straight line: the gradient of the sum of squares over
some examples only. batch is a list of their numbers, such as {3, 1}.
]],
starter = [[
function batch_gradient(phi0, phi1, x, y, batch)
    local g0, g1 = 0, 0
    for k = 1, #batch do
        -- which example is the k-th of the batch?
    end
    return g0, g1
end]],
solution = [[
function batch_gradient(phi0, phi1, x, y, batch)
    local g0, g1 = 0, 0
    for k = 1, #batch do
        local i = batch[k]
        local e = phi0 + phi1*x[i] - y[i]
        g0 = g0 + 2*e
        g1 = g1 + 2*e*x[i]
    end
    return g0, g1
end]],
given = function(r)
    local n = r:int(4, 7)
    local order, batch = r:order(n), {}
    for k = 1, r:int(1, 3) do batch[k] = order[k] end
    return r:num(), r:num(), r:vec(n), r:vec(n), batch
end,
mistakes = {
    { id = "position", swap = { "local i = batch[k]", "local i = k" },
      say = "Those are the first examples of the data. The k-th of the batch is number batch[k]." },
    { id = "all", swap = { "#batch do", "#x do", "local i = batch[k]", "local i = k" },
      say = "That is the gradient over all the data. Only those in batch count." },
    { id = "mean", swap = { "return g0, g1", "return g0/#batch, g1/#batch" },
      say = "You took the mean over the batch. The loss is a sum here, so its gradient is one." },
    { id = "scaled", swap = { "return g0, g1", "return g0*#x/#batch, g1*#x/#batch" },
      say = "You scaled it up to the whole data. That is an estimate of the whole gradient; asked \z
            for is the batch's own." },
    { id = "no-two", swap = { "2*e", "e" },
      say = "Both are half of what they should be: the 2 of the square is missing." },
    { id = "no-x", swap = { "2*e*x[i]", "2*e" },
      say = "The second number lacks its factor x[i]." },
},
hints = { "local i = batch[k] is the number of the example.",
          "Then as for the line: e = phi0 + phi1*x[i] - y[i], and two sums." } },

demo { id = "spread", say = [[
How noisy is one batch? Draw 2000 of them, scale each to the whole data
(times 30/B), and take the standard deviation of ∂L/∂φ₀:
]], [[
function spread(B)
    local list = {}
    for k = 1, 2000 do
        local batch = random.permutation(30):slice(1, B)
        list[k] = 30/B*G:batch(batch):gradient{-1.5, 8.5}[1]
    end
    list = array(list)
    return sqrt(((list - list:mean())^2):mean())
end
spread(1), spread(5)]],
expect = { ["spread(1)"] = { 17.9, 0.8 }, ["spread(5)"] = { 7.6, 0.4 } },
see = [[
The number to be estimated is -2.16. A batch of 5 misses it by 7.6,
typically.
]] },

predict { id = "spread-thirty", ask = [[
And with batches of 30?
]],
yes = { "0", "All 30 examples, in whatever order: always the same sum." },
no = { { "about 3", "That is near the value for 15. With 30 nothing is left to chance." },
       { "1.3, a sixth of 7.6", "Without replacement it shrinks faster at the end: a batch of 30 \z
                                 is all the data." } },
run = [[
spread(10), spread(15), spread(30)]],
expect = { ["spread(15)"] = { 3.4, 0.3 }, ["spread(30)"] = { 0, 1e-5 } },
},

text { id = "weaker", [[
A batch's loss is the sum over 5 examples, not over 30. So its gradient is
about a sixth of the whole one, and the same α makes a sixth of the step.
]] },

predict { id = "same-alpha", ask = [[
Full batch, α = 0.05: 200 updates lead to 0.698. Now batches of 5, also
with α = 0.05 and 200 updates. Where is the loss?
]],
yes = { "above 2", "Each step is six times shorter: it has come as far as 33 full ones would." },
no = { { "about 0.7 as well", "The steps are six times shorter." },
       { "below 0.6", "No walk gets there: 0.6457 is the least." } },
run = [[
all = fit(G, optim.gd{alpha = 0.05}, {start = {-1.5, 8.5}, steps = 200})
five = fit(G, optim.gd{alpha = 0.05},
    {start = {-1.5, 8.5}, batch = 5, seed = 1, steps = 200})
all.loss, five.loss]],
expect = { ["all.loss"] = { 0.697701, 1e-6 }, ["five.loss"] = { 4.632152, 1e-5 } },
},

number { id = "fair-alpha", ask = [[
Which α makes batches of 5 step as far as α = 0.05 does with all 30?
]],
answer = { 0.3, 1e-3 }, from = "0.05*30/5",
wrong = { { 0.05, "That was the run above: too short by a factor 6." },
          { 0.25, "30/5 is 6, not 5." },
          { 0.00833333, "Larger, not smaller: the sums are smaller.", 1e-3 } },
hints = { "A sixth of the data, six times the α.", "0.05 * 6" } },

demo { id = "fair", [[
six = five:fork{at = 0, alpha = 0.3}
six:step(200)
six.loss
200*30, 200*5]],
expect = { ["six.loss"] = { 0.7135365, 1e-5 } },
see = [[
About as good as the full batch, and in 200 updates it looked at 1000
examples in place of 6000. (With a mean instead of a sum nothing would have
to be changed. That is why people who compare say which they use.)
]] },

figure { id = "walks", [[
plot.surface{G, all, six, phi0 = {-4, 3}, phi1 = {7, 17}}]],
alt = "The deep dip with two paths from (-1.5, 8.5). The full batch goes to the right and then \z
      straight up along the floor, towards (0, 16). The batches of five shoot to and fro across \z
      it on the same way up.",
see = [[
The same way, one smoothly, one trembling.
]] },

choice { id = "advantage", ask = [[
Which of these is an advantage of batches?
]],
yes = { "a step costs less, so there are more of them",
        "That is the main one: 1000 examples instead of 6000." },
no = { { "the loss falls with every update", "The batch's loss may; the whole one often rises: \z
                                              try plot.loss{six}." },
       { "the gradient is more exact", "It is noisier. spread(5) was 7.6, spread(30) 0." },
       { "one need not choose α", "One has to, and more carefully, as you will see." } } },

text { id = "summary", [[
What you have now:

    epoch       one pass; examples/batch size updates make one
    gradient    a batch's is right on average; their sum is the whole one
    α           for sums over batches larger by examples/batch size
    cost        a step looks at few examples: the reason for it all

What the noise does to the walk, for better and for worse, is the next
lesson.

To try next: plot.loss{six, all} shows both losses. Does the order matter?
Run six with order = "draw" and "fixed".
]] },
}
