/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bind/parameters.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bind/text.h"

/* "W[3,1]" belongs to the block W. */
static size_t block_length(const char *component)
{
    return strcspn(component, "[");
}

static bool in_block(const char *component, const char *block, size_t length)
{
    return block_length(component) == length && strncmp(component, block, length) == 0;
}

static void refuse_name(lua_State *L, const char *argument, const char *given,
                        char *const *components, size_t size)
{
    lua_newtable(L);
    lua_Integer count = 0;
    for (size_t i = 0; i < size; i++) {
        if (i > 0 && in_block(components[i], components[i - 1], block_length(components[i])))
            continue;
        lua_pushlstring(L, components[i], block_length(components[i]));
        lua_rawseti(L, -2, ++count);
    }
    const char *nearest = bind_nearest(L, given, -1, (size_t)count);
    if (nearest)
        bind_refuse(L, NULL, "%s has no parameter \"%s\"; did you mean %s?", argument, given,
                    nearest);
    bind_refuse(L, NULL, "%s has no parameter \"%s\"; the first is %s", argument, given,
                size > 0 ? components[0] : "not there");
}

/* Sets what stands under `name` (its value is on top of the stack). */
static void set_by_name(lua_State *L, const char *argument, const char *name, double *phi,
                        char *const *components, size_t size)
{
    size_t first = 0, length = strlen(name), count = 0;
    while (first < size && strcmp(components[first], name) != 0 &&
           !in_block(components[first], name, length))
        first++;
    if (first == size)
        refuse_name(L, argument, name, components, size);
    if (strcmp(components[first], name) == 0 && lua_type(L, -1) == LUA_TNUMBER) {
        phi[first] = bind_number(L, -1, name);
        return;
    }
    while (first + count < size && in_block(components[first + count], name, length))
        count++;
    struct array *values = bind_array(L, lua_gettop(L), name);
    if (values->rows * values->cols != count)
        bind_refuse(L, NULL, "%s: %s has %zu numbers, not %zu", argument, name, count,
                    values->rows * values->cols);
    memcpy(phi + first, values->data, count * sizeof *phi);
}

static bool has_names(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TTABLE)
        return false;
    for (lua_pushnil(L); lua_next(L, index) != 0;) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING) {
            lua_pop(L, 1);
            return true;
        }
    }
    return false;
}

struct array *bind_parameters(lua_State *L, int index, char *const *components, size_t size,
                              const char *argument)
{
    index = lua_absindex(L, index);
    if (!has_names(L, index)) {
        if (lua_isnoneornil(L, index))
            bind_refuse(L, NULL, "%s is missing: give %zu number%s", argument, size,
                        size == 1 ? "" : "s");
        struct array *given = bind_vector(L, index, SIZE_MAX, argument);
        if (given->rows * given->cols != size)
            bind_refuse(L, NULL, "%s needs %zu number%s (%s%s%s), not %zu", argument, size,
                        size == 1 ? "" : "s", size > 0 ? components[0] : "",
                        size > 2    ? ", ..., "
                        : size == 2 ? ", "
                                    : "",
                        size > 1 ? components[size - 1] : "", given->rows * given->cols);
        for (size_t j = 0; j < size; j++)
            if (isnan(given->data[j]))
                bind_refuse(L, NULL,
                            "%s: %s is nan, not a number; where updates led there, an earlier one "
                            "went too far",
                            argument, components[j]);
        return given;
    }
    struct array *phi = bind_array_new(L, 1, size, 1);
    for (size_t i = 0; i < size; i++)
        phi->data[i] = NAN;
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            bind_refuse(L, NULL, "%s mixes names and positions; use one of the two", argument);
        set_by_name(L, argument, lua_tostring(L, -2), phi->data, components, size);
    }
    for (size_t i = 0; i < size; i++)
        if (isnan(phi->data[i]))
            bind_refuse(L, NULL, "%s lacks %s", argument, components[i]);
    lua_replace(L, index);
    return phi;
}

void bind_push_named(lua_State *L, const double *phi, char *const *components, size_t size)
{
    lua_newtable(L);
    for (size_t i = 0; i < size;) {
        size_t length = block_length(components[i]), count = 1;
        if (components[i][length] == '\0') {
            lua_pushnumber(L, phi[i]);
        } else {
            while (i + count < size && in_block(components[i + count], components[i], length))
                count++;
            const char *comma = strchr(components[i + count - 1], ',');
            size_t columns = comma ? strtoul(comma + 1, NULL, 10) : 1;
            struct array *block = bind_array_new(L, columns > 1 || comma ? 2 : 1, count / columns,
                                                 columns);
            memcpy(block->data, phi + i, count * sizeof *phi);
        }
        lua_pushlstring(L, components[i], length);
        lua_insert(L, -2);
        lua_settable(L, -3);
        i += count;
    }
}

static int size_at(lua_State *L, int table, int index, const char *name)
{
    lua_rawgeti(L, table, index);
    int size = lua_isnil(L, -1) ? 0 : (int)bind_integer(L, -1, name, 1, 1000000);
    lua_pop(L, 1);
    return size;
}

/* 8 is a vector, {8, 2} a matrix; 1 a number. */
static struct parameter_spec read_spec(lua_State *L, const char *name, int value, int first)
{
    struct parameter_spec spec = {name, {1, 1}, START_ZERO};
    if (lua_type(L, value) == LUA_TTABLE) {
        int rows = size_at(L, value, first, name), cols = size_at(L, value, first + 1, name);
        spec.shape.rows = rows ? rows : 1;
        spec.shape.cols = cols ? cols : 1;
        spec.start = cols ? START_WEIGHTS : START_ZERO;
    } else {
        spec.shape.rows = (int)bind_integer(L, value, name, 1, 1000000);
    }
    if ((long long)spec.shape.rows * spec.shape.cols > 100000000)
        bind_refuse(L, "parameters", "%s has more than 100 million numbers", name);
    return spec;
}

struct parameter_spec *bind_parameter_specs(lua_State *L, int index, int *count)
{
    index = lua_absindex(L, index);
    if (lua_type(L, index) != LUA_TTABLE)
        bind_refuse(L, NULL, "parameters must be a table such as {W = {8, 1}, b = 8}, not %s",
                    bind_describe(L, index));
    int total = 0;
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1))
        total++;
    if (total == 0)
        bind_refuse(L, NULL, "parameters is empty; a model needs at least one");
    struct parameter_spec *specs = lua_newuserdatauv(L, (size_t)total * sizeof *specs, 0);
    bool list = lua_rawlen(L, index) == (lua_Unsigned)total;
    int place = 0;
    if (list) {
        for (int i = 1; i <= total; i++, place++) {
            lua_rawgeti(L, index, i);
            if (lua_type(L, -1) != LUA_TTABLE || lua_rawgeti(L, -1, 1) != LUA_TSTRING)
                bind_refuse(L, NULL, "parameters: entry %d must be {\"name\", rows[, columns]}", i);
            const char *name = lua_tostring(L, -1);
            lua_pop(L, 1);
            specs[place] = read_spec(L, name, lua_gettop(L), 2);
            lua_pop(L, 1); /* the name is kept by the table */
        }
    } else {
        for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
            if (lua_type(L, -2) != LUA_TSTRING)
                bind_refuse(L, NULL,
                            "parameters mixes names and positions; write {W = {8, 1}} or "
                            "{{\"W\", 8, 1}}");
            struct parameter_spec spec = read_spec(L, lua_tostring(L, -2), lua_gettop(L), 1);
            int at = place++;
            while (at > 0 && strcmp(specs[at - 1].name, spec.name) > 0) {
                specs[at] = specs[at - 1];
                at--;
            }
            specs[at] = spec;
        }
    }
    *count = total;
    return specs;
}

struct parameter_spec *bind_argument_specs(lua_State *L, int function, int skip, const char *what,
                                           int *count)
{
    lua_Debug frame;
    lua_pushvalue(L, function);
    lua_getinfo(L, ">uS", &frame);
    if (frame.isvararg || strcmp(frame.what, "C") == 0)
        bind_refuse(L, NULL,
                    "%s needs a Lua function with named arguments: they become the names "
                    "of the parameters",
                    what);
    if (frame.nparams <= skip)
        bind_refuse(L, NULL,
                    skip == 1 ? "%s needs parameters: function(x, phi0, phi1) ... end"
                              : "%s needs parameters: function(phi0, phi1) ... end",
                    what);
    *count = frame.nparams - skip;
    struct parameter_spec *specs = lua_newuserdatauv(L, (size_t)*count * sizeof *specs, 0);
    for (int i = 0; i < *count; i++) {
        lua_pushvalue(L, function);
        specs[i] = (struct parameter_spec){
            lua_getlocal(L, NULL, i + 1 + skip), {1, 1}, START_NORMAL};
    }
    return specs;
}
