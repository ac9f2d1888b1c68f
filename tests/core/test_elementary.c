/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The measure is the C library's long double of 64 bits, where there is one; otherwise (other
 * processors, valgrind) its double, which may itself be off by a unit. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/generator.h"
#include "graph/elementary.h"

static bool long_double_is_longer(void)
{
    volatile long double small = 0x1p-60L, sum = 1 + small;
    return sum != 1;
}

static long double sigmoid_long(long double x)
{
    return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x));
}

static double sigmoid(double x)
{
    return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

static long double softplus_long(long double x)
{
    return fmaxl(x, 0) + log1pl(expl(-fabsl(x)));
}

static double softplus(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

struct function {
    const char *name;
    double (*ours)(double);
    long double (*exact)(long double);
    double (*library)(double);
    double bound; /* as elementary.h promises */
    double limit; /* of |x| */
    bool odd;
};

#define FUNCTION(name, bound, limit, odd)                          \
    {                                                              \
#name, elementary_##name, name##l, name, bound, limit, odd \
    }

static const struct function functions[] = {
    FUNCTION(exp, 1.05, INFINITY, false),
    FUNCTION(expm1, 1.85, INFINITY, false),
    FUNCTION(log, 0.85, INFINITY, false),
    FUNCTION(log1p, 1.45, INFINITY, false),
    FUNCTION(tanh, 2.55, INFINITY, true),
    FUNCTION(sinh, 1.95, INFINITY, true),
    FUNCTION(cosh, 1.7, INFINITY, false),
    FUNCTION(sin, 2.15, ELEMENTARY_SINCOS_LIMIT, true),
    FUNCTION(cos, 2.15, ELEMENTARY_SINCOS_LIMIT, false),
    FUNCTION(tan, 2.85, ELEMENTARY_SINCOS_LIMIT, true),
    FUNCTION(asin, 0.9, INFINITY, true),
    FUNCTION(acos, 0.8, INFINITY, false),
    FUNCTION(atan, 0.9, INFINITY, true),
    {"sigmoid", elementary_sigmoid, sigmoid_long, sigmoid, 2.45, INFINITY, false},
    {"softplus", elementary_softplus, softplus_long, softplus, 2.1, INFINITY, false},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

/* The distance of two neighbours at x. */
static double unit(double x)
{
    int exponent;
    if (fabs(x) < DBL_MIN)
        return 0x1p-1074;
    frexp(x, &exponent);
    return ldexp(1, exponent - 53);
}

/* In units in the last place; infinite where the two are not of a kind. */
static double distance(double got, long double expected)
{
    double rounded = (double)expected;
    if (isnan(rounded))
        return isnan(got) ? 0 : INFINITY;
    if (isinf(rounded))
        return got == rounded ? 0 : INFINITY;
    if (got == rounded && got == 0)
        return signbit(got) == signbit(rounded) ? 0 : INFINITY;
    return isfinite(got) ? (double)fabsl((long double)got - expected) / unit(rounded) : INFINITY;
}

static void hold(const struct function *function, double x)
{
    static bool asked, longer;
    if (!asked)
        asked = true, longer = long_double_is_longer();
    double got = function->ours(x);
    double error = longer ? distance(got, function->exact(x))
                          : distance(got, function->library(x)) - 1;
    if (!(error <= function->bound))
        cr_assert_fail("%s(%a) = %a is off by %g units", function->name, x, got, error);
    if (function->odd)
        cr_assert(function->ours(-x) == -got || isnan(got), "%s(%a)", function->name, -x);
}

Test(elementary, errors_stay_within_the_promised_units)
{
    struct generator generator;
    generator_seed(&generator, 7);
    for (int f = 0; f < FUNCTIONS; f++)
        for (int i = 0; i < 60000; i++) {
            uint64_t bits = (uint64_t)generator_bits(&generator) << 32 | generator_bits(&generator);
            double u = 2 * generator_uniform(&generator) - 1, x;
            if (i % 3 == 0)
                memcpy(&x, &bits, sizeof x);
            else
                x = ldexp(u, (int)(bits % (i % 3 == 1 ? 12 : 70)) - (i % 3 == 1 ? 1 : 60));
            hold(&functions[f],
                 fabs(x) > functions[f].limit && isfinite(x) ? fmod(x, functions[f].limit) : x);
        }
}

/* Where formulas change, results overflow, vanish or lose bits; and the neighbours of each. */
Test(elementary, every_kind_of_argument)
{
    static const double arguments[] = {0,
                                       0x1p-1074,
                                       0x1p-1060,
                                       DBL_MIN,
                                       0x1p-1021,
                                       0x1p-60,
                                       0x1p-54,
                                       0x1p-53,
                                       0x1p-28,
                                       0x1p-27,
                                       0.25,
                                       0x1.62e42fefa39efp-2,
                                       0x1.cp-2,
                                       0.5,
                                       0x1.6p-1,
                                       M_SQRT1_2,
                                       M_PI_4,
                                       1,
                                       0x1.3p+0,
                                       0x1.0a2b23f3bab73p+0 /* 3·log(2)/2 */,
                                       M_SQRT2,
                                       M_PI_2,
                                       2,
                                       0x1.38p+1,
                                       M_PI,
                                       18.7,
                                       19.06,
                                       22,
                                       36.04,
                                       36.74,
                                       37,
                                       40,
                                       50,
                                       0x1p10,
                                       0x1p15,
                                       708.39,
                                       708.3964185322641,
                                       709.43,
                                       709.782712893384,
                                       710,
                                       710.4758600739439,
                                       710.6,
                                       711,
                                       744.4400719213812,
                                       745.1332191019411,
                                       746,
                                       1000,
                                       0x1p20,
                                       0x1p52,
                                       0x1p53,
                                       0x1p54,
                                       0x1p60,
                                       1e300,
                                       0x1p1023,
                                       DBL_MAX,
                                       INFINITY,
                                       NAN};
    for (int f = 0; f < FUNCTIONS; f++)
        for (size_t a = 0; a < sizeof arguments / sizeof *arguments; a++)
            for (int sign = -1; sign <= 1; sign += 2)
                for (int step = -1; step <= 1; step++) {
                    double x = sign * arguments[a];
                    x = step ? nextafter(x, step * INFINITY) : x;
                    if (fabs(x) <= functions[f].limit || !isfinite(x))
                        hold(&functions[f], x);
                }
}

/* The double next to a multiple of π/2 leaves as little as 2^−60 after reduction. */
Test(elementary, circular_functions_next_to_their_zeros_and_poles)
{
    const long double half_pi = 1.570796326794896619231321691639751442L;
    for (int f = 0; f < FUNCTIONS; f++)
        if (isfinite(functions[f].limit))
            for (int n = 1; n < 667544; n += n < 1000 ? 1 : 37) {
                double x = (double)(n * half_pi);
                hold(&functions[f], x);
                hold(&functions[f], nextafter(x, 0));
                hold(&functions[f], nextafter(x, INFINITY));
            }
}

Test(elementary, sine_and_cosine_together_are_the_same)
{
    struct generator generator;
    generator_seed(&generator, 8);
    for (int i = 0; i < 10000; i++) {
        double x = 100 * (2 * generator_uniform(&generator) - 1), sine, cosine;
        elementary_sincos(x, &sine, &cosine);
        cr_assert_eq(sine, elementary_sin(x));
        cr_assert_eq(cosine, elementary_cos(x));
    }
}

Test(elementary, what_is_beyond_the_reach_of_a_quick_way_is_noticed)
{
    static const double within[] = {1, -2, 0x1p-1074, 0x1p20, -1e-300, -0x1p20, 1e6, 0, -0.0, 3};
    static const double beyond[] = {
        0x1.0000000000001p20, -0x1.0000000000001p20, 1e300, -1e300, INFINITY, -INFINITY, NAN, -NAN};
    for (size_t i = 0; i < sizeof within / sizeof *within; i++)
        cr_assert_eq(elementary_beyond(within[i], ELEMENTARY_SINCOS_LIMIT) >> 63, 0);
    for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++)
        cr_assert_eq(elementary_beyond(beyond[i], ELEMENTARY_SINCOS_LIMIT) >> 63, 1);
}

Test(elementary, the_quick_way_of_exp_is_the_same)
{
    struct generator generator;
    generator_seed(&generator, 9);
    for (int i = 0; i < 100000; i++) {
        double x = ELEMENTARY_EXP_LIMIT * (2 * generator_uniform(&generator) - 1);
        cr_assert_eq(elementary_exp_near(x), elementary_exp(x), "at %a", x);
    }
    for (int sign = -1; sign <= 1; sign += 2)
        cr_assert_eq(elementary_exp_near(sign * ELEMENTARY_EXP_LIMIT),
                     elementary_exp(sign * ELEMENTARY_EXP_LIMIT));
}

static void hold_power(double x, double y, bool longer)
{
    double got = elementary_pow(x, y);
    double error = longer ? distance(got, powl(x, y)) : distance(got, pow(x, y)) - 1;
    if (!(error <= 1.6))
        cr_assert_fail("%a^%a = %a is off by %g units", x, y, got, error);
}

Test(elementary, powers)
{
    static const double special[] = {0,
                                     1,
                                     2,
                                     3,
                                     0.5,
                                     1.5,
                                     10,
                                     0.1,
                                     308,
                                     323,
                                     1022.5,
                                     1023,
                                     1024,
                                     1074,
                                     1075,
                                     0x1p-1074,
                                     DBL_MIN,
                                     1e-300,
                                     1e300,
                                     DBL_MAX,
                                     0x1p52,
                                     0x1p52 + 1,
                                     0x1p53 - 1,
                                     0x1p53,
                                     0x1p53 + 2,
                                     0x1.fffffffffffffp-1,
                                     0x1.0000000000001p+0,
                                     M_SQRT2,
                                     INFINITY,
                                     NAN};
    enum { SPECIAL = sizeof special / sizeof *special };
    bool longer = long_double_is_longer();
    for (int i = 0; i < SPECIAL; i++)
        for (int j = 0; j < SPECIAL; j++)
            for (int signs = 0; signs < 4; signs++)
                hold_power(signs & 1 ? -special[i] : special[i],
                           signs & 2 ? -special[j] : special[j], longer);
    struct generator generator;
    generator_seed(&generator, 9);
    for (int i = 0; i < 100000; i++) {
        double u = 2 * generator_uniform(&generator) - 1, v = 2 * generator_uniform(&generator) - 1;
        double wide = ldexp(1 + fabs(u), (int)(generator_bits(&generator) % 2098) - 1074);
        double near = 1 + ldexp(u, -(int)(generator_bits(&generator) % 50));
        hold_power(wide, 1080 * v / fabs(log2(wide)), longer); /* every size of result */
        hold_power(near, 1080 * v / fabs(log2(near)), longer);
        hold_power(10 * u, floor(20 * v), longer);
    }
}
