/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is shared by all calls of one Lua state lies in its registry, under the addresses of `keys`:
 * no mutable static, so that two states in one process know nothing of each other. */
#include "bind/bind.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/generator.h"
#include "bind/text.h"

enum key { KEY_STATE, KEY_DOCUMENTS, KEY_DOCUMENT, KEY_TYPES, KEY_KEPT, KEYS };
static const char keys[KEYS] = {0};

/* Made first, hence finalised last: every other object may still use the context in its __gc. */
struct state {
    bool ready;
    struct context context;
    struct generator generator;
};

static int get(lua_State *L, enum key key)
{
    return lua_rawgetp(L, LUA_REGISTRYINDEX, &keys[key]);
}

static void set(lua_State *L, enum key key)
{
    lua_rawsetp(L, LUA_REGISTRYINDEX, &keys[key]);
}

static struct state *state_of(lua_State *L)
{
    get(L, KEY_STATE);
    struct state *state = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return state;
}

struct context *bind_context(lua_State *L)
{
    return &state_of(L)->context;
}

struct generator *bind_generator(lua_State *L)
{
    return &state_of(L)->generator;
}

static int free_state(lua_State *L)
{
    struct state *state = lua_touserdata(L, 1);
    if (state->ready)
        context_free(&state->context);
    state->ready = false;
    return 0;
}

/* --- errors --- */

/* Pushes "file:line: " of the nearest Lua function that is not part of this program's own Lua. */
static void push_place(lua_State *L)
{
    lua_Debug frame;
    for (int level = 1; lua_getstack(L, level, &frame); level++) {
        lua_getinfo(L, "S", &frame);
        if (strcmp(frame.what, "C") != 0 && strncmp(frame.source, "@descent/", 9) != 0) {
            luaL_where(L, level);
            return;
        }
    }
    lua_pushliteral(L, "");
}

/* lua_error does not come back, which its declaration does not say. */
static int raise_error(lua_State *L) __attribute__((noreturn));
static int raise_error(lua_State *L)
{
    lua_error(L);
    __builtin_unreachable();
}

int bind_raise(lua_State *L, const struct error *error)
{
    if (error->status == STATUS_CALLBACK && get(L, KEY_KEPT) != LUA_TNIL) {
        lua_pushnil(L);
        set(L, KEY_KEPT);
        raise_error(L);
    }
    if (error->status == STATUS_INTERRUPTED) {
        atomic_store(&bind_context(L)->interrupted, 0);
        lua_pushliteral(L, "interrupted!");
        raise_error(L);
    }
    char text[sizeof error->where + sizeof error->text + 2];
    push_place(L);
    lua_pushstring(L, error_message(error, text, sizeof text));
    lua_concat(L, 2);
    raise_error(L);
}

enum status bind_keep_error(lua_State *L, struct error *error)
{
    set(L, KEY_KEPT);
    return error_set(error, STATUS_CALLBACK, NULL, "a Lua function failed");
}

void bind_check(lua_State *L, enum status status, const struct error *error)
{
    if (status != STATUS_OK)
        bind_raise(L, error);
}

int bind_refuse(lua_State *L, const char *argument, const char *format, ...)
{
    push_place(L);
    if (argument != NULL && argument[0] != '\0')
        lua_pushfstring(L, "%s: ", argument);
    else
        lua_pushliteral(L, "");
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, format, list);
    va_end(list);
    size_t size = length < 0 ? 1 : (size_t)length + 1;
    luaL_Buffer buffer;
    char *text = luaL_buffinitsize(L, &buffer, size);
    if (length < 0 || vsnprintf(text, size, format, again) < 0)
        text[0] = '\0';
    va_end(again);
    luaL_pushresultsize(&buffer, size - 1);
    lua_concat(L, 3);
    raise_error(L);
}

/* --- documentation --- */

/* An entry's record is made when it is first read: most sessions read few. */
static int document_index(lua_State *L)
{
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (strcmp(key, "record") != 0)
        return 0;
    lua_pushvalue(L, 1);
    lua_rawget(L, lua_upvalueindex(1));
    bind_record(L, lua_touserdata(L, -1));
    lua_pushvalue(L, -1);
    lua_setfield(L, 1, "record");
    return 1;
}

void bind_document(lua_State *L, int index, const struct doc *doc)
{
    index = lua_absindex(L, index);
    get(L, KEY_DOCUMENTS);
    get(L, KEY_DOCUMENT);
    lua_createtable(L, 0, 3); /* documents meta entry */
    lua_pushstring(L, doc->name);
    lua_setfield(L, -2, "name");
    lua_pushvalue(L, index);
    lua_setfield(L, -2, "value");
    lua_getfield(L, -2, "docs"); /* documents meta entry docs */
    lua_pushvalue(L, -2);
    lua_pushlightuserdata(L, (void *)doc);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    lua_pushvalue(L, -2);
    lua_setmetatable(L, -2);
    lua_rawseti(L, -3, (lua_Integer)lua_rawlen(L, -3) + 1);
    lua_pop(L, 2);
}

void bind_functions(lua_State *L, const struct function *functions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        lua_pushcfunction(L, functions[i].function);
        bind_document(L, -1, functions[i].doc);
        lua_setfield(L, -2, functions[i].name);
    }
}

/* --- types --- */

static const char *short_name(const char *type)
{
    const char *dot = strrchr(type, '.');
    return dot == NULL ? type : dot + 1;
}

const char *bind_type_name(lua_State *L, int index)
{
    const char *name = luaL_typename(L, index);
    if (lua_type(L, index) == LUA_TUSERDATA &&
        luaL_getmetafield(L, index, "__name") == LUA_TSTRING) {
        const char *type = lua_tostring(L, -1); /* kept by the metatable */
        lua_pop(L, 1);
        if (strncmp(type, "descent.", 8) == 0)
            type += 8;
        name = strcmp(type, "dataset") == 0 ? "data set" : type;
    }
    return name;
}

const char *bind_describe(lua_State *L, int index)
{
    switch (lua_type(L, index)) {
    case LUA_TNONE:
    case LUA_TNIL: return "nothing";
    case LUA_TBOOLEAN: return lua_toboolean(L, index) ? "true" : "false";
    case LUA_TNUMBER: return "a number";
    case LUA_TSTRING: return "a string";
    default: return bind_with_article(L, bind_type_name(L, index));
    }
}

const char *bind_with_article(lua_State *L, const char *noun)
{
    return lua_pushfstring(L, "%s %s", strchr("aeiou", noun[0]) != NULL ? "an" : "a", noun);
}

void *bind_new(lua_State *L, const char *type, size_t size)
{
    void *object = lua_newuserdatauv(L, size, 1);
    memset(object, 0, size);
    luaL_setmetatable(L, type);
    return object;
}

void *bind_test(lua_State *L, int index, const char *type)
{
    return luaL_testudata(L, index, type);
}

void *bind_object(lua_State *L, int index, const char *type, const char *argument)
{
    /* A method knows the metatable of what stands before its colon. */
    if (argument == NULL && lua_getmetatable(L, index)) {
        bool own = lua_rawequal(L, -1, lua_upvalueindex(1));
        lua_pop(L, 1);
        if (own)
            return lua_touserdata(L, index);
    }
    index = lua_absindex(L, index);
    void *object = luaL_testudata(L, index, type);
    if (object != NULL)
        return object;
    const char *noun = short_name(type);
    if (strcmp(noun, "dataset") == 0)
        noun = "data set";
    noun = bind_with_article(L, noun);
    if (argument != NULL)
        bind_refuse(L, NULL, "%s must be %s, not %s", argument, noun, bind_describe(L, index));
    lua_Debug frame;
    const char *method = NULL;
    if (lua_getstack(L, 0, &frame) && lua_getinfo(L, "n", &frame) != 0)
        method = frame.name;
    bind_refuse(L, NULL, "%s is called with a colon, on %s: write object:%s(...)",
                method == NULL ? "a method" : method, noun, method == NULL ? "method" : method);
    return NULL;
}

/* Pushes the list of names that an object has, sorted by no order. */
static size_t push_members(lua_State *L, int methods, int fields)
{
    methods = lua_absindex(L, methods);
    fields = lua_absindex(L, fields);
    lua_newtable(L);
    lua_Integer count = 0;
    for (lua_Integer i = 1; lua_rawgeti(L, fields, i) != LUA_TNIL; i++)
        lua_rawseti(L, -2, ++count);
    lua_pop(L, 1);
    for (lua_pushnil(L); lua_next(L, methods) != 0;) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, ++count);
    }
    return (size_t)count;
}

/* Upvalues: methods, the function for fields or nil, list of field names, type name. */
static int object_index(lua_State *L)
{
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    lua_pop(L, 1);
    lua_CFunction fields = lua_tocfunction(L, lua_upvalueindex(2));
    if (fields != NULL) {
        int results = fields(L);
        if (results > 0)
            return results;
        lua_settop(L, 2);
    }
    const char *type = lua_tostring(L, lua_upvalueindex(4));
    const char *noun = bind_with_article(L, strcmp(type, "dataset") == 0 ? "data set" : type);
    if (lua_type(L, 2) != LUA_TSTRING)
        return bind_refuse(L, NULL, "%s cannot be indexed by %s", noun, bind_describe(L, 2));
    const char *given = lua_tostring(L, 2);
    size_t count = push_members(L, lua_upvalueindex(1), lua_upvalueindex(3));
    const char *nearest = bind_nearest(L, given, -1, count);
    if (nearest != NULL)
        return bind_refuse(L, NULL, "%s has no \"%s\"; did you mean %s?", noun, given, nearest);
    return bind_refuse(L, NULL, "%s has no \"%s\"; help \"%s\" lists what it has", noun, given,
                       type);
}

/* Upvalue: type name. What has been made stays as it is; says how to get one that is different. */
static int object_assign(lua_State *L)
{
    static const struct {
        const char *type, *noun, *instead;
    } kinds[] = {
        {"dataset", "a data set", "; d:with{name = f}, d:take and d:filter make another"},
        {"optimizer", NULL, "; opt{alpha = 0.2} is a copy with a change"},
        {"loss", NULL, "; L:with(data) is the same on other data"},
        {"run", NULL, "; r:step() moves it, r:fork{alpha = 0.2} goes on with a change"},
    };
    const char *type = lua_tostring(L, lua_upvalueindex(1)), *noun = NULL, *instead = "";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(type, kinds[i].type) == 0) {
            noun = kinds[i].noun;
            instead = kinds[i].instead;
        }
    if (noun == NULL)
        noun = bind_with_article(L, type);
    return bind_refuse(L, NULL, "%s cannot be assigned to%s", noun, instead);
}

const char *bind_nearest(lua_State *L, const char *given, int list, size_t count)
{
    list = lua_absindex(L, list);
    const char **names = lua_newuserdatauv(L, (count + 1) * sizeof *names, 0);
    size_t strings = 0;
    for (size_t i = 0; i < count; i++) {
        if (lua_rawgeti(L, list, (lua_Integer)i + 1) == LUA_TSTRING)
            names[strings++] = lua_tostring(L, -1); /* kept by the list */
        lua_pop(L, 1);
    }
    return doc_nearest(given, names, strings);
}

/* The texts are written in Lua, loaded when the first is asked for. */
static int shown(lua_State *L, const char *function)
{
    lua_settop(L, 1);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    if (lua_getfield(L, -1, "descent.show") != LUA_TTABLE) {
        if (lua_getglobal(L, "require") != LUA_TFUNCTION)
            return luaL_error(L, "descent.show is not loaded");
        lua_pushliteral(L, "descent.show");
        lua_call(L, 1, 1);
    }
    lua_getfield(L, -1, function);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static int object_text(lua_State *L)
{
    return shown(L, "value");
}

int bind_namespace_text(lua_State *L)
{
    return shown(L, "namespace");
}

void bind_type(lua_State *L, const char *type, const struct function *methods, size_t count,
               const luaL_Reg *meta, lua_CFunction fields, const char *const *field_names)
{
    if (!luaL_newmetatable(L, type)) /* objects of one would be finalised as the other */
        luaL_error(L, "the type %s is defined twice", type);
    lua_pushcfunction(L, object_text);
    lua_setfield(L, -2, "__tostring");
    lua_pushstring(L, short_name(type));
    lua_pushcclosure(L, object_assign, 1);
    lua_setfield(L, -2, "__newindex");
    if (meta != NULL)
        luaL_setfuncs(L, meta, 0);

    lua_createtable(L, 0, (int)count); /* meta methods */
    bind_functions(L, methods, count);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "methods");
    if (fields != NULL)
        lua_pushcfunction(L, fields);
    else
        lua_pushnil(L);
    lua_newtable(L); /* meta methods function names */
    for (lua_Integer i = 0; field_names != NULL && field_names[i] != NULL; i++) {
        lua_pushstring(L, field_names[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, -5, "fields");
    lua_pushstring(L, short_name(type));
    lua_pushcclosure(L, object_index, 4);
    lua_setfield(L, -2, "__index");

    get(L, KEY_TYPES);
    lua_insert(L, -2);
    lua_setfield(L, -2, short_name(type));
    lua_pop(L, 1);
}

/* Their upvalue is the metatable: see bind_object. */
void bind_methods(lua_State *L, const char *type, const struct function *methods, size_t count)
{
    luaL_getmetatable(L, type);
    lua_getfield(L, -1, "methods");
    for (size_t i = 0; i < count; i++) {
        lua_pushvalue(L, -2);
        lua_pushcclosure(L, methods[i].function, 1);
        bind_document(L, -1, methods[i].doc);
        lua_setfield(L, -2, methods[i].name);
    }
    lua_pop(L, 2);
}

/* --- functions written in Lua --- */

void bind_push_lua(lua_State *L, const char *module, const char *name)
{
    lua_getglobal(L, "require");
    lua_pushstring(L, module);
    lua_call(L, 1, 1);
    lua_getfield(L, -1, name);
    lua_remove(L, -2);
}

int bind_call_lua(lua_State *L, const char *module, const char *name)
{
    int count = lua_gettop(L);
    bind_push_lua(L, module, name);
    lua_insert(L, 1);
    lua_call(L, count, LUA_MULTRET);
    return lua_gettop(L);
}

/* --- loops --- */

void bind_ends_ipairs(lua_State *L)
{
    if (lua_getglobal(L, "ipairs") == LUA_TFUNCTION) {
        lua_newtable(L);
        lua_call(L, 1, 1);
        lua_setfield(L, -2, "ipairs_step");
    } else {
        lua_pop(L, 1);
    }
}

bool bind_asked_by_ipairs(lua_State *L)
{
    lua_Debug frame;
    if (!lua_getstack(L, 1, &frame) || lua_getinfo(L, "f", &frame) == 0)
        return false;
    luaL_getmetafield(L, 1, "ipairs_step");
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

/* --- plain arguments --- */

double bind_number(lua_State *L, int index, const char *argument)
{
    index = lua_absindex(L, index);
    if (lua_type(L, index) != LUA_TNUMBER)
        bind_refuse(L, NULL, "%s must be a number, not %s%s", argument, bind_describe(L, index),
                    bind_quotes_hint(L, index));
    double value = lua_tonumber(L, index);
    if (!isfinite(value))
        bind_refuse(L, NULL, "%s must be a finite number, not %s", argument,
                    bind_number_text(L, value));
    return value;
}

long long bind_integer(lua_State *L, int index, const char *argument, long long minimum,
                       long long maximum)
{
    index = lua_absindex(L, index);
    if (lua_type(L, index) != LUA_TNUMBER)
        bind_refuse(L, NULL, "%s must be an integer, not %s%s", argument, bind_describe(L, index),
                    bind_quotes_hint(L, index));
    int exact;
    lua_Integer value = lua_tointegerx(L, index, &exact);
    if (!exact)
        bind_refuse(L, NULL, "%s must be an integer, not %s", argument,
                    bind_number_text(L, lua_tonumber(L, index)));
    if (value >= minimum && value <= maximum)
        return value;
    if (maximum == LLONG_MAX)
        bind_refuse(L, NULL, "%s must be an integer of at least %lld, not %lld", argument, minimum,
                    (long long)value);
    if (minimum == LLONG_MIN)
        bind_refuse(L, NULL, "%s must be an integer of at most %lld, not %lld", argument, maximum,
                    (long long)value);
    if (minimum == maximum)
        bind_refuse(L, NULL, "%s must be %lld, not %lld", argument, minimum, (long long)value);
    bind_refuse(L, NULL, "%s must be an integer from %lld to %lld, not %lld", argument, minimum,
                maximum, (long long)value);
    return 0;
}

const char *bind_number_text(lua_State *L, double value)
{
    char text[40];
    if (isnan(value))
        return "nan";
    snprintf(text, sizeof text, "%.14g", value);
    for (char *c = text; *c != '\0'; c++) /* whatever the locale */
        if (*c == ',')
            *c = '.';
    return lua_pushstring(L, text);
}

const char *bind_quotes_hint(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TSTRING)
        return "";
    lua_pushvalue(L, index);
    if (lua_stringtonumber(L, lua_tostring(L, -1)) == 0)
        return "";
    return lua_pushfstring(L, "; write %s without the quotes", lua_tostring(L, index));
}

/* --- arrays --- */

/* Every key of a list is one of 1..size. */
static void check_list(lua_State *L, int table, size_t size, const char *argument)
{
    for (lua_pushnil(L); lua_next(L, table) != 0;) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING)
            bind_refuse(L, NULL, "%s must be a list of numbers; it has the name \"%s\"", argument,
                        lua_tostring(L, -1));
        lua_Integer key = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
        if (key < 1 || (lua_Unsigned)key > size)
            bind_refuse(L, NULL, "%s must be a list of numbers counted from 1, without holes",
                        argument);
    }
}

/* The number on top of the stack, popped: argument[row], or argument[row][col] when col > 0. */
static double element(lua_State *L, const char *argument, size_t row, size_t col)
{
    if (lua_type(L, -1) != LUA_TNUMBER) {
        int index = lua_gettop(L);
        const char *what = bind_describe(L, index), *hint = bind_quotes_hint(L, index);
        if (col == 0)
            bind_refuse(L, NULL, "%s[%zu] must be a number, not %s%s", argument, row, what, hint);
        bind_refuse(L, NULL, "%s[%zu][%zu] must be a number, not %s%s", argument, row, col, what,
                    hint);
    }
    double value = lua_tonumber(L, -1);
    lua_pop(L, 1);
    return value;
}

static struct array *array_from_numbers(lua_State *L, int table, const char *argument)
{
    struct array *array = bind_array_new(L, 1, lua_rawlen(L, table), 1);
    for (size_t i = 0; i < array->rows; i++) {
        lua_rawgeti(L, table, (lua_Integer)i + 1);
        array->data[i] = element(L, argument, i + 1, 0);
    }
    return array;
}

/* Rows are tables, or arrays of one dimension; the first says how long they are. */
static struct array *array_from_rows(lua_State *L, int table, const char *argument)
{
    struct array *array = NULL;
    size_t rows = lua_rawlen(L, table);
    for (size_t i = 0; i < rows; i++) {
        lua_rawgeti(L, table, (lua_Integer)i + 1);
        int top = lua_gettop(L);
        const struct array *row = bind_test(L, top, BIND_ARRAY);
        if (row == NULL && lua_type(L, top) != LUA_TTABLE)
            bind_refuse(L, NULL, "%s[%zu] must be a row of numbers, not %s", argument, i + 1,
                        bind_describe(L, top));
        if (row != NULL && row->dimensions != 1)
            bind_refuse(L, NULL, "%s[%zu] must be a row of numbers, not a matrix", argument, i + 1);
        size_t length = row != NULL ? row->rows : lua_rawlen(L, top);
        if (array == NULL) {
            array = bind_array_new(L, 2, rows, length);
            lua_insert(L, top++); /* array row */
        }
        if (length != array->cols)
            bind_refuse(L, NULL, "%s: row %zu has %zu %s, row 1 has %zu", argument, i + 1, length,
                        length == 1 ? "number" : "numbers", array->cols);
        for (size_t j = 0; j < length; j++) {
            double *place = &array->data[i * length + j];
            if (row != NULL) {
                *place = row->data[j];
            } else {
                lua_rawgeti(L, top, (lua_Integer)j + 1);
                *place = element(L, argument, i + 1, j + 1);
            }
        }
        lua_pop(L, 1);
    }
    return array;
}

struct array *bind_array(lua_State *L, int index, const char *argument)
{
    index = lua_absindex(L, index);
    struct array *array = bind_test(L, index, BIND_ARRAY);
    if (array != NULL)
        return array;
    if (lua_type(L, index) != LUA_TTABLE)
        bind_refuse(L, NULL, "%s must be an array or a table of numbers, not %s%s", argument,
                    bind_describe(L, index), bind_quotes_hint(L, index));
    luaL_checkstack(L, 8, NULL);
    check_list(L, index, lua_rawlen(L, index), argument);
    int first = lua_rawgeti(L, index, 1);
    bool nested = first == LUA_TTABLE || bind_test(L, -1, BIND_ARRAY) != NULL;
    lua_pop(L, 1);
    array = nested ? array_from_rows(L, index, argument) : array_from_numbers(L, index, argument);
    lua_replace(L, index);
    return array;
}

struct array *bind_vector(lua_State *L, int index, size_t size, const char *argument)
{
    index = lua_absindex(L, index);
    struct array *array = bind_array(L, index, argument);
    size_t length = array->rows * array->cols;
    if (array->dimensions == 2 && array->rows != 1 && array->cols != 1) {
        char shape[ARRAY_SHAPE_TEXT];
        bind_refuse(L, NULL, "%s must be a list of numbers, not an array of shape %s", argument,
                    array_shape_text(array, shape));
    }
    if (size != SIZE_MAX && length != size)
        bind_refuse(L, NULL, "%s must have %zu %s, not %zu", argument, size,
                    size == 1 ? "number" : "numbers", length);
    if (array->dimensions == 1)
        return array;
    struct array *vector = bind_array_new(L, 1, length, 1);
    memcpy(vector->data, array->data, length * sizeof *vector->data);
    lua_replace(L, index);
    return vector;
}

void bind_push_vector(lua_State *L, const double *values, size_t size)
{
    memcpy(bind_array_new(L, 1, size, 1)->data, values, size * sizeof *values);
}

void bind_push_indices(lua_State *L, const size_t *indices, size_t count)
{
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushinteger(L, (lua_Integer)indices[i] + 1);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* --- data sets --- */

struct dataset *bind_dataset(lua_State *L, int index, const char *argument)
{
    struct dataset **object = bind_object(L, index, BIND_DATASET, argument);
    return *object;
}

/* --- the start --- */

void bind_begin(lua_State *L)
{
    struct state *state = lua_newuserdatauv(L, sizeof *state, 0);
    state->ready = false;
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, free_state);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    context_init(&state->context);
    generator_seed(&state->generator, 0);
    state->ready = true;
    set(L, KEY_STATE);

    lua_newtable(L); /* core documents */
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "documents");
    set(L, KEY_DOCUMENTS);

    lua_newtable(L); /* core meta: of an entry; docs maps entries to their struct doc */
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "docs");
    lua_pushcclosure(L, document_index, 1);
    lua_setfield(L, -2, "__index");
    set(L, KEY_DOCUMENT);

    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "types");
    set(L, KEY_TYPES);
}
