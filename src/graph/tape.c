/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tape.c: running. The operands were fixed when the tape was made (schedule.c); a run copies φ in,
 * goes through the stages and adds up the results. It allocates nothing. */
#include "graph/tape.h"

#include <string.h>

#include "base/generator.h"
#include "base/memory.h"
#include "base/pool.h"
#include "graph/graph_private.h"
#include "graph/tape_private.h"

void tape_free(struct tape *tape)
{
    if (!tape)
        return;
    struct context *context = tape->context;
    for (size_t i = 0; i < tape->worker_count; i++)
        tape_free_worker(tape, &tape->workers[i]);
    store_free(tape);
    memory_free(context, tape->shapes);
    memory_free(context, tape->stages);
    memory_free(context, tape->inputs);
    memory_free(context, tape->spreads);
    memory_free(context, tape->outputs);
    memory_free(context, tape->results);
    memory_free(context, tape->memory);
    memory_free(context, tape->sums);
    memory_free(context, tape);
}

struct tape_size tape_size(const struct tape *tape)
{
    struct tape_size size = {
        .instructions = tape->step_count - tape->stage_count / 2, .rows = tape->row_count,
        .bytes = (tape->memory_size + (LANES - 1) * tape->lane_size) * sizeof(double)};
    for (size_t i = 0; i < tape->stage_count; i++)
        *(tape->stages[i].over_examples ? &size.blocks : &size.once) += tape->stages[i].count;
    return size;
}

/* The weight of an example, or whether a unit is left out at it: from the example's own number, so
 * that neither batches nor threads change it. */
static double find_extra(const struct input *input, const struct tape_data *data, size_t row,
                         size_t unit)
{
    if (input->source == SOURCE_WEIGHT)
        return data->weights[row];
    if (data->masks == 0)
        return 1;
    bool out = counter_uniform(data->masks, row, unit) < input->left_out;
    return out ? 0 : 1 / (1 - input->left_out);
}

static void load_extra(double *to, const struct input *input, const struct tape_data *data,
                       size_t begin, size_t n)
{
    size_t padded = (n + 7) / 8 * 8;
    for (size_t r = 0; r < input->width; r++)
        for (size_t b = 0; b < padded; b++) {
            size_t example = begin + (b < n ? b : n - 1);
            size_t row = data->indices ? data->indices[example] : example;
            to[r * BLOCK + b] = find_extra(input, data, row, input->column + r);
        }
}

/* Rows are filled up to a multiple of 8 with the last example, which is as good as any. */
static void load_input(const struct kernels *kernels, double *to, const struct input *input,
                       const struct tape_data *data, size_t begin, size_t n)
{
    if (input->source == SOURCE_WEIGHT || input->source == SOURCE_MASK) {
        load_extra(to, input, data, begin, n);
        return;
    }
    const double *from = input->source == SOURCE_X ? data->x : data->y;
    size_t columns = input->source == SOURCE_X ? data->x_columns : data->y_columns;
    from += input->column;
    if (data->indices) {
        kernels->load(to, from, columns, data->indices + begin, input->width, n);
    } else if (columns > 1) {
        kernels->load(to, from + begin * columns, columns, NULL, input->width, n);
    } else {
        memcpy(to, from + begin, n * sizeof *to);
        for (size_t b = n; b % 8 != 0; b++)
            to[b] = to[n - 1];
    }
}

static void load_block(const struct tape *tape, struct tape_worker *worker,
                       const struct tape_data *data, size_t begin, size_t n)
{
    const struct store *store = &tape->store;
    double *rows = store->used ? store->rows + begin * tape->input_rows : worker->rows;
    store_direct(worker, rows);
    if (store->used && store->filled) {
        store_expect(tape, rows + tape->input_rows * BLOCK);
        return;
    }
    for (size_t i = 0; i < tape->input_count; i++)
        load_input(tape->kernels, rows + tape->inputs[i].row * BLOCK, &tape->inputs[i], data, begin,
                   n);
}

/* All data in one block, and the same as last time: the rows are still there. */
static bool is_loaded(const struct tape *tape, const struct tape_data *data)
{
    const struct tape_data *loaded = &tape->loaded;
    return tape->is_loaded && !data->indices && loaded->x == data->x && loaded->y == data->y &&
           loaded->count == data->count && loaded->masks == data->masks;
}

/* What is_loaded will be asked. */
static void note_loaded(struct tape *tape, const struct tape_data *data)
{
    tape->is_loaded = data->unchanging && !data->indices && data->count > 0 && data->count <= BLOCK;
    tape->loaded = *data;
}

static void write_examples(const struct tape *tape, const struct tape_worker *worker,
                           double *per_example, size_t begin, size_t n)
{
    size_t components = tape->per_example_components;
    const struct operand *from = &worker->per_example;
    for (size_t b = 0; b < n; b++)
        for (size_t r = 0; r < components; r++)
            per_example[(begin + b) * components + r] = from->data[r * from->row + b];
}

struct pass {
    struct tape *tape;
    const struct stage *stage;
    const struct tape_data *data;
    double *per_example;
    size_t blocks, lanes, threads;
    atomic_size_t next; /* lane that no thread has taken */
};

static bool is_interrupted(const struct tape *tape)
{
    return atomic_load_explicit(&tape->context->interrupted, memory_order_relaxed) != 0;
}

/* One block of n examples, whose inputs are in the rows. */
static void run_block(const struct pass *pass, const struct tape_worker *worker, double *sums,
                      size_t begin, size_t n)
{
    worker_execute(worker, pass->stage, sums, n);
    if (pass->stage->has_output && pass->per_example)
        write_examples(pass->tape, worker, pass->per_example, begin, n);
}

/* Where a lane adds up: the first among the values themselves, the others apart. */
static double *sums_of(const struct tape *tape, size_t lane)
{
    return lane == 0 ? tape->memory + tape->sums_at : tape->sums + (lane - 1) * tape->lane_size;
}

/* Lanes that are still to be taken; each has its own sums, so it is nothing who takes it. */
static void run_lanes(void *argument, size_t thread)
{
    struct pass *pass = argument;
    const struct tape *tape = pass->tape;
    struct tape_worker *worker = &pass->tape->workers[thread];
    size_t blocks = pass->blocks, lanes = pass->lanes;
    for (size_t lane; (lane = atomic_fetch_add(&pass->next, 1)) < lanes;) {
        for (size_t block = lane * blocks / lanes; block < (lane + 1) * blocks / lanes; block++) {
            size_t begin = block * BLOCK;
            size_t n = pass->data->count - begin < BLOCK ? pass->data->count - begin : BLOCK;
            if (is_interrupted(tape))
                return;
            load_block(tape, worker, pass->data, begin, n);
            run_block(pass, worker, sums_of(tape, lane), begin, n);
        }
    }
}

/* More than one thread only where there is work for some 20 µs: see pool.c. */
static size_t threads_for(struct tape *tape, size_t lanes, size_t examples)
{
    enum { ENOUGH_WORK = 80000 };
    if (lanes < 2 || tape->work * examples < ENOUGH_WORK)
        return 1;
    size_t threads = pool_threads(tape->context);
    threads = threads < lanes ? threads : lanes;
    while (tape->worker_count < threads && tape_add_worker(tape))
        continue;
    return threads < tape->worker_count ? threads : tape->worker_count;
}

/* Many blocks, cut into lanes, whose sums are added in their order. */
static void run_blocks(struct pass *pass)
{
    struct tape *tape = pass->tape;
    const struct stage *stage = pass->stage;
    pass->lanes = pass->blocks < LANES ? pass->blocks : LANES;
    pass->threads = threads_for(tape, pass->lanes, pass->data->count);
    for (size_t lane = 1; lane < pass->lanes; lane++)
        memset(sums_of(tape, lane) + stage->first_sum, 0, stage->sum_count * sizeof(double));
    if (pass->threads > 1)
        pool_run(tape->context, run_lanes, pass, pass->threads);
    else
        run_lanes(pass, 0);
    double *sums = sums_of(tape, 0) + stage->first_sum;
    for (size_t lane = 1; lane < pass->lanes; lane++) {
        const double *others = sums_of(tape, lane) + stage->first_sum;
        for (size_t i = 0; i < stage->sum_count; i++)
            sums[i] += others[i];
    }
}

static bool run_pass(struct tape *tape, const struct stage *stage, const struct tape_data *data,
                     double *per_example)
{
    struct pass pass = {.tape = tape, .stage = stage, .data = data, .per_example = per_example,
                        .blocks = (data->count + BLOCK - 1) / BLOCK};
    const struct step *begin = tape->workers[0].steps + stage->first - 1;
    begin->run(begin, NULL, 0);
    if (pass.blocks > 1) {
        run_blocks(&pass);
    } else if (pass.blocks == 1) {
        load_block(tape, &tape->workers[0], data, 0, data->count);
        run_block(&pass, &tape->workers[0], sums_of(tape, 0), 0, data->count);
    }
    return !is_interrupted(tape);
}

static bool run_stages(struct tape *tape, const struct tape_data *data, double *per_example)
{
    tape->store.used = false;
    if (data->count > BLOCK)
        store_choose(tape, data);
    for (size_t i = 0; i < tape->stage_count; i++) {
        const struct stage *stage = &tape->stages[i];
        if (!stage->over_examples)
            worker_execute(&tape->workers[0], stage, NULL, 1);
        else if (!run_pass(tape, stage, data, per_example))
            return false;
    }
    tape->store.filled = tape->store.filled || tape->store.used;
    return true;
}

/* All stages one after the other, over a block that stands in the rows. */
static bool run_through(const struct tape *tape, size_t examples)
{
    double *sums = sums_of(tape, 0);
    const struct step *step = tape->workers[0].steps, *end = step + tape->step_count;
    for (; step < end; step++)
        step->run(step, sums, examples);
    return !is_interrupted(tape);
}

/* Everything up to the results. */
static enum status evaluate(struct tape *tape, const double *phi, const double *direction,
                            const struct tape_data *data, double *per_example,
                            struct error *error)
{
    const size_t parameters = tape->parameters;
    double *memory = tape->memory;
    for (size_t j = 0; j < parameters; j++)
        memory[j] = phi[j];
    if (direction)
        memcpy(memory + parameters, direction, parameters * sizeof *direction);
    if (tape->count_at != SIZE_MAX)
        memory[tape->count_at] = (double)data->count;
    bool done;
    if (is_loaded(tape, data) && !per_example) {
        done = run_through(tape, data->count);
    } else {
        note_loaded(tape, data);
        done = run_stages(tape, data, per_example);
    }
    if (done)
        return STATUS_OK;
    tape->is_loaded = false;
    return error_set(error, STATUS_INTERRUPTED, "", "interrupted");
}

/* Outputs that share a result are added up; what has none is 0. */
static void add_outputs(const struct tape *tape, double *first, double *others)
{
    const struct output *output = tape->outputs, *end = output + tape->output_count;
    for (; output < end; output++) {
        const double *from = tape->memory + output->from;
        for (size_t r = 0; r < output->components; r++)
            *(output->offset + r == 0 ? first : others + output->offset + r - 1) += from[r];
    }
}

static void collect(const struct tape *tape, double *first, double *others, size_t other_count)
{
    const double *memory = tape->memory;
    const size_t *results = tape->results;
    if (tape->result_count == 1 + other_count) { /* 0 +: never −0, as in a sum */
        *first = 0 + memory[results[0]];
        for (size_t j = 0; j < other_count; j++)
            others[j] = 0 + memory[results[1 + j]];
        return;
    }
    *first = 0;
    for (size_t j = 0; j < other_count; j++)
        others[j] = 0;
    add_outputs(tape, first, others);
}

enum status tape_run(struct tape *tape, const double *phi, const double *direction,
                     const struct tape_data *data, double *results, size_t result_count,
                     double *per_example, struct error *error)
{
    enum status status = evaluate(tape, phi, direction, data, per_example, error);
    if (status == STATUS_OK && result_count > 0)
        collect(tape, results, results + 1, result_count - 1);
    return status;
}

enum status tape_run_gradient(struct tape *tape, const double *phi, const struct tape_data *data,
                              double *value, double *gradient, struct error *error)
{
    enum status status = evaluate(tape, phi, NULL, data, NULL, error);
    if (status == STATUS_OK)
        collect(tape, value, gradient, tape->parameters);
    return status;
}
