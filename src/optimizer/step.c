/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rate falls by a factor every so many updates: α_k = α·factor^⌊(k − 1)/every⌋. */
#include "optimizer/schedule.h"

#include <math.h>

enum { ALPHA, FACTOR, EVERY, PER };

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
     .standard = 0.5,
     .minimum = 0,
     .maximum = INFINITY,
     .above = true,
     .summary = "what it is multiplied by"},
    {.name = "every",
     .type = ARGUMENT_INTEGER,
     .required = true,
     .minimum = 1,
     .maximum = 1e15,
     .summary = "how many updates (or epochs) a step lasts"},
    {.name = "per",
     .type = ARGUMENT_CHOICE,
     .choices = "update|epoch",
     .summary = "what is counted by k"},
};

static double rate(const double *argument, unsigned long long k)
{
    return argument[ALPHA] * pow(argument[FACTOR], floor((double)(k - 1) / argument[EVERY]));
}

const struct schedule_rule schedule_step = {
    .doc =
        {
            .name = "schedule.step",
            .signature = "schedule.step{alpha, factor, every, per}",
            .summary = "A learning rate that falls by a factor every so many updates.",
            DOC_ARGUMENTS(arguments),
            .returns = "a schedule",
            .errors = "alpha or every missing, a number out of range, an unknown option",
            .equation = "α_k = α·factor^⌊(k − 1)/every⌋",
            .source = "Goodfellow, Bengio and Courville 2016, Deep Learning, section 8.3.1",
            .example = "s = schedule.step{alpha = 0.8, factor = 0.5, every = 10}\n"
                       "print(s(1), s(10), s(11), s(21))",
            .result = "0.8\t0.8\t0.4\t0.2",
        },
    .rate = rate,
};
