/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The graph against an evaluator that shares nothing with it: random expressions are kept as trees
 * and evaluated in complex numbers, so that the imaginary part of f(φ + i·h) / h is the derivative
 * to rounding. Kinks are decided by the real part. */
#include <complex.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "base/generator.h"
#include "base/memory.h"
#include "graph/formula.h"
#include "graph/graph.h"
#include "graph/roll.h"
#include "graph/sweep.h"
#include "graph/tape.h"

#ifndef CMPLX
#define CMPLX(re, im) ((re) + (im)*I)
#endif

enum { WIDTH = 4, SCALARS = 3, PARAMETERS = SCALARS + WIDTH + WIDTH * WIDTH, COLUMNS = 1 + WIDTH };

typedef double complex number;

enum kind {
    SCALAR_PARAMETER, VECTOR_PARAMETER, SCALAR_X, VECTOR_X, TARGET, NUMBER,
    ADD, SUBTRACT, MULTIPLY, QUOTIENT, SQUARE, CUBE, POWER,
    SIN, COS, TANH, EXP_TANH, SIGMOID, SOFTPLUS, LOG_SQUARE, ROOT, ATAN, SINH_TANH,
    RELU, ABS, MAXIMUM, MINIMUM, CHOOSE,
    SUM, DOT, PRODUCT, TRANSPOSED_PRODUCT, SOFTMAX, LOGSUMEXP, COMPONENT, CONCAT,
};

struct tree {
    enum kind kind;
    bool vector;
    int a, b, c;
    double value;
};

struct expression {
    struct tree trees[200];
    int count;
    struct generator *generator;
};

static int draw(struct expression *e, int limit)
{
    return (int)generator_below(e->generator, (uint64_t)limit);
}

static int plant(struct expression *e, struct tree tree)
{
    cr_assert_lt(e->count, 200);
    e->trees[e->count] = tree;
    return e->count++;
}

static int grow_vector(struct expression *e, int depth);

static int grow_scalar(struct expression *e, int depth)
{
    if (depth == 0 || e->count > 120) {
        switch (draw(e, 5)) {
        case 0: return plant(e, (struct tree){.kind = SCALAR_X});
        case 1: return plant(e, (struct tree){.kind = TARGET});
        case 2: return plant(e, (struct tree){.kind = NUMBER, .value = draw(e, 7) - 3});
        default: return plant(e, (struct tree){.kind = SCALAR_PARAMETER, .a = draw(e, SCALARS)});
        }
    }
    static const enum kind unary[] = {SQUARE, CUBE, SIN, COS, TANH, EXP_TANH, SIGMOID, SOFTPLUS,
                                      LOG_SQUARE, ROOT, ATAN, SINH_TANH, RELU, ABS};
    static const enum kind binary[] = {ADD, SUBTRACT, MULTIPLY, QUOTIENT, MAXIMUM, MINIMUM, POWER};
    switch (draw(e, 8)) {
    case 0: {
        int v = grow_vector(e, depth - 1);
        static const enum kind reductions[] = {SUM, LOGSUMEXP, COMPONENT};
        return plant(e, (struct tree){.kind = reductions[draw(e, 3)], .a = v, .b = draw(e, WIDTH)});
    }
    case 1: {
        int u = grow_vector(e, depth - 1), v = grow_vector(e, depth - 1);
        return plant(e, (struct tree){.kind = DOT, .a = u, .b = v});
    }
    case 2: {
        int a = grow_scalar(e, depth - 1), b = grow_scalar(e, depth - 1);
        int c = grow_scalar(e, depth - 1);
        return plant(e, (struct tree){.kind = CHOOSE, .a = a, .b = b, .c = c});
    }
    case 3:
    case 4: {
        int a = grow_scalar(e, depth - 1);
        return plant(e, (struct tree){.kind = unary[draw(e, 14)], .a = a});
    }
    default: {
        int a = grow_scalar(e, depth - 1), b = grow_scalar(e, depth - 1);
        return plant(e, (struct tree){.kind = binary[draw(e, 7)], .a = a, .b = b});
    }
    }
}

static int grow_vector(struct expression *e, int depth)
{
    if (depth == 0 || e->count > 120)
        return plant(e, (struct tree){.kind = draw(e, 2) ? VECTOR_X : VECTOR_PARAMETER,
                                      .vector = true});
    static const enum kind unary[] = {SQUARE, SIN, TANH, SIGMOID, RELU, SOFTPLUS, SOFTMAX,
                                      PRODUCT, TRANSPOSED_PRODUCT};
    static const enum kind binary[] = {ADD, SUBTRACT, MULTIPLY, QUOTIENT, MAXIMUM};
    switch (draw(e, 6)) {
    case 0: {
        int parts[WIDTH];
        for (int i = 0; i < WIDTH; i++)
            parts[i] = grow_scalar(e, depth > 1 ? 1 : 0);
        int inner = plant(e, (struct tree){.kind = NUMBER, .a = parts[2], .b = parts[3]});
        return plant(e, (struct tree){.kind = CONCAT, .vector = true, .a = parts[0],
                                      .b = parts[1], .c = inner});
    }
    case 1: { /* a scalar that serves all components */
        int a = grow_scalar(e, depth - 1), b = grow_vector(e, depth - 1);
        return plant(e, (struct tree){.kind = binary[draw(e, 3)], .vector = true, .a = a, .b = b});
    }
    case 2:
    case 3: {
        int a = grow_vector(e, depth - 1), b = grow_vector(e, depth - 1);
        return plant(e, (struct tree){.kind = binary[draw(e, 5)], .vector = true, .a = a, .b = b});
    }
    default: {
        int a = grow_vector(e, depth - 1);
        return plant(e, (struct tree){.kind = unary[draw(e, 9)], .vector = true, .a = a});
    }
    }
}

/* --- the evaluator --- */

static number plus_softplus(number z)
{
    return creal(z) > 0 ? z + clog(1 + cexp(-z)) : clog(1 + cexp(z));
}

static number one(enum kind kind, number z)
{
    switch (kind) {
    case SQUARE: return z * z;
    case CUBE: return z * z * z;
    case SIN: return csin(z);
    case COS: return ccos(z);
    case TANH: return ctanh(z);
    case EXP_TANH: return cexp(ctanh(z));
    case SIGMOID: return creal(z) > 0 ? 1 / (1 + cexp(-z)) : cexp(z) / (1 + cexp(z));
    case SOFTPLUS: return plus_softplus(z);
    case LOG_SQUARE: return clog(1 + z * z);
    case ROOT: return csqrt(1 + z * z);
    case ATAN: return catan(z);
    case SINH_TANH: return csinh(ctanh(z));
    case RELU: return creal(z) > 0 ? z : 0;
    case ABS: return creal(z) > 0 ? z : -z;
    default: return NAN;
    }
}

static number two(enum kind kind, number z, number w)
{
    switch (kind) {
    case ADD: return z + w;
    case SUBTRACT: return z - w;
    case MULTIPLY: return z * w;
    case QUOTIENT: return z / (1.5 + w * w);
    case MAXIMUM: return creal(z) > creal(w) ? z : w;
    case MINIMUM: return creal(z) < creal(w) ? z : w;
    case POWER: return cexp(ctanh(w) * clog(1 + z * z)); /* (1 + z²)^tanh w */
    default: return NAN;
    }
}

struct point {
    const number *phi;
    const double *x; /* COLUMNS */
    double y;
};

static void evaluate(const struct expression *e, const struct point *p, number (*values)[WIDTH])
{
    const number *vector = p->phi + SCALARS, *matrix = p->phi + SCALARS + WIDTH;
    for (int i = 0; i < e->count; i++) {
        const struct tree *t = &e->trees[i];
        number *v = values[i], *a = values[t->a], *b = values[t->b], *c = values[t->c];
        bool a_vector = e->trees[t->a].vector;
        switch (t->kind) {
        case SCALAR_PARAMETER: v[0] = p->phi[t->a]; break;
        case VECTOR_PARAMETER: memcpy(v, vector, sizeof(number[WIDTH])); break;
        case SCALAR_X: v[0] = p->x[0]; break;
        case VECTOR_X:
            for (int k = 0; k < WIDTH; k++)
                v[k] = p->x[1 + k];
            break;
        case TARGET: v[0] = p->y; break;
        case NUMBER: v[0] = t->value; break;
        case SUM: v[0] = a[0] + a[1] + a[2] + a[3]; break;
        case DOT: v[0] = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3]; break;
        case COMPONENT: v[0] = a[t->b]; break;
        case CHOOSE: v[0] = creal(a[0]) > 0 ? b[0] : c[0]; break;
        case CONCAT:
            v[0] = a[0], v[1] = b[0];
            v[2] = values[e->trees[t->c].a][0], v[3] = values[e->trees[t->c].b][0];
            break;
        case PRODUCT:
        case TRANSPOSED_PRODUCT:
            for (int r = 0; r < WIDTH; r++) {
                v[r] = 0;
                for (int k = 0; k < WIDTH; k++)
                    v[r] += matrix[t->kind == PRODUCT ? r * WIDTH + k : k * WIDTH + r] * a[k];
            }
            break;
        case SOFTMAX:
        case LOGSUMEXP: {
            double max = fmax(fmax(creal(a[0]), creal(a[1])), fmax(creal(a[2]), creal(a[3])));
            number exps[WIDTH], sum = 0;
            for (int k = 0; k < WIDTH; k++)
                sum += exps[k] = cexp(a[k] - max);
            if (t->kind == LOGSUMEXP)
                v[0] = max + clog(sum);
            else
                for (int k = 0; k < WIDTH; k++)
                    v[k] = exps[k] / sum;
            break;
        }
        default:
            for (int k = 0; k < (t->vector ? WIDTH : 1); k++) {
                bool pair = (t->kind >= ADD && t->kind <= QUOTIENT) || t->kind == MAXIMUM ||
                            t->kind == MINIMUM || t->kind == POWER;
                v[k] = pair ? two(t->kind, a_vector ? a[k] : a[0], b[k]) : one(t->kind, a[k]);
            }
        }
    }
}

/* --- the same as a graph --- */

static node_id apply(struct graph *g, enum primitive op, node_id a)
{
    return graph_unary(g, op, a);
}

static node_id to_graph(const struct expression *e, struct graph *g)
{
    node_id nodes[200];
    const struct shape wide = {WIDTH, 1}, single = {1, 1}, square = {WIDTH, WIDTH};
    node_id matrix = graph_parameter(g, SOURCE_PHI, SCALARS + WIDTH, square);
    node_id one_ = graph_constant(g, 1), two_ = graph_constant(g, 2);
    for (int i = 0; i < e->count; i++) {
        const struct tree *t = &e->trees[i];
        node_id a = nodes[t->a], b = nodes[t->b], c = nodes[t->c];
        switch (t->kind) {
        case SCALAR_PARAMETER: nodes[i] = graph_parameter(g, SOURCE_PHI, t->a, single); break;
        case VECTOR_PARAMETER: nodes[i] = graph_parameter(g, SOURCE_PHI, SCALARS, wide); break;
        case SCALAR_X: nodes[i] = graph_input(g, SOURCE_X, 0, 1); break;
        case VECTOR_X: nodes[i] = graph_input(g, SOURCE_X, 1, WIDTH); break;
        case TARGET: nodes[i] = graph_input(g, SOURCE_Y, 0, 1); break;
        case NUMBER: nodes[i] = graph_constant(g, t->value); break;
        case ADD: nodes[i] = graph_add(g, a, b); break;
        case SUBTRACT: nodes[i] = graph_subtract(g, a, b); break;
        case MULTIPLY: nodes[i] = graph_multiply(g, a, b); break;
        case QUOTIENT:
            nodes[i] = graph_divide(
                g, a, graph_add(g, graph_constant(g, 1.5), graph_multiply(g, b, b)));
            break;
        case SQUARE: nodes[i] = graph_power(g, a, two_); break;
        case CUBE: nodes[i] = graph_power(g, a, graph_constant(g, 3)); break;
        case POWER:
            nodes[i] = graph_power(g, graph_add(g, one_, graph_power(g, a, two_)),
                                   apply(g, PRIMITIVE_TANH, b));
            break;
        case SIN: nodes[i] = apply(g, PRIMITIVE_SIN, a); break;
        case COS: nodes[i] = apply(g, PRIMITIVE_COS, a); break;
        case TANH: nodes[i] = apply(g, PRIMITIVE_TANH, a); break;
        case EXP_TANH: nodes[i] = apply(g, PRIMITIVE_EXP, apply(g, PRIMITIVE_TANH, a)); break;
        case SIGMOID: /* as people type it: found again when the forms are stable */
            nodes[i] = graph_divide(
                g, one_, graph_add(g, one_, apply(g, PRIMITIVE_EXP, graph_negate(g, a))));
            break;
        case SOFTPLUS:
            nodes[i] = apply(g, PRIMITIVE_LOG, graph_add(g, one_, apply(g, PRIMITIVE_EXP, a)));
            break;
        case LOG_SQUARE:
            nodes[i] = apply(g, PRIMITIVE_LOG, graph_add(g, one_, graph_power(g, a, two_)));
            break;
        case ROOT:
            nodes[i] = apply(g, PRIMITIVE_SQRT, graph_add(g, one_, graph_power(g, a, two_)));
            break;
        case ATAN: nodes[i] = apply(g, PRIMITIVE_ATAN, a); break;
        case SINH_TANH: nodes[i] = apply(g, PRIMITIVE_SINH, apply(g, PRIMITIVE_TANH, a)); break;
        case RELU: nodes[i] = apply(g, PRIMITIVE_RELU, a); break;
        case ABS: nodes[i] = apply(g, PRIMITIVE_ABS, a); break;
        case MAXIMUM: nodes[i] = graph_binary(g, PRIMITIVE_MAXIMUM, a, b); break;
        case MINIMUM: nodes[i] = graph_binary(g, PRIMITIVE_MINIMUM, a, b); break;
        case CHOOSE:
            nodes[i] = graph_where(
                g, graph_binary(g, PRIMITIVE_GREATER, a, graph_constant(g, 0)), b, c);
            break;
        case SUM: nodes[i] = graph_sum(g, a); break;
        case DOT: nodes[i] = graph_dot(g, a, b); break;
        case PRODUCT: nodes[i] = graph_matmul(g, false, false, matrix, a); break;
        case TRANSPOSED_PRODUCT: nodes[i] = graph_matmul(g, true, false, matrix, a); break;
        case SOFTMAX: nodes[i] = graph_softmax(g, a); break;
        case LOGSUMEXP: nodes[i] = graph_logsumexp(g, a); break;
        case COMPONENT: nodes[i] = graph_slice(g, a, t->b, 1); break;
        case CONCAT: {
            node_id parts[WIDTH] = {a, b, nodes[e->trees[t->c].a], nodes[e->trees[t->c].b]};
            nodes[i] = graph_concat(g, parts, WIDTH);
            break;
        }
        }
    }
    return nodes[e->count - 1];
}

/* --- one random problem --- */

enum total { TOTAL_SUM, TOTAL_MEAN, TOTAL_LOG, TOTALS };

struct problem {
    struct expression e;
    enum total total;
    size_t examples;
    double *x, *y;
    double phi[PARAMETERS];
};

static number reference(const struct problem *p, const number *phi)
{
    static number values[200][WIDTH];
    number sum = 0;
    for (size_t i = 0; i < p->examples; i++) {
        struct point point = {phi, p->x + i * COLUMNS, p->y[i]};
        evaluate(&p->e, &point, values);
        number value = values[p->e.count - 1][0];
        sum += p->total == TOTAL_LOG ? value * value : value;
    }
    switch (p->total) {
    case TOTAL_MEAN: return sum / (double)p->examples;
    case TOTAL_LOG: return clog(1 + sum) * phi[0];
    default: return sum;
    }
}

static node_id total_node(struct graph *g, enum total total, node_id each)
{
    node_id square = graph_power(g, each, graph_constant(g, 2));
    switch (total) {
    case TOTAL_MEAN: return graph_mean_examples(g, each);
    case TOTAL_LOG:
        return graph_multiply(
            g,
            graph_unary(g, PRIMITIVE_LOG,
                        graph_add(g, graph_constant(g, 1), graph_sum_examples(g, square))),
            graph_parameter(g, SOURCE_PHI, 0, (struct shape){1, 1}));
    default: return graph_sum_examples(g, each);
    }
}

static struct context context;
static struct error error;

#define OK(call) cr_assert_eq((call), STATUS_OK, "%s", error.text)

static struct tape *tape_of(struct graph *g, node_id root, const struct gradient *gradient)
{
    struct tape *tape;
    node_id nodes[64];
    size_t offsets[64], count = 0;
    if (root != NO_NODE) {
        nodes[count] = root;
        offsets[count++] = 0;
    }
    for (int i = 0; gradient && i < gradient->count; i++) {
        nodes[count] = gradient->gradients[i];
        offsets[count++] = (size_t)(root != NO_NODE) +
                           (size_t)graph_leaf_offset(g, gradient->leaves[i]);
    }
    struct tape_outputs outputs = {nodes, offsets, count, NO_NODE};
    OK(tape_new(&tape, g, PARAMETERS, &outputs, &error));
    return tape;
}

static bool near(double got, double expected, double scale, double tolerance)
{
    return fabs(got - expected) <= tolerance * fmax(1, fmax(fabs(expected), scale));
}

static void fill(struct problem *p, struct generator *generator, size_t examples)
{
    p->examples = examples;
    p->x = malloc(examples * COLUMNS * sizeof(double));
    p->y = malloc(examples * sizeof(double));
    for (size_t i = 0; i < examples * COLUMNS; i++)
        p->x[i] = generator_normal(generator);
    for (size_t i = 0; i < examples; i++)
        p->y[i] = generator_normal(generator);
    for (int j = 0; j < PARAMETERS; j++)
        p->phi[j] = 0.7 * generator_normal(generator);
}

/* Value, gradient by complex step, Hessian-vector product by differences of the gradient. */
static void check_problem(struct problem *p, unsigned seed, int *checked)
{
    number phi[PARAMETERS];
    for (int j = 0; j < PARAMETERS; j++)
        phi[j] = p->phi[j];
    number expected = reference(p, phi);
    if (!isfinite(creal(expected)) || fabs(creal(expected)) > 1e6)
        return;
    struct graph *g;
    OK(graph_new(&g, &context, &error));
    graph_set_stable(g, true);
    node_id each = to_graph(&p->e, g);
    if (graph_level(g, each) != LEVEL_EXAMPLE) {
        graph_free(g);
        return;
    }
    node_id root = total_node(g, p->total, each);
    OK(graph_status(g, &error));
    struct gradient gradient, second;
    OK(graph_differentiate(g, root, false, &gradient, &error));
    struct tape *tape = tape_of(g, root, &gradient), *value_tape = tape_of(g, root, NULL);
    struct tape_data data = {.x = p->x, .y = p->y, .x_columns = COLUMNS, .y_columns = 1,
                             .count = p->examples};
    double results[1 + PARAMETERS], value;
    OK(tape_run(tape, p->phi, NULL, &data, results, 1 + PARAMETERS, NULL, &error));
    OK(tape_run(value_tape, p->phi, NULL, &data, &value, 1, NULL, &error));
    cr_assert(near(results[0], creal(expected), 0, 1e-10), "seed %u: value %.17g, not %.17g", seed,
              results[0], creal(expected));
    cr_assert(value == results[0], "seed %u: the value alone has other bits", seed);
    double scale = 0;
    for (int j = 0; j < PARAMETERS; j++)
        scale = fmax(scale, fabs(results[1 + j]));
    for (int j = 0; j < PARAMETERS; j++) {
        number moved[PARAMETERS];
        memcpy(moved, phi, sizeof moved);
        moved[j] = CMPLX(p->phi[j], 1e-30);
        double slope = cimag(reference(p, moved)) / 1e-30;
        cr_assert(near(results[1 + j], slope, scale, 1e-12),
                  "seed %u: derivative %d is %.17g, not %.17g", seed, j, results[1 + j], slope);
    }

    double direction[PARAMETERS], product[PARAMETERS], ahead[1 + PARAMETERS];
    double behind[1 + PARAMETERS], moved[PARAMETERS];
    for (int j = 0; j < PARAMETERS; j++)
        direction[j] = sin(1 + j);
    node_id directional = graph_directional(g, &gradient);
    OK(graph_differentiate(g, directional, false, &second, &error));
    struct tape *product_tape = tape_of(g, NO_NODE, &second);
    OK(tape_run(product_tape, p->phi, direction, &data, product, PARAMETERS, NULL, &error));
    double h = 1e-5, largest = 0;
    for (int j = 0; j < PARAMETERS; j++)
        moved[j] = p->phi[j] + h * direction[j];
    OK(tape_run(tape, moved, NULL, &data, ahead, 1 + PARAMETERS, NULL, &error));
    for (int j = 0; j < PARAMETERS; j++)
        moved[j] = p->phi[j] - h * direction[j];
    OK(tape_run(tape, moved, NULL, &data, behind, 1 + PARAMETERS, NULL, &error));
    for (int j = 0; j < PARAMETERS; j++)
        largest = fmax(largest, fmax(fabs(product[j]), scale));
    int off = 0;
    for (int j = 0; j < PARAMETERS; j++)
        off += !near(product[j], (ahead[1 + j] - behind[1 + j]) / (2 * h), largest, 1e-5);
    /* A kink between the two points spoils the differences, not the product: see below. */
    *checked += off == 0;
    tape_free(product_tape);
    tape_free(tape);
    tape_free(value_tape);
    graph_gradient_free(g, &gradient);
    graph_gradient_free(g, &second);
    graph_free(g);
}

Test(graph, random_expressions_agree_with_complex_step)
{
    context_init(&context);
    struct generator generator;
    int checked = 0, count = 6000;
    for (unsigned seed = 0; seed < (unsigned)count; seed++) {
        generator_seed(&generator, seed);
        struct problem p = {.e = {.generator = &generator}, .total = seed % TOTALS};
        grow_scalar(&p.e, 2 + (int)(seed % 4));
        fill(&p, &generator, seed % 50 == 0 ? 700 : 3 + seed % 11);
        check_problem(&p, seed, &checked);
        free(p.x);
        free(p.y);
    }
    /* Nearly all second derivatives agree with differences; kinks spoil the others. */
    cr_assert_gt(checked, count * 7 / 10, "only %d of %d Hessian products", checked, count);
    context_free(&context);
    cr_assert_eq(context.memory.live, 0);
}

/* --- single facts --- */

static node_id phi_at(struct graph *g, int offset)
{
    return graph_parameter(g, SOURCE_PHI, offset, (struct shape){1, 1});
}

static double value_of(struct graph *g, node_id root, const double *phi)
{
    struct tape *tape;
    size_t offset = 0;
    double value;
    struct tape_outputs outputs = {&root, &offset, 1, NO_NODE};
    struct tape_data none = {0};
    OK(tape_new(&tape, g, 2, &outputs, &error));
    OK(tape_run(tape, phi, NULL, &none, &value, 1, NULL, &error));
    tape_free(tape);
    return value;
}

static double slope_of(struct graph *g, node_id root, int offset, const double *phi)
{
    struct gradient gradient;
    OK(graph_differentiate(g, root, false, &gradient, &error));
    double slope = 0;
    for (int i = 0; i < gradient.count; i++)
        if (graph_leaf_offset(g, gradient.leaves[i]) == offset)
            slope += value_of(g, gradient.gradients[i], phi);
    graph_gradient_free(g, &gradient);
    return slope;
}

static struct graph *begin(void)
{
    struct graph *g;
    context_init(&context);
    OK(graph_new(&g, &context, &error));
    graph_set_stable(g, true);
    graph_declare(g, "phi0", 0, (struct shape){1, 1});
    graph_declare(g, "phi1", 1, (struct shape){1, 1});
    return g;
}

static void finish(struct graph *g)
{
    graph_free(g);
    context_free(&context);
    cr_assert_eq(context.memory.live, 0);
}

Test(graph, equal_expressions_are_one_node)
{
    struct graph *g = begin();
    node_id a = phi_at(g, 0), b = phi_at(g, 1);
    cr_assert_eq(graph_add(g, a, b), graph_add(g, b, a));
    cr_assert_eq(graph_multiply(g, a, b), graph_multiply(g, b, a));
    cr_assert_eq(graph_subtract(g, a, a), graph_constant(g, 0));
    cr_assert_eq(graph_multiply(g, a, graph_constant(g, 1)), a);
    cr_assert_eq(graph_add(g, a, graph_constant(g, 0)), a);
    cr_assert_eq(graph_multiply(g, a, a), graph_power(g, a, graph_constant(g, 2)));
    cr_assert_eq(graph_negate(g, graph_subtract(g, a, b)), graph_subtract(g, b, a));
    finish(g);
}

Test(graph, powers_at_the_edges)
{
    struct graph *g = begin();
    node_id x = phi_at(g, 0), y = phi_at(g, 1), power = graph_power(g, x, y);
    const struct {
        double x, y, value, to_x, to_y;
    } rows[] = {
        {0, 2, 0, 0, 0},           {0, 1, 0, 1, 0},          {0, 0, 1, 0, 0},
        {-2, 2, 4, -4, NAN},       {2, 3, 8, 12, 8 * M_LN2}, {0, 0.5, 0, INFINITY, 0},
        {3, -1, 1. / 3, -1. / 9, 0.36620409622270322876},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double phi[] = {rows[i].x, rows[i].y};
        cr_assert_float_eq(value_of(g, power, phi), rows[i].value, 1e-12);
        double to_x = slope_of(g, power, 0, phi), to_y = slope_of(g, power, 1, phi);
        cr_assert(to_x == rows[i].to_x || fabs(to_x - rows[i].to_x) < 1e-12, "row %zu: %g", i,
                  to_x);
        cr_assert((isnan(to_y) && isnan(rows[i].to_y)) || fabs(to_y - rows[i].to_y) < 1e-12,
                  "row %zu: %g", i, to_y);
    }
    finish(g);
}

/* Every primitive of the table: its value in a pass over examples against the C library, its first
 * and second derivative against differences of the one before. */
Test(graph, every_elementwise_primitive_has_its_derivatives)
{
    static const double points[] = {-2.3, -0.9, -0.35, 0.2, 0.45, 0.83, 1.7};
    enum { POINTS = sizeof points / sizeof *points };
    int checked = 0;
    for (enum primitive op = PRIMITIVE_SIN; op <= PRIMITIVE_SOFTPLUS; op++) {
        struct graph *g = begin();
        node_id x = graph_input(g, SOURCE_X, 0, 1);
        node_id shifted = graph_add(g, x, phi_at(g, 0));
        node_id each = graph_unary(g, op, shifted);
        struct gradient first, second;
        OK(graph_differentiate(g, each, true, &first, &error));
        OK(graph_differentiate(g, first.gradients[0], true, &second, &error));
        node_id nodes[3] = {each, first.gradients[0],
                            second.count ? second.gradients[0] : graph_constant(g, 0)};
        for (int order = 0; order < 3; order++) {
            if (graph_level(g, nodes[order]) != LEVEL_EXAMPLE)
                continue; /* a step function: 0 */
            struct tape *tape;
            struct tape_outputs outputs = {.per_example = nodes[order]};
            double got[POINTS], phi[2] = {0};
            struct tape_data data = {.x = points, .x_columns = 1, .count = POINTS};
            OK(tape_new(&tape, g, 2, &outputs, &error));
            OK(tape_run(tape, phi, NULL, &data, NULL, 0, got, &error));
            for (int i = 0; i < POINTS; i++) {
                double h = order == 2 ? 1e-3 : 1e-5, at = points[i];
                double up = primitive_value(op, at + h, 0), down = primitive_value(op, at - h, 0);
                double here = primitive_value(op, at, 0);
                double expected = order == 0   ? here
                                  : order == 1 ? (up - down) / (2 * h)
                                               : (up - 2 * here + down) / (h * h);
                if (isnan(expected)) {
                    cr_assert(isnan(got[i]) || order > 0, "%s at %g", primitive_name(op), at);
                    continue;
                }
                double tolerance = order == 0 ? 4e-15 : order == 1 ? 1e-8 : 2e-4;
                cr_assert(near(got[i], expected, 0, tolerance),
                          "%s, derivative %d at %g: %.17g, not %.17g",
                          primitive_name(op), order, at, got[i], expected);
                checked++;
            }
            tape_free(tape);
        }
        graph_gradient_free(g, &first);
        graph_gradient_free(g, &second);
        finish(g);
    }
    cr_assert_gt(checked, 250, "%d", checked);
}

Test(graph, kinks_have_the_usual_subgradients)
{
    struct graph *g = begin();
    node_id x = phi_at(g, 0), zero = graph_constant(g, 0);
    double at[] = {0, 0};
    cr_assert_eq(slope_of(g, graph_unary(g, PRIMITIVE_RELU, x), 0, at), 0);
    cr_assert_eq(slope_of(g, graph_unary(g, PRIMITIVE_ABS, x), 0, at), 0);
    cr_assert_eq(slope_of(g, graph_binary(g, PRIMITIVE_MAXIMUM, x, zero), 0, at), 0);
    cr_assert_eq(slope_of(g, graph_binary(g, PRIMITIVE_MAXIMUM, zero, x), 0, at), 0);
    finish(g);
}

Test(graph, masks_never_multiply_zero_by_infinity)
{
    struct graph *g = begin();
    node_id x = phi_at(g, 0), zero = graph_constant(g, 0);
    node_id safe = graph_where(g, graph_binary(g, PRIMITIVE_GREATER, x, zero),
                               graph_unary(g, PRIMITIVE_LOG, x), zero);
    const double points[][2] = {{0, 0}, {-3, 0}, {2, 0}};
    const double values[] = {0, 0, M_LN2}, slopes[] = {0, 0, 0.5};
    for (int i = 0; i < 3; i++) {
        cr_assert_float_eq(value_of(g, safe, points[i]), values[i], 1e-15);
        cr_assert_float_eq(slope_of(g, safe, 0, points[i]), slopes[i], 1e-15);
    }
    finish(g);
}

Test(graph, typed_cross_entropy_is_stable_at_large_scores)
{
    struct graph *g = begin();
    node_id z = phi_at(g, 0), one_ = graph_constant(g, 1);
    node_id p = graph_divide(
        g, one_, graph_add(g, one_, graph_unary(g, PRIMITIVE_EXP, graph_negate(g, z))));
    node_id yes = graph_negate(g, graph_unary(g, PRIMITIVE_LOG, p));
    node_id no = graph_negate(g, graph_unary(g, PRIMITIVE_LOG, graph_subtract(g, one_, p)));
    double high[] = {1000, 0}, low[] = {-1000, 0};
    cr_assert_eq(value_of(g, yes, high), 0);
    cr_assert_eq(value_of(g, yes, low), 1000);
    cr_assert_eq(value_of(g, no, high), 1000);
    cr_assert_eq(slope_of(g, yes, 0, low), -1);
    cr_assert_eq(slope_of(g, no, 0, high), 1);
    finish(g);
}

Test(graph, deep_and_wide_expressions_neither_overflow_nor_crawl)
{
    struct graph *g = begin();
    node_id v = phi_at(g, 0);
    for (int i = 0; i < 50000; i++)
        v = graph_unary(g, PRIMITIVE_TANH, v);
    node_id sum = phi_at(g, 1);
    for (int i = 0; i < 20000; i++)
        sum = graph_add(g, sum, graph_unary(g, PRIMITIVE_SIN,
                                            graph_add(g, phi_at(g, 0), graph_constant(g, i))));
    double phi[] = {0.5, 0.25};
    /* tanh iterated n times tends to √(3/(2n)): 0.005477 here. */
    cr_assert_float_eq(value_of(g, v, phi), sqrt(1.5 / 50000), 1e-5);
    cr_assert_float_eq(slope_of(g, sum, 1, phi), 1, 1e-12);
    struct formulas formulas;
    OK(formula_print(&formulas, g, &v, 1, NOTATION_UNICODE, &error));
    cr_assert(strstr(formulas.texts[0], "more than"));
    formula_free(&formulas);
    finish(g);
}

Test(graph, wrong_shapes_are_one_sentence_and_do_no_harm)
{
    struct graph *g = begin();
    node_id u = graph_parameter(g, SOURCE_PHI, 0, (struct shape){3, 1});
    node_id v = graph_parameter(g, SOURCE_PHI, 0, (struct shape){2, 1});
    node_id wrong = graph_add(g, u, v);
    graph_multiply(g, wrong, u);
    cr_assert_eq(graph_status(g, &error), STATUS_SHAPE);
    cr_assert_str_eq(error.text, "+ needs equal shapes or a single number, not 3×1 and 2×1");
    finish(g);
}

static void prints(struct graph *g, node_id node, const char *expected)
{
    struct formulas formulas;
    OK(formula_print(&formulas, g, &node, 1, NOTATION_UNICODE, &error));
    cr_assert_str_eq(formulas.texts[0], expected);
    formula_free(&formulas);
}

Test(formula, reads_as_one_writes_it)
{
    struct graph *g = begin();
    node_id a = phi_at(g, 0), b = phi_at(g, 1), x = graph_input(g, SOURCE_X, 0, 1);
    node_id two_ = graph_constant(g, 2), half = graph_constant(g, 0.5);
    node_id square = graph_power(g, a, two_);
    prints(g, graph_add(g, graph_subtract(g, square, graph_multiply(g, graph_constant(g, 4), a)),
                        graph_constant(g, 5)),
           "φ₀² − 4·φ₀ + 5");
    prints(g, graph_negate(g, a), "−φ₀");
    prints(g, graph_multiply(g, half, a), "φ₀/2");
    prints(g, graph_divide(g, graph_add(g, a, b), graph_subtract(g, a, b)),
           "(φ₀ + φ₁)/(φ₀ − φ₁)");
    prints(g, graph_multiply(g, graph_subtract(g, a, b), graph_add(g, a, b)),
           "(φ₀ − φ₁)·(φ₀ + φ₁)");
    prints(g, graph_power(g, graph_add(g, a, b), graph_constant(g, 3)), "(φ₀ + φ₁)³");
    prints(g, graph_mean_examples(g, graph_multiply(g, two_, graph_multiply(g, a, x))),
           "(2·φ₀/I)·Σᵢ xᵢ");
    prints(g, graph_unary(g, PRIMITIVE_EXP, graph_negate(g, graph_divide(g, square,
                                                                         graph_constant(g, 32)))),
           "exp(−φ₀²/32)");
    prints(g, graph_multiply(g, graph_constant(g, 0.06), graph_multiply(g, b, x)), "0.06·φ₁·x");
    finish(g);
}

Test(tape, batches_and_lanes_sum_as_they_should)
{
    struct graph *g = begin();
    enum { N = 5000 };
    double *x = malloc(N * sizeof *x), phi[] = {0.3, -0.7};
    size_t *indices = malloc(N * sizeof *indices);
    for (int i = 0; i < N; i++) {
        x[i] = sin(i);
        indices[i] = (size_t)(N - 1 - i);
    }
    node_id in = graph_input(g, SOURCE_X, 0, 1);
    node_id each = graph_power(g, graph_add(g, phi_at(g, 0), graph_multiply(g, phi_at(g, 1), in)),
                               graph_constant(g, 2));
    node_id root = graph_sum_examples(g, each);
    struct tape *tape;
    size_t offset = 0;
    struct tape_outputs outputs = {&root, &offset, 1, each};
    OK(tape_new(&tape, g, 2, &outputs, &error));
    double *per_example = malloc(N * sizeof *per_example), sum, expected = 0;
    struct tape_data data = {.x = x, .x_columns = 1, .count = N};
    OK(tape_run(tape, phi, NULL, &data, &sum, 1, per_example, &error));
    for (int i = 0; i < N; i++) {
        double value = (0.3 - 0.7 * x[i]) * (0.3 - 0.7 * x[i]);
        expected += value;
        cr_assert_float_eq(per_example[i], value, 1e-15);
    }
    cr_assert_float_eq(sum, expected, 1e-9);
    data.indices = indices;
    data.count = 3;
    OK(tape_run(tape, phi, NULL, &data, &sum, 1, per_example, &error));
    for (int i = 0; i < 3; i++)
        cr_assert_float_eq(per_example[i], pow(0.3 - 0.7 * x[N - 1 - i], 2), 1e-15);
    atomic_store(&context.interrupted, 1);
    cr_assert_eq(tape_run(tape, phi, NULL, &data, &sum, 1, NULL, &error), STATUS_INTERRUPTED);
    tape_free(tape);
    free(x);
    free(indices);
    free(per_example);
    finish(g);
}

/* Data that stay the same are kept in the tape's own order; batches and fewer examples in between
 * change nothing, nor does another table or the number of threads. */
static void keep_data(const char *threads)
{
    enum { N = 3000, WIDE = 6 };
    static double x[2][N * WIDE], y[N], phi[WIDE];
    static size_t indices[N];
    setenv("DESCENT_THREADS", threads, 1);
    struct graph *g = begin();
    for (int i = 0; i < N * WIDE; i++) {
        x[0][i] = sin(i);
        x[1][i] = cos(2 * i);
    }
    for (size_t i = 0; i < N; i++) {
        y[i] = sin(5 * (double)i);
        indices[i] = i * 11 % N;
    }
    for (int j = 0; j < WIDE; j++)
        phi[j] = 1 + 0.1 * j;
    node_id in = graph_input(g, SOURCE_X, 0, WIDE);
    node_id w = graph_parameter(g, SOURCE_PHI, 0, (struct shape){WIDE, 1});
    node_id residual = graph_subtract(g, graph_unary(g, PRIMITIVE_TANH, graph_dot(g, w, in)),
                                      graph_input(g, SOURCE_Y, 0, 1));
    node_id root = graph_sum_examples(g, graph_power(g, residual, graph_constant(g, 2)));
    struct gradient gradient;
    OK(graph_differentiate(g, root, false, &gradient, &error));
    struct tape *kept = tape_of(g, root, &gradient), *fresh = tape_of(g, root, &gradient);
    static const struct { int table; bool batch; size_t count; } runs[] = {
        {0, false, N}, {0, false, N}, {0, false, N}, {0, true, 7}, {0, false, N}, {0, false, 200},
        {0, false, N}, {0, false, N}, {1, false, N}, {1, true, N}, {1, false, N}, {1, false, N},
        {0, false, N}, {1, false, N - 1}, {1, false, N - 1}, {1, false, N - 1}, {1, false, 100},
        {1, false, 100}, {1, true, 100}, {1, false, 100}};
    for (size_t k = 0; k < sizeof runs / sizeof *runs; k++) {
        struct tape_data data = {.x = x[runs[k].table], .y = y, .x_columns = WIDE, .y_columns = 1,
                                 .indices = runs[k].batch ? indices : NULL,
                                 .count = runs[k].count};
        double expected[1 + PARAMETERS], got[1 + PARAMETERS], full[PARAMETERS] = {0};
        phi[0] += 0.01;
        memcpy(full, phi, sizeof phi);
        OK(tape_run(fresh, full, NULL, &data, expected, 1 + PARAMETERS, NULL, &error));
        data.unchanging = true;
        OK(tape_run(kept, full, NULL, &data, got, 1 + PARAMETERS, NULL, &error));
        cr_assert(memcmp(got, expected, sizeof got) == 0, "run %zu, %s threads", k, threads);
    }
    tape_free(kept);
    tape_free(fresh);
    graph_gradient_free(g, &gradient);
    finish(g);
}

Test(tape, data_that_stay_the_same_are_kept)
{
    keep_data("1");
    keep_data("3");
}

/* Columns first .. first + width − 1 of `columns`, with others that overlap them. */
static void load_columns(const double *table, int columns, int first, int width,
                         const size_t *indices, size_t count)
{
    struct graph *g;
    OK(graph_new(&g, &context, &error));
    node_id parts[] = {graph_input(g, SOURCE_X, first, width),
                       graph_input(g, SOURCE_X, first + width - 1, 1),
                       graph_input(g, SOURCE_X, first, (width + 1) / 2)};
    struct tape_outputs outputs = {.per_example = graph_concat(g, parts, 3)};
    struct tape *tape;
    OK(tape_new(&tape, g, 0, &outputs, &error));
    struct tape_data data = {.x = table, .x_columns = (size_t)columns, .indices = indices,
                             .count = count};
    size_t wide = (size_t)(width + 1 + (width + 1) / 2);
    double *loaded = malloc(count * wide * sizeof *loaded);
    OK(tape_run(tape, NULL, NULL, &data, NULL, 0, loaded, &error));
    for (size_t i = 0; i < count; i++) {
        const double *row = table + (indices ? indices[i] : i) * (size_t)columns + first;
        for (size_t k = 0; k < wide; k++) {
            size_t at = k < (size_t)width ? k : k == (size_t)width ? k - 1 : k - (size_t)width - 1;
            cr_assert_eq(loaded[i * wide + k], row[at], "%d of %d columns, example %zu: %g", width,
                         columns, i, loaded[i * wide + k]);
        }
    }
    free(loaded);
    tape_free(tape);
    graph_free(g);
}

Test(tape, rows_of_a_table_become_columns)
{
    enum { COUNT = 301, MOST = 43 };
    static double table[COUNT * MOST];
    static size_t indices[COUNT];
    for (int i = 0; i < COUNT * MOST; i++)
        table[i] = i;
    for (size_t i = 0; i < COUNT; i++)
        indices[i] = i * 7 % COUNT;
    static const char *const sets[] = {"x86-64", "x86-64-v3", "x86-64-v4"};
    for (int set = 0; set < 3; set++) {
        setenv("DESCENT_ISA", sets[set], 1);
        context_init(&context);
        for (int columns = 1; columns <= MOST; columns++)
            for (int width = 1; width <= columns; width += 1 + columns / 9)
                for (size_t count = 1; count <= COUNT; count = 3 * count + 1) {
                    load_columns(table, columns, (columns - width) / 2, width, NULL, count);
                    load_columns(table, columns, columns - width, width, indices, count);
                }
        context_free(&context);
        cr_assert_eq(context.memory.live, 0);
    }
    unsetenv("DESCENT_ISA");
}

Test(graph, a_pick_of_no_component_is_refused)
{
    static const double numbers[] = {NAN, 0, 0.99, 3.01, 1e300, -INFINITY};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct graph *g;
        context_init(&context);
        cr_assert_eq(graph_new(&g, &context, &error), STATUS_OK);
        graph_pick(g, graph_parameter(g, SOURCE_PHI, 0, (struct shape){3, 1}),
                   graph_constant(g, numbers[i]));
        cr_assert_eq(graph_status(g, &error), STATUS_SHAPE, "%g", numbers[i]);
        cr_assert(strstr(error.text, "is not there: there are 3") != NULL, "%s", error.text);
        graph_free(g);
        context_free(&context);
    }
}

Test(graph, every_failing_allocation_is_an_error_and_no_leak)
{
    for (size_t fail = 1;; fail++) {
        context_init(&context);
        context.memory.fail_at = context.memory.requests + fail;
        struct graph *g = NULL;
        struct tape *tape = NULL;
        struct gradient gradient = {0};
        struct formulas formulas = {0};
        enum status status = graph_new(&g, &context, &error);
        if (status == STATUS_OK) {
            node_id in = graph_input(g, SOURCE_X, 0, 2), all[100];
            node_id w = graph_parameter(g, SOURCE_PHI, 0, (struct shape){1, 2});
            for (int i = 0; i < 100; i++)
                all[i] = graph_unary(g, PRIMITIVE_SIN, graph_constant(g, i + 0.5));
            graph_concat(g, all, 100);
            node_id each = graph_unary(g, PRIMITIVE_TANH, graph_matmul(g, false, false, w, in));
            graph_name(g, each, "h");
            node_id root = graph_sum_examples(g, graph_power(g, each, graph_constant(g, 2)));
            status = graph_differentiate(g, root, false, &gradient, &error);
            if (status == STATUS_OK) {
                size_t offset = 0;
                struct tape_outputs outputs = {gradient.gradients, &offset, 1, NO_NODE};
                status = tape_new(&tape, g, 2, &outputs, &error);
            }
            if (status == STATUS_OK)
                status = formula_print(&formulas, g, &root, 1, NOTATION_ASCII, &error);
        }
        size_t failed_at = context.memory.fail_at, requests = context.memory.requests;
        context.memory.fail_at = 0;
        if (status == STATUS_OK)
            formula_free(&formulas);
        tape_free(tape);
        if (g)
            graph_gradient_free(g, &gradient);
        graph_free(g);
        context_free(&context); /* with what it shares: the choice of kernels */
        cr_assert_eq(context.memory.live, 0, "leak when request %zu fails", fail);
        if (status == STATUS_OK && requests < failed_at)
            break;
        cr_assert_neq(status, STATUS_OK);
        cr_assert_lt(fail, 500);
    }
}

/* One thread or several, one instruction set or another in the same process: threads change no bit,
 * and instruction sets only rounding. */
static void run_with(const char *threads, const char *instructions, double *results)
{
    struct graph *g;
    enum { N = 20000 };
    static double x[N], y[N];
    setenv("DESCENT_THREADS", threads, 1);
    setenv("DESCENT_ISA", instructions, 1);
    g = begin();
    for (int i = 0; i < N; i++) {
        x[i] = 10 * sin(i);
        y[i] = cos(3 * i);
    }
    node_id u = graph_add(g, phi_at(g, 0), graph_multiply(g, phi_at(g, 1),
                                                          graph_input(g, SOURCE_X, 0, 1)));
    node_id f = graph_multiply(g, graph_unary(g, PRIMITIVE_SIN, u),
                               graph_unary(g, PRIMITIVE_SIGMOID, u));
    node_id residual = graph_subtract(g, f, graph_input(g, SOURCE_Y, 0, 1));
    node_id root = graph_sum_examples(g, graph_power(g, residual, graph_constant(g, 2)));
    struct gradient gradient;
    OK(graph_differentiate(g, root, false, &gradient, &error));
    struct tape *tape = tape_of(g, root, &gradient);
    double phi[PARAMETERS] = {0.3, 1.7}, out[1 + PARAMETERS];
    struct tape_data data = {.x = x, .y = y, .x_columns = 1, .y_columns = 1, .count = N};
    OK(tape_run(tape, phi, NULL, &data, out, 1 + PARAMETERS, NULL, &error));
    memcpy(results, out, 3 * sizeof *results);
    tape_free(tape);
    graph_gradient_free(g, &gradient);
    finish(g);
}

Test(tape, any_number_of_threads_gives_the_same_bits)
{
    double one_thread[3], other[3];
    run_with("1", "x86-64-v4", one_thread);
    static const char *const threads[] = {"2", "3", "7", "16"};
    for (int i = 0; i < 4; i++) {
        run_with(threads[i], "x86-64-v4", other);
        cr_assert(memcmp(one_thread, other, sizeof other) == 0, "%s threads", threads[i]);
    }
    static const char *const sets[] = {"x86-64", "x86-64-v3"};
    for (int i = 0; i < 2; i++) {
        run_with("2", sets[i], other);
        for (int k = 0; k < 3; k++)
            cr_assert_float_eq(other[k], one_thread[k], 1e-10 * fabs(one_thread[k]), "%s", sets[i]);
    }
}

/* --- many φ at once --- */

enum { SWEPT = 3 };

/* Components of no order, so that none is near its neighbour. */
static void swept_points(const void *argument, size_t first, size_t count, double *to, size_t row)
{
    (void)argument;
    for (size_t k = 0; k < SWEPT; k++)
        for (size_t b = 0; b < count; b++)
            to[k * row + b] = sin(1.7 * (double)(first + b) + 0.3 * (double)k);
}

static void swept_pair(const void *argument, size_t first, size_t count, double *to, size_t row)
{
    (void)argument;
    for (size_t b = 0; b < count; b++)
        to[b] = to[row + b] = 0.01 * (double)(first + b);
}

static void check_sweep(struct problem *p, unsigned seed, size_t points, int *swept)
{
    struct graph *g;
    OK(graph_new(&g, &context, &error));
    graph_set_stable(g, true);
    node_id each = to_graph(&p->e, g);
    /* A scalar, a component of the vector and one of the matrix. */
    const size_t varying[SWEPT] = {seed % SCALARS, SCALARS + seed % WIDTH,
                                   SCALARS + WIDTH + seed % (WIDTH * WIDTH)};
    node_id root = total_node(g, p->total, each);
    struct tape *tape = tape_of(g, root, NULL);
    struct sweep *sweep = NULL;
    enum status status = sweep_new(&sweep, g, root, PARAMETERS, varying, SWEPT, &error);
    if (status != STATUS_OK)
        cr_assert_eq(status, STATUS_UNSUPPORTED, "seed %u: %s", seed, error.text);
    struct tape_data data = {.x = p->x, .y = p->y, .x_columns = COLUMNS, .y_columns = 1,
                             .count = p->examples};
    double *values = malloc(points * sizeof *values), *at = malloc(SWEPT * sizeof *at), value;
    double phi[PARAMETERS];
    memcpy(phi, p->phi, sizeof phi);
    for (int round = 0; round < 2 && sweep; round++) { /* what is held may change */
        OK(sweep_run(sweep, phi, &data, swept_points, NULL, points, values, &error));
        for (size_t i = 0; i < points; i++) {
            double moved[PARAMETERS];
            memcpy(moved, phi, sizeof moved);
            swept_points(NULL, i, 1, at, 1);
            for (size_t k = 0; k < SWEPT; k++)
                moved[varying[k]] = at[k];
            OK(tape_run(tape, moved, NULL, &data, &value, 1, NULL, &error));
            bool same = value == values[i] || (isnan(value) && isnan(values[i]));
            cr_assert(same || near(values[i], value, 0, 1e-11), "seed %u: point %zu is %.17g, not "
                      "%.17g", seed, i, values[i], value);
            }
        *swept += (int)points;
        for (int j = 0; j < PARAMETERS; j++)
            phi[j] += 0.1;
    }
    free(values);
    free(at);
    sweep_free(sweep);
    tape_free(tape);
    graph_free(g);
}

Test(sweep, random_expressions_have_the_values_of_the_tape)
{
    context_init(&context);
    struct generator generator;
    int swept = 0, tried = 0;
    for (unsigned seed = 0; seed < 600; seed++) {
        generator_seed(&generator, seed);
        struct problem p = {.e = {.generator = &generator}, .total = seed % TOTALS};
        grow_scalar(&p.e, 2 + (int)(seed % 4));
        fill(&p, &generator, seed % 50 == 0 ? 700 : 3 + seed % 11);
        size_t points = seed % 20 == 0 ? 300 : 1 + seed % 23;
        check_sweep(&p, seed, points, &swept);
        tried += 2 * (int)points;
        free(p.x);
        free(p.y);
    }
    cr_assert_gt(swept, tried * 9 / 10, "only %d of %d points", swept, tried);
    context_free(&context);
    cr_assert_eq(context.memory.live, 0);
}

enum { SWEEP_POINTS = 5000, SWEEP_EXAMPLES = 300 };

static void sweep_with(const char *threads, double *values)
{
    static double x[SWEEP_EXAMPLES];
    setenv("DESCENT_THREADS", threads, 1);
    struct graph *g = begin();
    for (int i = 0; i < SWEEP_EXAMPLES; i++)
        x[i] = 3 * sin(i);
    node_id u = graph_add(g, phi_at(g, 0), graph_multiply(g, graph_unary(g, PRIMITIVE_EXP,
                                                                         phi_at(g, 1)),
                                                          graph_input(g, SOURCE_X, 0, 1)));
    node_id root = graph_add(g, graph_sum_examples(g, graph_unary(g, PRIMITIVE_SIN, u)),
                             graph_power(g, phi_at(g, 2), graph_constant(g, 2)));
    struct sweep *sweep;
    const size_t varying[SWEPT] = {0, 1, 2};
    const double phi[3] = {0};
    OK(sweep_new(&sweep, g, root, 3, varying, SWEPT, &error));
    struct tape_data data = {.x = x, .x_columns = 1, .count = SWEEP_EXAMPLES};
    OK(sweep_run(sweep, phi, &data, swept_points, NULL, SWEEP_POINTS, values, &error));
    atomic_store(&context.interrupted, 1);
    cr_assert_eq(sweep_run(sweep, phi, &data, swept_points, NULL, SWEEP_POINTS, values, &error),
                 STATUS_INTERRUPTED);
    atomic_store(&context.interrupted, 0);
    OK(sweep_run(sweep, phi, &data, swept_points, NULL, SWEEP_POINTS, values, &error));
    sweep_free(sweep);
    finish(g);
}

Test(sweep, any_number_of_threads_gives_the_same_bits)
{
    static double one[SWEEP_POINTS], other[SWEEP_POINTS];
    sweep_with("1", one);
    static const char *const threads[] = {"2", "3", "16"};
    for (int i = 0; i < 3; i++) {
        sweep_with(threads[i], other);
        cr_assert(memcmp(one, other, sizeof one) == 0, "%s threads", threads[i]);
    }
}

Test(sweep, every_failing_allocation_is_an_error_and_no_leak)
{
    const double x[] = {1, 2, 3}, phi[] = {1, 2};
    for (size_t fail = 1;; fail++) {
        context_init(&context);
        context.memory.fail_at = context.memory.requests + fail;
        struct graph *g = NULL;
        struct sweep *sweep = NULL;
        enum status status = graph_new(&g, &context, &error);
        if (status == STATUS_OK) {
            node_id e = graph_unary(g, PRIMITIVE_EXP, phi_at(g, 1));
            node_id u = graph_multiply(g, e, graph_input(g, SOURCE_X, 0, 1));
            node_id sum = graph_sum_examples(g, graph_unary(g, PRIMITIVE_SIN,
                                                            graph_add(g, phi_at(g, 0), u)));
            status = graph_status(g, &error);
            const size_t varying[] = {0, 1};
            if (status == STATUS_OK)
                status = sweep_new(&sweep, g, graph_add(g, sum, phi_at(g, 0)), 2, varying, 2,
                                   &error);
            struct tape_data data = {.x = x, .x_columns = 1, .count = 3};
            double values[40];
            if (status == STATUS_OK)
                status = sweep_run(sweep, phi, &data, swept_pair, NULL, 40, values, &error);
        }
        size_t failed_at = context.memory.fail_at, requests = context.memory.requests;
        context.memory.fail_at = 0;
        sweep_free(sweep);
        graph_free(g);
        context_free(&context);
        cr_assert_eq(context.memory.live, 0, "leak when request %zu fails", fail);
        if (status == STATUS_OK && requests < failed_at)
            break;
        cr_assert_neq(status, STATUS_OK);
        cr_assert_lt(fail, 500);
    }
}

/* --- sums that a loop has written out --- */

enum { MANY = 40, ROLL_EXAMPLES = 30 };

static struct tape *roll_tape(struct graph *g, node_id root)
{
    struct gradient gradient;
    OK(graph_differentiate(g, root, false, &gradient, &error));
    node_id *nodes = malloc(((size_t)gradient.count + 1) * sizeof *nodes);
    size_t *offsets = malloc(((size_t)gradient.count + 1) * sizeof *offsets);
    nodes[0] = root;
    offsets[0] = 0;
    for (int i = 0; i < gradient.count; i++) {
        nodes[1 + i] = gradient.gradients[i];
        offsets[1 + i] = 1 + (size_t)graph_leaf_offset(g, gradient.leaves[i]);
    }
    struct tape_outputs outputs = {nodes, offsets, (size_t)gradient.count + 1, NO_NODE};
    struct tape *tape;
    OK(tape_new(&tape, g, MANY, &outputs, &error));
    graph_gradient_free(g, &gradient);
    free(nodes);
    free(offsets);
    return tape;
}

/* The same value and gradient, by at most `most` instructions. */
static void rolls(struct graph *g, node_id root, size_t most)
{
    static double x[ROLL_EXAMPLES * MANY], phi[MANY];
    for (int i = 0; i < ROLL_EXAMPLES * MANY; i++)
        x[i] = sin(3 * i);
    for (int j = 0; j < MANY; j++)
        phi[j] = cos(j) + 1.5;
    node_id rolled = graph_roll(g, root);
    OK(graph_status(g, &error));
    struct tape *plain = roll_tape(g, root), *short_tape = roll_tape(g, rolled);
    struct tape_data data = {.x = x, .x_columns = MANY, .count = ROLL_EXAMPLES};
    double expected[1 + MANY], got[1 + MANY];
    OK(tape_run(plain, phi, NULL, &data, expected, 1 + MANY, NULL, &error));
    OK(tape_run(short_tape, phi, NULL, &data, got, 1 + MANY, NULL, &error));
    for (int j = 0; j < 1 + MANY; j++)
        cr_assert_float_eq(got[j], expected[j], 1e-12 * (1 + fabs(expected[j])), "%d: %.17g, not "
                           "%.17g", j, got[j], expected[j]);
    cr_assert_leq(tape_size(short_tape).instructions, most, "%zu instructions instead of %zu",
                  tape_size(short_tape).instructions, tape_size(plain).instructions);
    tape_free(plain);
    tape_free(short_tape);
}

static node_id square_of(struct graph *g, node_id a)
{
    return graph_power(g, a, graph_constant(g, 2));
}

Test(roll, a_chain_becomes_two_vectors)
{
    struct graph *g = begin();
    node_id total = graph_constant(g, 0);
    for (int i = 0; i + 1 < MANY; i++) {
        node_id step = graph_subtract(g, phi_at(g, i + 1), square_of(g, phi_at(g, i)));
        total = graph_add(g, total, graph_multiply(g, graph_constant(g, 100), square_of(g, step)));
        total = graph_add(g, total,
                          square_of(g, graph_subtract(g, graph_constant(g, 1), phi_at(g, i))));
    }
    rolls(g, total, 25);
    finish(g);
}

Test(roll, signs_strangers_and_what_stays_are_kept)
{
    struct graph *g = begin();
    /* −Σ sin(φ₀·φᵢ) + Σ φᵢ³ − φ₇·φ₇ + exp(φ₃) + 5·φ₉: the first factor is the same in all terms. */
    node_id total = graph_unary(g, PRIMITIVE_EXP, phi_at(g, 3));
    for (int i = 10; i < 30; i++) {
        node_id product = graph_multiply(g, phi_at(g, 0), phi_at(g, i));
        total = graph_subtract(g, total, graph_unary(g, PRIMITIVE_SIN, product));
        if (i == 20)
            total = graph_subtract(g, total, graph_multiply(g, phi_at(g, 7), phi_at(g, 7)));
        total = graph_add(g, total, graph_power(g, phi_at(g, i), graph_constant(g, 3)));
    }
    total = graph_add(g, total, graph_multiply(g, graph_constant(g, 5), phi_at(g, 9)));
    rolls(g, graph_multiply(g, total, total), 40);
    finish(g);
}

Test(roll, few_terms_and_terms_out_of_step_stay_as_they_are)
{
    struct graph *g = begin();
    node_id few = phi_at(g, 0), apart = phi_at(g, 0);
    for (int i = 1; i < 7; i++)
        few = graph_add(g, few, square_of(g, phi_at(g, i)));
    cr_assert_eq(graph_roll(g, few), few);
    for (int i = 1; i < 19; i++)
        apart = graph_add(g, apart, square_of(g, phi_at(g, 2 * i)));
    cr_assert_eq(graph_roll(g, apart), apart);
    finish(g);
}

Test(roll, a_model_that_was_written_as_a_loop)
{
    struct graph *g = begin();
    node_id z = phi_at(g, 0), net = phi_at(g, 0);
    node_id first = graph_input(g, SOURCE_X, 0, 1);
    for (int i = 1; i < MANY; i++)
        z = graph_add(g, z, graph_multiply(g, phi_at(g, i), graph_input(g, SOURCE_X, i - 1, 1)));
    for (int i = 0; i < 12; i++) {
        node_id unit = graph_add(g, graph_multiply(g, phi_at(g, 1 + i), first), phi_at(g, 13 + i));
        net = graph_add(g, net, graph_multiply(g, phi_at(g, 25 + i),
                                               graph_unary(g, PRIMITIVE_TANH, unit)));
    }
    rolls(g, graph_sum_examples(g, graph_unary(g, PRIMITIVE_SOFTPLUS, z)), 12);
    rolls(g, graph_sum_examples(g, square_of(g, net)), 25);
    finish(g);
}
