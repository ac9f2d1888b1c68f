-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.image: a matrix as a picture, row 1 at the top.

local core = require "descent.core"
local doc = require "descent.doc"
local label = require "descent.plot.label"

local MOST_TILES = 64

local record = {
    name = "plot.image",
    signature = "plot.image{array, shape = {rows, cols}} or plot.image{r, parameter = \"W1\"}",
    summary = "A matrix as a picture: dark where its numbers are low, row 1 at the top. With shape "
        .. "each column (or row, where its length fits) is a picture of that size: the weights of "
        .. "a net, one tile for each hidden unit; a vector is one such picture.",
    arguments = {
        { name = "parameter", type = "string", default_text = "the first matrix",
          summary = "which of a run's parameters is shown, by its name in m.parameters" },
        { name = "shape", type = "array", shape = "2", default_text = "the array's own",
          summary = "rows and columns of a tile" },
        { name = "label", type = "string", default_text = "\"value\"",
          summary = "what the numbers are" },
        { name = "title", type = "string", default_text = "the size", summary = "written above" },
    },
    returns = "nothing",
    errors = "a shape that does not fit, a run whose model has no such parameter",
    example = [[
plot.output("none")
plot.image{array{{1, 2, 3}, {4, 5, 6}}}
print(plot.describe())]],
    result = [[
2 × 3 values: across column from 0.5 to 3.5, up row from 0.5 to 2.5.
value: lowest 1 at column 1, row 1; highest 6 at column 3, row 2.]],
}

-- The tiles as rows of numbers, each tile[i][j] with i down.
local function tiles_of(array, shape)
    local rows, cols = math.tointeger(shape[1]), math.tointeger(shape[2])
    if not rows or not cols or rows < 1 or cols < 1 then
        doc.fail("plot.image: shape is two whole numbers above 0, {rows, cols}")
    end
    local lists, size = {}, rows * cols
    if #array.shape == 1 and array.rows == size then
        lists[1] = array:table()
    elseif #array.shape > 1 and array.rows == size then
        for j = 1, array.cols do lists[j] = array:col(j):table() end
    elseif #array.shape > 1 and array.cols == size then
        for i = 1, array.rows do lists[i] = array:row(i):table() end
    else
        doc.fail("plot.image: %s numbers are needed for a shape of %d × %d; the array is %s",
            label.integer(size), rows, cols, table.concat(array.shape, " × "))
    end
    local tiles = {}
    for k, list in ipairs(lists) do
        local tile = {}
        for i = 1, rows do tile[i] = table.move(list, (i - 1) * cols + 1, i * cols, 1, {}) end
        tiles[k] = tile
    end
    return tiles, rows, cols
end

-- One matrix with the tiles beside and below each other, a line without values between them.
local function mosaic(tiles, rows, cols)
    local count = math.min(#tiles, MOST_TILES)
    local across = math.ceil(math.sqrt(count * rows / cols))
    across = math.max(1, math.min(count, across))
    local down = math.ceil(count / across)
    local matrix = {}
    for i = 1, down * (rows + 1) - 1 do
        matrix[i] = {}
        for j = 1, across * (cols + 1) - 1 do matrix[i][j] = 0 / 0 end
    end
    for k = 1, count do
        local top, left = (k - 1) // across * (rows + 1), (k - 1) % across * (cols + 1)
        for i = 1, rows do table.move(tiles[k][i], 1, cols, left + 1, matrix[top + i]) end
    end
    return matrix
end

-- Ticks of an axis that counts downwards.
local function ticks_down(rows)
    local step = 1
    while rows / step > 12 do
        step = step * (tostring(step):sub(1, 1) == "2" and 2.5 or 2)
    end
    local list = {}
    step = math.tointeger(step)
    for i = step > 1 and step or 1, rows, step do
        list[#list + 1] = { at = rows + 1 - i, text = tostring(i) }
    end
    return list
end

-- A parameter of a run as it stands, and its name.
local function weights_of(run, wanted)
    if not run.model then doc.fail("plot.image: the loss of this run has no model") end
    local named, names, matrix = run.model:named(run.phi), {}, nil
    for i, parameter in ipairs(run.model.parameters) do
        local value = named[parameter.name]
        names[i] = parameter.name
        if parameter.name == wanted then
            return type(value) == "number" and { value } or value, wanted
        end
        if not matrix and core.type(value) == "array" and #value.shape == 2 then
            matrix = parameter.name
        end
    end
    if wanted then
        local near = doc.nearest(wanted, names)
        doc.fail("plot.image: the model has no parameter %s%s; it has %s", label.clean(wanted),
            near and (" (did you mean %s?)"):format(near) or "", table.concat(names, ", "))
    end
    if not matrix then
        doc.fail("plot.image: no parameter of this model is a matrix; parameter = \"%s\" names "
            .. "one", names[1])
    end
    return named[matrix], matrix
end

local function describe(options)
    local checked = doc.options(record, options, 1)
    if checked[1] == nil then doc.fail("plot.image: an array is missing: %s", record.signature) end
    local given, name = checked[1], nil
    if core.type(given) == "run" then
        given, name = weights_of(given, checked.parameter)
    elseif checked.parameter then
        doc.fail("plot.image: a parameter is one of a run: plot.image{r, parameter = \"W1\"}")
    end
    local fine, array = pcall(core.array, given)
    if not fine then
        doc.fail("plot.image: an array is needed, not a %s", core.type(checked[1]))
    end
    local matrix, title, words
    if checked.shape then
        local tiles, rows, cols = tiles_of(array, checked.shape)
        matrix = mosaic(tiles, rows, cols)
        title = #tiles == 1 and ("%d × %d values"):format(rows, cols)
            or ("%s tiles of %d × %d values"):format(label.integer(#tiles), rows, cols)
        if #tiles > MOST_TILES then
            words = ("The first %d of %s tiles are shown."):format(MOST_TILES,
                label.integer(#tiles))
        end
    else
        matrix = {}
        if #array.shape == 1 then
            matrix[1] = array:table()
        else
            for i = 1, array.rows do matrix[i] = array:row(i):table() end
        end
        title = ("%d × %d values"):format(#matrix, #matrix[1])
    end
    local rows, cols = #matrix, #matrix[1]
    local shown = {}
    for j = 1, cols do
        shown[j] = {}
        for i = 1, rows do shown[j][rows + 1 - i] = matrix[i][j] end
    end
    local tiled = checked.shape ~= nil
    return { panels = { {
        title = checked.title or (name and label.symbol(name) .. ", " or "") .. title,
        equal = true, words = words, layers = {},
        x = { label = tiled and "" or "column", integer = true, range = { 0.5, cols + 0.5 },
              ticks = tiled and {} or nil },
        y = { label = tiled and "" or "row", range = { 0.5, rows + 0.5 },
              ticks = tiled and {} or ticks_down(rows), downwards = true },
        image = {
            values = shown, x0 = 1, x1 = cols, y0 = 1, y1 = rows, nearest = true,
            label = checked.label or "value", contours = false, bands = 64, log = false,
        },
    } } }
end

return { record = record, describe = describe }
