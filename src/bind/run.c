/* SPDX-License-Identifier: GPL-3.0-or-later */
/* descend(L, opt, {...}) and the type run. */
#include "bind/run.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bind/array.h"
#include "bind/loss.h"
#include "bind/namespace.h"
#include "bind/optimizer.h"
#include "bind/parameters.h"
#include "bind/text.h"
#include "objective/build.h"

struct run *bind_run(lua_State *L, int index, const char *argument)
{
    struct run **object = bind_object(L, index, BIND_RUN, argument);
    bind_caller(L)->L = L;
    return *object;
}

static struct run *self(lua_State *L)
{
    return bind_run(L, 1, NULL);
}

static size_t bytes_now(lua_State *L)
{
    return atomic_load(&bind_context(L)->memory.bytes);
}

void bind_run_weigh(lua_State *L, size_t bytes_before)
{
    size_t now = bytes_now(L), kilobytes = now > bytes_before ? (now - bytes_before) / 1024 : 0;
    if (kilobytes > 0 && lua_gc(L, LUA_GCISRUNNING))
        lua_gc(L, LUA_GCSTEP, kilobytes < INT_MAX ? (int)kilobytes : INT_MAX);
}

/* Pushes the loss of the run at index 1. */
static void push_loss(lua_State *L)
{
    lua_getiuservalue(L, 1, 1);
    lua_getfield(L, -1, "loss");
    lua_remove(L, -2);
}

static void push_vector(lua_State *L, const double *values, size_t size)
{
    struct array *array = bind_array_new(L, 1, size, 1);
    memcpy(array->data, values, size * sizeof *values);
}

static void push_indices(lua_State *L, const size_t *indices, size_t count)
{
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushinteger(L, (lua_Integer)indices[i] + 1);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* --- start ----------------------------------------------------------------------------------- */

/* Pushes "phi0, phi1" (of at most eight). */
static const char *components_text(lua_State *L, const struct objective *objective)
{
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    size_t size = objective_size(objective);
    for (size_t j = 0; j < size && j < 8; j++) {
        luaL_addstring(&buffer, j == 0 ? "" : ", ");
        luaL_addstring(&buffer, objective_component(objective, j));
    }
    if (size > 8)
        luaL_addstring(&buffer, ", ...");
    luaL_pushresult(&buffer);
    return lua_tostring(L, -1);
}

/* Pushes model:init{seed = ...} of the loss's model. */
static void push_model_start(lua_State *L, int loss, struct objective *objective, bool seeded,
                             double seed)
{
    if (objective_model(objective) == NULL)
        bind_refuse(L, "descend",
                    "start is missing, and this loss has no model to make one; write "
                    "{start = {...}} with %zu %s for %s",
                    objective_size(objective),
                    objective_size(objective) == 1 ? "number" : "numbers",
                    components_text(L, objective));
    lua_getfield(L, loss, "model");
    lua_getfield(L, -1, "init");
    lua_insert(L, -2); /* init model */
    lua_newtable(L);
    if (seeded) {
        lua_pushinteger(L, (lua_Integer)seed);
        lua_setfield(L, -2, "seed");
    }
    lua_call(L, 2, 1);
}

/* Pushes the start as an array of P numbers. */
static const double *read_start(lua_State *L, int loss, int options, struct objective *objective,
                                bool seeded, double seed)
{
    size_t size = objective_size(objective);
    char **names = lua_newuserdatauv(L, (size + 1) * sizeof *names, 0);
    for (size_t j = 0; j < size; j++)
        names[j] = (char *)objective_component(objective, j);
    if (!bind_field(L, options, "start"))
        push_model_start(L, loss, objective, seeded, seed);
    return bind_parameters(L, -1, names, size, "start")->data;
}

/* --- batches --------------------------------------------------------------------------------- */

static const char orders[] = "epoch|draw|fixed";

/* The list of lists on top of the stack, into two blocks that stay pushed. */
static void read_batches(lua_State *L, struct run_options *options)
{
    int list = lua_gettop(L);
    size_t count = lua_rawlen(L, list), total = 0, used = 0;
    size_t *offsets = lua_newuserdatauv(L, (count + 1) * sizeof *offsets, 0);
    for (size_t i = 0; i < count; i++) {
        int type = lua_rawgeti(L, list, (lua_Integer)i + 1);
        if (type != LUA_TTABLE && bind_test(L, -1, BIND_ARRAY) == NULL)
            bind_refuse(L, "order", "batch %zu must be a list of examples, not %s", i + 1,
                        bind_describe(L, -1));
        offsets[i] = total;
        total += (size_t)luaL_len(L, -1);
        lua_pop(L, 1);
    }
    offsets[count] = total;
    size_t *indices = lua_newuserdatauv(L, (total + 1) * sizeof *indices, 0);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        for (size_t k = 0; k < offsets[i + 1] - offsets[i]; k++) {
            lua_geti(L, -1, (lua_Integer)k + 1);
            const char *what = lua_pushfstring(L, "order: example %d of batch %d", (int)k + 1,
                                               (int)i + 1);
            long long example = bind_integer(L, -2, what, 1, LLONG_MAX);
            indices[used++] = (size_t)example - 1;
            lua_pop(L, 2);
        }
        lua_pop(L, 1);
    }
    options->order = SAMPLER_GIVEN;
    options->given_indices = indices;
    options->given_offsets = offsets;
    options->given_count = count;
}

/* The generator of the run: seeded, or as the global one is now; that then moves on by a
 * permutation, so that the next run gets other batches. */
static void read_generator(lua_State *L, struct run_options *options, size_t examples, bool seeded,
                           double seed)
{
    if (seeded) {
        generator_seed(&options->generator, (uint32_t)seed);
        return;
    }
    struct generator *global = bind_generator(L);
    options->generator = *global;
    generator_permutation(global, lua_newuserdatauv(L, (examples + 1) * sizeof(size_t), 0),
                          examples);
}

/* Without dropout the global generator stays where it is. */
static uint64_t read_mask_seed(lua_State *L, const struct objective *objective, bool seeded,
                               double seed)
{
    if (seeded || !objective_has_masks(objective))
        return seeded ? (uint64_t)seed : 0;
    uint64_t high = generator_bits(bind_generator(L));
    return high << 32 | generator_bits(bind_generator(L));
}

static void read_order(lua_State *L, int index, struct run_options *options, bool batched)
{
    bool given = bind_field(L, index, "order");
    if (given && lua_type(L, -1) == LUA_TTABLE) {
        if (batched)
            bind_refuse(L, "descend", "order gives the batches itself; leave batch out");
        read_batches(L, options);
        return;
    }
    int choice = given ? doc_choice_index(orders, lua_tostring(L, -1)) : 0;
    if (choice < 0)
        bind_refuse(L, "descend",
                    "order must be \"epoch\", \"draw\", \"fixed\" or a list of batches, not \"%s\"",
                    lua_tostring(L, -1));
    if (given && !batched)
        bind_refuse(L, "descend", "order says how batches are taken: give batch too, as batch = 5");
    options->order = !batched      ? SAMPLER_ALL
                     : choice == 0 ? SAMPLER_EPOCH
                     : choice == 1 ? SAMPLER_DRAW
                                   : SAMPLER_FIXED;
}

/* --- descend --------------------------------------------------------------------------------- */

enum { START, BATCH, ORDER, SEED, VALIDATION, HOLD, BOUNDS, HISTORY, DESCEND_OPTIONS };

static const struct argument descend_arguments[] = {
    [START] = {.name = "start",
               .type = ARGUMENT_ARRAY,
               .shape = "P",
               .default_text = "m:init{}",
               .summary = "where φ begins: a list, or a table by name, {phi0 = 1.6, phi1 = -0.5}"},
    [BATCH] = {.name = "batch",
               .type = ARGUMENT_INTEGER,
               .standard = NAN,
               .default_text = "all examples",
               .minimum = 1,
               .maximum = 1e15,
               .summary = "how many examples an update sees"},
    [ORDER] = {.name = "order",
               .type = ARGUMENT_VALUE,
               .type_name = "string or table",
               .default_text = "\"epoch\"",
               .summary = "\"epoch\": a fresh permutation each epoch; \"draw\": the first of a "
                          "fresh one at every update; \"fixed\": one for all epochs; or a list of "
                          "batches, {{1, 5}, {2, 3}}, from its first again after its last"},
    [SEED] = {.name = "seed",
              .type = ARGUMENT_INTEGER,
              .standard = NAN,
              .default_text = "the global generator",
              .minimum = 0,
              .maximum = 4294967295.0,
              .summary = "of the batches, as NumPy's RandomState has it, of the model's start, and of "
                         "dropout"},
    [VALIDATION] = {.name = "validation",
                    .type = ARGUMENT_VALUE,
                    .type_name = "data set or loss",
                    .default_text = "none",
                    .summary = "data that the fit does not see: r.trace.validation is the loss on "
                               "them, r.validation where the run stands"},
    [HOLD] = {.name = "hold",
              .type = ARGUMENT_VALUE,
              .type_name = "table or string",
              .default_text = "none",
              .summary = "parameters that stay at their start, by name: {\"phi0\"}, \"W\" for a "
                         "whole block"},
    [BOUNDS] = {.name = "bounds",
                .type = ARGUMENT_VALUE,
                .type_name = "table",
                .default_text = "none",
                .summary = "least and greatest value by name, {phi1 = {0, 20}}: after every update "
                           "what is outside is brought back to the bound; inf is no bound"},
    [HISTORY] = {.name = "history",
                 .type = ARGUMENT_NUMBER,
                 .unit = "MB",
                 .standard = 64,
                 .minimum = 0,
                 .maximum = 1e6,
                 .above = true,
                 .summary = "memory for the trace; when it is full, every second row goes"},
};

static const struct doc descend_doc = {
    .name = "descend",
    .signature = "descend(L, opt, {start, batch, order, seed, validation, hold, bounds, history})",
    .summary = "A run of the optimizer on the loss, standing at its start (t = 0).",
    DOC_ARGUMENTS(descend_arguments),
    .returns = "a run",
    .errors = "a start of another size or with an unknown name, a batch larger than the data, "
              "batches of a loss without data, or for a rule that needs all data; a name that no "
              "parameter has, a start outside its bounds",
    .example = "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n"
               "r = descend(L, optim.gd{alpha = 0.25}, {start = {phi0 = 4, phi1 = 1}})\n"
               "r:step()\n"
               "print(r.t, r.loss)\n"
               "print(r.phi)",
    .result = "1\t4.0\n2  0",
};

/* Pushes a run object whose user value is {loss = the value at `loss`, validation = that at
 * `validation`}. */
struct run **bind_run_new(lua_State *L, int loss, int validation)
{
    loss = lua_absindex(L, loss);
    validation = lua_absindex(L, validation);
    struct run **object = bind_new(L, BIND_RUN, sizeof *object);
    lua_createtable(L, 0, 3);
    lua_pushvalue(L, loss);
    lua_setfield(L, -2, "loss");
    lua_pushvalue(L, validation);
    lua_setfield(L, -2, "validation");
    lua_setiuservalue(L, -2, 1);
    return object;
}

/* --- parameters by name ---------------------------------------------------------------------- */

/* Whether `name` is the component, or the block that it belongs to. */
static bool means(const char *name, const char *component)
{
    size_t length = strlen(name);
    return strncmp(name, component, length) == 0 &&
           (component[length] == '\0' || component[length] == '[');
}

static void refuse_name(lua_State *L, const char *what, const char *name,
                        const struct objective *objective)
{
    bind_refuse(L, what, "no parameter is called \"%s\"; they are %s", name,
                components_text(L, objective));
}

/* The parameters to hold, as P flags in a block that stays pushed. */
static const bool *read_hold(lua_State *L, int options, struct objective *objective)
{
    if (!bind_field(L, options, "hold"))
        return NULL;
    if (lua_type(L, -1) == LUA_TSTRING) {
        lua_createtable(L, 1, 0);
        lua_insert(L, -2);
        lua_rawseti(L, -2, 1);
    }
    int list = lua_gettop(L);
    size_t size = objective_size(objective), held = 0;
    bool *flags = memset(lua_newuserdatauv(L, size + 1, 0), 0, size + 1);
    for (lua_Integer i = 1; lua_rawgeti(L, list, i) != LUA_TNIL; i++, lua_pop(L, 1)) {
        if (lua_type(L, -1) != LUA_TSTRING)
            bind_refuse(L, "hold", "it is a list of names, as {\"%s\"}, not of %s",
                        objective_component(objective, 0), bind_describe(L, -1));
        const char *name = lua_tostring(L, -1);
        bool known = false;
        for (size_t j = 0; j < size; j++)
            if (means(name, objective_component(objective, j)))
                known = flags[j] = true;
        if (!known)
            refuse_name(L, "hold", name, objective);
    }
    lua_pop(L, 1);
    for (size_t j = 0; j < size; j++)
        held += flags[j];
    if (held == size)
        bind_refuse(L, "hold", "all parameters are held; there is nothing left to fit");
    return flags;
}

static double read_bound(lua_State *L, int pair, int which, const char *name, double standard)
{
    lua_geti(L, pair, which);
    double value = standard;
    if (lua_type(L, -1) == LUA_TNUMBER)
        value = lua_tonumber(L, -1);
    else if (!lua_isnil(L, -1))
        bind_refuse(L, "bounds", "%s: a bound is a number, not %s", name, bind_describe(L, -1));
    if (isnan(value))
        bind_refuse(L, "bounds", "%s: a bound cannot be nan", name);
    lua_pop(L, 1);
    return value;
}

/* P least and P greatest values in a block that stays pushed; NULL: none. */
static const double *read_bounds(lua_State *L, int options, struct objective *objective)
{
    if (!bind_field(L, options, "bounds"))
        return NULL;
    int table = lua_gettop(L);
    size_t size = objective_size(objective);
    double *bounds = lua_newuserdatauv(L, (2 * size + 1) * sizeof *bounds, 0);
    for (size_t j = 0; j < size; j++) {
        bounds[j] = -INFINITY;
        bounds[size + j] = INFINITY;
    }
    for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            bind_refuse(L, "bounds", "they are given by name, as {%s = {0, 20}}",
                        objective_component(objective, 0));
        const char *name = lua_tostring(L, -2);
        if (lua_type(L, -1) != LUA_TTABLE)
            bind_refuse(L, "bounds", "%s needs two numbers, as {0, 20}, not %s", name,
                        bind_describe(L, -1));
        int pair = lua_gettop(L);
        double lower = read_bound(L, pair, 1, name, -INFINITY);
        double upper = read_bound(L, pair, 2, name, INFINITY);
        bool known = false;
        for (size_t j = 0; j < size; j++)
            if (means(name, objective_component(objective, j))) {
                bounds[j] = lower;
                bounds[size + j] = upper;
                known = true;
            }
        if (!known)
            refuse_name(L, "bounds", name, objective);
    }
    return bounds;
}

/* Pushes the loss on the validation data, or nil. */
static void push_validation(lua_State *L, int loss, int options)
{
    if (!bind_field(L, options, "validation")) {
        lua_pushnil(L);
        return;
    }
    if (bind_test(L, -1, BIND_LOSS) == NULL) {
        lua_getfield(L, loss, "with");
        lua_pushvalue(L, loss);
        lua_pushvalue(L, -3);
        lua_call(L, 2, 1);
    }
    if (objective_size(bind_loss(L, -1, "validation")) != objective_size(bind_loss(L, loss, "L")))
        bind_refuse(L, "validation",
                    "it is a loss of other parameters than the one that is fitted");
}

static int descend(lua_State *L)
{
    lua_settop(L, 3);
    struct objective *objective = bind_loss(L, 1, "descend: the first argument");
    struct optimizer *optimizer = bind_optimizer(L, 2, "descend: the second argument");
    double values[DESCEND_OPTIONS];
    bool given[DESCEND_OPTIONS];
    bind_options(L, 3, &descend_doc, 0, values, given);
    struct run_options options = {.history_bytes = (size_t)(values[HISTORY] * 1e6)};
    options.start = read_start(L, 1, 3, objective, given[SEED], values[SEED]);
    options.held = read_hold(L, 3, objective);
    options.lower = read_bounds(L, 3, objective);
    if (options.lower != NULL) {
        size_t size = objective_size(objective);
        options.upper = options.lower + size;
        double *start = (double *)options.start; /* an array of its own */
        for (size_t j = 0; j < size && !given[START]; j++)
            start[j] = fmin(fmax(start[j], options.lower[j]), options.upper[j]);
    }
    read_order(L, 3, &options, given[BATCH]);
    if (given[BATCH]) {
        options.batch = (size_t)values[BATCH];
        read_generator(L, &options, objective_examples(objective), given[SEED], values[SEED]);
    }
    options.mask_seed = read_mask_seed(L, objective, given[SEED], values[SEED]);
    push_validation(L, 1, 3);
    struct run **object = bind_run_new(L, 1, -1);
    struct error error;
    size_t bytes = bytes_now(L);
    BIND_ATTEMPT(L, &error, run_new(object, objective, optimizer, &options, &error));
    bind_run_weigh(L, bytes);
    return 1;
}

static int free_run(lua_State *L)
{
    struct run **object = lua_touserdata(L, 1);
    run_release(*object);
    *object = NULL;
    return 0;
}

/* --- moving ---------------------------------------------------------------------------------- */

/* Ends a method that moved the run: says that it diverges, and returns the run. */
static int moved(lua_State *L, const struct run *run, size_t bytes_before, bool quiet)
{
    bind_run_weigh(L, bytes_before);
    lua_settop(L, 1);
    if (run_reason(run) == REASON_DIVERGED && !quiet) {
        fflush(stdout);
        lua_writestringerror("%s\n", run_message(run));
    }
    /* guess(r, ...) left one to be scored. */
    lua_getiuservalue(L, 1, 1);
    if (lua_getfield(L, -1, "guess") != LUA_TNIL) {
        lua_getglobal(L, "require");
        lua_pushliteral(L, "descent.guess");
        lua_call(L, 1, 1);
        lua_getfield(L, -1, "score");
        lua_pushvalue(L, 1);
        lua_call(L, 1, 0);
    }
    lua_settop(L, 1);
    return 1;
}

static int move_to(lua_State *L, struct run *run, unsigned long long t)
{
    struct error error;
    size_t bytes = bytes_now(L);
    BIND_ATTEMPT(L, &error, run_to(run, t, &error));
    return moved(L, run, bytes, false);
}

/* The count at index 2; 1 where there is none. */
static unsigned long long read_count(lua_State *L)
{
    return lua_isnoneornil(L, 2)
               ? 1
               : (unsigned long long)bind_integer(L, 2, "n", 0, (long long)1 << 53);
}

static int step(lua_State *L)
{
    struct run *run = self(L);
    return move_to(L, run, run_time(run) + read_count(L));
}

static int epoch(lua_State *L)
{
    struct run *run = self(L);
    unsigned long long t = run_time(run), per = run_updates_per_epoch(run), n = read_count(L);
    return move_to(L, run, n == 0 ? t : t - t % per + n * per);
}

static int back(lua_State *L)
{
    struct run *run = self(L);
    unsigned long long n = read_count(L);
    struct error error;
    size_t bytes = bytes_now(L);
    BIND_ATTEMPT(L, &error, run_back(run, n, &error));
    return moved(L, run, bytes, false);
}

static int to(lua_State *L)
{
    struct run *run = self(L);
    return move_to(L, run, (unsigned long long)bind_integer(L, 2, "t", 0, (long long)1 << 53));
}

/* --- goals ----------------------------------------------------------------------------------- */

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
static int pursue(lua_State *L, struct run *run, struct goal *goal, bool quiet)
{
    struct progress progress = {.L = L, .run = 1, .function = 3};
    int (*call)(void *, const struct run *) = lua_isnil(L, 3) ? NULL : on_progress;
    enum reason reason;
    struct error error;
    size_t bytes = bytes_now(L);
    if (goal != NULL) {
        goal->progress = call;
        goal->user = &progress;
    }
    enum status status = goal != NULL ? run_converge(run, goal, &reason, &error)
                                      : run_resume(run, call, &progress, &reason, &error);
    if (status == STATUS_MEMORY) { /* what Lua no longer uses may have been in the way */
        lua_gc(L, LUA_GCCOLLECT, 0);
        status = run_resume(run, call, &progress, &reason, &error);
    }
    if (!progress.failed && call != NULL)
        call_progress(&progress, true);
    bind_check(L, status, &error);
    if (progress.failed)
        bind_raise(L, &progress.error);
    return moved(L, run, bytes, quiet);
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
    struct run *run = self(L);
    bool quiet;
    struct goal goal = read_goal(L, &quiet);
    place_progress(L);
    return pursue(L, run, &goal, quiet);
}

/* core.converge_all({r1, ...}, goals): as r:converge(goals) for each, several at once. Returns which
 * of them are done, and whether Ctrl-C stopped them; the others are left for r:converge. */
static int converge_all(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    bool quiet;
    struct goal goal = read_goal(L, &quiet);
    size_t count = lua_rawlen(L, 1), bytes = bytes_now(L);
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
    bind_run_weigh(L, bytes);
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
    struct run *run = self(L);
    bind_options(L, 2, &resume_doc, 0, NULL, NULL);
    place_progress(L);
    return pursue(L, run, NULL, false);
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
    struct run *run = self(L);
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
    push_loss(L);
    lua_getiuservalue(L, 1, 1);
    lua_getfield(L, -1, "validation");
    struct run **object = bind_run_new(L, -3, -1);
    struct error error;
    size_t bytes = bytes_now(L);
    BIND_ATTEMPT(L, &error, run_fork(object, run, at, optimizer, &error));
    bind_run_weigh(L, bytes);
    return 1;
}

/* --- one update ------------------------------------------------------------------------------ */

static const struct argument record_arguments[] = {
    {.name = "t",
     .type = ARGUMENT_INTEGER,
     .standard = NAN,
     .default_text = "r.t",
     .minimum = 1,
     .maximum = 9007199254740992.0,
     .summary = "the update"},
};

static const struct doc record_doc = {
    .name = "run:record",
    .signature = "r:record(t)",
    .summary = "Everything that update t computed, made again.",
    DOC_ARGUMENTS(record_arguments),
    .returns =
        "a table: t, epoch, age (t as the rule counts it), loss (over its batch), batch (the "
        "examples; nil: all), count, optimizer, arguments, gradient, phi_before, phi, and "
        "the tables before (the states) and terms, both by name",
    .errors = "an update that has not been made",
    .example = "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n"
               "r = descend(L, optim.momentum{alpha = 0.1}, {start = {1, 1}}):step(5)\n"
               "u = r:record(1)\n"
               "print(u.t, u.loss, u.terms.m)",
    .result = "1\t3.0\t0.2  0.4",
};

/* Called with the record as a light userdata, so that an error in between does not lose it. */
static int push_record(lua_State *L)
{
    const struct run_record *record = lua_touserdata(L, 1);
    const struct optimizer *optimizer = record->optimizer;
    const struct rule *rule = optimizer->rule;
    size_t size = record->size;
    lua_createtable(L, 0, 14);
    lua_pushinteger(L, (lua_Integer)record->t);
    lua_setfield(L, -2, "t");
    lua_pushinteger(L, (lua_Integer)record->epoch);
    lua_setfield(L, -2, "epoch");
    lua_pushinteger(L, (lua_Integer)record->age);
    lua_setfield(L, -2, "age");
    lua_pushnumber(L, record->loss);
    lua_setfield(L, -2, "loss");
    lua_pushinteger(L, (lua_Integer)record->count);
    lua_setfield(L, -2, "count");
    if (record->indices != NULL) {
        push_indices(L, record->indices, record->count);
        lua_setfield(L, -2, "batch");
    }
    push_vector(L, record->gradient, size);
    lua_setfield(L, -2, "gradient");
    push_vector(L, record->phi_before, size);
    lua_setfield(L, -2, "phi_before");
    push_vector(L, record->phi, size);
    lua_setfield(L, -2, "phi");
    bind_optimizer_push(L, (struct optimizer *)optimizer);
    lua_setfield(L, -2, "optimizer");

    lua_newtable(L);
    for (size_t i = 0; i < rule->doc.argument_count; i++) {
        if (optimizer->schedules[i] != NULL)
            lua_pushnumber(L, record->arguments[i]);
        else
            bind_optimizer_argument(L, optimizer, i, record->arguments[i]);
        lua_setfield(L, -2, rule->doc.arguments[i].name);
    }
    lua_setfield(L, -2, "arguments");
    lua_newtable(L);
    for (size_t i = 0; i < rule->state_count; i++) {
        push_vector(L, record->state_before + i * size, size);
        lua_setfield(L, -2, rule->states[i]);
    }
    lua_setfield(L, -2, "before");
    lua_newtable(L);
    for (size_t i = 0; i < rule->term_count; i++) {
        push_vector(L, record->terms + i * size, size);
        lua_setfield(L, -2, rule->terms[i].name);
    }
    lua_setfield(L, -2, "terms");
    return 1;
}

static int record(lua_State *L)
{
    struct run *run = self(L);
    if (run_time(run) == 0)
        bind_refuse(L, record_doc.name, "no update has been made yet; r:step() makes one");
    unsigned long long t = run_time(run);
    if (!lua_isnoneornil(L, 2))
        t = (unsigned long long)bind_integer(L, 2, "t", 1, (long long)t);
    struct run_record made;
    struct error error;
    lua_pushcfunction(L, push_record);
    lua_pushlightuserdata(L, &made);
    BIND_ATTEMPT(L, &error, run_record(run, t, &made, &error));
    int result = lua_pcall(L, 1, 1, 0);
    run_record_free(&made);
    return result == LUA_OK ? 1 : lua_error(L);
}

/* --- fields ---------------------------------------------------------------------------------- */

static int field_phi(lua_State *L, struct run *run)
{
    push_vector(L, run_phi(run), run_size(run));
    return 1;
}

static int field_t(lua_State *L, struct run *run)
{
    lua_pushinteger(L, (lua_Integer)run_time(run));
    return 1;
}

static int field_loss(lua_State *L, struct run *run)
{
    double value;
    struct error error;
    bind_check(L, objective_value(run_objective(run), run_phi(run), NULL, &value, &error), &error);
    lua_pushnumber(L, value);
    return 1;
}

static int field_gradient(lua_State *L, struct run *run)
{
    double value;
    struct error error;
    struct array *array = bind_array_new(L, 1, run_size(run), 1);
    bind_check(
        L, objective_gradient(run_objective(run), run_phi(run), NULL, &value, array->data, &error),
        &error);
    return 1;
}

static int field_epoch_number(lua_State *L, struct run *run)
{
    lua_pushinteger(L, (lua_Integer)run_epoch_number(run));
    return 1;
}

static int field_updates_per_epoch(lua_State *L, struct run *run)
{
    lua_pushinteger(L, (lua_Integer)run_updates_per_epoch(run));
    return 1;
}

static int field_batch_indices(lua_State *L, struct run *run)
{
    const size_t *indices = NULL;
    size_t count = 0;
    struct error error;
    if (run_time(run) > 0)
        bind_check(L, run_batch(run, run_time(run), &indices, &count, &error), &error);
    if (indices == NULL)
        lua_pushnil(L);
    else
        push_indices(L, indices, count);
    return 1;
}

static int field_reason(lua_State *L, struct run *run)
{
    if (run_reason(run) == REASON_NONE)
        lua_pushnil(L);
    else
        lua_pushstring(L, reason_text(run_reason(run)));
    return 1;
}

static int field_message(lua_State *L, struct run *run)
{
    lua_pushstring(L, run_message(run)[0] == '\0' ? NULL : run_message(run));
    return 1;
}

static int field_objective(lua_State *L, struct run *run)
{
    (void)run;
    push_loss(L);
    return 1;
}

static int field_optimizer(lua_State *L, struct run *run)
{
    bind_optimizer_push(L, run_optimizer(run));
    return 1;
}

static int field_evaluations(lua_State *L, struct run *run)
{
    struct objective_counts counts = run_counts(run);
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, (lua_Integer)counts.values);
    lua_setfield(L, -2, "losses");
    lua_pushinteger(L, (lua_Integer)counts.gradients);
    lua_setfield(L, -2, "gradients");
    lua_pushinteger(L, (lua_Integer)counts.hessians);
    lua_setfield(L, -2, "hessians");
    return 1;
}

static int field_seconds(lua_State *L, struct run *run)
{
    lua_pushnumber(L, run_seconds(run));
    return 1;
}

static int field_trace(lua_State *L, struct run *run)
{
    (void)run;
    bind_trace_push(L, 1);
    return 1;
}

static int field_batch_loss(lua_State *L, struct run *run)
{
    if (run_time(run) == 0)
        lua_pushnil(L);
    else
        lua_pushnumber(L, run_row(run, run_rows(run) - 1).batch_loss);
    return 1;
}

/* Pushes the loss on the validation data; false and nothing where there is none. */
static bool push_validation_loss(lua_State *L)
{
    lua_getiuservalue(L, 1, 1);
    lua_getfield(L, -1, "validation");
    lua_remove(L, -2);
    if (!lua_isnil(L, -1))
        return true;
    lua_pop(L, 1);
    return false;
}

static int field_validation(lua_State *L, struct run *run)
{
    double value;
    struct error error;
    if (!push_validation_loss(L)) {
        lua_pushnil(L);
        return 1;
    }
    bind_check(L,
               objective_value(bind_loss(L, -1, "validation"), run_phi(run), NULL, &value, &error),
               &error);
    lua_pushnumber(L, value);
    return 1;
}

static int field_held(lua_State *L, struct run *run)
{
    lua_newtable(L);
    lua_Integer count = 0;
    for (size_t j = 0; run_held(run) != NULL && j < run_size(run); j++)
        if (run_held(run)[j]) {
            lua_pushstring(L, objective_component(run_objective(run), j));
            lua_rawseti(L, -2, ++count);
        }
    return 1;
}

static int field_bounds(lua_State *L, struct run *run)
{
    lua_newtable(L);
    for (size_t j = 0; run_lower(run) != NULL && j < run_size(run); j++) {
        if (isinf(run_lower(run)[j]) && isinf(run_upper(run)[j]))
            continue;
        lua_createtable(L, 2, 0);
        lua_pushnumber(L, run_lower(run)[j]);
        lua_rawseti(L, -2, 1);
        lua_pushnumber(L, run_upper(run)[j]);
        lua_rawseti(L, -2, 2);
        lua_setfield(L, -2, objective_component(run_objective(run), j));
    }
    return 1;
}

static int field_goal(lua_State *L, struct run *run)
{
    if (run_goal_time(run) == 0)
        lua_pushnil(L);
    else
        lua_pushinteger(L, (lua_Integer)run_goal_time(run));
    return 1;
}

/* What the loss was made from; nil where there is none. */
static int field_model(lua_State *L, struct run *run)
{
    push_loss(L);
    if (objective_model(run_objective(run)) == NULL)
        lua_pushnil(L);
    else
        lua_getfield(L, -1, "model");
    return 1;
}

static int field_data(lua_State *L, struct run *run)
{
    push_loss(L);
    if (objective_dataset(run_objective(run)) == NULL)
        lua_pushnil(L);
    else
        lua_getfield(L, -1, "data");
    return 1;
}

static const struct {
    const char *name;
    int (*push)(lua_State *L, struct run *run);
} fields[] = {
    {"t", field_t},
    {"phi", field_phi},
    {"loss", field_loss},
    {"gradient", field_gradient},
    {"validation", field_validation},
    {"batch_loss", field_batch_loss},
    {"epoch_number", field_epoch_number},
    {"updates_per_epoch", field_updates_per_epoch},
    {"batch_indices", field_batch_indices},
    {"reason", field_reason},
    {"message", field_message},
    {"goal", field_goal},
    {"hold", field_held},
    {"bounds", field_bounds},
    {"objective", field_objective},
    {"optimizer", field_optimizer},
    {"evaluations", field_evaluations},
    {"seconds", field_seconds},
    {"trace", field_trace},
    {"model", field_model},
    {"data", field_data},
};
enum { FIELDS = sizeof fields / sizeof *fields };

static int run_field(lua_State *L)
{
    struct run *run = bind_run(L, 1, "the run");
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    for (size_t i = 0; i < FIELDS; i++)
        if (strcmp(key, fields[i].name) == 0)
            return fields[i].push(L, run);
    return 0;
}

/* Puts in the place of x at `index` the same in the units in which the run has seen its data. */
static void standardize_x(lua_State *L, int index, const struct dataset *data)
{
    if (lua_type(L, index) == LUA_TNUMBER && data->inputs == 1) {
        lua_pushnumber(L, (lua_tonumber(L, index) - data->x_shift[0]) / data->x_scale[0]);
        lua_replace(L, index);
        return;
    }
    const struct array *x = bind_array(L, index, "x");
    size_t inputs = data->inputs, columns = x->dimensions == 1 && inputs > 1 ? x->rows : x->cols;
    if (columns != inputs)
        return; /* the model says what is wrong */
    struct array *own = bind_array_new(L, x->dimensions, x->rows, x->cols);
    for (size_t i = 0; i < x->rows * x->cols; i++)
        own->data[i] = (x->data[i] - data->x_shift[i % inputs]) / data->x_scale[i % inputs];
    lua_replace(L, index);
}

/* A number that the model put out in standard units, as output `column`, in the data's own: a
 * logarithm of σ, behind the means, is moved by that of the unit. */
static double own_units(const struct dataset *data, size_t column, double value)
{
    size_t outputs = data->outputs;
    if (column >= outputs)
        return value + log(data->y_scale[(column - outputs) % outputs]);
    return value * data->y_scale[column] + data->y_shift[column];
}

/* r(x): the model's prediction at r.phi, in the units that the data had before standardizing. */
static int call_run(lua_State *L)
{
    struct run *run = bind_run(L, 1, "the run");
    lua_settop(L, 2);
    field_model(L, run);
    if (lua_isnil(L, -1))
        bind_refuse(L, NULL, "this run has no model to predict with: its loss has no data");
    const struct dataset *data = objective_dataset(run_objective(run));
    if (data->x_shift != NULL)
        standardize_x(L, 2, data);
    lua_pushvalue(L, 2);
    field_phi(L, run);
    lua_call(L, 2, 1);
    if (data->y_shift == NULL)
        return 1;
    if (lua_type(L, -1) == LUA_TNUMBER) {
        lua_pushnumber(L, own_units(data, 0, lua_tonumber(L, -1)));
        return 1;
    }
    struct array *f = bind_array(L, -1, "the prediction"); /* made for this call */
    const struct model *model = objective_model(run_objective(run));
    size_t columns = data->outputs + (size_t)model->spreads;
    for (size_t i = 0; i < f->rows * f->cols; i++)
        f->data[i] = own_units(data, i % columns, f->data[i]);
    return 1;
}

/* --- files, in Lua --------------------------------------------------------------------------- */

/* require("descent.saved")[name](...) */
static int call_saved(lua_State *L, const char *name)
{
    int count = lua_gettop(L);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "descent.saved");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, name);
    lua_insert(L, 1);
    lua_settop(L, count + 1);
    lua_call(L, count, 1);
    return 1;
}

static const struct argument file_arguments[] = {
    {.name = "file", .type = ARGUMENT_TEXT, .required = true, .summary = "its name"},
};

static const struct doc save_doc = {
    .name = "run:save",
    .signature = "r:save(file)",
    .summary = "Writes the run to a file, whole or not at all: its past, state, batches still to "
               "come and goal. Loaded and continued it equals a run that never stopped, to the "
               "last bit.",
    DOC_ARGUMENTS(file_arguments),
    .returns = "the run",
    .errors = "a file that cannot be written",
    .example =
        "L = loss.least_squares(model.gabor, data.gabor30)\n"
        "r = descend(L, optim.adam{alpha = 0.1}, {start = {-1.5, 8.5}, batch = 5, seed = 1})\n"
        "file = os.tmpname()\n"
        "r:step(10):save(file)\n"
        "again = run.load(file):step(10)\n"
        "os.remove(file)\n"
        "print(again.t, again.phi == r:step(10).phi)",
    .result = "20\ttrue",
};

static int save(lua_State *L)
{
    self(L);
    lua_settop(L, 2);
    if (lua_type(L, 2) != LUA_TSTRING)
        return bind_refuse(L, "run:save", "it needs the name of a file: r:save(\"run.descent\")");
    return call_saved(L, "save");
}

static const struct argument load_arguments[] = {
    {.name = "loss",
     .type = ARGUMENT_VALUE,
     .type_name = "loss",
     .default_text = "as it was",
     .summary = "given again where it holds a Lua function, or data or a model of one's own"},
    {.name = "optimizer",
     .type = ARGUMENT_VALUE,
     .type_name = "optimizer",
     .default_text = "as it was",
     .summary = "given again where it, or its alpha, is a Lua function"},
    {.name = "validation",
     .type = ARGUMENT_VALUE,
     .type_name = "data set or loss",
     .default_text = "none",
     .summary = "the validation data, which are not in the file"},
};

static const struct doc load_doc = {
    .name = "run.load",
    .signature = "run.load(file, {loss, optimizer, validation})",
    .summary = "The run that r:save wrote. What is a Lua function is given again. The loss must "
               "have the value that it had.",
    DOC_ARGUMENTS(load_arguments),
    .returns = "a run that stands where the saved one stood",
    .errors = "a file that is no saved run or is damaged, a function that is missing, another loss",
    .example = "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n"
               "file = os.tmpname()\n"
               "descend(L, optim.gd{alpha = 0.25}, {start = {4, 1}}):step(2):save(file)\n"
               "r = run.load(file, {loss = L})\n"
               "os.remove(file)\n"
               "print(r.t, r.phi)",
    .result = "2\t1  0",
};

static int load_run(lua_State *L)
{
    lua_settop(L, 2);
    if (lua_type(L, 1) != LUA_TSTRING)
        return bind_refuse(L, "run.load", "it needs the name of a file: %s", load_doc.signature);
    bind_options(L, 2, &load_doc, 0, NULL, NULL);
    return call_saved(L, "load");
}

/* --- opening --------------------------------------------------------------------------------- */

#define SETUP                                                       \
    "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n" \
    "r = descend(L, optim.gd{alpha = 0.25}, {start = {4, 1}})\n"

static const struct argument count_arguments[] = {
    {.name = "n",
     .type = ARGUMENT_INTEGER,
     .standard = 1,
     .minimum = 0,
     .maximum = 9007199254740992.0,
     .summary = "how many"},
};

static const struct argument time_arguments[] = {
    {.name = "t",
     .type = ARGUMENT_INTEGER,
     .required = true,
     .minimum = 0,
     .maximum = 9007199254740992.0,
     .summary = "the time: updates from the start"},
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

static const struct doc to_doc = {
    .name = "run:to",
    .signature = "r:to(t)",
    .summary = "Goes back or on to time t; t = 0 is the start.",
    DOC_ARGUMENTS(time_arguments),
    .returns = "the run",
    .example = SETUP "print(r:to(3).t, r:to(0).phi)",
    .result = "3\t4  1",
};

static const struct doc run_doc = {
    .name = "run",
    .signature = "r = descend(L, opt, {...}), r = fit(L, opt, {...})",
    .summary =
        "A fit as a value: it stands at a time t, the number of updates made, and goes forward "
        "and back.",
    .returns =
        "r.t, r.phi; r.loss and r.gradient, over all data at r.phi; r.batch_loss, what the last "
        "update's gradient came with; r.batch_indices, its examples (nil: all); r.epoch_number, "
        "the "
        "epoch of the last update; r.updates_per_epoch; r.reason, why it stopped, and r.message, "
        "how it diverged or why the rule finds no way on; r.goal, the last update that the goal "
        "allows; r.evaluations, how often L "
        "was asked for, and r.seconds, how long updates took; r.trace, the past; r.validation, the "
        "loss on the "
        "validation data; r.hold and r.bounds, the parameters that were held or bounded; "
        "r.objective, r.optimizer, r.model, r.data; r(x), the "
        "model's prediction at r.phi",
    .example = SETUP "r:step(2)\nprint(r.t, r.loss, r.evaluations.gradients)",
    .result = "2\t1.0\t2",
};

static const struct function methods[] = {
    {"step", step, &step_doc},
    {"epoch", epoch, &epoch_doc},
    {"back", back, &back_doc},
    {"to", to, &to_doc},
    {"converge", converge, &converge_doc},
    {"resume", resume, &resume_doc},
    {"fork", fork_run, &fork_doc},
    {"record", record, &record_doc},
    {"save", save, &save_doc},
};

void bind_open_run(lua_State *L)
{
    static const luaL_Reg meta[] = {{"__gc", free_run}, {"__call", call_run}, {NULL, NULL}};
    static const luaL_Reg hidden[] = {{"converge_all", converge_all}, {NULL, NULL}};
    static const struct function loading[] = {{"load", load_run, &load_doc}};
    static const struct function functions[] = {{"descend", descend, &descend_doc}};
    const char *names[FIELDS + 1];
    for (size_t i = 0; i < FIELDS; i++)
        names[i] = fields[i].name;
    names[FIELDS] = NULL;
    bind_functions(L, functions, 1);
    luaL_setfuncs(L, hidden, 0);
    lua_newtable(L);
    bind_functions(L, loading, 1);
    bind_namespace(L, &run_doc, NULL, NULL);
    lua_setfield(L, -2, "run");
    bind_open_saved(L);
    bind_open_export(L);
    bind_type(L, BIND_RUN, methods, sizeof methods / sizeof *methods, meta, run_field, names);
    luaL_getmetatable(L, BIND_RUN);
    bind_document(L, -1, &run_doc);
    lua_pop(L, 1);
    bind_open_trace(L);
}
