/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state.h: a Lua state with descent in it, for the fuzzers of what is written in Lua. `chunk` gives
 * a function of one text; an error that is no sentence fails. */
#ifndef DESCENT_TESTS_FUZZ_STATE_H
#define DESCENT_TESTS_FUZZ_STATE_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "fuzz.h"

int luaopen_descent_core(lua_State *L);

/* As much memory as there is under DESCENT_MEMORY=64M. */
static inline void *state_allocate(void *user, void *block, size_t before, size_t size)
{
    size_t *used = user;
    before = block == NULL ? 0 : before;
    if (size > before && *used + (size - before) > (size_t)1 << 26)
        return NULL;
    void *made = NULL;
    if (size == 0)
        free(block);
    else if ((made = realloc(block, size)) == NULL)
        return NULL;
    *used = *used + size - before;
    return made;
}

/* What the function answers, until the next call; NULL where that is no text. */
static inline const uint8_t *state_ask(const char *chunk, const uint8_t *data, size_t size,
                                       size_t *length)
{
    static lua_State *L;
    static int calls;
    static size_t used;
    /* A fresh state now and then: what is kept in it would grow. */
    if (L != NULL && ++calls % 2000 == 0) {
        lua_close(L);
        L = NULL;
    }
    if (L == NULL) {
        L = lua_newstate(state_allocate, &used);
        EXPECT(L != NULL);
        luaL_openlibs(L);
        luaL_requiref(L, "descent.core", luaopen_descent_core, 0);
        lua_settop(L, 0);
        /* What is made up by chance must not touch the machine. */
        lua_pushstring(L, access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        lua_setglobal(L, "FOLDER");
        EXPECT(luaL_dostring(L, "os.execute, io.popen, os.exit = nil") ==
               LUA_OK);
        if (luaL_loadstring(L, chunk) != LUA_OK || lua_pcall(L, 0, 1, 0) != LUA_OK) {
            fprintf(stderr, "%s\n", lua_tostring(L, -1));
            abort();
        }
    }
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    lua_pushlstring(L, (const char *)data, size);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
        fprintf(stderr, "an error: %s\n", luaL_tolstring(L, -1, NULL));
        abort();
    }
    return (const uint8_t *)lua_tolstring(L, -1, length);
}

static inline void state_call(const char *chunk, const uint8_t *data, size_t size)
{
    size_t length;
    state_ask(chunk, data, size, &length);
}

#endif
