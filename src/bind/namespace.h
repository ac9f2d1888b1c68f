/* SPDX-License-Identifier: GPL-3.0-or-later */
/* namespace.h: tables of names such as data and random. */
#ifndef DESCENT_BIND_NAMESPACE_H
#define DESCENT_BIND_NAMESPACE_H

#include <lua.h>

#include "base/doc.h"

/* Gives the documented table on top of the stack a metatable: a name that it does not have is
 * refused with the nearest one. Names in `late` (NULL-terminated; or NULL) are there as well:
 * make(name) returns the value when one is first read, and pairs() makes them all. */
void bind_namespace(lua_State *L, const struct doc *doc, const char *const *late,
                    lua_CFunction make);

#endif
