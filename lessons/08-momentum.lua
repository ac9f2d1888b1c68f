-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "momentum", seed = 1, minutes = 20,
title = "Momentum: do not forget where you were going",
covers = { "E1", "E5", "P10", "Q4", "X14" }, needs = { "valleys", "batches" },
summary = "An average of all earlier gradients in place of the last one: how it is formed, what \z
          it remembers, and the ball that rolls.",

text { id = "start", [[
Batches disagree: one says left, the next says right. Each step follows the
latest opinion only. What if one remembered the others?
]] },

demo { id = "plain", say = [[
The walk to be improved: batches of five, always in the same order, 80
updates.
]], [[
G = loss.least_squares(model.gabor, data.gabor30)
how = {start = {-1.5, 8.5}, batch = 5, seed = 42, order = "fixed",
    steps = 80}
plain = fit(G, optim.gd{alpha = 0.6}, how)
plain.loss]],
expect = { ["plain.loss"] = { 1.3092, 1e-4 } },
},

figure { id = "zigzag", [[
plot.surface{G, plain, phi0 = {-4, 3}, phi1 = {7, 17}}]],
alt = "A path that starts at (-1.5, 8.5) and shoots to and fro across the valley, from φ₀ = -2.5 \z
      to φ₀ = 2, while it climbs slowly to (-0.2, 14.2).",
see = [[
Far to the left, far to the right, and a little upwards each time.
]] },

text { id = "rule", [[
Keep a running average m of the gradients, and step along the average:

    m ← β·m + (1 − β)·g
    φ ← φ − α·m

m begins at 0. β, from 0 to 1, says how much of the past is kept.
]] },

number { id = "first", ask = [[
β = 0.9, m = 0, and the first gradient is 2. What is m now?
]],
answer = { 0.2, 1e-3 }, from = "0.9*0 + (1 - 0.9)*2",
wrong = { { 2, "You took g whole; its weight is 1 - β = 0.1." },
          { 1.8, "The weights are exchanged: β belongs to the old m." } },
hints = { "The old m is 0, so one term is left.", "(1 - 0.9)*2" } },

number { id = "second", ask = [[
The next gradient is 3. And now?
]],
answer = { 0.48, 1e-3 }, from = "0.9*0.2 + (1 - 0.9)*3",
wrong = { { 0.3, "That is the new part alone. 0.9 times the old m, 0.2, comes to it." },
          { 0.5, "The old m is kept to 0.9 only: 0.9·0.2." },
          { 2.72, "The weights are exchanged: β belongs to the old m." } },
hints = { "0.9 of the old m and 0.1 of the new gradient.", "0.9*0.2 + 0.1*3" } },

choice { id = "beta-zero", ask = [[
With β = 0, momentum becomes ...
]],
yes = { "plain gradient descent", "m = g: nothing is remembered." },
no = { { "no movement at all", "That is β = 1: m would stay 0 for ever." },
       { "descent with the full batch", "The batch is the same; only the memory is gone." } } },

predict { id = "better", ask = [[
plain ended at 1.309, with α = 0.6. The same batches, the same α, and
momentum with β = 0.6: where does it end?
]],
yes = { "below 1.2", "0.899: the pushes to left and right cancel in the average." },
no = { { "at 1.309 too", "The average of the gradients is not the last gradient." },
       { "above 3: old gradients lead astray", "They do lag behind. What they agree on matters \z
                                                more here." } },
run = [[
ball = fit(G, optim.momentum{alpha = 0.6, beta = 0.6}, how)
ball.loss]],
expect = { ["ball.loss"] = { 0.8987, 1e-4 } },
},

figure { id = "both", [[
plot.loss{plain, ball}]],
alt = "Loss against update. Plain descent jumps between 5 and 18 for 60 updates and ends near \z
      1.3. Momentum rises once to 12, then falls smoothly to below 2 at update 40 and to 0.9 at \z
      80.",
see = [[
plot.surface{G, ball, phi0 = {-4, 3}, phi1 = {7, 17}} shows its walk.
]] },

demo { id = "explain", say = [[
The second update in numbers:
]], [[
explain(ball, 2)]],
see = [[
The new gradient says -0.30 for φ₀, the memory says 0.17; they nearly
cancel.
]] },

code { id = "step", points = 4, fn = "step", pure = true, returns = { "phi", "m" },
ask = [[
Write one update. phi, m and g are lists of the same length. Return new
lists phi and m, and leave the old ones alone.
]],
starter = [[
function step(phi, m, g, alpha, beta)
    local p, q = {}, {}
    for i = 1, #phi do
        q[i] = m[i]      -- the new m
        p[i] = phi[i]    -- the new phi
    end
    return p, q
end]],
solution = [[
function step(phi, m, g, alpha, beta)
    local p, q = {}, {}
    for i = 1, #phi do
        q[i] = beta*m[i] + (1 - beta)*g[i]
        p[i] = phi[i] - alpha*q[i]
    end
    return p, q
end]],
given = function(r)
    local n = r:int(1, 4)
    return r:vec(n), r:vec(n), r:vec(n), r:num(0.1, 1), r:num(0.1, 0.4)
end,
mistakes = {
    { id = "no-weight", swap = { "(1 - beta)*g[i]", "g[i]" },
      say = "m is too large: the new gradient has the weight 1 - beta." },
    { id = "swapped", swap = { "beta*m[i] + (1 - beta)*g[i]", "(1 - beta)*m[i] + beta*g[i]" },
      say = "The two weights are exchanged: beta multiplies the old m." },
    { id = "old-m", swap = { "alpha*q[i]", "alpha*m[i]" },
      say = "phi moved along the old m. First make the new m, then step along that." },
    { id = "gradient", swap = { "alpha*q[i]", "alpha*g[i]" },
      say = "phi moved along the gradient: m is computed and not used." },
    { id = "uphill", swap = { "phi[i] - alpha*q[i]", "phi[i] + alpha*q[i]" },
      say = "That goes uphill: the step is subtracted." },
    { id = "no-alpha", swap = { "alpha*q[i]", "q[i]" }, say = "The step lacks its factor alpha." },
    { id = "returned", swap = { "return p, q", "return q, p" },
      say = "The two results are exchanged: first phi, then m." },
},
hints = { "Two lines: first q[i], the new m, then p[i].",
          "q[i] = beta*m[i] + (1 - beta)*g[i]", "p[i] = phi[i] - alpha*q[i]" } },

text { id = "memory", [[
"Momentum uses this gradient and the previous one." You find that in print.
What does m contain after four updates, β = 0.6?
]] },

number { id = "weight-first", ask = [[
The newest gradient has the weight 1 − β = 0.4. The one before was
multiplied by β once more: 0.24. What is the weight of the one three
updates before the newest?
]],
answer = { 0.0864, 1e-4 }, from = "0.4*0.6^3",
wrong = { { 0, "Nothing is thrown away. Each update multiplies what is there by 0.6." },
          { 0.144, "That is two updates before the newest." },
          { 0.216, "0.6³ is there; the 0.4 it entered with is missing." },
          { 0.05184, "One factor 0.6 too many." } },
hints = { "0.4, 0.24, 0.144, ...: each 0.6 times the one before.", "0.4*0.6^3" } },

figure { id = "weights", [[
plot.weights{optim.momentum{alpha = 0.6, beta = 0.6}, steps = 12}]],
alt = "Twelve bars, newest first: 0.4, 0.24, 0.144, 0.086, each 0.6 times the one before, close \z
      to 0 from the eighth on.",
see = [[
All the gradients so far, each with less weight. None is ever quite gone.
]] },

demo { id = "constant", say = [[
A test that shows the weights: a loss with the constant slope 1. If m were
a full average it would be 1 at once.
]], [[
slope = loss(function(x) return x end)
r = descend(slope, optim.momentum{alpha = 1, beta = 0.6}, {start = {0}})
r:step(6)
r.trace.m:t()]],
expect = { ["r.trace.m[2][1]"] = { 0.4, 1e-9 }, ["r.trace.m[7][1]"] = { 0.953344, 1e-9 } },
},

choice { id = "sum-weights", ask = [[
0.4, 0.64, 0.784, ...: the weights of t gradients do not sum to 1. To what?
]],
yes = { "1 − β^t: the rest is the weight of the 0 it began with",
        "After 3 updates 1 - 0.216 = 0.784. Remember this; Adam will correct it." },
no = { { "1 − β, always", "That is the first one only: 0.4." },
       { "they would sum to 1 with a larger α", "α does not enter m." } } },

text { id = "rolling", [[
Written a little differently, the same rule is a ball that rolls down the
loss, with friction:

    velocity   m ← β·m − α·g      φ ← φ + m

m is now its velocity. On a slope that never changes it gets faster, until
friction holds the balance.
]] },

demo { id = "speeds", say = [[
A slope of 1, α = 1: plain descent moves 1 at each update. The ball, after
1000 updates, with β = 0.5 and 0.9:
]], [[
function speed_of(beta)
    local r = descend(slope, optim.momentum{alpha = 1, beta = beta,
        form = "velocity"}, {start = {0}}):step(1000)
    return -r.trace.m[1001][1]
end
speed_of(0.5), speed_of(0.9)]],
expect = { ["speed_of(0.5)"] = { 2, 1e-9 }, ["speed_of(0.9)"] = { 10, 1e-9 } },
},

number { id = "speed", ask = [[
And with β = 0.99?
]],
answer = { 100, 0.5 }, from = "speed_of(0.99)",
wrong = { { 11, "It is 1/(1 − β): 2, 10, ..." },
          { 50, "1/(1 - 0.99)" } },
hints = { "0.5 gives 2, 0.9 gives 10: 1/(1 - β).", "1/(1 - 0.99)" } },

predict { id = "escape", ask = [[
Can the ball roll through a local minimum? From (3.5, 6.5) plain descent is
stuck at 9.96. The ball, α = 0.02 and 4000 updates, with β = 0.5 and 0.9:
]],
yes = { "with 0.9 it rolls on, with 0.5 it stays", "With 0.9 it carries 10 gradients of speed." },
no = { { "both stay", "With 0.9 it is fast enough to roll over the rim." },
       { "both roll on", "Speed at most 2 gradients with 0.5: too slow." } },
run = [[
function roll(beta, start)
    return descend(G, optim.momentum{alpha = 0.02, beta = beta,
        form = "velocity"}, {start = start}):step(4000)
end
roll(0.5, {3.5, 6.5}).loss
nine = roll(0.9, {3.5, 6.5})
nine.loss, nine.phi]],
expect = { ["roll(0.5, {3.5, 6.5}).loss"] = { 9.9613, 1e-4 }, ["nine.loss"] = { 5.3814, 1e-4 },
           ["nine.phi"] = { { 11.6012, 3.0005 }, 1e-3 } },
},

figure { id = "rolled", [[
stays = roll(0, {3.5, 6.5})
plot.surface{G, stays, nine, phi0 = {2, 14}, phi1 = {2.5, 10.5}}]],
alt = "Two paths from (3.5, 6.5). Plain descent bends up to the small dip at (6.2, 8.1) and \z
      stops. The ball goes straight past it, on to the right, and ends on the flat land at \z
      (11.6, 3.0).",
see = [[
5.38 is better than 9.96, yet it is next to nothing: the plateau has 5.43.
]] },

predict { id = "ninety-nine", ask = [[
With β = 0.99 it is ten times faster still. Where does it end?
]],
yes = { "far out on the plateau", "At (71, -13): it rolled past everything." },
no = { { "in the deep dip, 0.6457", "Nothing steers it there. It is simply fast." },
       { "at 9.96 again", "It is much too fast to stop there." } },
run = [[
far = roll(0.99, {3.5, 6.5})
far.loss, far.phi]],
expect = { ["far.loss"] = { 5.431253, 1e-5 }, ["far.phi"] = { { 71.00145, -13.19649 }, 0.05 } },
},

try { id = "other-dip", ask = [[
From (-0.2, 5.0), in the other small dip, it is harder. Try: set

    b = 0.5

to a number below 1, and see whether roll(b, {-0.2, 5}).loss is still
10.18. When you have tried one of 0.9 or more, you may go on.
]],
goal = function(e) return e.b >= 0.9 and e.b < 1 end,
near = { { by = "b = 2", when = function(e) return e.b >= 1 end,
           say = "With β of 1 or more nothing brakes it. Below 1, please." },
         { by = "b = 0.6", when = function(e) return e.b < 0.9 end,
           say = "That one stays, too. Try a faster ball: 0.9 or more." } },
solution = "b = 0.99",
hints = { "b = 0.9, then roll(b, {-0.2, 5}).loss" },
see = [[
10.18, whatever β. It starts so near the bottom that it never gets fast.
]] },

choice { id = "ball", ask = [[
What does the rolling ball have that plain descent has not?
]],
yes = { "a velocity: it remembers how it was moving", "So it keeps going where gradients agree, \z
                                                       and averages out where they do not." },
no = { { "a larger gradient", "The gradients are the same. They are added up." },
       { "a way to see over hills", "It sees nothing. It may be carried over one, or past \z
                                     something good." },
       { "a guarantee to find the global minimum", "You saw it stay at 10.18, and roll off to \z
                                                    the plateau." } } },

text { id = "summary", [[
What you have now:

    momentum    m ← β·m + (1 − β)·g, φ ← φ − α·m
    memory      all earlier gradients: weights (1 − β)·βⁱ, sum 1 − β^t
    speed       up to 1/(1 − β) gradients where they all agree
    local dips  it may roll through one, and past something good

To try next: on the straight line of the first lesson (no batches), how
many updates does momentum with α = 0.1, β = 0.5 need to L < 0.19987? And
plain descent, with its best α = 0.037?
]] },
}
