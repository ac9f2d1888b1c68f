/* SPDX-License-Identifier: GPL-3.0-or-later */
/* descend.c: descend(L, opt, {...}): reads where a run starts, its batches, what is held or
 * bounded, and makes it. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "bind/array.h"
#include "bind/loss.h"
#include "bind/optimizer.h"
#include "bind/parameters.h"
#include "bind/run.h"
#include "bind/text.h"
#include "objective/build.h"

/* --- the record ------------------------------------------------------------------------------ */

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
    [SEED] =
        {.name = "seed",
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
    char **names = bind_loss_components(L, objective);
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

/* --- the run --------------------------------------------------------------------------------- */

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

/* What one may write who knows race{L, ...} or fit is refused with the call that is meant. */
static void refuse_other_forms(lua_State *L)
{
    static const char *const goals[] = {"steps", "epochs", "gradient", "loss", "change", "seconds"};
    if (lua_type(L, 1) == LUA_TTABLE && lua_isnil(L, 2))
        bind_refuse(L, "descend",
                    "it takes a loss, an optimizer, and only then braces: "
                    "descend(L, opt, {start = ...})");
    for (size_t i = 0; lua_istable(L, 3) && i < sizeof goals / sizeof *goals; i++) {
        if (bind_field(L, 3, goals[i]))
            bind_refuse(L, "descend",
                        "a run has no goal, so there is no \"%s\" here: fit(L, opt, {%s = ...}) "
                        "goes to it, and so does r:converge{%s = ...}",
                        goals[i], goals[i], goals[i]);
    }
}

static int descend(lua_State *L)
{
    lua_settop(L, 3);
    refuse_other_forms(L);
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
    size_t bytes = bind_run_bytes(bind_context(L));
    BIND_ATTEMPT(L, &error, run_new(object, objective, optimizer, &options, &error));
    bind_run_weigh(L, bind_context(L), bytes);
    return 1;
}

void bind_open_descend(lua_State *L)
{
    static const struct function functions[] = {{"descend", descend, &descend_doc}};
    bind_functions(L, functions, 1);
}
