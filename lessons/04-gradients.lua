-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "gradients", seed = 1, minutes = 20,
title = "Which way is up: the gradient",
covers = { "B3", "B4", "B5", "Q1", "P11" }, needs = { "line", "derivatives" },
summary = "Slopes in every direction, the one in which it is steepest, what a check of a gradient \z
          costs, and the tables of derivatives called Jacobian and Hessian.",

text { id = "start", [[
A loss of two parameters has two slopes at each place, the partial
derivatives: one parameter moves, the other stays. Both together are the
gradient.

    (∂L/∂φ₀, ∂L/∂φ₁)

For the line of the first lesson, at (0.6, -0.2), it was
(-21.904, -26.84044).
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
The two numbers of the gradient.
]] },

predict { id = "rise", ask = [[
Both are negative: there the loss falls. In how many directions, of a whole
turn, does the loss not change at all?
]],
yes = { "in two", "Where the wave crosses 0: opposite to each other." },
no = { { "in none", "Somewhere between falling and rising it must be level." },
       { "in one", "What is level one way is level the other way, too." },
       { "in a quarter of them", "Level is an exact direction. A little beside it the loss rises \z
                                  or falls." } },
run = [[
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

predict { id = "one-walk", ask = [[
The program's own gradient is no difference: it uses the chain rule, step by
step, backwards. Take a network with 10,401 parameters. How many steps of
computing more does its gradient need than its loss?
]],
yes = { "about as many again", "Whole layers count as one step here, on the way there and on the \z
                                 way back. All 10,401 derivatives come out of it." },
no = { { "about 10,000 times as many", "That would be differences: one loss, at least, for each \z
                                        parameter." },
       { "about 100 times as many", "It does not grow with the number of parameters." } },
run = [[
net = model.mlp{1, 100, 100, 1}
N = loss.least_squares(net, data.line12)
N.size
g = N:graph(net:init{seed = 1})
g.size, g.gradient_size]],
expect = { ["N.size"] = { 10401, 0.1 }, ["g.gradient_size/g.size < 3 and 1 or 0"] = { 1, 0.1 } },
see = [[
The second number counts both ways together. How that is possible is the
matter of lesson "graph".
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

    gradient      the direction of steepest rise; its length is the slope
                  there; at a right angle to the contour
    checking      2 losses for each parameter: for checks, not for training
    chain rule    all derivatives for the price of a few losses
    Jacobian      a row for each output, a column for each parameter
    Hessian       second derivatives; a million parameters: 10^12 numbers

To try next: rise at another place than (0.6, -0.2). What happens to the
wave at the best line, (0.82595, 0.52223)?
]] },
}
