/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schedule.c: makes a program of a graph.
 *
 * A node's stage says when it can be computed. Even stages are computed once an evaluation, odd
 * ones in a pass over the data: constants, φ and what depends on them alone 0; a node that varies
 * by example takes the next odd number; Σᵢ the even one after its operand's. A node that two passes
 * need is computed in both. Ordinary losses have the stages 0, 1, 2.
 *
 * What is computed together, fuse.c decides.
 *
 * One block of memory holds φ, the direction, the values of the even stages, those of them that the
 * loops over examples read (8 times each), and the rows of the odd stages. Rows are reused as soon
 * as their last reader has run, except those of the inputs.
 */
#include <string.h>

#include "base/memory.h"
#include "graph/graph_private.h"
#include "graph/schedule.h"
#include "graph/tape_private.h"

/* Products of more numbers than these are left to BLAS. */
enum { LARGE_LAYER = 512, LARGE_OUTER = 64 };

static bool is_structural(enum primitive op)
{
    return op > PRIMITIVE_WHERE;
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

/* --- rows: handed out from a list of free ranges, the first that is long enough --- */

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

static bool give_slot(struct scheduler *s, node_id id)
{
    size_t row;
    if (!take_rows(s, components_of(s, id), &row))
        return false;
    s->slot[id] = (struct slot){.kind = SLOT_ROWS, .offset = row};
    return true;
}

static enum status too_many_rows(struct scheduler *s)
{
    return error_set(s->error, STATUS_MEMORY, "",
                     "the expression needs more than %d values for each example", ROW_LIMIT);
}

/* --- operands: where a node stands; pointers are filled in when all memory is laid out --- */

static size_t value_place(const struct scheduler *s, node_id id)
{
    const struct slot *slot = &s->slot[id];
    size_t parameters = s->tape->parameters;
    return slot->offset + (slot->kind == SLOT_DIRECTION ? parameters
                           : slot->kind == SLOT_ONCE    ? 2 * parameters
                                                        : 0);
}

static const struct operand nowhere = {.at = SIZE_MAX};

/* As numbers are read that do not vary by example. */
static struct operand place_value(const struct scheduler *s, node_id id, size_t components)
{
    return (struct operand){.row = components_of(s, id) == 1 && components > 1 ? 0 : 1,
                            .at = value_place(s, id)};
}

/* As the loops of a pass read: rows of examples, or a value spread over 8 places. */
static struct operand place(struct scheduler *s, node_id id, size_t components, int stage)
{
    size_t own = components_of(s, id);
    bool serves_all = own == 1 && components > 1;
    struct slot *slot = &s->slot[id];
    if (slot->kind == SLOT_ROWS)
        return (struct operand){.row = serves_all ? 0 : BLOCK, .step = 1,
                                .at = slot->offset * BLOCK};
    if (!slot->spread) {
        slot->spread = s->spread_at;
        s->spread_at += 8 * own;
    }
    /* Constants are spread once, when the memory is laid out. */
    if (slot->spread_in_pass != stage && NODE(s->graph, id)->op != PRIMITIVE_CONSTANT) {
        slot->spread_in_pass = stage;
        s->tape->spreads[s->tape->spread_count++] =
            (struct spread){value_place(s, id), slot->spread, own};
    }
    return (struct operand){.row = serves_all ? 0 : 8, .at = slot->spread};
}

/* --- emitting --- */

static struct step *new_step(struct scheduler *s, size_t components)
{
    struct step *step = &s->tape->workers[0].steps[s->tape->step_count++];
    *step = (struct step){.components = components, .second = nowhere, .kept = nowhere,
                          .with = nowhere, .lane = {SIZE_MAX, SIZE_MAX, SIZE_MAX}};
    return step;
}

static void emit_once(struct scheduler *s, node_id id)
{
    bool square = is_square(s->graph, id);
    enum primitive op = square ? PRIMITIVE_MULTIPLY : NODE(s->graph, id)->op;
    struct step *step = new_step(s, components_of(s, id));
    kernel *wide = step->components >= WIDE ? kernel_wide(op) : NULL;
    step->run = wide ? wide : kernel_once(op, step->components);
    step->out = place_value(s, id, step->components);
    int count = graph_argument_count(s->graph, id);
    for (int i = 0; i < count; i++)
        step->in[i] = place_value(s, graph_argument(s->graph, id, square ? 0 : i),
                                  step->components);
}

static kernel *elementwise_kernel(const struct scheduler *s, enum primitive op)
{
    kernel *arithmetic = s->kernels->arithmetic->elementwise[op];
    return arithmetic ? arithmetic : s->kernels->functions->elementwise[op];
}

static kernel *fused_kernel(const struct scheduler *s, enum fused fused)
{
    kernel *arithmetic = s->kernels->arithmetic->fused[fused];
    return arithmetic ? arithmetic : s->kernels->functions->fused[fused];
}

/* A structural primitive reads its arguments as they are, however many; stage 0: once. */
static void emit_structural(struct scheduler *s, node_id id)
{
    struct tape *tape = s->tape;
    const struct node *node = NODE(s->graph, id);
    int count = graph_argument_count(s->graph, id);
    struct instruction *instruction = &tape->workers[0].structurals[tape->structural_count++];
    struct operand *in = tape->workers[0].operands + tape->operand_count;
    struct shape *shapes = tape->shapes + tape->operand_count;
    tape->operand_count += (size_t)count;
    *instruction = (struct instruction){
        .op = node->op, .transpose_a = node->transpose_a, .transpose_b = node->transpose_b,
        .shape = node->shape, .offset = node->offset, .count = count, .in = in, .shapes = shapes};
    for (int i = 0; i < count; i++) {
        node_id argument = graph_argument(s->graph, id, i);
        shapes[i] = NODE(s->graph, argument)->shape;
        if (s->slot[argument].kind == SLOT_ROWS)
            in[i] = (struct operand){.row = BLOCK, .step = 1,
                                     .at = s->slot[argument].offset * BLOCK};
        else
            in[i] = place_value(s, argument, 1);
    }
    struct step *step = new_step(s, components_of(s, id));
    step->run = by_example(s, id) ? kernel_structural : kernel_structural_once;
    step->structural = instruction;
    if (node->op == PRIMITIVE_SUM && !by_example(s, id) && shape_size(shapes[0]) >= WIDE)
        step->run = kernel_wide(PRIMITIVE_SUM);
    if (node->op == PRIMITIVE_MATMUL && !node->transpose_b && !by_example(s, node->a) &&
        by_example(s, node->b) && shapes[1].cols == 1) {
        step->run = fused_kernel(s, FUSED_LAYER);
        if (shape_size(shapes[0]) > LARGE_LAYER) {
            instruction->algebra = linear_algebra_open(tape->context, NULL);
            step->run = instruction->algebra ? kernel_layer_blas : step->run;
        }
    }
    step->out = s->slot[id].kind == SLOT_ROWS
                    ? (struct operand){.row = BLOCK, .step = 1, .at = s->slot[id].offset * BLOCK}
                    : place_value(s, id, 1);
}

/* The places of what a recipe reads; reads gets the nodes. */
static int place_recipe(struct scheduler *s, struct step *step, const node_id in[STEP_OPERANDS],
                        int stage, node_id reads[STEP_READS])
{
    int count = 0;
    for (int i = 0; i < STEP_OPERANDS; i++)
        if (in[i] != NO_NODE) {
            step->in[i] = place(s, in[i], step->components, stage);
            reads[count++] = in[i];
        }
    for (int i = 0; i < STEP_OPERANDS; i++)
        if (in[i] == NO_NODE)
            step->in[i] = step->in[0]; /* never read, but always a place */
    return count;
}

/* A function's step: of an argument that stands in a row, or of arithmetic that makes one. */
static int emit_function(struct scheduler *s, node_id id, int stage, node_id reads[STEP_READS])
{
    struct graph *graph = s->graph;
    struct step *step = new_step(s, components_of(s, id));
    node_id argument = NODE(graph, id)->a, partner = s->partner[id];
    node_id in[STEP_OPERANDS] = {argument, NO_NODE, NO_NODE, NO_NODE};
    step->recipe = (struct recipe){.factors = 1};
    if (s->accompanied[id]) {
        recipe_of(s, argument, &step->recipe, in);
        if (s->slot[argument].kind == SLOT_ROWS)
            step->kept = place(s, argument, step->components, stage);
    }
    int count = place_recipe(s, step, in, stage, reads);
    step->run = elementwise_kernel(s, NODE(graph, id)->op);
    step->out = place(s, id, step->components, stage);
    if (partner != NO_NODE) {
        bool sine = NODE(graph, id)->op == PRIMITIVE_SIN;
        step->run = fused_kernel(s, FUSED_SINE_COSINE);
        step->out = place(s, sine ? id : partner, step->components, stage);
        step->second = place(s, sine ? partner : id, step->components, stage);
    }
    return count;
}

/* A step of arithmetic, with the sums over examples that are made in it. */
static int emit_arithmetic(struct scheduler *s, node_id id, int stage, node_id reads[STEP_READS])
{
    struct step *step = new_step(s, components_of(s, id));
    node_id in[STEP_OPERANDS];
    recipe_of(s, id, &step->recipe, in);
    int count = place_recipe(s, step, in, stage, reads);
    int sums = 0;
    step->out = s->slot[id].kind == SLOT_ROWS ? place(s, id, step->components, stage) : nowhere;
    step->with = step->in[0];
    for (int i = 0; i < STEP_SUMS; i++) {
        node_id sum = s->sums[id][i], with;
        if (sum == NO_NODE)
            continue;
        sums |= i == SUM_SQUARE ? 2 : 1;
        step->lane[i] = value_place(s, sum) - s->tape->sums_at;
        int unused;
        host_of(s, sum, &unused, &with);
        if (with != NO_NODE) {
            step->with = place(s, with, step->components, stage);
            reads[count++] = with;
        }
    }
    step->run = s->kernels->arithmetic->arithmetic[arithmetic_of(&step->recipe)][sums];
    return count;
}

static int emit_elementwise(struct scheduler *s, node_id id, int stage, node_id reads[STEP_READS])
{
    struct graph *graph = s->graph;
    struct step *step = new_step(s, components_of(s, id));
    node_id in[STEP_OPERANDS] = {NO_NODE, NO_NODE, NO_NODE, NO_NODE};
    int count = graph_argument_count(graph, id);
    for (int i = 0; i < count; i++)
        in[i] = graph_argument(graph, id, i);
    step->run = elementwise_kernel(s, NODE(graph, id)->op);
    step->out = place(s, id, step->components, stage);
    return place_recipe(s, step, in, stage, reads);
}

static int emit_sum(struct scheduler *s, node_id sum, int stage, node_id reads[STEP_READS])
{
    struct tape *tape = s->tape;
    node_id a = NODE(s->graph, sum)->a;
    int count = summed_operands(s, sum, reads);
    bool outer = is_outer(s, a);
    struct step *step = new_step(s, components_of(s, sum));
    static const enum fused kinds[] = {FUSED_SUM, FUSED_SUM_PRODUCT, FUSED_SUM_PRODUCT_3};
    step->run = fused_kernel(s, outer ? FUSED_SUM_OUTER : kinds[count - 1]);
    step->lane[SUM_VALUE] = value_place(s, sum) - tape->sums_at;
    for (int i = 0; i < STEP_OPERANDS; i++)
        step->in[i] = place(s, reads[i < count ? i : 0], outer ? 1 : step->components, stage);
    if (outer) {
        struct instruction *instruction = &tape->workers[0].structurals[tape->structural_count++];
        *instruction = (struct instruction){
            .count = (int)components_of(s, NODE(s->graph, a)->b)};
        step->structural = instruction;
        if (step->components > LARGE_OUTER) {
            instruction->algebra = linear_algebra_open(tape->context, NULL);
            step->run = instruction->algebra ? kernel_sum_outer_blas : step->run;
        }
    }
    return count;
}

/* One reader of a row less. Rows of inputs stay. */
static bool release(struct scheduler *s, node_id id)
{
    if (!by_example(s, id) || --s->uses[id] > 0 || NODE(s->graph, id)->op == PRIMITIVE_INPUT)
        return true;
    return give_rows(s, s->slot[id].offset, components_of(s, id));
}

/* --- passes --- */

static void schedule_once(struct scheduler *s, int stage)
{
    struct stage *program = &s->tape->stages[stage];
    program->first = s->tape->step_count;
    for (node_id id = 0; id <= s->last; id++) {
        const struct node *node = NODE(s->graph, id);
        if (!s->needed[id] || s->stage[id] != stage || node->level == LEVEL_EXAMPLE ||
            node->op <= PRIMITIVE_COUNT || node->op == PRIMITIVE_SUM_EXAMPLES)
            continue;
        if (is_structural(node->op))
            emit_structural(s, id);
        else
            emit_once(s, id);
    }
    program->count = s->tape->step_count - program->first;
}

/* Which nodes this pass computes, and how many readers each has. */
static void find_readers(struct scheduler *s, int stage, node_id per_example)
{
    size_t size = (size_t)s->last + 1;
    node_id operands[3];
    memset(s->in_pass, 0, size);
    memset(s->absorbed, 0, size);
    memset(s->accompanied, 0, size);
    memset(s->uses, 0, size * sizeof *s->uses);
    for (node_id id = 0; id <= s->last; id++) {
        if (!sum_of_stage(s, id, stage))
            continue;
        for (int i = summed_operands(s, id, operands) - 1; i >= 0; i--) {
            s->in_pass[operands[i]] = 1;
            s->uses[operands[i]]++;
        }
    }
    if (per_example != NO_NODE) { /* stays until the end of the block */
        s->in_pass[per_example] = 1;
        s->uses[per_example] += 2;
    }
    for (node_id id = s->last; id >= 0; id--) {
        int count = s->in_pass[id] ? graph_argument_count(s->graph, id) : 0;
        for (int i = 0; i < count; i++) {
            node_id argument = graph_argument(s->graph, id, i);
            if (by_example(s, argument)) {
                s->in_pass[argument] = 1;
                s->uses[argument]++;
            }
        }
    }
}

/* After absorbing, the readers are those that really read: what is computed in somebody's step is
 * not read by it. */
static void count_readers_again(struct scheduler *s, int stage, node_id per_example)
{
    memset(s->uses, 0, ((size_t)s->last + 1) * sizeof *s->uses);
    if (per_example != NO_NODE)
        s->uses[per_example]++;
    for (node_id id = 0; id <= s->last; id++) {
        struct recipe recipe;
        node_id reads[STEP_OPERANDS];
        int count = 0, kind;
        if (sum_of_stage(s, id, stage)) {
            if (s->accompanied[id]) {
                host_of(s, id, &kind, &reads[0]);
                count = reads[0] != NO_NODE;
            } else {
                count = summed_operands(s, id, reads);
            }
        } else if (!s->in_pass[id] || s->absorbed[id] ||
                   (s->accompanied[id] && is_function(NODE(s->graph, id)->op))) {
            continue;
        } else if (recipe_of(s, id, &recipe, reads)) {
            count = STEP_OPERANDS;
        } else if (s->partner[id] == NO_NODE || s->partner[id] > id) {
            int arguments = graph_argument_count(s->graph, id);
            for (int i = 0; i < arguments; i++)
                s->uses[graph_argument(s->graph, id, i)]++;
        }
        for (int i = 0; i < count; i++)
            if (reads[i] != NO_NODE)
                s->uses[reads[i]]++;
    }
}

static enum status release_all(struct scheduler *s, const node_id *reads, int count)
{
    for (int i = 0; i < count; i++)
        if (!release(s, reads[i]))
            return error_memory(s->error, "an expression");
    return STATUS_OK;
}

/* The step of a node, and of what is computed with it. A row for all that others read. */
static enum status emit_node(struct scheduler *s, node_id id, int stage)
{
    struct graph *graph = s->graph;
    struct recipe recipe;
    node_id reads[STEP_READS], in[STEP_OPERANDS];
    bool arithmetic = recipe_of(s, id, &recipe, in);
    node_id function = s->function[id] != NO_NODE ? s->function[id]
                       : is_function(NODE(graph, id)->op) ? id
                                                          : NO_NODE;
    node_id partner = function != NO_NODE ? s->partner[function] : NO_NODE;
    if (s->accompanied[id] || (function == id && partner != NO_NODE && partner < id))
        return STATUS_OK; /* it has been computed */
    s->slot[id] = (struct slot){.kind = SLOT_NONE};
    if ((!arithmetic || s->uses[id] > 0) && !give_slot(s, id))
        return too_many_rows(s);
    if ((function != NO_NODE && function != id && !give_slot(s, function)) ||
        (partner != NO_NODE && !give_slot(s, partner)))
        return too_many_rows(s);
    if (is_structural(NODE(graph, id)->op)) {
        emit_structural(s, id);
        int count = graph_argument_count(graph, id);
        for (int i = 0; i < count; i++)
            if (!release(s, graph_argument(graph, id, i)))
                return error_memory(s->error, "an expression");
        return STATUS_OK;
    }
    int count = function != NO_NODE ? emit_function(s, function, stage, reads)
                : arithmetic        ? emit_arithmetic(s, id, stage, reads)
                                    : emit_elementwise(s, id, stage, reads);
    return release_all(s, reads, count);
}

static enum status schedule_pass(struct scheduler *s, int stage, node_id per_example)
{
    struct tape *tape = s->tape;
    struct stage *program = &tape->stages[stage];
    node_id reads[STEP_READS];
    program->over_examples = true;
    struct step *begin = new_step(s, 0);
    begin->run = s->kernels->arithmetic->begin;
    begin->out = (struct operand){.row = program->sum_count,
                                  .at = tape->sums_at + program->first_sum};
    begin->spreads = tape->spreads + tape->spread_count;
    program->first = tape->step_count;
    program->first_spread = tape->spread_count;
    program->has_output = per_example != NO_NODE && s->stage[per_example] == stage;
    if (!program->has_output)
        per_example = NO_NODE;
    s->free_count = 0;
    size_t inputs_end = s->input_rows;
    if (tape->row_count > inputs_end &&
        !give_rows(s, inputs_end, tape->row_count - inputs_end)) /* rows of earlier passes */
        return error_memory(s->error, "an expression");
    find_readers(s, stage, per_example);
    absorb(s, stage);
    pair_angles(s);
    accompany(s, stage);
    count_readers_again(s, stage, per_example);
    for (node_id id = 0; id <= s->last; id++) {
        enum status status = STATUS_OK;
        if (sum_of_stage(s, id, stage)) {
            if (!s->accompanied[id])
                status = release_all(s, reads, emit_sum(s, id, stage, reads));
        } else if (s->in_pass[id] && !s->absorbed[id] &&
                   NODE(s->graph, id)->op != PRIMITIVE_INPUT) {
            status = emit_node(s, id, stage);
        }
        if (status != STATUS_OK)
            return status;
    }
    if (program->has_output) {
        tape->workers[0].per_example = place(s, per_example, 1, stage);
        tape->per_example_components = components_of(s, per_example);
    }
    program->count = tape->step_count - program->first;
    program->spread_count = begin->components = tape->spread_count - program->first_spread;
    return STATUS_OK;
}

/* --- memory --- */

static bool is_input(const struct scheduler *s, node_id id, enum input_source source)
{
    const struct node *node = NODE(s->graph, id);
    return s->needed[id] && node->op == PRIMITIVE_INPUT && node->source == source;
}

/* Columns of one table that lie close together, as x[1] and x[2] do, are loaded together, and what
 * they share stands there once. */
static enum status place_inputs(struct scheduler *s, enum input_source source)
{
    struct tape *tape = s->tape;
    size_t first = SIZE_MAX, end = 0, widths = 0;
    for (node_id id = 0; id <= s->last; id++) {
        if (!is_input(s, id, source))
            continue;
        size_t column = (size_t)NODE(s->graph, id)->offset, width = components_of(s, id);
        first = column < first ? column : first;
        end = column + width > end ? column + width : end;
        widths += width;
    }
    bool together = source != SOURCE_MASK && widths > 0 && 2 * widths >= end - first;
    struct input all = {source, first, end - first, 0, 0};
    if (together) {
        if (!take_rows(s, all.width, &all.row))
            return too_many_rows(s);
        tape->inputs[tape->input_count++] = all;
    }
    for (node_id id = 0; id <= s->last; id++) {
        if (!is_input(s, id, source))
            continue;
        size_t column = (size_t)NODE(s->graph, id)->offset;
        if (together) {
            s->slot[id] = (struct slot){.kind = SLOT_ROWS, .offset = all.row + column - first};
            continue;
        }
        if (!give_slot(s, id))
            return too_many_rows(s);
        tape->inputs[tape->input_count++] =
            (struct input){source, column, components_of(s, id), s->slot[id].offset,
                           NODE(s->graph, id)->number};
    }
    return STATUS_OK;
}

static void give_value(struct scheduler *s, node_id id, size_t *once)
{
    s->slot[id].kind = SLOT_ONCE;
    s->slot[id].offset = *once;
    *once += components_of(s, id);
}

static size_t multiple_of_8(size_t count)
{
    return (count + 7) / 8 * 8;
}

/* Gives every value of the even stages its place, the sums over examples one behind the other in
 * the order of their passes, and every input its rows. */
static enum status place_all(struct scheduler *s)
{
    struct tape *tape = s->tape;
    size_t once = 0;
    tape->count_at = SIZE_MAX;
    for (enum input_source source = SOURCE_X; source <= SOURCE_MASK; source++) {
        enum status status = place_inputs(s, source);
        if (status != STATUS_OK)
            return status;
    }
    for (node_id id = 0; id <= s->last; id++) {
        const struct node *node = NODE(s->graph, id);
        if (!s->needed[id])
            continue;
        if (node->level == LEVEL_EXAMPLE)
            continue;
        if (node->op == PRIMITIVE_PARAMETER) {
            s->slot[id].kind = node->source == SOURCE_PHI ? SLOT_PHI : SLOT_DIRECTION;
            s->slot[id].offset = (size_t)node->offset;
            continue;
        }
        if (node->op == PRIMITIVE_SUM_EXAMPLES)
            continue; /* placed below */
        give_value(s, id, &once);
        if (node->op == PRIMITIVE_COUNT)
            tape->count_at = value_place(s, id);
    }
    once = multiple_of_8(2 * tape->parameters + once) - 2 * tape->parameters;
    tape->sums_at = 2 * tape->parameters + once;
    for (size_t i = 1; i < tape->stage_count; i += 2) {
        struct stage *pass = &tape->stages[i];
        pass->first_sum = 2 * tape->parameters + once - tape->sums_at;
        for (node_id id = 0; id <= s->last; id++)
            if (sum_of_stage(s, id, (int)i))
                give_value(s, id, &once);
        once = multiple_of_8(2 * tape->parameters + once) - 2 * tape->parameters;
        pass->sum_count = 2 * tape->parameters + once - tape->sums_at - pass->first_sum;
    }
    tape->lane_size = 2 * tape->parameters + once - tape->sums_at;
    s->input_rows = tape->row_count;
    s->spread_at = 2 * tape->parameters + once;
    return STATUS_OK;
}

/* Where each result is found, if none is made of two outputs or of none. */
static enum status find_results(struct scheduler *s)
{
    struct tape *tape = s->tape;
    size_t count = 0, end = 0;
    for (size_t i = 0; i < tape->output_count; i++) {
        const struct output *output = &tape->outputs[i];
        count += output->components;
        if (output->offset + output->components > end)
            end = output->offset + output->components;
    }
    if (count != end)
        return STATUS_OK;
    unsigned char *found = memory_allocate(tape->context, count, 1);
    tape->results = memory_allocate(tape->context, count, sizeof *tape->results);
    if (!found || !tape->results) {
        memory_free(tape->context, found);
        return error_memory(s->error, "an expression");
    }
    bool alone = true;
    for (size_t i = 0; i < tape->output_count; i++)
        for (size_t r = 0; r < tape->outputs[i].components; r++) {
            size_t place = tape->outputs[i].offset + r;
            alone = alone && !found[place];
            found[place] = 1;
            tape->results[place] = tape->outputs[i].from + r;
        }
    tape->result_count = alone ? count : 0;
    memory_free(tape->context, found);
    return STATUS_OK;
}

static enum status lay_out(struct scheduler *s, const struct tape_outputs *outputs)
{
    struct tape *tape = s->tape;
    tape->rows_at = s->spread_at;
    tape->memory_size = tape->rows_at + tape->row_count * BLOCK + 8;
    tape->memory = memory_allocate_aligned(tape->context, tape->memory_size, sizeof(double));
    tape->sums = memory_allocate_aligned(tape->context, (LANES - 1) * tape->lane_size + 1,
                                         sizeof(double));
    tape->outputs = memory_allocate(tape->context, outputs->count, sizeof *tape->outputs);
    if (!tape->memory || !tape->sums || !tape->outputs)
        return error_memory(s->error, "an expression");
    tape->workers[0].rows = tape->memory + tape->rows_at;
    tape->input_rows = s->input_rows;
    worker_bind(tape, &tape->workers[0]);
    for (size_t i = 0; i < tape->stage_count; i++)
        for (size_t k = 0; tape->stages[i].over_examples && k < tape->stages[i].count; k++) {
            const struct step *step = &tape->workers[0].steps[tape->stages[i].first + k];
            tape->work += step->components * (step->structural ? 4 : 1);
        }
    for (node_id id = 0; id <= s->last; id++) {
        const struct node *node = NODE(s->graph, id);
        if (!s->needed[id] || node->op != PRIMITIVE_CONSTANT)
            continue;
        size_t components = components_of(s, id);
        for (size_t r = 0; r < components; r++)
            tape->memory[value_place(s, id) + r] = node->number;
        for (size_t r = 0; s->slot[id].spread && r < 8 * components; r++)
            tape->memory[s->slot[id].spread + r] = node->number;
    }
    for (size_t i = 0; i < outputs->count; i++)
        tape->outputs[tape->output_count++] =
            (struct output){value_place(s, outputs->nodes[i]), outputs->offsets[i],
                            components_of(s, outputs->nodes[i])};
    return find_results(s);
}

static enum status schedule(struct scheduler *s, const struct tape_outputs *outputs)
{
    struct tape *tape = s->tape;
    struct context *context = tape->context;
    size_t size = (size_t)s->last + 1, steps = 0, structurals = 0, operands = 0, inputs = 0;
    size_t values = 0;
    s->stage = scratch_allocate(&s->scratch, size, sizeof *s->stage);
    s->slot = scratch_allocate(&s->scratch, size, sizeof *s->slot);
    s->uses = scratch_allocate(&s->scratch, size, sizeof *s->uses);
    s->in_pass = scratch_allocate(&s->scratch, size, 1);
    s->absorbed = scratch_allocate(&s->scratch, size, 1);
    s->partner = scratch_allocate(&s->scratch, size, sizeof *s->partner);
    s->function = scratch_allocate(&s->scratch, size, sizeof *s->function);
    s->sums = scratch_allocate(&s->scratch, size, sizeof *s->sums);
    s->accompanied = scratch_allocate(&s->scratch, size, 1);
    if (s->scratch.failed)
        return error_memory(s->error, "an expression");
    find_stages(s);
    size_t passes = tape->stage_count / 2;
    steps += passes;
    for (node_id id = 0; id <= s->last; id++) {
        const struct node *node = NODE(s->graph, id);
        if (!s->needed[id])
            continue;
        size_t times = by_example(s, id) ? passes : 1;
        steps += times;
        structurals += is_structural(node->op) || node->op == PRIMITIVE_SUM_EXAMPLES ? times : 0;
        operands += is_structural(node->op) ? times * (size_t)graph_argument_count(s->graph, id)
                                            : 0;
        inputs += node->op == PRIMITIVE_INPUT;
        values += by_example(s, id) ? 0 : passes;
    }
    struct tape_worker *first = &tape->workers[0];
    tape->worker_count = 1;
    first->steps = memory_allocate(context, steps, sizeof *first->steps);
    first->structurals = memory_allocate(context, structurals, sizeof *first->structurals);
    first->operands = memory_allocate(context, operands, sizeof *first->operands);
    tape->shapes = memory_allocate(context, operands, sizeof *tape->shapes);
    tape->stages = memory_allocate(context, tape->stage_count, sizeof *tape->stages);
    tape->inputs = memory_allocate(context, inputs, sizeof *tape->inputs);
    tape->spreads = memory_allocate(context, values, sizeof *tape->spreads);
    if (!first->steps || !first->structurals || !first->operands || !tape->shapes ||
        !tape->stages || !tape->inputs || !tape->spreads)
        return error_memory(s->error, "an expression");
    enum status status = place_all(s);
    for (size_t stage = 0; stage < tape->stage_count && status == STATUS_OK; stage++) {
        if (stage % 2 == 0)
            schedule_once(s, (int)stage);
        else
            status = schedule_pass(s, (int)stage, outputs->per_example);
    }
    return status == STATUS_OK ? lay_out(s, outputs) : status;
}

enum status tape_new(struct tape **result, struct graph *graph, size_t parameters,
                     const struct tape_outputs *outputs, struct error *error)
{
    enum status status = graph_status(graph, error);
    if (status != STATUS_OK)
        return status;
    struct context *context = graph->context;
    struct scheduler s = {.graph = graph, .error = error, .scratch = {.context = context}};
    s.kernels = kernel_choose(context, error);
    if (!s.kernels)
        return error ? error->status : STATUS_MEMORY;
    struct tape *tape = memory_allocate(context, 1, sizeof *tape);
    if (!tape)
        return error_memory(error, "an expression");
    tape->context = context;
    tape->kernels = s.kernels->arithmetic;
    tape->parameters = parameters;
    tape->stage_count = 1;
    s.tape = tape;
    s.last = outputs->per_example > 0 ? outputs->per_example : 0;
    for (size_t i = 0; i < outputs->count; i++)
        s.last = outputs->nodes[i] > s.last ? outputs->nodes[i] : s.last;
    s.needed = scratch_allocate(&s.scratch, (size_t)s.last + 1, 1);
    if (s.needed) {
        for (size_t i = 0; i < outputs->count; i++)
            s.needed[outputs->nodes[i]] = 1;
        if (outputs->per_example != NO_NODE)
            s.needed[outputs->per_example] = 1;
        graph_mark_arguments(graph, s.last, s.needed);
        status = schedule(&s, outputs);
    } else {
        status = error_memory(error, "an expression");
    }
    scratch_free(&s.scratch);
    memory_free(context, s.free_rows);
    if (status != STATUS_OK) {
        tape_free(tape);
        return status;
    }
    *result = tape;
    return STATUS_OK;
}
