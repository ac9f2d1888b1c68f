/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loss/loss.h"
#include "loss/squares.h"

const struct loss_kind loss_kind_mean_squares = {
    .doc = {.name = "loss.mean_squares",
            .signature = "loss.mean_squares(model, data)",
            .summary = "The mean over the examples of the squared differences between prediction "
                       "and y.",
            .returns = "a loss L[φ]; a batch's mean is over its own examples",
            .errors = "data whose columns do not fit the model",
            .equation = "L[φ] = (1/I)·Σᵢ (f[xᵢ, φ] − yᵢ)²",
            .example = "L = loss.mean_squares(model.line, data.line12)\n"
                       "print(string.format(\"%.6f\", L(0.6, -0.2)))",
            .result = "1.030575"},
    .target = TARGET_NUMBERS,
    .mean = true,
    .build = loss_square,
    .square = loss_square_factor,
};
