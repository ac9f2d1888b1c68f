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
    struct doc doc; /* name "schedule.step"; equation α_t = ... */
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

extern const struct schedule_rule *const schedule_rules[];
extern const size_t schedule_rule_count;

enum status schedule_new(struct schedule **schedule, struct context *context,
                         const struct schedule_rule *rule, const double *arguments,
                         struct error *error);
struct schedule *schedule_keep(struct schedule *schedule);
void schedule_release(struct schedule *schedule);
double schedule_rate(const struct schedule *schedule, unsigned long long t,
                     unsigned long long epoch);

#endif
