/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history.c: rows and snapshots within the budget, half for each. Snapshots make `back` and all
 * looking back quick; anything between two of them is redone. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "run/run_private.h"

enum { LEAST_ROWS = 8, LEAST_SNAPSHOTS = 2, FIRST_ROOM = 16 };

/* A list that has outgrown SMALL bytes goes on as one of LARGE, which is worth large pages. */
enum { SMALL = 1 << 18, LARGE = 1 << 22 };

/* What going back may redo at most, in numbers of examples times parameters. */
enum { CHEAP_WORK = 1 << 17, LONGEST_STRIDE = 256 };

static size_t row_width(const struct run *run)
{
    return run->size + 2;
}

static size_t numbers_size(const struct run *run)
{
    return run->size * (1 + run->state_count);
}

static void snapshot_free(const struct run *run, struct snapshot *snapshot)
{
    if (snapshot == NULL)
        return;
    memory_free(run->context, snapshot->numbers);
    memory_free(run->context, snapshot->sampler);
    memory_free(run->context, snapshot);
}

static struct snapshot *snapshot_new(const struct run *run)
{
    struct snapshot *snapshot = memory_allocate(run->context, 1, sizeof *snapshot);
    if (snapshot == NULL)
        return NULL;
    snapshot->numbers = memory_allocate(run->context, numbers_size(run), sizeof(double));
    if (run->sampler.order != SAMPLER_ALL)
        snapshot->sampler = memory_allocate(run->context, 1, sizeof *snapshot->sampler);
    if (snapshot->numbers == NULL ||
        (run->sampler.order != SAMPLER_ALL && snapshot->sampler == NULL)) {
        snapshot_free(run, snapshot);
        return NULL;
    }
    return snapshot;
}

static size_t at_least(size_t value, size_t least)
{
    return value > least ? value : least;
}

enum status history_init(struct run *run, size_t bytes, struct error *error)
{
    struct history *history = &run->history;
    bool batches = run->sampler.order != SAMPLER_ALL;
    size_t snapshot_bytes = sizeof(struct snapshot) + numbers_size(run) * sizeof(double) +
                            (batches ? sizeof(struct sampler_state) : 0);
    history->row_limit = at_least(bytes / 2 / (row_width(run) * sizeof(double)), LEAST_ROWS);
    history->snapshot_limit = at_least(bytes / 2 / snapshot_bytes, LEAST_SNAPSHOTS);
    history->row_stride = 1;
    /* Cheap updates are redone faster than they are stored. */
    size_t examples = objective_examples(run->objective);
    size_t work = run->size * at_least(batches ? run->sampler.batch : examples, 1);
    history->snapshot_stride = 1;
    while (history->snapshot_stride < LONGEST_STRIDE &&
           2 * history->snapshot_stride * work <= CHEAP_WORK)
        history->snapshot_stride *= 2;
    enum status status = history_reserve(run, 0, error);
    if (status == STATUS_OK)
        history_add(run);
    return status;
}

void history_free(struct run *run)
{
    struct history *history = &run->history;
    for (size_t i = 0; i < history->snapshot_count; i++)
        snapshot_free(run, history->snapshots[i]);
    snapshot_free(run, history->spare);
    memory_free(run->context, history->snapshots);
    memory_free(run->context, history->rows);
    memory_free(run->context, history->events);
}

static void thin_rows(struct run *run)
{
    struct history *history = &run->history;
    size_t width = row_width(run), kept = (history->row_count + 1) / 2;
    for (size_t i = 1; i < kept; i++)
        memcpy(history->rows + i * width, history->rows + 2 * i * width, width * sizeof(double));
    history->row_count = kept;
    history->row_stride *= 2;
}

static void thin_snapshots(struct run *run)
{
    struct history *history = &run->history;
    size_t kept = (history->snapshot_count + 1) / 2;
    for (size_t i = 1; i < history->snapshot_count; i += 2)
        snapshot_free(run, history->snapshots[i]);
    for (size_t i = 1; i < kept; i++)
        history->snapshots[i] = history->snapshots[2 * i];
    history->snapshot_count = kept;
    history->snapshot_stride *= 2;
}

/* The list with its room doubled up to the limit; NULL when there is not enough memory. */
static void *grown(struct run *run, void *list, size_t *room, size_t limit, size_t size)
{
    size_t more = at_least(*room * 2, FIRST_ROOM);
    if (more * size >= SMALL)
        more = at_least(more, LARGE / size);
    if (more > limit)
        more = limit;
    void *block = memory_resize(run->context, list, more, size);
    if (block != NULL)
        *room = more;
    return block;
}

static enum status reserve_row(struct run *run, struct error *error)
{
    struct history *history = &run->history;
    if (history->row_count < history->row_room)
        return STATUS_OK;
    if (history->row_room == history->row_limit) {
        thin_rows(run);
        return STATUS_OK;
    }
    double *rows = grown(run, history->rows, &history->row_room, history->row_limit,
                         row_width(run) * sizeof *rows);
    if (rows == NULL)
        return error_memory(error, "the history of the run");
    history->rows = rows;
    return STATUS_OK;
}

static enum status reserve_snapshot(struct run *run, struct error *error)
{
    struct history *history = &run->history;
    if (history->snapshot_count < history->snapshot_room)
        return STATUS_OK;
    if (history->snapshot_room == history->snapshot_limit) {
        thin_snapshots(run);
        return STATUS_OK;
    }
    struct snapshot **snapshots = grown(run, history->snapshots, &history->snapshot_room,
                                        history->snapshot_limit, sizeof *snapshots);
    if (snapshots == NULL)
        return error_memory(error, "the history of the run");
    history->snapshots = snapshots;
    return STATUS_OK;
}

enum status history_make_room(struct run *run, unsigned long long t, struct error *error)
{
    struct history *history = &run->history;
    enum status status = STATUS_OK;
    if (on_stride(t, history->row_stride))
        status = reserve_row(run, error);
    if (status == STATUS_OK && on_stride(t, history->snapshot_stride))
        status = reserve_snapshot(run, error);
    if (status == STATUS_OK && on_stride(t, history->snapshot_stride) && history->spare == NULL) {
        history->spare = snapshot_new(run);
        if (history->spare == NULL)
            return error_memory(error, "the history of the run");
    }
    return status;
}

void history_add_snapshot(struct run *run)
{
    struct history *history = &run->history;
    struct snapshot *snapshot = history->spare;
    history->spare = NULL;
    snapshot->batch_loss = run->now->batch_loss;
    snapshot->alpha = run->now->alpha;
    memcpy(snapshot->numbers, run->now->phi, numbers_size(run) * sizeof(double));
    if (snapshot->sampler != NULL)
        *snapshot->sampler = run->sampler.state;
    history->snapshots[history->snapshot_count++] = snapshot;
}

void history_cut(struct run *run, unsigned long long t)
{
    struct history *history = &run->history;
    size_t rows = (size_t)(t / history->row_stride) + 1;
    if (rows < history->row_count)
        history->row_count = rows;
    size_t snapshots = (size_t)(t / history->snapshot_stride) + 1;
    while (history->snapshot_count > snapshots)
        snapshot_free(run, history->snapshots[--history->snapshot_count]);
}

const struct snapshot *history_snapshot(const struct run *run, unsigned long long t,
                                        unsigned long long *at)
{
    const struct history *history = &run->history;
    unsigned long long index = t / history->snapshot_stride;
    if (index >= history->snapshot_count)
        index = history->snapshot_count - 1;
    *at = index * history->snapshot_stride;
    return history->snapshots[index];
}

enum status history_empty_snapshots(struct run *run, size_t count, unsigned long long stride,
                                    struct error *error)
{
    struct history *history = &run->history;
    while (history->snapshot_count > 0)
        snapshot_free(run, history->snapshots[--history->snapshot_count]);
    struct snapshot **list = memory_resize(run->context, history->snapshots, count, sizeof *list);
    if (list == NULL)
        return error_memory(error, "the history of the run");
    history->snapshots = list;
    history->snapshot_room = count;
    history->snapshot_stride = stride;
    while (history->snapshot_count < count) {
        list[history->snapshot_count] = snapshot_new(run);
        if (list[history->snapshot_count] == NULL)
            return error_memory(error, "the history of the run");
        history->snapshot_count++;
    }
    return STATUS_OK;
}

/* --- rates from functions --- */

double history_rate(const struct run *run, unsigned long long t)
{
    const struct history *history = &run->history;
    size_t low = 0, high = history->event_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (history->events[middle].t <= t)
            low = middle;
        else
            high = middle;
    }
    return history->event_count > 0 ? history->events[low].alpha : NAN;
}

enum status history_reserve_rate(struct run *run, struct error *error)
{
    struct history *history = &run->history;
    if (history->event_count < history->event_room)
        return STATUS_OK;
    struct rate_event *events = grown(run, history->events, &history->event_room, SIZE_MAX / 2,
                                      sizeof *events);
    if (events == NULL)
        return error_memory(error, "the rates of the run");
    history->events = events;
    return STATUS_OK;
}

void history_add_rate(struct run *run, unsigned long long t, double alpha)
{
    struct history *history = &run->history;
    history->asked = t;
    if (history->event_count == 0 || history->events[history->event_count - 1].alpha != alpha)
        history->events[history->event_count++] = (struct rate_event){t, alpha};
}

/* --- the trace --- */

size_t run_rows(const struct run *run)
{
    const struct history *history = &run->history;
    return history->row_count + (on_stride(run->now->t, history->row_stride) ? 0 : 1);
}

struct run_row run_row(const struct run *run, size_t row)
{
    const struct history *history = &run->history;
    if (row >= history->row_count)
        return (struct run_row){run->now->t, run->now->phi, run->now->batch_loss, run->now->alpha};
    const double *kept = history->rows + row * row_width(run);
    return (struct run_row){row * history->row_stride, kept + 2, kept[0], kept[1]};
}
