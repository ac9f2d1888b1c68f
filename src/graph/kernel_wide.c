/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel_wide.c: vectors that do not vary by example, such as φ itself, eight components at a time. */
#include "graph/kernel.h"

typedef double eight __attribute__((vector_size(64), aligned(8), may_alias));

/* Eight components from r on; a scalar serves all. */
#define LOAD(operand, all, r) (*((operand).row ? (const eight *)((operand).data + (r)) : &(all)))

#define WIDE(id, expression)                                                \
    static void wide_##id(const struct step *step, double *sums, size_t n)  \
    {                                                                       \
        const struct operand a = step->in[0], b = step->in[1];              \
        const eight all_a = (eight){0} + *a.data, all_b = (eight){0} + *b.data; \
        const size_t count = step->components;                              \
        double *out = step->out.data;                                       \
        size_t r = 0;                                                       \
        (void)sums, (void)n;                                                \
        for (; r + 8 <= count; r += 8) {                                    \
            const eight x = LOAD(a, all_a, r), y = LOAD(b, all_b, r);                   \
            *(eight *)(out + r) = expression;                               \
        }                                                                   \
        for (; r < count; r++) {                                            \
            const double x = a.data[r * a.row], y = b.data[r * b.row];      \
            out[r] = expression;                                            \
        }                                                                   \
    }
WIDE(ADD, x + y)
WIDE(SUBTRACT, x - y)
WIDE(MULTIPLY, x *y)
WIDE(DIVIDE, x / y)

/* Σ of the components. */
static void wide_SUM(const struct step *step, double *sums, size_t n)
{
    const struct instruction *instruction = step->structural;
    const size_t count =
        (size_t)instruction->shapes[0].rows * (size_t)instruction->shapes[0].cols;
    const double *x = instruction->in[0].data;
    eight partial[2] = {{0}};
    double sum = 0;
    size_t r = 0;
    (void)sums, (void)n;
    for (; r + 16 <= count; r += 16) {
        partial[0] += *(const eight *)(x + r);
        partial[1] += *(const eight *)(x + r + 8);
    }
    partial[0] += partial[1];
    for (size_t k = 0; k < 8; k++)
        sum += partial[0][k];
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
