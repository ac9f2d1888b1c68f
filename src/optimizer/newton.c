/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Newton's method: to where the gradient of the quadratic model vanishes, φ ← φ − (H + λ·I)⁻¹·g. It
 * needs no rate, and goes to a saddle or a maximum as gladly as to a minimum. damping = "auto"
 * takes λ, from a tenth of the last one, as large as it takes for H + λ·I to be positive definite
 * and for the loss not to rise (Levenberg and Marquardt). Where H itself is singular or indefinite,
 * its quadratic model has no lowest place, and a little λ leads as far as rounding will: there the
 * loss must also fall by half of what the model promises, as in a trust region. */
#include <float.h>
#include <limits.h>
#include <string.h>

#include "array/linear_algebra.h"
#include "base/memory.h"
#include "optimizer/optimizer.h"

enum { DAMPING };
enum { TERM_G, TERM_EIGENVALUES, TERM_DAMPING, TERM_D, TERM_PHI };
enum { AUTO = -1 };
/* Scratch: the direction, then the Hessian and its factors. */
enum { D, PIVOTS, HESSIAN };

static const double least_damping = 1e-15, same_digits = 1e-14;
static const double least_gain = 0.5;
/* Where H is not definite, the pivots of H + λ·I as shares of its diagonal: so many digits of the
 * step are its own. */
static const double least_shifted_pivot = 1e-10;
enum { TRIALS = 60 };

static const struct argument arguments[] = {
    {.name = "damping",
     .symbol = "λ",
     .type = ARGUMENT_NUMBER,
     .choices = "auto",
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "added to the diagonal of H; \"auto\": as much as it takes for the loss to fall, "
                "and, where H is singular or indefinite, for half of the fall that the quadratic "
                "model promises"},
    ARGUMENT_CLIP,
};

static const char *const states[] = {"damping"};

static const struct term terms[] = {
    {"g", "g", NULL, "gradient of the loss"},
    {"eigenvalues", "eig H", NULL, "eigenvalues of the Hessian, in rising order"},
    {"damping", "λ", NULL, "added to the diagonal of the Hessian"},
    {"d", "d", NULL, "direction −(H + λ·I)⁻¹·g"},
    {"phi", "φ", "phi_before + d", "parameters after the update"},
};

static const char *equation(size_t term, const double *argument)
{
    return term == TERM_DAMPING && argument[DAMPING] == 0 ? "" : terms[term].equation;
}

static struct vectors vectors(const double *argument, size_t size)
{
    (void)argument;
    return (struct vectors){.state = 1, .scratch = HESSIAN + 2 * size};
}

/* Rows and columns of parameters that stay are those of the identity. */
static void fix(const struct update *update, double *hessian)
{
    const size_t size = update->size;
    for (size_t j = 0; j < size; j++)
        for (size_t k = 0; k < size && update_fixed(update, update->gradient, j); k++)
            hessian[j * size + k] = hessian[k * size + j] = j == k;
}

/* d = −(H + λ·I)⁻¹·g with g 0 where nothing moves; *solved false where the matrix is singular or,
 * if `definite` is asked, not positive definite. */
static void solve(const struct linear_algebra *lapack, const struct update *update,
                  const double *hessian, double damping, bool definite, double *factors, double *d,
                  bool *solved)
{
    const size_t size = update->size;
    int n = (int)size, one = 1, info = 0;
    memcpy(factors, hessian, size * size * sizeof *factors);
    const double scale = update_clip(update, update->gradient);
    for (size_t j = 0; j < size; j++) {
        bool fixed = update_fixed(update, update->gradient, j);
        d[j] = fixed ? 0 : -scale * update->gradient[j];
        factors[j * size + j] += fixed ? 0 : damping;
    }
    if (definite) {
        lapack->potrf("L", &n, factors, &n, &info, 1);
        if (info == 0)
            lapack->potrs("L", &n, &one, factors, &n, d, &n, &info, 1);
    } else {
        int *pivots = (int *)(update->scratch + PIVOTS * size);
        lapack->getrf(&n, &n, factors, &n, pivots, &info);
        if (info == 0)
            lapack->getrs("N", &n, &one, factors, &n, pivots, d, &n, &info, 1);
    }
    *solved = info == 0;
    for (size_t j = 0; j < size; j++)
        *solved &= isfinite(d[j]) != 0;
}

/* The eigenvalues, for the record only. */
static enum status record_eigenvalues(const struct linear_algebra *lapack, struct update *update,
                                      const double *hessian, double *factors, struct error *error)
{
    if (update->record == NULL)
        return STATUS_OK;
    int n = (int)update->size, info = 0, length = 34 * n;
    struct context *context = objective_context(update->objective);
    double *work = memory_allocate(context, (size_t)length, sizeof *work);
    if (work == NULL)
        return error_memory(error, "the eigenvalues of the Hessian");
    memcpy(factors, hessian, update->size * update->size * sizeof *factors);
    lapack->syev("N", "L", &n, factors, &n, update->record + TERM_EIGENVALUES * update->size, work,
                 &length, &info, 1, 1);
    memory_free(context, work);
    return STATUS_OK;
}

/* Whether no pivot of the Cholesky factor of H + λ·I is below this share of its diagonal: the
 * shares stay the same where the parameters are given other units. */
static bool has_pivots(const double *factors, const double *hessian, double damping, size_t size,
                       double least)
{
    for (size_t j = 0; j < size; j++) {
        const double root = factors[j * size + j];
        if (!(root * root > least * (hessian[j * size + j] + damping)))
            return false;
    }
    return true;
}

/* Whether H is positive definite beyond rounding, which is n·ε of the diagonal in a Cholesky factor
 * (Higham 2002, Accuracy and Stability of Numerical Algorithms, theorem 10.7). */
static bool is_definite(const struct linear_algebra *lapack, const double *hessian, size_t size,
                        double *factors)
{
    int n = (int)size, info = 0;
    memcpy(factors, hessian, size * size * sizeof *factors);
    lapack->potrf("L", &n, factors, &n, &info, 1);
    return info == 0 && has_pivots(factors, hessian, 0, size, 4 * n * DBL_EPSILON);
}

/* By how much the loss falls from φ to next_phi by its quadratic model: −g·s − s·H·s/2. */
static double promised(const struct update *update, const double *hessian)
{
    const size_t size = update->size;
    double fall = 0;
    for (size_t j = 0; j < size; j++) {
        const double s = update->next_phi[j] - update->phi[j];
        if (s == 0)
            continue;
        double bend = 0;
        for (size_t k = 0; k < size; k++)
            bend += hessian[j * size + k] * (update->next_phi[k] - update->phi[k]);
        fall -= s * (update->gradient[j] + bend / 2);
    }
    return fall;
}

/* Damping from a tenth of the last one upwards until the loss does not rise. */
static enum status find_damping(const struct linear_algebra *lapack, struct update *update,
                                const double *hessian, double *factors, double *d, double *damping,
                                bool *found, struct error *error)
{
    const size_t size = update->size;
    double largest = 0;
    for (size_t j = 0; j < size; j++)
        largest = fmax(largest, fabs(hessian[j * size + j]));
    const double least = least_damping * (largest > 0 ? largest : 1);
    *damping = update->state[0] / 10 < least ? 0 : update->state[0] / 10;
    *found = false;
    const bool definite = is_definite(lapack, hessian, size, factors);
    for (int trial = 0; trial < TRIALS && !*found; trial++) {
        bool solved;
        double loss;
        solve(lapack, update, hessian, *damping, true, factors, d, &solved);
        solved = solved &&
                 (definite || has_pivots(factors, hessian, *damping, size, least_shifted_pivot));
        for (size_t j = 0; j < size && solved; j++) {
            double next = update->phi[j] + d[j];
            if (update->lower != NULL)
                next = fmin(fmax(next, update->lower[j]), update->upper[j]);
            update->next_phi[j] = next;
        }
        if (solved) {
            enum status status = update_value(update, update->next_phi, &loss, error);
            if (status != STATUS_OK)
                return status;
            *found = loss <= update->loss + same_digits * fabs(update->loss);
            if (*found && !definite)
                *found = update->loss - loss >= least_gain * promised(update, hessian) -
                                                    same_digits * fabs(update->loss);
        }
        if (!*found)
            *damping = *damping == 0 ? least : 8 * *damping;
    }
    return STATUS_OK;
}

static enum status step(struct update *update, struct error *error)
{
    const size_t size = update->size;
    const double *phi = update->phi, *g = update->gradient;
    double *d = update->scratch + D * size, *hessian = update->scratch + HESSIAN * size;
    double *factors = hessian + size * size, damping = update->argument[DAMPING];
    struct context *context = objective_context(update->objective);

    /* 1. Gradient g and Hessian H at φ. */
    enum status status = update_slope(update, phi, &update->loss, update->gradient, error);
    if (status == STATUS_OK)
        status = objective_hessian(update->objective, phi, &update->batch, hessian, error);
    const struct linear_algebra *lapack = NULL;
    if (status == STATUS_OK && (lapack = linear_algebra_open(context, error)) == NULL)
        status = error != NULL ? error->status : STATUS_UNSUPPORTED;
    if (status != STATUS_OK)
        return status;
    bool finite = isfinite(update->loss) != 0, found = true;
    for (size_t i = 0; i < size * size; i++)
        finite &= isfinite(hessian[i]) != 0;
    for (size_t j = 0; j < size; j++)
        finite &= isfinite(g[j]) != 0;
    if (finite)
        status = record_eigenvalues(lapack, update, hessian, factors, error);

    /* 2. Direction: d = −(H + λ·I)⁻¹·g. */
    memset(d, 0, size * sizeof *d);
    if (status == STATUS_OK && finite) {
        fix(update, hessian);
        if (damping != AUTO) {
            solve(lapack, update, hessian, damping, false, factors, d, &found);
            if (!found)
                update->stop = "the Hessian is singular; a damping above 0 would help";
        } else {
            status = find_damping(lapack, update, hessian, factors, d, &damping, &found, error);
            if (!found)
                update->stop = "no damping makes the loss fall";
        }
    }
    if (status != STATUS_OK)
        return status;

    /* 3. Step: φ ← φ + d. */
    for (size_t j = 0; j < size; j++) {
        update->next_phi[j] = finite ? phi[j] + d[j] : NAN;
        update->next_state[j] = damping;
    }

    /* 4. Record. */
    update_record(update, TERM_G, g);
    update_record_number(update, TERM_DAMPING, damping);
    update_record(update, TERM_D, d);
    update_record(update, TERM_PHI, update->next_phi);
    return STATUS_OK;
}

const struct rule rule_newton = {
    .doc =
        {
            .name = "optim.newton",
            .signature = "optim.newton{damping, clip}",
            .summary = "Newton's method: one step to where the gradient of the quadratic model "
                       "vanishes; exact on least squares of a linear model, and without a rate.",
            DOC_ARGUMENTS(arguments),
            .returns = "an optimizer; r.trace.eigenvalues holds those of the Hessian",
            .errors = "damping negative, a loss without second derivatives",
            .equation = "φ ← φ − (H + λ·I)⁻¹·g",
            .source =
                "Goodfellow, Bengio and Courville 2016, Deep Learning, section 8.6.1; auto: "
                "Marquardt 1963, SIAM Journal on Applied Mathematics 11, pages 431-441; Nocedal "
                "and Wright 2006, Numerical Optimization, sections 3.4 and 4.1",
            .example = "L = loss.least_squares(model.line, data.line12)\n"
                       "r = descend(L, optim.newton{}, {start = {1.6, -0.5}})\n"
                       "r:step()\n"
                       "print((\"%.6f %.6f\"):format(r.phi[1], r.phi[2]))",
            .result = "0.825950 0.522226",
        },
    .title = "Newton's method",
    .states = states,
    .state_count = 1,
    .vectors = vectors,
    .terms = terms,
    .term_count = sizeof terms / sizeof *terms,
    .numbers = 1u << TERM_DAMPING,
    .equation = equation,
    .step = step,
};
