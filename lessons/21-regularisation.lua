-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "regularisation", seed = 1, minutes = 20,
title = "Holding back: penalties, priors, dropout",
covers = { "H4", "X8" }, needs = { "likelihood", "overfitting" },
summary = "Keep all parameters, but make large ones expensive: what squares do and what sizes do, \z
          where λ comes from, and two more brakes.",

demo { id = "start", say = [[
A polynomial of degree 9 on twelve points: 0.03 on what it has seen, 2974
held out. Look at its parameters.
]], [[
d = data.line12
L = loss.least_squares(model.line, d)
nine = loss.least_squares(model.polynomial(9), d)
wild = nine:solve()
wild]],
expect = { ["wild[6]"] = { -4297.7, 1 } },
see = [[
Thousands, with changing signs, that nearly cancel. One could allow fewer
parameters. Or keep them all, and make large ones expensive.
]] },

text { id = "penalty", [[
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

predict { id = "shifted", ask = [[
Suppose every y is larger by 100: another zero of the scale, no more. What
does the same penalty make of the slope, which is 0.522 without it?
]],
yes = { "something far off",
        "15.2: to be 100 up by φ₀ alone is expensive, so the slope must help." },
no = { { "0.556, as before", "φ₀ would have to be 100, and its square is 10,000." },
       { "0.522", "The penalty on φ₀ is felt by φ₁: they share the work." } },
run = [[
up = loss.least_squares(model.line, d:with{y = d.y + 100})
(up + penalty.l2):solve()
free = penalty.l2{except = {"phi0"}}
(up + free):solve()
(L + free):solve()]],
expect = { ["(up + penalty.l2):solve()[2]"] = { 15.19001, 0.01 },
           ["((L + free):solve())"] = { { 0.922123, 0.421081 }, 1e-5 },
           ["(up + free):solve()[2]"] = { 0.421081, 1e-5 } },
see = [[
With φ₀ free the slope is 0.421, however far up the data lie.
]] },

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

code { id = "soft", points = 4, fn = "soft",
ask = [[
The lowest place of (w − a)² + λ·|w| can be written down: a is moved towards
0 by λ/2, and if that would carry it past 0, it is 0. Write it.
]],
starter = [[
function soft(a, lambda)
    return a
end]],
solution = [[
function soft(a, lambda)
    if a > lambda/2 then return a - lambda/2 end
    if a < -lambda/2 then return a + lambda/2 end
    return 0
end]],
given = function(r) return r:num(), r:num(0.5, 3) end,
mistakes = {
    { id = "past-zero", code = [=[
function soft(a, lambda)
    if a > 0 then return a - lambda/2 end
    return a + lambda/2
end]=], say = "Where |a| is below λ/2 it went past 0. There it is 0." },
    { id = "whole", swap = { "lambda/2", "lambda" },
      say = "It is moved by λ/2: the slope of (w − a)² is 2·(w − a), that of λ·|w| is λ." },
    { id = "one-side", swap = { "    if a < -lambda/2 then return a + lambda/2 end\n", "" },
      say = "A negative a moves up towards 0; you return 0 for all of them." },
    { id = "squares", code = "function soft(a, lambda) return a/(1 + lambda) end",
      say = "That is what λ·w² does: smaller, never 0. λ·|w| shifts." },
},
same = { "line 2: `>` becomes `>=`", "line 3: `<` becomes `<=`" },
hints = { "Three cases: a above λ/2, a below -λ/2, and between.",
          "if a > lambda/2 then return a - lambda/2 end" },
see = [[
Squares divide: a/(1 + λ), never 0. Sizes shift, and what is small becomes
0.
]] },

predict { id = "select", ask = [[
Degree 9 again, λ = 0.1. How many of its ten parameters does each penalty
set to (nearly) 0, below 0.001?
]],
yes = { "squares none, sizes half of them", "Squares made them small: 0.71 to 0.03. Sizes made \z
                                             five of them 0." },
no = { { "squares half of them, sizes none", "It is |w| that has a kink at 0." },
       { "both half of them", "Squares make all of them small and none 0." } },
run = [[
ridge9 = (nine + 0.1*penalty.l2):solve()
fall = schedule.exponential{alpha = 0.02, factor = 0.9997}
lasso9 = fit(nine + 0.1*penalty.l1, optim.adam{alpha = fall},
    {start = ridge9, steps = 30000}).phi
ridge9
lasso9
where(less(abs(lasso9), 0.001), 1, 0):sum()]],
expect = { ["where(less(abs(lasso9), 0.001), 1, 0):sum()"] = { 5, 0.1 },
           ["where(less(abs(ridge9), 0.001), 1, 0):sum()"] = { 0, 0.1 } },
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

choice { id = "laplace", ask = [[
A normal prior gives λ·Σ φ². Which prior gives λ·Σ |φ|? Take minus its
logarithm.
]],
yes = { "a density like exp(−|φ|/b): Laplace's", "−log gives |φ|/b. It has a peak at 0, hence the \z
                                                  zeros." },
no = { { "a normal one with a smaller τ", "−log of a normal density is a square, with any τ." },
       { "one that is the same everywhere",
         "−log of a constant is a constant: no penalty at all." } } },

choice { id = "point", ask = [[
"Unlike maximum likelihood, the most probable φ (MAP) is a point estimate."
Right?
]],
yes = { "no: both give one φ", "They differ in the prior. What is no point estimate is the whole \z
                                distribution of φ." },
no = { { "yes", "Maximum likelihood gives one φ, too: a point." },
       { "no: MAP gives a distribution", "It takes one place of it, the highest." } } },

predict { id = "max-norm", ask = [[
Two more brakes. Max norm: after each update a φ that is longer than c is
cut back to the length c. The best line has the length 0.977. Where does
descent with c = 0.8 end?
]],
yes = { "on the circle of radius 0.8", "At the place on it where the loss is lowest, not simply \z
                                        the best line shortened." },
no = { { "at the best line", "That is too long: 0.977." },
       { "inside the circle", "Inside it is pulled out again: the loss falls towards 0.977." } },
run = [[
kept = fit(L + penalty.max_norm(0.8), optim.gd{alpha = 0.03},
    {start = {0, 0}, steps = 500}).phi
kept, kept:norm()
short = L:solve()*(0.8/L:solve():norm())
L(kept), L(short)]],
expect = { ["kept"] = { { 0.5887381, 0.5416525 }, 1e-5 }, ["kept:norm()"] = { 0.8, 1e-9 } },
},

number { id = "dropout", ask = [[
Dropout, for networks: at each update every unit is left out with
probability p, and the others are scaled so that the mean stays. By which
factor, for p = 0.5?
]],
answer = { 2, 1e-3 }, from = "1/(1 - 0.5)",
wrong = { { 0.5, "Half of them are gone: the others must count more, not less." },
          { 1.5, "Not 1 + p. Half are left: 1/(1 − p)." } },
hints = { "Half are left; together they must weigh as much as all.", "1/(1 - p)" } },

predict { id = "dropout-mean", ask = [[
Ten units, each with the value 1, p = 0.2, the kept ones times 1/0.8. Their
sum, over 2000 draws: what is its mean, and does it ever move?
]],
yes = { "10 on average, and it trembles by 1.6",
        "Never the same network twice: no unit can rely on another one." },
no = { { "8 on average", "That would be without the factor." },
       { "10 every time", "On average only. Each draw leaves out others." } },
run = [[
sums = zeros(2000)
for k = 1, 2000 do
    sums[k] = where(greater(random.uniform(10), 0.2), 1/0.8, 0):sum()
end
sums:mean(), sqrt(((sums - sums:mean())^2):mean())]],
expect = { ["sums:mean()"] = { 10, 0.15 },
           ["sqrt(((sums - sums:mean())^2):mean())"] = { 1.58, 0.1 } },
},

text { id = "summary", [[
What you have now:

    ridge     λ·Σ φ²: smaller parameters; a normal prior, λ = σ²/τ²
    sizes     λ·Σ |φ|: some parameters exactly 0; Laplace's prior
    φ₀        is usually left free
    MAP       a point, as maximum likelihood is
    max norm  cut back to the length c after each update
    dropout   units left out at random, the others times 1/(1 − p)

To try next: tamed with sizes in place of squares. Which λ does best? And
explain the numbers of `beside_likelihood` to somebody.
]] },
}
