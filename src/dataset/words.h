/* SPDX-License-Identifier: GPL-3.0-or-later */
/* words.h: the distinct texts of a column, numbered in the order they came. */
#ifndef DESCENT_DATASET_WORDS_H
#define DESCENT_DATASET_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/context.h"

struct word {
    size_t offset, length; /* in text; a 0 follows */
    size_t hash;
};

struct words {
    char *text;
    size_t text_size, text_capacity;
    struct word *list;
    size_t count, capacity;
    size_t *slots;     /* open addressing: a word's number + 1, or 0 */
    size_t slot_count; /* a power of two */
};

/* The number of a word, from 0, which is added if it is new. False when memory runs out. */
bool words_number(struct words *words, struct context *context, const char *text, size_t length,
                  size_t *number);
const char *words_text(const struct words *words, size_t number);
void words_free(struct words *words, struct context *context);

/* ranks[number] is the place of a word from 0: in the order of bytes or, when all words are finite
 * numbers and `numeric` is set, of numbers; equal numbers share a place. *count places are used,
 * and firsts[place] is a word that stands there. Both have room for words->count. Only inside
 * number_locale_enter. Returns 1 where the order is one of numbers, 0 where not, -1 when memory
 * runs out. */
int words_sort(const struct words *words, struct context *context, bool numeric, size_t *ranks,
               size_t *firsts, size_t *count);

#endif
