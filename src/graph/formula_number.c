/* SPDX-License-Identifier: GPL-3.0-or-later */
/* formula_number.c: numbers as text: fractions, multiples of π, digits. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/formula_terms.h"

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

bool number_is_short(double number)
{
    char buffer[40];
    snprintf(buffer, sizeof buffer, "%.2g", number);
    return strtod(buffer, NULL) == number;
}

/* Numbers that are known by a name. */
static const struct {
    double value;
    enum sign name;
} constants[] = {
    {3.14159265358979323846, SIGN_PI},     {0.69314718055994530942, SIGN_LOG_2},
    {1.09861228866810969140, SIGN_LOG_3},  {2.30258509299404568402, SIGN_LOG_10},
    {1.41421356237309504880, SIGN_SQRT_2}, {1.73205080756887729353, SIGN_SQRT_3},
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

struct coefficient number_coefficient(const struct writer *writer, double number)
{
    long p, q;
    struct coefficient result = {.above = number, .below = 1};
    if (as_fraction(number, &p, &q)) {
        bool half = (q & (q - 1)) == 0 && (p == 1 || p == -1);
        if (q > 1 && (half || !number_is_short(number))) {
            result.above = (double)p;
            result.below = q;
        }
        return result;
    }
    bool pi_is_taken = false;
    for (int i = 0; i < writer->graph->declaration_count; i++)
        pi_is_taken = pi_is_taken || strcmp(writer->graph->declarations[i].name, "pi") == 0;
    if (number_is_short(number) || !isfinite(number) || pi_is_taken)
        return result;
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (near_fraction(number / constants[i].value, &p, &q))
            return (struct coefficient){(double)p, q, constants[i].name, false};
    if (near_fraction(number * constants[0].value, &p, &q))
        return (struct coefficient){(double)p, q, SIGN_PI, true};
    return result;
}

int number_ugliness(const struct writer *writer, double number)
{
    if (number == floor(number))
        return 0;
    struct coefficient coefficient = number_coefficient(writer, number);
    return coefficient.below != 1 || coefficient.name || number_is_short(number) ? 1 : 3;
}

void writer_number(struct writer *writer, double number)
{
    char buffer[40];
    if (isnan(number)) {
        writer_sign(writer, SIGN_NAN);
        return;
    }
    if (number < 0)
        writer_sign(writer, SIGN_MINUS);
    number = fabs(number);
    if (isinf(number)) {
        writer_sign(writer, SIGN_INFINITY);
        return;
    }
    if (number == floor(number) && number < 1e15) {
        writer_put(writer, "%.0f", number);
        return;
    }
    int digits = writer->style->program ? 14 : 6;
    do
        snprintf(buffer, sizeof buffer, "%.*g", digits, number);
    while (writer->style->program && strtod(buffer, NULL) != number && ++digits <= 17);
    for (char *c = buffer; *c; c++) /* whatever the locale */
        if (*c == ',')
            *c = '.';
    char *exponent = strchr(buffer, 'e');
    if (exponent && writer->style->braces) {
        *exponent = '\0';
        if (strcmp(buffer, "1") != 0)
            writer_put(writer, "%s \\cdot ", buffer);
        writer_put(writer, "10^{%d}", atoi(exponent + 1));
    } else {
        writer_put(writer, "%s", buffer);
    }
}
