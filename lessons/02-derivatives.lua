-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "derivatives", seed = 1, minutes = 25,
title = "How steep: the derivative and the gradient",
covers = { "B1", "B2", "B3", "B4", "B5", "Q1" }, needs = { "line" },
summary = "What a derivative is, how near a computed one comes, which way a gradient points, and \z
          what it costs to check one.",

text { id = "start", [[
In the first lesson a gradient led the way down, and a hair of 0.00001
showed that it was right. Why that hair? Would a thinner one do better?

This lesson looks at slopes alone: of one number first, then of several.
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
slope halves too. plot.curve{f, at = r.trace.phi[4][1]} shows the line
after 3 updates; try others.
]] },

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

demo { id = "table", say = [[
So two errors fight. One shrinks with h, the other grows. Beside the
quotient to the right stands a fairer one, as far to the left as to the
right: (f(x + h) − f(x − h)) / 2h.
]], [[
hs, forward, central = {}, {}, {}
for k = 1, 15 do
    hs[k] = 10.0^-k
    forward[k] = abs((sin(1 + hs[k]) - sin(1))/hs[k] - cos(1))
    central[k] = abs((sin(1 + hs[k]) - sin(1 - hs[k]))/(2*hs[k]) - cos(1))
end]],
expect = { ["forward[3]"] = { 0.000420826, 1e-8 }, ["central[3]"] = { 9.005e-8, 1e-10 },
           ["central[5] < 1e-10 and 1 or 0"] = { 1, 0.1 } },
},

figure { id = "errors", [[
plot.lines{x = hs, y = {forward, central}, log = "xy",
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
yes = { "1e-5", "Near the lowest point of its curve. That is the hair of lesson 1." },
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
       { "1", "From the right, yes. From the left it is -1." } },
see = [[
The function relu(x), 0 below 0 and x above, has such a kink as well: 0
from the left, 1 from the right. Networks are full of them. There one
agrees on a value and goes on: 0.
]] },

text { id = "several", [[
Now several numbers. The loss of a line has two, φ₀ and φ₁. Each has a
slope of its own, the partial derivative: that one moves, the other stays.
Both together are the gradient.

    (∂L/∂φ₀, ∂L/∂φ₁)

At (0.6, -0.2) it was (-21.904, -26.84044).
]] },

demo { id = "directions", say = [[
But one can walk in any direction, not only along φ₀ or φ₁. How steep is it
there? rise(angle) is the slope of the loss in the direction `angle`:
0 is along φ₀, pi/2 along φ₁.
]], [[
d = data.line12
L = loss.least_squares(model.line, d)
rise = function(angle)
    local h = 1e-5
    local up = L(0.6 + h*cos(angle), -0.2 + h*sin(angle))
    local down = L(0.6 - h*cos(angle), -0.2 - h*sin(angle))
    return (up - down)/(2*h)
end
rise(0), rise(pi/2)]],
expect = { ["rise(0)"] = { -21.904, 1e-5 }, ["rise(pi/2)"] = { -26.84044, 1e-5 } },
see = [[
The two numbers of the gradient. And all the other directions?
]] },

figure { id = "rise", [[
plot.curve{rise, from = 0, to = 2*pi}]],
alt = "One full wave. It starts at -21.9, is lowest, -34.6, at angle 0.89, crosses 0 at 2.46, \z
      is highest, +34.6, at 4.03, crosses 0 again at 5.60, and returns to -21.9.",
see = [[
One wave: one direction of steepest rise, one of steepest fall opposite to
it, and two, in between, where nothing changes.
]] },

number { id = "steepest", ask = [[
The wave is highest at the angle 4.03. The direction there is
(cos 4.03, sin 4.03) = (-0.63, -0.78). How high is it? It has to do with
the gradient: L:gradient{0.6, -0.2}:norm() is its length.
]],
answer = { 34.6438, 0.05 }, from = "L:gradient{0.6, -0.2}:norm()",
wrong = { { -34.6438, "That is the lowest point." },
          { 48.74444, "Lengths add by squares: the root of 21.904² + 26.84044²." },
          { 26.84044, "That is along φ₁ alone." } },
hints = { "Ask for the length with :norm().", "rise(4.03) gives it too." },
see = [[
The direction of steepest rise is the gradient's own direction,
(-21.9, -26.8) made one long, and the slope there is its length.
]] },

try { id = "level", ask = [[
Find a direction in which the loss does not change. Set

    flat = 2

to an angle of your own, until rise(flat) is between -0.1 and 0.1.
]],
goal = function(e) local s = e.rise(e.flat) return s < 0.1 and s > -0.1 end,
near = { { by = "flat = 2.4",
           when = function(e) local s = e.rise(e.flat) return s < 4 and s > -4 end,
           say = "Close. rise(flat) tells how close." },
         { by = "flat = 0.9", when = function(e) return e.rise(e.flat) < -30 end,
           say = "That is nearly the steepest way down. Look where the wave crosses 0." } },
solution = "flat = 2.4571",
hints = { "The wave crosses 0 near 2.5 and near 5.6.",
          "Try 2.45 and 2.46, and then between them." } },

demo { id = "right-angle", say = [[
The steepest angle is 4.0279. How far from it is a flat direction? In
degrees:
]], [[
(4.0279186 - 2.4571223)*180/pi]],
expect = { ["(4.0279186 - 2.4571223)*180/pi"] = { 90, 1e-4 } },
see = [[
A right angle. A line along which the loss stays the same is a contour, so:
the gradient stands at a right angle on the contour.
]] },

figure { id = "arrows", say = [[
See it on the map. Each arrow is the gradient at its middle; it points
uphill, and is the longer the steeper it is there.
]], [[
plot.arrows{L, phi0 = {-0.8, 2.6}, phi1 = {-0.6, 1.4}, arrows = 6}]],
alt = "The loss over φ₀ and φ₁: a long valley from upper left to lower right, with bands of \z
      equal loss along it. Arrows at both sides of the valley point away from its floor, \z
      straight across the bands, shorter near the floor.",
see = [[
Each goes straight across the bands. To walk down, turn it round. Even so
hardly one of them points at the lowest place, (0.83, 0.52): the gradient
knows only the ground under its feet.
]] },

choice { id = "what-is-it", ask = [[
In one sentence: what does the gradient of the loss at a place tell?
]],
yes = { "the direction of steepest rise from there, and how steep it is",
        "A direction and a length. Minus the gradient is the steepest way down." },
no = { { "where the minimum is", "Hardly an arrow pointed straight away from it. It tells what is \z
                                  steepest here." },
       { "how large the loss is there", "That is the loss. The gradient is how it changes." },
       { "how far one must go", "It says how steep, not how far. How far is for α to say." } } },

text { id = "check", [[
Formulas for gradients are easily wrong, and a run with a wrong one may
still go down somehow. So compare with differences: move one parameter at a
time by h, to both sides. You are going to write that, for any number of
parameters.
]] },

code { id = "numeric", points = 4, fn = "numeric_gradient", pure = true, returns = { "g" },
tolerance = 1e-5,
ask = [[
f takes a list of numbers and gives one number. Return the list of its
partial derivatives at phi, by central differences. Leave phi as it was.
]],
starter = [[
function numeric_gradient(f, phi, h)
    local g = {}
    for i = 1, #phi do
        local p = {table.unpack(phi)}   -- a copy
        -- g[i] = ...
    end
    return g
end]],
solution = [[
function numeric_gradient(f, phi, h)
    local g = {}
    for i = 1, #phi do
        local p = {table.unpack(phi)}
        p[i] = phi[i] + h
        local above = f(p)
        p[i] = phi[i] - h
        local below = f(p)
        g[i] = (above - below)/(2*h)
    end
    return g
end]],
given = function(r)
    local f = r:pick {
        "function(p) return p[1]^3 + 2*p[1] end",
        "function(p) return p[1]^3 - 3*p[#p]^3 + p[#p] end",
        "function(p) local s = 0; for i = 1, #p do s = s + i*p[i]^3 end; return s end",
        "function(p) local s = 1; for i = 1, #p do s = s*(p[i] + 3) end; return s*p[1] end",
    }
    return r:fn(f), r:vec(r:int(1, 4)), r:pick { 0.5, 0.1, 0.01 }
end,
mistakes = {
    { id = "forward", swap = { "p[i] = phi[i] - h", "p[i] = phi[i]", "(2*h)", "h" },
      say = "That is the forward difference. Take a step to the left as well, and divide by 2h." },
    { id = "backward", swap = { "p[i] = phi[i] + h", "p[i] = phi[i]", "(2*h)", "h" },
      say = "That is the difference to the left only. Take a step to the right as well, and \z
            divide by 2h." },
    { id = "no-two", swap = { "(2*h)", "h" },
      say = "Twice too large: from phi - h to phi + h it is 2h." },
    { id = "brackets", swap = { "/(2*h)", "/2*h" },
      say = "/2*h divides by 2 and then multiplies by h. Put brackets: /(2*h)." },
    { id = "no-h", swap = { "/(2*h)", "" },
      say = "That is the difference. Divide it by the distance, 2h." },
    { id = "sign", swap = { "above - below", "below - above" },
      say = "The sign is turned round: the value to the right comes first." },
    { id = "all-moved", swap = { "local p = {table.unpack(phi)}", "", "local g = {}",
      "local g, p = {}, {table.unpack(phi)}" },
      say = "The parameters before it stay moved. Begin each time with a fresh copy of phi." },
},
hints = { "p[i] = phi[i] + h, then local above = f(p).",
          "Then p[i] = phi[i] - h, local below = f(p).",
          "g[i] = (above - below)/(2*h)" },
see = [[
L:check{0.6, -0.2} does the same and sets it beside the formulas.
]] },

demo { id = "check-it", [[
numeric_gradient(function(p) return L(p) end, {0.6, -0.2}, 1e-5)
L:check{0.6, -0.2}]],
expect = { ["numeric_gradient(function(p) return L(p) end, {0.6, -0.2}, 1e-5)"] =
    { { -21.904, -26.84044 }, 1e-5 } },
},

number { id = "cost", ask = [[
It asked for the loss twice for each parameter. A small network has 1000
parameters. How many times for one gradient?
]],
answer = { 2000, 0.5 },
wrong = { { 1001, "That is the forward difference: once at phi, once more for each parameter. \z
                   Yours goes to both sides." },
          { 1000, "Once to the right and once to the left." },
          { 1000000, "One parameter moves at a time: 2 for each." } },
hints = { "2 for each of the 1000." },
see = [[
And that for every single update. The exact gradient, by the chain rule,
costs about as much as a few losses, however many parameters there are. So
differences are for checking. They are no way to train.
]] },

text { id = "matrices", [[
Two more names, since you will meet them.

The Jacobian is a table of first derivatives, where a function has several
outputs: a row for each output, a column for each parameter.

The Hessian is a table of second derivatives: how each component of the
gradient changes with each parameter.
]] },

number { id = "jacobian-shape", ask = [[
Take the line's 12 errors as 12 outputs, φ₀ + φ₁·xᵢ − yᵢ, of two
parameters. How many rows and columns has their Jacobian? (as in: 3, 4)
]],
answer = { { 12, 2 }, 0.1 },
wrong = { { { 2, 12 }, "Turned round: a row for each output, a column for each parameter." },
          { { 2, 2 }, "That is the shape of the Hessian." },
          { { 12, 12 }, "A column for each parameter, and there are two." } },
hints = { "12 outputs, 2 parameters." } },

demo { id = "jacobian", say = [[
Row i is (1, xᵢ). From it and the errors comes the gradient, 2·Jᵀe, and the
Hessian, 2·JᵀJ:
]], [[
J = ones(12, 2)
for i = 1, 12 do J[i][2] = d.x[i] end
e = model.line(d.x, {0.6, -0.2}) - d.y
2*matmul(J:t(), e)
2*matmul(J:t(), J)
L:hessian{0.6, -0.2}]],
expect = { ["2*matmul(J:t(), e)"] = { { -21.904, -26.84044 }, 1e-5 },
           ["L:hessian{0.6, -0.2}[2]"] = { { 22.82, 30.0242 }, 1e-5 } },
},

number { id = "million", ask = [[
A model with a million parameters. How many numbers are in its Hessian?
]],
answer = { 1e12, 1e6 },
wrong = { { 1e6, "That is the gradient. The Hessian has a row and a column for each.", 1 },
          { 2e6, "It is a table: rows times columns.", 1 },
          { 4, "For two parameters it was 2×2. Here each has a million.", 0.1 } },
hints = { "A million rows of a million numbers.", "1e6 * 1e6" },
see = [[
8 bytes each: 8 terabytes. That is why one walks by the gradient, which
has only a million numbers.
]] },

text { id = "summary", [[
What you have now:

    derivative    what (f(x + h) − f(x))/h tends to as h goes to 0
    computed      forward: best near h = 1e-8; central: near 1e-5, better
    gradient      steepest rise, at a right angle to the contour
    checking      2 losses for each parameter: for checks, not for training
    Hessian       a million parameters: 10^12 numbers

To try next: rise at another place than (0.6, -0.2). What happens to the
wave at the best line, (0.82595, 0.52223)? Where is the best h for exp?

    plot.differences{function(x) return exp(x) end, at = 1}
]] },
}
