/* SPDX-License-Identifier: GPL-3.0-or-later */
/* own_model.c: models from Lua functions.
 *
 * A user's function is traced when the width of its input is known. The traced models are kept by
 * width in the user value: {predict = function, parameters = specification or nil,
 * traced = {[width] = model}}. A model made of such models waits likewise: {parts = {...},
 * traced = {...}}. */
#include <string.h>

#include "base/generator.h"
#include "bind/namespace.h"
#include "bind/parameters.h"
#include "bind/symbol.h"
#include "bind/text.h"
#include "model/model.h"

/* --- tracing --- */

struct call {
    const struct model *layout;
    int width;
    bool by_table; /* parameters come as one table */
};

/* x, then φ: symbols in place of numbers. */
static int push_symbols(lua_State *L, int trace_index, void *user)
{
    const struct call *call = user;
    struct graph *graph = trace_graph(L, trace_index);
    int offset = 0;
    for (int i = 0; i < call->layout->parameter_count; i++) {
        const struct parameter *parameter = &call->layout->parameters[i];
        graph_declare(graph, parameter->name, offset, parameter->shape);
        offset += shape_size(parameter->shape);
    }
    symbol_push(L, trace_index, graph_input(graph, SOURCE_X, 0, call->width));
    if (call->by_table)
        lua_createtable(L, 0, call->layout->parameter_count);
    offset = 0;
    for (int i = 0; i < call->layout->parameter_count; i++) {
        const struct parameter *parameter = &call->layout->parameters[i];
        symbol_push(L, trace_index, graph_parameter(graph, SOURCE_PHI, offset, parameter->shape));
        if (call->by_table)
            lua_setfield(L, -2, parameter->name);
        offset += shape_size(parameter->shape);
    }
    return call->by_table ? 2 : 1 + call->layout->parameter_count;
}

static void push_block(lua_State *L, const double *values, struct shape shape)
{
    size_t size = (size_t)shape_size(shape);
    if (size == 1) {
        lua_pushnumber(L, *values);
        return;
    }
    struct array *array = bind_array_new(L, shape.cols > 1 ? 2 : 1, (size_t)shape.rows,
                                         (size_t)shape.cols);
    memcpy(array->data, values, size * sizeof *values);
}

/* Calls the function with plain numbers; NaN in *got where that fails or gives something else. */
static bool call_plainly(lua_State *L, int function, const struct call *call, const double *x,
                         const double *phi, double *got)
{
    lua_pushvalue(L, function);
    push_block(L, x, (struct shape){call->width, 1});
    if (call->by_table)
        lua_newtable(L);
    for (int i = 0; i < call->layout->parameter_count; i++) {
        const struct parameter *parameter = &call->layout->parameters[i];
        push_block(L, phi, parameter->shape);
        phi += shape_size(parameter->shape);
        if (call->by_table)
            lua_setfield(L, -2, parameter->name);
    }
    int count = call->by_table ? 2 : 1 + call->layout->parameter_count;
    if (lua_pcall(L, count, 1, 0) != LUA_OK) {
        trace_pass_interrupt(L);
        lua_pop(L, 1); /* comparing whole arrays, for one: where() cannot be called so */
        return false;
    }
    bool number = lua_type(L, -1) == LUA_TNUMBER;
    if (number)
        *got = lua_tonumber(L, -1);
    lua_pop(L, 1);
    return number;
}

/* Lua asks nobody about x == 0, `not x`, `x and y`: only calls with plain numbers can show that the
 * function does something else than its formula. */
static void compare_with_plain_calls(lua_State *L, int function, const struct call *call,
                                     struct model *model, const double *x, size_t count)
{
    enum { DATA = 40, POINTS = DATA + 7 };
    static const double marks[] = {0, 1, -1, 0.5, 2, -2.5, 10};
    if (model->outputs != 1)
        return;
    struct generator generator;
    generator_seed(&generator, 1);
    size_t width = (size_t)call->width, size = (size_t)model->size;
    double *point = lua_newuserdatauv(L, (width + size + 1) * sizeof *point, 0);
    double *phi = point + width;
    for (size_t k = 0; k < POINTS; k++) {
        if (k < DATA && k >= count)
            continue;
        for (size_t j = 0; j < width; j++)
            point[j] = k < DATA ? x[k * width + j] : marks[k - DATA];
        for (size_t j = 0; j < size; j++)
            phi[j] = k == DATA ? 0 : 0.1 + generator_normal(&generator);
        double expected, got;
        struct error error;
        bind_check(L, model_predict(model, point, 1, call->width, phi, &expected, &error), &error);
        if (!call_plainly(L, function, call, point, phi, &got) || trace_agrees(got, expected))
            continue;
        trace_refuse(L, function, "the model", "x", point[0], got, expected);
    }
    lua_pop(L, 1);
}

/* The same kind with its parts traced; pushed. */
static struct bound_model *trace_parts(lua_State *L, const struct model *layout, int parts,
                                       const double *x, size_t count, int width)
{
    struct model_source source = {.arguments = layout->arguments,
                                  .widths = layout->widths,
                                  .width_count = layout->width_count,
                                  .data = layout->data};
    luaL_checkstack(L, MODEL_PARTS + LUA_MINSTACK, NULL);
    for (int i = 0; i < MODEL_PARTS && layout->parts[i]; i++) {
        lua_rawgeti(L, parts, i + 1);
        source.parts[i] = bind_model_for(L, -1, x, count, width);
    }
    struct bound_model *result = bind_new(L, BIND_MODEL, sizeof *result);
    struct error error;
    bind_check(L, model_new(&result->model, bind_context(L), layout->kind, &source, &error),
               &error);
    return result;
}

struct model *bind_model_for(lua_State *L, int index, const double *x, size_t count, int width)
{
    index = lua_absindex(L, index);
    struct bound_model *bound = bind_model(L, index, "model");
    if (!bound->traced)
        return bound->model;
    int top = lua_gettop(L);
    lua_getiuservalue(L, index, 1);
    lua_getfield(L, -1, "traced");
    if (lua_rawgeti(L, -1, width) != LUA_TNIL) {
        struct bound_model *known = lua_touserdata(L, -1);
        lua_settop(L, top);
        return known->model;
    }
    lua_pop(L, 1);
    int traced = lua_gettop(L);
    if (lua_getfield(L, traced - 1, "parts") != LUA_TNIL) {
        struct model *model = trace_parts(L, bound->model, traced + 1, x, count, width)->model;
        lua_rawseti(L, traced, width);
        lua_settop(L, top);
        return model;
    }
    lua_pop(L, 1);
    lua_getfield(L, traced - 1, "predict");
    int function = lua_gettop(L);
    lua_getfield(L, traced - 1, "parameters");
    struct call call = {bound->model, width, !lua_isnil(L, -1)};
    node_id root = trace_function(L, function, "the model", push_symbols, &call);
    int trace = lua_gettop(L);
    struct bound_model *result = bind_new(L, BIND_MODEL, sizeof *result);
    struct model *layout = bound->model;
    struct parameter_spec *specs = lua_newuserdatauv(
        L, (size_t)layout->parameter_count * sizeof *specs, 0);
    for (int i = 0; i < layout->parameter_count; i++)
        specs[i] = (struct parameter_spec){layout->parameters[i].name, layout->parameters[i].shape,
                                           layout->parameters[i].start};
    struct error error;
    bind_check(L,
               model_from_expression(&result->model, bind_context(L), specs,
                                     layout->parameter_count, width, trace_take(L, trace), root,
                                     &error),
               &error);
    compare_with_plain_calls(L, function, &call, result->model, x, x ? count : 0);
    lua_pushvalue(L, trace + 1);
    lua_rawseti(L, traced, width);
    struct model *model = result->model;
    lua_settop(L, top);
    return model;
}

/* --- model(function(x, phi0, phi1) ... end) --- */

static void push_own_model(lua_State *L, struct parameter_spec *specs, int count, int function,
                           int specification)
{
    struct bound_model *bound = bind_new(L, BIND_MODEL, sizeof *bound);
    struct graph *empty;
    struct error error;
    bind_check(L, graph_new(&empty, bind_context(L), &error), &error);
    bind_check(
        L, model_from_expression(&bound->model, bind_context(L), specs, count, 0, empty, 0, &error),
        &error);
    bound->traced = true;
    lua_newtable(L);
    lua_pushvalue(L, function);
    lua_setfield(L, -2, "predict");
    if (specification) {
        lua_pushvalue(L, specification);
        lua_setfield(L, -2, "parameters");
    }
    lua_newtable(L);
    lua_setfield(L, -2, "traced");
    lua_setiuservalue(L, -2, 1);
}

static const struct argument model_arguments[] = {
    {.name = "parameters",
     .type = ARGUMENT_VALUE,
     .type_name = "table",
     .summary = "sizes by name, {W = {8, 1}, b = 8}, or a list {{\"W\", 8, 1}, {\"b\", 8}} that "
                "fixes their order"},
    {.name = "predict",
     .type = ARGUMENT_VALUE,
     .type_name = "function",
     .required = true,
     .summary = "function(x, p): the prediction, with the parameters in the table p"},
};
static const struct doc model_doc = {
    .name = "model",
    .signature = "model(function(x, phi0, ...) ... end) or model{parameters = {...}, predict = "
                 "function(x, p) ... end}",
    .summary = "A model of one's own, from a Lua function of the input and the parameters; it is "
               "traced once, then runs as compiled code.",
    DOC_ARGUMENTS(model_arguments),
    .returns = "a model; its parameters have the names of the function's arguments",
    .errors = "a function that branches on its input (write where(x > 0, a, b)), that uses random "
              "numbers, or that returns nothing",
    .equation = "f[x, φ]",
    .example = "wave = model(function(x, phi0, phi1) return sin(phi0 + phi1*x) end)\n"
               "print(wave({0, 1}, {0, pi/2}))",
    .result = "0  1",
};

/* model(...): upvalue none; argument 1 is the namespace. */
static int make_model(lua_State *L)
{
    lua_settop(L, 2);
    if (lua_type(L, 2) == LUA_TFUNCTION) {
        int count;
        struct parameter_spec *specs = bind_argument_specs(L, 2, 1, "model", &count);
        push_own_model(L, specs, count, 2, 0);
        return 1;
    }
    if (lua_type(L, 2) != LUA_TTABLE)
        return bind_refuse(L, NULL,
                           "model takes a function, or a table {parameters =, predict =}, "
                           "not %s",
                           bind_describe(L, 2));
    double values[2];
    bool given[2];
    bind_options(L, 2, &model_doc, 0, values, given);
    lua_getfield(L, 2, "predict"); /* 3 */
    if (!given[0])
        return bind_refuse(L, "model", "parameters is missing: parameters = {W = {8, 1}, b = 8}");
    lua_getfield(L, 2, "parameters"); /* 4 */
    int count;
    struct parameter_spec *specs = bind_parameter_specs(L, 4, &count);
    push_own_model(L, specs, count, 3, 4);
    return 1;
}

void bind_open_own_model(lua_State *L)
{
    bind_namespace(L, &model_doc, NULL, NULL);
    lua_getmetatable(L, -1);
    lua_pushcfunction(L, make_model);
    lua_setfield(L, -2, "__call");
    lua_pop(L, 1);
}
