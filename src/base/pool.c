/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pool.c: one task at a time. Waking a thread takes as long as 50 µs of work, so that both sides
 * look for a while before they sleep: evaluations follow one another. A thread that has not begun
 * when the caller is through is called off, since the processor may have been given to somebody
 * else. */
#include "base/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"

/* Looks, each of some tens of cycles: about 20 µs. */
enum { THREADS = 16, LOOKS = 1000 };

struct pool;

struct worker {
    struct pool *pool;
    size_t index;
    pthread_t thread;
    atomic_int state;
};

enum { IDLE, CALLED, RUNNING };

struct pool {
    struct context_part part;
    size_t threads; /* with the caller's */
    struct worker workers[THREADS];
    pthread_mutex_t mutex;
    pthread_cond_t begin, done;
    pool_task *task;
    void *argument;
    atomic_bool stop;
};

static void pause_briefly(void)
{
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("yield");
#endif
}

static bool is_called(struct worker *worker)
{
    return atomic_load(&worker->state) == CALLED || atomic_load(&worker->pool->stop);
}

static void wait_for_call(struct worker *worker)
{
    struct pool *pool = worker->pool;
    for (int i = 0; i < LOOKS; i++) {
        if (is_called(worker))
            return;
        pause_briefly();
    }
    pthread_mutex_lock(&pool->mutex);
    while (!is_called(worker))
        pthread_cond_wait(&pool->begin, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct pool *pool = worker->pool;
    while (true) {
        wait_for_call(worker);
        if (atomic_load(&pool->stop))
            return NULL;
        int state = CALLED;
        if (!atomic_compare_exchange_strong(&worker->state, &state, RUNNING))
            continue; /* called off */
        pool->task(pool->argument, worker->index);
        pthread_mutex_lock(&pool->mutex);
        atomic_store(&worker->state, IDLE);
        pthread_cond_signal(&pool->done);
        pthread_mutex_unlock(&pool->mutex);
    }
}

static void wait_for(struct worker *worker)
{
    struct pool *pool = worker->pool;
    int state = CALLED;
    if (atomic_compare_exchange_strong(&worker->state, &state, IDLE))
        return;
    for (int i = 0; i < LOOKS; i++) {
        if (atomic_load(&worker->state) == IDLE)
            return;
        pause_briefly();
    }
    pthread_mutex_lock(&pool->mutex);
    while (atomic_load(&worker->state) != IDLE)
        pthread_cond_wait(&pool->done, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

static void free_pool(struct context *context, struct context_part *part)
{
    struct pool *pool = (struct pool *)part;
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->stop, true);
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

static void start(struct context *context, struct pool *pool)
{
    size_t wanted = context->alone ? 1 : wanted_threads();
    sigset_t all, before;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->begin, NULL);
    pthread_cond_init(&pool->done, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* inherited by the threads */
    for (pool->threads = 1; pool->threads < wanted; pool->threads++) {
        struct worker *worker = &pool->workers[pool->threads];
        worker->pool = pool;
        worker->index = pool->threads;
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
        start(context, pool);
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
        task(argument, 0);
        return;
    }
    pool->task = task;
    pool->argument = argument;
    for (size_t i = 1; i < count; i++)
        atomic_store(&pool->workers[i].state, CALLED);
    pthread_mutex_lock(&pool->mutex); /* whoever has looked in vain sleeps by now */
    pthread_cond_broadcast(&pool->begin);
    pthread_mutex_unlock(&pool->mutex);
    task(argument, 0);
    for (size_t i = 1; i < count; i++)
        wait_for(&pool->workers[i]);
}
