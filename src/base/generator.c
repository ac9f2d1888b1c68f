/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MT19937: Matsumoto and Nishimura, ACM Transactions on Modeling and Computer Simulation 8 (1998).
 * What is made of its 32-bit words follows numpy/random/src/legacy. */
#include "base/generator.h"

#include <math.h>
#include <string.h>

enum { SIZE = 624, MIDDLE = 397 };

void generator_seed(struct generator *generator, uint32_t seed)
{
    memset(generator, 0, sizeof *generator); /* the padding too: equal generators are equal bytes */
    for (int i = 0; i < SIZE; i++) {
        generator->key[i] = seed;
        seed = UINT32_C(1812433253) * (seed ^ (seed >> 30)) + (uint32_t)i + 1;
    }
    generator->position = SIZE;
}

bool generator_is_fresh(const struct generator *generator, uint32_t *seed)
{
    struct generator fresh;
    generator_seed(&fresh, generator->key[0]);
    *seed = generator->key[0];
    return generator->position == fresh.position && !generator->has_normal &&
           memcmp(generator->key, fresh.key, sizeof fresh.key) == 0;
}

static void refill(struct generator *generator)
{
    uint32_t *key = generator->key;
    for (int i = 0; i < SIZE; i++) {
        uint32_t joined = (key[i] & UINT32_C(0x80000000)) | (key[(i + 1) % SIZE] & INT32_MAX);
        uint32_t twist = (joined & 1) != 0 ? UINT32_C(0x9908b0df) : 0;
        key[i] = key[(i + MIDDLE) % SIZE] ^ (joined >> 1) ^ twist;
    }
    generator->position = 0;
}

uint32_t generator_bits(struct generator *generator)
{
    if (generator->position == SIZE)
        refill(generator);
    uint32_t bits = generator->key[generator->position++];
    bits ^= bits >> 11;
    bits ^= (bits << 7) & UINT32_C(0x9d2c5680);
    bits ^= (bits << 15) & UINT32_C(0xefc60000);
    return bits ^ (bits >> 18);
}

double generator_uniform(struct generator *generator)
{
    uint32_t high = generator_bits(generator) >> 5, low = generator_bits(generator) >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0; /* 2^26, 2^53 */
}

/* The polar method of Marsaglia. The second of a pair is returned first, as NumPy does. */
double generator_normal(struct generator *generator)
{
    if (generator->has_normal) {
        generator->has_normal = false;
        double waiting = generator->normal;
        generator->normal = 0;
        return waiting;
    }
    double x1, x2, square;
    do {
        x1 = 2.0 * generator_uniform(generator) - 1.0;
        x2 = 2.0 * generator_uniform(generator) - 1.0;
        square = x1 * x1 + x2 * x2;
    } while (square >= 1.0 || square == 0.0);
    double factor = sqrt(-2.0 * log(square) / square);
    generator->normal = factor * x1;
    generator->has_normal = true;
    return factor * x2;
}

uint64_t generator_interval(struct generator *generator, uint64_t largest)
{
    if (largest == 0)
        return 0;
    uint64_t mask = largest;
    for (int shift = 1; shift < 64; shift *= 2)
        mask |= mask >> shift;
    uint64_t value;
    do {
        value = generator_bits(generator);
        if (largest > UINT32_MAX)
            value = value << 32 | generator_bits(generator);
        value &= mask;
    } while (value > largest);
    return value;
}

uint64_t generator_below(struct generator *generator, uint64_t limit)
{
    return generator_interval(generator, limit - 1);
}

void generator_permutation(struct generator *generator, size_t *indices, size_t count)
{
    for (size_t i = 0; i < count; i++)
        indices[i] = i;
    for (size_t i = count; i-- > 1;) {
        size_t j = (size_t)generator_interval(generator, i);
        size_t kept = indices[i];
        indices[i] = indices[j];
        indices[j] = kept;
    }
}

/* The finalizer of SplitMix64 (Steele, Lea, Flood 2014), a bijection that mixes all bits. */
static uint64_t scramble(uint64_t z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static const uint64_t golden = 0x9e3779b97f4a7c15u; /* 2⁶⁴ over the golden ratio, odd */

uint64_t counter_key(uint64_t seed, uint64_t time)
{
    return scramble(scramble(seed + golden) + golden * time) | 1;
}

double counter_uniform(uint64_t key, uint64_t row, uint64_t column)
{
    uint64_t bits = scramble(scramble(key + golden * (row + 1)) + golden * (column + 1));
    return (double)(bits >> 11) * 0x1p-53;
}
