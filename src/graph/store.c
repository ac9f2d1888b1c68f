/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store.c: data that were seen whole and will be again, as after each update of gradient descent,
 * are kept as the rows of all blocks: from the second run on nothing is loaded, and the loops read
 * the store itself. */
#include <string.h>

#include "base/memory.h"
#include "graph/tape_private.h"

/* Numbers in the store of one tape: 16 MB, which stay in the last-level cache. */
static const size_t STORE_LIMIT = (size_t)1 << 21;

static bool same_data(const struct tape_data *a, const struct tape_data *b)
{
    return a->x == b->x && a->y == b->y && a->x_columns == b->x_columns &&
           a->y_columns == b->y_columns && a->count == b->count;
}

void store_choose(struct tape *tape, const struct tape_data *data)
{
    struct store *store = &tape->store;
    size_t blocks = (data->count + BLOCK - 1) / BLOCK, block = tape->input_rows * BLOCK;
    store->used = false;
    if (!data->unchanging || data->indices || blocks < 2 || block == 0 ||
        blocks > STORE_LIMIT / block)
        return;
    if (!same_data(&store->seen, data)) {
        store_free(tape);
        store->seen = *data;
        return;
    }
    if (!store->rows)
        store->rows = memory_allocate_aligned(tape->context, blocks * block, sizeof(double));
    store->used = store->rows != NULL;
    for (size_t i = 0; i < tape->worker_count && store->used; i++)
        store->used = store_find_readers(tape, &tape->workers[i]);
}

void store_free(struct tape *tape)
{
    memory_free(tape->context, tape->store.rows);
    tape->store = (struct store){0};
}

void store_expect(const struct tape *tape, const double *rows)
{
    const double *end = rows + tape->input_rows * BLOCK;
    for (; rows < end; rows += 8)
        __builtin_prefetch(rows);
}

void store_direct(struct tape_worker *worker, double *rows)
{
    if (rows == worker->directed)
        return;
    for (size_t i = 0; i < worker->reader_count; i++)
        worker->readers[i]->data = rows + worker->readers[i]->at;
    worker->directed = rows;
}
