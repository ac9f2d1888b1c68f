/* SPDX-License-Identifier: GPL-3.0-or-later */
/* L-BFGS: BFGS that keeps the last few pairs s = φ' − φ, y = g' − g in place of the matrix:
 * 2·memory·P numbers. H·g comes from two loops over the pairs, beginning with the identity scaled
 * by s·y/y·y of the newest. */
#include <float.h>
#include <string.h>

#include "optimizer/optimizer.h"
#include "optimizer/search.h"
#include "optimizer/vector.h"

enum { MEMORY, ROUNDS };
enum { TERM_G, TERM_D, TERM_ALPHA, TERM_PHI };

/* The state: φ and g where the last update ended, its loss, how many pairs there are and where the
 * next one goes; then the pairs, s before y, and s·y of each. */
enum { PLACE, GRADIENT, LOSS, COUNT, NEXT, PAIRS };
/* Scratch; the last holds `memory` numbers. */
enum { D, NEXT_PLACE, NEXT_GRADIENT, WEIGHTS };

static const double curvature = 0.9;

static const struct argument arguments[] = {
    {.name = "memory",
     .type = ARGUMENT_INTEGER,
     .standard = 10,
     .minimum = 1,
     .maximum = 1000,
     .summary = "how many changes of the gradient are kept"},
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
    size_t memory = (size_t)argument[MEMORY], numbers = (memory + size - 1) / size;
    return (struct vectors){.state = PAIRS + 2 * memory + numbers, .scratch = WEIGHTS + numbers};
}

static void hold_fixed(const struct update *update, double *d)
{
    if (update->held == NULL && update->lower == NULL)
        return;
    for (size_t j = 0; j < update->size; j++)
        if (update_fixed(update, update->gradient, j))
            d[j] = 0;
}

/* A place below `places` that a state holds; 0 for what is none, as a damaged file may have it. */
static size_t place_in(double number, size_t places)
{
    return number >= 0 && number < (double)places ? (size_t)number : 0;
}

/* d = −H·g by the two loops (algorithm 7.4); its slope. Fixed parameters stay. */
static double find_direction(const struct update *update, const double *state, double *d,
                             double *weights)
{
    const size_t size = update->size, memory = (size_t)update->argument[MEMORY];
    const size_t count = place_in(state[COUNT * size], memory + 1);
    const size_t next = place_in(state[NEXT * size], memory);
    const double *g = update->gradient, *pairs = state + PAIRS * size;
    const double *products = pairs + 2 * memory * size;
    vector_scale(d, -1, g, size);
    hold_fixed(update, d);
    for (size_t i = 0; i < count; i++) {
        size_t slot = (next + memory - 1 - i) % memory;
        const double *s = pairs + 2 * slot * size, *y = s + size;
        weights[slot] = vector_dot(s, d, size) / products[slot];
        vector_add(d, d, -weights[slot], y, size);
    }
    if (count > 0) {
        size_t newest = (next + memory - 1) % memory;
        const double *y = pairs + (2 * newest + 1) * size;
        vector_scale(d, products[newest] / vector_dot(y, y, size), d, size);
    }
    for (size_t i = count; i-- > 0;) {
        size_t slot = (next + memory - 1 - i) % memory;
        const double *s = pairs + 2 * slot * size, *y = s + size;
        vector_add(d, d, weights[slot] - vector_dot(y, d, size) / products[slot], s, size);
    }
    double scale = update_clip(update, g);
    if (scale < 1)
        vector_scale(d, scale, d, size);
    hold_fixed(update, d);
    return vector_dot(g, d, size);
}

/* Keeps the pair of this step, in place of the oldest, unless the slope has not grown along it. */
static void learn(const struct update *update, double *next, const struct search *search)
{
    const size_t size = update->size, memory = (size_t)update->argument[MEMORY];
    const size_t slot = place_in(next[NEXT * size], memory);
    double *pair = next + (PAIRS + 2 * slot) * size, *s = pair, *y = pair + size;
    vector_add(s, search->place, -1, update->phi, size);
    vector_add(y, search->gradient, -1, update->gradient, size);
    double sy = vector_dot(s, y, size);
    if (!(sy > DBL_EPSILON * sqrt(vector_dot(s, s, size) * vector_dot(y, y, size)))) {
        memcpy(pair, update->state + (PAIRS + 2 * slot) * size, 2 * size * sizeof *pair);
        return;
    }
    next[(PAIRS + 2 * memory) * size + slot] = sy;
    next[NEXT * size] = (double)((slot + 1) % memory);
    size_t count = place_in(next[COUNT * size], memory + 1);
    next[COUNT * size] = (double)(count < memory ? count + 1 : memory);
}

static enum status step(struct update *update, struct error *error)
{
    const size_t size = update->size, bytes = size * sizeof(double);
    const double *phi = update->phi, *g = update->gradient, *state = update->state;
    double *next = update->next_state, *d = update->scratch + D * size;
    double *weights = update->scratch + WEIGHTS * size;
    struct search search = {
        .update = update,
        .direction = d,
        .curvature = curvature,
        .place = update->scratch + NEXT_PLACE * size,
        .gradient = update->scratch + NEXT_GRADIENT * size,
        .rounds = (int)update->argument[ROUNDS],
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

    /* 2. Direction: d = −H·g; without the pairs where they have lost their way. */
    memcpy(next, state, bytes * vectors(update->argument, size).state);
    double *count = next + COUNT * size;
    search.loss = update->loss;
    search.slope = find_direction(update, next, d, weights);
    bool found = true, finite = isfinite(update->loss) && isfinite(vector_dot(g, g, size));
    if (finite && search.slope < 0) {
        double first = *count > 0 ? 1 : fmin(1, 1 / sqrt(vector_dot(d, d, size)));
        status = search_wolfe(&search, first, update_room(update, d), &found, error);
    } else if (finite && *count > 0) {
        found = false;
    }
    if (status == STATUS_OK && !found && *count > 0) {
        *count = 0;
        search.slope = find_direction(update, next, d, weights);
        search.rounds = (int)update->argument[ROUNDS];
        found = !(search.slope < 0);
        if (!found)
            status = search_wolfe(&search, fmin(1, 1 / sqrt(vector_dot(d, d, size))),
                                  update_room(update, d), &found, error);
    }
    if (status != STATUS_OK)
        return status;
    if (!found)
        update->stop = "no step along the direction lowers the loss";
    const bool moves = finite && found && search.slope < 0;

    /* 3. Step: φ ← φ + α·d. */
    update->alpha = moves ? search.step : 0;
    memcpy(update->next_phi, moves ? search.place : phi, bytes);

    /* 4. State: the pair s, y. */
    memcpy(next + PLACE * size, update->next_phi, bytes);
    memcpy(next + GRADIENT * size, moves ? search.gradient : g, bytes);
    next[LOSS * size] = moves ? search.found_loss : update->loss;
    update->next_place = next + PLACE * size;
    update->next_gradient = next + GRADIENT * size;
    update->next_loss = next[LOSS * size];
    if (moves)
        learn(update, next, &search);

    /* 5. Record. */
    update_record(update, TERM_G, g);
    update_record(update, TERM_D, d);
    update_record_number(update, TERM_ALPHA, update->alpha);
    update_record(update, TERM_PHI, update->next_phi);
    return STATUS_OK;
}

const struct rule rule_lbfgs = {
    .doc =
        {
            .name = "optim.lbfgs",
            .signature = "optim.lbfgs{memory, rounds, clip}",
            .summary = "L-BFGS: BFGS from the last few changes of the gradient, without a matrix; "
                       "the first choice for full batches of many parameters.",
            DOC_ARGUMENTS(arguments),
            .returns = "an optimizer",
            .errors = "batches: successive gradients would belong to different functions",
            .equation = "d = −H·g, H from the last pairs s = φ′ − φ, y = g′ − g;  φ ← φ + α·d",
            .source = "Liu and Nocedal 1989, Mathematical Programming 45, pages 503-528; Nocedal "
                      "and Wright 2006, Numerical Optimization, algorithms 7.4 and 7.5, line "
                      "search 3.5 and 3.6",
            .example = "L = loss(function(a, b) return (1 - a)^2 + 100*(b - a^2)^2 end)\n"
                       "r = fit(L, optim.lbfgs{memory = 5}, {start = {-1.2, 1}})\n"
                       "print((\"%.4f %.4f\"):format(r.phi[1], r.phi[2]), r.reason)",
            .result = "1.0000 1.0000\tthe gradient is small enough",
        },
    .title = "L-BFGS",
    .vectors = vectors,
    .terms = terms,
    .term_count = sizeof terms / sizeof *terms,
    .numbers = 1u << TERM_ALPHA,
    .whole = "L-BFGS learns from how the gradient changes between updates, and the gradients of "
             "different batches belong to different functions",
    .step = step,
};
