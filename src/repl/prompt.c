/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "repl/prompt.h"

#include <lauxlib.h>
#include <stdio.h>
#ifdef __linux__
#include <stdio_ext.h>
#endif
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repl/interrupt.h"

static const char *const key = "descent.prompt";

/* What is asked of the module: everything that allocates happens inside the protected call. */
struct request {
    const char *name;
    const char *text; /* NULL: called without arguments */
    bool range;       /* first and last are passed */
    int first, last;
    bool truth, files;
    char *answer, **list;
};

static char *copy(const char *text, size_t size)
{
    char *block = malloc(size + 1);
    if (block != NULL) {
        memcpy(block, text, size);
        block[size] = '\0';
    }
    return block;
}

static void collect(lua_State *L, struct request *request)
{
    size_t count = lua_rawlen(L, -1), used = 0;
    char **list = count > 0 ? malloc((count + 1) * sizeof *list) : NULL;
    if (list == NULL)
        return;
    for (size_t i = 1; i <= count; i++) {
        size_t size;
        lua_rawgeti(L, -1, (lua_Integer)i);
        const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &size) : NULL;
        char *block = text != NULL ? copy(text, size) : NULL;
        if (block != NULL)
            list[used++] = block;
        lua_pop(L, 1);
    }
    list[used] = NULL;
    request->list = list;
}

static int perform(lua_State *L)
{
    struct request *request = lua_touserdata(L, 1);
    int arguments = 0;
    lua_getfield(L, LUA_REGISTRYINDEX, key);
    lua_getfield(L, -1, request->name);
    if (request->text != NULL) {
        lua_pushstring(L, request->text);
        arguments++;
        if (request->range) {
            lua_pushinteger(L, request->first);
            lua_pushinteger(L, request->last);
            arguments += 2;
        }
    }
    lua_call(L, arguments, 1);
    request->truth = lua_toboolean(L, -1);
    if (lua_type(L, -1) == LUA_TSTRING) {
        size_t size;
        const char *text = lua_tolstring(L, -1, &size);
        request->answer = copy(text, size);
    } else if (lua_type(L, -1) == LUA_TTABLE) {
        lua_getfield(L, -1, "files");
        request->files = lua_toboolean(L, -1);
        lua_pop(L, 1);
        collect(L, request);
    }
    return 0;
}

/* The message stays on the stack when it fails. */
static bool ask(lua_State *L, struct request *request)
{
    lua_pushcfunction(L, perform);
    lua_pushlightuserdata(L, request);
    return lua_pcall(L, 1, 0, 0) == LUA_OK;
}

static bool ask_quietly(lua_State *L, struct request *request)
{
    if (ask(L, request))
        return true;
    lua_pop(L, 1);
    return false;
}

static int load(lua_State *L)
{
    lua_getglobal(L, "require");
    lua_pushstring(L, key);
    lua_call(L, 1, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, key);
    return 0;
}

bool prompt_open(lua_State *L)
{
    lua_pushcfunction(L, load);
    return lua_pcall(L, 0, 0, 0) == LUA_OK;
}

/* An error that comes this far was raised between the entries: while values were printed, or by a
 * fault of the library. */
static enum prompt_end run(lua_State *L, struct request *request)
{
    bool fine = ask(L, request);
    bool interrupted = interrupt_take(L);
    if (fine)
        return request->truth ? PROMPT_MORE : PROMPT_LEAVE;
    fflush(stdout);
    const char *message = lua_tostring(L, -1);
    fprintf(stderr, "%s\n",
            interrupted       ? "interrupted"
            : message != NULL ? message
                              : "unknown error");
    lua_pop(L, 1);
    return PROMPT_MORE;
}

/* What was printed without a newline at its end still waits in a terminal's buffer: the prompt is
 * to begin a line. */
static void end_line(void)
{
#ifdef __linux__
    if (isatty(STDOUT_FILENO) && __fpending(stdout) > 0)
        putchar('\n');
#endif
    fflush(stdout);
}

enum prompt_end prompt_begin(lua_State *L, bool greeting, bool startup)
{
    struct request greet = {.name = "greet"}, start = {.name = "startup"};
    enum prompt_end end = greeting ? run(L, &greet) : PROMPT_MORE;
    if (startup && end == PROMPT_MORE)
        end = run(L, &start);
    end_line();
    return end;
}

void prompt_ended(lua_State *L)
{
    struct request request = {.name = "ended"};
    ask_quietly(L, &request);
    fflush(stdout);
}

enum prompt_end prompt_entry(lua_State *L, const char *text)
{
    struct request request = {.name = "entry", .text = text};
    enum prompt_end end = run(L, &request);
    free(request.answer);
    end_line();
    return end;
}

bool prompt_incomplete(lua_State *L, const char *text)
{
    struct request request = {.name = "incomplete", .text = text};
    return ask_quietly(L, &request) && request.truth;
}

void prompt_text(lua_State *L, char *buffer, size_t size)
{
    struct request request = {.name = "text"};
    bool fine = ask_quietly(L, &request) && request.answer != NULL;
    snprintf(buffer, size, "%s", fine ? request.answer : "> ");
    free(request.answer);
}

char *prompt_pasted(lua_State *L, const char *text)
{
    struct request request = {.name = "pasted", .text = text};
    return ask_quietly(L, &request) ? request.answer : NULL;
}

bool prompt_in_string(lua_State *L, const char *text, int point)
{
    struct request request = {
        .name = "in_string", .text = text, .range = true, .first = 1, .last = point};
    return ask_quietly(L, &request) && request.truth;
}

char **prompt_completions(lua_State *L, const char *text, int first, int last, bool *files)
{
    struct request request = {
        .name = "completions", .text = text, .range = true, .first = first + 1, .last = last};
    bool fine = ask_quietly(L, &request);
    *files = fine && request.files;
    free(request.answer);
    return fine ? request.list : NULL;
}

char *prompt_signature(lua_State *L, const char *text, int point)
{
    struct request request = {
        .name = "call_signature", .text = text, .range = true, .first = 1, .last = point};
    return ask_quietly(L, &request) ? request.answer : NULL;
}
