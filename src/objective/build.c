/* SPDX-License-Identifier: GPL-3.0-or-later */
/* build.c: an objective over a graph. The expression is kept twice: as it was written, for its
 * formula, and in stable forms, for everything that is computed. Tapes are made when first asked. */
#include "objective/build.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "graph/tape.h"
#include "objective/objective_private.h"

struct built {
    struct objective base;
    struct model *model;
    struct dataset *data;
    const struct loss_kind *kind; /* NULL: the user's own */
    bool mean;
    struct graph *written, *graph;
    node_id written_root, written_each;
    node_id root, each; /* in graph; each is NO_NODE without data */
    bool differentiated;
    struct gradient gradient;
    struct tape *value_tape, *gradient_tape, *each_tape, *product_tape;
    double *results;   /* 1 + P */
    double *direction; /* P */
    double *targets;   /* y as 0 and 1, where it was classes; else NULL */
};

static struct built *built_of(const struct objective *objective)
{
    return (struct built *)objective;
}

static void free_built(struct objective *objective)
{
    struct built *built = built_of(objective);
    struct context *context = built->base.context;
    tape_free(built->value_tape);
    tape_free(built->gradient_tape);
    tape_free(built->each_tape);
    tape_free(built->product_tape);
    if (built->graph)
        graph_gradient_free(built->graph, &built->gradient);
    graph_free(built->graph);
    graph_free(built->written);
    model_release(built->model);
    dataset_release(built->data);
    memory_free(context, built->results);
    memory_free(context, built->direction);
    memory_free(context, built->targets);
    memory_free(context, built);
}

/* --- evaluation --- */

static struct tape_data data_of(const struct built *built, const struct batch *batch)
{
    struct tape_data data = {0};
    if (!built->data)
        return data;
    data.x = built->data->x;
    data.y = built->targets ? built->targets : built->data->y;
    data.x_columns = built->data->inputs;
    data.y_columns = built->data->outputs;
    data.indices = batch->indices;
    data.count = batch->indices ? batch->count : built->data->examples;
    return data;
}

static enum status need_gradient(struct built *built, struct error *error)
{
    if (built->differentiated)
        return STATUS_OK;
    enum status status =
        graph_differentiate(built->graph, built->root, false, &built->gradient, error);
    built->differentiated = status == STATUS_OK;
    return status;
}

/* A tape for the root (at 0) and, with_gradient, the gradient at 1 + offset. */
static enum status make_tape(struct built *built, bool with_gradient, struct tape **tape,
                             struct error *error)
{
    struct context *context = built->base.context;
    size_t count = 1 + (with_gradient ? (size_t)built->gradient.count : 0);
    node_id *nodes = memory_allocate(context, count, sizeof *nodes);
    size_t *offsets = memory_allocate(context, count, sizeof *offsets);
    enum status status = STATUS_OK;
    if (nodes && offsets) {
        nodes[0] = built->root;
        for (size_t i = 1; i < count; i++) {
            nodes[i] = built->gradient.gradients[i - 1];
            offsets[i] =
                1 + (size_t)graph_leaf_offset(built->graph, built->gradient.leaves[i - 1]);
        }
        struct tape_outputs outputs = {nodes, offsets, count, NO_NODE};
        status = tape_new(tape, built->graph, built->base.size, &outputs, error);
    } else {
        status = error_memory(error, "a loss");
    }
    memory_free(context, nodes);
    memory_free(context, offsets);
    return status;
}

static enum status built_value(struct objective *objective, const double *phi,
                               const struct batch *batch, double *value, struct error *error)
{
    struct built *built = built_of(objective);
    enum status status = STATUS_OK;
    if (!built->value_tape)
        status = make_tape(built, false, &built->value_tape, error);
    if (status != STATUS_OK)
        return status;
    struct tape_data data = data_of(built, batch);
    return tape_run(built->value_tape, phi, NULL, &data, value, 1, NULL, error);
}

static enum status built_gradient(struct objective *objective, const double *phi,
                                  const struct batch *batch, double *value, double *gradient,
                                  struct error *error)
{
    struct built *built = built_of(objective);
    enum status status = need_gradient(built, error);
    if (status == STATUS_OK && !built->gradient_tape)
        status = make_tape(built, true, &built->gradient_tape, error);
    if (status != STATUS_OK)
        return status;
    struct tape_data data = data_of(built, batch);
    status = tape_run(built->gradient_tape, phi, NULL, &data, built->results,
                      1 + built->base.size, NULL, error);
    if (status != STATUS_OK)
        return status;
    *value = built->results[0];
    memcpy(gradient, built->results + 1, built->base.size * sizeof *gradient);
    return STATUS_OK;
}

static enum status built_each(struct objective *objective, const double *phi,
                              const struct batch *batch, double *losses, struct error *error)
{
    struct built *built = built_of(objective);
    enum status status = STATUS_OK;
    if (!built->each_tape) {
        struct tape_outputs outputs = {.per_example = built->each};
        status = tape_new(&built->each_tape, built->graph, built->base.size, &outputs, error);
    }
    if (status != STATUS_OK)
        return status;
    struct tape_data data = data_of(built, batch);
    return tape_run(built->each_tape, phi, NULL, &data, NULL, 0, losses, error);
}

/* The tape of H·v: the gradient of dot(gradient, v). */
static enum status make_product_tape(struct built *built, struct error *error)
{
    struct gradient second;
    node_id directional = graph_directional(built->graph, &built->gradient);
    enum status status =
        graph_differentiate(built->graph, directional, false, &second, error);
    if (status != STATUS_OK)
        return status;
    struct context *context = built->base.context;
    size_t *offsets = memory_allocate(context, (size_t)second.count, sizeof *offsets);
    if (offsets) {
        for (int i = 0; i < second.count; i++)
            offsets[i] = (size_t)graph_leaf_offset(built->graph, second.leaves[i]);
        struct tape_outputs outputs = {second.gradients, offsets, (size_t)second.count, NO_NODE};
        status = tape_new(&built->product_tape, built->graph, built->base.size, &outputs, error);
    } else {
        status = error_memory(error, "a Hessian");
    }
    memory_free(context, offsets);
    graph_gradient_free(built->graph, &second);
    return status;
}

/* Column j is H·e_j. */
static enum status built_hessian(struct objective *objective, const double *phi,
                                 const struct batch *batch, double *hessian, struct error *error)
{
    struct built *built = built_of(objective);
    size_t size = built->base.size;
    enum status status = need_gradient(built, error);
    if (status == STATUS_OK && !built->product_tape)
        status = make_product_tape(built, error);
    if (status != STATUS_OK)
        return status;
    struct tape_data data = data_of(built, batch);
    for (size_t j = 0; j < size && status == STATUS_OK; j++) {
        memset(built->direction, 0, size * sizeof *built->direction);
        built->direction[j] = 1;
        status = tape_run(built->product_tape, phi, built->direction, &data, built->results, size,
                          NULL, error);
        for (size_t i = 0; i <= j && status == STATUS_OK; i++)
            hessian[i * size + j] = built->results[i];
    }
    return status;
}

static const struct objective_methods with_data = {built_value, built_gradient, built_hessian,
                                                   built_each, free_built};
static const struct objective_methods without_data = {built_value, built_gradient, built_hessian,
                                                      NULL, free_built};

/* --- building --- */

/* Refuses data that the loss cannot use; makes 0 and 1 of two classes. */
static enum status prepare_targets(struct built *built, int outputs, struct error *error)
{
    const struct dataset *data = built->data;
    if (data->outputs == 0)
        return error_set(error, STATUS_SHAPE, "data",
                         "the data set %s has no y; a loss compares predictions with y",
                         data->name);
    if (built->kind && built->kind->target == TARGET_BINARY) {
        if (data->outputs != 1 || outputs != 1)
            return error_set(error, STATUS_SHAPE, "data",
                             "%s needs one column y and a model with one output, not %zu and %d",
                             built->kind->doc.name, data->outputs, outputs);
        if (data->classes != 0 && data->classes != 2)
            return error_set(error, STATUS_ARGUMENT, "data",
                             "%s needs two classes and %s has %zu", built->kind->doc.name,
                             data->name, data->classes);
        double first = data->classes == 2 ? 1 : 0;
        if (data->classes == 2) {
            built->targets = memory_allocate(data->context, data->examples, sizeof(double));
            if (!built->targets)
                return error_memory(error, "a loss");
        }
        for (size_t i = 0; i < data->examples; i++) {
            double y = data->y[i] - first;
            if (y != 0 && y != 1)
                return error_set(error, STATUS_ARGUMENT, "data",
                                 "%s needs y to be 0 or 1; y of example %zu is %g",
                                 built->kind->doc.name, i + 1, data->y[i]);
            if (built->targets)
                built->targets[i] = y;
        }
        return STATUS_OK;
    }
    if (data->outputs != (size_t)outputs)
        return error_set(error, STATUS_SHAPE, "data",
                         "the model has %d output%s and the data set %s has %zu column%s y",
                         outputs, outputs == 1 ? "" : "s", data->name, data->outputs,
                         data->outputs == 1 ? "" : "s");
    return STATUS_OK;
}

static enum status finish(struct built *built, char **components, size_t size,
                          struct objective **objective, struct error *error)
{
    struct context *context = built->base.context;
    graph_set_stable(built->graph, true);
    node_id *map = memory_allocate(context, graph_size(built->written), sizeof *map);
    built->results = memory_allocate(context, size + 1, sizeof(double));
    built->direction = memory_allocate(context, size, sizeof(double));
    if (!map || !built->results || !built->direction) {
        memory_free(context, map);
        return error_memory(error, "a loss");
    }
    graph_copy_declarations(built->graph, built->written);
    built->root = graph_copy(built->graph, built->written, built->written_root, NULL, 0, map);
    built->each = built->written_each == NO_NODE ? NO_NODE : map[built->written_each];
    memory_free(context, map);
    enum status status = graph_status(built->graph, error);
    if (status != STATUS_OK)
        return status;
    if (graph_shape(built->graph, built->root).rows != 1 ||
        graph_shape(built->graph, built->root).cols != 1)
        return error_set(error, STATUS_SHAPE, "", "a loss is one number, not %d×%d",
                         graph_shape(built->graph, built->root).rows,
                         graph_shape(built->graph, built->root).cols);
    status = objective_init(&built->base, context, built->data ? &with_data : &without_data, size,
                            built->data ? built->data->examples : 0,
                            (const char *const *)components, error);
    if (status == STATUS_OK)
        *objective = &built->base;
    return status;
}

static struct built *new_built(struct context *context, struct error *error)
{
    struct built *built = memory_allocate(context, 1, sizeof *built);
    if (!built) {
        error_memory(error, "a loss");
        return NULL;
    }
    built->base.context = context;
    if (graph_new(&built->written, context, error) != STATUS_OK ||
        graph_new(&built->graph, context, error) != STATUS_OK) {
        free_built(&built->base);
        return NULL;
    }
    return built;
}

/* A per-example loss that does not vary (a model that ignores x, say) still counts I times. */
static node_id sum_or_mean(struct graph *graph, node_id each, bool mean)
{
    return mean ? graph_mean_examples(graph, each) : graph_sum_examples(graph, each);
}

static enum status build_with_data(struct objective **objective, struct model *model,
                                   struct dataset *data, const struct loss_kind *kind,
                                   const struct graph *expression, node_id per_example, bool mean,
                                   struct error *error)
{
    struct context *context = data->context;
    struct built *built = new_built(context, error);
    if (!built)
        return STATUS_MEMORY;
    built->model = model_keep(model);
    built->data = dataset_keep(data);
    built->kind = kind;
    built->mean = mean;
    struct graph *graph = built->written;
    node_id prediction;
    enum status status = model_build(model, graph, (int)data->inputs, &prediction, error);
    if (status == STATUS_OK) {
        struct shape shape = graph_shape(graph, prediction);
        status = prepare_targets(built, shape.rows * shape.cols, error);
    }
    if (status == STATUS_OK) {
        node_id y = graph_input(graph, SOURCE_Y, 0, (int)data->outputs);
        node_id each;
        if (kind) {
            each = kind->build(graph, prediction, y);
        } else {
            const node_id substitute[3] = {NO_NODE, y, prediction};
            each = graph_copy(graph, expression, per_example, substitute, 0, NULL);
        }
        built->written_each = each;
        built->written_root = sum_or_mean(graph, each, mean);
        status = graph_status(graph, error);
        if (status == STATUS_OK && graph_level(graph, each) != LEVEL_EXAMPLE)
            status = error_set(error, STATUS_UNSUPPORTED, "",
                               "the loss of an example depends neither on its x nor on its y");
    }
    if (status == STATUS_OK)
        status = finish(built, model->components, (size_t)model->size, objective, error);
    if (status != STATUS_OK)
        free_built(&built->base);
    return status;
}

enum status objective_build(struct objective **objective, struct model *model,
                            struct dataset *data, const struct loss_kind *kind,
                            struct error *error)
{
    return build_with_data(objective, model, data, kind, NULL, NO_NODE, kind->mean, error);
}

enum status objective_build_expression(struct objective **objective, struct model *model,
                                       struct dataset *data, const struct graph *expression,
                                       node_id per_example, bool mean, struct error *error)
{
    return build_with_data(objective, model, data, NULL, expression, per_example, mean, error);
}

enum status objective_build_function(struct objective **objective, struct context *context,
                                     const struct parameter_spec *parameters, int count,
                                     const struct graph *expression, node_id root,
                                     struct error *error)
{
    struct built *built = new_built(context, error);
    if (!built)
        return STATUS_MEMORY;
    /* A model without a graph of its own only serves to lay out and name the parameters. */
    struct graph *none;
    enum status status = graph_new(&none, context, error);
    struct model *layout = NULL;
    if (status == STATUS_OK)
        status = model_from_expression(&layout, context, parameters, count, 0, none, 0, error);
    if (status == STATUS_OK) {
        int offset = 0;
        for (int i = 0; i < count; i++) {
            graph_declare(built->written, parameters[i].name, offset, parameters[i].shape);
            offset += parameters[i].shape.rows * parameters[i].shape.cols;
        }
        built->written_root = graph_copy(built->written, expression, root, NULL, 0, NULL);
        built->written_each = NO_NODE;
        status = graph_status(built->written, error);
    }
    if (status == STATUS_OK)
        status = finish(built, layout->components, (size_t)layout->size, objective, error);
    model_release(layout);
    if (status != STATUS_OK)
        free_built(&built->base);
    return status;
}

enum status objective_with_data(struct objective **objective, struct objective *from,
                                struct dataset *data, struct error *error)
{
    struct built *built = built_of(from);
    if (!built->data)
        return error_set(error, STATUS_UNSUPPORTED, "", "this loss has no data to replace");
    if (built->kind)
        return objective_build(objective, built->model, data, built->kind, error);
    /* The user's ℓ with its model already put in: inputs x and y are kept. */
    struct built *other = new_built(data->context, error);
    if (!other)
        return STATUS_MEMORY;
    other->model = model_keep(built->model);
    other->data = dataset_keep(data);
    other->mean = built->mean;
    enum status status = STATUS_OK;
    if (data->inputs != built->data->inputs || data->outputs != built->data->outputs)
        status = error_set(error, STATUS_SHAPE, "data",
                           "the new data have %zu and %zu columns x and y, the old %zu and %zu",
                           data->inputs, data->outputs, built->data->inputs,
                           built->data->outputs);
    if (status == STATUS_OK) {
        graph_copy_declarations(other->written, built->written);
        other->written_each =
            graph_copy(other->written, built->written, built->written_each, NULL, 0, NULL);
        other->written_root = sum_or_mean(other->written, other->written_each, other->mean);
        status = graph_status(other->written, error);
    }
    if (status == STATUS_OK)
        status = finish(other, built->model->components, built->base.size, objective, error);
    if (status != STATUS_OK)
        free_built(&other->base);
    return status;
}

/* --- looking --- */

static bool is_built(const struct objective *objective)
{
    return objective->methods == &with_data || objective->methods == &without_data;
}

struct model *objective_model(const struct objective *objective)
{
    return is_built(objective) ? built_of(objective)->model : NULL;
}

struct dataset *objective_dataset(const struct objective *objective)
{
    return is_built(objective) ? built_of(objective)->data : NULL;
}

const char *objective_kind(const struct objective *objective)
{
    if (!is_built(objective) || !built_of(objective)->kind)
        return NULL;
    return built_of(objective)->kind->doc.name + strlen("loss.");
}

enum status objective_formulas(struct objective *objective, struct objective_formulas *formulas,
                               struct error *error)
{
    if (!is_built(objective))
        return error_set(error, STATUS_UNSUPPORTED, "", "this loss has no formula");
    struct built *built = built_of(objective);
    enum status status = need_gradient(built, error);
    if (status != STATUS_OK)
        return status;
    *formulas = (struct objective_formulas){built->written, built->graph, built->written_root,
                                            built->gradient.count, built->gradient.leaves,
                                            built->gradient.gradients};
    return STATUS_OK;
}

enum status objective_surface(struct objective *objective, const double *phi, size_t a,
                              const double *a_values, size_t a_count, size_t b,
                              const double *b_values, size_t b_count, double *result,
                              struct error *error)
{
    struct context *context = objective_context(objective);
    double *at = memory_allocate(context, objective_size(objective), sizeof *at);
    if (!at)
        return error_memory(error, "a surface");
    memcpy(at, phi, objective_size(objective) * sizeof *at);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < a_count && status == STATUS_OK; i++) {
        at[a] = a_values[i];
        for (size_t j = 0; j < b_count && status == STATUS_OK; j++) {
            at[b] = b_values[j];
            status = objective_value(objective, at, NULL, &result[i * b_count + j], error);
        }
    }
    memory_free(context, at);
    return status;
}
