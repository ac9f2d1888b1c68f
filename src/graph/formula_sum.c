/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formula_sum.c: sums as text: terms gathered, like ones collected, k·(a + b) multiplied out where
 * that reads better, polynomials put in order. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "graph/formula_terms.h"

static bool is_sum(const struct writer *writer, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    return (node->op == PRIMITIVE_ADD || node->op == PRIMITIVE_SUBTRACT) &&
           !writer_named(writer, id);
}

static bool same_factors(const struct writer *writer, const struct monomial *a,
                         const struct monomial *b)
{
    if (a->count != b->count)
        return false;
    for (int i = 0; i < a->count; i++) {
        const struct factor *factor = &writer->pool[a->first + i];
        int k = 0;
        while (k < b->count && (!product_same_base(writer, &writer->pool[b->first + k], factor) ||
                                writer->pool[b->first + k].power != factor->power))
            k++;
        if (k == b->count)
            return false;
    }
    return true;
}

struct terms {
    struct monomial *list;
    int count;
};

static void gather_terms(struct writer *writer, node_id id, double factor, struct terms *terms,
                         bool top);

static bool new_terms(struct writer *writer, struct terms *terms)
{
    *terms = (struct terms){memory_allocate(writer->out.context, TERM_LIMIT, sizeof *terms->list),
                            0};
    if (!terms->list)
        writer->out.failed = true;
    return terms->list != NULL;
}

/* Each level asks the next several times. */
enum { SPREAD_DEPTH = 3 };

/* Whether k·(a + b) reads better as k·a + k·b: 2·(1 + x/2). */
static bool reads_better_spread(struct writer *writer, node_id sum, double number)
{
    struct terms terms;
    if (writer->spread_depth >= SPREAD_DEPTH || !new_terms(writer, &terms))
        return false;
    writer->spread_depth++;
    int mark = writer->pool_count, together = number_ugliness(writer, number), apart = 0;
    gather_terms(writer, sum, 1, &terms, false);
    for (int i = 0; i < terms.count; i++) {
        together += number_ugliness(writer, terms.list[i].number);
        apart += number_ugliness(writer, number * terms.list[i].number);
    }
    writer->spread_depth--;
    writer->pool_count = mark;
    memory_free(writer->out.context, terms.list);
    return apart < together;
}

static bool is_plain_sum(const struct writer *writer, const struct factor *factor)
{
    return factor->power == 1 && factor->kind == PLAIN && is_sum(writer, factor->base);
}

bool sum_is_spread(struct writer *writer, const struct monomial *monomial)
{
    if (monomial->count != 1 || !is_plain_sum(writer, &writer->pool[monomial->first]))
        return false;
    return fabs(monomial->number) == 1 ||
           reads_better_spread(writer, writer->pool[monomial->first].base, monomial->number);
}

void sum_take_number(struct writer *writer, struct monomial *monomial)
{
    double number = fabs(monomial->number);
    if (number == 1 || !isfinite(number))
        return;
    for (int i = monomial->first; i < monomial->first + monomial->count; i++) {
        if (!is_plain_sum(writer, &writer->pool[i]) ||
            !reads_better_spread(writer, writer->pool[i].base, number))
            continue;
        writer->pool[i].scale = number;
        monomial->number = monomial->number < 0 ? -1 : 1;
        return;
    }
}

bool sum_is_spread_node(struct writer *writer, node_id id)
{
    struct monomial monomial = product_of(writer, id, true);
    bool result = sum_is_spread(writer, &monomial);
    writer->pool_count = monomial.first;
    return result;
}

/* Adds the monomial, which is the last one on the pool, to a like term or as a new one. */
static bool add_term(struct writer *writer, struct terms *terms, struct monomial monomial)
{
    for (int i = 0; i < terms->count; i++) {
        if (same_factors(writer, &terms->list[i], &monomial)) {
            terms->list[i].number += monomial.number;
            writer->pool_count = monomial.first;
            return true;
        }
    }
    if (terms->count < TERM_LIMIT)
        terms->list[terms->count++] = monomial;
    return false;
}

/* Adds factor·id to the terms. */
static void gather_terms(struct writer *writer, node_id id, double factor, struct terms *terms,
                         bool top)
{
    const struct node *node = NODE(writer->graph, id);
    if ((top || !writer_named(writer, id)) &&
        (node->op == PRIMITIVE_ADD || node->op == PRIMITIVE_SUBTRACT)) {
        gather_terms(writer, node->a, factor, terms, false);
        gather_terms(writer, node->b, node->op == PRIMITIVE_SUBTRACT ? -factor : factor, terms,
                     false);
        return;
    }
    struct monomial monomial = product_of(writer, id, top);
    if (sum_is_spread(writer, &monomial)) {
        node_id inner = writer->pool[monomial.first].base;
        writer->pool_count = monomial.first;
        gather_terms(writer, inner, factor * monomial.number, terms, false);
        return;
    }
    monomial.number *= factor;
    add_term(writer, terms, monomial);
}

/* Whether a term k·(a + b) has a like term of a or b among the others. */
static bool meets_like_terms(struct writer *writer, const struct terms *terms, int place)
{
    struct monomial monomial = terms->list[place];
    struct terms inner;
    if (monomial.count != 1 || !is_plain_sum(writer, &writer->pool[monomial.first]) ||
        !new_terms(writer, &inner))
        return false;
    int mark = writer->pool_count;
    bool found = false;
    gather_terms(writer, writer->pool[monomial.first].base, 1, &inner, false);
    for (int i = 0; i < inner.count; i++)
        for (int k = 0; k < terms->count; k++)
            found = found || (k != place && same_factors(writer, &inner.list[i], &terms->list[k]));
    writer->pool_count = mark;
    memory_free(writer->out.context, inner.list);
    return found;
}

/* 800·x² − 400·(y − x²) is 1200·x² − 400·y. */
static void spread_into_like_terms(struct writer *writer, struct terms *terms)
{
    for (int i = 0; i < terms->count; i++) {
        if (!meets_like_terms(writer, terms, i))
            continue;
        struct monomial monomial = terms->list[i];
        node_id sum = writer->pool[monomial.first].base;
        memmove(terms->list + i, terms->list + i + 1,
                (size_t)(--terms->count - i) * sizeof *terms->list);
        gather_terms(writer, sum, monomial.number, terms, false);
        i = -1;
    }
}

static void drop_zeros(struct terms *terms)
{
    int left = 0;
    for (int i = 0; i < terms->count; i++)
        if (terms->list[i].number != 0)
            terms->list[left++] = terms->list[i];
    terms->count = left;
}

/* The degree of a term in a single variable (NO_NODE: not yet known); −1: it is something else. */
static int degree_of(const struct writer *writer, const struct monomial *term, node_id *variable)
{
    if (term->count == 0)
        return 0;
    const struct factor *factor = &writer->pool[term->first];
    if (term->count > 1 || factor->kind != PLAIN || factor->power < 0 ||
        NODE(writer->graph, factor->base)->op > PRIMITIVE_INPUT ||
        (*variable != NO_NODE && *variable != factor->base))
        return -1;
    *variable = factor->base;
    return factor->power;
}

/* A polynomial whose terms neither rise nor fall is put in falling order. */
static void order_polynomial(const struct writer *writer, struct terms *terms)
{
    node_id variable = NO_NODE;
    bool rises = true, falls = true;
    for (int i = 0, before = 0; i < terms->count; i++) {
        int degree = degree_of(writer, &terms->list[i], &variable);
        if (degree < 0)
            return;
        rises = rises && (i == 0 || degree > before);
        falls = falls && (i == 0 || degree < before);
        before = degree;
    }
    for (int i = 1; i < terms->count && !rises && !falls; i++)
        for (int k = i; k > 0 && degree_of(writer, &terms->list[k], &variable) >
                                     degree_of(writer, &terms->list[k - 1], &variable);
             k--) {
            struct monomial swap = terms->list[k];
            terms->list[k] = terms->list[k - 1];
            terms->list[k - 1] = swap;
        }
}

void writer_sum(struct writer *writer, node_id id, double scale)
{
    struct terms terms;
    if (!new_terms(writer, &terms))
        return;
    int mark = writer->pool_count, first = 0;
    gather_terms(writer, id, scale, &terms, true);
    spread_into_like_terms(writer, &terms);
    drop_zeros(&terms);
    order_polynomial(writer, &terms);
    /* The first positive term leads; the others follow as written. */
    while (first < terms.count && terms.list[first].number < 0)
        first++;
    if (first == terms.count)
        first = 0;
    for (int i = 0; i < terms.count && !writer->out.failed; i++) {
        int place = i == 0 ? first : i <= first ? i - 1 : i;
        struct monomial monomial = terms.list[place];
        bool negative = monomial.number < 0;
        if (i > 0)
            writer_sign(writer, negative ? SIGN_SUBTRACT : SIGN_ADD);
        else if (negative)
            writer_sign(writer, SIGN_MINUS);
        writer_product(writer, product_copy(writer, monomial), true);
    }
    if (terms.count == 0 && writer->style->zeros && writer_is_vector(writer, id))
        writer->style->zeros(writer, shape_size(NODE(writer->graph, id)->shape));
    else if (terms.count == 0)
        writer_put(writer, "0");
    writer->pool_count = mark;
    memory_free(writer->out.context, terms.list);
}
