/* SPDX-License-Identifier: GPL-3.0-or-later */
/* surface.c: a loss at many φ: all at once where that is possible (graph/sweep.h), else one by
 * one. */
#include <string.h>

#include "base/memory.h"
#include "objective/build.h"
#include "objective/build_private.h"

struct grid {
    const double *a_values, *b_values;
    size_t b_count;
};

static void grid_points(const void *argument, size_t first, size_t count, double *to, size_t row)
{
    const struct grid *grid = argument;
    size_t i = first / grid->b_count, j = first % grid->b_count;
    for (size_t b = 0; b < count; b++) {
        to[b] = grid->a_values[i];
        to[row + b] = grid->b_values[j];
        if (++j == grid->b_count) {
            j = 0;
            i++;
        }
    }
}

static enum status point_by_point(struct objective *objective, const double *phi, size_t a,
                                  size_t a_count, size_t b, const struct grid *grid,
                                  double *result, struct error *error)
{
    struct context *context = objective_context(objective);
    double *at = memory_allocate(context, objective_size(objective), sizeof *at);
    if (!at)
        return error_memory(error, "a surface");
    memcpy(at, phi, objective_size(objective) * sizeof *at);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < a_count && status == STATUS_OK; i++) {
        at[a] = grid->a_values[i];
        for (size_t j = 0; j < grid->b_count && status == STATUS_OK; j++) {
            at[b] = grid->b_values[j];
            status = objective_value(objective, at, NULL, &result[i * grid->b_count + j], error);
        }
    }
    memory_free(context, at);
    return status;
}

/* STATUS_UNSUPPORTED: not this way. */
static enum status all_at_once(struct built *built, const double *phi, size_t a, size_t a_count,
                               size_t b, const struct grid *grid, double *result,
                               struct error *error)
{
    const struct batch all = {.indices = NULL};
    const size_t axes[] = {a, b};
    enum status status = STATUS_OK;
    if (built->sweep && (built->swept[0] != a || built->swept[1] != b)) {
        sweep_free(built->sweep);
        built->sweep = NULL;
    }
    if (!built->sweep) {
        status = sweep_new(&built->sweep, built->graph, built->plain, built->base.size, axes, 2,
                           error);
        memcpy(built->swept, axes, sizeof axes);
    }
    if (status != STATUS_OK) {
        graph_forget_error(built->graph);
        return status;
    }
    struct tape_data data = built_data(built, &all);
    size_t count = a_count * grid->b_count;
    status = sweep_run(built->sweep, phi, &data, grid_points, grid, count, result, error);
    if (status == STATUS_OK)
        built->base.counts.values += count;
    return status;
}

enum status objective_surface(struct objective *objective, const double *phi, size_t a,
                              const double *a_values, size_t a_count, size_t b,
                              const double *b_values, size_t b_count, double *result,
                              struct error *error)
{
    const struct grid grid = {a_values, b_values, b_count};
    enum status status = STATUS_UNSUPPORTED;
    if (built_is(objective))
        status = all_at_once(built_of(objective), phi, a, a_count, b, &grid, result, error);
    if (status == STATUS_UNSUPPORTED)
        status = point_by_point(objective, phi, a, a_count, b, &grid, result, error);
    return status;
}
