-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The same by SciPy: linear algebra, stable functions, likelihoods, minima of test functions, and
-- nonlinear regressions with their standard errors.

local check = require "check"
local functions = require "functions"
local python = require "python"
local descent = require "descent"

local data, fit, loss, model, optim = descent.data, descent.fit, descent.loss,
    descent.model, descent.optim
local literal = python.literal

local run = python.with "scipy.optimize"
if not run then
    check.skip("SciPy's linear algebra, functions and minima", "no python3 with scipy")
    return
end

local function near(got, expected, tolerance, what)
    if type(got) == "number" then got = { got } end
    if type(got) ~= "table" then got = got:table() end
    local flat = {}
    for _, item in ipairs(got) do
        if type(item) == "table" then table.move(item, 1, #item, #flat + 1, flat)
        else flat[#flat + 1] = item end
    end
    check.equal(#flat, #expected, what)
    for i, value in ipairs(flat) do
        check.close(value, expected[i], tolerance*math.max(1, math.abs(expected[i])), what)
    end
end

check.test("solve, least squares, inverse, determinant, eigenvalues", function()
    descent.seed(1)
    local A, b = descent.random.normal(36):reshape(6, 6), descent.random.normal(6)
    local T, c = descent.random.normal(36):reshape(9, 4), descent.random.normal(9)
    local symmetric = A + A:t()
    local numbers = run(([[
import numpy as np, scipy.linalg as la
A = np.array(%s); b = np.array(%s); T = np.array(%s); c = np.array(%s)
for v in (la.solve(A, b), la.inv(A), np.array([la.det(A)]), la.eigvalsh(A + A.T),
          la.lstsq(T, c)[0]):
    for e in v.flatten(): print(repr(float(e)))
]]):format(literal(A:table()), literal(b), literal(T:table()), literal(c)))
    local function part(first, count)
        return table.move(numbers, first, first + count - 1, 1, {})
    end
    near(solve(A, b), part(1, 6), 1e-11, "solve")
    near(inverse(A):table(), part(7, 36), 1e-11, "inverse")
    near(determinant(A), part(43, 1), 1e-12, "determinant")
    near(eigenvalues(symmetric), part(44, 6), 1e-12, "eigenvalues")
    near(solve(T, c), part(50, 4), 1e-12, "least squares")
end)

check.test("functions where a naive formula fails", function()
    local x = { -800, -40, -1e-9, 0, 1e-17, 1e-9, 0.3, 36, 40, 800 }
    local numbers = run(([[
import numpy as np, scipy.special as sp
x = np.array(%s)
for v in (sp.expit(x), -sp.log_expit(-x), np.array([sp.logsumexp(x)]), sp.softmax(x),
          np.log1p(x[2:]), np.expm1(x[:8])):
    for e in v: print(repr(float(e)))
]]):format(literal(x)))
    local function part(first, count)
        return table.move(numbers, first, first + count - 1, 1, {})
    end
    local a = descent.array(x)
    local function same(got, expected)
        for i = 1, #expected do
            check.close(got[i], expected[i], 1e-14*math.abs(expected[i]) + 1e-300)
        end
    end
    same(sigmoid(a), part(1, 10))
    same(softplus(a), part(11, 10))
    same({ logsumexp(a) }, part(21, 1))
    same(softmax(a), part(22, 10))
    same(log1p(a:slice(3, 10)), part(32, 8))
    same(expm1(a:slice(1, 8)), part(40, 8))
end)

check.test("negative log likelihoods", function()
    local line = data.line12
    local numbers = run(([[
import numpy as np
from scipy import stats, special
x = np.array(%s); y = np.array(%s)
f = 0.7 + 0.6*x
print(repr(-stats.norm.logpdf(y, f, 0.3).sum()))
c = (y > 1.3).astype(float)
print(repr(-stats.bernoulli.logpmf(c, special.expit(f - 1)).sum()))
]]):format(literal(line.x), literal(line.y)))
    check.close(loss.gaussian{ sigma = 0.3 }(model.line, line)(0.7, 0.6), numbers[1], 1e-12)
    local c = {}
    for i = 1, 12 do c[i] = line.y[i] > 1.3 and 1 or 0 end
    local B = loss.binary_cross_entropy(model.logistic, data.new{ x = line.x, y = c })
    check.close(B(-0.3, 0.6), numbers[2], 1e-12)
end)

check.test("weighted least squares, and its standard errors", function()
    local line = data.line12
    local weights = { 1, 2, 3, 0.5, 1, 4, 2, 1, 1, 0.25, 3, 1 }
    local numbers = run(([[
import numpy as np
from scipy.optimize import curve_fit
x = np.array(%s); y = np.array(%s); w = np.array(%s)
p, c = curve_fit(lambda x, a, b: a + b*x, x, y, sigma=1/np.sqrt(w))
for e in (*p, *np.sqrt(np.diag(c))): print(repr(float(e)))
]]):format(literal(line.x), literal(line.y), literal(weights)))
    local L = loss.least_squares(model.line, data.new{ x = line.x, y = line.y, weights = weights })
    local phi, about = L:solve()
    near(phi, { numbers[1], numbers[2] }, 1e-7)
    near(about.standard_errors, { numbers[3], numbers[4] }, 1e-6)
end)

check.test("minima of the literature's test functions", function()
    local code = { "from math import *", "from scipy.optimize import minimize" }
    local names = {}
    for name in pairs(functions) do
        if name ~= "ackley" then names[#names + 1] = name end -- no gradient at its minimum
    end
    table.sort(names)
    for _, name in ipairs(names) do
        local f = functions[name]
        local formula = f[1]:gsub("%^", "**")
        code[#code + 1] = ("r = minimize(lambda v: (lambda x, y: %s)(*v), %s, method='BFGS', "
            .. "options={'gtol': 1e-9})"):format(formula, literal(f.start))
        code[#code + 1] = "r = minimize(lambda v: (lambda x, y: " .. formula
            .. ")(*v), r.x, method='Nelder-Mead', options={'xatol': 1e-10, 'fatol': 1e-14, "
            .. "'maxiter': 4000})"
        code[#code + 1] = "print(repr(r.fun), *map(repr, map(float, r.x)))"
    end
    local numbers = run(table.concat(code, "\n"))
    for i, name in ipairs(names) do
        local L = loss(functions[name].call)
        for _, optimizer in ipairs{ optim.bfgs{}, optim.lbfgs{},
                                    optim.newton{ damping = "auto" } } do
            local r = fit(L, optimizer, { start = functions[name].start })
            local what = name .. ", " .. optimizer.title
            check.equal(r.reason, "the gradient is small enough", what)
            check.close(r.loss, numbers[3*i - 2], 1e-9*math.max(1, math.abs(r.loss)), what)
            check.close(r.phi[1], numbers[3*i - 1], 1e-4, what)
            check.close(r.phi[2], numbers[3*i], 1e-4, what)
        end
    end
end)
