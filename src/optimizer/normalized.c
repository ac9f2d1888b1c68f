/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Normalized gradients: φ ← φ − α·g/(√(g²) + ε), element by element, so that only the sign of each
 * derivative is left. */
#include "optimizer/optimizer.h"

enum { ALPHA, EPSILON };
enum { TERM_G, TERM_PHI };

static const struct argument arguments[] = {
    {.name = "alpha",
     .symbol = "α",
     .type = ARGUMENT_RATE,
     .required = true,
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "learning rate"},
    {.name = "epsilon",
     .symbol = "ε",
     .type = ARGUMENT_NUMBER,
     .standard = 1e-8,
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "against division by zero"},
    ARGUMENT_CLIP,
};

static const struct term terms[] = {
    {"g", "g", NULL, "gradient of the loss"},
    {"phi", "φ", "phi_before - alpha*g/(sqrt(g^2) + epsilon)", "parameters after the update"},
};

static enum status step(struct update *update, struct error *error)
{
    const double alpha = update->argument[ALPHA], epsilon = update->argument[EPSILON];
    const double *phi = update->phi, *g = update->gradient;

    /* 1. Gradient: g = ∂L/∂φ at φ. */
    enum status status = update_gradient(update, phi, error);
    if (status != STATUS_OK)
        return status;

    /* 2. State: none. */

    /* 3. Step: φ ← φ − α·g/(√(g²) + ε). Where there is no gradient there is no step, also for
     * ε = 0. */
    for (size_t j = 0; j < update->size; j++)
        update->next_phi[j] = g[j] == 0 ? phi[j] : phi[j] - alpha * g[j] / (fabs(g[j]) + epsilon);

    /* 4. Record. */
    update_record(update, TERM_G, g);
    update_record(update, TERM_PHI, update->next_phi);
    return STATUS_OK;
}

const struct rule rule_normalized = {
    .doc =
        {
            .name = "optim.normalized",
            .signature = "optim.normalized{alpha, epsilon, clip}",
            .summary = "Normalized gradients: every parameter moves by alpha against the sign of "
                       "its derivative, and at the end bounces about the minimum.",
            DOC_ARGUMENTS(arguments),
            .returns = "an optimizer",
            .errors = "alpha missing or negative, epsilon negative, an unknown option",
            .equation = "φ ← φ − α·g/(√(g²) + ε)",
            .source = "Prince 2023, Understanding Deep Learning, section 6.4, equation 6.14",
            .example = "L = loss(function(a, b, c) return 3*a - 2*b + 5*c end)\n"
                       "r = descend(L, optim.normalized{alpha = 1}, {start = {0, 0, 0}})\n"
                       "print(r:step().phi)",
            .result = "-1  1  -1",
        },
    .title = "normalized gradients",
    .terms = terms,
    .term_count = sizeof terms / sizeof *terms,
    .step = step,
};
