/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rewrite.h: an expression emitted again with something put in. */
#ifndef DESCENT_GRAPH_REWRITE_H
#define DESCENT_GRAPH_REWRITE_H

#include "graph/graph.h"

/* `root` of another graph with I = 1: a sum over examples is its only term. */
node_id graph_of_one_example(struct graph *graph, const struct graph *from, node_id root);

/* `root` of another graph, an expression of φ alone, with the components of `phi` (a column, a node
 * of this graph) in place of φ. Parameters must be numbers and vectors. */
node_id graph_at(struct graph *graph, const struct graph *from, node_id root, node_id phi);

/* Components offset .. offset + count − 1 of a node, by taking those of what it is computed from
 * where that is possible: of 2·v it is 2·v[3]. */
node_id graph_part(struct graph *graph, node_id node, int offset, int count);
/* Column `number` of a matrix as a vector. */
node_id graph_column(struct graph *graph, node_id node, int number);

#endif
