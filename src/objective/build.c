/* SPDX-License-Identifier: GPL-3.0-or-later */
/* build.c: an objective over a graph. The expression is kept twice: as it was written, for its
 * formula, and in stable forms, for all that is computed. Tapes are made when first asked. */
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

static void free_built(struct objective *objective)
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

/* --- evaluation --- */

struct tape_data built_data(const struct built *built, const struct batch *batch)
{
    struct tape_data data = {0};
    if (!built->data)
        return data;
    data.x = built->data->x;
    data.y = built->data->y;
    data.x_columns = built->data->inputs;
    data.y_columns = built->data->outputs;
    data.indices = batch->indices;
    data.count = batch->indices ? batch->count : built->data->examples;
    data.weights = built->data->weights;
    data.masks = batch->masks;
    data.unchanging = true;
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

/* A tape for the root (at 0; NO_NODE: none) and the gradient (NULL: none) at 1 + offset. */
static enum status make_tape(struct built *built, node_id root, const struct gradient *gradient,
                             struct tape **tape, struct error *error)
{
    struct context *context = built->base.context;
    size_t count = 0, room = 1 + (gradient ? (size_t)gradient->count : 0);
    node_id *nodes = memory_allocate(context, room, sizeof *nodes);
    size_t *offsets = memory_allocate(context, room, sizeof *offsets);
    enum status status = STATUS_OK;
    if (nodes && offsets) {
        if (root != NO_NODE)
            nodes[count++] = root;
        for (int i = 0; gradient && i < gradient->count; i++, count++) {
            nodes[count] = gradient->gradients[i];
            offsets[count] = 1 + (size_t)graph_leaf_offset(built->graph, gradient->leaves[i]);
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
        status = make_tape(built, built->root, NULL, &built->value_tape, error);
    if (status != STATUS_OK)
        return status;
    struct tape_data data = built_data(built, batch);
    return tape_run(built->value_tape, phi, NULL, &data, value, 1, NULL, error);
}

static enum status built_gradient(struct objective *objective, const double *phi,
                                  const struct batch *batch, double *value, double *gradient,
                                  struct error *error)
{
    struct built *built = built_of(objective);
    enum status status = need_gradient(built, error);
    if (status == STATUS_OK && !built->gradient_tape)
        status = make_tape(built, built->root, &built->gradient, &built->gradient_tape, error);
    if (status != STATUS_OK)
        return status;
    struct tape_data data = built_data(built, batch);
    status = tape_run(built->gradient_tape, phi, NULL, &data, built->results,
                      1 + built->base.size, NULL, error);
    if (status != STATUS_OK)
        return status;
    *value = built->results[0];
    for (size_t j = 0; j < built->base.size; j++)
        gradient[j] = built->results[1 + j];
    return STATUS_OK;
}

static enum status built_each(struct objective *objective, const double *phi,
                              const struct batch *batch, double *losses, struct error *error)
{
    struct built *built = built_of(objective);
    enum status status = STATUS_OK;
    /* A loss such as 0*L is the same for every example, which is not an output of examples. */
    bool varies = graph_level(built->graph, built->each) == LEVEL_EXAMPLE;
    if (!built->each_tape && varies) {
        struct tape_outputs outputs = {.per_example = built->each};
        status = tape_new(&built->each_tape, built->graph, built->base.size, &outputs, error);
    } else if (!built->each_tape) {
        status = make_tape(built, built->each, NULL, &built->each_tape, error);
    }
    if (status != STATUS_OK)
        return status;
    struct tape_data data = built_data(built, batch);
    if (varies)
        return tape_run(built->each_tape, phi, NULL, &data, NULL, 0, losses, error);
    status = tape_run(built->each_tape, phi, NULL, &data, built->results, 1, NULL, error);
    for (size_t i = 0; i < data.count; i++)
        losses[i] = built->results[0];
    return status;
}

/* Clears constant_hessian where φ itself, not the direction, is below the node. */
static enum status clear_if_used(struct built *built, node_id root, struct error *error)
{
    struct graph *graph = built->graph;
    unsigned char *marks = memory_allocate(built->base.context, (size_t)root + 1, 1);
    if (!marks)
        return error_memory(error, "a Hessian");
    graph_mark_needed(graph, root, marks);
    for (node_id id = 0; id <= root && built->constant_hessian; id++)
        if (marks[id] && graph_primitive(graph, id) == PRIMITIVE_PARAMETER &&
            graph_parameter(graph, SOURCE_PHI, graph_leaf_offset(graph, id),
                            graph_shape(graph, id)) == id)
            built->constant_hessian = false;
    memory_free(built->base.context, marks);
    return STATUS_OK;
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
        built->constant_hessian = true;
        for (int i = 0; i < second.count && status == STATUS_OK; i++)
            status = clear_if_used(built, second.gradients[i], error);
        struct tape_outputs outputs = {second.gradients, offsets, (size_t)second.count, NO_NODE};
        if (status == STATUS_OK)
            status =
                tape_new(&built->product_tape, built->graph, built->base.size, &outputs, error);
    } else {
        status = error_memory(error, "a Hessian");
    }
    memory_free(context, offsets);
    graph_gradient_free(built->graph, &second);
    return status;
}

enum status built_need_product(struct built *built, struct error *error)
{
    enum status status = need_gradient(built, error);
    if (status == STATUS_OK && !built->product_tape)
        status = make_product_tape(built, error);
    return status;
}

/* Column j is H·e_j. */
static enum status built_hessian(struct objective *objective, const double *phi,
                                 const struct batch *batch, double *hessian, struct error *error)
{
    struct built *built = built_of(objective);
    size_t size = built->base.size;
    enum status status = built_need_product(built, error);
    if (status != STATUS_OK)
        return status;
    struct tape_data data = built_data(built, batch);
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

/* --- constraints --- */

static int shape_size(struct shape shape)
{
    return shape.rows * shape.cols;
}

/* The weights into each unit are a group; without matrices all numbers are one. */
static void visit_term(const struct model *layout, const struct penalty_term *term, size_t *places,
                       objective_group *visit, void *user)
{
    bool matrices = false;
    for (int i = 0; i < layout->parameter_count; i++)
        matrices |= layout->parameters[i].start == START_WEIGHTS &&
                    penalty_selects(term, layout->parameters[i].name);
    size_t count = 0, place = 0;
    for (int i = 0; i < layout->parameter_count; i++) {
        const struct parameter *parameter = &layout->parameters[i];
        bool selected = penalty_selects(term, parameter->name);
        int columns = parameter->shape.cols;
        for (int k = 0; k < shape_size(parameter->shape); k++, place++) {
            if (!selected || (matrices && parameter->start != START_WEIGHTS))
                continue;
            places[count++] = place;
            if (matrices && (k + 1) % columns == 0) {
                visit(user, term, places, count);
                count = 0;
            }
        }
    }
    if (count > 0)
        visit(user, term, places, count);
}

void objective_groups(const struct objective *objective, objective_group *visit, void *user)
{
    if (!built_is(objective))
        return;
    const struct built *built = built_of(objective);
    for (size_t i = 0; i < built->term_count; i++)
        objective_groups(built->terms[i].objective, visit, user);
    for (size_t i = 0; built->penalty && i < built->penalty->term_count; i++)
        if (built->penalty->terms[i].kind->project)
            visit_term(built->layout, &built->penalty->terms[i], built->places, visit, user);
}

static void project_group(void *phi, const struct penalty_term *term, const size_t *places,
                          size_t count)
{
    term->kind->project(phi, places, count, term->arguments);
}

static void built_project(const struct objective *objective, double *phi)
{
    objective_groups(objective, project_group, phi);
}

static const struct objective_methods with_data = {built_value, built_gradient, built_hessian,
                                                   built_each, free_built, built_project};
static const struct objective_methods without_data = {built_value, built_gradient, built_hessian,
                                                      NULL, free_built, built_project};

bool built_is(const struct objective *objective)
{
    return objective->methods == &with_data || objective->methods == &without_data;
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
            return error_set(error, STATUS_ARGUMENT, "data", "%s needs y to be %s; y of example "
                             "%zu is %g", name, what, i + 1, data->y[i]);
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
        return data->classes == 2 ? STATUS_OK
                                  : check_labels(data, name, 0, 1, "0 or 1", error);
    case TARGET_CLASSES:
        if (data->outputs != 1)
            return error_set(error, STATUS_SHAPE, "data",
                             "%s needs one column y, the number of the class, not %zu", name,
                             data->outputs);
        if (outputs < 2)
            return error_set(error, STATUS_SHAPE, "model",
                             "%s needs a model with one output for each class; for one output use "
                             "loss.binary_cross_entropy", name);
        if (data->classes > (size_t)outputs)
            return error_set(error, STATUS_SHAPE, "model",
                             "the model has %d outputs and %s has %zu classes", outputs,
                             data->name, data->classes);
        snprintf(range, sizeof range, "a class from 1 to %d", outputs);
        return check_labels(data, name, 1, outputs, range, error);
    case TARGET_NUMBERS:
        break;
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
    return binary && built->data->classes == 2
               ? graph_subtract(graph, y, graph_constant(graph, 1))
               : y;
}

static enum status finish(struct built *built, char **components, size_t size,
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
    status = objective_init(&built->base, context, built->data ? &with_data : &without_data, size,
                            built->data ? built->data->examples : 0,
                            (const char *const *)components, error);
    if (status != STATUS_OK)
        return status;
    built->base.has_masks = graph_has_masks(built->graph);
    *objective = &built->base;
    return STATUS_OK;
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
        built->written_root =
            graph_divide(graph, built->written_root, graph_sum_examples(graph, weight));
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
                             "%s takes the model of μ alone", built->kind->doc.name);
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
    struct built *built = new_built(context, error);
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
        status = finish(built, model->components, (size_t)model->size, objective, error);
    if (status != STATUS_OK)
        free_built(&built->base);
    return status;
}

enum status objective_build(struct objective **objective, struct model *model,
                            struct dataset *data, const struct loss_kind *kind,
                            const double *arguments, struct error *error)
{
    bool estimate = kind->spread && arguments && isnan(arguments[0]) && model->spreads == 0;
    if (!estimate)
        return build_with_data(objective, model, data, kind, arguments, NULL, NO_NODE, kind->mean,
                               error);
    struct model_source source = {.parts = {model}};
    struct model *gaussian;
    enum status status =
        model_new(&gaussian, data->context, &model_kind_gaussian, &source, error);
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
    struct built *built = new_built(context, error);
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
            offset += parameters[i].shape.rows * parameters[i].shape.cols;
        }
        built->written_root = graph_copy(built->written, expression, root, NULL, 0, NULL);
        built->written_each = NO_NODE;
        status = graph_status(built->written, error);
    }
    if (status == STATUS_OK)
        status = finish(built, built->layout->components, (size_t)built->layout->size, objective,
                        error);
    if (status != STATUS_OK)
        free_built(&built->base);
    return status;
}

/* --- sums --- */

static bool same_numbers(const double *a, const double *b, size_t count)
{
    return a == b || (a && b && memcmp(a, b, count * sizeof *a) == 0);
}

static bool same_data(const struct dataset *a, const struct dataset *b)
{
    return a == b || (a->examples == b->examples && a->inputs == b->inputs &&
                      a->outputs == b->outputs && a->classes == b->classes &&
                      same_numbers(a->x, b->x, a->examples * a->inputs) &&
                      same_numbers(a->weights, b->weights, a->examples) &&
                      same_numbers(a->y, b->y, a->examples * a->outputs));
}

static enum status check_same_parameters(const struct objective *a, const struct objective *b,
                                         struct error *error)
{
    if (a->size != b->size)
        return error_set(error, STATUS_SHAPE, "",
                         "the losses have %zu and %zu parameters; only losses of the same "
                         "parameters can be added", a->size, b->size);
    for (size_t j = 0; j < a->size; j++)
        if (strcmp(a->components[j], b->components[j]) != 0)
            return error_set(error, STATUS_SHAPE, "",
                             "parameter %zu is %s in one loss and %s in the other; only losses of "
                             "the same parameters can be added", j + 1, a->components[j],
                             b->components[j]);
    return STATUS_OK;
}

/* The first term says what the parameters are, the first with data what those are. */
static enum status take_terms(struct built *sum, const struct objective_term *terms, size_t count,
                              struct error *error)
{
    sum->terms = memory_allocate(sum->base.context, count, sizeof *sum->terms);
    if (!sum->terms)
        return error_memory(error, "a loss");
    bool mean = true;
    for (size_t i = 0; i < count; i++) {
        if (!built_is(terms[i].objective))
            return error_set(error, STATUS_UNSUPPORTED, "", "this loss cannot be added to others");
        sum->terms[sum->term_count].coefficient = terms[i].coefficient;
        sum->terms[sum->term_count++].objective = objective_keep(terms[i].objective);
        const struct built *term = built_of(terms[i].objective);
        enum status status = check_same_parameters(terms[0].objective, &term->base, error);
        if (status != STATUS_OK)
            return status;
        if (!term->data)
            continue;
        mean = mean && term->mean;
        if (sum->data && !same_data(sum->data, term->data))
            return error_set(error, STATUS_UNSUPPORTED, "",
                             "the losses are of different data (%s, %zu examples, and %s, %zu); "
                             "put the examples into one data set with data.new",
                             sum->data->name, sum->data->examples, term->data->name,
                             term->data->examples);
        if (sum->data)
            continue;
        sum->data = dataset_keep(term->data);
        sum->model = model_keep(term->model);
    }
    sum->layout = model_keep(built_of(terms[0].objective)->layout);
    sum->mean = sum->data && mean;
    return STATUS_OK;
}

static node_id add_scaled(struct graph *graph, node_id sum, double coefficient, node_id term)
{
    term = graph_multiply(graph, graph_constant(graph, coefficient), term);
    return sum == NO_NODE ? term : graph_add(graph, sum, term);
}

/* A mean among sums counts for an example what it adds to the loss: ℓ_i/I, or ℓ_i/Σw. */
static void add_terms(struct built *sum)
{
    struct graph *graph = sum->written;
    graph_copy_declarations(graph, built_of(sum->terms[0].objective)->written);
    for (size_t i = 0; i < sum->term_count; i++) {
        const struct built *term = built_of(sum->terms[i].objective);
        double coefficient = sum->terms[i].coefficient;
        node_id root =
            graph_copy(graph, term->written, term->written_root, NULL, 0, NULL);
        sum->written_root = add_scaled(graph, sum->written_root, coefficient, root);
        if (!term->data)
            continue;
        node_id each = graph_copy(graph, term->written, term->written_each, NULL, 0, NULL);
        if (term->mean && !sum->mean)
            each = graph_divide(graph, each, graph_constant(graph, dataset_weight(sum->data)));
        sum->written_each = add_scaled(graph, sum->written_each, coefficient, each);
    }
}

static enum status check_names(const struct model *layout, const struct penalty_term *term,
                               struct error *error)
{
    for (size_t k = 0; k < term->name_count; k++) {
        bool known = false;
        for (int i = 0; i < layout->parameter_count; i++)
            known = known || strcmp(layout->parameters[i].name, term->names[k]) == 0;
        if (!known)
            return error_set(error, STATUS_ARGUMENT, term->kind->doc.name,
                             "the loss has no parameter %s; its first is %s%s", term->names[k],
                             layout->parameter_count > 0 ? layout->parameters[0].name : "not there",
                             strchr(term->names[k], '[') ? ", and a penalty takes whole ones" : "");
    }
    return STATUS_OK;
}

static enum status add_penalty(struct built *sum, struct error *error)
{
    struct graph *graph = sum->written;
    for (size_t t = 0; t < sum->penalty->term_count; t++) {
        const struct penalty_term *term = &sum->penalty->terms[t];
        enum status status = check_names(sum->layout, term, error);
        if (status != STATUS_OK)
            return status;
        node_id total = NO_NODE;
        int offset = 0;
        for (int i = 0; i < sum->layout->parameter_count && term->kind->build; i++) {
            const struct parameter *parameter = &sum->layout->parameters[i];
            if (penalty_selects(term, parameter->name))
                total = add_scaled(graph, total, 1,
                                   term->kind->build(graph, graph_parameter(graph, SOURCE_PHI,
                                                                            offset,
                                                                            parameter->shape)));
            offset += shape_size(parameter->shape);
        }
        if (total != NO_NODE)
            sum->written_root = add_scaled(graph, sum->written_root, 1,
                                           graph_multiply(graph,
                                                          graph_constant(graph, term->coefficient),
                                                          total));
    }
    return STATUS_OK;
}

enum status objective_sum(struct objective **objective, const struct objective_term *terms,
                          size_t count, struct penalty *penalty, struct error *error)
{
    struct built *sum = new_built(objective_context(terms[0].objective), error);
    if (!sum)
        return STATUS_MEMORY;
    sum->penalty = penalty ? penalty_keep(penalty) : NULL;
    sum->written_root = sum->written_each = NO_NODE;
    enum status status = take_terms(sum, terms, count, error);
    if (status == STATUS_OK) {
        add_terms(sum);
        if (penalty)
            status = add_penalty(sum, error);
    }
    if (status == STATUS_OK)
        status = graph_status(sum->written, error);
    if (status == STATUS_OK)
        status = finish(sum, terms[0].objective->components, terms[0].objective->size, objective,
                        error);
    if (status != STATUS_OK)
        free_built(&sum->base);
    return status;
}

static enum status sum_with_data(struct objective **objective, const struct built *sum,
                                 struct dataset *data, struct error *error)
{
    struct context *context = sum->base.context;
    struct objective_term *terms = memory_allocate(context, sum->term_count, sizeof *terms);
    if (!terms)
        return error_memory(error, "a loss");
    enum status status = STATUS_OK;
    size_t count = 0;
    for (; count < sum->term_count && status == STATUS_OK; count++) {
        struct objective *old = sum->terms[count].objective;
        terms[count] = sum->terms[count];
        if (built_of(old)->data)
            status = objective_with_data(&terms[count].objective, old, data, error);
        else
            objective_keep(old);
    }
    if (status == STATUS_OK)
        status = objective_sum(objective, terms, count, sum->penalty, error);
    else
        count--; /* the last was not made */
    for (size_t i = 0; i < count; i++)
        objective_release(terms[i].objective);
    memory_free(context, terms);
    return status;
}

enum status objective_with_data(struct objective **objective, struct objective *from,
                                struct dataset *data, struct error *error)
{
    struct built *built = built_of(from);
    if (!built->data)
        return error_set(error, STATUS_UNSUPPORTED, "", "this loss has no data to replace");
    if (built->term_count > 0)
        return sum_with_data(objective, built, data, error);
    if (built->kind)
        return objective_build(objective, built->model, data, built->kind, built->arguments,
                               error);
    /* The user's ℓ with its model already put in: inputs x and y are kept. */
    struct built *other = new_built(data->context, error);
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
                           data->inputs, data->outputs, built->data->inputs,
                           built->data->outputs);
    if (status == STATUS_OK) {
        graph_copy_declarations(other->written, built->written);
        sum_up(other,
               graph_copy(other->written, built->written, built->unweighted, NULL, 0, NULL));
        status = graph_status(other->written, error);
    }
    if (status == STATUS_OK)
        status = finish(other, built->model->components, built->base.size, objective, error);
    if (status != STATUS_OK)
        free_built(&other->base);
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
    struct built *made = new_built(context, error);
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
        made->written_each = graph_copy(made->written, built->written, built->written_each, NULL,
                                        0, NULL);
    made->unweighted = made->written_each;
    enum status status = built->term_count > 0 ? copy_terms(made, built, error) : STATUS_OK;
    if (status == STATUS_OK)
        status = graph_status(made->written, error);
    if (status == STATUS_OK)
        status = finish(made, from->components, from->size, copy, error);
    if (status != STATUS_OK)
        free_built(&made->base);
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

enum status objective_jacobian(struct objective *objective, const double *phi, double *jacobian,
                               struct error *error)
{
    if (!built_is(objective) || !built_of(objective)->data)
        return error_set(error, STATUS_UNSUPPORTED, "",
                         "this loss has no data, so there is no loss of each example");
    struct built *built = built_of(objective);
    size_t size = built->base.size;
    if (!built->example_tape) {
        struct gradient gradient;
        node_id sum = graph_sum_examples(built->graph, built->each);
        enum status status = graph_differentiate(built->graph, sum, false, &gradient, error);
        if (status == STATUS_OK)
            status = make_tape(built, NO_NODE, &gradient, &built->example_tape, error);
        graph_gradient_free(built->graph, &gradient);
        if (status != STATUS_OK)
            return status;
    }
    enum status status = STATUS_OK;
    for (size_t i = 0; i < built->base.examples && status == STATUS_OK; i++) {
        struct batch batch = {.indices = &i, .count = 1};
        struct tape_data data = built_data(built, &batch);
        status = tape_run(built->example_tape, phi, NULL, &data, built->results, 1 + size, NULL,
                          error);
        memcpy(jacobian + i * size, built->results + 1, size * sizeof *jacobian);
    }
    return status;
}

enum status objective_formulas(struct objective *objective, struct objective_formulas *formulas,
                               struct error *error)
{
    if (!built_is(objective))
        return error_set(error, STATUS_UNSUPPORTED, "", "this loss has no formula");
    struct built *built = built_of(objective);
    struct gradient *gradient = &built->gradient;
    enum status status = STATUS_OK;
    if (built->plain == built->root) {
        status = need_gradient(built, error);
    } else {
        gradient = &built->plain_gradient;
        if (!built->plain_differentiated)
            status = graph_differentiate(built->graph, built->plain, false, gradient, error);
        built->plain_differentiated = status == STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    *formulas = (struct objective_formulas){built->written, built->graph, built->written_root,
                                            gradient->count, gradient->leaves,
                                            gradient->gradients};
    return STATUS_OK;
}
