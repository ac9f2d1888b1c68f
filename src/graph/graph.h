/* SPDX-License-Identifier: GPL-3.0-or-later */
/* graph.h: the expression graph. A model, a loss, a regulariser and a user's own function are all
 * this one thing.
 *
 * Nodes are numbers into one growing array. An argument always has a smaller number than the node
 * that uses it, so the order of numbers is a topological order: every walk is one loop, nothing
 * recurses on depth. Equal expressions are one node.
 *
 * Constructors never fail at the call: the first error is kept in the graph (graph_status) and NaN
 * is returned; the caller looks once, at the end.
 *
 * A vector is a column. A value is constant, varies with the parameters only, or varies by example;
 * only graph_sum_examples goes from the last to the second.
 */
#ifndef DESCENT_GRAPH_GRAPH_H
#define DESCENT_GRAPH_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/context.h"
#include "base/error.h"

struct graph;
typedef int32_t node_id;
enum { NO_NODE = -1 };

enum primitive {
    /* leaves */
    PRIMITIVE_CONSTANT,  /* a number, with a shape */
    PRIMITIVE_PARAMETER, /* rows × cols numbers of a flat vector, from an offset, row-major */
    PRIMITIVE_INPUT,     /* some columns of x, of y, or of another source */
    PRIMITIVE_COUNT,     /* I, the number of examples summed over */
#define UNARY(id, name, finite, value, to_x) PRIMITIVE_##id,
#define BINARY(id, name, value, to_x, to_y) PRIMITIVE_##id,
#include "graph/primitive.def"
#undef UNARY
#undef BINARY
    /* structural: see structural.c */
    PRIMITIVE_WHERE,        /* where(c, a, b): a where c is not 0, else b */
    PRIMITIVE_SUM,          /* of the components */
    PRIMITIVE_SUM_EXAMPLES, /* Σᵢ */
    PRIMITIVE_MATMUL,       /* op(A)·op(B), op transposes or not */
    PRIMITIVE_TRANSPOSE,    /* Aᵀ outside of a matmul */
    PRIMITIVE_CONCAT,       /* columns one below the other */
    PRIMITIVE_SLICE,        /* some of the components */
    PRIMITIVE_PAD,          /* a slice's inverse: zeros around */
    PRIMITIVE_LOGSUMEXP,    /* log Σ exp of the components */
    PRIMITIVE_SOFTMAX,
    PRIMITIVE_PICK,   /* pick(v, c): component number c (from 1) of v */
    PRIMITIVE_ONEHOT, /* onehot(c): a vector with 1 at component c, else 0 */
    PRIMITIVE_COUNT_OF
};

enum level { LEVEL_CONSTANT, LEVEL_PARAMETER, LEVEL_EXAMPLE };

enum parameter_source { SOURCE_PHI, SOURCE_DIRECTION };
/* A mask is 0 for the components that dropout leaves out, 1/(1 − p) for the others; 1 for all of
 * them where nothing is left out. */
enum input_source { SOURCE_X, SOURCE_Y, SOURCE_PREDICTION, SOURCE_WEIGHT, SOURCE_MASK };
enum { INPUT_SOURCES = SOURCE_MASK + 1 };

struct shape {
    int rows, cols;
};
int shape_size(struct shape shape);
bool shape_is_scalar(struct shape shape);
bool shape_equal(struct shape a, struct shape b);

/* --- a graph --- */
enum status graph_new(struct graph **graph, struct context *context, struct error *error);
void graph_free(struct graph *graph);
/* The first error of a constructor. A graph that failed stays safe to use and to free. */
enum status graph_status(const struct graph *graph, struct error *error);
/* Keeps an error that the caller found, unless there is one already. Returns NaN's node. */
node_id graph_fail(struct graph *graph, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Forgets that error, for a caller who uses nothing that was made since. */
void graph_forget_error(struct graph *graph);
size_t graph_size(const struct graph *graph);
/* On: rewrite into forms that do not overflow (log of a sigmoid, log(1 + e^z), ...). Off while an
 * expression is first built, so that it prints as it was written. */
void graph_set_stable(struct graph *graph, bool stable);

/* Declares a block of φ under a name, for the formulas. */
void graph_declare(struct graph *graph, const char *name, int offset, struct shape shape);
void graph_copy_declarations(struct graph *graph, const struct graph *from);
/* Gives a node a name of its own ("u"), used in formulas when the node occurs more than once. */
void graph_name(struct graph *graph, node_id node, const char *name);

/* --- leaves --- */
node_id graph_constant(struct graph *graph, double number);
node_id graph_constant_shaped(struct graph *graph, double number, struct shape shape);
node_id graph_parameter(struct graph *graph, enum parameter_source source, int offset,
                        struct shape shape);
node_id graph_input(struct graph *graph, enum input_source source, int column, int width);
/* A mask for units that no other mask of this graph is for; p: the share left out, less than 1. */
node_id graph_mask(struct graph *graph, int width, double p);
bool graph_has_masks(const struct graph *graph);
node_id graph_count(struct graph *graph);

/* --- constructors: they simplify, and never change a shape --- */
node_id graph_add(struct graph *graph, node_id a, node_id b);
node_id graph_subtract(struct graph *graph, node_id a, node_id b);
node_id graph_multiply(struct graph *graph, node_id a, node_id b);
node_id graph_divide(struct graph *graph, node_id a, node_id b);
node_id graph_power(struct graph *graph, node_id a, node_id b);
node_id graph_negate(struct graph *graph, node_id a);
node_id graph_unary(struct graph *graph, enum primitive primitive, node_id a);
node_id graph_binary(struct graph *graph, enum primitive primitive, node_id a, node_id b);
node_id graph_where(struct graph *graph, node_id condition, node_id a, node_id b);
node_id graph_sum(struct graph *graph, node_id a);
node_id graph_sum_examples(struct graph *graph, node_id a);
node_id graph_mean_examples(struct graph *graph, node_id a);
node_id graph_matmul(struct graph *graph, bool transpose_a, bool transpose_b, node_id a, node_id b);
node_id graph_dot(struct graph *graph, node_id a, node_id b);
node_id graph_transpose(struct graph *graph, node_id a);
node_id graph_concat(struct graph *graph, const node_id *nodes, int count);
node_id graph_slice(struct graph *graph, node_id a, int offset, int count);
node_id graph_pad(struct graph *graph, node_id a, int offset, int total);
node_id graph_logsumexp(struct graph *graph, node_id a);
node_id graph_softmax(struct graph *graph, node_id a);
node_id graph_pick(struct graph *graph, node_id a, node_id number);
/* z where a is sigmoid z, however it is written; NO_NODE where it is something else. */
node_id graph_sigmoid_argument(struct graph *graph, node_id a);
node_id graph_onehot(struct graph *graph, node_id number, int width);

/* --- looking --- */
enum primitive graph_primitive(const struct graph *graph, node_id node);
const char *primitive_name(enum primitive primitive); /* "sin", "+", ... */
/* The value of an elementwise primitive at numbers (y is ignored where there is one argument). */
double primitive_value(enum primitive primitive, double x, double y);
bool primitive_find(const char *name, enum primitive *primitive, int *arguments); /* elementwise */
struct shape graph_shape(const struct graph *graph, node_id node);
enum level graph_level(const struct graph *graph, node_id node);
int graph_argument_count(const struct graph *graph, node_id node);
node_id graph_argument(const struct graph *graph, node_id node, int index);
bool graph_is_constant(const struct graph *graph, node_id node, double *number);
int graph_leaf_offset(const struct graph *graph, node_id leaf);
const char *graph_node_name(const struct graph *graph, node_id node); /* NULL: none */
void graph_mark_needed(const struct graph *graph, node_id root, unsigned char *marks);
/* The same for all nodes up to `last` that are marked already. */
void graph_mark_arguments(const struct graph *graph, node_id last, unsigned char *marks);

/* --- transformations --- */
/* Emits `root` of another graph again through this graph's constructors. Inputs of a source that is
 * given in `substitute` (indexed by enum input_source, NO_NODE: keep) become slices of that node;
 * parameters are moved by `offset`. With `copied` (graph_size(from) entries, may be NULL) the
 * caller learns which node became which. */
node_id graph_copy(struct graph *graph, const struct graph *from, node_id root,
                   const node_id substitute[INPUT_SOURCES], int offset, node_id *copied);

/* The derivative of a scalar root to every parameter leaf of SOURCE_PHI below it, as new nodes of
 * the same graph: leaves[i] at its offset has the gradient gradients[i]. Leaves may overlap; the
 * gradient to φ is the sum of all at their offsets. When `per_example` is set, root may vary by
 * example and nothing is summed. The lists are allocated from the graph's context. */
struct gradient {
    int count;
    node_id *leaves, *gradients;
};
enum status graph_differentiate(struct graph *graph, node_id root, bool per_example,
                                struct gradient *gradient, struct error *error);
/* To chosen leaves (parameters or inputs): results[i], NO_NODE where root does not depend on it. */
enum status graph_differentiate_to(struct graph *graph, node_id root, const node_id *leaves,
                                   int count, bool per_example, node_id *results,
                                   struct error *error);
void graph_gradient_free(struct graph *graph, struct gradient *gradient);
/* The scalar Σ_leaf dot(gradient at leaf, v at its offset): its gradient is H·v. */
node_id graph_directional(struct graph *graph, const struct gradient *gradient);

#endif
