/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/context.h"

#include <limits.h>

void context_init(struct context *context)
{
    atomic_init(&context->memory.live, 0);
    atomic_init(&context->memory.bytes, 0);
    atomic_init(&context->memory.requests, 0);
    context->memory.fail_at = 0;
    context->memory.limit = 0;
    context->alone = false;
    for (int i = 0; i < CONTEXT_SLOTS; i++)
        atomic_init(&context->parts[i], NULL);
    context->keys.count = 0;
    context->updates.made = 0;
    context->updates.stop = ULLONG_MAX;
    atomic_init(&context->interrupted, 0);
}

void context_free(struct context *context)
{
    for (int i = CONTEXT_SLOTS; i-- > 0;) {
        struct context_part *part = atomic_exchange(&context->parts[i], NULL);
        if (part != NULL)
            part->free(context, part);
    }
}

struct context_part *context_part(struct context *context, enum context_slot slot)
{
    return atomic_load(&context->parts[slot]);
}

struct context_part *context_part_set(struct context *context, enum context_slot slot,
                                      struct context_part *part)
{
    struct context_part *present = NULL;
    if (atomic_compare_exchange_strong(&context->parts[slot], &present, part))
        return part;
    part->free(context, part);
    return present;
}

bool context_take_interrupt(struct context *context)
{
    return atomic_exchange(&context->interrupted, 0) != 0;
}
