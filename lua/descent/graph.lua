-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Computational graphs as text: a row for each node, inputs first, with its operation, its value
-- and the derivative of the result to it; lines beside the rows say which node goes into which.

local core = require "descent.core"
local doc = require "descent.doc"
local formula = require "descent.formula"
local terminal = require "descent.terminal"

local graph = {}

local meta = { __name = "graph" }

local ROWS = 60     -- nodes shown at most
local ARC_ROWS = 40 -- with lines beside them
local LANES = 9

-- --- cells --------------------------------------------------------------------------------------

local function short(value)
    if value ~= value then return "nan" end
    if value == 0 then return "0" end
    return ("%.7g"):format(value)
end

-- The numbers of a node at one example, or of a parameter.
local function components_text(array, room)
    local parts, text = {}, nil
    local list = #array.shape > 1 and array:reshape(array.rows*array.cols) or array
    for i = 1, #list do
        parts[i] = ("%.4g"):format(list[i])
        text = "(" .. table.concat(parts, " ") .. ")"
        if terminal.width(text) > room then break end
    end
    if #parts == #list and terminal.width(text) <= room then return text end
    return ("%s, norm %.4g"):format(table.concat(array.shape, "×"), list:norm())
end

-- From the least to the largest over the examples.
local function range_text(array, unicode)
    local low, high = array:min(), array:max()
    if low == high then return short(low) end
    return ("%.4g%s%.4g"):format(low, unicode and " … " or " .. ", high)
end

-- The value or the gradient of a node in a few characters.
local function cell(node, value, room, unicode)
    if type(value) == "number" then return short(value) end
    if node.examples then return range_text(value, unicode) end
    return components_text(value, room)
end
graph.cell = cell

-- --- lines --------------------------------------------------------------------------------------

-- A lane for each node that uses others: the rows of what it uses, and its own as the last.
local function lanes_of(nodes, places)
    local lanes = {}
    for row, node in ipairs(nodes) do
        local ends, first = {}, row
        for _, name in ipairs(node.arguments) do
            local place = places[name]
            if place then ends[place], first = true, math.min(first, place) end
        end
        if first < row then
            lanes[#lanes + 1] = { first = first, last = row, ends = ends }
        end
    end
    local count = 0
    for _, lane in ipairs(lanes) do
        local column, free = 0, false
        while not free do
            column, free = column + 1, true
            for _, other in ipairs(lanes) do
                if other.column == column and other.first <= lane.last
                    and lane.first <= other.last then
                    free = false
                end
            end
        end
        lane.column, count = column, math.max(count, column)
    end
    return lanes, count
end

local signs = {
    unicode = { line = "─", arrow = "←", bar = "│", top = "╮", bottom = "╯", middle = "┤",
                top_through = "┬", bottom_through = "┴", middle_through = "┼" },
    ascii = { line = "-", arrow = "<", bar = "|", top = ".", bottom = "'", middle = "+",
              top_through = "+", bottom_through = "+", middle_through = "+" },
}

-- The lines beside one row.
local function lines_at(lanes, count, row, unicode)
    local sign = unicode and signs.unicode or signs.ascii
    local incident, farthest, arrives = {}, 0, false
    for _, lane in ipairs(lanes) do
        local place = lane.first == row and "top" or lane.last == row and "bottom"
            or lane.ends[row] and "middle" or lane.first < row and row < lane.last and "bar"
        incident[lane.column] = incident[lane.column] or place or nil
        if place and place ~= "bar" then farthest = math.max(farthest, lane.column) end
        arrives = arrives or lane.last == row
    end
    local parts = { arrives and sign.arrow or farthest > 0 and sign.line or " " }
    for column = 1, count do
        local place = incident[column]
        local through = column < farthest
        if place == "bar" then
            parts[#parts + 1] = sign.bar
        elseif place then
            parts[#parts + 1] = sign[through and place .. "_through" or place]
        else
            parts[#parts + 1] = through and sign.line or " "
        end
        parts[#parts + 1] = through and sign.line or " "
    end
    return (table.concat(parts):gsub(" +$", ""))
end

-- --- the text -----------------------------------------------------------------------------------

local function pad(text, width, right)
    local gap = (" "):rep(width - terminal.width(text))
    return right and gap .. text or text .. gap
end

-- The rows that are shown: all, or the first and the last.
local function shown_rows(nodes)
    local rows = {}
    for i = 1, #nodes do
        if #nodes <= ROWS or i <= ROWS//2 or i > #nodes - ROWS//2 then rows[#rows + 1] = i end
    end
    return rows
end

-- A list of lines, none wider than `columns` as far as the cells allow.
function graph.lines(self, columns, unicode)
    local nodes, places = self.nodes, {}
    for i, node in ipairs(nodes) do places[node.name] = i end
    local head = { "node", "operation", "value",
                   (unicode and "∂%s/∂node" or "d%s/dnode"):format(self.name) }
    local table_rows, widths = {}, {}
    for k, text in ipairs(head) do widths[k] = terminal.width(text) end
    local rows = shown_rows(nodes)
    for _, i in ipairs(rows) do
        local node = nodes[i]
        local cells = {
            terminal.clip(unicode and node.symbol or node.name, 16, unicode),
            terminal.clip(unicode and node.operation or node.plain, 30, unicode),
            cell(node, node.value, 20, unicode), cell(node, node.gradient, 20, unicode),
        }
        for k, text in ipairs(cells) do widths[k] = math.max(widths[k], terminal.width(text)) end
        table_rows[#table_rows + 1] = cells
    end
    local width = widths[1] + widths[2] + widths[3] + widths[4] + 6
    local lanes, count
    if #nodes <= ARC_ROWS then lanes, count = lanes_of(nodes, places) end
    local with_lines = lanes and count <= LANES and width + 3 + 2*count <= columns
    local function line(cells, row)
        local text = pad(cells[1], widths[1]) .. "  " .. pad(cells[2], widths[2]) .. "  "
            .. pad(cells[3], widths[3], true) .. "  " .. pad(cells[4], widths[4], true)
        if with_lines and row then text = text .. "  " .. lines_at(lanes, count, row, unicode) end
        return (text:gsub(" +$", ""))
    end
    local lines = { line(head) }
    for k, cells in ipairs(table_rows) do
        if k > 1 and rows[k] > rows[k - 1] + 1 then
            lines[#lines + 1] = ("... %d more"):format(rows[k] - rows[k - 1] - 1)
        end
        lines[#lines + 1] = line(cells, rows[k])
    end
    return lines
end

function meta:__tostring()
    local columns = terminal.is_terminal("output") and terminal.size() or 80
    local parts = {}
    if self.title then parts[1] = formula.lines({ self.title }, self.definitions, columns) end
    parts[#parts + 1] = table.concat(graph.lines(self, columns, terminal.unicode()), "\n")
    parts[#parts + 1] = ("%d nodes, %d with those of the gradient"):format(self.size,
        self.gradient_size)
    return table.concat(parts, "\n")
end

-- --- making -------------------------------------------------------------------------------------

local function finish(found, name, examples)
    found.name = name
    for _, node in ipairs(found.nodes) do
        found.nodes[node.name] = node
        node.examples = examples ~= nil and node.by_example or nil
        node.by_example = nil
    end
    return setmetatable(found, meta)
end

-- Called by L:graph with the nodes and the number of the one example, or nil.
function graph.of_loss(L, found, example)
    found.title, found.definitions = L.title, {}
    if example then
        found.title = ("%s  %s, example %d of %d"):format(L.title, L.data.name, example, L.examples)
    elseif L.data then
        found.title = ("%s  %s, %d examples, their least and largest numbers"):format(L.title,
            L.data.name, L.examples)
    end
    return finish(found, "L", not example or nil)
end

-- The values in the order of the names, and their sizes.
local function read_values(values, names)
    local list, sizes = {}, {}
    for i, name in ipairs(names) do
        local value = values[name]
        if value == nil then value = values[i] end
        if value == nil then
            doc.fail("the value of %s is missing: graph(f, {%s = 2})", name, name)
        end
        sizes[i] = { 1, 1 }
        if type(value) == "table" then value = core.array(value) end
        if core.type(value) == "array" then
            if #value.shape > 1 then doc.fail("%s must be a number or a vector", name) end
            sizes[i] = { #value, 1 }
        elseif type(value) ~= "number" then
            doc.fail("%s must be a number or a vector, not a %s", name, core.type(value))
        end
        list[i] = value
    end
    for key in pairs(values) do
        local known = math.type(key) == "integer" and key >= 1 and key <= #names
        for _, name in ipairs(names) do known = known or name == key end
        if not known then
            local nearest = type(key) == "string" and doc.nearest(key, names)
            doc.fail("the function has no argument %s%s", tostring(key),
                nearest and "; did you mean " .. nearest .. "?" or "")
        end
    end
    return list, sizes
end

local function argument_names(f)
    local info, names = debug.getinfo(f, "u"), {}
    for i = 1, info.nparams do names[i] = debug.getlocal(f, i) end
    if info.nparams == 0 and not info.isvararg then
        doc.fail("graph takes a function of at least one number, such as function(x) return x^2 "
            .. "end")
    end
    return #names > 0 and names or { "x" }
end

graph.graph = doc.define({
    name = "graph", signature = "graph(f, {x = 2, y = -5, z = 3})",
    summary = "The computational graph of a function at a point: every node with its operation, "
        .. "its value and the derivative of the result to it.",
    arguments = {
        { name = "f", type = "function", required = true,
          summary = "a function of numbers that returns one, or a derivative; local variables "
              .. "name the nodes" },
        { name = "values", type = "table", required = true,
          summary = "the arguments' values, by name or in order" },
    },
    returns = "a graph that prints itself, with nodes (a list of {name, operation, value, "
        .. "gradient, arguments}, also by name), size and gradient_size",
    errors = "a value that is missing; a function that branches on its arguments",
    equation = "∂f/∂v = Σ ∂f/∂w·∂w/∂v over all w that use v",
    example = "g = graph(function(x, y, z) local d = x*y; return d + z end, "
        .. "{x = 2, y = -5, z = 3})\nprint(g)\nprint(g.nodes.d.value, g.nodes.x.gradient)",
    result = "f = x·y + z\n"
        .. "node  operation  value  ∂f/∂node\n"
        .. "x     input          2        -5  ─╮\n"
        .. "y     input         -5         2  ─┤\n"
        .. "z     input          3         1  ─│─╮\n"
        .. "d     x·y          -10         1  ←┴─┤\n"
        .. "f     d + z         -7         1  ←──╯\n"
        .. "5 nodes, 6 with those of the gradient\n-10.0\t-5.0",
}, function(f, values)
    local known, names = require("descent.derivative").expression(f)
    if type(f) ~= "function" and not known then
        local kind = core.type(f)
        doc.fail("graph takes a function and its values, graph(f, {x = 2})%s",
            kind == "loss" and "; a loss has L:graph(phi)" or ", not "
                .. (f == nil and "nothing" or "a " .. kind))
    end
    if type(values) ~= "table" then
        doc.fail("graph needs the values of the arguments: graph(f, {%s = 2})",
            (names or argument_names(f))[1])
    end
    local list, sizes = read_values(values, names or argument_names(f))
    local expression = known or core.expression(f, sizes, "graph")
    local found = expression:nodes(list, "f")
    local formulas = expression:formulas(terminal.unicode() and "unicode" or "ascii")
    found.title, found.definitions = "f = " .. formulas.texts[1], formulas.definitions
    for _, node in ipairs(found.nodes) do
        if node.kind == "parameter" then
            node.kind, node.operation, node.plain = "input", "input", "input"
        end
    end
    return finish(found, "f")
end)

return graph
