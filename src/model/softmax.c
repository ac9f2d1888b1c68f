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
    node_id scores =
        graph_add(graph, graph_matmul(graph, false, false, parameters[0], x), parameters[1]);
    graph_name(graph, scores, "s");
    return graph_softmax(graph, scores);
}

static const struct argument arguments[] = {
    {.name = "d", .type = ARGUMENT_INTEGER, .required = true, .minimum = 1, .maximum = 1e6,
     .summary = "the number of input columns"},
    {.name = "k", .type = ARGUMENT_INTEGER, .required = true, .minimum = 2, .maximum = 1e6,
     .summary = "the number of classes"},
};

static void fitting(const struct model *model, int width, char *text, size_t size)
{
    snprintf(text, size, "model.softmax(%d, %d) takes as many", width, model->outputs);
}

const struct model_kind model_kind_softmax = {
    .doc = {.name = "model.softmax",
            .signature = "model.softmax(d, k)",
            .summary = "Logistic regression for k classes: the probability of each.",
            DOC_ARGUMENTS(arguments),
            .returns = "a model whose parameters are W (k×d), then b (k)",
            .errors = "a data set with another number of input columns",
            .equation = "f[x, φ] = exp(s)/Σₖ exp(sₖ),  s = W·x + b",
            .source = "Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.4",
            .example = "m = model.softmax(1, 3)\n"
                       "print(m({0, 1}, {W = {0, 0, log(2)}, b = {0, 0, 0}}))",
            .result = "0.3333333  0.3333333  0.3333333\n0.25       0.25       0.5"},
    .required = 2,
    .fitting = fitting,
    .open = open,
    .build = build,
};
