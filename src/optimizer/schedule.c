/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "optimizer/schedule.h"

#include <math.h>

#include "base/memory.h"
#include "optimizer/arguments.h"

const struct schedule_rule *const schedule_rules[] = {
#define X(name) &schedule_##name,
#include "optimizer/schedule.def"
#undef X
};
const size_t schedule_rule_count = sizeof schedule_rules / sizeof *schedule_rules;

enum status schedule_new(struct schedule **schedule, struct context *context,
                         const struct schedule_rule *rule, const double *arguments,
                         struct error *error)
{
    enum status status = arguments_check(&rule->doc, arguments, NULL, error);
    if (status != STATUS_OK)
        return status;
    struct schedule *made = memory_allocate(context, 1, sizeof *made);
    if (made == NULL)
        return error_memory(error, "the schedule");
    made->context = context;
    made->references = 1;
    made->rule = rule;
    for (size_t i = 0; i < rule->doc.argument_count; i++)
        made->arguments[i] = arguments[i];
    int per = arguments_find(&rule->doc, "per");
    made->per_epoch = per >= 0 && arguments[per] == 1;
    *schedule = made;
    return STATUS_OK;
}

const struct schedule_rule schedule_own = {
    .doc =
        {
            .name = "schedule.function",
            .signature = "schedule(f)",
            .summary = "A learning rate from a function of (t, epoch, loss).",
            .equation = "α_t = f(t, epoch, loss)",
        },
};

enum status schedule_from_function(struct schedule **schedule, struct context *context,
                                   const struct schedule_function *function, struct error *error)
{
    struct schedule *made = memory_allocate(context, 1, sizeof *made);
    if (made == NULL) {
        function->free(function->user);
        return error_memory(error, "the schedule");
    }
    made->context = context;
    made->references = 1;
    made->rule = &schedule_own;
    made->function = *function;
    *schedule = made;
    return STATUS_OK;
}

struct schedule *schedule_keep(struct schedule *schedule)
{
    schedule->references++;
    return schedule;
}

void schedule_release(struct schedule *schedule)
{
    if (schedule == NULL || --schedule->references > 0)
        return;
    if (schedule->function.free != NULL)
        schedule->function.free(schedule->function.user);
    memory_free(schedule->context, schedule);
}

double schedule_rate(const struct schedule *schedule, unsigned long long t,
                     unsigned long long epoch)
{
    if (schedule->rule->rate == NULL)
        return NAN;
    return schedule->rule->rate(schedule->arguments, schedule->per_epoch ? epoch : t);
}
