-- SPDX-License-Identifier: GPL-3.0-or-later
-- NumPy's files, both ways: what it writes is read, what is written it reads. What NumPy itself is
-- needed for is skipped aloud where there is none.

local check = require "check"
local descent = require "descent"

local array, data = descent.array, descent.data
local folder = os.tmpname()
os.remove(folder)
assert(os.execute("mkdir " .. folder))
local function at(name) return folder .. "/" .. name end

local function contents(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read("a")
    file:close()
    return text
end

local function put(path, text)
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
    return path
end

local function message(path, options)
    local fine, text = pcall(data.read, path, options)
    check.ok(not fine, "an error was expected")
    return (text:gsub("^.-%.lua:%d+: ", ""):gsub(folder:gsub("%p", "%%%0") .. "/", ""))
end

local words = data.new{ x = { { 60, "Bonn" }, { 80, "Rome" }, { 70, "Bonn" } },
    y = { "no", "é", "no" }, weights = { 1, 2, 0.5 }, names = { "size", "town", "buy" } }

check.test("written and read again: the same to the last bit", function()
    local sets = { data.line12, words, data.new{ x = { 1 / 3, 2e-308, -0.0 } },
        data.new{ x = { { 1, 2 }, { 3, 4 } }, y = { { 5, 6, 7 }, { 8, 9, 10 } } } }
    for i, d in ipairs(sets) do
        local path = at("set" .. i .. ".npz")
        d:write(path)
        local again = data.read(path)
        check.equal(again.x, d.x)
        check.equal(again.y, d.y)
        check.equal(again.weights, d.weights)
        check.equal(again.classes, d.classes)
        check.equal(again.names, d.names)
        check.equal(again.name, "set" .. i)
    end
    data.line12:write(at "line.npy")
    check.equal(data.read(at "line.npy").x, data.line12.x)
    check.equal(data.read(at "line.npy").y, data.line12.y)
    check.raises(function() words:write(at "words.npy") end, "without weights")
end)

check.test("a file that is cut off or changed is refused, and nothing is half-loaded", function()
    words:write(at "whole.npz")
    local whole = contents(at "whole.npz")
    for length = 0, #whole - 1, 7 do
        put(at "cut.npz", whole:sub(1, length))
        check.contains(message(at "cut.npz"), "cut.npz: ")
    end
    -- Every byte is under a checksum, or its change is refused or does no harm.
    for place = 1, #whole, 11 do
        local changed = whole:sub(1, place - 1) .. string.char(whole:byte(place) ~ 0x55)
            .. whole:sub(place + 1)
        put(at "changed.npz", changed)
        local fine, d = pcall(data.read, at "changed.npz")
        if fine then check.equal(d.x, words.x) end
    end
    data.line12:write(at "line.npy")
    local array_file = contents(at "line.npy")
    for length = 0, #array_file - 1, 5 do
        check.contains(message(put(at "cut.npy", array_file:sub(1, length))), "cut.npy: ")
    end
    check.contains(message(put(at "text.npz", "x,y\n1,2\n")), "is no zip archive")
    check.contains(message(at "none.npz"), "cannot be opened")
    check.contains(message(put(at "archive.csv", whole)), "ends in .npz")
end)

-- The one that has NumPy, or nil.
local function python_with(module)
    for _, name in ipairs{ os.getenv("PYTHON") or "python3", "/usr/bin/python3" } do
        if os.execute(("%s -c 'import %s' >/dev/null 2>&1"):format(name, module)) then
            return name
        end
    end
end

local python = python_with "numpy"
if not python then
    check.skip("NumPy's own files", "no python3 with numpy")
    os.execute("rm -r " .. folder)
    return
end

local function run_python(code)
    put(at "code.py", "import sys, numpy as np\nsys.dont_write_bytecode = True\n" .. code)
    local pipe = io.popen(("cd %s && %s code.py 2>&1"):format(folder, python))
    local text = pipe:read("a")
    check.ok(pipe:close(), text)
    return text
end

check.test("what NumPy writes: types, orders, archives stored and deflated", function()
    run_python [==[
rs = np.random.RandomState(0)
x, y = rs.randn(7, 3), rs.randn(7)
np.savez('stored.npz', x=x, y=y, weights=np.arange(1, 8.))
np.savez_compressed('deflated.npz', x=x, y=np.array(list('bacabba')))
np.savez_compressed('large.npz', x=np.arange(200000.).reshape(-1, 2), y=np.zeros(100000))
np.save('fortran.npy', np.asfortranarray(np.c_[x, y]))
for name in 'f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8'.split():
    for order in '<>':
        np.save(name + ('l' if order == '<' else 'b') + '.npy',
                np.array([[1, 2], [3, 100], [0, 7]]).astype(order + name))
np.save('negative.npy', np.array([[-1, -128], [5, 127]], 'i1'))
np.save('boolean.npy', np.array([[True, False], [False, True]]))
np.save('bytes.npz', 0)
np.savez('images.npz', images=np.arange(24).reshape(2, 3, 4), labels=np.array([7, -2]))
np.save('complex.npy', np.array([1j]))
np.save('objects.npy', np.array([{}, 1], object), allow_pickle=True)
np.save('record.npy', np.zeros(3, [('a', 'f8'), ('b', 'i4')]))
np.save('scalar.npy', np.float64(3))
np.save('empty.npy', np.zeros((0, 2)))
np.save('missing.npy', np.array([[1, 2], [np.nan, 3], [4, 5]]))
]==]
    -- RandomState(0).randn, as random.normal gives it
    descent.seed(0)
    local expected = descent.random.normal(28)
    local stored, deflated = data.read(at "stored.npz"), data.read(at "deflated.npz")
    check.equal(stored.x:reshape(21), expected:slice(1, 21))
    check.equal(stored.y, expected:slice(22, 28))
    check.equal(stored.weights, array{ 1, 2, 3, 4, 5, 6, 7 })
    check.equal(deflated.x, stored.x)
    check.equal(deflated.classes, { "a", "b", "c" })
    check.equal(deflated.y, array{ 2, 1, 3, 1, 2, 2, 1 })
    check.equal(data.read(at "large.npz").x(100000, 2), 199999.0)
    local fortran = data.read(at "fortran.npy")
    check.equal(fortran.x, stored.x)
    check.equal(fortran.y, stored.y)
    for name in ("f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8"):gmatch("%S+") do
        for _, order in ipairs{ "l", "b" } do
            local d = data.read(at(name .. order .. ".npy"))
            check.equal(d.x, array{ 1, 3, 0 }, name)
            check.equal(d.y, array{ 2, 100, 7 }, name)
        end
    end
    check.equal(data.read(at "negative.npy").y, array{ -128, 127 })
    check.equal(data.read(at "boolean.npy").x, array{ 1, 0 })
    local images = data.read(at "images.npz", { x = "images", y = "labels", classes = true })
    check.equal(images.inputs, 12)
    check.equal(images.x(2, 1), 12.0)
    check.equal(images.classes, { "-2", "7" })
    check.contains(message(at "images.npz"), "there is no array x; the file holds images, labels")
    check.contains(message(at "complex.npy"), "neither real numbers nor text")
    check.contains(message(at "objects.npy"), "neither real numbers nor text")
    check.contains(message(at "record.npy"), "neither real numbers nor text")
    check.contains(message(at "scalar.npy"), "a single number")
    check.contains(message(at "empty.npy"), "is empty")
    check.contains(message(at "missing.npy"), "row 2 of x has a NaN", 'missing = "drop"')
    check.equal(data.read(at "missing.npy", { missing = "drop" }).x, array{ 1, 4 })
    check.contains(message(at "missing.npy", { x = 3 }), "columns go from 1 to 2")
    check.contains(message(at "missing.npy", { x = "a" }), "have no names")
end)

check.test("NumPy reads what is written", function()
    words:write(at "words.npz")
    data.gabor30:write(at "gabor.npy")
    data.line12:write(at "line12.npz")
    local printed = run_python [==[
w = np.load('words.npz')
print(sorted(w.files), w['x'].tolist(), w['y'].tolist(), w['weights'].tolist())
print(w['classes'].tolist(), w['x_names'].tolist(), w['y_names'].tolist())
g = np.load('gabor.npy')
print(g.shape, repr(float(g[1, 0])), repr(float(g[29, 1])))
print(np.load('line12.npz')['x'].shape, repr(float(np.load('line12.npz')['y'][10])))
import zipfile
print(zipfile.ZipFile('words.npz').testzip())
]==]
    check.equal(printed, table.concat({
        "['classes', 'weights', 'x', 'x_names', 'y', 'y_names'] [[60.0, 1.0, 0.0], "
            .. "[80.0, 0.0, 1.0], [70.0, 1.0, 0.0]] [1.0, 2.0, 1.0] [1.0, 2.0, 0.5]",
        "['no', 'é'] ['size', 'town=Bonn', 'town=Rome'] ['buy']",
        "(30, 2) -14.22 0.5952", "(12,) 1.73", "None\n" }, "\n"))
end)

os.execute("rm -r " .. folder)
