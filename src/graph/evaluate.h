/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evaluate.h: the value of every node of an expression, node after node. For looking into a graph,
 * for expressions that are asked for a few numbers, and to check the tape, with which it shares
 * nothing but the table of elementwise values.
 */
#ifndef DESCENT_GRAPH_EVALUATE_H
#define DESCENT_GRAPH_EVALUATE_H

#include "graph/graph.h"

struct evaluator;

/* For what the roots need, over `examples` examples (0: an expression without data). The graph may
 * grow afterwards, but must outlive the evaluator. STATUS_UNSUPPORTED when the values would take
 * more than about a gigabyte. */
enum status evaluator_new(struct evaluator **evaluator, const struct graph *graph,
                          const node_id *roots, int count, size_t examples, struct error *error);
void evaluator_free(struct evaluator *evaluator);

struct evaluator_point {
    const double *phi, *direction; /* direction may be NULL when no leaf reads it */
    const double *x, *y;           /* row-major, one row for each example */
    size_t x_columns, y_columns;
    const double *weights; /* one for each example; NULL when no leaf reads it */
};

/* Allocates nothing. STATUS_INTERRUPTED when the context's flag was seen. */
enum status evaluator_run(struct evaluator *evaluator, const struct evaluator_point *point,
                          struct error *error);

/* The components of a node (row by row), at an example where it varies by example. Valid until the
 * next run. NULL for a node that the roots do not need. */
const double *evaluator_value(const struct evaluator *evaluator, node_id node, size_t example);

#endif
