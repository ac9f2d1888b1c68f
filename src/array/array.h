/* SPDX-License-Identifier: GPL-3.0-or-later */
/* array.h: dense float64 arrays with one or two dimensions, row-major and contiguous.
 *
 * An array of one dimension has `rows` elements and cols == 1. A view (row i of a matrix) shares
 * the data of its owner, which the caller keeps alive.
 */
#ifndef DESCENT_ARRAY_ARRAY_H
#define DESCENT_ARRAY_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/context.h"
#include "base/error.h"

struct array {
    struct context *context;
    size_t rows, cols;
    int dimensions; /* 1 or 2 */
    bool view;      /* the data belong to another array */
    double *data;   /* rows * cols */
};

enum status array_init(struct array *array, struct context *context, int dimensions, size_t rows,
                       size_t cols, struct error *error);
void array_free(struct array *array);
enum status array_copy(struct array *copy, const struct array *array, struct error *error);
struct array array_row(const struct array *matrix, size_t row); /* a view of one dimension */

/* "3" or "2×3", for messages. Returns buffer. */
enum { ARRAY_SHAPE_TEXT = 48 };
char *array_shape_text(const struct array *array, char buffer[ARRAY_SHAPE_TEXT]);

/* Every function below that has a result makes it: the struct may be uninitialised before the call
 * and is empty (array_free is allowed) after a failure. */

/* The shape of an elementwise result is NumPy's: equal shapes, or one of them a scalar, a row or a
 * column; an array of one dimension is a row beside a matrix. */
enum array_binary {
    ARRAY_ADD,
    ARRAY_SUBTRACT,
    ARRAY_MULTIPLY,
    ARRAY_DIVIDE,
    ARRAY_POWER,
    ARRAY_MINIMUM,
    ARRAY_MAXIMUM,
    ARRAY_GREATER,
    ARRAY_EQUAL
};
enum status array_apply(struct array *result, enum array_binary operation, const struct array *a,
                        const struct array *b, struct error *error);

/* A left operand of one dimension is a row, a right one a column; the result drops what was
 * added. */
enum status array_matmul(struct array *result, const struct array *a, const struct array *b,
                         struct error *error);
double array_dot(const struct array *a, const struct array *b); /* over all elements, in order */
enum status array_transpose(struct array *result, const struct array *a,
                            struct error *error); /* one dimension: a copy */

enum array_reduction { ARRAY_SUM, ARRAY_PRODUCT, ARRAY_MEAN, ARRAY_MIN, ARRAY_MAX };
/* axis 0: one number; 1: over the rows, one number a column; 2: over the columns. NaN wins. The
 * mean and the extremes of nothing are refused. */
enum status array_reduce(struct array *result, enum array_reduction reduction, int axis,
                         const struct array *a, struct error *error);
double array_norm(const struct array *a);                       /* Euclid's, or Frobenius's */
bool array_equal(const struct array *a, const struct array *b); /* NaN is not equal to itself */
bool array_close(const struct array *a, const struct array *b,
                 double tolerance); /* same shape, |a - b| <= tolerance */

/* Linear algebra through LAPACK, loaded at first use; STATUS_UNSUPPORTED says what to install when
 * it is missing. */

/* A·x = b: by Cholesky where A is symmetric and positive definite, else by LU; the least squares
 * solution by QR where A has more rows than columns. *condition (may be NULL) is an estimate of
 * A's condition number, once its rows and columns are scaled to one magnitude; at 1 / DBL_EPSILON
 * and above, A is refused as singular. *condition is 0 when the failure has another reason. */
enum status array_solve(struct array *x, const struct array *a, const struct array *b,
                        double *condition, struct error *error);
enum status array_inverse(struct array *inverse, const struct array *a, struct error *error);
enum status array_eigenvalues(struct array *values, const struct array *symmetric,
                              struct error *error); /* ascending */
enum status array_determinant(double *determinant, const struct array *a, struct error *error);

/* A number as the prompt shows it inside arrays: 7 significant digits, no trailing zeros, "nan",
 * "inf", "-inf", with the C locale's point whatever the locale. Returns buffer. */
char *array_number_text(double value, char *buffer, size_t size);

#endif
