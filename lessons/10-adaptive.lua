-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "adaptive", seed = 1, minutes = 15,
title = "A step for each parameter: normalized gradients, AdaGrad, RMSProp",
covers = { "F1", "F2", "F3", "X2", "X4" }, needs = { "valleys", "momentum" },
summary = "Why one step size does not fit all directions, what dividing by the size of the \z
          gradient does, and what must be remembered and what forgotten.",

text { id = "start", [[
One α for all parameters. For the line the valley was bent 12 times as
sharply across as along, and α had to suit the sharp side. Here is a loss
on which that hurts.
]] },

demo { id = "loss", [[
L = loss(function(phi0, phi1)
    return 1 - exp(-2*phi1^2)*exp(-(phi0 - 0.7)^2/8)
end)
how = {start = {-0.7, -0.9}}
L:gradient{-0.7, -0.9}]],
expect = { ["L(0.7, 0)"] = { 0, 1e-12 },
           ["L:gradient{-0.7, -0.9}"] = { { -0.05421367, -0.5576264 }, 1e-6 } },
see = [[
Lowest at (0.7, 0). At the start the slope in φ₁ is ten times that in φ₀.
]] },

predict { id = "small-alpha", ask = [[
α = 0.08 is small enough not to bounce. After 100 updates φ₁ is 0 to 14
digits. How far has φ₀ come, on its way from -0.7 to 0.7?
]],
yes = { "about 0.46, still on its way", "The slope in φ₀ is small, and so are its steps." },
no = { { "0.7, it is there too", "In φ₀ the slope is ten times smaller, so it takes many times as \z
                                  long." },
       { "-0.6, hardly moved", "It does move: about 0.01 a step." } },
run = [[
small = descend(L, optim.gd{alpha = 0.08}, how):step(100)
small.phi
small:fork{at = 100}:step(100).phi]],
expect = { ["small.phi[1]"] = { 0.4626, 1e-4 },
           ["small:fork{at = 100}:step(100).phi[1]"] = { 0.6684, 1e-4 } },
see = [[
After 200 it is at 0.668.
]]
},

predict { id = "large-alpha", ask = [[
Then α = 1, for the sake of φ₀. What does φ₁ do?
]],
yes = { "it bounces from side to side", "Across the trough the steps are much too long." },
no = { { "it goes to 0 at once", "The trough is too narrow for such steps." },
       { "it runs away", "Far from the trough this loss is flat: the steps get short there." } },
run = [[
large = descend(L, optim.gd{alpha = 1}, how):step(40)
large.phi]],
expect = { ["large.phi"] = { { 0.696131, 0.194839 }, 1e-5 } },
},

figure { id = "two", [[
plot.surface{L, small, large, phi0 = {-1.2, 1.6}, phi1 = {-1.2, 1.2}}]],
alt = "A long trough from left to right along φ₁ = 0. One path drops into it and then creeps \z
      right. The other leaps across it, from -0.8 to 0.6 and back, while it moves right.",
see = [[
One crawls, the other bounces. No single α does well in both directions.
]] },

text { id = "idea", [[
The idea: do not ask how steep it is, only which way is down. Divide each
derivative by its own size:

    φ ← φ − α · g / (√(g²) + ε)

ε is tiny, against dividing by 0. Square, root and division all work on
each component by itself.
]] },

number { id = "signs", ask = [[
The gradient is (3, -2, 5). What is g/√(g²)? Three numbers.
]],
answer = { { 1, -1, 1 }, 1e-3 },
wrong = { { { 1, 1, 1 }, "√(g²) is the size, so the sign stays: -2/2 is -1." },
          { { 3, -2, 5 }, "That is the gradient. Divide each number by its size." },
          { { 0.486664, -0.324443, 0.811107 }, "That divides by the length of the whole vector. \z
                                                Here each is divided by its own size.", 1e-3 } },
hints = { "3/3, -2/2, 5/5" },
see = [[
Only the signs are left. The size of the slope is gone.
]] },

number { id = "ten-steps", ask = [[
From (-0.7, -0.9), both derivatives negative, α = 0.08. Where is φ after 10
such updates? Two numbers.
]],
answer = { { 0.1, -0.1 }, 1e-3 },
from = "descend(L, optim.normalized{alpha = 0.08}, how):step(10).phi",
wrong = { { { -1.5, -1.7 }, "Against the gradient: both grow." },
          { { -0.62, -0.82 }, "That is after one." } },
hints = { "Each component moves by 0.08 at each update.", "-0.7 + 0.8, -0.9 + 0.8" } },

predict { id = "normalized", ask = [[
It rushes straight to the minimum, then. Where is it after 40 updates, and
after 41?
]],
yes = { "near (0.7, 0), at two different places", "It cannot stop: each component moves by 0.08, \z
                                                    whatever the slope." },
no = { { "at (0.7, 0), both times", "There g is 0, but it never hits that place: its places are \z
                                     0.08 apart." },
       { "far beyond, both times", "As soon as it is past, the sign turns." } },
run = [[
n = descend(L, optim.normalized{alpha = 0.08}, how):step(41)
n.trace.phi:slice(41, 42)]],
expect = { ["n.trace.phi[41]"] = { { 0.74, 0.06 }, 1e-4 },
           ["n.trace.phi[42]"] = { { 0.66, -0.02 }, 1e-4 } },
see = [[
Fast, and it ends bouncing between two places for ever. Steps in the right
proportion are gone with the size of the slope. Something between the two
is wanted.
]] },

choice { id = "epsilon", ask = [[
In some slides the rule reads g/√(g²) + ε, without brackets. Why is that
wrong?
]],
yes = { "ε is then added to the step: every parameter drifts, and g = 0 still divides by 0",
        "Below, it only keeps the denominator from 0." },
no = { { "it is not: ε is tiny", "It still fails where it is needed: 0/0 comes first." },
       { "the step becomes twice as long", "By ε only. But for g = 0 it is 0/0 + ε." } } },

predict { id = "epsilon-added", ask = [[
Try it, with ε = 0.001 so that one sees it. First where the slope is 0 and
nothing should move, without brackets and with. Then 1000 updates down a
slope of 1, with g/√(g²) + ε and α = 0.1.
]],
yes = { "not a number, 0, and 0.1 further than it should be",
        "0/0 comes before ε is added; and where g is not 0, ε moves φ by itself." },
no = { { "0, 0, and 100 exactly", "0/√0 is 0/0. And ε is added a thousand times." },
       { "0.001, 0, and 100.1", "0/√0 is 0/0: adding ε to that does not help." } },
run = [[
0/sqrt(0^2) + 0.001
0/(sqrt(0^2) + 0.001)
level = loss(function(x) return x end)
outside = optim{name = "epsilon outside", alpha = 0.1, epsilon = 0.001,
    update = function(phi, g, s, h)
        return phi - h.alpha*(g/sqrt(g^2) + h.epsilon)
    end}
descend(level, outside, {start = {0}}):step(1000).phi]],
expect = { ["descend(level, outside, {start = {0}}):step(1000).phi"] = { { -100.1 }, 1e-6 } },
},

demo { id = "extra", say = [[
And in others there is one more factor g: g/√(g²) ⊙ g. We can build that
rule and see. A slope of (3, -2, 5) everywhere, α = 0.1:
]], [[
tilted = loss(function(a, b, c) return 3*a - 2*b + 5*c end)
extra = optim{name = "extra factor", alpha = 0.1,
    update = function(phi, g, s, h)
        return phi - h.alpha*g/sqrt(g^2)*g
    end}
descend(tilted, extra, {start = {0, 0, 0}}):step().phi]],
expect = { ["descend(tilted, extra, {start = {0, 0, 0}}):step().phi"] =
    { { -0.3, -0.2, -0.5 }, 1e-9 } },
},

choice { id = "extra-why", ask = [[
The second parameter went to -0.2, and its derivative is -2. What happened?
]],
yes = { "it went uphill", "Downhill is where b grows. The sign was multiplied by g again, and \z
                           minus times minus is plus." },
no = { { "nothing wrong: it is longer, that is all", "Look at its direction. The derivative is \z
                                                      negative, so b should grow." },
       { "it went downhill, too fast", "3a - 2b + 5c: with b = -0.2 the term -2b is +0.4." } } },

text { id = "mean-square", [[
So divide by something steadier than the last gradient: by the size that
this derivative usually has. Three rules differ only in what v remembers:

    AdaGrad     v ← v + g²                  the sum of all squares
    RMSProp     v ← γ·v + (1 − γ)·g²        a running mean
    both        φ ← φ − α · g / (√v + ε)
]] },

predict { id = "adagrad", ask = [[
A test: a slope that is 1 for ever, and α = 1. AdaGrad's first step is 1.
How long is the hundredth?
]],
yes = { "0.1", "v is 100 by then, and 1/√100 = 0.1." },
no = { { "1", "v grows by 1 each time; it never forgets." },
       { "0.01", "There is a root: 1/√100." },
       { "0", "It shrinks without end, and never is 0." } },
run = [[
slope = loss(function(x) return x end)
function steps(opt, n)
    local x = descend(slope, opt, {start = {0}}):step(n).trace.phi
    return (x:slice(1, n) - x:slice(2, n + 1)):col(1)
end
a = steps(optim.adagrad{alpha = 1}, 1000)
a[1], a[10], a[100], a[1000]
]],
expect = { ["a[100]"] = { 0.1, 1e-6 }, ["a[1000]"] = { 0.0316228, 1e-6 } },
see = [[
AdaGrad remembers everything, and slows down even where nothing has
changed. A running mean forgets.
]] },

demo { id = "rmsprop", [[
a = steps(optim.rmsprop{alpha = 1}, 100)
a[1], a[2], a[10], a[100]
]],
expect = { ["a[1]"] = { 3.162278, 1e-5 }, ["a[100]"] = { 1, 1e-3 } },
see = [[
It settles at 1. Only at the beginning it is too long: 3.16. Why? Keep that
question.
]] },

figure { id = "lengths", say = [[
The length of the step, update by update, where the slope is 1 for ever:
]], [[
plot.lines{y = {steps(optim.adagrad{alpha = 1}, 60),
    steps(optim.rmsprop{alpha = 1}, 60)}, labels = {"AdaGrad", "RMSProp"},
    x_label = "update t", y_label = "step/α"}]],
alt = "Two curves over 60 updates. AdaGrad's steps fall from 1 like 1/√t, to 0.13. RMSProp's fall \z
      from 3.2 to 1 within 30 updates and stay there.",
},

code { id = "rmsprop-step", points = 4, fn = "rmsprop", returns = { "phi", "v" },
ask = [[
Write one update of RMSProp for a single parameter. Return the new phi and
the new v.
]],
starter = [[
function rmsprop(phi, v, g, alpha, gamma, epsilon)
    -- first v, then phi
    return phi, v
end]],
solution = [[
function rmsprop(phi, v, g, alpha, gamma, epsilon)
    v = gamma*v + (1 - gamma)*g^2
    return phi - alpha*g/(sqrt(v) + epsilon), v
end]],
given = function(r)
    return r:num(), r:num(2, 4), r:pick { -1, 1 }*r:num(0.5, 2), r:num(0.1, 1),
        r:pick { 0.6, 0.8, 0.9 }, r:pick { 0.01, 0.1 }
end,
mistakes = {
    { id = "sum", swap = { "gamma*v + (1 - gamma)*g^2", "v + g^2" },
      say = "That is AdaGrad: a sum of all squares. RMSProp keeps a running mean." },
    { id = "no-weight", swap = { "(1 - gamma)*g^2", "g^2" },
      say = "g² enters v with the weight 1 - gamma." },
    { id = "swapped", swap = { "gamma*v + (1 - gamma)*g^2", "(1 - gamma)*v + gamma*g^2" },
      say = "The weights are exchanged: gamma belongs to the old v." },
    { id = "no-square", swap = { "g^2", "g" }, say = "v takes the square of g." },
    { id = "no-root", swap = { "sqrt(v)", "v" }, say = "Divide by the root of v." },
    { id = "old-v", code = [=[
function rmsprop(phi, v, g, alpha, gamma, epsilon)
    local w = gamma*v + (1 - gamma)*g^2
    return phi - alpha*g/(sqrt(v) + epsilon), w
end]=], say = "phi moved with the old v. First make the new one." },
    { id = "epsilon-out", swap = { "/(sqrt(v) + epsilon)", "/sqrt(v) - alpha*epsilon" },
      say = "ε is added to the step. It belongs into the denominator: (√v + ε)." },
    { id = "epsilon-in", swap = { "sqrt(v) + epsilon", "sqrt(v + epsilon)" },
      say = "ε stands inside the root. Here it is outside: √v + ε." },
    { id = "uphill", swap = { "phi - alpha", "phi + alpha" },
      say = "That goes uphill: the step is subtracted." },
},
hints = { "v = gamma*v + (1 - gamma)*g^2", "phi - alpha*g/(sqrt(v) + epsilon)" } },

predict { id = "sixty", ask = [[
A third, Adadelta, has no α of its own: in its place stands the size of its
earlier steps, which begins at 0. Sixty updates of each on the trough, from
-0.7. Which gets furthest in φ₀?
]],
yes = { "AdaGrad, α = 0.1", "To 0.58. Its first steps are long, later ones shorter and shorter." },
no = { { "RMSProp, α = 0.01", "To 0.06: its steps are 0.01 long, sixty of them." },
       { "Adadelta", "To -0.26: it starts with steps of almost nothing." } },
run = [[
ends = {}
for k, opt in ipairs{optim.adagrad{alpha = 0.1},
        optim.rmsprop{alpha = 0.01},
        optim.adadelta{alpha = 1, gamma = 0.95, epsilon = 1e-6}} do
    ends[k] = descend(L, opt, how):step(60).phi
    print(ends[k][1], ends[k][2], opt.title)
end]],
expect = { ["ends[1]"] = { { 0.580968, -0.001865 }, 1e-5 },
           ["ends[2]"] = { { 0.055685, -0.189698 }, 1e-5 },
           ["ends[3]"] = { { -0.260159, -0.494427 }, 1e-5 } },
},

text { id = "summary", [[
What you have now:

    one α         suits one direction: it crawls or it bounces
    normalized    only the signs: fast, and never at rest
    AdaGrad       divides by the root of a sum: slower and slower
    RMSProp       by the root of a running mean: keeps its pace
    Adadelta      the size of its own earlier steps in place of α

To try next: n with a schedule for α: does it come to rest? And RMSProp
with α = 0.1: where is it after 60 updates?
]] },
}
