/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rewritten expressions at numbers where what was written overflows or cancels; expected is what
 * the same expression is in exact arithmetic. */
#include <criterion/criterion.h>
#include <math.h>

#include "base/context.h"
#include "graph/evaluate.h"
#include "graph/graph.h"

static struct context context;
static struct error error;

typedef node_id expression(struct graph *graph, node_id z);

static void check(const char *name, expression *build, const double *z, size_t count,
                  const double *expected, size_t outputs)
{
    static const double y[] = {3};
    struct graph *graph;
    struct evaluator *evaluator;
    context_init(&context);
    cr_assert_eq(graph_new(&graph, &context, &error), STATUS_OK);
    graph_set_stable(graph, true);
    node_id leaf = graph_parameter(graph, SOURCE_PHI, 0, (struct shape){(int)count, 1});
    node_id root = build(graph, leaf);
    cr_assert_eq(graph_status(graph, &error), STATUS_OK, "%s: %s", name, error.text);
    cr_assert_eq((size_t)graph_shape(graph, root).rows, outputs, "%s", name);
    cr_assert_eq(evaluator_new(&evaluator, graph, &root, 1, 1, &error), STATUS_OK);
    struct evaluator_point point = {.phi = z, .y = y, .y_columns = 1};
    cr_assert_eq(evaluator_run(evaluator, &point, &error), STATUS_OK);
    const double *value = evaluator_value(evaluator, root, 0);
    for (size_t i = 0; i < outputs; i++)
        cr_expect(value[i] == expected[i] ||
                      fabs(value[i] - expected[i]) <= 4e-16 * fabs(expected[i]),
                  "%s[%zu]: %.17g, not %.17g", name, i, value[i], expected[i]);
    evaluator_free(evaluator);
    graph_free(graph);
    context_free(&context);
    cr_assert_eq(context.memory.live, 0);
}

static node_id log_softmax(struct graph *g, node_id z)
{
    return graph_unary(g, PRIMITIVE_LOG, graph_softmax(g, z));
}

static node_id log_of_one_softmax(struct graph *g, node_id z)
{
    node_id number = graph_input(g, SOURCE_Y, 0, 1);
    return graph_unary(g, PRIMITIVE_LOG, graph_pick(g, graph_softmax(g, z), number));
}

static node_id log_sum_exp(struct graph *g, node_id z)
{
    return graph_unary(g, PRIMITIVE_LOG, graph_sum(g, graph_unary(g, PRIMITIVE_EXP, z)));
}

static node_id log_one_plus_exp(struct graph *g, node_id z)
{
    node_id one = graph_constant(g, 1);
    return graph_unary(g, PRIMITIVE_LOG, graph_add(g, one, graph_unary(g, PRIMITIVE_EXP, z)));
}

static node_id log1p_exp(struct graph *g, node_id z)
{
    return graph_unary(g, PRIMITIVE_LOG1P, graph_unary(g, PRIMITIVE_EXP, z));
}

static node_id log_sigmoid(struct graph *g, node_id z)
{
    return graph_unary(g, PRIMITIVE_LOG, graph_unary(g, PRIMITIVE_SIGMOID, z));
}

static node_id log_exp(struct graph *g, node_id z)
{
    return graph_unary(g, PRIMITIVE_LOG, graph_unary(g, PRIMITIVE_EXP, z));
}

static node_id root_of_square(struct graph *g, node_id z)
{
    return graph_unary(g, PRIMITIVE_SQRT, graph_power(g, z, graph_constant(g, 2)));
}

static node_id relu_twice(struct graph *g, node_id z)
{
    return graph_unary(g, PRIMITIVE_RELU, graph_unary(g, PRIMITIVE_RELU, z));
}

static node_id quotient_of_powers(struct graph *g, node_id z)
{
    return graph_divide(g, graph_power(g, z, graph_constant(g, 205)),
                        graph_power(g, z, graph_constant(g, 202)));
}

static node_id product_over_factor(struct graph *g, node_id z)
{
    node_id tiny = graph_unary(g, PRIMITIVE_EXP, graph_multiply(g, z, graph_constant(g, -700)));
    return graph_divide(g, graph_multiply(g, z, tiny), tiny);
}

#define CHECK(build, z, expected)                              \
    check(#build, build, z, sizeof(z) / sizeof *(z), expected, \
          sizeof(expected) / sizeof *(expected))

Test(stable, forms_are_exact_where_what_was_written_is_not)
{
    static const double far[] = {1000, 0, -1000}, wide[] = {800, 0, -800};
    static const double softplus[] = {800, 0.693147180559945309417, 0}, all[] = {0, -1000, -2000},
                        third[] = {-2000}, largest[] = {1000},
                        sigmoid[] = {0, -0.693147180559945309417, -800};
    static const double sizes[] = {-3, 0, 1e200}, absolute[] = {3, 0, 1e200},
                        above[] = {0, 0, 1e200};
    static const double bases[] = {100, -30, 0.01}, cubes[] = {1e6, -27000, 1e-6};
    static const double factors[] = {2, 0.5, 4};
    CHECK(log_softmax, far, all);
    CHECK(log_of_one_softmax, far, third);
    CHECK(log_sum_exp, far, largest);
    CHECK(log_one_plus_exp, wide, softplus);
    CHECK(log1p_exp, wide, softplus);
    CHECK(log_sigmoid, wide, sigmoid);
    CHECK(log_exp, far, far);
    CHECK(root_of_square, sizes, absolute);
    CHECK(relu_twice, sizes, above);
    CHECK(quotient_of_powers, bases, cubes);
    CHECK(product_over_factor, factors, factors);
}
