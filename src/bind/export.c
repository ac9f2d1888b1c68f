/* SPDX-License-Identifier: GPL-3.0-or-later */
/* export.c: what export() has to know of a run that Lua cannot see otherwise. */
#include <string.h>

#include "bind/look.h"
#include "bind/optimizer.h"
#include "bind/run.h"
#include "objective/build.h"

/* Batches without a seed are listed up to so many examples; beyond, the generator's state is. */
enum { LISTED_LIMIT = 20000 };

static void set_integer(lua_State *L, const char *field, long long value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, field);
}

/* Indices from 0, as Python has them. */
static void push_indices(lua_State *L, const size_t *indices, size_t count)
{
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushinteger(L, (lua_Integer)indices[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_batches(lua_State *L, struct run *run)
{
    lua_newtable(L);
    for (unsigned long long t = 1; t <= run_time(run); t++) {
        const size_t *indices;
        size_t count;
        struct error error;
        bind_check(L, run_batch(run, t, &indices, &count, &error), &error);
        push_indices(L, indices, count);
        lua_rawseti(L, -2, (lua_Integer)t);
    }
}

static void push_generator(lua_State *L, const struct generator *generator)
{
    lua_createtable(L, 624, 1);
    for (int i = 0; i < 624; i++) {
        lua_pushinteger(L, (lua_Integer)generator->key[i]);
        lua_rawseti(L, -2, i + 1);
    }
    set_integer(L, "position", generator->position);
}

/* {order =, batch =, seed = or batches = or generator =} */
static void push_sampler(lua_State *L, struct run *run)
{
    static const char *const orders[] = {[SAMPLER_ALL] = "all",
                                         [SAMPLER_EPOCH] = "epoch",
                                         [SAMPLER_DRAW] = "draw",
                                         [SAMPLER_FIXED] = "fixed",
                                         [SAMPLER_GIVEN] = "given"};
    const struct sampler *sampler = run_sampler(run);
    const struct generator *generator = run_first_generator(run);
    uint32_t seed;
    lua_createtable(L, 0, 3);
    lua_pushstring(L, orders[sampler->order]);
    lua_setfield(L, -2, "order");
    set_integer(L, "batch", (long long)sampler->batch);
    if (sampler->order == SAMPLER_ALL)
        return;
    if (sampler->order == SAMPLER_GIVEN) {
        lua_createtable(L, (int)sampler->given_count, 0);
        for (size_t i = 0; i < sampler->given_count; i++) {
            size_t begin = sampler->given_offsets[i];
            push_indices(L, sampler->given + begin, sampler->given_offsets[i + 1] - begin);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        lua_setfield(L, -2, "batches");
    } else if (generator_is_fresh(generator, &seed)) {
        set_integer(L, "seed", seed);
    } else if (run_time(run) * sampler->batch <= LISTED_LIMIT) {
        push_batches(L, run);
        lua_setfield(L, -2, "batches");
    } else {
        push_generator(L, generator);
        lua_setfield(L, -2, "generator");
    }
}

static void push_numbers(lua_State *L, const double *numbers, size_t count)
{
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushnumber(L, numbers[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* The table of groups is on top of the stack. */
static void add_group(void *user, const struct penalty_term *term, const size_t *places,
                      size_t count)
{
    lua_State *L = user;
    push_indices(L, places, count);
    lua_pushnumber(L, term->arguments[0]);
    lua_setfield(L, -2, "c");
    lua_pushstring(L, term->kind->doc.name);
    lua_setfield(L, -2, "kind");
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

/* run_recipe(r): {start =, sampler =, parts = {{from =, origin =, optimizer =}, ...}, held = list
 * of indices from 0 or nil, lower =, upper = or nil, groups =}. */
static int run_recipe(lua_State *L)
{
    struct run *run = bind_run(L, 1, NULL);
    size_t size = run_size(run);
    lua_createtable(L, 0, 8);
    push_numbers(L, run_row(run, 0).phi, size);
    lua_setfield(L, -2, "start");
    push_sampler(L, run);
    lua_setfield(L, -2, "sampler");
    lua_newtable(L);
    for (size_t i = 0; i < run_part_count(run); i++) {
        struct run_part part = run_part(run, i);
        lua_createtable(L, 0, 3);
        set_integer(L, "from", (long long)part.from);
        set_integer(L, "origin", (long long)part.origin);
        bind_optimizer_push(L, part.optimizer);
        lua_setfield(L, -2, "optimizer");
        lua_pushboolean(L, part.optimizer->rule->owner != NULL);
        lua_setfield(L, -2, "own");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "parts");
    const bool *held = run_held(run);
    if (held) {
        lua_Integer count = 0;
        lua_newtable(L);
        for (size_t j = 0; j < size; j++)
            if (held[j]) {
                lua_pushinteger(L, (lua_Integer)j);
                lua_rawseti(L, -2, ++count);
            }
        lua_setfield(L, -2, "held");
    }
    if (run_lower(run)) {
        push_numbers(L, run_lower(run), size);
        lua_setfield(L, -2, "lower");
        push_numbers(L, run_upper(run), size);
        lua_setfield(L, -2, "upper");
    }
    lua_newtable(L);
    objective_groups(run_objective(run), add_group, L);
    lua_setfield(L, -2, "groups");
    return 1;
}

void bind_open_export(lua_State *L)
{
    lua_pushcfunction(L, run_recipe);
    lua_setfield(L, -2, "run_recipe");
    lua_pushcfunction(L, bind_python_formulas);
    lua_setfield(L, -2, "python_formulas");
}
