/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel.c: the loops of a tape: plain C over whole rows of a block, for the compiler to vectorise.
 * Nothing here allocates or branches on a value except through ?:. */
#include <math.h>

#include "graph/graph_private.h"

typedef double *restrict output_row;
typedef const double *restrict input_row;

/* An operand that does not vary by example is read once per row. */
#define UNARY(id, text, finite, value, to_x)                                       \
    static void row_##id(output_row out, input_row in, size_t step, size_t n)      \
    {                                                                              \
        if (step) {                                                                \
            for (size_t b = 0; b < n; b++) {                                       \
                double x = in[b];                                                  \
                out[b] = value;                                                    \
            }                                                                      \
        } else {                                                                   \
            double x = *in, result = value;                                        \
            for (size_t b = 0; b < n; b++)                                         \
                out[b] = result;                                                   \
        }                                                                          \
    }
#define BINARY(id, text, value, to_x, to_y)                                                      \
    static void row_##id(output_row out, input_row left, size_t left_step, input_row right,      \
                         size_t right_step, size_t n)                                            \
    {                                                                                            \
        if (left_step && right_step) {                                                           \
            for (size_t b = 0; b < n; b++) {                                                     \
                double x = left[b], y = right[b];                                                \
                out[b] = value;                                                                  \
            }                                                                                    \
        } else if (left_step) {                                                                  \
            double y = *right;                                                                   \
            for (size_t b = 0; b < n; b++) {                                                     \
                double x = left[b];                                                              \
                out[b] = value;                                                                  \
            }                                                                                    \
        } else if (right_step) {                                                                 \
            double x = *left;                                                                    \
            for (size_t b = 0; b < n; b++) {                                                     \
                double y = right[b];                                                             \
                out[b] = value;                                                                  \
            }                                                                                    \
        } else {                                                                                 \
            double x = *left, y = *right, result = value;                                        \
            for (size_t b = 0; b < n; b++)                                                       \
                out[b] = result;                                                                 \
        }                                                                                        \
    }
#include "graph/primitive.def"
#undef UNARY
#undef BINARY

/* x², by far the most frequent power. */
static void row_square(output_row out, input_row in, size_t step, size_t n)
{
    for (size_t b = 0; b < n; b++)
        out[b] = in[b * step] * in[b * step];
}

void kernel_elementwise(enum primitive op, struct operand out, const struct operand *in,
                        size_t components, size_t n)
{
    if (op == PRIMITIVE_POWER && in[1].step == 0 && (components == 1 || in[1].row == 0) &&
        *in[1].data == 2) {
        for (size_t r = 0; r < components; r++)
            row_square(out.data + r * out.row, in[0].data + r * in[0].row, in[0].step, n);
        return;
    }
    switch (op) {
#define UNARY(id, text, finite, value, to_x)                                                     \
    case PRIMITIVE_##id:                                                                         \
        for (size_t r = 0; r < components; r++)                                                  \
            row_##id(out.data + r * out.row, in[0].data + r * in[0].row, in[0].step, n);         \
        break;
#define BINARY(id, text, value, to_x, to_y)                                                      \
    case PRIMITIVE_##id:                                                                         \
        for (size_t r = 0; r < components; r++)                                                  \
            row_##id(out.data + r * out.row, in[0].data + r * in[0].row, in[0].step,             \
                     in[1].data + r * in[1].row, in[1].step, n);                                 \
        break;
#include "graph/primitive.def"
#undef UNARY
#undef BINARY
    default: break;
    }
}

/* Eight partial sums, added in a fixed order: the order is the same whatever the vector width. */
static double sum_row(const double *row, size_t n)
{
    double partial[8] = {0};
    size_t b = 0;
    for (; b + 8 <= n; b += 8)
        for (size_t k = 0; k < 8; k++)
            partial[k] += row[b + k];
    for (size_t k = 0; b < n; b++, k++)
        partial[k] += row[b];
    return ((partial[0] + partial[4]) + (partial[2] + partial[6])) +
           ((partial[1] + partial[5]) + (partial[3] + partial[7]));
}

void kernel_sum_examples(double *sums, struct operand in, size_t components, size_t n)
{
    for (size_t r = 0; r < components; r++)
        sums[r] += sum_row(in.data + r * in.row, n);
}

static double sum_product(const double *restrict a, const double *restrict c, size_t n)
{
    double partial[8] = {0};
    size_t b = 0;
    for (; b + 8 <= n; b += 8)
        for (size_t k = 0; k < 8; k++)
            partial[k] += a[b + k] * c[b + k];
    for (size_t k = 0; b < n; b++, k++)
        partial[k] += a[b] * c[b];
    return ((partial[0] + partial[4]) + (partial[2] + partial[6])) +
           ((partial[1] + partial[5]) + (partial[3] + partial[7]));
}

void kernel_sum_outer(double *sums, struct operand a, size_t rows, struct operand c, size_t cols,
                      size_t n)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            sums[i * cols + j] += sum_product(a.data + i * a.row, c.data + j * c.row, n);
}
