/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * console.h: what Lua code may ask of the program around it: `require "descent.console"`.
 *
 *   clock()        seconds of a clock that only goes forward
 *   interrupted()  true when Ctrl-C was pressed since the last call; forgets it
 *   offer(text)    puts a text where Up finds it first, without keeping it in the file
 *   limit          bytes that Lua may use
 *   refused()      whether the system, not the limit, was what refused memory the last time
 */
#ifndef DESCENT_REPL_CONSOLE_H
#define DESCENT_REPL_CONSOLE_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* Makes the module known to require. */
void console_preload(lua_State *L, size_t limit, const bool *refused);

#endif
