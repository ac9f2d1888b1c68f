/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_record.c: r:record(t): all that one update computed, made again. */
#include <math.h>

#include "bind/array.h"
#include "bind/optimizer.h"
#include "bind/run.h"

static const struct argument record_arguments[] = {
    {.name = "t",
     .type = ARGUMENT_INTEGER,
     .standard = NAN,
     .default_text = "r.t",
     .minimum = 1,
     .maximum = 9007199254740992.0,
     .summary = "the update"},
};

static const struct doc record_doc = {
    .name = "run:record",
    .signature = "r:record(t)",
    .summary = "Everything that update t computed, made again.",
    DOC_ARGUMENTS(record_arguments),
    .returns =
        "a table: t, epoch, age (t as the rule counts it), loss (over its batch), batch (the "
        "examples; nil: all), count, optimizer, arguments, gradient, phi_before, phi, and "
        "the tables before (the states) and terms, both by name",
    .errors = "an update that has not been made",
    .example = "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n"
               "r = descend(L, optim.momentum{alpha = 0.1}, {start = {1, 1}}):step(5)\n"
               "u = r:record(1)\n"
               "print(u.t, u.loss, u.terms.m)",
    .result = "1\t3.0\t0.2  0.4",
};

/* Called with the record as a light userdata, so that an error in between does not lose it. */
static int push_record(lua_State *L)
{
    const struct run_record *record = lua_touserdata(L, 1);
    const struct optimizer *optimizer = record->optimizer;
    const struct rule *rule = optimizer->rule;
    size_t size = record->size;
    lua_createtable(L, 0, 14);
    lua_pushinteger(L, (lua_Integer)record->t);
    lua_setfield(L, -2, "t");
    lua_pushinteger(L, (lua_Integer)record->epoch);
    lua_setfield(L, -2, "epoch");
    lua_pushinteger(L, (lua_Integer)record->age);
    lua_setfield(L, -2, "age");
    lua_pushnumber(L, record->loss);
    lua_setfield(L, -2, "loss");
    lua_pushinteger(L, (lua_Integer)record->count);
    lua_setfield(L, -2, "count");
    if (record->indices != NULL) {
        bind_push_indices(L, record->indices, record->count);
        lua_setfield(L, -2, "batch");
    }
    bind_push_vector(L, record->gradient, size);
    lua_setfield(L, -2, "gradient");
    bind_push_vector(L, record->phi_before, size);
    lua_setfield(L, -2, "phi_before");
    bind_push_vector(L, record->phi, size);
    lua_setfield(L, -2, "phi");
    bind_optimizer_push(L, (struct optimizer *)optimizer);
    lua_setfield(L, -2, "optimizer");

    lua_newtable(L);
    for (size_t i = 0; i < rule->doc.argument_count; i++) {
        if (optimizer->schedules[i] != NULL)
            lua_pushnumber(L, record->arguments[i]);
        else
            bind_optimizer_argument(L, optimizer, i, record->arguments[i]);
        lua_setfield(L, -2, rule->doc.arguments[i].name);
    }
    lua_setfield(L, -2, "arguments");
    lua_newtable(L);
    for (size_t i = 0; i < rule->state_count; i++) {
        bind_push_vector(L, record->state_before + i * size, size);
        lua_setfield(L, -2, rule->states[i]);
    }
    lua_setfield(L, -2, "before");
    lua_newtable(L);
    for (size_t i = 0; i < rule->term_count; i++) {
        bind_push_vector(L, record->terms + i * size, size);
        lua_setfield(L, -2, rule->terms[i].name);
    }
    lua_setfield(L, -2, "terms");
    return 1;
}

static int record(lua_State *L)
{
    struct run *run = bind_run(L, 1, NULL);
    if (run_time(run) == 0)
        bind_refuse(L, record_doc.name, "no update has been made yet; r:step() makes one");
    unsigned long long t = run_time(run);
    if (!lua_isnoneornil(L, 2))
        t = (unsigned long long)bind_integer(L, 2, "t", 1, (long long)t);
    struct run_record made;
    struct error error;
    lua_pushcfunction(L, push_record);
    lua_pushlightuserdata(L, &made);
    BIND_ATTEMPT(L, &error, run_record(run, t, &made, &error));
    int result = lua_pcall(L, 1, 1, 0);
    run_record_free(&made);
    return result == LUA_OK ? 1 : lua_error(L);
}

void bind_open_run_record(lua_State *L)
{
    static const struct function methods[] = {{"record", record, &record_doc}};
    bind_methods(L, BIND_RUN, methods, 1);
}
