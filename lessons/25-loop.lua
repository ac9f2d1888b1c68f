-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "loop", seed = 1, minutes = 15,
title = "The loop that everybody meets first",
covers = { "A4" }, needs = { "line", "batches", "graph", "adam" },
summary = "Ten lines from the manual of some library, rebuilt one by one, and the traps in them: \z
          the scale of the loss, copied rates, gradients that are not set to zero.",

text { id = "start", [[
Whoever opens the manual of a library for learning finds a loop like this:

    repeat 1000 times
        f    = model(x)                   1
        loss = 0.5 * mean((y - f)^2)      2
        set the gradients to zero         3
        compute them, backwards           4
        Adam takes a step, lr = 1e-4      5

By now you know each line. Rebuild it.
]] },

choice { id = "first-line", ask = [[
Line 1, f = model(x). What does it compute, for the straight line and the
twelve x?
]],
yes = { "the twelve heights of the line, for the present φ",
        "The way forward through the graph: lesson \"line\", lesson \"graph\"." },
no = { { "the best line", "It uses φ as it is. To make it better is what the other lines are \z
                           for." },
       { "the twelve errors", "y comes in on line 2." } } },

code { id = "half-mean-code", points = 3, fn = "half_mean", pure = true,
ask = [[
Line 2: f and y are lists. Return half the mean of the squared errors.
]],
starter = [[
function half_mean(f, y)
    local sum = 0
    for i = 1, #y do
        -- add
    end
    return sum
end]],
solution = [[
function half_mean(f, y)
    local sum = 0
    for i = 1, #y do
        sum = sum + (y[i] - f[i])^2
    end
    return 0.5*sum/#y
end]],
given = function(r) local n = r:int(2, 6) return r:vec(n), r:vec(n) end,
mistakes = {
    { id = "sum", swap = { "0.5*sum/#y", "sum" },
      say = "That is the sum of squares, as in the first lesson. Here it is half the mean." },
    { id = "mean", swap = { "0.5*sum/#y", "sum/#y" }, say = "That is the mean. Half of it." },
    { id = "half-sum", swap = { "0.5*sum/#y", "0.5*sum" },
      say = "That is half the sum. Divide by the number of examples." },
    { id = "not-squared", swap = { "(y[i] - f[i])^2", "(y[i] - f[i])" },
      say = "Square each error." },
    { id = "square-of-sum", code = [=[
function half_mean(f, y)
    local sum = 0
    for i = 1, #y do sum = sum + (y[i] - f[i]) end
    return 0.5*sum^2/#y
end]=], say = "That squares the sum. Square each error, then add." },
},
hints = { "sum = sum + (y[i] - f[i])^2", "return 0.5*sum/#y" } },

number { id = "half-mean", ask = [[
Half the mean, where we had the sum. With 12 examples, how many times
larger is the sum?
]],
answer = { 24, 1e-3 }, from = "2*12",
wrong = { { 12, "That is the mean. There is a half, too." },
          { 6, "Times 2, not divided by 2." } },
hints = { "1/12 for the mean, 1/2 for the half." },
see = [[
And its gradient is 24 times larger.
]] },

predict { id = "bound", ask = [[
For plain descent the bound on α was 2/λmax = 0.03998 for the sum. Somebody
takes α = 0.9 on the half mean. What happens?
]],
yes = { "it settles: the bound is 0.9594 there", "λmax is 24 times smaller, the bound 24 times \z
                                                  larger." },
no = { { "it runs away: 0.9 is far above 0.04", "The bound belongs to the loss. Here it is \z
                                                 0.9594." },
       { "it crawls", "It is close to the bound: α = 0.9 is 0.0375 for the sum." } },
run = [[
line = loss.least_squares(model.line, data.line12)
half = 0.5*loss.mean_squares(model.line, data.line12)
2/eigenvalues(half:hessian{0, 0})[2]
fit(half, optim.gd{alpha = 0.9}, {start = {1.6, -0.5}, steps = 300}).loss
fit(half, optim.gd{alpha = 0.97}, {start = {1.6, -0.5}, steps = 300}).loss]],
expect = { ["2/eigenvalues(half:hessian{0, 0})[2]"] = { 0.959424, 1e-5 },
    ["fit(half, optim.gd{alpha = 0.9}, {start = {1.6, -0.5}, steps = 300}).loss"] =
    { 0.1998664/24, 1e-6 } },
see = [[
An α from somebody else's loop means nothing without their loss.
]] },

predict { id = "zero", ask = [[
Line 3. Libraries ADD each new gradient to what is stored; so it must be set
to zero first. Suppose somebody forgets. Plain descent, α = 0.1, 200
updates:
]],
yes = { "it swings to and fro and does not settle", "The sum of all gradients is a ball without \z
                                                     friction: momentum with β = 1." },
no = { { "it runs away at once", "For a small α it stays near, and swings." },
       { "it settles, a little faster", "Old gradients are never forgotten: it rolls past the \z
                                         bottom, again and again." },
       { "nothing changes", "The stored sum grows with every update." } },
run = [[
p, stored, seen = array{1.6, -0.5}, zeros(2), {}
for t = 1, 200 do
    stored = stored + half:gradient(p)
    p = p - 0.1*stored
    seen[t] = half(p)
end
plot.lines{y = seen, x_label = "update t", y_label = "loss"}]],
expect = { ["half(p) > 0.05 and 1 or 0"] = { 1, 0.1 } },
alt = "The loss over 200 updates: it swings up and down between 0.01 and 0.2 and does not get \z
      smaller.",
},

number { id = "backwards", ask = [[
Line 4. For a model with a million parameters: about how many losses does
the gradient cost, backwards through the graph? (A small number.)
]],
answer = { 3, 1.1 },
wrong = { { 1000000, "That would be differences. Backwards it is about 2 to 4 losses.", 1 },
          { 2000000, "That would be central differences. Backwards it is about 2 to 4.", 1 } },
hints = { "Lesson \"graph\": about as much again, or twice." },
see = [[
2 to 4, whatever the number of parameters. Without that none of this would
exist.
]] },

demo { id = "whole", say = [[
And line 5, Adam, of which you wrote each line in lesson "adam". All
together, once by hand and once by the program:
]], [[
phi, m, v = array{1.6, -0.5}, zeros(2), zeros(2)
for t = 1, 1000 do
    local g = half:gradient(phi)                     -- lines 1 to 4
    m = 0.9*m + 0.1*g
    v = 0.999*v + 0.001*g^2
    local m_corrected = m/(1 - 0.9^t)
    local v_corrected = v/(1 - 0.999^t)
    phi = phi - 1e-4*m_corrected/(sqrt(v_corrected) + 1e-8)
end
r = fit(half, optim.adam{alpha = 1e-4}, {start = {1.6, -0.5},
    steps = 1000})
phi, r.phi]],
expect = { ["abs(phi - r.phi):max()"] = { 0, 1e-12 } },
see = [[
The same to the last digit.
]] },

predict { id = "adam-scale", ask = [[
And Adam? The same α on the sum and on the half mean, 50 updates each.
]],
yes = { "the same path", "m and √v both become 24 times smaller; their quotient stays." },
no = { { "24 times shorter steps", "It divides by the size of the gradient: the factor cancels." },
       { "it diverges on the sum", "Its steps are about α on either." } },
run = [[
a = descend(line, optim.adam{alpha = 0.05}, {start = {1.6, -0.5}}):step(50)
b = descend(half, optim.adam{alpha = 0.05}, {start = {1.6, -0.5}}):step(50)
a.phi, b.phi]],
expect = { ["abs(a.phi - b.phi):max()"] = { 0, 1e-6 } },
},

predict { id = "slow", ask = [[
lr = 1e-4 on the line, from (1.6, -0.5) to a loss of 0.2134, as
line search reached in ten. How many updates?
]],
yes = { "about 12,000", "12,420: φ₁ has 1.02 to go, at 0.0001 a step, more slowly at the end." },
no = { { "about 100", "With α = 0.05, yes." },
       { "about 1000", "1000 steps of 0.0001 make 0.1." } },
run = [[
a = descend(line, optim.adam{alpha = 1e-4}, {start = {1.6, -0.5}})
a:converge{loss = 0.2134, steps = 20000}
a.t]],
expect = { ["a.t"] = { 12420, 3 } },
see = [[
Copied numbers are a start. Then try a factor of 10 to both sides.
]] },

figure { id = "there", say = [[
On the way, after the 1000 of the manual and after all 12,420:
]], [[
plot.surface{line, a, phi0 = {0.4, 2}, phi1 = {-0.8, 0.9}}]],
alt = "The long valley and a path from (1.6, -0.5): at first diagonally up to the right, then \z
      turning left and following the floor of the valley towards (0.85, 0.47).",
},

try { id = "own-rate", ask = [[
Choose better: bring the sum of squares below 0.2 in 200 updates.

    mine = fit(line, optim.adam{alpha = 1e-4},
        {start = {1.6, -0.5}, steps = 200})
    mine.loss
]],
goal = function(e)
    return e.mine.t <= 200 and e.mine.loss < 0.2 and e.mine.trace.loss[1] > 5
end,
near = { { by = "mine = fit(line, optim.adam{alpha = 1e-3}, {start = {1.6, -0.5}, steps = 200})",
           when = function(e) return e.mine.t <= 200 and e.mine.loss > 1 end,
           say = "Too slow still: φ₁ has a way of 1 to go, at α a step." },
         { by = "mine = fit(line, optim.adam{alpha = 1e-3}, {start = {1.6, -0.5}, steps = 5000})",
           when = function(e) return e.mine.t > 200 end,
           say = "That took more than 200 updates." } },
solution = "mine = fit(line, optim.adam{alpha = 0.03}, {start = {1.6, -0.5}, steps = 200})",
hints = { "Factors of 10: 1e-3, 1e-2, 1e-1.", "0.03 does it, and so does 0.1." } },

choice { id = "missing", ask = [[
The loop looks at all data in each update and prints the training loss.
What would you add before you trust it with a large network?
]],
yes = { "batches, a schedule, and a loss on data held out",
        "Lessons \"batches\", \"noise\" and \"overfitting\"." },
no = { { "more updates", "Perhaps. How would you know when to stop, without data held out?" },
       { "a smaller lr", "1e-4 was slow already. It is to be measured, not guessed." },
       { "nothing", "A training loss of 0 may mean that it has learnt the errors by heart." } } },

text { id = "summary", [[
What you have now:

    line 1, 2   forward: predictions and their loss; the scale of the
                loss belongs to α
    line 3      gradients are added up unless set to zero
    line 4      backward: all derivatives for 2 to 4 losses
    line 5      the rule; Adam does not mind the scale, others do
    lr = 1e-4   a number from somewhere: try factors of 10

To try next: the loop by hand with batches: G:batch(indices):gradient(phi)
is the gradient of some examples. And export(r, "fit.py", {to = "torch"})
writes this very loop.
]] },
}
