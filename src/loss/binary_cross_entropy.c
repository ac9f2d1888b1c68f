/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loss/loss.h"

/* A prediction that ends in a sigmoid is a probability and its argument z the score; anything else
 * is taken as the score. −y·log σ(z) − (1 − y)·log(1 − σ(z)) = log(1 + e^z) − y·z, which neither
 * overflows nor takes the logarithm of 0. */
static node_id build(struct graph *graph, const struct loss_input *input)
{
    node_id z = graph_sigmoid_argument(graph, input->prediction);
    if (z == NO_NODE)
        z = input->prediction;
    return graph_subtract(graph, graph_unary(graph, PRIMITIVE_SOFTPLUS, z),
                          graph_multiply(graph, input->y, z));
}

const struct loss_kind loss_kind_binary_cross_entropy = {
    .doc = {.name = "loss.binary_cross_entropy",
            .signature = "loss.binary_cross_entropy(model, data)",
            .summary = "The negative log likelihood of two classes; the model gives the "
                       "probability of the second (a sigmoid at its end) or its score.",
            .returns = "a loss L[φ], the sum over the examples",
            .errors = "y that is neither 0 and 1 nor two classes",
            .equation = "L[φ] = −Σᵢ (yᵢ·log(p) + (1 − yᵢ)·log(1 − p)),  p = f[xᵢ, φ]",
            .source = "Bishop, Pattern Recognition and Machine Learning, 2006, equation 4.90",
            .example = "d = data.new{x = {-2, -1, 1, 2}, y = {0, 0, 1, 1}}\n"
                       "L = loss.binary_cross_entropy(model.logistic, d)\n"
                       "print(string.format(\"%.6f\", L(0, 0)))",
            .result = "2.772589"},
    .target = TARGET_BINARY,
    .build = build,
};
