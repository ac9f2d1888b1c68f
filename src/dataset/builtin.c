/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two small data sets that the courses share. */
#include <string.h>

#include "base/doc.h"
#include "dataset/dataset.h"

static const double line12_x[] = {
    0.03, 0.19, 0.34, 0.46, 0.78, 0.81, 1.08, 1.18, 1.39, 1.6, 1.65, 1.9,
};
static const double line12_y[] = {
    0.67, 0.85, 1.05, 1, 1.4, 1.5, 1.3, 1.54, 1.55, 1.68, 1.73, 1.6,
};

/* Made from a Gabor model with envelope 32. */
static const double gabor30_x[] = {
    -1.92,  -14.22, 1.49,   -1.94,  -2.389, -5.09, -8.861, 3.578,   -6.01,  -6.995,
    3.634,  0.8743, -10.96, 0.4073, -9.467, 8.56,  10.62,  -0.1729, 10.4,   -12.61,
    0.1574, -13.04, -2.156, -12.1,  -11.19, 2.902, -8.22,  -11.79,  -8.391, -4.505,
};
static const double gabor30_y[] = {
    -1.051,  -0.02482, 0.8896,   -0.4943,  -0.9371,  0.4306, 0.009577, -0.07944, 0.1624,  -0.2682,
    -0.3129, 0.8303,   -0.02365, 0.5098,   -0.2777,  0.3367, 0.1927,   -0.2222,  0.06352, 0.006888,
    0.03224, 0.01091,  -0.5706,  -0.05258, -0.03666, 0.1709, -0.04805, 0.2008,   -0.1904, 0.5952,
};

const char *const dataset_builtin_names[] = {"line12", "gabor30"};
const size_t dataset_builtin_count = sizeof dataset_builtin_names / sizeof *dataset_builtin_names;

#define PAIRS(set)                                                                       \
    {                                                                                    \
        .name = #set, .examples = sizeof set##_x / sizeof *set##_x, .inputs = 1, .outputs = 1, \
        .x = set##_x, .y = set##_y                                                       \
    }
static const struct dataset_source builtin[] = {PAIRS(line12), PAIRS(gabor30)};

enum status dataset_builtin(struct dataset **dataset, struct context *context, const char *name,
                            struct error *error)
{
    *dataset = NULL;
    for (size_t i = 0; i < dataset_builtin_count; i++)
        if (strcmp(builtin[i].name, name) == 0)
            return dataset_new(dataset, context, &builtin[i], error);
    const char *nearest = doc_nearest(name, dataset_builtin_names, dataset_builtin_count);
    return error_set(error, STATUS_ARGUMENT, "data", "there is no built-in data set '%s'%s%s%s",
                     name, nearest == NULL ? "" : "; did you mean '",
                     nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'?");
}
