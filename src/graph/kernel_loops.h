/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel_loops.h: the loops, included once for each instruction set with KERNEL_TABLE naming the
 * table, and KERNEL_FUNCTIONS set for the elementary functions. Plain C: eight doubles are one value
 * of the compiler's vector extension, which it cuts to the registers it has. */
#include <math.h>
#include <stdint.h>

#include "graph/kernel.h"

typedef double eight __attribute__((vector_size(64), aligned(8), may_alias));
typedef int64_t eight_bits __attribute__((vector_size(64), aligned(8), may_alias));

#define AT(operand, r) ((operand).data + (r) * (operand).row)
#define LOAD(pointer) (*(const eight *)(pointer))
#define STORE(pointer) (*(eight *)(pointer))

#ifdef KERNEL_FUNCTIONS
/* --- elementary functions: the values of primitive.def, with our own vector mathematics --- */
#include "graph/elementary.h"

#define sin(x) elementary_sin(x)
#define cos(x) elementary_cos(x)
#define tan(x) elementary_tan(x)
#define sinh(x) elementary_sinh(x)
#define cosh(x) elementary_cosh(x)
#define tanh(x) elementary_tanh(x)
#define asin(x) elementary_asin(x)
#define acos(x) elementary_acos(x)
#define atan(x) elementary_atan(x)
#define exp(x) elementary_exp(x)
#define expm1(x) elementary_expm1(x)
#define log(x) elementary_log(x)
#define log1p(x) elementary_log1p(x)
#define primitive_sigmoid(x) elementary_sigmoid(x)
#define primitive_softplus(x) elementary_softplus(x)

/* Beyond the range of the fast reduction of angles the library's functions serve. */
static bool within_reach(enum primitive op, const struct step *step, size_t padded)
{
    if (op != PRIMITIVE_SIN && op != PRIMITIVE_COS && op != PRIMITIVE_TAN)
        return true;
    bool near = true;
    for (size_t r = 0; r < step->components; r++)
        near = elementary_sincos_in_range(AT(step->in[0], r), padded) && near;
    return near;
}

/* An argument always varies by example: what does not is computed once. */
#define UNARY(id, text, finite, value, to_x)                                              \
    static void run_##id(const struct step *step, double *sums, size_t n)                 \
    {                                                                                     \
        size_t padded = (n + 7) / 8 * 8;                                                  \
        (void)sums;                                                                       \
        if (!within_reach(PRIMITIVE_##id, step, padded)) {                                \
            for (size_t r = 0; r < step->components; r++)                                 \
                for (size_t b = 0; b < padded; b++)                                       \
                    AT(step->out, r)[b] =                                                 \
                        primitive_value(PRIMITIVE_##id, AT(step->in[0], r)[b], 0);        \
            return;                                                                       \
        }                                                                                 \
        for (size_t r = 0; r < step->components; r++) {                                   \
            const double *restrict in = AT(step->in[0], r);                               \
            double *restrict out = AT(step->out, r);                                      \
            for (size_t b = 0; b < padded; b++) {                                         \
                double x = in[b];                                                         \
                out[b] = value;                                                           \
            }                                                                             \
        }                                                                                 \
    }
#define BINARY(id, text, value, to_x, to_y)
#include "graph/primitive.def"
#undef UNARY
#undef BINARY

static void run_SINE_COSINE(const struct step *step, double *sums, size_t n)
{
    size_t padded = (n + 7) / 8 * 8;
    (void)sums;
    bool fast = within_reach(PRIMITIVE_SIN, step, padded);
    for (size_t r = 0; r < step->components; r++) {
        const double *restrict in = AT(step->in[0], r);
        double *restrict sine = AT(step->out, r), *restrict cosine = AT(step->second, r);
        if (fast) {
            for (size_t b = 0; b < padded; b++)
                elementary_sincos(in[b], &sine[b], &cosine[b]);
        } else {
            for (size_t b = 0; b < padded; b++) {
                sine[b] = (sin)(in[b]);
                cosine[b] = (cos)(in[b]);
            }
        }
    }
}

static void run_POWER(const struct step *step, double *sums, size_t n)
{
    size_t padded = (n + 7) / 8 * 8;
    (void)sums;
    for (size_t r = 0; r < step->components; r++) {
        const double *x = AT(step->in[0], r), *y = AT(step->in[1], r);
        double *out = AT(step->out, r);
        size_t p = step->in[0].step, q = step->in[1].step;
        if (q == 0 && *y == 3) {
            for (size_t b = 0; b < padded; b++)
                out[b] = x[b * p] * x[b * p] * x[b * p];
            continue;
        }
        for (size_t b = 0; b < padded; b++)
            out[b] = (pow)(x[b * p], y[b * q]);
    }
}

const struct kernels KERNEL_TABLE = {
    .name = KERNEL_NAME,
    .elementwise =
        {
#define UNARY(id, text, finite, value, to_x) [PRIMITIVE_##id] = run_##id,
#define BINARY(id, text, value, to_x, to_y)
#include "graph/primitive.def"
#undef UNARY
#undef BINARY
            [PRIMITIVE_POWER] = run_POWER,
        },
    .fused = {[FUSED_SINE_COSINE] = run_SINE_COSINE},
};

#else
/* --- arithmetic --- */

#define PAIR_LOOP(expression)                                                     \
    size_t padded = (n + 7) / 8 * 8;                                              \
    (void)sums;                                                                   \
    for (size_t r = 0; r < step->components; r++) {                               \
        const double *p = AT(step->in[0], r), *q = AT(step->in[1], r);            \
        double *out = AT(step->out, r);                                           \
        size_t p_step = step->in[0].step, q_step = step->in[1].step;              \
        for (size_t b = 0; b < padded; b += 8) {                                  \
            eight x = LOAD(p + b * p_step), y = LOAD(q + b * q_step);             \
            STORE(out + b) = expression;                                          \
        }                                                                         \
    }
#define ARITHMETIC(id, expression)                                               \
    static void run_##id(const struct step *step, double *sums, size_t n)        \
    {                                                                            \
        PAIR_LOOP(expression)                                                    \
    }
ARITHMETIC(ADD, x + y)
ARITHMETIC(SUBTRACT, x - y)
ARITHMETIC(MULTIPLY, x *y)
ARITHMETIC(DIVIDE, x / y)

/* a where all bits of the condition are set, else b; a macro, since vectors of eight are no arguments
 * that every instruction set can pass. */
#define CHOOSE(condition, a, b) \
    ((eight)(((condition) & (eight_bits)(a)) | (~(condition) & (eight_bits)(b))))
#define ZEROS ((eight){0})
#define ONES ((eight){1, 1, 1, 1, 1, 1, 1, 1})

ARITHMETIC(MAXIMUM, CHOOSE((x > y) | (x != x), x, y))
ARITHMETIC(MINIMUM, CHOOSE((x < y) | (x != x), x, y))
ARITHMETIC(GREATER, CHOOSE(x > y, ONES, ZEROS))
ARITHMETIC(EQUAL, CHOOSE(x == y, ONES, ZEROS))

static void run_WHERE(const struct step *step, double *sums, size_t n)
{
    size_t padded = (n + 7) / 8 * 8;
    (void)sums;
    for (size_t r = 0; r < step->components; r++) {
        const double *c = AT(step->in[0], r), *p = AT(step->in[1], r), *q = AT(step->in[2], r);
        double *out = AT(step->out, r);
        for (size_t b = 0; b < padded; b += 8)
            STORE(out + b) =
                CHOOSE(LOAD(c + b * step->in[0].step) != ZEROS,
                       LOAD(p + b * step->in[1].step), LOAD(q + b * step->in[2].step));
    }
}

static void run_SQUARE(const struct step *step, double *sums, size_t n)
{
    size_t padded = (n + 7) / 8 * 8;
    (void)sums;
    for (size_t r = 0; r < step->components; r++) {
        const double *p = AT(step->in[0], r);
        double *out = AT(step->out, r);
        for (size_t b = 0; b < padded; b += 8) {
            eight x = LOAD(p + b);
            STORE(out + b) = x * x;
        }
    }
}

/* x, y, z, d from in[0..3]. */
#define PRODUCT_LOOP(id, expression)                                                          \
    static void run_##id(const struct step *step, double *sums, size_t n)                     \
    {                                                                                         \
        size_t padded = (n + 7) / 8 * 8;                                                      \
        (void)sums;                                                                           \
        for (size_t r = 0; r < step->components; r++) {                                       \
            const double *in0 = AT(step->in[0], r), *in1 = AT(step->in[1], r);                \
            const double *in2 = AT(step->in[2], r), *in3 = AT(step->in[3], r);                \
            size_t s0 = step->in[0].step, s1 = step->in[1].step;                              \
            size_t s2 = step->in[2].step, s3 = step->in[3].step;                              \
            double *out = AT(step->out, r);                                                   \
            (void)in2, (void)in3, (void)s2, (void)s3;                                         \
            for (size_t b = 0; b < padded; b += 8)                                            \
                STORE(out + b) = expression;                                                  \
        }                                                                                     \
    }
#define X0 LOAD(in0 + b * s0)
#define X1 LOAD(in1 + b * s1)
#define X2 LOAD(in2 + b * s2)
#define X3 LOAD(in3 + b * s3)
PRODUCT_LOOP(PRODUCT_3, X0 *X1 *X2)
PRODUCT_LOOP(MULTIPLY_ADD, X0 *X1 + X3)
PRODUCT_LOOP(MULTIPLY_SUBTRACT, X0 *X1 - X3)
PRODUCT_LOOP(SUBTRACT_MULTIPLY, X3 - X0 * X1)
PRODUCT_LOOP(PRODUCT_3_ADD, X0 *X1 *X2 + X3)
PRODUCT_LOOP(PRODUCT_3_SUBTRACT, X0 *X1 *X2 - X3)
PRODUCT_LOOP(SUBTRACT_PRODUCT_3, X3 - X0 * X1 * X2)

/* --- sums over examples: eight partial sums, added in a fixed order --- */

/* All bits of the first `count` lanes. */
#define FIRST_LANES(count)                               \
    ((eight_bits){0, 1, 2, 3, 4, 5, 6, 7} <              \
     (eight_bits){0} + (int64_t)(count))

static double total(const eight *partial)
{
    const eight p = *partial;
    return ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]));
}

#define SUM_LOOP(id, expression)                                                              \
    static void run_##id(const struct step *step, double *sums, size_t n)                     \
    {                                                                                         \
        for (size_t r = 0; r < step->components; r++) {                                       \
            const double *in0 = AT(step->in[0], r), *in1 = AT(step->in[1], r);                \
            const double *in2 = AT(step->in[2], r);                                           \
            size_t s0 = step->in[0].step, s1 = step->in[1].step, s2 = step->in[2].step;       \
            eight partial = {0};                                                              \
            size_t b = 0;                                                                     \
            (void)in1, (void)in2, (void)s1, (void)s2;                                         \
            for (; b + 8 <= n; b += 8)                                                        \
                partial += expression;                                                        \
            if (b < n)                                                                        \
                partial += (eight)((eight_bits)(expression)&FIRST_LANES(n - b));              \
            sums[step->lane + r] += total(&partial);                                           \
        }                                                                                     \
    }
SUM_LOOP(SUM, X0)
SUM_LOOP(SUM_PRODUCT, X0 *X1)
SUM_LOOP(SUM_PRODUCT_3, X0 *X1 *X2)

/* in[0] has components / columns rows, in[1] `columns`: kept in structural->count. */
static void run_SUM_OUTER(const struct step *step, double *sums, size_t n)
{
    size_t columns = (size_t)step->structural->count, rows = step->components / columns;
    for (size_t i = 0; i < rows; i++) {
        const double *p = AT(step->in[0], i);
        for (size_t j = 0; j < columns; j++) {
            const double *q = AT(step->in[1], j);
            eight partial = {0};
            size_t b = 0;
            for (; b + 8 <= n; b += 8)
                partial += LOAD(p + b) * LOAD(q + b);
            if (b < n)
                partial += (eight)((eight_bits)(LOAD(p + b) * LOAD(q + b)) & FIRST_LANES(n - b));
            sums[step->lane + i * columns + j] += total(&partial);
        }
    }
}

/* op(W)·a: in[0] as it stands among the values, in[1] rows. */
static void run_LAYER(const struct step *step, double *sums, size_t n)
{
    const struct instruction *instruction = step->structural;
    size_t padded = (n + 7) / 8 * 8, columns = (size_t)instruction->shapes[0].cols;
    size_t inner = (size_t)instruction->shapes[1].rows;
    size_t across = instruction->transpose_a ? columns : 1;
    size_t down = instruction->transpose_a ? 1 : columns;
    const double *x = instruction->in[1].data;
    size_t x_row = instruction->in[1].row;
    (void)sums;
    for (size_t i = 0; i < step->components; i++) {
        const double *w = instruction->in[0].data + i * down;
        double *out = AT(step->out, i);
        for (size_t b = 0; b < padded; b += 8) {
            eight sum = LOAD(x + b) * w[0];
            for (size_t k = 1; k < inner; k++)
                sum += LOAD(x + k * x_row + b) * w[k * across];
            STORE(out + b) = sum;
        }
    }
}

static void spread(double *memory, const struct spread *list, size_t count)
{
    for (const struct spread *end = list + count; list < end; list++)
        for (size_t r = 0; r < list->components; r++) {
            double value = memory[list->from + r];
            STORE(memory + list->to + 8 * r) = ZEROS + value;
        }
}

#include "graph/kernel_load.h"

const struct kernels KERNEL_TABLE = {
    .name = KERNEL_NAME,
    .spread = spread,
    .load = load_rows,
    .elementwise =
        {
            [PRIMITIVE_ADD] = run_ADD,
            [PRIMITIVE_SUBTRACT] = run_SUBTRACT,
            [PRIMITIVE_MULTIPLY] = run_MULTIPLY,
            [PRIMITIVE_DIVIDE] = run_DIVIDE,
            [PRIMITIVE_MAXIMUM] = run_MAXIMUM,
            [PRIMITIVE_MINIMUM] = run_MINIMUM,
            [PRIMITIVE_GREATER] = run_GREATER,
            [PRIMITIVE_EQUAL] = run_EQUAL,
            [PRIMITIVE_WHERE] = run_WHERE,
        },
    .fused =
        {
            [FUSED_PRODUCT_3] = run_PRODUCT_3,
            [FUSED_MULTIPLY_ADD] = run_MULTIPLY_ADD,
            [FUSED_MULTIPLY_SUBTRACT] = run_MULTIPLY_SUBTRACT,
            [FUSED_SUBTRACT_MULTIPLY] = run_SUBTRACT_MULTIPLY,
            [FUSED_PRODUCT_3_ADD] = run_PRODUCT_3_ADD,
            [FUSED_PRODUCT_3_SUBTRACT] = run_PRODUCT_3_SUBTRACT,
            [FUSED_SUBTRACT_PRODUCT_3] = run_SUBTRACT_PRODUCT_3,
            [FUSED_SQUARE] = run_SQUARE,
            [FUSED_SUM] = run_SUM,
            [FUSED_SUM_PRODUCT] = run_SUM_PRODUCT,
            [FUSED_SUM_PRODUCT_3] = run_SUM_PRODUCT_3,
            [FUSED_SUM_OUTER] = run_SUM_OUTER,
            [FUSED_LAYER] = run_LAYER,
        },
};
#endif
