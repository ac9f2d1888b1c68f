/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loss/penalty.h"
#include "loss/selection.h"

static node_id build(struct graph *graph, node_id parameter)
{
    return graph_sum(graph, graph_power(graph, parameter, graph_constant(graph, 2)));
}

static const struct argument arguments[] = {PENALTY_SELECTION};

const struct penalty_kind penalty_kind_l2 = {
    .doc = {.name = "penalty.l2",
            .signature = "penalty.l2 or penalty.l2{only = {...}} or penalty.l2{except = {...}}",
            .summary = "The sum of the parameters' squares (ridge, weight decay). Added to a "
                       "negative log likelihood it is a normal prior: its minimum is the maximum "
                       "a posteriori.",
            DOC_ARGUMENTS(arguments),
            .returns = "a penalty, to be added to a loss: L + 0.1*penalty.l2",
            .errors = "a name that is no parameter of the loss it is added to",
            .equation = "Σⱼ φⱼ²;  prior N(0, τ²·I), noise σ²: λ = σ²/τ² beside least_squares, "
                        "1/(2·τ²) beside loss.gaussian",
            .source = "Hoerl and Kennard, Ridge regression, 1970; Bishop, Pattern Recognition and "
                      "Machine Learning, 2006, section 3.3.1",
            .example = "L = loss.least_squares(model.line, data.line12) + penalty.l2\n"
                       "phi = L:solve()\n"
                       "print(string.format(\"%.6f %.6f\", phi[1], phi[2]))",
            .result = "0.732752 0.556023"},
    .is_value = true,
    .build = build,
    .square = true,
};
