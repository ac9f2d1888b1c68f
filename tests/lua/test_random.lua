-- SPDX-License-Identifier: GPL-3.0-or-later
-- Random numbers. Expected values are NumPy's: RandomState(3).uniform() and so on, in this order;
-- those of randint, permutation and choice plus 1.

local check = require "check"
local descent = require "descent"

local random, seed = descent.random, descent.seed

-- The message alone; the place must be a line of this file.
local function refused(run)
    local fine, message = pcall(run)
    check.ok(not fine, "an error was expected")
    check.matches(message, "test_random%.lua:%d+: ")
    return (message:gsub("^.-test_random%.lua:%d+: ", ""))
end

check.test("the global generator begins at seed 0", function()
    check.equal(random.uniform(), 0.5488135039273248)
    check.equal(random.normal(), 0.7415917408091613)
end)

check.test("the sequence of numpy.random.RandomState(3)", function()
    seed(3)
    check.equal(random.uniform(), 0.5507979025745755)
    check.equal(random.uniform(-1, 1, 3):table(),
        { 0.41629564523620965, -0.41819052217411135, 0.02165521039532603 })
    check.close(random.normal(), -0.27738820251439905, 1e-15)
    check.close(random.normal(10, 2, 3), { 9.290482041462026, 9.83451703703508, 8.745998646352305 },
        1e-15)
    check.close(random.normal(10, 2), 9.912363662048143, 1e-15)
    check.equal(random.integer(6), 1)
    check.equal(random.integer(-5, 5, 8):table(), { 5, -4, 5, 1, -3, -3, -4, -2 })
    check.equal(random.integer(0, 2^40 - 1), 387660537413)
    check.equal(random.integer(-2^52, 2^52 - 1, 2):table(),
        { -4191989377265042, -3810489472312931 })
    check.equal(random.integer(7, 7, 2):table(), { 7, 7 })
    check.equal(random.permutation(8):table(), { 5, 8, 2, 6, 7, 4, 1, 3 })
    check.equal(random.choice(9), 1)
    check.equal(random.choice(9, 5):table(), { 6, 5, 2, 6, 5 })
    check.equal(random.choice(9, 4, { replace = false }):table(), { 4, 5, 6, 3 })
    check.equal(random.uniform(), 0.42470160940451174)
end)

check.test("the order of seed 42 is the courses', counted from 1", function()
    seed(42)
    check.equal(random.permutation(30):table(), { 28, 16, 24, 18, 9, 10, 29, 25, 13, 1, 5, 17, 6,
        14, 12, 23, 2, 3, 26, 4, 22, 27, 19, 30, 21, 8, 11, 15, 20, 7 })
end)

check.test("how many there are and of what kind", function()
    check.equal(math.type(random.integer(3)), "integer")
    check.equal(math.type(random.choice(3)), "integer")
    check.equal(#random.uniform(0), 0)
    check.equal(#random.normal(5), 5)
    check.equal(#random.uniform(2, 3, 7), 7)
    check.equal(#random.permutation(0), 0)
    check.equal(random.permutation(1):table(), { 1 })
    for _ = 1, 100 do
        local number = random.uniform(5, 6)
        check.ok(number >= 5 and number < 6)
    end
end)

check.test("choice takes tables, arrays and numbers", function()
    seed(1)
    local words = { "a", "b", "c" }
    local chosen = random.choice(words, 200)
    local count = { a = 0, b = 0, c = 0 }
    for _, word in ipairs(chosen) do count[word] = count[word] + 1 end
    check.equal(count.a + count.b + count.c, 200)
    check.ok(count.a > 40 and count.b > 40 and count.c > 40)
    local all = random.choice(words, 3, { replace = false })
    table.sort(all)
    check.equal(all, words)
    check.equal(random.choice { "only" }, "only")
    check.equal(random.choice(descent.array { 2.5 }), 2.5)
    check.equal(random.choice(descent.array { 2.5 }, 2), descent.array { 2.5, 2.5 })
end)

check.test("wrong arguments are refused in one sentence", function()
    check.equal(refused(function() random.uniform("3") end),
        "n must be an integer, not a string; write 3 without the quotes")
    check.equal(refused(function() random.uniform(2.5) end), "n must be an integer, not 2.5")
    check.equal(refused(function() random.uniform(0, 1, -1) end),
        "n must be an integer of at least 0, not -1")
    check.equal(refused(function() random.uniform(0, 1 / 0) end),
        "b must be a finite number, not inf")
    check.equal(refused(function() random.uniform(-1e308, 1e308) end), "a and b are too far apart")
    check.equal(refused(function() random.normal(0, -1) end), "sigma must be at least 0, not -1")
    check.equal(refused(function() random.normal(1, 2, 3, 4) end),
        "random.normal: at most 3 arguments, not 4: random.normal(), (n), (mean, sigma) or "
        .. "(mean, sigma, n)")
    check.equal(refused(function() random.integer() end), "b must be an integer, not nothing")
    check.equal(refused(function() random.integer(0) end),
        "b must be an integer from 1 to 9007199254740992, not 0")
    check.equal(refused(function() random.integer(5, 1) end),
        "b must be an integer from 5 to 9007199254740992, not 1")
    check.equal(refused(function() random.permutation { 1, 2 } end),
        "n must be an integer, not a table")
    check.equal(refused(function() random.choice {} end), "random.choice: the list is empty")
    check.equal(refused(function() random.choice(descent.zeros(2, 2)) end),
        "random.choice: an array to choose from has one dimension")
    check.equal(refused(function() random.choice("abc") end),
        "random.choice: the list must be a table, an array or a number, not a string")
    check.equal(refused(function() random.choice({ 1, 2 }, 3, { replace = false }) end),
        "random.choice: 3 cannot be chosen from 2 without replacement")
    check.contains(refused(function() random.choice({ 1, 2 }, 3, { replce = false }) end),
        'has no option "replce"; did you mean replace?')
    check.equal(refused(function() seed(-1) end),
        "n must be an integer from 0 to 4294967295, not -1")
    check.equal(refused(function() seed() end), "n must be an integer, not nothing")
    check.equal(refused(function() return random.randn end),
        'random has no "randn"; did you mean random.normal?')
end)

check.test("too many numbers for the memory is an error", function()
    check.contains(refused(function() random.normal(2^61) end), "not enough memory")
    check.ok(not pcall(random.permutation, 2^61))
end)

check.test("the names of a namespace", function()
    local names = {}
    for name in pairs(random) do names[#names + 1] = name end
    table.sort(names)
    check.equal(names, { "choice", "integer", "normal", "permutation", "uniform" })
end)
