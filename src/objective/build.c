/* SPDX-License-Identifier: GPL-3.0-or-later */
/* build.c: an objective over a graph: made from a model, data and a loss, from a function, from
 * another on other data. The expression is kept twice: as it was written, for its formula, and in
 * stable forms, for all that is computed. */
#include "objective/build.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "graph/roll.h"
#include "objective/build_private.h"

struct built *built_of(const struct objective *objective)
{
    return (struct built *)objective;
}

void built_free(struct objective *objective)
{
    struct built *built = built_of(objective);
    struct context *context = built->base.context;
    tape_free(built->value_tape);
    tape_free(built->gradient_tape);
    tape_free(built->each_tape);
    tape_free(built->product_tape);
    tape_free(built->example_tape);
    sweep_free(built->sweep);
    if (built->graph) {
        graph_gradient_free(built->graph, &built->gradient);
        graph_gradient_free(built->graph, &built->plain_gradient);
    }
    graph_free(built->graph);
    graph_free(built->written);
    for (size_t i = 0; i < built->term_count; i++)
        objective_release(built->terms[i].objective);
    memory_free(context, built->terms);
    penalty_release(built->penalty);
    model_release(built->model);
    model_release(built->layout);
    dataset_release(built->data);
    memory_free(context, built->results);
    memory_free(context, built->direction);
    memory_free(context, built->places);
    memory_free(context, built);
}

/* --- building --- */

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static enum status check_labels(const struct dataset *data, const char *name, double first,
                                double last, const char *what, struct error *error)
{
    for (size_t i = 0; i < data->examples; i++)
        if (!(data->y[i] >= first && data->y[i] <= last && data->y[i] == floor(data->y[i])))
            return error_set(error, STATUS_ARGUMENT, "data",
                             "%s needs y to be %s; y of example "
                             "%zu is %g",
                             name, what, i + 1, data->y[i]);
    return STATUS_OK;
}

/* Refuses data that the loss cannot use. */
static enum status check_targets(const struct built *built, int outputs, struct error *error)
{
    const struct dataset *data = built->data;
    if (data->outputs == 0)
        return error_set(error, STATUS_SHAPE, "data",
                         "the data set %s has no y; a loss compares predictions with y",
                         data->name);
    if (!built->kind) /* the user's own function has compared the shapes */
        return STATUS_OK;
    const char *name = built->kind->doc.name;
    char range[48];
    switch (built->kind->target) {
    case TARGET_BINARY:
        if (data->outputs != 1 || outputs != 1)
            return error_set(error, STATUS_SHAPE, "data",
                             "%s needs one column y and a model with one output, not %zu and %d%s",
                             name, data->outputs, outputs,
                             data->outputs == 1 ? "; for several classes use loss.cross_entropy"
                                                : "");
        if (data->classes != 0 && data->classes != 2)
            return error_set(error, STATUS_ARGUMENT, "data",
                             "%s needs two classes and %s has %zu; use loss.cross_entropy", name,
                             data->name, data->classes);
        return data->classes == 2 ? STATUS_OK : check_labels(data, name, 0, 1, "0 or 1", error);
    case TARGET_CLASSES:
        if (data->outputs != 1)
            return error_set(error, STATUS_SHAPE, "data",
                             "%s needs one column y, the number of the class, not %zu", name,
                             data->outputs);
        if (outputs < 2)
            return error_set(error, STATUS_SHAPE, "model",
                             "%s needs a model with one output for each class; for one output use "
                             "loss.binary_cross_entropy",
                             name);
        if (data->classes > (size_t)outputs)
            return error_set(error, STATUS_SHAPE, "model",
                             "the model has %d outputs and %s has %zu classes", outputs, data->name,
                             data->classes);
        snprintf(range, sizeof range, "a class from 1 to %d", outputs);
        return check_labels(data, name, 1, outputs, range, error);
    case TARGET_NUMBERS: break;
    }
    if (data->outputs != (size_t)outputs)
        return error_set(error, STATUS_SHAPE, "data",
                         "the model has %d output%s and the data set %s has %zu column%s y",
                         outputs, plural((size_t)outputs), data->name, data->outputs,
                         plural(data->outputs));
    return STATUS_OK;
}

/* The node of y as the kind wants it: of two classes the second is 1. */
static node_id target_node(const struct built *built)
{
    struct graph *graph = built->written;
    node_id y = graph_input(graph, SOURCE_Y, 0, (int)built->data->outputs);
    bool binary = built->kind && built->kind->target == TARGET_BINARY;
    return binary && built->data->classes == 2 ? graph_subtract(graph, y, graph_constant(graph, 1))
                                               : y;
}

static bool is_constrained(const struct built *built)
{
    for (size_t i = 0; i < built->term_count; i++)
        if (built->terms[i].objective->has_constraints)
            return true;
    for (size_t i = 0; built->penalty && i < built->penalty->term_count; i++)
        if (built->penalty->terms[i].kind->project)
            return true;
    return false;
}

enum status built_finish(struct built *built, char **components, size_t size,
                         struct objective **objective, struct error *error)
{
    struct context *context = built->base.context;
    graph_set_stable(built->graph, true);
    built->results = memory_allocate(context, size + 1, sizeof(double));
    built->direction = memory_allocate(context, size, sizeof(double));
    built->places = memory_allocate(context, size, sizeof *built->places);
    if (!built->results || !built->direction || !built->places)
        return error_memory(error, "a loss");
    graph_copy_declarations(built->graph, built->written);
    built->plain = graph_copy(built->graph, built->written, built->written_root, NULL, 0, NULL);
    built->root = graph_roll(built->graph, built->plain);
    /* Not below the root where a factor was taken out of its sum. */
    built->each = built->written_each == NO_NODE
                      ? NO_NODE
                      : graph_roll(built->graph, graph_copy(built->graph, built->written,
                                                            built->written_each, NULL, 0, NULL));
    enum status status = graph_status(built->graph, error);
    if (status != STATUS_OK)
        return status;
    if (graph_shape(built->graph, built->root).rows != 1 ||
        graph_shape(built->graph, built->root).cols != 1)
        return error_set(error, STATUS_SHAPE, "", "a loss is one number, not %d×%d",
                         graph_shape(built->graph, built->root).rows,
                         graph_shape(built->graph, built->root).cols);
    status = objective_init(
        &built->base, context, built->data ? &built_with_data : &built_without_data, size,
        built->data ? built->data->examples : 0, (const char *const *)components, error);
    if (status != STATUS_OK)
        return status;
    built->base.has_masks = graph_has_masks(built->graph);
    built->base.has_constraints = is_constrained(built);
    *objective = &built->base;
    return STATUS_OK;
}

struct built *built_new(struct context *context, struct error *error)
{
    struct built *built = memory_allocate(context, 1, sizeof *built);
    if (!built) {
        error_memory(error, "a loss");
        return NULL;
    }
    built->base.context = context;
    if (graph_new(&built->written, context, error) != STATUS_OK ||
        graph_new(&built->graph, context, error) != STATUS_OK) {
        built_free(&built->base);
        return NULL;
    }
    return built;
}

/* The loss of the whole from ℓ: Σᵢ wᵢ·ℓᵢ, and for a mean over Σᵢ wᵢ; without weights wᵢ = 1. An ℓ
 * that does not vary (a model that ignores x, say) still counts I times. */
static void sum_up(struct built *built, node_id each)
{
    struct graph *graph = built->written;
    built->unweighted = built->written_each = each;
    if (!built->data->weights) {
        built->written_root = built->mean ? graph_mean_examples(graph, each)
                                          : graph_sum_examples(graph, each);
        return;
    }
    node_id weight = graph_input(graph, SOURCE_WEIGHT, 0, 1);
    built->written_each = graph_multiply(graph, weight, each);
    built->written_root = graph_sum_examples(graph, built->written_each);
    if (built->mean)
        built->written_root = graph_divide(graph, built->written_root,
                                           graph_sum_examples(graph, weight));
}

/* ℓ of the kind, with the prediction taken apart. */
static enum status build_kind(struct built *built, node_id prediction, node_id *each,
                              struct error *error)
{
    struct graph *graph = built->written;
    struct loss_input input = {prediction, NO_NODE, NO_NODE, built->arguments};
    int outputs = shape_size(graph_shape(graph, prediction)), spreads = built->model->spreads;
    if (spreads > 0) {
        if (!built->kind->spread)
            return error_set(error, STATUS_UNSUPPORTED, "model",
                             "model.gaussian puts out μ and log σ, which is for loss.gaussian; "
                             "%s takes the model of μ alone",
                             built->kind->doc.name);
        outputs -= spreads;
        input.prediction = graph_slice(graph, prediction, 0, outputs);
        input.log_sigma = graph_slice(graph, prediction, outputs, spreads);
    }
    enum status status = check_targets(built, outputs, error);
    if (status != STATUS_OK)
        return status;
    input.y = target_node(built);
    *each = built->kind->build(graph, &input);
    return STATUS_OK;
}

static enum status build_with_data(struct objective **objective, struct model *model,
                                   struct dataset *data, const struct loss_kind *kind,
                                   const double *arguments, const struct graph *expression,
                                   node_id per_example, bool mean, struct error *error)
{
    struct context *context = data->context;
    struct built *built = built_new(context, error);
    if (!built)
        return STATUS_MEMORY;
    built->model = model_keep(model);
    built->layout = model_keep(model);
    built->data = dataset_keep(data);
    built->kind = kind;
    built->mean = mean;
    for (size_t i = 0; kind && i < kind->doc.argument_count; i++)
        built->arguments[i] = arguments ? arguments[i] : kind->doc.arguments[i].standard;
    struct graph *graph = built->written;
    node_id prediction, each = NO_NODE;
    enum status status = model_build(model, graph, (int)data->inputs, &prediction, error);
    if (status == STATUS_OK && kind) {
        status = build_kind(built, prediction, &each, error);
    } else if (status == STATUS_OK) {
        status = check_targets(built, 0, error);
        if (status == STATUS_OK) {
            const node_id substitute[INPUT_SOURCES] = {NO_NODE, target_node(built), prediction,
                                                       NO_NODE, NO_NODE};
            each = graph_copy(graph, expression, per_example, substitute, 0, NULL);
        }
    }
    if (status == STATUS_OK) {
        sum_up(built, each);
        status = graph_status(graph, error);
        if (status == STATUS_OK && graph_level(graph, each) != LEVEL_EXAMPLE)
            status = error_set(error, STATUS_UNSUPPORTED, "",
                               "the loss of an example depends neither on its x nor on its y");
    }
    if (status == STATUS_OK)
        status = built_finish(built, model->components, (size_t)model->size, objective, error);
    if (status != STATUS_OK)
        built_free(&built->base);
    return status;
}

enum status objective_build(struct objective **objective, struct model *model, struct dataset *data,
                            const struct loss_kind *kind, const double *arguments,
                            struct error *error)
{
    bool estimate = kind->spread && arguments && isnan(arguments[0]) && model->spreads == 0;
    if (!estimate)
        return build_with_data(objective, model, data, kind, arguments, NULL, NO_NODE, kind->mean,
                               error);
    struct model_source source = {.parts = {model}};
    struct model *gaussian;
    enum status status = model_new(&gaussian, data->context, &model_kind_gaussian, &source, error);
    if (status != STATUS_OK)
        return status;
    status = build_with_data(objective, gaussian, data, kind, arguments, NULL, NO_NODE, kind->mean,
                             error);
    model_release(gaussian);
    return status;
}

enum status objective_build_expression(struct objective **objective, struct model *model,
                                       struct dataset *data, const struct graph *expression,
                                       node_id per_example, bool mean, struct error *error)
{
    return build_with_data(objective, model, data, NULL, NULL, expression, per_example, mean,
                           error);
}

enum status objective_build_function(struct objective **objective, struct context *context,
                                     const struct parameter_spec *parameters, int count,
                                     const struct graph *expression, node_id root,
                                     struct error *error)
{
    struct built *built = built_new(context, error);
    if (!built)
        return STATUS_MEMORY;
    /* A model without a graph of its own only serves to lay out and name the parameters. */
    struct graph *none;
    enum status status = graph_new(&none, context, error);
    if (status == STATUS_OK)
        status = model_from_expression(&built->layout, context, parameters, count, 0, none, 0,
                                       error);
    if (status == STATUS_OK) {
        int offset = 0;
        for (int i = 0; i < count; i++) {
            graph_declare(built->written, parameters[i].name, offset, parameters[i].shape);
            offset += shape_size(parameters[i].shape);
        }
        built->written_root = graph_copy(built->written, expression, root, NULL, 0, NULL);
        built->written_each = NO_NODE;
        status = graph_status(built->written, error);
    }
    if (status == STATUS_OK)
        status = built_finish(built, built->layout->components, (size_t)built->layout->size,
                              objective, error);
    if (status != STATUS_OK)
        built_free(&built->base);
    return status;
}

/* --- the same on other data, for another thread --- */

enum status objective_with_data(struct objective **objective, struct objective *from,
                                struct dataset *data, struct error *error)
{
    struct built *built = built_of(from);
    if (!built->data)
        return error_set(error, STATUS_UNSUPPORTED, "", "this loss has no data to replace");
    if (built->term_count > 0)
        return built_sum_with_data(objective, built, data, error);
    if (built->kind)
        return objective_build(objective, built->model, data, built->kind, built->arguments, error);
    /* The user's ℓ with its model already put in: inputs x and y are kept. */
    struct built *other = built_new(data->context, error);
    if (!other)
        return STATUS_MEMORY;
    other->model = model_keep(built->model);
    other->layout = model_keep(built->layout);
    other->data = dataset_keep(data);
    other->mean = built->mean;
    enum status status = STATUS_OK;
    if (data->inputs != built->data->inputs || data->outputs != built->data->outputs)
        status = error_set(error, STATUS_SHAPE, "data",
                           "the new data have %zu and %zu columns x and y, the old %zu and %zu",
                           data->inputs, data->outputs, built->data->inputs, built->data->outputs);
    if (status == STATUS_OK) {
        graph_copy_declarations(other->written, built->written);
        sum_up(other, graph_copy(other->written, built->written, built->unweighted, NULL, 0, NULL));
        status = graph_status(other->written, error);
    }
    if (status == STATUS_OK)
        status = built_finish(other, built->model->components, built->base.size, objective, error);
    if (status != STATUS_OK)
        built_free(&other->base);
    return status;
}

static enum status copy_terms(struct built *made, const struct built *built, struct error *error)
{
    made->terms = memory_allocate(made->base.context, built->term_count, sizeof *made->terms);
    if (!made->terms)
        return error_memory(error, "a loss");
    for (size_t i = 0; i < built->term_count; i++) {
        made->terms[i].coefficient = built->terms[i].coefficient;
        enum status status = objective_copy(&made->terms[i].objective, built->terms[i].objective,
                                            made->base.context, error);
        if (status != STATUS_OK)
            return status;
        made->term_count++;
    }
    return STATUS_OK;
}

enum status objective_copy(struct objective **copy, const struct objective *from,
                           struct context *context, struct error *error)
{
    if (!built_is(from))
        return error_set(error, STATUS_UNSUPPORTED, "", "this loss cannot be copied");
    const struct built *built = built_of(from);
    struct built *made = built_new(context, error);
    if (!made)
        return STATUS_MEMORY;
    made->layout = model_keep(built->layout);
    made->model = built->model ? model_keep(built->model) : NULL;
    made->data = built->data ? dataset_keep(built->data) : NULL;
    made->penalty = built->penalty ? penalty_keep(built->penalty) : NULL;
    made->kind = built->kind;
    memcpy(made->arguments, built->arguments, sizeof made->arguments);
    made->mean = built->mean;
    graph_copy_declarations(made->written, built->written);
    made->written_root = graph_copy(made->written, built->written, built->written_root, NULL, 0,
                                    NULL);
    made->written_each = NO_NODE;
    if (built->written_each != NO_NODE)
        made->written_each = graph_copy(made->written, built->written, built->written_each, NULL, 0,
                                        NULL);
    made->unweighted = made->written_each;
    enum status status = built->term_count > 0 ? copy_terms(made, built, error) : STATUS_OK;
    if (status == STATUS_OK)
        status = graph_status(made->written, error);
    if (status == STATUS_OK)
        status = built_finish(made, from->components, from->size, copy, error);
    if (status != STATUS_OK)
        built_free(&made->base);
    return status;
}

/* --- looking --- */

struct model *objective_model(const struct objective *objective)
{
    return built_is(objective) ? built_of(objective)->model : NULL;
}

struct dataset *objective_dataset(const struct objective *objective)
{
    return built_is(objective) ? built_of(objective)->data : NULL;
}

const char *objective_kind(const struct objective *objective)
{
    if (!built_is(objective))
        return NULL;
    const struct built *built = built_of(objective);
    for (size_t i = 0; i < built->term_count; i++) /* depth: as often as it was added to */
        if (built_of(built->terms[i].objective)->data)
            return objective_kind(built->terms[i].objective);
    return built->kind ? built->kind->doc.name + strlen("loss.") : NULL;
}
