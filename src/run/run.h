/* SPDX-License-Identifier: GPL-3.0-or-later */
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
    REASON_SADDLE,      /* the gradient is small, but the Hessian says that this is no minimum */
    REASON_FLAT,        /* the gradient is small, but some parameters do not matter here */
    REASON_LOSS,        /* the loss is small enough */
    REASON_CHANGE,      /* the loss hardly changes */
    REASON_SECONDS,     /* time is up */
    REASON_STALLED,     /* the rule finds no way on; run_message says why */
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
    size_t history_bytes;        /* 0: 64 MB */
    const bool *held;            /* P: parameters that stay at their start; NULL: none */
    const double *lower, *upper; /* P: bounds, ±INFINITY for none; NULL: none at all */
    uint64_t mask_seed;          /* of the units that dropout leaves out */
};

struct run; /* mutable, counted by reference */

/* Keeps the objective and the optimizer. A start that is not finite, batches of a loss without data
 * and batches larger than the data are refused. */
enum status run_new(struct run **run, struct objective *objective, struct optimizer *optimizer,
                    const struct run_options *options, struct error *error);
struct run *run_keep(struct run *run);
void run_release(struct run *run);

struct objective *run_objective(const struct run *run);
struct optimizer *run_optimizer(const struct run *run); /* of the next update */
/* The optimizer of update t >= 1; in a fork it is another one after the fork than before. */
struct optimizer *run_optimizer_at(const struct run *run, unsigned long long t);
size_t run_size(const struct run *run);                     /* P */
unsigned long long run_time(const struct run *run);         /* t: updates done; 0 at the start */
unsigned long long run_epoch_number(const struct run *run); /* epoch of the last update; 0 at 0 */
size_t run_updates_per_epoch(const struct run *run);
const double *run_phi(const struct run *run); /* valid until the run moves */
/* P: which parameters are held, and the bounds; NULL: none. */
const bool *run_held(const struct run *run);
const double *run_lower(const struct run *run);
const double *run_upper(const struct run *run);
enum reason run_reason(const struct run *run);
/* One sentence for REASON_DIVERGED: the update, the loss before it, what to try; for
 * REASON_STALLED why the rule finds no way on. Else "". */
const char *run_message(const struct run *run);
/* Evaluations that updates and goals asked for; what is redone to look back is not counted. */
struct objective_counts run_counts(const struct run *run);
/* Time that updates and goals have taken, in seconds. */
double run_seconds(const struct run *run);
/* Another number after every change of where the run stands. */
unsigned long long run_version(const struct run *run);
/* The batch of update t (1 <= t <= run_time): *indices NULL for all; valid until the next call. */
enum status run_batch(struct run *run, unsigned long long t, const size_t **indices, size_t *count,
                      struct error *error);

/* n updates, each whole. An error leaves the run at the last whole update. Stops early with
 * REASON_DIVERGED or REASON_INTERRUPTED in run_reason and STATUS_OK: the run stands at a whole
 * update, and φ is finite. An update whose loss, gradient or result is not finite is not made. */
enum status run_step(struct run *run, unsigned long long n, struct error *error);
/* To the end of the n-th epoch from here; one that is under way counts as the first. */
enum status run_epoch(struct run *run, unsigned long long n, struct error *error);
/* Exact: undoes n updates; STATUS_ARGUMENT when there are fewer. An error or an interrupt
 * (STATUS_INTERRUPTED) leaves the run where it was. */
enum status run_back(struct run *run, unsigned long long n, struct error *error);
/* Back or on to update t. */
enum status run_to(struct run *run, unsigned long long t, struct error *error);

/* A run that has the same first `at` updates and goes on with the optimizer. The rule's state goes
 * on too where only numbers differ; under another rule, or another choice, it begins at zero. */
enum status run_fork(struct run **fork, struct run *run, unsigned long long at,
                     struct optimizer *optimizer, struct error *error);

/* How it repeats itself elsewhere. Where the batches come from, and the generator as it was at the
 * start (NULL without batches). */
const struct sampler *run_sampler(const struct run *run);
const struct generator *run_first_generator(const struct run *run);
/* Part i makes the updates after `from`; its rule's state was zero at `origin`. */
struct run_part {
    unsigned long long from, origin;
    struct optimizer *optimizer; /* borrowed */
};
size_t run_part_count(const struct run *run);
struct run_part run_part(const struct run *run, size_t i);

struct goal {
    unsigned long long steps;  /* at most this many further updates; 0: no limit */
    unsigned long long epochs; /* 0: no limit */
    double gradient; /* stop when max |∂L/∂φ_j| over all data is at most this; NaN: off */
    double loss;     /* stop when L over all data is at most this; NaN: off */
    double change;   /* stop when |L_t − L_{t−1}| ≤ change · max(1, |L_t|); NaN: off */
    double seconds;  /* NaN: off */
    /* Called after updates, at most some 20 times a second; nonzero stops as interrupted. May be
     * NULL. */
    int (*progress)(void *user, const struct run *run);
    void *user;
};
/* Goes on until one of the goals is met. Where the gradient is small, the Hessian says, up to 60
 * parameters, whether it is a minimum: REASON_GRADIENT, REASON_SADDLE or REASON_FLAT. With no goal
 * at all: gradient 1e-6 and at most 10,000, and next to nothing must be left to fall.
 * Gradient, loss and change are looked at where the run stands and after every update; with batches
 * only at the ends of epochs, as they need all data. */
enum status run_converge(struct run *run, const struct goal *goal, enum reason *reason,
                         struct error *error);
/* The same as run_converge for each of these runs of one loss, as many at once as there are
 * threads; goal->progress is not called. runs[i] is replaced where done[i] comes out true. The
 * others are as they were, for the caller to take on: those that hold a function of the caller's,
 * whose updates failed, or that an interrupt left. */
enum status run_converge_all(struct run **runs, size_t count, const struct goal *goal, bool *done,
                             struct error *error);
/* On to the goal that was set last: the same last update and epoch, the seconds that were left.
 * STATUS_ARGUMENT when there was none. */
enum status run_resume(struct run *run, int (*progress)(void *user, const struct run *run),
                       void *user, enum reason *reason, struct error *error);
/* The last update that the goal in force allows; 0: no limit. */
unsigned long long run_goal_time(const struct run *run);

/* The trace: rows 0 .. run_rows − 1, row 0 the start, in order of time; times are `t`, not always
 * consecutive once a long run has been thinned. */
struct run_row {
    unsigned long long t;
    const double *phi; /* φ_t, P numbers; valid until the run moves */
    double batch_loss; /* the loss that update t's gradient came with; NaN in row 0 */
    double alpha;      /* the rate update t used or found; NaN in row 0 or for a rule without one */
};
size_t run_rows(const struct run *run);
struct run_row run_row(const struct run *run, size_t row);

/* A quantity of the rule, rows × P: what each row's update had for the term of this name, made by
 * redoing the updates. "gradient" is the gradient that the update used. Row 0 holds the start: φ,
 * the states (0), else NaN; a row whose rule has no such term is NaN. STATUS_ARGUMENT for a name
 * that no rule of the run has. */
enum status run_column(struct run *run, const char *term, double *values, struct error *error);
/* Whether the term is one number for all parameters, so that a row of its column says it P
 * times. */
bool run_column_is_number(const struct run *run, const char *term);

/* Redoes update t (1 <= t <= run_time) with a record: everything explain() prints. The vectors
 * belong to the caller's struct and are freed by run_record_free. */
struct run_record {
    struct context *context;
    size_t size; /* P */
    const struct optimizer *optimizer;
    unsigned long long t, epoch;
    unsigned long long age;                /* t as the rule counts it: since its state was zero */
    double arguments[OPTIMIZER_ARGUMENTS]; /* as used: rates resolved */
    double loss;                           /* that the gradient came with, over the batch */
    double *phi_before, *phi, *gradient;
    double *state_before; /* rule->state_count vectors; NaN for those not in use */
    double *terms;        /* rule->term_count vectors; NaN for those that the settings leave out */
    size_t *indices;      /* NULL: all examples */
    size_t count;
};
enum status run_record(struct run *run, unsigned long long t, struct run_record *record,
                       struct error *error);
void run_record_free(struct run_record *record);

#endif
