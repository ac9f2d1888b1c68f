/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel.h: the loops that a tape is made of, once for each instruction set (kernel_loops.h), and the
 * choice among them at start. For this folder only. */
#ifndef DESCENT_GRAPH_KERNEL_H
#define DESCENT_GRAPH_KERNEL_H

#include "array/linear_algebra.h"
#include "graph/graph.h"

/* Examples in a block: 256 doubles are 2 kB a row, so that the rows alive stay in the first-level
 * cache. It depends on nothing, so that every tape of an objective sums in the same order. */
enum { BLOCK = 256 };

/* Component r of example b stands at data[r * row + b * step]; step is 0 for what does not vary by
 * example, and row is 0 for a scalar that serves all components. Rows are padded to multiples of 8
 * examples, and what does not vary stands there 8 times, so that every loop takes 8 at a time. */
struct operand {
    double *data;
    size_t row, step;
    size_t at; /* where data points to, counted in the memory of the tape; see schedule.c */
};

enum { STEP_OPERANDS = 4 };

struct instruction { /* what a structural primitive must know besides its operands */
    enum primitive op;
    bool transpose_a, transpose_b;
    struct shape shape; /* of the result */
    int offset, count;  /* count: of the arguments */
    const struct operand *in;   /* count operands */
    const struct shape *shapes; /* theirs */
    const struct linear_algebra *algebra; /* for large products; else NULL */
};

struct step;
/* n: examples in this block (1 for what does not vary by example). sums: those of this lane. */
typedef void kernel(const struct step *step, double *sums, size_t n);

struct step {
    kernel *run;
    struct operand out, second; /* second: the cosine beside a sine */
    struct operand in[STEP_OPERANDS];
    size_t components;
    size_t lane; /* of a sum over examples: its place among the lane's sums */
    const struct instruction *structural; /* NULL for the elementwise ones */
};

/* Σᵢ of a product of two or three factors, a product with something added, ...: what one kernel does
 * instead of several. The product of three is (in[0]·in[1])·in[2]. */
enum fused {
    FUSED_PRODUCT_3,           /* a·b·c */
    FUSED_MULTIPLY_ADD,        /* a·b + d */
    FUSED_MULTIPLY_SUBTRACT,   /* a·b − d */
    FUSED_SUBTRACT_MULTIPLY,   /* d − a·b */
    FUSED_PRODUCT_3_ADD,       /* a·b·c + d */
    FUSED_PRODUCT_3_SUBTRACT,  /* a·b·c − d */
    FUSED_SUBTRACT_PRODUCT_3,  /* d − a·b·c */
    FUSED_SQUARE,              /* a·a */
    FUSED_SINE_COSINE,         /* sin a and cos a */
    FUSED_SUM,                 /* Σ a */
    FUSED_SUM_PRODUCT,         /* Σ a·b */
    FUSED_SUM_PRODUCT_3,       /* Σ a·b·c */
    FUSED_SUM_OUTER,           /* Σ a·bᵀ */
    FUSED_LAYER,               /* op(W)·a, W a matrix that does not vary by example */
    FUSED_COUNT
};

/* A value that does not vary by example, written 8 times for the loops; places in the memory. */
struct spread {
    size_t from, to, components;
};

struct kernels {
    const char *name;
    /* With stores as wide as the loads that follow: narrower ones would have to be waited for. */
    void (*spread)(double *memory, const struct spread *list, size_t count);
    /* `width` numbers of each of n rows of a table, which are `stride` long (those with the given
     * indices, or all), component by component; filled up to a multiple of 8 with the last. */
    void (*load)(double *to, const double *from, size_t stride, const size_t *indices,
                 size_t width, size_t n);
    kernel *elementwise[PRIMITIVE_COUNT_OF]; /* and where */
    kernel *fused[FUSED_COUNT];
};

/* Contraction of a·b + c into one rounding is off in the first file and on in the second, so that
 * fusing kernels never changes a bit. Each table has what its own file makes; the rest is NULL. */
extern const struct kernels kernel_arithmetic_base, kernel_functions_base;
#if defined __x86_64__
extern const struct kernels kernel_arithmetic_v3, kernel_functions_v3;
extern const struct kernels kernel_arithmetic_v4, kernel_functions_v4;
#endif

/* The kernels for this processor; DESCENT_ISA (x86-64, x86-64-v3, x86-64-v4) forces others that it
 * has. A choice made once and kept in the context. */
struct kernel_choice {
    struct context_part part;
    const struct kernels *arithmetic, *functions;
};
const struct kernel_choice *kernel_choose(struct context *context, struct error *error);

/* Elementwise, on numbers that do not vary by example. */
kernel *kernel_once(enum primitive op);
kernel kernel_structural; /* runs a structural primitive */
/* FUSED_LAYER and FUSED_SUM_OUTER of large matrices, by BLAS. */
kernel kernel_layer_blas, kernel_sum_outer_blas;

typedef void structural_forward(const struct instruction *instruction, struct operand out,
                                size_t n);
structural_forward *structural_forward_of(enum primitive op);

#endif
