/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rate falls by the same factor at every update: α_k = α·factor^(k − 1). */
#include "optimizer/schedule.h"

#include <math.h>

enum { ALPHA, FACTOR, PER };

static const struct argument arguments[] = {
    {.name = "alpha",
     .symbol = "α",
     .type = ARGUMENT_NUMBER,
     .required = true,
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "the first rate"},
    {.name = "factor",
     .type = ARGUMENT_NUMBER,
     .required = true,
     .minimum = 0,
     .maximum = INFINITY,
     .above = true,
     .summary = "what it is multiplied by"},
    {.name = "per",
     .type = ARGUMENT_CHOICE,
     .choices = "update|epoch",
     .summary = "what is counted by k"},
};

static double rate(const double *argument, unsigned long long k)
{
    return argument[ALPHA] * pow(argument[FACTOR], (double)(k - 1));
}

const struct schedule_rule schedule_exponential = {
    .doc =
        {
            .name = "schedule.exponential",
            .signature = "schedule.exponential{alpha, factor, per}",
            .summary = "A learning rate that falls by the same factor at every update.",
            DOC_ARGUMENTS(arguments),
            .returns = "a schedule",
            .errors = "alpha or factor missing, a number out of range, an unknown option",
            .equation = "α_k = α·factor^(k − 1)",
            .source = "Goodfellow, Bengio and Courville 2016, Deep Learning, section 8.3.1",
            .example = "s = schedule.exponential{alpha = 0.8, factor = 0.5}\n"
                       "print(s(1), s(2), s(4))",
            .result = "0.8\t0.4\t0.1",
        },
    .rate = rate,
};
