/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dataset_write. The layer of host/ comes later, so what it takes to write a file whole or not at
 * all is here once more, for a stream. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "dataset/csv.h"
#include "dataset/dataset.h"
#include "dataset/number.h"

enum { BUFFER = 1 << 16, TRIES = 100 };

struct output {
    const char *path;                           /* as the caller named it */
    char target[PATH_MAX], temporary[PATH_MAX]; /* links resolved; empty: written in place */
    int file;
    int problem; /* the first errno, or 0 */
    char delimiter;
    char *buffer;
    size_t used;
};

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

static void put(struct output *output, const char *bytes, size_t length)
{
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

static void put_number(struct output *output, double value)
{
    char text[32];
    put(output, text, number_write(value, text, sizeof text));
}

/* Quoted where a reader would see something else: separators, quotes, line ends, outer spaces. */
static void put_text(struct output *output, const char *text)
{
    size_t length = strlen(text);
    bool outer = length > 0 &&
                 (strchr(" \t", text[0]) != NULL || strchr(" \t", text[length - 1]) != NULL);
    if (!outer && strcspn(text, ",;\t\"\r\n") == length) {
        put(output, text, length);
        return;
    }
    put(output, "\"", 1);
    for (; *text != '\0'; text++) {
        put(output, text, 1);
        if (*text == '"')
            put(output, text, 1);
    }
    put(output, "\"", 1);
}

static void put_dataset(struct output *output, const struct dataset *dataset)
{
    size_t inputs = dataset->inputs, outputs = dataset->outputs;
    for (size_t k = 0; k < inputs + outputs; k++) {
        if (k > 0)
            put(output, &output->delimiter, 1);
        put_text(output, k < inputs ? dataset->x_names[k] : dataset->y_names[k - inputs]);
    }
    put(output, "\n", 1);
    for (size_t row = 0; row < dataset->examples && output->problem == 0; row++) {
        const double *x = dataset->x + row * inputs, *y = dataset->y + row * outputs;
        for (size_t k = 0; k < inputs + outputs; k++) {
            if (k > 0)
                put(output, &output->delimiter, 1);
            if (k < inputs)
                put_number(output, x[k]);
            else if (dataset->classes > 0)
                put_text(output, dataset->class_names[(size_t)y[k - inputs] - 1]);
            else
                put_number(output, y[k - inputs]);
        }
        put(output, "\n", 1);
    }
    flush(output);
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

/* A class that reading would take for a gap or cut differently cannot be kept. */
static enum status check_classes(const struct dataset *dataset, struct error *error)
{
    for (size_t i = 0; i < dataset->classes; i++) {
        const char *name = dataset->class_names[i];
        char quoted[CSV_QUOTED];
        if (csv_is_missing(name, strlen(name)))
            return error_set(error, STATUS_UNSUPPORTED, "classes",
                             "the class %s would be read as a missing value; give it another name",
                             csv_quoted(quoted, name, strlen(name)));
    }
    return STATUS_OK;
}

static enum status write_output(struct output *output, const struct dataset *dataset,
                                struct error *error)
{
    struct number_locale locale;
    enum status status = number_locale_enter(&locale, error);
    if (status != STATUS_OK)
        return status;
    output->problem = begin(output);
    if (output->problem == 0)
        put_dataset(output, dataset);
    finish(output);
    if (output->problem != 0)
        status = refuse(output, output->problem, error);
    number_locale_leave(&locale);
    return status;
}

enum status dataset_write(const struct dataset *dataset, const char *path, struct error *error)
{
    struct context *context = dataset->context;
    enum status status = check_classes(dataset, error);
    if (status != STATUS_OK)
        return status;
    struct output *output = memory_allocate(context, 1, sizeof *output);
    char *buffer = memory_allocate(context, BUFFER, 1);
    if (output == NULL || buffer == NULL) {
        status = error_memory(error, "writing a file");
    } else {
        *output = (struct output){.path = path,
                                  .file = -1,
                                  .delimiter = csv_is_tab_separated(path) ? '\t' : ',',
                                  .buffer = buffer};
        status = write_output(output, dataset, error);
    }
    memory_free(context, buffer);
    memory_free(context, output);
    return status;
}
