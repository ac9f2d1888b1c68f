/* SPDX-License-Identifier: GPL-3.0-or-later */
/* roll.h: sums that a loop has written out become sums of vectors again. */
#ifndef DESCENT_GRAPH_ROLL_H
#define DESCENT_GRAPH_ROLL_H

#include "graph/graph.h"

/* A node of the same value as `root`, to rounding: where many terms of a sum are the same but for
 * leaves that go on by one from term to term, as those of
 *     for i = 1, 99 do total = total + (p[i + 1] - p[i]^2)^2 end
 * do, they are the sum of the components of one term on slices. `root` where there are none. */
node_id graph_roll(struct graph *graph, node_id root);

#endif
