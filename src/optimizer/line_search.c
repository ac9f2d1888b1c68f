/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steepest descent with a line search: at every update the rate is searched for that lowers the
 * loss most along the negative gradient (bracket), or enough (backtrack, wolfe). */
#include "optimizer/optimizer.h"

#include "optimizer/bracket.h"
#include "optimizer/search.h"

enum { MAX, THRESHOLD, ROUNDS, METHOD };
enum { METHOD_BRACKET, METHOD_BACKTRACK, METHOD_WOLFE };
enum { TERM_G, TERM_ALPHA, TERM_PHI };

static const double bracket_points[] = {0.33, 0.66};
static const double curvature = 0.1; /* gradients make poor directions: search them well */

static const struct argument arguments[] = {
    {.name = "max",
     .type = ARGUMENT_NUMBER,
     .standard = NAN,
     .default_text = "0.1; backtrack 1; wolfe: none",
     .minimum = 0,
     .maximum = INFINITY,
     .above = true,
     .summary = "bracket: the last of the four points, 0, 0.33·max, 0.66·max and max; backtrack: "
                "the first step tried; wolfe: the longest step"},
    {.name = "threshold",
     .type = ARGUMENT_NUMBER,
     .standard = 1e-5,
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "bracket: ends when c − b is at most this"},
    {.name = "rounds",
     .type = ARGUMENT_INTEGER,
     .standard = NAN,
     .default_text = "15; backtrack, wolfe: 50",
     .minimum = 1,
     .maximum = 10000,
     .summary = "bracket: rounds of four evaluations at most; else evaluations at most"},
    {.name = "method",
     .type = ARGUMENT_CHOICE,
     .choices = "bracket|backtrack|wolfe",
     .summary = "bracket: four points move in on the minimum, all four low at a: their distances "
                "halve; backtrack: halves max until the loss falls by 1e-4 of what the slope "
                "promises; wolfe: the slope must become a tenth as well"},
    ARGUMENT_CLIP,
};

static const struct term terms[] = {
    {"g", "g", NULL, "gradient of the loss"},
    {"alpha", "α", NULL, "rate found by the line search"},
    {"phi", "φ", "phi_before - alpha*g", "parameters after the update"},
};

static enum status bracket(struct search *search, double max, double threshold, int rounds,
                           struct error *error)
{
    const struct update *update = search->update;
    struct bracket points = {0, bracket_points[0] * max, bracket_points[1] * max, max};
    for (int round = 0; round < rounds && !bracket_is_narrow(&points, threshold); round++) {
        const double steps[] = {points.a, points.b, points.c, points.d};
        double losses[4];
        for (int i = 0; i < 4; i++) {
            for (size_t j = 0; j < update->size; j++)
                search->place[j] = update->phi[j] + steps[i] * search->direction[j];
            enum status status = update_value(search->update, search->place, &losses[i], error);
            if (status != STATUS_OK)
                return status;
        }
        bracket_narrow(&points, losses);
    }
    search->step = bracket_place(&points);
    return STATUS_OK;
}

static enum status step(struct update *update, struct error *error)
{
    const int method = (int)update->argument[METHOD];
    const size_t size = update->size;
    const double *phi = update->phi, *g = update->gradient;
    double *direction = update->scratch;
    struct search search = {
        .update = update,
        .direction = direction,
        .curvature = curvature,
        .rounds = isnan(update->argument[ROUNDS]) ? 50 : (int)update->argument[ROUNDS],
        .place = update->scratch + size,
        .gradient = update->scratch + 2 * size,
    };

    /* 1. Gradient: g = ∂L/∂φ at φ. */
    enum status status = update_gradient(update, phi, error);
    if (status != STATUS_OK)
        return status;

    /* 2. Rate: α such that L[φ − α·g] is low. */
    double norm = 0;
    for (size_t j = 0; j < size; j++) {
        direction[j] = update_fixed(update, g, j) ? 0 : -g[j];
        search.slope += g[j] * direction[j];
        norm += direction[j] * direction[j];
    }
    norm = sqrt(norm);
    search.loss = update->loss;
    const bool flat = !(norm > 0) || !isfinite(update->loss) || !isfinite(norm);
    const double room = update_room(update, direction), given = update->argument[MAX];
    bool found = true;
    if (flat)
        search.step = 0;
    else if (method == METHOD_BRACKET)
        status = bracket(&search, fmin(room, isnan(given) ? 0.1 : given),
                         update->argument[THRESHOLD],
                         isnan(update->argument[ROUNDS]) ? 15 : search.rounds, error);
    else if (method == METHOD_BACKTRACK)
        status = search_backtrack(&search, fmin(room, isnan(given) ? 1 : given), &found, error);
    else
        status = search_wolfe(&search, fmin(1, 1 / norm),
                              fmin(room, isnan(given) ? INFINITY : given), &found, error);
    if (status != STATUS_OK)
        return status;
    if (!found)
        update->stop = "no step along the negative gradient lowers the loss";
    update->alpha = search.step;

    /* 3. Step: φ ← φ − α·g. */
    for (size_t j = 0; j < size; j++)
        update->next_phi[j] = phi[j] + search.step * direction[j];

    /* 4. Record. */
    update_record(update, TERM_G, g);
    update_record_number(update, TERM_ALPHA, search.step);
    update_record(update, TERM_PHI, update->next_phi);
    return STATUS_OK;
}

const struct rule rule_line_search = {
    .doc =
        {
            .name = "optim.line_search",
            .signature = "optim.line_search{max, threshold, rounds, method, clip}",
            .summary = "Steepest descent whose rate is searched for at every update.",
            DOC_ARGUMENTS(arguments),
            .returns = "an optimizer; r.trace.alpha holds the rates that were found",
            .errors = "max or rounds not above 0, an unknown method, an unknown option",
            .equation = "φ ← φ − α·g, with α such that L[φ − α·g] is low",
            .source = "Prince 2023, Understanding Deep Learning, appendix B and notebook 6.1; "
                      "backtrack, wolfe: Nocedal and Wright 2006, Numerical Optimization, "
                      "algorithms 3.1, 3.5 and 3.6",
            .example = "L = loss.least_squares(model.line, data.line12)\n"
                       "r = descend(L, optim.line_search{max = 0.1}, {start = {1.6, -0.5}})\n"
                       "print((\"%.6f %.6f\"):format(r:step().loss, r:step(9).loss))\n"
                       "print(r.evaluations.losses)",
            .result = "2.835363 0.213405\n600",
        },
    .title = "line search",
    .scratch_count = 3,
    .terms = terms,
    .term_count = sizeof terms / sizeof *terms,
    .numbers = 1u << TERM_ALPHA,
    .step = step,
};
