/* SPDX-License-Identifier: GPL-3.0-or-later */
/* build.h: dataset + model + loss -> objective. Everything that a loss can be asked beyond what an
 * optimizer sees. */
#ifndef DESCENT_OBJECTIVE_BUILD_H
#define DESCENT_OBJECTIVE_BUILD_H

#include "dataset/dataset.h"
#include "graph/graph.h"
#include "loss/loss.h"
#include "loss/penalty.h"
#include "model/model.h"
#include "objective/objective.h"

/* The loss of a model on data. Keeps references to both. arguments: of the kind, NULL: its
 * defaults. Where the loss estimates σ and the model puts none out, objective_model is a
 * model.gaussian of the one given. */
enum status objective_build(struct objective **objective, struct model *model,
                            struct dataset *data, const struct loss_kind *kind,
                            const double *arguments, struct error *error);

/* The same with a user's own ℓ: `per_example` is a node of `expression` over SOURCE_PREDICTION and
 * SOURCE_Y. The graph stays the caller's. */
enum status objective_build_expression(struct objective **objective, struct model *model,
                                       struct dataset *data, const struct graph *expression,
                                       node_id per_example, bool mean, struct error *error);

/* A loss without data: `root` is a node of `expression` over the declared parameters. The graph
 * stays the caller's. */
enum status objective_build_function(struct objective **objective, struct context *context,
                                     const struct parameter_spec *parameters, int count,
                                     const struct graph *expression, node_id root,
                                     struct error *error);

/* Σ coefficient·L + penalty (may be NULL), as one graph. All have the same parameters, and all that
 * have data the same data; penalties and losses without data count whole at each batch. */
struct objective_term {
    double coefficient;
    struct objective *objective;
};
enum status objective_sum(struct objective **objective, const struct objective_term *terms,
                          size_t count, struct penalty *penalty, struct error *error);

/* The same loss on other data. */
enum status objective_with_data(struct objective **objective, struct objective *from,
                                struct dataset *data, struct error *error);

/* A copy that may be used by another thread, whose context it gets: what changes is its own. Both
 * calls, and the copy's release, are made by the thread of `from`, with whom it shares the data and
 * the model. */
enum status objective_copy(struct objective **copy, const struct objective *from,
                           struct context *context, struct error *error);

/* What an objective was built from; NULL where there is none, or for one not built here. */
struct model *objective_model(const struct objective *objective);
struct dataset *objective_dataset(const struct objective *objective);
/* "least_squares"; of a sum the first with data; NULL: the user's own */
const char *objective_kind(const struct objective *objective);

/* Visits the groups of parameters that the constraints of the loss hold together: places[0], ...
 * of φ, in the order in which objective_project treats them. */
typedef void objective_group(void *user, const struct penalty_term *term, const size_t *places,
                             size_t count);
void objective_groups(const struct objective *objective, objective_group *visit, void *user);

/* Formulas: the graph as it was written, and the root with its derivatives in a graph of stable
 * forms, for printing. partials[j] is ∂L/∂φ_j for each component j that is a leaf of its own;
 * parameters that are vectors or matrices come as one partial for the whole. */
struct objective_formulas {
    struct graph *written, *derived; /* borrowed */
    node_id root;                    /* in written */
    int count;
    node_id *leaves, *partials;      /* in derived; borrowed */
};
enum status objective_formulas(struct objective *objective, struct objective_formulas *formulas,
                               struct error *error);

/* ∂ℓ_i/∂φ, I × P, row-major. */
enum status objective_jacobian(struct objective *objective, const double *phi, double *jacobian,
                               struct error *error);

/* The minimum in closed form, where the loss is a quadratic of φ: STATUS_UNSUPPORTED says why there
 * is none, or why it is not the only one. What follows `loss` is known for the squares of one model
 * on data without penalties, else has_errors is false. */
struct objective_solution {
    struct context *context;
    double *phi; /* P */
    double loss;
    double condition; /* of the design matrix (columns scaled), or of the Hessian */
    bool has_errors;
    size_t count, freedom;       /* n, the numbers compared; n − P */
    double squares;              /* S = Σ(f − y)² */
    double variance_ml;          /* S/n */
    double variance;             /* S/(n − P); NaN where n = P */
    double log_likelihood;       /* of normal noise with variance_ml */
    double *errors, *covariance; /* P; P × P */
};
enum status objective_solve(struct objective *objective, struct objective_solution *solution,
                            struct error *error);
void objective_solution_free(struct objective_solution *solution);

/* Values over a grid: result[i·n_b + j] has component a at a_i and b at b_j, the others as in
 * phi. */
enum status objective_surface(struct objective *objective, const double *phi, size_t a,
                              const double *a_values, size_t a_count, size_t b,
                              const double *b_values, size_t b_count, double *result,
                              struct error *error);

#endif
