/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bracket.h: line search by four points a < b < c < d about a minimum, as the courses do it. */
#ifndef DESCENT_OPTIMIZER_BRACKET_H
#define DESCENT_OPTIMIZER_BRACKET_H

struct bracket {
    double a, b, c, d;
};

enum bracket_rule {
    BRACKET_HALVE,  /* a is the lowest: the distances from a are halved */
    BRACKET_DROP_D, /* b is below c: d ← c, new b and c at the thirds */
    BRACKET_DROP_A, /* else: a ← b, new b and c at the thirds */
};
const char *bracket_rule_text(enum bracket_rule rule);

/* One round with the losses at a, b, c, d; NaN and infinity are 'too far', above all numbers. */
enum bracket_rule bracket_narrow(struct bracket *bracket, const double *losses);
/* Whether b and c are nearer to each other than the threshold. */
int bracket_is_narrow(const struct bracket *bracket, double threshold);
double bracket_place(const struct bracket *bracket); /* (b + c)/2 */

#endif
