/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formula_write.c: a node as text. By recursion, whose depth is bounded because an expression of
 * more than TERM_LIMIT symbols is only counted, not written. */
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "graph/formula_private.h"

/* --- text --- */

void text_append(struct text *text, const char *bytes, size_t length)
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

#define put writer_put
void writer_put(struct writer *writer, const char *format, ...)
{
    char buffer[512];
    va_list list;
    va_start(list, format);
    int length = vsnprintf(buffer, sizeof buffer, format, list);
    va_end(list);
    if (length > 0)
        text_append(&writer->out, buffer,
                    (size_t)length < sizeof buffer ? (size_t)length : sizeof buffer - 1);
}

/* A sign in each notation. */
struct sign {
    const char *text[4]; /* by enum notation */
};
#define SIGN(unicode, ascii, latex, lua) ((struct sign){{unicode, ascii, latex, lua}})

static void put_sign(struct writer *writer, struct sign sign)
{
    /* Python has Lua's signs where nothing else is said. */
    const char *text = sign.text[is_python(writer) ? NOTATION_LUA : writer->notation];
    text_append(&writer->out, text, strlen(text));
}

static bool is_latex(const struct writer *writer)
{
    return writer->notation == NOTATION_LATEX;
}

static bool is_lua(const struct writer *writer)
{
    return writer->notation == NOTATION_LUA;
}

/* Text that runs: Lua or Python. */
static bool is_program(const struct writer *writer)
{
    return writer->notation >= NOTATION_LUA;
}

static void open_bracket(struct writer *writer)
{
    put(writer, is_latex(writer) ? "\\left(" : "(");
}

static void close_bracket(struct writer *writer)
{
    put(writer, is_latex(writer) ? "\\right)" : ")");
}

/* --- names --- */

static const struct {
    const char *name, *letter;
} greek[] = {
    {"alpha", "α"}, {"beta", "β"}, {"gamma", "γ"}, {"delta", "δ"}, {"epsilon", "ε"},
    {"zeta", "ζ"},  {"eta", "η"},  {"theta", "θ"}, {"kappa", "κ"}, {"lambda", "λ"},
    {"mu", "μ"},    {"nu", "ν"},   {"xi", "ξ"},    {"rho", "ρ"},   {"sigma", "σ"},
    {"tau", "τ"},   {"phi", "φ"},  {"chi", "χ"},   {"psi", "ψ"},   {"omega", "ω"},
};

static int greek_letter(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof greek / sizeof *greek; i++)
        if (strlen(greek[i].name) == length && strncmp(greek[i].name, name, length) == 0)
            return (int)i;
    return -1;
}

/* "W[3,1]" is W_{3,1}, "phi0" is \phi_{0}, "learning_rate" is \mathrm{learning\_rate}. */
static char *latex_symbol(const char *name, char *buffer, size_t size)
{
    size_t length = strcspn(name, "["), stem = length;
    while (stem > 0 && isdigit((unsigned char)name[stem - 1]))
        stem--;
    if (stem == 0)
        stem = length;
    int letter = greek_letter(name, stem);
    size_t used = 0;
    if (letter >= 0) {
        used = (size_t)snprintf(buffer, size, "\\%s", greek[letter].name);
    } else if (stem == 1) {
        used = (size_t)snprintf(buffer, size, "%c", name[0]);
    } else {
        used = (size_t)snprintf(buffer, size, "\\mathrm{");
        for (size_t i = 0; i < stem && used + 4 < size; i++)
            used += (size_t)snprintf(buffer + used, size - used, "%s%c", name[i] == '_' ? "\\" : "",
                                     name[i]);
        used += (size_t)snprintf(buffer + used, size - used, "}");
    }
    bool index = name[length] == '[';
    if ((stem < length || index) && used < size) {
        const char *end = index ? strchr(name, ']') : NULL;
        snprintf(buffer + used, size - used, "_{%.*s%s%.*s}", (int)(length - stem), name + stem,
                 stem < length && index ? ";" : "", end ? (int)(end - name - (long)length - 1) : 0,
                 name + length + (index ? 1 : 0));
    }
    return buffer;
}

char *formula_symbol(const char *name, enum notation notation, char *buffer, size_t size)
{
    static const char *const subscripts[] = {"₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"};
    if (notation == NOTATION_LATEX)
        return latex_symbol(name, buffer, size);
    size_t length = strcspn(name, "["), stem = length;
    while (stem > 0 && isdigit((unsigned char)name[stem - 1]))
        stem--;
    if (notation != NOTATION_UNICODE || stem == 0 || strchr(name, '_')) {
        snprintf(buffer, size, "%s", name);
        return buffer;
    }
    int letter = greek_letter(name, stem);
    size_t used = letter >= 0 ? (size_t)snprintf(buffer, size, "%s", greek[letter].letter)
                              : (size_t)snprintf(buffer, size, "%.*s", (int)stem, name);
    for (const char *digit = name + stem; digit < name + length && used < size; digit++)
        used += (size_t)snprintf(buffer + used, size - used, "%s", subscripts[*digit - '0']);
    if (used < size)
        snprintf(buffer + used, size - used, "%s", name + length);
    return buffer;
}

static void put_symbol(struct writer *writer, const char *name)
{
    char buffer[256];
    put(writer, "%s",
        is_python(writer) ? formula_python_name(writer->graph, name, buffer, sizeof buffer)
                          : formula_symbol(name, writer->notation, buffer, sizeof buffer));
}

/* --- leaves --- */

static const struct declaration *declaration_at(const struct graph *graph, int offset)
{
    for (int i = 0; i < graph->declaration_count; i++) {
        const struct declaration *declaration = &graph->declarations[i];
        if (offset >= declaration->offset &&
            offset < declaration->offset + shape_size(declaration->shape))
            return declaration;
    }
    return NULL;
}

/* A leaf that is more than one declaration: all of φ, in a penalty. */
static void put_joined_parameters(struct writer *writer, const struct node *node)
{
    int end = node->offset + shape_size(node->shape);
    if (is_python(writer)) {
        put(writer, "phi[%d:%d]", node->offset, end);
        return;
    }
    if (!is_lua(writer)) {
        put_symbol(writer, "phi");
        const struct declaration *after = declaration_at(writer->graph, end);
        if (node->offset > 0 || after)
            put(writer, is_latex(writer) ? "_{%d..%d}" : "[%d..%d]", node->offset + 1, end);
        return;
    }
    put(writer, "array{");
    for (int offset = node->offset; offset < end; offset++) {
        const struct declaration *one = declaration_at(writer->graph, offset);
        if (!one || shape_size(one->shape) > 1) {
            writer->reason = "a list of vectors and matrices";
            return;
        }
        put(writer, "%s%s", offset > node->offset ? ", " : "", one->name);
    }
    put(writer, "}");
}

static void put_index(struct writer *writer, const struct node *node, int begin, struct shape whole)
{
    int count = shape_size(node->shape), columns = whole.cols;
    int row = begin / columns + 1, column = begin % columns + 1;
    if (is_python(writer)) {
        python_put_part(writer, node->shape, begin, whole, node->level == LEVEL_EXAMPLE);
        return;
    }
    if (is_lua(writer)) {
        if (count == 1 && columns > 1)
            put(writer, "[%d][%d]", row, column);
        else if (count == 1)
            put(writer, "[%d]", begin + 1);
        else if (columns == 1)
            put(writer, ":slice(%d, %d)", begin + 1, begin + count);
        else if (count == columns && column == 1)
            put(writer, "[%d]", row);
        else
            writer->reason = "a part of a matrix";
        return;
    }
    char open = is_latex(writer) ? '{' : '[', close = is_latex(writer) ? '}' : ']';
    put(writer, "%s%c", is_latex(writer) ? "_" : "", open);
    if (count == 1 && columns > 1)
        put(writer, "%d,%d", row, column);
    else if (count == 1)
        put(writer, "%d", begin + 1);
    else if (columns > 1 && count == columns && column == 1)
        put(writer, "%d", row);
    else
        put(writer, "%d..%d", begin + 1, begin + count);
    put(writer, "%c", close);
}

static void put_parameter(struct writer *writer, const struct node *node)
{
    const struct declaration *declaration = declaration_at(writer->graph, node->offset);
    if (!declaration || node->source == SOURCE_DIRECTION) {
        put(writer, "%s%d", node->source == SOURCE_DIRECTION ? "v" : "phi", node->offset);
        return;
    }
    int size = shape_size(declaration->shape), begin = node->offset - declaration->offset;
    if (begin + shape_size(node->shape) > size) {
        put_joined_parameters(writer, node);
        return;
    }
    if (!is_latex(writer) || shape_size(node->shape) != 1 || size == 1) {
        put_symbol(writer, declaration->name);
        if (begin != 0 || shape_size(node->shape) != size)
            put_index(writer, node, begin, declaration->shape);
        return;
    }
    /* One subscript, not two: b2[3] is b_{2;3}. */
    char name[200];
    int columns = declaration->shape.cols;
    if (columns > 1)
        snprintf(name, sizeof name, "%s[%d,%d]", declaration->name, begin / columns + 1,
                 begin % columns + 1);
    else
        snprintf(name, sizeof name, "%s[%d]", declaration->name, begin + 1);
    put_symbol(writer, name);
}

static void put_input(struct writer *writer, const struct node *node)
{
    put(writer, "%s", writer->inputs[node->source]);
    if (node->source == SOURCE_PREDICTION)
        return;
    bool column = writer->several[node->source] && node->shape.rows == 1;
    bool range = node->offset > 0 && node->shape.rows > 1;
    if (is_python(writer)) {
        if (column || range) /* of rows without end: only the begin matters */
            python_put_part(writer, node->shape, node->offset, (struct shape){1 << 30, 1}, true);
        return;
    }
    if (is_latex(writer) && (writer->over_examples || column)) {
        put(writer, "_{%s", writer->over_examples ? "i" : "");
        if (column)
            put(writer, "%s%d", writer->over_examples ? "," : "", node->offset + 1);
        put(writer, "}");
        return;
    }
    if (writer->over_examples)
        put_sign(writer, SIGN("ᵢ", "_i", "", "[i]"));
    if (column)
        put(writer, "[%d]", node->offset + 1);
    else if (range && is_lua(writer))
        put(writer, ":slice(%d, %d)", node->offset + 1, node->offset + node->shape.rows);
    else if (range)
        put(writer, "[%d..%d]", node->offset + 1, node->offset + node->shape.rows);
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

/* Numbers that are known by a name. */
static const struct {
    double value;
    struct sign name;
} constants[] = {
    {3.14159265358979323846, {{"π", "pi", "\\pi", "pi"}}},
    {0.69314718055994530942, {{"log(2)", "log(2)", "\\log\\left(2\\right)", "log(2)"}}},
    {1.09861228866810969140, {{"log(3)", "log(3)", "\\log\\left(3\\right)", "log(3)"}}},
    {2.30258509299404568402, {{"log(10)", "log(10)", "\\log\\left(10\\right)", "log(10)"}}},
    {1.41421356237309504880, {{"√2", "sqrt(2)", "\\sqrt{2}", "sqrt(2)"}}},
    {1.73205080756887729353, {{"√3", "sqrt(3)", "\\sqrt{3}", "sqrt(3)"}}},
};
enum { PI = 0 };

/* above·name/below, the name above or below the bar, or none. */
struct coefficient {
    double above;
    long below;
    const struct sign *name;
    bool name_below;
};

/* A number as a small fraction, to within rounding. */
static bool near_fraction(double number, long *p, long *q)
{
    for (long denominator = 1; denominator <= 64; denominator++) {
        double numerator = nearbyint(number * (double)denominator);
        if (numerator != 0 && fabs(numerator) < 1000 &&
            fabs(numerator / (double)denominator - number) <= 4e-16 * fabs(number)) {
            *p = (long)numerator;
            *q = denominator;
            return true;
        }
    }
    return false;
}

/* 0.06 and 0.1 stay, 1/2, 1/32, −1/3 and 2/3 become fractions, 6.283... is 2·π. */
static struct coefficient coefficient_of(const struct writer *writer, double number)
{
    long p, q;
    struct coefficient result = {.above = number, .below = 1};
    if (as_fraction(number, &p, &q)) {
        bool half = (q & (q - 1)) == 0 && (p == 1 || p == -1);
        if (q > 1 && (half || !short_decimal(number))) {
            result.above = (double)p;
            result.below = q;
        }
        return result;
    }
    bool pi_is_taken = false;
    for (int i = 0; i < writer->graph->declaration_count; i++)
        pi_is_taken = pi_is_taken || strcmp(writer->graph->declarations[i].name, "pi") == 0;
    if (short_decimal(number) || !isfinite(number) || pi_is_taken)
        return result;
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (near_fraction(number / constants[i].value, &p, &q))
            return (struct coefficient){(double)p, q, &constants[i].name, false};
    if (near_fraction(number * constants[PI].value, &p, &q))
        return (struct coefficient){(double)p, q, &constants[PI].name, true};
    return result;
}

/* How much a reader has to bear with. */
static int ugliness(const struct writer *writer, double number)
{
    if (number == floor(number))
        return 0;
    struct coefficient coefficient = coefficient_of(writer, number);
    return coefficient.below != 1 || coefficient.name || short_decimal(number) ? 1 : 3;
}

static void put_number(struct writer *writer, double number)
{
    char buffer[40];
    if (isnan(number)) {
        if (is_python(writer))
            put(writer, "float(\"nan\")");
        else
            put_sign(writer, SIGN("nan", "nan", "\\mathrm{nan}", "(0/0)"));
        return;
    }
    if (number < 0)
        put_sign(writer, SIGN("−", "-", "-", "-"));
    number = fabs(number);
    if (isinf(number) && is_python(writer)) {
        put(writer, "float(\"inf\")");
        return;
    }
    if (isinf(number)) {
        put_sign(writer, SIGN("∞", "inf", "\\infty", "math.huge"));
        return;
    }
    if (number == floor(number) && number < 1e15) {
        put(writer, "%.0f", number);
        return;
    }
    int digits = is_program(writer) ? 14 : 6;
    do
        snprintf(buffer, sizeof buffer, "%.*g", digits, number);
    while (is_program(writer) && strtod(buffer, NULL) != number && ++digits <= 17);
    for (char *c = buffer; *c; c++) /* whatever the locale */
        if (*c == ',')
            *c = '.';
    char *exponent = strchr(buffer, 'e');
    if (exponent && is_latex(writer)) {
        *exponent = '\0';
        if (strcmp(buffer, "1") != 0)
            put(writer, "%s \\cdot ", buffer);
        put(writer, "10^{%d}", atoi(exponent + 1));
    } else {
        put(writer, "%s", buffer);
    }
}

/* --- products --- */

enum kind { PLAIN, MASK, INVERSE_MASK, UNIT };

struct factor {
    node_id base; /* of a mask: its condition; of a unit vector: a number put among zeros */
    int power;    /* below the bar when negative */
    enum kind kind;
    double scale; /* of a sum: what its terms are multiplied by; 0: nothing */
};

/* number · factors: pool[first .. first + count − 1]. */
struct monomial {
    double number;
    int first, count;
};

bool writer_named(const struct writer *writer, node_id id)
{
    return writer->names[id] && id != writer->defining;
}

static bool is_vector(const struct writer *writer, node_id id)
{
    return !shape_is_scalar(NODE(writer->graph, id)->shape);
}

static bool is_zero(const struct graph *graph, node_id id)
{
    const struct node *node = NODE(graph, id);
    return node->op == PRIMITIVE_CONSTANT && node->number == 0;
}

/* where(c, v, 0) and where(c, 0, v), which read [c]·v. */
static bool is_mask(const struct writer *writer, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    return node->op == PRIMITIVE_WHERE && !is_program(writer) &&
           (is_zero(writer->graph, node->b) || is_zero(writer->graph, node->c));
}

/* A mask that only keeps a derivative from 0·log 0: where(x == 0, 0, v). */
static bool is_guard(const struct writer *writer, const struct node *mask)
{
    const struct node *condition = NODE(writer->graph, mask->a);
    return is_zero(writer->graph, mask->b) && condition->op == PRIMITIVE_EQUAL &&
           (is_zero(writer->graph, condition->a) || is_zero(writer->graph, condition->b));
}

static void push_factor(struct writer *writer, struct factor factor)
{
    if (writer->pool_count == writer->pool_capacity) {
        int capacity = 2 * writer->pool_capacity + 64;
        struct factor *pool = memory_resize(writer->out.context, writer->pool, (size_t)capacity,
                                            sizeof *pool);
        if (!pool) {
            writer->out.failed = true;
            return;
        }
        writer->pool = pool;
        writer->pool_capacity = capacity;
    }
    writer->pool[writer->pool_count++] = factor;
}

/* A number put among zeros: the number times a unit vector. */
static bool is_unit(const struct graph *graph, node_id id)
{
    const struct node *node = NODE(graph, id);
    return node->op == PRIMITIVE_PAD && shape_is_scalar(NODE(graph, node->a)->shape);
}

static bool same_base(const struct writer *writer, const struct factor *a, const struct factor *b)
{
    if (a->kind != b->kind)
        return false;
    const struct node *m = NODE(writer->graph, a->base), *n = NODE(writer->graph, b->base);
    if (a->kind == UNIT)
        return m->offset == n->offset && shape_equal(m->shape, n->shape);
    return a->base == b->base;
}

/* The monomial is the last one on the pool. */
static void add_factor(struct writer *writer, struct monomial *monomial, struct factor factor)
{
    for (int i = monomial->first; i < monomial->first + monomial->count; i++) {
        struct factor *known = &writer->pool[i];
        if (!same_base(writer, known, &factor))
            continue;
        if (factor.kind == PLAIN)
            known->power += factor.power;
        if (known->power == 0) {
            memmove(known, known + 1,
                    (size_t)(monomial->first + --monomial->count - i) * sizeof *known);
            writer->pool_count--;
        }
        return;
    }
    push_factor(writer, factor);
    monomial->count = writer->pool_count - monomial->first;
}

/* A power with a whole exponent. */
static bool whole_power(const struct graph *graph, const struct node *node, int *power)
{
    if (node->op != PRIMITIVE_POWER)
        return false;
    const struct node *exponent = NODE(graph, node->b);
    if (exponent->op != PRIMITIVE_CONSTANT || exponent->number != floor(exponent->number) ||
        fabs(exponent->number) > 99)
        return false;
    *power = (int)exponent->number;
    return true;
}

/* Multiplies the product by id^power. */
static void gather_factors(struct writer *writer, node_id id, int power, struct monomial *monomial,
                           bool top)
{
    const struct graph *graph = writer->graph;
    const struct node *node = NODE(graph, id);
    int exponent;
    if (!top && writer_named(writer, id)) {
        add_factor(writer, monomial, (struct factor){id, power, PLAIN, 0});
    } else if (node->op == PRIMITIVE_MULTIPLY) {
        gather_factors(writer, node->a, power, monomial, false);
        gather_factors(writer, node->b, power, monomial, false);
    } else if (node->op == PRIMITIVE_DIVIDE) {
        gather_factors(writer, node->a, power, monomial, false);
        gather_factors(writer, node->b, -power, monomial, false);
    } else if (node->op == PRIMITIVE_CONSTANT && (!is_program(writer) || !is_vector(writer, id))) {
        monomial->number *= pow(node->number, power);
    } else if (whole_power(graph, node, &exponent)) {
        add_factor(writer, monomial, (struct factor){node->a, exponent * power, PLAIN, 0});
    } else if (is_unit(graph, id) && power == 1) {
        gather_factors(writer, node->a, 1, monomial, false);
        add_factor(writer, monomial, (struct factor){id, 1, UNIT, 0});
    } else if (is_mask(writer, id) && power == 1) {
        bool inverse = is_zero(graph, node->b);
        if (!is_guard(writer, node))
            add_factor(writer, monomial,
                       (struct factor){node->a, 1, inverse ? INVERSE_MASK : MASK, 0});
        gather_factors(writer, inverse ? node->c : node->b, 1, monomial, false);
    } else {
        add_factor(writer, monomial, (struct factor){id, power, PLAIN, 0});
    }
}

static struct monomial monomial_of(struct writer *writer, node_id id, bool top)
{
    struct monomial monomial = {1, writer->pool_count, 0};
    gather_factors(writer, id, 1, &monomial, top);
    return monomial;
}

/* Coefficient, masks, I, parameters, inputs, names, then as written, matrix products, Σ last. */
enum {
    RANK_MASK,
    RANK_COUNT,
    RANK_PARAMETER,
    RANK_INPUT,
    RANK_NAMED,
    RANK_REST,
    RANK_UNIT,
    RANK_MATMUL,
    RANK_SUM
};

static int rank(const struct writer *writer, const struct factor *factor)
{
    if (factor->kind == UNIT)
        return RANK_UNIT;
    if (factor->kind != PLAIN)
        return RANK_MASK;
    if (writer_named(writer, factor->base))
        return RANK_NAMED;
    switch (NODE(writer->graph, factor->base)->op) {
    case PRIMITIVE_COUNT: return RANK_COUNT;
    case PRIMITIVE_PARAMETER: return RANK_PARAMETER;
    case PRIMITIVE_INPUT: return RANK_INPUT;
    case PRIMITIVE_MATMUL: return RANK_MATMUL;
    case PRIMITIVE_SUM_EXAMPLES: return factor->power == 1 ? RANK_SUM : RANK_REST;
    default: return RANK_REST;
    }
}

static bool comes_before(const struct writer *writer, const struct factor *a,
                         const struct factor *b)
{
    bool a_below = a->power < 0, b_below = b->power < 0;
    if (a_below != b_below)
        return b_below;
    int first = rank(writer, a), second = rank(writer, b);
    if (first != second)
        return first < second;
    if (first != RANK_PARAMETER && first != RANK_INPUT)
        return false;
    const struct node *m = NODE(writer->graph, a->base), *n = NODE(writer->graph, b->base);
    return m->source != n->source ? m->source < n->source : m->offset < n->offset;
}

static void sort_factors(struct writer *writer, const struct monomial *monomial)
{
    struct factor *list = writer->pool + monomial->first;
    for (int i = 1; i < monomial->count; i++)
        for (int k = i; k > 0 && comes_before(writer, &list[k], &list[k - 1]); k--) {
            struct factor swap = list[k];
            list[k] = list[k - 1];
            list[k - 1] = swap;
        }
}

static void write_node(struct writer *writer, node_id id, enum precedence context);
static void write_condition(struct writer *writer, node_id id, bool inverse);
static void write_sum(struct writer *writer, node_id id, double scale);

static void write_exponent(struct writer *writer, int power)
{
    static const char *const superscripts[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    if (power == 1)
        return;
    if (writer->notation == NOTATION_UNICODE) {
        if (power >= 10)
            put(writer, "%s", superscripts[power / 10 % 10]);
        put(writer, "%s", superscripts[power % 10]);
    } else {
        put(writer, is_latex(writer) ? "^{%d}" : is_python(writer) ? "**%d" : "^%d", power);
    }
}

static void write_unit(struct writer *writer, const struct node *node)
{
    char name[32];
    if (is_python(writer)) {
        put(writer, writer->notation == NOTATION_NUMPY ? "np.eye(%d)[%d]" : "torch.eye(%d)[%d]",
            node->shape.rows, node->offset);
    } else if (is_lua(writer)) {
        put(writer, "eye(%d)[%d]", node->shape.rows, node->offset + 1);
    } else if (is_latex(writer)) {
        put(writer, "\\mathbf{e}_{%d}", node->offset + 1);
    } else {
        snprintf(name, sizeof name, "e%d", node->offset + 1);
        put_symbol(writer, name);
    }
}

static void write_factor(struct writer *writer, struct factor factor, enum precedence context)
{
    if (factor.kind == UNIT) {
        write_unit(writer, NODE(writer->graph, factor.base));
        return;
    }
    if (factor.kind != PLAIN) {
        put(writer, is_latex(writer) ? "\\left[" : "[");
        write_condition(writer, factor.base, factor.kind == INVERSE_MASK);
        put(writer, is_latex(writer) ? "\\right]" : "]");
        return;
    }
    if (factor.scale != 0) {
        bool further = python_needs_axes(writer, factor.base);
        int axes = writer->axes;
        if (context > SUM_LEVEL || further)
            open_bracket(writer);
        writer->axes = python_axes(writer->graph, factor.base);
        write_sum(writer, factor.base, factor.scale);
        writer->axes = axes;
        if (context > SUM_LEVEL || further)
            close_bracket(writer);
        if (further)
            python_put_axes(writer);
        return;
    }
    int power = abs(factor.power);
    if (power > 99) {
        write_node(writer, factor.base, ATOM_LEVEL);
        put(writer, is_latex(writer) ? "^{%d}" : is_python(writer) ? "**%d" : "^%d", power);
        return;
    }
    write_node(writer, factor.base, power == 1 ? context : ATOM_LEVEL);
    write_exponent(writer, power);
}

/* The sign before a factor; in LaTeX numbers need one, other factors none. */
static void write_times(struct writer *writer, bool after_vector, const struct factor *factor)
{
    if (after_vector && is_vector(writer, factor->base)) {
        put_sign(writer, SIGN("⊙", ".*", " \\odot ", "*"));
        return;
    }
    const struct node *node = NODE(writer->graph, factor->base);
    const struct node *base = node->op == PRIMITIVE_POWER ? NODE(writer->graph, node->a) : node;
    bool digit = factor->kind == PLAIN && base->op == PRIMITIVE_CONSTANT;
    put_sign(writer, digit ? SIGN("·", "*", " \\cdot ", "*") : SIGN("·", "*", " ", "*"));
}

static int count_vectors(const struct writer *writer, int begin, int end)
{
    int vectors = 0;
    for (int i = begin; i < end; i++)
        vectors += is_vector(writer, writer->pool[i].base);
    return vectors;
}

/* Factors [begin, end), after something else when `any`, which has a vector in it when
 * `after_vector`. */
static void write_factors(struct writer *writer, int begin, int end, bool any, bool after_vector)
{
    int vectors = count_vectors(writer, begin, end);
    bool alone = !any && end == begin + 1;
    for (int i = begin; i < end; i++) {
        struct factor factor = writer->pool[i];
        bool vector = is_vector(writer, factor.base);
        if (any)
            write_times(writer, after_vector, &factor);
        any = true;
        after_vector = after_vector || vector;
        /* Σ and W·x at the end may stand bare: nothing follows. */
        bool last = i == end - 1 && factor.kind == PLAIN && factor.power == 1;
        int place = rank(writer, &factor);
        bool product = place == RANK_MATMUL && (is_program(writer) ? is_python(writer) && alone
                                                                   : vectors == (vector ? 1 : 0));
        bool bare = last && (place == RANK_SUM || product);
        write_factor(writer, factor, bare ? PRODUCT_LEVEL : POWER_LEVEL);
    }
}

/* Counts of the sorted factors: above the bar before Σ, Σ, below. */
static void cut_monomial(const struct writer *writer, const struct monomial *monomial, int *front,
                         int *sums, int *below)
{
    *front = *sums = *below = 0;
    for (int i = monomial->first; i < monomial->first + monomial->count; i++) {
        const struct factor *factor = &writer->pool[i];
        if (factor->power < 0)
            ++*below;
        else if (rank(writer, factor) == RANK_SUM)
            ++*sums;
        else
            ++*front;
    }
}

static void write_above(struct writer *writer, const struct coefficient *coefficient, int begin,
                        int end, bool one)
{
    const struct sign *name = coefficient->name_below ? NULL : coefficient->name;
    double number = fabs(coefficient->above);
    bool shown = number != 1 || (!name && begin == end && one);
    if (shown)
        put_number(writer, number);
    if (name) {
        if (shown)
            put_sign(writer, SIGN("·", "*", " ", "*"));
        put(writer, is_python(writer) ? "math." : "");
        put_sign(writer, *name);
        shown = true;
    }
    if (is_latex(writer) && one && !shown && end == begin + 1) /* above a bar */
        write_factor(writer, writer->pool[begin], SUM_LEVEL);
    else
        write_factors(writer, begin, end, shown, false);
}

static void write_below(struct writer *writer, const struct coefficient *coefficient, int begin,
                        int end)
{
    bool latex = is_latex(writer), any = coefficient->below != 1;
    int count = end - begin + any + coefficient->name_below;
    bool brackets = !latex && count > 1;
    put(writer, latex ? "}{" : "/");
    if (brackets)
        put(writer, "(");
    if (any)
        put(writer, "%ld", coefficient->below);
    if (coefficient->name_below) {
        if (any)
            put_sign(writer, SIGN("·", "*", " ", "*"));
        put(writer, is_python(writer) ? "math." : "");
        put_sign(writer, *coefficient->name);
        any = true;
    }
    if (latex && !any && end == begin + 1)
        write_factor(writer, writer->pool[begin], SUM_LEVEL);
    else
        write_factors(writer, begin, end, any, false);
    put(writer, brackets ? ")" : latex ? "}" : "");
}

static void move_number_inside(struct writer *writer, struct monomial *monomial);
static void find_mean(struct writer *writer, struct monomial *monomial);

/* Takes the product off the pool. A negative number has had its minus written already when
 * `unsigned_` is set. */
static void write_monomial(struct writer *writer, struct monomial monomial, bool unsigned_)
{
    int front, sums, below;
    if (monomial.count == 0 && short_decimal(monomial.number)) {
        put_number(writer, unsigned_ ? fabs(monomial.number) : monomial.number);
        return;
    }
    find_mean(writer, &monomial);
    move_number_inside(writer, &monomial);
    sort_factors(writer, &monomial);
    cut_monomial(writer, &monomial, &front, &sums, &below);
    struct coefficient coefficient = coefficient_of(writer, monomial.number);
    if (coefficient.above < 0 && !unsigned_)
        put_sign(writer, SIGN("−", "-", "-", "-"));
    bool bar = below > 0 || coefficient.below != 1 || coefficient.name_below;
    bool bracket = bar && sums > 0 && !is_latex(writer);
    int first = monomial.first, sum = first + front, under = sum + sums;
    bool before = bar || front > 0 || fabs(coefficient.above) != 1 || coefficient.name;
    if (bracket)
        put(writer, "(");
    if (bar && is_latex(writer))
        put(writer, "\\frac{");
    write_above(writer, &coefficient, first, sum, bar || sums == 0);
    if (bar)
        write_below(writer, &coefficient, under, under + below);
    if (bracket)
        put(writer, ")");
    write_factors(writer, sum, under, before, count_vectors(writer, first, sum) > 0);
    writer->pool_count = monomial.first;
}

/* --- sums --- */

static bool is_sum(const struct writer *writer, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    return (node->op == PRIMITIVE_ADD || node->op == PRIMITIVE_SUBTRACT) &&
           !writer_named(writer, id);
}

static bool same_factors(const struct writer *writer, const struct monomial *a,
                         const struct monomial *b)
{
    if (a->count != b->count)
        return false;
    for (int i = 0; i < a->count; i++) {
        const struct factor *factor = &writer->pool[a->first + i];
        int k = 0;
        while (k < b->count && (!same_base(writer, &writer->pool[b->first + k], factor) ||
                                writer->pool[b->first + k].power != factor->power))
            k++;
        if (k == b->count)
            return false;
    }
    return true;
}

struct terms {
    struct monomial *list;
    int count;
};

static void gather_terms(struct writer *writer, node_id id, double factor, struct terms *terms,
                         bool top);

static bool new_terms(struct writer *writer, struct terms *terms)
{
    *terms = (struct terms){memory_allocate(writer->out.context, TERM_LIMIT, sizeof *terms->list),
                            0};
    if (!terms->list)
        writer->out.failed = true;
    return terms->list != NULL;
}

/* Each level asks the next several times. */
enum { SPREAD_DEPTH = 3 };

/* Whether k·(a + b) reads better as k·a + k·b: 2·(1 + x/2). */
static bool reads_better_spread(struct writer *writer, node_id sum, double number)
{
    struct terms terms;
    if (writer->spread_depth >= SPREAD_DEPTH || !new_terms(writer, &terms))
        return false;
    writer->spread_depth++;
    int mark = writer->pool_count, together = ugliness(writer, number), apart = 0;
    gather_terms(writer, sum, 1, &terms, false);
    for (int i = 0; i < terms.count; i++) {
        together += ugliness(writer, terms.list[i].number);
        apart += ugliness(writer, number * terms.list[i].number);
    }
    writer->spread_depth--;
    writer->pool_count = mark;
    memory_free(writer->out.context, terms.list);
    return apart < together;
}

static bool is_plain_sum(const struct writer *writer, const struct factor *factor)
{
    return factor->power == 1 && factor->kind == PLAIN && is_sum(writer, factor->base);
}

/* k·(a + b) that is written as k·a + k·b; with k = 1 and −1 always. */
static bool is_spread(struct writer *writer, const struct monomial *monomial)
{
    if (monomial->count != 1 || !is_plain_sum(writer, &writer->pool[monomial->first]))
        return false;
    return fabs(monomial->number) == 1 ||
           reads_better_spread(writer, writer->pool[monomial->first].base, monomial->number);
}

/* 2·sin(u)·(x + y/2) is sin(u)·(2·x + y). The sign stays outside. */
static void move_number_inside(struct writer *writer, struct monomial *monomial)
{
    double number = fabs(monomial->number);
    if (number == 1 || !isfinite(number))
        return;
    for (int i = monomial->first; i < monomial->first + monomial->count; i++) {
        if (!is_plain_sum(writer, &writer->pool[i]) ||
            !reads_better_spread(writer, writer->pool[i].base, number))
            continue;
        writer->pool[i].scale = number;
        monomial->number = monomial->number < 0 ? -1 : 1;
        return;
    }
}

/* A product that is written as a sum. */
static bool is_spread_node(struct writer *writer, node_id id)
{
    struct monomial monomial = monomial_of(writer, id, true);
    bool result = is_spread(writer, &monomial);
    writer->pool_count = monomial.first;
    return result;
}

/* Python: Σᵢ v/I is a mean. */
static void find_mean(struct writer *writer, struct monomial *monomial)
{
    struct factor *list = writer->pool + monomial->first;
    int sum = -1, count = -1, sums = 0;
    for (int i = 0; is_python(writer) && i < monomial->count; i++) {
        if (list[i].kind != PLAIN || writer_named(writer, list[i].base))
            continue;
        enum primitive op = NODE(writer->graph, list[i].base)->op;
        if (op == PRIMITIVE_COUNT && list[i].power == -1)
            count = i;
        if (op == PRIMITIVE_SUM_EXAMPLES && list[i].power == 1) {
            sum = i;
            sums++;
        }
    }
    if (count < 0 || sums != 1 ||
        NODE(writer->graph, NODE(writer->graph, list[sum].base)->a)->op == PRIMITIVE_SUM ||
        NODE(writer->graph, NODE(writer->graph, list[sum].base)->a)->op == PRIMITIVE_MATMUL)
        return;
    writer->mean = list[sum].base;
    memmove(list + count, list + count + 1, (size_t)(monomial->count - count - 1) * sizeof *list);
    monomial->count--;
}

/* Adds the monomial, which is the last one on the pool, to a like term or as a new one. */
static bool add_term(struct writer *writer, struct terms *terms, struct monomial monomial)
{
    for (int i = 0; i < terms->count; i++) {
        if (same_factors(writer, &terms->list[i], &monomial)) {
            terms->list[i].number += monomial.number;
            writer->pool_count = monomial.first;
            return true;
        }
    }
    if (terms->count < TERM_LIMIT)
        terms->list[terms->count++] = monomial;
    return false;
}

/* Adds factor·id to the terms. */
static void gather_terms(struct writer *writer, node_id id, double factor, struct terms *terms,
                         bool top)
{
    const struct node *node = NODE(writer->graph, id);
    if ((top || !writer_named(writer, id)) &&
        (node->op == PRIMITIVE_ADD || node->op == PRIMITIVE_SUBTRACT)) {
        gather_terms(writer, node->a, factor, terms, false);
        gather_terms(writer, node->b, node->op == PRIMITIVE_SUBTRACT ? -factor : factor, terms,
                     false);
        return;
    }
    struct monomial monomial = monomial_of(writer, id, top);
    if (is_spread(writer, &monomial)) {
        node_id inner = writer->pool[monomial.first].base;
        writer->pool_count = monomial.first;
        gather_terms(writer, inner, factor * monomial.number, terms, false);
        return;
    }
    monomial.number *= factor;
    add_term(writer, terms, monomial);
}

/* A copy of a monomial on top of the pool. */
static struct monomial copy_monomial(struct writer *writer, struct monomial monomial)
{
    struct monomial copy = {monomial.number, writer->pool_count, monomial.count};
    for (int k = 0; k < monomial.count; k++)
        push_factor(writer, writer->pool[monomial.first + k]);
    return copy;
}

/* Whether a term k·(a + b) has a like term of a or b among the others. */
static bool meets_like_terms(struct writer *writer, const struct terms *terms, int place)
{
    struct monomial monomial = terms->list[place];
    struct terms inner;
    if (monomial.count != 1 || !is_plain_sum(writer, &writer->pool[monomial.first]) ||
        !new_terms(writer, &inner))
        return false;
    int mark = writer->pool_count;
    bool found = false;
    gather_terms(writer, writer->pool[monomial.first].base, 1, &inner, false);
    for (int i = 0; i < inner.count; i++)
        for (int k = 0; k < terms->count; k++)
            found = found || (k != place && same_factors(writer, &inner.list[i], &terms->list[k]));
    writer->pool_count = mark;
    memory_free(writer->out.context, inner.list);
    return found;
}

/* 800·x² − 400·(y − x²) is 1200·x² − 400·y. */
static void spread_into_like_terms(struct writer *writer, struct terms *terms)
{
    for (int i = 0; i < terms->count; i++) {
        if (!meets_like_terms(writer, terms, i))
            continue;
        struct monomial monomial = terms->list[i];
        node_id sum = writer->pool[monomial.first].base;
        memmove(terms->list + i, terms->list + i + 1,
                (size_t)(--terms->count - i) * sizeof *terms->list);
        gather_terms(writer, sum, monomial.number, terms, false);
        i = -1;
    }
}

static void drop_zeros(struct terms *terms)
{
    int left = 0;
    for (int i = 0; i < terms->count; i++)
        if (terms->list[i].number != 0)
            terms->list[left++] = terms->list[i];
    terms->count = left;
}

/* The degree of a term in a single variable (NO_NODE: not yet known); −1: it is something else. */
static int degree_of(const struct writer *writer, const struct monomial *term, node_id *variable)
{
    if (term->count == 0)
        return 0;
    const struct factor *factor = &writer->pool[term->first];
    if (term->count > 1 || factor->kind != PLAIN || factor->power < 0 ||
        NODE(writer->graph, factor->base)->op > PRIMITIVE_INPUT ||
        (*variable != NO_NODE && *variable != factor->base))
        return -1;
    *variable = factor->base;
    return factor->power;
}

/* A polynomial whose terms neither rise nor fall is put in falling order. */
static void order_polynomial(const struct writer *writer, struct terms *terms)
{
    node_id variable = NO_NODE;
    bool rises = true, falls = true;
    for (int i = 0, before = 0; i < terms->count; i++) {
        int degree = degree_of(writer, &terms->list[i], &variable);
        if (degree < 0)
            return;
        rises = rises && (i == 0 || degree > before);
        falls = falls && (i == 0 || degree < before);
        before = degree;
    }
    for (int i = 1; i < terms->count && !rises && !falls; i++)
        for (int k = i; k > 0 && degree_of(writer, &terms->list[k], &variable) >
                                     degree_of(writer, &terms->list[k - 1], &variable);
             k--) {
            struct monomial swap = terms->list[k];
            terms->list[k] = terms->list[k - 1];
            terms->list[k - 1] = swap;
        }
}

/* A vector of zeros where all terms cancel. */
static void write_nothing(struct writer *writer, node_id id)
{
    if (is_python(writer) && is_vector(writer, id))
        put(writer, writer->notation == NOTATION_NUMPY ? "np.zeros(%d)" : "torch.zeros(%d)",
            shape_size(NODE(writer->graph, id)->shape));
    else if (is_lua(writer) && is_vector(writer, id))
        put(writer, "zeros(%d)", shape_size(NODE(writer->graph, id)->shape));
    else
        put(writer, "0");
}

/* scale·id, which is a sum, or scale·(a product that is written as one). */
static void write_sum(struct writer *writer, node_id id, double scale)
{
    struct terms terms;
    if (!new_terms(writer, &terms))
        return;
    int mark = writer->pool_count, first = 0;
    gather_terms(writer, id, scale, &terms, true);
    spread_into_like_terms(writer, &terms);
    drop_zeros(&terms);
    order_polynomial(writer, &terms);
    /* The first positive term leads; the others follow as written. */
    while (first < terms.count && terms.list[first].number < 0)
        first++;
    if (first == terms.count)
        first = 0;
    for (int i = 0; i < terms.count && !writer->out.failed; i++) {
        int place = i == 0 ? first : i <= first ? i - 1 : i;
        struct monomial monomial = terms.list[place];
        bool negative = monomial.number < 0;
        if (i > 0)
            put_sign(writer, negative ? SIGN(" − ", " - ", " - ", " - ")
                                      : SIGN(" + ", " + ", " + ", " + "));
        else if (negative)
            put_sign(writer, SIGN("−", "-", "-", "-"));
        write_monomial(writer, copy_monomial(writer, monomial), true);
    }
    if (terms.count == 0)
        write_nothing(writer, id);
    writer->pool_count = mark;
    memory_free(writer->out.context, terms.list);
}

/* --- everything --- */

static enum precedence usual_precedence(struct writer *writer, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    if (writer_named(writer, id))
        return ATOM_LEVEL;
    int power;
    switch (node->op) {
    case PRIMITIVE_ADD:
    case PRIMITIVE_SUBTRACT: return SUM_LEVEL;
    case PRIMITIVE_PAD:
        if (!is_unit(writer->graph, id))
            return ATOM_LEVEL;
        /* fall through */
    case PRIMITIVE_MULTIPLY:
    case PRIMITIVE_DIVIDE: {
        struct monomial monomial = monomial_of(writer, id, true);
        bool sum = monomial.number < 0 || is_spread(writer, &monomial);
        writer->pool_count = monomial.first;
        return sum ? SUM_LEVEL : PRODUCT_LEVEL;
    }
    case PRIMITIVE_CONSTANT: {
        struct coefficient coefficient = {.below = 1};
        if (is_program(writer) && is_vector(writer, id))
            return node->number == 1 ? ATOM_LEVEL : PRODUCT_LEVEL;
        if (!short_decimal(node->number))
            coefficient = coefficient_of(writer, node->number);
        if (node->number < 0)
            return SUM_LEVEL;
        bool product = coefficient.below != 1 || (coefficient.name && coefficient.above != 1) ||
                       coefficient.name_below;
        return product ? PRODUCT_LEVEL : ATOM_LEVEL;
    }
    case PRIMITIVE_SUM_EXAMPLES: return PRODUCT_LEVEL;
    case PRIMITIVE_MATMUL: return is_lua(writer) ? ATOM_LEVEL : PRODUCT_LEVEL;
    case PRIMITIVE_WHERE: return is_mask(writer, id) ? PRODUCT_LEVEL : ATOM_LEVEL;
    case PRIMITIVE_POWER:
        return whole_power(writer->graph, node, &power) && power < 0 ? PRODUCT_LEVEL : POWER_LEVEL;
    default: return ATOM_LEVEL;
    }
}

static enum precedence precedence_of(struct writer *writer, node_id id)
{
    enum precedence usual = usual_precedence(writer, id);
    return is_python(writer) ? python_precedence(writer, id, usual) : usual;
}

static void write_power(struct writer *writer, const struct node *node)
{
    write_node(writer, node->a, ATOM_LEVEL);
    put(writer, is_latex(writer) ? "^{" : is_python(writer) ? "**" : "^");
    write_node(writer, node->b, is_latex(writer) ? SUM_LEVEL : ATOM_LEVEL);
    if (is_latex(writer))
        put(writer, "}");
}

static void write_call(struct writer *writer, const char *name, node_id id)
{
    put(writer, "%s", name);
    open_bracket(writer);
    int count = graph_argument_count(writer->graph, id);
    for (int i = 0; i < count; i++) {
        if (i > 0)
            put(writer, ", ");
        write_node(writer, graph_argument(writer->graph, id, i), SUM_LEVEL);
    }
    close_bracket(writer);
}

/* Whether a node is 1 where something holds, else 0. */
static bool is_truth(const struct graph *graph, node_id id, int depth)
{
    const struct node *node = NODE(graph, id);
    if (node->op == PRIMITIVE_GREATER || node->op == PRIMITIVE_EQUAL)
        return true;
    bool joins = node->op == PRIMITIVE_MINIMUM || node->op == PRIMITIVE_MAXIMUM;
    return joins && depth > 0 && is_truth(graph, node->a, depth - 1) &&
           is_truth(graph, node->b, depth - 1);
}

enum { TRUTH_DEPTH = 12 };

/* min(p, q) is "p and q", max(p, q) "p or q"; their opposites change places. */
static void write_joined(struct writer *writer, const struct node *node, bool inverse)
{
    bool both = (node->op == PRIMITIVE_MINIMUM) != inverse;
    for (int i = 0; i < 2; i++) {
        node_id part = i == 0 ? node->a : node->b;
        enum primitive op = NODE(writer->graph, part)->op;
        bool bracket = op == PRIMITIVE_MINIMUM || op == PRIMITIVE_MAXIMUM || is_python(writer);
        if (i > 0 && is_python(writer))
            put(writer, both ? " & " : " | ");
        else if (i > 0)
            put_sign(writer, both ? SIGN(" ∧ ", " and ", " \\wedge ", " and ")
                                  : SIGN(" ∨ ", " or ", " \\vee ", " or "));
        if (bracket)
            open_bracket(writer);
        write_condition(writer, part, inverse);
        if (bracket)
            close_bracket(writer);
    }
}

static void write_comparison(struct writer *writer, const struct node *node, bool inverse)
{
    /* 0 > x is x < 0, and −x > 0 as well. */
    node_id left = node->a, right = node->b;
    bool turned = NODE(writer->graph, left)->op == PRIMITIVE_CONSTANT;
    if (turned) {
        left = node->b;
        right = node->a;
    }
    struct monomial monomial = monomial_of(writer, left, false);
    bool negative = monomial.number < 0 && is_zero(writer->graph, right);
    if (negative) {
        turned = !turned;
        write_monomial(writer, monomial, true);
    } else {
        writer->pool_count = monomial.first;
        write_node(writer, left, SUM_LEVEL);
    }
    if (is_python(writer))
        put(writer, "%s",
            node->op == PRIMITIVE_EQUAL ? (inverse ? " != " : " == ")
            : turned                    ? (inverse ? " >= " : " < ")
                                        : (inverse ? " <= " : " > "));
    else if (node->op == PRIMITIVE_EQUAL)
        put_sign(writer,
                 inverse ? SIGN(" ≠ ", " ~= ", " \\ne ", "") : SIGN(" = ", " = ", " = ", ""));
    else if (turned)
        put_sign(writer,
                 inverse ? SIGN(" ≥ ", " >= ", " \\ge ", "") : SIGN(" < ", " < ", " < ", ""));
    else
        put_sign(writer,
                 inverse ? SIGN(" ≤ ", " <= ", " \\le ", "") : SIGN(" > ", " > ", " > ", ""));
    write_node(writer, right, SUM_LEVEL);
}

/* What holds where a node is not 0 (inverse: is 0). */
static void write_condition(struct writer *writer, node_id id, bool inverse)
{
    const struct graph *graph = writer->graph;
    const struct node *node = NODE(graph, id);
    bool truth = is_truth(graph, id, TRUTH_DEPTH);
    if (writer_named(writer, id) || !truth) {
        write_node(writer, id, SUM_LEVEL);
        if (inverse)
            put(writer, is_python(writer) ? " == 0" : " = 0");
        else if (is_python(writer))
            put(writer, " != 0");
        else if (!truth)
            put_sign(writer, SIGN(" ≠ 0", " ~= 0", " \\ne 0", ""));
    } else if (node->op == PRIMITIVE_EQUAL && is_zero(graph, node->b) &&
               is_truth(graph, node->a, TRUTH_DEPTH)) {
        write_condition(writer, node->a, !inverse);
    } else if (node->op == PRIMITIVE_MINIMUM || node->op == PRIMITIVE_MAXIMUM) {
        write_joined(writer, node, inverse);
    } else {
        write_comparison(writer, node, inverse);
    }
}

void writer_condition(struct writer *writer, node_id id)
{
    write_condition(writer, id, false);
}

bool writer_is_truth(const struct graph *graph, node_id id)
{
    return is_truth(graph, id, TRUTH_DEPTH);
}

static void write_where(struct writer *writer, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    put_sign(writer, SIGN("where(", "where(", "\\operatorname{where}\\left(", "where("));
    if (is_lua(writer))
        write_node(writer, node->a, SUM_LEVEL);
    else
        write_condition(writer, node->a, false);
    put(writer, ", ");
    write_node(writer, node->b, SUM_LEVEL);
    put(writer, ", ");
    write_node(writer, node->c, SUM_LEVEL);
    close_bracket(writer);
}

/* An operand of a matrix product as an array of the language: a column is a list, so that it has
 * to be laid down or set up where that matters. */
static void write_lua_operand(struct writer *writer, node_id id, bool transposed, bool left)
{
    struct shape shape = NODE(writer->graph, id)->shape;
    write_node(writer, id, ATOM_LEVEL);
    if (shape.cols == 1 && transposed)
        put(writer, ":reshape(1, %d)", shape.rows);
    else if (shape.cols == 1 && left)
        put(writer, ":reshape(%d, 1)", shape.rows);
    else if (transposed)
        put(writer, ":t()");
}

/* A vector or a row times a number, in the shape of the product. */
static void write_lua_scaled(struct writer *writer, node_id id, struct shape shape)
{
    struct shape own = NODE(writer->graph, id)->shape;
    write_node(writer, id, ATOM_LEVEL);
    if (shape.cols == 1 && own.cols > 1)
        put(writer, ":reshape(%d)", shape.rows);
    else if (shape.cols > 1 && own.cols == 1)
        put(writer, ":reshape(1, %d)", shape.cols);
}

static void write_lua_matmul(struct writer *writer, const struct node *node)
{
    struct shape s = NODE(writer->graph, node->a)->shape, t = NODE(writer->graph, node->b)->shape;
    if (shape_is_scalar(s) || shape_is_scalar(t)) {
        bool left = shape_is_scalar(t);
        put(writer, "(");
        write_lua_scaled(writer, left ? node->a : node->b, node->shape);
        put(writer, "*");
        write_node(writer, left ? node->b : node->a, POWER_LEVEL);
        put(writer, ")");
        return;
    }
    if (node->transpose_a && !node->transpose_b && s.cols == 1 && t.cols == 1) {
        put(writer, "dot(");
        write_node(writer, node->a, SUM_LEVEL);
        put(writer, ", ");
        write_node(writer, node->b, SUM_LEVEL);
        put(writer, ")");
        return;
    }
    put(writer, "matmul(");
    write_lua_operand(writer, node->a, node->transpose_a, true);
    put(writer, ", ");
    write_lua_operand(writer, node->b, node->transpose_b, false);
    put(writer, ")");
    bool flat = t.cols == 1 && !node->transpose_b; /* the result has one dimension */
    if (shape_is_scalar(node->shape))
        put(writer, flat ? "[1]" : "[1][1]");
    else if (node->shape.cols == 1 && !flat)
        put(writer, ":reshape(%d)", node->shape.rows);
}

static void write_matmul(struct writer *writer, const struct node *node)
{
    if (is_lua(writer)) {
        write_lua_matmul(writer, node);
        return;
    }
    struct sign transposed = SIGN("ᵀ", "'", "^{\\top}", "");
    bool bare = NODE(writer->graph, node->a)->op == PRIMITIVE_MATMUL && !node->transpose_a;
    write_node(writer, node->a,
               node->transpose_a ? ATOM_LEVEL
               : bare            ? PRODUCT_LEVEL
                                 : POWER_LEVEL);
    if (node->transpose_a)
        put_sign(writer, transposed);
    put_sign(writer, SIGN("·", "*", " ", ""));
    write_node(writer, node->b, node->transpose_b ? ATOM_LEVEL : POWER_LEVEL);
    if (node->transpose_b)
        put_sign(writer, transposed);
}

static void write_slice(struct writer *writer, const struct node *node)
{
    write_node(writer, node->a, ATOM_LEVEL);
    put_index(writer, node, node->offset, NODE(writer->graph, node->a)->shape);
}

static void write_concat(struct writer *writer, node_id id)
{
    int count = graph_argument_count(writer->graph, id);
    for (int i = 0; is_lua(writer) && i < count; i++)
        if (is_vector(writer, graph_argument(writer->graph, id, i)))
            writer->reason = "vectors joined into one";
    put_sign(writer, SIGN("(", "(", "\\left(", "array{"));
    for (int i = 0; i < count; i++) {
        if (i > 0)
            put(writer, ", ");
        write_node(writer, graph_argument(writer->graph, id, i), SUM_LEVEL);
    }
    put_sign(writer, SIGN(")", ")", "\\right)", "}"));
}

/* A vector put among zeros: in Lua, rows of the unit matrix times it. */
static void write_pad(struct writer *writer, const struct node *node)
{
    int rows = shape_size(NODE(writer->graph, node->a)->shape);
    if (!is_lua(writer)) {
        put_sign(writer, SIGN("pad(", "pad(", "\\operatorname{pad}\\left(", ""));
        write_node(writer, node->a, SUM_LEVEL);
        close_bracket(writer);
    } else {
        put(writer, "matmul(eye(%d):slice(%d, %d):t(), ", node->shape.rows, node->offset + 1,
            node->offset + rows);
        write_node(writer, node->a, SUM_LEVEL);
        put(writer, ")");
    }
}

static void write_onehot(struct writer *writer, const struct node *node)
{
    if (is_lua(writer))
        put(writer, "eye(%d)[", node->shape.rows);
    else
        put_sign(writer, SIGN("1[", "onehot(", "\\mathbf{1}\\left[", ""));
    write_node(writer, node->a, SUM_LEVEL);
    put_sign(writer, SIGN("=k]", ")", " = k\\right]", "]"));
}

/* Between marks that are brackets themselves. */
static void write_between(struct writer *writer, struct sign open, node_id id, struct sign close)
{
    put_sign(writer, open);
    write_node(writer, id, SUM_LEVEL);
    put_sign(writer, close);
}

static void write_function(struct writer *writer, enum primitive op, node_id id)
{
    static const char *const known[] = {"sin",  "cos", "tan", "sinh", "cosh",
                                        "tanh", "exp", "log", "min",  "max"};
    const char *name = primitive_name(op);
    char buffer[64];
    if (is_latex(writer)) {
        bool own = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            own = own || strcmp(known[i], name) == 0;
        if (op == PRIMITIVE_ASIN || op == PRIMITIVE_ACOS || op == PRIMITIVE_ATAN)
            snprintf(buffer, sizeof buffer, "\\arc%s", name + 1);
        else
            snprintf(buffer, sizeof buffer, own ? "\\%s" : "\\operatorname{%s}", name);
        name = buffer;
    }
    write_call(writer, name, id);
}

static void write_constant(struct writer *writer, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    if (is_python(writer) && is_vector(writer, id)) {
        const char *module = writer->notation == NOTATION_NUMPY ? "np" : "torch";
        if (node->number != 1 && node->number != 0) {
            put_number(writer, node->number);
            put(writer, "*");
        }
        put(writer, "%s.%s(", module, node->number == 0 ? "zeros" : "ones");
        put(writer, node->shape.cols > 1 ? "(%d, %d))" : "%d)", node->shape.rows, node->shape.cols);
    } else if (is_lua(writer) && is_vector(writer, id)) {
        if (node->number != 1) {
            put_number(writer, node->number);
            put(writer, "*");
        }
        put(writer, node->shape.cols > 1 ? "ones(%d, %d)" : "ones(%d)", node->shape.rows,
            node->shape.cols);
    } else if (short_decimal(node->number) || isnan(node->number)) {
        put_number(writer, node->number);
    } else {
        write_monomial(writer, monomial_of(writer, id, true), false);
    }
}

static void write_one(struct writer *writer, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    int power;
    if (writer_named(writer, id)) {
        put_symbol(writer, writer->names[id]);
        return;
    }
    if (is_python(writer) && python_write(writer, id))
        return;
    switch (node->op) {
    case PRIMITIVE_PARAMETER: put_parameter(writer, node); break;
    case PRIMITIVE_INPUT: put_input(writer, node); break;
    case PRIMITIVE_COUNT:
        if (is_lua(writer))
            put(writer, "#%s", writer->counted);
        else
            put(writer, "I");
        break;
    case PRIMITIVE_CONSTANT: write_constant(writer, id); break;
    case PRIMITIVE_ADD:
    case PRIMITIVE_SUBTRACT: write_sum(writer, id, 1); break;
    case PRIMITIVE_MULTIPLY:
    case PRIMITIVE_DIVIDE:
        if (is_spread_node(writer, id))
            write_sum(writer, id, 1);
        else
            write_monomial(writer, monomial_of(writer, id, true), false);
        break;
    case PRIMITIVE_POWER:
        if (whole_power(writer->graph, node, &power))
            write_monomial(writer, monomial_of(writer, id, true), false);
        else
            write_power(writer, node);
        break;
    case PRIMITIVE_WHERE:
        if (is_mask(writer, id))
            write_monomial(writer, monomial_of(writer, id, true), false);
        else
            write_where(writer, id);
        break;
    case PRIMITIVE_GREATER:
    case PRIMITIVE_EQUAL:
        if (is_lua(writer)) {
            write_call(writer, primitive_name(node->op), id);
            break;
        }
        put(writer, is_latex(writer) ? "\\left[" : "[");
        write_condition(writer, id, false);
        put(writer, is_latex(writer) ? "\\right]" : "]");
        break;
    case PRIMITIVE_MATMUL: write_matmul(writer, node); break;
    case PRIMITIVE_SUM_EXAMPLES:
        if (is_lua(writer))
            writer->reason = "a sum over examples inside an expression";
        put_sign(writer, SIGN("Σᵢ ", "sum_i ", "\\sum_i ", ""));
        write_node(writer, node->a, PRODUCT_LEVEL);
        break;
    case PRIMITIVE_SUM:
        if (is_lua(writer)) {
            write_node(writer, node->a, ATOM_LEVEL);
            put(writer, ":sum()");
        } else {
            put_sign(writer, SIGN("sum", "sum", "\\operatorname{sum}", ""));
            write_call(writer, "", id);
        }
        break;
    case PRIMITIVE_SQRT:
        if (is_latex(writer)) {
            write_between(writer, SIGN("", "", "\\sqrt{", ""), node->a, SIGN("", "", "}", ""));
        } else if (writer->notation == NOTATION_UNICODE) {
            put(writer, "√");
            if (writer_named(writer, node->a) ||
                NODE(writer->graph, node->a)->op <= PRIMITIVE_COUNT)
                write_node(writer, node->a, ATOM_LEVEL);
            else
                write_call(writer, "", id);
        } else {
            write_call(writer, "sqrt", id);
        }
        break;
    case PRIMITIVE_ABS:
        write_between(writer, SIGN("|", "|", "\\left|", "abs("), node->a,
                      SIGN("|", "|", "\\right|", ")"));
        break;
    case PRIMITIVE_FLOOR:
        write_between(writer, SIGN("⌊", "floor(", "\\left\\lfloor ", "floor("), node->a,
                      SIGN("⌋", ")", "\\right\\rfloor", ")"));
        break;
    case PRIMITIVE_CONCAT: write_concat(writer, id); break;
    case PRIMITIVE_SLICE: write_slice(writer, node); break;
    case PRIMITIVE_PAD:
        if (is_unit(writer->graph, id))
            write_monomial(writer, monomial_of(writer, id, true), false);
        else
            write_pad(writer, node);
        break;
    case PRIMITIVE_PICK:
        write_node(writer, node->a, ATOM_LEVEL);
        write_between(writer, SIGN("[", "[", "_{", "["), node->b, SIGN("]", "]", "}", "]"));
        break;
    case PRIMITIVE_ONEHOT: write_onehot(writer, node); break;
    default:
        if (is_truth(writer->graph, id, TRUTH_DEPTH) && !is_lua(writer)) {
            put(writer, is_latex(writer) ? "\\left[" : "[");
            write_condition(writer, id, false);
            put(writer, is_latex(writer) ? "\\right]" : "]");
        } else {
            write_function(writer, node->op, id);
        }
    }
}

static void write_bare(struct writer *writer, node_id id)
{
    int axes = writer->axes;
    writer->axes = python_axes(writer->graph, id);
    write_one(writer, id);
    writer->axes = axes;
}

static void write_node(struct writer *writer, node_id id, enum precedence context)
{
    bool further = python_needs_axes(writer, id);
    bool brackets = precedence_of(writer, id) < (further ? ATOM_LEVEL : context);
    if (brackets)
        open_bracket(writer);
    write_bare(writer, id);
    if (brackets)
        close_bracket(writer);
    if (further)
        python_put_axes(writer);
}

void writer_node(struct writer *writer, node_id id, enum precedence context)
{
    write_node(writer, id, context);
}

char *writer_text(struct writer *writer, node_id id)
{
    writer->out = (struct text){.context = writer->out.context};
    writer->defining = id;
    writer->pool_count = 0;
    writer->axes = 0;
    writer->mean = NO_NODE;
    write_node(writer, id, SUM_LEVEL);
    writer->defining = NO_NODE;
    if (writer->out.failed) {
        memory_free(writer->out.context, writer->out.bytes);
        return NULL;
    }
    return writer->out.bytes;
}
