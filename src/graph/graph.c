/* SPDX-License-Identifier: GPL-3.0-or-later */
/* graph.c: storage of nodes, leaves, and looking. Node 0 is NaN: what a failed constructor
 * returns. */
#include "graph/graph.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "graph/graph_private.h"

enum { FIRST_CAPACITY = 64, FIRST_BUCKETS = 256, NODE_LIMIT = 20000000 };

static const char *const names[PRIMITIVE_COUNT_OF] = {
    [PRIMITIVE_CONSTANT] = "constant",
    [PRIMITIVE_PARAMETER] = "parameter",
    [PRIMITIVE_INPUT] = "input",
    [PRIMITIVE_COUNT] = "count",
#define UNARY(id, text, finite, value, to_x) [PRIMITIVE_##id] = text,
#define BINARY(id, text, value, to_x, to_y) [PRIMITIVE_##id] = text,
#include "graph/primitive.def"
#undef UNARY
#undef BINARY
    [PRIMITIVE_WHERE] = "where",
    [PRIMITIVE_SUM] = "sum",
    [PRIMITIVE_SUM_EXAMPLES] = "sum over examples",
    [PRIMITIVE_MATMUL] = "matmul",
    [PRIMITIVE_TRANSPOSE] = "transpose",
    [PRIMITIVE_CONCAT] = "concatenate",
    [PRIMITIVE_SLICE] = "slice",
    [PRIMITIVE_PAD] = "pad",
    [PRIMITIVE_LOGSUMEXP] = "logsumexp",
    [PRIMITIVE_SOFTMAX] = "softmax",
    [PRIMITIVE_PICK] = "pick",
    [PRIMITIVE_ONEHOT] = "onehot",
};

const char *primitive_name(enum primitive primitive)
{
    return names[primitive];
}

bool primitive_find(const char *name, enum primitive *primitive, int *arguments)
{
    static const struct {
        const char *name;
        enum primitive primitive;
        int arguments;
    } table[] = {
#define UNARY(id, text, finite, value, to_x) {text, PRIMITIVE_##id, 1},
#define BINARY(id, text, value, to_x, to_y) {text, PRIMITIVE_##id, 2},
#include "graph/primitive.def"
#undef UNARY
#undef BINARY
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].name, name) == 0) {
            *primitive = table[i].primitive;
            *arguments = table[i].arguments;
            return true;
        }
    }
    return false;
}

double primitive_sigmoid(double x)
{
    /* exp of a negative number only: never overflows, and keeps small values. */
    double e = exp(-fabs(x));
    return (x >= 0 ? 1 : e) / (1 + e);
}

double primitive_softplus(double x)
{
    return (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
}

double primitive_value(enum primitive op, double x, double y)
{
    switch (op) {
#define UNARY(id, text, finite, value, to_x) \
    case PRIMITIVE_##id: return value;
#define BINARY(id, text, value, to_x, to_y) \
    case PRIMITIVE_##id: return value;
#include "graph/primitive.def"
#undef UNARY
#undef BINARY
    default: return NAN;
    }
}

static bool primitive_is_finite(enum primitive op)
{
    switch (op) {
#define UNARY(id, text, finite, value, to_x) \
    case PRIMITIVE_##id: return finite;
#define BINARY(id, text, value, to_x, to_y)
#include "graph/primitive.def"
#undef UNARY
#undef BINARY
    case PRIMITIVE_DIVIDE:
    case PRIMITIVE_POWER: return false;
    default: return true;
    }
}

/* --- storage --- */

enum status graph_new(struct graph **result, struct context *context, struct error *error)
{
    struct graph *graph = memory_allocate(context, 1, sizeof *graph);
    if (!graph)
        return error_memory(error, "an expression");
    graph->context = context;
    graph->nodes = memory_allocate(context, FIRST_CAPACITY, sizeof *graph->nodes);
    graph->buckets = memory_allocate(context, FIRST_BUCKETS, sizeof *graph->buckets);
    if (!graph->nodes || !graph->buckets) {
        graph_free(graph);
        return error_memory(error, "an expression");
    }
    graph->capacity = FIRST_CAPACITY;
    graph->bucket_count = FIRST_BUCKETS;
    for (int i = 0; i < FIRST_BUCKETS; i++)
        graph->buckets[i] = NO_NODE;
    graph_constant(graph, NAN);
    *result = graph;
    return STATUS_OK;
}

void graph_free(struct graph *graph)
{
    if (!graph)
        return;
    struct context *context = graph->context;
    for (int i = 0; i < graph->declaration_count; i++)
        memory_free(context, graph->declarations[i].name);
    for (int i = 0; i < graph->name_count; i++)
        memory_free(context, graph->names[i]);
    memory_free(context, graph->names);
    memory_free(context, graph->declarations);
    memory_free(context, graph->pool);
    memory_free(context, graph->buckets);
    memory_free(context, graph->nodes);
    memory_free(context, graph);
}

enum status graph_status(const struct graph *graph, struct error *error)
{
    if (graph->error.status != STATUS_OK && error)
        *error = graph->error;
    return graph->error.status;
}

void graph_forget_error(struct graph *graph)
{
    graph->error.status = STATUS_OK;
}

node_id graph_fail(struct graph *graph, enum status status, const char *format, ...)
{
    if (graph->error.status == STATUS_OK) {
        char text[sizeof graph->error.text];
        va_list list;
        va_start(list, format);
        vsnprintf(text, sizeof text, format, list);
        va_end(list);
        error_set(&graph->error, status, "", "%s", text);
    }
    return 0;
}

size_t graph_size(const struct graph *graph)
{
    return (size_t)graph->count;
}

void graph_set_stable(struct graph *graph, bool stable)
{
    graph->stable = stable;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash ^= value + UINT64_C(0x9e3779b97f4a7c15) + (hash << 6) + (hash >> 2);
    return hash * UINT64_C(0xff51afd7ed558ccd);
}

static uint64_t number_bits(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

static uint64_t hash_node(const struct graph *graph, const struct node *node)
{
    uint64_t hash = node->op;
    hash = mix(hash, (uint64_t)node->source << 2 | (uint64_t)node->transpose_a << 1 |
                         (uint64_t)node->transpose_b);
    hash = mix(hash, (uint64_t)(uint32_t)node->shape.rows << 32 | (uint32_t)node->shape.cols);
    if (node->op == PRIMITIVE_CONCAT) {
        for (int i = 0; i < node->b; i++)
            hash = mix(hash, (uint64_t)graph->pool[node->a + i]);
    } else {
        hash = mix(hash, (uint64_t)(uint32_t)node->a << 32 | (uint32_t)node->b);
        hash = mix(hash, (uint64_t)(uint32_t)node->c);
    }
    hash = mix(hash, (uint64_t)(uint32_t)node->offset);
    hash = mix(hash, number_bits(node->number));
    return hash ^ hash >> 32;
}

static bool same_node(const struct graph *graph, const struct node *m, const struct node *n)
{
    if (m->op != n->op || m->source != n->source || m->transpose_a != n->transpose_a ||
        m->transpose_b != n->transpose_b || !shape_equal(m->shape, n->shape) ||
        m->offset != n->offset || number_bits(m->number) != number_bits(n->number))
        return false;
    if (m->op == PRIMITIVE_CONCAT)
        return m->b == n->b && memcmp(graph->pool + m->a, graph->pool + n->a,
                                      (size_t)m->b * sizeof(node_id)) == 0;
    return m->a == n->a && m->b == n->b && m->c == n->c;
}

node_id graph_lookup(const struct graph *graph, const struct node *candidate)
{
    uint64_t hash = hash_node(graph, candidate);
    node_id id = graph->buckets[hash & (uint64_t)(graph->bucket_count - 1)];
    while (id != NO_NODE && !same_node(graph, NODE(graph, id), candidate))
        id = NODE(graph, id)->next;
    return id;
}

static bool grow(struct graph *graph)
{
    if (graph->count >= NODE_LIMIT) {
        graph_fail(graph, STATUS_UNSUPPORTED,
                   "the expression has more than %d operations; is a loop in it endless?",
                   NODE_LIMIT);
        return false;
    }
    if (graph->count == graph->capacity) {
        int capacity = graph->capacity * 2;
        struct node *nodes = memory_resize(graph->context, graph->nodes, (size_t)capacity,
                                           sizeof *nodes);
        if (!nodes)
            goto no_memory;
        graph->nodes = nodes;
        graph->capacity = capacity;
    }
    if (graph->count >= graph->bucket_count) {
        int count = graph->bucket_count * 2;
        node_id *buckets = memory_resize(graph->context, graph->buckets, (size_t)count,
                                         sizeof *buckets);
        if (!buckets)
            goto no_memory;
        graph->buckets = buckets;
        graph->bucket_count = count;
        for (int i = 0; i < count; i++)
            buckets[i] = NO_NODE;
        for (int i = 0; i < graph->count; i++) {
            struct node *node = NODE(graph, i);
            uint64_t place = hash_node(graph, node) & (uint64_t)(count - 1);
            node->next = buckets[place];
            buckets[place] = i;
        }
    }
    return true;
no_memory:
    graph_fail(graph, STATUS_MEMORY, "not enough memory for an expression of %d operations",
               graph->count);
    return false;
}

static enum level highest_level(const struct graph *graph, const struct node *node)
{
    if (node->op == PRIMITIVE_SUM_EXAMPLES)
        return LEVEL_PARAMETER;
    enum level level = LEVEL_CONSTANT;
    for (int i = 0; i < 3; i++) {
        node_id argument = i == 0 ? node->a : i == 1 ? node->b : node->c;
        if (argument != NO_NODE && NODE(graph, argument)->level > level)
            level = NODE(graph, argument)->level;
    }
    return level;
}

static bool all_finite(const struct graph *graph, const struct node *node)
{
    if (node->op == PRIMITIVE_POWER) {
        const struct node *exponent = NODE(graph, node->b);
        return NODE(graph, node->a)->finite && exponent->op == PRIMITIVE_CONSTANT &&
               exponent->number >= 0 && exponent->number == floor(exponent->number);
    }
    if (!primitive_is_finite(node->op))
        return false;
    return (node->a == NO_NODE || NODE(graph, node->a)->finite) &&
           (node->b == NO_NODE || NODE(graph, node->b)->finite) &&
           (node->c == NO_NODE || NODE(graph, node->c)->finite);
}

/* Adds a node, or finds it. `level` and `finite` are filled in here except for leaves. */
node_id graph_intern(struct graph *graph, const struct node *candidate)
{
    if (graph->error.status != STATUS_OK && graph->count > 0)
        return 0;
    node_id found = graph_lookup(graph, candidate);
    if (found != NO_NODE)
        return found;
    if (!grow(graph))
        return 0;
    node_id id = graph->count++;
    struct node *node = NODE(graph, id);
    *node = *candidate;
    if (node->op == PRIMITIVE_CONCAT) {
        node->level = LEVEL_CONSTANT;
        node->finite = true;
        for (int i = 0; i < node->b; i++) {
            const struct node *part = NODE(graph, graph->pool[node->a + i]);
            node->level = part->level > node->level ? part->level : node->level;
            node->finite = node->finite && part->finite;
        }
    } else if (node->op > PRIMITIVE_COUNT) {
        node->level = (uint8_t)highest_level(graph, node);
        node->finite = all_finite(graph, node);
    }
    uint64_t place = hash_node(graph, node) & (uint64_t)(graph->bucket_count - 1);
    node->next = graph->buckets[place];
    graph->buckets[place] = id;
    return id;
}

/* --- names --- */

static char *keep_name(struct graph *graph, const char *name)
{
    char **list = memory_resize(graph->context, graph->names, (size_t)graph->name_count + 1,
                                sizeof *list);
    if (!list)
        return NULL;
    graph->names = list;
    char *copy = memory_copy_text(graph->context, name);
    if (copy)
        list[graph->name_count++] = copy;
    return copy;
}

void graph_name(struct graph *graph, node_id id, const char *name)
{
    if (graph->error.status != STATUS_OK || id <= 0)
        return;
    struct node *node = NODE(graph, id);
    if (node->name || node->op <= PRIMITIVE_COUNT)
        return;
    for (int i = 0; i < graph->name_count; i++) {
        if (strcmp(graph->names[i], name) == 0) {
            node->name = graph->names[i];
            return;
        }
    }
    node->name = keep_name(graph, name);
    if (!node->name)
        graph_fail(graph, STATUS_MEMORY, "not enough memory for an expression");
}

const char *graph_node_name(const struct graph *graph, node_id id)
{
    return NODE(graph, id)->name;
}

void graph_declare(struct graph *graph, const char *name, int offset, struct shape shape)
{
    struct declaration *list =
        memory_resize(graph->context, graph->declarations, (size_t)graph->declaration_count + 1,
                      sizeof *list);
    char *copy = list ? memory_copy_text(graph->context, name) : NULL;
    if (list)
        graph->declarations = list;
    if (!copy) {
        graph_fail(graph, STATUS_MEMORY, "not enough memory for an expression");
        return;
    }
    list[graph->declaration_count++] = (struct declaration){copy, offset, shape};
}

void graph_copy_declarations(struct graph *graph, const struct graph *from)
{
    for (int i = 0; i < from->declaration_count; i++)
        graph_declare(graph, from->declarations[i].name, from->declarations[i].offset,
                      from->declarations[i].shape);
}

/* --- shapes --- */

bool shape_is_scalar(struct shape shape)
{
    return shape.rows == 1 && shape.cols == 1;
}

bool shape_equal(struct shape a, struct shape b)
{
    return a.rows == b.rows && a.cols == b.cols;
}

int shape_size(struct shape shape)
{
    return shape.rows * shape.cols;
}

bool graph_broadcast(struct graph *graph, const char *name, node_id a, node_id b,
                     struct shape *shape)
{
    struct shape s = NODE(graph, a)->shape, t = NODE(graph, b)->shape;
    if (shape_equal(s, t) || shape_is_scalar(t)) {
        *shape = s;
        return true;
    }
    if (shape_is_scalar(s)) {
        *shape = t;
        return true;
    }
    graph_fail(graph, STATUS_SHAPE,
               "%s needs equal shapes or a single number, not %d×%d and %d×%d", name, s.rows,
               s.cols, t.rows, t.cols);
    return false;
}

/* --- leaves --- */

node_id graph_constant_shaped(struct graph *graph, double number, struct shape shape)
{
    if (number == 0)
        number = 0; /* one zero, not two */
    struct node node = {.op = PRIMITIVE_CONSTANT, .shape = shape, .a = NO_NODE, .b = NO_NODE,
                        .c = NO_NODE, .number = number, .finite = isfinite(number)};
    return graph_intern(graph, &node);
}

node_id graph_constant(struct graph *graph, double number)
{
    return graph_constant_shaped(graph, number, (struct shape){1, 1});
}

node_id graph_parameter(struct graph *graph, enum parameter_source source, int offset,
                        struct shape shape)
{
    struct node node = {.op = PRIMITIVE_PARAMETER, .source = (uint8_t)source, .shape = shape,
                        .a = NO_NODE, .b = NO_NODE, .c = NO_NODE, .offset = offset,
                        .level = LEVEL_PARAMETER, .finite = true};
    return graph_intern(graph, &node);
}

node_id graph_input(struct graph *graph, enum input_source source, int column, int width)
{
    struct node node = {.op = PRIMITIVE_INPUT, .source = (uint8_t)source, .shape = {width, 1},
                        .a = NO_NODE, .b = NO_NODE, .c = NO_NODE, .offset = column,
                        .level = LEVEL_EXAMPLE, .finite = true};
    return graph_intern(graph, &node);
}

node_id graph_mask_part(struct graph *graph, int first, int width, double p)
{
    struct node node = {.op = PRIMITIVE_INPUT, .source = SOURCE_MASK, .shape = {width, 1},
                        .a = NO_NODE, .b = NO_NODE, .c = NO_NODE, .offset = first, .number = p,
                        .level = LEVEL_EXAMPLE, .finite = true};
    if (first + width > graph->masked)
        graph->masked = first + width;
    return graph_intern(graph, &node);
}

node_id graph_mask(struct graph *graph, int width, double p)
{
    return graph_mask_part(graph, graph->masked, width, p);
}

bool graph_has_masks(const struct graph *graph)
{
    return graph->masked > 0;
}

node_id graph_count(struct graph *graph)
{
    struct node node = {.op = PRIMITIVE_COUNT, .shape = {1, 1}, .a = NO_NODE, .b = NO_NODE,
                        .c = NO_NODE, .level = LEVEL_PARAMETER, .finite = true};
    return graph_intern(graph, &node);
}

/* --- looking --- */

enum primitive graph_primitive(const struct graph *graph, node_id node)
{
    return NODE(graph, node)->op;
}

struct shape graph_shape(const struct graph *graph, node_id node)
{
    return NODE(graph, node)->shape;
}

int graph_leaf_offset(const struct graph *graph, node_id leaf)
{
    return NODE(graph, leaf)->offset;
}

enum level graph_level(const struct graph *graph, node_id node)
{
    return NODE(graph, node)->level;
}

node_id graph_argument(const struct graph *graph, node_id id, int index)
{
    const struct node *node = NODE(graph, id);
    if (node->op == PRIMITIVE_CONCAT)
        return index < node->b ? graph->pool[node->a + index] : NO_NODE;
    return index == 0 ? node->a : index == 1 ? node->b : index == 2 ? node->c : NO_NODE;
}

int graph_argument_count(const struct graph *graph, node_id id)
{
    const struct node *node = NODE(graph, id);
    if (node->op == PRIMITIVE_CONCAT)
        return node->b;
    return (node->a != NO_NODE) + (node->b != NO_NODE) + (node->c != NO_NODE);
}

bool graph_is_constant(const struct graph *graph, node_id id, double *number)
{
    const struct node *node = NODE(graph, id);
    if (node->op != PRIMITIVE_CONSTANT)
        return false;
    if (number)
        *number = node->number;
    return true;
}

/* Marks what root needs; marks has one byte for each node up to root. */
void graph_mark_needed(const struct graph *graph, node_id root, unsigned char *marks)
{
    memset(marks, 0, (size_t)root + 1);
    marks[root] = 1;
    graph_mark_arguments(graph, root, marks);
}

void graph_mark_arguments(const struct graph *graph, node_id last, unsigned char *marks)
{
    for (node_id id = last; id >= 0; id--) {
        if (!marks[id])
            continue;
        int count = graph_argument_count(graph, id);
        for (int i = 0; i < count; i++)
            marks[graph_argument(graph, id, i)] = 1;
    }
}

/* --- copying --- */

node_id graph_copy(struct graph *graph, const struct graph *from, node_id root,
                   const node_id substitute[INPUT_SOURCES], int offset, node_id *copied)
{
    struct context *context = graph->context;
    unsigned char *needed = memory_allocate(context, (size_t)root + 1, 1);
    node_id *map = memory_allocate(context, (size_t)root + 1, sizeof *map);
    node_id *arguments = NULL;
    int capacity = 0;
    node_id result = 0;
    if (!needed || !map)
        goto no_memory;
    graph_mark_needed(from, root, needed);
    for (node_id id = 0; id <= root; id++) {
        map[id] = NO_NODE;
        if (!needed[id])
            continue;
        const struct node copy = *NODE(from, id), *node = &copy; /* `from` may be `graph` */
        int count = graph_argument_count(from, id);
        if (count > capacity) {
            node_id *more = memory_resize(context, arguments, (size_t)count, sizeof *more);
            if (!more)
                goto no_memory;
            arguments = more;
            capacity = count;
        }
        for (int i = 0; i < count; i++)
            arguments[i] = map[graph_argument(from, id, i)];
        if (node->op == PRIMITIVE_PARAMETER) {
            map[id] = graph_parameter(graph, node->source, node->offset + offset, node->shape);
        } else if (node->op == PRIMITIVE_INPUT && substitute &&
                   substitute[node->source] != NO_NODE) {
            map[id] = graph_slice(graph, substitute[node->source], node->offset,
                                  node->shape.rows);
        } else {
            map[id] = graph_rebuild(graph, node, arguments, count);
        }
        if (node->name)
            graph_name(graph, map[id], node->name);
    }
    if (copied)
        memcpy(copied, map, ((size_t)root + 1) * sizeof *map);
    result = map[root];
    goto done;
no_memory:
    graph_fail(graph, STATUS_MEMORY, "not enough memory for an expression");
done:
    memory_free(context, arguments);
    memory_free(context, map);
    memory_free(context, needed);
    return result;
}

node_id graph_rebuild(struct graph *graph, const struct node *node, const node_id *arguments,
                      int count)
{
    switch (node->op) {
    case PRIMITIVE_CONSTANT: return graph_constant_shaped(graph, node->number, node->shape);
    case PRIMITIVE_INPUT:
        return node->source == SOURCE_MASK
                   ? graph_mask_part(graph, node->offset, node->shape.rows, node->number)
                   : graph_input(graph, node->source, node->offset, node->shape.rows);
    case PRIMITIVE_COUNT: return graph_count(graph);
    case PRIMITIVE_WHERE: return graph_where(graph, arguments[0], arguments[1], arguments[2]);
    case PRIMITIVE_SUM: return graph_sum(graph, arguments[0]);
    case PRIMITIVE_SUM_EXAMPLES: return graph_sum_examples(graph, arguments[0]);
    case PRIMITIVE_MATMUL:
        return graph_matmul(graph, node->transpose_a, node->transpose_b, arguments[0],
                            arguments[1]);
    case PRIMITIVE_TRANSPOSE: return graph_transpose(graph, arguments[0]);
    case PRIMITIVE_CONCAT: return graph_concat(graph, arguments, count);
    case PRIMITIVE_SLICE:
        return graph_slice(graph, arguments[0], node->offset, node->shape.rows);
    case PRIMITIVE_PAD: return graph_pad(graph, arguments[0], node->offset, node->shape.rows);
    case PRIMITIVE_LOGSUMEXP: return graph_logsumexp(graph, arguments[0]);
    case PRIMITIVE_SOFTMAX: return graph_softmax(graph, arguments[0]);
    case PRIMITIVE_PICK: return graph_pick(graph, arguments[0], arguments[1]);
    case PRIMITIVE_ONEHOT: return graph_onehot(graph, arguments[0], node->shape.rows);
    default:
        return count == 1 ? graph_unary(graph, node->op, arguments[0])
                          : graph_binary(graph, node->op, arguments[0], arguments[1]);
    }
}
