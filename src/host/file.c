/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

/* Room for the temporary name behind the folder. */
enum { TEMPORARY_ROOM = 48, TEMPORARY_ATTEMPTS = 100 };

static enum status refused(struct error *error, const char *path, const char *action, int number)
{
    const char *reason;
    switch (number) {
    case ENOENT: reason = "there is no such file or folder"; break;
    case ENOTDIR: reason = "a part of the path is not a folder"; break;
    case EISDIR: reason = "it is a folder"; break;
    case EACCES:
    case EPERM: reason = "permission denied"; break;
    case EROFS: reason = "the file system is read-only"; break;
    case EFBIG: reason = "the file would be too large"; break;
    case ENOSPC:
    case EDQUOT: reason = "no space left on the disk"; break;
    case ENAMETOOLONG: reason = "the name is too long"; break;
    default: reason = strerror(number); break;
    }
    return error_set(error, STATUS_FILE, path, "cannot %s: %s", action, reason);
}

static int write_all(int descriptor, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(descriptor, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno;
        if (written == 0)
            return ENOSPC;
        bytes += written;
        size -= (size_t)written;
    }
    return 0;
}

/* A device, a pipe or a socket cannot be replaced by renaming. */
static enum status write_into(const char *path, const void *bytes, size_t size, struct error *error)
{
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0)
        return refused(error, path, "write", errno);
    int number = write_all(descriptor, bytes, size);
    if (close(descriptor) != 0 && number == 0 && errno != EINTR)
        number = errno;
    return number == 0 ? STATUS_OK : refused(error, path, "write", number);
}

enum status file_write(struct context *context, const char *path, const void *bytes, size_t size,
                       struct error *error)
{
    struct stat old;
    bool exists = stat(path, &old) == 0;
    if (!exists && errno != ENOENT)
        return refused(error, path, "write", errno);
    if (exists && S_ISDIR(old.st_mode))
        return refused(error, path, "write", EISDIR);
    if (exists && !S_ISREG(old.st_mode))
        return write_into(path, bytes, size, error);

    char resolved[PATH_MAX];
    const char *target = exists && realpath(path, resolved) ? resolved : path;
    const char *slash = strrchr(target, '/');
    size_t folder = slash ? (size_t)(slash - target) + 1 : 0;
    size_t room = folder + TEMPORARY_ROOM;
    char *temporary = memory_allocate(context, room, 1);
    if (!temporary)
        return error_memory(error, "the name of a file");
    memcpy(temporary, target, folder);

    /* Not mkstemp: the new file takes the permissions that the umask leaves. */
    int descriptor = -1;
    for (int attempt = 0; descriptor < 0 && attempt < TEMPORARY_ATTEMPTS; attempt++) {
        snprintf(temporary + folder, room - folder, ".descent-%ld-%d", (long)getpid(), attempt);
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor < 0 && errno != EEXIST)
            break;
    }
    enum status status = STATUS_OK;
    if (descriptor < 0) {
        status = refused(error, path, "write", errno);
    } else {
        int number = 0;
        if (exists && fchmod(descriptor, old.st_mode & 07777) != 0)
            number = errno;
        if (number == 0)
            number = write_all(descriptor, bytes, size);
        /* Some file systems cannot sync; that is no reason to refuse the file. */
        if (number == 0 && fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP)
            number = errno;
        if (close(descriptor) != 0 && number == 0 && errno != EINTR)
            number = errno;
        if (number == 0 && rename(temporary, target) != 0)
            number = errno;
        if (number != 0) {
            unlink(temporary);
            status = refused(error, path, "write", number);
        }
    }
    memory_free(context, temporary);
    return status;
}

/* Reads the open file to its end and closes it. */
static enum status read_all(struct context *context, int descriptor, const char *path, char **bytes,
                            size_t *size, struct error *error)
{
    size_t used = 0, room = 4096;
    struct stat about;
    if (fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0)
        room = (size_t)about.st_size + 2;
    char *block = memory_resize(context, NULL, room, 1);
    enum status status = block ? STATUS_OK : error_memory(error, "a file");
    while (status == STATUS_OK) {
        if (used + 1 == room) {
            char *larger = room <= SIZE_MAX / 2 ? memory_resize(context, block, room * 2, 1) : NULL;
            if (!larger) {
                status = error_memory(error, "a file");
                break;
            }
            block = larger;
            room *= 2;
        }
        ssize_t got = read(descriptor, block + used, room - used - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            status = refused(error, path, "read", errno);
        if (got <= 0)
            break;
        used += (size_t)got;
    }
    close(descriptor);
    if (status != STATUS_OK) {
        memory_free(context, block);
        return status;
    }
    block[used] = '\0';
    *bytes = block;
    *size = used;
    return STATUS_OK;
}

enum status file_read(struct context *context, const char *path, char **bytes, size_t *size,
                      struct error *error)
{
    *bytes = NULL;
    *size = 0;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return refused(error, path, "read", errno);
    return read_all(context, descriptor, path, bytes, size, error);
}

enum status file_read_regular(struct context *context, const char *path, size_t most, char **bytes,
                              size_t *size, struct error *error)
{
    *bytes = NULL;
    *size = 0;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0 && (errno == ELOOP || errno == EMLINK))
        return error_set(error, STATUS_FILE, path,
                         "cannot read: it is a symbolic link, not a file");
    if (descriptor < 0)
        return refused(error, path, "read", errno);
    struct stat about;
    const char *wrong = NULL;
    if (fstat(descriptor, &about) != 0)
        wrong = strerror(errno);
    else if (!S_ISREG(about.st_mode))
        wrong = S_ISDIR(about.st_mode) ? "it is a folder" : "it is a pipe or a device, not a file";
    else if (about.st_size < 0 || (size_t)about.st_size > most)
        wrong = "it is too large";
    if (wrong) {
        close(descriptor);
        return error_set(error, STATUS_FILE, path, "cannot read: %s", wrong);
    }
    enum status status = read_all(context, descriptor, path, bytes, size, error);
    if (status == STATUS_OK && *size > most) { /* it grew meanwhile */
        memory_free(context, *bytes);
        *bytes = NULL;
        return error_set(error, STATUS_FILE, path, "cannot read: it is too large");
    }
    return status;
}

enum status file_make_folder(struct context *context, const char *path, struct error *error)
{
    char *part = memory_copy_text(context, path);
    if (!part)
        return error_memory(error, "the name of a folder");
    int number = 0;
    for (char *end = part + 1; number == 0 && *part; end++) {
        char byte = *end;
        if (byte != '/' && byte != '\0')
            continue;
        *end = '\0';
        struct stat about;
        if (mkdir(part, 0777) != 0 &&
            (errno != EEXIST || stat(part, &about) != 0 || !S_ISDIR(about.st_mode)))
            number = errno == EEXIST ? ENOTDIR : errno;
        *end = byte;
        if (byte == '\0')
            break;
    }
    memory_free(context, part);
    return number == 0 ? STATUS_OK : refused(error, path, "make a folder", number);
}

enum status file_claim(const char *path, bool *claimed, struct error *error)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    *claimed = descriptor >= 0;
    if (*claimed)
        close(descriptor);
    return *claimed || errno == EEXIST ? STATUS_OK : refused(error, path, "write", errno);
}

enum status file_temporary(struct context *context, const void *bytes, size_t size, char *path,
                           size_t path_size, struct error *error)
{
    (void)context;
    const char *folders[] = {getenv("TMPDIR"), "/tmp"};
    int descriptor = -1;
    for (size_t i = 0; descriptor < 0 && i < sizeof folders / sizeof *folders; i++) {
        if (folders[i] == NULL || folders[i][0] != '/')
            continue;
        int length = snprintf(path, path_size, "%s/descent-XXXXXX", folders[i]);
        if (length >= 0 && (size_t)length < path_size)
            descriptor = mkstemp(path);
    }
    if (descriptor < 0)
        return error_set(error, STATUS_FILE, "/tmp",
                         "a temporary file cannot be written: set TMPDIR to a folder that can");
    int number = write_all(descriptor, bytes, size);
    if (close(descriptor) != 0 && number == 0 && errno != EINTR)
        number = errno;
    if (number == 0)
        return STATUS_OK;
    unlink(path);
    return refused(error, path, "write", number);
}
