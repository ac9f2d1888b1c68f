/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules against the closed form of each on a quadratic and on a slope, against each other where two
 * forms are equal, and on every problem. Rules are driven here without a run. */
#include <complex.h>
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/memory.h"
#include "objective/objective_private.h"
#include "optimizer/optimizer.h"
#include "problems.h"

enum { STATES = 32, SCRATCH = 16 };

/* --- driving a rule -------------------------------------------------------------------------- */

struct drive {
    struct context context;
    struct objective *objective;
    struct optimizer *optimizer;
    size_t size;
    unsigned long long t;
    double phi[PROBLEM_SIZE], state[STATES * PROBLEM_SIZE], gradient[PROBLEM_SIZE], loss;
    double record[OPTIMIZER_TERMS * PROBLEM_SIZE];
    double alpha;
    const char *stop;
    const bool *held;
    const double *lower, *upper;
};

/* Arguments that are not listed get their default. */
struct setting {
    const char *name;
    double value;
};

static int position(const struct doc *doc, const char *name)
{
    for (size_t i = 0; i < doc->argument_count; i++)
        if (strcmp(doc->arguments[i].name, name) == 0)
            return (int)i;
    cr_assert_fail("%s has no argument %s", doc->name, name);
    return -1;
}

static struct optimizer *make(struct context *context, const char *name,
                              const struct setting *settings)
{
    const struct rule *rule = optimizer_rule(name);
    double values[OPTIMIZER_ARGUMENTS];
    for (size_t i = 0; i < rule->doc.argument_count; i++)
        values[i] = rule->doc.arguments[i].standard;
    /* Rules that search have no alpha. */
    for (; settings->name != NULL; settings++)
        if (strcmp(settings->name, "alpha") != 0 || rule->doc.arguments[0].type == ARGUMENT_RATE)
            values[position(&rule->doc, settings->name)] = settings->value;
    struct optimizer *optimizer;
    struct error error;
    cr_assert_eq(optimizer_new(&optimizer, context, rule, values, NULL, NULL, &error), STATUS_OK,
                 "%s: %s", error.where, error.text);
    return optimizer;
}

static void begin(struct drive *drive, const struct problem *problem, const char *name,
                  const struct setting *settings)
{
    *drive = (struct drive){.size = problem->size};
    context_init(&drive->context);
    drive->objective = problem_objective(&drive->context, problem);
    drive->optimizer = make(&drive->context, name, settings);
    memcpy(drive->phi, problem->start, sizeof problem->start);
}

#define BEGIN(drive, problem, name, ...) \
    begin(drive, problem, name, (struct setting[]){__VA_ARGS__, {NULL, 0}})

static void advance(struct drive *drive, unsigned long long updates)
{
    double arguments[OPTIMIZER_ARGUMENTS], scratch[SCRATCH * PROBLEM_SIZE];
    double next_phi[PROBLEM_SIZE], next_state[STATES * PROBLEM_SIZE];
    const struct rule *rule = drive->optimizer->rule;
    struct vectors vectors = optimizer_vectors(drive->optimizer, drive->size);
    int clip = position(&rule->doc, "clip");
    cr_assert(vectors.state <= STATES && vectors.scratch <= SCRATCH);
    for (unsigned long long i = 0; i < updates; i++) {
        drive->t++;
        optimizer_resolve(drive->optimizer, drive->t, drive->t, arguments);
        struct update update = {
            .objective = drive->objective,
            .size = drive->size,
            .t = drive->t,
            .argument = arguments,
            .phi = drive->phi,
            .next_phi = next_phi,
            .state = drive->state,
            .next_state = next_state,
            .gradient = drive->gradient,
            .scratch = scratch,
            .record = drive->record,
            .rule = rule,
            .clip = arguments[clip],
            .held = drive->held,
            .lower = drive->lower,
            .upper = drive->upper,
            .alpha = NAN,
        };
        cr_assert_eq(rule->step(&update, NULL), STATUS_OK);
        drive->loss = update.loss;
        drive->alpha = update.alpha;
        drive->stop = update.stop;
        if (update.stop != NULL)
            return;
        memcpy(drive->phi, next_phi, drive->size * sizeof *next_phi);
        memcpy(drive->state, next_state, vectors.state * drive->size * sizeof *next_state);
    }
}

static void end(struct drive *drive)
{
    optimizer_release(drive->optimizer);
    objective_release(drive->objective);
    context_free(&drive->context);
    cr_assert_eq(atomic_load(&drive->context.memory.live), 0);
}

static double loss_at(struct drive *drive, const double *phi)
{
    double value;
    cr_assert_eq(objective_value(drive->objective, phi, NULL, &value, NULL), STATUS_OK);
    return value;
}

#define NEAR(got, expected, tolerance)                                                   \
    cr_assert_float_eq(got, expected, tolerance, "%.12g, expected %.12g", (double)(got), \
                       (double)(expected))

/* --- records --------------------------------------------------------------------------------- */

Test(rules, records_are_complete)
{
    cr_assert_gt(optimizer_rule_count, 0);
    for (size_t i = 0; i < optimizer_rule_count; i++) {
        const struct rule *rule = optimizer_rules[i];
        cr_assert_eq(optimizer_rule(rule->doc.name), rule);
        cr_assert_eq(optimizer_rule(rule->doc.name + strlen("optim.")), rule);
        cr_assert(rule->doc.summary && rule->doc.equation && rule->doc.source &&
                  rule->doc.example && rule->doc.result && rule->doc.signature && rule->title);
        cr_assert(rule->doc.argument_count <= OPTIMIZER_ARGUMENTS);
        cr_assert(rule->term_count <= OPTIMIZER_TERMS);
        cr_assert_str_eq(rule->terms[rule->term_count - 1].name, "phi");
        cr_assert_str_eq(rule->doc.arguments[rule->doc.argument_count - 1].name, "clip");
        for (size_t j = 0; j < rule->doc.argument_count; j++)
            cr_assert(rule->doc.arguments[j].summary != NULL);
        /* Every state is a term, so that a trace shows it. */
        for (size_t s = 0; s < rule->state_count; s++) {
            size_t term = 0;
            while (strcmp(rule->terms[term].name, rule->states[s]) != 0)
                cr_assert_lt(++term, rule->term_count, "%s", rule->states[s]);
        }
    }
    cr_assert_null(optimizer_rule("adagard"));
    cr_assert_null(optimizer_rule(""));
    const struct rule *adam = optimizer_rule("adam");
    double settings[OPTIMIZER_ARGUMENTS];
    optimizer_defaults(adam, settings);
    cr_assert_eq(settings[optimizer_argument(adam, "gamma")], 0.999);
    cr_assert_eq(optimizer_argument(adam, "lr"), -1);
}

Test(rules, refuse_numbers_out_of_range)
{
    static const struct {
        const char *rule, *argument;
        double value;
        const char *text;
    } cases[] = {
        {"gd", "alpha", -0.1, "-0.1 is too small; it must be at least 0"},
        {"gd", "alpha", NAN, "nan is no finite number"},
        {"gd", "alpha", INFINITY, "inf is no finite number"},
        {"momentum", "beta", 1, "1 is too large; it must be below 1"},
        {"momentum", "beta", -0.5, "-0.5 is too small; it must be at least 0"},
        {"momentum", "form", 3, "choice 3 does not exist (average|velocity|sum)"},
        {"adam", "epsilon", -1e-9, "-1e-09 is too small; it must be at least 0"},
        {"adam", "epsilon_inside", 0.5, "choice 0.5 does not exist (false|true)"},
    };
    struct context context;
    context_init(&context);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct rule *rule = optimizer_rule(cases[i].rule);
        double values[OPTIMIZER_ARGUMENTS];
        for (size_t j = 0; j < rule->doc.argument_count; j++)
            values[j] = rule->doc.arguments[j].standard;
        values[position(&rule->doc, cases[i].argument)] = cases[i].value;
        struct optimizer *optimizer;
        struct error error = {0};
        cr_assert_eq(optimizer_new(&optimizer, &context, rule, values, NULL, NULL, &error),
                     STATUS_ARGUMENT);
        cr_assert_str_eq(error.where, cases[i].argument);
        cr_assert_str_eq(error.text, cases[i].text);
    }
    cr_assert_eq(atomic_load(&context.memory.live), 0);
}

/* The recorded terms are what the update used, and the last is the new φ. */
Test(rules, record_what_they_compute)
{
    for (size_t i = 0; i < optimizer_rule_count; i++) {
        struct drive drive;
        BEGIN(&drive, &problem_quadratic, optimizer_rules[i]->doc.name, {"alpha", 0.05});
        const struct rule *rule = drive.optimizer->rule;
        for (int t = 0; t < 5; t++) {
            advance(&drive, 1);
            size_t size = drive.size;
            cr_assert_arr_eq(drive.record + (rule->term_count - 1) * size, drive.phi,
                             size * sizeof(double));
            for (size_t term = 0; term < rule->term_count; term++) {
                const double *values = drive.record + term * size;
                if (strcmp(rule->terms[term].name, "g") == 0)
                    cr_assert_arr_eq(values, drive.gradient, size * sizeof(double));
                for (size_t s = 0; s < rule->state_count; s++)
                    if (strcmp(rule->terms[term].name, rule->states[s]) == 0)
                        cr_assert_arr_eq(values, drive.state + s * size, size * sizeof(double));
            }
        }
        end(&drive);
    }
}

/* --- closed forms ---------------------------------------------------------------------------- */

/* On λ·e²/2 every momentum is e ← trace·e − product·(the e before), hence a sum of two powers of
 * the roots of r² − trace·r + product; e_0 and e_1 fix it. */
static double two_powers(double trace, double product, double e0, double e1, int t)
{
    double complex root = csqrt(trace * trace / 4 - product);
    double complex r1 = trace / 2 + root, r2 = trace / 2 - root;
    double complex a = (e1 - e0 * r2) / (r1 - r2);
    return creal(a * cpow(r1, t) + (e0 - a) * cpow(r2, t));
}

static void check_quadratic(struct drive *drive, const double *trace, const double *product,
                            const double *first)
{
    for (int t = 1; t <= 40; t++) {
        advance(drive, 1);
        for (size_t j = 0; j < drive->size; j++) {
            double e0 = problem_quadratic.start[j] - problem_quadratic.minimum[j];
            double expected = two_powers(trace[j], product[j], e0, first[j] * e0, t);
            NEAR(drive->phi[j] - problem_quadratic.minimum[j], expected, 1e-12);
        }
    }
}

Test(rules, gd_on_a_quadratic)
{
    struct drive drive;
    BEGIN(&drive, &problem_quadratic, "gd", {"alpha", 0.15});
    for (int t = 1; t <= 40; t++) {
        advance(&drive, 1);
        for (size_t j = 0; j < drive.size; j++) {
            double e0 = problem_quadratic.start[j] - problem_quadratic.minimum[j];
            NEAR(drive.phi[j] - problem_quadratic.minimum[j],
                 e0 * pow(1 - 0.15 * problem_quadratic_curvature[j], t), 1e-12);
        }
    }
    end(&drive);
}

/* κ is what a unit of g moves φ at once: α·(1 − β)·λ in the average form, α·λ in the others. */
Test(rules, momentum_on_a_quadratic)
{
    for (int form = 0; form < 3; form++) {
        struct drive drive;
        double alpha = 0.07, beta = 0.6, trace[3], product[3], first[3];
        BEGIN(&drive, &problem_quadratic, "momentum", {"alpha", alpha}, {"beta", beta},
              {"form", form});
        for (size_t j = 0; j < 3; j++) {
            double kappa = alpha * (form == 0 ? 1 - beta : 1) * problem_quadratic_curvature[j];
            trace[j] = 1 + beta - kappa;
            product[j] = beta;
            first[j] = 1 - kappa;
        }
        check_quadratic(&drive, trace, product, first);
        end(&drive);
    }
}

/* full: the gradient at e_t + (e_t − e_{t−1}); decayed: at e_t + β·(e_t − e_{t−1}). */
Test(rules, nesterov_on_a_quadratic)
{
    for (int form = 0; form < 3; form++)
        for (int decayed = 0; decayed < 2; decayed++) {
            struct drive drive;
            double alpha = 0.07, beta = 0.6, trace[3], product[3], first[3];
            BEGIN(&drive, &problem_quadratic, "nesterov", {"alpha", alpha}, {"beta", beta},
                  {"form", form}, {"lookahead", decayed});
            for (size_t j = 0; j < 3; j++) {
                double kappa = alpha * (form == 0 ? 1 - beta : 1) * problem_quadratic_curvature[j];
                double ahead = decayed != 0 ? beta : 1;
                trace[j] = 1 + beta - kappa * (1 + ahead);
                product[j] = beta - kappa * ahead;
                first[j] = 1 - kappa;
            }
            check_quadratic(&drive, trace, product, first);
            end(&drive);
        }
}

/* Under a constant gradient m = (1 − β^t)·g and v = (1 − γ^t)·g²: every step is the ratio times
 * α·sign g (curriculum F5). */
static void check_slope(double gamma, int correction, double (*ratio)(double gamma, int t))
{
    struct drive drive;
    double alpha = 0.1, place[3] = {0};
    BEGIN(&drive, &problem_slope, "adam", {"alpha", alpha}, {"gamma", gamma}, {"epsilon", 0},
          {"bias_correction", correction});
    for (int t = 1; t <= 60; t++) {
        advance(&drive, 1);
        for (size_t j = 0; j < 3; j++) {
            place[j] -= alpha * copysign(ratio(gamma, t), problem_slope_gradient[j]);
            NEAR(drive.phi[j], place[j], 1e-10);
        }
    }
    end(&drive);
}

static double corrected(double gamma, int t)
{
    (void)gamma;
    (void)t;
    return 1;
}

static double uncorrected(double gamma, int t)
{
    return (1 - pow(0.9, t)) / sqrt(1 - pow(gamma, t));
}

static double only_m(double gamma, int t)
{
    return 1 / sqrt(1 - pow(gamma, t));
}

static double only_v(double gamma, int t)
{
    (void)gamma;
    return 1 - pow(0.9, t);
}

Test(rules, adam_on_a_slope)
{
    check_slope(0.999, 0, corrected);
    check_slope(0.999, 1, uncorrected);
    check_slope(0.99, 1, uncorrected);
    check_slope(0.999, 2, only_m);
    check_slope(0.999, 3, only_v);
    /* F5's own numbers: 3.16 α with γ = 0.999; exactly α, then 1.35, with 0.99; 0.1 without m's. */
    NEAR(uncorrected(0.999, 1), 3.16, 0.003);
    NEAR(uncorrected(0.99, 1), 1, 1e-12);
    NEAR(uncorrected(0.99, 2), 1.35, 0.005);
    NEAR(only_v(0.999, 1), 0.1, 1e-12);
}

Test(rules, adam_epsilon_inside_and_outside)
{
    for (int inside = 0; inside < 2; inside++) {
        struct drive drive;
        BEGIN(&drive, &problem_slope, "adam", {"alpha", 0.1}, {"epsilon", 4},
              {"epsilon_inside", inside});
        advance(&drive, 1);
        for (size_t j = 0; j < 3; j++) {
            double g = problem_slope_gradient[j];
            NEAR(drive.phi[j], -0.1 * g / (inside ? sqrt(g * g + 4) : fabs(g) + 4), 1e-12);
        }
        end(&drive);
    }
}

/* 0/0 never arises: where no gradient has been, nothing moves. */
Test(rules, adam_without_gradient_stays)
{
    struct drive drive;
    BEGIN(&drive, &problem_quadratic, "adam", {"alpha", 0.1}, {"epsilon", 0});
    memcpy(drive.phi, problem_quadratic.minimum, sizeof drive.phi);
    advance(&drive, 3);
    cr_assert_arr_eq(drive.phi, problem_quadratic.minimum, sizeof drive.phi);
    end(&drive);
}

/* --- forms that are equal -------------------------------------------------------------------- */

/* E3: velocity with ε = α·(1 − β), and sum with α·(1 − β), are average with α. */
Test(rules, forms_agree_at_a_constant_rate)
{
    static const char *const names[] = {"momentum", "nesterov"};
    for (int n = 0; n < 2; n++)
        for (int form = 1; form < 3; form++) {
            struct drive average, other;
            BEGIN(&average, &problem_gabor, names[n], {"alpha", 0.1}, {"beta", 0.75});
            BEGIN(&other, &problem_gabor, names[n], {"alpha", 0.025}, {"beta", 0.75},
                  {"form", form});
            for (int t = 0; t < 50; t++) {
                advance(&average, 1);
                advance(&other, 1);
                NEAR(other.phi[0], average.phi[0], 1e-11);
                NEAR(other.phi[1], average.phi[1], 1e-11);
            }
            end(&average);
            end(&other);
        }
}

Test(rules, beta_0_is_gradient_descent)
{
    for (int form = 0; form < 3; form++) {
        struct drive plain, momentum;
        BEGIN(&plain, &problem_gabor, "gd", {"alpha", 0.05});
        BEGIN(&momentum, &problem_gabor, "momentum", {"alpha", 0.05}, {"beta", 0}, {"form", form});
        advance(&plain, 20);
        advance(&momentum, 20);
        cr_assert_arr_eq(momentum.phi, plain.phi, 2 * sizeof(double));
        end(&plain);
        end(&momentum);
    }
}

/* --- the curriculum's numbers ---------------------------------------------------------------- */

Test(curriculum, c3_c4_gradient_descent_on_line12)
{
    struct drive drive;
    BEGIN(&drive, &problem_line, "gd", {"alpha", 0.01});
    NEAR(loss_at(&drive, drive.phi), 5.020125, 1e-9);
    advance(&drive, 100);
    NEAR(loss_at(&drive, drive.phi), 0.200773847, 5e-10);
    NEAR(loss_at(&drive, problem_line.minimum), problem_line.least, 1e-9);
    end(&drive);

    BEGIN(&drive, &problem_line, "gd", {"alpha", 0.001});
    advance(&drive, 100);
    NEAR(loss_at(&drive, drive.phi), 1.6147, 5e-5);
    end(&drive);

    /* Too large a rate: first down, then beyond its start at 11. */
    BEGIN(&drive, &problem_line, "gd", {"alpha", 0.041});
    double start = loss_at(&drive, drive.phi);
    for (int t = 1; t <= 100; t++) {
        advance(&drive, 1);
        double loss = loss_at(&drive, drive.phi);
        if (t == 4)
            NEAR(loss, 3.444, 5e-4);
        if (t <= 11)
            cr_assert_eq(loss > start, t == 11, "t = %d", t);
        if (t == 100)
            NEAR(loss, 36511, 0.5);
    }
    end(&drive);
}

Test(curriculum, d2_d5_gradient_descent_on_gabor30)
{
    static const struct {
        double start[2];
        unsigned long long updates;
        double end[2], loss;
    } cases[] = {
        {{-1.5, 8.5}, 200, {NAN, NAN}, 0.697701},
        {{-1.5, 8.5}, 1000, {0.0038, 16.0263}, 0.645696},
        {{3.5, 6.5}, 2000, {6.1713, 8.0881}, 9.961269},
        {{-0.2, 5.0}, 2000, {-0.1665, 4.8809}, 10.182265},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct drive drive;
        BEGIN(&drive, &problem_gabor, "gd", {"alpha", 0.05});
        memcpy(drive.phi, cases[i].start, sizeof cases[i].start);
        advance(&drive, cases[i].updates);
        NEAR(loss_at(&drive, drive.phi), cases[i].loss, 1e-6);
        for (int j = 0; j < 2 && !isnan(cases[i].end[j]); j++)
            NEAR(drive.phi[j], cases[i].end[j], 1e-4);
        end(&drive);
    }
}

Test(curriculum, e5_velocity_leaves_a_local_minimum)
{
    static const struct {
        double beta, phi[2], loss;
    } cases[] = {{0.5, {NAN, NAN}, 9.9613}, {0.9, {11.6012, 3.0005}, 5.3814}};
    for (size_t i = 0; i < 2; i++) {
        struct drive drive;
        BEGIN(&drive, &problem_gabor, "momentum", {"alpha", 0.02}, {"beta", cases[i].beta},
              {"form", 1});
        drive.phi[0] = 3.5;
        drive.phi[1] = 6.5;
        advance(&drive, 4000);
        NEAR(loss_at(&drive, drive.phi), cases[i].loss, 1e-4);
        for (int j = 0; j < 2 && !isnan(cases[i].phi[j]); j++)
            NEAR(drive.phi[j], cases[i].phi[j], 1e-4);
        end(&drive);
    }
}

Test(curriculum, f1_f4_the_valley)
{
    struct drive drive;
    BEGIN(&drive, &problem_valley, "gd", {"alpha", 0.08});
    advance(&drive, 200);
    NEAR(drive.phi[0], 0.6684, 5e-5);
    end(&drive);

    BEGIN(&drive, &problem_valley, "gd", {"alpha", 1});
    advance(&drive, 40);
    NEAR(drive.phi[0], 0.696131, 5e-7);
    NEAR(drive.phi[1], 0.194839, 5e-7);
    end(&drive);

    BEGIN(&drive, &problem_valley, "adam", {"alpha", 0.05}, {"beta", 0.9}, {"gamma", 0.99},
          {"epsilon", 1e-20});
    advance(&drive, 60);
    NEAR(drive.phi[0], 0.667073, 5e-7);
    NEAR(drive.phi[1], 0.029500, 5e-7);
    end(&drive);
}

/* --- every rule on every problem ------------------------------------------------------------- */

/* What each kind of rule needs: a step in units of the gradient, or of φ. */
static double good_alpha(const struct rule *rule, const struct problem *problem)
{
    static const struct {
        const struct rule *rule;
        double alpha;
    } own[] = {{&rule_adam, 0.05},
               {&rule_normalized, 0.01},
               {&rule_adagrad, 0.5},
               {&rule_adadelta, 1},
               {&rule_rmsprop, 0.01}};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (own[i].rule == rule)
            return own[i].alpha;
    return problem->alpha;
}

Test(rules, go_down_on_every_problem)
{
    for (size_t i = 0; i < optimizer_rule_count; i++)
        for (size_t p = 0; p < problem_count; p++) {
            struct drive drive;
            const struct problem *problem = problems[p];
            /* Undamped, Newton's method goes to the nearest stationary point of any kind. */
            if (optimizer_rules[i] == &rule_newton)
                BEGIN(&drive, problem, "newton", {"damping", -1});
            else
                BEGIN(&drive, problem, optimizer_rules[i]->doc.name,
                      {"alpha", good_alpha(optimizer_rules[i], problem)});
            double start = loss_at(&drive, problem->start), least = problem->least;
            NEAR(loss_at(&drive, problem->minimum), least, 1e-5);
            advance(&drive, 5000);
            /* Signs alone bounce across Rosenbrock's valley, and get nowhere along it. */
            bool bounces = optimizer_rules[i] == &rule_normalized && problem == &problem_rosenbrock;
            cr_assert_lt(loss_at(&drive, drive.phi) - least,
                         (bounces ? 0.2 : 0.02) * (start - least), "%s on %s: %g",
                         optimizer_rules[i]->title, problem->name, loss_at(&drive, drive.phi));
            end(&drive);
        }
}

/* --- schedules ------------------------------------------------------------------------------- */

static struct schedule *schedule(struct context *context, const struct schedule_rule *rule,
                                 const double *arguments)
{
    struct schedule *made;
    struct error error;
    cr_assert_eq(schedule_new(&made, context, rule, arguments, &error), STATUS_OK, "%s: %s",
                 error.where, error.text);
    return made;
}

Test(schedules, are_their_formulas)
{
    static const struct {
        const struct schedule_rule *rule;
        double arguments[SCHEDULE_ARGUMENTS];
        struct {
            unsigned long long k;
            double rate;
        } expected[5];
    } cases[] = {
        {&schedule_constant, {0.3}, {{1, 0.3}, {2, 0.3}, {10, 0.3}, {1000, 0.3}, {5, 0.3}}},
        {&schedule_step,
         {0.8, 0.5, 10, 0},
         {{1, 0.8}, {10, 0.8}, {11, 0.4}, {20, 0.4}, {41, 0.05}}},
        {&schedule_exponential,
         {0.8, 0.5, 0},
         {{1, 0.8}, {2, 0.4}, {3, 0.2}, {5, 0.05}, {11, 0.00078125}}},
        {&schedule_inverse_time,
         {0.6, 0.5, 0},
         {{1, 0.6}, {3, 0.3}, {5, 0.2}, {9, 0.12}, {19, 0.06}}},
        {&schedule_cosine,
         {0.5, 4, 0.1, 0},
         {{1, 0.5}, {2, 0.3 + 0.2 * M_SQRT1_2}, {3, 0.3}, {5, 0.1}, {400, 0.1}}},
        {&schedule_warmup, {0.8, 4, 0}, {{1, 0.2}, {2, 0.4}, {3, 0.6}, {4, 0.8}, {5, 0.8}}},
    };
    struct context context;
    context_init(&context);
    cr_assert_eq(schedule_rule_count, sizeof cases / sizeof *cases);
    for (size_t i = 0; i < schedule_rule_count; i++) {
        cr_assert(schedule_rules[i]->doc.argument_count <= SCHEDULE_ARGUMENTS);
        struct schedule *made = schedule(&context, cases[i].rule, cases[i].arguments);
        for (size_t k = 0; k < 5; k++)
            NEAR(schedule_rate(made, cases[i].expected[k].k, 77), cases[i].expected[k].rate, 1e-15);
        schedule_release(made);
    }
    cr_assert_eq(atomic_load(&context.memory.live), 0);
}

Test(schedules, count_epochs_when_asked)
{
    struct context context;
    context_init(&context);
    struct schedule *made = schedule(&context, &schedule_exponential, (double[]){0.8, 0.5, 1});
    NEAR(schedule_rate(made, 18, 3), 0.2, 1e-15);
    schedule_release(made);
}

Test(schedules, refuse_numbers_out_of_range)
{
    struct context context;
    context_init(&context);
    struct schedule *made;
    struct error error = {0};
    cr_assert_eq(
        schedule_new(&made, &context, &schedule_step, (double[]){0.1, 0.5, 1.5, 0}, &error),
        STATUS_ARGUMENT);
    cr_assert_str_eq(error.where, "every");
    cr_assert_str_eq(error.text, "1.5 is no integer");
    cr_assert_eq(schedule_new(&made, &context, &schedule_step, (double[]){0.1, 0, 1, 0}, &error),
                 STATUS_ARGUMENT);
    cr_assert_str_eq(error.where, "factor");
    cr_assert_str_eq(error.text, "0 is too small; it must be above 0");
}

/* A scheduled rate is looked up for each update; the optimizer keeps its schedule. */
Test(schedules, give_an_optimizer_its_rate)
{
    struct context context;
    context_init(&context);
    struct schedule *made = schedule(&context, &schedule_exponential, (double[]){0.8, 0.5, 0});
    struct optimizer *optimizer;
    cr_assert_eq(optimizer_new(&optimizer, &context, &rule_gd, (double[]){NAN, NAN},
                               (struct schedule *[]){made, NULL}, NULL, NULL),
                 STATUS_OK);
    schedule_release(made);
    double resolved[OPTIMIZER_ARGUMENTS];
    optimizer_resolve(optimizer, 4, 1, resolved);
    NEAR(resolved[0], 0.1, 1e-15);
    optimizer_release(optimizer);
    cr_assert_eq(atomic_load(&context.memory.live), 0);
}

/* E3: the velocity keeps the rate of its time, the average does not. */
Test(schedules, tell_velocity_from_average)
{
    double place[2][PROBLEM_SIZE];
    for (int form = 0; form < 2; form++) {
        struct drive drive;
        BEGIN(&drive, &problem_slope, "momentum", {"alpha", 1}, {"beta", 0.5}, {"form", form});
        struct schedule *halving = schedule(&drive.context, &schedule_exponential,
                                            (double[]){form == 0 ? 1 : 0.5, 0.5, 0});
        drive.optimizer->schedules[0] = halving;
        advance(&drive, 2);
        memcpy(place[form], drive.phi, sizeof drive.phi);
        end(&drive);
    }
    for (int j = 0; j < 3; j++) {
        /* average: 1·0.5·g + 0.5·0.75·g; velocity: 0.5·g + (0.25 + 0.25)·g */
        NEAR(place[0][j], -0.875 * problem_slope_gradient[j], 1e-12);
        NEAR(place[1][j], -1.0 * problem_slope_gradient[j], 1e-12);
    }
}

/* --- objectives ------------------------------------------------------------------------------ */

Test(objective, counts_and_is_counted)
{
    struct context context;
    context_init(&context);
    struct objective *objective = problem_objective(&context, &problem_line);
    double value, losses[12], gradient[2], sum = 0;
    size_t indices[] = {0, 11, 3};
    struct batch batch = {.indices = indices, .count = 3};
    cr_assert_str_eq(objective_component(objective, 1), "phi1");
    cr_assert_null(objective_component(objective, 2));
    cr_assert_eq(objective_each(objective, problem_line.start, NULL, losses, NULL), STATUS_OK);
    cr_assert_eq(objective_value(objective, problem_line.start, NULL, &value, NULL), STATUS_OK);
    for (int i = 0; i < 12; i++)
        sum += losses[i];
    NEAR(value, sum, 1e-12);
    cr_assert_eq(objective_gradient(objective, problem_line.start, &batch, &value, gradient, NULL),
                 STATUS_OK);
    NEAR(value, losses[0] + losses[11] + losses[3], 1e-12);
    struct objective_counts counts = objective_counts(objective);
    cr_assert(counts.values == 2 && counts.gradients == 1 && counts.hessians == 0);
    cr_assert_eq(objective_keep(objective), objective);
    objective_release(objective);
    cr_assert_neq(atomic_load(&context.memory.live), 0);
    objective_release(objective);
    cr_assert_eq(atomic_load(&context.memory.live), 0);
}

Test(objective, refuses_what_cannot_be)
{
    struct context context;
    context_init(&context);
    struct objective *line = problem_objective(&context, &problem_line);
    struct objective *bare = problem_objective(&context, &problem_rosenbrock);
    double value;
    size_t indices[] = {3, 12};
    struct error error;
    struct batch beyond = {.indices = indices, .count = 2}, empty = {.indices = indices};
    cr_assert_eq(objective_value(line, problem_line.start, &beyond, &value, &error),
                 STATUS_ARGUMENT);
    cr_assert_str_eq(error.text, "example 13 does not exist; the data have examples 1 to 12");
    cr_assert_eq(objective_value(line, problem_line.start, &empty, &value, &error),
                 STATUS_ARGUMENT);
    cr_assert_eq(objective_value(bare, problem_rosenbrock.start, &beyond, &value, &error),
                 STATUS_UNSUPPORTED);
    cr_assert_eq(objective_each(bare, problem_rosenbrock.start, NULL, &value, &error),
                 STATUS_UNSUPPORTED);
    cr_assert_eq(objective_counts(line).values + objective_counts(bare).values, 0);
    objective_release(line);
    objective_release(bare);
}

static enum status upper_only(struct objective *objective, const double *phi,
                              const struct batch *batch, double *hessian, struct error *error)
{
    (void)batch;
    (void)error;
    for (size_t i = 0; i < objective->size; i++)
        for (size_t j = i; j < objective->size; j++)
            hessian[i * objective->size + j] = phi[i] * 10 + phi[j];
    return STATUS_OK;
}

static void nothing_more(struct objective *objective)
{
    (void)objective;
}

Test(objective, may_have_no_hessian)
{
    struct context context;
    context_init(&context);
    static const struct objective_methods methods = {.free = nothing_more};
    struct objective objective;
    double hessian[1];
    struct error error;
    cr_assert_eq(objective_init(&objective, &context, &methods, 1, 0, NULL, NULL), STATUS_OK);
    cr_assert_eq(objective_hessian(&objective, (double[]){1}, NULL, hessian, &error),
                 STATUS_UNSUPPORTED);
    cr_assert_eq(objective_counts(&objective).hessians, 0);
    objective_release(&objective);
}

Test(objective, mirrors_the_hessian)
{
    struct context context;
    context_init(&context);
    static const struct objective_methods methods = {.hessian = upper_only, .free = nothing_more};
    static const char *const names[] = {"a", "b", "c"};
    struct objective objective;
    cr_assert_eq(objective_init(&objective, &context, &methods, 3, 0, names, NULL), STATUS_OK);
    cr_assert_str_eq(objective_component(&objective, 2), "c");
    double hessian[9];
    cr_assert_eq(objective_hessian(&objective, (double[]){1, 2, 3}, NULL, hessian, NULL),
                 STATUS_OK);
    static const double expected[] = {11, 12, 13, 12, 22, 23, 13, 23, 33};
    cr_assert_arr_eq(hessian, expected, sizeof expected);
    objective_release(&objective);
    cr_assert_eq(atomic_load(&context.memory.live), 0);
}

/* --- memory ---------------------------------------------------------------------------------- */

Test(rules, give_everything_back_when_memory_fails)
{
    for (size_t fail = 1;; fail++) {
        struct context context;
        context_init(&context);
        context.memory.fail_at = fail;
        struct schedule *made = NULL;
        struct optimizer *optimizer = NULL;
        struct error error;
        enum status status = schedule_new(&made, &context, &schedule_constant, (double[]){0.5},
                                          &error);
        if (status == STATUS_OK)
            status = optimizer_new(&optimizer, &context, &rule_gd, (double[]){0, NAN},
                                   (struct schedule *[]){made, NULL}, NULL, &error);
        struct objective *objective = problem_objective(&context, &problem_line);
        bool done = status == STATUS_OK && objective != NULL;
        cr_assert(status == STATUS_OK || status == STATUS_MEMORY);
        optimizer_release(optimizer);
        schedule_release(made);
        objective_release(objective);
        cr_assert_eq(atomic_load(&context.memory.live), 0);
        if (done)
            break;
        cr_assert_lt(fail, 100);
    }
}
