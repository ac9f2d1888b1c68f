-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "errata", seed = 1, minutes = 15,
title = "Find the slip: what circulates in print",
covers = { "X1", "X2", "X3", "X4", "X5", "X6", "X7", "X9", "X10", "X14", "X15", "X16" },
needs = { "adam", "formula", "likelihood", "classes" },
summary = "A last test: sentences and formulas from slides and notes. Which of them are right, \z
          and how does one find out in a line or two?",

text { id = "start", [[
You know the subject by now. So you can be let loose on what is printed
about it. Each step shows a line from some slides or notes. Decide; then see
it computed. Not every line is wrong.
]] },

predict { id = "exponent", ask = [[
"Adam: m̃ = m/(1 − β), ṽ = v/(1 − γ)." Somebody tests this with one update
from m = v = 0, and the step is α, as it should be. What does that prove?
]],
yes = { "nothing: at t = 1 it is right, later not", "1 − βᵗ is 1 − β at t = 1 only." },
no = { { "that the formula is right", "It was tested at the one t where nothing can be seen." },
       { "that ε does not matter", "ε was not in question: the exponent t is missing." } },
run = [[
slope = loss(function(x) return x end)
slip = optim{name = "no exponent", alpha = 1, beta = 0.9, gamma = 0.999,
    state = {"m", "v"},
    update = function(phi, g, s, h)
        s.m = h.beta*s.m + (1 - h.beta)*g
        s.v = h.gamma*s.v + (1 - h.gamma)*g^2
        return phi - h.alpha*(s.m/(1 - h.beta))/sqrt(s.v/(1 - h.gamma))
    end}
a = descend(slope, slip, {start = {0}}):step(40)
b = descend(slope, optim.adam{alpha = 1}, {start = {0}}):step(40)
a.trace.phi:slice(1, 6):t()
b.trace.phi:slice(1, 6):t()]],
expect = { ["a.trace.phi[2][1]"] = { -1, 1e-6 }, ["b.trace.phi[3][1]"] = { -2, 1e-6 } },
},

figure { id = "exponent-plot", [[
plot.lines{y = {-a.trace.phi:col(1), -b.trace.phi:col(1)},
    labels = {"without the exponent", "Adam"},
    x_label = "row", y_label = "way"}]],
alt = "The way gone over 40 updates of a constant slope. Adam: a straight line, one α for each \z
      update. Without the exponent: the same first step, then steeper, up to 75 at the end.",
},

choice { id = "literal", ask = [[
"v ← γ·v + (1 − γ)·∂L²/∂φ." Read as it stands: the derivative of L². Can
that be?
]],
yes = { "no: it may be negative, and v's root is taken", "Meant is the square of the derivative, \z
                                                          (∂L/∂φ)²." },
no = { { "yes: squares commute with derivatives", "The derivative of L² is 2·L·∂L/∂φ." },
       { "no: it is a scalar", "It has a component for each parameter." } },
},

demo { id = "literal-run", [[
L = loss.least_squares(model.line, data.line12)
2*L(0.6, -0.2)*L:gradient{0.6, -0.2}
L:gradient{0.6, -0.2}^2]],
expect = { ["L:gradient{0.6, -0.2}^2"] = { { 479.7852, 720.4092 }, 1e-3 } },
},

predict { id = "extra", ask = [[
"φ ← φ − α·g/√(g²) ⊙ g." The slope is (3, -2, 5) everywhere. In which
direction does the second parameter move?
]],
yes = { "down, though its slope is negative: uphill", "-2/2·(-2) is +2, and that is subtracted." },
no = { { "up, downhill", "The last factor turns the sign round once more." },
       { "not at all", "By α·2." } },
run = [[
tilted = loss(function(a, b, c) return 3*a - 2*b + 5*c end)
extra = optim{name = "extra", alpha = 0.1,
    update = function(phi, g, s, h)
        return phi - h.alpha*g/sqrt(g^2)*g
    end}
descend(tilted, extra, {start = {0, 0, 0}}):step().phi]],
expect = { ["descend(tilted, extra, {start = {0, 0, 0}}):step().phi[2]"] = { -0.2, 1e-9 } },
},

choice { id = "epsilon", ask = [[
"φ ← φ − α·m/√v + ε, with a tiny ε against division by 0." Does ε do that
here?
]],
yes = { "no: it is added after the division", "0/0 has come before. Brackets: m/(√v + ε)." },
no = { { "yes", "By the rules of arithmetic / comes before +." },
       { "no: it is too small", "Its size is not the matter; its place is." } } },

choice { id = "boost", ask = [[
"Bias correction makes the first steps of Adam larger, as m is too small."
With β = 0.9 and γ = 0.999?
]],
yes = { "wrong: m̃ is larger, and so is ṽ; the step gets smaller", "From 3.16 α to α." },
no = { { "right", "v is too small by a thousand, and one divides by its root." },
       { "wrong: the first steps stay the same", "That is so for γ = 0.99, by chance." } } },

number { id = "momentum", ask = [[
"Momentum averages this gradient and the previous one." With β = 0.9: how
large is the share of all OTHER gradients in m, after very many updates?
]],
answer = { 0.81, 2e-3 }, from = "1 - 0.1 - 0.09",
wrong = { { 0, "Nothing is thrown away: each update multiplies by 0.9." },
          { 0.19, "That is the share of these two." },
          { 0.9, "The previous one has 0.09 of it.", 2e-3 } },
hints = { "This one has 0.1, the previous one 0.09.", "1 - 0.19" },
see = [[
Four fifths of m are older than that.
]] },

choice { id = "determinant", ask = [[
"The determinant of the Hessian is positive, so the function is convex."
Which Hessian shows that this is not enough?
]],
yes = { "(-2, 0; 0, -2)", "Determinant 4, and a dome." },
no = { { "(2, 0; 0, 2)", "That one is convex." },
       { "(2, 0; 0, -2)", "Its determinant is -4." } } },

choice { id = "always", ask = [[
"Least squares is convex, so gradient descent always converges to the same
φ." Which of these does NOT contradict it?
]],
yes = { "another start",
        "As long as all x are not equal and α is small enough, every start leads to the same φ." },
no = { { "α = 0.041 on our twelve points", "It runs away: 2/λmax is 0.03998." },
       { "three examples, all with x = 1",
         "φ₀ + φ₁ is all that counts: each start ends elsewhere." } } },

predict { id = "mean", ask = [[
"For the mean of the squares the gradient is 2·Xᵀ(Xθ − y)." On twelve
points, by which factor is it wrong?
]],
yes = { "12", "1/n is missing: it is the gradient of the sum." },
no = { { "2", "The 2 is right." },
       { "it is right", "Compare with differences, as below." } },
run = [[
M = loss.mean_squares(model.line, data.line12)
X = ones(12, 2)
for i = 1, 12 do X[i][2] = data.line12.x[i] end
p = array{0.6, -0.2}
2*matmul(X:t(), matmul(X, p) - data.line12.y)/M:numeric_gradient(p)]],
expect = { ["(2*matmul(X:t(), matmul(X, p) - data.line12.y)/M:numeric_gradient(p))"] =
    { { 12, 12 }, 1e-6 } },
},

choice { id = "batch-rate", ask = [[
"We use the same α for all the data and for mini-batches, to compare them
fairly." The loss is a sum. Batches are a sixth of the data. Fair?
]],
yes = { "no: a batch's gradient is six times smaller", "With a mean it would be fair." },
no = { { "yes: the same α is the same step", "A step is α times the gradient." },
       { "no: batches need a smaller α",
         "For noise, later, perhaps. The sum over fewer examples is smaller." } } },

choice { id = "sigma", ask = [[
"Setting −n/σ − S/σ³ = 0 we find σ² = S/n." The result is right. The
equation?
]],
yes = { "has no solution: two negative terms", "The second sign must be +." },
no = { { "is right as well", "Both terms are negative for every σ." },
       { "should be n/σ + S/σ³ = 0", "Two positive terms have no zero either." } } },

choice { id = "right", ask = [[
"The gradient of the cross-entropy of a sigmoid is Σ (s − y)·(1, x): the
same form as that of least squares on a line, without the 2." And this one?
]],
yes = { "right", "Each likelihood with its natural curve gives prediction minus y, times x." },
no = { { "wrong: s·(1 − s) is missing", "It cancels against the derivative of the logarithm." },
       { "wrong: the sign", "Prediction minus y, as with the line." } } },

code { id = "checker", points = 4, fn = "worst",
ask = [[
Last, a tool. L is a function of a number, g claims to be its derivative.
Return the largest size of the difference between g and the central
difference of L over the places in xs. Use h = 0.00001.
]],
starter = [[
function worst(L, g, xs)
    local h, largest = 0.00001, 0
    for i = 1, #xs do
        -- compare at xs[i]
    end
    return largest
end]],
solution = [[
function worst(L, g, xs)
    local h, largest = 0.00001, 0
    for i = 1, #xs do
        local slope = (L(xs[i] + h) - L(xs[i] - h))/(2*h)
        largest = max(largest, abs(g(xs[i]) - slope))
    end
    return largest
end]],
tolerance = 1e-4,
given = function(r)
    local pair = r:pick {
        { "function(x) return x^2 end", "function(x) return x end" },
        { "function(x) return x^3 - x end", "function(x) return 3*x^2 - 1 end" },
        { "function(x) return x^3 - x end", "function(x) return 3*x^2 end" },
        { "function(x) return x^2 end", "function(x) return x^2 end" },
        { "function(x) return 3*x end", "function(x) return 2.5 end" },
        { "function(x) return x^3 end", "function(x) return 4*x^2 + 1 end" },
    }
    return r:fn(pair[1]), r:fn(pair[2]), r:vec(r:int(2, 4))
end,
mistakes = {
    { id = "no-abs", swap = { "abs(g(xs[i]) - slope)", "g(xs[i]) - slope" },
      say = "Without abs a g that is too small is never noticed." },
    { id = "last-only", swap = { "max(largest, abs(g(xs[i]) - slope))", "abs(g(xs[i]) - slope)" },
      say = "That is the difference at the last place. Keep the largest." },
    { id = "sum", swap = { "max(largest, abs(g(xs[i]) - slope))",
      "largest + abs(g(xs[i]) - slope)" }, say = "You added them up. Keep the largest." },
    { id = "no-two", swap = { "/(2*h)", "/h" },
      say = "From x - h to x + h it is 2h: your slope is twice too large." },
    { id = "values", swap = { "abs(g(xs[i]) - slope)", "abs(L(xs[i]) - slope)" },
      say = "You compared the function with its slope. Compare g." },
    { id = "forward", swap = { "L(xs[i] - h))/(2*h)", "L(xs[i]))/(2*h)" },
      say = "Half of the way is missing: L(x + h) - L(x - h)." },
},
hints = { "local slope = (L(xs[i] + h) - L(xs[i] - h))/(2*h)",
          "largest = max(largest, abs(g(xs[i]) - slope))" },
see = [[
A formula in print is a claim. A few lines test it.
]] },

text { id = "summary", [[
What you have now: a habit.

    a gradient       against differences, at several places
    an update rule   against the definition, at t of 2 and more, term by
                     term; never by the final loss
    a theorem        against its smallest counterexample
    a number         with the data, the model and the scale of the loss

The whole list, eighteen with the lines that show them, is man/errata.md.

To try next: L:check(phi) does what worst does for every parameter, and
difference(r1, r2) compares two rules update by update. Take a page of
notes of your own.
]] },
}
