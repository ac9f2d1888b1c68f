/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.h: words for messages. A text that is made here is pushed, so that it lives until the C
 * function ends; use only on the way to an error. */
#ifndef DESCENT_BIND_TEXT_H
#define DESCENT_BIND_TEXT_H

#include <lua.h>
#include <stddef.h>

const char *bind_with_article(lua_State *L, const char *noun); /* "an array" */
const char *bind_describe(lua_State *L, int index);            /* "a string", "true", "a run" */
const char *bind_number_text(lua_State *L, double value);      /* 14 digits */
/* "; write 0.1 without the quotes" for a string that looks like a number, else "". */
const char *bind_quotes_hint(lua_State *L, int index);
/* doc_nearest among the first `count` strings of the list at `list`; valid while the list is. */
const char *bind_nearest(lua_State *L, const char *given, int list, size_t count);

#endif
