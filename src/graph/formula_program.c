/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formula_program.c: an expression as a Lua function.
 *
 * Every Σᵢ is a variable that a loop over the examples adds to. A sum may depend on another (log Σ
 * inside a Σ): what is known after k loops has stage k, and loop k may use it.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "graph/formula_private.h"

enum { LOCAL_LIMIT = 150, LINE = 90 };

struct program {
    struct writer writer;
    unsigned char *needed;
    node_id last;
    int *stages;           /* of every node: the loop from which on it is known; of what varies by
                         example, the loop in which it can first be computed */
    char (*sums)[16];      /* names of the sums over examples */
    unsigned char *inside; /* for one loop: what it needs */
    struct text out;
    bool inputs[2];
};

static bool is_name(const char *text)
{
    static const char *const reserved[] = {"and",   "break", "do",       "else", "elseif", "end",
                                           "false", "for",   "function", "goto", "if",     "in",
                                           "local", "nil",   "not",      "or",   "repeat", "return",
                                           "then",  "true",  "until",    "while"};
    if (!isalpha((unsigned char)text[0]) && text[0] != '_')
        return false;
    for (const char *c = text; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '_')
            return false;
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(reserved[i], text) == 0)
            return false;
    return true;
}

static const struct node *node_at(const struct program *program, node_id id)
{
    return NODE(program->writer.graph, id);
}

/* Sums get names before anything else, so that they are never written out. */
static bool name_sums(struct program *program)
{
    struct writer *writer = &program->writer;
    int count = 0;
    for (node_id id = 0; id <= program->last; id++)
        count += program->needed[id] && node_at(program, id)->op == PRIMITIVE_SUM_EXAMPLES;
    program->sums = memory_allocate(writer->out.context, (size_t)count, sizeof *program->sums);
    if (!program->sums)
        return false;
    for (node_id id = 0, k = 0, number = 1; id <= program->last && k < count; id++) {
        if (!program->needed[id] || node_at(program, id)->op != PRIMITIVE_SUM_EXAMPLES)
            continue;
        do
            snprintf(program->sums[k], sizeof program->sums[k], "sum%d", (int)number++);
        while (writer_name_taken(writer, program->sums[k], program->last));
        writer->names[id] = program->sums[k++];
    }
    return true;
}

static void find_stages(struct program *program)
{
    const struct graph *graph = program->writer.graph;
    for (node_id id = 0; id <= program->last; id++) {
        int count = program->needed[id] ? graph_argument_count(graph, id) : 0;
        for (int i = 0; i < count; i++) {
            int stage = program->stages[graph_argument(graph, id, i)];
            program->stages[id] = stage > program->stages[id] ? stage : program->stages[id];
        }
        if (program->needed[id] && node_at(program, id)->op == PRIMITIVE_SUM_EXAMPLES)
            program->stages[id]++;
    }
}

static void add(struct program *program, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add(struct program *program, const char *format, ...)
{
    char buffer[512];
    va_list list;
    va_start(list, format);
    int length = vsnprintf(buffer, sizeof buffer, format, list);
    va_end(list);
    if (length > 0)
        text_append(&program->out, buffer,
                    (size_t)length < sizeof buffer ? (size_t)length : sizeof buffer - 1);
}

static void add_expression(struct program *program, node_id id)
{
    char *text = writer_text(&program->writer, id);
    if (text)
        text_append(&program->out, text, strlen(text));
    else
        program->out.failed = true;
    memory_free(program->out.context, text);
}

static void add_definition(struct program *program, const char *indent, node_id id)
{
    add(program, "%slocal %s = ", indent, program->writer.names[id]);
    add_expression(program, id);
    add(program, "\n");
}

/* A sum that this loop adds to. */
static bool is_added(const struct program *program, node_id id, int loop)
{
    return program->needed[id] && node_at(program, id)->op == PRIMITIVE_SUM_EXAMPLES &&
           program->stages[id] == loop + 1;
}

/* What varies by example and the sums of this loop need. */
static void mark_inside(struct program *program, int loop)
{
    const struct graph *graph = program->writer.graph;
    memset(program->inside, 0, (size_t)program->last + 1);
    for (node_id id = program->last; id >= 0; id--) {
        const struct node *node = node_at(program, id);
        if (node->op == PRIMITIVE_SUM_EXAMPLES && program->needed[id] &&
            program->stages[id] == loop + 1)
            program->inside[node->a] = 1;
        if (!program->inside[id] || node->op == PRIMITIVE_SUM_EXAMPLES)
            continue;
        int count = graph_argument_count(graph, id);
        for (int i = 0; i < count; i++)
            if (node_at(program, graph_argument(graph, id, i))->level == LEVEL_EXAMPLE)
                program->inside[graph_argument(graph, id, i)] = 1;
    }
}

static void add_loop(struct program *program, int loop)
{
    const struct writer *writer = &program->writer;
    int sums = 0;
    for (node_id id = 0; id <= program->last; id++)
        if (is_added(program, id, loop))
            add(program, sums++ > 0 ? ", %s" : "    local %s", writer->names[id]);
    for (int k = 0; k < sums; k++)
        add(program, k > 0 ? ", 0" : " = 0");
    add(program, "\n    for i = 1, #%s do\n", writer->counted);
    mark_inside(program, loop);
    for (node_id id = 0; id <= program->last; id++)
        if (program->inside[id] && writer->names[id])
            add_definition(program, "        ", id);
    for (node_id id = 0; id <= program->last; id++) {
        if (!is_added(program, id, loop))
            continue;
        add(program, "        %s = %s + ", writer->names[id], writer->names[id]);
        node_id term = node_at(program, id)->a;
        if (writer->names[term])
            add(program, "%s", writer->names[term]);
        else
            add_expression(program, term);
        add(program, "\n");
    }
    add(program, "    end\n");
}

/* What is known after `stage` loops. */
static void add_definitions(struct program *program, int stage)
{
    for (node_id id = 0; id <= program->last; id++)
        if (program->needed[id] && program->writer.names[id] && program->stages[id] == stage &&
            node_at(program, id)->level < LEVEL_EXAMPLE &&
            node_at(program, id)->op != PRIMITIVE_SUM_EXAMPLES)
            add_definition(program, "    ", id);
}

static void add_head(struct program *program)
{
    const struct graph *graph = program->writer.graph;
    bool any = false;
    add(program, "function(");
    for (int i = 0; i < graph->declaration_count; i++) {
        bool again = false; /* a function that was traced several times */
        for (int k = 0; k < i; k++)
            again = again || graph->declarations[k].offset == graph->declarations[i].offset;
        if (again)
            continue;
        add(program, "%s%s", any ? ", " : "", graph->declarations[i].name);
        any = true;
    }
    for (int source = 0; source < 2; source++) {
        if (!program->inputs[source])
            continue;
        add(program, "%s%s", any ? ", " : "", program->writer.inputs[source]);
        any = true;
    }
    add(program, ")\n");
}

static void add_result(struct program *program, const node_id *roots, int count)
{
    add(program, "    return ");
    for (int i = 0; i < count; i++) {
        const char *name = program->writer.names[roots[i]];
        add(program, i > 0 ? ",\n           " : "");
        if (name)
            add(program, "%s", name);
        else
            add_expression(program, roots[i]);
    }
    add(program, "\nend");
}

/* What cannot be written; NULL: nothing. */
static const char *obstacle(const struct program *program, const node_id *roots, int count)
{
    const struct writer *writer = &program->writer;
    int locals = 0, arguments;
    enum primitive primitive;
    for (int i = 0; i < writer->graph->declaration_count; i++) {
        const char *name = writer->graph->declarations[i].name;
        if (!is_name(name))
            return "a parameter whose name is none in Lua";
        if (primitive_find(name, &primitive, &arguments) || strcmp(name, "i") == 0)
            return "a parameter with the name of something else";
    }
    for (node_id id = 0; id <= program->last; id++) {
        if (!program->needed[id])
            continue;
        const struct node *node = node_at(program, id);
        if (node->op == PRIMITIVE_INPUT && node->source == SOURCE_PREDICTION)
            return "a prediction";
        if (node->op == PRIMITIVE_INPUT && node->source == SOURCE_WEIGHT)
            return "weights of the examples";
        if (node->op == PRIMITIVE_INPUT && node->source == SOURCE_MASK)
            return "dropout";
        locals += writer->names[id] != NULL;
        if (writer->names[id] && !is_name(writer->names[id]))
            return "a name that is none in Lua";
        if ((writer->names[id] || program->needed[id] == FORMULA_ROOT) &&
            writer->symbols[id] > TERM_LIMIT)
            return "more than 400 terms";
        if (node->op == PRIMITIVE_SUM_EXAMPLES && writer->symbols[node->a] > TERM_LIMIT)
            return "more than 400 terms";
    }
    for (int i = 0; i < count; i++)
        if (node_at(program, roots[i])->level == LEVEL_EXAMPLE)
            return "a value of one example";
    return locals > LOCAL_LIMIT ? "more than 150 definitions" : NULL;
}

/* The names of x and y, unless parameters have them. */
static void name_inputs(struct program *program)
{
    struct writer *writer = &program->writer;
    static const char *const others[] = {"data_x", "data_y"};
    bool counts = false;
    for (node_id id = 0; id <= program->last; id++) {
        const struct node *node = node_at(program, id);
        if (!program->needed[id])
            continue;
        if (node->op == PRIMITIVE_INPUT && node->source <= SOURCE_Y)
            program->inputs[node->source] = true;
        counts = counts || node->op == PRIMITIVE_COUNT;
    }
    if (counts && !program->inputs[SOURCE_Y])
        program->inputs[SOURCE_X] = true;
    for (int source = 0; source < 2; source++)
        for (int i = 0; i < writer->graph->declaration_count; i++)
            if (strcmp(writer->graph->declarations[i].name, writer->inputs[source]) == 0)
                writer->inputs[source] = others[source];
    writer->counted = writer->inputs[program->inputs[SOURCE_X] ? SOURCE_X : SOURCE_Y];
    writer->over_examples = program->inputs[SOURCE_X] || program->inputs[SOURCE_Y];
}

static void write_program(struct program *program, const node_id *roots, int count,
                          const char *prelude)
{
    int loops = 0;
    for (node_id id = 0; id <= program->last; id++)
        if (program->needed[id] && node_at(program, id)->op == PRIMITIVE_SUM_EXAMPLES &&
            program->stages[id] > loops)
            loops = program->stages[id];
    add_head(program);
    text_append(&program->out, prelude, strlen(prelude));
    add_definitions(program, 0);
    for (int loop = 0; loop < loops; loop++) {
        add_loop(program, loop);
        add_definitions(program, loop + 1);
    }
    add_result(program, roots, count);
}

/* "function(x)\n    return e\nend" as one line where it fits. */
static void join_lines(char *text)
{
    int lines = 0;
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    if (lines != 2 || strlen(text) > LINE)
        return;
    char *to = text;
    for (const char *c = text; *c; c++) {
        bool end = *c == '\n';
        *to++ = end ? ' ' : *c;
        while (end && c[1] == ' ')
            c++;
    }
    *to = '\0';
}

enum status formula_program(char **text, const struct graph *graph, const node_id *roots, int count,
                            const char *prelude, struct error *error)
{
    struct context *context = graph->context;
    struct program program = {.out = {.context = context}};
    enum status status = writer_begin(&program.writer, graph, roots, count, NOTATION_LUA,
                                      &program.needed, &program.last, error);
    if (status != STATUS_OK)
        return status;
    size_t size = (size_t)program.last + 1;
    program.stages = memory_allocate(context, size, sizeof *program.stages);
    program.inside = memory_allocate(context, size, 1);
    if (!program.stages || !program.inside || !name_sums(&program)) {
        status = error_memory(error, "a formula");
    } else {
        writer_choose_names(&program.writer, program.needed, program.last);
        find_stages(&program);
        name_inputs(&program);
        const char *reason = obstacle(&program, roots, count);
        if (!reason) {
            write_program(&program, roots, count, prelude ? prelude : "");
            reason = program.writer.reason;
        }
        if (reason)
            status = error_set(error, STATUS_UNSUPPORTED, "",
                               "this expression cannot be written as Lua: it has %s", reason);
        else if (program.out.failed)
            status = error_memory(error, "a formula");
    }
    memory_free(context, program.needed);
    memory_free(context, program.stages);
    memory_free(context, program.inside);
    memory_free(context, program.sums);
    writer_end(&program.writer);
    if (status != STATUS_OK) {
        memory_free(context, program.out.bytes);
        return status;
    }
    join_lines(program.out.bytes);
    *text = program.out.bytes;
    return STATUS_OK;
}
