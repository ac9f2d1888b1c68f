/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.c: a run, and its step forward. An update is made into `next` and committed by exchanging
 * pointers, so that whatever fails before leaves the last whole update. */
#include "run/run_private.h"

#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "optimizer/arguments.h"

/* Random numbers that may be drawn again rather than kept. */
enum { WORTH_AN_ANCHOR = 4096 };

const char *reason_text(enum reason reason)
{
    switch (reason) {
    case REASON_NONE: return "no goal was set";
    case REASON_STEPS: return "the number of updates was reached";
    case REASON_EPOCHS: return "the number of epochs was reached";
    case REASON_GRADIENT: return "the gradient is small enough";
    case REASON_SADDLE: return "the gradient is small, but at a saddle or a maximum";
    case REASON_FLAT: return "the gradient is small, but the loss is flat in some direction";
    case REASON_LOSS: return "the loss is small enough";
    case REASON_CHANGE: return "the loss hardly changes";
    case REASON_SECONDS: return "the time is up";
    case REASON_STALLED: return "the rule finds no way on";
    case REASON_DIVERGED: return "the run diverges";
    case REASON_INTERRUPTED: return "interrupted";
    }
    return "";
}

/* --- moments --- */

enum status moment_init(struct run *run, struct moment *moment, struct error *error)
{
    moment->phi = memory_allocate(run->context, run->size * (1 + run->state_count), sizeof(double));
    if (moment->phi == NULL)
        return error_memory(error, "the parameters of the run");
    moment->state = moment->phi + run->size;
    moment->batch_loss = moment->alpha = NAN;
    return STATUS_OK;
}

void moment_copy(const struct run *run, struct moment *to, const struct moment *from)
{
    to->t = from->t;
    to->batch_loss = from->batch_loss;
    to->alpha = from->alpha;
    memcpy(to->phi, from->phi, run->size * (1 + run->state_count) * sizeof *to->phi);
}

void run_moved(struct run *run)
{
    run->version++;
    run->known_gradient = NULL;
}

double run_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void run_count(struct run *run, struct objective_counts before)
{
    struct objective_counts now = objective_counts(run->objective);
    run->counts.values += now.values - before.values;
    run->counts.gradients += now.gradients - before.gradients;
    run->counts.hessians += now.hessians - before.hessians;
}

/* Without the sign that printf gives to some NaNs. */
static double plain(double value)
{
    return isnan(value) ? copysign(NAN, 1) : value;
}

/* --- making and freeing --- */

static void run_free(struct run *run)
{
    struct context *context = run->context;
    history_free(run);
    sampler_free(&run->sampler);
    memory_free(context, run->anchor);
    for (size_t i = 0; i < 3; i++)
        memory_free(context, run->moments[i].phi);
    memory_free(context, run->replay[0].phi);
    memory_free(context, run->replay[1].phi);
    memory_free(context, run->gradient);
    memory_free(context, run->asked_gradient);
    memory_free(context, run->scratch);
    memory_free(context, run->held);
    memory_free(context, run->lower);
    memory_free(context, run->upper);
    memory_free(context, run->aim.gradient);
    for (size_t i = 0; i < run->segment_count; i++)
        optimizer_release(run->segments[i].optimizer);
    memory_free(context, run->segments);
    objective_release(run->objective);
    memory_free(context, run);
}

struct run *run_keep(struct run *run)
{
    run->references++;
    return run;
}

void run_release(struct run *run)
{
    if (run != NULL && --run->references == 0)
        run_free(run);
}

static enum status check_options(const struct objective *objective,
                                 const struct run_options *options, struct error *error)
{
    size_t size = objective_size(objective), examples = objective_examples(objective);
    if (size == 0)
        return error_set(error, STATUS_UNSUPPORTED, "", "this loss has no parameters to fit");
    for (size_t j = 0; j < size; j++)
        if (!isfinite(options->start[j]))
            return error_set(error, STATUS_NUMBER, "start", "%s is %g; give finite numbers",
                             objective_component(objective, j), plain(options->start[j]));
    if (examples == 0 && options->order != SAMPLER_ALL)
        return error_set(error, STATUS_UNSUPPORTED,
                         options->order == SAMPLER_GIVEN ? "order" : "batch",
                         "this loss has no data, so it has no batches; leave it out");
    return STATUS_OK;
}

/* Keeps the segments' optimizers; their list is copied. */
static enum status add_segments(struct run *run, const struct segment *segments, size_t count,
                                struct error *error)
{
    run->segments = memory_allocate(run->context, count, sizeof *run->segments);
    if (run->segments == NULL)
        return error_memory(error, "the run");
    for (size_t i = 0; i < count; i++) {
        run->segments[i] = segments[i];
        optimizer_keep(segments[i].optimizer);
        run->segment_count++;
        const struct rule *rule = segments[i].optimizer->rule;
        struct segment *segment = &run->segments[i];
        segment->alpha = arguments_find(&rule->doc, "alpha");
        segment->clip = arguments_find(&rule->doc, "clip");
        const struct schedule *schedule = segment->alpha >= 0
                                              ? segments[i].optimizer->schedules[segment->alpha]
                                              : NULL;
        segment->function = schedule != NULL && schedule->rule->rate == NULL ? &schedule->function
                                                                             : NULL;
        for (size_t k = 0; k < rule->doc.argument_count; k++)
            segment->scheduled |= segments[i].optimizer->schedules[k] != NULL;
        segment->states = optimizer_states(segments[i].optimizer, run->size);
        struct vectors vectors = optimizer_vectors(segments[i].optimizer, run->size);
        if (vectors.state > run->state_count)
            run->state_count = vectors.state;
        if (vectors.scratch > run->scratch_count)
            run->scratch_count = vectors.scratch;
        if (rule->whole != NULL && run->sampler.order != SAMPLER_ALL)
            return error_set(error, STATUS_UNSUPPORTED, rule->doc.name,
                             "it needs all data in every update: %s; leave batch and order out, or "
                             "take optim.adam",
                             rule->whole);
        if (rule->whole != NULL && run->masked)
            return error_set(error, STATUS_UNSUPPORTED, rule->doc.name,
                             "it needs the same loss in every update, and dropout leaves out other "
                             "units each time; take optim.adam, or a model without dropout");
    }
    return STATUS_OK;
}

static enum status add_numbers(struct run *run, const double *start, struct error *error)
{
    enum status status = moment_init(run, run->now, error);
    if (status == STATUS_OK)
        status = moment_init(run, run->next, error);
    if (status == STATUS_OK)
        status = moment_init(run, run->previous, error);
    if (status != STATUS_OK)
        return status;
    run->gradient = memory_allocate(run->context, run->size, sizeof(double));
    run->asked_gradient = memory_allocate(run->context, run->size, sizeof(double));
    run->scratch = memory_allocate(run->context, run->size * run->scratch_count, sizeof(double));
    if (run->sampler.order != SAMPLER_ALL)
        run->anchor = memory_allocate(run->context, 1, sizeof *run->anchor);
    if (run->gradient == NULL || run->asked_gradient == NULL || run->scratch == NULL ||
        (run->sampler.order != SAMPLER_ALL && run->anchor == NULL))
        return error_memory(error, "the run");
    memcpy(run->now->phi, start, run->size * sizeof *start);
    return STATUS_OK;
}

/* The states with which the segment's rule begins. */
static void begin_state(const struct run *run, const struct segment *segment, double *state)
{
    const struct rule *rule = segment->optimizer->rule;
    memset(state, 0, run->state_count * run->size * sizeof *state);
    for (size_t s = 0; rule->state_start != NULL && s < rule->state_count; s++)
        for (size_t j = 0; j < run->size; j++)
            state[s * run->size + j] = rule->state_start[s];
}

static enum status add_limits(struct run *run, const struct run_options *options,
                              struct error *error)
{
    size_t size = run->size;
    if (options->held != NULL) {
        run->held = memory_allocate(run->context, size, sizeof *run->held);
        if (run->held == NULL)
            return error_memory(error, "the run");
        memcpy(run->held, options->held, size * sizeof *run->held);
    }
    if (options->lower == NULL)
        return STATUS_OK;
    run->lower = memory_allocate(run->context, size, sizeof *run->lower);
    run->upper = memory_allocate(run->context, size, sizeof *run->upper);
    if (run->lower == NULL || run->upper == NULL)
        return error_memory(error, "the run");
    memcpy(run->lower, options->lower, size * sizeof *run->lower);
    memcpy(run->upper, options->upper, size * sizeof *run->upper);
    for (size_t j = 0; j < size; j++) {
        const char *name = objective_component(run->objective, j);
        if (!(run->lower[j] <= run->upper[j]))
            return error_set(error, STATUS_ARGUMENT, "bounds",
                             "%s cannot be at least %g and at most %g", name, run->lower[j],
                             run->upper[j]);
        if (options->start[j] < run->lower[j] || options->start[j] > run->upper[j])
            return error_set(error, STATUS_ARGUMENT, "start",
                             "%s is %g, outside its bounds %g to %g", name, options->start[j],
                             run->lower[j], run->upper[j]);
    }
    return STATUS_OK;
}

static enum status run_init(struct run *run, const struct segment *segments, size_t count,
                            const struct run_options *options, struct error *error)
{
    size_t examples = objective_examples(run->objective);
    enum status status = options->order == SAMPLER_GIVEN
                             ? sampler_init_given(&run->sampler, run->context, examples,
                                                  options->given_indices, options->given_offsets,
                                                  options->given_count, error)
                             : sampler_init(&run->sampler, run->context, options->order, examples,
                                            options->batch, &options->generator, error);
    if (status == STATUS_OK)
        status = add_segments(run, segments, count, error);
    if (status == STATUS_OK)
        status = add_limits(run, options, error);
    if (status != STATUS_OK)
        return status;
    run->updates_per_epoch = sampler_updates_per_epoch(&run->sampler);
    /* Small permutations are drawn again sooner than a generator is copied. */
    run->anchor_stride = run->updates_per_epoch * (1 + WORTH_AN_ANCHOR / (examples + 1));
    status = add_numbers(run, options->start, error);
    if (status != STATUS_OK)
        return status;
    begin_state(run, &run->segments[0], run->now->state);
    run->history_bytes = options->history_bytes != 0 ? options->history_bytes : (size_t)64 << 20;
    return history_init(run, run->history_bytes, error);
}

enum status run_make(struct run **run, struct objective *objective, const struct segment *segments,
                     size_t count, const struct run_options *options, struct error *error)
{
    enum status status = check_options(objective, options, error);
    if (status != STATUS_OK)
        return status;
    struct context *context = objective_context(objective);
    struct run *made = memory_allocate(context, 1, sizeof *made);
    if (made == NULL)
        return error_memory(error, "the run");
    made->context = context;
    made->references = 1;
    made->now = &made->moments[0];
    made->next = &made->moments[1];
    made->previous = &made->moments[2];
    made->objective = objective_keep(objective);
    made->size = objective_size(objective);
    made->masked = objective_has_masks(objective);
    made->mask_seed = options->mask_seed;
    status = run_init(made, segments, count, options, error);
    if (status != STATUS_OK) {
        run_free(made);
        return status;
    }
    *run = made;
    return STATUS_OK;
}

enum status run_new(struct run **run, struct objective *objective, struct optimizer *optimizer,
                    const struct run_options *options, struct error *error)
{
    struct segment segment = {.optimizer = optimizer};
    return run_make(run, objective, &segment, 1, options, error);
}

/* --- what a run is --- */

struct objective *run_objective(const struct run *run)
{
    return run->objective;
}

struct optimizer *run_optimizer_at(const struct run *run, unsigned long long t)
{
    return run_segment(run, t)->optimizer;
}

struct optimizer *run_optimizer(const struct run *run)
{
    return run_optimizer_at(run, run->now->t + 1);
}

size_t run_size(const struct run *run)
{
    return run->size;
}

unsigned long long run_time(const struct run *run)
{
    return run->now->t;
}

unsigned long long run_epoch_of(const struct run *run, unsigned long long t)
{
    if (t == 0 || run->updates_per_epoch == 1)
        return t;
    return (t - 1) / run->updates_per_epoch + 1;
}

unsigned long long run_epoch_number(const struct run *run)
{
    return run_epoch_of(run, run->now->t);
}

size_t run_updates_per_epoch(const struct run *run)
{
    return run->updates_per_epoch;
}

const double *run_phi(const struct run *run)
{
    return run->now->phi;
}

const bool *run_held(const struct run *run)
{
    return run->held;
}

const double *run_lower(const struct run *run)
{
    return run->lower;
}

const double *run_upper(const struct run *run)
{
    return run->upper;
}

enum reason run_reason(const struct run *run)
{
    return run->reason;
}

const char *run_message(const struct run *run)
{
    bool told = run->reason == REASON_DIVERGED || run->reason == REASON_STALLED;
    return told ? run->message : "";
}

struct objective_counts run_counts(const struct run *run)
{
    return run->counts;
}

double run_seconds(const struct run *run)
{
    return run->seconds;
}

unsigned long long run_version(const struct run *run)
{
    return run->version;
}

/* --- batches --- */

/* Lets the sampler stand at t from the nearest state known, by taking the batches in between. */
static void place_sampler(struct run *run, unsigned long long t)
{
    struct sampler *sampler = &run->sampler;
    unsigned long long snapshot_time;
    const struct snapshot *snapshot = history_snapshot(run, t, &snapshot_time);
    const struct sampler_state *state = snapshot->sampler;
    if (run->anchor_known && run->anchor->drawn <= t && run->anchor->drawn > state->drawn)
        state = run->anchor;
    if (sampler->state.drawn > t || sampler->state.drawn < state->drawn)
        sampler_restore(sampler, state);
    const size_t *indices;
    size_t count;
    while (sampler->state.drawn < t)
        sampler_next(sampler, &indices, &count);
}

void run_draw(struct run *run, unsigned long long t, struct batch *batch)
{
    struct sampler *sampler = &run->sampler;
    *batch = (struct batch){.masks = run->masked ? counter_key(run->mask_seed, t) : 0};
    if (sampler->order == SAMPLER_ALL)
        return;
    if (sampler->state.drawn != t - 1)
        place_sampler(run, t - 1);
    if ((t - 1) % run->anchor_stride == 0) {
        *run->anchor = sampler->state;
        run->anchor_known = true;
    }
    sampler_next(sampler, &batch->indices, &batch->count);
}

enum status run_batch(struct run *run, unsigned long long t, const size_t **indices, size_t *count,
                      struct error *error)
{
    if (t == 0 || t > run->now->t)
        return error_set(error, STATUS_ARGUMENT, "t",
                         "update %llu has not been made; the run stands at %llu", t, run->now->t);
    struct batch batch;
    run_draw(run, t, &batch);
    *indices = batch.indices;
    *count = batch.indices != NULL ? batch.count : objective_examples(run->objective);
    return STATUS_OK;
}

/* --- one update --- */

/* The rate of this update from the caller's function, or what it gave when the update was made
 * before. The loss it is told is that of the gradient, which is then known to the rule; where the
 * gradient is taken elsewhere, it is the loss at φ. */
static enum status ask_rate(struct run *run, const struct segment *segment, struct update *update,
                            unsigned long long t, double *alpha, struct error *error)
{
    const struct schedule_function *function = segment->function;
    if (t <= run->history.asked) {
        *alpha = history_rate(run, t);
        return STATUS_OK;
    }
    double loss = NAN;
    enum status status = history_reserve_rate(run, error);
    if (status == STATUS_OK && function->needs_loss && update->known_gradient != NULL) {
        loss = update->known_loss;
    } else if (status == STATUS_OK && function->needs_loss && segment->optimizer->rule->ahead) {
        status = update_value(update, update->phi, &loss, error);
    } else if (status == STATUS_OK && function->needs_loss) {
        status = objective_gradient(run->objective, update->phi, &update->batch, &loss,
                                    run->asked_gradient, error);
        update->known_gradient = run->asked_gradient;
        update->known_loss = loss;
    }
    if (status != STATUS_OK)
        return status;
    return function->rate(function->user, t, run_epoch_of(run, t), loss, alpha, error);
}

/* Constraints of the loss are met; held parameters stay, the others keep within their bounds; NaN
 * stays NaN. */
static void limit(const struct run *run, const double *phi, double *next)
{
    objective_project(run->objective, next);
    for (size_t j = 0; run->held != NULL && j < run->size; j++)
        if (run->held[j])
            next[j] = phi[j];
    for (size_t j = 0; run->lower != NULL && j < run->size; j++) {
        if (next[j] < run->lower[j])
            next[j] = run->lower[j];
        if (next[j] > run->upper[j])
            next[j] = run->upper[j];
    }
}

enum status run_check_idle(const struct run *run, struct error *error)
{
    if (!run->busy)
        return STATUS_OK;
    return error_set(error, STATUS_UNSUPPORTED, "",
                     "the run is in the middle of an update, and cannot be moved or looked back "
                     "upon from within it");
}

/* What all updates of the segment share. */
static void set_work(struct run *run, const struct segment *segment)
{
    const struct optimizer *optimizer = segment->optimizer;
    run->work_segment = segment;
    run->work = (struct update){
        .rule = optimizer->rule,
        .objective = run->objective,
        .size = run->size,
        .gradient = run->gradient,
        .scratch = run->scratch,
        .clip = segment->clip >= 0 ? optimizer->arguments[segment->clip] : NAN,
        .held = run->held,
        .lower = run->lower,
        .upper = run->upper,
        .loss = NAN,
    };
    run->draws = run->sampler.order != SAMPLER_ALL || run->masked;
    run->limits = run->held != NULL || run->lower != NULL ||
                  objective_has_constraints(run->objective);
}

enum status run_update(struct run *run, const struct moment *from, struct moment *to,
                       double *record, double *arguments, struct error *error)
{
    const unsigned long long t = from->t + 1;
    const struct segment *segment = run_segment(run, t);
    const struct optimizer *optimizer = segment->optimizer;
    double used[OPTIMIZER_ARGUMENTS];
    if (run->busy)
        return run_check_idle(run, error);
    if (segment != run->work_segment)
        set_work(run, segment);
    struct update *update = &run->work;
    update->argument = optimizer->arguments;
    if (segment->scheduled || arguments != NULL) {
        if (arguments == NULL)
            arguments = used;
        optimizer_resolve(optimizer, t, run_epoch_of(run, t), arguments);
        update->argument = arguments;
    }
    update->t = t - segment->origin;
    update->phi = from->phi;
    update->next_phi = to->phi;
    update->state = from->state;
    update->next_state = to->state;
    update->record = record;
    update->known_gradient = from == run->now ? run->known_gradient : NULL;
    update->known_loss = run->known_loss;
    update->alpha = NAN;
    update->stop = NULL;
    update->next_gradient = NULL;
    if (run->draws)
        run_draw(run, t, &update->batch);
    run->busy = true;
    enum status status = STATUS_OK;
    if (segment->function != NULL)
        status = ask_rate(run, segment, update, t, &arguments[segment->alpha], error);
    if (status == STATUS_OK)
        status = update->rule->step(update, error);
    run->busy = false;
    const double alpha = segment->alpha >= 0 ? update->argument[segment->alpha] : update->alpha;
    update->argument = NULL; /* it may have been of this call */
    if (status != STATUS_OK)
        return status;
    if (run->limits)
        limit(run, from->phi, to->phi);
    run->stop = update->stop;
    run->met_gradient = NULL;
    if (update->next_gradient != NULL && !run->masked &&
        memcmp(update->next_place, to->phi, run->size * sizeof *to->phi) == 0) {
        run->met_gradient = update->next_gradient;
        run->met_loss = update->next_loss;
    }
    to->t = t;
    to->batch_loss = update->loss;
    to->alpha = alpha;
    /* Where another rule takes over, its state begins anew. */
    if (run->segment_count > 1) {
        const struct segment *next = run_segment(run, t + 1);
        if (next != segment && next->origin == t) {
            begin_state(run, next, to->state);
            run->met_gradient = NULL; /* it was in the state */
        }
    }
    return STATUS_OK;
}

/* The first component that is not finite, or size. */
static size_t first_lost(const double *values, size_t size)
{
    size_t j = 0;
    while (j < size && isfinite(values[j]))
        j++;
    return j;
}

/* Its highest bit is set where a number is not finite: from an exponent of ones the sum carries. */
static inline uint64_t lost(const double *values, size_t size)
{
    uint64_t found = 0, bits;
    for (size_t j = 0; j < size; j++) {
        memcpy(&bits, &values[j], sizeof bits);
        found |= (bits & (UINT64_MAX >> 1)) + ((uint64_t)1 << 52);
    }
    return found;
}

/* Whether update next.t left the finite numbers. φ and the named states stand one behind the
 * other. */
static bool is_lost(const struct run *run)
{
    const size_t size = run->size, states = run->work_segment->states;
    return (lost(&run->next->batch_loss, 1) | lost(run->gradient, size) |
            lost(run->next->phi, (1 + states) * size)) >> 63 != 0;
}

/* The reason and its sentence, where a number that was looked at is not finite. */
static bool diverged(struct run *run)
{
    const struct moment *now = run->now, *next = run->next;
    size_t size = run->size, states = run_segment(run, next->t)->states;
    size_t gradient = first_lost(run->gradient, size), phi = first_lost(next->phi, size);
    size_t state = first_lost(next->state, states * size);
    char what[160], before[64] = "", advice[128];
    if (!isfinite(next->batch_loss)) {
        snprintf(what, sizeof what, "its loss is %g", plain(next->batch_loss));
        if (now->t > 0)
            snprintf(before, sizeof before, " (%g at the update before)", now->batch_loss);
    } else if (gradient < size) {
        snprintf(what, sizeof what, "the derivative by %.64s is %g",
                 objective_component(run->objective, gradient), plain(run->gradient[gradient]));
    } else if (phi < size) {
        snprintf(what, sizeof what, "%.64s would become %g",
                 objective_component(run->objective, phi), plain(next->phi[phi]));
    } else if (state < states * size) {
        snprintf(what, sizeof what, "%s of %.64s would become %g",
                 run_segment(run, next->t)->optimizer->rule->states[state / size],
                 objective_component(run->objective, state % size), plain(next->state[state]));
    } else {
        return false;
    }
    if (isfinite(next->batch_loss))
        snprintf(before, sizeof before, " (the loss before it: %g)", next->batch_loss);
    if (now->t == 0 && !isfinite(next->batch_loss))
        snprintf(advice, sizeof advice, "start elsewhere");
    else if (next->alpha > 0)
        snprintf(advice, sizeof advice, "try a smaller alpha, as r:fork{at = 0, alpha = %.2g}",
                 next->alpha / 10);
    else
        snprintf(advice, sizeof advice, "go back with r:back(n), or start elsewhere");
    run->reason = REASON_DIVERGED;
    snprintf(run->message, sizeof run->message,
             "update %llu diverges: %s%s; the run stands at t = %llu; %s", next->t, what, before,
             now->t, advice);
    return true;
}

bool run_take_interrupt(struct run *run)
{
    return atomic_load_explicit(&run->context->interrupted, memory_order_relaxed) != 0 &&
           context_take_interrupt(run->context);
}

bool run_take_stop(struct run *run)
{
    struct context *context = run->context;
    if (context->updates.made != context->updates.stop)
        return run_take_interrupt(run);
    context->updates.stop = ULLONG_MAX;
    return true;
}

/* Makes update now.t + 1 the present one. */
static void commit(struct run *run)
{
    struct moment *spare = run->previous;
    run->previous = run->now;
    run->now = run->next;
    run->next = spare;
    run->previous_known = true;
    run->context->updates.made++;
    const unsigned long long t = run->now->t;
    if (t > run->history.asked && run_segment(run, t)->function != NULL)
        history_add_rate(run, t, run->now->alpha);
    run_moved(run);
    run->known_gradient = run->met_gradient; /* in now.state */
    run->known_loss = run->met_loss;
    history_add(run);
}

enum status run_advance(struct run *run, struct error *error)
{
    enum status status = history_reserve(run, run->now->t + 1, error);
    if (status == STATUS_OK)
        status = run_update(run, run->now, run->next, NULL, NULL, error);
    if (status == STATUS_INTERRUPTED) {
        run->reason = REASON_INTERRUPTED;
        return STATUS_OK;
    }
    if (status != STATUS_OK || (is_lost(run) && diverged(run)))
        return status;
    if (run->stop != NULL) {
        run->reason = REASON_STALLED;
        snprintf(run->message, sizeof run->message, "%s", run->stop);
        return STATUS_OK;
    }
    commit(run);
    return STATUS_OK;
}

/* Asking for the time costs as much as a small update. So of single updates that are quick one in
 * some is timed, and stands for those between. */
static bool is_timed(struct run *run, unsigned long long n)
{
    enum { BETWEEN = 16 };
    const double quick = 2e-6;
    if (n == 1 && run->quick > 0 && run->quick < quick && ++run->untimed < BETWEEN)
        return false;
    run->untimed = 0;
    return true;
}

enum status run_step(struct run *run, unsigned long long n, struct error *error)
{
    enum status status = run_check_idle(run, error);
    if (status != STATUS_OK)
        return status;
    const bool timed = is_timed(run, n);
    const double start = timed ? run_clock() : 0;
    struct objective_counts before = objective_counts(run->objective);
    run->reason = REASON_NONE;
    for (unsigned long long i = 0; i < n && status == STATUS_OK && run->reason == REASON_NONE; i++)
        if (run_take_stop(run))
            run->reason = REASON_INTERRUPTED;
        else
            status = run_advance(run, error);
    run_count(run, before);
    const double seconds = timed ? run_clock() - start : run->quick;
    run->seconds += seconds;
    if (n == 1)
        run->quick = seconds;
    return status;
}

enum status run_epoch(struct run *run, unsigned long long n, struct error *error)
{
    if (n == 0)
        return STATUS_OK;
    return run_step(run, n * run->updates_per_epoch - run->now->t % run->updates_per_epoch, error);
}

/* --- forks --- */

/* The state goes on where the rule is the same and only numbers differ. */
static bool continues(const struct optimizer *before, const struct optimizer *after)
{
    if (before->rule != after->rule)
        return false;
    const struct doc *doc = &before->rule->doc;
    for (size_t i = 0; i < doc->argument_count; i++) {
        enum argument_type type = doc->arguments[i].type;
        if ((type == ARGUMENT_CHOICE || type == ARGUMENT_BOOLEAN) &&
            before->arguments[i] != after->arguments[i])
            return false;
    }
    return optimizer_vectors(before, 1).state == optimizer_vectors(after, 1).state;
}

enum status run_fork(struct run **fork, struct run *run, unsigned long long at,
                     struct optimizer *optimizer, struct error *error)
{
    if (at > run->now->t)
        return error_set(error, STATUS_ARGUMENT, "at",
                         "update %llu has not been made; the run stands at %llu", at, run->now->t);
    struct context *context = run->context;
    struct segment *segments = memory_allocate(context, run->segment_count + 1, sizeof *segments);
    if (segments == NULL)
        return error_memory(error, "the fork");
    size_t count = 0;
    while (count < run->segment_count && run->segments[count].from < at) {
        segments[count] = run->segments[count];
        count++;
    }
    bool same = count > 0 && continues(segments[count - 1].optimizer, optimizer);
    segments[count] = (struct segment){
        .from = at, .origin = same ? segments[count - 1].origin : at, .optimizer = optimizer};
    count++;

    const struct snapshot *start = run->history.snapshots[0];
    struct run_options options = {
        .start = start->numbers,
        .order = run->sampler.order,
        .batch = run->sampler.batch,
        .given_indices = run->sampler.given,
        .given_offsets = run->sampler.given_offsets,
        .given_count = run->sampler.given_count,
        .history_bytes = run->history_bytes,
        .held = run->held,
        .lower = run->lower,
        .upper = run->upper,
        .mask_seed = run->mask_seed,
    };
    if (start->sampler != NULL)
        options.generator = start->sampler->generator;
    struct run *made;
    enum status status = run_make(&made, run->objective, segments, count, &options, error);
    memory_free(context, segments);
    if (status != STATUS_OK)
        return status;
    for (unsigned long long t = 1; t <= at && t <= run->history.asked && status == STATUS_OK; t++) {
        status = history_reserve_rate(made, error);
        if (status == STATUS_OK)
            history_add_rate(made, t, history_rate(run, t));
    }
    if (status == STATUS_OK)
        status = run_step(made, at, error);
    if (status == STATUS_OK && made->reason == REASON_INTERRUPTED)
        status = error_set(error, STATUS_INTERRUPTED, "", "interrupted");
    if (status != STATUS_OK) {
        run_release(made);
        return status;
    }
    *fork = made;
    return STATUS_OK;
}
