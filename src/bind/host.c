/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * host.c: the machine as the library's own Lua files see it (core.host). Not for users: no help.
 *
 *     is_terminal(descriptor)              size(descriptor) -> columns, rows, pixels wide, high
 *     ask_terminal(query, seconds)         -> what it answered, perhaps ""; nil: it was not asked
 *     display(kind, name, seconds)         does the display ("x11", "wayland") of that name answer?
 *     base64(text) -> text
 *     keys()                               -> keys typed from now on, or nil where there are none
 *     keys:read(seconds) -> text, perhaps "", or nil: Ctrl-C   keys:close()
 *     clock()                              seconds since some moment, never set back
 *     read(path) -> text                   write(path, text): whole or not at all
 *     temporary(text) -> path              a new private file; the caller removes it
 *     process(arguments, environment)      -> process, or nil and a sentence
 *     process:ask(text, token, seconds)    sends text, waits for token on both streams: what came
 *                                          before it on output and errors, or nil and a sentence
 *     process:alive()   process:stop()   process.pid
 *     process:outlive()                    from now on it is left to itself when this program ends
 *     read_regular(path, most) -> text, or nil and a sentence        make_folder(path)
 *     claim(path) -> true, or false where there is such a file
 *     processors() -> how many             pid() -> this process
 *     isolation() -> true, or nil and a sentence                     see host/sandbox.h
 *     child(arguments, environment) -> child, or nil and a sentence  see host/child.h
 *     child:ask(bytes, seconds, most)      child:frame() -> bytes or nil      child:seconds()
 *     child:ended() -> nil, or time, output, forbidden, signal, exit, stopped, and the number
 *     child:stop()      child.pid          wait(children, seconds)
 */
#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "bind/bind.h"
#include "host/child.h"
#include "host/display.h"
#include "host/file.h"
#include "host/process.h"
#include "host/sandbox.h"
#include "host/terminal.h"

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

enum { ANSWER_SIZE = 4096, WORDS_MOST = 64 };

static int host_is_terminal(lua_State *L)
{
    lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
    return 1;
}

static int host_size(lua_State *L)
{
    struct terminal_size size = terminal_size((int)luaL_checkinteger(L, 1));
    lua_pushinteger(L, size.columns);
    lua_pushinteger(L, size.rows);
    lua_pushinteger(L, size.pixels_wide);
    lua_pushinteger(L, size.pixels_high);
    return 4;
}

static int host_ask_terminal(lua_State *L)
{
    char answer[ANSWER_SIZE];
    const char *query = luaL_checkstring(L, 1);
    size_t size;
    if (terminal_ask(query, answer, sizeof answer, luaL_checknumber(L, 2), &size))
        lua_pushlstring(L, answer, terminal_keep_keys(bind_context(L), answer, size));
    else
        lua_pushnil(L);
    return 1;
}

static int host_display(lua_State *L)
{
    static const char *const kinds[] = {"x11", "wayland", NULL};
    bool wayland = luaL_checkoption(L, 1, NULL, kinds) == 1;
    const char *name = luaL_checkstring(L, 2);
    double seconds = luaL_checknumber(L, 3);
    lua_pushboolean(L,
                    wayland ? display_wayland_answers(name) : display_x11_answers(name, seconds));
    return 1;
}

static int host_base64(lua_State *L)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t size;
    const unsigned char *bytes = (const unsigned char *)luaL_checklstring(L, 1, &size);
    luaL_Buffer buffer;
    char *end = luaL_buffinitsize(L, &buffer, (size + 2) / 3 * 4);
    char *at = end;
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        unsigned word = (unsigned)bytes[i] << 16 | (left > 1 ? (unsigned)bytes[i + 1] << 8 : 0) |
                        (left > 2 ? bytes[i + 2] : 0U);
        *at++ = letters[word >> 18];
        *at++ = letters[word >> 12 & 63];
        *at++ = left > 1 ? letters[word >> 6 & 63] : '=';
        *at++ = left > 2 ? letters[word & 63] : '=';
    }
    luaL_pushresultsize(&buffer, (size_t)(at - end));
    return 1;
}

/* --- keys ------------------------------------------------------------------------------------- */

#define KEYS "descent.keys"

static int host_keys(lua_State *L)
{
    struct terminal_keys *keys = lua_newuserdatauv(L, sizeof *keys, 0);
    keys->open = false;
    luaL_setmetatable(L, KEYS);
    if (!terminal_keys_open(keys))
        lua_pushnil(L);
    return 1;
}

static int keys_read(lua_State *L)
{
    char bytes[64];
    struct terminal_keys *keys = luaL_checkudata(L, 1, KEYS);
    struct context *context = bind_context(L);
    double seconds = luaL_checknumber(L, 2);
    size_t size = 0;
    if (!atomic_load(&context->interrupted))
        size = terminal_keys_read(context, keys, bytes, sizeof bytes, seconds);
    if (atomic_load(&context->interrupted)) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushlstring(L, bytes, size);
    return 1;
}

static int keys_close(lua_State *L)
{
    terminal_keys_close(luaL_checkudata(L, 1, KEYS));
    return 0;
}

static int host_clock(lua_State *L)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    lua_pushnumber(L, (double)time.tv_sec + 1e-9 * (double)time.tv_nsec);
    return 1;
}

/* --- updates ---------------------------------------------------------------------------------- */

/* host.updates(): how many the runs of this program have made, those on other threads apart. */
static int host_updates(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)bind_context(L)->updates.made);
    return 1;
}

/* host.stop_after(n): n updates from now on a run stops as by Ctrl-C, once. */
static int host_stop_after(lua_State *L)
{
    struct context *context = bind_context(L);
    lua_Integer n = luaL_checkinteger(L, 1);
    luaL_argcheck(L, n >= 0, 1, "updates are counted from 0");
    context->updates.stop = context->updates.made + (unsigned long long)n;
    return 0;
}

/* --- files ------------------------------------------------------------------------------------ */

/* A path with a zero byte would name another file. */
static const char *check_path(lua_State *L, int index)
{
    size_t size;
    const char *path = luaL_checklstring(L, index, &size);
    if (size == 0 || strlen(path) != size)
        bind_refuse(L, "file", "a file name cannot be empty or hold a zero byte");
    return path;
}

struct holder {
    struct context *context;
    void *block;
};

static int holder_free(lua_State *L)
{
    struct holder *holder = lua_touserdata(L, 1);
    if (holder->context)
        memory_free(holder->context, holder->block);
    holder->block = NULL;
    return 0;
}

/* Holds a block while Lua copies it, which may raise. */
static struct holder *push_holder(lua_State *L)
{
    struct holder *holder = lua_newuserdatauv(L, sizeof *holder, 0);
    *holder = (struct holder){.context = bind_context(L)};
    if (luaL_newmetatable(L, "descent.holder")) {
        lua_pushcfunction(L, holder_free);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return holder;
}

static int host_read(lua_State *L)
{
    const char *path = check_path(L, 1);
    struct holder *holder = push_holder(L);
    struct error error;
    char *bytes;
    size_t size;
    bind_check(L, file_read(holder->context, path, &bytes, &size, &error), &error);
    holder->block = bytes;
    lua_pushlstring(L, bytes, size);
    memory_free(holder->context, holder->block);
    holder->block = NULL;
    return 1;
}

static int host_write(lua_State *L)
{
    const char *path = check_path(L, 1);
    size_t size;
    const char *bytes = luaL_checklstring(L, 2, &size);
    struct error error;
    bind_check(L, file_write(bind_context(L), path, bytes, size, &error), &error);
    return 0;
}

static int host_temporary(lua_State *L)
{
    size_t size;
    const char *bytes = luaL_checklstring(L, 1, &size);
    char path[PATH_MAX];
    struct error error;
    bind_check(L, file_temporary(bind_context(L), bytes, size, path, sizeof path, &error), &error);
    lua_pushstring(L, path);
    return 1;
}

/* --- processes -------------------------------------------------------------------------------- */

struct partner {
    struct process process;
    bool outlives;
    struct process_answer answer; /* held here while Lua copies it, which may raise */
};

static struct partner *check_partner(lua_State *L)
{
    return luaL_checkudata(L, 1, BIND_PROCESS);
}

static void forget_answer(struct partner *partner)
{
    memory_free(partner->process.context, partner->answer.output);
    memory_free(partner->process.context, partner->answer.errors);
    partner->answer = (struct process_answer){0};
}

/* nil and the sentence for what the caller is to deal with; everything else is raised. */
static int failed(lua_State *L, enum status status, const struct error *error)
{
    if (status != STATUS_FILE)
        bind_raise(L, error);
    char text[sizeof error->where + sizeof error->text + 2];
    lua_pushnil(L);
    lua_pushstring(L, error_message(error, text, sizeof text));
    return 2;
}

/* The strings of the list at index, which stay on the stack with it. */
static size_t read_words(lua_State *L, int index, const char **words)
{
    size_t count = 0;
    if (!lua_isnoneornil(L, index)) {
        luaL_checktype(L, index, LUA_TTABLE);
        lua_Integer length = luaL_len(L, index);
        luaL_argcheck(L, length <= WORDS_MOST, index, "too many words");
        for (lua_Integer i = 1; i <= length; i++) {
            lua_geti(L, index, i);
            words[count++] = luaL_checkstring(L, -1);
            lua_pop(L, 1); /* the table keeps it */
        }
    }
    words[count] = NULL;
    return count;
}

static int host_process(lua_State *L)
{
    const char *arguments[WORDS_MOST + 1], *environment[WORDS_MOST + 1];
    luaL_argcheck(L, read_words(L, 1, arguments) > 0, 1, "no program");
    read_words(L, 2, environment);
    struct partner *partner = lua_newuserdatauv(L, sizeof *partner, 0);
    memset(partner, 0, sizeof *partner);
    partner->process.context = bind_context(L);
    partner->process.input = partner->process.output = partner->process.errors = -1;
    luaL_setmetatable(L, BIND_PROCESS);
    struct error error;
    enum status status = process_start(&partner->process, bind_context(L), arguments, environment,
                                       &error);
    return status == STATUS_OK ? 1 : failed(L, status, &error);
}

static int partner_ask(lua_State *L)
{
    struct partner *partner = check_partner(L);
    size_t size;
    const char *text = luaL_checklstring(L, 2, &size);
    const char *token = luaL_checkstring(L, 3);
    luaL_argcheck(L, *token, 3, "an empty token");
    double seconds = luaL_checknumber(L, 4);
    struct error error;
    forget_answer(partner);
    enum status status = process_ask(&partner->process, text, size, token, true, true, seconds,
                                     &partner->answer, &error);
    if (status != STATUS_OK)
        return failed(L, status, &error);
    lua_pushlstring(L, partner->answer.output, partner->answer.output_size);
    lua_pushlstring(L, partner->answer.errors, partner->answer.errors_size);
    forget_answer(partner);
    return 2;
}

static int partner_alive(lua_State *L)
{
    lua_pushboolean(L, process_alive(&check_partner(L)->process));
    return 1;
}

static int partner_stop(lua_State *L)
{
    struct partner *partner = check_partner(L);
    forget_answer(partner);
    process_stop(&partner->process);
    return 0;
}

static int partner_outlive(lua_State *L)
{
    check_partner(L)->outlives = true;
    return 0;
}

static int partner_collect(lua_State *L)
{
    struct partner *partner = check_partner(L);
    if (!partner->outlives)
        return partner_stop(L);
    forget_answer(partner);
    process_release(&partner->process);
    return 0;
}

static int partner_index(lua_State *L)
{
    struct partner *partner = check_partner(L);
    const char *key = luaL_checkstring(L, 2);
    if (strcmp(key, "pid") == 0) {
        lua_pushinteger(L, partner->process.pid);
        return 1;
    }
    luaL_getmetafield(L, 1, "methods");
    lua_pushvalue(L, 2);
    lua_rawget(L, -2);
    return 1;
}

/* --- children that are not trusted ----------------------------------------------------------- */

#define CHILD "descent.child"

static int host_read_regular(lua_State *L)
{
    const char *path = check_path(L, 1);
    size_t most = (size_t)luaL_checkinteger(L, 2), size;
    struct holder *holder = push_holder(L);
    struct error error;
    char *bytes;
    enum status status = file_read_regular(holder->context, path, most, &bytes, &size, &error);
    if (status != STATUS_OK)
        return failed(L, status, &error);
    holder->block = bytes;
    lua_pushlstring(L, bytes, size);
    memory_free(holder->context, holder->block);
    holder->block = NULL;
    return 1;
}

static int host_make_folder(lua_State *L)
{
    struct error error;
    bind_check(L, file_make_folder(bind_context(L), check_path(L, 1), &error), &error);
    return 0;
}

static int host_claim(lua_State *L)
{
    bool claimed;
    struct error error;
    bind_check(L, file_claim(check_path(L, 1), &claimed, &error), &error);
    lua_pushboolean(L, claimed);
    return 1;
}

static int host_processors(lua_State *L)
{
    long number = sysconf(_SC_NPROCESSORS_ONLN);
    lua_pushinteger(L, number < 1 ? 1 : number);
    return 1;
}

static int host_pid(lua_State *L)
{
    lua_pushinteger(L, getpid());
    return 1;
}

static int host_isolation(lua_State *L)
{
    struct error error;
    if (sandbox_supported(&error) != STATUS_OK) {
        lua_pushnil(L);
        lua_pushstring(L, error.text);
        return 2;
    }
    lua_pushboolean(L, 1);
    return 1;
}

static int host_child(lua_State *L)
{
    const char *arguments[WORDS_MOST + 1], *environment[WORDS_MOST + 1];
    luaL_argcheck(L, read_words(L, 1, arguments) > 0, 1, "no program");
    read_words(L, 2, environment);
    struct child *child = lua_newuserdatauv(L, sizeof *child, 0);
    *child = (struct child){.end = CHILD_STOPPED};
    luaL_setmetatable(L, CHILD);
    struct error error;
    enum status status = child_start(child, bind_context(L), arguments, environment, &error);
    return status == STATUS_OK ? 1 : failed(L, status, &error);
}

static int isolated_ask(lua_State *L)
{
    struct child *child = luaL_checkudata(L, 1, CHILD);
    size_t size;
    const char *bytes = luaL_checklstring(L, 2, &size);
    struct error error;
    enum status status = child_ask(child, bytes, size, luaL_checknumber(L, 3),
                                   (size_t)luaL_checkinteger(L, 4), &error);
    if (status != STATUS_OK)
        return failed(L, status, &error);
    lua_pushboolean(L, 1);
    return 1;
}

static int isolated_frame(lua_State *L)
{
    size_t size;
    const char *frame = child_frame(luaL_checkudata(L, 1, CHILD), &size);
    if (frame == NULL)
        lua_pushnil(L);
    else
        lua_pushlstring(L, frame, size);
    return 1;
}

static int isolated_seconds(lua_State *L)
{
    lua_pushnumber(L, child_seconds(luaL_checkudata(L, 1, CHILD)));
    return 1;
}

static int isolated_ended(lua_State *L)
{
    static const char *const names[] = {
        [CHILD_TIME] = "time",     [CHILD_OUTPUT] = "output", [CHILD_FORBIDDEN] = "forbidden",
        [CHILD_SIGNAL] = "signal", [CHILD_EXIT] = "exit",     [CHILD_STOPPED] = "stopped"};
    const struct child *child = luaL_checkudata(L, 1, CHILD);
    if (child->end == CHILD_RUNNING)
        return 0;
    lua_pushstring(L, names[child->end]);
    lua_pushinteger(L, child->number);
    return 2;
}

static int isolated_stop(lua_State *L)
{
    child_stop(luaL_checkudata(L, 1, CHILD));
    return 0;
}

static int isolated_index(lua_State *L)
{
    const struct child *child = luaL_checkudata(L, 1, CHILD);
    if (strcmp(luaL_checkstring(L, 2), "pid") == 0) {
        lua_pushinteger(L, child->process.pid);
        return 1;
    }
    luaL_getmetafield(L, 1, "methods");
    lua_pushvalue(L, 2);
    lua_rawget(L, -2);
    return 1;
}

static int host_wait(lua_State *L)
{
    struct child *children[WORDS_MOST];
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer count = luaL_len(L, 1);
    luaL_argcheck(L, count >= 1 && count <= WORDS_MOST, 1, "too few or too many children");
    for (lua_Integer i = 0; i < count; i++) {
        lua_geti(L, 1, i + 1);
        children[i] = luaL_checkudata(L, -1, CHILD);
        lua_pop(L, 1); /* the table keeps it */
    }
    struct error error;
    bind_check(L, child_wait(children, (size_t)count, luaL_checknumber(L, 2), &error), &error);
    return 0;
}

static void open_children(lua_State *L)
{
    static const luaL_Reg methods[] = {{"ask", isolated_ask},         {"frame", isolated_frame},
                                       {"seconds", isolated_seconds}, {"ended", isolated_ended},
                                       {"stop", isolated_stop},       {NULL, NULL}};
    static const luaL_Reg meta[] = {{"__index", isolated_index},
                                    {"__gc", isolated_stop},
                                    {"__close", isolated_stop},
                                    {NULL, NULL}};
    if (luaL_newmetatable(L, CHILD)) {
        luaL_setfuncs(L, meta, 0);
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "methods");
    }
    lua_pop(L, 1);
}

void bind_open_host(lua_State *L)
{
    static const luaL_Reg methods[] = {{"ask", partner_ask},
                                       {"alive", partner_alive},
                                       {"stop", partner_stop},
                                       {"outlive", partner_outlive},
                                       {NULL, NULL}};
    static const luaL_Reg meta[] = {{"__index", partner_index},
                                    {"__gc", partner_collect},
                                    {"__close", partner_stop},
                                    {NULL, NULL}};
    static const luaL_Reg key_methods[] = {
        {"read", keys_read}, {"close", keys_close}, {NULL, NULL}};
    static const luaL_Reg key_meta[] = {
        {"__gc", keys_close}, {"__close", keys_close}, {NULL, NULL}};
    static const luaL_Reg functions[] = {{"is_terminal", host_is_terminal},
                                         {"size", host_size},
                                         {"ask_terminal", host_ask_terminal},
                                         {"display", host_display},
                                         {"base64", host_base64},
                                         {"keys", host_keys},
                                         {"clock", host_clock},
                                         {"updates", host_updates},
                                         {"stop_after", host_stop_after},
                                         {"read", host_read},
                                         {"write", host_write},
                                         {"temporary", host_temporary},
                                         {"process", host_process},
                                         {"read_regular", host_read_regular},
                                         {"make_folder", host_make_folder},
                                         {"claim", host_claim},
                                         {"processors", host_processors},
                                         {"pid", host_pid},
                                         {"isolation", host_isolation},
                                         {"child", host_child},
                                         {"wait", host_wait},
                                         {NULL, NULL}};
    if (luaL_newmetatable(L, BIND_PROCESS)) {
        luaL_setfuncs(L, meta, 0);
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "methods");
    }
    lua_pop(L, 1);
    if (luaL_newmetatable(L, KEYS)) {
        luaL_setfuncs(L, key_meta, 0);
        luaL_newlib(L, key_methods);
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
    open_children(L);
    luaL_newlib(L, functions);
    lua_setfield(L, -2, "host");
}
