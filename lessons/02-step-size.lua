-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "step-size", seed = 1, minutes = 15,
title = "How large a step?",
covers = { "C4", "X9", "Q2" }, needs = { "line" },
summary = "Too small crawls, too large runs away, and the two stand close together: what decides \z
          is how sharply the valley bends.",

text { id = "start", [[
In the first lesson each update was φ ← φ − α·∂L/∂φ with α = 0.01. That
number fell from the sky. Here you choose it.
]] },

code { id = "descent", points = 3, fn = "descent",
ask = [[
First the loop itself, for one number: make n updates from x with step
size alpha, and return where you are. slope is a function.
]],
starter = [[
function descent(slope, x, alpha, n)
    for t = 1, n do
        -- one update of x
    end
    return x
end]],
solution = [[
function descent(slope, x, alpha, n)
    for t = 1, n do
        x = x - alpha*slope(x)
    end
    return x
end]],
given = function(r)
    local a, b = r:pick { 1, 2, 3 }, r:pick { -1, 1, 2 }
    return r:fn(("function(x) return %d*x + %d end"):format(a, b)), r:num(), r:num(0.1, 0.5),
        r:int(1, 4)
end,
mistakes = {
    { id = "uphill", swap = { "x - alpha", "x + alpha" },
      say = "That goes uphill: the step is against the slope." },
    { id = "no-alpha", swap = { "alpha*slope(x)", "slope(x)" }, say = "The step lacks alpha." },
    { id = "one-step", swap = { "for t = 1, n do", "for t = 1, 1 do" },
      say = "That is one update; n are asked for." },
    { id = "frozen", code = [=[
function descent(slope, x, alpha, n)
    local s = slope(x)
    for t = 1, n do x = x - alpha*s end
    return x
end]=], say = "The slope must be asked anew at each place, not once at the start." },
    { id = "only-step", swap = { "x = x - alpha*slope(x)", "x = -alpha*slope(x)" },
      say = "The step alone is left. It is taken from where x is: x - alpha*..." },
},
hints = { "x = x - alpha*slope(x)" },
},

demo { id = "setup", say = [[
Now the line again. Each run starts from (1.6, -0.5), where the loss is
5.02, and makes 100 updates. With α = 0.01 it got to 0.2008:
]], [[
L = loss.least_squares(model.line, data.line12)
good = fit(L, optim.gd{alpha = 0.01}, {start = {1.6, -0.5}, steps = 100})
good.loss]],
expect = { ["good.loss"] = { 0.200773847, 1e-8 } },
},

predict { id = "small", ask = [[
α = 0.001, ten times smaller. Where is the loss after 100 updates?
]],
yes = { "still above 1", "Safe and slow: small steps do not get far." },
no = { { "near 0.2 as before",
         "It is on the way there. 100 updates of this size get as far as 10 of the old ones." },
       { "lower than before",
         "Small steps are no more exact here; there are only more of them to make." } },
run = [[
small = fit(L, optim.gd{alpha = 0.001}, {start = {1.6, -0.5}, steps = 100})
small.loss]],
expect = { ["small.loss"] = { 1.6147266, 1e-6 } },
},

demo { id = "large-four", say = [[
Now a larger one, 0.041. First four updates:
]], [[
large = descend(L, optim.gd{alpha = 0.041}, {start = {1.6, -0.5}})
large:step(4)
large.trace.loss]],
expect = { ["large.loss"] = { 3.4440391, 1e-6 } },
see = [[
From 5.02 down to 3.44, each update lower than the one before.
]] },

predict { id = "large", ask = [[
96 more updates with α = 0.041. Where is the loss then?
]],
yes = { "above 10,000", "It ran away, after four updates that looked fine." },
no = { { "near 0.2",
         "It did fall at first. That four steps go down says nothing about the hundredth." },
       { "about 3.4: it settles there",
         "It does not settle. Once it has turned, every update takes it higher." },
       { "it swings between 3 and 5", "Each swing is larger than the one before." } },
run = [[
large:step(96)
large.loss]],
expect = { ["large.loss"] = { 36510.973, 0.01 } },
},

number { id = "passes", ask = [[
At which update was its loss first above that of the start, 5.020125?
large.trace.loss holds them all: row 1 is the start, row t + 1 is update t.
]],
answer = { 11, 0.1 },
wrong = { { 12, "Row 12, yes. Row 1 is the start, so that is update 11." },
          { 5, "At update 5 it turns and begins to rise, to 3.48. When is it above 5.020125?" },
          { 4, "Update 4 is the lowest, 3.44." } },
hints = { "large.trace.loss:slice(10, 14) shows rows 10 to 14.",
          "Row 11 is 4.82, row 12 is 5.27. Which update is row 12?" } },

demo { id = "curvature", say = [[
Why? It depends on how sharply the valley bends. The second derivatives
form a matrix, the Hessian; its eigenvalues are the curvatures λ along the
flat floor and across the steep sides.
]], [[
H = L:hessian{1.6, -0.5}
H
eigenvalues(H)]],
expect = { ["eigenvalues(H)"] = { { 3.99417, 50.03003 }, 1e-4 } },
see = [[
In a direction with curvature λ, one update multiplies the distance from
the bottom by

    1 − α·λ

Between -1 and 1 it shrinks. Below -1 it jumps across, and lands further
away than it was.
]] },

number { id = "bound", ask = [[
At which α does 1 − α·λ become -1 for the steep direction, λ = 50.03003?
]],
answer = { 0.0399760, 5e-5 }, from = "2/eigenvalues(L:hessian{1.6, -0.5})[2]",
wrong = { { 0.0199880, "There 1 − α·λ is 0: this direction is done in one update. The limit \z
                       is later." },
          { 0.5007298, "That is for the flat direction. The steep one gives way first." },
          { -0.0399760, "Right in size, but 1 − α·λ = -1 gives a positive α." } },
hints = { "1 - alpha*lambda = -1, so alpha*lambda = 2.", "2/50.03003" },
see = [[
0.041 is a little above 0.03998. That little was enough.
]] },

predict { id = "factor", ask = [[
Then α = 2/(3.994 + 50.030) = 0.03702 must be special. With it, what are
the two factors 1 − α·λ?
]],
yes = { "0.852 and -0.852: equally slow", "Both shrink alike. A larger α would slow the steep \z
                                           direction, a smaller one the flat." },
no = { { "0 and -1", "0 would be done in one update. No α does that for both." },
       { "0.148 and 1.852", "Those are the two α·λ. Take them from 1." } },
run = [[
1 - 0.03702*eigenvalues(H)]],
expect = { ["1 - 0.03702*eigenvalues(H)"] = { { 0.85214, -0.85211 }, 1e-4 } },
see = [[
This is the best fixed step for this valley.
]] },

choice { id = "first-down", ask = [[
With α = 0.041 the distance across the valley grows from the first update
on. Still the loss fell four times. How can that be?
]],
yes = { "along the floor it got better faster than across it got worse",
        "The start is far along the floor and near across it. At first the gain is larger; in \z
        the end what grows wins." },
no = { { "the loss counts only one of the two directions",
         "It counts both. That is why one can hide the other." },
       { "the first updates used a smaller α", "α was 0.041 in all of them." },
       { "the Hessian changes on the way",
         "The loss is a square of φ, so its second derivatives are the same everywhere." } },
},

figure { id = "four", say = [[
Four step sizes from one start, on a logarithmic scale. 0.037 is near the
best there is, 2/(3.994 + 50.030).
]], [[
best = fit(L, optim.gd{alpha = 0.037}, {start = {1.6, -0.5}, steps = 100})
plot.loss{small, good, best, large, log = true}]],
alt = "Loss against update, four curves. 0.001 falls slowly to 1.6. 0.01 falls to 0.2008. \z
      0.037 falls fastest, to 0.1999. 0.041 falls to 3.4 at update 4, turns, and rises \z
      steadily to 36,511.",
see = [[
A good step size stands close to a disastrous one: 0.037, and 0.041.
]] },

demo { id = "why", say = [[
The program can be asked:
]], [[
why(large)]],
},

choice { id = "too-large", ask = [[
What does too large an α do, in general?
]],
yes = { "it jumps across the valley, further each time", "Across the sharpest bend first; so the \z
                                                         loss grows, at once or later." },
no = { { "it finds the minimum faster", "Up to 2/(λmin + λmax) it does. Beyond, each jump lands \z
                                          worse." },
       { "it stops too early", "It never stops: large jumps have large gradients." },
       { "it makes the gradient less exact", "The gradient is exact at each place. The place is \z
                                              wrong." } } },

try { id = "own-rate", ask = [[
Find a step size of your own that brings the loss below 0.19987 in 100
updates from the same start:

    opt = optim.gd{alpha = 0.01}
    mine = fit(L, opt, {start = {1.6, -0.5}, steps = 100})

Put in your own number, and look at mine.loss.
]],
goal = function(e)
    local run = e.mine
    return run.t <= 100 and run.loss < 0.19987 and run.trace.loss[1] > 5.02
end,
near = {
    { by = "mine = fit(L, optim.gd{alpha = 0.01}, {start = {1.6, -0.5}, steps = 1000})",
      when = function(e) return e.mine.t > 100 end,
      say = "That took more than 100 updates." },
    { by = "mine = fit(L, optim.gd{alpha = 0.02}, {start = {0.8, 0.5}, steps = 100})",
      when = function(e) return e.mine.trace.loss[1] < 5.02 end,
      say = "That began nearer to the bottom. Start from (1.6, -0.5), as the others did." },
    { by = "mine = fit(L, optim.gd{alpha = 0.01}, {start = {1.6, -0.5}, steps = 100})",
      when = function(e) return e.mine.trace.alpha[2] < 0.02 end,
      say = "mine.loss is not there yet. Nothing ran away, so a larger step may do." },
    { by = "mine = fit(L, optim.gd{alpha = 0.05}, {start = {1.6, -0.5}, steps = 100})",
      when = function(e) return e.mine.trace.alpha[2] > 0.03 end,
      say = "Too large: it jumps across the valley and comes down too slowly, or not at all." },
},
solution = "mine = fit(L, optim.gd{alpha = 0.03}, {start = {1.6, -0.5}, steps = 100})",
hints = { "0.01 is too slow, 0.041 runs away. Try one between.",
          "Anything from 0.017 to 0.038 will do." } },

choice { id = "always", ask = [[
"Gradient descent on least squares always ends at the same line." You have
seen enough to judge that.
]],
yes = { "only if the step size is below the bound",
        "With α = 0.041 it ended nowhere. (And if all x were equal, many lines would be \z
        equally good.)" },
no = { { "true: there is only one best line",
         "There is one here. With α = 0.041 the run did not get to it." },
       { "false: it depends on where one starts",
         "On this loss it does not. With α small enough every start leads to the same line." } },
},

text { id = "summary", [[
What you have now:

    a direction of curvature λ   each update multiplies the distance
                                 from the bottom by 1 − α·λ
    α below 2/λmax = 0.03998     it settles
    α above                      it runs away, perhaps after a good start
    best fixed α                 2/(λmin + λmax) = 0.03702

To try next: plot.surface{L, good, large} shows the run that left. What
does α = 0.0399 do, just below the bound? And 2/50.03003 exactly?
]] },
}
