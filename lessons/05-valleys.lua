-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "valleys", seed = 1, minutes = 25,
title = "A harder landscape: valleys, saddles, and a way out",
covers = { "D1", "D2", "D5", "P3", "P8", "Q2", "X12", "X13" },
needs = { "step-size", "gradients" },
summary = "A model with two parameters and many valleys: where gradient descent gets stuck, where \z
          it only seems to, and how a large step can free it.",

text { id = "start", [[
The loss of a line has one valley, and every walk downhill ends in it. Most
models are not so kind. Here is one with only two parameters, so that you
can still see everything, and with all the trouble.
]] },

demo { id = "model", [[
g = data.gabor30
m = model.gabor
m]], see = [[
A sine wave inside a bell. It comes from image processing, where it looks
for stripes of one width at one place.
]] },

figure { id = "wave", say = [[
With φ₀ = 0 and φ₁ = 16, and the 30 points that we want to fit:
]], [[
plot.fit{m, phi = {0, 16}, data = g}]],
alt = "Thirty points and a wave through them: flat at the left, a valley of -0.95 near x = -2, a \z
      peak of 0.95 near x = 2, smaller waves at both sides, and flat again.",
see = [[
It fits well. φ₀ moves the wave, φ₁ squeezes it.
]] },

number { id = "centre", ask = [[
The middle of the wave is where u = φ₀ + 0.06·φ₁·x is 0. With φ₀ = 1.2 and
φ₁ = 10, at which x is that?
]],
answer = { -2, 1e-3 }, from = "-1.2/(0.06*10)",
wrong = { { 2, "The sign: 1.2 + 0.6·x = 0." },
          { -0.12, "Divide by 0.06·10, which is 0.6." , 1e-3 },
          { -0.5, "Turned round: x is -1.2 divided by 0.6." },
          { -1.2, "That is without 0.06·φ₁ = 0.6." } },
hints = { "1.2 + 0.06*10*x = 0", "-1.2/0.6" } },

code { id = "gabor", points = 4, fn = "gabor_slopes", returns = { "∂f/∂φ₀", "∂f/∂φ₁" },
ask = [[
To walk downhill we need its two derivatives. With u as above:

    df/du  = (cos u − (2u/32)·sin u) · exp(−u²/32)
    ∂f/∂φ₀ = df/du · ∂u/∂φ₀
    ∂f/∂φ₁ = df/du · ∂u/∂φ₁

Return the two for one x.
]],
starter = [[
function gabor_slopes(x, phi0, phi1)
    local u = phi0 + 0.06*phi1*x
    -- local slope = ...   df/du
    return 0, 0
end]],
solution = [[
function gabor_slopes(x, phi0, phi1)
    local u = phi0 + 0.06*phi1*x
    local slope = (cos(u) - 2*u/32*sin(u))*exp(-u^2/32)
    return slope, 0.06*x*slope
end]],
given = function(r) return r:num(-3, 3), r:num(-2, 2), r:num(2, 20) end,
mistakes = {
    { id = "no-inner", swap = { "0.06*x*slope", "slope" },
      say = "The second one lacks its inner derivative: u grows with φ₁ by 0.06·x." },
    { id = "no-factor", swap = { "0.06*x*slope", "x*slope" },
      say = "The factor 0.06 is missing in the second: u = φ₀ + 0.06·φ₁·x." },
    { id = "one-term", swap = { "0.06*x*slope", "(x*cos(u) - 2*u/32*sin(u))*exp(-u^2/32)" },
      say = "In the second, x stands with one term only, and 0.06 is lost. The whole of df/du is \z
            multiplied by 0.06·x. (This answer is in circulation.)" },
    { id = "phi1-times", swap = { "0.06*x*slope", "0.06*phi1*slope" },
      say = "0.06·φ₁ is how u grows with x. Asked for is how it grows with φ₁: 0.06·x." },
    { id = "plus", swap = { "cos(u) - 2*u", "cos(u) + 2*u" },
      say = "The sign inside: the bell falls away from u = 0, so its term is subtracted." },
    { id = "no-bell", swap = { "(cos(u) - 2*u/32*sin(u))*exp", "cos(u)*exp" },
      say = "By the product rule the bell has a derivative too: the term with sin u." },
    { id = "no-exp", swap = { "*exp(-u^2/32)", "" },
      say = "The factor exp(−u²/32) is missing." },
},
hints = { "local slope = (cos(u) - 2*u/32*sin(u))*exp(-u^2/32)",
          "∂u/∂φ₀ is 1, and ∂u/∂φ₁ is 0.06*x." },
see = [[
From here on the program's own derivatives do the work. They come to the
same.
]] },

demo { id = "loss", say = [[
The loss is the sum of squares, as before:
]], [[
G = loss.least_squares(m, g)
G(0.6, -0.2)
G(0, 16)]],
expect = { ["G(0.6, -0.2)"] = { 16.418825, 1e-6 }, ["G(0, 16)"] = { 0.6458685, 1e-6 } },
},

figure { id = "map", say = [[
The whole landscape. Dense shade is high, blank is low:
]], [[
plot.surface{G, phi0 = {-10, 10}, phi1 = {2.5, 22.5}}]],
alt = "Loss over φ₀ and φ₁. A deep dip near φ₀ = 0, from φ₁ = 12 upwards, lies between two \z
      ridges, near φ₀ = -3 and φ₀ = 3. Outside the ridges are shallower dips, and flat land \z
      at the far left.",
see = [[
One deep dip in the middle; ridges at both sides; smaller dips beyond.
]] },

predict { id = "two-starts", ask = [[
Two starts, 1000 updates each, a step size that is small enough: from
(-1.5, 8.5) and from (3.5, 6.5). Where do they end?
]],
yes = { "at two places with different losses", "Each walks down the valley it is in." },
no = { { "both at the lowest place", "One does. The other cannot know of it: the gradient sees \z
                                      only the ground under its feet." },
       { "neither of them settles", "α is small enough: both settle." } },
run = [[
a = fit(G, optim.gd{alpha = 0.05}, {start = {-1.5, 8.5}, steps = 1000})
b = fit(G, optim.gd{alpha = 0.05}, {start = {3.5, 6.5}, steps = 1000})
a.loss, a.phi
b.loss, b.phi]],
expect = { ["a.loss"] = { 0.645696, 1e-6 }, ["b.loss"] = { 9.961269, 1e-6 },
           ["b.phi"] = { { 6.1713, 8.0881 }, 1e-4 } },
},

figure { id = "paths", [[
plot.surface{G, a, b, phi0 = {-4, 10}, phi1 = {2.5, 18.5}}]],
alt = "The landscape with two paths. One from (-1.5, 8.5) curves right and then climbs along the \z
      deep dip to (0, 16). The other from (3.5, 6.5) runs right, down into a small dip, to \z
      (6.2, 8.1), and stays there.",
},

choice { id = "what-is-b", ask = [[
b.gradient is 0 up to rounding, and eigenvalues(G:hessian(b.phi)) are 0.72
and 6.78. What is the place where b ended?
]],
yes = { "a local minimum", "Flat, and it curves upwards in every direction. Lower places exist, \z
                            but not near it." },
no = { { "the global minimum", "Its loss is 9.96; a found 0.65." },
       { "a saddle", "A saddle curves down in some direction: one eigenvalue would be negative." },
       { "a place where the run was cut off", "The gradient is 0: more updates change nothing." } },
},

predict { id = "share", ask = [[
How often does one get lucky? Take 121 starts, on a grid over the whole
map, with 1000 updates each. How many of them end below a loss of 1?
]],
yes = { "about 30", "29, that is 24 %." },
no = { { "about 5", "The deep dip is wide: more starts drain into it." },
       { "about 60", "It looks large on the map. Beyond the ridges everything drains elsewhere." },
       { "about 110", "The ridges are in the way." } },
run = [[
good = 0
for i = 0, 10 do
    for j = 0, 10 do
        local r = descend(G, optim.gd{alpha = 0.05},
            {start = {-10 + 2*i, 2.5 + 2*j}})
        if r:step(1000).loss < 1 then good = good + 1 end
    end
end
good]],
expect = { ["good"] = { 29, 0.1 } },
see = [[
With gradient descent alone, the start decides.
]] },

text { id = "flat-places", [[
A gradient of 0 does not make a minimum. There are two other kinds of
places where a run seems to have arrived.
]] },

demo { id = "saddle", say = [[
Here is one, on the pass between two dips:
]], [[
s = array{-2.852506, 9.038015}
G:gradient(s):norm() < 0.0001
eigenvalues(G:hessian(s))]],
expect = { ["G(s)"] = { 14.292847, 1e-6 },
           ["eigenvalues(G:hessian(s))"] = { { -4.8184, 0.8081 }, 1e-4 } },
see = [[
One curvature is negative, one positive: up along one direction, down
along the other. A saddle.
]] },

predict { id = "leave", ask = [[
Start at s, which is the saddle to six digits, and make 40 updates with
α = 0.05. And then 40 more. What does the loss do?
]],
yes = { "nothing for 40 updates, then it falls", "Six digits are not all digits. What is left \z
                                                  grows by a factor with each update." },
no = { { "nothing, ever", "That would take the saddle to the last digit." },
       { "it falls at once", "It starts too near the saddle: the slope there is a millionth." } },
run = [[
r = descend(G, optim.gd{alpha = 0.05}, {start = s})
r.loss
r:step(40).loss
r:step(40).loss]],
expect = { ["r.loss"] = { 11.984239772, 0.01 } },
},

demo { id = "closer", say = [[
How long does it take to get away? First s made exact; then starts beside
it, at three distances. How many updates until the loss is lower by 1?
]], [[
for i = 1, 3 do s = s - solve(G:hessian(s), G:gradient(s)) end
function updates_to_leave(distance)
    local r = descend(G, optim.gd{alpha = 0.05},
        {start = {s[1] + distance, s[2]}})
    while r.loss > G(s) - 1 do r:step() end
    return r.t
end
updates_to_leave(1e-3)
updates_to_leave(1e-6)]],
expect = { ["updates_to_leave(1e-3)"] = { 33, 0.1 }, ["updates_to_leave(1e-6)"] = { 65, 0.1 } },
},

number { id = "leave-nine", ask = [[
And from a distance of 1e-9?
]],
answer = { 97, 0.5 }, from = "updates_to_leave(1e-9)",
wrong = { { 130, "A thousand times nearer costs the same number of updates again: 32." },
          { 33000, "It grows much more slowly: from 1e-3 to 1e-6 it was 32 more." } },
hints = { "From 1e-3 to 1e-6 it took 32 updates more.", "65 + 32" },
see = [[
The distance grows by a constant factor with each update, as compound
interest does. So a saddle holds a run up for a while. It does not keep it.
]] },

demo { id = "plateau", say = [[
The other kind. Far to the right the whole wave is pushed out of sight:
]], [[
G(20, 3)
G:gradient{20, 3}
far = fit(G, optim.gd{alpha = 0.05}, {start = {20, 3}, steps = 1000})
far.phi]],
expect = { ["G(20, 3)"] = { 5.431253, 1e-5 }, ["far.phi"] = { { 19.9987, 3.0005 }, 1e-3 } },
see = [[
A thousand updates, and it moved by a thousandth. A plateau.
]] },

number { id = "plateau-height", ask = [[
There the model says 0 at every point. What is the loss then? The data are
in g.y; for a sum of squares there is (g.y^2):sum().
]],
answer = { 5.431253, 1e-4 }, from = "(g.y^2):sum()",
wrong = { { 0, "The model gives 0; the data do not. Each error is then 0 - y." },
          { 0.181042, "That is the mean. The loss is a sum." } },
hints = { "Each of the 30 errors is 0 - y.", "(g.y^2):sum()" },
see = [[
5.43 is less than the 9.96 of the minimum where b sits. To explain nothing
at all would be better than that.
]] },

text { id = "out", [[
Can plain gradient descent get out of a local minimum? The next start is
(-0.2, 5.0), beside a minimum of 10.18.
]] },

demo { id = "stuck", [[
inside = fit(G, optim.gd{alpha = 0.05}, {start = {-0.2, 5}, steps = 500})
inside.loss, inside.phi
eigenvalues(G:hessian(inside.phi))]],
expect = { ["inside.loss"] = { 10.182265, 1e-6 },
           ["inside.phi"] = { { -0.1665, 4.8809 }, 1e-4 },
           ["eigenvalues(G:hessian(inside.phi))[2]"] = { 13.83935, 1e-4 } },
},

number { id = "bound", ask = [[
For the line, a run in a valley with curvature λ settled only when α was
below 2/λ. What is that bound here?
]],
answer = { 0.14452, 5e-4 }, from = "2/eigenvalues(G:hessian(inside.phi))[2]",
wrong = { { 1.286175, "That is for the smaller curvature. The larger one gives way first.", 1e-3 },
          { 0.0722577, "2/λ, not 1/λ." } },
hints = { "The larger eigenvalue is 13.839.", "2/13.83935" } },

predict { id = "just-above", ask = [[
On a line a step size above the bound ran away to infinity. Here α = 0.15,
just above it. What happens?
]],
yes = { "it bounces to and fro inside the dip", "Too large to settle. Further from the bottom \z
                                                 the dip bends less, and there the jumps stop \z
                                                 growing." },
no = { { "it settles, more slowly", "Above the bound it cannot: near the bottom each jump lands \z
                                     further off than the one before." },
       { "it runs away to infinity", "The loss of a line bends alike everywhere. This one bends \z
                                      less further out." } },
run = [[
bounce = fit(G, optim.gd{alpha = 0.15}, {start = {-0.2, 5}, steps = 200})
bounce.trace.loss:slice(196, 201)]],
expect = { ["bounce.trace.loss[200]"] = { 10.34712, 1e-4 }, ["bounce.loss"] = { 10.35668, 1e-4 } },
},

predict { id = "leave-minimum", ask = [[
And α = 0.22?
]],
yes = { "it leaves, and bounces in the deep dip", "The jumps are too long for the small dip." },
no = { { "it bounces in the same dip, more wildly", "For a few updates it does. Then a jump lands \z
                                                     too far outside." },
       { "it runs away to infinity", "The loss is bounded here: the model never gives more than \z
                                      1. It can only wander." } },
run = [[
free = fit(G, optim.gd{alpha = 0.22}, {start = {-0.2, 5}, steps = 200})
free.loss, free.phi]],
expect = { ["free.loss"] = { 1.629, 0.01 } },
},

figure { id = "three", [[
plot.loss{inside, bounce, free}]],
alt = "Loss against update. α = 0.05 settles at 10.18. α = 0.15 stays at 10.35, bouncing. \z
      α = 0.22 jumps up to 13.6, falls back to 10.3 by update 40, creeps until update 105, then \z
      falls to 1 by update 140 and bounces between 1.06 and 1.63.",
see = [[
It had to go up first, to 13.6, before it could go down.
]] },

try { id = "finish", ask = [[
free bounces at 1.63 above the lowest place, 0.6457. Bring it there. A run
can go on with another setting:

    mine = free:fork{alpha = 0.22}
    mine:step(200)

Put in a better number, until mine.loss is below 0.646.
]],
goal = function(e) return e.mine.loss < 0.646 and e.mine.t > 200 end,
near = { { by = "mine = free:fork{alpha = 0.22}\nmine:step(200)",
           when = function(e) return e.mine.t > 200 and e.mine.loss > 1 end,
           say = "It bounces as before. A smaller α would let it settle." },
         { by = "mine = free:fork{alpha = 0.05}\nmine:step(5)",
           when = function(e) return e.mine.t > 200 and e.mine.loss >= 0.646 end,
           say = "On its way, not there yet. Give it more updates, or a larger α." } },
solution = "mine = free:fork{alpha = 0.05}\nmine:step(200)",
hints = { "Which α let a run settle before?", "mine = free:fork{alpha = 0.05}" },
see = [[
First large, to get out; then small, to settle. That is the idea of a
schedule, which lesson "noise" takes up.
]] },

choice { id = "exactly", ask = [[
Suppose a run stands exactly on a local minimum. Which α frees it?
]],
yes = { "none", "The gradient is 0 there, and α times 0 is 0. It has to be a little off." },
no = { { "any α above 2/λ", "If it is off by a hair, yes. Exactly there the step is α·0." },
       { "a very large one", "However large: α·0 is 0." } } },

choice { id = "jumping", ask = [[
A run's loss jumps up and down and does not settle. What do you try first?
]],
yes = { "a smaller α", "It jumps across the valley: the steps are too long." },
no = { { "a larger α", "It may leave this valley. Where it will end nobody knows, and it settles \z
                        there no better." },
       { "more updates", "bounce made 200, and would bounce for ever." },
       { "another model", "Perhaps later. First look at the cheapest cause." } } },

demo { id = "envelope", say = [[
One warning. In some notes the bell has an 8 in place of the 32:
]], [[
m8 = model.gabor{envelope = 8}
G8 = loss.least_squares(m8, g)
best = fit(G8, optim.gd{alpha = 0.05}, {start = {-1.5, 8.5}, steps = 2000})
best.loss, best.phi]],
expect = { ["best.loss"] = { 1.262308, 1e-5 }, ["best.phi"] = { { 0.1087, 14.4162 }, 1e-3 } },
},

choice { id = "two-answers", ask = [[
You have 0.6457 at (0.00, 16.03), somebody else 1.2623 at (0.11, 14.42), on
the same data. Who made a mistake?
]],
yes = { "perhaps nobody: ask for the envelope", "32 gives yours, 8 gives the other. The model is \z
                                                 part of the result." },
no = { { "the other: 1.26 is a local minimum", "With 8 in the bell it is the lowest place there \z
                                                is." },
       { "you: with 0.6457 something is left out", "Both are sums of squares over the same 30 \z
                                                    points." } },
see = [[
The data were made with 32: a bell that is too narrow cannot follow the
outer waves.
]] },

text { id = "summary", [[
What you have now:

    local minimum   gradient 0, all curvatures positive; lower places exist
    saddle          gradient 0, one curvature negative; it delays
    plateau         gradient nearly 0 over a wide stretch; no way to see out
    α below 2/λ     settles in the dip where it starts
    α above         bounces, or leaves for another dip

To try next: r = descend(G, optim.gd{alpha = 0.05}, {start = {14, 3}}) on
the edge of the plateau: how long does it take? Which of the 121 starts do
better with α = 0.22, and which do worse?
]] },
}
