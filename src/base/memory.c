/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each block stands behind a header that says where its raw memory begins and how large it is:
 *
 *     base ... [padding] [header] block
 *
 * so that aligned and plain blocks are given back alike and bytes can be counted and limited. */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/context.h"

struct header {
    size_t size;      /* of the block */
    uint32_t offset;  /* from base to block */
    uint32_t aligned; /* asked for with memory_allocate_aligned */
};

enum { PLAIN = 16, ALIGNMENT = 64 };
_Static_assert(sizeof(struct header) <= PLAIN, "the header fits before a block");

static struct header *header_of(void *block)
{
    return (struct header *)((char *)block - sizeof(struct header));
}

/* False when the request must fail. `more` bytes are then counted already. */
static bool grant(struct context *context, size_t more)
{
    size_t number = atomic_fetch_add(&context->memory.requests, 1) + 1;
    if (context->memory.fail_at != 0 && number >= context->memory.fail_at)
        return false;
    size_t before = atomic_fetch_add(&context->memory.bytes, more);
    if (context->memory.limit == 0)
        return true;
    if (before <= context->memory.limit && more <= context->memory.limit - before)
        return true;
    atomic_fetch_sub(&context->memory.bytes, more);
    return false;
}

/* The size in bytes, at least 1; false when it cannot be. */
static bool measure(size_t count, size_t size, size_t *bytes)
{
    if (size != 0 && count > ((size_t)PTRDIFF_MAX - (size_t)2 * ALIGNMENT) / size)
        return false;
    *bytes = count * size == 0 ? 1 : count * size;
    return true;
}

/* A first touch of each page costs more than the work on it; large pages are touched less often. A
 * hint only: whatever the system answers, the memory is as good as before. It is given for the
 * whole block: one that is advised in parts cannot grow where it is, and would be copied. */
static void prefer_large_pages(char *base, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    enum { ENOUGH = 1 << 22 };
    const long page = bytes < ENOUGH ? 0 : sysconf(_SC_PAGESIZE);
    if (page <= 0)
        return;
    size_t before = (uintptr_t)base % (size_t)page;
    madvise(base - before, before + bytes, MADV_HUGEPAGE); /* to the end of the last page */
#else
    (void)base, (void)bytes;
#endif
}

static void *place(char *base, struct header header)
{
    char *block = base + header.offset;
    *header_of(block) = header;
    return block;
}

void *memory_allocate(struct context *context, size_t count, size_t size)
{
    size_t bytes;
    if (!measure(count, size, &bytes) || !grant(context, bytes))
        return NULL;
    char *base = calloc(1, bytes + PLAIN);
    if (base == NULL) {
        atomic_fetch_sub(&context->memory.bytes, bytes);
        return NULL;
    }
    prefer_large_pages(base, bytes);
    atomic_fetch_add(&context->memory.live, 1);
    return place(base, (struct header){.size = bytes, .offset = PLAIN});
}

void *memory_allocate_aligned(struct context *context, size_t count, size_t size)
{
    size_t bytes;
    if (!measure(count, size, &bytes) || !grant(context, bytes))
        return NULL;
    /* calloc and not aligned_alloc: the system's zero pages cost nothing until they are touched. */
    char *base = calloc(1, bytes + ALIGNMENT + PLAIN);
    if (base == NULL) {
        atomic_fetch_sub(&context->memory.bytes, bytes);
        return NULL;
    }
    prefer_large_pages(base, bytes);
    uint32_t beyond = ((uintptr_t)base + PLAIN) % ALIGNMENT;
    uint32_t padding = beyond == 0 ? 0 : ALIGNMENT - beyond;
    atomic_fetch_add(&context->memory.live, 1);
    return place(base, (struct header){.size = bytes, .offset = PLAIN + padding, .aligned = 1});
}

void *memory_resize(struct context *context, void *block, size_t count, size_t size)
{
    if (block == NULL)
        return memory_allocate(context, count, size);
    size_t bytes, old = header_of(block)->size;
    if (!measure(count, size, &bytes))
        return NULL;
    if (header_of(block)->aligned != 0) { /* realloc would not keep the alignment */
        void *moved = memory_allocate_aligned(context, count, size);
        if (moved == NULL)
            return NULL;
        memcpy(moved, block, bytes < old ? bytes : old);
        memory_free(context, block);
        return moved;
    }
    size_t more = bytes > old ? bytes - old : 0;
    if (!grant(context, more))
        return NULL;
    char *base = realloc((char *)block - PLAIN, bytes + PLAIN);
    if (base == NULL) {
        atomic_fetch_sub(&context->memory.bytes, more);
        return NULL;
    }
    if (bytes < old)
        atomic_fetch_sub(&context->memory.bytes, old - bytes);
    prefer_large_pages(base, bytes);
    return place(base, (struct header){.size = bytes, .offset = PLAIN});
}

char *memory_copy_text(struct context *context, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = memory_allocate(context, size, 1);
    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

void memory_free(struct context *context, void *block)
{
    if (block == NULL)
        return;
    struct header *header = header_of(block);
    atomic_fetch_sub(&context->memory.bytes, header->size);
    atomic_fetch_sub(&context->memory.live, 1);
    free((char *)block - header->offset);
}

/* --- scratch --- */

struct scratch_block {
    struct scratch_block *next;
    max_align_t start[];
};

void *scratch_allocate(struct scratch *scratch, size_t count, size_t size)
{
    size_t bytes;
    struct scratch_block *block = NULL;
    if (measure(count, size, &bytes))
        block = memory_allocate(scratch->context, 1, sizeof *block + bytes);
    if (block == NULL) {
        scratch->failed = true;
        return NULL;
    }
    block->next = scratch->blocks;
    scratch->blocks = block;
    return block->start;
}

void scratch_free(struct scratch *scratch)
{
    while (scratch->blocks != NULL) {
        struct scratch_block *block = scratch->blocks;
        scratch->blocks = block->next;
        memory_free(scratch->context, block);
    }
}
