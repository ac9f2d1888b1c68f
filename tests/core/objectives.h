/* SPDX-License-Identifier: GPL-3.0-or-later */
/* objectives.h: what tests of models, losses and penalties begin with. */
#ifndef DESCENT_TESTS_OBJECTIVES_H
#define DESCENT_TESTS_OBJECTIVES_H

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/generator.h"
#include "objective/build.h"

static struct context context;
static struct error error;

#define OK(call) cr_assert_eq((call), STATUS_OK, "%s: %s", error.where, error.text)
#define NEAR(got, expected, tolerance)                                              \
    cr_assert_float_eq(got, expected, tolerance, "%.12g, not %.12g", (double)(got), \
                       (double)(expected))
#define REFUSED(call, code, words)                                            \
    do {                                                                      \
        cr_assert_eq((call), code);                                           \
        cr_assert(strstr(error.text, words), "%s", error.text);               \
    } while (0)

static inline const struct penalty_kind *penalty_named(const char *name)
{
    for (size_t i = 0; i < penalty_kind_count; i++)
        if (strcmp(penalty_kinds[i]->doc.name, name) == 0)
            return penalty_kinds[i];
    return NULL;
}

static inline struct model *model_made(const char *name, const struct model_source *source)
{
    struct model *model;
    OK(model_new(&model, &context, model_kind_named(name), source, &error));
    return model;
}

static inline struct dataset *data_made(size_t examples, size_t inputs, const double *x,
                                        size_t outputs, const double *y)
{
    struct dataset_source source = {
        .examples = examples, .inputs = inputs, .outputs = outputs, .x = x, .y = y};
    struct dataset *data;
    OK(dataset_new(&data, &context, &source, &error));
    return data;
}

static inline struct dataset *data_named(const char *name)
{
    struct dataset *data;
    OK(dataset_builtin(&data, &context, name, &error));
    return data;
}

/* Takes over the references to model and data. */
static inline struct objective *loss_made(const char *name, const double *arguments,
                                          struct model *model, struct dataset *data)
{
    struct objective *objective;
    OK(objective_build(&objective, model, data, loss_kind_named(name), arguments, &error));
    model_release(model);
    dataset_release(data);
    return objective;
}

/* Σ of two (b may be NULL) and a penalty (may be NULL); takes over all references. */
static inline struct objective *sum_made(double c, struct objective *a, double d,
                                         struct objective *b, struct penalty *penalty)
{
    struct objective_term terms[] = {{c, a}, {d, b}};
    struct objective *sum;
    OK(objective_sum(&sum, terms, b ? 2 : 1, penalty, &error));
    objective_release(a);
    objective_release(b);
    penalty_release(penalty);
    return sum;
}

static inline double value_of(struct objective *objective, const double *phi)
{
    double value;
    OK(objective_value(objective, phi, NULL, &value, &error));
    return value;
}

/* Gradient and Hessian against central differences of values and gradients. */
static inline void check_derivatives(struct objective *objective, const double *phi,
                                     double tolerance)
{
    enum { MOST = 64 };
    double at[MOST], gradient[MOST], up[MOST], down[MOST], hessian[MOST * MOST], value;
    size_t size = objective_size(objective);
    cr_assert_leq(size, MOST);
    memcpy(at, phi, size * sizeof *at);
    OK(objective_gradient(objective, phi, NULL, &value, gradient, &error));
    OK(objective_hessian(objective, phi, NULL, hessian, &error));
    for (size_t j = 0; j < size; j++) {
        double h = 1e-5 * fmax(1, fabs(phi[j])), above, below;
        at[j] = phi[j] + h;
        OK(objective_gradient(objective, at, NULL, &above, up, &error));
        at[j] = phi[j] - h;
        OK(objective_gradient(objective, at, NULL, &below, down, &error));
        at[j] = phi[j];
        NEAR((above - below) / (2 * h), gradient[j], tolerance * fmax(1, fabs(value)));
        for (size_t i = 0; i < size; i++)
            NEAR((up[i] - down[i]) / (2 * h), hessian[i * size + j],
                 tolerance * fmax(1, fabs(hessian[i * size + j])) * 10);
    }
}

static inline void nothing_left(void)
{
    context_free(&context);
    cr_assert_eq(context.memory.live, 0);
}

#endif
