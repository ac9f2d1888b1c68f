/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pool.c: one task at a time. `round` numbers the tasks; a thread that has seen a new number runs its
 * share and counts itself off. */
#include "base/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"

enum { THREADS = 16 };

struct pool;

struct worker {
    struct pool *pool;
    size_t index;
    pthread_t thread;
};

struct pool {
    struct context_part part;
    size_t threads; /* with the caller's */
    struct worker workers[THREADS];
    pthread_mutex_t mutex;
    pthread_cond_t begin, done;
    unsigned long round;
    size_t active, running; /* threads that take part in this round; that are not done yet */
    pool_task *task;
    void *argument;
    bool stop;
};

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct pool *pool = worker->pool;
    unsigned long seen = 0;
    pthread_mutex_lock(&pool->mutex);
    while (true) {
        while (pool->round == seen && !pool->stop)
            pthread_cond_wait(&pool->begin, &pool->mutex);
        if (pool->stop)
            break;
        seen = pool->round;
        if (worker->index >= pool->active)
            continue;
        pthread_mutex_unlock(&pool->mutex);
        pool->task(pool->argument, worker->index);
        pthread_mutex_lock(&pool->mutex);
        if (--pool->running == 0)
            pthread_cond_signal(&pool->done);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

static void free_pool(struct context *context, struct context_part *part)
{
    struct pool *pool = (struct pool *)part;
    pthread_mutex_lock(&pool->mutex);
    pool->stop = true;
    pthread_cond_broadcast(&pool->begin);
    pthread_mutex_unlock(&pool->mutex);
    for (size_t i = 1; i < pool->threads; i++)
        pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->begin);
    pthread_cond_destroy(&pool->done);
    pthread_mutex_destroy(&pool->mutex);
    memory_free(context, pool);
}

static size_t wanted_threads(void)
{
    const char *text = getenv("DESCENT_THREADS");
    long count = text ? strtol(text, NULL, 10) : sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > THREADS ? THREADS : (size_t)count;
}

static void start(struct pool *pool)
{
    size_t wanted = wanted_threads();
    sigset_t all, before;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->begin, NULL);
    pthread_cond_init(&pool->done, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* inherited by the threads */
    for (pool->threads = 1; pool->threads < wanted; pool->threads++) {
        struct worker *worker = &pool->workers[pool->threads];
        *worker = (struct worker){.pool = pool, .index = pool->threads};
        if (pthread_create(&worker->thread, NULL, work, worker) != 0)
            break; /* fewer threads give the same results */
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static struct pool *pool_of(struct context *context)
{
    struct context_part *part = context_part(context, CONTEXT_POOL);
    if (!part) {
        struct pool *pool = memory_allocate(context, 1, sizeof *pool);
        if (!pool)
            return NULL;
        pool->part.free = free_pool;
        start(pool);
        part = context_part_set(context, CONTEXT_POOL, &pool->part);
    }
    return (struct pool *)part;
}

size_t pool_threads(struct context *context)
{
    struct pool *pool = pool_of(context);
    return pool ? pool->threads : 1;
}

void pool_run(struct context *context, pool_task *task, void *argument, size_t count)
{
    struct pool *pool = count > 1 ? pool_of(context) : NULL;
    if (!pool || pool->threads < count) {
        for (size_t i = 0; i < count; i++)
            task(argument, i);
        return;
    }
    pthread_mutex_lock(&pool->mutex);
    pool->task = task;
    pool->argument = argument;
    pool->active = count;
    pool->running = count - 1;
    pool->round++;
    pthread_cond_broadcast(&pool->begin);
    pthread_mutex_unlock(&pool->mutex);
    task(argument, 0);
    pthread_mutex_lock(&pool->mutex);
    while (pool->running > 0)
        pthread_cond_wait(&pool->done, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}
