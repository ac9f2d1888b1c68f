-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "derivatives", seed = 1, minutes = 20,
title = "How steep: the derivative",
covers = { "B1", "B2" }, needs = { "line" },
summary = "What a derivative is, how near a computed one can come to it, and where there is none.",

text { id = "start", [[
In the first lesson a gradient led the way down, and a hair of 0.00001
showed that it was right. Why that hair? Would a thinner one do better?

This lesson looks at the slope of a function of one number.
]] },

demo { id = "parabola", say = [[
A curve to begin with, y = x² − 4x + 5, and how much it rises from x = 0,
for a step h to the right:
]], [[
f = function(x) return x^2 - 4*x + 5 end
for _, h in ipairs{1, 0.1, 0.01, 0.001} do
    print(h, (f(0 + h) - f(0))/h)
end]],
expect = { ["(f(0.01) - f(0))/0.01"] = { -3.99, 1e-9 } },
see = [[
Rise over run. The shorter the step, the nearer it comes to -4.
]] },

text { id = "limit", [[
That is the derivative: what the quotient tends to as h goes to 0.

    dy/dx = lim (f(x + h) − f(x)) / h

For this curve it can be written out:

    (x + h)² − 4(x + h) + 5 − x² + 4x − 5
    -------------------------------------  =  2x − 4 + h
                      h

and with h → 0 the slope is 2x − 4. At x = 0 that is -4.
]] },

number { id = "slope-three", ask = [[
What is the slope at x = 3?
]],
answer = { 2, 1e-3 }, from = "2*3 - 4",
wrong = { { 6, "The term -4x has a slope too." },
          { -2, "Right in size. 2·3 − 4 is above 0: the curve rises there." },
          { 5, "5 is a constant; it has no slope. Use 2x − 4." } },
hints = { "Put x = 3 into 2x - 4." } },

figure { id = "tangent", say = [[
The slope as a picture: the line that touches the curve at x = 0.
]], [[
plot.curve{f, from = -1, to = 5, at = 0}]],
alt = "A parabola that opens upwards, lowest at (2, 1). A dashed line touches it at (0, 5) and \z
      falls steeply to the right. An arrow points right: downhill.",
see = [[
The slope is negative, so the way down is to the right: against the slope.
]] },

predict { id = "bottom", ask = [[
And at x = 2? What will the touching line look like?
]],
yes = { "level", "The slope is 2·2 − 4 = 0." },
no = { { "falling, less steeply than at 0",
         "It is less steep at every place before 2. At 2 itself 2x − 4 is 0." },
       { "rising", "It rises where x is above 2." } },
run = [[
plot.curve{f, from = -1, to = 5, at = 2}]],
alt = "The same parabola. The dashed line touches it at its lowest place, (2, 1), and is level.",
see = [[
At the bottom there is no way down, and the slope says so: it is 0.
]] },

number { id = "one-step", ask = [[
Gradient descent needs no more than this slope: x ← x − α·(2x − 4).
Start at x = 0 with α = 0.25. Where is x after one update?
]],
answer = { 1, 1e-6 }, from = "0 - 0.25*(2*0 - 4)",
wrong = { { -1, "That is a step uphill. Minus a negative slope is plus." },
          { 4, "That is the step without α." },
          { -4, "That is the slope." } },
hints = { "The slope at 0 is -4.", "0 - 0.25*(-4)" } },

demo { id = "walk", [[
q = loss(function(x) return x^2 - 4*x + 5 end)
r = descend(q, optim.gd{alpha = 0.25}, {start = {0}})
r:step(6)
r.trace.phi:t()]],
expect = { ["r.phi[1]"] = { 1.96875, 1e-9 } },
see = [[
0, 1, 1.5, 1.75, ...: each step half as long as the one before, since the
slope halves too.
]] },

figure { id = "moving", say = [[
The touching line after the first update. r.trace.phi[t + 1] is the place
after t updates; try others.
]], [[
plot.curve{f, from = -1, to = 5, at = r.trace.phi[2][1]}]],
alt = "The parabola once more. The dashed line touches it at (1, 2) and falls, half as steeply as \z
      at x = 0.",
},

predict { id = "alpha-one", ask = [[
The same from 0 with α = 1. Where is x after 10 updates?
]],
yes = { "back at 0", "Each update jumps to the other side, just as far away: 0, 4, 0, 4, ..." },
no = { { "at 2", "α = 0.5 gets there, in one update. Twice that jumps across." },
       { "far away, above 1000",
         "That takes an α above 1. At 1 the jumps neither grow nor shrink." } },
run = [[
jump = fit(q, optim.gd{alpha = 1}, {start = {0}, steps = 10})
jump.trace.phi:t()]],
expect = { ["jump.phi[1]"] = { 0, 1e-9 }, ["jump.trace.phi[2][1]"] = { 4, 1e-9 } },
},

text { id = "harder", [[
A parabola is kind: its quotient is off by exactly h. Most functions are
not written out so easily. Take sin(x) at x = 1. Its slope there is cos(1),
so we can see how far off a quotient is.
]] },

demo { id = "sine", [[
slope = function(h) return (sin(1 + h) - sin(1))/h end
cos(1)
slope(0.1), slope(0.001)
slope(0.1) - cos(1), slope(0.001) - cos(1)]],
expect = { ["slope(0.001) - cos(1)"] = { -0.000420826, 1e-8 } },
see = [[
h a hundred times smaller, the error a hundred times smaller.
]] },

predict { id = "thin", ask = [[
slope(1e-5) is off by 0.0000042. Now h = 1e-12. How far off is slope(1e-12)?
]],
yes = { "more: about 0.00004", "Ten times worse, though h is ten million times smaller." },
no = { { "far less: about 1e-12", "That is what the limit promises. Numbers in a computer have \z
                                   16 digits, and a difference of two equal ones has none." },
       { "not at all", "It would have to be the limit itself, and it is a quotient still." } },
run = [[
slope(1e-5) - cos(1)
slope(1e-12) - cos(1)]],
expect = { ["abs(slope(1e-12) - cos(1))"] = { 4.3240e-5, 1e-8 } },
},

number { id = "digits", ask = [[
sin(1 + h) and sin(1) are 0.84, each kept to about 16 digits: each may be
off by 1e-16. With h = 1e-12, how much can that make in the quotient?
]],
answer = { 1.5e-4, 0.6e-4 }, from = "1e-16/1e-12",
wrong = { { 1e-28, "Divide by h, not times h: the error is made larger.", 1e-29 },
          { 1e4, "Turned round: 1e-16 divided by 1e-12.", 10 } },
hints = { "The error stands in the numerator, and is divided by h.", "1e-16/1e-12" } },

code { id = "central", points = 3, fn = "central",
ask = [[
A fairer quotient goes as far to the left as to the right:

    (f(x + h) − f(x − h)) / 2h

Write it.
]],
starter = [[
function central(f, x, h)
    return 0
end]],
solution = [[
function central(f, x, h)
    return (f(x + h) - f(x - h))/(2*h)
end]],
given = function(r)
    local f = r:pick { "function(x) return x^3 + x end", "function(x) return x^3 - 2*x^2 end",
        "function(x) return x^4/4 - x + 1 end" }
    return r:fn(f), r:num(), r:pick { 0.5, 0.1, 1 }
end,
mistakes = {
    { id = "brackets", swap = { "/(2*h)", "/2*h" },
      say = "/2*h divides by 2 and then multiplies by h. Put brackets: /(2*h)." },
    { id = "numerator", swap = { "(f(x + h) - f(x - h))/(2*h)", "f(x + h) - f(x - h)/(2*h)" },
      say = "Only the second value is divided. Put brackets around the difference." },
    { id = "forward", swap = { "f(x - h))/(2*h)", "f(x))/h" },
      say = "That is the quotient to the right. This one goes to the left as well." },
    { id = "half", swap = { "f(x - h))/(2*h)", "f(x))/(2*h)" },
      say = "f(x) stands where f(x - h) should." },
    { id = "no-two", swap = { "(2*h)", "h" },
      say = "Twice too large: from x - h to x + h it is 2h." },
    { id = "sign", swap = { "(f(x + h) - f(x - h))", "(f(x - h) - f(x + h))" },
      say = "The sign is turned round: the value to the right comes first." },
},
hints = { "(f(x + h) - f(x - h)), in brackets, divided by (2*h), in brackets." },
},

demo { id = "table", say = [[
So two errors fight. One shrinks with h, the other grows. Here is the error
of both quotients for h = 0.1 down to 10^-15:
]], [[
hs, forward, middle = {}, {}, {}
for k = 1, 15 do
    hs[k] = 10.0^-k
    forward[k] = abs((sin(1 + hs[k]) - sin(1))/hs[k] - cos(1))
    middle[k] = abs(central(sin, 1, hs[k]) - cos(1))
end]],
expect = { ["forward[3]"] = { 0.000420826, 1e-8 }, ["middle[3]"] = { 9.005e-8, 1e-10 },
           ["middle[5] < 1e-10 and 1 or 0"] = { 1, 0.1 } },
},

figure { id = "errors", [[
plot.lines{x = hs, y = {forward, middle}, log = "xy",
    labels = {"forward", "central"}, x_label = "h", y_label = "error"}]],
alt = "Error against h, both axes logarithmic. Both curves form a V. From h = 0.1 down, the \z
      forward error falls in a straight line to about 1e-9 at h = 1e-8; the central error falls \z
      twice as steeply, to about 1e-11 near h = 1e-5. To the left of that both rise together \z
      as h gets smaller, up to 0.01.",
see = [[
Read it from right to left. Down by the limit, then up by rounding.
]] },

choice { id = "which-side", ask = [[
The rising part at the left, towards smaller h, is the same for both. Why?
]],
yes = { "rounding: an error near 1e-16 is divided by h",
        "It does not matter how clever the quotient is; the digits are not there." },
no = { { "the limit does not exist there", "It does: sin has a slope everywhere, cos." },
       { "1 + h is 1 for the computer", "That comes later still, below 1e-16. Here 1 + h is \z
                                          fine, but the difference has few digits left." } } },

choice { id = "best-h", ask = [[
Which h would you take for the central difference?
]],
yes = { "1e-5", "Near the lowest point of its curve. That was the hair." },
no = { { "1e-8", "That is best for the forward one. For the central one rounding is already \z
                  at work there." },
       { "1e-15", "Nearly all digits are gone there: an error of a hundredth." },
       { "1e-1", "Safe from rounding, but off by a thousandth." } } },

predict { id = "parabola-central", ask = [[
The parabola again, at x = 1, where its slope is -2. Take the central
difference with a huge h = 1: (f(2) − f(0)) / 2. How far off is it?
]],
yes = { "not at all", "The two errors, +h and -h, cancel. On a parabola it is exact for any h." },
no = { { "by 1, as the forward one", "The forward one is off by h = 1. The central one is off \z
                                       to both sides alike." },
       { "by 0.5", "Compute (f(2) − f(0))/2: it is (1 − 5)/2." } },
run = [[
(f(2) - f(0))/2
(f(2) - f(1))/1]],
expect = { ["(f(2) - f(0))/2"] = { -2, 1e-12 }, ["f(2) - f(1)"] = { -1, 1e-12 } },
see = [[
So test a derivative on something that bends more than a parabola does.
]] },

demo { id = "kink", say = [[
A limit need not exist. |x| at 0, from the right and from the left:
]], [[
h = 1e-6
(abs(0 + h) - abs(0))/h
(abs(0) - abs(0 - h))/h]],
expect = { ["(abs(0 + h) - abs(0))/h"] = { 1, 1e-9 },
           ["(abs(0) - abs(0 - h))/h"] = { -1, 1e-9 } },
},

choice { id = "abs-zero", ask = [[
What is the derivative of |x| at 0?
]],
yes = { "there is none", "From the right the quotient is 1, from the left -1: no single limit." },
no = { { "0, the mean of the two", "The central difference gives 0 there. It is an answer to \z
                                    another question." },
       { "1", "From the right, yes. From the left it is -1." } } },

predict { id = "relu", ask = [[
relu(x) is 0 below 0, and x above. Its quotient at 0 is 1 from the right, 0
from the left. What does the program answer when it is asked for the slope
there?
]],
yes = { "0", "By convention. Networks are full of such kinks; one agrees on a value and goes on." },
no = { { "1/2, the mean", "That is what the central difference gives. The convention is 0." },
       { "an error", "Training would stop at every kink. One agrees on a value." },
       { "1", "From the right it is. The convention is 0." } },
run = [[
kink = loss(function(x) return relu(x) end)
kink:gradient{0}
central(relu, 0, 1e-6)]],
expect = { ["kink:gradient{0}"] = { { 0 }, 1e-12 }, ["central(relu, 0, 1e-6)"] = { 0.5, 1e-9 } },
},

text { id = "summary", [[
What you have now:

    derivative    what (f(x + h) − f(x))/h tends to as h goes to 0
    forward       off by about h; best near h = 1e-8
    central       off by about h²; best near 1e-5, and better
    below that    rounding, about 1e-16/h
    a kink        has no derivative; relu'(0) = 0 by convention

To try next: where is the best h for exp? plot.differences draws both
errors for any function:

    plot.differences{function(x) return exp(x) end, at = 1}
]] },
}
