/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dataset/transform.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "dataset/storage.h"

/* --- parts --- */

static enum status take_two(struct dataset **first, struct dataset **second,
                            const struct dataset *dataset, const size_t *first_indices,
                            size_t first_count, const size_t *second_indices, size_t second_count,
                            struct error *error)
{
    enum status status = dataset_take(first, dataset, first_indices, first_count, error);
    if (status != STATUS_OK)
        return status;
    status = dataset_take(second, dataset, second_indices, second_count, error);
    if (status != STATUS_OK) {
        dataset_release(*first);
        *first = NULL;
    }
    return status;
}

enum status dataset_split(struct dataset **first, struct dataset **second,
                          const struct dataset *dataset, double share, struct generator *generator,
                          struct error *error)
{
    *first = *second = NULL;
    size_t examples = dataset->examples;
    if (!(share > 0 && share < 1))
        return error_set(error, STATUS_ARGUMENT, "share",
                         "the share of the first part is between 0 and 1, not %.15g", share);
    if (examples < 2)
        return error_set(error, STATUS_ARGUMENT, "share", "one example cannot be split in two");
    size_t count = (size_t)floor(share * (double)examples + 0.5);
    count = count == 0 ? 1 : count >= examples ? examples - 1 : count;
    size_t *indices = memory_allocate(dataset->context, examples, sizeof *indices);
    if (indices == NULL)
        return error_memory(error, "the order of the examples");
    struct generator advanced = *generator;
    generator_permutation(&advanced, indices, examples);
    enum status status = take_two(first, second, dataset, indices, count, indices + count,
                                  examples - count, error);
    memory_free(dataset->context, indices);
    if (status == STATUS_OK)
        *generator = advanced;
    return status;
}

enum status dataset_fold(struct dataset **train, struct dataset **test,
                         const struct dataset *dataset, const size_t *permutation, size_t folds,
                         size_t fold, struct error *error)
{
    *train = *test = NULL;
    size_t examples = dataset->examples;
    if (folds < 2 || folds > examples)
        return error_set(error, STATUS_ARGUMENT, "k",
                         "%zu examples cannot be cut into %zu folds; k is from 2 to the number of "
                         "examples",
                         examples, folds);
    size_t size = examples / folds, larger = examples % folds;
    size_t start = fold * size + (fold < larger ? fold : larger);
    size_t count = size + (fold < larger ? 1 : 0);
    size_t *others = memory_allocate(dataset->context, examples - count, sizeof *others);
    if (others == NULL)
        return error_memory(error, "the order of the examples");
    memcpy(others, permutation, start * sizeof *others);
    memcpy(others + start, permutation + start + count,
           (examples - start - count) * sizeof *others);
    enum status status = take_two(train, test, dataset, others, examples - count,
                                  permutation + start, count, error);
    memory_free(dataset->context, others);
    return status;
}

/* --- further columns --- */

enum { NOWHERE = -1 };

/* Position of a name, or NOWHERE. */
static long find(char *const *names, size_t count, const char *name)
{
    for (size_t k = 0; k < count; k++)
        if (strcmp(names[k], name) == 0)
            return (long)k;
    return NOWHERE;
}

static enum status check_additions(const struct dataset *dataset,
                                   const struct dataset_addition *additions, size_t count,
                                   struct error *error)
{
    for (size_t a = 0; a < count; a++) {
        if (additions[a].name[0] == '\0')
            return error_set(error, STATUS_ARGUMENT, "with", "the name of a column is empty");
        for (size_t i = 0; i < dataset->examples; i++)
            if (!isfinite(additions[a].values[i]))
                return error_set(error, STATUS_NUMBER, additions[a].name,
                                 "row %zu is %s; every number must be finite", i + 1,
                                 isnan(additions[a].values[i]) ? "NaN" : "infinite");
    }
    return STATUS_OK;
}

static void put_column(double *numbers, size_t rows, size_t columns, size_t column,
                       const double *values)
{
    for (size_t i = 0; i < rows; i++)
        numbers[i * columns + column] = values[i];
}

/* A copy, with room for more columns of x that have no names yet. */
static enum status widen(struct dataset **made, const struct dataset *dataset, size_t more,
                         bool keep_classes, struct error *error)
{
    struct context *context = dataset->context;
    size_t inputs = dataset->inputs, wide = inputs + more, outputs = dataset->outputs;
    enum status status = dataset_allocate(made, context, dataset->name, dataset->examples, wide,
                                          outputs, keep_classes ? dataset->classes : 0, error);
    if (status != STATUS_OK)
        return status;
    struct dataset *wider = *made;
    for (size_t i = 0; i < dataset->examples; i++)
        memcpy(wider->x + i * wide, dataset->x + i * inputs, inputs * sizeof *wider->x);
    memcpy(wider->y, dataset->y, dataset->examples * outputs * sizeof *wider->y);
    bool fine = dataset_copy_names(context, wider->x_names, (const char *const *)dataset->x_names,
                                   inputs) &&
                dataset_copy_names(context, wider->y_names, (const char *const *)dataset->y_names,
                                   outputs) &&
                dataset_copy_names(context, wider->class_names,
                                   (const char *const *)dataset->class_names, wider->classes);
    if (fine && dataset->x_shift != NULL) {
        wider->x_shift = memory_allocate(context, wide, sizeof(double));
        wider->x_scale = memory_allocate(context, wide, sizeof(double));
        fine = wider->x_shift != NULL && wider->x_scale != NULL;
        for (size_t k = 0; fine && k < wide; k++) {
            wider->x_shift[k] = k < inputs ? dataset->x_shift[k] : 0;
            wider->x_scale[k] = k < inputs ? dataset->x_scale[k] : 1;
        }
    }
    if (fine && dataset->y_shift != NULL) {
        wider->y_shift = memory_allocate(context, outputs, sizeof(double));
        wider->y_scale = memory_allocate(context, outputs, sizeof(double));
        fine = wider->y_shift != NULL && wider->y_scale != NULL;
        for (size_t k = 0; fine && k < outputs; k++) {
            wider->y_shift[k] = dataset->y_shift[k];
            wider->y_scale[k] = dataset->y_scale[k];
        }
    }
    if (fine && dataset->weights != NULL) {
        fine = dataset_add_weights(wider, error) == STATUS_OK;
        if (fine)
            memcpy(wider->weights, dataset->weights, dataset->examples * sizeof *wider->weights);
    }
    if (fine)
        return STATUS_OK;
    dataset_release(wider);
    *made = NULL;
    return error_memory(error, "a data set");
}

static enum status add(struct dataset *made, size_t *inputs,
                       const struct dataset_addition *addition, struct error *error)
{
    long in_x = find(made->x_names, *inputs, addition->name);
    long in_y = in_x == NOWHERE ? find(made->y_names, made->outputs, addition->name) : NOWHERE;
    if (in_y != NOWHERE) {
        put_column(made->y, made->examples, made->outputs, (size_t)in_y, addition->values);
        if (made->y_shift != NULL) {
            made->y_shift[in_y] = 0;
            made->y_scale[in_y] = 1;
        }
        return STATUS_OK;
    }
    size_t column = in_x == NOWHERE ? *inputs : (size_t)in_x;
    if (in_x == NOWHERE) {
        made->x_names[column] = memory_copy_text(made->context, addition->name);
        if (made->x_names[column] == NULL)
            return error_memory(error, "the name of a column");
        (*inputs)++;
    }
    put_column(made->x, made->examples, made->inputs, column, addition->values);
    if (made->x_shift != NULL) {
        made->x_shift[column] = 0;
        made->x_scale[column] = 1;
    }
    return STATUS_OK;
}

enum status dataset_with(struct dataset **made, const struct dataset *dataset,
                         const struct dataset_addition *additions, size_t count,
                         struct error *error)
{
    *made = NULL;
    enum status status = check_additions(dataset, additions, count, error);
    if (status != STATUS_OK)
        return status;
    size_t more = 0, inputs = dataset->inputs;
    bool keep_classes = true;
    for (size_t a = 0; a < count; a++) {
        bool in_x = find(dataset->x_names, inputs, additions[a].name) != NOWHERE;
        bool in_y = find(dataset->y_names, dataset->outputs, additions[a].name) != NOWHERE;
        bool before = false;
        for (size_t b = 0; b < a; b++)
            before = before || strcmp(additions[b].name, additions[a].name) == 0;
        more += !in_x && !in_y && !before;
        keep_classes = keep_classes && (in_x || !in_y);
    }
    struct dataset *wider = NULL;
    status = widen(&wider, dataset, more, keep_classes, error);
    for (size_t a = 0; a < count && status == STATUS_OK; a++)
        status = add(wider, &inputs, &additions[a], error);
    if (status != STATUS_OK) {
        dataset_release(wider);
        return status;
    }
    *made = wider;
    return STATUS_OK;
}

/* --- scaling --- */

/* Mean and standard deviation of each column. Sums of differences from the first row keep the
 * digits of columns far from 0. */
static void measure(const double *numbers, size_t rows, size_t columns, double *mean,
                    double *deviation)
{
    for (size_t k = 0; k < columns; k++) {
        double origin = numbers[k], sum = 0, squares = 0;
        for (size_t i = 0; i < rows; i++)
            sum += numbers[i * columns + k] - origin;
        mean[k] = origin + sum / (double)rows;
        for (size_t i = 0; i < rows; i++) {
            double difference = numbers[i * columns + k] - mean[k];
            squares += difference * difference;
        }
        deviation[k] = sqrt(squares / (double)rows);
    }
}

static bool is_constant(const double *numbers, size_t rows, size_t columns, size_t column)
{
    for (size_t i = 1; i < rows; i++)
        if (numbers[i * columns + column] != numbers[column])
            return false;
    return true;
}

static void scale(double *numbers, size_t rows, size_t columns, const double *shift,
                  const double *unit)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < columns; k++)
            numbers[i * columns + k] = (numbers[i * columns + k] - shift[k]) / unit[k];
}

static enum status check_finite(const double *numbers, size_t count, const char *where,
                                struct error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(numbers[i]))
            return error_set(error, STATUS_NUMBER, where,
                             "the numbers are too large or too close together to be standardized");
    return STATUS_OK;
}

/* Standardizes in place, and notes what takes the original numbers there: a column may have been
 * shifted and scaled before. */
static enum status standardize(struct context *context, double *numbers, size_t rows,
                               size_t columns, double **shift, double **unit, const char *where,
                               struct error *error)
{
    double *mean = memory_allocate(context, columns, sizeof *mean);
    double *deviation = memory_allocate(context, columns, sizeof *deviation);
    if (mean == NULL || deviation == NULL) {
        memory_free(context, mean);
        memory_free(context, deviation);
        return error_memory(error, "standardizing");
    }
    measure(numbers, rows, columns, mean, deviation);
    for (size_t k = 0; k < columns; k++) {
        if (is_constant(numbers, rows, columns, k)) {
            mean[k] = numbers[k];
            deviation[k] = 1;
        }
    }
    scale(numbers, rows, columns, mean, deviation);
    for (size_t k = 0; *shift != NULL && k < columns; k++) {
        mean[k] = (*shift)[k] + mean[k] * (*unit)[k];
        deviation[k] *= (*unit)[k];
    }
    memory_free(context, *shift);
    memory_free(context, *unit);
    *shift = mean;
    *unit = deviation;
    enum status status = check_finite(numbers, rows * columns, where, error);
    if (status == STATUS_OK)
        status = check_finite(mean, columns, where, error);
    return status == STATUS_OK ? check_finite(deviation, columns, where, error) : status;
}

enum status dataset_standardize(struct dataset **standard, const struct dataset *dataset,
                                bool with_y, struct error *error)
{
    *standard = NULL;
    if (with_y && dataset->classes > 0)
        return error_set(error, STATUS_UNSUPPORTED, "y", "classes have no scale; leave y out");
    if (with_y && dataset->outputs == 0)
        return error_set(error, STATUS_UNSUPPORTED, "y", "the data set has no y");
    struct dataset *made;
    enum status status = widen(&made, dataset, 0, true, error);
    if (status != STATUS_OK)
        return status;
    status = standardize(made->context, made->x, made->examples, made->inputs, &made->x_shift,
                         &made->x_scale, "x", error);
    if (status == STATUS_OK && with_y)
        status = standardize(made->context, made->y, made->examples, made->outputs, &made->y_shift,
                             &made->y_scale, "y", error);
    if (status != STATUS_OK) {
        dataset_release(made);
        return status;
    }
    *standard = made;
    return STATUS_OK;
}

static enum status check_columns(const struct dataset *standard, const struct dataset *dataset,
                                 struct error *error)
{
    if (standard->x_shift == NULL)
        return error_set(error, STATUS_ARGUMENT, "apply",
                         "this data set is not standardized; call standardize first");
    if (dataset->x_shift != NULL || dataset->y_shift != NULL)
        return error_set(error, STATUS_ARGUMENT, "data",
                         "the other data set is standardized already; give it as it was before");
    if (standard->inputs != dataset->inputs)
        return error_set(error, STATUS_SHAPE, "data",
                         "the other data set has %zu input columns, and this one has %zu",
                         dataset->inputs, standard->inputs);
    if (standard->y_shift != NULL && standard->outputs != dataset->outputs)
        return error_set(error, STATUS_SHAPE, "data",
                         "the other data set has %zu columns of y, and this one has %zu",
                         dataset->outputs, standard->outputs);
    for (size_t k = 0; k < standard->inputs; k++)
        if (strcmp(standard->x_names[k], dataset->x_names[k]) != 0)
            return error_set(error, STATUS_ARGUMENT, "data",
                             "input column %zu is '%.64s' in the other data set, and '%.64s' in "
                             "this one",
                             k + 1, dataset->x_names[k], standard->x_names[k]);
    return STATUS_OK;
}

/* Shift and scale of `standard` for one side of `made`. */
static bool adopt(struct context *context, double **shift, double **unit, const double *from_shift,
                  const double *from_unit, size_t columns)
{
    *shift = memory_allocate(context, columns, sizeof **shift);
    *unit = memory_allocate(context, columns, sizeof **unit);
    if (*shift == NULL || *unit == NULL)
        return false;
    memcpy(*shift, from_shift, columns * sizeof **shift);
    memcpy(*unit, from_unit, columns * sizeof **unit);
    return true;
}

enum status dataset_apply(struct dataset **applied, const struct dataset *standard,
                          const struct dataset *dataset, struct error *error)
{
    *applied = NULL;
    enum status status = check_columns(standard, dataset, error);
    if (status != STATUS_OK)
        return status;
    struct dataset *made;
    status = widen(&made, dataset, 0, true, error);
    if (status != STATUS_OK)
        return status;
    size_t examples = made->examples;
    bool fits = adopt(made->context, &made->x_shift, &made->x_scale, standard->x_shift,
                      standard->x_scale, made->inputs);
    if (fits) {
        scale(made->x, examples, made->inputs, made->x_shift, made->x_scale);
        status = check_finite(made->x, examples * made->inputs, "data", error);
    }
    if (fits && status == STATUS_OK && standard->y_shift != NULL) {
        fits = adopt(made->context, &made->y_shift, &made->y_scale, standard->y_shift,
                     standard->y_scale, made->outputs);
        if (fits) {
            scale(made->y, examples, made->outputs, made->y_shift, made->y_scale);
            status = check_finite(made->y, examples * made->outputs, "data", error);
        }
    }
    if (!fits)
        status = error_memory(error, "a data set");
    if (status != STATUS_OK) {
        dataset_release(made);
        return status;
    }
    *applied = made;
    return STATUS_OK;
}

enum status dataset_with_scales(struct dataset **made, const struct dataset *dataset,
                                const double *x_shift, const double *x_scale,
                                const double *y_shift, const double *y_scale, struct error *error)
{
    struct dataset *copy;
    *made = NULL;
    enum status status = widen(&copy, dataset, 0, true, error);
    if (status != STATUS_OK)
        return status;
    bool fits = true;
    if (x_shift != NULL && x_scale != NULL && copy->x_shift == NULL)
        fits = adopt(copy->context, &copy->x_shift, &copy->x_scale, x_shift, x_scale, copy->inputs);
    if (y_shift != NULL && y_scale != NULL && copy->y_shift == NULL)
        fits = fits && adopt(copy->context, &copy->y_shift, &copy->y_scale, y_shift, y_scale,
                             copy->outputs);
    if (!fits) {
        dataset_release(copy);
        return error_memory(error, "a data set");
    }
    *made = copy;
    return STATUS_OK;
}
