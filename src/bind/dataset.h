/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dataset.h: for the files of this folder that make data sets. */
#ifndef DESCENT_BIND_DATASET_H
#define DESCENT_BIND_DATASET_H

#include "bind/bind.h"

/* Pushes an empty object for a library function to fill. */
struct dataset **bind_dataset_new(lua_State *L);

/* The collector sees only the small userdata, so it is told how much memory really hangs on it. */
void bind_dataset_weigh(lua_State *L, const struct dataset *dataset);

/* Room that the collector frees, whatever happens; pushed. */
void *bind_room(lua_State *L, size_t count, size_t size);

/* The generator of a call: one with the seed that was given, kept in *own, or the global one. */
struct generator *bind_generator_of(lua_State *L, bool given, double seed, struct generator *own);

/* The name of a file. */
const char *bind_path(lua_State *L, int index);

#endif
