/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saved runs: continued they are the uninterrupted ones, and no damage gets through. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/memory.h"
#include "optimizer/optimizer.h"
#include "problems.h"
#include "run/saved.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static struct error last_error;
#define OK(call)                                                                       \
    do {                                                                               \
        enum status status_ = (call);                                                  \
        cr_assert_eq(status_, STATUS_OK, "%s: %s", last_error.where, last_error.text); \
    } while (0)

static struct optimizer *optimizer_of(struct context *context, const char *name, double alpha)
{
    const struct rule *rule = optimizer_rule(name);
    double values[OPTIMIZER_ARGUMENTS];
    for (size_t i = 0; i < rule->doc.argument_count; i++)
        values[i] = rule->doc.arguments[i].standard;
    if (rule->doc.arguments[0].type == ARGUMENT_RATE)
        values[0] = alpha;
    struct optimizer *made;
    OK(optimizer_new(&made, context, rule, values, NULL, NULL, &last_error));
    return made;
}

static struct run *begin(struct context *context, const char *rule, enum sampler_order order,
                         size_t history_bytes)
{
    static const size_t indices[] = {0, 1, 2, 7, 29, 3}, offsets[] = {0, 3, 6};
    struct objective *objective = problem_objective(context, &problem_gabor);
    struct optimizer *optimizer = optimizer_of(context, rule, 0.05);
    struct run_options options = {
        .start = problem_gabor.start,
        .order = order,
        .batch = 7,
        .given_indices = indices,
        .given_offsets = offsets,
        .given_count = 2,
        .history_bytes = history_bytes,
    };
    generator_seed(&options.generator, 5);
    struct run *run;
    OK(run_new(&run, objective, optimizer, &options, &last_error));
    optimizer_release(optimizer);
    objective_release(objective);
    return run;
}

static struct run *again(struct run *run)
{
    char *bytes;
    size_t size;
    struct run *made;
    OK(run_save(run, &bytes, &size, &last_error));
    OK(run_restore(&made, run_objective(run), bytes, size, NULL, NULL, &last_error));
    memory_free(objective_context(run_objective(run)), bytes);
    return made;
}

static void same(struct run *a, struct run *b)
{
    cr_assert_eq(run_time(a), run_time(b));
    cr_assert_arr_eq(run_phi(a), run_phi(b), run_size(a) * sizeof(double));
    cr_assert_eq(run_rows(a), run_rows(b));
    for (size_t i = 0; i < run_rows(a); i++) {
        struct run_row row_a = run_row(a, i), row_b = run_row(b, i);
        cr_assert_eq(row_a.t, row_b.t);
        cr_assert_arr_eq(row_a.phi, row_b.phi, run_size(a) * sizeof(double));
        cr_assert_arr_eq(&row_a.batch_loss, &row_b.batch_loss, sizeof(double));
    }
    /* A rule that finds no way on asks again at every try. */
    if (run_reason(a) == REASON_STALLED || run_optimizer(a)->rule->whole != NULL)
        return;
    cr_assert_eq(run_counts(a).gradients, run_counts(b).gradients);
}

Test(saved, goes_on_as_if_it_had_never_stopped)
{
    static const char *const rules[] = {"gd", "adam", "momentum", "bfgs", "lbfgs", "rmsprop"};
    static const size_t budgets[] = {0, 1}; /* 1: next to nothing, so that it is thinned */
    struct context context;
    context_init(&context);
    for (size_t r = 0; r < COUNT(rules); r++)
        for (int order = SAMPLER_ALL; order <= SAMPLER_GIVEN; order++)
            for (size_t b = 0; b < COUNT(budgets); b++) {
                if (optimizer_rule(rules[r])->whole != NULL && order != SAMPLER_ALL)
                    continue;
                struct run *plain = begin(&context, rules[r], (enum sampler_order)order,
                                          budgets[b]);
                OK(run_step(plain, 13, &last_error));
                struct run *loaded = again(plain);
                same(plain, loaded);
                OK(run_step(plain, 90, &last_error));
                OK(run_step(loaded, 50, &last_error));
                struct run *twice = again(loaded);
                OK(run_step(twice, 40, &last_error));
                same(plain, twice);
                OK(run_back(plain, 77 < run_time(plain) ? 77 : 5, &last_error));
                OK(run_back(twice, 77 < run_time(twice) ? 77 : 5, &last_error));
                same(plain, twice);
                run_release(plain);
                run_release(loaded);
                run_release(twice);
            }
    context_free(&context);
    cr_assert_eq(atomic_load(&context.memory.live), 0);
}

/* Every byte changed, and every length: an error or a run, and nothing is lost. */
Test(saved, damage_is_refused_or_harmless)
{
    struct context context;
    context_init(&context);
    struct run *run = begin(&context, "adam", SAMPLER_GIVEN, 1);
    OK(run_step(run, 40, &last_error));
    char *bytes, *copy;
    size_t size;
    OK(run_save(run, &bytes, &size, &last_error));
    copy = memory_allocate(&context, size, 1);
    for (size_t at = 0; at < size; at += at < 600 ? 1 : 13) {
        static const unsigned char changes[] = {0x01, 0x80, 0xff};
        for (size_t c = 0; c < COUNT(changes); c++) {
            struct run *made = NULL;
            memcpy(copy, bytes, size);
            copy[at] = (char)(copy[at] ^ changes[c]);
            if (run_restore(&made, run_objective(run), copy, size, NULL, NULL, &last_error) ==
                STATUS_OK) {
                (void)run_step(made, 3, &last_error);
                if (run_time(made) > 2)
                    (void)run_back(made, 2, &last_error);
                run_release(made);
            }
        }
    }
    for (size_t cut = 0; cut < size; cut += 1 + cut / 7) {
        struct run *made = NULL;
        cr_assert_neq(run_restore(&made, run_objective(run), bytes, cut, NULL, NULL, &last_error),
                      STATUS_OK);
    }
    memory_free(&context, copy);
    memory_free(&context, bytes);
    run_release(run);
    context_free(&context);
    cr_assert_eq(atomic_load(&context.memory.live), 0);
}

/* L-BFGS keeps in its state how many pairs it has and which is next: whatever a file says they are,
 * no update reaches beyond them. */
Test(saved, a_place_in_a_state_is_one_of_the_state)
{
    static const double wrong[] = {NAN, INFINITY, -1, 0.5, 9, 50, 1e6, 1e300};
    struct context context;
    context_init(&context);
    struct run *run = begin(&context, "lbfgs", SAMPLER_ALL, 0), *made;
    OK(run_step(run, 4, &last_error));
    char *bytes;
    size_t size, tried = 0;
    OK(run_save(run, &bytes, &size, &last_error));
    for (size_t at = 0; at + sizeof(double) <= size; at++) {
        double kept;
        memcpy(&kept, bytes + at, sizeof kept);
        if (!(kept >= 1 && kept <= 10 && kept == floor(kept)))
            continue;
        for (size_t i = 0; i < COUNT(wrong); i++) {
            memcpy(bytes + at, &wrong[i], sizeof kept);
            if (run_restore(&made, run_objective(run), bytes, size, NULL, NULL, &last_error) !=
                STATUS_OK)
                continue;
            run_step(made, 12, &last_error);
            run_release(made);
            tried++;
        }
        memcpy(bytes + at, &kept, sizeof kept);
    }
    cr_assert_gt(tried, 10);
    memory_free(&context, bytes);
    run_release(run);
    context_free(&context);
    cr_assert_eq(atomic_load(&context.memory.live), 0);
}

Test(saved, gives_everything_back_when_memory_fails)
{
    struct context context;
    context_init(&context);
    struct run *run = begin(&context, "adam", SAMPLER_EPOCH, 0);
    OK(run_step(run, 70, &last_error));
    char *bytes;
    size_t size;
    OK(run_save(run, &bytes, &size, &last_error));
    size_t live = atomic_load(&context.memory.live);
    for (size_t fail = 1;; fail++) {
        struct run *made = NULL;
        context.memory.fail_at = atomic_load(&context.memory.requests) + fail;
        enum status status = run_restore(&made, run_objective(run), bytes, size, NULL, NULL,
                                         &last_error);
        context.memory.fail_at = 0;
        if (status == STATUS_OK) {
            same(run, made);
            run_release(made);
        }
        cr_assert(status == STATUS_OK || status == STATUS_MEMORY);
        cr_assert_eq(atomic_load(&context.memory.live), live);
        if (status == STATUS_OK)
            break;
        cr_assert_lt(fail, 1000);
    }
    memory_free(&context, bytes);
    run_release(run);
    context_free(&context);
    cr_assert_eq(atomic_load(&context.memory.live), 0);
}

Test(saved, another_loss_is_refused)
{
    struct context context;
    context_init(&context);
    struct run *run = begin(&context, "gd", SAMPLER_ALL, 0), *made = NULL;
    OK(run_step(run, 7, &last_error));
    struct objective *other = problem_objective(&context, &problem_gabor_8);
    struct objective *smaller = problem_objective(&context, &problem_line);
    char *bytes;
    size_t size;
    OK(run_save(run, &bytes, &size, &last_error));
    cr_assert_eq(run_restore(&made, other, bytes, size, NULL, NULL, &last_error), STATUS_ARGUMENT);
    cr_assert(strstr(last_error.text, "not the one of the saved run") != NULL);
    cr_assert_eq(run_restore(&made, smaller, bytes, size, NULL, NULL, &last_error),
                 STATUS_ARGUMENT);
    memory_free(&context, bytes);
    objective_release(other);
    objective_release(smaller);
    run_release(run);
    context_free(&context);
    cr_assert_eq(atomic_load(&context.memory.live), 0);
}
