/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_private.h: the parts of a run, for the files of this folder.
 *
 * Time t counts updates. A moment is all that update t + 1 depends on, but for the sampler, whose
 * state at t follows from any earlier one by taking batches; so only snapshots and the anchor hold
 * sampler states (5 kB each), and a step copies none.
 */
#ifndef DESCENT_RUN_RUN_PRIVATE_H
#define DESCENT_RUN_RUN_PRIVATE_H

#include "run/run.h"

struct moment {
    unsigned long long t;
    double batch_loss, alpha; /* of update t; NaN at the start */
    double *phi;              /* P */
    double *state;            /* run->state_count vectors of P, right behind phi */
};

/* Which optimizer makes the updates from + 1, ... up to the next segment's `from`. */
struct segment {
    unsigned long long from;
    unsigned long long origin; /* its state was zero at this time */
    struct optimizer *optimizer;
    int alpha; /* position among the rule's arguments, or -1 */
    int clip;
    const struct schedule_function *function; /* that gives alpha, or NULL */
    bool scheduled;                           /* a setting depends on time */
    size_t states;                            /* named ones in use */
};

/* From update t on, until the next one, a function gave this rate. */
struct rate_event {
    unsigned long long t;
    double alpha;
};

struct snapshot {
    double batch_loss, alpha;
    double *numbers;               /* φ and state */
    struct sampler_state *sampler; /* NULL without batches */
};

/* What is kept of the past. Row i is at t = i · row_stride, snapshot i at t = i · snapshot_stride;
 * both begin with the start, and thinning doubles the stride. */
struct history {
    double *rows; /* row_limit × (P + 2): batch loss, alpha, φ */
    size_t row_count, row_room, row_limit;
    unsigned long long row_stride;
    struct snapshot **snapshots;
    size_t snapshot_count, snapshot_room, snapshot_limit;
    unsigned long long snapshot_stride;
    struct snapshot *spare; /* made before an update, so that its commit cannot fail */
    /* The rates that functions gave, for updates up to `asked`; kept when the run goes back, so
     * that the same updates are made again. */
    struct rate_event *events;
    size_t event_count, event_room;
    unsigned long long asked;
};

struct run {
    struct context *context;
    int references;
    struct objective *objective;
    size_t size;          /* P */
    size_t state_count;   /* the most that a segment's rule has */
    size_t scratch_count; /* likewise */
    struct segment *segments;
    size_t segment_count;

    struct moment moments[3];
    struct moment *now, *next, *previous; /* next: being made; previous: t − 1, if it is known */
    bool previous_known;
    struct moment replay[2]; /* made at the first look back */
    double *gradient;        /* P */
    double *asked_gradient;  /* P: what a function's rate was asked with */
    double *scratch;
    bool *held;            /* P, or NULL */
    double *lower, *upper; /* P, or NULL */
    const char *stop;      /* why the last run_update found no way on, or NULL */
    struct update work;    /* what is the same in all updates of work_segment */
    bool draws;            /* each update has a batch, or units left out, of its own */
    bool limits;           /* held parameters, bounds, or constraints of the loss */
    const struct segment *work_segment;
    bool busy; /* in the middle of an update, which may call Lua */

    struct sampler sampler;
    size_t updates_per_epoch, anchor_stride;
    bool masked;        /* the loss leaves units out, others at each update */
    uint64_t mask_seed; /* what they follow from, with the update's number */
    struct sampler_state *anchor; /* the start of an epoch met lately; NULL without batches */
    bool anchor_known;

    struct history history;
    size_t history_bytes;
    enum reason reason;
    char message[512];
    struct objective_counts counts;
    double seconds; /* spent going on */
    double quick;   /* what the last single update took that was timed */
    unsigned untimed; /* single updates since */
    unsigned long long version;

    const double *known_gradient; /* over all data at now.phi, from a goal's check; or NULL */
    double known_loss;
    const double *met_gradient; /* at the end of the last run_update, in its state; or NULL */
    double met_loss;

    struct {
        bool set;
        struct goal goal;
        unsigned long long last_step, last_epoch_step; /* as times; 0: no limit */
        double seconds_left;
        bool standard;    /* no goal was given: the gradient is looked at twice */
        double threshold; /* of the gradient, in force now */
        double *gradient; /* P; what known_gradient points to */
    } aim;
};

/* The segment of update t. */
static inline const struct segment *run_segment(const struct run *run, unsigned long long t)
{
    const struct segment *segment = &run->segments[run->segment_count - 1];
    while (segment->from >= t && segment > run->segments)
        segment--;
    return segment;
}

/* --- run.c --- */
enum status run_make(struct run **run, struct objective *objective, const struct segment *segments,
                     size_t count, const struct run_options *options, struct error *error);
unsigned long long run_epoch_of(const struct run *run, unsigned long long t);
enum status moment_init(struct run *run, struct moment *moment, struct error *error);
void moment_copy(const struct run *run, struct moment *to, const struct moment *from);
/* The batch of update t. */
void run_draw(struct run *run, unsigned long long t, struct batch *batch);
/* Makes update from->t + 1 into `to`. record: NULL or the rule's terms; arguments: NULL or room for
 * those used. The gradient is left in run->gradient. */
enum status run_update(struct run *run, const struct moment *from, struct moment *to,
                       double *record, double *arguments, struct error *error);
/* STATUS_UNSUPPORTED in the middle of an update. */
enum status run_check_idle(const struct run *run, struct error *error);
bool run_take_interrupt(struct run *run);
bool run_take_stop(struct run *run); /* so too where as many updates are made as were asked for */
/* One committed update, or run->reason says why not. The caller counts evaluations. */
enum status run_advance(struct run *run, struct error *error);
double run_clock(void); /* seconds since some moment */
void run_count(struct run *run, struct objective_counts before);
void run_moved(struct run *run); /* what is known about `now` only is forgotten */

/* --- goal.c --- */
/* Held, or at a bound with its gradient over all data (aim.gradient) pointing into it. */
bool run_fixed(const struct run *run, size_t j);

/* --- minimum.c --- */
enum run_minimum {
    MINIMUM_YES,
    MINIMUM_UNKNOWN, /* it cannot be told */
    MINIMUM_FAR,    /* the quadratic model still falls */
    MINIMUM_FLAT,   /* in some direction the loss does not change */
    MINIMUM_SADDLE, /* in some direction it falls */
};
/* Where the run stands, with aim.gradient and the loss there. */
enum status run_is_minimum(struct run *run, double loss, enum run_minimum *verdict,
                           struct error *error);

/* --- history.c --- */
enum status history_init(struct run *run, size_t bytes, struct error *error);
void history_free(struct run *run);
/* Whether time t has a place among rows, or snapshots, of this stride: a power of two. */
static inline bool on_stride(unsigned long long t, unsigned long long stride)
{
    return (t & (stride - 1)) == 0;
}
/* Makes room for what time t will add, thinning where the budget is used up. */
enum status history_make_room(struct run *run, unsigned long long t, struct error *error);
static inline enum status history_reserve(struct run *run, unsigned long long t,
                                          struct error *error)
{
    const struct history *history = &run->history;
    bool row = on_stride(t, history->row_stride) && history->row_count == history->row_room;
    return row || on_stride(t, history->snapshot_stride) ? history_make_room(run, t, error)
                                                         : STATUS_OK;
}
void history_add_snapshot(struct run *run);
/* What `now` leaves; cannot fail. */
static inline void history_add(struct run *run)
{
    struct history *history = &run->history;
    const struct moment *now = run->now;
    if (on_stride(now->t, history->row_stride)) {
        double *row = history->rows + history->row_count++ * (run->size + 2);
        const double *phi = now->phi;
        const size_t size = run->size;
        row[0] = now->batch_loss;
        row[1] = now->alpha;
        for (size_t j = 0; j < size; j++) /* number by number, as they were written just now */
            row[2 + j] = phi[j];
    }
    if (on_stride(now->t, history->snapshot_stride))
        history_add_snapshot(run);
}
/* As many snapshots, to be filled, in place of those there are. On failure there are fewer. */
enum status history_empty_snapshots(struct run *run, size_t count, unsigned long long stride,
                                    struct error *error);
/* The rate of update t <= asked. */
double history_rate(const struct run *run, unsigned long long t);
enum status history_reserve_rate(struct run *run, struct error *error);
/* The rate that was asked for update t; cannot fail. */
void history_add_rate(struct run *run, unsigned long long t, double alpha);
void history_cut(struct run *run, unsigned long long t); /* forgets all after t */
/* The last snapshot at or before t; its time in *at. */
const struct snapshot *history_snapshot(const struct run *run, unsigned long long t,
                                        unsigned long long *at);

#endif
