/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "loss/penalty.h"
#include "loss/selection.h"

/* The nearest point of the ball: all scaled alike. */
static void project(double *data, const size_t *places, size_t count, const double *arguments)
{
    double largest = 0, sum = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(data[places[i]]));
    if (largest == 0 || !isfinite(largest))
        return;
    for (size_t i = 0; i < count; i++)
        sum += (data[places[i]] / largest) * (data[places[i]] / largest);
    double norm = largest * sqrt(sum);
    for (size_t i = 0; i < count && norm > arguments[0]; i++)
        data[places[i]] *= arguments[0] / norm;
}

static const struct argument arguments[] = {
    {.name = "c", .type = ARGUMENT_NUMBER, .required = true, .minimum = 0, .maximum = INFINITY,
     .above = true, .summary = "the largest norm"},
    PENALTY_SELECTION,
};

const struct penalty_kind penalty_kind_max_norm = {
    .doc = {.name = "penalty.max_norm",
            .signature = "penalty.max_norm(c) or penalty.max_norm{c =, only = {...}}",
            .summary = "A constraint, not a term: after each update the weights into each unit (a "
                       "row of a matrix) are scaled back to the norm c where they exceed it; "
                       "parameters of a model without matrices are one vector together.",
            DOC_ARGUMENTS(arguments),
            .returns = "a penalty, to be added to a loss without a factor: L + penalty.max_norm(2)",
            .errors = "c that is not above 0; a factor before it",
            .equation = "w ← w·min(1, c/‖w‖)",
            .source = "Srivastava et al., Dropout, 2014, section 5.1",
            .example = "L = loss.least_squares(model.line, data.line12) + penalty.max_norm(0.5)\n"
                       "r = descend(L, optim.gd{alpha = 0.01}, {start = {0, 0}}):step(100)\n"
                       "print(string.format(\"%.6f\", r.phi:norm()))",
            .result = "0.500000"},
    .project = project,
};
