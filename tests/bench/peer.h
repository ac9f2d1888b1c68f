/* SPDX-License-Identifier: GPL-3.0-or-later */
/* peer.h: how a program takes part. It reads lines
 *
 *     value CASE           and answers `ok NUMBER...`: what all peers must agree on
 *     run CASE COUNT       does the case's work COUNT times and answers `ok`
 *     count CASE           `ok NUMBER`: evaluations of a loss that the work took when last done
 *
 * or `missing REASON`. Whoever asks takes the time. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stddef.h>

enum { VALUES = 32 };

struct peer_case {
    const char *name;
    /* NULL, or why the case cannot be run. Called before the first run. */
    const char *(*prepare)(void);
    void (*run)(long count);
    /* How many numbers were put into values; NULL: nothing to compare. */
    size_t (*value)(double values[VALUES]);
    const double *count;
};

/* Answers until the input ends. */
int peer_serve(const struct peer_case *cases, size_t count);

/* Points of a Gabor function with a ripple on it. No tables: every language makes the same. */
void peer_gabor_points(double *x, double *y, size_t count);

#endif
