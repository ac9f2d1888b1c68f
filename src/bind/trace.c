/* SPDX-License-Identifier: GPL-3.0-or-later */
/* r.trace: a column for each quantity, made when it is asked for. A column is kept until the run
 * moves, since `r.trace.loss[i]` in a loop asks for it at every turn; what is handed out is a copy.
 * The trace's user value is its run. */
#include <math.h>
#include <string.h>

#include "bind/loss.h"
#include "bind/run.h"
#include "bind/text.h"

static struct run *self(lua_State *L)
{
    bind_object(L, 1, BIND_TRACE, "the trace");
    lua_getiuservalue(L, 1, 1);
    struct run *run = bind_run(L, -1, "the trace's run");
    lua_pop(L, 1);
    return run;
}

void bind_trace_push(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    bind_new(L, BIND_TRACE, 1);
    lua_pushvalue(L, index);
    lua_setiuservalue(L, -2, 1);
}

/* --- columns --------------------------------------------------------------------------------- */

/* One number a row. */
static void fill_numbers(lua_State *L, struct run *run, struct objective *objective,
                         const char *name, double *values)
{
    struct error error;
    size_t rows = run_rows(run);
    for (size_t i = 0; i < rows; i++) {
        struct run_row row = run_row(run, i);
        switch (name[0]) {
        case 't': values[i] = (double)row.t; break;

        case 'b': values[i] = row.batch_loss; break;
        case 'a': values[i] = row.alpha; break;
        default: /* loss, validation */
            bind_check(L, objective_value(objective, row.phi, NULL, &values[i], &error), &error);
            if (context_take_interrupt(bind_context(L)))
                bind_check(L, error_set(&error, STATUS_INTERRUPTED, "", "interrupted"), &error);
        }
    }
}

static bool is_number(const char *name)
{
    return strcmp(name, "t") == 0 || strcmp(name, "batch_loss") == 0 ||
           strcmp(name, "alpha") == 0 || strcmp(name, "loss") == 0 ||
           strcmp(name, "validation") == 0;
}

/* Pushes the loss on the validation data, or nil. */
static bool push_validation(lua_State *L)
{
    lua_getiuservalue(L, 1, 1);
    bool given = bind_run_kept(L, -1, "validation") != LUA_TNIL;
    lua_remove(L, -2);
    return given;
}

/* Pushes a new column; false and nothing for a name that the run does not have. */
static bool push_column(lua_State *L, struct run *run, const char *name)
{
    size_t rows = run_rows(run), size = run_size(run);
    if (is_number(name)) {
        struct objective *objective = run_objective(run);
        if (strcmp(name, "validation") == 0) {
            if (!push_validation(L))
                return false;
            objective = bind_loss(L, -1, "validation");
            lua_pop(L, 1); /* the run keeps it */
        }
        fill_numbers(L, run, objective, name, bind_array_new(L, 1, rows, 1)->data);
        return true;
    }
    if (strcmp(name, "phi") == 0) {
        struct array *array = bind_array_new(L, 2, rows, size);
        for (size_t i = 0; i < rows; i++)
            memcpy(array->data + i * size, run_row(run, i).phi, size * sizeof(double));
        return true;
    }
    struct array *array = bind_array_new(L, 2, rows, size);
    struct error error;
    enum status status = run_column(run, name, array->data, &error);
    if (status == STATUS_ARGUMENT) {
        lua_pop(L, 1);
        return false;
    }
    bind_check(L, status, &error);
    if (run_column_is_number(run, name)) {
        double *numbers = bind_array_new(L, 1, rows, 1)->data;
        for (size_t i = 0; i < rows; i++)
            numbers[i] = array->data[i * size];
        lua_remove(L, -2);
    }
    return true;
}

static void push_copy(lua_State *L, int index)
{
    const struct array *array = bind_test(L, index, BIND_ARRAY);
    struct array *copy = bind_array_new(L, array->dimensions, array->rows, array->cols);
    memcpy(copy->data, array->data, array->rows * array->cols * sizeof *copy->data);
}

/* Pushes the table of columns that belong to where the run stands. */
static void push_cache(lua_State *L, const struct run *run)
{
    lua_getiuservalue(L, 1, 1);
    lua_getiuservalue(L, -1, 1);
    lua_remove(L, -2); /* the run's user value */
    lua_Integer version = (lua_Integer)run_version(run);
    if (lua_getfield(L, -1, "cache") == LUA_TTABLE) {
        lua_getfield(L, -1, "version");
        bool current = lua_tointeger(L, -1) == version;
        lua_pop(L, 1);
        if (current) {
            lua_remove(L, -2);
            return;
        }
    }
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushinteger(L, version);
    lua_setfield(L, -2, "version");
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "cache");
    lua_remove(L, -2);
}

static const char *const columns[] = {"t",          "phi",   "loss",    "validation",
                                      "batch_loss", "alpha", "gradient"};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* The list of the columns that this run has. */
static void push_names(lua_State *L, const struct run *run)
{
    const struct optimizer *optimizer = run_optimizer(run);
    const struct rule *rule = optimizer->rule;
    lua_Integer count = 0;
    bool validated = push_validation(L);
    lua_pop(L, 1);
    lua_createtable(L, COLUMNS + (int)rule->term_count, 0);
    for (size_t i = 0; i < COLUMNS; i++) {
        if (strcmp(columns[i], "validation") == 0 && !validated)
            continue;
        lua_pushstring(L, columns[i]);
        lua_rawseti(L, -2, ++count);
    }
    for (size_t i = 0; i + 1 < rule->term_count; i++) { /* the last one is phi */
        const char *equation = optimizer_equation(optimizer, i);
        if ((equation != NULL && equation[0] == '\0') || is_number(rule->terms[i].name))
            continue;
        lua_pushstring(L, rule->terms[i].name);
        lua_rawseti(L, -2, ++count);
    }
}

/* Says why there is no column where other runs have one. */
static void refuse_column(lua_State *L, const struct run *run, const char *name)
{
    if (strcmp(name, "validation") == 0)
        bind_refuse(L, NULL,
                    "this run has no validation data; give them to descend or fit, as "
                    "validation = d");
    for (size_t i = 0; i < optimizer_rule_count; i++)
        for (size_t term = 0; term < optimizer_rules[i]->term_count; term++)
            if (strcmp(optimizer_rules[i]->terms[term].name, name) == 0)
                bind_refuse(L, NULL,
                            "the rule of this run, %s with its settings, has no term \"%s\"; "
                            "r.trace.names lists what there is",
                            run_optimizer(run)->rule->doc.name, name);
}

static int trace_field(lua_State *L)
{
    struct run *run = self(L);
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (strcmp(name, "names") == 0) {
        push_names(L, run);
        return 1;
    }
    push_cache(L, run);
    if (lua_getfield(L, -1, name) != LUA_TUSERDATA) {
        lua_pop(L, 1);
        if (!push_column(L, run, name)) {
            refuse_column(L, run, name);
            return 0;
        }
        lua_pushvalue(L, -1);
        lua_setfield(L, -3, name);
    }
    push_copy(L, -1);
    return 1;
}

static int trace_length(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)run_rows(self(L)));
    return 1;
}

/* --- opening --------------------------------------------------------------------------------- */

static const struct doc history_doc = {
    .name = "history",
    .signature = "r.trace",
    .summary = "What a run went through: a column for each quantity, with row t + 1 for time t.",
    .returns = "phi and loss, over all data, at each time; validation, the loss on the validation "
               "data; batch_loss, gradient and alpha, what "
               "each update "
               "used; every term of the rule by its name (m, v, ...); t, the times: a long run "
               "keeps every "
               "second row, every fourth, ...; names, the list of the columns; #r.trace, the rows. "
               "Row 1 is "
               "the start: what only an update has is nan there.",
    .example = "L = loss(function(phi0, phi1) return phi0^2 + 2*phi1^2 end)\n"
               "r = descend(L, optim.momentum{alpha = 0.25, beta = 0.5}, {start = {4, 1}})\n"
               "r:step(2)\n"
               "print(r.trace.loss)\n"
               "print(r.trace.m)",
    .result = "18  9.5  3.0625\n0  0\n4  2\n5  2",
};

enum { FIELDS = 64 };

void bind_open_trace(lua_State *L)
{
    static const luaL_Reg meta[] = {{"__len", trace_length}, {NULL, NULL}};
    const char *fields[FIELDS] = {"names"};
    size_t count = 1;
    for (size_t i = 0; i < COLUMNS; i++)
        fields[count++] = columns[i];
    for (size_t i = 0; i < optimizer_rule_count; i++)
        for (size_t term = 0; term < optimizer_rules[i]->term_count; term++) {
            const char *name = optimizer_rules[i]->terms[term].name;
            size_t known = 0;
            while (known < count && strcmp(fields[known], name) != 0)
                known++;
            if (known == count && count + 1 < FIELDS)
                fields[count++] = name;
        }
    bind_type(L, BIND_TRACE, NULL, 0, meta, trace_field, fields);
    luaL_getmetatable(L, BIND_TRACE);
    bind_document(L, -1, &history_doc);
    lua_pop(L, 1);
}
