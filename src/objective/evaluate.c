/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evaluate.c: what an objective over a graph is asked for: value, gradient, Hessian, each example's
 * loss and derivatives, formulas; and what constraints do to φ. Tapes are made when first asked. */
#include <string.h>

#include "base/memory.h"
#include "objective/build_private.h"

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

/* Where there is no room for a derivative, the loss is as good as before. */
static enum status differentiate(struct built *built, node_id root, struct gradient *gradient,
                                 struct error *error)
{
    enum status status = graph_differentiate(built->graph, root, false, gradient, error);
    if (status != STATUS_OK)
        graph_forget_error(built->graph);
    return status;
}

static enum status need_gradient(struct built *built, struct error *error)
{
    if (built->differentiated)
        return STATUS_OK;
    enum status status = differentiate(built, built->root, &built->gradient, error);
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

static enum status need_gradient_tape(struct built *built, struct error *error)
{
    enum status status = need_gradient(built, error);
    return status == STATUS_OK ? make_tape(built, built->root, &built->gradient,
                                           &built->gradient_tape, error)
                               : status;
}

static enum status built_gradient(struct objective *objective, const double *phi,
                                  const struct batch *batch, double *value, double *gradient,
                                  struct error *error)
{
    struct built *built = built_of(objective);
    enum status status = built->gradient_tape ? STATUS_OK : need_gradient_tape(built, error);
    if (status != STATUS_OK)
        return status;
    struct tape_data data = built_data(built, batch);
    return tape_run_gradient(built->gradient_tape, phi, &data, value, gradient, error);
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
    enum status status = differentiate(built, directional, &second, error);
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
            status = tape_new(&built->product_tape, built->graph, built->base.size, &outputs,
                              error);
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
        enum status status = differentiate(built, sum, &gradient, error);
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
            status = differentiate(built, built->plain, gradient, error);
        built->plain_differentiated = status == STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    *formulas = (struct objective_formulas){built->written,  built->graph,     built->written_root,
                                            gradient->count, gradient->leaves, gradient->gradients};
    return STATUS_OK;
}

/* --- constraints --- */

/* The weights into each unit are a group; without matrices all numbers are one. */
static void visit_term(const struct model *layout, const struct penalty_term *term, size_t *places,
                       objective_group *visit, void *user)
{
    bool matrices = false;
    size_t count = 0, place = 0;
    for (int i = 0; i < layout->parameter_count; i++) {
        const struct parameter *parameter = &layout->parameters[i];
        for (int k = 0; k < shape_size(parameter->shape); k++, place++)
            matrices |= parameter->start == START_WEIGHTS &&
                        penalty_selects(term, layout->components[place]);
    }
    place = 0;
    for (int i = 0; i < layout->parameter_count; i++) {
        const struct parameter *parameter = &layout->parameters[i];
        int columns = parameter->shape.cols;
        for (int k = 0; k < shape_size(parameter->shape); k++, place++) {
            if ((!matrices || parameter->start == START_WEIGHTS) &&
                penalty_selects(term, layout->components[place]))
                places[count++] = place;
            if (matrices && count > 0 && (k + 1) % columns == 0) {
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

const struct objective_methods built_with_data = {built_value, built_gradient, built_hessian,
                                                  built_each,  built_free,     built_project};
const struct objective_methods built_without_data = {built_value, built_gradient, built_hessian,
                                                     NULL,        built_free,     built_project};

bool built_is(const struct objective *objective)
{
    return objective->methods == &built_with_data || objective->methods == &built_without_data;
}
