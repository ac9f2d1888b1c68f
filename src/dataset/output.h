/* SPDX-License-Identifier: GPL-3.0-or-later */
/* output.h: a file that is written whole or not at all: its bytes go to a new file beside it, which
 * takes its place at the end. What is no regular file (a terminal, a pipe) is written in place. */
#ifndef DESCENT_DATASET_OUTPUT_H
#define DESCENT_DATASET_OUTPUT_H

#include <limits.h>
#include <stddef.h>

#include "base/context.h"
#include "base/error.h"

struct output {
    struct context *context;
    const char *path;                           /* as the caller named it */
    char target[PATH_MAX], temporary[PATH_MAX]; /* links resolved; empty: written in place */
    int file;
    int problem; /* the first errno, or 0: nothing more is written */
    char *buffer;
    size_t used;
    size_t written; /* bytes put so far */
};

/* The path must live as long. Whatever the system refuses is told by output_close. */
enum status output_open(struct output **output, struct context *context, const char *path,
                        struct error *error);
void output_put(struct output *output, const void *data, size_t length);
enum status output_close(struct output *output, struct error *error);

#endif
