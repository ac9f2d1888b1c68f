/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "model/model.h"

static enum status open(struct model *model, struct error *error)
{
    model->inputs = (int)model->arguments[0];
    model->outputs = (int)model->arguments[1];
    enum status status =
        model_add_parameter(model, "W", model->outputs, model->inputs, START_WEIGHTS, error);
    return status ? status
                  : model_add_parameter(model, "b", model->outputs, 1, START_ZERO, error);
}

static node_id build(const struct model *model, struct graph *graph, node_id x,
                     const node_id *parameters)
{
    (void)model;
    return graph_add(graph, graph_matmul(graph, false, false, parameters[0], x), parameters[1]);
}

static const struct argument arguments[] = {
    {.name = "d", .type = ARGUMENT_INTEGER, .required = true, .minimum = 1, .maximum = 1e6,
     .summary = "the number of input columns"},
    {.name = "k", .type = ARGUMENT_INTEGER, .standard = 1, .minimum = 1, .maximum = 1e6,
     .summary = "the number of outputs"},
};

static void fitting(const struct model *model, int width, char *text, size_t size)
{
    if (model->outputs == 1)
        snprintf(text, size, "model.linear(%d) takes as many", width);
    else
        snprintf(text, size, "model.linear(%d, %d) takes as many", width, model->outputs);
}

const struct model_kind model_kind_linear = {
    .doc = {.name = "model.linear",
            .signature = "model.linear(d[, k])",
            .summary = "A linear model of d inputs and k outputs, with an offset for each output.",
            DOC_ARGUMENTS(arguments),
            .returns = "a model whose parameters are W (k×d), then b (k)",
            .errors = "a data set with another number of input columns",
            .equation = "f[x, φ] = W·x + b",
            .example = "print(model.linear(2)({3, 4}, {W = {10, 100}, b = 5}))",
            .result = "435.0"},
    .required = 1,
    .fitting = fitting,
    .open = open,
    .build = build,
};
