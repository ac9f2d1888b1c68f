/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tracing.c: Lua functions into graphs: the runs of a function, and its comparisons.
 *
 * Lua's comparisons must give true or false, so a comparison of symbols cannot be a symbol itself.
 * Yet where(x > 0, a, b) is how people write. A function that compares symbols is therefore called
 * several times: with all comparisons true, with all false, and with comparison number k (from 0)
 * saying bit b of k, for each bit b. The truth values that a call of where() has seen then spell
 * the number of the comparison that it holds; inverted where `not` came between. A comparison that
 * no where() held decides a branch, which a graph cannot have.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "bind/symbol_private.h"
#include "bind/text.h"

#define TRACE_TYPE "descent.trace"

/* Their addresses are keys of the registry: while a function is traced it stands under the first
 * and its trace under the second. */
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

struct choice {    /* a call of where() with a truth value */
    unsigned seen; /* bit r: what it saw in run r */
};

/* --- traces --- */

struct trace *trace_at(lua_State *L, int index)
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
        bind_refuse(L, NULL,
                    "the condition of a loop depends on the input or on a parameter; %s "
                    "must do the same steps for all inputs",
                    trace->what);
    if (k >= trace->comparison_total) {
        struct comparison *list = memory_resize(trace->context, trace->comparisons, (size_t)k + 1,
                                                sizeof *list);
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
    struct trace *trace = symbol_push_trace(L, 2);
    struct graph *graph = trace->graph;
    const char *sign = or_equal ? "<=" : "<";
    node_id a = symbol_node(L, trace, 1, sign), b = symbol_node(L, trace, 2, sign);
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

int symbol_lt(lua_State *L)
{
    return order(L, false);
}

int symbol_le(lua_State *L)
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
        bind_refuse(L, NULL,
                    "where() cannot see which comparison decides; write it with both(), "
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
    struct trace *trace = symbol_push_trace(L, 3);
    if (!trace) { /* where(x > 0, 1, 2) has a truth value and two plain numbers */
        if (!lua_isboolean(L, 1) || lua_rawgetp(L, LUA_REGISTRYINDEX, &active_trace) == LUA_TNIL) {
            lua_settop(L, 3);
            return false;
        }
        trace = trace_at(L, -1);
    }
    node_id condition = lua_isboolean(L, 1) ? condition_of_choice(L, trace, lua_toboolean(L, 1))
                                            : symbol_node(L, trace, 1, "where");
    node_id a = symbol_node(L, trace, 2, "where"), b = symbol_node(L, trace, 3, "where");
    symbol_push(L, 4, graph_where(trace->graph, condition, a, b));
    return true;
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
    lua_pushfstring(L,
                    "%smath.%s does not know symbols: write %s(x), which works on numbers, "
                    "arrays and in models",
                    lua_tostring(L, -2), name, name);
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
        node = symbol_node(L, trace, -1, trace->what);
    } else { /* several values: a vector */
        node_id *parts = lua_newuserdatauv(L, (size_t)results * sizeof *parts, 0);
        for (int i = 0; i < results; i++)
            parts[i] = symbol_node(L, trace, trace_index + 1 + i, trace->what);
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
             "where(x > 0, a, b), or use max, min, relu or abs",
             trace->what);
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
                 "variables that change",
                 what);
        refuse_at(L, function, frame.linedefined, text);
    }
    return root;
}

/* --- a traced function against itself --- */

bool trace_agrees(double own, double formula)
{
    return (isnan(own) && isnan(formula)) || own == formula ||
           fabs(own - formula) <= 1e-9 * fmax(1, fmax(fabs(own), fabs(formula)));
}

int trace_refuse(lua_State *L, int function, const char *what, const char *name, double value,
                 double own, double formula)
{
    lua_Debug frame;
    lua_pushvalue(L, function);
    lua_getinfo(L, ">S", &frame);
    lua_pushfstring(L,
                    "%s:%d: with %s = %s %s's function itself gives %s and its traced formula %s: "
                    "it branches in a way that cannot be seen; write where(condition, a, b)",
                    frame.short_src, frame.linedefined, name, bind_number_text(L, value), what,
                    bind_number_text(L, own), bind_number_text(L, formula));
    return lua_error(L);
}

void trace_pass_interrupt(lua_State *L)
{
    const char *text = lua_tostring(L, -1);
    if (text && strstr(text, "interrupted!"))
        lua_error(L);
}

void bind_open_tracing(lua_State *L)
{
    luaL_newmetatable(L, TRACE_TYPE);
    lua_pushcfunction(L, trace_free);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}
