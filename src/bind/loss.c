/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loss.c: the namespace `loss`, and losses as values. A loss holds one reference to an objective;
 * its user value keeps the Lua values of its model and its data, and its title: what one would type
 * for it. */
#include "bind/loss.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "bind/namespace.h"
#include "bind/parameters.h"
#include "bind/symbol.h"
#include "bind/text.h"
#include "objective/build.h"

struct bound_loss {
    struct objective *objective;
};

struct objective *bind_loss(lua_State *L, int index, const char *argument)
{
    struct bound_loss *bound = bind_object(L, index, BIND_LOSS, argument);
    return bound->objective;
}

static struct objective *self(lua_State *L)
{
    return bind_loss(L, 1, NULL);
}

static int loss_gc(lua_State *L)
{
    struct bound_loss *bound = lua_touserdata(L, 1);
    objective_release(bound->objective);
    bound->objective = NULL;
    return 0;
}

/* Pushes an empty loss that remembers the model and data at these indices (0: none). */
static struct bound_loss *push_loss(lua_State *L, int model, int data)
{
    struct bound_loss *bound = bind_new(L, BIND_LOSS, sizeof *bound);
    lua_createtable(L, 0, 2);
    if (model) {
        lua_pushvalue(L, model);
        lua_setfield(L, -2, "model");
    }
    if (data) {
        lua_pushvalue(L, data);
        lua_setfield(L, -2, "data");
    }
    lua_setiuservalue(L, -2, 1);
    return bound;
}

/* Sets the title of the loss on top of the stack to the text above it, which is popped. */
static void set_title(lua_State *L)
{
    lua_getiuservalue(L, -2, 1);
    lua_insert(L, -2);
    lua_setfield(L, -2, "title");
    lua_pop(L, 1);
}

/* --- losses of a model on data --- */

/* Both at 1 and 2. */
static struct model *model_argument(lua_State *L, const char *name, struct dataset **data)
{
    if (lua_gettop(L) != 2)
        bind_refuse(L, NULL, "%s takes a model and a data set: %s(model.line, data.line12)", name,
                    name);
    if (bind_test(L, 1, BIND_DATASET) && bind_test(L, 2, BIND_MODEL))
        bind_refuse(L, NULL, "%s takes the model first, then the data set", name);
    if (lua_type(L, 1) == LUA_TFUNCTION)
        bind_refuse(L, NULL, "%s takes a model; make one of the function first: model(f)", name);
    bind_model(L, 1, "model");
    *data = bind_dataset(L, 2, "data");
    struct model *model =
        bind_model_for(L, 1, (*data)->x, (*data)->examples, (int)(*data)->inputs);
    return model;
}

struct options {
    const struct loss_kind *kind;
    double values[LOSS_ARGUMENTS];
    bool given[LOSS_ARGUMENTS];
};

/* A number in its range, or the word "fit", which is NaN. */
static double number_or_fit(lua_State *L, const struct doc *doc, const struct argument *argument)
{
    if (lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "fit") == 0)
        return NAN;
    double value = lua_tonumber(L, -1);
    if (lua_type(L, -1) == LUA_TNUMBER && value > argument->minimum && isfinite(value))
        return value;
    int type = lua_type(L, -1);
    const char *given = type == LUA_TNUMBER   ? bind_number_text(L, value)
                        : type == LUA_TSTRING ? lua_pushfstring(L, "\"%s\"", lua_tostring(L, -1))
                                              : bind_describe(L, -1);
    bind_refuse(L, doc->name, "%s must be a number above %g or \"fit\", not %s", argument->name,
                argument->minimum, given);
    return NAN;
}

/* The named fields of the table at index (0: none); its list may have a model and data. */
static void read_options(lua_State *L, int index, const struct loss_kind *kind,
                         struct options *options)
{
    const struct doc *doc = &kind->doc;
    *options = (struct options){.kind = kind};
    if (index == 0) {
        for (size_t i = 0; i < doc->argument_count; i++)
            options->values[i] = doc->arguments[i].standard;
        return;
    }
    bind_options(L, index, doc, 2, options->values, options->given);
    for (size_t i = 0; i < doc->argument_count; i++) {
        if (doc->arguments[i].type != ARGUMENT_VALUE)
            continue;
        options->values[i] = doc->arguments[i].standard;
        int top = lua_gettop(L);
        if (bind_field(L, index, doc->arguments[i].name))
            options->values[i] = number_or_fit(L, doc, &doc->arguments[i]);
        lua_settop(L, top);
    }
}

/* loss.huber{delta = 0.5}; pushed. */
static void push_kind_title(lua_State *L, const struct options *options)
{
    const struct doc *doc = &options->kind->doc;
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    luaL_addstring(&buffer, doc->name);
    bool first = true;
    for (size_t i = 0; i < doc->argument_count; i++) {
        char text[48];
        if (!options->given[i])
            continue;
        luaL_addstring(&buffer, first ? "{" : ", ");
        luaL_addstring(&buffer, doc->arguments[i].name);
        luaL_addstring(&buffer, " = ");
        luaL_addstring(&buffer, isnan(options->values[i])
                                    ? "\"fit\""
                                    : array_number_text(options->values[i], text, sizeof text));
        first = false;
    }
    if (!first)
        luaL_addchar(&buffer, '}');
    luaL_pushresult(&buffer);
}

/* {delta = 0.5}: the options that were given. */
static void push_options(lua_State *L, const struct options *options)
{
    const struct doc *doc = &options->kind->doc;
    lua_newtable(L);
    for (size_t i = 0; i < doc->argument_count; i++) {
        if (!options->given[i])
            continue;
        if (isnan(options->values[i]))
            lua_pushliteral(L, "fit");
        else
            lua_pushnumber(L, options->values[i]);
        lua_setfield(L, -2, doc->arguments[i].name);
    }
}

/* The loss of the model at 1 on the data at 2. */
static int make_of_kind(lua_State *L, const struct options *options)
{
    struct dataset *data;
    struct model *model = model_argument(L, options->kind->doc.name, &data);
    if (options->kind->spread && options->given[0] && model->spreads > 0 &&
        !isnan(options->values[0]))
        return bind_refuse(L, options->kind->doc.name,
                           "the model puts out its own σ; leave sigma out");
    struct bound_loss *bound = push_loss(L, 1, 2);
    struct error error;
    bind_check(L,
               objective_build(&bound->objective, model, data, options->kind, options->values,
                               &error),
               &error);
    struct model *used = objective_model(bound->objective);
    if (used != model) { /* a model.gaussian of it */
        lua_getiuservalue(L, -1, 1);
        struct bound_model *gaussian = bind_new(L, BIND_MODEL, sizeof *gaussian);
        gaussian->model = model_keep(used);
        lua_setfield(L, -2, "model");
        lua_pop(L, 1);
    }
    lua_getiuservalue(L, -1, 1);
    push_options(L, options);
    lua_setfield(L, -2, "arguments");
    lua_pop(L, 1);
    push_kind_title(L, options);
    set_title(L);
    return 1;
}

/* What loss.huber{delta = 0.5} gives: upvalue 1 holds the options. */
static int loss_with_options(lua_State *L)
{
    return make_of_kind(L, lua_touserdata(L, lua_upvalueindex(1)));
}

/* loss.huber(m, d), loss.huber{delta = 0.5}(m, d); also (m, d, {...}) and {m, d, ...}. */
static int loss_of_kind(lua_State *L)
{
    struct options options;
    int count = lua_gettop(L);
    int table = (count == 1 || count == 3) && lua_type(L, count) == LUA_TTABLE ? count : 0;
    read_options(L, table, lua_touserdata(L, lua_upvalueindex(1)), &options);
    if (table == 1 && lua_rawlen(L, 1) == 0) {
        struct options *kept = lua_newuserdatauv(L, sizeof *kept, 0);
        *kept = options;
        lua_pushcclosure(L, loss_with_options, 1);
        return 1;
    }
    if (table == 1) {
        lua_rawgeti(L, 1, 1);
        lua_rawgeti(L, 1, 2);
        lua_remove(L, 1);
    } else if (table == 3) {
        lua_settop(L, 2);
    }
    return make_of_kind(L, &options);
}

/* --- losses without data --- */

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
        offset += spec->shape.rows * spec->shape.cols;
    }
    return call->by_table ? 1 : call->count;
}

/* Calls with plain numbers show a branch that tracing cannot see; see model.c. */
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
            const char *text = lua_tostring(L, -1);
            if (text && strstr(text, "interrupted!"))
                lua_error(L);
            lua_pop(L, 1);
            continue;
        }
        double got = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : NAN, expected;
        bool number = lua_type(L, -1) == LUA_TNUMBER;
        lua_pop(L, 1);
        struct error error;
        bind_check(L, objective_value(objective, phi, NULL, &expected, &error), &error);
        if (!number || (isnan(got) && isnan(expected)) || got == expected ||
            fabs(got - expected) <= 1e-9 * fmax(1, fmax(fabs(got), fabs(expected))))
            continue;
        lua_Debug frame;
        lua_pushvalue(L, function);
        lua_getinfo(L, ">S", &frame);
        lua_pushfstring(L,
                        "%s:%d: with %s = %s the loss's function itself gives %s and its traced "
                        "formula %s: it branches in a way that cannot be seen; write "
                        "where(condition, a, b)",
                        frame.short_src, frame.linedefined, objective_component(objective, 0),
                        bind_number_text(L, phi[0]), bind_number_text(L, got),
                        bind_number_text(L, expected));
        lua_error(L);
    }
    lua_pop(L, 1);
}

static const struct argument loss_arguments[] = {
    {.name = "parameters", .type = ARGUMENT_VALUE, .type_name = "table", .required = true,
     .summary = "sizes by name, {p = 10}, or a list that fixes their order"},
    {.name = "value", .type = ARGUMENT_VALUE, .type_name = "function", .required = true,
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
        return bind_refuse(L, NULL, "loss takes a function of the parameters, or a table "
                                    "{parameters =, value =}, not %s", bind_describe(L, 2));
    }
    node_id root = trace_function(L, function, "the loss", push_parameters, &call);
    int trace = lua_gettop(L);
    struct bound_loss *bound = push_loss(L, 0, 0);
    struct error error;
    bind_check(L,
               objective_build_function(&bound->objective, bind_context(L), call.specs,
                                        call.count, trace_graph(L, trace), root, &error),
               &error);
    graph_free(trace_take(L, trace));
    if (!call.by_table)
        compare_with_plain_calls(L, function, bound->objective);
    return 1;
}

/* --- a new kind: loss.per_example(function(prediction, y) ... end) --- */

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
    struct model *model = model_argument(L, "this loss", &data);
    struct pair pair = {.targets = (int)data->outputs};
    struct error error;
    if (pair.targets == 0)
        return bind_refuse(L, NULL, "the data set has no y to compare predictions with");
    bind_check(L, model_outputs(model, (int)data->inputs, &pair.outputs, &error), &error);
    lua_pushvalue(L, lua_upvalueindex(1));
    node_id root = trace_function(L, 3, "the loss", push_pair, &pair);
    int trace = lua_gettop(L);
    struct bound_loss *bound = push_loss(L, 1, 2);
    bind_check(L,
               objective_build_expression(&bound->objective, model, data, trace_graph(L, trace),
                                          root, false, &error),
               &error);
    graph_free(trace_take(L, trace));
    return 1;
}

static const struct argument per_example_arguments[] = {
    {.name = "f", .type = ARGUMENT_VALUE, .type_name = "function", .required = true,
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

/* --- values --- */

static char **components_of(struct objective *objective, lua_State *L)
{
    size_t size = objective_size(objective);
    char **names = lua_newuserdatauv(L, (size + 1) * sizeof *names, 0);
    for (size_t i = 0; i < size; i++)
        names[i] = (char *)objective_component(objective, i);
    return names;
}

/* φ at index: L{...}, L(array), by name; or all numbers from `index` to the top: L(0.6, -0.2). */
const double *bind_loss_phi(lua_State *L, struct objective *objective, int index)
{
    size_t size = objective_size(objective);
    if (lua_isnone(L, index))
        lua_settop(L, index);
    if (lua_type(L, index) == LUA_TNUMBER) {
        int count = lua_gettop(L) - index + 1;
        lua_createtable(L, count, 0);
        for (int i = 0; i < count; i++) {
            lua_pushvalue(L, index + i);
            lua_rawseti(L, -2, i + 1);
        }
        lua_replace(L, index);
        lua_settop(L, index);
    }
    char **names = components_of(objective, L);
    const double *phi = bind_parameters(L, index, names, size, "phi")->data;
    lua_pop(L, 1);
    return phi;
}

static int loss_call(lua_State *L)
{
    struct objective *objective = self(L);
    const double *phi = bind_loss_phi(L, objective, 2);
    double value;
    struct error error;
    bind_check(L, objective_value(objective, phi, NULL, &value, &error), &error);
    lua_pushnumber(L, value);
    return 1;
}

static const struct argument phi_argument[] = {
    {.name = "phi", .type = ARGUMENT_ARRAY, .shape = "P", .required = true,
     .summary = "the parameters: numbers, a list, an array, or a table by name"},
};
static const struct doc gradient_doc = {
    .name = "loss:gradient",
    .signature = "L:gradient(phi)",
    .summary = "The vector of partial derivatives, by back-propagation.",
    DOC_ARGUMENTS(phi_argument),
    .returns = "an array of P numbers; it points uphill",
    .errors = "another number of parameters",
    .equation = "∂L/∂φ",
    .example = "L = loss.least_squares(model.line, data.line12)\nprint(L:gradient{0.6, -0.2})",
    .result = "-21.904  -26.84044",
};
static int gradient(lua_State *L)
{
    struct objective *objective = self(L);
    const double *phi = bind_loss_phi(L, objective, 2);
    struct array *result = bind_array_new(L, 1, objective_size(objective), 1);
    double value;
    struct error error;
    bind_check(L, objective_gradient(objective, phi, NULL, &value, result->data, &error), &error);
    return 1;
}

static const struct doc hessian_doc = {
    .name = "loss:hessian",
    .signature = "L:hessian(phi)",
    .summary = "The matrix of second derivatives.",
    DOC_ARGUMENTS(phi_argument),
    .returns = "an array P×P, symmetric",
    .errors = "another number of parameters",
    .equation = "∂²L/∂φ∂φᵀ",
    .example = "L = loss.least_squares(model.line, data.line12)\nprint(L:hessian{0.6, -0.2})",
    .result = "24     22.82\n22.82  30.0242",
};
static int hessian(lua_State *L)
{
    struct objective *objective = self(L);
    const double *phi = bind_loss_phi(L, objective, 2);
    size_t size = objective_size(objective);
    if (size > 20000)
        return bind_refuse(L, NULL, "the Hessian of %zu parameters has %.3g numbers; that does not "
                                    "fit into memory", size, (double)size * (double)size);
    struct array *result = bind_array_new(L, 2, size, size);
    struct error error;
    bind_check(L, objective_hessian(objective, phi, NULL, result->data, &error), &error);
    return 1;
}

static const struct doc each_doc = {
    .name = "loss:each",
    .signature = "L:each(phi)",
    .summary = "The loss of every example, without penalties; of a mean, ℓᵢ before it is divided "
               "by I.",
    DOC_ARGUMENTS(phi_argument),
    .returns = "an array of I numbers",
    .errors = "a loss without data",
    .equation = "ℓᵢ",
    .example = "L = loss.least_squares(model.line, data.line12)\n"
               "print(L:each{0.6, -0.2}:slice(1, 3))",
    .result = "0.005776  0.082944  0.268324",
};
static int each(lua_State *L)
{
    struct objective *objective = self(L);
    const double *phi = bind_loss_phi(L, objective, 2);
    struct array *result = bind_array_new(L, 1, objective_examples(objective), 1);
    struct error error;
    bind_check(L, objective_each(objective, phi, NULL, result->data, &error), &error);
    return 1;
}

/* --- other data --- */

static const struct argument data_argument[] = {
    {.name = "data", .type = ARGUMENT_VALUE, .type_name = "data set", .required = true,
     .summary = "with the same columns"},
};
static const struct doc with_doc = {
    .name = "loss:with",
    .signature = "L:with(data)",
    .summary = "The same loss of the same model on other data.",
    DOC_ARGUMENTS(data_argument),
    .returns = "a loss",
    .errors = "data whose columns do not fit the model; a loss without data",
    .example = "L = loss.least_squares(model.line, data.line12)\n"
               "first = L:with(data.line12:take{1, 2, 3})\n"
               "print(string.format(\"%.6f\", first(0.6, -0.2)))",
    .result = "0.357044",
};
static int with(lua_State *L)
{
    struct objective *objective = self(L);
    struct dataset *data = bind_dataset(L, 2, "data");
    lua_getiuservalue(L, 1, 1);
    lua_getfield(L, -1, "model");
    int model = lua_gettop(L);
    struct bound_loss *bound = push_loss(L, model, 2);
    struct error error;
    bind_check(L, objective_with_data(&bound->objective, objective, data, &error), &error);
    static const char *const kept[] = {"title", "arguments", "terms", "penalty"};
    lua_getiuservalue(L, -1, 1);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        lua_getfield(L, model - 1, kept[i]);
        lua_setfield(L, -2, kept[i]);
    }
    lua_pop(L, 1);
    return 1;
}

static const struct argument indices_argument[] = {
    {.name = "indices", .type = ARGUMENT_ARRAY, .shape = "B", .required = true,
     .summary = "the numbers of the examples, from 1"},
};
static const struct doc batch_doc = {
    .name = "loss:batch",
    .signature = "L:batch(indices)",
    .summary = "The loss of some of the examples alone.",
    DOC_ARGUMENTS(indices_argument),
    .returns = "a loss",
    .errors = "an index that is not there; a loss without data",
    .example = "L = loss.least_squares(model.line, data.line12)\n"
               "print(string.format(\"%.6f\", L:batch{1, 2, 3}(0.6, -0.2)))",
    .result = "0.357044",
};
static int batch(lua_State *L)
{
    self(L);
    lua_settop(L, 2);
    lua_getiuservalue(L, 1, 1);
    if (lua_getfield(L, -1, "data") == LUA_TNIL)
        return bind_refuse(L, NULL, "this loss has no data, so it has no batches");
    lua_getfield(L, -1, "take");
    lua_insert(L, -2);
    lua_pushvalue(L, 2);
    lua_call(L, 2, 1);
    lua_replace(L, 2);
    lua_settop(L, 2);
    return with(L);
}

/* --- sums --- */

/* What one would type for the loss or penalty at index. */
static void push_title(lua_State *L, int index)
{
    struct penalty *penalty = bind_penalty(L, index);
    if (penalty) {
        bind_penalty_title(L, penalty);
        return;
    }
    lua_getiuservalue(L, index, 1);
    if (lua_getfield(L, -1, "title") == LUA_TNIL) {
        lua_pop(L, 1);
        lua_pushliteral(L, "loss");
    }
    lua_remove(L, -2);
}

/* The title, in parentheses where it is a sum. */
static void push_factor_title(lua_State *L, int index)
{
    push_title(L, index);
    if (strstr(lua_tostring(L, -1), " + ") || strstr(lua_tostring(L, -1), " - ")) {
        lua_pushfstring(L, "(%s)", lua_tostring(L, -1));
        lua_remove(L, -2);
    }
}

/* Keeps what the sum on top of the stack is made of: terms = {{coefficient =, loss =}, ...} and
 * penalty. */
static void set_terms(lua_State *L, const struct objective_term *terms, const int *losses,
                      size_t count, int penalty)
{
    lua_getiuservalue(L, -1, 1);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_createtable(L, 0, 2);
        lua_pushnumber(L, terms[i].coefficient);
        lua_setfield(L, -2, "coefficient");
        lua_pushvalue(L, losses[i]);
        lua_setfield(L, -2, "loss");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "terms");
    if (penalty) {
        lua_pushvalue(L, penalty);
        lua_setfield(L, -2, "penalty");
    }
    lua_pop(L, 1);
}

/* Pushes Σ coefficient·L + penalty (0: none) of the values at these indices, under the title on top
 * of the stack. */
static int push_sum(lua_State *L, const struct objective_term *terms, const int *losses,
                    size_t count, int penalty)
{
    int title = lua_gettop(L), model = 0, data = 0;
    for (size_t i = 0; i < count && !data; i++) {
        lua_getiuservalue(L, losses[i], 1);
        lua_getfield(L, -1, "model");
        lua_getfield(L, -2, "data");
        model = lua_isnil(L, -1) ? 0 : lua_gettop(L) - 1;
        data = lua_isnil(L, -1) ? 0 : lua_gettop(L);
    }
    struct bound_loss *bound = push_loss(L, model, data);
    struct error error;
    bind_check(L,
               objective_sum(&bound->objective, terms, count,
                             penalty ? bind_penalty(L, penalty) : NULL, &error),
               &error);
    set_terms(L, terms, losses, count, penalty);
    lua_pushvalue(L, title);
    set_title(L);
    return 1;
}

/* factor·(the loss or penalty at index) under the title on top of the stack. */
static int push_scaled(lua_State *L, int index, double factor)
{
    struct penalty *penalty = bind_penalty(L, index);
    if (penalty)
        return bind_penalty_push_scaled(L, penalty, factor);
    struct objective_term term = {factor, bind_loss(L, index, "loss")};
    return push_sum(L, &term, &index, 1, 0);
}

static bool is_term(lua_State *L, int index)
{
    return bind_test(L, index, BIND_LOSS) || bind_penalty(L, index);
}

/* L + 3 and the like: a constant moves no minimum, and is more likely a mistake. */
static int refuse_operand(lua_State *L, const char *operation)
{
    int other = is_term(L, 1) ? 2 : 1;
    return bind_refuse(L, NULL,
                       "a loss and %s cannot be %s; losses and penalties are added to each other "
                       "and multiplied by numbers: 0.5*L1 + L2 + 0.1*penalty.l2",
                       bind_describe(L, other), operation);
}

static int add_or_subtract(lua_State *L, double sign)
{
    if (!is_term(L, 1) || !is_term(L, 2))
        return refuse_operand(L, sign > 0 ? "added" : "subtracted");
    struct penalty *a = bind_penalty(L, 1), *b = bind_penalty(L, 2);
    push_title(L, 1);
    sign > 0 ? push_title(L, 2) : push_factor_title(L, 2);
    lua_pushfstring(L, "%s %s %s", lua_tostring(L, -2), sign > 0 ? "+" : "-", lua_tostring(L, -1));
    int title = lua_gettop(L);
    int penalty = a ? 1 : b ? 2 : 0;
    if (b && sign < 0) {
        bind_penalty_push_scaled(L, b, -1);
        penalty = a ? 1 : lua_gettop(L);
        b = bind_penalty(L, -1);
    }
    if (a && b)
        return bind_penalty_push_sum(L, a, b);
    lua_pushvalue(L, title);
    struct objective_term terms[2];
    int losses[2];
    size_t count = 0;
    for (int i = 1; i <= 2; i++)
        if (!(i == 1 ? a : b)) {
            terms[count] = (struct objective_term){i == 1 ? 1 : sign, bind_loss(L, i, "loss")};
            losses[count++] = i;
        }
    return push_sum(L, terms, losses, count, penalty);
}

static int add(lua_State *L)
{
    return add_or_subtract(L, 1);
}

static int subtract(lua_State *L)
{
    return add_or_subtract(L, -1);
}

static int multiply(lua_State *L)
{
    int number = lua_type(L, 1) == LUA_TNUMBER ? 1 : 2;
    if (lua_type(L, number) != LUA_TNUMBER)
        return refuse_operand(L, "multiplied");
    double factor = bind_number(L, number, "the factor of a loss");
    const char *text = bind_number_text(L, factor);
    push_factor_title(L, 3 - number);
    lua_pushfstring(L, "%s*%s", text, lua_tostring(L, -1));
    return push_scaled(L, 3 - number, factor);
}

static int divide(lua_State *L)
{
    if (lua_type(L, 2) != LUA_TNUMBER)
        return refuse_operand(L, "divided");
    double divisor = bind_number(L, 2, "the divisor of a loss");
    if (divisor == 0)
        return bind_refuse(L, NULL, "a loss cannot be divided by 0");
    const char *text = bind_number_text(L, divisor);
    push_factor_title(L, 1);
    lua_pushfstring(L, "%s/%s", lua_tostring(L, -1), text);
    return push_scaled(L, 1, 1 / divisor);
}

static int negate(lua_State *L)
{
    push_factor_title(L, 1);
    lua_pushfstring(L, "-%s", lua_tostring(L, -1));
    return push_scaled(L, 1, -1);
}

const luaL_Reg bind_loss_arithmetic[] = {{"__add", add},      {"__sub", subtract},
                                         {"__mul", multiply}, {"__div", divide},
                                         {"__unm", negate},   {NULL, NULL}};

/* --- the closed form --- */

static const struct doc solve_doc = {
    .name = "loss:solve",
    .signature = "phi, details = L:solve()",
    .summary = "The minimum in closed form, where the loss is a quadratic of its parameters: "
               "least squares of a model that is linear in φ, with ridge penalties or without.",
    .returns = "φ, and a table {phi, loss, condition}; for least squares also standard_errors, "
               "covariance, squares (S), sigma2 = S/(n − P), sigma, sigma2_ml = S/n, sigma_ml, "
               "log_likelihood (of normal noise with sigma_ml)",
    .errors = "a loss that is no quadratic; a solution that is not unique",
    .equation = "φ = (XᵀX + λ·I)⁻¹·Xᵀy, by QR;  standard error of φⱼ: √(σ²·((XᵀX)⁻¹)ⱼⱼ)",
    .source = "Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2009, "
              "section 3.2",
    .example = "phi, details = loss.least_squares(model.line, data.line12):solve()\n"
               "print(phi)\n"
               "print(string.format(\"%.6f %.9f\", details.sigma2, details.sigma2_ml))",
    .result = "0.82595  0.5222261\n0.019987 0.016655530",
};

static void set_number(lua_State *L, const char *name, double value)
{
    lua_pushnumber(L, value);
    lua_setfield(L, -2, name);
}

static void set_array(lua_State *L, const char *name, const double *values, int dimensions,
                      size_t rows, size_t cols)
{
    struct array *array = bind_array_new(L, dimensions, rows, cols);
    memcpy(array->data, values, rows * cols * sizeof *values);
    lua_setfield(L, -2, name);
}

struct solving {
    struct objective_solution solution;
    size_t size;
};

static int push_solution(lua_State *L)
{
    const struct solving *solving = lua_touserdata(L, 1);
    const struct objective_solution *solution = &solving->solution;
    size_t size = solving->size;
    struct array *phi = bind_array_new(L, 1, size, 1);
    memcpy(phi->data, solution->phi, size * sizeof *phi->data);
    lua_newtable(L);
    set_array(L, "phi", solution->phi, 1, size, 1);
    set_number(L, "loss", solution->loss);
    set_number(L, "condition", solution->condition);
    if (!solution->has_errors)
        return 2;
    set_array(L, "standard_errors", solution->errors, 1, size, 1);
    set_array(L, "covariance", solution->covariance, 2, size, size);
    set_number(L, "squares", solution->squares);
    set_number(L, "sigma2", solution->variance);
    set_number(L, "sigma", sqrt(solution->variance));
    set_number(L, "sigma2_ml", solution->variance_ml);
    set_number(L, "sigma_ml", sqrt(solution->variance_ml));
    set_number(L, "log_likelihood", solution->log_likelihood);
    lua_pushinteger(L, (lua_Integer)solution->count);
    lua_setfield(L, -2, "count");
    lua_pushinteger(L, (lua_Integer)solution->freedom);
    lua_setfield(L, -2, "freedom");
    return 2;
}

/* The numbers of C are given back whether or not Lua has the memory for its own. */
static int solve(lua_State *L)
{
    struct objective *objective = self(L);
    struct solving solving = {.size = objective_size(objective)};
    struct error error;
    lua_settop(L, 1);
    bind_check(L, objective_solve(objective, &solving.solution, &error), &error);
    lua_pushcfunction(L, push_solution);
    lua_pushlightuserdata(L, &solving);
    int status = lua_pcall(L, 1, 2, 0);
    objective_solution_free(&solving.solution);
    if (status != LUA_OK)
        return lua_error(L);
    lua_getglobal(L, "require"); /* L phi details require */
    lua_pushliteral(L, "descent.loss_methods");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "solution");
    lua_pushvalue(L, 3);
    lua_pushvalue(L, 1);
    lua_call(L, 2, 0);
    lua_settop(L, 3);
    return 2;
}

static const struct doc jacobian_doc = {
    .name = "loss:jacobian",
    .signature = "L:jacobian(phi)",
    .summary = "The derivatives of each example's loss (L:each), without penalties.",
    DOC_ARGUMENTS(phi_argument),
    .returns = "an array I×P: one row an example",
    .errors = "a loss without data",
    .equation = "∂ℓᵢ/∂φⱼ",
    .example = "L = loss.least_squares(model.line, data.line12)\n"
               "print(L:jacobian{0.6, -0.2}:slice(1, 2))",
    .result = "-0.152  -0.00456\n-0.576  -0.10944",
};
static int jacobian(lua_State *L)
{
    struct objective *objective = self(L);
    const double *phi = bind_loss_phi(L, objective, 2);
    struct array *result =
        bind_array_new(L, 2, objective_examples(objective), objective_size(objective));
    struct error error;
    bind_check(L, objective_jacobian(objective, phi, result->data, &error), &error);
    return 1;
}

/* --- the surface --- */

/* The range {a, b} in the field of that name, or of none. */
static bool range_field(lua_State *L, int table, const char *name, double range[2])
{
    if (lua_getfield(L, table, name) == LUA_TNIL) {
        lua_pop(L, 1);
        return false;
    }
    struct array *array = bind_vector(L, lua_gettop(L), 2, name);
    range[0] = array->data[0];
    range[1] = array->data[1];
    if (!(range[0] < range[1]))
        bind_refuse(L, NULL, "%s must be a range {from, to} with from below to", name);
    lua_pop(L, 1);
    return true;
}

static const struct argument surface_arguments[] = {
    {.name = "n", .type = ARGUMENT_INTEGER, .standard = 50, .minimum = 2, .maximum = 2000,
     .summary = "points along each parameter"},
    {.name = "phi", .type = ARGUMENT_ARRAY, .shape = "P",
     .summary = "where the other parameters are held"},
};
static const struct doc surface_doc = {
    .name = "loss:surface",
    .signature = "L:surface{phi0 = {a, b}, phi1 = {c, d}, n = 50, phi =}",
    .summary = "The loss over a grid of two parameters, named by their ranges.",
    DOC_ARGUMENTS(surface_arguments),
    .returns = "an array n×n: S(i, j), i along the earlier parameter of φ",
    .errors = "other than two ranges; phi missing where there are more than two parameters",
    .example = "L = loss.least_squares(model.line, data.line12)\n"
               "S = L:surface{phi0 = {0.6, 1}, phi1 = {-0.2, 1}, n = 2}\n"
               "print(string.format(\"%.6f\", S(1, 1)))",
    .result = "12.366904",
};
static int surface(lua_State *L)
{
    struct objective *objective = self(L);
    size_t size = objective_size(objective), axes[2], found = 0;
    double ranges[2][2];
    lua_settop(L, 2);
    if (lua_type(L, 2) != LUA_TTABLE)
        return bind_refuse(L, NULL, "L:surface takes a table: %s", surface_doc.signature);
    lua_newtable(L); /* 3: what is not a range */
    for (lua_pushnil(L); lua_next(L, 2) != 0; lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        bool range = false;
        for (size_t i = 0; i < size; i++)
            range = range || strcmp(objective_component(objective, i), key) == 0;
        if (!range && lua_istable(L, -1) && *key != '\0' && strcmp(key, "phi") != 0) {
            lua_createtable(L, (int)size, 0);
            for (size_t i = 0; i < size; i++) {
                lua_pushstring(L, objective_component(objective, i));
                lua_rawseti(L, -2, (lua_Integer)i + 1);
            }
            const char *nearest = bind_nearest(L, key, -1, size);
            return bind_refuse(L, NULL, "L:surface: the loss has no parameter \"%s\"%s%s", key,
                               nearest != NULL ? "; did you mean " : "",
                               nearest != NULL ? nearest : "");
        }
        if (!range) {
            lua_pushvalue(L, -2);
            lua_pushvalue(L, -2);
            lua_settable(L, 3);
        }
    }
    for (size_t i = 0; i < size; i++) {
        double range[2];
        if (!range_field(L, 2, objective_component(objective, i), range))
            continue;
        if (found == 2)
            return bind_refuse(L, NULL, "a surface has two parameters; ranges for more are given");
        ranges[found][0] = range[0];
        ranges[found][1] = range[1];
        axes[found++] = i;
    }
    double values[2];
    bool given[2];
    bind_options(L, 3, &surface_doc, 0, values, given);
    if (found != 2)
        return bind_refuse(L, NULL, "a surface needs the ranges of two parameters, such as %s = "
                                    "{-1, 1}", objective_component(objective, 0));
    if (!given[1] && size > 2)
        return bind_refuse(L, NULL, "phi is missing: it says where the other %zu parameters are "
                                    "held", size - 2);
    size_t n = (size_t)values[0];
    struct array *phi = NULL;
    if (given[1]) {
        lua_getfield(L, 3, "phi");
        int index = lua_gettop(L); /* components_of pushes */
        phi = bind_parameters(L, index, components_of(objective, L), size, "phi");
    } else {
        phi = bind_array_new(L, 1, size, 1);
    }
    struct array *grid = bind_array_new(L, 2, 2, n);
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < n; i++)
            grid->data[k * n + i] = i == n - 1 ? ranges[k][1]
                                               : ranges[k][0] + (ranges[k][1] - ranges[k][0]) *
                                                                    (double)i / (double)(n - 1);
    struct array *result = bind_array_new(L, 2, n, n);
    struct error error;
    bind_check(L,
               objective_surface(objective, phi->data, axes[0], grid->data, n, axes[1],
                                 grid->data + n, n, result->data, &error),
               &error);
    return 1;
}

/* --- methods written in Lua: require(module)[name](self, ...) --- */

static int call_lua(lua_State *L, const char *name, bool takes_phi)
{
    struct objective *objective = self(L);
    if (takes_phi)
        bind_loss_phi(L, objective, 2); /* an array from here on */
    int count = lua_gettop(L);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "descent.loss_methods");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, name);
    lua_insert(L, 1);
    lua_settop(L, count + 1);
    lua_call(L, count, LUA_MULTRET);
    return lua_gettop(L);
}

static const struct argument numeric_arguments[] = {
    {.name = "h", .symbol = "h", .type = ARGUMENT_NUMBER, .standard = 1e-5, .minimum = 0,
     .maximum = 1, .above = true, .summary = "the step of the difference quotient"},
    {.name = "method", .type = ARGUMENT_CHOICE, .choices = "central|forward|backward",
     .summary = "which quotient"},
};
static const struct doc numeric_doc = {
    .name = "loss:numeric_gradient",
    .signature = "L:numeric_gradient(phi, {h = 1e-5, method = \"central\"})",
    .summary = "The gradient by difference quotients: 2P evaluations (central) or P + 1.",
    DOC_ARGUMENTS(numeric_arguments),
    .returns = "an array of P numbers",
    .equation = "central: (L[φ + h·eⱼ] − L[φ − h·eⱼ])/(2h)",
    .example = "L = loss(function(a, b) return a^2 + 3*a*b end)\n"
               "g = L:numeric_gradient{1, 2}\n"
               "print(string.format(\"%.6f %.6f\", g[1], g[2]))",
    .result = "8.000000 3.000000",
};
static int numeric_gradient(lua_State *L)
{
    return call_lua(L, "numeric_gradient", true);
}

static const struct doc check_doc = {
    .name = "loss:check",
    .signature = "L:check(phi)",
    .summary = "Compares the gradient with central differences, component by component, and "
               "prints the table.",
    DOC_ARGUMENTS(phi_argument),
    .returns = "the largest relative error",
    .example = "L = loss.least_squares(model.line, data.line12)\nworst = L:check{0.6, -0.2}\n"
               "print(worst < 1e-8)",
    .result = "parameter   analytic    numeric  relative error\n"
              "phi0         -21.904    -21.904         < 1e-08\n"
              "phi1       -26.84044  -26.84044         < 1e-08\ntrue",
};
static int check(lua_State *L)
{
    return call_lua(L, "check", true);
}

/* --- fields --- */

static const char *const field_names[] = {"name",  "title",     "size",  "components",  "examples",
                                          "model", "data",      "terms", "evaluations", "penalty",
                                          "arguments", NULL};

/* A copy of the field of the table on top of the stack, for a loss never changes; or nil. */
static void push_copy(lua_State *L, const char *key)
{
    if (lua_getfield(L, -1, key) != LUA_TTABLE)
        return;
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, -3) != 0;) {
        lua_pushvalue(L, -2); /* table copy key value key */
        lua_insert(L, -2);
        lua_settable(L, -4);
    }
}

static int loss_fields(lua_State *L)
{
    struct objective *objective = self(L);
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (strcmp(key, "name") == 0) {
        const char *kind = objective_kind(objective);
        lua_pushstring(L, kind ? kind : "own");
    } else if (strcmp(key, "size") == 0) {
        lua_pushinteger(L, (lua_Integer)objective_size(objective));
    } else if (strcmp(key, "examples") == 0) {
        lua_pushinteger(L, (lua_Integer)objective_examples(objective));
    } else if (strcmp(key, "components") == 0) {
        size_t size = objective_size(objective);
        lua_createtable(L, (int)size, 0);
        for (size_t i = 0; i < size; i++) {
            lua_pushstring(L, objective_component(objective, i));
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
    } else if (strcmp(key, "title") == 0) {
        push_title(L, 1);
    } else if (strcmp(key, "terms") == 0 || strcmp(key, "arguments") == 0) {
        lua_getiuservalue(L, 1, 1);
        push_copy(L, key);
    } else if (strcmp(key, "model") == 0 || strcmp(key, "data") == 0 ||
               strcmp(key, "penalty") == 0) {
        lua_getiuservalue(L, 1, 1);
        lua_getfield(L, -1, key);
    } else if (strcmp(key, "evaluations") == 0) {
        struct objective_counts counts = objective_counts(objective);
        lua_createtable(L, 0, 3);
        lua_pushinteger(L, (lua_Integer)counts.values);
        lua_setfield(L, -2, "losses");
        lua_pushinteger(L, (lua_Integer)counts.gradients);
        lua_setfield(L, -2, "gradients");
        lua_pushinteger(L, (lua_Integer)counts.hessians);
        lua_setfield(L, -2, "hessians");
    } else {
        return 0;
    }
    return 1;
}

void bind_open_loss(lua_State *L)
{
    static const struct function methods[] = {
        {"gradient", gradient, &gradient_doc},
        {"hessian", hessian, &hessian_doc},
        {"each", each, &each_doc},
        {"jacobian", jacobian, &jacobian_doc},
        {"solve", solve, &solve_doc},
        {"with", with, &with_doc},
        {"batch", batch, &batch_doc},
        {"surface", surface, &surface_doc},
        {"numeric_gradient", numeric_gradient, &numeric_doc},
        {"check", check, &check_doc},
    };
    static const luaL_Reg meta[] = {{"__call", loss_call}, {"__gc", loss_gc}, {NULL, NULL}};
    bind_type(L, BIND_LOSS, methods, sizeof methods / sizeof *methods, meta, loss_fields,
              field_names);
    luaL_getmetatable(L, BIND_LOSS);
    luaL_setfuncs(L, bind_loss_arithmetic, 0);
    lua_pop(L, 1);
    lua_newtable(L); /* core loss */
    for (size_t i = 0; i < loss_kind_count; i++) {
        const struct loss_kind *kind = loss_kinds[i];
        lua_pushlightuserdata(L, (void *)kind);
        lua_pushcclosure(L, loss_of_kind, 1);
        bind_document(L, -1, &kind->doc);
        lua_setfield(L, -2, kind->doc.name + strlen("loss."));
    }
    static const struct function functions[] = {{"per_example", per_example, &per_example_doc}};
    bind_functions(L, functions, 1);
    bind_namespace(L, &loss_doc, NULL, NULL);
    lua_getmetatable(L, -1);
    lua_pushcfunction(L, make_loss);
    lua_setfield(L, -2, "__call");
    lua_pop(L, 1);
    lua_setfield(L, -2, "loss");
    bind_open_penalty(L);
}
