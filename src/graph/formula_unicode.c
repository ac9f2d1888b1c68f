/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formula_unicode.c: formulas as one reads them: 2·φ₀ − Σᵢ xᵢ². */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "graph/formula_private.h"

static const struct {
    const char *name, *letter;
} greek[] = {
    {"alpha", "α"}, {"beta", "β"}, {"gamma", "γ"}, {"delta", "δ"}, {"epsilon", "ε"},
    {"zeta", "ζ"},  {"eta", "η"},  {"theta", "θ"}, {"kappa", "κ"}, {"lambda", "λ"},
    {"mu", "μ"},    {"nu", "ν"},   {"xi", "ξ"},    {"rho", "ρ"},   {"sigma", "σ"},
    {"tau", "τ"},   {"phi", "φ"},  {"chi", "χ"},   {"psi", "ψ"},   {"omega", "ω"},
};

const char *formula_greek_letter(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof greek / sizeof *greek; i++)
        if (strlen(greek[i].name) == length && strncmp(greek[i].name, name, length) == 0)
            return greek[i].letter;
    return NULL;
}

size_t formula_stem(const char *name)
{
    size_t length = strcspn(name, "["), stem = length;
    while (stem > 0 && isdigit((unsigned char)name[stem - 1]))
        stem--;
    return stem;
}

static char *symbol(const struct graph *graph, const char *name, char *buffer, size_t size)
{
    static const char *const subscripts[] = {"₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"};
    (void)graph;
    size_t length = strcspn(name, "["), stem = formula_stem(name);
    if (stem == 0 || strchr(name, '_')) {
        snprintf(buffer, size, "%s", name);
        return buffer;
    }
    const char *letter = formula_greek_letter(name, stem);
    size_t used = letter ? (size_t)snprintf(buffer, size, "%s", letter)
                         : (size_t)snprintf(buffer, size, "%.*s", (int)stem, name);
    for (const char *digit = name + stem; digit < name + length && used < size; digit++)
        used += (size_t)snprintf(buffer + used, size - used, "%s", subscripts[*digit - '0']);
    if (used < size)
        snprintf(buffer + used, size - used, "%s", name + length);
    return buffer;
}

static void put_power(struct writer *writer, int power)
{
    static const char *const digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    writer_put(writer, "%s%s", power >= 10 ? digits[power / 10] : "", digits[power % 10]);
}

static bool write(struct writer *writer, node_id id)
{
    const struct node *node = NODE(writer->graph, id);
    if (node->op != PRIMITIVE_SQRT)
        return false;
    writer_put(writer, "√");
    if (writer_named(writer, node->a) || NODE(writer->graph, node->a)->op <= PRIMITIVE_COUNT)
        writer_node(writer, node->a, ATOM_LEVEL);
    else
        writer_call(writer, "", id);
    return true;
}

const struct style style_unicode = {
    .signs = {[SIGN_EXAMPLE] = "ᵢ",     [SIGN_MINUS] = "−",          [SIGN_SUBTRACT] = " − ",
              [SIGN_TIMES] = "·",       [SIGN_TIMES_NUMBER] = "·",   [SIGN_TIMES_ELEMENTWISE] = "⊙",
              [SIGN_TRANSPOSED] = "ᵀ",  [SIGN_SUM_EXAMPLES] = "Σᵢ ", [SIGN_OPEN_FLOOR] = "⌊",
              [SIGN_CLOSE_FLOOR] = "⌋", [SIGN_OPEN_ONEHOT] = "1[",   [SIGN_CLOSE_ONEHOT] = "=k]",
              [SIGN_UNEQUAL] = " ≠ ",   [SIGN_AT_MOST] = " ≤ ",      [SIGN_AT_LEAST] = " ≥ ",
              [SIGN_AND] = " ∧ ",       [SIGN_OR] = " ∨ ",           [SIGN_INFINITY] = "∞",
              [SIGN_PI] = "π",          [SIGN_SQRT_2] = "√2",        [SIGN_SQRT_3] = "√3"},
    .write = write,
    .symbol = symbol,
    .power = put_power,
};
