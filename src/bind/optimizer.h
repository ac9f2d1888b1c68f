/* SPDX-License-Identifier: GPL-3.0-or-later */
/* optimizer.h: what run.c needs of the optimizers' binding. */
#ifndef DESCENT_BIND_OPTIMIZER_H
#define DESCENT_BIND_OPTIMIZER_H

#include "bind/bind.h"
#include "optimizer/optimizer.h"

struct optimizer *bind_optimizer(lua_State *L, int index, const char *argument);
/* Pushes an object with a reference of its own. */
void bind_optimizer_push(lua_State *L, struct optimizer *optimizer);
/* Pushes a copy with the changes that the table at `index` names; others are refused. */
void bind_optimizer_change(lua_State *L, struct optimizer *optimizer, int index);
/* Pushes argument i as Lua has it: a number, a schedule, true, "average". `value` is its number. */
void bind_optimizer_argument(lua_State *L, const struct optimizer *optimizer, size_t i,
                             double value);

/* Where Lua is called from: what the library calls back runs on this state. Lives as long as
 * Lua. */
struct bind_caller {
    lua_State *L;
};
struct bind_caller *bind_caller(lua_State *L);
/* Calls function(user) protected: a Lua error is kept and becomes STATUS_CALLBACK. */
enum status bind_protect(struct bind_caller *caller, lua_CFunction function, void *user,
                         struct error *error);

void bind_open_line_search(lua_State *L);

/* optim{...}: (namespace, table) -> optimizer. */
int bind_own_rule(lua_State *L);
/* (rule as a light userdata, options) -> optimizer. */
int bind_own_optimizer(lua_State *L);

#endif
