/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formula_product.c: products as text: the factors of an expression gathered, ordered, and written
 * with what is divided by below a bar. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "graph/formula_terms.h"

bool product_is_mask(const struct writer *writer, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    return node->op == PRIMITIVE_WHERE && !writer->style->program &&
           (writer_is_zero(writer->graph, node->b) || writer_is_zero(writer->graph, node->c));
}

/* A mask that only keeps a derivative from 0·log 0: where(x == 0, 0, v). */
static bool is_guard(const struct writer *writer, const struct node *mask)
{
    const struct node *condition = NODE(writer->graph, mask->a);
    return writer_is_zero(writer->graph, mask->b) && condition->op == PRIMITIVE_EQUAL &&
           (writer_is_zero(writer->graph, condition->a) ||
            writer_is_zero(writer->graph, condition->b));
}

void product_push(struct writer *writer, struct factor factor)
{
    if (writer->pool_count == writer->pool_capacity) {
        int capacity = 2 * writer->pool_capacity + 64;
        struct factor *pool = memory_resize(writer->out.context, writer->pool, (size_t)capacity,
                                            sizeof *pool);
        if (!pool) {
            writer->out.failed = true;
            return;
        }
        writer->pool = pool;
        writer->pool_capacity = capacity;
    }
    writer->pool[writer->pool_count++] = factor;
}

bool product_is_unit(const struct graph *graph, node_id id)
{
    const struct node *node = NODE(graph, id);
    return node->op == PRIMITIVE_PAD && shape_is_scalar(NODE(graph, node->a)->shape);
}

bool product_same_base(const struct writer *writer, const struct factor *a, const struct factor *b)
{
    if (a->kind != b->kind)
        return false;
    const struct node *m = NODE(writer->graph, a->base), *n = NODE(writer->graph, b->base);
    if (a->kind == UNIT)
        return m->offset == n->offset && shape_equal(m->shape, n->shape);
    return a->base == b->base;
}

/* The monomial is the last one on the pool. */
static void add_factor(struct writer *writer, struct monomial *monomial, struct factor factor)
{
    for (int i = monomial->first; i < monomial->first + monomial->count; i++) {
        struct factor *known = &writer->pool[i];
        if (!product_same_base(writer, known, &factor))
            continue;
        if (factor.kind == PLAIN)
            known->power += factor.power;
        if (known->power == 0) {
            memmove(known, known + 1,
                    (size_t)(monomial->first + --monomial->count - i) * sizeof *known);
            writer->pool_count--;
        }
        return;
    }
    product_push(writer, factor);
    monomial->count = writer->pool_count - monomial->first;
}

bool product_whole_power(const struct graph *graph, const struct node *node, int *power)
{
    if (node->op != PRIMITIVE_POWER)
        return false;
    const struct node *exponent = NODE(graph, node->b);
    if (exponent->op != PRIMITIVE_CONSTANT || exponent->number != floor(exponent->number) ||
        fabs(exponent->number) > 99)
        return false;
    *power = (int)exponent->number;
    return true;
}

/* Multiplies the product by id^power. */
static void gather_factors(struct writer *writer, node_id id, int power, struct monomial *monomial,
                           bool top)
{
    const struct graph *graph = writer->graph;
    const struct node *node = NODE(graph, id);
    int exponent;
    if (!top && writer_named(writer, id)) {
        add_factor(writer, monomial, (struct factor){id, power, PLAIN, 0});
    } else if (node->op == PRIMITIVE_MULTIPLY) {
        gather_factors(writer, node->a, power, monomial, false);
        gather_factors(writer, node->b, power, monomial, false);
    } else if (node->op == PRIMITIVE_DIVIDE) {
        gather_factors(writer, node->a, power, monomial, false);
        gather_factors(writer, node->b, -power, monomial, false);
    } else if (node->op == PRIMITIVE_CONSTANT &&
               (!writer->style->program || !writer_is_vector(writer, id))) {
        monomial->number *= pow(node->number, power);
    } else if (product_whole_power(graph, node, &exponent)) {
        add_factor(writer, monomial, (struct factor){node->a, exponent * power, PLAIN, 0});
    } else if (product_is_unit(graph, id) && power == 1) {
        gather_factors(writer, node->a, 1, monomial, false);
        add_factor(writer, monomial, (struct factor){id, 1, UNIT, 0});
    } else if (product_is_mask(writer, id) && power == 1) {
        bool inverse = writer_is_zero(graph, node->b);
        if (!is_guard(writer, node))
            add_factor(writer, monomial,
                       (struct factor){node->a, 1, inverse ? INVERSE_MASK : MASK, 0});
        gather_factors(writer, inverse ? node->c : node->b, 1, monomial, false);
    } else {
        add_factor(writer, monomial, (struct factor){id, power, PLAIN, 0});
    }
}

struct monomial product_of(struct writer *writer, node_id id, bool top)
{
    struct monomial monomial = {1, writer->pool_count, 0};
    gather_factors(writer, id, 1, &monomial, top);
    return monomial;
}

/* A copy of a monomial on top of the pool. */
struct monomial product_copy(struct writer *writer, struct monomial monomial)
{
    struct monomial copy = {monomial.number, writer->pool_count, monomial.count};
    for (int k = 0; k < monomial.count; k++)
        product_push(writer, writer->pool[monomial.first + k]);
    return copy;
}

/* Coefficient, masks, I, parameters, inputs, names, then as written, matrix products, Σ last. */
enum {
    RANK_MASK,
    RANK_COUNT,
    RANK_PARAMETER,
    RANK_INPUT,
    RANK_NAMED,
    RANK_REST,
    RANK_UNIT,
    RANK_MATMUL,
    RANK_SUM
};

static int rank(const struct writer *writer, const struct factor *factor)
{
    if (factor->kind == UNIT)
        return RANK_UNIT;
    if (factor->kind != PLAIN)
        return RANK_MASK;
    if (writer_named(writer, factor->base))
        return RANK_NAMED;
    switch (NODE(writer->graph, factor->base)->op) {
    case PRIMITIVE_COUNT: return RANK_COUNT;
    case PRIMITIVE_PARAMETER: return RANK_PARAMETER;
    case PRIMITIVE_INPUT: return RANK_INPUT;
    case PRIMITIVE_MATMUL: return RANK_MATMUL;
    case PRIMITIVE_SUM_EXAMPLES: return factor->power == 1 ? RANK_SUM : RANK_REST;
    default: return RANK_REST;
    }
}

static bool comes_before(const struct writer *writer, const struct factor *a,
                         const struct factor *b)
{
    bool a_below = a->power < 0, b_below = b->power < 0;
    if (a_below != b_below)
        return b_below;
    int first = rank(writer, a), second = rank(writer, b);
    if (first != second)
        return first < second;
    if (first != RANK_PARAMETER && first != RANK_INPUT)
        return false;
    const struct node *m = NODE(writer->graph, a->base), *n = NODE(writer->graph, b->base);
    return m->source != n->source ? m->source < n->source : m->offset < n->offset;
}

static void sort_factors(struct writer *writer, const struct monomial *monomial)
{
    if (monomial->count < 2)
        return;
    struct factor *list = writer->pool + monomial->first;
    for (int i = 1; i < monomial->count; i++)
        for (int k = i; k > 0 && comes_before(writer, &list[k], &list[k - 1]); k--) {
            struct factor swap = list[k];
            list[k] = list[k - 1];
            list[k - 1] = swap;
        }
}

static void put_unit(struct writer *writer, const struct node *node)
{
    char name[32];
    snprintf(name, sizeof name, "e%d", node->offset + 1);
    if (writer->style->unit)
        writer->style->unit(writer, node);
    else
        writer_symbol(writer, name);
}

static void write_factor(struct writer *writer, struct factor factor, enum precedence context)
{
    if (factor.kind == UNIT) {
        put_unit(writer, NODE(writer->graph, factor.base));
        return;
    }
    if (factor.kind != PLAIN) {
        writer_sign(writer, SIGN_OPEN_TRUTH);
        writer_condition(writer, factor.base, factor.kind == INVERSE_MASK);
        writer_sign(writer, SIGN_CLOSE_TRUTH);
        return;
    }
    if (factor.scale != 0) {
        bool further = python_needs_axes(writer, factor.base);
        int axes = writer->axes;
        if (context > SUM_LEVEL || further)
            writer_sign(writer, SIGN_OPEN);
        writer->axes = python_axes(writer->graph, factor.base);
        writer_sum(writer, factor.base, factor.scale);
        writer->axes = axes;
        if (context > SUM_LEVEL || further)
            writer_sign(writer, SIGN_CLOSE);
        if (further)
            python_put_axes(writer);
        return;
    }
    int power = abs(factor.power);
    writer_node(writer, factor.base, power == 1 ? context : ATOM_LEVEL);
    if (power == 1)
        return;
    if (writer->style->power && power < 100) {
        writer->style->power(writer, power);
        return;
    }
    writer_sign(writer, SIGN_OPEN_POWER);
    writer_put(writer, "%d", power);
    writer_sign(writer, SIGN_CLOSE_POWER);
}

/* The sign before a factor; in LaTeX numbers need one, other factors none. */
static void write_times(struct writer *writer, bool after_vector, const struct factor *factor)
{
    if (after_vector && writer_is_vector(writer, factor->base)) {
        writer_sign(writer, SIGN_TIMES_ELEMENTWISE);
        return;
    }
    const struct node *node = NODE(writer->graph, factor->base);
    const struct node *base = node->op == PRIMITIVE_POWER ? NODE(writer->graph, node->a) : node;
    bool digit = factor->kind == PLAIN && base->op == PRIMITIVE_CONSTANT;
    writer_sign(writer, digit ? SIGN_TIMES_NUMBER : SIGN_TIMES);
}

static int count_vectors(const struct writer *writer, int begin, int end)
{
    int vectors = 0;
    for (int i = begin; i < end; i++)
        vectors += writer_is_vector(writer, writer->pool[i].base);
    return vectors;
}

/* Factors [begin, end), after something else when `any`, which has a vector in it when
 * `after_vector`. */
static void write_factors(struct writer *writer, int begin, int end, bool any, bool after_vector)
{
    int vectors = count_vectors(writer, begin, end);
    bool alone = !any && end == begin + 1;
    for (int i = begin; i < end; i++) {
        struct factor factor = writer->pool[i];
        bool vector = writer_is_vector(writer, factor.base);
        if (any)
            write_times(writer, after_vector, &factor);
        any = true;
        /* A*(u.T @ v), not A*u.T @ v */
        bool elementwise = writer->style->arrays && after_vector;
        after_vector = after_vector || vector;
        /* Σ and W·x at the end may stand bare: nothing follows. */
        bool last = i == end - 1 && factor.kind == PLAIN && factor.power == 1;
        int place = rank(writer, &factor);
        bool product = place == RANK_MATMUL &&
                       (writer->style->program ? alone : vectors == (vector ? 1 : 0));
        bool bare = last && ((place == RANK_SUM && !elementwise) || product);
        write_factor(writer, factor, bare ? PRODUCT_LEVEL : POWER_LEVEL);
    }
}

/* Counts of the sorted factors: above the bar before Σ, Σ, below. */
static void cut_monomial(const struct writer *writer, const struct monomial *monomial, int *front,
                         int *sums, int *below)
{
    *front = *sums = *below = 0;
    for (int i = monomial->first; i < monomial->first + monomial->count; i++) {
        const struct factor *factor = &writer->pool[i];
        if (factor->power < 0)
            ++*below;
        else if (rank(writer, factor) == RANK_SUM)
            ++*sums;
        else
            ++*front;
    }
}

static void write_above(struct writer *writer, const struct coefficient *coefficient, int begin,
                        int end, bool one)
{
    enum sign name = coefficient->name_below ? SIGN_NONE : coefficient->name;
    double number = fabs(coefficient->above);
    bool shown = number != 1 || (!name && begin == end && one);
    if (shown)
        writer_number(writer, number);
    if (name) {
        if (shown)
            writer_sign(writer, SIGN_TIMES);
        writer_sign(writer, name);
        shown = true;
    }
    if (writer->style->braces && one && !shown && end == begin + 1) /* above a bar */
        write_factor(writer, writer->pool[begin], SUM_LEVEL);
    else
        write_factors(writer, begin, end, shown, false);
}

static void write_below(struct writer *writer, const struct coefficient *coefficient, int begin,
                        int end)
{
    bool any = coefficient->below != 1;
    int count = end - begin + any + coefficient->name_below;
    bool brackets = !writer->style->braces && count > 1;
    writer_sign(writer, SIGN_BAR);
    if (brackets)
        writer_put(writer, "(");
    if (any)
        writer_put(writer, "%ld", coefficient->below);
    if (coefficient->name_below) {
        if (any)
            writer_sign(writer, SIGN_TIMES);
        writer_sign(writer, coefficient->name);
        any = true;
    }
    if (writer->style->braces && !any && end == begin + 1)
        write_factor(writer, writer->pool[begin], SUM_LEVEL);
    else
        write_factors(writer, begin, end, any, false);
    if (brackets)
        writer_put(writer, ")");
    writer_sign(writer, SIGN_CLOSE_FRACTION);
}

/* Python: Σᵢ v/I is a mean. */
static void find_mean(struct writer *writer, struct monomial *monomial)
{
    if (!writer->style->arrays || monomial->count == 0)
        return;
    struct factor *list = writer->pool + monomial->first;
    int sum = -1, count = -1, sums = 0;
    for (int i = 0; i < monomial->count; i++) {
        if (list[i].kind != PLAIN || writer_named(writer, list[i].base))
            continue;
        enum primitive op = NODE(writer->graph, list[i].base)->op;
        if (op == PRIMITIVE_COUNT && list[i].power == -1)
            count = i;
        if (op == PRIMITIVE_SUM_EXAMPLES && list[i].power == 1) {
            sum = i;
            sums++;
        }
    }
    if (count < 0 || sums != 1 ||
        NODE(writer->graph, NODE(writer->graph, list[sum].base)->a)->op == PRIMITIVE_SUM ||
        NODE(writer->graph, NODE(writer->graph, list[sum].base)->a)->op == PRIMITIVE_MATMUL)
        return;
    writer->mean = list[sum].base;
    memmove(list + count, list + count + 1, (size_t)(monomial->count - count - 1) * sizeof *list);
    monomial->count--;
}

void writer_product(struct writer *writer, struct monomial monomial, bool unsigned_)
{
    int front, sums, below;
    if (monomial.count == 0 && number_is_short(monomial.number)) {
        writer_number(writer, unsigned_ ? fabs(monomial.number) : monomial.number);
        return;
    }
    find_mean(writer, &monomial);
    sum_take_number(writer, &monomial);
    sort_factors(writer, &monomial);
    cut_monomial(writer, &monomial, &front, &sums, &below);
    struct coefficient coefficient = number_coefficient(writer, monomial.number);
    if (coefficient.above < 0 && !unsigned_)
        writer_sign(writer, SIGN_MINUS);
    bool bar = below > 0 || coefficient.below != 1 || coefficient.name_below;
    bool bracket = bar && sums > 0 && !writer->style->braces;
    int first = monomial.first, sum = first + front, under = sum + sums;
    bool before = bar || front > 0 || fabs(coefficient.above) != 1 || coefficient.name;
    if (bracket)
        writer_put(writer, "(");
    if (bar)
        writer_sign(writer, SIGN_OPEN_FRACTION);
    write_above(writer, &coefficient, first, sum, bar || sums == 0);
    if (bar)
        write_below(writer, &coefficient, under, under + below);
    if (bracket)
        writer_put(writer, ")");
    write_factors(writer, sum, under, before, count_vectors(writer, first, sum) > 0);
    writer->pool_count = monomial.first;
}
