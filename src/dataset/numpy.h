/* SPDX-License-Identifier: GPL-3.0-or-later */
/* numpy.h: NumPy's files. A .npy file is one array: its columns are those of x, and the last one y
 * where there are several. A .npz file is an archive of arrays with names: x, y, weights, and texts
 * classes, x_names, y_names. */
#ifndef DESCENT_DATASET_NUMPY_H
#define DESCENT_DATASET_NUMPY_H

#include "dataset/dataset.h"

enum numpy_kind { NUMPY_NONE, NUMPY_ARRAY, NUMPY_ARCHIVE };
enum numpy_kind numpy_kind(const char *path); /* by the ending of the name */

/* As dataset_read; in an archive columns->x, y and weights name arrays. */
enum status numpy_read(struct dataset **dataset, struct context *context, const char *path,
                       const struct dataset_columns *columns, struct error *error);

/* Numbers to the last bit; without names, and classes as numbers. */
enum status numpy_write_array(const struct dataset *dataset, const char *path,
                              struct error *error);
enum status numpy_write_archive(const struct dataset *dataset, const char *path,
                                struct error *error);

#endif
