-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "classes", seed = 1, minutes = 20,
title = "Yes or no, and one of many: classification",
covers = { "H5", "H6", "P4", "X7" }, needs = { "convex", "likelihood" },
summary = "Logistic regression from its curve to its gradient, a bowl without a bottom, squares \z
          that are no bowl, and two losses for several classes.",

text { id = "start", [[
y is now 0 or 1: ill or well, spam or not. A straight line would run out of
the range. Bend it into 0 ... 1 with the sigmoid:

    s = 1 / (1 + exp(−z))       z = φ₀ + φ₁·x

s is read as the probability that y is 1.
]] },

figure { id = "curves", say = [[
What do φ₀ and φ₁ do? First (0, 1), then (0, 4), then (2, 1):
]], [[
function curve(phi0, phi1)
    return function(x) return sigmoid(phi0 + phi1*x) end
end
plot.curve{curve(0, 1), curve(0, 4), curve(2, 1), from = -4, to = 4}]],
alt = "Three curves rising from 0 to 1 like a lying S. The first passes 1/2 at x = 0, the second \z
      too, but four times as steeply, the third is the first moved to the left by 2.",
},

number { id = "half", ask = [[
At which x is the probability 1/2, for φ₀ = 2 and φ₁ = 4?
]],
answer = { -0.5, 1e-3 }, from = "-2/4",
wrong = { { 0.5, "The sign: 2 + 4·x = 0." }, { -2, "Divide by the slope, 4." },
          { 0, "That would be φ₀ = 0." } },
hints = { "1/2 is where z = 0.", "2 + 4*x = 0" } },

demo { id = "data", say = [[
Twenty examples: ten from a normal distribution around -1, with y = 0, ten
from one around 1, with y = 1. The loss is the cross-entropy:
−log s where y is 1, −log(1 − s) where y is 0.
]], [[
d = data.two_normals{n = 20, seed = 1}
L = loss.binary_cross_entropy(model.logistic, d)]],
},

number { id = "at-zero", ask = [[
With φ = (0, 0) every s is 1/2. What is the loss of all twenty?
]],
answer = { 13.862944, 2e-3 }, from = "L(0, 0)",
wrong = { { 0.693147, "That is one of them, log 2. There are twenty.", 1e-3 },
          { 10, "20·0.5 adds the probabilities. The loss adds their −log." },
          { -13.862944, "−log of 1/2 is positive." } },
hints = { "Each example adds −log(1/2) = log 2.", "20*log(2)" } },

text { id = "gradient", [[
The derivative of −log s with respect to z is s − 1, and that of
−log(1 − s) is s. Both are

    s − y

With z = φ₀ + φ₁·x the gradient is Σ (s − y) and Σ (s − y)·x.
]] },

choice { id = "same", ask = [[
Compare with the straight line and its squares: Σ 2·e and Σ 2·e·x.
]],
yes = { "the same form: prediction minus y, times x", "Each pair of a likelihood and its natural \z
                                                       curve comes out so." },
no = { { "quite different: there is a sigmoid", "It is inside s. Outside stand s − y and x." },
       { "the sign is the other one", "Both are prediction minus y." } } },

code { id = "slopes", points = 4, fn = "logistic_gradient", pure = true,
returns = { "the first number", "the second number" },
ask = [[
Write it. x and y are lists; y[i] is 0 or 1.
]],
starter = [[
function logistic_gradient(phi0, phi1, x, y)
    local g0, g1 = 0, 0
    for i = 1, #x do
        -- your lines
    end
    return g0, g1
end]],
solution = [[
function logistic_gradient(phi0, phi1, x, y)
    local g0, g1 = 0, 0
    for i = 1, #x do
        local s = sigmoid(phi0 + phi1*x[i])
        g0 = g0 + (s - y[i])
        g1 = g1 + (s - y[i])*x[i]
    end
    return g0, g1
end]],
given = function(r)
    local n, y = r:int(1, 5), {}
    for i = 1, n do y[i] = r:bool() and 1 or 0 end
    return r:num(), r:num(), r:vec(n), y
end,
mistakes = {
    { id = "no-sigmoid", swap = { "sigmoid(phi0 + phi1*x[i])", "phi0 + phi1*x[i]" },
      say = "s is the sigmoid of phi0 + phi1·x; you used the line itself." },
    { id = "sign", swap = { "s - y[i]", "y[i] - s" },
      say = "The sign is turned round: s minus y." },
    { id = "no-x", swap = { "(s - y[i])*x[i]", "(s - y[i])" },
      say = "The second number lacks its factor x." },
    { id = "squares", swap = { "(s - y[i])", "2*(s - y[i])*s*(1 - s)" },
      say = "That is the gradient of the squares. In the cross-entropy the factor s(1 − s) \z
            cancels." },
    { id = "slope-twice", swap = { "(s - y[i])", "(s - y[i])*s*(1 - s)" },
      say = "The factor s(1 − s) cancels against the derivative of the logarithm." },
    { id = "two", swap = { "(s - y[i])", "2*(s - y[i])" },
      say = "There is no 2: nothing is squared here." },
    { id = "mean", swap = { "return g0, g1", "return g0/#x, g1/#x" },
      say = "You took the mean; the loss is a sum." },
},
hints = { "local s = sigmoid(phi0 + phi1*x[i])", "g0 = g0 + (s - y[i])",
          "The second is the same, times x[i]." },
},

demo { id = "check", [[
logistic_gradient(0, 0, d.x, d.y)
L:gradient{0, 0}]],
expect = { ["L:gradient{0, 0}"] = { { 0, -9.637763 }, 1e-6 } },
see = [[
0 for φ₀: half of the examples have y = 1, and s is 1/2. L:derivative()
prints the formulas.
]] },

figure { id = "fit", say = [[
To the bottom, by Newton's steps:
]], [[
r = fit(L, optim.newton{}, {start = {0, 0}, steps = 8})
plot.fit{r}]],
alt = "Twenty points, ten at y = 0 on the left, ten at y = 1 on the right, overlapping between -1 \z
      and 1; an S-shaped curve that rises from 0 to 1 and passes 1/2 near x = -0.08.",
see = [[
Where the two classes overlap, it commits itself to neither.
]] },

demo { id = "optimum", [[
r.phi
r.loss
accuracy(r, d)
eigenvalues(L:hessian(r.phi))]],
expect = { ["r.phi"] = { { 0.114571, 1.503862 }, 1e-5 }, ["r.loss"] = { 8.391694, 1e-5 } },
},

figure { id = "heat", [[
plot.surface{L, r, phi0 = {-3, 3}, phi1 = {-2, 4}}]],
alt = "The loss over φ₀ and φ₁: one broad bowl, lowest at (0.11, 1.50). The path of Newton's \z
      method goes there from (0, 0) in a few steps.",
},

choice { id = "bowl", ask = [[
The Hessian is Σ s·(1 − s)·(1, x; x, x²). Is the loss convex?
]],
yes = { "yes, everywhere", "s·(1 − s) is above 0, and (1, x; x, x²) is a product u·uᵀ: never \z
                            negative." },
no = { { "only near the optimum", "s lies between 0 and 1 for any φ." },
       { "no: a sigmoid is curved both ways", "The sigmoid is. The −log straightens that out." } },
},

predict { id = "squares", ask = [[
And if one took squares, Σ (s − y)²? Its Hessian at (4, -1):
]],
yes = { "one eigenvalue is negative: no bowl", "-0.18. Far from the answer the sigmoid is flat, \z
                                                and its squares bend down." },
no = { { "both are positive: squares make a bowl", "Squares of a line do. This is the square of a \z
                                                    sigmoid." },
       { "both are 0", "Only where s is exactly 0 or 1, and that is nowhere." } },
run = [[
S = loss.least_squares(model.logistic, d)
eigenvalues(S:hessian{4, -1})
eigenvalues(L:hessian{4, -1})]],
expect = { ["eigenvalues(S:hessian{4, -1})[1]"] = { -0.1807, 1e-4 } },
},

text { id = "separable", [[
A bowl has no local minima. Has it a minimum? Four examples that one cut at
x = 0 separates: x = -2, -1 with y = 0, and x = 1, 2 with y = 1.
]] },

predict { id = "for-ever", ask = [[
Descent from (0, 0) with α = 1. φ₁ is 3.68 after 10 updates. After 10,000?
]],
yes = { "9.9, and still growing", "A steeper curve always fits better. The bowl goes down for \z
                                   ever, more and more gently." },
no = { { "3.7: it has settled", "At any φ₁ a steeper curve is a little better." },
       { "above 1000", "It grows without end, but slowly: by about 2.2 for ten times the \z
                         updates." } },
run = [[
cut = data.new{x = {-2, -1, 1, 2}, y = {0, 0, 1, 1}}
q = descend(loss.binary_cross_entropy(model.logistic, cut),
    optim.gd{alpha = 1}, {start = {0, 0}})
for k = 1, 4 do print(q:to(10^k).phi[2], q.loss) end]],
expect = { ["q.phi[2]"] = { 9.905, 1e-3 } },
},

choice { id = "cure", ask = [[
What gives it a bottom?
]],
yes = { "a penalty on φ₁", "With + 0.1*penalty.l2 large φ₁ cost more than they gain." },
no = { { "a smaller α", "It then goes the same way, more slowly." },
       { "Newton's method", "It gets there faster. There is nothing to get to." } } },

text { id = "many", [[
Several classes. The model puts out a score for each, s₁ ... s_k. Two losses
are in use; y is the right class:

    cross-entropy   −log( exp(s_y) / Σ exp(s_k) )
    hinge           Σ max(0, s_k − s_y + 1)      over all k except y
]] },

number { id = "cross", ask = [[
Scores 3.2, 5.1, -1.7; the right class is 1. Somebody leaves out the −log
and gets 0.13. What is the loss?
]],
answer = { 2.0404, 2e-3 }, from = "-log(softmax{3.2, 5.1, -1.7}[1])",
wrong = { { 0.13, "That is the probability: larger is better. The loss is its −log.", 3e-3 },
          { -2.0404, "−log of a probability is positive." } },
hints = { "-log(softmax{3.2, 5.1, -1.7}[1])" } },

number { id = "hinge", ask = [[
The hinge loss of the same scores, with class 1 right:
max(0, 5.1 − 3.2 + 1) + max(0, -1.7 − 3.2 + 1)?
]],
answer = { 2.9, 1e-3 }, from = "max(0, 5.1 - 3.2 + 1) + max(0, -1.7 - 3.2 + 1)",
wrong = { { -1, "The second one is negative: max makes it 0." },
          { 3.9, "k = y is left out; s_y − s_y + 1 would add 1." } },
hints = { "2.9, and 0." } },

predict { id = "other-two", ask = [[
If class 2 were right (it has 5.1), what would the two losses be?
]],
yes = { "hinge exactly 0, cross-entropy 0.14", "The hinge is content when the right score leads \z
                                                by 1. The cross-entropy never is." },
no = { { "both exactly 0", "exp is never 0: the other classes keep some probability." },
       { "both about 2", "It is the highest score, by 1.9." } },
run = [[
scores = {3.2, 5.1, -1.7}
for y = 1, 3 do
    local hinge = 0
    for k = 1, 3 do
        if k ~= y then hinge = hinge + max(0, scores[k] - scores[y] + 1) end
    end
    print(y, hinge, logsumexp(scores) - scores[y])
end]],
expect = { ["logsumexp(scores) - scores[2]"] = { 0.1404, 1e-4 },
           ["logsumexp(scores) - scores[3]"] = { 6.9404, 1e-4 } },
},

predict { id = "wrong-index", ask = [[
In a set of notes the hinge reads Σ max(0, s_i − s_y + 1), the sum over j,
where i is the number of the example. Read s_i as one fixed score, the first
say. What does that loss tell of the classes?
]],
yes = { "nothing: no class is compared with another",
        "All terms are alike. It must be s_j, the score of class j." },
no = { { "the same: i and j are names", "j is summed over, i is not: all terms are alike." },
       { "the same with the sign turned", "The sign is right. The index is not." } },
run = [[
function slip(scores, y)
    local sum = 0
    for j = 1, 3 do
        if j ~= y then sum = sum + max(0, scores[1] - scores[y] + 1) end
    end
    return sum
end
slip({3.2, 5.1, -1.7}, 1), slip({3.2, 900, -1.7}, 1)]],
expect = { ["slip({3.2, 5.1, -1.7}, 1)"] = { 2, 1e-9 },
           ["slip({3.2, 900, -1.7}, 1)"] = { 2, 1e-9 } },
see = [[
A rival with 5.1 or with 900: 2, twice.
]] },

number { id = "bound", ask = [[
The cross-entropy is log Σ exp s_k − s_y. How far can log Σ exp lie above
the largest score? Take 1000 classes, all with the score 5.
]],
answer = { 6.907755, 5e-3 }, from = "logsumexp(5*ones(1000)) - 5",
wrong = { { 11.907755, "That is log Σ exp itself. How far is it above 5?", 5e-3 },
          { 1000, "Its logarithm.", 0.1 } },
hints = { "Σ is 1000·exp(5), and its logarithm log 1000 + 5.", "log(1000)" },
see = [[
    max ≤ log Σ exp s_k ≤ max + log K

The left end is reached when one score leads by far, the right end when all
K are equal. So log Σ exp is a soft maximum.
]] },

try { id = "shift", ask = [[
Last: add a number to all three scores, and compute the cross-entropy of
class 1 again, logsumexp{...} - (its score). Set

    b = 100

to any number you like except 0, and look at
logsumexp{3.2 + b, 5.1 + b, -1.7 + b} - (3.2 + b).
]],
goal = function(e) return e.b ~= 0 and e.b == e.b end,
near = { { by = "b = 0", when = function(e) return e.b == 0 end, say = "That adds nothing." } },
solution = "b = 100",
hints = { "b = 100, then logsumexp{3.2 + b, 5.1 + b, -1.7 + b} - (3.2 + b)" },
see = [[
2.0404 again: only differences between scores count. So one class can have
the score 0, and for two classes what is left is the sigmoid.
]] },

text { id = "summary", [[
What you have now:

    logistic       s = sigmoid(φ₀ + φ₁·x), gradient Σ (s − y)·(1, x)
    cross-entropy  a bowl; squares of a sigmoid are none
    separable      a bowl without a bottom: φ grows for ever
    k classes      −s_y + log Σ exp s_k, or hinge
    log Σ exp      between max and max + log K
    hinge          0 once the right score leads by 1

To try next: the same map for the squares, with S in place of L.
confusion(r, d) counts who is taken for whom. model.softmax(1, 2) on the
same data: do its probabilities agree with model.logistic?
]] },
}
