/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "optimizer/optimizer.h"

#include <math.h>
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
    for (size_t i = 0; i < optimizer_rule_count; i++)
        if (doc_is_named(&optimizer_rules[i]->doc, name))
            return optimizer_rules[i];
    return NULL;
}

void optimizer_defaults(const struct rule *rule, double *arguments)
{
    for (size_t i = 0; i < rule->doc.argument_count; i++)
        arguments[i] = rule->doc.arguments[i].standard;
}

int optimizer_argument(const struct rule *rule, const char *name)
{
    return arguments_find(&rule->doc, name);
}

/* --- what rules ask -------------------------------------------------------------------------- */

enum status update_slope(struct update *update, const double *at, double *loss, double *gradient,
                         struct error *error)
{
    enum status status = STATUS_OK;
    if (update->known_gradient != NULL && at == update->phi) {
        memcpy(gradient, update->known_gradient, update->size * sizeof *at);
        *loss = update->known_loss;
    } else {
        status = objective_gradient(update->objective, at, &update->batch, loss, gradient, error);
    }
    for (size_t j = 0; update->held != NULL && j < update->size; j++)
        if (update->held[j])
            gradient[j] = 0;
    return status;
}

double update_clip(const struct update *update, const double *gradient)
{
    if (isnan(update->clip))
        return 1;
    double squares = 0;
    for (size_t j = 0; j < update->size; j++)
        squares += gradient[j] * gradient[j];
    double norm = sqrt(squares);
    return norm > update->clip ? update->clip / norm : 1;
}

enum status update_gradient(struct update *update, const double *at, struct error *error)
{
    enum status status = update_slope(update, at, &update->loss, update->gradient, error);
    if (isnan(update->clip) || status != STATUS_OK)
        return status;
    double scale = update_clip(update, update->gradient);
    for (size_t j = 0; j < update->size && scale < 1; j++)
        update->gradient[j] *= scale;
    return status;
}

enum status update_value(struct update *update, const double *at, double *loss, struct error *error)
{
    return objective_value(update->objective, at, &update->batch, loss, error);
}

bool update_fixed(const struct update *update, const double *gradient, size_t j)
{
    return (update->held != NULL && update->held[j]) ||
           (update->lower != NULL && ((update->phi[j] <= update->lower[j] && gradient[j] >= 0) ||
                                      (update->phi[j] >= update->upper[j] && gradient[j] <= 0)));
}

double update_room(const struct update *update, const double *direction)
{
    double room = INFINITY;
    for (size_t j = 0; update->lower != NULL && j < update->size; j++) {
        double bound = direction[j] < 0 ? update->lower[j] : update->upper[j];
        double step = (bound - update->phi[j]) / direction[j];
        if (direction[j] != 0 && step < room)
            room = step > 0 ? step : 0;
    }
    return room;
}

void update_record_number(struct update *update, size_t term, double value)
{
    for (size_t j = 0; update->record != NULL && j < update->size; j++)
        update->record[term * update->size + j] = value;
}

/* --- rules with their settings --------------------------------------------------------------- */

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
    if (rule->owner != NULL)
        rule->owner->references++;
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
    struct rule_owner *owner = optimizer->rule->owner;
    if (owner != NULL && --owner->references == 0)
        owner->free(owner);
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

struct vectors optimizer_vectors(const struct optimizer *optimizer, size_t size)
{
    const struct rule *rule = optimizer->rule;
    return rule->vectors != NULL ? rule->vectors(optimizer->arguments, size)
                                 : (struct vectors){rule->state_count, rule->scratch_count};
}

size_t optimizer_states(const struct optimizer *optimizer, size_t size)
{
    size_t used = optimizer_vectors(optimizer, size).state;
    return used < optimizer->rule->state_count ? used : optimizer->rule->state_count;
}

const char *optimizer_equation(const struct optimizer *optimizer, size_t term)
{
    const struct rule *rule = optimizer->rule;
    return rule->equation != NULL ? rule->equation(term, optimizer->arguments)
                                  : rule->terms[term].equation;
}
