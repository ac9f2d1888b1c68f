/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/activation.h"

node_id activation_apply(struct graph *graph, double choice, node_id a)
{
    static const enum primitive primitives[] = {PRIMITIVE_RELU, PRIMITIVE_TANH, PRIMITIVE_SIGMOID,
                                                PRIMITIVE_SOFTPLUS};
    size_t place = (size_t)choice;
    return place < sizeof primitives / sizeof *primitives ? graph_unary(graph, primitives[place], a)
                                                          : a;
}
