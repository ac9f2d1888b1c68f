/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * interrupt.h: Ctrl-C stops code, never the session.
 *
 * The signal handler sets context->interrupted, which the C loops poll, and a hook on the coroutine
 * that runs. `coroutine.resume` and `coroutine.wrap` are replaced by ones that keep note of it. The
 * hook goes on raising "interrupted" until interrupt_take is called at the top, so that a pcall in
 * a loop does not swallow it. Lua code of the library itself is left in peace for a tenth of a
 * second, and once a C loop has taken the flag or the error has been raised, so that it can put
 * things in order; by interrupted() of descent.console it makes the interrupt its own.
 *
 * SIGTERM and SIGHUP stop code likewise, and then the program ends by them: in order, or at once by
 * a second one.
 */
#ifndef DESCENT_REPL_INTERRUPT_H
#define DESCENT_REPL_INTERRUPT_H

#include <lua.h>
#include <stdbool.h>

#include "base/context.h"

enum interrupt_manner {
    INTERRUPT_SCRIPT, /* a second Ctrl-C that finds the first still waiting ends the program */
    INTERRUPT_PROMPT, /* it offers to leave; the third one leaves */
};

/* Installs the handlers and replaces the two functions. Once, from the main state. A signal that is
 * ignored at the start (nohup) stays so. */
void interrupt_install(lua_State *L, struct context *context, enum interrupt_manner manner);
void interrupt_set_manner(enum interrupt_manner manner);

/* For a session: Ctrl-C no longer makes the terminal throw away what is on its way to the screen
 * (the next prompt may be part of it). However the program ends, the terminal is put back. */
void interrupt_keep_output(void);
void interrupt_restore_terminal(void);

/* Called at the top when protected code has ended: true when Ctrl-C was pressed since the last
 * call. Forgets it, and removes the hook. */
bool interrupt_take(lua_State *L);

/* While keys are read, Ctrl-C only leaves a note; true once for each. */
void interrupt_reading(bool reading);
bool interrupt_noted(void);

/* The signal that the program is to end by, or 0. */
int interrupt_ended(void);

/* For what is still to be put in order then: after so many seconds the signal ends it. */
void interrupt_end_within(unsigned seconds);

#endif
