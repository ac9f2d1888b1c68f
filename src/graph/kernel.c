/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel.c: the choice of kernels at start, and the kernels of what does not vary by example. */
#include "graph/kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "graph/graph_private.h"

/* --- what does not vary by example: one number a component, through the C library; most often
 * there is one component --- */

#define ONCE(id, value)                                                            \
    static void once_##id(const struct step *step, double *sums, size_t n)         \
    {                                                                              \
        (void)sums, (void)n;                                                       \
        for (size_t r = 0; r < step->components; r++) {                            \
            double x = step->in[0].data[r * step->in[0].row];                      \
            double y = step->in[1].data[r * step->in[1].row];                      \
            (void)y;                                                               \
            step->out.data[r] = value;                                             \
        }                                                                          \
    }                                                                              \
    static void single_##id(const struct step *step, double *sums, size_t n)       \
    {                                                                              \
        double x = *step->in[0].data, y = *step->in[1].data;                       \
        (void)sums, (void)n, (void)y;                                              \
        *step->out.data = value;                                                   \
    }
#define UNARY(id, text, finite, value, to_x) ONCE(id, value)
#define BINARY(id, text, value, to_x, to_y) ONCE(id, value)
#include "graph/primitive.def"
#undef UNARY
#undef BINARY

static void once_WHERE(const struct step *step, double *sums, size_t n)
{
    (void)sums, (void)n;
    for (size_t r = 0; r < step->components; r++) {
        const struct operand *chosen =
            &step->in[step->in[0].data[r * step->in[0].row] != 0 ? 1 : 2];
        step->out.data[r] = chosen->data[r * chosen->row];
    }
}

kernel *kernel_once(enum primitive op, size_t components)
{
    static kernel *const table[PRIMITIVE_COUNT_OF][2] = {
#define UNARY(id, text, finite, value, to_x) [PRIMITIVE_##id] = {once_##id, single_##id},
#define BINARY(id, text, value, to_x, to_y) [PRIMITIVE_##id] = {once_##id, single_##id},
#include "graph/primitive.def"
#undef UNARY
#undef BINARY
        [PRIMITIVE_WHERE] = {once_WHERE, once_WHERE},
    };
    return table[op][components == 1];
}

void kernel_structural(const struct step *step, double *sums, size_t n)
{
    (void)sums;
    structural_forward_of(step->structural->op)(step->structural, step->out, n);
}

void kernel_structural_once(const struct step *step, double *sums, size_t n)
{
    (void)n;
    kernel_structural(step, sums, 1);
}

/* --- large products: BLAS, which counts columns first, so that its A is our second operand --- */

void kernel_layer_blas(const struct step *step, double *sums, size_t n)
{
    const struct instruction *instruction = step->structural;
    int padded = (int)((n + 7) / 8 * 8), rows = (int)step->components;
    int inner = instruction->shapes[1].rows, columns = instruction->shapes[0].cols;
    int block = (int)step->out.row, x_block = (int)instruction->in[1].row;
    const double one = 1, zero = 0;
    (void)sums;
    instruction->algebra->gemm("N", instruction->transpose_a ? "T" : "N", &padded, &rows, &inner,
                               &one, instruction->in[1].data, &x_block, instruction->in[0].data,
                               &columns, &zero, step->out.data, &block, 1, 1);
}

void kernel_sum_outer_blas(const struct step *step, double *sums, size_t n)
{
    int columns = step->structural->count, rows = (int)step->components / columns, count = (int)n;
    int left = (int)step->in[0].row, right = (int)step->in[1].row;
    const double one = 1;
    step->structural->algebra->gemm("T", "N", &columns, &rows, &count, &one, step->in[1].data,
                                    &right, step->in[0].data, &left, &one,
                                    sums + step->lane[SUM_VALUE], &columns, 1, 1);
}

/* --- the choice --- */

static void free_choice(struct context *context, struct context_part *part)
{
    memory_free(context, part);
}

static void choose(struct kernel_choice *choice)
{
    const char *wanted = getenv("DESCENT_ISA");
    choice->arithmetic = &kernel_arithmetic_base;
    choice->functions = &kernel_functions_base;
#if defined __x86_64__
    __builtin_cpu_init();
    bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("bmi2");
    bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
              __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512cd");
    if (wanted && strcmp(wanted, "x86-64-v4") != 0)
        v4 = false;
    if (wanted && strcmp(wanted, "x86-64") == 0)
        v3 = false;
    if (v4) {
        choice->arithmetic = &kernel_arithmetic_v4;
        choice->functions = &kernel_functions_v4;
    } else if (v3) {
        choice->arithmetic = &kernel_arithmetic_v3;
        choice->functions = &kernel_functions_v3;
    }
#else
    (void)wanted;
#endif
}

const struct kernel_choice *kernel_choose(struct context *context, struct error *error)
{
    struct context_part *part = context_part(context, CONTEXT_INSTRUCTIONS);
    if (!part) {
        struct kernel_choice *choice = memory_allocate(context, 1, sizeof *choice);
        if (!choice) {
            error_memory(error, "an expression");
            return NULL;
        }
        choice->part.free = free_choice;
        choose(choice);
        part = context_part_set(context, CONTEXT_INSTRUCTIONS, &choice->part);
    }
    return (const struct kernel_choice *)part;
}
