/* SPDX-License-Identifier: GPL-3.0-or-later */
/* context.h: everything that would otherwise be a mutable static. The caller makes one, passes it
 * to every constructor, and frees it last. Objects keep a pointer to it. */
#ifndef DESCENT_BASE_CONTEXT_H
#define DESCENT_BASE_CONTEXT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct context;

/* Something made at first use and shared by all that use the context (a loaded library, a pool of
 * threads): the first member of the user's own struct. */
struct context_part {
    void (*free)(struct context *context, struct context_part *part);
};

enum context_slot {
    CONTEXT_LINEAR_ALGEBRA, /* array/linear_algebra.c: the functions of BLAS and LAPACK */
    CONTEXT_INSTRUCTIONS,   /* graph: the instruction table chosen for this processor */
    CONTEXT_POOL,           /* graph: threads */
    CONTEXT_SLOTS
};

struct context {
    struct {
        atomic_size_t live;     /* blocks not yet given back */
        atomic_size_t bytes;    /* their size */
        atomic_size_t requests; /* requests so far */
        size_t fail_at;         /* the request with this number fails, and all after it; 0: none */
        size_t limit;           /* bytes; a request that would pass it fails; 0: none */
    } memory;
    _Atomic(struct context_part *) parts[CONTEXT_SLOTS];
    struct {
        char bytes[64];
        size_t count;
    } keys; /* typed while the terminal was asked something: to be read before others */
    struct {
        unsigned long long made; /* by the runs of this context */
        unsigned long long stop; /* at this many a run stops as by Ctrl-C; ULLONG_MAX: none */
    } updates;
    bool alone;             /* of a thread of another context's pool: it has no pool of its own */
    atomic_int interrupted; /* set by a signal handler; polled between blocks and between updates */
};

/* Prepares a context on the caller's storage. */
void context_init(struct context *context);

/* Frees the parts, in reverse order of the slots. All objects must be gone. */
void context_free(struct context *context);

struct context_part *context_part(struct context *context, enum context_slot slot); /* or NULL */

/* Puts `part` into an empty slot and returns it. When another thread was first, `part` is freed and
 * the one in place is returned. */
struct context_part *context_part_set(struct context *context, enum context_slot slot,
                                      struct context_part *part);

/* True once after the flag was set: reads and clears it. */
bool context_take_interrupt(struct context *context);

#endif
