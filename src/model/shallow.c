/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "model/activation.h"
#include "model/model.h"

enum { HIDDEN, ACTIVATION, INPUTS };

/* theta10, theta11, theta20, ...: the unit, then the input (0: the offset). */
static enum status add_unit(struct model *model, int unit, struct error *error)
{
    enum status status = STATUS_OK;
    for (int j = 0; j <= model->inputs && status == STATUS_OK; j++) {
        char name[40];
        snprintf(name, sizeof name, model->inputs > 9 ? "theta%d_%d" : "theta%d%d", unit, j);
        status = model_add_parameter(model, name, 1, 1, START_NORMAL, error);
    }
    return status;
}

static enum status open(struct model *model, struct error *error)
{
    int hidden = (int)model->arguments[HIDDEN];
    model->inputs = (int)model->arguments[INPUTS];
    model->outputs = 1;
    enum status status = STATUS_OK;
    for (int k = 0; k <= hidden && status == STATUS_OK; k++) {
        char name[16];
        snprintf(name, sizeof name, "phi%d", k);
        status = model_add_parameter(model, name, 1, 1, START_NORMAL, error);
    }
    for (int k = 1; k <= hidden && status == STATUS_OK; k++)
        status = add_unit(model, k, error);
    return status;
}

static node_id build(const struct model *model, struct graph *graph, node_id x,
                     const node_id *parameters)
{
    int hidden = (int)model->arguments[HIDDEN];
    const node_id *theta = parameters + hidden + 1;
    node_id f = parameters[0];
    for (int k = 1; k <= hidden; k++, theta += 1 + model->inputs) {
        node_id sum = theta[0];
        for (int j = 1; j <= model->inputs; j++)
            sum = graph_add(graph, sum,
                            graph_multiply(graph, theta[j], graph_slice(graph, x, j - 1, 1)));
        node_id unit = activation_apply(graph, model->arguments[ACTIVATION], sum);
        f = graph_add(graph, f, graph_multiply(graph, parameters[k], unit));
    }
    graph_name(graph, f, "f");
    return f;
}

static const struct argument arguments[] = {
    [HIDDEN] = {.name = "hidden", .type = ARGUMENT_INTEGER, .standard = 3, .minimum = 1,
                .maximum = 1000, .summary = "the number of hidden units"},
    [ACTIVATION] = {.name = "activation", .symbol = "a", .type = ARGUMENT_CHOICE,
                    .choices = ACTIVATIONS, .summary = "what each hidden unit applies to its sum"},
    [INPUTS] = {.name = "inputs", .symbol = "d", .type = ARGUMENT_INTEGER, .standard = 1,
                .minimum = 1, .maximum = 100, .summary = "the number of input columns"},
};

static void fitting(const struct model *model, int width, char *text, size_t size)
{
    snprintf(text, size, "model.shallow{hidden = %d, inputs = %d} takes as many",
             (int)model->arguments[HIDDEN], width);
}

const struct model_kind model_kind_shallow = {
    .doc = {.name = "model.shallow",
            .signature = "model.shallow{hidden = 3, activation = \"relu\", inputs = 1}",
            .summary = "A network with one hidden layer, every parameter a number of its own.",
            DOC_ARGUMENTS(arguments),
            .returns = "a model with the parameters phi0, phi1, ... and, for each hidden unit k, "
                       "thetak0, thetak1, ...; model.shallow itself has three units and ten "
                       "parameters",
            .errors = "a data set with another number of input columns",
            .equation = "f[x, φ] = φ₀ + Σₖ φₖ·a[θₖ₀ + θₖ₁·x]",
            .source = "Prince, Understanding Deep Learning, 2023, equation 3.1",
            .example = "m = model.shallow{hidden = 1}\n"
                       "print(m({-1, 0, 1, 2}, {phi0 = 1, phi1 = 2, theta10 = -1, theta11 = 3}))",
            .result = "1  1  5  11"},
    .is_value = true,
    .fitting = fitting,
    .open = open,
    .build = build,
};
