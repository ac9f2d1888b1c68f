-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "convex", seed = 1,
title = "Convex or not, and what the points are",
covers = { "P6", "C8" },
task = [[
Three functions of one variable, each with points where its slope is 0:

    a(q) = q⁴/4 − q²/2 + 0.1·q     at −1.0467, 0.1010 and 0.9456
    b(q) = (q − 1)²                at 1
    c(q) = q³                      at 0

Say of each whether it is convex, "yes" or "no", and of each point what it
is: "global" (the lowest of all), "local" (a minimum, but not the lowest)
or "neither". And write bend(q), the second derivative of a.
]],
starter = [[
a_convex = nil               -- "yes" or "no"
a_points = {"", "", ""}      -- at -1.0467, 0.1010, 0.9456
b_convex = nil
b_points = {""}              -- at 1
c_convex = nil
c_points = {""}              -- at 0

function bend(q)
    return 0
end
]],
solution = [[
a_convex = "no"
a_points = {"global", "neither", "local"}
b_convex = "yes"
b_points = {"global"}
c_convex = "no"
c_points = {"neither"}

function bend(q)
    return 3*q^2 - 1
end
]],

answer { id = "a-convex", title = "a: convex?", points = 1, name = "a_convex", ask = "Is a convex?",
is = "no", wrong = { { "yes", "Near 0 the second derivative 3·q² − 1 is negative: a bends down \z
                                there." } } },
answer { id = "a-points", title = "a: its three points", points = 2, name = "a_points",
ask = "What are the points of a at −1.0467, 0.1010 and 0.9456?",
is = { "global", "neither", "local" },
wrong = {
    { { "local", "neither", "global" }, "Compare the values: a(−1.0467) = −0.3524 is lower than \z
                                         a(0.9456) = −0.1526." },
    { { "global", "local", "local" }, "At 0.1010 the second derivative is negative: a maximum." },
    { { "global", "neither", "global" }, "Only one of the two can be the lowest: −0.3524 and \z
                                          −0.1526 are not equal." },
    { { "global", "neither", "neither" }, "At 0.9456 the second derivative is positive, 1.68: a \z
                                           minimum, only not the lowest." },
} },
answer { id = "b-convex", title = "b: convex?", points = 1, name = "b_convex", ask = "Is b convex?",
is = "yes", wrong = { { "no", "The second derivative is 2 everywhere, and that is positive." } } },
answer { id = "b-points", title = "b: its point", points = 1, name = "b_points",
ask = "What is the point of b at 1?", is = { "global" },
wrong = { { { "local" }, "It is the only minimum, and so the lowest: of a convex function every \z
                          minimum is global." },
          { { "neither" }, "b(1) = 0, and (q − 1)² is nowhere below that." } } },
answer { id = "c-convex", title = "c: convex?", points = 1, name = "c_convex", ask = "Is c convex?",
is = "no", wrong = { { "yes", "The second derivative 6·q is negative for q < 0." } } },
answer { id = "c-point", title = "c: its point", points = 1, name = "c_points",
ask = "What is the point of c at 0?", is = { "neither" },
wrong = {
    { { "local" }, "Left of 0, c is lower: q³ < 0 for q < 0. The slope is 0 there, and yet it is \z
                    no minimum." },
    { { "global" }, "q³ goes down without end for q < 0: it has no lowest point at all." },
} },
calls { id = "bend", title = "bend: the second derivative of a", points = 2, fn = "bend",
returns = { "a''(q)" }, given = function(r) return r:num(-3, 3) end },

mistakes = {
    { id = "slope", title = "first derivative", swap = { "3*q^2 - 1", "q^3 - q + 0.1" },
      say = "That is the first derivative, the slope. The second one is asked for." },
    { id = "minus-lost", title = "−1 lost", swap = { "3*q^2 - 1", "3*q^2" },
      say = "The −q²/2 gives −1 to the second derivative." },
    { id = "no-three", title = "factor 3 missing", swap = { "3*q^2", "q^2" },
      say = "q⁴/4 gives q³, and that gives 3·q²." },
    { id = "value", title = "the function itself", swap = { "3*q^2 - 1",
      "q^4/4 - q^2/2 + 0.1*q" },
      say = "That is a itself. Differentiate it twice." },
},
hints = {
    "Convex: the second derivative is nowhere negative.",
    "A minimum: slope 0 and second derivative positive. The lowest of all: compare the values.",
    "a' = q³ − q + 0.1, a'' = 3·q² − 1; b'' = 2; c'' = 6·q.",
},
after = [[
plot.curve{function(q) return q^4/4 - q^2/2 + 0.1*q end, from = -1.6,
    to = 1.6}
shows the two valleys of a.
]] }
