/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "model/activation.h"
#include "model/model.h"

enum { WIDTHS, ACTIVATION, DROPOUT };

static enum status open(struct model *model, struct error *error)
{
    if (model->width_count < 2)
        return error_set(error, STATUS_ARGUMENT, "model.mlp",
                         "it needs the width of each layer, inputs first and outputs last: "
                         "model.mlp{2, 16, 1}");
    model->inputs = model->widths[0];
    model->outputs = model->widths[model->width_count - 1];
    enum status status = STATUS_OK;
    for (int layer = 1; layer < model->width_count && status == STATUS_OK; layer++) {
        char name[16];
        int rows = model->widths[layer], cols = model->widths[layer - 1];
        snprintf(name, sizeof name, "W%d", layer);
        status = model_add_parameter(model, name, rows, cols, START_WEIGHTS, error);
        snprintf(name, sizeof name, "b%d", layer);
        if (status == STATUS_OK)
            status = model_add_parameter(model, name, rows, 1, START_ZERO, error);
    }
    return status;
}

static node_id build(const struct model *model, struct graph *graph, node_id x,
                     const node_id *parameters)
{
    node_id h = x;
    double dropout = model->arguments[DROPOUT];
    for (int layer = 1; layer < model->width_count; layer++, parameters += 2) {
        char name[16];
        h = graph_add(graph, graph_matmul(graph, false, false, parameters[0], h), parameters[1]);
        if (layer == model->width_count - 1)
            break;
        h = activation_apply(graph, model->arguments[ACTIVATION], h);
        snprintf(name, sizeof name, "h%d", layer);
        graph_name(graph, h, name);
        if (dropout > 0)
            h = graph_multiply(graph, graph_mask(graph, model->widths[layer], dropout), h);
    }
    graph_name(graph, h, "f");
    return h;
}

static const struct argument arguments[] = {
    [WIDTHS] = {.name = "widths", .type = ARGUMENT_VALUE, .type_name = "list of widths",
                .default_text = "the values without a name",
                .summary = "the width of each layer: inputs, hidden layers, outputs"},
    [ACTIVATION] = {.name = "activation", .symbol = "a", .type = ARGUMENT_CHOICE,
                    .choices = ACTIVATIONS,
                    .summary = "what the hidden layers apply to their sums; the last has none"},
    [DROPOUT] = {.name = "dropout", .symbol = "p", .type = ARGUMENT_NUMBER, .standard = 0,
                 .minimum = 0, .maximum = 1, .below = true,
                 .summary = "the probability with which each update leaves out a hidden unit, for "
                            "each example anew; those that stay count 1/(1 − p)-fold. Predictions "
                            "and r.loss leave out none"},
};

static void fitting(const struct model *model, int width, char *text, size_t size)
{
    (void)model;
    snprintf(text, size, "its first width is to be %d: model.mlp{%d, ...}", width, width);
}

const struct model_kind model_kind_mlp = {
    .doc = {.name = "model.mlp",
            .signature = "model.mlp{784, 128, 10, activation = \"relu\", dropout = 0}",
            .summary = "A network of fully connected layers, whose last layer gives scores.",
            DOC_ARGUMENTS(arguments),
            .returns = "a model whose parameters are W1, b1, W2, b2, ..., layer by layer",
            .errors = "fewer than two widths; a data set with another number of "
                      "input columns",
            .equation = "h₁ = r₁·a[W₁·x + b₁],  h₂ = r₂·a[W₂·h₁ + b₂],  ...,  f[x, φ] = W·h + b;  "
                        "r is 1, or with dropout while fitting 0 with probability p, else "
                        "1/(1 − p)",
            .source = "Goodfellow, Bengio, Courville, Deep Learning, 2016, section 6.1; dropout: "
                      "Srivastava et al. 2014, JMLR 15, scaled while fitting",
            .example = "m = model.mlp{1, 2, 1}\n"
                       "print(m({-3, 0, 2}, {W1 = {1, -1}, b1 = {0, 0}, W2 = {1, 1}, b2 = 0}))",
            .result = "3  0  2"},
    .fitting = fitting,
    .open = open,
    .build = build,
};
