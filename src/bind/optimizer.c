/* SPDX-License-Identifier: GPL-3.0-or-later */
/* optim.* and schedule.*: a constructor for each rule of the lists, made from its record. */
#include "bind/optimizer.h"

#include <limits.h>
#include <string.h>

#include "bind/namespace.h"
#include "bind/text.h"

static const char *last_part(const char *name)
{
    return strchr(name, '.') + 1;
}

/* Pushes argument `argument` with the number `value`. */
static void push_argument_value(lua_State *L, const struct argument *argument, double value)
{
    char choice[64];
    if (argument->type == ARGUMENT_BOOLEAN) {
        lua_pushboolean(L, value != 0);
    } else if (argument->type == ARGUMENT_CHOICE) {
        doc_choice_name(argument->choices, (int)value, choice, sizeof choice);
        if (strcmp(choice, "true") == 0 || strcmp(choice, "false") == 0)
            lua_pushboolean(L, choice[0] == 't');
        else
            lua_pushstring(L, choice);
    } else if (argument->type == ARGUMENT_INTEGER) {
        lua_pushinteger(L, (lua_Integer)value);
    } else {
        lua_pushnumber(L, value);
    }
}

static void set_text(lua_State *L, const char *key, const char *text)
{
    if (text == NULL)
        return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, key);
}

/* --- schedules ------------------------------------------------------------------------------- */

static struct schedule *schedule_at(lua_State *L, int index)
{
    struct schedule **object = bind_test(L, index, BIND_SCHEDULE);
    return object == NULL ? NULL : *object;
}

static struct schedule *schedule_self(lua_State *L)
{
    struct schedule **object = bind_object(L, 1, BIND_SCHEDULE, "the schedule");
    return *object;
}

static void push_schedule(lua_State *L, struct schedule *schedule)
{
    struct schedule **object = bind_new(L, BIND_SCHEDULE, sizeof *object);
    *object = schedule_keep(schedule);
}

/* schedule.step{...}; the first argument may stand alone: schedule.constant(0.1). */
static int new_schedule(lua_State *L)
{
    const struct schedule_rule *rule = lua_touserdata(L, lua_upvalueindex(1));
    double values[SCHEDULE_ARGUMENTS];
    if (lua_type(L, 1) == LUA_TNUMBER) {
        lua_createtable(L, 0, 1);
        lua_pushvalue(L, 1);
        lua_setfield(L, -2, rule->doc.arguments[0].name);
        lua_replace(L, 1);
    }
    bind_options(L, 1, &rule->doc, 0, values, NULL);
    struct schedule **object = bind_new(L, BIND_SCHEDULE, sizeof *object);
    struct error error;
    bind_check(L, schedule_new(object, bind_context(L), rule, values, &error), &error);
    return 1;
}

static int free_schedule(lua_State *L)
{
    struct schedule **object = lua_touserdata(L, 1);
    schedule_release(*object);
    *object = NULL;
    return 0;
}

/* s(t), s(t, epoch); without an epoch it is t itself, of what the schedule counts. */
static int call_schedule(lua_State *L)
{
    struct schedule *schedule = schedule_self(L);
    unsigned long long t = (unsigned long long)bind_integer(L, 2, "t", 1, LLONG_MAX);
    unsigned long long epoch = t;
    if (!lua_isnoneornil(L, 3))
        epoch = (unsigned long long)bind_integer(L, 3, "epoch", 1, LLONG_MAX);
    lua_pushnumber(L, schedule_rate(schedule, t, epoch));
    return 1;
}

/* The list of {name, symbol, value}. */
static void push_schedule_arguments(lua_State *L, const struct schedule *schedule)
{
    const struct doc *doc = &schedule->rule->doc;
    lua_createtable(L, (int)doc->argument_count, 0);
    for (size_t i = 0; i < doc->argument_count; i++) {
        lua_createtable(L, 0, 3);
        set_text(L, "name", doc->arguments[i].name);
        set_text(L, "symbol", doc->arguments[i].symbol);
        push_argument_value(L, &doc->arguments[i], schedule->arguments[i]);
        lua_setfield(L, -2, "value");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static int schedule_field(lua_State *L)
{
    const struct schedule *schedule = schedule_self(L);
    const struct doc *doc = &schedule->rule->doc;
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (strcmp(key, "name") == 0) {
        lua_pushstring(L, last_part(doc->name));
        return 1;
    }
    if (strcmp(key, "arguments") == 0) {
        push_schedule_arguments(L, schedule);
        return 1;
    }
    if (strcmp(key, "equation") == 0) {
        lua_pushstring(L, doc->equation);
        return 1;
    }
    for (size_t i = 0; i < doc->argument_count; i++)
        if (strcmp(key, doc->arguments[i].name) == 0) {
            push_argument_value(L, &doc->arguments[i], schedule->arguments[i]);
            return 1;
        }
    return 0;
}

/* --- optimizers ------------------------------------------------------------------------------ */

struct optimizer *bind_optimizer(lua_State *L, int index, const char *argument)
{
    struct optimizer **object = bind_object(L, index, BIND_OPTIMIZER, argument);
    return *object;
}

static struct optimizer *self(lua_State *L)
{
    return bind_optimizer(L, 1, "the optimizer");
}

void bind_optimizer_push(lua_State *L, struct optimizer *optimizer)
{
    struct optimizer **object = bind_new(L, BIND_OPTIMIZER, sizeof *object);
    *object = optimizer_keep(optimizer);
}

/* Makes the optimizer of `rule` from the options at `index`, and pushes it. */
static void make_optimizer(lua_State *L, const struct rule *rule, int index)
{
    double values[OPTIMIZER_ARGUMENTS];
    bool given[OPTIMIZER_ARGUMENTS];
    struct schedule *schedules[OPTIMIZER_ARGUMENTS] = {0};
    index = lua_absindex(L, index);
    bind_options(L, index, &rule->doc, 0, values, given);
    for (size_t i = 0; i < rule->doc.argument_count; i++) {
        const struct argument *argument = &rule->doc.arguments[i];
        if (argument->type != ARGUMENT_RATE || !given[i] || !bind_field(L, index, argument->name))
            continue;
        schedules[i] = schedule_at(L, -1); /* kept by the table */
        if (schedules[i] == NULL && lua_type(L, -1) != LUA_TNUMBER)
            bind_refuse(L, rule->doc.name,
                        "%s must be a number or a schedule, not %s; ?schedule lists the schedules",
                        argument->name, bind_describe(L, -1));
        lua_pop(L, 1);
    }
    struct optimizer **object = bind_new(L, BIND_OPTIMIZER, sizeof *object);
    struct error error;
    bind_check(L, optimizer_new(object, bind_context(L), rule, values, schedules, given, &error),
               &error);
}

static int new_optimizer(lua_State *L)
{
    lua_settop(L, 1);
    make_optimizer(L, lua_touserdata(L, lua_upvalueindex(1)), 1);
    return 1;
}

void bind_optimizer_argument(lua_State *L, const struct optimizer *optimizer, size_t i,
                             double value)
{
    if (optimizer->schedules[i] != NULL)
        push_schedule(L, optimizer->schedules[i]);
    else
        push_argument_value(L, &optimizer->rule->doc.arguments[i], value);
}

void bind_optimizer_change(lua_State *L, struct optimizer *optimizer, int index)
{
    const struct doc *doc = &optimizer->rule->doc;
    index = lua_absindex(L, index);
    lua_newtable(L);
    int merged = lua_gettop(L);
    for (size_t i = 0; i < doc->argument_count; i++)
        if (optimizer->given[i]) {
            bind_optimizer_argument(L, optimizer, i, optimizer->arguments[i]);
            lua_setfield(L, merged, doc->arguments[i].name);
        }
    for (lua_pushnil(L); lua_next(L, index) != 0;) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2); /* key key value */
        lua_rawset(L, merged);
    }
    make_optimizer(L, optimizer->rule, merged);
    lua_remove(L, merged);
}

static int call_optimizer(lua_State *L)
{
    struct optimizer *optimizer = self(L);
    if (lua_type(L, 2) != LUA_TTABLE)
        bind_refuse(L, optimizer->rule->doc.name,
                    "a copy with changes is made with braces, as opt{alpha = 0.2}, not with %s",
                    bind_describe(L, 2));
    bind_optimizer_change(L, optimizer, 2);
    return 1;
}

static int free_optimizer(lua_State *L)
{
    struct optimizer **object = lua_touserdata(L, 1);
    optimizer_release(*object);
    *object = NULL;
    return 0;
}

static int same_optimizer(lua_State *L)
{
    struct optimizer **a = bind_test(L, 1, BIND_OPTIMIZER), **b = bind_test(L, 2, BIND_OPTIMIZER);
    lua_pushboolean(L, a != NULL && b != NULL && *a == *b);
    return 1;
}

/* The list of {name, symbol, value, given}. */
static void push_arguments(lua_State *L, const struct optimizer *optimizer)
{
    const struct doc *doc = &optimizer->rule->doc;
    lua_createtable(L, (int)doc->argument_count, 0);
    for (size_t i = 0; i < doc->argument_count; i++) {
        lua_createtable(L, 0, 4);
        set_text(L, "name", doc->arguments[i].name);
        set_text(L, "symbol", doc->arguments[i].symbol);
        bind_optimizer_argument(L, optimizer, i, optimizer->arguments[i]);
        lua_setfield(L, -2, "value");
        lua_pushboolean(L, optimizer->given[i]);
        lua_setfield(L, -2, "given");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* The list of {name, symbol, equation, summary, state}; equation is nil for what comes from L. */
static void push_terms(lua_State *L, const struct optimizer *optimizer)
{
    const struct rule *rule = optimizer->rule;
    lua_createtable(L, (int)rule->term_count, 0);
    for (size_t i = 0; i < rule->term_count; i++) {
        lua_createtable(L, 0, 5);
        set_text(L, "name", rule->terms[i].name);
        set_text(L, "symbol", rule->terms[i].symbol);
        set_text(L, "equation", optimizer_equation(optimizer, i));
        set_text(L, "summary", rule->terms[i].summary);
        bool state = strcmp(rule->terms[i].name, "phi") == 0;
        for (size_t s = 0; s < rule->state_count; s++)
            state |= strcmp(rule->terms[i].name, rule->states[s]) == 0;
        lua_pushboolean(L, state); /* it replaces its value of the update before */
        lua_setfield(L, -2, "state");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static int optimizer_field(lua_State *L)
{
    const struct optimizer *optimizer = self(L);
    const struct doc *doc = &optimizer->rule->doc;
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (strcmp(key, "name") == 0) {
        lua_pushstring(L, last_part(doc->name));
        return 1;
    }
    if (strcmp(key, "title") == 0) {
        lua_pushstring(L, optimizer->rule->title);
        return 1;
    }
    if (strcmp(key, "arguments") == 0) {
        push_arguments(L, optimizer);
        return 1;
    }
    if (strcmp(key, "terms") == 0) {
        push_terms(L, optimizer);
        return 1;
    }
    if (strcmp(key, "equation") == 0) {
        lua_pushstring(L, doc->equation);
        return 1;
    }
    if (strcmp(key, "source") == 0) {
        lua_pushstring(L, doc->source);
        return 1;
    }
    for (size_t i = 0; i < doc->argument_count; i++)
        if (strcmp(key, doc->arguments[i].name) == 0) {
            bind_optimizer_argument(L, optimizer, i, optimizer->arguments[i]);
            return 1;
        }
    return 0;
}

/* --- opening --------------------------------------------------------------------------------- */

static const struct doc optim_doc = {
    .name = "optim",
    .signature = "optim.gd{alpha}, optim.adam{alpha, ...}, ...",
    .summary = "The update rules. opt{alpha = 0.2} is a copy of opt with a change.",
    .returns = "an optimizer: opt.name, opt.title, opt.arguments, opt.terms, opt.equation, "
               "opt.source, and each setting by its name (opt.alpha)",
    .example = "opt = optim.momentum{alpha = 0.1}\n"
               "slow = opt{alpha = 0.01}\n"
               "print(opt.alpha, slow.alpha, slow.beta)",
    .result = "0.1\t0.01\t0.9",
};

static const struct doc schedule_doc = {
    .name = "schedule",
    .signature = "schedule.step{alpha, factor, every}, schedule.cosine{alpha, steps}, ...",
    .summary = "Learning rates that change from update to update, or from epoch to epoch.",
    .returns = "a schedule s: give it as alpha; s(t) is its rate at update t, s(t, epoch) where it "
               "counts epochs",
    .example = "opt = optim.gd{alpha = schedule.exponential{alpha = 0.4, factor = 0.5}}\n"
               "print(opt.alpha(1), opt.alpha(2))",
    .result = "0.4\t0.2",
};

/* Collects the names of arguments once each behind those already in the list. */
static void add_names(const char **names, size_t *count, size_t limit, const struct doc *doc)
{
    for (size_t i = 0; i < doc->argument_count; i++) {
        size_t known = 0;
        while (known < *count && strcmp(names[known], doc->arguments[i].name) != 0)
            known++;
        if (known == *count && *count + 1 < limit)
            names[(*count)++] = doc->arguments[i].name;
    }
    names[*count] = NULL;
}

enum { FIELDS = 64 };

static void open_schedules(lua_State *L)
{
    static const luaL_Reg meta[] = {
        {"__gc", free_schedule}, {"__call", call_schedule}, {NULL, NULL}};
    const char *fields[FIELDS] = {"name", "arguments", "equation"};
    size_t count = 3;
    lua_newtable(L);
    for (size_t i = 0; i < schedule_rule_count; i++) {
        const struct schedule_rule *rule = schedule_rules[i];
        add_names(fields, &count, FIELDS, &rule->doc);
        lua_pushlightuserdata(L, (void *)rule);
        lua_pushcclosure(L, new_schedule, 1);
        bind_document(L, -1, &rule->doc);
        lua_setfield(L, -2, last_part(rule->doc.name));
    }
    bind_namespace(L, &schedule_doc, NULL, NULL);
    lua_setfield(L, -2, "schedule");
    bind_type(L, BIND_SCHEDULE, NULL, 0, meta, schedule_field, fields);
}

void bind_open_optimizer(lua_State *L)
{
    static const luaL_Reg meta[] = {{"__gc", free_optimizer},
                                    {"__call", call_optimizer},
                                    {"__eq", same_optimizer},
                                    {NULL, NULL}};
    open_schedules(L);
    const char *fields[FIELDS] = {"name", "title", "arguments", "terms", "equation", "source"};
    size_t count = 6;
    lua_newtable(L);
    for (size_t i = 0; i < optimizer_rule_count; i++) {
        const struct rule *rule = optimizer_rules[i];
        add_names(fields, &count, FIELDS, &rule->doc);
        lua_pushlightuserdata(L, (void *)rule);
        lua_pushcclosure(L, new_optimizer, 1);
        bind_document(L, -1, &rule->doc);
        lua_setfield(L, -2, last_part(rule->doc.name));
    }
    bind_namespace(L, &optim_doc, NULL, NULL);
    lua_setfield(L, -2, "optim");
    bind_type(L, BIND_OPTIMIZER, NULL, 0, meta, optimizer_field, fields);
}
