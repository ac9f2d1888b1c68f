/* SPDX-License-Identifier: GPL-3.0-or-later */
/* symbol_private.h: what symbol.c (symbols as values) and tracing.c (functions called with them)
 * share. */
#ifndef DESCENT_BIND_SYMBOL_PRIVATE_H
#define DESCENT_BIND_SYMBOL_PRIVATE_H

#include "bind/symbol.h"

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

struct trace *trace_at(lua_State *L, int index);
/* Pushes the trace of the first symbol among the arguments 1..count; NULL and nothing: none is. */
struct trace *symbol_push_trace(lua_State *L, int count);
/* The symbol, number or array at index as a node; `what` takes it. */
node_id symbol_node(lua_State *L, struct trace *trace, int index, const char *what);

/* The metamethods of comparisons, and what makes traces something that Lua collects. */
int symbol_lt(lua_State *L);
int symbol_le(lua_State *L);
void bind_open_tracing(lua_State *L);

#endif
