/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes: integers and the bits of doubles as eight bytes each, lowest first; texts and lists
 * behind their length. */
#include "run/saved.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "run/run_private.h"

/* --- writing --------------------------------------------------------------------------------- */

struct writer {
    struct context *context;
    char *bytes;
    size_t size, room;
    bool failed;
};

static void put(struct writer *writer, const void *bytes, size_t size)
{
    if (writer->failed)
        return;
    if (writer->size + size > writer->room) {
        size_t room = 2 * (writer->size + size) + 4096;
        char *more = memory_resize(writer->context, writer->bytes, room, 1);
        writer->failed = more == NULL;
        if (writer->failed)
            return;
        writer->bytes = more;
        writer->room = room;
    }
    memcpy(writer->bytes + writer->size, bytes, size);
    writer->size += size;
}

static void put_integer(struct writer *writer, uint64_t value)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(value >> 8 * i);
    put(writer, bytes, sizeof bytes);
}

static void put_double(struct writer *writer, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_integer(writer, bits);
}

static void put_doubles(struct writer *writer, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_double(writer, values[i]);
}

static void put_text(struct writer *writer, const char *text)
{
    put_integer(writer, strlen(text));
    put(writer, text, strlen(text));
}

static void put_generator(struct writer *writer, const struct generator *generator)
{
    for (size_t i = 0; i < 624; i++)
        put_integer(writer, generator->key[i]);
    put_integer(writer, (uint64_t)generator->position);
    put_integer(writer, generator->has_normal);
    put_double(writer, generator->normal);
}

static void put_sampler_state(struct writer *writer, const struct sampler_state *state)
{
    put_generator(writer, &state->generator);
    put_generator(writer, &state->epoch_start);
    put_integer(writer, state->position);
    put_integer(writer, state->drawn);
    put_integer(writer, state->permuted);
}

static void put_segment(struct writer *writer, const struct segment *segment)
{
    const struct optimizer *optimizer = segment->optimizer;
    const struct doc *doc = &optimizer->rule->doc;
    put_integer(writer, segment->from);
    put_integer(writer, segment->origin);
    put_text(writer, doc->name);
    put_integer(writer, doc->argument_count);
    for (size_t i = 0; i < doc->argument_count; i++) {
        const struct schedule *schedule = optimizer->schedules[i];
        put_integer(writer, optimizer->given[i]);
        put_double(writer, optimizer->arguments[i]);
        put_text(writer, schedule != NULL ? schedule->rule->doc.name : "");
        size_t count = schedule != NULL ? schedule->rule->doc.argument_count : 0;
        put_integer(writer, count);
        for (size_t k = 0; k < count; k++)
            put_double(writer, schedule->arguments[k]);
    }
}

static void put_sampler(struct writer *writer, const struct sampler *sampler)
{
    put_integer(writer, sampler->order);
    put_integer(writer, sampler->batch);
    size_t count = sampler->order == SAMPLER_GIVEN ? sampler->given_count : 0;
    put_integer(writer, count);
    for (size_t i = 0; count > 0 && i <= count; i++)
        put_integer(writer, sampler->given_offsets[i]);
    for (size_t i = 0; count > 0 && i < sampler->given_offsets[count]; i++)
        put_integer(writer, sampler->given[i]);
}

static void put_history(struct writer *writer, const struct run *run)
{
    const struct history *history = &run->history;
    put_integer(writer, run->history_bytes);
    put_integer(writer, history->row_stride);
    put_integer(writer, history->row_count);
    put_doubles(writer, history->rows, history->row_count * (run->size + 2));
    put_integer(writer, history->snapshot_stride);
    put_integer(writer, history->snapshot_count);
    for (size_t i = 0; i < history->snapshot_count; i++) {
        const struct snapshot *snapshot = history->snapshots[i];
        put_double(writer, snapshot->batch_loss);
        put_double(writer, snapshot->alpha);
        put_doubles(writer, snapshot->numbers, run->size * (1 + run->state_count));
        if (snapshot->sampler != NULL)
            put_sampler_state(writer, snapshot->sampler);
    }
    put_integer(writer, history->asked);
    put_integer(writer, history->event_count);
    for (size_t i = 0; i < history->event_count; i++) {
        put_integer(writer, history->events[i].t);
        put_double(writer, history->events[i].alpha);
    }
}

static void put_aim(struct writer *writer, const struct run *run)
{
    const struct goal *goal = &run->aim.goal;
    put_integer(writer, run->aim.set);
    put_integer(writer, goal->steps);
    put_integer(writer, goal->epochs);
    put_double(writer, goal->gradient);
    put_double(writer, goal->loss);
    put_double(writer, goal->change);
    put_double(writer, goal->seconds);
    put_integer(writer, run->aim.last_step);
    put_integer(writer, run->aim.last_epoch_step);
    put_double(writer, run->aim.seconds_left);
    put_integer(writer, run->aim.standard);
    put_double(writer, run->aim.threshold);
}

enum status run_save(struct run *run, char **bytes, size_t *size, struct error *error)
{
    struct writer writer = {.context = run->context};
    double value;
    enum status status = objective_value(run->objective, run->now->phi, NULL, &value, error);
    if (status != STATUS_OK)
        return status;
    put_integer(&writer, SAVED_VERSION);
    put_integer(&writer, run->size);
    put_integer(&writer, objective_examples(run->objective));
    for (size_t j = 0; j < run->size; j++)
        put_text(&writer, objective_component(run->objective, j));
    put_double(&writer, value);
    put_integer(&writer, run->segment_count);
    for (size_t i = 0; i < run->segment_count; i++)
        put_segment(&writer, &run->segments[i]);
    put_integer(&writer, run->held != NULL);
    for (size_t j = 0; run->held != NULL && j < run->size; j++)
        put_integer(&writer, run->held[j]);
    put_integer(&writer, run->lower != NULL);
    put_doubles(&writer, run->lower, run->lower != NULL ? run->size : 0);
    put_doubles(&writer, run->upper, run->lower != NULL ? run->size : 0);
    put_sampler(&writer, &run->sampler);
    put_integer(&writer, run->mask_seed);
    put_integer(&writer, run->state_count);
    put_integer(&writer, run->now->t);
    put_history(&writer, run);
    put_double(&writer, run->now->batch_loss);
    put_double(&writer, run->now->alpha);
    put_doubles(&writer, run->now->phi, run->size * (1 + run->state_count));
    put_integer(&writer, run->reason);
    put_text(&writer, run->message);
    put_integer(&writer, run->counts.values);
    put_integer(&writer, run->counts.gradients);
    put_integer(&writer, run->counts.hessians);
    put_double(&writer, run->seconds);
    put_aim(&writer, run);
    if (writer.failed) {
        memory_free(run->context, writer.bytes);
        return error_memory(error, "the saved run");
    }
    *bytes = writer.bytes;
    *size = writer.size;
    return STATUS_OK;
}

/* --- reading --------------------------------------------------------------------------------- */

/* After the first thing that does not fit all else reads as 0. */
struct reader {
    const char *bytes;
    size_t size, at;
    bool failed;
};

static uint64_t get_integer(struct reader *reader)
{
    if (reader->failed || reader->size - reader->at < 8) {
        reader->failed = true;
        return 0;
    }
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value |= (uint64_t)(unsigned char)reader->bytes[reader->at++] << 8 * i;
    return value;
}

static double get_double(struct reader *reader)
{
    uint64_t bits = get_integer(reader);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void expect(struct reader *reader, bool condition)
{
    reader->failed |= !condition;
}

/* A count of things that take at least `bytes` each. */
static size_t get_count(struct reader *reader, size_t bytes)
{
    uint64_t count = get_integer(reader);
    expect(reader, count <= (reader->size - reader->at) / bytes);
    return reader->failed ? 0 : (size_t)count;
}

static bool get_flag(struct reader *reader)
{
    uint64_t value = get_integer(reader);
    expect(reader, value <= 1);
    return value == 1;
}

static void get_doubles(struct reader *reader, double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = get_double(reader);
}

static void get_text(struct reader *reader, char *text, size_t size)
{
    size_t length = get_count(reader, 1);
    expect(reader, length < size);
    if (reader->failed)
        length = 0;
    memcpy(text, reader->bytes + reader->at, length);
    text[length] = '\0';
    reader->at += length;
}

static void get_generator(struct reader *reader, struct generator *generator)
{
    for (size_t i = 0; i < 624; i++)
        generator->key[i] = (uint32_t)get_integer(reader);
    uint64_t position = get_integer(reader);
    expect(reader, position <= 624);
    generator->position = reader->failed ? 624 : (int)position;
    generator->has_normal = get_flag(reader);
    generator->normal = get_double(reader);
}

static void get_sampler_state(struct reader *reader, struct sampler_state *state, size_t most)
{
    get_generator(reader, &state->generator);
    get_generator(reader, &state->epoch_start);
    state->position = (size_t)get_integer(reader);
    state->drawn = get_integer(reader);
    state->permuted = get_flag(reader);
    expect(reader, state->position <= most);
}

/* What a saved run is made of before it is one. */
struct parts {
    struct context *context;
    struct objective *objective;
    struct segment *segments;
    size_t segment_count;
    bool *held;
    double *bounds; /* lower, then upper */
    size_t *given;  /* offsets, then indices */
    struct run_options options;
    size_t state_count;
};

static void free_parts(struct parts *parts)
{
    for (size_t i = 0; i < parts->segment_count; i++)
        optimizer_release(parts->segments[i].optimizer);
    memory_free(parts->context, parts->segments);
    memory_free(parts->context, parts->held);
    memory_free(parts->context, parts->bounds);
    memory_free(parts->context, parts->given);
}

static enum status damaged(struct error *error)
{
    return error_set(error, STATUS_FORMAT, "", "the saved run is damaged");
}

static const struct schedule_rule *find_schedule(const char *name)
{
    for (size_t i = 0; i < schedule_rule_count; i++)
        if (strcmp(schedule_rules[i]->doc.name, name) == 0)
            return schedule_rules[i];
    return NULL;
}

/* The optimizer of a segment: of the list where its rule is there and its rates are no
 * functions. */
static enum status get_optimizer(struct reader *reader, struct parts *parts,
                                 struct optimizer **optimizer, saved_optimizer *own, void *user,
                                 struct error *error)
{
    char name[128], schedule_name[128];
    double arguments[OPTIMIZER_ARGUMENTS] = {0};
    bool given[OPTIMIZER_ARGUMENTS] = {false}, functions = false;
    struct schedule *schedules[OPTIMIZER_ARGUMENTS] = {NULL};
    get_text(reader, name, sizeof name);
    const struct rule *rule = strncmp(name, "optim.", 6) == 0 ? optimizer_rule(name) : NULL;
    size_t count = get_count(reader, 8);
    expect(reader,
           count <= OPTIMIZER_ARGUMENTS && (rule == NULL || count == rule->doc.argument_count));
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && !reader->failed && status == STATUS_OK; i++) {
        double values[SCHEDULE_ARGUMENTS];
        given[i] = get_flag(reader);
        arguments[i] = get_double(reader);
        get_text(reader, schedule_name, sizeof schedule_name);
        size_t numbers = get_count(reader, 8);
        expect(reader, numbers <= SCHEDULE_ARGUMENTS);
        get_doubles(reader, values, reader->failed ? 0 : numbers);
        if (reader->failed || schedule_name[0] == '\0')
            continue;
        const struct schedule_rule *schedule = find_schedule(schedule_name);
        functions |= schedule == NULL;
        if (schedule != NULL && schedule->doc.argument_count == numbers)
            status = schedule_new(&schedules[i], parts->context, schedule, values, error);
        else
            expect(reader, schedule == NULL);
    }
    if (reader->failed && status == STATUS_OK)
        status = damaged(error);
    if (status == STATUS_OK && rule != NULL && !functions) {
        status = optimizer_new(optimizer, parts->context, rule, arguments, schedules, given, error);
    } else if (status == STATUS_OK) {
        struct optimizer *mine = own != NULL ? own(user, name) : NULL;
        if (mine != NULL && strcmp(mine->rule->doc.name, name) != 0)
            status = error_set(error, STATUS_ARGUMENT, "optimizer",
                               "the run was made by %s, not by %s; give that one, then "
                               "r:fork{another} goes on with another rule",
                               name, mine->rule->doc.name);
        else if (mine != NULL)
            *optimizer = optimizer_keep(mine);
        else
            status = error_set(error, STATUS_ARGUMENT, "optimizer",
                               "the run's %s holds a Lua function, which no file can keep; give it "
                               "again: run.load(file, {optimizer = ...})",
                               name);
    }
    for (size_t i = 0; i < OPTIMIZER_ARGUMENTS; i++)
        schedule_release(schedules[i]);
    return status;
}

static enum status get_segments(struct reader *reader, struct parts *parts, saved_optimizer *own,
                                void *user, struct error *error)
{
    size_t count = get_count(reader, 32);
    if (count == 0)
        return damaged(error);
    parts->segments = memory_allocate(parts->context, count, sizeof *parts->segments);
    if (parts->segments == NULL)
        return error_memory(error, "the run");
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct segment *segment = &parts->segments[i];
        segment->from = get_integer(reader);
        segment->origin = get_integer(reader);
        expect(reader,
               segment->origin <= segment->from &&
                   (i == 0 ? segment->from == 0 : segment->from >= parts->segments[i - 1].from));
        if (reader->failed)
            return damaged(error);
        status = get_optimizer(reader, parts, &segment->optimizer, own, user, error);
        parts->segment_count += status == STATUS_OK;
    }
    return status;
}

static enum status get_limits(struct reader *reader, struct parts *parts, struct error *error)
{
    size_t size = objective_size(parts->objective);
    if (get_flag(reader)) {
        parts->held = memory_allocate(parts->context, size, sizeof *parts->held);
        if (parts->held == NULL)
            return error_memory(error, "the run");
        for (size_t j = 0; j < size; j++)
            parts->held[j] = get_flag(reader);
        parts->options.held = parts->held;
    }
    if (get_flag(reader)) {
        parts->bounds = memory_allocate(parts->context, 2 * size, sizeof *parts->bounds);
        if (parts->bounds == NULL)
            return error_memory(error, "the run");
        get_doubles(reader, parts->bounds, 2 * size);
        parts->options.lower = parts->bounds;
        parts->options.upper = parts->bounds + size;
    }
    return reader->failed ? damaged(error) : STATUS_OK;
}

static enum status get_sampler(struct reader *reader, struct parts *parts, struct error *error)
{
    struct run_options *options = &parts->options;
    size_t examples = objective_examples(parts->objective);
    uint64_t order = get_integer(reader);
    expect(reader, order <= SAMPLER_GIVEN);
    options->order = reader->failed ? SAMPLER_ALL : (enum sampler_order)order;
    options->batch = (size_t)get_integer(reader);
    options->given_count = get_count(reader, 8);
    expect(reader, options->given_count > 0 || options->order != SAMPLER_GIVEN);
    if (options->given_count == 0 || reader->failed)
        return reader->failed ? damaged(error) : STATUS_OK;
    size_t offsets = options->given_count + 1, left = (reader->size - reader->at) / 8;
    parts->given = memory_allocate(parts->context, left, sizeof *parts->given);
    if (parts->given == NULL)
        return error_memory(error, "the batches of the run");
    expect(reader, offsets <= left);
    for (size_t i = 0; i < offsets && !reader->failed; i++) {
        parts->given[i] = (size_t)get_integer(reader);
        expect(reader, i == 0 ? parts->given[0] == 0 : parts->given[i] >= parts->given[i - 1]);
    }
    size_t indices = reader->failed ? 0 : parts->given[offsets - 1];
    expect(reader, !reader->failed && indices <= left - offsets);
    for (size_t i = 0; i < indices && !reader->failed; i++) {
        parts->given[offsets + i] = (size_t)get_integer(reader);
        expect(reader, parts->given[offsets + i] < examples);
    }
    options->given_offsets = parts->given;
    options->given_indices = parts->given + offsets;
    return reader->failed ? damaged(error) : STATUS_OK;
}

static bool is_power_of_two(unsigned long long value)
{
    return value > 0 && (value & (value - 1)) == 0;
}

static unsigned long long last_at(unsigned long long t, unsigned long long stride)
{
    return t / stride + 1;
}

/* Rows, snapshots and rates in place of those of the fresh run. */
static enum status get_history(struct reader *reader, struct run *run, unsigned long long t,
                               struct error *error)
{
    struct history *history = &run->history;
    size_t width = run->size + 2, numbers = run->size * (1 + run->state_count);
    size_t most = run->sampler.order == SAMPLER_GIVEN ? run->sampler.given_count
                                                      : run->sampler.examples;
    unsigned long long row_stride = get_integer(reader);
    size_t rows = get_count(reader, 8 * width);
    expect(reader, is_power_of_two(row_stride) && rows == last_at(t, row_stride ? row_stride : 1) &&
                       rows <= history->row_limit);
    if (reader->failed)
        return damaged(error);
    double *block = memory_resize(run->context, history->rows, rows, width * sizeof *block);
    if (block == NULL)
        return error_memory(error, "the history of the run");
    history->rows = block;
    history->row_room = history->row_count = rows;
    history->row_stride = row_stride;
    get_doubles(reader, block, rows * width);

    unsigned long long stride = get_integer(reader);
    size_t snapshots = get_count(reader, 8 * (2 + numbers));
    expect(reader, is_power_of_two(stride) && snapshots == last_at(t, stride ? stride : 1) &&
                       snapshots <= history->snapshot_limit);
    if (reader->failed)
        return damaged(error);
    enum status status = history_empty_snapshots(run, snapshots, stride, error);
    for (size_t i = 0; i < snapshots && status == STATUS_OK; i++) {
        struct snapshot *snapshot = history->snapshots[i];
        snapshot->batch_loss = get_double(reader);
        snapshot->alpha = get_double(reader);
        get_doubles(reader, snapshot->numbers, numbers);
        if (snapshot->sampler != NULL) {
            get_sampler_state(reader, snapshot->sampler, most);
            expect(reader, snapshot->sampler->drawn == i * stride);
        }
    }
    if (status != STATUS_OK)
        return status;
    unsigned long long asked = get_integer(reader);
    size_t events = get_count(reader, 16);
    for (size_t i = 0; i < events && status == STATUS_OK; i++) {
        unsigned long long from = get_integer(reader);
        double alpha = get_double(reader);
        expect(reader, i == 0 || from > history->events[i - 1].t);
        status = history_reserve_rate(run, error);
        if (status == STATUS_OK)
            history->events[history->event_count++] = (struct rate_event){from, alpha};
    }
    history->asked = asked;
    return status != STATUS_OK ? status : reader->failed ? damaged(error) : STATUS_OK;
}

static void get_aim(struct reader *reader, struct run *run)
{
    struct goal *goal = &run->aim.goal;
    run->aim.set = get_flag(reader);
    goal->steps = get_integer(reader);
    goal->epochs = get_integer(reader);
    goal->gradient = get_double(reader);
    goal->loss = get_double(reader);
    goal->change = get_double(reader);
    goal->seconds = get_double(reader);
    run->aim.last_step = get_integer(reader);
    run->aim.last_epoch_step = get_integer(reader);
    run->aim.seconds_left = get_double(reader);
    run->aim.standard = get_flag(reader);
    run->aim.threshold = get_double(reader);
}

static enum status get_now(struct reader *reader, struct run *run, double value,
                           struct error *error)
{
    run->now->batch_loss = get_double(reader);
    run->now->alpha = get_double(reader);
    get_doubles(reader, run->now->phi, run->size * (1 + run->state_count));
    uint64_t reason = get_integer(reader);
    expect(reader, reason <= REASON_INTERRUPTED);
    run->reason = reader->failed ? REASON_NONE : (enum reason)reason;
    get_text(reader, run->message, sizeof run->message);
    run->counts.values = get_integer(reader);
    run->counts.gradients = get_integer(reader);
    run->counts.hessians = get_integer(reader);
    run->seconds = get_double(reader);
    get_aim(reader, run);
    for (size_t j = 0; j < run->size && !reader->failed; j++)
        expect(reader, isfinite(run->now->phi[j]) != 0);
    expect(reader, reader->at == reader->size);
    if (reader->failed)
        return damaged(error);
    double here;
    enum status status = objective_value(run->objective, run->now->phi, NULL, &here, error);
    if (status != STATUS_OK)
        return status;
    if (!(fabs(here - value) <= 1e-9 * fmax(1, fabs(value))) && !(isnan(here) && isnan(value)))
        return error_set(error, STATUS_ARGUMENT, "loss",
                         "it is not the one of the saved run: where that stands it was %.9g, and "
                         "this one is %.9g",
                         value, here);
    if (run->aim.set) { /* what run_converge would have made */
        run->aim.gradient = memory_allocate(run->context, run->size, sizeof *run->aim.gradient);
        if (run->aim.gradient == NULL)
            return error_memory(error, "the gradient over all data");
    }
    return STATUS_OK;
}

static enum status get_problem(struct reader *reader, const struct objective *objective,
                               double *value, struct error *error)
{
    uint64_t version = get_integer(reader);
    if (!reader->failed && version != SAVED_VERSION)
        return error_set(error, STATUS_FORMAT, "",
                         "the run was saved by another version of this program (format %llu; this "
                         "one reads %d)",
                         (unsigned long long)version, SAVED_VERSION);
    size_t size = get_count(reader, 8), examples = (size_t)get_integer(reader);
    if (!reader->failed &&
        (size != objective_size(objective) || examples != objective_examples(objective)))
        return error_set(error, STATUS_ARGUMENT, "loss",
                         "it is not the one of the saved run, which has %zu parameters and %zu "
                         "examples; this one has %zu and %zu",
                         size, examples, objective_size(objective), objective_examples(objective));
    for (size_t j = 0; j < size && !reader->failed; j++) {
        char name[256];
        get_text(reader, name, sizeof name);
        if (!reader->failed && strcmp(name, objective_component(objective, j)) != 0)
            return error_set(error, STATUS_ARGUMENT, "loss",
                             "it is not the one of the saved run: its parameter %s is called %s "
                             "there",
                             objective_component(objective, j), name);
    }
    *value = get_double(reader);
    return reader->failed ? damaged(error) : STATUS_OK;
}

static enum status get_run(struct reader *reader, struct parts *parts, double value,
                           struct run **run, struct error *error)
{
    struct context *context = parts->context;
    const size_t size = objective_size(parts->objective);
    parts->options.mask_seed = get_integer(reader);
    const size_t state_count = (size_t)get_integer(reader);
    const unsigned long long t = get_integer(reader);
    parts->options.history_bytes = (size_t)get_integer(reader);
    /* The first row is the start. */
    struct reader ahead = *reader;
    get_integer(&ahead);
    size_t rows = get_count(&ahead, 8 * (size + 2));
    get_double(&ahead);
    get_double(&ahead);
    double *start = memory_allocate(context, size, sizeof *start);
    if (start == NULL)
        return error_memory(error, "the run");
    get_doubles(&ahead, start, size);
    parts->options.start = start;
    for (size_t j = 0; j < size; j++)
        expect(&ahead, isfinite(start[j]) != 0);
    struct run *made = NULL;
    enum status status = ahead.failed || rows == 0 ? damaged(error) : STATUS_OK;
    if (status == STATUS_OK)
        status = run_make(&made, parts->objective, parts->segments, parts->segment_count,
                          &parts->options, error);
    memory_free(context, start);
    if (status != STATUS_OK)
        return status;
    status = made->state_count == state_count ? get_history(reader, made, t, error)
                                              : damaged(error);
    made->now->t = t;
    if (status == STATUS_OK && made->sampler.order != SAMPLER_ALL)
        sampler_restore(&made->sampler, made->history.snapshots[0]->sampler);
    if (status == STATUS_OK)
        status = get_now(reader, made, value, error);
    if (status != STATUS_OK) {
        run_release(made);
        return status;
    }
    made->previous_known = false;
    run_moved(made);
    *run = made;
    return STATUS_OK;
}

enum status run_restore(struct run **run, struct objective *objective, const char *bytes,
                        size_t size, saved_optimizer *own, void *user, struct error *error)
{
    struct reader reader = {.bytes = bytes, .size = size};
    struct parts parts = {.context = objective_context(objective), .objective = objective};
    double value = 0;
    enum status status = get_problem(&reader, objective, &value, error);
    if (status == STATUS_OK)
        status = get_segments(&reader, &parts, own, user, error);
    if (status == STATUS_OK)
        status = get_limits(&reader, &parts, error);
    if (status == STATUS_OK)
        status = get_sampler(&reader, &parts, error);
    if (status == STATUS_OK)
        status = get_run(&reader, &parts, value, run, error);
    free_parts(&parts);
    return status;
}
