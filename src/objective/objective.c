/* SPDX-License-Identifier: GPL-3.0-or-later */
/* objective.c: what is the same for every objective: references, counters, and the checks that
 * spare each maker its own. */
#include "objective/objective_private.h"

#include <stdio.h>

#include "base/memory.h"

static void free_components(struct context *context, char **components, size_t size)
{
    if (components == NULL)
        return;
    for (size_t j = 0; j < size; j++)
        memory_free(context, components[j]);
    memory_free(context, components);
}

enum status objective_init(struct objective *objective, struct context *context,
                           const struct objective_methods *methods, size_t size, size_t examples,
                           const char *const *components, struct error *error)
{
    char **names = memory_allocate(context, size, sizeof *names);
    if (names == NULL)
        return error_memory(error, "the names of the parameters");
    for (size_t j = 0; j < size; j++) {
        char standard[32];
        snprintf(standard, sizeof standard, "phi%zu", j);
        names[j] = memory_copy_text(context, components != NULL ? components[j] : standard);
        if (names[j] == NULL) {
            free_components(context, names, size);
            return error_memory(error, "the names of the parameters");
        }
    }
    objective->context = context;
    objective->references = 1;
    objective->methods = methods;
    objective->counts = (struct objective_counts){0};
    objective->size = size;
    objective->examples = examples;
    objective->components = names;
    return STATUS_OK;
}

struct objective *objective_keep(struct objective *objective)
{
    objective->references++;
    return objective;
}

void objective_release(struct objective *objective)
{
    if (objective == NULL || --objective->references > 0)
        return;
    free_components(objective->context, objective->components, objective->size);
    objective->components = NULL;
    objective->methods->free(objective);
}

struct context *objective_context(const struct objective *objective)
{
    return objective->context;
}

size_t objective_size(const struct objective *objective)
{
    return objective->size;
}

size_t objective_examples(const struct objective *objective)
{
    return objective->examples;
}

bool objective_has_masks(const struct objective *objective)
{
    return objective->has_masks;
}

bool objective_has_constraints(const struct objective *objective)
{
    return objective->has_constraints;
}

const char *objective_component(const struct objective *objective, size_t index)
{
    return index < objective->size ? objective->components[index] : NULL;
}

struct objective_counts objective_counts(const struct objective *objective)
{
    return objective->counts;
}

void objective_project(const struct objective *objective, double *phi)
{
    if (objective->has_constraints)
        objective->methods->project(objective, phi);
}

static const struct batch all_examples = {NULL, 0, 0};

/* Refuses what no method could answer. */
static enum status check_indices(const struct objective *objective, const struct batch *batch,
                                 struct error *error)
{
    if (objective->examples == 0)
        return error_set(error, STATUS_UNSUPPORTED, "batch",
                         "this loss has no data, so it has no batches; leave the batch out");
    if (batch->count == 0)
        return error_set(error, STATUS_ARGUMENT, "batch",
                         "the batch is empty; give at least one example");
    for (size_t i = 0; i < batch->count; i++)
        if (batch->indices[i] >= objective->examples)
            return error_set(error, STATUS_ARGUMENT, "batch",
                             "example %zu does not exist; the data have examples 1 to %zu",
                             batch->indices[i] + 1, objective->examples);
    return STATUS_OK;
}

/* Replaces NULL by "all examples". */
static inline enum status check_batch(const struct objective *objective,
                                      const struct batch **batch, struct error *error)
{
    if (*batch == NULL)
        *batch = &all_examples;
    return (*batch)->indices == NULL ? STATUS_OK : check_indices(objective, *batch, error);
}

enum status objective_value(struct objective *objective, const double *phi,
                            const struct batch *batch, double *value, struct error *error)
{
    enum status status = check_batch(objective, &batch, error);
    if (status == STATUS_OK)
        status = objective->methods->value(objective, phi, batch, value, error);
    if (status == STATUS_OK)
        objective->counts.values++;
    return status;
}

enum status objective_gradient(struct objective *objective, const double *phi,
                               const struct batch *batch, double *value, double *gradient,
                               struct error *error)
{
    enum status status = check_batch(objective, &batch, error);
    if (status == STATUS_OK)
        status = objective->methods->gradient(objective, phi, batch, value, gradient, error);
    if (status == STATUS_OK)
        objective->counts.gradients++;
    return status;
}

enum status objective_hessian(struct objective *objective, const double *phi,
                              const struct batch *batch, double *hessian, struct error *error)
{
    if (objective->methods->hessian == NULL)
        return error_set(error, STATUS_UNSUPPORTED, "", "this loss gives no second derivatives");
    enum status status = check_batch(objective, &batch, error);
    if (status == STATUS_OK)
        status = objective->methods->hessian(objective, phi, batch, hessian, error);
    if (status != STATUS_OK)
        return status;
    for (size_t row = 0; row < objective->size; row++)
        for (size_t column = row + 1; column < objective->size; column++)
            hessian[column * objective->size + row] = hessian[row * objective->size + column];
    objective->counts.hessians++;
    return STATUS_OK;
}

enum status objective_each(struct objective *objective, const double *phi,
                           const struct batch *batch, double *losses, struct error *error)
{
    if (objective->examples == 0 || objective->methods->each == NULL)
        return error_set(error, STATUS_UNSUPPORTED, "",
                         "this loss has no data, so there is no loss of each example");
    enum status status = check_batch(objective, &batch, error);
    if (status == STATUS_OK)
        status = objective->methods->each(objective, phi, batch, losses, error);
    if (status == STATUS_OK)
        objective->counts.values++;
    return status;
}
