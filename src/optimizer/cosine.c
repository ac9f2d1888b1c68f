/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rate falls along half a cosine and stays at its end:
 * α_k = final + (α − final)·(1 + cos(π·q))/2 with q = min(1, (k − 1)/steps). */
#include "optimizer/schedule.h"

#include <math.h>

enum { ALPHA, STEPS, FINAL, PER };

static const struct argument arguments[] = {
    {.name = "alpha",
     .symbol = "α",
     .type = ARGUMENT_NUMBER,
     .required = true,
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "the first rate"},
    {.name = "steps",
     .type = ARGUMENT_INTEGER,
     .required = true,
     .minimum = 1,
     .maximum = 1e15,
     .summary = "after how many updates (or epochs) it ends"},
    {.name = "final",
     .type = ARGUMENT_NUMBER,
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "the last rate"},
    {.name = "per",
     .type = ARGUMENT_CHOICE,
     .choices = "update|epoch",
     .summary = "what is counted by k"},
};

static double rate(const double *argument, unsigned long long k)
{
    const double pi = 3.14159265358979323846;
    const double q = fmin(1, (double)(k - 1) / argument[STEPS]);
    return argument[FINAL] + (argument[ALPHA] - argument[FINAL]) * (1 + cos(pi * q)) / 2;
}

const struct schedule_rule schedule_cosine = {
    .doc =
        {
            .name = "schedule.cosine",
            .signature = "schedule.cosine{alpha, steps, final, per}",
            .summary = "A learning rate that falls along half a cosine.",
            DOC_ARGUMENTS(arguments),
            .returns = "a schedule",
            .errors = "alpha or steps missing, a number out of range, an unknown option",
            .equation = "α_k = final + (α − final)·(1 + cos(π·min(1, (k − 1)/steps)))/2",
            .source = "Loshchilov and Hutter 2017, ICLR, equation 5",
            .example = "s = schedule.cosine{alpha = 0.8, steps = 100}\n"
                       "print(s(1), s(51), s(101), s(1000))",
            .result = "0.8\t0.4\t0.0\t0.0",
        },
    .rate = rate,
};
