/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evaluate.c: one loop over the nodes in the order of their numbers, each for all examples before
 * the next. Sums over examples are kept in long double. */
#include "graph/evaluate.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "graph/graph_private.h"

static const size_t NUMBER_LIMIT = (size_t)1 << 27;

struct evaluator {
    struct context *context;
    const struct graph *graph;
    size_t examples;
    int count;      /* nodes that are needed */
    node_id *order; /* their numbers, rising */
    node_id last;   /* the largest */
    size_t *starts; /* of every node up to the last: 1 + where its values begin; 0: not needed */
    double *numbers;
    long double *sums; /* room for the components of the largest sum over examples */
};

static size_t node_size(const struct node *node)
{
    return (size_t)shape_size(node->shape);
}

/* --- making --- */

/* Places the values of all needed nodes one behind the other; returns how many numbers. */
static double lay_out(struct evaluator *evaluator, const unsigned char *needed, size_t *widest)
{
    double total = 0;
    for (node_id id = 0; id <= evaluator->last; id++) {
        if (!needed[id])
            continue;
        const struct node *node = NODE(evaluator->graph, id);
        double times = node->level == LEVEL_EXAMPLE ? (double)evaluator->examples : 1;
        evaluator->starts[id] = total < (double)NUMBER_LIMIT ? 1 + (size_t)total : 1;
        evaluator->order[evaluator->count++] = id;
        total += times * (double)node_size(node);
        if (node->op == PRIMITIVE_SUM_EXAMPLES && node_size(node) > *widest)
            *widest = node_size(node);
    }
    return total;
}

enum status evaluator_new(struct evaluator **result, const struct graph *graph,
                          const node_id *roots, int count, size_t examples, struct error *error)
{
    struct context *context = graph->context;
    enum status status = graph_status(graph, error);
    if (status != STATUS_OK)
        return status;
    struct evaluator *evaluator = memory_allocate(context, 1, sizeof *evaluator);
    if (!evaluator)
        return error_memory(error, "the values of an expression");
    *evaluator = (struct evaluator){.context = context, .graph = graph, .examples = examples};
    for (int i = 0; i < count; i++)
        evaluator->last = roots[i] > evaluator->last ? roots[i] : evaluator->last;
    size_t size = (size_t)evaluator->last + 1, widest = 0;
    unsigned char *needed = memory_allocate(context, size, 1);
    evaluator->order = memory_allocate(context, size, sizeof *evaluator->order);
    evaluator->starts = memory_allocate(context, size, sizeof *evaluator->starts);
    if (!needed || !evaluator->order || !evaluator->starts) {
        status = error_memory(error, "the values of an expression");
    } else {
        for (int i = 0; i < count; i++)
            needed[roots[i]] = 1;
        graph_mark_arguments(graph, evaluator->last, needed);
        double total = lay_out(evaluator, needed, &widest);
        if (total > (double)NUMBER_LIMIT) {
            status = error_set(error, STATUS_UNSUPPORTED, "",
                               "the values of %d operations for %zu examples take %.1f GB; look "
                               "at fewer examples",
                               evaluator->count, examples, total * 8e-9);
        } else {
            evaluator->numbers = memory_allocate(context, (size_t)total, sizeof(double));
            evaluator->sums = memory_allocate(context, widest, sizeof(long double));
            if (!evaluator->numbers || !evaluator->sums)
                status = error_memory(error, "the values of an expression");
        }
    }
    memory_free(context, needed);
    if (status == STATUS_OK)
        *result = evaluator;
    else
        evaluator_free(evaluator);
    return status;
}

void evaluator_free(struct evaluator *evaluator)
{
    if (!evaluator)
        return;
    memory_free(evaluator->context, evaluator->order);
    memory_free(evaluator->context, evaluator->starts);
    memory_free(evaluator->context, evaluator->numbers);
    memory_free(evaluator->context, evaluator->sums);
    memory_free(evaluator->context, evaluator);
}

static double *value_at(const struct evaluator *evaluator, node_id id, size_t example)
{
    const struct node *node = NODE(evaluator->graph, id);
    double *value = evaluator->numbers + evaluator->starts[id] - 1;
    return node->level == LEVEL_EXAMPLE ? value + example * node_size(node) : value;
}

const double *evaluator_value(const struct evaluator *evaluator, node_id node, size_t example)
{
    if (node < 0 || node > evaluator->last || evaluator->starts[node] == 0)
        return NULL;
    return value_at(evaluator, node, example);
}

/* --- running --- */

struct arguments {
    const struct node *nodes[3];
    const double *values[3];
};

/* Component r of an argument; a single number serves all. */
static double component(const struct arguments *arguments, int which, size_t r)
{
    return arguments->values[which][shape_is_scalar(arguments->nodes[which]->shape) ? 0 : r];
}

static void put_input(const struct evaluator_point *point, const struct node *node, size_t example,
                      double *out)
{
    if (node->source >= SOURCE_WEIGHT) { /* nothing is left out here: masks are 1 */
        for (size_t r = 0; r < node_size(node); r++)
            out[r] = node->source == SOURCE_WEIGHT ? point->weights[example] : 1;
        return;
    }
    bool is_x = node->source == SOURCE_X;
    const double *rows = is_x ? point->x : point->y;
    size_t columns = is_x ? point->x_columns : point->y_columns;
    for (size_t r = 0; r < node_size(node); r++)
        out[r] = rows[example * columns + (size_t)node->offset + r];
}

/* Element (i, k) of op(A). */
static double element(const struct node *node, const double *values, bool transposed, size_t i,
                      size_t k)
{
    size_t columns = (size_t)node->shape.cols;
    return transposed ? values[k * columns + i] : values[i * columns + k];
}

static void multiply_matrices(const struct node *node, const struct arguments *arguments,
                              double *out)
{
    const struct node *a = arguments->nodes[0], *b = arguments->nodes[1];
    size_t inner = (size_t)(node->transpose_a ? a->shape.rows : a->shape.cols);
    size_t rows = (size_t)node->shape.rows, columns = (size_t)node->shape.cols;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            double sum = 0;
            for (size_t k = 0; k < inner; k++)
                sum += element(a, arguments->values[0], node->transpose_a, i, k) *
                       element(b, arguments->values[1], node->transpose_b, k, j);
            out[i * columns + j] = sum;
        }
}

/* Softmax into out where that is given; returns log Σ exp. */
static double exponentials(const double *in, size_t size, double *out)
{
    double max = -INFINITY, sum = 0;
    for (size_t r = 0; r < size; r++)
        max = fmax(max, in[r]);
    if (!isfinite(max))
        max = 0;
    for (size_t r = 0; r < size; r++)
        sum += exp(in[r] - max);
    for (size_t r = 0; out && r < size; r++)
        out[r] = exp(in[r] - max) / sum;
    return max + log(sum);
}

/* The class that a number names, from 0; `size` when there is none. */
static size_t class_of(double number, size_t size)
{
    return number >= 1 && number < (double)size + 1 ? (size_t)number - 1 : size;
}

static void put_concat(const struct evaluator *evaluator, node_id id, size_t example, double *out)
{
    int count = graph_argument_count(evaluator->graph, id);
    for (int i = 0; i < count; i++) {
        node_id part = graph_argument(evaluator->graph, id, i);
        size_t size = node_size(NODE(evaluator->graph, part));
        memcpy(out, value_at(evaluator, part, example), size * sizeof *out);
        out += size;
    }
}

/* One node at one example. */
static void put_value(const struct evaluator *evaluator, node_id id,
                      const struct evaluator_point *point, size_t example)
{
    const struct node *node = NODE(evaluator->graph, id);
    double *out = value_at(evaluator, id, example);
    size_t size = node_size(node);
    struct arguments in = {{NULL}, {NULL}};
    int count = node->op == PRIMITIVE_CONCAT ? 0 : graph_argument_count(evaluator->graph, id);
    for (int i = 0; i < count && i < 3; i++) {
        node_id argument = graph_argument(evaluator->graph, id, i);
        in.nodes[i] = NODE(evaluator->graph, argument);
        in.values[i] = value_at(evaluator, argument, example);
    }
    switch (node->op) {
    case PRIMITIVE_CONSTANT:
        for (size_t r = 0; r < size; r++)
            out[r] = node->number;
        break;
    case PRIMITIVE_PARAMETER: {
        const double *from = node->source == SOURCE_DIRECTION ? point->direction : point->phi;
        memcpy(out, from + node->offset, size * sizeof *out);
        break;
    }
    case PRIMITIVE_INPUT: put_input(point, node, example, out); break;
    case PRIMITIVE_COUNT: out[0] = (double)evaluator->examples; break;
    case PRIMITIVE_WHERE:
        for (size_t r = 0; r < size; r++)
            out[r] = component(&in, component(&in, 0, r) != 0 ? 1 : 2, r);
        break;
    case PRIMITIVE_SUM: {
        long double sum = 0;
        for (size_t r = 0; r < node_size(in.nodes[0]); r++)
            sum += in.values[0][r];
        out[0] = (double)sum;
        break;
    }
    case PRIMITIVE_MATMUL: multiply_matrices(node, &in, out); break;
    case PRIMITIVE_TRANSPOSE:
        for (size_t r = 0; r < size; r++) {
            size_t columns = (size_t)node->shape.cols;
            out[r] = in.values[0][r % columns * (size_t)node->shape.rows + r / columns];
        }
        break;
    case PRIMITIVE_CONCAT: put_concat(evaluator, id, example, out); break;
    case PRIMITIVE_SLICE: memcpy(out, in.values[0] + node->offset, size * sizeof *out); break;
    case PRIMITIVE_PAD:
        memset(out, 0, size * sizeof *out);
        memcpy(out + node->offset, in.values[0], node_size(in.nodes[0]) * sizeof *out);
        break;
    case PRIMITIVE_LOGSUMEXP:
        *out = exponentials(in.values[0], node_size(in.nodes[0]), NULL);
        break;
    case PRIMITIVE_SOFTMAX: exponentials(in.values[0], size, out); break;
    case PRIMITIVE_PICK: {
        size_t r = class_of(in.values[1][0], node_size(in.nodes[0]));
        out[0] = r < node_size(in.nodes[0]) ? in.values[0][r] : NAN;
        break;
    }
    case PRIMITIVE_ONEHOT:
        memset(out, 0, size * sizeof *out);
        if (class_of(in.values[0][0], size) < size)
            out[class_of(in.values[0][0], size)] = 1;
        break;
    default: /* elementwise */
        for (size_t r = 0; r < size; r++)
            out[r] = primitive_value(node->op, component(&in, 0, r),
                                     count > 1 ? component(&in, 1, r) : 0);
    }
}

static void put_sum_over_examples(const struct evaluator *evaluator, node_id id)
{
    const struct node *node = NODE(evaluator->graph, id);
    size_t size = node_size(node);
    for (size_t r = 0; r < size; r++)
        evaluator->sums[r] = 0;
    for (size_t i = 0; i < evaluator->examples; i++) {
        const double *value = value_at(evaluator, node->a, i);
        for (size_t r = 0; r < size; r++)
            evaluator->sums[r] += value[r];
    }
    double *out = value_at(evaluator, id, 0);
    for (size_t r = 0; r < size; r++)
        out[r] = (double)evaluator->sums[r];
}

/* What the point must have for this leaf. */
static bool leaf_is_there(const struct node *node, const struct evaluator_point *point)
{
    if (node->op == PRIMITIVE_PARAMETER)
        return node->source == SOURCE_DIRECTION ? point->direction != NULL : point->phi != NULL;
    if (node->op != PRIMITIVE_INPUT)
        return true;
    if (node->source >= SOURCE_WEIGHT)
        return node->source == SOURCE_MASK || point->weights != NULL;
    size_t columns = node->source == SOURCE_X   ? point->x ? point->x_columns : 0
                     : node->source == SOURCE_Y ? point->y ? point->y_columns : 0
                                                : 0;
    return (size_t)node->offset + node_size(node) <= columns;
}

enum status evaluator_run(struct evaluator *evaluator, const struct evaluator_point *point,
                          struct error *error)
{
    for (int k = 0; k < evaluator->count; k++) {
        node_id id = evaluator->order[k];
        const struct node *node = NODE(evaluator->graph, id);
        if (evaluator->context->interrupted)
            return error_set(error, STATUS_INTERRUPTED, "", "interrupted");
        size_t times = node->level == LEVEL_EXAMPLE ? evaluator->examples : 1;
        if (times > 0 && !leaf_is_there(node, point))
            return error_set(error, STATUS_ARGUMENT, "",
                             "the expression reads a value that is not given");
        if (node->op == PRIMITIVE_SUM_EXAMPLES) {
            put_sum_over_examples(evaluator, id);
            continue;
        }
        for (size_t i = 0; i < times; i++)
            put_value(evaluator, id, point, i);
    }
    return STATUS_OK;
}
