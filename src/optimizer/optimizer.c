/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "optimizer/optimizer.h"

#include <string.h>

#include "base/memory.h"
#include "optimizer/arguments.h"

const struct rule *const optimizer_rules[] = {
#define X(name) &rule_##name,
#include "optimizer/optimizer.def"
#undef X
};
const size_t optimizer_rule_count = sizeof optimizer_rules / sizeof *optimizer_rules;

const struct rule *optimizer_rule(const char *name)
{
    static const char space[] = "optim.";
    if (strncmp(name, space, sizeof space - 1) == 0)
        name += sizeof space - 1;
    for (size_t i = 0; i < optimizer_rule_count; i++)
        if (strcmp(optimizer_rules[i]->doc.name + sizeof space - 1, name) == 0)
            return optimizer_rules[i];
    return NULL;
}

enum status update_gradient(struct update *update, const double *at, struct error *error)
{
    if (update->known_gradient != NULL && at == update->phi) {
        memcpy(update->gradient, update->known_gradient, update->size * sizeof *at);
        update->loss = update->known_loss;
        return STATUS_OK;
    }
    return objective_gradient(update->objective, at, &update->batch, &update->loss,
                              update->gradient, error);
}

void update_record(struct update *update, size_t term, const double *values)
{
    if (update->record != NULL)
        memcpy(update->record + term * update->size, values, update->size * sizeof *values);
}

enum status optimizer_new(struct optimizer **optimizer, struct context *context,
                          const struct rule *rule, const double *arguments,
                          struct schedule *const *schedules, const bool *given, struct error *error)
{
    enum status status = arguments_check(&rule->doc, arguments, (const void *const *)schedules,
                                         error);
    if (status != STATUS_OK)
        return status;
    struct optimizer *made = memory_allocate(context, 1, sizeof *made);
    if (made == NULL)
        return error_memory(error, "the optimizer");
    made->context = context;
    made->references = 1;
    made->rule = rule;
    for (size_t i = 0; i < rule->doc.argument_count; i++) {
        made->given[i] = given == NULL || given[i];
        if (schedules != NULL && schedules[i] != NULL)
            made->schedules[i] = schedule_keep(schedules[i]);
        else
            made->arguments[i] = arguments[i];
    }
    *optimizer = made;
    return STATUS_OK;
}

struct optimizer *optimizer_keep(struct optimizer *optimizer)
{
    optimizer->references++;
    return optimizer;
}

void optimizer_release(struct optimizer *optimizer)
{
    if (optimizer == NULL || --optimizer->references > 0)
        return;
    for (size_t i = 0; i < OPTIMIZER_ARGUMENTS; i++)
        schedule_release(optimizer->schedules[i]);
    memory_free(optimizer->context, optimizer);
}

void optimizer_resolve(const struct optimizer *optimizer, unsigned long long t,
                       unsigned long long epoch, double *arguments)
{
    for (size_t i = 0; i < optimizer->rule->doc.argument_count; i++) {
        const struct schedule *schedule = optimizer->schedules[i];
        arguments[i] = schedule != NULL ? schedule_rate(schedule, t, epoch)
                                        : optimizer->arguments[i];
    }
}

const char *optimizer_equation(const struct optimizer *optimizer, size_t term)
{
    const struct rule *rule = optimizer->rule;
    return rule->equation != NULL ? rule->equation(term, optimizer->arguments)
                                  : rule->terms[term].equation;
}
