/* objective.h: L[φ], all that an optimizer can see of a problem. Includes base and array only; it
 * names no model and no data set (objective/build.h makes one from them).
 *
 * An objective never changes once made. Its caches and counters are its own; φ is a flat vector of
 * objective_size numbers. Values may come out as NaN or infinite: that is an answer, not an error.
 */
#ifndef DESCENT_OBJECTIVE_OBJECTIVE_H
#define DESCENT_OBJECTIVE_OBJECTIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/context.h"
#include "base/error.h"

struct objective;

struct batch {
    const size_t *indices; /* positions from 0; NULL: all examples */
    size_t count;          /* ignored when indices is NULL */
    uint64_t masks;        /* key of the units that dropout leaves out; 0: none are */
};

struct objective *objective_keep(struct objective *objective);
void objective_release(struct objective *objective);

struct context *objective_context(const struct objective *objective);
size_t objective_size(const struct objective *objective);     /* P, the number of parameters */
size_t objective_examples(const struct objective *objective); /* I; 0 for a loss without data */
/* Whether batch.masks changes anything. */
bool objective_has_masks(const struct objective *objective);
/* The name of component `index` as it is typed: "phi0", "W[3,1]". */
const char *objective_component(const struct objective *objective, size_t index);

enum status objective_value(struct objective *objective, const double *phi,
                            const struct batch *batch, double *value, struct error *error);
/* Value and gradient in one pass; gradient has P entries. */
enum status objective_gradient(struct objective *objective, const double *phi,
                               const struct batch *batch, double *value, double *gradient,
                               struct error *error);
/* P × P, row-major, symmetric to the last bit. */
enum status objective_hessian(struct objective *objective, const double *phi,
                              const struct batch *batch, double *hessian, struct error *error);
/* ℓ_i of every example (of the batch). STATUS_UNSUPPORTED for a loss without data. */
enum status objective_each(struct objective *objective, const double *phi,
                           const struct batch *batch, double *losses, struct error *error);

/* Whether objective_project may change anything. */
bool objective_has_constraints(const struct objective *objective);
/* Moves φ to where the constraints of the loss are met; a run calls it after each update. */
void objective_project(const struct objective *objective, double *phi);

struct objective_counts {
    /* Evaluations; a gradient also gives the value. */
    unsigned long long values, gradients, hessians;
};
struct objective_counts objective_counts(const struct objective *objective);

#endif
