-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "overfitting", seed = 1, minutes = 25,
title = "Too little, too much: how many parameters?",
covers = { "H2", "H3", "H4", "X8" }, needs = { "line", "convex", "likelihood" },
summary = "More parameters always fit the data better, and often predict worse. How to see it \z
          with data held out, and how a penalty holds a model back.",

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

demo { id = "nearest", say = [[
The extreme case: a model that simply remembers. For a new x it gives the
class of the nearest x it has seen. 100 examples, from two normal
distributions around -1 and 1, and 2000 new ones:
]], [[
seed(0)
old = data.two_normals{n = 100}
new = data.two_normals{n = 2000}
one = model.nearest(1, old)
1 - accuracy(one, old)]],
expect = { ["1 - accuracy(one, old)"] = { 0, 1e-9 } },
see = [[
No error at all on what it has seen.
]] },

predict { id = "nearest-new", ask = [[
Nobody can do better than 15.9 % wrong on new ones, as the two overlap. How
many does it get wrong?
]],
yes = { "about 24 %", "It repeats every accident of its 100 examples." },
no = { { "0", "On those it knows. These are new." },
       { "about 16 %", "That would be the best possible." },
       { "about 50 %", "That would be guessing." } },
run = [[
1 - accuracy(one, new)
for _, k in ipairs{5, 15} do
    local m = model.nearest(k, old)
    print(k, 1 - accuracy(m, old), 1 - accuracy(m, new))
end]],
expect = { ["1 - accuracy(one, new)"] = { 0.2375, 1e-6 },
           ["1 - accuracy(model.nearest(15, old), new)"] = { 0.153, 1e-6 } },
see = [[
15 neighbours are wrong on 19 % of what they have seen, and on 15.3 % of
the new: a little luck, and much less memory.
]] },

text { id = "penalty", [[
Instead of fewer parameters: keep them all, but make large ones expensive.

    L[φ] + λ·Σ φ²

λ says how expensive. That is ridge regression, or weight decay.
]] },

demo { id = "ridge", [[
L = loss.least_squares(model.line, d)
ridge = (L + penalty.l2):solve()
ridge]],
expect = { ["ridge"] = { { 0.732752, 0.556023 }, 1e-6 } },
see = [[
λ = 1. Without it, it was (0.826, 0.522). Here φ₀ got smaller, and φ₁ a
little larger to make up for it.
]] },

choice { id = "intercept", ask = [[
One often leaves φ₀ out of the penalty. Why?
]],
yes = { "if all y are 100 larger, the slope should stay as it is",
        "With φ₀ in the penalty the slope would have to help. (penalty.l2{except = {\"phi0\"}} \z
         gives (0.922, 0.421).)" },
no = { { "it is always the smallest", "Here it is the larger one." },
       { "it saves time", "It is one term in a sum." } } },

demo { id = "tamed", say = [[
Now degree 9 with a penalty. Its held-out loss for a given λ:
]], [[
function tamed(lambda)
    return cross_validate{model = model.polynomial(9), data = d, k = 12,
        loss = function(m, data)
            return loss.least_squares(m, data) + lambda*penalty.l2
        end}.total
end
tamed(1)]],
expect = { ["tamed(1)"] = { 2.7573, 1e-3 } },
see = [[
2.76, from 2974.
]] },

try { id = "tame", ask = [[
Tame it: find a lambda with a held-out loss below 1.

    lambda = 1
    tamed(lambda)
]],
goal = function(e) return e.lambda > 0 and e.tamed(e.lambda) < 1 end,
near = { { by = "lambda = 10", when = function(e) return e.lambda >= 1 end,
           say = "Too strong: it cannot bend enough. Try a smaller λ." },
         { by = "lambda = 0.000001", when = function(e) return e.lambda <= 0.00001 end,
           say = "Better than 2974, still too loose. Try a larger λ." } },
solution = "lambda = 0.03",
hints = { "Somewhere between 0.0001 and 0.1.", "lambda = 0.03" },
see = [[
Below 1, with all ten parameters in place. The way there is bumpy: with
twelve points much is luck. Try 0.001.
]] },

figure { id = "sizes", say = [[
Another price: the size, λ·Σ |φ|. One parameter, (w − 1)², with λ = 3:
]], [[
plot.curve{function(w) return (w - 1)^2 + 3*w^2 end,
    function(w) return (w - 1)^2 + 3*abs(w) end, from = -0.6, to = 1.2}]],
alt = "Two curves. With 3·w² a parabola, lowest at w = 0.25. With 3·|w| a curve with a kink at \z
      w = 0, where it is lowest.",
},

choice { id = "zero", ask = [[
Where are their minima?
]],
yes = { "squares: at 0.25; sizes: exactly at 0",
        "Squares make parameters small. Sizes make some of them 0, and so select." },
no = { { "both at 0", "At 0 the square costs nothing to leave: its slope is 0 there." },
       { "both at 0.25", "|w| costs 3 per unit, even close to 0. (w − 1)² gains 2 at most." } },
},

number { id = "map", ask = [[
Where does λ come from? Say the parameters are normal around 0 with the
standard deviation τ, the errors with σ. The most probable φ, given the
data, has λ = σ²/τ². What is λ for σ = 0.5 and τ = 0.25?
]],
answer = { 4, 1e-3 }, from = "0.5^2/0.25^2",
wrong = { { 2, "Both are squared." }, { 0.25, "Turned round: σ² above, τ² below." },
          { 8, "1/(2τ²) = 8 belongs beside the likelihood. Beside plain squares it is σ²/τ²." } },
hints = { "0.25/0.0625" } },

demo { id = "map-check", [[
beside_squares = (L + 4*penalty.l2):solve()
beside_squares
G = loss.gaussian{sigma = 0.5}(model.line, d)
beside_likelihood = (G + 1/(2*0.25^2)*penalty.l2):solve()
beside_likelihood]],
expect = { ["beside_squares"] = { { 0.6019469, 0.5467879 }, 1e-6 },
           ["beside_likelihood"] = { { 0.6019469, 0.5467879 }, 1e-6 } },
},

choice { id = "point", ask = [[
"Unlike maximum likelihood, the most probable φ (MAP) is a point estimate."
Right?
]],
yes = { "no: both give one φ", "They differ in the prior. What is no point estimate is the whole \z
                                distribution of φ." },
no = { { "yes", "Maximum likelihood gives one φ, too: a point." },
       { "no: MAP gives a distribution", "It takes one place of it, the highest." } } },

number { id = "dropout", ask = [[
Networks have two more brakes. Max norm: a vector longer than c is cut back
to the length c. And dropout: at each update every unit is left out with
probability p, the others are scaled so that the mean stays. By which
factor, for p = 0.5?
]],
answer = { 2, 1e-3 }, from = "1/(1 - 0.5)",
wrong = { { 0.5, "Half of them are gone: the others must count more, not less." },
          { 1.5, "1/(1 − p)" } },
hints = { "Half are left; together they must weigh as much as all.", "1/(1 - p)" } },

text { id = "summary", [[
What you have now:

    underfitting   too stiff: wrong on old and new data
    overfitting    too loose: right on the old, wrong on the new
    held out       the number that counts; a test set used once
    ridge          λ·Σ φ²: smaller parameters; λ = σ²/τ² of a normal prior
    sizes          λ·Σ |φ|: some parameters exactly 0
    also           max norm, dropout

To try next: cross_validate with k = 4 instead of 12. Which degree wins
with data.line{n = 100, noise = 0.1}, and why does degree 9 do so little
harm there?
]] },
}
