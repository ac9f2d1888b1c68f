/* SPDX-License-Identifier: GPL-3.0-or-later */
/* random.*: the global generator. For the same seed, the numbers of numpy.random.RandomState; what
 * counts from 0 there counts from 1 here. */
#include <limits.h>
#include <math.h>
#include <stdint.h>

#include "base/generator.h"
#include "base/memory.h"
#include "bind/array.h"
#include "bind/bind.h"
#include "bind/namespace.h"
#include "bind/text.h"

/* Integers that a double holds exactly. */
static const long long largest_integer = 9007199254740992;

static size_t count_argument(lua_State *L, int index)
{
    return (size_t)bind_integer(L, index, "n", 0, LLONG_MAX);
}

static void check_count(lua_State *L, int most, const struct doc *doc)
{
    if (lua_gettop(L) > most)
        bind_refuse(L, doc->name, "at most %d arguments, not %d: %s", most, lua_gettop(L),
                    doc->signature);
}

/* What uniform and normal share: (), (n), (a, b), (a, b, n). Returns whether n was given. */
static bool read_pair(lua_State *L, const struct doc *doc, double *a, double *b, size_t *count)
{
    int given = lua_gettop(L);
    check_count(L, 3, doc);
    *count = 1;
    if (given == 1)
        *count = count_argument(L, 1);
    if (given >= 2) {
        *a = bind_number(L, 1, doc->arguments[0].name);
        *b = bind_number(L, 2, doc->arguments[1].name);
    }
    if (given == 3)
        *count = count_argument(L, 3);
    return given == 1 || given == 3;
}

/* --- seed --- */

static const struct argument seed_arguments[] = {
    {.name = "n",
     .type = ARGUMENT_INTEGER,
     .required = true,
     .minimum = 0,
     .maximum = 4294967295.0,
     .summary = "any number; the same one gives the same random numbers again"},
};

static const struct doc seed_doc = {
    .name = "seed",
    .signature = "seed(n)",
    .summary = "starts the global generator again, which begins at seed(0)",
    DOC_ARGUMENTS(seed_arguments),
    .errors = "a number below 0 or above 4294967295",
    .source = "MT19937 (Matsumoto and Nishimura 1998), seeded as numpy.random.RandomState(n) is",
    .example = "seed(42)\na = random.uniform()\nseed(42)\nprint(a, a == random.uniform())",
    .result = "0.37454011884736\ttrue",
};

static int seed(lua_State *L)
{
    generator_seed(bind_generator(L), (uint32_t)bind_integer(L, 1, "n", 0, UINT32_MAX));
    return 0;
}

/* --- uniform --- */

#define ARGUMENT_COUNT                                                                     \
    {                                                                                      \
        .name = "n", .type = ARGUMENT_INTEGER, .minimum = 0, .default_text = "one number", \
        .standard = NAN, .summary = "how many: an array of that many"                      \
    }

static const struct argument uniform_arguments[] = {
    {.name = "a", .type = ARGUMENT_NUMBER, .summary = "the smallest number that can come"},
    {.name = "b", .type = ARGUMENT_NUMBER, .standard = 1, .summary = "all are less"},
    ARGUMENT_COUNT,
};

static const struct doc uniform_doc = {
    .name = "random.uniform",
    .signature = "random.uniform(), (n), (a, b) or (a, b, n)",
    .summary = "uniform random numbers from a (0) up to but not including b (1)",
    DOC_ARGUMENTS(uniform_arguments),
    .returns = "a number, or an array of n",
    .errors = "arguments that are no finite numbers",
    .source = "numpy.random.RandomState.uniform gives the same for the same seed",
    .example = "seed(1)\nprint(random.uniform())\nprint(random.uniform(-1, 1, 3))",
    .result = "0.41702200470257\n0.440649  -0.9997713  -0.3953349",
};

static int uniform(lua_State *L)
{
    double a = 0, b = 1;
    size_t count;
    bool many = read_pair(L, &uniform_doc, &a, &b, &count);
    if (!isfinite(b - a))
        return bind_refuse(L, NULL, "a and b are too far apart");
    struct generator *generator = bind_generator(L);
    if (!many) {
        lua_pushnumber(L, a + (b - a) * generator_uniform(generator));
        return 1;
    }
    struct array *array = bind_array_new(L, 1, count, 1);
    for (size_t i = 0; i < count; i++)
        array->data[i] = a + (b - a) * generator_uniform(generator);
    return 1;
}

/* --- normal --- */

static const struct argument normal_arguments[] = {
    {.name = "mean", .symbol = "μ", .type = ARGUMENT_NUMBER, .summary = "their mean"},
    {.name = "sigma",
     .symbol = "σ",
     .type = ARGUMENT_NUMBER,
     .standard = 1,
     .minimum = 0,
     .maximum = HUGE_VAL,
     .summary = "their standard deviation"},
    ARGUMENT_COUNT,
};

static const struct doc normal_doc = {
    .name = "random.normal",
    .signature = "random.normal(), (n), (mean, sigma) or (mean, sigma, n)",
    .summary = "normal random numbers",
    DOC_ARGUMENTS(normal_arguments),
    .returns = "a number, or an array of n",
    .errors = "a negative sigma, arguments that are no finite numbers",
    .source = "Marsaglia's polar method; numpy.random.RandomState.normal gives the same for the "
              "same seed",
    .example = "seed(1)\nprint(random.normal(3))\nprint(random.normal(100, 15))",
    .result = "1.624345  -0.6117564  -0.5281718\n83.905470667657",
};

static int normal(lua_State *L)
{
    double mean = 0, sigma = 1;
    size_t count;
    bool many = read_pair(L, &normal_doc, &mean, &sigma, &count);
    if (sigma < 0)
        return bind_refuse(L, NULL, "sigma must be at least 0, not %s", bind_number_text(L, sigma));
    struct generator *generator = bind_generator(L);
    if (!many) {
        lua_pushnumber(L, mean + sigma * generator_normal(generator));
        return 1;
    }
    struct array *array = bind_array_new(L, 1, count, 1);
    for (size_t i = 0; i < count; i++)
        array->data[i] = mean + sigma * generator_normal(generator);
    return 1;
}

/* --- integer --- */

static const struct argument integer_arguments[] = {
    {.name = "a", .type = ARGUMENT_INTEGER, .standard = 1, .summary = "the smallest"},
    {.name = "b", .type = ARGUMENT_INTEGER, .required = true, .summary = "the largest"},
    ARGUMENT_COUNT,
};

static const struct doc integer_doc = {
    .name = "random.integer",
    .signature = "random.integer(b), (a, b) or (a, b, n)",
    .summary = "random integers from a (1) to b, both of which can come",
    DOC_ARGUMENTS(integer_arguments),
    .returns = "an integer, or an array of n",
    .errors = "b below a, arguments that are no integers",
    .source = "numpy.random.RandomState.randint(a, b + 1) gives the same for the same seed",
    .example = "seed(1)\nprint(random.integer(6))\nprint(random.integer(1, 6, 8))",
    .result = "6\n4  5  1  2  4  6  1  1",
};

static int integer(lua_State *L)
{
    int given = lua_gettop(L);
    check_count(L, 3, &integer_doc);
    long long a = 1;
    if (given >= 2)
        a = bind_integer(L, 1, "a", -largest_integer, largest_integer);
    long long b = bind_integer(L, given >= 2 ? 2 : 1, "b", a, largest_integer);
    uint64_t limit = (uint64_t)(b - a) + 1;
    struct generator *generator = bind_generator(L);
    if (given < 3) {
        lua_pushinteger(L, a + (long long)generator_below(generator, limit));
        return 1;
    }
    size_t count = count_argument(L, 3);
    struct array *array = bind_array_new(L, 1, count, 1);
    for (size_t i = 0; i < count; i++)
        array->data[i] = (double)(a + (long long)generator_below(generator, limit));
    return 1;
}

/* --- permutation and choice --- */

static const struct argument permutation_arguments[] = {
    {.name = "n",
     .type = ARGUMENT_INTEGER,
     .required = true,
     .minimum = 0,
     .summary = "the numbers are 1 to n"},
};

static const struct doc permutation_doc = {
    .name = "random.permutation",
    .signature = "random.permutation(n)",
    .summary = "the numbers 1 to n in random order",
    DOC_ARGUMENTS(permutation_arguments),
    .returns = "an array",
    .errors = "n that is negative or no integer",
    .source = "numpy.random.RandomState.permutation(n) + 1 is the same for the same seed",
    .example = "seed(42)\nprint(random.permutation(10))",
    .result = "9  2  6  1  8  3  10  5  4  7",
};

/* Room for indices that the collector frees, whatever happens. */
static size_t *index_room(lua_State *L, size_t count)
{
    if (count > SIZE_MAX / 2 / sizeof(size_t))
        luaL_error(L, "not enough memory");
    return lua_newuserdatauv(L, (count + 1) * sizeof(size_t), 0);
}

static int permutation(lua_State *L)
{
    check_count(L, 1, &permutation_doc);
    size_t count = count_argument(L, 1);
    struct array *array = bind_array_new(L, 1, count, 1);
    size_t *indices = index_room(L, count);
    generator_permutation(bind_generator(L), indices, count);
    for (size_t i = 0; i < count; i++)
        array->data[i] = (double)(indices[i] + 1);
    lua_pop(L, 1);
    return 1;
}

static const struct argument choice_arguments[] = {
    {.name = "list",
     .type = ARGUMENT_VALUE,
     .type_name = "table, array or number",
     .required = true,
     .summary = "what to choose from; a number k stands for 1 to k"},
    ARGUMENT_COUNT,
    {.name = "replace",
     .type = ARGUMENT_BOOLEAN,
     .standard = 1,
     .summary = "false: what was chosen is not chosen again"},
};

static const struct doc choice_doc = {
    .name = "random.choice",
    .signature = "random.choice(list), (list, n) or (list, n, {replace = false})",
    .summary = "random elements of a list, each as likely as the others",
    DOC_ARGUMENTS(choice_arguments),
    .returns = "an element; with n a table of them, or an array where the list is an array or a "
               "number",
    .errors = "an empty list; more than there are without replacement",
    .source = "numpy.random.RandomState.choice chooses the same for the same seed",
    .example = "seed(1)\nprint(random.choice{\"heads\", \"tails\"})\n"
               "print(random.choice(10, 4, {replace = false}))",
    .result = "tails\n3  4  5  10",
};

static const struct doc choice_options = {
    .name = "random.choice",
    .signature = "random.choice(list, n, {replace = false})",
    .arguments = choice_arguments + 2,
    .argument_count = 1,
};

/* How many there are to choose from. */
static size_t list_size(lua_State *L)
{
    long long size;
    const struct array *array = bind_test(L, 1, BIND_ARRAY);
    if (array != NULL && array->dimensions != 1)
        bind_refuse(L, "random.choice", "an array to choose from has one dimension");
    if (array != NULL)
        size = (long long)array->rows;
    else if (lua_type(L, 1) == LUA_TTABLE)
        size = (long long)lua_rawlen(L, 1);
    else if (lua_type(L, 1) == LUA_TNUMBER)
        size = bind_integer(L, 1, "the number to choose up to", 1, largest_integer);
    else
        return (size_t)bind_refuse(L, "random.choice",
                                   "the list must be a table, an array or a number, not %s",
                                   bind_describe(L, 1));
    if (size == 0)
        bind_refuse(L, "random.choice", "the list is empty");
    return (size_t)size;
}

static void draw(lua_State *L, size_t *indices, size_t count, size_t size, bool replace)
{
    struct generator *generator = bind_generator(L);
    if (!replace) {
        size_t *all = index_room(L, size);
        generator_permutation(generator, all, size);
        for (size_t i = 0; i < count; i++)
            indices[i] = all[i];
        lua_pop(L, 1);
        return;
    }
    for (size_t i = 0; i < count; i++)
        indices[i] = (size_t)generator_below(generator, size);
}

static double array_choice(const struct array *array, size_t index)
{
    return array == NULL ? (double)index + 1 : array->data[index];
}

static int choice(lua_State *L)
{
    check_count(L, 3, &choice_doc);
    size_t size = list_size(L);
    bool table = lua_type(L, 1) == LUA_TTABLE;
    const struct array *array = bind_test(L, 1, BIND_ARRAY);
    if (lua_gettop(L) == 1) {
        size_t index = (size_t)generator_below(bind_generator(L), size);
        if (table)
            lua_rawgeti(L, 1, (lua_Integer)index + 1);
        else if (array != NULL)
            lua_pushnumber(L, array->data[index]);
        else
            lua_pushinteger(L, (lua_Integer)index + 1);
        return 1;
    }
    size_t count = count_argument(L, 2);
    double replace = 1;
    bool given;
    if (lua_gettop(L) == 3)
        bind_options(L, 3, &choice_options, 0, &replace, &given);
    if (replace == 0 && count > size)
        return bind_refuse(L, "random.choice", "%zu cannot be chosen from %zu without replacement",
                           count, size);
    struct array *chosen = table ? NULL : bind_array_new(L, 1, count, 1);
    if (table)
        lua_createtable(L, count < INT_MAX ? (int)count : INT_MAX, 0);
    size_t *indices = index_room(L, count);
    draw(L, indices, count, size, replace != 0);
    for (size_t i = 0; i < count; i++) {
        if (table) {
            lua_rawgeti(L, 1, (lua_Integer)indices[i] + 1);
            lua_rawseti(L, -3, (lua_Integer)i + 1);
        } else {
            chosen->data[i] = array_choice(array, indices[i]);
        }
    }
    lua_pop(L, 1);
    return 1;
}

/* --- the namespace --- */

static const struct doc random_doc = {
    .name = "random",
    .signature = "random.uniform, random.normal, random.integer, random.permutation, random.choice",
    .summary = "random numbers from the global generator; seed(n) starts it again",
    .source = "for the same seed the numbers of numpy.random.RandomState",
    .example = "seed(7)\nprint(random.normal(2))",
    .result = "1.690526  -0.4659374",
};

static const struct function functions[] = {
    {"uniform", uniform, &uniform_doc}, {"normal", normal, &normal_doc},
    {"integer", integer, &integer_doc}, {"permutation", permutation, &permutation_doc},
    {"choice", choice, &choice_doc},
};

void bind_open_random(lua_State *L)
{
    lua_createtable(L, 0, sizeof functions / sizeof *functions);
    bind_functions(L, functions, sizeof functions / sizeof *functions);
    bind_namespace(L, &random_doc, NULL, NULL);
    lua_setfield(L, -2, "random");
    lua_pushcfunction(L, seed);
    bind_document(L, -1, &seed_doc);
    lua_setfield(L, -2, "seed");
}
