/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vector.h: eight doubles at a time, with the elementary functions that somebody would write by
 * hand who knows that the arguments are moderate: results neither overflow nor underflow, and the
 * reduction of angles keeps no rest. src/graph/elementary.h has to be right for every argument. */
#ifndef BENCH_VECTOR_H
#define BENCH_VECTOR_H

#include <stddef.h>
#include <stdint.h>

typedef double vector __attribute__((vector_size(64)));
typedef uint64_t bits __attribute__((vector_size(64)));

#define ALIGNED __attribute__((aligned(64)))
#define LANES 8
#define INLINE static inline __attribute__((always_inline))

INLINE vector all(double x)
{
    return (vector){x, x, x, x, x, x, x, x};
}

INLINE vector load(const double *x)
{
    vector v;
    __builtin_memcpy(&v, x, sizeof v);
    return v;
}

INLINE void store(double *x, vector v)
{
    __builtin_memcpy(x, &v, sizeof v);
}

INLINE double sum(vector v)
{
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

INLINE vector magnitude(vector x)
{
    return (vector)((bits)x & ~((uint64_t)1 << 63));
}

INLINE vector vector_exp(vector x)
{
    vector shifted = x * 0x1.71547652b82fep+0 + 0x1.8p52, k = shifted - 0x1.8p52;
    vector r = (x - k * 0x1.62e42feep-1) - k * 0x1.a39ef35793c76p-33, z = r * r;
    vector even = z * 0x1.28adf8e7ba71dp-22 + 0x1.a019996299384p-16;
    vector odd = z * 0x1.ad92d1dc730f7p-26 + 0x1.71df18f7a68d6p-19;
    even = even * z + 0x1.6c16c18475faap-10;
    odd = odd * z + 0x1.a01a012fed2e2p-13;
    even = even * z + 0x1.55555555506bfp-5;
    odd = odd * z + 0x1.1111111126b36p-7;
    even = even * z + 0x1.000000000000ap-1;
    odd = odd * z + 0x1.55555555554fep-3;
    vector p = 1 + (r + z * (even + r * odd));
    return (vector)((bits)p + ((bits)shifted << 52));
}

INLINE void vector_sincos(vector x, vector *sine, vector *cosine)
{
    vector shifted = x * 0x1.45f306dc9c883p-1 + 0x1.8p52, n = shifted - 0x1.8p52;
    vector r = x - n * 0x1.921fb544p+0;
    r = r - n * 0x1.0b4611a6p-34;
    r = r - n * 0x1.3198a2e037073p-69;
    vector z = r * r, w = z * z;
    vector s = z * 0x1.5d8e6226d3867p-33 - 0x1.ae5e54ffce7d4p-26;
    vector c = 0x1.1ee9f198517c5p-29 - z * 0x1.8fb15657b8f38p-37;
    s = s * w + (z * 0x1.71de355fa46d5p-19 - 0x1.a01a019bf2b7ap-13);
    c = c * w + (0x1.a01a019cbfd30p-16 - z * 0x1.27e4f81315bccp-22);
    s = s * w + (z * 0x1.111111110f760p-7 - 0x1.5555555555548p-3);
    c = c * w + (0x1.555555555554cp-5 - z * 0x1.6c16c16c15222p-10);
    bits sine_bits = (bits)(r + r * z * s), cosine_bits = (bits)(1 - z * (0.5 - z * c));
    bits quadrant = (bits)shifted, swap = (sine_bits ^ cosine_bits) & (0 - (quadrant & 1));
    *sine = (vector)(sine_bits ^ swap ^ (quadrant >> 1 << 63));
    *cosine = (vector)(cosine_bits ^ swap ^ ((quadrant + 1) >> 1 << 63));
}

INLINE vector vector_tanh(vector x)
{
    vector y = -2 * magnitude(x);
    vector shifted = y * 0x1.71547652b82fep+0 + (0x1.8p52 + 1023), k = shifted - (0x1.8p52 + 1023);
    vector r = (y - k * 0x1.62e42feep-1) - k * 0x1.a39ef35793c76p-33, z = r * r;
    vector even = z * 0x1.1f19783e7efa4p-29 + 0x1.27e5139a7205fp-22;
    vector odd = z * 0x1.af5f11f954024p-26 + 0x1.71ddf81bbc59bp-19;
    even = even * z + 0x1.a01a018def8edp-16;
    odd = odd * z + 0x1.a01a01afffe3bp-13;
    even = even * z + 0x1.6c16c16c1ab32p-10;
    odd = odd * z + 0x1.111111110f65ap-7;
    even = even * z + 0x1.555555555554dp-5;
    odd = odd * z + 0x1.5555555555559p-3;
    even = even * z + 0.5;
    vector scale = (vector)((bits)shifted << 52);
    vector t = scale * (r + z * (even + r * odd)) + (scale - 1);
    vector result = magnitude(t) / (2 + t);
    return (vector)((bits)result | ((bits)x & ((uint64_t)1 << 63)));
}

#endif
