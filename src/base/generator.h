/* SPDX-License-Identifier: GPL-3.0-or-later */
/* generator.h: random numbers, equal to NumPy's RandomState (MT19937 and its legacy algorithms)
 * for the same seed. The state is in the object; copying the struct copies the generator. */
#ifndef DESCENT_BASE_GENERATOR_H
#define DESCENT_BASE_GENERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct generator {
    uint32_t key[624];
    int position;
    bool has_normal; /* the polar method makes two normals at a time; */
    double normal;   /* the second waits here */
};

void generator_seed(struct generator *generator, uint32_t seed);
/* Whether the generator is as a seed leaves it; then *seed is that one. */
bool generator_is_fresh(const struct generator *generator, uint32_t *seed);
uint32_t generator_bits(struct generator *generator);
double generator_uniform(struct generator *generator); /* [0, 1), 53 bits */
double generator_normal(struct generator *generator);  /* mean 0, variance 1 */
uint64_t generator_below(struct generator *generator,
                         uint64_t limit); /* 0 .. limit - 1, limit > 0: RandomState.randint */
uint64_t generator_interval(struct generator *generator,
                            uint64_t largest); /* 0 .. largest: as shuffle draws */
void generator_permutation(struct generator *generator, size_t *indices,
                           size_t count); /* of 0 .. count - 1 */

/* Numbers that follow from their place alone, in whatever order they are asked for: a key of two
 * numbers, never 0, and the one in [0, 1) at (row, column) under it. */
uint64_t counter_key(uint64_t seed, uint64_t time);
double counter_uniform(uint64_t key, uint64_t row, uint64_t column);

#endif
