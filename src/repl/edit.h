/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * edit.h: reads one entry, of one or several lines, with Readline.
 *
 * Enter inserts a newline while the text is an incomplete chunk of Lua. The arrows, ^A, ^E, ^K and
 * ^U work on the line inside the text; from its first and last line on, Up and Down go through the
 * history, restricted to the entries that begin with what stands before the cursor. The user's own
 * ~/.inputrc and its editing mode stay in force: only keys whose function is one of Readline's
 * standard ones are given ours.
 */
#ifndef DESCENT_REPL_EDIT_H
#define DESCENT_REPL_EDIT_H

#include <lua.h>

enum edit_end {
    EDIT_ENTRY,   /* *entry is a fresh block */
    EDIT_CLEARED, /* Ctrl-C */
    EDIT_LEFT,    /* Ctrl-D on an empty line, or the terminal is gone */
    EDIT_SIGNAL,  /* edit_signal() asks the program to end */
};

void edit_open(lua_State *L);
enum edit_end edit_read(const char *prompt, char **entry);
/* SIGTERM or SIGHUP. */
int edit_signal(void);

#endif
