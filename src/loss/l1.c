/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loss/penalty.h"
#include "loss/selection.h"

static node_id build(struct graph *graph, node_id parameter)
{
    return graph_sum(graph, graph_unary(graph, PRIMITIVE_ABS, parameter));
}

static const struct argument arguments[] = {PENALTY_SELECTION};

const struct penalty_kind penalty_kind_l1 = {
    .doc = {.name = "penalty.l1",
            .signature = "penalty.l1 or penalty.l1{only = {...}} or penalty.l1{except = {...}}",
            .summary = "The sum of the parameters' magnitudes, which draws small ones to 0: a "
                       "Laplace prior's −log, but for a constant.",
            DOC_ARGUMENTS(arguments),
            .returns = "a penalty, to be added to a loss: L + 0.1*penalty.l1",
            .errors = "a name that is no parameter of the loss it is added to",
            .equation = "Σⱼ |φⱼ|;  prior exp(−|φ|/b), noise σ²: λ = 2·σ²/b beside least_squares",
            .source = "Tibshirani, Regression shrinkage and selection via the lasso, 1996",
            .example = "L = loss.least_squares(model.line, data.line12)\n"
                       "print((L + 2*penalty.l1)(0.6, -0.2) - L(0.6, -0.2))",
            .result = "1.6"},
    .is_value = true,
    .build = build,
};
