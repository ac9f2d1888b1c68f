/* SPDX-License-Identifier: GPL-3.0-or-later */
/* penalty.h: what is added to a loss for its parameters alone. A kind is a constant record, one per
 * file, listed in penalty.def: either a term of the loss, or a constraint, onto which the
 * parameters are projected after each update. A penalty is a sum of such terms over chosen
 * parameters; immutable and counted by reference. */
#ifndef DESCENT_LOSS_PENALTY_H
#define DESCENT_LOSS_PENALTY_H

#include "base/doc.h"
#include "graph/graph.h"

enum { PENALTY_ARGUMENTS = 4 };

struct penalty_kind {
    struct doc doc; /* name "penalty.l2"; the last two arguments are only and except */
    bool is_value;  /* penalty.l2 itself is a penalty; it may be called all the same */
    /* Of one parameter: a number, a vector or a matrix. NULL: a constraint. */
    node_id (*build)(struct graph *graph, node_id parameter);
    bool square; /* Σφ²: least squares with it can still be solved by QR */
    /* A constraint: moves the numbers at data[places[0]], ... that belong together. */
    void (*project)(double *data, const size_t *places, size_t count, const double *arguments);
};

extern const struct penalty_kind *const penalty_kinds[];
extern const size_t penalty_kind_count;

struct penalty_term {
    const struct penalty_kind *kind;
    double coefficient; /* 1 for a constraint */
    double arguments[PENALTY_ARGUMENTS];
    bool except; /* the names are those left out, else those meant */
    char **names;
    size_t name_count; /* 0: all parameters */
};

struct penalty {
    struct context *context;
    int references;
    struct penalty_term *terms;
    size_t term_count;
};

/* The names, of whole parameters ("W1") or components ("W1[3,1]"), are copied. */
enum status penalty_new(struct penalty **penalty, struct context *context,
                        const struct penalty_kind *kind, const double *arguments, bool except,
                        const char *const *names, size_t name_count, struct error *error);
/* A constraint has no strength: factors other than 1 are refused. */
enum status penalty_scale(struct penalty **scaled, const struct penalty *penalty, double factor,
                          struct error *error);
enum status penalty_add(struct penalty **sum, const struct penalty *a, const struct penalty *b,
                        struct error *error);
struct penalty *penalty_keep(struct penalty *penalty);
void penalty_release(struct penalty *penalty);

/* Whether name, "W" or "W[3,1]", means the component "W[3,1]". */
bool penalty_name_means(const char *name, const char *component);
bool penalty_selects(const struct penalty_term *term, const char *component);

#endif
