/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model.h: f[x, φ]. A kind of model is a constant record, one per file, listed in model.def: which
 * parameters it has, where they start, what graph it builds. A user's own model is the kind
 * "expression": a graph traced from a function. Models are immutable and counted by reference. */
#ifndef DESCENT_MODEL_MODEL_H
#define DESCENT_MODEL_MODEL_H

#include "base/doc.h"
#include "base/generator.h"
#include "dataset/dataset.h"
#include "graph/graph.h"

enum { MODEL_ARGUMENTS = 4, MODEL_PARTS = 2 };

enum start_rule {
    START_NORMAL, /* N(0, 1): single numbers */
    START_ZERO,   /* vectors of offsets */
    START_WEIGHTS /* matrices: He, N(0, 2 / columns) */
};

struct parameter {
    char *name;
    struct shape shape;
    enum start_rule start;
};

struct model;

/* Arguments of a kind that are no numbers say by their type_name what they are: a "model" becomes
 * the next of the source's parts, a "data set" its data, a "list of widths" its widths. */
struct model_kind {
    struct doc doc; /* name "model.line"; its arguments are the constructor's, in order */
    int required;   /* how many of them are given by position and must be there */
    bool is_value;  /* model.line itself is a model; it may be called all the same */
    /* Writes what fits data with so many columns ("model.linear(3) takes as many"); may be NULL. */
    void (*fitting)(const struct model *model, int width, char *text, size_t size);
    /* Adds the parameters with model_add_parameter and sets inputs (0: any number) and outputs. */
    enum status (*open)(struct model *model, struct error *error);
    /* x has `inputs` components; parameters come in their order. */
    node_id (*build)(const struct model *model, struct graph *graph, node_id x,
                     const node_id *parameters);
    /* In place of build: a model without parameters and without derivatives. */
    enum status (*predict)(const struct model *model, const double *x, size_t count,
                           double *predictions, struct error *error);
};

/* What a model is made of. */
struct model_source {
    const double *arguments; /* numbers, by their place in the record; NULL: the defaults */
    const int *widths;
    int width_count;
    struct model *parts[MODEL_PARTS]; /* NULL: not given */
    struct dataset *data;
};

struct model {
    struct context *context;
    int references;
    const struct model_kind *kind;
    double arguments[MODEL_ARGUMENTS];
    int *widths;
    int width_count;
    struct model *parts[MODEL_PARTS];
    struct dataset *data;
    int inputs, outputs; /* outputs 0: not known before it is built (expression) */
    int spreads;         /* how many of the outputs, the last ones, are log σ */
    struct parameter *parameters;
    int parameter_count;
    int size; /* P */
    char **components; /* P names: "phi0", "W[3,1]" */
    struct graph *graph; /* of an expression; else NULL */
    node_id root;
    struct tape *predictor; /* made at the first prediction */
};

extern const struct model_kind *const model_kinds[];
extern const size_t model_kind_count;
const struct model_kind *model_kind_named(const char *name); /* "line" or "model.line"; NULL */

/* For losses that estimate σ. */
extern const struct model_kind model_kind_gaussian;

/* Keeps references to the source's parts and data, copies the rest. source NULL: the defaults. */
enum status model_new(struct model **model, struct context *context,
                      const struct model_kind *kind, const struct model_source *source,
                      struct error *error);

/* A traced function: takes over the graph, also on failure. `root` depends on an input of `inputs`
 * columns from SOURCE_X and on the declared parameters, laid out one after the other. */
struct parameter_spec {
    const char *name;
    struct shape shape;
    enum start_rule start;
};
enum status model_from_expression(struct model **model, struct context *context,
                                  const struct parameter_spec *parameters, int count, int inputs,
                                  struct graph *graph, node_id root, struct error *error);

struct model *model_keep(struct model *model);
void model_release(struct model *model);

/* For kinds. */
enum status model_add_parameter(struct model *model, const char *name, int rows, int cols,
                                enum start_rule start, struct error *error);

/* The prediction as a node of `graph`, with the parameters declared and leaves of φ from 0. The
 * width of x is checked: STATUS_SHAPE in words. */
enum status model_build(const struct model *model, struct graph *graph, int x_width,
                        node_id *prediction, struct error *error);

/* f[x, φ] for `count` examples of `width` columns; `predictions` gets count × outputs numbers, for
 * which the caller asks model_outputs first. */
enum status model_outputs(struct model *model, int width, int *outputs, struct error *error);
enum status model_predict(struct model *model, const double *x, size_t count, int width,
                          const double *phi, double *predictions, struct error *error);

enum start_scheme { SCHEME_STANDARD, SCHEME_HE, SCHEME_XAVIER, SCHEME_NORMAL, SCHEME_ZEROS };
/* A start for φ: matrices He, vectors of offsets 0, single numbers normal, unless a scheme says
 * otherwise. */
void model_start(const struct model *model, enum start_scheme scheme, struct generator *generator,
                 double *phi);

#endif
