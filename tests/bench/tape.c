/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tape.c: gradients through libdescent alone: a step without its rule, its run and Lua. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "objective/build.h"
#include "peer.h"

enum { HIDDEN = 8, NET = 3 * HIDDEN + 1, LARGE = 1000000 };

static struct context context;
static struct error error;
static volatile double sink;

static struct dataset *points(size_t count)
{
    double *x = malloc(count * sizeof *x), *y = malloc(count * sizeof *y);
    struct dataset *data = NULL;
    if (x != NULL && y != NULL) {
        peer_gabor_points(x, y, count);
        struct dataset_source source = {
            .examples = count, .inputs = 1, .outputs = 1, .x = x, .y = y};
        dataset_new(&data, &context, &source, &error);
    }
    free(x);
    free(y);
    return data;
}

static struct model *gabor(void)
{
    struct model *model = NULL;
    for (size_t i = 0; i < model_kind_count; i++)
        if (strcmp(model_kinds[i]->doc.name, "model.gabor") == 0)
            model_new(&model, &context, model_kinds[i], NULL, &error);
    return model;
}

/* w, b, v of 8 numbers each and c: every number a parameter of its own, as a loop makes them. */
static struct model *scalars(void)
{
    struct parameter_spec specs[NET];
    char names[NET][8];
    struct graph *graph;
    if (graph_new(&graph, &context, &error) != STATUS_OK)
        return NULL;
    node_id phi[NET];
    for (int i = 0; i < NET; i++) {
        snprintf(names[i], sizeof names[i], "phi%d", i);
        specs[i] = (struct parameter_spec){names[i], {1, 1}, START_NORMAL};
        phi[i] = graph_parameter(graph, SOURCE_PHI, i, (struct shape){1, 1});
    }
    node_id x = graph_input(graph, SOURCE_X, 0, 1), out = phi[NET - 1];
    for (int h = 0; h < HIDDEN; h++) {
        node_id z = graph_add(graph, graph_multiply(graph, phi[h], x), phi[HIDDEN + h]);
        node_id unit = graph_unary(graph, PRIMITIVE_TANH, z);
        out = graph_add(graph, out, graph_multiply(graph, phi[2 * HIDDEN + h], unit));
    }
    struct model *model = NULL;
    model_from_expression(&model, &context, specs, NET, 1, graph, out, &error);
    return model;
}

/* The same network as vectors: dot(v, tanh(w·x + b)) + c. */
static struct model *vectors(void)
{
    const struct shape column = {HIDDEN, 1};
    const struct parameter_spec specs[] = {{"w", column, START_WEIGHTS},
                                           {"b", column, START_ZERO},
                                           {"v", column, START_NORMAL},
                                           {"c", {1, 1}, START_ZERO}};
    struct graph *graph;
    if (graph_new(&graph, &context, &error) != STATUS_OK)
        return NULL;
    node_id w = graph_parameter(graph, SOURCE_PHI, 0, column);
    node_id b = graph_parameter(graph, SOURCE_PHI, HIDDEN, column);
    node_id v = graph_parameter(graph, SOURCE_PHI, 2 * HIDDEN, column);
    node_id c = graph_parameter(graph, SOURCE_PHI, 3 * HIDDEN, (struct shape){1, 1});
    node_id x = graph_input(graph, SOURCE_X, 0, 1);
    node_id units = graph_unary(graph, PRIMITIVE_TANH,
                                graph_add(graph, graph_multiply(graph, w, x), b));
    node_id out = graph_add(graph, graph_dot(graph, v, units), c);
    struct model *model = NULL;
    model_from_expression(&model, &context, specs, 4, 1, graph, out, &error);
    return model;
}

static const char *build(struct objective **objective, struct model *(*make)(void), size_t count)
{
    struct model *model = make();
    struct dataset *data = points(count);
    if (model != NULL && data != NULL)
        for (size_t i = 0; i < loss_kind_count; i++)
            if (strcmp(loss_kinds[i]->doc.name, "loss.least_squares") == 0)
                objective_build(objective, model, data, loss_kinds[i], NULL, &error);
    model_release(model);
    dataset_release(data);
    return *objective == NULL ? error.text : NULL;
}

/* The φ of limit.c, moving as there. */
static void evaluate(struct objective *objective, long count, double *phi, double *gradient)
{
    double value = 0;
    for (int i = 0; i < NET; i++)
        phi[i] = sin(i);
    if (objective_size(objective) == 2)
        phi[1] = 10;
    for (long c = 0; c < count; c++) {
        phi[0] = 1 + 1e-3 * (double)(c & 7);
        objective_gradient(objective, phi, NULL, &value, gradient, &error);
    }
    sink = value;
}

static size_t values_at_start(struct objective *objective, double values[VALUES])
{
    double phi[NET], value;
    for (int i = 0; i < NET; i++)
        phi[i] = sin(i);
    if (objective_size(objective) == 2)
        phi[0] = 1, phi[1] = 10;
    objective_gradient(objective, phi, NULL, &value, values, &error);
    return objective_size(objective);
}

#define CASE(name, model, count)                                 \
    static struct objective *name;                               \
    static const char *prepare_##name(void)                      \
    {                                                            \
        return name == NULL ? build(&name, model, count) : NULL; \
    }                                                            \
    static void run_##name(long times)                           \
    {                                                            \
        double phi[NET], gradient[NET];                          \
        evaluate(name, times, phi, gradient);                    \
    }                                                            \
    static size_t value_##name(double values[VALUES])            \
    {                                                            \
        return values_at_start(name, values);                    \
    }
#define ROW(name)                                             \
    {                                                         \
#name, prepare_##name, run_##name, value_##name, NULL \
    }

CASE(gradient_30, gabor, 30)
CASE(gradient_1000, gabor, 1000)
CASE(gabor_large, gabor, LARGE)
CASE(net_30, scalars, 30)
CASE(net_1000, scalars, 1000)
CASE(net_large, scalars, LARGE)
CASE(layer_30, vectors, 30)
CASE(layer_1000, vectors, 1000)
CASE(layer_large, vectors, LARGE)

static const struct peer_case cases[] = {ROW(gradient_30), ROW(gradient_1000), ROW(gabor_large),
                                         ROW(net_30),      ROW(net_1000),      ROW(net_large),
                                         ROW(layer_30),    ROW(layer_1000),    ROW(layer_large)};

int main(void)
{
    context_init(&context);
    return peer_serve(cases, sizeof cases / sizeof *cases);
}
