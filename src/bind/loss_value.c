/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loss_value.c: what a loss says at a φ: L(phi), its gradient and Hessian, each example's part. */
#include "bind/loss_private.h"
#include "bind/parameters.h"
#include "objective/build.h"

const double *bind_loss_phi(lua_State *L, struct objective *objective, int index)
{
    size_t size = objective_size(objective);
    if (lua_isnone(L, index))
        lua_settop(L, index);
    if (lua_type(L, index) == LUA_TNUMBER) {
        int count = lua_gettop(L) - index + 1;
        lua_createtable(L, count, 0);
        for (int i = 0; i < count; i++) {
            lua_pushvalue(L, index + i);
            lua_rawseti(L, -2, i + 1);
        }
        lua_replace(L, index);
        lua_settop(L, index);
    }
    char **names = bind_loss_components(L, objective);
    const double *phi = bind_parameters(L, index, names, size, "phi")->data;
    lua_pop(L, 1);
    return phi;
}

static int loss_call(lua_State *L)
{
    struct objective *objective = bind_loss(L, 1, NULL);
    const double *phi = bind_loss_phi(L, objective, 2);
    double value;
    struct error error;
    bind_check(L, objective_value(objective, phi, NULL, &value, &error), &error);
    lua_pushnumber(L, value);
    return 1;
}

static const struct argument phi_argument[] = {
    {.name = "phi",
     .type = ARGUMENT_ARRAY,
     .shape = "P",
     .required = true,
     .summary = "the parameters: numbers, a list, an array, or a table by name"},
};
static const struct doc gradient_doc = {
    .name = "loss:gradient",
    .signature = "L:gradient(phi)",
    .summary = "The vector of partial derivatives, by back-propagation.",
    DOC_ARGUMENTS(phi_argument),
    .returns = "an array of P numbers; it points uphill",
    .errors = "another number of parameters",
    .equation = "∂L/∂φ",
    .example = "L = loss.least_squares(model.line, data.line12)\nprint(L:gradient{0.6, -0.2})",
    .result = "-21.904  -26.84044",
};
static int gradient(lua_State *L)
{
    struct objective *objective = bind_loss(L, 1, NULL);
    const double *phi = bind_loss_phi(L, objective, 2);
    struct array *result = bind_array_new(L, 1, objective_size(objective), 1);
    double value;
    struct error error;
    bind_check(L, objective_gradient(objective, phi, NULL, &value, result->data, &error), &error);
    return 1;
}

static const struct doc hessian_doc = {
    .name = "loss:hessian",
    .signature = "L:hessian(phi)",
    .summary = "The matrix of second derivatives.",
    DOC_ARGUMENTS(phi_argument),
    .returns = "an array P×P, symmetric",
    .errors = "another number of parameters",
    .equation = "∂²L/∂φ∂φᵀ",
    .example = "L = loss.least_squares(model.line, data.line12)\nprint(L:hessian{0.6, -0.2})",
    .result = "24     22.82\n22.82  30.0242",
};
static int hessian(lua_State *L)
{
    struct objective *objective = bind_loss(L, 1, NULL);
    const double *phi = bind_loss_phi(L, objective, 2);
    size_t size = objective_size(objective);
    if (size > 20000)
        return bind_refuse(L, NULL,
                           "the Hessian of %zu parameters has %.3g numbers; that does not "
                           "fit into memory",
                           size, (double)size * (double)size);
    struct array *result = bind_array_new(L, 2, size, size);
    struct error error;
    bind_check(L, objective_hessian(objective, phi, NULL, result->data, &error), &error);
    return 1;
}

static const struct doc each_doc = {
    .name = "loss:each",
    .signature = "L:each(phi)",
    .summary = "The loss of every example, without penalties; of a mean, ℓᵢ before it is divided "
               "by I.",
    DOC_ARGUMENTS(phi_argument),
    .returns = "an array of I numbers",
    .errors = "a loss without data",
    .equation = "ℓᵢ",
    .example = "L = loss.least_squares(model.line, data.line12)\n"
               "print(L:each{0.6, -0.2}:slice(1, 3))",
    .result = "0.005776  0.082944  0.268324",
};
static int each(lua_State *L)
{
    struct objective *objective = bind_loss(L, 1, NULL);
    const double *phi = bind_loss_phi(L, objective, 2);
    struct array *result = bind_array_new(L, 1, objective_examples(objective), 1);
    struct error error;
    bind_check(L, objective_each(objective, phi, NULL, result->data, &error), &error);
    return 1;
}

static const struct doc jacobian_doc = {
    .name = "loss:jacobian",
    .signature = "L:jacobian(phi)",
    .summary = "The derivatives of each example's loss (L:each), without penalties.",
    DOC_ARGUMENTS(phi_argument),
    .returns = "an array I×P: one row an example",
    .errors = "a loss without data",
    .equation = "∂ℓᵢ/∂φⱼ",
    .example = "L = loss.least_squares(model.line, data.line12)\n"
               "print(L:jacobian{0.6, -0.2}:slice(1, 2))",
    .result = "-0.152  -0.00456\n-0.576  -0.10944",
};
static int jacobian(lua_State *L)
{
    struct objective *objective = bind_loss(L, 1, NULL);
    const double *phi = bind_loss_phi(L, objective, 2);
    struct array *result = bind_array_new(L, 2, objective_examples(objective),
                                          objective_size(objective));
    struct error error;
    bind_check(L, objective_jacobian(objective, phi, result->data, &error), &error);
    return 1;
}

/* --- written in Lua --- */

static int call_lua(lua_State *L, const char *name)
{
    bind_loss_phi(L, bind_loss(L, 1, NULL), 2); /* an array from here on */
    return bind_call_lua(L, "descent.loss_methods", name);
}

static const struct argument numeric_arguments[] = {
    {.name = "h",
     .symbol = "h",
     .type = ARGUMENT_NUMBER,
     .standard = 1e-5,
     .minimum = 0,
     .maximum = 1,
     .above = true,
     .summary = "the step of the difference quotient"},
    {.name = "method",
     .type = ARGUMENT_CHOICE,
     .choices = "central|forward|backward",
     .summary = "which quotient"},
};
static const struct doc numeric_doc = {
    .name = "loss:numeric_gradient",
    .signature = "L:numeric_gradient(phi, {h = 1e-5, method = \"central\"})",
    .summary = "The gradient by difference quotients: 2P evaluations (central) or P + 1.",
    DOC_ARGUMENTS(numeric_arguments),
    .returns = "an array of P numbers",
    .equation = "central: (L[φ + h·eⱼ] − L[φ − h·eⱼ])/(2h)",
    .example = "L = loss(function(a, b) return a^2 + 3*a*b end)\n"
               "g = L:numeric_gradient{1, 2}\n"
               "print(string.format(\"%.6f %.6f\", g[1], g[2]))",
    .result = "8.000000 3.000000",
};
static int numeric_gradient(lua_State *L)
{
    return call_lua(L, "numeric_gradient");
}

static const struct doc check_doc = {
    .name = "loss:check",
    .signature = "L:check(phi)",
    .summary = "Compares the gradient with central differences, component by component, and "
               "prints the table.",
    DOC_ARGUMENTS(phi_argument),
    .returns = "the largest relative error",
    .example = "L = loss.least_squares(model.line, data.line12)\nworst = L:check{0.6, -0.2}\n"
               "print(worst < 1e-8)",
    .result = "parameter   analytic    numeric  relative error\n"
              "phi0         -21.904    -21.904         < 1e-08\n"
              "phi1       -26.84044  -26.84044         < 1e-08\ntrue",
};
static int check(lua_State *L)
{
    return call_lua(L, "check");
}

void bind_open_loss_value(lua_State *L)
{
    static const struct function methods[] = {
        {"gradient", gradient, &gradient_doc},
        {"hessian", hessian, &hessian_doc},
        {"each", each, &each_doc},
        {"jacobian", jacobian, &jacobian_doc},
        {"numeric_gradient", numeric_gradient, &numeric_doc},
        {"check", check, &check_doc},
    };
    static const luaL_Reg meta[] = {{"__call", loss_call}, {NULL, NULL}};
    bind_methods(L, BIND_LOSS, methods, sizeof methods / sizeof *methods);
    luaL_getmetatable(L, BIND_LOSS);
    luaL_setfuncs(L, meta, 0);
    lua_pop(L, 1);
}
