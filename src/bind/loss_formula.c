/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loss_formula.c: a loss and its derivatives as text: L:formulas, L:derivative, and for
 * export(). */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bind/look.h"
#include "bind/loss.h"
#include "graph/rewrite.h"
#include "loss/scores.h"
#include "model/model.h"
#include "objective/build.h"

enum { COMPONENT_LIMIT = 64 }; /* a block that is used in parts: so many components apart */

/* One line of L:derivative(): a block of parameters or one of them. */
struct partial {
    int offset, size;
    node_id node;
};

struct partials {
    int count, capacity;
    struct partial *list; /* Lua's memory */
    struct graph *graph;
    const struct gradient *gradient;
};

/* Whether the leaf has components [offset, offset + size). */
static bool covers(const struct partials *partials, int leaf, int offset, int size)
{
    node_id node = partials->gradient->leaves[leaf];
    struct shape shape = graph_shape(partials->graph, node);
    int begin = graph_leaf_offset(partials->graph, node);
    return begin <= offset && offset + size <= begin + shape_size(shape);
}

/* The derivative to components that no leaf cuts: each leaf that has them adds its part. */
static node_id derivative_to(const struct partials *partials, int offset, struct shape shape)
{
    struct graph *graph = partials->graph;
    int size = shape_size(shape);
    node_id sum = NO_NODE;
    for (int i = 0; i < partials->gradient->count; i++) {
        if (!covers(partials, i, offset, size))
            continue;
        struct shape leaf = graph_shape(graph, partials->gradient->leaves[i]);
        node_id part = partials->gradient->gradients[i];
        if (leaf.rows * leaf.cols > size)
            part = graph_part(graph, part,
                              offset - graph_leaf_offset(graph, partials->gradient->leaves[i]),
                              size);
        else if (leaf.cols != shape.cols) /* a row, used as a vector or as a matrix */
            part = graph_transpose(graph, part);
        sum = sum == NO_NODE ? part : graph_add(graph, sum, part);
    }
    return sum == NO_NODE ? graph_constant_shaped(graph, 0, shape) : sum;
}

/* Whether some leaf begins or ends inside the block. */
static bool is_cut(const struct partials *partials, int offset, int size)
{
    for (int i = 0; i < partials->gradient->count; i++) {
        node_id leaf = partials->gradient->leaves[i];
        struct shape shape = graph_shape(partials->graph, leaf);
        int begin = graph_leaf_offset(partials->graph, leaf);
        int end = begin + shape_size(shape);
        bool apart = end <= offset || begin >= offset + size;
        if (!apart && (begin > offset || end < offset + size))
            return true;
    }
    return false;
}

static void add_partial(lua_State *L, struct partials *partials, struct partial partial)
{
    if (partials->count == partials->capacity) {
        partials->capacity = 2 * partials->capacity + 16;
        struct partial *list = lua_newuserdatauv(L, (size_t)partials->capacity * sizeof *list, 0);
        if (partials->count)
            memcpy(list, partials->list, (size_t)partials->count * sizeof *list);
        partials->list = list; /* the old one stays on the stack */
    }
    partials->list[partials->count++] = partial;
}

/* What becomes of a block that is also used in parts. */
enum cut {
    CUT_COMPONENTS, /* one by one, where they are few */
    CUT_JOINED,     /* their list */
    CUT_LEAVES,     /* each part as it is used; they overlap, and are to be added */
};

/* One declared parameter: whole, or in parts. */
static void add_block(lua_State *L, struct partials *partials, int offset, struct shape shape,
                      enum cut cut)
{
    struct graph *graph = partials->graph;
    int size = shape_size(shape);
    const struct shape single = {1, 1};
    luaL_checkstack(L, 5, NULL);
    if (size == 1 || !is_cut(partials, offset, size)) {
        add_partial(L, partials,
                    (struct partial){offset, size, derivative_to(partials, offset, shape)});
        return;
    }
    if (cut == CUT_LEAVES) {
        for (int i = 0; i < partials->gradient->count; i++) {
            struct shape leaf = graph_shape(graph, partials->gradient->leaves[i]);
            int begin = graph_leaf_offset(graph, partials->gradient->leaves[i]);
            if (begin >= offset && begin < offset + size)
                add_partial(L, partials,
                            (struct partial){begin, shape_size(leaf),
                                             partials->gradient->gradients[i]});
        }
        return;
    }
    if (cut == CUT_COMPONENTS && size <= COMPONENT_LIMIT) {
        for (int k = 0; k < size; k++)
            add_partial(
                L, partials,
                (struct partial){offset + k, 1, derivative_to(partials, offset + k, single)});
        return;
    }
    node_id *parts = lua_newuserdatauv(L, (size_t)size * sizeof *parts, 0);
    for (int k = 0; k < size; k++)
        parts[k] = derivative_to(partials, offset + k, single);
    node_id node = graph_concat(graph, parts, size);
    lua_pop(L, 1);
    add_partial(L, partials, (struct partial){offset, size, node});
}

static size_t block_length(const char *component)
{
    return strcspn(component, "[");
}

static void push_partials(lua_State *L, struct objective *objective,
                          const struct partials *partials, const struct formulas *formulas,
                          enum notation notation)
{
    char symbol[256];
    lua_createtable(L, partials->count, 0);
    for (int i = 0; i < partials->count; i++) {
        const struct partial *partial = &partials->list[i];
        const char *component = objective_component(objective, (size_t)partial->offset);
        lua_createtable(L, 0, 4);
        if (partial->size > 1) /* a whole block */
            lua_pushlstring(L, component, block_length(component));
        else
            lua_pushstring(L, component);
        lua_pushstring(L, formula_symbol(lua_tostring(L, -1), notation, symbol, sizeof symbol));
        lua_setfield(L, -3, "symbol");
        lua_setfield(L, -2, "name");
        lua_pushinteger(L, partial->offset);
        lua_setfield(L, -2, "offset");
        lua_pushstring(L, formulas->texts[i]);
        lua_setfield(L, -2, "text");
        lua_rawseti(L, -2, i + 1);
    }
}

/* The blocks as the component names tell them: "W[1,1]" ... "W[8,2]". */
static void add_blocks(lua_State *L, struct objective *objective, struct partials *partials,
                       enum cut cut)
{
    size_t size = objective_size(objective);
    for (size_t i = 0; i < size;) {
        const char *first = objective_component(objective, i);
        size_t length = block_length(first), count = 1, columns = 1;
        while (i + count < size && first[length] == '[' &&
               block_length(objective_component(objective, i + count)) == length &&
               strncmp(objective_component(objective, i + count), first, length) == 0)
            count++;
        const char *comma = strchr(objective_component(objective, i + count - 1), ',');
        if (comma)
            columns = strtoul(comma + 1, NULL, 10);
        struct shape shape = {(int)(count / columns), (int)columns};
        add_block(L, partials, (int)i, shape, cut);
        i += count;
    }
}

/* A model may read one column of several: that there are several is seen from this leaf. */
static void show_columns(const struct objective *objective, struct graph *graph)
{
    const struct dataset *data = objective_dataset(objective);
    if (data && data->inputs > 1)
        graph_input(graph, SOURCE_X, 0, (int)data->inputs);
    if (data && data->outputs > 1)
        graph_input(graph, SOURCE_Y, 0, (int)data->outputs);
}

/* A matrix of one column comes with two dimensions: pushes "W = W:reshape(4)" for each. */
static const char *push_prelude(lua_State *L, struct objective *objective)
{
    size_t size = objective_size(objective);
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    for (size_t i = 0; i < size; i++) {
        const char *name = objective_component(objective, i);
        size_t length = block_length(name), rows = 1;
        if (strcmp(name + length, "[1,1]") != 0)
            continue;
        while (i + rows < size &&
               strncmp(objective_component(objective, i + rows), name, length + 1) == 0)
            rows++;
        const char *last = strchr(objective_component(objective, i + rows - 1), ',');
        if (rows == 1 || strcmp(last, ",1]") != 0)
            continue;
        char line[300];
        snprintf(line, sizeof line, "    %.*s = %.*s:reshape(%zu)\n", (int)length, name,
                 (int)length, name, rows);
        luaL_addstring(&buffer, line);
    }
    luaL_pushresult(&buffer);
    return lua_tostring(L, -1);
}

static void set_text(lua_State *L, struct workspace *workspace, const char *field)
{
    lua_pushstring(L, workspace->text);
    lua_setfield(L, -2, field);
    memory_free(workspace->context, workspace->text);
    workspace->text = NULL;
}

static const struct argument formula_arguments[] = {
    {.name = "notation",
     .type = ARGUMENT_CHOICE,
     .choices = BIND_NOTATIONS,
     .summary = "how it is written"},
};
static const struct doc formulas_doc = {
    .name = "loss:formulas",
    .signature = "L:formulas([notation])",
    .summary = "The loss and its partial derivatives as texts; L:derivative() shows them.",
    DOC_ARGUMENTS(formula_arguments),
    .returns = "a table {value =, value_definitions =, partials = {{name =, symbol =, text =}, "
               "...}, definitions = {{name =, text =}, ...}}; with \"lua\" {value =, gradient =}, "
               "two functions of the parameters, x and y as texts",
    .example = "L = loss(function(a) return a^2 - 4*a + 5 end)\n"
               "print(L:formulas(\"ascii\").partials[1].text)\n"
               "print(L:formulas(\"latex\").value)",
    .result = "2*a - 4\na^{2} - 4 a + 5",
};
static int loss_formulas(lua_State *L)
{
    struct objective *objective = bind_loss(L, 1, NULL);
    enum notation notation = bind_notation(L, 2, NOTATION_UNICODE);
    struct objective_formulas found;
    struct error error;
    lua_settop(L, 2);
    bind_check(L, objective_formulas(objective, &found, &error), &error);
    lua_createtable(L, 0, 4);
    int result = lua_gettop(L);
    struct workspace *written = bind_push_workspace(L), *derived = bind_push_workspace(L);
    bind_check(L, graph_new(&derived->graph, derived->context, &error), &error);
    struct partials partials = {.graph = derived->graph, .gradient = &derived->gradient};
    graph_set_stable(derived->graph, true);
    graph_copy_declarations(derived->graph, found.written);
    show_columns(objective, found.written);
    show_columns(objective, derived->graph);
    node_id root = graph_copy(derived->graph, found.written, found.root, NULL, 0, NULL);
    bind_check(L, graph_differentiate(derived->graph, root, false, &derived->gradient, &error),
               &error);
    add_blocks(L, objective, &partials, notation == NOTATION_LUA ? CUT_JOINED : CUT_COMPONENTS);
    bind_check(L, graph_status(derived->graph, &error), &error);
    node_id *nodes = lua_newuserdatauv(L, ((size_t)partials.count + 1) * sizeof *nodes, 0);
    for (int i = 0; i < partials.count; i++)
        nodes[i] = partials.list[i].node;
    if (notation == NOTATION_LUA) {
        const char *prelude = push_prelude(L, objective);
        bind_check(L,
                   formula_program(&written->text, found.written, &found.root, 1, prelude, &error),
                   &error);
        bind_check(
            L,
            formula_program(&derived->text, derived->graph, nodes, partials.count, prelude, &error),
            &error);
        lua_pushvalue(L, result);
        set_text(L, written, "value");
        set_text(L, derived, "gradient");
        return 1;
    }
    bind_check(L,
               formula_print(&written->formulas, found.written, &found.root, 1, notation, &error),
               &error);
    bind_check(
        L,
        formula_print(&derived->formulas, derived->graph, nodes, partials.count, notation, &error),
        &error);
    lua_pushvalue(L, result);
    lua_pushstring(L, written->formulas.texts[0]);
    lua_setfield(L, -2, "value");
    bind_push_definitions(L, &written->formulas);
    lua_setfield(L, -2, "value_definitions");
    push_partials(L, objective, &partials, &derived->formulas, notation);
    lua_setfield(L, -2, "partials");
    bind_push_definitions(L, &derived->formulas);
    lua_setfield(L, -2, "definitions");
    return 1;
}

static const struct doc derivative_doc = {
    .name = "loss:derivative",
    .signature = "L:derivative([notation])",
    .summary = "The formula of each partial derivative, derived by the program.",
    DOC_ARGUMENTS(formula_arguments),
    .returns = "a table of the formulas by parameter, which prints as lines; with \"lua\" a "
               "function that can be typed or loaded",
    .example = "L = loss.least_squares(model.line, data.line12)\nprint(L:derivative(\"ascii\"))\n"
               "print(L:derivative(\"latex\").phi1)\nprint(L:derivative(\"lua\"))",
    .result = "dL/dphi0 = 2*sum_i (phi0 + phi1*x_i - y_i)\n"
              "dL/dphi1 = 2*sum_i x_i*(phi0 + phi1*x_i - y_i)\n"
              "2 \\sum_i x_{i} \\left(\\phi_{0} + \\phi_{1} x_{i} - y_{i}\\right)\n"
              "function(phi0, phi1, x, y)\n"
              "    local sum1, sum2 = 0, 0\n"
              "    for i = 1, #x do\n"
              "        sum1 = sum1 + phi0 + phi1*x[i] - y[i]\n"
              "        sum2 = sum2 + x[i]*(phi0 + phi1*x[i] - y[i])\n"
              "    end\n"
              "    return 2*sum1,\n"
              "           2*sum2\n"
              "end",
};
static int derivative(lua_State *L)
{
    bind_loss(L, 1, NULL);
    return bind_call_lua(L, "descent.loss_methods", "derivative");
}

/* --- for programs in Python --- */

/* Calls the prediction what it is, and what a sigmoid or softmax at its end is taken of, where the
 * loss is of that, a score. */
static void name_prediction(lua_State *L, const struct objective *objective, struct graph *graph)
{
    const struct dataset *data = objective_dataset(objective);
    const struct model *model = objective_model(objective);
    struct workspace *workspace = bind_push_workspace(L);
    struct error error;
    node_id prediction;
    if (!data || !model || graph_new(&workspace->graph, workspace->context, &error) != STATUS_OK ||
        model_build(model, workspace->graph, (int)data->inputs, &prediction, &error) != STATUS_OK) {
        lua_pop(L, 1);
        return;
    }
    prediction = graph_copy(graph, workspace->graph, prediction, NULL, 0, NULL);
    node_id scores = loss_scores(graph, prediction);
    node_id score = graph_sigmoid_argument(graph, prediction);
    graph_name(graph, prediction, "prediction");
    if (score != NO_NODE)
        graph_name(graph, score, "score");
    else if (scores != prediction)
        graph_name(graph, scores, "scores");
    lua_pop(L, 1);
}

/* {text =, definitions =, partials = {{offset =, rows =, cols =, axes =, text =}, ...}} at `field`
 * of the table on top; without partials the text of nodes[0]. */
static void add_python(lua_State *L, const char *field, struct graph *graph, const node_id *nodes,
                       int count, const struct partials *partials, enum notation notation)
{
    struct workspace *workspace = bind_push_workspace(L);
    struct error error;
    workspace->formulas.context = workspace->context;
    bind_check(L, formula_print(&workspace->formulas, graph, nodes, count, notation, &error),
               &error);
    lua_createtable(L, 0, 3);
    lua_pushstring(L, workspace->formulas.reason);
    lua_setfield(L, -2, "reason");
    bind_push_definitions(L, &workspace->formulas);
    lua_setfield(L, -2, "definitions");
    lua_pushstring(L, workspace->formulas.texts[0]);
    lua_setfield(L, -2, "text");
    lua_createtable(L, partials ? count : 0, 0);
    for (int i = 0; partials && i < count; i++) {
        struct shape shape = graph_shape(graph, nodes[i]);
        lua_createtable(L, 0, 4);
        lua_pushinteger(L, partials->list[i].offset);
        lua_setfield(L, -2, "offset");
        lua_pushinteger(L, partials->list[i].size);
        lua_setfield(L, -2, "size");
        lua_pushinteger(L, shape_size(shape));
        lua_setfield(L, -2, "given");
        lua_pushboolean(L, shape.cols > 1);
        lua_setfield(L, -2, "matrix");
        lua_pushstring(L, workspace->formulas.texts[i]);
        lua_setfield(L, -2, "text");
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "partials");
    lua_setfield(L, -3, field);
    lua_pop(L, 1);
}

/* The names that the parameters have in the program, in their order. */
static void add_parameters(lua_State *L, const struct objective *objective,
                           const struct graph *graph)
{
    size_t size = objective_size(objective), count = 0;
    char name[256];
    lua_newtable(L);
    for (size_t i = 0; i < size;) {
        const char *first = objective_component(objective, i);
        size_t length = block_length(first), next = i + 1, columns = 1;
        while (first[length] == '[' && next < size &&
               block_length(objective_component(objective, next)) == length &&
               strncmp(objective_component(objective, next), first, length) == 0)
            next++;
        const char *comma = strchr(objective_component(objective, next - 1), ',');
        if (comma)
            columns = strtoul(comma + 1, NULL, 10);
        lua_createtable(L, 0, 4);
        lua_pushlstring(L, first, length);
        lua_pushstring(L, formula_python_name(graph, lua_tostring(L, -1), name, sizeof name));
        lua_setfield(L, -3, "name");
        lua_pop(L, 1);
        lua_pushinteger(L, (lua_Integer)i);
        lua_setfield(L, -2, "offset");
        lua_pushinteger(L, (lua_Integer)((next - i) / columns));
        lua_setfield(L, -2, "rows");
        lua_pushinteger(L, (lua_Integer)columns);
        lua_setfield(L, -2, "cols");
        lua_rawseti(L, -2, (lua_Integer)++count);
        i = next;
    }
    lua_setfield(L, -2, "parameters");
}

/* python_formulas(loss, "numpy" | "torch", hessian): the loss, its gradient, and with `hessian`
 * H·direction, in the forms that do not overflow. */
int bind_python_formulas(lua_State *L)
{
    struct objective *objective = bind_loss(L, 1, NULL);
    bool torch = strcmp(luaL_checkstring(L, 2), "torch") == 0, hessian = lua_toboolean(L, 3);
    enum notation notation = torch ? NOTATION_TORCH : NOTATION_NUMPY;
    struct objective_formulas found;
    struct error error;
    bind_check(L, objective_formulas(objective, &found, &error), &error);
    lua_settop(L, 3);
    struct workspace *workspace = bind_push_workspace(L);
    lua_createtable(L, 0, 4);
    int result = lua_gettop(L);
    bind_check(L, graph_new(&workspace->graph, workspace->context, &error), &error);
    struct graph *graph = workspace->graph;
    graph_set_stable(graph, true);
    graph_copy_declarations(graph, found.written);
    show_columns(objective, graph);
    node_id root = graph_copy(graph, found.written, found.root, NULL, 0, NULL);
    name_prediction(L, objective, graph);
    bind_check(L, graph_status(graph, &error), &error);
    add_parameters(L, objective, graph);
    add_python(L, "value", graph, &root, 1, NULL, notation);
    if (torch)
        return 1;
    for (int order = 1; order <= (hessian ? 2 : 1); order++) {
        struct partials partials = {.graph = graph, .gradient = &workspace->gradient};
        if (order == 2) {
            root = graph_directional(graph, &workspace->gradient);
            graph_gradient_free(graph, &workspace->gradient);
        }
        bind_check(L, graph_differentiate(graph, root, false, &workspace->gradient, &error),
                   &error);
        int top = lua_gettop(L);
        add_blocks(L, objective, &partials, CUT_LEAVES);
        bind_check(L, graph_status(graph, &error), &error);
        node_id *nodes = lua_newuserdatauv(L, (size_t)partials.count * sizeof *nodes, 0);
        for (int i = 0; i < partials.count; i++)
            nodes[i] = partials.list[i].node;
        lua_pushvalue(L, result);
        add_python(L, order == 1 ? "gradient" : "hessian", graph, nodes, partials.count, &partials,
                   notation);
        lua_settop(L, top);
    }
    return 1;
}

void bind_open_loss_formula(lua_State *L)
{
    static const struct function methods[] = {
        {"formulas", loss_formulas, &formulas_doc},
        {"derivative", derivative, &derivative_doc},
    };
    bind_methods(L, BIND_LOSS, methods, sizeof methods / sizeof *methods);
}
