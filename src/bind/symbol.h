/* SPDX-License-Identifier: GPL-3.0-or-later */
/* symbol.h: tracing. A Lua function is called with symbols in place of numbers; what it does to
 * them becomes a graph. */
#ifndef DESCENT_BIND_SYMBOL_H
#define DESCENT_BIND_SYMBOL_H

#include "bind/bind.h"
#include "graph/graph.h"

struct trace; /* the userdata that owns the graph while a function is traced */

/* Pushes the arguments of the traced function, made of symbols of this trace; returns how many.
 * Called anew for each run. */
typedef int trace_arguments(lua_State *L, int trace_index, void *user);

/* Traces the function at `function`; `what` ("the model") is for messages. Leaves the trace on the
 * stack and returns its root. Raises an error in words where the function branches on a symbol,
 * depends on random numbers, or fails. */
node_id trace_function(lua_State *L, int function, const char *what, trace_arguments *arguments,
                       void *user);
/* Takes the finished graph out of the trace at index; the caller frees it. */
struct graph *trace_take(lua_State *L, int trace_index);

struct graph *trace_graph(lua_State *L, int trace_index);
void symbol_push(lua_State *L, int trace_index, node_id node);

/* For functions that take numbers, arrays and symbols alike: if one of the arguments 1..count is a
 * symbol, applies `primitive` to them as nodes, pushes the result and returns true. */
bool symbol_apply(lua_State *L, enum primitive primitive, int count);
/* where(c, a, b) while a function is traced: pushes the result and returns true. */
bool symbol_where(lua_State *L);
/* A truth value at index becomes a symbol of the comparison that it stands for; while no function
 * is traced, 1 or 0. */
void symbol_condition(lua_State *L, int index);
/* Pushes what `primitive` makes of all components of the symbol at 1: the largest, the product. */
void symbol_fold(lua_State *L, enum primitive primitive);
bool symbol_among(lua_State *L, int count);
/* If the list at index holds a symbol: sets *column to the node of the column of its numbers and
 * symbols, pushes their trace and returns true. */
bool symbol_column(lua_State *L, int index, node_id *column);

void bind_open_symbol(lua_State *L);

/* --- a traced function against itself: calls with plain numbers show a branch that tracing cannot
 * see --- */
bool trace_agrees(double own, double formula);
/* Raises that `what` ("the loss"), with this value of `name`, gives another number than its
 * formula. Does not return. */
int trace_refuse(lua_State *L, int function, const char *what, const char *name, double value,
                 double own, double formula);
/* Raises the error of a failed call on top of the stack again where it is Ctrl-C's. */
void trace_pass_interrupt(lua_State *L);

#endif
