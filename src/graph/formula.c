/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formula.c: which parts of an expression are written under a name, and all texts together. */
#include "graph/formula.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "graph/formula_private.h"

enum {
    NAME_LIMIT = 18,   /* definitions made up here */
    NAME_GAIN = 7,     /* (uses − 1)·(symbols − 1) that a definition must save */
    NAMED_SYMBOLS = 5, /* a value that has a name is defined when it has as many symbols */
};

/* --- which parts --- */

bool writer_name_taken(const struct writer *writer, const char *name, node_id last)
{
    static const char *const reserved[] = {"x",     "y",   "f",     "i",       "I",         "L",
                                           "e",     "sum", "dot",   "matmul",  "array",     "ones",
                                           "zeros", "eye", "where", "softmax", "logsumexp", "math"};
    enum primitive primitive;
    int arguments;
    /* The prediction may be called f: it is one. */
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(reserved[i], name) == 0 && strcmp(name, "f") != 0)
            return true;
    if (primitive_find(name, &primitive, &arguments))
        return true;
    for (int i = 0; i < writer->graph->declaration_count; i++)
        if (strcmp(writer->graph->declarations[i].name, name) == 0)
            return true;
    for (node_id id = 0; id <= last; id++)
        if ((writer->names[id] && strcmp(writer->names[id], name) == 0) ||
            (NODE(writer->graph, id)->name && strcmp(NODE(writer->graph, id)->name, name) == 0))
            return true;
    return false;
}

/* Symbols that a node takes when it is written, at most TERM_LIMIT + 1, with what is named counting
 * 1. Smaller nodes have been counted. */
static void count_node(struct writer *writer, node_id id)
{
    int total = 0, count = graph_argument_count(writer->graph, id);
    for (int i = 0; i < count && total <= TERM_LIMIT; i++) {
        node_id argument = graph_argument(writer->graph, id, i);
        total += writer->names[argument] ? 1 : writer->symbols[argument];
    }
    if (count <= 1)
        total++;
    writer->symbols[id] = total > TERM_LIMIT ? TERM_LIMIT + 1 : total;
}

static void count_symbols(struct writer *writer, const unsigned char *needed, node_id last)
{
    for (node_id id = 0; id <= last; id++)
        if (needed[id])
            count_node(writer, id);
}

static bool can_be_named(const struct writer *writer, const unsigned char *needed, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    return needed[id] && node->op > PRIMITIVE_COUNT && !writer->names[id] &&
           node->op != PRIMITIVE_GREATER && node->op != PRIMITIVE_EQUAL &&
           !(writer->style->arrays && writer_is_truth(writer->graph, id));
}

/* The user's own names: of what is used twice, or is long. */
static void take_names(struct writer *writer, const unsigned char *needed, node_id last)
{
    for (node_id id = 0; id <= last; id++) {
        const char *name = NODE(writer->graph, id)->name;
        if (needed[id])
            count_node(writer, id);
        bool only_root = needed[id] == FORMULA_ROOT && writer->uses[id] == 1;
        if (name && !only_root && can_be_named(writer, needed, id) &&
            !writer_name_taken(writer, name, id - 1) &&
            (writer->uses[id] > 1 || writer->symbols[id] >= NAMED_SYMBOLS || writer->style->arrays))
            writer->names[id] = name;
    }
}

static node_id most_gainful(const struct writer *writer, const unsigned char *needed, node_id last)
{
    node_id best = NO_NODE;
    long best_gain = NAME_GAIN - 1;
    for (node_id id = 0; id <= last; id++) {
        if (!can_be_named(writer, needed, id) || writer->symbols[id] > TERM_LIMIT)
            continue;
        long gain = (long)(writer->uses[id] - 1) * (writer->symbols[id] - 1);
        if (gain > best_gain) {
            best = id;
            best_gain = gain;
        }
    }
    return best;
}

void writer_choose_names(struct writer *writer, const unsigned char *needed, node_id last)
{
    static const char *const letters[] = {"v", "w", "p", "q", "r", "s", "a", "b", "c",
                                          "d", "g", "h", "k", "m", "n", "o", "t", "z"};
    size_t letter = 0;
    take_names(writer, needed, last);
    for (int round = 0; round < NAME_LIMIT; round++) {
        count_symbols(writer, needed, last);
        node_id best = most_gainful(writer, needed, last);
        while (letter < sizeof letters / sizeof *letters &&
               writer_name_taken(writer, letters[letter], last))
            letter++;
        if (best == NO_NODE || letter == sizeof letters / sizeof *letters)
            break;
        writer->names[best] = letters[letter];
    }
    count_symbols(writer, needed, last);
}

/* A program has no formula too long to write: what is long, or long enough and used again, becomes
 * a line of its own, v1, v2, ... */
enum { LINE_SYMBOLS = 24, SHARED_SYMBOLS = 3 };

static bool make_up_names(struct writer *writer, const unsigned char *needed, node_id last)
{
    int capacity = 0, number = 1;
    for (node_id id = 0; id <= last; id++)
        capacity += needed[id] != 0;
    writer->made_up = memory_allocate(writer->out.context, (size_t)capacity,
                                      sizeof *writer->made_up);
    if (!writer->made_up)
        return false;
    for (node_id id = 0; id <= last; id++) {
        if (!needed[id])
            continue;
        count_node(writer, id);
        bool again = writer->uses[id] > 1 && writer->symbols[id] >= SHARED_SYMBOLS;
        bool only_root = needed[id] == FORMULA_ROOT && writer->uses[id] == 1;
        if (only_root || !can_be_named(writer, needed, id) ||
            !(again || writer->symbols[id] > LINE_SYMBOLS))
            continue;
        char *name = writer->made_up[writer->made_up_count++];
        do
            snprintf(name, sizeof *writer->made_up, "v%d", number++);
        while (writer_name_taken(writer, name, last));
        writer->names[id] = name;
    }
    count_symbols(writer, needed, last);
    return true;
}

/* --- the writer --- */

static void look_at_inputs(struct writer *writer)
{
    writer->inputs[SOURCE_X] = "x";
    writer->inputs[SOURCE_Y] = "y";
    writer->inputs[SOURCE_PREDICTION] = "f";
    writer->inputs[SOURCE_WEIGHT] = writer->style->arrays ? "weight" : "w";
    writer->inputs[SOURCE_MASK] = "r";
    writer->counted = "x";
    for (int i = 0; i < writer->graph->count; i++) {
        const struct node *node = NODE(writer->graph, i);
        if (node->op == PRIMITIVE_INPUT && (node->shape.rows > 1 || node->offset > 0))
            writer->several[node->source] = true;
    }
}

static void mark_roots(struct writer *writer, const node_id *roots, int count,
                       unsigned char *needed, node_id last)
{
    for (int i = 0; i < count; i++) {
        needed[roots[i]] = 1;
        writer->uses[roots[i]]++; /* the formula itself */
    }
    graph_mark_arguments(writer->graph, last, needed);
    for (node_id id = 0; id <= last; id++) {
        int arguments = needed[id] ? graph_argument_count(writer->graph, id) : 0;
        for (int i = 0; i < arguments; i++)
            writer->uses[graph_argument(writer->graph, id, i)]++;
        writer->over_examples |= needed[id] &&
                                 NODE(writer->graph, id)->op == PRIMITIVE_SUM_EXAMPLES;
    }
    for (int i = 0; i < count; i++)
        needed[roots[i]] = FORMULA_ROOT;
}

enum status writer_begin(struct writer *writer, const struct graph *graph, const node_id *roots,
                         int count, enum notation notation, unsigned char **needed, node_id *last,
                         struct error *error)
{
    struct context *context = graph->context;
    *writer = (struct writer){.graph = graph,
                              .style = style_of(notation),
                              .out = {.context = context},
                              .defining = NO_NODE};
    *last = 0;
    for (int i = 0; i < count; i++)
        *last = roots[i] > *last ? roots[i] : *last;
    size_t size = (size_t)*last + 1;
    *needed = memory_allocate(context, size, 1);
    writer->symbols = memory_allocate(context, size, sizeof *writer->symbols);
    writer->uses = memory_allocate(context, size, sizeof *writer->uses);
    writer->names = memory_allocate(context, size, sizeof *writer->names);
    if (*needed && writer->symbols && writer->uses && writer->names) {
        look_at_inputs(writer);
        mark_roots(writer, roots, count, *needed, *last);
        return STATUS_OK;
    }
    memory_free(context, *needed);
    *needed = NULL;
    writer_end(writer);
    return error_memory(error, "a formula");
}

void writer_end(struct writer *writer)
{
    memory_free(writer->out.context, writer->symbols);
    memory_free(writer->out.context, writer->uses);
    memory_free(writer->out.context, writer->names);
    memory_free(writer->out.context, writer->pool);
    memory_free(writer->out.context, writer->made_up);
}

/* --- all texts --- */

/* Symbols of a node that is too long to write. */
static double full_count(const struct writer *writer, node_id root)
{
    struct context *context = writer->out.context;
    double *counts = memory_allocate(context, (size_t)root + 1, sizeof *counts), result = 0;
    for (node_id id = 0; counts && id <= root; id++) {
        int count = graph_argument_count(writer->graph, id);
        counts[id] = count <= 1;
        for (int i = 0; i < count; i++) {
            node_id argument = graph_argument(writer->graph, id, i);
            counts[id] += writer->names[argument] ? 1 : counts[argument];
        }
        result = counts[id];
    }
    memory_free(context, counts);
    return result;
}

static char *text_or_count(struct writer *writer, node_id id)
{
    if (writer->symbols[id] <= TERM_LIMIT)
        return writer_text(writer, id);
    char buffer[120];
    double count = full_count(writer, id);
    snprintf(buffer, sizeof buffer,
             count < 1e6 ? "(an expression of %.0f terms; more than %d are not written)"
                         : "(an expression of %.2g terms; more than %d are not written)",
             count, TERM_LIMIT);
    return memory_copy_text(writer->out.context, buffer);
}

static enum status print_all(struct writer *writer, struct formulas *formulas, const node_id *roots,
                             int count, const unsigned char *needed, node_id last,
                             struct error *error)
{
    struct context *context = formulas->context;
    int definitions = 0;
    char symbol[256];
    for (node_id id = 0; id <= last; id++)
        definitions += writer->names[id] != NULL;
    formulas->texts = memory_allocate(context, (size_t)count, sizeof(char *));
    formulas->names = memory_allocate(context, (size_t)definitions, sizeof(char *));
    formulas->definitions = memory_allocate(context, (size_t)definitions, sizeof(char *));
    if (!formulas->texts || !formulas->names || !formulas->definitions)
        return error_memory(error, "a formula");
    for (int i = 0; i < count; i++) {
        /* A root that is itself defined is shown in full only in its definition. */
        const char *name = writer->names[roots[i]];
        formulas->texts[i] = name ? memory_copy_text(
                                        context,
                                        writer_symbol_text(writer, name, symbol, sizeof symbol))
                                  : text_or_count(writer, roots[i]);
        if (!formulas->texts[i])
            return error_memory(error, "a formula");
        formulas->count++;
    }
    for (node_id id = 0; id <= last; id++) {
        if (!writer->names[id] || !needed[id])
            continue;
        writer_symbol_text(writer, writer->names[id], symbol, sizeof symbol);
        char *name = memory_copy_text(context, symbol), *text = text_or_count(writer, id);
        formulas->names[formulas->definition_count] = name;
        formulas->definitions[formulas->definition_count++] = text;
        if (!name || !text)
            return error_memory(error, "a formula");
    }
    return STATUS_OK;
}

/* Where no root can be written, definitions say nothing. */
static void forget_useless_names(struct writer *writer, const node_id *roots, int count,
                                 node_id last)
{
    for (int i = 0; i < count; i++)
        if (writer->symbols[roots[i]] <= TERM_LIMIT)
            return;
    for (node_id id = 0; id <= last; id++)
        writer->names[id] = NULL;
}

enum status formula_print(struct formulas *formulas, const struct graph *graph,
                          const node_id *roots, int count, enum notation notation,
                          struct error *error)
{
    struct writer writer;
    unsigned char *needed;
    node_id last;
    *formulas = (struct formulas){.context = graph->context};
    enum status status = writer_begin(&writer, graph, roots, count, notation, &needed, &last,
                                      error);
    if (status != STATUS_OK)
        return status;
    bool arrays = writer.style->arrays;
    writer.over_examples = writer.over_examples && !arrays;
    if (arrays)
        take_names(&writer, needed, last);
    if (arrays && !make_up_names(&writer, needed, last)) {
        memory_free(graph->context, needed);
        writer_end(&writer);
        return error_memory(error, "a formula");
    }
    if (!arrays) {
        writer_choose_names(&writer, needed, last);
        forget_useless_names(&writer, roots, count, last);
    }
    status = print_all(&writer, formulas, roots, count, needed, last, error);
    formulas->reason = writer.reason;
    memory_free(graph->context, needed);
    writer_end(&writer);
    if (status != STATUS_OK)
        formula_free(formulas);
    return status;
}

void formula_free(struct formulas *formulas)
{
    struct context *context = formulas->context;
    for (int i = 0; formulas->texts && i < formulas->count; i++)
        memory_free(context, formulas->texts[i]);
    for (int i = 0; formulas->names && i < formulas->definition_count; i++) {
        memory_free(context, formulas->names[i]);
        memory_free(context, formulas->definitions[i]);
    }
    memory_free(context, formulas->texts);
    memory_free(context, formulas->names);
    memory_free(context, formulas->definitions);
    *formulas = (struct formulas){0};
}

enum status formula_operations(struct formulas *formulas, const struct graph *graph,
                               const node_id *nodes, int count, const char *const *names,
                               enum notation notation, struct error *error)
{
    struct writer writer = {.graph = graph,
                            .style = style_of(notation),
                            .names = (const char **)names, /* only read */
                            .defining = NO_NODE,
                            .out = {.context = graph->context}};
    *formulas = (struct formulas){.context = graph->context};
    formulas->texts = memory_allocate(graph->context, (size_t)count, sizeof(char *));
    look_at_inputs(&writer);
    while (formulas->texts && formulas->count < count) {
        char *text = writer_text(&writer, nodes[formulas->count]);
        if (!text)
            break;
        formulas->texts[formulas->count++] = text;
    }
    memory_free(graph->context, writer.pool);
    if (formulas->texts && formulas->count == count)
        return STATUS_OK;
    formula_free(formulas);
    return error_memory(error, "a formula");
}
