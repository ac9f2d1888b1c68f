/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "problems.h"

#include <math.h>

#include "base/memory.h"
#include "objective/objective_private.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* --- data ------------------------------------------------------------------------------------ */

static const double line_x[] = {0.03, 0.19, 0.34, 0.46, 0.78, 0.81,
                                1.08, 1.18, 1.39, 1.60, 1.65, 1.90};
static const double line_y[] = {0.67, 0.85, 1.05, 1.00, 1.40, 1.50,
                                1.30, 1.54, 1.55, 1.68, 1.73, 1.60};
static const double gabor_x[] = {-1.920, -14.22,  1.490,  -1.940, -2.389, -5.090, -8.861, 3.578,
                                 -6.010, -6.995,  3.634,  0.8743, -10.96, 0.4073, -9.467, 8.560,
                                 10.62,  -0.1729, 10.40,  -12.61, 0.1574, -13.04, -2.156, -12.10,
                                 -11.19, 2.902,   -8.220, -11.79, -8.391, -4.505};
static const double gabor_y[] = {
    -1.051,  -0.02482, 0.8896,   -0.4943,  -0.9371,  0.4306, 0.009577, -0.07944, 0.1624,  -0.2682,
    -0.3129, 0.8303,   -0.02365, 0.5098,   -0.2777,  0.3367, 0.1927,   -0.2222,  0.06352, 0.006888,
    0.03224, 0.01091,  -0.5706,  -0.05258, -0.03666, 0.1709, -0.04805, 0.2008,   -0.1904, 0.5952};

/* --- losses ---------------------------------------------------------------------------------- */

static double line(const double *phi, size_t i, double *gradient)
{
    double residual = phi[0] + phi[1] * line_x[i] - line_y[i];
    if (gradient != NULL) {
        gradient[0] += 2 * residual;
        gradient[1] += 2 * line_x[i] * residual;
    }
    return residual * residual;
}

static double gabor(const double *phi, size_t i, double envelope, double *gradient)
{
    double u = phi[0] + 0.06 * phi[1] * gabor_x[i], e = exp(-u * u / envelope);
    double residual = sin(u) * e - gabor_y[i];
    double slope = (cos(u) - 2 * u / envelope * sin(u)) * e;
    if (gradient != NULL) {
        gradient[0] += 2 * residual * slope;
        gradient[1] += 2 * residual * slope * 0.06 * gabor_x[i];
    }
    return residual * residual;
}

static double gabor_32(const double *phi, size_t i, double *gradient)
{
    return gabor(phi, i, 32, gradient);
}

static double gabor_8(const double *phi, size_t i, double *gradient)
{
    return gabor(phi, i, 8, gradient);
}

static double valley(const double *phi, size_t i, double *gradient)
{
    (void)i;
    double away = phi[0] - 0.7;
    double hole = exp(-2 * phi[1] * phi[1]) * exp(-away * away / 8);
    if (gradient != NULL) {
        gradient[0] += hole * away / 4;
        gradient[1] += hole * 4 * phi[1];
    }
    return 1 - hole;
}

const double problem_quadratic_curvature[] = {2, 10, 0.5};
static const double quadratic_minimum[] = {1, -2, 3};

static double quadratic(const double *phi, size_t i, double *gradient)
{
    (void)i;
    double value = 0;
    for (size_t j = 0; j < COUNT(quadratic_minimum); j++) {
        double away = phi[j] - quadratic_minimum[j];
        value += problem_quadratic_curvature[j] * away * away / 2;
        if (gradient != NULL)
            gradient[j] += problem_quadratic_curvature[j] * away;
    }
    return value;
}

static double rosenbrock(const double *phi, size_t i, double *gradient)
{
    (void)i;
    double a = 1 - phi[0], b = phi[1] - phi[0] * phi[0];
    if (gradient != NULL) {
        gradient[0] += -2 * a - 400 * phi[0] * b;
        gradient[1] += 200 * b;
    }
    return a * a + 100 * b * b;
}

const double problem_slope_gradient[] = {3, -2, 5};

static double slope(const double *phi, size_t i, double *gradient)
{
    (void)i;
    double value = 0;
    for (size_t j = 0; j < COUNT(problem_slope_gradient); j++) {
        value += problem_slope_gradient[j] * phi[j];
        if (gradient != NULL)
            gradient[j] += problem_slope_gradient[j];
    }
    return value;
}

/* --- problems -------------------------------------------------------------------------------- */

const struct problem problem_line = {
    .name = "line12",
    .formula = "L = Σ (φ₀ + φ₁·x − y)²",
    .source = "curriculum C3; closed form",
    .size = 2,
    .examples = COUNT(line_x),
    .example = line,
    .start = {1.6, -0.5},
    .minimum = {0.825950, 0.522226},
    .least = 0.199866357,
    .alpha = 0.01,
};

const struct problem problem_gabor = {
    .name = "gabor30",
    .formula = "L = Σ (sin(u)·exp(−u²/32) − y)², u = φ₀ + 0.06·φ₁·x",
    .source = "curriculum D1, D2",
    .size = 2,
    .examples = COUNT(gabor_x),
    .example = gabor_32,
    .start = {-1.5, 8.5},
    .minimum = {0.0038, 16.0263},
    .least = 0.645696,
    .alpha = 0.05,
};

const struct problem problem_gabor_8 = {
    .name = "gabor30, envelope 8",
    .formula = "L = Σ (sin(u)·exp(−u²/8) − y)², u = φ₀ + 0.06·φ₁·x",
    .source = "curriculum D1",
    .size = 2,
    .examples = COUNT(gabor_x),
    .example = gabor_8,
    .start = {0, 13},
    .minimum = {0.1087, 14.4162},
    .least = 1.262308,
    .alpha = 0.05,
};

const struct problem problem_valley = {
    .name = "valley",
    .formula = "L = 1 − exp(−2·φ₁²)·exp(−(φ₀ − 0.7)²/8)",
    .source = "curriculum F1",
    .size = 2,
    .example = valley,
    .start = {-0.7, -0.9},
    .minimum = {0.7, 0},
    .least = 0,
    .alpha = 0.1,
};

const struct problem problem_quadratic = {
    .name = "quadratic",
    .formula = "L = Σ λ_j·(φ_j − c_j)²/2",
    .source = "closed form",
    .size = 3,
    .example = quadratic,
    .start = {-1, 1, 1},
    .minimum = {1, -2, 3},
    .least = 0,
    .alpha = 0.1,
};

const struct problem problem_rosenbrock = {
    .name = "Rosenbrock",
    .formula = "L = (1 − φ₀)² + 100·(φ₁ − φ₀²)²",
    .source = "Rosenbrock 1960, The Computer Journal 3, pages 175-184",
    .size = 2,
    .example = rosenbrock,
    .start = {-1.2, 1},
    .minimum = {1, 1},
    .least = 0,
    .alpha = 0.001,
};

const struct problem problem_slope = {
    .name = "slope",
    .formula = "L = 3·φ₀ − 2·φ₁ + 5·φ₂",
    .source = "curriculum F2",
    .size = 3,
    .example = slope,
    .least = -INFINITY,
    .alpha = 0.1,
};

const struct problem *const problems[] = {
    &problem_line,   &problem_gabor,     &problem_gabor_8,
    &problem_valley, &problem_quadratic, &problem_rosenbrock,
};
const size_t problem_count = COUNT(problems);

/* --- as objectives --------------------------------------------------------------------------- */

struct problem_objective {
    struct objective objective;
    const struct problem *problem;
    size_t evaluations, fail_at;
    enum status fail_status;
};

static enum status begin(struct problem_objective *self, struct error *error)
{
    if (++self->evaluations == self->fail_at)
        return error_set(error, self->fail_status, "", "made to fail");
    return STATUS_OK;
}

static enum status evaluate(struct objective *objective, const double *phi,
                            const struct batch *batch, double *value, double *gradient,
                            struct error *error)
{
    struct problem_objective *self = (struct problem_objective *)objective;
    enum status status = begin(self, error);
    if (status != STATUS_OK)
        return status;
    size_t examples = objective->examples > 0 ? objective->examples : 1;
    size_t count = batch->indices != NULL ? batch->count : examples;
    *value = 0;
    for (size_t j = 0; gradient != NULL && j < objective->size; j++)
        gradient[j] = 0;
    for (size_t i = 0; i < count; i++)
        *value += self->problem->example(phi, batch->indices != NULL ? batch->indices[i] : i,
                                         gradient);
    return STATUS_OK;
}

static enum status value_of(struct objective *objective, const double *phi,
                            const struct batch *batch, double *value, struct error *error)
{
    return evaluate(objective, phi, batch, value, NULL, error);
}

/* By central differences of the gradient. */
static enum status hessian_of(struct objective *objective, const double *phi,
                              const struct batch *batch, double *hessian, struct error *error)
{
    const double h = 1e-5;
    double value, low[PROBLEM_SIZE], high[PROBLEM_SIZE], place[PROBLEM_SIZE];
    const size_t size = objective->size;
    for (size_t row = 0; row < size; row++) {
        enum status status = STATUS_OK;
        for (int side = -1; side <= 1 && status == STATUS_OK; side += 2) {
            for (size_t j = 0; j < size; j++)
                place[j] = phi[j] + (j == row ? side * h : 0);
            status = evaluate(objective, place, batch, &value, side < 0 ? low : high, error);
        }
        if (status != STATUS_OK)
            return status;
        for (size_t j = 0; j < size; j++)
            hessian[row * size + j] = (high[j] - low[j]) / (2 * h);
    }
    return STATUS_OK;
}

static enum status each_of(struct objective *objective, const double *phi,
                           const struct batch *batch, double *losses, struct error *error)
{
    struct problem_objective *self = (struct problem_objective *)objective;
    enum status status = begin(self, error);
    size_t count = batch->indices != NULL ? batch->count : objective->examples;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        losses[i] = self->problem->example(phi, batch->indices != NULL ? batch->indices[i] : i,
                                           NULL);
    return status;
}

static void free_objective(struct objective *objective)
{
    memory_free(objective->context, objective);
}

static const struct objective_methods methods = {
    .value = value_of,
    .gradient = evaluate,
    .hessian = hessian_of,
    .each = each_of,
    .free = free_objective,
};

struct objective *problem_objective(struct context *context, const struct problem *problem)
{
    struct problem_objective *made = memory_allocate(context, 1, sizeof *made);
    if (made == NULL)
        return NULL;
    made->problem = problem;
    if (objective_init(&made->objective, context, &methods, problem->size, problem->examples, NULL,
                       NULL) != STATUS_OK) {
        memory_free(context, made);
        return NULL;
    }
    return &made->objective;
}

void problem_fail(struct objective *objective, size_t at, int status)
{
    struct problem_objective *self = (struct problem_objective *)objective;
    self->evaluations = 0;
    self->fail_at = at;
    self->fail_status = (enum status)status;
}
