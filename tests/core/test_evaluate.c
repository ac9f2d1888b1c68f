/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of nodes: every primitive by hand, random graphs against the tape, rewriting. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/context.h"
#include "base/generator.h"
#include "graph/evaluate.h"
#include "graph/graph.h"
#include "graph/rewrite.h"
#include "graph/tape.h"

static struct context context;
static struct error error;

#define OK(call) cr_assert_eq((call), STATUS_OK, "%s", error.text)

static struct graph *begin(void)
{
    struct graph *g;
    context_init(&context);
    OK(graph_new(&g, &context, &error));
    return g;
}

static void finish(struct graph *g)
{
    graph_free(g);
    context_free(&context);
    cr_assert_eq(context.memory.live, 0);
}

static node_id leaf(struct graph *g, int offset, int rows, int cols)
{
    return graph_parameter(g, SOURCE_PHI, offset, (struct shape){rows, cols});
}

static void has_values(struct graph *g, node_id node, const double *phi, const double *expected)
{
    struct evaluator *evaluator;
    struct evaluator_point point = {.phi = phi};
    OK(graph_status(g, &error));
    OK(evaluator_new(&evaluator, g, &node, 1, 0, &error));
    OK(evaluator_run(evaluator, &point, &error));
    struct shape shape = graph_shape(g, node);
    const double *value = evaluator_value(evaluator, node, 0);
    for (int r = 0; r < shape.rows * shape.cols; r++)
        cr_assert_float_eq(value[r], expected[r], 1e-14, "node %d component %d: %.17g, not %.17g",
                           node, r, value[r], expected[r]);
    evaluator_free(evaluator);
}

Test(evaluate, every_elementwise_primitive_by_its_closed_form)
{
    struct graph *g = begin();
    node_id x = leaf(g, 0, 1, 1), y = leaf(g, 1, 1, 1);
    const double phi[] = {0.6, -0.3}, a = 0.6, b = -0.3;
    const struct {
        enum primitive op;
        double value;
    } unary[] =
        {
            {PRIMITIVE_SIN, sin(a)},
            {PRIMITIVE_COS, cos(a)},
            {PRIMITIVE_TAN, tan(a)},
            {PRIMITIVE_ASIN, asin(a)},
            {PRIMITIVE_ACOS, acos(a)},
            {PRIMITIVE_ATAN, atan(a)},
            {PRIMITIVE_SINH, sinh(a)},
            {PRIMITIVE_COSH, cosh(a)},
            {PRIMITIVE_TANH, tanh(a)},
            {PRIMITIVE_EXP, exp(a)},
            {PRIMITIVE_LOG, log(a)},
            {PRIMITIVE_LOG1P, log1p(a)},
            {PRIMITIVE_EXPM1, expm1(a)},
            {PRIMITIVE_SQRT, sqrt(a)},
            {PRIMITIVE_ABS, 0.6},
            {PRIMITIVE_SIGN, 1},
            {PRIMITIVE_FLOOR, 0},
            {PRIMITIVE_RELU, 0.6},
            {PRIMITIVE_SIGMOID, 1 / (1 + exp(-a))},
            {PRIMITIVE_SOFTPLUS, log(1 + exp(a))},
        },
      binary[] = {
          {PRIMITIVE_ADD, a + b},    {PRIMITIVE_SUBTRACT, a - b},  {PRIMITIVE_MULTIPLY, a * b},
          {PRIMITIVE_DIVIDE, a / b}, {PRIMITIVE_POWER, pow(a, b)}, {PRIMITIVE_MINIMUM, b},
          {PRIMITIVE_MAXIMUM, a},    {PRIMITIVE_GREATER, 1},       {PRIMITIVE_EQUAL, 0},
      };
    for (size_t i = 0; i < sizeof unary / sizeof *unary; i++)
        has_values(g, graph_unary(g, unary[i].op, x), phi, &unary[i].value);
    for (size_t i = 0; i < sizeof binary / sizeof *binary; i++)
        has_values(g, graph_binary(g, binary[i].op, x, y), phi, &binary[i].value);
    /* One that is added to primitive.def has to be added here. */
    cr_assert_eq(sizeof unary / sizeof *unary + sizeof binary / sizeof *binary,
                 (size_t)(PRIMITIVE_WHERE - PRIMITIVE_COUNT - 1));
    finish(g);
}

Test(evaluate, every_structural_primitive_by_hand)
{
    struct graph *g = begin();
    node_id s = leaf(g, 0, 1, 1), v = leaf(g, 1, 3, 1), m = leaf(g, 4, 2, 3);
    node_id w = leaf(g, 1, 2, 1), class = leaf(g, 10, 1, 1);
    const double phi[] = {2, 1, -1, 3, 1, 2, 3, 4, 5, 6, 3};
    node_id positive = graph_binary(g, PRIMITIVE_GREATER, v, graph_constant(g, 0));
    node_id square = graph_power(g, v, graph_constant(g, 2));
    has_values(g, graph_where(g, positive, square, s), phi, (double[]){1, 2, 9});
    has_values(g, graph_sum(g, square), phi, (double[]){11});
    has_values(g, graph_matmul(g, false, false, m, v), phi, (double[]){8, 17});
    has_values(g, graph_matmul(g, true, false, m, w), phi, (double[]){-3, -3, -3});
    has_values(g, graph_matmul(g, false, true, w, v), phi, (double[]){1, -1, 3, -1, 1, -3});
    has_values(g, graph_matmul(g, false, true, m, m), phi, (double[]){14, 32, 32, 77});
    has_values(g, graph_dot(g, v, square), phi, (double[]){1 - 1 + 27});
    node_id parts[] = {s, graph_unary(g, PRIMITIVE_ABS, v), s};
    node_id five = graph_concat(g, parts, 3);
    has_values(g, five, phi, (double[]){2, 1, 1, 3, 2});
    has_values(g, graph_slice(g, graph_multiply(g, square, s), 1, 2), phi, (double[]){2, 18});
    has_values(g, graph_pad(g, square, 1, 5), phi, (double[]){0, 1, 1, 9, 0});
    double sum = exp(1) + exp(-1) + exp(3);
    has_values(g, graph_logsumexp(g, v), phi, (double[]){log(sum)});
    has_values(g, graph_softmax(g, v), phi, (double[]){exp(1) / sum, exp(-1) / sum, exp(3) / sum});
    has_values(g, graph_pick(g, square, class), phi, (double[]){9});
    has_values(g, graph_onehot(g, class, 4), phi, (double[]){0, 0, 1, 0});
    const double extreme[] = {0, 1000, -1000, 999};
    has_values(g, graph_logsumexp(g, v), extreme, (double[]){1000 + log1p(exp(-1))});
    finish(g);
}

Test(evaluate, sums_over_examples_in_several_passes)
{
    struct graph *g = begin();
    node_id a = leaf(g, 0, 1, 1), x = graph_input(g, SOURCE_X, 0, 2);
    node_id y = graph_input(g, SOURCE_Y, 0, 1), second = graph_slice(g, x, 1, 1);
    node_id each = graph_subtract(g, graph_multiply(g, a, second), y);
    node_id total = graph_unary(g, PRIMITIVE_EXP, graph_sum_examples(g, each));
    node_id again = graph_sum_examples(
        g, graph_power(g, graph_add(g, each, total), graph_constant(g, 2)));
    node_id mean = graph_mean_examples(g, x), roots[] = {again, mean};
    const double rows[] = {1, 2, 3, 4, 5, 6}, targets[] = {1, 1, 2}, phi[] = {0.5};
    struct evaluator *evaluator;
    struct evaluator_point point = {
        .phi = phi, .x = rows, .y = targets, .x_columns = 2, .y_columns = 1};
    OK(evaluator_new(&evaluator, g, roots, 2, 3, &error));
    OK(evaluator_run(evaluator, &point, &error));
    const double expected[] = {0, 1, 1}; /* 0.5·x₂ − y; e² is the exponential of their sum */
    double sum = 0;
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(*evaluator_value(evaluator, each, i), expected[i]);
        sum += pow(expected[i] + exp(2), 2);
    }
    cr_assert_float_eq(*evaluator_value(evaluator, again, 0), sum, 1e-12);
    cr_assert_eq(evaluator_value(evaluator, mean, 0)[0], 3);
    cr_assert_eq(evaluator_value(evaluator, mean, 0)[1], 4);
    cr_assert_null(evaluator_value(evaluator, again + 100, 0));
    atomic_store(&context.interrupted, 1);
    cr_assert_eq(evaluator_run(evaluator, &point, &error), STATUS_INTERRUPTED);
    atomic_store(&context.interrupted, 0);
    point.y = NULL;
    cr_assert_eq(evaluator_run(evaluator, &point, &error), STATUS_ARGUMENT);
    evaluator_free(evaluator);
    cr_assert_eq(evaluator_new(&evaluator, g, roots, 2, 1000000000, &error), STATUS_UNSUPPORTED);
    cr_assert(strstr(error.text, "look at fewer examples"));
    finish(g);
}

/* --- random graphs against the tape --- */

enum { WIDTH = 3, MATRIX = 1 + WIDTH, PARAMETERS = MATRIX + WIDTH * WIDTH, EXAMPLES = 7 };

struct pools {
    struct graph *g;
    struct generator generator;
    node_id scalars[80], vectors[80];
    int scalar_count, vector_count;
};

static int draw(struct pools *p, int limit)
{
    return (int)generator_below(&p->generator, (uint64_t)limit);
}

static node_id scalar(struct pools *p)
{
    return p->scalars[draw(p, p->scalar_count)];
}

static node_id vector(struct pools *p)
{
    return p->vectors[draw(p, p->vector_count)];
}

static node_id grow_scalar(struct pools *p)
{
    static const enum primitive calm[] = {PRIMITIVE_SIN,  PRIMITIVE_COS,     PRIMITIVE_TANH,
                                          PRIMITIVE_ATAN, PRIMITIVE_SIGMOID, PRIMITIVE_SOFTPLUS,
                                          PRIMITIVE_RELU, PRIMITIVE_ABS};
    struct graph *g = p->g;
    switch (draw(p, 8)) {
    case 0: return graph_sum(g, vector(p));
    case 1: return graph_dot(g, vector(p), graph_unary(g, PRIMITIVE_TANH, vector(p)));
    case 2: return graph_logsumexp(g, vector(p));
    case 3: return graph_slice(g, vector(p), draw(p, WIDTH), 1);
    case 4: return graph_multiply(g, scalar(p), graph_unary(g, PRIMITIVE_SIN, scalar(p)));
    case 5: return graph_subtract(g, scalar(p), scalar(p));
    case 6: {
        node_id below = graph_add(g, graph_constant(g, 1.5),
                                  graph_power(g, scalar(p), graph_constant(g, 2)));
        return graph_divide(g, scalar(p), below);
    }
    default: return graph_unary(g, calm[draw(p, 8)], scalar(p));
    }
}

static node_id grow_vector(struct pools *p)
{
    struct graph *g = p->g;
    node_id matrix = leaf(g, MATRIX, WIDTH, WIDTH);
    switch (draw(p, 7)) {
    case 0: return graph_matmul(g, draw(p, 2), false, matrix, vector(p));
    case 1: return graph_softmax(g, vector(p));
    case 2:
        return graph_where(g, graph_binary(g, PRIMITIVE_GREATER, vector(p), scalar(p)), vector(p),
                           graph_constant(g, 0));
    case 3: {
        node_id parts[] = {scalar(p), scalar(p), scalar(p)};
        return graph_concat(g, parts, WIDTH);
    }
    case 4: return graph_add(g, vector(p), scalar(p));
    case 5: return graph_binary(g, PRIMITIVE_MAXIMUM, vector(p), vector(p));
    default: return graph_multiply(g, vector(p), graph_unary(g, PRIMITIVE_COS, vector(p)));
    }
}

static node_id grow(struct pools *p)
{
    p->scalars[p->scalar_count++] = leaf(p->g, 0, 1, 1);
    p->scalars[p->scalar_count++] = graph_input(p->g, SOURCE_X, 0, 1);
    p->scalars[p->scalar_count++] = graph_input(p->g, SOURCE_Y, 0, 1);
    p->vectors[p->vector_count++] = leaf(p->g, 1, WIDTH, 1);
    p->vectors[p->vector_count++] = graph_input(p->g, SOURCE_X, 0, WIDTH);
    for (int k = 0; k < 25; k++) {
        node_id one = grow_scalar(p), three = grow_vector(p);
        p->scalars[p->scalar_count++] = one;
        p->vectors[p->vector_count++] = three;
    }
    node_id each = p->scalars[p->scalar_count - 1];
    return graph_unary(p->g, PRIMITIVE_TANH,
                       graph_mean_examples(p->g, graph_add(p->g, each, p->scalars[1])));
}

Test(evaluate, random_graphs_agree_with_the_tape)
{
    int compared = 0;
    for (unsigned seed = 0; seed < 300; seed++) {
        struct pools p = {.g = begin()};
        graph_set_stable(p.g, true);
        generator_seed(&p.generator, seed);
        node_id root = grow(&p);
        double phi[PARAMETERS], x[EXAMPLES * WIDTH], y[EXAMPLES];
        for (int j = 0; j < PARAMETERS; j++)
            phi[j] = generator_normal(&p.generator);
        for (int j = 0; j < EXAMPLES * WIDTH; j++)
            x[j] = generator_normal(&p.generator);
        for (int j = 0; j < EXAMPLES; j++)
            y[j] = generator_normal(&p.generator);
        struct gradient gradient;
        OK(graph_differentiate(p.g, root, false, &gradient, &error));
        node_id roots[32] = {root};
        size_t offsets[32] = {0}, count = 1;
        for (int i = 0; i < gradient.count; i++) {
            roots[count] = gradient.gradients[i];
            offsets[count++] = 1 + (size_t)graph_leaf_offset(p.g, gradient.leaves[i]);
        }
        struct tape *tape;
        struct tape_outputs outputs = {roots, offsets, count, NO_NODE};
        struct tape_data data = {
            .x = x, .y = y, .x_columns = WIDTH, .y_columns = 1, .count = EXAMPLES};
        double results[1 + PARAMETERS], sums[1 + PARAMETERS] = {0};
        OK(tape_new(&tape, p.g, PARAMETERS, &outputs, &error));
        OK(tape_run(tape, phi, NULL, &data, results, 1 + PARAMETERS, NULL, &error));
        struct evaluator *evaluator;
        struct evaluator_point point = {
            .phi = phi, .x = x, .y = y, .x_columns = WIDTH, .y_columns = 1};
        OK(evaluator_new(&evaluator, p.g, roots, (int)count, EXAMPLES, &error));
        OK(evaluator_run(evaluator, &point, &error));
        double scale = 1;
        for (size_t k = 0; k < count; k++) {
            struct shape shape = graph_shape(p.g, roots[k]);
            for (int r = 0; r < shape.rows * shape.cols; r++) {
                sums[offsets[k] + (size_t)r] += evaluator_value(evaluator, roots[k], 0)[r];
                scale = fmax(scale, fabs(results[offsets[k] + (size_t)r]));
            }
        }
        for (int j = 0; j < 1 + PARAMETERS && isfinite(scale); j++, compared++)
            cr_assert_float_eq(sums[j], results[j], 1e-10 * scale, "seed %u, %d: %.17g, not %.17g",
                               seed, j, sums[j], results[j]);
        evaluator_free(evaluator);
        tape_free(tape);
        graph_gradient_free(p.g, &gradient);
        finish(p.g);
    }
    cr_assert_gt(compared, 250 * PARAMETERS);
}

Test(evaluate, a_deep_chain_takes_no_stack)
{
    struct graph *g = begin();
    node_id v = leaf(g, 0, 1, 1);
    for (int i = 0; i < 50000; i++)
        v = graph_unary(g, PRIMITIVE_TANH, v);
    double phi[] = {0.5}, expected = 0.5;
    for (int i = 0; i < 50000; i++)
        expected = tanh(expected);
    has_values(g, v, phi, &expected);
    finish(g);
}

/* --- rewriting --- */

Test(rewrite, one_example_has_no_sum)
{
    struct graph *g = begin(), *single;
    OK(graph_new(&single, &context, &error));
    node_id a = leaf(g, 0, 1, 1), x = graph_input(g, SOURCE_X, 0, 1);
    node_id square = graph_power(g, graph_subtract(g, a, x), graph_constant(g, 2));
    node_id penalty = graph_multiply(g, graph_constant(g, 3),
                                     graph_power(g, a, graph_constant(g, 2)));
    node_id root = graph_add(g, graph_mean_examples(g, square), penalty);
    node_id rewritten = graph_of_one_example(single, g, root);
    cr_assert_eq(graph_level(single, rewritten), LEVEL_EXAMPLE);
    struct evaluator *evaluator;
    const double phi[] = {2}, rows[] = {5};
    struct evaluator_point point = {.phi = phi, .x = rows, .x_columns = 1};
    OK(evaluator_new(&evaluator, single, &rewritten, 1, 1, &error));
    OK(evaluator_run(evaluator, &point, &error));
    cr_assert_eq(*evaluator_value(evaluator, rewritten, 0), 9 + 12);
    evaluator_free(evaluator);
    graph_free(single);
    finish(g);
}

Test(rewrite, parameters_are_replaced_by_expressions)
{
    struct graph *g = begin(), *outer;
    OK(graph_new(&outer, &context, &error));
    node_id p = leaf(g, 0, 1, 1), v = leaf(g, 1, 2, 1);
    node_id root = graph_multiply(g, p, graph_sum(g, graph_power(g, v, graph_constant(g, 2))));
    node_id t = leaf(outer, 0, 1, 1);
    node_id parts[] = {graph_unary(outer, PRIMITIVE_SIN, t), t, graph_constant(outer, 3)};
    node_id put_in = graph_at(outer, g, root, graph_concat(outer, parts, 3));
    has_values(outer, put_in, (double[]){0.5}, (double[]){sin(0.5) * (0.25 + 9)});
    graph_free(outer);
    finish(g);
}

Test(evaluate, every_failing_allocation_is_an_error_and_no_leak)
{
    context_init(&context);
    for (size_t fail = 1;; fail++) {
        context.memory.fail_at = context.memory.requests + fail;
        struct graph *g = NULL, *other = NULL;
        struct evaluator *evaluator = NULL;
        enum status status = graph_new(&g, &context, &error);
        if (status == STATUS_OK)
            status = graph_new(&other, &context, &error);
        if (status == STATUS_OK) {
            node_id x = graph_input(g, SOURCE_X, 0, 1);
            node_id root = graph_sum_examples(g, graph_unary(g, PRIMITIVE_EXP, x));
            node_id rewritten = graph_of_one_example(other, g, root);
            status = graph_status(other, &error);
            if (status == STATUS_OK)
                status = evaluator_new(&evaluator, g, &root, 1, 100, &error);
            (void)rewritten;
        }
        size_t failed_at = context.memory.fail_at;
        context.memory.fail_at = 0;
        evaluator_free(evaluator);
        graph_free(other);
        graph_free(g);
        cr_assert_eq(context.memory.live, 0, "leak when request %zu fails", fail);
        if (status == STATUS_OK && context.memory.requests < failed_at)
            break;
        cr_assert_neq(status, STATUS_OK);
        cr_assert_lt(fail, 100);
    }
    context_free(&context);
}
