/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fits a line with Adam on batches of four, by the C library:
 *
 *     cc library.c $(pkg-config --cflags --libs descent) -o library
 *
 * Every function that can fail returns a status and fills `error`; whoever makes a thing releases
 * it, and the context goes last.
 */
#include <descent/descent.h>

#include <stdio.h>

static struct context context;
static struct error error;

/* data -> model -> loss -> optimizer -> run, as at the prompt. */
static enum status fit(struct run **run)
{
    struct dataset *data = NULL;
    struct model *model = NULL;
    struct objective *loss = NULL;
    struct optimizer *adam = NULL;

    enum status status = dataset_builtin(&data, &context, "line12", &error);
    if (!status)
        status = model_new(&model, &context, model_kind_named("line"), NULL, &error);
    if (!status)
        status = objective_build(&loss, model, data, loss_kind_named("least_squares"), NULL,
                                 &error);

    const struct rule *rule = optimizer_rule("adam");
    double settings[OPTIMIZER_ARGUMENTS];
    optimizer_defaults(rule, settings);
    settings[optimizer_argument(rule, "alpha")] = 0.05;
    if (!status)
        status = optimizer_new(&adam, &context, rule, settings, NULL, NULL, &error);

    const double start[] = {1.6, -0.5};
    struct run_options options = {.start = start, .order = SAMPLER_EPOCH, .batch = 4};
    generator_seed(&options.generator, 1);
    if (!status)
        status = run_new(run, loss, adam, &options, &error);

    /* The run keeps what it needs. */
    optimizer_release(adam);
    objective_release(loss);
    model_release(model);
    dataset_release(data);
    return status;
}

int main(void)
{
    struct run *run = NULL;
    double loss;

    context_init(&context);
    enum status status = fit(&run);
    if (!status)
        status = run_step(run, 300, &error);
    if (!status)
        status = objective_value(run_objective(run), run_phi(run), NULL, &loss, &error);
    if (!status)
        printf("t = %llu: L = %.6f at phi0 = %.6f, phi1 = %.6f\n", run_time(run), loss,
               run_phi(run)[0], run_phi(run)[1]);
    run_release(run);
    context_free(&context);
    if (status) {
        char text[640];
        fprintf(stderr, "library: %s\n", error_message(&error, text, sizeof text));
    }
    return status != STATUS_OK;
}
