/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A doc record in its two forms, the constant of C and the table of Lua, and the one check of a
 * call's named options against it. */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bind/bind.h"
#include "bind/text.h"

static const char *const type_names[] = {
    [ARGUMENT_NUMBER] = "number", [ARGUMENT_INTEGER] = "integer", [ARGUMENT_BOOLEAN] = "boolean",
    [ARGUMENT_CHOICE] = "choice", [ARGUMENT_RATE] = "rate",       [ARGUMENT_TEXT] = "string",
    [ARGUMENT_ARRAY] = "array",   [ARGUMENT_VALUE] = "value",
};
enum { TYPE_NAMES = sizeof type_names / sizeof *type_names };

/* --- limits --- */

struct limits {
    double minimum, maximum; /* infinite: none */
    bool above, below;
};

/* A record that leaves the maximum at 0 under a minimum says "no maximum". */
static struct limits limits_of(const struct argument *argument)
{
    struct limits limits = {argument->minimum, argument->maximum, argument->above, argument->below};
    if (limits.minimum == 0 && limits.maximum == 0) {
        if (!limits.above)
            limits.minimum = -INFINITY;
        if (!limits.below)
            limits.maximum = INFINITY;
    } else if (limits.maximum == 0 && limits.minimum > 0) {
        limits.maximum = INFINITY;
    }
    return limits;
}

static bool inside(struct limits limits, double value)
{
    return (limits.above ? value > limits.minimum : value >= limits.minimum) &&
           (limits.below ? value < limits.maximum : value <= limits.maximum);
}

/* "greater than 0 and at most 1" */
static const char *limits_words(lua_State *L, struct limits limits)
{
    bool low = isfinite(limits.minimum), high = isfinite(limits.maximum);
    return lua_pushfstring(L, "%s%s%s%s%s",
                           !low           ? ""
                           : limits.above ? "greater than "
                                          : "at least ",
                           low ? bind_number_text(L, limits.minimum) : "",
                           low && high ? " and " : "",
                           !high          ? ""
                           : limits.below ? "less than "
                                          : "at most ",
                           high ? bind_number_text(L, limits.maximum) : "");
}

/* "> 0", "[0, 1)"; pushed, or nothing and false where there is no limit. */
static bool push_limits(lua_State *L, struct limits limits)
{
    bool low = isfinite(limits.minimum), high = isfinite(limits.maximum);
    if (low && high) {
        bind_number_text(L, limits.minimum);
        bind_number_text(L, limits.maximum);
        lua_pushfstring(L, "%s%s, %s%s", limits.above ? "(" : "[", lua_tostring(L, -2),
                        lua_tostring(L, -1), limits.below ? ")" : "]");
        lua_replace(L, -3);
        lua_pop(L, 1);
        return true;
    }
    if (!low && !high)
        return false;
    bind_number_text(L, low ? limits.minimum : limits.maximum);
    lua_pushfstring(L, "%s %s", low ? (limits.above ? ">" : "≥") : (limits.below ? "<" : "≤"),
                    lua_tostring(L, -1));
    lua_replace(L, -2);
    return true;
}

/* --- from C to Lua --- */

static void set_text(lua_State *L, const char *key, const char *text)
{
    if (text == NULL)
        return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, key);
}

static void set_flag(lua_State *L, const char *key, bool flag)
{
    if (!flag)
        return;
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, key);
}

static void set_number(lua_State *L, const char *key, double value)
{
    if (isfinite(value) && value == floor(value) && fabs(value) < 1e15)
        lua_pushinteger(L, (lua_Integer)value);
    else
        lua_pushnumber(L, value);
    lua_setfield(L, -2, key);
}

static bool is_numeric(const struct argument *argument)
{
    return argument->type == ARGUMENT_NUMBER || argument->type == ARGUMENT_INTEGER ||
           argument->type == ARGUMENT_RATE;
}

static void set_default(lua_State *L, const struct argument *argument)
{
    char choice[64];
    if (argument->required || (argument->default_text != NULL && isnan(argument->standard)))
        return;
    if (is_numeric(argument) && !isnan(argument->standard)) {
        set_number(L, "default", argument->standard);
    } else if (argument->type == ARGUMENT_BOOLEAN) {
        lua_pushboolean(L, argument->standard != 0);
        lua_setfield(L, -2, "default");
    } else if (argument->type == ARGUMENT_CHOICE &&
               doc_choice_name(argument->choices, (int)argument->standard, choice, sizeof choice)) {
        set_text(L, "default", choice);
    }
}

static void push_argument(lua_State *L, const struct argument *argument)
{
    lua_createtable(L, 0, 10);
    set_text(L, "name", argument->name);
    set_text(L, "symbol", argument->symbol);
    set_text(L, "type",
             argument->type == ARGUMENT_VALUE && argument->type_name != NULL
                 ? argument->type_name
                 : type_names[argument->type]);
    set_text(L, "shape", argument->shape);
    set_text(L, "unit", argument->unit);
    set_text(L, "default_text", argument->default_text);
    if (argument->type == ARGUMENT_CHOICE)
        set_text(L, "choices", argument->choices);
    set_text(L, "summary", argument->summary);
    set_flag(L, "required", argument->required);
    set_default(L, argument);
    if (!is_numeric(argument))
        return;
    struct limits limits = limits_of(argument);
    if (push_limits(L, limits)) {
        lua_setfield(L, -2, "range");
        set_number(L, "minimum", limits.minimum);
        set_number(L, "maximum", limits.maximum);
        set_flag(L, "above", limits.above);
        set_flag(L, "below", limits.below);
    }
}

void bind_record(lua_State *L, const struct doc *doc)
{
    luaL_checkstack(L, 8, NULL);
    lua_createtable(L, 0, 10);
    set_text(L, "name", doc->name);
    set_text(L, "signature", doc->signature);
    set_text(L, "summary", doc->summary);
    set_text(L, "returns", doc->returns);
    set_text(L, "errors", doc->errors);
    set_text(L, "equation", doc->equation);
    set_text(L, "source", doc->source);
    set_text(L, "elsewhere", doc->elsewhere);
    set_text(L, "example", doc->example);
    set_text(L, "result", doc->result);
    lua_createtable(L, (int)doc->argument_count, 0);
    for (size_t i = 0; i < doc->argument_count; i++) {
        push_argument(L, &doc->arguments[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "arguments");
}

/* --- the check --- */

/* "alpha, beta, gamma"; pushed. */
static const char *names_text(lua_State *L, const struct doc *doc)
{
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    for (size_t i = 0; i < doc->argument_count; i++) {
        if (i > 0)
            luaL_addstring(&buffer, ", ");
        luaL_addstring(&buffer, doc->arguments[i].name);
    }
    luaL_pushresult(&buffer);
    return lua_tostring(L, -1);
}

/* "average", "velocity" or "sum"; pushed. */
static const char *choices_text(lua_State *L, const char *choices)
{
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    for (const char *rest = choices;;) {
        size_t length = strcspn(rest, "|");
        bool word = !(length == 4 && memcmp(rest, "true", 4) == 0) &&
                    !(length == 5 && memcmp(rest, "false", 5) == 0);
        if (word)
            luaL_addchar(&buffer, '"');
        luaL_addlstring(&buffer, rest, length);
        if (word)
            luaL_addchar(&buffer, '"');
        if (rest[length] == '\0')
            break;
        rest += length + 1;
        luaL_addstring(&buffer, strchr(rest, '|') == NULL ? " or " : ", ");
    }
    luaL_pushresult(&buffer);
    return lua_tostring(L, -1);
}

static const char *nearest_choice(lua_State *L, const char *choices, const char *given)
{
    char choice[64];
    lua_newtable(L);
    int count = 0;
    while (doc_choice_name(choices, count, choice, sizeof choice)) {
        lua_pushstring(L, choice);
        lua_rawseti(L, -2, ++count);
    }
    return bind_nearest(L, given, -1, (size_t)count);
}

static const char *nearest_argument(lua_State *L, const struct doc *doc, const char *given)
{
    lua_createtable(L, (int)doc->argument_count, 0);
    for (size_t i = 0; i < doc->argument_count; i++) {
        const struct argument *argument = &doc->arguments[i];
        if (argument->symbol != NULL && strcmp(argument->symbol, given) == 0)
            return argument->name;
        lua_pushstring(L, argument->name);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return bind_nearest(L, given, -1, doc->argument_count);
}

/* A setting of the rule that was given to the run; NULL: it is none. */
static const char *nearest_of_rule(lua_State *L, const struct doc *doc, const char *given)
{
    static const char *const settings[] = {"alpha", "beta", "gamma", "epsilon", "clip",
                                           "weight_decay"};
    const size_t count = sizeof settings / sizeof *settings;
    if (strcmp(doc->name, "fit") != 0 && strcmp(doc->name, "descend") != 0)
        return NULL;
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushstring(L, settings[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return bind_nearest(L, given, -1, count);
}

static void refuse_unknown(lua_State *L, const struct doc *doc, const char *given)
{
    if (doc->argument_count == 0)
        bind_refuse(L, NULL, "%s has no option \"%s\"; it takes none", doc->name, given);
    const char *nearest = nearest_argument(L, doc, given), *names = names_text(L, doc);
    if (nearest != NULL)
        bind_refuse(L, NULL, "%s has no option \"%s\"; did you mean %s? It takes %s.", doc->name,
                    given, nearest, names);
    const char *setting = nearest_of_rule(L, doc, given);
    if (setting != NULL)
        bind_refuse(L, NULL,
                    "%s has no option \"%s\": %s belongs to the optimizer, as in "
                    "optim.adam{%s = ...}. It takes %s.",
                    doc->name, given, setting, setting, names);
    bind_refuse(L, NULL, "%s has no option \"%s\". It takes %s.", doc->name, given, names);
}

/* Every key is the name of an argument or one of the positions allowed. Of several unknown names
 * the first by byte is refused, so that the message does not depend on the order of a hash. */
static void check_names(lua_State *L, int index, const struct doc *doc, int positional)
{
    const char *unknown = NULL;
    for (lua_pushnil(L); lua_next(L, index) != 0;) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING) {
            const char *name = lua_tostring(L, -1); /* kept by the table */
            size_t i = 0;
            while (i < doc->argument_count && strcmp(doc->arguments[i].name, name) != 0)
                i++;
            if (i == doc->argument_count && (unknown == NULL || strcmp(name, unknown) < 0))
                unknown = name;
            continue;
        }
        lua_Integer key = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
        if (key >= 1 && key <= positional)
            continue;
        if (key >= 1 && positional > 0)
            bind_refuse(L, doc->name,
                        "at most %d %s without a name can be given; all else is "
                        "written name = value: %s",
                        positional, positional == 1 ? "value" : "values", doc->signature);
        if (key >= 1)
            bind_refuse(L, doc->name, "values are given by name: %s", doc->signature);
        bind_refuse(L, doc->name, "an option's name must be a word, not %s", bind_describe(L, -1));
    }
    if (unknown != NULL)
        refuse_unknown(L, doc, unknown);
}

static bool is_callable(lua_State *L, int index)
{
    if (lua_type(L, index) == LUA_TFUNCTION)
        return true;
    if (luaL_getmetafield(L, index, "__call") == LUA_TNIL)
        return false;
    lua_pop(L, 1);
    return true;
}

/* Whether the value is what one word of a type says; a word that is not known says nothing. */
static bool fits_word(lua_State *L, int index, const char *word, size_t length)
{
    static const char *const words[] = {"number",    "string", "boolean", "table",   "array",
                                        "data set",  "model",  "loss",    "run",     "schedule",
                                        "optimizer", "symbol", "process", "function"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i]) != length || memcmp(words[i], word, length) != 0)
            continue;
        if (strcmp(words[i], "function") == 0)
            return is_callable(L, index);
        return strcmp(bind_type_name(L, index), words[i]) == 0;
    }
    return true;
}

/* "loss or run", "number, schedule or function" */
static bool fits_type(lua_State *L, int index, const char *type)
{
    while (true) {
        size_t length = strcspn(type, ",");
        const char *alternative = strstr(type, " or ");
        bool last = type[length] == '\0' && alternative == NULL;
        size_t skip = 0;
        if (alternative != NULL && (size_t)(alternative - type) < length) {
            length = (size_t)(alternative - type);
            skip = 4;
        } else if (!last) {
            skip = 1 + (type[length + (type[length] != '\0')] == ' ');
        }
        if (fits_word(L, index, type, length))
            return true;
        if (last)
            return false;
        type += length + skip;
    }
}

static double check_number(lua_State *L, int index, const struct doc *doc,
                           const struct argument *argument)
{
    double value = lua_tonumber(L, index);
    struct limits limits = limits_of(argument);
    bool integer = argument->type == ARGUMENT_INTEGER;
    if (!isfinite(value))
        bind_refuse(L, doc->name, "%s must be a finite number, not %s", argument->name,
                    bind_number_text(L, value));
    if (integer && value != floor(value))
        bind_refuse(L, doc->name, "%s must be an integer, not %s", argument->name,
                    bind_number_text(L, value));
    if (!inside(limits, value))
        bind_refuse(L, doc->name, "%s must be %s, not %s", argument->name, limits_words(L, limits),
                    bind_number_text(L, value));
    return value;
}

static double check_choice(lua_State *L, int index, const struct doc *doc,
                           const struct argument *argument)
{
    const char *given = NULL;
    if (lua_type(L, index) == LUA_TSTRING)
        given = lua_tostring(L, index);
    else if (lua_type(L, index) == LUA_TBOOLEAN)
        given = lua_toboolean(L, index) ? "true" : "false";
    int position = given == NULL ? -1 : doc_choice_index(argument->choices, given);
    if (position >= 0)
        return position;
    const char *choices = choices_text(L, argument->choices);
    if (lua_type(L, index) != LUA_TSTRING)
        bind_refuse(L, doc->name, "%s must be %s, not %s", argument->name, choices,
                    bind_describe(L, index));
    const char *nearest = nearest_choice(L, argument->choices, given);
    if (nearest != NULL)
        bind_refuse(L, doc->name, "%s must be %s, not \"%s\"; did you mean \"%s\"?", argument->name,
                    choices, given, nearest);
    bind_refuse(L, doc->name, "%s must be %s, not \"%s\"", argument->name, choices, given);
    return 0;
}

static int refuse_type(lua_State *L, int index, const struct doc *doc,
                       const struct argument *argument, const char *expected)
{
    return bind_refuse(L, doc->name, "%s must be %s, not %s%s", argument->name, expected,
                       bind_describe(L, index),
                       is_numeric(argument) ? bind_quotes_hint(L, index) : "");
}

/* The value at `index` as a number where the type has one, else NaN. */
static double check_value(lua_State *L, int index, const struct doc *doc,
                          const struct argument *argument)
{
    int type = lua_type(L, index);
    switch (argument->type) {
    case ARGUMENT_NUMBER:
        if (argument->choices != NULL && type != LUA_TNUMBER) {
            int word = type == LUA_TSTRING
                           ? doc_choice_index(argument->choices, lua_tostring(L, index))
                           : -1;
            if (word >= 0)
                return -1 - word;
            refuse_type(L, index, doc, argument,
                        lua_pushfstring(L, "a number or %s", choices_text(L, argument->choices)));
        }
        if (type != LUA_TNUMBER)
            refuse_type(L, index, doc, argument, "a number");
        return check_number(L, index, doc, argument);
    case ARGUMENT_INTEGER:
        if (type != LUA_TNUMBER)
            refuse_type(L, index, doc, argument, "an integer");
        return check_number(L, index, doc, argument);
    case ARGUMENT_RATE:
        if (type == LUA_TNUMBER)
            return check_number(L, index, doc, argument);
        if (bind_test(L, index, BIND_SCHEDULE) == NULL && !is_callable(L, index))
            refuse_type(L, index, doc, argument, "a number, a schedule or a function");
        return NAN;
    case ARGUMENT_BOOLEAN:
        if (type != LUA_TBOOLEAN)
            refuse_type(L, index, doc, argument, "true or false");
        return lua_toboolean(L, index);
    case ARGUMENT_CHOICE: return check_choice(L, index, doc, argument);
    case ARGUMENT_TEXT:
        if (type != LUA_TSTRING)
            refuse_type(L, index, doc, argument, "a string");
        return NAN;
    case ARGUMENT_ARRAY:
        if (type != LUA_TTABLE && bind_test(L, index, BIND_ARRAY) == NULL)
            refuse_type(L, index, doc, argument, "an array or a table of numbers");
        return NAN;
    case ARGUMENT_VALUE:
        if (argument->type_name != NULL && !fits_type(L, index, argument->type_name))
            refuse_type(L, index, doc, argument, bind_with_article(L, argument->type_name));
        return NAN;
    }
    return NAN;
}

void bind_options(lua_State *L, int index, const struct doc *doc, int positional, double *values,
                  bool *given)
{
    int top = lua_gettop(L);
    index = lua_absindex(L, index);
    bool present = !lua_isnoneornil(L, index);
    if (present && lua_type(L, index) != LUA_TTABLE)
        bind_refuse(L, doc->name, "options are given by name in braces, not as %s: %s",
                    bind_describe(L, index), doc->signature);
    luaL_checkstack(L, 12, NULL);
    if (present)
        check_names(L, index, doc, positional);
    for (size_t i = 0; i < doc->argument_count; i++) {
        const struct argument *argument = &doc->arguments[i];
        bool there = present && bind_field(L, index, argument->name);
        double value = argument->standard;
        if (there)
            value = check_value(L, lua_gettop(L), doc, argument);
        else if (argument->required)
            bind_refuse(L, NULL, "%s needs %s: write %s", doc->name, argument->name,
                        doc->signature);
        if (values != NULL)
            values[i] = value;
        if (given != NULL)
            given[i] = there;
        lua_settop(L, top);
    }
}

bool bind_field(lua_State *L, int index, const char *name)
{
    index = lua_absindex(L, index);
    if (lua_type(L, index) == LUA_TTABLE) {
        lua_pushstring(L, name);
        if (lua_rawget(L, index) != LUA_TNIL)
            return true;
        lua_pop(L, 1);
    }
    return false;
}

/* --- from Lua to C --- */

/* A field's text, which the record keeps alive; or NULL. */
static const char *get_text(lua_State *L, int table, const char *key)
{
    const char *text = lua_getfield(L, table, key) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    lua_pop(L, 1);
    return text;
}

static bool get_flag(lua_State *L, int table, const char *key)
{
    lua_getfield(L, table, key);
    bool flag = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return flag;
}

static const char *read_limit(const char *text, double *number)
{
    bool infinite = strncmp(text, "inf", 3) == 0 || strncmp(text, "-inf", 4) == 0;
    if (infinite) {
        *number = text[0] == '-' ? -INFINITY : INFINITY;
        return strchr(text, 'f') + 1;
    }
    char *end;
    *number = strtod(text, &end);
    return end == text ? NULL : end;
}

/* "> 0", ">= 0", "≥ 0", "< 1", "<= 1", "≤ 1", "[0, 1)", "(0, inf)". */
static bool read_range(const char *text, struct argument *argument)
{
    static const struct {
        const char *sign;
        bool low, excluded;
    } signs[] = {{">=", true, false},  {"≥", true, false},  {">", true, true},
                 {"<=", false, false}, {"≤", false, false}, {"<", false, true}};
    argument->minimum = -INFINITY;
    argument->maximum = INFINITY;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t length = strlen(signs[i].sign);
        if (strncmp(text, signs[i].sign, length) != 0)
            continue;
        double number;
        const char *end = read_limit(text + length + strspn(text + length, " "), &number);
        *(signs[i].low ? &argument->minimum : &argument->maximum) = number;
        *(signs[i].low ? &argument->above : &argument->below) = signs[i].excluded;
        return end != NULL && *end == '\0';
    }
    if (*text != '[' && *text != '(')
        return false;
    argument->above = *text == '(';
    const char *end = read_limit(text + 1, &argument->minimum);
    if (end == NULL || *end != ',')
        return false;
    end++;
    end = read_limit(end + strspn(end, " "), &argument->maximum);
    if (end == NULL || (*end != ']' && *end != ')') || end[1] != '\0')
        return false;
    argument->below = *end == ')';
    return true;
}

static void read_argument(lua_State *L, int table, const char *name, struct argument *argument)
{
    argument->name = get_text(L, table, "name");
    argument->symbol = get_text(L, table, "symbol");
    argument->required = get_flag(L, table, "required");
    argument->choices = get_text(L, table, "choices");
    const char *type = get_text(L, table, "type"), *range = get_text(L, table, "range");
    if (argument->name == NULL || type == NULL)
        luaL_error(L, "the record of %s: an argument has no name or no type", name);
    argument->type = ARGUMENT_VALUE;
    argument->type_name = type;
    for (int i = 0; i < TYPE_NAMES - 1; i++)
        if (strcmp(type, type_names[i]) == 0)
            argument->type = (enum argument_type)i;
    if (strcmp(type, "text") == 0)
        argument->type = ARGUMENT_TEXT;
    if (strcmp(type, "value") == 0)
        argument->type_name = NULL;
    if (argument->choices == NULL && range != NULL && strchr(range, '|') != NULL) {
        argument->choices = range;
        range = NULL;
    }
    if (argument->type == ARGUMENT_CHOICE && argument->choices == NULL)
        luaL_error(L, "the record of %s: %s is a choice, but its choices (\"a|b|c\") are missing",
                   name, argument->name);
    if (is_numeric(argument) && range != NULL && !read_range(range, argument))
        luaL_error(L,
                   "the record of %s: the range \"%s\" of %s is none of \"> 0\", \">= 0\", "
                   "\"< 1\", \"<= 1\", \"[0, 1)\"",
                   name, range, argument->name);
}

int bind_check_options(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    bool called = !lua_isnone(L, 2); /* else only the record is checked */
    int positional = (int)luaL_optinteger(L, 3, 0);
    lua_settop(L, 3);
    struct doc doc = {
        .name = get_text(L, 1, "name"),
        .signature = get_text(L, 1, "signature"),
    };
    if (doc.name == NULL || doc.signature == NULL)
        return luaL_error(L, "a record needs a name and a signature");
    if (lua_getfield(L, 1, "arguments") == LUA_TTABLE)
        doc.argument_count = lua_rawlen(L, -1);
    int list = lua_gettop(L);
    size_t size = (doc.argument_count + 1) * sizeof(struct argument);
    struct argument *arguments = memset(lua_newuserdatauv(L, size, 0), 0, size);
    for (size_t i = 0; i < doc.argument_count; i++) {
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        read_argument(L, lua_gettop(L), doc.name, &arguments[i]);
        lua_pop(L, 1);
    }
    doc.arguments = arguments;
    if (called)
        bind_options(L, 2, &doc, positional, NULL, NULL);
    return 0;
}
