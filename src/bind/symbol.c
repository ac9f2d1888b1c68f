/* SPDX-License-Identifier: GPL-3.0-or-later */
/* symbol.c: symbols as values: what a traced function does to them becomes nodes of its graph. */
#include <string.h>

#include "bind/symbol_private.h"
#include "bind/text.h"
#include "graph/formula.h"
#include "graph/rewrite.h"

void symbol_push(lua_State *L, int trace_index, node_id node)
{
    trace_index = lua_absindex(L, trace_index);
    struct trace *trace = trace_at(L, trace_index);
    struct error error;
    if (graph_status(trace->graph, &error) != STATUS_OK)
        bind_raise(L, &error);
    struct symbol *symbol = bind_new(L, BIND_SYMBOL, sizeof *symbol);
    symbol->node = node;
    lua_pushvalue(L, trace_index);
    lua_setiuservalue(L, -2, 1);
}

struct trace *symbol_push_trace(lua_State *L, int count)
{
    for (int i = 1; i <= count; i++) {
        if (!bind_test(L, i, BIND_SYMBOL))
            continue;
        lua_getiuservalue(L, i, 1);
        struct trace *trace = trace_at(L, -1);
        if (!trace || !trace->graph)
            bind_refuse(L, NULL,
                        "a symbol only lives while its function is traced; do not keep it "
                        "outside");
        return trace;
    }
    return NULL;
}

bool symbol_among(lua_State *L, int count)
{
    for (int i = 1; i <= count; i++)
        if (bind_test(L, i, BIND_SYMBOL))
            return true;
    return false;
}

static node_id numbers_to_node(lua_State *L, struct trace *trace, const struct array *array)
{
    struct graph *graph = trace->graph;
    if (array->dimensions == 2 && array->cols != 1 && array->rows != 1)
        bind_refuse(L, NULL,
                    "a matrix of numbers inside a model must be a parameter; only numbers "
                    "and vectors can be constants");
    size_t count = array->rows * array->cols;
    node_id *parts = lua_newuserdatauv(L, (count + 1) * sizeof *parts, 0);
    for (size_t i = 0; i < count; i++)
        parts[i] = graph_constant(graph, array->data[i]);
    node_id node = graph_concat(graph, parts, (int)count);
    lua_pop(L, 1);
    return node;
}

/* The argument at index as a node: a symbol, a number, an array or a table of numbers. */
node_id symbol_node(lua_State *L, struct trace *trace, int index, const char *what)
{
    index = lua_absindex(L, index);
    struct symbol *symbol = bind_test(L, index, BIND_SYMBOL);
    if (symbol) {
        lua_getiuservalue(L, index, 1);
        if (trace_at(L, -1) != trace)
            bind_refuse(L, NULL,
                        "%s mixes symbols of two functions; do not keep a symbol outside "
                        "its function",
                        what);
        lua_pop(L, 1);
        return symbol->node;
    }
    switch (lua_type(L, index)) {
    case LUA_TNUMBER: return graph_constant(trace->graph, lua_tonumber(L, index));
    case LUA_TTABLE: { /* may hold symbols: a vector made by hand */
        lua_Integer count = (lua_Integer)lua_rawlen(L, index);
        if (count == 0)
            break;
        node_id *parts = lua_newuserdatauv(L, (size_t)count * sizeof *parts, 0);
        for (lua_Integer i = 1; i <= count; i++) {
            lua_rawgeti(L, index, i);
            parts[i - 1] = symbol_node(L, trace, -1, what);
            lua_pop(L, 1);
        }
        node_id node = graph_concat(trace->graph, parts, (int)count);
        lua_pop(L, 1);
        return node;
    }
    default: break;
    }
    struct array *array = bind_test(L, index, BIND_ARRAY);
    if (array)
        return numbers_to_node(L, trace, array);
    if (lua_isnoneornil(L, index))
        bind_refuse(L, NULL, "%s got nothing where a number is needed; is a name misspelt?", what);
    bind_refuse(L, NULL, "%s takes numbers, arrays and symbols, not %s", what,
                bind_describe(L, index));
    return 0;
}

bool symbol_column(lua_State *L, int index, node_id *column)
{
    index = lua_absindex(L, index);
    lua_Integer count = (lua_Integer)lua_rawlen(L, index);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, index, i);
        if (!bind_test(L, -1, BIND_SYMBOL)) {
            lua_pop(L, 1);
            continue;
        }
        lua_getiuservalue(L, -1, 1);
        lua_remove(L, -2);
        struct trace *trace = trace_at(L, -1);
        if (!trace || !trace->graph)
            bind_refuse(L, NULL,
                        "a symbol only lives while its function is traced; do not keep it "
                        "outside");
        *column = symbol_node(L, trace, index, "a call");
        return true;
    }
    return false;
}

bool symbol_apply(lua_State *L, enum primitive primitive, int count)
{
    lua_settop(L, count);
    struct trace *trace = symbol_push_trace(L, count);
    if (!trace)
        return false;
    const char *name = primitive_name(primitive);
    node_id a = symbol_node(L, trace, 1, name);
    node_id node = count == 1
                       ? graph_unary(trace->graph, primitive, a)
                       : graph_binary(trace->graph, primitive, a, symbol_node(L, trace, 2, name));
    symbol_push(L, count + 1, node);
    return true;
}

/* --- operators --- */

#define OPERATOR(name, primitive)                  \
    static int name(lua_State *L)                  \
    {                                              \
        symbol_apply(L, PRIMITIVE_##primitive, 2); \
        return 1;                                  \
    }
OPERATOR(symbol_add, ADD)
OPERATOR(symbol_sub, SUBTRACT)
OPERATOR(symbol_mul, MULTIPLY)
OPERATOR(symbol_div, DIVIDE)
OPERATOR(symbol_pow, POWER)

static int symbol_unm(lua_State *L)
{
    lua_settop(L, 1);
    struct trace *trace = symbol_push_trace(L, 1);
    symbol_push(L, 2, graph_negate(trace->graph, symbol_node(L, trace, 1, "-")));
    return 1;
}

static int symbol_matmul(lua_State *L)
{
    lua_settop(L, 2);
    struct trace *trace = symbol_push_trace(L, 2);
    node_id a = symbol_node(L, trace, 1, "matmul"), b = symbol_node(L, trace, 2, "matmul");
    struct shape s = graph_shape(trace->graph, a), t = graph_shape(trace->graph, b);
    /* Two vectors: their dot product, as for arrays. */
    node_id node = s.cols == 1 && t.cols == 1 && s.rows == t.rows && s.rows > 1
                       ? graph_dot(trace->graph, a, b)
                       : graph_matmul(trace->graph, false, false, a, b);
    symbol_push(L, 3, node);
    return 1;
}

static int symbol_dot(lua_State *L)
{
    lua_settop(L, 2);
    struct trace *trace = symbol_push_trace(L, 2);
    node_id a = symbol_node(L, trace, 1, "dot"), b = symbol_node(L, trace, 2, "dot");
    symbol_push(L, 3, graph_dot(trace->graph, a, b));
    return 1;
}

static int symbol_logsumexp(lua_State *L)
{
    lua_settop(L, 1);
    struct trace *trace = symbol_push_trace(L, 1);
    symbol_push(L, 2, graph_logsumexp(trace->graph, symbol_node(L, trace, 1, "logsumexp")));
    return 1;
}

static int symbol_softmax(lua_State *L)
{
    lua_settop(L, 1);
    struct trace *trace = symbol_push_trace(L, 1);
    symbol_push(L, 2, graph_softmax(trace->graph, symbol_node(L, trace, 1, "softmax")));
    return 1;
}

static int symbol_len(lua_State *L)
{
    struct trace *trace = symbol_push_trace(L, 1);
    node_id node = symbol_node(L, trace, 1, "#");
    lua_pushinteger(L, graph_shape(trace->graph, node).rows);
    return 1;
}

static int refuse_operator(lua_State *L)
{
    return bind_refuse(L, NULL,
                       "%% and // have no derivative that helps a fit; floor(x) can be "
                       "used where one is really meant");
}

static int symbol_concat(lua_State *L)
{
    return bind_refuse(L, NULL, "a symbol has no text: a model is traced before it has numbers");
}

static int symbol_eq(lua_State *L)
{
    return bind_refuse(L, NULL,
                       "== between symbols compares nothing: write equal(a, b), and "
                       "where(equal(a, b), ..., ...) to choose");
}

/* --- components --- */

/* rows, cols and shape, as of an array; {n} of a vector. */
static bool push_field(lua_State *L, const struct symbol *symbol)
{
    const char *key = lua_tostring(L, 2);
    struct trace *trace = symbol_push_trace(L, 1);
    struct shape shape = graph_shape(trace->graph, symbol->node);
    if (strcmp(key, "rows") == 0) {
        lua_pushinteger(L, shape.rows);
    } else if (strcmp(key, "cols") == 0) {
        lua_pushinteger(L, shape.cols);
    } else if (strcmp(key, "shape") == 0) {
        lua_createtable(L, 2, 0);
        lua_pushinteger(L, shape.rows);
        lua_rawseti(L, -2, 1);
        if (shape.cols > 1) {
            lua_pushinteger(L, shape.cols);
            lua_rawseti(L, -2, 2);
        }
    } else {
        return false;
    }
    return true;
}

static node_id row_of(struct trace *trace, node_id node, long long i)
{
    int columns = graph_shape(trace->graph, node).cols;
    return graph_part(trace->graph, node, (int)(i - 1) * columns, columns);
}

static int symbol_index(lua_State *L)
{
    struct symbol *symbol = bind_object(L, 1, BIND_SYMBOL, "the symbol");
    if (lua_type(L, 2) == LUA_TSTRING) {
        lua_getmetatable(L, 1);
        lua_getfield(L, -1, "methods");
        lua_pushvalue(L, 2);
        if (lua_rawget(L, -2) != LUA_TNIL || push_field(L, symbol))
            return 1;
        return bind_refuse(L, NULL,
                           "a symbol has no \"%s\"; a parameter's components are counted "
                           "from 1",
                           lua_tostring(L, 2));
    }
    struct trace *trace = symbol_push_trace(L, 1);
    if (bind_test(L, 2, BIND_SYMBOL))
        return bind_refuse(L, NULL, "an index must be a plain number, not a symbol");
    struct shape shape = graph_shape(trace->graph, symbol->node);
    if (lua_tointeger(L, 2) == shape.rows + 1 && bind_asked_by_ipairs(L)) {
        lua_pushnil(L);
        return 1;
    }
    long long i = bind_integer(L, 2, "the index", 1, shape.rows);
    symbol_push(L, -1, row_of(trace, symbol->node, i));
    return 1;
}

static int symbol_next(lua_State *L)
{
    struct symbol *symbol = bind_object(L, 1, BIND_SYMBOL, "the first argument");
    lua_Integer i = luaL_checkinteger(L, 2);
    struct trace *trace = symbol_push_trace(L, 1);
    if (i < 0 || i >= graph_shape(trace->graph, symbol->node).rows)
        return 0;
    node_id node = row_of(trace, symbol->node, i + 1);
    lua_pushinteger(L, i + 1);
    symbol_push(L, -2, node);
    return 2;
}

static int symbol_pairs(lua_State *L)
{
    bind_object(L, 1, BIND_SYMBOL, "the symbol");
    lua_pushcfunction(L, symbol_next);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

static int symbol_call(lua_State *L)
{
    struct symbol *symbol = bind_object(L, 1, BIND_SYMBOL, "the symbol");
    lua_settop(L, 3);
    struct trace *trace = symbol_push_trace(L, 1);
    struct shape shape = graph_shape(trace->graph, symbol->node);
    long long i = bind_integer(L, 2, "the row", 1, shape.rows);
    long long j = lua_isnil(L, 3) ? 1 : bind_integer(L, 3, "the column", 1, shape.cols);
    symbol_push(L, 4,
                graph_part(trace->graph, symbol->node, (int)((i - 1) * shape.cols + j - 1), 1));
    return 1;
}

/* The argument `axis` of a matrix's sum, ...; 0: all components. */
static int axis_of(lua_State *L, const struct trace *trace, node_id a)
{
    int axis = lua_isnoneornil(L, 2) ? 0 : (int)bind_integer(L, 2, "axis", 1, 2);
    bool vector = graph_shape(trace->graph, a).cols == 1;
    if (axis == 2 && vector)
        bind_refuse(L, NULL, "a vector has one axis; axis 2 goes over a matrix's columns");
    return vector ? 0 : axis;
}

/* Over the rows (axis 1) or the columns (2) of a matrix, or all components: Aᵀ·1, A·1. */
static node_id sum_along(struct graph *graph, node_id a, int axis)
{
    struct shape shape = graph_shape(graph, a);
    struct shape ones = {axis == 1 ? shape.rows : shape.cols, 1};
    return axis == 0 ? graph_sum(graph, a)
                     : graph_matmul(graph, axis == 1, false, a,
                                    graph_constant_shaped(graph, 1, ones));
}

static const struct argument axis_argument[] = {
    {.name = "axis", .type = ARGUMENT_INTEGER, .minimum = 1, .maximum = 2,
     .default_text = "all components",
     .summary = "of a matrix: 1 goes over the rows, one number a column; 2 over the columns"},
};

static const struct doc sum_doc = {
    .name = "symbol:sum",
    .signature = "symbol:sum([axis])",
    .summary = "the sum of the components inside a model",
    DOC_ARGUMENTS(axis_argument),
    .returns = "a symbol",
    .example = "m = model{parameters = {{\"w\", 2}}, predict = function(x, p) return (p.w*x):sum() "
               "end}\nprint(m({3, 4}, {10, 1}))",
    .result = "33  44",
};

static int symbol_sum(lua_State *L)
{
    bind_object(L, 1, BIND_SYMBOL, NULL);
    lua_settop(L, 2);
    struct trace *trace = symbol_push_trace(L, 1);
    node_id a = symbol_node(L, trace, 1, "sum");
    symbol_push(L, 3, sum_along(trace->graph, a, axis_of(L, trace, a)));
    return 1;
}

static const struct doc mean_doc = {
    .name = "symbol:mean",
    .signature = "symbol:mean([axis])",
    .summary = "the mean of the components inside a model",
    DOC_ARGUMENTS(axis_argument),
    .returns = "a symbol",
    .example =
        "m = model{parameters = {{\"w\", 2}}, predict = function(x, p) return (p.w*x):mean() "
        "end}\nprint(m({3, 4}, {10, 1}))",
    .result = "16.5  22",
};

static int symbol_mean(lua_State *L)
{
    bind_object(L, 1, BIND_SYMBOL, NULL);
    lua_settop(L, 2);
    struct trace *trace = symbol_push_trace(L, 1);
    node_id a = symbol_node(L, trace, 1, "mean");
    struct shape shape = graph_shape(trace->graph, a);
    int axis = axis_of(L, trace, a);
    int count = axis == 0 ? shape_size(shape) : axis == 1 ? shape.rows : shape.cols;
    symbol_push(L, 3,
                graph_divide(trace->graph, sum_along(trace->graph, a, axis),
                             graph_constant(trace->graph, count)));
    return 1;
}

/* Rows `first` to `last` of a matrix (axis 1), or columns (2), component by component in one by an
 * operation that may take them in any order; by halves, so that the graph is not deep. */
static node_id fold_along(struct graph *graph, enum primitive primitive, node_id a, int axis,
                          int first, int last)
{
    int columns = graph_shape(graph, a).cols, middle = (first + last) / 2;
    if (first == last)
        return axis == 1 ? graph_part(graph, a, first * columns, columns)
                         : graph_column(graph, a, first);
    node_id low = fold_along(graph, primitive, a, axis, first, middle);
    node_id high = fold_along(graph, primitive, a, axis, middle + 1, last);
    return graph_binary(graph, primitive, low, high);
}

/* All components of a in one. */
static node_id fold(struct graph *graph, enum primitive primitive, node_id a)
{
    struct shape shape = graph_shape(graph, a);
    int size = shape_size(shape);
    if (size < 2)
        return a;
    if (shape.cols > 1)
        return fold(graph, primitive, fold_along(graph, primitive, a, 1, 0, shape.rows - 1));
    node_id low = fold(graph, primitive, graph_part(graph, a, 0, size / 2));
    node_id high = fold(graph, primitive, graph_part(graph, a, size / 2, size - size / 2));
    return graph_binary(graph, primitive, low, high);
}

void symbol_fold(lua_State *L, enum primitive primitive)
{
    lua_settop(L, 2);
    struct trace *trace = symbol_push_trace(L, 1);
    node_id a = symbol_node(L, trace, 1, primitive_name(primitive));
    struct shape shape = graph_shape(trace->graph, a);
    int axis = axis_of(L, trace, a), last = (axis == 1 ? shape.rows : shape.cols) - 1;
    symbol_push(L, 3,
                axis == 0 ? fold(trace->graph, primitive, a)
                          : fold_along(trace->graph, primitive, a, axis, 0, last));
}

#define FOLDED(method, primitive, words, answer)                                           \
    static const struct doc method##_doc = {                                               \
        .name = "symbol:" #method,                                                         \
        .signature = "symbol:" #method "([axis])",                                         \
        .summary = words " of the components inside a model",                              \
        DOC_ARGUMENTS(axis_argument),                                                      \
        .returns = "a symbol",                                                             \
        .example = "m = model{parameters = {{\"w\", 2}}, predict = function(x, p) return " \
                   "(p.w*x):" #method "() end}\nprint(m({3, 4}, {10, 1}))",                \
        .result = answer,                                                                  \
    };                                                                                     \
    static int symbol_##method(lua_State *L)                                               \
    {                                                                                      \
        bind_object(L, 1, BIND_SYMBOL, NULL);                                              \
        symbol_fold(L, PRIMITIVE_##primitive);                                             \
        return 1;                                                                          \
    }
FOLDED(max, MAXIMUM, "the largest", "30  40")
FOLDED(min, MINIMUM, "the smallest", "3  4")
FOLDED(prod, MULTIPLY, "the product", "90  160")

static const struct doc norm_doc = {
    .name = "symbol:norm",
    .signature = "symbol:norm()",
    .summary = "the root of the sum of the components' squares of a vector inside a model",
    .returns = "a symbol",
    .example = "L = loss{parameters = {{\"p\", 2}}, value = function(q) return q.p:norm() end}\n"
               "print(L{3, 4}, L:gradient{3, 4})",
    .result = "5.0\t0.6  0.8",
};

static int symbol_norm(lua_State *L)
{
    bind_object(L, 1, BIND_SYMBOL, NULL);
    lua_settop(L, 1);
    struct trace *trace = symbol_push_trace(L, 1);
    struct graph *graph = trace->graph;
    node_id a = symbol_node(L, trace, 1, "norm");
    node_id squares = graph_power(graph, a, graph_constant(graph, 2));
    symbol_push(L, 2, graph_unary(graph, PRIMITIVE_SQRT, graph_sum(graph, squares)));
    return 1;
}

/* --- parts --- */

static const struct doc t_doc = {
    .name = "symbol:t",
    .signature = "symbol:t()",
    .summary = "the transpose of a matrix inside a model; a vector is its own, in matmul and dot",
    .returns = "a symbol",
    .example = "m = model{parameters = {{\"W\", 2, 3}}, predict = function(x, p)\n"
               "    return matmul(p.W:t(), x)\nend}\n"
               "print(m({{10, 1}}, {1, 2, 3, 4, 5, 6}))",
    .result = "14  25  36",
};

static int symbol_t(lua_State *L)
{
    bind_object(L, 1, BIND_SYMBOL, NULL);
    lua_settop(L, 1);
    struct trace *trace = symbol_push_trace(L, 1);
    node_id a = symbol_node(L, trace, 1, "t");
    bool vector = graph_shape(trace->graph, a).cols == 1;
    symbol_push(L, 2, vector ? a : graph_transpose(trace->graph, a));
    return 1;
}

#define MATRIX_EXAMPLE(call)                                                               \
    "m = model{parameters = {{\"W\", 2, 3}}, predict = function(x, p)\n"                   \
    "    return x*" call ":sum()\nend}\nprint(m({1, 10}, {1, 2, 3, 4, 5, 6}))"

static const struct argument row_argument[] = {
    {.name = "i", .type = ARGUMENT_INTEGER, .required = true, .minimum = 1,
     .summary = "the row, counted from 1"},
};
static const struct doc row_doc = {
    .name = "symbol:row",
    .signature = "symbol:row(i)",
    .summary = "row i of a matrix inside a model as a vector, as symbol[i] is",
    DOC_ARGUMENTS(row_argument),
    .returns = "a symbol",
    .errors = "a row outside the matrix",
    .example = MATRIX_EXAMPLE("p.W:row(2)"),
    .result = "15  150",
};

static int symbol_row(lua_State *L)
{
    node_id node = ((struct symbol *)bind_object(L, 1, BIND_SYMBOL, NULL))->node;
    lua_settop(L, 2);
    struct trace *trace = symbol_push_trace(L, 1);
    long long i = bind_integer(L, 2, "the row", 1, graph_shape(trace->graph, node).rows);
    symbol_push(L, 3, row_of(trace, node, i));
    return 1;
}

static const struct argument col_argument[] = {
    {.name = "j", .type = ARGUMENT_INTEGER, .required = true, .minimum = 1,
     .summary = "the column, counted from 1"},
};
static const struct doc col_doc = {
    .name = "symbol:col",
    .signature = "symbol:col(j)",
    .summary = "column j of a matrix inside a model as a vector",
    DOC_ARGUMENTS(col_argument),
    .returns = "a symbol",
    .errors = "a column outside the matrix",
    .example = MATRIX_EXAMPLE("p.W:col(2)"),
    .result = "7  70",
};

static int symbol_col(lua_State *L)
{
    node_id node = ((struct symbol *)bind_object(L, 1, BIND_SYMBOL, NULL))->node;
    lua_settop(L, 2);
    struct trace *trace = symbol_push_trace(L, 1);
    int j = (int)bind_integer(L, 2, "the column", 1, graph_shape(trace->graph, node).cols);
    symbol_push(L, 3, graph_column(trace->graph, node, j - 1));
    return 1;
}

static const struct argument slice_arguments[] = {
    {.name = "i", .type = ARGUMENT_INTEGER, .required = true, .minimum = 1,
     .summary = "the first component, counted from 1"},
    {.name = "j", .type = ARGUMENT_INTEGER, .minimum = 1, .default_text = "the last",
     .summary = "the last component, included"},
};
static const struct doc slice_doc = {
    .name = "symbol:slice",
    .signature = "symbol:slice(i[, j])",
    .summary = "components i to j of a vector inside a model, both included; rows i to j of a "
               "parameter that is a matrix",
    DOC_ARGUMENTS(slice_arguments),
    .returns = "a symbol",
    .errors = "components outside the vector, j before i, a matrix that was computed",
    .example = "m = model{parameters = {{\"w\", 3}}, predict = function(x, p)\n"
               "    return x*p.w:slice(2, 3):sum()\nend}\nprint(m({1, 10}, {1, 2, 3}))",
    .result = "5  50",
};

static int symbol_slice(lua_State *L)
{
    struct symbol *symbol = bind_object(L, 1, BIND_SYMBOL, NULL);
    lua_settop(L, 3);
    struct trace *trace = symbol_push_trace(L, 1);
    struct graph *graph = trace->graph;
    node_id a = symbol->node;
    struct shape shape = graph_shape(graph, a);
    const char *what = shape.cols > 1 ? "the row" : "the component";
    int first = (int)bind_integer(L, 2, what, 1, shape.rows), last = shape.rows;
    if (!lua_isnil(L, 3))
        last = (int)bind_integer(L, 3, what, 1, shape.rows);
    if (last < first)
        return bind_refuse(L, "slice", "from %d to %d is backwards", first, last);
    int count = last - first + 1;
    node_id node = a;
    if (shape.cols == 1)
        node = graph_part(graph, a, first - 1, count);
    else if (graph_primitive(graph, a) == PRIMITIVE_PARAMETER)
        node = graph_parameter(graph, SOURCE_PHI,
                               graph_leaf_offset(graph, a) + (first - 1) * shape.cols,
                               (struct shape){count, shape.cols});
    else if (count == 1)
        node = graph_transpose(graph, row_of(trace, a, first));
    else if (count < shape.rows)
        return bind_refuse(L, "slice",
                           "rows of a matrix that was computed; take them of what it is "
                           "computed from, or one by one with symbol:row(i)");
    symbol_push(L, 4, node);
    return 1;
}

static int symbol_text(lua_State *L)
{
    struct trace *trace = symbol_push_trace(L, 1);
    struct symbol *symbol = lua_touserdata(L, 1);
    struct formulas formulas;
    struct error error;
    bind_check(L, formula_print(&formulas, trace->graph, &symbol->node, 1, NOTATION_ASCII, &error),
               &error);
    lua_pushstring(L, formulas.texts[0]);
    formula_free(&formulas);
    return 1;
}

void bind_open_symbol(lua_State *L)
{
    static const struct function methods[] = {
        {"sum", symbol_sum, &sum_doc},    {"mean", symbol_mean, &mean_doc},
        {"prod", symbol_prod, &prod_doc}, {"min", symbol_min, &min_doc},
        {"max", symbol_max, &max_doc},    {"norm", symbol_norm, &norm_doc},
        {"t", symbol_t, &t_doc},          {"row", symbol_row, &row_doc},
        {"col", symbol_col, &col_doc},    {"slice", symbol_slice, &slice_doc},
    };
    static const luaL_Reg meta[] = {
        {"__add", symbol_add},
        {"__sub", symbol_sub},
        {"__mul", symbol_mul},
        {"__div", symbol_div},
        {"__pow", symbol_pow},
        {"__unm", symbol_unm},
        {"__mod", refuse_operator},
        {"__idiv", refuse_operator},
        {"__concat", symbol_concat},
        {"__eq", symbol_eq},
        {"__lt", symbol_lt},
        {"__le", symbol_le},
        {"__len", symbol_len},
        {"__call", symbol_call},
        {"__pairs", symbol_pairs},
        {"__matmul", symbol_matmul},
        {"__dot", symbol_dot},
        {"__logsumexp", symbol_logsumexp},
        {"__softmax", symbol_softmax},
        {"__tostring", symbol_text},
        {NULL, NULL},
    };
    bind_type(L, BIND_SYMBOL, methods, sizeof methods / sizeof *methods, meta, NULL, NULL);
    luaL_getmetatable(L, BIND_SYMBOL);
    lua_pushcfunction(L, symbol_index); /* components by number, besides the methods */
    lua_setfield(L, -2, "__index");
    bind_ends_ipairs(L);
    lua_pop(L, 1);
    bind_open_tracing(L);
}
