/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "array/linear_algebra.h"

#include <dlfcn.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "array/array.h"
#include "base/memory.h"

/* --- finding the library --------------------------------------------------------------------- */

static void library_free(struct context *context, struct context_part *part)
{
    struct linear_algebra *library = (struct linear_algebra *)part;
    dlclose(library->library);
    memory_free(context, library);
}

/* dlsym also looks into what the library itself needs, so BLAS's routines are found behind
 * LAPACK. */
static bool find_routines(struct linear_algebra *library)
{
    struct {
        void *pointer; /* to a function pointer */
        const char *symbol;
    } const routines[] = {
        {&library->gemm, "dgemm_"},   {&library->potrf, "dpotrf_"}, {&library->potrs, "dpotrs_"},
        {&library->pocon, "dpocon_"}, {&library->getrf, "dgetrf_"}, {&library->getrs, "dgetrs_"},
        {&library->gecon, "dgecon_"}, {&library->gels, "dgels_"},   {&library->trcon, "dtrcon_"},
        {&library->syev, "dsyev_"},
    };
    for (size_t i = 0; i < sizeof routines / sizeof *routines; i++) {
        void *address = dlsym(library->library, routines[i].symbol);
        if (address == NULL)
            return false;
        memcpy(routines[i].pointer, &address, sizeof address);
    }
    return true;
}

/* A library that starts threads starts them when it is loaded: they must not take our signals, and
 * none of them may work, for the caller's threads already share the cores. */
static void *open_library(const char *name)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library != NULL) {
        void (*set_num_threads)(int);
        void *address = dlsym(library, "openblas_set_num_threads");
        if (address != NULL) {
            memcpy(&set_num_threads, &address, sizeof address);
            set_num_threads(1);
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return library;
}

const struct linear_algebra *linear_algebra_open(struct context *context, struct error *error)
{
    static const char *const names[] = {"liblapack.so.3", "libopenblas.so.0", "libopenblas.so",
                                        "liblapack.so",   "liblapack.dylib",  "libopenblas.dylib"};
    struct context_part *part = context_part(context, CONTEXT_LINEAR_ALGEBRA);
    if (part != NULL)
        return (struct linear_algebra *)part;
    struct linear_algebra *library = memory_allocate(context, 1, sizeof *library);
    if (library == NULL) {
        error_memory(error, "linear algebra");
        return NULL;
    }
    library->part.free = library_free;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        library->library = open_library(names[i]);
        if (library->library == NULL)
            continue;
        if (find_routines(library))
            return (struct linear_algebra *)context_part_set(context, CONTEXT_LINEAR_ALGEBRA,
                                                             &library->part);
        dlclose(library->library);
    }
    memory_free(context, library);
    error_set(error, STATUS_UNSUPPORTED, NULL,
              "linear algebra needs LAPACK, which is not installed here: install liblapack3 or "
              "libopenblas0 (scripts/setup does it)");
    return NULL;
}

/* --- helpers --------------------------------------------------------------------------------- */

enum { LARGEST = INT_MAX / 64 }; /* size whose work arrays an int still counts */

static enum status check_finite(const struct array *array, const char *function, const char *name,
                                struct error *error)
{
    for (size_t i = 0; i < array->rows; i++)
        for (size_t j = 0; j < array->cols; j++) {
            double value = array->data[i * array->cols + j];
            if (isfinite(value))
                continue;
            char text[32];
            array_number_text(value, text, sizeof text);
            if (array->dimensions == 1)
                return error_set(error, STATUS_NUMBER, function, "%s[%zu] is %s", name, i + 1,
                                 text);
            return error_set(error, STATUS_NUMBER, function, "%s[%zu][%zu] is %s", name, i + 1,
                             j + 1, text);
        }
    return STATUS_OK;
}

static enum status check_square(const struct array *a, const char *function, struct error *error)
{
    char shape[ARRAY_SHAPE_TEXT];
    if (a->dimensions != 2 || a->rows != a->cols)
        return error_set(error, STATUS_SHAPE, function,
                         "needs a square matrix, as many rows as columns, not an array of %s",
                         array_shape_text(a, shape));
    if (a->rows > LARGEST)
        return error_set(error, STATUS_SHAPE, function, "a matrix of %s is too large",
                         array_shape_text(a, shape));
    return check_finite(a, function, "A", error);
}

/* The power of two that brings a magnitude to [1/2, 1): multiplying by it rounds nothing. */
static double scale_of(double magnitude)
{
    int exponent = 0;
    frexp(magnitude, &exponent);
    return magnitude == 0 ? 1 : ldexp(1, exponent < -1000 ? 1000 : -exponent);
}

/* A system diag(r)·A·diag(c)·y = diag(r)·b, x = diag(c)·y, in column-major copies. */
struct system {
    int m, n, nrhs;
    double *matrix; /* m × n */
    double *right;  /* max(m, n) × nrhs */
    double *r, *c;  /* m, n */
    double *work;   /* work_size: at least 4n, and n + max(n, nrhs); more lets QR work in blocks */
    int work_size;
    int *pivots;   /* n */
    int *iwork;    /* n */
    double *block; /* holds them all */
};

static enum status system_init(struct system *system, const struct array *a, size_t nrhs,
                               struct error *error)
{
    size_t m = a->rows, n = a->cols;
    struct context *context = a->context;
    *system = (struct system){.m = (int)m, .n = (int)n, .nrhs = (int)nrhs};
    size_t work_size = 32 * n + nrhs;
    size_t count = m * n + m * nrhs + m + n + work_size + 2 * n;
    system->block = memory_allocate_aligned(context, count, sizeof(double));
    if (system->block == NULL)
        return error_memory(error, "solving linear equations");
    system->matrix = system->block;
    system->right = system->matrix + m * n;
    system->r = system->right + m * nrhs;
    system->c = system->r + m;
    system->work = system->c + n;
    system->work_size = (int)work_size;
    system->pivots = (int *)(system->work + work_size);
    system->iwork = (int *)(system->work + work_size + n);
    return STATUS_OK;
}

/* diag(r)·A·diag(c), by columns. Returns its 1-norm. */
static double fill_matrix(struct system *system, const struct array *a)
{
    double norm = 0;
    for (size_t j = 0; j < a->cols; j++) {
        double total = 0;
        for (size_t i = 0; i < a->rows; i++) {
            double value = a->data[i * a->cols + j] * system->r[i] * system->c[j];
            system->matrix[j * a->rows + i] = value;
            total += fabs(value);
        }
        norm = fmax(norm, total);
    }
    return norm;
}

/* b NULL: the identity. */
static void fill_right(struct system *system, const struct array *b)
{
    size_t m = (size_t)system->m, nrhs = (size_t)system->nrhs;
    for (size_t j = 0; j < nrhs; j++)
        for (size_t i = 0; i < m; i++)
            system->right[j * m + i] = system->r[i] *
                                       (b != NULL ? b->data[i * nrhs + j] : (double)(i == j));
}

static void take_solution(const struct system *system, struct array *x)
{
    size_t m = (size_t)system->m, n = (size_t)system->n, nrhs = (size_t)system->nrhs;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < nrhs; j++)
            x->data[i * nrhs + j] = system->c[i] * system->right[j * m + i];
}

static bool symmetric_positive(const struct array *a)
{
    size_t n = a->rows;
    for (size_t i = 0; i < n; i++) {
        if (!(a->data[i * n + i] > 0))
            return false;
        for (size_t j = 0; j < i; j++)
            if (a->data[i * n + j] != a->data[j * n + i])
                return false;
    }
    return true;
}

/* Each of these three returns the reciprocal condition number, 0 when A is singular, and leaves the
 * solution in `right` unless that is below DBL_EPSILON; -1: not positive definite. */

static double solve_cholesky(const struct linear_algebra *library, struct system *system,
                             const struct array *a, const struct array *b)
{
    int info, n = system->n;
    for (size_t i = 0; i < a->rows; i++) /* a diagonal of [1/4, 1) */
        system->r[i] = system->c[i] = scale_of(sqrt(a->data[i * a->cols + i]));
    double norm = fill_matrix(system, a), rcond = 0;
    library->potrf("U", &n, system->matrix, &n, &info, 1);
    if (info != 0)
        return -1;
    library->pocon("U", &n, system->matrix, &n, &norm, &rcond, system->work, system->iwork, &info,
                   1);
    if (!(rcond > DBL_EPSILON))
        return rcond;
    fill_right(system, b);
    library->potrs("U", &n, &system->nrhs, system->matrix, &n, system->right, &n, &info, 1);
    return rcond;
}

static void scale_columns(struct system *system, const struct array *a)
{
    for (size_t j = 0; j < a->cols; j++) {
        double largest = 0;
        for (size_t i = 0; i < a->rows; i++)
            largest = fmax(largest, fabs(a->data[i * a->cols + j]) * system->r[i]);
        system->c[j] = scale_of(largest);
    }
}

static double solve_lu(const struct linear_algebra *library, struct system *system,
                       const struct array *a, const struct array *b)
{
    int info, n = system->n;
    for (size_t i = 0; i < a->rows; i++) {
        double largest = 0;
        for (size_t j = 0; j < a->cols; j++)
            largest = fmax(largest, fabs(a->data[i * a->cols + j]));
        system->r[i] = scale_of(largest);
    }
    scale_columns(system, a);
    double norm = fill_matrix(system, a), rcond = 0;
    library->getrf(&n, &n, system->matrix, &n, system->pivots, &info);
    if (info != 0)
        return 0;
    library->gecon("1", &n, system->matrix, &n, &norm, &rcond, system->work, system->iwork, &info,
                   1);
    if (!(rcond > DBL_EPSILON))
        return rcond;
    fill_right(system, b);
    library->getrs("N", &n, &system->nrhs, system->matrix, &n, system->pivots, system->right, &n,
                   &info, 1);
    return rcond;
}

/* The rows of a least squares problem are its weights: only columns are scaled. */
static double solve_qr(const struct linear_algebra *library, struct system *system,
                       const struct array *a, const struct array *b)
{
    int info, m = system->m, n = system->n;
    for (size_t i = 0; i < a->rows; i++)
        system->r[i] = 1;
    scale_columns(system, a);
    fill_matrix(system, a);
    fill_right(system, b);
    library->gels("N", &m, &n, &system->nrhs, system->matrix, &m, system->right, &m, system->work,
                  &system->work_size, &info, 1);
    if (info != 0)
        return 0;
    double rcond = 0;
    library->trcon("1", "U", "N", &n, system->matrix, &m, &rcond, system->work, system->iwork,
                   &info, 1, 1, 1);
    return rcond;
}

static enum status refuse_singular(const char *function, const char *sentence, double rcond,
                                   struct error *error)
{
    char number[32], size[80] = "";
    if (rcond > 0)
        snprintf(size, sizeof size, " (its condition number, %s, is beyond 16 digits)",
                 array_number_text(1 / rcond, number, sizeof number));
    return error_set(error, STATUS_NUMBER, function, "A is singular%s: %s", size, sentence);
}

/* x for b, or for the identity when b is NULL. */
static enum status solve(struct array *x, const struct array *a, const struct array *b,
                         double *condition, const char *function, struct error *error)
{
    size_t nrhs = b != NULL ? b->cols : a->rows;
    int dimensions = b != NULL ? b->dimensions : 2;
    const struct linear_algebra *library = linear_algebra_open(a->context, error);
    if (library == NULL)
        return error == NULL ? STATUS_UNSUPPORTED : error->status;
    enum status status = array_init(x, a->context, dimensions, a->cols, nrhs, error);
    if (status != STATUS_OK)
        return status;
    if (a->cols == 0 || nrhs == 0)
        return STATUS_OK;
    struct system system;
    status = system_init(&system, a, nrhs, error);
    if (status != STATUS_OK) {
        array_free(x);
        return status;
    }
    double rcond = -1;
    if (a->rows > a->cols)
        rcond = solve_qr(library, &system, a, b);
    else if (symmetric_positive(a))
        rcond = solve_cholesky(library, &system, a, b);
    if (rcond < 0)
        rcond = solve_lu(library, &system, a, b);
    *condition = rcond > 0 ? 1 / rcond : INFINITY;
    if (rcond > DBL_EPSILON) {
        take_solution(&system, x);
    } else {
        array_free(x);
        status = refuse_singular(
            function,
            b == NULL ? "its rows depend on each other, so it has no inverse"
            : a->rows > a->cols
                ? "its columns depend on each other, so there is no single best solution"
                : "its rows depend on each other, so there is no single solution",
            rcond, error);
    }
    memory_free(a->context, system.block);
    return status;
}

enum status array_solve(struct array *x, const struct array *a, const struct array *b,
                        double *condition, struct error *error)
{
    char shape[ARRAY_SHAPE_TEXT];
    double unused;
    if (condition == NULL)
        condition = &unused;
    *condition = 0;
    *x = (struct array){.context = a->context};
    if (a->dimensions != 2)
        return error_set(error, STATUS_SHAPE, "solve",
                         "A must be a matrix, not an array of one dimension with %zu numbers",
                         a->rows);
    if (a->rows < a->cols)
        return error_set(error, STATUS_SHAPE, "solve",
                         "A has %zu rows and %zu columns: fewer equations than unknowns have no "
                         "single solution",
                         a->rows, a->cols);
    if (b->rows != a->rows)
        return error_set(error, STATUS_SHAPE, "solve", "b has %zu row%s where A has %zu", b->rows,
                         b->rows == 1 ? "" : "s", a->rows);
    if (a->rows > LARGEST || b->cols > LARGEST)
        return error_set(error, STATUS_SHAPE, "solve", "an array of %s is too large",
                         array_shape_text(a->rows > LARGEST ? a : b, shape));
    enum status status = check_finite(a, "solve", "A", error);
    if (status == STATUS_OK)
        status = check_finite(b, "solve", "b", error);
    if (status != STATUS_OK)
        return status;
    return solve(x, a, b, condition, "solve", error);
}

enum status array_inverse(struct array *inverse, const struct array *a, struct error *error)
{
    double condition;
    *inverse = (struct array){.context = a->context};
    enum status status = check_square(a, "inverse", error);
    return status != STATUS_OK ? status : solve(inverse, a, NULL, &condition, "inverse", error);
}

enum status array_determinant(double *determinant, const struct array *a, struct error *error)
{
    enum status status = check_square(a, "determinant", error);
    if (status != STATUS_OK)
        return status;
    size_t size = a->rows;
    const struct linear_algebra *library = linear_algebra_open(a->context, error);
    if (library == NULL)
        return error == NULL ? STATUS_UNSUPPORTED : error->status;
    struct system system;
    status = system_init(&system, a, 0, error);
    if (status != STATUS_OK)
        return status;
    int info, n = system.n;
    double product = 1;
    for (size_t i = 0; i < size; i++)
        system.r[i] = system.c[i] = 1;
    fill_matrix(&system, a);
    if (n > 0)
        library->getrf(&n, &n, system.matrix, &n, system.pivots, &info);
    for (size_t i = 0; i < size; i++) {
        product *= system.matrix[i * size + i];
        if (system.pivots[i] != (int)i + 1) /* two rows were exchanged */
            product = -product;
    }
    memory_free(a->context, system.block);
    *determinant = product == 0 ? 0 : product;
    return STATUS_OK;
}

enum status array_eigenvalues(struct array *values, const struct array *symmetric,
                              struct error *error)
{
    const struct array *a = symmetric;
    *values = (struct array){.context = a->context};
    enum status status = check_square(a, "eigenvalues", error);
    if (status != STATUS_OK)
        return status;
    size_t size = a->rows;
    double largest = 0;
    for (size_t i = 0; i < size * size; i++)
        largest = fmax(largest, fabs(a->data[i]));
    for (size_t i = 0; i < size; i++)
        for (size_t j = 0; j < i; j++) {
            double here = a->data[i * size + j], there = a->data[j * size + i];
            if (fabs(here - there) <= 1e-9 * largest) /* what differences of gradients leave */
                continue;
            char first[32], second[32];
            return error_set(error, STATUS_UNSUPPORTED, "eigenvalues",
                             "the matrix is not symmetric: [%zu][%zu] is %s and [%zu][%zu] is %s",
                             i + 1, j + 1, array_number_text(here, first, sizeof first), j + 1,
                             i + 1, array_number_text(there, second, sizeof second));
        }
    const struct linear_algebra *library = linear_algebra_open(a->context, error);
    if (library == NULL)
        return error == NULL ? STATUS_UNSUPPORTED : error->status;
    struct system system;
    status = system_init(&system, a, 0, error);
    if (status != STATUS_OK)
        return status;
    status = array_init(values, a->context, 1, size, 1, error);
    if (status == STATUS_OK && size > 0) {
        for (size_t i = 0; i < size; i++)
            for (size_t j = 0; j < size; j++)
                system.matrix[j * size + i] = a->data[i * size + j] / 2 + a->data[j * size + i] / 2;
        int info, n = system.n;
        library->syev("N", "U", &n, system.matrix, &n, values->data, system.work, &system.work_size,
                      &info, 1, 1);
        if (info != 0) {
            array_free(values);
            status = error_set(error, STATUS_NUMBER, "eigenvalues",
                               "the iteration did not settle; scale the matrix and try again");
        }
    }
    memory_free(a->context, system.block);
    return status;
}
