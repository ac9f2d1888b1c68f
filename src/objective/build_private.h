/* SPDX-License-Identifier: GPL-3.0-or-later */
/* build_private.h: an objective over a graph, for build.c (how it is made), sum.c (of others),
 * evaluate.c (what it is asked for), solve.c and surface.c. */
#ifndef DESCENT_OBJECTIVE_BUILD_PRIVATE_H
#define DESCENT_OBJECTIVE_BUILD_PRIVATE_H

#include "graph/sweep.h"
#include "graph/tape.h"
#include "objective/build.h"
#include "objective/objective_private.h"

struct built {
    struct objective base;
    struct model *layout; /* names and shapes of the parameters; with data the model itself */
    struct model *model;  /* NULL without data */
    struct dataset *data;
    const struct loss_kind *kind; /* NULL: a sum, or the user's own */
    double arguments[LOSS_ARGUMENTS];
    bool mean;
    struct objective_term *terms; /* of a sum, each with a reference */
    size_t term_count;
    struct penalty *penalty; /* of a sum, its own; those of its terms are theirs */
    struct graph *written, *graph;
    node_id written_root, written_each;
    node_id unweighted; /* in written: ℓ of the user's own before weights of examples */
    node_id root, each; /* in graph, for evaluation: rolled; each is NO_NODE without data */
    node_id plain;      /* the root in graph as it was written, for formulas and surfaces */
    bool differentiated, plain_differentiated;
    struct gradient gradient, plain_gradient; /* the second only where root and plain differ */
    struct tape *value_tape, *gradient_tape, *each_tape, *product_tape;
    bool constant_hessian;     /* known once there is a product_tape */
    struct tape *example_tape; /* the gradient of Σℓ_i alone, without penalties */
    struct sweep *sweep;       /* of the two components that were last asked for */
    size_t swept[2];
    double *results;   /* 1 + P */
    double *direction; /* P */
    size_t *places;    /* P, for constraints */
};

struct built *built_of(const struct objective *objective);
bool built_is(const struct objective *objective); /* of this kind */
/* Without an expression yet; the caller fills the fields up to `unweighted`, then finishes it, or
 * frees it where that fails. */
struct built *built_new(struct context *context, struct error *error);
enum status built_finish(struct built *built, char **components, size_t size,
                         struct objective **objective, struct error *error);
void built_free(struct objective *objective);
/* The sum of the same terms, those with data on other data. */
enum status built_sum_with_data(struct objective **objective, const struct built *sum,
                                struct dataset *data, struct error *error);

extern const struct objective_methods built_with_data, built_without_data;

struct tape_data built_data(const struct built *built, const struct batch *batch);
enum status built_need_product(struct built *built, struct error *error);

#endif
