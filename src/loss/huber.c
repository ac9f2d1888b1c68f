/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loss/loss.h"

static node_id build(struct graph *graph, const struct loss_input *input)
{
    node_id delta = graph_constant(graph, input->arguments[0]);
    node_id half = graph_constant(graph, 0.5);
    node_id residual = graph_subtract(graph, input->prediction, input->y);
    node_id distance = graph_unary(graph, PRIMITIVE_ABS, residual);
    node_id square = graph_multiply(
        graph, half, graph_power(graph, residual, graph_constant(graph, 2)));
    node_id line = graph_multiply(
        graph, delta, graph_subtract(graph, distance, graph_multiply(graph, half, delta)));
    graph_name(graph, residual, "r");
    return graph_sum(
        graph, graph_where(graph, graph_binary(graph, PRIMITIVE_GREATER, distance, delta), line,
                           square));
}

static const struct argument arguments[] = {
    {.name = "delta", .symbol = "δ", .type = ARGUMENT_NUMBER, .standard = 1, .minimum = 0,
     .maximum = INFINITY, .above = true,
     .summary = "the distance at which the parabola goes over into a straight line"},
};

const struct loss_kind loss_kind_huber = {
    .doc = {.name = "loss.huber",
            .signature = "loss.huber(model, data), loss.huber{delta = 1}(model, data)",
            .summary = "Half the square of small differences between prediction and y, the "
                       "distance of large ones.",
            DOC_ARGUMENTS(arguments),
            .returns = "a loss L[φ], the sum over the examples",
            .errors = "data whose columns do not fit the model",
            .equation = "L[φ] = Σᵢ (r²/2 where |r| ≤ δ, δ·(|r| − δ/2) beyond),  r = f[xᵢ, φ] − yᵢ",
            .source = "Huber, Robust estimation of a location parameter, 1964",
            .example = "d = data.new{x = {0, 1}, y = {0.5, 3}}\n"
                       "print(loss.huber{delta = 1}(model.line, d)(0, 0))",
            .result = "2.625"},
    .target = TARGET_NUMBERS,
    .build = build,
};
