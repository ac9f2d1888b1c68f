/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the layers offer, with the n-th request for memory failing (and all after it), for n = 1, 2,
 * ... until it has what it needs. Each time:
 *
 *     the failure is STATUS_MEMORY in words, or the same result without that memory;
 *     what the operation worked on is as it was: done again, the result has the same bits;
 *     all is given back.
 *
 * An operation leaves its result as one number, a sum over all that it made. What it works on is
 * made anew for each n, so that what is made at first use and kept may fail too. */
#include <stdio.h>
#include <unistd.h>

#include "base/memory.h"
#include "dataset/maker.h"
#include "dataset/sampler.h"
#include "dataset/transform.h"
#include "graph/evaluate.h"
#include "graph/formula.h"
#include "graph/sweep.h"
#include "objectives.h"
#include "optimizer/optimizer.h"
#include "run/saved.h"

struct made {
    struct dataset *data, *numbers, *labels;
    struct model *model;
    struct objective *loss;
    struct run *run;
    const void *kind; /* of a table, the operation's own */
    struct graph *graph;
    node_id root;
};

typedef enum status operation(struct made *made, double *result);

static char path[64];

static double sum(const double *numbers, size_t count)
{
    double result = 0;
    for (size_t i = 0; i < count; i++)
        result += numbers[i] * (double)(i + 1);
    return result;
}

static double sum_text(const char *text)
{
    double result = 0;
    for (size_t i = 0; text[i] != '\0'; i++)
        result += (double)((i % 97 + 1) * (unsigned char)text[i]);
    return result;
}

static double sum_data(const struct dataset *data)
{
    double result = sum(data->x, data->examples * data->inputs) +
                    sum(data->y, data->examples * data->outputs) + sum_text(data->name);
    if (data->weights != NULL)
        result += sum(data->weights, data->examples);
    if (data->x_scale != NULL)
        result += sum(data->x_shift, data->inputs) + sum(data->x_scale, data->inputs);
    for (size_t i = 0; i < data->inputs; i++)
        result += sum_text(data->x_names[i]);
    for (size_t i = 0; i < data->classes; i++)
        result += sum_text(data->class_names[i]);
    return result;
}

/* Sums up a data set that was just made, and lets go of it. */
static enum status with_data(enum status status, struct dataset **data, double *result)
{
    if (status == STATUS_OK) {
        *result += sum_data(*data);
        dataset_release(*data);
    }
    return status;
}

/* --- what operations work on ----------------------------------------------------------------- */

static const double two[] = {0.5, 2, -1, 0.25, 3, 1, 2, -2, 0.125, 4},
                    y_numbers[] = {1, 3, 2, 5, 4}, y_labels[] = {1, 2, 2, 1, 2},
                    y_weights[] = {1, 2, 0.5, 1, 3};
static const char *const x_names[] = {"size", "age"}, *const classes[] = {"no", "yes"};
static const struct dataset_source source_numbers = {.name = "houses",
                                                     .examples = 5,
                                                     .inputs = 2,
                                                     .outputs = 1,
                                                     .x = two,
                                                     .y = y_numbers,
                                                     .x_names = x_names,
                                                     .weights = y_weights};
static const struct dataset_source source_labels = {.examples = 5,
                                                    .inputs = 2,
                                                    .outputs = 1,
                                                    .x = two,
                                                    .y = y_labels,
                                                    .classes = 2,
                                                    .class_names = classes};

static void make_data(struct made *made)
{
    made->data = data_named("line12");
    OK(dataset_new(&made->numbers, &context, &source_numbers, &error));
    OK(dataset_new(&made->labels, &context, &source_labels, &error));
}

static void make_loss(struct made *made)
{
    make_data(made);
    made->model = model_made("model.gabor", NULL);
    OK(objective_build(&made->loss, made->model, made->data, loss_kind_named("huber"), NULL,
                       &error));
}

static const double start[] = {0.6, -0.2};

static const struct rule *rule_of(const struct made *made)
{
    return made->kind != NULL ? made->kind : optimizer_rule("adam");
}

static enum status make_optimizer(const struct rule *rule, struct optimizer **optimizer)
{
    double arguments[OPTIMIZER_ARGUMENTS];
    optimizer_defaults(rule, arguments);
    int alpha = optimizer_argument(rule, "alpha");
    if (alpha >= 0 && rule->doc.arguments[alpha].required)
        arguments[alpha] = 0.01;
    return optimizer_new(optimizer, &context, rule, arguments, NULL, NULL, &error);
}

static enum status start_run(struct made *made, enum sampler_order order, struct run **run)
{
    static const size_t indices[] = {0, 5, 3, 7}, offsets[] = {0, 2, 4};
    struct optimizer *optimizer;
    enum status status = make_optimizer(rule_of(made), &optimizer);
    if (status != STATUS_OK)
        return status;
    struct run_options options = {.start = start,
                                  .order = rule_of(made)->whole ? SAMPLER_ALL : order,
                                  .batch = 5,
                                  .given_indices = indices,
                                  .given_offsets = offsets,
                                  .given_count = 2};
    generator_seed(&options.generator, 3);
    status = run_new(run, made->loss, optimizer, &options, &error);
    optimizer_release(optimizer);
    return status;
}

static void make_run(struct made *made)
{
    make_loss(made);
    OK(start_run(made, SAMPLER_EPOCH, &made->run));
    OK(run_step(made->run, 7, &error));
}

/* Every primitive, and what is named, sliced, picked and summed. */
static node_id expression(struct graph *graph)
{
    static const enum primitive smooth[] = {PRIMITIVE_SIN, PRIMITIVE_EXP, PRIMITIVE_TANH};
    node_id x = graph_input(graph, SOURCE_X, 0, 2);
    node_id w = graph_parameter(graph, SOURCE_PHI, 0, (struct shape){2, 2});
    node_id b = graph_parameter(graph, SOURCE_PHI, 4, (struct shape){2, 1});
    node_id h = graph_add(graph, graph_matmul(graph, false, false, w, x), b);
    for (size_t i = 0; i < 3; i++)
        h = graph_unary(graph, smooth[i], h);
    graph_name(graph, h, "h");
    node_id parts[] = {h, graph_slice(graph, x, 1, 1), graph_softmax(graph, h)};
    node_id all = graph_concat(graph, parts, 3);
    node_id first = graph_pick(graph, all, graph_constant(graph, 1));
    node_id chosen = graph_where(graph,
                                 graph_binary(graph, PRIMITIVE_GREATER, graph_sum(graph, b), first),
                                 graph_logsumexp(graph, all), graph_dot(graph, h, h));
    return graph_mean_examples(graph, graph_power(graph, chosen, graph_constant(graph, 2)));
}

static const double phi6[] = {0.3, -0.2, 0.1, 0.4, 0.05, -0.1};

static enum status make_expression(struct graph **graph, node_id *root)
{
    enum status status = graph_new(graph, &context, &error);
    if (status != STATUS_OK)
        return status;
    graph_declare(*graph, "W", 0, (struct shape){2, 2});
    graph_declare(*graph, "b", 4, (struct shape){2, 1});
    *root = expression(*graph);
    status = graph_status(*graph, &error);
    if (status != STATUS_OK)
        graph_free(*graph);
    return status;
}

static void make_graph(struct made *made)
{
    OK(make_expression(&made->graph, &made->root));
}

static void let_go(struct made *made)
{
    run_release(made->run);
    objective_release(made->loss);
    model_release(made->model);
    dataset_release(made->data);
    dataset_release(made->numbers);
    dataset_release(made->labels);
    graph_free(made->graph);
}

/* --- the trial ------------------------------------------------------------------------------- */

static void try_all(const char *name, void (*prepare)(struct made *), const void *kind,
                    operation *run)
{
    double expected = 0;
    for (size_t fail = 0;; fail++) { /* 0: none fails */
        struct made made = {.kind = kind};
        double result = 0, again = 0;
        context_init(&context);
        if (prepare != NULL)
            prepare(&made);
        size_t before = context.memory.requests;
        context.memory.fail_at = fail > 0 ? before + fail : 0;
        enum status status = run(&made, &result);
        bool failed = fail > 0 && context.memory.requests - before >= fail;
        context.memory.fail_at = 0;
        if (fail == 0) {
            cr_assert_eq(status, STATUS_OK, "%s: %s", name, error.text);
            cr_assert(result == result && result != 0, "%s leaves no number", name);
            expected = result;
        } else if (status != STATUS_OK) {
            cr_assert(failed);
            cr_assert_eq(status, STATUS_MEMORY, "%s, request %zu: %s", name, fail, error.text);
            cr_assert_eq(strncmp(error.text, "not enough memory", 17), 0, "%s, request %zu: %s",
                         name, fail, error.text);
            cr_assert_eq(run(&made, &again), STATUS_OK, "%s again after request %zu: %s", name,
                         fail, error.text);
            cr_assert(again == expected, "%s again after request %zu: %.17g, not %.17g", name, fail,
                      again, expected);
        } else {
            cr_assert(result == expected, "%s without request %zu: %.17g, not %.17g", name, fail,
                      result, expected);
        }
        let_go(&made);
        context_free(&context);
        cr_assert_eq(context.memory.live, 0, "%s: a leak after request %zu", name, fail);
        if (fail > 0 && !failed)
            break;
        cr_assert_lt(fail, 5000, "%s", name);
    }
}

#define TRY(prepare, function) try_all(#function, prepare, NULL, function)

/* --- data ------------------------------------------------------------------------------------ */

static enum status new_data(struct made *made, double *result)
{
    (void)made;
    struct dataset *data;
    enum status status = with_data(dataset_new(&data, &context, &source_numbers, &error), &data,
                                   result);
    if (status == STATUS_OK)
        status = with_data(dataset_new(&data, &context, &source_labels, &error), &data, result);
    return status;
}

static enum status built_in(struct made *made, double *result)
{
    (void)made;
    struct dataset *data;
    return with_data(dataset_builtin(&data, &context, "gabor30", &error), &data, result);
}

static enum status take(struct made *made, double *result)
{
    static const size_t indices[] = {4, 0, 0, 2};
    struct dataset *data;
    return with_data(dataset_take(&data, made->numbers, indices, 4, &error), &data, result);
}

static enum status split(struct made *made, double *result)
{
    struct generator generator, as_it_was;
    struct dataset *first, *second;
    generator_seed(&generator, 1);
    as_it_was = generator;
    enum status status = dataset_split(&first, &second, made->numbers, 0.5, &generator, &error);
    if (status != STATUS_OK) {
        cr_assert_eq(memcmp(&generator, &as_it_was, sizeof generator), 0);
        return status;
    }
    with_data(status, &first, result);
    return with_data(status, &second, result);
}

static enum status fold(struct made *made, double *result)
{
    static const size_t permutation[] = {4, 2, 0, 1, 3};
    struct dataset *train, *test;
    enum status status = dataset_fold(&train, &test, made->labels, permutation, 2, 1, &error);
    if (status != STATUS_OK)
        return status;
    with_data(status, &train, result);
    return with_data(status, &test, result);
}

static enum status with(struct made *made, double *result)
{
    const struct dataset_addition additions[] = {{"age", y_numbers}, {"rooms", y_labels}};
    struct dataset *data;
    return with_data(dataset_with(&data, made->numbers, additions, 2, &error), &data, result);
}

static enum status standardize(struct made *made, double *result)
{
    struct dataset *standard = NULL, *data;
    enum status status = dataset_standardize(&standard, made->numbers, true, &error);
    if (status == STATUS_OK)
        status = with_data(dataset_apply(&data, standard, made->numbers, &error), &data, result);
    if (status == STATUS_OK)
        status = with_data(dataset_with_scales(&data, made->numbers, standard->x_shift,
                                               standard->x_scale, NULL, NULL, &error),
                           &data, result);
    dataset_release(standard);
    return status;
}

static enum status sample(struct made *made, double *result)
{
    (void)made;
    enum status status = STATUS_OK;
    static const size_t given[] = {0, 3, 2}, offsets[] = {0, 1, 3};
    struct generator generator;
    generator_seed(&generator, 1);
    for (int order = SAMPLER_ALL; status == STATUS_OK && order <= SAMPLER_GIVEN; order++) {
        struct sampler sampler;
        status = order == SAMPLER_GIVEN
                     ? sampler_init_given(&sampler, &context, 5, given, offsets, 2, &error)
                     : sampler_init(&sampler, &context, (enum sampler_order)order, 5, 2, &generator,
                                    &error);
        for (int i = 0; status == STATUS_OK && i < 4; i++) {
            const size_t *indices;
            size_t count;
            sampler_next(&sampler, &indices, &count);
            for (size_t k = 0; k < count; k++)
                *result += (double)((k + 1) * (indices != NULL ? indices[k] : k));
        }
        sampler_free(&sampler);
    }
    return status;
}

/* A file that is written and read again; what stood there before is there until the new one is. */
static enum status write_and_read(struct made *made, double *result)
{
    static const struct dataset_column weights = {.name = "weights"};
    struct dataset_columns columns = {.weights = &weights};
    const char *const endings[] = {"csv", "tsv", "npz"};
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < 3; i++) {
        struct dataset *data;
        snprintf(path, sizeof path, "/tmp/descent-memory-%ld.%s", (long)getpid(), endings[i]);
        status = dataset_write(made->numbers, path, &error);
        if (status == STATUS_OK)
            status = with_data(dataset_read(&data, &context, path, &columns, &error), &data,
                               result);
        remove(path);
    }
    return status;
}

static enum status make_up(struct made *made, double *result)
{
    const struct dataset_maker *maker = made->kind;
    double arguments[DATASET_MAKER_ARGUMENTS] = {0};
    struct generator generator, as_it_was;
    struct dataset *data;
    for (size_t i = 0; i < maker->doc.argument_count; i++) {
        arguments[i] = maker->doc.arguments[i].standard;
        if (strcmp(maker->doc.arguments[i].name, "n") == 0)
            arguments[i] = 9;
    }
    generator_seed(&generator, 1);
    as_it_was = generator;
    enum status status = dataset_make(&data, &context, maker, arguments, NULL, 0, &generator,
                                      &error);
    cr_assert(status == STATUS_OK || memcmp(&generator, &as_it_was, sizeof generator) == 0);
    return with_data(status, &data, result);
}

Test(memory, data)
{
    TRY(NULL, new_data);
    TRY(NULL, built_in);
    TRY(NULL, sample);
    TRY(make_data, take);
    TRY(make_data, split);
    TRY(make_data, fold);
    TRY(make_data, with);
    TRY(make_data, standardize);
    TRY(make_data, write_and_read);
    for (size_t i = 0; i < dataset_maker_count; i++)
        try_all(dataset_makers[i].doc.name, NULL, &dataset_makers[i], make_up);
}

/* --- expressions ----------------------------------------------------------------------------- */

static enum status build_graph(struct made *made, double *result)
{
    (void)made;
    struct graph *graph;
    node_id root;
    enum status status = make_expression(&graph, &root);
    if (status == STATUS_OK) {
        *result = (double)graph_size(graph);
        graph_free(graph);
    }
    return status;
}

static enum status copy_graph(struct made *made, double *result)
{
    static const node_id keep[INPUT_SOURCES] = {NO_NODE, NO_NODE, NO_NODE, NO_NODE, NO_NODE};
    struct graph *graph;
    enum status status = graph_new(&graph, &context, &error);
    if (status != STATUS_OK)
        return status;
    graph_set_stable(graph, true);
    graph_copy_declarations(graph, made->graph);
    graph_copy(graph, made->graph, made->root, keep, 6, NULL);
    status = graph_status(graph, &error);
    *result = (double)graph_size(graph);
    graph_free(graph);
    return status;
}

/* The value and the gradient, by a tape and node by node, of a copy: a graph that failed is of no
 * more use. */
static enum status run_graph(struct made *made, double *result)
{
    (void)made;
    struct graph *graph = NULL;
    struct gradient gradient = {0};
    struct tape *tape = NULL;
    struct evaluator *evaluator = NULL;
    node_id root, to_x = NO_NODE;
    double results[7];
    enum status status = make_expression(&graph, &root);
    if (status != STATUS_OK)
        return status;
    node_id input = graph_input(graph, SOURCE_X, 0, 2);
    status = graph_differentiate(graph, root, false, &gradient, &error);
    if (status == STATUS_OK)
        status = graph_differentiate_to(graph, root, &input, 1, false, &to_x, &error);
    node_id nodes[] = {root, NO_NODE, NO_NODE};
    size_t offsets[] = {0, 1, 5};
    for (int i = 0; status == STATUS_OK && i < gradient.count; i++) {
        nodes[1 + i] = gradient.gradients[i];
        offsets[1 + i] = 1 + (size_t)graph_leaf_offset(graph, gradient.leaves[i]);
    }
    struct tape_outputs outputs = {nodes, offsets, 3, NO_NODE};
    struct tape_data data = {.x = two, .x_columns = 2, .count = 5};
    if (status == STATUS_OK)
        status = tape_new(&tape, graph, 6, &outputs, &error);
    if (status == STATUS_OK)
        status = tape_run(tape, phi6, NULL, &data, results, 7, NULL, &error);
    if (status == STATUS_OK)
        status = evaluator_new(&evaluator, graph, nodes, 3, 5, &error);
    struct evaluator_point point = {.phi = phi6, .x = two, .x_columns = 2};
    if (status == STATUS_OK)
        status = evaluator_run(evaluator, &point, &error);
    if (status == STATUS_OK) {
        NEAR(*evaluator_value(evaluator, root, 0), results[0], 1e-12);
        *result = sum(results, 7) + (double)to_x;
    }
    evaluator_free(evaluator);
    tape_free(tape);
    graph_gradient_free(graph, &gradient);
    graph_free(graph);
    return status;
}

static enum status print_graph(struct made *made, double *result)
{
    static const char *const no_names[200];
    enum status status = STATUS_OK;
    cr_assert_leq(graph_size(made->graph), 200);
    for (enum notation notation = NOTATION_UNICODE;
         status == STATUS_OK && notation <= NOTATION_LATEX; notation++) {
        struct formulas formulas;
        status = formula_print(&formulas, made->graph, &made->root, 1, notation, &error);
        if (status != STATUS_OK)
            return status;
        *result += sum_text(formulas.texts[0]);
        for (int i = 0; i < formulas.definition_count; i++)
            *result += sum_text(formulas.definitions[i]);
        formula_free(&formulas);
        node_id argument = graph_argument(made->graph, made->root, 0);
        status = formula_operations(&formulas, made->graph, &argument, 1, no_names, notation,
                                    &error);
        if (status != STATUS_OK)
            return status;
        *result += sum_text(formulas.texts[0]);
        formula_free(&formulas);
    }
    return status;
}

static enum status print_program(struct made *made, double *result)
{
    (void)made;
    char *text;
    node_id a = graph_parameter(made->graph, SOURCE_PHI, 4, (struct shape){1, 1});
    node_id x = graph_input(made->graph, SOURCE_X, 0, 1);
    node_id root = graph_mean_examples(
        made->graph, graph_unary(made->graph, PRIMITIVE_SIN, graph_multiply(made->graph, a, x)));
    enum status status = graph_status(made->graph, &error);
    if (status == STATUS_OK)
        status = formula_program(&text, made->graph, &root, 1, "-- first", &error);
    if (status == STATUS_OK) {
        *result = sum_text(text);
        memory_free(&context, text);
    }
    return status;
}

static void prepare_program(struct made *made)
{
    OK(graph_new(&made->graph, &context, &error));
    graph_declare(made->graph, "a", 4, (struct shape){1, 1});
    double ignored;
    OK(print_program(made, &ignored)); /* the nodes are there from now on */
}

Test(memory, expressions)
{
    TRY(NULL, build_graph);
    TRY(make_graph, copy_graph);
    TRY(NULL, run_graph);
    TRY(make_graph, print_graph);
    TRY(prepare_program, print_program);
}

/* --- models and losses ----------------------------------------------------------------------- */

static enum status new_model(struct made *made, double *result)
{
    static const int widths[] = {2, 3, 2};
    const struct model_kind *kind = made->kind;
    double arguments[MODEL_ARGUMENTS] = {0}, phi[64], predictions[5 * 3];
    struct model *model;
    int outputs;
    for (size_t i = 0; i < kind->doc.argument_count; i++)
        arguments[i] = fmax(kind->doc.arguments[i].standard, kind->doc.arguments[i].minimum);
    struct model_source source = {.arguments = arguments, .widths = widths, .width_count = 3};
    source.parts[0] = made->model;
    source.data = made->labels;
    enum status status = model_new(&model, &context, kind, &source, &error);
    if (status != STATUS_OK)
        return status;
    int width = model->inputs > 0 ? model->inputs : 2;
    for (int i = 0; i < model->size; i++) {
        phi[i] = 0.1 * (i + 1);
        *result += sum_text(model->components[i]);
    }
    status = model_outputs(model, width, &outputs, &error);
    if (status == STATUS_OK)
        status = model_predict(model, two, 5, width, phi, predictions, &error);
    if (status == STATUS_OK)
        *result += sum(predictions, 5 * (size_t)outputs);
    model_release(model);
    return status;
}

static void prepare_model(struct made *made)
{
    make_data(made);
    made->model = model_made("model.line", NULL);
}

static enum status new_penalties(struct made *made, double *result)
{
    static const char *const names[] = {"phi0", "W"};
    (void)made;
    struct penalty *sum_of = NULL;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < penalty_kind_count; i++) {
        const struct penalty_kind *kind = penalty_kinds[i];
        double arguments[PENALTY_ARGUMENTS] = {2, 2, 2, 2};
        struct penalty *one = NULL, *scaled = NULL, *both = NULL;
        status = penalty_new(&one, &context, kind, arguments, i % 2, names, 2, &error);
        if (status == STATUS_OK)
            status = penalty_scale(&scaled, one, kind->build != NULL ? 3 : 1, &error);
        if (status == STATUS_OK && sum_of != NULL)
            status = penalty_add(&both, sum_of, scaled, &error);
        else if (status == STATUS_OK)
            both = penalty_keep(scaled);
        if (status == STATUS_OK) {
            penalty_release(sum_of);
            sum_of = penalty_keep(both);
        }
        penalty_release(one);
        penalty_release(scaled);
        penalty_release(both);
    }
    if (status == STATUS_OK)
        for (size_t i = 0; i < sum_of->term_count; i++)
            *result += sum_of->terms[i].coefficient + (double)sum_of->terms[i].name_count;
    penalty_release(sum_of);
    return status;
}

static enum status new_loss(struct made *made, double *result)
{
    const struct loss_kind *kind = made->kind;
    static const int widths[] = {2, 2};
    struct model_source source = {
        .arguments = (double[MODEL_ARGUMENTS]){2, 1}, .widths = widths, .width_count = 2};
    struct model *model;
    struct objective *loss;
    double phi[16] = {0.1, 0.2, 0.3, -0.4, 0.5, 0.6, 0.7}, gradient[16], value,
           arguments[2] = {1, 1};
    const char *name = kind->target == TARGET_CLASSES ? "model.mlp" : "model.linear";
    enum status status = model_new(&model, &context, model_kind_named(name), &source, &error);
    if (status != STATUS_OK)
        return status;
    if (kind->spread)
        arguments[0] = NAN;
    status = objective_build(&loss, model,
                             kind->target == TARGET_NUMBERS ? made->numbers : made->labels, kind,
                             arguments, &error);
    model_release(model);
    if (status != STATUS_OK)
        return status;
    status = objective_gradient(loss, phi, NULL, &value, gradient, &error);
    if (status == STATUS_OK)
        *result = value + sum(gradient, objective_size(loss));
    objective_release(loss);
    return status;
}

static enum status own_model_and_loss(struct made *made, double *result)
{
    static const struct parameter_spec parameters[] = {{"a", {1, 1}, START_NORMAL},
                                                       {"w", {1, 1}, START_NORMAL}};
    struct graph *graph, *of_loss = NULL;
    struct model *model = NULL;
    struct objective *loss = NULL;
    enum status status = graph_new(&graph, &context, &error);
    if (status != STATUS_OK)
        return status;
    node_id a = graph_parameter(graph, SOURCE_PHI, 0, (struct shape){1, 1});
    node_id w = graph_parameter(graph, SOURCE_PHI, 1, (struct shape){1, 1});
    node_id root = graph_multiply(
        graph, a,
        graph_unary(graph, PRIMITIVE_SIN,
                    graph_multiply(graph, w, graph_input(graph, SOURCE_X, 0, 1))));
    status = model_from_expression(&model, &context, parameters, 2, 1, graph, root, &error);
    if (status == STATUS_OK)
        status = graph_new(&of_loss, &context, &error);
    if (status == STATUS_OK) {
        node_id residual = graph_subtract(of_loss, graph_input(of_loss, SOURCE_PREDICTION, 0, 1),
                                          graph_input(of_loss, SOURCE_Y, 0, 1));
        status = objective_build_expression(&loss, model, made->data, of_loss,
                                            graph_unary(of_loss, PRIMITIVE_ABS, residual), true,
                                            &error);
    }
    if (status == STATUS_OK)
        status = objective_value(loss, start, NULL, result, &error);
    objective_release(loss);
    model_release(model);
    if (of_loss != NULL)
        graph_free(of_loss);
    return status;
}

static enum status function_without_data(struct made *made, double *result)
{
    static const struct parameter_spec parameters[] = {{"a", {1, 1}, START_NORMAL},
                                                       {"b", {1, 1}, START_NORMAL}};
    (void)made;
    struct graph *graph;
    struct objective *loss = NULL;
    double hessian[4];
    enum status status = graph_new(&graph, &context, &error);
    if (status != STATUS_OK)
        return status;
    node_id a = graph_parameter(graph, SOURCE_PHI, 0, (struct shape){1, 1});
    node_id b = graph_parameter(graph, SOURCE_PHI, 1, (struct shape){1, 1});
    status = objective_build_function(&loss, &context, parameters, 2, graph,
                                      graph_power(graph, a, graph_unary(graph, PRIMITIVE_EXP, b)),
                                      &error);
    if (status == STATUS_OK)
        status = objective_hessian(loss, start, NULL, hessian, &error);
    if (status == STATUS_OK)
        *result = sum(hessian, 4);
    objective_release(loss);
    graph_free(graph);
    return status;
}

Test(memory, models_and_losses)
{
    for (size_t i = 0; i < model_kind_count; i++)
        try_all(model_kinds[i]->doc.name, prepare_model, model_kinds[i], new_model);
    for (size_t i = 0; i < loss_kind_count; i++)
        try_all(loss_kinds[i]->doc.name, make_data, loss_kinds[i], new_loss);
    TRY(NULL, new_penalties);
    TRY(make_data, own_model_and_loss);
    TRY(NULL, function_without_data);
}

/* --- what a loss can be asked ---------------------------------------------------------------- */

static enum status value_and_gradient(struct made *made, double *result)
{
    static const size_t indices[] = {3, 1, 7};
    const struct batch batch = {indices, 3, 0};
    double gradient[2], value, part;
    enum status status = objective_value(made->loss, start, NULL, &value, &error);
    if (status == STATUS_OK)
        status = objective_gradient(made->loss, start, &batch, &part, gradient, &error);
    *result = status == STATUS_OK ? value + 2 * part + sum(gradient, 2) : 0;
    return status;
}

static enum status hessian(struct made *made, double *result)
{
    double numbers[4];
    enum status status = objective_hessian(made->loss, start, NULL, numbers, &error);
    *result = status == STATUS_OK ? sum(numbers, 4) : 0;
    return status;
}

static enum status each_and_jacobian(struct made *made, double *result)
{
    double losses[12], jacobian[24];
    enum status status = objective_each(made->loss, start, NULL, losses, &error);
    if (status == STATUS_OK)
        status = objective_jacobian(made->loss, start, jacobian, &error);
    *result = status == STATUS_OK ? sum(losses, 12) + sum(jacobian, 24) : 0;
    return status;
}

static enum status surface(struct made *made, double *result)
{
    double a[5], b[4], values[20];
    for (int i = 0; i < 5; i++)
        a[i] = i, b[i % 4] = -i;
    enum status status = objective_surface(made->loss, start, 1, a, 5, 0, b, 4, values, &error);
    *result = status == STATUS_OK ? sum(values, 20) : 0;
    return status;
}

static enum status formulas(struct made *made, double *result)
{
    struct objective_formulas found;
    enum status status = objective_formulas(made->loss, &found, &error);
    *result = status == STATUS_OK ? (double)(found.root + found.count) : 0;
    return status;
}

static enum status sum_and_other_data(struct made *made, double *result)
{
    struct penalty *penalty = NULL;
    struct objective *both = NULL, *other = NULL;
    struct dataset *gabor = NULL;
    const struct objective_term terms[] = {{2, made->loss}, {-0.5, made->loss}};
    enum status status = penalty_new(&penalty, &context, penalty_named("penalty.l2"),
                                     (double[PENALTY_ARGUMENTS]){0}, false, NULL, 0, &error);
    if (status == STATUS_OK)
        status = objective_sum(&both, terms, 2, penalty, &error);
    if (status == STATUS_OK)
        status = dataset_builtin(&gabor, &context, "gabor30", &error);
    if (status == STATUS_OK)
        status = objective_with_data(&other, both, gabor, &error);
    if (status == STATUS_OK)
        status = objective_value(other, start, NULL, result, &error);
    objective_release(other);
    dataset_release(gabor);
    objective_release(both);
    penalty_release(penalty);
    return status;
}

static enum status solve(struct made *made, double *result)
{
    struct objective *loss = NULL;
    struct objective_solution solution;
    struct model *line;
    enum status status = model_new(&line, &context, model_kind_named("line"), NULL, &error);
    if (status != STATUS_OK)
        return status;
    status = objective_build(&loss, line, made->data, loss_kind_named("least_squares"), NULL,
                             &error);
    if (status == STATUS_OK)
        status = objective_solve(loss, &solution, &error);
    if (status == STATUS_OK) {
        NEAR(solution.loss, 0.19986, 1e-5); /* curriculum C */
        *result = sum(solution.phi, 2) + sum(solution.covariance, 4) + sum(solution.errors, 2);
        objective_solution_free(&solution);
    }
    objective_release(loss);
    model_release(line);
    return status;
}

static enum status copy_for_a_thread(struct made *made, double *result)
{
    struct objective *copy = NULL;
    enum status status = objective_copy(&copy, made->loss, &context, &error);
    if (status == STATUS_OK)
        status = objective_value(copy, start, NULL, result, &error);
    objective_release(copy);
    return status;
}

Test(memory, questions_to_a_loss)
{
    TRY(make_loss, value_and_gradient);
    TRY(make_loss, hessian);
    TRY(make_loss, each_and_jacobian);
    TRY(make_loss, surface);
    TRY(make_loss, formulas);
    TRY(make_loss, sum_and_other_data);
    TRY(make_loss, copy_for_a_thread);
    TRY(make_data, solve);
}

/* --- optimizers and runs --------------------------------------------------------------------- */

static enum status schedules(struct made *made, double *result)
{
    const struct schedule_rule *rule = made->kind;
    double arguments[SCHEDULE_ARGUMENTS];
    for (size_t i = 0; i < rule->doc.argument_count; i++)
        arguments[i] = rule->doc.arguments[i].required ? 2 : rule->doc.arguments[i].standard;
    struct schedule *schedule;
    enum status status = schedule_new(&schedule, &context, rule, arguments, &error);
    if (status != STATUS_OK)
        return status;
    *result = 1 + schedule_rate(schedule, 2, 1);
    double settings[OPTIMIZER_ARGUMENTS];
    struct schedule *of_arguments[OPTIMIZER_ARGUMENTS] = {schedule};
    struct optimizer *optimizer;
    optimizer_defaults(&rule_gd, settings);
    status = optimizer_new(&optimizer, &context, &rule_gd, settings, of_arguments, NULL, &error);
    schedule_release(schedule);
    if (status == STATUS_OK)
        optimizer_release(optimizer);
    return status;
}

/* To update 10, wherever it stands: a step that fails leaves the last whole one. */
static enum status steps(struct made *made, double *result)
{
    if (made->run == NULL) {
        enum status status = start_run(made, SAMPLER_FIXED, &made->run);
        if (status != STATUS_OK)
            return status;
    }
    enum status status = run_step(made->run, 10 - run_time(made->run), &error);
    cr_assert(status == STATUS_OK || run_time(made->run) < 10);
    *result = sum(run_phi(made->run), 2);
    return status;
}

static enum status new_runs(struct made *made, double *result)
{
    enum status status = STATUS_OK;
    for (int order = SAMPLER_ALL; status == STATUS_OK && order <= SAMPLER_GIVEN; order++) {
        struct run *run;
        status = start_run(made, (enum sampler_order)order, &run);
        if (status != STATUS_OK)
            return status;
        const size_t *indices;
        size_t count;
        status = run_epoch(run, 2, &error);
        if (status == STATUS_OK)
            status = run_batch(run, 1, &indices, &count, &error);
        *result += sum(run_phi(run), 2);
        run_release(run);
    }
    return status;
}

static enum status back_and_on(struct made *made, double *result)
{
    enum status status = run_to(made->run, 2, &error);
    cr_assert_eq(run_time(made->run), status == STATUS_OK ? 2 : 7);
    if (status != STATUS_OK)
        return status;
    *result = sum(run_phi(made->run), 2);
    do /* what was undone can be made again */
        status = run_to(made->run, 7, &error);
    while (status == STATUS_MEMORY && (context.memory.fail_at = 0, true));
    *result += 10 * sum(run_phi(made->run), 2);
    return status;
}

static enum status look_back(struct made *made, double *result)
{
    struct run_record record;
    double column[11 * 2];
    enum status status = run_record(made->run, 3, &record, &error);
    if (status == STATUS_OK) {
        *result = sum(record.phi, 2) + sum(record.gradient, 2);
        run_record_free(&record);
        status = run_column(made->run, "v", column, &error);
    }
    if (status == STATUS_OK)
        *result += sum(column + 2, 2 * (run_rows(made->run) - 1));
    cr_assert_eq(run_time(made->run), 7);
    return status;
}

static enum status fork_off(struct made *made, double *result)
{
    struct optimizer *optimizer;
    struct run *fork;
    enum status status = make_optimizer(optimizer_rule("momentum"), &optimizer);
    if (status != STATUS_OK)
        return status;
    status = run_fork(&fork, made->run, 4, optimizer, &error);
    optimizer_release(optimizer);
    if (status != STATUS_OK)
        return status;
    status = run_step(fork, 3, &error);
    *result = sum(run_phi(fork), 2);
    run_release(fork);
    return status;
}

static enum status save_and_load(struct made *made, double *result)
{
    char *bytes;
    size_t size;
    struct run *loaded;
    enum status status = run_save(made->run, &bytes, &size, &error);
    if (status != STATUS_OK)
        return status;
    status = run_restore(&loaded, made->loss, bytes, size, NULL, NULL, &error);
    memory_free(&context, bytes);
    if (status != STATUS_OK)
        return status;
    status = run_step(loaded, 2, &error);
    *result = sum(run_phi(loaded), 2);
    run_release(loaded);
    return status;
}

/* The last update of the goal is the same, however often it was taken up. */
static enum status converge(struct made *made, double *result)
{
    struct goal goal = {.steps = 30, .gradient = 1e-9, .loss = NAN, .change = NAN, .seconds = NAN};
    enum reason reason;
    goal.steps -= run_time(made->run);
    enum status status = run_converge(made->run, &goal, &reason, &error);
    if (status == STATUS_OK)
        status = run_resume(made->run, NULL, NULL, &reason, &error);
    *result = sum(run_phi(made->run), 2);
    return status;
}

/* Those that could not be made are as they were, and taken on here. */
static enum status converge_all(struct made *made, double *result)
{
    struct goal goal = {.steps = 5, .gradient = NAN, .loss = NAN, .change = NAN, .seconds = NAN};
    struct run *runs[3] = {NULL, NULL, NULL};
    bool done[3];
    enum status status = STATUS_OK;
    for (int i = 0; status == STATUS_OK && i < 3; i++)
        status = start_run(made, SAMPLER_EPOCH, &runs[i]);
    if (status == STATUS_OK)
        status = run_converge_all(runs, 3, &goal, done, &error);
    for (int i = 0; status == STATUS_OK && i < 3; i++) {
        enum reason reason;
        cr_assert_eq(run_time(runs[i]), done[i] ? 5 : 0);
        if (!done[i])
            status = run_converge(runs[i], &goal, &reason, &error);
        *result += sum(run_phi(runs[i]), 2);
    }
    for (int i = 0; i < 3; i++)
        run_release(runs[i]);
    return status;
}

Test(memory, rules)
{
    for (size_t i = 0; i < schedule_rule_count; i++)
        try_all(schedule_rules[i]->doc.name, NULL, schedule_rules[i], schedules);
    for (size_t i = 0; i < optimizer_rule_count; i++)
        try_all(optimizer_rules[i]->doc.name, make_loss, optimizer_rules[i], steps);
}

Test(memory, runs)
{
    TRY(make_loss, new_runs);
    TRY(make_run, steps);
    TRY(make_run, back_and_on);
    TRY(make_run, look_back);
    TRY(make_run, fork_off);
    TRY(make_run, save_and_load);
    TRY(make_run, converge);
    TRY(make_loss, converge_all);
}
