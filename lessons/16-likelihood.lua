-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "likelihood", seed = 1, minutes = 20,
title = "Why squares? Where losses come from",
covers = { "A2", "A3", "X6", "X18" }, needs = { "line", "formula" },
summary = "A loss is a preference among errors. It can be derived from an idea of how the data \z
          came about: the likelihood gives squares, absolute values, and the cross-entropies.",

text { id = "start", [[
A loss is one number for a choice of parameters; smaller is better. That
leaves open which number. Until now it was the sum of squares. Who said so?
]] },

demo { id = "outlier", say = [[
A slip of the pen in the last of the twelve measurements, 6 for 1.6:
]], [[
d = data.line12
y = d.y
y[12] = 6
slip = d:with{y = y}
L = loss.least_squares(model.line, d)
S = loss.least_squares(model.line, slip)
best = L:solve()
best]],
expect = { ["best[1]"] = { 0.825950, 1e-5 } },
},

predict { id = "pull", ask = [[
One of twelve values is wrong. The slope was 0.522. What does least squares
make of it?
]],
yes = { "nearly three times as steep", "1.525. An error of 4.2 counts as 17.5." },
no = { { "a twelfth more", "It is one in twelve, but its square is large." },
       { "about the same", "The other eleven would have to outvote it. In squares they \z
                           do not." } },
run = [[
pulled = S:solve()
pulled]],
expect = { ["pulled"] = { { 0.238759, 1.525407 }, 1e-4 } },
},

predict { id = "absolute", ask = [[
Now the sum of the sizes of the errors instead, Σ |φ₀ + φ₁·xᵢ − yᵢ|. The
slope then?
]],
yes = { "near 0.6", "A far point pulls no harder than a near one." },
no = { { "1.5 again", "Its error is counted as 4.2, not as 17.5." },
       { "0.522 exactly", "The preference has changed, so the best line has a little, too." } },
run = [[
A = loss.absolute(model.line, slip)
fall = schedule.exponential{alpha = 0.05, factor = 0.997}
a = fit(A, optim.adam{alpha = fall}, {start = {0.8, 0.5}, steps = 3000})
a.phi]],
expect = { ["a.phi[2]"] = { 0.6027, 2e-3 } },
},

figure { id = "lines", [[
s = fit(S, optim.newton{}, {start = {0.8, 0.5}, steps = 1})
plot(slip, s, a)]],
alt = "Twelve points, the last far above the others, at 6. The line of least squares turns up \z
      towards it and misses most others. The line of absolute errors runs through the eleven.",
},

number { id = "huber", ask = [[
Huber's loss is half the square up to δ, and a straight line beyond:
δ·(|e| − δ/2). With δ = 1, what does an error of 4 count?
]],
answer = { 3.5, 1e-3 }, from = "1*(4 - 1/2)",
wrong = { { 8, "Half the square: that is for errors up to δ = 1." },
          { 16, "That is the square." }, { 4, "Minus δ/2." } },
hints = { "1*(4 - 0.5)" },
see = [[
Squares near 0, sizes far out.
]] },

predict { id = "huber-fit", ask = [[
Where will its slope be on these data, with δ = 1? Squares gave 1.53, sizes
0.60; without the slip it was 0.52.
]],
yes = { "between the two", "0.92. The smaller δ is, the less the far point pulls: 0.66 with \z
                            δ = 0.2." },
no = { { "above 1.53", "Far out it grows more slowly than squares." },
       { "0.52: the slip has no say",
         "It pulls with the strength δ, as any error beyond δ does." } },
run = [[
function huber(delta)
    local H = loss.huber{delta = delta}(model.line, slip)
    return fit(H, optim.newton{damping = "auto"}, {start = {0.8, 0.5},
        steps = 200}).phi
end
huber(1)
huber(0.2)
huber(5)]],
expect = { ["huber(1)[2]"] = { 0.918849, 1e-4 }, ["huber(0.2)[2]"] = { 0.658766, 1e-4 },
           ["huber(5)[2]"] = { 1.525407, 1e-4 } },
see = [[
With δ = 5 no error is beyond it, and it is squares again. So losses are
preferences: how much worse is an error of 4 than two of 2?
]] },

predict { id = "bounded", ask = [[
One may go further: 1 − exp(−e²) for each error, so that nothing counts more
than 1. The line is linear in φ, as before. Is this loss a bowl?
]],
yes = { "no", "At (0.6, -0.2) one curvature is -15. A linear model makes a bowl only together \z
               with a loss that is one." },
no = { { "yes: the model is linear", "That is half of it. The loss of an error must be convex, \z
                                      too." },
       { "yes: it is smallest at e = 0", "So is a bowl. But this one bends down far out, to stay \z
                                          below 1." } },
run = [[
bounded = loss.per_example(function(f, y) return 1 - exp(-(f - y)^2) end)
B = bounded(model.line, d)
eigenvalues(B:hessian{0.6, -0.2})
eigenvalues(L:hessian{0.6, -0.2})]],
expect = { ["eigenvalues(B:hessian{0.6, -0.2})[1]"] = { -15.30895, 1e-3 } },
},

text { id = "likelihood", [[
One can decide by taste. Or say how the data came about. For instance: the
line is right, and each y is off by a normally distributed error with the
standard deviation σ. Then each y has a probability density

    p(y) = exp(−e²/(2·σ²)) / √(2·π·σ²)        e = φ₀ + φ₁·x − y

and all twelve together have the product. Choose the line under which the
data are most probable: maximum likelihood.
]] },

predict { id = "product", ask = [[
Products are awkward. Take 1075 factors of 1/2. What does the machine make
of their product?
]],
yes = { "0", "The smallest number it has is about 5e-324, and 2^-1075 is half of that." },
no = { { "about 1e-324", "There is no such number here: it is rounded to 0." },
       { "an error", "It says nothing. It is simply 0 from there on." } },
run = [[
0.5^1074
0.5^1075
1075*log(0.5)]],
expect = { ["0.5^1075"] = { 0, 1e-320 }, ["1075*log(0.5)"] = { -745.1332, 1e-3 } },
see = [[
Logarithms turn the product into a sum, and −745 is a harmless number. The
largest product has the largest logarithm; with a minus sign in front it
becomes a loss: the negative log likelihood.
]] },

demo { id = "one-term", say = [[
For one y:

    −log p(y) = e²/(2·σ²) + log σ + log(2·π)/2

And the program's, for σ = 0.1:
]], [[
N = loss.gaussian{sigma = 0.1}(model.line, d)
N]],
},

choice { id = "same-line", ask = [[
50·e² − 1.38. Compare with the sum of squares. Where is its minimum?
]],
yes = { "at the same line", "A factor and a constant move no minimum." },
no = { { "at a line with 50 times the slope", "50 multiplies the loss, not the parameters." },
       { "at another line, because of σ", "For a σ that is the same for all, σ only scales it." } },
see = [[
So that is where the squares come from: errors that are normal, with the
same σ for every point.
]] },

code { id = "log-likelihood", points = 4, fn = "log_likelihood",
ask = [[
Write the log likelihood (without the minus) of a list of errors e, for a
given sigma. Do not forget the constant with 2π.
]],
starter = [[
function log_likelihood(e, sigma)
    local sum = 0
    for i = 1, #e do
        -- sum = sum + ...
    end
    return sum
end]],
solution = [[
function log_likelihood(e, sigma)
    local sum = 0
    for i = 1, #e do
        sum = sum - e[i]^2/(2*sigma^2) - log(sigma) - log(2*pi)/2
    end
    return sum
end]],
given = function(r) return r:vec(r:int(1, 5)), r:num(0.3, 2) end,
mistakes = {
    { id = "minus", swap = { "sum - e[i]^2/(2*sigma^2) - log(sigma) - log(2*pi)/2",
      "sum + e[i]^2/(2*sigma^2) + log(sigma) + log(2*pi)/2" },
      say = "That is the negative one, the loss. Asked for is the log likelihood." },
    { id = "log-sign", swap = { "- log(sigma)", "+ log(sigma)" },
      say = "σ stands under the line in p, so its logarithm is subtracted." },
    { id = "no-sigma", swap = { " - log(sigma)", "" },
      say = "log σ is missing. It matters as soon as σ is to be found as well." },
    { id = "no-constant", swap = { " - log(2*pi)/2", "" },
      say = "The constant log(2π)/2 is missing, for each error." },
    { id = "whole-constant", swap = { "log(2*pi)/2", "log(2*pi)" },
      say = "√(2π): the logarithm of a root is half." },
    { id = "no-two", swap = { "(2*sigma^2)", "sigma^2" },
      say = "The square is divided by 2σ²; the 2 is missing." },
    { id = "not-squared", swap = { "(2*sigma^2)", "(2*sigma)" },
      say = "The square is divided by 2σ², not 2σ." },
    { id = "mean", swap = { "return sum", "return sum/#e" },
      say = "You took the mean. The log of a product is the sum." },
},
hints = { "Three terms for each error, all subtracted.",
          "sum = sum - e[i]^2/(2*sigma^2) - log(sigma) - log(2*pi)/2" },
},

figure { id = "over-sigma", say = [[
The best line leaves errors e. Which σ makes them most probable?
]], [[
e = model.line(d.x, best) - d.y
plot.curve{function(sigma) return log_likelihood(e, sigma) end,
    from = 0.07, to = 0.3}]],
alt = "The log likelihood over σ from 0.07 to 0.3: it rises steeply to 7.5 near σ = 0.13 and \z
      falls slowly after that.",
see = [[
The smallest σ is not the best: then the errors are too large for it.
]] },

choice { id = "root", ask = [[
At the top the derivative is 0. With S = Σ e², which equation is it?
]],
yes = { "−n/σ + S/σ³ = 0", "From −n·log σ − S/(2σ²). So σ² = S/n." },
no = { { "−n/σ − S/σ³ = 0", "Both terms are negative: no σ solves it. (It is found in print.) The \z
                             derivative of −S/(2σ²) is +S/σ³." },
       { "n/σ + S/σ³ = 0", "Both are positive: no σ solves it." } } },

figure { id = "signs", say = [[
Both as curves, for S = 0.1999 and n = 12: with the sign +, and with −.
]], [[
S = dot(e, e)
plot.curve{function(s) return -12/s + S/s^3 end,
    function(s) return -12/s - S/s^3 end, from = 0.1, to = 0.3}]],
alt = "Two curves over σ from 0.1 to 0.3. With + the derivative falls from 80, crosses 0 at 0.13 \z
      and stays a little below. With − it rises from -320 towards 0 and never gets there.",
},

number { id = "sigma", ask = [[
S = 0.199866 for the best line, n = 12. What is σ?
]],
answer = { 0.129056, 2e-4 }, from = "sqrt(dot(e, e)/12)",
wrong = { { 0.0166555, "That is σ². Take the root." },
          { 0.141374, "That divides by n − 2, for an estimate without bias. The likelihood \z
                      gives S/n." } },
hints = { "σ² = S/n", "sqrt(0.199866/12)" } },

demo { id = "fit-sigma", say = [[
The machine can look for σ along with the line. (It takes log σ as the
parameter, so that σ stays above 0.)
]], [[
F = loss.gaussian{sigma = "fit"}(model.line, d)
r = fit(F, optim.lbfgs{}, {start = {0.8, 0.5, 0}})
r.phi
exp(r.phi[3]), -r.loss
log_likelihood(e, 0.129056)]],
expect = { ["exp(r.phi[3])"] = { 0.129056, 1e-5 }, ["-r.loss"] = { 7.542816, 1e-5 } },
},

choice { id = "positive", ask = [[
The log likelihood is +7.54, so the likelihood is 1887. Can that be?
]],
yes = { "yes: a density may be above 1", "It is probability per unit of y. With σ = 0.13 it is 3 \z
                                          at its peak." },
no = { { "no: probabilities are at most 1", "These are densities. Only their area is at most 1." },
       { "no: a logarithm of it is negative", "Of a number below 1. This one is above." } } },

demo { id = "growing", say = [[
"The same σ for every point", stands above. Here are sixty points on the
line 0.8 + 0.5·x whose errors grow with x, eightyfold:
]], [[
seed(3)
x = linspace(0, 2, 60)
w = data.new{x = x, y = 0.8 + 0.5*x + exp(-4 + 2.2*x)*random.normal(60)}
plot(w)]],
alt = "Sixty points: at the left they lie exactly on a rising line, at the right they scatter \z
      from -1 to 3.2.",
},

predict { id = "hetero", ask = [[
Two fits: least squares, and the likelihood with a σ of its own for each x,
log σ = a + b·x. Which slope is nearer to the true 0.5?
]],
yes = { "that of the likelihood", "0.45 against 0.29. It trusts the points with small errors; \z
                                   least squares trusts all alike." },
no = { { "that of least squares", "It gives the wild points at the right the same weight." },
       { "they are the same", "They would be, if σ were the same everywhere." } },
run = [[
p = loss.least_squares(model.line, w):solve()
p
W = loss.gaussian(model.gaussian(model.line, model.line), w)
q = fit(W, optim.lbfgs{}, {start = {0.8, 0.5, -1, 0}, steps = 200})
q.phi]],
expect = { ["q.phi[2]"] = { 0.4496, 1e-3 },
           ["p"] = { { 0.904644, 0.286227 }, 1e-5 } },
see = [[
Least squares is maximum likelihood for a constant σ, and only then.
]] },

text { id = "classes", [[
Other data, other likelihoods. Say y is 0 or 1, and the model puts out p,
the probability of 1. Then y = 1 has the probability p, y = 0 has 1 − p, and
the negative log likelihood is

    −log p  if y = 1          −log(1 − p)  if y = 0

That is the binary cross-entropy.
]] },

number { id = "sure", ask = [[
The model says p = 0.02, and y is 1. What is the loss of this example?
]],
answer = { 3.912, 5e-3 }, from = "-log(0.02)",
wrong = { { 0.0202, "That would be for y = 0: −log 0.98." },
          { 0.98, "That is the distance. The loss is a logarithm." },
          { -3.912, "With the minus it is positive." } },
hints = { "-log(0.02)" },
see = [[
And with p = 0.98 it would be 0.02. To be sure and wrong is expensive.
]] },

predict { id = "overflow", ask = [[
With k classes the model puts out scores s₁ ... s_k, and class y has the
probability exp(s_y)/Σ exp(s_k). Its −log is −s_y + log Σ exp(s_k). With
scores 1000 and 1001, computed as it stands, what is log Σ exp?
]],
yes = { "inf", "exp(1000) is beyond the largest number, 1.8e308." },
no = { { "1001.31", "That is the true value. On the way exp(1000) has overflowed." },
       { "0", "exp(-1000) would be 0. exp(1000) is too large." } },
run = [[
log(exp(1000) + exp(1001))
1001 + log(exp(1000 - 1001) + exp(0))
logsumexp{1000, 1001}]],
expect = { ["logsumexp{1000, 1001}"] = { 1001.313262, 1e-5 } },
see = [[
Take the largest score out first, and nothing overflows.
]] },

number { id = "softmax", ask = [[
Scores 3.2, 5.1 and -1.7, and the right class is the first. What is the
loss, −s₁ + log Σ exp(s_k)?
]],
answer = { 2.0404, 2e-3 }, from = "logsumexp{3.2, 5.1, -1.7} - 3.2",
wrong = { { 0.1404, "That is for the second class. Subtract 3.2." },
          { 5.2404, "That is log Σ exp alone. Subtract the score of the right class.", 1e-3 },
          { 0.13, "That is the probability. The loss is minus its logarithm.", 5e-3 } },
hints = { "logsumexp{3.2, 5.1, -1.7}, and subtract 3.2." } },

text { id = "summary", [[
What you have now:

    loss          a preference among errors
    likelihood    how probable the data are, given the parameters
    its −log      a sum, and a loss

    normal errors, one σ        squares
    σ that varies               squares weighted by 1/σ², plus log σ
    far points expected         sizes (absolute), Huber
    two classes                 binary cross-entropy
    k classes                   cross-entropy, −s_y + log Σ exp s_k

To try next: two slips of the pen instead of one. Which of the three losses
gives in first? Plot the sixty points with their fit: plot(w, q).
]] },
}
