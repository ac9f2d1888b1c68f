/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RMSProp: AdaGrad that forgets. The sum of squares is a running mean, so the rate can grow again.
 * Centred: the mean is taken off first, which leaves the variance of the gradient. */
#include "optimizer/optimizer.h"

enum { ALPHA, GAMMA, EPSILON, CENTRED };
enum { TERM_G, TERM_V, TERM_M, TERM_PHI };

static const struct argument arguments[] = {
    {.name = "alpha",
     .symbol = "α",
     .type = ARGUMENT_RATE,
     .required = true,
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "learning rate"},
    {.name = "gamma",
     .symbol = "γ",
     .type = ARGUMENT_NUMBER,
     .standard = 0.9,
     .minimum = 0,
     .maximum = 1,
     .below = true,
     .summary = "decay of the mean square v"},
    {.name = "epsilon",
     .symbol = "ε",
     .type = ARGUMENT_NUMBER,
     .standard = 1e-8,
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "against division by zero"},
    {.name = "centred",
     .type = ARGUMENT_BOOLEAN,
     .summary = "true: v − m² stands in the root, with m a running mean of the gradient"},
    ARGUMENT_CLIP,
};

static const char *const states[] = {"v", "m"};

static const struct term terms[] = {
    {"g", "g", NULL, "gradient of the loss"},
    {"v", "v", "gamma*v_before + (1 - gamma)*g^2", "mean square of the gradient"},
    {"m", "m", "gamma*m_before + (1 - gamma)*g", "mean gradient"},
    {"phi", "φ", "phi_before - alpha*g/(sqrt(v - m^2) + epsilon)", "parameters after the update"},
};

static const char *equation(size_t term, const double *argument)
{
    if (argument[CENTRED] == 0 && term == TERM_M)
        return "";
    if (argument[CENTRED] == 0 && term == TERM_PHI)
        return "phi_before - alpha*g/(sqrt(v) + epsilon)";
    return terms[term].equation;
}

static struct vectors vectors(const double *argument, size_t size)
{
    (void)size;
    return (struct vectors){.state = argument[CENTRED] != 0 ? 2 : 1};
}

static enum status step(struct update *update, struct error *error)
{
    const double alpha = update->argument[ALPHA], gamma = update->argument[GAMMA];
    const double epsilon = update->argument[EPSILON];
    const bool centred = update->argument[CENTRED] != 0;
    const size_t size = update->size;
    const double *phi = update->phi, *g = update->gradient;
    const double *v_before = update->state, *m_before = update->state + size;
    double *v = update->next_state, *m = update->next_state + size;

    /* 1. Gradient: g = ∂L/∂φ at φ. */
    enum status status = update_gradient(update, phi, error);
    if (status != STATUS_OK)
        return status;

    /* 2. State: v ← γ·v + (1 − γ)·g²; centred: m ← γ·m + (1 − γ)·g. */
    for (size_t j = 0; j < size; j++)
        v[j] = gamma * v_before[j] + (1 - gamma) * (g[j] * g[j]);
    for (size_t j = 0; j < size && centred; j++)
        m[j] = gamma * m_before[j] + (1 - gamma) * g[j];

    /* 3. Step: φ ← φ − α·g/(√v + ε), or √(v − m²), which rounding must not make negative. */
    for (size_t j = 0; j < size; j++) {
        double square = centred ? fmax(0, v[j] - m[j] * m[j]) : v[j];
        double move = alpha * g[j] / (sqrt(square) + epsilon);
        update->next_phi[j] = g[j] == 0 ? phi[j] : phi[j] - move;
    }

    /* 4. Record. */
    update_record(update, TERM_G, g);
    update_record(update, TERM_V, v);
    if (centred)
        update_record(update, TERM_M, m);
    update_record(update, TERM_PHI, update->next_phi);
    return STATUS_OK;
}

const struct rule rule_rmsprop = {
    .doc =
        {
            .name = "optim.rmsprop",
            .signature = "optim.rmsprop{alpha, gamma, epsilon, centred, clip}",
            .summary = "RMSProp: a rate for each parameter, divided by the root of a running mean "
                       "of its squared derivatives.",
            DOC_ARGUMENTS(arguments),
            .returns = "an optimizer",
            .errors = "alpha missing or negative, gamma outside [0, 1), epsilon negative, an "
                      "unknown option",
            .equation = "v ← γ·v + (1 − γ)·g²;  φ ← φ − α·g/(√v + ε);  centred: √(v − m²) with "
                        "m ← γ·m + (1 − γ)·g",
            .source = "Tieleman and Hinton 2012, Neural Networks for Machine Learning, lecture "
                      "6.5; centred: Graves 2013, arXiv 1308.0850, equations 38 to 45",
            .elsewhere = "PyTorch: RMSprop(lr, alpha, eps, centered); its alpha is gamma here, "
                         "0.99 by default, and ε stands outside the root as here. TensorFlow has ε "
                         "inside it",
            .example = "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n"
                       "r = descend(L, optim.rmsprop{alpha = 0.1}, {start = {1, 1}})\n"
                       "print(r:step(2).phi)",
            .result = "0.4988706  0.4988706",
        },
    .title = "RMSProp",
    .states = states,
    .state_count = 2,
    .vectors = vectors,
    .terms = terms,
    .term_count = sizeof terms / sizeof *terms,
    .equation = equation,
    .step = step,
};
