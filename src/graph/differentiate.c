/* SPDX-License-Identifier: GPL-3.0-or-later */
/* differentiate.c: reverse mode, graph to graph. The derivative of a graph is again a graph; to
 * differentiate twice, do it twice.
 *
 * Walks once from the root down. For every node it has the contributions to its adjoint (one from
 * each use), adds them, and passes on a contribution to each argument by the primitive's rule. What
 * a broadcast, a sum over components or over examples does to an adjoint is done here, in one
 * place (fit_contribution), never in a rule.
 */
#include <string.h>

#include "base/memory.h"
#include "graph/graph_private.h"

/* The words of primitive.def. */
#define NUMBER(k) graph_constant(graph, k)
#define PLUS(a, b) graph_add(graph, a, b)
#define LESS(a, b) graph_subtract(graph, a, b)
#define TIMES(a, b) graph_multiply(graph, a, b)
#define OVER(a, b) graph_divide(graph, a, b)
#define MINUS(a) graph_negate(graph, a)
#define SQUARE(a) graph_power(graph, a, graph_constant(graph, 2))
#define APPLY(op, a) graph_unary(graph, PRIMITIVE_##op, a)
#define APPLY2(op, a, b) graph_binary(graph, PRIMITIVE_##op, a, b)
#define WHERE(c, a, b) graph_where(graph, c, a, b)
#define NONE NO_NODE
#define POWER_TO_BASE power_to_base(graph, g, x, y)
#define POWER_TO_EXPONENT power_to_exponent(graph, g, v, x, y)

/* d(x^y)/dx = y·x^(y−1); 0 where y = 0, also at x = 0. */
static node_id power_to_base(struct graph *graph, node_id g, node_id x, node_id y)
{
    node_id slope = TIMES(g, TIMES(y, graph_power(graph, x, LESS(y, NUMBER(1)))));
    if (graph_is_constant(graph, y, NULL))
        return slope;
    return WHERE(APPLY2(EQUAL, y, NUMBER(0)), NUMBER(0), slope);
}

/* d(x^y)/dy = x^y·log x; 0 where x = 0. NaN for x < 0, where x^y is real at isolated y only. */
static node_id power_to_exponent(struct graph *graph, node_id g, node_id v, node_id x, node_id y)
{
    (void)y;
    return WHERE(APPLY2(EQUAL, x, NUMBER(0)), NUMBER(0), TIMES(g, TIMES(v, APPLY(LOG, x))));
}

node_id primitive_derivative(struct graph *graph, node_id v, node_id g, int index)
{
    enum primitive op = NODE(graph, v)->op;
    node_id x = NODE(graph, v)->a, y = NODE(graph, v)->b;
    switch (op) {
#define UNARY(id, text, finite, value, to_x) \
    case PRIMITIVE_##id: return to_x;
#define BINARY(id, text, value, to_x, to_y) \
    case PRIMITIVE_##id: \
        if (index == 0) \
            return to_x; \
        return to_y;
#include "graph/primitive.def"
#undef UNARY
#undef BINARY
    default: return structural_derivative(graph, v, g, index);
    }
}

/* Lists of contributions, one for each node, as chains in one growing pool. */
struct contribution {
    node_id term;
    int32_t next; /* the one that arrived before, or −1 */
};

struct sweep {
    struct graph *graph;
    struct contribution *pool;
    int pool_count, pool_capacity;
    int32_t *heads;       /* for each node up to the root: the last contribution, or −1 */
    unsigned char *needs; /* bit 0: the root needs it; bit 1: it depends on a wanted leaf */
    node_id *terms;       /* room for one node's contributions */
    int term_capacity;
    node_id root;
};

enum { NEEDED = 1, DEPENDS = 2, WANTED = 4 };

static bool contribute(struct sweep *sweep, node_id to, node_id term)
{
    if (sweep->pool_count == sweep->pool_capacity) {
        int capacity = sweep->pool_capacity ? 2 * sweep->pool_capacity : 64;
        struct contribution *pool =
            memory_resize(sweep->graph->context, sweep->pool, (size_t)capacity, sizeof *pool);
        if (!pool) {
            graph_fail(sweep->graph, STATUS_MEMORY, "not enough memory for a derivative");
            return false;
        }
        sweep->pool = pool;
        sweep->pool_capacity = capacity;
    }
    sweep->pool[sweep->pool_count] = (struct contribution){term, sweep->heads[to]};
    sweep->heads[to] = sweep->pool_count++;
    return true;
}

/* Three or more one-component pads become one concatenation: p[1], p[2], ... of a computed vector
 * would otherwise cost the square of its length. Returns how many terms are left. */
static int merge_pads(struct graph *graph, node_id *terms, int count, struct shape shape)
{
    int pads = 0, size = shape_size(shape);
    for (int i = 0; i < count; i++) {
        const struct node *node = NODE(graph, terms[i]);
        pads += node->op == PRIMITIVE_PAD && shape_is_scalar(NODE(graph, node->a)->shape);
    }
    if (pads < 3)
        return count;
    node_id *parts = memory_allocate(graph->context, (size_t)size, sizeof *parts);
    if (!parts) {
        graph_fail(graph, STATUS_MEMORY, "not enough memory for a derivative");
        return count;
    }
    for (int i = 0; i < size; i++)
        parts[i] = graph_constant(graph, 0);
    int left = 0;
    for (int i = 0; i < count; i++) {
        const struct node node = *NODE(graph, terms[i]);
        if (node.op == PRIMITIVE_PAD && shape_is_scalar(NODE(graph, node.a)->shape))
            parts[node.offset] = graph_add(graph, parts[node.offset], node.a);
        else
            terms[left++] = terms[i];
    }
    terms[left++] = graph_concat(graph, parts, size);
    memory_free(graph->context, parts);
    return left;
}

/* The adjoint of a node from its contributions, in order of arrival. */
static node_id add_up(struct sweep *sweep, node_id id)
{
    int count = 0;
    for (int32_t i = sweep->heads[id]; i >= 0; i = sweep->pool[i].next)
        count++;
    if (count > sweep->term_capacity) {
        node_id *terms = memory_resize(sweep->graph->context, sweep->terms, (size_t)count * 2,
                                       sizeof *terms);
        if (!terms)
            return graph_fail(sweep->graph, STATUS_MEMORY, "not enough memory for a derivative");
        sweep->terms = terms;
        sweep->term_capacity = count * 2;
    }
    int place = count;
    for (int32_t i = sweep->heads[id]; i >= 0; i = sweep->pool[i].next)
        sweep->terms[--place] = sweep->pool[i].term;
    count = merge_pads(sweep->graph, sweep->terms, count, NODE(sweep->graph, id)->shape);
    return graph_add_factored(sweep->graph, sweep->terms, count);
}

/* Brings a contribution of node v to argument a to the shape and level of a. */
static node_id fit_contribution(struct graph *graph, node_id v, node_id a, node_id c,
                                bool per_example)
{
    const struct node node = *NODE(graph, v), argument = *NODE(graph, a);
    bool elementwise = (node.op > PRIMITIVE_COUNT && node.op < PRIMITIVE_WHERE) ||
                       node.op == PRIMITIVE_WHERE;
    if (elementwise && shape_is_scalar(argument.shape)) { /* a scalar served many components */
        if (!shape_is_scalar(NODE(graph, c)->shape))
            c = graph_sum(graph, c);
        else if (!shape_is_scalar(node.shape))
            c = graph_multiply(graph, graph_constant(graph, shape_size(node.shape)), c);
    }
    if (!per_example && node.level == LEVEL_EXAMPLE && argument.level < LEVEL_EXAMPLE)
        c = graph_sum_examples(graph, c);
    return c;
}

static void free_sweep(struct sweep *sweep)
{
    struct context *context = sweep->graph->context;
    memory_free(context, sweep->pool);
    memory_free(context, sweep->heads);
    memory_free(context, sweep->needs);
    memory_free(context, sweep->terms);
}

static void mark_dependence(struct sweep *sweep)
{
    for (node_id id = 0; id <= sweep->root; id++) {
        if (!(sweep->needs[id] & NEEDED))
            continue;
        int count = graph_argument_count(sweep->graph, id);
        for (int i = 0; i < count; i++)
            if (sweep->needs[graph_argument(sweep->graph, id, i)] & DEPENDS)
                sweep->needs[id] |= DEPENDS;
    }
}

/* The sweep itself. results[id] (for wanted leaves) is the adjoint at the leaf's full shape. */
static void run_sweep(struct sweep *sweep, bool per_example, node_id *results)
{
    struct graph *graph = sweep->graph;
    if (!(sweep->needs[sweep->root] & DEPENDS))
        return;
    contribute(sweep, sweep->root, graph_constant(graph, 1));
    for (node_id v = sweep->root; v >= 0 && graph->error.status == STATUS_OK; v--) {
        if ((sweep->needs[v] & (NEEDED | DEPENDS)) != (NEEDED | DEPENDS) || sweep->heads[v] < 0)
            continue;
        node_id g = add_up(sweep, v);
        if (sweep->needs[v] & WANTED)
            results[v] = graph_full(graph, g, NODE(graph, v)->shape);
        double number;
        if (graph_is_constant(graph, g, &number) && number == 0)
            continue;
        int count = graph_argument_count(graph, v);
        for (int i = 0; i < count; i++) {
            node_id a = graph_argument(graph, v, i);
            if (!(sweep->needs[a] & DEPENDS))
                continue;
            node_id c = primitive_derivative(graph, v, g, i);
            if (c == NO_NODE || (graph_is_constant(graph, c, &number) && number == 0))
                continue;
            c = fit_contribution(graph, v, a, c, per_example);
            if (!contribute(sweep, a, c))
                return;
        }
    }
}

static bool start_sweep(struct sweep *sweep, struct graph *graph, node_id root)
{
    size_t size = (size_t)root + 1;
    *sweep = (struct sweep){.graph = graph, .root = root};
    sweep->heads = memory_allocate(graph->context, size, sizeof *sweep->heads);
    sweep->needs = memory_allocate(graph->context, size, 1);
    if (!sweep->heads || !sweep->needs) {
        free_sweep(sweep);
        graph_fail(graph, STATUS_MEMORY, "not enough memory for a derivative");
        return false;
    }
    for (size_t i = 0; i < size; i++)
        sweep->heads[i] = -1;
    graph_mark_needed(graph, root, sweep->needs);
    return true;
}

enum status graph_differentiate_to(struct graph *graph, node_id root, const node_id *leaves,
                                   int count, bool per_example, node_id *results,
                                   struct error *error)
{
    struct sweep sweep;
    for (int i = 0; i < count; i++)
        results[i] = NO_NODE;
    if (graph->error.status != STATUS_OK || !start_sweep(&sweep, graph, root))
        return graph_status(graph, error);
    node_id *adjoints = memory_allocate(graph->context, (size_t)root + 1, sizeof *adjoints);
    if (!adjoints) {
        free_sweep(&sweep);
        return error_memory(error, "a derivative");
    }
    for (node_id id = 0; id <= root; id++)
        adjoints[id] = NO_NODE;
    for (int i = 0; i < count; i++)
        if (leaves[i] <= root && sweep.needs[leaves[i]] & NEEDED)
            sweep.needs[leaves[i]] |= DEPENDS | WANTED;
    mark_dependence(&sweep);
    run_sweep(&sweep, per_example, adjoints);
    for (int i = 0; i < count; i++)
        if (leaves[i] <= root)
            results[i] = adjoints[leaves[i]];
    memory_free(graph->context, adjoints);
    free_sweep(&sweep);
    return graph_status(graph, error);
}

enum status graph_differentiate(struct graph *graph, node_id root, bool per_example,
                                struct gradient *gradient, struct error *error)
{
    *gradient = (struct gradient){0, NULL, NULL};
    if (graph->error.status != STATUS_OK)
        return graph_status(graph, error);
    int count = 0;
    unsigned char *needed = memory_allocate(graph->context, (size_t)root + 1, 1);
    if (!needed)
        return error_memory(error, "a derivative");
    graph_mark_needed(graph, root, needed);
    for (node_id id = 0; id <= root; id++)
        count += needed[id] && NODE(graph, id)->op == PRIMITIVE_PARAMETER &&
                 NODE(graph, id)->source == SOURCE_PHI;
    gradient->leaves = memory_allocate(graph->context, (size_t)count, sizeof(node_id));
    gradient->gradients = memory_allocate(graph->context, (size_t)count, sizeof(node_id));
    if (!gradient->leaves || !gradient->gradients) {
        memory_free(graph->context, needed);
        graph_gradient_free(graph, gradient);
        return error_memory(error, "a derivative");
    }
    for (node_id id = 0; id <= root; id++)
        if (needed[id] && NODE(graph, id)->op == PRIMITIVE_PARAMETER &&
            NODE(graph, id)->source == SOURCE_PHI)
            gradient->leaves[gradient->count++] = id;
    memory_free(graph->context, needed);
    enum status status = graph_differentiate_to(graph, root, gradient->leaves, count, per_example,
                                                gradient->gradients, error);
    if (status != STATUS_OK)
        graph_gradient_free(graph, gradient);
    /* A leaf that only a step function hides has derivative 0. */
    for (int i = 0; i < gradient->count; i++)
        if (gradient->gradients[i] == NO_NODE)
            gradient->gradients[i] =
                graph_constant_shaped(graph, 0, NODE(graph, gradient->leaves[i])->shape);
    if (status == STATUS_OK && graph->error.status != STATUS_OK) {
        graph_gradient_free(graph, gradient);
        return graph_status(graph, error);
    }
    return status;
}

void graph_gradient_free(struct graph *graph, struct gradient *gradient)
{
    memory_free(graph->context, gradient->leaves);
    memory_free(graph->context, gradient->gradients);
    *gradient = (struct gradient){0, NULL, NULL};
}

node_id graph_directional(struct graph *graph, const struct gradient *gradient)
{
    node_id sum = graph_constant(graph, 0);
    for (int i = 0; i < gradient->count; i++) {
        const struct node leaf = *NODE(graph, gradient->leaves[i]);
        node_id direction =
            graph_parameter(graph, SOURCE_DIRECTION, leaf.offset, leaf.shape);
        node_id product = graph_multiply(graph, gradient->gradients[i], direction);
        sum = graph_add(graph, sum, graph_sum(graph, product));
    }
    return sum;
}
