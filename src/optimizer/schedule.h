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
    /* k counts from 1: the update, or the epoch it belongs to. */
    double (*rate)(const double *argument, unsigned long long k);
};

struct schedule {
    struct context *context;
    int references;
    const struct schedule_rule *rule;
    double arguments[SCHEDULE_ARGUMENTS];
    bool per_epoch;
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
struct schedule *schedule_keep(struct schedule *schedule);
void schedule_release(struct schedule *schedule);
/* The rate of update t (from 1), which belongs to this epoch (from 1). */
double schedule_rate(const struct schedule *schedule, unsigned long long t,
                     unsigned long long epoch);

#endif
