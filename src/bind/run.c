/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.c: a run as a value: the object, its fields, and r(x). Its first user value is a table of
 * what it keeps: the loss, the validation loss, the columns of its trace; the second a guess that
 * is to be scored after the next move (guess.lua). */
#include "bind/run.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "bind/loss.h"
#include "bind/optimizer.h"
#include "objective/build.h"

struct object {
    struct run *run;
    struct bind_caller *caller; /* of the Lua state: kept by its registry */
};

struct run *bind_run(lua_State *L, int index, const char *argument)
{
    struct object *object = bind_object(L, index, BIND_RUN, argument);
    object->caller->L = L;
    return object->run;
}

size_t bind_run_bytes(const struct context *context)
{
    return atomic_load_explicit(&context->memory.bytes, memory_order_relaxed);
}

void bind_run_weigh(lua_State *L, const struct context *context, size_t bytes_before)
{
    size_t now = bind_run_bytes(context),
           kilobytes = now > bytes_before ? (now - bytes_before) / 1024 : 0;
    if (kilobytes > 0 && lua_gc(L, LUA_GCISRUNNING))
        lua_gc(L, LUA_GCSTEP, kilobytes < INT_MAX ? (int)kilobytes : INT_MAX);
}

int bind_run_kept(lua_State *L, int index, const char *name)
{
    lua_getiuservalue(L, index, 1);
    int type = lua_getfield(L, -1, name);
    lua_remove(L, -2);
    return type;
}

struct run **bind_run_new(lua_State *L, int loss, int validation)
{
    loss = lua_absindex(L, loss);
    validation = lua_absindex(L, validation);
    struct object *object = lua_newuserdatauv(L, sizeof *object, 2);
    *object = (struct object){.caller = bind_caller(L)};
    luaL_setmetatable(L, BIND_RUN);
    lua_createtable(L, 0, 3);
    lua_pushvalue(L, loss);
    lua_setfield(L, -2, "loss");
    lua_pushvalue(L, validation);
    lua_setfield(L, -2, "validation");
    lua_setiuservalue(L, -2, 1);
    return &object->run;
}

static int free_run(lua_State *L)
{
    struct run **object = lua_touserdata(L, 1);
    run_release(*object);
    *object = NULL;
    return 0;
}

/* --- fields ---------------------------------------------------------------------------------- */

static int field_phi(lua_State *L, struct run *run)
{
    bind_push_vector(L, run_phi(run), run_size(run));
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
        bind_push_indices(L, indices, count);
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
    bind_run_kept(L, 1, "loss");
    return 1;
}

static int field_optimizer(lua_State *L, struct run *run)
{
    bind_optimizer_push(L, run_optimizer(run));
    return 1;
}

static int field_evaluations(lua_State *L, struct run *run)
{
    bind_loss_push_counts(L, run_counts(run));
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

static int field_validation(lua_State *L, struct run *run)
{
    double value;
    struct error error;
    if (bind_run_kept(L, 1, "validation") == LUA_TNIL)
        return 1;
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
    bind_run_kept(L, 1, "loss");
    if (objective_model(run_objective(run)) == NULL)
        lua_pushnil(L);
    else
        lua_getfield(L, -1, "model");
    return 1;
}

static int field_data(lua_State *L, struct run *run)
{
    bind_run_kept(L, 1, "loss");
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
    if (column < data->outputs)
        return value * data->y_scale[column] + data->y_shift[column];
    return value + log(data->y_scale[column - data->outputs]);
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

/* --- opening --------------------------------------------------------------------------------- */

const struct doc bind_run_doc = {
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
        "model's prediction at r.phi, for x in the units that the data had before standardize",
    .example = "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n"
               "r = descend(L, optim.gd{alpha = 0.25}, {start = {4, 1}})\n"
               "r:step(2)\nprint(r.t, r.loss, r.evaluations.gradients)",
    .result = "2\t1.0\t2",
};

void bind_open_run(lua_State *L)
{
    static const luaL_Reg meta[] = {{"__gc", free_run}, {"__call", call_run}, {NULL, NULL}};
    const char *names[FIELDS + 1];
    for (size_t i = 0; i < FIELDS; i++)
        names[i] = fields[i].name;
    names[FIELDS] = NULL;
    bind_open_descend(L);
    bind_type(L, BIND_RUN, NULL, 0, meta, run_field, names);
    bind_open_run_move(L);
    bind_open_run_goal(L);
    bind_open_run_record(L);
    bind_open_saved(L);
    bind_open_export(L);
    luaL_getmetatable(L, BIND_RUN);
    bind_document(L, -1, &bind_run_doc);
    lua_pop(L, 1);
    bind_open_trace(L);
}
