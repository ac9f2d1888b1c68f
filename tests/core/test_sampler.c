/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expected orders are NumPy's: successive RandomState(42).permutation(30). */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "dataset/sampler.h"

static struct context context;
static struct error error;
static struct generator generator;

static void begin(void)
{
    context_init(&context);
    generator_seed(&generator, 42);
}

static void finish(void)
{
    context_free(&context);
    cr_assert_eq(context.memory.live, 0);
}

TestSuite(sampler, .init = begin, .fini = finish);

static const size_t numpy[3][30] = {
    {27, 15, 23, 17, 8, 9,  28, 24, 12, 0,  4, 16, 5,  13, 11,
     22, 1,  2,  25, 3, 21, 26, 18, 29, 20, 7, 10, 14, 19, 6},
    {0,  5, 20, 26, 13, 7, 21, 10, 12, 29, 24, 22, 16, 3,  1,
     17, 8, 6,  23, 4,  2, 19, 11, 18, 25, 14, 15, 28, 27, 9},
    {4,  25, 10, 0, 8,  20, 29, 26, 15, 28, 24, 23, 18, 12, 21,
     19, 9,  5,  1, 22, 27, 17, 3,  16, 13, 2,  14, 7,  11, 6},
};

static void expect(struct sampler *sampler, const size_t *expected, size_t expected_count)
{
    const size_t *indices;
    size_t count;
    sampler_next(sampler, &indices, &count);
    cr_assert_eq(count, expected_count);
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(indices[i], expected[i], "place %zu: %zu, not %zu", i, indices[i],
                     expected[i]);
}

static struct sampler start(enum sampler_order order, size_t examples, size_t batch)
{
    struct sampler sampler;
    cr_assert_eq(sampler_init(&sampler, &context, order, examples, batch, &generator, &error),
                 STATUS_OK);
    return sampler;
}

Test(sampler, every_epoch_has_a_fresh_permutation)
{
    struct sampler sampler = start(SAMPLER_EPOCH, 30, 5);
    cr_assert_eq(sampler_updates_per_epoch(&sampler), 6);
    for (int epoch = 0; epoch < 3; epoch++)
        for (int batch = 0; batch < 6; batch++)
            expect(&sampler, numpy[epoch] + 5 * batch, 5);
    cr_assert_eq(sampler.state.drawn, 18);
    sampler_free(&sampler);
}

Test(sampler, the_last_batch_of_an_epoch_may_be_smaller)
{
    struct sampler sampler = start(SAMPLER_EPOCH, 30, 8);
    cr_assert_eq(sampler_updates_per_epoch(&sampler), 4);
    for (int epoch = 0; epoch < 3; epoch++) {
        for (int batch = 0; batch < 3; batch++)
            expect(&sampler, numpy[epoch] + 8 * batch, 8);
        expect(&sampler, numpy[epoch] + 24, 6);
    }
    sampler_free(&sampler);
}

Test(sampler, draw_takes_the_first_of_a_fresh_permutation_at_every_update)
{
    struct sampler sampler = start(SAMPLER_DRAW, 30, 5);
    cr_assert_eq(sampler_updates_per_epoch(&sampler), 6);
    for (int update = 0; update < 3; update++)
        expect(&sampler, numpy[update], 5);
    expect(&sampler, (const size_t[]){3, 1, 4, 5, 16}, 5);
    sampler_free(&sampler);
}

Test(sampler, fixed_keeps_one_permutation)
{
    struct sampler sampler = start(SAMPLER_FIXED, 30, 8);
    for (int epoch = 0; epoch < 3; epoch++) {
        for (int batch = 0; batch < 3; batch++)
            expect(&sampler, numpy[0] + 8 * batch, 8);
        expect(&sampler, numpy[0] + 24, 6);
    }
    sampler_free(&sampler);
}

Test(sampler, all_means_no_batches)
{
    struct sampler sampler;
    cr_assert_eq(sampler_init(&sampler, &context, SAMPLER_ALL, 30, 0, NULL, &error), STATUS_OK);
    cr_assert_eq(sampler_updates_per_epoch(&sampler), 1);
    const size_t *indices = numpy[0];
    size_t count = 0;
    sampler_next(&sampler, &indices, &count);
    cr_assert_null(indices);
    cr_assert_eq(count, 30);
    sampler_free(&sampler);
}

Test(sampler, given_batches_come_round_again)
{
    static const size_t indices[] = {9, 9, 0, 4, 4, 5, 2}, offsets[] = {2, 4, 5, 7};
    struct sampler sampler;
    cr_assert_eq(sampler_init_given(&sampler, &context, 6, indices, offsets, 3, &error), STATUS_OK);
    cr_assert_eq(sampler_updates_per_epoch(&sampler), 3);
    for (int round = 0; round < 2; round++) {
        expect(&sampler, (const size_t[]){0, 4}, 2);
        expect(&sampler, (const size_t[]){4}, 1);
        expect(&sampler, (const size_t[]){5, 2}, 2);
    }
    sampler_free(&sampler);
}

/* From every state of a long walk, in any order: the same batches follow as the first time. */
static void restore_everywhere(struct sampler *sampler)
{
    enum { STEPS = 23 };
    struct sampler_state states[STEPS];
    size_t seen[STEPS][16], counts[STEPS];
    for (int t = 0; t < STEPS; t++) {
        const size_t *indices;
        states[t] = sampler->state;
        sampler_next(sampler, &indices, &counts[t]);
        for (size_t i = 0; indices != NULL && i < counts[t]; i++)
            seen[t][i] = indices[i];
    }
    srand(1);
    for (int trial = 0; trial < 60; trial++) {
        int from = rand() % STEPS;
        sampler_restore(sampler, &states[from]);
        for (int t = from; t < STEPS && t < from + 9; t++) {
            const size_t *indices;
            size_t count;
            cr_assert_eq(sampler->state.drawn, (unsigned long long)t);
            sampler_next(sampler, &indices, &count);
            cr_assert_eq(count, counts[t]);
            cr_assert(indices == NULL || memcmp(indices, seen[t], count * sizeof *indices) == 0,
                      "update %d after going back to %d", t, from);
        }
    }
    sampler_free(sampler);
}

Test(sampler, going_back_is_exact)
{
    const enum sampler_order orders[] = {SAMPLER_ALL, SAMPLER_EPOCH, SAMPLER_DRAW, SAMPLER_FIXED};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct sampler sampler = start(orders[i], 14, 4);
        restore_everywhere(&sampler);
    }
    static const size_t indices[] = {0, 4, 4, 5, 2}, offsets[] = {0, 2, 3, 5};
    struct sampler sampler;
    cr_assert_eq(sampler_init_given(&sampler, &context, 6, indices, offsets, 3, &error), STATUS_OK);
    restore_everywhere(&sampler);
}

Test(sampler, an_epoch_sees_every_example_once)
{
    for (size_t examples = 1; examples <= 9; examples++) {
        for (size_t batch = 1; batch <= examples; batch++) {
            struct sampler sampler = start(SAMPLER_EPOCH, examples, batch);
            for (int epoch = 0; epoch < 3; epoch++) {
                int times[9] = {0};
                for (size_t t = 0; t < sampler_updates_per_epoch(&sampler); t++) {
                    const size_t *indices;
                    size_t count;
                    sampler_next(&sampler, &indices, &count);
                    cr_assert(count <= batch && count > 0);
                    for (size_t i = 0; i < count; i++)
                        times[indices[i]]++;
                }
                for (size_t i = 0; i < examples; i++)
                    cr_assert_eq(times[i], 1);
            }
            sampler_free(&sampler);
        }
    }
}

Test(sampler, refuses_with_one_sentence)
{
    struct sampler sampler;
    cr_assert_eq(sampler_init(&sampler, &context, SAMPLER_EPOCH, 30, 31, &generator, &error),
                 STATUS_ARGUMENT);
    cr_assert_str_eq(error.where, "batch");
    cr_assert_str_eq(error.text,
                     "a batch of 31 is not possible; with 30 examples it is from 1 to 30");
    sampler_free(&sampler);
    cr_assert_eq(sampler_init(&sampler, &context, SAMPLER_DRAW, 1, 0, &generator, &error),
                 STATUS_ARGUMENT);
    cr_assert_str_eq(error.text, "a batch of 0 is not possible; with 1 example it is from 1 to 1");
    sampler_free(&sampler);
    static const size_t indices[] = {0, 30}, offsets[] = {0, 1, 2}, empty[] = {0, 1, 1};
    cr_assert_eq(sampler_init_given(&sampler, &context, 30, indices, offsets, 2, &error),
                 STATUS_ARGUMENT);
    cr_assert_str_eq(error.text, "batch 2 names example 31; there are 30");
    cr_assert_eq(sampler_init_given(&sampler, &context, 30, indices, empty, 2, &error),
                 STATUS_ARGUMENT);
    cr_assert_str_eq(error.text, "batch 2 is empty");
    cr_assert_eq(sampler_init_given(&sampler, &context, 30, indices, offsets, 0, &error),
                 STATUS_ARGUMENT);
    sampler_free(&sampler);
}

Test(sampler, fails_cleanly_without_memory)
{
    struct sampler sampler;
    context.memory.fail_at = context.memory.requests + 1;
    cr_assert_eq(sampler_init(&sampler, &context, SAMPLER_EPOCH, 30, 5, &generator, &error),
                 STATUS_MEMORY);
    static const size_t indices[] = {0, 1}, offsets[] = {0, 2};
    for (size_t n = 1; n <= 2; n++) {
        context.memory.fail_at = context.memory.requests + n;
        cr_assert_eq(sampler_init_given(&sampler, &context, 3, indices, offsets, 1, &error),
                     STATUS_MEMORY);
        cr_assert_eq(context.memory.live, 0);
    }
}
