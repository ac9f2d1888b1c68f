/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BFGS: Newton's step with an approximation H of the inverse Hessian that is built up from how the
 * gradient changes. With s = φ' − φ, y = g' − g, ρ = 1/(y·s):
 *     H ← (I − ρ·s·yᵀ)·H·(I − ρ·y·sᵀ) + ρ·s·sᵀ.
 * H stays positive definite, since the line search makes y·s > 0. It begins as the identity, scaled
 * by y·s/y·y at the first change. */
#include <float.h>
#include <string.h>

#include "optimizer/optimizer.h"
#include "optimizer/search.h"

enum { ROUNDS };
enum { TERM_G, TERM_D, TERM_ALPHA, TERM_PHI };

/* The state: φ and g where the last update ended, its loss, whether H was begun, and H by rows. */
enum { PLACE, GRADIENT, LOSS, BEGUN, MATRIX };
/* Scratch. */
enum { D, NEXT_PLACE, NEXT_GRADIENT, S, Y, HY, SCRATCH };

static const double curvature = 0.9;

static const struct argument arguments[] = {
    {.name = "rounds",
     .type = ARGUMENT_INTEGER,
     .standard = 50,
     .minimum = 1,
     .maximum = 10000,
     .summary = "evaluations that a line search may need at most"},
    ARGUMENT_CLIP,
};

static const struct term terms[] = {
    {"g", "g", NULL, "gradient of the loss"},
    {"d", "d", NULL, "direction −H·g, H being the approximate inverse Hessian"},
    {"alpha", "α", NULL, "step found by the line search"},
    {"phi", "φ", "phi_before + alpha*d", "parameters after the update"},
};

static struct vectors vectors(const double *argument, size_t size)
{
    (void)argument;
    return (struct vectors){.state = MATRIX + size, .scratch = SCRATCH};
}

static double dot(const double *a, const double *b, size_t size)
{
    double sum = 0;
    for (size_t j = 0; j < size; j++)
        sum += a[j] * b[j];
    return sum;
}

static void identity(double *h, size_t size, double scale)
{
    memset(h, 0, size * size * sizeof *h);
    for (size_t j = 0; j < size; j++)
        h[j * size + j] = scale;
}

static void multiply(const double *h, const double *vector, double *result, size_t size)
{
    for (size_t row = 0; row < size; row++)
        result[row] = dot(h + row * size, vector, size);
}

/* The direction, and its slope; fixed parameters stay. */
static double find_direction(const struct update *update, const double *h, double *d)
{
    const double *g = update->gradient;
    const size_t size = update->size;
    for (size_t j = 0; j < size; j++)
        d[j] = 0;
    for (size_t column = 0; column < size; column++)
        if (!update_fixed(update, g, column))
            for (size_t row = 0; row < size; row++)
                d[row] -= h[row * size + column] * g[column];
    for (size_t j = 0; j < size; j++)
        if (update_fixed(update, g, j))
            d[j] = 0;
    double scale = update_clip(update, g);
    for (size_t j = 0; j < size && scale < 1; j++)
        d[j] *= scale;
    return dot(g, d, size);
}

/* H after a step s that changed the gradient by y. */
static void learn(double *h, double *begun, const double *s, const double *y, double *hy,
                  size_t size)
{
    double sy = dot(s, y, size), yy = dot(y, y, size);
    if (!(sy > DBL_EPSILON * sqrt(dot(s, s, size) * yy)))
        return;
    if (*begun == 0)
        identity(h, size, sy / yy);
    *begun = 1;
    multiply(h, y, hy, size);
    double factor = (1 + dot(y, hy, size) / sy) / sy;
    for (size_t row = 0; row < size; row++)
        for (size_t column = 0; column < size; column++)
            h[row * size + column] += factor * s[row] * s[column] -
                                      (hy[row] * s[column] + s[row] * hy[column]) / sy;
}

static enum status step(struct update *update, struct error *error)
{
    const size_t size = update->size, bytes = size * sizeof(double);
    const double *phi = update->phi, *g = update->gradient, *state = update->state;
    double *next = update->next_state, *scratch = update->scratch;
    double *h = next + MATRIX * size, *begun = next + BEGUN * size, *d = scratch + D * size;
    double *s = scratch + S * size, *y = scratch + Y * size;
    struct search search = {
        .update = update,
        .direction = d,
        .curvature = curvature,
        .place = scratch + NEXT_PLACE * size,
        .gradient = scratch + NEXT_GRADIENT * size,
    };

    /* 1. Gradient: g = ∂L/∂φ at φ, which the last line search has left. */
    enum status status = STATUS_OK;
    if (update->t > 1 && memcmp(state + PLACE * size, phi, bytes) == 0) {
        memcpy(update->gradient, state + GRADIENT * size, bytes);
        update->loss = state[LOSS * size];
    } else {
        status = update_slope(update, phi, &update->loss, update->gradient, error);
    }
    if (status != STATUS_OK)
        return status;

    /* 2. Direction: d = −H·g; H anew where it has lost its way. */
    memcpy(next, state, bytes * (MATRIX + size));
    if (*begun == 0)
        identity(h, size, 1);
    search.loss = update->loss;
    search.slope = find_direction(update, h, d);
    bool found = true, finite = isfinite(update->loss) && isfinite(dot(g, g, size));
    double room = update_room(update, d);
    search.rounds = (int)update->argument[ROUNDS];
    if (finite && search.slope < 0) {
        double norm = sqrt(dot(d, d, size));
        status = search_wolfe(&search, *begun != 0 ? 1 : fmin(1, 1 / norm), room, &found, error);
    } else if (finite && *begun != 0) {
        found = false;
    }
    if (status == STATUS_OK && !found && *begun != 0) {
        *begun = 0;
        identity(h, size, 1);
        search.slope = find_direction(update, h, d);
        room = update_room(update, d);
        search.rounds = (int)update->argument[ROUNDS];
        found = !(search.slope < 0);
        if (!found)
            status = search_wolfe(&search, fmin(1, 1 / sqrt(dot(d, d, size))), room, &found, error);
    }
    if (status != STATUS_OK)
        return status;
    if (!found)
        update->stop = "no step along the direction lowers the loss";
    const bool moves = finite && found && search.slope < 0;

    /* 3. Step: φ ← φ + α·d. */
    update->alpha = moves ? search.step : 0;
    for (size_t j = 0; j < size; j++)
        update->next_phi[j] = moves ? search.place[j] : phi[j];

    /* 4. State: H learns from s and y. */
    memcpy(next + PLACE * size, update->next_phi, bytes);
    memcpy(next + GRADIENT * size, moves ? search.gradient : g, bytes);
    next[LOSS * size] = moves ? search.found_loss : update->loss;
    update->next_place = next + PLACE * size;
    update->next_gradient = next + GRADIENT * size;
    update->next_loss = next[LOSS * size];
    for (size_t j = 0; j < size && moves; j++) {
        s[j] = search.place[j] - phi[j];
        y[j] = search.gradient[j] - g[j];
    }
    if (moves)
        learn(h, begun, s, y, scratch + HY * size, size);

    /* 5. Record. */
    update_record(update, TERM_G, g);
    update_record(update, TERM_D, d);
    update_record_number(update, TERM_ALPHA, update->alpha);
    update_record(update, TERM_PHI, update->next_phi);
    return STATUS_OK;
}

const struct rule rule_bfgs = {
    .doc =
        {
            .name = "optim.bfgs",
            .signature = "optim.bfgs{rounds, clip}",
            .summary = "BFGS: Newton's step with an approximate inverse Hessian, built up from the "
                       "changes of the gradient; a line search finds how far.",
            DOC_ARGUMENTS(arguments),
            .returns = "an optimizer",
            .errors = "batches: successive gradients would belong to different functions",
            .equation = "d = −H·g;  φ ← φ + α·d;  H ← (I − ρ·s·yᵀ)·H·(I − ρ·y·sᵀ) + ρ·s·sᵀ",
            .source = "Nocedal and Wright 2006, Numerical Optimization, algorithm 6.1, line search "
                      "3.5 and 3.6; Goodfellow, Bengio and Courville 2016, Deep Learning, section "
                      "8.6.3",
            .example = "L = loss(function(a, b) return (1 - a)^2 + 100*(b - a^2)^2 end)\n"
                       "r = fit(L, optim.bfgs{}, {start = {-1.2, 1}})\n"
                       "print((\"%.4f %.4f\"):format(r.phi[1], r.phi[2]), r.reason)",
            .result = "1.0000 1.0000\tthe gradient is small enough",
        },
    .title = "BFGS",
    .vectors = vectors,
    .terms = terms,
    .term_count = sizeof terms / sizeof *terms,
    .numbers = 1u << TERM_ALPHA,
    .whole = "BFGS learns from how the gradient changes between updates, and the gradients of "
             "different batches belong to different functions",
    .step = step,
};
