/* SPDX-License-Identifier: GPL-3.0-or-later */
/* own_loss.c: losses from Lua functions, each traced once. */
#include <math.h>
#include <string.h>

#include "bind/loss_private.h"
#include "bind/namespace.h"
#include "bind/parameters.h"
#include "bind/symbol.h"
#include "bind/text.h"
#include "objective/build.h"

/* --- loss(function(phi0, phi1) ... end): without data --- */

struct call {
    const struct parameter_spec *specs;
    int count;
    bool by_table;
};

static int push_parameters(lua_State *L, int trace_index, void *user)
{
    const struct call *call = user;
    struct graph *graph = trace_graph(L, trace_index);
    int offset = 0;
    if (call->by_table)
        lua_createtable(L, 0, call->count);
    for (int i = 0; i < call->count; i++) {
        const struct parameter_spec *spec = &call->specs[i];
        graph_declare(graph, spec->name, offset, spec->shape);
        symbol_push(L, trace_index, graph_parameter(graph, SOURCE_PHI, offset, spec->shape));
        if (call->by_table)
            lua_setfield(L, -2, spec->name);
        offset += shape_size(spec->shape);
    }
    return call->by_table ? 1 : call->count;
}

/* Calls with plain numbers show a branch that tracing cannot see; see own_model.c. */
static void compare_with_plain_calls(lua_State *L, int function, struct objective *objective)
{
    static const double marks[] = {0, 1, -1, 0.5, 2, -3, 10, 0.25};
    size_t size = objective_size(objective);
    double *phi = lua_newuserdatauv(L, (size + 1) * sizeof *phi, 0);
    for (int k = 0; k < 8; k++) {
        lua_pushvalue(L, function);
        for (size_t j = 0; j < size; j++) {
            phi[j] = k == 0 ? 0 : marks[((size_t)k + 3 * j) % 8];
            lua_pushnumber(L, phi[j]);
        }
        if (lua_pcall(L, (int)size, 1, 0) != LUA_OK) {
            trace_pass_interrupt(L);
            lua_pop(L, 1);
            continue;
        }
        double got = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : NAN, expected;
        bool number = lua_type(L, -1) == LUA_TNUMBER;
        lua_pop(L, 1);
        struct error error;
        bind_check(L, objective_value(objective, phi, NULL, &expected, &error), &error);
        if (number && !trace_agrees(got, expected))
            trace_refuse(L, function, "the loss", objective_component(objective, 0), phi[0], got,
                         expected);
    }
    lua_pop(L, 1);
}

static const struct argument loss_arguments[] = {
    {.name = "parameters",
     .type = ARGUMENT_VALUE,
     .type_name = "table",
     .required = true,
     .summary = "sizes by name, {p = 10}, or a list that fixes their order"},
    {.name = "value",
     .type = ARGUMENT_VALUE,
     .type_name = "function",
     .required = true,
     .summary = "function(q): the loss, with the parameters in the table q"},
};
static const struct doc loss_doc = {
    .name = "loss",
    .signature = "loss(function(phi0, phi1) ... end) or loss{parameters = {...}, value = "
                 "function(q) ... end}",
    .summary = "A loss of one's own, without data: a function of the parameters alone.",
    DOC_ARGUMENTS(loss_arguments),
    .returns = "a loss; its parameters have the names of the function's arguments. Losses of the "
               "same parameters, and data, are added to each other and multiplied by numbers: "
               "0.5*L1 + L2 - L3/4 + 0.1*penalty.l2 is one loss and one graph",
    .errors = "a function that branches on its arguments, or returns no single number; a sum of "
              "losses of different data",
    .equation = "L[φ]",
    .example = "R = loss(function(a, b) return (1 - a)^2 + 100*(b - a^2)^2 end)\n"
               "print(R(0, 1))\nprint(R:gradient{0, 1})",
    .result = "101.0\n-2  200",
};

static int make_loss(lua_State *L)
{
    lua_settop(L, 2);
    struct call call = {0};
    int function = 2;
    if (lua_type(L, 2) == LUA_TFUNCTION) {
        call.specs = bind_argument_specs(L, 2, 0, "loss", &call.count);
    } else if (lua_type(L, 2) == LUA_TTABLE) {
        double values[2];
        bool given[2];
        bind_options(L, 2, &loss_doc, 0, values, given);
        lua_getfield(L, 2, "value");
        function = lua_gettop(L);
        lua_getfield(L, 2, "parameters");
        call.specs = bind_parameter_specs(L, lua_gettop(L), &call.count);
        call.by_table = true;
    } else {
        return bind_refuse(L, NULL,
                           "loss takes a function of the parameters, or a table "
                           "{parameters =, value =}, not %s",
                           bind_describe(L, 2));
    }
    node_id root = trace_function(L, function, "the loss", push_parameters, &call);
    int trace = lua_gettop(L);
    struct bound_loss *bound = bind_loss_new(L, 0, 0);
    struct error error;
    bind_check(L,
               objective_build_function(&bound->objective, bind_context(L), call.specs, call.count,
                                        trace_graph(L, trace), root, &error),
               &error);
    graph_free(trace_take(L, trace));
    if (!call.by_table)
        compare_with_plain_calls(L, function, bound->objective);
    return 1;
}

/* --- loss.per_example(function(prediction, y) ... end): a new kind --- */

struct pair {
    int outputs, targets;
};

static int push_pair(lua_State *L, int trace_index, void *user)
{
    const struct pair *pair = user;
    struct graph *graph = trace_graph(L, trace_index);
    symbol_push(L, trace_index, graph_input(graph, SOURCE_PREDICTION, 0, pair->outputs));
    symbol_push(L, trace_index, graph_input(graph, SOURCE_Y, 0, pair->targets));
    return 2;
}

static int loss_of_own_kind(lua_State *L)
{
    struct dataset *data;
    struct model *model = bind_loss_model(L, "this loss", &data);
    struct pair pair = {.targets = (int)data->outputs};
    struct error error;
    if (pair.targets == 0)
        return bind_refuse(L, NULL, "the data set has no y to compare predictions with");
    bind_check(L, model_outputs(model, (int)data->inputs, &pair.outputs, &error), &error);
    lua_pushvalue(L, lua_upvalueindex(1));
    node_id root = trace_function(L, 3, "the loss", push_pair, &pair);
    int trace = lua_gettop(L);
    struct bound_loss *bound = bind_loss_new(L, 1, 2);
    bind_check(L,
               objective_build_expression(&bound->objective, model, data, trace_graph(L, trace),
                                          root, false, &error),
               &error);
    graph_free(trace_take(L, trace));
    return 1;
}

static const struct argument per_example_arguments[] = {
    {.name = "f",
     .type = ARGUMENT_VALUE,
     .type_name = "function",
     .required = true,
     .summary = "function(prediction, y): the loss of one example"},
};
static const struct doc per_example_doc = {
    .name = "loss.per_example",
    .signature = "loss.per_example(function(prediction, y) ... end)",
    .summary = "A new kind of loss, from the loss of one example; the examples are summed.",
    DOC_ARGUMENTS(per_example_arguments),
    .returns = "a function (model, data) that makes a loss",
    .errors = "a function that branches on its arguments",
    .equation = "L[φ] = Σᵢ ℓ(f[xᵢ, φ], yᵢ)",
    .example = "absolute = loss.per_example(function(f, y) return abs(f - y) end)\n"
               "print(string.format(\"%.4f\", absolute(model.line, data.line12)(1, 0.3)))",
    .result = "1.9670",
};

static int per_example(lua_State *L)
{
    lua_settop(L, 1);
    if (lua_type(L, 1) != LUA_TFUNCTION)
        return bind_refuse(L, NULL, "loss.per_example takes a function(prediction, y), not %s",
                           bind_describe(L, 1));
    lua_pushcclosure(L, loss_of_own_kind, 1);
    return 1;
}

void bind_open_own_loss(lua_State *L)
{
    static const struct function functions[] = {{"per_example", per_example, &per_example_doc}};
    bind_functions(L, functions, 1);
    bind_namespace(L, &loss_doc, NULL, NULL);
    lua_getmetatable(L, -1);
    lua_pushcfunction(L, make_loss);
    lua_setfield(L, -2, "__call");
    lua_pop(L, 1);
}
