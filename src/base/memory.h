/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memory.h: all memory of the library comes through here, so that tests can make the n-th request
 * fail and can see that every block was given back. */
#ifndef DESCENT_BASE_MEMORY_H
#define DESCENT_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

struct context;

/* count * size bytes, zeroed; NULL when there is not enough, when the product overflows, or when
 * the context's switch says so. A request for 0 bytes gives a block of 1. */
void *memory_allocate(struct context *context, size_t count, size_t size);

/* Like realloc; the old block stays valid on failure. New bytes are not zeroed. */
void *memory_resize(struct context *context, void *block, size_t count, size_t size);

/* count * size bytes aligned to 64, zeroed. Given back with memory_free. */
void *memory_allocate_aligned(struct context *context, size_t count, size_t size);

char *memory_copy_text(struct context *context, const char *text);

/* NULL is allowed. */
void memory_free(struct context *context, void *block);

/* Blocks that live as long as one call: begun with {.context = ...}, given back together. */
struct scratch {
    struct context *context;
    struct scratch_block *blocks;
    bool failed; /* one of them was not to be had */
};
void *scratch_allocate(struct scratch *scratch, size_t count, size_t size); /* zeroed, or NULL */
void scratch_free(struct scratch *scratch);

#endif
