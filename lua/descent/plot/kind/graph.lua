-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.graph: a computational graph, every node with its value and its gradient.

local core = require "descent.core"
local doc = require "descent.doc"
local graph = require "descent.graph"
local label = require "descent.plot.label"
local layout = require "descent.plot.layout"
local values = require "descent.plot.values"

local MOST_NODES = 120 -- more do not make a picture

local record = {
    name = "plot.graph",
    signature = "plot.graph(L, phi), plot.graph{L, phi = {...}, example = 1} or "
        .. "plot.graph(f, {x = 2, y = -5, z = 3})",
    summary = "The computational graph of a loss or of a function: a box for each node with what "
        .. "it computes, its value and the derivative of the result to it, in the order of the "
        .. "computation from left to right. As text it is a table where the boxes have no room.",
    arguments = {
        { name = "phi", type = "value", default_text = "r.phi", summary = "parameters of a loss" },
        { name = "example", type = "integer", range = "[1, 1e15]",
          default_text = "all: the least and largest numbers",
          summary = "the one example of a loss to look at" },
        { name = "title", type = "string", default_text = "the formula",
          summary = "written above" },
    },
    returns = "nothing",
    errors = "a loss without phi, a function without its values, more than 120 nodes",
    equation = "∂f/∂v = Σ ∂f/∂w·∂w/∂v over all w that use v",
    example = [[
plot.output("none")
plot.graph(function(x, y, z) local d = x*y; return d + z end, {x = 2, y = -5, z = 3})
print(plot.describe())]],
    result = [[
f = x·y + z.
x: value 2, gradient −5.
y: value −5, gradient 2.
z: value 3, gradient 1.
d = x·y: value −10, gradient 1.
f = d + z: value −7, gradient 1.]],
}

local own = {}
for _, argument in ipairs(record.arguments) do own[argument.name] = true end

local function is_graph(value)
    local meta = type(value) == "table" and getmetatable(value)
    return meta and meta.__name == "graph"
end

-- What stands behind the first value, with or without names: φ, or the values of a function.
local function rest_of(options)
    local rest, some = {}, false
    for key, value in pairs(options) do
        if math.type(key) == "integer" and key > 1 then
            rest[key - 1], some = value, true
        elseif math.type(key) ~= "integer" and not own[key] then
            rest[key], some = value, true
        end
    end
    if #rest == 1 and type(rest[1]) ~= "number" then return rest[1] end -- an array, a table
    return some and rest or nil
end

local function graph_of(options)
    local first = options[1]
    local kind = core.type(first)
    if is_graph(first) then return first end
    local rest = rest_of(options)
    if kind == "run" then
        return first.objective:graph(options.phi or rest or first.phi,
            { example = options.example })
    elseif kind == "loss" then
        local phi = options.phi or rest
        if phi == nil then
            doc.fail("plot.graph: phi is missing: %s", record.signature)
        end
        return first:graph(phi, { example = options.example })
    elseif values.is_callable(first) then
        return graph.graph(first, rest or {})
    end
    doc.fail("plot.graph: a loss, a run, a function or a graph is needed, not %s: %s",
        first == nil and "nothing" or "a " .. kind, record.signature)
end

local function signed(text) return (text:gsub("%f[%d.%-]%-", "−")) end

local function describe(options)
    local named = {}
    for key, value in pairs(options) do
        if own[key] then named[key] = value end
    end
    local checked = doc.options(record, named, 0)
    local found = graph_of(options)
    if #found.nodes > MOST_NODES then
        doc.fail("plot.graph: the graph has %d nodes, and %d can be drawn; print(L:graph(phi)) "
            .. "lists them", #found.nodes, MOST_NODES)
    end
    local nodes = {}
    for i, node in ipairs(found.nodes) do
        local leaf = #node.arguments == 0
        nodes[i] = {
            name = node.name, arguments = node.arguments, kind = node.kind,
            text = leaf and node.symbol or ("%s = %s"):format(node.symbol, node.operation),
            value = signed(graph.cell(node, node.value, 18, true)),
            gradient = signed(graph.cell(node, node.gradient, 18, true)),
        }
    end
    local title = checked.title
        or type(found.title) == "string" and found.title or "computational graph"
    return { panels = { {
        title = label.clean((title:gsub("%s%s+", ", "))),
        diagram = { graph = found, nodes = nodes, layout = layout(nodes),
                    gradient = ("∂%s/∂node"):format(found.name) },
    } } }
end

return {
    record = record,
    describe = describe,
    order = 65,
    accepts = function(given) return #given == 1 and is_graph(given[1]) end,
}
