-- SPDX-License-Identifier: GPL-3.0-or-later
local check = require "check"

local d = data.line12
local L = loss.least_squares(model.line, d)

check.test("H4: ridge, lasso and what is left out of them", function()
    local R = L + penalty.l2
    check.close(R(0.6, -0.2), 12.366904 + 0.4, 1e-12)
    check.close(R:gradient{ 0.6, -0.2 }:table(), { -21.904 + 1.2, -26.84044 - 0.4 }, 1e-12)
    check.close((R:solve()):table(), { 0.732752, 0.556023 }, 1e-6)
    check.close(((L + penalty.l2{ except = { "phi0" } }):solve()):table(), { 0.922123, 0.421081 },
                1.5e-6)
    check.equal((L + penalty.l2{ only = "phi1" })(1, 2), (L + penalty.l2{ except = "phi0" })(1, 2))
    check.close((penalty.l1 + L)(0.6, -0.2), 12.366904 + 0.8, 1e-12)
    -- The lasso's minimum: strong enough, it makes the slope 0 and not nearly 0.
    local lasso = L + 12*penalty.l1{ except = { "phi0" } }
    local mean = d.y:mean()
    check.close(lasso:gradient{ mean, 0 }:table()[1], 0, 1e-12)
    check.ok(math.abs(L:gradient{ mean, 0 }[2]) < 12)
end)

check.test("components can be penalised: the normal equations with a diagonal of 0 and lambda",
    function()
        seed(3)
        local x, y = random.normal(90):reshape(30, 3), random.normal(30)
        local M = loss.least_squares(model.linear(3), data.new{ x = x, y = y })
        local design = zeros(30, 4)
        for i = 1, 30 do
            for j = 1, 3 do design[i][j] = x[i][j] end
            design[i][4] = 1
        end
        local function closed(diagonal)
            local A = matmul(design:t(), design)
            for j, lambda in ipairs(diagonal) do A[j][j] = A[j][j] + lambda end
            return solve(A, matmul(design:t(), y)):table()
        end
        local cases = {
            { 2.5*penalty.l2{ only = { "W[1,2]" } }, { 0, 2.5, 0, 0 }, "2.5*W[1,2]^2" },
            { 2.5*penalty.l2{ except = { "W[1,2]", "b" } }, { 2.5, 0, 2.5, 0 },
              "2.5*(W[1,1]^2 + W[1,3]^2)" },
            { 2.5*penalty.l2{ only = { "W[1,2]", "W[1,3]", "b" } }, { 0, 2.5, 2.5, 2.5 },
              "2.5*(sum(W[1,2..3]^2) + b^2)" },
            { penalty.l2{ only = { "W", "W[1,1]" } } + 3*penalty.l2{ only = "W[1,1]" },
              { 4, 1, 1, 0 }, "+ 3*W[1,1]^2" },
        }
        local phi = array{ 0.5, -1, 2, 0.7 }
        for _, case in ipairs(cases) do
            local R = M + case[1]
            check.close((R:solve()):table(), closed(case[2]), 1e-12, R.title)
            local lambda = array(case[2])
            check.close(R(phi), M(phi) + dot(lambda, phi*phi), 1e-11)
            check.close(R:gradient(phi):table(), (M:gradient(phi) + 2*lambda*phi):table(), 1e-10)
            check.contains(R:formulas("ascii").value, case[3])
        end
        local A = M + 0.5*penalty.l1{ except = { "W[1,3]" } }
        check.close(A(phi), M(phi) + 0.5*(0.5 + 1 + 0.7), 1e-11)
        check.close(A:gradient(phi):table(),
                    (M:gradient(phi) + array{ 0.5, -0.5, 0, 0.5 }):table(), 1e-11)
    end)

check.test("parts of a matrix in a penalty, in all notations", function()
    local m = model{ parameters = { { "W", 2, 3 }, { "w", 4 } }, predict = function(x, p)
        return p.W[1][1] + p.W[2][3]*x + p.w[1]*x^2
    end }
    local R = loss.least_squares(m, d) + penalty.l2{ except = { "W[2,1]", "w[1]" } }
    local phi = array{ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }
    local all = (phi*phi):sum()
    check.close(R(phi), R.terms[1].loss(phi) + all - 16 - 49, 1e-9)
    local text = R:formulas("ascii").value
    check.contains(text, "sum(W[1]^2) + sum(W[2,2..3]^2) + sum(w[2..4]^2)")
    check.contains(R:formulas("latex").value, "W_{2,2..3}")
    local value = R:formulas("lua").value
    local made = assert(load("return " .. value))()
    check.close(made(array{ { 1, 2, 3 }, { 4, 5, 6 } }, array{ 7, 8, 9, 10 }, d.x, d.y), R(phi),
                1e-9)
    local gradient = assert(load("return " .. R:formulas("lua").gradient))()
    local W, w = gradient(array{ { 1, 2, 3 }, { 4, 5, 6 } }, array{ 7, 8, 9, 10 }, d.x, d.y)
    local exact = R:gradient(phi):table()
    check.close(W:table(), { table.unpack(exact, 1, 6) }, 1e-9)
    check.close(w:table(), { table.unpack(exact, 7) }, 1e-9)
end)

check.test("H4, X8: a penalty is a prior; lambda is sigma^2/tau^2", function()
    local sigma, tau = 0.3, 0.7
    local posterior = loss.gaussian{ sigma = sigma }(model.line, d) + 1/(2*tau^2)*penalty.l2
    local ridge = L + sigma^2/tau^2*penalty.l2
    check.close((posterior:solve()):table(), (ridge:solve()):table(), 1e-13)
    -- Both are point estimates: of the posterior, and of the likelihood alone.
    check.different((posterior:solve())[1], (L:solve())[1])
end)

check.test("arithmetic of losses", function()
    local A = loss.absolute(model.line, d)
    local x, y = L(0.6, -0.2), A(0.6, -0.2)
    check.close((0.5*L)(0.6, -0.2), x/2, 1e-14)
    check.close((L*0.5)(0.6, -0.2), x/2, 1e-14)
    check.close((L/2)(0.6, -0.2), x/2, 1e-14)
    check.close((-L)(0.6, -0.2), -x, 0)
    check.close((L + A)(0.6, -0.2), x + y, 1e-13)
    check.close((L - 3*A)(0.6, -0.2), x - 3*y, 1e-13)
    check.close((L - (A + penalty.l2))(0.6, -0.2), x - y - 0.4, 1e-13)
    check.close((L + 2*(penalty.l2 + penalty.l1)/4)(0.6, -0.2), x + 0.6, 1e-13)
    check.close((0.5*L):each{ 0.6, -0.2 }:sum(), x/2, 1e-13)
    check.close((L/12 + penalty.l2):each{ 0.6, -0.2 }:sum(), x/12, 1e-13)
    check.equal((0*L):each{ 1, 2 }:sum(), 0.0)
    -- A loss without data counts whole, as a penalty does.
    local pull = loss(function(phi0, phi1) return (phi0 - 1)^2 + (phi1 - 1)^2 end)
    local both = L + 2*pull
    check.close(both(0.6, -0.2), x + 2*pull(0.6, -0.2), 1e-13)
    check.close(both:batch{ 1, 2, 3 }(0.6, -0.2), 0.357044 + 2*pull(0.6, -0.2), 1e-13)
    check.equal(both.data.name, "line12")
    check.equal(both.model.name, "model.line")
    check.close(both:check{ 0.6, -0.2 }, 0, 1e-8)
end)

check.test("sums print as they would be typed, and as formulas", function()
    local S = 0.5*L + 0.1*penalty.l2{ except = { "phi0" } } - loss.huber{ delta = 2 }(model.line, d)
    check.equal(S.title,
        '0.5*loss.least_squares + 0.1*penalty.l2{except = {"phi0"}} - loss.huber{delta = 2}')
    check.equal((2*(L + penalty.l1)).title, "2*(loss.least_squares + penalty.l1)")
    check.equal(tostring(2*penalty.l1 - penalty.l2), "2*penalty.l1 - penalty.l2")
    check.equal((L + penalty.l2):formulas("ascii").partials[1].text,
                "2*sum_i (phi0 + phi1*x_i - y_i) + 2*phi0")
    check.contains(tostring(L + penalty.max_norm(2)), "penalty.max_norm{c = 2}")
end)

check.test("penalties count whole at each batch of a run", function()
    local R = loss.mean_squares(model.line, d) + 0.5*penalty.l2
    local r = descend(R, optim.gd{ alpha = 0.1 }, { start = { 1, 2 }, batch = 4, seed = 3 })
    r:step()
    local g = loss.mean_squares(model.line, d:take(r.batch_indices)):gradient{ 1, 2 }
    check.close(r.phi:table(), { 1 - 0.1*(g[1] + 1), 2 - 0.1*(g[2] + 2) }, 1e-14)
end)

check.test("H4: the largest norm is kept after each update", function()
    local M = L + penalty.max_norm(0.5)
    check.equal(M(3, 4), L(3, 4))
    local r = descend(M, optim.gd{ alpha = 0.01 }, { start = { 3, 4 } })
    for _ = 1, 50 do
        r:step()
        check.ok(r.phi:norm() <= 0.5*(1 + 1e-15))
    end
    -- By hand
    local phi = array{ 3, 4 }
    for _ = 1, 50 do
        phi = phi - 0.01*L:gradient(phi)
        phi = phi*math.min(1, 0.5/phi:norm())
    end
    check.close(r.phi:table(), phi:table(), 1e-13)
    local before = r.phi
    check.equal(r:step(7):back(7).phi, before)
    -- Of a network each unit's weights, and not the offsets.
    local m = model.mlp{ 1, 3, 1, activation = "tanh" }
    local N = loss.least_squares(m, d) + penalty.max_norm{ c = 0.2, except = { "W2" } }
    local s = descend(N, optim.adam{ alpha = 0.1 }, { start = m:init{ seed = 1 } }):step(30)
    local p = m:named(s.phi)
    for i = 1, 3 do check.ok(math.abs(p.W1[i][1]) <= 0.2*(1 + 1e-15)) end
    check.ok(p.W2:norm() > 0.5)
    -- A weight left out is left alone, and the others of its row have the norm between them.
    local start = array{ 3, 4, 12, 1 }
    local data_of_three = data.new{ x = { { 1, 2, 3 }, { 2, 0, 1 } }, y = { 1, 2 } }
    local three = loss.least_squares(model.linear(3), data_of_three)
        + penalty.max_norm{ c = 1, except = { "W[1,3]" } }
    local step = start - 1e-3*three:gradient(start)
    local norm = math.sqrt(step[1]^2 + step[2]^2)
    check.close(descend(three, optim.gd{ alpha = 1e-3 }, { start = start }):step().phi:table(),
                { step[1]/norm, step[2]/norm, step[3], step[4] }, 1e-14)
end)

check.test("what cannot be added is refused in words", function()
    check.raises(function() return L + 3 end, "cannot be added", "0.1*penalty.l2")
    check.raises(function() return L - {} end, "cannot be subtracted")
    check.raises(function() return L*L end, "cannot be multiplied")
    check.raises(function() return 2/L end, "cannot be divided")
    check.raises(function() return L/0 end, "divided by 0")
    check.raises(function() return L*(0/0) end, "finite")
    check.raises(function() return L + L:with(d:take{ 1, 2 }) end, "different data")
    check.raises(function() return L + loss.least_squares(model.polynomial(2), d) end,
                 "2 and 3 parameters")
    check.raises(function() return L + loss(function(a, b) return a + b end) end,
                 "phi0 in one loss and a in the other")
    check.raises(function() return 0.5*penalty.max_norm(1) end, "no strength")
    check.raises(function() return L + penalty.l2{ only = { "W" } } end, "no parameter W")
    check.raises(function() return L + penalty.l2{ only = { "phi0[1]" } } end,
                 "no parameter phi0[1]; phi0 is one number")
    local wide = loss.least_squares(model.linear(2), data.new{ x = { { 1, 2 } }, y = { 1 } })
    check.raises(function() return wide + penalty.l2{ except = { "W[2,1]" } } end,
                 "no parameter W[2,1]; the components of W are W[1,1] to W[1,2]")
    check.raises(function() return penalty.l2{ only = { "phi0" }, except = { "phi1" } } end,
                 "not both")
    check.raises(function() return penalty.l2{ lambda = 1 } end, "no option")
    check.raises(function() return penalty.l2{ only = {} } end, "list of names")
    check.raises(function() return penalty.l2{ only = { 1 } } end, "list of names")
    check.raises(function() return penalty.max_norm() end, "needs c")
    check.raises(function() return penalty.max_norm(0) end, "greater than 0")
    check.raises(function() return penalty.l3 end, "did you mean")
    check.raises(function() return penalty.l2.strength end, "penalty")
end)

check.test("runs on sums are saved, loaded and go on to the same bits", function()
    local m = model.mlp{ 1, 3, 1, activation = "tanh" }
    local data_of_five = data.new{ x = { 1, 2, 3, 4, 5 }, y = { 1, 3, 2, 3, 1 } }
    local kinds = {
        { loss.least_squares(m, d) + 0.01*penalty.l2{ except = { "b1", "b2" } }
            + penalty.max_norm(0.5), m:init{ seed = 1 } },
        { loss.least_squares(m, d) + 0.3*penalty.l2{ only = { "W1[2,1]", "b1" } }
            + penalty.max_norm{ c = 0.4, except = { "W2[1,3]" } }, m:init{ seed = 1 } },
        { 0.5*loss.huber{ delta = 0.3 }(model.line, d) - L/3 + 0.1*penalty.l1, { 1, 2 } },
        { loss.gaussian{ sigma = "fit" }(model.line, d), { 0, 0, 0 } },
        { loss.gaussian(model.gaussian(model.line, model.polynomial(2)), d), zeros(5) },
        { loss.cross_entropy(model.softmax(1, 3), data_of_five), zeros(6) },
        { loss.hinge(model.linear(1, 3), data_of_five), zeros(6) },
        { loss.absolute(model.shallow{ hidden = 2, activation = "tanh" }, d), ones(7) },
    }
    local name = os.tmpname()
    for _, kind in ipairs(kinds) do
        local r = descend(kind[1], optim.adam{ alpha = 0.05 },
                          { start = kind[2], batch = 3, seed = 3 }):step(10)
        r:save(name)
        local loaded = run.load(name)
        check.equal(loaded:step(15).phi, r:step(15).phi, kind[1].title)
        check.equal(loaded.loss, r.loss, kind[1].title)
    end
    os.remove(name)
end)

check.test("what a sum is made of can be looked at, and not changed", function()
    local S = 0.5*L + 2*penalty.l2{ only = { "phi1" } }
    check.equal(S.terms[1].coefficient, 1.0)
    check.equal(S.terms[1].loss.terms[1].coefficient, 0.5)
    check.equal(S.penalty.terms, { { name = "l2", coefficient = 2.0,
                                     arguments = { only = { "phi1" } } } })
    S.terms[1] = nil
    check.equal(#S.terms, 1)
    check.equal(loss.huber{ delta = 2 }(model.line, d).arguments, { delta = 2.0 })
    check.equal(L.terms, nil)
    check.equal(model.gaussian(model.line).parts[1].name, "model.line")
    check.equal(model.line.parts, nil)
end)
