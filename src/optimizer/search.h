/* SPDX-License-Identifier: GPL-3.0-or-later */
/* search.h: how far along a direction. A step is admitted by the strong Wolfe conditions
 *     L(φ + s·d) ≤ L(φ) + c₁·s·slope   and   |slope at φ + s·d| ≤ c₂·|slope|
 * with c₁ = 1e-4, slope = ∇L(φ)·d. Where L has the same digits on both sides, the first is
 * replaced by one on slopes (Hager and Zhang 2005, SIAM Journal on Optimization 16, equation 4.1).
 * Losses and slopes that are NaN or infinite are 'too far'. */
#ifndef DESCENT_OPTIMIZER_SEARCH_H
#define DESCENT_OPTIMIZER_SEARCH_H

#include "optimizer/optimizer.h"

struct search {
    struct update *update;
    const double *direction; /* P */
    double loss, slope;      /* at φ; slope < 0 */
    double curvature;        /* c₂ */
    int rounds;              /* evaluations at most */
    /* Room for P numbers each. What was found: φ + step·direction, the gradient and L there. */
    double *place, *gradient;
    double step, found_loss;
};

/* Strong Wolfe: first `first`, never beyond `most`. *found false: no step lowers L. */
enum status search_wolfe(struct search *search, double first, double most, bool *found,
                         struct error *error);
/* Halves `first` until L(φ + s·d) ≤ L(φ) + c₁·s·slope; leaves no gradient. */
enum status search_backtrack(struct search *search, double first, bool *found, struct error *error);

#endif
