/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loss/loss.h"
#include "loss/scores.h"

/* Σ_j relu(s_j − s_y + 1 − [j = y]): the term of the class itself is relu(0), whose value and
 * derivative are 0. */
static node_id build(struct graph *graph, const struct loss_input *input)
{
    node_id scores = loss_scores(graph, input->prediction);
    int classes = graph_shape(graph, scores).rows;
    node_id margin = graph_subtract(graph, graph_constant(graph, 1),
                                    graph_onehot(graph, input->y, classes));
    node_id difference = graph_subtract(graph, scores, graph_pick(graph, scores, input->y));
    return graph_sum(graph,
                     graph_unary(graph, PRIMITIVE_RELU, graph_add(graph, difference, margin)));
}

const struct loss_kind loss_kind_hinge = {
    .doc = {.name = "loss.hinge",
            .signature = "loss.hinge(model, data)",
            .summary = "Each class whose score is not 1 below the score of the right class costs "
                       "what is missing (a softmax at the model's end is left out).",
            .returns = "a loss L[φ], the sum over the examples",
            .errors = "a model with one output; y that is not a class from 1 to the number of "
                      "outputs",
            .equation = "L[φ] = Σᵢ Σ_{j≠y} max(0, sⱼ − s_y + 1),  s = f[xᵢ, φ], y = yᵢ",
            .source = "Weston and Watkins, Support vector machines for multi-class pattern "
                      "recognition, 1999",
            .example = "d = data.new{x = {1}, y = {1}}\n"
                       "L = loss.hinge(model.linear(1, 3), d)\n"
                       "print(string.format(\"%.1f\", L{W = {3.2, 5.1, -1.7}, b = {0, 0, 0}}))",
            .result = "2.9"},
    .target = TARGET_CLASSES,
    .build = build,
};
