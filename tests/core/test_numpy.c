/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NumPy's files under stress: memory that fails at each request, bytes that are changed. What NumPy
 * itself writes and reads is tested from Lua. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/generator.h"
#include "dataset/dataset.h"
#include "dataset/npy.h"
#include "dataset/numpy.h"
#include "dataset/zip.h"

static struct context context;
static struct error error;
static char folder[] = "/tmp/descent-numpy-XXXXXX";
static char path[128];

static void begin(void)
{
    context_init(&context);
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/f.npz", folder);
}

static void finish(void)
{
    context_free(&context);
    cr_assert_eq(context.memory.live, 0);
    remove(path);
    cr_assert_eq(rmdir(folder), 0, "something is left in the folder");
}

TestSuite(numpy, .init = begin, .fini = finish);

static struct dataset *made(void)
{
    static const double x[] = {1, 2, 3, 4, 5, 6, 7, 8}, y[] = {1, 2, 2, 1},
                        weights[] = {1, 0, 2, 3};
    static const char *const classes[] = {"no", "\xC3\xA9t\xC3\xA9"};
    const struct dataset_source source = {.examples = 4, .inputs = 2, .outputs = 1, .x = x, .y = y,
                                          .classes = 2, .class_names = classes, .weights = weights};
    struct dataset *dataset;
    cr_assert_eq(dataset_new(&dataset, &context, &source, &error), STATUS_OK);
    return dataset;
}

static size_t contents(char *bytes, size_t room)
{
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file);
    size_t size = fread(bytes, 1, room, file);
    fclose(file);
    return size;
}

static void put(const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(bytes, 1, size, file), size);
    cr_assert_eq(fclose(file), 0);
}

Test(numpy, fails_cleanly_without_memory)
{
    const struct dataset_columns drop = {.drop_missing = true};
    struct dataset *dataset = made(), *again;
    cr_assert_eq(dataset_write(dataset, path, &error), STATUS_OK);
    size_t live = context.memory.live;
    atomic_store(&context.memory.requests, 0);
    cr_assert_eq(dataset_read(&again, &context, path, &drop, &error), STATUS_OK);
    cr_assert_eq(again->classes, 2);
    cr_assert_str_eq(again->class_names[1], "\xC3\xA9t\xC3\xA9");
    cr_assert_eq(memcmp(again->x, dataset->x, 8 * sizeof(double)), 0);
    cr_assert_eq(memcmp(again->weights, dataset->weights, 4 * sizeof(double)), 0);
    dataset_release(again);
    size_t requests = context.memory.requests;
    for (size_t n = 1; n <= requests; n++) {
        atomic_store(&context.memory.requests, 0);
        context.memory.fail_at = n;
        cr_assert_eq(dataset_read(&again, &context, path, &drop, &error), STATUS_MEMORY,
                     "request %zu: %s", n, error.text);
        cr_assert_null(again);
        cr_assert_eq(context.memory.live, live, "request %zu", n);
    }
    for (size_t n = 1; n <= 2; n++) {
        atomic_store(&context.memory.requests, 0);
        context.memory.fail_at = n;
        cr_assert_eq(dataset_write(dataset, path, &error), STATUS_MEMORY);
    }
    context.memory.fail_at = 0;
    dataset_release(dataset);
}

Test(numpy, no_change_of_bytes_does_harm)
{
    char whole[8192], changed[8192];
    struct dataset *dataset = made(), *again;
    struct generator generator;
    generator_seed(&generator, 1);
    cr_assert_eq(dataset_write(dataset, path, &error), STATUS_OK);
    size_t size = contents(whole, sizeof whole), live = context.memory.live;
    cr_assert(size > 500 && size < sizeof whole);
    for (int round = 0; round < 3000; round++) {
        memcpy(changed, whole, size);
        for (uint64_t count = 1 + generator_below(&generator, 4); count-- > 0;)
            changed[generator_below(&generator, size)] = (char)generator_below(&generator, 256);
        put(changed, round % 3 == 0 ? (size_t)generator_below(&generator, size) : size);
        enum status status = dataset_read(&again, &context, path, NULL, &error);
        if (status == STATUS_OK)
            dataset_release(again);
        else
            cr_assert(error.text[0] != '\0');
        cr_assert_eq(context.memory.live, live, "round %d", round);
    }
    dataset_release(dataset);
}

/* The largest header there can be, which ends in the middle of the type. */
Test(numpy, a_type_that_is_cut_off_is_refused)
{
    enum { HEADER = 65536 };
    static const char before[] = "{'fortran_order': False, 'shape': (1,), 'descr': '<";
    static char bytes[12 + HEADER];
    struct dataset *read;
    for (size_t kept = strlen(before); kept + 2 >= strlen(before); kept--) {
        memcpy(bytes, "\x93NUMPY\2\0\0\0\1\0", 12);
        memset(bytes + 12, ' ', HEADER);
        memcpy(bytes + 12 + HEADER - kept, before, kept);
        strcpy(strrchr(path, '.'), ".npy");
        put(bytes, sizeof bytes);
        cr_assert_neq(dataset_read(&read, &context, path, NULL, &error), STATUS_OK);
        cr_assert_null(read);
        cr_assert_not_null(strstr(error.text, "has a header that says no type or shape") != NULL
                               ? strstr(error.text, "has a header")
                               : strstr(error.text, "which are neither real numbers nor text"),
                           "%s", error.text);
    }
}

/* --- Zip64, as archives beyond 4 GB have it: APPNOTE 4.3.14, 4.3.15, 4.5.3 ------------------- */

struct bytes {
    unsigned char at[1024];
    size_t size;
};

static void add(struct bytes *bytes, unsigned long long value, int count)
{
    for (; count > 0; count--, value >>= 8)
        bytes->at[bytes->size++] = (unsigned char)value;
}

static void add_bytes(struct bytes *bytes, const void *from, size_t size)
{
    memcpy(bytes->at + bytes->size, from, size);
    bytes->size += size;
}

/* An archive of x.npy = {1.5, -2}: sizes and places are in the further records only. The extra
 * field claims `extra` bytes, and the end is looked for at `end_moved` beyond its place. */
static struct bytes large_archive(unsigned extra, size_t end_moved)
{
    static const double x[] = {1.5, -2};
    const unsigned long long whole = NPY_HEADER + sizeof x, ones = 0xffffffff;
    struct bytes bytes = {.size = 0}, content = {.size = NPY_HEADER};
    npy_header((char *)content.at, 2, 0, 0);
    add_bytes(&content, x, sizeof x);
    uint32_t crc = zip_crc(0, content.at, content.size);
    add(&bytes, 0x04034b50, 4), add(&bytes, 45, 2), add(&bytes, 0, 8), add(&bytes, crc, 4);
    add(&bytes, ones, 4), add(&bytes, ones, 4), add(&bytes, 5, 2), add(&bytes, 0, 2);
    add_bytes(&bytes, "x.npy", 5);
    add_bytes(&bytes, content.at, content.size);
    size_t directory = bytes.size;
    add(&bytes, 0x02014b50, 4), add(&bytes, 45, 2), add(&bytes, 45, 2), add(&bytes, 0, 8);
    add(&bytes, crc, 4), add(&bytes, ones, 4), add(&bytes, ones, 4), add(&bytes, 5, 2);
    add(&bytes, 7 + 28, 2), add(&bytes, 0, 10), add(&bytes, ones, 4);
    add_bytes(&bytes, "x.npy", 5);
    add(&bytes, 0x7075, 2), add(&bytes, 3, 2), add_bytes(&bytes, "abc", 3); /* some other field */
    add(&bytes, 1, 2), add(&bytes, extra, 2), add(&bytes, whole, 8), add(&bytes, whole, 8);
    add(&bytes, 0, 8);
    size_t end = bytes.size;
    add(&bytes, 0x06064b50, 4), add(&bytes, 44, 8), add(&bytes, 45, 2), add(&bytes, 45, 2);
    add(&bytes, 0, 8), add(&bytes, 1, 8), add(&bytes, 1, 8), add(&bytes, end - directory, 8);
    add(&bytes, directory, 8);
    add(&bytes, 0x07064b50, 4), add(&bytes, 0, 4), add(&bytes, end + end_moved, 8);
    add(&bytes, 1, 4);
    add(&bytes, 0x06054b50, 4), add(&bytes, 0, 4), add(&bytes, 0xffff, 2), add(&bytes, 0xffff, 2);
    add(&bytes, ones, 4), add(&bytes, ones, 4), add(&bytes, 0, 2);
    return bytes;
}

Test(numpy, archives_in_the_large_form_are_read)
{
    const struct dataset_columns columns = {.no_y = true};
    const struct {
        unsigned extra;
        size_t end_moved;
    } wrong[] = {{16, 0}, {23, 0}, {200, 0}, {24, 1}, {24, 1 << 20}};
    struct dataset *read;
    struct bytes bytes = large_archive(24, 0);
    put((char *)bytes.at, bytes.size);
    cr_assert_eq(dataset_read(&read, &context, path, &columns, &error), STATUS_OK, "%s",
                 error.text);
    cr_assert_eq(read->examples, 2);
    cr_assert(read->x[0] == 1.5 && read->x[1] == -2);
    dataset_release(read);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        bytes = large_archive(wrong[i].extra, wrong[i].end_moved);
        put((char *)bytes.at, bytes.size);
        cr_assert_eq(dataset_read(&read, &context, path, &columns, &error), STATUS_FORMAT, "%zu",
                     i);
        cr_assert_str_eq(error.text, "the archive is damaged or cut off");
    }
}
