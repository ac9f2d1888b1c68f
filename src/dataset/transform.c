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
                          const struct dataset *dataset, double share,
                          struct generator *generator, struct error *error)
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

/* --- scaling --- */

/* Mean and standard deviation of each column. Sums of differences from the first row keep the digits
 * of columns far from 0. */
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

static enum status copy(struct dataset **made, const struct dataset *dataset, struct error *error)
{
    enum status status = dataset_allocate(made, dataset->context, dataset->name, dataset->examples,
                                          dataset->inputs, dataset->outputs, dataset->classes,
                                          error);
    if (status != STATUS_OK)
        return status;
    status = dataset_copy_columns(*made, dataset, error);
    if (status != STATUS_OK) {
        dataset_release(*made);
        *made = NULL;
        return status;
    }
    size_t examples = dataset->examples;
    memcpy((*made)->x, dataset->x, examples * dataset->inputs * sizeof *dataset->x);
    memcpy((*made)->y, dataset->y, examples * dataset->outputs * sizeof *dataset->y);
    return STATUS_OK;
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
    enum status status = copy(&made, dataset, error);
    if (status != STATUS_OK)
        return status;
    status = standardize(made->context, made->x, made->examples, made->inputs, &made->x_shift,
                         &made->x_scale, "x", error);
    if (status == STATUS_OK && with_y)
        status = standardize(made->context, made->y, made->examples, made->outputs,
                             &made->y_shift, &made->y_scale, "y", error);
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
    status = copy(&made, dataset, error);
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
