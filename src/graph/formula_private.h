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

enum precedence { SUM_LEVEL, PRODUCT_LEVEL, POWER_LEVEL, ATOM_LEVEL };

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
    bool several[INPUT_SOURCES];    /* by source: the input has several columns */
    const char *inputs[INPUT_SOURCES];
    const char *counted; /* NOTATION_LUA: the list whose length is I */
    const char *reason;  /* in programs: what cannot be written, or NULL */
    int axes;            /* Python: of the value being put together, without the examples' */
    node_id mean;        /* Python: the sum over examples that is written as a mean */
    char (*made_up)[16]; /* Python: names of parts that would be too long */
    int made_up_count;
    int spread_depth;    /* questions inside questions whether to multiply out */
    struct factor *pool; /* the products being written */
    int pool_count, pool_capacity;
};

/* The text of a node, without a name of its own; NULL when memory is short. The caller's. */
char *writer_text(struct writer *writer, node_id id);
bool writer_named(const struct writer *writer, node_id id);
void writer_put(struct writer *writer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void writer_node(struct writer *writer, node_id id, enum precedence context);
void writer_condition(struct writer *writer, node_id id);
/* Whether a node is 1 where something holds, else 0. */
bool writer_is_truth(const struct graph *graph, node_id id);

static inline bool is_python(const struct writer *writer)
{
    return writer->notation >= NOTATION_NUMPY;
}

/* --- Python (formula_python.c) --- */
/* Writes what Python has in its own way; false: nothing, it is as elsewhere. */
bool python_write(struct writer *writer, node_id id);
enum precedence python_precedence(const struct writer *writer, node_id id, enum precedence usual);
/* Axes of a value beside the examples': 0 of a number, 1 of a column, 2 of a matrix. */
int python_axes(const struct graph *graph, node_id id);
/* Whether the node, one number for each example, needs further axes where it stands; and these. */
bool python_needs_axes(const struct writer *writer, node_id id);
void python_put_axes(struct writer *writer);
void python_put_part(struct writer *writer, struct shape part, int begin, struct shape whole,
                     bool by_example);

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
