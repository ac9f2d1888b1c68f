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
    (void)model;
    return graph_add(graph, parameters[0], graph_multiply(graph, parameters[1], x));
}

static void fitting(const struct model *model, int width, char *text, size_t size)
{
    (void)model;
    snprintf(text, size, "model.linear(%d) takes as many", width);
}

const struct model_kind model_kind_line = {
    .doc = {.name = "model.line",
            .signature = "model.line",
            .summary = "A straight line with intercept φ₀ and slope φ₁.",
            .returns = "a model of one input column and one output",
            .errors = "a data set with another number of input columns",
            .equation = "f[x, φ] = φ₀ + φ₁·x",
            .example = "print(model.line(data.line12.x:slice(1, 2), {0.6, -0.2}))",
            .result = "0.594  0.562"},
    .is_value = true,
    .fitting = fitting,
    .open = open,
    .build = build,
};
