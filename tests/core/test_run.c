/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs: the curriculum's batches, time both ways to the last bit, goals, forks, divergence, and
 * what is left when something fails. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/memory.h"
#include "problems.h"
#include "run/run.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define NEAR(got, expected, tolerance)                                                   \
    cr_assert_float_eq(got, expected, tolerance, "%.12g, expected %.12g", (double)(got), \
                       (double)(expected))
#define OK(call)                                                              \
    do {                                                                      \
        struct error *shown = &last_error;                                    \
        cr_assert_eq((call), STATUS_OK, "%s: %s", shown->where, shown->text); \
    } while (0)

static struct error last_error; /* each test is a process of its own */
static struct context context;

/* --- making runs ----------------------------------------------------------------------------- */

struct setting {
    const char *name;
    double value;
};

static struct optimizer *make_optimizer(const char *name, const struct setting *settings)
{
    const struct rule *rule = optimizer_rule(name);
    double values[OPTIMIZER_ARGUMENTS];
    for (size_t i = 0; i < rule->doc.argument_count; i++) {
        values[i] = rule->doc.arguments[i].standard;
        for (const struct setting *setting = settings; setting->name != NULL; setting++)
            if (strcmp(setting->name, rule->doc.arguments[i].name) == 0)
                values[i] = setting->value;
    }
    struct optimizer *optimizer = NULL;
    if (optimizer_new(&optimizer, &context, rule, values, NULL, NULL, &last_error) != STATUS_OK)
        return NULL;
    return optimizer;
}
#define OPTIMIZER(name, ...) make_optimizer(name, (struct setting[]){__VA_ARGS__, {NULL, 0}})

static const size_t given_indices[] = {4, 4, 7, 0, 1, 2, 3, 29};
static const size_t given_offsets[] = {0, 3, 4, 8};

static struct run_options make_options(enum sampler_order order, uint32_t seed)
{
    struct run_options options = {.order = order};
    if (order == SAMPLER_GIVEN) {
        options.given_indices = given_indices;
        options.given_offsets = given_offsets;
        options.given_count = 3;
    } else if (order != SAMPLER_ALL) {
        options.batch = order == SAMPLER_DRAW ? 5 : 7; /* 30 = 4 · 7 + 2: a smaller last batch */
        generator_seed(&options.generator, seed);
    }
    return options;
}

/* Takes over the optimizer. */
static struct run *make_run(const struct problem *problem, struct optimizer *optimizer,
                            const struct run_options *given)
{
    struct run_options options = *given;
    if (options.start == NULL)
        options.start = problem->start;
    struct objective *objective = problem_objective(&context, problem);
    struct run *run = NULL;
    OK(run_new(&run, objective, optimizer, &options, &last_error));
    objective_release(objective);
    optimizer_release(optimizer);
    return run;
}

static struct run *full_run(const struct problem *problem, struct optimizer *optimizer)
{
    struct run_options options = {.order = SAMPLER_ALL};
    return make_run(problem, optimizer, &options);
}

static double loss_of(struct run *run)
{
    double value;
    OK(objective_value(run_objective(run), run_phi(run), NULL, &value, &last_error));
    return value;
}

static void end(struct run *run)
{
    run_release(run);
    context_free(&context); /* what was opened to judge a minimum */
    cr_assert_eq(atomic_load(&context.memory.live), 0);
}

static void start(void)
{
    context_init(&context);
}

TestSuite(run, .init = start);

/* --- the curriculum's numbers ---------------------------------------------------------------- */

Test(run, c3_a_hundred_steps)
{
    struct run *run = full_run(&problem_line, OPTIMIZER("gd", {"alpha", 0.01}));
    cr_assert_eq(run_time(run), 0);
    cr_assert_eq(run_epoch_number(run), 0);
    NEAR(loss_of(run), 5.020125, 1e-9);
    OK(run_step(run, 100, &last_error));
    cr_assert_eq(run_time(run), 100);
    cr_assert_eq(run_reason(run), REASON_NONE);
    NEAR(loss_of(run), 0.200773847, 5e-10);
    cr_assert_eq(run_counts(run).gradients, 100);
    cr_assert_eq(run_counts(run).values, 0);
    end(run);
}

/* E4: batches of 5 in D3's fixed order. */
Test(run, e4_four_rules_on_the_same_batches)
{
    static const struct {
        const struct problem *problem;
        const char *rule;
        double decayed, loss;
    } cases[] = {
        {&problem_gabor, "gd", 0, 1.3092},         {&problem_gabor, "momentum", 0, 0.8987},
        {&problem_gabor, "nesterov", 0, 0.8049},   {&problem_gabor, "nesterov", 1, 0.8882},
        {&problem_gabor_8, "gd", 0, 1.4908},       {&problem_gabor_8, "momentum", 0, 1.5057},
        {&problem_gabor_8, "nesterov", 0, 1.4396},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct run_options options = {
            .order = SAMPLER_FIXED, .batch = 5, .start = problem_gabor.start};
        generator_seed(&options.generator, 42);
        struct run *run = make_run(cases[i].problem,
                                   OPTIMIZER(cases[i].rule, {"alpha", 0.6}, {"beta", 0.6},
                                             {"lookahead", cases[i].decayed}),
                                   &options);
        OK(run_step(run, 80, &last_error));
        cr_assert_eq(run_epoch_number(run), 14);
        NEAR(loss_of(run), cases[i].loss, 5e-5);
        end(run);
    }
}

/* E3: PyTorch's nesterov = True is the decayed sum, stored at its look-ahead point. */
Test(run, e3_pytorch_stores_the_point_ahead)
{
    struct run_options options = {.order = SAMPLER_FIXED, .batch = 5};
    generator_seed(&options.generator, 42);
    struct run *run = make_run(
        &problem_gabor,
        OPTIMIZER("nesterov", {"alpha", 0.24}, {"beta", 0.6}, {"form", 2}, {"lookahead", 1}),
        &options);
    OK(run_step(run, 80, &last_error));
    NEAR(loss_of(run), 0.8882, 5e-5);
    double m[81 * 2], ahead[2], value;
    OK(run_column(run, "m", m, &last_error));
    for (int j = 0; j < 2; j++)
        ahead[j] = run_phi(run)[j] - 0.24 * 0.6 * m[160 + j];
    OK(objective_value(run_objective(run), ahead, NULL, &value, &last_error));
    NEAR(value, 0.985229, 5e-7);
    end(run);
}

/* Against NumPy 1.24: RandomState(1), a fresh permutation each epoch; RandomState(3), each step. */
Test(run, batches_are_numpys)
{
    struct run_options options = {
        .order = SAMPLER_EPOCH, .batch = 5, .start = (double[]){-1.5, 6.5}};
    generator_seed(&options.generator, 1);
    struct run *run = make_run(&problem_gabor, OPTIMIZER("adam", {"alpha", 0.2}), &options);
    OK(run_step(run, 200, &last_error));
    NEAR(run_phi(run)[0], 0.03074589, 5e-9);
    NEAR(run_phi(run)[1], 15.9628472, 5e-8);
    NEAR(loss_of(run), 0.6499166815448219, 1e-12);
    end(run);

    options.order = SAMPLER_DRAW;
    generator_seed(&options.generator, 3);
    run = make_run(&problem_gabor, OPTIMIZER("gd", {"alpha", 0.15}), &options);
    OK(run_step(run, 50, &last_error));
    NEAR(run_phi(run)[0], -1.04540611, 5e-9);
    NEAR(run_phi(run)[1], 7.18407304, 5e-9);
    end(run);
}

/* D3's table: seed 42, batches of 5. */
Test(run, d3_batches_and_epochs)
{
    static const size_t order[] = {27, 15, 23, 17, 8, 9,  28, 24, 12, 0,  4, 16, 5,  13, 11,
                                   22, 1,  2,  25, 3, 21, 26, 18, 29, 20, 7, 10, 14, 19, 6};
    struct run_options options = {.order = SAMPLER_EPOCH, .batch = 5};
    generator_seed(&options.generator, 42);
    struct run *run = make_run(&problem_gabor, OPTIMIZER("gd", {"alpha", 0.05}), &options);
    const size_t *indices;
    size_t count;
    cr_assert_eq(run_batch(run, 0, &indices, &count, &last_error), STATUS_ARGUMENT);
    for (unsigned long long t = 1; t <= 6; t++) {
        OK(run_step(run, 1, &last_error));
        cr_assert_eq(run_epoch_number(run), 1);
        OK(run_batch(run, t, &indices, &count, &last_error));
        cr_assert_eq(count, 5);
        cr_assert_arr_eq(indices, order + 5 * (t - 1), 5 * sizeof *indices);
    }
    /* Once more, in any order, and without disturbing what comes. */
    for (unsigned long long t = 6; t >= 1; t--) {
        OK(run_batch(run, t, &indices, &count, &last_error));
        cr_assert_arr_eq(indices, order + 5 * (t - 1), 5 * sizeof *indices);
    }
    OK(run_epoch(run, 2, &last_error));
    cr_assert_eq(run_time(run), 18);
    OK(run_step(run, 1, &last_error));
    cr_assert_eq(run_epoch_number(run), 4);
    OK(run_epoch(run, 1, &last_error)); /* the one under way is the first */
    cr_assert_eq(run_time(run), 24);
    cr_assert_eq(run_batch(run, 25, &indices, &count, &last_error), STATUS_ARGUMENT);
    cr_assert_str_eq(last_error.text, "update 25 has not been made; the run stands at 24");
    end(run);
}

/* --- time both ways -------------------------------------------------------------------------- */

static const char *const rules[] = {"gd", "momentum", "nesterov", "adam"};
static const enum sampler_order orders[] = {SAMPLER_ALL, SAMPLER_EPOCH, SAMPLER_DRAW, SAMPLER_FIXED,
                                            SAMPLER_GIVEN};

enum { STEPS = 90 };

static struct run *straight(size_t rule, size_t order, size_t bytes)
{
    struct run_options options = make_options(orders[order], 7);
    options.history_bytes = bytes;
    return make_run(&problem_gabor, OPTIMIZER(rules[rule], {"alpha", 0.1}), &options);
}

static void check_same(struct run *run, struct run *other)
{
    cr_assert_eq(run_time(run), run_time(other));
    cr_assert_arr_eq(run_phi(run), run_phi(other), 2 * sizeof(double));
    if (run_time(run) == 0)
        return;
    const size_t *indices, *others;
    size_t count, other_count, kept[30];
    OK(run_batch(run, run_time(run), &indices, &count, &last_error));
    if (indices != NULL)
        memcpy(kept, indices, count * sizeof *kept);
    OK(run_batch(other, run_time(run), &others, &other_count, &last_error));
    cr_assert_eq(count, other_count);
    cr_assert_eq(indices == NULL, others == NULL);
    if (indices != NULL)
        cr_assert_arr_eq(kept, others, count * sizeof *kept);
}

/* Stepping back and forward, whatever the budget, gives the same bits. */
Test(run, back_and_forward_is_exact)
{
    static const size_t budgets[] = {0, 1, 6000};
    for (size_t rule = 0; rule < COUNT(rules); rule++)
        for (size_t order = 0; order < COUNT(orders); order++)
            for (size_t budget = 0; budget < COUNT(budgets); budget++) {
                struct run *plain = straight(rule, order, 0);
                struct run *moved = straight(rule, order, budgets[budget]);
                OK(run_step(plain, STEPS, &last_error));
                OK(run_step(moved, 40, &last_error));
                OK(run_back(moved, 1, &last_error));
                OK(run_back(moved, 1, &last_error));
                cr_assert_eq(run_time(moved), 38);
                OK(run_step(moved, 1, &last_error));
                OK(run_to(moved, 3, &last_error));
                OK(run_to(moved, 71, &last_error));
                OK(run_back(moved, 71, &last_error));
                cr_assert_arr_eq(run_phi(moved), problem_gabor.start, 2 * sizeof(double));
                OK(run_to(moved, STEPS, &last_error));
                check_same(moved, plain);
                /* Each moment of the way back, too. */
                for (unsigned long long t = STEPS; t-- > STEPS - 20;) {
                    OK(run_back(moved, 1, &last_error));
                    cr_assert_eq(run_time(moved), t);
                    cr_assert_arr_eq(run_phi(moved), run_row(plain, t).phi, 2 * sizeof(double));
                }
                OK(run_step(moved, 20, &last_error));
                check_same(moved, plain);
                run_release(plain);
                end(moved);
            }
}

Test(run, back_beyond_the_start_is_refused)
{
    struct run *run = full_run(&problem_line, OPTIMIZER("gd", {"alpha", 0.01}));
    OK(run_step(run, 3, &last_error));
    cr_assert_eq(run_back(run, 4, &last_error), STATUS_ARGUMENT);
    cr_assert_str_eq(last_error.text, "4 updates cannot be undone; the run stands at 3");
    cr_assert_eq(run_time(run), 3);
    end(run);
}

/* --- the trace ------------------------------------------------------------------------------- */

Test(run, rows_are_the_path)
{
    for (size_t order = 0; order < COUNT(orders); order++) {
        struct run *run = straight(3, order, 0), *again = straight(3, order, 0);
        cr_assert_eq(run_rows(run), 1);
        OK(run_step(run, STEPS, &last_error));
        cr_assert_eq(run_rows(run), STEPS + 1);
        cr_assert(isnan(run_row(run, 0).batch_loss) && isnan(run_row(run, 0).alpha));
        for (size_t t = 0; t <= STEPS; t++) {
            struct run_row row = run_row(run, t);
            cr_assert_eq(row.t, t);
            cr_assert_arr_eq(row.phi, run_phi(again), 2 * sizeof(double));
            if (t > 0) {
                /* The loss of the batch at φ before the update. */
                struct batch batch;
                double value;
                OK(run_batch(run, t, &batch.indices, &batch.count, &last_error));
                OK(objective_value(run_objective(run), run_row(run, t - 1).phi, &batch, &value,
                                   &last_error));
                cr_assert_eq(row.batch_loss, value);
                cr_assert_eq(row.alpha, 0.1);
            }
            OK(run_step(again, 1, &last_error));
        }
        run_release(again);
        end(run);
    }
}

/* A full budget costs every second row, never the truth of those that are left. */
Test(run, thinned_rows_are_still_right)
{
    for (size_t order = 0; order < COUNT(orders); order++) {
        struct run *plain = straight(3, order, 0), *thin = straight(3, order, 1);
        OK(run_step(plain, 1000, &last_error));
        OK(run_step(thin, 1000, &last_error));
        size_t rows = run_rows(thin);
        cr_assert(rows >= 4 && rows <= 9, "%zu rows", rows);
        double all[1001 * 2], few[9 * 2];
        OK(run_column(plain, "v_corrected", all, &last_error));
        OK(run_column(thin, "v_corrected", few, &last_error));
        for (size_t i = 0; i < rows; i++) {
            struct run_row row = run_row(thin, i);
            cr_assert_arr_eq(row.phi, run_row(plain, row.t).phi, 2 * sizeof(double));
            cr_assert(i == 0 ? isnan(few[0])
                             : memcmp(few + 2 * i, all + 2 * row.t, 2 * sizeof(double)) == 0);
        }
        cr_assert_eq(run_row(thin, 0).t, 0);
        cr_assert_eq(run_row(thin, rows - 1).t, 1000);
        OK(run_to(thin, 777, &last_error));
        cr_assert_arr_eq(run_phi(thin), run_row(plain, 777).phi, 2 * sizeof(double));
        cr_assert_eq(run_row(thin, run_rows(thin) - 1).t, 777);
        run_release(plain);
        end(thin);
    }
}

/* Columns and records tell the same, and looking does not move the run. */
Test(run, columns_are_the_records)
{
    for (size_t rule = 0; rule < COUNT(rules); rule++)
        for (size_t order = 0; order < COUNT(orders); order++) {
            struct run *run = straight(rule, order, 0), *plain = straight(rule, order, 0);
            OK(run_step(run, 35, &last_error));
            const struct rule *record = run_optimizer(run)->rule;
            for (size_t term = 0; term <= record->term_count; term++) {
                const char *name = term < record->term_count ? record->terms[term].name
                                                             : "gradient";
                const char *equation = term < record->term_count
                                           ? optimizer_equation(run_optimizer(run), term)
                                           : NULL;
                double column[36 * 2];
                if (equation != NULL && equation[0] == '\0') { /* not under these settings */
                    cr_assert_eq(run_column(run, name, column, &last_error), STATUS_ARGUMENT);
                    continue;
                }
                OK(run_column(run, name, column, &last_error));
                for (unsigned long long t = 1; t <= 35; t += t == 1 ? 1 : 3) {
                    struct run_record made;
                    OK(run_record(run, t, &made, &last_error));
                    const double *values = term < record->term_count ? made.terms + 2 * term
                                                                     : made.gradient;
                    cr_assert_arr_eq(values, column + 2 * t, 2 * sizeof(double));
                    cr_assert_arr_eq(made.phi, run_row(run, t).phi, 2 * sizeof(double));
                    cr_assert_arr_eq(made.phi_before, run_row(run, t - 1).phi, 2 * sizeof(double));
                    cr_assert_eq(made.loss, run_row(run, t).batch_loss);
                    cr_assert_eq(made.age, t);
                    run_record_free(&made);
                }
            }
            cr_assert_eq(run_counts(run).gradients, 35);
            OK(run_step(run, 20, &last_error));
            OK(run_step(plain, 55, &last_error));
            check_same(run, plain);
            cr_assert_eq(run_column(run, "momentun", NULL, &last_error), STATUS_ARGUMENT);
            run_release(plain);
            end(run);
        }
}

Test(run, a_column_begins_with_the_start)
{
    struct run *run = full_run(&problem_line, OPTIMIZER("adam", {"alpha", 0.1}));
    OK(run_step(run, 1, &last_error));
    double column[4];
    OK(run_column(run, "phi", column, &last_error));
    cr_assert_arr_eq(column, problem_line.start, 2 * sizeof(double));
    OK(run_column(run, "v", column, &last_error));
    cr_assert(column[0] == 0 && column[1] == 0);
    OK(run_column(run, "m_corrected", column, &last_error));
    cr_assert(isnan(column[0]) && isnan(column[1]));
    end(run);
}

Test(run, a_scheduled_rate_is_recorded)
{
    struct schedule *halving;
    OK(schedule_new(&halving, &context, &schedule_exponential, (double[]){0.02, 0.5, 1},
                    &last_error));
    struct optimizer *optimizer;
    struct schedule *schedules[] = {halving, NULL};
    OK(optimizer_new(&optimizer, &context, &rule_gd, (double[]){0, NAN}, schedules, NULL,
                     &last_error));
    schedule_release(halving);
    struct run_options options = make_options(SAMPLER_EPOCH, 1);
    struct run *run = make_run(&problem_gabor, optimizer, &options);
    OK(run_step(run, 11, &last_error)); /* five updates an epoch */
    for (size_t t = 1; t <= 11; t++)
        NEAR(run_row(run, t).alpha, t <= 5 ? 0.02 : t <= 10 ? 0.01 : 0.005, 1e-18);
    struct run_record record;
    OK(run_record(run, 7, &record, &last_error));
    NEAR(record.arguments[0], 0.01, 1e-18);
    cr_assert_eq(record.epoch, 2);
    run_record_free(&record);
    end(run);
}

/* --- forks ----------------------------------------------------------------------------------- */

/* As if alpha had been changed by hand at the fork: the state and the batches go on. */
Test(run, a_fork_shares_its_past)
{
    for (size_t rule = 0; rule < COUNT(rules); rule++)
        for (size_t order = 0; order < COUNT(orders); order++) {
            struct run *run = straight(rule, order, 0), *fork, *same;
            OK(run_step(run, 60, &last_error));
            struct optimizer *again = OPTIMIZER(rules[rule], {"alpha", 0.1});
            OK(run_fork(&same, run, 37, again, &last_error));
            optimizer_release(again);
            OK(run_step(same, 23, &last_error));
            check_same(same, run);
            run_release(same);

            struct optimizer *other = OPTIMIZER(rules[rule], {"alpha", 0.03});
            OK(run_fork(&fork, run, 37, other, &last_error));
            cr_assert_eq(run_time(run), 60);
            cr_assert_eq(run_time(fork), 37);
            cr_assert_eq(run_optimizer(fork), other);
            cr_assert_eq(run_optimizer_at(fork, 37)->arguments[0], 0.1);
            OK(run_step(fork, 23, &last_error));
            for (size_t t = 0; t <= 60; t++) {
                cr_assert_eq(
                    memcmp(run_row(fork, t).phi, run_row(run, t).phi, 2 * sizeof(double)) == 0,
                    t <= 37, "%s, order %zu, t = %zu", rules[rule], order, t);
                if (t > 0)
                    cr_assert_eq(run_row(fork, t).alpha, t <= 37 ? 0.1 : 0.03);
            }
            /* The change itself is replayed. */
            double last[2];
            memcpy(last, run_phi(fork), sizeof last);
            OK(run_back(fork, 40, &last_error));
            OK(run_step(fork, 40, &last_error));
            cr_assert_arr_eq(run_phi(fork), last, sizeof last);
            optimizer_release(other);
            run_release(run);
            end(fork);
        }
}

/* Another rule begins at zero: the same as a new run from there. */
Test(run, a_fork_to_another_rule_starts_it_fresh)
{
    struct run *run = full_run(&problem_gabor, OPTIMIZER("momentum", {"alpha", 0.1})), *fork;
    OK(run_step(run, 25, &last_error));
    struct optimizer *adam = OPTIMIZER("adam", {"alpha", 0.2});
    OK(run_fork(&fork, run, 10, adam, &last_error));
    OK(run_step(fork, 15, &last_error));
    struct run_options options = {.order = SAMPLER_ALL, .start = run_row(run, 10).phi};
    struct run *fresh = make_run(&problem_gabor, adam, &options);
    OK(run_step(fresh, 15, &last_error));
    cr_assert_arr_eq(run_phi(fork), run_phi(fresh), 2 * sizeof(double));
    struct run_record record;
    OK(run_record(fork, 12, &record, &last_error));
    cr_assert_eq(record.t, 12);
    cr_assert_eq(record.age, 2);
    run_record_free(&record);
    /* A term that only the second rule has is not a number before it. */
    double v[26 * 2], m[26 * 2], fresh_m[16 * 2];
    OK(run_column(fork, "v", v, &last_error));
    OK(run_column(fork, "m", m, &last_error));
    OK(run_column(fresh, "m", fresh_m, &last_error));
    for (size_t t = 0; t <= 25; t++)
        cr_assert_eq(isnan(v[2 * t]) != 0, t <= 10);
    cr_assert_arr_eq(m + 2 * 11, fresh_m + 2, 15 * 2 * sizeof(double));
    /* And a fork of the fork, before and after the change. */
    struct run *before, *after;
    struct optimizer *gd = OPTIMIZER("gd", {"alpha", 0.01});
    OK(run_fork(&before, fork, 10, gd, &last_error));
    OK(run_fork(&after, fork, 20, gd, &last_error));
    cr_assert_arr_eq(run_phi(before), run_row(run, 10).phi, 2 * sizeof(double));
    cr_assert_arr_eq(run_phi(after), run_row(fork, 20).phi, 2 * sizeof(double));
    cr_assert_eq(run_fork(&after, fork, 26, gd, &last_error), STATUS_ARGUMENT);
    optimizer_release(gd);
    run_release(before);
    run_release(after);
    run_release(fresh);
    run_release(fork);
    end(run);
}

/* --- goals ----------------------------------------------------------------------------------- */

static struct goal no_goal(void)
{
    return (struct goal){.gradient = NAN, .loss = NAN, .change = NAN, .seconds = NAN};
}

static double largest_gradient(struct run *run)
{
    double value, gradient[PROBLEM_SIZE], largest = 0;
    OK(objective_gradient(run_objective(run), run_phi(run), NULL, &value, gradient, &last_error));
    for (size_t j = 0; j < run_size(run); j++)
        largest = fmax(largest, fabs(gradient[j]));
    return largest;
}

Test(run, without_a_goal_it_goes_to_the_minimum)
{
    struct run *run = full_run(&problem_line, OPTIMIZER("gd", {"alpha", 0.037}));
    struct goal goal = no_goal();
    enum reason reason;
    OK(run_converge(run, &goal, &reason, &last_error));
    cr_assert_eq(reason, REASON_GRADIENT);
    cr_assert_eq(run_reason(run), REASON_GRADIENT);
    cr_assert_leq(largest_gradient(run), 1e-6);
    NEAR(run_phi(run)[0], problem_line.minimum[0], 1e-6);
    /* One gradient for each update and one more to see that it is enough: none is made twice. */
    cr_assert_eq(run_counts(run).gradients, run_time(run) + 1);
    OK(run_back(run, 1, &last_error));
    cr_assert_gt(largest_gradient(run), 1e-6);
    end(run);

    run = full_run(&problem_rosenbrock, OPTIMIZER("gd", {"alpha", 1e-5}));
    OK(run_converge(run, &goal, &reason, &last_error));
    cr_assert_eq(reason, REASON_STEPS);
    cr_assert_eq(run_time(run), 10000);
    end(run);
}

/* Reusing the goal's gradient changes no bit. */
Test(run, looking_at_the_goal_does_not_change_the_path)
{
    for (size_t rule = 0; rule < COUNT(rules); rule++)
        for (size_t order = 0; order < COUNT(orders); order++) {
            struct run *plain = straight(rule, order, 0), *goaled = straight(rule, order, 0);
            struct goal goal = no_goal();
            enum reason reason;
            goal.gradient = goal.loss = goal.change = 0;
            goal.steps = 60;
            OK(run_converge(goaled, &goal, &reason, &last_error));
            cr_assert_eq(reason, REASON_STEPS);
            OK(run_step(plain, 60, &last_error));
            check_same(goaled, plain);
            OK(run_step(goaled, 5, &last_error)); /* what the goal knew is of no use further on */
            OK(run_step(plain, 5, &last_error));
            check_same(goaled, plain);
            goal.steps = 1;
            OK(run_converge(goaled, &goal, &reason, &last_error));
            OK(run_back(goaled, 20, &last_error)); /* nor further back */
            OK(run_back(plain, 19, &last_error));
            OK(run_step(goaled, 1, &last_error));
            OK(run_step(plain, 1, &last_error));
            check_same(goaled, plain);
            run_release(plain);
            end(goaled);
        }
}

Test(run, stops_for_the_reason_it_gives)
{
    struct run *run = full_run(&problem_line, OPTIMIZER("gd", {"alpha", 0.01}));
    struct goal goal = no_goal();
    enum reason reason;
    goal.loss = 0.3;
    OK(run_converge(run, &goal, &reason, &last_error));
    cr_assert_eq(reason, REASON_LOSS);
    cr_assert_leq(loss_of(run), 0.3);
    unsigned long long t = run_time(run);
    OK(run_converge(run, &goal, &reason, &last_error)); /* reached already */
    cr_assert_eq(reason, REASON_LOSS);
    cr_assert_eq(run_time(run), t);
    OK(run_back(run, 1, &last_error));
    cr_assert_eq(run_reason(run), REASON_NONE);
    cr_assert_gt(loss_of(run), 0.3);

    goal = no_goal();
    goal.steps = 7;
    goal.epochs = 100;
    OK(run_converge(run, &goal, &reason, &last_error));
    cr_assert_eq(reason, REASON_STEPS);
    cr_assert_eq(run_time(run), t - 1 + 7);
    cr_assert_eq(run_goal_time(run), t - 1 + 7);

    goal = no_goal();
    goal.change = 1e-9;
    OK(run_converge(run, &goal, &reason, &last_error));
    cr_assert_eq(reason, REASON_CHANGE);
    double now = loss_of(run);
    OK(run_back(run, 1, &last_error));
    cr_assert_leq(fabs(loss_of(run) - now), 1e-9);
    double before = loss_of(run);
    OK(run_back(run, 1, &last_error));
    cr_assert_gt(fabs(loss_of(run) - before), 1e-9);

    goal = no_goal();
    goal.seconds = 0.02;
    OK(run_converge(run, &goal, &reason, &last_error));
    cr_assert_eq(reason, REASON_SECONDS);
    end(run);
}

/* With batches the goals that need all data are looked at when an epoch ends. */
Test(run, goals_with_batches)
{
    struct run_options options = make_options(SAMPLER_EPOCH, 3); /* five updates an epoch */
    struct run *run = make_run(&problem_gabor, OPTIMIZER("adam", {"alpha", 0.2}), &options);
    struct goal goal = no_goal();
    enum reason reason;
    OK(run_step(run, 2, &last_error));
    goal.epochs = 3;
    OK(run_converge(run, &goal, &reason, &last_error));
    cr_assert_eq(reason, REASON_EPOCHS);
    cr_assert_eq(run_time(run), 15);
    goal = no_goal();
    goal.loss = 0.8;
    OK(run_converge(run, &goal, &reason, &last_error));
    cr_assert_eq(reason, REASON_LOSS);
    cr_assert_eq(run_time(run) % 5, 0);
    cr_assert_leq(loss_of(run), 0.8);
    end(run);
}

static int stop_at_second(void *user, const struct run *run)
{
    (void)run;
    return ++*(int *)user == 2;
}

static int interrupt_soon(void *user, const struct run *run)
{
    (void)run;
    struct context *shared = user;
    atomic_store(&shared->interrupted, 1);
    return 0;
}

Test(run, an_interrupt_leaves_a_run_that_goes_on)
{
    struct run *run = full_run(&problem_line, OPTIMIZER("gd", {"alpha", 1e-7}));
    struct goal goal = no_goal();
    enum reason reason;
    cr_assert_eq(run_resume(run, NULL, NULL, &reason, &last_error), STATUS_ARGUMENT);
    cr_assert_str_eq(last_error.text, "no goal was set; use converge{...} to set one");
    atomic_store(&context.interrupted, 1);
    OK(run_step(run, 5, &last_error));
    cr_assert_eq(run_reason(run), REASON_INTERRUPTED);
    cr_assert_eq(run_time(run), 0);
    OK(run_step(run, 5, &last_error));
    cr_assert_eq(run_reason(run), REASON_NONE);

    goal.steps = 2000000;
    goal.progress = interrupt_soon;
    goal.user = &context;
    OK(run_converge(run, &goal, &reason, &last_error));
    cr_assert_eq(reason, REASON_INTERRUPTED);
    unsigned long long t = run_time(run);
    cr_assert(t > 5 && t < 2000005);
    int calls = 0;
    OK(run_resume(run, stop_at_second, &calls, &reason, &last_error));
    cr_assert_eq(reason, REASON_INTERRUPTED);
    cr_assert_eq(calls, 2);
    cr_assert_gt(run_time(run), t);
    OK(run_to(run, 1999990, &last_error));
    OK(run_resume(run, NULL, NULL, &reason, &last_error));
    cr_assert_eq(reason, REASON_STEPS);
    cr_assert_eq(run_time(run), 2000005); /* the goal that was set */
    end(run);
}

/* Inside an evaluation, and in looking back. */
Test(run, an_interrupted_evaluation_is_not_an_update)
{
    struct run *run = straight(3, 1, 0), *plain = straight(3, 1, 0);
    OK(run_step(run, 10, &last_error));
    problem_fail(run_objective(run), 4, STATUS_INTERRUPTED);
    OK(run_step(run, 10, &last_error));
    cr_assert_eq(run_reason(run), REASON_INTERRUPTED);
    cr_assert_eq(run_time(run), 13);
    OK(run_step(run, 7, &last_error));
    problem_fail(run_objective(run), 4, STATUS_INTERRUPTED);
    cr_assert_eq(run_back(run, 10, &last_error), STATUS_INTERRUPTED);
    cr_assert_eq(run_time(run), 20);
    atomic_store(&context.interrupted, 1);
    double column[21 * 2];
    cr_assert_eq(run_column(run, "m", column, &last_error), STATUS_INTERRUPTED);
    OK(run_step(run, 5, &last_error));
    OK(run_step(plain, 25, &last_error));
    check_same(run, plain);
    run_release(plain);
    end(run);
}

/* --- what goes wrong ------------------------------------------------------------------------- */

Test(run, divergence_is_a_reason_and_a_sentence)
{
    struct run *run = full_run(&problem_line, OPTIMIZER("gd", {"alpha", 1}));
    OK(run_step(run, 1000, &last_error));
    cr_assert_eq(run_reason(run), REASON_DIVERGED);
    unsigned long long t = run_time(run);
    cr_assert(t > 50 && t < 200);
    cr_assert(isfinite(run_phi(run)[0]) && isfinite(run_phi(run)[1]));
    char expected[512];
    snprintf(expected, sizeof expected,
             "update %llu diverges: its loss is inf (%g at the update before); the run stands at "
             "t = %llu; try a smaller alpha, as r:fork{at = 0, alpha = 0.1}",
             t + 1, run_row(run, t).batch_loss, t);
    cr_assert_str_eq(run_message(run), expected);
    OK(run_step(run, 1, &last_error)); /* no way on */
    cr_assert_eq(run_reason(run), REASON_DIVERGED);
    cr_assert_eq(run_time(run), t);
    OK(run_back(run, 10, &last_error)); /* but back */
    cr_assert_eq(run_time(run), t - 10);
    cr_assert_str_eq(run_message(run), "");
    struct goal goal = no_goal();
    enum reason reason;
    OK(run_converge(run, &goal, &reason, &last_error));
    cr_assert_eq(reason, REASON_DIVERGED);
    cr_assert_eq(run_time(run), t);
    end(run);
}

Test(run, divergence_by_the_step_itself)
{
    struct run *run = full_run(&problem_slope, OPTIMIZER("gd", {"alpha", 1e308}));
    OK(run_step(run, 1, &last_error));
    cr_assert_eq(run_reason(run), REASON_DIVERGED);
    cr_assert_eq(run_time(run), 0);
    cr_assert_str_eq(run_message(run),
                     "update 1 diverges: phi0 would become -inf (the loss before it: 0); the run "
                     "stands at t = 0; try a smaller alpha, as r:fork{at = 0, alpha = 1e+307}");
    end(run);

    struct run_options options = {.order = SAMPLER_ALL, .start = (double[]){1e200, 0, 0}};
    run = make_run(&problem_quadratic, OPTIMIZER("gd", {"alpha", 0.1}), &options);
    OK(run_step(run, 1, &last_error));
    cr_assert_str_eq(run_message(run), "update 1 diverges: its loss is inf; the run stands at "
                                       "t = 0; start elsewhere");
    end(run);
}

/* A failed evaluation leaves the last whole update, and the run goes on as if nothing had been. */
Test(run, a_failed_update_is_no_update)
{
    for (size_t rule = 0; rule < COUNT(rules); rule++)
        for (size_t order = 0; order < COUNT(orders); order++)
            for (size_t fail = 1; fail <= 12; fail++) {
                struct run *run = straight(rule, order, 0), *plain = straight(rule, order, 0);
                problem_fail(run_objective(run), fail, STATUS_CALLBACK);
                cr_assert_eq(run_step(run, 20, &last_error), STATUS_CALLBACK);
                cr_assert_str_eq(last_error.text, "made to fail");
                cr_assert_eq(run_time(run), fail - 1);
                OK(run_step(run, 20, &last_error));
                OK(run_step(plain, fail + 19, &last_error));
                check_same(run, plain);
                run_release(plain);
                end(run);
            }
}

Test(run, what_cannot_be_is_refused)
{
    struct objective *line = problem_objective(&context, &problem_line);
    struct objective *bare = problem_objective(&context, &problem_rosenbrock);
    struct optimizer *gd = OPTIMIZER("gd", {"alpha", 0.1});
    struct run *run = NULL;
    double bad[] = {1, NAN};
    const size_t beyond[] = {0, 12}, offsets[] = {0, 2};
    static const char no_data[] = "this loss has no data, so it has no batches; leave it out";
    struct {
        struct objective *objective;
        struct run_options options;
        const char *where, *text;
    } cases[] = {
        {line, {.start = bad}, "start", "phi1 is nan; give finite numbers"},
        {line,
         {.start = problem_line.start, .order = SAMPLER_EPOCH, .batch = 13},
         "batch",
         "a batch of 13 is not possible; with 12 examples it is from 1 to 12"},
        {bare, {.start = problem_line.start, .order = SAMPLER_DRAW, .batch = 1}, "batch", no_data},
        {bare, {.start = problem_line.start, .order = SAMPLER_GIVEN}, "order", no_data},
        {line,
         {.start = problem_line.start,
          .order = SAMPLER_GIVEN,
          .given_indices = beyond,
          .given_offsets = offsets,
          .given_count = 1},
         "order",
         "batch 1 names example 13; there are 12"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        cr_assert_neq(run_new(&run, cases[i].objective, gd, &cases[i].options, &last_error),
                      STATUS_OK);
        cr_assert_str_eq(last_error.where, cases[i].where);
        cr_assert_str_eq(last_error.text, cases[i].text);
        cr_assert_null(run);
    }
    objective_release(line);
    objective_release(bare);
    optimizer_release(gd);
    cr_assert_eq(atomic_load(&context.memory.live), 0);
}

/* Everything a run can do, with the n-th allocation failing: no leak, and never half an update. */
static enum status tour(struct objective *objective, struct optimizer *optimizer,
                        struct optimizer *other, struct run **run, struct run **fork)
{
    struct run_options options = make_options(SAMPLER_EPOCH, 7);
    options.start = problem_gabor.start;
    struct run_record record = {0};
    double column[41 * 2];
    struct goal goal = no_goal();
    goal.steps = 10;
    goal.gradient = 0;
    enum reason reason;
    enum status status = run_new(run, objective, optimizer, &options, &last_error);
    if (status == STATUS_OK)
        status = run_step(*run, 40, &last_error);
    if (status == STATUS_OK)
        status = run_back(*run, 5, &last_error);
    if (status == STATUS_OK)
        status = run_record(*run, 20, &record, &last_error);
    if (status == STATUS_OK) {
        run_record_free(&record);
        status = run_column(*run, "m", column, &last_error);
    }
    if (status == STATUS_OK)
        status = run_fork(fork, *run, 12, other, &last_error);
    if (status == STATUS_OK)
        status = run_converge(*run, &goal, &reason, &last_error);
    return status;
}

Test(run, gives_everything_back_when_memory_fails)
{
    struct objective *objective = problem_objective(&context, &problem_gabor);
    struct optimizer *momentum = OPTIMIZER("momentum", {"alpha", 0.1});
    struct optimizer *adam = OPTIMIZER("adam", {"alpha", 0.1});
    struct run *plain = straight(1, 1, 0);
    OK(run_step(plain, 60, &last_error));
    size_t live = atomic_load(&context.memory.live), failed = 0;
    for (enum status status = STATUS_MEMORY; status != STATUS_OK; failed++) {
        struct run *run = NULL, *fork = NULL;
        context.memory.fail_at = atomic_load(&context.memory.requests) + failed + 1;
        status = tour(objective, momentum, adam, &run, &fork);
        context.memory.fail_at = 0;
        cr_assert(status == STATUS_OK || status == STATUS_MEMORY);
        if (run != NULL) {
            OK(run_to(run, 60, &last_error));
            check_same(run, plain);
        }
        run_release(run);
        run_release(fork);
        cr_assert_eq(atomic_load(&context.memory.live), live);
        cr_assert_lt(failed, 200);
    }
    cr_assert_gt(failed, 30);
    run_release(plain);
    optimizer_release(momentum);
    optimizer_release(adam);
    objective_release(objective);
    cr_assert_eq(atomic_load(&context.memory.live), 0);
}

Test(run, is_counted)
{
    struct run *run = full_run(&problem_line, OPTIMIZER("gd", {"alpha", 0.01}));
    cr_assert_eq(run_keep(run), run);
    unsigned long long version = run_version(run);
    OK(run_step(run, 1, &last_error));
    cr_assert_neq(run_version(run), version);
    run_release(run);
    cr_assert_eq(run_time(run), 1);
    end(run);
}
