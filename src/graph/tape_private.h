/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tape_private.h: a scheduled program, made by schedule.c and run by tape.c. */
#ifndef DESCENT_GRAPH_TAPE_PRIVATE_H
#define DESCENT_GRAPH_TAPE_PRIVATE_H

#include "graph/kernel.h"
#include "graph/tape.h"

/* Lanes: shares of whole blocks, as many as the data's size alone says, at most these. */
enum { LANES = 16, ROW_LIMIT = 1 << 21 };

struct input { /* rows that are filled at the head of a block */
    enum input_source source;
    size_t column, width, row;
    double left_out; /* SOURCE_MASK: the share p */
};

/* All places below are counted in doubles from the start of the memory. */
struct stage {
    bool over_examples;
    size_t first, count; /* steps; before them stands the one that a pass begins with */
    size_t first_spread, spread_count;
    size_t first_sum, sum_count; /* numbers, among those of a lane; multiples of 8 */
    bool has_output; /* the per-example output is written in this pass */
};

struct output {
    size_t from, offset, components;
};

/* What one thread writes to: rows of its own, and the steps bound to them. The first worker is the
 * tape's own thread; the others are made when data are first large enough. */
struct tape_worker {
    struct step *steps;
    struct instruction *structurals;
    struct operand *operands;
    double *rows;
    struct operand per_example;
    /* The operands that read inputs, and the rows where they find them; listed with a store. */
    struct operand **readers;
    size_t reader_count;
    double *directed;
};

/* The rows of the inputs of all blocks: see store.c. */
struct store {
    struct tape_data seen; /* at the last run over all examples */
    double *rows;
    bool used, filled; /* in this run; since an earlier one */
};

struct tape {
    struct context *context;
    const struct kernels *kernels;
    size_t parameters;
    struct tape_worker workers[LANES];
    size_t worker_count;
    size_t step_count, structural_count, operand_count;
    struct shape *shapes; /* of the operands of structural steps */
    struct stage *stages;
    size_t stage_count;
    struct input *inputs;
    size_t input_count;
    struct spread *spreads;
    size_t spread_count;
    struct output *outputs;
    size_t output_count;
    size_t *results; /* where each stands, if each is one number of one output */
    size_t result_count; /* 0: they are not */
    size_t per_example_components;
    double *memory; /* φ, direction, values, spread values; then the rows of the first worker */
    size_t memory_size;
    size_t work; /* numbers computed for an example: what decides about threads */
    /* Σᵢ of all passes, lane_size numbers: the first lane's are the values themselves, those of the
     * others stand apart until they are added. */
    size_t sums_at, lane_size;
    double *sums; /* (LANES − 1) × lane_size */
    size_t count_at; /* where I is kept; SIZE_MAX: not used */
    size_t rows_at, row_count, input_rows; /* those of the inputs come first */
    struct store store;
    /* What the rows of the inputs hold, when one block holds all: it is not loaded again. */
    struct tape_data loaded;
    bool is_loaded;
};

/* In store.c: whether this run uses the store; lets a worker read its inputs at `rows`. */
void store_choose(struct tape *tape, const struct tape_data *data);
void store_direct(struct tape_worker *worker, double *rows);
void store_free(struct tape *tape);
/* Lets the processor fetch the rows that will be read next. */
void store_expect(const struct tape *tape, const double *rows);

/* --- worker.c --- */
/* The steps of a stage, without that which a pass begins with. */
void worker_execute(const struct tape_worker *worker, const struct stage *stage, double *sums,
                    size_t n);
/* Lists the operands of a worker that read inputs. */
bool store_find_readers(const struct tape *tape, struct tape_worker *worker);
/* Points all operands of a worker to its own rows. */
void worker_bind(const struct tape *tape, struct tape_worker *worker);
/* Another thread's copy of the program; false when there is no memory for it. */
bool tape_add_worker(struct tape *tape);
void tape_free_worker(struct tape *tape, struct tape_worker *worker);

#endif
