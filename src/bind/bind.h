/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bind.h: what every binding uses. Bindings read Lua arguments, call the library, push results; the
 * argument tables of the doc records do the checking.
 *
 * Types are full userdata that hold a struct (array) or one counted reference (all others).
 * A userdata is made empty with its metatable first and filled afterwards, so that any error leaves
 * a valid object.
 */
#ifndef DESCENT_BIND_BIND_H
#define DESCENT_BIND_BIND_H

#include <lauxlib.h>
#include <lua.h>

#include "array/array.h"
#include "base/context.h"
#include "base/doc.h"
#include "base/error.h"
#include "dataset/dataset.h"

struct function {
    const char *name;
    lua_CFunction function;
    const struct doc *doc; /* a missing record does not compile: BIND takes three */
};

/* The context made by luaopen_descent_core, from the registry. */
struct context *bind_context(lua_State *L);

/* Raises the error as "place: where: text" (place: the calling Lua line). Does not return. */
int bind_raise(lua_State *L, const struct error *error) __attribute__((noreturn));
/* In a C function that the library calls and that runs Lua: pops the Lua error on top of the stack,
 * keeps it, and returns STATUS_CALLBACK; bind_raise then raises the kept value itself. */
enum status bind_keep_error(lua_State *L, struct error *error);
/* Does nothing for STATUS_OK. */
void bind_check(lua_State *L, enum status status, const struct error *error);
/* Raises "place: NAME: text" for an argument; "place: text" where NAME is NULL or empty. */
int bind_refuse(lua_State *L, const char *argument, const char *format, ...)
    __attribute__((noreturn, format(printf, 3, 4)));

/* --- documentation: core.documents is a list of {value = ..., record = {...}} in order --- */
void bind_document(lua_State *L, int index, const struct doc *doc); /* the value at index */
int bind_namespace_text(lua_State *L); /* the __tostring of a documented table: descent.show's */
void bind_functions(lua_State *L, const struct function *functions,
                    size_t count); /* into the table on top of the stack */

/* --- functions written in Lua --- */
void bind_push_lua(lua_State *L, const char *module, const char *name); /* require(module)[name] */
/* Ends a C function: require(module)[name](all on the stack). */
int bind_call_lua(lua_State *L, const char *module, const char *name);

/* --- types --- */
#define BIND_ARRAY "descent.array"
#define BIND_DATASET "descent.dataset"
#define BIND_MODEL "descent.model"
#define BIND_LOSS "descent.loss"
#define BIND_OPTIMIZER "descent.optimizer"
#define BIND_SCHEDULE "descent.schedule"
#define BIND_RUN "descent.run"
#define BIND_SYMBOL "descent.symbol"
#define BIND_PROCESS "descent.process"

/* Makes the metatable of a type: methods (documented as "type:name") behind __index, `meta` for the
 * metamethods. `fields` (may be NULL) is called as (object, key) for keys that are no methods; it
 * returns the value, or nothing for an unknown field, which raises an error with the nearest name
 * among the methods and `field_names` (NULL-terminated). Also put into core.types under the name
 * after the dot; there `methods` (name to function) and `fields` (list of names) say what it has.
 * Without a __tostring in `meta` the text is descent.show's. */
void bind_type(lua_State *L, const char *type, const struct function *methods, size_t count,
               const luaL_Reg *meta, lua_CFunction fields, const char *const *field_names);
/* Adds methods to a type. */
void bind_methods(lua_State *L, const char *type, const struct function *methods, size_t count);
/* Zeroed, with its metatable and one user value, pushed. */
void *bind_new(lua_State *L, const char *type, size_t size);
void *bind_test(lua_State *L, int index, const char *type); /* NULL when it is something else */
/* argument NULL: the object before the colon of a method call. */
void *bind_object(lua_State *L, int index, const char *type, const char *argument);
/* "array", "data set", "run", "number", ... for messages */
const char *bind_type_name(lua_State *L, int index);

/* ipairs reads one element more than there are, and stops at nil: it alone is given nil there. For
 * the metatable on top, then in its __index. */
void bind_ends_ipairs(lua_State *L);
bool bind_asked_by_ipairs(lua_State *L);

/* --- plain arguments; strings are never numbers, integer-valued floats are integers --- */
double bind_number(lua_State *L, int index, const char *argument); /* finite */
long long bind_integer(lua_State *L, int index, const char *argument, long long minimum,
                       long long maximum);

/* --- named options: the table at `index` (or nothing) against doc->arguments. Unknown names are
 * refused with the nearest known one, ranges and types are checked, defaults filled in. values[i]
 * is the number, boolean (0, 1) or choice (position); given[i] says whether it was there.
 * ARGUMENT_TEXT, ARRAY, VALUE and a RATE that is not a number are only checked for presence: fetch
 * them with bind_field. Integer keys are refused unless positional > 0 (the number allowed). --- */
void bind_options(lua_State *L, int index, const struct doc *doc, int positional, double *values,
                  bool *given);
/* Pushes the field of the table; false and nothing where it is nil. */
bool bind_field(lua_State *L, int index, const char *name);

/* --- arrays --- */
struct array *bind_array_new(lua_State *L, int dimensions, size_t rows, size_t cols); /* pushed */
/* The array at index; a table of numbers (or of such tables) is converted and replaced in place. */
struct array *bind_array(lua_State *L, int index, const char *argument);
/* A vector of `size` numbers (SIZE_MAX: any) from an array or a table of numbers, replaced in place
 * by an array of one dimension where it is not one. */
struct array *bind_vector(lua_State *L, int index, size_t size, const char *argument);

/* Pushes an array of one dimension. */
void bind_push_vector(lua_State *L, const double *values, size_t size);
/* Pushes a list of integers, counted from 1 in Lua and from 0 in C. */
void bind_push_indices(lua_State *L, const size_t *indices, size_t count);

/* --- data sets --- */
struct dataset *bind_dataset(lua_State *L, int index, const char *argument);

/* The global generator behind random.* and seed(). */
struct generator *bind_generator(lua_State *L);

/* --- for module.c --- */
/* Makes the context, the lists of documents and types; the core table is on top of the stack. */
void bind_begin(lua_State *L);
void bind_record(lua_State *L, const struct doc *doc); /* the record as a table, pushed */
/* check_options(record, options, positional): bind_options for a record made in Lua. */
int bind_check_options(lua_State *L);

/* --- for isolated.c --- */
/* Pushes the text of a file of the program ("lua/descent/plot.lua"); false when there is none. */
bool bind_resource(lua_State *L, const char *path);
/* Pushes a core table with arrays and mathematics alone. */
void bind_open_bare(lua_State *L);

/* --- openers: each adds its names to the core table on top of the stack --- */
void bind_open_array(lua_State *L);
void bind_open_math(lua_State *L);
void bind_open_random(lua_State *L);
void bind_open_dataset(lua_State *L);
void bind_open_data(lua_State *L);
void bind_open_model(lua_State *L);
void bind_open_loss(lua_State *L);
void bind_open_look(lua_State *L); /* after losses, to which it adds methods */
void bind_open_optimizer(lua_State *L);
void bind_open_run(lua_State *L);
void bind_open_host(lua_State *L);

#endif
