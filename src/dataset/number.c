/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dataset/number.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum status number_locale_enter(struct number_locale *locale, struct error *error)
{
    locale->plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (locale->plain == (locale_t)0)
        return error_memory(error, "reading numbers");
    locale->before = uselocale(locale->plain);
    return STATUS_OK;
}

void number_locale_leave(struct number_locale *locale)
{
    uselocale(locale->before);
    freelocale(locale->plain);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The powers of ten that a double holds exactly. */
static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
enum { LARGEST_POWER = 22 };

/* A decimal number as an integer and a power of ten; `exact` while no digit was dropped. */
struct decimal {
    bool negative, exact;
    uint64_t digits;
    long exponent;
};

static bool scan(const char *text, const char *end, struct decimal *decimal)
{
    bool any = false, point = false;
    *decimal = (struct decimal){.exact = true};
    if (text < end && (*text == '-' || *text == '+'))
        decimal->negative = *text++ == '-';
    for (; text < end; text++) {
        if (*text == '.' && !point) {
            point = true;
        } else if (is_digit(*text)) {
            any = true;
            if (decimal->digits >= UINT64_C(100000000000000000)) /* 10^17: no room in 53 bits */
                decimal->exact = false;
            else
                decimal->digits = decimal->digits * 10 + (uint64_t)(*text - '0');
            decimal->exponent -= point;
        } else {
            break;
        }
    }
    if (!any)
        return false;
    if (text < end && (*text == 'e' || *text == 'E')) {
        bool negative = false;
        long exponent = 0;
        text++;
        if (text < end && (*text == '-' || *text == '+'))
            negative = *text++ == '-';
        if (text == end)
            return false;
        for (; text < end && is_digit(*text); text++)
            if (exponent < 100000)
                exponent = exponent * 10 + (*text - '0');
        decimal->exponent += negative ? -exponent : exponent;
    }
    return text == end;
}

static bool is_infinity(const char *text, size_t length)
{
    if (length > 0 && (*text == '-' || *text == '+')) {
        text++;
        length--;
    }
    return (length == 3 && strncasecmp(text, "inf", 3) == 0) ||
           (length == 8 && strncasecmp(text, "infinity", 8) == 0);
}

enum number_kind number_read(const char *text, size_t length, double *value)
{
    struct decimal decimal;
    if (!scan(text, text + length, &decimal)) {
        if (!is_infinity(text, length))
            return NUMBER_NONE;
        *value = *text == '-' ? -HUGE_VAL : HUGE_VAL;
        return NUMBER_INFINITE;
    }
    /* An integer below 2^53 times or over an exact power of ten is rounded once, so correctly
     * (Clinger 1990); where doubles are computed with more bits, it would be rounded twice. */
    if (FLT_EVAL_METHOD == 0 && decimal.exact && decimal.digits <= UINT64_C(9007199254740992) &&
        decimal.exponent >= -LARGEST_POWER && decimal.exponent <= LARGEST_POWER) {
        double digits = (double)decimal.digits;
        *value = decimal.exponent < 0 ? digits / powers[-decimal.exponent]
                                      : digits * powers[decimal.exponent];
        if (decimal.negative)
            *value = -*value;
    } else {
        *value = strtod(text, NULL);
    }
    return isfinite(*value) ? NUMBER_FINITE : NUMBER_INFINITE;
}

size_t number_write(double value, char *buffer, size_t size)
{
    int length = 0;
    for (int digits = 15; digits <= 17; digits++) {
        double back;
        length = snprintf(buffer, size, "%.*g", digits, value);
        if (number_read(buffer, strlen(buffer), &back) == NUMBER_FINITE && back == value)
            break;
    }
    return length < 0 ? 0 : (size_t)length;
}
