/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESCENT_BIND_LOSS_H
#define DESCENT_BIND_LOSS_H

#include "bind/bind.h"
#include "objective/objective.h"

/* The objective behind a loss. Its user value holds {model =, data =}, the Lua values it was made
 * of. */
struct objective *bind_loss(lua_State *L, int index, const char *argument);

#endif
