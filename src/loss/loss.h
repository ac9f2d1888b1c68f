/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loss.h: ℓ(f, y), the loss of one example. A kind of loss is a constant record, one per file,
 * listed in loss.def; a user's own is an expression traced from a function of (prediction, y). */
#ifndef DESCENT_LOSS_LOSS_H
#define DESCENT_LOSS_LOSS_H

#include "base/doc.h"
#include "graph/graph.h"

enum loss_target {
    TARGET_NUMBERS, /* y has as many columns as the model has outputs */
    TARGET_BINARY,  /* y is one column of 0 and 1, or has two classes (the second counts as 1) */
};

struct loss_kind {
    struct doc doc; /* name "loss.least_squares" */
    enum loss_target target;
    bool mean; /* over the examples; else their sum */
    /* prediction and y have the same shape when the target is numbers. */
    node_id (*build)(struct graph *graph, node_id prediction, node_id y);
};

extern const struct loss_kind *const loss_kinds[];
extern const size_t loss_kind_count;

#endif
