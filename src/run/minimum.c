/* SPDX-License-Identifier: GPL-3.0-or-later */
/* minimum.c: is it a minimum, where the gradient is small? A small gradient alone does not say so:
 * it is small on a plateau, at a saddle, and near a minimum of a flat valley too.
 *
 * In units of s_j = max(1, |φ_j|), where the Hessian is S·H·S with eigenvalues λ_k and vectors v_k,
 * the quadratic model has Σ (v_k·S·g)²/(2·λ_k) left to fall. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "array/linear_algebra.h"
#include "base/memory.h"
#include "run/run_private.h"

enum { LARGEST = 60 }; /* parameters up to which the Hessian is asked for */

static const double negative = 1e-6; /* of the largest eigenvalue: it is no rounding */
static const double flat = 1e-8;     /* of L: moving a parameter by its own size changes nothing */
static const double left = 1e-12;    /* of L: what may be left to fall */

/* The free rows and columns of H in units of s; their number. */
static size_t reduce(const struct run *run, const double *hessian, double *matrix, double *slope)
{
    size_t places[LARGEST], count = 0;
    const double *phi = run->now->phi;
    for (size_t j = 0; j < run->size; j++)
        if (!run_fixed(run, j))
            places[count++] = j;
    for (size_t i = 0; i < count; i++) {
        double scale = fmax(1, fabs(phi[places[i]]));
        slope[i] = scale * run->aim.gradient[places[i]];
        for (size_t j = 0; j < count; j++)
            matrix[i * count + j] = scale * fmax(1, fabs(phi[places[j]])) *
                                    hessian[places[i] * run->size + places[j]];
    }
    return count;
}

static enum run_minimum judge(const struct run *run, double loss, const double *values,
                              const double *vectors, const double *slope, size_t count)
{
    double largest = fmax(fabs(values[0]), fabs(values[count - 1])), fall = 0;
    if (!isfinite(largest))
        return MINIMUM_UNKNOWN;
    if (values[0] < -negative * largest)
        return MINIMUM_SADDLE;
    /* Beside the largest eigenvalue, rounding takes from the smallest what little it is. */
    double rounding = (double)count * DBL_EPSILON * largest;
    if (values[0] <= flat * fabs(loss) || values[0] <= rounding)
        return MINIMUM_FLAT;
    for (size_t k = 0; k < count; k++) {
        double along = 0;
        for (size_t i = 0; i < count; i++)
            along += vectors[k * count + i] * slope[i];
        fall += along * along / (2 * values[k]);
    }
    /* Losses without data have no unit that their least value, often 0, could tell. */
    double floor = objective_examples(run->objective) > 0 ? 1e-15 : 1e-12;
    return fall <= left * fabs(loss) + floor ? MINIMUM_YES : MINIMUM_FAR;
}

enum status run_is_minimum(struct run *run, double loss, enum run_minimum *verdict,
                           struct error *error)
{
    const size_t size = run->size;
    *verdict = MINIMUM_UNKNOWN;
    if (size > LARGEST)
        return STATUS_OK;
    const struct linear_algebra *lapack = linear_algebra_open(run->context, NULL);
    if (lapack == NULL)
        return STATUS_OK;
    /* H, its free part, slope, eigenvalues, room to work. */
    size_t room = 2 * size * size + 2 * size + 34 * size;
    double *block = memory_allocate(run->context, room, sizeof *block);
    if (block == NULL)
        return error_memory(error, "the Hessian");
    double *hessian = block, *matrix = hessian + size * size, *slope = matrix + size * size;
    double *values = slope + size, *work = values + size;
    enum status status = objective_hessian(run->objective, run->now->phi, NULL, hessian, error);
    bool finite = status == STATUS_OK;
    for (size_t i = 0; i < size * size && finite; i++)
        finite = isfinite(hessian[i]) != 0;
    if (finite) {
        size_t count = reduce(run, hessian, matrix, slope);
        *verdict = count == 0 ? MINIMUM_YES : MINIMUM_UNKNOWN;
        int n = (int)count, length = 34 * n, info = 0;
        if (count > 0)
            lapack->syev("V", "L", &n, matrix, &n, values, work, &length, &info, 1, 1);
        if (count > 0 && info == 0)
            *verdict = judge(run, loss, values, matrix, slope, count);
    }
    memory_free(run->context, block);
    return status == STATUS_UNSUPPORTED ? STATUS_OK : status;
}
