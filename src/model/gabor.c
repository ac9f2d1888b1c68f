/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "model/model.h"

static enum status open(struct model *model, struct error *error)
{
    model->inputs = model->outputs = 1;
    enum status status = model_add_parameter(model, "phi0", 1, 1, START_NORMAL, error);
    return status ? status : model_add_parameter(model, "phi1", 1, 1, START_NORMAL, error);
}

static node_id build(const struct model *model, struct graph *graph, node_id x,
                     const node_id *parameters)
{
    node_id phase = graph_multiply(
        graph, graph_multiply(graph, graph_constant(graph, 0.06), parameters[1]), x);
    node_id u = graph_add(graph, parameters[0], phase);
    node_id square = graph_power(graph, u, graph_constant(graph, 2));
    node_id envelope = graph_constant(graph, model->arguments[0]);
    node_id exponent = graph_negate(graph, graph_divide(graph, square, envelope));
    node_id f = graph_multiply(graph, graph_unary(graph, PRIMITIVE_SIN, u),
                               graph_unary(graph, PRIMITIVE_EXP, exponent));
    graph_name(graph, u, "u");
    graph_name(graph, f, "f");
    return f;
}

static const struct argument arguments[] = {
    {.name = "envelope", .symbol = "c", .type = ARGUMENT_NUMBER, .standard = 32, .minimum = 0,
     .maximum = INFINITY, .above = true,
     .summary = "the width of the envelope; 32 in the book and its notebooks, 8 on some slides"},
};

static void fitting(const struct model *model, int width, char *text, size_t size)
{
    (void)model;
    (void)width;
    snprintf(text, size, "choose one of them, as x = d.x:col(1) in data.new");
}

const struct model_kind model_kind_gabor = {
    .doc = {.name = "model.gabor",
            .signature = "model.gabor{envelope = 32}",
            .summary = "A sine under a bell: φ₀ shifts it, φ₁ squeezes it; its loss has many "
                       "minima.",
            DOC_ARGUMENTS(arguments),
            .returns = "a model of one input column; model.gabor itself has envelope 32",
            .errors = "a data set with more than one input column",
            .equation = "f[x, φ] = sin(u)·exp(−u²/c),  u = φ₀ + 0.06·φ₁·x",
            .source = "Prince, Understanding Deep Learning, 2023, section 6.1.2",
            .example = "print(loss.least_squares(model.gabor, data.gabor30)(0.6, -0.2))",
            .result = "16.418825107629"},
    .is_value = true,
    .fitting = fitting,
    .open = open,
    .build = build,
};
