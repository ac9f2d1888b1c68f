-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "tour", seed = 1, minutes = 10,
title = "For those who teach: the program in ten minutes",
covers = { "C3", "F7" }, needs = {},
summary = "Data, models, losses, optimizers, runs and plots, what explains itself, and what can \z
          be handed to a class.",

text { id = "start", [[
This is a walk for somebody who knows the subject and wants to know the
tool. Enter goes on. Everything you see can be changed and tried at once:
the prompt is yours at every step, and :play gives you a copy to spoil.
]] },

demo { id = "nouns", say = [[
Five nouns: data, a model, a loss, an optimizer, a run.
]], [[
d = data.line12
L = loss.least_squares(model.line, d)
opt = optim.gd{alpha = 0.01}
r = descend(L, opt, {start = {1.6, -0.5}})
L
r]],
expect = { ["r.loss"] = { 5.020125, 1e-6 } },
},

demo { id = "step", say = [[
A run goes forward, and back, to the same bits.
]], [[
r:step(100).loss
r:back(99).loss
explain(r)]],
expect = { ["r.loss"] = { 3.520366, 1e-6 } },
see = [[
explain puts the numbers into the rule, for any optimizer and any update:
what one writes on a blackboard. r:to(100) goes on.
]] },

figure { id = "plot", [[
plot(r:to(100))]],
alt = "Left: twelve points and a line through them. Right: the loss over φ₀ and φ₁ as a long \z
      valley, and a path that drops into it and follows it.",
see = [[
plot(x) draws whatever it is given. plot.save("fit.svg") writes the same
picture as a file, plot.describe() puts it into words.
]] },

predict { id = "why", ask = [[
What does the program say about a run with α = 0.041?
]],
yes = { "that it diverges, and which α would not", "It computes the bound 2/λmax, 0.03998, and \z
                                                    names it." },
no = { { "nothing: one has to look at the numbers", "why(r) looks at them, and at the curvature." },
       { "an error", "Divergence is a result, no error. The run can be looked at." } },
run = [[
bad = descend(L, optim.gd{alpha = 0.041}, {start = {1.6, -0.5}})
why(bad:step(100))]],
expect = { ["bad.loss"] = { 36510.973, 0.01 } },
},

demo { id = "own-model", say = [[
One's own model is a Lua function. Its derivatives are found, not written;
L:derivative() prints them, L:check(phi) compares them with differences.
]], [[
wave = model(function(x, phi0, phi1)
    local u = phi0 + 0.06*phi1*x
    return sin(u)*exp(-u^2/32)
end)
W = loss.least_squares(wave, data.gabor30)
W:check{0.6, -0.2}]],
expect = { ["W(0.6, -0.2)"] = { 16.418825, 1e-6 } },
},

code { id = "own-rule", points = 2, fn = "rule",
ask = [[
One's own update rule is a function as well. Write the one of gradient
descent: the new phi from phi, the gradient g, and alpha. (They are arrays;
+, - and * work on them.)
]],
starter = [[
function rule(phi, g, alpha)
    return phi
end]],
solution = [[
function rule(phi, g, alpha)
    return phi - alpha*g
end]],
given = function(r) return r:num(), r:num(), r:num(0.1, 1) end,
mistakes = {
    { id = "uphill", swap = { "phi - alpha", "phi + alpha" },
      say = "That goes uphill. (Each known mistake of an exercise has such a sentence.)" },
    { id = "no-alpha", swap = { "alpha*g", "g" }, say = "alpha is missing." },
},
hints = { "phi - alpha*g" },
see = [[
It was judged by what it does, on random inputs, beside the solution and
its known mistakes. Any right way of writing it passes.
]] },

demo { id = "use-rule", [[
mine = optim{name = "mine", alpha = 0.01,
    update = function(phi, g, s, h) return rule(phi, g, h.alpha) end}
descend(L, mine, {start = {1.6, -0.5}}):step(100).loss]],
expect = { ["descend(L, mine, {start = {1.6, -0.5}}):step(100).loss"] = { 0.200773847, 1e-8 } },
},

demo { id = "race", say = [[
Several methods from one start on the same batches:
]], [[
c = race{W, optim.gd{alpha = 0.3}, optim.momentum{alpha = 0.3},
    optim.adam{alpha = 0.3}, start = {-1.5, 8.5}, batch = 5, seed = 1,
    steps = 200}
c]],
see = [[
Batches are those of NumPy's RandomState for the same seed, so a notebook's
run repeats here. sweep{...} makes grids of settings.
]] },

demo { id = "graph", say = [[
And back-propagation, node by node:
]], [[
graph(function(x, y, z) local d = x*y; return d + z end,
    {x = 2, y = -5, z = 3})]],
},

choice { id = "class", ask = [[
You want to hand lesson "adam" to your class on paper, with figures but
without the answers. What do you type in a shell?
]],
yes = { "descent lesson adam --html adam.html", "One page that needs nothing else. With --teacher \z
                                                 it has the answers and the known mistakes." },
no = { { "descent lesson adam --auto", "That runs the lesson against its own answers, right and \z
                                        wrong ones: a test." },
       { "descent lesson adam --coverage", "Coverage lists which topic is in which lesson." } },
},

text { id = "summary", [[
From here:

    help(), ?optim.adam, ?"gradient"     what there is, and how it is used
    :lessons                             the course, in order
    exercise "momentum"                  a task; check() judges the answer
    descent grade momentum *.lua         a folder of submissions, judged
    descent lesson ./mine.lua --lint     your own lesson; the README has a
                                         template
    descent fit.lua                      the same language as a script

A lesson is one Lua file of data: texts, demos, questions with reasons for
wrong answers, and code exercises with their known mistakes. --lint tries
the mistakes, and small changes of the solution that nobody thought of.
]] },
}
