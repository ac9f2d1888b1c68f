/* SPDX-License-Identifier: GPL-3.0-or-later */
/* linear_algebra.h: the routines of BLAS and LAPACK that are used, found at run time.
 *
 * They have Fortran's interface: column-major, every argument by address, then the lengths of the
 * text arguments (always 1) by value.
 */
#ifndef DESCENT_ARRAY_LINEAR_ALGEBRA_H
#define DESCENT_ARRAY_LINEAR_ALGEBRA_H

#include <stddef.h>

#include "base/context.h"
#include "base/error.h"

struct linear_algebra {
    struct context_part part;
    void *library;
    void (*gemm)(const char *trans_a, const char *trans_b, const int *m, const int *n, const int *k,
                 const double *alpha, const double *a, const int *lda, const double *b,
                 const int *ldb, const double *beta, double *c, const int *ldc, size_t, size_t);
    void (*potrf)(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t);
    void (*potrs)(const char *uplo, const int *n, const int *nrhs, const double *a, const int *lda,
                  double *b, const int *ldb, int *info, size_t);
    void (*pocon)(const char *uplo, const int *n, const double *a, const int *lda,
                  const double *anorm, double *rcond, double *work, int *iwork, int *info, size_t);
    void (*getrf)(const int *m, const int *n, double *a, const int *lda, int *pivots, int *info);
    void (*getrs)(const char *trans, const int *n, const int *nrhs, const double *a, const int *lda,
                  const int *pivots, double *b, const int *ldb, int *info, size_t);
    void (*gecon)(const char *norm, const int *n, const double *a, const int *lda,
                  const double *anorm, double *rcond, double *work, int *iwork, int *info, size_t);
    void (*gels)(const char *trans, const int *m, const int *n, const int *nrhs, double *a,
                 const int *lda, double *b, const int *ldb, double *work, const int *lwork,
                 int *info, size_t);
    void (*trcon)(const char *norm, const char *uplo, const char *diag, const int *n,
                  const double *a, const int *lda, double *rcond, double *work, int *iwork,
                  int *info, size_t, size_t, size_t);
    void (*syev)(const char *jobz, const char *uplo, const int *n, double *a, const int *lda,
                 double *w, double *work, const int *lwork, int *info, size_t, size_t);
};

/* The routines, loaded by the first caller and kept in the context; NULL when there are none. */
const struct linear_algebra *linear_algebra_open(struct context *context, struct error *error);

#endif
