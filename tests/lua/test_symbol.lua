-- SPDX-License-Identifier: GPL-3.0-or-later
-- What symbols offer is what arrays offer: each function gives, traced, the numbers that it gives
-- when it is called with arrays, and derivatives that agree with differences.
local check = require "check"

local list = { { "A", 3, 3 }, { "B", 2, 3 }, { "v", 3 } }
local start = {}
for j = 1, 18 do start[j] = 0.6*math.sin(1.7*j) + 0.15 end
local x = array{ { 1, 2, 3 }, { 0.5, -1, 0.3 }, { 0.2, 0.7, -0.4 }, { 1.5, 0.3, 0.2 } }
local one = data.new{ x = x, y = { 1, 0.5, -1, 2 } }
local three = data.new{ x = x, y = { { 1, 0, 1 }, { 0.5, 1, 2 }, { -1, 0, 1 }, { 2, 2, 2 } } }

local functions = {
    transposed = function(x, p) return matmul(p.A:t(), x) end,
    transposed_twice = function(x, p) return matmul(p.A:t():t(), x) + p.v:t() end,
    symmetric = function(x, p) return dot(x, matmul(p.A + p.A:t(), x)) end,
    elementwise = function(x, p) return matmul(tanh(2*p.A:t()) + sin(p.A), x) end,
    gram = function(x, p) return matmul(matmul(p.B:t(), p.B), x) end,
    frobenius = function(x, p) return (matmul(p.B, p.B:t())^2):sum() + x[1]*p.v[2] end,
    rows = function(x, p)
        local sum = 0
        for i, row in ipairs(p.A) do sum = sum + i*dot(row, x)^2 end
        for i, row in pairs(p.B:t()) do sum = sum + i*row[2] end
        return sum
    end,
    components = function(x, p)
        local sum = 0
        for i, c in pairs(x) do sum = sum + i*c*p.v[i] end
        for i, c in ipairs(x*p.v) do sum = sum + c/i end
        return sum
    end,
    row_and_column = function(x, p)
        return dot(p.A:row(2), x)*p.A:col(3) + p.B:col(1)[2]*x + p.A:t():row(1)
    end,
    of_computed = function(x, p)
        return (2*p.A + 1):row(1)*x[1] + matmul(p.A, p.A):row(2)*x[2]
            + matmul(p.A, p.A:t()):col(3)*x + (p.A + p.A:t()):col(1) + (p.A*p.A:t())[2]
            + matmul(p.A, p.A)(1, 3)*x[1] + matmul(p.A:t(), p.A)(3, 2)*x[2]
            + matmul(p.B:t(), p.B)[1][3]
    end,
    slices = function(x, p)
        return x:slice(2, 3):sum()*p.v:slice(1, 2):sum() + matmul(p.A:slice(2, 3), x):sum()
            + tanh(p.v):slice(2):sum() + p.A:slice(2, 2):sum()
    end,
    axes = function(x, p)
        return p.A:sum(1)*x + p.A:mean(2) + p.B:max(1) + p.A:min(2)*x[1] + p.B:prod(1)
    end,
    folds = function(x, p)
        return (p.A*p.A:t()):max() + matmul(p.A, p.A):prod()*x[1] + (p.A + p.A:t()):sum()
            + p.A:t():norm() + matmul(p.A, p.A:t()):sum(1):sum()*x[2] + p.v:sum(1)
    end,
    shapes = function(x, p)
        return x*(p.A.cols + 10*p.B.rows + 100*#p.B.shape + 1000*#p.v.shape + p.B.shape[2])
    end,
}

local function largest_error(H, L)
    local h, worst = 1e-5, 0
    for j = 1, #start do
        local up, down = array(start), array(start)
        up[j], down[j] = up[j] + h, down[j] - h
        local column = (L:gradient(up) - L:gradient(down))/(2*h)
        for i = 1, #start do
            worst = math.max(worst, math.abs(column[i] - H[i][j])/(1 + math.abs(H[i][j])))
        end
    end
    return worst
end

-- Of f as it prints in the language, called with the parameters and the data.
local function value_of(formula, named, d)
    local names = {}
    for i, parameter in ipairs(list) do names[i] = named[parameter[1]] end
    names[#names + 1] = d.x
    names[#names + 1] = d.y
    return assert(load("return " .. formula))()(table.unpack(names))
end

for name, f in pairs(functions) do
    check.test("as arrays do: " .. name, function()
        local m = model{ parameters = list, predict = f }
        local named = m:named(start)
        local outputs = m(x, start)
        local d = outputs.cols == 3 and three or one
        for i = 1, 4 do
            local own = f(x:row(i), named)
            check.close(outputs[i], own, 1e-12)
        end
        local L = loss.mean_squares(m, d)
        check.close(L:gradient(start):table(), L:numeric_gradient(start):table(), 1e-6)
        check.ok(largest_error(L:hessian(start), L) < 1e-6)
        local fine, formulas = pcall(L.formulas, L, "lua")
        if name == "folds" then
            check.contains(formulas, "more than 400 terms")
        else
            check.ok(fine, formulas)
            check.close(value_of(formulas.value, named, d), L(start), 1e-12)
        end
    end)
end

check.test("a row used as a vector and as a matrix", function()
    local m = model{ parameters = { { "C", 1, 3 }, { "D", 3, 1 } }, predict = function(x, p)
        return p.C:t()*x + tanh(2*p.C):t() + p.D:col(1)*p.D:row(2) + matmul(p.C, x)
    end }
    local phi = array{ 1, -0.5, 0.25, 2, 0.3, -1 }
    local c, v = array{ 1, -0.5, 0.25 }, array{ 2, 0.3, -1 }
    local u = array{ 1, 2, 3 }
    local together = array{ { 1, 2, 3 } }
    local expected = c*u + tanh(2*c) + v*0.3 + dot(c, u)
    check.close(m(together, phi):row(1):table(), expected:table(), 1e-14)
    local L = loss.mean_squares(m, three)
    check.close(L:gradient(phi):table(), L:numeric_gradient(phi):table(), 1e-6)
    check.contains(L:formulas("unicode").value, "tanh(2·C)ᵀ")
end)

check.test("transposes print in all notations", function()
    local L = loss.mean_squares(model{ parameters = { { "A", 3, 3 } },
        predict = function(x, p) return dot(x, matmul(p.A^2 + p.A:t(), x)) end }, one)
    check.contains(L:formulas("ascii").value, "A^2 + A'")
    check.contains(L:formulas("latex").value, "A^{\\top}")
    check.contains(L:formulas("lua").value, "A^2 + A:t()")
end)

check.test("shapes that do not fit are refused in words", function()
    local function refused(f, ...)
        check.raises(function()
            return model{ parameters = list, predict = f }(x, start)
        end, ...)
    end
    refused(function(x, p) return p.B:row(3) end, "the row must be an integer from 1 to 2, not 3")
    refused(function(x, p) return p.B:col(4) end, "the column", "from 1 to 3, not 4")
    refused(function(x, p) return p.A:col(x[1]) end, "the column", "not a symbol")
    refused(function(x, p) return p.v:sum(2) end, "a vector has one axis")
    refused(function(x, p) return p.A:sum(3) end, "axis", "from 1 to 2, not 3")
    refused(function(x, p) return p.v:slice(3, 2) end, "from 3 to 2 is backwards")
    refused(function(x, p) return matmul(p.A, p.A):slice(1, 2) end, "one by one")
    refused(function(x, p) return p.B + p.B:t() end, "equal shapes", "2×3 and 3×2")
    refused(function(x, p) return matmul(p.B:t(), x) end, "matmul", "3×2")
    refused(function(x, p) return p.A:map(sin) end, 'no "map"')
end)
