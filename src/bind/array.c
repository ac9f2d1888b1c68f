/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The type array: indexing, arithmetic, methods. A row of a matrix, m[i], is a view; its user value
 * is the matrix, which thereby lives as long. */
#include "bind/array.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "bind/bind.h"
#include "bind/text.h"

/* --- results --------------------------------------------------------------------------------- */

struct array *bind_array_result(lua_State *L)
{
    return bind_new(L, BIND_ARRAY, sizeof(struct array));
}

int bind_array_return(lua_State *L)
{
    const struct array *array = lua_touserdata(L, -1);
    size_t kilobytes = array->rows * array->cols * sizeof(double) / 1024;
    if (kilobytes > 0 && lua_gc(L, LUA_GCISRUNNING))
        lua_gc(L, LUA_GCSTEP, kilobytes < INT_MAX ? (int)kilobytes : INT_MAX);
    return 1;
}

struct array *bind_array_new(lua_State *L, int dimensions, size_t rows, size_t cols)
{
    struct array *array = bind_array_result(L);
    struct error error;
    BIND_ATTEMPT(L, &error, array_init(array, bind_context(L), dimensions, rows, cols, &error));
    bind_array_return(L);
    return array;
}

static struct array *self(lua_State *L)
{
    return bind_object(L, 1, BIND_ARRAY, NULL);
}

/* --- elements -------------------------------------------------------------------------------- */

/* "row" and "column" of a matrix, "index" of a list; the number at `index` less 1. */
static size_t position(lua_State *L, int index, const char *what, size_t size)
{
    int exact = 0;
    lua_Integer number = lua_type(L, index) == LUA_TNUMBER ? lua_tointegerx(L, index, &exact) : 0;
    if (lua_type(L, index) != LUA_TNUMBER)
        bind_refuse(L, NULL, "the %s must be an integer, not %s", what, bind_describe(L, index));
    if (!exact)
        bind_refuse(L, NULL, "the %s must be an integer, not %s", what,
                    bind_number_text(L, lua_tonumber(L, index)));
    if (number >= 1 && (lua_Unsigned)number <= size)
        return (size_t)number - 1;
    if (size == 0)
        bind_refuse(L, NULL, "%s %lld is outside: the array is empty", what, (long long)number);
    bind_refuse(L, NULL, "%s %lld is outside 1..%zu", what, (long long)number, size);
    return 0;
}

static const char *first_axis(const struct array *array)
{
    return array->dimensions == 1 ? "index" : "row";
}

/* The number, or the row as a view, at a position of the array at stack index 1. */
static int push_element(lua_State *L, const struct array *array, size_t i)
{
    if (array->dimensions == 1) {
        lua_pushnumber(L, array->data[i]);
        return 1;
    }
    struct array *row = bind_array_result(L);
    *row = array_row(array, i);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    return 1;
}

static int push_shape(lua_State *L, const struct array *array)
{
    lua_createtable(L, array->dimensions, 0);
    lua_pushinteger(L, (lua_Integer)array->rows);
    lua_rawseti(L, -2, 1);
    if (array->dimensions == 2) {
        lua_pushinteger(L, (lua_Integer)array->cols);
        lua_rawseti(L, -2, 2);
    }
    return 1;
}

static int array_field(lua_State *L)
{
    const struct array *array = lua_touserdata(L, 1);
    if (lua_type(L, 2) == LUA_TNUMBER) {
        int exact;
        lua_Integer i = lua_tointegerx(L, 2, &exact);
        if (exact && i >= 1 && (lua_Unsigned)i <= array->rows)
            return push_element(L, array, (size_t)i - 1);
        if (exact && (lua_Unsigned)i == array->rows + 1 && bind_asked_by_ipairs(L)) {
            lua_pushnil(L);
            return 1;
        }
        position(L, 2, first_axis(array), array->rows);
    }
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (strcmp(key, "rows") == 0)
        lua_pushinteger(L, (lua_Integer)array->rows);
    else if (strcmp(key, "cols") == 0)
        lua_pushinteger(L, (lua_Integer)array->cols);
    else if (strcmp(key, "shape") == 0)
        return push_shape(L, array);
    else
        return 0;
    return 1;
}

static const char *const field_names[] = {"rows", "cols", "shape", NULL};

static int array_newindex(lua_State *L)
{
    struct array *array = self(L);
    if (lua_type(L, 2) == LUA_TSTRING)
        return bind_refuse(L, NULL,
                           "an array has no %s that could be set: write a[i] = number, or a[i][j]",
                           lua_tostring(L, 2));
    size_t i = position(L, 2, first_axis(array), array->rows);
    if (lua_type(L, 3) == LUA_TNUMBER) {
        double value = lua_tonumber(L, 3);
        for (size_t j = 0; j < array->cols; j++)
            array->data[i * array->cols + j] = value;
        return 0;
    }
    if (array->dimensions == 1)
        return bind_refuse(L, NULL, "an element must be a number, not %s%s", bind_describe(L, 3),
                           bind_quotes_hint(L, 3));
    const struct array *row = bind_vector(L, 3, array->cols, "the row");
    memmove(array->data + i * array->cols, row->data, array->cols * sizeof *row->data);
    return 0;
}

/* a(i, j); a(i) is a[i]. */
static int array_call(lua_State *L)
{
    const struct array *array = self(L);
    size_t i = position(L, 2, first_axis(array), array->rows);
    if (lua_isnoneornil(L, 3))
        return push_element(L, array, i);
    if (array->dimensions == 1 && lua_type(L, 3) == LUA_TNUMBER)
        return bind_refuse(L, NULL, "an array of one dimension takes one index: a(i)");
    size_t j = position(L, 3, "column", array->cols);
    lua_pushnumber(L, array->data[i * array->cols + j]);
    return 1;
}

static int array_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)self(L)->rows);
    return 1;
}

static int array_next(lua_State *L)
{
    const struct array *array = bind_object(L, 1, BIND_ARRAY, "the first argument");
    lua_Integer i = luaL_checkinteger(L, 2);
    if (i < 0 || (lua_Unsigned)i >= array->rows)
        return 0;
    lua_pushinteger(L, i + 1);
    return 1 + push_element(L, array, (size_t)i);
}

static int array_pairs(lua_State *L)
{
    self(L);
    lua_pushcfunction(L, array_next);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

static int array_gc(lua_State *L)
{
    array_free(lua_touserdata(L, 1));
    return 0;
}

/* --- arithmetic ------------------------------------------------------------------------------ */

const struct array *bind_operand(lua_State *L, int index, struct operand *operand, const char *what)
{
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        operand->value = lua_tonumber(L, index);
        operand->scalar = (struct array){.context = bind_context(L),
                                         .rows = 1,
                                         .cols = 1,
                                         .dimensions = 1,
                                         .view = true,
                                         .data = &operand->value};
        return &operand->scalar;
    case LUA_TTABLE: return bind_array(L, index, "the table");
    default: break;
    }
    struct array *array = bind_test(L, index, BIND_ARRAY);
    if (array == NULL)
        bind_refuse(L, NULL, "%s takes numbers, arrays and tables of numbers, not %s%s", what,
                    bind_describe(L, index), bind_quotes_hint(L, index));
    return array;
}

bool bind_to_symbol(lua_State *L, const char *event)
{
    for (int index = 1; index <= 2; index++)
        if (bind_test(L, index, BIND_SYMBOL) != NULL) {
            if (luaL_getmetafield(L, index, event) == LUA_TNIL)
                return false;
            lua_pushvalue(L, 1);
            lua_pushvalue(L, 2);
            lua_call(L, 2, 1);
            return true;
        }
    return false;
}

static int binary(lua_State *L, enum array_binary operation, const char *event, const char *sign)
{
    lua_settop(L, 2);
    if (bind_to_symbol(L, event))
        return 1;
    struct operand left, right;
    const struct array *a = bind_operand(L, 1, &left, sign), *b = bind_operand(L, 2, &right, sign);
    struct array *result = bind_array_result(L);
    struct error error;
    BIND_ATTEMPT(L, &error, array_apply(result, operation, a, b, &error));
    return bind_array_return(L);
}

static int array_add(lua_State *L)
{
    return binary(L, ARRAY_ADD, "__add", "+");
}

static int array_sub(lua_State *L)
{
    return binary(L, ARRAY_SUBTRACT, "__sub", "-");
}

static int array_mul(lua_State *L)
{
    return binary(L, ARRAY_MULTIPLY, "__mul", "*");
}

static int array_div(lua_State *L)
{
    return binary(L, ARRAY_DIVIDE, "__div", "/");
}

static int array_pow(lua_State *L)
{
    return binary(L, ARRAY_POWER, "__pow", "^");
}

static int array_unm(lua_State *L)
{
    lua_settop(L, 1);
    lua_pushinteger(L, -1);
    return binary(L, ARRAY_MULTIPLY, "__mul", "-");
}

static int array_eq(lua_State *L)
{
    const struct array *a = bind_test(L, 1, BIND_ARRAY), *b = bind_test(L, 2, BIND_ARRAY);
    lua_pushboolean(L, a != NULL && b != NULL && array_equal(a, b));
    return 1;
}

static int order(lua_State *L, const char *event)
{
    if (bind_to_symbol(L, event))
        return 1;
    return bind_refuse(L, NULL,
                       "arrays have no order: write greater(a, b) or less(a, b), which "
                       "compare each element and give 1 or 0");
}

static int array_lt(lua_State *L)
{
    return order(L, "__lt");
}

static int array_le(lua_State *L)
{
    return order(L, "__le");
}

static int array_concat(lua_State *L)
{
    luaL_tolstring(L, 1, NULL);
    luaL_tolstring(L, 2, NULL);
    lua_concat(L, 2);
    return 1;
}

static const luaL_Reg meta[] = {
    {"__newindex", array_newindex},
    {"__call", array_call},
    {"__len", array_len},
    {"__pairs", array_pairs},
    {"__gc", array_gc},
    {"__add", array_add},
    {"__sub", array_sub},
    {"__mul", array_mul},
    {"__div", array_div},
    {"__pow", array_pow},
    {"__unm", array_unm},
    {"__eq", array_eq},
    {"__lt", array_lt},
    {"__le", array_le},
    {"__concat", array_concat},
    {NULL, NULL},
};

/* --- methods --------------------------------------------------------------------------------- */

static const struct argument axis_argument[] = {
    {.name = "axis",
     .type = ARGUMENT_INTEGER,
     .minimum = 1,
     .maximum = 2,
     .default_text = "all elements",
     .summary = "1: over the rows, one number a column; 2: over the columns, one number a row"},
};

#define REDUCTION(id, title, what, figure, along, refused)                                   \
    static const struct doc id##_doc = {                                                     \
        .name = "array:" title,                                                              \
        .signature = "a:" title "([axis])",                                                  \
        .summary = what,                                                                     \
        DOC_ARGUMENTS(axis_argument),                                                        \
        .returns = "a number, or an array of one dimension when an axis is given",           \
        .errors = refused,                                                                   \
        .example = "a = array{{1, 2}, {3, 4}}\nprint(a:" title "())\nprint(a:" title "(1))", \
        .result = figure "\n" along,                                                         \
    }

REDUCTION(sum, "sum", "the sum of all elements, or along an axis", "10.0", "4  6", NULL);
REDUCTION(prod, "prod", "the product of all elements, or along an axis", "24.0", "3  8", NULL);
REDUCTION(mean, "mean", "the mean of all elements, or along an axis", "2.5", "2  3",
          "an empty array has no mean");
REDUCTION(min, "min", "the smallest element, or the smallest along an axis; NaN if there is one",
          "1.0", "1  2", "an empty array has no smallest element");
REDUCTION(max, "max", "the largest element, or the largest along an axis; NaN if there is one",
          "4.0", "3  4", "an empty array has no largest element");

static int reduce(lua_State *L, enum array_reduction reduction)
{
    const struct array *array = self(L);
    struct error error;
    int axis = lua_isnoneornil(L, 2) ? 0 : (int)bind_integer(L, 2, "axis", 1, 2);
    if (axis == 0 || (axis == 1 && array->dimensions == 1)) {
        struct array one;
        BIND_ATTEMPT(L, &error, array_reduce(&one, reduction, axis, array, &error));
        double value = one.data[0];
        array_free(&one);
        lua_pushnumber(L, value);
        return 1;
    }
    struct array *result = bind_array_result(L);
    BIND_ATTEMPT(L, &error, array_reduce(result, reduction, axis, array, &error));
    return bind_array_return(L);
}

static int array_sum(lua_State *L)
{
    return reduce(L, ARRAY_SUM);
}

static int array_prod(lua_State *L)
{
    return reduce(L, ARRAY_PRODUCT);
}

static int array_mean(lua_State *L)
{
    return reduce(L, ARRAY_MEAN);
}

static int array_min(lua_State *L)
{
    return reduce(L, ARRAY_MIN);
}

static int array_max(lua_State *L)
{
    return reduce(L, ARRAY_MAX);
}

static const struct doc norm_doc = {
    .name = "array:norm",
    .signature = "a:norm()",
    .summary = "the root of the sum of squares of all elements (Euclid's norm; Frobenius's of a "
               "matrix)",
    .returns = "a number",
    .equation = "‖a‖ = √(Σ aᵢ²)",
    .example = "print(array{3, 4}:norm())",
    .result = "5.0",
};

static int norm(lua_State *L)
{
    lua_pushnumber(L, array_norm(self(L)));
    return 1;
}

static const struct doc t_doc = {
    .name = "array:t",
    .signature = "a:t()",
    .summary = "the transposed matrix; an array of one dimension stays as it is",
    .returns = "an array",
    .example = "print(array{{1, 2, 3}, {4, 5, 6}}:t())",
    .result = "1  4\n2  5\n3  6",
};

static int transpose(lua_State *L)
{
    const struct array *array = self(L);
    struct array *result = bind_array_result(L);
    struct error error;
    BIND_ATTEMPT(L, &error, array_transpose(result, array, &error));
    return bind_array_return(L);
}

static const struct argument row_argument[] = {
    {.name = "i",
     .type = ARGUMENT_INTEGER,
     .required = true,
     .minimum = 1,
     .summary = "the row, counted from 1"},
};
static const struct doc row_doc = {
    .name = "array:row",
    .signature = "a:row(i)",
    .summary = "row i as an array of one dimension; a copy, while a[i] is the row itself",
    DOC_ARGUMENTS(row_argument),
    .returns = "an array",
    .errors = "a row outside the array",
    .example = "print(array{{1, 2}, {3, 4}}:row(2))",
    .result = "3  4",
};

static const struct array *need_matrix(lua_State *L, const char *what)
{
    const struct array *array = self(L);
    if (array->dimensions == 1)
        bind_refuse(L, NULL, "an array of one dimension has no %s: write a[i]", what);
    return array;
}

static int row(lua_State *L)
{
    const struct array *array = need_matrix(L, "rows");
    size_t i = position(L, 2, "row", array->rows);
    struct array *result = bind_array_new(L, 1, array->cols, 1);
    memcpy(result->data, array->data + i * array->cols, array->cols * sizeof *array->data);
    return 1;
}

static const struct argument col_argument[] = {
    {.name = "j",
     .type = ARGUMENT_INTEGER,
     .required = true,
     .minimum = 1,
     .summary = "the column, counted from 1"},
};
static const struct doc col_doc = {
    .name = "array:col",
    .signature = "a:col(j)",
    .summary = "column j as an array of one dimension; a copy",
    DOC_ARGUMENTS(col_argument),
    .returns = "an array",
    .errors = "a column outside the array",
    .example = "print(array{{1, 2}, {3, 4}}:col(2))",
    .result = "2  4",
};

static int col(lua_State *L)
{
    const struct array *array = need_matrix(L, "columns");
    size_t j = position(L, 2, "column", array->cols);
    struct array *result = bind_array_new(L, 1, array->rows, 1);
    for (size_t i = 0; i < array->rows; i++)
        result->data[i] = array->data[i * array->cols + j];
    return 1;
}

static const struct argument slice_arguments[] = {
    {.name = "i",
     .type = ARGUMENT_INTEGER,
     .required = true,
     .minimum = 1,
     .summary = "the first row, counted from 1"},
    {.name = "j",
     .type = ARGUMENT_INTEGER,
     .minimum = 1,
     .default_text = "the last",
     .summary = "the last row, included"},
};
static const struct doc slice_doc = {
    .name = "array:slice",
    .signature = "a:slice(i[, j])",
    .summary = "rows i to j, both included; elements i to j of an array of one dimension; a copy",
    DOC_ARGUMENTS(slice_arguments),
    .returns = "an array of as many dimensions",
    .errors = "rows outside the array, or j before i",
    .example = "a = linspace(0, 1, 5)\nprint(a:slice(2, 4))\nprint(a:slice(4))",
    .result = "0.25  0.5  0.75\n0.75  1",
};

static int slice(lua_State *L)
{
    const struct array *array = self(L);
    size_t first = position(L, 2, first_axis(array), array->rows), last = array->rows - 1;
    if (!lua_isnoneornil(L, 3))
        last = position(L, 3, first_axis(array), array->rows);
    if (last < first)
        bind_refuse(L, "slice", "from %zu to %zu is backwards", first + 1, last + 1);
    struct array *result = bind_array_new(L, array->dimensions, last - first + 1, array->cols);
    memcpy(result->data, array->data + first * array->cols,
           result->rows * result->cols * sizeof *array->data);
    return 1;
}

static const struct argument map_argument[] = {
    {.name = "f",
     .type = ARGUMENT_VALUE,
     .type_name = "function",
     .required = true,
     .summary = "takes an element, returns a number"},
};
static const struct doc map_doc = {
    .name = "array:map",
    .signature = "a:map(f)",
    .summary = "a new array of the same shape: f of each element",
    DOC_ARGUMENTS(map_argument),
    .returns = "an array",
    .errors = "a result that is no number",
    .example = "print(array{1, 2, 3}:map(function(x) return x*x end))",
    .result = "1  4  9",
};

static int map(lua_State *L)
{
    const struct array *array = self(L);
    lua_settop(L, 2);
    bool callable = lua_type(L, 2) == LUA_TFUNCTION;
    if (!callable && luaL_getmetafield(L, 2, "__call") != LUA_TNIL) {
        callable = true;
        lua_pop(L, 1);
    }
    if (!callable)
        return bind_refuse(L, "map", "needs a function of a number, not %s", bind_describe(L, 2));
    struct array *result = bind_array_new(L, array->dimensions, array->rows, array->cols);
    for (size_t i = 0; i < array->rows * array->cols; i++) {
        lua_pushvalue(L, 2);
        lua_pushnumber(L, array->data[i]);
        lua_call(L, 1, 1);
        if (lua_type(L, -1) != LUA_TNUMBER)
            bind_refuse(L, "map", "the function must return a number, not %s (of element %zu)",
                        bind_describe(L, lua_gettop(L)), i + 1);
        result->data[i] = lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    return 1;
}

static const struct doc table_doc = {
    .name = "array:table",
    .signature = "a:table()",
    .summary = "the elements as a Lua table; of a matrix, a table of rows",
    .returns = "a table",
    .example = "rows = array{{1, 2}, {3, 4}}:table()\nprint(#rows, rows[2][1])",
    .result = "2\t3.0",
};

static int table(lua_State *L)
{
    const struct array *array = self(L);
    if (array->rows > INT_MAX || array->cols > INT_MAX)
        bind_refuse(L, "table", "the array is too large for a Lua table");
    lua_createtable(L, (int)array->rows, 0);
    for (size_t i = 0; i < array->rows; i++) {
        if (array->dimensions == 2)
            lua_createtable(L, (int)array->cols, 0);
        for (size_t j = 0; j < array->cols; j++) {
            lua_pushnumber(L, array->data[i * array->cols + j]);
            lua_rawseti(L, -2, (lua_Integer)(array->dimensions == 2 ? j : i) + 1);
        }
        if (array->dimensions == 2)
            lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static const struct doc copy_doc = {
    .name = "array:copy",
    .signature = "a:copy()",
    .summary = "a new array with the same elements",
    .returns = "an array",
    .example = "a = array{1, 2}\nb = a:copy()\nb[1] = 9\nprint(a, b)",
    .result = "1  2\t9  2",
};

static int copy(lua_State *L)
{
    const struct array *array = self(L);
    struct array *result = bind_array_result(L);
    struct error error;
    BIND_ATTEMPT(L, &error, array_copy(result, array, &error));
    return bind_array_return(L);
}

static const struct argument reshape_arguments[] = {
    {.name = "rows",
     .type = ARGUMENT_INTEGER,
     .required = true,
     .minimum = 0,
     .summary = "rows of the result"},
    {.name = "cols",
     .type = ARGUMENT_INTEGER,
     .minimum = 0,
     .default_text = "one dimension",
     .summary = "its columns"},
};
static const struct doc reshape_doc = {
    .name = "array:reshape",
    .signature = "a:reshape(rows[, cols])",
    .summary = "the same elements, row by row, in another shape; a copy",
    DOC_ARGUMENTS(reshape_arguments),
    .returns = "an array",
    .errors = "a shape that holds another number of elements",
    .example = "print(array{1, 2, 3, 4, 5, 6}:reshape(2, 3))",
    .result = "1  2  3\n4  5  6",
};

static int reshape(lua_State *L)
{
    const struct array *array = self(L);
    size_t count = array->rows * array->cols;
    int dimensions = lua_isnoneornil(L, 3) ? 1 : 2;
    size_t rows = (size_t)bind_integer(L, 2, "rows", 0, INT_MAX);
    size_t cols = dimensions == 1 ? 1 : (size_t)bind_integer(L, 3, "cols", 0, INT_MAX);
    if (rows * cols != count) {
        char from[ARRAY_SHAPE_TEXT], to[ARRAY_SHAPE_TEXT];
        struct array wanted = {.rows = rows, .cols = cols, .dimensions = dimensions};
        bind_refuse(L, "reshape", "%s numbers do not make %s", array_shape_text(array, from),
                    array_shape_text(&wanted, to));
    }
    struct array *result = bind_array_new(L, dimensions, rows, cols);
    if (count > 0)
        memcpy(result->data, array->data, count * sizeof *array->data);
    return 1;
}

/* --- for printing and tests: kept in the metatable, out of the user's sight ------------------- */

/* number_text(number) */
static int number_text(lua_State *L)
{
    char text[32];
    lua_pushstring(L, array_number_text(luaL_checknumber(L, 1), text, sizeof text));
    return 1;
}

/* extremes(array) -> smallest, largest, number of NaN; nil, nil, n when all are NaN */
static int extremes(lua_State *L)
{
    const struct array *array = bind_object(L, 1, BIND_ARRAY, "the first argument");
    double smallest = INFINITY, largest = -INFINITY;
    size_t count = array->rows * array->cols, nans = 0;
    for (size_t i = 0; i < count; i++) {
        double value = array->data[i];
        nans += isnan(value) != 0;
        smallest = value < smallest ? value : smallest;
        largest = value > largest ? value : largest;
    }
    lua_settop(L, 0);
    lua_settop(L, 2);
    if (nans < count) {
        lua_pushnumber(L, smallest);
        lua_replace(L, 1);
        lua_pushnumber(L, largest);
        lua_replace(L, 2);
    }
    lua_pushinteger(L, (lua_Integer)nans);
    return 3;
}

/* held() -> bytes of all library memory, which Lua's own count does not see */
static int held(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)bind_context(L)->memory.bytes);
    return 1;
}

static const struct function methods[] = {
    {"sum", array_sum, &sum_doc},    {"prod", array_prod, &prod_doc},
    {"mean", array_mean, &mean_doc}, {"min", array_min, &min_doc},
    {"max", array_max, &max_doc},    {"norm", norm, &norm_doc},
    {"t", transpose, &t_doc},        {"row", row, &row_doc},
    {"col", col, &col_doc},          {"slice", slice, &slice_doc},
    {"map", map, &map_doc},          {"table", table, &table_doc},
    {"copy", copy, &copy_doc},       {"reshape", reshape, &reshape_doc},
};

void bind_open_array(lua_State *L)
{
    bind_type(L, BIND_ARRAY, methods, sizeof methods / sizeof *methods, meta, array_field,
              field_names);
    luaL_getmetatable(L, BIND_ARRAY);
    lua_pushcfunction(L, number_text);
    lua_setfield(L, -2, "number_text");
    lua_pushcfunction(L, extremes);
    lua_setfield(L, -2, "extremes");
    lua_pushcfunction(L, held);
    lua_setfield(L, -2, "held");
    bind_ends_ipairs(L);
    lua_pop(L, 1);
    bind_open_array_functions(L);
}
