/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formula.h: a graph as a formula that a student would write by hand. Nothing is rewritten for
 * printing; sums and products are gathered, collected and ordered on the way out. */
#ifndef DESCENT_GRAPH_FORMULA_H
#define DESCENT_GRAPH_FORMULA_H

#include "graph/graph.h"

enum notation {
#define NOTATION(constant, style) NOTATION_##constant,
#include "graph/notation.def"
#undef NOTATION
};

/* The formulas of some nodes and, for what occurs in them more than once, definitions: a formula
 * may say "2·Σᵢ v" and a definition "v = ...". All texts belong to the result. */
struct formulas {
    struct context *context;
    const char *reason; /* Python: what cannot be written, or NULL */
    char **texts;       /* one for each root */
    int count;
    char **names, **definitions; /* in an order in which each uses only earlier ones */
    int definition_count;
};

enum status formula_print(struct formulas *formulas, const struct graph *graph,
                          const node_id *roots, int count, enum notation notation,
                          struct error *error);
void formula_free(struct formulas *formulas);

/* Some nodes, each with the nodes that it uses under names (names[id], NULL: written out): "x·y".
 * Not for NOTATION_LUA. */
enum status formula_operations(struct formulas *formulas, const struct graph *graph,
                               const node_id *nodes, int count, const char *const *names,
                               enum notation notation, struct error *error);

/* A Lua function of the declared parameters, and of x and y where the expression has inputs, that
 * returns the roots: what one would type. Columns are arrays of one dimension; `prelude` (may be
 * NULL) is what the function does first. STATUS_UNSUPPORTED where there is no such text. */
enum status formula_program(char **text, const struct graph *graph, const node_id *roots, int count,
                            const char *prelude, struct error *error);

/* A name as a Python program of this graph can have it: "lambda" is lambda_. */
char *formula_python_name(const struct graph *graph, const char *name, char *buffer, size_t size);

/* "phi0" as it is read: "φ₀"; names that are no Greek letter with an index stay as they are. */
char *formula_symbol(const char *name, enum notation notation, char *buffer, size_t size);

#endif
