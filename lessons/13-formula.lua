-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "formula", seed = 1, minutes = 15,
title = "The bottom by formula, and where there is none",
covers = { "C7", "X5", "X9" }, needs = { "convex" },
summary = "The closed form for least squares, one Newton step that does the same, data for which \z
          many lines are best, and what a forgotten 1/n costs.",

text { id = "start", [[
The loss of a line is a bowl, and a square one. Must one really walk to its
bottom?
]] },

demo { id = "setup", [[
d = data.line12
L = loss.least_squares(model.line, d)
walk = fit(L, optim.gd{alpha = 0.037}, {start = {1.6, -0.5}, steps = 300})
walk.phi]],
expect = { ["walk.phi"] = { { 0.825950, 0.522226 }, 1e-6 } },
},

text { id = "formula", [[
At the bottom the gradient is 0, and for squares of a line it is linear in
φ:

    Xᵀ·X·φ = Xᵀ·y      so      φ = (Xᵀ·X)⁻¹·Xᵀ·y

X has a row (1, xᵢ) for each example; the column of ones is for φ₀.
]] },

predict { id = "xx", ask = [[
Xᵀ·X is a table of 2 by 2. What stands in it?
]],
yes = { "n, Σx, Σx, Σx²", "Half the Hessian of the loss: 2·Xᵀ·X = H." },
no = { { "the twelve x and their squares", "A product with Xᵀ sums over the examples." },
       { "the slopes of the loss", "No y is in it. It is about the x alone." } },
run = [[
X = ones(12, 2)
for i = 1, 12 do X[i][2] = d.x[i] end
XX, Xy = matmul(X:t(), X), matmul(X:t(), d.y)
XX, Xy
2*XX - L:hessian{0, 0}]],
expect = { ["XX[1]"] = { { 12, 11.41 }, 1e-9 }, ["(2*XX - L:hessian{0, 0}):max()"] = { 0, 1e-9 } },
},

demo { id = "normal", [[
solve(XX, Xy)]],
expect = { ["solve(XX, Xy)"] = { { 0.825950, 0.522226 }, 1e-6 } },
see = [[
The best line, without a single step. L:solve() does it, too.
]] },

code { id = "best-line", points = 4, fn = "best_line", returns = { "phi0", "phi1" },
ask = [[
With two unknowns it can be written out. Return φ₀ and φ₁ of the best line:

    D  = n·Σx² − (Σx)²
    φ₁ = (n·Σxy − Σx·Σy) / D
    φ₀ = (Σy − φ₁·Σx) / n
]],
starter = [[
function best_line(x, y)
    local n, sx, sy, sxx, sxy = #x, 0, 0, 0, 0
    for i = 1, n do
        -- add up
    end
    return 0, 0
end]],
solution = [[
function best_line(x, y)
    local n, sx, sy, sxx, sxy = #x, 0, 0, 0, 0
    for i = 1, n do
        sx = sx + x[i]
        sy = sy + y[i]
        sxx = sxx + x[i]^2
        sxy = sxy + x[i]*y[i]
    end
    local phi1 = (n*sxy - sx*sy)/(n*sxx - sx^2)
    local phi0 = (sy - phi1*sx)/n
    return phi0, phi1
end]],
given = function(r)
    local n = r:int(3, 6)
    local x = r:vec(n)
    x[1], x[2] = 2.5, -2.5
    return x, r:vec(n, 0.5, 3)
end,
mistakes = {
    { id = "squares", swap = { "n*sxx - sx^2", "n*sxx - sxx" },
      say = "(Σx)² is the sum, squared; you subtracted the sum of the squares." },
    { id = "no-n", swap = { "(n*sxy - sx*sy)", "(sxy - sx*sy)" },
      say = "The numerator of φ₁ lacks the factor n." },
    { id = "no-slope", swap = { "(sy - phi1*sx)/n", "sy/n" },
      say = "φ₀ is not the mean of y: the slope times the mean of x is taken off." },
    { id = "no-mean", swap = { "(sy - phi1*sx)/n", "sy - phi1*sx" },
      say = "φ₀ is divided by n." },
    { id = "through-origin", swap = { "(n*sxy - sx*sy)/(n*sxx - sx^2)", "sxy/sxx" },
      say = "That is the slope of a line through (0, 0)." },
    { id = "exchanged", swap = { "return phi0, phi1", "return phi1, phi0" },
      say = "The two are exchanged: first φ₀." },
},
hints = { "sx = sx + x[i], and so on; sxy = sxy + x[i]*y[i].",
          "local phi1 = (n*sxy - sx*sy)/(n*sxx - sx^2)", "(sy - phi1*sx)/n" },
},

demo { id = "written-out", [[
best_line(d.x, d.y)]],
},

predict { id = "newton", ask = [[
A third way: Newton's step, φ − H⁻¹·g. It uses the curvature to
say how far. From (-5, 7), how many steps to the bottom?
]],
yes = { "one", "The loss is exactly the square that Newton's step takes it for." },
no = { { "about 50, as with the best α", "The gradient alone needs that. The curvature knows how \z
                                          far." },
       { "it depends on the start", "From anywhere: the Hessian is constant." } },
run = [[
p = array{-5, 7}
p - solve(L:hessian(p), L:gradient(p))]],
expect = { ["p - solve(L:hessian(p), L:gradient(p))"] = { { 0.825950, 0.522226 }, 1e-6 } },
},

text { id = "equal", [[
D is the determinant of Xᵀ·X, and it is divided by. It is 0 where all x are
equal. Three measurements, all at x = 1, with y = 1, 2, 3.
]] },

predict { id = "unique", ask = [[
"Least squares always converges to the same solution." Three starts on
these data, with an α that is small enough. Where do they end?
]],
yes = { "at different lines with the same loss", "Only φ₀ + φ₁ matters, as every x is 1. The bowl \z
                                                  is a gutter, level along one direction." },
no = { { "at the same line", "Turn a line about the point (1, 2): its loss does not change." },
       { "they do not converge", "They do: the gradient goes to 0." } },
run = [[
e = data.new{x = {1, 1, 1}, y = {1, 2, 3}}
E = loss.least_squares(model.line, e)
eigenvalues(E:hessian{0, 0})
for _, start in ipairs{{0, 0}, {3, 0}, {0, 5}} do
    local r = descend(E, optim.gd{alpha = 0.1}, {start = start}):step(300)
    print(r.phi[1], r.phi[2], r.loss)
end]],
expect = { ["eigenvalues(E:hessian{0, 0})"] = { { 0, 12 }, 1e-9 },
    ["descend(E, optim.gd{alpha = 0.1}, {start = {3, 0}}):step(300).phi"] =
    { { 2.5, -0.5 }, 1e-6 } },
},

figure { id = "gutter", [[
plot.surface{E, phi0 = {-3, 6}, phi1 = {-3, 6}}]],
alt = "The loss over φ₀ and φ₁: straight parallel bands from upper left to lower right, lowest \z
      along the whole line φ₀ + φ₁ = 2.",
},

choice { id = "singular", ask = [[
And the three measurements at x = 1? What does the formula give there?
]],
yes = { "nothing: Xᵀ·X has no inverse", "Its determinant is 0. Try E:solve(), and read what it \z
                                         says." },
no = { { "the line through (1, 2) with slope 0", "Why that one? All lines through (1, 2) are \z
                                                  equally good." },
       { "the line that descent found", "Descent found three of them." } } },

demo { id = "mean", say = [[
A slip that costs. For the MEAN of the squares everything is smaller by
1/n, and α may be larger: up to 0.48. Now somebody takes the mean, and the
gradient of the sum, 2·Xᵀ·(X·φ − y), with α = 0.1:
]], [[
M = loss.mean_squares(model.line, d)
2/eigenvalues(M:hessian{0, 0})[2]
p = array{1.6, -0.5}
for step = 1, 3 do
    p = p - 0.1*2*matmul(X:t(), matmul(X, p) - d.y)
    print(M(p))
end]],
expect = { ["2/eigenvalues(M:hessian{0, 0})[2]"] = { 0.47971, 1e-4 }, ["M(p)"] = { 572.69, 0.1 } },
},

choice { id = "mean-why", ask = [[
α = 0.1 is well below the bound 0.48. Why did it run away?
]],
yes = { "its gradient was 12 times too large", "1/n was missing, so it acted like α = 1.2." },
no = { { "the bound is for other data", "It is for these. The gradient was not that of the mean." },
       { "the start is too far away", "In a bowl that is a square the start does not matter." } } },

try { id = "mend", ask = [[
Mend it: take the gradient of the mean, with its 1/12, and make 100 steps
with the same α = 0.1 from (1.6, -0.5). Store where you arrive in p:

    p = array{1.6, -0.5}
    for step = 1, 100 do
        p = p - 0.1*2*matmul(X:t(), matmul(X, p) - d.y)
    end
    M(p)
]],
goal = function(e) local p = e.p return e.M(p) < 0.017 end,
near = { { by = "p = array{1.6, -0.5}\nfor step = 1, 100 do\n\z
                p = p - 0.1*2*matmul(X:t(), matmul(X, p) - d.y)\nend",
           when = function(e) local m = e.M(e.p) return not (m < 1e6) end,
           say = "It ran away again. The gradient of the mean is the sum's, divided by n." } },
solution = "p = array{1.6, -0.5}\nfor step = 1, 100 do\n\z
           p = p - 0.1*2/12*matmul(X:t(), matmul(X, p) - d.y)\nend",
hints = { "The mean has a factor 1/12 before the sum.", "p - 0.1*2/12*matmul(...)" } },

text { id = "summary", [[
What you have now:

    formula      φ = (Xᵀ·X)⁻¹·Xᵀ·y for a model linear in φ, and squares
    Newton       one step from anywhere lands on it
    not unique   where XᵀX is singular: as when all x are equal
    the mean     has 1/n in its gradient as well

To try next: L:solve() gives standard errors as well: help(L.solve). And for
three inputs? model.linear(3) has the same formula.
]] },
}
