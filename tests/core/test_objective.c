/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models, losses and objectives against the courses' numbers and closed formulas. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/generator.h"
#include "objective/build.h"
#include "problems.h"

static struct context context;
static struct error error;

#define OK(call) cr_assert_eq((call), STATUS_OK, "%s: %s", error.where, error.text)
#define NEAR(got, expected, tolerance)                                              \
    cr_assert_float_eq(got, expected, tolerance, "%.12g, not %.12g", (double)(got), \
                       (double)(expected))

static const struct model_kind *kind_of(const char *name)
{
    for (size_t i = 0; i < model_kind_count; i++)
        if (strcmp(model_kinds[i]->doc.name, name) == 0)
            return model_kinds[i];
    cr_assert(false, "no model %s", name);
    return NULL;
}

static const struct loss_kind *loss_of(const char *name)
{
    for (size_t i = 0; i < loss_kind_count; i++)
        if (strcmp(loss_kinds[i]->doc.name, name) == 0)
            return loss_kinds[i];
    cr_assert(false, "no loss %s", name);
    return NULL;
}

static struct objective *build(const char *model_name, const double *arguments,
                               const char *loss_name, struct dataset *data)
{
    struct model *model;
    struct objective *objective;
    struct model_source source = {.arguments = arguments};
    OK(model_new(&model, &context, kind_of(model_name), &source, &error));
    OK(objective_build(&objective, model, data, loss_of(loss_name), NULL, &error));
    model_release(model);
    dataset_release(data);
    return objective;
}

static struct dataset *builtin(const char *name)
{
    struct dataset *data;
    OK(dataset_builtin(&data, &context, name, &error));
    return data;
}

static void finish(struct objective *objective)
{
    objective_release(objective);
    context_free(&context);
    cr_assert_eq(context.memory.live, 0);
}

Test(objective, least_squares_of_a_line) /* C1, C4, X3 */
{
    context_init(&context);
    struct objective *L = build("model.line", NULL, "loss.least_squares", builtin("line12"));
    double phi[] = {0.6, -0.2}, value, gradient[2], hessian[4];
    OK(objective_gradient(L, phi, NULL, &value, gradient, &error));
    NEAR(value, 12.366904, 1e-12);
    NEAR(gradient[0], -21.904, 1e-12);
    NEAR(gradient[1], -26.84044, 1e-12);
    OK(objective_hessian(L, phi, NULL, hessian, &error));
    NEAR(hessian[0], 24, 1e-12);
    NEAR(hessian[1], 22.82, 1e-12);
    NEAR(hessian[2], 22.82, 1e-12);
    NEAR(hessian[3], 30.0242, 1e-12);
    NEAR(2 * value * gradient[0], -541.77, 5e-3);
    finish(L);
}

Test(objective, mean_squares_is_a_twelfth_of_the_sum)
{
    context_init(&context);
    struct objective *L = build("model.line", NULL, "loss.mean_squares", builtin("line12"));
    double phi[] = {0.6, -0.2}, value, gradient[2];
    OK(objective_gradient(L, phi, NULL, &value, gradient, &error));
    NEAR(value, 12.366904 / 12, 1e-13);
    NEAR(gradient[1], -26.84044 / 12, 1e-13);
    /* A batch's mean is over its own examples. */
    const size_t indices[] = {2, 7};
    struct batch batch = {.indices = indices, .count = 2};
    OK(objective_value(L, phi, &batch, &value, &error));
    NEAR(value, (pow(0.6 - 0.2 * 0.34 - 1.05, 2) + pow(0.6 - 0.2 * 1.18 - 1.54, 2)) / 2, 1e-13);
    finish(L);
}

Test(objective, gabor_against_its_closed_gradient) /* D1, P3 */
{
    context_init(&context);
    const double places[][3] = {{32, 0.0038, 16.0263}, {8, 0.1087, 14.4162}};
    const double minima[] = {0.645696, 1.262308};
    for (int k = 0; k < 2; k++) {
        struct dataset *data = dataset_keep(builtin("gabor30"));
        struct objective *L = build("model.gabor", &places[k][0], "loss.least_squares", data);
        double value, gradient[2], expected[2] = {0}, phi[] = {-1.5, 8.5}, c = places[k][0];
        OK(objective_value(L, &places[k][1], NULL, &value, &error));
        NEAR(value, minima[k], 1e-6);
        OK(objective_gradient(L, phi, NULL, &value, gradient, &error));
        for (size_t i = 0; i < data->examples; i++) {
            double u = phi[0] + 0.06 * phi[1] * data->x[i], envelope = exp(-u * u / c);
            double slope = (cos(u) - 2 * u / c * sin(u)) * envelope;
            double residual = sin(u) * envelope - data->y[i];
            expected[0] += 2 * residual * slope;
            expected[1] += 2 * residual * slope * 0.06 * data->x[i];
        }
        NEAR(gradient[0], expected[0], 1e-12);
        NEAR(gradient[1], expected[1], 1e-12);
        if (k == 0) { /* D4 */
            NEAR(gradient[0], -2.162316, 5e-7);
            NEAR(gradient[1], 0.334054, 5e-7);
            const size_t batch_one[] = {27, 15, 23, 17, 8};
            struct batch batch = {.indices = batch_one, .count = 5};
            double some[2];
            OK(objective_gradient(L, phi, &batch, &value, some, &error));
            double mine = 0;
            for (int i = 0; i < 5; i++) {
                double x = data->x[batch_one[i]], u = phi[0] + 0.06 * phi[1] * x;
                double envelope = exp(-u * u / c);
                mine += 2 * (sin(u) * envelope - data->y[batch_one[i]]) *
                        (cos(u) - 2 * u / c * sin(u)) * envelope;
            }
            NEAR(some[0], mine, 1e-12);
        }
        objective_release(L);
        dataset_release(data);
    }
    context_free(&context);
    cr_assert_eq(context.memory.live, 0);
}

static struct dataset *two_groups(void) /* H5: RandomState(1), N(−1, 1), then N(1, 1) */
{
    struct generator generator;
    double x[20], y[20];
    generator_seed(&generator, 1);
    for (int i = 0; i < 20; i++) {
        x[i] = generator_normal(&generator) + (i < 10 ? -1 : 1);
        y[i] = i >= 10;
    }
    struct dataset_source source = {.examples = 20, .inputs = 1, .outputs = 1, .x = x, .y = y};
    struct dataset *data;
    OK(dataset_new(&data, &context, &source, &error));
    return data;
}

Test(objective, logistic_regression) /* H5 */
{
    context_init(&context);
    struct objective *L =
        build("model.logistic", NULL, "loss.binary_cross_entropy", two_groups());
    double zero[] = {0, 0}, best[] = {0.114571, 1.503862}, value, gradient[2], hessian[4];
    OK(objective_gradient(L, zero, NULL, &value, gradient, &error));
    NEAR(value, 13.862944, 5e-7);
    NEAR(gradient[0], 0, 1e-12);
    NEAR(gradient[1], -9.637763, 5e-7);
    OK(objective_gradient(L, best, NULL, &value, gradient, &error));
    NEAR(value, 8.391694, 5e-7);
    NEAR(gradient[0], 0, 1e-5);
    NEAR(gradient[1], 0, 1e-5);
    OK(objective_hessian(L, zero, NULL, hessian, &error)); /* Σ s(1 − s): a quarter each */
    NEAR(hessian[0], 5, 1e-12);
    double far[] = {2000, 0};
    OK(objective_value(L, far, NULL, &value, &error));
    NEAR(value, 20000, 1e-6);
    finish(L);
}

Test(objective, linear_model_of_several_inputs_and_outputs)
{
    context_init(&context);
    const double x[] = {1, 2, 3, 4, 5, 6, -1, 0, 2}, y[] = {1, 0, 0, 1, 2, 2};
    struct dataset_source source = {.examples = 3, .inputs = 3, .outputs = 2, .x = x, .y = y};
    struct dataset *data;
    OK(dataset_new(&data, &context, &source, &error));
    const double arguments[] = {3, 2};
    struct objective *L = build("model.linear", arguments, "loss.least_squares", data);
    cr_assert_str_eq(objective_component(L, 2), "W[1,3]");
    cr_assert_str_eq(objective_component(L, 7), "b[2]");
    double phi[] = {0.1, 0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8}, value, gradient[8], expected = 0;
    double by_hand[8] = {0};
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 2; k++) {
            double r = phi[6 + k] - y[i * 2 + k];
            for (int j = 0; j < 3; j++)
                r += phi[k * 3 + j] * x[i * 3 + j];
            expected += r * r;
            by_hand[6 + k] += 2 * r;
            for (int j = 0; j < 3; j++)
                by_hand[k * 3 + j] += 2 * r * x[i * 3 + j];
        }
    OK(objective_gradient(L, phi, NULL, &value, gradient, &error));
    NEAR(value, expected, 1e-12);
    for (int j = 0; j < 8; j++)
        NEAR(gradient[j], by_hand[j], 1e-12);
    finish(L);
}

Test(objective, polynomial_of_degree_three)
{
    context_init(&context);
    const double degree[] = {3};
    struct objective *L =
        build("model.polynomial", degree, "loss.least_squares", builtin("line12"));
    /* H2: least squares of degree 3 is 0.0905, where the gradient vanishes. One Newton step from 0
     * solves it; here by hand: H·φ = −g. */
    double phi[4] = {0}, value, g[4], h[16];
    OK(objective_gradient(L, phi, NULL, &value, g, &error));
    OK(objective_hessian(L, phi, NULL, h, &error));
    for (int k = 0; k < 4; k++) /* elimination: H is positive definite */
        for (int i = k + 1; i < 4; i++) {
            double f = h[i * 4 + k] / h[k * 4 + k];
            for (int j = k; j < 4; j++)
                h[i * 4 + j] -= f * h[k * 4 + j];
            g[i] -= f * g[k];
        }
    for (int i = 3; i >= 0; i--) {
        phi[i] = -g[i];
        for (int j = i + 1; j < 4; j++)
            phi[i] -= h[i * 4 + j] * phi[j];
        phi[i] /= h[i * 4 + i];
    }
    OK(objective_value(L, phi, NULL, &value, &error));
    NEAR(value, 0.0905, 5e-5);
    finish(L);
}

Test(objective, each_example_and_the_surface)
{
    context_init(&context);
    struct objective *L = build("model.line", NULL, "loss.least_squares", builtin("line12"));
    double phi[] = {0.6, -0.2}, losses[12], sum = 0, value, grid[6];
    OK(objective_each(L, phi, NULL, losses, &error));
    for (int i = 0; i < 12; i++)
        sum += losses[i];
    NEAR(sum, 12.366904, 1e-12);
    const double a[] = {0.6, 0.7}, b[] = {-0.2, 0, 1};
    OK(objective_surface(L, phi, 0, a, 2, 1, b, 3, grid, &error));
    NEAR(grid[0], 12.366904, 1e-12);
    double other[] = {0.7, 1};
    OK(objective_value(L, other, NULL, &value, &error));
    NEAR(grid[5], value, 1e-12);
    finish(L);
}

Test(objective, data_that_do_not_fit_are_refused_in_words)
{
    context_init(&context);
    struct dataset *data = builtin("line12");
    struct model *model;
    struct objective *objective;
    const double two_inputs[] = {2, 1};
    struct model_source two = {.arguments = two_inputs};
    OK(model_new(&model, &context, kind_of("model.linear"), &two, &error));
    const struct loss_kind *squares = loss_of("loss.least_squares");
    cr_assert_eq(objective_build(&objective, model, data, squares, NULL, &error), STATUS_SHAPE);
    cr_assert_str_eq(error.text, "the model takes 2 input columns and the data have 1; "
                                 "model.linear(1) takes as many");
    model_release(model);
    OK(model_new(&model, &context, kind_of("model.logistic"), NULL, &error));
    const struct loss_kind *entropy = loss_of("loss.binary_cross_entropy");
    cr_assert_eq(objective_build(&objective, model, data, entropy, NULL, &error),
                 STATUS_ARGUMENT);
    cr_assert(strstr(error.text, "y of example 1 is 0.67"));
    model_release(model);
    dataset_release(data);
    context_free(&context);
    cr_assert_eq(context.memory.live, 0);
}

Test(model, starts_follow_their_schemes)
{
    context_init(&context);
    struct model *model;
    const double numbers[] = {400, 300};
    struct model_source sizes = {.arguments = numbers};
    OK(model_new(&model, &context, kind_of("model.linear"), &sizes, &error));
    static double phi[400 * 300 + 300];
    const struct {
        enum start_scheme scheme;
        double deviation, offsets;
    } rows[] = {{SCHEME_STANDARD, sqrt(2. / 400), 0}, {SCHEME_HE, sqrt(2. / 400), 0},
                {SCHEME_XAVIER, sqrt(2. / 700), 0}, {SCHEME_NORMAL, 1, 1}, {SCHEME_ZEROS, 0, 0}};
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct generator generator;
        generator_seed(&generator, 7);
        model_start(model, rows[k].scheme, &generator, phi);
        double squares = 0, offsets = 0;
        for (int i = 0; i < 120000; i++)
            squares += phi[i] * phi[i];
        for (int i = 120000; i < 120300; i++)
            offsets += phi[i] * phi[i];
        NEAR(sqrt(squares / 120000), rows[k].deviation, 0.01 * rows[k].deviation);
        cr_assert_eq(offsets > 0, rows[k].offsets > 0);
    }
    model_release(model);
    context_free(&context);
    cr_assert_eq(context.memory.live, 0);
}

Test(objective, every_failing_allocation_is_an_error_and_no_leak)
{
    for (size_t fail = 1;; fail++) {
        context_init(&context);
        size_t start = context.memory.requests;
        context.memory.fail_at = start + fail;
        struct dataset *data = NULL;
        struct model *model = NULL;
        struct objective *L = NULL;
        double phi[] = {0.6, -0.2}, value, gradient[2], hessian[4], losses[30];
        enum status status = dataset_builtin(&data, &context, "gabor30", &error);
        if (status == STATUS_OK)
            status = model_new(&model, &context, kind_of("model.gabor"), NULL, &error);
        if (status == STATUS_OK)
            status = objective_build(&L, model, data, loss_of("loss.least_squares"), NULL, &error);
        if (status == STATUS_OK)
            status = objective_gradient(L, phi, NULL, &value, gradient, &error);
        if (status == STATUS_OK)
            status = objective_hessian(L, phi, NULL, hessian, &error);
        if (status == STATUS_OK)
            status = objective_each(L, phi, NULL, losses, &error);
        if (status == STATUS_OK)
            status = model_predict(model, data->x, 3, 1, phi, losses, &error);
        bool all = context.memory.requests < start + fail;
        context.memory.fail_at = 0;
        objective_release(L);
        model_release(model);
        dataset_release(data);
        context_free(&context); /* with what it shares: the choice of kernels */
        cr_assert_eq(context.memory.live, 0, "leak when request %zu fails", fail);
        if (all) {
            cr_assert_eq(status, STATUS_OK);
            break;
        }
        cr_assert_eq(status, STATUS_MEMORY, "request %zu: %s", fail, error.text);
        cr_assert_lt(fail, 2000);
    }
}

/* A loss of one's own hands is asked point by point; one over a graph for all points at once, along
 * the axes that were asked for last. */
Test(objective, surfaces_have_the_values_at_their_points)
{
    enum { A = 3, B = 2 };
    static const double a[A] = {-1, 0.5, 2}, b[B] = {4, -3}, phi[] = {9, 7, 8};
    double values[A * B], turned[A * B];
    context_init(&context);
    struct objective *slope = problem_objective(&context, &problem_slope);
    OK(objective_surface(slope, phi, 2, a, A, 0, b, B, values, &error));
    for (int i = 0; i < A; i++)
        for (int j = 0; j < B; j++)
            NEAR(values[i * B + j], 3 * b[j] - 2 * phi[1] + 5 * a[i], 1e-12);
    objective_release(slope);

    struct dataset *data;
    struct model *line;
    struct objective *L;
    OK(dataset_builtin(&data, &context, "line12", &error));
    OK(model_new(&line, &context, kind_of("model.line"), NULL, &error));
    OK(objective_build(&L, line, data, loss_of("loss.least_squares"), NULL, &error));
    OK(objective_surface(L, phi, 0, a, A, 1, b, B, values, &error));
    OK(objective_surface(L, phi, 1, b, B, 0, a, A, turned, &error));
    for (int i = 0; i < A; i++)
        for (int j = 0; j < B; j++) {
            double sum = 0;
            for (size_t n = 0; n < data->examples; n++)
                sum += pow(a[i] + b[j] * data->x[n] - data->y[n], 2);
            NEAR(values[i * B + j], sum, 1e-12 * sum);
            cr_assert(turned[j * A + i] == values[i * B + j]);
        }
    objective_release(L);
    model_release(line);
    dataset_release(data);
    context_free(&context);
    cr_assert_eq(context.memory.live, 0);
}
