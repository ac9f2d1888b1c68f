/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model.c: the namespace `model`, and models as values: the object, the kinds, predicting,
 * fields. */
#include <string.h>

#include "base/generator.h"
#include "bind/bind.h"
#include "bind/look.h"
#include "bind/parameters.h"
#include "bind/text.h"
#include "graph/formula.h"
#include "loss/scores.h"
#include "model/model.h"

struct bound_model *bind_model(lua_State *L, int index, const char *argument)
{
    return bind_object(L, index, BIND_MODEL, argument);
}

static struct bound_model *self(lua_State *L)
{
    return bind_object(L, 1, BIND_MODEL, NULL);
}

static int model_gc(lua_State *L)
{
    struct bound_model *bound = lua_touserdata(L, 1);
    model_release(bound->model);
    bound->model = NULL;
    return 0;
}

/* --- the kinds --- */

static void push_kind(lua_State *L, const struct model_kind *kind,
                      const struct model_source *source)
{
    struct bound_model *bound = bind_new(L, BIND_MODEL, sizeof *bound);
    struct error error;
    bind_check(L, model_new(&bound->model, bind_context(L), kind, source, &error), &error);
}

static bool is_kind_of(const struct argument *argument, const char *type_name)
{
    return argument->type == ARGUMENT_VALUE && strcmp(argument->type_name, type_name) == 0;
}

/* model.nearest(3, d), model.nearest{3, d}: values without a name are put under their names, in a
 * new table at `first`. Widths stay where they are. */
static void name_arguments(lua_State *L, const struct doc *doc, int first)
{
    bool table = lua_type(L, first) == LUA_TTABLE;
    bool widths = doc->argument_count > 0 && is_kind_of(&doc->arguments[0], "list of widths");
    int count = table ? (int)lua_rawlen(L, first) : lua_gettop(L) - first + 1;
    if (widths && !table)
        bind_refuse(L, NULL, "%s takes its widths in braces: %s", doc->name, doc->signature);
    if (widths || (table && count == 0))
        return;
    if (count > (int)doc->argument_count)
        bind_refuse(L, NULL, "%s takes at most %d argument%s, not %d", doc->name,
                    (int)doc->argument_count, doc->argument_count == 1 ? "" : "s", count);
    lua_newtable(L);
    int named = lua_gettop(L);
    for (int i = 0; i < count; i++) {
        if (table)
            lua_rawgeti(L, first, i + 1);
        else
            lua_pushvalue(L, first + i);
        lua_setfield(L, named, doc->arguments[i].name);
    }
    for (lua_pushnil(L); table && lua_next(L, first) != 0;) {
        lua_pushvalue(L, -2); /* key value key */
        lua_insert(L, -2);
        if (lua_isinteger(L, -2))
            lua_pop(L, 2);
        else
            lua_settable(L, named);
    }
    lua_settop(L, named);
    lua_replace(L, first);
    lua_settop(L, first);
}

/* The widths in the table at index: its list, or the field of that name. Pushes their block. */
static void read_widths(lua_State *L, int index, const struct doc *doc, struct model_source *source)
{
    int count = (int)lua_rawlen(L, index);
    if (bind_field(L, index, "widths")) {
        if (count > 0)
            bind_refuse(L, doc->name, "the widths are given twice");
        index = lua_gettop(L);
        if (lua_type(L, index) != LUA_TTABLE)
            bind_refuse(L, doc->name, "widths must be a list, not %s", bind_describe(L, index));
        count = (int)lua_rawlen(L, index);
    }
    int *widths = lua_newuserdatauv(L, ((size_t)count + 1) * sizeof *widths, 0);
    for (int i = 0; i < count; i++) {
        lua_rawgeti(L, index, i + 1);
        const char *what = lua_pushfstring(L, "width %d", i + 1);
        widths[i] = (int)bind_integer(L, -2, what, 1, 1000000);
        lua_pop(L, 2);
    }
    source->widths = widths;
    source->width_count = count;
}

/* Pushes the value of a kind, remembering parts that are yet to be traced. */
static void push_made_of(lua_State *L, const struct model_kind *kind, int index,
                         const struct model_source *source, bool traced)
{
    push_kind(L, kind, source);
    if (!traced)
        return;
    struct bound_model *bound = lua_touserdata(L, -1);
    bound->traced = true;
    lua_createtable(L, 0, 2);
    lua_createtable(L, MODEL_PARTS, 0);
    int count = 0;
    for (size_t i = 0; i < kind->doc.argument_count; i++)
        if (is_kind_of(&kind->doc.arguments[i], "model") &&
            bind_field(L, index, kind->doc.arguments[i].name))
            lua_rawseti(L, -2, ++count);
    lua_setfield(L, -2, "parts");
    lua_newtable(L);
    lua_setfield(L, -2, "traced");
    lua_setiuservalue(L, -2, 1);
}

/* model.polynomial(3), model.gabor{envelope = 8}: arguments from `first` on. */
static int make_kind(lua_State *L, const struct model_kind *kind, int first)
{
    const struct doc *doc = &kind->doc;
    double values[MODEL_ARGUMENTS] = {0};
    bool given[MODEL_ARGUMENTS], traced = false;
    struct model_source source = {.arguments = values};
    int parts = 0;
    name_arguments(L, doc, first);
    bind_options(L, first, doc, (int)lua_rawlen(L, first), values, given);
    for (size_t i = 0; i < doc->argument_count; i++) {
        const struct argument *argument = &doc->arguments[i];
        if (is_kind_of(argument, "list of widths"))
            read_widths(L, first, doc, &source);
        if (!given[i] || argument->type != ARGUMENT_VALUE)
            continue;
        bind_field(L, first, argument->name);
        if (is_kind_of(argument, "model")) {
            struct bound_model *part = bind_model(L, -1, argument->name);
            source.parts[parts++] = part->model;
            traced = traced || part->traced;
        } else if (is_kind_of(argument, "data set")) {
            source.data = bind_dataset(L, -1, argument->name);
        }
    }
    push_made_of(L, kind, first, &source, traced);
    return 1;
}

static int kind_constructor(lua_State *L)
{
    const struct model_kind *kind = lua_touserdata(L, lua_upvalueindex(1));
    if (lua_gettop(L) == 0)
        lua_newtable(L);
    return make_kind(L, kind, 1);
}

/* --- predicting --- */

/* The width of x for this model: its columns; a list is several examples of one column, or one
 * example of a model that takes as many columns. */
static int width_of(const struct bound_model *bound, lua_State *L, const struct array *x,
                    bool *one_example)
{
    *one_example = false;
    if (x->dimensions == 2)
        return (int)x->cols;
    int inputs = bound->model->inputs;
    if (bound->traced) { /* a width it has been traced for */
        lua_getiuservalue(L, 1, 1);
        lua_getfield(L, -1, "traced");
        bool one = lua_rawgeti(L, -1, 1) != LUA_TNIL;
        bool other = lua_rawgeti(L, -2, (lua_Integer)x->rows) != LUA_TNIL;
        lua_pop(L, 4);
        inputs = one || !other ? 1 : (int)x->rows;
    }
    if (inputs > 1 && (size_t)inputs == x->rows) {
        *one_example = true;
        return inputs;
    }
    return 1;
}

static int predict(lua_State *L)
{
    struct bound_model *bound = self(L);
    bool number = lua_type(L, 2) == LUA_TNUMBER, one_example;
    if (number) {
        lua_createtable(L, 1, 0);
        lua_pushvalue(L, 2);
        lua_rawseti(L, -2, 1);
        lua_replace(L, 2);
    }
    struct array *x = bind_array(L, 2, "x");
    int width = width_of(bound, L, x, &one_example);
    size_t count = one_example ? 1 : x->rows;
    struct model *model = bind_model_for(L, 1, x->data, count, width);
    const double *phi = NULL;
    if (model->size > 0)
        phi = bind_parameters(L, 3, model->components, (size_t)model->size, "phi")->data;
    int outputs;
    struct error error;
    bind_check(L, model_outputs(model, width, &outputs, &error), &error);
    bool scalar = (number || one_example) && outputs == 1;
    struct array *result = number || one_example || outputs == 1
                               ? bind_array_new(L, 1, count * (size_t)outputs, 1)
                               : bind_array_new(L, 2, count, (size_t)outputs);
    bind_check(L, model_predict(model, x->data, count, width, phi, result->data, &error), &error);
    if (scalar)
        lua_pushnumber(L, result->data[0]);
    return 1;
}

/* m(x, phi) predicts; a built-in kind with settings is also its own constructor. */
static int model_call(lua_State *L)
{
    struct bound_model *bound = self(L);
    if (lua_gettop(L) == 2 && !bound->traced && bound->model->kind->is_value &&
        bound->model->kind->doc.argument_count > 0)
        return make_kind(L, bound->model->kind, 2);
    if (bound->model->size == 0 && lua_gettop(L) >= 2)
        return predict(L);
    if (lua_gettop(L) != 3)
        return bind_refuse(L, NULL, "a model is called with x and phi: m(x, phi)");
    return predict(L);
}

/* --- methods and fields --- */

static const struct argument phi_argument[] = {
    {.name = "phi",
     .type = ARGUMENT_ARRAY,
     .shape = "P",
     .required = true,
     .summary = "the parameters: an array, a list, or a table by name"},
};
static const struct doc named_doc = {
    .name = "model:named",
    .signature = "model:named(phi)",
    .summary = "the parameters by name",
    DOC_ARGUMENTS(phi_argument),
    .returns = "a table: a number for a single parameter, an array for a block",
    .example = "p = model.line:named{1.5, -2}\nprint(p.phi0, p.phi1)",
    .result = "1.5\t-2.0",
};
static int named(lua_State *L)
{
    struct bound_model *bound = self(L);
    struct model *model = bound->model;
    struct array *phi = bind_parameters(L, 2, model->components, (size_t)model->size, "phi");
    bind_push_named(L, phi->data, model->components, (size_t)model->size);
    return 1;
}

static const struct argument init_arguments[] = {
    {.name = "seed",
     .type = ARGUMENT_INTEGER,
     .minimum = 0,
     .maximum = 4294967295.0,
     .default_text = "the global generator goes on",
     .summary = "for a start that can be repeated"},
    {.name = "scheme",
     .type = ARGUMENT_CHOICE,
     .choices = "standard|he|xavier|normal|zeros",
     .summary = "standard: matrices He, offsets 0, single parameters N(0, 1)"},
};
static const struct doc init_doc = {
    .name = "model:init",
    .signature = "model:init{seed, scheme}",
    .summary = "a random start for the parameters",
    DOC_ARGUMENTS(init_arguments),
    .returns = "an array of P numbers",
    .equation = "He: N(0, 2/columns); Xavier: N(0, 2/(rows + columns))",
    .source = "He et al. 2015, equation 10; Glorot and Bengio 2010, equation 12",
    .example = "print(model.line:init{seed = 1})",
    .result = "1.624345  -0.6117564",
};
static int init(lua_State *L)
{
    struct bound_model *bound = self(L);
    lua_settop(L, 2);
    double values[2];
    bool given[2];
    if (bound->model->size == 0)
        return bind_refuse(L, NULL, "%s has no parameters to start from",
                           bound->model->kind->doc.name);
    if (lua_isnil(L, 2)) {
        lua_newtable(L);
        lua_replace(L, 2);
    }
    bind_options(L, 2, &init_doc, 0, values, given);
    struct generator own, *generator = bind_generator(L);
    if (given[0]) {
        generator_seed(&own, (uint32_t)values[0]);
        generator = &own;
    }
    struct array *phi = bind_array_new(L, 1, (size_t)bound->model->size, 1);
    model_start(bound->model, (enum start_scheme)values[1], generator, phi->data);
    return 1;
}

static const char *const field_names[] = {"name",   "parameters", "components", "size",
                                          "inputs", "outputs",    "arguments",  "formula",
                                          "title",  "parts",      NULL};

static void push_parameters(lua_State *L, const struct model *model)
{
    lua_createtable(L, model->parameter_count, 0);
    for (int i = 0; i < model->parameter_count; i++) {
        lua_createtable(L, 0, 3);
        lua_pushstring(L, model->parameters[i].name);
        lua_setfield(L, -2, "name");
        lua_pushinteger(L, model->parameters[i].shape.rows);
        lua_setfield(L, -2, "rows");
        lua_pushinteger(L, model->parameters[i].shape.cols);
        lua_setfield(L, -2, "cols");
        lua_rawseti(L, -2, i + 1);
    }
}

/* {text, {{name, definition}, ...}}: the formula for one input column, or for the width the model
 * has. */
static int push_formula(lua_State *L, bool ascii)
{
    struct bound_model *bound = self(L);
    int width = bound->model->inputs ? bound->model->inputs : 1;
    struct model *model = bind_model_for(L, 1, NULL, 0, width);
    struct graph *graph;
    node_id prediction;
    struct error error;
    struct formulas formulas;
    bind_check(L, graph_new(&graph, bind_context(L), &error), &error);
    enum status status = model_build(model, graph, width, &prediction, &error);
    if (status == STATUS_OK)
        status = formula_print(&formulas, graph, &prediction, 1,
                               ascii ? NOTATION_ASCII : NOTATION_UNICODE, &error);
    graph_free(graph);
    bind_check(L, status, &error);
    lua_createtable(L, 0, 2);
    lua_pushstring(L, formulas.texts[0]);
    lua_setfield(L, -2, "text");
    bind_push_definitions(L, &formulas);
    lua_setfield(L, -2, "definitions");
    formula_free(&formulas);
    return 1;
}

static const struct argument formula_arguments[] = {
    {.name = "notation",
     .type = ARGUMENT_CHOICE,
     .choices = "unicode|ascii",
     .summary = "how it is written"},
};
static const struct doc formula_doc = {
    .name = "model:formula",
    .signature = "model:formula([\"ascii\"])",
    .summary = "what the model computes, as text",
    DOC_ARGUMENTS(formula_arguments),
    .returns = "a table {text =, definitions = {{name =, text =}, ...}}",
    .example = "print(model.line:formula(\"ascii\").text)",
    .result = "phi0 + phi1*x",
};
static int formula(lua_State *L)
{
    lua_settop(L, 2);
    return push_formula(L, lua_isstring(L, 2) && strcmp(lua_tostring(L, 2), "ascii") == 0);
}

/* {hidden = 3, activation = "relu"}: as they would be typed. */
static void push_arguments(lua_State *L, const struct model *model)
{
    const struct doc *doc = &model->kind->doc;
    lua_newtable(L);
    for (size_t i = 0; i < doc->argument_count; i++) {
        const struct argument *argument = &doc->arguments[i];
        char choice[32];
        if (is_kind_of(argument, "list of widths")) {
            lua_createtable(L, model->width_count, 0);
            for (int k = 0; k < model->width_count; k++) {
                lua_pushinteger(L, model->widths[k]);
                lua_rawseti(L, -2, k + 1);
            }
        } else if (argument->type == ARGUMENT_VALUE) {
            continue;
        } else if (argument->type == ARGUMENT_CHOICE &&
                   doc_choice_name(argument->choices, (int)model->arguments[i], choice,
                                   sizeof choice)) {
            lua_pushstring(L, choice);
        } else if (argument->type == ARGUMENT_INTEGER) {
            lua_pushinteger(L, (lua_Integer)model->arguments[i]);
        } else {
            lua_pushnumber(L, model->arguments[i]);
        }
        lua_setfield(L, -2, argument->name);
    }
}

/* The models that it is made of, or nil. */
static void push_parts(lua_State *L, const struct bound_model *bound)
{
    if (!bound->model->parts[0]) {
        lua_pushnil(L);
    } else if (bound->traced) { /* a copy, for a model never changes */
        lua_getiuservalue(L, 1, 1);
        lua_getfield(L, -1, "parts");
        lua_createtable(L, MODEL_PARTS, 0);
        for (int i = 1; i <= MODEL_PARTS; i++) {
            lua_rawgeti(L, -2, i);
            lua_rawseti(L, -2, i);
        }
    } else {
        lua_createtable(L, MODEL_PARTS, 0);
        for (int i = 0; i < MODEL_PARTS && bound->model->parts[i]; i++) {
            struct bound_model *part = bind_new(L, BIND_MODEL, sizeof *part);
            part->model = model_keep(bound->model->parts[i]);
            lua_rawseti(L, -2, i + 1);
        }
    }
}

static int model_fields(lua_State *L)
{
    struct bound_model *bound = self(L);
    struct model *model = bound->model;
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    const char *name = model->kind->doc.name; /* "model" of a user's function */
    if (strcmp(key, "name") == 0) {
        lua_pushstring(L, name);
    } else if (strcmp(key, "title") == 0) {
        lua_pushstring(L, strchr(name, '.') ? strchr(name, '.') + 1 : "own");
    } else if (strcmp(key, "parameters") == 0) {
        push_parameters(L, model);
    } else if (strcmp(key, "components") == 0) {
        lua_createtable(L, model->size, 0);
        for (int i = 0; i < model->size; i++) {
            lua_pushstring(L, model->components[i]);
            lua_rawseti(L, -2, i + 1);
        }
    } else if (strcmp(key, "size") == 0) {
        lua_pushinteger(L, model->size);
    } else if (strcmp(key, "inputs") == 0) {
        model->inputs ? lua_pushinteger(L, model->inputs) : lua_pushnil(L);
    } else if (strcmp(key, "outputs") == 0) {
        model->outputs && !bound->traced ? lua_pushinteger(L, model->outputs) : lua_pushnil(L);
    } else if (strcmp(key, "arguments") == 0) {
        push_arguments(L, model);
    } else if (strcmp(key, "parts") == 0) {
        push_parts(L, bound);
    } else {
        return 0;
    }
    return 1;
}

/* core.model_ending(model, width): the prediction's last step, "sigmoid", "softmax", or "". */
static int model_ending(lua_State *L)
{
    int width = (int)bind_integer(L, 2, "width", 1, 1000000);
    struct model *model = bind_model_for(L, 1, NULL, 0, width);
    const char *ending = "";
    if (model->kind->build) {
        struct graph *graph;
        node_id prediction;
        struct error error;
        bind_check(L, graph_new(&graph, bind_context(L), &error), &error);
        enum status status = model_build(model, graph, width, &prediction, &error);
        if (status == STATUS_OK && graph_sigmoid_argument(graph, prediction) != NO_NODE)
            ending = "sigmoid";
        else if (status == STATUS_OK && loss_scores(graph, prediction) != prediction)
            ending = "softmax";
        graph_free(graph);
        bind_check(L, status, &error);
    }
    lua_pushstring(L, ending);
    return 1;
}

void bind_open_model(lua_State *L)
{
    static const struct function methods[] = {
        {"named", named, &named_doc},
        {"init", init, &init_doc},
        {"formula", formula, &formula_doc},
    };
    static const luaL_Reg meta[] = {{"__call", model_call}, {"__gc", model_gc}, {NULL, NULL}};
    bind_type(L, BIND_MODEL, methods, sizeof methods / sizeof *methods, meta, model_fields,
              field_names);
    lua_newtable(L); /* core model */
    for (size_t i = 0; i < model_kind_count; i++) {
        const struct model_kind *kind = model_kinds[i];
        if (kind->is_value) {
            push_kind(L, kind, NULL);
        } else {
            lua_pushlightuserdata(L, (void *)kind);
            lua_pushcclosure(L, kind_constructor, 1);
        }
        bind_document(L, -1, &kind->doc);
        lua_setfield(L, -2, kind->doc.name + strlen("model."));
    }
    bind_open_own_model(L);
    lua_setfield(L, -2, "model");
    lua_pushcfunction(L, model_ending);
    lua_setfield(L, -2, "model_ending");
}
