/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * complete.h: makes Readline ask descent.prompt for completions.
 */
#ifndef DESCENT_REPL_COMPLETE_H
#define DESCENT_REPL_COMPLETE_H

#include <lua.h>

void complete_open(lua_State *L);

#endif
