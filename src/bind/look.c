/* SPDX-License-Identifier: GPL-3.0-or-later */
/* look.c: the nodes of an expression as a table. */
#include "bind/look.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "bind/text.h"

#define WORKSPACE_TYPE "descent.workspace"

static int free_workspace(lua_State *L)
{
    struct workspace *workspace = lua_touserdata(L, 1);
    evaluator_free(workspace->evaluator);
    if (workspace->formulas.context)
        formula_free(&workspace->formulas);
    if (workspace->context)
        memory_free(workspace->context, workspace->text);
    if (workspace->graph)
        graph_gradient_free(workspace->graph, &workspace->gradient);
    graph_free(workspace->graph);
    *workspace = (struct workspace){0};
    return 0;
}

struct workspace *bind_push_workspace(lua_State *L)
{
    struct workspace *workspace = lua_newuserdatauv(L, sizeof *workspace, 0);
    *workspace = (struct workspace){.context = bind_context(L)};
    if (luaL_newmetatable(L, WORKSPACE_TYPE)) {
        lua_pushcfunction(L, free_workspace);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return workspace;
}

enum notation bind_notation(lua_State *L, int index, enum notation standard)
{
    if (lua_isnoneornil(L, index))
        return standard;
    const char *given = lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : NULL;
    int choice = given ? doc_choice_index(BIND_NOTATIONS, given) : -1;
    if (choice >= 0)
        return (enum notation)choice;
    bind_refuse(L, NULL, "the notation is \"unicode\", \"ascii\", \"latex\" or \"lua\", not %s%s%s",
                given ? "\"" : "", given ? given : bind_describe(L, index), given ? "\"" : "");
    return standard;
}

void bind_push_definitions(lua_State *L, const struct formulas *formulas)
{
    lua_createtable(L, formulas->definition_count, 0);
    for (int i = 0; i < formulas->definition_count; i++) {
        lua_createtable(L, 0, 2);
        lua_pushstring(L, formulas->names[i]);
        lua_setfield(L, -2, "name");
        lua_pushstring(L, formulas->definitions[i]);
        lua_setfield(L, -2, "text");
        lua_rawseti(L, -2, i + 1);
    }
}

/* --- nodes --- */

struct look {
    struct workspace *workspace;
    const struct graph *graph;
    node_id root;
    int count;          /* of the nodes that are shown */
    node_id *shown;     /* leaves first, then by number */
    node_id *adjoints;  /* root's derivative to each; NO_NODE: 0 */
    const char **names; /* of every node up to the root; NULL: a constant */
    size_t examples;
    int kept; /* the table that keeps the texts of the names */
};

static bool is_leaf(const struct graph *graph, node_id node)
{
    return graph_primitive(graph, node) <= PRIMITIVE_COUNT;
}

/* Parameters, then x, then y, each by its offset. */
static int leaf_order(const struct graph *graph, node_id a, node_id b)
{
    bool a_input = graph_primitive(graph, a) != PRIMITIVE_PARAMETER;
    bool b_input = graph_primitive(graph, b) != PRIMITIVE_PARAMETER;
    if (a_input != b_input)
        return a_input - b_input;
    if (a_input)
        return a - b;
    return graph_leaf_offset(graph, a) - graph_leaf_offset(graph, b);
}

static void choose_nodes(struct look *look, const unsigned char *needed)
{
    const struct graph *graph = look->graph;
    for (int pass = 0; pass < 2; pass++)
        for (node_id id = 0; id <= look->root; id++) {
            if (!needed[id] || graph_is_constant(graph, id, NULL) ||
                is_leaf(graph, id) != (pass == 0))
                continue;
            int place = look->count++;
            while (pass == 0 && place > 0 && leaf_order(graph, look->shown[place - 1], id) > 0) {
                look->shown[place] = look->shown[place - 1];
                place--;
            }
            look->shown[place] = id;
        }
}

static bool is_taken(lua_State *L, const struct look *look, const char *name)
{
    bool taken = lua_getfield(L, look->kept, name) != LUA_TNIL;
    lua_pop(L, 1);
    return taken;
}

static const char *keep_name(lua_State *L, struct look *look, node_id id, const char *name)
{
    lua_pushstring(L, name);
    look->names[id] = lua_tostring(L, -1);
    lua_pushvalue(L, -1);
    lua_rawset(L, look->kept); /* a set of the names */
    return look->names[id];
}

/* What the first `count` nodes that are shown do, into workspace->formulas. */
static void write_operations(lua_State *L, struct look *look, int count, enum notation notation)
{
    struct workspace *workspace = look->workspace;
    struct error error;
    bind_check(L,
               formula_operations(&workspace->formulas, look->graph, look->shown, count,
                                  look->names, notation, &error),
               &error);
}

/* Leaves keep their names, then the root has its own, then the user's, then v1, v2, ... */
static void name_nodes(lua_State *L, struct look *look, const char *root_name)
{
    char made[24];
    int next = 1;
    int leaves = 0;
    while (leaves < look->count && is_leaf(look->graph, look->shown[leaves]))
        leaves++;
    write_operations(L, look, leaves, NOTATION_ASCII);
    for (int i = 0; i < leaves; i++)
        keep_name(L, look, look->shown[i], look->workspace->formulas.texts[i]);
    formula_free(&look->workspace->formulas);
    if (!look->names[look->root] && !is_taken(L, look, root_name))
        keep_name(L, look, look->root, root_name);
    for (int i = 0; i < look->count; i++) {
        const char *name = graph_node_name(look->graph, look->shown[i]);
        if (!look->names[look->shown[i]] && name && !is_taken(L, look, name))
            keep_name(L, look, look->shown[i], name);
    }
    for (int i = 0; i < look->count; i++) {
        if (look->names[look->shown[i]])
            continue;
        do
            snprintf(made, sizeof made, "v%d", next++);
        while (is_taken(L, look, made));
        keep_name(L, look, look->shown[i], made);
    }
}

/* A number, or an array: of the components, of the examples, or both (I × components). */
static void push_value(lua_State *L, const struct look *look, node_id node, struct shape shape,
                       bool by_example)
{
    size_t size = (size_t)shape.rows * (size_t)shape.cols;
    size_t times = by_example && look->examples != 1 ? look->examples : 1;
    bool varies = node != NO_NODE && graph_level(look->graph, node) == LEVEL_EXAMPLE;
    const struct evaluator *evaluator = look->workspace->evaluator;
    if (times == 1 && size == 1) {
        lua_pushnumber(L, node == NO_NODE ? 0 : *evaluator_value(evaluator, node, 0));
        return;
    }
    struct array *array = times > 1 ? bind_array_new(L, size > 1 ? 2 : 1, times, size)
                                    : bind_array_new(L, shape.cols > 1 ? 2 : 1, (size_t)shape.rows,
                                                     (size_t)shape.cols);
    if (node == NO_NODE) /* zeros */
        return;
    for (size_t i = 0; i < times; i++)
        memcpy(array->data + i * size, evaluator_value(evaluator, node, varies ? i : 0),
               size * sizeof *array->data);
}

static const char *kind_of(const struct graph *graph, node_id node)
{
    switch (graph_primitive(graph, node)) {
    case PRIMITIVE_PARAMETER: return "parameter";
    case PRIMITIVE_INPUT: return "input";
    case PRIMITIVE_COUNT: return "count";
    default: return "operation";
    }
}

static void push_node(lua_State *L, struct look *look, int place)
{
    node_id id = look->shown[place];
    struct shape shape = graph_shape(look->graph, id);
    bool by_example = graph_level(look->graph, id) == LEVEL_EXAMPLE;
    char symbol[256];
    lua_createtable(L, 0, 9);
    lua_pushstring(L, look->names[id]);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, formula_symbol(look->names[id], NOTATION_UNICODE, symbol, sizeof symbol));
    lua_setfield(L, -2, "symbol");
    lua_pushstring(L, kind_of(look->graph, id));
    lua_setfield(L, -2, "kind");
    lua_pushboolean(L, by_example);
    lua_setfield(L, -2, "by_example");
    push_value(L, look, id, shape, by_example);
    lua_setfield(L, -2, "value");
    push_value(L, look, look->adjoints[place], shape, by_example);
    lua_setfield(L, -2, "gradient");
    lua_newtable(L);
    int count = graph_argument_count(look->graph, id);
    for (int i = 0, k = 0; i < count; i++) {
        const char *name = look->names[graph_argument(look->graph, id, i)];
        if (!name)
            continue;
        lua_pushstring(L, name);
        lua_rawseti(L, -2, ++k);
    }
    lua_setfield(L, -2, "arguments");
}

/* The fields "operation" and "plain" of every node in the list on top of the stack. */
static void set_operations(lua_State *L, struct look *look)
{
    static const char *const fields[] = {"operation", "plain"};
    static const enum notation notations[] = {NOTATION_UNICODE, NOTATION_ASCII};
    for (int k = 0; k < 2; k++) {
        write_operations(L, look, look->count, notations[k]);
        for (int i = 0; i < look->count; i++) {
            node_id id = look->shown[i];
            lua_rawgeti(L, -1, i + 1);
            lua_pushstring(L, is_leaf(look->graph, id) ? kind_of(look->graph, id)
                                                       : look->workspace->formulas.texts[i]);
            lua_setfield(L, -2, fields[k]);
            lua_pop(L, 1);
        }
        formula_free(&look->workspace->formulas);
    }
}

/* How many nodes the marked ones need, with them. */
static lua_Integer count_needed(const struct graph *graph, unsigned char *marks)
{
    lua_Integer count = 0;
    node_id last = (node_id)graph_size(graph) - 1;
    graph_mark_arguments(graph, last, marks);
    for (node_id id = 0; id <= last; id++)
        count += marks[id] != 0;
    return count;
}

static void set_sizes(lua_State *L, const struct look *look, int table)
{
    size_t size = graph_size(look->graph);
    unsigned char *marks = lua_newuserdatauv(L, size + 1, 0);
    memset(marks, 0, size);
    marks[look->root] = 1;
    lua_pushinteger(L, count_needed(look->graph, marks));
    lua_setfield(L, table, "size");
    for (int i = 0; i < look->count; i++)
        if (look->adjoints[i] != NO_NODE &&
            graph_primitive(look->graph, look->shown[i]) == PRIMITIVE_PARAMETER)
            marks[look->adjoints[i]] = 1;
    lua_pushinteger(L, count_needed(look->graph, marks));
    lua_setfield(L, table, "gradient_size");
    lua_pop(L, 1);
}

void bind_push_nodes(lua_State *L, struct workspace *workspace, node_id root, const char *name,
                     const struct evaluator_point *point, size_t examples, bool one_example)
{
    luaL_checkstack(L, 20, NULL);
    struct graph *graph = workspace->graph;
    size_t size = (size_t)root + 1;
    struct error error;
    struct look look = {.workspace = workspace, .graph = graph, .root = root, .examples = examples};
    lua_newtable(L); /* the result */
    int result = lua_gettop(L);
    unsigned char *needed = lua_newuserdatauv(L, size, 0);
    look.shown = lua_newuserdatauv(L, 4 * size * sizeof(node_id), 0);
    look.names = lua_newuserdatauv(L, size * sizeof *look.names, 0);
    memset(look.names, 0, size * sizeof *look.names);
    lua_newtable(L);
    look.kept = lua_gettop(L);
    graph_mark_needed(graph, root, needed);
    choose_nodes(&look, needed);
    look.adjoints = look.shown + look.count;
    node_id *roots = look.adjoints + look.count;
    bind_check(L,
               graph_differentiate_to(graph, root, look.shown, look.count, one_example,
                                      look.adjoints, &error),
               &error);
    int wanted = 0;
    for (int i = 0; i < look.count; i++) {
        roots[wanted++] = look.shown[i];
        if (look.adjoints[i] != NO_NODE)
            roots[wanted++] = look.adjoints[i];
    }
    bind_check(L, evaluator_new(&workspace->evaluator, graph, roots, wanted, examples, &error),
               &error);
    bind_check(L, evaluator_run(workspace->evaluator, point, &error), &error);
    name_nodes(L, &look, name);
    lua_createtable(L, look.count, 0);
    for (int i = 0; i < look.count; i++) {
        push_node(L, &look, i);
        lua_rawseti(L, -2, i + 1);
    }
    set_operations(L, &look);
    lua_setfield(L, result, "nodes");
    set_sizes(L, &look, result);
    lua_settop(L, result);
}

/* core.symbol_text(name, notation): "phi0" as it is read; true stands for "ascii". */
static int symbol_text(lua_State *L)
{
    char buffer[256];
    enum notation notation = lua_isboolean(L, 2)
                                 ? lua_toboolean(L, 2) ? NOTATION_ASCII : NOTATION_UNICODE
                                 : bind_notation(L, 2, NOTATION_UNICODE);
    lua_pushstring(L, formula_symbol(luaL_checkstring(L, 1), notation, buffer, sizeof buffer));
    return 1;
}

void bind_open_look(lua_State *L)
{
    lua_pushcfunction(L, symbol_text);
    lua_setfield(L, -2, "symbol_text");
    bind_open_expression(L);
    bind_open_loss_formula(L);
    bind_open_loss_look(L);
}
