-- SPDX-License-Identifier: GPL-3.0-or-later
-- Data sets from Lua. What the C tests show already (numbers, quoting, memory) is not repeated.

local check = require "check"
local descent = require "descent"

local array, close, data = descent.array, descent.close, descent.data
local line = data.line12

-- The message alone; the place must be a line of this file.
local function refused(run)
    local fine, message = pcall(run)
    check.ok(not fine, "an error was expected")
    check.matches(message, "test_dataset%.lua:%d+: ")
    return (message:gsub("^.-test_dataset%.lua:%d+: ", ""))
end

-- Runs body(path) with a file of this content, and removes it.
local function with_file(text, body, ending)
    local path = os.tmpname()
    os.remove(path)
    path = path .. (ending or ".csv")
    if text then
        local file = assert(io.open(path, "wb"))
        file:write(text)
        file:close()
    end
    local fine, reason = xpcall(body, function(problem) return problem end, path)
    os.remove(path)
    if not fine then error(reason, 0) end
end

-- The error of data.read for this content; "F" stands for the path.
local function read_error(text, options)
    local message
    with_file(text, function(path)
        message = refused(function() data.read(path, options) end)
        message = message:gsub(path:gsub("%p", "%%%0"), "F")
    end)
    return message
end

check.test("built-in data are there once", function()
    check.equal(#line, 12)
    check.equal(#data.gabor30, 30)
    check.ok(rawequal(data.line12, line))
    check.ok(rawequal(data.gabor30, data.gabor30))
    check.equal(line.name, "line12")
    check.equal(line.names, { x = { "x" }, y = { "y" } })
    check.equal(line.inputs, 1)
    check.equal(line.outputs, 1)
    check.equal(line.classes, nil)
    check.equal(data.gabor30.x[2], -14.22)
end)

check.test("d.x and d.y are copies of one dimension", function()
    local x = line.x
    x[1] = 100
    check.equal(line.x[1], 0.03)
    check.equal(line.x.shape, { 12 })
    check.equal(line.y.shape, { 12 })
    check.equal(data.new { x = { { 1, 2 }, { 3, 4 } }, y = { 1, 2 } }.x.shape, { 2, 2 })
    check.equal(data.new { x = { { 1 }, { 2 } }, y = { { 1, 2 }, { 3, 4 } } }.y.shape, { 2, 2 })
    check.equal(data.new { x = { 1, 2 } }.y, nil)
end)

check.test("the namespace lists its names and suggests", function()
    local names = {}
    for name in pairs(data) do names[#names + 1] = name end
    table.sort(names)
    check.equal(names, { "gabor", "gabor30", "line", "line12", "new", "polynomial", "read",
        "spirals", "two_normals" })
    check.equal(refused(function() return data.line13 end),
        'data has no "line13"; did you mean data.line12?')
    check.equal(refused(function() return data.mnist end),
        'data has no "mnist"; help(data) lists what it has')
    check.equal(refused(function() return line.X1 end), 'a data set has no "X1"; did you mean x?')
    check.equal(refused(function() return line[1] end), "a data set cannot be indexed by a number")
end)

check.test("new", function()
    local d = data.new { x = { 1, 2, 3 }, y = array { 4, 5, 6 }, name = "mine" }
    check.equal(d.name, "mine")
    check.equal(d.x, array { 1, 2, 3 })
    d = data.new { x = { { 1, 2 }, { 3, 4 } }, y = { 5, 6 }, names = { "a", "b", "c" } }
    check.equal(d.names, { x = { "a", "b" }, y = { "c" } })
    d = data.new { x = { { 1, 2 }, { 3, 4 } }, y = { 5, 6 }, names = { "a", "b" } }
    check.equal(d.names, { x = { "a", "b" }, y = { "y" } })
    d = data.new { x = { 1, 2 }, y = { { 5, 6 }, { 7, 8 } }, names = { x = "t", y = { "u", "v" } } }
    check.equal(d.names, { x = { "t" }, y = { "u", "v" } })
end)

check.test("new refuses in one sentence", function()
    local function message(options) return refused(function() data.new(options) end) end
    check.equal(message {}, "data.new needs x: write data.new{x =, y =, weights =, classes =, "
        .. "name =, names =}")
    check.equal(message { x = { 1, 2 }, y = { 1 } }, "data.new: y has 1 row, and x has 2")
    check.equal(message { x = { 1, 0 / 0 }, y = { 1, 2 } },
        "x: row 2 is NaN; every number must be finite")
    check.equal(message { x = { { 1, 2 }, { 3, 1 / 0 } }, names = { "a", "b" } },
        "x: row 2, column 2 (b) is infinity; every number must be finite")
    check.equal(message { x = { 1, "2" } },
        "x[2] must be a number, not a string; write 2 without the quotes")
    check.equal(message { x = {} }, "x: a data set needs at least one example")
    check.equal(message { x = { 1 }, names = { "a", "b" } },
        "data.new: names has 2 names; x has 1 column, and y has 0")
    check.equal(message { x = { 1 }, names = { 5 } },
        "data.new: names[1] must be a string, not a number")
    check.equal(message { x = { 1 }, names = { z = "a" } },
        'data.new: names has x and y, and no "z"')
    check.equal(message { x = { 1 }, names = { x = { "a", "b" } } },
        "data.new: names.x has 2 names, and x has 1 column")
    check.contains(message { x = { 1 }, inputs = { 1 } }, 'has no option "inputs"; did you mean x?')
end)

check.test("head and take", function()
    check.equal(#line:head(), 5)
    check.equal(line:head(2).x, array { 0.03, 0.19 })
    check.equal(#line:head(100), 12)
    check.equal(line:take({ 12, 1, 1 }).y, array { 1.6, 0.67, 0.67 })
    check.equal(line:take(array { 2 }).x, array { 0.19 })
    check.equal(refused(function() line:take { 0 } end),
        "indices[1] is 0; the examples go from 1 to 12")
    check.equal(refused(function() line:take { 1, 13 } end),
        "indices[2] is 13; the examples go from 1 to 12")
    check.equal(refused(function() line:take { 1.5 } end), "indices[1] must be an integer, not 1.5")
    check.equal(refused(function() line:take {} end),
        "indices: no example is left; a data set needs at least one")
    check.equal(refused(function() line:head(0) end), "n must be an integer of at least 1, not 0")
end)

local houses = data.new {
    x = { { 60, 2 }, { 80, 3 }, { 100, 3 } }, y = { 90, 150, 170 },
    names = { "size", "beds", "price" },
}

check.test("filter sees numbers, or tables by number and name", function()
    check.equal(line:filter(function(x, y) return x > 1 and y < 1.6 end).x,
        array { 1.08, 1.18, 1.39 })
    check.equal(houses:filter(function(x) return x.beds == 3 and x[1] < 90 end).y, array { 150 })
    local seen = {}
    houses:filter(function(x, y, i)
        seen[i] = x.size + y
        return true
    end)
    check.equal(seen, { 150, 230, 270 })
    check.contains(refused(function() line:filter(function() end) end), "no example is left")
    check.equal(refused(function() line:filter(3) end),
        "d:filter(f): f must be a function, not a number")
    check.contains(refused(function() line:filter(function(x) return x.size > 1 end) end),
        "attempt to index a number value")
end)

check.test("with adds columns in the order of their names, and replaces", function()
    local d = line:with {
        square = function(x) return x^2 end, one = 1, again = line.x,
        cube = function(x) return x^3 end,
    }
    check.equal(d.names.x, { "x", "again", "cube", "one", "square" })
    check.equal(d.x[12], array { 1.9, 1.9, 1.9^3, 1, 1.9^2 })
    check.equal(line.inputs, 1)
    check.equal(line:with { x = 3 }.x, 3 * descent.ones(12))
    check.equal(line:with { y = function(x, y) return x + y end }.y, line.x + line.y)
    check.equal(houses:with { beds = function(x, y, i) return i + x.beds + y end }.x:col(2),
        array { 93, 155, 176 })
    check.equal(refused(function() line:with { a = function(x) return x > 1 end } end),
        "a must give a number for each example, and gave false for number 1")
    local function undefined(x) return (x - 0.19) / (x - 0.19) end
    check.equal(refused(function() line:with { a = undefined } end),
        "a: row 2 is NaN; every number must be finite")
    check.equal(refused(function() line:with { a = { 1, 2 } } end), "a must have 12 numbers, not 2")
    check.contains(refused(function() line:with {} end), "d:with needs at least one column")
    check.contains(refused(function() line:with { 1 } end), "d:with goes by name")
    check.contains(refused(function() line:with(1) end), "d:with takes columns by name")
end)

check.test("split is NumPy's permutation, cut in two", function()
    local order = { 3, 4, 5, 11, 2, 7, 1, 8, 12, 10, 9, 6 } -- RandomState(1).permutation(12) + 1
    local train, test = line:split(0.75, { seed = 1 })
    check.equal(train.x, line:take(table.move(order, 1, 9, 1, {})).x)
    check.equal(test.y, line:take(table.move(order, 10, 12, 1, {})).y)
    descent.seed(1)
    check.equal(line:split(0.75).x, train.x)
    check.different(line:split(0.75).x, train.x)
    check.equal(refused(function() line:split(80) end),
        "share: the share of the first part is between 0 and 1, not 80")
    check.equal(refused(function() line:split() end), "share must be a number, not nothing")
    check.contains(refused(function() line:split(0.5, { sed = 1 }) end), "did you mean seed?")
    check.contains(refused(function() line:head(1):split(0.5) end), "one example cannot be split")
end)

check.test("folds hold every example once as a test", function()
    local folds = line:folds(5, { seed = 5 })
    local order = { 8, 6, 3, 10, 12, 5, 9, 2, 1, 11, 7, 4 } -- RandomState(5).permutation(12) + 1
    local seen = {}
    for i, fold in ipairs(folds) do
        check.equal(#fold.train + #fold.test, 12)
        check.equal(#fold.test, i <= 2 and 3 or 2)
        for _, x in ipairs(fold.test.x) do seen[#seen + 1] = x end
    end
    check.equal(#folds, 5)
    check.equal(array(seen), line:take(order).x)
    check.equal(refused(function() line:folds(13) end),
        "k: 12 examples cannot be cut into 13 folds; k is from 2 to the number of examples")
    check.equal(refused(function() line:folds(1) end), "k must be an integer of at least 2, not 1")
end)

check.test("standardize and apply", function()
    local train, test = line:split(0.75, { seed = 1 })
    local s = train:standardize()
    local mean = train.x:mean()
    local deviation = math.sqrt(((train.x - mean)^2):mean())
    check.ok(close(s.x, (train.x - mean) / deviation, 1e-14))
    check.equal(s.y, train.y)
    check.ok(close(s:apply(test).x, (test.x - mean) / deviation, 1e-14))
    check.equal(s:apply(test).y, test.y)
    check.ok(close(train:standardize { y = true }.y:mean(), 0, 1e-14))
    check.contains(refused(function() train:apply(test) end), "this data set is not standardized")
    check.contains(refused(function() s:apply(s) end), "is standardized already")
    check.equal(refused(function() s:apply(houses) end),
        "data: the other data set has 2 input columns, and this one has 1")
    check.equal(refused(function() s:apply(3) end), "d must be a data set, not a number")
    check.equal(refused(function() line:standardize { y = 1 } end),
        "dataset:standardize: y must be true or false, not a number")
end)

-- A1: centring x takes the condition number of the Hessian from 12.53 to 2.88.
check.test("what standardizing is for", function()
    local function condition(x)
        local sum, squares = x:sum(), (x * x):sum()
        local values = descent.eigenvalues { { 2 * #x, 2 * sum }, { 2 * sum, 2 * squares } }
        return values[2] / values[1]
    end
    check.close(condition(line.x), 12.53, 5e-4)
    check.close(condition(line.x - line.x:mean()), 2.88, 2e-3)
    check.close(condition(line:standardize().x), 1, 1e-12)
end)

check.test("read chooses columns by name and by number", function()
    with_file("size,town,beds,price\n60,Rome,2,90\n80,Bonn,3,150\n", function(path)
        local d = data.read(path, { x = { "size", "beds" }, y = "price" })
        check.equal(d.x, array { { 60, 2 }, { 80, 3 } })
        check.equal(d.y, array { 90, 150 })
        check.equal(d.names, { x = { "size", "beds" }, y = { "price" } })
        check.equal(d.name, path:match("([^/]*)%.csv$"))
        check.equal(data.read(path, { x = { 3, "size" }, y = 4 }).x, array { { 2, 60 }, { 3, 80 } })
        check.equal(data.read(path, { x = "size" }).y, d.y)
        check.equal(data.read(path).names.x, { "size", "town=Bonn", "town=Rome", "beds" })
        check.equal(data.read(path).x, array { { 60, 0, 1, 2 }, { 80, 1, 0, 3 } })
        d = data.read(path, { y = "town" })
        check.equal(d.classes, { "Bonn", "Rome" })
        check.equal(d.y, array { 2, 1 })
        check.equal(data.read(path, { x = 1, y = false }).y, nil)
        check.equal(data.read(path, { x = 1, y = 3, classes = true }).classes, { "2", "3" })
    end)
end)

check.test("header and missing", function()
    with_file("1,2\n3,4\n5,?\n", function(path)
        check.equal(#data.read(path, { missing = "drop" }), 2)
        check.equal(#data.read(path, { missing = "drop", header = true }), 1)
        check.equal(data.read(path, { missing = "drop", header = true }).names.y, { "2" })
        check.equal(#data.read(path, { missing = "drop", header = false }), 2)
    end)
    with_file("1\ta\n2\tb\n", function(path)
        check.equal(data.read(path, { header = false }).classes, { "a", "b" })
    end, ".tsv")
end)

check.test("read says where and what in one sentence", function()
    check.equal(read_error("x,y\n1,2\n3\n"), "F:3:2: this row has 1 field, and line 1 has 2")
    check.equal(read_error("x,y\n1,2\n3,abc\n"),
        'F:3:2: "abc" in column "y" is not a number, as the rows above are')
    check.equal(read_error("x,y\n1,\n"), 'F:2:2: the empty field in column "y" is a missing value; '
        .. 'missing = "drop" leaves such rows out')
    check.equal(read_error("size,price\n1,2\n", { y = "pirce" }),
        'F:1: there is no column "pirce"; did you mean "price"?')
    check.equal(read_error("x,y\n1,2\n", { y = 3 }),
        "F:1: there is no column 3; columns go from 1 to 2")
    check.equal(read_error(""), "F: the file is empty")
    check.equal(read_error(nil), "F: cannot be opened: No such file or directory")
    check.equal(read_error("x,y\n1,\"2\n"),
        "F:2:2: the quote that opens this field is never closed")
    check.equal(read_error("a\0b"), "F:1:1: there is a zero byte, so this is no text file")
    check.matches(refused(function() data.read(".") end), "^%.: is a folder, not a file$")
    check.equal(refused(function() data.read() end), "path must be the name of a file, not nothing")
    check.equal(refused(function() data.read("f", { x = {} }) end), "data.read: x is an empty list")
    check.equal(refused(function() data.read("f", { x = true }) end),
        "data.read: x must be the name or number of a column, or a list of them, not true")
    check.equal(refused(function() data.read("f", { y = 0 }) end),
        "y must be an integer of at least 1, not 0")
    check.contains(refused(function() data.read("f", { missing = "skip" }) end),
        'data.read: missing must be "error" or "drop", not "skip"')
    check.contains(refused(function() data.read("f", { column = 1 }) end), 'has no option "column"')
end)

check.test("write gives back the same bits", function()
    with_file(nil, function(path)
        local x, y = descent.random.normal(50) / 3, descent.random.normal(50) * 1e300
        local d = data.new { x = x, y = y }
        d:write(path)
        local back = data.read(path)
        check.equal(back.x, d.x)
        check.equal(back.y, d.y)
        check.contains(refused(function() d:write(path .. "/f.csv") end),
            "cannot be written: Not a directory")
        check.equal(refused(function() d:write() end),
            "path must be the name of a file, not nothing")
        check.equal(#data.read(path), 50)
    end)
end)

check.test("write keeps to the formats that a name promises", function()
    for _, ending in ipairs { ".xlsx", ".xyz", ".csv.gz", ".json" } do
        check.contains(refused(function() line:write("/dev/null/f" .. ending) end),
            "data are written to .csv, .tsv, .txt, .npy and .npz; ", ending:match("%.%w+$"))
    end
    for _, name in ipairs { "f.CSV", "f.tab", "f.dat", "a.b/f", ".f", "f." } do
        check.contains(refused(function() line:write("/dev/null/" .. name) end),
            "Not a directory")
    end
end)

check.test("makers", function()
    local d = data.line { n = 1000, noise = 0, phi0 = -1, phi1 = 3, from = 2, to = 4, seed = 7 }
    check.ok(close(d.y, -1 + 3 * d.x, 1e-14))
    check.ok(d.x:min() >= 2 and d.x:max() < 4)
    check.equal(d.name, "line")
    d = data.gabor { noise = 0, envelope = 8 }
    local u = 0.06 * 16.6 * d.x
    check.ok(close(d.y, descent.sin(u) * descent.exp(-u^2 / 8), 1e-14))
    d = data.polynomial { noise = 0, coefficients = { 1, 0, 2 } }
    check.ok(close(d.y, 1 + 2 * d.x^2, 1e-14))
    check.equal(#data.line(), 30)
    descent.seed(4)
    local first = data.line().y
    check.different(data.line().y, first)
    check.equal(data.line { seed = 4 }.y, first)
    check.equal(refused(function() data.line { n = 0 } end),
        "data.line: n must be at least 1 and at most 100000000, not 0")
    check.equal(refused(function() data.line { noise = -1 } end),
        "data.line: noise must be at least 0, not -1")
    check.equal(refused(function() data.line { from = 3, to = 2 } end),
        "from: from = 3 must be less than to = 2")
    check.contains(refused(function() data.line { samples = 3 } end), "did you mean n?")
    check.equal(refused(function() data.polynomial { coefficients = {} } end),
        "coefficients: at least one is needed")
end)

check.test("the courses' two normals", function()
    local d = data.two_normals { n = 20, seed = 1 }
    check.close((d.x * (0.5 - d.y)):sum(), -9.637763, 1e-6)
    check.equal(d.y, array { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 })
end)

check.test("printing", function()
    check.equal(tostring(line), [[
line12: 12 examples
        x     y
  1  0.03  0.67
  2  0.19  0.85
  3  0.34  1.05
  4  0.46  1
  5  0.78  1.4
  6  0.81  1.5
...
min  0.03  0.67
max  1.9   1.73]])
    check.equal(tostring(houses), [[
data: 3 examples, 2 inputs, 1 output
     size  beds  price
  1    60     2     90
  2    80     3    150
  3   100     3    170
min    60     2     90
max   100     3    170]])
    with_file("long\tname\xC3\xA9,\"k\nd\"\n1,pear\n-2.5,apple\n3e10,pear\n", function(path)
        check.equal((tostring(data.read(path)):gsub("^[^:]*", "f")), [[
f: 3 examples, 1 input, 2 classes
     long nameé  k d
  1       1      pear
  2      -2.5    apple
  3       3e+10  pear
min      -2.5
max       3e+10
k d: apple 1, pear 2]])
    end)
end)

check.test("printing fits the width", function()
    local show = require "descent.show"
    local terminal = require "descent.terminal"
    local wide = data.new {
        x = descent.random.normal(40 * 100):reshape(40, 100),
        y = descent.random.normal(40 * 9):reshape(40, 9),
        name = ("long name "):rep(20),
    }
    for _, width in ipairs { 20, 40, 80, 200 } do
        local text = show.value(wide, { width = width })
        for row in text:gmatch("[^\n]+") do
            check.ok(terminal.width(row) <= width, row)
        end
        check.contains(text, "y9")
        check.contains(text, "...")
        local _, lines = text:gsub("\n", "")
        check.ok(lines <= 20)
    end
    check.equal(show.value { train = line }, "{train = line12: 12 examples}")
end)

check.test("data sets are freed with their last reference", function()
    for _ = 1, 50 do
        local big = data.new { x = descent.zeros(200000) }
        check.equal(#big:with { a = 1 }, 200000)
    end
    collectgarbage()
end)
