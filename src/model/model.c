/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model.c: what is the same for all kinds: parameters, their names and starts, prediction. */
#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "graph/tape.h"

#define X(name) extern const struct model_kind model_kind_##name;
#include "model/model.def"
#undef X

const struct model_kind *const model_kinds[] = {
#define X(name) &model_kind_##name,
#include "model/model.def"
#undef X
};
const size_t model_kind_count = sizeof model_kinds / sizeof *model_kinds;

const struct model_kind *model_kind_named(const char *name)
{
    for (size_t i = 0; i < model_kind_count; i++)
        if (doc_is_named(&model_kinds[i]->doc, name))
            return model_kinds[i];
    return NULL;
}

static enum status name_components(struct model *model, struct error *error)
{
    model->components =
        memory_allocate(model->context, (size_t)model->size, sizeof *model->components);
    if (!model->components)
        return error_memory(error, "a model");
    int place = 0;
    for (int i = 0; i < model->parameter_count; i++) {
        const struct parameter *parameter = &model->parameters[i];
        for (int k = 0; k < shape_size(parameter->shape); k++, place++) {
            char name[96];
            int row = k / parameter->shape.cols + 1, column = k % parameter->shape.cols + 1;
            if (shape_size(parameter->shape) == 1)
                snprintf(name, sizeof name, "%s", parameter->name);
            else if (parameter->start != START_WEIGHTS) /* a vector, not a matrix */
                snprintf(name, sizeof name, "%s[%d]", parameter->name, row);
            else
                snprintf(name, sizeof name, "%s[%d,%d]", parameter->name, row, column);
            model->components[place] = memory_copy_text(model->context, name);
            if (!model->components[place])
                return error_memory(error, "a model");
        }
    }
    return STATUS_OK;
}

enum status model_add_parameter(struct model *model, const char *name, int rows, int cols,
                                enum start_rule start, struct error *error)
{
    for (int i = 0; i < model->parameter_count; i++)
        if (strcmp(model->parameters[i].name, name) == 0)
            return error_set(error, STATUS_ARGUMENT, "parameters",
                             "two parameters are called %s; give each its own name", name);
    struct parameter *list =
        memory_resize(model->context, model->parameters, (size_t)model->parameter_count + 1,
                      sizeof *list);
    char *copy = list ? memory_copy_text(model->context, name) : NULL;
    if (list)
        model->parameters = list;
    if (!copy)
        return error_memory(error, "a model");
    list[model->parameter_count++] = (struct parameter){copy, {rows, cols}, start};
    model->size += rows * cols;
    return STATUS_OK;
}

static enum status copy_source(struct model *model, const struct model_source *source,
                               struct error *error)
{
    for (int i = 0; i < MODEL_PARTS; i++)
        model->parts[i] = source->parts[i] ? model_keep(source->parts[i]) : NULL;
    model->data = source->data ? dataset_keep(source->data) : NULL;
    model->widths = memory_allocate(model->context, (size_t)source->width_count, sizeof(int));
    if (!model->widths)
        return error_memory(error, "a model");
    model->width_count = source->width_count;
    if (source->width_count > 0)
        memcpy(model->widths, source->widths, (size_t)source->width_count * sizeof(int));
    return STATUS_OK;
}

enum status model_new(struct model **result, struct context *context,
                      const struct model_kind *kind, const struct model_source *source,
                      struct error *error)
{
    static const struct model_source defaults = {0};
    struct model *model = memory_allocate(context, 1, sizeof *model);
    if (!model)
        return error_memory(error, "a model");
    model->context = context;
    model->references = 1;
    model->kind = kind;
    if (!source)
        source = &defaults;
    for (size_t i = 0; i < kind->doc.argument_count; i++)
        model->arguments[i] =
            source->arguments ? source->arguments[i] : kind->doc.arguments[i].standard;
    enum status status = copy_source(model, source, error);
    if (status == STATUS_OK)
        status = kind->open(model, error);
    if (status == STATUS_OK)
        status = name_components(model, error);
    if (status != STATUS_OK) {
        model_release(model);
        return status;
    }
    *result = model;
    return STATUS_OK;
}

static node_id build_expression(const struct model *model, struct graph *graph, node_id x,
                                const node_id *parameters)
{
    /* The leaves of the traced graph stand one after the other, from 0. */
    int offset = model->parameter_count > 0 ? graph_leaf_offset(graph, parameters[0]) : 0;
    const node_id substitute[INPUT_SOURCES] = {x, NO_NODE, NO_NODE, NO_NODE, NO_NODE};
    return graph_copy(graph, model->graph, model->root, substitute, offset, NULL);
}

static const struct model_kind expression = {
    .doc = {.name = "model"},
    .build = build_expression,
};

enum status model_from_expression(struct model **result, struct context *context,
                                  const struct parameter_spec *parameters, int count, int inputs,
                                  struct graph *graph, node_id root, struct error *error)
{
    enum status status = graph_status(graph, error);
    struct model *model = status ? NULL : memory_allocate(context, 1, sizeof *model);
    if (!model) {
        graph_free(graph);
        return status ? status : error_memory(error, "a model");
    }
    model->context = context;
    model->references = 1;
    model->kind = &expression;
    model->inputs = inputs;
    model->graph = graph;
    model->root = root;
    model->outputs = shape_size(graph_shape(graph, root));
    for (int i = 0; i < count && status == STATUS_OK; i++)
        status = model_add_parameter(model, parameters[i].name, parameters[i].shape.rows,
                                     parameters[i].shape.cols, parameters[i].start, error);
    if (status == STATUS_OK)
        status = name_components(model, error);
    if (status != STATUS_OK) {
        model_release(model);
        return status;
    }
    *result = model;
    return STATUS_OK;
}

struct model *model_keep(struct model *model)
{
    model->references++;
    return model;
}

void model_release(struct model *model)
{
    if (!model || --model->references > 0)
        return;
    struct context *context = model->context;
    for (int i = 0; i < model->parameter_count; i++)
        memory_free(context, model->parameters[i].name);
    for (int i = 0; model->components && i < model->size; i++)
        memory_free(context, model->components[i]);
    memory_free(context, model->components);
    memory_free(context, model->parameters);
    memory_free(context, model->widths);
    for (int i = 0; i < MODEL_PARTS; i++)
        model_release(model->parts[i]);
    dataset_release(model->data);
    graph_free(model->graph);
    tape_free(model->predictor);
    memory_free(context, model);
}

static enum status wrong_width(const struct model *model, int width, struct error *error)
{
    char fitting[96] = "";
    if (model->kind->fitting)
        model->kind->fitting(model, width, fitting, sizeof fitting);
    return error_set(error, STATUS_SHAPE, "",
                     "the model takes %d input column%s and the data have %d%s%s", model->inputs,
                     model->inputs == 1 ? "" : "s", width, *fitting ? "; " : "", fitting);
}

enum status model_build(const struct model *model, struct graph *graph, int x_width,
                        node_id *prediction, struct error *error)
{
    if (model->inputs != 0 && model->inputs != x_width)
        return wrong_width(model, x_width, error);
    if (!model->kind->build)
        return error_set(error, STATUS_UNSUPPORTED, model->kind->doc.name,
                         "it has no parameters to fit; it only predicts: m(x)");
    node_id *parameters =
        memory_allocate(model->context, (size_t)model->parameter_count, sizeof *parameters);
    if (!parameters)
        return error_memory(error, "a model");
    int offset = 0;
    for (int i = 0; i < model->parameter_count; i++) {
        const struct parameter *parameter = &model->parameters[i];
        graph_declare(graph, parameter->name, offset, parameter->shape);
        parameters[i] = graph_parameter(graph, SOURCE_PHI, offset, parameter->shape);
        offset += shape_size(parameter->shape);
    }
    node_id x = graph_input(graph, SOURCE_X, 0, x_width);
    *prediction = model->kind->build(model, graph, x, parameters);
    memory_free(model->context, parameters);
    return graph_status(graph, error);
}

/* The predictor is kept for the width it was first made for; models of any width are rare. */
static enum status make_predictor(struct model *model, int width, struct tape **tape,
                                  int *outputs, struct error *error)
{
    struct graph *graph;
    node_id prediction = NO_NODE;
    enum status status = graph_new(&graph, model->context, error);
    if (status != STATUS_OK)
        return status;
    status = model_build(model, graph, width, &prediction, error);
    if (status == STATUS_OK) {
        struct shape shape = graph_shape(graph, prediction);
        *outputs = shape_size(shape);
        /* A prediction that ignores x is the same for every example. */
        if (graph_level(graph, prediction) != LEVEL_EXAMPLE) {
            node_id x = graph_slice(graph, graph_input(graph, SOURCE_X, 0, width), 0, 1);
            node_id no = graph_binary(graph, PRIMITIVE_GREATER, x, x);
            prediction = graph_where(graph, no, graph_add(graph, prediction, x), prediction);
        }
        struct tape_outputs wanted = {.per_example = prediction};
        if (tape)
            status = tape_new(tape, graph, (size_t)model->size, &wanted, error);
    }
    graph_free(graph);
    return status;
}

enum status model_outputs(struct model *model, int width, int *outputs, struct error *error)
{
    if (model->outputs > 0 && (model->inputs == 0 || model->inputs == width)) {
        *outputs = model->outputs;
        return STATUS_OK;
    }
    if (model->kind->predict)
        return wrong_width(model, width, error);
    return make_predictor(model, width, NULL, outputs, error);
}

enum status model_predict(struct model *model, const double *x, size_t count, int width,
                          const double *phi, double *predictions, struct error *error)
{
    int outputs;
    if (model->kind->predict)
        return model->inputs == width ? model->kind->predict(model, x, count, predictions, error)
                                      : wrong_width(model, width, error);
    struct tape *tape = model->inputs == width ? model->predictor : NULL;
    if (!tape) {
        enum status status = make_predictor(model, width, &tape, &outputs, error);
        if (status != STATUS_OK)
            return status;
        if (model->inputs != 0)
            model->predictor = tape;
    }
    struct tape_data data = {.x = x, .x_columns = (size_t)width, .count = count};
    enum status status = tape_run(tape, phi, NULL, &data, NULL, 0, predictions, error);
    if (tape != model->predictor)
        tape_free(tape);
    return status;
}

void model_start(const struct model *model, enum start_scheme scheme, struct generator *generator,
                 double *phi)
{
    for (int i = 0; i < model->parameter_count; i++) {
        const struct parameter *parameter = &model->parameters[i];
        double in = parameter->shape.cols, out = parameter->shape.rows;
        enum start_rule rule = parameter->start;
        double deviation = rule == START_NORMAL ? 1 : rule == START_ZERO ? 0 : sqrt(2 / in);
        if (scheme == SCHEME_XAVIER && rule == START_WEIGHTS)
            deviation = sqrt(2 / (in + out));
        if (scheme == SCHEME_NORMAL)
            deviation = 1;
        if (scheme == SCHEME_ZEROS)
            deviation = 0;
        for (int k = 0; k < shape_size(parameter->shape); k++)
            *phi++ = deviation == 0 ? 0 : deviation * generator_normal(generator);
    }
}
