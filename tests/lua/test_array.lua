-- SPDX-License-Identifier: GPL-3.0-or-later
-- Arrays: what language.md, section 2, promises. Numbers are worked by hand or NumPy's.

local check = require "check"
local core = require "descent.core"
local show_array = require "descent.show.array"

local array, zeros, ones, eye, linspace = core.array, core.zeros, core.ones, core.eye, core.linspace
local matmul, dot, close = core.matmul, core.dot, core.close
local nan, inf = 0/0, math.huge

local function same(a, b, message) check.equal(a:table(), b, message) end

-- --- making ---

check.test("array{...} takes numbers, rows, arrays", function()
    same(array{1, 2.5, -3}, {1, 2.5, -3})
    same(array{{1, 2}, {3, 4}}, {{1, 2}, {3, 4}})
    same(array{}, {})
    local a = array{1, 2}
    local b = array(a)
    b[1] = 9
    same(a, {1, 2}, "a copy")
    same(array{a, {3, 4}, linspace(5, 6, 2)}, {{1, 2}, {3, 4}, {5, 6}})
    check.equal(array{{1, 2}, {3, 4}}, array{{1, 2}, {3, 4}})
end)

check.test("what is no array is refused with its place", function()
    check.raises(function() array{1, 2, "x"} end, "array[3] must be a number, not a string")
    check.raises(function() array{1, "2"} end, "array[2]", "without the quotes")
    check.raises(function() array{{1, 2}, {3}} end, "row 2 has 1 number, row 1 has 2")
    check.raises(function() array{{1, 2}, {3, {}}} end, "array[2][2] must be a number, not a table")
    check.raises(function() array{{1, 2}, 3} end, "array[2] must be a row of numbers, not a number")
    check.raises(function() array{1, {2}} end, "array[2] must be a number, not a table")
    check.raises(function() array{1, nil, 3, nil} end, "array")
    check.raises(function() array{x = 1} end, "\"x\"")
    check.raises(function() array(5) end, "must be an array or a table of numbers, not a number")
    check.raises(function() array() end, "not nothing")
    check.raises(function() array{{{1}}} end, "array[1][1] must be a number, not a table")
end)

check.test("errors name the user's line", function()
    local line = debug.getinfo(1, "l").currentline + 1
    local message = check.raises(function() array{1, "x"} end)
    check.contains(message, ("test_array.lua:%d: "):format(line))
end)

check.test("zeros, ones, eye, linspace", function()
    same(zeros(3), {0, 0, 0})
    same(zeros(2, 3), {{0, 0, 0}, {0, 0, 0}})
    same(zeros(1, 1), {{0}})
    same(ones(2), {1, 1})
    same(ones(1, 2), {{1, 1}})
    same(eye(3), {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}})
    same(eye(1e0), {{1}})
    same(linspace(0, 1, 5), {0, 0.25, 0.5, 0.75, 1})
    same(linspace(3, -3, 3), {3, 0, -3})
    same(linspace(2, 5, 1), {2})
    local fine = linspace(0, 0.7, 8) -- numpy.linspace(0, 0.7, 8)
    check.equal(fine[8], 0.7)
    check.close(fine, {0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7}, 1e-16)
    check.equal(#zeros(0), 0)
    check.equal(zeros(0, 3).shape, {0, 3})
end)

check.test("sizes are checked", function()
    check.raises(function() zeros(-1) end, "rows must be an integer of at least 0, not -1")
    check.raises(function() zeros(2, 1.5) end, "cols must be an integer, not 1.5")
    check.raises(function() zeros("3") end, "rows must be an integer, not a string")
    check.raises(function() zeros() end, "rows must be an integer, not nothing")
    check.raises(function() linspace(0, 1, 0) end, "n must be an integer of at least 1, not 0")
    check.raises(function() linspace(0, inf, 3) end, "b must be a finite number")
    check.raises(function() zeros(1e9, 1e9) end, "not enough memory")
    check.raises(function() zeros(math.maxinteger, math.maxinteger) end, "not enough memory")
    check.raises(function() eye(math.maxinteger) end, "not enough memory")
end)

-- --- elements ---

check.test("reading and writing elements", function()
    local v, m = array{10, 20, 30}, array{{1, 2, 3}, {4, 5, 6}}
    check.equal(v[2], 20.0)
    check.equal(v[2.0], 20.0)
    check.equal(v(3), 30.0)
    check.equal(m[2][3], 6.0)
    check.equal(m(2, 3), 6.0)
    v[1] = -1
    m[1][2] = 7
    same(v, {-1, 20, 30})
    same(m, {{1, 7, 3}, {4, 5, 6}})
    m[2] = {7, 8, 9}
    m[1] = 0
    same(m, {{0, 0, 0}, {7, 8, 9}})
    m[1] = m[2]
    m[2] = m[2]
    same(m, {{7, 8, 9}, {7, 8, 9}})
    v[1] = inf
    check.equal(v[1], inf)
end)

check.test("places outside are errors", function()
    local v, m = array{10, 20, 30}, array{{1, 2, 3}, {4, 5, 6}}
    check.raises(function() return v[0] end, "index 0 is outside 1..3")
    check.raises(function() return v[4] end, "index 4 is outside 1..3")
    check.raises(function() return v[-1] end, "index -1 is outside 1..3")
    check.raises(function() return v[1.5] end, "the index must be an integer, not 1.5")
    check.raises(function() return m[3] end, "row 3 is outside 1..2")
    check.raises(function() return m[1][4] end, "index 4 is outside 1..3")
    check.raises(function() return m(1, 4) end, "column 4 is outside 1..3")
    check.raises(function() return m(3, 1) end, "row 3 is outside 1..2")
    check.raises(function() return v(1, 1) end, "takes one index")
    check.raises(function() return m("a", 1) end, "the row must be an integer, not a string")
    check.raises(function() return m() end, "the row must be an integer, not nothing")
    check.raises(function() v[4] = 1 end, "index 4 is outside 1..3")
    check.raises(function() v[1] = "x" end, "an element must be a number, not a string")
    check.raises(function() v[1] = {1, 2} end, "an element must be a number, not a table")
    check.raises(function() v[1] = nil end, "an element must be a number, not nothing")
    check.raises(function() m[1] = {1, 2} end, "the row must have 3 numbers, not 2")
    check.raises(function() v.rows = 3 end, "rows")
    check.raises(function() return zeros(0)[1] end, "the array is empty")
    check.raises(function() return v[nil] end, "cannot be indexed by nothing")
    check.raises(function() return v.sums end, "did you mean sum?")
    check.raises(function() return v.transpose end, "did you mean t?")
    check.raises(function() return v[math.maxinteger] end, "outside")
    check.raises(function() return v[1e300] end, "integer")
    check.raises(function() return v[nan] end, "integer")
end)

check.test("a row is a view that keeps its matrix alive", function()
    local rows = {}
    for i = 1, 200 do
        local m = zeros(40, 50)
        m[7] = i
        rows[i] = m[7]
    end
    collectgarbage()
    collectgarbage()
    for i = 1, 200 do
        check.equal(rows[i][1], i + 0.0)
        check.equal(rows[i]:sum(), i * 50.0)
        rows[i][50] = -1
    end
    local m = eye(2)
    local row = m[1]
    row[2] = 5
    same(m, {{1, 5}, {0, 1}})
end)

check.test("size, rows, cols, shape", function()
    local v, m = array{1, 2, 3}, zeros(2, 5)
    check.equal({#v, v.rows, v.cols}, {3, 3, 1})
    check.equal(v.shape, {3})
    check.equal({#m, m.rows, m.cols}, {2, 2, 5})
    check.equal(m.shape, {2, 5})
    check.equal(m[1].shape, {5})
    check.equal(math.type(#v), "integer")
end)

check.test("ipairs and pairs stop at the end", function()
    local seen = {}
    for i, x in ipairs(array{5, 6, 7}) do seen[#seen + 1] = i .. ":" .. x end
    check.equal(table.concat(seen, " "), "1:5.0 2:6.0 3:7.0")
    seen = {}
    for i, row in pairs(array{{1, 2}, {3, 4}}) do seen[i] = row:sum() end
    check.equal(seen, {3, 7})
    for _ in ipairs(zeros(0)) do check.fail("nothing to see") end
    for _ in pairs(zeros(0)) do check.fail("nothing to see") end
    local v = array{1, 2}
    for i in ipairs(v) do -- nested, and inside a coroutine
        local inner = coroutine.wrap(function() for j in ipairs(v) do coroutine.yield(j) end end)
        check.equal({inner(), inner(), inner()}, {1, 2})
        check.ok(i <= 2)
        check.raises(function() return v[3] end, "outside") -- outside of ipairs, in spite of it
    end
    check.equal({table.unpack(v)}, {1, 2})
end)

-- --- arithmetic ---

check.test("arithmetic is elementwise", function()
    local a, b = array{1, 2, 3}, array{4, 5, 6}
    same(a + b, {5, 7, 9})
    same(a - b, {-3, -3, -3})
    same(a * b, {4, 10, 18})
    same(b / a, {4, 2.5, 2})
    same(a ^ 2, {1, 4, 9})
    same(2 ^ a, {2, 4, 8})
    same(-a, {-1, -2, -3})
    same(1 - a, {0, -1, -2})
    same(a + {10, 20, 30}, {11, 22, 33})
    same({10, 20, 30} - a, {9, 18, 27})
    same(10 / array{{1, 2}, {4, 5}}, {{10, 5}, {2.5, 2}})
    same(a, {1, 2, 3}, "the operands stay")
    check.equal((array{1} / array{0})[1], inf)
    check.equal((array{4} ^ 0.5)[1], 2.0)
end)

check.test("rows and columns stretch", function()
    local m = array{{1, 2, 3}, {4, 5, 6}}
    same(m + array{10, 20, 30}, {{11, 22, 33}, {14, 25, 36}})
    same({10, 20, 30} + m, {{11, 22, 33}, {14, 25, 36}})
    same(m * array{{1}, {-1}}, {{1, 2, 3}, {-4, -5, -6}})
    same(m - m:mean(2):reshape(2, 1), {{-1, 0, 1}, {-1, 0, 1}})
    same(array{1, 2}:reshape(2, 1) + array{10, 20}, {{11, 21}, {12, 22}})
    same(m - array{{1, 1, 1}}, {{0, 1, 2}, {3, 4, 5}})
    check.raises(function() return m + array{1, 2} end, "2×3 and 2 do not fit", "reshape(2, 1)")
    check.raises(function() return m + eye(2) end, "2×3 and 2×2 do not fit")
    check.raises(function() return array{1, 2} * {1, 2, 3} end, "2 and 3 do not fit")
end)

check.test("operands that are no numbers", function()
    local a = array{1, 2}
    check.raises(function() return a + "3" end, "+ takes numbers", "not a string",
        "without the quotes")
    check.raises(function() return nil * a end, "* takes", "not nothing")
    check.raises(function() return a / {1, "x"} end, "the table[2] must be a number")
    check.raises(function() return a ^ print end, "^ takes", "not a function")
    check.raises(function() return a < 3 end, "greater(a, b)")
    check.raises(function() return a >= a end, "greater(a, b)")
    check.equal("a is " .. array{1, 2}:copy(), "a is 1  2")
end)

check.test("equality and closeness", function()
    check.ok(array{1, 2} == array{1, 2})
    check.ok(array{1, 2} ~= array{1, 3})
    check.ok(array{1, 2} ~= array{{1, 2}})
    check.ok(array{nan} ~= array{nan})
    check.ok(array{1} ~= 1)
    check.ok(close(array{1, 2}, {1, 2 + 1e-12}))
    check.ok(not close(array{1, 2}, {1, 2 + 1e-6}))
    check.ok(close({1, 2}, {1, 2.1}, 0.11))
    check.ok(not close({1, 2}, {1, 2.1}, 0.09))
    check.ok(not close({1, 2}, {1, 2, 3}, 10))
    check.ok(close({1, 1.05}, 1, 0.1))
    check.ok(not close(1, {1, 1.05}, 0.01))
    check.ok(close(0.1 + 0.2, 0.3))
    check.ok(close(1e12, 1e12 + 1))
    check.ok(not close(nan, nan))
    check.ok(close(inf, inf) and not close(inf, -inf))
    check.raises(function() close(1, 2, -1) end, "tolerance must be at least 0, not -1")
    check.raises(function() close(1, "x") end, "close takes numbers")
end)

-- --- products ---

check.test("matmul and dot", function()
    local A = array{{1, 2, 3}, {4, 5, 6}}
    same(matmul(A, A:t()), {{14, 32}, {32, 77}})
    same(matmul(A, {1, 10, 100}), {321, 654})
    same(matmul({1, 10}, A), {41, 52, 63})
    same(matmul(array{{1}, {2}}, 3), {3, 6})
    check.equal(matmul({1, 2}, {3, 4}), 11.0)
    check.equal(dot({1, 2, 3}, {4, 5, 6}), 32.0)
    check.equal(dot(array{{1, 2}}, array{{3, 4}}), 11.0)
    check.equal(dot(2, 3), 6.0)
    same(dot(A, {1, 10, 100}), {321, 654})
    check.raises(function() matmul(A, A) end, "the first has 3 columns, the second 2 rows")
    check.raises(function() dot({1, 2}, {1, 2, 3}) end, "dot: vectors of 2 and 3 numbers")
    check.raises(function() matmul(A, "x") end, "matmul takes numbers, arrays")
end)

-- --- methods ---

check.test("reductions", function()
    local m = array{{1, -2, 3}, {4, 5, -6}}
    check.equal({m:sum(), m:prod(), m:mean(), m:min(), m:max()}, {5, 720, 5/6, -6, 5})
    same(m:sum(1), {5, 3, -3})
    same(m:sum(2), {2, 3})
    same(m:prod(1), {4, -10, -18})
    same(m:mean(1), {2.5, 1.5, -1.5})
    same(m:min(2), {-2, -6})
    same(m:max(1), {4, 5, 3})
    check.equal(array{1, 2, 4}:sum(1), 7.0)
    check.equal(array{3, -4}:norm(), 5.0)
    check.close(m:norm(), math.sqrt(91), 1e-15)
    check.equal(zeros(0):sum(), 0.0)
    check.raises(function() zeros(0):max() end, "max: the array is empty")
    check.raises(function() zeros(0):mean() end, "mean: the array is empty")
    check.raises(function() m:sum(3) end, "axis must be an integer from 1 to 2, not 3")
    check.raises(function() array{1}:sum(2) end, "axis 1 only, not 2")
    check.raises(function() m.sum() end, "colon")
    local smallest = array{1, nan, 0}:min()
    check.ok(smallest ~= smallest)
end)

check.test("rows, columns, slices, shapes", function()
    local m = array{{1, 2}, {3, 4}, {5, 6}}
    same(m:row(2), {3, 4})
    same(m:col(2), {2, 4, 6})
    same(m:slice(2, 3), {{3, 4}, {5, 6}})
    same(m:slice(3), {{5, 6}})
    same(array{1, 2, 3, 4}:slice(2, 3), {2, 3})
    same(m:t(), {{1, 3, 5}, {2, 4, 6}})
    same(array{1, 2}:t(), {1, 2})
    same(m:reshape(2, 3), {{1, 2, 3}, {4, 5, 6}})
    same(m:reshape(6), {1, 2, 3, 4, 5, 6})
    local row = m:row(1)
    row[1] = 100
    check.equal(m[1][1], 1.0, "a copy")
    local part = m:slice(1, 1)
    part[1][1] = 100
    check.equal(m[1][1], 1.0, "a copy")
    check.raises(function() m:row(4) end, "row 4 is outside 1..3")
    check.raises(function() m:col(0) end, "column 0 is outside 1..2")
    check.raises(function() array{1}:col(1) end, "no columns")
    check.raises(function() m:slice(3, 2) end, "from 3 to 2 is backwards")
    check.raises(function() m:slice(2, 4) end, "row 4 is outside 1..3")
    check.raises(function() m:reshape(4, 2) end, "3×2 numbers do not make 4×2")
end)

check.test("map, table, copy", function()
    local m = array{{1, 2}, {3, 4}}
    same(m:map(function(x) return x^2 end), {{1, 4}, {9, 16}})
    same(array{1, 10}:map(math.log), {0, math.log(10)})
    same(m:map(function() return 1 end), {{1, 1}, {1, 1}})
    check.equal(m:table(), {{1, 2}, {3, 4}})
    check.equal(math.type(m:table()[1][1]), "float")
    local c = m:copy()
    c[1][1] = 0
    check.equal(m[1][1], 1.0)
    check.raises(function() m:map(function(x) if x < 3 then return x end end) end,
        "map: the function must return a number, not nothing (of element 3)")
    check.raises(function() m:map(3) end, "map: needs a function")
    check.raises(function() m:map(function() error("mine", 0) end) end, "mine")
end)

-- --- linear algebra ---

check.test("solve, inverse, eigenvalues, determinant, trace", function()
    local solve, inverse, eigenvalues = core.solve, core.inverse, core.eigenvalues
    check.close(solve({{4, -2, 1}, {-2, 4, -2}, {1, -2, 4}}, {11, -16, 17}), {1, -2, 3}, 1e-14)
    check.close(solve({{0, 2, 1}, {1, 1, 0}, {3, -1, 2}}, {3, 2, 5}), {1.125, 0.875, 1.25}, 1e-14)
    check.close(inverse{{4, 7}, {2, 6}}, array{{0.6, -0.7}, {-0.2, 0.4}}, 1e-15)
    check.close(eigenvalues{{2, -1, 0, 0}, {-1, 2, -1, 0}, {0, -1, 2, -1}, {0, 0, -1, 2}},
        {0.3819660112501051, 1.381966011250105, 2.618033988749895, 3.618033988749895}, 1e-14)
    check.close(core.determinant{{0, 2, 1}, {1, 1, 0}, {3, -1, 2}}, -8, 1e-14)
    check.equal(core.trace{{1, 2}, {3, 4}}, 5.0)

    -- The normal equations of the course's line through 12 points, against least squares itself.
    local x = array{0.03, 0.19, 0.34, 0.46, 0.78, 0.81, 1.08, 1.18, 1.39, 1.60, 1.65, 1.90}
    local y = array{0.67, 0.85, 1.05, 1.0, 1.40, 1.5, 1.3, 1.54, 1.55, 1.68, 1.73, 1.6}
    local X = ones(12, 2)
    for i = 1, 12 do X[i][2] = x[i] end
    local phi = solve(X, y)
    check.close(phi, solve(matmul(X:t(), X), matmul(X:t(), y)), 1e-13)
    local residual = y - matmul(X, phi)
    check.close(matmul(X:t(), residual), {0, 0}, 1e-13) -- orthogonal to both columns

    check.raises(function() solve({{1, 2}, {2, 4}}, {1, 2}) end, "solve: A is singular")
    check.raises(function() inverse{{1, 2}, {2, 4}} end, "has no inverse")
    check.raises(function() solve(eye(2), {1, 2, 3}) end, "b has 3 rows where A has 2")
    check.raises(function() solve({{1, nan}, {1, 2}}, {1, 2}) end, "A[1][2] is nan")
    check.raises(function() eigenvalues{{1, 2}, {3, 4}} end, "not symmetric")
    check.raises(function() core.determinant{{1, 2}} end, "square")
    check.raises(function() core.trace{1, 2} end, "square")
end)

-- --- printing ---

check.test("numbers in arrays have seven digits", function()
    check.equal(tostring(array{1/3, 1e-5, 1e10, 123456.789, -0.0}),
        "0.3333333  1e-05  1e+10  123456.8  0")
    check.equal(tostring(array{nan, inf, -inf}), "nan  inf  -inf")
    check.equal(tostring(array{-21.904, -26.84044}), "-21.904  -26.84044")
    check.equal(tostring(zeros(0)), "(empty)")
    check.equal(tostring(zeros(0, 2)), "(empty, 0×2)")
end)

check.test("columns are aligned at the point", function()
    check.equal(tostring(array{{1, 2.5}, {-3.25, 400}}), " 1       2.5\n-3.25  400")
    check.equal(tostring(array{{nan, 10}, {0.5, inf}}), "nan     10\n  0.5  inf")
    check.equal(tostring(array{{7}}), "7")
end)

-- Every line fits, none ends in a space, and the numbers shown are where they belong.
local function check_layout(value, width, rows)
    local text = show_array(value, {width = width, rows = rows})
    local lines = {}
    for line in (text .. "\n"):gmatch("(.-)\n") do
        check.ok(utf8.len(line) <= width, ("too wide for %d: %q"):format(width, line))
        check.ok(not line:find(" $"), "a space at the end")
        lines[#lines + 1] = line
    end
    return text, lines
end

check.test("a list that does not fit becomes a grid, a long one is cut", function()
    local _, lines = check_layout(linspace(0, 1, 30), 80)
    check.equal(#lines, 5)
    local numbers = {}
    for _, line in ipairs(lines) do
        for word in line:gmatch("%S+") do numbers[#numbers + 1] = tonumber(word) end
    end
    check.close(numbers, linspace(0, 1, 30):table(), 1e-7)

    local long = linspace(-1, 2, 100000)
    long[3], long[100000] = nan, inf
    local text
    text, lines = check_layout(long, 80)
    check.ok(#lines <= 30)
    check.equal(lines[#lines], "100000 numbers  min -1  max inf  1 nan")
    check.equal(lines[4], "...")
    check.equal(lines[1]:match("%S+"), "-1")
    check.equal(lines[#lines - 1]:match("%S+$"), "inf")
    check.contains(text, "nan")
end)

check.test("a matrix that is too large shows its corners", function()
    local m = zeros(1000, 1000)
    for i = 1, 1000 do m[i] = linspace(i, -i, 1000) end
    local _, lines = check_layout(m, 80)
    check.equal(lines[#lines], "1000×1000  min -1000  max 1000")
    check.ok(#lines <= 30)
    check.equal(lines[1]:match("^%s*(%S+)"), "1")
    check.equal(lines[1]:match("(%S+)$"), "-1")
    check.equal(lines[#lines - 1]:match("(%S+)$"), "-1000")
    check.contains(lines[1], "...")
    check.equal(select(2, check_layout(ones(13, 2), 80))[7], "...")
    check.equal(#select(2, check_layout(ones(12, 2), 80)), 12)
end)

check.test("every shape fits every width", function()
    for _, count in ipairs{1, 2, 3, 7, 12, 13, 40, 100, 1000} do
        for _, width in ipairs{60, 80, 132} do
            local v = linspace(-1e-7, 12345.678, count)
            local _, lines = check_layout(v, width)
            check.ok(#lines <= 30)
            check_layout(v:reshape(1, count), width)
            check_layout(v:reshape(count, 1), width, 20)
            if count % 4 == 0 then check_layout(v:reshape(4, count // 4), width) end
        end
    end
end)

check.test("a million numbers print on one screen", function()
    local v = linspace(0, 1, 1000000)
    local text = show_array(v, {width = 80})
    check.ok(select(2, text:gsub("\n", "\n")) < 30)
end)

-- --- memory ---

local held = core.types.array.held

check.test("arrays that nobody uses are given back in time", function()
    local a = linspace(0, 1, 500000) -- 4 MB
    for i = 1, 5 do a = a + i end
    local before, most = held(), 0
    for i = 1, 200 do
        local _ = (a * i):copy() -- kept by nobody
        most = math.max(most, held())
    end
    check.ok(most - before < 40e6, ("grew by %d bytes"):format(most - before))
end)
