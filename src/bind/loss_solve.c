/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loss_solve.c: L:solve(), the minimum in closed form. */
#include <math.h>
#include <string.h>

#include "bind/loss_private.h"
#include "objective/build.h"

static const struct doc solve_doc = {
    .name = "loss:solve",
    .signature = "phi, details = L:solve()",
    .summary = "The minimum in closed form, where the loss is a quadratic of its parameters: "
               "least squares of a model that is linear in φ, with ridge penalties or without.",
    .returns = "φ, and a table {phi, loss, condition}; for least squares also standard_errors, "
               "covariance, squares (S), sigma2 = S/(n − P), sigma, sigma2_ml = S/n, sigma_ml, "
               "log_likelihood (of normal noise with sigma_ml)",
    .errors = "a loss that is no quadratic; a solution that is not unique",
    .equation = "φ = (XᵀX + λ·I)⁻¹·Xᵀy, by QR;  standard error of φⱼ: √(σ²·((XᵀX)⁻¹)ⱼⱼ)",
    .source = "Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2009, "
              "section 3.2",
    .example = "phi, details = loss.least_squares(model.line, data.line12):solve()\n"
               "print(phi)\n"
               "print(string.format(\"%.6f %.9f\", details.sigma2, details.sigma2_ml))",
    .result = "0.82595  0.5222261\n0.019987 0.016655530",
};

static void set_number(lua_State *L, const char *name, double value)
{
    lua_pushnumber(L, value);
    lua_setfield(L, -2, name);
}

static void set_array(lua_State *L, const char *name, const double *values, int dimensions,
                      size_t rows, size_t cols)
{
    struct array *array = bind_array_new(L, dimensions, rows, cols);
    memcpy(array->data, values, rows * cols * sizeof *values);
    lua_setfield(L, -2, name);
}

struct solving {
    struct objective_solution solution;
    size_t size;
};

static int push_solution(lua_State *L)
{
    const struct solving *solving = lua_touserdata(L, 1);
    const struct objective_solution *solution = &solving->solution;
    size_t size = solving->size;
    bind_push_vector(L, solution->phi, size);
    lua_newtable(L);
    set_array(L, "phi", solution->phi, 1, size, 1);
    set_number(L, "loss", solution->loss);
    set_number(L, "condition", solution->condition);
    if (!solution->has_errors)
        return 2;
    set_array(L, "standard_errors", solution->errors, 1, size, 1);
    set_array(L, "covariance", solution->covariance, 2, size, size);
    set_number(L, "squares", solution->squares);
    set_number(L, "sigma2", solution->variance);
    set_number(L, "sigma", sqrt(solution->variance));
    set_number(L, "sigma2_ml", solution->variance_ml);
    set_number(L, "sigma_ml", sqrt(solution->variance_ml));
    set_number(L, "log_likelihood", solution->log_likelihood);
    lua_pushinteger(L, (lua_Integer)solution->count);
    lua_setfield(L, -2, "count");
    lua_pushinteger(L, (lua_Integer)solution->freedom);
    lua_setfield(L, -2, "freedom");
    return 2;
}

/* The numbers of C are given back whether or not Lua has the memory for its own. */
static int solve(lua_State *L)
{
    struct objective *objective = bind_loss(L, 1, NULL);
    struct solving solving = {.size = objective_size(objective)};
    struct error error;
    lua_settop(L, 1);
    bind_check(L, objective_solve(objective, &solving.solution, &error), &error);
    lua_pushcfunction(L, push_solution);
    lua_pushlightuserdata(L, &solving);
    int status = lua_pcall(L, 1, 2, 0);
    objective_solution_free(&solving.solution);
    if (status != LUA_OK)
        return lua_error(L);
    bind_push_lua(L, "descent.loss_methods", "solution"); /* L phi details solution */
    lua_pushvalue(L, 3);
    lua_pushvalue(L, 1);
    lua_call(L, 2, 0);
    lua_settop(L, 3);
    return 2;
}

void bind_open_loss_solve(lua_State *L)
{
    static const struct function methods[] = {{"solve", solve, &solve_doc}};
    bind_methods(L, BIND_LOSS, methods, 1);
}
