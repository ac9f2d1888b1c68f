/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formula.c: printing. The text of a node is made by recursion, whose depth is bounded because an
 * expression of more than TERM_LIMIT symbols is only counted, not printed. */
#include "graph/formula.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "graph/graph_private.h"

enum {
    TERM_LIMIT = 400,     /* symbols in a formula; more are counted */
    NAME_LIMIT = 18,      /* definitions made up here */
    NAME_GAIN = 7,        /* (uses − 1)·(symbols − 1) that a definition must save */
    NAMED_SYMBOLS = 5,    /* a value that has a name is defined when it has as many symbols */
    GATHER_LIMIT = TERM_LIMIT,
};

enum { ROOT = 3 }; /* among the marks of what is needed */

enum precedence { SUM_LEVEL, PRODUCT_LEVEL, POWER_LEVEL, ATOM_LEVEL };

struct text {
    struct context *context;
    char *bytes;
    size_t length, capacity;
    bool failed;
};

struct printer {
    const struct graph *graph;
    enum notation notation;
    struct text out;
    int *symbols;             /* of each node, as printed with the definitions so far */
    int *uses;                /* from how many places it is used */
    const char **definitions; /* of each node: the name it is defined under, or NULL */
    node_id defining;         /* printed in full although it has a name */
    bool over_examples;       /* some Σᵢ is there: inputs are xᵢ; else x */
};

static void put_bytes(struct text *text, const char *bytes, size_t length)
{
    if (text->failed)
        return;
    if (text->length + length + 1 > text->capacity) {
        size_t capacity = 2 * (text->length + length) + 64;
        char *more = memory_resize(text->context, text->bytes, capacity, 1);
        if (!more) {
            text->failed = true;
            return;
        }
        text->bytes = more;
        text->capacity = capacity;
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

static void put(struct printer *printer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void put(struct printer *printer, const char *format, ...)
{
    char buffer[256];
    va_list list;
    va_start(list, format);
    int length = vsnprintf(buffer, sizeof buffer, format, list);
    va_end(list);
    if (length > 0)
        put_bytes(&printer->out, buffer,
                  (size_t)length < sizeof buffer ? (size_t)length : sizeof buffer - 1);
}

static const char *either(const struct printer *printer, const char *unicode, const char *ascii)
{
    return printer->notation == NOTATION_UNICODE ? unicode : ascii;
}

/* --- names --- */

char *formula_symbol(const char *name, enum notation notation, char *buffer, size_t size)
{
    static const struct {
        const char *name, *letter;
    } greek[] = {
        {"alpha", "α"}, {"beta", "β"}, {"gamma", "γ"}, {"delta", "δ"}, {"epsilon", "ε"},
        {"zeta", "ζ"}, {"eta", "η"}, {"theta", "θ"}, {"kappa", "κ"}, {"lambda", "λ"}, {"mu", "μ"},
        {"nu", "ν"}, {"xi", "ξ"}, {"rho", "ρ"}, {"sigma", "σ"}, {"tau", "τ"}, {"phi", "φ"},
        {"chi", "χ"}, {"psi", "ψ"}, {"omega", "ω"},
    };
    static const char *const subscripts[] = {"₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"};
    if (notation == NOTATION_ASCII) {
        snprintf(buffer, size, "%s", name);
        return buffer;
    }
    size_t stem = strlen(name);
    while (stem > 0 && isdigit((unsigned char)name[stem - 1]))
        stem--;
    if (stem == 0 || strchr(name, '[') || strchr(name, '_')) {
        snprintf(buffer, size, "%s", name);
        return buffer;
    }
    size_t used = (size_t)snprintf(buffer, size, "%.*s", (int)stem, name);
    for (size_t i = 0; i < sizeof greek / sizeof *greek; i++)
        if (strlen(greek[i].name) == stem && strncmp(greek[i].name, name, stem) == 0)
            used = (size_t)snprintf(buffer, size, "%s", greek[i].letter);
    for (const char *digit = name + stem; *digit && used < size; digit++)
        used += (size_t)snprintf(buffer + used, size - used, "%s", subscripts[*digit - '0']);
    return buffer;
}

static void put_symbol(struct printer *printer, const char *name)
{
    char buffer[128];
    put(printer, "%s", formula_symbol(name, printer->notation, buffer, sizeof buffer));
}

static void put_parameter(struct printer *printer, const struct node *node)
{
    const struct graph *graph = printer->graph;
    for (int i = 0; i < graph->declaration_count; i++) {
        const struct declaration *declaration = &graph->declarations[i];
        int size = shape_size(declaration->shape), begin = node->offset - declaration->offset;
        if (begin < 0 || begin >= size)
            continue;
        put_symbol(printer, declaration->name);
        if (begin == 0 && shape_size(node->shape) == size)
            return;
        int count = shape_size(node->shape), columns = declaration->shape.cols;
        if (count > 1)
            put(printer, "[%d..%d]", begin + 1, begin + count);
        else if (columns == 1)
            put(printer, "[%d]", begin + 1);
        else
            put(printer, "[%d,%d]", begin / columns + 1, begin % columns + 1);
        return;
    }
    put(printer, "%s%d", node->source == SOURCE_DIRECTION ? "v" : "phi", node->offset);
}

static void put_input(struct printer *printer, const struct node *node)
{
    static const char *const sources[] = {"x", "y", "f"};
    put(printer, "%s", sources[node->source]);
    if (node->source == SOURCE_PREDICTION)
        return;
    if (printer->over_examples)
        put(printer, "%s", either(printer, "ᵢ", "_i"));
    /* A single column of several is named by its number. */
    bool several = false;
    for (int i = 0; i < printer->graph->count; i++) {
        const struct node *other = NODE(printer->graph, i);
        several = several || (other->op == PRIMITIVE_INPUT && other->source == node->source &&
                              (other->shape.rows > 1 || other->offset > 0));
    }
    if (several && node->shape.rows == 1)
        put(printer, "[%d]", node->offset + 1);
}

/* --- numbers --- */

/* p/q with q ≤ 1024 for a number that is one, to the last bit. */
static bool as_fraction(double number, long *p, long *q)
{
    for (long denominator = 1; denominator <= 1024; denominator++) {
        double numerator = number * (double)denominator;
        if (fabs(numerator) < 1e9 && numerator == floor(numerator) &&
            numerator / (double)denominator == number) {
            *p = (long)numerator;
            *q = denominator;
            return true;
        }
    }
    return false;
}

static bool short_decimal(double number)
{
    char buffer[40];
    snprintf(buffer, sizeof buffer, "%.2g", number);
    return strtod(buffer, NULL) == number;
}

/* Splits a coefficient into what stands above and below a bar. */
static void above_and_below(double number, double *above, long *below)
{
    long p, q;
    *above = number;
    *below = 1;
    if (!as_fraction(number, &p, &q) || q == 1)
        return;
    if (p != 1 && p != -1 && short_decimal(number))
        return;
    *above = (double)p;
    *below = q;
}

static void put_number(struct printer *printer, double number)
{
    if (isnan(number))
        put(printer, "nan");
    else if (isinf(number))
        put(printer, "%s", either(printer, "∞", "inf"));
    else if (number == floor(number) && fabs(number) < 1e15)
        put(printer, "%.0f", number);
    else
        put(printer, "%.6g", number);
}

/* --- sums --- */

struct term {
    node_id node;
    bool negative;
    double coefficient_sign;
};

static bool is_defined(const struct printer *printer, node_id id)
{
    return printer->definitions[id] && id != printer->defining;
}

static bool is_sum(const struct printer *printer, node_id id)
{
    const struct node *node = NODE(printer->graph, id);
    return (node->op == PRIMITIVE_ADD || node->op == PRIMITIVE_SUBTRACT) &&
           !is_defined(printer, id);
}

/* −(a + b), which is printed as −a − b. */
static bool is_negated_sum(const struct printer *printer, node_id id)
{
    node_id rest;
    return graph_coefficient(printer->graph, id, &rest) == -1 && is_sum(printer, rest);
}

static int gather_terms(const struct printer *printer, node_id id, bool negative,
                        struct term *terms, int count, bool top)
{
    const struct node *node = NODE(printer->graph, id);
    if (count >= GATHER_LIMIT)
        return count;
    if ((top || !is_defined(printer, id)) &&
        (node->op == PRIMITIVE_ADD || node->op == PRIMITIVE_SUBTRACT)) {
        count = gather_terms(printer, node->a, negative, terms, count, false);
        return gather_terms(printer, node->b, negative != (node->op == PRIMITIVE_SUBTRACT), terms,
                            count, false);
    }
    node_id rest;
    double k = is_defined(printer, id) && !top
                   ? 1 : graph_coefficient(printer->graph, id, &rest);
    if (node->op == PRIMITIVE_CONSTANT)
        k = node->number;
    if (k == -1 && is_sum(printer, rest))
        return gather_terms(printer, rest, !negative, terms, count, false);
    terms[count] = (struct term){id, negative != (k < 0), k < 0 ? -1 : 1};
    return count + 1;
}

static void print_product(struct printer *printer, node_id id, double sign);
static void print(struct printer *printer, node_id id, enum precedence context);

static void print_sum(struct printer *printer, node_id id)
{
    struct term *terms =
        memory_allocate(printer->out.context, GATHER_LIMIT + 2, sizeof *terms);
    if (!terms) {
        printer->out.failed = true;
        return;
    }
    int count = gather_terms(printer, id, false, terms, 0, true), first = 0;
    while (first < count - 1 && terms[first].negative)
        first++;
    if (terms[first].negative)
        first = 0;
    for (int i = 0; i < count; i++) {
        /* The first positive term leads; the others follow as written. */
        const struct term *term = i == 0 ? &terms[first] : &terms[i <= first ? i - 1 : i];
        if (i > 0)
            put(printer, "%s", term->negative ? either(printer, " − ", " - ") : " + ");
        else if (term->negative)
            put(printer, "%s", either(printer, "−", "-"));
        print_product(printer, term->node, term->coefficient_sign);
    }
    memory_free(printer->out.context, terms);
}

/* --- products --- */

struct factor_lists {
    double number;
    int above_count, below_count;
    node_id above[GATHER_LIMIT], below[GATHER_LIMIT];
};

static void gather_factors(const struct printer *printer, node_id id, bool below,
                           struct factor_lists *lists, bool top)
{
    const struct node *node = NODE(printer->graph, id);
    if (lists->above_count >= GATHER_LIMIT - 1 || lists->below_count >= GATHER_LIMIT - 1)
        return;
    if (top || !is_defined(printer, id)) {
        if (node->op == PRIMITIVE_MULTIPLY || node->op == PRIMITIVE_DIVIDE) {
            gather_factors(printer, node->a, below, lists, false);
            gather_factors(printer, node->b, below != (node->op == PRIMITIVE_DIVIDE), lists,
                           false);
            return;
        }
        if (node->op == PRIMITIVE_CONSTANT) {
            lists->number = below ? lists->number / node->number : lists->number * node->number;
            return;
        }
    }
    if (below)
        lists->below[lists->below_count++] = id;
    else
        lists->above[lists->above_count++] = id;
}

/* where(c, v, 0) and where(c, 0, v), which print as [c]·v. */
static bool is_mask_node(const struct graph *graph, node_id id)
{
    const struct node *node = NODE(graph, id);
    if (node->op != PRIMITIVE_WHERE)
        return false;
    const struct node *a = NODE(graph, node->b), *b = NODE(graph, node->c);
    return (a->op == PRIMITIVE_CONSTANT && a->number == 0) ||
           (b->op == PRIMITIVE_CONSTANT && b->number == 0);
}

/* Coefficient, masks, I, parameters, inputs, then as written, matrix products, Σ last. */
static int rank(const struct printer *printer, node_id id)
{
    const struct node *node = NODE(printer->graph, id);
    if (is_defined(printer, id))
        return 4;
    switch (node->op) {
    case PRIMITIVE_WHERE: return is_mask_node(printer->graph, id) ? 0 : 4;
    case PRIMITIVE_COUNT: return 1;
    case PRIMITIVE_PARAMETER: return 2;
    case PRIMITIVE_INPUT: return 3;
    case PRIMITIVE_POWER:
        return NODE(printer->graph, node->a)->op <= PRIMITIVE_COUNT
                   ? rank(printer, node->a) : 4;
    case PRIMITIVE_MATMUL: return 5;
    case PRIMITIVE_SUM_EXAMPLES: return 6;
    default: return 4;
    }
}

static void sort_factors(const struct printer *printer, node_id *list, int count)
{
    for (int i = 1; i < count; i++)
        for (int k = i; k > 0 && rank(printer, list[k - 1]) > rank(printer, list[k]); k--) {
            node_id swap = list[k];
            list[k] = list[k - 1];
            list[k - 1] = swap;
        }
}

static const char *times_sign(const struct printer *printer)
{
    return either(printer, "·", "*");
}

static void print_factors(struct printer *printer, const node_id *list, int count, bool *any)
{
    for (int i = 0; i < count; i++) {
        if (*any)
            put(printer, "%s", times_sign(printer));
        *any = true;
        /* Σ at the end may stand bare: nothing follows it. */
        bool last_sum = NODE(printer->graph, list[i])->op == PRIMITIVE_SUM_EXAMPLES &&
                        i == count - 1 && !is_defined(printer, list[i]);
        print(printer, list[i], last_sum ? PRODUCT_LEVEL : POWER_LEVEL);
    }
}

/* A product times sign; sign −1 means that the minus has been printed already. */
static void print_product(struct printer *printer, node_id id, double sign)
{
    const struct node *node = NODE(printer->graph, id);
    if (node->op == PRIMITIVE_CONSTANT && short_decimal(node->number)) {
        put_number(printer, sign * node->number);
        return;
    }
    if (is_defined(printer, id) ||
        (node->op != PRIMITIVE_MULTIPLY && node->op != PRIMITIVE_DIVIDE &&
         node->op != PRIMITIVE_CONSTANT)) {
        print(printer, id, PRODUCT_LEVEL);
        return;
    }
    struct factor_lists *lists = memory_allocate(printer->out.context, 1, sizeof *lists);
    if (!lists) {
        printer->out.failed = true;
        return;
    }
    lists->number = sign;
    gather_factors(printer, id, false, lists, true);
    sort_factors(printer, lists->above, lists->above_count);
    sort_factors(printer, lists->below, lists->below_count);
    double above;
    long below;
    above_and_below(lists->number, &above, &below);
    int sums = 0; /* Σ factors stand behind the bar: (2/I)·Σᵢ ... */
    while (sums < lists->above_count &&
           rank(printer, lists->above[lists->above_count - 1 - sums]) == 6)
        sums++;
    int front = lists->above_count - sums;
    bool has_bar = lists->below_count > 0 || below != 1;
    if (above < 0) {
        put(printer, "%s", either(printer, "−", "-"));
        above = -above;
    }
    bool bracket = has_bar && sums > 0, any = false;
    if (bracket)
        put(printer, "(");
    if (above != 1 || front == 0) {
        if (above != 1 || has_bar || sums == 0) {
            put_number(printer, above);
            any = true;
        }
    }
    print_factors(printer, lists->above, front, &any);
    if (has_bar) {
        put(printer, "/");
        bool brackets = lists->below_count + (below != 1) > 1, some = below != 1;
        if (brackets)
            put(printer, "(");
        if (below != 1)
            put(printer, "%ld", below);
        print_factors(printer, lists->below, lists->below_count, &some);
        if (brackets)
            put(printer, ")");
    }
    if (bracket)
        put(printer, ")");
    print_factors(printer, lists->above + front, sums, &any);
    memory_free(printer->out.context, lists);
}

/* --- everything --- */

static enum precedence precedence_of(const struct printer *printer, node_id id)
{
    const struct node *node = NODE(printer->graph, id);
    if (is_defined(printer, id))
        return ATOM_LEVEL;
    switch (node->op) {
    case PRIMITIVE_ADD:
    case PRIMITIVE_SUBTRACT: return SUM_LEVEL;
    case PRIMITIVE_GREATER:
    case PRIMITIVE_EQUAL: return SUM_LEVEL;
    case PRIMITIVE_MULTIPLY:
    case PRIMITIVE_DIVIDE: {
        node_id rest;
        return graph_coefficient(printer->graph, id, &rest) < 0 ? SUM_LEVEL : PRODUCT_LEVEL;
    }
    case PRIMITIVE_CONSTANT: {
        double above;
        long below = 1;
        if (!short_decimal(node->number))
            above_and_below(node->number, &above, &below);
        return node->number < 0 ? SUM_LEVEL : below != 1 ? PRODUCT_LEVEL : ATOM_LEVEL;
    }
    case PRIMITIVE_SUM_EXAMPLES:
    case PRIMITIVE_MATMUL: return PRODUCT_LEVEL;
    case PRIMITIVE_WHERE:
        return is_mask_node(printer->graph, id) ? PRODUCT_LEVEL : ATOM_LEVEL;
    case PRIMITIVE_POWER: return POWER_LEVEL;
    default: return ATOM_LEVEL;
    }
}

static void print_power(struct printer *printer, const struct node *node)
{
    static const char *const superscripts[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    print(printer, node->a, ATOM_LEVEL);
    const struct node *exponent = NODE(printer->graph, node->b);
    if (exponent->op == PRIMITIVE_CONSTANT && exponent->number == floor(exponent->number) &&
        exponent->number >= 0 && exponent->number < 100 &&
        printer->notation == NOTATION_UNICODE) {
        int number = (int)exponent->number;
        if (number >= 10)
            put(printer, "%s", superscripts[number / 10]);
        put(printer, "%s", superscripts[number % 10]);
        return;
    }
    put(printer, "^");
    print(printer, node->b, ATOM_LEVEL);
}

static void print_condition(struct printer *printer, node_id id, bool inverse)
{
    const struct node *node = NODE(printer->graph, id);
    if (node->op == PRIMITIVE_GREATER && !is_defined(printer, id)) {
        print(printer, node->a, SUM_LEVEL);
        put(printer, "%s", inverse ? either(printer, " ≤ ", " <= ") : " > ");
        print(printer, node->b, SUM_LEVEL);
    } else if (node->op == PRIMITIVE_EQUAL && !is_defined(printer, id)) {
        print(printer, node->a, SUM_LEVEL);
        put(printer, "%s", inverse ? either(printer, " ≠ ", " ~= ") : " = ");
        print(printer, node->b, SUM_LEVEL);
    } else {
        print(printer, id, SUM_LEVEL);
        put(printer, "%s", inverse ? " = 0" : either(printer, " ≠ 0", " ~= 0"));
    }
}

static void print_where(struct printer *printer, node_id id)
{
    const struct node *node = NODE(printer->graph, id);
    if (is_mask_node(printer->graph, id)) {
        const struct node *first = NODE(printer->graph, node->b);
        bool inverse = first->op == PRIMITIVE_CONSTANT && first->number == 0;
        node_id value = inverse ? node->c : node->b;
        put(printer, "[");
        print_condition(printer, node->a, inverse);
        put(printer, "]");
        const struct node *kept = NODE(printer->graph, value);
        if (kept->op == PRIMITIVE_CONSTANT && kept->number == 1)
            return;
        put(printer, "%s", times_sign(printer));
        print(printer, value, POWER_LEVEL);
        return;
    }
    put(printer, "where(");
    print_condition(printer, node->a, false);
    put(printer, ", ");
    print(printer, node->b, SUM_LEVEL);
    put(printer, ", ");
    print(printer, node->c, SUM_LEVEL);
    put(printer, ")");
}

static void print_call(struct printer *printer, const char *name, node_id id)
{
    put(printer, "%s(", name);
    int count = graph_argument_count(printer->graph, id);
    for (int i = 0; i < count; i++) {
        if (i > 0)
            put(printer, ", ");
        print(printer, graph_argument(printer->graph, id, i), SUM_LEVEL);
    }
    put(printer, ")");
}

static void print_matmul(struct printer *printer, const struct node *node)
{
    const char *transposed = either(printer, "ᵀ", "'");
    print(printer, node->a, node->transpose_a ? ATOM_LEVEL : POWER_LEVEL);
    if (node->transpose_a)
        put(printer, "%s", transposed);
    put(printer, "%s", times_sign(printer));
    print(printer, node->b, node->transpose_b ? ATOM_LEVEL : POWER_LEVEL);
    if (node->transpose_b)
        put(printer, "%s", transposed);
}

static void print_bare(struct printer *printer, node_id id)
{
    const struct node *node = NODE(printer->graph, id);
    if (is_defined(printer, id)) {
        put_symbol(printer, printer->definitions[id]);
        return;
    }
    switch (node->op) {
    case PRIMITIVE_PARAMETER: put_parameter(printer, node); break;
    case PRIMITIVE_INPUT: put_input(printer, node); break;
    case PRIMITIVE_COUNT: put(printer, "I"); break;
    case PRIMITIVE_ADD:
    case PRIMITIVE_SUBTRACT: print_sum(printer, id); break;
    case PRIMITIVE_CONSTANT:
        if (short_decimal(node->number))
            put_number(printer, node->number);
        else
            print_product(printer, id, 1);
        break;
    case PRIMITIVE_MULTIPLY:
    case PRIMITIVE_DIVIDE:
        if (is_negated_sum(printer, id))
            print_sum(printer, id);
        else
            print_product(printer, id, 1);
        break;
    case PRIMITIVE_POWER: print_power(printer, node); break;
    case PRIMITIVE_WHERE: print_where(printer, id); break;
    case PRIMITIVE_GREATER:
    case PRIMITIVE_EQUAL: print_condition(printer, id, false); break;
    case PRIMITIVE_MATMUL: print_matmul(printer, node); break;
    case PRIMITIVE_SUM_EXAMPLES:
        put(printer, "%s", either(printer, "Σᵢ ", "sum_i "));
        print(printer, node->a, PRODUCT_LEVEL);
        break;
    case PRIMITIVE_SQRT:
        if (printer->notation == NOTATION_UNICODE &&
            precedence_of(printer, node->a) == ATOM_LEVEL) {
            put(printer, "√");
            print(printer, node->a, ATOM_LEVEL);
            break;
        }
        print_call(printer, either(printer, "√", "sqrt"), id);
        break;
    case PRIMITIVE_ABS:
        put(printer, "|");
        print(printer, node->a, SUM_LEVEL);
        put(printer, "|");
        break;
    case PRIMITIVE_SLICE:
        print(printer, node->a, ATOM_LEVEL);
        if (node->shape.rows == 1)
            put(printer, "[%d]", node->offset + 1);
        else
            put(printer, "[%d..%d]", node->offset + 1, node->offset + node->shape.rows);
        break;
    case PRIMITIVE_PICK:
        print(printer, node->a, ATOM_LEVEL);
        put(printer, "[");
        print(printer, node->b, SUM_LEVEL);
        put(printer, "]");
        break;
    case PRIMITIVE_ONEHOT:
        put(printer, "%s", either(printer, "𝟏[k = ", "onehot["));
        print(printer, node->a, SUM_LEVEL);
        put(printer, "]");
        break;
    default: print_call(printer, primitive_name(node->op), id); break;
    }
}

static void print(struct printer *printer, node_id id, enum precedence context)
{
    bool brackets = precedence_of(printer, id) < context;
    if (brackets)
        put(printer, "(");
    print_bare(printer, id);
    if (brackets)
        put(printer, ")");
}

/* --- definitions --- */

static bool name_taken(const struct printer *printer, const char *name, node_id last)
{
    static const char *const reserved[] = {"x", "y", "i", "I", "L", "e"};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(reserved[i], name) == 0)
            return true;
    for (int i = 0; i < printer->graph->declaration_count; i++)
        if (strcmp(printer->graph->declarations[i].name, name) == 0)
            return true;
    for (node_id id = 0; id <= last; id++)
        if ((printer->definitions[id] && strcmp(printer->definitions[id], name) == 0) ||
            (NODE(printer->graph, id)->name && strcmp(NODE(printer->graph, id)->name, name) == 0))
            return true;
    return false;
}

/* Symbols that a node takes when it is printed, at most TERM_LIMIT + 1, with what is defined
 * counting 1. Smaller nodes have been counted. */
static void count_node(struct printer *printer, node_id id)
{
    int total = 0, count = graph_argument_count(printer->graph, id);
    for (int i = 0; i < count && total <= TERM_LIMIT; i++) {
        node_id argument = graph_argument(printer->graph, id, i);
        total += printer->definitions[argument] ? 1 : printer->symbols[argument];
    }
    if (count <= 1)
        total++;
    printer->symbols[id] = total > TERM_LIMIT ? TERM_LIMIT + 1 : total;
}

static void count_symbols(struct printer *printer, const unsigned char *needed, node_id last)
{
    for (node_id id = 0; id <= last; id++)
        if (needed[id])
            count_node(printer, id);
}

static void count_uses(struct printer *printer, const unsigned char *needed, node_id last)
{
    for (node_id id = 0; id <= last; id++) {
        int count = needed[id] ? graph_argument_count(printer->graph, id) : 0;
        for (int i = 0; i < count; i++)
            printer->uses[graph_argument(printer->graph, id, i)]++;
    }
}

static bool can_be_defined(const struct printer *printer, const unsigned char *needed, node_id id)
{
    const struct node *node = NODE(printer->graph, id);
    return needed[id] && node->op > PRIMITIVE_COUNT && !printer->definitions[id] &&
           node->op != PRIMITIVE_GREATER && node->op != PRIMITIVE_EQUAL;
}

static void choose_definitions(struct printer *printer, const unsigned char *needed, node_id last)
{
    static const char *const letters[] = {"v", "w", "p", "q", "r", "s", "a", "b", "c",
                                          "d", "g", "h", "k", "m", "n", "o", "t", "z"};
    for (node_id id = 0; id <= last; id++) {
        const char *name = NODE(printer->graph, id)->name;
        if (needed[id])
            count_node(printer, id);
        bool only_root = needed[id] == ROOT && printer->uses[id] == 1;
        if (name && !only_root && can_be_defined(printer, needed, id) && !name_taken(printer, name, id - 1) &&
            (printer->uses[id] > 1 || printer->symbols[id] >= NAMED_SYMBOLS))
            printer->definitions[id] = name;
    }
    size_t letter = 0;
    for (int round = 0; round < NAME_LIMIT; round++) {
        count_symbols(printer, needed, last);
        node_id best = NO_NODE;
        long best_gain = NAME_GAIN - 1;
        for (node_id id = 0; id <= last; id++) {
            if (!can_be_defined(printer, needed, id))
                continue;
            long gain = (long)(printer->uses[id] - 1) * (printer->symbols[id] - 1);
            if (gain > best_gain) {
                best = id;
                best_gain = gain;
            }
        }
        while (letter < sizeof letters / sizeof *letters &&
               name_taken(printer, letters[letter], last))
            letter++;
        if (best == NO_NODE || letter == sizeof letters / sizeof *letters)
            break;
        printer->definitions[best] = letters[letter];
    }
    count_symbols(printer, needed, last);
}

static char *text_of(struct printer *printer, node_id id)
{
    printer->out = (struct text){.context = printer->out.context};
    printer->defining = id;
    if (printer->symbols[id] > TERM_LIMIT)
        put(printer, "(an expression of more than %d terms)", TERM_LIMIT);
    else
        print(printer, id, SUM_LEVEL);
    printer->defining = NO_NODE;
    if (printer->out.failed) {
        memory_free(printer->out.context, printer->out.bytes);
        return NULL;
    }
    return printer->out.bytes;
}

/* Marks which definitions the texts really use. */
static void mark_used(const struct printer *printer, node_id root, unsigned char *used)
{
    memset(used, 0, (size_t)root + 1);
    used[root] = 1;
    for (node_id id = root; id >= 0; id--) {
        int count = used[id] ? graph_argument_count(printer->graph, id) : 0;
        for (int i = 0; i < count; i++)
            used[graph_argument(printer->graph, id, i)] = 1;
    }
}

static enum status print_all(struct printer *printer, struct formulas *formulas,
                             const node_id *roots, int count, unsigned char *needed, node_id last,
                             struct error *error)
{
    struct context *context = formulas->context;
    int definitions = 0;
    for (node_id id = 0; id <= last; id++)
        definitions += printer->definitions[id] != NULL;
    formulas->texts = memory_allocate(context, (size_t)count, sizeof(char *));
    formulas->names = memory_allocate(context, (size_t)definitions, sizeof(char *));
    formulas->definitions = memory_allocate(context, (size_t)definitions, sizeof(char *));
    if (!formulas->texts || !formulas->names || !formulas->definitions)
        return error_memory(error, "a formula");
    for (int i = 0; i < count; i++) {
        /* A root that is itself defined is shown in full only in its definition. */
        bool shared = printer->definitions[roots[i]] != NULL;
        if (shared) {
            char symbol[128];
            formula_symbol(printer->definitions[roots[i]], printer->notation, symbol,
                           sizeof symbol);
            formulas->texts[i] = memory_copy_text(context, symbol);
        } else {
            formulas->texts[i] = text_of(printer, roots[i]);
        }
        if (!formulas->texts[i])
            return error_memory(error, "a formula");
        formulas->count++;
    }
    for (node_id id = 0; id <= last; id++) {
        if (!printer->definitions[id] || !needed[id])
            continue;
        char symbol[128];
        formula_symbol(printer->definitions[id], printer->notation, symbol, sizeof symbol);
        char *name = memory_copy_text(context, symbol);
        char *text = text_of(printer, id);
        formulas->names[formulas->definition_count] = name;
        formulas->definitions[formulas->definition_count++] = text;
        if (!name || !text)
            return error_memory(error, "a formula");
    }
    return STATUS_OK;
}

enum status formula_print(struct formulas *formulas, const struct graph *graph,
                          const node_id *roots, int count, enum notation notation,
                          struct error *error)
{
    struct context *context = graph->context;
    *formulas = (struct formulas){.context = context};
    node_id last = 0;
    for (int i = 0; i < count; i++)
        last = roots[i] > last ? roots[i] : last;
    size_t size = (size_t)last + 1;
    struct printer printer = {.graph = graph, .notation = notation, .out = {.context = context},
                              .defining = NO_NODE};
    unsigned char *needed = memory_allocate(context, size, 1);
    unsigned char *below = memory_allocate(context, size, 1);
    printer.symbols = memory_allocate(context, size, sizeof *printer.symbols);
    printer.uses = memory_allocate(context, size, sizeof *printer.uses);
    printer.definitions = memory_allocate(context, size, sizeof *printer.definitions);
    enum status status;
    if (needed && below && printer.symbols && printer.uses && printer.definitions) {
        for (int i = 0; i < count; i++) {
            mark_used(&printer, roots[i], below);
            for (node_id id = 0; id <= roots[i]; id++) {
                needed[id] |= below[id];
                printer.over_examples |= below[id] && graph_primitive(graph, id) ==
                                                          PRIMITIVE_SUM_EXAMPLES;
            }
            printer.uses[roots[i]]++; /* the formula itself */
        }
        for (int i = 0; i < count; i++)
            needed[roots[i]] = ROOT;
        count_uses(&printer, needed, last);
        choose_definitions(&printer, needed, last);
        status = print_all(&printer, formulas, roots, count, needed, last, error);
    } else {
        status = error_memory(error, "a formula");
    }
    memory_free(context, needed);
    memory_free(context, below);
    memory_free(context, printer.symbols);
    memory_free(context, printer.uses);
    memory_free(context, printer.definitions);
    if (status != STATUS_OK)
        formula_free(formulas);
    return status;
}

void formula_free(struct formulas *formulas)
{
    struct context *context = formulas->context;
    for (int i = 0; formulas->texts && i < formulas->count; i++)
        memory_free(context, formulas->texts[i]);
    for (int i = 0; formulas->names && i < formulas->definition_count; i++) {
        memory_free(context, formulas->names[i]);
        memory_free(context, formulas->definitions[i]);
    }
    memory_free(context, formulas->texts);
    memory_free(context, formulas->names);
    memory_free(context, formulas->definitions);
    *formulas = (struct formulas){0};
}
