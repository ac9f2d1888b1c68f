/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loss.h: ℓ(f, y), the loss of one example. A kind of loss is a constant record, one per file,
 * listed in loss.def; a user's own is an expression traced from a function of (prediction, y). */
#ifndef DESCENT_LOSS_LOSS_H
#define DESCENT_LOSS_LOSS_H

#include "base/doc.h"
#include "graph/graph.h"

enum { LOSS_ARGUMENTS = 2 };

enum loss_target {
    TARGET_NUMBERS, /* y has as many columns as the model has outputs */
    TARGET_BINARY,  /* y is one column of 0 and 1, or has two classes (the second counts as 1) */
    TARGET_CLASSES, /* y is one column of the numbers 1 .. k, for a model with k outputs */
};

struct loss_input {
    node_id prediction; /* without its log σ */
    node_id log_sigma;  /* of a model that puts one out; else NO_NODE */
    node_id y;          /* as the target says */
    const double *arguments;
};

struct loss_kind {
    struct doc doc; /* name "loss.least_squares"; its arguments are the options in braces */
    enum loss_target target;
    bool mean; /* over the examples; else their sum */
    /* The first argument is σ: NaN asks for a model that puts out log σ. */
    bool spread;
    /* prediction and y have the same shape when the target is numbers. */
    node_id (*build)(struct graph *graph, const struct loss_input *input);
    /* c where ℓ = c·‖f − y‖² + constant, which can be solved by QR; NULL: it is something else. */
    double (*square)(const double *arguments);
};

extern const struct loss_kind *const loss_kinds[];
extern const size_t loss_kind_count;
/* "least_squares" or "loss.least_squares"; NULL */
const struct loss_kind *loss_kind_named(const char *name);

#endif
