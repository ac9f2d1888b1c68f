-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "newton", seed = 1, minutes = 15,
title = "Use the curvature: Newton, and those who guess it",
covers = { "G1", "G2", "P11" }, needs = { "valleys", "convex" },
summary = "Newton's method goes where its parabola is flat: very fast near a minimum, and with no \z
          sense for down. BFGS and L-BFGS guess the curvature from gradients.",

text { id = "start", [[
The gradient says which way. It does not say how far; that was left to α.
The curvature knows more. Where the slope is 2 and grows by 4 per unit, the
slope is 0 after half a unit.
]] },

number { id = "one-step", ask = [[
f(x) = x⁴/4 − x²/2 + x/10 at x = 1.2: f' = 0.628, f'' = 3.32. The parabola
with that slope and curvature has its lowest place at x − f'/f''. Where?
]],
answer = { 1.010843, 1e-3 }, from = "1.2 - 0.628/3.32",
wrong = { { 1.389157, "Against the slope: minus." },
          { 0.572, "That is a step of f' alone, α = 1. Divide by the curvature." },
          { -4.086624, "Turned round: slope divided by curvature." } },
hints = { "1.2 - 0.628/3.32" } },

figure { id = "parabola", [[
f = function(x) return x^4/4 - x^2/2 + 0.1*x end
parabola = function(x)
    return f(1.2) + 0.628*(x - 1.2) + 3.32/2*(x - 1.2)^2
end
plot.curve{f, parabola, from = 0.3, to = 1.8}]],
alt = "The curve with its local minimum at 0.95, and a parabola that touches it at 1.2 with the \z
      same bend. The parabola is lowest at 1.01.",
see = [[
Not the minimum, 0.946, but near it. Go there and do it again.
]] },

code { id = "newton", points = 4, fn = "newton",
ask = [[
Write it for one number. slope and bend are functions, the first and the
second derivative. Make n steps from x and return where you are.
]],
starter = [[
function newton(slope, bend, x, n)
    for i = 1, n do
        -- one step
    end
    return x
end]],
solution = [[
function newton(slope, bend, x, n)
    for i = 1, n do
        x = x - slope(x)/bend(x)
    end
    return x
end]],
given = function(r)
    local a, b = r:pick { 1, 2, 3 }, r:pick { 1, 2 }
    return r:fn(("function(x) return %d*x^3 + %d*x + 1 end"):format(a, b)),
        r:fn(("function(x) return %d*x^2 + %d end"):format(3*a, b)), r:num(-2, 2), r:int(1, 3)
end,
mistakes = {
    { id = "uphill", swap = { "x - slope", "x + slope" },
      say = "The step is subtracted: against the slope." },
    { id = "turned", swap = { "slope(x)/bend(x)", "bend(x)/slope(x)" },
      say = "Turned round: slope divided by curvature." },
    { id = "gradient", swap = { "slope(x)/bend(x)", "slope(x)" },
      say = "That is gradient descent with α = 1. Divide by the curvature." },
    { id = "product", swap = { "slope(x)/bend(x)", "slope(x)*bend(x)" },
      say = "Divide by the curvature: the sharper the bend, the shorter the step." },
    { id = "old-place", code = [=[
function newton(slope, bend, x, n)
    local s = slope(x)/bend(x)
    for i = 1, n do x = x - s end
    return x
end]=], say = "Slope and curvature must be asked anew at each place." },
},
hints = { "x = x - slope(x)/bend(x)" },
},

demo { id = "digits", say = [[
From 1.2, one to five steps:
]], [[
slope = function(x) return x^3 - x + 0.1 end
bend = function(x) return 3*x^2 - 1 end
for n = 1, 5 do print(n, newton(slope, bend, 1.2, n)) end]],
expect = { ["newton(slope, bend, 1.2, 5)"] = { 0.9456492739, 1e-9 } },
see = [[
How far off? 0.07, 0.006, 0.00006, 0.000000006, nothing. Near a minimum
each step about doubles the number of right digits.
]] },

predict { id = "hump", ask = [[
From x = 0.2, near the top of the hump at 0.10, where f'' is negative.
Where does Newton go?
]],
yes = { "to the top of the hump", "It looks for slope 0. Up or down, it does not ask." },
no = { { "down to the minimum at 0.95", "Gradient descent would. Newton divides by a negative \z
                                         bend: uphill." },
       { "down to the minimum at -1.05", "It goes uphill here, to the slope 0 nearby." } },
run = [[
newton(slope, bend, 0.2, 6)
f(0.2), f(newton(slope, bend, 0.2, 6))]],
expect = { ["newton(slope, bend, 0.2, 6)"] = { 0.1010, 1e-3 } },
},

text { id = "several", [[
With several parameters the slope is the gradient, the curvature the
Hessian, and to divide is to solve:

    φ ← φ − H⁻¹·g

For a straight line one such step was enough. Now the Gabor wave.
]] },

demo { id = "gabor", [[
G = loss.least_squares(model.gabor, data.gabor30)
r = descend(G, optim.newton{}, {start = {0, 14}})
for t = 1, 4 do print(r:step().loss, r.gradient:norm()) end]],
expect = { ["r.loss"] = { 0.645696125, 1e-8 } },
},

number { id = "against", ask = [[
Gradient descent with α = 0.05 comes within a millionth of the lowest loss
after 605 updates. After how many does Newton, by the list above?
]],
answer = { 3, 0.1 },
from = "descend(G, optim.newton{}, {start = {0, 14}}):converge{loss = 0.645697}.t",
wrong = { { 4, "Look at the third loss: 0.64569613." },
          { 2, "0.64571 is 2 hundred-thousandths too high." } },
hints = { "The lowest is 0.645696125." } },

demo { id = "taylor", say = [[
What Newton's step believes, at (0.8, 13): the loss is this parabola, and
its minimum is there.
]], [[
T = G:taylor{0.8, 13}
T
G(0.0246753, 13.4595)]],
expect = { ["G(0.0246753, 13.4595)"] = { 1.429824, 1e-5 } },
see = [[
Believed: 1.357. True: 1.430. The real minimum, (0.00, 16.03), is further up
the valley: do it again from there.
]] },

figure { id = "ways", say = [[
Both ways from (0.8, 13):
]], [[
slow = fit(G, optim.gd{alpha = 0.05}, {start = {0.8, 13}, steps = 600})
fast = fit(G, optim.newton{}, {start = {0.8, 13}, steps = 6})
plot.surface{G, slow, fast, phi0 = {-1, 1.6}, phi1 = {12, 17}}]],
alt = "The floor of the deep dip and two paths from (0.8, 13) to (0.00, 16.03). Gradient descent \z
      first goes straight down to the left, then creeps up along the floor. Newton's method gets \z
      there in a handful of long steps.",
},

predict { id = "elsewhere", ask = [[
And from (-2.7, 9) and from (3.5, 6.5)? Gradient descent goes to the lowest
place from the first, to a local minimum from the second.
]],
yes = { "to a saddle, and to a maximum", "Slope 0 both times; 22 is the top of the ridge." },
no = { { "to the same two places", "Where a curvature is negative it goes up." },
       { "both to the lowest place", "It goes to the nearest place with slope 0, of any kind." } },
run = [[
for _, start in ipairs{{-2.7, 9}, {3.5, 6.5}} do
    r = descend(G, optim.newton{}, {start = start}):step(20)
    print(r.phi[1], r.phi[2], r.loss)
end
eigenvalues(G:hessian(r.phi))]],
expect = { ["r.loss"] = { 22.022638, 1e-5 }, ["r.phi"] = { { 1.636710, 4.356499 }, 1e-5 } },
},

demo { id = "damped", say = [[
A remedy: add to the diagonal of H until the step goes down. With much
added it becomes a short step of gradient descent.
]], [[
r = descend(G, optim.newton{damping = "auto"}, {start = {3.5, 6.5}})
r:step(50).phi
r.loss]],
expect = { ["r.loss"] = { 9.961269, 1e-5 } },
see = [[
Down again; to the local minimum, as descent does.
]] },

number { id = "memory", ask = [[
The other price. A network with a million parameters: how many numbers has
its Hessian?
]],
answer = { 1e12, 1e6 },
wrong = { { 1e6, "That is the gradient.", 1 }, { 2e6, "A row for each, and a column for each.", 1 },
          { 1e9, "A million times a million.", 1 } },
hints = { "1e6 * 1e6" },
see = [[
8 terabytes. And to solve takes about k³ operations, 10^18: days. For two
parameters it is nothing, for a thousand it is fine.
]] },

text { id = "guess", [[
But one can learn about the curvature for nothing. After a step s, the
gradient has changed by y. On a parabola y = H·s. BFGS keeps a matrix that
does to every y it has seen what H⁻¹ would, and steps with that. It needs
gradients only.
]] },

demo { id = "race", say = [[
A hard valley, bent like a banana: (1 − a)² + 100·(b − a²)². From (-1.2, 1)
to a loss below 1e-8; updates and gradients:
]], [[
R = loss(function(a, b) return (1 - a)^2 + 100*(b - a^2)^2 end)
for _, opt in ipairs{optim.gd{alpha = 0.001}, optim.adam{alpha = 0.05},
        optim.bfgs{}, optim.lbfgs{}, optim.newton{}} do
    r = descend(R, opt, {start = {-1.2, 1}})
    r:converge{loss = 1e-8, steps = 30000}
    print(r.t, r.evaluations.gradients, opt.title)
end]],
expect = { ["r.t"] = { 5, 0.1 } },
},

figure { id = "banana", [[
b = descend(R, optim.bfgs{}, {start = {-1.2, 1}})
b:converge{loss = 1e-8}
plot.surface{R, b, a = {-1.6, 1.6}, b = {-0.6, 1.8}, log = true}]],
alt = "A valley like a banana from upper left down to (0, 0) and up to (1, 1) at the right. The \z
      path of BFGS follows the bend in some thirty steps and ends at (1, 1).",
},

number { id = "limited", ask = [[
For many parameters even BFGS's matrix is too large. L-BFGS keeps only the
last 10 pairs s, y instead. How many numbers is that for a million
parameters?
]],
answer = { 2e7, 1e5 },
wrong = { { 1e7, "Pairs: s and y, each with a million numbers.", 1 },
          { 1e13, "No matrix is kept: 2·10·1,000,000.", 1 }, { 20, "Each is a vector.", 0.1 } },
hints = { "2 * 10 * 1e6" } },

predict { id = "batches", ask = [[
And L-BFGS on mini-batches, as with Adam?
]],
yes = { "refused: the two gradients belong to different losses",
        "Their difference would be mostly the difference of the batches, and no curvature." },
no = { { "it works, and is faster still", "The change of the gradient would be mostly noise." },
       { "refused: it needs too much memory", "It needs little. It is the noise in y." } },
run = [[
select(2, pcall(descend, G, optim.lbfgs{}, {start = {0, 14}, batch = 5}))]],
},

choice { id = "when", ask = [[
A small network, and all data fit into one batch. You want the minimum to
eight digits. What do you take?
]],
yes = { "L-BFGS", "Full batches, no α to choose, and close to Newton's speed near the end." },
no = { { "gradient descent", "With a narrow valley it needs tens of thousands of updates." },
       { "Adam on batches", "A good choice for large data and rough answers. It does not settle \z
                             to eight digits." } } },

text { id = "summary", [[
What you have now:

    Newton     φ − H⁻¹·g: doubles the digits near a minimum
    but        goes to any place with slope 0: saddles and maxima, too
    damping    adds to the diagonal until it goes down
    price      k² numbers, k³ operations
    BFGS       guesses H⁻¹ from changes of the gradient
    L-BFGS     the same from the last few, for many parameters
    batches    spoil the guess

To try next: G:taylor{3.5, 6.5} has no minimum. What has it? And bfgs on
the Gabor loss from there?
]] },
}
