/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sum.c: Σ coefficient·L + penalty as one objective over one graph. */
#include <string.h>

#include "base/memory.h"
#include "objective/build_private.h"

static bool same_numbers(const double *a, const double *b, size_t count)
{
    return a == b || (a && b && memcmp(a, b, count * sizeof *a) == 0);
}

static bool same_data(const struct dataset *a, const struct dataset *b)
{
    return a == b ||
           (a->examples == b->examples && a->inputs == b->inputs && a->outputs == b->outputs &&
            a->classes == b->classes && same_numbers(a->x, b->x, a->examples * a->inputs) &&
            same_numbers(a->weights, b->weights, a->examples) &&
            same_numbers(a->y, b->y, a->examples * a->outputs));
}

static enum status check_same_parameters(const struct objective *a, const struct objective *b,
                                         struct error *error)
{
    if (a->size != b->size)
        return error_set(error, STATUS_SHAPE, "",
                         "the losses have %zu and %zu parameters; only losses of the same "
                         "parameters can be added",
                         a->size, b->size);
    for (size_t j = 0; j < a->size; j++)
        if (strcmp(a->components[j], b->components[j]) != 0)
            return error_set(error, STATUS_SHAPE, "",
                             "parameter %zu is %s in one loss and %s in the other; only losses of "
                             "the same parameters can be added",
                             j + 1, a->components[j], b->components[j]);
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
        node_id root = graph_copy(graph, term->written, term->written_root, NULL, 0, NULL);
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
        const char *name = term->names[k];
        bool known = false;
        for (int i = 0; i < layout->size && !known; i++)
            known = penalty_name_means(name, layout->components[i]);
        if (known)
            continue;
        int first = 0;
        size_t length = strcspn(name, "[");
        for (int i = 0; i < layout->parameter_count; i++) {
            const struct parameter *parameter = &layout->parameters[i];
            int last = first + shape_size(parameter->shape) - 1;
            if (strncmp(parameter->name, name, length) == 0 && parameter->name[length] == '\0')
                return error_set(error, STATUS_ARGUMENT, term->kind->doc.name,
                                 last == first ? "the loss has no parameter %s; %s is one number"
                                               : "the loss has no parameter %s; the components "
                                                 "of %s are %s to %s",
                                 name, parameter->name, layout->components[first],
                                 layout->components[last]);
            first = last + 1;
        }
        return error_set(error, STATUS_ARGUMENT, term->kind->doc.name,
                         "the loss has no parameter %s; its first is %s", name,
                         layout->parameter_count > 0 ? layout->parameters[0].name : "not there");
    }
    return STATUS_OK;
}

/* total + what the penalty makes of the chosen numbers of one parameter: of the whole, or of each
 * run of neighbours in a row (in a vector) as a vector. */
static node_id add_parameter(struct built *sum, const struct penalty_term *term, node_id total,
                             int offset, struct shape shape)
{
    struct graph *graph = sum->written;
    char **components = sum->layout->components + offset;
    int size = shape_size(shape), row = shape.cols > 1 ? shape.cols : size, count = 0;
    for (int k = 0; k < size; k++)
        count += penalty_selects(term, components[k]);
    if (count == size) {
        node_id whole = graph_parameter(graph, SOURCE_PHI, offset, shape);
        return add_scaled(graph, total, 1, term->kind->build(graph, whole));
    }
    count = 0;
    for (int k = 0; k < size; k++) {
        count = penalty_selects(term, components[k]) ? count + 1 : 0;
        bool ends = (k + 1) % row == 0 || !penalty_selects(term, components[k + 1]);
        if (count == 0 || !ends)
            continue;
        node_id part = graph_parameter(graph, SOURCE_PHI, offset + k + 1 - count,
                                       (struct shape){count, 1});
        total = add_scaled(graph, total, 1, term->kind->build(graph, part));
        count = 0;
    }
    return total;
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
            struct shape shape = sum->layout->parameters[i].shape;
            total = add_parameter(sum, term, total, offset, shape);
            offset += shape_size(shape);
        }
        if (total != NO_NODE)
            sum->written_root = add_scaled(
                graph, sum->written_root, 1,
                graph_multiply(graph, graph_constant(graph, term->coefficient), total));
    }
    return STATUS_OK;
}

enum status objective_sum(struct objective **objective, const struct objective_term *terms,
                          size_t count, struct penalty *penalty, struct error *error)
{
    struct built *sum = built_new(objective_context(terms[0].objective), error);
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
        status = built_finish(sum, terms[0].objective->components, terms[0].objective->size,
                              objective, error);
    if (status != STATUS_OK)
        built_free(&sum->base);
    return status;
}

enum status built_sum_with_data(struct objective **objective, const struct built *sum,
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
