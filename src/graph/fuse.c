/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuse.c: what is computed together.
 *
 * A step does as much as it can while numbers are in registers: steps that follow one another wait
 * for each other's memory. Products that are used once are absorbed by what uses them (struct
 * recipe). An absorbed product does not absorb; a product of three factors is (a·b)·c as it was
 * written, so that absorbing changes no bit. A function is computed together with the arithmetic
 * that makes its argument, and sums over examples together with what they sum, which is then not
 * even stored when nobody else reads it.
 */
#include "graph/schedule.h"

bool is_square(const struct graph *graph, node_id id)
{
    const struct node *node = NODE(graph, id);
    if (node->op != PRIMITIVE_POWER)
        return false;
    const struct node *exponent = NODE(graph, node->b);
    return exponent->op == PRIMITIVE_CONSTANT && exponent->number == 2 &&
           shape_is_scalar(exponent->shape);
}

static bool is_product(const struct graph *graph, node_id id)
{
    return NODE(graph, id)->op == PRIMITIVE_MULTIPLY || is_square(graph, id);
}

/* Whether a reader of this shape may compute the product itself. */
static bool can_absorb(const struct scheduler *s, node_id product, node_id reader)
{
    return by_example(s, product) && s->in_pass[product] && s->uses[product] == 1 &&
           is_product(s->graph, product) &&
           shape_equal(NODE(s->graph, product)->shape, NODE(s->graph, reader)->shape);
}

/* The factors of a product whose inner product was marked as absorbed: two or three. */
static int factors_of(const struct scheduler *s, node_id id, node_id factors[3])
{
    const struct node *node = NODE(s->graph, id);
    node_id a = node->a, b = is_square(s->graph, id) ? node->a : node->b;
    node_id inner = a != b && s->absorbed[a] ? a : a != b && s->absorbed[b] ? b : NO_NODE;
    if (inner == NO_NODE) {
        factors[0] = a;
        factors[1] = b;
        return 2;
    }
    const struct node *product = NODE(s->graph, inner);
    factors[0] = product->a;
    factors[1] = is_square(s->graph, inner) ? product->a : product->b;
    factors[2] = inner == a ? b : a;
    return 3;
}

bool is_outer(const struct scheduler *s, node_id id)
{
    const struct node *node = NODE(s->graph, id);
    if (node->op != PRIMITIVE_MATMUL || node->transpose_a || !node->transpose_b)
        return false;
    const struct node *a = NODE(s->graph, node->a), *b = NODE(s->graph, node->b);
    return a->shape.cols == 1 && b->shape.cols == 1 && a->level == LEVEL_EXAMPLE &&
           b->level == LEVEL_EXAMPLE;
}

int summed_operands(const struct scheduler *s, node_id sum, node_id operands[3])
{
    node_id a = NODE(s->graph, sum)->a;
    if (is_outer(s, a)) {
        operands[0] = NODE(s->graph, a)->a;
        operands[1] = NODE(s->graph, a)->b;
        return 2;
    }
    if (s->absorbed[a])
        return factors_of(s, a, operands);
    operands[0] = a;
    return 1;
}

bool sum_of_stage(const struct scheduler *s, node_id id, int stage)
{
    return s->needed[id] && NODE(s->graph, id)->op == PRIMITIVE_SUM_EXAMPLES &&
           s->stage[id] == stage + 1;
}

bool recipe_of(const struct scheduler *s, node_id id, struct recipe *recipe,
               node_id in[STEP_OPERANDS])
{
    const struct node *node = NODE(s->graph, id);
    bool adds = node->op == PRIMITIVE_ADD || node->op == PRIMITIVE_SUBTRACT;
    *recipe = (struct recipe){.factors = 1};
    for (int i = 0; i < STEP_OPERANDS; i++)
        in[i] = NO_NODE;
    if (!by_example(s, id))
        return false;
    if (is_product(s->graph, id)) {
        recipe->factors = (unsigned char)factors_of(s, id, in);
        return true;
    }
    if (!adds)
        return false;
    recipe->addend = node->op == PRIMITIVE_ADD ? 1 : -1;
    if (s->absorbed[node->a] && NODE(s->graph, node->a)->op == PRIMITIVE_ADD) {
        node_id less = node->b; /* (x·y + d) − less */
        recipe_of(s, node->a, recipe, in);
        recipe->less = true;
        in[STEP_LESS] = less;
    } else if (s->absorbed[node->a]) {
        recipe->factors = (unsigned char)factors_of(s, node->a, in);
        in[STEP_ADDEND] = node->b;
    } else if (s->absorbed[node->b]) {
        recipe->factors = (unsigned char)factors_of(s, node->b, in);
        recipe->negative = node->op == PRIMITIVE_SUBTRACT;
        recipe->addend = 1;
        in[STEP_ADDEND] = node->a;
    } else {
        in[0] = node->a;
        in[STEP_ADDEND] = node->b;
    }
    return true;
}

enum arithmetic arithmetic_of(const struct recipe *recipe)
{
    if (recipe->less)
        return ARITHMETIC_MULTIPLY_ADD_LESS;
    if (recipe->factors == 1)
        return recipe->addend > 0 ? ARITHMETIC_ADD : ARITHMETIC_SUBTRACT;
    bool three = recipe->factors == 3;
    if (recipe->addend == 0)
        return three ? ARITHMETIC_PRODUCT_3 : ARITHMETIC_MULTIPLY;
    if (recipe->negative)
        return three ? ARITHMETIC_SUBTRACT_PRODUCT_3 : ARITHMETIC_SUBTRACT_MULTIPLY;
    if (recipe->addend > 0)
        return three ? ARITHMETIC_PRODUCT_3_ADD : ARITHMETIC_MULTIPLY_ADD;
    return three ? ARITHMETIC_PRODUCT_3_SUBTRACT : ARITHMETIC_MULTIPLY_SUBTRACT;
}

/* Whether a difference may compute the sum x·y + d that it begins with. */
static bool can_absorb_sum(const struct scheduler *s, node_id sum, node_id reader)
{
    struct recipe recipe;
    node_id in[STEP_OPERANDS];
    return NODE(s->graph, reader)->op == PRIMITIVE_SUBTRACT &&
           NODE(s->graph, sum)->op == PRIMITIVE_ADD && by_example(s, sum) && s->in_pass[sum] &&
           s->uses[sum] == 1 &&
           shape_equal(NODE(s->graph, sum)->shape, NODE(s->graph, reader)->shape) &&
           recipe_of(s, sum, &recipe, in) && recipe.factors == 2;
}

/* Marks what is absorbed in this pass. In order of ids, so that a product that has absorbed one is
 * known before its reader asks. */
void absorb(struct scheduler *s, int stage)
{
    struct graph *graph = s->graph;
    for (node_id id = 0; id <= s->last; id++) {
        const struct node *node = NODE(graph, id);
        bool sum = node->op == PRIMITIVE_SUM_EXAMPLES && s->needed[id] && s->stage[id] == stage + 1;
        if (!sum && !s->in_pass[id])
            continue;
        if (sum) {
            if (can_absorb(s, node->a, id))
                s->absorbed[node->a] = 1;
        } else if (is_product(graph, id)) {
            if (is_square(graph, id))
                continue; /* its argument is read twice */
            node_id inner = can_absorb(s, node->a, id)   ? node->a
                            : can_absorb(s, node->b, id) ? node->b
                                                         : NO_NODE;
            node_id factors[3];
            if (inner != NO_NODE && node->a != node->b && factors_of(s, inner, factors) == 2)
                s->absorbed[inner] = 1;
        } else if (node->op == PRIMITIVE_ADD || node->op == PRIMITIVE_SUBTRACT) {
            if (node->a == node->b)
                continue;
            if (can_absorb(s, node->a, id) || can_absorb_sum(s, node->a, id))
                s->absorbed[node->a] = 1;
            else if (can_absorb(s, node->b, id))
                s->absorbed[node->b] = 1;
        }
    }
}

/* A node of arithmetic that has a step of its own. */
static bool has_step(const struct scheduler *s, node_id id)
{
    struct recipe recipe;
    node_id in[STEP_OPERANDS];
    return s->in_pass[id] && !s->absorbed[id] && recipe_of(s, id, &recipe, in);
}

bool is_function(enum primitive op)
{
    return op < PRIMITIVE_ADD && op > PRIMITIVE_COUNT;
}

/* The first function of each node of arithmetic is computed in its step. */
static void accompany_functions(struct scheduler *s)
{
    for (node_id id = 0; id <= s->last; id++) {
        const struct node *node = NODE(s->graph, id);
        if (!s->in_pass[id] || !is_function(node->op) || !by_example(s, id) ||
            !has_step(s, node->a) || s->function[node->a] != NO_NODE)
            continue;
        struct recipe recipe;
        node_id in[STEP_OPERANDS];
        recipe_of(s, node->a, &recipe, in);
        if (recipe.less)
            continue;
        s->function[node->a] = id;
        s->accompanied[id] = 1;
        if (s->partner[id] != NO_NODE)
            s->accompanied[s->partner[id]] = 1;
    }
}

/* Whether v may host Σ v·w: w stands in memory before v is computed. */
static bool can_host(const struct scheduler *s, node_id v, node_id w)
{
    return has_step(s, v) &&
           (w < v || !by_example(s, w) || NODE(s->graph, w)->op == PRIMITIVE_INPUT);
}

node_id host_of(const struct scheduler *s, node_id sum, int *kind, node_id *with)
{
    node_id operands[3];
    int count = summed_operands(s, sum, operands);
    *with = NO_NODE;
    if (is_outer(s, NODE(s->graph, sum)->a) || count == 3)
        return NO_NODE;
    *kind = count == 1 ? SUM_VALUE : operands[0] == operands[1] ? SUM_SQUARE : SUM_WITH;
    if (*kind != SUM_WITH)
        return has_step(s, operands[0]) ? operands[0] : NO_NODE;
    bool first = can_host(s, operands[0], operands[1]);
    if (!first && !can_host(s, operands[1], operands[0]))
        return NO_NODE;
    *with = operands[first ? 1 : 0];
    return operands[first ? 0 : 1];
}

static void accompany_sums(struct scheduler *s, int stage)
{
    for (node_id id = 0; id <= s->last; id++) {
        node_id with;
        int kind;
        if (!sum_of_stage(s, id, stage))
            continue;
        node_id host = host_of(s, id, &kind, &with);
        if (host == NO_NODE || s->function[host] != NO_NODE || s->sums[host][kind] != NO_NODE ||
            components_of(s, host) != components_of(s, id))
            continue;
        s->sums[host][kind] = id;
        s->accompanied[id] = 1;
    }
}

/* sin u and cos u in the same pass are one step, where the first of them stands. */
void pair_angles(struct scheduler *s)
{
    for (node_id id = 0; id <= s->last; id++) {
        const struct node *node = NODE(s->graph, id);
        s->partner[id] = NO_NODE;
        if (!s->in_pass[id] || (node->op != PRIMITIVE_SIN && node->op != PRIMITIVE_COS))
            continue;
        struct node other = {.op = node->op == PRIMITIVE_SIN ? PRIMITIVE_COS : PRIMITIVE_SIN,
                             .shape = node->shape, .a = node->a, .b = NO_NODE, .c = NO_NODE};
        node_id found = graph_lookup(s->graph, &other);
        if (found != NO_NODE && found <= s->last && s->in_pass[found])
            s->partner[id] = found;
    }
}

void accompany(struct scheduler *s, int stage)
{
    for (node_id id = 0; id <= s->last; id++) {
        s->function[id] = NO_NODE;
        for (int i = 0; i < STEP_SUMS; i++)
            s->sums[id][i] = NO_NODE;
    }
    accompany_functions(s);
    accompany_sums(s, stage);
}
