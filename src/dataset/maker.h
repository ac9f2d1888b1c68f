/* SPDX-License-Identifier: GPL-3.0-or-later */
/* maker.h: made-up data with known true parameters. A maker is a constant record; a new one is a
 * function and a row of the table in maker.c. */
#ifndef DESCENT_DATASET_MAKER_H
#define DESCENT_DATASET_MAKER_H

#include "base/doc.h"
#include "base/generator.h"
#include "dataset/dataset.h"

enum { DATASET_MAKER_ARGUMENTS = 8 };

struct dataset_maker {
    struct doc doc; /* name "data.line"; the last argument is the seed of `generator` */
    /* `argument` in the order of the record; `list` is the record's array, or NULL: its default. */
    enum status (*make)(struct dataset **dataset, struct context *context, const double *argument,
                        const double *list, size_t list_count, struct generator *generator,
                        struct error *error);
};

extern const struct dataset_maker dataset_makers[];
extern const size_t dataset_maker_count;

/* Checks what no range of one argument can say, and leaves the generator as it was on failure. */
enum status dataset_make(struct dataset **dataset, struct context *context,
                         const struct dataset_maker *maker, const double *argument,
                         const double *list, size_t list_count, struct generator *generator,
                         struct error *error);

#endif
