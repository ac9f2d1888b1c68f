/* SPDX-License-Identifier: GPL-3.0-or-later */
/* problems.h: losses written by hand, with known minima, on which every rule is tried. They need
 * no graph, so that a rule that fails is the rule's fault. */
#ifndef DESCENT_TESTS_PROBLEMS_H
#define DESCENT_TESTS_PROBLEMS_H

#include <stddef.h>

#include "base/context.h"
#include "objective/objective.h"

enum { PROBLEM_SIZE = 3 }; /* the most parameters a problem has */

struct problem {
    const char *name, *formula, *source;
    size_t size;     /* P */
    size_t examples; /* I; 0: no data */
    /* ℓ_i, with its derivatives added to gradient where that is not NULL; i = 0 without data. */
    double (*example)(const double *phi, size_t i, double *gradient);
    double start[PROBLEM_SIZE], minimum[PROBLEM_SIZE];
    double least; /* L at the minimum */
    double alpha; /* with which gradient descent gets near it */
};

extern const struct problem problem_line;       /* line12, the sum of squares */
extern const struct problem problem_gabor;      /* gabor30, envelope 32 */
extern const struct problem problem_gabor_8;    /* gabor30, envelope 8 */
extern const struct problem problem_valley;     /* of curriculum F */
extern const struct problem problem_quadratic;  /* no data */
extern const struct problem problem_rosenbrock; /* no data */
extern const struct problem problem_slope;      /* a constant gradient: no minimum */

/* Those with a minimum. */
extern const struct problem *const problems[];
extern const size_t problem_count;

extern const double problem_slope_gradient[PROBLEM_SIZE];
extern const double problem_quadratic_curvature[PROBLEM_SIZE];

/* NULL when there is not enough memory. */
struct objective *problem_objective(struct context *context, const struct problem *problem);

/* From now on evaluation number `at` (counted from 1) answers with this status; 0: none. It fills
 * the error as a caller's function would. */
void problem_fail(struct objective *objective, size_t at, int status);

#endif
