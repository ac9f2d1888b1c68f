/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state.h: a Lua state with descent in it, for the fuzzers of what is written in Lua. `chunk` gives
 * a function of one text; an error that is no sentence fails. libFuzzer is told which lines of Lua
 * run, so that it goes after new ones as it does in C. */
#ifndef DESCENT_TESTS_FUZZ_STATE_H
#define DESCENT_TESTS_FUZZ_STATE_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "fuzz.h"

int luaopen_descent_core(lua_State *L);

#ifdef __linux__
enum { STATE_COUNTERS = 1 << 15 };
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t
    state_counters[STATE_COUNTERS];

/* One counter for each line; what few lines share one does no harm. */
static inline void state_count(lua_State *L, lua_Debug *activation)
{
    lua_getinfo(L, "S", activation);
    size_t place = (size_t)activation->linedefined * 31 + (size_t)activation->currentline;
    for (const char *at = activation->short_src; *at != '\0'; at++)
        place = place * 131 + (unsigned char)*at;
    uint8_t *counter = &state_counters[place % STATE_COUNTERS];
    if (*counter < UINT8_MAX)
        ++*counter;
}
#else
static inline void state_count(lua_State *L, lua_Debug *activation)
{
    (void)L, (void)activation;
}
#endif

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
        EXPECT(used == 0);
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
    lua_sethook(L, state_count, LUA_MASKLINE, 0);
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
