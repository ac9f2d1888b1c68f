/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel_wide.c: vectors that do not vary by example, such as φ itself. Each value has a place of
 * its own, so that no result overlaps an argument. */
#include "graph/kernel.h"

#define WIDE_KERNEL(id, sign)                                                     \
    static void wide_##id(const struct step *step, double *sums, size_t n)        \
    {                                                                             \
        const double *restrict a = step->in[0].data, *restrict b = step->in[1].data; \
        double *restrict out = step->out.data;                                    \
        const size_t count = step->components;                                    \
        const double x = *a, y = *b;                                              \
        (void)sums, (void)n;                                                      \
        if (step->in[0].row && step->in[1].row)                                   \
            for (size_t r = 0; r < count; r++)                                    \
                out[r] = a[r] sign b[r];                                          \
        else if (step->in[0].row)                                                 \
            for (size_t r = 0; r < count; r++)                                    \
                out[r] = a[r] sign y;                                             \
        else                                                                      \
            for (size_t r = 0; r < count; r++)                                    \
                out[r] = x sign b[r];                                             \
    }
WIDE_KERNEL(ADD, +)
WIDE_KERNEL(SUBTRACT, -)
WIDE_KERNEL(MULTIPLY, *)
WIDE_KERNEL(DIVIDE, /)

/* Σ of the components, in an order that the length alone fixes. */
static void wide_SUM(const struct step *step, double *sums, size_t n)
{
    const struct instruction *instruction = step->structural;
    const size_t count =
        (size_t)instruction->shapes[0].rows * (size_t)instruction->shapes[0].cols;
    const double *x = instruction->in[0].data;
    double partial[8] = {0}, sum = 0;
    size_t r = 0;
    (void)sums, (void)n;
    for (; r + 8 <= count; r += 8)
        for (size_t k = 0; k < 8; k++)
            partial[k] += x[r + k];
    for (size_t k = 0; k < 8; k++)
        sum += partial[k];
    for (; r < count; r++)
        sum += x[r];
    *step->out.data = sum;
}

kernel *kernel_wide(enum primitive op)
{
    switch (op) {
    case PRIMITIVE_ADD: return wide_ADD;
    case PRIMITIVE_SUBTRACT: return wide_SUBTRACT;
    case PRIMITIVE_MULTIPLY: return wide_MULTIPLY;
    case PRIMITIVE_DIVIDE: return wide_DIVIDE;
    case PRIMITIVE_SUM: return wide_SUM;
    default: return NULL;
    }
}
