/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loss.c: the namespace `loss`, and losses as values. A loss holds one reference to an objective;
 * its user value keeps the Lua values of its model and its data. */
#include "bind/loss.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "bind/namespace.h"
#include "bind/parameters.h"
#include "bind/symbol.h"
#include "bind/text.h"
#include "graph/formula.h"
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

/* --- losses of a model on data --- */

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

static int loss_of_kind(lua_State *L)
{
    const struct loss_kind *kind = lua_touserdata(L, lua_upvalueindex(1));
    struct dataset *data;
    struct model *model = model_argument(L, kind->doc.name, &data);
    struct bound_loss *bound = push_loss(L, 1, 2);
    struct error error;
    bind_check(L, objective_build(&bound->objective, model, data, kind, &error), &error);
    return 1;
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
    .returns = "a loss; its parameters have the names of the function's arguments",
    .errors = "a function that branches on its arguments, or returns no single number",
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
static const double *phi_at(lua_State *L, struct objective *objective, int index)
{
    size_t size = objective_size(objective);
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
    const double *phi = phi_at(L, objective, 2);
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
    const double *phi = phi_at(L, objective, 2);
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
    const double *phi = phi_at(L, objective, 2);
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
    .summary = "The loss of every example.",
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
    const double *phi = phi_at(L, objective, 2);
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

/* --- formulas --- */

static void push_definitions(lua_State *L, const struct formulas *formulas)
{
    lua_createtable(L, formulas->definition_count, 0);
    for (int i = 0; i < formulas->definition_count; i++) {
        lua_createtable(L, 0, 2);
        lua_pushstring(L, formulas->names[i]);
        lua_setfield(L, -2, "name");
        lua_pushstring(L, formulas->definitions[i]);
        lua_setfield(L, -2, "text");
        lua_rawseti(L, -2, i + 1);
    }
}

static const struct argument formula_arguments[] = {
    {.name = "notation", .type = ARGUMENT_CHOICE, .choices = "unicode|ascii",
     .summary = "how it is written"},
};
static const struct doc formulas_doc = {
    .name = "loss:formulas",
    .signature = "L:formulas([\"ascii\"])",
    .summary = "The loss and its partial derivatives as texts; L:derivative() shows them.",
    DOC_ARGUMENTS(formula_arguments),
    .returns = "a table {value =, partials = {{name =, text =}, ...}, definitions = {{name =, "
               "text =}, ...}, value_definitions = ...}",
    .example = "L = loss(function(a) return a^2 - 4*a + 5 end)\n"
               "print(L:formulas(\"ascii\").partials[1].text)",
    .result = "2*a - 4",
};
static int loss_formulas(lua_State *L)
{
    struct objective *objective = self(L);
    lua_settop(L, 2);
    bool ascii = lua_isstring(L, 2) && strcmp(lua_tostring(L, 2), "ascii") == 0;
    enum notation notation = ascii ? NOTATION_ASCII : NOTATION_UNICODE;
    struct objective_formulas found;
    struct formulas formulas;
    struct error error;
    bind_check(L, objective_formulas(objective, &found, &error), &error);
    lua_createtable(L, 0, 4);
    bind_check(L, formula_print(&formulas, found.written, &found.root, 1, notation, &error),
               &error);
    lua_pushstring(L, formulas.texts[0]);
    lua_setfield(L, -2, "value");
    push_definitions(L, &formulas);
    lua_setfield(L, -2, "value_definitions");
    formula_free(&formulas);
    bind_check(L,
               formula_print(&formulas, found.derived, found.partials, found.count, notation,
                             &error),
               &error);
    lua_createtable(L, found.count, 0);
    for (int i = 0; i < found.count; i++) {
        size_t offset = (size_t)graph_leaf_offset(found.derived, found.leaves[i]);
        struct shape shape = graph_shape(found.derived, found.leaves[i]);
        const char *component = objective_component(objective, offset);
        lua_createtable(L, 0, 3);
        if (shape.rows * shape.cols > 1) /* a whole block */
            lua_pushlstring(L, component, strcspn(component, "["));
        else
            lua_pushstring(L, component);
        lua_setfield(L, -2, "name");
        lua_pushinteger(L, (lua_Integer)offset);
        lua_setfield(L, -2, "offset");
        lua_pushstring(L, formulas.texts[i]);
        lua_setfield(L, -2, "text");
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "partials");
    push_definitions(L, &formulas);
    lua_setfield(L, -2, "definitions");
    formula_free(&formulas);
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
        phi_at(L, objective, 2); /* an array from here on */
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

static const struct doc derivative_doc = {
    .name = "loss:derivative",
    .signature = "L:derivative([\"ascii\"])",
    .summary = "The formula of each partial derivative, derived by the program.",
    DOC_ARGUMENTS(formula_arguments),
    .returns = "a table of the formulas by parameter, which prints as lines",
    .example = "L = loss.least_squares(model.line, data.line12)\nprint(L:derivative(\"ascii\"))",
    .result = "dL/dphi0 = 2*sum_i (phi0 + phi1*x_i - y_i)\n"
              "dL/dphi1 = 2*sum_i x_i*(phi0 + phi1*x_i - y_i)",
};
static int derivative(lua_State *L)
{
    return call_lua(L, "derivative", false);
}

/* --- fields --- */

static const char *const field_names[] = {"name", "size", "components", "examples", "model",
                                          "data", "evaluations", NULL};

/* core.symbol_text(name, ascii): "phi0" as it is read. */
static int symbol_text(lua_State *L)
{
    char buffer[256];
    lua_pushstring(L, formula_symbol(luaL_checkstring(L, 1),
                                     lua_toboolean(L, 2) ? NOTATION_ASCII : NOTATION_UNICODE,
                                     buffer, sizeof buffer));
    return 1;
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
    } else if (strcmp(key, "model") == 0 || strcmp(key, "data") == 0) {
        lua_getiuservalue(L, 1, 1);
        lua_getfield(L, -1, key);
    } else if (strcmp(key, "evaluations") == 0) {
        struct objective_counts counts = objective_counts(objective);
        lua_createtable(L, 0, 3);
        lua_pushinteger(L, (lua_Integer)counts.values);
        lua_setfield(L, -2, "values");
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
        {"with", with, &with_doc},
        {"batch", batch, &batch_doc},
        {"formulas", loss_formulas, &formulas_doc},
        {"surface", surface, &surface_doc},
        {"numeric_gradient", numeric_gradient, &numeric_doc},
        {"check", check, &check_doc},
        {"derivative", derivative, &derivative_doc},
    };
    static const luaL_Reg meta[] = {{"__call", loss_call}, {"__gc", loss_gc}, {NULL, NULL}};
    bind_type(L, BIND_LOSS, methods, sizeof methods / sizeof *methods, meta, loss_fields,
              field_names);
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
    lua_pushcfunction(L, symbol_text);
    lua_setfield(L, -2, "symbol_text");
}
