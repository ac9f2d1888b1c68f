/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adam: momentum, divided by the root of a running mean of squares, so that every parameter moves
 * by about α whatever the size of its gradient. m and v start at 0 and are too small at first;
 * m̃ and ṽ undo that. AMSGrad divides by the largest v so far; weight decay draws φ towards 0
 * beside the gradient's step, and not through m and v (AdamW). */
#include "optimizer/optimizer.h"

#include <math.h>

enum { ALPHA, BETA, GAMMA, EPSILON, BIAS_CORRECTION, EPSILON_INSIDE, AMSGRAD, WEIGHT_DECAY };
enum { CORRECT_BOTH, CORRECT_NONE, CORRECT_M, CORRECT_V };
enum { TERM_G, TERM_M, TERM_V, TERM_V_MAX, TERM_M_CORRECTED, TERM_V_CORRECTED, TERM_PHI };

static const struct argument arguments[] = {
    {.name = "alpha",
     .symbol = "α",
     .type = ARGUMENT_RATE,
     .standard = 0.001,
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
     .summary = "decay of the mean gradient m"},
    {.name = "gamma",
     .symbol = "γ",
     .type = ARGUMENT_NUMBER,
     .standard = 0.999,
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
    {.name = "bias_correction",
     .type = ARGUMENT_CHOICE,
     .choices = "true|false|m|v",
     .summary = "which of m and v are corrected for their start at 0: both (true), none (false), "
                "or one of them"},
    {.name = "epsilon_inside",
     .type = ARGUMENT_BOOLEAN,
     .summary = "true: ε stands inside the root, √(ṽ + ε)"},
    {.name = "amsgrad",
     .type = ARGUMENT_BOOLEAN,
     .summary = "true: the largest v so far stands in place of v (AMSGrad)"},
    {.name = "weight_decay",
     .symbol = "λ",
     .type = ARGUMENT_NUMBER,
     .standard = 0,
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "every update also takes α·λ·φ off φ (decoupled: AdamW)"},
    ARGUMENT_CLIP,
};

static const char *const states[] = {"m", "v", "v_max"};

static const struct term terms[] = {
    {"g", "g", NULL, "gradient of the loss"},
    {"m", "m", "beta*m_before + (1 - beta)*g", "mean gradient"},
    {"v", "v", "gamma*v_before + (1 - gamma)*g^2", "mean square of the gradient"},
    {"v_max", "v̂", "max(v_max_before, v)", "largest v so far"},
    {"m_corrected", "m̃", "m/(1 - beta^t)", "m without the bias of its start at 0"},
    {"v_corrected", "ṽ", "v/(1 - gamma^t)", "v without the bias of its start at 0"},
    {"phi", "φ", "phi_before - alpha*m_corrected/(sqrt(v_corrected) + epsilon)",
     "parameters after the update"},
};

static bool corrects(const double *argument, int one)
{
    return argument[BIAS_CORRECTION] == CORRECT_BOTH || argument[BIAS_CORRECTION] == one;
}

static const char *equation(size_t term, const double *argument)
{
    static const char *const steps[2][2] = {
        {"phi_before - alpha*m_corrected/(sqrt(v_corrected) + epsilon)",
         "phi_before - alpha*m_corrected/(sqrt(v_corrected) + epsilon) - "
         "alpha*weight_decay*phi_before"},
        {"phi_before - alpha*m_corrected/sqrt(v_corrected + epsilon)",
         "phi_before - alpha*m_corrected/sqrt(v_corrected + epsilon) - "
         "alpha*weight_decay*phi_before"},
    };
    const bool amsgrad = argument[AMSGRAD] != 0;
    if (term == TERM_V_MAX && !amsgrad)
        return "";
    if (term == TERM_M_CORRECTED && !corrects(argument, CORRECT_M))
        return "m";
    if (term == TERM_V_CORRECTED && !corrects(argument, CORRECT_V))
        return amsgrad ? "v_max" : "v";
    if (term == TERM_V_CORRECTED && amsgrad)
        return "v_max/(1 - gamma^t)";
    if (term == TERM_PHI)
        return steps[argument[EPSILON_INSIDE] != 0][argument[WEIGHT_DECAY] != 0];
    return terms[term].equation;
}

static struct vectors vectors(const double *argument, size_t size)
{
    (void)size;
    return (struct vectors){.state = argument[AMSGRAD] != 0 ? 3 : 2, .scratch = 2};
}

/* 1 − decay^t. Since decay^t ≤ exp(−t·(1 − decay)), it is 1 to the last bit long before t is
 * large. */
static double corrected(double decay, double t)
{
    return t * (1 - decay) > 40 ? 1 : 1 - pow(decay, t);
}

static enum status step(struct update *update, struct error *error)
{
    const double alpha = update->argument[ALPHA], beta = update->argument[BETA];
    const double gamma = update->argument[GAMMA], epsilon = update->argument[EPSILON];
    const double t = (double)update->t, decay = alpha * update->argument[WEIGHT_DECAY];
    const bool amsgrad = update->argument[AMSGRAD] != 0;
    const size_t size = update->size;
    const double *phi = update->phi, *g = update->gradient;
    const double *m_before = update->state, *v_before = update->state + size;
    double *m = update->next_state, *v = update->next_state + size;
    const double *v_max_before = update->state + 2 * size;
    double *v_max = amsgrad ? update->next_state + 2 * size : v;
    double *m_corrected = update->scratch, *v_corrected = update->scratch + size;

    /* 1. Gradient: g = ∂L/∂φ at φ. */
    enum status status = update_gradient(update, phi, error);
    if (status != STATUS_OK)
        return status;

    /* 2. State: m ← β·m + (1 − β)·g, v ← γ·v + (1 − γ)·g². */
    for (size_t j = 0; j < size; j++) {
        m[j] = beta * m_before[j] + (1 - beta) * g[j];
        v[j] = gamma * v_before[j] + (1 - gamma) * (g[j] * g[j]);
    }
    for (size_t j = 0; j < size && amsgrad; j++)
        v_max[j] = v[j] > v_max_before[j] || isnan(v[j]) ? v[j] : v_max_before[j];

    /* 3. Step: m̃ = m/(1 − β^t), ṽ = v/(1 − γ^t), φ ← φ − α·m̃/(√ṽ + ε) or α·m̃/√(ṽ + ε). A
     * parameter that has had no gradient at all stays where it is, also for ε = 0. */
    const double m_scale = corrects(update->argument, CORRECT_M) ? corrected(beta, t) : 1;
    const double v_scale = corrects(update->argument, CORRECT_V) ? corrected(gamma, t) : 1;
    const double inside = update->argument[EPSILON_INSIDE] != 0 ? epsilon : 0;
    const double outside = update->argument[EPSILON_INSIDE] != 0 ? 0 : epsilon;
    for (size_t j = 0; j < size; j++) {
        m_corrected[j] = m[j] / m_scale;
        v_corrected[j] = v_max[j] / v_scale;
        const double move = alpha * m_corrected[j] / (sqrt(v_corrected[j] + inside) + outside);
        update->next_phi[j] = m_corrected[j] == 0 ? phi[j] : phi[j] - move;
        if (decay != 0 && (update->held == NULL || !update->held[j]))
            update->next_phi[j] -= decay * phi[j];
    }

    /* 4. Record. */
    update_record(update, TERM_G, g);
    update_record(update, TERM_M, m);
    update_record(update, TERM_V, v);
    if (amsgrad)
        update_record(update, TERM_V_MAX, v_max);
    update_record(update, TERM_M_CORRECTED, m_corrected);
    update_record(update, TERM_V_CORRECTED, v_corrected);
    update_record(update, TERM_PHI, update->next_phi);
    return STATUS_OK;
}

const struct rule rule_adam = {
    .doc =
        {
            .name = "optim.adam",
            .signature = "optim.adam{alpha, beta, gamma, epsilon, bias_correction, epsilon_inside, "
                         "amsgrad, weight_decay, clip}",
            .summary = "Adam: momentum divided by the root of a running mean of squares, so that "
                       "every parameter moves by about alpha.",
            DOC_ARGUMENTS(arguments),
            .returns = "an optimizer",
            .errors = "alpha or epsilon negative, beta or gamma outside [0, 1), an unknown option",
            .equation = "m ← β·m + (1 − β)·g;  v ← γ·v + (1 − γ)·g²;  m̃ = m/(1 − β^t);  "
                        "ṽ = v/(1 − γ^t);  φ ← φ − α·m̃/(√ṽ + ε)",
            .source = "Kingma and Ba 2015, ICLR, algorithm 1; Prince 2023, Understanding Deep "
                      "Learning, section 6.4; amsgrad: Reddi, Kale and Kumar 2018, ICLR, with the "
                      "bias corrected after the largest is taken, as PyTorch does; weight_decay: "
                      "Loshchilov and Hutter 2019, ICLR",
            .elsewhere = "PyTorch: Adam(lr, betas, eps, amsgrad), betas = (beta, gamma); "
                         "AdamW(weight_decay) is weight_decay here, while Adam(weight_decay) there "
                         "adds to the gradient, as a "
                         "penalty 0.5*weight_decay*penalty.l2 on the loss does. ε inside the root: "
                         "epsilon_inside",
            .example = "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n"
                       "r = descend(L, optim.adam{alpha = 0.1}, {start = {1, 1}})\n"
                       "print(r:step(2).phi)",
            .result = "0.8004122  0.8004122",
        },
    .title = "Adam",
    .states = states,
    .state_count = 3,
    .vectors = vectors,
    .terms = terms,
    .term_count = sizeof terms / sizeof *terms,
    .equation = equation,
    .step = step,
};
