/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dataset/words.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dataset/number.h"

static size_t hash_of(const char *text, size_t length) /* FNV-1a */
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
    return (size_t)(hash ^ (hash >> 32));
}

/* The slot that holds the word, or the empty one where it belongs. */
static size_t slot_of(const struct words *words, const char *text, size_t length, size_t hash)
{
    size_t slot = hash & (words->slot_count - 1);
    for (;; slot = (slot + 1) & (words->slot_count - 1)) {
        if (words->slots[slot] == 0)
            return slot;
        const struct word *word = &words->list[words->slots[slot] - 1];
        if (word->hash == hash && word->length == length &&
            memcmp(words->text + word->offset, text, length) == 0)
            return slot;
    }
}

static bool grow_slots(struct words *words, struct context *context)
{
    size_t count = words->slot_count == 0 ? 32 : 2 * words->slot_count;
    size_t *slots = memory_allocate(context, count, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < words->count; i++) {
        size_t slot = words->list[i].hash & (count - 1);
        while (slots[slot] != 0)
            slot = (slot + 1) & (count - 1);
        slots[slot] = i + 1;
    }
    memory_free(context, words->slots);
    words->slots = slots;
    words->slot_count = count;
    return true;
}

static bool make_room(struct words *words, struct context *context, size_t length)
{
    if (words->count == words->capacity) {
        size_t capacity = words->capacity == 0 ? 16 : 2 * words->capacity;
        struct word *list = memory_resize(context, words->list, capacity, sizeof *list);
        if (list == NULL)
            return false;
        words->list = list;
        words->capacity = capacity;
    }
    size_t needed = words->text_size + length + 1;
    if (needed > words->text_capacity) {
        size_t capacity = needed < 256 ? 256 : 2 * needed;
        char *text = memory_resize(context, words->text, capacity, 1);
        if (text == NULL)
            return false;
        words->text = text;
        words->text_capacity = capacity;
    }
    return 2 * (words->count + 1) <= words->slot_count || grow_slots(words, context);
}

bool words_number(struct words *words, struct context *context, const char *text, size_t length,
                  size_t *number)
{
    size_t hash = hash_of(text, length);
    if (words->slot_count > 0) {
        size_t slot = slot_of(words, text, length, hash);
        if (words->slots[slot] != 0) {
            *number = words->slots[slot] - 1;
            return true;
        }
    }
    if (!make_room(words, context, length))
        return false;
    memcpy(words->text + words->text_size, text, length);
    words->text[words->text_size + length] = '\0';
    words->list[words->count] = (struct word){
        .offset = words->text_size, .length = length, .hash = hash};
    words->text_size += length + 1;
    size_t slot = slot_of(words, text, length, hash);
    *number = words->count++;
    words->slots[slot] = words->count;
    return true;
}

const char *words_text(const struct words *words, size_t number)
{
    return words->text + words->list[number].offset;
}

void words_free(struct words *words, struct context *context)
{
    memory_free(context, words->text);
    memory_free(context, words->list);
    memory_free(context, words->slots);
    *words = (struct words){0};
}

struct sorted {
    const char *text;
    double value;
    size_t number;
};

static int by_bytes(const void *first, const void *second)
{
    const struct sorted *a = first, *b = second;
    return strcmp(a->text, b->text);
}

static int by_value(const void *first, const void *second)
{
    const struct sorted *a = first, *b = second;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return a->number < b->number ? -1 : 1; /* the form that came first names them all */
}

int words_sort(const struct words *words, struct context *context, bool numeric, size_t *ranks,
               size_t *firsts, size_t *count)
{
    struct sorted *sorted = memory_allocate(context, words->count, sizeof *sorted);
    if (sorted == NULL)
        return -1;
    for (size_t i = 0; i < words->count; i++) {
        sorted[i] = (struct sorted){.text = words_text(words, i), .number = i};
        numeric = numeric && number_read(sorted[i].text, words->list[i].length, &sorted[i].value) ==
                                 NUMBER_FINITE;
    }
    qsort(sorted, words->count, sizeof *sorted, numeric ? by_value : by_bytes);
    size_t places = 0;
    for (size_t i = 0; i < words->count; i++) {
        if (!(numeric && i > 0 && sorted[i].value == sorted[i - 1].value))
            firsts[places++] = sorted[i].number;
        ranks[sorted[i].number] = places - 1;
    }
    *count = places;
    memory_free(context, sorted);
    return numeric ? 1 : 0;
}
