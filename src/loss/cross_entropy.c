/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loss/loss.h"
#include "loss/scores.h"

node_id loss_scores(struct graph *graph, node_id prediction)
{
    if (graph_primitive(graph, prediction) == PRIMITIVE_SOFTMAX)
        return graph_argument(graph, prediction, 0);
    if (graph_primitive(graph, prediction) != PRIMITIVE_DIVIDE)
        return prediction;
    node_id above = graph_argument(graph, prediction, 0);
    node_id below = graph_argument(graph, prediction, 1);
    bool softmax = graph_primitive(graph, above) == PRIMITIVE_EXP &&
                   graph_primitive(graph, below) == PRIMITIVE_SUM &&
                   graph_argument(graph, below, 0) == above;
    return softmax ? graph_argument(graph, above, 0) : prediction;
}

/* −log(exp(s_y)/Σ exp(s_k)) = log Σ exp(s_k) − s_y, where nothing overflows. */
static node_id build(struct graph *graph, const struct loss_input *input)
{
    node_id scores = loss_scores(graph, input->prediction);
    return graph_subtract(graph, graph_logsumexp(graph, scores),
                          graph_pick(graph, scores, input->y));
}

const struct loss_kind loss_kind_cross_entropy = {
    .doc = {.name = "loss.cross_entropy",
            .signature = "loss.cross_entropy(model, data)",
            .summary = "The negative log likelihood of k classes; the model gives their "
                       "probabilities (a softmax at its end) or their scores.",
            .returns = "a loss L[φ], the sum over the examples",
            .errors = "a model with one output; y that is not a class from 1 to the number of "
                      "outputs",
            .equation = "L[φ] = Σᵢ (log Σₖ exp(sₖ) − s_y),  s = f[xᵢ, φ], y = yᵢ",
            .source = "Bishop, Pattern Recognition and Machine Learning, 2006, equation 4.108",
            .example = "d = data.new{x = {0, 1, 2}, y = {1, 2, 3}}\n"
                       "L = loss.cross_entropy(model.softmax(1, 3), d)\n"
                       "print(string.format(\"%.6f\", L(zeros(6))))",
            .result = "3.295837"},
    .target = TARGET_CLASSES,
    .build = build,
};
