/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sampler.h: which examples an update sees. The whole state is a value: a copy is a snapshot. */
#ifndef DESCENT_DATASET_SAMPLER_H
#define DESCENT_DATASET_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/context.h"
#include "base/error.h"
#include "base/generator.h"

enum sampler_order {
    SAMPLER_ALL,   /* no batches: every update sees all examples in their order */
    SAMPLER_EPOCH, /* a fresh permutation each epoch; the last batch may be smaller */
    SAMPLER_DRAW,  /* the first `batch` of a fresh permutation at every update */
    SAMPLER_FIXED, /* one permutation for all epochs */
    SAMPLER_GIVEN, /* the caller's batches, from the first again after the last */
};

struct sampler_state {
    struct generator generator;   /* as it is now */
    struct generator epoch_start; /* as it was before the permutation in use was drawn */
    size_t position;              /* examples of the permutation already used; batches, if given */
    unsigned long long drawn;     /* batches taken since the start */
    bool permuted;                /* a permutation has been drawn */
};

struct sampler {
    struct context *context;
    enum sampler_order order;
    size_t examples, batch;
    size_t *permutation;   /* examples */
    size_t *given;         /* SAMPLER_GIVEN: all batches' indices in a row, from 0 */
    size_t *given_offsets; /* given_count + 1 */
    size_t given_count;
    struct sampler_state state;
};

enum status sampler_init(struct sampler *sampler, struct context *context, enum sampler_order order,
                         size_t examples, size_t batch, const struct generator *generator,
                         struct error *error);
enum status sampler_init_given(struct sampler *sampler, struct context *context, size_t examples,
                               const size_t *indices, const size_t *offsets, size_t count,
                               struct error *error);
void sampler_free(struct sampler *sampler);

/* The next batch: *indices is NULL for all examples, else points into the sampler until the next
 * call. */
void sampler_next(struct sampler *sampler, const size_t **indices, size_t *count);

/* Goes back (or forward) to a state taken from this sampler earlier. */
void sampler_restore(struct sampler *sampler, const struct sampler_state *state);

/* Updates that make an epoch: ceil(examples / batch), or the number of given batches; 1 for all. */
size_t sampler_updates_per_epoch(const struct sampler *sampler);

#endif
