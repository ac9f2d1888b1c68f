/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * repl.h: the session at a terminal.
 */
#ifndef DESCENT_REPL_REPL_H
#define DESCENT_REPL_REPL_H

#include <lua.h>
#include <stdbool.h>

/* Reads, runs and prints entries until the user leaves. Returns 0, or the signal that is to end the
 * program once the state is closed. With standard input at a terminal only. */
int repl_run(lua_State *L, bool greeting, bool startup);

const char *repl_readline_version(void);

#endif
