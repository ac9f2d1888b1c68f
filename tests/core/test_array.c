/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expected values of linear algebra are worked by hand or known in closed form; the others are
 * NumPy's. */
#include <criterion/criterion.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "array/array.h"
#include "array/linear_algebra.h"
#include "base/generator.h"
#include "base/memory.h"

#define SAME(a, b) cr_assert_str_eq((a), (b))

static struct context context;
static struct error error;

static void begin(void)
{
    context_init(&context);
}

/* Every test ends with all blocks given back. */
static void finish(void)
{
    context_free(&context);
    cr_assert_eq(context.memory.live, 0);
}

TestSuite(array, .init = begin, .fini = finish);
TestSuite(linear_algebra, .init = begin, .fini = finish);

static struct array matrix(size_t rows, size_t cols, const double *values)
{
    struct array array;
    cr_assert_eq(array_init(&array, &context, 2, rows, cols, &error), STATUS_OK);
    memcpy(array.data, values, rows * cols * sizeof *values);
    return array;
}

static struct array vector(size_t size, const double *values)
{
    struct array array;
    cr_assert_eq(array_init(&array, &context, 1, size, 1, &error), STATUS_OK);
    memcpy(array.data, values, size * sizeof *values);
    return array;
}

#define MATRIX(rows, cols, ...) matrix(rows, cols, (const double[]){__VA_ARGS__})
#define VECTOR(...) \
    vector(sizeof((const double[]){__VA_ARGS__}) / sizeof(double), (const double[]){__VA_ARGS__})

static void free_all(struct array *first, ...)
{
    va_list rest;
    va_start(rest, first);
    for (struct array *array = first; array != NULL; array = va_arg(rest, struct array *))
        array_free(array);
    va_end(rest);
}

/* `expected` is freed: it is written in place. */
static bool is(const struct array *got, struct array expected, double tolerance)
{
    bool same = array_close(got, &expected, tolerance);
    array_free(&expected);
    return same;
}

/* --- shapes and elements --------------------------------------------------------------------- */

Test(array, new_ones_are_zero_and_aligned)
{
    for (size_t rows = 0; rows < 20; rows += 3)
        for (size_t cols = 0; cols < 5; cols++) {
            struct array array;
            cr_assert_eq(array_init(&array, &context, 2, rows, cols, &error), STATUS_OK);
            cr_assert_eq((uintptr_t)array.data % 64, 0);
            for (size_t i = 0; i < rows * cols; i++)
                cr_assert_eq(array.data[i], 0);
            array_free(&array);
            array_free(&array); /* twice does no harm */
        }
}

Test(array, impossible_sizes_are_refused_in_words)
{
    struct array array;
    cr_assert_eq(array_init(&array, &context, 2, SIZE_MAX / 2, 3, &error), STATUS_MEMORY);
    cr_assert_eq(array_init(&array, &context, 1, SIZE_MAX / 4, 1, &error), STATUS_MEMORY);
    SAME(error.text, "not enough memory for an array of 4611686018427387903 numbers");
    array_free(&array);
    context.memory.limit = 1 << 20;
    cr_assert_eq(array_init(&array, &context, 2, 1000, 1000, &error), STATUS_MEMORY);
    SAME(error.text, "not enough memory for an array of 1000×1000 numbers");
    array_free(&array);
}

Test(array, a_row_is_a_view_and_a_copy_is_not)
{
    struct array a = MATRIX(3, 2, 1, 2, 3, 4, 5, 6), copy;
    struct array row = array_row(&a, 1);
    cr_assert(is(&row, VECTOR(3, 4), 0));
    row.data[0] = 30;
    cr_assert_eq(a.data[2], 30);
    cr_assert_eq(array_copy(&copy, &row, &error), STATUS_OK);
    copy.data[0] = 7;
    cr_assert_eq(a.data[2], 30);
    array_free(&row);
    cr_assert_eq(a.data[3], 4);
    free_all(&a, &copy, NULL);
}

Test(array, shapes_as_text)
{
    char text[ARRAY_SHAPE_TEXT];
    struct array a = MATRIX(1, 2, 1, 2), b = VECTOR(1, 2, 3);
    struct array huge = {.dimensions = 2, .rows = SIZE_MAX, .cols = SIZE_MAX};
    SAME(array_shape_text(&a, text), "1×2");
    SAME(array_shape_text(&b, text), "3");
    SAME(array_shape_text(&huge, text), "18446744073709551615×18446744073709551615");
    free_all(&a, &b, NULL);
}

/* --- elementwise ----------------------------------------------------------------------------- */

Test(array, operations_follow_the_numbers)
{
    struct array a = VECTOR(1, -2, 3, NAN, INFINITY), b = VECTOR(2, 2, -3, 1, 1), r;
    const double nan = NAN;
    const double expected[][5] = {
        {3, 0, 0, nan, INFINITY},        /* + */
        {-1, -4, 6, nan, INFINITY},      /* - */
        {2, -4, -9, nan, INFINITY},      /* × */
        {.5, -1, -1, nan, INFINITY},     /* ÷ */
        {1, 4, 1.0 / 27, nan, INFINITY}, /* ^ */
        {1, -2, -3, nan, 1},             /* min */
        {2, 2, 3, nan, INFINITY},        /* max */
        {0, 0, 1, 0, 1},                 /* > */
        {0, 0, 0, 0, 0},                 /* = */
    };
    for (int operation = ARRAY_ADD; operation <= ARRAY_EQUAL; operation++) {
        cr_assert_eq(array_apply(&r, (enum array_binary)operation, &a, &b, &error), STATUS_OK);
        for (int i = 0; i < 5; i++)
            cr_assert(r.data[i] == expected[operation][i] ||
                      (isnan(r.data[i]) && isnan(expected[operation][i])));
        array_free(&r);
    }
    for (int side = 0; side < 2; side++) /* NaN wins from either side */
        for (int operation = ARRAY_MINIMUM; operation <= ARRAY_MAXIMUM; operation++) {
            struct array x = VECTOR(NAN), y = VECTOR(1);
            array_apply(&r, (enum array_binary)operation, side ? &x : &y, side ? &y : &x, &error);
            cr_assert(isnan(r.data[0]));
            free_all(&x, &y, &r, NULL);
        }
    free_all(&a, &b, NULL);
}

/* Broadcasting, against the definition: result[i][j] = a[i or 0][j or 0] - b[i or 0][j or 0]. */
Test(array, shapes_broadcast_as_in_numpy)
{
    static const struct {
        int dimensions;
        size_t rows, cols;
    } shapes[] = {{1, 1, 1}, {1, 3, 1}, {1, 4, 1}, {2, 1, 1}, {2, 1, 3}, {2, 4, 1},
                  {2, 4, 3}, {2, 3, 3}, {2, 0, 3}, {1, 0, 1}, {2, 3, 4}};
    enum { SHAPES = sizeof shapes / sizeof *shapes };
    for (int s = 0; s < SHAPES; s++)
        for (int t = 0; t < SHAPES; t++) {
            struct array a, b, r;
            array_init(&a, &context, shapes[s].dimensions, shapes[s].rows, shapes[s].cols, &error);
            array_init(&b, &context, shapes[t].dimensions, shapes[t].rows, shapes[t].cols, &error);
            for (size_t i = 0; i < a.rows * a.cols; i++)
                a.data[i] = (double)(100 * (i + 1));
            for (size_t i = 0; i < b.rows * b.cols; i++)
                b.data[i] = (double)(i + 1);
            size_t a_rows = a.dimensions == 1 ? 1 : a.rows,
                   a_cols = a.dimensions == 1 ? a.rows : a.cols;
            size_t b_rows = b.dimensions == 1 ? 1 : b.rows,
                   b_cols = b.dimensions == 1 ? b.rows : b.cols;
            bool fits = (a_rows == b_rows || a_rows == 1 || b_rows == 1) &&
                        (a_cols == b_cols || a_cols == 1 || b_cols == 1);
            enum status status = array_apply(&r, ARRAY_SUBTRACT, &a, &b, &error);
            cr_assert_eq(status, fits ? STATUS_OK : STATUS_SHAPE);
            if (fits) {
                size_t rows = a_rows == 1 ? b_rows : a_rows, cols = a_cols == 1 ? b_cols : a_cols;
                bool flat = a.dimensions == 1 && b.dimensions == 1;
                cr_assert_eq(r.dimensions, flat ? 1 : 2);
                cr_assert_eq(r.rows, flat ? cols : rows);
                cr_assert_eq(r.cols, flat ? 1 : cols);
                for (size_t i = 0; i < rows; i++)
                    for (size_t j = 0; j < cols; j++)
                        cr_assert_eq(
                            r.data[i * cols + j],
                            a.data[(a_rows == 1 ? 0 : i) * a_cols + (a_cols == 1 ? 0 : j)] -
                                b.data[(b_rows == 1 ? 0 : i) * b_cols + (b_cols == 1 ? 0 : j)]);
            }
            free_all(&a, &b, &r, NULL);
        }
}

Test(array, shapes_that_do_not_fit_say_what_to_do)
{
    struct array a = MATRIX(3, 2, 1, 2, 3, 4, 5, 6), b = VECTOR(1, 2, 3), c = VECTOR(1, 2, 3, 4), r;
    cr_assert_eq(array_apply(&r, ARRAY_ADD, &a, &b, &error), STATUS_SHAPE);
    SAME(error.text,
         "arrays of 3×2 and 3 do not fit: 3 numbers are a row; to use them as a column, "
         "write a:reshape(3, 1)");
    cr_assert_eq(array_apply(&r, ARRAY_ADD, &c, &b, &error), STATUS_SHAPE);
    SAME(error.text, "arrays of 4 and 3 do not fit: the sizes must be equal, or one of them 1");
    free_all(&a, &b, &c, NULL);
}

/* --- products -------------------------------------------------------------------------------- */

static void fill_random(struct array *array, struct generator *generator)
{
    for (size_t i = 0; i < array->rows * array->cols; i++)
        array->data[i] = generator_normal(generator);
}

/* Small sizes take our own loops, large ones BLAS: both against the definition. */
Test(array, matmul_is_the_sum_over_the_inner_size)
{
    static const size_t sizes[][3] = {{1, 1, 1},     {2, 3, 4},     {7, 5, 1},    {1, 6, 9},
                                      {0, 3, 2},     {3, 0, 2},     {33, 17, 29}, {90, 70, 80},
                                      {1, 600, 600}, {200, 2, 700}, {700, 400, 1}};
    struct generator generator;
    generator_seed(&generator, 4);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t m = sizes[s][0], inner = sizes[s][1], n = sizes[s][2];
        struct array a, b, r;
        array_init(&a, &context, 2, m, inner, &error);
        array_init(&b, &context, 2, inner, n, &error);
        fill_random(&a, &generator);
        fill_random(&b, &generator);
        cr_assert_eq(array_matmul(&r, &a, &b, &error), STATUS_OK);
        cr_assert(r.dimensions == 2 && r.rows == m && r.cols == n);
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++) {
                double expected = 0;
                for (size_t k = 0; k < inner; k++)
                    expected += a.data[i * inner + k] * b.data[k * n + j];
                cr_assert_float_eq(r.data[i * n + j], expected, 1e-12 * (double)(inner + 1));
            }
        free_all(&a, &b, &r, NULL);
    }
}

Test(array, matmul_drops_the_sides_it_added)
{
    struct array a = MATRIX(2, 3, 1, 2, 3, 4, 5, 6), u = VECTOR(1, 10), v = VECTOR(1, 10, 100), r;
    array_matmul(&r, &a, &v, &error);
    cr_assert(is(&r, VECTOR(321, 654), 0));
    array_free(&r);
    array_matmul(&r, &u, &a, &error);
    cr_assert(is(&r, VECTOR(41, 52, 63), 0));
    array_free(&r);
    array_matmul(&r, &v, &v, &error);
    cr_assert(is(&r, VECTOR(10101), 0));
    array_free(&r);
    cr_assert_eq(array_dot(&v, &v), 10101);
    cr_assert_eq(array_matmul(&r, &a, &u, &error), STATUS_SHAPE);
    SAME(error.where, "matmul");
    SAME(error.text, "arrays of 2×3 and 2 do not fit: the first has 3 columns, the second 2 rows");
    free_all(&a, &u, &v, &r, NULL);
}

Test(array, transposing)
{
    struct array a = MATRIX(2, 3, 1, 2, 3, 4, 5, 6), v = VECTOR(1, 2), r, back;
    array_transpose(&r, &a, &error);
    cr_assert(is(&r, MATRIX(3, 2, 1, 4, 2, 5, 3, 6), 0));
    array_free(&r);
    array_transpose(&r, &v, &error);
    cr_assert(is(&r, VECTOR(1, 2), 0));
    array_free(&r);
    struct array large;
    array_init(&large, &context, 2, 37, 53, &error);
    for (size_t i = 0; i < 37 * 53; i++)
        large.data[i] = (double)i;
    array_transpose(&r, &large, &error);
    for (size_t i = 0; i < 37; i++)
        for (size_t j = 0; j < 53; j++)
            cr_assert_eq(r.data[j * 37 + i], large.data[i * 53 + j]);
    array_transpose(&back, &r, &error);
    cr_assert(array_equal(&back, &large));
    free_all(&a, &v, &r, &back, &large, NULL);
}

/* --- reductions ------------------------------------------------------------------------------ */

Test(array, reductions_along_each_axis)
{
    struct array a = MATRIX(2, 3, 1, -2, 3, 4, 5, -6), r;
    static const double all[] = {5, 720, 5.0 / 6, -6, 5};
    static const double columns[][3] = {
        {5, 3, -3}, {4, -10, -18}, {2.5, 1.5, -1.5}, {1, -2, -6}, {4, 5, 3}};
    static const double rows[][2] = {{2, 3}, {-6, -120}, {2.0 / 3, 1}, {-2, -6}, {3, 5}};
    for (int i = ARRAY_SUM; i <= ARRAY_MAX; i++) {
        enum array_reduction reduction = (enum array_reduction)i;
        array_reduce(&r, reduction, 0, &a, &error);
        cr_assert(is(&r, vector(1, &all[i]), 1e-15));
        array_free(&r);
        array_reduce(&r, reduction, 1, &a, &error);
        cr_assert(is(&r, vector(3, columns[i]), 1e-15));
        array_free(&r);
        array_reduce(&r, reduction, 2, &a, &error);
        cr_assert(is(&r, vector(2, rows[i]), 1e-15));
        array_free(&r);
    }
    cr_assert_eq(array_reduce(&r, ARRAY_SUM, 3, &a, &error), STATUS_ARGUMENT);
    SAME(error.where, "axis");
    array_free(&a);
}

Test(array, reductions_of_nothing_and_of_nan)
{
    struct array empty, r, v = VECTOR(1, NAN, -5);
    array_init(&empty, &context, 2, 0, 3, &error);
    array_reduce(&r, ARRAY_SUM, 0, &empty, &error);
    cr_assert_eq(r.data[0], 0);
    array_free(&r);
    array_reduce(&r, ARRAY_PRODUCT, 1, &empty, &error);
    cr_assert(is(&r, VECTOR(1, 1, 1), 0));
    array_free(&r);
    for (int i = ARRAY_MEAN; i <= ARRAY_MAX; i++)
        cr_assert_eq(array_reduce(&r, (enum array_reduction)i, 0, &empty, &error), STATUS_SHAPE);
    for (int i = ARRAY_SUM; i <= ARRAY_MAX; i++) {
        array_reduce(&r, (enum array_reduction)i, 0, &v, &error);
        cr_assert(isnan(r.data[0]));
        array_free(&r);
    }
    free_all(&empty, &v, NULL);
}

/* A plain running sum of 0.1 is off by 1e-4 after ten million; halves are not. */
Test(array, long_sums_stay_exact_to_many_digits)
{
    enum { MANY = 3000000 };
    struct array a, r;
    array_init(&a, &context, 1, MANY, 1, &error);
    for (size_t i = 0; i < MANY; i++)
        a.data[i] = 0.1;
    array_reduce(&r, ARRAY_SUM, 0, &a, &error);
    cr_assert_float_eq(r.data[0], 0.1 * MANY, 1e-9);
    free_all(&a, &r, NULL);
}

Test(array, norms_neither_overflow_nor_vanish)
{
    struct array a = MATRIX(1, 2, 3, -4), b = VECTOR(3e300, 4e300), c = VECTOR(3e-300, -4e-300);
    struct array d = VECTOR(0, 0), e = VECTOR(1, -INFINITY), f = VECTOR(1, NAN, INFINITY);
    cr_assert_eq(array_norm(&a), 5);
    cr_assert_float_eq(array_norm(&b) / 5e300, 1, 1e-15);
    cr_assert_float_eq(array_norm(&c) / 5e-300, 1, 1e-15);
    cr_assert_eq(array_norm(&d), 0);
    cr_assert_eq(array_norm(&e), INFINITY);
    cr_assert(isnan(array_norm(&f)));
    free_all(&a, &b, &c, &d, &e, &f, NULL);
}

Test(array, equal_and_close)
{
    struct array a = VECTOR(1, 2), b = VECTOR(1, 2 + 1e-12), c = MATRIX(2, 1, 1, 2);
    struct array d = VECTOR(NAN, 2), e = VECTOR(INFINITY, 2), f = VECTOR(-INFINITY, 2);
    cr_assert(array_equal(&a, &a));
    cr_assert_not(array_equal(&a, &b));
    cr_assert_not(array_equal(&a, &c));
    cr_assert_not(array_equal(&d, &d));
    cr_assert(array_close(&a, &b, 1e-9));
    cr_assert_not(array_close(&a, &b, 1e-13));
    cr_assert_not(array_close(&a, &c, 1));
    cr_assert_not(array_close(&d, &d, 1));
    cr_assert(array_close(&e, &e, 0));
    cr_assert_not(array_close(&e, &f, INFINITY) && array_close(&e, &a, 1e300));
    free_all(&a, &b, &c, &d, &e, &f, NULL);
}

/* --- linear algebra -------------------------------------------------------------------------- */

Test(linear_algebra, solve_by_cholesky_and_by_elimination)
{
    struct array a = MATRIX(3, 3, 4, -2, 1, -2, 4, -2, 1, -2, 4), b = VECTOR(11, -16, 17), x;
    double condition;
    cr_assert_eq(array_solve(&x, &a, &b, &condition, &error), STATUS_OK);
    cr_assert(is(&x, VECTOR(1, -2, 3), 1e-14));
    cr_assert(condition > 4 && condition < 10);
    free_all(&a, &b, &x, NULL);

    a = MATRIX(3, 3, 0, 2, 1, 1, 1, 0, 3, -1, 2); /* the first pivot is 0 */
    b = MATRIX(3, 2, 3, 6, 2, 4, 5, 10);
    cr_assert_eq(array_solve(&x, &a, &b, NULL, &error), STATUS_OK);
    cr_assert(is(&x, MATRIX(3, 2, 1.125, 2.25, 0.875, 1.75, 1.25, 2.5), 1e-14));
    free_all(&a, &b, &x, NULL);

    a = MATRIX(2, 2, 1, 2, 2, 1); /* symmetric, not positive definite */
    b = VECTOR(5, 4);
    cr_assert_eq(array_solve(&x, &a, &b, NULL, &error), STATUS_OK);
    cr_assert(is(&x, VECTOR(1, 2), 1e-15));
    free_all(&a, &b, &x, NULL);
}

Test(linear_algebra, least_squares)
{
    /* The course's six points; slope and intercept from NumPy's lstsq. */
    struct array a = MATRIX(6, 2, 1, .03, 1, .19, 1, .34, 1, .46, 1, .78, 1, .81);
    struct array b = VECTOR(.67, .85, 1.05, 1, 1.4, 1.5), x;
    cr_assert_eq(array_solve(&x, &a, &b, NULL, &error), STATUS_OK);
    cr_assert(is(&x, VECTOR(0.6452731326644379, 0.9955406911928646), 1e-14));
    array_free(&x);
    struct array more; /* many right sides at once, each the same as alone */
    array_init(&more, &context, 2, 6, 50, &error);
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < 50; j++)
            more.data[i * 50 + j] = b.data[i] * (double)(j + 1);
    cr_assert_eq(array_solve(&x, &a, &more, NULL, &error), STATUS_OK);
    cr_assert(x.rows == 2 && x.cols == 50);
    for (size_t j = 0; j < 50; j++)
        cr_assert_float_eq(x.data[50 + j], 0.9955406911928646 * (double)(j + 1), 1e-12);
    free_all(&a, &b, &x, &more, NULL);
}

Test(linear_algebra, random_systems_of_many_sizes_are_solved)
{
    struct generator generator;
    generator_seed(&generator, 8);
    for (size_t n = 1; n <= 120; n = n * 2 + 1)
        for (int kind = 0; kind < 3; kind++) { /* general, positive definite, tall */
            size_t m = kind == 2 ? n + 30 : n;
            struct array a, t, square, truth, b, x;
            array_init(&a, &context, 2, m, n, &error);
            array_init(&truth, &context, 1, n, 1, &error);
            fill_random(&a, &generator);
            fill_random(&truth, &generator);
            if (kind == 1) {
                array_transpose(&t, &a, &error);
                array_matmul(&square, &a, &t, &error);
                free_all(&a, &t, NULL);
                a = square;
                for (size_t i = 0; i < n; i++) {
                    a.data[i * n + i] += 1;
                    for (size_t j = 0; j < i; j++)
                        a.data[i * n + j] = a.data[j * n + i];
                }
            }
            array_matmul(&b, &a, &truth, &error);
            double condition;
            cr_assert_eq(array_solve(&x, &a, &b, &condition, &error), STATUS_OK);
            cr_assert(array_close(&x, &truth, 1e-15 * condition * (double)n * 10 + 1e-13));
            free_all(&a, &truth, &b, &x, NULL);
        }
}

/* Sizes that differ by 20 powers of ten are no dependence. */
Test(linear_algebra, magnitudes_do_not_make_a_matrix_singular)
{
    struct array a = MATRIX(2, 2, 1e-10, 0, 0, 1e10), b = VECTOR(1, 1), x;
    cr_assert_eq(array_solve(&x, &a, &b, NULL, &error), STATUS_OK);
    cr_assert_float_eq(x.data[0] * 1e-10, 1, 1e-15);
    cr_assert_float_eq(x.data[1] * 1e10, 1, 1e-15);
    free_all(&a, &b, &x, NULL);
    a = MATRIX(2, 2, 1e-200, 2e-200, 3e200, 4e200);
    b = VECTOR(5e-200, 11e200);
    cr_assert_eq(array_solve(&x, &a, &b, NULL, &error), STATUS_OK);
    cr_assert(is(&x, VECTOR(1, 2), 1e-14));
    free_all(&a, &b, &x, NULL);
    a = MATRIX(3, 2, 1e-12, 1e12, 2e-12, -1e12, 3e-12, 5e12);
    b = VECTOR(2, 1, 8);
    cr_assert_eq(array_solve(&x, &a, &b, NULL, &error), STATUS_OK);
    cr_assert_float_eq(x.data[0] * 1e-12, 1, 1e-13);
    cr_assert_float_eq(x.data[1] * 1e12, 1, 1e-13);
    free_all(&a, &b, &x, NULL);
}

Test(linear_algebra, singular_is_one_sentence)
{
    struct array a = MATRIX(2, 2, 1, 2, 2, 4), b = VECTOR(1, 1), x;
    double condition;
    cr_assert_eq(array_solve(&x, &a, &b, &condition, &error), STATUS_NUMBER);
    cr_assert_eq(condition, INFINITY);
    SAME(error.where, "solve");
    SAME(error.text,
         "A is singular: its rows depend on each other, so there is no single solution");
    cr_assert_eq(array_inverse(&x, &a, &error), STATUS_NUMBER);
    SAME(error.where, "inverse");
    SAME(error.text, "A is singular: its rows depend on each other, so it has no inverse");
    free_all(&a, &b, NULL);

    a = MATRIX(3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9); /* elimination leaves 1e-16, not 0 */
    b = VECTOR(1, 2, 4);
    cr_assert_eq(array_solve(&x, &a, &b, &condition, &error), STATUS_NUMBER);
    cr_assert(condition > 1e15);
    cr_assert_eq(strncmp(error.text, "A is singular", 13), 0);
    free_all(&a, &b, NULL);

    a = MATRIX(3, 2, 1, 2, 2, 4, 3, 6);
    b = VECTOR(1, 2, 3);
    cr_assert_eq(array_solve(&x, &a, &b, &condition, &error), STATUS_NUMBER);
    cr_assert_not_null(strstr(error.text, "its columns depend on each other"));
    free_all(&a, &b, NULL);

    a = MATRIX(2, 2, 0, 0, 0, 0);
    cr_assert_eq(array_inverse(&x, &a, &error), STATUS_NUMBER);
    array_free(&a);
}

Test(linear_algebra, wrong_shapes_and_numbers_are_refused_in_words)
{
    struct array wide = MATRIX(2, 3, 1, 2, 3, 4, 5, 6), v = VECTOR(1, 2, 3), x;
    struct array square = MATRIX(2, 2, 1, 2, 3, 4), holed = MATRIX(2, 2, 1, 2, NAN, 4);
    struct array bad = VECTOR(1, -INFINITY);
    double value, condition = 5;
    cr_assert_eq(array_solve(&x, &wide, &v, &condition, &error), STATUS_SHAPE);
    cr_assert_eq(condition, 0);
    cr_assert_not_null(strstr(error.text, "fewer equations than unknowns"));
    cr_assert_eq(array_solve(&x, &square, &v, NULL, &error), STATUS_SHAPE);
    SAME(error.text, "b has 3 rows where A has 2");
    cr_assert_eq(array_solve(&x, &v, &v, NULL, &error), STATUS_SHAPE);
    cr_assert_eq(array_solve(&x, &holed, &bad, NULL, &error), STATUS_NUMBER);
    SAME(error.text, "A[2][1] is nan");
    cr_assert_eq(array_solve(&x, &square, &bad, NULL, &error), STATUS_NUMBER);
    SAME(error.text, "b[2] is -inf");
    cr_assert_eq(array_inverse(&x, &wide, &error), STATUS_SHAPE);
    cr_assert_eq(array_determinant(&value, &wide, &error), STATUS_SHAPE);
    SAME(error.where, "determinant");
    SAME(error.text, "needs a square matrix, as many rows as columns, not an array of 2×3");
    cr_assert_eq(array_eigenvalues(&x, &v, &error), STATUS_SHAPE);
    cr_assert_eq(array_eigenvalues(&x, &square, &error), STATUS_UNSUPPORTED);
    SAME(error.text, "the matrix is not symmetric: [2][1] is 3 and [1][2] is 2");
    free_all(&wide, &v, &square, &holed, &bad, NULL);
}

Test(linear_algebra, inverse_of_the_hilbert_matrix_is_known)
{
    /* (H⁻¹)ᵢⱼ = (-1)^(i+j) (i+j-1) C(n+i-1,n-j) C(n+j-1,n-i) C(i+j-2,i-1)²; the first row for 6. */
    static const double first[] = {36, -630, 3360, -7560, 7560, -2772};
    struct array h, inverse, product;
    array_init(&h, &context, 2, 6, 6, &error);
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < 6; j++)
            h.data[i * 6 + j] = 1.0 / (double)(i + j + 1);
    cr_assert_eq(array_inverse(&inverse, &h, &error), STATUS_OK);
    for (size_t j = 0; j < 6; j++)
        cr_assert_float_eq(inverse.data[j] / first[j], 1, 1e-8);
    array_matmul(&product, &h, &inverse, &error);
    for (size_t i = 0; i < 36; i++)
        cr_assert_float_eq(product.data[i], i % 7 == 0, 1e-8);
    double determinant, condition;
    array_determinant(&determinant, &h, &error);
    cr_assert_float_eq(determinant / 5.3672998868168e-18, 1, 1e-8); /* 1 / 186313420339200000 */
    struct array b = VECTOR(1, 0, 0, 0, 0, 0), x;
    cr_assert_eq(array_solve(&x, &h, &b, &condition, &error), STATUS_OK);
    cr_assert(condition > 1e6 && condition < 3e7);
    free_all(&h, &inverse, &product, &b, &x, NULL);
}

Test(linear_algebra, determinants)
{
    double value;
    struct array a = MATRIX(2, 2, 1, 2, 3, 4), b = MATRIX(3, 3, 0, 2, 1, 1, 1, 0, 3, -1, 2);
    struct array c = MATRIX(2, 2, 1, 2, 2, 4), d = MATRIX(1, 1, -7), e;
    array_init(&e, &context, 2, 0, 0, &error);
    cr_assert_eq(array_determinant(&value, &a, &error), STATUS_OK);
    cr_assert_float_eq(value, -2, 1e-15);
    array_determinant(&value, &b, &error);
    cr_assert_float_eq(value, -8, 1e-14);
    array_determinant(&value, &c, &error);
    cr_assert(value == 0 && !signbit(value));
    array_determinant(&value, &d, &error);
    cr_assert_eq(value, -7);
    array_determinant(&value, &e, &error);
    cr_assert_eq(value, 1);
    free_all(&a, &b, &c, &d, &e, NULL);
}

Test(linear_algebra, eigenvalues_of_a_chain_are_known)
{
    /* 2 on the diagonal, -1 beside it: 2 - 2·cos(kπ/(n+1)), k = 1..n. */
    for (size_t n = 0; n <= 60; n = n * 3 + 1) {
        struct array a, values;
        array_init(&a, &context, 2, n, n, &error);
        for (size_t i = 0; i < n; i++) {
            a.data[i * n + i] = 2;
            if (i + 1 < n)
                a.data[i * n + i + 1] = a.data[(i + 1) * n + i] = -1;
        }
        cr_assert_eq(array_eigenvalues(&values, &a, &error), STATUS_OK);
        cr_assert(values.dimensions == 1 && values.rows == n);
        for (size_t k = 1; k <= n; k++)
            cr_assert_float_eq(values.data[k - 1],
                               2 - 2 * cos((double)k * acos(-1) / (double)(n + 1)), 1e-13);
        free_all(&a, &values, NULL);
    }
}

Test(linear_algebra, empty_systems)
{
    struct array a, b, x;
    array_init(&a, &context, 2, 0, 0, &error);
    array_init(&b, &context, 1, 0, 1, &error);
    cr_assert_eq(array_solve(&x, &a, &b, NULL, &error), STATUS_OK);
    cr_assert_eq(x.rows, 0);
    array_free(&x);
    cr_assert_eq(array_inverse(&x, &a, &error), STATUS_OK);
    free_all(&a, &b, &x, NULL);
}

/* --- every request for memory fails once ----------------------------------------------------- */

static enum status make(int which, struct array *r, const struct array *a, const struct array *b)
{
    double number;
    *r = (struct array){.context = &context};
    switch (which) {
    case 0: return array_init(r, &context, 2, 3, 4, &error);
    case 1: return array_copy(r, a, &error);
    case 2: return array_apply(r, ARRAY_ADD, a, b, &error);
    case 3: return array_matmul(r, a, b, &error);
    case 4: return array_transpose(r, a, &error);
    case 5: return array_reduce(r, ARRAY_MAX, 1, a, &error);
    case 6: return array_solve(r, a, b, NULL, &error);
    case 7: return array_inverse(r, a, &error);
    case 8: return array_eigenvalues(r, a, &error);
    case 9: return array_determinant(&number, a, &error);
    default: return STATUS_UNSUPPORTED;
    }
}

Test(linear_algebra, no_failed_request_leaks)
{
    struct array a = MATRIX(2, 2, 2, 1, 1, 3), b = VECTOR(1, 2), r;
    for (int which = 0; which < 10; which++)
        for (size_t n = 1;; n++) {
            /* The library itself is loaded anew each time: its request fails too. */
            context_free(&context);
            size_t live = context.memory.live;
            context.memory.fail_at = context.memory.requests + n;
            enum status status = make(which, &r, &a, &b);
            context.memory.fail_at = 0;
            if (status == STATUS_OK) {
                cr_assert_gt(n, 1);
                array_free(&r);
                break;
            }
            cr_assert_eq(status, STATUS_MEMORY);
            cr_assert_eq(strncmp(error.text, "not enough memory", 17), 0);
            array_free(&r); /* allowed */
            context_free(&context);
            cr_assert_eq(context.memory.live, live);
        }
    free_all(&a, &b, NULL);
}

Test(linear_algebra, a_large_product_without_room_for_the_library_is_still_right)
{
    struct array a, b, slow, fast;
    struct generator generator;
    generator_seed(&generator, 5);
    array_init(&a, &context, 2, 80, 80, &error);
    array_init(&b, &context, 2, 80, 80, &error);
    fill_random(&a, &generator);
    fill_random(&b, &generator);
    context.memory.fail_at = context.memory.requests + 2;
    cr_assert_eq(array_matmul(&slow, &a, &b, &error), STATUS_OK);
    context.memory.fail_at = 0;
    cr_assert_null(context_part(&context, CONTEXT_LINEAR_ALGEBRA));
    cr_assert_eq(array_matmul(&fast, &a, &b, &error), STATUS_OK);
    cr_assert_not_null(context_part(&context, CONTEXT_LINEAR_ALGEBRA));
    cr_assert(array_close(&slow, &fast, 1e-12));
    free_all(&a, &b, &slow, &fast, NULL);
}

/* --- numbers as text ------------------------------------------------------------------------- */

static void check_texts(void)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-21.904, "-21.904"},
        {-26.840437, "-26.84044"},
        {0.1 + 0.2, "0.3"},
        {100, "100"},
        {1234567, "1234567"},
        {12345678, "1.234568e+07"},
        {1e7, "1e+07"},
        {0.0001, "0.0001"},
        {0.00001234, "1.234e-05"},
        {1e100, "1e+100"},
        {-2.5e-300, "-2.5e-300"},
        {1.0 / 3, "0.3333333"},
        {NAN, "nan"},
        {-NAN, "nan"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
        {9999999.6, "1e+07"},
        {DBL_MIN, "2.225074e-308"},
    };
    char buffer[32];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        SAME(array_number_text(cases[i].value, buffer, sizeof buffer), cases[i].text);
}

Test(array, numbers_as_text)
{
    check_texts();
}

Test(array, numbers_as_text_do_not_follow_the_locale)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ps_AF.UTF-8", "fa_IR.UTF-8",
                                        "de_CH.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (setlocale(LC_NUMERIC, names[i]) != NULL)
            check_texts();
    setlocale(LC_NUMERIC, "C");
}
