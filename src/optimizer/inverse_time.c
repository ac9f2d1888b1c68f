/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rate falls as 1/k in the end: α_k = α/(1 + decay·(k − 1)). Its sum is infinite and the sum of
 * its squares finite, which is what stochastic gradient descent needs to settle. */
#include "optimizer/schedule.h"

enum { ALPHA, DECAY, PER };

static const struct argument arguments[] = {
    {.name = "alpha",
     .symbol = "α",
     .type = ARGUMENT_NUMBER,
     .required = true,
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "the first rate"},
    {.name = "decay",
     .type = ARGUMENT_NUMBER,
     .required = true,
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "the rate is halved after 1/decay updates"},
    {.name = "per",
     .type = ARGUMENT_CHOICE,
     .choices = "update|epoch",
     .summary = "what is counted by k"},
};

static double rate(const double *argument, unsigned long long k)
{
    return argument[ALPHA] / (1 + argument[DECAY] * (double)(k - 1));
}

const struct schedule_rule schedule_inverse_time = {
    .doc =
        {
            .name = "schedule.inverse_time",
            .signature = "schedule.inverse_time{alpha, decay, per}",
            .summary = "A learning rate that falls as one over the number of updates.",
            DOC_ARGUMENTS(arguments),
            .returns = "a schedule",
            .errors = "alpha or decay missing, a number out of range, an unknown option",
            .equation = "α_k = α/(1 + decay·(k − 1))",
            .source = "Robbins and Monro 1951, Annals of Mathematical Statistics 22, "
                      "pages 400-407",
            .example = "s = schedule.inverse_time{alpha = 0.8, decay = 1}\n"
                       "print(s(1), s(2), s(4))",
            .result = "0.8\t0.4\t0.2",
        },
    .rate = rate,
};
