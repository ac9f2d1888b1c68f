/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loss_look.c: the methods of a loss that look into it: the graph, the quadratic model, the places
 * where the gradient vanishes. */
#include "bind/look.h"
#include "bind/loss.h"
#include "graph/rewrite.h"
#include "objective/build.h"

/* --- the graph --- */

static const struct argument graph_arguments[] = {
    {.name = "example",
     .type = ARGUMENT_INTEGER,
     .minimum = 1,
     .maximum = 9007199254740992,
     .default_text = "all, summed",
     .summary = "the number of the one example to look at"},
    {.name = "form",
     .type = ARGUMENT_CHOICE,
     .choices = "written|run",
     .summary = "\"run\": with the forms that cannot overflow, as it is computed"},
};
static const struct doc graph_doc = {
    .name = "loss:graph",
    .signature = "L:graph(phi, {example =, form = \"written\"})",
    .summary = "The computational graph: every node with its value and the derivative of the loss "
               "to it.",
    DOC_ARGUMENTS(graph_arguments),
    .returns = "a graph that prints itself; its nodes are a list of {name, operation, value, "
               "gradient, arguments}, also by name",
    .errors = "another number of parameters; an example that is not there",
    .equation = "∂L/∂v = Σ ∂L/∂w·∂w/∂v over all w that use v",
    .example = "L = loss.least_squares(model.line, data.line12)\n"
               "g = L:graph({0.6, -0.2}, {example = 1})\nprint(g)\n"
               "print(string.format(\"%.6f\", g.nodes.phi0.gradient))",
    .result = "loss.least_squares  line12, example 1 of 12\n"
              "node  operation     value  ∂L/∂node\n"
              "φ₀    parameter       0.6    -0.152  ───╮\n"
              "φ₁    parameter      -0.2  -0.00456  ─╮ │\n"
              "x     input          0.03    0.0304  ─┤ │\n"
              "y     input          0.67     0.152  ─│─│─╮\n"
              "v₁    φ₁·x         -0.006    -0.152  ←┴─┤ │\n"
              "v₂    φ₀ + v₁       0.594    -0.152  ←──┴─┤\n"
              "v₃    v₂ − y       -0.076    -0.152  ←┬───╯\n"
              "L     v₃²        0.005776         1  ←╯\n"
              "9 nodes, 12 with those of the gradient\n-0.152000",
};
static int loss_graph(lua_State *L)
{
    struct objective *objective = bind_loss(L, 1, NULL);
    double values[2];
    bool given[2];
    const double *phi = bind_loss_phi(L, objective, 2);
    lua_settop(L, 3);
    bind_options(L, 3, &graph_doc, 0, values, given);
    const struct dataset *data = objective_dataset(objective);
    if (given[0] && (!data || values[0] > (double)data->examples))
        return bind_refuse(L, "example",
                           data ? "there are %zu examples, not %.0f" : "this loss has no data",
                           data ? data->examples : 0, values[0]);
    struct objective_formulas found;
    struct error error;
    bind_check(L, objective_formulas(objective, &found, &error), &error);
    struct workspace *workspace = bind_push_workspace(L);
    bind_check(L, graph_new(&workspace->graph, workspace->context, &error), &error);
    graph_set_stable(workspace->graph, values[1] == 1);
    graph_copy_declarations(workspace->graph, found.written);
    node_id root = given[0]
                       ? graph_of_one_example(workspace->graph, found.written, found.root)
                       : graph_copy(workspace->graph, found.written, found.root, NULL, 0, NULL);
    bind_check(L, graph_status(workspace->graph, &error), &error);
    struct evaluator_point point = {.phi = phi};
    size_t examples = 0;
    if (data) {
        size_t row = given[0] ? (size_t)values[0] - 1 : 0;
        examples = given[0] ? 1 : data->examples;
        point.x = data->x + row * data->inputs;
        point.y = data->y ? data->y + row * data->outputs : NULL;
        point.x_columns = data->inputs;
        point.y_columns = data->outputs;
        point.weights = data->weights ? data->weights + row : NULL;
    }
    bind_push_nodes(L, workspace, root, "L", &point, examples, given[0]);
    lua_replace(L, 2);
    lua_settop(L, 2); /* the loss, the nodes, the number of the example */
    if (given[0])
        lua_pushinteger(L, (lua_Integer)values[0]);
    return bind_call_lua(L, "descent.graph", "of_loss");
}

/* --- written in Lua --- */

static const struct argument phi_argument[] = {
    {.name = "phi",
     .type = ARGUMENT_ARRAY,
     .shape = "P",
     .required = true,
     .summary = "the parameters: numbers, a list, an array, or a table by name"},
};
static const struct doc taylor_doc = {
    .name = "loss:taylor",
    .signature = "L:taylor(phi)",
    .summary = "The quadratic model at a point: the second-order Taylor expansion, and its "
               "stationary point, which is where Newton's step goes.",
    DOC_ARGUMENTS(phi_argument),
    .returns =
        "a function of the parameters like a loss (:gradient, :hessian), with the fields "
        "phi, value, g, H, eigenvalues, kind (minimum, saddle, maximum, flat), point (where its "
        "gradient vanishes), minimum (the same, nil unless it is one), and loss: the model "
        "as a loss that can be plotted and descended",
    .errors = "another number of parameters",
    .equation = "q(φ) = L + gᵀ·(φ − φ₀) + ½·(φ − φ₀)ᵀ·H·(φ − φ₀), lowest at φ₀ − H⁻¹·g",
    .example = "L = loss.least_squares(model.line, data.line12)\nq = L:taylor{0.6, -0.2}\n"
               "print(q.kind, q.minimum)\nprint(string.format(\"%.9f\", q(q.minimum)))",
    .result = "minimum\t0.82595  0.5222261\n0.199866357",
};
static int taylor(lua_State *L)
{
    bind_loss_phi(L, bind_loss(L, 1, NULL), 2);
    return bind_call_lua(L, "descent.taylor", "taylor");
}

static const struct argument stationary_arguments[] = {
    {.name = "n",
     .type = ARGUMENT_INTEGER,
     .minimum = 1,
     .maximum = 10000,
     .default_text = "about 400 starts in all",
     .summary = "starts along each parameter"},
    {.name = "phi",
     .type = ARGUMENT_ARRAY,
     .shape = "P",
     .summary = "where the parameters without a range start"},
};
static const struct doc stationary_doc = {
    .name = "loss:stationary",
    .signature = "L:stationary{phi0 = {a, b}, phi1 = {c, d}, n =, phi =}",
    .summary = "The places within these ranges where the gradient vanishes: minima, saddles and "
               "maxima, by Newton's method from a grid of starts.",
    DOC_ARGUMENTS(stationary_arguments),
    .returns = "a list of {phi =, loss =, kind =, eigenvalues =}, minima first, each kind by its "
               "loss; it prints as a table",
    .errors = "a parameter with neither a range nor a start",
    .equation = "∂L/∂φ = 0; the eigenvalues of the Hessian tell the kind",
    .example = "L = loss(function(a, b) return a^3/3 - a + b^2 end)\n"
               "print(L:stationary{a = {-2, 2}, b = {-1, 1}})",
    .result = "kind           loss   a  b  eigenvalues\n"
              "minimum  -0.6666667   1  0         2  2\n"
              "saddle    0.6666667  -1  0        -2  2",
};
static int stationary(lua_State *L)
{
    bind_loss(L, 1, NULL);
    return bind_call_lua(L, "descent.stationary", "stationary");
}

void bind_open_loss_look(lua_State *L)
{
    static const struct function methods[] = {
        {"graph", loss_graph, &graph_doc},
        {"taylor", taylor, &taylor_doc},
        {"stationary", stationary, &stationary_doc},
    };
    bind_methods(L, BIND_LOSS, methods, sizeof methods / sizeof *methods);
}
