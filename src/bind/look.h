/* SPDX-License-Identifier: GPL-3.0-or-later */
/* look.h: looking into expressions from Lua: a function's derivatives, a loss's, and the nodes of
 * both. */
#ifndef DESCENT_BIND_LOOK_H
#define DESCENT_BIND_LOOK_H

#include "bind/bind.h"
#include "graph/evaluate.h"
#include "graph/formula.h"

/* Something on the stack that frees a graph and what was made of it, whatever happens. */
struct workspace {
    struct graph *graph;
    struct evaluator *evaluator;
    char *text; /* from the context's memory */
    struct context *context;
    struct formulas formulas;
    struct gradient gradient;
};
struct workspace *bind_push_workspace(lua_State *L);

/* Pushes a table of the nodes that root needs, leaves first, each with its value and root's
 * derivative to it: {nodes = {{name =, symbol =, kind =, operation =, plain = operation in ASCII,
 * value =, gradient =, arguments = names, by_example =}, ...}, size = nodes with constants,
 * gradient_size = with the derivatives}. The root is called `name`. With one_example nothing is
 * summed over examples. */
void bind_push_nodes(lua_State *L, struct workspace *workspace, node_id root, const char *name,
                     const struct evaluator_point *point, size_t examples, bool one_example);

/* The names of those notations, in the order of notation.def, that one can ask for. */
#define BIND_NOTATIONS "unicode|ascii|latex|lua"
/* The notation named at index; the one for nothing is `standard`. */
enum notation bind_notation(lua_State *L, int index, enum notation standard);
/* Pushes {{name =, text =}, ...}. */
void bind_push_definitions(lua_State *L, const struct formulas *formulas);

/* core.expression: a traced function as a value (expression.c). */
void bind_open_expression(lua_State *L);
/* core.python_formulas (loss_formula.c). */
int bind_python_formulas(lua_State *L);
/* The methods of losses that look (loss_formula.c, loss_look.c). */
void bind_open_loss_formula(lua_State *L);
void bind_open_loss_look(lua_State *L);

#endif
