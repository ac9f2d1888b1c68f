/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESCENT_LOSS_SQUARES_H
#define DESCENT_LOSS_SQUARES_H

#include "loss/loss.h"

/* Σ over the outputs of (f − y)². */
node_id loss_square(struct graph *graph, const struct loss_input *input);
double loss_square_factor(const double *arguments); /* 1 */

#endif
