/* SPDX-License-Identifier: GPL-3.0-or-later */
/* parallel.c: several runs of one loss at once. A thread has a context and a copy of the loss of
 * its own, and shares nothing that changes; a run goes to it and comes back as its saved bytes,
 * which hold all that the run is, so that it is the same as one made here. */
#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"
#include "base/pool.h"
#include "objective/build.h"
#include "run/run_private.h"
#include "run/saved.h"

enum { THREADS = 16 };

struct item {
    char *bytes; /* of the caller's context: the run as it was; then of the worker's: as it is */
    size_t size;
    struct context *context; /* whose bytes they are */
    bool done;
};

struct worker {
    struct context context;
    struct context *caller;
    struct objective *objective; /* NULL: this worker has no part */
};

struct crew {
    struct worker workers[THREADS];
    struct item *items;
    size_t count;
    const struct goal *goal;
    atomic_size_t next;
};

/* The caller's Ctrl-C is seen by all. */
static int is_interrupted(void *user, const struct run *run)
{
    (void)run;
    const struct worker *worker = user;
    return atomic_load_explicit(&worker->caller->interrupted, memory_order_relaxed) != 0;
}

static void do_item(struct worker *worker, struct item *item, const struct goal *given)
{
    struct run *run;
    if (run_restore(&run, worker->objective, item->bytes, item->size, NULL, NULL, NULL) !=
        STATUS_OK)
        return;
    struct goal goal = *given;
    enum reason reason;
    char *bytes;
    size_t size;
    goal.progress = is_interrupted;
    goal.user = worker;
    if (run_converge(run, &goal, &reason, NULL) == STATUS_OK &&
        run_save(run, &bytes, &size, NULL) == STATUS_OK) {
        memory_free(item->context, item->bytes);
        *item = (struct item){bytes, size, &worker->context, true};
    }
    run_release(run);
}

static void work(void *argument, size_t thread)
{
    struct crew *crew = argument;
    struct worker *worker = &crew->workers[thread];
    size_t i;
    while (worker->objective != NULL && (i = atomic_fetch_add(&crew->next, 1)) < crew->count)
        if (!is_interrupted(worker, NULL))
            do_item(worker, &crew->items[i], crew->goal);
}

static void make_worker(struct worker *worker, struct context *caller, struct objective *objective)
{
    context_init(&worker->context);
    worker->context.alone = true;
    worker->context.memory.limit = caller->memory.limit;
    worker->caller = caller;
    if (objective_copy(&worker->objective, objective, &worker->context, NULL) != STATUS_OK)
        worker->objective = NULL;
}

/* Puts the runs that were taken to their goal in the place of those given. */
static void take_back(struct run **runs, struct item *items, size_t count,
                      struct objective *objective, bool *done)
{
    for (size_t i = 0; i < count; i++) {
        struct run *run;
        done[i] = items[i].done && run_restore(&run, objective, items[i].bytes, items[i].size, NULL,
                                               NULL, NULL) == STATUS_OK;
        if (!done[i])
            continue;
        run_release(runs[i]);
        runs[i] = run;
    }
}

enum status run_converge_all(struct run **runs, size_t count, const struct goal *goal, bool *done,
                             struct error *error)
{
    memset(done, 0, count * sizeof *done);
    if (count < 2)
        return STATUS_OK;
    struct objective *objective = runs[0]->objective;
    struct context *context = runs[0]->context;
    size_t threads = pool_threads(context);
    threads = threads < count ? threads : count;
    for (size_t i = 0; i < count; i++)
        if (threads < 2 || runs[i]->objective != objective || runs[i]->busy)
            return STATUS_OK;
    struct crew *crew = memory_allocate(context, 1, sizeof *crew);
    struct item *items = memory_allocate(context, count, sizeof *items);
    enum status status = crew == NULL || items == NULL ? error_memory(error, "the runs")
                                                       : STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        items[i].context = context;
        status = run_save(runs[i], &items[i].bytes, &items[i].size, error);
    }
    if (status == STATUS_OK) {
        crew->items = items;
        crew->count = count;
        crew->goal = goal;
        for (size_t i = 0; i < threads; i++)
            make_worker(&crew->workers[i], context, objective);
        pool_run(context, work, crew, threads);
        /* Ctrl-C is kept for the caller: what is done is not to be lost on the way back. */
        bool stopped = context_take_interrupt(context);
        take_back(runs, items, count, objective, done);
        if (stopped)
            atomic_store(&context->interrupted, 1);
    }
    for (size_t i = 0; items != NULL && i < count; i++)
        memory_free(items[i].context, items[i].bytes);
    for (size_t i = 0; status == STATUS_OK && i < threads; i++) {
        objective_release(crew->workers[i].objective);
        context_free(&crew->workers[i].context);
    }
    memory_free(context, items);
    memory_free(context, crew);
    return status;
}
