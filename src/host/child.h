/* SPDX-License-Identifier: GPL-3.0-or-later */
/* child.h: a child process that is not trusted, seen from its parent. Both sides speak in frames:
 * four bytes of length, the lowest first, then so many bytes. What the child sends is bytes and
 * nothing more; a child that computes too long, sends too much or sends no frames is killed hard,
 * with its process group, and is waited for. */
#ifndef DESCENT_HOST_CHILD_H
#define DESCENT_HOST_CHILD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/context.h"
#include "base/error.h"
#include "host/process.h"

enum child_end {
    CHILD_RUNNING,
    CHILD_TIME,      /* it used up its time */
    CHILD_OUTPUT,    /* it sent more than it may */
    CHILD_FORBIDDEN, /* it called into the system: sandbox.h */
    CHILD_SIGNAL,    /* another signal: `number` */
    CHILD_EXIT,      /* it ended: exit code `number` */
    CHILD_STOPPED,   /* by child_stop */
};

struct child {
    struct process process;
    enum child_end end;
    int number;
    /* Of the question that is being answered: */
    double processor_most, wall_most; /* points of the child's clock and of ours; 0: none */
    size_t left;                      /* bytes that it may send still */
    /* queued to be sent; received and not taken */
    char *out, *in;
    size_t out_size, out_at, in_size, in_at, in_room;
};

/* The environment is the given one alone. The child may send one frame before it is asked. */
enum status child_start(struct child *child, struct context *context, const char *const *arguments,
                        const char *const *environment, struct error *error);

/* Queues a frame. From now on the child may compute for `seconds` (six times as long and three
 * seconds more by the clock on the wall, so that a busy machine changes no verdict) and send
 * `most` bytes. What it had sent before is dropped. */
enum status child_ask(struct child *child, const void *bytes, size_t size, double seconds,
                      size_t most, struct error *error);

/* Waits until one of the children has a frame or has ended, at most for `seconds`. */
enum status child_wait(struct child *const *children, size_t count, double seconds,
                       struct error *error);

/* The next frame, valid until the child is used again; NULL when there is none. */
const char *child_frame(struct child *child, size_t *size);

/* Seconds of the processor that it has used; the last known where it has ended. */
double child_seconds(struct child *child);

void child_stop(struct child *child);

#endif
