/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "repl/complete.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "repl/prompt.h"

/* Readline's callbacks get no argument of the caller's. */
static lua_State *state;

/* A word is a name; inside a string it is all since the quote. */
static char *word_breaks(void)
{
    static char names[] = " \t\n!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~", strings[] = "\"'";
    return prompt_in_string(state, rl_line_buffer, rl_point) ? strings : names;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Readline wants the longest common beginning in front of the list. */
static char **with_beginning(char **list)
{
    size_t count = 0, common;
    while (list[count] != NULL)
        count++;
    qsort(list, count, sizeof *list, by_bytes);
    common = strlen(list[0]);
    for (size_t i = 1; i < count; i++) {
        size_t same = 0;
        while (same < common && list[i][same] == list[0][same])
            same++;
        common = same;
    }
    char **all = malloc((count + 2) * sizeof *all);
    char *beginning = malloc(common + 1);
    if (all == NULL || beginning == NULL) {
        free(all);
        free(beginning);
        for (size_t i = 0; i < count; i++)
            free(list[i]);
        free(list);
        return NULL;
    }
    memcpy(beginning, list[0], common);
    beginning[common] = '\0';
    all[0] = beginning;
    if (count == 1) { /* a list of one is the beginning alone */
        free(list[0]);
        all[1] = NULL;
    } else {
        memcpy(all + 1, list, (count + 1) * sizeof *list);
    }
    free(list);
    return all;
}

static char **complete(const char *text, int first, int last)
{
    bool files;
    char **list = prompt_completions(state, rl_line_buffer, first, last, &files);
    if (files) {
        free(list);
        rl_completion_append_character = first > 0 ? rl_line_buffer[first - 1] : '"';
        return rl_completion_matches(text, rl_filename_completion_function);
    }
    rl_attempted_completion_over = 1; /* no file names where none are wanted */
    rl_completion_suppress_append = 1;
    rl_sort_completion_matches = 1;
    if (list != NULL && list[0] == NULL) {
        free(list);
        list = NULL;
    }
    return list != NULL ? with_beginning(list) : NULL;
}

void complete_open(lua_State *L)
{
    state = L;
    rl_attempted_completion_function = complete;
    rl_completion_word_break_hook = word_breaks;
}
