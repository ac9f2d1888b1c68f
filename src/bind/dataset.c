/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The type dataset; what makes one is in data.c. */
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "bind/array.h"
#include "bind/bind.h"
#include "bind/dataset.h"
#include "bind/text.h"
#include "dataset/dataset.h"
#include "dataset/transform.h"

/* --- results and room ------------------------------------------------------------------------ */

struct dataset **bind_dataset_new(lua_State *L)
{
    return bind_new(L, BIND_DATASET, sizeof(struct dataset *));
}

void bind_dataset_weigh(lua_State *L, const struct dataset *dataset)
{
    size_t numbers = dataset->examples * (dataset->inputs + dataset->outputs);
    size_t kilobytes = numbers * sizeof(double) / 1024;
    if (kilobytes > 0 && lua_gc(L, LUA_GCISRUNNING))
        lua_gc(L, LUA_GCSTEP, kilobytes < INT_MAX ? (int)kilobytes : INT_MAX);
}

static const struct dataset *self(lua_State *L)
{
    struct dataset **object = bind_object(L, 1, BIND_DATASET, NULL);
    return *object;
}

void *bind_room(lua_State *L, size_t count, size_t size)
{
    if (count >= SIZE_MAX / 2 / size)
        luaL_error(L, "not enough memory");
    return lua_newuserdatauv(L, (count + 1) * size, 0);
}

static void push_names(lua_State *L, char *const *names, size_t count)
{
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushstring(L, names[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

struct generator *bind_generator_of(lua_State *L, bool given, double seed, struct generator *own)
{
    if (!given)
        return bind_generator(L);
    generator_seed(own, (uint32_t)seed);
    return own;
}

#define ARGUMENT_SEED                                                            \
    {                                                                            \
        .name = "seed", .type = ARGUMENT_INTEGER, .standard = NAN, .minimum = 0, \
        .maximum = 4294967295.0, .default_text = "the global generator",         \
        .summary = "of the random order"                                         \
    }

/* --- fields ---------------------------------------------------------------------------------- */

static int push_columns(lua_State *L, const double *numbers, size_t rows, size_t columns)
{
    if (columns == 0) {
        lua_pushnil(L);
        return 1;
    }
    struct array *array = bind_array_new(L, columns == 1 ? 1 : 2, rows, columns);
    memcpy(array->data, numbers, rows * columns * sizeof *numbers);
    return 1;
}

static int dataset_field(lua_State *L)
{
    const struct dataset *dataset = self(L);
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (strcmp(key, "x") == 0)
        return push_columns(L, dataset->x, dataset->examples, dataset->inputs);
    if (strcmp(key, "y") == 0)
        return push_columns(L, dataset->y, dataset->examples, dataset->outputs);
    if (strcmp(key, "weights") == 0)
        return push_columns(L, dataset->weights, dataset->examples, dataset->weights != NULL);
    if (strcmp(key, "standardized") == 0) {
        lua_pushboolean(L, dataset->x_shift != NULL || dataset->y_shift != NULL);
        return 1;
    }
    if (strcmp(key, "name") == 0) {
        lua_pushstring(L, dataset->name);
    } else if (strcmp(key, "inputs") == 0) {
        lua_pushinteger(L, (lua_Integer)dataset->inputs);
    } else if (strcmp(key, "outputs") == 0) {
        lua_pushinteger(L, (lua_Integer)dataset->outputs);
    } else if (strcmp(key, "names") == 0) {
        lua_createtable(L, 0, 2);
        push_names(L, dataset->x_names, dataset->inputs);
        lua_setfield(L, -2, "x");
        push_names(L, dataset->y_names, dataset->outputs);
        lua_setfield(L, -2, "y");
    } else if (strcmp(key, "classes") == 0) {
        if (dataset->classes > 0)
            push_names(L, dataset->class_names, dataset->classes);
        else
            lua_pushnil(L);
    } else {
        return 0;
    }
    return 1;
}

static const char *const field_names[] = {"x",      "y",       "name",    "names",
                                          "inputs", "outputs", "classes", "weights",
                                          "standardized", NULL};

static int dataset_length(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)self(L)->examples);
    return 1;
}

static int dataset_gc(lua_State *L)
{
    struct dataset **object = lua_touserdata(L, 1);
    dataset_release(*object);
    *object = NULL;
    return 0;
}

/* --- parts ----------------------------------------------------------------------------------- */

static int push_taken(lua_State *L, const struct dataset *dataset, const size_t *indices,
                      size_t count)
{
    struct dataset **taken = bind_dataset_new(L);
    struct error error;
    BIND_ATTEMPT(L, &error, dataset_take(taken, dataset, indices, count, &error));
    bind_dataset_weigh(L, *taken);
    return 1;
}

static const struct argument head_arguments[] = {
    {.name = "n",
     .type = ARGUMENT_INTEGER,
     .standard = 5,
     .minimum = 1,
     .summary = "how many; all where there are fewer"},
};

static const struct doc head_doc = {
    .name = "dataset:head",
    .signature = "d:head([n])",
    .summary = "the first n examples",
    DOC_ARGUMENTS(head_arguments),
    .returns = "a data set",
    .errors = "n below 1",
    .example = "print(data.line12:head(3).y)",
    .result = "0.67  0.85  1.05",
};

static int dataset_head(lua_State *L)
{
    const struct dataset *dataset = self(L);
    size_t count = lua_isnoneornil(L, 2) ? 5 : (size_t)bind_integer(L, 2, "n", 1, LLONG_MAX);
    if (count > dataset->examples)
        count = dataset->examples;
    size_t *indices = bind_room(L, count, sizeof *indices);
    for (size_t i = 0; i < count; i++)
        indices[i] = i;
    return push_taken(L, dataset, indices, count);
}

static const struct argument take_arguments[] = {
    {.name = "indices",
     .type = ARGUMENT_ARRAY,
     .shape = "n",
     .required = true,
     .summary = "numbers of examples, from 1; one may come more than once"},
};

static const struct doc take_doc = {
    .name = "dataset:take",
    .signature = "d:take(indices)",
    .summary = "the examples with these numbers, in this order",
    DOC_ARGUMENTS(take_arguments),
    .returns = "a data set",
    .errors = "a number that is no integer, or outside the data set; an empty list",
    .example = "print(data.line12:take{12, 1, 1}.x)",
    .result = "1.9  0.03  0.03",
};

static int dataset_take_method(lua_State *L)
{
    const struct dataset *dataset = self(L);
    const struct array *given = bind_vector(L, 2, SIZE_MAX, "indices");
    size_t count = given->rows;
    size_t *indices = bind_room(L, count, sizeof *indices);
    for (size_t i = 0; i < count; i++) {
        double number = given->data[i];
        if (!(number == floor(number)) || isinf(number))
            return bind_refuse(L, NULL, "indices[%zu] must be an integer, not %s", i + 1,
                               bind_number_text(L, number));
        if (number < 1 || number > (double)dataset->examples)
            return bind_refuse(L, NULL, "indices[%zu] is %s; the examples go from 1 to %zu", i + 1,
                               bind_number_text(L, number), dataset->examples);
        indices[i] = (size_t)number - 1;
    }
    return push_taken(L, dataset, indices, count);
}

/* One example's numbers as a function of the user's sees them: the number where there is one
 * column, else a table in which they go by number and by name. */
static void push_row(lua_State *L, const double *row, char *const *names, size_t columns)
{
    if (columns == 0) {
        lua_pushnil(L);
        return;
    }
    if (columns == 1) {
        lua_pushnumber(L, row[0]);
        return;
    }
    lua_createtable(L, (int)columns, (int)columns);
    for (size_t k = columns; k-- > 0;) { /* of two columns with one name the first is seen */
        lua_pushnumber(L, row[k]);
        lua_pushvalue(L, -1);
        lua_setfield(L, -3, names[k]);
        lua_rawseti(L, -2, (lua_Integer)k + 1);
    }
}

/* Calls the function at `function` with x, y and the number of an example; one result is pushed. */
static void call_with_example(lua_State *L, int function, const struct dataset *dataset, size_t i)
{
    lua_pushvalue(L, function);
    push_row(L, dataset->x + i * dataset->inputs, dataset->x_names, dataset->inputs);
    push_row(L, dataset->y + i * dataset->outputs, dataset->y_names, dataset->outputs);
    lua_pushinteger(L, (lua_Integer)i + 1);
    lua_call(L, 3, 1);
}

static bool is_callable(lua_State *L, int index)
{
    if (lua_type(L, index) == LUA_TFUNCTION)
        return true;
    if (bind_test(L, index, BIND_ARRAY) != NULL ||
        luaL_getmetafield(L, index, "__call") == LUA_TNIL)
        return false;
    lua_pop(L, 1);
    return true;
}

static const struct argument filter_arguments[] = {
    {.name = "f",
     .type = ARGUMENT_VALUE,
     .type_name = "function",
     .required = true,
     .summary = "f(x, y, i) says whether to keep example i; x is a number, or with several "
                "columns a table by number and by name, and so is y"},
};

static const struct doc filter_doc = {
    .name = "dataset:filter",
    .signature = "d:filter(f)",
    .summary = "the examples for which f(x, y, i) is neither false nor nil",
    DOC_ARGUMENTS(filter_arguments),
    .returns = "a data set",
    .errors = "when no example is left",
    .example = "print(#data.line12:filter(function(x, y) return x > 1 end))",
    .result = "6",
};

static int dataset_filter(lua_State *L)
{
    const struct dataset *dataset = self(L);
    if (!is_callable(L, 2))
        return bind_refuse(L, NULL, "d:filter(f): f must be a function, not %s",
                           bind_describe(L, 2));
    size_t *indices = bind_room(L, dataset->examples, sizeof *indices), count = 0;
    for (size_t i = 0; i < dataset->examples; i++) {
        call_with_example(L, 2, dataset, i);
        if (lua_toboolean(L, -1))
            indices[count++] = i;
        lua_pop(L, 1);
    }
    return push_taken(L, dataset, indices, count);
}

/* --- further columns ------------------------------------------------------------------------- */

static const struct argument with_arguments[] = {
    {.name = "name = f",
     .type = ARGUMENT_VALUE,
     .type_name = "function, array or number",
     .summary = "f(x, y, i) gives the number of example i, as for d:filter; or an array of all of "
                "them, or one number for all"},
};

static const struct doc with_doc = {
    .name = "dataset:with",
    .signature = "d:with{name = f, ...}",
    .summary = "the data set with further input columns, or with others in the place of columns "
               "that have these names",
    DOC_ARGUMENTS(with_arguments),
    .returns = "a data set; new columns of x come last, in the order of their names",
    .errors = "values that are no finite numbers, an array of another length",
    .example = "d = data.line12:with{square = function(x) return x^2 end}\n"
               "print(d.names.x[2], d.x[12][2])",
    .result = "square\t3.61",
};

/* Pushes the sorted list of the table's keys, which must be strings; returns how many. */
static size_t push_sorted_names(lua_State *L, int table)
{
    lua_newtable(L);
    int list = lua_gettop(L);
    lua_Integer count = 0;
    for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            bind_refuse(L, NULL, "d:with goes by name: %s", with_doc.signature);
        lua_Integer place = ++count;
        const char *name = lua_tostring(L, -2);
        for (; place > 1; place--) {
            lua_rawgeti(L, list, place - 1);
            bool after = strcmp(name, lua_tostring(L, -1)) < 0;
            if (after)
                lua_rawseti(L, list, place);
            else
                lua_pop(L, 1);
            if (!after)
                break;
        }
        lua_pushvalue(L, -2);
        lua_rawseti(L, list, place);
    }
    return (size_t)count;
}

/* The values that stand on top of the stack, replaced by what keeps them alive. */
static const double *read_column(lua_State *L, const struct dataset *dataset, const char *name)
{
    int top = lua_gettop(L);
    bool constant = lua_type(L, top) == LUA_TNUMBER;
    if (!constant && !is_callable(L, top)) {
        const struct array *array = bind_vector(L, top, dataset->examples, name);
        return array->data;
    }
    struct array *array = bind_array_new(L, 1, dataset->examples, 1);
    for (size_t i = 0; i < dataset->examples; i++) {
        if (constant) {
            array->data[i] = lua_tonumber(L, top);
            continue;
        }
        call_with_example(L, top, dataset, i);
        if (lua_type(L, -1) != LUA_TNUMBER)
            bind_refuse(L, NULL,
                        "%s must give a number for each example, and gave %s for number "
                        "%zu",
                        name, bind_describe(L, -1), i + 1);
        array->data[i] = lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    lua_replace(L, top);
    return array->data;
}

static int dataset_with_method(lua_State *L)
{
    const struct dataset *dataset = self(L);
    if (lua_type(L, 2) != LUA_TTABLE)
        return bind_refuse(L, NULL, "d:with takes columns by name: %s", with_doc.signature);
    lua_settop(L, 2);
    size_t count = push_sorted_names(L, 2);
    if (count == 0)
        return bind_refuse(L, NULL, "d:with needs at least one column: %s", with_doc.signature);
    struct dataset_addition *additions = bind_room(L, count, sizeof *additions);
    lua_createtable(L, (int)count, 0); /* keeps the values: 5 */
    for (size_t a = 0; a < count; a++) {
        lua_rawgeti(L, 3, (lua_Integer)a + 1);
        additions[a].name = lua_tostring(L, -1); /* kept by the list */
        lua_rawget(L, 2);
        additions[a].values = read_column(L, dataset, additions[a].name);
        lua_rawseti(L, 5, (lua_Integer)a + 1);
    }
    struct dataset **made = bind_dataset_new(L);
    struct error error;
    BIND_ATTEMPT(L, &error, dataset_with(made, dataset, additions, count, &error));
    bind_dataset_weigh(L, *made);
    return 1;
}

/* --- split, folds, scaling ------------------------------------------------------------------- */

static const struct argument split_arguments[] = {
    {.name = "share",
     .type = ARGUMENT_NUMBER,
     .required = true,
     .minimum = 0,
     .maximum = 1,
     .above = true,
     .below = true,
     .summary = "of the examples, for the first part"},
    ARGUMENT_SEED,
};

static const struct doc split_doc = {
    .name = "dataset:split",
    .signature = "d:split(share, {seed = 1})",
    .summary = "two data sets: the examples in random order, cut in two",
    DOC_ARGUMENTS(split_arguments),
    .returns = "two data sets, of at least one example each",
    .errors = "a share outside (0, 1)",
    .example = "train, test = data.line12:split(0.75, {seed = 1})\nprint(#train, #test)",
    .result = "9\t3",
};

static const struct doc seed_options = {
    .name = "seed",
    .signature = "{seed = 1}",
    .arguments = split_arguments + 1,
    .argument_count = 1,
};

static int dataset_split_method(lua_State *L)
{
    const struct dataset *dataset = self(L);
    double share = bind_number(L, 2, "share"), seed;
    bool given;
    struct doc options = seed_options;
    options.name = "d:split";
    options.signature = split_doc.signature;
    bind_options(L, 3, &options, 0, &seed, &given);
    struct generator own, *generator = bind_generator_of(L, given, seed, &own);
    struct dataset **first = bind_dataset_new(L), **second = bind_dataset_new(L);
    struct error error;
    BIND_ATTEMPT(L, &error, dataset_split(first, second, dataset, share, generator, &error));
    bind_dataset_weigh(L, dataset);
    return 2;
}

static const struct argument folds_arguments[] = {
    {.name = "k",
     .type = ARGUMENT_INTEGER,
     .required = true,
     .minimum = 2,
     .maximum = 1e15,
     .summary = "how many folds, at most one for each example"},
    ARGUMENT_SEED,
};

static const struct doc folds_doc = {
    .name = "dataset:folds",
    .signature = "d:folds(k, {seed = 1})",
    .summary = "for cross-validation: the examples in random order in k parts as equal as can be; "
               "each part is once the test, the others the training data",
    DOC_ARGUMENTS(folds_arguments),
    .returns = "a list of k tables {train = data set, test = data set}",
    .errors = "fewer than 2 folds, or more than there are examples",
    .example = "folds = data.line12:folds(5, {seed = 1})\n"
               "for i, fold in ipairs(folds) do print(i, #fold.train, #fold.test) end",
    .result = "1\t9\t3\n2\t9\t3\n3\t10\t2\n4\t10\t2\n5\t10\t2",
};

static int dataset_folds(lua_State *L)
{
    const struct dataset *dataset = self(L);
    size_t folds = (size_t)bind_integer(L, 2, "k", 2, LLONG_MAX);
    double seed;
    bool given;
    struct doc options = seed_options;
    options.name = "d:folds";
    options.signature = folds_doc.signature;
    bind_options(L, 3, &options, 0, &seed, &given);
    struct generator own, *generator = bind_generator_of(L, given, seed, &own);
    struct generator advanced = *generator;
    size_t *permutation = bind_room(L, dataset->examples, sizeof *permutation);
    generator_permutation(&advanced, permutation, dataset->examples);
    struct error error;
    lua_newtable(L);
    for (size_t fold = 0; fold < folds; fold++) {
        lua_createtable(L, 0, 2);
        struct dataset **train = bind_dataset_new(L), **test = bind_dataset_new(L);
        BIND_ATTEMPT(L, &error,
                     dataset_fold(train, test, dataset, permutation, folds, fold, &error));
        lua_setfield(L, -3, "test");
        lua_setfield(L, -2, "train");
        bind_dataset_weigh(L, dataset);
        lua_rawseti(L, -2, (lua_Integer)fold + 1);
    }
    *generator = advanced;
    return 1;
}

static const struct argument standardize_arguments[] = {
    {.name = "y", .type = ARGUMENT_BOOLEAN, .summary = "true: y as well"},
};

static const struct doc standardize_doc = {
    .name = "dataset:standardize",
    .signature = "d:standardize{y = false}",
    .summary = "every column of x less its mean, over its standard deviation; a constant column is "
               "only centred",
    DOC_ARGUMENTS(standardize_arguments),
    .returns = "a data set that remembers the means and deviations: s:apply(test) uses them for "
               "another one",
    .errors = "y = true where y holds classes",
    .equation = "x ← (x − mean)/√(Σ(x − mean)²/I)",
    .example = "s = data.line12:standardize()\nprint(close(s.x:mean(), 0, 1e-12), s.x[1])",
    .result = "true\t-1.5633768190021",
};

static int dataset_standardize_method(lua_State *L)
{
    const struct dataset *dataset = self(L);
    double with_y;
    bool given;
    bind_options(L, 2, &standardize_doc, 0, &with_y, &given);
    struct dataset **standard = bind_dataset_new(L);
    struct error error;
    BIND_ATTEMPT(L, &error, dataset_standardize(standard, dataset, with_y != 0, &error));
    bind_dataset_weigh(L, *standard);
    return 1;
}

static const struct argument apply_arguments[] = {
    {.name = "d",
     .type = ARGUMENT_VALUE,
     .type_name = "data set",
     .required = true,
     .summary = "with the same columns, as they were before standardizing"},
};

static const struct doc apply_doc = {
    .name = "dataset:apply",
    .signature = "s:apply(d)",
    .summary = "another data set standardized with the means and deviations of s",
    DOC_ARGUMENTS(apply_arguments),
    .returns = "a data set",
    .errors = "when s does not come from standardize, or the columns differ",
    .example = "train, test = data.line12:split(0.75, {seed = 1})\ns = train:standardize()\n"
               "print(s:apply(test).x)",
    .result = "1.222224  0.8820171  -0.05760112",
};

static int dataset_apply_method(lua_State *L)
{
    const struct dataset *standard = self(L), *dataset = bind_dataset(L, 2, "d");
    struct dataset **applied = bind_dataset_new(L);
    struct error error;
    BIND_ATTEMPT(L, &error, dataset_apply(applied, standard, dataset, &error));
    bind_dataset_weigh(L, *applied);
    return 1;
}

/* --- files ----------------------------------------------------------------------------------- */

static const struct argument path_arguments[] = {
    {.name = "path",
     .type = ARGUMENT_TEXT,
     .required = true,
     .summary = "name of the file; tabs instead of commas where it ends in .tsv; NumPy's formats "
                "where it ends in .npy or .npz; CSV with the ending .csv, .txt, .dat or none"},
};

static const struct doc write_doc = {
    .name = "dataset:write",
    .signature = "d:write(path)",
    .summary = "writes a CSV file with a header, columns of x first, classes by their names, "
               "weights in a column called weights before y. A .npy file is one array with y as "
               "last column (classes by number); a .npz file holds the arrays x, y, weights, "
               "classes, x_names and y_names. data.read gives the same numbers back to the last "
               "bit",
    DOC_ARGUMENTS(path_arguments),
    .errors = "another ending; a file that cannot be written; what was there before then stays as "
              "it was",
    .example = "name = os.tmpname()\ndata.line12:write(name)\nd = data.read(name)\n"
               "print(d.x == data.line12.x, d.y == data.line12.y)\nos.remove(name)",
    .result = "true\ttrue",
};

const char *bind_path(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TSTRING)
        bind_refuse(L, NULL, "path must be the name of a file, not %s", bind_describe(L, index));
    if (strlen(lua_tostring(L, index)) != lua_rawlen(L, index))
        bind_refuse(L, NULL, "path must not hold a zero byte");
    return lua_tostring(L, index);
}

static int dataset_write_method(lua_State *L)
{
    const struct dataset *dataset = self(L);
    const char *path = bind_path(L, 2);
    struct error error;
    BIND_ATTEMPT(L, &error, dataset_write(dataset, path, &error));
    return 0;
}

/* --- for printing ---------------------------------------------------------------------------- */

/* Smallest and largest number of each column, in the order of the rows in memory. */
static void find_ranges(const double *numbers, size_t rows, size_t columns, double *smallest,
                        double *largest)
{
    for (size_t k = 0; k < columns; k++)
        smallest[k] = largest[k] = numbers[k];
    for (size_t i = 1; i < rows; i++)
        for (size_t k = 0; k < columns; k++) {
            double number = numbers[i * columns + k];
            smallest[k] = number < smallest[k] ? number : smallest[k];
            largest[k] = number > largest[k] ? number : largest[k];
        }
}

/* ranges(d): smallest and largest of every column of x, then of y: {{min, max}, ...}. */
static int ranges(lua_State *L)
{
    const struct dataset *dataset = bind_dataset(L, 1, "d");
    size_t inputs = dataset->inputs, columns = inputs + dataset->outputs;
    double *smallest = bind_room(L, columns, sizeof *smallest);
    double *largest = bind_room(L, columns, sizeof *largest);
    find_ranges(dataset->x, dataset->examples, inputs, smallest, largest);
    find_ranges(dataset->y, dataset->examples, dataset->outputs, smallest + inputs,
                largest + inputs);
    lua_createtable(L, (int)columns, 0);
    for (size_t k = 0; k < columns; k++) {
        lua_createtable(L, 2, 0);
        lua_pushnumber(L, smallest[k]);
        lua_rawseti(L, -2, 1);
        lua_pushnumber(L, largest[k]);
        lua_rawseti(L, -2, 2);
        lua_rawseti(L, -2, (lua_Integer)k + 1);
    }
    return 1;
}

/* counts(d): how many examples each class has. */
static int counts(lua_State *L)
{
    const struct dataset *dataset = bind_dataset(L, 1, "d");
    lua_Integer *count = bind_room(L, dataset->classes, sizeof *count);
    memset(count, 0, dataset->classes * sizeof *count);
    for (size_t i = 0; dataset->classes > 0 && i < dataset->examples; i++)
        count[(size_t)dataset->y[i] - 1]++;
    lua_createtable(L, (int)dataset->classes, 0);
    for (size_t k = 0; k < dataset->classes; k++) {
        lua_pushinteger(L, count[k]);
        lua_rawseti(L, -2, (lua_Integer)k + 1);
    }
    return 1;
}

/* scales(d): {x_shift =, x_scale =, y_shift =, y_scale =}, those there are. */
static int scales(lua_State *L)
{
    const struct dataset *dataset = bind_dataset(L, 1, "d");
    const struct {
        const char *name;
        const double *numbers;
        size_t count;
    } parts[] = {{"x_shift", dataset->x_shift, dataset->inputs},
                 {"x_scale", dataset->x_scale, dataset->inputs},
                 {"y_shift", dataset->y_shift, dataset->outputs},
                 {"y_scale", dataset->y_scale, dataset->outputs}};
    lua_newtable(L);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].numbers == NULL)
            continue;
        struct array *array = bind_array_new(L, 1, parts[i].count, 1);
        memcpy(array->data, parts[i].numbers, parts[i].count * sizeof(double));
        lua_setfield(L, -2, parts[i].name);
    }
    return 1;
}

/* with_scales(d, scales): the same numbers, said to be of standardize. */
static int with_scales(lua_State *L)
{
    const struct dataset *dataset = bind_dataset(L, 1, "d");
    luaL_checktype(L, 2, LUA_TTABLE);
    static const char *const names[] = {"x_shift", "x_scale", "y_shift", "y_scale"};
    const double *numbers[4] = {NULL};
    for (size_t i = 0; i < 4; i++) {
        size_t count = i < 2 ? dataset->inputs : dataset->outputs;
        if (bind_field(L, 2, names[i]))
            numbers[i] = bind_vector(L, -1, count, names[i])->data;
    }
    struct dataset **made = bind_dataset_new(L);
    struct error error;
    BIND_ATTEMPT(L, &error, dataset_with_scales(made, dataset, numbers[0], numbers[1], numbers[2],
                                                numbers[3], &error));
    bind_dataset_weigh(L, *made);
    return 1;
}

/* --- the names ------------------------------------------------------------------------------- */

static const struct function methods[] = {
    {"head", dataset_head, &head_doc},
    {"take", dataset_take_method, &take_doc},
    {"filter", dataset_filter, &filter_doc},
    {"with", dataset_with_method, &with_doc},
    {"split", dataset_split_method, &split_doc},
    {"folds", dataset_folds, &folds_doc},
    {"standardize", dataset_standardize_method, &standardize_doc},
    {"apply", dataset_apply_method, &apply_doc},
    {"write", dataset_write_method, &write_doc},
};

static const luaL_Reg meta[] = {{"__len", dataset_length}, {"__gc", dataset_gc}, {NULL, NULL}};

static const struct doc dataset_doc = {
    .name = "dataset",
    .signature = "d.x, d.y, #d, d.name, d.names, d.inputs, d.outputs, d.classes, d.weights, "
                 "d.standardized",
    .summary = "pairs of inputs x and outputs y with names. d.x and d.y are copies, arrays of one "
               "dimension where there is one column; #d is the number of examples, d.inputs and "
               "d.outputs those of columns, d.names.x and d.names.y their names, d.classes the "
               "names of classes 1, 2, ... in y, or nil, d.weights how much the loss of each "
               "example counts, or nil where each counts once, d.standardized whether it comes "
               "from standardize or apply. A data set never changes: every method "
               "gives a new one",
    .example = "d = data.line12\nprint(#d, d.name, d.names.x[1], d.x[1], d.y[1])",
    .result = "12\tline12\tx\t0.03\t0.67",
};

void bind_open_dataset(lua_State *L)
{
    bind_type(L, BIND_DATASET, methods, sizeof methods / sizeof *methods, meta, dataset_field,
              field_names);
    luaL_getmetatable(L, BIND_DATASET);
    bind_document(L, -1, &dataset_doc);
    lua_pushcfunction(L, ranges);
    lua_setfield(L, -2, "ranges");
    lua_pushcfunction(L, counts);
    lua_setfield(L, -2, "counts");
    lua_pushcfunction(L, scales);
    lua_setfield(L, -2, "scales");
    lua_pushcfunction(L, with_scales);
    lua_setfield(L, -2, "with_scales");
    lua_pop(L, 1);
}
