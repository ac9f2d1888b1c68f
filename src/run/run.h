/* run.h: a fit as a value: (t, φ, optimizer state, sampler state) with its history. Time runs both
 * ways: stepping back and forward again gives the same bits.
 */
#ifndef DESCENT_RUN_RUN_H
#define DESCENT_RUN_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/context.h"
#include "base/error.h"
#include "base/generator.h"
#include "dataset/sampler.h"
#include "objective/objective.h"
#include "optimizer/optimizer.h"

enum reason {
    REASON_NONE,        /* not asked to go to a goal */
    REASON_STEPS,       /* the number of updates was reached */
    REASON_EPOCHS,      /* the number of epochs was reached */
    REASON_GRADIENT,    /* the largest component of the gradient is small enough */
    REASON_LOSS,        /* the loss is small enough */
    REASON_CHANGE,      /* the loss hardly changes */
    REASON_SECONDS,     /* time is up */
    REASON_DIVERGED,    /* the loss or a parameter is NaN or infinite */
    REASON_INTERRUPTED, /* Ctrl-C */
};
const char *reason_text(enum reason reason); /* "the gradient is small enough", ... */

struct run_options {
    const double *start; /* P */
    enum sampler_order order;
    size_t batch;                /* SAMPLER_EPOCH, DRAW, FIXED */
    struct generator generator;  /* seeded by the caller */
    const size_t *given_indices; /* SAMPLER_GIVEN */
    const size_t *given_offsets;
    size_t given_count;
    size_t history_bytes; /* 0: 64 MB */
};

struct run; /* mutable, counted by reference */

enum status run_new(struct run **run, struct objective *objective, struct optimizer *optimizer,
                    const struct run_options *options, struct error *error);
struct run *run_keep(struct run *run);
void run_release(struct run *run);

struct objective *run_objective(const struct run *run);
struct optimizer *run_optimizer(const struct run *run);
size_t run_size(const struct run *run);             /* P */
unsigned long long run_time(const struct run *run); /* t: updates done; 0 at the start */
unsigned long long run_epoch_number(const struct run *run); /* epoch of the last update; 0 at 0 */
size_t run_updates_per_epoch(const struct run *run);
const double *run_phi(const struct run *run); /* valid until the run moves */
enum reason run_reason(const struct run *run);
struct objective_counts run_counts(const struct run *run); /* evaluations this run made */
/* The batch of the last update (of update t): *indices NULL for all. Fails at t = 0. */
enum status run_batch(struct run *run, unsigned long long t, const size_t **indices, size_t *count,
                      struct error *error);

/* n updates, each whole. Stops early with REASON_DIVERGED or REASON_INTERRUPTED in run_reason and
 * STATUS_OK: the run stands at a whole update. */
enum status run_step(struct run *run, unsigned long long n, struct error *error);
enum status run_epoch(struct run *run, unsigned long long n, struct error *error);
/* Exact: undoes n updates; STATUS_ARGUMENT when there are fewer. */
enum status run_back(struct run *run, unsigned long long n, struct error *error);
enum status run_to(struct run *run, unsigned long long t, struct error *error);

struct goal {
    unsigned long long steps;  /* at most this many further updates; 0: no limit */
    unsigned long long epochs; /* 0: no limit */
    double gradient;           /* stop when max |∂L/∂φ_j| over all data is at most this; NaN: off */
    double loss;               /* stop when L over all data is at most this; NaN: off */
    double change;             /* stop when |L_t − L_{t−1}| ≤ change · max(1, |L_t|); NaN: off */
    double seconds;            /* NaN: off */
    /* Called after updates, at most some 20 times a second; nonzero stops as interrupted. May be
     * NULL. */
    int (*progress)(void *user, const struct run *run);
    void *user;
};
/* Goes on until one of the goals is met. With no goal at all: gradient 1e-6 and at most 10,000. */
enum status run_converge(struct run *run, const struct goal *goal, enum reason *reason,
                         struct error *error);
/* On to the goal that was set last; STATUS_ARGUMENT when there was none. */
enum status run_resume(struct run *run, enum reason *reason, struct error *error);

/* The trace: rows 0 .. run_rows − 1, row 0 the start, in order of time; times are `t`, not always
 * consecutive once a long run has been thinned. */
struct run_row {
    unsigned long long t;
    const double *phi;  /* φ_t, P numbers; valid until the run moves */
    double batch_loss;  /* the loss that update t's gradient came with; NaN in row 0 */
    double alpha;       /* the rate update t used; NaN in row 0 or for a rule without alpha */
};
size_t run_rows(const struct run *run);
struct run_row run_row(const struct run *run, size_t row);

/* Redoes update t (1 <= t <= run_time) with a record: everything explain() prints. The vectors
 * belong to the caller's struct and are freed by run_record_free. */
struct run_record {
    struct context *context;
    size_t size;             /* P */
    unsigned long long t, epoch;
    double arguments[OPTIMIZER_ARGUMENTS]; /* as used: rates resolved */
    double loss;             /* over the batch, at φ before the update */
    double *phi_before, *phi, *gradient;
    double *state_before;    /* rule->state_count vectors */
    double *terms;           /* rule->term_count vectors */
    size_t *indices;         /* NULL: all examples */
    size_t count;
};
enum status run_record(struct run *run, unsigned long long t, struct run_record *record,
                       struct error *error);
void run_record_free(struct run_record *record);

#endif
