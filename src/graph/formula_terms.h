/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formula_terms.h: what the files that write numbers, products, sums and nodes share. */
#ifndef DESCENT_GRAPH_FORMULA_TERMS_H
#define DESCENT_GRAPH_FORMULA_TERMS_H

#include "graph/formula_private.h"

/* --- numbers (formula_number.c) --- */

/* above·name/below, the name above or below the bar, or none. */
struct coefficient {
    double above;
    long below;
    enum sign name; /* SIGN_NONE: none */
    bool name_below;
};

/* 0.06 and 0.1 stay, 1/2, 1/32, −1/3 and 2/3 become fractions, 6.283... is 2·π. */
struct coefficient number_coefficient(const struct writer *writer, double number);
/* Whether two digits are enough. */
bool number_is_short(double number);
/* How much a reader has to bear with. */
int number_ugliness(const struct writer *writer, double number);

/* --- products (formula_product.c) --- */

enum kind { PLAIN, MASK, INVERSE_MASK, UNIT };

struct factor {
    node_id base; /* of a mask: its condition; of a unit vector: a number put among zeros */
    int power;    /* below the bar when negative */
    enum kind kind;
    double scale; /* of a sum: what its terms are multiplied by; 0: nothing */
};

/* number · factors: pool[first .. first + count − 1]. */
struct monomial {
    double number;
    int first, count;
};

/* The product that a node is, as the last one on the pool; with `top` also of a node that has a
 * name. */
struct monomial product_of(struct writer *writer, node_id id, bool top);
struct monomial product_copy(struct writer *writer, struct monomial monomial);
void product_push(struct writer *writer, struct factor factor);
bool product_same_base(const struct writer *writer, const struct factor *a, const struct factor *b);
/* where(c, v, 0) and where(c, 0, v), which read [c]·v. */
bool product_is_mask(const struct writer *writer, node_id id);
/* A number put among zeros: the number times a unit vector. */
bool product_is_unit(const struct graph *graph, node_id id);
/* A power with a whole exponent. */
bool product_whole_power(const struct graph *graph, const struct node *node, int *power);
/* Writes the product and takes it off the pool. A negative number has had its minus written already
 * when `unsigned_` is set. */
void writer_product(struct writer *writer, struct monomial monomial, bool unsigned_);

/* --- sums (formula_sum.c) --- */

/* k·(a + b) that is written as k·a + k·b; with k = 1 and −1 always. */
bool sum_is_spread(struct writer *writer, const struct monomial *monomial);
/* A product that is written as a sum. */
bool sum_is_spread_node(struct writer *writer, node_id id);
/* 2·sin(u)·(x + y/2) is sin(u)·(2·x + y). The sign stays outside. */
void sum_take_number(struct writer *writer, struct monomial *monomial);
/* scale·id, which is a sum, or scale·(a product that is written as one). */
void writer_sum(struct writer *writer, node_id id, double scale);

#endif
