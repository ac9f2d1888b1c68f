/* SPDX-License-Identifier: GPL-3.0-or-later */
/* parameters.h: φ as users write it. */
#ifndef DESCENT_BIND_PARAMETERS_H
#define DESCENT_BIND_PARAMETERS_H

#include "bind/bind.h"
#include "model/model.h"

/* φ at index: an array, a list of numbers, or a table by name ({phi0 = 1, phi1 = 2}, or whole
 * blocks {W = {...}, b = 0}). Replaced in place by an array of `size` numbers. */
struct array *bind_parameters(lua_State *L, int index, char *const *components, size_t size,
                              const char *argument);

/* Pushes φ as a table by name: a number for a single component, an array for a block. */
void bind_push_named(lua_State *L, const double *phi, char *const *components, size_t size);

/* The specification {W = {8, 1}, b = 8} or {{"W", 8, 1}, {"b", 8}} at index. The list is a userdata
 * that is pushed and must stay on the stack while it is used; names belong to the table. */
struct parameter_spec *bind_parameter_specs(lua_State *L, int index, int *count);

/* The names of a function's arguments after the first `skip`, as specifications of single numbers;
 * kept by the function. Pushed like bind_parameter_specs. */
struct parameter_spec *bind_argument_specs(lua_State *L, int function, int skip, const char *what,
                                           int *count);

/* The models of C behind the Lua values. */
struct bound_model {
    struct model *model; /* of a user's function: only its parameters, without a graph */
    bool traced;         /* a user's function; its user value holds {predict, parameters, traced} */
};
/* The concrete model for inputs of this width; a user's function is traced, and compared with calls
 * with plain numbers at the first examples of x (may be NULL). The result lives as long as the
 * value at index. */
struct model *bind_model_for(lua_State *L, int index, const double *x, size_t count, int width);
struct bound_model *bind_model(lua_State *L, int index, const char *argument);
/* Makes the table on top of the stack the namespace `model`, which is called with a function. */
void bind_open_own_model(lua_State *L);

#endif
