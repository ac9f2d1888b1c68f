/* SPDX-License-Identifier: GPL-3.0-or-later */
/* saved.c: r:save and run.load; and a run as a string and back, for lua/descent/saved.lua, which
 * adds what makes the loss. */
#include "run/saved.h"

#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "bind/array.h"
#include "bind/loss.h"
#include "bind/namespace.h"
#include "bind/optimizer.h"
#include "bind/run.h"

static int push_bytes(lua_State *L)
{
    lua_pushlstring(L, lua_touserdata(L, 1), *(size_t *)lua_touserdata(L, 2));
    return 1;
}

/* core.run_bytes(r) */
static int run_bytes(lua_State *L)
{
    struct run *run = bind_run(L, 1, "the run");
    char *bytes;
    size_t size;
    struct error error;
    BIND_ATTEMPT(L, &error, run_save(run, &bytes, &size, &error));
    lua_pushcfunction(L, push_bytes);
    lua_pushlightuserdata(L, bytes);
    lua_pushlightuserdata(L, &size);
    int result = lua_pcall(L, 2, 1, 0);
    memory_free(bind_context(L), bytes);
    return result == LUA_OK ? 1 : lua_error(L);
}

static struct optimizer *own_optimizer(void *user, const char *name)
{
    (void)name;
    return user;
}

/* core.run_restore(L, bytes, optimizer or nil, validation loss or nil) */
static int run_restored(lua_State *L)
{
    lua_settop(L, 4);
    struct objective *objective = bind_loss(L, 1, "loss");
    size_t size;
    const char *bytes = luaL_checklstring(L, 2, &size);
    struct optimizer *optimizer = lua_isnil(L, 3) ? NULL : bind_optimizer(L, 3, "optimizer");
    struct run **object = bind_run_new(L, 1, 4);
    struct error error;
    BIND_ATTEMPT(L, &error,
                 run_restore(object, objective, bytes, size, own_optimizer, optimizer, &error));
    return 1;
}

/* core.checksum(text): FNV-1a, 64 bits. */
static int checksum(lua_State *L)
{
    size_t size;
    const char *bytes = luaL_checklstring(L, 1, &size);
    uint64_t sum = 14695981039346656037u;
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ (unsigned char)bytes[i]) * 1099511628211u;
    lua_pushinteger(L, (lua_Integer)sum);
    return 1;
}

static const struct argument file_arguments[] = {
    {.name = "file", .type = ARGUMENT_TEXT, .required = true, .summary = "its name"},
};

static const struct doc save_doc = {
    .name = "run:save",
    .signature = "r:save(file)",
    .summary = "Writes the run to a file, whole or not at all: its past, state, batches still to "
               "come and goal. Loaded and continued it equals a run that never stopped, to the "
               "last bit.",
    DOC_ARGUMENTS(file_arguments),
    .returns = "the run",
    .errors = "a file that cannot be written",
    .example =
        "L = loss.least_squares(model.gabor, data.gabor30)\n"
        "r = descend(L, optim.adam{alpha = 0.1}, {start = {-1.5, 8.5}, batch = 5, seed = 1})\n"
        "file = os.tmpname()\n"
        "r:step(10):save(file)\n"
        "again = run.load(file):step(10)\n"
        "os.remove(file)\n"
        "print(again.t, again.phi == r:step(10).phi)",
    .result = "20\ttrue",
};

static int save(lua_State *L)
{
    bind_run(L, 1, NULL);
    lua_settop(L, 2);
    if (lua_type(L, 2) != LUA_TSTRING)
        return bind_refuse(L, "run:save", "it needs the name of a file: r:save(\"run.descent\")");
    return bind_call_lua(L, "descent.saved", "save");
}

static const struct argument load_arguments[] = {
    {.name = "loss",
     .type = ARGUMENT_VALUE,
     .type_name = "loss",
     .default_text = "as it was",
     .summary = "given again where it holds a Lua function, or data or a model of one's own"},
    {.name = "optimizer",
     .type = ARGUMENT_VALUE,
     .type_name = "optimizer",
     .default_text = "as it was",
     .summary = "given again where it, or its alpha, is a Lua function"},
    {.name = "validation",
     .type = ARGUMENT_VALUE,
     .type_name = "data set or loss",
     .default_text = "none",
     .summary = "the validation data, which are not in the file"},
};

static const struct doc load_doc = {
    .name = "run.load",
    .signature = "run.load(file, {loss, optimizer, validation})",
    .summary = "The run that r:save wrote. What is a Lua function is given again. The loss must "
               "have the value that it had.",
    DOC_ARGUMENTS(load_arguments),
    .returns = "a run that stands where the saved one stood",
    .errors = "a file that is no saved run or is damaged, a function that is missing, another loss",
    .example = "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n"
               "file = os.tmpname()\n"
               "descend(L, optim.gd{alpha = 0.25}, {start = {4, 1}}):step(2):save(file)\n"
               "r = run.load(file, {loss = L})\n"
               "os.remove(file)\n"
               "print(r.t, r.phi)",
    .result = "2\t1  0",
};

static int load_run(lua_State *L)
{
    lua_settop(L, 2);
    if (lua_type(L, 1) != LUA_TSTRING)
        return bind_refuse(L, "run.load", "it needs the name of a file: %s", load_doc.signature);
    bind_options(L, 2, &load_doc, 0, NULL, NULL);
    return bind_call_lua(L, "descent.saved", "load");
}

void bind_open_saved(lua_State *L)
{
    static const luaL_Reg functions[] = {{"run_bytes", run_bytes},
                                         {"run_restore", run_restored},
                                         {"checksum", checksum},
                                         {NULL, NULL}};
    static const struct function methods[] = {{"save", save, &save_doc}};
    static const struct function loading[] = {{"load", load_run, &load_doc}};
    luaL_setfuncs(L, functions, 0);
    bind_methods(L, BIND_RUN, methods, 1);
    lua_newtable(L);
    bind_functions(L, loading, 1);
    bind_namespace(L, &bind_run_doc, NULL, NULL);
    lua_setfield(L, -2, "run");
}
