/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each kind of model against its formula, computed here. */
#include "objectives.h"

static struct generator generator;

static void draw(double *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        numbers[i] = generator_normal(&generator);
}

static void start(void)
{
    context_init(&context);
    generator_seed(&generator, 3);
}

static double relu(double z)
{
    return z > 0 ? z : 0;
}

Test(model, shallow_and_its_ten_derivatives) /* H7, P5 */
{
    start();
    enum { N = 40 };
    double x[N], y[N], phi[10], gradient[10], value, expected[10] = {0}, sum = 0;
    draw(x, N);
    draw(y, N);
    draw(phi, 10);
    struct model *model = model_made("model.shallow", NULL);
    static const char *const names[] = {"phi0", "phi1", "phi2", "phi3", "theta10", "theta11",
                                        "theta20", "theta21", "theta30", "theta31"};
    cr_assert_eq(model->size, 10);
    for (int i = 0; i < 10; i++)
        cr_assert_str_eq(model->components[i], names[i]);
    struct objective *L = loss_made("loss.least_squares", NULL, model, data_made(N, 1, x, 1, y));
    for (int i = 0; i < N; i++) {
        double f = phi[0];
        for (int k = 1; k <= 3; k++)
            f += phi[k] * relu(phi[2 + 2 * k] + phi[3 + 2 * k] * x[i]);
        double d = 2 * (f - y[i]);
        sum += (f - y[i]) * (f - y[i]);
        expected[0] += d;
        for (int k = 1; k <= 3; k++) {
            double z = phi[2 + 2 * k] + phi[3 + 2 * k] * x[i];
            expected[k] += d * relu(z);
            expected[2 + 2 * k] += z > 0 ? d * phi[k] : 0;
            expected[3 + 2 * k] += z > 0 ? d * phi[k] * x[i] : 0;
        }
    }
    OK(objective_gradient(L, phi, NULL, &value, gradient, &error));
    NEAR(value, sum, 1e-11);
    for (int j = 0; j < 10; j++)
        NEAR(gradient[j], expected[j], 1e-11);
    objective_release(L);
    nothing_left();
}

Test(model, relu_has_derivative_0_at_0) /* B1, P5 */
{
    start();
    const double x[] = {0}, y[] = {1}, phi[] = {0, 1, 1, 1, 0, 1, 0, 1, 0, 1};
    struct objective *L = loss_made("loss.least_squares", NULL, model_made("model.shallow", NULL),
                                    data_made(1, 1, x, 1, y));
    double value, gradient[10];
    OK(objective_gradient(L, phi, NULL, &value, gradient, &error));
    cr_assert_eq(gradient[0], -2);
    for (int j = 1; j < 10; j++)
        cr_assert_eq(gradient[j], 0);
    objective_release(L);
    nothing_left();
}

static double activated(int activation, double z)
{
    switch (activation) {
    case 0: return relu(z);
    case 1: return tanh(z);
    case 2: return 1 / (1 + exp(-z));
    case 3: return log1p(exp(z));
    default: return z;
    }
}

Test(model, networks_by_layers) /* H8 */
{
    start();
    enum { N = 9, P = 3 * 2 + 3 + 4 * 3 + 4 + 2 * 4 + 2 };
    const int widths[] = {2, 3, 4, 2};
    double x[2 * N], f[2 * N], phi[P];
    draw(x, 2 * N);
    draw(phi, P);
    for (int activation = 0; activation < 5; activation++) {
        const double arguments[] = {0, activation, 0};
        struct model_source source = {
            .arguments = arguments, .widths = widths, .width_count = 4};
        struct model *model = model_made("model.mlp", &source);
        cr_assert_eq(model->size, P);
        cr_assert_str_eq(model->components[0], "W1[1,1]");
        cr_assert_str_eq(model->components[6], "b1[1]");
        cr_assert_str_eq(model->components[9], "W2[1,1]");
        cr_assert_str_eq(model->components[P - 1], "b3[2]");
        OK(model_predict(model, x, N, 2, phi, f, &error));
        for (int i = 0; i < N; i++) {
            double h[4] = {x[2 * i], x[2 * i + 1]}, next[4];
            const double *parameter = phi;
            for (int layer = 1; layer < 4; layer++) {
                const double *W = parameter, *b = W + widths[layer] * widths[layer - 1];
                for (int r = 0; r < widths[layer]; r++) {
                    next[r] = b[r];
                    for (int c = 0; c < widths[layer - 1]; c++)
                        next[r] += W[r * widths[layer - 1] + c] * h[c];
                    if (layer < 3)
                        next[r] = activated(activation, next[r]);
                }
                memcpy(h, next, sizeof h);
                parameter = b + widths[layer];
            }
            NEAR(f[2 * i], h[0], 1e-12);
            NEAR(f[2 * i + 1], h[1], 1e-12);
        }
        if (activation > 0) { /* a ReLU's kinks are for the test above */
            double y[2 * N];
            draw(y, 2 * N);
            struct objective *L =
                loss_made("loss.least_squares", NULL, model, data_made(N, 2, x, 2, y));
            check_derivatives(L, phi, 1e-6);
            objective_release(L);
        } else {
            model_release(model);
        }
    }
    nothing_left();
}

Test(model, dropout_leaves_nothing_out_of_predictions)
{
    start();
    const int widths[] = {1, 2, 1};
    const double arguments[] = {0, 0, 0.5}, phi[] = {1, 2, 0, 0, 3, 4, 5}, x[] = {1, 2};
    struct model_source source = {.arguments = arguments, .widths = widths, .width_count = 3};
    struct model *model = model_made("model.mlp", &source);
    double f[2];
    OK(model_predict(model, x, 2, 1, phi, f, &error));
    cr_assert_float_eq(f[0], 3 * 1 + 4 * 2 + 5, 1e-14);
    cr_assert_float_eq(f[1], 3 * 2 + 4 * 4 + 5, 1e-14);
    model_release(model);
    source.width_count = 1;
    REFUSED(model_new(&model, &context, model_kind_named("model.mlp"), &source, &error),
            STATUS_ARGUMENT, "the width of each layer");
    nothing_left();
}

Test(model, softmax_gives_probabilities)
{
    start();
    enum { N = 5, D = 2, K = 3 };
    const double arguments[] = {D, K};
    struct model_source source = {.arguments = arguments};
    struct model *model = model_made("model.softmax", &source);
    double x[N * D], phi[K * D + K], f[N * K];
    draw(x, N * D);
    draw(phi, K * D + K);
    OK(model_predict(model, x, N, D, phi, f, &error));
    for (int i = 0; i < N; i++) {
        double s[K], sum = 0;
        for (int k = 0; k < K; k++) {
            s[k] = exp(phi[k * D] * x[i * D] + phi[k * D + 1] * x[i * D + 1] + phi[K * D + k]);
            sum += s[k];
        }
        for (int k = 0; k < K; k++)
            NEAR(f[i * K + k], s[k] / sum, 1e-14);
    }
    model_release(model);
    nothing_left();
}

Test(model, gaussian_puts_out_mean_and_log_sigma) /* A3 */
{
    start();
    struct model_source mean = {.parts = {model_made("model.line", NULL)}};
    struct model *model = model_made("model.gaussian", &mean);
    const double x[] = {1, 2}, phi[] = {0.5, 3, -0.25, 10};
    double f[4];
    cr_assert_eq(model->size, 3);
    cr_assert_str_eq(model->components[2], "log_sigma");
    OK(model_predict(model, x, 2, 1, phi, f, &error));
    cr_assert_eq(f[0], 3.5);
    cr_assert_eq(f[1], -0.25);
    cr_assert_eq(f[2], 6.5);
    cr_assert_eq(f[3], -0.25);

    struct model_source both = {.parts = {mean.parts[0], mean.parts[0]}};
    struct model *varying = model_made("model.gaussian", &both);
    cr_assert_eq(varying->size, 4);
    cr_assert_str_eq(varying->components[3], "sigma_phi1");
    OK(model_predict(varying, x, 2, 1, phi, f, &error));
    cr_assert_eq(f[0], 3.5);
    cr_assert_eq(f[1], 9.75);
    cr_assert_eq(f[3], 19.75);

    struct model *wrong;
    struct model_source twice = {.parts = {model}};
    REFUSED(model_new(&wrong, &context, model_kind_named("gaussian"), &twice, &error),
            STATUS_ARGUMENT, "σ of its own");
    model_release(model);
    model_release(varying);
    model_release(mean.parts[0]);
    nothing_left();
}

static double error_rate(double k, const struct dataset *training, const double *x,
                         const double *y, size_t count)
{
    const double arguments[] = {k, 0};
    struct model_source source = {.arguments = arguments, .data = (struct dataset *)training};
    struct model *model = model_made("model.nearest", &source);
    double wrong = 0;
    for (size_t i = 0; i < count; i++) {
        double f;
        OK(model_predict(model, x + i, 1, 1, NULL, &f, &error));
        wrong += (f > 0.5) != (y[i] == 1);
    }
    model_release(model);
    return wrong / (double)count;
}

Test(model, nearest_neighbours_of_two_normals) /* H3 */
{
    context_init(&context);
    generator_seed(&generator, 0);
    static double x[2100], y[2100];
    for (int i = 0; i < 2100; i++) {
        int group = i < 100 ? i >= 50 : i >= 1100;
        x[i] = generator_normal(&generator) + (group ? 1 : -1);
        y[i] = group;
    }
    struct dataset *training = data_made(100, 1, x, 1, y);
    cr_assert_eq(error_rate(1, training, x, y, 100), 0);
    NEAR(error_rate(1, training, x + 100, y + 100, 2000), 0.2375, 1e-12);
    NEAR(error_rate(5, training, x + 100, y + 100, 2000), 0.18, 1e-12);
    NEAR(error_rate(15, training, x + 100, y + 100, 2000), 0.153, 1e-12);
    dataset_release(training);
    nothing_left();
}

Test(model, nearest_votes_and_means)
{
    start();
    /* Distances from 0: 1, 1, 2, 2, 3 of the classes 2, 3, 1, 3, 1. */
    const double x[] = {1, -1, 2, -2, 3}, classes[] = {2, 3, 1, 3, 1}, zero = 0;
    const char *const names[] = {"a", "b", "c"};
    struct dataset_source source = {.examples = 5, .inputs = 1, .outputs = 1, .x = x,
                                    .y = classes, .classes = 3, .class_names = names};
    struct dataset *data;
    OK(dataset_new(&data, &context, &source, &error));
    const double expected[] = {2, 2, 1, 3, 1}; /* of a draw the first class */
    for (int k = 1; k <= 5; k++) {
        const double arguments[] = {k, 0};
        struct model_source nearest = {.arguments = arguments, .data = data};
        struct model *model = model_made("model.nearest", &nearest);
        double f;
        OK(model_predict(model, &zero, 1, 1, NULL, &f, &error));
        cr_assert_eq(f, expected[k - 1], "%d neighbours: %g", k, f);
        struct objective *L;
        REFUSED(objective_build(&L, model, data, loss_kind_named("least_squares"), NULL, &error),
                STATUS_UNSUPPORTED, "only predicts");
        REFUSED(model_predict(model, x, 1, 2, NULL, &f, &error), STATUS_SHAPE, "1 input column");
        model_release(model);
    }
    const double pairs[] = {1, 10, 2, 20, 3, 30, 4, 40, 5, 50};
    struct dataset *numbers = data_made(5, 1, x, 2, pairs);
    const double three[] = {3, 0}, six[] = {6, 0};
    struct model_source nearest = {.arguments = three, .data = numbers};
    struct model *model = model_made("model.nearest", &nearest);
    double f[2];
    OK(model_predict(model, &zero, 1, 1, NULL, f, &error));
    cr_assert_eq(f[0], 2);
    cr_assert_eq(f[1], 20);
    nearest.arguments = six;
    struct model *none;
    REFUSED(model_new(&none, &context, model_kind_named("nearest"), &nearest, &error),
            STATUS_ARGUMENT, "among the 5 examples");
    model_release(model);
    dataset_release(data);
    dataset_release(numbers);
    nothing_left();
}

Test(model, kinds_survive_every_failing_allocation)
{
    const int widths[] = {1, 3, 2};
    const double arguments[] = {2, 0, 0};
    for (size_t fail = 1;; fail++) {
        context_init(&context);
        context.memory.fail_at = context.memory.requests + fail;
        size_t first = context.memory.requests;
        struct dataset *data = NULL;
        struct model *mlp = NULL, *gaussian = NULL, *nearest = NULL;
        double f[12 * 3], phi[16] = {0};
        enum status status = dataset_builtin(&data, &context, "line12", &error);
        struct model_source source = {
            .arguments = arguments, .widths = widths, .width_count = 3, .data = data};
        if (status == STATUS_OK)
            status = model_new(&mlp, &context, model_kind_named("model.mlp"), &source, &error);
        source.parts[0] = mlp;
        if (status == STATUS_OK)
            status = model_new(&gaussian, &context, model_kind_named("gaussian"), &source, &error);
        if (status == STATUS_OK)
            status = model_new(&nearest, &context, model_kind_named("nearest"), &source, &error);
        if (status == STATUS_OK)
            status = model_predict(gaussian, data->x, 12, 1, phi, f, &error);
        if (status == STATUS_OK)
            status = model_predict(nearest, data->x, 12, 1, NULL, f, &error);
        bool all = context.memory.requests - first < fail;
        context.memory.fail_at = 0;
        model_release(mlp);
        model_release(gaussian);
        model_release(nearest);
        dataset_release(data);
        context_free(&context);
        cr_assert_eq(context.memory.live, 0, "leak when request %zu fails", fail);
        cr_assert_eq(status, all ? STATUS_OK : STATUS_MEMORY, "request %zu", fail);
        if (all)
            break;
        cr_assert_lt(fail, 3000);
    }
}
