/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.h: what the files of the type run share: run.c (the object, its fields), descend.c (how it is
 * made), run_move.c, run_goal.c, run_record.c, saved.c (its methods), trace.c (r.trace). */
#ifndef DESCENT_BIND_RUN_H
#define DESCENT_BIND_RUN_H

#include "bind/bind.h"
#include "run/run.h"

#define BIND_TRACE "descent.history" /* a trace, in C, is what a function leaves (tracing.c) */

/* argument NULL: the object before the colon. */
struct run *bind_run(lua_State *L, int index, const char *argument);

/* Pushes an empty run object for the loss and the validation loss (or nil) at these indices. */
struct run **bind_run_new(lua_State *L, int loss, int validation);
/* Pushes what the run at `index` keeps under that name: loss, validation, cache (the trace's
 * columns). Returns its type. */
int bind_run_kept(lua_State *L, int index, const char *name);

/* The bytes that the library holds now; and told that number from before, Lua's collector hears by
 * how much it has grown: it sees only small objects. */
size_t bind_run_bytes(const struct context *context);
void bind_run_weigh(lua_State *L, const struct context *context, size_t bytes_before);

/* Ends a method that moved the run at 1: says that it diverges, scores a guess, returns the run. */
int bind_run_moved(lua_State *L, const struct run *run, size_t bytes_before, bool quiet);

/* Pushes the trace of the run at `index`. */
void bind_trace_push(lua_State *L, int index);

extern const struct doc bind_run_doc; /* of the type, and of the namespace with run.load */

/* The openers: each adds its functions to the core table on top of the stack, and its methods. */
void bind_open_descend(lua_State *L);
void bind_open_run_move(lua_State *L);
void bind_open_run_goal(lua_State *L);
void bind_open_run_record(lua_State *L);
void bind_open_saved(lua_State *L);
void bind_open_export(lua_State *L);
void bind_open_trace(lua_State *L);

#endif
