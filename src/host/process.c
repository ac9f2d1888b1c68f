/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

extern char **environ;

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* macOS: SO_NOSIGPIPE on the socket instead */
#endif

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void rest(double seconds)
{
    struct timespec time = {.tv_sec = (time_t)seconds};
    time.tv_nsec = (long)(1e9 * (seconds - (double)time.tv_sec));
    nanosleep(&time, NULL);
}

static void close_end(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

static bool set_up(int descriptor, bool block)
{
    if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0)
        return false;
    if (block)
        return true;
    int flags = fcntl(descriptor, F_GETFL);
    return flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0;
}

/* --- start ------------------------------------------------------------------------------------ */

/* Each pair has our end first. */
struct ends {
    int input[2], output[2], errors[2], report[2];
};

static void close_ends(struct ends *ends)
{
    int *pairs[] = {ends->input, ends->output, ends->errors, ends->report};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        close_end(&pairs[i][0]);
        close_end(&pairs[i][1]);
    }
}

static bool open_ends(struct ends *ends)
{
    *ends = (struct ends){{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends->input) != 0 || pipe(ends->output) != 0 ||
        pipe(ends->errors) != 0 || pipe(ends->report) != 0)
        return false;
#ifdef SO_NOSIGPIPE
    int on = 1;
    setsockopt(ends->input[0], SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    return set_up(ends->input[0], false) && set_up(ends->input[1], true) &&
           set_up(ends->output[0], false) && set_up(ends->output[1], true) &&
           set_up(ends->errors[0], false) && set_up(ends->errors[1], true) &&
           set_up(ends->report[0], true) && set_up(ends->report[1], true);
}

/* Between fork and exec: only calls that are safe in a signal handler. */
static _Noreturn void become(struct ends *ends, const char *const *arguments, char **variables)
{
    setpgid(0, 0);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);

    /* The ends may themselves be numbered 0 to 2: move them out of the way first. */
    int from[3] = {ends->input[1], ends->output[1], ends->errors[1]};
    int report = fcntl(ends->report[1], F_DUPFD_CLOEXEC, 3);
    for (int i = 0; i < 3; i++)
        from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 3);
    for (int i = 0; i < 3; i++) {
        if (from[i] < 0 || dup2(from[i], i) < 0)
            goto failed;
    }
    environ = variables;
    execvp(arguments[0], (char *const *)arguments);
failed:;
    int number = errno;
    ssize_t ignored = write(report, &number, sizeof number);
    (void)ignored;
    _exit(127);
}

/* Ours (unless it is to be `bare`) without the names that are given anew, then the given ones.
 * Pointers only; free the list. */
static char **join_environment(struct context *context, const char *const *added, bool bare)
{
    size_t count = 0, more = 0;
    while (!bare && environ && environ[count])
        count++;
    while (added && added[more])
        more++;
    char **list = memory_allocate(context, count + more + 1, sizeof *list);
    if (!list)
        return NULL;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        bool replaced = false;
        for (size_t j = 0; j < more && !replaced; j++) {
            size_t name = strcspn(added[j], "=") + 1;
            replaced = strncmp(environ[i], added[j], name) == 0;
        }
        if (!replaced)
            list[used++] = environ[i];
    }
    for (size_t j = 0; j < more; j++)
        list[used++] = (char *)added[j];
    return list;
}

static enum status start(struct process *process, struct context *context,
                         const char *const *arguments, const char *const *environment, bool bare,
                         struct error *error)
{
    *process = (struct process){.context = context, .input = -1, .output = -1, .errors = -1};
    struct ends ends;
    if (!open_ends(&ends)) {
        int number = errno;
        close_ends(&ends);
        return error_set(error, STATUS_FILE, arguments[0], "cannot be started: %s",
                         strerror(number));
    }
    char **variables = join_environment(context, environment, bare);
    if (!variables) {
        close_ends(&ends);
        return error_memory(error, "a child process");
    }
    pid_t pid = fork();
    if (pid == 0)
        become(&ends, arguments, variables);
    int number = errno;
    memory_free(context, variables);
    if (pid < 0) {
        close_ends(&ends);
        return error_set(error, STATUS_FILE, arguments[0], "cannot be started: %s",
                         strerror(number));
    }
    setpgid(pid, pid); /* on both sides: whoever comes first */

    /* The pipe closes at exec; a number in it is the reason why there was none. */
    close_end(&ends.report[1]);
    number = 0;
    ssize_t got;
    do
        got = read(ends.report[0], &number, sizeof number);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        close_ends(&ends);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        const char *reason = number == ENOENT   ? "is not installed"
                             : number == EACCES ? "cannot be run: permission denied"
                                                : NULL;
        if (reason)
            return error_set(error, STATUS_FILE, arguments[0], "%s", reason);
        return error_set(error, STATUS_FILE, arguments[0], "cannot be run: %s", strerror(number));
    }
    process->pid = pid;
    process->input = ends.input[0];
    process->output = ends.output[0];
    process->errors = ends.errors[0];
    ends.input[0] = ends.output[0] = ends.errors[0] = -1;
    close_ends(&ends);
    return STATUS_OK;
}

enum status process_start(struct process *process, struct context *context,
                          const char *const *arguments, const char *const *environment,
                          struct error *error)
{
    return start(process, context, arguments, environment, false, error);
}

enum status process_start_bare(struct process *process, struct context *context,
                               const char *const *arguments, const char *const *environment,
                               struct error *error)
{
    return start(process, context, arguments, environment, true, error);
}

/* --- end -------------------------------------------------------------------------------------- */

/* True when the child is gone and has been waited for; fills *how. */
static bool collect(struct process *process, int *how)
{
    if (process->pid == 0)
        return true;
    pid_t got;
    do
        got = waitpid(process->pid, how, WNOHANG);
    while (got < 0 && errno == EINTR);
    if (got == 0)
        return false;
    process->pid = 0;
    return true;
}

static void close_process(struct process *process)
{
    close_end(&process->input);
    close_end(&process->output);
    close_end(&process->errors);
}

bool process_alive(struct process *process)
{
    int how;
    if (!collect(process, &how))
        return true;
    close_process(process);
    return false;
}

void process_release(struct process *process)
{
    close_process(process);
    process->pid = 0;
}

void process_stop(struct process *process)
{
    int how;
    if (process->pid == 0) {
        close_process(process);
        return;
    }
    /* At the end of its input a well-behaved child ends, and with it its windows. It may be writing
     * still: its outputs are closed too, or it would wait for a reader. */
    close_process(process);
    pid_t group = process->pid;
    double deadline = now() + 0.5;
    for (double pause = 0.0005; !collect(process, &how); pause *= 1.5) {
        if (now() >= deadline) {
            kill(-group, SIGKILL);
            kill(group, SIGKILL);
            while (waitpid(group, &how, 0) < 0 && errno == EINTR)
                continue;
            process->pid = 0;
            break;
        }
        rest(pause);
    }
}

/* --- ask -------------------------------------------------------------------------------------- */

/* What has come on one of the two streams. */
struct stream {
    int descriptor;
    bool awaited, seen, closed;
    char *bytes;
    size_t size, room;
    size_t searched; /* no token begins before this position */
    size_t end;      /* of the text before the token, once seen */
};

static void search(struct stream *stream, const char *token, size_t length)
{
    while (!stream->seen && stream->size - stream->searched >= length) {
        const char *at = stream->bytes + stream->searched;
        const char *found = memchr(at, token[0], stream->size - stream->searched - length + 1);
        if (!found) {
            stream->searched = stream->size - length + 1;
            return;
        }
        stream->searched = (size_t)(found - stream->bytes);
        if (memcmp(found, token, length) == 0) {
            stream->seen = true;
            stream->end = stream->searched;
        } else {
            stream->searched++;
        }
    }
}

/* Reads what is there; false when there is no memory for it. */
static bool drain(struct context *context, struct stream *stream, const char *token, size_t length)
{
    for (;;) {
        if (stream->room - stream->size < 4096) {
            size_t room = stream->room ? 2 * stream->room : 16384;
            char *larger = memory_resize(context, stream->bytes, room, 1);
            if (!larger)
                return false;
            stream->bytes = larger;
            stream->room = room;
        }
        ssize_t got = read(stream->descriptor, stream->bytes + stream->size,
                           stream->room - stream->size - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (got <= 0) {
            stream->closed = true;
            break;
        }
        stream->size += (size_t)got;
    }
    search(stream, token, length);
    return true;
}

static bool complete(const struct stream *streams)
{
    return (streams[0].seen || !streams[0].awaited) && (streams[1].seen || !streams[1].awaited);
}

static void hand_over(struct stream *stream, char **bytes, size_t *size)
{
    *size = stream->seen ? stream->end : stream->size;
    stream->bytes[*size] = '\0';
    *bytes = stream->bytes;
    stream->bytes = NULL;
}

static enum status died(struct process *process, struct error *error)
{
    /* The pipes close a moment before the child can be waited for. */
    int how = 0;
    double deadline = now() + 0.5;
    while (!collect(process, &how) && now() < deadline)
        rest(0.001);
    if (process->pid != 0) {
        process_stop(process);
        return error_set(error, STATUS_FILE, NULL, "the child process closed its output");
    }
    close_process(process);
    if (WIFSIGNALED(how))
        return error_set(error, STATUS_FILE, NULL, "the child process was ended by signal %d",
                         WTERMSIG(how));
    return error_set(error, STATUS_FILE, NULL, "the child process ended with exit code %d",
                     WIFEXITED(how) ? WEXITSTATUS(how) : -1);
}

/* Sends, reads and waits until the tokens were seen, the child is gone (*gone), or the deadline. */
static enum status exchange(struct process *process, const char **text, size_t *size,
                            const char *token, struct stream *streams, double deadline, bool *gone,
                            struct error *error)
{
    size_t length = strlen(token);
    *gone = false;
    while (!complete(streams) || *size > 0) {
        double left = deadline - now();
        if (left <= 0)
            return STATUS_OK;
        if (context_take_interrupt(process->context))
            return error_set(error, STATUS_INTERRUPTED, NULL, "interrupted");
        struct pollfd wait[3] = {{.fd = streams[0].closed ? -1 : process->output, .events = POLLIN},
                                 {.fd = streams[1].closed ? -1 : process->errors, .events = POLLIN},
                                 {.fd = *size > 0 ? process->input : -1, .events = POLLOUT}};
        /* Short waits: a signal that comes just before poll would otherwise be seen late. */
        int ready = poll(wait, 3, left < 0.05 ? 1 + (int)(left * 1000) : 50);
        if (ready < 0 && errno != EINTR)
            return error_set(error, STATUS_FILE, NULL, "cannot wait for the child process: %s",
                             strerror(errno));
        if (ready <= 0)
            continue;
        for (int i = 0; i < 2; i++) {
            if (wait[i].revents && !drain(process->context, &streams[i], token, length))
                return error_memory(error, "the answer of a child process");
        }
        if (wait[2].revents) {
            ssize_t sent = send(process->input, *text, *size, MSG_NOSIGNAL);
            if (sent > 0) {
                *text += sent;
                *size -= (size_t)sent;
            } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
                *size = 0;
                *gone = true;
            }
        }
        if ((streams[0].closed && streams[0].awaited && !streams[0].seen) ||
            (streams[1].closed && streams[1].awaited && !streams[1].seen))
            *gone = true;
        if (*gone)
            return STATUS_OK;
    }
    return STATUS_OK;
}

enum status process_ask(struct process *process, const char *text, size_t size, const char *token,
                        bool wait_output, bool wait_errors, double seconds,
                        struct process_answer *answer, struct error *error)
{
    *answer = (struct process_answer){0};
    if (process->pid == 0)
        return error_set(error, STATUS_FILE, NULL, "the child process is not running");
    struct stream streams[2] = {{.descriptor = process->output, .awaited = wait_output},
                                {.descriptor = process->errors, .awaited = wait_errors}};
    struct context *context = process->context;
    bool gone = false;
    enum status status = STATUS_OK;
    /* What an earlier question left behind is read first, so that both blocks exist. */
    for (int i = 0; i < 2 && status == STATUS_OK; i++) {
        if (!drain(context, &streams[i], token, strlen(token)))
            status = error_memory(error, "the answer of a child process");
    }
    if (status == STATUS_OK)
        status = exchange(process, &text, &size, token, streams, now() + seconds, &gone, error);

    bool late = status == STATUS_OK && !gone && (!complete(streams) || size > 0);
    if (status == STATUS_INTERRUPTED || late) {
        struct error second;
        bool ended = false;
        /* What is soon done is let be: a window may close at SIGINT. */
        if (!late)
            exchange(process, &text, &size, token, streams, now() + 0.2, &ended, &second);
        /* SIGINT makes it drop what it is doing; what does not answer then either is killed. */
        if (!ended && (!complete(streams) || size > 0))
            kill(-process->pid, SIGINT);
        if (!ended)
            exchange(process, &text, &size, token, streams, now() + 0.5, &ended, &second);
        if (ended || !complete(streams) || size > 0) {
            kill(-process->pid, SIGKILL);
            process_stop(process);
        }
        if (late)
            status = error_set(error, STATUS_FILE, NULL,
                               "the child process did not answer within %g seconds", seconds);
    } else if (status == STATUS_OK && gone) {
        status = died(process, error);
    }
    if (status == STATUS_OK) {
        hand_over(&streams[0], &answer->output, &answer->output_size);
        hand_over(&streams[1], &answer->errors, &answer->errors_size);
    }
    memory_free(context, streams[0].bytes);
    memory_free(context, streams[1].bytes);
    return status;
}
