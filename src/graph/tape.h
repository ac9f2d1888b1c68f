/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tape.h: a graph with the outputs one wants, scheduled once into a straight-line program and run
 * many times over blocks of examples. Running allocates nothing.
 *
 * The result does not depend on how work is shared out: examples are cut into lanes by their number
 * alone, every lane has its own sums, and the sums are added in lane order.
 */
#ifndef DESCENT_GRAPH_TAPE_H
#define DESCENT_GRAPH_TAPE_H

#include "graph/graph.h"

struct tape;

struct tape_outputs {
    const node_id *nodes;  /* of constant or parameter level */
    const size_t *offsets; /* where each is added into the results */
    size_t count;
    node_id per_example; /* a node that varies by example, or NO_NODE */
};

/* parameters: the length of φ (and of a direction). */
enum status tape_new(struct tape **tape, struct graph *graph, size_t parameters,
                     const struct tape_outputs *outputs, struct error *error);
void tape_free(struct tape *tape);

struct tape_data {
    const double *x, *y; /* row-major */
    size_t x_columns, y_columns;
    const size_t *indices; /* rows to use, in this order; NULL: rows 0 .. count − 1 */
    size_t count;          /* I; 0 for an expression without data */
    const double *weights; /* one for each row; NULL when no leaf reads it */
    uint64_t masks;        /* the key of dropout's masks; 0: nothing is left out */
    bool unchanging;       /* the numbers at x and y are the same at every run of this tape */
};

/* results (result_count numbers) are overwritten; per_example gets count rows of the node's
 * components. direction may be NULL when the graph has no such leaves. STATUS_INTERRUPTED when the
 * context's flag was seen between two blocks. */
enum status tape_run(struct tape *tape, const double *phi, const double *direction,
                     const struct tape_data *data, double *results, size_t result_count,
                     double *per_example, struct error *error);

/* The same for a tape whose results are a value and then its gradient. */
enum status tape_run_gradient(struct tape *tape, const double *phi, const struct tape_data *data,
                              double *value, double *gradient, struct error *error);

struct tape_size {
    size_t instructions, once, blocks; /* all; per evaluation; per block of examples */
    size_t rows;                       /* buffers of a block's length alive at most */
    size_t bytes;
};
struct tape_size tape_size(const struct tape *tape);

#endif
