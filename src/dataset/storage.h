/* SPDX-License-Identifier: GPL-3.0-or-later */
/* storage.h: for the files of this folder that fill a new data set in place. */
#ifndef DESCENT_DATASET_STORAGE_H
#define DESCENT_DATASET_STORAGE_H

#include "dataset/dataset.h"

/* Room for everything; the numbers 0, the names NULL. Fill it, then hand it out or release it. */
enum status dataset_allocate(struct dataset **dataset, struct context *context, const char *name,
                             size_t examples, size_t inputs, size_t outputs, size_t classes,
                             struct error *error);

/* Room for weights, all 0. */
enum status dataset_add_weights(struct dataset *dataset, struct error *error);

/* Copies the texts into names[0..count). False when memory runs out. */
bool dataset_copy_names(struct context *context, char **names, const char *const *texts,
                        size_t count);

/* Names that are still NULL become x, y, or x1, x2, ... */
enum status dataset_complete_names(struct dataset *dataset, struct error *error);

/* Names, classes and scaling of another data set with the same columns. */
enum status dataset_copy_columns(struct dataset *dataset, const struct dataset *original,
                                 struct error *error);

/* The file's name without folder and ending, or NULL when memory runs out. */
char *dataset_name_of(struct context *context, const char *path);

#endif
