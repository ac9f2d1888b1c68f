/* SPDX-License-Identifier: GPL-3.0-or-later */
/* optim.* and schedule.*: a constructor for each rule of the lists, made from its record. */
#include "bind/optimizer.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "bind/namespace.h"
#include "bind/text.h"
#include "optimizer/arguments.h"

static const char *last_part(const char *name)
{
    return strchr(name, '.') + 1;
}

/* Pushes argument `argument` with the number `value`. */
static void push_argument_value(lua_State *L, const struct argument *argument, double value)
{
    char choice[64];
    if (isnan(value)) {
        lua_pushnil(L);
    } else if (argument->type == ARGUMENT_NUMBER && argument->choices != NULL && value < 0) {
        doc_choice_name(argument->choices, -1 - (int)value, choice, sizeof choice);
        lua_pushstring(L, choice);
    } else if (argument->type == ARGUMENT_BOOLEAN) {
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

/* --- calling Lua ------------------------------------------------------------------------------ */

struct bind_caller *bind_caller(lua_State *L)
{
    static const char key; /* its address */
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &key) == LUA_TNIL) {
        struct bind_caller *made = lua_newuserdatauv(L, sizeof *made, 0);
        made->L = L;
        lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
        lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
        lua_remove(L, -2);
    }
    struct bind_caller *caller = lua_touserdata(L, -1); /* kept by the registry */
    lua_pop(L, 1);
    return caller;
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

/* A function as a rate. */
struct own_rate {
    struct context *context;
    struct bind_caller *caller;
    lua_State *main;
    int function; /* in the registry */
};

static void free_own_rate(void *user)
{
    struct own_rate *own = user;
    luaL_unref(own->main, LUA_REGISTRYINDEX, own->function);
    memory_free(own->context, own);
}

struct rate_call {
    struct own_rate *own;
    unsigned long long t, epoch;
    double loss, rate;
};

static int call_own_rate(lua_State *L)
{
    struct rate_call *call = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, call->own->function);
    lua_pushinteger(L, (lua_Integer)call->t);
    lua_pushinteger(L, (lua_Integer)call->epoch);
    lua_pushnumber(L, call->loss);
    lua_call(L, 3, 1);
    call->rate = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : NAN;
    if (lua_type(L, -1) != LUA_TNUMBER)
        bind_refuse(L, "alpha", "its function must give a number, not %s, for update %d",
                    bind_describe(L, -1), (int)call->t);
    if (!(call->rate >= 0) || isinf(call->rate))
        bind_refuse(L, "alpha", "its function gave %s for update %d; a rate is at least 0",
                    bind_number_text(L, call->rate), (int)call->t);
    return 0;
}

static enum status own_rate(void *user, unsigned long long t, unsigned long long epoch, double loss,
                            double *rate, struct error *error)
{
    struct rate_call call = {user, t, epoch, loss, NAN};
    enum status status = bind_protect(call.own->caller, call_own_rate, &call, error);
    *rate = call.rate;
    return status;
}

/* Pushes the schedule of the function at `index`. */
static struct schedule *schedule_of_function(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    struct error error;
    struct schedule **object = bind_new(L, BIND_SCHEDULE, sizeof *object);
    struct own_rate *own = memory_allocate(bind_context(L), 1, sizeof *own);
    if (own == NULL) {
        error_memory(&error, "the schedule");
        bind_raise(L, &error);
    }
    struct schedule_function function = {own_rate, free_own_rate, own, true};
    own->context = bind_context(L);
    own->caller = bind_caller(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    own->main = lua_tothread(L, -1);
    lua_pop(L, 1);
    lua_pushvalue(L, index);
    if (lua_isfunction(L, -1) && !lua_iscfunction(L, -1)) {
        lua_Debug info;
        lua_pushvalue(L, -1);
        lua_getinfo(L, ">u", &info);
        function.needs_loss = info.nparams > 2 || info.isvararg;
    }
    own->function = luaL_ref(L, LUA_REGISTRYINDEX);
    bind_check(L, schedule_from_function(object, bind_context(L), &function, &error), &error);
    return *object;
}

/* schedule(f) */
static int own_schedule(lua_State *L)
{
    if (lua_type(L, 2) != LUA_TFUNCTION)
        return bind_refuse(L, "schedule",
                           "it takes a function of (t, epoch, loss) that gives the rate, not %s",
                           bind_describe(L, 2));
    schedule_of_function(L, 2);
    return 1;
}

/* s(t), s(t, epoch); without an epoch it is t itself, of what the schedule counts. */
static int call_schedule(lua_State *L)
{
    struct schedule *schedule = schedule_self(L);
    unsigned long long t = (unsigned long long)bind_integer(L, 2, "t", 1, LLONG_MAX);
    unsigned long long epoch = t;
    if (!lua_isnoneornil(L, 3))
        epoch = (unsigned long long)bind_integer(L, 3, "epoch", 1, LLONG_MAX);
    if (schedule->function.user != NULL) {
        lua_settop(L, 4);
        lua_rawgeti(L, LUA_REGISTRYINDEX, ((struct own_rate *)schedule->function.user)->function);
        lua_replace(L, 1);
        lua_pushinteger(L, (lua_Integer)epoch);
        lua_replace(L, 3);
        lua_call(L, 3, 1);
        return 1;
    }
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
    if (lua_type(L, index) == LUA_TFUNCTION)
        bind_refuse(L, NULL,
                    "%s must be an optimizer, not what makes one: write it with its settings, as "
                    "optim.gd{alpha = 0.1}",
                    argument);
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
    const int top = lua_gettop(L);
    bind_options(L, index, &rule->doc, 0, values, given);
    for (size_t i = 0; i < rule->doc.argument_count; i++) {
        const struct argument *argument = &rule->doc.arguments[i];
        if (argument->type != ARGUMENT_RATE || !given[i] || !bind_field(L, index, argument->name))
            continue;
        schedules[i] = schedule_at(L, -1);
        if (schedules[i] == NULL && lua_type(L, -1) != LUA_TNUMBER)
            schedules[i] = schedule_of_function(L, -1);
        /* What was pushed keeps the schedule until the optimizer does. */
    }
    struct optimizer **object = bind_new(L, BIND_OPTIMIZER, sizeof *object);
    struct error error;
    bind_check(L, optimizer_new(object, bind_context(L), rule, values, schedules, given, &error),
               &error);
    lua_insert(L, top + 1);
    lua_settop(L, top + 1);
}

static int new_optimizer(lua_State *L)
{
    lua_settop(L, 1);
    make_optimizer(L, lua_touserdata(L, lua_upvalueindex(1)), 1);
    return 1;
}

int bind_own_optimizer(lua_State *L)
{
    make_optimizer(L, lua_touserdata(L, 1), 2);
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
    lua_Integer count = 0;
    for (size_t i = 0; i < rule->term_count; i++) {
        const char *equation = optimizer_equation(optimizer, i);
        if (equation != NULL && equation[0] == '\0')
            continue;
        lua_createtable(L, 0, 6);
        set_text(L, "name", rule->terms[i].name);
        set_text(L, "symbol", rule->terms[i].symbol);
        set_text(L, "equation", equation);
        lua_pushboolean(L, (rule->numbers >> i & 1) != 0);
        lua_setfield(L, -2, "number"); /* one for all parameters */
        set_text(L, "summary", rule->terms[i].summary);
        bool state = strcmp(rule->terms[i].name, "phi") == 0;
        for (size_t s = 0; s < rule->state_count; s++)
            state |= strcmp(rule->terms[i].name, rule->states[s]) == 0;
        lua_pushboolean(L, state); /* it replaces its value of the update before */
        lua_setfield(L, -2, "state");
        lua_rawseti(L, -2, ++count);
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
        lua_pushstring(L, doc->source); /* nil for a rule of one's own */
        return 1;
    }
    for (size_t i = 0; i < doc->argument_count; i++)
        if (strcmp(key, doc->arguments[i].name) == 0) {
            bind_optimizer_argument(L, optimizer, i, optimizer->arguments[i]);
            return 1;
        }
    /* Settings of other rules are fields of the type, but not of this one. */
    for (size_t i = 0; i < optimizer_rule_count; i++)
        if (arguments_find(&optimizer_rules[i]->doc, key) >= 0)
            bind_refuse(L, NULL, "%s has no setting \"%s\"; explain(opt) shows what it has",
                        doc->name, key);
    return 0;
}

static void make_callable(lua_State *L, lua_CFunction function)
{
    lua_getmetatable(L, -1);
    lua_pushcfunction(L, function);
    lua_setfield(L, -2, "__call");
    lua_pop(L, 1);
}

/* --- opening --------------------------------------------------------------------------------- */

static const struct doc optim_doc = {
    .name = "optim",
    .signature =
        "optim.gd{alpha}, optim.adam{alpha, ...}, ...; optim{name, alpha, ..., state, update}",
    .summary =
        "The update rules. opt{alpha = 0.2} is a copy of opt with a change. optim{...} makes "
        "one of a function update(phi, g, s, h, t, L) that returns the new phi: g is the "
        "gradient, s holds the states (state = {\"m\", count = 0}: vectors that begin at 0, "
        "and numbers), h the settings, t counts updates, L is the loss on this update's "
        "batch: L(p), L:gradient(p). All are copies.",
    .returns = "an optimizer: opt.name, opt.title, opt.arguments, opt.terms, opt.equation, "
               "opt.source, and each setting by its name (opt.alpha)",
    .example = "opt = optim.momentum{alpha = 0.1}\n"
               "slow = opt{alpha = 0.01}\n"
               "print(opt.alpha, slow.alpha, slow.beta)\n"
               "mine = optim{name = \"mine\", alpha = 0.1, beta = 0.5, state = {\"m\"},\n"
               "    update = function(phi, g, s, h)\n"
               "        s.m = h.beta*s.m + (1 - h.beta)*g\n"
               "        return phi - h.alpha*s.m\n"
               "    end}\n"
               "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n"
               "print(descend(L, mine, {start = {1, 1}}):step(2).phi)",
    .result = "0.1\t0.01\t0.9\n0.76  0.54",
};

static const struct doc schedule_doc = {
    .name = "schedule",
    .signature =
        "schedule.step{alpha, factor, every}, schedule.cosine{alpha, steps}, ...; schedule(f)",
    .summary =
        "Learning rates that change from update to update, or from epoch to epoch. schedule(f) "
        "makes one of a function of (t, epoch, loss): the coming update, its epoch, and the "
        "loss that its gradient came with; alpha = f does the same. What f gave is kept: the "
        "past is made again with it, without f.",
    .returns = "a schedule s: give it as alpha; s(t) is its rate at update t, s(t, epoch) where it "
               "counts epochs",
    .example = "opt = optim.gd{alpha = schedule.exponential{alpha = 0.4, factor = 0.5}}\n"
               "print(opt.alpha(1), opt.alpha(2))\n"
               "own = schedule(function(t, epoch, loss) return 0.05*min(1, loss/5) end)\n"
               "L = loss.least_squares(model.gabor, data.gabor30)\n"
               "r = descend(L, optim.gd{alpha = own}, {start = {-1.5, 8.5}}):step(2)\n"
               "print(r:converge{loss = 1}.trace.alpha[r.t + 1] < 0.012)",
    .result = "0.4\t0.2\ntrue",
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
    make_callable(L, own_schedule);
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
    bind_open_line_search(L);
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
    make_callable(L, bind_own_rule);
    lua_setfield(L, -2, "optim");
    bind_type(L, BIND_OPTIMIZER, NULL, 0, meta, optimizer_field, fields);
}
