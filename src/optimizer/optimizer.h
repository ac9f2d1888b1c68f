/* SPDX-License-Identifier: GPL-3.0-or-later */
/* optimizer.h: an update rule is a constant record, one per file, listed in optimizer.def.
 *
 * From the record come the constructor and its argument checks, help, completion, explain, the
 * columns of a trace, and the tests that run every rule on every problem.
 */
#ifndef DESCENT_OPTIMIZER_OPTIMIZER_H
#define DESCENT_OPTIMIZER_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/context.h"
#include "base/doc.h"
#include "base/error.h"
#include "objective/objective.h"
#include "optimizer/schedule.h"

enum { OPTIMIZER_ARGUMENTS = 12, OPTIMIZER_TERMS = 12 };

/* A quantity that an update computes. `equation` is an expression in the language over the names of
 * terms and arguments, with `m_before` for a state's value before the update, `phi_before`, `t`,
 * and `g`: "beta*m_before + (1 - beta)*g". explain() prints it with symbols and with the numbers
 * put in, and the tests evaluate it against the recorded value. NULL: computed from the objective
 * (`summary` says how). */
struct term {
    const char *name, *symbol, *equation, *summary;
};

/* One update. The rule reads phi and state, and writes next_phi and next_state; the caller commits
 * them only when the rule succeeded, so an error leaves the previous whole update. */
struct update {
    struct objective *objective;
    struct batch batch;
    size_t size;            /* P */
    unsigned long long t;   /* of this update since the rule's state was zero; the first is 1 */
    const double *argument; /* in the order of the rule's arguments; rates resolved for this t */
    const double *phi;      /* P */
    double *next_phi;       /* P */
    const double *state;    /* rule->state_count vectors of P */
    double *next_state;
    double *gradient; /* P: the rule leaves the gradient it used here */
    double loss;      /* the loss its gradient came with, over the batch */
    double *scratch;  /* rule->scratch_count vectors of P */
    double *record;   /* NULL, or one vector of P for each term, in the order of rule->terms */
    const double *known_gradient; /* at phi over the batch, where the caller has it; or NULL */
    double known_loss;            /* the loss it came with */
};

struct rule {
    struct doc doc;            /* name "optim.adam", arguments, equation, source, example */
    const char *title;         /* "Adam", for legends */
    const char *const *states; /* names of the state vectors, all zero at the start: "m", "v" */
    size_t state_count;
    size_t scratch_count;
    const struct term *terms;
    size_t term_count;
    /* The equation of a term under these arguments where it depends on them, or the table's own;
     * may be NULL. */
    const char *(*equation)(size_t term, const double *argument);
    enum status (*step)(struct update *update, struct error *error);
};

/* Leaves ∂L/∂φ over the batch, taken at `at`, in update->gradient and its loss in update->loss. */
enum status update_gradient(struct update *update, const double *at, struct error *error);
/* Copies a term's vector into the record, if there is one. */
void update_record(struct update *update, size_t term, const double *values);

#define X(name) extern const struct rule rule_##name;
#include "optimizer/optimizer.def"
#undef X
extern const struct rule *const optimizer_rules[];
extern const size_t optimizer_rule_count;
const struct rule *optimizer_rule(const char *name); /* "adam" or "optim.adam"; NULL */

/* A rule with its settings: immutable, counted by reference. */
struct optimizer {
    struct context *context;
    int references;
    const struct rule *rule;
    double arguments[OPTIMIZER_ARGUMENTS];
    struct schedule *schedules[OPTIMIZER_ARGUMENTS]; /* of a rate that is scheduled; else NULL */
    bool given[OPTIMIZER_ARGUMENTS];                 /* false: the default */
};
/* Copies the settings and keeps the schedules; both lists are in the order of the rule's arguments.
 * schedules (NULL: none) has an entry for each argument that is scheduled, and its number in
 * `arguments` is then ignored; given NULL: all were given. Numbers outside the documented range are
 * STATUS_ARGUMENT, with the argument's name as `where`. */
enum status optimizer_new(struct optimizer **optimizer, struct context *context,
                          const struct rule *rule, const double *arguments,
                          struct schedule *const *schedules, const bool *given,
                          struct error *error);
struct optimizer *optimizer_keep(struct optimizer *optimizer);
void optimizer_release(struct optimizer *optimizer);

/* The numbers that update t, which belongs to this epoch, uses: schedules become rates. */
void optimizer_resolve(const struct optimizer *optimizer, unsigned long long t,
                       unsigned long long epoch, double *arguments);
/* The equation of a term under this optimizer's settings; NULL: computed from the objective. */
const char *optimizer_equation(const struct optimizer *optimizer, size_t term);

#endif
