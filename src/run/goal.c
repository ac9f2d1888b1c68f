/* SPDX-License-Identifier: GPL-3.0-or-later */
/* goal.c: going on until something is reached, and saying what it was. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "run/run_private.h"

enum { FIRST_WAIT = 20 }; /* checks after which a loss that stands still is looked into */
static const double same_digits = 4e-16; /* of L: it stands still */

bool run_fixed(const struct run *run, size_t j)
{
    double phi = run->now->phi[j], gradient = run->aim.gradient[j];
    return (run->held != NULL && run->held[j]) ||
           (run->lower != NULL &&
            ((phi <= run->lower[j] && gradient >= 0) || (phi >= run->upper[j] && gradient <= 0)));
}

/* max |∂L/∂φ_j| of aim.gradient over the parameters that can move; NaN where one is. Sizes are
 * ordered as their bits are, NaN above all. */
static double largest_slope(const struct run *run)
{
    const double *gradient = run->aim.gradient;
    const size_t size = run->size;
    const bool limited = run->held != NULL || run->lower != NULL;
    uint64_t largest = 0, bits;
    for (size_t j = 0; j < size; j++) {
        if (limited && run_fixed(run, j))
            continue;
        memcpy(&bits, &gradient[j], sizeof bits);
        bits &= UINT64_MAX >> 1;
        largest = bits > largest ? bits : largest;
    }
    double slope;
    memcpy(&slope, &largest, sizeof slope);
    return slope;
}

/* L over all data where the run stands, and its gradient where that is wanted, or where the next
 * update needs the same one. */
static enum status look(struct run *run, double *loss, double *largest, struct error *error)
{
    const struct goal *goal = &run->aim.goal;
    bool all = run->sampler.order == SAMPLER_ALL && !run->masked; /* of the next update, too */
    struct objective_counts before = objective_counts(run->objective);
    enum status status;
    *largest = INFINITY;
    if (!all && isnan(goal->gradient)) {
        status = objective_value(run->objective, run->now->phi, NULL, loss, error);
    } else {
        status = STATUS_OK;
        if (run->known_gradient != NULL && run->known_gradient != run->aim.gradient) {
            memcpy(run->aim.gradient, run->known_gradient, run->size * sizeof(double));
            *loss = run->known_loss;
        } else {
            status = objective_gradient(run->objective, run->now->phi, NULL, loss,
                                        run->aim.gradient, error);
        }
        if (status == STATUS_OK) {
            *largest = largest_slope(run);
            run->known_gradient = all ? run->aim.gradient : NULL;
            run->known_loss = *loss;
        }
    }
    run_count(run, before);
    return status;
}

/* The gradient is small: is it a minimum? With no goal given, where there is still a way to go, the
 * gradient must become smaller before it is asked again. */
static enum status look_again(struct run *run, double loss, double largest, struct error *error)
{
    enum run_minimum verdict;
    enum status status = run_is_minimum(run, loss, &verdict, error);
    if (status == STATUS_INTERRUPTED) {
        run->reason = REASON_INTERRUPTED;
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    if (verdict == MINIMUM_FAR && largest > 0 && run->aim.standard)
        run->aim.threshold = largest / 2;
    else
        run->reason = verdict == MINIMUM_SADDLE ? REASON_SADDLE
                      : verdict == MINIMUM_FLAT ? REASON_FLAT
                                                : REASON_GRADIENT;
    return STATUS_OK;
}

/* What is known of the checks before this one. */
struct past {
    double loss;          /* at the last check; NaN at the first */
    unsigned still, wait; /* checks since L moved; how many until it is asked why */
};

/* No way on, or a loss that stands still, is a minimum where the Hessian says so: gradients of
 * badly scaled problems do not become small. */
static enum status judge_standstill(struct run *run, struct error *error)
{
    double loss, largest;
    enum run_minimum verdict = MINIMUM_UNKNOWN;
    enum status status = look(run, &loss, &largest, error);
    struct objective_counts before = objective_counts(run->objective);
    if (status == STATUS_OK && isfinite(loss))
        status = run_is_minimum(run, loss, &verdict, error);
    run_count(run, before);
    if (status == STATUS_INTERRUPTED) {
        run->reason = REASON_INTERRUPTED;
        return STATUS_OK;
    }
    if (status == STATUS_OK && verdict == MINIMUM_YES)
        run->reason = REASON_GRADIENT;
    return status;
}

/* The goals that need all data. */
static enum status check_data(struct run *run, struct past *past, struct error *error)
{
    const struct goal *goal = &run->aim.goal;
    if (isnan(goal->gradient) && isnan(goal->loss) && isnan(goal->change))
        return STATUS_OK;
    if (run->sampler.order != SAMPLER_ALL && run->now->t % run->updates_per_epoch != 0)
        return STATUS_OK;
    double loss, largest;
    enum status status = look(run, &loss, &largest, error);
    if (status == STATUS_INTERRUPTED) {
        run->reason = REASON_INTERRUPTED;
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    if (largest <= run->aim.threshold) {
        struct objective_counts before = objective_counts(run->objective);
        status = look_again(run, loss, largest, error);
        run_count(run, before);
        if (status != STATUS_OK || run->reason != REASON_NONE)
            return status;
    } else if (loss <= goal->loss)
        run->reason = REASON_LOSS;
    else if (fabs(loss - past->loss) <= goal->change * fmax(1, fabs(loss)))
        run->reason = REASON_CHANGE;
    bool still = fabs(loss - past->loss) <= same_digits * fabs(loss);
    past->still = still ? past->still + 1 : 0;
    past->loss = loss;
    if (!run->aim.standard || run->reason != REASON_NONE || past->still < past->wait)
        return STATUS_OK;
    past->wait *= 2;
    return judge_standstill(run, error);
}

static enum status pursue(struct run *run, enum reason *reason, struct error *error)
{
    const struct goal *goal = &run->aim.goal;
    bool timed = !isnan(goal->seconds) || goal->progress != NULL;
    double start = run_clock(), elapsed = 0, shown = 0;
    struct past past = {.loss = NAN, .wait = FIRST_WAIT};
    enum status status = run_check_idle(run, error);
    if (status != STATUS_OK)
        return status;
    run->reason = REASON_NONE;
    for (;;) {
        status = check_data(run, &past, error);
        if (status != STATUS_OK || run->reason != REASON_NONE)
            break;
        if (run->aim.last_epoch_step != 0 && run->now->t >= run->aim.last_epoch_step)
            run->reason = REASON_EPOCHS;
        else if (run->aim.last_step != 0 && run->now->t >= run->aim.last_step)
            run->reason = REASON_STEPS;
        else if (!isnan(goal->seconds) && elapsed >= run->aim.seconds_left)
            run->reason = REASON_SECONDS;
        else if (run_take_stop(run))
            run->reason = REASON_INTERRUPTED;
        else {
            struct objective_counts before = objective_counts(run->objective);
            status = run_advance(run, error);
            run_count(run, before);
            if (status == STATUS_OK && run->reason == REASON_STALLED)
                status = judge_standstill(run, error);
        }
        if (status != STATUS_OK || run->reason != REASON_NONE)
            break;
        if (timed)
            elapsed = run_clock() - start;
        if (goal->progress != NULL && elapsed - shown >= 0.05) {
            shown = elapsed;
            if (goal->progress(goal->user, run) != 0) {
                run->reason = REASON_INTERRUPTED;
                break;
            }
        }
    }
    run->seconds += run_clock() - start;
    run->aim.seconds_left -= elapsed;
    run->aim.goal.progress = NULL; /* its user pointer need not live longer than this call */
    run->aim.goal.user = NULL;
    *reason = run->reason;
    return status;
}

enum status run_converge(struct run *run, const struct goal *goal, enum reason *reason,
                         struct error *error)
{
    if (run->aim.gradient == NULL)
        run->aim.gradient = memory_allocate(run->context, run->size, sizeof *run->aim.gradient);
    if (run->aim.gradient == NULL)
        return error_memory(error, "the gradient over all data");
    run->aim.goal = *goal;
    run->aim.standard = false;
    if (goal->steps == 0 && goal->epochs == 0 && isnan(goal->gradient) && isnan(goal->loss) &&
        isnan(goal->change) && isnan(goal->seconds)) {
        run->aim.goal.gradient = 1e-6;
        run->aim.goal.steps = 10000;
        run->aim.standard = true;
    }
    run->aim.threshold = run->aim.goal.gradient;
    unsigned long long now = run->now->t, per = run->updates_per_epoch;
    run->aim.last_step = run->aim.goal.steps == 0 ? 0 : now + run->aim.goal.steps;
    run->aim.last_epoch_step = goal->epochs == 0 ? 0 : now - now % per + goal->epochs * per;
    run->aim.seconds_left = goal->seconds;
    run->aim.set = true;
    return pursue(run, reason, error);
}

enum status run_resume(struct run *run, int (*progress)(void *user, const struct run *run),
                       void *user, enum reason *reason, struct error *error)
{
    if (!run->aim.set)
        return error_set(error, STATUS_ARGUMENT, "resume",
                         "no goal was set; use converge{...} to set one");
    run->aim.goal.progress = progress;
    run->aim.goal.user = user;
    return pursue(run, reason, error);
}

unsigned long long run_goal_time(const struct run *run)
{
    unsigned long long step = run->aim.last_step, epoch = run->aim.last_epoch_step;
    if (step == 0 || epoch == 0)
        return step + epoch;
    return step < epoch ? step : epoch;
}
