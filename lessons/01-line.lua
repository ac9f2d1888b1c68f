-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "line", seed = 1, minutes = 20,
title = "A straight line, and the way down to it",
covers = { "A2", "C1", "C2", "C3", "P1" }, needs = {},
summary = "Twelve measurements, one line: what the loss is, where its gradient points, and how \z
          small steps against it find the best line.",

text { id = "start", [[
Somebody measured twelve times. You want the straight line that fits best.

You could take a formula for that. This lesson goes another way: start with
a bad line and improve it in small steps. It is the way that still works
when the model is no line and there is no formula.
]] },

demo { id = "data", say = [[
Here are the measurements.
]], [[
d = data.line12
d]] },

figure { id = "points", [[
plot(d)]],
alt = "Twelve points. They rise from (0.03, 0.67) at the left to about (1.9, 1.6) at the \z
      right, steeply at first, then more flatly.",
see = [[
y grows with x, though no line goes through all twelve points.
]] },

text { id = "model", [[
A line has two parameters: its height φ₀ at x = 0, and its slope φ₁.

    f[x, φ] = φ₀ + φ₁·x

To choose a line is to choose two numbers. At the keyboard they are called
phi0 and phi1, and a pair of them is written {0.6, -0.2}.

How bad is a line? Take its error at each point, square it, add up:

    L[φ] = Σ (φ₀ + φ₁·xᵢ − yᵢ)²

That is the loss: one number for a whole line, and smaller is better. Books
also call it objective, cost or energy. To train is to look for the φ where
it is smallest.
]] },

predict { id = "which-line", ask = [[
The data rise. Which of these two lines has the smaller loss?
]],
yes = { "φ₀ = 0.6, φ₁ = 0.5", "It rises as the data do." },
no = { { "φ₀ = 0.6, φ₁ = -0.2", "A slope of -0.2 goes down where the data go up." },
       { "both have the same",
         "They meet at x = 0 only; the further right, the further apart they are." } },
run = [[
L = loss.least_squares(model.line, d)
L(0.6, -0.2)
L(0.6, 0.5)]],
expect = { ["L(0.6, -0.2)"] = { 12.366904, 1e-6 }, ["L(0.6, 0.5)"] = { 0.934525, 1e-6 } },
see = [[
L is a function of the two parameters. It holds the model and the data.
]] },

number { id = "one-term", ask = [[
The last point is (1.90, 1.60). How much does it alone add to
L(0.6, -0.2)?
]],
answer = { 1.9044, 5e-4 }, from = "(0.6 - 0.2*1.90 - 1.60)^2",
wrong = { { -1.38, "That is the error itself. The loss adds its square." },
          { 1.38, "That is the size of the error. The loss adds its square." },
          { 0.3844, "The slope is -0.2: at x = 1.90 the line gives 0.6 - 0.38." } },
hints = { "What does the line give at x = 1.90? Subtract y, then square.",
          "The line gives 0.6 - 0.2*1.90 = 0.22, and y is 1.60." },
see = [[
One point in twelve, and 1.90 of 12.37: squares make far points heavy.
]] },

try { id = "by-hand", ask = [[
Now you are the machine. Find a line with a loss below 0.4: set

    mine = {0.6, 0.5}

to numbers of your own, and look with L(mine). Go on until it is low enough.
]],
goal = function(e) return e.L(e.mine) < 0.4 end,
near = { { by = "mine = {0.6, 0.5}", when = function(e) return e.L(e.mine) >= 0.4 end,
           say = "The loss of mine is still 0.4 or more." } },
solution = "mine = {0.8, 0.5}",
hints = { "The line {0.6, 0.5} runs below most points. Raise it a little.",
          "Keep the slope 0.5 and try phi0 between 0.7 and 0.9." },
see = [[
You looked, changed a number, looked again. Which number, and which way?
With two parameters one can guess. With two million one needs a guide.
]] },

demo { id = "gradient", say = [[
The guide is the gradient: how fast the loss grows when one parameter grows
and the other stays.

    (∂L/∂φ₀, ∂L/∂φ₁)
]], [[
L:gradient{0.6, -0.2}]],
expect = { ["L:gradient{0.6, -0.2}"] = { { -21.904, -26.84044 }, 1e-5 } },
see = [[
Two parameters, two numbers.
]] },

choice { id = "downhill", ask = [[
At (0.6, -0.2) the gradient is (-21.904, -26.84044). You want a smaller
loss. What should you do with the parameters?
]],
yes = { "make φ₀ and φ₁ larger",
        "The loss falls as either of them grows: both derivatives are negative." },
no = { { "make φ₀ and φ₁ smaller",
         "A negative derivative says: growing makes the loss smaller. Shrinking makes it \z
         larger." },
       { "set them to -21.904 and -26.84044",
         "The gradient is no place. It is a direction: how the loss changes around the place \z
         where you are." },
       { "leave them: the loss is negative",
         "The loss is 12.37. What is negative is its rate of change." } },
see = [[
The gradient points uphill. Down is the other way: minus the gradient.
]] },

text { id = "chain", [[
Where do the two numbers come from? One point adds (φ₀ + φ₁·xᵢ − yᵢ)². Its
derivatives, by the chain rule:

    with respect to φ₀:    2·(φ₀ + φ₁·xᵢ − yᵢ)
    with respect to φ₁:    2·(φ₀ + φ₁·xᵢ − yᵢ)·xᵢ

The gradient is the sum of these over all points.
]] },

number { id = "one-slope", ask = [[
Once more the point (1.90, 1.60) and the line (0.6, -0.2); the error was
-1.38. How much does this point add to ∂L/∂φ₁?
]],
answer = { -5.244, 5e-3 }, from = "2*(0.6 - 0.2*1.90 - 1.60)*1.90",
wrong = { { -2.76, "That is its share of ∂L/∂φ₀. For φ₁ the chain rule brings a factor x." },
          { -2.622, "The 2 of the square is missing." },
          { -1.38, "That is the error itself." },
          { 5.244, "Right in size. The error is the line minus y, so its sign stays." } },
hints = { "It is the second formula above: 2 times the error times x.",
          "2 * (-1.38) * 1.90" } },

demo { id = "differences", say = [[
You need not believe a formula. Change φ₀ by a hair each way and see what
the loss does:
]], [[
h = 1e-5
(L(0.6 + h, -0.2) - L(0.6 - h, -0.2)) / (2*h)]],
expect = { ["(L(0.6 + h, -0.2) - L(0.6 - h, -0.2)) / (2*h)"] = { -21.904, 1e-6 } },
see = [[
-21.904 again, up to rounding. L:check{0.6, -0.2} does this for every
parameter.
]] },

code { id = "line-gradient", points = 4, fn = "line_gradient", pure = true,
returns = { "the first number", "the second number" },
ask = [[
Your turn to write it: the gradient of the loss for any line and any data.
x and y are lists of numbers, #x is their length.
]],
starter = [[
function line_gradient(phi0, phi1, x, y)
    local g0, g1 = 0, 0
    for i = 1, #x do
        -- add this point's share to g0 and g1
    end
    return g0, g1
end]],
solution = [[
function line_gradient(phi0, phi1, x, y)
    local g0, g1 = 0, 0
    for i = 1, #x do
        local e = phi0 + phi1*x[i] - y[i]
        g0 = g0 + 2*e
        g1 = g1 + 2*e*x[i]
    end
    return g0, g1
end]],
given = function(r)
    local n = r:int(2, 6)
    return r:num(), r:num(), r:vec(n), r:vec(n)
end,
mistakes = {
    { id = "no-two", swap = { "2*e", "e" },
      say = "Both are half of what they should be: the 2 of the square is missing." },
    { id = "sign", swap = { "phi0 + phi1*x[i] - y[i]", "y[i] - phi0 - phi1*x[i]" },
      say = "The sign is turned round: the error is the line minus y." },
    { id = "mean", swap = { "return g0, g1", "return g0/#x, g1/#x" },
      say = "You took the mean over the points. This loss is a sum, so its gradient is one \z
            too." },
    { id = "half-mean", swap = { "2*e", "e", "return g0, g1", "return g0/#x, g1/#x" },
      say = "You took the mean, and the 2 of the square is missing: the loss here is a sum of \z
            squares." },
    { id = "no-x", swap = { "2*e*x[i]", "2*e" },
      say = "The second number lacks its factor x: phi1 acts on the line through phi1*x." },
    { id = "last-point", swap = { "g0 = g0 + ", "g0 = ", "g1 = g1 + ", "g1 = " },
      say = "Only the last point is left in it. Add each share to the sum: g0 = g0 + ..." },
    { id = "exchanged", swap = { "return g0, g1", "return g1, g0" },
      say = "The two numbers are exchanged: first the one for phi0, then the one for phi1." },
},
hints = { "Begin with the error: local e = phi0 + phi1*x[i] - y[i]",
          "Then two lines, one for each formula above. The first is g0 = g0 + 2*e.",
          "The second is the same, times x[i]." },
see = [[
line_gradient(0.6, -0.2, d.x, d.y) tries it on the real data, and
L:derivative() prints the two sums as formulas.
]] },

demo { id = "first-run", say = [[
Now walk. Take a small step against the gradient, and do it again:

    φ ← φ − α · ∂L/∂φ

α is the step size. Start from a bad line, (1.6, -0.5), with α = 0.01.
]], [[
r = descend(L, optim.gd{alpha = 0.01}, {start = {1.6, -0.5}})
r
r.gradient]],
expect = { ["r.loss"] = { 5.020125, 1e-6 }, ["r.gradient"] = { { -4.75, -13.0277 }, 1e-5 } },
see = [[
r is a run. It stands at its start, t = 0, and waits.
]] },

number { id = "first-step", ask = [[
One update with α = 0.01. What is φ₀ afterwards?
]],
answer = { 1.6475, 2e-5 },
wrong = { { 1.5525, "That is a step uphill: minus a negative number is plus." },
          { 6.35, "The gradient was taken whole. Multiply it by α = 0.01 first." },
          { -0.369723, "That is the new φ₁." },
          { 0.0475, "That is the step. Where does it lead from 1.6?" } },
hints = { "The first component of the gradient is -4.75.",
          "1.6 - 0.01 * (-4.75)" } },

demo { id = "explain", say = [[
Let the run do it, and show its sum:
]], [[
r:step()
explain(r)]],
expect = { ["r.phi"] = { { 1.6475, -0.369723 }, 1e-6 }, ["r.loss"] = { 3.520366, 1e-6 } },
see = [[
One update took the loss from 5.02 to 3.52.
]] },

predict { id = "hundred", ask = [[
99 more of these. Where will the loss be after 100 updates?
]],
yes = { "near 0.2", "It is 0.2008. The least that any line reaches is 0.1999." },
no = { { "at 0",
         "No line goes through all twelve points, so some loss is left in the best one." },
       { "still above 3", "The first updates are the fast ones here, yet 99 small ones add up." },
       { "below 0", "A sum of squares is never negative." } },
run = [[
r:step(99)
r.loss]],
expect = { ["r.loss"] = { 0.200773847, 1e-8 } },
},

figure { id = "path", say = [[
Here is the line it found, and the way it went. In the second picture each
place is a line: φ₀ across, φ₁ up, and the shade is its loss.
]], [[
plot(r)]],
alt = "Left: the twelve points with a rising line through their middle. Right: the loss as a \z
      long narrow valley that runs from upper left to lower right. The path starts at \z
      (1.6, -0.5), drops straight into the valley in a few updates, turns, and then creeps \z
      along its floor towards (0.83, 0.52).",
see = [[
A few long steps down into the valley; then a turn, and many short ones
along its floor.
]] },

choice { id = "slow", ask = [[
α never changed. Why are the last steps so short?
]],
yes = { "the gradient is small along the floor",
        "A step is α times the gradient. Where the ground is nearly flat, so is the step." },
no = { { "the run makes α smaller as it goes",
         "Nothing does that here: α stays 0.01 from the first update to the last." },
       { "the loss is nearly 0 there",
         "It is 0.2 there. Steps follow the slope of the loss, not its value." },
       { "the computer rounds the numbers",
         "Rounding acts in the 16th digit. These steps are far larger." } } },

demo { id = "bottom", say = [[
On to the bottom, until the gradient is as good as zero:
]], [[
r:converge{gradient = 1e-6}
r.phi
r.loss]],
expect = { ["r.phi"] = { { 0.825950, 0.522226 }, 1e-6 }, ["r.loss"] = { 0.199866357, 1e-8 } },
see = [[
The best line is y = 0.826 + 0.522·x. It still misses: 0.1999 is left.
]] },

text { id = "summary", [[
What you have now:

    loss        L[φ] = Σ (φ₀ + φ₁·xᵢ − yᵢ)²       one number for a line
    gradient    the sum of 2·error and 2·error·x  points uphill
    update      φ ← φ − α · gradient              again and again

One number was mine: α = 0.01. The next lesson asks how it is chosen.

To try next, with what is still here: r:back(50) and r:step() walk back and
on again. L:derivative() prints the gradient as formulas. Let r descend
from a start of your own, and plot(r).
]] },
}
