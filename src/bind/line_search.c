/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line_search(f, {...}): the bracket of optim.line_search for a function of one variable. */
#include <math.h>

#include "bind/optimizer.h"
#include "bind/text.h"
#include "optimizer/bracket.h"

enum { FROM, TO, ROUNDS, THRESHOLD, POINTS, OPTIONS };

static const struct argument arguments[] = {
    [FROM] = {.name = "from", .type = ARGUMENT_NUMBER, .summary = "the first point, a"},
    [TO] = {.name = "to", .type = ARGUMENT_NUMBER, .standard = 1, .summary = "the last point, d"},
    [ROUNDS] = {.name = "rounds",
                .type = ARGUMENT_INTEGER,
                .standard = 10,
                .minimum = 1,
                .maximum = 1e6,
                .summary = "rounds at most; each evaluates f at all four points"},
    [THRESHOLD] = {.name = "threshold",
                   .type = ARGUMENT_NUMBER,
                   .standard = 1e-4,
                   .minimum = 0,
                   .maximum = INFINITY,
                   .summary = "ends when c − b is at most this"},
    [POINTS] = {.name = "points",
                .type = ARGUMENT_ARRAY,
                .shape = "2",
                .standard = NAN,
                .default_text = "{0.33, 0.66}",
                .summary = "where the first b and c lie, as shares of the way from a to d"},
};

static const struct doc line_search_doc = {
    .name = "line_search",
    .signature = "line_search(f, {from, to, rounds, threshold, points})",
    .summary = "The minimum of a function of one variable by four points a < b < c < d: with a "
               "lowest their distances from a halve; with b below c, d becomes c, else a becomes "
               "b, and the new b and c lie at the thirds. nan and inf count as too far.",
    DOC_ARGUMENTS(arguments),
    .returns = "the place (b + c)/2, f there, and the rounds: a list of {a, b, c, d, values = the "
               "four of f, rule = what was done}",
    .errors = "to not above from, points that are not rising between 0 and 1, f that gives no "
              "number",
    .source = "Prince 2023, Understanding Deep Learning, appendix B and notebook 6.1",
    .example = "f = function(x)\n"
               "    return 1 - 0.5*exp(-(x - 0.65)^2/0.1) - 0.45*exp(-(x - 0.35)^2/0.02)\n"
               "end\n"
               "place, value, rounds = line_search(f)\n"
               "print((\"%.6f %.6f\"):format(place, value), #rounds, rounds[1].rule)",
    .result = "0.383231 0.328758\t10\tb below c: drop d",
};

/* The function at index 1 at x. */
static double value_at(lua_State *L, double x)
{
    lua_pushvalue(L, 1);
    lua_pushnumber(L, x);
    lua_call(L, 1, 1);
    if (lua_type(L, -1) != LUA_TNUMBER) {
        const char *given = bind_describe(L, -1);
        bind_refuse(L, "line_search", "f must give a number, not %s, at %s", given,
                    bind_number_text(L, x));
    }
    double value = lua_tonumber(L, -1);
    lua_pop(L, 1);
    return value;
}

static void set_number(lua_State *L, const char *key, double value)
{
    lua_pushnumber(L, value);
    lua_setfield(L, -2, key);
}

/* Adds the round to the list on top of the stack, and makes it. */
static void make_round(lua_State *L, lua_Integer number, struct bracket *bracket)
{
    const double places[] = {bracket->a, bracket->b, bracket->c, bracket->d};
    static const char *const names[] = {"a", "b", "c", "d"};
    double values[4];
    lua_createtable(L, 0, 6);
    lua_createtable(L, 4, 0);
    for (int i = 0; i < 4; i++) {
        values[i] = value_at(L, places[i]);
        lua_pushnumber(L, values[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "values");
    for (int i = 0; i < 4; i++)
        set_number(L, names[i], places[i]);
    lua_pushstring(L, bracket_rule_text(bracket_narrow(bracket, values)));
    lua_setfield(L, -2, "rule");
    lua_rawseti(L, -2, number);
}

static int line_search(lua_State *L)
{
    lua_settop(L, 2);
    if (lua_type(L, 1) != LUA_TFUNCTION && luaL_getmetafield(L, 1, "__call") == LUA_TNIL)
        return bind_refuse(L, "line_search", "the first argument must be a function, not %s",
                           bind_describe(L, 1));
    lua_settop(L, 2);
    double values[OPTIONS], shares[] = {0.33, 0.66};
    bind_options(L, 2, &line_search_doc, 0, values, NULL);
    if (bind_field(L, 2, "points")) {
        const struct array *points = bind_vector(L, -1, 2, "line_search: points");
        shares[0] = points->data[0];
        shares[1] = points->data[1];
    }
    if (!(values[TO] > values[FROM]))
        return bind_refuse(L, "line_search", "to must be above from");
    if (!(shares[0] > 0 && shares[1] > shares[0] && shares[1] < 1))
        return bind_refuse(L, "line_search", "points must rise between 0 and 1, as {0.33, 0.66}");
    const double width = values[TO] - values[FROM];
    struct bracket bracket = {values[FROM], values[FROM] + shares[0] * width,
                              values[FROM] + shares[1] * width, values[TO]};
    lua_newtable(L);
    const int rounds = lua_gettop(L);
    for (lua_Integer round = 1;
         round <= (lua_Integer)values[ROUNDS] && !bracket_is_narrow(&bracket, values[THRESHOLD]);
         round++)
        make_round(L, round, &bracket);
    lua_pushnumber(L, bracket_place(&bracket));
    lua_pushnumber(L, value_at(L, bracket_place(&bracket)));
    lua_pushvalue(L, rounds);
    return 3;
}

void bind_open_line_search(lua_State *L)
{
    static const struct function functions[] = {{"line_search", line_search, &line_search_doc}};
    bind_functions(L, functions, 1);
}
