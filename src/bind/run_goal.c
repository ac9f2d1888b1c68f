/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_goal.c: the methods that move a run to a goal: converge, resume; several runs at once. */
#include <math.h>
#include <string.h>

#include "bind/run.h"

enum { STEPS, EPOCHS, GRADIENT, LOSS, CHANGE, SECONDS, QUIET, PROGRESS, GOALS };

#define OFF .standard = NAN, .default_text = "none"
static const struct argument converge_arguments[] = {
    [STEPS] = {.name = "steps",
               .type = ARGUMENT_INTEGER,
               OFF,
               .minimum = 1,
               .maximum = 1e15,
               .summary = "at most this many further updates"},
    [EPOCHS] = {.name = "epochs",
                .type = ARGUMENT_INTEGER,
                OFF,
                .minimum = 1,
                .maximum = 1e15,
                .summary = "at most this many further epochs; one under way counts as the first"},
    [GRADIENT] = {.name = "gradient",
                  .type = ARGUMENT_NUMBER,
                  OFF,
                  .minimum = 0,
                  .maximum = INFINITY,
                  .summary = "until the largest component of ∂L/∂φ over all data is this small"},
    [LOSS] = {.name = "loss",
              .type = ARGUMENT_NUMBER,
              OFF,
              .summary = "until L over all data is this small"},
    [CHANGE] = {.name = "change",
                .type = ARGUMENT_NUMBER,
                OFF,
                .minimum = 0,
                .maximum = INFINITY,
                .summary = "until |L_t − L_{t−1}| ≤ change·max(1, |L_t|)"},
    [SECONDS] = {.name = "seconds",
                 .type = ARGUMENT_NUMBER,
                 OFF,
                 .unit = "s",
                 .minimum = 0,
                 .maximum = INFINITY,
                 .summary = "at most this long"},
    [QUIET] = {.name = "quiet",
               .type = ARGUMENT_BOOLEAN,
               .summary = "true: nothing is said where the run diverges; r.message has it"},
    [PROGRESS] = {.name = "progress",
                  .type = ARGUMENT_VALUE,
                  .type_name = "function",
                  .default_text = "none",
                  .summary = "called as progress(r) some 20 times a second, and as "
                             "progress(r, true) at the end; true as its result stops"},
};

static const struct doc converge_doc = {
    .name = "run:converge",
    .signature = "r:converge{steps, epochs, gradient, loss, change, seconds, quiet, progress}",
    .summary = "Goes on until one of the goals is met; r.reason says which. Without a goal: until "
               "the gradient is at most 1e-6, at most 10,000 updates; up to 60 parameters the "
               "Hessian must then say that it is a minimum, else the reason names a saddle or a "
               "flat direction, or the run goes on. With batches the goals that "
               "need all data are looked at when an epoch ends.",
    DOC_ARGUMENTS(converge_arguments),
    .returns = "the run",
    .errors = "an unknown goal, a number out of range",
    .example = "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n"
               "r = descend(L, optim.gd{alpha = 0.25}, {start = {4, 1}})\n"
               "r:converge{loss = 0.1}\n"
               "print(r.t, r.loss, r.reason)",
    .result = "4\t0.0625\tthe loss is small enough",
};

struct progress {
    lua_State *L;
    int run, function; /* stack indices */
    bool failed;
    struct error error;
};

/* Calls the function with the run and `finished`; true when it wants to stop, or failed. */
static bool call_progress(struct progress *progress, bool finished)
{
    lua_State *L = progress->L;
    luaL_checkstack(L, 4, NULL);
    lua_pushvalue(L, progress->function);
    lua_pushvalue(L, progress->run);
    lua_pushboolean(L, finished);
    if (lua_pcall(L, 2, 1, 0) != LUA_OK) {
        /* Ctrl-C that met the function and not an update: the run stops, as it does then. */
        if (lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "interrupted") == 0) {
            lua_pop(L, 1);
            return true;
        }
        bind_keep_error(L, &progress->error);
        progress->failed = true;
        return true;
    }
    bool stop = lua_toboolean(L, -1) && !finished;
    lua_pop(L, 1);
    return stop;
}

static int on_progress(void *user, const struct run *run)
{
    (void)run;
    return call_progress(user, false);
}

/* Goes on: to `goal`, or with NULL to the one set before. The function, if any, is at index 3. */
static int pursue(lua_State *L, struct run *run, const struct goal *goal, bool quiet)
{
    struct progress progress = {.L = L, .run = 1, .function = 3};
    int (*call)(void *, const struct run *) = lua_isnil(L, 3) ? NULL : on_progress;
    enum reason reason;
    struct error error;
    size_t bytes = bind_run_bytes(bind_context(L));
    enum status status;
    if (goal != NULL) {
        struct goal watched = *goal;
        watched.progress = call;
        watched.user = &progress;
        status = run_converge(run, &watched, &reason, &error);
    } else {
        status = run_resume(run, call, &progress, &reason, &error);
    }
    if (status == STATUS_MEMORY) { /* what Lua no longer uses may have been in the way */
        lua_gc(L, LUA_GCCOLLECT, 0);
        status = run_resume(run, call, &progress, &reason, &error);
    }
    if (!progress.failed && call != NULL)
        call_progress(&progress, true);
    bind_check(L, status, &error);
    if (progress.failed)
        bind_raise(L, &progress.error);
    return bind_run_moved(L, run, bytes, quiet);
}

/* Leaves options at index 2 and the function for progress, or nil, at index 3. */
static void place_progress(lua_State *L)
{
    lua_settop(L, 2);
    if (!bind_field(L, 2, "progress"))
        lua_pushnil(L);
}

/* The goal of the options at index 2. */
static struct goal read_goal(lua_State *L, bool *quiet)
{
    double values[GOALS];
    bool given[GOALS];
    bind_options(L, 2, &converge_doc, 0, values, given);
    *quiet = values[QUIET] != 0;
    return (struct goal){
        .steps = given[STEPS] ? (unsigned long long)values[STEPS] : 0,
        .epochs = given[EPOCHS] ? (unsigned long long)values[EPOCHS] : 0,
        .gradient = values[GRADIENT],
        .loss = values[LOSS],
        .change = values[CHANGE],
        .seconds = values[SECONDS],
    };
}

static int converge(lua_State *L)
{
    struct run *run = bind_run(L, 1, NULL);
    bool quiet;
    struct goal goal = read_goal(L, &quiet);
    place_progress(L);
    return pursue(L, run, &goal, quiet);
}

/* core.converge_all({r1, ...}, goals): as r:converge(goals) for each, several at once. Returns
 * which of them are done, and whether Ctrl-C stopped them; the others are left for r:converge. */
static int converge_all(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    bool quiet;
    struct goal goal = read_goal(L, &quiet);
    size_t count = lua_rawlen(L, 1), bytes = bind_run_bytes(bind_context(L));
    struct run **runs = lua_newuserdatauv(L, (count + 1) * sizeof *runs, 0);
    bool *done = lua_newuserdatauv(L, count + 1, 0);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
        runs[i] = bind_run(L, -1, "a run");
        lua_pop(L, 1);
    }
    struct error error;
    enum status status = run_converge_all(runs, count, &goal, done, &error);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
        struct run **object = lua_touserdata(L, -1);
        *object = runs[i];
        lua_pop(L, 1);
    }
    bind_check(L, status, &error);
    bind_run_weigh(L, bind_context(L), bytes);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushboolean(L, done[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_pushboolean(L, context_take_interrupt(bind_context(L)));
    return 2;
}

static const struct doc resume_doc = {
    .name = "run:resume",
    .signature = "r:resume{progress}",
    .summary = "Goes on to the goal that converge or fit was given, after Ctrl-C or a look back.",
    .arguments = &converge_arguments[PROGRESS],
    .argument_count = 1,
    .returns = "the run",
    .errors = "there was no goal",
    .example = "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n"
               "r = descend(L, optim.gd{alpha = 0.1}, {start = {4, 1}})\n"
               "r:converge{steps = 20}\n"
               "r:back(15)\n"
               "print(r:resume().t)",
    .result = "20",
};

static int resume(lua_State *L)
{
    struct run *run = bind_run(L, 1, NULL);
    bind_options(L, 2, &resume_doc, 0, NULL, NULL);
    place_progress(L);
    return pursue(L, run, NULL, false);
}

void bind_open_run_goal(lua_State *L)
{
    static const luaL_Reg hidden[] = {{"converge_all", converge_all}, {NULL, NULL}};
    static const struct function methods[] = {
        {"converge", converge, &converge_doc},
        {"resume", resume, &resume_doc},
    };
    luaL_setfuncs(L, hidden, 0);
    bind_methods(L, BIND_RUN, methods, sizeof methods / sizeof *methods);
}
