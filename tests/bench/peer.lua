-- SPDX-License-Identifier: GPL-3.0-or-later
-- descent itself as a peer (peer.h): built-in models, the same models as a user writes them,
-- updates one at a time from Lua, surfaces, gradients over a million examples, a network.

local cases, prepared = {}, {}

-- The data of limit.c.
local function gabor_points(count)
    local i = linspace(0, count - 1, count)
    local x = -15 + 30*i/(count - 1)
    local u = 0.5 + 0.06*16*x
    return x, sin(u)*exp(-u^2/32) + 0.1*sin(37*i)
end

local function once(make)
    local made
    return function()
        made = made or make()
        return made
    end
end

local gabor_30 = once(function()
    local x, y = gabor_points(30)
    return data.new{x = x, y = y}
end)
local gabor_large = once(function()
    local x, y = gabor_points(1000000)
    return data.new{x = x, y = y}
end)
local line_12 = once(function()
    local i = linspace(0, 11, 12)
    local x = 2*i/11
    return data.new{x = x, y = 0.6 + 0.7*x + 0.1*sin(37*i)}
end)

local user_gabor = once(function()
    return model(function(x, phi0, phi1)
        local u = phi0 + 0.06*phi1*x
        return sin(u)*exp(-u^2/32)
    end)
end)
local user_line = once(function()
    return model(function(x, phi0, phi1) return phi0 + phi1*x end)
end)

-- What is fitted: "gabor" by the built-in model, "gabor_user" by the user's, and so on.
local problem = {}
local function define(name, built_in, user, points)
    problem[name] = once(function() return loss.least_squares(built_in, points()) end)
    problem[name .. "_user"] = once(function() return loss.least_squares(user(), points()) end)
end
define("gabor", model.gabor, user_gabor, gabor_30)
define("linear", model.line, user_line, line_12)
define("large", model.gabor, user_gabor, gabor_large)

-- Updates: NAME and NAME_user take n in one call, NAME_user_each takes them one by one.
local function updates(name, of, optimizer, options, compared)
    options, compared = options or {}, compared or 1000
    options.start = {1, 10}
    for _, kind in ipairs{"", "_user"} do
        local function begin() return descend(problem[of .. kind](), optimizer, options) end
        cases[name .. kind] = {
            prepare = problem[of .. kind],
            run = function(count) begin():step(count) end,
            value = function() return begin():step(compared).phi end,
        }
        cases[name .. kind .. "_each"] = {
            prepare = problem[of .. kind],
            run = function(count)
                local r = begin()
                for _ = 1, count do r:step() end
            end,
            value = function()
                local r = begin()
                for _ = 1, compared do r:step() end
                return r.phi
            end,
        }
    end
end
updates("linear_gd", "linear", optim.gd{alpha = 0.001})
updates("linear_adam", "linear", optim.adam{alpha = 0.01})
updates("gabor_gd", "gabor", optim.gd{alpha = 0.001})
updates("gabor_adam", "gabor", optim.adam{alpha = 0.01})
updates("gabor_sgd", "gabor", optim.gd{alpha = 0.001}, {batch = 5, order = "epoch", seed = 1})
updates("gabor_search", "gabor", optim.line_search{max = 0.1, threshold = 1e-5, rounds = 15}, {}, 3)

for _, kind in ipairs{"", "_user"} do
    local function surface()
        return problem["gabor" .. kind]():surface{phi0 = {-10, 10}, phi1 = {0, 20}, n = 200}
    end
    cases["surface" .. kind] = {
        prepare = problem["gabor" .. kind],
        run = function(count)
            for _ = 1, count do surface() end
        end,
        value = function()
            local s = surface()
            return {s(1, 1), s(58, 34), s(200, 200)}
        end,
    }
end

local function gradient(name, of, phi)
    cases[name] = {
        prepare = of,
        run = function(count)
            local L = of()
            for _ = 1, count do L:gradient(phi) end
        end,
        value = function() return of():gradient(phi) end,
    }
end
gradient("gabor_large", problem.large, array{1, 10})
gradient("gabor_large_user", problem.large_user, array{1, 10})

-- A million examples of 20 columns; the loss of either model, and only one data set at a time.
local kept, kept_name
local function large(name, make)
    return function()
        if kept_name ~= name then
            kept = nil
            collectgarbage()
            seed(1)
            local x = random.uniform(0, 1, 20000000):reshape(1000000, 20)
            local y = random.uniform(0, 1, 1000000)
            kept, kept_name = make(x, y), name
            collectgarbage()
        end
        return kept
    end
end
local weights = 0.1*linspace(-1, 1, 21)
gradient("linear_large", large("linear", function(x, y)
    return loss.least_squares(model.linear(20), data.new{x = x, y = y})
end), weights)
gradient("logistic_large", large("logistic", function(x, y)
    return loss.binary_cross_entropy(model.logistic(20), data.new{x = x, y = less(y, 0.5)})
end), weights)

-- 784-128-10 with ReLU, cross-entropy, Adam, batches of 64: one epoch of 10,000 samples.
local function network(make)
    return once(function()
        seed(1)
        local x = random.uniform(0, 1, 7840000):reshape(10000, 784)
        local labels = {}
        for i = 1, 10000 do labels[i] = (7*i) % 10 + 1 end
        local m, L = make(x, labels)
        return descend(L, optim.adam{alpha = 0.001},
                       {start = m:init{seed = 1}, batch = 64, order = "epoch", seed = 1})
    end)
end
local function epochs(name, of)
    cases[name] = {prepare = of, run = function(count) of():epoch(count) end}
end
epochs("mlp_user", network(function(x, labels)
    local m = model{
        parameters = {{"W1", 128, 784}, {"b1", 128}, {"W2", 10, 128}, {"b2", 10}},
        predict = function(input, p)
            local hidden = relu(matmul(p.W1, input) + p.b1)
            return matmul(p.W2, hidden) + p.b2
        end,
    }
    local one_hot = zeros(10000, 10)
    for i, label in ipairs(labels) do one_hot[i][label] = 1 end
    local entropy = loss.per_example(function(scores, y)
        return logsumexp(scores) - dot(y, scores)
    end)
    return m, entropy(m, data.new{x = x, y = one_hot})
end))
epochs("mlp", network(function(x, labels)
    local m = model.mlp{784, 128, 10}
    return m, loss.cross_entropy(m, data.new{x = x, y = labels})
end))

-- L-BFGS until the gradient's largest component is `small`.
local function minimum(name, make, small)
    local r
    local function run(count)
        local L, start = make()
        for _ = 1, count do
            r = descend(L, optim.lbfgs{memory = 10}, {start = start})
            r:converge{steps = 100000, gradient = small}
        end
    end
    cases[name] = {
        prepare = make,
        run = run,
        value = function()
            run(1)
            return r.phi:slice(1, 3)
        end,
        count = function() return r.evaluations.gradients end,
    }
end
local rosenbrock = once(function()
    local start = ones(100)
    for i = 1, 100, 2 do start[i] = -1.2 end
    return {
        loss{
            parameters = {p = 100},
            value = function(q)
                local total = 0
                for i = 1, 99 do
                    total = total + 100*(q.p[i + 1] - q.p[i]^2)^2 + (1 - q.p[i])^2
                end
                return total
            end,
        },
        start,
    }
end)
minimum("minimum_rosenbrock", function() return table.unpack(rosenbrock()) end, 1e-9)
local logistic_50 = once(function()
    seed(1)
    local x = random.uniform(0, 1, 500000):reshape(10000, 50)
    local y = less(random.uniform(0, 1, 10000), 0.5)
    return 1e-4*loss.binary_cross_entropy(model.logistic(50), data.new{x = x, y = y})
end)
minimum("minimum_logistic", function() return logistic_50(), zeros(51) end, 1.4e-9)

for line in io.lines() do
    local verb, name, count = line:match("^(%S+) (%S+) ?(%d*)$")
    local case = cases[name]
    local ok, message = case ~= nil, "not among its cases"
    if case and not prepared[name] then
        ok, message = pcall(case.prepare)
        prepared[name] = ok
    end
    if not ok then
        print("missing " .. tostring(message):gsub("\n.*", ""))
    elseif verb == "run" then
        case.run(tonumber(count))
        print("ok")
    elseif verb == "count" then
        print("ok " .. case.count())
    else
        local values = case.value and case.value() or {}
        local words = {"ok"}
        for i = 1, #values do words[i + 1] = ("%.17g"):format(values[i]) end
        print(table.concat(words, " "))
    end
    io.stdout:flush()
end
