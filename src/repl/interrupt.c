/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * interrupt.c: the handler of SIGINT, the hook it sets, and the coroutine functions that know which
 * state runs. See interrupt.h.
 */
#include "repl/interrupt.h"

#include <errno.h>
#include <lauxlib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define OFFER_SECONDS 5   /* how long the offer to leave stands */
#define GRACE_SECONDS 0.1 /* for the library's Lua code to reach a C loop that takes the flag */
#define END_SECONDS 5     /* for what runs to stop when the program is told to end */
#define WAKE_MICROSECONDS 100000
#define LIBRARY_PREFIX "@descent/"

/* A signal handler gets no argument, hence the one static of this file. */
static struct {
    lua_State *volatile running;
    struct context *context;
    volatile sig_atomic_t manner;
    volatile sig_atomic_t pending; /* pressed, and not yet brought to the top */
    volatile sig_atomic_t reading, noted;
    volatile sig_atomic_t offered;
    volatile sig_atomic_t ended; /* SIGTERM or SIGHUP, once one has come */
    volatile sig_atomic_t end_seconds;
    struct timespec pressed_at, offered_at, ended_at;
    struct termios terminal; /* as it was at start; leaving in a hurry puts it back */
    bool has_terminal;
} watch;

static void say(const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t written = write(STDERR_FILENO, text, left);
        if (written <= 0)
            return;
        text += written;
        left -= (size_t)written;
    }
}

static void leave(void)
{
    if (watch.has_terminal)
        tcsetattr(STDIN_FILENO, TCSANOW, &watch.terminal);
    _exit(130);
}

/* True when the innermost Lua function on the stack belongs to the library. */
static bool in_library(lua_State *L)
{
    lua_Debug frame;
    for (int level = 0; lua_getstack(L, level, &frame); level++) {
        lua_getinfo(L, "S", &frame);
        if (*frame.what != 'C')
            return strncmp(frame.source, LIBRARY_PREFIX, sizeof LIBRARY_PREFIX - 1) == 0;
    }
    return true; /* called from C alone */
}

static double seconds_since(const struct timespec *then)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) + 1e-9 * (double)(now.tv_nsec - then->tv_nsec);
}

static void stop(lua_State *L, lua_Debug *event)
{
    (void)event;
    if (!watch.pending) {
        lua_sethook(L, NULL, 0, 0);
        return;
    }
    if (in_library(L) && (!atomic_load(&watch.context->interrupted) ||
                          seconds_since(&watch.pressed_at) < GRACE_SECONDS))
        return;
    atomic_store(&watch.context->interrupted, 0);
    lua_pushliteral(L, "interrupted");
    lua_error(L);
}

static void set_hook(lua_State *L)
{
    lua_sethook(L, stop, LUA_MASKCALL | LUA_MASKCOUNT, 1);
}

static void press_again(void)
{
    if (watch.manner == INTERRUPT_SCRIPT)
        leave();
    if (watch.offered && seconds_since(&watch.offered_at) <= OFFER_SECONDS) {
        say("\n");
        leave();
    }
    watch.offered = 1;
    clock_gettime(CLOCK_MONOTONIC, &watch.offered_at);
    say("\nstill inside one long call that cannot be stopped midway; it stops when that call "
        "returns."
        "\nCtrl-C again within 5 seconds leaves descent (the history is saved).\n");
}

static void press(void)
{
    watch.pending = 1;
    watch.offered = 0;
    clock_gettime(CLOCK_MONOTONIC, &watch.pressed_at);
    atomic_store(&watch.context->interrupted, 1);
    set_hook(watch.running);
}

static void on_signal(int number)
{
    int kept = errno;
    (void)number;
    if (watch.reading)
        watch.noted = 1;
    else if (watch.pending)
        press_again();
    else
        press();
    errno = kept;
}

static void end_by(int number)
{
    interrupt_restore_terminal();
    signal(number, SIG_DFL);
    raise(number);
}

/* Ends the program after so many seconds. With `waking` a read that began just as the signal came
 * is woken meanwhile, again and again. */
static void set_timer(unsigned seconds, bool waking)
{
    struct itimerval timer = {{0, 0}, {(time_t)seconds, 0}};
    watch.end_seconds = waking ? (int)seconds : 0;
    if (waking)
        timer = (struct itimerval){{0, WAKE_MICROSECONDS}, {0, WAKE_MICROSECONDS}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* What runs is stopped as by Ctrl-C, so that all is put in order on the way out. What does not stop
 * in time, and a second signal, end the program at once. */
static void on_end(int number)
{
    int kept = errno;
    if (watch.ended) {
        end_by(watch.ended);
    } else {
        watch.ended = number;
        clock_gettime(CLOCK_MONOTONIC, &watch.ended_at);
        set_timer(END_SECONDS, true);
        if (!watch.pending)
            press();
    }
    errno = kept;
}

static void on_alarm(int number)
{
    int kept = errno;
    if (!watch.ended || seconds_since(&watch.ended_at) >= watch.end_seconds)
        end_by(watch.ended ? watch.ended : number);
    errno = kept;
}

/* --- coroutines ------------------------------------------------------------------------------ */

static void run_state(lua_State *L)
{
    watch.running = L;
    if (watch.pending)
        set_hook(L);
}

/* As in Lua's lcorolib.c: the number of results moved to L, or -1 with the error moved there. */
static int resume(lua_State *L, lua_State *coroutine, int arguments)
{
    int results;
    if (!lua_checkstack(coroutine, arguments)) {
        lua_pushliteral(L, "too many arguments to resume");
        return -1;
    }
    lua_xmove(L, coroutine, arguments);
    run_state(coroutine);
    int status = lua_resume(coroutine, L, arguments, &results);
    run_state(L);
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_xmove(coroutine, L, 1);
        return -1;
    }
    if (!lua_checkstack(L, results + 1)) {
        lua_pop(coroutine, results);
        lua_pushliteral(L, "too many results to resume");
        return -1;
    }
    lua_xmove(coroutine, L, results);
    return results;
}

static int coroutine_resume(lua_State *L)
{
    lua_State *coroutine = lua_tothread(L, 1);
    luaL_argexpected(L, coroutine, 1, "coroutine");
    int results = resume(L, coroutine, lua_gettop(L) - 1);
    lua_pushboolean(L, results >= 0);
    if (results < 0) {
        lua_insert(L, -2);
        return 2;
    }
    lua_insert(L, -(results + 1));
    return results + 1;
}

static int wrapped(lua_State *L)
{
    lua_State *coroutine = lua_tothread(L, lua_upvalueindex(1));
    int results = resume(L, coroutine, lua_gettop(L));
    if (results >= 0)
        return results;
    int status = lua_status(coroutine);
    if (status != LUA_OK && status != LUA_YIELD) {
        status = lua_resetthread(coroutine); /* closes its variables */
        lua_xmove(coroutine, L, 1);
    }
    if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING && !watch.pending) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

static int coroutine_wrap(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *coroutine = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, coroutine, 1);
    lua_pushcclosure(L, wrapped, 1);
    return 1;
}

/* --- the terminal ----------------------------------------------------------------------------- */

void interrupt_restore_terminal(void)
{
    if (watch.has_terminal)
        tcsetattr(STDIN_FILENO, TCSANOW, &watch.terminal);
}

/* --- the interface ---------------------------------------------------------------------------- */

void interrupt_set_manner(enum interrupt_manner manner)
{
    watch.manner = manner;
}

void interrupt_install(lua_State *L, struct context *context, enum interrupt_manner manner)
{
    watch.running = L;
    watch.context = context;
    watch.manner = manner;
    watch.has_terminal = tcgetattr(STDIN_FILENO, &watch.terminal) == 0;

    lua_getglobal(L, "coroutine");
    lua_pushcfunction(L, coroutine_resume);
    lua_setfield(L, -2, "resume");
    lua_pushcfunction(L, coroutine_wrap);
    lua_setfield(L, -2, "wrap");
    lua_pop(L, 1);

    struct sigaction action = {0};
    action.sa_handler = on_signal; /* without SA_RESTART: a read of keys is to be woken */
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);

    static const int ends[] = {SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct sigaction previous;
        action.sa_handler = on_end;
        if (sigaction(ends[i], NULL, &previous) == 0 && previous.sa_handler == SIG_DFL)
            sigaction(ends[i], &action, NULL);
    }
    action.sa_handler = on_alarm;
    sigaction(SIGALRM, &action, NULL);
}

void interrupt_keep_output(void)
{
    struct termios settings = watch.terminal;
    if (!watch.has_terminal)
        return;
    settings.c_lflag |= NOFLSH;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &settings);
    atexit(interrupt_restore_terminal);
}

int interrupt_ended(void)
{
    return watch.ended;
}

void interrupt_end_within(unsigned seconds)
{
    set_timer(seconds, false);
}

bool interrupt_take(lua_State *L)
{
    bool pending = watch.pending;
    watch.pending = 0;
    watch.offered = 0;
    if (watch.context != NULL)
        atomic_store(&watch.context->interrupted, 0);
    lua_sethook(L, NULL, 0, 0);
    return pending;
}

void interrupt_reading(bool reading)
{
    watch.noted = 0;
    watch.reading = reading;
}

bool interrupt_noted(void)
{
    bool noted = watch.noted;
    watch.noted = 0;
    return noted;
}
