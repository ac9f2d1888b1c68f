/* SPDX-License-Identifier: GPL-3.0-or-later */
/* symbol.c: tracing Lua functions into graphs.
 *
 * Lua's comparisons must give true or false, so a comparison of symbols cannot be a symbol itself.
 * Yet where(x > 0, a, b) is how people write. A function that compares symbols is therefore called
 * several times: with all comparisons true, with all false, and with comparison number k (from 0)
 * saying bit b of k, for each bit b. The truth values that a call of where() has seen then spell the
 * number of the comparison that it holds; inverted where `not` came between. A comparison that no
 * where() held decides a branch, which a graph cannot have.
 */
#include "bind/symbol.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "bind/text.h"
#include "graph/formula.h"

#define TRACE_TYPE "descent.trace"

/* Their addresses are keys of the registry: while a function is traced it stands under the first and
 * its trace under the second. */
static const char traced_function = 0, active_trace = 0;

enum {
    COMPARISON_LIMIT = 1000,
    RUN_LIMIT = 12, /* all true, all false, and the bits of COMPARISON_LIMIT */
};

struct comparison {
    node_id condition; /* 1 where it holds */
    int line;
    bool used;
};

struct choice { /* a call of where() with a truth value */
    unsigned seen; /* bit r: what it saw in run r */
};

struct trace {
    struct graph *graph; /* NULL once it is over: symbols of it are refused */
    int run, runs;       /* runs 0 .. runs − 1 look; run == runs builds */
    struct comparison *comparisons;
    int comparison_count, comparison_total;
    struct choice *choices;
    int choice_count, choice_total;
    struct context *context;
    const char *what;
};

struct symbol {
    node_id node;
};

/* --- traces --- */

static struct trace *trace_at(lua_State *L, int index)
{
    return lua_touserdata(L, index);
}

static int trace_free(lua_State *L)
{
    struct trace *trace = trace_at(L, 1);
    graph_free(trace->graph);
    trace->graph = NULL;
    if (trace->context) {
        memory_free(trace->context, trace->comparisons);
        memory_free(trace->context, trace->choices);
    }
    trace->comparisons = NULL;
    trace->choices = NULL;
    return 0;
}

struct graph *trace_graph(lua_State *L, int trace_index)
{
    return trace_at(L, trace_index)->graph;
}

struct graph *trace_take(lua_State *L, int trace_index)
{
    struct trace *trace = trace_at(L, trace_index);
    struct graph *graph = trace->graph;
    trace->graph = NULL;
    return graph;
}

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

/* Pushes the trace of the first symbol among the arguments 1..count. */
static struct trace *push_trace(lua_State *L, int count)
{
    for (int i = 1; i <= count; i++) {
        if (!bind_test(L, i, BIND_SYMBOL))
            continue;
        lua_getiuservalue(L, i, 1);
        struct trace *trace = trace_at(L, -1);
        if (!trace || !trace->graph)
            bind_refuse(L, NULL, "a symbol only lives while its function is traced; do not keep it "
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
        bind_refuse(L, NULL, "a matrix of numbers inside a model must be a parameter; only numbers "
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
static node_id to_node(lua_State *L, struct trace *trace, int index, const char *what)
{
    index = lua_absindex(L, index);
    struct symbol *symbol = bind_test(L, index, BIND_SYMBOL);
    if (symbol) {
        lua_getiuservalue(L, index, 1);
        if (trace_at(L, -1) != trace)
            bind_refuse(L, NULL, "%s mixes symbols of two functions; do not keep a symbol outside "
                                 "its function", what);
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
            parts[i - 1] = to_node(L, trace, -1, what);
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
            bind_refuse(L, NULL, "a symbol only lives while its function is traced; do not keep it "
                                 "outside");
        *column = to_node(L, trace, index, "a call");
        return true;
    }
    return false;
}

bool symbol_apply(lua_State *L, enum primitive primitive, int count)
{
    lua_settop(L, count);
    struct trace *trace = push_trace(L, count);
    if (!trace)
        return false;
    const char *name = primitive_name(primitive);
    node_id a = to_node(L, trace, 1, name);
    node_id node = count == 1 ? graph_unary(trace->graph, primitive, a)
                              : graph_binary(trace->graph, primitive, a,
                                             to_node(L, trace, 2, name));
    symbol_push(L, count + 1, node);
    return true;
}

/* --- operators --- */

#define OPERATOR(name, primitive)                       \
    static int name(lua_State *L)                       \
    {                                                   \
        symbol_apply(L, PRIMITIVE_##primitive, 2);      \
        return 1;                                       \
    }
OPERATOR(symbol_add, ADD)
OPERATOR(symbol_sub, SUBTRACT)
OPERATOR(symbol_mul, MULTIPLY)
OPERATOR(symbol_div, DIVIDE)
OPERATOR(symbol_pow, POWER)

static int symbol_unm(lua_State *L)
{
    lua_settop(L, 1);
    struct trace *trace = push_trace(L, 1);
    symbol_push(L, 2, graph_negate(trace->graph, to_node(L, trace, 1, "-")));
    return 1;
}

static int symbol_matmul(lua_State *L)
{
    lua_settop(L, 2);
    struct trace *trace = push_trace(L, 2);
    node_id a = to_node(L, trace, 1, "matmul"), b = to_node(L, trace, 2, "matmul");
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
    struct trace *trace = push_trace(L, 2);
    node_id a = to_node(L, trace, 1, "dot"), b = to_node(L, trace, 2, "dot");
    symbol_push(L, 3, graph_dot(trace->graph, a, b));
    return 1;
}

static int symbol_logsumexp(lua_State *L)
{
    lua_settop(L, 1);
    struct trace *trace = push_trace(L, 1);
    symbol_push(L, 2, graph_logsumexp(trace->graph, to_node(L, trace, 1, "logsumexp")));
    return 1;
}

static int symbol_softmax(lua_State *L)
{
    lua_settop(L, 1);
    struct trace *trace = push_trace(L, 1);
    symbol_push(L, 2, graph_softmax(trace->graph, to_node(L, trace, 1, "softmax")));
    return 1;
}

static int symbol_len(lua_State *L)
{
    struct trace *trace = push_trace(L, 1);
    node_id node = to_node(L, trace, 1, "#");
    lua_pushinteger(L, graph_shape(trace->graph, node).rows);
    return 1;
}

static int refuse_operator(lua_State *L)
{
    return bind_refuse(L, NULL, "%% and // have no derivative that helps a fit; floor(x) can be "
                                "used where one is really meant");
}

static int symbol_concat(lua_State *L)
{
    return bind_refuse(L, NULL, "a symbol has no text: a model is traced before it has numbers");
}

static int symbol_eq(lua_State *L)
{
    return bind_refuse(L, NULL, "== between symbols compares nothing: write equal(a, b), and "
                                "where(equal(a, b), ..., ...) to choose");
}

/* --- comparisons --- */

static int current_line(lua_State *L)
{
    lua_Debug frame;
    for (int level = 0; lua_getstack(L, level, &frame); level++) {
        lua_getinfo(L, "Sl", &frame);
        if (strcmp(frame.what, "C") != 0)
            return frame.currentline;
    }
    return 0;
}

/* condition: 1 where the comparison holds. Returns what Lua is told. */
static bool compare(lua_State *L, struct trace *trace, node_id condition)
{
    int k = trace->comparison_count++;
    if (k >= COMPARISON_LIMIT)
        bind_refuse(L, NULL, "the condition of a loop depends on the input or on a parameter; %s "
                             "must do the same steps for all inputs", trace->what);
    if (k >= trace->comparison_total) {
        struct comparison *list = memory_resize(trace->context, trace->comparisons,
                                                (size_t)k + 1, sizeof *list);
        if (!list) {
            struct error error;
            error_memory(&error, "a trace");
            bind_raise(L, &error);
        }
        trace->comparisons = list;
        trace->comparison_total = k + 1;
        list[k].used = false;
    }
    trace->comparisons[k].condition = condition;
    trace->comparisons[k].line = current_line(L);
    /* While building, Lua is told "true", as in run 0; where() knows better. */
    int run = trace->run == trace->runs ? 0 : trace->run;
    return run == 0 || (run >= 2 && (k >> (run - 2) & 1));
}

static int order(lua_State *L, bool or_equal)
{
    lua_settop(L, 2);
    struct trace *trace = push_trace(L, 2);
    struct graph *graph = trace->graph;
    const char *sign = or_equal ? "<=" : "<";
    node_id a = to_node(L, trace, 1, sign), b = to_node(L, trace, 2, sign);
    /* a < b: b > a.  a <= b: not a > b. */
    node_id condition;
    if (or_equal)
        condition = graph_where(graph, graph_binary(graph, PRIMITIVE_GREATER, a, b),
                                graph_constant(graph, 0), graph_constant(graph, 1));
    else
        condition = graph_binary(graph, PRIMITIVE_GREATER, b, a);
    lua_pushboolean(L, compare(L, trace, condition));
    return 1;
}

static int symbol_lt(lua_State *L)
{
    return order(L, false);
}

static int symbol_le(lua_State *L)
{
    return order(L, true);
}

/* Which comparison a truth value in where() stands for, from what the runs have seen. */
static node_id condition_of_choice(lua_State *L, struct trace *trace, bool seen)
{
    struct graph *graph = trace->graph;
    int w = trace->choice_count++;
    if (trace->run < trace->runs) {
        if (w >= trace->choice_total) {
            struct choice *list = memory_resize(trace->context, trace->choices, (size_t)w + 1,
                                                sizeof *list);
            if (!list) {
                struct error error;
                error_memory(&error, "a trace");
                bind_raise(L, &error);
            }
            trace->choices = list;
            trace->choice_total = w + 1;
            list[w].seen = 0;
        }
        trace->choices[w].seen |= (unsigned)seen << trace->run;
        return graph_count(graph); /* any node that is not constant: this graph is thrown away */
    }
    if (trace->runs == 0) /* the function compares no symbols at all */
        return graph_constant(graph, seen);
    unsigned saw = w < trace->choice_total ? trace->choices[w].seen : 0;
    bool when_true = saw & 1, when_false = saw >> 1 & 1;
    if (when_true == when_false) /* no comparison of symbols */
        return graph_constant(graph, seen);
    int k = 0;
    for (int bit = 0; bit + 2 < trace->runs; bit++)
        k |= ((saw >> (bit + 2) & 1) == when_true) << bit;
    if (k >= trace->comparison_count)
        bind_refuse(L, NULL, "where() cannot see which comparison decides; write it with both(), "
                             "either() and negate(), or as two where()");
    trace->comparisons[k].used = true;
    node_id condition = trace->comparisons[k].condition;
    if (when_true)
        return condition;
    return graph_where(graph, condition, graph_constant(graph, 0), graph_constant(graph, 1));
}

void symbol_condition(lua_State *L, int index)
{
    if (!lua_isboolean(L, index))
        return;
    bool seen = lua_toboolean(L, index);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &active_trace) == LUA_TNIL) {
        lua_pushnumber(L, seen);
    } else {
        struct trace *trace = trace_at(L, -1);
        symbol_push(L, lua_gettop(L), condition_of_choice(L, trace, seen));
    }
    lua_replace(L, index);
    lua_pop(L, 1);
}

bool symbol_where(lua_State *L)
{
    lua_settop(L, 3);
    struct trace *trace = push_trace(L, 3);
    if (!trace) { /* where(x > 0, 1, 2) has a truth value and two plain numbers */
        if (!lua_isboolean(L, 1) ||
            lua_rawgetp(L, LUA_REGISTRYINDEX, &active_trace) == LUA_TNIL) {
            lua_settop(L, 3);
            return false;
        }
        trace = trace_at(L, -1);
    }
    node_id condition = lua_isboolean(L, 1)
                            ? condition_of_choice(L, trace, lua_toboolean(L, 1))
                            : to_node(L, trace, 1, "where");
    node_id a = to_node(L, trace, 2, "where"), b = to_node(L, trace, 3, "where");
    symbol_push(L, 4, graph_where(trace->graph, condition, a, b));
    return true;
}

/* --- components --- */

static int symbol_index(lua_State *L)
{
    struct symbol *symbol = bind_object(L, 1, BIND_SYMBOL, "the symbol");
    if (lua_type(L, 2) == LUA_TSTRING) {
        lua_getmetatable(L, 1);
        lua_getfield(L, -1, "methods");
        lua_pushvalue(L, 2);
        if (lua_rawget(L, -2) != LUA_TNIL)
            return 1;
        return bind_refuse(L, NULL, "a symbol has no \"%s\"; a parameter's components are counted "
                                    "from 1", lua_tostring(L, 2));
    }
    struct trace *trace = push_trace(L, 1);
    if (bind_test(L, 2, BIND_SYMBOL))
        return bind_refuse(L, NULL, "an index must be a plain number, not a symbol");
    struct shape shape = graph_shape(trace->graph, symbol->node);
    if (lua_tointeger(L, 2) == shape.rows + 1 && bind_asked_by_ipairs(L)) {
        lua_pushnil(L);
        return 1;
    }
    long long i = bind_integer(L, 2, "the index", 1, shape.rows);
    symbol_push(L, -1, graph_slice(trace->graph, symbol->node, (int)(i - 1) * shape.cols,
                                   shape.cols));
    return 1;
}

static int symbol_call(lua_State *L)
{
    struct symbol *symbol = bind_object(L, 1, BIND_SYMBOL, "the symbol");
    lua_settop(L, 3);
    struct trace *trace = push_trace(L, 1);
    struct shape shape = graph_shape(trace->graph, symbol->node);
    long long i = bind_integer(L, 2, "the row", 1, shape.rows);
    long long j = lua_isnil(L, 3) ? 1 : bind_integer(L, 3, "the column", 1, shape.cols);
    symbol_push(L, 4, graph_slice(trace->graph, symbol->node,
                                  (int)((i - 1) * shape.cols + j - 1), 1));
    return 1;
}

static const struct doc sum_doc = {
    .name = "symbol:sum",
    .signature = "symbol:sum()",
    .summary = "the sum of the components of a vector inside a model",
    .returns = "a symbol",
    .example = "m = model{parameters = {{\"w\", 2}}, predict = function(x, p) return (p.w*x):sum() "
               "end}\nprint(m({3, 4}, {10, 1}))",
    .result = "33  44",
};

static int symbol_sum(lua_State *L)
{
    bind_object(L, 1, BIND_SYMBOL, NULL);
    lua_settop(L, 1);
    struct trace *trace = push_trace(L, 1);
    symbol_push(L, 2, graph_sum(trace->graph, to_node(L, trace, 1, "sum")));
    return 1;
}

static const struct doc mean_doc = {
    .name = "symbol:mean",
    .signature = "symbol:mean()",
    .summary = "the mean of the components of a vector inside a model",
    .returns = "a symbol",
    .example = "m = model{parameters = {{\"w\", 2}}, predict = function(x, p) return (p.w*x):mean() "
               "end}\nprint(m({3, 4}, {10, 1}))",
    .result = "16.5  22",
};

static int symbol_mean(lua_State *L)
{
    bind_object(L, 1, BIND_SYMBOL, NULL);
    lua_settop(L, 1);
    struct trace *trace = push_trace(L, 1);
    node_id a = to_node(L, trace, 1, "mean");
    struct shape shape = graph_shape(trace->graph, a);
    symbol_push(L, 2, graph_divide(trace->graph, graph_sum(trace->graph, a),
                                   graph_constant(trace->graph, shape_size(shape))));
    return 1;
}

/* All components of a in one by an operation that may take them in any order; by halves, so that
 * the graph is not deep. */
static node_id fold(struct graph *graph, enum primitive primitive, node_id a)
{
    struct shape shape = graph_shape(graph, a);
    int size = shape_size(shape);
    if (size < 2)
        return a;
    node_id low = fold(graph, primitive, graph_slice(graph, a, 0, size / 2));
    node_id high = fold(graph, primitive, graph_slice(graph, a, size / 2, size - size / 2));
    return graph_binary(graph, primitive, low, high);
}

void symbol_fold(lua_State *L, enum primitive primitive)
{
    lua_settop(L, 1);
    struct trace *trace = push_trace(L, 1);
    symbol_push(L, 2, fold(trace->graph, primitive,
                           to_node(L, trace, 1, primitive_name(primitive))));
}

#define FOLDED(method, primitive, words, answer)                                               \
    static const struct doc method##_doc = {                                                   \
        .name = "symbol:" #method,                                                             \
        .signature = "symbol:" #method "()",                                                   \
        .summary = words " of the components of a vector inside a model",                      \
        .returns = "a symbol",                                                                 \
        .example = "m = model{parameters = {{\"w\", 2}}, predict = function(x, p) return (p.w*x):"\
                   #method "() end}\nprint(m({3, 4}, {10, 1}))",                               \
        .result = answer,                                                                      \
    };                                                                                         \
    static int symbol_##method(lua_State *L)                                                   \
    {                                                                                          \
        bind_object(L, 1, BIND_SYMBOL, NULL);                                                  \
        symbol_fold(L, PRIMITIVE_##primitive);                                                 \
        return 1;                                                                              \
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
    struct trace *trace = push_trace(L, 1);
    struct graph *graph = trace->graph;
    node_id a = to_node(L, trace, 1, "norm");
    node_id squares = graph_power(graph, a, graph_constant(graph, 2));
    symbol_push(L, 2, graph_unary(graph, PRIMITIVE_SQRT, graph_sum(graph, squares)));
    return 1;
}

static int symbol_text(lua_State *L)
{
    struct trace *trace = push_trace(L, 1);
    struct symbol *symbol = lua_touserdata(L, 1);
    struct formulas formulas;
    struct error error;
    bind_check(L, formula_print(&formulas, trace->graph, &symbol->node, 1, NOTATION_ASCII, &error),
               &error);
    lua_pushstring(L, formulas.texts[0]);
    formula_free(&formulas);
    return 1;
}

/* --- running a function --- */

/* Names the nodes by the local variables that hold them when the traced function returns. */
static void name_locals(lua_State *L, lua_Debug *frame)
{
    lua_getinfo(L, "f", frame);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &traced_function); /* function being traced */
    bool traced = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    if (!traced)
        return;
    const char *name;
    for (int i = 1; (name = lua_getlocal(L, frame, i)) != NULL; i++) {
        struct symbol *symbol = bind_test(L, -1, BIND_SYMBOL);
        if (symbol && name[0] != '(') {
            lua_getiuservalue(L, -1, 1);
            struct trace *trace = trace_at(L, -1);
            if (trace && trace->graph)
                graph_name(trace->graph, symbol->node, name);
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
}

static void watch_function(lua_State *L, int function, int trace_index)
{
    lua_pushvalue(L, function);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &traced_function);
    lua_pushvalue(L, trace_index);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &active_trace);
    lua_sethook(L, name_locals, LUA_MASKRET, 0);
}

static void watch_nothing(lua_State *L)
{
    if (lua_gethook(L) == name_locals) /* an interrupt may have put its own there */
        lua_sethook(L, NULL, 0, 0);
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &traced_function);
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &active_trace);
}

/* Lua's own words for math.sin(symbol) do not help. */
static void explain_failure(lua_State *L)
{
    const char *text = lua_tostring(L, -1), *to, *end;
    if (!text || !strstr(text, "got descent.symbol") || !(to = strstr(text, " to '")) ||
        !(end = strchr(to + 5, '\'')))
        return;
    const char *place_end = strstr(text, "bad argument");
    lua_pushlstring(L, text, place_end ? (size_t)(place_end - text) : 0);
    lua_pushlstring(L, to + 5, (size_t)(end - to - 5));
    const char *name = lua_tostring(L, -1);
    lua_pushfstring(L, "%smath.%s does not know symbols: write %s(x), which works on numbers, "
                       "arrays and in models", lua_tostring(L, -2), name, name);
    lua_replace(L, -4);
    lua_pop(L, 2);
}

/* Calls the function once and returns the node of its result. */
static node_id call_once(lua_State *L, int trace_index, int function, trace_arguments *arguments,
                         void *user)
{
    struct trace *trace = trace_at(L, trace_index);
    trace->comparison_count = trace->choice_count = 0;
    lua_pushvalue(L, function);
    int count = arguments(L, trace_index, user);
    watch_function(L, function, trace_index);
    int status = lua_pcall(L, count, LUA_MULTRET, 0);
    watch_nothing(L);
    if (status != LUA_OK) {
        explain_failure(L);
        lua_error(L);
    }
    int results = lua_gettop(L) - trace_index;
    if (results == 0 || lua_isnil(L, trace_index + 1))
        bind_refuse(L, NULL, "%s returns nothing; end it with `return ...`", trace->what);
    node_id node;
    if (results == 1) {
        if (lua_isboolean(L, -1))
            bind_refuse(L, NULL, "%s returns %s, not a number", trace->what,
                        lua_toboolean(L, -1) ? "true" : "false");
        node = to_node(L, trace, -1, trace->what);
    } else { /* several values: a vector */
        node_id *parts = lua_newuserdatauv(L, (size_t)results * sizeof *parts, 0);
        for (int i = 0; i < results; i++)
            parts[i] = to_node(L, trace, trace_index + 1 + i, trace->what);
        node = graph_concat(trace->graph, parts, results);
    }
    lua_settop(L, trace_index);
    struct error error;
    if (graph_status(trace->graph, &error) != STATUS_OK)
        bind_raise(L, &error);
    return node;
}

static void new_graph(lua_State *L, struct trace *trace)
{
    struct error error;
    graph_free(trace->graph);
    trace->graph = NULL;
    bind_check(L, graph_new(&trace->graph, trace->context, &error), &error);
}

/* Raises an error at a line of the function. */
static int refuse_at(lua_State *L, int function, int line, const char *text)
{
    lua_Debug frame;
    lua_pushvalue(L, function);
    lua_getinfo(L, ">S", &frame);
    lua_pushfstring(L, "%s:%d: %s", frame.short_src, line, text);
    return lua_error(L);
}

static void refuse_branch(lua_State *L, struct trace *trace, int function, int line)
{
    char text[256];
    snprintf(text, sizeof text,
             "%s branches on its input or a parameter, but it is traced once for all values; write "
             "where(x > 0, a, b), or use max, min, relu or abs", trace->what);
    refuse_at(L, function, line, text);
}

node_id trace_function(lua_State *L, int function, const char *what, trace_arguments *arguments,
                       void *user)
{
    function = lua_absindex(L, function);
    struct trace *trace = lua_newuserdatauv(L, sizeof *trace, 0);
    *trace = (struct trace){.context = bind_context(L), .what = what};
    luaL_setmetatable(L, TRACE_TYPE);
    int index = lua_gettop(L);
    new_graph(L, trace);
    trace->runs = RUN_LIMIT; /* looking */
    node_id root = call_once(L, index, function, arguments, user);
    int comparisons = trace->comparison_count, choices = trace->choice_count;
    if (comparisons > 0) {
        int bits = 0;
        while (1 << bits < comparisons)
            bits++;
        for (trace->run = 1; trace->run < 2 + bits; trace->run++) {
            int line = trace->comparisons[comparisons - 1].line;
            new_graph(L, trace);
            call_once(L, index, function, arguments, user);
            if (trace->comparison_count != comparisons || trace->choice_count != choices)
                refuse_branch(L, trace, function, line);
        }
        trace->runs = trace->run;
        new_graph(L, trace);
        root = call_once(L, index, function, arguments, user);
        for (int i = 0; i < comparisons; i++)
            if (!trace->comparisons[i].used)
                refuse_branch(L, trace, function, trace->comparisons[i].line);
    } else if (choices > 0) {
        trace->runs = trace->run = 0;
        new_graph(L, trace);
        root = call_once(L, index, function, arguments, user);
    }
    /* Once more into the same graph: equal expressions are one node. */
    if (call_once(L, index, function, arguments, user) != root) {
        lua_Debug frame;
        lua_pushvalue(L, function);
        lua_getinfo(L, ">S", &frame);
        char text[200];
        snprintf(text, sizeof text,
                 "%s does not give the same formula twice; it must not use random numbers or "
                 "variables that change", what);
        refuse_at(L, function, frame.linedefined, text);
    }
    return root;
}

void bind_open_symbol(lua_State *L)
{
    static const struct function methods[] = {
        {"sum", symbol_sum, &sum_doc},
        {"mean", symbol_mean, &mean_doc},
        {"prod", symbol_prod, &prod_doc},
        {"min", symbol_min, &min_doc},
        {"max", symbol_max, &max_doc},
        {"norm", symbol_norm, &norm_doc},
    };
    static const luaL_Reg meta[] = {
        {"__add", symbol_add},       {"__sub", symbol_sub},      {"__mul", symbol_mul},
        {"__div", symbol_div},       {"__pow", symbol_pow},      {"__unm", symbol_unm},
        {"__mod", refuse_operator},  {"__idiv", refuse_operator}, {"__concat", symbol_concat},
        {"__eq", symbol_eq},         {"__lt", symbol_lt},        {"__le", symbol_le},
        {"__len", symbol_len},       {"__call", symbol_call},    {"__matmul", symbol_matmul},
        {"__dot", symbol_dot},       {"__logsumexp", symbol_logsumexp}, {"__softmax", symbol_softmax},  {"__tostring", symbol_text},
        {NULL, NULL},
    };
    bind_type(L, BIND_SYMBOL, methods, sizeof methods / sizeof *methods, meta, NULL, NULL);
    luaL_getmetatable(L, BIND_SYMBOL);
    lua_pushcfunction(L, symbol_index); /* components by number, besides the methods */
    lua_setfield(L, -2, "__index");
    bind_ends_ipairs(L);
    lua_pop(L, 1);
    luaL_newmetatable(L, TRACE_TYPE);
    lua_pushcfunction(L, trace_free);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}
