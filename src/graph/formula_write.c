/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formula_write.c: a node as text. By recursion, whose depth is bounded because an expression of
 * more than TERM_LIMIT symbols is only counted, not written. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "graph/formula_terms.h"

/* --- text --- */

void text_append(struct text *text, const char *bytes, size_t length)
{
    if (text->failed)
        return;
    if (text->length + length + 1 > text->capacity) {
        size_t capacity = 2 * (text->length + length) + 64;
        char *more = memory_resize(text->context, text->bytes, capacity, 1);
        if (!more) {
            text->failed = true;
            return;
        }
        text->bytes = more;
        text->capacity = capacity;
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void writer_put(struct writer *writer, const char *format, ...)
{
    char buffer[512];
    va_list list;
    va_start(list, format);
    int length = vsnprintf(buffer, sizeof buffer, format, list);
    va_end(list);
    if (length > 0)
        text_append(&writer->out, buffer,
                    (size_t)length < sizeof buffer ? (size_t)length : sizeof buffer - 1);
}

const struct style *style_of(enum notation notation)
{
    static const struct style *const styles[] = {
#define NOTATION(constant, name) [NOTATION_##constant] = &style_##name,
#include "graph/notation.def"
#undef NOTATION
    };
    return styles[notation];
}

void writer_sign(struct writer *writer, enum sign sign)
{
    const char *own = writer->style->signs[sign];
    const char *text = own ? own : style_ascii.signs[sign];
    text_append(&writer->out, text, strlen(text));
}

/* --- names --- */

static char *symbol(const struct style *style, const struct graph *graph, const char *name,
                    char *buffer, size_t size)
{
    if (style->symbol)
        return style->symbol(graph, name, buffer, size);
    snprintf(buffer, size, "%s", name);
    return buffer;
}

char *formula_symbol(const char *name, enum notation notation, char *buffer, size_t size)
{
    return symbol(style_of(notation), NULL, name, buffer, size);
}

char *writer_symbol_text(const struct writer *writer, const char *name, char *buffer, size_t size)
{
    return symbol(writer->style, writer->graph, name, buffer, size);
}

void writer_symbol(struct writer *writer, const char *name)
{
    char buffer[256];
    writer_put(writer, "%s", writer_symbol_text(writer, name, buffer, sizeof buffer));
}

static void put_function(struct writer *writer, const char *name)
{
    if (writer->style->function)
        writer->style->function(writer, name);
    else
        writer_put(writer, "%s", name);
}

/* --- leaves --- */

const struct declaration *graph_declaration_at(const struct graph *graph, int offset)
{
    for (int i = 0; i < graph->declaration_count; i++) {
        const struct declaration *declaration = &graph->declarations[i];
        if (offset >= declaration->offset &&
            offset < declaration->offset + shape_size(declaration->shape))
            return declaration;
    }
    return NULL;
}

const struct declaration *writer_declaration(const struct writer *writer, const struct node *leaf)
{
    const struct declaration *found = graph_declaration_at(writer->graph, leaf->offset);
    bool whole = found && leaf->source != SOURCE_DIRECTION &&
                 leaf->offset + shape_size(leaf->shape) <= found->offset + shape_size(found->shape);
    return whole ? found : NULL;
}

static void put_index(struct writer *writer, const struct node *node, int begin, struct shape whole)
{
    if (writer->style->index) {
        writer->style->index(writer, node, begin, whole);
        return;
    }
    int count = shape_size(node->shape), columns = whole.cols;
    int row = begin / columns + 1, column = begin % columns + 1;
    writer_sign(writer, SIGN_OPEN_INDEX);
    if (count == 1 && columns > 1)
        writer_put(writer, "%d,%d", row, column);
    else if (count == 1)
        writer_put(writer, "%d", begin + 1);
    else if (columns > 1 && count == columns && column == 1)
        writer_put(writer, "%d", row);
    else if (columns > 1 && column == 1 && node->shape.cols == columns)
        writer_put(writer, "%d..%d", row, row - 1 + node->shape.rows);
    else if (columns > 1 && column - 1 + count <= columns)
        writer_put(writer, "%d,%d..%d", row, column, column - 1 + count);
    else
        writer_put(writer, "%d..%d", begin + 1, begin + count);
    writer_sign(writer, SIGN_CLOSE_INDEX);
}

/* A leaf that is more than one declaration: all of φ, in a penalty. */
static void put_joined(struct writer *writer, const struct node *node)
{
    int end = node->offset + shape_size(node->shape);
    if (writer->style->joined) {
        writer->style->joined(writer, node);
        return;
    }
    writer_symbol(writer, "phi");
    if (node->offset == 0 && !graph_declaration_at(writer->graph, end))
        return;
    writer_sign(writer, SIGN_OPEN_INDEX);
    writer_put(writer, "%d..%d", node->offset + 1, end);
    writer_sign(writer, SIGN_CLOSE_INDEX);
}

static void put_parameter(struct writer *writer, const struct node *node)
{
    const struct declaration *declaration = writer_declaration(writer, node);
    if (declaration) {
        int begin = node->offset - declaration->offset;
        writer_symbol(writer, declaration->name);
        if (begin != 0 || !shape_equal(node->shape, declaration->shape))
            put_index(writer, node, begin, declaration->shape);
    } else if (node->source == SOURCE_DIRECTION) {
        writer_put(writer, "v%d", node->offset);
    } else if (!graph_declaration_at(writer->graph, node->offset)) {
        writer_put(writer, "phi%d", node->offset);
    } else {
        put_joined(writer, node);
    }
}

bool writer_is_column(const struct writer *writer, const struct node *input)
{
    return writer->several[input->source] && input->shape.rows == 1;
}

int writer_mask_number(const struct writer *writer, const struct node *mask)
{
    int before = 0, others = 0;
    const int end = mask->offset + mask->shape.rows;
    for (int i = 0; i < writer->graph->count; i++) {
        const struct node *node = NODE(writer->graph, i);
        if (node->op != PRIMITIVE_INPUT || node->source != SOURCE_MASK || node == mask)
            continue;
        if (node->offset < end && node->offset + node->shape.rows > mask->offset)
            return 0;
        others++;
        before += node->offset < mask->offset;
    }
    return others > 0 ? before + 1 : 0;
}

static void put_input(struct writer *writer, const struct node *node)
{
    int number = node->source == SOURCE_MASK ? writer_mask_number(writer, node) : 0;
    char symbol[16];
    snprintf(symbol, sizeof symbol, "%s%d", writer->inputs[node->source], number);
    if (number > 0)
        writer_symbol(writer, symbol);
    else
        writer_put(writer, "%s", writer->inputs[node->source]);
    if (node->source == SOURCE_PREDICTION)
        return;
    if (writer->over_examples)
        writer_sign(writer, SIGN_EXAMPLE);
    if (number > 0)
        return;
    if (writer_is_column(writer, node) || (node->offset > 0 && node->shape.rows > 1))
        put_index(writer, node, node->offset, (struct shape){node->offset + node->shape.rows, 1});
}

/* --- nodes --- */

bool writer_named(const struct writer *writer, node_id id)
{
    return writer->names[id] && id != writer->defining;
}

bool writer_is_vector(const struct writer *writer, node_id id)
{
    return !shape_is_scalar(NODE(writer->graph, id)->shape);
}

bool writer_is_zero(const struct graph *graph, node_id id)
{
    const struct node *node = NODE(graph, id);
    return node->op == PRIMITIVE_CONSTANT && node->number == 0;
}

static enum precedence usual_precedence(struct writer *writer, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    if (writer_named(writer, id))
        return ATOM_LEVEL;
    int power;
    switch (node->op) {
    case PRIMITIVE_ADD:
    case PRIMITIVE_SUBTRACT: return SUM_LEVEL;
    case PRIMITIVE_PAD:
        if (!product_is_unit(writer->graph, id))
            return ATOM_LEVEL;
        /* fall through */
    case PRIMITIVE_MULTIPLY:
    case PRIMITIVE_DIVIDE: {
        struct monomial monomial = product_of(writer, id, true);
        bool sum = monomial.number < 0 || sum_is_spread(writer, &monomial);
        writer->pool_count = monomial.first;
        return sum ? SUM_LEVEL : PRODUCT_LEVEL;
    }
    case PRIMITIVE_CONSTANT: {
        struct coefficient coefficient = {.below = 1};
        if (writer->style->program && writer_is_vector(writer, id))
            return node->number == 1 ? ATOM_LEVEL : PRODUCT_LEVEL;
        if (!number_is_short(node->number))
            coefficient = number_coefficient(writer, node->number);
        if (node->number < 0)
            return SUM_LEVEL;
        bool product = coefficient.below != 1 || (coefficient.name && coefficient.above != 1) ||
                       coefficient.name_below;
        return product ? PRODUCT_LEVEL : ATOM_LEVEL;
    }
    case PRIMITIVE_SUM_EXAMPLES: return PRODUCT_LEVEL;
    case PRIMITIVE_MATMUL: return PRODUCT_LEVEL;
    case PRIMITIVE_TRANSPOSE: return POWER_LEVEL;
    case PRIMITIVE_WHERE: return product_is_mask(writer, id) ? PRODUCT_LEVEL : ATOM_LEVEL;
    case PRIMITIVE_POWER:
        return product_whole_power(writer->graph, node, &power) && power < 0 ? PRODUCT_LEVEL
                                                                             : POWER_LEVEL;
    default: return ATOM_LEVEL;
    }
}

static enum precedence precedence_of(struct writer *writer, node_id id)
{
    enum precedence usual = usual_precedence(writer, id);
    return writer->style->precedence ? writer->style->precedence(writer, id, usual) : usual;
}

static void write_power(struct writer *writer, const struct node *node)
{
    writer_node(writer, node->a, ATOM_LEVEL);
    writer_sign(writer, SIGN_OPEN_POWER);
    writer_node(writer, node->b, writer->style->braces ? SUM_LEVEL : ATOM_LEVEL);
    writer_sign(writer, SIGN_CLOSE_POWER);
}

void writer_call(struct writer *writer, const char *name, node_id id)
{
    writer_put(writer, "%s", name);
    writer_sign(writer, SIGN_OPEN);
    int count = graph_argument_count(writer->graph, id);
    for (int i = 0; i < count; i++) {
        if (i > 0)
            writer_put(writer, ", ");
        writer_node(writer, graph_argument(writer->graph, id, i), SUM_LEVEL);
    }
    writer_sign(writer, SIGN_CLOSE);
}

static bool is_truth(const struct graph *graph, node_id id, int depth)
{
    const struct node *node = NODE(graph, id);
    if (node->op == PRIMITIVE_GREATER || node->op == PRIMITIVE_EQUAL)
        return true;
    bool joins = node->op == PRIMITIVE_MINIMUM || node->op == PRIMITIVE_MAXIMUM;
    return joins && depth > 0 && is_truth(graph, node->a, depth - 1) &&
           is_truth(graph, node->b, depth - 1);
}

bool writer_is_truth(const struct graph *graph, node_id id)
{
    enum { DEPTH = 12 };
    return is_truth(graph, id, DEPTH);
}

/* min(p, q) is "p and q", max(p, q) "p or q"; their opposites change places. */
static void write_joined(struct writer *writer, const struct node *node, bool inverse)
{
    bool both = (node->op == PRIMITIVE_MINIMUM) != inverse;
    for (int i = 0; i < 2; i++) {
        node_id part = i == 0 ? node->a : node->b;
        enum primitive op = NODE(writer->graph, part)->op;
        bool bracket = op == PRIMITIVE_MINIMUM || op == PRIMITIVE_MAXIMUM || writer->style->arrays;
        if (i > 0)
            writer_sign(writer, both ? SIGN_AND : SIGN_OR);
        if (bracket)
            writer_sign(writer, SIGN_OPEN);
        writer_condition(writer, part, inverse);
        if (bracket)
            writer_sign(writer, SIGN_CLOSE);
    }
}

static void write_comparison(struct writer *writer, const struct node *node, bool inverse)
{
    /* 0 > x is x < 0, and −x > 0 as well. */
    node_id left = node->a, right = node->b;
    bool turned = NODE(writer->graph, left)->op == PRIMITIVE_CONSTANT;
    if (turned) {
        left = node->b;
        right = node->a;
    }
    struct monomial monomial = product_of(writer, left, false);
    bool negative = monomial.number < 0 && writer_is_zero(writer->graph, right);
    if (negative) {
        turned = !turned;
        writer_product(writer, monomial, true);
    } else {
        writer->pool_count = monomial.first;
        writer_node(writer, left, SUM_LEVEL);
    }
    if (node->op == PRIMITIVE_EQUAL)
        writer_sign(writer, inverse ? SIGN_UNEQUAL : SIGN_EQUAL);
    else if (turned)
        writer_sign(writer, inverse ? SIGN_AT_LEAST : SIGN_LESS);
    else
        writer_sign(writer, inverse ? SIGN_AT_MOST : SIGN_GREATER);
    writer_node(writer, right, SUM_LEVEL);
}

void writer_condition(struct writer *writer, node_id id, bool inverse)
{
    const struct graph *graph = writer->graph;
    const struct node *node = NODE(graph, id);
    bool truth = writer_is_truth(graph, id);
    if (writer_named(writer, id) || !truth) {
        writer_node(writer, id, SUM_LEVEL);
        if (inverse || !truth || writer->style->program) {
            writer_sign(writer, inverse ? SIGN_EQUAL : SIGN_UNEQUAL);
            writer_put(writer, "0");
        }
    } else if (node->op == PRIMITIVE_EQUAL && writer_is_zero(graph, node->b) &&
               writer_is_truth(graph, node->a)) {
        writer_condition(writer, node->a, !inverse);
    } else if (node->op == PRIMITIVE_MINIMUM || node->op == PRIMITIVE_MAXIMUM) {
        write_joined(writer, node, inverse);
    } else {
        write_comparison(writer, node, inverse);
    }
}

static void write_where(struct writer *writer, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    put_function(writer, "where");
    writer_sign(writer, SIGN_OPEN);
    writer_condition(writer, node->a, false);
    writer_put(writer, ", ");
    writer_node(writer, node->b, SUM_LEVEL);
    writer_put(writer, ", ");
    writer_node(writer, node->c, SUM_LEVEL);
    writer_sign(writer, SIGN_CLOSE);
}

static void write_matmul(struct writer *writer, const struct node *node)
{
    bool bare = NODE(writer->graph, node->a)->op == PRIMITIVE_MATMUL && !node->transpose_a;
    writer_node(writer, node->a,
                node->transpose_a ? ATOM_LEVEL
                : bare            ? PRODUCT_LEVEL
                                  : POWER_LEVEL);
    if (node->transpose_a)
        writer_sign(writer, SIGN_TRANSPOSED);
    writer_sign(writer, SIGN_TIMES);
    writer_node(writer, node->b, node->transpose_b ? ATOM_LEVEL : POWER_LEVEL);
    if (node->transpose_b)
        writer_sign(writer, SIGN_TRANSPOSED);
}

static void write_slice(struct writer *writer, const struct node *node)
{
    writer_node(writer, node->a, ATOM_LEVEL);
    put_index(writer, node, node->offset, NODE(writer->graph, node->a)->shape);
}

/* Between marks that are brackets themselves. */
static void write_between(struct writer *writer, enum sign open, node_id id, enum sign close)
{
    writer_sign(writer, open);
    writer_node(writer, id, SUM_LEVEL);
    writer_sign(writer, close);
}

static void write_function(struct writer *writer, const char *name, node_id id)
{
    put_function(writer, name);
    writer_call(writer, "", id);
}

static void write_truth(struct writer *writer, node_id id)
{
    writer_sign(writer, SIGN_OPEN_TRUTH);
    writer_condition(writer, id, false);
    writer_sign(writer, SIGN_CLOSE_TRUTH);
}

static void write_one(struct writer *writer, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    int power;
    if (writer_named(writer, id)) {
        writer_symbol(writer, writer->names[id]);
        return;
    }
    if (writer->style->write && writer->style->write(writer, id))
        return;
    switch (node->op) {
    case PRIMITIVE_PARAMETER: put_parameter(writer, node); break;
    case PRIMITIVE_INPUT: put_input(writer, node); break;
    case PRIMITIVE_COUNT: writer_put(writer, "I"); break;
    case PRIMITIVE_CONSTANT:
        if (number_is_short(node->number) || isnan(node->number))
            writer_number(writer, node->number);
        else
            writer_product(writer, product_of(writer, id, true), false);
        break;
    case PRIMITIVE_ADD:
    case PRIMITIVE_SUBTRACT: writer_sum(writer, id, 1); break;
    case PRIMITIVE_MULTIPLY:
    case PRIMITIVE_DIVIDE:
        if (sum_is_spread_node(writer, id))
            writer_sum(writer, id, 1);
        else
            writer_product(writer, product_of(writer, id, true), false);
        break;
    case PRIMITIVE_POWER:
        if (product_whole_power(writer->graph, node, &power))
            writer_product(writer, product_of(writer, id, true), false);
        else
            write_power(writer, node);
        break;
    case PRIMITIVE_WHERE:
        if (product_is_mask(writer, id))
            writer_product(writer, product_of(writer, id, true), false);
        else
            write_where(writer, id);
        break;
    case PRIMITIVE_GREATER:
    case PRIMITIVE_EQUAL: write_truth(writer, id); break;
    case PRIMITIVE_MATMUL: write_matmul(writer, node); break;
    case PRIMITIVE_SUM_EXAMPLES:
        writer_sign(writer, SIGN_SUM_EXAMPLES);
        writer_node(writer, node->a, PRODUCT_LEVEL);
        break;
    case PRIMITIVE_ABS: write_between(writer, SIGN_OPEN_ABS, node->a, SIGN_CLOSE_ABS); break;
    case PRIMITIVE_FLOOR: write_between(writer, SIGN_OPEN_FLOOR, node->a, SIGN_CLOSE_FLOOR); break;
    case PRIMITIVE_CONCAT: writer_call(writer, "", id); break;
    case PRIMITIVE_TRANSPOSE:
        writer_node(writer, node->a, ATOM_LEVEL);
        writer_sign(writer, SIGN_TRANSPOSED);
        break;
    case PRIMITIVE_SLICE: write_slice(writer, node); break;
    case PRIMITIVE_PAD:
        if (product_is_unit(writer->graph, id))
            writer_product(writer, product_of(writer, id, true), false);
        else
            write_function(writer, "pad", id);
        break;
    case PRIMITIVE_PICK:
        writer_node(writer, node->a, ATOM_LEVEL);
        write_between(writer, SIGN_OPEN_INDEX, node->b, SIGN_CLOSE_INDEX);
        break;
    case PRIMITIVE_ONEHOT:
        write_between(writer, SIGN_OPEN_ONEHOT, node->a, SIGN_CLOSE_ONEHOT);
        break;
    default:
        if (writer_is_truth(writer->graph, id))
            write_truth(writer, id);
        else
            write_function(writer, primitive_name(node->op), id);
    }
}

static void write_bare(struct writer *writer, node_id id)
{
    int axes = writer->axes;
    writer->axes = python_axes(writer->graph, id);
    write_one(writer, id);
    writer->axes = axes;
}

void writer_node(struct writer *writer, node_id id, enum precedence context)
{
    bool further = python_needs_axes(writer, id);
    bool brackets = precedence_of(writer, id) < (further ? ATOM_LEVEL : context);
    if (brackets)
        writer_sign(writer, SIGN_OPEN);
    write_bare(writer, id);
    if (brackets)
        writer_sign(writer, SIGN_CLOSE);
    if (further)
        python_put_axes(writer);
}

char *writer_text(struct writer *writer, node_id id)
{
    writer->out = (struct text){.context = writer->out.context};
    writer->defining = id;
    writer->pool_count = 0;
    writer->axes = 0;
    writer->mean = NO_NODE;
    writer_node(writer, id, SUM_LEVEL);
    writer->defining = NO_NODE;
    if (writer->out.failed) {
        memory_free(writer->out.context, writer->out.bytes);
        return NULL;
    }
    return writer->out.bytes;
}
