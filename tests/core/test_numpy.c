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
#include "dataset/numpy.h"

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
