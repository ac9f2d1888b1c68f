/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bind/namespace.h"

#include <string.h>

#include "bind/bind.h"
#include "bind/text.h"

/* Upvalues of the metamethods: list of late names, make, name of the namespace. */
enum { LATE = 1, MAKE, NAME, UPVALUES = 3 };

/* Pushes the late value and keeps it in the table at 1; pushes nothing and returns false when the
 * string at `name` is no late name. */
static bool push_late(lua_State *L, int name)
{
    name = lua_absindex(L, name);
    for (lua_Integer i = 1; lua_rawgeti(L, lua_upvalueindex(LATE), i) != LUA_TNIL; i++) {
        bool same = lua_rawequal(L, -1, name);
        lua_pop(L, 1);
        if (!same)
            continue;
        lua_pushvalue(L, lua_upvalueindex(MAKE));
        lua_pushvalue(L, name);
        lua_call(L, 1, 1);
        lua_pushvalue(L, name);
        lua_pushvalue(L, -2);
        lua_rawset(L, 1);
        return true;
    }
    lua_pop(L, 1);
    return false;
}

static int namespace_index(lua_State *L)
{
    lua_settop(L, 2);
    const char *name = lua_tostring(L, lua_upvalueindex(NAME));
    if (lua_type(L, 2) != LUA_TSTRING)
        return bind_refuse(L, NULL, "%s has names, and cannot be indexed by %s", name,
                           bind_describe(L, 2));
    if (push_late(L, 2))
        return 1;
    const char *given = lua_tostring(L, 2);
    lua_Integer count = 0;
    lua_newtable(L);
    int list = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, 1) != 0; lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        lua_rawseti(L, list, ++count);
    }
    for (lua_Integer i = 1; lua_rawgeti(L, lua_upvalueindex(LATE), i) != LUA_TNIL; i++)
        lua_rawseti(L, list, ++count);
    const char *nearest = bind_nearest(L, given, list, (size_t)count);
    if (nearest != NULL)
        return bind_refuse(L, NULL, "%s has no \"%s\"; did you mean %s.%s?", name, given, name,
                           nearest);
    return bind_refuse(L, NULL, "%s has no \"%s\"; help(%s) lists what it has", name, given, name);
}

static int namespace_next(lua_State *L)
{
    lua_settop(L, 2);
    return lua_next(L, 1) != 0 ? 2 : 0;
}

static int namespace_pairs(lua_State *L)
{
    lua_settop(L, 1);
    for (lua_Integer i = 1; lua_rawgeti(L, lua_upvalueindex(LATE), i) != LUA_TNIL; i++) {
        lua_pushvalue(L, -1);
        if (lua_rawget(L, 1) == LUA_TNIL)
            push_late(L, 2);
        lua_settop(L, 1);
    }
    lua_settop(L, 1);
    lua_pushcfunction(L, namespace_next);
    lua_insert(L, 1);
    lua_pushnil(L);
    return 3;
}

void bind_namespace(lua_State *L, const struct doc *doc, const char *const *late,
                    lua_CFunction make)
{
    static const luaL_Reg meta[] = {
        {"__index", namespace_index}, {"__pairs", namespace_pairs},
        {"__tostring", bind_namespace_text}, {NULL, NULL}};
    bind_document(L, -1, doc);
    lua_createtable(L, 0, 2);
    lua_newtable(L);
    for (lua_Integer i = 0; late != NULL && late[i] != NULL; i++) {
        lua_pushstring(L, late[i]);
        lua_rawseti(L, -2, i + 1);
    }
    if (make != NULL)
        lua_pushcfunction(L, make);
    else
        lua_pushnil(L);
    lua_pushstring(L, doc->name);
    luaL_setfuncs(L, meta, UPVALUES);
    lua_setmetatable(L, -2);
}
