/* SPDX-License-Identifier: GPL-3.0-or-later */
/* optim{name =, alpha =, state =, update = function(phi, g, s, h, t, L) ... end}: a rule written in
 * Lua. It is the same record as every other; its step calls the function. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "bind/optimizer.h"
#include "bind/text.h"

#define BATCH_TYPE "descent.batch_loss"

enum { NAME_SIZE = 48 };

struct own_rule {
    struct rule rule;
    struct rule_owner owner;
    struct context *context;
    struct bind_caller *caller;
    lua_State *main;
    int function; /* in the registry */
    struct argument arguments[OPTIMIZER_ARGUMENTS];
    struct term terms[OPTIMIZER_TERMS];
    const char *states[OPTIMIZER_TERMS];
    double starts[OPTIMIZER_TERMS];
    bool numbers[OPTIMIZER_TERMS]; /* states that are one number */
    char names[OPTIMIZER_ARGUMENTS + OPTIMIZER_TERMS][NAME_SIZE];
    size_t name_count;
    char full_name[NAME_SIZE + 8], title[NAME_SIZE];
};

static void free_rule(struct rule_owner *owner)
{
    struct own_rule *own = (struct own_rule *)((char *)owner - offsetof(struct own_rule, owner));
    luaL_unref(own->main, LUA_REGISTRYINDEX, own->function);
    memory_free(own->context, own);
}

/* --- the loss that the function is given ----------------------------------------------------- */

struct batch_loss {
    struct update *update; /* NULL once the update is over */
};

static struct update *batch_update(lua_State *L)
{
    struct batch_loss *loss = luaL_checkudata(L, 1, BATCH_TYPE);
    if (loss->update == NULL)
        bind_refuse(L, NULL, "L belongs to one update and cannot be kept");
    return loss->update;
}

static const double *batch_phi(lua_State *L, const struct update *update)
{
    if (lua_type(L, 2) == LUA_TNUMBER) {
        int count = lua_gettop(L) - 1;
        lua_createtable(L, count, 0);
        for (int i = 0; i < count; i++) {
            lua_pushvalue(L, 2 + i);
            lua_rawseti(L, -2, i + 1);
        }
        lua_replace(L, 2);
        lua_settop(L, 2);
    }
    return bind_vector(L, 2, update->size, "phi")->data;
}

static int batch_value(lua_State *L)
{
    struct update *update = batch_update(L);
    double value;
    struct error error;
    bind_check(L, update_value(update, batch_phi(L, update), &value, &error), &error);
    lua_pushnumber(L, value);
    return 1;
}

static int batch_gradient(lua_State *L)
{
    struct update *update = batch_update(L);
    const double *phi = batch_phi(L, update);
    struct array *result = bind_array_new(L, 1, update->size, 1);
    double value;
    struct error error;
    bind_check(L, update_slope(update, phi, &value, result->data, &error), &error);
    return 1;
}

static struct batch_loss *push_batch_loss(lua_State *L, struct update *update)
{
    struct batch_loss *loss = lua_newuserdatauv(L, sizeof *loss, 0);
    loss->update = update;
    if (luaL_newmetatable(L, BATCH_TYPE)) {
        lua_pushcfunction(L, batch_value);
        lua_setfield(L, -2, "__call");
        lua_createtable(L, 0, 1);
        lua_pushcfunction(L, batch_gradient);
        lua_setfield(L, -2, "gradient");
        lua_setfield(L, -2, "__index");
    }
    lua_setmetatable(L, -2);
    return loss;
}

/* --- one update ------------------------------------------------------------------------------ */

struct call {
    struct own_rule *own;
    struct update *update;
    struct batch_loss *loss; /* made by the call */
};

/* Into `values`, which stays as it was where the result is refused. */
static void read_vector(lua_State *L, int index, double *values, size_t size, const char *what)
{
    memcpy(values, bind_vector(L, index, size, what)->data, size * sizeof *values);
}

/* What the function put into s, at index 1, beyond the states would be gone at the next update. */
static void refuse_unknown_state(lua_State *L, const struct own_rule *own)
{
    for (lua_pushnil(L); lua_next(L, 1) != 0; lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
        size_t s = 0;
        while (key != NULL && s < own->rule.state_count && strcmp(own->states[s], key) != 0)
            s++;
        if (key == NULL)
            bind_refuse(L, NULL, "s of the rule \"%s\" has names, not %s, for what it keeps",
                        own->title, bind_describe(L, -2));
        if (s == own->rule.state_count)
            bind_refuse(L, NULL,
                        "s.%s of the rule \"%s\" would be lost: name it in state = {...}, as "
                        "\"%s\" for a vector like phi, or %s = 0 for a number",
                        key, own->title, key, key);
    }
}

static int call_update(lua_State *L)
{
    struct call *call = lua_touserdata(L, 1);
    struct own_rule *own = call->own;
    struct update *update = call->update;
    const size_t size = update->size;
    const char *name = own->title;
    lua_settop(L, 0);
    luaL_checkstack(L, 12, NULL);
    lua_rawgeti(L, LUA_REGISTRYINDEX, own->function);
    bind_push_vector(L, update->phi, size);
    bind_push_vector(L, update->gradient, size);
    lua_createtable(L, 0, (int)own->rule.state_count);
    for (size_t s = 0; s < own->rule.state_count; s++) {
        if (own->numbers[s])
            lua_pushnumber(L, update->state[s * size]);
        else
            bind_push_vector(L, update->state + s * size, size);
        lua_setfield(L, -2, own->states[s]);
    }
    lua_pushvalue(L, -1);
    lua_insert(L, 1); /* the states stay at index 1 */
    lua_createtable(L, 0, (int)own->rule.doc.argument_count);
    for (size_t i = 0; i < own->rule.doc.argument_count; i++) {
        lua_pushnumber(L, update->argument[i]);
        lua_setfield(L, -2, own->arguments[i].name);
    }
    lua_pushinteger(L, (lua_Integer)update->t);
    call->loss = push_batch_loss(L, update);
    lua_pushvalue(L, -1); /* alive until step() has cut it off, however the call ends */
    lua_rawsetp(L, LUA_REGISTRYINDEX, own);
    lua_call(L, 6, 1);
    if (lua_isnil(L, -1))
        bind_refuse(L, NULL, "update of the rule \"%s\" gave nothing; it must return the new phi",
                    name);
    const char *what = lua_pushfstring(L, "the result of update of the rule \"%s\"", name);
    read_vector(L, -2, update->next_phi, size, what);
    for (size_t s = 0; s < own->rule.state_count; s++) {
        what = lua_pushfstring(L, "s.%s of the rule \"%s\"", own->states[s], name);
        lua_getfield(L, 1, own->states[s]);
        double *values = update->next_state + s * size;
        if (!own->numbers[s]) {
            read_vector(L, -1, values, size, what);
        } else {
            if (lua_type(L, -1) != LUA_TNUMBER)
                bind_refuse(L, NULL, "%s must stay a number, not %s", what, bind_describe(L, -1));
            for (size_t j = 0; j < size; j++)
                values[j] = lua_tonumber(L, -1);
        }
        lua_pop(L, 2);
    }
    refuse_unknown_state(L, own);
    return 0;
}

enum status bind_protect(struct bind_caller *caller, lua_CFunction function, void *user,
                         struct error *error)
{
    lua_State *L = caller->L;
    if (!lua_checkstack(L, 8))
        return error_memory(error, "a call of Lua");
    lua_pushcfunction(L, function);
    lua_pushlightuserdata(L, user);
    int result = lua_pcall(L, 1, 0, 0);
    caller->L = L; /* what was called may have used the library from another coroutine */
    if (result == LUA_OK)
        return STATUS_OK;
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    if (strcmp(text, "interrupted") == 0 || strcmp(text, "interrupted!") == 0) {
        lua_pop(L, 1);
        return error_set(error, STATUS_INTERRUPTED, "", "interrupted");
    }
    return bind_keep_error(L, error);
}

static struct own_rule *rule_of(const struct update *update);

static enum status step(struct update *update, struct error *error)
{
    struct own_rule *own = rule_of(update);
    const size_t size = update->size;

    /* 1. Gradient: g = ∂L/∂φ at φ. */
    enum status status = update_gradient(update, update->phi, error);
    if (status != STATUS_OK)
        return status;

    /* 2. State, 3. step: the function. */
    struct call call = {.own = own, .update = update};
    status = bind_protect(own->caller, call_update, &call, error);
    if (call.loss != NULL)
        call.loss->update = NULL;
    if (status != STATUS_OK)
        return status;

    /* 4. Record. */
    update_record(update, 0, update->gradient);
    for (size_t s = 0; s < own->rule.state_count; s++)
        update_record(update, s + 1, update->next_state + s * size);
    update_record(update, own->rule.term_count - 1, update->next_phi);
    return STATUS_OK;
}

static struct own_rule *rule_of(const struct update *update)
{
    return (struct own_rule *)((const char *)update->rule - offsetof(struct own_rule, rule));
}

/* --- reading it ------------------------------------------------------------------------------ */

static const char own_signature[] = "optim{name =, alpha =, ..., state = {\"m\", count = 0}, "
                                    "update = function(phi, g, s, h, t, L)}";

static const char *keep_name(lua_State *L, struct own_rule *own, const char *name)
{
    static const char *const taken[] = {"g",          "phi",      "t",          "loss",
                                        "batch_loss", "gradient", "validation", "names"};
    bool word = isalpha((unsigned char)name[0]) || name[0] == '_';
    for (const char *c = name; *c != '\0'; c++)
        word &= isalnum((unsigned char)*c) || *c == '_';
    if (!word || strlen(name) >= NAME_SIZE)
        bind_refuse(L, "optim",
                    "\"%s\" is no name for a setting or a state; use letters, digits "
                    "and _",
                    name);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(name, taken[i]) == 0)
            bind_refuse(L, "optim", "the name \"%s\" is taken; choose another one", name);
    for (size_t i = 0; i < own->name_count; i++)
        if (strcmp(own->names[i], name) == 0)
            bind_refuse(L, "optim", "the name \"%s\" is used twice", name);
    return strcpy(own->names[own->name_count++], name);
}

static void add_argument(lua_State *L, struct own_rule *own, const char *name)
{
    static const struct {
        const char *name, *symbol;
    } symbols[] = {{"alpha", "α"}, {"beta", "β"}, {"gamma", "γ"}, {"epsilon", "ε"}};
    if (own->rule.doc.argument_count + 1 >= OPTIMIZER_ARGUMENTS)
        bind_refuse(L, "optim", "a rule has at most %d settings", OPTIMIZER_ARGUMENTS - 1);
    struct argument *argument = &own->arguments[own->rule.doc.argument_count++];
    *argument = (struct argument){
        .name = keep_name(L, own, name),
        .type = strcmp(name, "alpha") == 0 ? ARGUMENT_RATE : ARGUMENT_NUMBER,
        .required = true,
        .summary = "setting of the rule",
    };
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if (strcmp(symbols[i].name, name) == 0)
            argument->symbol = symbols[i].symbol;
    if (argument->type == ARGUMENT_RATE)
        argument->maximum = INFINITY;
}

static bool is_reserved(const char *name)
{
    return strcmp(name, "name") == 0 || strcmp(name, "state") == 0 || strcmp(name, "update") == 0 ||
           strcmp(name, "clip") == 0;
}

/* The names of the table's string keys, sorted by byte, as a list that is pushed. */
static size_t push_sorted_keys(lua_State *L, int table)
{
    lua_newtable(L);
    int list = lua_gettop(L);
    size_t count = 0;
    for (lua_pushnil(L); lua_next(L, table) != 0;) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            continue;
        size_t at = ++count;
        for (; at > 1; at--) {
            lua_rawgeti(L, list, (lua_Integer)at - 1);
            if (strcmp(lua_tostring(L, -1), lua_tostring(L, -2)) < 0) {
                lua_pop(L, 1);
                break;
            }
            lua_rawseti(L, list, (lua_Integer)at);
        }
        lua_pushvalue(L, -1);
        lua_rawseti(L, list, (lua_Integer)at);
    }
    return count;
}

static void read_settings(lua_State *L, int table, struct own_rule *own)
{
    lua_getfield(L, table, "alpha");
    if (!lua_isnil(L, -1))
        add_argument(L, own, "alpha");
    lua_pop(L, 1);
    size_t count = push_sorted_keys(L, table);
    for (size_t i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i);
        const char *name = lua_tostring(L, -1);
        lua_getfield(L, table, name);
        bool own_word = is_reserved(name) || strcmp(name, "alpha") == 0;
        if (!own_word && lua_type(L, -1) != LUA_TNUMBER)
            bind_refuse(L, "optim", "%s must be a number, not %s: %s", name, bind_describe(L, -1),
                        own_signature);
        if (!own_word)
            add_argument(L, own, name);
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
    own->arguments[own->rule.doc.argument_count++] = (struct argument)ARGUMENT_CLIP;
}

static void add_state(lua_State *L, struct own_rule *own, const char *name, bool number,
                      double start)
{
    if (own->rule.state_count + 3 > OPTIMIZER_TERMS)
        bind_refuse(L, "optim", "a rule has at most %d states", OPTIMIZER_TERMS - 2);
    size_t s = own->rule.state_count++;
    own->states[s] = keep_name(L, own, name);
    own->numbers[s] = number;
    own->starts[s] = start;
    if (number)
        own->rule.numbers |= 1u << (s + 1);
}

static void read_states(lua_State *L, int table, struct own_rule *own)
{
    if (lua_getfield(L, table, "state") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    int states = lua_gettop(L);
    if (lua_type(L, states) != LUA_TTABLE)
        bind_refuse(L, "optim", "state must be a table such as {\"m\", count = 0}, not %s",
                    bind_describe(L, states));
    for (lua_Integer i = 1; lua_rawgeti(L, states, i) != LUA_TNIL; i++) {
        if (lua_type(L, -1) != LUA_TSTRING)
            bind_refuse(L, "optim", "state: entry %d must be the name of a vector, not %s", (int)i,
                        bind_describe(L, -1));
        add_state(L, own, lua_tostring(L, -1), false, 0);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    size_t count = push_sorted_keys(L, states);
    for (size_t i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i);
        const char *name = lua_tostring(L, -1);
        if (lua_getfield(L, states, name) != LUA_TNUMBER)
            bind_refuse(L, "optim",
                        "state: %s must begin with a number, not %s; a vector stands "
                        "without a value: {\"%s\"}",
                        name, bind_describe(L, -1), name);
        add_state(L, own, name, true, lua_tonumber(L, -1));
        lua_pop(L, 2);
    }
    lua_settop(L, states - 1);
}

static int read_rule(lua_State *L)
{
    struct own_rule *own = lua_touserdata(L, 1);
    lua_settop(L, 2);
    lua_getfield(L, 2, "name");
    if (!lua_isnil(L, -1) && lua_type(L, -1) != LUA_TSTRING)
        bind_refuse(L, "optim", "name must be a string, not %s", bind_describe(L, -1));
    const char *name = lua_isnil(L, -1) ? "own" : lua_tostring(L, -1);
    strncpy(own->title, name, NAME_SIZE - 1);
    strcpy(own->full_name, "optim.");
    strncat(own->full_name, name, NAME_SIZE - 1);
    if (lua_getfield(L, 2, "update") != LUA_TFUNCTION)
        bind_refuse(L, "optim",
                    "update must be a function(phi, g, s, h, t, L) that returns the "
                    "new phi, not %s: %s",
                    bind_describe(L, -1), own_signature);
    lua_pushvalue(L, -1);
    own->function = luaL_ref(L, LUA_REGISTRYINDEX);
    read_settings(L, 2, own);
    read_states(L, 2, own);
    own->terms[0] = (struct term){"g", "g", NULL, "gradient of the loss"};
    for (size_t s = 0; s < own->rule.state_count; s++)
        own->terms[s + 1] = (struct term){own->states[s], own->states[s], NULL,
                                          "state, from the rule's function"};
    own->rule.term_count = own->rule.state_count + 2;
    own->terms[own->rule.term_count - 1] = (struct term){
        "phi", "φ", NULL, "parameters after the update, from the rule's function"};
    return 0;
}

int bind_own_rule(lua_State *L)
{
    lua_settop(L, 2); /* the namespace, the table */
    if (lua_type(L, 2) != LUA_TTABLE)
        return bind_refuse(L, "optim", "a rule of one's own is made with braces: %s",
                           own_signature);
    struct context *context = bind_context(L);
    struct own_rule *own = memory_allocate(context, 1, sizeof *own);
    struct error error;
    if (own == NULL) {
        error_memory(&error, "the rule");
        return bind_raise(L, &error);
    }
    own->context = context;
    own->caller = bind_caller(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    own->main = lua_tothread(L, -1);
    lua_pop(L, 1);
    own->function = LUA_NOREF;
    own->owner = (struct rule_owner){.references = 1, .free = free_rule};
    own->rule = (struct rule){
        .doc = {.name = own->full_name,
                .signature = own_signature,
                .summary = "A rule of one's own.",
                .arguments = own->arguments,
                .equation = "φ ← update(φ, g, s, h, t, L)"},
        .title = own->title,
        .states = own->states,
        .state_start = own->starts,
        .terms = own->terms,
        .owner = &own->owner,
        .step = step,
    };
    lua_pushcfunction(L, read_rule);
    lua_pushlightuserdata(L, own);
    lua_pushvalue(L, 2);
    int result = lua_pcall(L, 2, 0, 0);
    if (result == LUA_OK) {
        lua_pushcfunction(L, bind_own_optimizer);
        lua_pushlightuserdata(L, &own->rule);
        lua_newtable(L);
        for (lua_pushnil(L); lua_next(L, 2) != 0;) {
            const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "name";
            if (is_reserved(name) && strcmp(name, "clip") != 0) {
                lua_pop(L, 1);
                continue;
            }
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, -4);
        }
        result = lua_pcall(L, 2, 1, 0);
    }
    if (--own->owner.references == 0)
        free_rule(&own->owner);
    return result == LUA_OK ? 1 : lua_error(L);
}
