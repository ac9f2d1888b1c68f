/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schedule.h: a learning rate that depends on the update or the epoch. A schedule is a rule (a
 * constant record, listed in schedule.def) with its settings; immutable, counted by reference. */
#ifndef DESCENT_OPTIMIZER_SCHEDULE_H
#define DESCENT_OPTIMIZER_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/context.h"
#include "base/doc.h"
#include "base/error.h"

enum { SCHEDULE_ARGUMENTS = 6 };

struct schedule_rule {
    /* Name "schedule.step"; equation α_k = ...; the last argument is `per`, "update|epoch". */
    struct doc doc;
    /* k counts from 1: the update, or the epoch it belongs to. NULL: a function is asked. */
    double (*rate)(const double *argument, unsigned long long k);
};

/* A caller's function of the coming update t, its epoch, and the loss that its gradient came with
 * (NaN unless needs_loss). */
struct schedule_function {
    enum status (*rate)(void *user, unsigned long long t, unsigned long long epoch, double loss,
                        double *rate, struct error *error);
    void (*free)(void *user);
    void *user;
    bool needs_loss;
};

struct schedule {
    struct context *context;
    int references;
    const struct schedule_rule *rule;
    double arguments[SCHEDULE_ARGUMENTS];
    bool per_epoch;
    struct schedule_function function; /* where the rule has no rate */
};

#define X(name) extern const struct schedule_rule schedule_##name;
#include "optimizer/schedule.def"
#undef X
extern const struct schedule_rule *const schedule_rules[];
extern const size_t schedule_rule_count;

/* Numbers outside the documented range are STATUS_ARGUMENT. */
enum status schedule_new(struct schedule **schedule, struct context *context,
                         const struct schedule_rule *rule, const double *arguments,
                         struct error *error);
/* Takes over the function, also on failure. */
enum status schedule_from_function(struct schedule **schedule, struct context *context,
                                   const struct schedule_function *function, struct error *error);
extern const struct schedule_rule schedule_own;
struct schedule *schedule_keep(struct schedule *schedule);
void schedule_release(struct schedule *schedule);
/* The rate of update t (from 1), which belongs to this epoch (from 1); NaN for a function. */
double schedule_rate(const struct schedule *schedule, unsigned long long t,
                     unsigned long long epoch);

#endif
