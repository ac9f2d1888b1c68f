/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * main.c: reads the command line as `lua` does, makes the Lua state, runs a script, a subcommand or
 * the prompt. Exit codes: 0, 1 an error in the code, 2 a wrong command line, 130 Ctrl-C.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <locale.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/version.h"
#include "bind/bind.h"
#include "bind/isolated.h"
#include "repl/console.h"
#include "repl/interrupt.h"
#include "repl/repl.h"

int luaopen_descent_core(lua_State *L);

enum { EXIT_OK = 0, EXIT_CODE = 1, EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 };

static const char usage[] =
    "usage: descent [-e CODE] [-l MODULE] [-i] [-v] [-h] [-E] [-W]\n"
    "               [SCRIPT [ARGUMENT...]]\n"
    "       descent lesson [NAME] [OPTION...]\n"
    "       descent exercise [NAME [OPTION]]\n"
    "       descent check [--watch] [--tolerance NUMBER] FILE...\n"
    "       descent lint [FILE...]\n"
    "       descent grade NAME FILE... [OPTION...]\n"
    "\n"
    "A laboratory for fitting models. Without a script it is a prompt, where\n"
    "lesson \"line\" and help() say more; without a terminal it runs what comes\n"
    "through the pipe, as one script.\n"
    "\n"
    "  -e CODE        run CODE\n"
    "  -l MODULE      run require \"MODULE\" and keep it under that name\n"
    "                 (-l NAME=MODULE: under NAME)\n"
    "  -i             go on at the prompt after the script\n"
    "  -v, --version  print the versions\n"
    "  -h, --help     print this text\n"
    "  -E             leave out LUA_PATH, LUA_CPATH and the start-up file\n"
    "  -W             let warn() print\n"
    "  --             no options after this\n"
    "  -              run standard input\n"
    "\n"
    "Files:       ~/.config/descent/init.lua         run before the first prompt\n"
    "             ~/.local/state/descent/history     what was typed\n"
    "Variables:   DESCENT_MEMORY (512M, 4G: the most Lua may use), DESCENT_PLOT,\n"
    "             DESCENT_LESSONS, DESCENT_PATH, NO_COLOR, XDG_CONFIG_HOME,\n"
    "             XDG_STATE_HOME, XDG_DATA_HOME, INPUTRC; descent(1) has them all\n"
    "Exit codes:  0 all went well, 1 an error in the code, 2 a wrong command line,\n"
    "             130 Ctrl-C\n";

/* --- memory ----------------------------------------------------------------------------------- */

struct budget {
    size_t used, limit;
    bool refused; /* by the system, the last time that memory was refused */
};

static void *allocate(void *data, void *block, size_t old_size, size_t new_size)
{
    struct budget *budget = data;
    if (block == NULL)
        old_size = 0; /* then it is the kind of object */
    if (new_size == 0) {
        free(block);
        budget->used -= old_size;
        return NULL;
    }
    if (new_size > old_size && new_size - old_size > budget->limit - budget->used) {
        budget->refused = false;
        return NULL;
    }
    void *moved = realloc(block, new_size);
    if (moved != NULL)
        budget->used += new_size - old_size;
    else
        budget->refused = true;
    return moved;
}

/* "512M", "4G", "1.5g", a number of bytes; 0 when it is none of these. */
static size_t parse_size(const char *text)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || !(number > 0))
        return 0;
    switch (toupper((unsigned char)*end)) {
    case 'T': number *= 1024; /* fall through */
    case 'G': number *= 1024; /* fall through */
    case 'M': number *= 1024; /* fall through */
    case 'K':
        number *= 1024;
        end++;
        break;
    default: break;
    }
    if (toupper((unsigned char)*end) == 'B')
        end++;
    if (*end != '\0' || number < 1 || number >= (double)(SIZE_MAX / 2))
        return 0;
    return (size_t)number;
}

static bool memory_limit(size_t *limit)
{
    const char *given = getenv("DESCENT_MEMORY");
    if (given != NULL && *given != '\0') {
        *limit = parse_size(given);
        if (*limit >= (size_t)4 << 20)
            return true;
        fprintf(stderr,
                "descent: DESCENT_MEMORY=%s is no size from 4M on; write for example 512M or 4G\n",
                given);
        return false;
    }
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    *limit = pages > 0 && size > 0 ? (size_t)pages / 2 * (size_t)size : (size_t)1 << 31;
    return true;
}

/* --- the command line ------------------------------------------------------------------------- */

struct options {
    int argument_count;
    char **arguments;
    int script; /* position of the script or subcommand; argument_count: none */
    bool interactive, version, help, no_environment, warnings, code;
};

static bool has_value(const struct options *options, int i)
{
    if (options->arguments[i][2] != '\0')
        return true;
    return i + 1 < options->argument_count;
}

static bool wrong(const char *argument, const char *problem)
{
    fprintf(stderr, "descent: %s %s; descent --help lists the options\n", argument, problem);
    return false;
}

static bool parse(struct options *options)
{
    int i = 1;
    for (; i < options->argument_count; i++) {
        const char *argument = options->arguments[i];
        if (argument[0] != '-' || argument[1] == '\0')
            break;
        if (strcmp(argument, "--") == 0) {
            i++;
            break;
        }
        if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0)
            options->help = true;
        else if (strcmp(argument, "--version") == 0)
            options->version = options->code = true;
        else if (strcmp(argument, "-v") == 0)
            options->version = true;
        else if (strcmp(argument, "-i") == 0)
            options->interactive = true;
        else if (strcmp(argument, "-E") == 0)
            options->no_environment = true;
        else if (strcmp(argument, "-W") == 0)
            options->warnings = true;
        else if (argument[1] == 'e' || argument[1] == 'l') {
            if (!has_value(options, i))
                return wrong(argument, argument[1] == 'e' ? "needs code after it"
                                                          : "needs the name of a module after it");
            options->code = options->code || argument[1] == 'e';
            if (argument[2] == '\0')
                i++;
        } else {
            return wrong(argument, "is no option");
        }
    }
    options->script = i;
    return true;
}

/* --- running ---------------------------------------------------------------------------------- */

struct session {
    struct options options;
    size_t limit;
    const bool *refused; /* of the budget */
    int code;   /* to exit with */
    int signal; /* to end by, or 0 */
};

/* Prints the error object on top of the stack, in the words of descent.failure. */
static void report(lua_State *L, bool interrupted)
{
    fflush(stdout);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "descent.failure");
    if (lua_pcall(L, 1, 1, 0) == LUA_OK) {
        lua_getfield(L, -1, "text");
        lua_pushvalue(L, -3);
        lua_pushboolean(L, interrupted);
        if (lua_pcall(L, 2, 1, 0) == LUA_OK && lua_isstring(L, -1)) {
            fprintf(stderr, "%s\n", lua_tostring(L, -1));
            return;
        }
    }
    const char *message = lua_tostring(L, -1);
    fprintf(stderr, "%s\n", message != NULL ? message : "an error without words");
}

/* Calls the function under `arguments` values; false after an error that has been printed. */
static bool call(lua_State *L, struct session *session, int arguments, int results)
{
    int base = lua_gettop(L) - arguments;
    lua_getglobal(L, "require");
    lua_pushliteral(L, "descent.failure");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "handler");
    lua_remove(L, -2);
    lua_insert(L, base);
    int status = lua_pcall(L, arguments, results, base);
    if (status == LUA_ERRMEM) /* what is gone with the stack gives room to say so */
        lua_gc(L, LUA_GCCOLLECT);
    bool interrupted = interrupt_take(L);
    lua_remove(L, base);
    if (interrupt_ended() != 0) {
        session->signal = interrupt_ended();
        lua_settop(L, base - 1);
        return false;
    }
    if (status == LUA_OK)
        return true;
    report(L, interrupted);
    lua_settop(L, base - 1);
    session->code = interrupted ? EXIT_INTERRUPTED : EXIT_CODE;
    return false;
}

/* Undefined names are errors in code of this origin. */
static void own(lua_State *L, const char *source)
{
    lua_getglobal(L, "require");
    lua_pushliteral(L, "descent.strict");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "own");
    lua_pushstring(L, source);
    lua_call(L, 1, 0);
    lua_pop(L, 1);
}

/* After luaL_load...: runs the chunk, or reports that it could not be compiled. */
static bool run_chunk(lua_State *L, struct session *session, int status, int arguments)
{
    if (status == LUA_OK)
        return call(L, session, arguments, 0);
    report(L, false);
    lua_settop(L, -(arguments + 2));
    session->code = EXIT_CODE;
    return false;
}

static bool run_code(lua_State *L, struct session *session, const char *code)
{
    own(L, "=(command line)");
    int status = luaL_loadbufferx(L, code, strlen(code), "=(command line)", "t");
    return run_chunk(L, session, status, 0);
}

/* MODULE or NAME=MODULE. */
static bool run_library(lua_State *L, struct session *session, const char *text)
{
    const char *equals = strchr(text, '=');
    lua_getglobal(L, "require");
    lua_pushstring(L, equals != NULL ? equals + 1 : text);
    if (!call(L, session, 1, 1))
        return false;
    if (equals != NULL)
        lua_pushlstring(L, text, (size_t)(equals - text));
    else
        lua_pushstring(L, text);
    lua_insert(L, -2);
    lua_pushglobaltable(L);
    lua_insert(L, -3);
    lua_settable(L, -3);
    lua_pop(L, 1);
    return true;
}

static bool run_options(lua_State *L, struct session *session)
{
    struct options *options = &session->options;
    for (int i = 1; i < options->script; i++) {
        const char *argument = options->arguments[i];
        if (argument[1] != 'e' && argument[1] != 'l')
            continue;
        const char *value = argument[2] != '\0' ? argument + 2 : options->arguments[++i];
        bool fine = argument[1] == 'e' ? run_code(L, session, value)
                                       : run_library(L, session, value);
        if (!fine)
            return false;
    }
    return true;
}

static void set_arguments(lua_State *L, const struct options *options)
{
    int script = options->script < options->argument_count ? options->script : 0;
    lua_createtable(L, options->argument_count - script, script + 1);
    for (int i = 0; i < options->argument_count; i++) {
        lua_pushstring(L, options->arguments[i]);
        lua_rawseti(L, -2, i - script);
    }
    lua_setglobal(L, "arg");
}

static int push_arguments(lua_State *L, const struct options *options)
{
    int count = options->argument_count - options->script - 1;
    luaL_checkstack(L, count + 3, "too many arguments to script");
    for (int i = 0; i < count; i++)
        lua_pushstring(L, options->arguments[options->script + 1 + i]);
    return count;
}

/* file NULL: standard input. */
static bool run_script(lua_State *L, struct session *session, const char *file)
{
    const struct options *options = &session->options;
    own(L, file != NULL ? lua_pushfstring(L, "@%s", file) : "=stdin");
    int status = luaL_loadfilex(L, file, "t");
    int arguments = 0;
    if (status == LUA_ERRFILE) {
        fprintf(stderr, "descent: %s\n", lua_tostring(L, -1));
        session->code = EXIT_USAGE;
        return false;
    }
    if (status == LUA_OK && options->script < options->argument_count)
        arguments = push_arguments(L, options);
    return run_chunk(L, session, status, arguments);
}

/* descent.cli.NAME returns a function of the list of arguments. It gives the exit code, or "prompt"
 * when the session is to go on there. */
enum command_end { COMMAND_UNKNOWN, COMMAND_DONE, COMMAND_PROMPT };

static bool is_word(const char *text)
{
    if (!islower((unsigned char)*text))
        return false;
    while (isalnum((unsigned char)*text))
        text++;
    return *text == '\0';
}

static enum command_end run_command(lua_State *L, struct session *session, const char *name)
{
    if (!is_word(name))
        return COMMAND_UNKNOWN;
    const char *module = lua_pushfstring(L, "descent.cli.%s", name);
    const char *missing = lua_pushfstring(L, "module '%s' not found", module);
    lua_getglobal(L, "require");
    lua_pushstring(L, module);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
        const char *message = lua_tostring(L, -1);
        if (message != NULL && strncmp(message, missing, strlen(missing)) == 0)
            return COMMAND_UNKNOWN;
        report(L, false);
        session->code = EXIT_CODE;
        return COMMAND_DONE;
    }
    int count = push_arguments(L, &session->options);
    lua_createtable(L, count, 0);
    for (int i = count; i >= 1; i--) {
        lua_insert(L, -2);
        lua_rawseti(L, -2, i);
        /* the table is above the arguments that are left */
    }
    if (!call(L, session, 1, 1))
        return COMMAND_DONE;
    if (lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "prompt") == 0)
        return COMMAND_PROMPT;
    session->code = (int)luaL_optinteger(L, -1, EXIT_OK);
    return COMMAND_DONE;
}

static void print_version(void)
{
    char line[128] = "";
    FILE *pipe = popen("gnuplot --version 2>/dev/null", "r");
    if (pipe != NULL) {
        if (fgets(line, sizeof line, pipe) == NULL)
            *line = '\0';
        pclose(pipe);
    }
    line[strcspn(line, "\r\n")] = '\0';
    printf("descent %s (%s, Readline %s, %s)\n", DESCENT_VERSION, LUA_RELEASE,
           repl_readline_version(), *line != '\0' ? line : "no gnuplot");
}

static void open_state(lua_State *L, struct session *session)
{
    if (session->options.no_environment) {
        lua_pushboolean(L, 1);
        lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
    }
    luaL_openlibs(L);
    set_arguments(L, &session->options);
    console_preload(L, session->limit, session->refused);
    luaL_requiref(L, "descent.core", luaopen_descent_core, 0);
    lua_pop(L, 1);
    bind_context(L)->memory.limit = session->limit; /* arrays and data are not Lua's memory */
    interrupt_install(L, bind_context(L), INTERRUPT_SCRIPT);
    lua_warning(L, session->options.warnings ? "@on" : "@off", 0);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "descent.strict");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "install");
    lua_call(L, 0, 0);
    lua_pop(L, 1);
}

/* The script or the subcommand; true when the prompt may follow. */
static bool run_named(lua_State *L, struct session *session)
{
    const char *name = session->options.arguments[session->options.script];
    if (strcmp(name, "-") == 0 &&
        strcmp(session->options.arguments[session->options.script - 1], "--") != 0)
        return run_script(L, session, NULL) || session->options.interactive;
    switch (run_command(L, session, name)) {
    case COMMAND_PROMPT: session->options.interactive = true; return true;
    case COMMAND_DONE: return false;
    case COMMAND_UNKNOWN: break;
    }
    if (is_word(name) && access(name, F_OK) != 0) {
        fprintf(stderr,
                "descent: there is no command and no script named %s; descent --help lists the"
                " commands\n",
                name);
        session->code = EXIT_USAGE;
        return false;
    }
    bool fine = run_script(L, session, name);
    return (fine || session->code != EXIT_USAGE) && session->options.interactive;
}

static int run(lua_State *L)
{
    struct session *session = lua_touserdata(L, 1);
    const struct options *options = &session->options;
    bool has_script = options->script < options->argument_count, terminal = isatty(STDIN_FILENO);
    open_state(L, session);
    if (!run_options(L, session))
        return 0;
    bool prompt = options->interactive || (!has_script && !options->code && !options->version);
    if (has_script)
        prompt = run_named(L, session);
    if (!prompt)
        return 0;
    if (terminal) {
        session->code = EXIT_OK;
        session->signal = repl_run(L, !has_script && !options->code, !options->no_environment);
    } else {
        run_script(L, session, NULL);
    }
    return 0;
}

/* Names of characters follow the locale; where none is chosen at all, they are UTF-8. Numbers stay
 * as Lua writes them. */
static void set_locale(void)
{
    const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    setlocale(LC_CTYPE, "");
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (value != NULL && *value != '\0')
            return;
    }
    setlocale(LC_CTYPE, "C.UTF-8");
}

static int panic(lua_State *L)
{
    const char *message = lua_tostring(L, -1);
    fprintf(stderr, "descent: %s\n", message != NULL ? message : "an error without words");
    return 0;
}

/* A file that a script opens must not become the standard output of a program that was started
 * without one: what stands there instead can be neither read nor written. */
static void fill_descriptors(void)
{
    for (int descriptor = 0; descriptor <= 2; descriptor++)
        if (fcntl(descriptor, F_GETFD) < 0)
            (void)open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY);
}

/* Whether all that was printed has arrived: Lua's print does not look. */
static void finish_output(struct session *session)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return;
    fputs("descent: the output could not be written whole: is the disk full, or the output "
          "closed?\n",
          stderr);
    if (session->code == EXIT_OK)
        session->code = EXIT_CODE;
}

int main(int argument_count, char **arguments)
{
    struct session session = {
        .options = {.argument_count = argument_count, .arguments = arguments}};
    struct budget budget = {0};
    if (argument_count > 1 && strcmp(arguments[1], "--isolated") == 0)
        return isolated_main(argument_count, arguments);
    fill_descriptors();
    set_locale();
    if (!parse(&session.options))
        return EXIT_USAGE;
    if (session.options.help) {
        fputs(usage, stdout);
        return EXIT_OK;
    }
    if (session.options.version) {
        print_version();
        fflush(stdout);
    }
    if (!memory_limit(&budget.limit))
        return EXIT_USAGE;
    session.limit = budget.limit;
    session.refused = &budget.refused;

    lua_State *L = lua_newstate(allocate, &budget);
    if (L == NULL) {
        fputs("descent: not enough memory to start\n", stderr);
        return EXIT_CODE;
    }
    lua_atpanic(L, panic);
    lua_pushcfunction(L, run);
    lua_pushlightuserdata(L, &session);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
        const char *message = lua_tostring(L, -1);
        fprintf(stderr, "descent: %s\n", message != NULL ? message : "an error without words");
        session.code = EXIT_CODE;
    }
    lua_close(L);
    finish_output(&session);
    if (session.signal != 0) {
        signal(session.signal, SIG_DFL);
        raise(session.signal);
    }
    return session.code;
}
