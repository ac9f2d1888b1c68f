/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expected numbers are NumPy's: RandomState(seed).uniform, .normal, .permutation, array_split. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dataset/dataset.h"
#include "dataset/maker.h"
#include "dataset/transform.h"

static struct context context;
static struct error error;
static struct generator generator;

static void begin(void)
{
    context_init(&context);
}

static void finish(void)
{
    context_free(&context);
    cr_assert_eq(context.memory.live, 0);
}

TestSuite(dataset, .init = begin, .fini = finish);

#define SAME(a, b) cr_assert_str_eq((a), (b))
#define CLOSE(a, b) cr_assert_float_eq((a), (b), 4 * DBL_EPSILON * fmax(1, fabs(b)))

static struct dataset *builtin(const char *name)
{
    struct dataset *dataset;
    cr_assert_eq(dataset_builtin(&dataset, &context, name, &error), STATUS_OK);
    return dataset;
}

static const double x23[] = {1, 2, 3, 4, 5, 6}, y23[] = {10, 20};
static const char *const names3[] = {"size", "beds", "age"};
static const struct dataset_source source23 = {.name = "houses",
                                               .examples = 2,
                                               .inputs = 3,
                                               .outputs = 1,
                                               .x = x23,
                                               .y = y23,
                                               .x_names = names3};

static struct dataset *houses(void)
{
    struct dataset *dataset;
    cr_assert_eq(dataset_new(&dataset, &context, &source23, &error), STATUS_OK);
    return dataset;
}

Test(dataset, keeps_what_it_is_given)
{
    struct dataset *dataset = houses();
    SAME(dataset->name, "houses");
    SAME(dataset->x_names[1], "beds");
    SAME(dataset->y_names[0], "y");
    cr_assert_eq(dataset->examples, 2);
    cr_assert_neq(dataset->x, x23);
    cr_assert(memcmp(dataset->x, x23, sizeof x23) == 0);
    cr_assert(memcmp(dataset->y, y23, sizeof y23) == 0);
    cr_assert_eq(dataset_keep(dataset), dataset);
    dataset_release(dataset);
    SAME(dataset->x_names[2], "age"); /* one reference is left */
    dataset_release(dataset);
    dataset_release(NULL);
}

Test(dataset, names_columns_that_have_none)
{
    struct dataset_source source = source23;
    source.name = NULL;
    source.x_names = NULL;
    source.examples = 1;
    source.outputs = 2;
    struct dataset *dataset;
    cr_assert_eq(dataset_new(&dataset, &context, &source, &error), STATUS_OK);
    SAME(dataset->name, "data");
    SAME(dataset->x_names[2], "x3");
    SAME(dataset->y_names[0], "y1");
    SAME(dataset->y_names[1], "y2");
    dataset_release(dataset);
    source.outputs = 0;
    source.y = NULL;
    cr_assert_eq(dataset_new(&dataset, &context, &source, &error), STATUS_OK);
    dataset_release(dataset);
}

static void refused(const struct dataset_source *source, enum status status, const char *where,
                    const char *text)
{
    struct dataset *dataset = (struct dataset *)&context;
    cr_assert_eq(dataset_new(&dataset, &context, source, &error), status);
    cr_assert_null(dataset);
    SAME(error.where, where);
    SAME(error.text, text);
}

Test(dataset, refuses_what_is_not_finite)
{
    double x[] = {1, 2, 3, 4, NAN, 6}, y[] = {1, -INFINITY};
    struct dataset_source source = source23;
    source.x = x;
    refused(&source, STATUS_NUMBER, "x",
            "row 2, column 2 (beds) is NaN; every number must be finite");
    source.x_names = NULL;
    refused(&source, STATUS_NUMBER, "x", "row 2, column 2 is NaN; every number must be finite");
    x[4] = 5;
    source.y = y;
    refused(&source, STATUS_NUMBER, "y", "row 2 is -infinity; every number must be finite");
}

Test(dataset, refuses_sizes_and_classes_without_meaning)
{
    struct dataset_source source = source23;
    source.examples = 0;
    refused(&source, STATUS_SHAPE, "x", "a data set needs at least one example");
    source = source23;
    source.inputs = 0;
    refused(&source, STATUS_SHAPE, "x", "a data set needs at least one input column");
    static const char *const empty[] = {"a", "", "c"}, *const classes[] = {"no", "yes"};
    source = source23;
    source.x_names = empty;
    refused(&source, STATUS_ARGUMENT, "x", "the name of column 2 is empty");
    double y[] = {2, 3};
    source = source23;
    source.y = y;
    source.classes = 2;
    refused(&source, STATUS_ARGUMENT, "classes", "the classes have no names");
    source.class_names = classes;
    refused(&source, STATUS_ARGUMENT, "y", "row 2 is 3; a class is an integer from 1 to 2");
    y[1] = 1.5;
    refused(&source, STATUS_ARGUMENT, "y", "row 2 is 1.5; a class is an integer from 1 to 2");
    y[1] = 1;
    struct dataset *dataset;
    cr_assert_eq(dataset_new(&dataset, &context, &source, &error), STATUS_OK);
    SAME(dataset->class_names[1], "yes");
    dataset_release(dataset);
}

Test(dataset, built_in)
{
    struct dataset *line = builtin("line12"), *gabor = builtin("gabor30");
    cr_assert_eq(line->examples, 12);
    cr_assert_eq(gabor->examples, 30);
    SAME(line->name, "line12");
    SAME(line->x_names[0], "x");
    SAME(gabor->y_names[0], "y");
    /* C1: L(0.6, −0.2) = 12.366904; D1: 16.418825; D2: Σy² = 5.431253. */
    double line_loss = 0, gabor_loss = 0, squares = 0;
    for (size_t i = 0; i < 12; i++)
        line_loss += pow(0.6 - 0.2 * line->x[i] - line->y[i], 2);
    for (size_t i = 0; i < 30; i++) {
        double u = 0.6 + 0.06 * -0.2 * gabor->x[i];
        gabor_loss += pow(sin(u) * exp(-u * u / 32) - gabor->y[i], 2);
        squares += gabor->y[i] * gabor->y[i];
    }
    cr_assert_float_eq(line_loss, 12.366904, 5e-7);
    cr_assert_float_eq(gabor_loss, 16.418825, 5e-7);
    cr_assert_float_eq(squares, 5.431253, 5e-7);
    dataset_release(line);
    dataset_release(gabor);
    cr_assert_eq(dataset_builtin(&line, &context, "gabor3", &error), STATUS_ARGUMENT);
    SAME(error.text, "there is no built-in data set 'gabor3'; did you mean 'gabor30'?");
    cr_assert_eq(dataset_builtin_count, 2);
}

Test(dataset, take)
{
    struct dataset *dataset = houses(), *taken;
    cr_assert_eq(dataset_take(&taken, dataset, (const size_t[]){1, 0, 1}, 3, &error), STATUS_OK);
    dataset_release(dataset); /* what was taken stands alone */
    cr_assert_eq(taken->examples, 3);
    cr_assert_eq(taken->x[0], 4);
    cr_assert_eq(taken->x[5], 3);
    cr_assert_eq(taken->y[2], 20);
    SAME(taken->x_names[2], "age");
    struct dataset *more = NULL;
    cr_assert_eq(dataset_take(&more, taken, (const size_t[]){0, 3}, 2, &error), STATUS_ARGUMENT);
    SAME(error.text, "number 2 is 4; the data set has 3 examples");
    cr_assert_eq(dataset_take(&more, taken, NULL, 0, &error), STATUS_ARGUMENT);
    cr_assert_null(more);
    dataset_release(taken);
}

Test(dataset, split_is_a_permutation_cut_in_two)
{
    static const double numpy[] = {7, 5, 2, 9, 11, 4, 8, 1, 0, 10, 6, 3}; /* RandomState(5) */
    struct dataset *line = builtin("line12"), *first, *second;
    generator_seed(&generator, 5);
    cr_assert_eq(dataset_split(&first, &second, line, 0.8, &generator, &error), STATUS_OK);
    cr_assert_eq(first->examples, 10); /* 9.6 */
    cr_assert_eq(second->examples, 2);
    for (size_t i = 0; i < 12; i++)
        cr_assert_eq(i < 10 ? first->y[i] : second->y[i - 10], line->y[(size_t)numpy[i]]);
    dataset_release(first);
    dataset_release(second);
    cr_assert_eq(dataset_split(&first, &second, line, 0.001, &generator, &error), STATUS_OK);
    cr_assert_eq(first->examples, 1);
    dataset_release(first);
    dataset_release(second);
    const double wrong[] = {0, 1, -0.5, NAN, 80};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert_eq(dataset_split(&first, &second, line, wrong[i], &generator, &error),
                     STATUS_ARGUMENT);
    SAME(error.text, "the share of the first part is between 0 and 1, not 80");
    dataset_release(line);
}

Test(dataset, folds_are_numpy_array_split)
{
    static const size_t permutation[] = {7, 5, 2, 9, 11, 4, 8, 1, 0, 10, 6, 3};
    static const size_t starts[] = {0, 3, 6, 8, 10, 12};
    struct dataset *line = builtin("line12"), *train, *test;
    for (size_t fold = 0; fold < 5; fold++) {
        cr_assert_eq(dataset_fold(&train, &test, line, permutation, 5, fold, &error), STATUS_OK);
        cr_assert_eq(test->examples, starts[fold + 1] - starts[fold]);
        cr_assert_eq(train->examples + test->examples, 12);
        size_t in_train = 0;
        for (size_t i = 0; i < 12; i++) {
            if (i >= starts[fold] && i < starts[fold + 1])
                cr_assert_eq(test->x[i - starts[fold]], line->x[permutation[i]]);
            else
                cr_assert_eq(train->x[in_train++], line->x[permutation[i]]);
        }
        dataset_release(train);
        dataset_release(test);
    }
    cr_assert_eq(dataset_fold(&train, &test, line, permutation, 13, 0, &error), STATUS_ARGUMENT);
    cr_assert_eq(dataset_fold(&train, &test, line, permutation, 1, 0, &error), STATUS_ARGUMENT);
    dataset_release(line);
}

Test(dataset, standardized)
{
    struct dataset *line = builtin("line12"), *standard, *applied, *again;
    cr_assert_eq(dataset_standardize(&standard, line, false, &error), STATUS_OK);
    CLOSE(standard->x_shift[0], 0.9508333333333333);
    CLOSE(standard->x_scale[0], 0.5890028060676413);
    CLOSE(standard->x[0], -1.5633768190020887);
    CLOSE(standard->x[11], 1.61148072112523);
    cr_assert_eq(standard->y[3], line->y[3]);
    cr_assert_null(standard->y_shift);
    cr_assert_eq(dataset_apply(&applied, standard, line, &error), STATUS_OK);
    cr_assert(memcmp(applied->x, standard->x, 12 * sizeof(double)) == 0);
    /* What is standardized stays so, and keeps the way back to the original numbers. */
    cr_assert_eq(dataset_standardize(&again, standard, true, &error), STATUS_OK);
    for (size_t i = 0; i < 12; i++) {
        cr_assert_float_eq(again->x[i], standard->x[i], 1e-15);
        cr_assert_float_eq(again->x[i] * again->x_scale[0] + again->x_shift[0], line->x[i], 1e-15);
        cr_assert_float_eq(again->y[i] * again->y_scale[0] + again->y_shift[0], line->y[i], 1e-15);
    }
    struct dataset *taken = NULL, *none = NULL;
    cr_assert_eq(dataset_take(&taken, again, (const size_t[]){2}, 1, &error), STATUS_OK);
    cr_assert_eq(taken->y_scale[0], again->y_scale[0]);
    cr_assert_eq(dataset_apply(&none, line, standard, &error), STATUS_ARGUMENT);
    cr_assert_eq(dataset_apply(&none, standard, applied, &error), STATUS_ARGUMENT);
    struct dataset *other = houses();
    cr_assert_eq(dataset_apply(&none, standard, other, &error), STATUS_SHAPE);
    SAME(error.text, "the other data set has 3 input columns, and this one has 1");
    cr_assert_null(none);
    struct dataset *all[] = {line, standard, applied, again, taken, other};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        dataset_release(all[i]);
}

Test(dataset, a_constant_column_is_only_centred)
{
    static const double x[] = {0.1, 1e9, 0.1, 1e9 + 1, 0.1, 1e9 + 2}, y[] = {1e308, -1e308, 0};
    const struct dataset_source source = {.examples = 3, .inputs = 2, .outputs = 1, .x = x, .y = y};
    struct dataset *dataset, *standard;
    cr_assert_eq(dataset_new(&dataset, &context, &source, &error), STATUS_OK);
    cr_assert_eq(dataset_standardize(&standard, dataset, false, &error), STATUS_OK);
    for (size_t i = 0; i < 3; i++)
        cr_assert_eq(standard->x[2 * i], 0);
    cr_assert_eq(standard->x_scale[0], 1);
    CLOSE(standard->x[1], -sqrt(1.5));
    cr_assert_eq(standard->x[3], 0);
    dataset_release(standard);
    cr_assert_eq(dataset_standardize(&standard, dataset, true, &error), STATUS_NUMBER);
    dataset_release(dataset);
}

Test(dataset, with_further_columns)
{
    static const double a[] = {7, 8}, b[] = {9, NAN}, c[] = {5, 6};
    static const char *const classes[] = {"no", "yes"};
    static const double labels[] = {1, 2};
    struct dataset_source source = source23;
    source.y = labels;
    source.classes = 2;
    source.class_names = classes;
    struct dataset *dataset, *made, *standard;
    cr_assert_eq(dataset_new(&dataset, &context, &source, &error), STATUS_OK);
    const struct dataset_addition two[] = {{"new", a}, {"beds", c}, {"new", c}};
    cr_assert_eq(dataset_with(&made, dataset, two, 3, &error), STATUS_OK);
    cr_assert_eq(made->inputs, 4);
    cr_assert(memcmp(made->x, (double[]){1, 5, 3, 5, 4, 6, 6, 6}, 8 * sizeof(double)) == 0);
    SAME(made->x_names[3], "new");
    SAME(made->class_names[1], "yes");
    dataset_release(made);
    /* Numbers in the place of classes are no classes any more. */
    cr_assert_eq(dataset_with(&made, dataset, &(struct dataset_addition){"y", a}, 1, &error),
                 STATUS_OK);
    cr_assert_eq(made->classes, 0);
    cr_assert_eq(made->y[1], 8);
    dataset_release(made);
    cr_assert_eq(dataset_with(&made, dataset, &(struct dataset_addition){"b", b}, 1, &error),
                 STATUS_NUMBER);
    cr_assert_null(made);
    SAME(error.where, "b");
    SAME(error.text, "row 2 is NaN; every number must be finite");
    /* A new column is as it was given; the others keep the way back. */
    cr_assert_eq(dataset_standardize(&standard, dataset, false, &error), STATUS_OK);
    cr_assert_eq(dataset_with(&made, standard, two, 2, &error), STATUS_OK);
    cr_assert_eq(made->x_shift[0], 2.5);
    cr_assert_eq(made->x_scale[0], 1.5);
    cr_assert_eq(made->x_shift[1], 0);
    cr_assert_eq(made->x_scale[1], 1);
    cr_assert_eq(made->x_scale[3], 1);
    dataset_release(made);
    dataset_release(standard);
    dataset_release(dataset);
}

static const struct dataset_maker *maker(const char *name)
{
    for (size_t i = 0; i < dataset_maker_count; i++)
        if (strcmp(dataset_makers[i].doc.name, name) == 0)
            return &dataset_makers[i];
    cr_assert_fail("no maker %s", name);
    return NULL;
}

/* The defaults of the record, with n examples. */
static struct dataset *make(const char *name, double n, uint32_t seed)
{
    const struct dataset_maker *known = maker(name);
    double values[DATASET_MAKER_ARGUMENTS];
    for (size_t i = 0; i < known->doc.argument_count; i++)
        values[i] = known->doc.arguments[i].standard;
    values[0] = n;
    generator_seed(&generator, seed);
    struct dataset *dataset;
    cr_assert_eq(dataset_make(&dataset, &context, known, values, NULL, 0, &generator, &error),
                 STATUS_OK);
    return dataset;
}

static void expect(struct dataset *dataset, const double *x, const double *y)
{
    for (size_t i = 0; i < dataset->examples; i++) {
        CLOSE(dataset->x[i], x[i]);
        CLOSE(dataset->y[i], y[i]);
    }
    dataset_release(dataset);
}

Test(dataset, makers_draw_as_numpy_does)
{
    expect(make("data.line", 4, 7),
           (const double[]){0.15261657874791434, 1.5598375844802292, 0.876818462881787,
                            1.4469303556618824},
           (const double[]){0.8795903057418156, 1.6206704205397653, 1.1595169285783196,
                            1.523671735121536});
    expect(make("data.gabor", 4, 7),
           (const double[]){-12.710751318781284, 8.39756376720344, -1.8477230567731944,
                            6.703955334928235},
           (const double[]){0.0026580345451025006, 0.1388058631365386, -0.9459831454279826,
                            0.09550151206737405});
    expect(make("data.polynomial", 4, 7),
           (const double[]){-1.2710751318781286, 0.8397563767203438, -0.18477230567731961,
                            0.6703955334928238},
           (const double[]){0.7857965303627805, 0.2883195572250285, -0.25735633329246843,
                            0.3693061113087976});
}

/* H5: RandomState(1), 10 from N(−1, 1), then 10 from N(1, 1). */
Test(dataset, two_normals_are_the_curriculum_s)
{
    struct dataset *dataset = make("data.two_normals", 20, 1);
    CLOSE(dataset->x[0], 0.6243453636632417);
    CLOSE(dataset->x[10], 2.462107937044974);
    double gradient = 0;
    for (size_t i = 0; i < 20; i++) {
        cr_assert_eq(dataset->y[i], i >= 10);
        gradient += dataset->x[i] * (0.5 - dataset->y[i]);
    }
    cr_assert_float_eq(gradient, -9.637763, 5e-7);
    dataset_release(dataset);
    dataset = make("data.two_normals", 5, 1);
    cr_assert_eq(dataset->y[1], 0);
    cr_assert_eq(dataset->y[2], 1);
    dataset_release(dataset);
}

/* H3: nearest neighbours on 50 + 50 of them, 1000 + 1000 for the test, from one generator. */
Test(dataset, one_nearest_neighbour_errs_as_the_curriculum_says)
{
    struct dataset *train = make("data.two_normals", 100, 0), *test;
    const double values[] = {2000, 1, 1, 0};
    cr_assert_eq(dataset_make(&test, &context, maker("data.two_normals"), values, NULL, 0,
                              &generator, &error),
                 STATUS_OK);
    int errors = 0;
    for (size_t i = 0; i < test->examples; i++) {
        size_t nearest = 0;
        for (size_t j = 1; j < train->examples; j++)
            if (fabs(train->x[j] - test->x[i]) < fabs(train->x[nearest] - test->x[i]))
                nearest = j;
        errors += train->y[nearest] != test->y[i];
    }
    cr_assert_eq(errors, 475); /* 0.2375 */
    dataset_release(train);
    dataset_release(test);
}

Test(dataset, makers_refuse_and_leave_the_generator)
{
    const double line[] = {3, 0, 1, 0, 2, 2, 0}, huge[] = {3, 1e308, 1e308, 0, 1, 2, 0};
    generator_seed(&generator, 1);
    struct generator before = generator;
    struct dataset *dataset;
    cr_assert_eq(
        dataset_make(&dataset, &context, maker("data.line"), line, NULL, 0, &generator, &error),
        STATUS_ARGUMENT);
    SAME(error.text, "from = 2 must be less than to = 2");
    cr_assert_eq(
        dataset_make(&dataset, &context, maker("data.line"), huge, NULL, 0, &generator, &error),
        STATUS_NUMBER);
    cr_assert_null(dataset);
    cr_assert(memcmp(&before, &generator, sizeof before) == 0);
}

/* All that makes data sets, in one go: with the n-th request failing, nothing is left behind. */
static enum status everything(void)
{
    struct dataset *all[10] = {0};
    struct dataset *line = NULL;
    const double values[] = {9, 0, 1, 0, 0, 2, 0};
    static const size_t permutation[] = {3, 2, 1, 0, 4, 5, 6, 7, 8, 9, 11, 10};
    generator_seed(&generator, 3);
    enum status status = dataset_builtin(&line, &context, "line12", &error);
    if (status == STATUS_OK)
        status = dataset_new(&all[0], &context, &source23, &error);
    if (status == STATUS_OK)
        status = dataset_split(&all[1], &all[2], line, 0.5, &generator, &error);
    if (status == STATUS_OK)
        status = dataset_fold(&all[3], &all[4], line, permutation, 4, 1, &error);
    if (status == STATUS_OK)
        status = dataset_standardize(&all[5], all[1], true, &error);
    if (status == STATUS_OK)
        status = dataset_standardize(&all[6], all[5], true, &error);
    if (status == STATUS_OK)
        status = dataset_apply(&all[7], all[6], all[2], &error);
    if (status == STATUS_OK)
        status = dataset_make(&all[8], &context, maker("data.line"), values, NULL, 0, &generator,
                              &error);
    const struct dataset_addition more = {"more", values};
    if (status == STATUS_OK)
        status = dataset_with(&all[9], all[5], &more, 1, &error);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        dataset_release(all[i]);
    dataset_release(line);
    return status;
}

Test(dataset, fails_cleanly_without_memory)
{
    cr_assert_eq(everything(), STATUS_OK);
    size_t requests = context.memory.requests;
    for (size_t n = 1; n <= requests; n++) {
        atomic_store(&context.memory.requests, 0);
        context.memory.fail_at = n;
        cr_assert_eq(everything(), STATUS_MEMORY, "with request %zu failing", n);
        cr_assert_eq(context.memory.live, 0, "with request %zu failing", n);
    }
    context.memory.fail_at = 0;
    cr_assert_eq(everything(), STATUS_OK);
}
