/* SPDX-License-Identifier: GPL-3.0-or-later */
/* expression.c: a traced Lua function as a value, and its derivatives: core.expression(f, shapes),
 * for lua/descent/derivative.lua. Not part of the language itself. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "bind/look.h"
#include "bind/symbol.h"
#include "bind/text.h"
#include "graph/rewrite.h"

#define EXPRESSION_TYPE "descent.expression"

enum { ARGUMENT_LIMIT = 200, OUTPUT_LIMIT = 100000 };

/* Its user value is the list of the arguments' names. */
struct expression {
    struct context *context;
    struct graph *graph; /* its parameters are the arguments, one after the other */
    int argument_count, size;
    struct shape *shapes; /* of the arguments */
    int output_count;
    node_id *outputs;
    struct evaluator *evaluator;
    double *phi;
};

static int expression_gc(lua_State *L)
{
    struct expression *expression = lua_touserdata(L, 1);
    evaluator_free(expression->evaluator);
    graph_free(expression->graph);
    if (expression->context) {
        memory_free(expression->context, expression->shapes);
        memory_free(expression->context, expression->outputs);
        memory_free(expression->context, expression->phi);
    }
    *expression = (struct expression){0};
    return 0;
}

static struct expression *self(lua_State *L)
{
    return luaL_checkudata(L, 1, EXPRESSION_TYPE);
}

static void no_memory(lua_State *L)
{
    struct error error;
    error_memory(&error, "an expression");
    bind_raise(L, &error);
}

/* Pushes an expression with room for these; the table of names at index becomes its own. */
static struct expression *push_expression(lua_State *L, int names, int arguments, int outputs)
{
    names = lua_absindex(L, names);
    struct expression *expression = lua_newuserdatauv(L, sizeof *expression, 1);
    *expression = (struct expression){.context = bind_context(L)};
    luaL_setmetatable(L, EXPRESSION_TYPE);
    lua_pushvalue(L, names);
    lua_setiuservalue(L, -2, 1);
    struct context *context = expression->context;
    expression->argument_count = arguments;
    expression->output_count = outputs;
    expression->shapes = memory_allocate(context, (size_t)arguments, sizeof(struct shape));
    expression->outputs = memory_allocate(context, (size_t)outputs, sizeof(node_id));
    if (!expression->shapes || !expression->outputs)
        no_memory(L);
    return expression;
}

/* --- tracing --- */

struct call {
    const char *names[ARGUMENT_LIMIT];
    struct shape shapes[ARGUMENT_LIMIT];
    int count;
};

static int push_arguments(lua_State *L, int trace_index, void *user)
{
    const struct call *call = user;
    struct graph *graph = trace_graph(L, trace_index);
    int offset = 0;
    luaL_checkstack(L, call->count + 10, "too many arguments");
    for (int i = 0; i < call->count; i++) {
        graph_declare(graph, call->names[i], offset, call->shapes[i]);
        symbol_push(L, trace_index, graph_parameter(graph, SOURCE_PHI, offset, call->shapes[i]));
        offset += shape_size(call->shapes[i]);
    }
    return call->count;
}

/* The names of a function's arguments; a built-in function has one, x. Pushes the list of them. */
static void read_names(lua_State *L, int function, const char *what, struct call *call)
{
    lua_Debug frame;
    lua_pushvalue(L, function);
    lua_getinfo(L, ">uS", &frame);
    bool built_in = strcmp(frame.what, "C") == 0;
    if (frame.isvararg && !built_in)
        bind_refuse(L, NULL, "%s needs a function with named arguments, not function(...)", what);
    if (frame.nparams == 0 && !built_in)
        bind_refuse(L, NULL,
                    "%s needs a function of at least one number, such as function(x) "
                    "return x^2 end",
                    what);
    if (frame.nparams > ARGUMENT_LIMIT)
        bind_refuse(L, NULL, "%s takes a function of at most %d numbers", what, ARGUMENT_LIMIT);
    call->count = built_in ? 1 : frame.nparams;
    lua_createtable(L, call->count, 0);
    for (int i = 0; i < call->count; i++) {
        if (built_in) {
            lua_pushliteral(L, "x");
        } else {
            lua_pushvalue(L, function);
            lua_pushstring(L, lua_getlocal(L, NULL, i + 1));
            lua_remove(L, -2);
        }
        call->names[i] = lua_tostring(L, -1);
        lua_rawseti(L, -2, i + 1);
    }
}

/* {{rows, cols}, ...} at index, or nothing: numbers. */
static void read_shapes(lua_State *L, int index, struct call *call)
{
    for (int i = 0; i < call->count; i++) {
        call->shapes[i] = (struct shape){1, 1};
        if (lua_type(L, index) != LUA_TTABLE || lua_rawgeti(L, index, i + 1) != LUA_TTABLE)
            continue;
        lua_rawgeti(L, -1, 1);
        lua_rawgeti(L, -2, 2);
        call->shapes[i].rows = (int)luaL_checkinteger(L, -2);
        call->shapes[i].cols = (int)luaL_optinteger(L, -1, 1);
        lua_pop(L, 3);
    }
}

/* core.expression(f, shapes, what) */
static int make_expression(lua_State *L)
{
    const char *what = luaL_optstring(L, 3, "the function");
    lua_settop(L, 3);
    luaL_checktype(L, 1, LUA_TFUNCTION);
    struct call *call = lua_newuserdatauv(L, sizeof *call, 0);
    read_names(L, 1, what, call); /* 5 */
    read_shapes(L, 2, call);
    node_id root = trace_function(L, 1, "the function", push_arguments, call);
    int trace = lua_gettop(L);
    struct expression *expression = push_expression(L, 5, call->count, 1);
    expression->graph = trace_take(L, trace);
    expression->outputs[0] = root;
    for (int i = 0; i < call->count; i++) {
        expression->shapes[i] = call->shapes[i];
        expression->size += shape_size(call->shapes[i]);
    }
    return 1;
}

/* --- derivatives --- */

static node_id leaf_of(struct graph *graph, const struct expression *from, int argument)
{
    int offset = 0;
    for (int i = 0; i < argument; i++)
        offset += shape_size(from->shapes[i]);
    return graph_parameter(graph, SOURCE_PHI, offset, from->shapes[argument]);
}

static int total_size(const struct expression *expression)
{
    int total = 0;
    for (int i = 0; i < expression->output_count; i++)
        total += shape_size(graph_shape(expression->graph, expression->outputs[i]));
    return total;
}

/* The derivative to a whole argument: leaves may overlap (v and v[1]), each adds to its place. */
static node_id whole_derivative(struct graph *graph, node_id whole, const struct gradient *gradient,
                                struct shape shape)
{
    int offset = graph_leaf_offset(graph, whole), size = shape_size(shape);
    node_id sum = graph_constant_shaped(graph, 0, shape);
    for (int i = 0; i < gradient->count; i++) {
        int begin = graph_leaf_offset(graph, gradient->leaves[i]) - offset;
        struct shape leaf = graph_shape(graph, gradient->leaves[i]);
        int count = shape_size(leaf);
        if (begin < 0 || begin + count > size)
            continue;
        node_id part = gradient->gradients[i];
        if (count < size)
            part = graph_pad(graph, part, begin, size);
        sum = graph_add(graph, sum, part);
    }
    return sum;
}

/* E:differentiate(argument): the derivatives of each component of the outputs to this argument, or
 * to all of them. */
static int expression_differentiate(lua_State *L)
{
    struct expression *from = self(L);
    int chosen = (int)luaL_optinteger(L, 2, 0); /* 0: all */
    lua_settop(L, 2);
    lua_getiuservalue(L, 1, 1); /* 3 */
    int columns = chosen ? 1 : from->argument_count, rows = total_size(from);
    if ((long long)rows * columns > OUTPUT_LIMIT)
        return bind_refuse(L, NULL, "%d derivatives of %d numbers are too many formulas", rows,
                           from->size);
    struct expression *result = push_expression(L, 3, from->argument_count, rows * columns);
    memcpy(result->shapes, from->shapes, (size_t)from->argument_count * sizeof *from->shapes);
    result->size = from->size;
    struct error error;
    bind_check(L, graph_new(&result->graph, result->context, &error), &error);
    struct graph *graph = result->graph;
    graph_set_stable(graph, true);
    graph_copy_declarations(graph, from->graph);
    int place = 0;
    for (int i = 0; i < from->output_count; i++) {
        node_id output = graph_copy(graph, from->graph, from->outputs[i], NULL, 0, NULL);
        int size = shape_size(graph_shape(graph, output));
        for (int r = 0; r < size; r++) {
            node_id component = size > 1 ? graph_part(graph, output, r, 1) : output;
            struct gradient gradient;
            bind_check(L, graph_differentiate(graph, component, false, &gradient, &error), &error);
            for (int k = 0; k < columns; k++) {
                int argument = chosen ? chosen - 1 : k;
                result->outputs[place++] = whole_derivative(graph, leaf_of(graph, from, argument),
                                                            &gradient, from->shapes[argument]);
            }
            graph_gradient_free(graph, &gradient);
        }
    }
    bind_check(L, graph_status(graph, &error), &error);
    return 1;
}

/* --- values --- */

/* The arguments in the list at index into phi. */
static void read_values(lua_State *L, int index, const struct expression *expression, double *phi)
{
    lua_getiuservalue(L, 1, 1);
    int names = lua_gettop(L);
    for (int i = 0; i < expression->argument_count; i++) {
        struct shape shape = expression->shapes[i];
        size_t size = (size_t)shape_size(shape);
        lua_rawgeti(L, names, i + 1);
        const char *name = lua_tostring(L, -1);
        lua_rawgeti(L, index, i + 1);
        if (size == 1 && lua_type(L, -1) == LUA_TNUMBER) {
            *phi = lua_tonumber(L, -1); /* NaN and infinity have derivatives too: NaN */
        } else {
            struct array *array = bind_array(L, lua_gettop(L), name);
            if (array->rows * array->cols != size)
                bind_refuse(L, NULL, "%s has %zu numbers, not %zu", name, size,
                            array->rows * array->cols);
            memcpy(phi, array->data, size * sizeof *phi);
        }
        phi += size;
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
}

/* E:evaluate{values}: the outputs, component after component, as a list. */
static int expression_evaluate(lua_State *L)
{
    struct expression *expression = self(L);
    struct error error;
    luaL_checktype(L, 2, LUA_TTABLE);
    if (!expression->phi) {
        expression->phi = memory_allocate(expression->context, (size_t)expression->size,
                                          sizeof(double));
        if (!expression->phi)
            no_memory(L);
    }
    if (!expression->evaluator)
        bind_check(L,
                   evaluator_new(&expression->evaluator, expression->graph, expression->outputs,
                                 expression->output_count, 0, &error),
                   &error);
    read_values(L, 2, expression, expression->phi);
    struct evaluator_point point = {.phi = expression->phi};
    bind_check(L, evaluator_run(expression->evaluator, &point, &error), &error);
    lua_createtable(L, expression->output_count, 0);
    lua_Integer place = 0;
    for (int i = 0; i < expression->output_count; i++) {
        node_id output = expression->outputs[i];
        const double *value = evaluator_value(expression->evaluator, output, 0);
        int size = shape_size(graph_shape(expression->graph, output));
        for (int r = 0; r < size; r++) {
            lua_pushnumber(L, value[r]);
            lua_rawseti(L, -2, ++place);
        }
    }
    return 1;
}

/* E:inside{symbols and numbers}: the outputs as a symbol of the function that is being traced;
 * nothing where no argument is a symbol. */
static int expression_inside(lua_State *L)
{
    struct expression *expression = self(L);
    lua_settop(L, 2);
    luaL_checktype(L, 2, LUA_TTABLE);
    node_id column;
    if (!symbol_column(L, 2, &column))
        return 0;
    int trace = lua_gettop(L);
    for (int i = 0; i < expression->argument_count; i++)
        if (shape_size(expression->shapes[i]) > 1)
            return bind_refuse(L, NULL,
                               "inside a traced function a derivative takes numbers, not "
                               "vectors");
    struct graph *graph = trace_graph(L, trace);
    int count = expression->output_count;
    node_id *outputs = lua_newuserdatauv(L, (size_t)count * sizeof *outputs, 0);
    for (int i = 0; i < count; i++)
        outputs[i] = graph_at(graph, expression->graph, expression->outputs[i], column);
    symbol_push(L, trace, graph_concat(graph, outputs, count));
    return 1;
}

/* --- looking --- */

static int expression_arguments(lua_State *L)
{
    struct expression *expression = self(L);
    lua_getiuservalue(L, 1, 1);
    lua_createtable(L, expression->argument_count, 0);
    for (int i = 0; i < expression->argument_count; i++) {
        lua_createtable(L, 0, 3);
        lua_rawgeti(L, -3, i + 1);
        lua_setfield(L, -2, "name");
        lua_pushinteger(L, expression->shapes[i].rows);
        lua_setfield(L, -2, "rows");
        lua_pushinteger(L, expression->shapes[i].cols);
        lua_setfield(L, -2, "cols");
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

/* E:size(): the number of components of all outputs. */
static int expression_size(lua_State *L)
{
    lua_pushinteger(L, total_size(self(L)));
    return 1;
}

/* E:formulas(notation): {texts = {...}, definitions = {...}}, or the text of a Lua function. */
static int expression_formulas(lua_State *L)
{
    struct expression *expression = self(L);
    enum notation notation = bind_notation(L, 2, NOTATION_UNICODE);
    struct workspace *workspace = bind_push_workspace(L);
    struct error error;
    if (notation == NOTATION_LUA) {
        bind_check(L,
                   formula_program(&workspace->text, expression->graph, expression->outputs,
                                   expression->output_count, NULL, &error),
                   &error);
        lua_pushstring(L, workspace->text);
        return 1;
    }
    bind_check(L,
               formula_print(&workspace->formulas, expression->graph, expression->outputs,
                             expression->output_count, notation, &error),
               &error);
    lua_createtable(L, 0, 2);
    lua_createtable(L, expression->output_count, 0);
    for (int i = 0; i < expression->output_count; i++) {
        lua_pushstring(L, workspace->formulas.texts[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "texts");
    bind_push_definitions(L, &workspace->formulas);
    lua_setfield(L, -2, "definitions");
    return 1;
}

/* E:nodes({values}, name) */
static int expression_nodes(lua_State *L)
{
    struct expression *expression = self(L);
    const char *name = luaL_checkstring(L, 3);
    double *phi = lua_newuserdatauv(L, ((size_t)expression->size + 1) * sizeof *phi, 0);
    read_values(L, 2, expression, phi);
    struct workspace *workspace = bind_push_workspace(L);
    struct error error;
    bind_check(L, graph_new(&workspace->graph, workspace->context, &error), &error);
    graph_copy_declarations(workspace->graph, expression->graph);
    node_id root = graph_copy(workspace->graph, expression->graph, expression->outputs[0], NULL, 0,
                              NULL);
    bind_check(L, graph_status(workspace->graph, &error), &error);
    if (expression->output_count > 1 || total_size(expression) > 1)
        return bind_refuse(L, NULL,
                           "a graph shows a function that returns one number; this one "
                           "returns %d",
                           total_size(expression));
    if (graph_is_constant(workspace->graph, root, NULL))
        return bind_refuse(L, NULL,
                           "the function does not depend on its arguments, so there is no "
                           "graph");
    struct evaluator_point point = {.phi = phi};
    bind_push_nodes(L, workspace, root, name, &point, 0, false);
    return 1;
}

void bind_open_expression(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"arguments", expression_arguments},
        {"size", expression_size},
        {"differentiate", expression_differentiate},
        {"evaluate", expression_evaluate},
        {"inside", expression_inside},
        {"formulas", expression_formulas},
        {"nodes", expression_nodes},
        {NULL, NULL},
    };
    luaL_newmetatable(L, EXPRESSION_TYPE);
    lua_pushcfunction(L, expression_gc);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    lua_pushcfunction(L, make_expression);
    lua_setfield(L, -2, "expression");
}
