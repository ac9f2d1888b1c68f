/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "model/model.h"

static enum status open(struct model *model, struct error *error)
{
    model->inputs = model->outputs = 1;
    for (int k = 0; k <= (int)model->arguments[0]; k++) {
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
    node_id sum = parameters[0];
    for (int k = 1; k <= (int)model->arguments[0]; k++) {
        node_id power = graph_power(graph, x, graph_constant(graph, k));
        sum = graph_add(graph, sum, graph_multiply(graph, parameters[k], power));
    }
    return sum;
}

static const struct argument arguments[] = {
    {.name = "degree", .type = ARGUMENT_INTEGER, .required = true, .minimum = 0, .maximum = 50,
     .summary = "the highest power of x"},
};

static void fitting(const struct model *model, int width, char *text, size_t size)
{
    (void)model;
    (void)width;
    snprintf(text, size, "choose one of them, as x = d.x:col(1) in data.new");
}

const struct model_kind model_kind_polynomial = {
    .doc = {.name = "model.polynomial",
            .signature = "model.polynomial(degree)",
            .summary = "A polynomial in one input; degree 1 is a line.",
            DOC_ARGUMENTS(arguments),
            .returns = "a model with degree + 1 parameters phi0, phi1, ...",
            .errors = "a data set with more than one input column",
            .equation = "f[x, φ] = φ₀ + φ₁·x + φ₂·x² + ...",
            .example = "print(model.polynomial(2)({2}, {1, 10, 100}))",
            .result = "421"},
    .required = 1,
    .fitting = fitting,
    .open = open,
    .build = build,
};
