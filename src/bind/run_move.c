/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_move.c: the methods that move a run by updates: step, epoch, back, to; and fork. */
#include <stdio.h>
#include <string.h>

#include "bind/array.h"
#include "bind/optimizer.h"
#include "bind/run.h"
#include "bind/text.h"

#define SETUP                                                       \
    "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n" \
    "r = descend(L, optim.gd{alpha = 0.25}, {start = {4, 1}})\n"

int bind_run_moved(lua_State *L, const struct run *run, size_t bytes_before, bool quiet)
{
    bind_run_weigh(L, objective_context(run_objective(run)), bytes_before);
    if (run_reason(run) == REASON_DIVERGED && !quiet) {
        fflush(stdout);
        lua_writestringerror("%s\n", run_message(run));
    }
    bool guessed = lua_getiuservalue(L, 1, 2) != LUA_TNIL; /* by guess(r, ...) */
    lua_settop(L, 1);
    if (guessed) {
        bind_push_lua(L, "descent.guess", "score");
        lua_pushvalue(L, 1);
        lua_call(L, 1, 0);
    }
    return 1;
}

static int move_to(lua_State *L, struct run *run, unsigned long long t)
{
    struct error error;
    size_t bytes = bind_run_bytes(objective_context(run_objective(run)));
    BIND_ATTEMPT(L, &error, run_to(run, t, &error));
    return bind_run_moved(L, run, bytes, false);
}

/* The count at index 2; 1 where there is none. */
static unsigned long long read_count(lua_State *L)
{
    return lua_isnoneornil(L, 2)
               ? 1
               : (unsigned long long)bind_integer(L, 2, "n", 0, (long long)1 << 53);
}

static const struct argument count_arguments[] = {
    {.name = "n",
     .type = ARGUMENT_INTEGER,
     .standard = 1,
     .minimum = 0,
     .maximum = 9007199254740992.0,
     .summary = "how many"},
};

static const struct doc step_doc = {
    .name = "run:step",
    .signature = "r:step(n)",
    .summary =
        "Makes n updates. Ctrl-C and divergence stop it at a whole update; r.reason says so.",
    DOC_ARGUMENTS(count_arguments),
    .returns = "the run",
    .example = SETUP "print(r:step().phi)\nprint(r:step(2).t)",
    .result = "2  0\n3",
};

static int step(lua_State *L)
{
    struct run *run = bind_run(L, 1, NULL);
    return move_to(L, run, run_time(run) + read_count(L));
}

static const struct doc epoch_doc = {
    .name = "run:epoch",
    .signature = "r:epoch(n)",
    .summary = "Goes to the end of the n-th epoch from here; one under way counts as the first.",
    DOC_ARGUMENTS(count_arguments),
    .returns = "the run",
    .example =
        "L = loss.least_squares(model.gabor, data.gabor30)\n"
        "r = descend(L, optim.gd{alpha = 0.05}, {start = {-1.5, 8.5}, batch = 5, seed = 1})\n"
        "print(r:epoch(2).t, r.epoch_number)",
    .result = "12\t2",
};

static int epoch(lua_State *L)
{
    struct run *run = bind_run(L, 1, NULL);
    unsigned long long t = run_time(run), per = run_updates_per_epoch(run), n = read_count(L);
    return move_to(L, run, n == 0 ? t : t - t % per + n * per);
}

static const struct doc back_doc = {
    .name = "run:back",
    .signature = "r:back(n)",
    .summary = "Undoes n updates exactly: stepping again gives the same bits.",
    DOC_ARGUMENTS(count_arguments),
    .returns = "the run",
    .errors = "fewer updates than n have been made",
    .example = SETUP "print(r:step(10):back(9).phi)",
    .result = "2  0",
};

static int back(lua_State *L)
{
    struct run *run = bind_run(L, 1, NULL);
    unsigned long long n = read_count(L);
    struct error error;
    size_t bytes = bind_run_bytes(objective_context(run_objective(run)));
    BIND_ATTEMPT(L, &error, run_back(run, n, &error));
    return bind_run_moved(L, run, bytes, false);
}

static const struct argument time_arguments[] = {
    {.name = "t",
     .type = ARGUMENT_INTEGER,
     .required = true,
     .minimum = 0,
     .maximum = 9007199254740992.0,
     .summary = "the time: updates from the start"},
};

static const struct doc to_doc = {
    .name = "run:to",
    .signature = "r:to(t)",
    .summary = "Goes back or on to time t; t = 0 is the start.",
    DOC_ARGUMENTS(time_arguments),
    .returns = "the run",
    .example = SETUP "print(r:to(3).t, r:to(0).phi)",
    .result = "3\t4  1",
};

static int to(lua_State *L)
{
    struct run *run = bind_run(L, 1, NULL);
    return move_to(L, run, (unsigned long long)bind_integer(L, 2, "t", 0, (long long)1 << 53));
}

/* --- forks ----------------------------------------------------------------------------------- */

static const struct argument fork_arguments[] = {
    {.name = "at",
     .type = ARGUMENT_INTEGER,
     .standard = NAN,
     .default_text = "r.t",
     .minimum = 0,
     .maximum = 9007199254740992.0,
     .summary = "the last update that both runs share"},
};

static const struct doc fork_doc = {
    .name = "run:fork",
    .signature = "r:fork{at = 20, alpha = 0.5}, r:fork{optim.adam{...}, at = 20}",
    .summary = "Another run with the same past, that goes on with a changed setting or another "
               "rule; batches go on as they were. Another rule begins with its state at zero.",
    DOC_ARGUMENTS(fork_arguments),
    .returns = "a new run, standing at `at`",
    .errors = "an `at` that has not been reached, a setting that the rule does not have",
    .example = "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n"
               "r = descend(L, optim.gd{alpha = 0.1}, {start = {1, 1}}):step(10)\n"
               "f = r:fork{at = 1, alpha = 0.25}\n"
               "print(f.t, f.phi)\n"
               "print(f:step().phi)",
    .result = "1\t0.8  0.6\n0.4  0",
};

/* The options of the fork at index 2 that belong to the rule, as a table that is pushed. */
static void push_changes(lua_State *L)
{
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, 2) != 0;) {
        bool own = lua_isinteger(L, -2) ||
                   (lua_type(L, -2) == LUA_TSTRING && strcmp(lua_tostring(L, -2), "at") == 0);
        if (own) {
            lua_pop(L, 1);
            continue;
        }
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
}

static int fork_run(lua_State *L)
{
    struct run *run = bind_run(L, 1, NULL);
    lua_settop(L, 2);
    if (lua_isnil(L, 2)) {
        lua_newtable(L);
        lua_replace(L, 2);
    }
    if (lua_type(L, 2) != LUA_TTABLE)
        bind_refuse(L, fork_doc.name, "options are given by name in braces, not as %s: %s",
                    bind_describe(L, 2), fork_doc.signature);
    unsigned long long at = run_time(run);
    if (bind_field(L, 2, "at"))
        at = (unsigned long long)bind_integer(L, -1, "at", 0, (long long)at);
    struct optimizer *optimizer = run_optimizer(run);
    if (lua_rawgeti(L, 2, 1) != LUA_TNIL)
        optimizer = bind_optimizer(L, -1, "run:fork: what stands without a name");
    push_changes(L);
    bind_optimizer_change(L, optimizer, -1);
    optimizer = bind_optimizer(L, -1, "the optimizer");
    bind_run_kept(L, 1, "loss");
    bind_run_kept(L, 1, "validation");
    struct run **object = bind_run_new(L, -2, -1);
    struct error error;
    size_t bytes = bind_run_bytes(bind_context(L));
    BIND_ATTEMPT(L, &error, run_fork(object, run, at, optimizer, &error));
    bind_run_weigh(L, bind_context(L), bytes);
    return 1;
}

void bind_open_run_move(lua_State *L)
{
    static const struct function methods[] = {
        {"step", step, &step_doc}, {"epoch", epoch, &epoch_doc},  {"back", back, &back_doc},
        {"to", to, &to_doc},       {"fork", fork_run, &fork_doc},
    };
    bind_methods(L, BIND_RUN, methods, sizeof methods / sizeof *methods);
}
