/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loss/loss.h"
#include "loss/squares.h"

node_id loss_square(struct graph *graph, const struct loss_input *input)
{
    node_id residual = graph_subtract(graph, input->prediction, input->y);
    return graph_sum(graph, graph_power(graph, residual, graph_constant(graph, 2)));
}

double loss_square_factor(const double *arguments)
{
    (void)arguments;
    return 1;
}

const struct loss_kind loss_kind_least_squares = {
    .doc = {.name = "loss.least_squares",
            .signature = "loss.least_squares(model, data)",
            .summary = "The sum of the squared differences between prediction and y.",
            .returns = "a loss L[φ]",
            .errors = "data whose columns do not fit the model",
            .equation = "L[φ] = Σᵢ (f[xᵢ, φ] − yᵢ)²",
            .source = "Prince, Understanding Deep Learning, 2023, equation 2.5",
            .example = "L = loss.least_squares(model.line, data.line12)\nprint(L(0.6, -0.2))",
            .result = "12.366904"},
    .target = TARGET_NUMBERS,
    .build = loss_square,
    .square = loss_square_factor,
};
