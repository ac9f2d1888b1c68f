/* SPDX-License-Identifier: GPL-3.0-or-later */
/* penalty.c: the namespace `penalty`, and penalties as values, which hold one reference each. */
#include "loss/penalty.h"

#include <string.h>

#include "bind/loss.h"
#include "bind/namespace.h"
#include "bind/text.h"

struct bound_penalty {
    struct penalty *penalty;
};

struct penalty *bind_penalty(lua_State *L, int index)
{
    struct bound_penalty *bound = bind_test(L, index, BIND_PENALTY);
    return bound ? bound->penalty : NULL;
}

static int penalty_gc(lua_State *L)
{
    struct bound_penalty *bound = lua_touserdata(L, 1);
    penalty_release(bound->penalty);
    bound->penalty = NULL;
    return 0;
}

int bind_penalty_push_scaled(lua_State *L, const struct penalty *penalty, double factor)
{
    struct bound_penalty *bound = bind_new(L, BIND_PENALTY, sizeof *bound);
    struct error error;
    bind_check(L, penalty_scale(&bound->penalty, penalty, factor, &error), &error);
    return 1;
}

int bind_penalty_push_sum(lua_State *L, const struct penalty *a, const struct penalty *b)
{
    struct bound_penalty *bound = bind_new(L, BIND_PENALTY, sizeof *bound);
    struct error error;
    bind_check(L, penalty_add(&bound->penalty, a, b, &error), &error);
    return 1;
}

/* --- titles --- */

static void add_number(luaL_Buffer *buffer, double value)
{
    char text[48];
    luaL_addstring(buffer, array_number_text(value, text, sizeof text));
}

/* penalty.max_norm{c = 2, only = {"W1"}} */
static void add_term(luaL_Buffer *buffer, const struct penalty_term *term)
{
    const struct doc *doc = &term->kind->doc;
    const char *separator = "{";
    luaL_addstring(buffer, doc->name);
    for (size_t i = 0; i < doc->argument_count; i++) {
        if (doc->arguments[i].type != ARGUMENT_NUMBER)
            continue;
        luaL_addstring(buffer, separator);
        luaL_addstring(buffer, doc->arguments[i].name);
        luaL_addstring(buffer, " = ");
        add_number(buffer, term->arguments[i]);
        separator = ", ";
    }
    if (term->name_count > 0) {
        luaL_addstring(buffer, separator);
        luaL_addstring(buffer, term->except ? "except = {" : "only = {");
        for (size_t k = 0; k < term->name_count; k++) {
            luaL_addstring(buffer, k == 0 ? "\"" : ", \"");
            luaL_addstring(buffer, term->names[k]);
            luaL_addchar(buffer, '"');
        }
        luaL_addchar(buffer, '}');
        separator = ", ";
    }
    if (separator[0] == ',')
        luaL_addchar(buffer, '}');
}

void bind_penalty_title(lua_State *L, const struct penalty *penalty)
{
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    for (size_t i = 0; i < penalty->term_count; i++) {
        double coefficient = penalty->terms[i].coefficient;
        if (i > 0)
            luaL_addstring(&buffer, coefficient < 0 ? " - " : " + ");
        else if (coefficient < 0)
            luaL_addchar(&buffer, '-');
        coefficient = coefficient < 0 ? -coefficient : coefficient;
        if (coefficient != 1) {
            add_number(&buffer, coefficient);
            luaL_addchar(&buffer, '*');
        }
        add_term(&buffer, &penalty->terms[i]);
    }
    luaL_pushresult(&buffer);
}

/* --- making --- */

/* The names under `field` of the table at index: a list, or one name. Pushes their block (0 when
 * the field is not there) and leaves the values reachable from the table. */
static const char **read_names(lua_State *L, int index, const char *field, size_t *count)
{
    *count = 0;
    if (!bind_field(L, index, field))
        return NULL;
    int list = lua_gettop(L);
    if (lua_type(L, list) == LUA_TSTRING) {
        lua_createtable(L, 1, 0);
        lua_pushvalue(L, list);
        lua_rawseti(L, -2, 1);
        lua_replace(L, list);
    }
    if (lua_type(L, list) != LUA_TTABLE || lua_rawlen(L, list) == 0)
        bind_refuse(L, NULL, "%s must be a list of names of parameters, such as {\"W1\"}", field);
    *count = lua_rawlen(L, list);
    const char **names = lua_newuserdatauv(L, *count * sizeof *names, 0);
    for (size_t i = 0; i < *count; i++) {
        if (lua_rawgeti(L, list, (lua_Integer)i + 1) != LUA_TSTRING)
            bind_refuse(L, NULL, "%s must be a list of names of parameters, not of %s", field,
                        bind_describe(L, -1));
        names[i] = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    return names;
}

/* penalty.max_norm(2), penalty.l2{only = {"W"}}: arguments from `first` on. */
static int make_kind(lua_State *L, const struct penalty_kind *kind, int first)
{
    const struct doc *doc = &kind->doc;
    double values[PENALTY_ARGUMENTS];
    bool given[PENALTY_ARGUMENTS];
    if (lua_type(L, first) == LUA_TNUMBER && doc->arguments[0].type == ARGUMENT_NUMBER) {
        lua_createtable(L, 0, 1);
        lua_pushvalue(L, first);
        lua_setfield(L, -2, doc->arguments[0].name);
        lua_replace(L, first);
    }
    lua_settop(L, first);
    bind_options(L, first, doc, 0, values, given);
    size_t only, except;
    const char **these = read_names(L, first, "only", &only);
    const char **others = read_names(L, first, "except", &except);
    if (these && others)
        return bind_refuse(L, doc->name, "give only or except, not both");
    struct bound_penalty *bound = bind_new(L, BIND_PENALTY, sizeof *bound);
    struct error error;
    bind_check(L,
               penalty_new(&bound->penalty, bind_context(L), kind, values, others != NULL,
                           others ? others : these, only + except, &error),
               &error);
    return 1;
}

static int kind_constructor(lua_State *L)
{
    return make_kind(L, lua_touserdata(L, lua_upvalueindex(1)), 1);
}

/* penalty.l2{...}: the penalty that is a value is also its own constructor. */
static int penalty_call(lua_State *L)
{
    const struct penalty *penalty = bind_penalty(L, 1);
    const struct penalty_term *term = &penalty->terms[0];
    if (penalty->term_count != 1 || term->name_count > 0 || term->coefficient != 1 ||
        !term->kind->is_value)
        return bind_refuse(L, NULL, "this penalty has its settings; add it to a loss: L + ...");
    return make_kind(L, term->kind, 2);
}

static const char *const field_names[] = {"title", "terms", NULL};

/* {name = "max_norm", coefficient = 1, arguments = {c = 2, only = {"W1"}}} */
static void push_term(lua_State *L, const struct penalty_term *term)
{
    const struct doc *doc = &term->kind->doc;
    lua_createtable(L, 0, 3);
    lua_pushstring(L, doc->name + strlen("penalty."));
    lua_setfield(L, -2, "name");
    lua_pushnumber(L, term->coefficient);
    lua_setfield(L, -2, "coefficient");
    lua_newtable(L);
    for (size_t i = 0; i < doc->argument_count; i++) {
        if (doc->arguments[i].type != ARGUMENT_NUMBER)
            continue;
        lua_pushnumber(L, term->arguments[i]);
        lua_setfield(L, -2, doc->arguments[i].name);
    }
    lua_createtable(L, (int)term->name_count, 0);
    for (size_t k = 0; k < term->name_count; k++) {
        lua_pushstring(L, term->names[k]);
        lua_rawseti(L, -2, (lua_Integer)k + 1);
    }
    if (term->name_count > 0)
        lua_setfield(L, -2, term->except ? "except" : "only");
    else
        lua_pop(L, 1);
    lua_setfield(L, -2, "arguments");
}

static int penalty_fields(lua_State *L)
{
    const struct penalty *penalty = bind_penalty(L, 1);
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (strcmp(key, "title") == 0) {
        bind_penalty_title(L, penalty);
    } else if (strcmp(key, "terms") == 0) {
        lua_createtable(L, (int)penalty->term_count, 0);
        for (size_t i = 0; i < penalty->term_count; i++) {
            push_term(L, &penalty->terms[i]);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
    } else {
        return 0;
    }
    return 1;
}

static const struct doc penalty_doc = {
    .name = "penalty",
    .signature = "penalty.l2, penalty.l1, penalty.max_norm(c)",
    .summary = "What is added to a loss for its parameters alone: L + 0.1*penalty.l2. It counts "
               "whole at each batch.",
    .returns = "penalties; they are added, multiplied by numbers, and added to losses",
    .equation = "L[φ] + λ·R[φ]: as a negative log posterior, R is a prior's −log",
    .example = "L = loss.least_squares(model.line, data.line12) + penalty.l2{except = {\"phi0\"}}\n"
               "phi = L:solve()\nprint(string.format(\"%.6f %.6f\", phi[1], phi[2]))",
    .result = "0.922123 0.421080",
};

void bind_open_penalty(lua_State *L)
{
    static const luaL_Reg meta[] = {{"__call", penalty_call}, {"__gc", penalty_gc}, {NULL, NULL}};
    bind_type(L, BIND_PENALTY, NULL, 0, meta, penalty_fields, field_names);
    luaL_getmetatable(L, BIND_PENALTY);
    luaL_setfuncs(L, bind_loss_arithmetic, 0);
    lua_pop(L, 1);
    lua_newtable(L); /* core penalty */
    for (size_t i = 0; i < penalty_kind_count; i++) {
        const struct penalty_kind *kind = penalty_kinds[i];
        if (kind->is_value) {
            struct bound_penalty *bound = bind_new(L, BIND_PENALTY, sizeof *bound);
            struct error error;
            bind_check(L,
                       penalty_new(&bound->penalty, bind_context(L), kind, NULL, false, NULL, 0,
                                   &error),
                       &error);
        } else {
            lua_pushlightuserdata(L, (void *)kind);
            lua_pushcclosure(L, kind_constructor, 1);
        }
        bind_document(L, -1, &kind->doc);
        lua_setfield(L, -2, kind->doc.name + strlen("penalty."));
    }
    bind_namespace(L, &penalty_doc, NULL, NULL);
    lua_setfield(L, -2, "penalty");
}
