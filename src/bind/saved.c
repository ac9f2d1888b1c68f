/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run as a string and back, for lua/descent/saved.lua, which adds what makes the loss. */
#include "run/saved.h"

#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "bind/array.h"
#include "bind/loss.h"
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

void bind_open_saved(lua_State *L)
{
    static const luaL_Reg functions[] = {{"run_bytes", run_bytes},
                                         {"run_restore", run_restored},
                                         {"checksum", checksum},
                                         {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
