-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- explain: the equations of the rules against what was recorded, and the printed lines against
-- themselves: what stands left of a "=" must give what stands right of it.

local check = require "check"
local descent = require "descent"
local equation = require "descent.equation"
local terminal = require "descent.terminal"

local data, descend, explain, loss = descent.data, descent.descend, descent.explain, descent.loss
local model, optim, schedule = descent.model, descent.optim, descent.schedule

local gabor = loss.least_squares(model.gabor, data.gabor30)
local start = { -1.5, 8.5 }

-- Every rule, in all its forms.
local optimizers = { optim.gd{alpha = 0.05} }
for _, form in ipairs { "average", "velocity", "sum" } do
    optimizers[#optimizers + 1] = optim.momentum{alpha = 0.02, beta = 0.6, form = form}
    for _, lookahead in ipairs { "full", "decayed" } do
        optimizers[#optimizers + 1] = optim.nesterov{alpha = 0.02, beta = 0.6, form = form,
            lookahead = lookahead}
    end
end
for _, correction in ipairs { true, false, "m", "v" } do
    for _, inside in ipairs { true, false } do
        optimizers[#optimizers + 1] = optim.adam{alpha = 0.1, epsilon = 1e-3,
            bias_correction = correction, epsilon_inside = inside}
    end
end
for _, optimizer in ipairs {
    optim.normalized{alpha = 0.1}, optim.adagrad{alpha = 0.1}, optim.adadelta{epsilon = 1e-4},
    optim.rmsprop{alpha = 0.02}, optim.rmsprop{alpha = 0.02, centred = true},
    optim.adam{alpha = 0.1, amsgrad = true}, optim.adam{alpha = 0.1, weight_decay = 0.1},
    optim.adam{alpha = 0.1, amsgrad = true, weight_decay = 0.1, epsilon_inside = true},
    optim.adam{alpha = 0.1, amsgrad = true, bias_correction = false},
    optim.line_search{}, optim.newton{damping = 5}, optim.newton{damping = "auto"},
    optim.gd{alpha = 0.05, clip = 0.5},
} do
    optimizers[#optimizers + 1] = optimizer
end
optimizers[#optimizers + 1] = optim.gd{alpha = schedule.exponential{alpha = 0.05, factor = 0.9}}

-- The rest of the test looks at both kinds of terminal.
local real_unicode = terminal.unicode
local function with_unicode(value, run)
    terminal.unicode = function() return value end
    local fine, problem = pcall(run)
    terminal.unicode = real_unicode
    if not fine then error(problem, 0) end
end

-- --- equations ---------------------------------------------------------------------------------

local function symbolic(text, names, unicode)
    return equation.format(equation.parse(text), function(name) return names[name] or name end,
        unicode ~= false)
end

check.test("equations are written as they are read", function()
    local texts = {
        "a + b - c", "a - (b + c)", "a - (b - c)", "a*b/c", "a/(b*c)", "(a + b)*c", "a*b^2",
        "(a*b)^2", "a^b^c", "m/(1 - beta^t)", "sqrt(v + e)", "-a + b", "a*(-b)",
        "phi - alpha*m/(sqrt(v) + epsilon)", "(1 - a)*(2.5 + b)", "1 - 2 - 3",
    }
    for _, text in ipairs(texts) do
        local again = symbolic(text, {}, false)
        -- Read again it is the same tree, whatever parentheses were needed.
        check.equal(equation.parse(again), equation.parse(text), text)
    end
    check.equal(symbolic("m/(1 - beta^t)", { beta = "β" }), "m/(1 − βᵗ)")
    check.equal(symbolic("sqrt(v) + sqrt(v + e)", {}), "√v + √(v + e)")
    check.equal(symbolic("(1 - gamma)*g^2", { gamma = "γ" }), "(1 − γ)·g²")
    check.raises(function() equation.parse("a + ") end, "ends too early")
    check.raises(function() equation.parse("a b") end, "too much")
    check.raises(function() equation.parse("a % b") end, "cannot read")
    check.raises(function() equation.parse("(a") end, "is expected")
end)

check.test("negative numbers get parentheses where they need them", function()
    local names = { a = "−2", b = "−3", c = "4" }
    check.equal(symbolic("a - b*c", names), "−2 − (−3)·4")
    check.equal(symbolic("a*b", names), "−2·(−3)")
    check.equal(symbolic("a^2", names), "(−2)²")
    check.equal(symbolic("c*a^2", names), "4·(−2)²")
    check.equal(symbolic("a/(b + c)", names), "−2/(−3 + 4)")
    check.equal(symbolic("sqrt(a)", names), "√(−2)")
    check.equal(symbolic("sqrt(c)", names), "√4")
    check.equal(symbolic("c + a", names), "4 + (−2)")
    check.equal(symbolic("a + b", { a = "-1", b = "-2" }, false), "-1 + (-2)")
end)

check.test("a term's equation gives the recorded term", function()
    for _, optimizer in ipairs(optimizers) do
        local r = descend(gabor, optimizer, { start = start, batch = 7, seed = 1 }):step(12)
        for _, t in ipairs { 1, 2, 12 } do
            local u = r:record(t)
            for _, term in ipairs(optimizer.terms) do
                for j = 1, term.equation and 2 or 0 do
                    local values = { t = u.age, sqrt = math.sqrt, max = math.max,
                                     phi_before = u.phi_before[j] }
                    for name, value in pairs(u.arguments) do values[name] = value end
                    for name, vector in pairs(u.before) do values[name .. "_before"] = vector[j] end
                    -- phi_before is the one before; all other terms are those of this update.
                    for name, vector in pairs(u.terms) do values[name] = vector[j] end
                    local given = load("return " .. term.equation, "=equation", "t", values)()
                    check.close(u.terms[term.name][j], given, 1e-13,
                        ("%s: %s at %d"):format(tostring(optimizer), term.name, t))
                end
            end
        end
    end
end)

-- --- what is printed ---------------------------------------------------------------------------

local plain = {
    { "−", "-" }, { "·", "*" }, { "⁰", "^0" }, { "¹", "^1" }, { "²", "^2" }, { "³", "^3" },
    { "⁴", "^4" }, { "⁵", "^5" }, { "⁶", "^6" }, { "⁷", "^7" }, { "⁸", "^8" }, { "⁹", "^9" },
}

local function evaluate(text)
    for _, pair in ipairs(plain) do text = text:gsub(pair[1], pair[2]) end
    text = text:gsub("%^(%d)%^(%d)", "^%1%2") -- two digits of an exponent
    text = text:gsub("√(%b())", "sqrt%1"):gsub("√([%d.e+-]+)", "sqrt(%1)")
    local known = { sqrt = math.sqrt, max = math.max }
    local run = assert(load("return " .. text, "=" .. text, "t", known))
    return run()
end

-- The "left = right" of every line of a parameter.
local function lines_with_numbers(text)
    -- An equation too long for a line goes on below.
    text = text:gsub("\n        +", " ")
    local list = {}
    for line in text:gmatch("[^\n]+") do
        local left, right = line:match("^    %S+:%s+(.-) = (%S+)$")
        if left then list[#list + 1] = { left, right } end
    end
    return list
end

local function printed(...)
    return (check.output(explain, ...))
end

check.test("what stands left of = gives what stands right of it", function()
    for _, unicode in ipairs { true, false } do
        with_unicode(unicode, function()
            for _, optimizer in ipairs(optimizers) do
                local r = descend(gabor, optimizer, { start = start, batch = 7, seed = 1 }):step(11)
                for _, t in ipairs { 1, 2, 11 } do
                    local text = printed(r, t)
                    local lines = lines_with_numbers(text)
                    local equations = 0
                    for _, term in ipairs(optimizer.terms) do
                        if term.equation then equations = equations + 1 end
                    end
                    check.equal(#lines, 2*equations, text)
                    for _, pair in ipairs(lines) do
                        -- Seven digits stand for each number.
                        check.close(evaluate(pair[1]), evaluate(pair[2]), 3e-6, text)
                    end
                    for line in text:gmatch("[^\n]+") do
                        check.ok(terminal.width(line) <= 80, line)
                        check.ok(unicode or not line:find("[\128-\255]"), line)
                    end
                end
            end
        end)
    end
end)

check.test("the first update of the line, as the lecture has it", function()
    local line = loss.least_squares(model.line, data.line12)
    local r = descend(line, optim.gd{alpha = 0.01}, { start = { 1.6, -0.5 } }):step()
    with_unicode(true, function()
        local text = printed(r)
        check.contains(text, "update 1, gradient descent: α = 0.01")
        check.contains(text, "batch: all 12 examples")
        check.contains(text, "loss before the update: 5.020125")
        check.contains(text, "φ ← φ − α·g")
        check.contains(text, "φ₀:  1.6 − 0.01·(−4.75) = 1.6475")
        check.contains(text, "φ₁:  −0.5 − 0.01·(−13.0277) = −0.369723")
    end)
    with_unicode(false, function()
        check.contains(printed(r), "phi0:  1.6 - 0.01*(-4.75) = 1.6475")
        check.contains(printed(r), "phi <- phi - alpha*g")
    end)
end)

check.test("Adam's third update, term by term", function()
    local r = descend(gabor, optim.adam{alpha = 0.2}, { start = start, batch = 5, seed = 42 })
    r:step(5)
    with_unicode(true, function()
        local text = printed(r, 3)
        check.contains(text, "update 3 (epoch 1), Adam: α = 0.2, β = 0.9, γ = 0.999, ε = 1e-08")
        check.contains(text, "batch: examples 5 17 6 14 12")
        check.contains(text, "(over the batch)")
        check.contains(text, "m ← β·m + (1 − β)·g")
        check.contains(text, "m̃ = m/(1 − βᵗ)")
        check.contains(text, "/(1 − 0.9³) = ")
        check.contains(text, "φ ← φ − α·m̃/(√ṽ + ε)")
        check.contains(printed(r), "update 5")
    end)
end)

check.test("Nesterov's gradient is said to be taken ahead", function()
    local r = descend(gabor, optim.nesterov{alpha = 0.1}, { start = start }):step(2)
    with_unicode(true, function()
        check.contains(printed(r), "φ′ = φ − α·m")
        check.contains(printed(r), "loss at φ′, where the gradient was taken")
    end)
end)

check.test("a scheduled rate is shown as the number it was", function()
    local r = descend(gabor, optim.gd{alpha = schedule.step{alpha = 0.08, every = 2}},
        { start = start }):step(3)
    check.contains(printed(r), "= 0.04 (schedule.step)")
    check.contains(printed(r, 2), "= 0.08 (schedule.step)")
end)

check.test("of many parameters the first are shown", function()
    local wide = loss{parameters = {p = 10}, value = function(q) return descent.dot(q.p, q.p) end}
    local r = descend(wide, optim.gd{alpha = 0.1}, { start = descent.ones(10) }):step()
    local text = printed(r)
    check.contains(text, "p[6]:")
    check.ok(not text:find("p[7]:", 1, true))
    check.contains(text, "and so for 4 more parameters")
    check.ok(not text:find("batch", 1, true), "no data, no batch")
end)

check.test("before the first update it says what to type", function()
    local r = descend(gabor, optim.gd{alpha = 0.1}, { start = start })
    check.contains(printed(r), "no update has been made yet")
    check.contains(printed(r), "r:step()")
end)

check.test("a rule that took over counts its own updates", function()
    local r = descend(gabor, optim.gd{alpha = 0.1}, { start = start }):step(4)
    local text = printed(r:fork{optim.adam{alpha = 0.1}}:step(2))
    check.contains(text, "update 6")
    check.contains(text, "t = 2 in the equations: the rule began after update 4")
end)

check.test("explain(opt) has the rule, its settings and its source", function()
    with_unicode(true, function()
        local text = printed(optim.adam{alpha = 0.1, bias_correction = false,
            epsilon_inside = true})
        check.contains(text, "φ ← φ − α·m̃/√(ṽ + ε)")
        check.contains(text, "m̃ = m  ")
        check.contains(text, "α = 0.1: ")
        check.contains(text, "β = 0.9 (default): ")
        check.contains(text, "Kingma and Ba 2015")
    end)
    for _, unicode in ipairs { true, false } do
        with_unicode(unicode, function()
            for _, optimizer in ipairs(optimizers) do
                for line in printed(optimizer):gmatch("[^\n]+") do
                    check.ok(terminal.width(line) <= 80, line)
                    check.ok(unicode or not line:find("[\128-\255]"), line)
                end
                for line in tostring(optimizer):gmatch("[^\n]+") do
                    check.ok(terminal.width(line) <= 80, line)
                    check.ok(unicode or not line:find("[\128-\255]"), line)
                end
            end
        end)
    end
end)

check.test("explain takes anything, but not nothing", function()
    check.contains(printed(gabor), "least_squares")
    check.contains(printed(data.line12), "line12")
    check.contains(printed(model.line), "line")
    check.contains(printed(schedule.constant(0.1)), "0.1")
    check.contains(printed(optim.gd), "optim.gd{alpha, clip}")
    check.raises(function() explain(nil) end, "something to explain")
    check.raises(function() explain(optim.gd{alpha = 1}, 3) end, "for a run")
    local r = descend(gabor, optim.gd{alpha = 0.1}, { start = start }):step()
    check.raises(function() explain(r, 2) end, "t must be")
    check.equal(table.pack(check.output(explain, r)).n, 1, "nothing is returned")
end)
