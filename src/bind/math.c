/* SPDX-License-Identifier: GPL-3.0-or-later */
/* math.c: functions of numbers, arrays and symbols alike: the words of models and losses. */
#include <math.h>
#include <string.h>

#include "bind/array.h"
#include "bind/bind.h"
#include "bind/symbol.h"
#include "bind/text.h"
#include "graph/graph.h"

static const struct argument x_argument[] = {
    {.name = "x", .type = ARGUMENT_ARRAY, .shape = "any", .required = true,
     .summary = "a number, an array, or a symbol inside a model"},
};
static const struct argument pair_arguments[] = {
    {.name = "a", .type = ARGUMENT_ARRAY, .shape = "any", .required = true,
     .summary = "a number, an array, or a symbol inside a model"},
    {.name = "b", .type = ARGUMENT_ARRAY, .shape = "a's, or a number", .required = true,
     .summary = "the same"},
};

/* --- one argument --- */

static int apply(lua_State *L, enum primitive primitive)
{
    if (lua_gettop(L) != 1)
        return bind_refuse(L, NULL, "%s takes one argument, not %d", primitive_name(primitive),
                           lua_gettop(L));
    if (symbol_apply(L, primitive, 1))
        return 1;
    if (lua_type(L, 1) == LUA_TNUMBER) {
        lua_pushnumber(L, primitive_value(primitive, lua_tonumber(L, 1), 0));
        return 1;
    }
    struct operand operand;
    const struct array *array = bind_operand(L, 1, &operand, primitive_name(primitive));
    struct array *result = bind_array_new(L, array->dimensions, array->rows, array->cols);
    for (size_t i = 0; i < array->rows * array->cols; i++)
        result->data[i] = primitive_value(primitive, array->data[i], 0);
    return 1;
}

/* name, primitive, what it is, example, result */
#define FUNCTIONS(F)                                                                               \
    F(sin, SIN, "the sine; x in radians", "print(sin({0, pi/2}))", "0  1")                         \
    F(cos, COS, "the cosine; x in radians", "print(cos(0))", "1.0")                                \
    F(tan, TAN, "the tangent; x in radians", "print(tan(0))", "0.0")                               \
    F(asin, ASIN, "the inverse of sin, in radians; NaN outside [-1, 1]", "print(asin(0))", "0.0")  \
    F(acos, ACOS, "the inverse of cos, in radians; NaN outside [-1, 1]", "print(acos(1))", "0.0")  \
    F(atan, ATAN, "the inverse of tan, in radians", "print(atan(0))", "0.0")                       \
    F(sinh, SINH, "the hyperbolic sine", "print(sinh(0))", "0.0")                                  \
    F(cosh, COSH, "the hyperbolic cosine", "print(cosh(0))", "1.0")                                \
    F(tanh, TANH, "the hyperbolic tangent", "print(tanh({-1, 0, 1}))",                             \
      "-0.7615942  0  0.7615942")                                                                  \
    F(exp, EXP, "e to the power x", "print(exp({0, 1}))", "1  2.718282")                           \
    F(log, LOG, "the natural logarithm; NaN below 0, -inf at 0", "print(log({1, 10}))",            \
      "0  2.302585")                                                                               \
    F(log1p, LOG1P, "log(1 + x), exact for small x", "print(log1p(1e-20))", "1e-20")               \
    F(expm1, EXPM1, "exp(x) - 1, exact for small x", "print(expm1(1e-20))", "1e-20")               \
    F(sqrt, SQRT, "the square root; NaN below 0", "print(sqrt({4, 9}))", "2  3")                   \
    F(abs, ABS, "the absolute value; its derivative at 0 is taken as 0", "print(abs({-2, 3}))",    \
      "2  3")                                                                                      \
    F(sign, SIGN, "-1, 0 or 1; its derivative is 0", "print(sign({-2, 0, 3}))", "-1  0  1")        \
    F(floor, FLOOR, "the largest integer not above x; its derivative is 0",                        \
      "print(floor({-0.5, 2.7}))", "-1  2")                                                        \
    F(relu, RELU, "max(0, x); its derivative at 0 is taken as 0", "print(relu({-2, 3}))", "0  3")  \
    F(sigmoid, SIGMOID, "1/(1 + exp(-x)), without overflow", "print(sigmoid({-1000, 0, 1000}))",   \
      "0  0.5  1")                                                                                 \
    F(softplus, SOFTPLUS, "log(1 + exp(x)), without overflow",                                     \
      "print(softplus({-1000, 0, 1000}))",                                                         \
      "0  0.6931472  1000")

#define DEFINE(id, primitive, words, code, output)                                           \
    static int math_##id(lua_State *L)                                                       \
    {                                                                                          \
        return apply(L, PRIMITIVE_##primitive);                                                \
    }                                                                                          \
    static const struct doc id##_doc = {                                                     \
        .name = #id,                                                                         \
        .signature = #id "(x)",                                                              \
        .summary = words,                                                                      \
        DOC_ARGUMENTS(x_argument),                                                             \
        .returns = "a number for a number, an array for an array",                             \
        .example = code,                                                                       \
        .result = output,                                                                      \
    };
FUNCTIONS(DEFINE)

/* --- two arguments --- */

static int apply_pair(lua_State *L, enum primitive primitive, enum array_binary operation)
{
    const char *name = primitive_name(primitive);
    if (lua_gettop(L) != 2)
        return bind_refuse(L, NULL, "%s takes two arguments, not %d", name, lua_gettop(L));
    if (symbol_apply(L, primitive, 2))
        return 1;
    if (lua_type(L, 1) == LUA_TNUMBER && lua_type(L, 2) == LUA_TNUMBER) {
        lua_pushnumber(L, primitive_value(primitive, lua_tonumber(L, 1), lua_tonumber(L, 2)));
        return 1;
    }
    struct operand left, right;
    const struct array *a = bind_operand(L, 1, &left, name), *b = bind_operand(L, 2, &right, name);
    struct array *result = bind_array_result(L);
    struct error error;
    BIND_ATTEMPT(L, &error, array_apply(result, operation, a, b, &error));
    return bind_array_return(L);
}

#define PAIR(name, primitive, operation)                                       \
    static int pair_##name(lua_State *L)                                       \
    {                                                                          \
        return apply_pair(L, PRIMITIVE_##primitive, ARRAY_##operation);        \
    }
PAIR(max, MAXIMUM, MAXIMUM)
PAIR(min, MINIMUM, MINIMUM)
PAIR(greater, GREATER, GREATER)
PAIR(equal, EQUAL, EQUAL)

/* The largest (smallest) of several arguments, or of the elements of one array. */
static int extreme(lua_State *L, const char *name, lua_CFunction pair, enum primitive primitive,
                   enum array_reduction reduction)
{
    int count = lua_gettop(L);
    if (count == 0)
        return bind_refuse(L, NULL, "%s needs at least one argument", name);
    if (count == 1 && symbol_among(L, 1)) {
        symbol_fold(L, primitive);
        return 1;
    }
    if (count == 1) {
        struct operand operand;
        const struct array *array = bind_operand(L, 1, &operand, name);
        struct array *result = bind_array_result(L);
        struct error error;
        BIND_ATTEMPT(L, &error, array_reduce(result, reduction, 0, array, &error));
        lua_pushnumber(L, result->data[0]);
        return 1;
    }
    lua_pushvalue(L, 1);
    for (int i = 2; i <= count; i++) {
        lua_pushcfunction(L, pair);
        lua_insert(L, -2);
        lua_pushvalue(L, i);
        lua_call(L, 2, 1);
    }
    return 1;
}

static const struct argument several_arguments[] = {
    {.name = "a", .type = ARGUMENT_ARRAY, .shape = "any", .required = true,
     .summary = "a number, an array, or a symbol inside a model; alone: an array"},
    {.name = "b", .type = ARGUMENT_ARRAY, .shape = "a's, or a number",
     .summary = "the same; more may follow"},
};

static const struct doc max_doc = {
    .name = "max",
    .signature = "max(a, b, ...) or max(array)",
    .summary = "the larger, element by element; of an array alone its largest element",
    DOC_ARGUMENTS(several_arguments),
    .returns = "a number or an array; the derivative at a tie goes to the argument of lower level",
    .example = "print(max({1, 5, 3}, 2))\nprint(max({1, 5, 3}))",
    .result = "2  5  3\n5.0",
};
static int math_max(lua_State *L)
{
    return extreme(L, "max", pair_max, PRIMITIVE_MAXIMUM, ARRAY_MAX);
}

static const struct doc min_doc = {
    .name = "min",
    .signature = "min(a, b, ...) or min(array)",
    .summary = "the smaller, element by element; of an array alone its smallest element",
    DOC_ARGUMENTS(several_arguments),
    .returns = "a number or an array; the derivative at a tie goes to the argument of lower level",
    .example = "print(min({1, 5, 3}, 2))\nprint(min({1, 5, 3}))",
    .result = "1  2  2\n1.0",
};
static int math_min(lua_State *L)
{
    return extreme(L, "min", pair_min, PRIMITIVE_MINIMUM, ARRAY_MIN);
}

/* --- conditions: 1 and 0 --- */

static void call_pair(lua_State *L, lua_CFunction pair, int a, int b)
{
    lua_pushcfunction(L, pair);
    lua_pushvalue(L, a);
    lua_pushvalue(L, b);
    lua_call(L, 2, 1);
}

/* Replaces the value on top by 1 where it is 0, and by 0 elsewhere. */
static void invert_top(lua_State *L)
{
    lua_pushcfunction(L, pair_equal);
    lua_insert(L, -2);
    lua_pushnumber(L, 0);
    lua_call(L, 2, 1);
}

static void check_count(lua_State *L, int count, const char *name)
{
    if (lua_gettop(L) != count)
        bind_refuse(L, NULL, "%s takes %d argument%s, not %d", name, count, count == 1 ? "" : "s",
                    lua_gettop(L));
}

static int math_greater(lua_State *L)
{
    check_count(L, 2, "greater");
    return pair_greater(L);
}

static int math_less(lua_State *L)
{
    check_count(L, 2, "less");
    call_pair(L, pair_greater, 2, 1);
    return 1;
}

static int math_greater_equal(lua_State *L)
{
    check_count(L, 2, "greater_equal");
    call_pair(L, pair_greater, 2, 1);
    invert_top(L);
    return 1;
}

static int math_less_equal(lua_State *L)
{
    check_count(L, 2, "less_equal");
    call_pair(L, pair_greater, 1, 2);
    invert_top(L);
    return 1;
}

static int math_equal(lua_State *L)
{
    check_count(L, 2, "equal");
    return pair_equal(L);
}

/* Truth of a value: 1 where it is not 0. */
static void push_truth(lua_State *L, int index)
{
    lua_pushvalue(L, index);
    invert_top(L);
    invert_top(L);
}

static int math_both(lua_State *L)
{
    check_count(L, 2, "both");
    symbol_condition(L, 1);
    symbol_condition(L, 2);
    push_truth(L, 1);
    push_truth(L, 2);
    call_pair(L, pair_min, 3, 4);
    return 1;
}

static int math_either(lua_State *L)
{
    check_count(L, 2, "either");
    symbol_condition(L, 1);
    symbol_condition(L, 2);
    push_truth(L, 1);
    push_truth(L, 2);
    call_pair(L, pair_max, 3, 4);
    return 1;
}

static int math_negate(lua_State *L)
{
    check_count(L, 1, "negate");
    symbol_condition(L, 1);
    invert_top(L);
    return 1;
}

#define CONDITION(id, count, words, code, output)                                    \
    static const struct doc id##_doc = {                                             \
        .name = #id,                                                                 \
        .signature = #id "(" count ")",                                              \
        .summary = words,                                                              \
        .arguments = pair_arguments,                                                   \
        .argument_count = sizeof count > 2 ? 2 : 1,                                    \
        .returns = "1 or 0, or an array of them; its derivative is 0",                 \
        .example = code,                                                               \
        .result = output,                                                              \
    };
CONDITION(greater, "a, b", "1 where a > b, else 0", "print(greater({1, 2, 3}, 2))", "0  0  1")
CONDITION(less, "a, b", "1 where a < b, else 0", "print(less({1, 2, 3}, 2))", "1  0  0")
CONDITION(greater_equal, "a, b", "1 where a is not below b, else 0",
          "print(greater_equal({1, 2, 3}, 2))", "0  1  1")
CONDITION(less_equal, "a, b", "1 where a is not above b, else 0",
          "print(less_equal({1, 2, 3}, 2))", "1  1  0")
CONDITION(equal, "a, b", "1 where a = b, else 0", "print(equal({1, 2, 3}, 2))", "0  1  0")
CONDITION(both, "a, b", "1 where both conditions hold (are true, or not 0), else 0",
          "print(both({0, 0, 1, 1}, {0, 1, 0, 1}))\n"
          "box = model(function(x, a) return where(both(x > 0, x < 2), a, 0) end)\n"
          "print(box({-1, 1, 3}, {5}))",
          "0  0  0  1\n0  5  0")
CONDITION(either, "a, b", "1 where at least one condition holds, else 0",
          "print(either({0, 0, 1, 1}, {0, 1, 0, 1}))", "0  1  1  1")
CONDITION(negate, "a", "1 where the condition does not hold (is 0), else 0",
          "print(negate({0, 1}))", "1  0")

/* --- where --- */

static const struct argument where_arguments[] = {
    {.name = "condition", .type = ARGUMENT_ARRAY, .shape = "any", .required = true,
     .summary = "greater(x, 0) or the like; also x > 0 for numbers and inside models"},
    {.name = "a", .type = ARGUMENT_ARRAY, .shape = "the condition's, or a number",
     .required = true, .summary = "the value where the condition holds (is not 0)"},
    {.name = "b", .type = ARGUMENT_ARRAY, .shape = "the condition's, or a number",
     .required = true, .summary = "the value elsewhere"},
};
static const struct doc where_doc = {
    .name = "where",
    .signature = "where(condition, a, b)",
    .summary = "a where the condition holds, b elsewhere; the way to choose inside a model",
    DOC_ARGUMENTS(where_arguments),
    .returns = "a number, an array, or a symbol",
    .errors = "shapes that do not fit",
    .example = "x = array{-2, 3}\nprint(where(greater(x, 0), x, 0))",
    .result = "0  3",
};

static int math_where(lua_State *L)
{
    check_count(L, 3, "where");
    if (symbol_where(L))
        return 1;
    if (lua_isboolean(L, 1)) {
        lua_pushvalue(L, lua_toboolean(L, 1) ? 2 : 3);
        return 1;
    }
    if (lua_type(L, 1) == LUA_TNUMBER) {
        lua_pushvalue(L, lua_tonumber(L, 1) != 0 ? 2 : 3);
        return 1;
    }
    struct operand operands[3];
    const struct array *in[3];
    for (int i = 0; i < 3; i++)
        in[i] = bind_operand(L, i + 1, &operands[i], "where");
    const struct array *c = in[0];
    size_t size = c->rows * c->cols, step[3];
    for (int i = 0; i < 3; i++) {
        step[i] = in[i]->rows * in[i]->cols != 1;
        if (step[i] && (in[i]->rows != c->rows || in[i]->cols != c->cols))
            return bind_refuse(L, NULL, "where needs values of the condition's shape, %zu×%zu, not "
                                        "%zu×%zu", c->rows, c->cols, in[i]->rows, in[i]->cols);
    }
    struct array *result = bind_array_new(L, c->dimensions, c->rows, c->cols);
    for (size_t k = 0; k < size; k++)
        result->data[k] = c->data[k] != 0 ? in[1]->data[k * step[1]] : in[2]->data[k * step[2]];
    return 1;
}

/* --- softmax and log-sum-exp --- */

static double largest(const struct array *array)
{
    double max = array->data[0];
    for (size_t i = 1; i < array->rows * array->cols; i++)
        max = fmax(max, array->data[i]);
    return isfinite(max) ? max : 0;
}

static const struct doc logsumexp_doc = {
    .name = "logsumexp",
    .signature = "logsumexp(x)",
    .summary = "log of the sum of exp of the elements, without overflow",
    DOC_ARGUMENTS(x_argument),
    .returns = "a number between max(x) and max(x) + log(#x)",
    .equation = "log Σ exp(xₖ) = M + log Σ exp(xₖ − M),  M = max x",
    .example = "print(string.format(\"%.6f\", logsumexp({1000, 1000}) - 1000))",
    .result = "0.693147",
};
static int math_logsumexp(lua_State *L)
{
    check_count(L, 1, "logsumexp");
    if (symbol_among(L, 1)) {
        luaL_getmetafield(L, 1, "__logsumexp");
        lua_insert(L, 1);
        lua_call(L, 1, 1);
        return 1;
    }
    struct operand operand;
    const struct array *array = bind_operand(L, 1, &operand, "logsumexp");
    double max = largest(array), sum = 0;
    for (size_t i = 0; i < array->rows * array->cols; i++)
        sum += exp(array->data[i] - max);
    lua_pushnumber(L, max + log(sum));
    return 1;
}

static const struct doc softmax_doc = {
    .name = "softmax",
    .signature = "softmax(x)",
    .summary = "exp of the elements, divided by their sum: probabilities; without overflow",
    DOC_ARGUMENTS(x_argument),
    .returns = "an array of the shape of x",
    .equation = "softmax(x)ₖ = exp(xₖ)/Σ exp(xⱼ)",
    .example = "print(softmax({1000, 1000, 0}))",
    .result = "0.5  0.5  0",
};
static int math_softmax(lua_State *L)
{
    check_count(L, 1, "softmax");
    if (symbol_among(L, 1)) {
        luaL_getmetafield(L, 1, "__softmax");
        lua_insert(L, 1);
        lua_call(L, 1, 1);
        return 1;
    }
    struct operand operand;
    const struct array *array = bind_operand(L, 1, &operand, "softmax");
    struct array *result = bind_array_new(L, array->dimensions, array->rows, array->cols);
    double max = largest(array), sum = 0;
    for (size_t i = 0; i < array->rows * array->cols; i++)
        sum += result->data[i] = exp(array->data[i] - max);
    for (size_t i = 0; i < array->rows * array->cols; i++)
        result->data[i] /= sum;
    return 1;
}

static const struct doc pi_doc = {
    .name = "pi",
    .signature = "pi",
    .summary = "the ratio of a circle's circumference to its diameter",
    .returns = "a number",
    .example = "print(string.format(\"%.6f\", pi))",
    .result = "3.141593",
};

void bind_open_math(lua_State *L)
{
#define ROW(name, primitive, words, code, output) {#name, math_##name, &name##_doc},
    static const struct function functions[] = {
        FUNCTIONS(ROW)
        {"max", math_max, &max_doc},
        {"min", math_min, &min_doc},
        {"greater", math_greater, &greater_doc},
        {"less", math_less, &less_doc},
        {"greater_equal", math_greater_equal, &greater_equal_doc},
        {"less_equal", math_less_equal, &less_equal_doc},
        {"equal", math_equal, &equal_doc},
        {"both", math_both, &both_doc},
        {"either", math_either, &either_doc},
        {"negate", math_negate, &negate_doc},
        {"where", math_where, &where_doc},
        {"logsumexp", math_logsumexp, &logsumexp_doc},
        {"softmax", math_softmax, &softmax_doc},
    };
    bind_functions(L, functions, sizeof functions / sizeof *functions);
    lua_pushnumber(L, 3.14159265358979323846);
    bind_document(L, -1, &pi_doc);
    lua_setfield(L, -2, "pi");
    bind_open_symbol(L);
}
