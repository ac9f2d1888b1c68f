/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph/roll.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "graph/graph_private.h"

/* Terms in a row that are worth a vector; nodes of a term (counted as often as they are read);
 * leaves of it. */
enum { RUN = 8, TERM_SIZE = 64, LEAVES = 16 };

struct term {
    node_id id;
    bool negative, done;
    uint64_t kind; /* the same for terms that are the same but for the places of their leaves */
    long place;    /* the sum of those */
    int order;
};

struct roller {
    struct graph *graph;
    node_id root;
    unsigned char *needed;
    int *uses;
    unsigned char *inside; /* a sum whose only reader is a sum */
    node_id *map;
    node_id *stack;
    bool *signs;
    struct term *terms;
    int count;
};

static bool is_scalar_sum(const struct graph *graph, node_id id)
{
    const struct node *node = NODE(graph, id);
    return (node->op == PRIMITIVE_ADD || node->op == PRIMITIVE_SUBTRACT) &&
           shape_is_scalar(node->shape) && node->level > LEVEL_CONSTANT;
}

static bool is_leaf(const struct node *node)
{
    return node->op == PRIMITIVE_PARAMETER || node->op == PRIMITIVE_INPUT;
}

static bool is_elementwise(const struct node *node)
{
    return node->op > PRIMITIVE_COUNT && node->op <= PRIMITIVE_WHERE;
}

static uint64_t mixed(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 29;
}

/* --- terms --- */

/* Whether a term can be one of many; its kind and place. Depth is bounded by the size. */
static bool look(const struct graph *graph, node_id id, int *budget, struct term *term)
{
    const struct node *node = NODE(graph, id);
    if (--*budget < 0 || !shape_is_scalar(node->shape))
        return false;
    term->kind = mixed(term->kind, node->op);
    if (is_leaf(node)) {
        term->kind = mixed(term->kind, node->source);
        term->place += node->offset;
        return true;
    }
    if (node->op == PRIMITIVE_CONSTANT) {
        uint64_t bits;
        memcpy(&bits, &node->number, sizeof bits);
        term->kind = mixed(term->kind, bits);
        return true;
    }
    if (!is_elementwise(node))
        return false;
    int count = graph_argument_count(graph, id);
    for (int i = 0; i < count; i++)
        if (!look(graph, graph_argument(graph, id, i), budget, term))
            return false;
    return true;
}

/* How much further each leaf of b is than that of a, in the order in which they are met; false
 * where the terms differ in anything else. */
static bool compare(const struct graph *graph, node_id a, node_id b, int *steps, int *leaves)
{
    const struct node *m = NODE(graph, a), *n = NODE(graph, b);
    if (m->op != n->op)
        return false;
    if (is_leaf(m)) {
        if (m->source != n->source || *leaves == LEAVES)
            return false;
        steps[(*leaves)++] = n->offset - m->offset;
        return true;
    }
    if (m->op == PRIMITIVE_CONSTANT)
        return m->number == n->number;
    int count = graph_argument_count(graph, a);
    for (int i = 0; i < count; i++)
        if (!compare(graph, graph_argument(graph, a, i), graph_argument(graph, b, i), steps,
                     leaves))
            return false;
    return true;
}

/* The term on slices of `length`: of those leaves that go on. */
static node_id on_slices(struct graph *graph, node_id id, int length, const int *steps, int *leaves)
{
    const struct node node = *NODE(graph, id);
    if (is_leaf(&node)) {
        if (steps[(*leaves)++] == 0)
            return id;
        return node.op == PRIMITIVE_INPUT
                   ? graph_input(graph, node.source, node.offset, length)
                   : graph_parameter(graph, node.source, node.offset, (struct shape){length, 1});
    }
    if (node.op == PRIMITIVE_CONSTANT)
        return id;
    node_id arguments[3] = {0};
    int count = graph_argument_count(graph, id);
    for (int i = 0; i < count; i++)
        arguments[i] = on_slices(graph, graph_argument(graph, id, i), length, steps, leaves);
    return graph_rebuild(graph, &node, arguments, count);
}

/* Σ of the components; of parameters times inputs a product of matrices, which has quick loops. */
static node_id sum_of(struct graph *graph, node_id vector)
{
    const struct node node = *NODE(graph, vector);
    if (node.op == PRIMITIVE_MULTIPLY && node.level == LEVEL_EXAMPLE) {
        const struct node *a = NODE(graph, node.a), *b = NODE(graph, node.b);
        if (shape_equal(a->shape, b->shape) && a->level != b->level)
            return a->level < b->level ? graph_dot(graph, node.a, node.b)
                                       : graph_dot(graph, node.b, node.a);
    }
    return graph_sum(graph, vector);
}

/* --- sums --- */

static int by_kind(const void *left, const void *right)
{
    const struct term *a = left, *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    return a->order - b->order;
}

static int by_order(const void *left, const void *right)
{
    return ((const struct term *)left)->order - ((const struct term *)right)->order;
}

/* The terms of a sum, from the first to the last. */
static void flatten(struct roller *r, node_id top)
{
    int height = 0;
    r->count = 0;
    r->stack[height] = top;
    r->signs[height++] = false;
    while (height > 0) {
        node_id id = r->stack[--height];
        bool negative = r->signs[height];
        if (id == top || r->inside[id]) {
            const struct node *node = NODE(r->graph, id);
            r->stack[height] = node->b;
            r->signs[height++] = negative != (node->op == PRIMITIVE_SUBTRACT);
            r->stack[height] = node->a;
            r->signs[height++] = negative;
            continue;
        }
        struct term term = {.id = id, .negative = negative, .kind = negative, .order = r->count};
        int budget = TERM_SIZE;
        if (!look(r->graph, id, &budget, &term))
            term.kind = 0; /* alone */
        r->terms[r->count++] = term;
    }
}

/* How many terms from `first` on follow one another; `steps` tells which leaves go on. */
static int run_from(const struct roller *r, int first, int *steps)
{
    const struct term *begin = &r->terms[first];
    int length = 1;
    if (begin->kind == 0)
        return 1;
    for (int k = first + 1; k < r->count && r->terms[k].kind == begin->kind; k++) {
        int moved[LEAVES], leaves = 0;
        if (!compare(r->graph, begin->id, r->terms[k].id, moved, &leaves) ||
            r->terms[k].negative != begin->negative)
            break;
        bool follows = true, goes_on = false;
        for (int i = 0; i < leaves; i++) {
            if (length == 1)
                steps[i] = moved[i];
            follows = follows && (steps[i] == 0 || steps[i] == 1) && moved[i] == length * steps[i];
            goes_on = goes_on || steps[i] == 1;
        }
        if (!follows || !goes_on)
            break;
        length++;
    }
    return length;
}

static node_id append(struct graph *graph, node_id sum, node_id term, bool negative)
{
    if (sum == NO_NODE)
        return negative ? graph_negate(graph, term) : term;
    return negative ? graph_subtract(graph, sum, term) : graph_add(graph, sum, term);
}

/* The sum with its runs put together, each where its first term stood; or NO_NODE. */
static node_id roll_sum(struct roller *r, node_id top)
{
    struct graph *graph = r->graph;
    flatten(r, top);
    if (r->count < RUN)
        return NO_NODE;
    qsort(r->terms, (size_t)r->count, sizeof *r->terms, by_kind);
    bool found = false;
    for (int first = 0, length; first < r->count; first += length) {
        int steps[LEAVES] = {0}, leaves = 0;
        length = run_from(r, first, steps);
        struct term *term = &r->terms[first];
        if (length < RUN) {
            length = 1;
            term->id = r->map[term->id];
            continue;
        }
        found = true;
        term->id = sum_of(graph, on_slices(graph, term->id, length, steps, &leaves));
        for (int k = 1; k < length; k++)
            term[k].done = true;
    }
    if (!found)
        return NO_NODE;
    qsort(r->terms, (size_t)r->count, sizeof *r->terms, by_order);
    node_id sum = NO_NODE;
    for (int k = 0; k < r->count; k++)
        if (!r->terms[k].done)
            sum = append(graph, sum, r->terms[k].id, r->terms[k].negative);
    return sum;
}

/* The node on what its arguments have become. */
static node_id rebuild(struct roller *r, node_id id, node_id *arguments)
{
    const struct node node = *NODE(r->graph, id);
    int count = graph_argument_count(r->graph, id);
    bool same = true;
    for (int i = 0; i < count; i++) {
        node_id argument = graph_argument(r->graph, id, i);
        arguments[i] = r->map[argument];
        same = same && arguments[i] == argument;
    }
    return same ? id : graph_rebuild(r->graph, &node, arguments, count);
}

static node_id roll(struct roller *r, node_id *arguments)
{
    struct graph *graph = r->graph;
    graph_mark_needed(graph, r->root, r->needed);
    for (node_id id = 0; id <= r->root; id++) {
        int count = r->needed[id] ? graph_argument_count(graph, id) : 0;
        for (int i = 0; i < count; i++)
            r->uses[graph_argument(graph, id, i)]++;
    }
    for (node_id id = 0; id <= r->root; id++) {
        int count = r->needed[id] && is_scalar_sum(graph, id) ? 2 : 0;
        for (int i = 0; i < count; i++) {
            node_id argument = graph_argument(graph, id, i);
            r->inside[argument] = r->uses[argument] == 1 && is_scalar_sum(graph, argument);
        }
    }
    for (node_id id = 0; id <= r->root; id++) {
        if (!r->needed[id])
            continue;
        r->map[id] = rebuild(r, id, arguments);
        node_id rolled = is_scalar_sum(graph, id) && !r->inside[id] ? roll_sum(r, id) : NO_NODE;
        if (rolled != NO_NODE)
            r->map[id] = rolled;
    }
    return r->map[r->root];
}

node_id graph_roll(struct graph *graph, node_id root)
{
    struct scratch scratch = {.context = graph->context};
    size_t size = (size_t)root + 1, widest = 3;
    for (node_id id = 0; id <= root; id++) {
        size_t count = (size_t)graph_argument_count(graph, id);
        widest = count > widest ? count : widest;
    }
    struct roller r = {.graph = graph, .root = root};
    r.needed = scratch_allocate(&scratch, size, 1);
    r.uses = scratch_allocate(&scratch, size, sizeof *r.uses);
    r.inside = scratch_allocate(&scratch, size, 1);
    r.map = scratch_allocate(&scratch, size, sizeof *r.map);
    r.stack = scratch_allocate(&scratch, size + 1, sizeof *r.stack);
    r.signs = scratch_allocate(&scratch, size + 1, sizeof *r.signs);
    r.terms = scratch_allocate(&scratch, size + 1, sizeof *r.terms);
    node_id *arguments = scratch_allocate(&scratch, widest, sizeof *arguments);
    node_id result = scratch.failed
                         ? graph_fail(graph, STATUS_MEMORY, "not enough memory for an expression")
                         : roll(&r, arguments);
    scratch_free(&scratch);
    return result;
}
