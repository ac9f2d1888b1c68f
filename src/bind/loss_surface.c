/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loss_surface.c: L:surface{...}, the loss over a grid of two parameters. */
#include <string.h>

#include "bind/loss_private.h"
#include "bind/parameters.h"
#include "bind/text.h"
#include "objective/build.h"

/* The range {a, b} in the field of that name, or of none. */
static bool range_field(lua_State *L, int table, const char *name, double range[2])
{
    if (lua_getfield(L, table, name) == LUA_TNIL) {
        lua_pop(L, 1);
        return false;
    }
    struct array *array = bind_vector(L, lua_gettop(L), 2, name);
    range[0] = array->data[0];
    range[1] = array->data[1];
    if (!(range[0] < range[1]))
        bind_refuse(L, NULL, "%s must be a range {from, to} with from below to", name);
    lua_pop(L, 1);
    return true;
}

static const struct argument surface_arguments[] = {
    {.name = "n",
     .type = ARGUMENT_INTEGER,
     .standard = 50,
     .minimum = 2,
     .maximum = 2000,
     .summary = "points along each parameter"},
    {.name = "phi",
     .type = ARGUMENT_ARRAY,
     .shape = "P",
     .summary = "where the other parameters are held"},
};
static const struct doc surface_doc = {
    .name = "loss:surface",
    .signature = "L:surface{phi0 = {a, b}, phi1 = {c, d}, n = 50, phi =}",
    .summary = "The loss over a grid of two parameters, named by their ranges.",
    DOC_ARGUMENTS(surface_arguments),
    .returns = "an array n×n: S(i, j), i along the earlier parameter of φ",
    .errors = "other than two ranges; phi missing where there are more than two parameters",
    .example = "L = loss.least_squares(model.line, data.line12)\n"
               "S = L:surface{phi0 = {0.6, 1}, phi1 = {-0.2, 1}, n = 2}\n"
               "print(string.format(\"%.6f\", S(1, 1)))",
    .result = "12.366904",
};
static int surface(lua_State *L)
{
    struct objective *objective = bind_loss(L, 1, NULL);
    size_t size = objective_size(objective), axes[2], found = 0;
    double ranges[2][2];
    lua_settop(L, 2);
    if (lua_type(L, 2) != LUA_TTABLE)
        return bind_refuse(L, NULL, "L:surface takes a table: %s", surface_doc.signature);
    lua_newtable(L); /* 3: what is not a range */
    for (lua_pushnil(L); lua_next(L, 2) != 0; lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        bool range = false;
        for (size_t i = 0; i < size; i++)
            range = range || strcmp(objective_component(objective, i), key) == 0;
        if (!range && lua_istable(L, -1) && *key != '\0' && strcmp(key, "phi") != 0) {
            lua_createtable(L, (int)size, 0);
            for (size_t i = 0; i < size; i++) {
                lua_pushstring(L, objective_component(objective, i));
                lua_rawseti(L, -2, (lua_Integer)i + 1);
            }
            const char *nearest = bind_nearest(L, key, -1, size);
            return bind_refuse(L, NULL, "L:surface: the loss has no parameter \"%s\"%s%s", key,
                               nearest != NULL ? "; did you mean " : "",
                               nearest != NULL ? nearest : "");
        }
        if (!range) {
            lua_pushvalue(L, -2);
            lua_pushvalue(L, -2);
            lua_settable(L, 3);
        }
    }
    for (size_t i = 0; i < size; i++) {
        double range[2];
        if (!range_field(L, 2, objective_component(objective, i), range))
            continue;
        if (found == 2)
            return bind_refuse(L, NULL, "a surface has two parameters; ranges for more are given");
        ranges[found][0] = range[0];
        ranges[found][1] = range[1];
        axes[found++] = i;
    }
    double values[2];
    bool given[2];
    bind_options(L, 3, &surface_doc, 0, values, given);
    if (found != 2)
        return bind_refuse(L, NULL,
                           "a surface needs the ranges of two parameters, such as %s = "
                           "{-1, 1}",
                           objective_component(objective, 0));
    if (!given[1] && size > 2)
        return bind_refuse(L, NULL,
                           "phi is missing: it says where the other %zu parameters are "
                           "held",
                           size - 2);
    size_t n = (size_t)values[0];
    struct array *phi = NULL;
    if (given[1]) {
        lua_getfield(L, 3, "phi");
        int index = lua_gettop(L); /* components_of pushes */
        phi = bind_parameters(L, index, bind_loss_components(L, objective), size, "phi");
    } else {
        phi = bind_array_new(L, 1, size, 1);
    }
    struct array *grid = bind_array_new(L, 2, 2, n);
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < n; i++)
            grid->data[k * n + i] = i == n - 1 ? ranges[k][1]
                                               : ranges[k][0] + (ranges[k][1] - ranges[k][0]) *
                                                                    (double)i / (double)(n - 1);
    struct array *result = bind_array_new(L, 2, n, n);
    struct error error;
    bind_check(L,
               objective_surface(objective, phi->data, axes[0], grid->data, n, axes[1],
                                 grid->data + n, n, result->data, &error),
               &error);
    return 1;
}

void bind_open_loss_surface(lua_State *L)
{
    static const struct function methods[] = {{"surface", surface, &surface_doc}};
    bind_methods(L, BIND_LOSS, methods, 1);
}
