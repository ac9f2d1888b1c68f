/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loss.c: the namespace `loss`, and losses as values: the object, losses of a model on data,
 * fields. A loss holds one reference to an objective; its user value keeps the Lua values of its
 * model and its data, and its title: what one would type for it. */
#include "bind/loss_private.h"

#include <math.h>
#include <string.h>

#include "bind/parameters.h"
#include "bind/text.h"
#include "objective/build.h"

struct objective *bind_loss(lua_State *L, int index, const char *argument)
{
    struct bound_loss *bound = bind_object(L, index, BIND_LOSS, argument);
    return bound->objective;
}

static int loss_gc(lua_State *L)
{
    struct bound_loss *bound = lua_touserdata(L, 1);
    objective_release(bound->objective);
    bound->objective = NULL;
    return 0;
}

struct bound_loss *bind_loss_new(lua_State *L, int model, int data)
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

void bind_loss_set_title(lua_State *L)
{
    lua_getiuservalue(L, -2, 1);
    lua_insert(L, -2);
    lua_setfield(L, -2, "title");
    lua_pop(L, 1);
}

void bind_loss_push_title(lua_State *L, int index)
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

char **bind_loss_components(lua_State *L, const struct objective *objective)
{
    size_t size = objective_size(objective);
    char **names = lua_newuserdatauv(L, (size + 1) * sizeof *names, 0);
    for (size_t i = 0; i < size; i++)
        names[i] = (char *)objective_component(objective, i);
    return names;
}

void bind_loss_push_counts(lua_State *L, struct objective_counts counts)
{
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, (lua_Integer)counts.values);
    lua_setfield(L, -2, "losses");
    lua_pushinteger(L, (lua_Integer)counts.gradients);
    lua_setfield(L, -2, "gradients");
    lua_pushinteger(L, (lua_Integer)counts.hessians);
    lua_setfield(L, -2, "hessians");
}

/* --- losses of a model on data --- */

struct model *bind_loss_model(lua_State *L, const char *name, struct dataset **data)
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
    struct model *model = bind_model_for(L, 1, (*data)->x, (*data)->examples, (int)(*data)->inputs);
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
    struct model *model = bind_loss_model(L, options->kind->doc.name, &data);
    if (options->kind->spread && options->given[0] && model->spreads > 0 &&
        !isnan(options->values[0]))
        return bind_refuse(L, options->kind->doc.name,
                           "the model puts out its own σ; leave sigma out");
    struct bound_loss *bound = bind_loss_new(L, 1, 2);
    struct error error;
    bind_check(
        L, objective_build(&bound->objective, model, data, options->kind, options->values, &error),
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
    bind_loss_set_title(L);
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

/* --- other data --- */

static const struct argument data_argument[] = {
    {.name = "data",
     .type = ARGUMENT_VALUE,
     .type_name = "data set",
     .required = true,
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
    struct objective *objective = bind_loss(L, 1, NULL);
    struct dataset *data = bind_dataset(L, 2, "data");
    lua_getiuservalue(L, 1, 1);
    lua_getfield(L, -1, "model");
    int model = lua_gettop(L);
    struct bound_loss *bound = bind_loss_new(L, model, 2);
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
    {.name = "indices",
     .type = ARGUMENT_ARRAY,
     .shape = "B",
     .required = true,
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
    bind_loss(L, 1, NULL);
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

/* --- fields --- */

static const char *const field_names[] = {"name",        "title",   "size",      "components",
                                          "examples",    "model",   "data",      "terms",
                                          "evaluations", "penalty", "arguments", NULL};

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
    struct objective *objective = bind_loss(L, 1, NULL);
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
        bind_loss_push_title(L, 1);
    } else if (strcmp(key, "terms") == 0 || strcmp(key, "arguments") == 0) {
        lua_getiuservalue(L, 1, 1);
        push_copy(L, key);
    } else if (strcmp(key, "model") == 0 || strcmp(key, "data") == 0 ||
               strcmp(key, "penalty") == 0) {
        lua_getiuservalue(L, 1, 1);
        lua_getfield(L, -1, key);
    } else if (strcmp(key, "evaluations") == 0) {
        bind_loss_push_counts(L, objective_counts(objective));
    } else {
        return 0;
    }
    return 1;
}

void bind_open_loss(lua_State *L)
{
    static const struct function methods[] = {
        {"with", with, &with_doc},
        {"batch", batch, &batch_doc},
    };
    static const luaL_Reg meta[] = {{"__gc", loss_gc}, {NULL, NULL}};
    bind_type(L, BIND_LOSS, methods, sizeof methods / sizeof *methods, meta, loss_fields,
              field_names);
    luaL_getmetatable(L, BIND_LOSS);
    luaL_setfuncs(L, bind_loss_arithmetic, 0);
    lua_pop(L, 1);
    bind_open_loss_value(L);
    bind_open_loss_solve(L);
    bind_open_loss_surface(L);
    lua_newtable(L); /* core loss */
    for (size_t i = 0; i < loss_kind_count; i++) {
        const struct loss_kind *kind = loss_kinds[i];
        lua_pushlightuserdata(L, (void *)kind);
        lua_pushcclosure(L, loss_of_kind, 1);
        bind_document(L, -1, &kind->doc);
        lua_setfield(L, -2, kind->doc.name + strlen("loss."));
    }
    bind_open_own_loss(L);
    lua_setfield(L, -2, "loss");
    bind_open_penalty(L);
}
