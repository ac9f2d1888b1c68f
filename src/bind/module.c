/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Lua module descent.core: opens every binding, and finds the program's own Lua files, which
 * are embedded. A folder named by DESCENT_PATH comes first: its lua/ and lessons/ stand beside the
 * embedded ones, file by file. */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "bind/bind.h"
#include "bind/embedded.h"
#include "bind/text.h"

LUAMOD_API int luaopen_descent_core(lua_State *L);

static const char core_key = 0;

/* --- files --- */

/* The folder of DESCENT_PATH, or NULL. */
static const char *own_folder(void)
{
    const char *path = getenv("DESCENT_PATH");
    return path == NULL || path[0] == '\0' ? NULL : path;
}

/* Pushes the text of a file; false and nothing when it cannot be read. Nothing that could raise an
 * error runs while the file is open. */
static bool push_file(lua_State *L, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    fclose(file);
    if (size < 0 || size >= 1L << 30) /* a folder tells the largest number */
        return false;
    char *text = lua_newuserdatauv(L, (size_t)size + 1, 0);
    file = fopen(path, "rb");
    size_t length = file == NULL ? 0 : fread(text, 1, (size_t)size, file);
    bool fine = file != NULL && !ferror(file);
    if (file != NULL)
        fclose(file);
    if (fine)
        lua_pushlstring(L, text, length);
    lua_remove(L, fine ? -2 : -1);
    return fine;
}

static const struct embedded *embedded_path(const char *path)
{
    for (size_t i = 0; i < embedded_count; i++)
        if (strcmp(embedded_files[i].path, path) == 0)
            return &embedded_files[i];
    return NULL;
}

/* Pushes the text of "lua/descent/plot.lua" or "lessons/01-line.lua"; false when there is none. */
bool bind_resource(lua_State *L, const char *path)
{
    const char *folder = own_folder();
    if (folder != NULL && strstr(path, "..") == NULL) {
        bool found = push_file(L, lua_pushfstring(L, "%s/%s", folder, path));
        lua_remove(L, found ? -2 : -1);
        if (found)
            return true;
    }
    const struct embedded *file = embedded_path(path);
    if (file != NULL)
        lua_pushlstring(L, (const char *)file->bytes, file->size);
    return file != NULL;
}

static int resource(lua_State *L)
{
    return bind_resource(L, luaL_checkstring(L, 1)) ? 1 : 0;
}

/* --- the lists --- */

/* Adds the names of the files below a folder to the set on top of the stack, as keys. */
static void scan(lua_State *L, const char *folder, const char *inner, int depth)
{
    luaL_checkstack(L, 8, NULL);
    lua_newtable(L); /* set names */
    DIR *stream = opendir(lua_pushfstring(L, "%s/%s", folder, inner));
    lua_pop(L, 1);
    lua_Integer count = 0;
    for (struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;)
        if (entry->d_name[0] != '.') {
            lua_pushstring(L, entry->d_name);
            lua_rawseti(L, -2, ++count);
        }
    if (stream != NULL)
        closedir(stream);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        const char *path = lua_pushfstring(L, "%s/%s", inner, lua_tostring(L, -1));
        if (strrchr(path, '.') == NULL && depth < 8) {
            lua_pushvalue(L, -4);
            scan(L, folder, path, depth + 1);
            lua_pop(L, 1);
        } else {
            lua_pushboolean(L, 1);
            lua_setfield(L, -5, path);
        }
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
}

/* lua/descent/plot/loss.lua is descent.plot.loss, lua/descent/init.lua is descent. */
static const char *push_module_name(lua_State *L, const char *path)
{
    size_t length = strlen(path);
    if (strncmp(path, "lua/", 4) != 0 || length < 8 || strcmp(path + length - 4, ".lua") != 0)
        return NULL;
    lua_pushlstring(L, path + 4, length - 8);
    luaL_gsub(L, lua_tostring(L, -1), "/", ".");
    lua_remove(L, -2);
    const char *name = lua_tostring(L, -1);
    length = strlen(name);
    if (length > 5 && strcmp(name + length - 5, ".init") == 0) {
        lua_pushlstring(L, name, length - 5);
        lua_remove(L, -2);
    }
    return lua_tostring(L, -1);
}

/* Pushes the sorted list of modules, or of all other files. */
static void push_names(lua_State *L, bool modules)
{
    lua_newtable(L);
    for (size_t i = 0; i < embedded_count; i++) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, embedded_files[i].path);
    }
    if (own_folder() != NULL) {
        scan(L, own_folder(), "lua", 0);
        scan(L, own_folder(), "lessons", 0);
    }
    lua_newtable(L); /* set list */
    lua_Integer count = 0;
    for (lua_pushnil(L); lua_next(L, -3) != 0;) {
        lua_pop(L, 1);
        const char *path = lua_tostring(L, -1);
        if (push_module_name(L, path) == NULL) {
            if (!modules) {
                lua_pushvalue(L, -1);
                lua_rawseti(L, -3, ++count);
            }
        } else if (modules) {
            lua_rawseti(L, -3, ++count);
        } else {
            lua_pop(L, 1);
        }
    }
    lua_remove(L, -2);
    for (lua_Integer i = 2; i <= count; i++) /* insertion sort: the lists are short */
        for (lua_Integer j = i; j > 1; j--) {
            lua_rawgeti(L, -1, j - 1);
            lua_rawgeti(L, -2, j);
            if (strcmp(lua_tostring(L, -2), lua_tostring(L, -1)) <= 0) {
                lua_pop(L, 2);
                break;
            }
            lua_rawseti(L, -3, j - 1);
            lua_rawseti(L, -2, j);
        }
}

static int resources(lua_State *L)
{
    push_names(L, false);
    return 1;
}

/* core.modules: made when it is first read. */
static int core_index(lua_State *L)
{
    if (lua_type(L, 2) != LUA_TSTRING || strcmp(lua_tostring(L, 2), "modules") != 0)
        return 0;
    push_names(L, true);
    lua_pushvalue(L, -1);
    lua_setfield(L, 1, "modules");
    return 1;
}

/* --- the package searcher --- */

static int search(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    if (strncmp(name, "descent", 7) != 0 || (name[7] != '\0' && name[7] != '.'))
        return 0;
    luaL_gsub(L, name, ".", "/");
    const char *inner = lua_tostring(L, -1);
    const char *path = lua_pushfstring(L, "lua/%s.lua", inner);
    if (!bind_resource(L, path)) {
        path = lua_pushfstring(L, "lua/%s/init.lua", inner);
        if (!bind_resource(L, path)) {
            lua_pushfstring(L, "no embedded file 'lua/%s.lua'", inner);
            return 1;
        }
    }
    size_t size;
    const char *text = lua_tolstring(L, -1, &size);
    const char *chunk = lua_pushfstring(L, "@%s", path + 4);
    if (luaL_loadbufferx(L, text, size, chunk, "t") != LUA_OK)
        return luaL_error(L, "error loading module '%s':\n\t%s", name, lua_tostring(L, -1));
    lua_pushstring(L, chunk + 1);
    return 2;
}

/* After package.preload, before the files of package.path: the Lua files of this build belong to
 * its C. */
static void add_searcher(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    if (lua_getfield(L, -1, "package") == LUA_TTABLE &&
        lua_getfield(L, -1, "searchers") == LUA_TTABLE) {
        for (lua_Integer i = (lua_Integer)lua_rawlen(L, -1); i >= 2; i--) {
            lua_rawgeti(L, -1, i);
            lua_rawseti(L, -2, i + 1);
        }
        lua_pushcfunction(L, search);
        lua_rawseti(L, -2, 2);
    }
}

/* --- small services --- */

/* type(value): "array", "dataset", "run", ... or what Lua's type says. */
static int type_of(lua_State *L)
{
    luaL_checkany(L, 1);
    const char *name = bind_type_name(L, 1);
    lua_pushstring(L, strcmp(name, "data set") == 0 ? "dataset" : name);
    return 1;
}

/* nearest(given, names) */
static int nearest(lua_State *L)
{
    const char *given = luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_pushstring(L, bind_nearest(L, given, 2, lua_rawlen(L, 2)));
    return 1;
}

static const luaL_Reg services[] = {
    {"type", type_of},
    {"nearest", nearest},
    {"resource", resource},
    {"resources", resources},
    {"check_options", bind_check_options},
    {NULL, NULL},
};

void bind_open_bare(lua_State *L)
{
    luaL_newlib(L, services);
    int core = lua_gettop(L);
    bind_begin(L);
    bind_open_array(L);
    lua_settop(L, core);
    bind_open_math(L);
    lua_settop(L, core);
    lua_pushvalue(L, core);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &core_key);
}

int luaopen_descent_core(lua_State *L)
{
    /* A second opening gives the first one's table: objects hold its context. */
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &core_key) == LUA_TTABLE)
        return 1;
    luaL_newlib(L, services);
    int core = lua_gettop(L);
    bind_begin(L);
    lua_pushliteral(L, DESCENT_VERSION);
    lua_setfield(L, core, "version");
    static void (*const openers[])(lua_State *) = {
        bind_open_array, bind_open_math, bind_open_random, bind_open_dataset, bind_open_data,
        bind_open_model,
        bind_open_loss,  bind_open_look,      bind_open_optimizer, bind_open_run, bind_open_host,
    };
    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++) {
        openers[i](L);
        lua_settop(L, core);
    }
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, core_index);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, core);
    lua_pushvalue(L, core);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &core_key);
    add_searcher(L);
    lua_settop(L, core);
    return 1;
}
