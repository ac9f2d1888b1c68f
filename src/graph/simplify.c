/* SPDX-License-Identifier: GPL-3.0-or-later */
/* simplify.c: the constructors of the elementwise operations, with their algebra.
 *
 * Every rule makes the expression smaller, cheaper, more stable or more readable, keeps its shape,
 * and only calls constructors on smaller parts, so that simplification ends. Sums are never
 * reassociated (that would change rounding); the factors of a product may be.
 */
#include <math.h>
#include <string.h>

#include "graph/graph_private.h"

enum { FACTOR_LIMIT = 16, TERM_LIMIT = 32 };

static bool is_number(const struct graph *graph, node_id a, double number)
{
    const struct node *node = NODE(graph, a);
    return node->op == PRIMITIVE_CONSTANT && node->number == number;
}

static bool is_scalar_constant(const struct graph *graph, node_id a)
{
    const struct node *node = NODE(graph, a);
    return node->op == PRIMITIVE_CONSTANT && shape_is_scalar(node->shape);
}

static struct node binary_node(const struct graph *graph, enum primitive op, node_id a, node_id b)
{
    struct shape s = NODE(graph, a)->shape, t = NODE(graph, b)->shape;
    return (struct node){.op = (uint8_t)op, .shape = shape_is_scalar(s) ? t : s, .a = a, .b = b,
                         .c = NO_NODE};
}

static bool commutes(enum primitive op)
{
    return op == PRIMITIVE_ADD || op == PRIMITIVE_MULTIPLY || op == PRIMITIVE_EQUAL;
}

node_id graph_raw_binary(struct graph *graph, enum primitive op, node_id a, node_id b)
{
    if (commutes(op)) {
        struct node swapped = binary_node(graph, op, b, a);
        node_id found = graph_lookup(graph, &swapped);
        if (found != NO_NODE)
            return found;
    }
    struct node node = binary_node(graph, op, a, b);
    return graph_intern(graph, &node);
}

node_id graph_full(struct graph *graph, node_id a, struct shape shape)
{
    if (shape_equal(NODE(graph, a)->shape, shape))
        return a;
    if (NODE(graph, a)->op == PRIMITIVE_CONSTANT)
        return graph_constant_shaped(graph, NODE(graph, a)->number, shape);
    return graph_raw_binary(graph, PRIMITIVE_MULTIPLY, a, graph_constant_shaped(graph, 1, shape));
}

/* --- products: (k · p) · e, kept as k · (p · e) --- */

struct product graph_split(const struct graph *graph, node_id a)
{
    struct product product = {1, NO_NODE, NO_NODE};
    if (is_scalar_constant(graph, a)) {
        product.number = NODE(graph, a)->number;
        return product;
    }
    const struct node *node = NODE(graph, a);
    if (node->op == PRIMITIVE_MULTIPLY && is_scalar_constant(graph, node->a)) {
        product.number = NODE(graph, node->a)->number;
        a = node->b;
        node = NODE(graph, a);
    }
    if (node->level < LEVEL_EXAMPLE) {
        product.parameter = a;
    } else if (node->op == PRIMITIVE_MULTIPLY && NODE(graph, node->a)->level < LEVEL_EXAMPLE) {
        product.parameter = node->a;
        product.example = node->b;
    } else {
        product.example = a;
    }
    return product;
}

double graph_coefficient(const struct graph *graph, node_id a, node_id *rest)
{
    const struct node *node = NODE(graph, a);
    *rest = a;
    if (node->op == PRIMITIVE_MULTIPLY && is_scalar_constant(graph, node->a)) {
        *rest = node->b;
        return NODE(graph, node->a)->number;
    }
    return 1;
}

static node_id scale(struct graph *graph, double number, node_id a)
{
    const struct node *node = NODE(graph, a);
    if (number == 0)
        return graph_constant_shaped(graph, 0, node->shape);
    if (node->op == PRIMITIVE_CONSTANT)
        return graph_constant_shaped(graph, number * node->number, node->shape);
    node_id rest;
    number *= graph_coefficient(graph, a, &rest);
    if (number == 1)
        return rest;
    return graph_raw_binary(graph, PRIMITIVE_MULTIPLY, graph_constant(graph, number), rest);
}

node_id graph_join(struct graph *graph, struct product product)
{
    node_id inner = product.parameter;
    if (product.example != NO_NODE)
        inner = inner == NO_NODE ? product.example
                                 : graph_raw_binary(graph, PRIMITIVE_MULTIPLY, inner,
                                                    product.example);
    if (inner == NO_NODE)
        return graph_constant(graph, product.number);
    return scale(graph, product.number, inner);
}

/* where(c, a, 0): the mask of a. */
static bool is_mask(const struct graph *graph, node_id a)
{
    const struct node *node = NODE(graph, a);
    return node->op == PRIMITIVE_WHERE && is_number(graph, node->c, 0);
}

static node_id base_and_power(const struct graph *graph, node_id a, double *power)
{
    const struct node *node = NODE(graph, a);
    if (node->op == PRIMITIVE_POWER && is_scalar_constant(graph, node->b)) {
        double number = NODE(graph, node->b)->number;
        if (number == floor(number)) {
            *power = number;
            return node->a;
        }
    }
    *power = 1;
    return a;
}

/* Two parts of the same level, without coefficients. The result may have one. */
static node_id multiply_parts(struct graph *graph, node_id a, node_id b)
{
    if (a == NO_NODE)
        return b;
    if (b == NO_NODE)
        return a;
    const struct node m = *NODE(graph, a), n = *NODE(graph, b);
    if (m.op == PRIMITIVE_CONSTANT && n.op == PRIMITIVE_CONSTANT) {
        struct shape shape = shape_is_scalar(m.shape) ? n.shape : m.shape;
        return graph_constant_shaped(graph, m.number * n.number, shape);
    }
    if (m.op == PRIMITIVE_CONSTANT && m.number == 1 &&
        (shape_is_scalar(m.shape) || shape_equal(m.shape, n.shape)))
        return b;
    if (n.op == PRIMITIVE_CONSTANT && n.number == 1 &&
        (shape_is_scalar(n.shape) || shape_equal(m.shape, n.shape)))
        return a;
    double p, q;
    node_id x = base_and_power(graph, a, &p), y = base_and_power(graph, b, &q);
    if (x == y)
        return graph_power(graph, x, graph_constant(graph, p + q));
    /* (x·z)·x = x²·z, also when x stands second */
    if (m.op == PRIMITIVE_MULTIPLY && (m.a == b || m.b == b) &&
        !is_scalar_constant(graph, m.a)) {
        node_id other = m.a == b ? m.b : m.a;
        return graph_raw_binary(graph, PRIMITIVE_MULTIPLY,
                                graph_power(graph, b, graph_constant(graph, 2)), other);
    }
    /* A factor that can be infinite must go inside a mask: 0·∞ is NaN. */
    if (is_mask(graph, a) && !n.finite)
        return graph_where(graph, m.a, graph_multiply(graph, m.b, b), m.c);
    if (is_mask(graph, b) && !m.finite)
        return graph_where(graph, n.a, graph_multiply(graph, a, n.b), n.c);
    return graph_raw_binary(graph, PRIMITIVE_MULTIPLY, a, b);
}

node_id graph_multiply(struct graph *graph, node_id a, node_id b)
{
    struct shape shape;
    if (!graph_broadcast(graph, "*", a, b, &shape))
        return 0;
    struct product s = graph_split(graph, a), t = graph_split(graph, b);
    double number = s.number * t.number;
    if (number == 0)
        return graph_constant_shaped(graph, 0, shape);
    node_id parameter = multiply_parts(graph, s.parameter, t.parameter);
    node_id example = multiply_parts(graph, s.example, t.example);
    /* A parameter part that can be infinite must not meet a mask outside it. */
    if (parameter != NO_NODE && example != NO_NODE && !NODE(graph, parameter)->finite &&
        is_mask(graph, example)) {
        const struct node mask = *NODE(graph, example);
        node_id inside = graph_raw_binary(graph, PRIMITIVE_MULTIPLY, parameter, mask.b);
        struct node node = {.op = PRIMITIVE_WHERE, .a = mask.a, .b = inside, .c = mask.c,
                            .shape = shape};
        return scale(graph, number, graph_intern(graph, &node));
    }
    node_id rest;
    if (parameter != NO_NODE) {
        if (is_scalar_constant(graph, parameter)) {
            number *= NODE(graph, parameter)->number;
            parameter = NO_NODE;
        } else {
            number *= graph_coefficient(graph, parameter, &rest);
            parameter = rest;
        }
    }
    if (example != NO_NODE) {
        struct product inner = graph_split(graph, example);
        number *= inner.number;
        if (inner.parameter != NO_NODE)
            parameter = multiply_parts(graph, parameter, inner.parameter);
        example = inner.example;
    }
    node_id result = graph_join(graph, (struct product){number, parameter, example});
    return graph_full(graph, result, shape);
}

node_id graph_negate(struct graph *graph, node_id a)
{
    return scale(graph, -1, a);
}

/* --- sums --- */

node_id graph_add(struct graph *graph, node_id a, node_id b)
{
    struct shape shape;
    if (!graph_broadcast(graph, "+", a, b, &shape))
        return 0;
    const struct node m = *NODE(graph, a), n = *NODE(graph, b);
    if (m.op == PRIMITIVE_CONSTANT && n.op == PRIMITIVE_CONSTANT)
        return graph_constant_shaped(graph, m.number + n.number, shape);
    if (is_number(graph, a, 0) && shape_equal(n.shape, shape))
        return b;
    if (is_number(graph, b, 0) && shape_equal(m.shape, shape))
        return a;
    if (n.op == PRIMITIVE_CONSTANT && n.number < 0)
        return graph_subtract(graph, a, scale(graph, -1, b));
    if (m.op == PRIMITIVE_CONSTANT && m.number < 0)
        return graph_subtract(graph, b, scale(graph, -1, a));
    node_id x, y;
    double p = graph_coefficient(graph, a, &x), q = graph_coefficient(graph, b, &y);
    if (x == y)
        return scale(graph, p + q, x);
    if (q < 0 && p > 0)
        return graph_subtract(graph, a, scale(graph, -q, y));
    if (p < 0 && q > 0)
        return graph_subtract(graph, b, scale(graph, -p, x));
    if (p < 0 && q < 0)
        return scale(graph, -1, graph_add(graph, scale(graph, -p, x), scale(graph, -q, y)));
    /* a + (c − a) = c */
    if (n.op == PRIMITIVE_SUBTRACT && n.b == a && NODE(graph, n.a)->op == PRIMITIVE_CONSTANT)
        return graph_full(graph, n.a, shape);
    if (m.op == PRIMITIVE_SUBTRACT && m.b == b && NODE(graph, m.a)->op == PRIMITIVE_CONSTANT)
        return graph_full(graph, m.a, shape);
    /* log(1 + e^z) is found at the log; 1 + e^z itself stays as it is. */
    return graph_raw_binary(graph, PRIMITIVE_ADD, a, b);
}

node_id graph_subtract(struct graph *graph, node_id a, node_id b)
{
    struct shape shape;
    if (!graph_broadcast(graph, "-", a, b, &shape))
        return 0;
    const struct node m = *NODE(graph, a), n = *NODE(graph, b);
    if (m.op == PRIMITIVE_CONSTANT && n.op == PRIMITIVE_CONSTANT)
        return graph_constant_shaped(graph, m.number - n.number, shape);
    if (is_number(graph, b, 0) && shape_equal(m.shape, shape))
        return a;
    if (is_number(graph, a, 0) && shape_equal(n.shape, shape))
        return scale(graph, -1, b);
    if (n.op == PRIMITIVE_CONSTANT && n.number < 0)
        return graph_add(graph, a, scale(graph, -1, b));
    node_id x, y;
    double p = graph_coefficient(graph, a, &x), q = graph_coefficient(graph, b, &y);
    if (x == y)
        return scale(graph, p - q, x);
    if (q < 0 && p > 0)
        return graph_add(graph, a, scale(graph, -q, y));
    if (p < 0 && q > 0)
        return scale(graph, -1, graph_add(graph, scale(graph, -p, x), b));
    if (p < 0 && q < 0)
        return graph_subtract(graph, scale(graph, -q, y), scale(graph, -p, x));
    struct node swapped = binary_node(graph, PRIMITIVE_SUBTRACT, b, a);
    node_id found = graph_lookup(graph, &swapped);
    if (found != NO_NODE)
        return scale(graph, -1, found);
    return graph_raw_binary(graph, PRIMITIVE_SUBTRACT, a, b);
}

/* --- quotients and powers --- */

/* w of 1 + e^w, or NO_NODE. */
static node_id one_plus_exp(const struct graph *graph, node_id a)
{
    const struct node *node = NODE(graph, a);
    if (node->op != PRIMITIVE_ADD)
        return NO_NODE;
    node_id other = is_number(graph, node->a, 1)   ? node->b
                    : is_number(graph, node->b, 1) ? node->a
                                                   : NO_NODE;
    if (other == NO_NODE || NODE(graph, other)->op != PRIMITIVE_EXP)
        return NO_NODE;
    return NODE(graph, other)->a;
}

node_id graph_sigmoid_argument(struct graph *graph, node_id a)
{
    const struct node node = *NODE(graph, a);
    if (node.op == PRIMITIVE_SIGMOID)
        return node.a;
    if (node.op != PRIMITIVE_DIVIDE || !is_number(graph, node.a, 1))
        return NO_NODE;
    node_id exponent = one_plus_exp(graph, node.b);
    return exponent == NO_NODE ? NO_NODE : graph_negate(graph, exponent);
}

static node_id divide_parts(struct graph *graph, node_id a, node_id b)
{
    if (b == NO_NODE)
        return a;
    if (a == NO_NODE)
        a = graph_constant(graph, 1);
    const struct node m = *NODE(graph, a);
    if (is_mask(graph, a))
        return graph_where(graph, m.a, graph_divide(graph, m.b, b), m.c);
    /* v/v keeps the shape: a vector of ones */
    if (a == b)
        return graph_constant_shaped(graph, 1, m.shape);
    double p, q;
    node_id x = base_and_power(graph, a, &p), y = base_and_power(graph, b, &q);
    if (x == y && p > q)
        return graph_power(graph, x, graph_constant(graph, p - q));
    /* (x·y)/y = x */
    if (m.op == PRIMITIVE_MULTIPLY && m.b == b &&
        shape_equal(NODE(graph, m.a)->shape, m.shape))
        return m.a;
    if (m.op == PRIMITIVE_MULTIPLY && m.a == b &&
        shape_equal(NODE(graph, m.b)->shape, m.shape))
        return m.b;
    node_id exponent = graph->stable && is_number(graph, a, 1) ? one_plus_exp(graph, b) : NO_NODE;
    if (exponent != NO_NODE) /* 1/(1 + e^−z) = sigmoid z */
        return graph_unary(graph, PRIMITIVE_SIGMOID, graph_negate(graph, exponent));
    return graph_raw_binary(graph, PRIMITIVE_DIVIDE, a, b);
}

node_id graph_divide(struct graph *graph, node_id a, node_id b)
{
    struct shape shape;
    if (!graph_broadcast(graph, "/", a, b, &shape))
        return 0;
    const struct node m = *NODE(graph, a), n = *NODE(graph, b);
    if (m.op == PRIMITIVE_CONSTANT && n.op == PRIMITIVE_CONSTANT)
        return graph_constant_shaped(graph, m.number / n.number, shape);
    if (is_number(graph, a, 0))
        return graph_constant_shaped(graph, 0, shape);
    struct product s = graph_split(graph, a), t = graph_split(graph, b);
    if (t.number == 0)
        return graph_raw_binary(graph, PRIMITIVE_DIVIDE, a, b);
    struct product quotient = {s.number / t.number, s.parameter, s.example};
    if (t.parameter != NO_NODE)
        quotient.parameter = divide_parts(graph, s.parameter, t.parameter);
    if (t.example != NO_NODE)
        quotient.example = divide_parts(graph, s.example, t.example);
    /* The parts may have simplified into products of their own. */
    node_id result = graph_constant(graph, quotient.number);
    if (quotient.parameter != NO_NODE)
        result = graph_multiply(graph, result, quotient.parameter);
    if (quotient.example != NO_NODE)
        result = graph_multiply(graph, result, quotient.example);
    return graph_full(graph, result, shape);
}

node_id graph_power(struct graph *graph, node_id a, node_id b)
{
    struct shape shape;
    if (!graph_broadcast(graph, "^", a, b, &shape))
        return 0;
    const struct node m = *NODE(graph, a), n = *NODE(graph, b);
    if (m.op == PRIMITIVE_CONSTANT && n.op == PRIMITIVE_CONSTANT)
        return graph_constant_shaped(graph, pow(m.number, n.number), shape);
    if (n.op == PRIMITIVE_CONSTANT && shape_is_scalar(n.shape)) {
        double exponent = n.number;
        if (exponent == 0)
            return graph_constant_shaped(graph, 1, shape);
        if (exponent == 1)
            return a;
        if (exponent == -1)
            return graph_divide(graph, graph_constant(graph, 1), a);
        if (exponent == 0.5)
            return graph_unary(graph, PRIMITIVE_SQRT, a);
        if (exponent == floor(exponent)) {
            double p;
            node_id base = base_and_power(graph, a, &p), rest;
            if (base != a)
                return graph_power(graph, base, graph_constant(graph, p * exponent));
            double k = graph_coefficient(graph, a, &rest);
            if (rest != a)
                return scale(graph, pow(k, exponent), graph_power(graph, rest, b));
            if (exponent < 0)
                return graph_divide(graph, graph_constant(graph, 1),
                                    graph_power(graph, a, graph_constant(graph, -exponent)));
        }
    }
    return graph_raw_binary(graph, PRIMITIVE_POWER, a, b);
}

/* --- functions --- */

static bool is_odd(enum primitive op)
{
    return op == PRIMITIVE_SIN || op == PRIMITIVE_TAN || op == PRIMITIVE_ASIN ||
           op == PRIMITIVE_ATAN || op == PRIMITIVE_SINH || op == PRIMITIVE_TANH ||
           op == PRIMITIVE_SIGN;
}

static bool is_even(enum primitive op)
{
    return op == PRIMITIVE_COS || op == PRIMITIVE_COSH || op == PRIMITIVE_ABS;
}

/* 1 − sigmoid z: returns z, or NO_NODE. */
static node_id complement_of_sigmoid(const struct graph *graph, node_id a)
{
    const struct node *node = NODE(graph, a);
    if (node->op != PRIMITIVE_SUBTRACT || !is_number(graph, node->a, 1))
        return NO_NODE;
    const struct node *inner = NODE(graph, node->b);
    return inner->op == PRIMITIVE_SIGMOID ? inner->a : NO_NODE;
}

/* Forms of log that neither overflow nor lose small values. */
static node_id stable_log(struct graph *graph, node_id a)
{
    const struct node node = *NODE(graph, a);
    if (node.op == PRIMITIVE_SIGMOID) /* log(sigmoid z) = z − softplus z */
        return graph_subtract(graph, node.a, graph_unary(graph, PRIMITIVE_SOFTPLUS, node.a));
    node_id z = complement_of_sigmoid(graph, a);
    if (z != NO_NODE) /* log(1 − sigmoid z) = −softplus z */
        return graph_negate(graph, graph_unary(graph, PRIMITIVE_SOFTPLUS, z));
    node_id exponent = one_plus_exp(graph, a);
    if (exponent != NO_NODE) /* log(1 + e^z) = softplus z */
        return graph_unary(graph, PRIMITIVE_SOFTPLUS, exponent);
    if (node.op == PRIMITIVE_SOFTMAX)
        return graph_subtract(graph, node.a, graph_logsumexp(graph, node.a));
    if (node.op == PRIMITIVE_PICK && NODE(graph, node.a)->op == PRIMITIVE_SOFTMAX) {
        node_id scores = NODE(graph, node.a)->a;
        return graph_subtract(graph, graph_pick(graph, scores, node.b),
                              graph_logsumexp(graph, scores));
    }
    if (node.op == PRIMITIVE_SUM && NODE(graph, node.a)->op == PRIMITIVE_EXP)
        return graph_logsumexp(graph, NODE(graph, node.a)->a);
    return NO_NODE;
}

node_id graph_unary(struct graph *graph, enum primitive op, node_id a)
{
    const struct node node = *NODE(graph, a);
    if (node.op == PRIMITIVE_CONSTANT)
        return graph_constant_shaped(graph, primitive_value(op, node.number, 0), node.shape);
    node_id rest;
    double k = graph_coefficient(graph, a, &rest);
    if (k < 0 && is_odd(op))
        return graph_negate(graph, graph_unary(graph, op, graph_negate(graph, a)));
    if (k < 0 && is_even(op))
        return graph_unary(graph, op, graph_negate(graph, a));
    if (op == PRIMITIVE_EXP && node.op == PRIMITIVE_LOG)
        return node.a;
    if (op == PRIMITIVE_LOG && node.op == PRIMITIVE_EXP)
        return node.a;
    if (op == PRIMITIVE_SQRT && node.op == PRIMITIVE_POWER && is_number(graph, node.b, 2))
        return graph_unary(graph, PRIMITIVE_ABS, node.a);
    if (op == PRIMITIVE_RELU && node.op == PRIMITIVE_RELU)
        return a;
    if (graph->stable && op == PRIMITIVE_LOG) {
        node_id stable = stable_log(graph, a);
        if (stable != NO_NODE)
            return stable;
    }
    if (graph->stable && op == PRIMITIVE_LOG1P && node.op == PRIMITIVE_EXP)
        return graph_unary(graph, PRIMITIVE_SOFTPLUS, node.a);
    struct node candidate = {.op = (uint8_t)op, .shape = node.shape, .a = a, .b = NO_NODE,
                             .c = NO_NODE};
    return graph_intern(graph, &candidate);
}

node_id graph_binary(struct graph *graph, enum primitive op, node_id a, node_id b)
{
    switch (op) {
    case PRIMITIVE_ADD: return graph_add(graph, a, b);
    case PRIMITIVE_SUBTRACT: return graph_subtract(graph, a, b);
    case PRIMITIVE_MULTIPLY: return graph_multiply(graph, a, b);
    case PRIMITIVE_DIVIDE: return graph_divide(graph, a, b);
    case PRIMITIVE_POWER: return graph_power(graph, a, b);
    default: break;
    }
    struct shape shape;
    if (!graph_broadcast(graph, primitive_name(op), a, b, &shape))
        return 0;
    const struct node m = *NODE(graph, a), n = *NODE(graph, b);
    if (m.op == PRIMITIVE_CONSTANT && n.op == PRIMITIVE_CONSTANT)
        return graph_constant_shaped(graph, primitive_value(op, m.number, n.number), shape);
    if (op == PRIMITIVE_MAXIMUM || op == PRIMITIVE_MINIMUM) {
        if (a == b)
            return a;
        if (m.level < n.level) { /* a tie goes to the argument of lower level */
            node_id swap = a;
            a = b;
            b = swap;
        }
    }
    return graph_raw_binary(graph, op, a, b);
}

node_id graph_where(struct graph *graph, node_id condition, node_id a, node_id b)
{
    struct shape shape, inner;
    if (!graph_broadcast(graph, "where", a, b, &inner))
        return 0;
    struct shape c = NODE(graph, condition)->shape;
    if (shape_is_scalar(inner))
        shape = c;
    else if (shape_is_scalar(c) || shape_equal(c, inner))
        shape = inner;
    else
        return graph_fail(graph, STATUS_SHAPE,
                          "where needs a condition of the shape of its values, not %d×%d and "
                          "%d×%d",
                          c.rows, c.cols, inner.rows, inner.cols);
    double number;
    if (graph_is_constant(graph, condition, &number))
        return graph_full(graph, number != 0 ? a : b, shape);
    if (a == b)
        return graph_full(graph, a, shape);
    /* where(where(c, 0, 1), a, b) is where(c, b, a): a negated condition. */
    const struct node inner_choice = *NODE(graph, condition);
    if (inner_choice.op == PRIMITIVE_WHERE && is_number(graph, inner_choice.b, 0) &&
        is_number(graph, inner_choice.c, 1))
        return graph_full(graph, graph_where(graph, inner_choice.a, b, a), shape);
    if (inner_choice.op == PRIMITIVE_WHERE && is_number(graph, inner_choice.b, 1) &&
        is_number(graph, inner_choice.c, 0))
        return graph_full(graph, graph_where(graph, inner_choice.a, a, b), shape);
    /* Numbers and finite parameters come out of a mask. */
    bool second = is_number(graph, b, 0), first = is_number(graph, a, 0);
    if (first || second) {
        struct product s = graph_split(graph, second ? a : b);
        bool takes_parameter = s.parameter != NO_NODE && NODE(graph, s.parameter)->finite &&
                               s.example != NO_NODE;
        if (s.number != 1 || takes_parameter) {
            struct product outside = {s.number, takes_parameter ? s.parameter : NO_NODE, NO_NODE};
            struct product inside = {1, takes_parameter ? NO_NODE : s.parameter, s.example};
            node_id kept = graph_join(graph, inside);
            if (kept != (second ? a : b)) {
                node_id zero = graph_constant(graph, 0);
                node_id mask = graph_where(graph, condition, second ? kept : zero,
                                           second ? zero : kept);
                return graph_full(graph, graph_multiply(graph, graph_join(graph, outside), mask),
                                  shape);
            }
        }
    }
    struct node node = {.op = PRIMITIVE_WHERE, .shape = shape, .a = condition, .b = a, .c = b};
    return graph_intern(graph, &node);
}

/* --- adding up an adjoint --- */

struct factors {
    double number;
    int count;
    node_id list[FACTOR_LIMIT];
};

/* The factors of a product, at most FACTOR_LIMIT; false when there are more. */
static bool collect_factors(const struct graph *graph, node_id a, struct factors *factors)
{
    node_id stack[FACTOR_LIMIT + 1];
    int depth = 0, visits = 0;
    factors->number = 1;
    factors->count = 0;
    stack[depth++] = a;
    while (depth > 0) {
        if (++visits > 4 * FACTOR_LIMIT)
            return false;
        a = stack[--depth];
        const struct node *node = NODE(graph, a);
        if (is_scalar_constant(graph, a)) {
            factors->number *= node->number;
        } else if (node->op == PRIMITIVE_MULTIPLY) {
            if (depth + 2 > FACTOR_LIMIT)
                return false;
            stack[depth++] = node->b;
            stack[depth++] = node->a;
        } else {
            if (factors->count == FACTOR_LIMIT)
                return false;
            factors->list[factors->count++] = a;
        }
    }
    return true;
}

static bool remove_factor(struct factors *factors, node_id factor)
{
    for (int i = 0; i < factors->count; i++) {
        if (factors->list[i] == factor) {
            memmove(factors->list + i, factors->list + i + 1,
                    (size_t)(factors->count - i - 1) * sizeof(node_id));
            factors->count--;
            return true;
        }
    }
    return false;
}

static node_id multiply_factors(struct graph *graph, const struct factors *factors)
{
    node_id result = graph_constant(graph, factors->number);
    for (int i = 0; i < factors->count; i++)
        result = graph_multiply(graph, result, factors->list[i]);
    return result;
}

/* a + b with what both have in common taken out: r·s + r·t = r·(s + t). */
static node_id add_two_factored(struct graph *graph, node_id a, node_id b)
{
    struct factors s, t, common = {.number = 1};
    if (!collect_factors(graph, a, &s) || !collect_factors(graph, b, &t))
        return graph_add(graph, a, b);
    for (int i = 0; i < s.count;) {
        node_id factor = s.list[i];
        if (remove_factor(&t, factor)) {
            remove_factor(&s, factor);
            common.list[common.count++] = factor;
        } else {
            i++;
        }
    }
    if (common.count == 0)
        return graph_add(graph, a, b);
    /* The larger coefficient goes outside; one of them outside is enough. */
    double outside = fabs(s.number) >= fabs(t.number) ? fabs(s.number) : fabs(t.number);
    if (outside == 0 || !isfinite(outside))
        return graph_add(graph, a, b);
    common.number = outside;
    s.number /= outside;
    t.number /= outside;
    struct shape shape = NODE(graph, a)->shape;
    if (shape_is_scalar(shape))
        shape = NODE(graph, b)->shape;
    node_id rest = graph_add(graph, multiply_factors(graph, &s), multiply_factors(graph, &t));
    return graph_full(graph, graph_multiply(graph, multiply_factors(graph, &common), rest), shape);
}

node_id graph_add_factored(struct graph *graph, const node_id *terms, int count)
{
    node_id sum = terms[count - 1];
    for (int i = count - 2; i >= 0; i--)
        sum = count <= TERM_LIMIT ? add_two_factored(graph, sum, terms[i])
                                  : graph_add(graph, sum, terms[i]);
    return sum;
}
