/* context.h: everything that would otherwise be a mutable static. The caller makes one, passes it
 * to every constructor, and frees it last. Objects keep a pointer to it. */
#ifndef DESCENT_BASE_CONTEXT_H
#define DESCENT_BASE_CONTEXT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct context {
    struct {
        atomic_size_t live;     /* blocks not yet given back */
        atomic_size_t requests; /* requests so far */
        size_t fail_at;         /* the request with this number fails, and all after it; 0: none */
    } memory;
    atomic_int interrupted; /* set by a signal handler; polled between blocks and between updates */
};

/* Prepares a context on the caller's storage. */
void context_init(struct context *context);

/* True once after the flag was set: reads and clears it. */
bool context_take_interrupt(struct context *context);

#endif
