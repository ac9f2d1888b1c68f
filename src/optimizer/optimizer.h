/* SPDX-License-Identifier: GPL-3.0-or-later */
/* optimizer.h: an update rule is a constant record, one per file, listed in optimizer.def.
 *
 * From the record come the constructor and its argument checks, help, completion, explain, the
 * columns of a trace, and the tests that run every rule on every problem.
 */
#ifndef DESCENT_OPTIMIZER_OPTIMIZER_H
#define DESCENT_OPTIMIZER_OPTIMIZER_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

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
 * (`summary` says how). An empty text: the settings leave this term out. */
struct term {
    const char *name, *symbol, *equation, *summary;
};

struct rule;

/* One update. The rule reads phi and state, and writes next_phi and next_state; the caller commits
 * them only when the rule succeeded, so an error leaves the previous whole update. */
struct update {
    const struct rule *rule;
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
    double clip;                  /* the largest norm that a gradient may have; NaN: any */
    const bool *held;             /* P: parameters that stay where they are; NULL: none */
    const double *lower, *upper;  /* P: bounds, into which the caller brings next_phi; or NULL */
    double alpha;                 /* NaN; a rule that finds its own rate leaves it here */
    /* NULL; a rule that has met it leaves the gradient where it went, that place and L there; they
     * live as long as the state. */
    const double *next_gradient, *next_place;
    double next_loss;
    /* NULL; a rule that finds no way on leaves the reason here and succeeds: no update is made. */
    const char *stop;
};

/* How many vectors of P numbers. */
struct vectors {
    size_t state, scratch;
};

/* A rule that is no constant lives as long as an optimizer of it. */
struct rule_owner {
    int references;
    void (*free)(struct rule_owner *owner);
};

struct rule {
    struct doc doc;            /* name "optim.adam", arguments, equation, source, example */
    const char *title;         /* "Adam", for legends */
    const char *const *states; /* names of the state vectors, all zero at the start: "m", "v" */
    size_t state_count;
    size_t scratch_count;
    const double *state_start; /* what each named state begins with; NULL: 0 */
    /* Under these arguments: fewer states than have names, or more; NULL: as the counts above. */
    struct vectors (*vectors)(const double *argument, size_t size);
    const struct term *terms;
    size_t term_count;
    unsigned numbers;         /* bit i: term i is one number for all parameters */
    const char *whole;        /* why the rule is refused on batches; NULL: it is not */
    bool ahead;               /* the gradient is not taken at φ */
    struct rule_owner *owner; /* NULL: a constant */
    /* The equation of a term under these arguments where it depends on them, or the table's own;
     * may be NULL. */
    const char *(*equation)(size_t term, const double *argument);
    enum status (*step)(struct update *update, struct error *error);
};

/* Every rule's last argument. */
#define ARGUMENT_CLIP                                                                     \
    {                                                                                     \
        .name = "clip", .type = ARGUMENT_NUMBER, .standard = NAN, .default_text = "none", \
        .minimum = 0, .maximum = INFINITY, .above = true,                                 \
        .summary = "largest norm of the gradient; a longer one is shortened to it"        \
    }

/* Leaves ∂L/∂φ over the batch, taken at `at`, in update->gradient and its loss in update->loss. It
 * is 0 for held parameters, and clipped. */
enum status update_gradient(struct update *update, const double *at, struct error *error);
/* The same without clipping, into `gradient` and *loss. */
enum status update_slope(struct update *update, const double *at, double *loss, double *gradient,
                         struct error *error);
/* L over the batch. */
enum status update_value(struct update *update, const double *at, double *loss,
                         struct error *error);
/* min(1, clip/‖gradient‖) */
double update_clip(const struct update *update, const double *gradient);
/* Whether parameter j cannot move along −gradient: held, or at a bound. */
bool update_fixed(const struct update *update, const double *gradient, size_t j);
/* How far φ + step·direction stays within the bounds; INFINITY: without end. */
double update_room(const struct update *update, const double *direction);
/* Copies a term's vector into the record, if there is one. */
static inline void update_record(struct update *update, size_t term, const double *values)
{
    if (update->record != NULL)
        memcpy(update->record + term * update->size, values, update->size * sizeof *values);
}
/* The same number for every parameter. */
void update_record_number(struct update *update, size_t term, double value);

#define X(name) extern const struct rule rule_##name;
#include "optimizer/optimizer.def"
#undef X
extern const struct rule *const optimizer_rules[];
extern const size_t optimizer_rule_count;
const struct rule *optimizer_rule(const char *name); /* "adam" or "optim.adam"; NULL */
/* The default of each argument, and 0 for one that must be given. */
void optimizer_defaults(const struct rule *rule, double *arguments);
int optimizer_argument(const struct rule *rule, const char *name); /* its position, or -1 */

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

/* The numbers that update t, which belongs to this epoch, uses: schedules become rates; the rate
 * of a schedule that asks a function stays NaN. */
void optimizer_resolve(const struct optimizer *optimizer, unsigned long long t,
                       unsigned long long epoch, double *arguments);
struct vectors optimizer_vectors(const struct optimizer *optimizer, size_t size);
/* Names of its states that are in use. */
size_t optimizer_states(const struct optimizer *optimizer, size_t size);
/* The equation of a term under this optimizer's settings; NULL: computed from the objective; an
 * empty text: there is no such term. */
const char *optimizer_equation(const struct optimizer *optimizer, size_t term);

#endif
