/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tape.c: scheduling and running.
 *
 * A node's stage says when it can be computed. Even stages are computed once an evaluation, odd
 * ones in a pass over the data: constants, φ and what depends on them alone 0; a node that varies by
 * example takes the next odd number; Σᵢ the even one after its operand's. A node that two passes
 * need is computed in both. Ordinary losses have the stages 0, 1, 2.
 *
 * One block of memory holds φ, the direction, all values of the even stages, and the rows of the
 * odd ones, which are reused as soon as their last reader has run. Operands are fixed when the tape
 * is made; a run only copies φ in.
 */
#include "graph/tape.h"

#include <string.h>

#include "base/memory.h"
#include "graph/graph_private.h"

/* Examples in a block: 256 doubles are 2 kB a row, so that the rows alive stay in the first-level
 * cache. Lanes: at most 16 shares of whole blocks. Both depend on nothing but the data's size, so
 * that every tape of an objective sums in the same order. */
enum { BLOCK = 256, LANES = 16, ROW_LIMIT = 1 << 21 };

enum slot_kind { SLOT_NONE, SLOT_PHI, SLOT_DIRECTION, SLOT_ONCE, SLOT_ROWS };

struct slot {
    enum slot_kind kind;
    size_t offset; /* in doubles, or in rows */
};

struct bound { /* an instruction with its operands */
    struct instruction instruction;
    struct operand out;   /* SUM_EXAMPLES: unused */
    struct operand *in;   /* as many as arguments; a sum of outer products: the two vectors */
    struct shape *shapes; /* theirs */
    size_t components;
    size_t lane; /* SUM_EXAMPLES: offset among a lane's sums */
};

struct loader { /* fills the rows of an input at the head of a block */
    enum input_source source;
    size_t column, width, row;
};

struct total { /* Σᵢ: from where among a lane's sums it goes to where among the values */
    size_t lane, once, components;
};

struct stage {
    bool over_examples;
    size_t first, count;               /* instructions */
    size_t first_loader, loader_count; /* odd stages */
    size_t first_total, total_count;
    bool has_output; /* the per-example output is written in this pass */
};

struct output {
    size_t from, offset, components;
};

struct tape {
    struct context *context;
    size_t parameters;
    struct bound *instructions;
    size_t count;
    struct operand *operands; /* pool behind bound.in */
    struct shape *shapes;     /* pool behind bound.shapes */
    struct stage *stages;
    size_t stage_count;
    struct loader *loaders;
    size_t loader_count;
    struct total *totals;
    size_t total_count;
    struct output *outputs;
    size_t output_count;
    struct operand per_example;
    size_t per_example_components;
    double *memory; /* φ, direction, values, rows */
    size_t once_offset, once_count, rows_offset, row_count;
    double *sums; /* LANES × lane_size */
    size_t lane_size;
    size_t count_at; /* where I is kept among the values; SIZE_MAX: not used */
    size_t bytes;
};

/* --- scheduling --- */

struct scheduler {
    struct tape *tape;
    struct graph *graph;
    node_id last;
    unsigned char *needed;
    int *stage;      /* of each node */
    struct slot *slot; /* of each node; rows are valid within the pass being built */
    int *uses;       /* readers still to come in the pass being built */
    unsigned char *in_pass;
    size_t *free_rows; /* first-fit list of row ranges: start, length pairs */
    size_t free_count, free_capacity;
    size_t operand_count, shape_count;
    struct error *error;
};

static size_t components_of(const struct scheduler *s, node_id id)
{
    return (size_t)shape_size(NODE(s->graph, id)->shape);
}

static bool by_example(const struct scheduler *s, node_id id)
{
    return NODE(s->graph, id)->level == LEVEL_EXAMPLE;
}

static void find_stages(struct scheduler *s)
{
    for (node_id id = 0; id <= s->last; id++) {
        if (!s->needed[id])
            continue;
        const struct node *node = NODE(s->graph, id);
        int stage = 0, count = graph_argument_count(s->graph, id);
        for (int i = 0; i < count; i++) {
            int argument = s->stage[graph_argument(s->graph, id, i)];
            stage = argument > stage ? argument : stage;
        }
        if (node->op == PRIMITIVE_SUM_EXAMPLES)
            stage++;
        else if (node->level == LEVEL_EXAMPLE && stage % 2 == 0)
            stage++;
        s->stage[id] = stage;
        if ((size_t)stage + 1 > s->tape->stage_count)
            s->tape->stage_count = (size_t)stage + 1;
    }
}

/* Rows are handed out from a list of free ranges, the first that is long enough. */
static bool take_rows(struct scheduler *s, size_t length, size_t *row)
{
    for (size_t i = 0; i < s->free_count; i++) {
        size_t *range = s->free_rows + 2 * i;
        if (range[1] >= length) {
            *row = range[0];
            range[0] += length;
            range[1] -= length;
            if (range[1] == 0) {
                memmove(range, range + 2, (s->free_count - i - 1) * 2 * sizeof *range);
                s->free_count--;
            }
            return true;
        }
    }
    *row = s->tape->row_count;
    s->tape->row_count += length;
    return s->tape->row_count <= ROW_LIMIT;
}

static bool give_rows(struct scheduler *s, size_t row, size_t length)
{
    size_t i = 0;
    while (i < s->free_count && s->free_rows[2 * i] < row)
        i++;
    bool joins_before = i > 0 && s->free_rows[2 * i - 2] + s->free_rows[2 * i - 1] == row;
    bool joins_after = i < s->free_count && row + length == s->free_rows[2 * i];
    if (joins_before && joins_after) {
        s->free_rows[2 * i - 1] += length + s->free_rows[2 * i + 1];
        memmove(s->free_rows + 2 * i, s->free_rows + 2 * i + 2,
                (s->free_count - i - 1) * 2 * sizeof *s->free_rows);
        s->free_count--;
    } else if (joins_before) {
        s->free_rows[2 * i - 1] += length;
    } else if (joins_after) {
        s->free_rows[2 * i] = row;
        s->free_rows[2 * i + 1] += length;
    } else {
        if (s->free_count == s->free_capacity) {
            size_t capacity = s->free_capacity ? 2 * s->free_capacity : 16;
            size_t *list = memory_resize(s->tape->context, s->free_rows, 2 * capacity,
                                         sizeof *list);
            if (!list)
                return false;
            s->free_rows = list;
            s->free_capacity = capacity;
        }
        memmove(s->free_rows + 2 * i + 2, s->free_rows + 2 * i,
                (s->free_count - i) * 2 * sizeof *s->free_rows);
        s->free_rows[2 * i] = row;
        s->free_rows[2 * i + 1] = length;
        s->free_count++;
    }
    return true;
}

/* Where a node stands. The pointer is filled in when all memory is laid out. */
static struct operand place(const struct scheduler *s, node_id id, size_t components)
{
    struct slot slot = s->slot[id];
    size_t parameters = s->tape->parameters;
    bool serves_all = components_of(s, id) == 1 && components > 1;
    struct operand operand = {.row = serves_all ? 0 : 1, .at = slot.offset};
    switch (slot.kind) {
    case SLOT_DIRECTION: operand.at += parameters; break;
    case SLOT_ONCE: operand.at += 2 * parameters; break;
    case SLOT_ROWS:
        operand.at *= BLOCK;
        operand.row *= BLOCK;
        operand.step = 1;
        break;
    default: break;
    }
    return operand;
}

static bool is_structural(enum primitive op)
{
    return op >= PRIMITIVE_WHERE;
}

static void emit(struct scheduler *s, node_id id)
{
    struct tape *tape = s->tape;
    const struct node *node = NODE(s->graph, id);
    struct bound *bound = &tape->instructions[tape->count++];
    int count = graph_argument_count(s->graph, id);
    *bound = (struct bound){
        .instruction = {.op = node->op, .transpose_a = node->transpose_a,
                        .transpose_b = node->transpose_b, .shape = node->shape,
                        .offset = node->offset, .in = {0, count, 0}},
        .in = tape->operands + s->operand_count,
        .shapes = tape->shapes + s->operand_count,
        .components = components_of(s, id),
    };
    s->operand_count += (size_t)count;
    bound->out = place(s, id, bound->components);
    for (int i = 0; i < count; i++) {
        node_id argument = graph_argument(s->graph, id, i);
        /* Elementwise and where let a scalar serve all components; the others index as they are. */
        bool serves = !is_structural(node->op) || node->op == PRIMITIVE_WHERE;
        bound->in[i] = place(s, argument, serves ? bound->components : 1);
        bound->shapes[i] = NODE(s->graph, argument)->shape;
    }
}

static void schedule_once(struct scheduler *s, int stage)
{
    struct tape *tape = s->tape;
    struct stage *program = &tape->stages[stage];
    program->first = tape->count;
    for (node_id id = 0; id <= s->last; id++) {
        const struct node *node = NODE(s->graph, id);
        if (!s->needed[id] || s->stage[id] != stage || node->level == LEVEL_EXAMPLE ||
            node->op <= PRIMITIVE_COUNT || node->op == PRIMITIVE_SUM_EXAMPLES)
            continue;
        emit(s, id);
    }
    program->count = tape->count - program->first;
}

/* Σ of an outer product is summed as it is made: the matrices of the examples never exist. */
static bool is_outer(const struct scheduler *s, node_id id)
{
    const struct node *node = NODE(s->graph, id);
    if (node->op != PRIMITIVE_MATMUL || node->transpose_a || !node->transpose_b)
        return false;
    const struct node *a = NODE(s->graph, node->a), *b = NODE(s->graph, node->b);
    return a->shape.cols == 1 && b->shape.cols == 1 && a->level == LEVEL_EXAMPLE &&
           b->level == LEVEL_EXAMPLE;
}

static int summed_operands(const struct scheduler *s, node_id sum, node_id operands[2])
{
    node_id a = NODE(s->graph, sum)->a;
    operands[0] = a;
    if (!is_outer(s, a))
        return 1;
    operands[0] = NODE(s->graph, a)->a;
    operands[1] = NODE(s->graph, a)->b;
    return 2;
}

static void emit_sum(struct scheduler *s, node_id sum)
{
    struct tape *tape = s->tape;
    node_id operands[2];
    int count = summed_operands(s, sum, operands);
    struct bound *bound = &tape->instructions[tape->count++];
    *bound = (struct bound){
        .instruction = {.op = PRIMITIVE_SUM_EXAMPLES, .in = {0, count, 0}},
        .in = tape->operands + s->operand_count,
        .shapes = tape->shapes + s->operand_count,
        .components = components_of(s, sum),
        .lane = tape->lane_size,
    };
    s->operand_count += (size_t)count;
    for (int i = 0; i < count; i++) {
        bound->in[i] = place(s, operands[i], 1);
        bound->shapes[i] = NODE(s->graph, operands[i])->shape;
    }
    tape->totals[tape->total_count++] =
        (struct total){tape->lane_size, s->slot[sum].offset, bound->components};
    tape->lane_size += bound->components;
}

/* One reader of a row less. */
static bool release(struct scheduler *s, node_id id)
{
    return --s->uses[id] > 0 || give_rows(s, s->slot[id].offset, components_of(s, id));
}

static bool give_slot(struct scheduler *s, node_id id)
{
    size_t row;
    if (!take_rows(s, components_of(s, id), &row))
        return false;
    s->slot[id] = (struct slot){SLOT_ROWS, row};
    return true;
}

static enum status too_many_rows(struct scheduler *s)
{
    return error_set(s->error, STATUS_MEMORY, "",
                     "the expression needs more than %d values for each example", ROW_LIMIT);
}

static enum status schedule_pass(struct scheduler *s, int stage, node_id per_example)
{
    struct tape *tape = s->tape;
    struct graph *graph = s->graph;
    struct stage *program = &tape->stages[stage];
    size_t size = (size_t)s->last + 1;
    program->over_examples = true;
    program->first = tape->count;
    program->first_loader = tape->loader_count;
    program->first_total = tape->total_count;
    memset(s->in_pass, 0, size);
    memset(s->uses, 0, size * sizeof *s->uses);
    s->free_count = 0;
    node_id operands[2];
    if (tape->row_count > 0 && !give_rows(s, 0, tape->row_count)) /* rows of earlier passes */
        return error_memory(s->error, "an expression");

    /* What this pass is for: the operands of its sums, and the output. */
    for (node_id id = 0; id <= s->last; id++) {
        if (!s->needed[id] || NODE(graph, id)->op != PRIMITIVE_SUM_EXAMPLES ||
            s->stage[id] != stage + 1)
            continue;
        for (int i = summed_operands(s, id, operands) - 1; i >= 0; i--) {
            s->in_pass[operands[i]] = 1;
            s->uses[operands[i]]++;
        }
    }
    program->has_output = per_example != NO_NODE && s->stage[per_example] == stage;
    if (program->has_output) {
        s->in_pass[per_example] = 1;
        s->uses[per_example]++; /* stays until the end of the block */
    }
    for (node_id id = s->last; id >= 0; id--) {
        if (!s->in_pass[id])
            continue;
        int count = graph_argument_count(graph, id);
        for (int i = 0; i < count; i++) {
            node_id argument = graph_argument(graph, id, i);
            if (by_example(s, argument)) {
                s->in_pass[argument] = 1;
                s->uses[argument]++;
            }
        }
    }
    /* Inputs are loaded at the head of a block, so they have their rows from there. */
    for (node_id id = 0; id <= s->last; id++) {
        const struct node *node = NODE(graph, id);
        if (!s->in_pass[id] || node->op != PRIMITIVE_INPUT)
            continue;
        if (!give_slot(s, id))
            return too_many_rows(s);
        tape->loaders[tape->loader_count++] = (struct loader){
            node->source, (size_t)node->offset, components_of(s, id), s->slot[id].offset};
    }
    for (node_id id = 0; id <= s->last; id++) {
        const struct node *node = NODE(graph, id);
        if (node->op == PRIMITIVE_SUM_EXAMPLES && s->needed[id] && s->stage[id] == stage + 1) {
            emit_sum(s, id);
            for (int i = summed_operands(s, id, operands) - 1; i >= 0; i--)
                if (!release(s, operands[i]))
                    return error_memory(s->error, "an expression");
            continue;
        }
        if (!s->in_pass[id] || node->op == PRIMITIVE_INPUT)
            continue;
        if (!give_slot(s, id))
            return too_many_rows(s);
        emit(s, id);
        int count = graph_argument_count(graph, id);
        for (int i = 0; i < count; i++) {
            node_id argument = graph_argument(graph, id, i);
            if (by_example(s, argument) && !release(s, argument))
                return error_memory(s->error, "an expression");
        }
    }
    if (program->has_output) {
        tape->per_example = place(s, per_example, 1);
        tape->per_example_components = components_of(s, per_example);
    }
    program->count = tape->count - program->first;
    program->loader_count = tape->loader_count - program->first_loader;
    program->total_count = tape->total_count - program->first_total;
    return STATUS_OK;
}

/* Gives every value of the even stages its place. */
static void place_once(struct scheduler *s)
{
    struct tape *tape = s->tape;
    tape->count_at = SIZE_MAX;
    for (node_id id = 0; id <= s->last; id++) {
        const struct node *node = NODE(s->graph, id);
        if (!s->needed[id] || node->level == LEVEL_EXAMPLE)
            continue;
        if (node->op == PRIMITIVE_PARAMETER) {
            s->slot[id] = (struct slot){
                node->source == SOURCE_PHI ? SLOT_PHI : SLOT_DIRECTION, (size_t)node->offset};
            continue;
        }
        s->slot[id] = (struct slot){SLOT_ONCE, tape->once_count};
        if (node->op == PRIMITIVE_COUNT)
            tape->count_at = tape->once_count;
        tape->once_count += components_of(s, id);
    }
}

static double *resolve(const struct tape *tape, struct operand operand)
{
    return tape->memory + (operand.step ? tape->rows_offset : 0) + operand.at;
}

static enum status lay_out(struct scheduler *s, const struct tape_outputs *outputs)
{
    struct tape *tape = s->tape;
    size_t before_rows = 2 * tape->parameters + tape->once_count;
    tape->once_offset = 2 * tape->parameters;
    tape->rows_offset = (before_rows + 7) / 8 * 8;
    size_t total = tape->rows_offset + tape->row_count * BLOCK;
    tape->memory = memory_allocate_aligned(tape->context, total + 8, sizeof(double));
    tape->sums = memory_allocate_aligned(tape->context, LANES * tape->lane_size + 1,
                                         sizeof(double));
    tape->outputs = memory_allocate(tape->context, outputs->count, sizeof *tape->outputs);
    if (!tape->memory || !tape->sums || !tape->outputs)
        return error_memory(s->error, "an expression");
    tape->bytes = (total + LANES * tape->lane_size) * sizeof(double);
    for (size_t i = 0; i < tape->count; i++) {
        struct bound *bound = &tape->instructions[i];
        bound->out.data = resolve(tape, bound->out);
        for (int k = 0; k < bound->instruction.in[1]; k++)
            bound->in[k].data = resolve(tape, bound->in[k]);
    }
    if (tape->per_example_components > 0)
        tape->per_example.data = resolve(tape, tape->per_example);
    for (node_id id = 0; id <= s->last; id++) {
        const struct node *node = NODE(s->graph, id);
        if (s->needed[id] && node->op == PRIMITIVE_CONSTANT)
            for (size_t r = 0; r < components_of(s, id); r++)
                tape->memory[tape->once_offset + s->slot[id].offset + r] = node->number;
    }
    for (size_t i = 0; i < outputs->count; i++) {
        struct operand operand = place(s, outputs->nodes[i], 1);
        tape->outputs[tape->output_count++] = (struct output){
            (size_t)(resolve(tape, operand) - tape->memory), outputs->offsets[i],
            components_of(s, outputs->nodes[i])};
    }
    return STATUS_OK;
}

static enum status schedule(struct scheduler *s, const struct tape_outputs *outputs)
{
    struct tape *tape = s->tape;
    struct context *context = tape->context;
    size_t size = (size_t)s->last + 1, instructions = 0, operands = 0, inputs = 0, sums = 0;
    s->stage = memory_allocate(context, size, sizeof *s->stage);
    s->slot = memory_allocate(context, size, sizeof *s->slot);
    s->uses = memory_allocate(context, size, sizeof *s->uses);
    s->in_pass = memory_allocate(context, size, 1);
    if (!s->stage || !s->slot || !s->uses || !s->in_pass)
        return error_memory(s->error, "an expression");
    find_stages(s);
    size_t passes = tape->stage_count / 2;
    for (node_id id = 0; id <= s->last; id++) {
        if (!s->needed[id])
            continue;
        size_t times = by_example(s, id) ? passes : 1;
        const struct node *node = NODE(s->graph, id);
        bool sum = node->op == PRIMITIVE_SUM_EXAMPLES;
        instructions += times;
        operands += times * (size_t)graph_argument_count(s->graph, id) + sum;
        inputs += node->op == PRIMITIVE_INPUT ? passes : 0;
        sums += sum;
    }
    tape->instructions = memory_allocate(context, instructions, sizeof *tape->instructions);
    tape->operands = memory_allocate(context, operands, sizeof *tape->operands);
    tape->shapes = memory_allocate(context, operands, sizeof *tape->shapes);
    tape->stages = memory_allocate(context, tape->stage_count, sizeof *tape->stages);
    tape->loaders = memory_allocate(context, inputs, sizeof *tape->loaders);
    tape->totals = memory_allocate(context, sums, sizeof *tape->totals);
    if (!tape->instructions || !tape->operands || !tape->shapes || !tape->stages ||
        !tape->loaders || !tape->totals)
        return error_memory(s->error, "an expression");
    place_once(s);
    for (size_t stage = 0; stage < tape->stage_count; stage++) {
        if (stage % 2 == 0) {
            schedule_once(s, (int)stage);
        } else {
            enum status status = schedule_pass(s, (int)stage, outputs->per_example);
            if (status != STATUS_OK)
                return status;
        }
    }
    return lay_out(s, outputs);
}

enum status tape_new(struct tape **result, struct graph *graph, size_t parameters,
                     const struct tape_outputs *outputs, struct error *error)
{
    enum status status = graph_status(graph, error);
    if (status != STATUS_OK)
        return status;
    struct context *context = graph->context;
    struct tape *tape = memory_allocate(context, 1, sizeof *tape);
    if (!tape)
        return error_memory(error, "an expression");
    tape->context = context;
    tape->parameters = parameters;
    tape->stage_count = 1;
    struct scheduler s = {.tape = tape, .graph = graph, .error = error};
    s.last = outputs->per_example > 0 ? outputs->per_example : 0;
    for (size_t i = 0; i < outputs->count; i++)
        s.last = outputs->nodes[i] > s.last ? outputs->nodes[i] : s.last;
    size_t size = (size_t)s.last + 1;
    s.needed = memory_allocate(context, size, 1);
    if (s.needed) {
        for (size_t i = 0; i < outputs->count; i++)
            s.needed[outputs->nodes[i]] = 1;
        if (outputs->per_example != NO_NODE)
            s.needed[outputs->per_example] = 1;
        for (node_id id = s.last; id >= 0; id--) {
            int count = s.needed[id] ? graph_argument_count(graph, id) : 0;
            for (int i = 0; i < count; i++)
                s.needed[graph_argument(graph, id, i)] = 1;
        }
        status = schedule(&s, outputs);
    } else {
        status = error_memory(error, "an expression");
    }
    memory_free(context, s.needed);
    memory_free(context, s.stage);
    memory_free(context, s.slot);
    memory_free(context, s.uses);
    memory_free(context, s.in_pass);
    memory_free(context, s.free_rows);
    if (status != STATUS_OK) {
        tape_free(tape);
        return status;
    }
    *result = tape;
    return STATUS_OK;
}

void tape_free(struct tape *tape)
{
    if (!tape)
        return;
    struct context *context = tape->context;
    memory_free(context, tape->instructions);
    memory_free(context, tape->operands);
    memory_free(context, tape->shapes);
    memory_free(context, tape->stages);
    memory_free(context, tape->loaders);
    memory_free(context, tape->totals);
    memory_free(context, tape->outputs);
    memory_free(context, tape->memory);
    memory_free(context, tape->sums);
    memory_free(context, tape);
}

struct tape_size tape_size(const struct tape *tape)
{
    struct tape_size size = {.instructions = tape->count, .rows = tape->row_count,
                             .bytes = tape->bytes};
    for (size_t i = 0; i < tape->stage_count; i++)
        *(tape->stages[i].over_examples ? &size.blocks : &size.once) += tape->stages[i].count;
    return size;
}

/* --- running --- */

static void add_sum(const struct bound *bound, double *sums, size_t n)
{
    if (bound->instruction.in[1] == 2)
        kernel_sum_outer(sums, bound->in[0], (size_t)bound->shapes[0].rows, bound->in[1],
                         (size_t)bound->shapes[1].rows, n);
    else
        kernel_sum_examples(sums, bound->in[0], bound->components, n);
}

static void execute(const struct tape *tape, const struct stage *stage, double *sums, size_t n)
{
    for (size_t i = 0; i < stage->count; i++) {
        const struct bound *bound = &tape->instructions[stage->first + i];
        enum primitive op = bound->instruction.op;
        if (op == PRIMITIVE_SUM_EXAMPLES)
            add_sum(bound, sums + bound->lane, n);
        else if (is_structural(op))
            structural_forward_of(op)(&bound->instruction, bound->out, bound->in, bound->shapes,
                                      n);
        else
            kernel_elementwise(op, bound->out, bound->in, bound->components, n);
    }
}

static void load_block(const struct tape *tape, const struct stage *stage,
                       const struct tape_data *data, size_t begin, size_t n)
{
    for (size_t i = 0; i < stage->loader_count; i++) {
        const struct loader *loader = &tape->loaders[stage->first_loader + i];
        const double *from = loader->source == SOURCE_X ? data->x : data->y;
        size_t columns = loader->source == SOURCE_X ? data->x_columns : data->y_columns;
        double *to = tape->memory + tape->rows_offset + loader->row * BLOCK;
        if (columns == 1 && !data->indices) {
            memcpy(to, from + begin, n * sizeof *to);
            continue;
        }
        for (size_t b = 0; b < n; b++) {
            size_t row = data->indices ? data->indices[begin + b] : begin + b;
            const double *values = from + row * columns + loader->column;
            for (size_t r = 0; r < loader->width; r++)
                to[r * BLOCK + b] = values[r];
        }
    }
}

static void write_examples(const struct tape *tape, double *per_example, size_t begin, size_t n)
{
    size_t components = tape->per_example_components;
    const struct operand *from = &tape->per_example;
    for (size_t b = 0; b < n; b++)
        for (size_t r = 0; r < components; r++)
            per_example[(begin + b) * components + r] = from->data[r * from->row + b];
}

static enum status pass(struct tape *tape, const struct stage *stage,
                        const struct tape_data *data, double *per_example, struct error *error)
{
    size_t blocks = (data->count + BLOCK - 1) / BLOCK;
    size_t lanes = blocks < LANES ? blocks : LANES;
    memset(tape->sums, 0, LANES * tape->lane_size * sizeof *tape->sums);
    for (size_t lane = 0; lane < lanes; lane++) {
        for (size_t block = lane * blocks / lanes; block < (lane + 1) * blocks / lanes; block++) {
            size_t begin = block * BLOCK;
            size_t n = data->count - begin < BLOCK ? data->count - begin : BLOCK;
            if (atomic_load_explicit(&tape->context->interrupted, memory_order_relaxed))
                return error_set(error, STATUS_INTERRUPTED, "", "interrupted");
            load_block(tape, stage, data, begin, n);
            execute(tape, stage, tape->sums + lane * tape->lane_size, n);
            if (stage->has_output && per_example)
                write_examples(tape, per_example, begin, n);
        }
    }
    for (size_t i = 0; i < stage->total_count; i++) {
        const struct total *total = &tape->totals[stage->first_total + i];
        double *value = tape->memory + tape->once_offset + total->once;
        for (size_t r = 0; r < total->components; r++) {
            value[r] = 0;
            for (size_t lane = 0; lane < lanes; lane++)
                value[r] += tape->sums[lane * tape->lane_size + total->lane + r];
        }
    }
    return STATUS_OK;
}

enum status tape_run(struct tape *tape, const double *phi, const double *direction,
                     const struct tape_data *data, double *results, size_t result_count,
                     double *per_example, struct error *error)
{
    size_t bytes = tape->parameters * sizeof(double);
    if (bytes > 0)
        memcpy(tape->memory, phi, bytes);
    if (bytes > 0 && direction)
        memcpy(tape->memory + tape->parameters, direction, bytes);
    if (tape->count_at != SIZE_MAX)
        tape->memory[tape->once_offset + tape->count_at] = (double)data->count;
    for (size_t i = 0; i < tape->stage_count; i++) {
        const struct stage *stage = &tape->stages[i];
        if (!stage->over_examples) {
            execute(tape, stage, NULL, 1);
            continue;
        }
        enum status status = pass(tape, stage, data, per_example, error);
        if (status != STATUS_OK)
            return status;
    }
    if (result_count > 0)
        memset(results, 0, result_count * sizeof *results);
    for (size_t i = 0; i < tape->output_count; i++) {
        const struct output *output = &tape->outputs[i];
        for (size_t r = 0; r < output->components; r++)
            results[output->offset + r] += tape->memory[output->from + r];
    }
    return STATUS_OK;
}
