/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loss_private.h: what the files of the type loss share: loss.c (the object, losses of a model on
 * data, fields), own_loss.c (losses from Lua functions), loss_sum.c (arithmetic), loss_value.c
 * (what a loss says at a φ), loss_solve.c, loss_surface.c. */
#ifndef DESCENT_BIND_LOSS_PRIVATE_H
#define DESCENT_BIND_LOSS_PRIVATE_H

#include "bind/loss.h"
#include "model/model.h"

struct bound_loss {
    struct objective *objective;
};

/* The model and the data set at 1 and 2, for the function `name`; the model as it is for the
 * data. */
struct model *bind_loss_model(lua_State *L, const char *name, struct dataset **data);
/* Pushes an empty loss that remembers the model and data at these indices (0: none). */
struct bound_loss *bind_loss_new(lua_State *L, int model, int data);
/* Sets the title of the loss on top of the stack to the text above it, which is popped. */
void bind_loss_set_title(lua_State *L);
/* Pushes what one would type for the loss or penalty at index. */
void bind_loss_push_title(lua_State *L, int index);

/* The openers: of the namespace `loss`, its table on top of the stack; of methods. */
void bind_open_own_loss(lua_State *L);
void bind_open_loss_value(lua_State *L);
void bind_open_loss_solve(lua_State *L);
void bind_open_loss_surface(lua_State *L);

#endif
