/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transform.h: data sets made from others. */
#ifndef DESCENT_DATASET_TRANSFORM_H
#define DESCENT_DATASET_TRANSFORM_H

#include "base/generator.h"
#include "dataset/dataset.h"

/* The examples in the order of a permutation, cut in two; the first part has the rounded share, and
 * both have at least one. The generator is advanced, and left as it was on failure. */
enum status dataset_split(struct dataset **first, struct dataset **second,
                          const struct dataset *dataset, double share, struct generator *generator,
                          struct error *error);

/* Fold number `fold` (from 0) of `folds`: the permuted examples cut into parts whose sizes differ
 * by at most 1, the larger ones first; `test` is one of them, `train` the others, in their
 * order. */
enum status dataset_fold(struct dataset **train, struct dataset **test,
                         const struct dataset *dataset, const size_t *permutation, size_t folds,
                         size_t fold, struct error *error);

/* Another data set with these columns: in the place of the column of x or y that has the name, or
 * as a further column of x. Classes stay unless y is replaced; a new column is not standardized. */
struct dataset_addition {
    const char *name;
    const double *values; /* one for each example */
};
enum status dataset_with(struct dataset **made, const struct dataset *dataset,
                         const struct dataset_addition *additions, size_t count,
                         struct error *error);

/* Every column of x (and of y) less its mean, over its standard deviation √(Σ(x − mean)² / I); a
 * constant column is only centred. */
enum status dataset_standardize(struct dataset **standard, const struct dataset *dataset,
                                bool with_y, struct error *error);

/* Another data set, in original units, as `standard` was standardized. */
enum status dataset_apply(struct dataset **applied, const struct dataset *standard,
                          const struct dataset *dataset, struct error *error);

/* The same numbers, said to have been standardized so; a pair may be NULL. */
enum status dataset_with_scales(struct dataset **made, const struct dataset *dataset,
                                const double *x_shift, const double *x_scale,
                                const double *y_shift, const double *y_scale, struct error *error);

#endif
