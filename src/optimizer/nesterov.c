/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nesterov's momentum: the gradient is taken ahead, where the momentum alone would lead. The last
 * step was −α·m (velocity: m). "full" looks ahead by all of it, as the lectures print it; "decayed"
 * by β times it, which is what the coming step will still hold of it, as Sutskever et al. have it.
 *     average   φ′ = φ − α·m  or  φ − α·β·m    m ← β·m + (1 − β)·g   φ ← φ − α·m
 *     velocity  φ′ = φ + m    or  φ + β·m      m ← β·m − α·g         φ ← φ + m
 *     sum       φ′ = φ − α·m  or  φ − α·β·m    m ← β·m + g           φ ← φ − α·m
 * PyTorch's nesterov = True is sum with "decayed", but stores φ′ as its parameters. */
#include "optimizer/optimizer.h"

enum { ALPHA, BETA, LOOKAHEAD, FORM };
enum { FULL, DECAYED };
enum { AVERAGE, VELOCITY, SUM };
enum { TERM_AHEAD, TERM_G, TERM_M, TERM_PHI };

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
    {.name = "lookahead",
     .type = ARGUMENT_CHOICE,
     .choices = "full|decayed",
     .summary = "where the gradient is taken: full φ − α·m, the whole of the last step; "
                "decayed φ − α·β·m (form velocity: φ + m, φ + β·m)"},
    {.name = "form",
     .type = ARGUMENT_CHOICE,
     .choices = "average|velocity|sum",
     .summary = "what m holds: average m ← β·m + (1 − β)·g, φ ← φ − α·m; "
                "velocity m ← β·m − α·g, φ ← φ + m; sum m ← β·m + g, φ ← φ − α·m"},
    ARGUMENT_CLIP,
};

static const char *const states[] = {"m"};

static const struct term terms[] = {
    {"ahead", "φ′", "phi_before - alpha*m_before", "where the gradient is taken"},
    {"g", "g", NULL, "gradient of the loss at φ′"},
    {"m", "m", "beta*m_before + (1 - beta)*g", "momentum"},
    {"phi", "φ", "phi_before - alpha*m", "parameters after the update"},
};

static const char *equation(size_t term, const double *argument)
{
    const bool velocity = argument[FORM] == VELOCITY, decayed = argument[LOOKAHEAD] == DECAYED;
    if (term == TERM_AHEAD && velocity)
        return decayed ? "phi_before + beta*m_before" : "phi_before + m_before";
    if (term == TERM_AHEAD && decayed)
        return "phi_before - alpha*beta*m_before";
    if (term == TERM_M && velocity)
        return "beta*m_before - alpha*g";
    if (term == TERM_M && argument[FORM] == SUM)
        return "beta*m_before + g";
    if (term == TERM_PHI && velocity)
        return "phi_before + m";
    return terms[term].equation;
}

static enum status step(struct update *update, struct error *error)
{
    const double alpha = update->argument[ALPHA], beta = update->argument[BETA];
    const bool velocity = update->argument[FORM] == VELOCITY;
    const double weight = velocity ? -alpha : update->argument[FORM] == SUM ? 1 : 1 - beta;
    const double along = velocity ? 1 : -alpha;
    const double *phi = update->phi, *g = update->gradient;
    const double *m_before = update->state;
    double *m = update->next_state, *ahead = update->scratch;

    /* 1. Gradient: g = ∂L/∂φ at φ′ = φ − α·m or φ − α·β·m; velocity: φ + m or φ + β·m. */
    const double distance = update->argument[LOOKAHEAD] == DECAYED ? along * beta : along;
    for (size_t j = 0; j < update->size; j++)
        ahead[j] = phi[j] + distance * m_before[j];
    enum status status = update_gradient(update, ahead, error);
    if (status != STATUS_OK)
        return status;

    /* 2. State: m ← β·m + (1 − β)·g, or − α·g, or + g. */
    for (size_t j = 0; j < update->size; j++)
        m[j] = beta * m_before[j] + weight * g[j];

    /* 3. Step: φ ← φ − α·m; velocity: φ ← φ + m. */
    for (size_t j = 0; j < update->size; j++)
        update->next_phi[j] = phi[j] + along * m[j];

    /* 4. Record. */
    update_record(update, TERM_AHEAD, ahead);
    update_record(update, TERM_G, g);
    update_record(update, TERM_M, m);
    update_record(update, TERM_PHI, update->next_phi);
    return STATUS_OK;
}

const struct rule rule_nesterov = {
    .doc =
        {
            .name = "optim.nesterov",
            .signature = "optim.nesterov{alpha, beta, lookahead, form, clip}",
            .summary = "Nesterov's momentum: the gradient is taken where the momentum alone would "
                       "lead.",
            DOC_ARGUMENTS(arguments),
            .returns = "an optimizer",
            .errors = "alpha missing or negative, beta outside [0, 1), an unknown option",
            .equation = "g = ∂L/∂φ at φ − α·m;  m ← β·m + (1 − β)·g;  φ ← φ − α·m",
            .source = "Nesterov 1983, Soviet Mathematics Doklady 27, pages 372-376; Prince 2023, "
                      "Understanding Deep Learning, section 6.3; decayed, velocity: Sutskever, "
                      "Martens, Dahl and Hinton 2013, ICML, equations 3 and 4",
            .elsewhere = "PyTorch: SGD(lr, momentum, nesterov=True) is form = \"sum\" with "
                         "lookahead = \"decayed\", but what it stores is the look-ahead point, "
                         "φ − α·β·m",
            .example = "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n"
                       "r = descend(L, optim.nesterov{alpha = 0.1, beta = 0.5}, {start = {1, 1}})\n"
                       "print(r:step(2).phi)",
            .result = "0.77  0.58",
        },
    .title = "Nesterov momentum",
    .states = states,
    .state_count = 1,
    .scratch_count = 1,
    .terms = terms,
    .term_count = sizeof terms / sizeof *terms,
    .equation = equation,
    .ahead = true,
    .step = step,
};
