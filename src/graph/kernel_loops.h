/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel_loops.h: the loops, included once for each instruction set with KERNEL_TABLE naming the
 * table, KERNEL_WIDTH the doubles of a register, and KERNEL_FUNCTIONS set for the elementary
 * functions. Plain C: a group, which is a value of the compiler's vector extension, goes through a
 * loop at a time; rows are padded to multiples of 8, which the largest group has. */
#include <math.h>
#include <stdint.h>

#include "graph/kernel.h"

enum { WIDTH = KERNEL_WIDTH };
typedef double group __attribute__((vector_size(8 * KERNEL_WIDTH), aligned(8), may_alias));
typedef int64_t group_bits __attribute__((vector_size(8 * KERNEL_WIDTH), aligned(8), may_alias));

#define AT(operand, r) ((operand).data + (r) * (operand).row)
#define LOAD(pointer) (*(const group *)(pointer))
#define STORE(pointer) (*(group *)(pointer))
#define PADDED(n) (((n) + 7) / 8 * 8)

/* a where all bits of the condition are set, else b; a macro, since groups are no arguments
 * that every instruction set can pass. */
#define CHOOSE(condition, a, b) \
    ((group)(((condition) & (group_bits)(a)) | (~(condition) & (group_bits)(b))))
#define ZEROS ((group){0})
#define ONES (ZEROS + 1)

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
#define exp(x) elementary_exp_near(x)
#define expm1(x) elementary_expm1(x)
#define log(x) elementary_log(x)
#define log1p(x) elementary_log1p(x)
#define primitive_sigmoid(x) elementary_sigmoid(x)
#define primitive_softplus(x) elementary_softplus(x)

/* A product must not be contracted with the sum that follows it, since elsewhere a kernel of
 * arithmetic computes the same without. */
#if defined __clang__
#define SEPARATE(x) (x)
#define NO_CONTRACTION _Pragma("clang fp contract(off)")
#else
#define SEPARATE(x) __builtin_assoc_barrier(x)
#define NO_CONTRACTION
#endif

/* Where a function's argument comes from, at component r. */
#define SOURCE(step, r)                                                                    \
    const struct recipe recipe = (step)->recipe;                                           \
    const double *in0 = AT((step)->in[0], r), *in1 = AT((step)->in[1], r);                 \
    const double *in2 = AT((step)->in[2], r), *in3 = AT((step)->in[3], r);                 \
    const size_t s0 = (step)->in[0].step, s1 = (step)->in[1].step;                         \
    const size_t s2 = (step)->in[2].step, s3 = (step)->in[3].step;                         \
    double *kept = (step)->kept.data ? AT((step)->kept, r) : NULL

/* Eight arguments from example b on. */
#define ARGUMENTS(array, b)                                                                \
    for (size_t g = (b); g < (b) + 8; g += WIDTH) {                                        \
        NO_CONTRACTION                                                                     \
        group argument = LOAD(in0 + g * s0);                                               \
        if (recipe.factors > 1)                                                            \
            argument = argument * LOAD(in1 + g * s1);                                      \
        if (recipe.factors > 2)                                                            \
            argument = argument * LOAD(in2 + g * s2);                                      \
        if (recipe.negative)                                                               \
            argument = -argument;                                                          \
        argument = SEPARATE(argument);                                                     \
        if (recipe.addend > 0)                                                             \
            argument = argument + LOAD(in3 + g * s3);                                      \
        else if (recipe.addend < 0)                                                        \
            argument = argument - LOAD(in3 + g * s3);                                      \
        argument = SEPARATE(argument);                                                     \
        if (kept)                                                                          \
            STORE(kept + g) = argument;                                                    \
        STORE((array) + (g - (b))) = argument;                                             \
    }

/* The eight go through an array, over which the compiler makes vectors of the scalar functions; it
 * must not write the loop out before. */
#if defined __clang__
#define EIGHT_TIMES _Pragma("clang loop unroll(disable)") for (size_t k = 0; k < 8; k++)
#else
#define EIGHT_TIMES _Pragma("GCC unroll 1") for (size_t k = 0; k < 8; k++)
#endif

/* How far the quick way of a function reaches; 0: everywhere. */
static inline double limit_of(enum primitive op)
{
    bool turns = op == PRIMITIVE_SIN || op == PRIMITIVE_COS || op == PRIMITIVE_TAN;
    return turns ? ELEMENTARY_SINCOS_LIMIT : op == PRIMITIVE_EXP ? ELEMENTARY_EXP_LIMIT : 0;
}

/* The slow way: for angles the C library's functions. */
static void run_far(enum primitive op, const struct step *step, size_t r, double *out,
                    size_t padded)
{
    SOURCE(step, r);
    for (size_t b = 0; b < padded; b += 8) {
        double in[8];
        ARGUMENTS(in, b)
        for (size_t k = 0; k < 8; k++)
            out[b + k] = op == PRIMITIVE_EXP ? elementary_exp(in[k])
                                             : primitive_value(op, in[k], 0);
    }
}

/* An argument always varies by example: what does not is computed once. */
#define UNARY(id, text, finite, value, to_x)                                              \
    static void run_##id(const struct step *step, double *sums, size_t n)                 \
    {                                                                                     \
        const size_t padded = PADDED(n), components = step->components; \
        (void)sums;                                                                       \
        for (size_t r = 0; r < components; r++) {                                         \
            SOURCE(step, r);                                                              \
            double *out = AT(step->out, r);                                               \
            uint64_t beyond = 0;                                                          \
            for (size_t b = 0; b < padded; b += 8) {                                      \
                double in[8], values[8];                                                  \
                ARGUMENTS(in, b)                                                          \
                EIGHT_TIMES {                                                             \
                    double x = in[k];                                                     \
                    values[k] = value;                                                    \
                    if (limit_of(PRIMITIVE_##id) > 0)                                     \
                        beyond |= elementary_beyond(x, limit_of(PRIMITIVE_##id));         \
                }                                                                         \
                for (size_t g = 0; g < 8; g += WIDTH)                                     \
                    STORE(out + b + g) = LOAD(values + g);                                \
            }                                                                             \
            if (beyond >> 63)                                                             \
                run_far(PRIMITIVE_##id, step, r, out, padded);                            \
        }                                                                                 \
    }
#define BINARY(id, text, value, to_x, to_y)
#include "graph/primitive.def"
#undef UNARY
#undef BINARY

static void run_SINE_COSINE(const struct step *step, double *sums, size_t n)
{
    const size_t padded = PADDED(n), components = step->components;
    (void)sums;
    for (size_t r = 0; r < components; r++) {
        SOURCE(step, r);
        double *sine = AT(step->out, r), *cosine = AT(step->second, r);
        uint64_t beyond = 0;
        for (size_t b = 0; b < padded; b += 8) {
            double in[8], sines[8], cosines[8];
            ARGUMENTS(in, b)
            EIGHT_TIMES {
                elementary_sincos(in[k], &sines[k], &cosines[k]);
                beyond |= elementary_beyond(in[k], ELEMENTARY_SINCOS_LIMIT);
            }
            for (size_t g = 0; g < 8; g += WIDTH) {
                STORE(sine + b + g) = LOAD(sines + g);
                STORE(cosine + b + g) = LOAD(cosines + g);
            }
        }
        if (beyond >> 63) {
            run_far(PRIMITIVE_SIN, step, r, sine, padded);
            run_far(PRIMITIVE_COS, step, r, cosine, padded);
        }
    }
}

static void run_POWER(const struct step *step, double *sums, size_t n)
{
    const size_t padded = PADDED(n);
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
    .width = WIDTH,
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

/* The operands of a step, at the row of its first component and on to the next. */
#define OPERANDS                                                                              \
    const double *in0 = step->in[0].data, *in1 = step->in[1].data;                            \
    const double *in2 = step->in[2].data, *in3 = step->in[3].data;                            \
    const size_t r0 = step->in[0].row, r1 = step->in[1].row;                                  \
    const size_t r2 = step->in[2].row, r3 = step->in[3].row;                                  \
    const size_t s0 = step->in[0].step, s1 = step->in[1].step;                                \
    const size_t s2 = step->in[2].step, s3 = step->in[3].step;                                \
    (void)in1, (void)in2, (void)in3, (void)r1, (void)r2, (void)r3, (void)s1, (void)s2, (void)s3
#define NEXT_ROW in0 += r0, in1 += r1, in2 += r2, in3 += r3
#define X0 LOAD(in0 + b * s0)
#define X1 LOAD(in1 + b * s1)
#define X2 LOAD(in2 + b * s2)
#define X3 LOAD(in3 + b * s3)

#define VALUE_LOOP(id, expression)                                           \
    static void run_##id(const struct step *step, double *sums, size_t n)    \
    {                                                                        \
        OPERANDS;                                                            \
        const size_t padded = PADDED(n), out_row = step->out.row;            \
        double *out = step->out.data;                                        \
        (void)sums;                                                          \
        for (size_t r = step->components; r > 0; r--) {                      \
            for (size_t b = 0; b < padded; b += WIDTH)                           \
                STORE(out + b) = expression;                                 \
            NEXT_ROW, out += out_row;                                        \
        }                                                                    \
    }

/* All bits of the first `count` of a group. */
#if KERNEL_WIDTH == 8
#define PLACES ((group_bits){0, 1, 2, 3, 4, 5, 6, 7})
#elif KERNEL_WIDTH == 4
#define PLACES ((group_bits){0, 1, 2, 3})
#else
#define PLACES ((group_bits){0, 1})
#endif
#define FIRST(count, x) ((group)((group_bits)(x) & (PLACES < (group_bits){0} + (int64_t)(count))))

/* Sums over examples are the partial sums of a group, added in a fixed order: by halves. */
static inline double total(const group *partial)
{
    group p = *partial;
#if KERNEL_WIDTH == 8
    p += __builtin_shufflevector(p, p, 4, 5, 6, 7, 0, 1, 2, 3);
    p += __builtin_shufflevector(p, p, 2, 3, 0, 1, 6, 7, 4, 5);
#elif KERNEL_WIDTH == 4
    p += __builtin_shufflevector(p, p, 2, 3, 0, 1);
#endif
    return p[0] + p[1];
}

static inline void add_total(double *sums, size_t lane, size_t r, const group *partial)
{
    if (lane != SIZE_MAX)
        sums[lane + r] += total(partial);
}

/* The same value with its sums: Σ v², or Σ v and Σ v·with, or all three. */
#define VALUE_SUMS_LOOP(name, expression, linear, squares)                             \
    static void name(const struct step *step, double *sums, size_t n)                  \
    {                                                                                  \
        OPERANDS;                                                                      \
        const size_t whole = n / WIDTH * WIDTH, components = step->components; \
        const size_t out_row = step->out.data ? step->out.row : 0;                     \
        const size_t with_row = step->with.row, with_step = step->with.step;           \
        const double *with = step->with.data;                                          \
        double *out = step->out.data;                                                  \
        for (size_t r = 0; r < components; r++) {                                      \
            group sum = {0}, square = {0}, product = {0};                              \
            size_t b = 0;                                                              \
            for (; b < whole; b += WIDTH) {                                            \
                group v = expression;                                                  \
                if (out)                                                               \
                    STORE(out + b) = v;                                                \
                if (linear) {                                                          \
                    sum += v;                                                          \
                    product += v * LOAD(with + b * with_step);                         \
                }                                                                      \
                if (squares)                                                           \
                    square += v * v;                                                   \
            }                                                                          \
            for (; b < n; b += WIDTH) {                                                \
                group v = expression;                                                  \
                if (out)                                                               \
                    STORE(out + b) = v;                                                \
                if (linear) {                                                          \
                    sum += FIRST(n - b, v);                                            \
                    product += FIRST(n - b, v * LOAD(with + b * with_step));           \
                }                                                                      \
                if (squares)                                                           \
                    square += FIRST(n - b, v * v);                                     \
            }                                                                          \
            if (linear) {                                                              \
                add_total(sums, step->lane[SUM_VALUE], r, &sum);                       \
                add_total(sums, step->lane[SUM_WITH], r, &product);                    \
            }                                                                          \
            if (squares)                                                               \
                add_total(sums, step->lane[SUM_SQUARE], r, &square);                   \
            NEXT_ROW, with += with_row, out = out ? out + out_row : NULL;              \
        }                                                                              \
    }

/* Every recipe that has kernels, in the order of enum arithmetic. */
#define RECIPES(X)                                      \
    X(ADD, X0 + X3)                                     \
    X(SUBTRACT, X0 - X3)                                \
    X(MULTIPLY, X0 * X1)                                \
    X(MULTIPLY_ADD, X0 * X1 + X3)                       \
    X(MULTIPLY_SUBTRACT, X0 * X1 - X3)                  \
    X(SUBTRACT_MULTIPLY, X3 - X0 * X1)                  \
    X(MULTIPLY_ADD_LESS, X0 * X1 + X3 - X2)             \
    X(PRODUCT_3, X0 * X1 * X2)                          \
    X(PRODUCT_3_ADD, X0 * X1 * X2 + X3)                 \
    X(PRODUCT_3_SUBTRACT, X0 * X1 * X2 - X3)            \
    X(SUBTRACT_PRODUCT_3, X3 - X0 * X1 * X2)
RECIPES(VALUE_LOOP)
#define SUMS(id, expression)                                       \
    VALUE_SUMS_LOOP(run_##id##_LINEAR, expression, true, false)    \
    VALUE_SUMS_LOOP(run_##id##_SQUARES, expression, false, true)   \
    VALUE_SUMS_LOOP(run_##id##_BOTH, expression, true, true)
RECIPES(SUMS)

VALUE_LOOP(DIVIDE, X0 / X1)
VALUE_LOOP(MAXIMUM, CHOOSE((X0 > X1) | (X0 != X0), X0, X1))
VALUE_LOOP(MINIMUM, CHOOSE((X0 < X1) | (X0 != X0), X0, X1))
VALUE_LOOP(GREATER, CHOOSE(X0 > X1, ONES, ZEROS))
VALUE_LOOP(EQUAL, CHOOSE(X0 == X1, ONES, ZEROS))
VALUE_LOOP(WHERE, CHOOSE(X0 != ZEROS, X1, X2))

/* Sums of what no step of arithmetic makes. */
#define SUM_LOOP(id, expression)                                                              \
    static void run_##id(const struct step *step, double *sums, size_t n)                     \
    {                                                                                         \
        OPERANDS;                                                                             \
        const size_t whole = n / WIDTH * WIDTH, components = step->components; \
        for (size_t r = 0; r < components; r++) {                                             \
            group sum = {0};                                                                  \
            size_t b = 0;                                                                     \
            for (; b < whole; b += WIDTH)                                                         \
                sum += expression;                                                            \
            if (b < n)                                                                        \
                sum += FIRST(n - b, expression);                                              \
            add_total(sums, step->lane[SUM_VALUE], r, &sum);                                  \
            NEXT_ROW;                                                                         \
        }                                                                                     \
    }
SUM_LOOP(SUM, X0)
SUM_LOOP(SUM_PRODUCT_3, X0 * X1 * X2)

/* Σ of each row of p times that of q, four at a time: one sum alone waits for its own last
 * addition. A row of length 0 serves all. */
static inline void sum_products(double *sums, size_t lane, size_t rows, const double *p,
                                size_t p_row, size_t p_step, const double *q, size_t q_row,
                                size_t q_step, size_t n)
{
    const size_t whole = n / WIDTH * WIDTH;
    size_t r = 0;
    for (; r + 4 <= rows; r += 4, p += 4 * p_row, q += 4 * q_row) {
        group sum[4] = {{0}};
        size_t b = 0;
        for (; b < whole; b += WIDTH)
            for (size_t k = 0; k < 4; k++)
                sum[k] += LOAD(p + k * p_row + b * p_step) * LOAD(q + k * q_row + b * q_step);
        for (size_t k = 0; k < 4; k++) {
            if (b < n)
                sum[k] += FIRST(n - b, LOAD(p + k * p_row + b * p_step) *
                                           LOAD(q + k * q_row + b * q_step));
            add_total(sums, lane, r + k, &sum[k]);
        }
    }
    for (; r < rows; r++, p += p_row, q += q_row) {
        group sum = {0};
        size_t b = 0;
        for (; b < whole; b += WIDTH)
            sum += LOAD(p + b * p_step) * LOAD(q + b * q_step);
        if (b < n)
            sum += FIRST(n - b, LOAD(p + b * p_step) * LOAD(q + b * q_step));
        add_total(sums, lane, r, &sum);
    }
}

static void run_SUM_PRODUCT(const struct step *step, double *sums, size_t n)
{
    const struct operand *p = &step->in[0], *q = &step->in[1];
    sum_products(sums, step->lane[SUM_VALUE], step->components, p->data, p->row, p->step, q->data,
                 q->row, q->step, n);
}

/* in[0] has components / columns rows, in[1] `columns`: kept in structural->count. */
static void run_SUM_OUTER(const struct step *step, double *sums, size_t n)
{
    const size_t columns = (size_t)step->structural->count, rows = step->components / columns;
    for (size_t i = 0; i < rows; i++)
        sum_products(sums, step->lane[SUM_VALUE] + i * columns, columns, AT(step->in[0], i), 0, 1,
                     step->in[1].data, step->in[1].row, 1, n);
}

/* op(W)·a: in[0] as it stands among the values, in[1] rows. */
static void run_LAYER(const struct step *step, double *sums, size_t n)
{
    const struct instruction *instruction = step->structural;
    const size_t padded = PADDED(n), columns = (size_t)instruction->shapes[0].cols;
    size_t inner = (size_t)instruction->shapes[1].rows;
    size_t across = instruction->transpose_a ? columns : 1;
    size_t down = instruction->transpose_a ? 1 : columns;
    const double *x = instruction->in[1].data;
    size_t x_row = instruction->in[1].row;
    (void)sums;
    for (size_t i = 0; i < step->components; i++) {
        const double *w = instruction->in[0].data + i * down;
        double *out = AT(step->out, i);
        size_t b = 0;
        for (; b + 4 * WIDTH <= padded; b += 4 * WIDTH) { /* one sum would wait for itself */
            group sum[4];
            for (size_t g = 0; g < 4; g++)
                sum[g] = LOAD(x + b + g * WIDTH) * w[0];
            for (size_t k = 1; k < inner; k++)
                for (size_t g = 0; g < 4; g++)
                    sum[g] += LOAD(x + k * x_row + b + g * WIDTH) * w[k * across];
            for (size_t g = 0; g < 4; g++)
                STORE(out + b + g * WIDTH) = sum[g];
        }
        for (; b < padded; b += WIDTH) {
            group sum = LOAD(x + b) * w[0];
            for (size_t k = 1; k < inner; k++)
                sum += LOAD(x + k * x_row + b) * w[k * across];
            STORE(out + b) = sum;
        }
    }
}

static void spread(double *memory, const struct spread *list, size_t count)
{
    for (const struct spread *last = list + count; list < last; list++) {
        const double *from = memory + list->from, *end = from + list->components;
        double *to = memory + list->to;
        do {
            const double value = *from;
            for (size_t k = 0; k < 8; k += WIDTH)
                STORE(to + k) = value - ZEROS;
            to += 8;
        } while (++from < end);
    }
}

static void run_begin(const struct step *step, double *sums, size_t n)
{
    const volatile double zero = 0; /* of a loop of zeros the compiler would make a call */
    const double first = zero;
    double *to = step->out.data, *end = to + step->out.row;
    (void)sums, (void)n;
    for (; to < end; to += WIDTH)
        STORE(to) = first - ZEROS;
    spread(step->in[0].data, step->spreads, step->components);
}

#include "graph/kernel_load.h"

const struct kernels KERNEL_TABLE = {
    .name = KERNEL_NAME,
    .width = WIDTH,
    .spread = spread,
    .begin = run_begin,
    .load = load_rows,
    .add_partials = add_partials,
    .elementwise =
        {
            [PRIMITIVE_DIVIDE] = run_DIVIDE,
            [PRIMITIVE_MAXIMUM] = run_MAXIMUM,
            [PRIMITIVE_MINIMUM] = run_MINIMUM,
            [PRIMITIVE_GREATER] = run_GREATER,
            [PRIMITIVE_EQUAL] = run_EQUAL,
            [PRIMITIVE_WHERE] = run_WHERE,
        },
    .fused =
        {
            [FUSED_SUM] = run_SUM,
            [FUSED_SUM_PRODUCT] = run_SUM_PRODUCT,
            [FUSED_SUM_PRODUCT_3] = run_SUM_PRODUCT_3,
            [FUSED_SUM_OUTER] = run_SUM_OUTER,
            [FUSED_LAYER] = run_LAYER,
        },
#define ENTRY(id, expression) \
    [ARITHMETIC_##id] = {run_##id, run_##id##_LINEAR, run_##id##_SQUARES, run_##id##_BOTH},
    .arithmetic = {RECIPES(ENTRY)},
#undef ENTRY
};
#endif
