/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rate rises in a straight line, then stays: α_k = α·min(1, k/steps). */
#include "optimizer/schedule.h"

#include <math.h>

enum { ALPHA, STEPS, PER };

static const struct argument arguments[] = {
    {.name = "alpha",
     .symbol = "α",
     .type = ARGUMENT_NUMBER,
     .required = true,
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "the rate at the end"},
    {.name = "steps",
     .type = ARGUMENT_INTEGER,
     .required = true,
     .minimum = 1,
     .maximum = 1e15,
     .summary = "how many updates (or epochs) the rise takes"},
    {.name = "per",
     .type = ARGUMENT_CHOICE,
     .choices = "update|epoch",
     .summary = "what is counted by k"},
};

static double rate(const double *argument, unsigned long long k)
{
    return argument[ALPHA] * fmin(1, (double)k / argument[STEPS]);
}

const struct schedule_rule schedule_warmup = {
    .doc =
        {
            .name = "schedule.warmup",
            .signature = "schedule.warmup{alpha, steps, per}",
            .summary = "A learning rate that rises in a straight line, then stays.",
            DOC_ARGUMENTS(arguments),
            .returns = "a schedule",
            .errors = "alpha or steps missing, a number out of range, an unknown option",
            .equation = "α_k = α·min(1, k/steps)",
            .source = "Goyal and others 2017, Accurate, Large Minibatch SGD, section 2.2",
            .example = "s = schedule.warmup{alpha = 0.8, steps = 4}\n"
                       "print(s(1), s(2), s(4), s(100))",
            .result = "0.2\t0.4\t0.8\t0.8",
        },
    .rate = rate,
};
