-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- derivative, gradient, jacobian, hessian: of Lua functions, by tracing them. What comes back is
-- called like a function, prints as a formula, and can be differentiated again.

local core = require "descent.core"
local doc = require "descent.doc"
local formula = require "descent.formula"
local terminal = require "descent.terminal"

local meta = { __name = "derivative" }
local states = setmetatable({}, { __mode = "k" }) -- object -> what it is made of

local LINES = 60 -- formulas shown at most

-- --- what is differentiated ---------------------------------------------------------------------

local examples = {
    derivative = "derivative(function(x) return x^2 end)",
    gradient = "gradient(function(x, y) return x*y end)",
    jacobian = "jacobian(function(x, y) return x*y, x + y end)",
    hessian = "hessian(function(x, y) return x*y end)",
}

local function check_function(f, what)
    if type(f) == "function" or states[f] then return end
    local kind = core.type(f)
    if kind == "loss" then
        doc.fail("%s takes a function of numbers; a loss has its own: L:derivative(), "
            .. "L:gradient(phi), L:hessian(phi), L:jacobian(phi)", what)
    elseif kind == "model" then
        doc.fail("%s takes a function of numbers, not a model; write %s(function(phi0, phi1) "
            .. "return m(x, {phi0, phi1}) end) with the model's formula typed out", what, what)
    end
    doc.fail("%s takes a function, %s, not %s", what, examples[what],
        f == nil and "nothing" or "a " .. kind)
end

-- Numbers that stand in the text of a function: where it might branch.
local function numbers_in_source(f)
    local info, list = debug.getinfo(f, "S"), {}
    local text
    if info.source:sub(1, 1) == "@" then
        local file = io.open(info.source:sub(2), "r")
        text = file and file:read("a")
        if file then file:close() end
    elseif info.source:sub(1, 1) ~= "=" then
        text = info.source
    end
    local line = 0
    for row in ((text or "") .. "\n"):gmatch("(.-)\n") do
        line = line + 1
        if line >= info.linedefined and line <= info.lastlinedefined then
            for digits in row:gmatch("%f[%w.]%d[%d.]*") do
                if tonumber(digits) and #list < 40 then
                    list[#list + 1], list[#list + 2] = tonumber(digits), -tonumber(digits)
                end
            end
        end
    end
    return list
end

local marks = { 0, 1, -1, 0.5, 2, -3, 10, 0.25, 3, -2, 4, 1.75 }

local function same(a, b)
    return a == b or (a ~= a and b ~= b)
        or math.abs(a - b) <= 1e-9*math.max(1, math.abs(a), math.abs(b))
end

-- The numbers among what a call returned, in order; nil where something else is.
local function flat(results)
    local list = {}
    for i = 1, results.n do
        local value = results[i]
        if type(value) == "number" then
            list[#list + 1] = value
        elseif core.type(value) == "array" or type(value) == "table" then
            for k = 1, #value do
                if type(value[k]) ~= "number" then return nil end
                list[#list + 1] = value[k]
            end
        else
            return nil
        end
    end
    return list
end

-- Lua asks nobody about x == 3 or `not x`: only calls with plain numbers can show that a function
-- does something else than its formula.
local function compare_with_plain_calls(f, expression)
    local info = debug.getinfo(f, "S")
    if info.what == "C" then return end
    local arguments = expression:arguments()
    local tries = table.move(numbers_in_source(f), 1, 100, #marks + 1, { table.unpack(marks) })
    for k = 1, #tries do
        local values = {}
        for i = 1, #arguments do -- all at 0, then each its own
            values[i] = tries[k == 1 and 1 or (k + 3*(i - 1) - 1) % #tries + 1]
        end
        local results = table.pack(pcall(f, table.unpack(values)))
        local interrupted = not results[1] and tostring(results[2]):find("interrupted!", 1, true)
        if interrupted then error(results[2], 0) end
        local got = results[1] and flat { n = results.n - 1, table.unpack(results, 2, results.n) }
        local expected = got and expression:evaluate(values)
        for i = 1, got and #expected or 0 do
            if not got[i] or not same(got[i], expected[i]) then
                error(("%s:%d: with %s = %.14g the function itself gives %s and its traced formula "
                    .. "%.14g: it branches in a way that cannot be seen; write "
                    .. "where(condition, a, b)"):format(info.short_src, info.linedefined,
                    arguments[1].name, values[1], got[i] and ("%.14g"):format(got[i]) or "nothing",
                    expected[i]), 0)
            end
        end
    end
end

-- --- the expression behind an object, for arguments of these sizes ------------------------------

local function only_one(expression, what)
    if expression:size() == 1 then return end
    doc.fail("%s takes a function that returns one number; this one returns %d; jacobian(f) "
        .. "differentiates each", what, expression:size())
end

-- sizes: a list, or nil for numbers.
local function expression_of(f, sizes, what)
    local key = sizes and table.concat(sizes, ",") or ""
    local state = states[f]
    if not state then
        local shapes = {}
        for i, size in ipairs(sizes or {}) do shapes[i] = { size, 1 } end
        local expression = core.expression(f, shapes, what)
        if not sizes then compare_with_plain_calls(f, expression) end
        return expression
    end
    if state.expressions[key] then return state.expressions[key] end
    local base = expression_of(state.of, sizes, state.kind)
    local result
    if state.kind == "jacobian" then
        result = base:differentiate()
    else
        only_one(base, state.kind)
        result = base:differentiate(state.kind == "derivative" and state.place or nil)
        if state.kind == "hessian" then result = result:differentiate() end
    end
    state.expressions[key] = result
    return result
end

local function make(kind, f, place)
    local object = setmetatable({}, meta)
    states[object] = { kind = kind, of = f, place = place, expressions = {} }
    local state = states[object]
    state.arguments = expression_of(object):arguments()
    return object
end

-- --- calling ------------------------------------------------------------------------------------

local function names_of(state)
    local names = {}
    for i, argument in ipairs(state.arguments) do names[i] = argument.name end
    return names
end

-- {x = 1, y = 2} in the order of the arguments.
local function by_name(state, given)
    local values, names = {}, names_of(state)
    for i, name in ipairs(names) do
        values[i] = given[name]
        if values[i] == nil then doc.fail("%s is missing", name) end
    end
    for key in pairs(given) do
        local known = false
        for _, name in ipairs(names) do known = known or name == key end
        if not known then
            local nearest = type(key) == "string" and doc.nearest(key, names)
            doc.fail("the function has no argument %q%s", tostring(key),
                nearest and "; did you mean " .. nearest .. "?" or "")
        end
    end
    return values
end

local function is_list(value) return type(value) == "table" and not states[value] end

-- The arguments of a call as a list: f(1, 2), f{1, 2}, f(array{1, 2}) or f{x = 1, y = 2}.
local function read_arguments(state, ...)
    local given, count = table.pack(...), #state.arguments
    local first = given[1]
    if given.n == 1 and is_list(first) and type(next(first)) == "string" then
        return by_name(state, first)
    end
    if given.n == 1 and count > 1 and (is_list(first) or core.type(first) == "array") then
        given = { n = #first }
        for i = 1, #first do given[i] = first[i] end
    end
    if given.n ~= count then
        doc.fail("the function has %d argument%s (%s), not %d", count, count == 1 and "" or "s",
            table.concat(names_of(state), ", "), given.n)
    end
    return given
end

-- Sizes for the arguments, nil when all are numbers; lists become arrays.
local function sizes_of(state, values)
    local sizes, vectors = {}, false
    for i = 1, #state.arguments do
        local value = values[i]
        sizes[i] = 1
        if type(value) ~= "number" then
            if is_list(value) then values[i] = core.array(value) end
            if core.type(values[i]) ~= "array" then
                doc.fail("%s must be a number or a vector, not %s", state.arguments[i].name,
                    value == nil and "nothing" or "a " .. core.type(value))
            end
            if #values[i].shape > 1 then
                doc.fail("%s must be a number or a vector, not a matrix", state.arguments[i].name)
            end
            sizes[i], vectors = #values[i], true
        end
    end
    return vectors and sizes or nil
end

local function shaped(list, rows)
    local columns = #list//rows
    return core.array(list):reshape(rows, columns)
end

function meta:__call(...)
    local state = states[self]
    local values = read_arguments(state, ...)
    for _, value in ipairs(values) do
        if core.type(value) == "symbol" then
            if state.kind == "hessian" or state.kind == "jacobian" then
                doc.fail("inside a traced function a %s has no place; derivative and gradient do",
                    state.kind)
            end
            return expression_of(self):inside(values)
        end
    end
    local first = values[1]
    if state.kind == "derivative" then
        local expression = expression_of(self)
        if #values == 1 and type(first) ~= "number" then -- each element
            if is_list(first) then first = core.array(first) end
            if core.type(first) ~= "array" then
                doc.fail("%s must be a number or an array, not %s", state.arguments[1].name,
                    first == nil and "nothing" or "a " .. core.type(first))
            end
            return first:map(function(x) return expression:evaluate({ x })[1] end)
        end
        if sizes_of(state, values) then
            doc.fail("a partial derivative takes numbers; gradient(f) takes vectors")
        end
        return expression:evaluate(values)[1]
    end
    local expression = expression_of(self, sizes_of(state, values))
    local list = expression:evaluate(values)
    if state.kind == "gradient" then return core.array(list) end
    local columns = 0
    for _, argument in ipairs(expression:arguments()) do columns = columns + argument.rows end
    return shaped(list, #list//columns)
end

-- --- formulas -----------------------------------------------------------------------------------

local words = {
    unicode = { first = "∂%s/∂%s = ", square = "∂²%s/∂%s² = ", mixed = "∂²%s/∂%s∂%s = " },
    ascii = { first = "d%s/d%s = ", square = "d2%s/d%s2 = ", mixed = "d2%s/d%s d%s = " },
    latex = { first = "\\frac{\\partial %s}{\\partial %s} = ",
              square = "\\frac{\\partial^2 %s}{\\partial %s^2} = ",
              mixed = "\\frac{\\partial^2 %s}{\\partial %s \\partial %s} = " },
}

local function symbol(name, notation) return core.symbol_text(name, notation) end

-- The left sides of the formulas, false where one is the mirror of another.
local function heads(state, notation, count)
    local list, word = {}, words[notation]
    local names = names_of(state)
    for i, name in ipairs(names) do names[i] = symbol(name, notation) end
    local rows = count//#names
    for i = 1, rows do
        for j, name in ipairs(names) do
            local head
            if state.kind == "hessian" then
                head = i == j and word.square:format("f", name)
                    or i < j and word.mixed:format("f", names[i], name) or false
            elseif rows == 1 then
                head = word.first:format("f", name)
            else
                head = word.first:format(symbol("f" .. i, notation), name)
            end
            list[#list + 1] = head
        end
    end
    return list
end

local function text_of(object, notation)
    local state = states[object]
    local found = expression_of(object):formulas(notation)
    if notation == "lua" then return found end
    local lines, hidden = {}, 0
    if state.kind == "derivative" then
        lines[1] = found.texts[1]
    else
        local left = heads(state, notation, #found.texts)
        for i, text in ipairs(found.texts) do
            if left[i] and #lines >= LINES then
                hidden = hidden + 1
            elseif left[i] then
                lines[#lines + 1] = left[i] .. text
            end
        end
        if hidden > 0 then lines[#lines + 1] = ("... and %d more"):format(hidden) end
    end
    return formula.lines(lines, found.definitions)
end

function meta:__tostring()
    return text_of(self, terminal.unicode() and "unicode" or "ascii")
end

local methods = {}

function methods:formula(notation)
    if not states[self] then doc.fail("formula is called with a colon: d:formula(\"latex\")") end
    return text_of(self, notation or (terminal.unicode() and "unicode" or "ascii"))
end

function meta.__index(_, name)
    if methods[name] then return methods[name] end
    doc.fail("a derivative has no %q; it is called, printed, differentiated again, and has "
        .. ":formula(notation)", tostring(name))
end

function meta:__pairs() return next, methods end

-- --- the names of the language ------------------------------------------------------------------

local module = {}

local f_argument = {
    name = "f", type = "function", required = true,
    summary = "a function of numbers, or one of these derivatives; in gradient, jacobian and "
        .. "hessian an argument may be a vector",
}

module.derivative = doc.define({
    name = "derivative", signature = "derivative(f[, name])",
    summary = "The derivative of a function of one number, as a function with a formula.",
    arguments = {
        f_argument,
        { name = "name", type = "text", summary = "the argument to differentiate to, where there "
            .. "are several" },
    },
    returns = "a function of a number, or of an array, for each element; it prints as its formula, "
        .. "and :formula(\"latex\") gives it in another notation (unicode, ascii, latex, lua)",
    errors = "a function that branches on its argument: write where(x > 0, a, b)",
    equation = "f'(x) = lim (f(x + h) − f(x))/h as h goes to 0",
    example = "d = derivative(function(x) return x^2 - 4*x + 5 end)\nprint(d)\nprint(d(0), d(2))\n"
        .. "print(derivative(d))\nprint(d:formula(\"lua\"))",
    result = "2·x − 4\n-4.0\t0.0\n2\nfunction(x) return 2*x - 4 end",
}, function(f, name)
    check_function(f, "derivative")
    local arguments
    if states[f] then
        arguments = states[f].arguments
    else
        arguments = expression_of(f, nil, "derivative"):arguments()
    end
    local place, names = 1, {}
    for i, argument in ipairs(arguments) do names[i] = argument.name end
    if name ~= nil then
        place = nil
        for i, known in ipairs(names) do if known == name then place = i end end
        if not place then
            local nearest = type(name) == "string" and doc.nearest(name, names)
            doc.fail("the function has no argument %s%s", type(name) == "string"
                and ("%q"):format(name) or tostring(name),
                nearest and "; did you mean " .. nearest .. "?"
                    or "; its arguments are " .. table.concat(names, ", "))
        end
    elseif #names > 1 then
        doc.fail("the function has %d arguments: say which, derivative(f, %q), or use gradient(f)",
            #names, names[1])
    end
    return make("derivative", f, place)
end)

local function definer(kind, record)
    record.name, record.arguments = kind, { f_argument }
    record.signature = kind .. "(f)"
    module[kind] = doc.define(record, function(f)
        check_function(f, kind)
        return make(kind, f)
    end)
end

definer("gradient", {
    summary = "The vector of partial derivatives of a function of several numbers.",
    returns = "a function of the same numbers (or of a list, an array, a table by name) that gives "
        .. "an array; it prints as formulas",
    errors = "a function that branches, or returns several numbers",
    equation = "∇f = (∂f/∂x, ∂f/∂y, ...)",
    example = "g = gradient(function(x, y) return x^2*y end)\nprint(g)\nprint(g(3, 2))",
    result = "∂f/∂x = 2·x·y\n∂f/∂y = x²\n12  9",
})

definer("jacobian", {
    summary = "The matrix of partial derivatives of a function that returns several numbers.",
    returns = "a function that gives an array m×n: a row for each number returned, a column for "
        .. "each argument",
    errors = "a function that branches",
    equation = "J(i, j) = ∂f_i/∂x_j",
    example = "J = jacobian(function(r, t) return r*cos(t), r*sin(t) end)\nprint(J)\n"
        .. "print(J(2, 0))",
    result = "∂f₁/∂r = cos(t)\n∂f₁/∂t = −r·sin(t)\n∂f₂/∂r = sin(t)\n∂f₂/∂t = r·cos(t)\n1  0\n0  2",
})

definer("hessian", {
    summary = "The matrix of second derivatives of a function of several numbers.",
    returns = "a function that gives an array n×n, symmetric",
    errors = "a function that branches, or returns several numbers",
    equation = "H(i, j) = ∂²f/∂x_i∂x_j",
    example = "H = hessian(function(x, y) return x^2*y + y^3 end)\nprint(H)\nprint(H(3, 2))",
    result = "∂²f/∂x² = 2·y\n∂²f/∂x∂y = 2·x\n∂²f/∂y² = 6·y\n4   6\n6  12",
})

module.graph = require("descent.graph").graph

-- For graph(f): the expression behind a derivative that is one number, and its arguments' names.
function module.expression(object)
    local state = states[object]
    if not state or state.kind ~= "derivative" then return nil end
    return expression_of(object), names_of(state)
end

return module
