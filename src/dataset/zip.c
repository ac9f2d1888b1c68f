/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deflated members are unpacked by zlib, which is loaded when the first one is met. */
#include "dataset/zip.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "dataset/csv.h"

enum {
    LOCAL = 0x04034b50,
    CENTRAL = 0x02014b50,
    END = 0x06054b50,
    END_64 = 0x06064b50,
    LOCATOR_64 = 0x07064b50,
    LOCAL_SIZE = 30,
    CENTRAL_SIZE = 46,
    END_SIZE = 22,
    LOCATOR_SIZE = 20,
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8,
    ENCRYPTED = 1,
    EXTRA_64 = 1,
};

static enum status refuse(const struct zip *zip, enum status status, struct error *error,
                          const char *text)
{
    char where[sizeof((struct error *)0)->where];
    csv_place(where, sizeof where, zip->path, 0, 0);
    return error_set(error, status, where, "%s", text);
}

static enum status damaged(const struct zip *zip, struct error *error)
{
    return refuse(zip, STATUS_FORMAT, error, "the archive is damaged or cut off");
}

/* --- numbers, lowest byte first --- */

static uint64_t get(const unsigned char *bytes, int count)
{
    uint64_t value = 0;
    for (int i = 0; i < count; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

/* Whether `count` bytes from `at` lie in the archive. */
static bool inside(const struct zip *zip, uint64_t at, uint64_t count)
{
    return at <= zip->size && count <= zip->size - at;
}

/* --- the directory --- */

/* Where the record stands that ends the archive: behind it there is only a comment. */
static bool find_end(const struct zip *zip, size_t *end)
{
    if (zip->size < END_SIZE)
        return false;
    size_t least = zip->size > END_SIZE + 0xffff ? zip->size - END_SIZE - 0xffff : 0;
    for (size_t at = zip->size - END_SIZE + 1; at-- > least;)
        if (get(zip->bytes + at, 4) == END &&
            at + END_SIZE + get(zip->bytes + at + 20, 2) == zip->size) {
            *end = at;
            return true;
        }
    return false;
}

enum status zip_open(struct zip *zip, struct context *context, const char *path, const void *bytes,
                     size_t size, struct error *error)
{
    *zip = (struct zip){.context = context, .path = path, .bytes = bytes, .size = size};
    size_t end;
    if (!find_end(zip, &end))
        return refuse(zip, STATUS_FORMAT, error, "is no zip archive, as .npz files are");
    uint64_t members = get(zip->bytes + end + 10, 2), directory = get(zip->bytes + end + 16, 4);
    if (end >= LOCATOR_SIZE && get(zip->bytes + end - LOCATOR_SIZE, 4) == LOCATOR_64) {
        uint64_t at = get(zip->bytes + end - LOCATOR_SIZE + 8, 8);
        if (!inside(zip, at, 56) || get(zip->bytes + at, 4) != END_64)
            return damaged(zip, error);
        members = get(zip->bytes + at + 32, 8);
        directory = get(zip->bytes + at + 48, 8);
    }
    if (!inside(zip, directory, 0) || members > zip->size / CENTRAL_SIZE)
        return damaged(zip, error);
    zip->directory = (size_t)directory;
    zip->members = (size_t)members;
    return STATUS_OK;
}

/* Sizes and place that do not fit into four bytes stand in an extra field, in this order. */
static bool read_extra(const unsigned char *extra, size_t length, struct zip_member *member,
                       uint64_t *offset)
{
    size_t at = 0;
    while (at + 4 <= length && get(extra + at, 2) != EXTRA_64)
        at += 4 + get(extra + at + 2, 2);
    size_t end = at + 4 <= length ? at + 4 + get(extra + at + 2, 2) : 0;
    uint64_t *const values[] = {&member->size, &member->packed, offset};
    at += 4;
    for (size_t i = 0; i < 3; i++) {
        if (*values[i] != 0xffffffff)
            continue;
        if (end > length || at + 8 > end)
            return false;
        *values[i] = get(extra + at, 8);
        at += 8;
    }
    return true;
}

enum status zip_next(const struct zip *zip, size_t *at, struct zip_member *member, bool *more,
                     struct error *error)
{
    size_t place = *at == 0 ? zip->directory : *at;
    *more = inside(zip, place, 4) && get(zip->bytes + place, 4) == CENTRAL;
    if (!*more)
        return STATUS_OK;
    const unsigned char *entry = zip->bytes + place;
    if (!inside(zip, place, CENTRAL_SIZE))
        return damaged(zip, error);
    size_t name = get(entry + 28, 2), extra = get(entry + 30, 2), comment = get(entry + 32, 2);
    if (!inside(zip, place + CENTRAL_SIZE, name + extra + comment))
        return damaged(zip, error);
    uint64_t offset = get(entry + 42, 4);
    *member = (struct zip_member){.name = (const char *)entry + CENTRAL_SIZE,
                                  .name_length = name,
                                  .flags = (unsigned)get(entry + 8, 2),
                                  .method = (unsigned)get(entry + 10, 2),
                                  .crc = (uint32_t)get(entry + 16, 4),
                                  .packed = get(entry + 20, 4),
                                  .size = get(entry + 24, 4)};
    if (!read_extra(entry + CENTRAL_SIZE + name, extra, member, &offset) || !inside(zip, offset, 0))
        return damaged(zip, error);
    member->offset = (size_t)offset;
    *at = place + CENTRAL_SIZE + name + extra + comment;
    return STATUS_OK;
}

/* --- unpacking --- */

uint32_t zip_crc(uint32_t crc, const void *bytes, size_t size)
{
    uint32_t table[256];
    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++)
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320u : 0);
    }
    crc = ~crc;
    for (size_t i = 0; i < size; i++)
        crc = crc >> 8 ^ table[(crc ^ ((const unsigned char *)bytes)[i]) & 0xff];
    return ~crc;
}

/* z_stream of zlib.h, which has been the same since version 1: inflateInit2_ compares its size. */
struct stream {
    const unsigned char *next_in;
    unsigned available_in;
    unsigned long total_in;
    unsigned char *next_out;
    unsigned available_out;
    unsigned long total_out;
    const char *message;
    void *state;
    void *(*allocate)(void *, unsigned, unsigned);
    void (*free)(void *, void *);
    void *opaque;
    int data_type;
    unsigned long adler, reserved;
};

struct zlib {
    void *library;
    int (*begin)(struct stream *stream, int window, const char *version, int size);
    int (*step)(struct stream *stream, int flush);
    int (*end)(struct stream *stream);
};

static bool zlib_open(struct zlib *zlib)
{
    static const char *const names[] = {"libz.so.1", "libz.so", "libz.dylib", "libz.1.dylib"};
    zlib->library = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && zlib->library == NULL; i++)
        zlib->library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (zlib->library == NULL)
        return false;
    struct {
        void *pointer; /* to a function pointer */
        const char *symbol;
    } const routines[] = {
        {&zlib->begin, "inflateInit2_"}, {&zlib->step, "inflate"}, {&zlib->end, "inflateEnd"}};
    bool found = true;
    for (size_t i = 0; i < sizeof routines / sizeof *routines; i++) {
        void *address = dlsym(zlib->library, routines[i].symbol);
        memcpy(routines[i].pointer, &address, sizeof address);
        found = found && address != NULL;
    }
    if (!found)
        dlclose(zlib->library);
    return found;
}

/* Raw deflate of `packed` bytes into exactly `size`. */
static bool inflate_all(const struct zlib *zlib, const unsigned char *from, size_t packed,
                        unsigned char *to, size_t size)
{
    enum { RAW = -15, STREAM_END = 1, BUFFER_ERROR = -5 };
    struct stream stream = {.next_in = from, .next_out = to};
    if (zlib->begin(&stream, RAW, "1.2", (int)sizeof stream) != 0)
        return false;
    int result = 0;
    size_t left_in = packed, left_out = size;
    while (result == 0 || result == BUFFER_ERROR) {
        unsigned in = left_in < INT_MAX ? (unsigned)left_in : INT_MAX;
        unsigned out = left_out < INT_MAX ? (unsigned)left_out : INT_MAX;
        stream.available_in = in;
        stream.available_out = out;
        result = zlib->step(&stream, 0);
        left_in -= in - stream.available_in;
        left_out -= out - stream.available_out;
        if (in == stream.available_in && out == stream.available_out)
            break;
    }
    zlib->end(&stream);
    return result == STREAM_END && left_out == 0;
}

static enum status unpack(const struct zip *zip, const struct zip_member *member,
                          const unsigned char *from, void **own, struct error *error)
{
    enum { LARGEST_RATIO = 1032 }; /* of deflate */
    struct zlib zlib;
    if (member->size / LARGEST_RATIO > member->packed + 1)
        return damaged(zip, error);
    if (!zlib_open(&zlib))
        return refuse(zip, STATUS_UNSUPPORTED, error,
                      "is compressed, and zlib, which unpacks it, is not installed; write it with "
                      "numpy.savez in place of numpy.savez_compressed");
    unsigned char *to = memory_allocate(zip->context, (size_t)member->size + 1, 1);
    bool fine = to != NULL &&
                inflate_all(&zlib, from, (size_t)member->packed, to, (size_t)member->size);
    dlclose(zlib.library);
    if (to == NULL)
        return error_memory(error, "unpacking a file");
    *own = to;
    return fine ? STATUS_OK : damaged(zip, error);
}

enum status zip_read(const struct zip *zip, const struct zip_member *member,
                     const unsigned char **bytes, void **own, struct error *error)
{
    *own = NULL;
    if (member->flags & ENCRYPTED)
        return refuse(zip, STATUS_UNSUPPORTED, error, "is encrypted; unpack it first");
    if (member->method != METHOD_STORED && member->method != METHOD_DEFLATED)
        return refuse(zip, STATUS_UNSUPPORTED, error,
                      "is packed in a way that NumPy does not use; write it with numpy.savez");
    if (!inside(zip, member->offset, LOCAL_SIZE) ||
        get(zip->bytes + member->offset, 4) != LOCAL)
        return damaged(zip, error);
    const unsigned char *header = zip->bytes + member->offset;
    uint64_t begin = member->offset + LOCAL_SIZE + get(header + 26, 2) + get(header + 28, 2);
    if (!inside(zip, begin, member->packed) ||
        (member->method == METHOD_STORED && member->packed != member->size))
        return damaged(zip, error);
    enum status status = STATUS_OK;
    *bytes = zip->bytes + begin;
    if (member->method == METHOD_DEFLATED) {
        status = unpack(zip, member, *bytes, own, error);
        *bytes = *own;
    }
    if (status == STATUS_OK && zip_crc(0, *bytes, (size_t)member->size) != member->crc)
        status = damaged(zip, error);
    if (status != STATUS_OK) {
        memory_free(zip->context, *own);
        *own = NULL;
    }
    return status;
}

/* --- writing --- */

static void put(struct zip_writer *writer, uint32_t value, int count)
{
    unsigned char bytes[4];
    for (int i = 0; i < count; i++)
        bytes[i] = (unsigned char)(value >> 8 * i);
    output_put(writer->output, bytes, (size_t)count);
}

/* What the local header and the directory have in common; the date is the format's first day. */
static void put_common(struct zip_writer *writer, uint32_t crc, uint32_t size, size_t name_length)
{
    enum { VERSION = 20, FIRST_DAY = 0x21 };
    put(writer, VERSION, 2);
    put(writer, 0, 2); /* flags */
    put(writer, METHOD_STORED, 2);
    put(writer, 0, 2); /* time */
    put(writer, FIRST_DAY, 2);
    put(writer, crc, 4);
    put(writer, size, 4);
    put(writer, size, 4);
    put(writer, (uint32_t)name_length, 2);
    put(writer, 0, 2); /* no extra field */
}

void zip_put_member(struct zip_writer *writer, const char *name, uint32_t crc, uint32_t size)
{
    size_t place = writer->count++;
    snprintf(writer->member[place].name, ZIP_NAME, "%s", name);
    writer->member[place].crc = crc;
    writer->member[place].size = size;
    writer->member[place].offset = (uint32_t)writer->output->written;
    put(writer, LOCAL, 4);
    put_common(writer, crc, size, strlen(name));
    output_put(writer->output, name, strlen(name));
}

void zip_put_directory(struct zip_writer *writer)
{
    enum { MADE_BY = 20 };
    uint32_t begin = (uint32_t)writer->output->written;
    for (size_t i = 0; i < writer->count; i++) {
        size_t length = strlen(writer->member[i].name);
        put(writer, CENTRAL, 4);
        put(writer, MADE_BY, 2);
        put_common(writer, writer->member[i].crc, writer->member[i].size, length);
        put(writer, 0, 2); /* no comment */
        put(writer, 0, 2); /* the first disk */
        put(writer, 0, 2);
        put(writer, 0, 4);
        put(writer, writer->member[i].offset, 4);
        output_put(writer->output, writer->member[i].name, length);
    }
    uint32_t size = (uint32_t)writer->output->written - begin;
    put(writer, END, 4);
    put(writer, 0, 4); /* disks */
    put(writer, (uint32_t)writer->count, 2);
    put(writer, (uint32_t)writer->count, 2);
    put(writer, size, 4);
    put(writer, begin, 4);
    put(writer, 0, 2);
}
