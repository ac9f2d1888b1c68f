/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "repl/console.h"

#include <lauxlib.h>
#include <time.h>

#include "repl/history.h"
#include "repl/interrupt.h"

static int console_clock(lua_State *L)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    lua_pushnumber(L, (double)now.tv_sec + 1e-9 * (double)now.tv_nsec);
    return 1;
}

static int console_interrupted(lua_State *L)
{
    lua_pushboolean(L, interrupt_take(L));
    return 1;
}

/* ended(): whether the session is to end by a signal. */
static int console_ended(lua_State *L)
{
    lua_pushboolean(L, interrupt_ended() != 0);
    return 1;
}

static int console_offer(lua_State *L)
{
    entries_offer(luaL_checkstring(L, 1));
    return 0;
}

/* refused(): whether the system, not the limit, was what refused memory the last time. */
static int console_refused(lua_State *L)
{
    const bool *refused = lua_touserdata(L, lua_upvalueindex(1));
    lua_pushboolean(L, *refused);
    return 1;
}

static int open_console(lua_State *L)
{
    static const luaL_Reg functions[] = {{"clock", console_clock},
                                         {"interrupted", console_interrupted},
                                         {"ended", console_ended},
                                         {"offer", console_offer},
                                         {NULL, NULL}};
    luaL_newlib(L, functions);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_setfield(L, -2, "limit");
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_pushcclosure(L, console_refused, 1);
    lua_setfield(L, -2, "refused");
    return 1;
}

void console_preload(lua_State *L, size_t limit, const bool *refused)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushinteger(L, (lua_Integer)limit);
    lua_pushlightuserdata(L, (void *)refused);
    lua_pushcclosure(L, open_console, 2);
    lua_setfield(L, -2, "descent.console");
    lua_pop(L, 1);
}
