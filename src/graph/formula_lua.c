/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formula_lua.c: formulas as code of the language, for formula_program.c. A column is a list, an
 * array of one dimension. */
#include "graph/formula_private.h"

static void put_index(struct writer *writer, const struct node *node, int begin, struct shape whole)
{
    int count = shape_size(node->shape), columns = whole.cols;
    int row = begin / columns + 1, column = begin % columns + 1;
    if (count == 1 && columns > 1)
        writer_put(writer, "[%d][%d]", row, column);
    else if (count == 1)
        writer_put(writer, "[%d]", begin + 1);
    else if (columns == 1)
        writer_put(writer, ":slice(%d, %d)", begin + 1, begin + count);
    else if (node->shape.cols == columns && column == 1)
        writer_put(writer, ":slice(%d, %d)", row, row - 1 + node->shape.rows);
    else if (count == columns && column == 1)
        writer_put(writer, "[%d]", row);
    else if (column - 1 + count <= columns)
        writer_put(writer, "[%d]:slice(%d, %d)", row, column, column - 1 + count);
    else
        writer->reason = "a part of a matrix";
}

/* A part of φ that is several declarations. */
static void put_joined(struct writer *writer, const struct node *node)
{
    writer_put(writer, "array{");
    for (int offset = node->offset; offset < node->offset + shape_size(node->shape); offset++) {
        const struct declaration *one = graph_declaration_at(writer->graph, offset);
        if (!one || shape_size(one->shape) > 1) {
            writer->reason = "a list of vectors and matrices";
            return;
        }
        writer_put(writer, "%s%s", offset > node->offset ? ", " : "", one->name);
    }
    writer_put(writer, "}");
}

static void put_unit(struct writer *writer, const struct node *node)
{
    writer_put(writer, "eye(%d)[%d]", node->shape.rows, node->offset + 1);
}

static void put_zeros(struct writer *writer, int size)
{
    writer_put(writer, "zeros(%d)", size);
}

/* --- matrix products --- */

/* An operand of a matrix product as an array of the language: a column is a list, so that it has
 * to be laid down or set up where that matters. */
static void write_operand(struct writer *writer, node_id id, bool transposed, bool left)
{
    struct shape shape = NODE(writer->graph, id)->shape;
    writer_node(writer, id, ATOM_LEVEL);
    if (shape.cols == 1 && transposed)
        writer_put(writer, ":reshape(1, %d)", shape.rows);
    else if (shape.cols == 1 && left)
        writer_put(writer, ":reshape(%d, 1)", shape.rows);
    else if (transposed)
        writer_put(writer, ":t()");
}

static void write_transpose(struct writer *writer, const struct node *node)
{
    writer_node(writer, node->a, ATOM_LEVEL);
    if (node->shape.cols == 1)
        writer_put(writer, ":reshape(%d)", node->shape.rows);
    else if (node->shape.rows == 1)
        writer_put(writer, ":reshape(1, %d)", node->shape.cols);
    else
        writer_put(writer, ":t()");
}

/* A vector or a row times a number, in the shape of the product. */
static void write_scaled(struct writer *writer, node_id id, struct shape shape)
{
    struct shape own = NODE(writer->graph, id)->shape;
    writer_node(writer, id, ATOM_LEVEL);
    if (shape.cols == 1 && own.cols > 1)
        writer_put(writer, ":reshape(%d)", shape.rows);
    else if (shape.cols > 1 && own.cols == 1)
        writer_put(writer, ":reshape(1, %d)", shape.cols);
}

static void write_matmul(struct writer *writer, const struct node *node)
{
    struct shape s = NODE(writer->graph, node->a)->shape, t = NODE(writer->graph, node->b)->shape;
    if (shape_is_scalar(s) || shape_is_scalar(t)) {
        bool left = shape_is_scalar(t);
        writer_put(writer, "(");
        write_scaled(writer, left ? node->a : node->b, node->shape);
        writer_put(writer, "*");
        writer_node(writer, left ? node->b : node->a, POWER_LEVEL);
        writer_put(writer, ")");
        return;
    }
    if (node->transpose_a && !node->transpose_b && s.cols == 1 && t.cols == 1) {
        writer_put(writer, "dot(");
        writer_node(writer, node->a, SUM_LEVEL);
        writer_put(writer, ", ");
        writer_node(writer, node->b, SUM_LEVEL);
        writer_put(writer, ")");
        return;
    }
    writer_put(writer, "matmul(");
    write_operand(writer, node->a, node->transpose_a, true);
    writer_put(writer, ", ");
    write_operand(writer, node->b, node->transpose_b, false);
    writer_put(writer, ")");
    bool flat = t.cols == 1 && !node->transpose_b; /* the result has one dimension */
    if (shape_is_scalar(node->shape))
        writer_put(writer, flat ? "[1]" : "[1][1]");
    else if (node->shape.cols == 1 && !flat)
        writer_put(writer, ":reshape(%d)", node->shape.rows);
}

/* --- the rest --- */

/* A vector or matrix of one number. */
static void write_constant(struct writer *writer, const struct node *node)
{
    if (node->number != 1) {
        writer_number(writer, node->number);
        writer_put(writer, "*");
    }
    writer_put(writer, node->shape.cols > 1 ? "ones(%d, %d)" : "ones(%d)", node->shape.rows,
               node->shape.cols);
}

static void write_where(struct writer *writer, const struct node *node)
{
    writer_put(writer, "where(");
    writer_node(writer, node->a, SUM_LEVEL);
    writer_put(writer, ", ");
    writer_node(writer, node->b, SUM_LEVEL);
    writer_put(writer, ", ");
    writer_node(writer, node->c, SUM_LEVEL);
    writer_put(writer, ")");
}

static void write_concat(struct writer *writer, node_id id)
{
    int count = graph_argument_count(writer->graph, id);
    writer_put(writer, "array{");
    for (int i = 0; i < count; i++) {
        node_id part = graph_argument(writer->graph, id, i);
        if (writer_is_vector(writer, part))
            writer->reason = "vectors joined into one";
        writer_put(writer, i > 0 ? ", " : "");
        writer_node(writer, part, SUM_LEVEL);
    }
    writer_put(writer, "}");
}

/* A vector put among zeros: rows of the unit matrix times it. */
static void write_pad(struct writer *writer, const struct node *node)
{
    int rows = shape_size(NODE(writer->graph, node->a)->shape);
    writer_put(writer, "matmul(eye(%d):slice(%d, %d):t(), ", node->shape.rows, node->offset + 1,
               node->offset + rows);
    writer_node(writer, node->a, SUM_LEVEL);
    writer_put(writer, ")");
}

static bool write(struct writer *writer, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    switch (node->op) {
    case PRIMITIVE_CONSTANT:
        if (!writer_is_vector(writer, id))
            return false;
        write_constant(writer, node);
        return true;
    case PRIMITIVE_COUNT: writer_put(writer, "#%s", writer->counted); return true;
    case PRIMITIVE_WHERE: write_where(writer, node); return true;
    case PRIMITIVE_GREATER:
    case PRIMITIVE_EQUAL:
    case PRIMITIVE_MINIMUM:
    case PRIMITIVE_MAXIMUM: writer_call(writer, primitive_name(node->op), id); return true;
    case PRIMITIVE_MATMUL: write_matmul(writer, node); return true;
    case PRIMITIVE_TRANSPOSE: write_transpose(writer, node); return true;
    case PRIMITIVE_SUM_EXAMPLES: /* a loop of its own has a name by then */
        writer->reason = "a sum over examples inside an expression";
        writer_node(writer, node->a, PRODUCT_LEVEL);
        return true;
    case PRIMITIVE_SUM:
        writer_node(writer, node->a, ATOM_LEVEL);
        writer_put(writer, ":sum()");
        return true;
    case PRIMITIVE_CONCAT: write_concat(writer, id); return true;
    case PRIMITIVE_ONEHOT:
        writer_put(writer, "eye(%d)[", node->shape.rows);
        writer_node(writer, node->a, SUM_LEVEL);
        writer_put(writer, "]");
        return true;
    case PRIMITIVE_PAD:
        if (shape_is_scalar(NODE(writer->graph, node->a)->shape))
            return false; /* a number times a unit vector */
        write_pad(writer, node);
        return true;
    default: return false;
    }
}

static enum precedence precedence(const struct writer *writer, node_id id, enum precedence usual)
{
    enum primitive op = NODE(writer->graph, id)->op;
    return op == PRIMITIVE_MATMUL || op == PRIMITIVE_TRANSPOSE ? ATOM_LEVEL : usual;
}

const struct style style_lua = {
    .signs = {[SIGN_EXAMPLE] = "[i]",
              [SIGN_TIMES_ELEMENTWISE] = "*",
              [SIGN_OPEN_ABS] = "abs(",
              [SIGN_CLOSE_ABS] = ")",
              [SIGN_INFINITY] = "math.huge",
              [SIGN_NAN] = "(0/0)"},
    .program = true,
    .write = write,
    .precedence = precedence,
    .index = put_index,
    .joined = put_joined,
    .unit = put_unit,
    .zeros = put_zeros,
};
