/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sweep.h: one expression at many φ (a surface, the candidates of a search), with a few components
 * of φ that vary and the others held.
 *
 * A tape has examples in its lanes; a sweep has points φ there, and goes through the examples one
 * after the other. The expression is cut by what it depends on: `fixed` does not see what varies
 * and is computed once for all points; `before` sees φ alone and is computed once for a block of
 * points; `across` is what is left for every example and every point; `after` is made of their
 * sums.
 *
 * The examples are summed in the order of a tape, so that a point has the value that the tape
 * gives (functions of φ alone may differ in the last bit), for any number of threads. */
#ifndef DESCENT_GRAPH_SWEEP_H
#define DESCENT_GRAPH_SWEEP_H

#include "graph/tape.h"

struct sweep;

/* For a scalar root. varying: `count` places in φ. The graph may grow afterwards and be freed.
 * STATUS_UNSUPPORTED where only evaluation point by point helps: sums over examples that enter
 * others, matrices among what varies. */
enum status sweep_new(struct sweep **sweep, struct graph *graph, node_id root, size_t parameters,
                      const size_t *varying, size_t count, struct error *error);
void sweep_free(struct sweep *sweep);

/* Writes the varying components of the points first .. first + count − 1: component number k
 * (counted in `varying`) of point first + b to to[k * row + b]. Called by several threads. */
typedef void sweep_points(const void *argument, size_t first, size_t count, double *to, size_t row);

/* values[i] at point i. phi: the components that are held. The data may not have indices.
 * STATUS_UNSUPPORTED when there are too many examples for a table of what is fixed. */
enum status sweep_run(struct sweep *sweep, const double *phi, const struct tape_data *data,
                      sweep_points *points, const void *argument, size_t count, double *values,
                      struct error *error);

#endif
