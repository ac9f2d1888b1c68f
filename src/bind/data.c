/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The namespace data: what makes data sets. */
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "bind/array.h"
#include "bind/bind.h"
#include "bind/dataset.h"
#include "bind/namespace.h"
#include "bind/text.h"
#include "dataset/maker.h"
#include "dataset/number.h"
#include "dataset/words.h"

/* --- read ------------------------------------------------------------------------------------ */

enum { READ_X, READ_Y, READ_WEIGHTS, READ_MISSING, READ_CLASSES, READ_HEADER, READ_OPTIONS };

static const struct argument read_arguments[] = {
    [READ_X] = {.name = "x",
                .type = ARGUMENT_VALUE,
                .type_name = "name, number or list of them",
                .default_text = "all columns that are not y",
                .summary = "the input columns; one of words becomes a column of 0 and 1 for each "
                           "word"},
    [READ_Y] = {.name = "y",
                .type = ARGUMENT_VALUE,
                .type_name = "name, number or list of them, or false",
                .default_text = "the last column",
                .summary = "the output columns, false for none; one of words becomes classes 1 to "
                           "k in sorted order"},
    [READ_WEIGHTS] = {.name = "weights",
                      .type = ARGUMENT_VALUE,
                      .type_name = "name or number",
                      .default_text = "none; in a .npz file the array weights",
                      .summary = "the column that says how much the loss of each example counts"},
    [READ_MISSING] = {.name = "missing",
                      .type = ARGUMENT_CHOICE,
                      .choices = "error|drop",
                      .summary = "what to do about rows with an empty field, NA, NaN or ?"},
    [READ_CLASSES] = {.name = "classes",
                      .type = ARGUMENT_BOOLEAN,
                      .summary = "true: the numbers in y are labels"},
    [READ_HEADER] =
        {.name = "header",
         .type = ARGUMENT_BOOLEAN,
         .standard = NAN,
         .default_text = "found out",
         .summary =
             "whether the first row holds names; found out by whether some field of it is no "
             "number (words that come again below in their column are labels)"},
};

static const struct doc read_doc = {
    .name = "data.read",
    .signature = "data.read(path, {x =, y =, weights =, missing = \"error\", classes = false, "
                 "header =})",
    .summary = "reads a file of fields between commas, tabs or semicolons, or one of NumPy's: of a "
               ".npy file the columns go by number; of a .npz file the arrays by name, x and y "
               "unless others are named, and further dimensions of an array become columns",
    DOC_ARGUMENTS(read_arguments),
    .returns = "a data set",
    .errors = "names the file, the line and the number of the field: rows of different lengths, "
              "fields that are no numbers, missing values, columns that are not there; weights "
              "below 0",
    .example = "name = os.tmpname()\nfile = io.open(name, \"w\")\n"
               "file:write(\"size,town,price\\n60,Bonn,90\\n80,Rome,150\\n\")\nfile:close()\n"
               "d = data.read(name, {y = \"price\"})\n"
               "print(table.concat(d.names.x, \" \"))\nprint(d.x)\nos.remove(name)",
    .result = "size town=Bonn town=Rome\n60  1  0\n80  0  1",
};

/* The columns asked for: a name, a number, or a list of them, at the top of the stack. */
static const struct dataset_column *read_columns(lua_State *L, const char *argument, size_t *count)
{
    bool list = lua_type(L, -1) == LUA_TTABLE;
    int value = lua_gettop(L);
    *count = list ? lua_rawlen(L, value) : 1;
    if (list && *count == 0)
        bind_refuse(L, "data.read", "%s is an empty list", argument);
    struct dataset_column *columns = bind_room(L, *count, sizeof *columns);
    for (size_t i = 0; i < *count; i++) {
        if (list)
            lua_rawgeti(L, value, (lua_Integer)i + 1);
        else
            lua_pushvalue(L, value);
        columns[i] = (struct dataset_column){0};
        if (lua_type(L, -1) == LUA_TSTRING)
            columns[i].name = lua_tostring(L, -1); /* kept by the options */
        else if (lua_type(L, -1) == LUA_TNUMBER)
            columns[i].number = (size_t)bind_integer(L, -1, argument, 1, LLONG_MAX);
        else
            bind_refuse(L, "data.read",
                        "%s must be the name or number of a column, or a list of them, not %s",
                        argument, bind_describe(L, -1));
        lua_pop(L, 1);
    }
    return columns;
}

static int read_file(lua_State *L)
{
    const char *path = bind_path(L, 1);
    double values[READ_OPTIONS];
    bool given[READ_OPTIONS];
    lua_settop(L, 2);
    bind_options(L, 2, &read_doc, 0, values, given);
    struct dataset_columns columns = {
        .drop_missing = values[READ_MISSING] == 1,
        .classes = values[READ_CLASSES] == 1,
        .header = !given[READ_HEADER]        ? DATASET_HEADER_DETECT
                  : values[READ_HEADER] == 1 ? DATASET_HEADER_PRESENT
                                             : DATASET_HEADER_NONE,
    };
    if (bind_field(L, 2, "x"))
        columns.x = read_columns(L, "x", &columns.x_count);
    if (bind_field(L, 2, "y")) {
        columns.no_y = lua_type(L, -1) == LUA_TBOOLEAN && !lua_toboolean(L, -1);
        if (!columns.no_y)
            columns.y = read_columns(L, "y", &columns.y_count);
    }
    size_t one;
    if (bind_field(L, 2, "weights"))
        columns.weights = read_columns(L, "weights", &one);
    struct dataset **dataset = bind_dataset_new(L);
    struct error error;
    BIND_ATTEMPT(L, &error, dataset_read(dataset, bind_context(L), path, &columns, &error));
    bind_dataset_weigh(L, *dataset);
    return 1;
}

/* --- new ------------------------------------------------------------------------------------- */

static const struct argument new_arguments[] = {
    {.name = "x",
     .type = ARGUMENT_ARRAY,
     .shape = "I or I×d",
     .required = true,
     .summary = "inputs, a row for each example; a column of words becomes a column of 0 and 1 "
                "for each word"},
    {.name = "y",
     .type = ARGUMENT_ARRAY,
     .shape = "I or I×k",
     .summary = "outputs; a list of words becomes classes 1 to k in sorted order"},
    {.name = "weights",
     .type = ARGUMENT_ARRAY,
     .shape = "I",
     .default_text = "1 each",
     .summary = "how much the loss of each example counts: Σ wᵢ·ℓᵢ, a mean over Σ wᵢ"},
    {.name = "classes",
     .type = ARGUMENT_VALUE,
     .type_name = "boolean or table",
     .default_text = "none",
     .summary = "true: the numbers in y are labels, numbered 1 to k in their order; a list: y "
                "holds the numbers of these names"},
    {.name = "name", .type = ARGUMENT_TEXT, .default_text = "data", .summary = "of the data set"},
    {.name = "names",
     .type = ARGUMENT_VALUE,
     .type_name = "table",
     .default_text = "x, y; or x1, x2, ...",
     .summary = "of the columns: {x = {...}, y = {...}}, or one list with those of x first"},
};

static const struct doc new_doc = {
    .name = "data.new",
    .signature = "data.new{x =, y =, weights =, classes =, name =, names =}",
    .summary = "a data set from arrays or tables of numbers",
    DOC_ARGUMENTS(new_arguments),
    .returns = "a data set",
    .errors = "NaN and infinity, with their row and column; different numbers of rows; weights "
              "below 0",
    .example = "d = data.new{x = {{60, 2}, {80, 3}}, y = {90, 150}, names = {\"size\", \"beds\"}}\n"
               "print(#d, d.inputs, d.names.x[2], d.y)\n"
               "d = data.new{x = {1, 2, 3}, y = {\"no\", \"yes\", \"no\"}}\n"
               "print(d.y, d.classes[2])",
    .result = "2\t2\tbeds\t90  150\n1  2  1\tyes",
};

/* Reads `count` names of the list on top of the stack from place `from`, or one string. */
static const char **read_names(lua_State *L, const char *argument, size_t from, size_t count)
{
    int value = lua_gettop(L);
    const char **names = bind_room(L, count, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        if (lua_type(L, value) == LUA_TTABLE)
            lua_rawgeti(L, value, (lua_Integer)(from + i) + 1);
        else
            lua_pushvalue(L, value);
        if (lua_type(L, -1) != LUA_TSTRING)
            bind_refuse(L, "data.new", "%s[%zu] must be a string, not %s", argument, from + i + 1,
                        bind_describe(L, -1));
        names[i] = lua_tostring(L, -1); /* kept by the options */
        lua_pop(L, 1);
    }
    return names;
}

static const char **side_names(lua_State *L, int names, const char *key, size_t count)
{
    const char *argument = strcmp(key, "x") == 0 ? "names.x" : "names.y";
    if (!bind_field(L, names, key))
        return NULL;
    size_t given = lua_type(L, -1) == LUA_TTABLE ? lua_rawlen(L, -1) : 1;
    if (given != count)
        bind_refuse(L, "data.new", "%s has %zu name%s, and %s has %zu column%s", argument, given,
                    given == 1 ? "" : "s", key, count, count == 1 ? "" : "s");
    return read_names(L, argument, 0, count);
}

static void all_names(lua_State *L, struct dataset_source *source)
{
    if (!bind_field(L, 1, "names"))
        return;
    int names = lua_gettop(L);
    if (lua_type(L, names) != LUA_TTABLE)
        bind_refuse(L, "data.new", "names must be a table, not %s", bind_describe(L, names));
    size_t given = lua_rawlen(L, names), inputs = source->inputs, outputs = source->outputs;
    if (given == 0) {
        for (lua_pushnil(L); lua_next(L, names) != 0; lua_pop(L, 1)) {
            const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
            if (strcmp(key, "x") != 0 && strcmp(key, "y") != 0)
                bind_refuse(L, "data.new", "names has x and y, and no \"%s\"", key);
        }
        source->x_names = side_names(L, names, "x", inputs);
        source->y_names = side_names(L, names, "y", outputs);
        return;
    }
    if (given != inputs && given != inputs + outputs)
        bind_refuse(L, "data.new", "names has %zu name%s; x has %zu column%s, and y has %zu", given,
                    given == 1 ? "" : "s", inputs, inputs == 1 ? "" : "s", outputs);
    source->x_names = read_names(L, "names", 0, inputs);
    if (given > inputs) {
        lua_pushvalue(L, names);
        source->y_names = read_names(L, "names", inputs, outputs);
    }
}

/* --- words ----------------------------------------------------------------------------------- */

/* Pushes cell (row, column) of a table; column 0: the table is one column. */
static void push_cell(lua_State *L, int table, size_t row, size_t column)
{
    lua_rawgeti(L, table, (lua_Integer)row + 1);
    if (column == 0)
        return;
    if (lua_type(L, -1) == LUA_TTABLE)
        lua_rawgeti(L, -1, (lua_Integer)column);
    else
        lua_pushnil(L);
    lua_remove(L, -2);
}

static bool is_word(lua_State *L, int table, size_t row, size_t column)
{
    push_cell(L, table, row, column);
    bool word = lua_type(L, -1) == LUA_TSTRING;
    lua_pop(L, 1);
    return word;
}

/* A column of labels: each row's place, from 0, and the names in their order. */
struct labels {
    size_t *places;
    const char **names;
    size_t count;
};

enum { NUMBER_TEXT = 32 };

/* All is pushed that must be kept. No Lua error can leave it after the words are begun. */
static struct labels read_labels(lua_State *L, int table, size_t rows, size_t column, bool numeric,
                                 const char *argument)
{
    struct context *context = bind_context(L);
    for (size_t row = 0; row < rows; row++) {
        push_cell(L, table, row, column);
        if (lua_type(L, -1) != (numeric ? LUA_TNUMBER : LUA_TSTRING)) {
            char place[32] = "";
            if (column > 0)
                snprintf(place, sizeof place, "[%zu]", column);
            bind_refuse(L, "data.new", "%s[%zu]%s must be %s, as the others are, not %s", argument,
                        row + 1, place, numeric ? "a number" : "a string", bind_describe(L, -1));
        }
        lua_pop(L, 1);
    }
    struct labels labels = {.places = bind_room(L, rows, sizeof *labels.places),
                            .names = bind_room(L, rows, sizeof *labels.names)};
    size_t *ranks = bind_room(L, rows, sizeof *ranks), *firsts = bind_room(L, rows, sizeof *firsts);
    size_t text_size = 0;
    for (size_t row = 0; row < rows; row++) {
        push_cell(L, table, row, column);
        text_size += numeric ? NUMBER_TEXT : lua_rawlen(L, -1) + 1;
        lua_pop(L, 1);
    }
    char *text = bind_room(L, text_size, 1);
    struct words words = {0};
    struct number_locale locale;
    struct error error;
    bind_check(L, number_locale_enter(&locale, &error), &error);
    bool fine = true;
    for (size_t row = 0; row < rows && fine; row++) {
        char number[NUMBER_TEXT];
        const char *word = number;
        push_cell(L, table, row, column);
        if (numeric)
            number_write(lua_tonumber(L, -1) + 0.0, number, sizeof number);
        else
            word = lua_tostring(L, -1);
        fine = words_number(&words, context, word, strlen(word), &labels.places[row]);
        lua_pop(L, 1);
    }
    fine = fine && words_sort(&words, context, numeric, ranks, firsts, &labels.count) >= 0;
    for (size_t place = 0; place < labels.count && fine; place++) {
        labels.names[place] = strcpy(text, words_text(&words, firsts[place]));
        text += strlen(text) + 1;
    }
    for (size_t row = 0; row < rows && fine; row++)
        labels.places[row] = ranks[labels.places[row]];
    words_free(&words, context);
    number_locale_leave(&locale);
    if (!fine)
        bind_refuse(L, "data.new", "not enough memory for these labels");
    return labels;
}

/* Inputs of which some columns hold words: those become a column of 0 and 1 for each word. */
static void read_words(lua_State *L, int table, struct dataset_source *source)
{
    size_t rows = lua_rawlen(L, table), columns = 1;
    lua_rawgeti(L, table, 1);
    bool single = lua_type(L, -1) != LUA_TTABLE;
    if (!single)
        columns = lua_rawlen(L, -1);
    lua_pop(L, 1);
    luaL_checkstack(L, 8 + 6 * (int)(columns < 10000 ? columns : 10000), "too many columns");
    struct labels *labels = bind_room(L, columns, sizeof *labels);
    size_t wide = 0;
    for (size_t k = 0; k < columns; k++) {
        labels[k] = (struct labels){0};
        if (is_word(L, table, 0, single ? 0 : k + 1))
            labels[k] = read_labels(L, table, rows, single ? 0 : k + 1, false, "x");
        wide += labels[k].count > 0 ? labels[k].count : 1;
    }
    double *x = bind_room(L, rows * wide, sizeof *x);
    const char **names = bind_room(L, wide, sizeof *names);
    source->inputs = columns;
    all_names(L, source);
    for (size_t k = 0, at = 0; k < columns; k++) {
        char standard[32] = "x";
        if (columns > 1)
            snprintf(standard, sizeof standard, "x%zu", k + 1);
        const char *name = source->x_names != NULL ? source->x_names[k] : standard;
        for (size_t place = 0; place < labels[k].count; place++)
            names[at + place] = lua_pushfstring(L, "%s=%s", name, labels[k].names[place]);
        if (labels[k].count == 0)
            names[at] = lua_pushstring(L, name);
        luaL_checkstack(L, (int)labels[k].count + 8, "too many columns");
        for (size_t row = 0; row < rows; row++) {
            double *to = x + row * wide + at;
            for (size_t place = 0; place < labels[k].count; place++)
                to[place] = labels[k].places[row] == place;
            if (labels[k].count > 0)
                continue;
            push_cell(L, table, row, single ? 0 : k + 1);
            if (lua_type(L, -1) != LUA_TNUMBER)
                bind_refuse(L, "data.new",
                            "x[%zu][%zu] must be a number, as the others are, not %s", row + 1,
                            k + 1, bind_describe(L, -1));
            *to = lua_tonumber(L, -1);
            lua_pop(L, 1);
        }
        at += labels[k].count > 0 ? labels[k].count : 1;
    }
    source->x = x;
    source->examples = rows;
    source->inputs = wide;
    source->x_names = names;
}

/* Whether the first example of a table has a word. */
static bool has_words(lua_State *L, int table)
{
    if (lua_type(L, table) != LUA_TTABLE)
        return false;
    if (is_word(L, table, 0, 0))
        return true;
    lua_rawgeti(L, table, 1);
    size_t columns = lua_type(L, -1) == LUA_TTABLE ? lua_rawlen(L, -1) : 0;
    lua_pop(L, 1);
    bool found = false;
    for (size_t k = 1; k <= columns && !found; k++)
        found = is_word(L, table, 0, k);
    return found;
}

static void use_labels(lua_State *L, const struct labels *labels, size_t rows,
                       struct dataset_source *source)
{
    double *y = bind_room(L, rows, sizeof *y);
    for (size_t row = 0; row < rows; row++)
        y[row] = (double)(labels->places[row] + 1);
    source->y = y;
    source->outputs = 1;
    source->classes = labels->count;
    source->class_names = labels->names;
}

/* y with its classes; the rows that it has. */
static size_t read_y(lua_State *L, struct dataset_source *source)
{
    bool has_classes = bind_field(L, 1, "classes");
    int classes = lua_gettop(L);
    bool labelled = has_classes && lua_type(L, classes) == LUA_TBOOLEAN;
    labelled = labelled && lua_toboolean(L, classes);
    if (!bind_field(L, 1, "y"))
        return 0;
    int place = lua_gettop(L);
    size_t rows = lua_rawlen(L, place);
    if (has_words(L, place)) {
        struct labels labels = read_labels(L, place, rows, 0, false, "y");
        use_labels(L, &labels, rows, source);
        return rows;
    }
    const struct array *y = bind_array(L, place, "y");
    source->y = y->data;
    source->outputs = y->cols;
    if (labelled) {
        if (y->cols != 1)
            bind_refuse(L, "data.new", "classes stand in one column of y, and y has %zu", y->cols);
        lua_createtable(L, (int)(y->rows < 1 << 20 ? y->rows : 1 << 20), 0);
        for (size_t row = 0; row < y->rows; row++) {
            if (!isfinite(y->data[row]))
                bind_refuse(L, "data.new", "y[%zu] is no finite number", row + 1);
            lua_pushnumber(L, y->data[row]);
            lua_rawseti(L, -2, (lua_Integer)row + 1);
        }
        struct labels labels = read_labels(L, lua_gettop(L), y->rows, 0, true, "y");
        use_labels(L, &labels, y->rows, source);
    } else if (has_classes && lua_type(L, classes) == LUA_TTABLE) {
        source->classes = lua_rawlen(L, classes);
        lua_pushvalue(L, classes);
        source->class_names = read_names(L, "classes", 0, source->classes);
    }
    return y->rows;
}

static int new_dataset(lua_State *L)
{
    bool given[sizeof new_arguments / sizeof *new_arguments];
    lua_settop(L, 1);
    bind_options(L, 1, &new_doc, 0, NULL, given);
    struct dataset_source source = {0};
    size_t rows = read_y(L, &source);
    bind_field(L, 1, "x");
    if (has_words(L, lua_gettop(L))) {
        read_words(L, lua_gettop(L), &source);
    } else {
        const struct array *x = bind_array(L, -1, "x");
        source.x = x->data;
        source.examples = x->rows;
        source.inputs = x->cols;
        all_names(L, &source);
    }
    if (source.outputs > 0 && rows != source.examples)
        return bind_refuse(L, "data.new", "y has %zu row%s, and x has %zu", rows,
                           rows == 1 ? "" : "s", source.examples);
    if (bind_field(L, 1, "weights"))
        source.weights = bind_vector(L, -1, source.examples, "weights")->data;
    if (bind_field(L, 1, "name"))
        source.name = lua_tostring(L, -1);
    struct dataset **dataset = bind_dataset_new(L);
    struct error error;
    BIND_ATTEMPT(L, &error, dataset_new(dataset, bind_context(L), &source, &error));
    bind_dataset_weigh(L, *dataset);
    return 1;
}

/* --- makers ---------------------------------------------------------------------------------- */

/* The upvalue is the maker's position in the table. */
static int make(lua_State *L)
{
    const struct dataset_maker *maker = &dataset_makers[lua_tointeger(L, lua_upvalueindex(1))];
    size_t last = maker->doc.argument_count - 1;
    double values[DATASET_MAKER_ARGUMENTS];
    bool given[DATASET_MAKER_ARGUMENTS];
    lua_settop(L, 1);
    bind_options(L, 1, &maker->doc, 0, values, given);
    const double *list = NULL;
    size_t list_count = 0;
    for (size_t i = 0; i < last; i++) {
        const struct argument *argument = &maker->doc.arguments[i];
        if (argument->type == ARGUMENT_ARRAY && bind_field(L, 1, argument->name)) {
            const struct array *array = bind_vector(L, -1, SIZE_MAX, argument->name);
            list = array->data;
            list_count = array->rows;
        }
    }
    struct generator own, *generator = bind_generator_of(L, given[last], values[last], &own);
    struct dataset **dataset = bind_dataset_new(L);
    struct error error;
    BIND_ATTEMPT(
        L, &error,
        dataset_make(dataset, bind_context(L), maker, values, list, list_count, generator, &error));
    bind_dataset_weigh(L, *dataset);
    return 1;
}

/* --- built-in data --------------------------------------------------------------------------- */

static const struct doc line12_doc = {
    .name = "data.line12",
    .signature = "data.line12",
    .summary = "12 examples near a straight line; least squares gives φ = (0.825950, 0.522226)",
    .example = "print(#data.line12, data.line12.x:max())",
    .result = "12\t1.9",
};

static const struct doc gabor30_doc = {
    .name = "data.gabor30",
    .signature = "data.gabor30",
    .summary = "30 examples of a Gabor wave packet with envelope 32 and noise",
    .example = "print(#data.gabor30, data.gabor30.y:max())",
    .result = "30\t0.8896",
};

static int make_builtin(lua_State *L)
{
    static const struct doc *const docs[] = {&line12_doc, &gabor30_doc};
    const char *name = lua_tostring(L, 1);
    struct dataset **dataset = bind_dataset_new(L);
    struct error error;
    BIND_ATTEMPT(L, &error, dataset_builtin(dataset, bind_context(L), name, &error));
    for (size_t i = 0; i < sizeof docs / sizeof *docs; i++)
        if (strcmp(docs[i]->name + strlen("data."), name) == 0)
            bind_document(L, -1, docs[i]);
    return 1;
}

/* --- the names ------------------------------------------------------------------------------- */

static const struct doc data_doc = {
    .name = "data",
    .signature = "data.line12, data.gabor30, data.new, data.read, data.line, ...",
    .summary =
        "data sets: built in, from arrays, from files, and made up with known true parameters",
    .example = "print(data.line12:head(2).x)",
    .result = "0.03  0.19",
};

static const struct function functions[] = {
    {"new", new_dataset, &new_doc},
    {"read", read_file, &read_doc},
};

void bind_open_data(lua_State *L)
{
    static const char *const builtin[] = {"line12", "gabor30", NULL};
    lua_createtable(L, 0, 8);
    bind_functions(L, functions, sizeof functions / sizeof *functions);
    for (size_t i = 0; i < dataset_maker_count; i++) {
        lua_pushinteger(L, (lua_Integer)i);
        lua_pushcclosure(L, make, 1);
        bind_document(L, -1, &dataset_makers[i].doc);
        lua_setfield(L, -2, dataset_makers[i].doc.name + strlen("data."));
    }
    bind_namespace(L, &data_doc, builtin, make_builtin);
    lua_setfield(L, -2, "data");
}
