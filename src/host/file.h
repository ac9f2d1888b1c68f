/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file.h: files that are either written whole or not at all. */
#ifndef DESCENT_HOST_FILE_H
#define DESCENT_HOST_FILE_H

#include <stddef.h>

#include "base/context.h"
#include "base/error.h"

/* Writes to a temporary name in the same folder, syncs, renames. Keeps the permissions of a file
 * that is replaced, follows symbolic links, and writes straight into what is no regular file. */
enum status file_write(struct context *context, const char *path, const void *bytes, size_t size,
                       struct error *error);
/* The whole file in a fresh block of the context, zero-terminated. */
enum status file_read(struct context *context, const char *path, char **bytes, size_t *size,
                      struct error *error);

/* A regular file of at most `most` bytes: no link, folder, pipe or device, none of which is even
 * waited for. */
enum status file_read_regular(struct context *context, const char *path, size_t most, char **bytes,
                              size_t *size, struct error *error);

/* A folder with those above it; it may be there already. */
enum status file_make_folder(struct context *context, const char *path, struct error *error);

/* An empty file of that name; *claimed is false where there is one: of several programs that ask at
 * once one gets it. */
enum status file_claim(const char *path, bool *claimed, struct error *error);

/* A new file in TMPDIR (or /tmp) that only this user can read; its name is written into `path`. */
enum status file_temporary(struct context *context, const void *bytes, size_t size, char *path,
                           size_t path_size, struct error *error);

#endif
