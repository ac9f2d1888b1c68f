/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions that make arrays, and linear algebra. */
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "bind/array.h"
#include "bind/bind.h"
#include "bind/text.h"

/* --- constructors ---------------------------------------------------------------------------- */

static const struct argument array_arguments[] = {
    {.name = "elements",
     .type = ARGUMENT_ARRAY,
     .shape = "n, or r×c",
     .required = true,
     .summary = "numbers, or rows of numbers that are all of one length; or an array, to copy"},
};

const struct doc bind_array_doc = {
    .name = "array",
    .signature = "array{1, 2, 3}, array{{1, 2}, {3, 4}}",
    .summary =
        "a dense array of numbers with one or two dimensions; a[i], a[i][j] and a(i, j) read, "
        "a[i] = v writes, everything counts from 1; + - * / ^ work element by element, with "
        "a number, a row or a column stretched to fit; == compares all elements",
    DOC_ARGUMENTS(array_arguments),
    .returns = "an array",
    .errors = "rows of different lengths, and elements that are no numbers; a place outside the "
              "array",
    .example =
        "a = array{{1, 2}, {3, 4}}\na[2][1] = 30\nprint(a + 1)\nprint(a*a == a^2, #a, a.cols)",
    .result = " 2  3\n31  5\ntrue\t2\t2",
};

static int make_array(lua_State *L)
{
    lua_settop(L, 1);
    bool converted = lua_type(L, 1) == LUA_TTABLE;
    struct array *given = bind_array(L, 1, "array");
    if (converted)
        return 1;
    struct array *result = bind_array_result(L);
    struct error error;
    BIND_ATTEMPT(L, &error, array_copy(result, given, &error));
    return bind_array_return(L);
}

static const struct argument size_arguments[] = {
    {.name = "rows",
     .type = ARGUMENT_INTEGER,
     .required = true,
     .minimum = 0,
     .summary = "how many rows, or elements when there are no columns"},
    {.name = "cols",
     .type = ARGUMENT_INTEGER,
     .minimum = 0,
     .default_text = "one dimension",
     .summary = "how many columns"},
};

static const struct doc zeros_doc = {
    .name = "zeros",
    .signature = "zeros(rows[, cols])",
    .summary = "an array of zeros",
    DOC_ARGUMENTS(size_arguments),
    .returns = "an array of one dimension, or a matrix when cols is given",
    .errors = "sizes that are negative or no integers",
    .example = "print(zeros(3))\nprint(zeros(2, 2))",
    .result = "0  0  0\n0  0\n0  0",
};

static struct array *sized(lua_State *L)
{
    int dimensions = lua_isnoneornil(L, 2) ? 1 : 2;
    size_t rows = (size_t)bind_integer(L, 1, "rows", 0, LLONG_MAX);
    size_t cols = dimensions == 1 ? 1 : (size_t)bind_integer(L, 2, "cols", 0, LLONG_MAX);
    return bind_array_new(L, dimensions, rows, cols);
}

static int zeros(lua_State *L)
{
    sized(L);
    return 1;
}

static const struct doc ones_doc = {
    .name = "ones",
    .signature = "ones(rows[, cols])",
    .summary = "an array of ones",
    DOC_ARGUMENTS(size_arguments),
    .returns = "an array of one dimension, or a matrix when cols is given",
    .errors = "sizes that are negative or no integers",
    .example = "print(5*ones(3))",
    .result = "5  5  5",
};

static int ones(lua_State *L)
{
    struct array *result = sized(L);
    for (size_t i = 0; i < result->rows * result->cols; i++)
        result->data[i] = 1;
    return 1;
}

static const struct argument eye_arguments[] = {
    {.name = "n",
     .type = ARGUMENT_INTEGER,
     .required = true,
     .minimum = 0,
     .summary = "how many rows and columns"},
};
static const struct doc eye_doc = {
    .name = "eye",
    .signature = "eye(n)",
    .summary = "the identity matrix: 1 on the diagonal, 0 elsewhere",
    DOC_ARGUMENTS(eye_arguments),
    .returns = "an n×n array",
    .errors = "a size that is negative or no integer",
    .example = "print(eye(2))",
    .result = "1  0\n0  1",
};

static int eye(lua_State *L)
{
    size_t n = (size_t)bind_integer(L, 1, "n", 0, LLONG_MAX);
    struct array *result = bind_array_new(L, 2, n, n);
    for (size_t i = 0; i < n; i++)
        result->data[i * n + i] = 1;
    return 1;
}

static const struct argument linspace_arguments[] = {
    {.name = "a", .type = ARGUMENT_NUMBER, .required = true, .summary = "the first number"},
    {.name = "b", .type = ARGUMENT_NUMBER, .required = true, .summary = "the last number"},
    {.name = "n",
     .type = ARGUMENT_INTEGER,
     .required = true,
     .minimum = 1,
     .summary = "how many numbers; 1: only a"},
};
static const struct doc linspace_doc = {
    .name = "linspace",
    .signature = "linspace(a, b, n)",
    .summary = "n numbers from a to b, both included, at equal distances",
    DOC_ARGUMENTS(linspace_arguments),
    .returns = "an array of one dimension",
    .errors = "n below 1",
    .equation = "xᵢ = a + (i − 1)·(b − a)/(n − 1)",
    .example = "print(linspace(0, 1, 5))",
    .result = "0  0.25  0.5  0.75  1",
};

static int linspace(lua_State *L)
{
    double a = bind_number(L, 1, "a"), b = bind_number(L, 2, "b");
    size_t n = (size_t)bind_integer(L, 3, "n", 1, LLONG_MAX);
    struct array *result = bind_array_new(L, 1, n, 1);
    double step = n > 1 ? (b - a) / (double)(n - 1) : 0;
    for (size_t i = 0; i < n; i++)
        result->data[i] = a + (double)i * step;
    if (n > 1)
        result->data[n - 1] = b; /* not a last bit beside it */
    return 1;
}

/* --- products and comparison ----------------------------------------------------------------- */

static const struct argument product_arguments[] = {
    {.name = "a",
     .type = ARGUMENT_ARRAY,
     .shape = "n, or m×n",
     .required = true,
     .summary = "the left factor; one dimension is a row"},
    {.name = "b",
     .type = ARGUMENT_ARRAY,
     .shape = "n, or n×k",
     .required = true,
     .summary = "the right factor; one dimension is a column"},
};
static const struct doc matmul_doc = {
    .name = "matmul",
    .signature = "matmul(a, b)",
    .summary = "the matrix product",
    DOC_ARGUMENTS(product_arguments),
    .returns = "an array; a number when both have one dimension",
    .errors = "a's columns and b's rows differ in number",
    .equation = "cᵢⱼ = Σₖ aᵢₖ·bₖⱼ",
    .example = "A = array{{1, 2}, {3, 4}}\nprint(matmul(A, A))\nprint(matmul(A, {1, 1}))",
    .result = " 7  10\n15  22\n3  7",
};

static int product(lua_State *L, const char *what)
{
    struct operand left, right;
    const struct array *a = bind_operand(L, 1, &left, what), *b = bind_operand(L, 2, &right, what);
    struct array *result = bind_array_result(L);
    struct error error;
    BIND_ATTEMPT(L, &error, array_matmul(result, a, b, &error));
    if (a->dimensions == 1 && b->dimensions == 1) {
        lua_pushnumber(L, result->data[0]);
        return 1;
    }
    return bind_array_return(L);
}

static int matmul(lua_State *L)
{
    lua_settop(L, 2);
    return bind_to_symbol(L, "__matmul") ? 1 : product(L, "matmul");
}

static const struct argument dot_arguments[] = {
    {.name = "a", .type = ARGUMENT_ARRAY, .shape = "n", .required = true, .summary = "a vector"},
    {.name = "b",
     .type = ARGUMENT_ARRAY,
     .shape = "n",
     .required = true,
     .summary = "a vector of the same size"},
};
static const struct doc dot_doc = {
    .name = "dot",
    .signature = "dot(a, b)",
    .summary =
        "the sum of the products of two vectors' elements; with a matrix, the same as matmul",
    DOC_ARGUMENTS(dot_arguments),
    .returns = "a number; an array when a or b is a matrix",
    .errors = "vectors of different sizes",
    .equation = "a·b = Σᵢ aᵢ·bᵢ",
    .example = "print(dot({1, 2, 3}, {4, 5, 6}))",
    .result = "32.0",
};

static bool is_vector(const struct array *array)
{
    return array->dimensions == 1 || array->rows == 1 || array->cols == 1;
}

static int dot(lua_State *L)
{
    lua_settop(L, 2);
    if (bind_to_symbol(L, "__dot"))
        return 1;
    struct operand left, right;
    const struct array *a = bind_operand(L, 1, &left, "dot");
    const struct array *b = bind_operand(L, 2, &right, "dot");
    if (is_vector(a) && a->dimensions == b->dimensions && a->rows == b->rows &&
        a->cols == b->cols) {
        lua_pushnumber(L, array_dot(a, b));
        return 1;
    }
    if (a->dimensions == 1 && b->dimensions == 1)
        return bind_refuse(L, "dot", "vectors of %zu and %zu numbers have no product", a->rows,
                           b->rows);
    return product(L, "dot");
}

static const struct argument close_arguments[] = {
    {.name = "a",
     .type = ARGUMENT_ARRAY,
     .shape = "any",
     .required = true,
     .summary = "an array, a table of numbers or a number"},
    {.name = "b",
     .type = ARGUMENT_ARRAY,
     .shape = "a's",
     .required = true,
     .summary = "the same; a number is compared with every element"},
    {.name = "tolerance",
     .type = ARGUMENT_NUMBER,
     .minimum = 0,
     .default_text = "1e-9 times the largest element, at least 1e-9",
     .summary = "the largest difference allowed"},
};
static const struct doc close_doc = {
    .name = "close",
    .signature = "close(a, b[, tolerance])",
    .summary = "whether no element of a differs from b's by more than the tolerance; false for "
               "different shapes, and for NaN",
    DOC_ARGUMENTS(close_arguments),
    .returns = "true or false",
    .equation = "|aᵢ − bᵢ| ≤ tolerance for all i",
    .example =
        "print(close(0.1 + 0.2, 0.3), close({1, 2}, {1, 2.1}), close({1, 2}, {1, 2.1}, 0.2))",
    .result = "true\tfalse\ttrue",
};

static double largest_finite(const struct array *array, double largest)
{
    for (size_t i = 0; i < array->rows * array->cols; i++)
        if (isfinite(array->data[i]))
            largest = fmax(largest, fabs(array->data[i]));
    return largest;
}

static int nearly_equal(lua_State *L)
{
    lua_settop(L, 3);
    struct operand left, right;
    const struct array *a = bind_operand(L, 1, &left, "close");
    const struct array *b = bind_operand(L, 2, &right, "close");
    double tolerance = lua_isnil(L, 3) ? 1e-9 * largest_finite(a, largest_finite(b, 1))
                                       : bind_number(L, 3, "tolerance");
    if (tolerance < 0)
        return bind_refuse(L, NULL, "tolerance must be at least 0, not %s",
                           bind_number_text(L, tolerance));
    bool one_a = a == &left.scalar, one_b = b == &right.scalar;
    if (one_a == one_b) {
        lua_pushboolean(L, array_close(a, b, tolerance));
        return 1;
    }
    const struct array *many = one_a ? b : a, *one = one_a ? a : b;
    bool same = true;
    for (size_t i = 0; i < many->rows * many->cols && same; i++) {
        struct array element = *one;
        element.data = &many->data[i];
        same = array_close(&element, one, tolerance);
    }
    lua_pushboolean(L, same);
    return 1;
}

/* --- linear algebra -------------------------------------------------------------------------- */

static const struct argument solve_arguments[] = {
    {.name = "A",
     .type = ARGUMENT_ARRAY,
     .shape = "m×n",
     .required = true,
     .summary = "the matrix, with at least as many rows as columns"},
    {.name = "b",
     .type = ARGUMENT_ARRAY,
     .shape = "m, or m×k",
     .required = true,
     .summary = "the right side, or several as columns"},
};
static const struct doc solve_doc = {
    .name = "solve",
    .signature = "solve(A, b)",
    .summary =
        "the x with A·x = b; the x for which ‖A·x − b‖ is smallest when A has more rows than "
        "columns",
    DOC_ARGUMENTS(solve_arguments),
    .returns = "an array of n, or n×k",
    .errors = "a singular matrix, fewer rows than columns, NaN or infinite elements",
    .equation = "A·x = b, or AᵀA·x = Aᵀb",
    .example = "print(solve({{2, 1}, {1, 3}}, {3, 5}))\n"
               "print(solve({{1, 0}, {1, 1}, {1, 2}}, {1, 3, 5}))",
    .result = "0.8  1.4\n1  2",
};

static int solve(lua_State *L)
{
    lua_settop(L, 2);
    struct array *a = bind_array(L, 1, "A"), *b = bind_array(L, 2, "b");
    struct array *result = bind_array_result(L);
    struct error error;
    BIND_ATTEMPT(L, &error, array_solve(result, a, b, NULL, &error));
    return bind_array_return(L);
}

static const struct argument square_argument[] = {
    {.name = "A",
     .type = ARGUMENT_ARRAY,
     .shape = "n×n",
     .required = true,
     .summary = "a square matrix"},
};
static const struct doc inverse_doc = {
    .name = "inverse",
    .signature = "inverse(A)",
    .summary =
        "the matrix whose product with A is the identity; to solve equations, solve(A, b) is "
        "faster and more accurate",
    DOC_ARGUMENTS(square_argument),
    .returns = "an n×n array",
    .errors = "a matrix that is singular or not square",
    .equation = "A·A⁻¹ = I",
    .example = "print(inverse{{2, 0}, {0, 4}})",
    .result = "0.5  0\n0    0.25",
};

static int inverse(lua_State *L)
{
    lua_settop(L, 1);
    struct array *a = bind_array(L, 1, "A");
    struct array *result = bind_array_result(L);
    struct error error;
    BIND_ATTEMPT(L, &error, array_inverse(result, a, &error));
    return bind_array_return(L);
}

static const struct argument symmetric_argument[] = {
    {.name = "A",
     .type = ARGUMENT_ARRAY,
     .shape = "n×n",
     .required = true,
     .summary = "a symmetric matrix"},
};
static const struct doc eigenvalues_doc = {
    .name = "eigenvalues",
    .signature = "eigenvalues(A)",
    .summary = "the eigenvalues of a symmetric matrix, the smallest first; all are positive at a "
               "minimum's Hessian",
    DOC_ARGUMENTS(symmetric_argument),
    .returns = "an array of n",
    .errors = "a matrix that is not symmetric",
    .equation = "A·v = λ·v",
    .example = "print(eigenvalues{{2, 1}, {1, 2}})",
    .result = "1  3",
};

static int eigenvalues(lua_State *L)
{
    lua_settop(L, 1);
    struct array *a = bind_array(L, 1, "A");
    struct array *result = bind_array_result(L);
    struct error error;
    BIND_ATTEMPT(L, &error, array_eigenvalues(result, a, &error));
    return bind_array_return(L);
}

static const struct doc determinant_doc = {
    .name = "determinant",
    .signature = "determinant(A)",
    .summary = "the determinant of a square matrix; 0 when it is singular",
    DOC_ARGUMENTS(square_argument),
    .returns = "a number",
    .errors = "a matrix that is not square",
    .example = "print(determinant{{3, 1}, {4, 2}})",
    .result = "2.0",
};

static int determinant(lua_State *L)
{
    lua_settop(L, 1);
    struct array *a = bind_array(L, 1, "A");
    double value;
    struct error error;
    BIND_ATTEMPT(L, &error, array_determinant(&value, a, &error));
    lua_pushnumber(L, value);
    return 1;
}

static const struct doc trace_doc = {
    .name = "trace",
    .signature = "trace(A)",
    .summary = "the sum of the diagonal of a square matrix",
    DOC_ARGUMENTS(square_argument),
    .returns = "a number",
    .errors = "a matrix that is not square",
    .equation = "Σᵢ aᵢᵢ",
    .example = "print(trace{{1, 2}, {3, 4}})",
    .result = "5.0",
};

static int trace(lua_State *L)
{
    lua_settop(L, 1);
    struct array *a = bind_array(L, 1, "A");
    char shape[ARRAY_SHAPE_TEXT];
    if (a->dimensions != 2 || a->rows != a->cols)
        return bind_refuse(L, "trace",
                           "needs a square matrix, as many rows as columns, not an array of %s",
                           array_shape_text(a, shape));
    double total = 0;
    for (size_t i = 0; i < a->rows; i++)
        total += a->data[i * a->cols + i];
    lua_pushnumber(L, total);
    return 1;
}

static const struct function functions[] = {
    {"array", make_array, &bind_array_doc},
    {"zeros", zeros, &zeros_doc},
    {"ones", ones, &ones_doc},
    {"eye", eye, &eye_doc},
    {"linspace", linspace, &linspace_doc},
    {"matmul", matmul, &matmul_doc},
    {"dot", dot, &dot_doc},
    {"close", nearly_equal, &close_doc},
    {"solve", solve, &solve_doc},
    {"inverse", inverse, &inverse_doc},
    {"eigenvalues", eigenvalues, &eigenvalues_doc},
    {"determinant", determinant, &determinant_doc},
    {"trace", trace, &trace_doc},
};

void bind_open_array_functions(lua_State *L)
{
    bind_functions(L, functions, sizeof functions / sizeof *functions);
}
