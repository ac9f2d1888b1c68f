/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zip.h: the archives that .npz files are (APPNOTE 6.3: members stored or deflated, Zip64 read). */
#ifndef DESCENT_DATASET_ZIP_H
#define DESCENT_DATASET_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/context.h"
#include "base/error.h"
#include "dataset/output.h"

struct zip {
    struct context *context;
    const char *path;
    const unsigned char *bytes; /* the whole archive; the caller's */
    size_t size;
    size_t directory, members; /* where the central directory begins; how many entries it has */
};

struct zip_member {
    const char *name; /* not terminated */
    size_t name_length;
    size_t offset; /* of its local header */
    uint64_t packed, size;
    uint32_t crc;
    unsigned method, flags;
};

enum status zip_open(struct zip *zip, struct context *context, const char *path, const void *bytes,
                     size_t size, struct error *error);
/* The members in turn: *at is 0 before the first; `more` is false behind the last. */
enum status zip_next(const struct zip *zip, size_t *at, struct zip_member *member, bool *more,
                     struct error *error);
/* The member's bytes: in the archive where they are stored (*own NULL), else unpacked into *own,
 * which the caller gives back with memory_free. Their checksum is right. */
enum status zip_read(const struct zip *zip, const struct zip_member *member,
                     const unsigned char **bytes, void **own, struct error *error);

uint32_t zip_crc(uint32_t crc, const void *bytes, size_t size); /* 0 to begin with */

/* Writing, members stored: for each a header, then its bytes; at the end the directory. */
enum { ZIP_MEMBERS = 8, ZIP_NAME = 32 };
struct zip_writer {
    struct output *output;
    struct {
        char name[ZIP_NAME];
        uint32_t crc, size, offset;
    } member[ZIP_MEMBERS];
    size_t count;
};
/* The caller knows checksum and size before; both the archive and a member stay below 4 GB. */
void zip_put_member(struct zip_writer *writer, const char *name, uint32_t crc, uint32_t size);
void zip_put_directory(struct zip_writer *writer);

#endif
