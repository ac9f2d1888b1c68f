/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dataset/sampler.h"

#include <string.h>

#include "base/memory.h"

enum status sampler_init(struct sampler *sampler, struct context *context, enum sampler_order order,
                         size_t examples, size_t batch, const struct generator *generator,
                         struct error *error)
{
    *sampler = (struct sampler){.context = context, .order = order, .examples = examples};
    if (order == SAMPLER_GIVEN)
        return error_set(error, STATUS_ARGUMENT, "order", "no batches were given");
    if (generator != NULL)
        sampler->state.generator = sampler->state.epoch_start = *generator;
    if (order == SAMPLER_ALL) {
        sampler->batch = examples;
        return STATUS_OK;
    }
    if (examples == 0)
        return error_set(error, STATUS_ARGUMENT, "batch",
                         "there are no examples to make batches of");
    if (batch == 0 || batch > examples)
        return error_set(error, STATUS_ARGUMENT, "batch",
                         "a batch of %zu is not possible; with %zu example%s it is from 1 to %zu",
                         batch, examples, examples == 1 ? "" : "s", examples);
    if (generator == NULL)
        return error_set(error, STATUS_ARGUMENT, "seed", "batches need a random generator");
    sampler->batch = batch;
    sampler->permutation = memory_allocate(context, examples, sizeof *sampler->permutation);
    if (sampler->permutation == NULL)
        return error_memory(error, "the order of the examples");
    return STATUS_OK;
}

static enum status check_given(size_t examples, const size_t *indices, const size_t *offsets,
                               size_t count, struct error *error)
{
    if (count == 0)
        return error_set(error, STATUS_ARGUMENT, "order", "there must be at least one batch");
    for (size_t batch = 0; batch < count; batch++) {
        if (offsets[batch + 1] <= offsets[batch])
            return error_set(error, STATUS_ARGUMENT, "order", "batch %zu is empty", batch + 1);
        for (size_t i = offsets[batch]; i < offsets[batch + 1]; i++)
            if (indices[i] >= examples)
                return error_set(error, STATUS_ARGUMENT, "order",
                                 "batch %zu names example %zu; there are %zu", batch + 1,
                                 indices[i] + 1, examples);
    }
    return STATUS_OK;
}

enum status sampler_init_given(struct sampler *sampler, struct context *context, size_t examples,
                               const size_t *indices, const size_t *offsets, size_t count,
                               struct error *error)
{
    *sampler = (struct sampler){
        .context = context, .order = SAMPLER_GIVEN, .examples = examples, .given_count = count};
    enum status status = check_given(examples, indices, offsets, count, error);
    if (status != STATUS_OK)
        return status;
    size_t first = offsets[0], total = offsets[count] - first;
    sampler->given = memory_allocate(context, total, sizeof *sampler->given);
    sampler->given_offsets = memory_allocate(context, count + 1, sizeof *sampler->given_offsets);
    if (sampler->given == NULL || sampler->given_offsets == NULL) {
        sampler_free(sampler);
        return error_memory(error, "the given batches");
    }
    memcpy(sampler->given, indices + first, total * sizeof *indices);
    for (size_t i = 0; i <= count; i++)
        sampler->given_offsets[i] = offsets[i] - first;
    return STATUS_OK;
}

void sampler_free(struct sampler *sampler)
{
    memory_free(sampler->context, sampler->permutation);
    memory_free(sampler->context, sampler->given);
    memory_free(sampler->context, sampler->given_offsets);
    sampler->permutation = sampler->given = sampler->given_offsets = NULL;
}

static void permute(struct sampler *sampler)
{
    sampler->state.epoch_start = sampler->state.generator;
    generator_permutation(&sampler->state.generator, sampler->permutation, sampler->examples);
    sampler->state.permuted = true;
    sampler->state.position = 0;
}

static void next_given(struct sampler *sampler, const size_t **indices, size_t *count)
{
    size_t batch = sampler->state.position;
    *indices = sampler->given + sampler->given_offsets[batch];
    *count = sampler->given_offsets[batch + 1] - sampler->given_offsets[batch];
    sampler->state.position = (batch + 1) % sampler->given_count;
}

void sampler_next(struct sampler *sampler, const size_t **indices, size_t *count)
{
    struct sampler_state *state = &sampler->state;
    state->drawn++;
    if (sampler->order == SAMPLER_ALL) {
        *indices = NULL;
        *count = sampler->examples;
        return;
    }
    if (sampler->order == SAMPLER_GIVEN) {
        next_given(sampler, indices, count);
        return;
    }
    bool through = state->position == sampler->examples;
    if (!state->permuted || sampler->order == SAMPLER_DRAW ||
        (through && sampler->order == SAMPLER_EPOCH))
        permute(sampler);
    else if (through)
        state->position = 0;
    size_t left = sampler->examples - state->position;
    *indices = sampler->permutation + state->position;
    *count = left < sampler->batch ? left : sampler->batch;
    state->position += *count;
}

void sampler_restore(struct sampler *sampler, const struct sampler_state *state)
{
    sampler->state = *state;
    if (!state->permuted)
        return;
    struct generator generator = state->epoch_start;
    generator_permutation(&generator, sampler->permutation, sampler->examples);
}

size_t sampler_updates_per_epoch(const struct sampler *sampler)
{
    switch (sampler->order) {
    case SAMPLER_ALL: return 1;
    case SAMPLER_GIVEN: return sampler->given_count;
    case SAMPLER_EPOCH:
    case SAMPLER_DRAW:
    case SAMPLER_FIXED: break;
    }
    return (sampler->examples + sampler->batch - 1) / sampler->batch;
}
