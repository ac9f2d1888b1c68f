/* SPDX-License-Identifier: GPL-3.0-or-later */
/* structural.c: the primitives that look across components or examples. Each has its constructor
 * (shape rule and simplification), its forward loop and its derivative side by side.
 *
 * Vectors stand component by component: all examples of component 0, then of component 1.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "graph/graph_private.h"
#include "graph/kernel.h"

static double at(struct operand operand, size_t component, size_t example)
{
    return operand.data[component * operand.row + example * operand.step];
}

static double *put(struct operand operand, size_t component, size_t example)
{
    return operand.data + component * operand.row + example * operand.step;
}

static struct node structural_node(enum primitive op, struct shape shape, node_id a, node_id b,
                                   node_id c)
{
    return (struct node){.op = (uint8_t)op, .shape = shape, .a = a, .b = b, .c = c};
}

static struct shape column(int rows)
{
    return (struct shape){rows, 1};
}

static bool is_constant_number(const struct graph *graph, node_id a, double number)
{
    return NODE(graph, a)->op == PRIMITIVE_CONSTANT && NODE(graph, a)->number == number;
}

/* === where(c, a, b): its constructor is in simplify.c, with the algebra of masks === */

static node_id where_derivative(struct graph *graph, node_id v, node_id g, int index)
{
    node_id condition = NODE(graph, v)->a, zero = graph_constant(graph, 0);
    if (index == 0)
        return NO_NODE;
    return index == 1 ? graph_where(graph, condition, g, zero)
                      : graph_where(graph, condition, zero, g);
}

/* === sum(a): of the components === */

node_id graph_sum(struct graph *graph, node_id a)
{
    const struct node node = *NODE(graph, a);
    if (shape_is_scalar(node.shape))
        return a;
    if (node.op == PRIMITIVE_CONSTANT)
        return graph_constant(graph, node.number * shape_size(node.shape));
    struct product s = graph_split(graph, a);
    struct product outside = {s.number, NO_NODE, NO_NODE};
    if (s.parameter != NO_NODE && s.example != NO_NODE) {
        if (shape_is_scalar(NODE(graph, s.parameter)->shape)) {
            outside.parameter = s.parameter;
            s.parameter = NO_NODE;
        }
    }
    s.number = 1;
    node_id inner = graph_join(graph, s);
    if (shape_is_scalar(NODE(graph, inner)->shape)) /* the width came from a factor taken out */
        return graph_multiply(graph, graph_constant(graph, shape_size(node.shape)),
                              graph_multiply(graph, graph_join(graph, outside), inner));
    struct node candidate =
        structural_node(PRIMITIVE_SUM, (struct shape){1, 1}, inner, NO_NODE, NO_NODE);
    return graph_multiply(graph, graph_join(graph, outside), graph_intern(graph, &candidate));
}

static void sum_forward(const struct instruction *instruction, struct operand out, size_t n)
{
    size_t components = (size_t)shape_size(instruction->shapes[0]);
    for (size_t b = 0; b < n; b++)
        *put(out, 0, b) = at(instruction->in[0], 0, b);
    for (size_t r = 1; r < components; r++)
        for (size_t b = 0; b < n; b++)
            *put(out, 0, b) += at(instruction->in[0], r, b);
}

static node_id sum_derivative(struct graph *graph, node_id v, node_id g, int index)
{
    (void)graph, (void)v, (void)index;
    return g; /* the same for every component */
}

/* === Σᵢ a: over the examples; a scalar for a scalar, a vector for a vector === */

node_id graph_sum_examples(struct graph *graph, node_id a)
{
    const struct node node = *NODE(graph, a);
    if (node.level < LEVEL_EXAMPLE)
        return graph_multiply(graph, graph_count(graph), a);
    struct product s = graph_split(graph, a);
    if (s.number != 1 || s.parameter != NO_NODE) { /* Σ k·p·e = k·p·Σ e */
        struct product outside = {s.number, s.parameter, NO_NODE};
        return graph_full(graph,
                          graph_multiply(graph, graph_join(graph, outside),
                                         graph_sum_examples(graph, s.example)),
                          node.shape);
    }
    if (node.op == PRIMITIVE_MATMUL) { /* Σ W·e = W·Σ e */
        if (NODE(graph, node.a)->level < LEVEL_EXAMPLE)
            return graph_matmul(graph, node.transpose_a, node.transpose_b, node.a,
                                graph_sum_examples(graph, node.b));
        if (NODE(graph, node.b)->level < LEVEL_EXAMPLE)
            return graph_matmul(graph, node.transpose_a, node.transpose_b,
                                graph_sum_examples(graph, node.a), node.b);
    }
    struct node candidate =
        structural_node(PRIMITIVE_SUM_EXAMPLES, node.shape, a, NO_NODE, NO_NODE);
    return graph_intern(graph, &candidate);
}

node_id graph_mean_examples(struct graph *graph, node_id a)
{
    return graph_divide(graph, graph_sum_examples(graph, a), graph_count(graph));
}

static node_id sum_examples_derivative(struct graph *graph, node_id v, node_id g, int index)
{
    (void)graph, (void)v, (void)index;
    return g;
}

/* === matmul: op(A)·op(B), where op transposes if its flag is set ===
 * One primitive is layer, transposed layer, outer product (0, 1) and dot (1, 0); its derivative
 * needs nothing but itself. */

static struct shape flipped(struct shape shape, bool flip)
{
    return flip ? (struct shape){shape.cols, shape.rows} : shape;
}

/* Of Aᵀ: A, and the flag turned over. */
static node_id take_transpose(const struct graph *graph, node_id a, bool *flag)
{
    if (NODE(graph, a)->op != PRIMITIVE_TRANSPOSE)
        return a;
    *flag = !*flag;
    return NODE(graph, a)->a;
}

node_id graph_matmul(struct graph *graph, bool transpose_a, bool transpose_b, node_id a, node_id b)
{
    const struct node m = *NODE(graph, a), n = *NODE(graph, b);
    struct shape s = flipped(m.shape, transpose_a), t = flipped(n.shape, transpose_b);
    if (s.cols != t.rows)
        return graph_fail(graph, STATUS_SHAPE,
                          "matmul needs as many columns on the left as rows on the right, not "
                          "%d×%d and %d×%d",
                          s.rows, s.cols, t.rows, t.cols);
    struct shape shape = {s.rows, t.cols};
    if (is_constant_number(graph, a, 0) || is_constant_number(graph, b, 0))
        return graph_constant_shaped(graph, 0, shape);
    if (s.cols == 1 && (shape_is_scalar(m.shape) || shape_is_scalar(n.shape))) {
        node_id product = graph_multiply(graph, a, b);
        if (shape_equal(NODE(graph, product)->shape, shape))
            return product;
    }
    if (shape_is_scalar(m.shape))
        transpose_a = false;
    if (shape_is_scalar(n.shape))
        transpose_b = false;
    /* Numbers and scalar parameters come out. */
    struct product u = graph_split(graph, a), w = graph_split(graph, b);
    struct product outside = {u.number * w.number, NO_NODE, NO_NODE};
    u.number = w.number = 1;
    if (u.parameter != NO_NODE && u.example != NO_NODE &&
        shape_is_scalar(NODE(graph, u.parameter)->shape)) {
        outside.parameter = u.parameter;
        u.parameter = NO_NODE;
    }
    if (w.parameter != NO_NODE && w.example != NO_NODE &&
        shape_is_scalar(NODE(graph, w.parameter)->shape)) {
        outside.parameter = outside.parameter == NO_NODE
                                ? w.parameter
                                : graph_multiply(graph, outside.parameter, w.parameter);
        w.parameter = NO_NODE;
    }
    node_id x = graph_full(graph, graph_join(graph, u), m.shape);
    node_id y = graph_full(graph, graph_join(graph, w), n.shape);
    x = take_transpose(graph, x, &transpose_a);
    y = take_transpose(graph, y, &transpose_b);
    /* A dot product does not depend on the order. */
    if (shape_is_scalar(shape) && transpose_a && !transpose_b) {
        struct node swapped = structural_node(PRIMITIVE_MATMUL, shape, y, x, NO_NODE);
        swapped.transpose_a = true;
        node_id found = graph_lookup(graph, &swapped);
        if (found != NO_NODE)
            return graph_multiply(graph, graph_join(graph, outside), found);
    }
    struct node candidate = structural_node(PRIMITIVE_MATMUL, shape, x, y, NO_NODE);
    candidate.transpose_a = transpose_a;
    candidate.transpose_b = transpose_b;
    return graph_multiply(graph, graph_join(graph, outside), graph_intern(graph, &candidate));
}

node_id graph_dot(struct graph *graph, node_id a, node_id b)
{
    struct shape s = NODE(graph, a)->shape, t = NODE(graph, b)->shape;
    if (s.cols == 1 && t.cols == 1 && s.rows == t.rows)
        return graph_matmul(graph, true, false, a, b);
    if (s.rows == 1 && t.cols == 1 && s.cols == t.rows)
        return graph_matmul(graph, false, false, a, b);
    if (s.cols == 1 && t.rows == 1 && s.rows == t.cols)
        return graph_matmul(graph, false, false, b, a);
    return graph_fail(graph, STATUS_SHAPE,
                      "dot needs two vectors of the same length, not %d×%d and %d×%d", s.rows,
                      s.cols, t.rows, t.cols);
}

static void matmul_forward(const struct instruction *instruction, struct operand out, size_t n)
{
    struct shape s = flipped(instruction->shapes[0], instruction->transpose_a);
    struct shape t = flipped(instruction->shapes[1], instruction->transpose_b);
    size_t a_cols = (size_t)instruction->shapes[0].cols;
    size_t b_cols = (size_t)instruction->shapes[1].cols;
    for (size_t i = 0; i < (size_t)s.rows; i++) {
        for (size_t j = 0; j < (size_t)t.cols; j++) {
            double *restrict result = put(out, i * (size_t)t.cols + j, 0);
            for (size_t k = 0; k < (size_t)s.cols; k++) {
                size_t left = instruction->transpose_a ? k * a_cols + i : i * a_cols + k;
                size_t right = instruction->transpose_b ? j * b_cols + k : k * b_cols + j;
                const double *x = instruction->in[0].data + left * instruction->in[0].row;
                const double *y = instruction->in[1].data + right * instruction->in[1].row;
                for (size_t b = 0; b < n; b++) {
                    double product = x[b * instruction->in[0].step] *
                                     y[b * instruction->in[1].step];
                    result[b * out.step] = k == 0 ? product : result[b * out.step] + product;
                }
            }
        }
    }
}

static node_id matmul_derivative(struct graph *graph, node_id v, node_id g, int index)
{
    const struct node node = *NODE(graph, v);
    bool ta = node.transpose_a, tb = node.transpose_b;
    g = graph_full(graph, g, node.shape);
    if (index == 0)
        return ta ? graph_matmul(graph, tb, true, node.b, g)
                  : graph_matmul(graph, false, !tb, g, node.b);
    return tb ? graph_matmul(graph, true, ta, g, node.a)
              : graph_matmul(graph, !ta, false, node.a, g);
}

/* === transpose(a): a matrix product takes it as its flag, so that it only stays beside elementwise
 * operations on parameters === */

node_id graph_transpose(struct graph *graph, node_id a)
{
    const struct node node = *NODE(graph, a);
    struct shape shape = flipped(node.shape, true);
    if (shape_is_scalar(shape))
        return a;
    switch (node.op) {
    case PRIMITIVE_CONSTANT: return graph_constant_shaped(graph, node.number, shape);
    case PRIMITIVE_PARAMETER:
        if (shape.cols > 1)
            break;
        return graph_parameter(graph, node.source, node.offset, shape);
    case PRIMITIVE_TRANSPOSE: return node.a;
    case PRIMITIVE_SUM_EXAMPLES:
        return graph_sum_examples(graph, graph_transpose(graph, node.a));
    case PRIMITIVE_MATMUL: /* (op(A)·op(B))ᵀ = op(B)ᵀ·op(A)ᵀ */
        return graph_matmul(graph, !node.transpose_b, !node.transpose_a, node.b, node.a);
    default: break;
    }
    struct product s = graph_split(graph, a);
    bool elementwise = node.op > PRIMITIVE_COUNT && node.op < PRIMITIVE_SUM;
    /* Numbers come out; what varies by example and is a matrix is a product of vectors inside. */
    if (elementwise && (s.number != 1 || node.level == LEVEL_EXAMPLE)) {
        node_id arguments[3];
        int count = graph_argument_count(graph, a);
        for (int i = 0; i < count; i++) {
            arguments[i] = graph_argument(graph, a, i);
            if (!shape_is_scalar(NODE(graph, arguments[i])->shape))
                arguments[i] = graph_transpose(graph, arguments[i]);
        }
        return graph_rebuild(graph, &node, arguments, count);
    }
    struct node candidate = structural_node(PRIMITIVE_TRANSPOSE, shape, a, NO_NODE, NO_NODE);
    return graph_intern(graph, &candidate);
}

static void transpose_forward(const struct instruction *instruction, struct operand out, size_t n)
{
    size_t rows = (size_t)instruction->shape.rows, columns = (size_t)instruction->shape.cols;
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            for (size_t b = 0; b < n; b++)
                *put(out, r * columns + c, b) = at(instruction->in[0], c * rows + r, b);
}

static node_id transpose_derivative(struct graph *graph, node_id v, node_id g, int index)
{
    (void)index;
    return graph_transpose(graph, graph_full(graph, g, NODE(graph, v)->shape));
}

/* === concat(a, b, ...): columns one below the other === */

node_id graph_concat(struct graph *graph, const node_id *nodes, int count)
{
    if (count == 0)
        return graph_fail(graph, STATUS_SHAPE, "concatenate needs at least one value");
    if (count == 1)
        return nodes[0];
    int rows = 0;
    bool constant = true;
    for (int i = 0; i < count; i++) {
        const struct node *part = NODE(graph, nodes[i]);
        if (part->shape.cols != 1)
            return graph_fail(graph, STATUS_SHAPE,
                              "concatenate takes numbers and vectors, not %d×%d",
                              part->shape.rows, part->shape.cols);
        rows += part->shape.rows;
        constant = constant && part->op == PRIMITIVE_CONSTANT &&
                   part->number == NODE(graph, nodes[0])->number;
    }
    if (constant)
        return graph_constant_shaped(graph, NODE(graph, nodes[0])->number, column(rows));
    if (graph->pool_count + count > graph->pool_capacity) {
        int capacity = 2 * (graph->pool_count + count);
        node_id *pool = memory_resize(graph->context, graph->pool, (size_t)capacity, sizeof *pool);
        if (!pool)
            return graph_fail(graph, STATUS_MEMORY, "not enough memory for an expression");
        graph->pool = pool;
        graph->pool_capacity = capacity;
    }
    memcpy(graph->pool + graph->pool_count, nodes, (size_t)count * sizeof *nodes);
    struct node candidate =
        structural_node(PRIMITIVE_CONCAT, column(rows), graph->pool_count, count, NO_NODE);
    int before = graph->count;
    node_id result = graph_intern(graph, &candidate);
    if (graph->count > before)
        graph->pool_count += count;
    return result;
}

static void concat_forward(const struct instruction *instruction, struct operand out, size_t n)
{
    size_t row = 0;
    for (int i = 0; i < instruction->count; i++)
        for (size_t r = 0; r < (size_t)instruction->shapes[i].rows; r++, row++)
            for (size_t b = 0; b < n; b++)
                *put(out, row, b) = at(instruction->in[i], r, b);
}

static node_id concat_derivative(struct graph *graph, node_id v, node_id g, int index)
{
    int offset = 0;
    for (int i = 0; i < index; i++)
        offset += NODE(graph, graph_argument(graph, v, i))->shape.rows;
    int rows = NODE(graph, graph_argument(graph, v, index))->shape.rows;
    return graph_slice(graph, graph_full(graph, g, NODE(graph, v)->shape), offset, rows);
}

/* === slice(a, offset, count): some of the components (counted row by row in a matrix) === */

node_id graph_slice(struct graph *graph, node_id a, int offset, int count)
{
    const struct node node = *NODE(graph, a);
    int size = shape_size(node.shape);
    if (offset < 0 || count < 1 || offset + count > size)
        return graph_fail(graph, STATUS_SHAPE, "component %d is not there: there are %d",
                          offset < 0 ? offset + 1 : offset + count, size);
    if (count == size && node.shape.cols == 1)
        return a;
    switch (node.op) {
    case PRIMITIVE_CONSTANT: return graph_constant_shaped(graph, node.number, column(count));
    case PRIMITIVE_PARAMETER:
        return graph_parameter(graph, node.source, node.offset + offset, column(count));
    case PRIMITIVE_INPUT:
        return node.source == SOURCE_MASK
                   ? graph_mask_part(graph, node.offset + offset, count, node.number)
                   : graph_input(graph, node.source, node.offset + offset, count);
    case PRIMITIVE_SLICE: return graph_slice(graph, node.a, node.offset + offset, count);
    case PRIMITIVE_CONCAT:
        for (int i = 0, begin = 0; i < node.b; i++) {
            node_id part = graph->pool[node.a + i];
            int rows = NODE(graph, part)->shape.rows;
            if (offset >= begin && offset + count <= begin + rows)
                return graph_slice(graph, part, offset - begin, count);
            begin += rows;
        }
        break;
    default: break;
    }
    if (node.shape.cols != 1)
        return graph_fail(graph, STATUS_UNSUPPORTED,
                          "a matrix that was computed cannot be indexed; index its vectors");
    struct node candidate = structural_node(PRIMITIVE_SLICE, column(count), a, NO_NODE, NO_NODE);
    candidate.offset = offset;
    return graph_intern(graph, &candidate);
}

static void slice_forward(const struct instruction *instruction, struct operand out, size_t n)
{
    for (size_t r = 0; r < (size_t)instruction->shape.rows; r++)
        for (size_t b = 0; b < n; b++)
            *put(out, r, b) = at(instruction->in[0], r + (size_t)instruction->offset, b);
}

static node_id slice_derivative(struct graph *graph, node_id v, node_id g, int index)
{
    (void)index;
    const struct node node = *NODE(graph, v);
    struct shape whole = NODE(graph, node.a)->shape;
    node_id padded = graph_pad(graph, graph_full(graph, g, node.shape), node.offset,
                               shape_size(whole));
    return padded;
}

/* === pad(a, offset, total): a slice's inverse === */

node_id graph_pad(struct graph *graph, node_id a, int offset, int total)
{
    const struct node node = *NODE(graph, a);
    if (node.shape.rows == total)
        return a;
    if (is_constant_number(graph, a, 0))
        return graph_constant_shaped(graph, 0, column(total));
    struct node candidate = structural_node(PRIMITIVE_PAD, column(total), a, NO_NODE, NO_NODE);
    candidate.offset = offset;
    return graph_intern(graph, &candidate);
}

static void pad_forward(const struct instruction *instruction, struct operand out, size_t n)
{
    size_t first = (size_t)instruction->offset, rows = (size_t)instruction->shapes[0].rows;
    for (size_t r = 0; r < (size_t)instruction->shape.rows; r++)
        for (size_t b = 0; b < n; b++)
            *put(out, r, b) =
                r >= first && r < first + rows ? at(instruction->in[0], r - first, b) : 0;
}

static node_id pad_derivative(struct graph *graph, node_id v, node_id g, int index)
{
    (void)index;
    const struct node node = *NODE(graph, v);
    return graph_slice(graph, graph_full(graph, g, node.shape), node.offset,
                       NODE(graph, node.a)->shape.rows);
}

/* === logsumexp(a) = max + log Σ exp(a − max); max ≤ it ≤ max + log K === */

node_id graph_logsumexp(struct graph *graph, node_id a)
{
    const struct node node = *NODE(graph, a);
    if (shape_is_scalar(node.shape))
        return a;
    struct node candidate =
        structural_node(PRIMITIVE_LOGSUMEXP, (struct shape){1, 1}, a, NO_NODE, NO_NODE);
    return graph_intern(graph, &candidate);
}

static double largest(struct operand in, size_t components, size_t example)
{
    double max = at(in, 0, example);
    for (size_t r = 1; r < components; r++)
        max = fmax(max, at(in, r, example));
    return isfinite(max) ? max : 0;
}

static void logsumexp_forward(const struct instruction *instruction, struct operand out, size_t n)
{
    size_t components = (size_t)shape_size(instruction->shapes[0]);
    for (size_t b = 0; b < n; b++) {
        double max = largest(instruction->in[0], components, b), sum = 0;
        for (size_t r = 0; r < components; r++)
            sum += exp(at(instruction->in[0], r, b) - max);
        *put(out, 0, b) = max + log(sum);
    }
}

static node_id logsumexp_derivative(struct graph *graph, node_id v, node_id g, int index)
{
    (void)index;
    return graph_multiply(graph, g, graph_softmax(graph, NODE(graph, v)->a));
}

/* === softmax(a) = exp(a − max) / Σ exp(a − max) === */

node_id graph_softmax(struct graph *graph, node_id a)
{
    const struct node node = *NODE(graph, a);
    if (shape_is_scalar(node.shape))
        return graph_constant(graph, 1);
    struct node candidate =
        structural_node(PRIMITIVE_SOFTMAX, node.shape, a, NO_NODE, NO_NODE);
    return graph_intern(graph, &candidate);
}

static void softmax_forward(const struct instruction *instruction, struct operand out, size_t n)
{
    size_t components = (size_t)shape_size(instruction->shape);
    for (size_t b = 0; b < n; b++) {
        double max = largest(instruction->in[0], components, b), sum = 0;
        for (size_t r = 0; r < components; r++)
            sum += *put(out, r, b) = exp(at(instruction->in[0], r, b) - max);
        for (size_t r = 0; r < components; r++)
            *put(out, r, b) /= sum;
    }
}

static node_id softmax_derivative(struct graph *graph, node_id v, node_id g, int index)
{
    (void)index;
    g = graph_full(graph, g, NODE(graph, v)->shape);
    return graph_multiply(graph, v, graph_subtract(graph, g, graph_dot(graph, g, v)));
}

/* === pick(a, c): component number c of a, counted from 1; onehot(c): its transpose === */

node_id graph_pick(struct graph *graph, node_id a, node_id number)
{
    const struct node m = *NODE(graph, a), n = *NODE(graph, number);
    if (!shape_is_scalar(n.shape))
        return graph_fail(graph, STATUS_SHAPE, "a class is one number, not %d×%d", n.shape.rows,
                          n.shape.cols);
    if (n.op == PRIMITIVE_CONSTANT && n.number >= 1 && n.number <= shape_size(m.shape))
        return graph_slice(graph, a, (int)n.number - 1, 1);
    if (n.op == PRIMITIVE_CONSTANT)
        return graph_fail(graph, STATUS_SHAPE, "component %.6g is not there: there are %d",
                          n.number, shape_size(m.shape));
    if (m.op == PRIMITIVE_CONSTANT)
        return graph_constant(graph, m.number);
    struct node candidate =
        structural_node(PRIMITIVE_PICK, (struct shape){1, 1}, a, number, NO_NODE);
    return graph_intern(graph, &candidate);
}

static size_t class_of(struct operand in, size_t example, size_t components)
{
    double number = at(in, 0, example);
    return number >= 1 && number <= (double)components ? (size_t)number - 1 : components;
}

static void pick_forward(const struct instruction *instruction, struct operand out, size_t n)
{
    size_t components = (size_t)shape_size(instruction->shapes[0]);
    for (size_t b = 0; b < n; b++) {
        size_t r = class_of(instruction->in[1], b, components);
        *put(out, 0, b) = r < components ? at(instruction->in[0], r, b) : NAN;
    }
}

static node_id pick_derivative(struct graph *graph, node_id v, node_id g, int index)
{
    if (index == 1)
        return NO_NODE;
    const struct node node = *NODE(graph, v);
    return graph_multiply(
        graph, g, graph_onehot(graph, node.b, shape_size(NODE(graph, node.a)->shape)));
}

node_id graph_onehot(struct graph *graph, node_id number, int width)
{
    struct node candidate =
        structural_node(PRIMITIVE_ONEHOT, column(width), number, NO_NODE, NO_NODE);
    return graph_intern(graph, &candidate);
}

static void onehot_forward(const struct instruction *instruction, struct operand out, size_t n)
{
    size_t components = (size_t)instruction->shape.rows;
    for (size_t r = 0; r < components; r++)
        for (size_t b = 0; b < n; b++)
            *put(out, r, b) = class_of(instruction->in[0], b, components) == r;
}

static node_id onehot_derivative(struct graph *graph, node_id v, node_id g, int index)
{
    (void)graph, (void)v, (void)g, (void)index;
    return NO_NODE;
}

/* === the table === */

static const struct {
    structural_forward *forward; /* where and Σᵢ are kernels */
    node_id (*derivative)(struct graph *graph, node_id v, node_id g, int index);
} table[PRIMITIVE_COUNT_OF] = {
    [PRIMITIVE_WHERE] = {NULL, where_derivative},
    [PRIMITIVE_SUM] = {sum_forward, sum_derivative},
    [PRIMITIVE_SUM_EXAMPLES] = {NULL, sum_examples_derivative},
    [PRIMITIVE_MATMUL] = {matmul_forward, matmul_derivative},
    [PRIMITIVE_TRANSPOSE] = {transpose_forward, transpose_derivative},
    [PRIMITIVE_CONCAT] = {concat_forward, concat_derivative},
    [PRIMITIVE_SLICE] = {slice_forward, slice_derivative},
    [PRIMITIVE_PAD] = {pad_forward, pad_derivative},
    [PRIMITIVE_LOGSUMEXP] = {logsumexp_forward, logsumexp_derivative},
    [PRIMITIVE_SOFTMAX] = {softmax_forward, softmax_derivative},
    [PRIMITIVE_PICK] = {pick_forward, pick_derivative},
    [PRIMITIVE_ONEHOT] = {onehot_forward, onehot_derivative},
};

structural_forward *structural_forward_of(enum primitive op)
{
    return table[op].forward;
}

node_id structural_derivative(struct graph *graph, node_id v, node_id g, int index)
{
    return table[graph_primitive(graph, v)].derivative(graph, v, g, index);
}
