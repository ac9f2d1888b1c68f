/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.h: what run.c (descend, the type run) and trace.c (the type trace) share. */
#ifndef DESCENT_BIND_RUN_H
#define DESCENT_BIND_RUN_H

#include "bind/bind.h"
#include "run/run.h"

#define BIND_TRACE "descent.history" /* a trace, in C, is what a function leaves (symbol.c) */

/* argument NULL: the object before the colon. Its user value is {loss =, cache =}. */
struct run *bind_run(lua_State *L, int index, const char *argument);

/* Pushes an empty run object for the loss and the validation loss (or nil) at these indices. */
struct run **bind_run_new(lua_State *L, int loss, int validation);
void bind_open_saved(lua_State *L);
void bind_open_export(lua_State *L);

/* Tells Lua's collector by how much the library's memory has grown: it sees only small objects. */
void bind_run_weigh(lua_State *L, size_t bytes_before);

/* Pushes the trace of the run at `index`. */
void bind_trace_push(lua_State *L, int index);
void bind_open_trace(lua_State *L);

#endif
