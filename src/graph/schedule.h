/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schedule.h: a program in the making, for schedule.c and fuse.c. */
#ifndef DESCENT_GRAPH_SCHEDULE_H
#define DESCENT_GRAPH_SCHEDULE_H

#include "base/memory.h"
#include "graph/graph_private.h"
#include "graph/tape_private.h"

/* What a step reads at most: its operands and what its last sum multiplies by. */
enum { STEP_READS = STEP_OPERANDS + 1 };

enum slot_kind { SLOT_NONE, SLOT_PHI, SLOT_DIRECTION, SLOT_ONCE, SLOT_ROWS };

struct slot {
    enum slot_kind kind;
    size_t offset;      /* in doubles, or in rows */
    size_t spread;      /* 1 + its offset among the spread values; 0: not spread */
    int spread_in_pass; /* the stage in which it was last listed */
};

struct scheduler {
    struct tape *tape;
    struct graph *graph;
    const struct kernel_choice *kernels;
    node_id last;
    unsigned char *needed;
    int *stage; /* of each node */
    struct slot *slot;
    int *uses; /* readers still to come in the pass being built */
    unsigned char *in_pass;
    unsigned char *absorbed; /* computed by its only reader */
    node_id *partner;        /* the cosine that its sine's step computes, and the other way round */
    node_id *function;       /* of a node of arithmetic: the function that is computed with it */
    node_id (*sums)[STEP_SUMS];  /* of a node of arithmetic: the sums that are made with it */
    unsigned char *accompanied;  /* a function or a sum that is made with its argument */
    size_t *free_rows;       /* start, length pairs in order of start */
    size_t free_count, free_capacity;
    size_t spread_at;  /* where the next spread value goes */
    size_t input_rows; /* rows of inputs come first */
    struct error *error;
    struct scratch scratch; /* holds the lists, one entry a node */
};

static inline size_t components_of(const struct scheduler *s, node_id id)
{
    return (size_t)shape_size(NODE(s->graph, id)->shape);
}

static inline bool by_example(const struct scheduler *s, node_id id)
{
    return NODE(s->graph, id)->level == LEVEL_EXAMPLE;
}

/* --- fuse.c: what is computed together --- */
/* What is marked in a pass; in this order, after its readers were counted. */
void absorb(struct scheduler *s, int stage);
void pair_angles(struct scheduler *s);
void accompany(struct scheduler *s, int stage);

bool is_square(const struct graph *graph, node_id id);
bool is_function(enum primitive op);
/* Σ of an outer product is summed as it is made: the matrices of the examples never exist. */
bool is_outer(const struct scheduler *s, node_id id);
/* What a sum over examples reads. */
int summed_operands(const struct scheduler *s, node_id sum, node_id operands[3]);
/* Whether the node is a Σᵢ that this pass adds up. */
bool sum_of_stage(const struct scheduler *s, node_id id, int stage);
/* What a node of arithmetic reads, and how; false for other nodes. in[i] is NO_NODE where the
 * recipe reads nothing. */
bool recipe_of(const struct scheduler *s, node_id id, struct recipe *recipe,
               node_id in[STEP_OPERANDS]);
enum arithmetic arithmetic_of(const struct recipe *recipe);
/* The node of arithmetic whose step may make Σ v, Σ v² or Σ v·w, or NO_NODE; which of the three; w,
 * or NO_NODE. */
node_id host_of(const struct scheduler *s, node_id sum, int *kind, node_id *with);

#endif
