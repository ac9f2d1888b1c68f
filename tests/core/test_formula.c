/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formulas in four notations, as one would write them by hand. That the Lua form gives the same
 * numbers is tested from Lua, which can read it. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/memory.h"
#include "graph/formula.h"
#include "graph/graph.h"

static struct context context;
static struct error error;

#define OK(call) cr_assert_eq((call), STATUS_OK, "%s", error.text)

/* phi0, phi1, the vectors v and w of 3, the matrix W1 of 3×3. */
static struct graph *begin(void)
{
    struct graph *g;
    context_init(&context);
    OK(graph_new(&g, &context, &error));
    graph_declare(g, "phi0", 0, (struct shape){1, 1});
    graph_declare(g, "phi1", 1, (struct shape){1, 1});
    graph_declare(g, "v", 2, (struct shape){3, 1});
    graph_declare(g, "w", 5, (struct shape){3, 1});
    graph_declare(g, "W1", 8, (struct shape){3, 3});
    return g;
}

static void finish(struct graph *g)
{
    graph_free(g);
    cr_assert_eq(context.memory.live, 0);
    context_free(&context);
}

static node_id scalar(struct graph *g, int offset)
{
    return graph_parameter(g, SOURCE_PHI, offset, (struct shape){1, 1});
}

static node_id vector(struct graph *g, int offset)
{
    return graph_parameter(g, SOURCE_PHI, offset, (struct shape){3, 1});
}

static node_id number(struct graph *g, double k)
{
    return graph_constant(g, k);
}

static void reads(struct graph *g, node_id node, enum notation notation, const char *expected)
{
    struct formulas formulas;
    OK(graph_status(g, &error));
    OK(formula_print(&formulas, g, &node, 1, notation, &error));
    cr_assert_str_eq(formulas.texts[0], expected);
    formula_free(&formulas);
}

static void reads_in_all(struct graph *g, node_id node, const char *unicode, const char *ascii,
                         const char *latex)
{
    reads(g, node, NOTATION_UNICODE, unicode);
    reads(g, node, NOTATION_ASCII, ascii);
    reads(g, node, NOTATION_LATEX, latex);
}

Test(formulas, names)
{
    const struct {
        const char *name, *unicode, *latex;
    } rows[] = {
        {"phi0", "φ₀", "\\phi_{0}"},
        {"theta10", "θ₁₀", "\\theta_{10}"},
        {"u", "u", "u"},
        {"W1", "W₁", "W_{1}"},
        {"W1[3,1]", "W₁[3,1]", "W_{1;3,1}"},
        {"p[2]", "p[2]", "p_{2}"},
        {"log_sigma", "log_sigma", "\\mathrm{log\\_sigma}"},
        {"rate", "rate", "\\mathrm{rate}"},
        {"2", "2", "2"},
    };
    char buffer[100];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_assert_str_eq(formula_symbol(rows[i].name, NOTATION_UNICODE, buffer, sizeof buffer),
                         rows[i].unicode);
        cr_assert_str_eq(formula_symbol(rows[i].name, NOTATION_LATEX, buffer, sizeof buffer),
                         rows[i].latex);
        cr_assert_str_eq(formula_symbol(rows[i].name, NOTATION_ASCII, buffer, sizeof buffer),
                         rows[i].name);
    }
    char small[8];
    formula_symbol("a_name_that_is_too_long", NOTATION_LATEX, small, sizeof small);
    cr_assert_lt(strlen(small), sizeof small);
}

Test(formulas, like_terms_are_collected)
{
    struct graph *g = begin();
    node_id a = scalar(g, 0), b = scalar(g, 1), ab = graph_multiply(g, a, b);
    node_id sum = graph_add(g, graph_add(g, a, b), a);
    reads_in_all(g, sum, "2·φ₀ + φ₁", "2*phi0 + phi1", "2 \\phi_{0} + \\phi_{1}");
    sum = graph_subtract(g, graph_add(g, ab, b), graph_multiply(g, number(g, 3), ab));
    reads(g, sum, NOTATION_UNICODE, "φ₁ − 2·φ₀·φ₁");
    sum = graph_subtract(g, graph_add(g, a, b), a);
    reads(g, sum, NOTATION_UNICODE, "φ₁");
    sum = graph_subtract(g, sum, b);
    reads(g, sum, NOTATION_UNICODE, "0");
    sum = graph_add(g, graph_subtract(g, a, number(g, 1)), number(g, 3));
    reads(g, sum, NOTATION_UNICODE, "φ₀ + 2");
    finish(g);
}

Test(formulas, powers_are_collected_and_numbers_placed)
{
    struct graph *g = begin();
    node_id a = scalar(g, 0), b = scalar(g, 1);
    node_id product = graph_multiply(g, graph_multiply(g, a, b), a);
    reads(g, product, NOTATION_UNICODE, "φ₀²·φ₁");
    node_id quotient = graph_divide(
        g, graph_multiply(g, number(g, 2), graph_unary(g, PRIMITIVE_SIN, b)),
        graph_multiply(g, graph_power(g, b, number(g, 2)), b));
    reads_in_all(g, quotient, "2·sin(φ₁)/φ₁³", "2*sin(phi1)/phi1^3",
                 "\\frac{2 \\sin\\left(\\phi_{1}\\right)}{\\phi_{1}^{3}}");
    reads_in_all(g, graph_multiply(g, number(g, 1. / 32), a), "φ₀/32", "phi0/32",
                 "\\frac{\\phi_{0}}{32}");
    reads(g, graph_multiply(g, number(g, 2. / 3), a), NOTATION_UNICODE, "2·φ₀/3");
    reads(g, graph_multiply(g, number(g, 0.1), a), NOTATION_UNICODE, "0.1·φ₀");
    reads(g, graph_multiply(g, number(g, 0.06), a), NOTATION_UNICODE, "0.06·φ₀");
    reads(g, graph_multiply(g, number(g, -0.25), a), NOTATION_UNICODE, "−φ₀/4");
    reads(g, graph_multiply(g, number(g, 0.123456789), a), NOTATION_UNICODE, "0.123457·φ₀");
    reads_in_all(g, graph_multiply(g, number(g, 1.5e-7), a), "1.5e-07·φ₀", "1.5e-07*phi0",
                 "1.5 \\cdot 10^{-7} \\phi_{0}");
    reads_in_all(g, graph_multiply(g, number(g, 2), graph_power(g, number(g, 3), a)), "2·3^φ₀",
                 "2*3^phi0", "2 \\cdot 3^{\\phi_{0}}");
    finish(g);
}

Test(formulas, a_number_goes_into_a_sum_where_fractions_vanish)
{
    struct graph *g = begin();
    node_id a = scalar(g, 0), half = graph_multiply(g, number(g, 0.5), scalar(g, 1));
    node_id sum = graph_add(g, a, half);
    reads(g, graph_multiply(g, number(g, 2), sum), NOTATION_UNICODE, "2·φ₀ + φ₁");
    reads(g, graph_multiply(g, number(g, 3), sum), NOTATION_UNICODE, "3·(φ₀ + φ₁/2)");
    reads(g, graph_negate(g, sum), NOTATION_UNICODE, "−φ₀ − φ₁/2");
    node_id whole = graph_subtract(g, number(g, 1), a);
    reads(g, graph_multiply(g, number(g, 2), whole), NOTATION_UNICODE, "2·(1 − φ₀)");
    finish(g);
}

Test(formulas, numbers_with_a_name)
{
    struct graph *g = begin();
    node_id a = scalar(g, 0);
    const double pi = 3.14159265358979323846;
    reads_in_all(g, graph_multiply(g, number(g, 2 * pi), a), "2·π·φ₀", "2*pi*phi0",
                 "2 \\pi \\phi_{0}");
    reads_in_all(g, graph_multiply(g, number(g, pi / 4), a), "π·φ₀/4", "pi*phi0/4",
                 "\\frac{\\pi \\phi_{0}}{4}");
    reads_in_all(g, graph_multiply(g, number(g, -1 / (2 * pi)), a), "−φ₀/(2·π)", "-phi0/(2*pi)",
                 "-\\frac{\\phi_{0}}{2 \\pi}");
    reads(g, number(g, pi), NOTATION_UNICODE, "π");
    reads(g, graph_power(g, number(g, pi), a), NOTATION_UNICODE, "π^φ₀");
    reads(g, graph_power(g, number(g, 2 * pi), a), NOTATION_UNICODE, "(2·π)^φ₀");
    reads(g, graph_add(g, a, number(g, 3 * pi / 2)), NOTATION_UNICODE, "φ₀ + 3·π/2");
    reads(g, graph_multiply(g, number(g, log(2)), a), NOTATION_LUA, "log(2)*phi0");
    reads(g, graph_multiply(g, number(g, sqrt(3) / 2), a), NOTATION_UNICODE, "√3·φ₀/2");
    reads(g, graph_multiply(g, number(g, 3.14159), a), NOTATION_UNICODE, "3.14159·φ₀");
    graph_declare(g, "pi", 17, (struct shape){1, 1});
    reads(g, graph_multiply(g, number(g, pi), a), NOTATION_ASCII, "3.14159*phi0");
    finish(g);
}

Test(formulas, sums_are_multiplied_out_where_like_terms_meet)
{
    struct graph *g = begin();
    node_id a = scalar(g, 0), b = scalar(g, 1), square = graph_power(g, a, number(g, 2));
    node_id inner = graph_multiply(g, number(g, 400), graph_subtract(g, b, square));
    node_id sum = graph_subtract(g, graph_multiply(g, number(g, 800), square), inner);
    reads(g, sum, NOTATION_UNICODE, "1200·φ₀² − 400·φ₁");
    reads(g, graph_subtract(g, a, inner), NOTATION_UNICODE, "φ₀ − 400·(φ₁ − φ₀²)");
    node_id half = graph_add(g, a, graph_divide(g, square, number(g, 2)));
    node_id product = graph_multiply(g, graph_unary(g, PRIMITIVE_SIN, b), half);
    reads(g, graph_multiply(g, number(g, -2), product), NOTATION_UNICODE, "−sin(φ₁)·(2·φ₀ + φ₀²)");
    /* Neither falls nor rises: a polynomial is put in order. */
    node_id cube = graph_power(g, a, number(g, 3));
    reads(g, graph_add(g, graph_add(g, a, cube), number(g, 1)), NOTATION_UNICODE, "φ₀³ + φ₀ + 1");
    reads(g, graph_add(g, number(g, 1), square), NOTATION_UNICODE, "1 + φ₀²");
    /* Many levels of it take no time. */
    node_id deep = a;
    for (int i = 0; i < 120; i++)
        deep = graph_multiply(g, number(g, 2),
                              graph_add(g, graph_multiply(g, number(g, 0.5), b), deep));
    struct formulas formulas;
    OK(formula_print(&formulas, g, &deep, 1, NOTATION_UNICODE, &error));
    formula_free(&formulas);
    finish(g);
}

Test(formulas, conditions_are_joined)
{
    struct graph *g = begin();
    node_id a = scalar(g, 0), b = scalar(g, 1), zero = number(g, 0), one = number(g, 1);
    node_id p = graph_binary(g, PRIMITIVE_GREATER, a, zero);
    node_id q = graph_binary(g, PRIMITIVE_GREATER, one, b);
    node_id both = graph_binary(g, PRIMITIVE_MINIMUM, p, q);
    reads_in_all(g, graph_where(g, both, a, zero), "[φ₀ > 0 ∧ φ₁ < 1]·φ₀",
                 "[phi0 > 0 and phi1 < 1]*phi0",
                 "\\left[\\phi_{0} > 0 \\wedge \\phi_{1} < 1\\right] \\phi_{0}");
    reads(g, graph_where(g, both, zero, a), NOTATION_UNICODE, "[φ₀ ≤ 0 ∨ φ₁ ≥ 1]·φ₀");
    node_id not_p = graph_binary(g, PRIMITIVE_EQUAL, p, zero);
    reads(g, graph_where(g, not_p, a, zero), NOTATION_UNICODE, "[φ₀ ≤ 0]·φ₀");
    node_id either = graph_binary(g, PRIMITIVE_MAXIMUM, not_p, both);
    reads(g, either, NOTATION_UNICODE, "[φ₀ ≤ 0 ∨ (φ₀ > 0 ∧ φ₁ < 1)]");
    reads(g, either, NOTATION_LUA,
          "max(equal(greater(phi0, 0), 0), min(greater(phi0, 0), greater(1, phi1)))");
    finish(g);
}

Test(formulas, vectors)
{
    struct graph *g = begin();
    node_id v = vector(g, 2), w = vector(g, 5), a = scalar(g, 0);
    node_id matrix = graph_parameter(g, SOURCE_PHI, 8, (struct shape){3, 3});
    node_id sine = graph_unary(g, PRIMITIVE_SIN, w), product = graph_multiply(g, v, sine);
    reads_in_all(g, product, "v⊙sin(w)", "v.*sin(w)", "v \\odot \\sin\\left(w\\right)");
    reads_in_all(g, graph_multiply(g, a, v), "φ₀·v", "phi0*v", "\\phi_{0} v");
    reads_in_all(g, graph_matmul(g, false, false, matrix, v), "W₁·v", "W1*v", "W_{1} v");
    reads_in_all(g, graph_matmul(g, true, false, matrix, product), "W₁ᵀ·(v⊙sin(w))",
                 "W1'*(v.*sin(w))", "W_{1}^{\\top} \\left(v \\odot \\sin\\left(w\\right)\\right)");
    reads_in_all(g, graph_dot(g, v, sine), "vᵀ·sin(w)", "v'*sin(w)",
                 "v^{\\top} \\sin\\left(w\\right)");
    node_id layer = graph_matmul(g, false, false, matrix, v);
    reads(g, graph_multiply(g, w, layer), NOTATION_UNICODE, "w⊙(W₁·v)");
    reads(g, graph_multiply(g, number(g, 2), layer), NOTATION_UNICODE, "2·W₁·v");
    reads(g, graph_matmul(g, false, true, sine, v), NOTATION_UNICODE, "sin(w)·vᵀ");
    reads_in_all(g, graph_slice(g, v, 1, 1), "v[2]", "v[2]", "v_{2}");
    reads_in_all(g, graph_slice(g, matrix, 5, 1), "W₁[2,3]", "W1[2,3]", "W_{1;2,3}");
    reads(g, graph_slice(g, matrix, 3, 3), NOTATION_UNICODE, "W₁[2]");
    reads(g, graph_slice(g, sine, 2, 1), NOTATION_UNICODE, "sin(w)[3]");
    reads_in_all(g, graph_pad(g, graph_multiply(g, number(g, 2), a), 1, 3), "2·φ₀·e₂", "2*phi0*e2",
                 "2 \\phi_{0} \\mathbf{e}_{2}");
    node_id parts[] = {a, scalar(g, 1)};
    reads(g, graph_concat(g, parts, 2), NOTATION_UNICODE, "(φ₀, φ₁)");
    reads(g, graph_parameter(g, SOURCE_PHI, 0, (struct shape){17, 1}), NOTATION_UNICODE, "φ");
    reads(g, graph_parameter(g, SOURCE_PHI, 0, (struct shape){5, 1}), NOTATION_UNICODE, "φ[1..5]");
    finish(g);
}

Test(formulas, masks_and_conditions)
{
    struct graph *g = begin();
    node_id a = scalar(g, 0), b = scalar(g, 1), zero = number(g, 0), one = number(g, 1);
    node_id above = graph_binary(g, PRIMITIVE_GREATER, a, zero);
    reads_in_all(g, graph_where(g, above, b, zero), "[φ₀ > 0]·φ₁", "[phi0 > 0]*phi1",
                 "\\left[\\phi_{0} > 0\\right] \\phi_{1}");
    reads_in_all(g, graph_where(g, above, zero, b), "[φ₀ ≤ 0]·φ₁", "[phi0 <= 0]*phi1",
                 "\\left[\\phi_{0} \\le 0\\right] \\phi_{1}");
    reads(g, graph_where(g, above, one, zero), NOTATION_UNICODE, "[φ₀ > 0]");
    reads(g, graph_where(g, above, a, b), NOTATION_UNICODE, "where(φ₀ > 0, φ₀, φ₁)");
    node_id negative = graph_binary(g, PRIMITIVE_GREATER, graph_negate(g, a), zero);
    reads(g, graph_where(g, negative, b, zero), NOTATION_UNICODE, "[φ₀ < 0]·φ₁");
    node_id below = graph_binary(g, PRIMITIVE_GREATER, one, a);
    reads(g, graph_where(g, below, b, zero), NOTATION_UNICODE, "[φ₀ < 1]·φ₁");
    node_id equal = graph_binary(g, PRIMITIVE_EQUAL, a, one);
    reads(g, graph_where(g, equal, b, zero), NOTATION_UNICODE, "[φ₀ = 1]·φ₁");
    reads(g, graph_where(g, equal, zero, b), NOTATION_UNICODE, "[φ₀ ≠ 1]·φ₁");
    reads(g, above, NOTATION_UNICODE, "[φ₀ > 0]");
    /* What only guards a derivative is not shown. */
    node_id guard = graph_binary(g, PRIMITIVE_EQUAL, a, zero);
    reads(g, graph_where(g, guard, zero, b), NOTATION_UNICODE, "φ₁");
    reads(g, graph_where(g, guard, zero, b), NOTATION_LUA, "where(equal(phi0, 0), 0, phi1)");
    finish(g);
}

Test(formulas, functions)
{
    struct graph *g = begin();
    node_id a = scalar(g, 0), sum = graph_add(g, a, scalar(g, 1));
    reads_in_all(g, graph_unary(g, PRIMITIVE_SQRT, a), "√φ₀", "sqrt(phi0)", "\\sqrt{\\phi_{0}}");
    reads(g, graph_unary(g, PRIMITIVE_SQRT, sum), NOTATION_UNICODE, "√(φ₀ + φ₁)");
    reads_in_all(g, graph_unary(g, PRIMITIVE_ABS, sum), "|φ₀ + φ₁|", "|phi0 + phi1|",
                 "\\left|\\phi_{0} + \\phi_{1}\\right|");
    reads_in_all(g, graph_unary(g, PRIMITIVE_FLOOR, a), "⌊φ₀⌋", "floor(phi0)",
                 "\\left\\lfloor \\phi_{0}\\right\\rfloor");
    reads(g, graph_unary(g, PRIMITIVE_ASIN, a), NOTATION_LATEX, "\\arcsin\\left(\\phi_{0}\\right)");
    reads(g, graph_unary(g, PRIMITIVE_SIGMOID, a), NOTATION_LATEX,
          "\\operatorname{sigmoid}\\left(\\phi_{0}\\right)");
    reads(g, graph_binary(g, PRIMITIVE_MAXIMUM, a, sum), NOTATION_UNICODE, "max(φ₀, φ₀ + φ₁)");
    reads_in_all(g, graph_power(g, sum, a), "(φ₀ + φ₁)^φ₀", "(phi0 + phi1)^phi0",
                 "\\left(\\phi_{0} + \\phi_{1}\\right)^{\\phi_{0}}");
    reads(g, graph_power(g, a, number(g, 12)), NOTATION_UNICODE, "φ₀¹²");
    reads(g, graph_power(g, a, number(g, 1.5)), NOTATION_UNICODE, "φ₀^1.5");
    reads(g, graph_power(g, a, number(g, 1. / 3)), NOTATION_UNICODE, "φ₀^(1/3)");
    finish(g);
}

Test(formulas, sums_over_examples)
{
    struct graph *g = begin();
    node_id a = scalar(g, 0), x = graph_input(g, SOURCE_X, 0, 2),
            y = graph_input(g, SOURCE_Y, 0, 1);
    node_id error_ = graph_subtract(g, graph_multiply(g, a, graph_slice(g, x, 1, 1)), y);
    node_id mean = graph_mean_examples(g, graph_power(g, error_, number(g, 2)));
    reads_in_all(g, mean, "(1/I)·Σᵢ (φ₀·xᵢ[2] − yᵢ)²", "(1/I)*sum_i (phi0*x_i[2] - y_i)^2",
                 "\\frac{1}{I} \\sum_i \\left(\\phi_{0} x_{i,2} - y_{i}\\right)^{2}");
    finish(g);
}

Test(formulas, names_of_the_user_and_names_made_up)
{
    struct graph *g = begin();
    node_id a = scalar(g, 0), b = scalar(g, 1);
    node_id u = graph_unary(g, PRIMITIVE_SIN, graph_add(g, a, b));
    graph_name(g, u, "u1");
    node_id long_ = graph_add(
        g, graph_multiply(g, a, graph_unary(g, PRIMITIVE_EXP, u)),
        graph_divide(g, b, graph_add(g, graph_multiply(g, a, b), number(g, 3))));
    long_ = graph_add(g, long_, graph_multiply(g, b, graph_unary(g, PRIMITIVE_COS, b)));
    node_id root = graph_add(g, graph_multiply(g, u, long_), graph_unary(g, PRIMITIVE_COS, long_));
    struct formulas formulas;
    OK(formula_print(&formulas, g, &root, 1, NOTATION_UNICODE, &error));
    cr_assert_eq(formulas.definition_count, 2);
    cr_assert_str_eq(formulas.texts[0], "u₁·p + cos(p)");
    cr_assert_str_eq(formulas.names[0], "u₁");
    cr_assert_str_eq(formulas.definitions[0], "sin(φ₀ + φ₁)");
    cr_assert_str_eq(formulas.names[1], "p"); /* v and w are parameters */
    cr_assert_str_eq(formulas.definitions[1], "φ₀·exp(u₁) + φ₁/(φ₀·φ₁ + 3) + φ₁·cos(φ₁)");
    formula_free(&formulas);
    OK(formula_print(&formulas, g, &root, 1, NOTATION_LATEX, &error));
    cr_assert_str_eq(formulas.names[0], "u_{1}");
    formula_free(&formulas);
    finish(g);
}

Test(formulas, operations_of_nodes)
{
    struct graph *g = begin();
    node_id a = scalar(g, 0), b = scalar(g, 1), d = graph_multiply(g, a, b);
    node_id root = graph_subtract(g, d, a);
    const char *names[64] = {0};
    node_id nodes[] = {d, root};
    struct formulas formulas;
    names[a] = "x", names[b] = "y", names[d] = "d1", names[root] = "f";
    OK(formula_operations(&formulas, g, nodes, 2, names, NOTATION_UNICODE, &error));
    cr_assert_str_eq(formulas.texts[0], "x·y");
    cr_assert_str_eq(formulas.texts[1], "d₁ − x");
    formula_free(&formulas);
    OK(formula_operations(&formulas, g, nodes, 2, names, NOTATION_ASCII, &error));
    cr_assert_str_eq(formulas.texts[0], "x*y");
    formula_free(&formulas);
    finish(g);
}

/* --- Lua --- */

static void programs(struct graph *g, node_id *roots, int count, const char *expected)
{
    char *text;
    OK(formula_program(&text, g, roots, count, NULL, &error));
    cr_assert_str_eq(text, expected);
    memory_free(&context, text);
}

static struct graph *begin_small(void)
{
    struct graph *g;
    context_init(&context);
    OK(graph_new(&g, &context, &error));
    graph_declare(g, "a", 0, (struct shape){1, 1});
    graph_declare(g, "b", 1, (struct shape){1, 1});
    return g;
}

Test(programs, of_numbers)
{
    struct graph *g = begin_small();
    node_id a = scalar(g, 0), b = scalar(g, 1);
    node_id roots[] = {graph_divide(g, a, graph_add(g, b, number(g, 0.1))),
                       graph_power(g, graph_negate(g, b), number(g, 3))};
    programs(g, roots, 1, "function(a, b) return a/(b + 0.1) end");
    programs(g, roots, 2, "function(a, b)\n    return a/(b + 0.1),\n           -b^3\nend");
    node_id third = graph_add(g, graph_multiply(g, number(g, 0.1 + 0.2), a), number(g, INFINITY));
    programs(g, &third, 1, "function(a, b) return 0.30000000000000004*a + math.huge end");
    finish(g);
}

Test(programs, of_sums_that_need_each_other)
{
    struct graph *g = begin_small();
    node_id a = scalar(g, 0), x = graph_input(g, SOURCE_X, 0, 1),
            y = graph_input(g, SOURCE_Y, 0, 1);
    node_id first = graph_unary(
        g, PRIMITIVE_LOG,
        graph_sum_examples(g, graph_unary(g, PRIMITIVE_EXP, graph_multiply(g, a, x))));
    node_id each = graph_power(g, graph_subtract(g, y, first), number(g, 2));
    node_id root = graph_divide(g, graph_sum_examples(g, each), graph_count(g));
    programs(g, &root, 1,
             "function(a, b, x, y)\n"
             "    local sum1 = 0\n"
             "    for i = 1, #x do\n"
             "        sum1 = sum1 + exp(a*x[i])\n"
             "    end\n"
             "    local sum2 = 0\n"
             "    for i = 1, #x do\n"
             "        sum2 = sum2 + (y[i] - log(sum1))^2\n"
             "    end\n"
             "    return sum2/#x\n"
             "end");
    finish(g);
}

Test(programs, what_has_no_lua_form_is_said)
{
    struct graph *g = begin_small();
    char *text;
    node_id x = graph_input(g, SOURCE_X, 0, 1), v = scalar(g, 0);
    cr_assert_eq(formula_program(&text, g, &x, 1, NULL, &error), STATUS_UNSUPPORTED);
    cr_assert(strstr(error.text, "a value of one example"));
    for (int i = 0; i < 1000; i++)
        v = graph_unary(g, PRIMITIVE_SIN, graph_add(g, v, number(g, 1)));
    cr_assert_eq(formula_program(&text, g, &v, 1, NULL, &error), STATUS_UNSUPPORTED);
    cr_assert(strstr(error.text, "more than 400 terms"));
    struct formulas formulas;
    OK(formula_print(&formulas, g, &v, 1, NOTATION_UNICODE, &error));
    cr_assert_str_eq(formulas.texts[0],
                     "(an expression of 2001 terms; more than 400 are not written)");
    formula_free(&formulas);
    graph_declare(g, "exp", 2, (struct shape){1, 1});
    node_id a = scalar(g, 0);
    cr_assert_eq(formula_program(&text, g, &a, 1, NULL, &error), STATUS_UNSUPPORTED);
    cr_assert(strstr(error.text, "the name of something else"));
    finish(g);
}

static void reads_in_python(struct graph *g, node_id node, const char *numpy, const char *torch)
{
    reads(g, node, NOTATION_NUMPY, numpy);
    reads(g, node, NOTATION_TORCH, torch ? torch : numpy);
}

/* That the programs compute the same is tested from Lua, by NumPy and PyTorch. */
Test(python, all_examples_at_once)
{
    struct graph *g = begin();
    node_id x = graph_input(g, SOURCE_X, 0, 1), wide = graph_input(g, SOURCE_X, 0, 3);
    node_id v = vector(g, 2), matrix = graph_parameter(g, SOURCE_PHI, 8, (struct shape){3, 3});
    /* A number of each example next to a vector has a further axis. */
    reads_in_python(g, graph_sum_examples(g, graph_multiply(g, x, v)), "v*x[:, 0].sum()", NULL);
    reads_in_python(
        g, graph_sum_examples(g, graph_unary(g, PRIMITIVE_SIN, graph_multiply(g, x, v))),
        "np.sin(v*x[:, 0][:, None]).sum(axis=0)", "torch.sin(v*x[:, 0][:, None]).sum(axis=0)");
    reads_in_python(g, graph_matmul(g, false, false, matrix, wide), "x @ W1.T", NULL);
    reads_in_python(g, graph_matmul(g, true, false, matrix, wide), "x @ W1", NULL);
    reads_in_python(g, graph_dot(g, v, wide), "x @ v", NULL);
    reads_in_python(g, graph_sum_examples(g, graph_matmul(g, false, true, wide, wide)), "x.T @ x",
                    NULL);
    reads_in_python(g, graph_mean_examples(g, graph_power(g, x, number(g, 2))),
                    "(x[:, 0]**2).mean()", NULL);
    finish(g);
}

Test(python, functions_choices_and_parts)
{
    struct graph *g = begin();
    node_id a = scalar(g, 0), b = scalar(g, 1), v = vector(g, 2);
    node_id above = graph_binary(g, PRIMITIVE_GREATER, a, b);
    reads_in_python(g, graph_where(g, above, a, graph_unary(g, PRIMITIVE_EXP, b)),
                    "np.where(phi0 > phi1, phi0, np.exp(phi1))",
                    "torch.where(phi0 > phi1, phi0, torch.exp(phi1))");
    reads_in_python(g, graph_binary(g, PRIMITIVE_MAXIMUM, a, b), "np.maximum(phi0, phi1)",
                    "torch.where(phi0 > phi1, phi0, phi1)");
    reads_in_python(g, graph_unary(g, PRIMITIVE_RELU, v), "np.maximum(0, v)", "torch.relu(v)");
    reads_in_python(g, graph_unary(g, PRIMITIVE_ASIN, a), "np.arcsin(phi0)", "torch.asin(phi0)");
    reads_in_python(g, graph_multiply(g, a, graph_power(g, b, number(g, -2))), "phi0/phi1**2",
                    NULL);
    reads_in_python(g, graph_slice(g, v, 1, 2), "v[1:3]", NULL);
    reads_in_python(g, graph_parameter(g, SOURCE_PHI, 12, (struct shape){1, 1}), "W1[1, 1]", NULL);
    reads_in_python(g, graph_logsumexp(g, v), "np.logaddexp.reduce(v, axis=-1)",
                    "torch.logsumexp(v, -1)");
    reads_in_python(g, number(g, 0.1 + 0.2), "0.30000000000000004", NULL);
    finish(g);
}

Test(python, names_that_python_has_taken)
{
    struct graph *g;
    char name[40];
    context_init(&context);
    OK(graph_new(&g, &context, &error));
    cr_assert_str_eq(formula_python_name(g, "lambda", name, sizeof name), "lambda_");
    cr_assert_str_eq(formula_python_name(g, "x", name, sizeof name), "x");
    graph_input(g, SOURCE_X, 0, 1);
    cr_assert_str_eq(formula_python_name(g, "x", name, sizeof name), "x_");
    finish(g);
}

/* What is long or used again becomes lines, so that there is no formula too long to write. */
Test(python, long_expressions_become_lines)
{
    struct graph *g = begin();
    struct formulas formulas;
    node_id sum = scalar(g, 0);
    for (int i = 1; i <= 2000; i++)
        sum = graph_unary(g, PRIMITIVE_SIN, graph_add(g, sum, number(g, i)));
    OK(formula_print(&formulas, g, &sum, 1, NOTATION_NUMPY, &error));
    cr_assert_gt(formulas.definition_count, 80);
    for (int i = 0; i < formulas.definition_count; i++)
        cr_assert_lt(strlen(formulas.definitions[i]), 400);
    formula_free(&formulas);
    finish(g);
}

Test(formulas, every_failing_allocation_is_an_error_and_no_leak)
{
    context_init(&context);
    for (size_t fail = 1;; fail++) {
        context.memory.fail_at = context.memory.requests + fail;
        struct graph *g = NULL;
        struct formulas formulas = {0}, operations = {0}, python = {0};
        char *text = NULL;
        enum status status = graph_new(&g, &context, &error);
        if (status == STATUS_OK) {
            graph_declare(g, "a", 0, (struct shape){1, 1});
            node_id x = graph_input(g, SOURCE_X, 0, 1);
            node_id each = graph_add(g, graph_multiply(g, scalar(g, 0), x),
                                     graph_unary(g, PRIMITIVE_EXP, x));
            graph_name(g, each, "h");
            node_id root = graph_sum_examples(
                g, graph_multiply(g, each, graph_unary(g, PRIMITIVE_SIN, each)));
            status = graph_status(g, &error);
            if (status == STATUS_OK)
                status = formula_print(&formulas, g, &root, 1, NOTATION_LATEX, &error);
            if (status == STATUS_OK)
                status = formula_print(&python, g, &root, 1, NOTATION_TORCH, &error);
            if (status == STATUS_OK)
                status = formula_program(&text, g, &root, 1, NULL, &error);
            const char *names[64] = {0};
            if (status == STATUS_OK)
                status = formula_operations(&operations, g, &root, 1, names, NOTATION_ASCII,
                                            &error);
        }
        size_t failed_at = context.memory.fail_at;
        context.memory.fail_at = 0;
        if (formulas.context)
            formula_free(&formulas);
        if (python.context)
            formula_free(&python);
        memory_free(&context, text);
        if (operations.context)
            formula_free(&operations);
        graph_free(g);
        cr_assert_eq(context.memory.live, 0, "leak when request %zu fails", fail);
        if (status == STATUS_OK && context.memory.requests < failed_at)
            break;
        cr_assert_neq(status, STATUS_OK);
        cr_assert_lt(fail, 500);
    }
    context_free(&context);
}
