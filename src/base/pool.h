/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pool.h: a few threads that wait for work. They belong to the context, are started at first use,
 * and block all signals, so that Ctrl-C reaches the calling thread. */
#ifndef DESCENT_BASE_POOL_H
#define DESCENT_BASE_POOL_H

#include "base/context.h"

/* How many threads work at once, the caller's included: DESCENT_THREADS, or the processors that are
 * online; 1 to 16. */
size_t pool_threads(struct context *context);

/* Runs task(argument, i) for i = 0 .. count − 1, each on a thread of its own (0 on the caller's),
 * and returns when all that began are done; only 0 is sure to begin, so that tasks take their work
 * from a common counter until there is none left. count is at most pool_threads(). The task must
 * not use the pool. */
typedef void pool_task(void *argument, size_t index);
void pool_run(struct context *context, pool_task *task, void *argument, size_t count);

#endif
