/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formula_private.h: what formula.c (which parts get names), formula_write.c (a node as text) and
 * formula_program.c share. */
#ifndef DESCENT_GRAPH_FORMULA_PRIVATE_H
#define DESCENT_GRAPH_FORMULA_PRIVATE_H

#include "graph/formula.h"
#include "graph/graph_private.h"

enum {
    TERM_LIMIT = 400, /* symbols in a formula; more are counted */
};

struct text {
    struct context *context;
    char *bytes;
    size_t length, capacity;
    bool failed;
};

void text_append(struct text *text, const char *bytes, size_t length);

struct factor;

struct writer {
    const struct graph *graph;
    enum notation notation;
    struct text out;
    int *symbols;       /* of each node, as written with the names so far */
    int *uses;          /* from how many places it is used */
    const char **names; /* of each node: what it is written as, or NULL */
    node_id defining;   /* written in full although it has a name */
    bool over_examples; /* some Σᵢ is there: inputs are xᵢ; else x */
    bool several[3];    /* by source: the input has several columns */
    const char *inputs[3];
    const char *counted; /* NOTATION_LUA: the list whose length is I */
    const char *reason;  /* NOTATION_LUA: what cannot be written, or NULL */
    int spread_depth;    /* questions inside questions whether to multiply out */
    struct factor *pool; /* the products being written */
    int pool_count, pool_capacity;
};

/* The text of a node, without a name of its own; NULL when memory is short. The caller's. */
char *writer_text(struct writer *writer, node_id id);
bool writer_named(const struct writer *writer, node_id id);

/* A writer for what the roots need; needed (last + 1 bytes) is 1 where it is, FORMULA_ROOT at a
 * root. */
enum { FORMULA_ROOT = 3 };
enum status writer_begin(struct writer *writer, const struct graph *graph, const node_id *roots,
                         int count, enum notation notation, unsigned char **needed, node_id *last,
                         struct error *error);
void writer_end(struct writer *writer);
/* Gives names to what the user has named and to what occurs often. */
void writer_choose_names(struct writer *writer, const unsigned char *needed, node_id last);
bool writer_name_taken(const struct writer *writer, const char *name, node_id last);

#endif
