/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Penalties, sums of losses, constraints. */
#include "objectives.h"
#include "optimizer/optimizer.h"
#include "run/run.h"

static struct penalty *penalty_made(const char *name, double factor, bool except,
                                    const char *parameter)
{
    struct penalty *one, *scaled;
    const double arguments[] = {0.75, 0, 0, 0};
    OK(penalty_new(&one, &context, penalty_named(name), arguments, except, &parameter,
                   parameter ? 1 : 0, &error));
    OK(penalty_scale(&scaled, one, factor, &error));
    penalty_release(one);
    return scaled;
}

static struct objective *line(const char *loss)
{
    return loss_made(loss, NULL, model_made("model.line", NULL), data_named("line12"));
}

Test(penalty, values_and_gradients) /* H4 */
{
    context_init(&context);
    const double phi[] = {0.6, -0.2};
    struct penalty *l1 = penalty_made("penalty.l1", 3, false, NULL);
    struct penalty *l2 = penalty_made("penalty.l2", 0.5, true, "phi0"), *both;
    OK(penalty_add(&both, l1, l2, &error));
    penalty_release(l1);
    penalty_release(l2);
    struct objective *L = sum_made(1, line("loss.least_squares"), 0, NULL, both);
    double value, gradient[2];
    OK(objective_gradient(L, phi, NULL, &value, gradient, &error));
    NEAR(value, 12.366904 + 3 * 0.8 + 0.5 * 0.04, 1e-12);
    NEAR(gradient[0], -21.904 + 3, 1e-12);
    NEAR(gradient[1], -26.84044 - 3 + 0.5 * 2 * -0.2, 1e-12);
    objective_release(L);
    nothing_left();
}

Test(penalty, counts_whole_at_each_batch) /* X5, X15 */
{
    context_init(&context);
    const double phi[] = {0.6, -0.2};
    const size_t indices[] = {0, 3, 4};
    const struct batch some = {.indices = indices, .count = 3};
    const char *const kinds[] = {"loss.least_squares", "loss.mean_squares"};
    for (int mean = 0; mean < 2; mean++) {
        struct objective *plain = line(kinds[mean]);
        double value, with, gradient[2], more[2];
        OK(objective_gradient(plain, phi, &some, &value, gradient, &error));
        struct objective *L =
            sum_made(1, plain, 0, NULL, penalty_made("penalty.l2", 2, false, NULL));
        OK(objective_gradient(L, phi, &some, &with, more, &error));
        NEAR(with, value + 2 * 0.4, 1e-13);
        NEAR(more[0], gradient[0] + 4 * 0.6, 1e-13);
        NEAR(more[1], gradient[1] - 4 * 0.2, 1e-13);
        objective_release(L);
    }
    nothing_left();
}

Test(penalty, sums_of_losses_are_sums_of_everything)
{
    context_init(&context);
    const double phi[] = {0.6, -0.2};
    const size_t indices[] = {1, 7, 7};
    const struct batch some = {.indices = indices, .count = 3};
    struct objective *a = line("loss.least_squares"), *b = line("loss.absolute");
    objective_keep(a);
    objective_keep(b);
    struct objective *L = sum_made(0.5, a, -2, b, NULL);
    double x, y, z, ga[2], gb[2], g[2], ea[12], eb[12], e[12];
    OK(objective_gradient(a, phi, &some, &x, ga, &error));
    OK(objective_gradient(b, phi, &some, &y, gb, &error));
    OK(objective_gradient(L, phi, &some, &z, g, &error));
    NEAR(z, 0.5 * x - 2 * y, 1e-13);
    NEAR(g[0], 0.5 * ga[0] - 2 * gb[0], 1e-13);
    NEAR(g[1], 0.5 * ga[1] - 2 * gb[1], 1e-13);
    OK(objective_each(a, phi, NULL, ea, &error));
    OK(objective_each(b, phi, NULL, eb, &error));
    OK(objective_each(L, phi, NULL, e, &error));
    for (int i = 0; i < 12; i++)
        NEAR(e[i], 0.5 * ea[i] - 2 * eb[i], 1e-14);
    cr_assert_str_eq(objective_kind(L), "least_squares");
    objective_release(a);
    objective_release(b);

    /* A mean beside a sum: each example counts what it adds. */
    struct objective *mixed = sum_made(1, line("loss.least_squares"), 3,
                                       line("loss.mean_squares"), NULL);
    double total = 0, jacobian[24], columns[2] = {0};
    OK(objective_each(mixed, phi, NULL, e, &error));
    OK(objective_jacobian(mixed, phi, jacobian, &error));
    OK(objective_gradient(mixed, phi, NULL, &z, g, &error));
    for (int i = 0; i < 12; i++) {
        total += e[i];
        columns[0] += jacobian[2 * i];
        columns[1] += jacobian[2 * i + 1];
    }
    NEAR(total, z, 1e-12);
    NEAR(columns[0], g[0], 1e-11);
    NEAR(columns[1], g[1], 1e-11);
    objective_release(L);

    /* Other data for a sum with a penalty. */
    L = sum_made(1, mixed, 0, NULL, penalty_made("penalty.l2", 1, false, NULL));
    struct dataset *data = data_named("line12"), *first;
    const size_t three[] = {0, 1, 2};
    OK(dataset_take(&first, data, three, 3, &error));
    struct objective *other;
    OK(objective_with_data(&other, L, first, &error));
    NEAR(value_of(other, phi), 2 * 0.357044 + 0.4, 1e-12);
    REFUSED(objective_sum(&mixed, (struct objective_term[]){{1, L}, {1, other}}, 2, NULL, &error),
            STATUS_UNSUPPORTED, "different data");
    objective_release(other);
    objective_release(L);
    dataset_release(data);
    dataset_release(first);
    nothing_left();
}

Test(penalty, what_does_not_fit_is_refused_in_words)
{
    context_init(&context);
    struct objective *L = line("loss.least_squares"), *wrong;
    struct objective *quadratic = loss_made(
        "loss.least_squares", NULL,
        model_made("model.polynomial", &(struct model_source){.arguments = (double[]){2}}),
        data_named("line12"));
    struct objective_term terms[] = {{1, L}, {1, quadratic}};
    REFUSED(objective_sum(&wrong, terms, 2, NULL, &error), STATUS_SHAPE, "2 and 3 parameters");
    struct penalty *penalty = penalty_made("penalty.l2", 1, false, "W"), *scaled;
    REFUSED(objective_sum(&wrong, terms, 1, penalty, &error), STATUS_ARGUMENT, "no parameter W");
    penalty_release(penalty);
    penalty = penalty_made("penalty.max_norm", 1, false, NULL);
    REFUSED(penalty_scale(&scaled, penalty, 0.5, &error), STATUS_UNSUPPORTED, "no strength");
    penalty_release(penalty);
    objective_release(L);
    objective_release(quadratic);
    nothing_left();
}

Test(penalty, max_norm_scales_each_unit_back) /* H4 */
{
    context_init(&context);
    const int widths[] = {2, 2, 1};
    struct model_source source = {
        .arguments = (double[]){0, 0, 0}, .widths = widths, .width_count = 3};
    const double x[] = {1, 2, 3, 4}, y[] = {1, 2};
    struct objective *L =
        sum_made(1,
                 loss_made("loss.least_squares", NULL, model_made("model.mlp", &source),
                           data_made(2, 2, x, 1, y)),
                 0, NULL, penalty_made("penalty.max_norm", 1, false, NULL));
    /* Rows (3, 4), (0.3, 0.4); offsets 9, 9; row (1, 0); offset 9. */
    double phi[] = {3, 4, 0.3, 0.4, 9, 9, -1, 0, 9};
    objective_project(L, phi);
    const double expected[] = {0.45, 0.6, 0.3, 0.4, 9, 9, -0.75, 0, 9};
    for (int j = 0; j < 9; j++)
        NEAR(phi[j], expected[j], 1e-15);
    objective_release(L);

    /* A line has no matrices: both numbers are one vector. The gradient is as it was. */
    L = sum_made(1, line("loss.least_squares"), 0, NULL,
                 penalty_made("penalty.max_norm", 1, false, NULL));
    double point[] = {3, -4}, huge[] = {3e300, 4e300}, zero[] = {0, 0}, gradient[2], value;
    objective_project(L, point);
    NEAR(point[0], 0.45, 1e-15);
    NEAR(point[1], -0.6, 1e-15);
    objective_project(L, huge);
    NEAR(huge[1], 0.6, 1e-15);
    objective_project(L, zero);
    cr_assert_eq(zero[0], 0);
    OK(objective_gradient(L, (double[]){0.6, -0.2}, NULL, &value, gradient, &error));
    NEAR(gradient[0], -21.904, 1e-12);
    objective_release(L);
    nothing_left();
}

Test(penalty, a_run_stays_inside_and_goes_back_exactly)
{
    context_init(&context);
    struct objective *L = sum_made(1, line("loss.least_squares"), 0, NULL,
                                   penalty_made("penalty.max_norm", 1, false, NULL));
    struct optimizer *optimizer;
    const struct rule *rule = optimizer_rule("momentum");
    double arguments[OPTIMIZER_ARGUMENTS] = {0};
    for (size_t i = 0; i < rule->doc.argument_count; i++)
        arguments[i] = strcmp(rule->doc.arguments[i].name, "alpha") == 0
                           ? 0.01
                           : rule->doc.arguments[i].standard;
    OK(optimizer_new(&optimizer, &context, rule, arguments, NULL, NULL, &error));
    const double start[] = {3, 3};
    struct run_options options = {.start = start, .order = SAMPLER_ALL};
    struct run *run;
    OK(run_new(&run, L, optimizer, &options, &error));
    for (int t = 1; t <= 40; t++) {
        OK(run_step(run, 1, &error));
        cr_assert_leq(hypot(run_phi(run)[0], run_phi(run)[1]), 0.75 * (1 + 1e-15));
    }
    /* The best point on the circle of radius 3/4: the gradient points out of it. */
    OK(run_step(run, 400, &error));
    double value, gradient[2], before[2];
    OK(objective_gradient(L, run_phi(run), NULL, &value, gradient, &error));
    NEAR(gradient[0] * run_phi(run)[1] - gradient[1] * run_phi(run)[0], 0, 1e-9);
    memcpy(before, run_phi(run), sizeof before);
    OK(run_back(run, 200, &error));
    OK(run_step(run, 200, &error));
    cr_assert_eq(before[0], run_phi(run)[0]);
    cr_assert_eq(before[1], run_phi(run)[1]);
    run_release(run);
    optimizer_release(optimizer);
    objective_release(L);
    nothing_left();
}

Test(penalty, sums_survive_every_failing_allocation)
{
    for (size_t fail = 1;; fail++) {
        context_init(&context);
        struct objective *L = line("loss.least_squares"), *sum = NULL, *other = NULL;
        struct dataset *data = data_named("line12");
        struct penalty *one = NULL, *two = NULL, *both = NULL;
        const char *const name = "phi1";
        double phi[] = {0.6, -0.2}, value, gradient[2], losses[12], jacobian[24];
        size_t first = context.memory.requests;
        context.memory.fail_at = first + fail;
        enum status status = penalty_new(&one, &context, penalty_named("penalty.l2"), NULL, true,
                                         &name, 1, &error);
        if (status == STATUS_OK)
            status = penalty_scale(&two, one, 3, &error);
        if (status == STATUS_OK)
            status = penalty_add(&both, one, two, &error);
        struct objective_term terms[] = {{2, L}, {1, L}};
        if (status == STATUS_OK)
            status = objective_sum(&sum, terms, 2, both, &error);
        if (status == STATUS_OK)
            status = objective_with_data(&other, sum, data, &error);
        if (status == STATUS_OK)
            status = objective_gradient(other, phi, NULL, &value, gradient, &error);
        if (status == STATUS_OK)
            status = objective_each(other, phi, NULL, losses, &error);
        if (status == STATUS_OK)
            status = objective_jacobian(other, phi, jacobian, &error);
        bool all = context.memory.requests - first < fail;
        context.memory.fail_at = 0;
        objective_release(L);
        objective_release(sum);
        objective_release(other);
        dataset_release(data);
        penalty_release(one);
        penalty_release(two);
        penalty_release(both);
        context_free(&context);
        cr_assert_eq(context.memory.live, 0, "leak when request %zu fails", fail);
        cr_assert_eq(status, all ? STATUS_OK : STATUS_MEMORY, "request %zu", fail);
        if (all)
            break;
        cr_assert_lt(fail, 3000);
    }
}
