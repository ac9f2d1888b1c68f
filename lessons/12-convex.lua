-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "convex", seed = 1, minutes = 20,
title = "Bowls: convexity and the Hessian",
covers = { "C8", "P2", "P6", "X10", "X13" }, needs = { "gradients", "valleys" },
summary = "When there is one valley only and how to know it, what the determinant does not tell, \z
          and what convexity does not promise.",

text { id = "start", [[
The line had one valley, the Gabor wave had many. It would be good to know
beforehand. A function is convex when it looks like a bowl: between any two
of its points it runs below the straight line that joins them, or on it.
]] },

figure { id = "curve", say = [[
Here is one to test, f(q) = q⁴/4 − q²/2 + q/10.
]], [[
f = function(q) return q^4/4 - q^2/2 + 0.1*q end
plot.curve{f, from = -1.7, to = 1.7}]],
alt = "A curve with two dips: a deeper one, -0.35, at q = -1.05, a shallower one, -0.15, at \z
      q = 0.95, and a low hump between them near q = 0.1.",
},

try { id = "chord", ask = [[
Show that it is no bowl. Find two places a and b such that the curve in the
middle between them lies above the straight line:

    a, b = -1.5, -0.5
    f((a + b)/2) - (f(a) + f(b))/2

The difference must be above 0.
]],
goal = function(e) return e.f((e.a + e.b)/2) - (e.f(e.a) + e.f(e.b))/2 > 1e-9 end,
near = { { by = "a, b = -1.5, -0.5",
           when = function(e) return e.f((e.a + e.b)/2) <= (e.f(e.a) + e.f(e.b))/2 end,
           say = "The curve is below the line there. Where does the picture bulge upwards?" } },
solution = "a, b = -1, 1",
hints = { "The hump is near q = 0. One place on each side of it.", "a, b = -1, 1" } },

number { id = "second", ask = [[
A quicker test: a bowl never bends downwards, so f'' ≥ 0 everywhere. Here
f'' = 3q² − 1. What is it at q = 0?
]],
answer = { -1, 1e-3 }, from = "loss(f):hessian{0}[1][1]",
wrong = { { 1, "3·0² − 1" }, { 2, "That is at q = 1." },
          { 0.1, "That is the slope there, f'. Asked for is f''." } },
hints = { "3·0² − 1" },
see = [[
Negative in one place is enough: not convex.
]] },

demo { id = "two-minima", say = [[
What follows from it? Two starts:
]], [[
F = loss(f)
left = fit(F, optim.gd{alpha = 0.1}, {start = {-2}, steps = 500})
right = fit(F, optim.gd{alpha = 0.1}, {start = {2}, steps = 500})
left.phi[1], left.loss
right.phi[1], right.loss]],
expect = { ["left.phi[1]"] = { -1.0467, 1e-4 }, ["left.loss"] = { -0.3524, 1e-4 },
           ["right.phi[1]"] = { 0.9456, 1e-4 }, ["right.loss"] = { -0.1526, 1e-4 } },
see = [[
A global minimum, and a local one. In a bowl that cannot happen: every
minimum of a convex function is a global one.
]] },

predict { id = "marked", ask = [[
Five places from an exam: for f above q = -1.0467, 0.1010 and 0.9456; for
(q−1)² the place q = 1; for q³ the place q = 0. The slope is 0 at each.
How many of the five are minima, local ones included?
]],
yes = { "three", "-1.0467 (global for f), 0.9456 (local), and 1 (global for (q−1)²)." },
no = { { "five: the slope is 0 at each", "0.1010 is the top of the hump; and q³ falls to the left \z
                                          of 0 and rises to the right." },
       { "four", "q³ has no minimum at 0: to the left it is lower." },
       { "two", "0.9456 is a minimum, too, though a local one." } },
run = [[
cube, square = loss(function(q) return q^3 end),
    loss(function(q) return (q - 1)^2 end)
function look(l, q)
    print(q, l(q), l:gradient{q}[1], l:hessian{q}[1][1])
end
look(F, -1.0467) look(F, 0.1010) look(F, 0.9456)
look(square, 1)
look(cube, 0)
cube(-0.1), cube(0.1)]],
expect = { ["F:hessian{0.1010}[1][1]"] = { -0.9694, 1e-3 },
           ["cube:hessian{0}[1][1]"] = { 0, 1e-12 } },
see = [[
Place, value, slope, curvature. Curvature above 0: a minimum. Below 0: a
maximum. At 0 one has to look to both sides. An answer in circulation says
for one of these both that it is a minimum and that it is none: a table
like this decides.
]] },

choice { id = "fourth-power", ask = [[
x⁴ has the second derivative 12x², and at x = 0 that is 0. Is x⁴ convex?
]],
yes = { "yes: 0 is allowed", "f'' ≥ 0 everywhere. It is very flat at the bottom, but it never \z
                              bends down." },
no = { { "no: f'' must be above 0", "Above 0 makes it strictly convex. But that is more than is \z
                                     asked, and x⁴ is even strictly convex with f''(0) = 0." },
       { "only for x > 0", "12x² is the same for -x." } } },

text { id = "hessian", [[
With several parameters a surface can bend up in one direction and down in
another. The second derivatives form the Hessian, and its eigenvalues are
the curvatures in its own directions. Convex: none of them negative,
anywhere.
]] },

demo { id = "line", [[
d = data.line12
L = loss.least_squares(model.line, d)
H = L:hessian{0.6, -0.2}
H
eigenvalues(H)]],
expect = { ["eigenvalues(H)"] = { { 3.99417, 50.03003 }, 1e-4 } },
},

choice { id = "elsewhere", ask = [[
Both above 0 at (0.6, -0.2). What about other places?
]],
yes = { "the same: the loss is a square of φ, its Hessian is constant",
        "Two derivatives of a square leave no φ. So this loss is a bowl." },
no = { { "one has to test each place", "For the Gabor wave, yes. Try L:hessian{100, 50}." },
       { "further out they become negative", "Try L:hessian{100, 50}." } } },

number { id = "trace", ask = [[
Two numbers of a matrix say much about two eigenvalues. The trace is their
sum, 54.0242, and adds the diagonal of H. The determinant is their product,
H₁₁·H₂₂ − H₁₂·H₂₁. What is it here?
]],
answer = { 199.8284, 0.02 }, from = "determinant(H)",
wrong = { { 1241.3332, "That is 24·30.0242 plus 22.82². It is minus.", 0.1 },
          { 720.5808, "That is H₁₁·H₂₂ alone.", 0.1 },
          { 697.7608, "H₁₂ and H₂₁ are multiplied with each other: 22.82².", 0.1 } },
hints = { "24*30.0242 - 22.82*22.82", "determinant(H)" } },

predict { id = "dome", ask = [[
"The determinant is above 0, so the function is convex." You find that in
print. Take −a² − b², with the Hessian (-2, 0; 0, -2). Its determinant is 4.
Where does gradient descent from (0.1, 0.1) go?
]],
yes = { "away, without end", "It is a dome. Both eigenvalues are -2, and minus times minus is \z
                              plus." },
no = { { "to (0, 0), the bottom", "(0, 0) is the top." },
       { "nowhere", "At (0, 0) it would stay. It starts beside it." } },
run = [[
dome = loss(function(a, b) return -a^2 - b^2 end)
determinant(dome:hessian{0, 0}), eigenvalues(dome:hessian{0, 0})
descend(dome, optim.gd{alpha = 0.1}, {start = {0.1, 0.1}}):step(50).phi]],
expect = { ["determinant(dome:hessian{0, 0})"] = { 4, 1e-9 } },
},

choice { id = "both", ask = [[
For two parameters, which test is enough for a bowl (strictly convex)?
]],
yes = { "trace above 0 and determinant above 0", "Same sign by the product, and a positive sum." },
no = { { "determinant above 0", "The dome has 4." },
       { "trace above 0", "Eigenvalues 3 and -1 have the trace 2: a saddle." } } },

text { id = "general", [[
Now for any data. The loss of a line has the Hessian

    2·n     2·Σx              trace        2·n + 2·Σx²
    2·Σx    2·Σx²             determinant  4·n·Σx² − 4·(Σx)²

n is the number of examples.
]] },

code { id = "bowl", points = 4, fn = "bowl", returns = { "the trace", "the determinant" },
ask = [[
Write it: from the list x, the trace and the determinant.
]],
starter = [[
function bowl(x)
    local sum, squares = 0, 0
    for i = 1, #x do
        -- add up x[i], and its square
    end
    return 0, 0
end]],
solution = [[
function bowl(x)
    local sum, squares = 0, 0
    for i = 1, #x do
        sum = sum + x[i]
        squares = squares + x[i]^2
    end
    return 2*#x + 2*squares, 4*#x*squares - 4*sum^2
end]],
given = function(r) return r:vec(r:int(1, 6)) end,
mistakes = {
    { id = "no-n", swap = { "4*#x*squares", "4*squares" },
      say = "The determinant lacks the factor n in its first term." },
    { id = "same", swap = { "4*sum^2", "4*squares" },
      say = "(Σx)² is the sum, squared; you subtracted the sum of the squares." },
    { id = "plus", swap = { "squares - 4*sum", "squares + 4*sum" },
      say = "The product of the off-diagonal is subtracted." },
    { id = "no-factor", swap = { "4*#x*squares - 4*sum^2", "#x*squares - sum^2" },
      say = "The determinant multiplies two entries with a 2 each: a factor 4 is missing." },
    { id = "trace-one", swap = { "2*#x + 2*squares", "2 + 2*squares" },
      say = "The first entry is 2·n, a 2 for each example." },
    { id = "trace-sum", swap = { "2*#x + 2*squares", "2*#x + 2*sum" },
      say = "The second entry on the diagonal is 2·Σx². Σx stands beside the diagonal." },
},
same = { "line 4: `+` becomes `-`" }, -- the sum is squared
hints = { "sum = sum + x[i], and squares = squares + x[i]^2.",
          "The number of examples is #x.", "return 2*#x + 2*squares, 4*#x*squares - 4*sum^2" },
},

demo { id = "bowl-data", [[
bowl(d.x)
bowl{1, 1, 1}]],
expect = { ["bowl(d.x)"] = { { 54.0242, 199.8284 }, 1e-4 },
           ["bowl{1, 1, 1}"] = { { 12, 0 }, 1e-9 } },
see = [[
With different x the determinant is above 0. With equal x it is 0.
]] },

choice { id = "why-positive", ask = [[
"4·n·Σx² − 4·(Σx)² is positive, due to the squares." Is that the reason?
]],
yes = { "no: a difference of positive numbers may be negative",
        "That it never is takes the inequality of Cauchy and Schwarz, (Σx)² ≤ n·Σx², with = only \z
         where all x are equal." },
no = { { "yes: squares are never negative", "One of them is subtracted. 1 − 4 has squares, too." },
       { "no: it can be negative", "Try bowl with any list: it is never below 0. The reason is \z
                                    another one." } } },

predict { id = "exponential", ask = [[
Last: does convex promise a minimum? e^x is convex, f'' = e^x > 0. Descent
from 0 with α = 1: where is x after 10,000 updates?
]],
yes = { "about -9, and still going", "It gets lower for ever and reaches no lowest value." },
no = { { "at its minimum", "It has none: e^x comes as near to 0 as one likes, never to 0." },
       { "at 0", "The slope there is 1." } },
run = [[
growth = loss(function(x) return exp(x) end)
r = descend(growth, optim.gd{alpha = 1}, {start = {0}})
for k = 1, 4 do print(r:to(10^k).phi[1]) end]],
expect = { ["r.phi[1]"] = { -9.21093, 1e-3 } },
},

text { id = "summary", [[
What you have now:

    convex       f'' ≥ 0; several parameters: no eigenvalue negative
    2 by 2       trace and determinant above 0; neither alone will do
    a line       convex always; strictly, unless all x are equal
    a minimum    slope 0 and curvature above 0; at 0 look to both sides
    no promise   convex and without a minimum: e^x

To try next: is the Gabor loss convex anywhere? Look at the eigenvalues of
its Hessian at (0, 16) and at (-2.85, 9.04). And with absolute errors
in place of squares, is loss.absolute(model.line, d) convex?
]] },
}
