/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "base/doc.h"
#include "base/error.h"
#include "base/memory.h"

/* The address sanitizer ends the program at a request that is too large. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif

#define SAME(a, b) cr_assert_str_eq((a), (b))

/* --- error ----------------------------------------------------------------------------------- */

Test(error, is_filled_once_and_returned)
{
    struct error error;
    enum status status = error_set(&error, STATUS_ARGUMENT, "alpha", "must be above %d, not %g", 0,
                                   -0.5);
    cr_assert_eq(status, STATUS_ARGUMENT);
    cr_assert_eq(error.status, STATUS_ARGUMENT);
    SAME(error.where, "alpha");
    SAME(error.text, "must be above 0, not -0.5");
    cr_assert_eq(error_set(NULL, STATUS_FILE, NULL, "nobody listens"), STATUS_FILE);
    cr_assert_eq(error_memory(&error, "a list"), STATUS_MEMORY);
    SAME(error.where, "");
    SAME(error.text, "not enough memory for a list");
}

Test(error, may_quote_its_own_old_text)
{
    struct error error;
    error_set(&error, STATUS_FORMAT, "row 2", "no number");
    error_set(&error, STATUS_FILE, "data.csv", "%s: %s", error.where, error.text);
    SAME(error.where, "data.csv");
    SAME(error.text, "row 2: no number");
}

/* Whether every character of a UTF-8 text is complete. */
static bool whole(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    while (*byte != 0) {
        int more = *byte < 0x80    ? 0
                   : *byte >= 0xF0 ? 3
                   : *byte >= 0xE0 ? 2
                   : *byte >= 0xC0 ? 1
                                   : -1;
        if (more < 0)
            return false;
        for (byte++; more > 0; more--, byte++)
            if ((*byte & 0xC0) != 0x80)
                return false;
    }
    return true;
}

Test(error, long_texts_are_cut_between_characters)
{
    static const char *const characters[] = {"a", "φ", "×", "₂", "𝜑"};
    for (size_t c = 0; c < sizeof characters / sizeof *characters; c++)
        for (size_t shift = 0; shift < 4; shift++) {
            char text[1024] = "xyz";
            text[shift] = '\0';
            while (strlen(text) < 900)
                strcat(text, characters[c]);
            struct error error;
            error_set(&error, STATUS_FORMAT, text, "%s", text);
            cr_assert(whole(error.where) && whole(error.text));
            cr_assert_geq(strlen(error.where) + strlen(characters[c]), sizeof error.where);
            cr_assert_geq(strlen(error.text) + strlen(characters[c]), sizeof error.text);
            cr_assert_eq(strncmp(error.text, text, strlen(error.text)), 0);
        }
}

Test(error, messages_join_place_and_text_in_any_room)
{
    struct error error;
    error_set(&error, STATUS_ARGUMENT, "α", "zu groß");
    char full[64], small[64];
    SAME(error_message(&error, full, sizeof full), "α: zu groß");
    for (size_t size = 1; size < strlen(full) + 1; size++) {
        memset(small, '#', sizeof small);
        error_message(&error, small, size);
        cr_assert(whole(small) && strlen(small) < size);
        cr_assert_eq(strncmp(small, full, strlen(small)), 0);
    }
    error_message(&error, NULL, 0);
    error_set(&error, STATUS_ARGUMENT, NULL, "alone");
    SAME(error_message(&error, full, sizeof full), "alone");
}

/* --- memory ---------------------------------------------------------------------------------- */

static struct context context;

static void begin(void)
{
    context_init(&context);
}

/* Every memory test ends with all blocks given back. */
static void finish(void)
{
    context_free(&context);
    cr_assert_eq(context.memory.live, 0);
    cr_assert_eq(context.memory.bytes, 0);
}

TestSuite(memory, .init = begin, .fini = finish);

Test(memory, counts_blocks_bytes_and_requests)
{
    char *a = memory_allocate(&context, 10, 8), *b = memory_allocate_aligned(&context, 3, 8);
    cr_assert_eq(context.memory.live, 2);
    cr_assert_eq(context.memory.bytes, 104);
    a = memory_resize(&context, a, 20, 8);
    cr_assert_eq(context.memory.live, 2);
    cr_assert_eq(context.memory.bytes, 184);
    a = memory_resize(&context, a, 1, 8);
    cr_assert_eq(context.memory.bytes, 32);
    cr_assert_eq(context.memory.requests, 4);
    memory_free(&context, a);
    memory_free(&context, b);
    memory_free(&context, NULL);
}

Test(memory, is_zeroed_and_aligned)
{
    for (size_t count = 0; count < 300; count += 7) {
        unsigned char *plain = memory_allocate(&context, count, 3);
        unsigned char *aligned = memory_allocate_aligned(&context, count, 3);
        cr_assert_eq((uintptr_t)plain % 16, 0);
        cr_assert_eq((uintptr_t)aligned % 64, 0);
        for (size_t i = 0; i < count * 3; i++)
            cr_assert(plain[i] == 0 && aligned[i] == 0);
        memset(plain, 255, count * 3);
        memset(aligned, 255, count * 3);
        memory_free(&context, plain);
        memory_free(&context, aligned);
    }
}

Test(memory, resizing_keeps_contents_and_alignment)
{
    for (int aligned = 0; aligned < 2; aligned++) {
        int *block = aligned ? memory_allocate_aligned(&context, 5, sizeof *block)
                             : memory_resize(&context, NULL, 5, sizeof *block);
        for (int i = 0; i < 5; i++)
            block[i] = i;
        for (size_t count = 6; count < 100000; count *= 3) {
            block = memory_resize(&context, block, count, sizeof *block);
            cr_assert_eq((uintptr_t)block % (aligned ? 64 : 16), 0);
            for (int i = 0; i < 5; i++)
                cr_assert_eq(block[i], i);
        }
        block = memory_resize(&context, block, 2, sizeof *block);
        cr_assert(block[0] == 0 && block[1] == 1);
        memory_free(&context, block);
    }
}

/* An aligned block may stand where a plain one would: it must not be taken for one. */
Test(memory, every_aligned_block_stays_aligned)
{
    enum { BLOCKS = 64 };
    char *blocks[BLOCKS];
    for (size_t i = 0; i < BLOCKS; i++)
        blocks[i] = memory_allocate_aligned(&context, i * 16 + 1, 1);
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = memory_resize(&context, blocks[i], i * 16 + 200, 1);
        cr_assert_eq((uintptr_t)blocks[i] % 64, 0);
    }
    for (size_t i = 0; i < BLOCKS; i++)
        memory_free(&context, blocks[i]);
}

Test(memory, impossible_sizes_are_refused)
{
    cr_assert_null(memory_allocate(&context, SIZE_MAX / 4, 8));
    cr_assert_null(memory_allocate(&context, SIZE_MAX / 8 + 2, 8)); /* the product is 8 */
    cr_assert_null(memory_allocate_aligned(&context, SIZE_MAX / 8, 8));
#ifndef SANITIZED
    cr_assert_null(memory_allocate(&context, (size_t)PTRDIFF_MAX / 2, 1)); /* the system's no */
    cr_assert_null(memory_allocate_aligned(&context, (size_t)PTRDIFF_MAX / 2, 1));
#endif
    char *block = memory_copy_text(&context, "kept");
    cr_assert_null(memory_resize(&context, block, SIZE_MAX / 2, 3));
    SAME(block, "kept");
    memory_free(&context, block);
}

Test(memory, switch_fails_one_request_and_all_after_it)
{
    void *blocks[3];
    context.memory.fail_at = 3;
    blocks[0] = memory_allocate(&context, 1, 1);
    blocks[1] = memory_allocate_aligned(&context, 1, 1);
    cr_assert(blocks[0] != NULL && blocks[1] != NULL);
    cr_assert_null(memory_allocate(&context, 1, 1));
    cr_assert_null(memory_resize(&context, blocks[0], 5, 1));
    cr_assert_null(memory_resize(&context, blocks[1], 5, 1));
    cr_assert_null(memory_allocate_aligned(&context, 1, 1));
    cr_assert_null(memory_copy_text(&context, "no"));
    cr_assert_eq(context.memory.live, 2);
    context.memory.fail_at = 0;
    blocks[2] = memory_allocate(&context, 1, 1);
    cr_assert_not_null(blocks[2]);
    for (int i = 0; i < 3; i++)
        memory_free(&context, blocks[i]);
}

Test(memory, limit_is_in_bytes_and_is_given_back)
{
    context.memory.limit = 1000;
    char *a = memory_allocate(&context, 600, 1);
    cr_assert_null(memory_allocate(&context, 401, 1));
    cr_assert_null(memory_resize(&context, a, 1001, 1));
    char *b = memory_allocate_aligned(&context, 400, 1);
    cr_assert(a != NULL && b != NULL);
    cr_assert_null(memory_allocate(&context, 1, 1));
    a = memory_resize(&context, a, 300, 1);
    char *c = memory_allocate(&context, 300, 1);
    cr_assert_not_null(c);
    memory_free(&context, a);
    memory_free(&context, b);
    memory_free(&context, c);
}

/* --- context --------------------------------------------------------------------------------- */

struct noted {
    struct context_part part;
    int number;
    int *order;
};

static void noted_free(struct context *owner, struct context_part *part)
{
    struct noted *noted = (struct noted *)part;
    *noted->order = *noted->order * 10 + noted->number;
    memory_free(owner, noted);
}

static struct noted *noted_new(int number, int *order)
{
    struct noted *noted = memory_allocate(&context, 1, sizeof *noted);
    *noted = (struct noted){{noted_free}, number, order};
    return noted;
}

Test(memory, parts_of_a_context_are_set_once_and_freed_in_reverse)
{
    int order = 0;
    cr_assert_null(context_part(&context, CONTEXT_POOL));
    struct noted *first = noted_new(1, &order), *second = noted_new(2, &order);
    struct noted *third = noted_new(3, &order);
    cr_assert_eq(context_part_set(&context, CONTEXT_LINEAR_ALGEBRA, &first->part), &first->part);
    cr_assert_eq(context_part_set(&context, CONTEXT_LINEAR_ALGEBRA, &third->part), &first->part);
    cr_assert_eq(order, 3);
    cr_assert_eq(context_part_set(&context, CONTEXT_POOL, &second->part), &second->part);
    cr_assert_eq(context_part(&context, CONTEXT_POOL), &second->part);
    context_free(&context);
    cr_assert_eq(order, 321);
}

Test(memory, interrupt_is_taken_once)
{
    cr_assert_not(context_take_interrupt(&context));
    context.interrupted = 1;
    cr_assert(context_take_interrupt(&context));
    cr_assert_not(context_take_interrupt(&context));
}

/* --- doc ------------------------------------------------------------------------------------- */

Test(doc, a_record_is_called_with_its_namespace_or_without)
{
    const struct doc doc = {.name = "optim.adam"}, bare = {.name = "descend"};
    cr_assert(doc_is_named(&doc, "optim.adam"));
    cr_assert(doc_is_named(&doc, "adam"));
    cr_assert_not(doc_is_named(&doc, "optim"));
    cr_assert_not(doc_is_named(&doc, "dam"));
    cr_assert_not(doc_is_named(&doc, "model.adam"));
    cr_assert_not(doc_is_named(&doc, ""));
    cr_assert(doc_is_named(&bare, "descend"));
}

Test(doc, choices_by_name_and_by_number)
{
    const char *choices = "average|velocity|sum";
    char buffer[16];
    cr_assert_eq(doc_choice_index(choices, "average"), 0);
    cr_assert_eq(doc_choice_index(choices, "velocity"), 1);
    cr_assert_eq(doc_choice_index(choices, "sum"), 2);
    cr_assert_eq(doc_choice_index(choices, "su"), -1);
    cr_assert_eq(doc_choice_index(choices, "sums"), -1);
    cr_assert_eq(doc_choice_index(choices, ""), -1);
    cr_assert_eq(doc_choice_index(choices, "average|velocity"), -1);
    for (int i = 0; i < 3; i++) {
        cr_assert(doc_choice_name(choices, i, buffer, sizeof buffer));
        cr_assert_eq(doc_choice_index(choices, buffer), i);
    }
    cr_assert_not(doc_choice_name(choices, 3, buffer, sizeof buffer));
    cr_assert_not(doc_choice_name(choices, -1, buffer, sizeof buffer));
    cr_assert_not(doc_choice_name(choices, 1, buffer, 8));
    cr_assert(doc_choice_name(choices, 1, buffer, 9));
}

static const char *const settings[] = {"alpha",   "beta",  "gamma",     "epsilon",
                                       "weights", "steps", "threshold", "bias_correction"};

static const char *near_setting(const char *given)
{
    return doc_nearest(given, settings, sizeof settings / sizeof *settings);
}

Test(doc, slips_of_the_fingers_are_near)
{
    SAME(near_setting("alhpa"), "alpha");
    SAME(near_setting("alpa"), "alpha");
    SAME(near_setting("Alpha"), "alpha");
    SAME(near_setting("GAMMA"), "gamma");
    SAME(near_setting("gama"), "gamma");
    SAME(near_setting("epslion"), "epsilon");
    SAME(near_setting("treshhold"), "threshold");
    SAME(near_setting("biascorrection"), "bias_correction");
    SAME(near_setting("bias_corection"), "bias_correction");
    SAME(near_setting("step"), "steps");
    SAME(near_setting("thresh"), "threshold");
    SAME(near_setting("weightsandbiases"), "weights");
}

Test(doc, names_of_other_programs_are_known)
{
    static const char *const pairs[][2] = {
        {"lr", "alpha"},        {"learning_rate", "alpha"}, {"learningRate", "alpha"},
        {"step_size", "alpha"}, {"rate", "alpha"},          {"LR", "alpha"},
        {"momentum", "beta"},   {"beta1", "beta"},          {"mu", "beta"},
        {"beta2", "gamma"},     {"rho", "gamma"},           {"decay", "gamma"},
        {"eps", "epsilon"},     {"n_steps", "steps"},       {"epochs", "steps"},
        {"max_iter", "steps"},  {"iterations", "steps"},    {"tol", "threshold"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        cr_assert_str_eq(near_setting(pairs[i][0]), pairs[i][1], "%s", pairs[i][0]);
    static const char *const others[] = {"batch", "start"};
    cr_assert_null(doc_nearest("lr", others, 2));
    SAME(doc_nearest("batch_size", others, 2), "batch");
    SAME(doc_nearest("x0", others, 2), "start");
}

Test(doc, a_name_that_is_there_is_never_taken_for_another)
{
    static const char *const both[] = {"beta", "momentum", "decay", "gamma"};
    for (int i = 0; i < 4; i++)
        SAME(doc_nearest(both[i], both, 4), both[i]);
}

Test(doc, strangers_stay_strangers)
{
    static const char *const short_names[] = {"x", "y", "gd"};
    cr_assert_null(near_setting("zebra"));
    cr_assert_null(near_setting(""));
    cr_assert_null(near_setting("_"));
    cr_assert_null(doc_nearest("q", short_names, 3));
    cr_assert_null(doc_nearest("qq", short_names, 3));
    cr_assert_null(doc_nearest("alpha", NULL, 0));
    char endless[5000];
    memset(endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    cr_assert_null(near_setting(endless));
    const char *const long_candidates[] = {endless, "alpha"};
    SAME(doc_nearest("alpah", long_candidates, 2), "alpha");
}

Test(doc, the_nearest_of_several_wins)
{
    static const char *const names[] = {"sin", "sinh", "sign", "sigmoid", "sum"};
    SAME(doc_nearest("sihn", names, 5), "sinh");
    SAME(doc_nearest("sigm", names, 5), "sign");
    SAME(doc_nearest("sigmod", names, 5), "sigmoid");
    SAME(doc_nearest("sigmo", names, 5), "sigmoid");
    SAME(doc_nearest("som", names, 5), "sum");
}
