/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loss_sum.c: the arithmetic of losses and penalties: 0.5*L1 + L2 - L3/4 + 0.1*penalty.l2. */
#include <string.h>

#include "bind/loss_private.h"
#include "bind/text.h"
#include "objective/build.h"

/* The title, in parentheses where it is a sum. */
static void push_factor_title(lua_State *L, int index)
{
    bind_loss_push_title(L, index);
    if (strstr(lua_tostring(L, -1), " + ") || strstr(lua_tostring(L, -1), " - ")) {
        lua_pushfstring(L, "(%s)", lua_tostring(L, -1));
        lua_remove(L, -2);
    }
}

/* Keeps what the sum on top of the stack is made of: terms = {{coefficient =, loss =}, ...} and
 * penalty. */
static void set_terms(lua_State *L, const struct objective_term *terms, const int *losses,
                      size_t count, int penalty)
{
    lua_getiuservalue(L, -1, 1);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_createtable(L, 0, 2);
        lua_pushnumber(L, terms[i].coefficient);
        lua_setfield(L, -2, "coefficient");
        lua_pushvalue(L, losses[i]);
        lua_setfield(L, -2, "loss");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "terms");
    if (penalty) {
        lua_pushvalue(L, penalty);
        lua_setfield(L, -2, "penalty");
    }
    lua_pop(L, 1);
}

/* Pushes Σ coefficient·L + penalty (0: none) of the values at these indices, under the title on top
 * of the stack. */
static int push_sum(lua_State *L, const struct objective_term *terms, const int *losses,
                    size_t count, int penalty)
{
    int title = lua_gettop(L), model = 0, data = 0;
    for (size_t i = 0; i < count && !data; i++) {
        lua_getiuservalue(L, losses[i], 1);
        lua_getfield(L, -1, "model");
        lua_getfield(L, -2, "data");
        model = lua_isnil(L, -1) ? 0 : lua_gettop(L) - 1;
        data = lua_isnil(L, -1) ? 0 : lua_gettop(L);
    }
    struct bound_loss *bound = bind_loss_new(L, model, data);
    struct error error;
    bind_check(L,
               objective_sum(&bound->objective, terms, count,
                             penalty ? bind_penalty(L, penalty) : NULL, &error),
               &error);
    set_terms(L, terms, losses, count, penalty);
    lua_pushvalue(L, title);
    bind_loss_set_title(L);
    return 1;
}

/* factor·(the loss or penalty at index) under the title on top of the stack. */
static int push_scaled(lua_State *L, int index, double factor)
{
    struct penalty *penalty = bind_penalty(L, index);
    if (penalty)
        return bind_penalty_push_scaled(L, penalty, factor);
    struct objective_term term = {factor, bind_loss(L, index, "loss")};
    return push_sum(L, &term, &index, 1, 0);
}

static bool is_term(lua_State *L, int index)
{
    return bind_test(L, index, BIND_LOSS) || bind_penalty(L, index);
}

/* L + 3 and the like: a constant moves no minimum, and is more likely a mistake. */
static int refuse_operand(lua_State *L, const char *operation)
{
    int other = is_term(L, 1) ? 2 : 1;
    return bind_refuse(L, NULL,
                       "a loss and %s cannot be %s; losses and penalties are added to each other "
                       "and multiplied by numbers: 0.5*L1 + L2 + 0.1*penalty.l2",
                       bind_describe(L, other), operation);
}

static int add_or_subtract(lua_State *L, double sign)
{
    if (!is_term(L, 1) || !is_term(L, 2))
        return refuse_operand(L, sign > 0 ? "added" : "subtracted");
    struct penalty *a = bind_penalty(L, 1), *b = bind_penalty(L, 2);
    bind_loss_push_title(L, 1);
    sign > 0 ? bind_loss_push_title(L, 2) : push_factor_title(L, 2);
    lua_pushfstring(L, "%s %s %s", lua_tostring(L, -2), sign > 0 ? "+" : "-", lua_tostring(L, -1));
    int title = lua_gettop(L);
    int penalty = a ? 1 : b ? 2 : 0;
    if (b && sign < 0) {
        bind_penalty_push_scaled(L, b, -1);
        penalty = a ? 1 : lua_gettop(L);
        b = bind_penalty(L, -1);
    }
    if (a && b)
        return bind_penalty_push_sum(L, a, b);
    lua_pushvalue(L, title);
    struct objective_term terms[2];
    int losses[2];
    size_t count = 0;
    for (int i = 1; i <= 2; i++)
        if (!(i == 1 ? a : b)) {
            terms[count] = (struct objective_term){i == 1 ? 1 : sign, bind_loss(L, i, "loss")};
            losses[count++] = i;
        }
    return push_sum(L, terms, losses, count, penalty);
}

static int add(lua_State *L)
{
    return add_or_subtract(L, 1);
}

static int subtract(lua_State *L)
{
    return add_or_subtract(L, -1);
}

static int multiply(lua_State *L)
{
    int number = lua_type(L, 1) == LUA_TNUMBER ? 1 : 2;
    if (lua_type(L, number) != LUA_TNUMBER)
        return refuse_operand(L, "multiplied");
    double factor = bind_number(L, number, "the factor of a loss");
    const char *text = bind_number_text(L, factor);
    push_factor_title(L, 3 - number);
    lua_pushfstring(L, "%s*%s", text, lua_tostring(L, -1));
    return push_scaled(L, 3 - number, factor);
}

static int divide(lua_State *L)
{
    if (lua_type(L, 2) != LUA_TNUMBER)
        return refuse_operand(L, "divided");
    double divisor = bind_number(L, 2, "the divisor of a loss");
    if (divisor == 0)
        return bind_refuse(L, NULL, "a loss cannot be divided by 0");
    const char *text = bind_number_text(L, divisor);
    push_factor_title(L, 1);
    lua_pushfstring(L, "%s/%s", lua_tostring(L, -1), text);
    return push_scaled(L, 1, 1 / divisor);
}

static int negate(lua_State *L)
{
    push_factor_title(L, 1);
    lua_pushfstring(L, "-%s", lua_tostring(L, -1));
    return push_scaled(L, 1, -1);
}

const luaL_Reg bind_loss_arithmetic[] = {{"__add", add},      {"__sub", subtract},
                                         {"__mul", multiply}, {"__div", divide},
                                         {"__unm", negate},   {NULL, NULL}};
