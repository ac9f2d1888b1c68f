/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arguments.h: settings against their documentation, for rules and schedules alike. */
#ifndef DESCENT_OPTIMIZER_ARGUMENTS_H
#define DESCENT_OPTIMIZER_ARGUMENTS_H

#include "base/doc.h"
#include "base/error.h"

/* Refuses the first number that its record does not allow. skip (NULL: none): entries not NULL are
 * not looked at. */
enum status arguments_check(const struct doc *doc, const double *values, const void *const *skip,
                            struct error *error);
/* The position of an argument by name, or -1. */
int arguments_find(const struct doc *doc, const char *name);

#endif
