/* SPDX-License-Identifier: GPL-3.0-or-later */
/* saved.h: a run as bytes, and back. All that the run itself knows is in them: past, state, batches
 * still to come, goal. The loss and rules in Lua are given again by the caller. */
#ifndef DESCENT_RUN_SAVED_H
#define DESCENT_RUN_SAVED_H

#include "run/run.h"

enum { SAVED_VERSION = 2 };

/* A block of the run's context, given back with memory_free. */
enum status run_save(struct run *run, char **bytes, size_t *size, struct error *error);

/* The optimizer for a rule that is not of the list, or whose rate was a function: `name` is the
 * rule's. NULL: there is none. The reference stays the caller's. */
typedef struct optimizer *saved_optimizer(void *user, const char *name);

/* Every number is checked against the others before it is used. The loss must give the value that
 * it had where the run stands. */
enum status run_restore(struct run **run, struct objective *objective, const char *bytes,
                        size_t size, saved_optimizer *own, void *user, struct error *error);

#endif
