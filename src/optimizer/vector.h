/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vector.h: long vectors of parameters, in the pairs of numbers that every processor takes at once.
 * The order in which dot adds is fixed by the length alone. */
#ifndef DESCENT_OPTIMIZER_VECTOR_H
#define DESCENT_OPTIMIZER_VECTOR_H

#include <stddef.h>

typedef double vector_pair __attribute__((vector_size(16), aligned(8), may_alias));
#define VECTOR_PAIR(pointer) (*(vector_pair *)(pointer))
#define VECTOR_LOAD(pointer) (*(const vector_pair *)(pointer))

static inline double vector_dot(const double *a, const double *b, size_t size)
{
    vector_pair p = {0}, q = {0}, r = {0}, s = {0};
    size_t j = 0;
    for (; j + 8 <= size; j += 8) {
        p += VECTOR_LOAD(a + j) * VECTOR_LOAD(b + j);
        q += VECTOR_LOAD(a + j + 2) * VECTOR_LOAD(b + j + 2);
        r += VECTOR_LOAD(a + j + 4) * VECTOR_LOAD(b + j + 4);
        s += VECTOR_LOAD(a + j + 6) * VECTOR_LOAD(b + j + 6);
    }
    p = (p + q) + (r + s);
    double rest = 0;
    for (; j < size; j++)
        rest += a[j] * b[j];
    return p[0] + p[1] + rest;
}

/* to ← from + factor·vector; to may be from. */
static inline void vector_add(double *to, const double *from, double factor, const double *vector,
                              size_t size)
{
    size_t j = 0;
    for (; j + 4 <= size; j += 4) {
        vector_pair p = VECTOR_LOAD(from + j) + factor * VECTOR_LOAD(vector + j);
        vector_pair q = VECTOR_LOAD(from + j + 2) + factor * VECTOR_LOAD(vector + j + 2);
        VECTOR_PAIR(to + j) = p;
        VECTOR_PAIR(to + j + 2) = q;
    }
    for (; j < size; j++)
        to[j] = from[j] + factor * vector[j];
}

/* to ← factor·vector; to may be vector. */
static inline void vector_scale(double *to, double factor, const double *vector, size_t size)
{
    size_t j = 0;
    for (; j + 2 <= size; j += 2)
        VECTOR_PAIR(to + j) = factor * VECTOR_LOAD(vector + j);
    for (; j < size; j++)
        to[j] = factor * vector[j];
}

#endif
