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

static node_id part(struct graph *graph, node_id id, int offset, int count, int depth)
{
    const struct node node = *NODE(graph, id);
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
