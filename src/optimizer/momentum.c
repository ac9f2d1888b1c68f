/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Momentum: the step follows an average of all gradients so far instead of the last one. Three
 * forms are in use; they differ in what m holds:
 *     average   m ← β·m + (1 − β)·g   φ ← φ − α·m    a mean gradient
 *     velocity  m ← β·m − α·g         φ ← φ + m      the last step; it keeps the α of its time
 *     sum       m ← β·m + g           φ ← φ − α·m    a decaying sum
 * At constant α: velocity with α·(1 − β), and sum with α·(1 − β), equal average with α. */
#include "optimizer/optimizer.h"

enum { ALPHA, BETA, FORM };
enum { AVERAGE, VELOCITY, SUM };
enum { TERM_G, TERM_M, TERM_PHI };

static const struct argument arguments[] = {
    {.name = "alpha",
     .symbol = "α",
     .type = ARGUMENT_RATE,
     .required = true,
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "learning rate"},
    {.name = "beta",
     .symbol = "β",
     .type = ARGUMENT_NUMBER,
     .standard = 0.9,
     .minimum = 0,
     .maximum = 1,
     .below = true,
     .summary = "how much of the past is kept"},
    {.name = "form",
     .type = ARGUMENT_CHOICE,
     .choices = "average|velocity|sum",
     .summary = "what m holds: average m ← β·m + (1 − β)·g, φ ← φ − α·m; "
                "velocity m ← β·m − α·g, φ ← φ + m; sum m ← β·m + g, φ ← φ − α·m (as PyTorch)"},
    ARGUMENT_CLIP,
};

static const char *const states[] = {"m"};

static const struct term terms[] = {
    {"g", "g", NULL, "gradient of the loss"},
    {"m", "m", "beta*m_before + (1 - beta)*g", "momentum"},
    {"phi", "φ", "phi_before - alpha*m", "parameters after the update"},
};

static const char *equation(size_t term, const double *argument)
{
    if (argument[FORM] == VELOCITY && term == TERM_M)
        return "beta*m_before - alpha*g";
    if (argument[FORM] == VELOCITY && term == TERM_PHI)
        return "phi_before + m";
    if (argument[FORM] == SUM && term == TERM_M)
        return "beta*m_before + g";
    return terms[term].equation;
}

static enum status step(struct update *update, struct error *error)
{
    const double alpha = update->argument[ALPHA], beta = update->argument[BETA];
    const bool velocity = update->argument[FORM] == VELOCITY;
    const double weight = velocity ? -alpha : update->argument[FORM] == SUM ? 1 : 1 - beta;
    const double *phi = update->phi, *g = update->gradient;
    const double *m_before = update->state;
    double *m = update->next_state;

    /* 1. Gradient: g = ∂L/∂φ at φ. */
    enum status status = update_gradient(update, phi, error);
    if (status != STATUS_OK)
        return status;

    /* 2. State: m ← β·m + (1 − β)·g, or − α·g, or + g. */
    for (size_t j = 0; j < update->size; j++)
        m[j] = beta * m_before[j] + weight * g[j];

    /* 3. Step: φ ← φ − α·m; velocity: φ ← φ + m. */
    const double along = velocity ? 1 : -alpha;
    for (size_t j = 0; j < update->size; j++)
        update->next_phi[j] = phi[j] + along * m[j];

    /* 4. Record. */
    update_record(update, TERM_G, g);
    update_record(update, TERM_M, m);
    update_record(update, TERM_PHI, update->next_phi);
    return STATUS_OK;
}

const struct rule rule_momentum = {
    .doc =
        {
            .name = "optim.momentum",
            .signature = "optim.momentum{alpha, beta, form, clip}",
            .summary = "Momentum: the step follows an average of all gradients so far.",
            DOC_ARGUMENTS(arguments),
            .returns = "an optimizer",
            .errors = "alpha missing or negative, beta outside [0, 1), an unknown option",
            .equation = "m ← β·m + (1 − β)·g;  φ ← φ − α·m",
            .source =
                "Polyak 1964, USSR Computational Mathematics and Mathematical Physics 4(5), "
                "pages 1-17; Prince 2023, Understanding Deep Learning, section 6.3; velocity: "
                "Sutskever, Martens, Dahl and Hinton 2013, ICML, equations 1 and 2",
            .elsewhere =
                "PyTorch: SGD(lr, momentum) is form = \"sum\" with alpha = lr and beta = momentum; "
                "dampening = momentum is form = \"average\" but for the first update, where it "
                "takes m = g. Keras and TensorFlow: SGD(learning_rate, momentum) is form = "
                "\"velocity\". At a constant rate average is sum with alpha·(1 − beta)",
            .example = "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n"
                       "r = descend(L, optim.momentum{alpha = 0.1, beta = 0.5}, {start = {1, 1}})\n"
                       "print(r:step(2).phi)",
            .result = "0.76  0.54",
        },
    .title = "momentum",
    .states = states,
    .state_count = 1,
    .terms = terms,
    .term_count = sizeof terms / sizeof *terms,
    .equation = equation,
    .step = step,
};
