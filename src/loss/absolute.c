/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loss/loss.h"

static node_id build(struct graph *graph, const struct loss_input *input)
{
    node_id residual = graph_subtract(graph, input->prediction, input->y);
    return graph_sum(graph, graph_unary(graph, PRIMITIVE_ABS, residual));
}

const struct loss_kind loss_kind_absolute = {
    .doc = {.name = "loss.absolute",
            .signature = "loss.absolute(model, data)",
            .summary = "The sum of the distances between prediction and y, which an outlier moves "
                       "less than their squares; at 0 the derivative is taken as 0.",
            .returns = "a loss L[φ]",
            .errors = "data whose columns do not fit the model",
            .equation = "L[φ] = Σᵢ |f[xᵢ, φ] − yᵢ|",
            .source = "Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2009, "
                      "section 10.6",
            .example = "L = loss.absolute(model.line, data.line12)\n"
                       "print(string.format(\"%.4f\", L(1, 0.3)))",
            .result = "1.9670"},
    .target = TARGET_NUMBERS,
    .build = build,
};
