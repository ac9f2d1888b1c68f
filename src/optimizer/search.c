/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nocedal and Wright 2006, Numerical Optimization, algorithms 3.1, 3.5 and 3.6. */
#include "optimizer/search.h"

#include <float.h>
#include <math.h>

#include "optimizer/vector.h"

static const double sufficient = 1e-4;   /* c₁ */
static const double same_digits = 1e-13; /* of L: what rounding may make of equal losses */
static const double nearest = 0.1;       /* how near to an end an interpolation may come */
static const double longest_growth = 10, shortest_growth = 1.5;

struct point {
    double step, loss, slope; /* loss INFINITY, slope NAN: too far */
};

static void move(struct search *search, double step)
{
    const struct update *update = search->update;
    vector_add(search->place, update->phi, step, search->direction, update->size);
}

static enum status look(struct search *search, double step, struct point *point,
                        struct error *error)
{
    struct update *update = search->update;
    double loss;
    move(search, step);
    enum status status = update_slope(update, search->place, &loss, search->gradient, error);
    if (status != STATUS_OK)
        return status;
    double slope = vector_dot(search->gradient, search->direction, update->size);
    bool finite = isfinite(loss) && isfinite(slope);
    *point = (struct point){step, finite ? loss : INFINITY, finite ? slope : NAN};
    search->step = step;
    search->found_loss = loss;
    search->rounds--;
    return STATUS_OK;
}

static bool falls_enough(const struct search *search, const struct point *point)
{
    return point->loss <= search->loss + sufficient * point->step * search->slope;
}

static bool is_flat(const struct search *search, const struct point *point)
{
    return fabs(point->slope) <= -search->curvature * search->slope;
}

/* L is as good as equal, and the slopes say that the step is a good one. */
static bool is_good_by_slope(const struct search *search, const struct point *point)
{
    return point->loss <= search->loss + same_digits * fabs(search->loss) &&
           point->slope <= (2 * sufficient - 1) * search->slope && is_flat(search, point);
}

static bool is_admitted(const struct search *search, const struct point *point)
{
    return (falls_enough(search, point) && is_flat(search, point)) ||
           is_good_by_slope(search, point);
}

/* Where the cubic through both points and their slopes is least; NaN where it has no minimum. */
static double cubic_minimum(const struct point *p, const struct point *q)
{
    double first = p->slope + q->slope - 3 * (p->loss - q->loss) / (p->step - q->step);
    double second = first * first - p->slope * q->slope;
    if (!(second >= 0))
        return NAN;
    second = copysign(sqrt(second), q->step - p->step);
    return q->step -
           (q->step - p->step) * (q->slope + second - first) / (q->slope - p->slope + 2 * second);
}

/* A step between both, not too near to either. */
static double between(const struct point *low, const struct point *high)
{
    double least = fmin(low->step, high->step), most = fmax(low->step, high->step);
    double width = most - least;
    double step = isfinite(high->loss) ? cubic_minimum(low, high) : NAN;
    if (isnan(step))
        return least + width / 2;
    return fmin(fmax(step, least + nearest * width), most - nearest * width);
}

/* Algorithm 3.6. low falls enough and is the lowest so far; a good step lies between the two. */
static enum status zoom(struct search *search, struct point low, struct point high, bool *found,
                        struct error *error)
{
    while (search->rounds > 0) {
        struct point point;
        double step = between(&low, &high);
        if (step == low.step || step == high.step)
            break;
        enum status status = look(search, step, &point, error);
        if (status != STATUS_OK)
            return status;
        *found = is_admitted(search, &point);
        if (*found)
            return STATUS_OK;
        if (!falls_enough(search, &point) || point.loss >= low.loss) {
            high = point;
        } else {
            if (point.slope * (high.step - low.step) >= 0)
                high = low;
            low = point;
        }
    }
    /* The best that was met, if it is any better. */
    *found = low.step > 0 && low.loss < search->loss;
    return *found && search->step != low.step ? look(search, low.step, &low, error) : STATUS_OK;
}

enum status search_wolfe(struct search *search, double first, double most, bool *found,
                         struct error *error)
{
    struct point before = {0, search->loss, search->slope}, point;
    double step = fmin(first, most);
    *found = false;
    while (search->rounds > 0 && step > 0) {
        enum status status = look(search, step, &point, error);
        if (status != STATUS_OK)
            return status;
        *found = is_admitted(search, &point);
        if (*found)
            return STATUS_OK;
        if (!falls_enough(search, &point) || (before.step > 0 && point.loss >= before.loss))
            return zoom(search, before, point, found, error);
        if (point.slope >= 0)
            return zoom(search, point, before, found, error);
        if (step >= most) { /* a bound, or the longest allowed: it is lower, and still falls */
            *found = true;
            return STATUS_OK;
        }
        double further = cubic_minimum(&before, &point);
        if (!(further > shortest_growth * step))
            further = point.slope > before.slope ? shortest_growth * step : longest_growth * step;
        before = point;
        step = fmin(fmin(further, longest_growth * step), most);
    }
    *found = before.step > 0;
    return STATUS_OK;
}

enum status search_backtrack(struct search *search, double first, bool *found, struct error *error)
{
    *found = false;
    for (double step = first; search->rounds > 0 && step > 0 && !*found; step /= 2) {
        move(search, step);
        enum status status = update_value(search->update, search->place, &search->found_loss,
                                          error);
        if (status != STATUS_OK)
            return status;
        search->step = step;
        search->rounds--;
        *found = search->found_loss <= search->loss + sufficient * step * search->slope;
    }
    return STATUS_OK;
}
