/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expressions from bytes, as programs of a stack machine: built, differentiated, printed, run as a
 * tape and node by node. The two must agree on value and gradient where the numbers are tame and
 * nothing jumps. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "fuzz.h"
#include "graph/evaluate.h"
#include "graph/formula.h"
#include "graph/graph.h"
#include "graph/tape.h"

enum { DEPTH = 16, PARAMETERS = 12, EXAMPLES = 37, COLUMNS = 3, LONGEST = 200 };

struct machine {
    struct graph *graph;
    node_id stack[DEPTH];
    int height;
    bool jumps; /* something in it is not continuous */
};

static node_id pop(struct machine *machine)
{
    return machine->height > 0
               ? machine->stack[--machine->height]
               : graph_parameter(machine->graph, SOURCE_PHI, 0, (struct shape){1, 1});
}

static void push(struct machine *machine, node_id node)
{
    if (machine->height == DEPTH)
        machine->height--;
    machine->stack[machine->height++] = node;
}

static void leaf(struct machine *machine, unsigned kind, unsigned detail)
{
    struct graph *graph = machine->graph;
    int width = 1 + (int)(detail & 3);
    switch (kind % 5) {
    case 0: push(machine, graph_constant(graph, ((int)detail - 128) / 16.0)); break;
    case 1: {
        struct shape shape = {width, detail & 16 ? 1 + (int)(detail >> 2 & 3) : 1};
        int space = PARAMETERS - shape.rows * shape.cols;
        if (space >= 0)
            push(machine,
                 graph_parameter(graph, SOURCE_PHI, (int)(detail >> 5) % (space + 1), shape));
        break;
    }
    case 2: {
        int columns = width > COLUMNS ? COLUMNS : width;
        push(machine, graph_input(graph, detail & 64 ? SOURCE_Y : SOURCE_X,
                                  (int)(detail >> 2 & 3) % (COLUMNS - columns + 1), columns));
        break;
    }
    case 3: push(machine, graph_count(graph)); break;
    default:
        push(machine,
             graph_constant_shaped(graph, (int)(detail >> 4) - 8, (struct shape){width, 1}));
    }
}

static void operation(struct machine *machine, unsigned code, unsigned detail)
{
    struct graph *graph = machine->graph;
    int first_unary = PRIMITIVE_SIN, unary = PRIMITIVE_SOFTPLUS - PRIMITIVE_SIN + 1;
    int binary = PRIMITIVE_EQUAL - PRIMITIVE_ADD + 1;
    if (code < 80) {
        enum primitive primitive = (enum primitive)(first_unary + (int)(detail % (unsigned)unary));
        machine->jumps |= primitive == PRIMITIVE_FLOOR || primitive == PRIMITIVE_SIGN ||
                          primitive == PRIMITIVE_ABS || primitive == PRIMITIVE_RELU ||
                          primitive == PRIMITIVE_TAN;
        push(machine, graph_unary(graph, primitive, pop(machine)));
        return;
    }
    node_id b = pop(machine);
    if (code < 160) {
        enum primitive primitive = (enum primitive)(PRIMITIVE_ADD +
                                                    (int)(detail % (unsigned)binary));
        machine->jumps |= primitive >= PRIMITIVE_POWER;
        push(machine, graph_binary(graph, primitive, pop(machine), b));
        return;
    }
    switch (code % 16) {
    case 0: push(machine, graph_sum(graph, b)); break;
    case 1: push(machine, graph_sum_examples(graph, b)); break;
    case 2: push(machine, graph_mean_examples(graph, b)); break;
    case 3: push(machine, graph_matmul(graph, detail & 1, detail & 2, pop(machine), b)); break;
    case 4: push(machine, graph_dot(graph, pop(machine), b)); break;
    case 5: {
        node_id nodes[] = {b, pop(machine), b};
        push(machine, graph_concat(graph, nodes, 1 + (int)(detail % 3)));
        break;
    }
    case 6: push(machine, graph_slice(graph, b, (int)(detail & 3), (int)(detail >> 2 & 3))); break;
    case 7: push(machine, graph_pad(graph, b, (int)(detail & 3), (int)(detail >> 2 & 7))); break;
    case 8: push(machine, graph_logsumexp(graph, b)); break;
    case 9: push(machine, graph_softmax(graph, b)); break;
    case 10:
        machine->jumps = true;
        push(machine, graph_pick(graph, pop(machine), b));
        break;
    case 11:
        machine->jumps = true;
        push(machine, graph_onehot(graph, b, (int)(detail & 7)));
        break;
    case 12: {
        node_id condition = pop(machine);
        machine->jumps = true;
        push(machine, graph_where(graph, condition, pop(machine), b));
        break;
    }
    case 13:
        push(machine, b);
        push(machine, b);
        break;
    case 14:
        push(machine, b);
        if (machine->height > 1)
            push(machine, machine->stack[detail % (unsigned)machine->height]);
        break;
    default: push(machine, graph_negate(graph, b));
    }
}

/* A scalar that does not vary by example, out of whatever stands on the stack. */
static node_id finish(struct machine *machine)
{
    node_id root = graph_sum(machine->graph, pop(machine));
    return graph_level(machine->graph, root) == LEVEL_EXAMPLE
               ? graph_sum_examples(machine->graph, root)
               : root;
}

static void compare(struct graph *graph, node_id root, const struct gradient *gradient, bool jumps)
{
    double phi[PARAMETERS], x[EXAMPLES * COLUMNS], y[EXAMPLES * COLUMNS];
    double results[1 + PARAMETERS] = {0}, expected[1 + PARAMETERS] = {0};
    bool tame = !jumps;
    node_id nodes[64];
    size_t offsets[64], count = 0;
    struct error error;
    struct tape *tape;
    struct evaluator *evaluator;
    for (int i = 0; i < PARAMETERS; i++)
        phi[i] = 0.3 + 0.11 * i;
    for (int i = 0; i < EXAMPLES * COLUMNS; i++) {
        x[i] = sin(1 + i);
        y[i] = 1 + i % 3;
    }
    nodes[count] = root, offsets[count++] = 0;
    if (gradient->count > 60)
        return;
    for (int i = 0; i < gradient->count; i++)
        if (gradient->gradients[i] != NO_NODE) {
            nodes[count] = gradient->gradients[i];
            offsets[count++] = 1 + (size_t)graph_leaf_offset(graph, gradient->leaves[i]);
        }
    struct tape_outputs outputs = {nodes, offsets, count, NO_NODE};
    enum status status = tape_new(&tape, graph, PARAMETERS, &outputs, &error);
    fuzz_refused(status, &error);
    if (status != STATUS_OK)
        return;
    struct tape_data data = {.x = x, .y = y, .x_columns = COLUMNS, .y_columns = COLUMNS,
                             .count = EXAMPLES};
    fuzz_refused(tape_run(tape, phi, NULL, &data, results, 1 + PARAMETERS, NULL, &error), &error);
    tape_free(tape);

    status = evaluator_new(&evaluator, graph, nodes, (int)count, EXAMPLES, &error);
    fuzz_refused(status, &error);
    if (status != STATUS_OK)
        return;
    struct evaluator_point point = {.phi = phi, .x = x, .y = y, .x_columns = COLUMNS,
                                    .y_columns = COLUMNS};
    fuzz_refused(evaluator_run(evaluator, &point, &error), &error);
    for (size_t n = 0; n < count; n++) {
        struct shape shape = graph_shape(graph, nodes[n]);
        const double *value = evaluator_value(evaluator, nodes[n], 0);
        for (int i = 0; i < shape.rows * shape.cols; i++)
            expected[offsets[n] + (size_t)i] += value[i];
    }
    for (node_id node = 0; (size_t)node < graph_size(graph); node++) {
        const double *value = evaluator_value(evaluator, node, 0);
        struct shape shape = graph_shape(graph, node);
        for (size_t e = 0; value != NULL && e < EXAMPLES; e++) {
            value = evaluator_value(evaluator, node, e);
            for (int i = 0; i < shape.rows * shape.cols; i++)
                tame = tame && fabs(value[i]) < 1e3;
            if (graph_level(graph, node) != LEVEL_EXAMPLE)
                break;
        }
    }
    evaluator_free(evaluator);
    for (int i = 0; tame && i <= PARAMETERS; i++)
        if (!(fabs(results[i] - expected[i]) <= 1e-3)) {
            fprintf(stderr, "%d: tape %.17g, node by node %.17g\n", i, results[i], expected[i]);
            abort();
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct context context;
    struct error error = {STATUS_OK, "", ""};
    struct machine machine = {.height = 0};
    if (size > LONGEST)
        size = LONGEST;
    fuzz_begin(&context);
    if (graph_new(&machine.graph, &context, &error) != STATUS_OK)
        return 0;
    graph_declare(machine.graph, "phi", 0, (struct shape){PARAMETERS, 1});
    if (size > 0)
        graph_set_stable(machine.graph, data[0] & 1);
    for (size_t i = 1; i + 1 < size && graph_status(machine.graph, &error) == STATUS_OK; i += 2)
        if (data[i] < 96)
            leaf(&machine, data[i], data[i + 1]);
        else
            operation(&machine, (unsigned)data[i] - 96, data[i + 1]);
    node_id root = finish(&machine);
    enum status status = graph_status(machine.graph, &error);
    fuzz_refused(status, &error);
    if (status == STATUS_OK) {
        struct formulas formulas;
        struct gradient gradient;
        for (enum notation notation = NOTATION_UNICODE; notation <= NOTATION_LATEX; notation++)
            if (formula_print(&formulas, machine.graph, &root, 1, notation, &error) == STATUS_OK)
                formula_free(&formulas);
        char *program;
        if (formula_program(&program, machine.graph, &root, 1, NULL, &error) == STATUS_OK)
            memory_free(&context, program);
        status = graph_differentiate(machine.graph, root, false, &gradient, &error);
        fuzz_refused(status, &error);
        if (status == STATUS_OK) {
            compare(machine.graph, root, &gradient, machine.jumps);
            graph_gradient_free(machine.graph, &gradient);
        }
    }
    graph_free(machine.graph);
    fuzz_end(&context);
    return 0;
}
