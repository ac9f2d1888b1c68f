/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESCENT_LOSS_SQUARES_H
#define DESCENT_LOSS_SQUARES_H

#include "graph/graph.h"

/* Σ over the outputs of (f − y)². */
node_id loss_square(struct graph *graph, node_id prediction, node_id y);

#endif
