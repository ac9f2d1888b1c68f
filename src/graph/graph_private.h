/* SPDX-License-Identifier: GPL-3.0-or-later */
/* graph_private.h: the representation, for the files of this folder only. */
#ifndef DESCENT_GRAPH_GRAPH_PRIVATE_H
#define DESCENT_GRAPH_GRAPH_PRIVATE_H

#include "graph/graph.h"

struct node {
    uint8_t op;    /* enum primitive */
    uint8_t level; /* enum level: the highest of the arguments'; SUM_EXAMPLES goes down */
    uint8_t source;
    bool transpose_a, transpose_b; /* MATMUL */
    bool finite;                   /* neither infinite nor NaN when all leaves are finite */
    struct shape shape;
    node_id a, b, c;  /* arguments; CONCAT: a is the first place in the pool, b how many */
    int offset;       /* PARAMETER, INPUT, SLICE, PAD */
    double number;    /* CONSTANT */
    node_id next;     /* with the same hash */
    const char *name; /* given by the user's local variable or the model; or NULL */
};

struct declaration {
    char *name;
    int offset;
    struct shape shape;
};

/* Invariants (heart of the simplifier):
 *  1. Same op, arguments, shape and number: same node. Commutative operations are looked up in both
 *     orders but keep the order first written.
 *  2. A product is (k · p) · e: a number, a part of parameter level, a part that varies by example;
 *     each absent or present, k once and outermost. Only product() builds one.
 *  3. No negative coefficient directly under + or −.
 *  4. Simplification never changes a shape; hence constants have shapes.
 *  5. An adjoint may be smaller than its node (a scalar for a vector, the same for all components).
 *  6. Every node under SUM_EXAMPLES varies by example.
 */
struct graph {
    struct context *context;
    struct node *nodes;
    int count, capacity;
    node_id *buckets; /* power of two */
    int bucket_count;
    node_id *pool; /* argument lists of CONCAT */
    int pool_count, pool_capacity;
    struct declaration *declarations;
    int declaration_count;
    char **names; /* texts that nodes point to */
    int name_count;
    bool stable;
    int masked; /* units that masks are for */
    struct error error; /* the first one */
};

#define NODE(graph, id) (&(graph)->nodes[id])

node_id graph_intern(struct graph *graph, const struct node *candidate);
node_id graph_lookup(const struct graph *graph, const struct node *candidate); /* or NO_NODE */
node_id graph_raw_binary(struct graph *graph, enum primitive op, node_id a, node_id b);
/* The shape of an elementwise result; puts an error into the graph and returns false. */
bool graph_broadcast(struct graph *graph, const char *name, node_id a, node_id b,
                     struct shape *shape);
/* A node with the same value at the full shape. */
node_id graph_full(struct graph *graph, node_id a, struct shape shape);

/* number · parameter part · example part; an absent part is NO_NODE. */
struct product {
    double number;
    node_id parameter, example;
};
struct product graph_split(const struct graph *graph, node_id a);
node_id graph_join(struct graph *graph, struct product product);
double graph_coefficient(const struct graph *graph, node_id a, node_id *rest);

/* Adds contributions to an adjoint: factors common to all are taken out. */
node_id graph_add_factored(struct graph *graph, const node_id *terms, int count);

/* Applies a primitive by its number to arguments (graph_copy, and folding). */
node_id graph_rebuild(struct graph *graph, const struct node *model, const node_id *arguments,
                      int count);

/* Units first .. first + width − 1 of a mask. */
node_id graph_mask_part(struct graph *graph, int first, int width, double p);

double primitive_sigmoid(double x);
double primitive_softplus(double x);

/* The contribution of node v with adjoint g to argument number `index`; NO_NODE: none. */
node_id primitive_derivative(struct graph *graph, node_id v, node_id g, int index);
node_id structural_derivative(struct graph *graph, node_id v, node_id g, int index);

#endif
