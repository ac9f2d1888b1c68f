/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each kind of loss against its definition, where the definition itself does not overflow; and
 * where it does, against the limit. */
#include "objectives.h"

static struct generator generator;

static void draw(double *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        numbers[i] = generator_normal(&generator);
}

/* Scores straight from the parameters: W·x with x = (1, 0, 0), ... is a column of W. */
static struct objective *of_scores(const char *loss, const char *model_name, double y)
{
    const double arguments[] = {1, 3}, x[] = {1};
    struct model_source source = {.arguments = arguments};
    return loss_made(loss, NULL, model_made(model_name, &source), data_made(1, 1, x, 1, &y));
}

Test(loss, softmax_and_hinge_of_three_scores) /* H6, X7 */
{
    context_init(&context);
    const double phi[] = {3.2, 5.1, -1.7, 0, 0, 0};
    const double entropy[] = {2.0404, 0.1404, 6.9404}, hinge[] = {2.9, 0, 13.7};
    for (int y = 1; y <= 3; y++) {
        struct objective *E = of_scores("loss.cross_entropy", "model.linear", y);
        struct objective *H = of_scores("loss.hinge", "model.linear", y);
        NEAR(value_of(E, phi), entropy[y - 1], 5e-5);
        NEAR(value_of(H, phi), hinge[y - 1], 1e-12);
        /* Not the score of the class itself in place of the others': that compares nothing. */
        check_derivatives(E, phi, 1e-7);
        check_derivatives(H, phi, 1e-7);
        objective_release(E);
        objective_release(H);
    }
    nothing_left();
}

Test(loss, probabilities_are_not_taken_twice) /* H6 */
{
    context_init(&context);
    generator_seed(&generator, 5);
    double phi[6], value, other, gradient[6], same[6];
    for (int y = 1; y <= 3; y++) {
        draw(phi, 6);
        const char *const kinds[] = {"loss.cross_entropy", "loss.hinge"};
        for (int k = 0; k < 2; k++) {
            struct objective *scores = of_scores(kinds[k], "model.linear", y);
            struct objective *probabilities = of_scores(kinds[k], "model.softmax", y);
            OK(objective_gradient(scores, phi, NULL, &value, gradient, &error));
            OK(objective_gradient(probabilities, phi, NULL, &other, same, &error));
            cr_assert_eq(value, other);
            for (int j = 0; j < 6; j++)
                cr_assert_eq(gradient[j], same[j]);
            objective_release(scores);
            objective_release(probabilities);
        }
    }
    nothing_left();
}

Test(loss, log_sum_exp_lies_between_the_maximum_and_log_k_above) /* H6 */
{
    context_init(&context);
    generator_seed(&generator, 8);
    struct objective *E = of_scores("loss.cross_entropy", "model.linear", 2);
    for (int trial = 0; trial < 50; trial++) {
        double phi[6] = {0};
        draw(phi, 3);
        for (int j = 0; j < 3; j++)
            phi[j] *= pow(10, trial % 5);
        double sum = value_of(E, phi) + phi[1], most = fmax(phi[0], fmax(phi[1], phi[2]));
        cr_assert(sum >= most - 1e-12 * fabs(most) &&
                  sum <= most + log(3) + 1e-12 * fabs(most));
    }
    /* exp(4000) is no number, and neither is log(exp(−4000)). */
    const double large[] = {4000, 0, -4000, 0, 0, 0};
    double value, gradient[6];
    OK(objective_gradient(E, large, NULL, &value, gradient, &error));
    cr_assert_eq(value, 4000);
    cr_assert_eq(gradient[0], 1);
    cr_assert_eq(gradient[1], -1);
    cr_assert_eq(gradient[2], 0);
    objective_release(E);
    nothing_left();
}

Test(loss, two_classes_by_either_cross_entropy)
{
    context_init(&context);
    generator_seed(&generator, 2);
    enum { N = 30 };
    double x[N], bits[N], classes[N];
    draw(x, N);
    for (int i = 0; i < N; i++) {
        bits[i] = generator_uniform(&generator) < 0.5;
        classes[i] = bits[i] + 1;
    }
    const char *const names[] = {"no", "yes"};
    struct dataset_source source = {.examples = N, .inputs = 1, .outputs = 1, .x = x,
                                    .y = classes, .classes = 2, .class_names = names};
    struct dataset *labelled;
    OK(dataset_new(&labelled, &context, &source, &error));
    const double sizes[] = {1, 2};
    struct model_source softmax = {.arguments = sizes};
    struct objective *binary = loss_made("loss.binary_cross_entropy", NULL,
                                         model_made("model.logistic", NULL),
                                         data_made(N, 1, x, 1, bits));
    struct objective *by_label =
        loss_made("loss.binary_cross_entropy", NULL, model_made("model.logistic", NULL),
                  dataset_keep(labelled));
    struct objective *several = loss_made("loss.cross_entropy", NULL,
                                          model_made("model.softmax", &softmax), labelled);
    /* Only the difference of the two scores matters. */
    const double phi[] = {0.3, -1.2}, scores[] = {0, -1.2, 0, 0.3};
    double expected = 0;
    for (int i = 0; i < N; i++) {
        double p = 1 / (1 + exp(-0.3 + 1.2 * x[i]));
        expected -= bits[i] == 1 ? log(p) : log(1 - p);
    }
    NEAR(value_of(binary, phi), expected, 1e-12);
    NEAR(value_of(by_label, phi), expected, 1e-12);
    NEAR(value_of(several, scores), expected, 1e-12);
    objective_release(binary);
    objective_release(by_label);
    objective_release(several);
    nothing_left();
}

Test(loss, gaussian_with_a_constant_sigma) /* A3 */
{
    context_init(&context);
    const double sigma[] = {0.3}, phi[] = {0.7, 0.6};
    struct dataset *data = data_named("line12");
    double expected = 0;
    for (int i = 0; i < 12; i++) {
        double r = 0.7 + 0.6 * data->x[i] - data->y[i];
        expected -= log(exp(-r * r / (2 * 0.09)) / (0.3 * sqrt(2 * acos(-1))));
    }
    struct objective *L =
        loss_made("loss.gaussian", sigma, model_made("model.line", NULL), data);
    NEAR(value_of(L, phi), expected, 1e-12);
    check_derivatives(L, phi, 1e-6);
    objective_release(L);
    nothing_left();
}

Test(loss, gaussian_estimates_its_sigma) /* A3, X6 */
{
    context_init(&context);
    const double fit[] = {NAN};
    struct objective *L = loss_made("loss.gaussian", fit, model_made("model.line", NULL),
                                    data_named("line12"));
    cr_assert_eq(objective_size(L), 3);
    cr_assert_str_eq(objective_component(L, 2), "log_sigma");
    /* −n/σ + S/σ³ = 0 at σ² = S/n; with −S/σ³ there would be no root. */
    double phi[] = {0.8259500451, 0.5222260700, log(sqrt(0.016655529745))}, value, gradient[3];
    OK(objective_gradient(L, phi, NULL, &value, gradient, &error));
    NEAR(exp(phi[2]), 0.129056, 5e-7);
    NEAR(value, -7.542816, 5e-7);
    for (int j = 0; j < 3; j++)
        NEAR(gradient[j], 0, 1e-6);
    const double elsewhere[] = {0.2, 0.9, -0.7};
    check_derivatives(L, elsewhere, 1e-6);
    /* dL/d(log σ) = n − S/σ² */
    OK(objective_gradient(L, elsewhere, NULL, &value, gradient, &error));
    struct dataset *data = data_named("line12");
    double squares = 0;
    for (int i = 0; i < 12; i++)
        squares += pow(0.2 + 0.9 * data->x[i] - data->y[i], 2);
    NEAR(gradient[2], 12 - squares / exp(2 * -0.7), 1e-11);
    dataset_release(data);
    objective_release(L);
    nothing_left();
}

Test(loss, gaussian_whose_sigma_varies) /* A3, X18 */
{
    context_init(&context);
    generator_seed(&generator, 4);
    enum { N = 20 };
    double x[N], y[2 * N];
    draw(x, N);
    draw(y, 2 * N);
    const double phi[] = {0.5, -1, 0.2, 0.1, -0.3, 0.4};
    struct model_source parts = {.parts = {model_made("model.line", NULL),
                                           model_made("model.polynomial",
                                                      &(struct model_source){
                                                          .arguments = (double[]){2}})}};
    struct model *model = model_made("model.gaussian", &parts);
    double expected = 0;
    for (int i = 0; i < N; i++) {
        double s = exp(0.2 + 0.1 * x[i] - 0.3 * x[i] * x[i]), r = 0.5 - x[i] - y[i];
        expected += r * r / (2 * s * s) + log(s) + log(2 * acos(-1)) / 2;
    }
    struct objective *L =
        loss_made("loss.gaussian", NULL, model_keep(model), data_made(N, 1, x, 1, y));
    NEAR(value_of(L, phi), expected, 1e-12);
    check_derivatives(L, phi, 1e-6);
    struct objective *wrong;
    struct dataset *data = data_made(N, 1, x, 1, y);
    REFUSED(objective_build(&wrong, model, data, loss_kind_named("least_squares"), NULL, &error),
            STATUS_UNSUPPORTED, "for loss.gaussian");
    objective_release(L);
    dataset_release(data);
    model_release(model);
    model_release(parts.parts[0]);
    model_release(parts.parts[1]);

    /* Two outputs with one σ: both count its logarithm. */
    struct model_source two = {.parts = {model_made("model.linear",
                                                    &(struct model_source){
                                                        .arguments = (double[]){1, 2}})}};
    L = loss_made("loss.gaussian", NULL, model_made("model.gaussian", &two),
                  data_made(N, 1, x, 2, y));
    const double psi[] = {0.4, -0.6, 0.1, 0.3, -0.2};
    expected = 0;
    for (int i = 0; i < N; i++) {
        double a = 0.4 * x[i] + 0.1 - y[2 * i], b = -0.6 * x[i] + 0.3 - y[2 * i + 1];
        expected += (a * a + b * b) / (2 * exp(-0.4)) - 0.4 + log(2 * acos(-1));
    }
    NEAR(value_of(L, psi), expected, 1e-12);
    check_derivatives(L, psi, 1e-6);
    objective_release(L);
    model_release(two.parts[0]);
    nothing_left();
}

Test(loss, absolute_and_huber) /* A2 */
{
    context_init(&context);
    struct dataset *data = data_named("line12");
    data->y[11] += 5; /* an outlier */
    const double phi[] = {0.9, 0.45}, delta[] = {0.25};
    double distance = 0, huber = 0, pull = 0;
    for (int i = 0; i < 12; i++) {
        double r = 0.9 + 0.45 * data->x[i] - data->y[i];
        distance += fabs(r);
        huber += fabs(r) <= 0.25 ? r * r / 2 : 0.25 * (fabs(r) - 0.125);
        pull += fmax(-0.25, fmin(0.25, r));
    }
    struct objective *A =
        loss_made("loss.absolute", NULL, model_made("model.line", NULL), dataset_keep(data));
    struct objective *H =
        loss_made("loss.huber", delta, model_made("model.line", NULL), dataset_keep(data));
    NEAR(value_of(A, phi), distance, 1e-13);
    NEAR(value_of(H, phi), huber, 1e-13);
    double value, gradient[2];
    OK(objective_gradient(H, phi, NULL, &value, gradient, &error));
    NEAR(gradient[0], pull, 1e-13); /* no example pulls harder than δ */
    check_derivatives(A, phi, 1e-6);
    check_derivatives(H, phi, 1e-6);
    dataset_release(data);
    objective_release(A);
    objective_release(H);
    nothing_left();
}

Test(loss, the_kink_of_huber_is_smooth_to_first_order)
{
    context_init(&context);
    const double x[] = {0}, y[] = {0}, delta[] = {2};
    struct objective *H = loss_made("loss.huber", delta, model_made("model.line", NULL),
                                    data_made(1, 1, x, 1, y));
    double phi[] = {2, 0}, inside, outside, gradient[2];
    OK(objective_gradient(H, phi, NULL, &inside, gradient, &error));
    cr_assert_eq(inside, 2);
    cr_assert_eq(gradient[0], 2);
    phi[0] = nextafter(2, 3);
    OK(objective_gradient(H, phi, NULL, &outside, gradient, &error));
    NEAR(outside, 2, 1e-14);
    cr_assert_eq(gradient[0], 2);
    objective_release(H);
    nothing_left();
}

Test(loss, classes_that_do_not_fit_are_refused_in_words)
{
    context_init(&context);
    const double x[] = {1, 2}, y[] = {1, 4}, halves[] = {1, 1.5}, sizes[] = {1, 3};
    struct model_source three = {.arguments = sizes};
    struct model *model = model_made("model.softmax", &three);
    struct model *line = model_made("model.line", NULL);
    struct dataset *four = data_made(2, 1, x, 1, y), *half = data_made(2, 1, x, 1, halves);
    struct objective *L;
    const struct loss_kind *entropy = loss_kind_named("loss.cross_entropy");
    REFUSED(objective_build(&L, model, four, entropy, NULL, &error), STATUS_ARGUMENT,
            "a class from 1 to 3; y of example 2 is 4");
    REFUSED(objective_build(&L, model, half, entropy, NULL, &error), STATUS_ARGUMENT,
            "example 2 is 1.5");
    REFUSED(objective_build(&L, line, half, entropy, NULL, &error), STATUS_SHAPE,
            "loss.binary_cross_entropy");
    REFUSED(objective_build(&L, model, half, loss_kind_named("binary_cross_entropy"), NULL, &error),
            STATUS_SHAPE, "loss.cross_entropy");
    model_release(model);
    model_release(line);
    dataset_release(four);
    dataset_release(half);
    nothing_left();
}
