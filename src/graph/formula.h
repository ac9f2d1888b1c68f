/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formula.h: a graph as a formula that a student would write by hand. Nothing is rewritten for
 * printing; sums and products are only gathered and ordered on the way out. */
#ifndef DESCENT_GRAPH_FORMULA_H
#define DESCENT_GRAPH_FORMULA_H

#include "graph/graph.h"

enum notation { NOTATION_UNICODE, NOTATION_ASCII };

/* The formulas of some nodes and, for what occurs in them more than once, definitions: a formula
 * may say "2·Σᵢ v" and a definition "v = ...". All texts belong to the result. */
struct formulas {
    struct context *context;
    char **texts; /* one for each root */
    int count;
    char **names, **definitions; /* in an order in which each uses only earlier ones */
    int definition_count;
};

enum status formula_print(struct formulas *formulas, const struct graph *graph,
                          const node_id *roots, int count, enum notation notation,
                          struct error *error);
void formula_free(struct formulas *formulas);

/* "phi0" as it is read: "φ₀"; names that are no Greek letter with an index stay as they are. */
char *formula_symbol(const char *name, enum notation notation, char *buffer, size_t size);

#endif
