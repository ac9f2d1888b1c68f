/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * prompt.h: the module descent.prompt as C calls it. Every call is protected: an error inside gives
 * the harmless answer.
 */
#ifndef DESCENT_REPL_PROMPT_H
#define DESCENT_REPL_PROMPT_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

enum prompt_end {
    PROMPT_MORE,  /* the next entry may come */
    PROMPT_LEAVE, /* :quit */
};

/* Loads descent.prompt; false with the reason on the stack. */
bool prompt_open(lua_State *L);
/* Greeting and start-up file. */
enum prompt_end prompt_begin(lua_State *L, bool greeting, bool startup);
enum prompt_end prompt_entry(lua_State *L, const char *text);
/* A signal ends the session, of which all is kept that can be. */
void prompt_ended(lua_State *L);
bool prompt_incomplete(lua_State *L, const char *text);
/* Copies into buffer. */
void prompt_text(lua_State *L, char *buffer, size_t size);
/* What is to be inserted for a pasted text: a fresh block, or NULL when it stays as it is. */
char *prompt_pasted(lua_State *L, const char *text);
/* True when bytes[0..point) ends inside a string. */
bool prompt_in_string(lua_State *L, const char *text, int point);
/* A fresh NULL-terminated list of fresh strings that can stand for bytes [first, last), or NULL
 * when there is none. *files: the names of files are wanted instead. */
char **prompt_completions(lua_State *L, const char *text, int first, int last, bool *files);
/* The signature of the call around the cursor as lines, or NULL. */
char *prompt_signature(lua_State *L, const char *text, int point);

#endif
