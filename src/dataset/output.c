/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layer of host/ comes later, so what it takes to write a file whole or not at all is here once
 * more, for a stream. */
#include "dataset/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "dataset/csv.h"

enum { BUFFER = 1 << 16, TRIES = 100 };

static void flush(struct output *output)
{
    size_t done = 0;
    while (done < output->used && output->problem == 0) {
        ssize_t wrote = write(output->file, output->buffer + done, output->used - done);
        if (wrote >= 0)
            done += (size_t)wrote;
        else if (errno != EINTR)
            output->problem = errno;
    }
    output->used = 0;
}

void output_put(struct output *output, const void *data, size_t length)
{
    const char *bytes = data;
    output->written += length;
    while (length > 0) {
        if (output->used == BUFFER)
            flush(output);
        size_t room = BUFFER - output->used, part = length < room ? length : room;
        memcpy(output->buffer + output->used, bytes, part);
        output->used += part;
        bytes += part;
        length -= part;
    }
}

static enum status refuse(const struct output *output, int problem, struct error *error)
{
    char where[sizeof((struct error *)0)->where];
    csv_place(where, sizeof where, output->path, 0, 0);
    return error_set(error, STATUS_FILE, where, "cannot be written: %s", strerror(problem));
}

/* Opens a new file beside the target, with the target's rights; or, where the target is no regular
 * file (a terminal, a pipe), the target itself. Returns 0 or errno. */
static int begin(struct output *output)
{
    struct stat present;
    bool exists = stat(output->path, &present) == 0;
    if (exists && S_ISDIR(present.st_mode))
        return EISDIR;
    if (exists && !S_ISREG(present.st_mode)) {
        output->file = open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return output->file < 0 ? errno : 0;
    }
    if (exists && access(output->path, W_OK) != 0)
        return errno; /* renaming would replace a file that is protected */
    if (strlen(output->path) + sizeof ".12345678901-123" > sizeof output->target)
        return ENAMETOOLONG;
    if (!exists || realpath(output->path, output->target) == NULL)
        strcpy(output->target, output->path);
    for (int i = 0; i < TRIES; i++) {
        int length = snprintf(output->temporary, sizeof output->temporary, "%s.%ld-%d",
                              output->target, (long)getpid(), i);
        if (length < 0 || (size_t)length >= sizeof output->temporary) {
            output->temporary[0] = '\0';
            return ENAMETOOLONG;
        }
        output->file = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY,
                            0666);
        if (output->file < 0 && errno == EEXIST)
            continue;
        int problem = output->file < 0 ? errno : 0;
        if (problem != 0)
            output->temporary[0] = '\0';
        else if (exists && fchmod(output->file, present.st_mode & 07777) != 0)
            problem = errno;
        return problem;
    }
    output->temporary[0] = '\0';
    return EEXIST;
}

static void finish(struct output *output)
{
    if (output->file >= 0) {
        bool whole = output->temporary[0] != '\0';
        if (output->problem == 0 && whole && fsync(output->file) != 0)
            output->problem = errno;
        if (close(output->file) != 0 && output->problem == 0)
            output->problem = errno;
    }
    if (output->temporary[0] == '\0')
        return;
    if (output->problem == 0 && rename(output->temporary, output->target) != 0)
        output->problem = errno;
    if (output->problem != 0)
        unlink(output->temporary);
}

enum status output_open(struct output **output, struct context *context, const char *path,
                        struct error *error)
{
    struct output *made = memory_allocate(context, 1, sizeof *made);
    char *buffer = memory_allocate(context, BUFFER, 1);
    *output = NULL;
    if (made == NULL || buffer == NULL) {
        memory_free(context, buffer);
        memory_free(context, made);
        return error_memory(error, "writing a file");
    }
    *made = (struct output){.context = context, .path = path, .file = -1, .buffer = buffer};
    made->problem = begin(made);
    *output = made;
    return STATUS_OK;
}

enum status output_close(struct output *output, struct error *error)
{
    flush(output);
    finish(output);
    enum status status = STATUS_OK;
    if (output->problem != 0)
        status = refuse(output, output->problem, error);
    memory_free(output->context, output->buffer);
    memory_free(output->context, output);
    return status;
}
