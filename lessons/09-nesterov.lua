-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "nesterov", seed = 1, minutes = 15,
title = "Look before you leap: Nesterov, and other ways to write momentum",
covers = { "E2", "E3", "E4", "X11" }, needs = { "momentum" },
summary = "The gradient asked where the memory will lead; three forms of one rule and where they \z
          part; and an honest count of who wins.",

text { id = "start", [[
Momentum steps along a running average m of the gradients:

    m ← β·m + (1 − β)·g
    φ ← φ − α·m

The gradient g is taken at φ, although we know already that the memory will
carry us on. Nesterov's idea: go there first, and ask for the gradient
there.

    g is taken at φ − α·m     instead of φ
]] },

number { id = "ahead", ask = [[
φ = 1, m = 0.5, α = 0.6, β = 0.6. At which φ is the gradient taken?
]],
answer = { 0.7, 1e-3 }, from = "1 - 0.6*0.5",
wrong = { { 1, "That is plain momentum. Nesterov looks ahead: φ − α·m." },
          { 1.3, "The other way: the step is subtracted." },
          { 0.82, "That is φ − α·β·m, another printing of the rule. Above stands φ − α·m." },
          { 0.5, "α belongs to it: 1 - 0.6·0.5." } },
hints = { "φ − α·m", "1 - 0.6*0.5" } },

choice { id = "decayed", ask = [[
Lecture notes print φ − α·m, the whole last step. Others print φ − α·β·m.
Suppose the next gradient were 0. Where would momentum alone go?
]],
yes = { "to φ − α·β·m", "m would become β·m. So strictly that is where the memory leads; the \z
                         printed form looks a little too far." },
no = { { "to φ − α·m", "First m ← β·m + 0, then the step. m has shrunk before it is used." },
       { "nowhere", "m is not 0: it remembers." } } },

code { id = "step", points = 4, fn = "nesterov", returns = { "phi", "m" },
ask = [[
Write one update, for a single parameter. grad is a function: grad(x) is the
gradient at x. Return the new phi and the new m.
]],
starter = [[
function nesterov(phi, m, grad, alpha, beta)
    local g = grad(phi)     -- momentum asks here
    m = beta*m + (1 - beta)*g
    return phi - alpha*m, m
end]],
solution = [[
function nesterov(phi, m, grad, alpha, beta)
    local g = grad(phi - alpha*m)
    m = beta*m + (1 - beta)*g
    return phi - alpha*m, m
end]],
given = function(r)
    local f = r:pick { "function(x) return x end", "function(x) return 2*x - 1 end",
        "function(x) return x^3 + x end" }
    return r:num(), r:pick { -1.5, -0.5, 0.5, 1 }, r:fn(f), r:num(0.1, 1), r:pick { 0.2, 0.3, 0.4 }
end,
mistakes = {
    { id = "momentum", swap = { "grad(phi - alpha*m)", "grad(phi)" },
      say = "The gradient is taken at φ: that is plain momentum. Ask for it at φ − α·m." },
    { id = "decayed", swap = { "grad(phi - alpha*m)", "grad(phi - alpha*beta*m)" },
      say = "You look ahead by α·β·m. That form exists, too; asked for is α·m, as above." },
    { id = "wrong-side", swap = { "grad(phi - alpha*m)", "grad(phi + alpha*m)" },
      say = "You look behind: the step is subtracted, so ahead is φ − α·m." },
    { id = "no-alpha", swap = { "grad(phi - alpha*m)", "grad(phi - m)" },
      say = "The look ahead lacks its factor alpha." },
    { id = "from-ahead", swap = { "local g = grad(phi - alpha*m)",
      "phi = phi - alpha*m\n    local g = grad(phi)" },
      say = "φ has moved twice. Only the gradient is taken ahead; the step starts at φ." },
    { id = "no-weight", swap = { "(1 - beta)*g", "g" },
      say = "g enters m with the weight 1 - beta." },
},
hints = { "One line changes: where the gradient is asked.", "grad(phi - alpha*m)" } },

demo { id = "setup", say = [[
The walk is the one of lesson "momentum": the Gabor wave, batches of five in
one fixed order, 80 updates.
]], [[
G = loss.least_squares(model.gabor, data.gabor30)
how = {start = {-1.5, 8.5}, batch = 5, seed = 42, order = "fixed",
    steps = 80}
plain = fit(G, optim.gd{alpha = 0.6}, how)
ball = fit(G, optim.momentum{alpha = 0.6, beta = 0.6}, how)
plain.loss, ball.loss]],
expect = { ["plain.loss"] = { 1.3092, 1e-4 }, ["ball.loss"] = { 0.8987, 1e-4 } },
},

figure { id = "drawing", say = [[
The fifth update drawn for both rules, from the same place and with the same
m: both gradients (turned downhill) and both steps.
]], [[
plot.step{ball, t = 5}]],
alt = "From (-0.44, 8.45) the remembered part of the step, −α·β·m, leads to the right, to (-0.05, \z
      8.45). The gradient here pulls up and to the left; momentum's step ends at (-0.19, 8.59). \z
      The place looked ahead to is (0.21, 8.45); the gradient there pulls to the left more \z
      strongly, and Nesterov's step ends at (-0.37, 8.54).",
see = [[
Both gradients of this batch pull back to the left, the one ahead more so:
Nesterov brakes earlier.
]] },

predict { id = "nesterov-run", ask = [[
Plain 1.309, momentum 0.899, on these batches. Nesterov, printed form?
]],
yes = { "below 0.899", "0.805." },
no = { { "between the two", "On these batches it is the best of the three." },
       { "above 1.309", "It looks ahead with the same α and β, and corrects earlier." } },
run = [[
ahead_run = fit(G, optim.nesterov{alpha = 0.6, beta = 0.6}, how)
decayed = fit(G, optim.nesterov{alpha = 0.6, beta = 0.6,
    lookahead = "decayed"}, how)
ahead_run.loss, decayed.loss]],
expect = { ["ahead_run.loss"] = { 0.8049, 1e-4 }, ["decayed.loss"] = { 0.8882, 1e-4 } },
see = [[
And with φ − α·β·m: 0.888. Plain, momentum, Nesterov: 1.31, 0.90, 0.80.
Does Nesterov win, then?
]] },

figure { id = "three", [[
plot.loss{plain, ball, ahead_run, log = true}]],
alt = "Loss against update, three curves. Plain descent jumps between 5 and 18 for 60 updates. \z
      Momentum and Nesterov rise once to about 12 and then fall smoothly; at 80 updates plain is \z
      at 1.3, momentum at 0.9, Nesterov at 0.8.",
see = [[
plot.surface{G, plain, ball, ahead_run, phi0 = {-4, 3}, phi1 = {7, 17}}
shows the three walks.
]] },

predict { id = "count", ask = [[
That was one order of the batches. Take 200 orders (seeds 0 to 199), and
count which of the three ends lowest. Who wins most often?
]],
yes = { "momentum", "119 times. Nesterov 67, plain 14." },
no = { { "Nesterov, nearly always", "67 of 200. The order with seed 42 was one of them." },
       { "plain", "14 times. Not never." } },
run = [[
function count(order)
    local best = {0, 0, 0}
    for seed = 0, 199 do
        local low, winner
        for k, opt in ipairs{optim.gd{alpha = 0.6},
                optim.momentum{alpha = 0.6, beta = 0.6},
                optim.nesterov{alpha = 0.6, beta = 0.6}} do
            local r = descend(G, opt, {start = {-1.5, 8.5}, batch = 5,
                seed = seed, order = order}):step(80)
            if not low or r.loss < low then low, winner = r.loss, k end
        end
        best[winner] = best[winner] + 1
    end
    return best
end
count("fixed")]],
expect = { ["count(\"fixed\")"] = { { 14, 119, 67 }, 0.1 } },
},

predict { id = "count-fresh", ask = [[
In those runs the batches came in the same order in each epoch. Now with a
fresh order every epoch, all else the same. Who wins most often?
]],
yes = { "Nesterov, just", "92, momentum 83, plain 25. The ranking hung on the order." },
no = { { "momentum, as before", "83 against Nesterov's 92. It changed." },
       { "plain", "25 times." } },
run = [[
count("epoch")]],
expect = { ["count(\"epoch\")"] = { { 25, 83, 92 }, 0.1 } },
see = [[
Both memories beat none, nearly always. Between the two it depends. One
run, and one seed, proves nothing about a method.
]] },

predict { id = "narrow", ask = [[
And with the narrow bell, envelope 8, in place of 32? Same batches as at
the start, α = β = 0.6, 80 updates. Who ends highest?
]],
yes = { "momentum", "1.506; plain 1.491, Nesterov 1.440. Here memory alone did a little harm." },
no = { { "plain", "1.491. Momentum has 1.506." },
       { "Nesterov", "1.440: the lowest of the three." } },
run = [[
G8 = loss.least_squares(model.gabor{envelope = 8}, data.gabor30)
fit(G8, optim.gd{alpha = 0.6}, how).loss
fit(G8, optim.momentum{alpha = 0.6, beta = 0.6}, how).loss
fit(G8, optim.nesterov{alpha = 0.6, beta = 0.6}, how).loss]],
expect = { ["fit(G8, optim.momentum{alpha = 0.6, beta = 0.6}, how).loss"] = { 1.5057, 1e-4 },
           ["fit(G8, optim.nesterov{alpha = 0.6, beta = 0.6}, how).loss"] = { 1.4396, 1e-4 } },
},

text { id = "forms", [[
You will meet the rule in other clothes.

    average    m ← β·m + (1 − β)·g    φ ← φ − α·m
    sum        m ← β·m + g            φ ← φ − α·m     (PyTorch)
    velocity   m ← β·m − α·g          φ ← φ + m       (the ball's speed)
]] },

number { id = "sum-alpha", ask = [[
Without the factor 1 − β, m is larger. Which α makes the sum form, with
β = 0.6, do exactly what the average form does with α = 0.6?
]],
answer = { 0.24, 1e-4 }, from = "0.6*(1 - 0.6)",
wrong = { { 0.36, "That is 0.6·β. Its m is larger by 1/(1 − β)." },
          { 1.5, "Its m is larger, so α must be smaller: times 1 − β, not divided by it." },
          { 0.6, "Then each step would be 2.5 times as long." } },
hints = { "m is larger by the factor 1/(1 - 0.6).", "0.6*(1 - 0.6)" } },

demo { id = "same-path", [[
sum = fit(G, optim.momentum{alpha = 0.24, beta = 0.6, form = "sum"}, how)
speed = fit(G, optim.momentum{alpha = 0.24, beta = 0.6,
    form = "velocity"}, how)
ball.loss, sum.loss, speed.loss]],
expect = { ["sum.loss"] = { 0.8987, 1e-4 }, ["speed.loss"] = { 0.8987, 1e-4 } },
},

predict { id = "schedule", ask = [[
All three the same, then. Now let α fall to a tenth after 40 updates. Do
the three still end at the same place?
]],
yes = { "average and sum do, velocity not", "The velocity has α inside: after the change it \z
                                             still carries steps made with the old one." },
no = { { "all three do", "Where does α stand in each rule? In the third it is inside m." },
       { "all three differ", "Average and sum both multiply by α at the end, so they agree." } },
run = [[
s = schedule.step{alpha = 0.6, factor = 0.1, every = 40}
t = schedule.step{alpha = 0.24, factor = 0.1, every = 40}
fit(G, optim.momentum{alpha = s, beta = 0.6}, how).loss
fit(G, optim.momentum{alpha = t, beta = 0.6, form = "sum"}, how).loss
fit(G, optim.momentum{alpha = t, beta = 0.6, form = "velocity"}, how).loss]],
expect = { ["fit(G, optim.momentum{alpha = s, beta = 0.6}, how).loss"] = { 1.199013, 1e-5 },
    ["fit(G, optim.momentum{alpha = t, beta = 0.6, form = \"velocity\"}, how).loss"] =
    { 1.166095, 1e-5 } },
},

predict { id = "torch", ask = [[
PyTorch's nesterov = True takes no gradient elsewhere. It steps along
g + β·m, in the sum form. With lr = 0.24 on the same batches: is that our
Nesterov with φ − α·β·m?
]],
yes = { "its places are the look-ahead points: another loss, 0.985",
        "It keeps the place where the gradient is asked, and calls that φ. Seen from there the \z
         walk is the same." },
no = { { "yes: it ends at 0.888 as well", "It is the same walk, seen from another point of it." },
       { "it is plain momentum, 0.899", "g counts twice: in m, and once more beside it." } },
run = [[
torch = optim{name = "as PyTorch", alpha = 0.24, beta = 0.6, state = {"m"},
    update = function(phi, g, s, h)
        s.m = h.beta*s.m + g
        return phi - h.alpha*(g + h.beta*s.m)
    end}
p = fit(G, torch, how)
p.loss
p.phi + 0.24*0.6*p.trace.m:row(81)
decayed.phi]],
expect = { ["p.loss"] = { 0.985229, 1e-5 },
           ["abs(p.phi + 0.24*0.6*p.trace.m:row(81) - decayed.phi):max()"] = { 0, 1e-9 } },
see = [[
Add the look ahead again, and it is the same place to the last digit.
]] },

text { id = "summary", [[
What you have now:

    Nesterov    momentum with the gradient taken at φ − α·m
    decayed     at φ − α·β·m, where the memory alone would lead
    forms       sum with α(1 − β) is the same; velocity only at constant α
    PyTorch     stores the look-ahead point
    who wins    depends: count over many seeds

To try next: difference(ball, ahead_run) names the first update in which
they part. Does Nesterov win more often with β = 0.9 and α = 0.2?
]] },
}
