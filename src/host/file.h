/* file.h: files that are either written whole or not at all. */
#ifndef DESCENT_HOST_FILE_H
#define DESCENT_HOST_FILE_H

#include <stddef.h>

#include "base/context.h"
#include "base/error.h"

/* Writes to a temporary name in the same folder, syncs, renames. */
enum status file_write(struct context *context, const char *path, const void *bytes, size_t size,
                       struct error *error);
/* The whole file in a fresh block of the context, zero-terminated. */
enum status file_read(struct context *context, const char *path, char **bytes, size_t *size,
                      struct error *error);

#endif
