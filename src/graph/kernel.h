/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel.h: the loops that a tape is made of, once for each instruction set (kernel_loops.h), and
 * the choice among them at start. For this folder only. */
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
    size_t at; /* where data points to, counted in the memory of the tape; see worker.c */
};

enum { NOWHERE = -1 }; /* as a place: there is none; data is then NULL */

/* What a step of arithmetic computes, and what a function's step computes its argument by:
 * ±(in[0]·in[1]·in[2]) ± in[3] − in[2], each part as given. */
enum { STEP_OPERANDS = 4, STEP_FACTORS = 3, STEP_ADDEND = 3, STEP_LESS = 2 };
struct recipe {
    unsigned char factors; /* 1 to 3 */
    bool negative;         /* the product is subtracted */
    signed char addend;    /* the sign of in[3]; 0: there is none */
    bool less;             /* in[2] is taken off at the end; factors is 2 */
};

/* Sums over examples of what a step of arithmetic computes, made as it is computed. */
enum { SUM_VALUE, SUM_WITH, SUM_SQUARE, STEP_SUMS }; /* Σ v, Σ v·with, Σ v² */

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
/* n: examples in this block, and sums: those of this lane; neither is looked at by steps of what
 * does not vary by example. */
typedef void kernel(const struct step *step, double *sums, size_t n);

struct step {
    kernel *run;
    struct operand out;    /* of a step of arithmetic with sums: NOWHERE where only they need it */
    struct operand second; /* the cosine beside a sine */
    struct operand kept;   /* a function's argument, where others read it; or NOWHERE */
    struct operand in[STEP_OPERANDS];
    struct operand with;
    size_t components;
    struct recipe recipe;  /* of a function's argument */
    size_t lane[STEP_SUMS]; /* places among the lane's sums; SIZE_MAX: not wanted */
    const struct instruction *structural; /* NULL for the elementwise ones */
    const struct spread *spreads;         /* of a pass's first step, `components` of them */
};

/* What one kernel does instead of several. */
enum fused {
    FUSED_SINE_COSINE, /* sin and cos */
    FUSED_SUM,         /* Σ a */
    FUSED_SUM_PRODUCT, /* Σ a·b */
    FUSED_SUM_PRODUCT_3, /* Σ (a·b)·c */
    FUSED_SUM_OUTER,   /* Σ a·bᵀ */
    FUSED_LAYER,       /* op(W)·a, W a matrix that does not vary by example */
    FUSED_COUNT
};

/* The recipes that there are kernels for; (in[0]·in[1])·in[2] is the product of three. */
enum arithmetic {
    ARITHMETIC_ADD,                /* a + d */
    ARITHMETIC_SUBTRACT,           /* a − d */
    ARITHMETIC_MULTIPLY,           /* a·b */
    ARITHMETIC_MULTIPLY_ADD,       /* a·b + d */
    ARITHMETIC_MULTIPLY_SUBTRACT,  /* a·b − d */
    ARITHMETIC_SUBTRACT_MULTIPLY,  /* d − a·b */
    ARITHMETIC_MULTIPLY_ADD_LESS,  /* a·b + d − c */
    ARITHMETIC_PRODUCT_3,          /* a·b·c */
    ARITHMETIC_PRODUCT_3_ADD,      /* a·b·c + d */
    ARITHMETIC_PRODUCT_3_SUBTRACT, /* a·b·c − d */
    ARITHMETIC_SUBTRACT_PRODUCT_3, /* d − a·b·c */
    ARITHMETIC_COUNT
};

/* A value that does not vary by example, written 8 times for the loops; places in the memory. */
struct spread {
    size_t from, to, components;
};

struct kernels {
    const char *name;
    size_t width; /* numbers of a register: so many partial sums has a Σᵢ */
    /* With stores as wide as the loads that follow: narrower ones would have to be waited for. */
    void (*spread)(double *memory, const struct spread *list, size_t count);
    /* The first step of a pass: its sums, out.row numbers, become 0, and what it reads is spread;
     * in[0] is the memory. */
    kernel *begin;
    /* `width` numbers of each of n rows of a table, which are `stride` long (those with the given
     * indices, or all), component by component; filled up to a multiple of 8 with the last. */
    void (*load)(double *to, const double *from, size_t stride, const size_t *indices,
                 size_t width, size_t n);
    /* sums += `width` times `size` partial sums; size is a multiple of 8. */
    void (*add_partials)(double *sums, const double *partials, size_t size);
    kernel *elementwise[PRIMITIVE_COUNT_OF]; /* and where; functions take a recipe */
    kernel *fused[FUSED_COUNT];
    /* Without sums, with Σ v and Σ v·with, with Σ v², with all of them. */
    kernel *arithmetic[ARITHMETIC_COUNT][4];
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

/* Elementwise, on so many numbers that do not vary by example. */
kernel *kernel_once(enum primitive op, size_t components);
/* The same for vectors of some length, and for their sum; NULL: there is no better way. */
enum { WIDE = 8 };
kernel *kernel_wide(enum primitive op);
kernel kernel_structural, kernel_structural_once; /* run a structural primitive */
/* FUSED_LAYER and FUSED_SUM_OUTER of large matrices, by BLAS. */
kernel kernel_layer_blas, kernel_sum_outer_blas;

typedef void structural_forward(const struct instruction *instruction, struct operand out,
                                size_t n);
structural_forward *structural_forward_of(enum primitive op);

#endif
