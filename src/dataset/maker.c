/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The draws come in an order that a notebook can repeat: with r = numpy.random.RandomState(seed),
 * first all x by r.uniform(from, to, n), then all noise by r.normal(0, noise, n). */
#include "dataset/maker.h"

#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "dataset/storage.h"

enum { MOST_EXAMPLES = 100000000 };

#define ARGUMENT_N(default_n)                                                         \
    {                                                                                 \
        .name = "n", .type = ARGUMENT_INTEGER, .standard = (default_n), .minimum = 1, \
        .maximum = MOST_EXAMPLES, .summary = "number of examples"                     \
    }
#define ARGUMENT_TRUE(argument_name, argument_symbol, value, text)                     \
    {                                                                                  \
        .name = (argument_name), .symbol = (argument_symbol), .type = ARGUMENT_NUMBER, \
        .standard = (value), .summary = (text)                                         \
    }
#define ARGUMENT_NOISE(value)                                                                    \
    {                                                                                            \
        .name = "noise", .symbol = "σ", .type = ARGUMENT_NUMBER, .standard = (value),            \
        .minimum = 0, .maximum = HUGE_VAL, .summary = "standard deviation of what is added to y" \
    }
#define ARGUMENT_FROM(value)                                                                  \
    {                                                                                         \
        .name = "from", .type = ARGUMENT_NUMBER, .standard = (value), .summary = "smallest x" \
    }
#define ARGUMENT_TO(value)                                                                 \
    {                                                                                      \
        .name = "to", .type = ARGUMENT_NUMBER, .standard = (value), .summary = "largest x" \
    }
#define ARGUMENT_SEED                                                                              \
    {                                                                                              \
        .name = "seed", .type = ARGUMENT_INTEGER, .default_text = "the global generator",          \
        .standard = NAN, .minimum = 0, .maximum = 4294967295.0, .summary = "of the random numbers" \
    }

static enum status begin(struct dataset **dataset, struct context *context, const char *name,
                         double n, struct error *error)
{
    enum status status = dataset_allocate(dataset, context, name, (size_t)n, 1, 1, 0, error);
    if (status != STATUS_OK)
        return status;
    status = dataset_complete_names(*dataset, error);
    if (status != STATUS_OK) {
        dataset_release(*dataset);
        *dataset = NULL;
    }
    return status;
}

static enum status draw_x(struct dataset *dataset, double from, double to,
                          struct generator *generator, struct error *error)
{
    if (!(from < to) || !isfinite(to - from))
        return error_set(error, STATUS_ARGUMENT, "from",
                         "from = %.15g must be less than to = %.15g", from, to);
    for (size_t i = 0; i < dataset->examples; i++)
        dataset->x[i] = from + (to - from) * generator_uniform(generator);
    return STATUS_OK;
}

static void add_noise(struct dataset *dataset, double noise, struct generator *generator)
{
    for (size_t i = 0; i < dataset->examples; i++)
        dataset->y[i] += noise * generator_normal(generator);
}

/* --- line --- */

static const struct argument line_arguments[] = {
    ARGUMENT_N(30),
    ARGUMENT_TRUE("phi0", "φ₀", 0.8, "true intercept"),
    ARGUMENT_TRUE("phi1", "φ₁", 0.5, "true slope"),
    ARGUMENT_NOISE(0.1),
    ARGUMENT_FROM(0),
    ARGUMENT_TO(2),
    ARGUMENT_SEED,
};

static enum status make_line(struct dataset **dataset, struct context *context,
                             const double *argument, const double *list, size_t list_count,
                             struct generator *generator, struct error *error)
{
    (void)list;
    (void)list_count;
    enum status status = begin(dataset, context, "line", argument[0], error);
    if (status == STATUS_OK)
        status = draw_x(*dataset, argument[4], argument[5], generator, error);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < (*dataset)->examples; i++)
        (*dataset)->y[i] = argument[1] + argument[2] * (*dataset)->x[i];
    add_noise(*dataset, argument[3], generator);
    return STATUS_OK;
}

/* --- gabor --- */

static const struct argument gabor_arguments[] = {
    ARGUMENT_N(30),
    ARGUMENT_TRUE("phi0", "φ₀", 0, "true phase"),
    ARGUMENT_TRUE("phi1", "φ₁", 16.6, "true frequency"),
    {.name = "envelope",
     .symbol = "c",
     .type = ARGUMENT_NUMBER,
     .standard = 32,
     .minimum = 0,
     .maximum = HUGE_VAL,
     .above = true,
     .summary = "how wide the wave packet is"},
    ARGUMENT_NOISE(0.1),
    ARGUMENT_FROM(-15),
    ARGUMENT_TO(15),
    ARGUMENT_SEED,
};

static enum status make_gabor(struct dataset **dataset, struct context *context,
                              const double *argument, const double *list, size_t list_count,
                              struct generator *generator, struct error *error)
{
    (void)list;
    (void)list_count;
    enum status status = begin(dataset, context, "gabor", argument[0], error);
    if (status == STATUS_OK)
        status = draw_x(*dataset, argument[5], argument[6], generator, error);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < (*dataset)->examples; i++) {
        double u = argument[1] + 0.06 * argument[2] * (*dataset)->x[i];
        (*dataset)->y[i] = sin(u) * exp(-u * u / argument[3]);
    }
    add_noise(*dataset, argument[4], generator);
    return STATUS_OK;
}

/* --- polynomial --- */

static const struct argument polynomial_arguments[] = {
    ARGUMENT_N(30),
    {.name = "coefficients",
     .type = ARGUMENT_ARRAY,
     .shape = "P",
     .default_text = "{0, 1, 0, -1}",
     .summary = "true parameters, the constant first"},
    ARGUMENT_NOISE(0.1),
    ARGUMENT_FROM(-1.5),
    ARGUMENT_TO(1.5),
    ARGUMENT_SEED,
};

static enum status make_polynomial(struct dataset **dataset, struct context *context,
                                   const double *argument, const double *list, size_t list_count,
                                   struct generator *generator, struct error *error)
{
    static const double standard[] = {0, 1, 0, -1};
    if (list == NULL) {
        list = standard;
        list_count = sizeof standard / sizeof *standard;
    }
    if (list_count == 0)
        return error_set(error, STATUS_ARGUMENT, "coefficients", "at least one is needed");
    enum status status = begin(dataset, context, "polynomial", argument[0], error);
    if (status == STATUS_OK)
        status = draw_x(*dataset, argument[3], argument[4], generator, error);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < (*dataset)->examples; i++) {
        double value = 0;
        for (size_t k = list_count; k-- > 0;)
            value = value * (*dataset)->x[i] + list[k];
        (*dataset)->y[i] = value;
    }
    add_noise(*dataset, argument[2], generator);
    return STATUS_OK;
}

/* --- two_normals --- */

static const struct argument two_normals_arguments[] = {
    {.name = "n",
     .type = ARGUMENT_INTEGER,
     .standard = 100,
     .minimum = 2,
     .maximum = MOST_EXAMPLES,
     .summary = "number of examples, the first half (rounded down) with y = 0"},
    {.name = "mean",
     .symbol = "μ",
     .type = ARGUMENT_NUMBER,
     .standard = 1,
     .summary = "of the examples with y = 1; -mean is that of the others"},
    {.name = "sigma",
     .symbol = "σ",
     .type = ARGUMENT_NUMBER,
     .standard = 1,
     .minimum = 0,
     .maximum = HUGE_VAL,
     .above = true,
     .summary = "standard deviation of both"},
    ARGUMENT_SEED,
};

static enum status make_two_normals(struct dataset **dataset, struct context *context,
                                    const double *argument, const double *list, size_t list_count,
                                    struct generator *generator, struct error *error)
{
    (void)list;
    (void)list_count;
    enum status status = begin(dataset, context, "two_normals", argument[0], error);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < (*dataset)->examples; i++) {
        bool second = i >= (*dataset)->examples / 2;
        (*dataset)->x[i] = (second ? argument[1] : -argument[1]) +
                           argument[2] * generator_normal(generator);
        (*dataset)->y[i] = second;
    }
    return STATUS_OK;
}

/* --- spirals --- */

static const struct argument spirals_arguments[] = {
    {.name = "n",
     .type = ARGUMENT_INTEGER,
     .standard = 300,
     .minimum = 2,
     .maximum = MOST_EXAMPLES,
     .summary = "number of examples, shared out evenly among the arms, class by class"},
    {.name = "classes",
     .symbol = "k",
     .type = ARGUMENT_INTEGER,
     .standard = 2,
     .minimum = 2,
     .maximum = 100,
     .summary = "number of arms"},
    {.name = "turns",
     .type = ARGUMENT_NUMBER,
     .standard = 1,
     .minimum = 0,
     .maximum = 100,
     .summary = "how often an arm goes round"},
    {.name = "noise",
     .symbol = "σ",
     .type = ARGUMENT_NUMBER,
     .standard = 0.2,
     .minimum = 0,
     .maximum = HUGE_VAL,
     .summary = "standard deviation of what is added to the angle, in radians"},
    ARGUMENT_SEED,
};

static enum status make_spirals(struct dataset **dataset, struct context *context,
                                const double *argument, const double *list, size_t list_count,
                                struct generator *generator, struct error *error)
{
    (void)list;
    (void)list_count;
    static const double turn = 6.283185307179586; /* 2π */
    size_t n = (size_t)argument[0], classes = (size_t)argument[1];
    if (n < classes)
        return error_set(error, STATUS_ARGUMENT, "n",
                         "%zu examples are too few for %zu classes; every class has at least one",
                         n, classes);
    enum status status = dataset_allocate(dataset, context, "spirals", n, 2, 1, classes, error);
    if (status != STATUS_OK)
        return status;
    struct dataset *made = *dataset;
    for (size_t k = 0, row = 0; k < classes; k++) {
        char name[24];
        snprintf(name, sizeof name, "%zu", k + 1);
        made->class_names[k] = memory_copy_text(context, name);
        if (made->class_names[k] == NULL)
            return error_memory(error, "the names of the classes");
        size_t count = n / classes + (k < n % classes);
        for (size_t i = 0; i < count; i++, row++) {
            double radius = count > 1 ? (double)i / (double)(count - 1) : 1;
            double angle = turn * ((double)k / (double)classes + argument[2] * radius) +
                           argument[3] * generator_normal(generator);
            made->x[2 * row] = radius * sin(angle);
            made->x[2 * row + 1] = radius * cos(angle);
            made->y[row] = (double)(k + 1);
        }
    }
    return dataset_complete_names(made, error);
}

/* --- the table --- */

const struct dataset_maker dataset_makers[] = {
    {.doc =
         {.name = "data.line",
          .signature = "data.line{n, phi0, phi1, noise, from, to, seed}",
          .summary = "examples of a straight line with normal noise",
          DOC_ARGUMENTS(line_arguments),
          .returns = "a data set; x is uniform in [from, to), the true parameters are phi0, phi1",
          .errors = "from that is not less than to",
          .equation = "y = φ₀ + φ₁·x + σ·N(0, 1)",
          .example = "d = data.line{n = 3, noise = 0, seed = 1}\nprint(d.x)\nprint(d.y)",
          .result = "0.834044  1.440649  0.0002287496\n1.217022  1.520324  0.8001144"},
     .make = make_line},
    {.doc =
         {.name = "data.gabor",
          .signature = "data.gabor{n, phi0, phi1, envelope, noise, from, to, seed}",
          .summary = "examples of a Gabor wave packet with normal noise",
          DOC_ARGUMENTS(gabor_arguments),
          .returns = "a data set; x is uniform in [from, to), the true parameters are phi0, phi1",
          .errors = "from that is not less than to",
          .equation = "u = φ₀ + 0.06·φ₁·x;  y = sin(u)·exp(−u²/c) + σ·N(0, 1)",
          .example = "d = data.gabor{n = 3, noise = 0, seed = 1}\nprint(d.x)\nprint(d.y)",
          .result = "-2.48934  6.609735  -14.99657\n-0.5073964  0.07630407  -0.0006537987"},
     .make = make_gabor},
    {.doc =
         {.name = "data.polynomial",
          .signature = "data.polynomial{n, coefficients, noise, from, to, seed}",
          .summary = "examples of a polynomial with normal noise",
          DOC_ARGUMENTS(polynomial_arguments),
          .returns = "a data set; x is uniform in [from, to), the true parameters are the "
                     "coefficients",
          .errors = "from that is not less than to, no coefficients",
          .equation = "y = c₀ + c₁·x + c₂·x² + ... + σ·N(0, 1)",
          .example = "d = data.polynomial{n = 3, coefficients = {1, 0, 2}, noise = 0, seed = 1}\n"
                     "print(d.x)\nprint(d.y)",
          .result = "-0.248934  0.6609735  -1.499657\n1.123936  1.873772  5.497941"},
     .make = make_polynomial},
    {.doc = {.name = "data.two_normals",
             .signature = "data.two_normals{n, mean, sigma, seed}",
             .summary = "two classes, 0 and 1, whose x are normal around -mean and mean",
             DOC_ARGUMENTS(two_normals_arguments),
             .returns = "a data set; the log odds of y = 1 are 2·mean/sigma²·x, so the true "
                        "parameters of model.logistic are 0 and 2·mean/sigma², and no classifier "
                        "errs less often than Φ(−mean/sigma), 0.1587 by default",
             .equation = "y = 0: x = −μ + σ·N(0, 1);  y = 1: x = μ + σ·N(0, 1)",
             .example = "d = data.two_normals{n = 4, seed = 1}\nprint(d.x)\nprint(d.y)",
             .result = "0.6243454  -1.611756  0.4718282  -0.07296862\n0  0  1  1"},
     .make = make_two_normals},
    {.doc = {.name = "data.spirals",
             .signature = "data.spirals{n, classes, turns, noise, seed}",
             .summary = "classes in the plane that wind round each other, which no straight line "
                        "parts",
             DOC_ARGUMENTS(spirals_arguments),
             .returns = "a data set with two inputs and the class, 1 to k",
             .errors = "fewer examples than classes",
             .equation = "r = 0 … 1;  t = 2π·(class − 1)/k + 2π·turns·r + σ·N(0, 1);  "
                         "x = (r·sin t, r·cos t)",
             .source = "the spirals of Stanford's course CS231n",
             .example = "d = data.spirals{n = 5, seed = 1}\nprint(d.inputs, d.y)\n"
                        "print(d.x:row(2))",
             .result = "2\t1  1  1  2  2\n0.06102312  -0.4962622"},
     .make = make_spirals},
};
const size_t dataset_maker_count = sizeof dataset_makers / sizeof *dataset_makers;

enum status dataset_make(struct dataset **dataset, struct context *context,
                         const struct dataset_maker *maker, const double *argument,
                         const double *list, size_t list_count, struct generator *generator,
                         struct error *error)
{
    struct dataset *made = NULL;
    struct generator advanced = *generator;
    *dataset = NULL;
    enum status status = maker->make(&made, context, argument, list, list_count, &advanced, error);
    for (size_t i = 0; status == STATUS_OK && i < made->examples; i++)
        if (!isfinite(made->x[i * made->inputs]) || !isfinite(made->y[i]))
            status = error_set(error, STATUS_NUMBER, maker->doc.name,
                               "the numbers become too large for these arguments");
    if (status != STATUS_OK) {
        dataset_release(made);
        return status;
    }
    *dataset = made;
    *generator = advanced;
    return STATUS_OK;
}
