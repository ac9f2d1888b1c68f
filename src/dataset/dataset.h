/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dataset.h: pairs {x_i, y_i}, i = 1..I, with names. Immutable and counted by reference. */
#ifndef DESCENT_DATASET_DATASET_H
#define DESCENT_DATASET_DATASET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/context.h"
#include "base/error.h"

struct dataset {
    struct context *context;
    int references;
    char *name;
    size_t examples; /* I */
    size_t inputs;   /* d, columns of x */
    size_t outputs;  /* columns of y; 0: no y */
    double *x;       /* I × d, row-major */
    double *y;       /* I × outputs, row-major */
    double *weights; /* I, what each example's loss counts; NULL: 1 each */
    char **x_names;  /* d */
    char **y_names;  /* outputs */
    size_t classes;  /* y holds 1..classes when > 0 */
    char **class_names;
    /* What standardizing did: x = (original − shift) / scale, a number a column. NULL: nothing. */
    double *x_shift, *x_scale, *y_shift, *y_scale;
};

struct dataset_source {
    const char *name; /* NULL: "data" */
    size_t examples, inputs, outputs;
    const double *x, *y;
    const char *const *x_names, *const *y_names; /* NULL: x, y; or x1, x2, ... */
    size_t classes;
    const char *const *class_names;
    const double *weights; /* NULL: 1 each */
};

/* Copies everything. NaN and infinities are refused with the row and column, weights below 0 and
 * weights that are all 0 with their row. */
enum status dataset_new(struct dataset **dataset, struct context *context,
                        const struct dataset_source *source, struct error *error);
struct dataset *dataset_keep(struct dataset *dataset);
void dataset_release(struct dataset *dataset);

/* Σ weights; I without weights. */
double dataset_weight(const struct dataset *dataset);

/* The examples with these positions (from 0), in this order, as a new data set. */
enum status dataset_take(struct dataset **taken, const struct dataset *dataset,
                         const size_t *indices, size_t count, struct error *error);

struct dataset_column {
    const char *name; /* NULL: the column with this number */
    size_t number;    /* from 1 */
};

enum dataset_header {
    /* The first row is a header when some field of it is no number; but not when its words stand
     * over words and one of them comes again below in its column, as labels do. */
    DATASET_HEADER_DETECT,
    DATASET_HEADER_PRESENT,
    DATASET_HEADER_NONE,
};

struct dataset_columns {
    const struct dataset_column *x;
    size_t x_count; /* 0: all but y's */
    const struct dataset_column *y;
    size_t y_count;    /* 0: the last column */
    const struct dataset_column *weights; /* NULL: none; in an archive the array "weights" */
    bool no_y;         /* the file has inputs only */
    bool drop_missing; /* leave out rows with an empty, "NA", "NaN" or "?" field; else an error */
    bool classes;      /* y holds labels even where they are numbers */
    enum dataset_header header;
};
/* NumPy's files where the name ends in .npy or .npz (numpy.h); else CSV, or TSV where the name ends
 * in .tsv or the first line has tabs and no commas; fields between semicolons where the first line
 * has neither. Columns of words become classes in y, and a column of 0 and 1 for each word in x.
 * `columns` may be NULL. Errors name file:line:column, where the column is the field's number;
 * nothing is half-loaded. */
enum status dataset_read(struct dataset **dataset, struct context *context, const char *path,
                         const struct dataset_columns *columns, struct error *error);

/* NumPy's files where the name ends in .npy or .npz (numpy.h); else a header (with a column called
 * weights before those of y, where there are weights), then numbers with as many digits as reading
 * back needs, classes by their names. The file is written whole or not at all. */
enum status dataset_write(const struct dataset *dataset, const char *path, struct error *error);

/* Built-in data: "line12", "gabor30". STATUS_ARGUMENT for another name. */
enum status dataset_builtin(struct dataset **dataset, struct context *context, const char *name,
                            struct error *error);
extern const char *const dataset_builtin_names[];
extern const size_t dataset_builtin_count;

#endif
