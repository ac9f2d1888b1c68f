/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gradient descent: φ ← φ − α·g. On batches it is stochastic gradient descent. */
#include "optimizer/optimizer.h"

enum { ALPHA };
enum { TERM_G, TERM_PHI };

static const struct argument arguments[] = {
    {.name = "alpha",
     .symbol = "α",
     .type = ARGUMENT_RATE,
     .required = true,
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "learning rate"},
    ARGUMENT_CLIP,
};

static const struct term terms[] = {
    {"g", "g", NULL, "gradient of the loss"},
    {"phi", "φ", "phi_before - alpha*g", "parameters after the update"},
};

static enum status step(struct update *update, struct error *error)
{
    const double alpha = update->argument[ALPHA];
    const double *phi = update->phi, *g = update->gradient;

    /* 1. Gradient: g = ∂L/∂φ at φ. */
    enum status status = update_gradient(update, phi, error);
    if (status != STATUS_OK)
        return status;

    /* 2. State: none. */

    /* 3. Step: φ ← φ − α·g. */
    for (size_t j = 0; j < update->size; j++)
        update->next_phi[j] = phi[j] - alpha * g[j];

    /* 4. Record. */
    update_record(update, TERM_G, g);
    update_record(update, TERM_PHI, update->next_phi);
    return STATUS_OK;
}

const struct rule rule_gd = {
    .doc =
        {
            .name = "optim.gd",
            .signature = "optim.gd{alpha, clip}",
            .summary = "Gradient descent: a step downhill, as long as the gradient says; on "
                       "batches, stochastic gradient descent.",
            DOC_ARGUMENTS(arguments),
            .returns = "an optimizer",
            .errors = "alpha missing or negative, an unknown option",
            .equation = "φ ← φ − α·g",
            .source = "Cauchy 1847, Comptes rendus 25, pages 536-538; "
                      "Prince 2023, Understanding Deep Learning, section 6.1",
            .elsewhere = "PyTorch: SGD(lr). Losses there are means over the batch by default "
                         "(reduction = \"mean\"), loss.least_squares here is a sum: the same path "
                         "takes alpha = lr/I. clip is clip_grad_norm_",
            .example = "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n"
                       "r = descend(L, optim.gd{alpha = 0.1}, {start = {1, 1}})\n"
                       "print(r:step(2).phi)",
            .result = "0.64  0.36",
        },
    .title = "gradient descent",
    .terms = terms,
    .term_count = sizeof terms / sizeof *terms,
    .step = step,
};
