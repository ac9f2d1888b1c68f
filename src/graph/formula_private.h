/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formula_private.h: what writes formulas, in parts: formula.c (which parts get names),
 * formula_write.c (a node as text), formula_sum.c, formula_product.c, formula_number.c
 * (formula_terms.h), formula_program.c (a Lua function), and the notations, a file each. */
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
struct style;

struct writer {
    const struct graph *graph;
    const struct style *style;
    struct text out;
    int *symbols;                /* of each node, as written with the names so far */
    int *uses;                   /* from how many places it is used */
    const char **names;          /* of each node: what it is written as, or NULL */
    node_id defining;            /* written in full although it has a name */
    bool over_examples;          /* some Σᵢ is there: inputs are xᵢ; else x */
    bool several[INPUT_SOURCES]; /* by source: the input has several columns */
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

/* --- notations --- */

/* Signs by their duty. One that a notation does not give is ASCII's. */
enum sign {
    SIGN_NONE,
    SIGN_OPEN,
    SIGN_CLOSE,
    SIGN_OPEN_INDEX,
    SIGN_CLOSE_INDEX,
    SIGN_EXAMPLE, /* x of the i-th example */
    SIGN_MINUS,   /* before a number or a term */
    SIGN_ADD,
    SIGN_SUBTRACT,
    SIGN_TIMES,
    SIGN_TIMES_NUMBER, /* before digits */
    SIGN_TIMES_ELEMENTWISE,
    SIGN_OPEN_FRACTION,
    SIGN_BAR,
    SIGN_CLOSE_FRACTION,
    SIGN_OPEN_POWER,
    SIGN_CLOSE_POWER,
    SIGN_TRANSPOSED,
    SIGN_SUM_EXAMPLES,
    SIGN_OPEN_ABS,
    SIGN_CLOSE_ABS,
    SIGN_OPEN_FLOOR,
    SIGN_CLOSE_FLOOR,
    SIGN_OPEN_ONEHOT,
    SIGN_CLOSE_ONEHOT,
    SIGN_OPEN_TRUTH, /* around what is 1 where it holds, else 0 */
    SIGN_CLOSE_TRUTH,
    SIGN_EQUAL,
    SIGN_UNEQUAL,
    SIGN_LESS,
    SIGN_AT_MOST,
    SIGN_GREATER,
    SIGN_AT_LEAST,
    SIGN_AND,
    SIGN_OR,
    SIGN_INFINITY,
    SIGN_NAN,
    SIGN_PI,
    SIGN_LOG_2,
    SIGN_LOG_3,
    SIGN_LOG_10,
    SIGN_SQRT_2,
    SIGN_SQRT_3,
    SIGNS
};

/* A notation: formula_NAME.c, with a line in notation.def. A function that is NULL leaves it to
 * what ASCII does. */
struct style {
    const char *signs[SIGNS];
    bool program; /* text that runs: all digits, no [c]·v */
    bool arrays;  /* a value has all examples along its first axis */
    bool braces;  /* what stands above and below a bar, or is a power, needs no brackets */
    /* Writes what the notation has in its own way; false: it is as elsewhere. */
    bool (*write)(struct writer *writer, node_id id);
    enum precedence (*precedence)(const struct writer *writer, node_id id, enum precedence usual);
    /* A parameter's name. graph NULL: of no graph. */
    char *(*symbol)(const struct graph *graph, const char *name, char *buffer, size_t size);
    void (*function)(struct writer *writer, const char *name);
    void (*power)(struct writer *writer, int power); /* 2 to 99 */
    /* The part of `whole` from `begin` on that a node is. */
    void (*index)(struct writer *writer, const struct node *node, int begin, struct shape whole);
    void (*joined)(struct writer *writer, const struct node *node); /* several declarations' φ */
    void (*unit)(struct writer *writer, const struct node *node);   /* a unit vector */
    void (*zeros)(struct writer *writer, int size);
};
#define NOTATION(constant, name) extern const struct style style_##name;
#include "graph/notation.def"
#undef NOTATION

const struct style *style_of(enum notation notation);
/* The Greek letter that a name is, or NULL. */
const char *formula_greek_letter(const char *name, size_t length);
/* How long a name is without its number: 3 of "phi0[1]". */
size_t formula_stem(const char *name);

/* --- writing (formula_write.c) --- */

/* The text of a node, without a name of its own; NULL when memory is short. The caller's. */
char *writer_text(struct writer *writer, node_id id);
bool writer_named(const struct writer *writer, node_id id);
void writer_put(struct writer *writer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void writer_sign(struct writer *writer, enum sign sign);
void writer_symbol(struct writer *writer, const char *name);
char *writer_symbol_text(const struct writer *writer, const char *name, char *buffer, size_t size);
void writer_number(struct writer *writer, double number);
void writer_node(struct writer *writer, node_id id, enum precedence context);
/* name(arguments of the node) */
void writer_call(struct writer *writer, const char *name, node_id id);
/* What holds where a node is not 0 (inverse: is 0). */
void writer_condition(struct writer *writer, node_id id, bool inverse);
/* Whether a node is 1 where something holds, else 0. */
bool writer_is_truth(const struct graph *graph, node_id id);
bool writer_is_vector(const struct writer *writer, node_id id);
bool writer_is_zero(const struct graph *graph, node_id id);
/* Whether an input is one of several columns. */
/* Which of several masks it is, from 1; 0 where it is the only one, or they overlap. */
int writer_mask_number(const struct writer *writer, const struct node *mask);
bool writer_is_column(const struct writer *writer, const struct node *input);
/* The parameter that a leaf is, whole or in part; NULL: of none, or of several. */
const struct declaration *writer_declaration(const struct writer *writer, const struct node *leaf);
const struct declaration *graph_declaration_at(const struct graph *graph, int offset);

/* --- Python (formula_python.c) --- */
/* Axes of a value beside the examples': 0 of a number, 1 of a column, 2 of a matrix. */
int python_axes(const struct graph *graph, node_id id);
/* Whether the node, one number for each example, needs further axes where it stands; and these. */
bool python_needs_axes(const struct writer *writer, node_id id);
void python_put_axes(struct writer *writer);

/* --- the writer (formula.c) --- */

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
