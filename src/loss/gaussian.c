/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loss/loss.h"

/* −log N(y; μ, σ²) of each output = (μ − y)²/(2σ²) + log σ + log(2π)/2 */
static node_id build(struct graph *graph, const struct loss_input *input)
{
    const double half_log_two_pi = 0.91893853320467274178;
    node_id two = graph_constant(graph, 2);
    node_id square = graph_power(
        graph, graph_subtract(graph, input->prediction, input->y), two);
    struct shape shape = graph_shape(graph, square);
    double outputs = (double)shape.rows * shape.cols;
    if (input->log_sigma == NO_NODE) {
        double sigma = input->arguments[0];
        return graph_add(
            graph,
            graph_divide(graph, graph_sum(graph, square),
                         graph_constant(graph, 2 * sigma * sigma)),
            graph_constant(graph, outputs * (log(sigma) + half_log_two_pi)));
    }
    /* One log σ for all outputs, or one for each. */
    node_id precision = graph_unary(graph, PRIMITIVE_EXP,
                                    graph_multiply(graph, graph_constant(graph, -2),
                                                   input->log_sigma));
    node_id distance = graph_divide(
        graph, graph_sum(graph, graph_multiply(graph, square, precision)), two);
    struct shape spread = graph_shape(graph, input->log_sigma);
    node_id logs = graph_multiply(
        graph, graph_constant(graph, outputs / ((double)spread.rows * spread.cols)),
        graph_sum(graph, input->log_sigma));
    return graph_add(graph, graph_add(graph, distance, logs),
                     graph_constant(graph, outputs * half_log_two_pi));
}

static double square(const double *arguments)
{
    return 1 / (2 * arguments[0] * arguments[0]);
}

static const struct argument arguments[] = {
    {.name = "sigma", .symbol = "σ", .type = ARGUMENT_VALUE, .type_name = "number or \"fit\"",
     .standard = 1, .default_text = "1, or the model's own", .minimum = 0, .maximum = INFINITY,
     .above = true,
     .summary = "the standard deviation of y about the prediction; \"fit\" makes it a parameter, "
                "as model.gaussian(model) does"},
};

const struct loss_kind loss_kind_gaussian = {
    .doc = {.name = "loss.gaussian",
            .signature = "loss.gaussian{sigma = 0.1}(model, data), loss.gaussian{sigma = "
                         "\"fit\"}(model, data), loss.gaussian(model.gaussian(m), data)",
            .summary = "The negative log likelihood of y that is normal about the prediction; "
                       "with a constant σ its minimum is that of least squares.",
            DOC_ARGUMENTS(arguments),
            .returns = "a loss L[φ], the sum over the examples; with sigma = \"fit\" its last "
                       "parameter is log_sigma",
            .errors = "a sigma that is not above 0; sigma for a model that puts out its own",
            .equation = "L[φ] = Σᵢ ((f[xᵢ, φ] − yᵢ)²/(2·σ²) + log σ + log(2·π)/2)",
            .source = "Prince, Understanding Deep Learning, 2023, section 5.3",
            .example = "L = loss.gaussian{sigma = 0.5}(model.line, data.line12)\n"
                       "print(string.format(\"%.6f\", L(0.8, 0.5)))\n"
                       "L = loss.gaussian{sigma = \"fit\"}(model.line, data.line12)\n"
                       "print(L.components[3])",
            .result = "3.166546\nlog_sigma"},
    .target = TARGET_NUMBERS,
    .spread = true,
    .build = build,
    .square = square,
};
