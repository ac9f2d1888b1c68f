/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker.c: a thread's copy of a program, with rows of its own. */
#include <string.h>

#include "base/memory.h"
#include "graph/tape_private.h"

static void bind_operand(const struct tape *tape, struct tape_worker *worker,
                         struct operand *operand)
{
    operand->data = operand->at == SIZE_MAX ? NULL
                                            : (operand->step ? worker->rows : tape->memory) +
                                                  operand->at;
    if (!operand->step || operand->at >= tape->input_rows * BLOCK)
        return;
    if (worker->readers)
        worker->readers[worker->reader_count] = operand;
    worker->reader_count++;
}

void worker_bind(const struct tape *tape, struct tape_worker *worker)
{
    worker->reader_count = 0;
    worker->directed = worker->rows;
    for (size_t i = 0; i < tape->step_count; i++) {
        struct step *step = &worker->steps[i];
        bind_operand(tape, worker, &step->out);
        bind_operand(tape, worker, &step->second);
        bind_operand(tape, worker, &step->kept);
        bind_operand(tape, worker, &step->with);
        for (int k = 0; k < STEP_OPERANDS; k++)
            bind_operand(tape, worker, &step->in[k]);
    }
    for (size_t i = 0; i < tape->operand_count; i++)
        bind_operand(tape, worker, &worker->operands[i]);
    bind_operand(tape, worker, &worker->per_example);
}

void worker_execute(const struct tape_worker *worker, const struct stage *stage, double *sums,
                    size_t n)
{
    const struct step *step = worker->steps + stage->first, *end = step + stage->count;
    for (; step < end; step++)
        step->run(step, sums, n);
}

bool store_find_readers(const struct tape *tape, struct tape_worker *worker)
{
    if (worker->readers)
        return true;
    worker->readers =
        memory_allocate(tape->context, worker->reader_count, sizeof *worker->readers);
    if (worker->readers)
        worker_bind(tape, worker);
    return worker->readers != NULL;
}

bool tape_add_worker(struct tape *tape)
{
    const struct tape_worker *first = &tape->workers[0];
    struct tape_worker *worker = &tape->workers[tape->worker_count];
    struct context *context = tape->context;
    worker->steps = memory_allocate(context, tape->step_count, sizeof *worker->steps);
    worker->structurals =
        memory_allocate(context, tape->structural_count, sizeof *worker->structurals);
    worker->operands = memory_allocate(context, tape->operand_count, sizeof *worker->operands);
    worker->rows = memory_allocate_aligned(context, tape->row_count * BLOCK + 8, sizeof(double));
    if (!worker->steps || !worker->structurals || !worker->operands || !worker->rows) {
        tape_free_worker(tape, worker);
        return false;
    }
    memcpy(worker->steps, first->steps, tape->step_count * sizeof *worker->steps);
    memcpy(worker->structurals, first->structurals,
           tape->structural_count * sizeof *worker->structurals);
    memcpy(worker->operands, first->operands, tape->operand_count * sizeof *worker->operands);
    worker->per_example = first->per_example;
    for (size_t i = 0; i < tape->structural_count; i++)
        if (worker->structurals[i].in)
            worker->structurals[i].in =
                worker->operands + (first->structurals[i].in - first->operands);
    for (size_t i = 0; i < tape->step_count; i++)
        if (worker->steps[i].structural)
            worker->steps[i].structural =
                worker->structurals + (first->steps[i].structural - first->structurals);
    worker_bind(tape, worker);
    if (tape->store.used && !store_find_readers(tape, worker)) {
        tape_free_worker(tape, worker);
        return false;
    }
    tape->worker_count++;
    return true;
}

void tape_free_worker(struct tape *tape, struct tape_worker *worker)
{
    memory_free(tape->context, worker->steps);
    memory_free(tape->context, worker->structurals);
    memory_free(tape->context, worker->operands);
    memory_free(tape->context, worker->readers);
    if (worker != &tape->workers[0])
        memory_free(tape->context, worker->rows);
    *worker = (struct tape_worker){0};
}
