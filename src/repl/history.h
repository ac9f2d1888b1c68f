/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * history.h: what was entered, kept between sessions.
 *
 * The file has Readline's own form: a line "#SECONDS" before each entry, which may have several
 * lines. Every entry is appended under a lock before it is run, so that neither a crash nor another
 * session at the same time loses one.
 */
#ifndef DESCENT_REPL_HISTORY_H
#define DESCENT_REPL_HISTORY_H

/* Reads the file into Readline's list. Without a home folder there is no file, and no error. */
void entries_open(void);
/* Adds to the list and to the file; blank entries and repetitions of the last one are left out. */
void entries_add(const char *entry);
/* Adds to the list alone. */
void entries_offer(const char *entry);

#endif
