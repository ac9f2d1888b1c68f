/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph/rewrite.h"

#include "base/memory.h"
#include "graph/graph_private.h"

/* phi == NO_NODE: one example. */
static node_id emit(struct graph *graph, const struct node *node, const node_id *arguments,
                    int count, node_id phi)
{
    if (node->op == PRIMITIVE_PARAMETER)
        return phi == NO_NODE ? graph_parameter(graph, node->source, node->offset, node->shape)
                              : graph_slice(graph, phi, node->offset, shape_size(node->shape));
    if (phi == NO_NODE && node->op == PRIMITIVE_SUM_EXAMPLES)
        return arguments[0];
    if (phi == NO_NODE && node->op == PRIMITIVE_COUNT)
        return graph_constant(graph, 1);
    return graph_rebuild(graph, node, arguments, count);
}

static node_id rewrite(struct graph *graph, const struct graph *from, node_id root, node_id phi)
{
    struct context *context = graph->context;
    size_t size = (size_t)root + 1;
    unsigned char *needed = memory_allocate(context, size, 1);
    node_id *map = memory_allocate(context, size, sizeof *map), *arguments = NULL;
    node_id result = 0;
    int widest = 3;
    bool fine = needed && map;
    if (fine) {
        graph_mark_needed(from, root, needed);
        for (node_id id = 0; id <= root; id++) {
            int count = needed[id] ? graph_argument_count(from, id) : 0;
            widest = count > widest ? count : widest;
        }
        arguments = memory_allocate(context, (size_t)widest, sizeof *arguments);
        fine = arguments != NULL;
    }
    for (node_id id = 0; fine && id <= root; id++) {
        if (!needed[id])
            continue;
        const struct node node = *NODE(from, id);
        int count = graph_argument_count(from, id);
        for (int i = 0; i < count; i++)
            arguments[i] = map[graph_argument(from, id, i)];
        map[id] = emit(graph, &node, arguments, count, phi);
        if (node.name)
            graph_name(graph, map[id], node.name);
        result = map[id];
    }
    if (!fine)
        result = graph_fail(graph, STATUS_MEMORY, "not enough memory for an expression");
    memory_free(context, needed);
    memory_free(context, map);
    memory_free(context, arguments);
    return result;
}

node_id graph_of_one_example(struct graph *graph, const struct graph *from, node_id root)
{
    return rewrite(graph, from, root, NO_NODE);
}

node_id graph_at(struct graph *graph, const struct graph *from, node_id root, node_id phi)
{
    return rewrite(graph, from, root, phi);
}

enum { PART_DEPTH = 40 };

static node_id part(struct graph *graph, node_id id, int offset, int count, int depth);

/* Row or column `number` of a matrix of `columns` columns, `size` components, as a vector. */
static node_id strip(struct graph *graph, node_id id, bool is_column, int number, int size,
                     int columns, int depth)
{
    if (!is_column || columns == 1)
        return part(graph, id, is_column ? 0 : number * size, size, depth);
    node_id *parts = memory_allocate(graph->context, (size_t)size, sizeof *parts);
    if (!parts)
        return graph_fail(graph, STATUS_MEMORY, "not enough memory for an expression");
    for (int k = 0; k < size; k++)
        parts[k] = part(graph, id, k * columns + number, 1, depth);
    node_id vector = graph_concat(graph, parts, size);
    memory_free(graph->context, parts);
    return vector;
}

/* (op(A)·op(B))ᵢⱼ = op(A)ᵢ · op(B)ʲ, and its whole row i is op(B)ᵀ·op(A)ᵢ. */
static node_id product_part(struct graph *graph, const struct node *node, int row, int column,
                            int count, int depth)
{
    struct shape a = NODE(graph, node->a)->shape, b = NODE(graph, node->b)->shape;
    int inner = node->transpose_a ? a.rows : a.cols;
    node_id left = strip(graph, node->a, node->transpose_a, row, inner, a.cols, depth);
    if (inner == 1)
        return graph_multiply(graph, left, part(graph, node->b, column, count, depth));
    if (count == node->shape.cols)
        return graph_matmul(graph, !node->transpose_b, false, node->b, left);
    node_id sum = strip(graph, node->b, !node->transpose_b, column, inner, b.cols, depth);
    return graph_dot(graph, left, sum);
}

static node_id part(struct graph *graph, node_id id, int offset, int count, int depth)
{
    const struct node node = *NODE(graph, id);
    if (node.shape.cols > 1 && depth > 0 && node.op == PRIMITIVE_SUM_EXAMPLES)
        return graph_sum_examples(graph, part(graph, node.a, offset, count, depth - 1));
    if (node.shape.cols > 1 && depth > 0 && node.op == PRIMITIVE_MATMUL) {
        int row = offset / node.shape.cols, column = offset % node.shape.cols;
        if (count == 1 || (column == 0 && count == node.shape.cols))
            return product_part(graph, &node, row, column, count, depth - 1);
    }
    if (depth > 0 && node.op == PRIMITIVE_TRANSPOSE) {
        int row = offset / node.shape.cols, column = offset % node.shape.cols;
        if (count == 1)
            return part(graph, node.a, column * node.shape.rows + row, 1, depth - 1);
        if (column == 0 && count == node.shape.cols)
            return strip(graph, node.a, true, row, count, node.shape.rows, depth - 1);
    }
    bool elementwise = (node.op > PRIMITIVE_COUNT && node.op < PRIMITIVE_WHERE) ||
                       node.op == PRIMITIVE_WHERE;
    if (!elementwise || depth == 0)
        return graph_slice(graph, id, offset, count);
    node_id arguments[3];
    int arity = graph_argument_count(graph, id);
    for (int i = 0; i < arity; i++) {
        arguments[i] = graph_argument(graph, id, i);
        if (!shape_is_scalar(NODE(graph, arguments[i])->shape))
            arguments[i] = part(graph, arguments[i], offset, count, depth - 1);
    }
    return graph_rebuild(graph, &node, arguments, arity);
}

node_id graph_part(struct graph *graph, node_id node, int offset, int count)
{
    return part(graph, node, offset, count, PART_DEPTH);
}

node_id graph_column(struct graph *graph, node_id node, int number)
{
    struct shape shape = NODE(graph, node)->shape;
    return strip(graph, node, true, number, shape.rows, shape.cols, PART_DEPTH);
}
