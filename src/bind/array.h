/* SPDX-License-Identifier: GPL-3.0-or-later */
/* array.h: what array.c (the type and its methods) and array_functions.c share. */
#ifndef DESCENT_BIND_ARRAY_H
#define DESCENT_BIND_ARRAY_H

#include <lua.h>

#include "array/array.h"
#include "base/doc.h"

/* An empty array, pushed, for a library function to fill. */
struct array *bind_array_result(lua_State *L);

/* status = call, once more after a garbage collection when memory was short: arrays that nobody
 * uses any more are freed by it. Then raises what is still wrong. */
#define BIND_ATTEMPT(L, error, call)        \
    do {                                    \
        enum status attempt_ = (call);      \
        if (attempt_ == STATUS_MEMORY) {    \
            lua_gc((L), LUA_GCCOLLECT, 0);  \
            attempt_ = (call);              \
        }                                   \
        bind_check((L), attempt_, (error)); \
    } while (0)

/* Ends a C function whose result is a filled bind_array_result on top of the stack: Lua's collector
 * sees only the small userdata, so it is told how much memory really hangs on it. (bind_array_new
 * has said so already.) */
int bind_array_return(lua_State *L);

/* An operand: an array, a table of numbers (replaced in place), or a number, which becomes an array
 * of one number in `scalar`. `what` names the operation in the error. */
struct operand {
    struct array scalar;
    double value;
};
const struct array *bind_operand(lua_State *L, int index, struct operand *operand,
                                 const char *what);

/* When argument 1 or 2 is a symbol, leaves the result of the symbol's own metamethod on the stack
 * and returns true. */
bool bind_to_symbol(lua_State *L, const char *event);

extern const struct doc bind_array_doc; /* of array{...} and of the type */

void bind_open_array_functions(lua_State *L);

#endif
