/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program of somebody else: the gradient of the squares of a line, and gradient descent to the
 * minimum, against the closed form. Prints the version and nothing else when all is right. */
#include <descent/descent.h>

#include <math.h>
#include <stdio.h>

static struct context context;
static struct error error;

static int refuse(const char *what)
{
    char text[700];
    fprintf(stderr, "%s: %s\n", what, error_message(&error, text, sizeof text));
    return 1;
}

int main(void)
{
    /* y = 1, 3, 2, 5 at x = 0, 1, 2, 3: Σy = 11, Σxy = 22, Σx = 6, Σx² = 14. */
    double x[] = {0, 1, 2, 3}, y[] = {1, 3, 2, 5}, phi[] = {0.5, 2}, gradient[2], value;
    struct dataset_source source = {.x = x, .y = y, .examples = 4, .inputs = 1, .outputs = 1};
    struct dataset *data;
    struct model *model;
    struct objective *loss;
    context_init(&context);
    if (dataset_new(&data, &context, &source, &error) != STATUS_OK)
        return refuse("data");
    if (model_new(&model, &context, model_kind_named("line"), NULL, &error) != STATUS_OK)
        return refuse("model");
    if (objective_build(&loss, model, data, loss_kind_named("loss.least_squares"), NULL, &error) !=
        STATUS_OK)
        return refuse("loss");
    if (objective_gradient(loss, phi, NULL, &value, gradient, &error) != STATUS_OK)
        return refuse("gradient");
    /* ∂L/∂φ₀ = 2(4φ₀ + 6φ₁ − 11), ∂L/∂φ₁ = 2(6φ₀ + 14φ₁ − 22) */
    if (fabs(gradient[0] - 6) > 1e-12 || fabs(gradient[1] - 18) > 1e-12) {
        fprintf(stderr, "gradient %.17g %.17g, not 6 18\n", gradient[0], gradient[1]);
        return 1;
    }
    for (int t = 0; t < 5000; t++) {
        if (objective_gradient(loss, phi, NULL, &value, gradient, &error) != STATUS_OK)
            return refuse("gradient");
        phi[0] -= 0.02 * gradient[0];
        phi[1] -= 0.02 * gradient[1];
    }
    /* φ₁ = (4·22 − 6·11)/(4·14 − 6²) = 1.1, φ₀ = (11 − 6·1.1)/4 = 1.1 */
    if (fabs(phi[0] - 1.1) > 1e-9 || fabs(phi[1] - 1.1) > 1e-9) {
        fprintf(stderr, "minimum at %.17g %.17g, not 1.1 1.1\n", phi[0], phi[1]);
        return 1;
    }
    objective_release(loss);
    model_release(model);
    dataset_release(data);
    context_free(&context);
    if (context.memory.live != 0) {
        fprintf(stderr, "%zu blocks were not given back\n", (size_t)context.memory.live);
        return 1;
    }
    printf("%s\n", DESCENT_VERSION);
    return 0;
}
