/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The expected numbers are those of numpy.random.RandomState(seed), NumPy 1.24. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/generator.h"

static const uint32_t seeds[] = {0, 1, 42, 12345, 4294967295u};
enum { SEEDS = sizeof seeds / sizeof *seeds };

Test(generator, words_are_the_published_ones)
{
    /* The reference program's own first words for init_genrand(5489). */
    static const uint32_t expected[] = {3499211612u, 581869302u, 3890346734u, 3586334585u,
                                        545404204u};
    struct generator generator;
    generator_seed(&generator, 5489);
    for (int i = 0; i < 5; i++)
        cr_assert_eq(generator_bits(&generator), expected[i]);
    for (int i = 5; i < 9999; i++)
        generator_bits(&generator);
    cr_assert_eq(generator_bits(&generator), 4123659995u); /* C++11, [rand.predef]: the 10000th */
}

Test(generator, a_seed_is_known_until_a_number_is_drawn)
{
    struct generator generator;
    const uint32_t given[] = {0, 1, 5489, 4294967295u};
    for (size_t s = 0; s < sizeof given / sizeof *given; s++) {
        uint32_t seed = 7;
        generator_seed(&generator, given[s]);
        cr_assert(generator_is_fresh(&generator, &seed));
        cr_assert_eq(seed, given[s]);
        generator_normal(&generator);
        cr_assert_not(generator_is_fresh(&generator, &seed));
    }
}

Test(generator, uniform_is_random_sample)
{
    static const double expected[SEEDS][3] = {
        {0x1.18fe1565f12a8p-1, 0x1.6e2d4cf608733p-1, 0x1.349d66b6e894bp-1},
        {0x1.ab07d0ffa3c06p-2, 0x1.70ce5f3baf051p-1, 0x1.dfb906661c000p-14},
        {0x1.7f8771e5f51ecp-2, 0x1.e6c4068bbd654p-1, 0x1.76c7e8f1e6751p-1},
        {0x1.dbf6a3f8f84b7p-1, 0x1.43f7f410bb044p-2, 0x1.78aa6d0a2dad8p-3},
        {0x1.8fe69a3924820p-4, 0x1.d323d824032b1p-1, 0x1.93fc6f61af3f9p-1},
    };
    for (int s = 0; s < SEEDS; s++) {
        struct generator generator;
        generator_seed(&generator, seeds[s]);
        for (int i = 0; i < 3; i++)
            cr_assert_eq(generator_uniform(&generator), expected[s][i]);
    }
}

/* Logarithm and root may differ by a last bit between C libraries. */
static bool near(double got, double expected)
{
    return fabs(got - expected) <= 4e-16 * fmax(1, fabs(expected));
}

Test(generator, normal_is_standard_normal)
{
    static const double expected[SEEDS][5] = {
        {1.764052345967664, 0.4001572083672233, 0.9787379841057392, 2.240893199201458,
         1.8675579901499675},
        {1.6243453636632417, -0.6117564136500754, -0.5281717522634557, -1.0729686221561705,
         0.8654076293246785},
        {0.4967141530112327, -0.13826430117118466, 0.6476885381006925, 1.5230298564080254,
         -0.23415337472333597},
        {-0.20470765948471295, 0.47894333805754824, -0.5194387150567381, -0.55573030434749,
         1.9657805725027142},
        {0.6484086742306527, 0.6693235306338161, -1.0805437227474493, 0.2845010447986309,
         0.11388773652167104},
    };
    for (int s = 0; s < SEEDS; s++) {
        struct generator generator;
        generator_seed(&generator, seeds[s]);
        for (int i = 0; i < 5; i++)
            cr_assert(near(generator_normal(&generator), expected[s][i]));
    }
    struct generator generator;
    generator_seed(&generator, 0);
    double total = 0, last = 0;
    for (int i = 0; i < 100000; i++)
        total += last = generator_normal(&generator);
    cr_assert(near(last, -1.2852076475754735));
    cr_assert_float_eq(total, 157.670050812534, 1e-8);
}

Test(generator, the_second_normal_waits_across_other_draws)
{
    struct generator generator;
    generator_seed(&generator, 3);
    cr_assert(near(generator_normal(&generator), 1.7886284734303186));
    cr_assert(near(generator_uniform(&generator), 0.2909047389129443));
    cr_assert(near(generator_normal(&generator), 0.43650985051198943));
    cr_assert(near(generator_normal(&generator), 0.9805538702908831));
    generator_seed(&generator, 3);
    generator_normal(&generator);
    generator_seed(&generator, 3); /* a new seed forgets what waits */
    cr_assert(near(generator_normal(&generator), 1.7886284734303186));
}

Test(generator, below_is_randint)
{
    static const struct {
        uint64_t limit, expected[SEEDS][3];
    } cases[] = {
        {10, {{5, 0, 3}, {5, 8, 9}, {6, 3, 7}, {2, 5, 1}, {3, 2, 7}}},
        {1000003,
         {{985772, 305711, 435829},
          {128037, 491755, 470924},
          {121958, 671155, 131932},
          {741858, 77285, 916765},
          {944547, 147746, 125964}}},
        {UINT64_C(1) << 32,
         {{2357136044, 2546248239, 3071714933},
          {1791095845, 4282876139, 3093770124},
          {1608637542, 3421126067, 4083286876},
          {3992670690, 3823185381, 1358822685},
          {419326371, 479346978, 3918654476}}},
        {UINT64_C(1000000000007), /* two words a number */
         {{741280623151, 506137267392, 291447657211},
          {163196666091, 605300724808, 876169207429},
          {441507790259, 395924837646, 458615280711},
          {974485794277, 125115435137, 704545402281},
          {700559016226, 53956357191, 775354646080}}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (int s = 0; s < SEEDS; s++) {
            struct generator generator;
            generator_seed(&generator, seeds[s]);
            for (int i = 0; i < 3; i++)
                cr_assert_eq(generator_below(&generator, cases[c].limit), cases[c].expected[s][i]);
        }
}

Test(generator, one_possibility_draws_nothing)
{
    struct generator generator, before;
    generator_seed(&generator, 9);
    before = generator;
    cr_assert_eq(generator_below(&generator, 1), 0);
    cr_assert_eq(generator_interval(&generator, 0), 0);
    generator_permutation(&generator, NULL, 0);
    size_t one = 7;
    generator_permutation(&generator, &one, 1);
    cr_assert_eq(one, 0);
    cr_assert_eq(memcmp(&generator, &before, sizeof generator), 0);
}

Test(generator, permutation_is_numpy_s)
{
    static const size_t expected[SEEDS][10] = {
        {2, 8, 4, 9, 1, 6, 7, 3, 0, 5}, {2, 9, 6, 4, 0, 3, 1, 7, 8, 5},
        {8, 1, 5, 0, 7, 2, 9, 4, 3, 6}, {0, 7, 3, 9, 6, 4, 1, 8, 5, 2},
        {6, 9, 5, 1, 8, 0, 7, 4, 2, 3},
    };
    static const size_t thirty[] = {27, 15, 23, 17, 8, 9,  28, 24, 12, 0,  4, 16, 5,  13, 11,
                                    22, 1,  2,  25, 3, 21, 26, 18, 29, 20, 7, 10, 14, 19, 6};
    struct generator generator;
    size_t got[1000];
    for (int s = 0; s < SEEDS; s++) {
        generator_seed(&generator, seeds[s]);
        generator_permutation(&generator, got, 10);
        cr_assert_eq(memcmp(got, expected[s], sizeof expected[s]), 0);
    }
    generator_seed(&generator, 42);
    generator_permutation(&generator, got, 30);
    cr_assert_eq(memcmp(got, thirty, sizeof thirty), 0);

    static const size_t head[] = {778, 334, 271, 802, 216, 408};
    static const size_t tail[] = {211, 579, 502, 537, 196, 175};
    generator_seed(&generator, 7);
    generator_permutation(&generator, got, 1000);
    cr_assert_eq(memcmp(got, head, sizeof head), 0);
    cr_assert_eq(memcmp(got + 994, tail, sizeof tail), 0);
    cr_assert_eq(generator_uniform(&generator), 0.6387323162306459);
    bool seen[1000] = {false};
    for (int i = 0; i < 1000; i++)
        seen[got[i]] = true;
    for (int i = 0; i < 1000; i++)
        cr_assert(seen[i]);
}

Test(generator, a_copy_goes_on_alike)
{
    struct generator one, two;
    generator_seed(&one, 11);
    for (int i = 0; i < 1001; i++)
        generator_normal(&one);
    two = one;
    for (int i = 0; i < 2000; i++)
        cr_assert_eq(generator_normal(&one), generator_normal(&two));
}
