-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "overfitting", seed = 1, minutes = 15,
title = "Too little, too much: how many parameters?",
covers = { "H2" }, needs = { "line", "formula" },
summary = "More parameters always fit the data better, and often predict worse. How to see it \z
          with data held out: leave-one-out, folds, a validation set, a test set.",

text { id = "start", [[
The best line leaves a loss of 0.1999. The points bend, though. A curve
would come nearer: a polynomial of degree 2, or 3, or 9.
]] },

demo { id = "degrees", say = [[
Polynomials are linear in their parameters, so the formula finds the best.
The loss for the degrees 1, 2, 3 and 9:
]], [[
d = data.line12
function training(degree)
    local L = loss.least_squares(model.polynomial(degree), d)
    local best = L:solve()
    return L(best), best
end
for _, k in ipairs{1, 2, 3, 9} do print(k, (training(k))) end]],
expect = { ["(training(2))"] = { 0.0909, 1e-4 }, ["(training(9))"] = { 0.0288, 1e-4 } },
},

predict { id = "eleven", ask = [[
Degree 11 has 12 parameters, and there are 12 points. What is the loss?
]],
yes = { "0", "It goes through all of them: 12 equations, 12 unknowns." },
no = { { "about 0.02", "It is the trend, up to here. At 12 parameters nothing is left over." },
       { "it rises again", "It cannot: degree 11 contains all lower degrees." } },
run = [[
(training(11))]],
expect = { ["(training(11))"] = { 0, 1e-5 } },
see = [[
By this loss degree 11 is perfect. Is it?
]] },

figure { id = "nine", say = [[
Look at degree 9:
]], [[
best = select(2, training(9))
plot.fit{model.polynomial(9), phi = best, data = d}]],
alt = "A curve close to all twelve points. Between them it is calm, but before the first point it \z
      shoots up, and after the last two it rises above them and then dives far below.",
},

demo { id = "coefficients", say = [[
And at its parameters:
]], [[
best]],
expect = { ["best[6]"] = { -4297.7, 1 } },
see = [[
Thousands, with changing signs, that nearly cancel.
]] },

text { id = "hold-out", [[
The question is not how well a model repeats what it has seen. It is how
well it predicts what it has not. So hide a point, fit the others, and see
how far off the prediction is. Do that with each of the twelve in turn, and
add up the squares. That is leave-one-out.
]] },

code { id = "leave-one-out", points = 4, fn = "held_out", pure = true,
ask = [[
Write it for the simplest model, a constant: each y[i] is predicted by the
mean of the OTHERS. Return the sum of the squared errors.
]],
starter = [[
function held_out(y)
    local sum = 0
    for i = 1, #y do
        -- the mean of all y except y[i]
    end
    return sum
end]],
solution = [[
function held_out(y)
    local total = 0
    for i = 1, #y do total = total + y[i] end
    local sum = 0
    for i = 1, #y do
        local mean = (total - y[i])/(#y - 1)
        sum = sum + (y[i] - mean)^2
    end
    return sum
end]],
given = function(r) return r:vec(r:int(2, 6)) end,
mistakes = {
    { id = "with-itself", swap = { "(total - y[i])/(#y - 1)", "total/#y" },
      say = "y[i] helped to predict itself. Leave it out of the mean." },
    { id = "wrong-count", swap = { "(#y - 1)", "#y" },
      say = "Without y[i] there are only #y - 1 left to divide by." },
    { id = "mean-error", swap = { "return sum", "return sum/#y" },
      say = "You took the mean over the points. Asked for is the sum." },
    { id = "not-squared", swap = { "(y[i] - mean)^2", "(y[i] - mean)" },
      say = "Square each error before adding." },
},
hints = { "First the total of all y.", "local mean = (total - y[i])/(#y - 1)",
          "sum = sum + (y[i] - mean)^2" },
},

predict { id = "nine-held", ask = [[
Degree 1: 0.1999 on the points it saw, 0.3076 on those held out. Degree 9:
0.0288 on those it saw. And held out?
]],
yes = { "above 1000", "2974. It is the ends: there it shoots off." },
no = { { "about 0.04, half as much again", "That is how the line behaves. Look at the ends of the \z
                                            picture." },
       { "about 0.3, as the line", "It bends far more than the data do." } },
run = [[
function held(degree)
    return cross_validate{model = model.polynomial(degree), data = d,
        k = 12}.total
end
for _, k in ipairs{1, 2, 3, 9} do print(k, held(k)) end]],
expect = { ["held(1)"] = { 0.3076, 1e-4 }, ["held(2)"] = { 0.1449, 1e-4 },
           ["held(3)"] = { 0.2411, 1e-4 }, ["held(9)"] = { 2973.7, 1 } },
},

figure { id = "both", [[
seen, unseen = {}, {}
for k = 1, 9 do seen[k], unseen[k] = training(k), held(k) end
plot.lines{y = {seen, unseen}, log = "y", labels = {"training", "held out"},
    x_label = "degree", y_label = "loss"}]],
alt = "Loss against degree, logarithmic. Training: falls all the way from 0.2 to 0.03. Held out: \z
      0.31 at degree 1, lowest 0.14 at degree 2, then up, to 3 at 6, 163 at 8, and 2974 at 9.",
},

choice { id = "best-degree", ask = [[
Which degree would you take, and what do you call the others?
]],
yes = { "2; degree 1 underfits, 9 overfits", "Too stiff for the bend in the data, and so loose \z
                                              that it follows every error." },
no = { { "9: it has the lower training loss", "It has. It predicts worst of all." },
       { "3: it is nearest to the middle", "Held out, 3 has 0.24 and 2 has 0.14." },
       { "1: the simplest is always best", "It misses the bend: 0.31." } } },

choice { id = "third-set", ask = [[
You chose degree 2 because its held-out loss, 0.1449, was lowest of nine.
Is that what to expect on new data?
]],
yes = { "a little too good: it was chosen for being lowest",
        "Of nine numbers with luck in them the lowest has good luck. For an honest one take a \z
         third set, the test set, and use it once." },
no = { { "yes: those points were held out", "Held out from the fit. But they took part in the \z
                                             choice." },
       { "no: it is far too pessimistic", "If at all it is too good." } } },

number { id = "folds", ask = [[
With much data one leaves out more at a time: k folds. 12 examples, k = 4:
how many does each of the four fits see?
]],
answer = { 9, 0.01 }, from = "#d:folds(4, {seed = 1})[1].train",
wrong = { { 3, "Those are held out. It is fitted to the others." },
          { 12, "Then nothing would be held out." }, { 4, "That is the number of folds." } },
hints = { "12/4 are held out." } },

demo { id = "validation-data", say = [[
With a run of many updates there is another kind of too much: too long. 24
noisy points of a wave, half of them held out, and a network with 121
parameters:
]], [[
seed(4)
x = linspace(0, 2, 24)
wave = data.new{x = x, y = 1.5*sin(2*x) + 0.3*random.normal(24)}
train, hold = wave:split(0.5, {seed = 2})
net = model.mlp{1, 40, 1, activation = "tanh"}
T = loss.mean_squares(net, train)
net.size, #train, #hold]],
expect = { ["net.size"] = { 121, 0.1 }, ["#train"] = { 12, 0.1 } },
},

predict { id = "too-long", ask = [[
3000 updates of Adam on the 12 points. The training loss falls nearly to 0.
What does the loss on the 12 held out do meanwhile?
]],
yes = { "it falls, is lowest early, and rises again",
        "Lowest after 150 updates, 0.079. At the end it is above 0.1." },
no = { { "it falls like the other, a little higher",
         "For 150 updates. Then the network begins to learn the errors of its 12 points." },
       { "it rises from the beginning", "At first both learn the wave." } },
run = [[
long = fit(T, optim.adam{alpha = 0.02}, {start = net:init{seed = 1},
    steps = 3000, validation = hold})
plot.validation{long}]],
expect = { ["long.trace.validation[151]"] = { 0.078744, 1e-4 },
           -- 3000 updates make much of the last bit, which each instruction set rounds otherwise.
           ["long.trace.validation[3001]"] = { 0.135, 0.03 } },
alt = "Two curves over 3000 updates, logarithmic. The training loss falls from 1 to 0.004. The \z
      validation loss falls to 0.08 at update 150, marked, rises to 0.2 and stays above 0.1.",
see = [[
To stop at 150 is called early stopping. The points that say when are a
validation set.
]] },

text { id = "summary", [[
What you have now:

    underfitting   too stiff: wrong on old and new data
    overfitting    too loose, or trained too long: right on the old,
                   wrong on the new
    held out       leave-one-out, k folds, or a validation set: choose by it
    test set       used once, for an honest last number

To try next: cross_validate with k = 4 instead of 12. Which degree wins
with data.line{n = 100, noise = 0.1}, and why does degree 9 do so little
harm there?
]] },
}
