/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph/sweep.h"

#include <string.h>

#include "base/memory.h"
#include "base/pool.h"
#include "graph/graph_private.h"
#include "graph/tape_private.h"

/* Partial sums of one Σᵢ, as many as kernels have at most (struct kernels, width); threads. */
enum { PARTIALS = 8, THREADS = 16 };
/* Numbers in the table of what is fixed for each example; components of leaves that vary; numbers
 * that are summed. */
enum { TABLE_LIMIT = 1 << 22, LEAF_LIMIT = 256, SUM_LIMIT = 64 };

enum part { PART_NONE, PART_FIXED, PART_POINT, PART_ACROSS };

/* Rows that a program finds among its inputs, and where they come from. */
struct rows {
    size_t to, from, components; /* in rows; of a leaf `from` is its place in φ */
};

struct program {
    struct graph *graph;
    node_id *map; /* from nodes of the source; NO_NODE: not there yet */
    int columns;  /* of its inputs so far */
    node_id *nodes;
    size_t *offsets;
    struct tape_outputs outputs; /* of those lists */
    struct tape *tapes[THREADS]; /* of each thread; NULL: there is nothing to do */
    struct rows *leaves;
    size_t leaf_count;
};

/* A step sum + e, whose sum is read and written where the example wants it. */
struct adder {
    struct step *step;
    bool reads[STEP_OPERANDS];
};

struct sum {
    node_id id; /* Σᵢ in the source */
    size_t from, components; /* rows of the sums */
    bool is_read;
    size_t to; /* rows of `after` */
    struct adder adders[THREADS];
};

struct sweep {
    struct context *context;
    size_t parameters, varying_count;
    size_t *column;     /* of each component of φ: 1 + its number among those that vary, or 0 */
    struct tape *fixed; /* NULL: nothing is fixed but constants */
    size_t table_width, fixed_count;
    struct program before, across, after;
    struct rows *passed; /* from `before` to `across`; `from`: rows of the output */
    size_t passed_count;
    struct sum *sums;
    size_t sum_count, sum_rows;
    bool varies; /* else all points have one value, the first that is fixed */
    size_t early_spreads; /* spreads of `across` that change with the example come first */
    double *table, *constants;
    size_t table_capacity;
    size_t worker_count;
    double *buffers[THREADS]; /* varying components, partial sums, lanes' sums, sums */
};

static void free_program(struct sweep *sweep, struct program *program)
{
    for (size_t t = 0; t < THREADS; t++)
        tape_free(program->tapes[t]);
    graph_free(program->graph);
    memory_free(sweep->context, program->map);
    memory_free(sweep->context, program->nodes);
    memory_free(sweep->context, program->offsets);
    memory_free(sweep->context, program->leaves);
}

void sweep_free(struct sweep *sweep)
{
    if (!sweep)
        return;
    struct context *context = sweep->context;
    free_program(sweep, &sweep->before);
    free_program(sweep, &sweep->across);
    free_program(sweep, &sweep->after);
    tape_free(sweep->fixed);
    memory_free(context, sweep->column);
    memory_free(context, sweep->passed);
    memory_free(context, sweep->sums);
    memory_free(context, sweep->table);
    memory_free(context, sweep->constants);
    for (size_t t = 0; t < THREADS; t++)
        memory_free(context, sweep->buffers[t]);
    memory_free(context, sweep);
}

/* --- making --- */

struct maker {
    struct sweep *sweep;
    struct graph *graph;
    node_id root;
    unsigned char *part;     /* of each needed node */
    unsigned char *above;    /* whether a sum across is below it */
    unsigned char *reads[3]; /* by enum reader: whether it is read there as a leaf */
    size_t *place;           /* of fixed nodes: among the fixed numbers */
    struct error *error;
};

enum reader { READ_FIXED, READ_BY_ACROSS, READ_BY_AFTER };

static enum status unsupported(struct maker *m, const char *why)
{
    return error_set(m->error, STATUS_UNSUPPORTED, "", "%s", why);
}

static bool leaf_varies(const struct sweep *sweep, const struct node *node)
{
    for (int r = 0; r < shape_size(node->shape); r++)
        if (sweep->column[node->offset + r])
            return true;
    return false;
}

/* Which part each node belongs to, and what each part reads of the others. */
static enum status cut(struct maker *m)
{
    struct graph *graph = m->graph;
    for (node_id id = 0; id <= m->root; id++) {
        const struct node *node = NODE(graph, id);
        if (!m->part[id]) /* not needed */
            continue;
        enum part part = PART_FIXED;
        if (node->op == PRIMITIVE_PARAMETER && node->source == SOURCE_PHI &&
            leaf_varies(m->sweep, node)) {
            part = PART_POINT;
            if (shape_size(node->shape) > LEAF_LIMIT)
                return unsupported(m, "many parameters beside those that vary");
        }
        int count = graph_argument_count(graph, id);
        for (int i = 0; i < count; i++) {
            node_id argument = graph_argument(graph, id, i);
            if (m->part[argument] >= PART_POINT)
                part = node->level == LEVEL_EXAMPLE ? PART_ACROSS : PART_POINT;
            m->above[id] |= m->above[argument];
        }
        m->part[id] = (unsigned char)part;
        if (node->op == PRIMITIVE_SUM_EXAMPLES && part == PART_POINT)
            m->above[id] = 1;
        if (part == PART_ACROSS && m->above[id])
            return unsupported(m, "a sum over the examples enters another one");
    }
    for (node_id id = 0; id <= m->root; id++) {
        bool across = m->part[id] == PART_ACROSS;
        if (m->part[id] < PART_POINT || NODE(graph, id)->op == PRIMITIVE_SUM_EXAMPLES)
            continue;
        int count = graph_argument_count(graph, id);
        for (int i = 0; i < count; i++) {
            node_id argument = graph_argument(graph, id, i);
            if (m->part[argument] == PART_FIXED)
                m->reads[READ_FIXED][argument] = 1;
            else if (m->part[argument] == PART_POINT)
                m->reads[across ? READ_BY_ACROSS : READ_BY_AFTER][argument] = 1;
        }
    }
    m->reads[m->part[m->root] == PART_FIXED ? READ_FIXED : READ_BY_AFTER][m->root] = 1;
    return STATUS_OK;
}

/* The tape of what does not vary: numbers for each example side by side in a table, and others. */
static enum status make_fixed(struct maker *m)
{
    struct sweep *sweep = m->sweep;
    struct context *context = sweep->context;
    size_t size = (size_t)m->root + 1, examples = 0, values = 0;
    node_id *columns = memory_allocate(context, size, sizeof *columns);
    node_id *nodes = memory_allocate(context, size, sizeof *nodes);
    size_t *offsets = memory_allocate(context, size, sizeof *offsets);
    enum status status = columns && nodes && offsets ? STATUS_OK
                                                     : error_memory(m->error, "a surface");
    for (int by_example = 1; by_example >= 0 && status == STATUS_OK; by_example--)
        for (node_id id = 0; id <= m->root && status == STATUS_OK; id++) {
            const struct node *node = NODE(m->graph, id);
            if (!m->reads[READ_FIXED][id] || (node->op == PRIMITIVE_CONSTANT && id != m->root) ||
                (node->level == LEVEL_EXAMPLE) != by_example)
                continue;
            m->place[id] = sweep->table_width + sweep->fixed_count;
            if (!by_example) {
                nodes[values] = id;
                offsets[values++] = sweep->fixed_count;
                sweep->fixed_count += (size_t)shape_size(node->shape);
            } else if (node->shape.cols == 1) {
                columns[examples++] = id;
                sweep->table_width += (size_t)shape_size(node->shape);
            } else {
                status = unsupported(m, "a matrix for each example");
            }
        }
    if (status == STATUS_OK && examples + values > 0) {
        struct tape_outputs outputs = {nodes, offsets, values, NO_NODE};
        if (examples > 0)
            outputs.per_example = graph_concat(m->graph, columns, (int)examples);
        status = tape_new(&sweep->fixed, m->graph, sweep->parameters, &outputs, m->error);
    }
    memory_free(context, columns);
    memory_free(context, nodes);
    memory_free(context, offsets);
    return status;
}

static enum status open_program(struct maker *m, struct program *program)
{
    struct context *context = m->sweep->context;
    size_t size = (size_t)m->root + 1;
    enum status status = graph_new(&program->graph, context, m->error);
    program->map = memory_allocate(context, size, sizeof *program->map);
    program->nodes = memory_allocate(context, size, sizeof *program->nodes);
    program->offsets = memory_allocate(context, size, sizeof *program->offsets);
    program->leaves = memory_allocate(context, size, sizeof *program->leaves);
    if (status == STATUS_OK &&
        (!program->map || !program->nodes || !program->offsets || !program->leaves))
        status = error_memory(m->error, "a surface");
    for (size_t i = 0; i < size && status == STATUS_OK; i++)
        program->map[i] = NO_NODE;
    return status;
}

/* Rows that stand there before the program runs, as columns of no table. */
static node_id input_for(const struct maker *m, struct program *program, node_id id)
{
    struct node node = {.op = PRIMITIVE_INPUT, .source = SOURCE_X, .level = LEVEL_EXAMPLE,
                        .shape = NODE(m->graph, id)->shape, .a = NO_NODE, .b = NO_NODE,
                        .c = NO_NODE, .offset = program->columns};
    program->columns += shape_size(node.shape);
    return program->map[id] = graph_intern(program->graph, &node);
}

/* A node of the source, with its arguments taken from the program; nothing is simplified, so that
 * the same operations follow in the same order. */
static enum status emit(struct maker *m, struct program *program, node_id id)
{
    struct graph *graph = program->graph;
    struct node node = *NODE(m->graph, id);
    int count = graph_argument_count(m->graph, id);
    if (node.op == PRIMITIVE_PARAMETER) {
        input_for(m, program, id);
        return STATUS_OK;
    }
    struct context *context = m->sweep->context;
    node_id *arguments = memory_allocate(context, (size_t)count, sizeof *arguments);
    if (!arguments)
        return error_memory(m->error, "a surface");
    for (int i = 0; i < count; i++) {
        node_id argument = graph_argument(m->graph, id, i);
        if (program->map[argument] == NO_NODE && m->part[argument] == PART_FIXED) {
            const struct node *fixed = NODE(m->graph, argument);
            program->map[argument] =
                fixed->op == PRIMITIVE_CONSTANT
                    ? graph_constant_shaped(graph, fixed->number, fixed->shape)
                    : graph_parameter(graph, SOURCE_PHI, (int)m->place[argument], fixed->shape);
        } else if (program->map[argument] == NO_NODE) {
            input_for(m, program, argument);
        }
        arguments[i] = program->map[argument];
    }
    if (node.op == PRIMITIVE_CONCAT) {
        program->map[id] = graph_concat(graph, arguments, count);
    } else {
        node.a = count > 0 ? arguments[0] : NO_NODE;
        node.b = count > 1 ? arguments[1] : NO_NODE;
        node.c = count > 2 ? arguments[2] : NO_NODE;
        node.name = NULL;
        program->map[id] = graph_intern(graph, &node);
    }
    memory_free(context, arguments);
    return graph_status(graph, m->error);
}

/* The row at which the program finds the values of a node; false: it does not read them. */
static bool find_rows(const struct program *program, const struct tape *tape, node_id id,
                      size_t *row)
{
    if (program->map[id] == NO_NODE)
        return false;
    const struct node *node = NODE(program->graph, program->map[id]);
    for (size_t i = 0; node->op == PRIMITIVE_INPUT && i < tape->input_count; i++) {
        const struct input *input = &tape->inputs[i];
        size_t column = (size_t)node->offset;
        if (column >= input->column && column < input->column + input->width) {
            *row = input->row + column - input->column;
            return true;
        }
    }
    return false;
}

static void find_leaves(struct maker *m, struct program *program)
{
    size_t row;
    for (node_id id = 0; id <= m->root; id++) {
        const struct node *node = NODE(m->graph, id);
        if (m->part[id] == PART_POINT && node->op == PRIMITIVE_PARAMETER &&
            find_rows(program, program->tapes[0], id, &row))
            program->leaves[program->leaf_count++] =
                (struct rows){row, (size_t)node->offset, (size_t)shape_size(node->shape)};
    }
}

/* The step that adds to a sum: the only reader of the rows where the sum is expected. */
static bool find_adder(struct tape *tape, size_t row, struct adder *adder)
{
    const double *rows = tape->workers[0].rows + row * BLOCK;
    *adder = (struct adder){0};
    for (size_t i = 0; i < tape->step_count; i++) {
        struct step *step = &tape->workers[0].steps[i];
        for (int k = 0; k < STEP_OPERANDS; k++) {
            if (step->in[k].data != rows || step->in[k].step != 1)
                continue;
            if (step->structural || (adder->step && adder->step != step))
                return false;
            adder->step = step;
            adder->reads[k] = true;
        }
    }
    return adder->step != NULL;
}

/* What reads numbers that change with the example is spread first. */
static void sort_spreads(struct sweep *sweep, struct tape *tape)
{
    sweep->early_spreads = 0;
    for (size_t i = 0; i < tape->spread_count; i++)
        if (tape->spreads[i].from < sweep->table_width) {
            struct spread spread = tape->spreads[i];
            tape->spreads[i] = tape->spreads[sweep->early_spreads];
            tape->spreads[sweep->early_spreads++] = spread;
        }
}

static enum status new_tape(struct sweep *sweep, struct program *program, size_t thread,
                            struct error *error)
{
    size_t parameters = sweep->table_width + sweep->fixed_count;
    enum status status = tape_new(&program->tapes[thread], program->graph, parameters,
                                  &program->outputs, error);
    if (status != STATUS_OK || program != &sweep->across)
        return status;
    struct tape *tape = program->tapes[thread];
    for (size_t i = 0; i < sweep->sum_count; i++) {
        struct sum *sum = &sweep->sums[i];
        size_t row;
        if (!find_rows(program, tape, sum->id, &row) ||
            !find_adder(tape, row, &sum->adders[thread]))
            return error_set(error, STATUS_UNSUPPORTED, "", "a sum that is not one of numbers");
    }
    sort_spreads(sweep, tape);
    return STATUS_OK;
}

static enum status make_tape(struct maker *m, struct program *program,
                             struct tape_outputs outputs)
{
    enum status status = graph_status(program->graph, m->error);
    program->outputs = outputs;
    if (status == STATUS_OK)
        status = new_tape(m->sweep, program, 0, m->error);
    if (status == STATUS_OK)
        find_leaves(m, program);
    return status;
}

/* What `across` reads of φ alone and is not a leaf. */
static enum status make_before(struct maker *m)
{
    struct sweep *sweep = m->sweep;
    struct program *before = &sweep->before;
    struct context *context = sweep->context;
    enum status status = open_program(m, before);
    sweep->passed = memory_allocate(context, (size_t)m->root + 1, sizeof *sweep->passed);
    if (status == STATUS_OK && !sweep->passed)
        status = error_memory(m->error, "a surface");
    size_t row = 0;
    int count = 0;
    for (node_id id = 0; id <= m->root && status == STATUS_OK; id++) {
        const struct node *node = NODE(m->graph, id);
        if (m->part[id] != PART_POINT || m->above[id])
            continue;
        status = emit(m, before, id);
        if (status != STATUS_OK || !m->reads[READ_BY_ACROSS][id] ||
            node->op == PRIMITIVE_PARAMETER)
            continue;
        if (node->shape.cols != 1) {
            status = unsupported(m, "a matrix that varies");
            break;
        }
        size_t components = (size_t)shape_size(node->shape);
        sweep->passed[sweep->passed_count++] = (struct rows){(size_t)id, row, components};
        before->nodes[count++] = before->map[id];
        row += components;
    }
    if (status == STATUS_OK && count > 0) {
        node_id all = graph_concat(before->graph, before->nodes, count);
        status = make_tape(m, before, (struct tape_outputs){.per_example = all});
    }
    return status;
}

/* Σ e becomes sum + e, with the sum so far among the inputs. */
static enum status make_across(struct maker *m)
{
    struct sweep *sweep = m->sweep;
    struct program *across = &sweep->across;
    enum status status = open_program(m, across);
    size_t most = 0;
    for (node_id id = 0; id <= m->root; id++)
        most += m->part[id] == PART_POINT && NODE(m->graph, id)->op == PRIMITIVE_SUM_EXAMPLES;
    if (most > SUM_LIMIT)
        return unsupported(m, "many sums");
    sweep->sums = memory_allocate(sweep->context, most, sizeof *sweep->sums);
    if (status == STATUS_OK && !sweep->sums)
        status = error_memory(m->error, "a surface");
    for (node_id id = 0; id <= m->root && status == STATUS_OK; id++) {
        const struct node *node = NODE(m->graph, id);
        if (m->part[id] == PART_ACROSS)
            status = emit(m, across, id);
        if (m->part[id] != PART_POINT || node->op != PRIMITIVE_SUM_EXAMPLES)
            continue;
        size_t components = (size_t)shape_size(node->shape);
        struct node sum = {.op = PRIMITIVE_ADD, .shape = node->shape,
                           .a = input_for(m, across, id), .b = across->map[node->a],
                           .c = NO_NODE};
        across->nodes[sweep->sum_count] = graph_intern(across->graph, &sum);
        sweep->sums[sweep->sum_count++] =
            (struct sum){.id = id, .from = sweep->sum_rows, .components = components};
        sweep->sum_rows += components;
        if (sweep->sum_rows > SUM_LIMIT || node->shape.cols != 1)
            status = unsupported(m, "sums of many numbers");
    }
    if (status != STATUS_OK || sweep->sum_count == 0)
        return status;
    node_id all = graph_concat(across->graph, across->nodes, (int)sweep->sum_count);
    status = make_tape(m, across, (struct tape_outputs){.per_example = all});
    for (size_t i = 0; i < sweep->passed_count && status == STATUS_OK; i++)
        find_rows(across, across->tapes[0], (node_id)sweep->passed[i].to, &sweep->passed[i].to);
    return status;
}

static enum status make_after(struct maker *m)
{
    struct sweep *sweep = m->sweep;
    struct program *after = &sweep->after;
    enum status status = open_program(m, after);
    for (node_id id = 0; id <= m->root && status == STATUS_OK; id++) {
        if (m->part[id] != PART_POINT)
            continue;
        if (NODE(m->graph, id)->op == PRIMITIVE_SUM_EXAMPLES)
            input_for(m, after, id);
        else
            status = emit(m, after, id);
    }
    if (status != STATUS_OK)
        return status;
    status = make_tape(m, after, (struct tape_outputs){.per_example = after->map[m->root]});
    for (size_t i = 0; status == STATUS_OK && i < sweep->sum_count; i++) {
        struct sum *sum = &sweep->sums[i];
        sum->is_read = find_rows(after, after->tapes[0], sum->id, &sum->to);
    }
    return status;
}

static enum status make(struct maker *m)
{
    struct sweep *sweep = m->sweep;
    enum status status = cut(m);
    if (status == STATUS_OK)
        status = make_fixed(m);
    sweep->varies = m->part[m->root] == PART_POINT;
    if (status == STATUS_OK && sweep->varies)
        status = make_before(m);
    if (status == STATUS_OK && sweep->varies)
        status = make_across(m);
    if (status == STATUS_OK && sweep->varies)
        status = make_after(m);
    if (status != STATUS_OK)
        return status;
    sweep->constants = memory_allocate(sweep->context, sweep->fixed_count, sizeof(double));
    return sweep->constants ? STATUS_OK : error_memory(m->error, "a surface");
}

enum status sweep_new(struct sweep **result, struct graph *graph, node_id root, size_t parameters,
                      const size_t *varying, size_t count, struct error *error)
{
    struct context *context = graph->context;
    size_t size = (size_t)root + 1;
    struct maker m = {.graph = graph, .root = root, .error = error};
    struct sweep *sweep = m.sweep = memory_allocate(context, 1, sizeof *sweep);
    if (!sweep)
        return error_memory(error, "a surface");
    sweep->context = context;
    sweep->parameters = parameters;
    sweep->varying_count = count;
    sweep->column = memory_allocate(context, parameters, sizeof *sweep->column);
    m.part = memory_allocate(context, size, 1);
    m.above = memory_allocate(context, size, 1);
    m.place = memory_allocate(context, size, sizeof *m.place);
    bool fine = sweep->column && m.part && m.above && m.place;
    for (size_t k = 0; k < 3; k++) {
        m.reads[k] = memory_allocate(context, size, 1);
        fine = fine && m.reads[k];
    }
    enum status status = fine ? STATUS_OK : error_memory(error, "a surface");
    if (status == STATUS_OK) {
        for (size_t k = 0; k < count; k++)
            sweep->column[varying[k]] = 1 + k;
        graph_mark_needed(graph, root, m.part);
        status = make(&m);
    }
    memory_free(context, m.part);
    memory_free(context, m.above);
    memory_free(context, m.place);
    for (size_t k = 0; k < 3; k++)
        memory_free(context, m.reads[k]);
    if (status != STATUS_OK) {
        sweep_free(sweep);
        return status;
    }
    *result = sweep;
    return STATUS_OK;
}

/* --- running --- */

/* The parts of a worker's buffer, each of rows. */
static size_t buffer_rows(const struct sweep *sweep)
{
    return sweep->varying_count + (PARTIALS + 2) * sweep->sum_rows;
}

/* One more thread: tapes and a buffer of its own. */
static bool add_worker(struct sweep *sweep)
{
    size_t t = sweep->worker_count;
    struct program *programs[] = {&sweep->before, &sweep->across, &sweep->after};
    for (size_t i = 0; i < 3; i++) {
        if (programs[i]->tapes[0] && !programs[i]->tapes[t] &&
            new_tape(sweep, programs[i], t, NULL) != STATUS_OK)
            return false; /* fewer threads give the same values */
    }
    sweep->buffers[t] =
        memory_allocate_aligned(sweep->context, buffer_rows(sweep) * BLOCK + 8, sizeof(double));
    if (!sweep->buffers[t])
        return false;
    sweep->worker_count++;
    return true;
}

struct job {
    struct sweep *sweep;
    const double *phi;
    sweep_points *points;
    const void *argument;
    double *values;
    size_t examples, count, threads;
    atomic_size_t next; /* point of the first block that no thread has taken */
};

static double *rows_of(struct tape *tape, size_t row)
{
    return tape->workers[0].rows + row * BLOCK;
}

/* What changes with the point, and what stands beside it in the same leaf. */
static void fill_leaves(const struct job *job, const struct program *program, struct tape *tape,
                        const double *varying, size_t n)
{
    const struct sweep *sweep = job->sweep;
    for (size_t i = 0; i < program->leaf_count; i++) {
        const struct rows *leaf = &program->leaves[i];
        for (size_t r = 0; r < leaf->components; r++) {
            double *to = rows_of(tape, leaf->to + r);
            size_t column = sweep->column[leaf->from + r];
            if (column)
                memcpy(to, varying + (column - 1) * BLOCK, n * sizeof *to);
            else
                for (size_t b = 0; b < n; b++)
                    to[b] = job->phi[leaf->from + r];
        }
    }
}

static void execute(struct tape *tape, size_t n)
{
    for (size_t i = 0; i < tape->stage_count; i++)
        worker_execute(&tape->workers[0], &tape->stages[i], NULL, n);
}

/* What is added up from now on. */
static void direct(struct sweep *sweep, size_t thread, double *sums)
{
    for (size_t i = 0; i < sweep->sum_count; i++) {
        const struct adder *adder = &sweep->sums[i].adders[thread];
        double *rows = sums + sweep->sums[i].from * BLOCK;
        adder->step->out.data = rows;
        for (int k = 0; k < STEP_OPERANDS; k++)
            if (adder->reads[k])
                adder->step->in[k].data = rows;
    }
}

static void run_before(const struct job *job, size_t thread, const double *varying, size_t n)
{
    struct sweep *sweep = job->sweep;
    struct tape *before = sweep->before.tapes[thread], *across = sweep->across.tapes[thread];
    if (before) {
        const struct operand *output = &before->workers[0].per_example;
        fill_leaves(job, &sweep->before, before, varying, n);
        execute(before, n);
        for (size_t i = 0; i < sweep->passed_count; i++)
            for (size_t r = 0; r < sweep->passed[i].components; r++)
                memcpy(rows_of(across, sweep->passed[i].to + r),
                       output->data + (sweep->passed[i].from + r) * output->row,
                       n * sizeof(double));
    }
    fill_leaves(job, &sweep->across, across, varying, n);
}

static void add(double *restrict to, const double *restrict from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] += from[i];
}

static bool run_across(const struct job *job, size_t thread, double *partials, size_t n)
{
    struct sweep *sweep = job->sweep;
    struct tape *tape = sweep->across.tapes[thread];
    size_t width = sweep->table_width, size = sweep->sum_rows * BLOCK;
    size_t count = tape->kernels->width;
    double *lane_sums = partials + PARTIALS * size, *sums = lane_sums + size;
    size_t blocks = (job->examples + BLOCK - 1) / BLOCK;
    size_t lanes = blocks == 0 ? 1 : blocks < LANES ? blocks : LANES;
    for (size_t lane = 0; lane < lanes; lane++) {
        memset(lane_sums, 0, size * sizeof *lane_sums);
        for (size_t block = lane * blocks / lanes; block < (lane + 1) * blocks / lanes; block++) {
            size_t begin = block * BLOCK;
            size_t end = begin + BLOCK < job->examples ? begin + BLOCK : job->examples;
            if (atomic_load_explicit(&sweep->context->interrupted, memory_order_relaxed) != 0)
                return false;
            memset(partials, 0, count * size * sizeof *partials);
            for (size_t i = begin; i < end; i++) {
                if (width > 0) {
                    memcpy(tape->memory, sweep->table + i * width, width * sizeof *tape->memory);
                    tape->kernels->spread(tape->memory, tape->spreads, sweep->early_spreads);
                }
                direct(sweep, thread, partials + i % count * size);
                execute(tape, n);
            }
            tape->kernels->add_partials(lane_sums, partials, size);
        }
        if (lane == 0)
            memcpy(sums, lane_sums, size * sizeof *sums);
        else
            add(sums, lane_sums, size);
    }
    return true;
}

/* Blocks of points that are still to be taken. */
static void run_share(void *argument, size_t thread)
{
    struct job *job = argument;
    struct sweep *sweep = job->sweep;
    struct tape *after = sweep->after.tapes[thread];
    double *varying = sweep->buffers[thread];
    double *partials = varying + sweep->varying_count * BLOCK;
    double *sums = partials + (PARTIALS + 1) * sweep->sum_rows * BLOCK;
    for (size_t begin; (begin = atomic_fetch_add(&job->next, BLOCK)) < job->count;) {
        size_t n = job->count - begin < BLOCK ? job->count - begin : BLOCK;
        size_t padded = (n + 7) / 8 * 8;
        if (atomic_load_explicit(&sweep->context->interrupted, memory_order_relaxed) != 0)
            return;
        job->points(job->argument, begin, n, varying, BLOCK);
        for (size_t k = 0; k < sweep->varying_count; k++)
            for (size_t b = n; b < padded; b++)
                varying[k * BLOCK + b] = varying[k * BLOCK + n - 1];
        if (sweep->across.tapes[thread]) {
            run_before(job, thread, varying, padded);
            if (!run_across(job, thread, partials, padded))
                return;
        }
        fill_leaves(job, &sweep->after, after, varying, padded);
        for (size_t i = 0; i < sweep->sum_count; i++)
            for (size_t r = 0; sweep->sums[i].is_read && r < sweep->sums[i].components; r++)
                memcpy(rows_of(after, sweep->sums[i].to + r),
                       sums + (sweep->sums[i].from + r) * BLOCK, padded * sizeof *sums);
        execute(after, padded);
        memcpy(job->values + begin, after->workers[0].per_example.data, n * sizeof(double));
    }
}

static size_t threads_for(struct sweep *sweep, size_t examples, size_t points)
{
    enum { ENOUGH_WORK = 80000 };
    const struct tape *across = sweep->across.tapes[0], *after = sweep->after.tapes[0];
    size_t blocks = (points + BLOCK - 1) / BLOCK;
    double work = (double)points * ((across ? (double)(across->work * examples) : 0) +
                                    (double)after->work);
    if (blocks < 2 || work < ENOUGH_WORK)
        return 1;
    size_t threads = pool_threads(sweep->context);
    threads = threads < blocks ? threads : blocks;
    threads = threads < THREADS ? threads : THREADS;
    while (sweep->worker_count < threads && add_worker(sweep))
        continue;
    return threads < sweep->worker_count ? threads : sweep->worker_count;
}

/* The table of what is fixed, and the constants into the tapes of all workers. */
static enum status load_fixed(struct sweep *sweep, const double *phi, const struct tape_data *data,
                              struct error *error)
{
    size_t width = sweep->table_width, needed = width * data->count;
    if (width > 0 && data->count > TABLE_LIMIT / width)
        return error_set(error, STATUS_UNSUPPORTED, "", "too many examples for a table");
    if (needed > sweep->table_capacity) {
        double *table = memory_resize(sweep->context, sweep->table, needed, sizeof *table);
        if (!table)
            return error_memory(error, "a surface");
        sweep->table = table;
        sweep->table_capacity = needed;
    }
    return sweep->fixed ? tape_run(sweep->fixed, phi, NULL, data, sweep->constants,
                                   sweep->fixed_count, sweep->table, error)
                        : STATUS_OK;
}

static void load_constants(struct sweep *sweep, struct program *program, size_t threads)
{
    for (size_t t = 0; t < threads && program->tapes[t]; t++) {
        struct tape *tape = program->tapes[t];
        if (sweep->fixed_count > 0)
            memcpy(tape->memory + sweep->table_width, sweep->constants,
                   sweep->fixed_count * sizeof *tape->memory);
        tape->kernels->spread(tape->memory, tape->spreads, tape->spread_count);
    }
}

enum status sweep_run(struct sweep *sweep, const double *phi, const struct tape_data *data,
                      sweep_points *points, const void *argument, size_t count, double *values,
                      struct error *error)
{
    enum status status = load_fixed(sweep, phi, data, error);
    if (status != STATUS_OK)
        return status;
    if (!sweep->varies) {
        for (size_t i = 0; i < count; i++)
            values[i] = sweep->constants[sweep->fixed_count - 1];
        return STATUS_OK;
    }
    if (sweep->worker_count == 0 && !add_worker(sweep))
        return error_memory(error, "a surface");
    struct job job = {sweep, phi, points, argument, values, data->count, count,
                      threads_for(sweep, data->count, count), 0};
    load_constants(sweep, &sweep->before, job.threads);
    load_constants(sweep, &sweep->across, job.threads);
    load_constants(sweep, &sweep->after, job.threads);
    if (job.threads > 1)
        pool_run(sweep->context, run_share, &job, job.threads);
    else
        run_share(&job, 0);
    if (atomic_load_explicit(&sweep->context->interrupted, memory_order_relaxed) != 0)
        return error_set(error, STATUS_INTERRUPTED, "", "interrupted");
    return STATUS_OK;
}
