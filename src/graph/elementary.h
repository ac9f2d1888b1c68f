/* SPDX-License-Identifier: GPL-3.0-or-later */
/* elementary.h: elementary functions that a compiler turns into vector instructions.
 *
 * Branch-free plain C over one number: a loop that calls one of these vectorises with gcc and
 * clang at -O3 -fno-math-errno -fno-trapping-math for every width of vector. They call nothing but
 * sqrt, read no tables and keep to what each instruction set has for 64-bit lanes: no conversion
 * between integers and doubles, no arithmetic shift, no comparison of integers. pow alone pays
 * only from AVX2 on: gcc makes no vectors of it for plain x86-64, where the C library's is faster.
 *
 * Correct for every argument: infinities, NaN, subnormal numbers and results, signed zeros,
 * overflow and underflow; odd functions are odd to the last bit. The exceptions are sin, cos,
 * sincos and tan, whose reduction holds to ELEMENTARY_SINCOS_LIMIT; beyond it their value is
 * wrong, so a caller asks elementary_beyond about a whole block too and takes the C library's
 * functions for a block that is. elementary_exp_near is the quicker part of exp.
 *
 * Largest errors in units in the last place, measured against 80-bit long double at 30 million
 * arguments over the whole range, and rounded up a little (tests/core/test_elementary.c holds each
 * function to them):
 *
 *     exp 1.05   expm1 1.85   sigmoid 2.45   tanh 2.55   log 0.85   log1p 1.45   softplus 2.1
 *     sin 2.15   cos 2.15     tan 2.85       sinh 1.95   cosh 1.7   pow 1.6
 *     asin 0.9   acos 0.8     atan 0.9
 *
 * They hold with and without contraction of a·b + c into one operation: a product whose rounding
 * error matters is exact. -ffast-math and its like break them.
 *
 * Polynomials are minimax fits with coefficients rounded to doubles (Sollya's fpminimax).
 * Reductions subtract multiples of a constant in parts whose products are exact (Cody and Waite).
 * 2^k is made by writing k into the exponent.
 */
#ifndef DESCENT_GRAPH_ELEMENTARY_H
#define DESCENT_GRAPH_ELEMENTARY_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* --- parts ------------------------------------------------------------------------------------ */

static inline uint64_t elementary_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double elementary_from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

#define ELEMENTARY_SIGN ((uint64_t)1 << 63)
#define ELEMENTARY_INFINITY (elementary_from_bits((uint64_t)0x7ff << 52))
#define ELEMENTARY_NAN (elementary_from_bits((uint64_t)0xfff8 << 48))

static inline double elementary_absolute(double x)
{
    return elementary_from_bits(elementary_bits(x) & ~ELEMENTARY_SIGN);
}

/* magnitude ≥ 0 with the sign of x. */
static inline double elementary_with_sign(double magnitude, double x)
{
    return elementary_from_bits(elementary_bits(magnitude) |
                                (elementary_bits(x) & ELEMENTARY_SIGN));
}

/* The highest bit where |x| > limit, or NaN: the bits of two positive doubles are ordered as they
 * are, and what exceeds the limit's carries into the sign. */
static inline uint64_t elementary_beyond(double x, double limit)
{
    return elementary_bits(elementary_absolute(x)) + (ELEMENTARY_SIGN - 1 - elementary_bits(limit));
}

/* x + ELEMENTARY_ROUND, for |x| < 2^51, is rounded to an integer that stands in its lowest bits;
 * the bias of a double's exponent is put in advance, so that shifting them up by 52 gives 2^k. */
#define ELEMENTARY_ROUND (0x1.8p52 + 1023)
/* The same for 2^k = 2^⌊k/2⌋ · 2^⌈k/2⌉, which reaches every double. */
#define ELEMENTARY_ROUND_TWICE (0x1.8p52 + 2046)

#define ELEMENTARY_LOG2_E 0x1.71547652b82fep+0
#define ELEMENTARY_LN2_HIGH 0x1.62e42feep-1 /* 32 bits */
#define ELEMENTARY_LN2_LOW 0x1.a39ef35793c76p-33

/* Polynomials are summed in two halves, even and odd powers apart: twice as fast as one chain. */

/* scale · exp(r) for |r| ≤ ln(2)/2 and a power of two. */
static inline double elementary_exp_reduced(double r, double scale)
{
    double z = r * r;
    double even = 0x1.28adf8e7ba71dp-22, odd = 0x1.ad92d1dc730f7p-26;
    even = even * z + 0x1.a019996299384p-16;
    odd = odd * z + 0x1.71df18f7a68d6p-19;
    even = even * z + 0x1.6c16c18475faap-10;
    odd = odd * z + 0x1.a01a012fed2e2p-13;
    even = even * z + 0x1.55555555506bfp-5;
    odd = odd * z + 0x1.1111111126b36p-7;
    even = even * z + 0x1.000000000000ap-1;
    odd = odd * z + 0x1.55555555554fep-3;
    return scale + scale * (r + z * (even + r * odd));
}

/* exp(r) − 1 for |r| ≤ ln(2)/2; `rest` is what rounding took from r. */
static inline double elementary_expm1_reduced(double r, double rest)
{
    double z = r * r;
    double even = 0x1.1f19783e7efa4p-29, odd = 0x1.af5f11f954024p-26;
    even = even * z + 0x1.27e5139a7205fp-22;
    odd = odd * z + 0x1.71ddf81bbc59bp-19;
    even = even * z + 0x1.a01a018def8edp-16;
    odd = odd * z + 0x1.a01a01afffe3bp-13;
    even = even * z + 0x1.6c16c16c1ab32p-10;
    odd = odd * z + 0x1.111111110f65ap-7;
    even = even * z + 0x1.555555555554dp-5;
    odd = odd * z + 0x1.5555555555559p-3;
    even = even * z + 0x1p-1;
    return r + (z * (even + r * odd) + rest);
}

/* exp(y) for −1000 < y < 1000 or NaN. */
static inline double elementary_exp_finite(double y)
{
    double shifted = y * ELEMENTARY_LOG2_E + ELEMENTARY_ROUND_TWICE;
    double k = shifted - ELEMENTARY_ROUND_TWICE;
    double r = (y - k * ELEMENTARY_LN2_HIGH) - k * ELEMENTARY_LN2_LOW;
    uint64_t bits = elementary_bits(shifted), half = bits >> 1;
    return elementary_exp_reduced(r, elementary_from_bits(half << 52)) *
           elementary_from_bits((bits - half) << 52);
}

/* --- exponentials ----------------------------------------------------------------------------- */

static inline double elementary_exp(double x)
{
    double result = elementary_exp_finite(x);
    result = x > 710 ? ELEMENTARY_INFINITY : result;
    return x < -746 ? 0 : result;
}

/* The same, to the last bit, for |x| up to the limit: one power of two reaches there, and no
 * product with it is subnormal. */
#define ELEMENTARY_EXP_LIMIT 600.0

static inline double elementary_exp_near(double x)
{
    double shifted = x * ELEMENTARY_LOG2_E + ELEMENTARY_ROUND, k = shifted - ELEMENTARY_ROUND;
    double r = (x - k * ELEMENTARY_LN2_HIGH) - k * ELEMENTARY_LN2_LOW;
    return elementary_exp_reduced(r, elementary_from_bits(elementary_bits(shifted) << 52));
}

static inline double elementary_expm1(double x)
{
    double y = x > 710 ? 710 : x;
    y = y < -50 ? -50 : y;
    double shifted = y * ELEMENTARY_LOG2_E + (ELEMENTARY_ROUND - 1);
    double k = shifted - (ELEMENTARY_ROUND - 1);
    double high = y - k * ELEMENTARY_LN2_HIGH, r = high - k * ELEMENTARY_LN2_LOW;
    double rest = (high - r) - k * ELEMENTARY_LN2_LOW;
    /* Half of 2^k, which may itself be too large. */
    double scale = elementary_from_bits(elementary_bits(shifted) << 52);
    double result = 2 * (scale * elementary_expm1_reduced(r, rest) + (scale - 0.5));
    return elementary_absolute(x) < 0x1p-54 ? x : result;
}

/* 1 / (1 + exp(−x)) */
static inline double elementary_sigmoid(double x)
{
    double y = -elementary_absolute(x);
    double e = y < -746 ? 0 : elementary_exp_finite(y);
    return (x < 0 ? e : 1) / (1 + e);
}

static inline double elementary_tanh(double x)
{
    double y = -2 * elementary_absolute(x);
    y = y < -50 ? -50 : y;
    double shifted = y * ELEMENTARY_LOG2_E + ELEMENTARY_ROUND;
    double k = shifted - ELEMENTARY_ROUND;
    double high = y - k * ELEMENTARY_LN2_HIGH, r = high - k * ELEMENTARY_LN2_LOW;
    double rest = (high - r) - k * ELEMENTARY_LN2_LOW;
    double scale = elementary_from_bits(elementary_bits(shifted) << 52);
    double t = scale * elementary_expm1_reduced(r, rest) + (scale - 1);
    return elementary_with_sign(elementary_absolute(t) / (2 + t), x);
}

/* With y = k·log(2) + r, a = 2^(k−2) and b = 2^(−k−2), the hyperbolic functions of y ≥ 0 are
 * sinh = 2·((a − b)·cosh(r) + (a + b)·sinh(r)), cosh = 2·((a + b)·cosh(r) + (a − b)·sinh(r)).
 * sinh(r) and cosh(r) − 1 are returned. */
static inline double elementary_hyperbolic_reduced(double y, double *a, double *b, double *cosine)
{
    double shifted = y * ELEMENTARY_LOG2_E + (ELEMENTARY_ROUND - 2);
    double k = shifted - (ELEMENTARY_ROUND - 2);
    double high = y - k * ELEMENTARY_LN2_HIGH, r = high - k * ELEMENTARY_LN2_LOW;
    double rest = (high - r) - k * ELEMENTARY_LN2_LOW;
    double opposite = (ELEMENTARY_ROUND - 2) - (k < 100 ? k : 100);
    *a = elementary_from_bits(elementary_bits(shifted) << 52);
    *b = elementary_from_bits(elementary_bits(opposite) << 52);
    double z = r * r;
    double s = 0x1.af5f19ac800e8p-26, c = 0x1.28a01b28511f8p-22;
    s = s * z + 0x1.71ddf817ce05cp-19;
    c = c * z + 0x1.a019aa98ceec6p-16;
    s = s * z + 0x1.a01a01b001274p-13;
    c = c * z + 0x1.6c16c17cf34bdp-10;
    s = s * z + 0x1.111111110f658p-7;
    c = c * z + 0x1.555555555316dp-5;
    s = s * z + 0x1.5555555555559p-3;
    c = c * z + 0.5;
    *cosine = z * c;
    return r + (r * z * s + rest);
}

static inline double elementary_sinh(double x)
{
    double a, b, c, y = elementary_absolute(x);
    double s = elementary_hyperbolic_reduced(y, &a, &b, &c);
    double result = 2 * ((a - b) + ((a - b) * c + (a + b) * s));
    result = y > 710.6 ? ELEMENTARY_INFINITY : result;
    return elementary_with_sign(y < 0x1p-28 ? y : result, x);
}

static inline double elementary_cosh(double x)
{
    double a, b, c, y = elementary_absolute(x);
    double s = elementary_hyperbolic_reduced(y, &a, &b, &c);
    double result = 2 * ((a + b) + ((a + b) * c + (a - b) * s));
    return y > 710.6 ? ELEMENTARY_INFINITY : result;
}

/* --- logarithms ------------------------------------------------------------------------------- */

/* log(1 + f) for √½ ≤ 1 + f ≤ √2, plus k·log(2): with s = f/(2 + f) and R(s²) = 2·atanh(s)/s − 2,
 * log(1 + f) = f − (f²/2 − s·(f²/2 + R)). */
static inline double elementary_log_reduced(double f, double k)
{
    double s = f / (2 + f), z = s * s, w = z * z, half = 0.5 * f * f;
    double odd = 0x1.2f15508f37acep-3, even = 0x1.39a03df7df747p-3;
    odd = odd * w + 0x1.74664cab7927fp-3;
    even = even * w + 0x1.c71c51cb95d06p-3;
    odd = odd * w + 0x1.2492494235d52p-2;
    even = even * w + 0x1.999999997f97ap-2;
    odd = odd * w + 0x1.5555555555593p-1;
    double p = z * (odd + z * even);
    return k * ELEMENTARY_LN2_HIGH - ((half - (s * (half + p) + k * ELEMENTARY_LN2_LOW)) - f);
}

/* The bits of √½, and what puts a double's exponent k, counted for a fraction from √½ to √2, into
 * the place of the exponent. */
#define ELEMENTARY_ROOT_HALF ((uint64_t)0x3fe6a09e667f3bcd)
#define ELEMENTARY_TO_EXPONENT (((uint64_t)1023 << 52) - ELEMENTARY_ROOT_HALF)
#define ELEMENTARY_FRACTION (((uint64_t)1 << 52) - 1)
#define ELEMENTARY_TWO_52 0x1p52

static inline double elementary_log(double x)
{
    double scaled = x < 0x1p-1022 ? x * 0x1p54 : x;
    uint64_t bits = elementary_bits(scaled) + ELEMENTARY_TO_EXPONENT;
    double fraction = elementary_from_bits((bits & ELEMENTARY_FRACTION) + ELEMENTARY_ROOT_HALF);
    double k = elementary_from_bits((bits >> 52) | elementary_bits(ELEMENTARY_TWO_52)) -
               (x < 0x1p-1022 ? ELEMENTARY_TWO_52 + 1023 + 54 : ELEMENTARY_TWO_52 + 1023);
    double result = elementary_log_reduced(fraction - 1, k);
    result = x < ELEMENTARY_INFINITY ? result : x;
    return x > 0 ? result : x == 0 ? -ELEMENTARY_INFINITY : ELEMENTARY_NAN;
}

static inline double elementary_log1p(double x)
{
    double sum = 1 + x;
    /* What rounding took from 1 + x, to be added to the fraction. */
    double back = sum - 1, rest = (1 - (sum - back)) + (x - back);
    uint64_t bits = elementary_bits(sum) + ELEMENTARY_TO_EXPONENT, exponent = bits >> 52;
    double fraction = elementary_from_bits((bits & ELEMENTARY_FRACTION) + ELEMENTARY_ROOT_HALF);
    double k = elementary_from_bits(exponent | elementary_bits(ELEMENTARY_TWO_52)) -
               (ELEMENTARY_TWO_52 + 1023);
    /* 2^−k; a large sum's rest is nothing. */
    double scale = sum < 0x1p60 ? elementary_from_bits((2046 - exponent) << 52) : 0;
    double result = elementary_log_reduced((fraction - 1) + rest * scale, k);
    result = elementary_absolute(x) < 0x1p-54 ? x : result;
    result = x < ELEMENTARY_INFINITY ? result : x;
    return x > -1 ? result : x == -1 ? -ELEMENTARY_INFINITY : ELEMENTARY_NAN;
}

/* log(1 + exp(x)) = max(x, 0) + log(1 + e) with e = exp(−|x|) ≤ 1, as in elementary_log_reduced. */
static inline double elementary_softplus(double x)
{
    double y = -elementary_absolute(x);
    double e = y < -746 ? 0 : elementary_exp_finite(y);
    double s = e / (2 + e), z = s * s, w = z * z, half = 0.5 * e * e;
    double even = 0x1.5cc1b20fc41e2p-3, odd = 0x1.5560edf08248ap-4;
    even = even * w + 0x1.efeb0bbca0780p-4;
    odd = odd * w + 0x1.10668e062030dp-3;
    even = even * w + 0x1.3b1df3d0bd5eap-3;
    odd = odd * w + 0x1.745cb2d1ac7b3p-3;
    even = even * w + 0x1.c71c74255caf3p-3;
    odd = odd * w + 0x1.2492492079219p-2;
    even = even * w + 0x1.99999999a09e7p-2;
    odd = odd * w + 0x1.5555555555534p-1;
    double p = z * (odd + z * even);
    double logarithm = e - (half - s * (half + p));
    return x > 0 ? x + logarithm : logarithm;
}

/* --- powers ----------------------------------------------------------------------------------- */

/* The first 21 bits: the product of two such numbers is exact. */
static inline double elementary_head(double x)
{
    return elementary_from_bits(elementary_bits(x) & ((uint64_t)0xffffffff << 32));
}

/* All bits where x ≥ 0 is an integer. */
static inline uint64_t elementary_whole(double x)
{
    uint64_t whole = (x + ELEMENTARY_TWO_52) - ELEMENTARY_TWO_52 == x ? ~(uint64_t)0 : 0;
    return x >= ELEMENTARY_TWO_52 ? ~(uint64_t)0 : whole;
}

/* x^y = 2^(y·log₂|x|) with the sign of x where y is odd. The logarithm is the sum of two doubles, a
 * head of 21 bits and the rest, and so is its product with y: an error of 2^−64 in the logarithm
 * is one of 2^−54 in the largest power. log₂(1 + f) = c·s·(3 + s² + R) with s = f/(2 + f), c =
 * 2/(3·log 2), R = 3·atanh(s)/s − 3 − s². */
__attribute__((always_inline)) static inline double elementary_pow(double x, double y)
{
    double magnitude = elementary_absolute(x);
    double scaled = magnitude < 0x1p-1022 ? magnitude * 0x1p54 : magnitude;
    uint64_t bits = elementary_bits(scaled) + ELEMENTARY_TO_EXPONENT;
    double fraction = elementary_from_bits((bits & ELEMENTARY_FRACTION) + ELEMENTARY_ROOT_HALF);
    double k = elementary_from_bits((bits >> 52) | elementary_bits(ELEMENTARY_TWO_52)) -
               (magnitude < 0x1p-1022 ? ELEMENTARY_TWO_52 + 1023 + 54 : ELEMENTARY_TWO_52 + 1023);

    /* s = s_head + s_rest */
    double f = fraction - 1, inverse = 1 / (fraction + 1), s = f * inverse;
    double s_head = elementary_head(s), sum_head = elementary_head(fraction + 1);
    double sum_rest = fraction - (sum_head - 1);
    double s_rest = inverse * ((f - s_head * sum_head) - s_head * sum_rest);
    double z = s * s, w = z * z;
    double odd = 0x1.7079dfd10ef20p-3, even = 0x1.66a0f11554e87p-3;
    odd = odd * w + 0x1.99b15b245d28bp-3;
    even = even * w + 0x1.d89d1202128b2p-3;
    odd = odd * w + 0x1.1745d229e3572p-2;
    even = even * w + 0x1.5555555416dd9p-2;
    odd = odd * w + 0x1.b6db6db6dc901p-2;
    even = even * w + 0x1.3333333333330p-1;
    double series = w * (even + z * odd) + s_rest * (s_head + s);
    double square = s_head * s_head;
    double factor = elementary_head(3 + square + series);
    double factor_rest = series - ((factor - 3) - square);
    /* s·(3 + s² + R), then times c, then plus k */
    double high = s_head * factor, low = s_rest * factor + factor_rest * s;
    double product = elementary_head(high + low), product_rest = low - (product - high);
    high = 0x1.ec709p-1 * product;
    low = 0x1.b87407fae93f8p-22 * product + product_rest * 0x1.ec709dc3a03fdp-1;
    double log_head = elementary_head((high + low) + k);
    double log_rest = low - ((log_head - k) - high);
    double logarithm = log_head + log_rest;
    logarithm = magnitude < ELEMENTARY_INFINITY ? logarithm : magnitude;
    logarithm = magnitude > 0 ? logarithm : -ELEMENTARY_INFINITY;

    double y_head = elementary_head(y);
    double exponent = y_head * log_head, exponent_rest = (y - y_head) * log_head + y * log_rest;
    double shifted = (exponent + exponent_rest) + ELEMENTARY_ROUND_TWICE;
    exponent -= shifted - ELEMENTARY_ROUND_TWICE;
    double head = elementary_head(exponent + exponent_rest);
    high = head * 0x1.62e42p-1;
    low = (exponent_rest - (head - exponent)) * 0x1.62e42fefa39efp-1 + head * 0x1.fdf473de6af28p-22;
    double r = high + low;
    double grown = elementary_expm1_reduced(r, low - (r - high));
    uint64_t power = elementary_bits(shifted), half = power >> 1;
    double scale = elementary_from_bits(half << 52);
    double result = (scale + scale * grown) * elementary_from_bits((power - half) << 52);

    double size = y * logarithm;
    result = size > 1025 ? ELEMENTARY_INFINITY : result;
    result = size < -1076 ? 0 : result;
    result = magnitude == 1 ? 1 : result;
    double y_magnitude = elementary_absolute(y);
    uint64_t whole = elementary_whole(y_magnitude), halved = elementary_whole(0.5 * y_magnitude);
    uint64_t sign = whole & ~halved & elementary_bits(x) & ELEMENTARY_SIGN;
    uint64_t negative = magnitude < ELEMENTARY_INFINITY ? ~(uint64_t)0 : 0;
    negative = x < 0 ? negative : 0;
    /* All bits set are NaN. */
    result = elementary_from_bits(elementary_bits(result) | sign | (negative & ~whole));
    result = x != x ? x : result;
    result = x == 1 ? 1 : result;
    return y == 0 ? 1 : result;
}

/* --- sine and cosine -------------------------------------------------------------------------- */

/* The largest |x| whose multiple of π/2 has 20 bits or less. */
#define ELEMENTARY_SINCOS_LIMIT 0x1p20

/* π/2 in parts: the double next to a multiple of it can be as near as 2^−60. The first three have
 * 33 bits, so that n times each is exact, and so is a difference that loses leading bits. */
#define ELEMENTARY_PI_1 0x1.921fb544p+0
#define ELEMENTARY_PI_2 0x1.0b4611a6p-34
#define ELEMENTARY_PI_3 0x1.3198a2ep-69
#define ELEMENTARY_PI_4 0x1.b839a252049c1p-104
#define ELEMENTARY_TWO_OVER_PI 0x1.45f306dc9c883p-1

/* sin(r) = r + r·z·S and cos(r) = 1 − z/2 + z²·C with z = r², |r| ≤ π/4. */
static inline void elementary_sincos_series(double z, double *sine, double *cosine)
{
    double w = z * z;
    double s = 0x1.5d8e6226d3867p-33 * z - 0x1.ae5e54ffce7d4p-26;
    double c = 0x1.1ee9f198517c5p-29 - 0x1.8fb15657b8f38p-37 * z;
    double s_low = 0x1.71de355fa46d5p-19 * z - 0x1.a01a019bf2b7ap-13;
    double c_low = 0x1.a01a019cbfd30p-16 - 0x1.27e4f81315bccp-22 * z;
    s = s * w + s_low;
    c = c * w + c_low;
    s_low = 0x1.111111110f760p-7 * z - 0x1.5555555555548p-3;
    c_low = 0x1.555555555554cp-5 - 0x1.6c16c16c15222p-10 * z;
    *sine = s * w + s_low;
    *cosine = c * w + c_low;
}

static inline void elementary_sincos(double x, double *sine, double *cosine)
{
    uint64_t sign = elementary_bits(x) & ELEMENTARY_SIGN;
    double magnitude = elementary_from_bits(elementary_bits(x) ^ sign);
    double shifted = magnitude * ELEMENTARY_TWO_OVER_PI + 0x1.8p52;
    double n = shifted - 0x1.8p52;
    double r = magnitude - n * ELEMENTARY_PI_1;
    r = r - n * ELEMENTARY_PI_2;
    r = r - n * ELEMENTARY_PI_3;
    r = r - n * ELEMENTARY_PI_4;
    double z = r * r, s, c;
    elementary_sincos_series(z, &s, &c);
    uint64_t s_bits = elementary_bits(r + r * z * s);
    uint64_t c_bits = elementary_bits(1 - (0.5 * z - z * z * c));
    /* The lowest bits of n say which is which, and their signs. */
    uint64_t quadrant = elementary_bits(shifted);
    uint64_t swap = (s_bits ^ c_bits) & (0 - (quadrant & 1));
    uint64_t s_sign = (quadrant << 62 & ELEMENTARY_SIGN) ^ sign;
    uint64_t c_sign = (quadrant + 1) << 62 & ELEMENTARY_SIGN;
    *sine = elementary_from_bits(s_bits ^ swap ^ s_sign);
    *cosine = elementary_from_bits(c_bits ^ swap ^ c_sign);
}

static inline double elementary_sin(double x)
{
    double sine, cosine;
    elementary_sincos(x, &sine, &cosine);
    return sine;
}

static inline double elementary_cos(double x)
{
    double sine, cosine;
    elementary_sincos(x, &sine, &cosine);
    return cosine;
}

/* A quotient has the errors of both; here r keeps what its differences lost. */
static inline double elementary_tan(double x)
{
    uint64_t sign = elementary_bits(x) & ELEMENTARY_SIGN;
    double magnitude = elementary_from_bits(elementary_bits(x) ^ sign);
    double shifted = magnitude * ELEMENTARY_TWO_OVER_PI + 0x1.8p52;
    double n = shifted - 0x1.8p52;
    double first = magnitude - n * ELEMENTARY_PI_1;
    double second = first - n * ELEMENTARY_PI_2;
    double r = second - n * ELEMENTARY_PI_3;
    double rest = (first - second) - n * ELEMENTARY_PI_2;
    rest = (((second - r) + rest) - n * ELEMENTARY_PI_3) - n * ELEMENTARY_PI_4;
    double z = r * r, s, c;
    elementary_sincos_series(z, &s, &c);
    uint64_t s_bits = elementary_bits(r + (r * z * s + rest));
    uint64_t c_bits = elementary_bits(1 - (0.5 * z - (z * z * c - r * rest)));
    uint64_t quadrant = elementary_bits(shifted);
    uint64_t swap = (s_bits ^ c_bits) & (0 - (quadrant & 1));
    sign ^= quadrant << 63;
    return elementary_from_bits(s_bits ^ swap ^ sign) / elementary_from_bits(c_bits ^ swap);
}

/* --- inverse circular functions --------------------------------------------------------------- */

#define ELEMENTARY_HALF_PI 0x1.921fb54442d18p+0
#define ELEMENTARY_HALF_PI_REST 0x1.1a62633145c07p-54

/* asin(s)/s − 1 with z = s² ≤ ¼. */
static inline double elementary_asin_reduced(double z)
{
    double w = z * z;
    double odd = 0x1.0bbbe65e434f6p-5, even = -0x1.5979dc018b107p-6;
    odd = odd * w + 0x1.64ad8b83d75b7p-6;
    even = even * w + 0x1.e2644ebec2524p-9;
    odd = odd * w + 0x1.617a15b792429p-7;
    even = even * w + 0x1.757a58c0a353bp-7;
    odd = odd * w + 0x1.ca20f2d957b56p-7;
    even = even * w + 0x1.1c49e11eb566ap-6;
    odd = odd * w + 0x1.6e8bdfbee4e5ep-6;
    even = even * w + 0x1.f1c71a8cd2227p-6;
    odd = odd * w + 0x1.6db6db7228d9ap-5;
    even = even * w + 0x1.333333332df38p-4;
    odd = odd * w + 0x1.5555555555578p-3;
    return z * (odd + z * even);
}

/* Beyond ½, with z = (1 − |x|)/2, asin(√z) is half of acos(|x|). Its root has a high part whose
 * square is exact, and the rest. */
static inline double elementary_root(double z, double *rest)
{
    double root = sqrt(z);
    double high = elementary_from_bits(elementary_bits(root) & ((uint64_t)0xffffffff << 32));
    *rest = root > 0 ? (z - high * high) / (root + high) : 0;
    return high;
}

static inline double elementary_asin(double x)
{
    double y = elementary_absolute(x), z = y > 0.5 ? 0.5 - 0.5 * y : y * y, rest;
    double high = elementary_root(z, &rest), p = elementary_asin_reduced(z);
    double near = y + y * p;
    double far = 2 * ((high + rest) * p + rest) - ELEMENTARY_HALF_PI_REST;
    far = 0.5 * ELEMENTARY_HALF_PI - (far - (0.5 * ELEMENTARY_HALF_PI - 2 * high));
    return elementary_with_sign(y > 0.5 ? far : near, x);
}

static inline double elementary_acos(double x)
{
    double y = elementary_absolute(x), z = y > 0.5 ? 0.5 - 0.5 * y : y * y, rest;
    double high = elementary_root(z, &rest), p = elementary_asin_reduced(z);
    double near = ELEMENTARY_HALF_PI - (x - (ELEMENTARY_HALF_PI_REST - x * p));
    double tail = (high + rest) * p + rest;
    double left = 2 * (ELEMENTARY_HALF_PI - (high + (tail - ELEMENTARY_HALF_PI_REST)));
    double far = x < 0 ? left : 2 * (high + tail);
    return y > 0.5 ? far : near;
}

/* atan(y) = atan(c) + atan((y − c)/(1 + c·y)) with c = 0, ½, 1, 1½, ∞ leaves |t| ≤ 7/16. */
static inline double elementary_atan(double x)
{
    double y = elementary_absolute(x);
    double c = y < 0x1.cp-2 ? 0 : y < 0x1.6p-1 ? 0.5 : y < 0x1.3p+0 ? 1 : 1.5;
    double high = y < 0x1.cp-2    ? 0
                  : y < 0x1.6p-1  ? 0x1.dac670561bb4fp-2
                  : y < 0x1.3p+0  ? 0.5 * ELEMENTARY_HALF_PI
                  : y < 0x1.38p+1 ? 0x1.f730bd281f69bp-1
                                  : ELEMENTARY_HALF_PI;
    double low = y < 0x1.cp-2    ? 0
                 : y < 0x1.6p-1  ? 0x1.a2b7f222f65e2p-56
                 : y < 0x1.3p+0  ? 0.5 * ELEMENTARY_HALF_PI_REST
                 : y < 0x1.38p+1 ? 0x1.007887af0cbbdp-56
                                 : ELEMENTARY_HALF_PI_REST;
    double numerator = y < 0x1.38p+1 ? y - c : -1;
    double denominator = y < 0x1.38p+1 ? 1 + c * y : y;
    double t = numerator / denominator, z = t * t, w = z * z;
    double odd = -0x1.0a90a6eab1d4ep-6, even = 0x1.2b22a345842a1p-5;
    odd = odd * w - 0x1.97a62aeb9f77dp-5;
    even = even * w + 0x1.dddf4b9d528ecp-5;
    odd = odd * w - 0x1.10d625d42fbbdp-4;
    even = even * w + 0x1.3b0f246397025p-4;
    odd = odd * w - 0x1.745cdbed072a7p-4;
    even = even * w + 0x1.c71c6fde3c32cp-4;
    odd = odd * w - 0x1.2492491ffd172p-3;
    even = even * w + 0x1.999999998e9cbp-3;
    odd = odd * w - 0x1.555555555550cp-2;
    double p = z * (odd + z * even);
    return elementary_with_sign(high + (t + (t * p + low)), x);
}

#endif
