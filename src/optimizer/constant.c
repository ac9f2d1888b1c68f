/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same rate throughout: α_k = α. */
#include "optimizer/schedule.h"

enum { ALPHA };

static const struct argument arguments[] = {
    {.name = "alpha",
     .symbol = "α",
     .type = ARGUMENT_NUMBER,
     .required = true,
     .minimum = 0,
     .maximum = INFINITY,
     .summary = "the rate"},
};

static double rate(const double *argument, unsigned long long k)
{
    (void)k;
    return argument[ALPHA];
}

const struct schedule_rule schedule_constant = {
    .doc =
        {
            .name = "schedule.constant",
            .signature = "schedule.constant(alpha)",
            .summary = "The same learning rate throughout.",
            DOC_ARGUMENTS(arguments),
            .returns = "a schedule",
            .errors = "alpha missing or negative",
            .equation = "α_k = α",
            .source = "Robbins and Monro 1951, Annals of Mathematical Statistics 22, "
                      "pages 400-407: why a rate that stays constant does not settle",
            .example = "s = schedule.constant(0.1)\n"
                       "print(s(1), s(1000))",
            .result = "0.1\t0.1",
        },
    .rate = rate,
};
