/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "optimizer/bracket.h"

#include <math.h>

const char *bracket_rule_text(enum bracket_rule rule)
{
    switch (rule) {
    case BRACKET_HALVE: return "a is lowest: halve";
    case BRACKET_DROP_D: return "b below c: drop d";
    case BRACKET_DROP_A: return "b not below c: drop a";
    }
    return "";
}

static double too_far(double loss)
{
    return isfinite(loss) ? loss : INFINITY;
}

static void divide(struct bracket *bracket)
{
    double width = bracket->d - bracket->a;
    bracket->b = bracket->a + width / 3;
    bracket->c = bracket->a + 2 * width / 3;
}

enum bracket_rule bracket_narrow(struct bracket *bracket, const double *losses)
{
    double a = too_far(losses[0]), b = too_far(losses[1]);
    double c = too_far(losses[2]), d = too_far(losses[3]);
    if (a <= b && a <= c && a <= d) {
        bracket->b = bracket->a + (bracket->b - bracket->a) / 2;
        bracket->c = bracket->a + (bracket->c - bracket->a) / 2;
        bracket->d = bracket->a + (bracket->d - bracket->a) / 2;
        return BRACKET_HALVE;
    }
    /* Points that are both too far lie beyond the minimum. */
    if (b < c || isinf(b)) {
        bracket->d = bracket->c;
        divide(bracket);
        return BRACKET_DROP_D;
    }
    bracket->a = bracket->b;
    divide(bracket);
    return BRACKET_DROP_A;
}

int bracket_is_narrow(const struct bracket *bracket, double threshold)
{
    return fabs(bracket->c - bracket->b) <= threshold;
}

double bracket_place(const struct bracket *bracket)
{
    return (bracket->b + bracket->c) / 2;
}
