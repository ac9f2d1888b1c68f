/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program in its other role: the isolated process in which a submission runs. It makes a Lua
 * state without files, processes and debugging, loads what it needs, wipes the lessons and
 * exercises that are part of the program from its memory, locks itself in (host/sandbox.h), and
 * then answers questions: lua/descent/grade/inside.lua. */
#include "bind/isolated.h"

#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "array/linear_algebra.h"
#include "base/context.h"
#include "bind/bind.h"
#include "bind/embedded.h"
#include "host/sandbox.h"

enum { LENGTH = 4, QUESTION_MOST = 64 << 20, EXIT_ISOLATED = 70 };

struct isolated {
    size_t used, limit; /* Lua's memory */
    struct sandbox_limits limits;
    bool linear_algebra; /* to be loaded: afterwards it cannot be */
    bool locked;         /* from here on nothing is printed */
};

static void *allocate(void *data, void *block, size_t old_size, size_t new_size)
{
    struct isolated *isolated = data;
    if (block == NULL)
        old_size = 0; /* then it is the kind of object */
    if (new_size == 0) {
        free(block);
        isolated->used -= old_size;
        return NULL;
    }
    if (new_size > old_size && new_size - old_size > isolated->limit - isolated->used)
        return NULL;
    void *moved = realloc(block, new_size);
    if (moved != NULL)
        isolated->used += new_size - old_size;
    return moved;
}

/* --- frames: host/child.h --------------------------------------------------------------------- */

static bool read_whole(char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t got = read(STDIN_FILENO, bytes, size);
        if (got <= 0)
            return false;
        bytes += got;
        size -= (size_t)got;
    }
    return true;
}

static bool write_whole(const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = write(STDOUT_FILENO, bytes, size);
        if (sent <= 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* receive() -> bytes, or nil at the end */
static int receive(lua_State *L)
{
    unsigned char length[LENGTH];
    if (!read_whole((char *)length, LENGTH))
        return 0;
    size_t size = (size_t)length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 |
                  (size_t)length[3] << 24;
    if (size > QUESTION_MOST)
        return 0;
    luaL_Buffer buffer;
    char *bytes = luaL_buffinitsize(L, &buffer, size);
    if (!read_whole(bytes, size))
        return 0;
    luaL_pushresultsize(&buffer, size);
    return 1;
}

/* send(bytes) */
static int send_frame(lua_State *L)
{
    size_t size;
    const char *bytes = luaL_checklstring(L, 1, &size);
    char length[LENGTH];
    for (int i = 0; i < LENGTH; i++)
        length[i] = (char)(size >> 8 * i & 0xff);
    if (size > UINT32_MAX || !write_whole(length, LENGTH) || !write_whole(bytes, size))
        _exit(EXIT_ISOLATED);
    return 0;
}

/* --- the lock --------------------------------------------------------------------------------- */

/* The pages are this process's own copy once they are written to. */
static bool wipe(unsigned char *bytes, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), before = (uintptr_t)bytes & (page - 1);
    if (mprotect(bytes - before, before + size, PROT_READ | PROT_WRITE) != 0)
        return false;
    memset(bytes, 0, size);
    return true;
}

static bool wipe_lessons(void)
{
    for (size_t i = 0; i < embedded_count; i++) {
        const struct embedded *file = &embedded_files[i];
        if (strncmp(file->path, "lessons/", 8) == 0 &&
            !wipe((unsigned char *)file->bytes, file->size))
            return false;
    }
    return true;
}

/* enter() -> true, or nil and a sentence */
static int enter(lua_State *L)
{
    struct isolated *isolated = lua_touserdata(L, lua_upvalueindex(1));
    struct error error;
    setenv("OPENBLAS_NUM_THREADS", "1", 1); /* a thread that it started would not be filtered */
    if (isolated->linear_algebra)
        linear_algebra_open(bind_context(L), &error); /* a later use says that it is missing */
    if (!wipe_lessons())
        error_set(&error, STATUS_UNSUPPORTED, NULL, "cannot wipe the exercises: %s",
                  strerror(errno));
    else if (sandbox_enter(&isolated->limits, &error) == STATUS_OK) {
        isolated->locked = true;
        unsetenv("DESCENT_PATH"); /* no file can be opened any more */
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, error.text);
    return 2;
}

static int run(lua_State *L)
{
    static const luaL_Reg libraries[] = {{LUA_GNAME, luaopen_base},
                                         {LUA_COLIBNAME, luaopen_coroutine},
                                         {LUA_TABLIBNAME, luaopen_table},
                                         {LUA_STRLIBNAME, luaopen_string},
                                         {LUA_MATHLIBNAME, luaopen_math},
                                         {LUA_UTF8LIBNAME, luaopen_utf8},
                                         {NULL, NULL}};
    struct isolated *isolated = lua_touserdata(L, 1);
    for (const luaL_Reg *library = libraries; library->func != NULL; library++) {
        luaL_requiref(L, library->name, library->func, 1);
        lua_pop(L, 1);
    }
    if (!bind_resource(L, "lua/descent/grade/inside.lua"))
        return luaL_error(L, "lua/descent/grade/inside.lua is missing");
    size_t size;
    const char *text = lua_tolstring(L, -1, &size);
    if (luaL_loadbufferx(L, text, size, "@descent/grade/inside.lua", "t") != LUA_OK)
        return lua_error(L);
    bind_open_bare(L);
    bind_context(L)->memory.limit = isolated->limit;
    lua_pushcfunction(L, receive);
    lua_pushcfunction(L, send_frame);
    lua_pushlightuserdata(L, isolated);
    lua_pushcclosure(L, enter, 1);
    lua_call(L, 4, 0);
    return 0;
}

static int panic(lua_State *L)
{
    (void)L;
    _exit(EXIT_ISOLATED);
}

int isolated_main(int count, char **arguments)
{
    if (count != 7) {
        fputs("descent: --isolated is how the program starts itself\n", stderr);
        return 2;
    }
    struct isolated isolated = {.limit = (size_t)strtoull(arguments[3], NULL, 10),
                                .limits = {.parent = (pid_t)strtol(arguments[2], NULL, 10),
                                           .memory = (size_t)strtoull(arguments[3], NULL, 10),
                                           .seconds = strtod(arguments[4], NULL),
                                           .filter = strcmp(arguments[5], "filter") == 0},
                                .linear_algebra = strcmp(arguments[6], "linear") == 0};
    lua_State *L = lua_newstate(allocate, &isolated);
    if (L == NULL)
        return EXIT_ISOLATED;
    lua_atpanic(L, panic);
    lua_pushcfunction(L, run);
    lua_pushlightuserdata(L, &isolated);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
        const char *message = lua_tostring(L, -1);
        if (!isolated.locked)
            fprintf(stderr, "descent: %s\n", message != NULL ? message : "an error without words");
        _exit(EXIT_ISOLATED);
    }
    _exit(0); /* nothing is to be finalised: the submission's objects are still there */
}
