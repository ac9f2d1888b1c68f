/* SPDX-License-Identifier: GPL-3.0-or-later */
/* process.h: a child process spoken to through three pipes. POSIX; no Lua, nothing is printed. */
#ifndef DESCENT_HOST_PROCESS_H
#define DESCENT_HOST_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/context.h"
#include "base/error.h"

/* Input is a socket pair (no SIGPIPE), output and errors are pipes; the child stands in its own
 * process group; every descriptor is close-on-exec. */
struct process {
    struct context *context;
    pid_t pid; /* 0: not running */
    int input, output, errors;
};

/* arguments ends with NULL; environment ("NAME=value", ends with NULL) is added to ours. A program
 * that is not found or cannot be run is STATUS_FILE with the reason. */
enum status process_start(struct process *process, struct context *context,
                          const char *const *arguments, const char *const *environment,
                          struct error *error);

/* The same with no other environment than the given one. */
enum status process_start_bare(struct process *process, struct context *context,
                               const char *const *arguments, const char *const *environment,
                               struct error *error);

/* Sends `text`, then reads both outputs until `token` has been seen on each stream that is to be
 * waited for, or the time is up. What came before the token is returned in fresh blocks of the
 * context (zero-terminated, binary safe). Fails with STATUS_FILE when the child died, with
 * STATUS_INTERRUPTED when the interrupt flag was set; a late child gets SIGINT, then SIGKILL. */
struct process_answer {
    char *output, *errors;
    size_t output_size, errors_size;
};
enum status process_ask(struct process *process, const char *text, size_t size, const char *token,
                        bool wait_output, bool wait_errors, double seconds,
                        struct process_answer *answer, struct error *error);
bool process_alive(struct process *process);

/* Closes our ends and leaves the child to itself, which is waited for by no one: for a window that
 * outlives this program, shortly before its end. */
void process_release(struct process *process);

/* Closes the input, waits a moment, then ends the group hard. Never leaves a zombie. */
void process_stop(struct process *process);

#endif
