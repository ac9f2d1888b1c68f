/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESCENT_MODEL_ACTIVATION_H
#define DESCENT_MODEL_ACTIVATION_H

#include "graph/graph.h"

#define ACTIVATIONS "relu|tanh|sigmoid|softplus|identity"

/* The activation with this position among ACTIVATIONS. */
node_id activation_apply(struct graph *graph, double choice, node_id a);

#endif
