/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "model/model.h"

static enum status open(struct model *model, struct error *error)
{
    model->inputs = (int)model->arguments[0];
    model->outputs = 1;
    for (int k = 0; k <= model->inputs; k++) {
        char name[16];
        snprintf(name, sizeof name, "phi%d", k);
        enum status status = model_add_parameter(model, name, 1, 1, START_NORMAL, error);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static node_id build(const struct model *model, struct graph *graph, node_id x,
                     const node_id *parameters)
{
    node_id z = parameters[0];
    for (int k = 1; k <= model->inputs; k++)
        z = graph_add(graph, z,
                      graph_multiply(graph, parameters[k], graph_slice(graph, x, k - 1, 1)));
    graph_name(graph, z, "z");
    return graph_unary(graph, PRIMITIVE_SIGMOID, z);
}

static const struct argument arguments[] = {
    {.name = "d", .type = ARGUMENT_INTEGER, .standard = 1, .minimum = 1, .maximum = 1e5,
     .summary = "the number of input columns"},
};

static void fitting(const struct model *model, int width, char *text, size_t size)
{
    (void)model;
    snprintf(text, size, "model.logistic(%d) takes as many", width);
}

const struct model_kind model_kind_logistic = {
    .doc = {.name = "model.logistic",
            .signature = "model.logistic(d)",
            .summary = "Logistic regression: the probability that y is 1.",
            DOC_ARGUMENTS(arguments),
            .returns = "a model with d + 1 parameters phi0, phi1, ...; model.logistic itself has "
                       "one input",
            .errors = "a data set with another number of input columns",
            .equation = "f[x, φ] = 1/(1 + exp(−z)),  z = φ₀ + φ₁·x₁ + φ₂·x₂ + ...",
            .source = "Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.2",
            .example = "print(model.logistic({0, 2}, {0, 1}))",
            .result = "0.5  0.8807971"},
    .is_value = true,
    .fitting = fitting,
    .open = open,
    .build = build,
};
