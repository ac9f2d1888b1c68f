/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "repl/repl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/readline.h>

#include "repl/edit.h"
#include "repl/history.h"
#include "repl/interrupt.h"
#include "repl/prompt.h"

enum { SECONDS_TO_KEEP = 30 }; /* that it may take to write what is kept of an ended session */

/* Where the terminal cannot show a text of several lines while it is edited, further lines are
 * asked for one by one; they are one entry all the same. */
static enum edit_end read_entry(lua_State *L, char **entry)
{
    char prompt[256];
    prompt_text(L, prompt, sizeof prompt);
    enum edit_end end = edit_read(prompt, entry);
    while (end == EDIT_ENTRY && prompt_incomplete(L, *entry)) {
        char *line;
        end = edit_read(">> ", &line);
        if (end == EDIT_ENTRY) {
            size_t first = strlen(*entry), second = strlen(line);
            char *both = realloc(*entry, first + second + 2);
            if (both != NULL) {
                both[first] = '\n';
                memcpy(both + first + 1, line, second + 1);
                *entry = both;
            }
            free(line);
        }
    }
    if (end != EDIT_ENTRY) {
        free(*entry);
        *entry = NULL;
    }
    return end;
}

/* Until one leaves (0) or a signal ends the session (its number). */
static int converse(lua_State *L, bool greeting, bool startup)
{
    enum prompt_end more = prompt_begin(L, greeting && isatty(STDOUT_FILENO), startup);
    entries_open();
    edit_open(L);
    while (more == PROMPT_MORE && interrupt_ended() == 0) {
        char *entry;
        switch (read_entry(L, &entry)) {
        case EDIT_ENTRY:
            entries_add(entry);
            more = prompt_entry(L, entry);
            free(entry);
            break;
        case EDIT_CLEARED: break;
        case EDIT_LEFT: return 0;
        case EDIT_SIGNAL: return edit_signal() != 0 ? edit_signal() : interrupt_ended();
        }
    }
    return interrupt_ended();
}

int repl_run(lua_State *L, bool greeting, bool startup)
{
    if (!prompt_open(L)) {
        fprintf(stderr, "descent: %s\n", lua_tostring(L, -1));
        lua_pop(L, 1);
        return 0;
    }
    interrupt_set_manner(INTERRUPT_PROMPT);
    interrupt_keep_output();
    int number = converse(L, greeting, startup);
    if (number != 0) {
        interrupt_end_within(SECONDS_TO_KEEP);
        prompt_ended(L);
    }
    interrupt_restore_terminal();
    return number;
}

const char *repl_readline_version(void)
{
    return rl_library_version;
}
