/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adadelta: RMSProp whose rate is the root of a running mean of its own squared steps, so that a
 * step has the unit of φ and no rate need be chosen (α = 1). u starts at 0: ε sets the first
 * steps. */
#include "optimizer/optimizer.h"

enum { ALPHA, GAMMA, EPSILON };
enum { TERM_G, TERM_V, TERM_STEP, TERM_U, TERM_PHI };

static const struct argument arguments[] = {
    {.name = "alpha",
     .symbol = "α",
     .type = ARGUMENT_RATE,
     .standard = 1,
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "factor of the step"},
    {.name = "gamma",
     .symbol = "γ",
     .type = ARGUMENT_NUMBER,
     .standard = 0.9,
     .minimum = 0,
     .maximum = 1,
     .below = true,
     .summary = "decay of the mean squares v and u"},
    {.name = "epsilon",
     .symbol = "ε",
     .type = ARGUMENT_NUMBER,
     .standard = 1e-8,
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "added to both mean squares; it sets how long the first steps are"},
    ARGUMENT_CLIP,
};

static const char *const states[] = {"v", "u"};

static const struct term terms[] = {
    {"g", "g", NULL, "gradient of the loss"},
    {"v", "v", "gamma*v_before + (1 - gamma)*g^2", "mean square of the gradient"},
    {"step", "Δ", "sqrt(u_before + epsilon)/sqrt(v + epsilon)*g", "step"},
    {"u", "u", "gamma*u_before + (1 - gamma)*step^2", "mean square of the steps"},
    {"phi", "φ", "phi_before - alpha*step", "parameters after the update"},
};

static enum status step(struct update *update, struct error *error)
{
    const double alpha = update->argument[ALPHA], gamma = update->argument[GAMMA];
    const double epsilon = update->argument[EPSILON];
    const size_t size = update->size;
    const double *phi = update->phi, *g = update->gradient;
    const double *v_before = update->state, *u_before = update->state + size;
    double *v = update->next_state, *u = update->next_state + size, *move = update->scratch;

    /* 1. Gradient: g = ∂L/∂φ at φ. */
    enum status status = update_gradient(update, phi, error);
    if (status != STATUS_OK)
        return status;

    /* 2. State: v ← γ·v + (1 − γ)·g², Δ = √(u + ε)/√(v + ε)·g, u ← γ·u + (1 − γ)·Δ². */
    for (size_t j = 0; j < size; j++) {
        v[j] = gamma * v_before[j] + (1 - gamma) * (g[j] * g[j]);
        move[j] = g[j] == 0 ? 0 : sqrt(u_before[j] + epsilon) / sqrt(v[j] + epsilon) * g[j];
        u[j] = gamma * u_before[j] + (1 - gamma) * (move[j] * move[j]);
    }

    /* 3. Step: φ ← φ − α·Δ. */
    for (size_t j = 0; j < size; j++)
        update->next_phi[j] = phi[j] - alpha * move[j];

    /* 4. Record. */
    update_record(update, TERM_G, g);
    update_record(update, TERM_V, v);
    update_record(update, TERM_STEP, move);
    update_record(update, TERM_U, u);
    update_record(update, TERM_PHI, update->next_phi);
    return STATUS_OK;
}

const struct rule rule_adadelta = {
    .doc =
        {
            .name = "optim.adadelta",
            .signature = "optim.adadelta{alpha, gamma, epsilon, clip}",
            .summary = "Adadelta: RMSProp whose rate is the root of a running mean of its own "
                       "squared steps.",
            DOC_ARGUMENTS(arguments),
            .returns = "an optimizer",
            .errors = "alpha or epsilon negative, gamma outside [0, 1), an unknown option",
            .equation = "v ← γ·v + (1 − γ)·g²;  Δ = √(u + ε)/√(v + ε)·g;  u ← γ·u + (1 − γ)·Δ²;  "
                        "φ ← φ − α·Δ",
            .source = "Zeiler 2012, arXiv 1212.5701, algorithm 1",
            .elsewhere = "PyTorch: Adadelta(lr, rho, eps); rho is gamma here, its eps 1e-6 by "
                         "default",
            .example = "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n"
                       "r = descend(L, optim.adadelta{epsilon = 1e-6}, {start = {1, 1}})\n"
                       "print(r:step(2).phi)",
            .result = "0.9935982  0.9935982",
        },
    .title = "Adadelta",
    .states = states,
    .state_count = 2,
    .scratch_count = 1,
    .terms = terms,
    .term_count = sizeof terms / sizeof *terms,
    .step = step,
};
