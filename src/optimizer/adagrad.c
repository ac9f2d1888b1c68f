/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AdaGrad: every parameter has its own rate, α over the root of the sum of all its squared
 * derivatives so far. The sum only grows: under a constant gradient step t is α/√t. */
#include "optimizer/optimizer.h"

enum { ALPHA, EPSILON };
enum { TERM_G, TERM_V, TERM_PHI };

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

static const char *const states[] = {"v"};

static const struct term terms[] = {
    {"g", "g", NULL, "gradient of the loss"},
    {"v", "v", "v_before + g^2", "sum of all squared gradients"},
    {"phi", "φ", "phi_before - alpha*g/(sqrt(v) + epsilon)", "parameters after the update"},
};

static enum status step(struct update *update, struct error *error)
{
    const double alpha = update->argument[ALPHA], epsilon = update->argument[EPSILON];
    const double *phi = update->phi, *g = update->gradient, *v_before = update->state;
    double *v = update->next_state;

    /* 1. Gradient: g = ∂L/∂φ at φ. */
    enum status status = update_gradient(update, phi, error);
    if (status != STATUS_OK)
        return status;

    /* 2. State: v ← v + g². */
    for (size_t j = 0; j < update->size; j++)
        v[j] = v_before[j] + g[j] * g[j];

    /* 3. Step: φ ← φ − α·g/(√v + ε). */
    for (size_t j = 0; j < update->size; j++)
        update->next_phi[j] = g[j] == 0 ? phi[j] : phi[j] - alpha * g[j] / (sqrt(v[j]) + epsilon);

    /* 4. Record. */
    update_record(update, TERM_G, g);
    update_record(update, TERM_V, v);
    update_record(update, TERM_PHI, update->next_phi);
    return STATUS_OK;
}

const struct rule rule_adagrad = {
    .doc =
        {
            .name = "optim.adagrad",
            .signature = "optim.adagrad{alpha, epsilon, clip}",
            .summary = "AdaGrad: a rate for each parameter, divided by the root of the sum of its "
                       "squared derivatives; it only ever falls.",
            DOC_ARGUMENTS(arguments),
            .returns = "an optimizer",
            .errors = "alpha missing or negative, epsilon negative, an unknown option",
            .equation = "v ← v + g²;  φ ← φ − α·g/(√v + ε)",
            .source = "Duchi, Hazan and Singer 2011, Journal of Machine Learning Research 12, "
                      "pages 2121-2159; Goodfellow, Bengio and Courville 2016, Deep Learning, "
                      "algorithm 8.4",
            .elsewhere = "PyTorch: Adagrad(lr, eps); its eps is 1e-10 by default",
            .example = "L = loss(function(phi0) return phi0 end)\n"
                       "r = descend(L, optim.adagrad{alpha = 1, epsilon = 0}, {start = {0}})\n"
                       "print(r:step().phi[1], r:step(3).phi[1])",
            .result = "-1.0\t-2.7844570503762",
        },
    .title = "AdaGrad",
    .states = states,
    .state_count = 1,
    .terms = terms,
    .term_count = sizeof terms / sizeof *terms,
    .step = step,
};
