/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dataset/dataset.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "dataset/storage.h"

enum status dataset_allocate(struct dataset **dataset, struct context *context, const char *name,
                             size_t examples, size_t inputs, size_t outputs, size_t classes,
                             struct error *error)
{
    *dataset = NULL;
    struct dataset *made = memory_allocate(context, 1, sizeof *made);
    if (made == NULL)
        return error_memory(error, "a data set");
    made->context = context;
    made->references = 1;
    made->examples = examples;
    made->inputs = inputs;
    made->outputs = outputs;
    made->classes = classes;
    made->name = memory_copy_text(context, name);
    /* A row of more bytes than there are addresses fails here, before rows are multiplied. */
    made->x_names = memory_allocate(context, inputs, sizeof *made->x_names);
    made->y_names = memory_allocate(context, outputs, sizeof *made->y_names);
    made->class_names = memory_allocate(context, classes, sizeof *made->class_names);
    made->x = memory_allocate_aligned(context, examples, inputs * sizeof *made->x);
    made->y = memory_allocate_aligned(context, examples, outputs * sizeof *made->y);
    if (made->name == NULL || made->x_names == NULL || made->y_names == NULL ||
        made->class_names == NULL || made->x == NULL || made->y == NULL) {
        dataset_release(made);
        return error_memory(error, "a data set");
    }
    *dataset = made;
    return STATUS_OK;
}

enum status dataset_add_weights(struct dataset *dataset, struct error *error)
{
    dataset->weights = memory_allocate(dataset->context, dataset->examples, sizeof(double));
    return dataset->weights == NULL ? error_memory(error, "the weights of the examples")
                                    : STATUS_OK;
}

double dataset_weight(const struct dataset *dataset)
{
    if (dataset->weights == NULL)
        return (double)dataset->examples;
    double sum = 0;
    for (size_t i = 0; i < dataset->examples; i++)
        sum += dataset->weights[i];
    return sum;
}

bool dataset_copy_names(struct context *context, char **names, const char *const *texts,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        names[i] = memory_copy_text(context, texts[i]);
        if (names[i] == NULL)
            return false;
    }
    return true;
}

static bool complete(struct context *context, char **names, size_t count, char letter)
{
    for (size_t i = 0; i < count; i++) {
        if (names[i] != NULL)
            continue;
        char name[32];
        if (count == 1)
            snprintf(name, sizeof name, "%c", letter);
        else
            snprintf(name, sizeof name, "%c%zu", letter, i + 1);
        names[i] = memory_copy_text(context, name);
        if (names[i] == NULL)
            return false;
    }
    return true;
}

enum status dataset_complete_names(struct dataset *dataset, struct error *error)
{
    if (complete(dataset->context, dataset->x_names, dataset->inputs, 'x') &&
        complete(dataset->context, dataset->y_names, dataset->outputs, 'y'))
        return STATUS_OK;
    return error_memory(error, "the names of columns");
}

/* NULL stays NULL. */
static bool copy_numbers(struct context *context, double **copy, const double *numbers,
                         size_t count)
{
    if (numbers == NULL)
        return true;
    *copy = memory_allocate(context, count, sizeof **copy);
    if (*copy == NULL)
        return false;
    memcpy(*copy, numbers, count * sizeof **copy);
    return true;
}

enum status dataset_copy_columns(struct dataset *dataset, const struct dataset *original,
                                 struct error *error)
{
    struct context *context = dataset->context;
    size_t inputs = dataset->inputs, outputs = dataset->outputs;
    if (dataset_copy_names(context, dataset->x_names, (const char *const *)original->x_names,
                           inputs) &&
        dataset_copy_names(context, dataset->y_names, (const char *const *)original->y_names,
                           outputs) &&
        dataset_copy_names(context, dataset->class_names,
                           (const char *const *)original->class_names, dataset->classes) &&
        copy_numbers(context, &dataset->x_shift, original->x_shift, inputs) &&
        copy_numbers(context, &dataset->x_scale, original->x_scale, inputs) &&
        copy_numbers(context, &dataset->y_shift, original->y_shift, outputs) &&
        copy_numbers(context, &dataset->y_scale, original->y_scale, outputs))
        return STATUS_OK;
    return error_memory(error, "the columns of a data set");
}

static enum status check_numbers(const double *numbers, size_t rows, size_t columns,
                                 const char *where, const char *const *names, struct error *error)
{
    for (size_t i = 0; i < rows * columns; i++) {
        if (isfinite(numbers[i]))
            continue;
        const char *what = isnan(numbers[i]) ? "NaN" : numbers[i] > 0 ? "infinity" : "-infinity";
        if (columns == 1)
            return error_set(error, STATUS_NUMBER, where,
                             "row %zu is %s; every number must be finite", i + 1, what);
        return error_set(error, STATUS_NUMBER, where,
                         "row %zu, column %zu%s%s%s is %s; every number must be finite",
                         i / columns + 1, i % columns + 1, names == NULL ? "" : " (",
                         names == NULL ? "" : names[i % columns], names == NULL ? "" : ")", what);
    }
    return STATUS_OK;
}

static enum status check_names(const char *const *names, size_t count, const char *where,
                               struct error *error)
{
    for (size_t i = 0; names != NULL && i < count; i++)
        if (names[i] == NULL || names[i][0] == '\0')
            return error_set(error, STATUS_ARGUMENT, where, "the name of column %zu is empty",
                             i + 1);
    return STATUS_OK;
}

static enum status check_classes(const struct dataset_source *source, struct error *error)
{
    if (source->classes == 0)
        return STATUS_OK;
    if (source->outputs != 1)
        return error_set(error, STATUS_SHAPE, "y", "classes stand in one column, and y has %zu",
                         source->outputs);
    if (source->class_names == NULL)
        return error_set(error, STATUS_ARGUMENT, "classes", "the classes have no names");
    for (size_t i = 0; i < source->examples; i++) {
        double class = source->y[i];
        if (!(class >= 1 && class <= (double)source->classes && class == floor(class)))
            return error_set(error, STATUS_ARGUMENT, "y",
                             "row %zu is %.15g; a class is an integer from 1 to %zu", i + 1, class,
                             source->classes);
    }
    return STATUS_OK;
}

static enum status check_weights(const struct dataset_source *source, struct error *error)
{
    double sum = 0;
    for (size_t i = 0; source->weights != NULL && i < source->examples; i++) {
        double weight = source->weights[i];
        if (!(weight >= 0 && isfinite(weight)))
            return error_set(error, STATUS_NUMBER, "weights",
                             "row %zu is %s; a weight is a number of at least 0", i + 1,
                             isnan(weight) ? "NaN" : weight < 0 ? "negative" : "infinite");
        sum += weight;
    }
    if (source->weights != NULL && !(sum > 0 && isfinite(sum)))
        return error_set(error, STATUS_NUMBER, "weights",
                         sum > 0 ? "their sum is too large" : "all are 0, so no example counts");
    return STATUS_OK;
}

static enum status check_source(const struct dataset_source *source, struct error *error)
{
    if (source->examples == 0)
        return error_set(error, STATUS_SHAPE, "x", "a data set needs at least one example");
    if (source->inputs == 0)
        return error_set(error, STATUS_SHAPE, "x", "a data set needs at least one input column");
    enum status status = check_numbers(source->x, source->examples, source->inputs, "x",
                                       source->x_names, error);
    if (status == STATUS_OK)
        status = check_numbers(source->y, source->examples, source->outputs, "y", source->y_names,
                               error);
    if (status == STATUS_OK)
        status = check_names(source->x_names, source->inputs, "x", error);
    if (status == STATUS_OK)
        status = check_names(source->y_names, source->outputs, "y", error);
    if (status == STATUS_OK)
        status = check_names(source->class_names, source->classes, "classes", error);
    if (status == STATUS_OK)
        status = check_classes(source, error);
    if (status == STATUS_OK)
        status = check_weights(source, error);
    return status;
}

static bool fill(struct dataset *dataset, const struct dataset_source *source)
{
    struct context *context = dataset->context;
    memcpy(dataset->x, source->x, source->examples * source->inputs * sizeof *source->x);
    if (source->outputs > 0)
        memcpy(dataset->y, source->y, source->examples * source->outputs * sizeof *source->y);
    return (source->x_names == NULL ||
            dataset_copy_names(context, dataset->x_names, source->x_names, source->inputs)) &&
           (source->y_names == NULL ||
            dataset_copy_names(context, dataset->y_names, source->y_names, source->outputs)) &&
           (source->classes == 0 || dataset_copy_names(context, dataset->class_names,
                                                       source->class_names, source->classes));
}

enum status dataset_new(struct dataset **dataset, struct context *context,
                        const struct dataset_source *source, struct error *error)
{
    *dataset = NULL;
    enum status status = check_source(source, error);
    if (status != STATUS_OK)
        return status;
    struct dataset *made;
    status = dataset_allocate(&made, context, source->name == NULL ? "data" : source->name,
                              source->examples, source->inputs, source->outputs, source->classes,
                              error);
    if (status != STATUS_OK)
        return status;
    if (!fill(made, source))
        status = error_memory(error, "a data set");
    else
        status = dataset_complete_names(made, error);
    if (status == STATUS_OK && source->weights != NULL)
        status = dataset_add_weights(made, error);
    if (status == STATUS_OK && source->weights != NULL)
        memcpy(made->weights, source->weights, source->examples * sizeof *made->weights);
    if (status != STATUS_OK) {
        dataset_release(made);
        return status;
    }
    *dataset = made;
    return STATUS_OK;
}

struct dataset *dataset_keep(struct dataset *dataset)
{
    dataset->references++;
    return dataset;
}

static void free_names(struct context *context, char **names, size_t count)
{
    for (size_t i = 0; names != NULL && i < count; i++)
        memory_free(context, names[i]);
    memory_free(context, names);
}

void dataset_release(struct dataset *dataset)
{
    if (dataset == NULL || --dataset->references > 0)
        return;
    struct context *context = dataset->context;
    free_names(context, dataset->x_names, dataset->inputs);
    free_names(context, dataset->y_names, dataset->outputs);
    free_names(context, dataset->class_names, dataset->classes);
    memory_free(context, dataset->x_shift);
    memory_free(context, dataset->x_scale);
    memory_free(context, dataset->y_shift);
    memory_free(context, dataset->y_scale);
    memory_free(context, dataset->name);
    memory_free(context, dataset->x);
    memory_free(context, dataset->y);
    memory_free(context, dataset->weights);
    memory_free(context, dataset);
}

enum status dataset_take(struct dataset **taken, const struct dataset *dataset,
                         const size_t *indices, size_t count, struct error *error)
{
    *taken = NULL;
    if (count == 0)
        return error_set(error, STATUS_ARGUMENT, "indices",
                         "no example is left; a data set needs at least one");
    for (size_t i = 0; i < count; i++)
        if (indices[i] >= dataset->examples)
            return error_set(error, STATUS_ARGUMENT, "indices",
                             "number %zu is %zu; the data set has %zu examples", i + 1,
                             indices[i] + 1, dataset->examples);
    struct dataset *made;
    enum status status = dataset_allocate(&made, dataset->context, dataset->name, count,
                                          dataset->inputs, dataset->outputs, dataset->classes,
                                          error);
    if (status != STATUS_OK)
        return status;
    status = dataset_copy_columns(made, dataset, error);
    if (status == STATUS_OK && dataset->weights != NULL)
        status = dataset_add_weights(made, error);
    if (status != STATUS_OK) {
        dataset_release(made);
        return status;
    }
    for (size_t i = 0; dataset->weights != NULL && i < count; i++)
        made->weights[i] = dataset->weights[indices[i]];
    size_t inputs = dataset->inputs, outputs = dataset->outputs;
    for (size_t i = 0; i < count; i++) {
        memcpy(made->x + i * inputs, dataset->x + indices[i] * inputs, inputs * sizeof *made->x);
        memcpy(made->y + i * outputs, dataset->y + indices[i] * outputs, outputs * sizeof *made->y);
    }
    *taken = made;
    return STATUS_OK;
}
