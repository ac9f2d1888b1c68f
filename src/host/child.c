/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* macOS: SO_NOSIGPIPE on the socket instead */
#endif

enum { LENGTH = 4, CHILDREN_MOST = 256 };
enum { FIRST_MOST = 4096, FIRST_SECONDS = 20 }; /* of what it says before it is asked anything */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

double child_seconds(struct child *child)
{
#if defined _POSIX_CPUTIME && _POSIX_CPUTIME >= 0
    clockid_t clock;
    struct timespec time;
    if (child->process.pid != 0 && clock_getcpuclockid(child->process.pid, &clock) == 0 &&
        clock_gettime(clock, &time) == 0)
        return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
#endif
    (void)child;
    return -1;
}

/* --- start and end ---------------------------------------------------------------------------- */

enum status child_start(struct child *child, struct context *context, const char *const *arguments,
                        const char *const *environment, struct error *error)
{
    *child = (struct child){.end = CHILD_RUNNING};
    enum status status = process_start_bare(&child->process, context, arguments, environment,
                                            error);
    if (status != STATUS_OK)
        child->end = CHILD_STOPPED;
    child->left = FIRST_MOST;
    child->wall_most = now() + FIRST_SECONDS;
    return status;
}

static void close_end(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

/* Kills what is left of the group before the child is waited for: until then its number, which is
 * the group's too, cannot belong to anyone else. */
static void kill_group(struct child *child, int *how)
{
    pid_t pid = child->process.pid;
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
    while (waitpid(pid, how, 0) < 0 && errno == EINTR)
        continue;
    child->process.pid = 0;
    close_end(&child->process.input);
    close_end(&child->process.output);
    close_end(&child->process.errors);
}

static void finish(struct child *child, enum child_end end)
{
    int how;
    if (child->process.pid != 0)
        kill_group(child, &how);
    child->end = end;
    child->out_at = child->out_size = 0;
}

/* It has ended, and is still to be waited for. */
static bool has_ended(const struct child *child)
{
    siginfo_t about = {0};
    return waitid(P_PID, (id_t)child->process.pid, &about, WEXITED | WNOWAIT | WNOHANG) == 0 &&
           about.si_pid != 0;
}

/* The child has closed its output. Its own end comes a moment later, if it comes. */
static void ended(struct child *child)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    for (double deadline = now() + 0.5; now() < deadline && !has_ended(child);)
        nanosleep(&moment, NULL);
    int how = 0;
    kill_group(child, &how);
    child->out_at = child->out_size = 0;
    if (WIFSIGNALED(how)) {
        child->number = WTERMSIG(how);
        child->end = child->number == SIGXCPU  ? CHILD_TIME
                     : child->number == SIGSYS ? CHILD_FORBIDDEN
                                               : CHILD_SIGNAL;
    } else {
        child->number = WIFEXITED(how) ? WEXITSTATUS(how) : 0;
        child->end = CHILD_EXIT;
    }
}

void child_stop(struct child *child)
{
    if (child->process.context == NULL)
        return;
    if (child->end == CHILD_RUNNING)
        finish(child, CHILD_STOPPED);
    memory_free(child->process.context, child->out);
    memory_free(child->process.context, child->in);
    child->out = child->in = NULL;
    child->in_size = child->in_at = child->in_room = 0;
}

/* --- frames ----------------------------------------------------------------------------------- */

static size_t length_at(const char *bytes)
{
    const unsigned char *byte = (const unsigned char *)bytes;
    return (size_t)byte[0] | (size_t)byte[1] << 8 | (size_t)byte[2] << 16 | (size_t)byte[3] << 24;
}

static bool has_frame(const struct child *child)
{
    size_t there = child->in_size - child->in_at;
    return there >= LENGTH && there - LENGTH >= length_at(child->in + child->in_at);
}

const char *child_frame(struct child *child, size_t *size)
{
    if (!has_frame(child))
        return NULL;
    const char *frame = child->in + child->in_at;
    *size = length_at(frame);
    child->in_at += LENGTH + *size;
    return frame + LENGTH;
}

enum status child_ask(struct child *child, const void *bytes, size_t size, double seconds,
                      size_t most, struct error *error)
{
    if (child->end != CHILD_RUNNING)
        return error_set(error, STATUS_FILE, NULL, "the child process is not running");
    if (size > UINT32_MAX)
        return error_set(error, STATUS_ARGUMENT, NULL, "a question of %zu bytes is too large",
                         size);
    memory_free(child->process.context, child->out);
    child->out = memory_allocate(child->process.context, size + LENGTH, 1);
    child->out_at = child->out_size = 0;
    if (child->out == NULL)
        return error_memory(error, "a question to a child process");
    for (int i = 0; i < LENGTH; i++)
        child->out[i] = (char)(size >> 8 * i & 0xff);
    memcpy(child->out + LENGTH, bytes, size);
    child->out_size = size + LENGTH;
    child->in_at = child->in_size = 0;
    child->left = most;
    double used = child_seconds(child);
    child->processor_most = used < 0 ? 0 : used + seconds;
    child->wall_most = now() + (used < 0 ? seconds : 6 * seconds + 3);
    return STATUS_OK;
}

/* --- waiting ---------------------------------------------------------------------------------- */

static void send_some(struct child *child)
{
    ssize_t sent = send(child->process.input, child->out + child->out_at,
                        child->out_size - child->out_at, MSG_NOSIGNAL);
    if (sent > 0)
        child->out_at += (size_t)sent;
    else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        child->out_at = child->out_size; /* nobody reads it: the end of the output says why */
}

/* Reads what is there, but never more than the child may send. */
static enum status receive_some(struct child *child, struct error *error)
{
    struct context *context = child->process.context;
    if (child->in_at == child->in_size)
        child->in_at = child->in_size = 0;
    for (;;) {
        if (child->in_room - child->in_size < 4096) {
            size_t room = child->in_room ? 2 * child->in_room : 16384;
            char *larger = memory_resize(context, child->in, room, 1);
            if (larger == NULL)
                return error_memory(error, "the answer of a child process");
            child->in = larger;
            child->in_room = room;
        }
        ssize_t got = read(child->process.output, child->in + child->in_size,
                           child->in_room - child->in_size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return STATUS_OK;
        if (got <= 0) {
            ended(child);
            return STATUS_OK;
        }
        if ((size_t)got > child->left) {
            finish(child, CHILD_OUTPUT);
            return STATUS_OK;
        }
        child->left -= (size_t)got;
        child->in_size += (size_t)got;
        size_t there = child->in_size - child->in_at;
        if (there >= LENGTH && length_at(child->in + child->in_at) > there - LENGTH + child->left) {
            finish(child, CHILD_OUTPUT);
            return STATUS_OK;
        }
    }
}

/* Seconds until the child could have used up its time; it is killed when it has. One thread cannot
 * use more of the processor than there is on the wall. */
static double check_time(struct child *child)
{
    double wall = child->wall_most - now(), left = wall;
    if (wall > 0 && child->processor_most > 0) {
        double used = child_seconds(child);
        left = child->processor_most - used;
        if (left > wall)
            left = wall;
    }
    if (left <= 0)
        finish(child, CHILD_TIME);
    return left;
}

enum status child_wait(struct child *const *children, size_t count, double seconds,
                       struct error *error)
{
    struct pollfd wait[2 * CHILDREN_MOST];
    struct context *context = count > 0 ? children[0]->process.context : NULL;
    if (count == 0 || count > CHILDREN_MOST)
        return error_set(error, STATUS_ARGUMENT, NULL, "cannot wait for %zu child processes",
                         count);
    for (double deadline = now() + seconds;;) {
        double left = deadline - now();
        bool ready = left <= 0;
        for (size_t i = 0; i < count; i++) {
            struct child *child = children[i];
            if (child->end == CHILD_RUNNING && !has_frame(child) && child->wall_most > 0) {
                double time = check_time(child);
                left = time < left ? time : left;
            }
            ready = ready || child->end != CHILD_RUNNING || has_frame(child);
        }
        if (ready)
            return STATUS_OK;
        if (context_take_interrupt(context))
            return error_set(error, STATUS_INTERRUPTED, NULL, "interrupted");
        for (size_t i = 0; i < count; i++) {
            const struct child *child = children[i];
            wait[2 * i] = (struct pollfd){
                .fd = child->out_at < child->out_size ? child->process.input : -1,
                .events = POLLOUT};
            wait[2 * i + 1] = (struct pollfd){.fd = child->process.output, .events = POLLIN};
        }
        /* Short waits: a signal that comes just before poll would otherwise be seen late. */
        int number = poll(wait, (nfds_t)(2 * count), left < 0.05 ? 1 + (int)(left * 1000) : 50);
        if (number < 0 && errno != EINTR)
            return error_set(error, STATUS_FILE, NULL, "cannot wait for child processes: %s",
                             strerror(errno));
        for (size_t i = 0; i < count; i++) {
            /* Its output may be open still, held by a process that it has left behind. */
            bool gone = has_ended(children[i]);
            if (number > 0 && wait[2 * i].revents)
                send_some(children[i]);
            if (gone || (number > 0 && wait[2 * i + 1].revents)) {
                enum status status = receive_some(children[i], error);
                if (status != STATUS_OK)
                    return status;
                if (gone && children[i]->end == CHILD_RUNNING)
                    ended(children[i]);
            }
        }
    }
}
