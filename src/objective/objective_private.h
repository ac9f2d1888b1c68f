/* SPDX-License-Identifier: GPL-3.0-or-later */
/* objective_private.h: what stands behind struct objective. Included by those who make objectives
 * (objective/build.c, tests), never by those who use them.
 *
 * A maker embeds struct objective as its first member, allocates the whole zeroed, calls
 * objective_init last and from then on leaves it to objective_release.
 */
#ifndef DESCENT_OBJECTIVE_OBJECTIVE_PRIVATE_H
#define DESCENT_OBJECTIVE_OBJECTIVE_PRIVATE_H

#include "objective/objective.h"

/* The arguments have been checked: batch is never NULL, its indices are in range, and none of them
 * are given for a loss without data. */
struct objective_methods {
    enum status (*value)(struct objective *objective, const double *phi, const struct batch *batch,
                         double *value, struct error *error);
    enum status (*gradient)(struct objective *objective, const double *phi,
                            const struct batch *batch, double *value, double *gradient,
                            struct error *error);
    /* Fills the upper triangle; the lower one is mirrored from it. NULL: not supported. */
    enum status (*hessian)(struct objective *objective, const double *phi,
                           const struct batch *batch, double *hessian, struct error *error);
    /* NULL: not supported. */
    enum status (*each)(struct objective *objective, const double *phi, const struct batch *batch,
                        double *losses, struct error *error);
    /* Gives back all that the maker added, and the object itself. */
    void (*free)(struct objective *objective);
    /* NULL: no constraints. */
    void (*project)(const struct objective *objective, double *phi);
};

struct objective {
    struct context *context;
    int references;
    const struct objective_methods *methods;
    struct objective_counts counts;
    size_t size;       /* P */
    size_t examples;   /* I; 0 for a loss without data */
    char **components; /* P names, owned */
    bool has_masks;    /* set by the maker after objective_init; likewise: */
    bool has_constraints; /* whether project may change anything */
};

/* Fills the head of a maker's zeroed object with one reference; copies the P names (NULL: phi0,
 * phi1, ...). On failure nothing is kept and the maker frees its object as it made it. */
enum status objective_init(struct objective *objective, struct context *context,
                           const struct objective_methods *methods, size_t size, size_t examples,
                           const char *const *components, struct error *error);

#endif
