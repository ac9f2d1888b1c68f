/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formula_latex.c: formulas for LaTeX's mathematics mode. */
#include <stdio.h>
#include <string.h>

#include "graph/formula_private.h"

/* "W[3,1]" is W_{3,1}, "phi0" is \phi_{0}, "learning_rate" is \mathrm{learning\_rate}. */
static char *symbol(const struct graph *graph, const char *name, char *buffer, size_t size)
{
    (void)graph;
    size_t length = strcspn(name, "["), stem = formula_stem(name), used = 0;
    if (stem == 0)
        stem = length;
    if (formula_greek_letter(name, stem)) {
        used = (size_t)snprintf(buffer, size, "\\%.*s", (int)stem, name);
    } else if (stem == 1) {
        used = (size_t)snprintf(buffer, size, "%c", name[0]);
    } else {
        used = (size_t)snprintf(buffer, size, "\\mathrm{");
        for (size_t i = 0; i < stem && used + 4 < size; i++)
            used += (size_t)snprintf(buffer + used, size - used, "%s%c", name[i] == '_' ? "\\" : "",
                                     name[i]);
        used += (size_t)snprintf(buffer + used, size - used, "}");
    }
    bool index = name[length] == '[';
    if ((stem < length || index) && used < size) {
        const char *end = index ? strchr(name, ']') : NULL;
        snprintf(buffer + used, size - used, "_{%.*s%s%.*s}", (int)(length - stem), name + stem,
                 stem < length && index ? ";" : "", end ? (int)(end - name - (long)length - 1) : 0,
                 name + length + (index ? 1 : 0));
    }
    return buffer;
}

static void put_function(struct writer *writer, const char *name)
{
    static const char *const known[] = {"sin",  "cos", "tan", "sinh", "cosh",
                                        "tanh", "exp", "log", "min",  "max"};
    static const char *const inverse[] = {"asin", "acos", "atan"}; /* \arcsin */
    for (size_t i = 0; i < sizeof inverse / sizeof *inverse; i++)
        if (strcmp(inverse[i], name) == 0) {
            writer_put(writer, "\\arc%s", name + 1);
            return;
        }
    bool own = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        own = own || strcmp(known[i], name) == 0;
    writer_put(writer, own ? "\\%s" : "\\operatorname{%s}", name);
}

/* A component of a block has one subscript, not two: b2[3] is b_{2;3}. */
static bool write_component(struct writer *writer, const struct node *node)
{
    const struct declaration *block = writer_declaration(writer, node);
    if (!block || shape_size(block->shape) == 1 || shape_size(node->shape) != 1)
        return false;
    char name[200];
    int begin = node->offset - block->offset, columns = block->shape.cols;
    if (columns > 1)
        snprintf(name, sizeof name, "%s[%d,%d]", block->name, begin / columns + 1,
                 begin % columns + 1);
    else
        snprintf(name, sizeof name, "%s[%d]", block->name, begin + 1);
    writer_symbol(writer, name);
    return true;
}

/* The example and the columns are one subscript: x_{i,2..3}. */
static bool write_input(struct writer *writer, const struct node *node)
{
    bool column = writer_is_column(writer, node), range = node->offset > 0 && node->shape.rows > 1;
    if (node->source == SOURCE_PREDICTION || !writer->over_examples)
        return false;
    int number = node->source == SOURCE_MASK ? writer_mask_number(writer, node) : 0;
    writer_put(writer, "%s_{i", writer->inputs[node->source]);
    if (number > 0)
        writer_put(writer, ",%d", number);
    else if (column)
        writer_put(writer, ",%d", node->offset + 1);
    else if (range)
        writer_put(writer, ",%d..%d", node->offset + 1, node->offset + node->shape.rows);
    writer_put(writer, "}");
    return true;
}

static bool write(struct writer *writer, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    switch (node->op) {
    case PRIMITIVE_PARAMETER: return write_component(writer, node);
    case PRIMITIVE_INPUT: return write_input(writer, node);
    case PRIMITIVE_SQRT:
        writer_put(writer, "\\sqrt{");
        writer_node(writer, node->a, SUM_LEVEL);
        writer_put(writer, "}");
        return true;
    default: return false;
    }
}

static void put_unit(struct writer *writer, const struct node *node)
{
    writer_put(writer, "\\mathbf{e}_{%d}", node->offset + 1);
}

const struct style style_latex = {
    .signs = {[SIGN_OPEN] = "\\left(",
              [SIGN_CLOSE] = "\\right)",
              [SIGN_OPEN_INDEX] = "_{",
              [SIGN_CLOSE_INDEX] = "}",
              [SIGN_TIMES] = " ",
              [SIGN_TIMES_NUMBER] = " \\cdot ",
              [SIGN_TIMES_ELEMENTWISE] = " \\odot ",
              [SIGN_OPEN_FRACTION] = "\\frac{",
              [SIGN_BAR] = "}{",
              [SIGN_CLOSE_FRACTION] = "}",
              [SIGN_OPEN_POWER] = "^{",
              [SIGN_CLOSE_POWER] = "}",
              [SIGN_TRANSPOSED] = "^{\\top}",
              [SIGN_SUM_EXAMPLES] = "\\sum_i ",
              [SIGN_OPEN_ABS] = "\\left|",
              [SIGN_CLOSE_ABS] = "\\right|",
              [SIGN_OPEN_FLOOR] = "\\left\\lfloor ",
              [SIGN_CLOSE_FLOOR] = "\\right\\rfloor",
              [SIGN_OPEN_ONEHOT] = "\\mathbf{1}\\left[",
              [SIGN_CLOSE_ONEHOT] = " = k\\right]",
              [SIGN_OPEN_TRUTH] = "\\left[",
              [SIGN_CLOSE_TRUTH] = "\\right]",
              [SIGN_UNEQUAL] = " \\ne ",
              [SIGN_AT_MOST] = " \\le ",
              [SIGN_AT_LEAST] = " \\ge ",
              [SIGN_AND] = " \\wedge ",
              [SIGN_OR] = " \\vee ",
              [SIGN_INFINITY] = "\\infty",
              [SIGN_NAN] = "\\mathrm{nan}",
              [SIGN_PI] = "\\pi",
              [SIGN_LOG_2] = "\\log\\left(2\\right)",
              [SIGN_LOG_3] = "\\log\\left(3\\right)",
              [SIGN_LOG_10] = "\\log\\left(10\\right)",
              [SIGN_SQRT_2] = "\\sqrt{2}",
              [SIGN_SQRT_3] = "\\sqrt{3}"},
    .braces = true,
    .write = write,
    .symbol = symbol,
    .function = put_function,
    .unit = put_unit,
};
