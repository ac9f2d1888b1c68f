/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formula_python.c: what a formula has of its own in Python, for NumPy and for PyTorch.
 *
 * All examples are computed at once. A value that varies by example has them along its first axis;
 * then a column has one further axis, a matrix (also one of a single row) two. So a number of each
 * example next to a column needs a further axis: s[:, None]*v. */
#include <stdio.h>
#include <string.h>

#include "graph/formula_private.h"

#define put writer_put

static bool is_numpy(const struct writer *writer)
{
    return writer->style == &style_numpy;
}

static const char *module(const struct writer *writer)
{
    return is_numpy(writer) ? "np" : "torch";
}

static bool by_example(const struct writer *writer, node_id id)
{
    return NODE(writer->graph, id)->level == LEVEL_EXAMPLE;
}

static bool is_scalar(const struct writer *writer, node_id id)
{
    return shape_is_scalar(NODE(writer->graph, id)->shape);
}

/* --- names --- */

char *formula_python_name(const struct graph *graph, const char *name, char *buffer, size_t size)
{
    static const char *const reserved[] = {
        "False",   "None",     "True",     "and",    "as",    "assert", "async",   "await",
        "break",   "class",    "continue", "def",    "del",   "elif",   "else",    "except",
        "finally", "for",      "from",     "global", "if",    "import", "in",      "is",
        "lambda",  "nonlocal", "not",      "or",     "pass",  "raise",  "return",  "try",
        "while",   "with",     "yield",    "np",     "torch", "math",   "phi",     "direction",
        "len",     "abs",      "float",    "range",  "print", "pick",   "sigmoid", "softplus",
        "softmax", "loss",     "gradient"};
    static const char *const inputs[] = {"x", "y", "weight"};
    bool taken = false, data = false;
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        taken = taken || strcmp(reserved[i], name) == 0;
    for (int i = 0; graph && i < graph->count && !data; i++)
        data = NODE(graph, i)->op == PRIMITIVE_INPUT || NODE(graph, i)->op == PRIMITIVE_COUNT;
    for (size_t i = 0; data && i < sizeof inputs / sizeof *inputs; i++)
        taken = taken || strcmp(inputs[i], name) == 0;
    snprintf(buffer, size, "%s%s", name, taken ? "_" : "");
    return buffer;
}

/* --- axes --- */

int python_axes(const struct graph *graph, node_id id)
{
    struct shape shape = NODE(graph, id)->shape;
    return shape.cols > 1 ? 2 : shape.rows > 1 ? 1 : 0;
}

bool python_needs_axes(const struct writer *writer, node_id id)
{
    return writer->style->arrays && writer->axes > 0 && by_example(writer, id) &&
           is_scalar(writer, id);
}

void python_put_axes(struct writer *writer)
{
    put(writer, writer->axes > 1 ? "[:, None, None]" : "[:, None]");
}

/* An argument in its own shape, whatever it is for. */
static void write_own(struct writer *writer, node_id id, enum precedence context)
{
    int axes = writer->axes;
    writer->axes = 0;
    writer_node(writer, id, context);
    writer->axes = axes;
}

static void put_part(struct writer *writer, struct shape part, int begin, struct shape whole,
                     bool of_example)
{
    int count = shape_size(part), columns = whole.cols, end = begin + count;
    const char *first = of_example ? ":, " : "";
    if (columns == 1) {
        put(writer, count == 1 ? "[%s%d]" : "[%s%d:%d]", first, begin, end);
    } else if (count == 1) {
        put(writer, "[%s%d, %d]", first, begin / columns, begin % columns);
    } else if (begin % columns == 0 && count == columns && part.cols == 1) {
        put(writer, "[%s%d]", first, begin / columns);
    } else if (begin % columns == 0 && part.cols == columns) {
        put(writer, "[%s%d:%d]", first, begin / columns, end / columns);
    } else if (part.cols == 1 && begin / columns == (end - 1) / columns) {
        put(writer, "[%s%d, %d:%d]", first, begin / columns, begin % columns,
            (end - 1) % columns + 1);
    } else if (of_example) {
        writer->reason = "a part of a matrix that varies by example";
    } else {
        put(writer, ".reshape(-1)[%d:%d]", begin, end);
        if (part.cols > 1)
            put(writer, ".reshape(%d, %d)", part.rows, part.cols);
    }
}

/* --- matrix products --- */

/* op(A)·op(B), op(A) m × k. */
struct matmul {
    node_id a, b;
    bool transpose_a, transpose_b;
    struct shape left, right; /* of op(A), op(B) */
    bool a_varies, b_varies;
};

static struct matmul matmul_of(const struct writer *writer, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    struct shape s = NODE(writer->graph, node->a)->shape, t = NODE(writer->graph, node->b)->shape;
    struct matmul matmul = {
        node->a, node->b, node->transpose_a,           node->transpose_b,
        s,       t,       by_example(writer, node->a), by_example(writer, node->b)};
    if (node->transpose_a)
        matmul.left = (struct shape){s.cols, s.rows};
    if (node->transpose_b)
        matmul.right = (struct shape){t.cols, t.rows};
    return matmul;
}

/* A column or a row as a value of one axis. */
static void write_flat(struct writer *writer, node_id id, enum precedence context)
{
    bool row = NODE(writer->graph, id)->shape.cols > 1;
    write_own(writer, id, row ? ATOM_LEVEL : context);
    if (row)
        put(writer, by_example(writer, id) ? "[:, 0]" : "[0]");
}

static void write_matrix(struct writer *writer, node_id id, bool transposed,
                         enum precedence context)
{
    write_own(writer, id, transposed ? ATOM_LEVEL : context);
    if (transposed)
        put(writer, ".T");
}

static void write_transpose(struct writer *writer, const struct node *node)
{
    if (by_example(writer, node->a)) {
        writer->reason = "a transposed matrix that varies by example";
        return;
    }
    write_own(writer, node->a, ATOM_LEVEL);
    if (node->shape.cols == 1)
        put(writer, "[0]");
    else
        put(writer, node->shape.rows == 1 ? "[None, :]" : ".T");
}

/* A number times a vector or matrix; a column may have become a row, or the other way round. */
static void write_scaled(struct writer *writer, node_id id, node_id number, node_id other)
{
    const struct node *node = NODE(writer->graph, id);
    struct shape own = NODE(writer->graph, other)->shape;
    bool varies = by_example(writer, other);
    writer_node(writer, number, POWER_LEVEL); /* with the axes of the product */
    put(writer, "*");
    bool turned = (own.cols > 1) != (node->shape.cols > 1);
    writer_node(writer, other, turned ? ATOM_LEVEL : POWER_LEVEL);
    if (turned && node->shape.cols > 1)
        put(writer, varies ? "[:, None, :]" : "[None, :]");
    else if (turned)
        put(writer, varies ? "[:, 0]" : "[0]");
}

/* u·vᵀ */
static void write_outer(struct writer *writer, const struct matmul *matmul)
{
    bool varies = matmul->a_varies || matmul->b_varies;
    write_flat(writer, matmul->a, ATOM_LEVEL);
    put(writer, matmul->a_varies ? "[:, :, None]*" : "[:, None]*");
    write_flat(writer, matmul->b, varies && matmul->b_varies ? ATOM_LEVEL : POWER_LEVEL);
    if (matmul->b_varies)
        put(writer, "[:, None, :]");
}

static bool is_outer(const struct matmul *matmul)
{
    return matmul->left.cols == 1 && matmul->left.rows > 1 && matmul->right.cols > 1;
}

static void write_matmul(struct writer *writer, node_id id)
{
    struct matmul matmul = matmul_of(writer, id);
    bool row = matmul.left.rows == 1, column = matmul.right.cols == 1;
    if (is_scalar(writer, matmul.a) || is_scalar(writer, matmul.b)) {
        bool left = is_scalar(writer, matmul.a);
        write_scaled(writer, id, left ? matmul.a : matmul.b, left ? matmul.b : matmul.a);
    } else if (is_outer(&matmul)) {
        write_outer(writer, &matmul);
    } else if ((matmul.a_varies && !row) || (matmul.b_varies && !column)) {
        writer->reason = "a product with a matrix that varies by example";
    } else if (row && column && matmul.a_varies && matmul.b_varies) {
        put(writer, "(");
        write_flat(writer, matmul.a, POWER_LEVEL);
        put(writer, "*");
        write_flat(writer, matmul.b, POWER_LEVEL);
        put(writer, ").sum(axis=1)");
    } else if (row && column) {
        bool turned = matmul.b_varies; /* the examples come first */
        write_flat(writer, turned ? matmul.b : matmul.a, POWER_LEVEL);
        put(writer, " @ ");
        write_flat(writer, turned ? matmul.a : matmul.b, POWER_LEVEL);
    } else if (column) {
        if (matmul.b_varies) { /* W·x of every example is x·Wᵀ of all */
            write_flat(writer, matmul.b, POWER_LEVEL);
            put(writer, " @ ");
            write_matrix(writer, matmul.a, !matmul.transpose_a, POWER_LEVEL);
        } else {
            write_matrix(writer, matmul.a, matmul.transpose_a, POWER_LEVEL);
            put(writer, " @ ");
            write_flat(writer, matmul.b, POWER_LEVEL);
        }
    } else if (row) {
        put(writer, "(");
        write_flat(writer, matmul.a, POWER_LEVEL);
        put(writer, " @ ");
        write_matrix(writer, matmul.b, matmul.transpose_b, POWER_LEVEL);
        put(writer, matmul.a_varies ? ")[:, None, :]" : ")[None, :]");
    } else {
        write_matrix(writer, matmul.a, matmul.transpose_a, POWER_LEVEL);
        put(writer, " @ ");
        write_matrix(writer, matmul.b, matmul.transpose_b, POWER_LEVEL);
    }
}

/* u·v of every example: (u*v).sum(axis=1). */
static bool is_dot_of_examples(const struct writer *writer, node_id id)
{
    struct matmul matmul = matmul_of(writer, id);
    return matmul.left.rows == 1 && matmul.right.cols == 1 && matmul.left.cols > 1 &&
           matmul.a_varies && matmul.b_varies;
}

/* --- sums --- */

/* Σᵢ uᵢ·vᵢᵀ is a product of matrices. */
static bool is_sum_of_outer(const struct writer *writer, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    if (node->op != PRIMITIVE_SUM_EXAMPLES || writer_named(writer, node->a) ||
        NODE(writer->graph, node->a)->op != PRIMITIVE_MATMUL)
        return false;
    struct matmul matmul = matmul_of(writer, node->a);
    return is_outer(&matmul) && matmul.a_varies && matmul.b_varies;
}

static void write_sum_of_examples(struct writer *writer, node_id id)
{
    node_id inner = NODE(writer->graph, id)->a;
    bool mean = writer->mean == id;
    if (is_sum_of_outer(writer, id)) {
        struct matmul matmul = matmul_of(writer, inner);
        write_flat(writer, matmul.a, ATOM_LEVEL);
        put(writer, ".T @ ");
        write_flat(writer, matmul.b, POWER_LEVEL);
        return;
    }
    bool all = NODE(writer->graph, inner)->op == PRIMITIVE_SUM && !writer_named(writer, inner);
    if (all)
        inner = NODE(writer->graph, inner)->a;
    write_own(writer, inner, ATOM_LEVEL);
    put(writer, ".%s(%s)", mean ? "mean" : "sum", all || is_scalar(writer, inner) ? "" : "axis=0");
}

static void write_sum(struct writer *writer, node_id id)
{
    node_id inner = NODE(writer->graph, id)->a;
    write_own(writer, inner, ATOM_LEVEL);
    put(writer, !by_example(writer, inner)               ? ".sum()"
                : python_axes(writer->graph, inner) == 1 ? ".sum(axis=1)"
                                                         : ".sum(axis=(1, 2))");
}

/* --- functions --- */

static void write_arguments(struct writer *writer, node_id id)
{
    int count = graph_argument_count(writer->graph, id);
    put(writer, "(");
    for (int i = 0; i < count; i++) {
        if (i > 0)
            put(writer, ", ");
        writer_node(writer, graph_argument(writer->graph, id, i), SUM_LEVEL);
    }
    put(writer, ")");
}

static void write_function(struct writer *writer, node_id id)
{
    static const struct {
        enum primitive op;
        const char *numpy, *torch; /* with a dot: of the module */
    } names[] = {
        {PRIMITIVE_ASIN, ".arcsin", ".asin"},
        {PRIMITIVE_ACOS, ".arccos", ".acos"},
        {PRIMITIVE_ATAN, ".arctan", ".atan"},
        {PRIMITIVE_MINIMUM, ".minimum", NULL},
        {PRIMITIVE_MAXIMUM, ".maximum", NULL},
        {PRIMITIVE_RELU, ".maximum", ".relu"},
        {PRIMITIVE_SIGMOID, "sigmoid", ".sigmoid"},
        {PRIMITIVE_SOFTPLUS, "softplus", "softplus"},
        {PRIMITIVE_ABS, "abs", "abs"},
    };
    enum primitive op = NODE(writer->graph, id)->op;
    const char *name = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].op == op)
            name = is_numpy(writer) ? names[i].numpy : names[i].torch;
    if (!name)
        put(writer, "%s.%s", module(writer), primitive_name(op));
    else
        put(writer, "%s%s", name[0] == '.' ? module(writer) : "", name);
    if (op == PRIMITIVE_RELU && is_numpy(writer)) {
        put(writer, "(0, ");
        writer_node(writer, NODE(writer->graph, id)->a, SUM_LEVEL);
        put(writer, ")");
        return;
    }
    write_arguments(writer, id);
}

static void write_choice(struct writer *writer, node_id condition, node_id a, node_id b)
{
    put(writer, "%s.where(", module(writer));
    writer_condition(writer, condition, false);
    put(writer, ", ");
    writer_node(writer, a, SUM_LEVEL);
    put(writer, ", ");
    writer_node(writer, b, SUM_LEVEL);
    put(writer, ")");
}

/* PyTorch halves the derivative where both are equal; here it goes to the second. */
static void write_larger(struct writer *writer, const struct node *node)
{
    put(writer, "torch.where(");
    writer_node(writer, node->a, SUM_LEVEL);
    put(writer, node->op == PRIMITIVE_MAXIMUM ? " > " : " < ");
    writer_node(writer, node->b, SUM_LEVEL);
    put(writer, ", ");
    writer_node(writer, node->a, SUM_LEVEL);
    put(writer, ", ");
    writer_node(writer, node->b, SUM_LEVEL);
    put(writer, ")");
}

/* --- parts --- */

static void write_number_of_component(struct writer *writer, node_id number)
{
    if (NODE(writer->graph, number)->level == LEVEL_CONSTANT) {
        put(writer, "[%d]", (int)NODE(writer->graph, number)->number - 1);
        return;
    }
    put(writer, "[");
    write_own(writer, number, ATOM_LEVEL);
    put(writer, is_numpy(writer) ? ".astype(int) - 1]" : ".long() - 1]");
}

static void write_pick(struct writer *writer, const struct node *node)
{
    if (!by_example(writer, node->a)) {
        write_own(writer, node->a, ATOM_LEVEL);
        write_number_of_component(writer, node->b);
        return;
    }
    if (!by_example(writer, node->b))
        writer->reason = "a component whose number is a parameter";
    put(writer, "pick(");
    write_own(writer, node->a, SUM_LEVEL);
    put(writer, ", ");
    write_own(writer, node->b, SUM_LEVEL);
    put(writer, ")");
}

static void write_concat(struct writer *writer, node_id id)
{
    int count = graph_argument_count(writer->graph, id);
    bool varies = by_example(writer, id), numpy = is_numpy(writer);
    bool numbers = true, spread = false, constants = false;
    for (int i = 0; i < count; i++) {
        node_id part = graph_argument(writer->graph, id, i);
        numbers = numbers && is_scalar(writer, part);
        spread = spread || (varies && !by_example(writer, part));
        constants = constants || NODE(writer->graph, part)->level == LEVEL_CONSTANT;
    }
    if (!numbers && spread)
        writer->reason = "numbers and vectors of one example joined with those of all";
    if (numbers) {
        put(writer, numpy ? "np.stack(" : "torch.stack(");
        if (spread)
            put(writer, numpy ? "np.broadcast_arrays(" : "torch.broadcast_tensors(");
        else
            put(writer, "[");
    } else {
        put(writer, numpy ? "np.concatenate([" : "torch.cat([");
    }
    for (int i = 0; i < count; i++) {
        node_id part = graph_argument(writer->graph, id, i);
        bool constant = NODE(writer->graph, part)->level == LEVEL_CONSTANT && !numpy && numbers;
        if (i > 0)
            put(writer, ", ");
        put(writer, constant ? "torch.tensor(1.0)*" : "");
        write_own(writer, part,
                  !numbers && is_scalar(writer, part) ? ATOM_LEVEL
                  : constant                          ? POWER_LEVEL
                                                      : SUM_LEVEL);
        if (!numbers && is_scalar(writer, part)) {
            if (NODE(writer->graph, part)->level == LEVEL_CONSTANT)
                writer->reason = "a fixed number joined with a vector";
            put(writer, "[..., None]");
        }
    }
    put(writer, numbers && spread ? ")" : "]");
    put(writer, varies ? (numpy ? ", axis=-1)" : ", -1)") : ")");
}

/* A vector put among zeros. */
static void write_pad(struct writer *writer, const struct node *node)
{
    struct shape own = NODE(writer->graph, node->a)->shape;
    int rows = shape_size(own);
    if (node->shape.cols > 1) {
        writer->reason = "a matrix put among zeros";
        return;
    }
    bool varies = by_example(writer, node->a);
    if (varies) {
        write_own(writer, node->a, POWER_LEVEL);
        put(writer, " @ ");
    }
    put(writer, varies ? "%s.eye(%d)[%d:%d]" : "%s.eye(%d)[:, %d:%d]", module(writer),
        node->shape.rows, node->offset, node->offset + rows);
    if (!varies) {
        put(writer, " @ ");
        write_own(writer, node->a, POWER_LEVEL);
    }
}

static void write_direction(struct writer *writer, const struct node *node)
{
    int count = shape_size(node->shape);
    put(writer, count == 1 ? "direction[%d]" : "direction[%d:%d]", node->offset,
        node->offset + count);
    if (node->shape.cols > 1)
        put(writer, ".reshape(%d, %d)", node->shape.rows, node->shape.cols);
}

/* A vector or matrix of one number. */
static void write_constant(struct writer *writer, const struct node *node)
{
    if (node->number != 1 && node->number != 0) {
        writer_number(writer, node->number);
        put(writer, "*");
    }
    put(writer, "%s.%s(", module(writer), node->number == 0 ? "zeros" : "ones");
    put(writer, node->shape.cols > 1 ? "(%d, %d))" : "%d)", node->shape.rows, node->shape.cols);
}

static void put_index(struct writer *writer, const struct node *node, int begin, struct shape whole)
{
    put_part(writer, node->shape, begin, whole, node->level == LEVEL_EXAMPLE);
}

static void put_joined(struct writer *writer, const struct node *node)
{
    put(writer, "phi[%d:%d]", node->offset, node->offset + shape_size(node->shape));
}

static void put_unit(struct writer *writer, const struct node *node)
{
    put(writer, "%s.eye(%d)[%d]", module(writer), node->shape.rows, node->offset);
}

static void put_zeros(struct writer *writer, int size)
{
    put(writer, "%s.zeros(%d)", module(writer), size);
}

/* --- everything --- */

static enum precedence precedence(const struct writer *writer, node_id id, enum precedence usual)
{
    const struct node *node = NODE(writer->graph, id);
    if (writer_named(writer, id))
        return ATOM_LEVEL;
    if (writer_is_truth(writer->graph, id))
        return PRODUCT_LEVEL;
    switch (node->op) {
    case PRIMITIVE_SUM_EXAMPLES: return is_sum_of_outer(writer, id) ? PRODUCT_LEVEL : ATOM_LEVEL;
    case PRIMITIVE_MATMUL: return is_dot_of_examples(writer, id) ? ATOM_LEVEL : PRODUCT_LEVEL;
    case PRIMITIVE_PAD: return PRODUCT_LEVEL;
    case PRIMITIVE_TRANSPOSE: return ATOM_LEVEL;
    default: return usual;
    }
}

static bool write(struct writer *writer, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    if (writer_is_truth(writer->graph, id)) {
        put(writer, "1.0*(");
        writer_condition(writer, id, false);
        put(writer, ")");
        return true;
    }
    switch (node->op) {
    case PRIMITIVE_CONSTANT:
        if (!writer_is_vector(writer, id))
            return false;
        write_constant(writer, node);
        return true;
    case PRIMITIVE_INPUT:
    case PRIMITIVE_ADD:
    case PRIMITIVE_SUBTRACT:
    case PRIMITIVE_MULTIPLY:
    case PRIMITIVE_DIVIDE:
    case PRIMITIVE_POWER: return false;
    case PRIMITIVE_PARAMETER:
        if (node->source != SOURCE_DIRECTION)
            return false;
        write_direction(writer, node);
        return true;
    case PRIMITIVE_COUNT: put(writer, "len(x)"); return true;
    case PRIMITIVE_WHERE: write_choice(writer, node->a, node->b, node->c); return true;
    case PRIMITIVE_MINIMUM:
    case PRIMITIVE_MAXIMUM:
        if (is_numpy(writer))
            write_function(writer, id);
        else
            write_larger(writer, node);
        return true;
    case PRIMITIVE_MATMUL: write_matmul(writer, id); return true;
    case PRIMITIVE_TRANSPOSE: write_transpose(writer, node); return true;
    case PRIMITIVE_SUM_EXAMPLES: write_sum_of_examples(writer, id); return true;
    case PRIMITIVE_SUM: write_sum(writer, id); return true;
    case PRIMITIVE_CONCAT: write_concat(writer, id); return true;
    case PRIMITIVE_SLICE:
        write_own(writer, node->a, ATOM_LEVEL);
        put_part(writer, node->shape, node->offset, NODE(writer->graph, node->a)->shape,
                 by_example(writer, node->a));
        return true;
    case PRIMITIVE_PAD:
        if (is_scalar(writer, node->a))
            return false; /* a number times a unit vector */
        write_pad(writer, node);
        return true;
    case PRIMITIVE_LOGSUMEXP:
        put(writer, is_numpy(writer) ? "np.logaddexp.reduce(" : "torch.logsumexp(");
        write_own(writer, node->a, SUM_LEVEL);
        put(writer, is_numpy(writer) ? ", axis=-1)" : ", -1)");
        return true;
    case PRIMITIVE_SOFTMAX:
        put(writer, is_numpy(writer) ? "softmax(" : "torch.softmax(");
        write_own(writer, node->a, SUM_LEVEL);
        put(writer, is_numpy(writer) ? ")" : ", -1)");
        return true;
    case PRIMITIVE_PICK: write_pick(writer, node); return true;
    case PRIMITIVE_ONEHOT:
        put(writer, "%s.eye(%d)", module(writer), node->shape.rows);
        write_number_of_component(writer, node->a);
        return true;
    default: write_function(writer, id); return true;
    }
}

#define STYLE                                                                                      \
    {                                                                                              \
        .signs = {[SIGN_TIMES_ELEMENTWISE] = "*",                                                  \
                  [SIGN_OPEN_POWER] = "**",                                                        \
                  [SIGN_EQUAL] = " == ",                                                           \
                  [SIGN_UNEQUAL] = " != ",                                                         \
                  [SIGN_AND] = " & ",                                                              \
                  [SIGN_OR] = " | ",                                                               \
                  [SIGN_INFINITY] = "float(\"inf\")",                                              \
                  [SIGN_NAN] = "float(\"nan\")",                                                   \
                  [SIGN_PI] = "math.pi",                                                           \
                  [SIGN_LOG_2] = "math.log(2)",                                                    \
                  [SIGN_LOG_3] = "math.log(3)",                                                    \
                  [SIGN_LOG_10] = "math.log(10)",                                                  \
                  [SIGN_SQRT_2] = "math.sqrt(2)",                                                  \
                  [SIGN_SQRT_3] = "math.sqrt(3)"},                                                 \
        .program = true, .arrays = true, .write = write, .precedence = precedence,                 \
        .symbol = formula_python_name, .index = put_index, .joined = put_joined, .unit = put_unit, \
        .zeros = put_zeros,                                                                        \
    }
const struct style style_numpy = STYLE;
const struct style style_torch = STYLE;
