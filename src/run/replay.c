/* SPDX-License-Identifier: GPL-3.0-or-later */
/* replay.c: looking back. The past is made again from the snapshot before it, by the same updates,
 * hence to the same bits. All of it happens beside `now`: what fails leaves the run where it is. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "run/run_private.h"

static enum status need_replay(struct run *run, struct error *error)
{
    enum status status = STATUS_OK;
    for (int i = 0; i < 2 && status == STATUS_OK; i++)
        if (run->replay[i].phi == NULL)
            status = moment_init(run, &run->replay[i], error);
    return status;
}

/* One update of a replay. */
static enum status redo(struct run *run, const struct moment *from, struct moment *to,
                        double *record, double *arguments, struct error *error)
{
    if (run_take_interrupt(run))
        return error_set(error, STATUS_INTERRUPTED, "", "interrupted");
    return run_update(run, from, to, record, arguments, error);
}

static void load_snapshot(const struct run *run, unsigned long long t, struct moment *moment)
{
    const struct snapshot *snapshot = history_snapshot(run, t, &moment->t);
    moment->batch_loss = snapshot->batch_loss;
    moment->alpha = snapshot->alpha;
    memcpy(moment->phi, snapshot->numbers,
           run->size * (1 + run->state_count) * sizeof *moment->phi);
}

/* The moment t <= now.t: *found is now, previous or replay[0]. */
static enum status seek(struct run *run, unsigned long long t, const struct moment **found,
                        struct error *error)
{
    if (t == run->now->t || (run->previous_known && t == run->previous->t)) {
        *found = t == run->now->t ? run->now : run->previous;
        return STATUS_OK;
    }
    enum status status = need_replay(run, error);
    if (status != STATUS_OK)
        return status;
    load_snapshot(run, t, &run->replay[0]);
    while (status == STATUS_OK && run->replay[0].t < t) {
        status = redo(run, &run->replay[0], &run->replay[1], NULL, NULL, error);
        struct moment made = run->replay[1];
        run->replay[1] = run->replay[0];
        run->replay[0] = made;
    }
    *found = &run->replay[0];
    return status;
}

enum status run_back(struct run *run, unsigned long long n, struct error *error)
{
    if (n > run->now->t)
        return error_set(error, STATUS_ARGUMENT, "back",
                         "%llu updates cannot be undone; the run stands at %llu", n, run->now->t);
    if (n == 0)
        return STATUS_OK;
    const struct moment *past;
    enum status status = run_check_idle(run, error);
    if (status == STATUS_OK)
        status = seek(run, run->now->t - n, &past, error);
    if (status != STATUS_OK)
        return status;
    moment_copy(run, run->now, past);
    run->previous_known = false;
    run->reason = REASON_NONE;
    history_cut(run, run->now->t);
    run_moved(run);
    return STATUS_OK;
}

enum status run_to(struct run *run, unsigned long long t, struct error *error)
{
    return t >= run->now->t ? run_step(run, t - run->now->t, error)
                           : run_back(run, run->now->t - t, error);
}

/* --- records --- */

void run_record_free(struct run_record *record)
{
    memory_free(record->context, record->phi_before);
    memory_free(record->context, record->phi);
    memory_free(record->context, record->gradient);
    memory_free(record->context, record->state_before);
    memory_free(record->context, record->terms);
    memory_free(record->context, record->indices);
    *record = (struct run_record){0};
}

static double *numbers(struct run *run, size_t vectors)
{
    return memory_allocate(run->context, vectors * run->size, sizeof(double));
}

static bool is_absent(const struct optimizer *optimizer, size_t term)
{
    const char *equation = optimizer_equation(optimizer, term);
    return equation != NULL && equation[0] == '\0';
}

/* Terms that the settings leave out are NaN. */
static void forget_absent(const struct optimizer *optimizer, size_t size, double *terms)
{
    for (size_t i = 0; i < optimizer->rule->term_count; i++)
        for (size_t j = 0; j < size && is_absent(optimizer, i); j++)
            terms[i * size + j] = NAN;
}

static enum status fill_record(struct run *run, unsigned long long t, struct run_record *record,
                               struct error *error)
{
    const struct rule *rule = record->optimizer->rule;
    record->phi_before = numbers(run, 1);
    record->phi = numbers(run, 1);
    record->gradient = numbers(run, 1);
    record->state_before = numbers(run, rule->state_count);
    record->terms = numbers(run, rule->term_count);
    size_t used = optimizer_states(record->optimizer, run->size);
    if (record->phi_before == NULL || record->phi == NULL || record->gradient == NULL ||
        record->state_before == NULL || record->terms == NULL)
        return error_memory(error, "the record of an update");

    const struct moment *before;
    enum status status = seek(run, t - 1, &before, error);
    if (status == STATUS_OK)
        status = need_replay(run, error);
    if (status == STATUS_OK)
        status = redo(run, before, &run->replay[1], record->terms, record->arguments, error);
    if (status != STATUS_OK)
        return status;
    size_t bytes = run->size * sizeof(double);
    forget_absent(record->optimizer, run->size, record->terms);
    record->loss = run->replay[1].batch_loss;
    memcpy(record->phi_before, before->phi, bytes);
    memcpy(record->state_before, before->state, bytes * used);
    for (size_t i = used * run->size; i < rule->state_count * run->size; i++)
        record->state_before[i] = NAN;
    memcpy(record->phi, run->replay[1].phi, bytes);
    memcpy(record->gradient, run->gradient, bytes);

    const size_t *indices;
    status = run_batch(run, t, &indices, &record->count, error);
    if (status == STATUS_OK && indices != NULL) {
        record->indices = memory_allocate(run->context, record->count, sizeof *indices);
        if (record->indices == NULL)
            return error_memory(error, "the record of an update");
        memcpy(record->indices, indices, record->count * sizeof *indices);
    }
    return status;
}

enum status run_record(struct run *run, unsigned long long t, struct run_record *record,
                       struct error *error)
{
    *record = (struct run_record){.context = run->context};
    if (t == 0 || t > run->now->t)
        return error_set(error, STATUS_ARGUMENT, "t",
                         "update %llu has not been made; the run stands at %llu", t, run->now->t);
    const struct segment *segment = run_segment(run, t);
    record->size = run->size;
    record->optimizer = segment->optimizer;
    record->t = t;
    record->epoch = run_epoch_of(run, t);
    record->age = t - segment->origin;
    enum status status = fill_record(run, t, record, error);
    if (status != STATUS_OK)
        run_record_free(record);
    return status;
}

/* --- columns --- */

static const char gradient_name[] = "gradient";

/* The position of a term of the rule; its term_count stands for the gradient, more for none. */
static size_t find_term(const struct optimizer *optimizer, const char *name)
{
    const struct rule *rule = optimizer->rule;
    if (strcmp(name, gradient_name) == 0)
        return rule->term_count;
    size_t term = 0;
    while (term < rule->term_count && strcmp(rule->terms[term].name, name) != 0)
        term++;
    return term < rule->term_count && !is_absent(optimizer, term) ? term : rule->term_count + 1;
}

static void fill_start(const struct run *run, const char *name, double *row)
{
    const struct optimizer *optimizer = run_optimizer_at(run, 1);
    const struct rule *rule = optimizer->rule;
    const struct snapshot *start = run->history.snapshots[0];
    const double *values = strcmp(name, "phi") == 0 ? start->numbers : NULL;
    for (size_t i = 0; i < optimizer_states(optimizer, run->size); i++)
        if (strcmp(rule->states[i], name) == 0)
            values = start->numbers + (i + 1) * run->size;
    for (size_t j = 0; j < run->size; j++)
        row[j] = values != NULL ? values[j] : NAN;
}

/* One row: update to->t = from->t + 1 with its record. */
static enum status fill_row(struct run *run, const char *name, const struct moment *from,
                            struct moment *to, double *record, double *row, struct error *error)
{
    const struct optimizer *optimizer = run_optimizer_at(run, from->t + 1);
    const struct rule *rule = optimizer->rule;
    enum status status = redo(run, from, to, record, NULL, error);
    size_t term = find_term(optimizer, name);
    for (size_t j = 0; j < run->size && status == STATUS_OK; j++)
        row[j] = term < rule->term_count    ? record[term * run->size + j]
                 : term == rule->term_count ? run->gradient[j]
                                            : NAN;
    return status;
}

bool run_column_is_number(const struct run *run, const char *name)
{
    bool known = false;
    for (size_t i = 0; i < run->segment_count; i++) {
        const struct optimizer *optimizer = run->segments[i].optimizer;
        size_t term = find_term(optimizer, name);
        if (term > optimizer->rule->term_count)
            continue;
        if (term == optimizer->rule->term_count || !(optimizer->rule->numbers >> term & 1u))
            return false;
        known = true;
    }
    return known;
}

enum status run_column(struct run *run, const char *name, double *values, struct error *error)
{
    size_t most = 0;
    bool known = false;
    for (size_t i = 0; i < run->segment_count; i++) {
        const struct rule *rule = run->segments[i].optimizer->rule;
        known |= find_term(run->segments[i].optimizer, name) <= rule->term_count;
        if (rule->term_count > most)
            most = rule->term_count;
    }
    if (!known)
        return error_set(error, STATUS_ARGUMENT, name, "no term of the rule has this name");
    enum status status = need_replay(run, error);
    if (status != STATUS_OK)
        return status;
    double *record = numbers(run, most);
    if (record == NULL)
        return error_memory(error, "the terms of the updates");

    struct moment *from = &run->replay[0], *to = &run->replay[1];
    load_snapshot(run, 0, from);
    fill_start(run, name, values);
    size_t rows = run_rows(run);
    for (size_t row = 1; row < rows && status == STATUS_OK; row++) {
        unsigned long long t = run_row(run, row).t;
        while (status == STATUS_OK && from->t < t) {
            status = from->t + 1 < t
                         ? redo(run, from, to, NULL, NULL, error)
                         : fill_row(run, name, from, to, record, values + row * run->size, error);
            struct moment *made = to;
            to = from;
            from = made;
        }
    }
    memory_free(run->context, record);
    return status;
}
