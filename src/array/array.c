/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "array/array.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "array/linear_algebra.h"
#include "base/memory.h"

enum status array_init(struct array *array, struct context *context, int dimensions, size_t rows,
                       size_t cols, struct error *error)
{
    *array = (struct array){.context = context, .dimensions = dimensions};
    if (cols != 0 && rows > SIZE_MAX / cols)
        return error_set(error, STATUS_MEMORY, NULL, "not enough memory for an array of %zu×%zu",
                         rows, cols);
    array->data = memory_allocate_aligned(context, rows * cols, sizeof *array->data);
    if (array->data == NULL)
        return dimensions == 1
                   ? error_set(error, STATUS_MEMORY, NULL,
                               "not enough memory for an array of %zu numbers", rows)
                   : error_set(error, STATUS_MEMORY, NULL,
                               "not enough memory for an array of %zu×%zu numbers", rows, cols);
    array->rows = rows;
    array->cols = cols;
    return STATUS_OK;
}

void array_free(struct array *array)
{
    if (!array->view)
        memory_free(array->context, array->data);
    array->data = NULL;
    array->rows = array->cols = 0;
}

static size_t count_of(const struct array *array)
{
    return array->rows * array->cols;
}

enum status array_copy(struct array *copy, const struct array *array, struct error *error)
{
    enum status status = array_init(copy, array->context, array->dimensions, array->rows,
                                    array->cols, error);
    if (status == STATUS_OK && count_of(array) > 0)
        memcpy(copy->data, array->data, count_of(array) * sizeof *array->data);
    return status;
}

struct array array_row(const struct array *matrix, size_t row)
{
    return (struct array){.context = matrix->context,
                          .rows = matrix->cols,
                          .cols = 1,
                          .dimensions = 1,
                          .view = true,
                          .data = matrix->data + row * matrix->cols};
}

char *array_shape_text(const struct array *array, char buffer[ARRAY_SHAPE_TEXT])
{
    if (array->dimensions == 1)
        snprintf(buffer, ARRAY_SHAPE_TEXT, "%zu", array->rows);
    else
        snprintf(buffer, ARRAY_SHAPE_TEXT, "%zu×%zu", array->rows, array->cols);
    return buffer;
}

/* --- elementwise ----------------------------------------------------------------------------- */

/* One line of an elementwise operation; a step is 0 where one value serves the whole line. */
#define LINE(expression)                             \
    for (size_t i = 0; i < count; i++) {             \
        double x = a[i * a_step], y = b[i * b_step]; \
        result[i] = (expression);                    \
    }                                                \
    break

static void apply_line(double *restrict result, enum array_binary operation, const double *a,
                       size_t a_step, const double *b, size_t b_step, size_t count)
{
    switch (operation) {
    case ARRAY_ADD: LINE(x + y);
    case ARRAY_SUBTRACT: LINE(x - y);
    case ARRAY_MULTIPLY: LINE(x * y);
    case ARRAY_DIVIDE: LINE(x / y);
    case ARRAY_POWER: LINE(y == 2 ? x * x : pow(x, y));
    case ARRAY_MINIMUM: LINE(x < y || isnan(x) ? x : y);
    case ARRAY_MAXIMUM: LINE(x > y || isnan(x) ? x : y);
    case ARRAY_GREATER: LINE(x > y);
    case ARRAY_EQUAL: LINE(x == y);
    }
}

/* As a matrix: one dimension is a row. */
static size_t matrix_rows(const struct array *array)
{
    return array->dimensions == 1 ? 1 : array->rows;
}

static size_t matrix_cols(const struct array *array)
{
    return array->dimensions == 1 ? array->rows : array->cols;
}

static bool common_size(size_t a, size_t b, size_t *common)
{
    *common = a == 1 ? b : a;
    return a == b || a == 1 || b == 1;
}

enum status array_apply(struct array *result, enum array_binary operation, const struct array *a,
                        const struct array *b, struct error *error)
{
    *result = (struct array){.context = a->context};
    size_t a_rows = matrix_rows(a), a_cols = matrix_cols(a);
    size_t b_rows = matrix_rows(b), b_cols = matrix_cols(b);
    size_t rows, cols;
    if (!common_size(a_rows, b_rows, &rows) || !common_size(a_cols, b_cols, &cols)) {
        char a_shape[ARRAY_SHAPE_TEXT], b_shape[ARRAY_SHAPE_TEXT];
        const struct array *flat = a->dimensions == 1 ? a : b, *other = flat == a ? b : a;
        array_shape_text(a, a_shape);
        array_shape_text(b, b_shape);
        if (flat->dimensions == 1 && other->dimensions == 2 && flat->rows == other->rows)
            return error_set(
                error, STATUS_SHAPE, NULL,
                "arrays of %s and %s do not fit: %zu numbers are a row; to use them as "
                "a column, write a:reshape(%zu, 1)",
                a_shape, b_shape, flat->rows, flat->rows);
        return error_set(
            error, STATUS_SHAPE, NULL,
            "arrays of %s and %s do not fit: the sizes must be equal, or one of them 1", a_shape,
            b_shape);
    }
    bool flat = a->dimensions == 1 && b->dimensions == 1;
    enum status status = array_init(result, a->context, flat ? 1 : 2, flat ? cols : rows,
                                    flat ? 1 : cols, error);
    if (status != STATUS_OK)
        return status;
    size_t a_step = a_cols == 1 ? 0 : 1, b_step = b_cols == 1 ? 0 : 1;
    if (a_rows == b_rows && a_cols == b_cols) { /* one line instead of many short ones */
        apply_line(result->data, operation, a->data, 1, b->data, 1, rows * cols);
        return STATUS_OK;
    }
    for (size_t i = 0; i < rows; i++)
        apply_line(result->data + i * cols, operation, a->data + (a_rows == 1 ? 0 : i * a_cols),
                   a_step, b->data + (b_rows == 1 ? 0 : i * b_cols), b_step, cols);
    return STATUS_OK;
}

/* --- products -------------------------------------------------------------------------------- */

static double dot(const double *a, const double *b, size_t count)
{
    double sums[4] = {0};
    size_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (size_t j = 0; j < 4; j++)
            sums[j] += a[i + j] * b[i + j];
    for (; i < count; i++)
        sums[0] += a[i] * b[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

double array_dot(const struct array *a, const struct array *b)
{
    return dot(a->data, b->data, count_of(a));
}

enum { SMALL_PRODUCT = 1 << 18 }; /* multiplications below which loading BLAS does not pay */

enum status array_matmul(struct array *result, const struct array *a, const struct array *b,
                         struct error *error)
{
    *result = (struct array){.context = a->context};
    size_t m = matrix_rows(a), inner = matrix_cols(a);
    size_t b_rows = b->rows, n = b->cols; /* one dimension on the right is a column */
    if (inner != b_rows) {
        char a_shape[ARRAY_SHAPE_TEXT], b_shape[ARRAY_SHAPE_TEXT];
        return error_set(error, STATUS_SHAPE, "matmul",
                         "arrays of %s and %s do not fit: the first has %zu column%s, the second "
                         "%zu row%s",
                         array_shape_text(a, a_shape), array_shape_text(b, b_shape), inner,
                         inner == 1 ? "" : "s", b_rows, b_rows == 1 ? "" : "s");
    }
    bool keeps_rows = a->dimensions == 2, keeps_cols = b->dimensions == 2;
    bool matrix = keeps_rows && keeps_cols;
    enum status status = array_init(result, a->context, matrix ? 2 : 1,
                                    matrix || keeps_rows ? m : n, matrix ? n : 1, error);
    if (status != STATUS_OK)
        return status;
    if (n == 1) {
        for (size_t i = 0; i < m; i++)
            result->data[i] = dot(a->data + i * inner, b->data, inner);
        return STATUS_OK;
    }
    if (m > 1 && m <= INT32_MAX && n <= INT32_MAX && inner <= INT32_MAX &&
        (double)m * (double)n * (double)inner >= SMALL_PRODUCT) {
        const struct linear_algebra *library = linear_algebra_open(a->context, NULL);
        if (library != NULL) {
            /* Row-major is the transpose of column-major: the transposed product is Bᵀ·Aᵀ. */
            int columns = (int)n, rows = (int)m, depth = (int)inner;
            const double one = 1, zero = 0;
            library->gemm("N", "N", &columns, &rows, &depth, &one, b->data, &columns, a->data,
                          &depth, &zero, result->data, &columns, 1, 1);
            return STATUS_OK;
        }
    }
    for (size_t i = 0; i < m; i++) {
        double *restrict row = result->data + i * n;
        for (size_t k = 0; k < inner; k++) {
            const double factor = a->data[i * inner + k], *b_row = b->data + k * n;
            for (size_t j = 0; j < n; j++)
                row[j] += factor * b_row[j];
        }
    }
    return STATUS_OK;
}

enum status array_transpose(struct array *result, const struct array *a, struct error *error)
{
    if (a->dimensions == 1)
        return array_copy(result, a, error);
    enum status status = array_init(result, a->context, 2, a->cols, a->rows, error);
    if (status != STATUS_OK)
        return status;
    enum { BLOCK = 16 }; /* a block of both matrices stays in the first cache */
    for (size_t top = 0; top < a->rows; top += BLOCK)
        for (size_t left = 0; left < a->cols; left += BLOCK)
            for (size_t i = top; i < a->rows && i < top + BLOCK; i++)
                for (size_t j = left; j < a->cols && j < left + BLOCK; j++)
                    result->data[j * a->rows + i] = a->data[i * a->cols + j];
    return STATUS_OK;
}

/* --- reductions ------------------------------------------------------------------------------ */

/* Halves are summed apart, so the rounding error grows with the logarithm of count. */
static double sum(const double *data, size_t count, size_t step)
{
    if (count > 128) {
        size_t half = count / 2;
        return sum(data, half, step) + sum(data + half * step, count - half, step);
    }
    double total = 0;
    for (size_t i = 0; i < count; i++)
        total += data[i * step];
    return total;
}

static double reduce(enum array_reduction reduction, const double *data, size_t count, size_t step)
{
    if (reduction == ARRAY_SUM)
        return sum(data, count, step);
    if (reduction == ARRAY_MEAN)
        return sum(data, count, step) / (double)count;
    double value = reduction == ARRAY_PRODUCT ? 1 : data[0];
    for (size_t i = 0; i < count; i++) {
        double x = data[i * step];
        if (reduction == ARRAY_PRODUCT)
            value *= x;
        else if (isnan(x))
            return x;
        else if (reduction == ARRAY_MIN ? x < value : x > value)
            value = x;
    }
    return value;
}

enum status array_reduce(struct array *result, enum array_reduction reduction, int axis,
                         const struct array *a, struct error *error)
{
    static const char *const names[] = {"sum", "prod", "mean", "min", "max"};
    *result = (struct array){.context = a->context};
    if (axis < 0 || axis > a->dimensions)
        return error_set(error, STATUS_ARGUMENT, "axis",
                         a->dimensions == 1 ? "an array of one dimension has axis 1 only, not %d"
                                            : "must be 1 (over the rows) or 2 (over the columns), "
                                              "not %d",
                         axis);
    size_t lines = axis == 0 ? 1 : axis == 1 ? a->cols : a->rows;
    size_t count = axis == 0 ? count_of(a) : axis == 1 ? a->rows : a->cols;
    if (count == 0 && reduction != ARRAY_SUM && reduction != ARRAY_PRODUCT)
        return error_set(error, STATUS_SHAPE, names[reduction], "the array is empty");
    enum status status = array_init(result, a->context, 1, lines, 1, error);
    if (status != STATUS_OK)
        return status;
    size_t step = axis == 1 ? a->cols : 1, next = axis == 1 ? 1 : a->cols;
    for (size_t i = 0; i < lines; i++)
        result->data[i] = reduce(reduction, a->data + i * next, count, step);
    return STATUS_OK;
}

double array_norm(const struct array *a)
{
    double largest = 0, total = 0;
    size_t count = count_of(a);
    for (size_t i = 0; i < count; i++) {
        if (isnan(a->data[i]))
            return a->data[i];
        largest = fmax(largest, fabs(a->data[i]));
    }
    if (largest == 0 || isinf(largest))
        return largest;
    /* Only squares that would overflow or vanish are scaled: others keep their last bit. */
    double scale = largest > 1e150 || largest < 1e-140 ? largest : 1;
    for (size_t i = 0; i < count; i++)
        total += (a->data[i] / scale) * (a->data[i] / scale);
    return scale * sqrt(total);
}

static bool same_shape(const struct array *a, const struct array *b)
{
    return a->dimensions == b->dimensions && a->rows == b->rows && a->cols == b->cols;
}

bool array_equal(const struct array *a, const struct array *b)
{
    if (!same_shape(a, b))
        return false;
    for (size_t i = 0; i < count_of(a); i++)
        if (a->data[i] != b->data[i])
            return false;
    return true;
}

bool array_close(const struct array *a, const struct array *b, double tolerance)
{
    if (!same_shape(a, b))
        return false;
    for (size_t i = 0; i < count_of(a); i++) {
        double x = a->data[i], y = b->data[i];
        if (x != y && !(fabs(x - y) <= tolerance)) /* equal infinities differ by NaN */
            return false;
    }
    return true;
}
