/* SPDX-License-Identifier: GPL-3.0-or-later */
/* terminal.h: what kind of terminal this is, found by asking it. */
#ifndef DESCENT_HOST_TERMINAL_H
#define DESCENT_HOST_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "base/context.h"

struct terminal_size {
    int columns, rows;             /* 80 × 24 when unknown */
    int pixels_wide, pixels_high; /* 0 when unknown */
};
struct terminal_size terminal_size(int descriptor);

/* Sends `query` to the terminal and collects what it answers until the answer to a final device
 * attributes request (ESC [ c, appended here) came or the time is up; what has begun to come may
 * take a second. False where nothing was asked: there is no terminal, or keys are waiting to be
 * read. */
bool terminal_ask(const char *query, char *answer, size_t size, double seconds, size_t *length);

/* Takes the keys out of an answer: what is no sequence of escape, or one that a key sends. The
 * context keeps them for terminal_kept_key. Returns what is left of the answer. */
size_t terminal_keep_keys(struct context *context, char *answer, size_t size);
/* The next of them, or -1. */
int terminal_kept_key(struct context *context);

/* Keys one by one and without echo, from open to close. Ctrl-C stays a signal; Ctrl-Z does nothing,
 * for a shell would be left with these settings. */
struct terminal_keys {
    struct termios before;
    bool open;
};
/* False where input or output is no terminal, or this is a background job. */
bool terminal_keys_open(struct terminal_keys *keys);
/* Waits for keys (those that were kept come first); returns the number of bytes, 0 when the time is
 * up or a signal came. A closed terminal reads as Ctrl-D. */
size_t terminal_keys_read(struct context *context, struct terminal_keys *keys, char *bytes,
                          size_t size, double seconds);
void terminal_keys_close(struct terminal_keys *keys);

#endif
