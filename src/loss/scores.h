/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESCENT_LOSS_SCORES_H
#define DESCENT_LOSS_SCORES_H

#include "graph/graph.h"

/* The scores of the classes: what a softmax at the end of the prediction is applied to, as the
 * primitive or as exp(s)/Σ exp(s); else the prediction itself. */
node_id loss_scores(struct graph *graph, node_id prediction);

#endif
