/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESCENT_BIND_LOSS_H
#define DESCENT_BIND_LOSS_H

#include "bind/bind.h"
#include "loss/penalty.h"
#include "objective/objective.h"

/* The objective behind a loss. Its user value holds {model =, data =, title =}: the Lua values it
 * was made of, and what one would type for it. */
struct objective *bind_loss(lua_State *L, int index, const char *argument);
/* φ at index: L{...}, L(array), by name; or all numbers from `index` to the top: L(0.6, -0.2). In
 * its place stands an array. */
const double *bind_loss_phi(lua_State *L, struct objective *objective, int index);

/* Pushes a block with the names of the components of φ, for bind_parameters. */
char **bind_loss_components(lua_State *L, const struct objective *objective);
/* Pushes {losses =, gradients =, hessians =}: how often each was asked for. */
void bind_loss_push_counts(lua_State *L, struct objective_counts counts);

/* __add and the like of losses and penalties. */
extern const luaL_Reg bind_loss_arithmetic[];

/* --- penalties (penalty.c) --- */
#define BIND_PENALTY "descent.penalty"
struct penalty *bind_penalty(lua_State *L, int index); /* NULL: it is something else */
void bind_penalty_title(lua_State *L, const struct penalty *penalty); /* pushed */
int bind_penalty_push_scaled(lua_State *L, const struct penalty *penalty, double factor);
int bind_penalty_push_sum(lua_State *L, const struct penalty *a, const struct penalty *b);
void bind_open_penalty(lua_State *L);

#endif
