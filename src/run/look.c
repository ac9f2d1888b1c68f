/* SPDX-License-Identifier: GPL-3.0-or-later */
/* look.c: what a run is made of, for those who write it down elsewhere. */
#include "run/run_private.h"

const struct sampler *run_sampler(const struct run *run)
{
    return &run->sampler;
}

const struct generator *run_first_generator(const struct run *run)
{
    const struct sampler_state *state = run->history.snapshots[0]->sampler;
    return state != NULL ? &state->generator : NULL;
}

size_t run_part_count(const struct run *run)
{
    return run->segment_count;
}

struct run_part run_part(const struct run *run, size_t i)
{
    const struct segment *segment = &run->segments[i];
    return (struct run_part){segment->from, segment->origin, segment->optimizer};
}
